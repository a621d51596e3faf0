/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts that are there and are to be changed.
 *
 *        intend --> read --> HELD --> what stood there is committed --> write --> settle
 *                              \--> as it is to be: settled without a write
 *                               \-> changed by somebody else: CONFLICT, nothing is written
 *
 *  U1. The account's row (ledger.h, L12) has the id base + ordinal like a create, the update's own row stands
 *      behind all of these, at base + total + ordinal.  An update that did not come to its aim goes on in the row
 *      that it has, with today's content: an account has at most one such row.
 *  U2. An account that we wrote is changed only while it stands there as we wrote it; one that we did not, as
 *      --on-existing asks.  A row whose request may have left is judged by what stands there: as it was before,
 *      or as that request would leave it, field by field, both are ours; anything else is another's (L11), and stays so for newer
 *      plans: what stood there before is kept, and undo looks what of ours is in it.
 *  U3. What stands there as it is to be is settled as done without a write.
 *  U4. No credential goes with an update, but with --only-passwords (U6).
 *  U5. A part that was refused before goes along again where the plan says so (RH0613).  A part that the target
 *      refuses is left out and the update goes on with the rest (A4); an answer that is lost is followed by another
 *      look (A2).
 *  U6. With --only-passwords nothing but the credential goes, to an account that carries our external id and
 *      whose person has not signed in since, where the target hides the dates of passwords; our own proofs
 *      (prove.c) do not count.  What the account's row says of its fields stays.  A lost answer is followed by the
 *      same request: the same hash twice is the same.
 *  U7. Nothing is taken away (changed.c, 1): a field that the source does not say stays as it is, and is expected
 *      as it was.  Of metadata that are said, what was ours and is not among them goes.
 *  U8. What no create holds (RH_PART_EXTRAS), and what can be tried one by one of what a create was refused for
 *      (caps.parts_singly), goes behind the create: an update of the same plan with a row of its own, of these parts
 *      alone.  It only adds, so it asks nobody's leave (U2) while the account carries our external id; one that carries
 *      another is somebody else's by now.  The account's row plans EXTRAS until they are sent or dropped: a kill in
 *      between is made good by the next run.  Fields that are only added to stand between two requests neither as
 *      before nor as after, and count as ours while the rest of the account does.  To an account that nobody can prove
 *      to be ours nothing is added: its rest is dropped, with a code that says so, and it is partial.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "engine/apply.h"
#include "engine/before_image.h"
#include "engine/prove.h"

/* Looks after a lost answer, before it is left to the next run. */
#define RESOLVE_MAX 3

/* Codes of an update that was in vain because somebody else changed the account; the second where a request of ours
 * may have arrived before. */
#define CHANGED "changed_since"
#define CHANGED_AFTER_US "changed_after_us"

/* ---- what the ledger knows ------------------------------------------------------------------------- */

/* A refused password is no reason against a name, nor the other way round. */
static bool is_unsettled(const struct rh_apply *apply, const struct rh_ledger_row *row)
{
	bool is_same_kind =
		(row->parts_planned == RH_PART_CREDENTIAL) == apply->run->settings->only_passwords;

	return row->state == RH_STATE_INTENDED || row->state == RH_STATE_UNKNOWN ||
	       row->state == RH_STATE_DEFERRED ||
	       ((row->state == RH_STATE_REJECTED || row->state == RH_STATE_CONFLICT) &&
		is_same_kind);
}

/* U1: the row of this revision, else one that did not come to its aim; the id of a new one. */
static int look_up_update(struct rh_apply *apply, uint64_t ordinal, int64_t account,
			  struct rh_arena *arena, struct rh_ledger_row *out, struct rh_err *err)
{
	const struct rh_plan *plan = apply->plan;
	int64_t id = plan->base + (int64_t)plan->counts.total + (int64_t)ordinal;
	int code = rh_ledger_get(apply->run->ledger, id, arena, out, err);

