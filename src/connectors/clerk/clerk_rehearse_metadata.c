/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata of the rehearsed Clerk: its cap, and merging as deep as it goes. */
#include <stdlib.h>

#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"

enum { METADATA_MAX = 8 * 1024 };

/* A member of the merged object. */
struct member {
	struct rh_str key;
	size_t order;                     /* in which it came: of equal names the last one counts */
	const struct rh_json_node *below; /* of the present object */
	const struct rh_json_node *above; /* of the given one */
};

static int compare_members(const void *a, const void *b)
{
	const struct member *left = a;
	const struct member *right = b;
	int order = rh_str_cmp(left->key, right->key);

	if (order != 0) {
		return order;
	}
	return left->order < right->order ? -1 : 1;
}

static size_t collect(const struct rh_json_node *object, bool is_above, struct member *members,
		      size_t count)
{
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	while (rh_json_type(object) == RH_JSON_OBJECT &&
	       (node = rh_json_next(object, node, &key)) != NULL) {
		members[count] = (struct member){
			.key = key,
			.order = count,
			.below = is_above ? NULL : node,
			.above = is_above ? node : NULL,
		};
		count++;
	}
	return count;
}

/* One entry for each name, in the order of the names; returns their number. */
static size_t unite(struct member *members, size_t count)
{
	size_t kept = 0;

	qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && rh_str_eq(members[kept - 1].key, members[i].key)) {
			struct member *last = &members[kept - 1];

			last->below = members[i].below != NULL ? members[i].below : last->below;
			last->above = members[i].above != NULL ? members[i].above : last->above;
		} else {
			members[kept++] = members[i];
		}
	}
	return kept;
}

/* What a write needs all the way down. */
struct merging {
	struct rh_arena *arena;
	struct rh_json_writer *writer;
	bool is_merge; /* null takes away; else it is a value */
};

static bool write_value(const struct merging *merging, const struct rh_json_node *below,
			const struct rh_json_node *above);

/* Objects become one; as deep as the reader lets them be. */
static bool write_object(const struct merging *merging, const struct rh_json_node *below,
			 const struct rh_json_node *above)
{
	size_t room = (rh_json_type(below) == RH_JSON_OBJECT ? rh_json_count(below) : 0) +
		      rh_json_count(above);
	struct member *members = rh_arena_calloc(merging->arena, room + 1, sizeof(*members));
	size_t count;

	if (members == NULL) {
		return false;
	}
	count = unite(members, collect(above, true, members, collect(below, false, members, 0)));
	rh_json_begin_object(merging->writer);
	for (size_t i = 0; i < count; i++) {
		const struct member *member = &members[i];

		if (merging->is_merge && member->above != NULL && rh_json_is_null(member->above)) {
			continue;
		}
		rh_json_key_str(merging->writer, member->key);
		if (!write_value(merging, member->above != NULL ? member->below : NULL,
				 member->above != NULL ? member->above : member->below)) {
			return false;
		}
	}
	rh_json_end_object(merging->writer);
	return true;
}

/* `above`, merged into `below` if both are objects. */
static bool write_value(const struct merging *merging, const struct rh_json_node *below,
			const struct rh_json_node *above)
{
	const struct rh_json_node *item = NULL;

	if (rh_json_type(above) == RH_JSON_OBJECT) {
		return write_object(merging, below, above);
	}
	if (rh_json_type(above) != RH_JSON_ARRAY) {
		rh_json_put_node(merging->writer, above);
		return true;
	}
	rh_json_begin_array(merging->writer);
	while ((item = rh_json_next(above, item, NULL)) != NULL) {
		if (!write_value(merging, NULL, item)) {
			return false;
		}
	}
	rh_json_end_array(merging->writer);
	return true;
}

bool clerk_take_metadata(struct rh_call *call, const char *name, struct rh_str present,
			 const struct rh_json_node *object, struct rh_str *out)
{
	struct rh_json_writer writer;
	struct merging merging = {
		.arena = &call->arena,
		.writer = &writer,
		.is_merge = present.ptr != NULL,
	};
	struct rh_json json = {0};
	struct rh_str copy = RH_STR_ABSENT;
	rh_autobuf text = {0};
	bool is_fine = true;

	rh_buf_init(&text, METADATA_MAX);
	rh_json_writer_init(&writer, &text);
	if (present.ptr != NULL) {
		is_fine =
			rh_arena_copy(&call->arena, present, &copy) &&
			rh_json_parse(&json, (char *)(uintptr_t)copy.ptr, copy.len, NULL) == RH_OK;
	}
	is_fine =
		is_fine &&
		write_object(&merging, present.ptr != NULL ? rh_json_root(&json) : NULL, object) &&
		text.failed != RH_ENOMEM;
	rh_json_done(&json);
	if (is_fine && text.failed == RH_ELIMIT) {
		clerk_refuse(call, 422, "form_param_exceeds_allowed_size", name,
			     "exceeds the maximum allowed size of 8192 bytes.");
		return false;
	}
	return is_fine && rh_arena_copy(&call->arena, rh_buf_str(&text), out);
}

bool clerk_change_metadata(struct rh_call *call, bool is_merge, struct rh_str *fields, size_t count)
{
	enum { FIELDS = 3 };
	unsigned flags = CLERK_UPDATE | (is_merge ? 0 : CLERK_NULL_UPDATE);
	struct clerk_member members[FIELDS] = {
		{"public_metadata", CLERK_OBJECT, flags, 0},
		{"private_metadata", CLERK_OBJECT, flags, 0},
		{"unsafe_metadata", CLERK_OBJECT, flags, 0},
	};
	const struct rh_json_node *nodes[FIELDS] = {0};
	bool is_set[FIELDS] = {0};

	if (!clerk_read_members(call, &(struct clerk_form){members, count, true}, CLERK_UPDATE,
				nodes, is_set)) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (is_set[i] && nodes[i] == NULL) {
			fields[i] = RH_STR("null");
		} else if (nodes[i] != NULL &&
			   !clerk_take_metadata(call, members[i].name,
						is_merge ? fields[i] : RH_STR_ABSENT, nodes[i],
						&fields[i])) {
			return false;
		}
	}
	return true;
}
