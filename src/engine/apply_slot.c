/* SPDX-License-Identifier: Apache-2.0 */
/* One account on its way: created, looked up, settled.  A1 to A4 stand in apply.c. */
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "engine/apply.h"

/* Look-ups of one UNKNOWN, and creates that followed one, before it is left to the next run. */
#define RESOLVE_MAX 3

/* A slot waits this long for company before it is intended again. */
#define AGAIN_AFTER_US (20 * RH_MILLISECOND)

/* Parts that may be left out singly (A4). */
#define DROPPABLE                                                                   \
	(RH_PART_CREDENTIAL | RH_PART_METADATA | RH_PART_EMAILS | RH_PART_PHONES |  \
	 RH_PART_USERNAME | RH_PART_TOTP | RH_PART_BACKUP_CODES | RH_PART_PROFILE | \
	 RH_PART_EXTRAS)

/* ---- settling -------------------------------------------------------------------------------- */

static bool is_open(enum rh_state state)
{
	return state == RH_STATE_INTENDED || state == RH_STATE_DEFERRED ||
	       state == RH_STATE_UNKNOWN;
}

static void close_slot(struct rh_slot *slot)
{
	struct rh_apply *apply = slot->apply;
	struct rh_batch *batch = slot->batch;

	slot->is_closed = true;
	if (is_open(slot->row.state)) {
		rh_apply_leave(apply, slot);
	}
	apply->open--;
	apply->settled++;
	if (--batch->open == 0) {
		rh_arena_reset(&batch->arena);
		batch->count = 0;
		apply->idle[apply->idle_count++] = batch;
	}
}

static int settle(struct rh_slot *slot, enum rh_state state, enum rh_origin origin,
		  struct rh_str code, struct rh_err *err)
{
	bool has_target = state == RH_STATE_DONE || state == RH_STATE_CONFLICT;
	struct rh_settlement settlement = {
		.id = slot->row.id,
		.state = state,
		.origin = origin,
		.target_id = has_target ? slot->row.target_id : RH_STR_ABSENT,
		.parts_sent = state == RH_STATE_DONE ? slot->parts : 0,
		.parts_dropped = slot->parts_dropped,
		.attempts = slot->row.attempts,
		.code = code,
		.at = rh_run_now(slot->apply->run),
		.absorbs = slot->row.verb == RH_VERB_UPDATE,
	};

	slot->row.state = state;
	return rh_ledger_settle(slot->apply->run->ledger, &settlement, err);
}

/* What was done with the account; one that was as it is to be was looked at alone. */
static const char *word_of(const struct rh_slot *slot)
{
	bool is_update = slot->row.verb == RH_VERB_UPDATE;

	if (slot->is_rest) {
		return "completed";
	}
	return !is_update ? "created" : slot->row.before.ptr != NULL ? "updated" : "linked";
}

static void count_done(struct rh_slot *slot)
{
	bool is_update = slot->row.verb == RH_VERB_UPDATE;

	slot->apply->created_now += !is_update && slot->was_sent ? 1 : 0;
	slot->apply->updated_now +=
		is_update && !slot->is_rest && slot->row.before.ptr != NULL ? 1 : 0;
}

/* A3's and A6's: an account is tried once, in however many requests. */
static void count_tried(struct rh_slot *slot, bool is_partial)
{
	bool is_refused = is_partial && !rh_str_is(slot->code, RH_CODE_NOT_PROVEN);

	if (!slot->is_rest || is_refused) {
		rh_apply_count(slot->apply, slot->code, is_refused ? "a refused part" : NULL);
	}
}

static void again(struct rh_slot *slot);

/* U8: the rest of what was created, or the end of it. */
static void go_on(struct rh_slot *slot, enum rh_origin origin)
{
	struct rh_err err = {0};
	int code = RH_OK;

	if (slot->apply->code == RH_OK && rh_slot_begin_rest(slot, origin, &code, &err)) {
		if (code == RH_OK) {
			again(slot);
			return;
		}
		rh_apply_fail(slot->apply, code, &err);
	}
	close_slot(slot);
}

