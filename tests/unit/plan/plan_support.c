/* SPDX-License-Identifier: Apache-2.0 */
/* A workspace, inputs written by hand, plans made of them. */
#include "plan_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"
#include "folder.h"

static const struct rh_ledger_identity identity = {
	.source = "clerk",
	.source_tenant = "file",
	.target = "workos",
	.target_tenant = "default",
	.environment = "test",
};

/* ---- the fixture ------------------------------------------------------------------------------------- */

int plan_setup(void **state)
{
	struct plan_test *test = calloc(1, sizeof(*test));
	char *key;

	test->folder = test_folder_new();
	test->workspace_path = test_folder_path(test->folder, "ws");
	key = test_folder_path(test->folder, "state/seal.key");
	rh_arena_init(&test->arena, 64U * 1024 * 1024, RH_ARENA_PLAIN);
	rh_buf_init(&test->text, 1U << 20);
	rh_clock_manual_init(&test->clock, TEST_NOW, 1);
	assert_int_equal(rh_workspace_open(&test->workspace, test->workspace_path, key, &test->err),
			 RH_OK);
	assert_int_equal(rh_option_defaults(rh_settings_table, &test->settings, &test->arena,
					    &test->err),
			 RH_OK);
	test->source = rh_connector_find("clerk");
	test->target = rh_connector_find("workos");
	test->target_instance = rh_arena_calloc(&test->arena, 1, test->target->instance_size);
	assert_int_equal(rh_option_defaults(test->target->options, test->target_instance,
					    &test->arena, &test->err),
			 RH_OK);
	assert_int_equal(test->target->open(test->target_instance, true, &test->err), RH_OK);
	free(key);
	*state = test;
	return 0;
}

int plan_teardown(void **state)
{
	struct plan_test *test = *state;

	plan_clear(test);
	rh_ledger_close(test->ledger);
	rh_workspace_done(&test->workspace);
	rh_buf_done(&test->text);
	rh_arena_done(&test->arena);
	test_folder_free(test->folder);
	free(test->workspace_path);
	free(test);
	return 0;
}

void plan_set(struct plan_test *test, const char *name, const char *value)
{
	const struct rh_option *option = rh_option_find(rh_settings_table, name);

	assert_non_null(option);
	assert_int_equal(rh_option_set(option, &test->settings, NULL, value, &test->arena,
				       &test->err),
			 RH_OK);
}

void plan_input_path(struct plan_test *test, const char *path)
{
	assert_true(test->path_count < TEST_INPUTS);
	test->paths[test->path_count++] = strdup(path);
}

void plan_input_bytes(struct plan_test *test, const char *name, struct rh_str content)
{
	char *path = test_folder_path(test->folder, name);

	assert_int_equal(rh_file_write(path, content, &test->err), RH_OK);
	plan_input_path(test, path);
	free(path);
}

void plan_input(struct plan_test *test, const char *name, const char *content)
{
	plan_input_bytes(test, name, rh_str_from(content));
}

void plan_clear(struct plan_test *test)
{
	while (test->path_count > 0) {
		free(test->paths[--test->path_count]);
	}
}

void plan_open_ledger(struct plan_test *test)
{
	rh_ledger_close(test->ledger);
	test->ledger = NULL;
	assert_int_equal(rh_ledger_open(&test->ledger, test->workspace_path, &identity, false,
					&test->err),
			 RH_OK);
}

void plan_ledger_row(struct plan_test *test, int64_t id, const char *source_id, enum rh_state state,
		     int64_t revision)
{
	const struct rh_ledger_row row = {
		.id = id,
		.kind = RH_KIND_USER,
		.verb = RH_VERB_CREATE,
		.source_id = rh_str_from(source_id),
		.external_id = rh_str_from(source_id),
		.parts_planned = RH_PART_IDENTITY,
		.record = (uint64_t)id,
		.revision = revision,
		.intended_at = TEST_NOW,
	};
	const struct rh_settlement settlement = {
		.id = id,
		.state = state,
		.origin = state == RH_STATE_DONE ? RH_ORIGIN_CREATED : RH_ORIGIN_NONE,
		.target_id = rh_arena_printf(&test->arena, "target_%s", source_id),
		.attempts = 1,
		.at = TEST_NOW,
	};

	assert_int_equal(rh_ledger_intend(test->ledger, &row, 1, &test->err), RH_OK);
	assert_int_equal(rh_ledger_settle(test->ledger, &settlement, &test->err), RH_OK);
	assert_int_equal(rh_ledger_commit(test->ledger, &test->err), RH_OK);
}

