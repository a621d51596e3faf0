/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport: takes a request of a connector, later gives a response.  One small interface, so that the same
 * engine runs over the network, over a database, over a script in tests, and over wrappers that refuse every
 * writing request (plan) or record what passes.
 */
#ifndef ENGINE_TRANSPORT_H
#define ENGINE_TRANSPORT_H

#include <rehome/connector.h>

struct rh_db;
struct rh_client_options;

struct rh_delivered {
	void *tag;
	struct rh_response response; /* valid until the next call of next */
	const char *reason;          /* constant text when delivery is not ANSWERED; else NULL */
};

struct rh_transport {
	/* Starts; the request is borrowed until delivered, `origin` and `key` for the call: they are used where
	 * the request names no origin and asks for auth INSTANCE.  RH_ESTATE: full, try later. */
	int (*start)(struct rh_transport *transport, const struct rh_request *request,
		     const char *origin, struct rh_str key, void *tag, struct rh_err *err);
	/* Waits up to timeout_ms for progress; wake_fd >= 0 ends it. */
	int (*wait)(struct rh_transport *transport, int timeout_ms, int wake_fd,
		    struct rh_err *err);
	bool (*next)(struct rh_transport *transport, struct rh_delivered *out);
	void (*free)(struct rh_transport *transport);
};

/* HTTP over net/client. */
RH_NODISCARD int rh_transport_http(struct rh_transport **out,
				   const struct rh_client_options *options, struct rh_err *err);
/*
 * Lets a transport of rh_transport_http carry downloads (RH_SINK_SNAPSHOT): each becomes a spool
 * (snapshot/spool.h) in `folder` (which is there) under the next free number.  Without it such a request is
 * RH_EUNSUPPORTED.
 */
RH_NODISCARD int rh_transport_http_keep(struct rh_transport *transport, const char *folder,
					const uint8_t key[32], struct rh_err *err);
/* Path of download `number` in `folder`; allocated, NULL: memory out. */
char *rh_download_path(const char *folder, uint64_t number);
/* Connector SQL over db/; borrows the db; answers at once. */
RH_NODISCARD int rh_transport_sql(struct rh_transport **out, struct rh_db *db, struct rh_err *err);
/* Passes reading requests to `inner` (taken) and refuses writing ones: RH_EINTERNAL. */
RH_NODISCARD int rh_transport_readonly(struct rh_transport **out, struct rh_transport *inner,
				       struct rh_err *err);

#endif
