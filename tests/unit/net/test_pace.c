/* SPDX-License-Identifier: Apache-2.0 */
/* Pace of a quota, in simulated time; the rules in comments are those of pace.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/pace.h"

#define MINUTE (60 * RH_SECOND)

struct quota {
	uint64_t limit;
	int64_t window_us;
};

/* The moments at which requests leave when there is always one to send and the caller is late by up
 * to `late_us` each time; allocated, *count of them. */
static rh_time *run_pace(struct rh_pace *pace, rh_time from, rh_time until, int64_t late_us,
			 size_t *count)
{
	struct rh_clock_manual clock;
	size_t room = (size_t)((until - from) / pace->interval_us) + 16;
	rh_time *left = rh_calloc(room, sizeof(*left));
	rh_time now = from;

	assert_non_null(left);
	rh_clock_manual_init(&clock, from, 7);
	*count = 0;
	for (;;) {
		now = rh_pace_ready_at(pace, now);
		now += (int64_t)(clock.clock.random(&clock.clock) % (uint64_t)(late_us + 1));
		if (now >= until) {
			return left;
		}
		assert_true(*count < room);
		left[(*count)++] = now;
		rh_pace_take(pace, now);
		rh_pace_accept(pace, now);
	}
}

/* Most requests in any half-open window, wherever it begins. */
static size_t most_in_window(const rh_time *left, size_t count, int64_t window_us)
{
	size_t most = 0;
	size_t first = 0;

	for (size_t i = 0; i < count; i++) {
		while (left[i] - left[first] >= window_us) {
			first++;
		}
		most = i - first + 1 > most ? i - first + 1 : most;
	}
	return most;
}

/* Rule 1; design: at least 98 % of the quota between the first and the last request. */
static void never_above_the_limit_and_near_it(void **state)
{
	static const struct quota quotas[] = {
		{500, 10 * RH_SECOND}, {1000, 10 * RH_SECOND}, {6000, MINUTE}, {50, MINUTE},
		{10, MINUTE},          {4, RH_SECOND},         {1, RH_SECOND}, {3000, MINUTE},
	};
	static const int64_t late_us[] = {0, 100, 2000};

	(void)state;
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		for (size_t j = 0; j < sizeof(late_us) / sizeof(late_us[0]); j++) {
			struct rh_pace pace;
			size_t count;
			double rate;
			rh_time *left;

			rh_pace_init(&pace, quotas[i].limit, quotas[i].window_us, 990);
			left = run_pace(&pace, MINUTE, 11 * MINUTE, late_us[j], &count);
			assert_true(most_in_window(left, count, quotas[i].window_us) <=
				    quotas[i].limit);
			rate = (double)(count - 1) / (double)(left[count - 1] - left[0]);
			assert_true(rate >=
				    0.98 * (double)quotas[i].limit / (double)quotas[i].window_us);
			assert_int_equal(pace.granted, count);
			rh_free(left);
		}
	}
}

/* Rule 5: a plan's requests just before do not make the first window overflow, and cost no more than that window. */
static void requests_of_another_command_fit_into_the_first_window(void **state)
{
	static const struct quota quotas[] = {{100, 10 * RH_SECOND},
					      {500, 10 * RH_SECOND},
					      {1000, 10 * RH_SECOND}};
	(void)state;
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		const size_t before = quotas[i].limit < 160 ? quotas[i].limit / 20 : 8;

		for (rh_time gap = 0; gap < 2 * RH_SECOND; gap += 50 * RH_MILLISECOND) {
			struct rh_pace pace;
			size_t count;
			rh_time *left;
			rh_time *all;

			rh_pace_init(&pace, quotas[i].limit, quotas[i].window_us, 990);
			left = run_pace(&pace, MINUTE, 3 * MINUTE, 100, &count);
			all = rh_calloc(count + before, sizeof(*all));
			assert_non_null(all);
			for (size_t j = 0; j < before; j++) {
				all[j] = MINUTE - gap;
			}
			memcpy(all + before, left, count * sizeof(*all));
			assert_true(most_in_window(all, count + before, quotas[i].window_us) <=
				    quotas[i].limit);
			assert_true((double)count >= 0.98 * (double)quotas[i].limit * 12 - before);
			rh_free(left);
			rh_free(all);
		}
	}
}

