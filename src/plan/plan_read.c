/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the source into a plan: every account assessed, counted, and put into roster and index. */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "crypto/digest.h"
#include "plan/apart.h"
#include "plan/plan_internal.h"
#include "plan/setting.h"
#include "plan/tenant.h"

/* Records between two ticks, or the time: a program of the mapping may take a second for one (jq.h, J2). */
#define TICK 1000
#define TICK_US (100 * RH_MILLISECOND)

static const char sql_exceptions[] =
	"CREATE TABLE exception (n INTEGER PRIMARY KEY, decision INTEGER NOT NULL, code INTEGER "
	"NOT NULL,"
	" source_id TEXT, target_id TEXT, path TEXT, note TEXT, file INTEGER NOT NULL,"
	" number INTEGER NOT NULL) STRICT;"
	"CREATE TABLE shared (g INTEGER NOT NULL, n INTEGER NOT NULL, sharing INTEGER NOT NULL,"
	" source_id TEXT, file INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (g, n))"
	" STRICT, WITHOUT ROWID;"
	/* of another revision: n is the record's number there */
	"CREATE TABLE earlier (revision INTEGER NOT NULL, n INTEGER NOT NULL, decision INTEGER NOT"
	" NULL, code INTEGER NOT NULL, source_id TEXT, target_id TEXT, path TEXT, note TEXT,"
	" file INTEGER NOT NULL, number INTEGER NOT NULL, input TEXT, PRIMARY KEY (revision, n))"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE seen (source_id TEXT, is_marked INTEGER NOT NULL,"
	" was_there INTEGER NOT NULL) STRICT";
/* Exceptions come in the order of the input, or nearly so: there is little to keep at hand. */
static const char sql_small_cache[] = "PRAGMA cache_size = -4096";
static const char sql_except[] = "INSERT OR IGNORE INTO exception (n, decision, code, source_id, "
				 "target_id, path, note, file, number)"
				 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

static_assert(RH_COLLECT_ACCOUNT_MAX <= RH_ROSTER_FINDINGS_MAX, "all findings of an account fit");

/* What would change the account of another record. */
static const char sql_refuse_update[] =
	"UPDATE exception SET decision = ?, code = ?, note = NULL WHERE n = ? AND decision = ?";

/* ---- begin ------------------------------------------------------------------------------------------------ */

/* The database and what a killed process left beside it. */
static int remove_database(const char *path, struct rh_err *err)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	int code = RH_OK;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && code == RH_OK; i++) {
		rh_autobuf name = {0};
		rh_buf_init(&name, 4096);
		rh_buf_printf(&name, "%s%s", path, endings[i]);
		code = rh_buf_check(&name, "path", err);
		if (code == RH_OK) {
			code = rh_file_remove(name.ptr, err);
		}
	}
	return code;
}

static int open_exceptions(struct rh_plan_builder *builder, struct rh_err *err)
{
	int code = rh_workspace_file(builder->inputs.workspace, "plans", "next.db",
				     &builder->exceptions_path, err);

	if (code != RH_OK || (code = remove_database(builder->exceptions_path, err)) != RH_OK ||
	    (code = rh_db_open(&builder->exceptions, builder->exceptions_path, RH_DB_DURABLE,
			       err)) != RH_OK ||
	    (code = rh_db_exec(builder->exceptions, sql_small_cache, err)) != RH_OK ||
	    (code = rh_db_exec(builder->exceptions, sql_exceptions, err)) != RH_OK) {
		return code;
	}
	return rh_db_begin(builder->exceptions, err);
}

static int look_at_ledger(struct rh_plan_builder *builder, struct rh_err *err)
{
	struct rh_ledger_counts counts;
	int code;

	builder->inputs.policy.is_glance = true; /* nothing to compare with */
	if (builder->inputs.ledger == NULL) {
		return RH_OK;
	}
	code = rh_ledger_count(builder->inputs.ledger, &counts, err);
	if (code != RH_OK || counts.last_id == 0) {
		return code;
	}
	/* Whom an undo removed is nobody who is there: they are planned anew, or in no input any more. */
	builder->counts.rows = counts.accounts -
			       (counts.by_state[RH_STATE_UNDONE] - counts.updates[RH_STATE_UNDONE]);
	builder->has_ledger_rows = true;
	builder->has_open_updates = counts.open_updates > 0;
	builder->inputs.policy.is_glance = false;
	return rh_ledger_index(builder->inputs.ledger, err);
}

