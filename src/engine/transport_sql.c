/* SPDX-License-Identifier: Apache-2.0 */
/* A connector's SQL request over db/, answered at once; and the wrapper that lets only reading pass. */
#include "engine/transport.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "db/db.h"

struct answered {
	struct answered *next;
	struct rh_arena arena;
	struct rh_response response;
	void *tag;
};

struct sql_transport {
	struct rh_transport face;
	struct rh_db *db;
	struct answered *first; /* not delivered yet, oldest first */
	struct answered *last;
	struct answered *delivered; /* freed with the next call */
};

static void free_answered(struct answered *answered)
{
	if (answered != NULL) {
		rh_arena_done(&answered->arena);
		rh_free(answered);
	}
}

static int sql_start(struct rh_transport *transport, const struct rh_request *request,
		     const char *origin, struct rh_str key, void *tag, struct rh_err *err)
{
	struct sql_transport *sql = (struct sql_transport *)transport;
	struct answered *answered;
	int code;

	(void)origin; /* the database is open already */
	(void)key;
	if (request->form != RH_REQUEST_SQL) {
		return rh_err_set(err, RH_EUNSUPPORTED, "this transport carries SQL only");
	}
	answered = rh_calloc(1, sizeof(*answered));
	if (answered == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_arena_init(&answered->arena, RH_RESPONSE_MAX, RH_ARENA_WIPE);
	answered->tag = tag;
	code = rh_db_request(sql->db, request, &answered->arena, &answered->response, err);
	if (code != RH_OK) {
		free_answered(answered);
		return code;
	}
	if (sql->last != NULL) {
		sql->last->next = answered;
	} else {
		sql->first = answered;
	}
	sql->last = answered;
	return RH_OK;
}

static int sql_wait(struct rh_transport *transport, int timeout_ms, int wake_fd, struct rh_err *err)
{
	(void)transport; /* every answer is there when start returns: nothing to wait for */
	(void)timeout_ms;
	(void)wake_fd;
	(void)err;
	return RH_OK;
}

static bool sql_next(struct rh_transport *transport, struct rh_delivered *out)
{
	struct sql_transport *sql = (struct sql_transport *)transport;
	struct answered *answered = sql->first;

	free_answered(sql->delivered);
	sql->delivered = NULL;
	if (answered == NULL) {
		return false;
	}
	sql->first = answered->next;
	if (sql->first == NULL) {
		sql->last = NULL;
	}
	sql->delivered = answered;
	*out = (struct rh_delivered){.tag = answered->tag, .response = answered->response};
	return true;
}

static void sql_free(struct rh_transport *transport)
{
	struct sql_transport *sql = (struct sql_transport *)transport;
	struct rh_delivered rest;

	while (sql_next(transport, &rest)) {
	}
	rh_free(sql);
}

int rh_transport_sql(struct rh_transport **out, struct rh_db *db, struct rh_err *err)
{
	struct sql_transport *sql = rh_calloc(1, sizeof(*sql));

	if (sql == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	sql->db = db;
	sql->face = (struct rh_transport){
		.start = sql_start,
		.wait = sql_wait,
		.next = sql_next,
		.free = sql_free,
	};
	*out = &sql->face;
	return RH_OK;
}

struct readonly_transport {
	struct rh_transport face;
	struct rh_transport *inner;
};

static int readonly_start(struct rh_transport *transport, const struct rh_request *request,
			  const char *origin, struct rh_str key, void *tag, struct rh_err *err)
{
	struct rh_transport *inner = ((struct readonly_transport *)transport)->inner;

	/* A connector might forget the mark; a method other than GET with the instance's key tells all the
	 * same.  (Acquiring a token posts too, without the key.) */
	if (request->is_writing ||
	    (request->form == RH_REQUEST_HTTP && request->auth == RH_AUTH_INSTANCE &&
	     request->method[0] != 'G')) {
		return rh_err_set(
			err, RH_EINTERNAL,
			"a writing request was about to leave while only reading is allowed");
	}
	return inner->start(inner, request, origin, key, tag, err);
}

static int readonly_wait(struct rh_transport *transport, int timeout_ms, int wake_fd,
			 struct rh_err *err)
{
	struct rh_transport *inner = ((struct readonly_transport *)transport)->inner;

	return inner->wait(inner, timeout_ms, wake_fd, err);
}

static bool readonly_next(struct rh_transport *transport, struct rh_delivered *out)
{
	struct rh_transport *inner = ((struct readonly_transport *)transport)->inner;

	return inner->next(inner, out);
}

static void readonly_free(struct rh_transport *transport)
{
	struct readonly_transport *readonly = (struct readonly_transport *)transport;

	readonly->inner->free(readonly->inner);
	rh_free(readonly);
}

int rh_transport_readonly(struct rh_transport **out, struct rh_transport *inner, struct rh_err *err)
{
	struct readonly_transport *readonly = rh_calloc(1, sizeof(*readonly));

	if (readonly == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	readonly->inner = inner;
	readonly->face = (struct rh_transport){
		.start = readonly_start,
		.wait = readonly_wait,
		.next = readonly_next,
		.free = readonly_free,
	};
	*out = &readonly->face;
	return RH_OK;
}
