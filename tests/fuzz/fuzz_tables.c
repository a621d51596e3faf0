/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any record, as JSON or as a row of cells, through the connectors whose records are mapped by documents.  The first
 * byte says which connector (bits 0 and 1, and bit 5), which shape (bits 2 and 3) and form (bit 4: the first line
 * names the columns, the others are cells).
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/auth0/auth0.h"
#include "connectors/authjs/authjs.h"
#include "connectors/betterauth/betterauth.h"
#include "connectors/firebase/firebase.h"
#include "connectors/supabase/supabase.h"
#include "fuzz.h"

enum { CELLS_MAX = 32 };

struct subject {
	const struct rh_connector *connector;
	void *instance;
	int shape;
};

static void ignore(struct rh_finding_sink *, const struct rh_finding *)
{
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

static void check(const struct rh_account *account)
{
	check_text(account->source_id);
	check_text(account->first_name);
	check_text(account->last_name);
	for (size_t i = 0; i < account->identifier_count; i++) {
		require(rh_str_is_set(account->identifiers[i].value));
		check_text(account->identifiers[i].value);
	}
	for (size_t i = 0; i < account->identity_count; i++) {
		check_text(account->identities[i].provider);
		check_text(account->identities[i].subject);
	}
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		check_text(account->metadata[i]);
	}
}

static void map(const struct subject *subject, struct rh_record *record)
{
	const struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST_VERIFIED, .now = 1};
	const struct rh_sniff sniff = {.json = record->json, .columns = record->columns};
	struct rh_finding_sink sink = {.add = ignore};
	struct rh_account account;
	struct rh_arena arena;
	struct rh_err err;

	record->shape = subject->shape;
	(void)subject->connector->recognise(&sniff);
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	if (subject->connector->from_record(subject->instance, record, &policy, &arena, &sink,
					    &account, &err) == RH_OK) {
		check(&account);
	}
	rh_arena_done(&arena);
}

static void map_json(const struct subject *subject, const uint8_t *data, size_t size)
{
	struct rh_json json = {0};
	char *text = malloc(size + 1);

	require(text != NULL);
	memcpy(text, data, size);
	if (rh_json_parse(&json, text, size, NULL) == RH_OK) {
		struct rh_record record = {.json = rh_json_root(&json), .number = 1};
		map(subject, &record);
	}
	rh_json_done(&json);
	free(text);
}

static void map_cells(const struct subject *subject, const uint8_t *data, size_t size)
{
	struct rh_str names[CELLS_MAX];
	struct rh_str cells[CELLS_MAX];
	struct rh_columns columns = {.names = names};
	struct rh_str rest = {.ptr = (const char *)data, .len = size};

	/* The reader of CSV sees to that. */
	if (!rh_str_is_utf8(rest) || memchr(data, '\0', size) != NULL) {
		return;
	}
	struct rh_str header = rh_str_cut(&rest, '\n');
	for (; header.ptr != NULL && columns.count < CELLS_MAX; columns.count++) {
		struct rh_str cell = rest.ptr != NULL ? rh_str_cut(&rest, '\n') : RH_STR_ABSENT;
		names[columns.count] = rh_str_cut(&header, ',');
		cells[columns.count] = cell.len > 0 ? cell : RH_STR_ABSENT;
	}
	struct rh_record record = {.columns = &columns, .cells = cells, .number = 1};
	map(subject, &record);
}

/* Without them a record with a hash ends in an error, and nothing behind it is tried. */
static void give_parameters(struct firebase_instance *firebase)
{
	firebase->signer_key = "AAECAwQFBgcICQoLDA0ODw==";
	firebase->salt_separator = "Bw==";
	firebase->rounds = "8";
	firebase->mem_cost = "14";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rh_connector *const connectors[] = {
		&rh_connector_supabase, &rh_connector_betterauth, &rh_connector_authjs,
		&rh_connector_auth0,    &rh_connector_firebase,
	};
	static void *instances[5];

	if (size < 2 || size > FUZZ_INPUT_MAX) {
		return 0;
	}
	size_t which = (data[0] & 32U) != 0 ? 3U + (data[0] & 1U) : (data[0] & 3U) % 3U;
	struct subject subject = {
		.connector = connectors[which],
		.shape = 1 + (data[0] >> 2 & 3),
	};
	if (instances[which] == NULL) {
		instances[which] = calloc(1, subject.connector->instance_size);
		require(instances[which] != NULL);
		if (subject.connector == &rh_connector_firebase) {
			give_parameters(instances[which]);
		}
		require(subject.connector->open(instances[which], false, NULL) == RH_OK);
	}
	subject.instance = instances[which];
	if ((data[0] & 16) != 0) {
		map_cells(&subject, data + 1, size - 1);
	} else {
		map_json(&subject, data + 1, size - 1);
	}
	return 0;
}
