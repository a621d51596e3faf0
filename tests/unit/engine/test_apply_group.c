/* SPDX-License-Identifier: Apache-2.0 */
/* How many accounts a batch of apply has (apply.c, A8). */
#include "engine/apply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

/* A8: nothing is settled yet, or no time went by. */
static void the_first_ones_are_small(void **)
{
	assert_int_equal(rh_apply_group(0, 0), RH_LEDGER_GROUP);
	assert_int_equal(rh_apply_group(0, RH_SECOND), RH_LEDGER_GROUP);
	assert_int_equal(rh_apply_group(RH_LEDGER_GROUP, 0), RH_LEDGER_GROUP);
	assert_int_equal(rh_apply_group(RH_LEDGER_GROUP, -RH_SECOND), RH_LEDGER_GROUP);
}

/* 50 a second, as WorkOS allows: what a kill leaves is no more than before. */
static void a_slow_target_has_small_ones(void **)
{
	assert_int_equal(rh_apply_group(256, 256 * RH_SECOND / 50), RH_LEDGER_GROUP);
	assert_int_equal(rh_apply_group(512, RH_SECOND), RH_LEDGER_GROUP);
}

static void half_a_second_of_a_quick_one(void **)
{
	assert_int_equal(rh_apply_group(1000, RH_SECOND), 500);
	assert_int_equal(rh_apply_group(400, RH_SECOND / 4), 800);
}

static void no_target_is_so_quick_that_there_is_no_end(void **)
{
	assert_int_equal(rh_apply_group(12000, RH_SECOND), RH_LEDGER_GROUP_MAX);
	assert_int_equal(rh_apply_group(UINT32_MAX, 1), RH_LEDGER_GROUP_MAX);
}

/* The target asked for a pause: after it the speed has to show again. */
static void a_pause_makes_them_small_again(void **)
{
	assert_int_equal(rh_apply_group(1024, 10 * RH_SECOND), RH_LEDGER_GROUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_ones_are_small),
		cmocka_unit_test(a_slow_target_has_small_ones),
		cmocka_unit_test(half_a_second_of_a_quick_one),
		cmocka_unit_test(no_target_is_so_quick_that_there_is_no_end),
		cmocka_unit_test(a_pause_makes_them_small_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
