/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the ledger found and verified in whatever order a list shows its accounts. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/expected.h"
#include "folder.h"

#define NOW INT64_C(1800000000000000)
#define LATER (NOW + RH_SECOND)

enum {
	ROWS = 7000,   /* more than the blocks hold */
	GAP = 777,     /* every so many rows one is REJECTED */
	ODD = 1001,    /* every so many accounts has other content */
	STRANGE = 500, /* and every so many is a stranger's */
};

struct town {
	char *folder;
	struct rh_ledger *ledger;
	struct rh_arena arena;
	int64_t order[ROWS];
};

static bool is_rejected(int64_t id)
{
	return id % GAP == 0;
}

static bool is_odd(int64_t id)
{
	return id % ODD == 0;
}

static struct rh_str text(struct town *town, const char *prefix, int64_t id)
{
	return rh_arena_printf(&town->arena, "%s_%06" PRId64, prefix, id);
}

static void add_rows(struct town *town, int64_t first, size_t count)
{
	struct rh_ledger_row rows[RH_LEDGER_GROUP];

	for (size_t i = 0; i < count; i++) {
		rows[i] = (struct rh_ledger_row){
			.id = first + (int64_t)i,
			.kind = RH_KIND_USER,
			.verb = RH_VERB_CREATE,
			.source_id = text(town, "s", first + (int64_t)i),
			.wire_present = 1,
			.wire = RH_STR("01234567"),
			.revision = 1,
			.intended_at = NOW,
		};
	}
	assert_int_equal(rh_ledger_intend(town->ledger, rows, count, NULL), RH_OK);
	for (size_t i = 0; i < count; i++) {
		bool rejected = is_rejected(rows[i].id);
		struct rh_settlement settlement = {
			.id = rows[i].id,
			.state = rejected ? RH_STATE_REJECTED : RH_STATE_DONE,
			.origin = rejected ? RH_ORIGIN_NONE : RH_ORIGIN_CREATED,
			.target_id = rejected ? RH_STR_ABSENT : text(town, "t", rows[i].id),
			.at = NOW,
		};
		assert_int_equal(rh_ledger_settle(town->ledger, &settlement, NULL), RH_OK);
	}
}

static int set_up(void **state)
{
	static const struct rh_ledger_identity identity = {"clerk", "file", "acme", "t", "test"};
	struct town *town = calloc(1, sizeof(*town));

	assert_non_null(town);
	town->folder = test_folder_new();
	rh_arena_init(&town->arena, 64U * 1024 * 1024, RH_ARENA_PLAIN);
	assert_int_equal(rh_ledger_open(&town->ledger, town->folder, &identity, false, NULL),
			 RH_OK);
	for (int64_t id = 1; id <= ROWS; id += RH_LEDGER_GROUP) {
		size_t left = (size_t)(ROWS - id + 1);
		add_rows(town, id, left < RH_LEDGER_GROUP ? left : RH_LEDGER_GROUP);
		rh_arena_reset(&town->arena);
	}
	assert_int_equal(rh_ledger_commit(town->ledger, NULL), RH_OK);
	assert_int_equal(rh_ledger_index(town->ledger, NULL), RH_OK);
	for (int64_t i = 0; i < ROWS; i++) {
		town->order[i] = i + 1;
	}
	*state = town;
	return 0;
}

static int tear_down(void **state)
{
	struct town *town = *state;

	rh_ledger_close(town->ledger);
	rh_arena_done(&town->arena);
	test_folder_free(town->folder);
	free(town);
	return 0;
}

static void show(struct town *town, struct rh_expected *expected, int64_t id)
{
	const struct rh_ledger_expected *row = NULL;
	int code = rh_expected_find(expected, text(town, "t", id), &row, NULL);

	if (is_rejected(id)) {
		assert_int_equal(code, 0);
		return;
	}
	assert_int_equal(code, 1);
	assert_int_equal(row->id, id);
	assert_true(rh_str_eq(row->target_id, text(town, "t", id)));
	assert_true(rh_str_is(row->wire, "01234567"));
	assert_int_equal(is_odd(id) ? rh_expected_differs(expected, NULL)
				    : rh_expected_same(expected, NULL),
			 RH_OK);
}

/* Shows all accounts in the order at hand, strangers among them, and looks at what the ledger then says. */
static void walk(struct town *town)
{
	struct rh_expected *expected = NULL;
	const struct rh_ledger_expected *row;
	struct rh_ledger_counts counts;

	assert_int_equal(rh_expected_new(&expected, town->ledger, LATER, NULL), RH_OK);
	for (size_t i = 0; i < ROWS; i++) {
		show(town, expected, town->order[i]);
		if (i % STRANGE == 0) {
			assert_int_equal(rh_expected_find(expected, text(town, "x", (int64_t)i),
							  &row, NULL),
					 0);
		}
		rh_arena_reset(&town->arena);
	}
	assert_int_equal(rh_expected_flush(expected, NULL), RH_OK);
	rh_expected_free(expected);
	assert_int_equal(rh_ledger_commit(town->ledger, NULL), RH_OK);
	assert_int_equal(rh_ledger_count(town->ledger, &counts, NULL), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_REJECTED], ROWS / GAP);
	assert_int_equal(counts.differs, ROWS / ODD);
	assert_int_equal(counts.by_state[RH_STATE_VERIFIED], ROWS - ROWS / GAP - ROWS / ODD);
	assert_true(counts.verified_at == LATER);
}

static void in_the_order_of_creation(void **state)
{
	walk(*state);
}

static void backwards(void **state)
{
	struct town *town = *state;

	for (int64_t i = 0; i < ROWS; i++) {
		town->order[i] = ROWS - i;
	}
	walk(town);
}

static void in_no_order_at_all(void **state)
{
	struct town *town = *state;
	uint64_t chance = 7;

	for (size_t i = ROWS - 1; i > 0; i--) {
		size_t other = rh_random_next(&chance) % (i + 1);
		int64_t id = town->order[i];

		town->order[i] = town->order[other];
		town->order[other] = id;
	}
	walk(town);
}

/* As many requests in flight leave them. */
static void nearly_in_order(void **state)
{
	struct town *town = *state;
	uint64_t chance = 9;

	for (size_t i = 0; i + 64 < ROWS; i++) {
		size_t other = i + rh_random_next(&chance) % 64;
		int64_t id = town->order[i];

		town->order[i] = town->order[other];
		town->order[other] = id;
	}
	walk(town);
}

/* A list that moves: the last sight counts. */
static void what_is_shown_twice(void **state)
{
	struct town *town = *state;
	struct rh_expected *expected = NULL;
	const struct rh_ledger_expected *row;
	struct rh_ledger_counts counts;

	assert_int_equal(rh_expected_new(&expected, town->ledger, LATER, NULL), RH_OK);
	show(town, expected, 5);
	show(town, expected, 5);
	assert_int_equal(rh_expected_find(expected, text(town, "t", 5), &row, NULL), 1);
	assert_int_equal(rh_expected_differs(expected, NULL), RH_OK);
	assert_int_equal(rh_expected_flush(expected, NULL), RH_OK);
	rh_expected_free(expected);
	assert_int_equal(rh_ledger_count(town->ledger, &counts, NULL), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_VERIFIED], 0);
	assert_int_equal(counts.differs, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_the_order_of_creation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(backwards, set_up, tear_down),
		cmocka_unit_test_setup_teardown(in_no_order_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nearly_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_shown_twice, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
