/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts that the ledger has at the target already, and what a newer export says of them.
 *
 *  1. What we created and would be written otherwise now is changed, as --on-changed asks; whether somebody has
 *     changed it at the target since shows when apply reads it (apply_update.c, U2).
 *     What the source says no more is no change: it stays at the target as it is, and that is told (RH0618).  An
 *     export that holds less, such as a CSV without metadata, is not one that says that people lost something.
 *     Metadata that are said, with fewer keys, are a change.
 *  2. What was there before us and was linked is changed when --on-existing says update and the plan asks for
 *     something else than the last time; rule 1 holds for what it does not say.
 *  3. Another password hash than the one that went is told and never sent: a target does not say whether the person
 *     has a newer one there.
 *  4. An update that is not settled is decided again, whatever the plan says: somebody has to look.
 *  5. A part that the target refused is asked for again by each newer plan, unless --on-changed says skip, and by the
 *     same one once more when that was in vain: what the target minds may be mended there.  Never a credential: the
 *     person may have a newer one.
 *  6. With --only-passwords nothing but a first hash is written, and only to an account that we created, without one;
 *     who has one, or gets none, is left out, with the reason.  Who is not at the target by us is refused: that they
 *     do not move is told.  An update of another kind that is open is finished first.
 *  7. Who was blocked at the source since is told, and nothing is written: a target that cannot block cannot be made
 *     to.  With --blocked without-password nobody is told of whom no password went and who is as that asks, or will be.
 */
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "plan/plan_internal.h"

/* What a look at an account needs of a plan, while it is made and after. */
struct looking {
	const struct rh_plan_inputs *inputs;
	struct rh_collector *collector;
	bool has_open_updates;
};

static struct looking look_of(struct rh_plan_builder *builder)
{
	return (struct looking){
		.inputs = &builder->inputs,
		.collector = &builder->collector,
		.has_open_updates = builder->has_open_updates,
	};
}

static void find(const struct looking *look, enum rh_finding_code code, const char *note)
{
	struct rh_finding finding = {.code = code, .note = rh_str_from(note)};

	look->collector->sink.add(&look->collector->sink, &finding);
}

static bool can_update(const struct looking *look)
{
	return look->inputs->target->ops[RH_KIND_USER][RH_VERB_UPDATE] != NULL;
}

/* 3. */
static int look_at_password(const struct looking *look, const struct rh_ledger_row *row,
			    const struct rh_assessed *assessed, struct rh_arena *arena,
			    struct rh_err *err)
{
	struct rh_str digest;
	int code = rh_credential_digest(look->inputs->workspace, &assessed->account,
					assessed->parts, arena, &digest, err);

	if (code == RH_OK && row->credential.ptr != NULL && digest.ptr != NULL &&
	    !rh_str_eq(row->credential, digest)) {
		find(look, RH_FINDING_PASSWORD_CHANGED, "");
	}
	return code;
}

/* 5.  The note says which plan asked last, so that the next one differs from it (plan.h, P3). */
static int look_at_parts(const struct looking *look, const struct rh_ledger_row *row,
			 const struct rh_assessed *assessed, struct rh_arena *arena, bool *update,
			 struct rh_err *err)
{
	unsigned missing = row->parts_dropped & assessed->parts & ~(unsigned)RH_PART_CREDENTIAL;
	struct rh_ledger_row last = {.revision = row->revision};
	char note[64];
	int code;

	if (missing == 0 || !can_update(look)) {
		return RH_OK;
	}
	code = rh_ledger_find_update(look->inputs->ledger, row->id, arena, &last, err);
	if (code < 0) {
		return code;
	}
	(void)snprintf(note, sizeof(note), "refused when plan %lld was applied",
		       (long long)(code == 1 ? last.revision : row->revision));
	find(look, RH_FINDING_PART_AGAIN, note);
	*update = true;
	return RH_OK;
}

/* 1: what the target has by us and the source says no more. */
static void look_at_silence(const struct looking *look, const struct rh_assessed *assessed,
			    uint32_t differs, struct rh_wire_digests stored)
{
	uint32_t silent = differs & stored.present & ~rh_wire_said(&assessed->wire);
	char note[RH_COLLECT_NOTE_MAX];

	if (silent != 0) {
		silent &= rh_wire_holds(look->inputs->workspace, stored);
	}
	if (silent != 0) {
		rh_wire_names(look->inputs->target, silent, note, sizeof(note));
		find(look, RH_FINDING_SAID_NO_MORE, note);
	}
}

/* What its requests did not bring: what was refused, and what goes behind the create and has not gone yet. */
static unsigned not_sent(const struct rh_ledger_row *row)
{
	unsigned open = row->parts_planned & ~(row->parts_sent | row->parts_dropped);

	return row->parts_dropped | (open & (unsigned)RH_PART_EXTRAS);
}

