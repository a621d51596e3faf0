/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of entities: read again, compared with the plan, linked, intended (tenant.h, T2 and T3). */
#include "base/err.h"
#include "base/str.h"
#include "engine/tenant_internal.h"

enum wanted {
	WANTED_NOTHING,
	WANTED_SEND,
	WANTED_LOOK, /* its request may have left */
};

/* T2. */
static enum wanted wanted_of(const struct rh_tenant_writer *writer,
			     const struct rh_ledger_row *known, bool is_known)
{
	if (!is_known) {
		return WANTED_SEND;
	}
	switch (known->state) {
	case RH_STATE_DONE:
	case RH_STATE_VERIFIED:
	case RH_STATE_KEPT:
	case RH_STATE_UNDO_INTENDED:
		return WANTED_NOTHING;
	case RH_STATE_REJECTED:
	case RH_STATE_CONFLICT:
		return known->revision != writer->plan->revision ? WANTED_SEND : WANTED_NOTHING;
	case RH_STATE_UNKNOWN:
	case RH_STATE_INTENDED:
		return WANTED_LOOK;
	case RH_STATE_DEFERRED:
	case RH_STATE_UNDONE:
	case RH_STATES:
		break;
	}
	return WANTED_SEND;
}

/* May it be sent, as far as what it refers to goes (T3)? */
enum ready {
	READY,
	READY_LATER, /* something is not there yet */
	READY_NEVER, /* the target refused it: so is this, until a newer plan */
};

static enum ready worse(enum ready a, enum ready b)
{
	return a > b ? a : b;
}

/* Of the row of what it refers to. */
static enum ready ready_by(const struct rh_ledger_row *row, int found)
{
	if (found != 1) {
		return READY_LATER;
	}
	if (row->state == RH_STATE_REJECTED || row->state == RH_STATE_CONFLICT) {
		return READY_NEVER;
	}
	return rh_tenant_is_there(row) ? READY : READY_LATER;
}

/* ---- links --------------------------------------------------------------------------------------- */

/* The target id of a role or permission that the plan itself brings. */
static int fill_in_one(struct rh_tenant_writer *writer, enum rh_kind kind, struct rh_link *link,
		       struct rh_arena *arena, enum ready *out, struct rh_err *err)
{
	struct rh_ledger_row row = {0};
	struct rh_slug_known known;
	int code;

	*out = READY;
	if (link->target_id.ptr != NULL || !writer->tenant.knows_roles) {
		return RH_OK;
	}
	code = rh_tenant_slug_known(writer->tenant.db, kind, link->slug, arena, &known, err);
	if (code == 1) {
		code = rh_ledger_find(writer->run->ledger, kind, known.source_id, arena, &row, err);
	}
	*out = ready_by(&row, code);
	link->target_id = row.target_id;
	return code < 0 ? code : RH_OK;
}

/* Of all of them; one that the target refused is left out. */
static int fill_in(struct rh_tenant_slot *slot, enum rh_kind kind, struct rh_link *links,
		   size_t *count, enum ready *out, struct rh_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		enum ready ready = READY;
		int code = fill_in_one(slot->writer, kind, &links[i], &slot->batch->arena, &ready,
				       err);

		if (code != RH_OK) {
			return code;
		}
		if (ready != READY_NEVER) {
			*out = worse(*out, ready);
			links[kept++] = links[i];
		}
	}
	*count = kept;
	return RH_OK;
}

static int link_home(struct rh_tenant_slot *slot, struct rh_str source_id, enum ready *out,
		     struct rh_err *err)
{
	struct rh_ledger_row home = {0};
	int code;

	if (!rh_str_is_set(source_id)) {
		return RH_OK;
	}
	code = rh_ledger_find(slot->writer->run->ledger, RH_KIND_ORGANIZATION, source_id,
			      &slot->batch->arena, &home, err);
	*out = worse(*out, ready_by(&home, code));
	slot->judged.links.organization = home.target_id;
	slot->row.parent = home.id;
	slot->was_absent = home.origin == RH_ORIGIN_CREATED;
	return code < 0 ? code : RH_OK;
}

/* The account: a row of the ledger, or one that the plan found there and left alone. */
static int link_user(struct rh_tenant_slot *slot, const struct rh_tenant_row *decision,
		     enum ready *out, struct rh_err *err)
{
	struct rh_ledger_row user = {0};
	enum ready ready;
	int code;

	if (!rh_str_is_set(decision->user)) {
		return RH_OK;
	}
	code = rh_ledger_find(slot->writer->run->ledger, RH_KIND_USER, decision->user,
			      &slot->batch->arena, &user, err);
	ready = ready_by(&user, code);
	slot->judged.links.user = user.target_id;
	if (code >= 0 && ready != READY && rh_str_is_set(decision->user_target_id)) {
		ready = READY;
		if (!rh_arena_copy(&slot->batch->arena, decision->user_target_id,
				   &slot->judged.links.user)) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	}
	*out = worse(*out, ready);
	return code < 0 ? code : RH_OK;
}

