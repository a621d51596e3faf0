/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each account, and which migrations there are. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "lib/migration.h"

#define PAGE 256

/* ---- each account ------------------------------------------------------------------------------------------- */

struct walk {
	const char *state;
	const char *source_id;
	rh_account_fn *fn;
	void *context;
	struct rh_line_texts texts;
	bool is_ended;
};

static void hand_out(struct walk *walk, const struct rh_account_line *line)
{
	if ((walk->state != NULL && strcmp(walk->state, line->state) != 0) ||
	    (walk->source_id != NULL && strcmp(walk->source_id, line->source_id) != 0)) {
		return;
	}
	walk->is_ended = !walk->fn(walk->context, line);
}

/* Inputs are known of the plan in hand only. */
static const char *input_of(const struct rh_migration *migration, unsigned file, int64_t revision)
{
	const struct rh_text_list *files = &migration->settings.files;

	return migration->has_plan && migration->plan.revision == revision && file < files->count
		       ? files->items[file]
		       : "";
}

static const char *text_of(struct rh_str text)
{
	return text.ptr != NULL ? text.ptr : "";
}

/* "undo_intended" in the ledger, "undo-intended" for people. */
static void dashed(const char *name, char out[32])
{
	(void)snprintf(out, 32, "%s", name);
	for (char *at = out; *at != '\0'; at++) {
		if (*at == '_') {
			*at = '-';
		}
	}
}

static const char *name_parts(struct rh_buf *out, unsigned parts)
{
	static const struct {
		unsigned part;
		const char *name;
	} names[] = {
		{RH_PART_CREDENTIAL, "password"},
		{RH_PART_METADATA, "metadata"},
		{RH_PART_EXTERNAL_ID, "external-id"},
		{RH_PART_EMAILS, "emails"},
		{RH_PART_PHONES, "phones"},
		{RH_PART_USERNAME, "username"},
		{RH_PART_TOTP, "totp"},
		{RH_PART_BACKUP_CODES, "backup-codes"},
		{RH_PART_PROFILE, "profile"},
		{RH_PART_EXTRAS, "extras"},
	};

	rh_buf_reset(out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((parts & names[i].part) != 0) {
			rh_buf_printf(out, "%s%s", out->len > 0 ? "," : "", names[i].name);
		}
	}
	return out->ptr != NULL ? out->ptr : "";
}

/* There, and without a part that the target refused, or that goes to nobody but ours. */
static bool is_partial(const struct rh_ledger_row *row)
{
	return row->parts_dropped != 0 &&
	       (row->state == RH_STATE_DONE || row->state == RH_STATE_VERIFIED);
}

static const char *reason_of(const struct rh_ledger_row *row)
{
	if (is_partial(row) && row->drift == RH_DRIFT_NONE) {
		return rh_str_is(row->code, RH_CODE_NOT_PROVEN)
			       ? "it is there; what is added behind a create was left out, since "
				 "nobody can prove that we made it"
			       : "it is there; the target refused what is left out";
	}
	switch (row->state) {
	case RH_STATE_REJECTED:
		return "the target refused the account";
	case RH_STATE_CONFLICT:
		return "the target holds another account with this e-mail or id since the plan";
	case RH_STATE_UNKNOWN:
	case RH_STATE_INTENDED:
		return "no answer came; the next run looks it up";
	case RH_STATE_DEFERRED:
		if (rh_str_is(row->code, "canary")) {
			return "held back: the first hash of its kind did not work at the target";
		}
		return "put off, nothing of it was accepted; the next run sends it";
	case RH_STATE_KEPT:
		if (rh_str_is(row->code, RH_CODE_IN_USE)) {
			return "not removed: the person has signed in since";
		}
		return "not removed: it changed hands, or the target refused";
	case RH_STATE_UNDO_INTENDED:
		return "removal begun, not certain yet; the next undo asks again";
	case RH_STATE_DONE:
		return row->drift == RH_DRIFT_DIFFERS
			       ? "the account at the target differs from what was written"
		       : row->drift == RH_DRIFT_MISSING
			       ? "the account is not at the target any more"
			       : "";
	case RH_STATE_VERIFIED:
	case RH_STATE_UNDONE:
	case RH_STATES:
		return "";
	}
	return "";
}

/* An update that undo had nothing to put back of: somebody had removed the account. */
static bool is_gone(const struct rh_ledger_row *row)
{
	return row->state == RH_STATE_UNDONE && rh_str_is(row->code, "absent");
}

