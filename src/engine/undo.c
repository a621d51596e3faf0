/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo: what this migration created is removed, and nothing else.
 *
 *  1. Rows whose fate is not known (UNKNOWN, INTENDED) are looked up first: what is there and ours becomes
 *     DONE and is removed with the rest.  So are updates of accounts that are not ours which ended in REJECTED or
 *     CONFLICT though a request of theirs may have arrived (ledger.h, L11): where something of it stands there, 6
 *     takes it back, or keeps and tells it.
 *  2. Only rows with origin `created` are removed; the others are counted as kept and stay as they are.
 *  3. A removal reads the account back first and refuses when another external id stands there: KEPT.
 *  4. The intent is committed before the request (L1); a removal without answer is asked again, since what is
 *     gone is simply absent.  A killed undo goes on where it stopped.
 *  5. Before the first removal the undo is counted in the ledger: what is created again later has other
 *     idempotency keys, which the target cannot answer with the account that is gone.
 *  6. What an update replaced in an account that was there before is put back from the before-image, the newest
 *     update first, as far as the account stands there as the update left it.  What somebody has changed since
 *     stays: KEPT.  What is back already needs no write.  Accounts are put back before others are removed.
 *  7. A credential is never put back: no update of ours touches one of an account that is not ours.
 *  8. An update of an account that we created goes with the account: UNDONE when it is removed, KEPT when it stays.
 *  9. Who has signed in since (or was active) stays: KEPT, with the code "in_use", unless the undo is told to remove them,
 *     too; such an undo also removes those that an earlier one kept for it.  A sign-in of our own proofs is none.
 */
#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/prove.h"
#include "engine/undo_restore.h"

#define PAGE RH_LEDGER_GROUP
/* Attempts of one removal without an answer, before it is left to the next run. */
#define ATTEMPTS_MAX 3

struct undo;

struct removal {
	struct undo *undo;
	struct rh_ledger_row row;
	unsigned attempts;
	rh_time ours; /* 9: until when a sign-in is that of our own proof */
};

struct undo {
	struct rh_run *run;
	int64_t revision; /* that was_surveyed was asked about last; 0: none */
	bool is_surveyed;
	struct rh_arena arena; /* of one page */
	struct removal removals[PAGE];
	int64_t arrived[PAGE]; /* updates of one page, of which something stands there, or may */
	size_t arrived_count;
	uint64_t done;
	uint64_t total;
	int code;
	struct rh_err err;
};

static void fail(struct undo *undo, int code, const struct rh_err *err)
{
	if (undo->code == RH_OK) {
		undo->code = code;
		undo->err = *err;
	}
}

/* Ends a turn's work on a page: waits for all, passes the first error of a callback on. */
static int finish_page(struct undo *undo, struct rh_err *err)
{
	int code = RH_OK;

	while (code == RH_OK && undo->code == RH_OK && rh_engine_open(undo->run->engine) > 0) {
		code = rh_run_turn(undo->run, err);
		rh_run_show(undo->run, RH_PHASE_UNDO, undo->done, undo->total, false);
	}
	if (code == RH_OK && undo->code != RH_OK) {
		code = undo->code;
		if (err != NULL) {
			*err = undo->err;
		}
	}
	return code;
}

/* How long a find may still miss what the row's create made. */
static int64_t find_delay(const struct removal *removal)
{
	const struct rh_run *run = removal->undo->run;
	int64_t lag = run->target->caps.read_after_write_us;
	int64_t age = rh_run_now(run) - removal->row.intended_at;

	return age >= 0 && age < lag ? lag - age : 0;
}

static struct rh_job_spec spec_for(struct removal *removal, enum rh_verb verb,
				   void (*done)(void *, struct rh_operation *,
						const struct rh_answer *))
{
	const struct rh_ledger_row *row = &removal->row;

	return (struct rh_job_spec){
		.delay_us = verb == RH_VERB_REMOVE ? 0 : find_delay(removal),
		.kind = row->kind,
		.verb = verb,
		.has_row = true,
		.row = {.source_id = row->source_id,
			.external_id = row->external_id,
			.keeps_users = verb == RH_VERB_REMOVE && !removal->undo->run->removes_users,
			.keeps_after = removal->ours,
			/* by the target's clock, as its last_active_at is */
			.made_at = row->target_at != 0 ? row->target_at : row->intended_at,
			.target_id = row->target_id},
		.done = done,
		.context = removal,
	};
}

/* ---- 1: what is not known -------------------------------------------------------------------- */