static int link_all(struct rh_tenant_slot *slot, const struct rh_tenant_row *decision,
		    enum ready *out, struct rh_err *err)
{
	struct rh_tenant_judged *judged = &slot->judged;
	int code;

	*out = READY;
	slot->was_absent = slot->writer->was_surveyed;
	code = link_home(slot, decision->organization, out, err);
	if (code == RH_OK) {
		code = link_user(slot, decision, out, err);
	}
	if (code == RH_OK) {
		code = fill_in(slot, RH_KIND_ROLE, judged->roles, &judged->links.role_count, out,
			       err);
	}
	return code == RH_OK ? fill_in(slot, RH_KIND_PERMISSION, judged->permissions,
				       &judged->links.permission_count, out, err)
			     : code;
}

/* ---- one entity ------------------------------------------------------------------------------------ */

/* What the ledger keeps to find the entity's links by (ledger.h, L15). */
static struct rh_str kept_id(const struct rh_tenant_slot *slot)
{
	enum rh_kind kind = slot->writer->kind;

	if (kind == RH_KIND_ROLE || kind == RH_KIND_PERMISSION) {
		return slot->judged.links.slug;
	}
	return kind == RH_KIND_MEMBERSHIP ? slot->entity.user : slot->judged.external_id;
}

static void fill_row(struct rh_tenant_slot *slot, const struct rh_tenant_row *decision,
		     const struct rh_ledger_row *known, bool is_known)
{
	const struct rh_tenant_writer *writer = slot->writer;
	const struct rh_plan *plan = writer->plan;
	struct rh_run *run = writer->run;
	int64_t parent = slot->row.parent;

	slot->row = (struct rh_ledger_row){
		.id = is_known ? known->id
			       : plan->base + 2 * (int64_t)plan->counts.total +
					 (int64_t)decision->ordinal,
		.kind = writer->kind,
		.verb = RH_VERB_CREATE,
		.state = RH_STATE_INTENDED,
		.source_id = slot->entity.source_id,
		.parent = parent,
		.external_id = kept_id(slot),
		.parts_planned = slot->judged.parts,
		.record = decision->record,
		.revision = plan->revision,
		.attempts = is_known ? known->attempts + 1 : 1,
		.intended_at = rh_run_now(run),
		.target_at = is_known && known->target_at != 0 ? known->target_at
							       : rh_engine_target_now(run->engine),
	};
	if (slot->must_find) {
		slot->row.state = known->state;
		slot->sent = *known;
	}
}

/* At the target before us: a row that says so, and nothing to send. */
static int record_link(struct rh_tenant_slot *slot, const struct rh_tenant_row *decision,
		       struct rh_err *err)
{
	slot->is_recorded = true;
	slot->row.state = RH_STATE_DONE;
	slot->row.origin = RH_ORIGIN_LINKED;
	slot->row.parts_planned = 0;
	slot->row.attempts = 0;
	return rh_arena_copy(&slot->batch->arena, decision->target_id, &slot->row.target_id)
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

static int add(struct rh_tenant_writer *writer, struct rh_tenant_batch *batch,
	       const struct rh_tenant_item *item, const struct rh_tenant_row *decision,
	       struct rh_err *err)
{
	struct rh_tenant_slot *slot = &batch->slots[batch->count];
	struct rh_ledger_row known = {0};
	enum wanted wanted;
	enum ready ready = READY;
	int found = rh_ledger_find(writer->run->ledger, writer->kind, item->entity.source_id,
				   &batch->arena, &known, err);
	int code;

