/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source once more: who loses what, and the records of those who did not move.
 *
 * A plan of a million accounts keeps counts and exceptions, not who loses what: that follows from the input and the
 * options, by the same pure functions, whenever somebody asks.  So the input must be the plan's, to the last byte.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "lib/migration.h"

/* One account on its way past. */
struct passing {
	struct rh_migration *migration;
	struct rh_plan_inputs inputs;
	struct rh_source *source;
	struct rh_exceptions *exceptions;
	struct rh_exception exception; /* the next one */
	bool has_exception;
	bool is_exception; /* it is this account's */
	struct rh_ledger_row row;
	bool has_row;
	bool has_open_updates;
	struct rh_arena arena;
	struct rh_collector collector;
	struct rh_source_item item;
	struct rh_account_line line;
	struct rh_line_texts texts;
	int64_t earlier; /* of an earlier plan: those alone that the one in hand carries on; else 0 */
	int64_t carrying; /* the plan that does */
	bool is_ended;
};

typedef int each_fn(struct passing *passing, void *context, struct rh_err *err);

/* ---- one account ------------------------------------------------------------------------------------------ */

/* The ledger's row of this account: by the plan's id, or under its source id when an earlier plan made it. */
static int find_row(struct passing *passing, struct rh_ledger_row *row, struct rh_err *err)
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

static int make_line(struct passing *passing, struct rh_err *err)
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

static int next_exception(struct passing *passing, struct rh_err *err)
{
	int code;

	do {
		code = rh_exceptions_next(passing->exceptions, &passing->exception, err);
	} while (code == 1 && passing->exception.revision != passing->earlier);
	passing->has_exception = code == 1;
	return code < 0 ? code : RH_OK;
}