/* Did the plan that wanted this row ask the target (L10)?  One that cannot be read did not. */
static bool was_surveyed(struct undo *undo, int64_t revision)
{
	struct rh_plan plan = {0};

	if (revision != undo->revision) {
		undo->revision = revision;
		undo->is_surveyed =
			rh_plan_load(undo->run->workspace, revision, &plan, NULL) == RH_OK &&
			plan.counts.reads > 0;
		rh_plan_done(&plan);
	}
	return undo->is_surveyed;
}

static void looked_up(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct removal *removal = context;
	struct undo *undo = removal->undo;
	const struct rh_row *row = &operation->rows[0];
	struct rh_settlement settlement = {.id = removal->row.id, .at = rh_run_now(undo->run)};
	struct rh_err err = {0};
	int code;

	(void)answer;
	if (row->outcome == RH_OUTCOME_DONE) {
		settlement.state = RH_STATE_DONE;
		settlement.origin = rh_run_origin(undo->run, &removal->row, &row->observed,
						  was_surveyed(undo, removal->row.revision));
		settlement.target_id = row->observed.target_id;
	} else if (row->outcome == RH_OUTCOME_ABSENT) {
		settlement.state = RH_STATE_DEFERRED;
	} else {
		return; /* stays UNKNOWN: listed at the end */
	}
	code = rh_ledger_settle(undo->run->ledger, &settlement, &err);
	if (code != RH_OK) {
		fail(undo, code, &err);
	}
}

/* An update: nothing of it is there, or something (and perhaps changed since, which 6 finds out). */
static int update_looked_up(struct undo *undo, const struct rh_ledger_row *update,
			    const struct rh_row *row, struct rh_err *err)
{
	const struct rh_wire *wire = &row->observed.wire;
	struct rh_settlement settlement = {.id = update->id, .at = rh_run_now(undo->run)};
	struct rh_ledger_row account = {0};
	bool was_written = false;
	int code = rh_ledger_get(undo->run->ledger, update->parent, &undo->arena, &account, err);

	if (code >= 0 && row->outcome == RH_OUTCOME_DONE) {
		code = rh_undo_was_written(undo->run, update, wire, &undo->arena, &was_written,
					   err);
	}
	if (code >= 0 && update->state != RH_STATE_UNKNOWN) {
		undo->arrived[undo->arrived_count] = update->id;
		undo->arrived_count += was_written ? 1 : 0;
		return RH_OK;
	}
	settlement.state = was_written ? RH_STATE_DONE : RH_STATE_DEFERRED;
	settlement.origin = account.origin;
	settlement.absorbs = was_written && rh_wire_is(undo->run->workspace, wire,
						       update->wire_present, update->wire);
	return code < 0 ? code : rh_ledger_settle(undo->run->ledger, &settlement, err);
}

static void looked_up_update(void *context, struct rh_operation *operation,
			     const struct rh_answer *answer)
{
	struct removal *removal = context;
	struct undo *undo = removal->undo;
	const struct rh_row *row = &operation->rows[0];
	struct rh_err err = {0};
	int code = RH_OK;

	(void)answer;
	if (row->outcome == RH_OUTCOME_DONE || row->outcome == RH_OUTCOME_ABSENT) {
		code = update_looked_up(undo, &removal->row, row, &err);
	} else if (removal->row.state != RH_STATE_UNKNOWN) {
		undo->arrived[undo->arrived_count++] = removal->row.id; /* 6 asks again */
	} /* else it stays UNKNOWN: listed at the end */
	if (code != RH_OK) {
		fail(undo, code, &err);
	}
}

/* ---- 2 to 4: removing ------------------------------------------------------------------------ */

static void settle(struct removal *removal, enum rh_state state, struct rh_str code_text,
		   const char *cause)
{
	struct undo *undo = removal->undo;
	struct rh_err err = {0};
	int code = rh_ledger_undo_settle(undo->run->ledger, removal->row.id, state, code_text,
					 rh_run_now(undo->run), &err);

	undo->done++;
	if (code == RH_OK && state != RH_STATE_UNDO_INTENDED) {
		code = rh_undo_say(undo->run, &removal->row, state, cause, &err);
	}
	if (code != RH_OK) {
		fail(undo, code, &err);
	}
}

