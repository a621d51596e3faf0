/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata buckets: checked to be objects, written compactly. */
#include "account/metadata.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

int rh_metadata_from_node(struct rh_arena *arena, const struct rh_json_node *node,
			  struct rh_str *out)
{
	if (rh_json_is_null(node)) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	if (rh_json_type(node) != RH_JSON_OBJECT) {
		return RH_EINPUT;
	}
	if (rh_json_count(node) == 0) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	rh_autobuf text = {0};
	struct rh_json_writer writer;
	/* Escaping can make a text six times as long as it was read. */
	rh_buf_init(&text, (size_t)RH_RECORD_MAX * 6);
	rh_json_writer_init(&writer, &text);
	rh_json_put_node(&writer, node);
	if (text.failed != 0 || !rh_arena_copy(arena, rh_buf_str(&text), out)) {
		return RH_ENOMEM;
	}
	return RH_OK;
}

int rh_metadata_from_text(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	struct rh_str copy = RH_STR_ABSENT;
	struct rh_json json = {0};

	if (!rh_str_is_set(rh_str_trim(text))) {
		*out = RH_STR_ABSENT;
		return RH_OK;
	}
	/* The reader of JSON writes into its text. */
	char *room = rh_arena_alloc(arena, text.len + 1);
	if (room == NULL) {
		return RH_ENOMEM;
	}
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	int code = rh_json_parse(&json, room, text.len, NULL);
	if (code == RH_OK) {
		code = rh_metadata_from_node(arena, rh_json_root(&json), &copy);
	}
	rh_json_done(&json);
	if (code == RH_OK) {
		*out = copy;
	}
	return code == RH_ELIMIT ? RH_EINPUT : code;
}
