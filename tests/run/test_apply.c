/* SPDX-License-Identifier: Apache-2.0 */
/* Apply over a rehearsed target: everybody once, whatever the target answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town.h"

static int setup(void **state)
{
	struct town *town = calloc(1, sizeof(*town));

	assert_non_null(town);
	town_found(town, RH_LIMITS_OFF);
	*state = town;
	return 0;
}

static int teardown(void **state)
{
	struct town *town = *state;

	/* Whatever happened: nobody got a letter. */
	assert_int_equal(rehearsed_count(&town->server, "mails"), 0);
	town_raze(town);
	free(town);
	return 0;
}

static void everybody_moves_once(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 600, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.create, 600);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 0);
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.created_now, 600);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 600);
	town_check_moved(town, 0);
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.created_now, 0);
	assert_int_equal(went.run.writes, 0);
	town_go_on(town, 0, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 600);
	town_verify(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.verified, 600);
	assert_int_equal(rh_run_exit(went.code, &went.run), RH_EXIT_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everybody_moves_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
