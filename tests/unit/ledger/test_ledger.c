/* SPDX-License-Identifier: Apache-2.0 */
/* Every move of the essay in ledger.h, permitted and forbidden; what a move writes; how commits group. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "ledger_support.h"

/* ---- moves ------------------------------------------------------------------------------------------ */

enum move {
	MOVE_INTEND,
	MOVE_RECORD,
	MOVE_SETTLE,
	MOVE_VERIFY_SAME,
	MOVE_VERIFY_DIFFERS,
	MOVE_UNDO_INTEND,
	MOVE_UNDO_SETTLE,
};

static const char *const move_names[] = {
	"intend",           "record",      "settle",      "verify (same)",
	"verify (differs)", "undo_intend", "undo_settle",
};

/* One move with its aim, and the states from which it is permitted: bit 0 is "no row". */
struct move_case {
	enum move move;
	enum rh_state to;
	unsigned from;
};

#define NO_ROW (1U << 0)
#define BIT(name) (1U << RH_STATE_##name)

static const struct move_case move_cases[] = {
	{MOVE_INTEND, RH_STATE_INTENDED,
	 NO_ROW | BIT(DEFERRED) | BIT(UNKNOWN) | BIT(REJECTED) | BIT(CONFLICT) | BIT(UNDONE)},
	{MOVE_RECORD, RH_STATE_DONE, NO_ROW},
	{MOVE_SETTLE, RH_STATE_INTENDED, 0},
	{MOVE_SETTLE, RH_STATE_DEFERRED, BIT(INTENDED) | BIT(UNKNOWN)},
	{MOVE_SETTLE, RH_STATE_UNKNOWN, BIT(INTENDED) | BIT(UNKNOWN)},
	{MOVE_SETTLE, RH_STATE_DONE, BIT(INTENDED) | BIT(UNKNOWN)},
	{MOVE_SETTLE, RH_STATE_VERIFIED, 0},
	{MOVE_SETTLE, RH_STATE_REJECTED, BIT(INTENDED) | BIT(UNKNOWN)},
	{MOVE_SETTLE, RH_STATE_CONFLICT, BIT(INTENDED) | BIT(UNKNOWN)},
	{MOVE_SETTLE, RH_STATE_UNDO_INTENDED, 0},
	{MOVE_SETTLE, RH_STATE_UNDONE, 0},
	{MOVE_SETTLE, RH_STATE_KEPT, 0},
	{MOVE_VERIFY_SAME, RH_STATE_VERIFIED, BIT(DONE) | BIT(VERIFIED)},
	{MOVE_VERIFY_DIFFERS, RH_STATE_DONE, BIT(DONE) | BIT(VERIFIED)},
	{MOVE_UNDO_INTEND, RH_STATE_UNDO_INTENDED, BIT(DONE) | BIT(VERIFIED) | BIT(UNDO_INTENDED)},
	{MOVE_UNDO_SETTLE, RH_STATE_INTENDED, 0},
	{MOVE_UNDO_SETTLE, RH_STATE_DEFERRED, 0},
	{MOVE_UNDO_SETTLE, RH_STATE_UNKNOWN, 0},
	{MOVE_UNDO_SETTLE, RH_STATE_DONE, 0},
	{MOVE_UNDO_SETTLE, RH_STATE_VERIFIED, 0},
	{MOVE_UNDO_SETTLE, RH_STATE_REJECTED, 0},
	{MOVE_UNDO_SETTLE, RH_STATE_CONFLICT, 0},
	{MOVE_UNDO_SETTLE, RH_STATE_UNDO_INTENDED, BIT(UNDO_INTENDED)},
	{MOVE_UNDO_SETTLE, RH_STATE_UNDONE, BIT(UNDO_INTENDED)},
	{MOVE_UNDO_SETTLE, RH_STATE_KEPT, BIT(UNDO_INTENDED)},
};