	if (code == 1 && (out->verb != RH_VERB_UPDATE || out->parent != account)) {
		return rh_err_set(err, RH_EINTERNAL, "ledger row %lld belongs to another account",
				  (long long)out->id);
	}
	if (code == 0 && plan->base > 0) {
		code = rh_ledger_find_update(apply->run->ledger, account, arena, out, err);
		/* one that this revision took over and settled is its own */
		if (code == 1 && out->revision != plan->revision && !is_unsettled(apply, out)) {
			code = 0;
		}
	}
	if (code == 0) {
		*out = (struct rh_ledger_row){.id = id};
	}
	return code;
}

/* ---- filling a slot -------------------------------------------------------------------------------- */

/* Its last request was answered, with a refusal. */
static bool was_refused(const struct rh_ledger_row *known)
{
	return known->state == RH_STATE_REJECTED ||
	       (known->state == RH_STATE_CONFLICT && !rh_str_is(known->code, CHANGED) &&
		!rh_str_is(known->code, CHANGED_AFTER_US));
}

/* L11: may an earlier request of this row have arrived?  What stood there before is known then. */
static bool has_before(const struct rh_slot *slot)
{
	const struct rh_ledger_row *known = &slot->known;

	return rh_ledger_row_may_be_sent(known) &&
	       (slot->must_find || known->state == RH_STATE_REJECTED ||
		known->state == RH_STATE_CONFLICT);
}

/* What is asked for with these parts: the digests that the row has until the account was read. */
static int ask(struct rh_slot *slot, unsigned parts, struct rh_err *err)
{
	const struct rh_run *run = slot->apply->run;
	struct rh_arena *arena = &slot->batch->arena;
	struct rh_wire wire = {0};
	int code = run->target->to_wire(run->target_instance, &slot->account, &run->policy, parts,
					arena, NULL, NULL, &wire, err);

	slot->said = rh_wire_said(&wire);
	if (code == RH_OK) {
		code = rh_plan_digest(run->workspace, &wire, wire.present, arena, &slot->row.wire,
				      err);
	}
	if (code == RH_OK) {
		code = rh_wire_digest_beside(run->workspace, &wire, slot->said,
					     (struct rh_wire_digests){rh_wire_all(run->target),
								      slot->there.asked},
					     arena, &slot->row.asked);
	}
	slot->parts = parts;
	slot->row.wire_present = wire.present;
	return code;
}

/* U8: what of an account that somebody else made may be there is theirs. */
static bool is_made_by_us(enum rh_origin origin)
{
	return origin == RH_ORIGIN_CREATED || origin == RH_ORIGIN_ADOPTED;
}

static bool has_open_rest(const struct rh_ledger_row *there)
{
	unsigned open = there->parts_planned & ~(there->parts_sent | there->parts_dropped);

	return (open & RH_PART_EXTRAS) != 0;
}

/* The parts that an update leaves out because the target has refused them, unless they go once more (U5), or were not
 * tried one by one yet (U8). */
static unsigned left_out(const struct rh_apply *apply, const struct rh_ledger_row *there,
			 enum rh_finding_code why)
{
	unsigned dropped = there->parts_dropped;

	if (why == RH_FINDING_PART_AGAIN) {
		return dropped & (unsigned)RH_PART_CREDENTIAL;
	}
	return has_open_rest(there) ? dropped & ~apply->run->target->caps.parts_singly : dropped;
}

/* U8: what of these parts goes behind the create. */
static unsigned rest_of(const struct rh_slot *slot, unsigned parts)
{
	return (parts & slot->apply->run->target->caps.parts_singly) | RH_PART_EXTRAS;
}

