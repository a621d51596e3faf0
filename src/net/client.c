/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client on libcurl's multi interface.
 *
 * A request in flight lives in a slot: an easy handle that is used again and again, the header
 * list, the answer.  A slot is free, running, finished (in the queue of results) or handed out (the
 * result that the caller looks at); there is one slot more than may be in flight, so that the
 * caller can start the next request while it holds a result.
 *
 * Whether a request left is decided in one place, before_request: libcurl calls it each time it is
 * about to hand a request to a connection that stands (name, TCP, proxy and TLS are done).  Not
 * called: nothing left.  Called a second time: libcurl lost a kept connection before the first byte
 * of an answer and wants to send again, although the first request may have been carried out; only
 * readings may.
 */
#include "net/client.h"

#include <errno.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "net/address.h"
#include "net/answer.h"
#include "net/head.h"
#include "net/memory.h"
#include "net/sockets.h"

enum {
	HEADERS_MAX =
		256 * 1024, /* of a request with its nodes, and what is kept of the answer's */
	/* libcurl reads the answer to a create into it, and it is wiped with each of them. */
	POST_BUFFER = 1024,
	AGAIN_MAX = 4096,          /* an address that is compared with the last one */
	KEEP_BUFFER = 1024 * 1024, /* a larger answer's memory is given back */
	/* A connection idle for longer is not used again: many servers drop theirs after a minute,
	 * and a request that meets the drop is one of unknown fate. */
	IDLE_MAX_S = 30,
};

#define CONNECT_TIMEOUT_MS 10000
#define TIMEOUT_MS 60000

struct slot {
	CURL *easy;            /* NULL until the first use */
	struct slot *next;     /* in the list of free ones, or the queue of finished ones */
	struct rh_arena arena; /* header list with the key, and the answer's texts; wiped */
	struct rh_buf body;    /* wiped */
	struct rh_buf
		again; /* address of the POST whose options still stand in `easy`; empty: none do */
	CURLU *parts;  /* of that address: else libcurl takes it apart for every request */
	struct rh_answer answer;
	uint64_t received; /* body bytes */
	size_t response_max;
	int sink_fd;
	bool (*sink)(void *user, const void *bytes, size_t len);
	int status;         /* 0: none */
	long system;        /* errno of a failed connection */
	long proxy_status;  /* the proxy's answer when asked for a tunnel; 0: none */
	CURLcode code;      /* valid when finished */
	const char *reason; /* set by a callback that ends the transfer; NULL: none did */
	bool is_running;
	bool is_reading; /* GET or HEAD: may be sent again */
	bool has_left;   /* the request was handed to a connection */
	bool is_memory_out;
	char empty[1]; /* what body_text points to when there is no body */
	void *user;
};

struct rh_client {
	CURLM *multi;
	struct rh_sockets *sockets;
	struct slot *slots; /* slot_count of them */
	size_t slot_count;
	struct slot *unused;
	struct slot *done_head; /* oldest first */
	struct slot *done_tail;
	struct slot *handed; /* whose result the caller looks at */
	unsigned in_flight;
	unsigned connections_max;
	long connect_timeout_ms;
	long timeout_ms;
	char *ca_file;
	char *proxy; /* may hold a password */
	char *user_agent;
	bool http1_only;
	bool is_memory_out; /* a transfer failed for it */
};

/* ---- what libcurl calls ---- */

static int before_request(void *user, char *remote, char *local, int remote_port, int local_port)
{
	struct slot *slot = user;

	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	if (slot->has_left && !slot->is_reading) {
		slot->reason = "connection closed without an answer";
		return CURL_PREREQFUNC_ABORT;
	}
	slot->has_left = true;
	return CURL_PREREQFUNC_OK;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
	struct slot *slot = user;
	struct rh_str line = {
		.ptr = bytes,
		.len = size * count,
	};

	rh_answer_line(&slot->answer, &slot->arena, line);
	return line.len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
	struct slot *slot = user;
	size_t len = size * count;
	long status = 0;

	if (len > slot->response_max - slot->received) {
		slot->reason = "answer larger than allowed";
		return 0;
	}
	slot->received += len;
	(void)curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
	if (slot->sink != NULL && status >= 200 && status <= 299) {
		if (!slot->sink(slot->user, bytes, len)) {
			slot->reason = "answer could not be kept";
			return 0;
		}
		return len;
	}
	if (slot->sink_fd >= 0 && status >= 200 && status <= 299) {
		if (rh_fd_write(slot->sink_fd, bytes, len, NULL) != RH_OK) {
			slot->reason = "answer could not be written to the file";
			return 0;
		}
		return len;
	}
	rh_buf_add(&slot->body, bytes, len);
	if (slot->body.failed != 0) {
		slot->is_memory_out = true;
		return 0;
	}
	return len;
}