/* 1. */
static int look_at_created(const struct looking *look, const struct rh_ledger_row *row,
			   const struct rh_assessed *assessed, struct rh_arena *arena, bool *update,
			   struct rh_err *err)
{
	struct rh_wire wire;
	char note[RH_COLLECT_NOTE_MAX];
	uint32_t fields;
	int code;

	if (row->wire_present == 0) {
		return RH_OK; /* nobody knows how it was written */
	}
	code = rh_plan_without(look->inputs, assessed, not_sent(row), arena, &wire, err);
	if (code == RH_OK) {
		code = look_at_password(look, row, assessed, arena, err);
	}
	if (code != RH_OK) {
		return code;
	}
	fields = rh_wire_differs(look->inputs->workspace, &wire, row->wire_present, row->wire);
	look_at_silence(look, assessed, fields,
			(struct rh_wire_digests){row->wire_present, row->wire});
	fields &= rh_wire_said(&wire);
	if (row->asked.ptr != NULL) { /* it stands there with more than was asked for */
		fields &= rh_wire_differs(look->inputs->workspace, &wire,
					  rh_wire_all(look->inputs->target), row->asked);
	}
	if (fields == 0) { /* so nothing goes but the part */
		if (look->inputs->settings->on_changed != RH_CHANGED_UPDATE) {
			return RH_OK;
		}
		return look_at_parts(look, row, assessed, arena, update, err);
	}
	rh_wire_names(look->inputs->target, fields, note, sizeof(note));
	*update = can_update(look) && look->inputs->settings->on_changed == RH_CHANGED_UPDATE;
	find(look, *update ? RH_FINDING_CHANGED : RH_FINDING_CHANGED_SINCE, note);
	return RH_OK;
}

/* 2. */
static int look_at_linked(const struct looking *look, const struct rh_ledger_row *row,
			  const struct rh_assessed *assessed, struct rh_arena *arena, bool *update,
			  struct rh_err *err)
{
	struct rh_wire_digests asked = {
		.present = rh_wire_all(look->inputs->target),
		.bytes = row->asked,
	};
	struct rh_wire wire;
	uint32_t differs;
	int code;

	if (!can_update(look) || look->inputs->settings->on_existing != RH_EXISTING_UPDATE) {
		return RH_OK;
	}
	code = rh_plan_without(look->inputs, assessed, row->parts_dropped, arena, &wire, err);
	if (code != RH_OK) {
		return code;
	}
	differs = rh_wire_differs(look->inputs->workspace, &wire, asked.present, asked.bytes);
	if (rh_wire_is_second_form(asked.present, row->asked)) {
		look_at_silence(look, assessed, differs, asked);
	}
	if ((differs & rh_wire_said(&wire)) != 0) {
		*update = true;
		find(look, RH_FINDING_EXISTS_UPDATED, "");
	}
	return RH_OK;
}

/* 4.  The state of an update that did not come to its aim; RH_STATES: there is none. */
static int look_at_open(const struct looking *look, const struct rh_ledger_row *row,
			struct rh_arena *arena, enum rh_state *out, struct rh_err *err)
{
	struct rh_ledger_row open;
	int code = look->has_open_updates
			   ? rh_ledger_find_update(look->inputs->ledger, row->id, arena, &open, err)
			   : 0;

	*out = code == 1 ? open.state : RH_STATES;
	if (code == 1 && open.parts_planned == RH_PART_CREDENTIAL &&
	    open.state != RH_STATE_INTENDED && open.state != RH_STATE_UNKNOWN) {
		*out = RH_STATES; /* 6: of another kind */
	}
	return code < 0 ? code : RH_OK;
}

/* 6. */
int rh_plan_look_at_late_password(struct rh_plan_builder *builder, const struct rh_ledger_row *row,
				  const struct rh_assessed *assessed, struct rh_arena *arena,
				  bool *update, struct rh_err *err)
{
	const struct looking looking = look_of(builder);
	const struct looking *look = &looking;
	enum rh_finding_code code = RH_FINDING_PASSWORD_ADDED;
	struct rh_ledger_row open;
	int found =
		row != NULL && look->has_open_updates
			? rh_ledger_find_update(look->inputs->ledger, row->id, arena, &open, err)
			: 0;

	*update = false;
	if (found < 0) {
		return found;
	}
	if (row == NULL || row->origin != RH_ORIGIN_CREATED ||
	    (row->state != RH_STATE_DONE && row->state != RH_STATE_VERIFIED)) {
		code = RH_FINDING_PASSWORD_NOT_OURS;
	} else if ((row->parts_sent & RH_PART_CREDENTIAL) != 0) {
		code = RH_FINDING_PASSWORD_THERE;
	} else if ((assessed->parts & RH_PART_CREDENTIAL) == 0 || !can_update(look)) {
		code = RH_FINDING_PASSWORD_MISSING;
	} else if (found == 1 && open.parts_planned != RH_PART_CREDENTIAL &&
		   (open.state == RH_STATE_INTENDED || open.state == RH_STATE_UNKNOWN)) {
		code = RH_FINDING_UPDATE_OPEN;
	} else {
		*update = true;
	}
	find(look, code, "");
	return RH_OK;
}

