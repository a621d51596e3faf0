/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apply: every account of the plan written once, or found to be there.
 *
 *   source --> batch of 256 --> intents committed --> creates fly --> outcomes settled, committed in groups
 *
 *  A1. What the ledger says of an account decides what is done with it:
 *        no row, DEFERRED, UNDONE          intend, create
 *        UNKNOWN (INTENDED at the start)   find; not there: intend again, create; there: settle
 *        DONE, VERIFIED, KEPT, CONFLICT    nothing
 *        REJECTED                          nothing, unless what would be sent differs from then
 *        UNDO_INTENDED                     the run is refused: an undo has begun
 *  A2. A create whose answer was lost is UNKNOWN; it is looked up, after the target's read-after-write delay,
 *      and created again only when it is not there.
 *  A3. "Already there" and "address taken" are looked up too, by our external id: ours if it was created
 *      after our intent (ledger.h, L10), else a CONFLICT, never a new decision.
 *  A4. Parts that the target refuses are left out and the account is intended again with the rest; the person
 *      is never lost to a hash.
 *  A5. Nothing is written when the inputs are not those of the plan.
 *
 * Memory: BATCHES batches, whatever the number of accounts.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "base/buf.h"
#include "engine/run.h"
#include "events/events.h"

#define BATCHES 3
/* Look-ups of one UNKNOWN, and creates that followed one, before it is left to the next run. */
#define RESOLVE_MAX 3

/* Parts that may be left out singly (A4). */
#define DROPPABLE                                                                  \
	(RH_PART_CREDENTIAL | RH_PART_METADATA | RH_PART_EMAILS | RH_PART_PHONES | \
	 RH_PART_USERNAME | RH_PART_TOTP | RH_PART_BACKUP_CODES)

struct batch;

/* One account on its way. */
struct slot {
	struct apply *apply;
	struct batch *batch;
	struct rh_account account;
	struct rh_ledger_row row;
	struct rh_str idempotency;
	struct rh_str email;
	bool must_find;     /* A1: UNKNOWN at the start */
	bool after_refusal; /* A3: the look-up follows "already" or "taken" */
	struct rh_str code; /* of that refusal */
	const char *cause;
	unsigned parts_dropped;
	unsigned resolved;
};

struct batch {
	struct rh_arena arena;
	struct slot slots[RH_LEDGER_GROUP];
	size_t count;
	size_t open; /* slots not settled yet */
};

struct apply {
	struct rh_run *run;
	const struct rh_plan *plan;
	struct rh_source *source;
	struct rh_exceptions *exceptions;
	struct rh_exception exception; /* the next one */
	bool has_exception;
	struct rh_plan_inputs inputs;
	struct rh_collector collector;
	struct batch *batches[BATCHES];
	struct batch *idle[BATCHES];
	size_t idle_count;
	size_t open;
	uint64_t walked; /* accounts looked at */
	uint64_t created_now;
	bool is_read;      /* the source is at its end */
	bool was_surveyed; /* the plan asked the target (L10) */
	int code;          /* first error of a callback */
	struct rh_err err;
};

static void submit(struct apply *apply, struct slot *slot, enum rh_verb verb, int64_t delay_us);

static void fail(struct apply *apply, int code, const struct rh_err *err)
{
	if (apply->code == RH_OK) {
		apply->code = code;
		apply->err = *err;
	}
}

/* ---- events ------------------------------------------------------------------------------------------------ */

/* The address as a pseudonym, or as it is when the operator asked for it. */
static struct rh_str identifier_of(const struct rh_run *run, struct rh_str email,
				   struct rh_buf *text)
{
	uint8_t digest[8];

	if (email.ptr == NULL || run->settings->log_identifiers) {
		return email;
	}
	rh_digest_keyed(run->workspace->pseudonym_key, &email, 1, digest, sizeof(digest));
	rh_hex_encode(text, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	return rh_buf_str(text);
}

static int say(struct apply *apply, struct rh_account_event event, struct rh_str email,
	       struct rh_err *err)
{
	rh_autobuf text = {0};