static struct rh_ledger_row account_row(const struct rh_apply *apply,
					const struct rh_exception *exception, int64_t id)
{
	return (struct rh_ledger_row){
		.id = id,
		.kind = RH_KIND_USER,
		.verb = RH_VERB_CREATE,
		.state = RH_STATE_DONE,
		.origin = RH_ORIGIN_LINKED,
		.source_id = exception->source_id,
		.target_id = exception->target_id,
		.record = exception->record,
		.file = exception->file,
		.revision = apply->plan->revision,
		/* no intent: the update is what counts as tried */
		.settled_at = rh_run_now(apply->run),
	};
}

/* U6. */
static int take_password(struct rh_slot *slot, const struct rh_assessed *assessed,
			 struct rh_err *err)
{
	slot->is_password = true;
	slot->parts = RH_PART_CREDENTIAL;
	slot->parts_dropped = 0;
	slot->row.parts_planned = RH_PART_CREDENTIAL;
	slot->row.external_id = slot->there.external_id;
	slot->row.wire_present = slot->there.wire_present;
	slot->row.wire = slot->there.wire;
	slot->row.asked = slot->there.asked;
	return rh_credential_digest(slot->apply->run->workspace, &assessed->account,
				    RH_PART_CREDENTIAL, &slot->batch->arena, &slot->row.credential,
				    err);
}

/* The update's row, with the parts that it plans and where the record stands. */
static void fill_row(struct rh_slot *slot, unsigned parts, uint64_t record, unsigned file)
{
	const struct rh_apply *apply = slot->apply;
	const struct rh_ledger_row *known = &slot->known;

	slot->row = (struct rh_ledger_row){
		.id = known->id,
		.kind = RH_KIND_USER,
		.verb = RH_VERB_UPDATE,
		.state = slot->must_find ? known->state : RH_STATE_INTENDED,
		.source_id = slot->account.source_id,
		.parent = slot->there.id,
		.external_id = slot->external_id,
		.target_id = slot->there.target_id,
		.parts_planned = slot->is_rest ? rest_of(slot, parts)
					       : parts & ~(unsigned)RH_PART_CREDENTIAL,
		.record = record,
		.file = file,
		.revision = apply->plan->revision,
		.attempts = known->attempts + 1,
		.intended_at = rh_run_now(apply->run),
		.target_at = rh_engine_target_now(apply->run->engine),
	};
}

static int fill_slot(struct rh_slot *slot, const struct rh_source_item *item,
		     const struct rh_assessed *assessed, const struct rh_ledger_row *known,
		     struct rh_err *err)
{
	int code;

	slot->account = assessed->account;
	slot->email = assessed->email;
	slot->external_id = assessed->external_id;
	slot->known = *known;
	fill_row(slot, assessed->parts, item->record, item->file);
	if (slot->apply->run->settings->only_passwords) {
		return take_password(slot, assessed, err);
	}
	code = ask(slot, slot->row.parts_planned & ~slot->parts_dropped, err);
	if (has_before(slot)) { /* U2: until it has read */
		slot->row.wire_present = known->wire_present;
		slot->row.wire = known->wire;
		slot->row.before_present = known->before_present;
		slot->row.before = known->before;
	}
	return code;
}

/* 1: the slot is filled, 0: it is not this account's turn, or an error. */
static int assess(struct rh_slot *slot, const struct rh_source_item *item,
		  const struct rh_ledger_row *known, struct rh_err *err)
{
	struct rh_apply *apply = slot->apply;
	enum rh_turn turn = RH_TURN_NOW;
	struct rh_assessed assessed RH_UNCLEARED;
	int code = rh_plan_assess(&apply->inputs, item, &slot->batch->arena, &apply->collector,
				  &assessed, err);

	if (code == RH_OK && rh_collector_refusal(&apply->collector) != NULL) {
		return rh_err_set(err, RH_EMISMATCH,
				  "an account is refused now that the plan would change");
	}
	if (code == RH_OK && apply->run->settings->only_passwords) {
		code = rh_apply_turn(apply, &assessed, known->id, &turn, err);
	}
	if (code != RH_OK || rh_apply_skips(apply, slot, turn)) {
		return code;
	}
	slot->is_held = turn == RH_TURN_HELD;
	code = fill_slot(slot, item, &assessed, known, err);
	return code == RH_OK ? 1 : code;
}