	if (found < 0) {
		return found;
	}
	wanted = wanted_of(writer, &known, found == 1);
	if (wanted == WANTED_NOTHING) {
		return RH_OK;
	}
	*slot = (struct rh_tenant_slot){
		.writer = writer,
		.batch = batch,
		.entity = item->entity,
		.must_find = wanted == WANTED_LOOK,
	};
	code = rh_tenant_judge(&writer->tenant, &slot->entity, &batch->arena, &writer->collector,
			       &slot->judged, err);
	if (code == RH_OK) {
		code = link_all(slot, decision, &ready, err);
	}
	if (code != RH_OK) {
		return code;
	}
	if (ready == READY_LATER || (ready == READY_NEVER && slot->must_find)) {
		writer->tally->waiting[writer->kind]++;
		return RH_OK;
	}
	slot->is_refused = ready == READY_NEVER;
	fill_row(slot, decision, &known, found == 1);
	code = decision->decision == RH_DECISION_LINK && !slot->must_find
		       ? record_link(slot, decision, err)
		       : rh_tenant_prepare(slot, err);
	batch->count += code == RH_OK ? 1 : 0;
	return code;
}

static int changed(struct rh_err *err)
{
	(void)rh_err_set(err, RH_EMISMATCH, "the source is another one than that of the plan");
	rh_err_hint(err, "Plan again: the new plan goes on where this one stands.");
	return RH_EMISMATCH;
}

/* A5 (apply.c): all that was read is what was planned. */
static int check_end(struct rh_tenant_writer *writer, struct rh_err *err)
{
	struct rh_tenant_row unused;
	uint8_t digest[32];
	bool is_same = false;
	int code = rh_tenant_plan_next(writer->decisions, &unused, err);

	if (code != 0) {
		return code < 0 ? code : changed(err);
	}
	rh_tenant_digest(writer->reader, writer->run->workspace, digest);
	code = rh_tenant_plan_is_of(writer->decisions, writer->kind, digest, &is_same, err);
	return code == RH_OK && !is_same ? changed(err) : code;
}

/* The next one; *is_read at the end. */
static int read_one(struct rh_tenant_writer *writer, struct rh_tenant_batch *batch,
		    struct rh_err *err)
{
	struct rh_tenant_item item;
	struct rh_tenant_row decision;
	int code;

	writer->walked++;
	rh_collector_start(&writer->collector);
	code = rh_tenant_next(writer->reader, &batch->arena, &writer->collector.sink, &item, err);
	if (code != 1) {
		writer->is_read = code == 0;
		writer->walked--;
		return code == 0 ? check_end(writer, err) : code;
	}
	code = rh_tenant_plan_next(writer->decisions, &decision, err);
	if (code != 1) {
		return code < 0 ? code : changed(err);
	}
	if (decision.record != item.record ||
	    !rh_str_eq(decision.source_id, item.entity.source_id)) {
		return changed(err);
	}
	if (decision.decision != RH_DECISION_CREATE && decision.decision != RH_DECISION_LINK) {
		return RH_OK;
	}
	return add(writer, batch, &item, &decision, err);
}

/* ---- a batch ----------------------------------------------------------------------------------------- */

/* Rows of one sort go in one durable transaction. */
static int commit(struct rh_tenant_writer *writer, struct rh_tenant_batch *batch, bool recorded,
		  struct rh_err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++) {
		struct rh_tenant_slot *slot = &batch->slots[i];

		if (slot->is_recorded == recorded && !slot->must_find) {
			slot->sent = slot->row;
			writer->rows[count++] = slot->row;
		}
	}
	if (count == 0) {
		return RH_OK;
	}
	return recorded ? rh_ledger_record(writer->run->ledger, writer->rows, count, err)
			: rh_ledger_intend(writer->run->ledger, writer->rows, count, err);
}

static bool is_sent(const struct rh_tenant_slot *slot)
{
	return !slot->is_recorded && !slot->is_refused;
}

/* T3: what belongs to something that the target refused. */
static int settle_refused(struct rh_tenant_writer *writer, const struct rh_tenant_batch *batch,
			  struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < batch->count && code == RH_OK; i++) {
		const struct rh_settlement settlement = {
			.id = batch->slots[i].row.id,
			.state = RH_STATE_REJECTED,
			.attempts = batch->slots[i].row.attempts,
			.code = RH_STR(RH_CODE_REFERENCE),
			.at = rh_run_now(writer->run),
		};

		if (batch->slots[i].is_refused) {
			code = rh_ledger_settle(writer->run->ledger, &settlement, err);
		}
	}
	return code;
}

int rh_tenant_fill(struct rh_tenant_writer *writer, struct rh_tenant_batch *batch,
		   struct rh_err *err)
{
	int code = RH_OK;

	batch->count = 0;
	while (code == RH_OK && !writer->is_read && batch->count < RH_LEDGER_GROUP) {
		code = read_one(writer, batch, err);
	}
	if (code == RH_OK) {
		code = commit(writer, batch, true, err);
	}
	if (code == RH_OK) {
		code = commit(writer, batch, false, err);
	}
	if (code == RH_OK) {
		code = settle_refused(writer, batch, err);
	}
	if (code != RH_OK) {
		return code;
	}
	for (size_t i = 0; i < batch->count; i++) {
		batch->open += is_sent(&batch->slots[i]) ? 1 : 0;
	}
	if (batch->open == 0) {
		rh_arena_reset(&batch->arena);
		batch->count = 0;
		return RH_OK;
	}
	/* A slot that ends at once may end the batch: one more is open until all are started. */
	batch->open++;
	for (size_t i = 0; i < batch->count; i++) {
		if (is_sent(&batch->slots[i])) {
			rh_tenant_start(&batch->slots[i]);
		}
	}
	if (--batch->open == 0) {
		rh_arena_reset(&batch->arena);
		batch->count = 0;
	}
	return RH_OK;
}
