/* SPDX-License-Identifier: Apache-2.0 */
/* One entity on its way: created, completed, looked up, settled (tenant.h, T2 to T7). */
#include "base/err.h"
#include "base/str.h"
#include "engine/tenant_internal.h"

/* Look-ups of one UNKNOWN, and creates that followed one, before it is left to the next run. */
#define RESOLVE_MAX 3

/* T5; what keeps a membership inactive is none of them (connector.h, C22). */
#define DROPPABLE                                                                                  \
	(RH_PART_METADATA | RH_PART_PROFILE | RH_PART_ROLES | RH_PART_PERMISSIONS | RH_PART_SLUG | \
	 RH_PART_STATE | RH_PART_EXTERNAL_ID)

void rh_tenant_fail(struct rh_tenant_writer *writer, int code, const struct rh_err *err)
{
	if (writer->code == RH_OK) {
		writer->code = code;
		writer->err = *err;
	}
}

static void close_slot(struct rh_tenant_slot *slot)
{
	struct rh_tenant_batch *batch = slot->batch;

	if (--batch->open == 0) {
		rh_arena_reset(&batch->arena);
		batch->count = 0;
	}
}

static struct rh_str keep_text(struct rh_tenant_slot *slot, struct rh_str text)
{
	struct rh_str kept = RH_STR_ABSENT;

	return rh_arena_copy(&slot->batch->arena, text, &kept) ? kept : RH_STR_ABSENT;
}

/* What the next request, or the last one, is about. */
static unsigned parts_of(const struct rh_tenant_slot *slot)
{
	return slot->row.parts_planned & ~slot->parts_dropped;
}

/* ---- settling ------------------------------------------------------------------------------------ */

static int settle(struct rh_tenant_slot *slot, enum rh_state state, enum rh_origin origin,
		  struct rh_str code)
{
	bool has_target = state == RH_STATE_DONE || state == RH_STATE_CONFLICT;
	struct rh_settlement settlement = {
		.id = slot->row.id,
		.state = state,
		.origin = origin,
		.target_id = has_target ? slot->row.target_id : RH_STR_ABSENT,
		.parts_sent =
			state == RH_STATE_DONE && origin != RH_ORIGIN_LINKED ? parts_of(slot) : 0,
		.parts_dropped = slot->parts_dropped,
		.attempts = slot->row.attempts,
		.code = code,
		.at = rh_run_now(slot->writer->run),
	};
	struct rh_err err = {0};
	int status = rh_ledger_settle(slot->writer->run->ledger, &settlement, &err);

	slot->row.state = state;
	if (status != RH_OK) {
		rh_tenant_fail(slot->writer, status, &err);
	}
	return status;
}

static void count(struct rh_tenant_slot *slot, struct rh_str code, const char *cause)
{
	struct rh_fuse *fuse = &slot->writer->fuse;

	if (cause == NULL) {
		rh_fuse_pass(fuse);
	} else {
		rh_fuse_fail(fuse, code, cause);
	}
	if (rh_fuse_is_blown(fuse)) {
		rh_run_drain(slot->writer->run);
	}
}

static void settle_done(struct rh_tenant_slot *slot, enum rh_origin origin)
{
	bool is_partial = slot->parts_dropped != 0;

	if (settle(slot, RH_STATE_DONE, origin, is_partial ? slot->code : RH_STR_ABSENT) == RH_OK) {
		slot->writer->tally->created_now[slot->writer->kind] +=
			origin == RH_ORIGIN_CREATED ? 1 : 0;
		count(slot, slot->code, is_partial ? "a refused part" : NULL);
	}
	close_slot(slot);
}

static void settle_refused(struct rh_tenant_slot *slot, enum rh_state state, struct rh_str code)
{
	if (settle(slot, state, RH_ORIGIN_NONE, code) == RH_OK) {
		count(slot, code, rh_state_name(state));
	}
	close_slot(slot);
}

static void settle_open(struct rh_tenant_slot *slot, enum rh_state state)
{
	if (state != slot->row.state) {
		(void)settle(slot, state, RH_ORIGIN_NONE, RH_STR_ABSENT);
	}
	close_slot(slot);
}