	if (apply->run->events == NULL) {
		return RH_OK;
	}
	rh_buf_init(&text, 64);
	event.identifier = identifier_of(apply->run, email, &text);
	return rh_events_account(apply->run->events, &event, err);
}

static int say_exception(struct apply *apply, const struct rh_exception *exception,
			 struct rh_err *err)
{
	const struct rh_finding_info *info = rh_finding_info(exception->code);
	struct rh_account_event event = {
		.status = exception->decision == RH_DECISION_REFUSE ? RH_EVENT_FAIL
			  : exception->decision == RH_DECISION_LINK ? RH_EVENT_SUCCESS
								    : RH_EVENT_SKIPPED,
		.source_id = exception->source_id,
		.target_id = exception->target_id,
		.what = exception->decision == RH_DECISION_LINK ? "linked" : NULL,
		.code = info != NULL ? info->id : NULL,
		.error = info != NULL && exception->decision == RH_DECISION_REFUSE ? info->what
										   : NULL,
		.path = exception->path,
		.row = exception->record,
	};

	return say(apply, event, RH_STR_ABSENT, err);
}

static int say_slot(struct slot *slot, enum rh_event_status status, const char *what,
		    const char *code, const char *cause, struct rh_err *err)
{
	struct rh_account_event event = {
		.status = status,
		.source_id = slot->row.source_id,
		.target_id = slot->row.target_id,
		.what = what,
		.code = code,
		.error = cause,
		.row = slot->row.record,
	};

	return say(slot->apply, event, slot->email, err);
}

/* ---- settling ---------------------------------------------------------------------------------------------- */

static void close_slot(struct slot *slot)
{
	struct apply *apply = slot->apply;
	struct batch *batch = slot->batch;

	apply->open--;
	if (--batch->open == 0) {
		rh_arena_reset(&batch->arena);
		batch->count = 0;
		apply->idle[apply->idle_count++] = batch;
	}
}

static int settle(struct slot *slot, enum rh_state state, enum rh_origin origin, struct rh_str code,
		  struct rh_err *err)
{
	struct rh_settlement settlement = {
		.id = slot->row.id,
		.state = state,
		.origin = origin,
		.target_id = state == RH_STATE_DONE || state == RH_STATE_CONFLICT
				     ? slot->row.target_id
				     : RH_STR_ABSENT,
		.parts_sent =
			state == RH_STATE_DONE ? slot->row.parts_planned & ~slot->parts_dropped : 0,
		.parts_dropped = slot->parts_dropped,
		.attempts = slot->row.attempts,
		.code = code,
		.at = rh_run_now(slot->apply->run),
	};