/* A caller that is now and then far too late must not find a credit. */
static void never_above_the_limit_when_late(void **state)
{
	static const struct quota quotas[] = {{500, 10 * RH_SECOND}, {10, MINUTE}, {7, RH_SECOND}};

	(void)state;
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		for (int64_t late_us = 1000; late_us < MINUTE; late_us *= 3) {
			struct rh_pace pace;
			size_t count;
			rh_time *left;

			rh_pace_init(&pace, quotas[i].limit, quotas[i].window_us, 990);
			left = run_pace(&pace, MINUTE, 11 * MINUTE, late_us, &count);
			assert_true(count > 0);
			assert_true(most_in_window(left, count, quotas[i].window_us) <=
				    quotas[i].limit);
			rh_free(left);
		}
	}
}

/* Rule 1: smooth within the window as well, whatever the caller's delays; and still near the limit. */
static void no_second_has_more_than_its_share(void **state)
{
	static const struct quota quotas[] = {
		{500, 10 * RH_SECOND}, {15, 10 * RH_SECOND}, {3, 10 * RH_SECOND}, {6000, MINUTE},
		{50, MINUTE},          {1, RH_SECOND},       {40, RH_SECOND},     {1000, RH_SECOND},
		{20000, RH_SECOND},    {4, RH_SECOND / 2},
	};
	static const int64_t late_us[] = {0, 100, 1000, 5000, 20000, 300000, 5000000};

	(void)state;
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		uint64_t share = (quotas[i].limit * RH_SECOND + (uint64_t)quotas[i].window_us - 1) /
				 (uint64_t)quotas[i].window_us;

		for (size_t j = 0; j < sizeof(late_us) / sizeof(late_us[0]); j++) {
			struct rh_pace pace;
			size_t count;
			rh_time *left;

			rh_pace_init(&pace, quotas[i].limit, quotas[i].window_us, 990);
			left = run_pace(&pace, MINUTE,
					quotas[i].window_us < MINUTE ? 2 * MINUTE : 12 * MINUTE,
					late_us[j], &count);
			assert_true(count > 0);
			assert_true(most_in_window(left, count, RH_SECOND) <= share);
			assert_true(most_in_window(left, count, quotas[i].window_us) <=
				    quotas[i].limit);
			if (late_us[j] <= 100 && late_us[j] * 10 < pace.base_us) {
				double rate =
					(double)(count - 1) / (double)(left[count - 1] - left[0]);

				assert_true(rate >= 0.98 * (double)quotas[i].limit /
							    (double)quotas[i].window_us);
			}
			rh_free(left);
		}
	}
}

/* Rule 1: a caller that others keep from the processor still comes near the limit. */
static void what_is_a_little_late_is_made_good(void **state)
{
	static const struct quota quotas[] = {{500, 10 * RH_SECOND},
					      {1000, 10 * RH_SECOND},
					      {6000, MINUTE},
					      {3000, MINUTE}};
	static const int64_t tenths[] = {2, 5, 8, 10}; /* of an interval */

	(void)state;
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		for (size_t j = 0; j < sizeof(tenths) / sizeof(tenths[0]); j++) {
			struct rh_pace pace;
			size_t count;
			double rate;
			rh_time *left;

			rh_pace_init(&pace, quotas[i].limit, quotas[i].window_us, 990);
			left = run_pace(&pace, MINUTE, 7 * MINUTE, pace.base_us * tenths[j] / 10,
					&count);
			rate = (double)(count - 1) / (double)(left[count - 1] - left[0]);
			assert_true(rate >=
				    0.98 * (double)quotas[i].limit / (double)quotas[i].window_us);
			assert_true(most_in_window(left, count, quotas[i].window_us) <=
				    quotas[i].limit);
			for (size_t n = 1; n < count; n++) {
				assert_true(left[n] - left[n - 1] >= pace.base_us / 4);
			}
			rh_free(left);
		}
	}
}

/* Rule 1: nor does it cost anything when the caller is away for a moment now and then. */
static void a_stall_now_and_then_is_made_good(void **state)
{
	struct rh_pace pace;
	rh_time left[6000];
	rh_time now = MINUTE;
	rh_time stall = MINUTE;
	size_t count = 0;

	(void)state;
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 990);
	while (now < 3 * MINUTE / 2 + 30 * RH_SECOND) {
		now = rh_pace_ready_at(&pace, now);
		if (now > stall) {
			now += 50 * RH_MILLISECOND;
			stall = now + 700 * RH_MILLISECOND;
		}
		assert_true(count < 6000);
		left[count++] = now;
		rh_pace_take(&pace, now);
	}
	assert_true((double)(count - 1) * (double)RH_SECOND / (double)(left[count - 1] - left[0]) >=
		    0.98 * 50);
	assert_true(most_in_window(left, count, RH_SECOND) <= 50);
	assert_true(most_in_window(left, count, 10 * RH_SECOND) <= 500);
}

