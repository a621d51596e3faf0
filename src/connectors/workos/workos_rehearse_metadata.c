/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata of the rehearsed WorkOS: its limits, and merging key by key. */
#include "base/str.h"
#include "connectors/workos/workos_rehearse.h"

/* Of the API description: at most so many pairs, characters of a key, characters of a value. */
enum {
	PAIRS_MAX = 50,
	KEY_MAX = 40,
	VALUE_MAX = 600,
};

static const struct rh_json_node *find_member(const struct rh_json_node *object, struct rh_str name)
{
	const struct rh_json_node *found = NULL;
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	while ((node = rh_json_next(object, node, &key)) != NULL) {
		if (rh_str_eq(key, name)) {
			found = node; /* of several the last */
		}
	}
	return found;
}

static bool is_allowed(const struct rh_json_node *members, bool is_create, bool ascii_only)
{
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	if (rh_json_count(members) > PAIRS_MAX) {
		return false;
	}
	while ((node = rh_json_next(members, node, &key)) != NULL) {
		struct rh_str value = rh_json_string(node);

		if (key.len == 0 || rh_str_points(key) > KEY_MAX) {
			return false;
		}
		if (rh_json_is_null(node) ? is_create
					  : value.ptr == NULL || rh_str_points(value) > VALUE_MAX) {
			return false;
		}
		if (ascii_only && (!rh_str_is_ascii(key) || !rh_str_is_ascii(value))) {
			return false;
		}
	}
	return true;
}

/* The members of the present object that stay, then those that are new. */
static size_t write_merged(const struct rh_json_node *present, const struct rh_json_node *members,
			   struct rh_buf *out)
{
	struct rh_json_writer writer;
	const struct rh_json_node *node = NULL;
	struct rh_str key;
	size_t count = 0;

	rh_json_writer_init(&writer, out);
	rh_json_begin_object(&writer);
	while ((node = rh_json_next(present, node, &key)) != NULL) {
		const struct rh_json_node *other = find_member(members, key);

		if (other == NULL || !rh_json_is_null(other)) {
			rh_json_key_str(&writer, key);
			rh_json_put_string(&writer, rh_json_string(other != NULL ? other : node));
			count++;
		}
	}
	node = NULL;
	while ((node = rh_json_next(members, node, &key)) != NULL) {
		if (!rh_json_is_null(node) && find_member(present, key) == NULL &&
		    find_member(members, key) == node) {
			rh_json_key_str(&writer, key);
			rh_json_put_string(&writer, rh_json_string(node));
			count++;
		}
	}
	rh_json_end_object(&writer);
	return count;
}

bool workos_merge_metadata(struct rh_call *call, const struct rh_json_node *members, bool is_create,
			   struct rh_str present, struct rh_str *out)
{
	bool ascii_only = rh_call_switch(call, WORKOS_SWITCH_METADATA_ASCII) == 1;
	rh_autobuf text = {0};
	struct rh_json json = {0};
	bool is_fine = is_allowed(members, is_create, ascii_only);
	const struct rh_json_node *before = NULL;

	rh_buf_init(&text, 1024 * 1024);
	/* null and {} both take everything away. */
	if (is_fine && present.ptr != NULL && rh_json_count(members) > 0) {
		struct rh_str copy;

		is_fine =
			rh_arena_copy(&call->arena, present, &copy) &&
			rh_json_parse(&json, (char *)(uintptr_t)copy.ptr, copy.len, NULL) == RH_OK;
		before = is_fine ? rh_json_root(&json) : NULL;
	}
	is_fine = is_fine && write_merged(before, members, &text) <= PAIRS_MAX &&
		  text.failed == 0 && rh_arena_copy(&call->arena, rh_buf_str(&text), out);
	rh_json_done(&json);
	return is_fine;
}
