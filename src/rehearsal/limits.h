/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits: fixed windows, counted as the provider documents them.
 *
 * A window starts with the first request after the one before has ended, and lets `limit` requests through;
 * whatever comes later in it is refused and not counted.  Requests are counted also when nothing is
 * enforced, so that a test can ask how many came in one window at most.
 */
#ifndef REHEARSAL_LIMITS_H
#define REHEARSAL_LIMITS_H

#include <rehome/types.h>

struct rh_map;

enum { RH_QUOTAS_MAX = 12 };

/* One quota of a provider. */
struct rh_quota {
	const char *name;
	uint64_t limit;
	int64_t window_us;
	bool is_write; /* what a custom limit replaces */
	bool is_keyed; /* counted for each key apart (an e-mail address, say), not for the environment */
	uint32_t environments; /* bit n: counts in the n-th environment only; 0: in all of them */
};

struct rh_window {
	rh_time start; /* of the present window; 0: none yet */
	uint64_t count;
};

struct rh_limit {
	const struct rh_quota *bucket;
	bool is_enforced;
	uint64_t limit;
	int64_t window_us;
	struct rh_window window; /* not for keyed ones */
	uint64_t most;           /* requests in one window, so far */
	uint64_t refused;
};

/* How the limits of all environments of a rehearsal are set. */
struct rh_limits_mode {
	bool is_enforced;
	uint64_t
		custom_limit; /* 0: as documented; else of write buckets, and no other is enforced */
	int64_t custom_window_us;
};

struct rh_limits {
	struct rh_limit limits[RH_QUOTAS_MAX];
	size_t count;
	struct rh_map *keys; /* "<bucket>:<key>" -> place in windows */
	struct rh_window *windows;
	size_t window_count;
};

RH_NODISCARD int rh_limits_init(struct rh_limits *limits, const struct rh_quota *buckets,
				size_t count, const struct rh_limits_mode *mode);
void rh_limits_done(struct rh_limits *limits); /* accepts a zeroed one */
/* Forgets windows and figures. */
void rh_limits_reset(struct rh_limits *limits);
/*
 * Draws one request from every bucket of the mask, or, if one of them is empty, from none; then false, and
 * *out_wait is the time until the last of the empty ones is full again.
 */
bool rh_limits_draw(struct rh_limits *limits, uint32_t mask, rh_time now, int64_t *out_wait);
/* The same for one keyed bucket.  At most 65,536 keys are remembered; then all are forgotten. */
bool rh_limits_draw_key(struct rh_limits *limits, size_t bucket, struct rh_str key, rh_time now,
			int64_t *out_wait);

#endif
