/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apply: every account of the plan written once, or found to be there.
 *
 *   source --> batch of 256 or more --> intents committed --> creates fly --> outcomes settled, committed in groups
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
 *      after our intent, with our content (ledger.h, L10), and an answer to us may have been lost; else a CONFLICT,
 *      never a new decision.
 *  A4. Parts that the target refuses are left out and the account is intended again with the rest; the person
 *      is never lost to a hash.
 *  A5. Nothing is written when the inputs are not those of the plan.
 *  A6. When more fail than --max-failures allows (fuse.h) nothing more is sent; what flies is settled, and the run
 *      says how many failed of what.
 *  A7. However a run ends, it says the last id before which nothing is open, in the order of the source: everybody up
 *      to and with it is settled or left out by the plan.
 *  A8. A batch has what the target settles in half a second, but 256 accounts at least and 1,024 at most: each waits for
 *      the disk once, and what a kill leaves to be looked up is a matter of a second or two, or of 768 look-ups.
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

void rh_apply_count(struct rh_apply *apply, struct rh_str code, const char *cause)
{
	if (cause == NULL) {
		rh_fuse_pass(&apply->fuse); /* may make them enough to judge */
	} else {
		rh_fuse_fail(&apply->fuse, code, cause);
	}
	if (rh_fuse_is_blown(&apply->fuse)) {
		rh_run_drain(apply->run);
	}
}

void rh_apply_leave(struct rh_apply *apply, const struct rh_slot *slot)
{
	if (slot->ordinal < apply->first_open) {
		apply->first_open = slot->ordinal;
		rh_buf_reset(&apply->before_open);
		rh_buf_add_str(&apply->before_open, slot->previous);
	}
}

/* Only canaries are written, and the source is not read to its end (canary.c). */
static bool is_first_pass(const struct rh_apply *apply)
{
	return apply->run->canaries != NULL && apply->run->canaries->is_first;
}

static void show(const struct rh_apply *apply, bool force)
{
	uint64_t waiting = apply->filling != NULL ? apply->filling->count : 0;

	rh_run_show(apply->run, is_first_pass(apply) ? RH_PHASE_CANARY : RH_PHASE_APPLY,
		    apply->walked - apply->open - apply->put_off - waiting,
		    apply->plan->counts.total, force);
}

/* A6. */
static int too_many_failed(const struct rh_apply *apply, struct rh_err *err)
{
	const struct rh_fuse *fuse = &apply->fuse;
	rh_autobuf causes = {0};

	rh_buf_init(&causes, 2048);
	rh_fuse_add_causes(fuse, &causes);
	(void)rh_err_set(err, RH_ELIMIT,
			 "too many failures: of %" PRIu64
			 " accounts tried the target refused %" PRIu64
			 " or a part of them, more than --max-failures %s allows (%s)",
			 fuse->tried, fuse->failed, apply->run->settings->max_failures,
			 causes.ptr != NULL ? causes.ptr : "");
	rh_err_hint(err,
		    "Mend the cause and go on with the rest; --max-failures 100%% goes on whatever "
		    "comes. `rehome rejects` writes the records of those who were refused, to "
		    "try them again.");
	return RH_ELIMIT;
}

/* What ended the loop: the fuse, if it left somebody untried, or the operator. */
static int stopped(const struct rh_apply *apply, struct rh_err *err)
{
	const struct rh_run *run = apply->run;
	bool is_asked = run->stop != NULL && *run->stop > 0;

	if (is_asked) {
		return rh_err_set(err, RH_EINTERRUPTED, "interrupted");
	}
	if (rh_run_stop_level(run) > 0 && (!apply->is_read || apply->first_open != UINT64_MAX)) {
		return too_many_failed(apply, err);
	}
	return RH_OK;
}

