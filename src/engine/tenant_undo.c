/* SPDX-License-Identifier: Apache-2.0 */
/* What was created of a tenant's entities is removed, kind by kind, backwards (tenant.h, T8; undo.c has the rules). */
#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "engine/tenant_internal.h"

#define PAGE RH_LEDGER_GROUP
/* Attempts of one removal without an answer, before it is left to the next run. */
#define ATTEMPTS_MAX 3

struct undoing;

struct removal {
	struct undoing *undoing;
	struct rh_ledger_row row;
	struct rh_links links;
	unsigned attempts;
};

struct undoing {
	struct rh_run *run;
	enum rh_kind kind;
	uint64_t done; /* rows settled, of `total` */
	uint64_t total;
	bool is_noted;         /* the undo was counted (undo.c, 5) */
	struct rh_arena arena; /* of one page */
	struct removal removals[PAGE];
	int code; /* first error of a callback */
	struct rh_err err;
};

static void fail(struct undoing *undoing, int code, const struct rh_err *err)
{
	if (undoing->code == RH_OK) {
		undoing->code = code;
		undoing->err = *err;
	}
}

static bool is_kind_with_id(enum rh_kind kind)
{
	return kind == RH_KIND_ORGANIZATION;
}

static int submit(struct removal *removal, enum rh_verb verb,
		  void (*done)(void *, struct rh_operation *, const struct rh_answer *),
		  struct rh_err *err)
{
	struct undoing *undoing = removal->undoing;
	struct rh_run *run = undoing->run;
	struct rh_job_spec spec = {
		.kind = undoing->kind,
		.verb = verb,
		.has_row = true,
		.row = {.source_id = removal->row.source_id,
			.external_id = is_kind_with_id(undoing->kind) ? removal->row.external_id
								      : RH_STR_ABSENT,
			.target_id = removal->row.target_id,
			.links = &removal->links,
			.keeps_users = !run->removes_users},
		.done = done,
		.context = removal,
	};

	return rh_engine_submit(run->engine, &spec, err);
}

/* ---- 1: what is not known ------------------------------------------------------------------------------ */

static void looked_up(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct removal *removal = context;
	struct undoing *undoing = removal->undoing;
	const struct rh_row *row = &operation->rows[0];
	struct rh_settlement settlement = {.id = removal->row.id, .at = rh_run_now(undoing->run)};
	struct rh_err err = {0};
	int code;

	(void)answer;
	if (row->outcome == RH_OUTCOME_DONE) {
		settlement.state = RH_STATE_DONE;
		settlement.origin =
			rh_run_origin(undoing->run, &removal->row, &row->observed, true);
		settlement.target_id = row->observed.target_id;
	} else if (row->outcome == RH_OUTCOME_ABSENT) {
		settlement.state = RH_STATE_DEFERRED;
	} else {
		return; /* stays UNKNOWN */
	}
	code = rh_ledger_settle(undoing->run->ledger, &settlement, &err);
	if (code != RH_OK) {
		fail(undoing, code, &err);
	}
}

/* Can the target be asked with nothing but the row?  The domain, or the address, stands in no ledger. */
static bool can_look_up(const struct undoing *undoing)
{
	return undoing->run->target->ops[undoing->kind][RH_VERB_FIND] != NULL &&
	       undoing->kind != RH_KIND_DOMAIN && undoing->kind != RH_KIND_INVITATION;
}

/* ---- removing ---------------------------------------------------------------------------------------------- */

static void settle(struct removal *removal, enum rh_state state, struct rh_str code_text)
{
	struct undoing *undoing = removal->undoing;
	struct rh_err err = {0};
	int code = rh_ledger_undo_settle(undoing->run->ledger, removal->row.id, state, code_text,
					 rh_run_now(undoing->run), &err);

	rh_run_show(undoing->run, RH_PHASE_ENTITIES, ++undoing->done, undoing->total, false);
	if (code != RH_OK) {
		fail(undoing, code, &err);
	}
}

static void removed(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct removal *removal = context;
	struct undoing *undoing = removal->undoing;
	const struct rh_row *row = &operation->rows[0];
	struct rh_err err = {0};
	int code = RH_OK;

	(void)answer;
	if (row->outcome == RH_OUTCOME_DONE || row->outcome == RH_OUTCOME_ABSENT) {
		settle(removal, RH_STATE_UNDONE, RH_STR_ABSENT);
	} else if (row->outcome == RH_OUTCOME_CONFLICT || row->outcome == RH_OUTCOME_REJECTED) {
		settle(removal, RH_STATE_KEPT, row->code);
	} else if (row->outcome == RH_OUTCOME_UNKNOWN && ++removal->attempts < ATTEMPTS_MAX &&
		   rh_run_stop_level(undoing->run) == 0 && undoing->code == RH_OK) {
		code = submit(removal, RH_VERB_REMOVE, removed, &err);
	} /* else it stays UNDO_INTENDED: the next run asks again */
	if (code != RH_OK) {
		fail(undoing, code, &err);
	}
}

static int remove_one(struct removal *removal, struct rh_err *err)
{
	struct undoing *undoing = removal->undoing;

	if (undoing->run->target->ops[undoing->kind][RH_VERB_REMOVE] == NULL) {
		settle(removal, RH_STATE_KEPT, RH_STR(RH_CODE_NO_REMOVAL));
		return RH_OK;
	}
	return submit(removal, RH_VERB_REMOVE, removed, err);
}