	slot->row.state = state;
	return rh_ledger_settle(slot->apply->run->ledger, &settlement, err);
}

/* There, and the origin says whether by us. */
static void settle_done(struct slot *slot, enum rh_origin origin)
{
	struct apply *apply = slot->apply;
	struct rh_err err = {0};
	int code = settle(slot, RH_STATE_DONE, origin, RH_STR_ABSENT, &err);

	if (code == RH_OK) {
		apply->created_now++;
		code = say_slot(slot, RH_EVENT_SUCCESS, "created",
				slot->parts_dropped != 0 ? "RH0803" : NULL, NULL, &err);
	}
	if (code != RH_OK) {
		fail(apply, code, &err);
	}
	close_slot(slot);
}

static void settle_refused(struct slot *slot, enum rh_state state, struct rh_str code_text,
			   const char *cause)
{
	struct apply *apply = slot->apply;
	struct rh_err err = {0};
	int code = settle(slot, state, RH_ORIGIN_NONE, code_text, &err);

	if (code == RH_OK) {
		code = say_slot(slot, RH_EVENT_ERROR, rh_state_name(state), code_text.ptr, cause,
				&err);
	}
	if (code != RH_OK) {
		fail(apply, code, &err);
	}
	close_slot(slot);
}

/* Not settled in this run: UNKNOWN, or DEFERRED when it certainly was not accepted. */
static void settle_open(struct slot *slot, enum rh_state state)
{
	struct rh_err err = {0};
	int code = RH_OK;

	if (slot->row.state == RH_STATE_INTENDED || state != slot->row.state) {
		code = settle(slot, state, RH_ORIGIN_NONE, RH_STR_ABSENT, &err);
	}
	if (code != RH_OK) {
		fail(slot->apply, code, &err);
	}
	close_slot(slot);
}

/* ---- what is sent ------------------------------------------------------------------------------------------ */

/* Fills the row with what these parts would put at the target. */
static int prepare_row(struct apply *apply, struct slot *slot, const struct rh_wire *wire,
		       struct rh_str external_id, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	int code;

	slot->row.wire_present = wire->present;
	slot->row.external_id = external_id;
	code = rh_run_digest(run, wire, wire->present, &slot->batch->arena, &slot->row.wire, err);
	if (code == RH_OK) {
		code = rh_run_idempotency(run, slot->row.id, RH_VERB_CREATE, slot->row.wire,
					  &slot->batch->arena, &slot->idempotency, err);
	}
	return code;
}

/* Intends one row again (after a refused part, or a look-up that found nothing). */
static int intend_again(struct slot *slot, struct rh_err *err)
{
	struct rh_run *run = slot->apply->run;

	slot->row.state = RH_STATE_INTENDED;
	slot->row.attempts++;
	slot->row.intended_at = rh_run_now(run);
	slot->row.target_at = rh_engine_target_now(run->engine);
	return rh_ledger_intend(run->ledger, &slot->row, 1, err);
}

/* A4: the same account without the parts at fault. */
static int drop_parts(struct slot *slot, unsigned parts, struct rh_str code_text,
		      struct rh_err *err)
{
	struct apply *apply = slot->apply;
	struct rh_run *run = apply->run;
	struct rh_wire wire = {0};
	int code = settle(slot, RH_STATE_REJECTED, RH_ORIGIN_NONE, code_text, err);

	if (code != RH_OK) {
		return code;
	}
	slot->parts_dropped |= parts;
	code = run->target->to_wire(run->target_instance, &slot->account, &run->policy,
				    slot->row.parts_planned & ~slot->parts_dropped,
				    &slot->batch->arena, NULL, NULL, &wire, err);
	if (code == RH_OK) {
		code = prepare_row(apply, slot, &wire, slot->row.external_id, err);
	}
	if (code == RH_OK) {
		code = intend_again(slot, err);
	}
	if (code == RH_OK) {
		submit(apply, slot, RH_VERB_CREATE, 0);
	}
	return code;
}

/* ---- outcomes ---------------------------------------------------------------------------------------------- */

static void resolve_later(struct slot *slot)
{
	struct apply *apply = slot->apply;

	if (slot->resolved++ >= RESOLVE_MAX || rh_run_stop_level(apply->run) > 0 ||
	    apply->code != RH_OK) {
		close_slot(slot);
		return;
	}
	submit(apply, slot, RH_VERB_FIND, apply->run->target->caps.read_after_write_us);
}

static void created_unknown(struct slot *slot)
{
	struct rh_err err = {0};
	int code = settle(slot, RH_STATE_UNKNOWN, RH_ORIGIN_NONE, RH_STR_ABSENT, &err);

	if (code != RH_OK) {
		fail(slot->apply, code, &err);
	}
	resolve_later(slot);
}

static bool may_drop(const struct slot *slot, unsigned parts)
{
	bool needs_password =
		slot->apply->run->settings->require_password && (parts & RH_PART_CREDENTIAL) != 0;

	return (parts & DROPPABLE) != 0 && (parts & ~(unsigned)DROPPABLE) == 0 && !needs_password &&
	       (slot->parts_dropped & parts) == 0;
}

static struct rh_str keep_text(struct slot *slot, struct rh_str text)
{
	struct rh_str kept = RH_STR_ABSENT;