/* Intervals shorter than a caller's turns: what is due by then leaves together, and the rate is kept. */
static void a_high_rate_leaves_in_small_groups(void **state)
{
	struct rh_pace pace;
	rh_time now = MINUTE;
	uint64_t sent = 0;

	(void)state;
	rh_pace_init(&pace, 10000, RH_SECOND, 990);
	for (int turn = 0; turn < 1000; turn++, now += RH_MILLISECOND) {
		while (rh_pace_ready_at(&pace, now) <= now) {
			rh_pace_take(&pace, now);
			sent++;
		}
	}
	assert_in_range(sent, 9780, 10000);
}

/* Rule 1: a pause saves nothing up. */
static void no_burst_after_a_pause(void **state)
{
	struct rh_pace pace;
	rh_time now = 5 * MINUTE;

	(void)state;
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 990);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(rh_pace_ready_at(&pace, now), now);
		rh_pace_take(&pace, now);
		for (int i = 0; i < 5; i++) {
			rh_time next = rh_pace_ready_at(&pace, now);

			assert_true(next - now >= pace.base_us);
			now = next;
			rh_pace_take(&pace, now);
		}
		now += 30 * MINUTE;
	}
}

static void unlimited_never_waits(void **state)
{
	struct rh_pace pace;

	(void)state;
	rh_pace_init(&pace, 0, 10 * RH_SECOND, 990);
	assert_true(rh_pace_rate(&pace) == 0);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(rh_pace_ready_at(&pace, MINUTE), MINUTE);
		rh_pace_take(&pace, MINUTE);
	}
	/* A 429 stops it all the same. */
	assert_int_equal(rh_pace_refuse(&pace, MINUTE, 3 * RH_SECOND, 0), MINUTE + 3 * RH_SECOND);
	assert_int_equal(rh_pace_ready_at(&pace, MINUTE), MINUTE + 3 * RH_SECOND);
}

static void the_rate_is_told(void **state)
{
	struct rh_pace pace;

	(void)state;
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 990);
	assert_true(rh_pace_rate(&pace) > 49.4 && rh_pace_rate(&pace) <= 49.5);
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 1000);
	assert_true(rh_pace_rate(&pace) == 50);
}

/* Rule 2. */
static void a_told_wait_is_kept(void **state)
{
	struct rh_pace pace;
	rh_time now = MINUTE;

	(void)state;
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 990);
	rh_pace_take(&pace, now);
	assert_int_equal(rh_pace_refuse(&pace, now, 7 * RH_SECOND, 99), now + 7 * RH_SECOND);
	assert_int_equal(rh_pace_ready_at(&pace, now + RH_SECOND), now + 7 * RH_SECOND);
	/* Another from before the stop may lengthen it, but not shorten it. */
	assert_int_equal(rh_pace_refuse(&pace, now + 10, 2 * RH_SECOND, 99), now + 7 * RH_SECOND);
	assert_int_equal(rh_pace_refuse(&pace, now + RH_SECOND, 8 * RH_SECOND, 99),
			 now + 9 * RH_SECOND);
	/* Nor does an answer from before the stop end it. */
	rh_pace_accept(&pace, now + 2 * RH_SECOND);
	assert_int_equal(rh_pace_ready_at(&pace, now + 2 * RH_SECOND), now + 9 * RH_SECOND);
	assert_int_equal(pace.refused, 3);
	assert_int_equal(pace.refusals, 1);
	/* Behind it requests are spaced as ever. */
	now += 9 * RH_SECOND;
	assert_int_equal(rh_pace_ready_at(&pace, now), now);
	rh_pace_take(&pace, now);
	assert_true(rh_pace_ready_at(&pace, now) - now >= pace.base_us);
	/* "0" is below a second, and a wait without end is a day. */
	assert_int_equal(rh_pace_refuse(&pace, now, 0, 99), now + RH_SECOND);
	assert_int_equal(rh_pace_refuse(&pace, now, INT64_MAX, 99), now + 24 * 60 * MINUTE);
}