/* ---- the source -------------------------------------------------------------------------------------- */

static struct rh_mapping_policy policy_of(const struct plan_test *test)
{
	return (struct rh_mapping_policy){
		.primary = (enum rh_primary_policy)test->settings.primary,
		.unverified = (enum rh_unverified_policy)test->settings.unverified,
		.external_id = rh_str_from(test->settings.external_id),
	};
}

static struct rh_source_options source_options(struct plan_test *test, bool is_replay)
{
	/* Its instance is only an address: records are mapped without options. */
	static const char instance[64];

	return (struct rh_source_options){
		.connector = test->source,
		.instance = instance,
		.policy = policy_of(test),
		.paths = (const char *const *)test->paths,
		.path_count = test->path_count,
		.workspace = &test->workspace,
		.is_replay = is_replay,
		.revision = is_replay ? test->revision : 0,
		.clock = &test->clock.clock,
	};
}

int plan_open_source(struct plan_test *test, bool is_replay, struct rh_source **out)
{
	struct rh_source_options options = source_options(test, is_replay);

	return rh_source_open(out, &options, &test->err);
}

static bool count_tick(void *context, uint64_t bytes)
{
	struct plan_test *test = context;

	(void)bytes;
	test->ticks++;
	return true;
}

int plan_check_source(struct plan_test *test)
{
	struct rh_source_options options = source_options(test, true);

	test->ticks = 0;
	return rh_source_check(&options, count_tick, test, &test->err);
}

static void trace_account(struct rh_buf *out, const struct rh_account *account)
{
	rh_buf_printf(out, " %.*s",
		      RH_STR_ARG(account->source_id.ptr != NULL ? account->source_id
								: RH_STR("-")));
	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *identifier = &account->identifiers[i];
		rh_buf_printf(out, "%c%.*s%s%s", i == 0 ? ' ' : ',', RH_STR_ARG(identifier->value),
			      identifier->is_verified ? "*" : "",
			      identifier->is_primary ? "!" : "");
	}
	if (account->credential.state == RH_CREDENTIAL_PRESENT) {
		rh_buf_add_cstr(out, " hash");
	}
}

static void trace_item(struct rh_buf *out, const struct rh_source_item *item,
		       const struct rh_collector *collector)
{
	rh_buf_printf(out, "%llu %u:%llu", (unsigned long long)item->ordinal, item->file,
		      (unsigned long long)item->record);
	if (item->is_bad) {
		rh_buf_printf(out, " bad %llu:%llu\n", (unsigned long long)item->why.line,
			      (unsigned long long)item->why.column);
		return;
	}
	trace_account(out, &item->account);
	for (size_t i = 0; i < collector->count; i++) {
		rh_buf_printf(out, "%s%s", i == 0 ? " [" : " ",
			      rh_finding_info(collector->items[i].code)->name);
	}
	rh_buf_add_cstr(out, collector->count > 0 ? "]\n" : "\n");
}

const char *plan_trace(struct plan_test *test, bool is_replay)
{
	struct rh_collector collector;
	struct rh_source_item item;
	struct rh_source *source = NULL;
	struct rh_arena arena;
	int code;

	rh_buf_reset(&test->text);
	rh_arena_init(&arena, 64U * 1024 * 1024, RH_ARENA_WIPE);
	code = plan_open_source(test, is_replay, &source);
	while (code >= 0) {
		rh_arena_reset(&arena);
		rh_collector_start(&collector);
		code = rh_source_next(source, &arena, &collector.sink, &item, &test->err);
		if (code != 1) {
			break;
		}
		trace_item(&test->text, &item, &collector);
	}
	if (code == 0) {
		rh_buf_add_cstr(&test->text, "end\n");
	} else {
		rh_buf_printf(&test->text, "error %d %s\n", code, test->err.message);
	}
	rh_source_close(source);
	rh_arena_done(&arena);
	return test->text.ptr;
}

/* ---- the plan ---------------------------------------------------------------------------------------- */

