/* SPDX-License-Identifier: Apache-2.0 */
/* When to try again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "net/retry.h"

static void delays_double_up_to_the_cap(void **state)
{
	static const int64_t longest[] = {500, 1000, 2000, 4000, 8000, 8000, 8000};
	struct rh_retry retry;

	(void)state;
	rh_retry_init(&retry, 0, 500 * RH_MILLISECOND, 8 * RH_SECOND);
	for (size_t i = 0; i < sizeof(longest) / sizeof(longest[0]); i++) {
		struct rh_retry copy = retry;
		int64_t bound = longest[i] * RH_MILLISECOND;
		int64_t delay = -1;

		/* The bound itself is the largest rest of a division by bound + 1. */
		assert_true(rh_retry_next(&copy, (uint64_t)bound, &delay));
		assert_int_equal(delay, bound);
		copy = retry;
		assert_true(rh_retry_next(&copy, (uint64_t)bound + 1, &delay));
		assert_int_equal(delay, 0);
		assert_true(rh_retry_next(&retry, 0, &delay));
		assert_int_equal(delay, 0);
	}
}

static void delays_stay_in_bounds_and_vary(void **state)
{
	struct rh_clock_manual clock;
	int64_t sum = 0;

	(void)state;
	rh_clock_manual_init(&clock, 1, 42);
	for (int i = 0; i < 1000; i++) {
		struct rh_retry retry;
		int64_t delay = -1;

		rh_retry_init(&retry, 3, RH_SECOND, 8 * RH_SECOND);
		assert_true(rh_retry_next(&retry, clock.clock.random(&clock.clock), &delay));
		assert_true(delay >= 0 && delay <= RH_SECOND);
		sum += delay;
	}
	/* Full jitter: the mean is half of the bound. */
	assert_true(sum / 1000 > 450 * RH_MILLISECOND && sum / 1000 < 550 * RH_MILLISECOND);
}

static void the_last_attempt_ends_it(void **state)
{
	struct rh_retry retry;
	int64_t delay = -7;

	(void)state;
	rh_retry_init(&retry, 3, RH_SECOND, 8 * RH_SECOND);
	assert_true(rh_retry_next(&retry, 1, &delay));
	assert_true(rh_retry_next(&retry, 1, &delay));
	delay = -7;
	assert_false(rh_retry_next(&retry, 1, &delay));
	assert_int_equal(delay, -7);
	assert_int_equal(retry.attempts, 3);
	assert_false(rh_retry_next(&retry, 1, &delay));
	rh_retry_init(&retry, 1, RH_SECOND, 8 * RH_SECOND);
	assert_false(rh_retry_next(&retry, 1, &delay));
}

static void without_a_count_it_never_ends(void **state)
{
	struct rh_retry retry;
	int64_t delay = -1;

	(void)state;
	rh_retry_init(&retry, 0, 1, INT64_MAX);
	for (int i = 0; i < 10000; i++) {
		assert_true(rh_retry_next(&retry, UINT64_MAX, &delay));
		assert_true(delay >= 0);
	}
	rh_retry_init(&retry, 0, 0, RH_SECOND);
	for (int i = 0; i < 100; i++) {
		assert_true(rh_retry_next(&retry, UINT64_MAX, &delay));
		assert_int_equal(delay, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_double_up_to_the_cap),
		cmocka_unit_test(delays_stay_in_bounds_and_vary),
		cmocka_unit_test(the_last_attempt_ends_it),
		cmocka_unit_test(without_a_count_it_never_ends),
	};

	return cmocka_run_group_tests_name("net/retry", tests, NULL, NULL);
}