int rh_apply_add_update(struct rh_apply *apply, struct rh_batch *batch,
			const struct rh_source_item *item, const struct rh_exception *exception,
			struct rh_err *err)
{
	struct rh_slot *slot = &batch->slots[batch->count];
	struct rh_ledger_row there;
	struct rh_ledger_row known;
	enum rh_wanted wanted;
	int code = rh_apply_look_up(apply, item->ordinal, item->account.source_id, &batch->arena,
				    &there, err);
	bool is_new = code == 0;

	if (code < 0) {
		return code;
	}
	if (is_new) {
		there = account_row(apply, exception, there.id);
		if (!rh_arena_copy(&batch->arena, exception->target_id, &there.target_id) ||
		    !rh_arena_copy(&batch->arena, exception->source_id, &there.source_id)) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	} else if (there.state != RH_STATE_DONE && there.state != RH_STATE_VERIFIED) {
		return RH_OK; /* not at the target as far as we know: the next plan decides */
	}
	code = look_up_update(apply, item->ordinal, there.id, &batch->arena, &known, err);
	if (code < 0) {
		return code;
	}
	wanted = rh_apply_wanted(apply, &known);
	if (wanted == RH_WANTED_NOTHING) {
		return RH_OK;
	}
	*slot = (struct rh_slot){
		.apply = apply,
		.batch = batch,
		.ordinal = item->ordinal,
		.there = there,
		.parts_dropped = left_out(apply, &there, exception->code),
		.records_account = is_new,
		.must_find = wanted == RH_WANTED_LOOK,
	};
	if (!rh_arena_copy(&batch->arena, rh_buf_str(&apply->previous), &slot->previous)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = assess(slot, item, &known, err);
	if (code == 1) {
		batch->count++;
	}
	return code < 0 ? code : RH_OK;
}

int rh_apply_add_rest(struct rh_apply *apply, struct rh_batch *batch,
		      const struct rh_source_item *item, const struct rh_ledger_row *there,
		      struct rh_err *err)
{
	struct rh_slot *slot = &batch->slots[batch->count];
	bool is_there = there->state == RH_STATE_DONE || there->state == RH_STATE_VERIFIED;
	struct rh_ledger_row known;
	enum rh_wanted wanted;
	int code;

