/* SPDX-License-Identifier: Apache-2.0 */
/* What verify reads of many rows and writes into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "ledger_support.h"

#define LATER (TEST_NOW + 100)

static void a_range_is_verified_at_once(void **state)
{
	struct fixture *fixture = *state;

	bring(fixture, 1, RH_STATE_DONE);
	bring(fixture, 2, RH_STATE_VERIFIED);
	bring(fixture, 3, RH_STATE_DONE);
	bring(fixture, 4, RH_STATE_DONE);
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, 1, 3, LATER, &fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 3);
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, 3, 3, LATER, &fixture->err),
			 RH_OK); /* shown twice */
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	fixture_reopen(fixture);
	for (int64_t id = 1; id <= 3; id++) {
		assert_int_equal(state_of(fixture, id), RH_STATE_VERIFIED);
		assert_true(get_row(fixture, id).verified_at == LATER);
	}
	assert_int_equal(state_of(fixture, 4), RH_STATE_DONE);
}

static void a_drift_that_is_over_is_forgotten(void **state)
{
	struct fixture *fixture = *state;

	bring(fixture, 1, RH_STATE_VERIFIED);
	assert_int_equal(rh_ledger_verify(fixture->ledger, 1, RH_DRIFT_DIFFERS, TEST_NOW,
					  &fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, 1, 1, LATER, &fixture->err),
			 RH_OK);
	assert_int_equal(get_row(fixture, 1).drift, RH_DRIFT_NONE);
	assert_int_equal(state_of(fixture, 1), RH_STATE_VERIFIED);
}

/* L3: rows in between that cannot be verified, or are not there, make it fail, and what was queued before stays. */
static void no_row_is_passed_over(void **state)
{
	struct fixture *fixture = *state;

	bring(fixture, 1, RH_STATE_DONE);
	bring(fixture, 2, RH_STATE_REJECTED);
	bring(fixture, 3, RH_STATE_DONE);
	bring(fixture, 5, RH_STATE_DONE);
	assert_int_equal(rh_ledger_verify(fixture->ledger, 5, RH_DRIFT_NONE, LATER, &fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, 1, 3, LATER, &fixture->err),
			 RH_ESTATE);
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, 3, 5, LATER, &fixture->err),
			 RH_ESTATE);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(state_of(fixture, 1), RH_STATE_DONE);
	assert_int_equal(state_of(fixture, 2), RH_STATE_REJECTED);
	assert_int_equal(state_of(fixture, 3), RH_STATE_DONE);
	assert_int_equal(state_of(fixture, 5), RH_STATE_VERIFIED);
}

static void what_is_expected_is_read_by_id(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_expected rows[4];
	struct rh_ledger_row unverified[4];
	uint64_t total;
	rh_time last;
	size_t count;

	bring(fixture, 1, RH_STATE_DONE);
	bring(fixture, 2, RH_STATE_UNKNOWN);
	bring(fixture, 3, RH_STATE_VERIFIED);
	bring(fixture, 6, RH_STATE_DONE);
	assert_int_equal(rh_ledger_expect(fixture->ledger,
					  &(struct rh_ledger_span){.kind = RH_KIND_USER,
								   .first = 1,
								   .max = 4},
					  &fixture->arena, rows, &count, &fixture->err),
			 RH_OK);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].id, 1);
	assert_int_equal(rows[1].id, 3);
	assert_true(rh_str_is(rows[1].target_id, "t_3"));
	assert_true(rh_str_is(rows[1].wire, "0123456789abcdef"));
	assert_int_equal(rows[1].wire_present, 5);
	assert_int_equal(rows[1].origin, RH_ORIGIN_CREATED);
	assert_int_equal(rh_ledger_count_expected(fixture->ledger, &total, &last, &fixture->err),
			 RH_OK);
	assert_int_equal(total, 3);
	assert_true(last == get_row(fixture, 3).verified_at);
	assert_int_equal(rh_ledger_unverified(fixture->ledger, last, 0, 4, &fixture->arena,
					      unverified, &count, &fixture->err),
			 RH_OK);
	assert_int_equal(count, 2);
	assert_int_equal(unverified[1].id, 6);
}

static void rows_are_found_by_their_target(void **state)
{
	struct fixture *fixture = *state;
	int64_t id = 0;

	bring(fixture, 7, RH_STATE_DONE);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_row_of_target(fixture->ledger, RH_KIND_USER, RH_STR("t_7"), &id,
						 &fixture->err),
			 1);
	assert_int_equal(id, 7);
	assert_int_equal(rh_ledger_row_of_target(fixture->ledger, RH_KIND_USER, RH_STR("t_8"), &id,
						 &fixture->err),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_range_is_verified_at_once, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(a_drift_that_is_over_is_forgotten, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(no_row_is_passed_over, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(what_is_expected_is_read_by_id, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(rows_are_found_by_their_target, fixture_setup,
						fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
