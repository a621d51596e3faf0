/* SPDX-License-Identifier: Apache-2.0 */
/* The external id as --external-id asks, and what stands for one that is too long. */
#include "connectors/external_id.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "crypto/digest.h"

#define DIGEST_TEXT_MAX 128

/* Text of a member of public metadata that is text or number; absent: none. */
static int find_field(const struct rh_account *account, struct rh_str name, struct rh_arena *arena,
		      struct rh_str *out)
{
	struct rh_str text = account->metadata[RH_METADATA_PUBLIC];
	struct rh_str found = RH_STR_ABSENT;
	const struct rh_json_node *root;
	const struct rh_json_node *node = NULL;
	struct rh_json json = {0};
	struct rh_str key;
	char *room;
	int code;

	*out = RH_STR_ABSENT;
	if (text.ptr == NULL) {
		return RH_OK;
	}
	room = rh_arena_alloc(arena, text.len + 1);
	if (room == NULL) {
		return RH_ENOMEM;
	}
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	code = rh_json_parse(&json, room, text.len, NULL);
	root = code == RH_OK ? rh_json_root(&json) : NULL;
	if (rh_json_type(root) == RH_JSON_OBJECT) {
		while ((node = rh_json_next(root, node, &key)) != NULL) {
			found = rh_str_eq(key, name) ? rh_json_text(node) : found;
		}
	}
	rh_json_done(&json);
	*out = rh_str_is_set(found) ? found : RH_STR_ABSENT;
	return code == RH_ENOMEM ? code : RH_OK;
}

/* As many parameters as there are answers. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_external_id_choose(const struct rh_account *account, const struct rh_mapping_policy *policy,
			  struct rh_arena *arena, struct rh_finding_sink *findings,
			  struct rh_str *out, bool *keeps_source_id)
{
	static const struct rh_finding fallback = {.code = RH_FINDING_EXTERNAL_ID_FALLBACK};
	struct rh_str asked = policy->external_id;
	struct rh_str field = RH_STR_ABSENT;
	int code;

	*out = account->source_id;
	*keeps_source_id = false;
	if (rh_str_is(asked, "source-id")) {
		return RH_OK;
	}
	if (!rh_str_is_set(asked) || rh_str_is(asked, "keep")) {
		if (rh_str_is_set(account->external_id)) {
			*out = account->external_id;
			*keeps_source_id = !rh_str_eq(account->external_id, account->source_id);
		}
		return RH_OK;
	}
	code = find_field(account, asked, arena, &field);
	if (code == RH_OK && field.ptr != NULL) {
		*out = field;
	} else if (code == RH_OK && findings != NULL) {
		findings->add(findings, &fallback);
	}
	return code;
}

struct rh_str rh_external_id_digest(struct rh_arena *arena, struct rh_str id)
{
	uint8_t digest[RH_DIGEST_LEN];
	struct rh_str out = RH_STR_ABSENT;
	struct rh_sha256 sha;
	rh_autobuf text = {0};

	rh_sha256_init(&sha);
	rh_sha256_add(&sha, id.ptr, id.len);
	rh_sha256_finish(&sha, digest);
	rh_buf_init(&text, DIGEST_TEXT_MAX);
	rh_buf_add_cstr(&text, "sha256-");
	rh_hex_encode(&text, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	if (text.failed != RH_OK || !rh_arena_copy(arena, rh_buf_str(&text), &out)) {
		return RH_STR_ABSENT;
	}
	return out;
}
