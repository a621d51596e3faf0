/* SPDX-License-Identifier: Apache-2.0 */
/* From the source to batches: what the ledger and the plan say of each account, and the intents. */
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "engine/apply.h"

/* Accounts that need nothing take no slot, but the loop must come round in time: at once, and while others fly. */
#define LOOKED_MAX (16U * RH_LEDGER_GROUP)
#define LOOKED_BESIDE 32U
/* One record takes up to a second where a program of the mapping has it (jq.h, J2). */
#define LOOKED_US (50 * RH_MILLISECOND)
/* Neither must large records fill the memory of a batch. */
#define BATCH_BYTES (RH_BATCH_MAX / 4)
/* A batch is what the target settles in this time (A8). */
#define GROUP_US (UINT64_C(500) * RH_MILLISECOND)

/* By id while the ids are the ordinals, else by source id (plan.h, P4). */
int rh_apply_look_up(struct rh_apply *apply, uint64_t ordinal, struct rh_str source_id,
		     struct rh_arena *arena, struct rh_ledger_row *row, struct rh_err *err)
{
	struct rh_ledger *ledger = apply->run->ledger;
	int64_t id = apply->plan->base + (int64_t)ordinal;
	int code = 0;

	if (apply->plan->base > 0) {
		code = rh_ledger_find(ledger, RH_KIND_USER, source_id, arena, row, err);
	}
	/* Rows that this walk makes are of accounts walked before. */
	if (code == 0 && id <= apply->last_id) {
		code = rh_ledger_get(ledger, id, arena, row, err);
	}
	if (code == 1 && !rh_str_eq(row->source_id, source_id)) {
		return rh_err_set(err, RH_EINTERNAL, "ledger row %lld belongs to another account",
				  (long long)row->id);
	}
	if (code == 0) {
		*row = (struct rh_ledger_row){.id = id};
	}
	return code;
}

/* A1. */
enum rh_wanted rh_apply_wanted(const struct rh_apply *apply, const struct rh_ledger_row *known)
{
	switch (known->state) {
	case RH_STATE_DONE:
	case RH_STATE_VERIFIED:
	case RH_STATE_KEPT:
	case RH_STATE_UNDO_INTENDED: /* not while there is one: the run was refused */
		return RH_WANTED_NOTHING;
	case RH_STATE_REJECTED:
	case RH_STATE_CONFLICT:
		return known->revision != apply->plan->revision ? RH_WANTED_SEND
								: RH_WANTED_NOTHING;
	case RH_STATE_UNKNOWN:
	case RH_STATE_INTENDED:
		return RH_WANTED_LOOK;
	case RH_STATE_DEFERRED:
	case RH_STATE_UNDONE:
	case RH_STATES:
		break;
	}
	return RH_WANTED_SEND; /* also without a row */
}

/* What was intended then decides whether what is found is ours, and where it is looked for. */
static void take_over(struct rh_slot *slot, const struct rh_ledger_row *known)
{
	slot->row.state = known->state;
	slot->row.external_id = known->external_id;
	slot->row.attempts = known->attempts;
	slot->row.intended_at = known->intended_at;
	slot->row.target_at = known->target_at;
	slot->row.settled_at = known->settled_at;
	slot->parts = known->parts_planned & ~(known->parts_dropped | RH_PART_EXTRAS);
	slot->sent_present = known->wire_present;
	slot->sent_wire = known->wire;
}

/* What the create itself brings. */
static int prepare(struct rh_slot *slot, const struct rh_assessed *assessed, struct rh_err *err)
{
	struct rh_wire wire;
	int code;

	if ((assessed->parts & RH_PART_EXTRAS) == 0) {
		return rh_slot_prepare(slot, &assessed->wire, slot->parts, err);
	}
	code = rh_plan_without(&slot->apply->inputs, assessed, RH_PART_EXTRAS, &slot->batch->arena,
			       &wire, err);
	return code == RH_OK ? rh_slot_prepare(slot, &wire, slot->parts, err) : code;
}

static int fill_slot(struct rh_slot *slot, const struct rh_source_item *item,
		     const struct rh_assessed *assessed, const struct rh_ledger_row *known,
		     struct rh_err *err)
{
	struct rh_apply *apply = slot->apply;
	int code;

