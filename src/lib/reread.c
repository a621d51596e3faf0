/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source once more: who loses what, and the records of those who did not move.
 *
 * A plan of a million accounts keeps counts and exceptions, not who loses what: that follows from the input and the
 * options, by the same pure functions, whenever somebody asks.  So the input must be the plan's, to the last byte.
 */
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "lib/reread.h"

/* ---- one account ------------------------------------------------------------------------------------------ */

/* The ledger's row of this account: by the plan's id, or under its source id when an earlier plan made it. */
static int find_row(struct rh_passing *passing, struct rh_ledger_row *row, struct rh_err *err)
{
	struct rh_migration *migration = passing->migration;
	struct rh_str source_id = passing->item.account.source_id;
	int code;

	if (migration->ledger == NULL || source_id.ptr == NULL ||
	    (passing->is_exception && passing->exception.code == RH_FINDING_SOURCE_ID_TWICE)) {
		return 0;
	}
	code = rh_ledger_get(migration->ledger,
			     migration->plan.base + (int64_t)passing->item.ordinal, &passing->arena,
			     row, err);
	if (code == 1 && rh_str_eq(row->source_id, source_id)) {
		return 1;
	}
	if (code < 0 || migration->plan.base == 0) {
		return code < 0 ? code : 0;
	}
	return rh_ledger_find(migration->ledger, RH_KIND_USER, source_id, &passing->arena, row,
			      err);
}

int rh_passing_line(struct rh_passing *passing, struct rh_err *err)
{
	const struct rh_migration *migration = passing->migration;
	const struct rh_source_item *item = &passing->item;
	const struct rh_text_list *files = &migration->settings.files;
	struct rh_str source_id;
	/* Whom a plan carries on no apply has tried. */
	int code = passing->earlier > 0 ? 0 : find_row(passing, &passing->row, err);

	if (code < 0) {
		return code;
	}
	passing->has_row = code == 1;
	if (code == 1) {
		(void)rh_line_from_row(migration, &passing->row, &passing->texts, &passing->line);
	} else if (passing->is_exception) {
		rh_line_from_exception(migration, &passing->exception, &passing->line);
	} else {
		if (!rh_arena_copy(&passing->arena, item->account.source_id, &source_id)) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		passing->line = (struct rh_account_line){
			.source_id = source_id.ptr != NULL ? source_id.ptr : "",
			.target_id = "",
			.state = "planned",
			.origin = "",
			.code = "",
			.reason = "",
			.note = "",
			.path = "",
			.dropped = "",
		};
	}
	passing->line.record = item->record; /* where it stands now */
	passing->line.file = item->file;
	passing->line.input = item->file < files->count ? files->items[item->file] : "";
	return RH_OK;
}

static int next_exception(struct rh_passing *passing, struct rh_err *err)
{
	int code;

	do {
		code = rh_exceptions_next(passing->exceptions, &passing->exception, err);
	} while (code == 1 && passing->exception.revision != passing->earlier);
	passing->has_exception = code == 1;
	return code < 0 ? code : RH_OK;
}

static int pass_one(struct rh_passing *passing, rh_passing_fn *each, void *context,
		    struct rh_err *err)
{
	int code;

	passing->is_exception =
		passing->has_exception && passing->exception.ordinal == passing->item.ordinal;
	if (passing->earlier > 0 && !passing->is_exception) {
		return RH_OK;
	}
	code = rh_passing_line(passing, err);
	if (code == RH_OK) {
		code = each(passing, context, err);
	}
	return code == RH_OK && passing->is_exception ? next_exception(passing, err) : code;
}

/* ---- all of them ------------------------------------------------------------------------------------------ */

static bool go_on(void *context, uint64_t bytes)
{
	const struct rh_migration *migration = context;

	(void)bytes;
	return migration->stop == 0;
}