/* T7. */
static void denied(struct rh_tenant_slot *slot)
{
	slot->writer->tally->denied |= 1U << slot->writer->kind;
}

/* ---- what is sent -------------------------------------------------------------------------------- */

int rh_tenant_prepare(struct rh_tenant_slot *slot, struct rh_err *err)
{
	const struct rh_run *run = slot->writer->run;
	const struct rh_wire *wire = &slot->judged.wire;
	struct rh_arena *arena = &slot->batch->arena;
	int code;

	slot->row.wire_present = wire->present;
	code = rh_plan_digest(run->workspace, wire, wire->present, arena, &slot->row.wire, err);
	if (code == RH_OK) {
		code = rh_run_idempotency(run, &slot->row, parts_of(slot), arena,
					  &slot->idempotency, err);
	}
	return code;
}

static void created(void *context, struct rh_operation *operation, const struct rh_answer *answer);
static void found(void *context, struct rh_operation *operation, const struct rh_answer *answer);
static void completed(void *context, struct rh_operation *operation,
		      const struct rh_answer *answer);

static void submit(struct rh_tenant_slot *slot, enum rh_verb verb, int64_t delay_us)
{
	struct rh_tenant_writer *writer = slot->writer;
	struct rh_job_spec spec = {
		.kind = writer->kind,
		.verb = verb,
		.has_row = true,
		.row =
			{
				.entity = &slot->entity,
				.links = &slot->judged.links,
				.completes = verb == RH_VERB_UPDATE,
				.policy = &writer->run->policy,
				.source_id = slot->row.source_id,
				.external_id = slot->judged.external_id,
				.target_id = slot->row.target_id,
				.email = slot->entity.email,
				.parts = parts_of(slot),
			},
		.idempotency = verb == RH_VERB_CREATE ? slot->idempotency : RH_STR_ABSENT,
		.delay_us = delay_us,
		.done = verb == RH_VERB_CREATE   ? created
			: verb == RH_VERB_UPDATE ? completed
						 : found,
		.context = slot,
	};
	struct rh_err err = {0};
	int code = rh_engine_submit(writer->run->engine, &spec, &err);

	if (code != RH_OK) {
		rh_tenant_fail(writer, code, &err);
		settle_open(slot, verb == RH_VERB_CREATE ? RH_STATE_DEFERRED : RH_STATE_UNKNOWN);
	}
}

static bool can_find(const struct rh_tenant_writer *writer)
{
	return writer->run->target->ops[writer->kind][RH_VERB_FIND] != NULL;
}

void rh_tenant_start(struct rh_tenant_slot *slot)
{
	if (!slot->must_find) {
		submit(slot, RH_VERB_CREATE, 0);
	} else if (can_find(slot->writer)) {
		submit(slot, RH_VERB_FIND, 0);
	} else {
		settle_open(slot, RH_STATE_UNKNOWN);
	}
}

/* T6: it is there by us; what its create does not hold goes now. */
static void complete(struct rh_tenant_slot *slot, enum rh_origin origin)
{
	const struct rh_connector *target = slot->writer->run->target;

	slot->origin = origin;
	if (slot->judged.wire.extras > 0 &&
	    target->ops[slot->writer->kind][RH_VERB_UPDATE] != NULL) {
		submit(slot, RH_VERB_UPDATE, 0);
	} else {
		settle_done(slot, origin);
	}
}

/* ---- intending again ------------------------------------------------------------------------------ */

static void again(struct rh_tenant_slot *slot)
{
	slot->writer->again[slot->writer->again_count++] = slot;
}

static void renew(struct rh_tenant_slot *slot)
{
	struct rh_run *run = slot->writer->run;

	slot->row.state = RH_STATE_INTENDED;
	slot->row.intended_at = rh_run_now(run);
	slot->row.settled_at = 0;
	slot->row.attempts++;
	/* The first intent's moment stays: what an earlier create of ours made late is ours, too (L10). */
	if (slot->row.target_at == 0) {
		slot->row.target_at = rh_engine_target_now(run->engine);
	}
	slot->row.parts_dropped = slot->parts_dropped;
	slot->sent = slot->row;
}

