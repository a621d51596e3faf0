/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling a document and putting a record through it. */
#include "helper.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct mapped *mapped = (struct mapped *)sink;

	assert_true(mapped->finding_count < FINDINGS_MAX);
	mapped->codes[mapped->finding_count] = finding->code;
	(void)snprintf(mapped->paths[mapped->finding_count], sizeof(mapped->paths[0]), "%.*s",
		       RH_STR_ARG(finding->path));
	(void)snprintf(mapped->notes[mapped->finding_count], sizeof(mapped->notes[0]), "%.*s",
		       RH_STR_ARG(finding->note));
	mapped->finding_count++;
}

struct rh_mapping *compiled(const char *document)
{
	struct rh_mapping *mapping = NULL;
	struct rh_err err = {0};

	if (rh_mapping_compile(&mapping, rh_str_from(document), &err) != RH_OK) {
		fail_msg("%llu:%llu: %s", (unsigned long long)err.line,
			 (unsigned long long)err.column, err.message);
	}
	return mapping;
}

static void map_record(struct mapped *mapped, const struct asked *asked,
		       const struct rh_record *record)
{
	const struct rh_mapping_policy policy = {.primary = asked->primary, .now = asked->now};
	struct rh_mapping *mapping = compiled(asked->document);
	struct rh_err err = {0};

	*mapped = (struct mapped){.sink = {.add = add_finding}};
	rh_arena_init(&mapped->arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	const struct rh_mapping_call call = {
		.policy = &policy,
		.arena = &mapped->arena,
		.findings = &mapped->sink,
		.hooks = asked->hooks,
		.passes_clear_passwords = asked->passes_clear_passwords,
		.split = asked->split,
	};
	assert_int_equal(rh_mapping_account(mapping, record, &call, &mapped->account, &err), RH_OK);
	rh_mapping_free(mapping);
}

void map_json(struct mapped *mapped, const struct asked *asked, const char *text)
{
	struct rh_record record = {.number = 1};
	struct rh_json json = {0};
	struct rh_err err = {0};
	char *copy = rh_strdup(text);

	assert_non_null(copy);
	if (rh_json_parse(&json, copy, strlen(text), &err) != RH_OK) {
		fail_msg("%s: %s", text, err.message);
	}
	record.json = rh_json_root(&json);
	map_record(mapped, asked, &record);
	memset(copy, '#', strlen(text));
	rh_json_done(&json);
	rh_free(copy);
}

void map_cells(struct mapped *mapped, const struct asked *asked, const char *const *cells)
{
	struct rh_str names[32];
	struct rh_str values[32];
	struct rh_columns columns = {.names = names};
	char *copies[32];

	for (; cells[columns.count] != NULL; columns.count++) {
		size_t i = columns.count;
		assert_true(i < 32);
		copies[i] = rh_strdup(cells[i]);
		assert_non_null(copies[i]);
		values[i] = rh_str_from(copies[i]);
		names[i] = rh_str_cut(&values[i], '=');
		values[i] = values[i].len > 0 ? values[i] : RH_STR_ABSENT;
	}
	const struct rh_record record = {.columns = &columns, .cells = values, .number = 1};
	map_record(mapped, asked, &record);
	for (size_t i = 0; i < columns.count; i++) {
		memset(copies[i], '#', strlen(copies[i]));
		rh_free(copies[i]);
	}
}

void drop(struct mapped *mapped)
{
	rh_arena_done(&mapped->arena);
}

bool has_finding(const struct mapped *mapped, enum rh_finding_code code, const char *path)
{
	for (size_t i = 0; i < mapped->finding_count; i++) {
		if (mapped->codes[i] == code && strcmp(mapped->paths[i], path) == 0) {
			return true;
		}
	}
	return false;
}

void assert_text(struct rh_str actual, const char *expected)
{
	if (!rh_str_eq(actual, rh_str_from(expected))) {
		fail_msg("\"%.*s\" is not \"%s\"", RH_STR_ARG(actual),
			 expected != NULL ? expected : "(absent)");
	}
}

const struct rh_identifier *identifier(const struct mapped *mapped, enum rh_identifier_kind kind,
				       const char *value)
{
	for (size_t i = 0; i < mapped->account.identifier_count; i++) {
		const struct rh_identifier *one = &mapped->account.identifiers[i];
		if (one->kind == kind && rh_str_is(one->value, value)) {
			return one;
		}
	}
	fail_msg("there is no \"%s\"", value);
	return NULL;
}
