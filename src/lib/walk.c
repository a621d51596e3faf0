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
	struct rh_buf dropped;
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

static const char *name_parts(struct walk *walk, unsigned parts)
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
	};

	rh_buf_reset(&walk->dropped);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((parts & names[i].part) != 0) {
			rh_buf_printf(&walk->dropped, "%s%s", walk->dropped.len > 0 ? "," : "",
				      names[i].name);
		}
	}
	return walk->dropped.ptr != NULL ? walk->dropped.ptr : "";
}

static const char *reason_of(const struct rh_ledger_row *row)
{
	switch (row->state) {
	case RH_STATE_REJECTED:
		return "the target refused the account";
	case RH_STATE_CONFLICT:
		return "the target holds another account with this e-mail or id since the plan";
	case RH_STATE_UNKNOWN:
	case RH_STATE_INTENDED:
		return "no answer came; the next run looks it up";
	case RH_STATE_DEFERRED:
		return "not accepted yet; the next run sends it";
	case RH_STATE_KEPT:
		return "not removed: it changed hands, or the target refused";
	case RH_STATE_DONE:
	case RH_STATE_VERIFIED:
	case RH_STATE_UNDO_INTENDED:
	case RH_STATE_UNDONE:
	case RH_STATES:
		return "";
	}
	return "";
}

static void hand_out_row(struct walk *walk, const struct rh_ledger_row *row)
{
	char state[32];
	struct rh_account_line line = {
		.source_id = text_of(row->source_id),
		.target_id = text_of(row->target_id),
		.state = state,
		.origin = row->origin != RH_ORIGIN_NONE ? rh_origin_name(row->origin) : "",
		.code = text_of(row->code),
		.reason = reason_of(row),
		.path = "",
		.dropped = name_parts(walk, row->parts_dropped),
		.record = row->record,
		.file = row->file,
	};

	dashed(rh_state_name(row->state), state);
	hand_out(walk, &line);
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
			after = rows[i].id;
			hand_out_row(walk, &rows[i]);
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
		return "planned";
	case RH_DECISION_SKIP:
		return "skipped";
	case RH_DECISION_REFUSE:
		return "refused";
	case RH_DECISION_LEFT_OUT:
		return "left-out";
	}
	return "planned";
}

static int hand_out_exception(struct rh_migration *migration, struct walk *walk,
			      struct rh_arena *arena, const struct rh_exception *exception,
			      struct rh_err *err)
{
	const struct rh_finding_info *info = rh_finding_info(exception->code);
	struct rh_account_line line = {
		.source_id = text_of(exception->source_id),
		.target_id = text_of(exception->target_id),
		.state = decision_state(exception->decision),
		.origin = "",
		.code = info != NULL ? info->id : "",
		.reason = info != NULL ? info->what : "",
		.path = text_of(exception->path),
		.dropped = "",
		.record = exception->record,
		.file = exception->file,
	};

	if (exception->decision == RH_DECISION_LINK) {
		struct rh_ledger_row row;
		int code = rh_ledger_find(migration->ledger, RH_KIND_USER, exception->source_id,
					  arena, &row, err);
		if (code != 0) {
			return code < 0 ? code : RH_OK; /* told with the ledger's rows */
		}
	}
	hand_out(walk, &line);
	return RH_OK;
}

static int walk_exceptions(struct rh_migration *migration, struct walk *walk, struct rh_err *err)
{
	struct rh_exceptions *exceptions;
	struct rh_exception exception;
	struct rh_arena arena;
	int code = rh_exceptions_open(&exceptions, &migration->workspace, migration->plan.revision,
				      err);

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
	int code = rh_migration_status(migration, &unused, err); /* opens ledger and newest plan */

	if (code != RH_OK) {
		return code;
	}
	rh_buf_init(&walk.dropped, 1024);
	code = walk_ledger(migration, &walk, err);
	if (code == RH_OK && migration->has_plan && !walk.is_ended) {
		code = walk_exceptions(migration, &walk, err);
	}
	rh_buf_done(&walk.dropped);
	return code;
}

/* ---- which migrations there are --------------------------------------------------------------------------------- */

static int compare_names(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int rh_workspaces(const char *folder, char **out, struct rh_err *err)
{
	struct dirent **entries = NULL;
	rh_autofree char *below = rh_path_join(folder, ".rehome");
	rh_autobuf names = {0};
	int count;

	if (below == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_buf_init(&names, RH_REQUEST_MAX);
	count = scandir(below, &entries, is_visible, compare_names);
	for (int i = 0; i < count; i++) {
		rh_autobuf ledger = {0};
		rh_buf_init(&ledger, 8192);
		rh_buf_printf(&ledger, "%s/%s/ledger.db", below, entries[i]->d_name);
		if (ledger.failed == 0 && rh_file_exists(ledger.ptr)) {
			rh_buf_printf(&names, "%s%s/%s", names.len > 0 ? "\n" : "", below,
				      entries[i]->d_name);
		}
		free(entries[i]);
	}
	free((void *)entries);
	*out = rh_strdup(names.len > 0 ? names.ptr : "");
	return *out != NULL && names.failed == 0 ? RH_OK
						 : rh_err_set(err, RH_ENOMEM, "out of memory");
}

void rh_text_free(char *text)
{
	rh_free(text);
}