static void removed(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct removal *removal = context;
	struct undo *undo = removal->undo;
	const struct rh_row *row = &operation->rows[0];
	struct rh_job_spec again = spec_for(removal, RH_VERB_REMOVE, removed);
	struct rh_err err = {0};
	int code;

	(void)answer;
	switch (row->outcome) {
	case RH_OUTCOME_DONE:
	case RH_OUTCOME_ABSENT:
		settle(removal, RH_STATE_UNDONE, RH_STR_ABSENT, NULL);
		break;
	case RH_OUTCOME_CONFLICT:
	case RH_OUTCOME_REJECTED:
		settle(removal, RH_STATE_KEPT, row->code, row->cause);
		break;
	case RH_OUTCOME_UNKNOWN:
		if (++removal->attempts < ATTEMPTS_MAX && rh_run_stop_level(undo->run) == 0 &&
		    undo->code == RH_OK) {
			code = rh_engine_submit(undo->run->engine, &again, &err);
			if (code != RH_OK) {
				fail(undo, code, &err);
			}
		}
		break;
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_DENIED:
		break; /* stays UNDO_INTENDED: the next run asks again */
	}
}

static struct rh_job_spec first_spec(struct removal *removal, enum rh_verb verb)
{
	if (verb == RH_VERB_REMOVE) {
		return spec_for(removal, verb, removed);
	}
	return removal->row.verb == RH_VERB_UPDATE
		       ? spec_for(removal, RH_VERB_GET, looked_up_update)
		       : spec_for(removal, RH_VERB_FIND, looked_up);
}

/* Is this row of a page with `verb` asked for? */
static int is_wanted(struct undo *undo, const struct rh_ledger_row *row, enum rh_verb verb,
		     bool *out, struct rh_err *err)
{
	struct rh_ledger_row account;
	int code = RH_OK;

	*out = verb == RH_VERB_FIND;
	if (verb == RH_VERB_REMOVE) {
		*out = row->verb != RH_VERB_UPDATE && row->origin == RH_ORIGIN_CREATED;
	} else if (verb == RH_VERB_GET && row->verb == RH_VERB_UPDATE &&
		   rh_ledger_row_may_be_sent(row)) {
		code = rh_ledger_get(undo->run->ledger, row->parent, &undo->arena, &account, err);
		/* 8: the others go with their accounts */
		*out = code == 1 && account.origin != RH_ORIGIN_CREATED &&
		       (account.state == RH_STATE_DONE || account.state == RH_STATE_VERIFIED);
	}
	return code < 0 ? code : RH_OK;
}

/* 9. */
static int note_ours(struct undo *undo, struct removal *removal, struct rh_err *err)
{
	rh_time at = 0;
	int code = rh_prove_noted(undo->run->ledger, removal->row.id, &undo->arena, &at, err);

	removal->ours = at != 0 ? at + RH_PROOF_TAKES_US : 0;
	return code;
}

