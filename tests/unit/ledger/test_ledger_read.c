/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: pages, counts, rows by name, and the index that proves L7. */
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "db/db.h"
#include "folder.h"
#include "ledger_support.h"

static void test_pages_come_by_id(void **state)
{
	struct fixture *fixture = *state;
	const unsigned wanted = 1U << RH_STATE_DONE | 1U << RH_STATE_REJECTED;
	struct rh_ledger_row rows[3];
	const int64_t expected[8] = {1, 3, 4, 6, 7, 9, 10, 12};
	int64_t seen[8] = {0};
	int64_t after = 0;
	size_t seen_count = 0;
	size_t count = 0;
	int pages = 0;

	for (int64_t id = 1; id <= 12; id++) { /* every third row is of another state */
		bring(fixture, id,
		      id % 3 == 0   ? RH_STATE_DONE
		      : id % 3 == 1 ? RH_STATE_REJECTED
				    : RH_STATE_UNKNOWN);
	}
	do {
		assert_int_equal(rh_ledger_page(fixture->ledger, wanted, after, 3, &fixture->arena,
						rows, &count, &fixture->err),
				 RH_OK);
		for (size_t i = 0; i < count; i++) {
			assert_true(seen_count < 8);
			seen[seen_count] = rows[i].id;
			seen_count++;
			after = rows[i].id;
		}
		pages++;
	} while (count == 3);
	assert_int_equal(pages, 3);
	assert_int_equal(seen_count, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(seen[i], expected[i]);
	}
	assert_true(rh_str_is(rows[0].source_id, "user_10"));
	assert_int_equal(rh_ledger_page(fixture->ledger, 1U << RH_STATE_KEPT, 0, 3, &fixture->arena,
					rows, &count, &fixture->err),
			 RH_OK);
	assert_int_equal(count, 0);
}

static void test_counts(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_counts counts = {0};
	struct rh_ledger_row linked = test_row(fixture, 40);
	struct rh_settlement settlement = {
		.state = RH_STATE_DONE,
	};

	assert_int_equal(rh_ledger_count(fixture->ledger, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.last_id, 0);
	for (int one = 1; one < RH_STATES; one++) {
		bring(fixture, one, (enum rh_state)one);
	}
	linked.parts_dropped = RH_PART_TOTP;
	assert_int_equal(rh_ledger_record(fixture->ledger, &linked, 1, &fixture->err), RH_OK);
	for (settlement.id = 20; settlement.id < 25; settlement.id++) {
		intend(fixture, settlement.id);
		settlement.origin = settlement.id < 22 ? RH_ORIGIN_ADOPTED : RH_ORIGIN_UNSURE;
		settlement.parts_dropped = settlement.id == 20 ? RH_PART_CREDENTIAL : 0;
		assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err),
				 RH_OK);
	}
	assert_int_equal(rh_ledger_count(fixture->ledger, &counts, &fixture->err), RH_OK);
	for (int one = 1; one < RH_STATES; one++) {
		assert_int_equal(counts.by_state[one], one == RH_STATE_DONE ? 7 : 1);
	}
	assert_int_equal(counts.created,
			 2); /* one DONE, one VERIFIED; UNDONE and KEPT do not count */
	assert_int_equal(counts.linked, 1);
	assert_int_equal(counts.adopted, 2);
	assert_int_equal(counts.unsure, 3);
	assert_int_equal(counts.parts_dropped, 2);
	assert_int_equal(counts.last_id, 40);
}

static void test_rows_are_found_by_name(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row = test_row(fixture, 3);
	struct rh_ledger_row found = {0};

	bring(fixture, 1, RH_STATE_DONE);
	bring(fixture, 2, RH_STATE_UNDONE);
	row.verb = RH_VERB_UPDATE;
	row.source_id = RH_STR("user_1");
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK); /* is there */

	assert_int_equal(rh_ledger_find(fixture->ledger, RH_KIND_USER, RH_STR("user_1"),
					&fixture->arena, &found, NULL),
			 1);
	assert_int_equal(found.id, 1); /* the create, not the update */
	assert_int_equal(rh_ledger_find(fixture->ledger, RH_KIND_USER, RH_STR("user_2"),
					&fixture->arena, &found, NULL),
			 0); /* UNDONE */
	assert_int_equal(rh_ledger_find(fixture->ledger, RH_KIND_ORGANIZATION, RH_STR("user_1"),
					&fixture->arena, &found, NULL),
			 0);
	assert_int_equal(rh_ledger_find_target(fixture->ledger, RH_KIND_USER, RH_STR("t_1"),
					       &fixture->arena, &found, NULL),
			 1);
	assert_true(rh_str_is(found.source_id, "user_1"));
	assert_int_equal(rh_ledger_find_target(fixture->ledger, RH_KIND_USER, RH_STR("t_99"),
					       &fixture->arena, &found, NULL),
			 0);
	assert_int_equal(found.id, 1); /* untouched when nothing is found */
}