int rh_tenant_intend_again(struct rh_tenant_writer *writer, struct rh_err *err)
{
	size_t total = writer->again_count;
	int code = RH_OK;

	writer->again_count = 0;
	if (rh_run_stop_level(writer->run) > 0) {
		/* They stay UNKNOWN or DEFERRED: the next run goes on with them. */
		for (size_t i = 0; i < total; i++) {
			close_slot(writer->again[i]);
		}
		return RH_OK;
	}
	for (size_t first = 0; first < total && code == RH_OK; first += RH_LEDGER_GROUP) {
		size_t count = total - first < RH_LEDGER_GROUP ? total - first : RH_LEDGER_GROUP;

		for (size_t i = 0; i < count; i++) {
			renew(writer->again[first + i]);
			writer->rows[i] = writer->again[first + i]->row;
		}
		code = rh_ledger_intend(writer->run->ledger, writer->rows, count, err);
		for (size_t i = 0; i < count && code == RH_OK; i++) {
			submit(writer->again[first + i], RH_VERB_CREATE, 0);
		}
	}
	return code;
}

/* T5.  DEFERRED in between: killed there, it begins anew. */
static void drop_parts(struct rh_tenant_slot *slot, unsigned parts, struct rh_str code_text)
{
	const struct rh_run *run = slot->writer->run;
	struct rh_err err = {0};
	int code = settle(slot, RH_STATE_DEFERRED, RH_ORIGIN_NONE, code_text);

	if (code == RH_OK) {
		slot->parts_dropped |= parts;
		slot->code = code_text;
		code = run->target->entities->to_wire(run->target_instance, &slot->entity,
						      &slot->judged.links, &run->policy,
						      parts_of(slot), &slot->batch->arena, NULL,
						      NULL, &slot->judged.wire, &err);
	}
	if (code == RH_OK) {
		code = rh_tenant_prepare(slot, &err);
	}
	if (code != RH_OK) {
		rh_tenant_fail(slot->writer, code, &err);
		close_slot(slot);
		return;
	}
	again(slot);
}

/* ---- outcomes -------------------------------------------------------------------------------------- */

static bool may_drop(const struct rh_tenant_slot *slot, unsigned parts)
{
	return (parts & DROPPABLE) != 0 && (parts & ~(unsigned)DROPPABLE) == 0 &&
	       (slot->parts_dropped & parts) == 0;
}

static void created_unknown(struct rh_tenant_slot *slot)
{
	struct rh_tenant_writer *writer = slot->writer;

	(void)settle(slot, RH_STATE_UNKNOWN, RH_ORIGIN_NONE, RH_STR_ABSENT);
	slot->sent.settled_at = rh_run_now(writer->run);
	if (slot->resolved++ >= RESOLVE_MAX || rh_run_stop_level(writer->run) > 0 ||
	    writer->code != RH_OK || !can_find(writer)) {
		close_slot(slot);
		return;
	}
	submit(slot, RH_VERB_FIND, writer->run->target->caps.read_after_write_us);
}

static void created_rejected(struct rh_tenant_slot *slot, const struct rh_row *row)
{
	unsigned parts = row->parts_at_fault & parts_of(slot);
	struct rh_str code_text = keep_text(slot, row->code);

	if (may_drop(slot, parts)) {
		drop_parts(slot, parts, code_text);
	} else {
		settle_refused(slot, RH_STATE_REJECTED, code_text);
	}
}

/* T4. */
static void created_refused(struct rh_tenant_slot *slot, const struct rh_row *row)
{
	slot->after_refusal = true;
	slot->is_already = row->outcome == RH_OUTCOME_ALREADY;
	slot->code = keep_text(slot, row->code);
	if (can_find(slot->writer)) {
		submit(slot, RH_VERB_FIND, 0);
	} else {
		settle_refused(slot, RH_STATE_CONFLICT, slot->code);
	}
}