/* One page of rows in these states, each given to `verb`; *after moves on; *count_out < PAGE at the end. */
static int page_of(struct undo *undo, unsigned states, enum rh_verb verb, int64_t *after,
		   size_t *count_out, struct rh_err *err)
{
	struct rh_ledger *ledger = undo->run->ledger;
	struct rh_ledger_row *rows;
	int64_t ids[PAGE];
	size_t wanted = 0;
	int code;

	rh_arena_reset(&undo->arena);
	rows = rh_arena_calloc(&undo->arena, PAGE, sizeof(*rows));
	if (rows == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_ledger_page(ledger, states, *after, PAGE, &undo->arena, rows, count_out, err);
	for (size_t i = 0; i < *count_out && code == RH_OK; i++) {
		bool wants = false;
		*after = rows[i].id;
		code = is_wanted(undo, &rows[i], verb, &wants, err);
		if (wants) {
			undo->removals[wanted] = (struct removal){.undo = undo, .row = rows[i]};
			code = verb == RH_VERB_REMOVE
				       ? note_ours(undo, &undo->removals[wanted], err)
				       : code;
			ids[wanted++] = rows[i].id;
		}
	}
	if (code == RH_OK && verb == RH_VERB_REMOVE && wanted > 0) {
		code = rh_ledger_undo_intend(ledger, ids, wanted, err);
	}
	for (size_t i = 0; i < wanted && code == RH_OK; i++) {
		struct rh_job_spec spec = first_spec(&undo->removals[i], verb);
		code = rh_engine_submit(undo->run->engine, &spec, err);
	}
	return code == RH_OK ? finish_page(undo, err) : code;
}

/* 1: the intents of what arrived, so that 6 finds it. */
static int intend_arrived(struct undo *undo, struct rh_err *err)
{
	size_t count = undo->arrived_count;

	undo->arrived_count = 0;
	return count > 0 ? rh_ledger_undo_intend(undo->run->ledger, undo->arrived, count, err)
			 : RH_OK;
}

static int all_pages(struct undo *undo, unsigned states, enum rh_verb verb, struct rh_err *err)
{
	int64_t after = 0;
	size_t count = PAGE;
	int code = RH_OK;

	while (code == RH_OK && count == PAGE) {
		code = page_of(undo, states, verb, &after, &count, err);
		if (code == RH_OK) {
			code = intend_arrived(undo, err);
		}
		if (code == RH_OK && rh_run_stop_level(undo->run) > 0) {
			code = rh_err_set(err, RH_EINTERRUPTED, "interrupted");
		}
	}
	return code;
}

/* 9: those that an earlier undo kept because they are in use are to be removed now. */
static int reopen(struct undo *undo, struct rh_err *err)
{
	struct rh_ledger_row *rows;
	int64_t ids[PAGE];
	int64_t after = 0;
	size_t count = PAGE;
	int code = RH_OK;

	while (code == RH_OK && count == PAGE) {
		size_t wanted = 0;
		rh_arena_reset(&undo->arena);
		rows = rh_arena_calloc(&undo->arena, PAGE, sizeof(*rows));
		if (rows == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		code = rh_ledger_page(undo->run->ledger, 1U << RH_STATE_KEPT, after, PAGE,
				      &undo->arena, rows, &count, err);
		for (size_t i = 0; i < count && code == RH_OK; i++) {
			after = rows[i].id;
			if (rows[i].verb != RH_VERB_UPDATE &&
			    rh_str_is(rows[i].code, RH_CODE_IN_USE)) {
				ids[wanted++] = rows[i].id;
			}
		}
		if (code == RH_OK && wanted > 0) {
			code = rh_ledger_undo_intend(undo->run->ledger, ids, wanted, err);
		}
	}
	return code;
}

static int undo_all(struct undo *undo, struct rh_err *err)
{
	const unsigned there =
		(1U << RH_STATE_DONE) | (1U << RH_STATE_VERIFIED) | (1U << RH_STATE_UNDO_INTENDED);
	struct rh_run *run = undo->run;
	struct rh_ledger_counts rows;
	uint64_t adopted;
	int code = rh_ledger_adopt(run->ledger, &adopted, err);

	if (code == RH_OK) {
		code = rh_run_check_target(run, true, err);
	}
	if (code == RH_OK) {
		code = all_pages(undo, 1U << RH_STATE_UNKNOWN, RH_VERB_FIND, err);
	}
	if (code == RH_OK) {
		code = all_pages(undo, (1U << RH_STATE_REJECTED) | (1U << RH_STATE_CONFLICT),
				 RH_VERB_GET, err);
	}
	if (code == RH_OK) {
		code = rh_ledger_commit(run->ledger, err);
	}
	if (code == RH_OK && run->removes_users) {
		code = reopen(undo, err);
	}
	if (code == RH_OK) {
		code = rh_ledger_count(run->ledger, &rows, err);
	}
	if (code != RH_OK) {
		return code;
	}
	undo->total = rows.created + rows.updates_to_undo + rows.by_state[RH_STATE_UNDO_INTENDED] -
		      rows.updates_undo_open;
	if (undo->total == 0) {
		return RH_OK;
	}
	if ((code = rh_run_note_undo(run, err)) != RH_OK ||
	    (code = rh_undo_restore(run, &undo->done, undo->total, err)) != RH_OK ||
	    (code = all_pages(undo, there, RH_VERB_REMOVE, err)) != RH_OK) {
		return code;
	}
	code = rh_ledger_commit(run->ledger, err);
	return code == RH_OK ? rh_undo_follow(run, err) : code;
}

/* What an undo leaves; what was never accepted needs none. */
static int conclude(struct undo *undo, struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_ledger_counts rows = {0};
	int code = rh_run_conclude(undo->run, NULL, out, err);

	if (code == RH_OK) {
		code = rh_ledger_count(undo->run->ledger, &rows, err);
	}
	/* Kept: what changed hands, and what nobody can prove to be ours. */
	out->kept = rows.by_state[RH_STATE_KEPT] + rows.unsure + rows.adopted;
	out->deferred = 0;
	out->rejected = 0;
	out->conflicts = 0;
	out->partial = 0;
	return code;
}

int rh_undo(struct rh_run *run, struct rh_run_counts *out, struct rh_err *err)
{
	struct undo *undo = rh_calloc(1, sizeof(*undo));
	struct rh_err own = {0};
	struct rh_err later = {0};
	int code;
	int concluded;

	if (undo == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	undo->run = run;
	rh_arena_init(&undo->arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	code = undo_all(undo, &own);
	rh_run_show(run, RH_PHASE_UNDO, undo->done, undo->total, true);
	concluded = conclude(undo, out, &later);
	rh_arena_done(&undo->arena);
	rh_free(undo);
	return rh_run_result(run, code, &own, concluded, &later, err);
}