static void test_creates_are_unique(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row twin = test_row(fixture, 7);

	intend(fixture, 1);
	twin.source_id = RH_STR("user_1");
	assert_int_equal(rh_ledger_intend(fixture->ledger, &twin, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_EINTERNAL); /* L7 */
	assert_non_null(strstr(fixture->err.message, "rows 1 and 7"));
	assert_null(strstr(fixture->err.message, "user_1"));

	/* other parents, other verbs and rows undone are no twins */
	settle(fixture, 7, RH_STATE_DONE);
	assert_int_equal(rh_ledger_undo_intend(fixture->ledger, &twin.id, 1, NULL), RH_OK);
	assert_int_equal(rh_ledger_undo_settle(fixture->ledger, 7, RH_STATE_UNDONE, RH_STR_ABSENT,
					       TEST_NOW, NULL),
			 RH_OK);
	twin.id = 8;
	twin.parent = 1;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &twin, 1, &fixture->err), RH_OK);
	twin.id = 9;
	twin.parent = 0;
	twin.verb = RH_VERB_UPDATE;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &twin, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);

	/* from now on a twin is not even taken in, nor does an undone one come back */
	twin.id = 10;
	twin.verb = RH_VERB_CREATE;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &twin, 1, &fixture->err), RH_EINTERNAL);
	twin.id = 7;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &twin, 1, &fixture->err), RH_EINTERNAL);
	assert_int_equal(state_of(fixture, 10), 0);
	assert_int_equal(state_of(fixture, 7), RH_STATE_UNDONE);
	assert_int_equal(rh_ledger_unindex(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_unindex(fixture->ledger, &fixture->err), RH_OK); /* is gone */
	twin.id = 10;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &twin, 1, &fixture->err), RH_OK);
}

static void test_index_commits_the_queue(void **state)
{
	struct fixture *fixture = *state;

	intend(fixture, 1);
	settle(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 0);
	fixture_reopen(fixture);
	assert_int_equal(state_of(fixture, 1), RH_STATE_DONE);
}

static void test_finding_uses_the_indexes(void **state)
{
	struct fixture *fixture = *state;
	static const char *const questions[][2] = {
		{"EXPLAIN QUERY PLAN SELECT * FROM ledger_rows WHERE verb = 5 AND state <> 9"
		 " AND kind = ?1 AND source_id = ?2 ORDER BY parent LIMIT 1",
		 "ledger_creates"},
		{"EXPLAIN QUERY PLAN SELECT * FROM ledger_rows WHERE target_id IS NOT NULL"
		 " AND kind = ?1 AND target_id = ?2 ORDER BY id LIMIT 1",
		 "ledger_targets"},
	};
	char *path = test_folder_path(fixture->folder, "ledger.db");
	struct rh_statement *statement = NULL;
	struct rh_ledger_row row;
	struct rh_db *db = NULL;

	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_find_target(fixture->ledger, RH_KIND_USER, RH_STR("t_1"),
					       &fixture->arena, &row, &fixture->err),
			 0);
	assert_int_equal(rh_db_open(&db, path, RH_DB_READONLY, &fixture->err), RH_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(rh_db_prepare(db, questions[i][0], &statement, NULL), RH_OK);
		assert_int_equal(rh_step(statement, NULL), 1);
		assert_non_null(strstr(rh_column_text(statement, 3).ptr, questions[i][1]));
		assert_int_equal(rh_step(statement, NULL), 0); /* one step: no sorting */
	}
	rh_db_close(db);
	free(path);
}

/* Whether the index by target id is there. */
static bool has_targets(const struct fixture *fixture)
{
	char *path = test_folder_path(fixture->folder, "ledger.db");
	struct rh_statement *statement = NULL;
	struct rh_db *db = NULL;
	bool is_there;

	assert_int_equal(rh_db_open(&db, path, RH_DB_READONLY, NULL), RH_OK);
	assert_int_equal(rh_db_prepare(db,
				       "SELECT 1 FROM sqlite_schema WHERE name = 'ledger_targets'",
				       &statement, NULL),
			 RH_OK);
	is_there = rh_step(statement, NULL) == 1;
	rh_reset(statement);
	rh_db_close(db);
	free(path);
	return is_there;
}