	if (!is_there || !is_made_by_us(there->origin) || !has_open_rest(there)) {
		return RH_OK;
	}
	code = look_up_update(apply, item->ordinal, there->id, &batch->arena, &known, err);
	wanted = code < 0 ? RH_WANTED_NOTHING : rh_apply_wanted(apply, &known);
	if (wanted == RH_WANTED_NOTHING) {
		return code < 0 ? code : RH_OK;
	}
	*slot = (struct rh_slot){
		.apply = apply,
		.batch = batch,
		.ordinal = item->ordinal,
		.there = *there,
		.is_rest = true,
		.must_find = wanted == RH_WANTED_LOOK,
	};
	if (!rh_arena_copy(&batch->arena, rh_buf_str(&apply->previous), &slot->previous)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = assess(slot, item, &known, err);
	batch->count += code == 1 ? 1 : 0;
	return code < 0 ? code : RH_OK;
}

void rh_slot_drop_rest(struct rh_slot *slot, enum rh_origin origin)
{
	if ((slot->row.parts_planned & RH_PART_EXTRAS) == 0 || is_made_by_us(origin)) {
		return;
	}
	if (slot->parts_dropped == 0) { /* else what the target refused says more */
		slot->code = RH_STR(RH_CODE_NOT_PROVEN);
	}
	slot->parts_dropped |= RH_PART_EXTRAS;
}

bool rh_slot_begin_rest(struct rh_slot *slot, enum rh_origin origin, int *code, struct rh_err *err)
{
	const struct rh_plan *plan = slot->apply->plan;
	struct rh_ledger_row made = slot->row;

	if (made.verb != RH_VERB_CREATE || (made.parts_planned & RH_PART_EXTRAS) == 0 ||
	    !is_made_by_us(origin)) {
		return false;
	}
	made.state = RH_STATE_DONE;
	made.origin = origin;
	made.wire_present = slot->sent_present;
	made.wire = slot->sent_wire;
	slot->there = made;
	slot->known = (struct rh_ledger_row){
		.id = plan->base + (int64_t)plan->counts.total + (int64_t)slot->ordinal,
	};
	slot->is_rest = true;
	slot->must_find = false;
	slot->resolved = 0;
	slot->parts_dropped = 0;
	slot->code = RH_STR_ABSENT;
	fill_row(slot, made.parts_planned, made.record, made.file);
	*code = ask(slot, slot->row.parts_planned, err);
	return true;
}

/* ---- sending --------------------------------------------------------------------------------------- */

static void observed(void *context, struct rh_job *job, struct rh_operation *operation)
{
	struct rh_slot *slot = context;
	struct rh_apply *apply = slot->apply;

	slot->held = job;
	slot->operation = operation;
	slot->verdict = RH_VERDICT_NONE;
	apply->observed[apply->observed_count++] = slot;
}

static void updated(void *context, struct rh_operation *operation, const struct rh_answer *answer);

void rh_slot_update(struct rh_slot *slot, int64_t delay_us)
{
	struct rh_apply *apply = slot->apply;
	bool is_ours = slot->there.origin == RH_ORIGIN_CREATED;
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_UPDATE,
		.has_row = true,
		.row =
			{
				.account = &slot->account,
				.policy = &apply->run->policy,
				.source_id = slot->row.source_id,
				.external_id = slot->row.external_id,
				.target_id = slot->row.target_id,
				.parts = slot->parts,
				/* U7: replaced, never taken away */
				.clears = is_ours && !slot->is_password
						  ? slot->there.wire_present & slot->said
						  : 0,
				.is_foreign = !is_ours,
			},
		.delay_us = delay_us,
		.observed = observed,
		.done = updated,
		.context = slot,
	};
	struct rh_err err = {0};
	int code = rh_engine_submit(apply->run->engine, &spec, &err);

	if (code != RH_OK) {
		rh_apply_fail(apply, code, &err);
		rh_slot_settle_open(slot, slot->must_find ? RH_STATE_UNKNOWN : RH_STATE_DEFERRED);
	}
}

/* ---- judging --------------------------------------------------------------------------------------- */

/* U2: does an account that nobody has touched since stand there? */
static bool is_as_we_left_it(const struct rh_slot *slot, const struct rh_row *row)
{
	const struct rh_workspace *workspace = slot->apply->run->workspace;
	const struct rh_ledger_row *there = &slot->there;

	if (there->wire_present == 0) {
		return there->origin != RH_ORIGIN_CREATED;
	}
	if (!rh_wire_is(workspace, &row->observed.wire, there->wire_present, there->wire)) {
		return false;
	}
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX && there->origin == RH_ORIGIN_CREATED; i++) {
		uint32_t bit = UINT32_C(1) << i;
		bool is_there = (row->observed.wire.present & bit) != 0 &&
				rh_str_is_set(row->observed.wire.value[i]);
		/* What we did not write was not there. */
		if ((row->concerned & ~there->wire_present & bit) != 0 && is_there &&
		    !rh_row_field_is_as_expected(row, i)) {
			return false;
		}
	}
	return true;
}

/* As it was before the row's earlier requests, or as they would leave it, or between the two: an update may need more
 * than one, and may have ended after the first (connector.h, C2). */
