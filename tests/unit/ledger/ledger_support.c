/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger in a folder of its own, rows, and the way to each state. */
#include "ledger_support.h"

#include <inttypes.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "folder.h"

const struct rh_ledger_identity test_identity = {
	.source = "here",
	.source_tenant = "file",
	.target = "there",
	.target_tenant = "tenant_1",
	.environment = "staging",
};

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->folder = test_folder_new();
	rh_arena_init(&fixture->arena, 64U * 1024 * 1024, RH_ARENA_PLAIN);
	*state = fixture;
	return rh_ledger_open(&fixture->ledger, fixture->folder, &test_identity, false,
			      &fixture->err);
}

int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	rh_ledger_close(fixture->ledger);
	rh_arena_done(&fixture->arena);
	test_folder_free(fixture->folder);
	free(fixture);
	return 0;
}

void fixture_reopen(struct fixture *fixture)
{
	rh_ledger_close(fixture->ledger);
	fixture->ledger = NULL;
	assert_int_equal(rh_ledger_open(&fixture->ledger, fixture->folder, &test_identity, false,
					&fixture->err),
			 RH_OK);
}

struct rh_ledger_row test_row(struct fixture *fixture, int64_t id)
{
	return (struct rh_ledger_row){
		.id = id,
		.kind = RH_KIND_USER,
		.verb = RH_VERB_CREATE,
		.source_id = rh_arena_printf(&fixture->arena, "user_%" PRId64, id),
		.external_id = rh_arena_printf(&fixture->arena, "user_%" PRId64, id),
		.parts_planned = RH_PART_IDENTITY | RH_PART_CREDENTIAL,
		.wire_present = 5,
		.wire = RH_STR("0123456789abcdef"),
		.record = (uint64_t)id,
		.revision = 1,
		.intended_at = TEST_NOW,
		.target_at = TEST_NOW + 1,
	};
}

void intend(struct fixture *fixture, int64_t id)
{
	struct rh_ledger_row row = test_row(fixture, id);

	assert_int_equal(rh_ledger_intend(fixture->ledger, &row, 1, &fixture->err), RH_OK);
}

void settle(struct fixture *fixture, int64_t id, enum rh_state state)
{
	const struct rh_settlement settlement = {
		.id = id,
		.state = state,
		.origin = RH_ORIGIN_CREATED,
		.target_id = state == RH_STATE_DONE
				     ? rh_arena_printf(&fixture->arena, "t_%" PRId64, id)
				     : RH_STR_ABSENT,
		.attempts = 1,
		.at = TEST_NOW + 2,
	};

	assert_int_equal(rh_ledger_settle(fixture->ledger, &settlement, &fixture->err), RH_OK);
}

void bring(struct fixture *fixture, int64_t id, enum rh_state state)
{
	bool is_undo = state == RH_STATE_UNDO_INTENDED || state == RH_STATE_UNDONE ||
		       state == RH_STATE_KEPT;

	if (state == 0) {
		return;
	}
	intend(fixture, id);
	if (state != RH_STATE_INTENDED) {
		bool is_done = is_undo || state == RH_STATE_VERIFIED;

		settle(fixture, id, is_done ? RH_STATE_DONE : state);
	}
	if (state == RH_STATE_VERIFIED) {
		assert_int_equal(rh_ledger_verify(fixture->ledger, id, RH_DRIFT_NONE, TEST_NOW + 3,
						  &fixture->err),
				 RH_OK);
	}
	if (is_undo) {
		assert_int_equal(rh_ledger_undo_intend(fixture->ledger, &id, 1, &fixture->err),
				 RH_OK);
	}
	if (state == RH_STATE_UNDONE || state == RH_STATE_KEPT) {
		assert_int_equal(rh_ledger_undo_settle(fixture->ledger, id, state, RH_STR_ABSENT,
						       TEST_NOW + 4, &fixture->err),
				 RH_OK);
	}
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(state_of(fixture, id), state);
}

enum rh_state state_of(struct fixture *fixture, int64_t id)
{
	struct rh_ledger_row row;
	int found = rh_ledger_get(fixture->ledger, id, &fixture->arena, &row, &fixture->err);

	assert_true(found >= 0);
	return found == 1 ? row.state : 0;
}

struct rh_ledger_row get_row(struct fixture *fixture, int64_t id)
{
	struct rh_ledger_row row;

	assert_int_equal(rh_ledger_get(fixture->ledger, id, &fixture->arena, &row, &fixture->err),
			 1);
	return row;
}
