/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client: many requests in flight on one thread.  The only user of libcurl.
 *
 * 1. A transfer that is not GET or HEAD leaves at most once: where libcurl would send it again by
 *    itself, because a kept connection died before a byte of the answer came, it ends as
 *    RH_TRANSFER_CUT.
 * 2. RH_TRANSFER_NOT_SENT is proved: libcurl asks before it hands the request to a connection, and
 *    it had not asked.  Whatever happens after that is RH_TRANSFER_CUT.
 * 3. Redirects are answers.  Nothing follows them.
 * 4. The key stands in memory that is wiped when the transfer's result is given up, and nowhere
 *    else here.
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <rehome/types.h>

struct rh_client;
struct rh_buf;

struct rh_client_options {
	unsigned connections_max;   /* in flight at once; 1..RH_CONCURRENCY_MAX */
	int64_t connect_timeout_ms; /* default 10,000 */
	int64_t timeout_ms;         /* whole request; default 60,000 */
	const char *ca_file;        /* NULL: the system's */
	const char *proxy;          /* NULL: as the environment says; never used for loopback */
	const char *user_agent;
	/*
	 * With HTTP/2 one broken connection, or one that the server ends, leaves every write on it in
	 * unknown fate; with HTTP/1.1 one write.  Measured with libcurl 7.88 and a server that ends a
	 * connection after 1,000 requests: 0.2 to 2 % of the writes, growing with those in flight.
	 */
	bool http1_only;
};

struct rh_http_header {
	struct rh_str name;
	struct rh_str value;
};

/* Everything is borrowed until the transfer ends. */
struct rh_http_send {
	const char *method;
	const char *url;
	const struct rh_http_header *headers;
	size_t header_count;
	struct rh_str body;   /* absent: none */
	struct rh_str bearer; /* secret; sent as Authorization: Bearer; absent: none */
	size_t response_max;  /* bytes; more is RH_TRANSFER_CUT */
	/* -1: the body goes to the buffer; else that of a 2xx is written there */
	int sink_fd;
	/*
	 * The same with a function instead of a file, which takes precedence: it gets the body piece by
	 * piece; false ends the transfer (CUT).  timeout_ms is then the longest time without a byte, not
	 * that of the whole.  NULL: none.
	 */
	bool (*sink)(void *user, const void *bytes, size_t len);
	void *user; /* also of the sink */
};

/* What became of a transfer: the line between "certainly not processed" and "may have been
 * processed". */
enum rh_transfer {
	RH_TRANSFER_COMPLETE, /* a whole answer; look at the status */
	RH_TRANSFER_NOT_SENT, /* name, connection or TLS failed: the request never left */
	/* the request left, the answer was lost, cut, too large or too late */
	RH_TRANSFER_CUT,
};

struct rh_http_result {
	enum rh_transfer transfer;
	int status;         /* 0 when there was none */
	struct rh_str body; /* NUL-terminated behind len, writable through body_text */
	char *body_text;
	struct rh_str content_type;
	struct rh_str request_id; /* X-Request-ID; absent: none */
	int64_t retry_after_us;   /* -1: not given; from seconds or an HTTP-date (against Date) */
	/* X-RateLimit-Reset as a wait (a moment: against Date); -1: not given */
	int64_t reset_us;
	int64_t remaining; /* X-RateLimit-Remaining; -1: not given */
	rh_time date;      /* Date header; 0: none */
	/* constant text for NOT_SENT and CUT: "connection refused", "time-out" … */
	const char *reason;
	bool is_tls_failure;
	bool is_dns_failure;
	void *user;
};

RH_NODISCARD int rh_client_new(struct rh_client **out, const struct rh_client_options *options,
			       struct rh_err *err);
void rh_client_free(struct rh_client *client); /* aborts what is in flight; accepts NULL */

/* Starts a transfer.  RH_ESTATE: connections_max are in flight.  RH_EUSAGE: the address is not
 * allowed.  RH_EINVAL: a method or header that cannot be
 * sent, or a body with GET or HEAD. */
RH_NODISCARD int rh_client_start(struct rh_client *client, const struct rh_http_send *send,
				 struct rh_err *err);
/* Those started whose result rh_client_next has not given yet. */
unsigned rh_client_in_flight(const struct rh_client *client);
/* Waits up to timeout_ms (0: not at all) for progress; wake_fd >= 0 ends the wait when it becomes readable.  RH_ENOMEM
 * when memory was out for any transfer: what the others say then is no word about the server. */
RH_NODISCARD int rh_client_poll(struct rh_client *client, int timeout_ms, int wake_fd,
				struct rh_err *err);
/* The next finished transfer; false: none.  The result is valid until the next call of
 * rh_client_next. */
bool rh_client_next(struct rh_client *client, struct rh_http_result *out);

#endif