/* L1: the intents of a page are committed before its first request. */
static int intend(struct undoing *undoing, size_t count, struct rh_err *err)
{
	int64_t ids[PAGE];
	int code = RH_OK;

	if (count == 0) {
		return RH_OK;
	}
	if (!undoing->is_noted) {
		code = rh_run_note_undo(undoing->run, err);
		undoing->is_noted = true;
	}
	for (size_t i = 0; i < count; i++) {
		ids[i] = undoing->removals[i].row.id;
	}
	return code == RH_OK ? rh_ledger_undo_intend(undoing->run->ledger, ids, count, err) : code;
}

/* ---- pages ---------------------------------------------------------------------------------------------------- */

static int finish(struct undoing *undoing, struct rh_err *err)
{
	int code = rh_run_finish(undoing->run, err);

	if (code == RH_OK && undoing->code != RH_OK) {
		*err = undoing->err;
		code = undoing->code;
	}
	if (code == RH_OK && rh_run_stop_level(undoing->run) > 0) {
		code = rh_err_set(err, RH_EINTERRUPTED, "interrupted");
	}
	return code;
}

static int page_of(struct undoing *undoing, struct rh_ledger_pick *pick, bool removes,
		   size_t *count_out, struct rh_err *err)
{
	struct rh_ledger *ledger = undoing->run->ledger;
	struct rh_ledger_row *rows;
	size_t wanted = 0;
	int code;

	rh_arena_reset(&undoing->arena);
	rows = rh_arena_calloc(&undoing->arena, PAGE, sizeof(*rows));
	if (rows == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_ledger_page_entities(ledger, pick, &undoing->arena, rows, count_out, err);
	for (size_t i = 0; i < *count_out && code == RH_OK; i++) {
		pick->after = rows[i].id;
		if (removes && rows[i].origin != RH_ORIGIN_CREATED) {
			continue;
		}
		undoing->removals[wanted] = (struct removal){.undoing = undoing, .row = rows[i]};
		code = rh_tenant_links_of(ledger, &rows[i], &undoing->arena,
					  &undoing->removals[wanted].links, err);
		wanted++;
	}
	if (code == RH_OK && removes) {
		code = intend(undoing, wanted, err);
	}
	for (size_t i = 0; i < wanted && code == RH_OK; i++) {
		code = removes ? remove_one(&undoing->removals[i], err)
			       : submit(&undoing->removals[i], RH_VERB_FIND, looked_up, err);
	}
	return code == RH_OK ? finish(undoing, err) : code;
}

static int all_pages(struct undoing *undoing, unsigned states, bool removes, struct rh_err *err)
{
	struct rh_ledger_pick pick = {.kind = undoing->kind, .states = states, .max = PAGE};
	size_t count = PAGE;
	int code = RH_OK;

	while (code == RH_OK && count == PAGE) {
		code = page_of(undoing, &pick, removes, &count, err);
	}
	return code == RH_OK ? rh_ledger_commit(undoing->run->ledger, err) : code;
}

static int undo_kind(struct undoing *undoing, struct rh_err *err)
{
	const unsigned there =
		1U << RH_STATE_DONE | 1U << RH_STATE_VERIFIED | 1U << RH_STATE_UNDO_INTENDED;
	int code = RH_OK;

	if (can_look_up(undoing)) {
		code = all_pages(undoing, 1U << RH_STATE_UNKNOWN, false, err);
	}
	return code == RH_OK ? all_pages(undoing, there, true, err) : code;
}

static int undo_kinds(struct undoing *undoing, const enum rh_kind *kinds, size_t count,
		      struct rh_err *err)
{
	struct rh_ledger *ledger = undoing->run->ledger;
	uint64_t adopted;
	int code = rh_ledger_adopt(ledger, &adopted, err);

	if (code == RH_OK) {
		code = rh_run_check_target(undoing->run, true, err);
	}
	if (code == RH_OK) {
		code = rh_ledger_index(ledger, err);
	}
	for (size_t i = count; i > 0 && code == RH_OK; i--) {
		undoing->kind = kinds[i - 1];
		code = undo_kind(undoing, err);
	}
	return code;
}

int rh_tenant_undo(struct rh_run *run, enum rh_tenant_half half, struct rh_err *err)
{
	const enum rh_kind *kinds;
	size_t count = rh_tenant_half_kinds(half, &kinds);
	struct rh_ledger_kind_counts counts[RH_KINDS];
	struct undoing *undoing;
	uint64_t rows = 0;
	uint64_t removable = 0;
	int code = rh_ledger_count_entities(run->ledger, counts, err);

	for (size_t i = 0; i < count && code == RH_OK; i++) {
		rows += counts[kinds[i]].total;
		removable += counts[kinds[i]].created +
			     counts[kinds[i]].by_state[RH_STATE_UNDO_INTENDED];
	}
	if (code != RH_OK || rows == 0) {
		return code;
	}
	undoing = rh_calloc(1, sizeof(*undoing));
	if (undoing == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	undoing->run = run;
	undoing->total = removable;
	rh_arena_init(&undoing->arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	code = undo_kinds(undoing, kinds, count, err);
	rh_arena_done(&undoing->arena);
	rh_free(undoing);
	return code;
}
