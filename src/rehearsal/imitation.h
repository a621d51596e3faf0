/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Imitation: what the rehearsal server must know of one provider, as data and functions without I/O.
 *
 * An imitation is written from the provider's published description and shares no mapping with the
 * connector: if both read the same table, both would be wrong alike and a rehearsal would prove nothing.
 * The generic server does what every provider has: routing, keys, rate windows, repeated requests, faults,
 * figures, state.  The imitation's handlers do the rest and answer with the rh_call_ functions.
 */
#ifndef REHEARSAL_IMITATION_H
#define REHEARSAL_IMITATION_H

#include "rehearsal/call.h"
#include "rehearsal/limits.h"
#include "rehearsal/store.h"

struct rh_filling;

enum {
	RH_ENVIRONMENTS_MAX = 2,
	RH_STORES_MAX = 16,
	RH_SWITCHES_MAX = 32,
	RH_ROUTES_MAX = 128,
};

enum rh_route_flags {
	RH_ROUTE_WRITE = 1 << 0,  /* changes something at the provider */
	RH_ROUTE_REPEAT = 1 << 1, /* honours Idempotency-Key */
	RH_ROUTE_OPEN =
		1 << 2, /* no key in the Authorization header: in the body, or none at all */
};

struct rh_route {
	const char *method;
	const char *pattern; /* "/users/{id}": a part in braces stands for any one part */
	uint32_t buckets;    /* bit n: draws from bucket n */
	unsigned flags;      /* enum rh_route_flags */
	void (*answer)(struct rh_call *call);
};

/* Why a request never reaches its handler; the provider words the answer. */
enum rh_refusal {
	RH_REFUSAL_UNAUTHORIZED,
	RH_REFUSAL_NOT_FOUND, /* no such route */
	RH_REFUSAL_RATE,
	RH_REFUSAL_SYNTAX, /* the body is not JSON */
	RH_REFUSAL_TOO_LARGE,
	RH_REFUSAL_REPEAT, /* an Idempotency-Key that came with another body before */
	RH_REFUSAL_INTERNAL,
};

/* A behaviour of the provider that a test may change; the first value is the usual one. */
struct rh_switch {
	const char *name;
	const char *const *values; /* NULL-ended */
};

/* The generic server's own switch comes first in every imitation's list. */
#define RH_SWITCH_REPEAT 0
extern const struct rh_switch rh_switch_repeat; /* "idempotency": "on", "off" */

/* A line of environment to paste; value NULL: the tenant's address. */
struct rh_setting {
	const char *name;
	const char *value;
};

struct rh_imitation {
	const char *name;
	unsigned default_port;
	const char *const *environments;
	size_t environment_count;
	const struct rh_schema *const *schemas; /* of the stores each environment has */
	size_t schema_count;
	const struct rh_quota *buckets;
	size_t bucket_count;
	const struct rh_route *routes;
	size_t route_count;
	const struct rh_switch *const *switches;
	size_t switch_count;
	const struct rh_setting *settings;
	size_t setting_count;
	const char
		*production_key; /* beside that of the settings; NULL: there is one environment */
	const char *json_type;   /* Content-Type of its answers; NULL: with "; charset=utf-8" */
	/* Number of the environment that the call's key belongs to; -1: none. */
	int (*environment_of)(const struct rh_call *call);
	/* Looks at a request with a good key and within the limits, before its body is looked at; false: the
	 * call holds the answer.  NULL: nothing to look at. */
	bool (*admit)(struct rh_call *call);
	/* Words the answer. */
	void (*refuse)(struct rh_call *call, enum rh_refusal why);
	const struct rh_filling *filling; /* fill.h; NULL: it cannot be filled */
	/* Words a fault with this status, none of the refusals above; NULL: {"message":…}. */
	void (*fail)(struct rh_call *call, unsigned status);
};

/* One environment (test, live) of a tenant. */
struct rh_environment {
	const char *name;
	struct rh_store *stores[RH_STORES_MAX];
	struct rh_limits limits;
	uint32_t buckets; /* bit n: bucket n counts here */
	struct rh_repeats *repeats;
};

#endif
