/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any record, as JSON or as a row of cells, with any policy: what comes out is a sound account.  The first
 * byte says policy (bits 0 and 1) and form (bit 2: lines are the cells of a row with every column).
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/clerk/clerk.h"
#include "connectors/clerk/clerk_fields.h"
#include "fuzz.h"

struct sink {
	struct rh_finding_sink sink;
	bool is_refused;
};

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	static const enum rh_finding_code refusing[] = {
		RH_FINDING_RECORD_BROKEN,      RH_FINDING_SOURCE_ID_MISSING,
		RH_FINDING_IDENTIFIER_MISSING, RH_FINDING_PRIMARY_UNDECIDED,
		RH_FINDING_RECORD_TOO_LARGE,
	};

	for (size_t i = 0; i < sizeof(refusing) / sizeof(refusing[0]); i++) {
		if (finding->code == refusing[i]) {
			((struct sink *)sink)->is_refused = true;
		}
	}
}

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void check_text(struct rh_str text)
{
	require(rh_str_is_utf8(text));
	require(text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL);
}

static void check_identifiers(const struct rh_account *account)
{
	size_t primary[3] = {0};

	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *one = &account->identifiers[i];
		require(rh_str_is_set(one->value));
		check_text(one->value);
		require(!one->is_verified || !one->is_reserved);
		primary[one->kind] += one->is_primary;
		for (size_t k = 0; k < i; k++) {
			require(account->identifiers[k].kind != one->kind ||
				!rh_str_eq(account->identifiers[k].value, one->value));
		}
	}
	require(primary[0] <= 1 && primary[1] <= 1 && primary[2] <= 1);
}

static void check_metadata(const struct rh_account *account)
{
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

static void map(const struct rh_record *record, enum rh_primary_policy primary)
{
	const struct rh_mapping_policy policy = {.primary = primary};
	struct sink sink = {.sink = {.add = add_finding}};
	struct rh_account account = {0};
	struct rh_arena arena;
	struct rh_err err;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	if (clerk_from_record(NULL, record, &policy, &arena, &sink.sink, &account, &err) == RH_OK &&
	    !sink.is_refused) {
		require(rh_str_is_set(account.source_id));
		require(account.identifier_count > 0);
		check_text(account.source_id);
		check_text(account.external_id);
		check_text(account.first_name);
		check_text(account.last_name);
		check_identifiers(&account);
		check_metadata(&account);
	}
	rh_arena_done(&arena);
}

static void map_json(const uint8_t *data, size_t size, enum rh_primary_policy primary)
{
	struct rh_json json = {0};
	char *text = malloc(size + 1);

	require(text != NULL);
	memcpy(text, data, size);
	if (rh_json_parse(&json, text, size, NULL) == RH_OK) {
		const struct rh_record record = {.json = rh_json_root(&json), .number = 1};
		map(&record, primary);
	}
	rh_json_done(&json);
	free(text);
}

static void map_cells(const uint8_t *data, size_t size, enum rh_primary_policy primary)
{
	struct rh_str names[CLERK_FIELDS];
	struct rh_str cells[CLERK_FIELDS];
	struct rh_str rest = {.ptr = (const char *)data, .len = size};
	const struct rh_columns columns = {.names = names, .count = CLERK_FIELDS};
	const struct rh_record record = {.columns = &columns, .cells = cells, .number = 1};

	/* The reader of CSV sees to that. */
	if (!rh_str_is_utf8(rest) || memchr(data, '\0', size) != NULL) {
		return;
	}
	for (int i = 0; i < CLERK_FIELDS; i++) {
		struct rh_str cell = rest.ptr != NULL ? rh_str_cut(&rest, '\n') : RH_STR_ABSENT;
		names[i] = rh_str_from(clerk_field_name((enum clerk_field)i));
		cells[i] = cell.len > 0 ? cell : RH_STR_ABSENT;
	}
	map(&record, primary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > FUZZ_INPUT_MAX) {
		return 0;
	}
	enum rh_primary_policy primary = (enum rh_primary_policy)(data[0] & 3);
	if ((data[0] & 4) != 0) {
		map_cells(data + 1, size - 1, primary);
	} else {
		map_json(data + 1, size - 1, primary);
	}
	return 0;
}