	slot->account = assessed->account;
	slot->email = assessed->email;
	slot->external_id = assessed->external_id;
	slot->parts = assessed->parts & ~(unsigned)RH_PART_EXTRAS;
	slot->row = (struct rh_ledger_row){
		.id = known->id,
		.kind = RH_KIND_USER,
		.verb = RH_VERB_CREATE,
		.state = RH_STATE_INTENDED,
		.source_id = item->account.source_id,
		.external_id = assessed->external_id,
		.parts_planned = assessed->parts,
		.record = item->record,
		.file = item->file,
		.revision = apply->plan->revision,
		.attempts = known->attempts + 1,
		.intended_at = rh_run_now(apply->run),
		.target_at = rh_engine_target_now(apply->run->engine),
	};
	code = prepare(slot, assessed, err);
	if (code == RH_OK) {
		code = rh_credential_digest(apply->run->workspace, &assessed->account,
					    assessed->parts, &slot->batch->arena,
					    &slot->row.credential, err);
	}
	slot->sent_present = slot->row.wire_present;
	slot->sent_wire = slot->row.wire;
	if (code == RH_OK && slot->must_find) {
		take_over(slot, known);
	}
	return code;
}

int rh_apply_turn(struct rh_apply *apply, const struct rh_assessed *assessed, int64_t row,
		  enum rh_turn *out, struct rh_err *err)
{
	const struct rh_canaries *canaries = apply->run->canaries;
	enum rh_scheme scheme = assessed->account.credential.scheme;
	struct rh_proof *proof;
	bool is_uncertain;
	int code;

	*out = RH_TURN_NOW;
	if (canaries == NULL) {
		return RH_OK;
	}
	is_uncertain = rh_collector_has(&apply->collector, RH_FINDING_HASH_UNPROVEN);
	if (!canaries->is_first) {
		*out = is_uncertain && rh_canaries_hold(canaries, scheme) ? RH_TURN_HELD
									  : RH_TURN_NOW;
		return RH_OK;
	}
	if (!is_uncertain) {
		*out = RH_TURN_NOT;
		return RH_OK;
	}
	proof = rh_proofs_of(apply->run->proofs, assessed->account.source_id, assessed->email);
	code = rh_canaries_take(apply->run, apply->plan, scheme, proof, row, err);
	*out = code == 1 ? RH_TURN_NOW : RH_TURN_NOT;
	return code < 0 ? code : RH_OK;
}

bool rh_apply_skips(struct rh_apply *apply, const struct rh_slot *slot, enum rh_turn turn)
{
	if (turn == RH_TURN_HELD && slot->must_find) {
		apply->put_off++;
		rh_apply_leave(apply, slot);
		return true;
	}
	return turn == RH_TURN_NOT;
}