	return rh_arena_copy(&slot->batch->arena, text, &kept) ? kept : RH_STR_ABSENT;
}

static void created(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct slot *slot = context;
	const struct rh_row *row = &operation->rows[0];
	struct rh_str code_text = keep_text(slot, row->code);
	struct rh_err err = {0};

	(void)answer; /* its fate was copied into the row (C4) */
	switch (row->outcome) {
	case RH_OUTCOME_DONE:
		slot->row.target_id = keep_text(slot, row->target_id);
		settle_done(slot, RH_ORIGIN_CREATED);
		break;
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_CONFLICT:
		slot->after_refusal = true;
		slot->code = code_text;
		slot->cause = row->cause;
		submit(slot->apply, slot, RH_VERB_FIND, 0);
		break;
	case RH_OUTCOME_REJECTED:
		if (may_drop(slot, row->parts_at_fault & slot->row.parts_planned)) {
			int code = drop_parts(slot, row->parts_at_fault & slot->row.parts_planned,
					      code_text, &err);
			if (code != RH_OK) {
				fail(slot->apply, code, &err);
				close_slot(slot);
			}
		} else {
			settle_refused(slot, RH_STATE_REJECTED, code_text, row->cause);
		}
		break;
	case RH_OUTCOME_UNKNOWN:
		created_unknown(slot);
		break;
	case RH_OUTCOME_ABSENT:
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_DENIED:
		settle_open(slot, RH_STATE_DEFERRED);
		break;
	}
}

/* It is there under our external id: by us (L10), or by somebody else (A3)? */
static void found_there(struct slot *slot, const struct rh_row *row)
{
	enum rh_origin origin =
		rh_run_origin(&slot->row, row->observed.created_at, slot->apply->was_surveyed);

	slot->row.target_id = keep_text(slot, row->observed.target_id);
	if (slot->after_refusal && origin != RH_ORIGIN_CREATED) {
		settle_refused(slot, RH_STATE_CONFLICT, slot->code, slot->cause);
		return;
	}
	settle_done(slot, origin);
}

static void found(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct slot *slot = context;
	struct apply *apply = slot->apply;
	const struct rh_row *row = &operation->rows[0];
	struct rh_err err = {0};

	(void)answer;
	switch (row->outcome) {
	case RH_OUTCOME_DONE:
	case RH_OUTCOME_ALREADY:
		found_there(slot, row);
		break;
	case RH_OUTCOME_ABSENT:
		if (slot->after_refusal) {
			settle_refused(slot, RH_STATE_CONFLICT, slot->code, slot->cause);
		} else if (rh_run_stop_level(apply->run) > 0 || apply->code != RH_OK) {
			close_slot(slot); /* stays UNKNOWN: the next run looks again */
		} else if (intend_again(slot, &err) != RH_OK) {
			fail(apply, err.code, &err);
			close_slot(slot);
		} else {
			submit(apply, slot, RH_VERB_CREATE, 0);
		}
		break;
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_CONFLICT:
	case RH_OUTCOME_REJECTED:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_UNKNOWN:
	case RH_OUTCOME_DENIED:
		settle_open(slot, RH_STATE_UNKNOWN);
		break;
	}
}

static void submit(struct apply *apply, struct slot *slot, enum rh_verb verb, int64_t delay_us)
{
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = verb,
		.has_row = true,
		.row =
			{
				.account = &slot->account,
				.policy = &apply->run->policy,
				.source_id = slot->row.source_id,
				.external_id = slot->row.external_id,
				.email = slot->email,
				.parts = slot->row.parts_planned & ~slot->parts_dropped,
			},
		.idempotency = verb == RH_VERB_CREATE ? slot->idempotency : RH_STR_ABSENT,
		.delay_us = delay_us,
		.done = verb == RH_VERB_CREATE ? created : found,
		.context = slot,
	};
	struct rh_err err = {0};
	int code = rh_engine_submit(apply->run->engine, &spec, &err);

	if (code != RH_OK) {
		fail(apply, code, &err);
		settle_open(slot, verb == RH_VERB_CREATE ? RH_STATE_DEFERRED : RH_STATE_UNKNOWN);
	}
}

/* ---- filling batches --------------------------------------------------------------------------------------- */

