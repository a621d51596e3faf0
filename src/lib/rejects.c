/* SPDX-License-Identifier: Apache-2.0 */
/* The records of those who did not move, and the options that a command to plan them again needs. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "lib/reread.h"

/* ---- rejects ---------------------------------------------------------------------------------------------- */

struct reject_walk {
	const char *states;
	rh_reject_fn *fn;
	void *context;
	uint64_t handed; /* of the earlier input at hand */
	bool is_ended;
};

static void describe_record(const struct rh_passing *passing, unsigned file, struct rh_str text,
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

static int reject_one(struct rh_passing *passing, void *context, struct rh_err *err)
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
	if (!rh_is_among(walk->states, passing->line.state)) {
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
		if (exception.revision != earlier || !rh_is_among(walk->states, line.state)) {
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
	struct rh_passing passing = {.earlier = earlier, .carrying = migration->plan.revision};
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
		code = rh_reread(&passing, reject_one, NULL, walk, err);
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
	struct rh_passing passing = {.migration = migration};
	struct rh_err own;
	int64_t earlier = 0;
	int code;

	err = rh_migration_err(err, &own);
	code = rh_reread(&passing, reject_one, NULL, &walk, err);
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
		if ((row->flags & RH_OPTION_CONTENT) != 0) {
			/* A plan keeps what stood in the file, not the file's name. */
			rh_buf_reset(&text);
			rh_buf_add_cstr(&text, row->placeholder);
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
	const struct rh_side *sides[] = {&migration->source, &migration->target};
	struct in_force found = {.index = index};
	bool is_found =
		find_in_force(migration, rh_settings_table, &migration->settings, "", &found);

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]) && !is_found; i++) {
		const struct rh_side *side = sides[i];
		is_found = side->is_open &&
			   find_in_force(migration, side->connector->options, side->instance,
					 side->connector->name, &found);
	}
	if (!is_found) {
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
