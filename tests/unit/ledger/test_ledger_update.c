/* SPDX-License-Identifier: Apache-2.0 */
/* Updates in the ledger: rules L7, L11 and L12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "ledger_support.h"

#define ACCOUNT 1
#define UPDATE 101

static struct rh_ledger_row update_row(struct fixture *fixture, int64_t id, int64_t revision)
{
	struct rh_ledger_row row = test_row(fixture, id);

	row.verb = RH_VERB_UPDATE;
	row.parent = ACCOUNT;
	row.source_id = RH_STR("user_1");
	row.target_id = RH_STR("t_1");
	row.external_id = RH_STR("other_id");
	row.wire = RH_STR("AAAAAAAABBBBBBBB");
	row.asked = RH_STR("askedask");
	row.credential = RH_STR("credcred");
	row.revision = revision;
	return row;
}

static void observe(struct fixture *fixture, struct rh_ledger_row row, struct rh_str image)
{
	row.before_present = 5;
	row.before = RH_STR("0123456789abcdef");
	assert_int_equal(rh_ledger_observe(fixture->ledger, &row, &image, 1, &fixture->err), RH_OK);
}

/* The account is there, and an update of it is on its way. */
static void begin_update(struct fixture *fixture)
{
	struct rh_ledger_row row = update_row(fixture, UPDATE, 2);

	bring(fixture, ACCOUNT, RH_STATE_VERIFIED);
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
}

static void settle_update(struct fixture *fixture, int64_t id, enum rh_state to,
			  enum rh_origin origin)
{
	const struct rh_settlement settlement = {
		.id = id,
		.state = to,
		.origin = origin,
		.parts_sent = RH_PART_IDENTITY | RH_PART_METADATA,
		.absorbs = true,
		.at = TEST_NOW + 9,
	};

	assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err), RH_OK);
}

/* L11 */
static void test_what_stood_there_is_durable(void **state)
{
	struct fixture *fixture = *state;
	struct rh_str image = RH_STR_ABSENT;
	struct rh_ledger_row row;

	begin_update(fixture);
	row = get_row(fixture, UPDATE);
	assert_false(rh_ledger_row_may_be_sent(&row));
	observe(fixture, update_row(fixture, UPDATE, 2), RH_STR("sealed"));
	assert_int_equal(rh_ledger_pending(fixture->ledger), 0);
	fixture_reopen(fixture);
	row = get_row(fixture, UPDATE);
	assert_true(rh_ledger_row_may_be_sent(&row));
	assert_int_equal(row.before_present, 5);
	assert_true(rh_str_is(row.before, "0123456789abcdef"));
	assert_true(rh_str_is(row.asked, "askedask"));
	assert_int_equal(rh_ledger_image(fixture->ledger, UPDATE, &fixture->arena, &image,
					 &fixture->err),
			 1);
	assert_true(rh_str_is(image, "sealed"));
	assert_int_equal(rh_ledger_image(fixture->ledger, ACCOUNT, &fixture->arena, &image,
					 &fixture->err),
			 0);
}

/* L11: only an update on its way; a create never, nor one that is settled. */
static void test_only_an_update_on_its_way_is_observed(void **state)
{
	struct fixture *fixture = *state;
	struct rh_str image = RH_STR("sealed");
	struct rh_ledger_row row = update_row(fixture, ACCOUNT, 2);

	begin_update(fixture);
	assert_int_equal(rh_ledger_observe(fixture->ledger, &row, &image, 1, &fixture->err),
			 RH_ESTATE);
	row.id = UPDATE;
	settle_update(fixture, UPDATE, RH_STATE_DONE, RH_ORIGIN_CREATED);
	assert_int_equal(rh_ledger_observe(fixture->ledger, &row, &image, 1, &fixture->err),
			 RH_ESTATE);
	assert_int_equal(rh_ledger_image(fixture->ledger, UPDATE, &fixture->arena, &image, NULL),
			 0);
}