/* Rule 2. */
static void an_untold_wait_grows(void **state)
{
	static const int64_t seconds[] = {10, 20, 40, 60, 60, 60};
	struct rh_pace pace;
	rh_time now = MINUTE;
	bool has_varied = false;

	(void)state;
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 990);
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		int64_t least = seconds[i] * RH_SECOND;
		struct rh_pace copy;
		rh_time until;

		now = rh_pace_ready_at(&pace, now);
		rh_pace_take(&pace, now);
		now += RH_SECOND;
		copy = pace;
		assert_int_equal(rh_pace_refuse(&copy, now, -1, 0), now + least);
		copy = pace;
		assert_int_equal(rh_pace_refuse(&copy, now, -1, (uint64_t)(least / 10)),
				 now + least + least / 10);
		until = rh_pace_refuse(&pace, now, -1, 0x9e3779b97f4a7c15U + i);
		assert_true(until >= now + least && until <= now + least + least / 10);
		has_varied = has_varied || until != now + least;
		/* The other answers of the same wave do not count as further refusals. */
		assert_int_equal(rh_pace_refuse(&pace, now + 5, -1, 12345), until);
		assert_int_equal(pace.refusals, i + 1);
	}
	assert_true(has_varied);
	/* One answer ends the row. */
	now = rh_pace_ready_at(&pace, now);
	rh_pace_take(&pace, now);
	rh_pace_accept(&pace, now + 1000);
	assert_int_equal(pace.refusals, 0);
	assert_int_equal(rh_pace_refuse(&pace, now + 2000, -1, 0), now + 2000 + 10 * RH_SECOND);
}

/* Rule 3. */
static void our_own_pace_slows_down_and_recovers(void **state)
{
	struct rh_pace pace;
	rh_time now = MINUTE;
	int64_t slow;
	int answers = 0;

	(void)state;
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 990);
	rh_pace_take(&pace, now);
	now = rh_pace_refuse(&pace, now + 1000, RH_SECOND, 0);
	slow = pace.base_us + pace.base_us / 10;
	assert_int_equal(pace.interval_us, slow);
	rh_pace_take(&pace, now);
	assert_int_equal(rh_pace_ready_at(&pace, now), now + slow);
	while (pace.interval_us > pace.base_us) {
		int64_t before = pace.interval_us;

		now = rh_pace_ready_at(&pace, now);
		rh_pace_take(&pace, now);
		rh_pace_accept(&pace, now);
		assert_true(pace.interval_us < before);
		answers++;
	}
	assert_int_equal(pace.interval_us, pace.base_us);
	assert_true(answers >= 900 && answers <= 1100);
	for (int i = 0; i < 100; i++) {
		now = rh_pace_ready_at(&pace, now);
		rh_pace_take(&pace, now);
		(void)rh_pace_refuse(&pace, now, RH_SECOND, 0);
	}
	assert_int_equal(pace.interval_us, 4 * pace.base_us);
}

/* Rule 3: a 429 long after our last request is somebody else's. */
static void a_strange_refusal_does_not_slow_down(void **state)
{
	struct rh_pace pace;

	(void)state;
	rh_pace_init(&pace, 500, 10 * RH_SECOND, 990);
	rh_pace_take(&pace, MINUTE);
	(void)rh_pace_refuse(&pace, MINUTE + RH_SECOND, 5 * RH_SECOND, 0);
	assert_int_equal(pace.interval_us, pace.base_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_above_the_limit_and_near_it),
		cmocka_unit_test(requests_of_another_command_fit_into_the_first_window),
		cmocka_unit_test(never_above_the_limit_when_late),
		cmocka_unit_test(no_second_has_more_than_its_share),
		cmocka_unit_test(what_is_a_little_late_is_made_good),
		cmocka_unit_test(a_stall_now_and_then_is_made_good),
		cmocka_unit_test(a_high_rate_leaves_in_small_groups),
		cmocka_unit_test(no_burst_after_a_pause),
		cmocka_unit_test(unlimited_never_waits),
		cmocka_unit_test(the_rate_is_told),
		cmocka_unit_test(a_told_wait_is_kept),
		cmocka_unit_test(an_untold_wait_grows),
		cmocka_unit_test(our_own_pace_slows_down_and_recovers),
		cmocka_unit_test(a_strange_refusal_does_not_slow_down),
	};

	return cmocka_run_group_tests_name("net/pace", tests, NULL, NULL);
}