/* The ledger's row of this account: by id while the ids are the ordinals, else by source id (plan.h, P4). */
static int look_up(struct apply *apply, const struct rh_source_item *item, struct rh_arena *arena,
		   struct rh_ledger_row *row, struct rh_err *err)
{
	struct rh_ledger *ledger = apply->run->ledger;
	int64_t id = apply->plan->base + (int64_t)item->ordinal;
	int code = 0;

	if (apply->plan->base > 0) {
		code = rh_ledger_find(ledger, RH_KIND_USER, item->account.source_id, arena, row,
				      err);
	}
	if (code == 0) {
		code = rh_ledger_get(ledger, id, arena, row, err);
	}
	if (code == 1 && !rh_str_eq(row->source_id, item->account.source_id)) {
		return rh_err_set(err, RH_EINTERNAL, "ledger row %lld belongs to another account",
				  (long long)row->id);
	}
	if (code == 0) {
		*row = (struct rh_ledger_row){.id = id};
	}
	return code;
}

/* A1. */
static int is_wanted(struct rh_ledger_row *known, struct rh_str wire, bool *wanted, bool *must_find,
		     struct rh_err *err)
{
	*wanted = false;
	*must_find = false;
	switch (known->state) {
	case RH_STATE_DONE:
	case RH_STATE_VERIFIED:
	case RH_STATE_KEPT:
	case RH_STATE_CONFLICT:
		return RH_OK;
	case RH_STATE_REJECTED:
		*wanted = !rh_str_eq(known->wire, wire) && known->parts_dropped == 0;
		return RH_OK;
	case RH_STATE_UNDO_INTENDED:
		(void)rh_err_set(err, RH_ESTATE, "an undo of this migration has begun");
		rh_err_hint(err, "Finish it with `rehome undo`, then apply again.");
		return RH_ESTATE;
	case RH_STATE_UNKNOWN:
	case RH_STATE_INTENDED:
		*must_find = true;
		*wanted = true;
		return RH_OK;
	case RH_STATE_DEFERRED:
	case RH_STATE_UNDONE:
	case RH_STATES:
		*wanted = true;
		return RH_OK;
	}
	*wanted = true; /* no row yet */
	return RH_OK;
}

static int add_slot(struct apply *apply, struct batch *batch, const struct rh_source_item *item,
		    struct rh_err *err)
{
	struct slot *slot = &batch->slots[batch->count];
	struct rh_assessed assessed;
	struct rh_ledger_row known;
	bool wanted;
	int code;

	*slot = (struct slot){.apply = apply, .batch = batch};
	code = rh_plan_assess(&apply->inputs, item, &batch->arena, &apply->collector, &assessed,
			      err);
	if (code != RH_OK) {
		return code;
	}
	if (rh_collector_refusal(&apply->collector) != NULL) {
		return rh_err_set(err, RH_EMISMATCH,
				  "an account is refused now that the plan would create");
	}
	code = look_up(apply, item, &batch->arena, &known, err);
	if (code < 0) {
		return code;
	}
	slot->account = assessed.account;
	slot->email = assessed.email;
	slot->row = (struct rh_ledger_row){
		.id = known.id,
		.kind = RH_KIND_USER,
		.verb = RH_VERB_CREATE,
		.state = RH_STATE_INTENDED,
		.source_id = item->account.source_id,
		.parts_planned = assessed.parts,
		.record = item->record,
		.file = item->file,
		.revision = apply->plan->revision,
		.attempts = known.attempts + 1,
		.intended_at = rh_run_now(apply->run),
		.target_at = rh_engine_target_now(apply->run->engine),
	};
	code = prepare_row(apply, slot, &assessed.wire, assessed.external_id, err);
	if (code == RH_OK) {
		code = is_wanted(&known, slot->row.wire, &wanted, &slot->must_find, err);
	}
	if (code != RH_OK || !wanted) {
		return code;
	}
	if (slot->must_find) {
		slot->row = known; /* what was intended then decides whether it is ours */
	}
	batch->count++;
	return RH_OK;
}