static void find_target(struct fixture *fixture, const char *target_id, int expected)
{
	struct rh_ledger_row row;

	assert_int_equal(rh_ledger_find_target(fixture->ledger, RH_KIND_USER,
					       rh_str_from(target_id), &fixture->arena, &row,
					       &fixture->err),
			 expected);
}

/* An apply does not pay for it; after many inserts without it, it is made anew; what is queued meanwhile is kept. */
static void test_the_index_of_targets_is_made_when_asked(void **state)
{
	struct fixture *fixture = *state;

	intend(fixture, 1);
	settle(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
	assert_false(has_targets(fixture));
	intend(fixture, 2);
	settle(fixture, 2, RH_STATE_DONE);
	find_target(fixture, "t_2", 1);
	assert_true(has_targets(fixture));
	assert_int_equal(rh_ledger_unindex(fixture->ledger, &fixture->err), RH_OK);
	assert_false(has_targets(fixture));
	find_target(fixture, "t_1", 1);
	assert_true(has_targets(fixture));
	find_target(fixture, "t_9", 0);
	fixture_reopen(fixture);
	assert_int_equal(state_of(fixture, 2), RH_STATE_DONE);
}

/* Who only reads makes none, and finds all the same. */
static void test_a_reader_finds_targets_without_index(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger *reader = NULL;
	struct rh_ledger_row row;

	intend(fixture, 1);
	settle(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_open(&reader, fixture->folder, &test_identity, true,
					&fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_find_target(reader, RH_KIND_USER, RH_STR("t_1"), &fixture->arena,
					       &row, &fixture->err),
			 1);
	assert_int_equal(row.id, 1);
	assert_false(has_targets(fixture));
	rh_ledger_close(reader);
}

static void test_a_reader_beside_a_writer(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger *reader = NULL;
	struct rh_ledger_counts counts;

	intend(fixture, 1);
	assert_int_equal(rh_ledger_open(&reader, fixture->folder, &test_identity, true,
					&fixture->err),
			 RH_OK);
	settle(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_count(reader, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_INTENDED], 1);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_count(reader, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_DONE], 1);
	assert_string_equal(rh_ledger_name(reader), rh_ledger_name(fixture->ledger));
	rh_ledger_close(reader);
}

static void test_a_small_arena_is_a_limit(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row rows[4];
	struct rh_arena arena;
	size_t count = 77;

	for (int64_t id = 1; id <= 4; id++) {
		intend(fixture, id);
	}
	rh_arena_init(&arena, 64, RH_ARENA_PLAIN);
	assert_int_equal(rh_ledger_page(fixture->ledger, ~0U, 0, 4, &arena, rows, &count,
					&fixture->err),
			 RH_ELIMIT);
	assert_int_equal(count, 77);
	rh_arena_done(&arena);
	intend(fixture, 5); /* nothing is left open */
}

static void test_a_damaged_row_is_not_used(void **state)
{
	struct fixture *fixture = *state;
	char *path = test_folder_path(fixture->folder, "ledger.db");
	struct rh_ledger_row row;
	struct rh_db *db = NULL;

	intend(fixture, 1);
	assert_int_equal(rh_db_open(&db, path, RH_DB_DURABLE, &fixture->err), RH_OK);
	assert_int_equal(rh_db_exec(db, "UPDATE ledger_rows SET wire = x'00'", NULL), RH_OK);
	rh_db_close(db);
	assert_int_equal(rh_ledger_get(fixture->ledger, 1, &fixture->arena, &row, &fixture->err),
			 RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "row 1"));
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pages_come_by_id),
		TEST(test_counts),
		TEST(test_rows_are_found_by_name),
		TEST(test_creates_are_unique),
		TEST(test_index_commits_the_queue),
		TEST(test_finding_uses_the_indexes),
		TEST(test_the_index_of_targets_is_made_when_asked),
		TEST(test_a_reader_finds_targets_without_index),
		TEST(test_a_reader_beside_a_writer),
		TEST(test_a_small_arena_is_a_limit),
		TEST(test_a_damaged_row_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