static int check_standard_input(const struct rh_settings *settings, struct rh_err *err)
{
	bool proves = settings->prove != NULL && strcmp(settings->prove, "-") == 0;

	for (size_t i = 0; i < settings->files.count && proves; i++) {
		if (strcmp(settings->files.items[i], "-") == 0) {
			return rh_err_set(err, RH_EUSAGE,
					  "--file and --prove cannot both read standard input");
		}
	}
	return RH_OK;
}

int rh_plan_begin(struct rh_plan_builder **out, const struct rh_plan_inputs *inputs,
		  struct rh_err *err)
{
	struct rh_plan_builder *builder;
	int code = check_standard_input(inputs->settings, err);

	if (code == RH_OK) {
		code = rh_tenant_check_without(inputs->settings, err);
	}
	if (code != RH_OK) {
		return code;
	}
	builder = rh_calloc(1, sizeof(*builder));
	if (builder == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	builder->inputs = *inputs;
	builder->groups = rh_groups_new();
	if (builder->groups == NULL) {
		rh_plan_abandon(builder);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if ((code = rh_plan_load_ids(builder, err)) != RH_OK ||
	    (inputs->settings->prove != NULL &&
	     (code = rh_proofs_open(&builder->proofs, inputs->settings->prove, err)) != RH_OK) ||
	    (code = rh_plan_index_begin(builder, err)) != RH_OK ||
	    (code = open_exceptions(builder, err)) != RH_OK ||
	    (code = look_at_ledger(builder, err)) != RH_OK ||
	    (code = rh_plan_look_for_earlier(builder, err)) != RH_OK) {
		rh_plan_abandon(builder);
		return code;
	}
	*out = builder;
	return RH_OK;
}

void rh_plan_abandon(struct rh_plan_builder *builder)
{
	if (builder == NULL) {
		return;
	}
	rh_sorter_free(builder->index);
	rh_sorter_free(builder->present);
	rh_roster_done(&builder->roster);
	rh_candidates_free(builder->candidates);
	rh_scratch_done(&builder->found);
	rh_db_close(builder->exceptions);
	if (builder->exceptions_path != NULL) {
		(void)remove_database(builder->exceptions_path,
				      NULL); /* a leftover is replaced next time */
	}
	rh_free(builder->exceptions_path);
	rh_groups_free(builder->groups);
	rh_map_free(builder->only);
	rh_map_free(builder->except);
	rh_proofs_close(builder->proofs);
	rh_free(builder);
}

/* ---- one account ------------------------------------------------------------------------------------------ */

static void count_decision(struct rh_plan_counts *counts, enum rh_decision decision)
{
	switch (decision) {
	case RH_DECISION_CREATE:
		counts->create++;
		break;
	case RH_DECISION_LINK:
		counts->link++;
		break;
	case RH_DECISION_UPDATE:
		counts->update++;
		break;
	case RH_DECISION_SKIP:
		counts->skip++;
		break;
	case RH_DECISION_REFUSE:
		counts->refuse++;
		break;
	case RH_DECISION_LEFT_OUT:
		counts->left_out++;
		break;
	case RH_DECISION_BLOCKED:
		counts->blocked++;
		break;
	}
}

int rh_plan_except(struct rh_plan_builder *builder, const struct rh_exception *exception,
		   bool *is_new, struct rh_err *err)
{
	struct rh_statement *except;
	int code = rh_db_prepare(builder->exceptions, sql_except, &except, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(except, 1, (int64_t)exception->ordinal);
	rh_bind_i64(except, 2, exception->decision);
	rh_bind_i64(except, 3, exception->code);
	rh_bind_text(except, 4, exception->source_id);
	rh_bind_text(except, 5, exception->target_id);
	rh_bind_text(except, 6, exception->path);
	rh_bind_text(except, 7, exception->note);
	rh_bind_i64(except, 8, exception->file);
	rh_bind_i64(except, 9, (int64_t)exception->record);
	code = rh_run(except, err);
	if (code != RH_OK) {
		return code;
	}
	*is_new = rh_db_changed(builder->exceptions) > 0;
	if (*is_new) {
		count_decision(&builder->counts, exception->decision);
	}
	return RH_OK;
}

/* Accounts without exception: one more, or one less; `extras` of them go behind their create. */
static void count_rest(struct rh_plan_counts *counts, unsigned flags, unsigned extras, int by)
{
	counts->with_extras += extras > 0 ? (uint64_t)by : 0;
	counts->extras += by > 0 ? extras : -(uint64_t)extras;
	counts->known += (flags & RECORD_KNOWN) != 0 ? (uint64_t)by : 0;
	counts->known_again +=
		(flags & (RECORD_KNOWN | RECORD_DONE)) == RECORD_KNOWN ? (uint64_t)by : 0;
	if ((flags & RECORD_DONE) != 0) {
		counts->done += (uint64_t)by;
		return;
	}
	counts->create += (uint64_t)by;
	counts->again += (flags & RECORD_AGAIN) != 0 ? (uint64_t)by : 0;
	counts->with_password += (flags & RECORD_WITH_PASSWORD) != 0 ? (uint64_t)by : 0;
}

/* A record that was to change an account is refused after all.  *is_new: it was one. */
static int refuse_update(struct rh_plan_builder *builder, const struct rh_roster_item *item,
			 enum rh_finding_code why, bool *is_new, struct rh_err *err)
{
	struct rh_statement *change;
	int code = rh_db_prepare(builder->exceptions, sql_refuse_update, &change, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(change, 1, RH_DECISION_REFUSE);
	rh_bind_i64(change, 2, why);
	rh_bind_i64(change, 3, (int64_t)item->ordinal);
	rh_bind_i64(change, 4, RH_DECISION_UPDATE);
	code = rh_run(change, err);
	*is_new = code == RH_OK && rh_db_changed(builder->exceptions) > 0;
	if (*is_new) {
		builder->counts.update--;
		builder->counts.extras -= item->extras;
		builder->counts.with_extras -= item->extras > 0 ? 1 : 0;
		builder->counts.refuse++;
	}
	return code;
}

int rh_plan_except_record(struct rh_plan_builder *builder, const struct rh_roster_item *item,
			  const struct rh_verdict *verdict, uint64_t *count, struct rh_err *err)
{
	const struct rh_exception exception = {
		.ordinal = item->ordinal,
		.decision = verdict->decision,
		.code = verdict->why,
		.source_id = item->source_id,
		.target_id = verdict->target_id,
		.record = item->record,
		.file = item->file,
	};
	bool is_new = false;
	int code = rh_plan_except(builder, &exception, &is_new, err);

	if (code == RH_OK && is_new) {
		count_rest(&builder->counts, item->flags, item->extras, -1);
	} else if (code == RH_OK && verdict->decision == RH_DECISION_REFUSE) {
		code = refuse_update(builder, item, verdict->why, &is_new, err);
	}
	if (code != RH_OK || !is_new) {
		return code;
	}
	if (verdict->decision !=
	    RH_DECISION_UPDATE) { /* who does not move loses nothing on the way */
		rh_groups_take_back(builder->groups, item->findings, item->finding_count,
				    item->source_id);
	}
	if (count != NULL) {
		++*count;
	}
	return rh_groups_add_one(builder->groups, verdict->why, "", item->source_id) == RH_OK
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

static int except_judged(struct rh_plan_builder *builder, const struct rh_judged *judged,
			 enum rh_decision decision, const struct rh_collected *why,
			 struct rh_err *err)
{
	struct rh_exception exception = {
		.ordinal = judged->ordinal,
		.decision = decision,
		.code = why->code,
		.source_id = judged->source_id,
		.path = why->path[0] != '\0' ? rh_str_from(why->path) : RH_STR_ABSENT,
		.note = why->note[0] != '\0' ? rh_str_from(why->note) : RH_STR_ABSENT,
		.record = judged->record,
		.file = judged->file,
	};
	bool is_new;

	return rh_plan_except(builder, &exception, &is_new, err);
}

/* The finding that says why the account is to be changed. */
static const struct rh_collected *why_changed(const struct rh_collector *collector)
{
	static const struct rh_collected changed = {.code = RH_FINDING_CHANGED};
	static const enum rh_finding_code codes[] = {
		RH_FINDING_PASSWORD_ADDED, RH_FINDING_UPDATE_OPEN,    RH_FINDING_PART_AGAIN,
		RH_FINDING_CHANGED,        RH_FINDING_EXISTS_UPDATED,
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		for (size_t n = 0; n < collector->count; n++) {
			if (collector->items[n].code == codes[i]) {
				return &collector->items[n];
			}
		}
	}
	return &changed;
}

/* Is the update nothing but what waits behind a create?  Then the first of these writes is the update's own. */
static bool is_rest_alone(const struct rh_collector *collector)
{
	return why_changed(collector)->code == RH_FINDING_UPDATE_OPEN;
}

static int except_update(struct rh_plan_builder *builder, const struct rh_judged *judged,
			 struct rh_str target_id, struct rh_err *err)
{
	const struct rh_collected *why = why_changed(&builder->collector);
	struct rh_exception exception = {
		.ordinal = judged->ordinal,
		.decision = RH_DECISION_UPDATE,
		.code = why->code,
		.note = why->note[0] != '\0' ? rh_str_from(why->note) : RH_STR_ABSENT,
		.source_id = judged->source_id,
		.target_id = target_id,
		.record = judged->record,
		.file = judged->file,
	};
	bool is_new;

	count_rest(&builder->counts, judged->flags, 0,
		   -1); /* what is behind its create goes along */
	return rh_plan_except(builder, &exception, &is_new, err);
}

unsigned rh_plan_flags_of_state(enum rh_state state)
{
	switch (state) {
	case RH_STATE_DONE:
	case RH_STATE_VERIFIED:
	case RH_STATE_KEPT: /* there, and apply leaves it alone */
		return RECORD_OURS | RECORD_DONE;
	case RH_STATE_INTENDED:
	case RH_STATE_UNKNOWN:
	case RH_STATE_UNDO_INTENDED:
		return RECORD_OURS;
	case RH_STATE_DEFERRED:
	case RH_STATE_REJECTED:
	case RH_STATE_CONFLICT: /* certainly not accepted: what stands there is somebody else's */
	case RH_STATE_UNDONE:
	case RH_STATES:
		return 0;
	}
	return 0;
}

/* Why --only-passwords leaves the account out; NULL: it does not. */
static const struct rh_collected *why_left_out(const struct rh_plan_builder *builder,
					       struct rh_str changes)
{
	static const struct rh_collected reasons[] = {
		{.code = RH_FINDING_PASSWORD_NOT_OURS},
		{.code = RH_FINDING_PASSWORD_THERE},
		{.code = RH_FINDING_PASSWORD_MISSING},
		{.code = RH_FINDING_UPDATE_OPEN},
	};

	for (size_t i = 0; builder->inputs.settings->only_passwords && changes.ptr == NULL &&
			   i < sizeof(reasons) / sizeof(reasons[0]);
	     i++) {
		if (rh_collector_has(&builder->collector, reasons[i].code)) {
			return &reasons[i];
		}
	}
	return NULL;
}

/* Does what no create holds of it wait to be sent still (apply_update.c, U8)? */
static bool has_open_rest(const struct rh_ledger_row *row)
{
	unsigned open = row->parts_planned & ~(row->parts_sent | row->parts_dropped);

	return (row->state == RH_STATE_DONE || row->state == RH_STATE_VERIFIED) &&
	       (row->origin == RH_ORIGIN_CREATED || row->origin == RH_ORIGIN_ADOPTED) &&
	       (open & RH_PART_EXTRAS) != 0;
}

static unsigned flags_of_row(const struct rh_ledger_row *row)
{
	unsigned flags = RECORD_KNOWN | rh_plan_flags_of_state(row->state);

	return (flags & RECORD_DONE) != 0 && !has_open_rest(row) ? flags | RECORD_WHOLE : flags;
}

/* What the ledger knows of this account: flags of the record, findings, and the target id of one that is to be
 * changed, else absent. */
static int ask_ledger(struct rh_plan_builder *builder, const struct rh_assessed *assessed,
		      struct rh_arena *arena, unsigned *flags, struct rh_str *changes,
		      struct rh_err *err)
{
	bool only_passwords = builder->inputs.settings->only_passwords;
	struct rh_ledger_row row RH_UNCLEARED;
	bool update = false;
	int found = builder->has_ledger_rows
			    ? rh_ledger_find(builder->inputs.ledger, RH_KIND_USER,
					     assessed->account.source_id, arena, &row, err)
			    : 0;
	int code = RH_OK;

	*changes = RH_STR_ABSENT;
	if (found < 0) {
		return found;
	}
	*flags |= found == 1 ? flags_of_row(&row) : 0;
	if (only_passwords) {
		*flags |= RECORD_WHOLE;
		code = rh_plan_look_at_late_password(builder, found == 1 ? &row : NULL, assessed,
						     arena, &update, err);
	} else if (found == 1) {
		code = rh_plan_look_at_row(builder, &row, assessed, arena, &update, err);
	}
	if (update) {
		*changes = found == 1 ? row.target_id : RH_STR_ABSENT;
	}
	return code;
}

struct rh_judged rh_plan_judged_of(const struct rh_source_item *item)
{
	const struct rh_account *account = &item->account;

	return (struct rh_judged){
		.ordinal = item->ordinal,
		.record = item->record,
		.file = item->file,
		.source_id = account->source_id,
		.at = account->updated_at != 0 ? account->updated_at : account->created_at,
	};
}

int rh_plan_judge(const struct rh_plan_builder *builder, const struct rh_assessed *assessed,
		  struct rh_arena *arena, struct rh_judged *out, struct rh_err *err)
{
	if ((assessed->parts & RH_PART_CREDENTIAL) != 0) {
		out->flags |= RECORD_WITH_PASSWORD;
	}
	if ((out->flags & RECORD_WHOLE) == 0) {
		struct rh_more_writes more;
		int code = rh_setting_more_writes(&builder->inputs, assessed, arena, &more, err);

		if (code != RH_OK) {
			return code;
		}
		out->flags |= more.is_again ? RECORD_AGAIN : 0U;
		out->extras =
			more.behind < RH_ROSTER_EXTRAS_MAX ? more.behind : RH_ROSTER_EXTRAS_MAX;
	}
	out->candidate.by[RH_LOOKUP_EXTERNAL_ID] = assessed->external_id;
	out->candidate.by[RH_LOOKUP_EMAIL] = assessed->email;
	return rh_plan_index_keys(builder, assessed, arena, out, err);
}

/* `numbers` and `count` as rh_groups_add has them. */
static int add_findings(struct rh_plan_builder *builder, const struct rh_judged *judged,
			uint16_t *numbers, size_t *count, struct rh_err *err)
{
	return rh_groups_add(builder->groups, &builder->collector, judged->source_id,
			     judged->record, numbers, count) == RH_OK
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

/* Who does not move: what decides that, and its finding. */
static int except_with_finding(struct rh_plan_builder *builder, const struct rh_judged *judged,
			       enum rh_decision decision, const struct rh_collected *why,
			       struct rh_err *err)
{
	int code = RH_OK;

	if (decision == RH_DECISION_REFUSE && rh_collector_refusal(&builder->collector) != NULL) {
		code = add_findings(builder, judged, NULL, NULL, err);
	} else if (rh_groups_add_one(builder->groups, why->code, why->note, judged->source_id) !=
		   RH_OK) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return code == RH_OK ? except_judged(builder, judged, decision, why, err) : code;
}

static int add_record(struct rh_plan_builder *builder, const struct rh_judged *judged,
		      struct rh_err *err)
{
	uint16_t findings[RH_COLLECT_ACCOUNT_MAX];
	struct rh_roster_item entry = {
		.ordinal = judged->ordinal,
		.source_id = judged->source_id,
		.record = judged->record,
		.file = judged->file,
		.flags = judged->flags,
		.at = judged->at,
		.extras = judged->extras,
		.findings = findings,
	};
	int code = add_findings(builder, judged, findings, &entry.finding_count, err);

	if (code != RH_OK || (code = rh_roster_add(&builder->roster, &entry, err)) != RH_OK) {
		return code;
	}
	count_rest(&builder->counts, judged->flags, judged->extras, 1);
	rh_candidates_add(builder->candidates, judged->ordinal, &judged->candidate);
	return rh_plan_index_judged(builder, judged, err);
}

/* While a known password is tried, the caller is asked whether to go on. */
static bool goes_on(void *context)
{
	const struct rh_plan_builder *builder = context;

	return builder->tick == NULL || builder->tick(builder->tick_context, builder->counts.total);
}

static int try_proof(struct rh_plan_builder *builder, const struct rh_assessed *assessed,
		     struct rh_err *err)
{
	return builder->proofs != NULL ? rh_proofs_try(builder->proofs, &builder->inputs, assessed,
						       &builder->collector, err)
				       : RH_OK;
}

/* 1: it is left out, and was noted as that; 0: it is not; < 0 error. */
static int leave_out(struct rh_plan_builder *builder, const struct rh_judged *judged,
		     struct rh_err *err)
{
	static const struct rh_collected left_out = {.code = RH_FINDING_LEFT_OUT};
	int code;

	builder->counts.total++;
	if (!rh_plan_is_left_out(builder, judged->source_id)) {
		return 0;
	}
	code = except_with_finding(builder, judged, RH_DECISION_LEFT_OUT, &left_out, err);
	return code == RH_OK ? 1 : code;
}

int rh_plan_take_judged(struct rh_plan_builder *builder, const struct rh_judged *judged,
			struct rh_err *err)
{
	const struct rh_collected *refusal = rh_collector_refusal(&builder->collector);
	int code = leave_out(builder, judged, err);

	if (code != 0) {
		return code < 0 ? code : RH_OK;
	}
	return refusal != NULL
		       ? except_with_finding(builder, judged, RH_DECISION_REFUSE, refusal, err)
		       : add_record(builder, judged, err);
}

/* What becomes of an assessed account, by its findings and the ledger. */
static int take_assessed(struct rh_plan_builder *builder, const struct rh_assessed *assessed,
			 struct rh_judged *judged, struct rh_arena *arena, struct rh_err *err)
{
	const struct rh_collected *refusal = rh_collector_refusal(&builder->collector);
	struct rh_str changes = RH_STR_ABSENT;
	int code = RH_OK;

	if (refusal == NULL) {
		code = try_proof(builder, assessed, err);
		if (code != RH_OK) {
			return code;
		}
		refusal = rh_collector_refusal(&builder->collector);
	}
	if (refusal == NULL) {
		code = ask_ledger(builder, assessed, arena, &judged->flags, &changes, err);
	}
	if (code != RH_OK) {
		return code;
	}
	if (refusal != NULL) {
		return except_with_finding(builder, judged, RH_DECISION_REFUSE, refusal, err);
	}
	refusal = why_left_out(builder, changes);
	if (refusal != NULL) {
		/* left out for safety, or because nothing is to be done */
		return except_with_finding(builder, judged,
					   refusal->code == RH_FINDING_PASSWORD_NOT_OURS
						   ? RH_DECISION_REFUSE
						   : RH_DECISION_LEFT_OUT,
					   refusal, err);
	}
	code = rh_plan_judge(builder, assessed, arena, judged, err);
	if (code == RH_OK) {
		if (changes.ptr != NULL && is_rest_alone(&builder->collector)) {
			judged->extras -= judged->extras > 0 ? 1 : 0;
		}
		code = add_record(builder, judged, err);
	}
	return code == RH_OK && changes.ptr != NULL ? except_update(builder, judged, changes, err)
						    : code;
}

static int take_item(struct rh_plan_builder *builder, const struct rh_source_item *item,
		     struct rh_arena *arena, struct rh_err *err)
{
	struct rh_assessed assessed RH_UNCLEARED;
	struct rh_judged judged = rh_plan_judged_of(item);
	int code = leave_out(builder, &judged, err);

	if (code != 0) {
		return code < 0 ? code : RH_OK;
	}
	code = rh_plan_assess(&builder->inputs, item, arena, &builder->collector, &assessed, err);
	if (code != RH_OK) {
		return code;
	}
	if (assessed.is_blocked &&
	    (code = rh_plan_look_at_blocked(builder, item, &assessed, arena, err)) != 0) {
		return code < 0 ? code : RH_OK;
	}
	return take_assessed(builder, &assessed, &judged, arena, err);
}

/* One record after another, and between them what other processes have read already (apart.h). */
static int read_all(struct rh_plan_builder *builder, struct rh_source *source,
		    struct rh_apart *apart, struct rh_arena *arena, struct rh_err *err)
{
	struct rh_source_item item;
	struct rh_clock *clock = builder->inputs.clock;
	rh_time due = clock->steady(clock) + TICK_US;

	for (;;) {
		int code = rh_apart_take(apart, err);
		if (code != RH_OK) {
			return code;
		}
		rh_collector_start(&builder->collector);
		rh_arena_reset(arena);
		code = rh_source_next(source, arena, &builder->collector.sink, &item, err);
		if (code != 1) {
			return code;
		}
		if ((code = take_item(builder, &item, arena, err)) != RH_OK ||
		    (code = rh_plan_see(builder, source, &item, err)) != RH_OK) {
			return code;
		}
		if (item.ordinal % TICK != 0 && clock->steady(clock) < due) {
			continue;
		}
		if (builder->tick != NULL && !builder->tick(builder->tick_context, item.ordinal)) {
			return rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading");
		}
		due = clock->steady(clock) + TICK_US;
	}
}

/* Of the file, not of an account: its path is the example. */
static int tell_of_ends(struct rh_plan_builder *builder, const struct rh_source *source,
			struct rh_err *err)
{
	for (size_t i = 0; i < rh_source_inputs(source); i++) {
		const struct rh_input *input = rh_source_input(source, i);
		if (input->ends_at != 0 && input->records == input->ends_at &&
		    rh_groups_add_one(builder->groups, RH_FINDING_MAYBE_CUT, "",
				      rh_str_from(input->path)) != RH_OK) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	}
	return RH_OK;
}

/* A copy of a file that is given, too. */
static int check_copies(const struct rh_source *source, struct rh_err *err)
{
	for (size_t i = 1; i < rh_source_inputs(source); i++) {
		const struct rh_input *input = rh_source_input(source, i);
		for (size_t before = 0; before < i; before++) {
			const struct rh_input *other = rh_source_input(source, before);
			if (input->length == other->length &&
			    memcmp(input->digest, other->digest, sizeof(input->digest)) == 0) {
				return rh_source_refuse_twice(input->path, other->path, err);
			}
		}
	}
	return RH_OK;
}

int rh_plan_read(struct rh_plan_builder *builder, struct rh_source *source,
		 bool (*tick)(void *context, uint64_t records), void *context, struct rh_err *err)
{
	struct rh_apart *apart;
	struct rh_arena arena;
	int code;

	builder->tick = tick;
	builder->tick_context = context;
	if (builder->proofs != NULL) {
		rh_proofs_on_tick(builder->proofs, goes_on, builder);
	}
	apart = rh_apart_start(builder, source);
	rh_arena_init(&arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	code = read_all(builder, source, apart, &arena, err);
	rh_arena_done(&arena);
	rh_apart_end(apart);
	if (code == RH_OK && builder->counts.total == 0) { /* a header alone */
		code = rh_err_set(err, RH_EINPUT, "there is no record in the input");
		rh_err_hint(err, "Export again, and name the whole export.");
	}
	if (code == RH_OK) {
		code = check_copies(source, err);
	}
	if (code == RH_OK) {
		code = tell_of_ends(builder, source, err);
	}
	if (code == RH_OK) {
		code = rh_plan_check_ids(builder, err);
	}
	if (code == RH_OK && rh_proofs_conclude(builder->proofs, builder->groups) != RH_OK) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return code == RH_OK ? rh_plan_duplicates(builder, err) : code;
}