void rh_slot_settle_done(struct rh_slot *slot, enum rh_origin origin)
{
	struct rh_apply *apply = slot->apply;
	struct rh_err err = {0};
	bool is_partial = slot->parts_dropped != 0;
	int code =
		settle(slot, RH_STATE_DONE, origin, is_partial ? slot->code : RH_STR_ABSENT, &err);

	if (code == RH_OK) {
		count_done(slot);
		count_tried(slot, is_partial);
		code = rh_apply_say_slot(slot, RH_EVENT_SUCCESS, word_of(slot),
					 is_partial ? "RH0803" : NULL, NULL, &err);
	}
	if (code != RH_OK) {
		rh_apply_fail(apply, code, &err);
	}
	go_on(slot, origin);
}

void rh_slot_settle_refused(struct rh_slot *slot, enum rh_state state, struct rh_str code_text,
			    const char *cause)
{
	struct rh_err err = {0};
	int code = settle(slot, state, RH_ORIGIN_NONE, code_text, &err);

	if (code == RH_OK) {
		rh_apply_count(slot->apply, code_text, rh_state_name(state));
		code = rh_apply_say_slot(slot, RH_EVENT_ERROR, rh_state_name(state), code_text.ptr,
					 cause, &err);
	}
	if (code != RH_OK) {
		rh_apply_fail(slot->apply, code, &err);
	}
	close_slot(slot);
}

void rh_slot_settle_open(struct rh_slot *slot, enum rh_state state)
{
	struct rh_err err = {0};
	int code = RH_OK;

	if (state != slot->row.state) {
		code = settle(slot, state, RH_ORIGIN_NONE, RH_STR_ABSENT, &err);
	}
	if (code != RH_OK) {
		rh_apply_fail(slot->apply, code, &err);
	}
	slot->apply->put_off++;
	close_slot(slot);
}

void rh_slot_hold(struct rh_slot *slot)
{
	struct rh_err err = {0};
	int code = settle(slot, RH_STATE_DEFERRED, RH_ORIGIN_NONE, RH_STR("canary"), &err);

	if (code != RH_OK) {
		rh_apply_fail(slot->apply, code, &err);
	}
	slot->apply->run->canaries->held++;
	slot->apply->put_off++;
	close_slot(slot);
}

/* ---- what is sent ---------------------------------------------------------------------------- */

int rh_slot_prepare(struct rh_slot *slot, const struct rh_wire *wire, unsigned parts,
		    struct rh_err *err)
{
	const struct rh_run *run = slot->apply->run;
	struct rh_arena *arena = &slot->batch->arena;
	int code;

	slot->row.wire_present = wire->present;
	code = rh_plan_digest(run->workspace, wire, wire->present, arena, &slot->row.wire, err);
	if (code == RH_OK) {
		code = rh_run_idempotency(run, &slot->row, parts, arena, &slot->idempotency, err);
	}
	return code;
}

static void created(void *context, struct rh_operation *operation, const struct rh_answer *answer);
static void found(void *context, struct rh_operation *operation, const struct rh_answer *answer);

static void submit(struct rh_slot *slot, enum rh_verb verb, int64_t delay_us)
{
	struct rh_apply *apply = slot->apply;
	bool creates = verb == RH_VERB_CREATE;
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
				.parts = slot->parts,
			},
		.idempotency = creates ? slot->idempotency : RH_STR_ABSENT,
		.delay_us = delay_us,
		.done = creates ? created : found,
		.context = slot,
	};
	struct rh_err err = {0};
	int code = rh_engine_submit(apply->run->engine, &spec, &err);

	if (code != RH_OK) {
		rh_apply_fail(apply, code, &err);
		rh_slot_settle_open(slot, creates ? RH_STATE_DEFERRED : RH_STATE_UNKNOWN);
	}
}

void rh_slot_create(struct rh_slot *slot)
{
	submit(slot, RH_VERB_CREATE, 0);
}

void rh_slot_find(struct rh_slot *slot, int64_t delay_us)
{
	submit(slot, RH_VERB_FIND, delay_us);
}

/* ---- intending again ------------------------------------------------------------------------- */

static void again(struct rh_slot *slot)
{
	struct rh_apply *apply = slot->apply;

	if (apply->again_count == 0) {
		apply->again_since = apply->run->clock->steady(apply->run->clock);
	}
	apply->again[apply->again_count++] = slot;
}

static bool may_wait(const struct rh_apply *apply)
{
	struct rh_clock *clock = apply->run->clock;

	return apply->again_count < RH_LEDGER_GROUP && rh_engine_open(apply->run->engine) > 0 &&
	       clock->steady(clock) - apply->again_since < AGAIN_AFTER_US;
}