static bool is_of_earlier_request(const struct rh_slot *slot, const struct rh_row *row)
{
	const struct rh_workspace *workspace = slot->apply->run->workspace;
	const struct rh_ledger_row *known = &slot->known;
	const struct rh_wire *there = &row->observed.wire;
	uint32_t changed;

	if (rh_wire_is(workspace, there, known->before_present, known->before)) {
		return true;
	}
	if (was_refused(known)) {
		return false;
	}
	changed = rh_wire_differs(workspace, there, known->wire_present, known->wire);
	changed &= ~slot->apply->run->target->caps.fields_added_to; /* U8 */
	return (changed &
		rh_wire_differs(workspace, there, known->before_present, known->before)) == 0 ||
	       rh_wire_is(workspace, there, known->wire_present, known->wire);
}

static bool is_ours(const struct rh_slot *slot, const struct rh_row *row)
{
	if (has_before(slot) && is_of_earlier_request(slot, row)) {
		return true;
	}
	return (!has_before(slot) || was_refused(&slot->known)) && is_as_we_left_it(slot, row);
}

/* The row's final content, and what stands there now. */
static int take_observed(struct rh_slot *slot, struct rh_str *image, struct rh_err *err)
{
	const struct rh_run *run = slot->apply->run;
	const struct rh_row *row = &slot->operation->rows[0];
	struct rh_arena *arena = &slot->batch->arena;
	bool has_image = has_before(slot) && (slot->is_rest || !was_refused(&slot->known) ||
					      is_of_earlier_request(slot, row));
	const struct rh_ledger_row *there = &slot->there;
	/* U7: of what is not said the account's row keeps what it has. */
	int code = rh_wire_digest_beside(run->workspace, &row->expected,
					 row->concerned & (slot->said | ~there->wire_present),
					 (struct rh_wire_digests){there->wire_present, there->wire},
					 arena, &slot->row.wire);

	*image = RH_STR_ABSENT;
	if (slot->is_password) {
		slot->row.wire = slot->there.wire;
		slot->row.before_present = rh_wire_all(run->target);
		return code == RH_OK ? rh_plan_digest(run->workspace, &row->observed.wire,
						      slot->row.before_present, arena,
						      &slot->row.before, err)
				     : code;
	}
	slot->row.wire_present = row->concerned | there->wire_present;
	slot->row.parts_dropped = slot->parts_dropped;
	if (code != RH_OK || slot->verdict == RH_VERDICT_SAME) {
		slot->row.before_present = has_image ? slot->known.before_present : 0;
		slot->row.before = has_image ? slot->known.before : RH_STR_ABSENT;
		return code;
	}
	slot->row.before_present = rh_wire_all(run->target);
	code = rh_plan_digest(run->workspace, &row->observed.wire, slot->row.before_present, arena,
			      &slot->row.before, err);
	/* The first image stays: what an earlier request left is ours to take back, too. */
	if (code == RH_OK && !has_image) {
		code = rh_image_seal(run, slot->row.id, &row->observed.wire, arena, image, err);
	}
	return code;
}

/* Our external id is gone from the account: it is somebody else's by now. */
static bool has_changed_hands(const struct rh_slot *slot, const struct rh_row *row)
{
	return slot->there.external_id.ptr != NULL &&
	       !rh_str_eq(row->observed.external_id, slot->there.external_id);
}

/* U6. */
static enum rh_verdict judge_password(struct rh_slot *slot, const struct rh_row *row)
{
	struct rh_run *run = slot->apply->run;
	rh_time since = row->observed.last_sign_in_at;
	rh_time ours = 0;
	struct rh_err err = {0};
	int code;