static int make(struct plan_test *test, const struct rh_observed *observed, size_t count,
		struct rh_plan *out)
{
	const struct rh_plan_inputs inputs = {
		.workspace = &test->workspace,
		.settings = &test->settings,
		.target = test->target,
		.target_instance = test->target_instance,
		.ledger = test->ledger,
		.policy = policy_of(test),
		.clock = &test->clock.clock,
		.index_bytes = test->index_bytes,
		.workers = test->workers,
		.stretch_bytes = test->stretch_bytes,
		.read_apart = &test->read_apart,
	};
	struct rh_plan_builder *builder = NULL;
	struct rh_source *source = NULL;
	int code = plan_open_source(test, false, &source);

	test->read_apart = 0;
	if (code == RH_OK) {
		code = rh_plan_begin(&builder, &inputs, &test->err);
	}
	if (code == RH_OK) {
		code = rh_plan_read(builder, source, test->tick, test->tick_context, &test->err);
	}
	for (size_t i = 0; i < count && code == RH_OK; i++) {
		code = rh_plan_present(builder, &observed[i], &test->err);
	}
	if (code == RH_OK) {
		code = rh_plan_finish(builder, source, 7, -1, out, &test->err);
		builder = NULL;
	}
	if (code == RH_OK) {
		assert_true(rh_plan_is_of(out, source));
	}
	rh_plan_abandon(builder);
	rh_source_close(source);
	return code;
}

int plan_try(struct plan_test *test, struct rh_plan *out)
{
	return make(test, NULL, 0, out);
}

void plan_make(struct plan_test *test, const struct rh_observed *observed, size_t count,
	       struct rh_plan *out)
{
	const struct rh_plan_counts *counts = &out->counts;

	if (make(test, observed, count, out) != RH_OK) {
		fail_msg("%s", test->err.message);
	}
	assert_int_equal(counts->total, counts->create + counts->link + counts->update +
						counts->skip + counts->refuse + counts->left_out +
						counts->done + counts->blocked);
	assert_int_equal(counts->target_accounts, count);
	assert_in_range(counts->with_password, 0, counts->create);
}

const char *plan_list(struct plan_test *test, int64_t revision)
{
	static const char *const decisions[] = {"create",   "link",   "skip",   "refuse",
						"left-out", "update", "blocked"};
	struct rh_exceptions *exceptions = NULL;
	struct rh_exception exception;
	int code;

	rh_buf_reset(&test->text);
	assert_int_equal(rh_exceptions_open(&exceptions, &test->workspace, revision, &test->err),
			 RH_OK);
	while ((code = rh_exceptions_next(exceptions, &exception, &test->err)) == 1) {
		struct rh_str none = RH_STR("-");
		rh_buf_printf(
			&test->text, "%llu %s %s %.*s %.*s\n",
			(unsigned long long)exception.ordinal, decisions[exception.decision],
			rh_finding_info(exception.code)->name,
			RH_STR_ARG(exception.source_id.ptr != NULL ? exception.source_id : none),
			RH_STR_ARG(exception.target_id.ptr != NULL ? exception.target_id : none));
	}
	assert_int_equal(code, 0);
	rh_exceptions_close(exceptions);
	return test->text.len > 0 ? test->text.ptr : "";
}

uint64_t plan_found(const struct rh_plan *plan, enum rh_finding_code code)
{
	uint64_t count = 0;

	for (size_t i = 0; i < rh_groups_count(plan->groups); i++) {
		struct rh_finding_group group;
		rh_groups_get(plan->groups, i, &group);
		count += group.info->code == code ? group.count : 0;
	}
	return count;
}

/* ---- what lies in the open --------------------------------------------------------------------------- */

static bool file_holds(struct plan_test *test, const char *path, const char *text)
{
	rh_autobuf content = {0};
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	rh_buf_init(&content, 64U << 20);
	assert_int_equal(rh_file_read(path, &content, &test->err), RH_OK);
	return content.len > 0 && memmem(content.ptr, content.len, text, strlen(text)) != NULL;
}

static bool folder_holds(struct plan_test *test, const char *path, const char *text)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool holds = false;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		char *inside = test_folder_path(path, entry->d_name);
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
			holds = folder_holds(test, inside, text) || holds;
		} else if (entry->d_type == DT_REG) {
			holds = file_holds(test, inside, text) || holds;
		}
		free(inside);
	}
	(void)closedir(folder);
	return holds;
}

bool plan_holds(struct plan_test *test, const char *text)
{
	struct stat status;

	assert_int_equal(stat(test->workspace_path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	return folder_holds(test, test->workspace_path, text);
}