/* By the code with which apply_update.c settles it. */
static const char *reason_of_conflict(struct rh_str code)
{
	static const struct {
		const char *code;
		const char *reason;
	} reasons[] = {
		{"absent", "not changed: the account is not at the target any more"},
		{"changed_since", "not changed: somebody has changed it at the target since"},
		{"changed_after_us",
		 "may have been changed by us before somebody else changed it; undo looks"},
		{"signed_in_since",
		 "no password added: the person has signed in since, and may have their own"},
		{"another_external_id",
		 "no password added: the account carries another external id since"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (rh_str_is(code, reasons[i].code)) {
			return reasons[i].reason;
		}
	}
	return "not changed: the target holds another account with this e-mail or id";
}

/* What became of an update; the account's own row has a line of its own. */
static const char *reason_of_update(const struct rh_ledger_row *row)
{
	switch (row->state) {
	case RH_STATE_CONFLICT:
		return reason_of_conflict(row->code);
	case RH_STATE_REJECTED:
		return "not changed: the target refused it";
	case RH_STATE_KEPT:
		return "not put back: somebody has changed it since, or the target refused";
	case RH_STATE_UNDO_INTENDED:
		return "being put back, not certain yet; the next undo looks";
	case RH_STATE_UNKNOWN:
	case RH_STATE_INTENDED:
		return "being changed, no answer came; the next run looks it up";
	case RH_STATE_DEFERRED:
		return "not changed yet; the next run does it";
	case RH_STATE_UNDONE:
		return is_gone(row) ? "nothing to put back: somebody has removed the account" : "";
	case RH_STATE_DONE:
	case RH_STATE_VERIFIED:
	case RH_STATES:
		return "";
	}
	return "";
}

/* "updated", "restored", "gone"; NULL: there is nothing to tell beside the account's own line. */
static const char *state_of_update(const struct rh_ledger_row *row)
{
	bool was_sent = rh_ledger_row_may_be_sent(row);

	if (row->state == RH_STATE_DONE || row->state == RH_STATE_VERIFIED) {
		return was_sent ? "updated" : NULL;
	}
	if (row->state == RH_STATE_UNDONE) {
		return !was_sent || row->origin == RH_ORIGIN_CREATED ? NULL
		       : is_gone(row)                                ? "gone"
								     : "restored";
	}
	return rh_state_name(row->state);
}

/* Names of what the last verify found otherwise. */
static const char *name_differing(const struct rh_migration *migration,
				  const struct rh_ledger_row *row, char note[RH_COLLECT_NOTE_MAX])
{
	const char *name = migration->settings.to;
	const struct rh_connector *target = name != NULL ? rh_connector_find(name) : NULL;

	note[0] = '\0';
	if (row->drift == RH_DRIFT_DIFFERS && target != NULL) {
		rh_wire_names(target, rh_ledger_drift_fields(migration->ledger, row->id), note,
			      RH_COLLECT_NOTE_MAX);
	}
	return note;
}

bool rh_line_from_row(const struct rh_migration *migration, const struct rh_ledger_row *row,
		      struct rh_line_texts *texts, struct rh_account_line *out)
{
	bool is_update = row->verb == RH_VERB_UPDATE;
	const char *name = is_update ? state_of_update(row) : rh_state_name(row->state);

	*out = (struct rh_account_line){
		.source_id = text_of(row->source_id),
		.target_id = text_of(row->target_id),
		.state = texts->state,
		.origin = row->origin != RH_ORIGIN_NONE ? rh_origin_name(row->origin) : "",
		.code = text_of(row->code),
		.reason = is_update ? reason_of_update(row) : reason_of(row),
		.is_update = is_update,
		.note = "",
		.path = "",
		.dropped = name_parts(&texts->dropped, row->parts_dropped),
		.record = row->record,
		.file = row->file,
		.input = input_of(migration, row->file, row->revision),
	};
	if (name == NULL) {
		return false;
	}
	dashed(name, texts->state);
	if (row->state == RH_STATE_DONE && row->drift != RH_DRIFT_NONE) {
		out->state = row->drift == RH_DRIFT_DIFFERS ? "differs" : "missing";
		out->note = name_differing(migration, row, texts->note);
	} else if (!is_update && is_partial(row)) {
		out->state = "partial";
	}
	return true;
}

static int walk_ledger(struct rh_migration *migration, struct walk *walk, struct rh_err *err)
{
	const unsigned all = (1U << RH_STATES) - 1;
	struct rh_ledger_row rows[PAGE];
	struct rh_arena arena;
	int64_t after = 0;
	size_t count = PAGE;
	int code = RH_OK;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	while (code == RH_OK && count == PAGE && !walk->is_ended) {
		rh_arena_reset(&arena);
		code = rh_ledger_page(migration->ledger, all, after, PAGE, &arena, rows, &count,
				      err);
		for (size_t i = 0; i < count && code == RH_OK && !walk->is_ended; i++) {
			struct rh_account_line line;
			bool is_told = false;
			after = rows[i].id;
			code = rh_ledger_is_told(migration->ledger, &rows[i], &is_told, err);
			if (code == RH_OK && is_told &&
			    rh_line_from_row(migration, &rows[i], &walk->texts, &line)) {
				hand_out(walk, &line);
			}
		}
	}
	rh_arena_done(&arena);
	return code;
}

static const char *decision_state(enum rh_decision decision)
{
	switch (decision) {
	case RH_DECISION_CREATE:
	case RH_DECISION_LINK:
	case RH_DECISION_UPDATE:
		return "planned";
	case RH_DECISION_SKIP:
		return "skipped";
	case RH_DECISION_REFUSE:
		return "refused";
	case RH_DECISION_LEFT_OUT:
		return "left-out";
	case RH_DECISION_BLOCKED:
		return "blocked-since";
	}
	return "planned";
}

void rh_line_from_exception(const struct rh_migration *migration,
			    const struct rh_exception *exception, struct rh_account_line *out)
{
	const struct rh_finding_info *info = rh_finding_info(exception->code);

	*out = (struct rh_account_line){
		.source_id = text_of(exception->source_id),
		.target_id = text_of(exception->target_id),
		.state = decision_state(exception->decision),
		.origin = "",
		.code = info != NULL ? info->id : "",
		.reason = info != NULL ? info->what : "",
		.note = text_of(exception->note),
		.is_update = exception->decision == RH_DECISION_BLOCKED, /* beside the row's line */
		.path = text_of(exception->path),
		.dropped = "",
		.record = exception->record,
		.file = exception->file,
		.input = exception->revision > 0
				 ? text_of(exception->input)
				 : input_of(migration, exception->file, migration->plan.revision),
	};
}

static int hand_out_exception(struct rh_migration *migration, struct walk *walk,
			      struct rh_arena *arena, const struct rh_exception *exception,
			      struct rh_err *err)
{
	struct rh_account_line line;

	if (exception->decision == RH_DECISION_UPDATE &&
	    exception->code != RH_FINDING_EXISTS_UPDATED) {
		return RH_OK; /* the ledger has, or had, the account */
	}
	if (migration->ledger != NULL && exception->source_id.ptr != NULL &&
	    exception->code != RH_FINDING_SOURCE_ID_TWICE) {
		struct rh_ledger_row row;
		int code = rh_ledger_find(migration->ledger, RH_KIND_USER, exception->source_id,
					  arena, &row, err);
		if (code < 0 || (code == 1) != (exception->decision == RH_DECISION_BLOCKED)) {
			return code < 0 ? code
					: RH_OK; /* told with the ledger's rows, or gone since */
		}
	}
	rh_line_from_exception(migration, exception, &line);
	hand_out(walk, &line);
	return RH_OK;
}

/* The plan's own, or those of earlier plans that it carries on. */
static int walk_exceptions(struct rh_migration *migration, struct walk *walk, bool is_earlier,
			   struct rh_err *err)
{
	int64_t revision = migration->plan.revision;
	struct rh_exceptions *exceptions;
	struct rh_exception exception;
	struct rh_arena arena;
	int code = is_earlier
			   ? rh_exceptions_open_earlier(&exceptions, &migration->workspace,
							revision, err)
			   : rh_exceptions_open(&exceptions, &migration->workspace, revision, err);

	if (code != RH_OK) {
		return code;
	}
	rh_arena_init(&arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	while (!walk->is_ended && (code = rh_exceptions_next(exceptions, &exception, err)) == 1) {
		rh_arena_reset(&arena);
		code = hand_out_exception(migration, walk, &arena, &exception, err);
		if (code != RH_OK) {
			break;
		}
	}
	rh_arena_done(&arena);
	rh_exceptions_close(exceptions);
	return code < 0 ? code : RH_OK;
}

int rh_migration_accounts(struct rh_migration *migration, const char *state, const char *source_id,
			  rh_account_fn *fn, void *context, struct rh_err *err)
{
	struct walk walk = {.state = state, .source_id = source_id, .fn = fn, .context = context};
	struct rh_run_counts unused;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	code = rh_migration_status(migration, &unused, err); /* opens ledger and newest plan */
	if (code != RH_OK) {
		return code;
	}
	rh_buf_init(&walk.texts.dropped, 1024);
	code = migration->ledger != NULL ? walk_ledger(migration, &walk, err) : RH_OK;
	if (code == RH_OK && migration->has_plan && !walk.is_ended) {
		code = walk_exceptions(migration, &walk, false, err);
	}
	if (code == RH_OK && migration->has_plan && !walk.is_ended) {
		code = walk_exceptions(migration, &walk, true, err);
	}
	rh_buf_done(&walk.texts.dropped);
	return code;
}

static struct rh_shared_line shared_line(const struct rh_migration *migration,
					 const struct rh_shared *shared)
{
	return (struct rh_shared_line){
		.group = shared->group,
		.identifier = rh_sharing_name(shared->sharing),
		.is_carried = rh_sharing_refuses(shared->sharing),
		.source_id = text_of(shared->source_id),
		.state = decision_state(shared->decision),
		.record = shared->record,
		.file = shared->file,
		.input = input_of(migration, shared->file, migration->plan.revision),
	};
}

int rh_migration_shared(struct rh_migration *migration, rh_shared_fn *fn, void *context,
			struct rh_err *err)
{
	struct rh_shares *shares;
	struct rh_shared shared;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	if (!migration->has_plan) {
		return rh_err_set(err, RH_ESTATE, "there is no plan in hand");
	}
	code = rh_shares_open(&shares, &migration->workspace, migration->plan.revision, err);
	if (code != RH_OK) {
		return code;
	}
	while ((code = rh_shares_next(shares, &shared, err)) == 1) {
		struct rh_shared_line line = shared_line(migration, &shared);
		if (!fn(context, &line)) {
			code = RH_OK;
			break;
		}
	}
	rh_shares_close(shares);
	return code;
}

/* ---- which migrations there are --------------------------------------------------------------------------------- */

struct names {
	char **items;
	size_t count;
	size_t room;
};

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		rh_free(names->items[i]);
	}
	rh_free((void *)names->items);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int add_name(struct names *names, const char *name)
{
	if (names->count == names->room) {
		size_t room = names->room == 0 ? 16 : names->room * 2;
		char **grown = rh_realloc((void *)names->items, room * sizeof(*grown));
		if (grown == NULL) {
			return RH_ENOMEM;
		}
		names->items = grown;
		names->room = room;
	}
	names->items[names->count] = rh_strdup(name);
	return names->items[names->count++] != NULL ? RH_OK : RH_ENOMEM;
}

/* Folders below `below` that hold a plan: one that was denied or failed leaves nothing to go on with. */
static int list_names(const char *below, struct names *names)
{
	DIR *folder = opendir(below);
	const struct dirent *entry;
	int code = RH_OK;

	while (folder != NULL && code == RH_OK && (entry = readdir(folder)) != NULL) {
		rh_autobuf plan = {0};
		rh_buf_init(&plan, 8192);
		rh_buf_printf(&plan, "%s/%s/plans/1.json", below, entry->d_name);
		if (entry->d_name[0] != '.' && plan.failed == 0 && rh_file_exists(plan.ptr)) {
			code = add_name(names, entry->d_name);
		}
	}
	if (folder != NULL) {
		(void)closedir(folder); /* only read from */
	}
	return code;
}

int rh_workspaces(const char *folder, char **out, struct rh_err *err)
{
	rh_autofree char *below = rh_path_join(folder, ".rehome");
	struct names names = {0};
	rh_autobuf text = {0};
	char *copy = NULL;

	rh_buf_init(&text, RH_REQUEST_MAX);
	if (below != NULL && list_names(below, &names) == RH_OK) {
		if (names.count > 1) {
			qsort((void *)names.items, names.count, sizeof(*names.items),
			      compare_names);
		}
		for (size_t i = 0; i < names.count; i++) {
			rh_buf_printf(&text, "%s%s/%s", i > 0 ? "\n" : "", below, names.items[i]);
		}
		copy = text.failed == 0 ? rh_strdup(text.len > 0 ? text.ptr : "") : NULL;
	}
	free_names(&names);
	if (copy == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	*out = copy;
	return RH_OK;
}

void rh_text_free(char *text)
{
	rh_free(text);
}
