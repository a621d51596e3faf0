/* SPDX-License-Identifier: Apache-2.0 */
/* Pace: the arithmetic of one quota. */
#include "net/pace.h"

#include "base/clock.h"

enum {
	GROWTH_DIVISOR = 10,      /* a refusal of our own pace makes the interval a tenth longer */
	GROWTH_MAX = 4,           /* times the configured interval */
	RECOVERY_DIVISOR = 10000, /* a tenth is made good by 1,000 answers */
	JITTER_DIVISOR = 10,
	OWN_RULE =
		4, /* a second is no provider's window: what catches up has the rest of the spare */
	GAP_DIVISOR = 4, /* of an interval: those that catch up leave one by one as well */
	EARLIER_DIVISOR = 20,
	EARLIER_MAX = 8,
};

#define UNTOLD_FIRST (10 * RH_SECOND)
#define UNTOLD_MAX (60 * RH_SECOND)
/* Nobody wanted to send for so long: not a late caller. */
#define PAUSE_US (RH_SECOND / 2)
/* Of what is later than that, the rest is lost. */
#define LATE_MAX_US (2 * RH_SECOND / 5)
/* A caller comes round about this often. */
#define TURN_US (2 * RH_MILLISECOND)
/* Retry-After counts in seconds, so "0" may mean anything below one. */
#define TOLD_MIN RH_SECOND
#define TOLD_MAX (24 * 3600 * RH_SECOND)

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * n + 1 requests span n intervals less the slack, and that must not be less than the time in which n are allowed.
 * Half of what is there to give stays for the way to the provider, where gaps may shrink.
 */
static int64_t half_spare(int64_t base_us, int64_t count, int64_t time_us)
{
	return larger((count * base_us - time_us) / 2, 0);
}

/* A span that `count` + 1 requests take at least; returns what it leaves to the slack.  A `way`th
 * of the half that is for the way stays for it. */
static int64_t set_span(struct rh_pace *pace, size_t which, int64_t count, int64_t time_us,
			int64_t way)
{
	int64_t spare = half_spare(pace->base_us, count, time_us);

	if (count > RH_PACE_MOMENTS) {
		return spare;
	}
	pace->spans[which] = (struct rh_span){
		.count = (unsigned)count,
		.least_us = time_us + spare / way,
	};
	return LATE_MAX_US;
}

/* Rule 1: of the window, and of a second. */
static void set_spans(struct rh_pace *pace, int64_t per_window, int64_t window_us)
{
	int64_t per_second = (per_window * RH_SECOND + window_us - 1) / window_us;
	int64_t of_window = set_span(pace, 0, per_window, window_us, 1);
	int64_t of_second = set_span(pace, 1, per_second, RH_SECOND, OWN_RULE);

	pace->slack_us = smaller(of_window, of_second);
	if (pace->spans[1].count == 0) {
		/* Intervals about as short as our own turns: what is due by then leaves together. */
		pace->slack_us = smaller(pace->slack_us, larger(pace->base_us, TURN_US));
	} else {
		pace->gap_us = pace->base_us / GAP_DIVISOR;
	}
}

void rh_pace_init(struct rh_pace *pace, uint64_t limit, int64_t window_us, unsigned share)
{
	int64_t per_window;
	int64_t allowed;

	*pace = (struct rh_pace){};
	if (limit == 0 || window_us <= 0) {
		return;
	}
	/* More than one a microsecond is one a microsecond. */
	per_window = limit < (uint64_t)window_us ? (int64_t)limit : window_us;
	allowed = per_window * (int64_t)(share == 0 ? 1 : share > 1000 ? 1000 : share);
	pace->base_us = (window_us * 1000 + allowed - 1) / allowed;
	pace->interval_us = pace->base_us;
	set_spans(pace, per_window, window_us);
}

static rh_time moment(const struct rh_pace *pace, uint64_t before)
{
	return pace->moments[(pace->granted - before) % RH_PACE_MOMENTS];
}

/* Rule 5: how many of the first window are left to those who asked before us. */
static uint64_t earlier(const struct rh_span *window)
{
	unsigned count = window->count / EARLIER_DIVISOR;

	return count < EARLIER_MAX ? count : EARLIER_MAX;
}

rh_time rh_pace_ready_at(const struct rh_pace *pace, rh_time now)
{
	const struct rh_span *window = &pace->spans[0];
	rh_time at = larger(now, larger(pace->next_at, pace->blocked_until));

	if (pace->granted > 0) {
		at = larger(at, moment(pace, 1) + pace->gap_us);
	}
	for (size_t i = 0; i < sizeof(pace->spans) / sizeof(pace->spans[0]); i++) {
		const struct rh_span *span = &pace->spans[i];
		if (span->count > 0 && pace->granted >= span->count) {
			at = larger(at, moment(pace, span->count) + span->least_us);
		}
	}
	if (pace->granted < window->count && pace->granted >= window->count - earlier(window)) {
		at = larger(at, pace->moments[0] + window->least_us);
	}
	return at;
}

void rh_pace_take(struct rh_pace *pace, rh_time now)
{
	if (now - pace->next_at >= PAUSE_US) {
		pace->next_at = now; /* a pause saves nothing up: the rhythm starts again here */
	}
	/* More than the slack is not caught up. */
	pace->next_at = larger(pace->next_at, now - pace->slack_us) + pace->interval_us;
	pace->moments[pace->granted % RH_PACE_MOMENTS] = now;
	pace->granted++;
}

static int64_t untold_wait(const struct rh_pace *pace, uint64_t random)
{
	int64_t wait = UNTOLD_FIRST;

	for (unsigned i = 1; i < pace->refusals && wait < UNTOLD_MAX; i++) {
		wait *= 2;
	}
	wait = smaller(wait, UNTOLD_MAX);
	return wait + (int64_t)(random % ((uint64_t)wait / JITTER_DIVISOR + 1));
}

rh_time rh_pace_refuse(struct rh_pace *pace, rh_time now, int64_t wait_us, uint64_t random)
{
	bool is_first = now >= pace->blocked_until; /* else: sent before the stop, which stands */
	bool is_steady = now < pace->next_at + pace->interval_us;

	pace->refused++;
	if (is_first) {
		pace->refusals++;
	}
	if (is_first && is_steady) {
		pace->interval_us = smaller(pace->interval_us + pace->interval_us / GROWTH_DIVISOR,
					    pace->base_us * GROWTH_MAX);
	}
	if (wait_us >= 0) {
		wait_us = smaller(larger(wait_us, TOLD_MIN), TOLD_MAX);
		pace->blocked_until = larger(pace->blocked_until, now + wait_us);
	} else if (is_first) {
		pace->blocked_until = now + untold_wait(pace, random);
	}
	return pace->blocked_until;
}

void rh_pace_accept(struct rh_pace *pace, rh_time now)
{
	if (now < pace->blocked_until) {
		return; /* sent before the stop */
	}
	pace->refusals = 0;
	pace->interval_us -= larger(pace->base_us / RECOVERY_DIVISOR, 1);
	pace->interval_us = larger(pace->interval_us, pace->base_us);
}

double rh_pace_rate(const struct rh_pace *pace)
{
	return pace->interval_us > 0 ? (double)RH_SECOND / (double)pace->interval_us : 0;
}
