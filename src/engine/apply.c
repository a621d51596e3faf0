/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apply: every account of the plan written once, or found to be there.
 *
 *   source --> batch of 256 --> intents committed --> creates fly --> outcomes settled, committed in groups
 *
 *  A1. What the ledger says of an account decides what is done with it:
 *        no row, DEFERRED, UNDONE          intend, create
 *        UNKNOWN (INTENDED at the start)   find; not there: intend again, create; there: settle
 *        DONE, VERIFIED, KEPT              nothing
 *        REJECTED, CONFLICT                nothing, unless a newer plan asks again
 *        UNDO_INTENDED                     the run is refused: an undo has begun
 *  A2. A create whose answer was lost is UNKNOWN; it is looked up, after the target's read-after-write delay,
 *      and created again only when it is not there.
 *  A3. "Already there" and "address taken" are looked up too, by our external id: ours if it was created
 *      after our intent, with our content (ledger.h, L10), else a CONFLICT, never a new decision.
 *  A4. Parts that the target refuses are left out and the account is intended again with the rest; the person
 *      is never lost to a hash.
 *  A5. Nothing is written when the inputs are not those of the plan.
 *
 * Memory: RH_APPLY_BATCHES batches, whatever the number of accounts.
 */
#include "engine/apply.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

void rh_apply_fail(struct rh_apply *apply, int code, const struct rh_err *err)
{
	if (apply->code == RH_OK) {
		apply->code = code;
		apply->err = *err;
	}
}

static void show(const struct rh_apply *apply, bool force)
{
	rh_run_show(apply->run, RH_PHASE_APPLY, apply->walked - apply->open - apply->put_off,
		    apply->plan->counts.total, force);
}

static int loop(struct rh_apply *apply, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	int code = RH_OK;

	while (code == RH_OK && apply->code == RH_OK && (!apply->is_read || apply->open > 0)) {
		bool may_read = !apply->is_read && rh_run_stop_level(run) == 0;
		if (may_read && apply->idle_count > 0) {
			code = rh_apply_fill(apply, err);
		}
		if (code == RH_OK) {
			code = rh_run_turn(run, err);
		}
		if (code == RH_OK && apply->code == RH_OK) {
			code = rh_apply_intend_again(apply, err);
		}
		if (apply->open == 0 && rh_run_stop_level(run) > 0) {
			break;
		}
		show(apply, false);
	}
	if (code != RH_OK) {
		return code;
	}
	if (apply->code != RH_OK) {
		*err = apply->err;
		return apply->code;
	}
	return rh_run_stop_level(run) > 0 ? rh_err_set(err, RH_EINTERRUPTED, "interrupted") : RH_OK;
}

static int make_batches(struct rh_apply *apply, struct rh_err *err)
{
	for (size_t i = 0; i < RH_APPLY_BATCHES; i++) {
		apply->batches[i] = rh_calloc(1, sizeof(struct rh_batch));
		if (apply->batches[i] == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		rh_arena_init(&apply->batches[i]->arena, RH_BATCH_MAX, RH_ARENA_WIPE);
		apply->idle[apply->idle_count++] = apply->batches[i];
	}
	return RH_OK;
}

/* A1: what an undo has begun to take away is not put back before it ended. */
static int check_undo(struct rh_run *run, struct rh_err *err)
{
	struct rh_ledger_counts rows;
	int code = rh_ledger_count(run->ledger, &rows, err);

	if (code != RH_OK || rows.by_state[RH_STATE_UNDO_INTENDED] == 0) {
		return code;
	}
	(void)rh_err_set(err, RH_ESTATE, "an undo of this migration has begun");
	rh_err_hint(err, "Finish it with `rehome undo`, then apply again.");
	return RH_ESTATE;
}

static int begin(struct rh_apply *apply, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	uint64_t adopted;
	int code;

	if ((code = check_undo(run, err)) != RH_OK || (code = make_batches(apply, err)) != RH_OK ||
	    (code = rh_exceptions_open(&apply->exceptions, run->workspace, apply->plan->revision,
				       err)) != RH_OK) {
		return code;
	}
	code = rh_exceptions_next(apply->exceptions, &apply->exception, err);
	apply->has_exception = code == 1;
	if (code < 0 ||
	    (code = rh_ledger_set_fact(run->ledger, RH_FACT_WALKED, RH_STR_ABSENT, err)) != RH_OK ||
	    (code = rh_ledger_adopt(run->ledger, &adopted, err)) != RH_OK ||
	    (code = rh_run_probe(run, err)) != RH_OK ||
	    (code = rh_run_check_target(run, err)) != RH_OK) {
		return code;
	}
	return apply->plan->base > 0 ? rh_ledger_index(run->ledger, err)
				     : rh_ledger_unindex(run->ledger, err);
}

static void end(struct rh_apply *apply)
{
	for (size_t i = 0; i < RH_APPLY_BATCHES; i++) {
		if (apply->batches[i] != NULL) {
			rh_arena_done(&apply->batches[i]->arena);
			rh_free(apply->batches[i]);
		}
	}
	rh_exceptions_close(apply->exceptions);
	rh_free(apply);
}

/* What is settled is made durable and counted, however the run ended. */
static int conclude(struct rh_apply *apply, struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	int code = rh_ledger_index(run->ledger, err);

	if (code == RH_OK) {
		code = rh_run_conclude(run, apply->plan, out, err);
	}
	out->created_now = apply->created_now;
	return code;
}

static int note_walked(struct rh_apply *apply, struct rh_err *err)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%" PRId64, apply->plan->revision);
	return rh_ledger_set_fact(apply->run->ledger, RH_FACT_WALKED, rh_str_from(number), err);
}

int rh_apply(struct rh_run *run, const struct rh_plan *plan, struct rh_source *source,
	     struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_apply *apply = rh_calloc(1, sizeof(*apply));
	struct rh_err own = {0};
	struct rh_err later = {0};
	int code;
	int concluded;

	if (apply == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	apply->run = run;
	apply->plan = plan;
	apply->source = source;
	apply->was_surveyed = plan->counts.reads > 0;
	apply->inputs = (struct rh_plan_inputs){
		.workspace = run->workspace,
		.settings = run->settings,
		.target = run->target,
		.target_instance = run->target_instance,
		.ledger = run->ledger,
		.policy = run->policy,
		.clock = run->clock,
	};
	code = begin(apply, &own);
	if (code == RH_OK) {
		code = loop(apply, &own);
	}
	if (code == RH_OK) {
		code = note_walked(apply, &own);
	}
	show(apply, true);
	concluded = conclude(apply, out, &later);
	if (code == RH_OK && !rh_plan_is_of(plan, source)) {
		code = rh_err_set(&own, RH_EMISMATCH, "the input changed while it was read");
	}
	end(apply);
	return rh_run_result(run, code, &own, concluded, &later, err);
}
