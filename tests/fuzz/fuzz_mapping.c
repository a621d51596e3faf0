/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any document, and any record through it: up to the first NUL the document, behind it the record, as JSON or, when it
 * begins with '#', as lines "column=cell".  What comes out is sound, and the same twice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "fuzz.h"
#include "mapping/mapping.h"

enum { COLUMNS_MAX = 64 };

struct sink {
	struct rh_finding_sink sink;
	size_t count;
	bool is_refused;
};

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	const struct rh_finding_info *info = rh_finding_info(finding->code);

	require(info != NULL);
	((struct sink *)sink)->count++;
	((struct sink *)sink)->is_refused |= info->severity == RH_SEVERITY_REFUSE;
}

static void check_text(struct rh_str text)
{
	require(rh_str_is_utf8(text));
	require(text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL);
}

static void check_account(const struct rh_account *account)
{
	size_t primary[3] = {0};

	require(rh_str_is_set(account->source_id));
	require(account->identifier_count > 0);
	check_text(account->source_id);
	check_text(account->full_name);
	check_text(account->first_name);
	check_text(account->last_name);
	for (size_t i = 0; i < account->identifier_count; i++) {
		require(rh_str_is_set(account->identifiers[i].value));
		check_text(account->identifiers[i].value);
		primary[account->identifiers[i].kind] += account->identifiers[i].is_primary;
	}
	require(primary[0] <= 1 && primary[1] <= 1 && primary[2] <= 1);
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		struct rh_json json = {0};
		struct rh_str text = account->metadata[i];
		if (text.ptr == NULL) {
			continue;
		}
		char *copy = malloc(text.len + 1);
		require(copy != NULL);
		memcpy(copy, text.ptr, text.len);
		require(rh_json_parse(&json, copy, text.len, NULL) == RH_OK);
		require(rh_json_type(rh_json_root(&json)) == RH_JSON_OBJECT);
		rh_json_done(&json);
		free(copy);
	}
}

static size_t map_once(const struct rh_mapping *mapping, const struct rh_record *record)
{
	const struct rh_mapping_policy policy = {.now = INT64_C(1700000000000000)};
	struct sink sink = {.sink = {.add = add_finding}};
	struct rh_account account = {0};
	struct rh_arena arena;
	const struct rh_mapping_call call = {
		.policy = &policy,
		.arena = &arena,
		.findings = &sink.sink,
	};

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	if (rh_mapping_account(mapping, record, &call, &account, NULL) == RH_OK &&
	    !sink.is_refused) {
		check_account(&account);
	}
	rh_arena_done(&arena);
	return sink.count;
}

static void map(const struct rh_mapping *mapping, const struct rh_record *record)
{
	const struct rh_sniff sniff = {.json = record->json, .columns = record->columns};

	(void)rh_mapping_recognises(mapping, &sniff);
	require(map_once(mapping, record) == map_once(mapping, record));
}

static void map_cells(const struct rh_mapping *mapping, struct rh_str rest)
{
	struct rh_str names[COLUMNS_MAX];
	struct rh_str cells[COLUMNS_MAX];
	struct rh_columns columns = {.names = names};
	const struct rh_record record = {.columns = &columns, .cells = cells, .number = 1};

	/* The reader of CSV sees to that. */
	if (!rh_str_is_utf8(rest) || memchr(rest.ptr, '\0', rest.len) != NULL) {
		return;
	}
	while (rest.ptr != NULL && columns.count < COLUMNS_MAX) {
		struct rh_str cell = rh_str_cut(&rest, '\n');
		names[columns.count] = rh_str_cut(&cell, '=');
		cells[columns.count] = cell.len > 0 ? cell : RH_STR_ABSENT;
		columns.count++;
	}
	map(mapping, &record);
}

static void map_json(const struct rh_mapping *mapping, struct rh_str text)
{
	struct rh_json json = {0};
	char *copy = malloc(text.len + 1);

	require(copy != NULL);
	if (text.len > 0) {
		memcpy(copy, text.ptr, text.len);
	}
	if (rh_json_parse(&json, copy, text.len, NULL) == RH_OK) {
		const struct rh_record record = {.json = rh_json_root(&json), .number = 1};
		map(mapping, &record);
	}
	rh_json_done(&json);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rh_str record = {.ptr = (const char *)data, .len = size};
	struct rh_mapping *mapping = NULL;
	struct rh_err err = {0};

	if (size == 0 || size > FUZZ_INPUT_MAX) {
		return 0;
	}
	struct rh_str document = rh_str_cut(&record, '\0');
	if (rh_mapping_compile(&mapping, document, &err) != RH_OK) {
		require(err.message[0] != '\0');
		return 0;
	}
	if (record.ptr != NULL && rh_str_starts(record, "#")) {
		map_cells(mapping, rh_str_sub(record, 1, SIZE_MAX));
	} else if (record.ptr != NULL) {
		map_json(mapping, record);
	}
	rh_mapping_free(mapping);
	return 0;
}