static int loop(struct rh_apply *apply, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	int code = RH_OK;

	while (code == RH_OK && apply->code == RH_OK && (!apply->is_read || apply->open > 0)) {
		bool may_read = !apply->is_read && rh_run_stop_level(run) == 0;
		if (may_read && (apply->filling != NULL || apply->idle_count > 0)) {
			code = rh_apply_fill(apply, err);
		}
		if (code == RH_OK) {
			code = rh_run_turn(run, err);
		}
		if (code == RH_OK && apply->code == RH_OK) {
			code = rh_apply_release(apply, err);
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
	return stopped(apply, err);
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
static int check_undo(struct rh_apply *apply, struct rh_err *err)
{
	struct rh_ledger_counts rows;
	int code = rh_ledger_count(apply->run->ledger, &rows, err);

	if (code != RH_OK || rows.by_state[RH_STATE_UNDO_INTENDED] == 0) {
		apply->last_id = code == RH_OK ? rows.last_id : 0;
		return code;
	}
	(void)rh_err_set(err, RH_ESTATE, "an undo of this migration has begun");
	rh_err_hint(err, "Finish it with `rehome undo`, then apply again.");
	return RH_ESTATE;
}

static int set_fuse(struct rh_apply *apply, struct rh_err *err)
{
	const char *text = apply->run->settings->max_failures;
	struct rh_failures allowed = {.is_share = true, .limit = 100};

	if (text != NULL && !rh_failures_parse(text, &allowed)) {
		return rh_err_set(err, RH_EUSAGE, "--max-failures takes a number or a share");
	}
	rh_fuse_init(&apply->fuse, &allowed);
	return RH_OK;
}

static int begin(struct rh_apply *apply, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	uint64_t adopted;
	int code;

	if ((code = set_fuse(apply, err)) != RH_OK || (code = check_undo(apply, err)) != RH_OK ||
	    (code = make_batches(apply, err)) != RH_OK ||
	    (code = rh_exceptions_open(&apply->exceptions, run->workspace, apply->plan->revision,
				       err)) != RH_OK) {
		return code;
	}
	code = rh_exceptions_next(apply->exceptions, &apply->exception, err);
	apply->has_exception = code == 1;
	if (code < 0 ||
	    (code = rh_ledger_set_fact(run->ledger, RH_FACT_WALKED, RH_STR_ABSENT, err)) != RH_OK ||
	    (code = rh_ledger_adopt(run->ledger, &adopted, err)) != RH_OK ||
	    (code = rh_run_check_target(run, true, err)) != RH_OK) {
		return code;
	}
	return apply->plan->base > 0 ? rh_ledger_index(run->ledger, err)
				     : rh_ledger_unindex(run->ledger, err);
}

/* A7: also of accounts that nobody settled, because the run broke off. */
static void tell_settled(struct rh_apply *apply)
{
	for (size_t i = 0; i < RH_APPLY_BATCHES && apply->batches[i] != NULL; i++) {
		const struct rh_batch *batch = apply->batches[i];
		for (size_t n = 0; n < batch->count; n++) {
			if (!batch->slots[n].is_closed) {
				rh_apply_leave(apply, &batch->slots[n]);
			}
		}
	}
	if (apply->run->settled != NULL && !is_first_pass(apply)) {
		bool is_open = apply->first_open != UINT64_MAX;
		rh_buf_reset(apply->run->settled);
		rh_buf_add_str(apply->run->settled,
			       rh_buf_str(is_open ? &apply->before_open : &apply->previous));
	}
}

static void end(struct rh_apply *apply)
{
	tell_settled(apply);
	for (size_t i = 0; i < RH_APPLY_BATCHES; i++) {
		if (apply->batches[i] != NULL) {
			rh_arena_done(&apply->batches[i]->arena);
			rh_free(apply->batches[i]);
		}
	}
	rh_exceptions_close(apply->exceptions);
	rh_buf_done(&apply->previous);
	rh_buf_done(&apply->before_open);
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
	out->updated_now = apply->updated_now;
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
	apply->first_open = UINT64_MAX;
	apply->group = RH_LEDGER_GROUP;
	rh_buf_init(&apply->previous, RH_RECORD_MAX);
	rh_buf_init(&apply->before_open, RH_RECORD_MAX);
	apply->was_surveyed = plan->counts.reads > 0;
	apply->inputs = (struct rh_plan_inputs){
		.there = &apply->plan->there,
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
	if (code == RH_OK && !is_first_pass(apply)) {
		code = note_walked(apply, &own);
	}
	show(apply, true);
	concluded = conclude(apply, out, &later);
	if (code == RH_OK && !is_first_pass(apply) && !rh_plan_is_of(plan, source)) {
		code = rh_err_set(&own, RH_EMISMATCH, "the input changed while it was read");
	}
	end(apply);
	return rh_run_result(run, code, &own, concluded, &later, err);
}