static void renew(struct rh_slot *slot)
{
	struct rh_run *run = slot->apply->run;

	slot->row.state = RH_STATE_INTENDED;
	slot->row.intended_at = rh_run_now(run);
	slot->row.settled_at = 0;
	if (slot->is_rest) {
		slot->row.target_at = rh_engine_target_now(run->engine);
		return;
	}
	slot->row.attempts++;
	/* The first intent's moment stays: what an earlier create of ours made late is ours, too (L10). */
	if (slot->row.target_at == 0) {
		slot->row.target_at = rh_engine_target_now(run->engine);
	}
	slot->row.external_id = slot->external_id;
	slot->parts = slot->row.parts_planned & ~(slot->parts_dropped | RH_PART_EXTRAS);
	slot->row.parts_dropped = slot->parts_dropped;
	slot->sent_present = slot->row.wire_present;
	slot->sent_wire = slot->row.wire;
}

/* Up to a group of those that wait, from `first` on. */
static int intend_group(struct rh_apply *apply, size_t first, size_t count, struct rh_err *err)
{
	int code;

	for (size_t i = 0; i < count; i++) {
		renew(apply->again[first + i]);
		apply->rows[i] = apply->again[first + i]->row;
	}
	code = rh_ledger_intend(apply->run->ledger, apply->rows, count, err);
	for (size_t i = 0; i < count && code == RH_OK; i++) {
		if (apply->again[first + i]->is_rest) {
			rh_slot_update(apply->again[first + i], 0);
		} else {
			rh_slot_create(apply->again[first + i]);
		}
	}
	return code;
}

int rh_apply_intend_again(struct rh_apply *apply, struct rh_err *err)
{
	size_t total = apply->again_count;
	bool is_stopped = rh_run_stop_level(apply->run) > 0;
	int code = RH_OK;

	if (total == 0 || (!is_stopped && may_wait(apply))) {
		return RH_OK;
	}
	apply->again_count = 0;
	if (is_stopped) {
		/* They stay UNKNOWN or DEFERRED: the next run goes on with them. */
		for (size_t i = 0; i < total; i++) {
			close_slot(apply->again[i]);
		}
		return RH_OK;
	}
	for (size_t first = 0; first < total && code == RH_OK; first += RH_LEDGER_GROUP) {
		size_t count = total - first;
		code = intend_group(apply, first, count < RH_LEDGER_GROUP ? count : RH_LEDGER_GROUP,
				    err);
	}
	return code;
}

/* A4: the same account without the parts at fault.  DEFERRED in between: killed there, it begins anew. */
static int drop_parts(struct rh_slot *slot, unsigned parts, struct rh_str code_text,
		      struct rh_err *err)
{
	const struct rh_run *run = slot->apply->run;
	struct rh_wire wire = {0};
	int code = settle(slot, RH_STATE_DEFERRED, RH_ORIGIN_NONE, code_text, err);

	if (code != RH_OK) {
		return code;
	}
	slot->parts_dropped |= parts;
	slot->code = code_text;
	if ((parts & run->target->caps.parts_singly) != 0) {
		slot->row.parts_planned |= RH_PART_EXTRAS; /* U8: one by one, behind the create */
	}
	parts = slot->row.parts_planned & ~(slot->parts_dropped | RH_PART_EXTRAS);
	code = run->target->to_wire(run->target_instance, &slot->account, &run->policy, parts,
				    &slot->batch->arena, NULL, NULL, &wire, err);
	if (code == RH_OK) {
		code = rh_slot_prepare(slot, &wire, parts, err);
	}
	if (code == RH_OK) {
		again(slot);
	}
	return code;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

/* A2: nobody knows whether it was accepted. */
static void created_unknown(struct rh_slot *slot)
{
	struct rh_apply *apply = slot->apply;
	struct rh_err err = {0};
	int code = settle(slot, RH_STATE_UNKNOWN, RH_ORIGIN_NONE, RH_STR_ABSENT, &err);

	slot->row.settled_at = rh_run_now(apply->run); /* what is made from now on is another's */
	if (code != RH_OK) {
		rh_apply_fail(apply, code, &err);
	}
	if (slot->resolved++ >= RESOLVE_MAX || rh_run_stop_level(apply->run) > 0 ||
	    apply->code != RH_OK) {
		close_slot(slot);
		return;
	}
	rh_slot_find(slot, apply->run->target->caps.read_after_write_us);
}

bool rh_slot_may_drop(const struct rh_slot *slot, unsigned parts)
{
	bool needs_password =
		slot->apply->run->settings->require_password && (parts & RH_PART_CREDENTIAL) != 0;

	return (parts & DROPPABLE) != 0 && (parts & ~(unsigned)DROPPABLE) == 0 && !needs_password &&
	       (slot->parts_dropped & parts) == 0;
}

struct rh_str rh_slot_keep_text(struct rh_slot *slot, struct rh_str text)
{
	struct rh_str kept = RH_STR_ABSENT;

