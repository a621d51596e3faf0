/* SPDX-License-Identifier: Apache-2.0 */
/* The route to one target: buckets, suspension, how long it has been waiting. */
#include "engine/lane.h"

#include "base/clock.h"
#include "base/limits.h"

/* Requests in flight when the connector has no wish: enough to hide 300 ms of latency at 50 requests/s. */
#define CONCURRENCY_DEFAULT 32
#define AWAY_BASE_US (500 * RH_MILLISECOND) /* as the official clients do: 0.5 s growing */
#define AWAY_CAP_US (60 * RH_SECOND)
/* A 429 for a request that draws from no bucket: the wait without a time, and the shortest with one. */
#define UNTOLD_US (10 * RH_SECOND)
#define TOLD_MIN_US RH_SECOND
/* A pause shorter than this is not worth a word. */
#define NOTICE_US RH_SECOND

static rh_time later(rh_time a, rh_time b)
{
	return a > b ? a : b;
}

void rh_lane_init(struct rh_lane *lane, const struct rh_endpoint *endpoint, uint64_t rate,
		  unsigned concurrency, int64_t max_wait_us)
{
	*lane = (struct rh_lane){.bucket_count = endpoint->bucket_count,
				 .max_wait_us = max_wait_us};
	for (size_t i = 0; i < endpoint->bucket_count; i++) {
		const struct rh_bucket *bucket = &endpoint->buckets[i];
		if (rate > 0) {
			rh_pace_init(&lane->paces[i], rate, RH_SECOND, RH_PACE_SHARE);
		} else {
			rh_pace_init(&lane->paces[i], bucket->limit, bucket->window_us,
				     RH_PACE_SHARE);
		}
	}
	lane->concurrency = concurrency;
	if (lane->concurrency == 0) {
		lane->concurrency = endpoint->concurrency;
	}
	if (lane->concurrency == 0) {
		lane->concurrency = CONCURRENCY_DEFAULT;
	}
	if (lane->concurrency > RH_CONCURRENCY_MAX) {
		lane->concurrency = RH_CONCURRENCY_MAX;
	}
	rh_retry_init(&lane->away, 0, AWAY_BASE_US, AWAY_CAP_US);
}

rh_time rh_lane_ready_at(const struct rh_lane *lane, unsigned buckets, rh_time now)
{
	rh_time at = later(lane->suspended_until, now);

	for (size_t i = 0; i < lane->bucket_count; i++) {
		if ((buckets & (1U << i)) != 0) {
			at = later(at, rh_pace_ready_at(&lane->paces[i], now));
		}
	}
	return at;
}

void rh_lane_take(struct rh_lane *lane, unsigned buckets, rh_time now)
{
	for (size_t i = 0; i < lane->bucket_count; i++) {
		if ((buckets & (1U << i)) != 0) {
			rh_pace_take(&lane->paces[i], now);
		}
	}
}

void rh_lane_answered(struct rh_lane *lane, unsigned buckets, rh_time now)
{
	for (size_t i = 0; i < lane->bucket_count; i++) {
		if ((buckets & (1U << i)) != 0) {
			rh_pace_accept(&lane->paces[i], now);
		}
	}
	lane->away.attempts = 0;
	lane->waiting_since = 0;
}

/* Notes that the lane waits; false when it has done nothing else for max_wait. */
static bool keep_waiting(struct rh_lane *lane, rh_time now, rh_time until, const char *notice)
{
	if (lane->waiting_since == 0) {
		lane->waiting_since = now;
	}
	if (until - now >= NOTICE_US && until >= lane->notice_until) {
		lane->notice = notice;
		lane->notice_until = until;
	}
	return lane->max_wait_us <= 0 || until - lane->waiting_since <= lane->max_wait_us;
}

bool rh_lane_throttled(struct rh_lane *lane, unsigned buckets, rh_time now, int64_t wait_us,
		       uint64_t random)
{
	rh_time until = now;

	lane->away.attempts = 0; /* it answers */
	for (size_t i = 0; i < lane->bucket_count; i++) {
		if ((buckets & (1U << i)) != 0) {
			rh_time at = rh_pace_refuse(&lane->paces[i], now, wait_us, random);
			until = later(until, at);
		}
	}
	if (until == now) { /* a quota that the connector does not know of: the lane waits */
		until = now + (wait_us < 0             ? UNTOLD_US
			       : wait_us > TOLD_MIN_US ? wait_us
						       : TOLD_MIN_US);
		lane->suspended_until = later(lane->suspended_until, until);
	}
	return keep_waiting(lane, now, until,
			    lane->is_source ? "the source asks for a pause"
					    : "the target asks for a pause");
}

bool rh_lane_away(struct rh_lane *lane, rh_time now, int64_t wait_us, uint64_t random)
{
	int64_t delay = 0;

	(void)rh_retry_next(&lane->away, random, &delay); /* no count limit: max_wait decides */
	if (wait_us > delay) {
		delay = wait_us;
	}
	lane->suspended_until = later(lane->suspended_until, now + delay);
	return keep_waiting(lane, now, lane->suspended_until,
			    lane->is_source ? "the source is not reachable"
					    : "the target is not reachable");
}

bool rh_lane_is_away(const struct rh_lane *lane)
{
	return lane->away.attempts > 0;
}

const char *rh_lane_notice(const struct rh_lane *lane, rh_time now)
{
	return now < lane->notice_until ? lane->notice : NULL;
}

int64_t rh_lane_predict_us(const struct rh_lane *lane, const struct rh_load *load)
{
	int64_t longest = -1;

	for (size_t i = 0; i < lane->bucket_count; i++) {
		bool counts_writes = (load->write_buckets & (1U << i)) != 0;
		bool counts_reads = (load->read_buckets & (1U << i)) != 0;
		uint64_t count =
			(counts_writes ? load->writes : 0) + (counts_reads ? load->reads : 0);
		int64_t time = (int64_t)count * lane->paces[i].base_us;

		if ((counts_writes || counts_reads) && lane->paces[i].base_us > 0 &&
		    time > longest) {
			longest = time;
		}
	}
	return longest;
}