/* ---- slots ---- */

static struct slot *take_slot(struct rh_client *client)
{
	struct slot *slot = client->unused;

	if (slot->easy == NULL) {
		slot->easy = curl_easy_init();
	}
	if (slot->easy == NULL) {
		return NULL;
	}
	client->unused = slot->next;
	slot->next = NULL;
	return slot;
}

/* No option of an earlier request stands any more. */
static void forget(struct slot *slot)
{
	curl_easy_reset(slot->easy);
	curl_url_cleanup(slot->parts);
	slot->parts = NULL;
	rh_buf_reset(&slot->again);
}

/* Takes back what points to a request that is over; false: the rest of its options cannot stay either. */
static bool forget_content(struct slot *slot)
{
	return slot->again.len > 0 && slot->code == CURLE_OK &&
	       curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, NULL) == CURLE_OK &&
	       curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, NULL) == CURLE_OK;
}

static void release_slot(struct rh_client *client, struct slot *slot)
{
	if (!forget_content(slot)) {
		forget(slot);
	}
	rh_arena_reset(&slot->arena);
	if (slot->body.cap > KEEP_BUFFER) {
		rh_buf_done(&slot->body);
		rh_buf_init_secret(&slot->body, 0);
	} else {
		rh_buf_reset(&slot->body);
	}
	slot->user = NULL;
	slot->next = client->unused;
	client->unused = slot;
}

static void done_slot(struct rh_client *client, struct slot *slot)
{
	if (slot->is_running) {
		(void)curl_multi_remove_handle(client->multi,
					       slot->easy); /* cannot fail: it is in */
	}
	curl_easy_cleanup(slot->easy);
	curl_url_cleanup(slot->parts);
	rh_arena_done(&slot->arena);
	rh_buf_done(&slot->body);
	rh_buf_done(&slot->again);
}

/* ---- preparing a request ---- */

static int check_address(const struct rh_http_send *send, bool *is_local, struct rh_err *err)
{
	int code = send->url != NULL ? rh_address_check(send->url, is_local) : RH_EUSAGE;

	if (code == RH_OK) {
		return RH_OK;
	}
	if (code == RH_ENOMEM) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a request");
	}
	rh_err_set(err, RH_EUSAGE, "the address is not one that requests may go to");
	rh_err_hint(err,
		    "Use https://; http:// is for this machine only (127.0.0.1, localhost), and an "
		    "address holds no user or password.");
	return RH_EUSAGE;
}

/* The options that are the same for every request to such an address; returns how many failed. */
static int set_way(const struct rh_client *client, CURL *easy, bool is_local, bool is_plain)
{
	bool is_http1 = client->http1_only || is_plain;
	int failed = 0;

	failed += curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, client->connect_timeout_ms) !=
		  CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, client->timeout_ms) != CURLE_OK;
	/* HTTP/2 by agreement inside TLS only: else libcurl 7.88 breaks on a kept connection. */
	failed += curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
				   is_http1 ? (long)CURL_HTTP_VERSION_1_1
					    : (long)CURL_HTTP_VERSION_2TLS) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_PIPEWAIT, is_http1 ? 0L : 1L) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) != CURLE_OK;
	if (client->ca_file != NULL) {
		failed += curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file) != CURLE_OK;
	}
	if (is_local) {
		failed += curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK;
	} else if (client->proxy != NULL) {
		failed += curl_easy_setopt(easy, CURLOPT_PROXY, client->proxy) != CURLE_OK;
	}
	return failed;
}

