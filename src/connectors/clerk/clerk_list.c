/* SPDX-License-Identifier: Apache-2.0 */
/* Walking the lists of a record in every form they come in. */
#include "connectors/clerk/clerk_map.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "base/uncleared.h"

/* Hands one entry out; false: no more of them, there are too many or something failed. */
static bool hand_out(struct clerk_map *map, const struct clerk_item *item, clerk_take_fn *take)
{
	if (item->index >= RH_BUILDER_ENTRIES_MAX) {
		clerk_map_keep_status(map, RH_ELIMIT);
	} else {
		take(map, item);
	}
	return map->status == RH_OK;
}

static void take_wrong(struct clerk_map *map, const struct clerk_item *item)
{
	clerk_map_find_item(map, RH_FINDING_FIELD_TYPE, item, NULL, NULL);
}

static void each_element(struct clerk_map *map, enum clerk_field field,
			 const struct rh_json_node *array, clerk_take_fn *take)
{
	const struct rh_json_node *element = NULL;
	struct clerk_item item RH_UNCLEARED; /* members only of an object */

	item.field = field;
	item.index = 0;
	for (; (element = rh_json_next(array, element, NULL)) != NULL; item.index++) {
		item.text = rh_str_trim(rh_json_string(element));
		item.is_object = rh_json_type(element) == RH_JSON_OBJECT;
		if (item.is_object) {
			clerk_members_of_node(item.member, element);
		}
		if (item.is_object || rh_str_is_set(item.text)) {
			if (!hand_out(map, &item, take)) {
				return;
			}
		} else if (!rh_json_is_null(element) && rh_json_type(element) != RH_JSON_STRING) {
			if (!hand_out(map, &item, take_wrong)) {
				return;
			}
		}
	}
}

/* A JSON array as text, as some make it of a list when they write CSV. */
static void each_in_array_text(struct clerk_map *map, enum clerk_field field, struct rh_str text,
			       clerk_take_fn *take)
{
	struct rh_json json = {0};
	char *room = rh_arena_alloc(map->arena, text.len + 1);

	if (room == NULL) {
		clerk_map_keep_status(map, RH_ENOMEM);
		return;
	}
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	int code = rh_json_parse(&json, room, text.len, NULL);
	if (code == RH_OK && rh_json_type(rh_json_root(&json)) == RH_JSON_ARRAY) {
		each_element(map, field, rh_json_root(&json), take);
	} else if (code == RH_ENOMEM) {
		clerk_map_keep_status(map, code);
	} else {
		clerk_map_find_field(map, RH_FINDING_FIELD_TYPE, field);
	}
	rh_json_done(&json);
}

/* Entries joined by '|' or ','.  Trimming takes the TAB guard off each of them as well. */
static void each_joined(struct clerk_map *map, enum clerk_field field, struct rh_str text,
			clerk_take_fn *take)
{
	struct clerk_item item = {.field = field};
	size_t from = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.ptr[i] != '|' && text.ptr[i] != ',') {
			continue;
		}
		item.text = rh_str_trim(rh_str_sub(text, from, i - from));
		from = i + 1;
		if (!rh_str_is_set(item.text)) {
			continue;
		}
		if (!hand_out(map, &item, take)) {
			return;
		}
		item.index++;
	}
}

void clerk_map_each(struct clerk_map *map, enum clerk_field field, clerk_take_fn *take)
{
	const struct rh_json_node *node = map->fields.node[field];

	if (node == NULL && !map->fields.is_cells) {
		return;
	}
	if (rh_json_type(node) == RH_JSON_ARRAY) {
		if (rh_json_count(node) > 0) {
			each_element(map, field, node, take);
		}
		return;
	}
	struct rh_str text = rh_str_trim(clerk_map_borrow(map, field));
	if (!rh_str_is_set(text)) {
		return;
	}
	if (text.ptr[0] == '[') {
		each_in_array_text(map, field, text, take);
	} else {
		each_joined(map, field, text, take);
	}
}

bool clerk_map_is_verified(const struct clerk_item *item)
{
	return rh_str_is(rh_json_get_string(item->member[CLERK_MEMBER_VERIFICATION], "status"),
			 "verified");
}