/* The plan in hand, both mappings, the ledger for reading, and the input compared with the plan's. */
static int prepare(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_source_options options;
	int code;

	if ((code = rh_migration_restore(migration, migration->revision, err)) != RH_OK ||
	    (code = rh_migration_prepare(migration, RH_NEED_LEDGER, err)) != RH_OK ||
	    (code = rh_migration_load_newest(migration, err)) != RH_OK ||
	    (code = rh_migration_open_mapping(migration, err)) != RH_OK ||
	    (code = rh_migration_check_options(migration, err)) != RH_OK) {
		return code;
	}
	rh_migration_source_options(migration, migration->plan.revision, &options);
	return rh_source_check(&options, go_on, migration, err);
}

static int open_exceptions(struct rh_passing *passing, struct rh_err *err)
{
	const struct rh_migration *migration = passing->migration;

	return passing->earlier > 0
		       ? rh_exceptions_open_earlier(&passing->exceptions, &migration->workspace,
						    passing->carrying, err)
		       : rh_exceptions_open(&passing->exceptions, &migration->workspace,
					    migration->plan.revision, err);
}

static int count_updates(struct rh_passing *passing, struct rh_err *err)
{
	struct rh_ledger_counts counts = {0};
	int code = RH_OK;

	if (passing->inputs.ledger != NULL) {
		code = rh_ledger_count(passing->inputs.ledger, &counts, err);
	}
	passing->has_open_updates = counts.open_updates > 0;
	return code;
}

static int open_passing(struct rh_passing *passing, struct rh_err *err)
{
	struct rh_migration *migration = passing->migration;
	struct rh_source_options options;
	int code;

	passing->inputs = (struct rh_plan_inputs){
		.there = &migration->plan.there,
		.workspace = &migration->workspace,
		.settings = &migration->settings,
		.target = migration->target.connector,
		.target_instance = migration->target.instance,
		.ledger = migration->ledger,
		.clock = migration->clock,
	};
	rh_migration_policy(migration, &passing->inputs.policy);
	rh_arena_init(&passing->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	rh_buf_init(&passing->texts.dropped, 1024);
	rh_migration_source_options(migration, migration->plan.revision, &options);
	if ((code = rh_source_open(&passing->source, &options, err)) != RH_OK ||
	    (code = open_exceptions(passing, err)) != RH_OK ||
	    (code = count_updates(passing, err)) != RH_OK) {
		return code;
	}
	return next_exception(passing, err);
}

static int pass_all(struct rh_passing *passing, rh_passing_fn *each, void *context,
		    struct rh_err *err)
{
	int code = 1;

	while (code == 1 && !passing->is_ended) {
		rh_collector_start(&passing->collector);
		rh_arena_reset(&passing->arena);
		code = rh_source_next(passing->source, &passing->arena, &passing->collector.sink,
				      &passing->item, err);
		if (code == 1) {
			code = pass_one(passing, each, context, err);
			code = code == RH_OK ? 1 : code;
		}
		if (code == 1 && passing->migration->stop > 0) {
			code = rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading");
		}
	}
	return code < 0 ? code : RH_OK;
}

int rh_reread(struct rh_passing *passing, rh_passing_fn *each, rh_passing_fn *last, void *context,
	      struct rh_err *err)
{
	int code = prepare(passing->migration, err);

	if (code != RH_OK) {
		return code;
	}
	code = open_passing(passing, err);
	if (code == RH_OK) {
		code = pass_all(passing, each, context, err);
	}
	if (code == RH_OK && last != NULL) {
		code = last(passing, context, err);
	}
	rh_exceptions_close(passing->exceptions);
	rh_source_close(passing->source);
	rh_buf_done(&passing->texts.dropped);
	rh_arena_done(&passing->arena);
	return code;
}

bool rh_is_among(const char *list, const char *name)
{
	struct rh_str rest = rh_str_from(list);

	while (rest.ptr != NULL) {
		if (rh_str_is(rh_str_trim(rh_str_cut(&rest, ',')), name)) {
			return true;
		}
	}
	return false;
}