static int try_move(struct fixture *fixture, int64_t id, const struct move_case *one)
{
	const struct rh_ledger_row row = test_row(fixture, id);
	const struct rh_settlement settlement = {
		.id = id,
		.state = one->to,
		.at = TEST_NOW,
	};

	switch (one->move) {
	case MOVE_INTEND:
		return rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err);
	case MOVE_RECORD:
		return rh_ledger_record(fixture->ledger, &row, 1, &fixture->err);
	case MOVE_SETTLE:
		return rh_ledger_settle(fixture->ledger, &settlement, &fixture->err);
	case MOVE_VERIFY_SAME:
		return rh_ledger_verify(fixture->ledger, id, RH_DRIFT_NONE, TEST_NOW,
					&fixture->err);
	case MOVE_VERIFY_DIFFERS:
		return rh_ledger_verify(fixture->ledger, id, RH_DRIFT_DIFFERS, TEST_NOW,
					&fixture->err);
	case MOVE_UNDO_INTEND:
		return rh_ledger_undo_intend(fixture->ledger, &id, 1, &fixture->err);
	case MOVE_UNDO_SETTLE:
		return rh_ledger_undo_settle(fixture->ledger, id, one->to, RH_STR_ABSENT, TEST_NOW,
					     &fixture->err);
	}
	return RH_EINTERNAL;
}

/* A refusal names the row, and what it is or what it was to become. */
static void check_message(struct fixture *fixture, int64_t id, enum rh_state to)
{
	char number[32];

	(void)snprintf(number, sizeof(number), "row %" PRId64, id);
	assert_non_null(strstr(fixture->err.message, number));
	assert_non_null(strstr(fixture->err.message, rh_state_name(to)));
}

static void check_move(struct fixture *fixture, int64_t id, const struct move_case *one,
		       enum rh_state from)
{
	bool is_permitted = (one->from & (1U << from)) != 0;
	enum rh_state after;
	int status;

	bring(fixture, id, from);
	status = try_move(fixture, id, one);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	after = state_of(fixture, id);
	if (status != (is_permitted ? RH_OK : RH_ESTATE) ||
	    after != (is_permitted ? one->to : from)) {
		fail_msg("%s from %s to %s: answer %d, then %s", move_names[one->move],
			 from == 0 ? "no row" : rh_state_name(from), rh_state_name(one->to), status,
			 after == 0 ? "no row" : rh_state_name(after));
	}
	if (!is_permitted) {
		check_message(fixture, id, one->to);
	}
}

static void test_every_move_from_every_state(void **state)
{
	struct fixture *fixture = *state;
	int64_t id = 0;

	for (size_t i = 0; i < sizeof(move_cases) / sizeof(move_cases[0]); i++) {
		for (int from = 0; from < RH_STATES; from++) {
			id++;
			check_move(fixture, id, &move_cases[i], (enum rh_state)from);
		}
	}
}

static void test_adopt_moves_intended_rows_alone(void **state)
{
	struct fixture *fixture = *state;
	uint64_t count = 99;

	for (int from = 1; from < RH_STATES; from++) {
		bring(fixture, from, (enum rh_state)from);
	}
	assert_int_equal(rh_ledger_adopt(fixture->ledger, &count, &fixture->err), RH_OK);
	assert_int_equal(count, 1); /* L4 */
	assert_int_equal(state_of(fixture, RH_STATE_INTENDED), RH_STATE_UNKNOWN);
	for (int from = 2; from < RH_STATES; from++) {
		assert_int_equal(state_of(fixture, from), from);
	}
	assert_int_equal(rh_ledger_adopt(fixture->ledger, &count, &fixture->err), RH_OK);
	assert_int_equal(count, 0);
}

static void test_states_that_do_not_exist_are_refused(void **state)
{
	struct fixture *fixture = *state;
	const int none[] = {0, RH_STATES, 77, -1};

	bring(fixture, 1, RH_STATE_INTENDED);
	for (size_t i = 0; i < 4; i++) {
		const struct rh_settlement settlement = {
			.id = 1,
			.state = (enum rh_state)none[i],
		};

		assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err),
				 RH_ESTATE);
	}
	assert_int_equal(state_of(fixture, 1), RH_STATE_INTENDED);
}

static void test_names(void **)
{
	assert_string_equal(rh_state_name(RH_STATE_UNDO_INTENDED), "undo_intended");
	assert_string_equal(rh_origin_name(RH_ORIGIN_ADOPTED), "adopted");
	for (int i = 1; i < RH_STATES; i++) {
		for (int j = i + 1; j < RH_STATES; j++) {
			assert_string_not_equal(rh_state_name((enum rh_state)i),
						rh_state_name((enum rh_state)j));
		}
	}
}