	if (has_changed_hands(slot, row)) {
		return RH_VERDICT_CHANGED;
	}
	if (since == 0 || (run->target->caps.flags & RH_CAP_HIDES_PASSWORD_DATES) == 0) {
		return RH_VERDICT_WRITE;
	}
	code = rh_prove_noted(run->ledger, slot->there.id, &slot->batch->arena, &ours, &err);
	if (code != RH_OK) {
		rh_apply_fail(slot->apply, code, &err);
	}
	return code == RH_OK && ours != 0 && since <= ours + RH_PROOF_TAKES_US ? RH_VERDICT_WRITE
									       : RH_VERDICT_IN_USE;
}

static void judge(struct rh_slot *slot)
{
	const struct rh_row *row = &slot->operation->rows[0];

	if (slot->is_password) {
		slot->verdict = judge_password(slot, row);
		return;
	}
	if (slot->is_rest && has_changed_hands(slot, row)) {
		slot->verdict = RH_VERDICT_CHANGED;
	} else if (rh_row_is_as_expected(row)) {
		slot->verdict = RH_VERDICT_SAME;
	} else {
		slot->verdict =
			slot->is_rest || is_ours(slot, row) ? RH_VERDICT_WRITE : RH_VERDICT_CHANGED;
	}
}

static void act(struct rh_slot *slot)
{
	struct rh_engine *engine = slot->apply->run->engine;
	struct rh_job *job = slot->held;

	slot->held = NULL;
	slot->operation = NULL;
	if (slot->verdict == RH_VERDICT_WRITE) {
		rh_engine_let_go(engine, job);
	} else {
		rh_engine_end(engine, job); /* goes on in `updated` */
	}
}

static bool may_go(const struct rh_slot *slot)
{
	return slot->verdict != RH_VERDICT_CHANGED && slot->verdict != RH_VERDICT_IN_USE;
}

/* L11: up to a group of those that were read. */
static int release_group(struct rh_apply *apply, struct rh_slot **slots, size_t count,
			 struct rh_err *err)
{
	struct rh_str images[RH_LEDGER_GROUP];
	size_t rows = 0;
	int code = RH_OK;

	for (size_t i = 0; i < count && code == RH_OK; i++) {
		judge(slots[i]);
		if (may_go(slots[i])) {
			code = take_observed(slots[i], &images[rows], err);
			apply->rows[rows++] = slots[i]->row;
		}
	}
	if (code == RH_OK && rows > 0) {
		code = rh_ledger_observe(apply->run->ledger, apply->rows, images, rows, err);
	}
	for (size_t i = 0; i < count && code == RH_OK; i++) {
		if (may_go(slots[i])) {
			slots[i]->row.state = RH_STATE_INTENDED;
		}
		act(slots[i]);
	}
	return code;
}

int rh_apply_release(struct rh_apply *apply, struct rh_err *err)
{
	int code = RH_OK;

	while (apply->observed_count > 0 && code == RH_OK) {
		struct rh_slot *slots[RH_LEDGER_GROUP];
		size_t count = apply->observed_count < RH_LEDGER_GROUP ? apply->observed_count
								       : RH_LEDGER_GROUP;
		apply->observed_count -= count;
		memcpy(slots, apply->observed + apply->observed_count,
		       count * sizeof(struct rh_slot *));
		code = release_group(apply, slots, count, err);
	}
	return code;
}

/* It was given up while it was held: nobody else may let it go. */
static void forget_held(struct rh_slot *slot)
{
	struct rh_apply *apply = slot->apply;

	for (size_t i = 0; slot->held != NULL && i < apply->observed_count; i++) {
		if (apply->observed[i] == slot) {
			apply->observed[i] = apply->observed[--apply->observed_count];
			break;
		}
	}
	slot->held = NULL;
	slot->operation = NULL;
}

/* ---- outcomes -------------------------------------------------------------------------------------- */

/* U5: once more, by what the row is now. */
static void look_again(struct rh_slot *slot, int64_t delay_us)
{
	slot->known = slot->row;
	slot->must_find = true;
	rh_slot_update(slot, delay_us);
}

