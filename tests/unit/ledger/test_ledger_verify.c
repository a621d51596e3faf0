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

/* ---- runs (L14) ------------------------------------------------------------------------------------ */

static void verify_range(struct fixture *fixture, int64_t first, int64_t last, rh_time at)
{
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, first, last, at, &fixture->err),
			 RH_OK);
}

static void bring_many(struct fixture *fixture, int64_t count)
{
	for (int64_t id = 1; id <= count; id++) {
		bring(fixture, id, RH_STATE_DONE);
	}
}

/* "114 2": what verified the rows 1, 2 …, as LATER plus a digit; a blank: nothing. */
static void check_moments(struct fixture *fixture, const char *moments)
{
	for (int64_t i = 0; moments[i] != '\0'; i++) {
		struct rh_ledger_row row = get_row(fixture, i + 1);
		bool is_verified = moments[i] != ' ';

		assert_int_equal(row.state, is_verified ? RH_STATE_VERIFIED : RH_STATE_DONE);
		if (is_verified) {
			assert_true(row.verified_at == LATER + (moments[i] - '0'));
		}
	}
}

static void runs_are_cut_and_joined(void **state)
{
	struct fixture *fixture = *state;

	bring_many(fixture, 8);
	verify_range(fixture, 2, 7, LATER + 1);
	check_moments(fixture, " 111111 ");
	verify_range(fixture, 4, 5, LATER + 2);
	check_moments(fixture, " 112211 ");
	verify_range(fixture, 1, 2, LATER + 3);
	check_moments(fixture, "3312211 ");
	verify_range(fixture, 6, 6, LATER + 2);
	check_moments(fixture, "3312221 ");
	verify_range(fixture, 3, 8, LATER + 4);
	check_moments(fixture, "33444444");
	verify_range(fixture, 8, 8, LATER + 5);
	verify_range(fixture, 1, 1, LATER + 5);
	verify_range(fixture, 2, 7, LATER + 5);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	fixture_reopen(fixture);
	check_moments(fixture, "55555555");
}

/* Whatever order rows are verified in, each has the moment of its last one. */
static void any_order_of_runs_is_right(void **state)
{
	struct fixture *fixture = *state;
	char moments[] = "               ";
	uint32_t draw = 7;

	bring_many(fixture, (int64_t)sizeof(moments) - 1);
	for (int i = 1; i < 200; i++) {
		int64_t first;
		int64_t last;

		draw = draw * 1664525 + 1013904223;
		first = 1 + (draw >> 8) % 15;
		last = first + (draw >> 16) % 5;
		last = last > 15 ? 15 : last;
		verify_range(fixture, first, last, LATER + i % 3);
		for (int64_t id = first; id <= last; id++) {
			moments[id - 1] = (char)('0' + i % 3);
		}
		check_moments(fixture, moments);
	}
}

static void what_was_noted_in_vain_is_taken_back(void **state)
{
	struct fixture *fixture = *state;

	bring_many(fixture, 4);
	bring(fixture, 5, RH_STATE_REJECTED);
	verify_range(fixture, 1, 2, LATER + 1);
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, 2, 5, LATER + 2, &fixture->err),
			 RH_ESTATE);
	assert_int_equal(rh_ledger_verify(fixture->ledger, 5, RH_DRIFT_NONE, LATER, &fixture->err),
			 RH_ESTATE);
	check_moments(fixture, "11  ");
	assert_int_equal(state_of(fixture, 5), RH_STATE_REJECTED);
	rh_ledger_close(fixture->ledger); /* nothing was committed */
	fixture->ledger = NULL;
	fixture_reopen(fixture);
	check_moments(fixture, "    ");
}