/* A download may take as long as it goes on; returns how many options failed. */
static int set_patience(const struct rh_client *client, CURL *easy)
{
	long seconds = client->timeout_ms / 1000;
	int failed = 0;

	failed += curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 0L) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, seconds > 0 ? seconds : 1L) !=
		  CURLE_OK;
	return failed;
}

static int set_body(const struct slot *slot, const struct rh_http_send *send)
{
	int failed = 0;

	failed += curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS,
				   send->body.len > 0 ? send->body.ptr : "") != CURLE_OK;
	failed += curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				   (curl_off_t)send->body.len) != CURLE_OK;
	return failed;
}

/* Method, address and body; returns how many options failed. */
static int set_request(struct slot *slot, const struct rh_http_send *send)
{
	struct rh_str method = rh_str_from(send->method);
	bool is_head = rh_str_is(method, "HEAD");
	bool has_body = send->body.ptr != NULL || rh_str_is(method, "POST") ||
			rh_str_is(method, "PUT") || rh_str_is(method, "PATCH");
	CURL *easy = slot->easy;
	int failed = 0;

	slot->is_reading = is_head || rh_str_is(method, "GET");
	failed += curl_easy_setopt(easy, CURLOPT_URL, send->url) != CURLE_OK;
	if (has_body) {
		failed += curl_easy_setopt(easy, CURLOPT_POST, 1L) != CURLE_OK;
		failed += set_body(slot, send);
	} else if (is_head) {
		failed += curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) != CURLE_OK;
	}
	if (!slot->is_reading) {
		failed += curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, send->method) != CURLE_OK;
	}
	return failed;
}

static int set_callbacks(const struct rh_client *client, struct slot *slot)
{
	CURL *easy = slot->easy;
	int failed = 0;

	failed += curl_easy_setopt(easy, CURLOPT_PRIVATE, slot) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_PREREQDATA, slot) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot) != CURLE_OK;
	failed += rh_sockets_adopt(client->sockets, easy);
	return failed;
}

static void start_answer(struct slot *slot, const struct rh_http_send *send)
{
	slot->code = CURLE_OK;
	rh_answer_reset(&slot->answer);
	slot->body.max = send->response_max;
	slot->received = 0;
	slot->response_max = send->response_max;
	slot->sink_fd = send->sink_fd;
	slot->sink = send->sink;
	slot->status = 0;
	slot->system = 0;
	slot->proxy_status = 0;
	slot->reason = NULL;
	slot->has_left = false;
	slot->user = send->user;
}

/* A POST with a body, as creates are: thousands go to one address, and differ in head and body only. */
static bool is_plain_post(const struct rh_http_send *send)
{
	return strcmp(send->method, "POST") == 0 && send->body.ptr != NULL && send->sink == NULL;
}

static bool is_again(const struct slot *slot, const struct rh_http_send *send)
{
	return slot->again.len > 0 && send->url != NULL && send->method != NULL &&
	       is_plain_post(send) && rh_str_is(rh_buf_str(&slot->again), send->url);
}

/* For the next POST to the same address, which sets head and body only; returns how many options failed. */
static int prepare_more(struct slot *slot, const struct rh_http_send *send)
{
	int failed = 0;

	slot->parts = curl_url();
	failed += curl_easy_setopt(slot->easy, CURLOPT_BUFFERSIZE, (long)POST_BUFFER) != CURLE_OK;
	failed += curl_url_set(slot->parts, CURLUPART_URL, send->url, 0) != CURLUE_OK;
	failed += curl_easy_setopt(slot->easy, CURLOPT_CURLU, slot->parts) != CURLE_OK;
	rh_buf_add_cstr(&slot->again, send->url);
	if (slot->again.failed != 0) {
		rh_buf_reset(&slot->again);
	}
	return failed;
}

/* Every option but head and body; returns how many failed. */
static int set_options(const struct rh_client *client, struct slot *slot,
		       const struct rh_http_send *send, bool is_local)
{
	bool is_plain = rh_str_is_nocase(rh_str_sub(rh_str_from(send->url), 0, 5), "http:");
	int failed = 0;

	forget(slot);
	failed += set_way(client, slot->easy, is_local, is_plain);
	failed += send->sink != NULL ? set_patience(client, slot->easy) : 0;
	failed += set_request(slot, send);
	failed += set_callbacks(client, slot);
	return failed + (is_plain_post(send) ? prepare_more(slot, send) : 0);
}