/* L11: an image stays through a second look; what is intended anew has read nothing yet. */
static void test_the_first_image_stays(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row = update_row(fixture, UPDATE, 2);
	struct rh_str image = RH_STR_ABSENT;

	begin_update(fixture);
	observe(fixture, row, RH_STR("first"));
	settle_update(fixture, UPDATE, RH_STATE_UNKNOWN, RH_ORIGIN_NONE);
	row = get_row(fixture, UPDATE);
	assert_true(rh_ledger_row_may_be_sent(&row));
	observe(fixture, update_row(fixture, UPDATE, 3), RH_STR_ABSENT);
	assert_int_equal(get_row(fixture, UPDATE).revision, 3);
	assert_int_equal(rh_ledger_image(fixture->ledger, UPDATE, &fixture->arena, &image, NULL),
			 1);
	assert_true(rh_str_is(image, "first"));
	settle_update(fixture, UPDATE, RH_STATE_DEFERRED, RH_ORIGIN_NONE);
	row = update_row(fixture, UPDATE, 3);
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	row = get_row(fixture, UPDATE);
	assert_false(rh_ledger_row_may_be_sent(&row));
}

/* L12 */
static void test_the_accounts_row_takes_over(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row;

	begin_update(fixture);
	observe(fixture, update_row(fixture, UPDATE, 2), RH_STR("sealed"));
	settle_update(fixture, UPDATE, RH_STATE_UNKNOWN, RH_ORIGIN_NONE);
	assert_true(rh_str_is(get_row(fixture, ACCOUNT).wire, "0123456789abcdef"));
	settle_update(fixture, UPDATE, RH_STATE_DONE, RH_ORIGIN_CREATED);
	row = get_row(fixture, ACCOUNT);
	assert_int_equal(row.state, RH_STATE_DONE); /* what is new was not read back yet */
	assert_int_equal(row.verified_at, 0);
	assert_true(rh_str_is(row.wire, "AAAAAAAABBBBBBBB"));
	assert_true(rh_str_is(row.asked, "askedask"));
	assert_true(rh_str_is(row.external_id, "other_id"));
	assert_true(rh_str_is(row.target_id, "t_1"));
	assert_int_equal(row.origin, RH_ORIGIN_CREATED);
	assert_null(row.credential.ptr); /* none was sent with it */
}

/* L7: an account has its row and one update a revision. */
static void test_updates_are_unique(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row = update_row(fixture, UPDATE + 1, 3);

	begin_update(fixture);
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_find_update(fixture->ledger, ACCOUNT, &fixture->arena, &row,
					       &fixture->err),
			 1);
	assert_int_equal(row.id, UPDATE + 1);
	assert_int_equal(rh_ledger_find(fixture->ledger, RH_KIND_USER, RH_STR("user_1"),
					&fixture->arena, &row, &fixture->err),
			 1);
	assert_int_equal(row.id, ACCOUNT);
	assert_int_equal(rh_ledger_find_target(fixture->ledger, RH_KIND_USER, RH_STR("t_1"),
					       &fixture->arena, &row, &fixture->err),
			 1);
	assert_int_equal(row.id, ACCOUNT);
	assert_int_equal(rh_ledger_unindex(fixture->ledger, &fixture->err), RH_OK);
	row = update_row(fixture, UPDATE + 2, 3);
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_EINTERNAL);
}

static void test_pages_of_updates_begin_with_the_newest(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row rows[2];
	struct rh_ledger_row row = update_row(fixture, UPDATE + 1, 3);
	size_t count = 0;

	begin_update(fixture);
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_page_updates(fixture->ledger, 1U << RH_STATE_INTENDED, INT64_MAX,
						1, &fixture->arena, rows, &count, &fixture->err),
			 RH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].id, UPDATE + 1);
	assert_int_equal(rh_ledger_page_updates(fixture->ledger, 1U << RH_STATE_INTENDED,
						UPDATE + 1, 2, &fixture->arena, rows, &count,
						&fixture->err),
			 RH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].id, UPDATE);
}

