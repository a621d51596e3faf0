/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connectors/workos: any JSON as a user of the target, and as public metadata of an account that is sent.
 * What is read has one form only: read again it is the same.  What is sent is JSON within the limits, and
 * comes back as it was said.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/workos/workos.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

/* Observes the text; RH_OK or RH_EINPUT. */
static int observe(struct rh_arena *arena, const char *text, size_t len, struct rh_observed *out)
{
	struct rh_json json = {0};
	struct rh_record record = {0};
	char *copy = malloc(len + 1);
	int code = RH_EINPUT;

	require(copy != NULL);
	memcpy(copy, text, len);
	if (rh_json_parse(&json, copy, len, NULL) == RH_OK) {
		record.json = rh_json_root(&json);
		code = workos_observe(NULL, &record, arena, out, NULL);
	}
	rh_json_done(&json);
	free(copy);
	require(code == RH_OK || code == RH_EINPUT);
	return code;
}

static void check_wire(const struct rh_wire *wire)
{
	for (int i = 0; i < WORKOS_FIELDS; i++) {
		if ((wire->present >> i & 1) != 0) {
			require(wire->value[i].ptr != NULL && wire->value[i].len > 0);
			require(rh_str_is_utf8(wire->value[i]));
		}
	}
	require(wire->present >> WORKOS_FIELDS == 0);
}

static void require_equal(const struct rh_wire *a, const struct rh_wire *b)
{
	require(a->present == b->present);
	for (int i = 0; i < WORKOS_FIELDS; i++) {
		require((a->present >> i & 1) == 0 || rh_str_eq(a->value[i], b->value[i]));
	}
}

/* The user that these fields are, read again. */
static void read_again(struct rh_arena *arena, const struct rh_observed *observed)
{
	struct rh_json_writer writer;
	struct rh_observed again;
	rh_autobuf text;

	rh_buf_init(&text, RH_RESPONSE_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_json_member(&writer, "id", observed->target_id);
	for (int i = 0; i < WORKOS_FIELDS; i++) {
		if ((observed->wire.present >> i & 1) == 0) {
			continue;
		}
		rh_json_key(&writer, workos_wire_fields[i]);
		if (i == WORKOS_FIELD_EMAIL_VERIFIED || i == WORKOS_FIELD_METADATA) {
			rh_json_put_raw(&writer, observed->wire.value[i]);
		} else {
			rh_json_put_string(&writer, observed->wire.value[i]);
		}
	}
	rh_json_end_object(&writer);
	require(text.failed == RH_OK);
	require(observe(arena, text.ptr, text.len, &again) == RH_OK);
	require_equal(&observed->wire, &again.wire);
}

static void check_limits(struct rh_str metadata)
{
	struct rh_json json = {0};
	const struct rh_json_node *node = NULL;
	char *copy = malloc(metadata.len + 1);
	struct rh_str key;

	require(copy != NULL);
	memcpy(copy, metadata.ptr, metadata.len);
	require(rh_json_parse(&json, copy, metadata.len, NULL) == RH_OK);
	require(rh_json_count(rh_json_root(&json)) <= WORKOS_METADATA_PAIRS_MAX);
	while ((node = rh_json_next(rh_json_root(&json), node, &key)) != NULL) {
		require(rh_json_type(node) == RH_JSON_STRING);
		require(key.len > 0 && key.len <= WORKOS_METADATA_KEY_MAX);
		require(rh_json_text(node).len <= WORKOS_METADATA_VALUE_MAX);
	}
	rh_json_done(&json);
	free(copy);
}

/* Sends an account with the text as metadata, to a target that gives back what it took. */
static void send(struct rh_arena *arena, struct rh_str text)
{
	struct workos workos = {.sends_unsafe_metadata = true};
	struct rh_identifier email = {
		.kind = RH_IDENTIFIER_EMAIL,
		.value = RH_STR("ada@example.com"),
	};
	struct rh_account account = {
		.source_id = RH_STR("user_ada"),
		.identifiers = &email,
		.identifier_count = 1,
		.metadata =
			{
				[RH_METADATA_PUBLIC] = text,
				[RH_METADATA_UNSAFE] = text,
			},
	};
	const struct rh_mapping_policy policy = {.external_id = RH_STR("id")};
	struct rh_observed observed;
	struct rh_wire wire;
	rh_autobuf body;
	rh_autobuf user;

	rh_buf_init(&body, RH_REQUEST_MAX);
	rh_buf_init(&user, RH_REQUEST_MAX);
	require(workos_to_wire(&workos, &account, &policy, UINT32_MAX, arena, NULL, &body, &wire,
			       NULL) == RH_OK);
	check_wire(&wire);
	require(wire.value[WORKOS_FIELD_EXTERNAL_ID].len <= WORKOS_EXTERNAL_ID_MAX);
	require(rh_str_is_ascii(wire.value[WORKOS_FIELD_EXTERNAL_ID]));
	if ((wire.present >> WORKOS_FIELD_METADATA & 1) != 0) {
		check_limits(wire.value[WORKOS_FIELD_METADATA]);
	}
	rh_buf_add_cstr(&user, "{\"id\":\"user_01\",");
	rh_buf_add_cstr(&user, body.ptr + 1);
	require(observe(arena, user.ptr, user.len, &observed) == RH_OK);
	require_equal(&wire, &observed.wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size < FUZZ_INPUT_MAX ? size : FUZZ_INPUT_MAX;
	const char *text = (const char *)data;
	struct rh_observed observed;
	struct rh_arena arena;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	if (observe(&arena, text, len, &observed) == RH_OK) {
		require(rh_str_is_set(observed.target_id));
		check_wire(&observed.wire);
		read_again(&arena, &observed);
	}
	send(&arena, (struct rh_str){.ptr = text, .len = len});
	rh_arena_done(&arena);
	return 0;
}