/* ---- what a move writes ------------------------------------------------------------------------------ */

static void test_a_row_comes_back_as_it_was_intended(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row = test_row(fixture, INT64_C(1) << 40);
	struct rh_ledger_row back;

	row.kind = RH_KIND_MEMBERSHIP;
	row.verb = RH_VERB_UPDATE;
	row.parent = 77;
	row.target_id = RH_STR("t_known");
	row.parts_dropped = RH_PART_CREDENTIAL;
	row.file = 3;
	row.record = UINT64_C(1) << 33;
	row.revision = 2;
	row.batch = 5;
	row.attempts = 4;
	row.state = RH_STATE_DONE; /* not the caller's to say */
	row.origin = RH_ORIGIN_CREATED;
	row.code = RH_STR("old_code");
	row.settled_at = 1;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	fixture_reopen(fixture);
	back = get_row(fixture, row.id);
	assert_int_equal(back.kind, RH_KIND_MEMBERSHIP);
	assert_int_equal(back.verb, RH_VERB_UPDATE);
	assert_int_equal(back.state, RH_STATE_INTENDED);
	assert_int_equal(back.origin, RH_ORIGIN_NONE);
	assert_true(rh_str_eq(back.source_id, row.source_id));
	assert_int_equal(back.parent, 77);
	assert_true(rh_str_eq(back.external_id, row.external_id));
	assert_true(rh_str_is(back.target_id, "t_known"));
	assert_int_equal(back.parts_planned, RH_PART_IDENTITY | RH_PART_CREDENTIAL);
	assert_int_equal(back.parts_sent, 0);
	assert_int_equal(back.parts_dropped, RH_PART_CREDENTIAL);
	assert_int_equal(back.wire_present, 5);
	assert_true(rh_str_is(back.wire, "0123456789abcdef"));
	assert_true(back.record == row.record);
	assert_int_equal(back.file, 3);
	assert_int_equal(back.revision, 2);
	assert_int_equal(back.batch, 5);
	assert_int_equal(back.attempts, 4);
	assert_null(back.code.ptr);
	assert_true(back.intended_at == TEST_NOW);
	assert_true(back.target_at == TEST_NOW + 1);
	assert_int_equal(back.settled_at, 0);
	assert_int_equal(back.verified_at, 0);
}

/* Of a first intent only what it has is written; the rest reads as if it had been, also when it is intended again. */
static void test_what_a_first_intent_leaves_out_is_empty(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row = test_row(fixture, 3);

	row.parent = 0;
	row.batch = 0;
	row.credential = RH_STR("credential");
	for (int i = 0; i < 2; i++) {
		struct rh_ledger_row back;
		row.attempts++;
		row.file = 4;
		row.revision = 6;
		row.record = 9;
		assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
		back = get_row(fixture, 3);
		assert_int_equal(back.kind, row.kind);
		assert_int_equal(back.verb, row.verb);
		assert_int_equal(back.state, RH_STATE_INTENDED);
		assert_int_equal(back.origin, RH_ORIGIN_NONE);
		assert_true(rh_str_eq(back.source_id, row.source_id));
		assert_true(rh_str_eq(back.external_id, row.external_id));
		assert_true(rh_str_eq(back.wire, row.wire));
		assert_true(rh_str_eq(back.credential, row.credential));
		assert_int_equal(back.wire_present, row.wire_present);
		assert_int_equal(back.parts_planned, row.parts_planned);
		assert_int_equal(back.file, 4);
		assert_int_equal(back.revision, 6);
		assert_int_equal(back.record, 9);
		assert_int_equal(back.attempts, row.attempts);
		assert_true(back.intended_at == row.intended_at);
		assert_true(back.target_at == row.target_at);
		assert_int_equal(back.parent, 0);
		assert_int_equal(back.batch, 0);
		assert_int_equal(back.parts_sent, 0);
		assert_int_equal(back.parts_dropped, 0);
		assert_int_equal(back.before_present, 0);
		assert_int_equal(back.settled_at, 0);
		assert_int_equal(back.verified_at, 0);
		assert_int_equal(back.drift, RH_DRIFT_NONE);
		assert_null(back.target_id.ptr);
		assert_null(back.code.ptr);
		assert_null(back.asked.ptr);
		assert_null(back.before.ptr);
		settle(fixture, 3, RH_STATE_REJECTED);
	}
	/* Not what is on its way, nor another entity under the same id. */
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_ESTATE);
	settle(fixture, 3, RH_STATE_REJECTED);
	row.source_id = RH_STR("somebody else");
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_EINTERNAL);
}