/* Refuses what cannot be sent; *is_local is set unless the address was that of the slot's last request. */
static int check(const struct rh_client *client, const struct rh_http_send *send, bool *is_local,
		 struct rh_err *err)
{
	int rc = RH_OK;

	if (client->in_flight >= client->connections_max) {
		return rh_err_set(err, RH_ESTATE, "%u requests are in flight already",
				  client->in_flight);
	}
	if (!is_again(client->unused, send)) {
		rc = check_address(send, is_local, err);
	}
	return rc == RH_OK ? rh_head_check(send, err) : rc;
}

int rh_client_start(struct rh_client *client, const struct rh_http_send *send, struct rh_err *err)
{
	struct curl_slist *headers = NULL;
	struct slot *slot;
	bool is_local = false;
	int failed;
	int rc = check(client, send, &is_local, err);

	if (rc != RH_OK) {
		return rc;
	}
	slot = take_slot(client);
	if (slot == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	start_answer(slot, send);
	failed = rh_head_make(&slot->arena, send, client->user_agent, &headers) ? 0 : 1;
	failed += is_again(slot, send) ? set_body(slot, send)
				       : set_options(client, slot, send, is_local);
	failed += curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK;
	if (failed != 0 || curl_multi_add_handle(client->multi, slot->easy) != CURLM_OK) {
		forget(slot);
		release_slot(client, slot);
		return rh_err_set(err, RH_ENOMEM, "the request could not be prepared");
	}
	slot->is_running = true;
	client->in_flight++;
	return RH_OK;
}

/* ---- waiting ---- */

static void finish(struct rh_client *client, struct slot *slot, CURLcode code)
{
	long status = 0;

	slot->code = code;
	client->is_memory_out =
		client->is_memory_out || slot->is_memory_out || code == CURLE_OUT_OF_MEMORY;
	(void)curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(slot->easy, CURLINFO_OS_ERRNO, &slot->system);
	(void)curl_easy_getinfo(slot->easy, CURLINFO_HTTP_CONNECTCODE, &slot->proxy_status);
	slot->status = status >= 200 ? (int)status : 0;            /* 1xx is not an answer */
	(void)curl_multi_remove_handle(client->multi, slot->easy); /* cannot fail: it is in */
	slot->is_running = false;
	slot->next = NULL;
	if (client->done_tail != NULL) {
		client->done_tail->next = slot;
	} else {
		client->done_head = slot;
	}
	client->done_tail = slot;
}

static void take_finished(struct rh_client *client)
{
	CURLMsg *message;
	int waiting;

	while ((message = curl_multi_info_read(client->multi, &waiting)) != NULL) {
		char *slot = NULL;

		if (message->msg == CURLMSG_DONE) {
			CURLcode result = message->data.result;

			(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
			finish(client, (struct slot *)(void *)slot, result);
		}
	}
}

/* A transfer that fails because this machine's memory is out says nothing of the server. */
static int check_memory(const struct rh_client *client, struct rh_err *err)
{
	return client->is_memory_out || rh_memory_is_out()
		       ? rh_err_set(err, RH_ENOMEM, "out of memory")
		       : RH_OK;
}

int rh_client_poll(struct rh_client *client, int timeout_ms, int wake_fd, struct rh_err *err)
{
	int rc = rh_sockets_act(client->sockets, err);

	take_finished(client);
	if (client->done_head != NULL || timeout_ms < 0) {
		timeout_ms = 0; /* what has come meanwhile is taken along */
	}
	if (rc == RH_OK) {
		rc = rh_sockets_wait(client->sockets, timeout_ms, wake_fd, err);
		take_finished(client);
	}
	return rc == RH_OK ? check_memory(client, err) : rc;
}

unsigned rh_client_in_flight(const struct rh_client *client)
{
	return client->in_flight;
}

/* ---- results ---- */

enum cause_kind {
	CAUSE_OTHER,
	CAUSE_NAME,
	CAUSE_TLS,
};

static const struct cause {
	CURLcode code;
	enum cause_kind kind;
	const char *reason;
} causes[] = {
	{CURLE_COULDNT_RESOLVE_HOST, CAUSE_NAME, "host name not found"},
	{CURLE_COULDNT_RESOLVE_PROXY, CAUSE_NAME, "name of the proxy not found"},
	{CURLE_COULDNT_CONNECT, CAUSE_OTHER, "no connection"},
	{CURLE_PROXY, CAUSE_OTHER, "refused by the proxy"},
	{CURLE_OPERATION_TIMEDOUT, CAUSE_OTHER, "time-out"},
	{CURLE_GOT_NOTHING, CAUSE_OTHER, "connection closed without an answer"},
	{CURLE_SEND_ERROR, CAUSE_OTHER, "connection broken while sending"},
	{CURLE_RECV_ERROR, CAUSE_OTHER, "connection broken while receiving"},
	{CURLE_PARTIAL_FILE, CAUSE_OTHER, "answer cut short"},
	{CURLE_HTTP2, CAUSE_OTHER, "HTTP/2 connection broken"},
	{CURLE_HTTP2_STREAM, CAUSE_OTHER, "HTTP/2 stream broken"},
	{CURLE_WEIRD_SERVER_REPLY, CAUSE_OTHER, "not an HTTP answer"},
	{CURLE_UNSUPPORTED_PROTOCOL, CAUSE_OTHER, "not an HTTP answer"},
	{CURLE_OUT_OF_MEMORY, CAUSE_OTHER, "out of memory"},
	{CURLE_PEER_FAILED_VERIFICATION, CAUSE_TLS, "certificate not trusted"},
	{CURLE_SSL_INVALIDCERTSTATUS, CAUSE_TLS, "certificate not trusted"},
	{CURLE_SSL_ISSUER_ERROR, CAUSE_TLS, "certificate not trusted"},
	{CURLE_SSL_CACERT_BADFILE, CAUSE_TLS, "file of trusted certificates not readable"},
	{CURLE_SSL_CONNECT_ERROR, CAUSE_TLS, "TLS handshake failed"},
	{CURLE_SSL_CIPHER, CAUSE_TLS, "TLS handshake failed"},
	{CURLE_SSL_CERTPROBLEM, CAUSE_TLS, "TLS handshake failed"},
};

static const struct cause *find_cause(CURLcode code)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].code == code) {
			return &causes[i];
		}
	}
	return NULL;
}

