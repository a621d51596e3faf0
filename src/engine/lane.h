/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lane: the route to one target with its own pace.
 *
 *  1. A request leaves only when every bucket that it draws from is ready, and takes from all of them at once.
 *  2. A 429 stops the buckets of that request; the rest of the lane goes on.  If it draws from none, the quota
 *     is one that nobody told us of: the whole lane stops.
 *  3. "Away" (not reachable, or "later") suspends the whole lane, not the record: a target that is away says
 *     nothing about the data.  The pauses grow with full jitter; after an answer they start small again.
 *  4. Pauses in a row longer than max_wait end the run, which can go on later.
 */
#ifndef ENGINE_LANE_H
#define ENGINE_LANE_H

#include <rehome/connector.h>

#include "net/pace.h"
#include "net/retry.h"

/* Share of a limit that is used, in thousandths: the clocks of two machines are never equal, and what leaves a
 * little late could not be made good otherwise. */
#define RH_PACE_SHARE 990

struct rh_lane {
	struct rh_pace paces[RH_BUCKETS_MAX];
	size_t bucket_count;
	unsigned concurrency;
	int64_t max_wait_us;
	bool is_source; /* notices speak of the source, not of the target; set behind rh_lane_init */
	struct rh_retry away;
	rh_time suspended_until; /* steady */
	rh_time waiting_since;   /* steady; 0: the last answer was no refusal */
	const char *notice;      /* why the lane waits until notice_until */
	rh_time notice_until;    /* steady */
};

/* rate: requests per second for every bucket, 0: as the endpoint says. */
void rh_lane_init(struct rh_lane *lane, const struct rh_endpoint *endpoint, uint64_t rate,
		  unsigned concurrency, int64_t max_wait_us);
/* Steady time from which a request that draws from `buckets` may leave. */
rh_time rh_lane_ready_at(const struct rh_lane *lane, unsigned buckets, rh_time now);
void rh_lane_take(struct rh_lane *lane, unsigned buckets, rh_time now);
/* An answer came that is neither a refusal nor "away". */
void rh_lane_answered(struct rh_lane *lane, unsigned buckets, rh_time now);
/* 429 with the wait that it names (-1: none).  False: waited longer than max_wait. */
bool rh_lane_throttled(struct rh_lane *lane, unsigned buckets, rh_time now, int64_t wait_us,
		       uint64_t random);
/* Not reachable, or "later" with the wait it names (-1).  False: waited longer than max_wait. */
bool rh_lane_away(struct rh_lane *lane, rh_time now, int64_t wait_us, uint64_t random);
/* Nobody answered since it went away. */
bool rh_lane_is_away(const struct rh_lane *lane);
/* Constant text of what the lane waits for, while a pause of a second or more lasts; else NULL. */
const char *rh_lane_notice(const struct rh_lane *lane, rh_time now);
/* What is to be sent; bits of buckets as in a request. */
struct rh_load {
	uint64_t writes;
	unsigned write_buckets;
	uint64_t reads;
	unsigned read_buckets;
};
/* Time that it needs; -1: not limited. */
int64_t rh_lane_predict_us(const struct rh_lane *lane, const struct rh_load *load);

#endif