static int add_slot(struct rh_apply *apply, struct rh_batch *batch,
		    const struct rh_source_item *item, struct rh_err *err)
{
	struct rh_slot *slot = &batch->slots[batch->count];
	struct rh_assessed assessed RH_UNCLEARED;
	struct rh_ledger_row known;
	enum rh_wanted wanted;
	enum rh_turn turn;
	int code;

	code = rh_apply_look_up(apply, item->ordinal, item->account.source_id, &batch->arena,
				&known, err);
	if (code < 0) {
		return code;
	}
	wanted = rh_apply_wanted(apply, &known);
	if (wanted == RH_WANTED_NOTHING) {
		return rh_apply_add_rest(apply, batch, item, &known, err);
	}
	*slot = (struct rh_slot){
		.apply = apply,
		.batch = batch,
		.ordinal = item->ordinal,
		.must_find = wanted == RH_WANTED_LOOK,
	};
	if (!rh_arena_copy(&batch->arena, rh_buf_str(&apply->previous), &slot->previous)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_plan_assess(&apply->inputs, item, &batch->arena, &apply->collector, &assessed,
			      err);
	if (code != RH_OK) {
		return code;
	}
	if (rh_collector_refusal(&apply->collector) != NULL) {
		return rh_err_set(err, RH_EMISMATCH,
				  "an account is refused now that the plan would create");
	}
	code = rh_apply_turn(apply, &assessed, known.id, &turn, err);
	if (code != RH_OK) {
		return code;
	}
	if (rh_apply_skips(apply, slot, turn)) {
		return RH_OK;
	}
	slot->is_held = turn == RH_TURN_HELD;
	code = fill_slot(slot, item, &assessed, &known, err);
	if (code == RH_OK) {
		batch->count++;
	}
	return code;
}

/* ---- exceptions ------------------------------------------------------------------------------ */

static int record_link(struct rh_apply *apply, const struct rh_exception *exception,
		       struct rh_arena *arena, struct rh_err *err)
{
	struct rh_ledger_row known;
	struct rh_ledger_row row;
	int code = rh_apply_look_up(apply, exception->ordinal, exception->source_id, arena, &known,
				    err);

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

/* Of a pass that is about others: the next exception.  1, or an error. */
static int pass_over(struct rh_apply *apply, struct rh_err *err)
{
	int code = rh_exceptions_next(apply->exceptions, &apply->exception, err);

	apply->has_exception = code == 1;
	return code < 0 ? code : 1;
}

/* 1: this account is an exception and dealt with; 0: it is to be created. */
static int take_exception(struct rh_apply *apply, struct rh_batch *batch,
			  const struct rh_source_item *item, struct rh_err *err)
{
	int code = RH_OK;

	if (!apply->has_exception || apply->exception.ordinal != item->ordinal) {
		return 0;
	}
	if (apply->run->canaries != NULL && apply->run->canaries->is_first &&
	    !(apply->exception.decision == RH_DECISION_UPDATE &&
	      apply->run->settings->only_passwords)) {
		return pass_over(apply, err);
	}
	switch (apply->exception.decision) {
	case RH_DECISION_UPDATE:
		code = rh_apply_add_update(apply, batch, item, &apply->exception, err);
		break;
	case RH_DECISION_LINK:
		code = record_link(apply, &apply->exception, &batch->arena, err);
		if (code == RH_OK) {
			code = rh_apply_say_exception(apply, &apply->exception, err);
		}
		break;
	case RH_DECISION_CREATE:
	case RH_DECISION_SKIP:
	case RH_DECISION_REFUSE:
	case RH_DECISION_LEFT_OUT:
	case RH_DECISION_BLOCKED:
		code = rh_apply_say_exception(apply, &apply->exception, err);
		break;
	}
	if (code == RH_OK) {
		code = rh_exceptions_next(apply->exceptions, &apply->exception, err);
		apply->has_exception = code == 1;
	}
	return code < 0 ? code : 1;
}

/* ---- batches --------------------------------------------------------------------------------- */

/* A7. */
static void note_walked(struct rh_apply *apply, struct rh_str source_id)
{
	if (source_id.len > 0) {
		rh_buf_reset(&apply->previous);
		rh_buf_add_str(&apply->previous, source_id);
	}
}

static bool is_full(const struct rh_apply *apply, const struct rh_batch *batch)
{
	return batch->count >= apply->group || batch->arena.used >= BATCH_BYTES;
}

/* `until`: steady. */
static bool goes_on(const struct rh_apply *apply, rh_time until)
{
	struct rh_clock *clock = apply->run->clock;

	return rh_run_stop_level(apply->run) == 0 && clock->steady(clock) < until;
}

/* Reads accounts until the batch is full or the source at its end, or enough for now. */
static int read_accounts(struct rh_apply *apply, struct rh_batch *batch, struct rh_err *err)
{
	/* As long as others keep the target busy, their answers go first. */
	unsigned most = apply->open > RH_LEDGER_GROUP ? LOOKED_BESIDE : LOOKED_MAX;
	struct rh_clock *clock = apply->run->clock;
	rh_time until = clock->steady(clock) + LOOKED_US;

	for (unsigned looked = 0; looked < most && !is_full(apply, batch) && goes_on(apply, until);
	     looked++) {
		struct rh_source_item item RH_UNCLEARED;
		int code;
		if (apply->run->canaries != NULL && apply->run->canaries->is_first &&
		    rh_canaries_are_chosen(apply->run->canaries)) {
			apply->is_read = true;
			return RH_OK;
		}
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
		code = take_exception(apply, batch, &item, err);
		if (code == 0) {
			code = add_slot(apply, batch, &item, err);
		}
		if (code < 0) {
			return code;
		}
		note_walked(apply, item.account.source_id);
	}
	return RH_OK;
}

/* How long a find may still miss what the row's create made. */
static int64_t find_delay(const struct rh_slot *slot)
{
	const struct rh_run *run = slot->apply->run;
	int64_t lag = run->target->caps.read_after_write_us;
	int64_t age = rh_run_now(run) - slot->row.intended_at;

	return age >= 0 && age < lag ? lag - age : 0;
}

/* Rows of accounts that were there before and are changed now: no request makes them. */
static int record_accounts(struct rh_apply *apply, const struct rh_batch *batch, struct rh_err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++) {
		if (batch->slots[i].records_account) {
			apply->rows[count++] = batch->slots[i].there;
		}
	}
	return count > 0 ? rh_ledger_record(apply->run->ledger, apply->rows, count, err) : RH_OK;
}

static void submit(struct rh_slot *slot)
{
	int64_t delay_us = slot->must_find ? find_delay(slot) : 0;

	if (slot->is_held) {
		rh_slot_hold(slot);
	} else if (slot->row.verb == RH_VERB_UPDATE) {
		rh_slot_update(slot, delay_us);
	} else if (slot->must_find) {
		rh_slot_find(slot, delay_us);
	} else {
		rh_slot_create(slot);
	}
}

size_t rh_apply_group(uint64_t settled, int64_t elapsed_us)
{
	uint64_t count = elapsed_us > 0 ? settled * GROUP_US / (uint64_t)elapsed_us : 0;

	if (count < RH_LEDGER_GROUP) {
		return RH_LEDGER_GROUP;
	}
	return count < RH_LEDGER_GROUP_MAX ? (size_t)count : RH_LEDGER_GROUP_MAX;
}

/* A8: what was settled between two launches tells how fast the target is. */
static void note_launch(struct rh_apply *apply)
{
	rh_time now = apply->run->clock->steady(apply->run->clock);

	apply->group = rh_apply_group(apply->settled, now - apply->launched_at);
	apply->settled = 0;
	apply->launched_at = now;
}

/* L1: all writes of the batch are committed as intents before the first is submitted. */
static int launch(struct rh_apply *apply, struct rh_batch *batch, struct rh_err *err)
{
	size_t slots = batch->count;
	size_t count = 0;
	int code = record_accounts(apply, batch, err);

	for (size_t i = 0; i < slots; i++) {
		if (!batch->slots[i].must_find) {
			apply->rows[count++] = batch->slots[i].row;
		}
	}
	if (code == RH_OK && count > 0) {
		code = rh_ledger_intend(apply->run->ledger, apply->rows, count, err);
	}
	if (code != RH_OK) {
		return code;
	}
	note_launch(apply);
	batch->open = slots;
	apply->open += slots;
	for (size_t i = 0; i < slots; i++) {
		submit(&batch->slots[i]);
	}
	return RH_OK;
}

int rh_apply_fill(struct rh_apply *apply, struct rh_err *err)
{
	struct rh_batch *batch = apply->filling;
	int code;

	if (batch == NULL) {
		batch = apply->idle[--apply->idle_count];
		apply->filling = batch;
	}
	code = read_accounts(apply, batch, err);
	if (code == RH_OK && batch->count > 0 && !apply->is_read && !is_full(apply, batch) &&
	    (apply->open > 0 || rh_run_stop_level(apply->run) > 0)) {
		return RH_OK; /* goes on with the next turn, if there is one */
	}
	apply->filling = NULL;
	if (code == RH_OK && batch->count > 0) {
		return launch(apply, batch, err);
	}
	for (size_t i = 0; i < batch->count; i++) { /* the reading broke off: they were not begun */
		rh_apply_leave(apply, &batch->slots[i]);
	}
	rh_arena_reset(&batch->arena);
	batch->count = 0;
	apply->idle[apply->idle_count++] = batch;
	return code;
}