static void tell_failure(const struct slot *slot, struct rh_http_result *out)
{
	const struct cause *cause = find_cause(slot->code);

	out->transfer = slot->has_left ? RH_TRANSFER_CUT : RH_TRANSFER_NOT_SENT;
	if (slot->reason != NULL) {
		out->reason = slot->reason;
		return;
	}
	if (slot->code == CURLE_OK) {
		out->reason = "answer cut short"; /* within its head, which libcurl lets pass */
		return;
	}
	out->reason = cause != NULL ? cause->reason : "transfer failed";
	out->is_dns_failure = cause != NULL && cause->kind == CAUSE_NAME;
	out->is_tls_failure = cause != NULL && cause->kind == CAUSE_TLS;
	if (slot->code == CURLE_COULDNT_CONNECT && slot->system == ECONNREFUSED) {
		out->reason = "connection refused";
	}
	if (slot->code == CURLE_OPERATION_TIMEDOUT && !slot->has_left) {
		out->reason = "time-out while connecting";
	}
	if (!slot->has_left && slot->proxy_status >= 300) {
		out->reason = "refused by the proxy";
	}
}

bool rh_client_next(struct rh_client *client, struct rh_http_result *out)
{
	struct slot *slot;

	if (client->handed != NULL) {
		release_slot(client, client->handed);
		client->handed = NULL;
	}
	slot = client->done_head;
	if (slot == NULL) {
		return false;
	}
	client->done_head = slot->next;
	if (client->done_head == NULL) {
		client->done_tail = NULL;
	}
	client->handed = slot;
	client->in_flight--;
	slot->empty[0] = '\0';
	*out = (struct rh_http_result){
		.transfer = RH_TRANSFER_COMPLETE,
		.status = slot->status,
		.body_text = slot->body.len > 0 ? slot->body.ptr : slot->empty,
		.content_type = slot->answer.content_type,
		.request_id = slot->answer.request_id,
		.retry_after_us = rh_answer_retry_wait(&slot->answer),
		.reset_us = rh_answer_reset_wait(&slot->answer),
		.remaining = slot->answer.remaining,
		.date = slot->answer.date,
		.user = slot->user,
	};
	out->body = (struct rh_str){
		.ptr = out->body_text,
		.len = slot->body.len,
	};
	if (slot->code != CURLE_OK || !slot->answer.has_ended) {
		tell_failure(slot, out);
	}
	return true;
}