static void undo(struct fixture *fixture, enum rh_state to)
{
	const int64_t id = UPDATE;

	assert_int_equal(rh_ledger_undo_intend(fixture->ledger, &id, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_undo_settle(fixture->ledger, id, to, RH_STR_ABSENT, TEST_NOW,
					       &fixture->err),
			 RH_OK);
}

/* An account that was linked is nobody's plan again when its update was undone; one that was kept stays. */
static void test_undo_of_an_update(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row account = test_row(fixture, ACCOUNT);
	struct rh_ledger_row row = update_row(fixture, UPDATE, 2);
	struct rh_ledger_counts counts;

	account.target_id = RH_STR("t_1");
	assert_int_equal(rh_ledger_record(fixture->ledger, &account, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	observe(fixture, row, RH_STR("sealed"));
	settle_update(fixture, UPDATE, RH_STATE_DONE, RH_ORIGIN_LINKED);
	assert_int_equal(rh_ledger_count(fixture->ledger, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.updated, 1);
	assert_int_equal(counts.linked, 1);
	undo(fixture, RH_STATE_UNDONE);
	account = get_row(fixture, ACCOUNT);
	assert_int_equal(account.state, RH_STATE_DONE);
	assert_int_equal(account.wire_present, 0);
	assert_null(account.asked.ptr);
	assert_int_equal(rh_ledger_count(fixture->ledger, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.updated, 0);
	assert_int_equal(counts.restored, 1);
	assert_int_equal(counts.by_state[RH_STATE_UNDONE], 0);
	/* and once more: what was undone may be asked for again */
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	row = get_row(fixture, UPDATE);
	assert_false(rh_ledger_row_may_be_sent(&row));
}

/* Without a request, by the fate of the account; never one of which something may be on its way. */
static void test_an_update_follows_its_account(void **state)
{
	struct fixture *fixture = *state;

	begin_update(fixture);
	assert_int_equal(rh_ledger_undo_follow(fixture->ledger, UPDATE, RH_STATE_UNDONE, TEST_NOW,
					       &fixture->err),
			 RH_ESTATE);
	settle_update(fixture, UPDATE, RH_STATE_UNKNOWN, RH_ORIGIN_NONE);
	assert_int_equal(rh_ledger_undo_follow(fixture->ledger, UPDATE, RH_STATE_UNDONE, TEST_NOW,
					       &fixture->err),
			 RH_ESTATE);
	settle_update(fixture, UPDATE, RH_STATE_CONFLICT, RH_ORIGIN_NONE);
	assert_int_equal(rh_ledger_undo_follow(fixture->ledger, ACCOUNT, RH_STATE_UNDONE, TEST_NOW,
					       &fixture->err),
			 RH_EINTERNAL);
	assert_int_equal(rh_ledger_undo_follow(fixture->ledger, UPDATE, RH_STATE_UNDONE, TEST_NOW,
					       &fixture->err),
			 RH_OK);
	assert_int_equal(state_of(fixture, UPDATE), RH_STATE_UNDONE);
}

/* An account that was kept and is removed later takes along the updates that were kept with it. */
static void test_a_kept_update_follows_a_late_removal(void **state)
{
	struct fixture *fixture = *state;

	begin_update(fixture);
	settle_update(fixture, UPDATE, RH_STATE_DONE, RH_ORIGIN_CREATED);
	assert_int_equal(rh_ledger_undo_follow(fixture->ledger, UPDATE, RH_STATE_KEPT, TEST_NOW,
					       &fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_undo_follow(fixture->ledger, UPDATE, RH_STATE_KEPT, TEST_NOW,
					       &fixture->err),
			 RH_ESTATE);
	assert_int_equal(rh_ledger_undo_follow(fixture->ledger, UPDATE, RH_STATE_UNDONE, TEST_NOW,
					       &fixture->err),
			 RH_OK);
	assert_int_equal(state_of(fixture, UPDATE), RH_STATE_UNDONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_stood_there_is_durable),
		TEST(test_only_an_update_on_its_way_is_observed),
		TEST(test_the_first_image_stays),
		TEST(test_the_accounts_row_takes_over),
		TEST(test_updates_are_unique),
		TEST(test_pages_of_updates_begin_with_the_newest),
		TEST(test_undo_of_an_update),
		TEST(test_an_update_follows_its_account),
		TEST(test_a_kept_update_follows_a_late_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
