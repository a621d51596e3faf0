/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to a rehearsal and its answer, apart from the transport: the server fills in the first half,
 * the tenant and the provider's imitation the second.
 */
#ifndef REHEARSAL_CALL_H
#define REHEARSAL_CALL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

struct rh_environment;
struct rh_route;
struct rh_tenant;

enum {
	RH_CALL_PARAMS = 2,
	RH_CALL_PAIRS = 64,   /* headers looked at */
	RH_CALL_QUERY = 1024, /* query parameters looked at */
	RH_CALL_HEADERS = 8,  /* headers of an answer, besides those of every answer */
};

struct rh_pair {
	const char *name;
	struct rh_str value;
};

/* What happens to the answer on its way. */
enum rh_effect {
	RH_EFFECT_NONE,
	RH_EFFECT_RESET, /* the connection is reset, nothing is sent */
	RH_EFFECT_CUT,   /* half of the body is sent, then the connection is closed */
};

struct rh_call {
	/* The request. */
	struct rh_str method;
	struct rh_str path; /* as sent: not decoded, without the query */
	struct rh_pair headers[RH_CALL_PAIRS];
	size_t header_count;
	struct rh_pair query[RH_CALL_QUERY]; /* values percent-encoded as sent */
	size_t query_count;
	struct rh_buf body; /* parsing writes into it */

	/* What the tenant made of it. */
	struct rh_tenant *tenant;
	struct rh_environment *environment;   /* NULL: no valid key */
	const struct rh_route *route;         /* NULL: no such route */
	struct rh_str params[RH_CALL_PARAMS]; /* the {parts} of the route, decoded */
	struct rh_json json;
	const struct rh_json_node *input; /* the body; NULL: there is none, or it is not JSON */
	rh_time now;
	struct rh_arena arena;

	/* The answer. */
	unsigned status;
	const char *content_type; /* NULL: no body */
	struct rh_buf out;
	struct rh_pair answer_headers[RH_CALL_HEADERS];
	size_t answer_header_count;
	enum rh_effect effect;
	int64_t delay_us; /* real time before it is sent */
};

void rh_call_init(struct rh_call *call);
void rh_call_reset(struct rh_call *call); /* ready for the next request, memory kept */
void rh_call_done(struct rh_call *call);

/* Absent if not sent; header names in any case. */
struct rh_str rh_call_header(const struct rh_call *call, const char *name);
/* Decoded; a value that cannot be decoded is given as it was sent. */
struct rh_str rh_call_query(struct rh_call *call, const char *name);
/* The same for a name that comes several times: *at is 0 at first; absent: no more of them. */
struct rh_str rh_call_query_next(struct rh_call *call, const char *name, size_t *at);
/* The token of "Authorization: Bearer …"; absent if there is none. */
struct rh_str rh_call_bearer(const struct rh_call *call);
/* Cuts the first part off a path ("/a/b": "a", leaving "/b"); absent at the end. */
struct rh_str rh_call_part(struct rh_str *path);

/* Adds a header to the answer; the value is copied.  More than RH_CALL_HEADERS are dropped. */
void rh_call_add_header(struct rh_call *call, const char *name, struct rh_str value);
/* Starts an answer with this status and a JSON body, which the caller writes with the writer. */
void rh_call_json(struct rh_call *call, unsigned status, struct rh_json_writer *writer);
/* {"message":…} with "code" unless NULL. */
void rh_call_message(struct rh_call *call, unsigned status, const char *code, const char *message);

/* Figures of the tenant. */
void rh_call_count_mail(struct rh_call *call);
void rh_call_count_sign_in(struct rh_call *call, bool is_successful);
/* Present value (place in its list) of the imitation's n-th switch. */
unsigned rh_call_switch(const struct rh_call *call, size_t number);
/* Draws from a keyed bucket of the environment; false: refused, *out_wait as rh_limits_draw_key. */
bool rh_call_draw_key(struct rh_call *call, size_t bucket, struct rh_str key, int64_t *out_wait);
/* Retry-After for a wait in the rehearsal's time, in real seconds rounded up. */
void rh_call_retry_after(struct rh_call *call, int64_t wait_us);
/* A new id: prefix and ULID, in the call's arena; greater than every one before.  Absent: memory out. */
struct rh_str rh_call_new_id(struct rh_call *call, const char *prefix);
/* 64 random bits; not for keys. */
uint64_t rh_call_random(struct rh_call *call);

#endif
