/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pace: one quota of a provider ("500 writes in 10 s") as a pure thing; the time is always a
 * parameter.
 *
 * 1. Requests are spaced evenly: one every window/limit (times 1/0.99), none saved up: after a
 *    pause there is no burst.  What leaves late, because the caller was, does not move those after it, as
 *    long as it is not later than slack_us: they follow at a quarter of the interval at least.  Never more
 *    than `limit` fall into a window of any phase, nor more than the window's even share of a second, rounded
 *    up, into any second: the moments of the last requests are known, and where they are too many, the slack
 *    is too small.
 * 2. A 429 stops the whole bucket until the time told (a second at least, a day at most); without
 *    one, 10 s doubling to 60 s and up to a tenth more, by chance.  The answers that still come in
 *    from before the stop neither lengthen an untold wait nor end it.
 * 3. After a 429 whose cause was our own pace (requests were leaving without a gap) the interval
 *    grows by a tenth, up to four times the configured one, and comes back slowly: by a
 *    ten-thousandth an answer.
 * 4. A window in which somebody else spends the quota is respected through headers.
 * 5. What another command asked for a moment ago (a plan, before its apply) counts in the first window, and nobody
 *    told us: a twentieth of the limit, but 8 at most, is left to it.
 */
#ifndef NET_PACE_H
#define NET_PACE_H

#include <rehome/types.h>

/* How many of the last requests are remembered. */
#define RH_PACE_MOMENTS 1024

/* count + 1 requests take at least so long; count 0: nothing is asked. */
struct rh_span {
	unsigned count;
	int64_t least_us;
};

struct rh_pace {
	int64_t interval_us;   /* between two requests; 0: unlimited */
	int64_t base_us;       /* the interval that was configured */
	int64_t slack_us;      /* how late a request may leave without moving the next one */
	rh_time next_at;       /* steady time from which the next request may leave */
	rh_time blocked_until; /* steady time; 0: not blocked */
	unsigned refusals;     /* stops by 429 in a row */
	uint64_t granted;
	uint64_t refused;
	int64_t gap_us;                   /* at least, between any two */
	struct rh_span spans[2];          /* window, second */
	rh_time moments[RH_PACE_MOMENTS]; /* a ring by `granted` */
};

/* limit requests per window; limit 0: unlimited.  share is in thousandths (990 = 0.99). */
void rh_pace_init(struct rh_pace *pace, uint64_t limit, int64_t window_us, unsigned share);
/* Steady time at which a request may leave; <= now: now. */
rh_time rh_pace_ready_at(const struct rh_pace *pace, rh_time now);
/* Takes one request's share; to be called when ready. */
void rh_pace_take(struct rh_pace *pace, rh_time now);
/* A 429 came: wait_us from the answer, or -1.  Steady time until which nothing leaves. */
rh_time rh_pace_refuse(struct rh_pace *pace, rh_time now, int64_t wait_us, uint64_t random);
/* A request was answered otherwise: the refusals in a row end, the interval recovers. */
void rh_pace_accept(struct rh_pace *pace, rh_time now);
/* Requests per second that this pace allows; 0: unlimited. */
double rh_pace_rate(const struct rh_pace *pace);

#endif