static void test_a_settlement_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct rh_settlement settlement = {
		.id = 1,
		.state = RH_STATE_REJECTED,
		.origin = RH_ORIGIN_CREATED, /* counts with DONE only */
		.parts_dropped = RH_PART_TOTP,
		.attempts = 2,
		.code = RH_STR("password_hash_refused"),
		.at = TEST_NOW + 9,
	};
	struct rh_ledger_row row = test_row(fixture, 1);
	struct rh_ledger_row back;

	row.parts_dropped = RH_PART_METADATA;
	row.target_id = RH_STR("t_known");
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err), RH_OK);
	back = get_row(fixture, 1);
	assert_int_equal(back.state, RH_STATE_REJECTED);
	assert_int_equal(back.origin, RH_ORIGIN_NONE);
	assert_int_equal(back.parts_dropped, RH_PART_METADATA | RH_PART_TOTP);
	assert_int_equal(back.attempts, 2);
	assert_true(rh_str_is(back.code, "password_hash_refused"));
	assert_true(rh_str_is(back.target_id, "t_known"));
	assert_true(back.settled_at == TEST_NOW + 9);

	/* again, with what was refused left out; the answer clears the code and gives the id */
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	settlement.state = RH_STATE_DONE;
	settlement.code = RH_STR_ABSENT;
	settlement.target_id = RH_STR("t_new");
	settlement.parts_sent = RH_PART_IDENTITY;
	assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err), RH_OK);
	back = get_row(fixture, 1);
	assert_int_equal(back.origin, RH_ORIGIN_CREATED);
	assert_int_equal(back.parts_sent, RH_PART_IDENTITY);
	assert_true(rh_str_is(back.target_id, "t_new"));
	assert_null(back.code.ptr);
}

static void test_an_intent_again_forgets_the_last_answer(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row;

	bring(fixture, 1, RH_STATE_UNDONE);
	row = test_row(fixture, 1);
	row.wire_present = 1;
	row.wire = RH_STR("fedcba98");
	row.revision = 2;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
	row = get_row(fixture, 1);
	assert_int_equal(row.state, RH_STATE_INTENDED);
	assert_int_equal(row.origin, RH_ORIGIN_NONE);
	assert_null(row.target_id.ptr);
	assert_int_equal(row.settled_at, 0);
	assert_int_equal(row.revision, 2);
	assert_true(rh_str_is(row.wire, "fedcba98"));
}

static void test_an_id_is_one_entity_for_ever(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row row;

	bring(fixture, 1, RH_STATE_REJECTED);
	row = test_row(fixture, 1);
	row.source_id = RH_STR("user_of_somebody_else");
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_EINTERNAL);
	assert_null(strstr(fixture->err.message, "user_of"));
	row = test_row(fixture, 1);
	row.kind = RH_KIND_ORGANIZATION;
	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_EINTERNAL);
	assert_int_equal(state_of(fixture, 1), RH_STATE_REJECTED);
}

static void test_rows_that_are_not_complete(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row rows[5];

	for (int i = 0; i < 5; i++) {
		rows[i] = test_row(fixture, 1);
	}
	rows[0].id = 0;
	rows[1].source_id = RH_STR_ABSENT;
	rows[2].wire = RH_STR("too short");
	rows[3].kind = RH_KINDS;
	rows[4].verb = RH_VERBS;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(rh_ledger_intend(fixture->ledger, &rows[i], 1, &fixture->err),
				 RH_EINVAL);
	}
	assert_int_equal(state_of(fixture, 1), 0);
}