static int record_link(struct apply *apply, const struct rh_exception *exception,
		       struct rh_arena *arena, struct rh_err *err)
{
	struct rh_ledger_row known;
	struct rh_source_item item = {
		.ordinal = exception->ordinal,
		.account = {.source_id = exception->source_id},
	};
	struct rh_ledger_row row;
	int code = look_up(apply, &item, arena, &known, err);

	if (code != 0) {
		return code < 0 ? code : RH_OK; /* recorded before */
	}
	row = (struct rh_ledger_row){
		.id = known.id,
		.kind = RH_KIND_USER,
		.verb = RH_VERB_CREATE,
		.source_id = exception->source_id,
		.target_id = exception->target_id,
		.record = exception->record,
		.file = exception->file,
		.revision = apply->plan->revision,
		.intended_at = rh_run_now(apply->run),
		.settled_at = rh_run_now(apply->run),
	};
	return rh_ledger_record(apply->run->ledger, &row, 1, err);
}

/* 1: this account is an exception and dealt with; 0: it is to be created. */
static int take_exception(struct apply *apply, const struct rh_source_item *item,
			  struct rh_arena *arena, struct rh_err *err)
{
	int code = RH_OK;

	if (!apply->has_exception || apply->exception.ordinal != item->ordinal) {
		return 0;
	}
	if (apply->exception.decision == RH_DECISION_LINK) {
		code = record_link(apply, &apply->exception, arena, err);
	}
	if (code == RH_OK) {
		code = say_exception(apply, &apply->exception, err);
	}
	if (code == RH_OK) {
		code = rh_exceptions_next(apply->exceptions, &apply->exception, err);
		apply->has_exception = code == 1;
	}
	return code < 0 ? code : 1;
}

/* Reads accounts until the batch is full or the source at its end. */
static int fill(struct apply *apply, struct batch *batch, struct rh_err *err)
{
	uint64_t looked = 0;

	/* Accounts that need nothing take no slot, but the turn must come back in time. */
	while (batch->count < RH_LEDGER_GROUP && looked++ < 16UL * RH_LEDGER_GROUP) {
		struct rh_source_item item;
		int code;
		rh_collector_start(&apply->collector);
		code = rh_source_next(apply->source, &batch->arena, &apply->collector.sink, &item,
				      err);
		if (code == 0) {
			apply->is_read = true;
			return RH_OK;
		}
		if (code < 0) {
			return code;
		}
		apply->walked++;
		code = take_exception(apply, &item, &batch->arena, err);
		if (code == 0) {
			code = add_slot(apply, batch, &item, err);
		}
		if (code < 0) {
			return code;
		}
	}
	return RH_OK;
}

/* L1: all creates of the batch are committed as intents before the first is submitted. */
static int launch(struct apply *apply, struct batch *batch, struct rh_err *err)
{
	struct rh_ledger_row *rows;
	size_t count = 0;
	int code = RH_OK;

	rows = rh_arena_calloc(&batch->arena, batch->count, sizeof(*rows));
	if (rows == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < batch->count; i++) {
		if (!batch->slots[i].must_find) {
			rows[count++] = batch->slots[i].row;
		}
	}
	if (count > 0) {
		code = rh_ledger_intend(apply->run->ledger, rows, count, err);
	}
	if (code != RH_OK) {
		return code;
	}
	batch->open = batch->count;
	apply->open += batch->count;
	for (size_t i = 0; i < batch->count; i++) {
		struct slot *slot = &batch->slots[i];
		submit(apply, slot, slot->must_find ? RH_VERB_FIND : RH_VERB_CREATE, 0);
	}
	return RH_OK;
}

static int fill_and_launch(struct apply *apply, struct rh_err *err)
{
	struct batch *batch = apply->idle[apply->idle_count - 1];
	int code = fill(apply, batch, err);

	if (code != RH_OK) {
		rh_arena_reset(&batch->arena);
		batch->count = 0;
		return code;
	}
	if (batch->count == 0) {
		rh_arena_reset(&batch->arena);
		return RH_OK;
	}
	apply->idle_count--;
	return launch(apply, batch, err);
}

/* ---- the loop ---------------------------------------------------------------------------------------------- */