/* 7: of an account with this row. */
static bool is_usable(const struct looking *look, const struct rh_ledger_row *row,
		      const struct rh_assessed *assessed)
{
	const struct rh_settings *settings = look->inputs->settings;
	unsigned flags = rh_plan_flags_of_state(row->state);
	bool is_changed = can_update(look) && settings->on_changed == RH_CHANGED_UPDATE;

	if (settings->blocked == RH_BLOCKED_SKIP) {
		return (flags & RECORD_OURS) !=
		       0; /* also of whom nobody knows yet: they may be there */
	}
	if ((flags & RECORD_DONE) == 0) {
		return false; /* it is looked up first */
	}
	return (row->parts_sent & RH_PART_CREDENTIAL) != 0 ||
	       (!is_changed && row->wire_present != 0 &&
		rh_wire_differs(look->inputs->workspace, &assessed->wire, row->wire_present,
				row->wire) != 0);
}

int rh_plan_look_at_blocked(struct rh_plan_builder *builder, const struct rh_source_item *item,
			    const struct rh_assessed *assessed, struct rh_arena *arena,
			    struct rh_err *err)
{
	struct rh_exception exception = {
		.ordinal = item->ordinal,
		.decision = RH_DECISION_BLOCKED,
		.code = RH_FINDING_BLOCKED_SINCE,
		.source_id = item->account.source_id,
		.record = item->record,
		.file = item->file,
	};
	struct rh_ledger_row row;
	const struct looking look = look_of(builder);
	bool is_new;
	int code;

	if (!builder->has_ledger_rows || item->account.source_id.ptr == NULL) {
		return 0;
	}
	code = rh_ledger_find(builder->inputs.ledger, RH_KIND_USER, item->account.source_id, arena,
			      &row, err);
	if (code != 1 || !is_usable(&look, &row, assessed)) {
		return code < 0 ? code : 0;
	}
	exception.target_id = row.target_id;
	if (rh_groups_add_one(builder->groups, exception.code, "", item->account.source_id) !=
	    RH_OK) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_plan_except(builder, &exception, &is_new, err);
	return code == RH_OK ? 1 : code;
}

static int look_at_content(const struct looking *look, const struct rh_ledger_row *row,
			   const struct rh_assessed *assessed, struct rh_arena *arena, bool *update,
			   struct rh_err *err)
{
	switch (row->origin) {
	case RH_ORIGIN_CREATED:
		return look_at_created(look, row, assessed, arena, update, err);
	case RH_ORIGIN_LINKED:
		return look_at_linked(look, row, assessed, arena, update, err);
	case RH_ORIGIN_NONE:
	case RH_ORIGIN_ADOPTED:
	case RH_ORIGIN_UNSURE:
		break; /* nobody can prove that it is ours to change */
	}
	return RH_OK;
}

static int look_at_row(const struct looking *look, const struct rh_ledger_row *row,
		       const struct rh_assessed *assessed, struct rh_arena *arena, bool *update,
		       struct rh_err *err)
{
	enum rh_state open = RH_STATES;
	int code = RH_OK;

	*update = false;
	if (row->state != RH_STATE_DONE && row->state != RH_STATE_VERIFIED) {
		return RH_OK;
	}
	code = look_at_open(look, row, arena, &open, err);
	if (code == RH_OK && open != RH_STATE_INTENDED && open != RH_STATE_UNKNOWN) {
		code = look_at_content(look, row, assessed, arena, update, err);
	}
	if (code == RH_OK && !*update &&
	    (open == RH_STATE_INTENDED || open == RH_STATE_UNKNOWN || open == RH_STATE_DEFERRED ||
	     open == RH_STATE_REJECTED || open == RH_STATE_CONFLICT)) {
		*update = true;
		find(look, RH_FINDING_UPDATE_OPEN, "");
	}
	return code;
}

int rh_plan_look_at_row(struct rh_plan_builder *builder, const struct rh_ledger_row *row,
			const struct rh_assessed *assessed, struct rh_arena *arena, bool *update,
			struct rh_err *err)
{
	const struct looking look = look_of(builder);

	return look_at_row(&look, row, assessed, arena, update, err);
}

/* The plan's inputs, the ledger's row and the account are three things. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_plan_look_again(const struct rh_plan_inputs *inputs, bool has_open_updates,
		       const struct rh_ledger_row *row, const struct rh_assessed *assessed,
		       struct rh_arena *arena, struct rh_collector *collector, struct rh_err *err)
{
	const struct looking look = {inputs, collector, has_open_updates};
	bool update;

	return inputs->settings->only_passwords
		       ? RH_OK
		       : look_at_row(&look, row, assessed, arena, &update, err);
}
