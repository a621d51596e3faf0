/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: fixed windows, several buckets at once, keys of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "rehearsal/limits.h"

enum { ALL, WRITES, SIGN_IN, BUCKETS };

#define MASK_ALL (1U << ALL)
#define MASK_WRITE (MASK_ALL | 1U << WRITES)
#define START (INT64_C(1800000000) * RH_SECOND)

static const struct rh_quota buckets[BUCKETS] = {
	[ALL] = {.name = "all", .limit = 10, .window_us = 60 * RH_SECOND},
	[WRITES] = {.name = "writes", .limit = 3, .window_us = 10 * RH_SECOND, .is_write = true},
	[SIGN_IN] = {.name = "sign in", .limit = 2, .window_us = 60 * RH_SECOND, .is_keyed = true},
};

static void begin(struct rh_limits *limits, struct rh_limits_mode mode)
{
	assert_int_equal(rh_limits_init(limits, buckets, BUCKETS, &mode), RH_OK);
}

static void test_window(void **state)
{
	struct rh_limits limits;
	int64_t wait = 0;

	(void)state;
	begin(&limits, (struct rh_limits_mode){.is_enforced = true});
	for (int i = 0; i < 3; i++) {
		assert_true(rh_limits_draw(&limits, MASK_WRITE, START + i * RH_SECOND, &wait));
	}
	assert_false(rh_limits_draw(&limits, MASK_WRITE, START + 4 * RH_SECOND, &wait));
	assert_int_equal(wait, 6 * RH_SECOND);
	/* The very end of a window belongs to the next. */
	assert_false(rh_limits_draw(&limits, MASK_WRITE, START + 10 * RH_SECOND - 1, &wait));
	assert_int_equal(wait, 1);
	assert_true(rh_limits_draw(&limits, MASK_WRITE, START + 10 * RH_SECOND, &wait));
	assert_int_equal(limits.limits[WRITES].most, 3);
	assert_int_equal(limits.limits[WRITES].refused, 2);
	/* Who was refused took nothing from the other bucket. */
	assert_int_equal(limits.limits[ALL].most, 4);
	rh_limits_done(&limits);
}

static void test_longest_wait_wins(void **state)
{
	struct rh_limits limits;
	int64_t wait = 0;

	(void)state;
	begin(&limits, (struct rh_limits_mode){.is_enforced = true});
	for (int i = 0; i < 10; i++) {
		assert_true(rh_limits_draw(&limits, MASK_ALL, START, &wait));
	}
	assert_false(rh_limits_draw(&limits, MASK_WRITE, START + RH_SECOND, &wait));
	assert_int_equal(wait, 59 * RH_SECOND);
	assert_true(rh_limits_draw(&limits, MASK_WRITE, START + 60 * RH_SECOND, &wait));
	rh_limits_done(&limits);
}

static void test_off_still_counts(void **state)
{
	struct rh_limits limits;
	int64_t wait = 0;

	(void)state;
	begin(&limits, (struct rh_limits_mode){.is_enforced = false});
	for (int i = 0; i < 50; i++) {
		assert_true(rh_limits_draw(&limits, MASK_WRITE, START, &wait));
	}
	assert_int_equal(limits.limits[WRITES].most, 50);
	rh_limits_reset(&limits);
	assert_int_equal(limits.limits[WRITES].most, 0);
	rh_limits_done(&limits);
}

static void test_custom_is_for_writes_only(void **state)
{
	struct rh_limits limits;
	int64_t wait = 0;

	(void)state;
	begin(&limits, (struct rh_limits_mode){
			       .is_enforced = true,
			       .custom_limit = 20,
			       .custom_window_us = RH_SECOND,
		       });
	for (int i = 0; i < 20; i++) {
		assert_true(rh_limits_draw(&limits, MASK_WRITE, START, &wait));
	}
	assert_false(rh_limits_draw(&limits, MASK_WRITE, START, &wait));
	assert_int_equal(wait, RH_SECOND);
	assert_true(rh_limits_draw(&limits, MASK_ALL, START, &wait));
	rh_limits_done(&limits);
}

static void test_keys_have_windows_of_their_own(void **state)
{
	struct rh_limits limits;
	int64_t wait = 0;

	(void)state;
	begin(&limits, (struct rh_limits_mode){.is_enforced = true});
	for (int i = 0; i < 2; i++) {
		assert_true(rh_limits_draw_key(&limits, SIGN_IN, RH_STR("a@example.com"), START,
					       &wait));
	}
	assert_false(rh_limits_draw_key(&limits, SIGN_IN, RH_STR("A@example.com"), START, &wait));
	assert_int_equal(wait, 60 * RH_SECOND);
	assert_true(rh_limits_draw_key(&limits, SIGN_IN, RH_STR("b@example.com"), START, &wait));
	assert_true(rh_limits_draw_key(&limits, SIGN_IN, RH_STR("a@example.com"),
				       START + 60 * RH_SECOND, &wait));
	rh_limits_reset(&limits);
	assert_true(rh_limits_draw_key(&limits, SIGN_IN, RH_STR("b@example.com"), START, &wait));
	rh_limits_done(&limits);
}

/* More keys than are remembered: memory is bounded, and nobody is refused wrongly. */
static void test_many_keys(void **state)
{
	struct rh_limits limits;
	int64_t wait = 0;

	(void)state;
	begin(&limits, (struct rh_limits_mode){.is_enforced = true});
	for (int i = 0; i < 70000; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "p%d@example.com", i);
		assert_true(rh_limits_draw_key(&limits, SIGN_IN, rh_str_from(key), START, &wait));
	}
	assert_true(limits.window_count < 65537);
	rh_limits_done(&limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_longest_wait_wins),
		cmocka_unit_test(test_off_still_counts),
		cmocka_unit_test(test_custom_is_for_writes_only),
		cmocka_unit_test(test_keys_have_windows_of_their_own),
		cmocka_unit_test(test_many_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