static void test_linked_rows_are_recorded(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_row rows[2] = {test_row(fixture, 1), test_row(fixture, 2)};
	const int64_t id = 1;
	struct rh_ledger_row back;

	rows[0].target_id = RH_STR("t_1");
	rows[0].settled_at = TEST_NOW + 5;
	assert_int_equal(rh_ledger_record(fixture->ledger, rows, 2, &fixture->err), RH_OK);
	fixture_reopen(fixture);
	back = get_row(fixture, 1);
	assert_int_equal(back.state, RH_STATE_DONE);
	assert_int_equal(back.origin, RH_ORIGIN_LINKED);
	assert_true(rh_str_is(back.target_id, "t_1"));
	assert_true(back.settled_at == TEST_NOW + 5);
	/* L10: not ours to remove */
	assert_int_equal(rh_ledger_undo_intend(fixture->ledger, &id, 1, &fixture->err), RH_ESTATE);
	assert_non_null(strstr(fixture->err.message, "linked"));
	assert_int_equal(state_of(fixture, 1), RH_STATE_DONE);
}

static void test_drift_keeps_when_it_was_right(void **state)
{
	struct fixture *fixture = *state;

	bring(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_verify(fixture->ledger, 1, RH_DRIFT_DIFFERS, TEST_NOW + 10,
					  NULL),
			 RH_OK);
	assert_int_equal(get_row(fixture, 1).verified_at, 0);
	assert_int_equal(rh_ledger_verify(fixture->ledger, 1, RH_DRIFT_NONE, TEST_NOW + 20, NULL),
			 RH_OK);
	assert_true(get_row(fixture, 1).verified_at == TEST_NOW + 20); /* L8 */
	assert_int_equal(rh_ledger_verify(fixture->ledger, 1, RH_DRIFT_DIFFERS, TEST_NOW + 30,
					  NULL),
			 RH_OK);
	assert_int_equal(state_of(fixture, 1), RH_STATE_DONE);
	assert_true(get_row(fixture, 1).verified_at == TEST_NOW + 20);
}

/* ---- groups ------------------------------------------------------------------------------------------ */

/* What another process sees: committed rows. */
static enum rh_state seen_by_reader(struct fixture *fixture, int64_t id)
{
	struct rh_ledger *reader = NULL;
	struct rh_ledger_row row;
	int found;

	assert_int_equal(rh_ledger_open(&reader, fixture->folder, NULL, true, &fixture->err),
			 RH_OK);
	found = rh_ledger_get(reader, id, &fixture->arena, &row, &fixture->err);
	rh_ledger_close(reader);
	return found == 1 ? row.state : 0;
}

static void test_settlements_wait_for_a_commit(void **state)
{
	struct fixture *fixture = *state;

	intend(fixture, 1);
	assert_int_equal(seen_by_reader(fixture, 1), RH_STATE_INTENDED); /* L1 */
	settle(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 1);
	assert_int_equal(state_of(fixture, 1), RH_STATE_DONE);
	assert_int_equal(seen_by_reader(fixture, 1), RH_STATE_INTENDED);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 0);
	assert_int_equal(seen_by_reader(fixture, 1), RH_STATE_DONE);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err),
			 RH_OK); /* nothing waits */
}

static void test_close_commits_nothing(void **state)
{
	struct fixture *fixture = *state;

	intend(fixture, 1);
	settle(fixture, 1, RH_STATE_DONE);
	fixture_reopen(fixture);
	assert_int_equal(state_of(fixture, 1), RH_STATE_INTENDED);
}

/* Of settlements a group is twice what an intent has, as the next one mostly takes them along. */
static void test_a_full_group_commits_itself(void **state)
{
	enum { FULL = 2 * RH_LEDGER_GROUP_MAX };
	struct fixture *fixture = *state;
	static struct rh_ledger_row rows[FULL];

	for (int i = 0; i < FULL; i++) {
		rows[i] = test_row(fixture, i + 1);
	}
	assert_int_equal(rh_ledger_intend(fixture->ledger, rows, FULL, &fixture->err), RH_OK);
	for (int i = 1; i < FULL; i++) {
		settle(fixture, i, RH_STATE_DONE);
	}
	assert_int_equal(rh_ledger_pending(fixture->ledger), FULL - 1);
	assert_int_equal(seen_by_reader(fixture, 1), RH_STATE_INTENDED);
	settle(fixture, FULL, RH_STATE_DONE);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 0);
	assert_int_equal(seen_by_reader(fixture, 1), RH_STATE_DONE);
	assert_int_equal(seen_by_reader(fixture, FULL), RH_STATE_DONE);
}