static void updated_unknown(struct rh_slot *slot)
{
	struct rh_apply *apply = slot->apply;

	if (slot->resolved++ >= RESOLVE_MAX || rh_run_stop_level(apply->run) > 0 ||
	    apply->code != RH_OK) {
		rh_slot_settle_open(slot, RH_STATE_UNKNOWN);
		return;
	}
	look_again(slot, apply->run->target->caps.read_after_write_us);
}

static void updated_rejected(struct rh_slot *slot, const struct rh_row *row)
{
	unsigned parts = row->parts_at_fault & slot->row.parts_planned;
	struct rh_str code_text = rh_slot_keep_text(slot, row->code);
	struct rh_err err = {0};
	int code;

	if (slot->is_password || !rh_slot_may_drop(slot, parts)) {
		rh_slot_settle_refused(slot, RH_STATE_REJECTED, code_text, row->cause);
		return;
	}
	slot->parts_dropped |= parts;
	slot->code = code_text;
	code = ask(slot, slot->row.parts_planned & ~slot->parts_dropped, &err);
	if (code != RH_OK) {
		rh_apply_fail(slot->apply, code, &err);
		rh_slot_settle_open(slot, RH_STATE_UNKNOWN);
		return;
	}
	look_again(slot, 0);
}

static void ended(struct rh_slot *slot)
{
	if (slot->verdict == RH_VERDICT_CHANGED && slot->is_password) {
		rh_slot_settle_refused(slot, RH_STATE_CONFLICT, RH_STR("another_external_id"),
				       "the account carries another external id since it was "
				       "created");
	} else if (slot->verdict == RH_VERDICT_IN_USE) {
		rh_slot_settle_refused(slot, RH_STATE_CONFLICT, RH_STR("signed_in_since"),
				       "the person has signed in since, and may have a password of "
				       "their own");
	} else if (slot->verdict == RH_VERDICT_CHANGED && has_before(slot) &&
		   !was_refused(&slot->known)) {
		rh_slot_settle_refused(
			slot, RH_STATE_CONFLICT, RH_STR(CHANGED_AFTER_US),
			"the account may have been changed by us before somebody else changed it");
	} else if (slot->verdict == RH_VERDICT_CHANGED) {
		rh_slot_settle_refused(
			slot, RH_STATE_CONFLICT, RH_STR(CHANGED),
			"the account was changed at the target since it was written");
	} else {
		rh_slot_settle_done(slot, slot->there.origin);
	}
}

static void updated(void *context, struct rh_operation *operation, const struct rh_answer *answer)
{
	struct rh_slot *slot = context;
	const struct rh_row *row = &operation->rows[0];

	forget_held(slot);
	if (answer->kind == RH_ANSWER_OBSERVED) {
		ended(slot);
		return;
	}
	switch (row->outcome) {
	case RH_OUTCOME_DONE:
		rh_slot_settle_done(slot, slot->there.origin);
		break;
	case RH_OUTCOME_ABSENT:
		rh_slot_settle_refused(slot, RH_STATE_CONFLICT, RH_STR("absent"),
				       "the account is not at the target any more");
		break;
	case RH_OUTCOME_ALREADY:
	case RH_OUTCOME_CONFLICT:
		rh_slot_settle_refused(slot, RH_STATE_CONFLICT, rh_slot_keep_text(slot, row->code),
				       row->cause);
		break;
	case RH_OUTCOME_REJECTED:
		updated_rejected(slot, row);
		break;
	case RH_OUTCOME_UNKNOWN:
		updated_unknown(slot);
		break;
	case RH_OUTCOME_NONE:
	case RH_OUTCOME_THROTTLED:
	case RH_OUTCOME_AWAY:
	case RH_OUTCOME_DENIED:
		/* This request was not accepted; whether an earlier one was is not known. */
		rh_slot_settle_open(slot, slot->must_find ? RH_STATE_UNKNOWN : RH_STATE_DEFERRED);
		break;
	}
}