static int pass_one(struct passing *passing, each_fn *each, void *context, struct rh_err *err)
{
	int code;

	passing->is_exception =
		passing->has_exception && passing->exception.ordinal == passing->item.ordinal;
	if (passing->earlier > 0 && !passing->is_exception) {
		return RH_OK;
	}
	code = make_line(passing, err);
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

static int open_exceptions(struct passing *passing, struct rh_err *err)
{
	const struct rh_migration *migration = passing->migration;

	return passing->earlier > 0
		       ? rh_exceptions_open_earlier(&passing->exceptions, &migration->workspace,
						    passing->carrying, err)
		       : rh_exceptions_open(&passing->exceptions, &migration->workspace,
					    migration->plan.revision, err);
}

static int count_updates(struct passing *passing, struct rh_err *err)
{
	struct rh_ledger_counts counts = {0};
	int code = RH_OK;

	if (passing->inputs.ledger != NULL) {
		code = rh_ledger_count(passing->inputs.ledger, &counts, err);
	}
	passing->has_open_updates = counts.open_updates > 0;
	return code;
}

static int open_passing(struct passing *passing, struct rh_err *err)
{
	struct rh_migration *migration = passing->migration;
	struct rh_source_options options;
	int code;

	passing->inputs = (struct rh_plan_inputs){
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

static int pass_all(struct passing *passing, each_fn *each, void *context, struct rh_err *err)
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

/* `last` (may be NULL) comes when all have passed. */
static int reread(struct passing *passing, each_fn *each, each_fn *last, void *context,
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

/* ---- findings --------------------------------------------------------------------------------------------- */

/* Is `name` one of the names joined by ','? */
static bool is_among(const char *list, const char *name)
{
	struct rh_str rest = rh_str_from(list);

	while (rest.ptr != NULL) {
		if (rh_str_is(rh_str_trim(rh_str_cut(&rest, ',')), name)) {
			return true;
		}
	}
	return false;
}

struct finding_walk {
	const char *codes; /* NULL: all */
	rh_finding_fn *fn;
	void *context;
};

static void hand_out(struct passing *passing, const struct finding_walk *walk,
		     enum rh_finding_code code, const char *note, const char *path)
{
	const struct rh_account_line *line = &passing->line;
	struct rh_finding_line finding = {
		.source_id = line->source_id,
		.info = rh_finding_info(code),
		.note = note,
		.path = path,
		.state = line->state,
		.record = line->record,
		.file = line->file,
		.input = line->input,
	};

	if (!passing->is_ended && finding.info != NULL &&
	    (walk->codes == NULL || is_among(walk->codes, finding.info->id))) {
		passing->is_ended = !walk->fn(walk->context, &finding);
	}
}

/* What the plan found by the ledger's row, without being an exception for it: an apply since has changed nothing of that. */
static int find_by_row(struct passing *passing, const struct rh_assessed *assessed,
		       struct rh_err *err)
{
	static const enum rh_finding_code codes[] = {
		RH_FINDING_CHANGED_SINCE,
		RH_FINDING_PASSWORD_CHANGED,
		RH_FINDING_SAID_NO_MORE,
	};
	struct rh_collector *collector = &passing->collector;
	size_t before = collector->count;
	size_t kept = before;
	int code;

	if (!passing->has_row || rh_collector_refusal(collector) != NULL ||
	    (passing->is_exception && passing->exception.decision == RH_DECISION_REFUSE)) {
		return RH_OK;
	}
	code = rh_plan_look_again(&passing->inputs, passing->has_open_updates, &passing->row,
				  assessed, &passing->arena, collector, err);
	for (size_t i = before; i < collector->count && code == RH_OK; i++) {
		for (size_t n = 0; n < sizeof(codes) / sizeof(codes[0]); n++) {
			if (collector->items[i].code == codes[n]) {
				collector->items[kept++] = collector->items[i];
			}
		}
	}
	collector->count = code == RH_OK ? kept : before;
	return code;
}

/* The same one by one as the plan counted them: see rh_groups_add. */
static int find_all(struct passing *passing, void *context, struct rh_err *err)
{
	const struct finding_walk *walk = context;
	struct rh_collector *collector = &passing->collector;
	enum rh_finding_code own = passing->is_exception ? passing->exception.code : 0;
	struct rh_assessed assessed;
	int code;

	if (passing->is_exception && (passing->exception.decision == RH_DECISION_LEFT_OUT ||
				      passing->exception.decision == RH_DECISION_BLOCKED)) {
		hand_out(passing, walk, own, "", "");
		return RH_OK;
	}
	code = rh_plan_assess(&passing->inputs, &passing->item, &passing->arena, collector,
			      &assessed, err);
	if (code == RH_OK) {
		code = find_by_row(passing, &assessed, err);
	}
	for (size_t i = 0; i < collector->count && code == RH_OK; i++) {
		const struct rh_collected *item = &collector->items[i];
		own = item->code == own ? 0 : own;
		if (rh_collector_counts(collector, i)) {
			hand_out(passing, walk, item->code, item->note, item->path);
		}
	}
	if (code == RH_OK &&
	    own != 0) { /* decided with more than the record: duplicates, who is there */
		const char *note = passing->exception.note.ptr;
		hand_out(passing, walk, own, note != NULL ? note : "", "");
	}
	return code;
}

static int find_member(struct passing *passing, const struct finding_walk *walk,
		       const struct rh_shared *shared, struct rh_err *err)
{
	int code;

	rh_arena_reset(&passing->arena);
	passing->item = (struct rh_source_item){
		.ordinal = shared->ordinal,
		.file = shared->file,
		.record = shared->record,
		.account = {.source_id = shared->source_id},
	};
	passing->is_exception = shared->decision != RH_DECISION_CREATE;
	passing->exception = (struct rh_exception){
		.ordinal = shared->ordinal,
		.decision = shared->decision,
		.source_id = shared->source_id,
	};
	code = make_line(passing, err);
	if (code == RH_OK) {
		hand_out(passing, walk, RH_FINDING_IDENTIFIER_SHARED,
			 rh_sharing_name(shared->sharing), "");
	}
	return code;
}

/* Who shares something that costs nobody anything: no single record says that, the plan keeps it. */
static int find_shared(struct passing *passing, void *context, struct rh_err *err)
{
	const struct finding_walk *walk = context;
	struct rh_shares *shares = NULL;
	struct rh_shared shared;
	int code = rh_shares_open(&shares, &passing->migration->workspace,
				  passing->migration->plan.revision, err);

	while (code >= 0 && !passing->is_ended &&
	       (code = rh_shares_next(shares, &shared, err)) == 1) {
		if (!rh_sharing_refuses(shared.sharing)) {
			code = find_member(passing, walk, &shared, err);
		}
		if (code < 0) {
			break;
		}
	}
	rh_shares_close(shares);
	return code < 0 ? code : RH_OK;
}

int rh_migration_findings(struct rh_migration *migration, const char *codes, rh_finding_fn *fn,
			  void *context, struct rh_err *err)
{
	struct finding_walk walk = {.codes = codes, .fn = fn, .context = context};
	struct passing passing = {.migration = migration};
	struct rh_err own;

	return reread(&passing, find_all, find_shared, &walk, rh_migration_err(err, &own));
}

/* ---- rejects ---------------------------------------------------------------------------------------------- */

struct reject_walk {
	const char *states;
	rh_reject_fn *fn;
	void *context;
	uint64_t handed; /* of the earlier input at hand */
	bool is_ended;
};

static void describe_record(const struct passing *passing, unsigned file, struct rh_str text,
			    struct rh_record_text *out)
{
	const struct rh_input *input = rh_source_input(passing->source, file);

	*out = (struct rh_record_text){
		.text = text,
		.input = input->path,
		.form = input->separator != '\0' ? RH_RECORD_CELLS
			: input->is_lines        ? RH_RECORD_LINES
						 : RH_RECORD_ARRAY,
		.wrapper = input->wrapper,
		.separator = input->separator,
		.header = input->header,
	};
}

static int reject_one(struct passing *passing, void *context, struct rh_err *err)
{
	struct reject_walk *walk = context;
	const struct rh_source_item *item = &passing->item;
	struct rh_reject reject = {
		.line = &passing->line,
		.is_broken = item->is_bad,
		.is_id_taken = passing->is_exception &&
			       passing->exception.code == RH_FINDING_SOURCE_ID_TWICE,
	};

	(void)err;
	if (!is_among(walk->states, passing->line.state)) {
		return RH_OK;
	}
	/* It is the account that the plan minds. */
	reject.is_sound = rh_str_is(rh_str_from(passing->line.code),
				    rh_finding_info(RH_FINDING_PASSWORD_NOT_OURS)->id);
	if (!reject.is_sound) {
		describe_record(passing, item->file, item->raw, &reject.record);
	}
	if (!reject.is_sound && item->joined_raw.ptr != NULL) {
		describe_record(passing, item->joined_file, item->joined_raw, &reject.joined);
	}
	walk->handed++;
	passing->is_ended = !walk->fn(walk->context, &reject);
	walk->is_ended = passing->is_ended;
	return RH_OK;
}

/* Those of an earlier plan whose input cannot be read as it was: told, without their records. */
static int reject_unread(const struct rh_migration *migration, int64_t earlier,
			 struct reject_walk *walk, struct rh_err *err)
{
	struct rh_exceptions *exceptions = NULL;
	struct rh_exception exception;
	struct rh_account_line line;
	struct rh_reject reject = {.line = &line, .is_unread = true};
	uint64_t skip = walk->handed;
	int code = rh_exceptions_open_earlier(&exceptions, &migration->workspace,
					      migration->plan.revision, err);

	while (code >= 0 && !walk->is_ended &&
	       (code = rh_exceptions_next(exceptions, &exception, err)) == 1) {
		rh_line_from_exception(migration, &exception, &line);
		if (exception.revision != earlier || !is_among(walk->states, line.state)) {
			continue;
		}
		if (skip > 0) {
			skip--;
			continue;
		}
		walk->is_ended = !walk->fn(walk->context, &reject);
	}
	rh_exceptions_close(exceptions);
	return code < 0 ? code : RH_OK;
}

/* The input of an earlier plan, read as that one did, in a migration of its own. */
static int reject_earlier(struct rh_migration *migration, int64_t earlier, struct reject_walk *walk,
			  struct rh_err *err)
{
	struct rh_migration *other = NULL;
	struct passing passing = {.earlier = earlier, .carrying = migration->plan.revision};
	const char *seal_key = migration->settings.seal_key;
	int code = rh_migration_new(&other, err);

	walk->handed = 0;
	if (code == RH_OK) {
		other->revision = earlier;
		passing.migration = other;
		code = rh_migration_set(other, "workspace", migration->settings.workspace, err);
	}
	if (code == RH_OK && seal_key != NULL) {
		code = rh_migration_set(other, "seal-key", seal_key, err);
	}
	if (code == RH_OK) {
		code = rh_migration_set(other, "offline", "true", err);
	}
	if (code == RH_OK) {
		code = reread(&passing, reject_one, NULL, walk, err);
	}
	rh_migration_free(other);
	if (code == RH_OK || code == RH_ENOMEM || code == RH_EINTERRUPTED) {
		return code;
	}
	*err = (struct rh_err){0};
	return reject_unread(migration, earlier, walk, err);
}

/* The next revision, from `after` on, that the plan in hand carries somebody on of; 0: none. */
static int next_earlier(const struct rh_migration *migration, int64_t after, int64_t *out,
			struct rh_err *err)
{
	struct rh_exceptions *exceptions = NULL;
	struct rh_exception exception;
	int code = rh_exceptions_open_earlier(&exceptions, &migration->workspace,
					      migration->plan.revision, err);

	*out = 0;
	while (code >= 0 && *out == 0 &&
	       (code = rh_exceptions_next(exceptions, &exception, err)) == 1) {
		*out = exception.revision > after ? exception.revision : 0;
	}
	rh_exceptions_close(exceptions);
	return code < 0 ? code : RH_OK;
}

int rh_migration_rejects(struct rh_migration *migration, const char *states, rh_reject_fn *fn,
			 void *context, struct rh_err *err)
{
	struct reject_walk walk = {.states = states, .fn = fn, .context = context};
	struct passing passing = {.migration = migration};
	struct rh_err own;
	int64_t earlier = 0;
	int code;

	err = rh_migration_err(err, &own);
	code = reread(&passing, reject_one, NULL, &walk, err);
	while (code == RH_OK && !walk.is_ended &&
	       (code = next_earlier(migration, earlier, &earlier, err)) == RH_OK && earlier > 0) {
		code = reject_earlier(migration, earlier, &walk, err);
	}
	return code;
}

/* ---- options in force --------------------------------------------------------------------------------------- */

/* A file of mended records is taken whole. */
static bool chooses_accounts(const char *name)
{
	static const char *const names[] = {"resume-after", "limit", "only", "except"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* Which option is looked for, and what was found. */
struct in_force {
	size_t index; /* still to pass over */
	const char *name;
	const char *value;
};

/* What shapes the outcome, and what says whose tenant it is and where. */
static bool belongs_to_plan(const struct rh_option *row)
{
	return row->type != RH_OPTION_SECRET &&
	       ((row->flags & (RH_OPTION_SHAPES | RH_OPTION_IDENTIFIES)) != 0 ||
		row->type == RH_OPTION_URL);
}

static bool find_in_force(struct rh_migration *migration, const struct rh_option *table,
			  const void *values, const char *prefix, struct in_force *found)
{
	for (const struct rh_option *row = table; row->name != NULL; row++) {
		rh_autobuf text = {0};
		struct rh_str value;

		rh_buf_init(&text, RH_TEXT_MAX);
		if (!belongs_to_plan(row) || chooses_accounts(row->name)) {
			continue;
		}
		rh_option_text(row, values, &text);
		if (rh_option_is_default(row, rh_buf_str(&text))) {
			continue;
		}
		if (found->index > 0) {
			found->index--;
			continue;
		}
		found->name = rh_arena_printf(&migration->arena, "%s%s%s", prefix,
					      prefix[0] != '\0' ? "-" : "", row->name)
				      .ptr;
		found->value = rh_arena_copy(&migration->arena, rh_buf_str(&text), &value)
				       ? value.ptr
				       : NULL;
		return found->name != NULL && found->value != NULL;
	}
	return false;
}

bool rh_migration_in_force(struct rh_migration *migration, size_t index, const char **name,
			   const char **value)
{
	const struct rh_side *target = &migration->target;
	struct in_force found = {.index = index};

	if (!find_in_force(migration, rh_settings_table, &migration->settings, "", &found) &&
	    (!target->is_open ||
	     !find_in_force(migration, target->connector->options, target->instance,
			    target->connector->name, &found))) {
		return false;
	}
	*name = found.name;
	*value = found.value;
	return true;
}

bool rh_migration_plan_is_older(const struct rh_migration *migration, bool *chose_out)
{
	bool is_older = migration->has_plan && migration->plan.is_older;

	*chose_out = is_older && migration->plan.counts.left_out > 0;
	return is_older;
}

const char *rh_migration_input(const struct rh_migration *migration, size_t index)
{
	const struct rh_text_list *files = &migration->settings.files;

	return index < files->count ? files->items[index] : NULL;
}