	return rh_arena_copy(&slot->batch->arena, text, &kept) ? kept : RH_STR_ABSENT;
}

static void created_rejected(struct rh_slot *slot, const struct rh_row *row)
{
	unsigned parts = row->parts_at_fault & slot->row.parts_planned;
	struct rh_str code_text = rh_slot_keep_text(slot, row->code);
	struct rh_err err = {0};
	int code;

	if (!rh_slot_may_drop(slot, parts)) {
		rh_slot_settle_refused(slot, RH_STATE_REJECTED, code_text, row->cause);
		return;
	}
	code = drop_parts(slot, parts, code_text, &err);
	if (code != RH_OK) {
		rh_apply_fail(slot->apply, code, &err);
		close_slot(slot);
	}
}

static void created(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_slot *slot = context;
	const struct rh_row *row = &operation->rows[0];

	(void)answer; /* its fate was copied into the row (C4) */
	switch (row->outcome) {
	case RH_OUTCOME_DONE:
		slot->was_sent = true;
		slot->row.target_id = rh_slot_keep_text(slot, row->target_id);
		rh_slot_settle_done(slot, RH_ORIGIN_CREATED);
		break;
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_CONFLICT:
		slot->after_refusal = true;
		slot->code = rh_slot_keep_text(slot, row->code);
		slot->cause = row->cause;
		rh_slot_find(slot, 0);
		break;
	case RH_OUTCOME_REJECTED:
		created_rejected(slot, row);
		break;
	case RH_OUTCOME_UNKNOWN:
		slot->was_sent = true;
		created_unknown(slot);
		break;
	case RH_OUTCOME_ABSENT:
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_DENIED:
		rh_slot_settle_open(slot, RH_STATE_DEFERRED);
		break;
	}
}

/* It is there under our external id: by us (L10), or by somebody else (A3)? */
static void found_there(struct rh_slot *slot, const struct rh_row *row)
{
	const struct rh_apply *apply = slot->apply;
	struct rh_ledger_row sent = {
		.attempts = slot->row.attempts,
		.intended_at = slot->row.intended_at,
		.target_at = slot->row.target_at,
		.settled_at = slot->row.settled_at,
		.wire_present = slot->sent_present,
		.wire = slot->sent_wire,
	};
	enum rh_origin origin =
		rh_run_origin(apply->run, &sent, &row->observed, apply->was_surveyed);

	/* A refusal of the only request that was ever sent says that somebody else made it, however like ours it is. */
	if (slot->after_refusal && !slot->must_find && slot->resolved == 0) {
		origin = RH_ORIGIN_UNSURE;
	}
	slot->row.target_id = rh_slot_keep_text(slot, row->observed.target_id);
	if (slot->after_refusal && origin != RH_ORIGIN_CREATED) {
		rh_slot_settle_refused(slot, RH_STATE_CONFLICT, slot->code, slot->cause);
		return;
	}
	rh_slot_drop_rest(slot, origin);
	rh_slot_settle_done(slot, origin);
}

static void found_nothing(struct rh_slot *slot)
{
	if (slot->after_refusal) {
		rh_slot_settle_refused(slot, RH_STATE_CONFLICT, slot->code, slot->cause);
	} else {
		again(slot);
	}
}

static void found(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_slot *slot = context;
	const struct rh_row *row = &operation->rows[0];

	(void)answer;
	switch (row->outcome) {
	case RH_OUTCOME_DONE:
	case RH_OUTCOME_ALREADY:
		found_there(slot, row);
		break;
	case RH_OUTCOME_ABSENT:
		found_nothing(slot);
		break;
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_CONFLICT:
	case RH_OUTCOME_REJECTED:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_UNKNOWN:
	case RH_OUTCOME_DENIED:
		rh_slot_settle_open(slot, RH_STATE_UNKNOWN);
		break;
	}
}