/* A drifted row leaves its run, and knows that it was once as expected: L8. */
static void a_row_that_drifts_leaves_its_run(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_counts counts;
	struct rh_ledger_row row;

	bring_many(fixture, 5);
	verify_range(fixture, 1, 5, LATER + 1);
	assert_int_equal(rh_ledger_verify(fixture->ledger, 3, RH_DRIFT_MISSING, LATER + 2,
					  &fixture->err),
			 RH_OK);
	row = get_row(fixture, 3);
	assert_int_equal(row.state, RH_STATE_DONE);
	assert_int_equal(row.drift, RH_DRIFT_MISSING);
	assert_true(row.verified_at == LATER + 1);
	assert_int_equal(rh_ledger_count(fixture->ledger, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_VERIFIED], 4);
	assert_int_equal(counts.by_state[RH_STATE_DONE], 1);
	assert_int_equal(counts.missing, 1);
	assert_int_equal(counts.created, 5);
	assert_true(counts.verified_at == LATER + 1);
	verify_range(fixture, 1, 5, LATER + 3); /* it is back */
	check_moments(fixture, "33333");
	assert_int_equal(get_row(fixture, 3).drift, RH_DRIFT_NONE);
	assert_int_equal(rh_ledger_count(fixture->ledger, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.missing, 0);
	assert_int_equal(counts.by_state[RH_STATE_VERIFIED], 5);
}

/* What is undone, and then asked for anew, was never read back. */
static void a_row_that_is_undone_leaves_its_run(void **state)
{
	struct fixture *fixture = *state;
	const int64_t id = 2;

	bring_many(fixture, 3);
	verify_range(fixture, 1, 3, LATER + 1);
	assert_int_equal(rh_ledger_undo_intend(fixture->ledger, &id, 1, &fixture->err), RH_OK);
	assert_int_equal(state_of(fixture, id), RH_STATE_UNDO_INTENDED);
	assert_int_equal(rh_ledger_undo_settle(fixture->ledger, id, RH_STATE_UNDONE, RH_STR_ABSENT,
					       LATER + 2, &fixture->err),
			 RH_OK);
	bring(fixture, id, RH_STATE_DONE);
	check_moments(fixture, "1 1");
	assert_int_equal(get_row(fixture, id).verified_at, 0);
}

static void pages_tell_done_from_verified(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row rows[2];
	size_t count;

	bring_many(fixture, 6);
	verify_range(fixture, 2, 4, LATER);
	assert_int_equal(rh_ledger_page(fixture->ledger, 1U << RH_STATE_DONE, 0, 2, &fixture->arena,
					rows, &count, &fixture->err),
			 RH_OK);
	assert_int_equal(count, 2);
	assert_int_equal(rows[1].id, 5);
	assert_int_equal(rh_ledger_page(fixture->ledger, 1U << RH_STATE_VERIFIED, 3, 2,
					&fixture->arena, rows, &count, &fixture->err),
			 RH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].id, 4);
}

static void the_unverified_stand_between_the_runs(void **state)
{
	struct fixture *fixture = *state;
	const int64_t expected[] = {1, 4, 5, 6, 9};
	struct rh_ledger_row rows[2];
	int64_t after = 0;
	size_t count = 2;
	size_t seen = 0;

	bring_many(fixture, 9);
	verify_range(fixture, 5, 6, LATER - 1); /* of an earlier verify */
	verify_range(fixture, 2, 3, LATER);
	verify_range(fixture, 7, 8, LATER);
	while (count == 2) {
		assert_int_equal(rh_ledger_unverified(fixture->ledger, LATER, after, 2,
						      &fixture->arena, rows, &count, &fixture->err),
				 RH_OK);
		for (size_t i = 0; i < count; i++) {
			assert_true(seen < 5);
			assert_int_equal(rows[i].id, expected[seen]);
			after = rows[i].id;
			seen++;
		}
	}
	assert_int_equal(seen, 5);
}

/* One who only reads sees what a verify beside him commits, also where he has looked before. */
static void a_reader_beside_a_verify_sees_it(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_counts counts;
	struct rh_ledger *reader = NULL;
	struct rh_ledger_row row;

	bring_many(fixture, 3);
	assert_int_equal(rh_ledger_open(&reader, fixture->folder, NULL, true, &fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_get(reader, 2, &fixture->arena, &row, &fixture->err), 1);
	assert_int_equal(row.state, RH_STATE_DONE);
	verify_range(fixture, 1, 3, LATER);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_get(reader, 2, &fixture->arena, &row, &fixture->err), 1);
	assert_int_equal(row.state, RH_STATE_VERIFIED);
	assert_int_equal(rh_ledger_verify(fixture->ledger, 3, RH_DRIFT_DIFFERS, LATER + 1,
					  &fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_count(reader, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_VERIFIED], 2);
	assert_int_equal(counts.differs, 1);
	rh_ledger_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_range_is_verified_at_once),
		TEST(a_drift_that_is_over_is_forgotten),
		TEST(no_row_is_passed_over),
		TEST(what_is_expected_is_read_by_id),
		TEST(rows_are_found_by_their_target),
		TEST(runs_are_cut_and_joined),
		TEST(any_order_of_runs_is_right),
		TEST(what_was_noted_in_vain_is_taken_back),
		TEST(a_row_that_drifts_leaves_its_run),
		TEST(a_row_that_is_undone_leaves_its_run),
		TEST(pages_tell_done_from_verified),
		TEST(the_unverified_stand_between_the_runs),
		TEST(a_reader_beside_a_verify_sees_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