static int loop(struct apply *apply, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	int code = RH_OK;

	while (code == RH_OK && apply->code == RH_OK && (!apply->is_read || apply->open > 0)) {
		bool may_read = !apply->is_read && rh_run_stop_level(run) == 0;
		if (may_read && apply->idle_count > 0) {
			code = fill_and_launch(apply, err);
		}
		if (code == RH_OK && apply->open > 0) {
			code = rh_run_turn(run, err);
		}
		if (apply->open == 0 && rh_run_stop_level(run) > 0) {
			break;
		}
		rh_run_show(run, RH_PHASE_APPLY, apply->walked - apply->open,
			    apply->plan->counts.total, false);
	}
	if (code != RH_OK || apply->code != RH_OK) {
		return code != RH_OK ? code : (*err = apply->err, apply->code);
	}
	return rh_run_stop_level(run) > 0 ? rh_err_set(err, RH_EINTERRUPTED, "interrupted") : RH_OK;
}

static int begin(struct apply *apply, struct rh_err *err)
{
	struct rh_run *run = apply->run;
	uint64_t adopted;
	int code;

	for (size_t i = 0; i < BATCHES; i++) {
		apply->batches[i] = rh_calloc(1, sizeof(struct batch));
		if (apply->batches[i] == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		rh_arena_init(&apply->batches[i]->arena, RH_BATCH_MAX, RH_ARENA_WIPE);
		apply->idle[apply->idle_count++] = apply->batches[i];
	}
	if ((code = rh_exceptions_open(&apply->exceptions, run->workspace, apply->plan->revision,
				       err)) != RH_OK) {
		return code;
	}
	code = rh_exceptions_next(apply->exceptions, &apply->exception, err);
	apply->has_exception = code == 1;
	if (code < 0 || (code = rh_ledger_adopt(run->ledger, &adopted, err)) != RH_OK ||
	    (code = rh_run_probe(run, err)) != RH_OK ||
	    (code = rh_run_check_target(run, err)) != RH_OK) {
		return code;
	}
	return apply->plan->base > 0 ? rh_ledger_index(run->ledger, err)
				     : rh_ledger_unindex(run->ledger, err);
}

static void end(struct apply *apply)
{
	for (size_t i = 0; i < BATCHES; i++) {
		if (apply->batches[i] != NULL) {
			rh_arena_done(&apply->batches[i]->arena);
			rh_free(apply->batches[i]);
		}
	}
	rh_exceptions_close(apply->exceptions);
}

int rh_apply(struct rh_run *run, const struct rh_plan *plan, struct rh_source *source,
	     struct rh_run_counts *out, struct rh_err *err)
{
	struct apply *apply = rh_calloc(1, sizeof(*apply));
	struct rh_err later = {0};
	struct rh_engine_counts requests = {0};
	int code;
	int counted;

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
	code = begin(apply, err);
	if (code == RH_OK) {
		code = loop(apply, err);
	}
	rh_run_show(run, RH_PHASE_APPLY, apply->walked - apply->open, plan->counts.total, true);
	counted = rh_ledger_commit(run->ledger, &later);
	if (counted == RH_OK) {
		counted = rh_ledger_index(run->ledger, &later);
	}
	if (counted == RH_OK) {
		counted = rh_run_counts(run->ledger, plan, out, &later);
	}
	if (counted == RH_OK && run->events != NULL) {
		counted = rh_events_flush(run->events, &later);
	}
	rh_engine_count(run->engine, &requests);
	out->created_now = apply->created_now;
	out->writes = requests.writes;
	out->reads = requests.reads;
	out->throttled = requests.throttled;
	out->elapsed_us = run->clock->steady(run->clock) - run->started_at;
	if (code == RH_OK && !rh_plan_is_of(plan, source)) {
		code = rh_err_set(err, RH_EMISMATCH, "the input changed while it was read");
	}
	if (code == RH_OK && counted != RH_OK) {
		code = counted;
		if (err != NULL) {
			*err = later;
		}
	}
	end(apply);
	rh_free(apply);
	return code;
}