static void created(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_tenant_slot *slot = context;
	const struct rh_row *row = &operation->rows[0];

	switch (row->outcome) {
	case RH_OUTCOME_DONE:
		slot->row.target_id = keep_text(slot, row->target_id);
		complete(slot, RH_ORIGIN_CREATED);
		break;
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_CONFLICT:
		created_refused(slot, row);
		break;
	case RH_OUTCOME_REJECTED:
		created_rejected(slot, row);
		break;
	case RH_OUTCOME_UNKNOWN:
		created_unknown(slot);
		break;
	case RH_OUTCOME_DENIED:
		if (answer->scope == RH_SCOPE_KIND) {
			denied(slot);
		}
		settle_open(slot, RH_STATE_DEFERRED);
		break;
	case RH_OUTCOME_ABSENT:
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
		settle_open(slot, RH_STATE_DEFERRED);
		break;
	}
}

static void completed(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_tenant_slot *slot = context;
	const struct rh_row *row = &operation->rows[0];

	(void)answer;
	if (row->outcome == RH_OUTCOME_REJECTED || row->outcome == RH_OUTCOME_CONFLICT) {
		unsigned parts = row->parts_at_fault & parts_of(slot);

		/* What was asked for behind the create stays out; the verify says what stands there. */
		slot->parts_dropped |= parts != 0 ? parts : (unsigned)RH_PART_EXTRAS;
		slot->code = keep_text(slot, row->code);
		settle_done(slot, slot->origin);
	} else if (row->outcome == RH_OUTCOME_DONE) {
		settle_done(slot, slot->origin);
	} else {
		/* It is there and not complete: the next run finds it, and completes it. */
		settle_open(slot, RH_STATE_UNKNOWN);
	}
}

/* By us (L10), or by somebody else? */
static enum rh_origin origin_of(const struct rh_tenant_slot *slot, const struct rh_row *row)
{
	struct rh_run *run = slot->writer->run;
	struct rh_ledger_row sent = slot->sent;

	if (slot->judged.wire.extras > 0) { /* what goes behind a create is not there yet */
		sent.wire_present = 0;
		if (rh_plan_digest(run->workspace, &slot->judged.wire, 0, &slot->batch->arena,
				   &sent.wire, NULL) != RH_OK) {
			return RH_ORIGIN_UNSURE;
		}
	}
	/* A refusal of the only request that was ever sent says that somebody else made it. */
	if (slot->after_refusal && !slot->must_find && slot->resolved == 0) {
		return RH_ORIGIN_UNSURE;
	}
	return rh_run_origin(run, &sent, &row->observed, slot->was_absent);
}

/* Nothing of ours is to be compared with what was there before; that it is another is told. */
static void link_found(struct rh_tenant_slot *slot, const struct rh_observed *observed)
{
	bool differs = !rh_wire_is(slot->writer->run->workspace, &observed->wire,
				   slot->row.wire_present, slot->row.wire);

	(void)settle(slot, RH_STATE_DONE, RH_ORIGIN_LINKED,
		     differs ? RH_STR(RH_CODE_DIFFERS) : RH_STR_ABSENT);
	count(slot, RH_STR_ABSENT, NULL);
	close_slot(slot);
}

static void found_there(struct rh_tenant_slot *slot, const struct rh_row *row)
{
	enum rh_origin origin = origin_of(slot, row);
	bool has_own_id = slot->writer->kind == RH_KIND_ORGANIZATION;

	slot->row.target_id = keep_text(slot, row->observed.target_id);
	if (origin == RH_ORIGIN_CREATED) {
		complete(slot, origin);
	} else if (slot->after_refusal && !slot->is_already && has_own_id) {
		settle_refused(slot, RH_STATE_CONFLICT, slot->code);
	} else if (slot->after_refusal) {
		link_found(slot, &row->observed);
	} else {
		settle_done(slot, origin);
	}
}

static void found(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_tenant_slot *slot = context;
	const struct rh_row *row = &operation->rows[0];

	(void)answer;
	if (row->outcome == RH_OUTCOME_DONE || row->outcome == RH_OUTCOME_ALREADY) {
		found_there(slot, row);
	} else if (row->outcome == RH_OUTCOME_ABSENT && slot->after_refusal) {
		settle_refused(slot, RH_STATE_CONFLICT, slot->code);
	} else if (row->outcome == RH_OUTCOME_ABSENT) {
		again(slot);
	} else {
		settle_open(slot, RH_STATE_UNKNOWN);
	}
}