/* ---- birth and death ---- */

static bool copy_text(char **out, const char *text)
{
	*out = text != NULL ? rh_strdup(text) : NULL;
	return text == NULL || *out != NULL;
}

static bool fill_client(struct rh_client *client, const struct rh_client_options *options)
{
	client->connections_max = options->connections_max;
	client->connect_timeout_ms = options->connect_timeout_ms > 0
					     ? (long)options->connect_timeout_ms
					     : CONNECT_TIMEOUT_MS;
	client->timeout_ms = options->timeout_ms > 0 ? (long)options->timeout_ms : TIMEOUT_MS;
	client->http1_only = options->http1_only;
	client->multi = curl_multi_init();
	client->slot_count = (size_t)options->connections_max + 1;
	client->slots = rh_calloc(client->slot_count, sizeof(client->slots[0]));
	if (client->multi == NULL || client->slots == NULL ||
	    !copy_text(&client->ca_file, options->ca_file) ||
	    !copy_text(&client->proxy, options->proxy) ||
	    !copy_text(&client->user_agent, options->user_agent)) {
		return false;
	}
	for (size_t i = 0; i < client->slot_count; i++) {
		rh_arena_init(&client->slots[i].arena, HEADERS_MAX, RH_ARENA_WIPE);
		rh_buf_init_secret(&client->slots[i].body, 0);
		rh_buf_init(&client->slots[i].again, AGAIN_MAX);
		client->slots[i].next = client->unused;
		client->unused = &client->slots[i];
	}
	return curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->slot_count) ==
		       CURLM_OK &&
	       curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX) ==
		       CURLM_OK;
}

int rh_client_new(struct rh_client **out, const struct rh_client_options *options,
		  struct rh_err *err)
{
	struct rh_client *client;
	int rc;

	if (options->connections_max == 0 || options->connections_max > RH_CONCURRENCY_MAX) {
		return rh_err_set(err, RH_EINVAL, "connections must be 1 to %d, not %u",
				  RH_CONCURRENCY_MAX, options->connections_max);
	}
	/* Bodies hold digests of passwords, headers the key: what curl gives back of its copies is wiped. */
	rc = (int)curl_global_init_mem(CURL_GLOBAL_DEFAULT, rh_memory_malloc, rh_memory_free,
				       rh_memory_realloc, rh_memory_strdup, rh_memory_calloc);
	if (rc != CURLE_OK) {
		return rh_err_set(err, rc == CURLE_OUT_OF_MEMORY ? RH_ENOMEM : RH_EINTERNAL,
				  "the HTTP library does not start");
	}
	client = rh_calloc(1, sizeof(*client));
	if (client == NULL) {
		curl_global_cleanup();
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_memory_begin();
	if (!fill_client(client, options)) {
		rh_client_free(client);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rc = rh_sockets_new(&client->sockets, client->multi, err);
	if (rc != RH_OK) {
		rh_client_free(client);
		return rc;
	}
	*out = client;
	return RH_OK;
}

void rh_client_free(struct rh_client *client)
{
	if (client == NULL) {
		return;
	}
	for (size_t i = 0; client->slots != NULL && i < client->slot_count; i++) {
		done_slot(client, &client->slots[i]);
	}
	(void)curl_multi_cleanup(client->multi); /* every handle is out */
	rh_sockets_free(client->sockets);
	if (client->proxy != NULL) {
		explicit_bzero(client->proxy, strlen(client->proxy));
	}
	rh_free(client->proxy);
	rh_free(client->ca_file);
	rh_free(client->user_agent);
	rh_free(client->slots);
	rh_free(client);
	curl_global_cleanup();
	rh_memory_end();
}