static void test_an_intent_takes_the_queue_along(void **state)
{
	struct fixture *fixture = *state;

	intend(fixture, 1);
	settle(fixture, 1, RH_STATE_DONE);
	intend(fixture, 2);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 0);
	assert_int_equal(seen_by_reader(fixture, 1), RH_STATE_DONE);
	assert_int_equal(seen_by_reader(fixture, 2), RH_STATE_INTENDED);
}

static void test_a_refused_group_leaves_the_queue(void **state)
{
	struct fixture *fixture = *state;
	const int64_t ids[] = {3, 1};
	struct rh_ledger_row rows[2];

	bring(fixture, 3, RH_STATE_DONE);
	intend(fixture, 1);
	settle(fixture, 1, RH_STATE_REJECTED);
	rows[0] = test_row(fixture, 2);
	rows[1] = test_row(fixture, 3); /* DONE: cannot be intended */
	assert_int_equal(rh_ledger_intend(fixture->ledger, rows, 2, &fixture->err), RH_ESTATE);
	assert_int_equal(rh_ledger_undo_intend(fixture->ledger, ids, 2, &fixture->err), RH_ESTATE);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 1);
	assert_int_equal(state_of(fixture, 2), 0);
	assert_int_equal(state_of(fixture, 3), RH_STATE_DONE);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	fixture_reopen(fixture);
	assert_int_equal(state_of(fixture, 1), RH_STATE_REJECTED);
	assert_int_equal(state_of(fixture, 2), 0);
}

static void test_a_refused_settlement_leaves_the_queue(void **state)
{
	struct fixture *fixture = *state;
	const struct rh_settlement settlement = {
		.id = 99,
		.state = RH_STATE_DONE,
	};

	intend(fixture, 1);
	assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err), RH_ESTATE);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 0);
	settle(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err), RH_ESTATE);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 1);
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(seen_by_reader(fixture, 1), RH_STATE_DONE);
}

static void test_a_reader_writes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger *reader = NULL;
	const struct rh_ledger_row row = test_row(fixture, 2);
	const struct rh_settlement settlement = {
		.id = 1,
		.state = RH_STATE_DONE,
	};
	const int64_t id = 1;
	uint64_t count;

	intend(fixture, 1);
	assert_int_equal(rh_ledger_open(&reader, fixture->folder, &test_identity, true, NULL),
			 RH_OK);
	assert_int_equal(rh_ledger_intend(reader, &row, 1, &fixture->err), RH_ESTATE);
	assert_non_null(strstr(fixture->err.message, "reading only"));
	assert_int_equal(rh_ledger_record(reader, &row, 1, NULL), RH_ESTATE);
	assert_int_equal(rh_ledger_settle(reader, &settlement, NULL), RH_ESTATE);
	assert_int_equal(rh_ledger_adopt(reader, &count, NULL), RH_ESTATE);
	assert_int_equal(rh_ledger_verify(reader, 1, RH_DRIFT_NONE, 1, NULL), RH_ESTATE);
	assert_int_equal(rh_ledger_undo_intend(reader, &id, 1, NULL), RH_ESTATE);
	assert_int_equal(rh_ledger_index(reader, NULL), RH_ESTATE);
	assert_int_equal(rh_ledger_set_fact(reader, "a", RH_STR("b"), NULL), RH_ESTATE);
	rh_ledger_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_move_from_every_state),
		TEST(test_adopt_moves_intended_rows_alone),
		TEST(test_states_that_do_not_exist_are_refused),
		cmocka_unit_test(test_names),
		TEST(test_a_row_comes_back_as_it_was_intended),
		TEST(test_what_a_first_intent_leaves_out_is_empty),
		TEST(test_a_settlement_is_kept),
		TEST(test_an_intent_again_forgets_the_last_answer),
		TEST(test_an_id_is_one_entity_for_ever),
		TEST(test_rows_that_are_not_complete),
		TEST(test_linked_rows_are_recorded),
		TEST(test_drift_keeps_when_it_was_right),
		TEST(test_settlements_wait_for_a_commit),
		TEST(test_close_commits_nothing),
		TEST(test_a_full_group_commits_itself),
		TEST(test_an_intent_takes_the_queue_along),
		TEST(test_a_refused_group_leaves_the_queue),
		TEST(test_a_refused_settlement_leaves_the_queue),
		TEST(test_a_reader_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
