/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as a tree of names, and finding the values of all paths of a scope in one pass over a record. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/mapping_internal.h"

enum {
	FOLDED_MAX =
		128, /* bytes of a name that is compared loosely; what is longer is no name of ours */
	ENTRIES_READ = 64, /* of a list, by number */
};

/* ---- names ------------------------------------------------------------------------------------------- */

static inline uint32_t hash_name(struct rh_str name)
{
	uint32_t first = 0;
	uint32_t last = 0;

	if (name.len >= sizeof(first)) {
		memcpy(&first, name.ptr, sizeof(first));
		memcpy(&last, name.ptr + name.len - sizeof(last), sizeof(last));
	} else if (name.len > 0) {
		first = (unsigned char)name.ptr[0];
		last = (uint32_t)(unsigned char)name.ptr[name.len / 2] << 8 |
		       (unsigned char)name.ptr[name.len - 1];
	}
	uint64_t mixed = ((uint64_t)first << 32 | last) + name.len;
	return (uint32_t)((mixed * UINT64_C(0x9e3779b97f4a7c15)) >> 40);
}

/* Without case, blanks, '_' and '-'; absent: too long. */
static struct rh_str fold(struct rh_str name, char buffer[FOLDED_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++) {
		char byte = name.ptr[i];

		if (byte == ' ' || byte == '_' || byte == '-' || byte == '\t') {
			continue;
		}
		if (len == FOLDED_MAX) {
			return RH_STR_ABSENT;
		}
		buffer[len++] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
	}
	return (struct rh_str){.ptr = buffer, .len = len};
}

/* The name that the table has of a place. */
static inline struct rh_str name_of(const struct mapping_scope *scope, uint16_t place,
				    bool is_column)
{
	return is_column ? scope->places[place].column : scope->places[place].name;
}

/* Place of a name, folded where the scope is loose; MAPPING_NOWHERE: no path has it. */
static inline uint16_t look_up(const struct mapping_scope *scope, const struct mapping_table *table,
			       bool is_column, struct rh_str name)
{
	char buffer[FOLDED_MAX];

	if (table->entries == NULL) {
		return MAPPING_NOWHERE;
	}
	if (scope->is_loose) {
		name = fold(name, buffer);
	}
	if (name.ptr == NULL) {
		return MAPPING_NOWHERE;
	}
	for (uint32_t at = hash_name(name);; at++) {
		uint16_t entry = table->entries[at & table->mask];
		if (entry == 0) {
			return MAPPING_NOWHERE;
		}
		struct rh_str known = name_of(scope, (uint16_t)(entry - 1), is_column);
		if (known.len == name.len && memcmp(known.ptr, name.ptr, name.len) == 0) {
			return (uint16_t)(entry - 1);
		}
	}
}

/* The same, with a look at what stood at this position before. */
static inline uint16_t recall(const struct mapping_scope *scope, bool is_column, size_t position,
			      struct rh_str name)
{
	struct mapping_seen *seen = is_column ? scope->seen_columns : scope->seen_members;
	const struct mapping_table *table =
		is_column ? &scope->columns : &scope->places[MAPPING_ROOT].children;

	if (seen == NULL || position >= MAPPING_SEEN_MAX || name.len == 0 ||
	    name.len > MAPPING_SEEN_BYTES) {
		return look_up(scope, table, is_column, name);
	}
	seen += position;
	if (seen->len != name.len || memcmp(seen->name, name.ptr, name.len) != 0) {
		seen->place = look_up(scope, table, is_column, name);
		seen->len = (uint8_t)name.len;
		memcpy(seen->name, name.ptr, name.len);
	}
	return seen->place;
}

static bool table_init(struct rh_arena *arena, struct mapping_table *table, size_t count)
{
	size_t size = 4;

	while (size < count * 2) {
		size *= 2;
	}
	table->mask = (uint32_t)size - 1;
	table->entries = rh_arena_calloc(arena, size, sizeof(*table->entries));
	return table->entries != NULL;
}

/* Of two places with one name the first stays. */
static void table_put(const struct mapping_scope *scope, struct mapping_table *table,
		      bool is_column, uint16_t place)
{
	struct rh_str name = name_of(scope, place, is_column);
	uint32_t at = hash_name(name);

	for (; table->entries[at & table->mask] != 0; at++) {
		uint16_t other = (uint16_t)(table->entries[at & table->mask] - 1);
		if (rh_str_eq(name_of(scope, other, is_column), name)) {
			return;
		}
	}
	table->entries[at & table->mask] = (uint16_t)(place + 1);
}

/* ---- building ---------------------------------------------------------------------------------------- */

static int add_place(struct mapping_scope *scope, const struct mapping_place *place, uint16_t *out)
{
	if (scope->count >= scope->max) {
		return RH_ELIMIT;
	}
	if (scope->count == scope->cap) {
		size_t cap = scope->cap > 0 ? scope->cap * 2 : 16;
		struct mapping_place *bigger =
			rh_realloc(scope->places, cap * sizeof(*scope->places));
		if (bigger == NULL) {
			return RH_ENOMEM;
		}
		scope->places = bigger;
		scope->cap = cap;
	}
	*out = (uint16_t)scope->count;
	scope->places[scope->count++] = *place;
	return RH_OK;
}

/* Cuts the name in front off *rest, and undoes its backslashes in `buffer`. */
static bool cut_name(struct rh_str *rest, char buffer[MAPPING_PATH_MAX], struct rh_str *out,
		     bool *is_last)
{
	size_t len = 0;
	size_t i = 0;

	for (; i < rest->len && rest->ptr[i] != '.'; i++) {
		if (rest->ptr[i] == '\\') {
			i++;
			if (i == rest->len ||
			    (rest->ptr[i] != '.' && rest->ptr[i] != '\\' && rest->ptr[i] != '@')) {
				return false;
			}
		}
		buffer[len++] = rest->ptr[i];
	}
	*out = (struct rh_str){.ptr = buffer, .len = len};
	*is_last = i >= rest->len;
	*rest = rh_str_sub(*rest, i + 1, SIZE_MAX);
	return len > 0;
}

/* A copy, folded where the scope is loose; absent: no memory, or too long. */
static struct rh_str keep_name(struct mapping_scope *scope, struct rh_str name)
{
	char buffer[FOLDED_MAX];
	struct rh_str copy = RH_STR_ABSENT;

	if (scope->is_loose) {
		name = fold(name, buffer);
	}
	return name.ptr != NULL && rh_arena_copy(scope->arena, name, &copy) ? copy : RH_STR_ABSENT;
}

static int find_child(struct mapping_scope *scope, uint16_t parent, struct rh_str name,
		      struct rh_str path, uint16_t *out)
{
	struct mapping_place place = {
		.name = keep_name(scope, name),
		.path = path,
		.parent = parent,
	};
	char column[MAPPING_PATH_MAX * 2];

	if (place.name.ptr == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 1; i < scope->count; i++) {
		if (scope->places[i].parent == parent &&
		    rh_str_eq(scope->places[i].name, place.name)) {
			*out = (uint16_t)i;
			return RH_OK;
		}
	}
	/* A column is called as the names are, joined by dots. */
	int len = parent == MAPPING_ROOT
			  ? snprintf(column, sizeof(column), "%.*s", RH_STR_ARG(name))
			  : snprintf(column, sizeof(column), "%.*s.%.*s",
				     RH_STR_ARG(scope->places[parent].column), RH_STR_ARG(name));
	place.column = keep_name(scope, (struct rh_str){.ptr = column, .len = (size_t)len});
	if (place.column.ptr == NULL) {
		return RH_ENOMEM;
	}
	scope->places[parent].has_children = true;
	return add_place(scope, &place, out);
}

int rh_mapping_path_add(struct mapping_scope *scope, struct rh_str path, uint16_t *out,
			const char **why)
{
	static const struct mapping_place root = {.parent = MAPPING_NOWHERE};
	char buffer[MAPPING_PATH_MAX];
	struct rh_str rest = path;
	struct rh_str name;
	uint16_t place = MAPPING_ROOT;
	bool is_last = false;
	int code = scope->count == 0 ? add_place(scope, &root, &place) : RH_OK;

	if (code == RH_OK &&
	    (path.len == 0 || path.len > (scope->is_loose ? FOLDED_MAX : MAPPING_PATH_MAX))) {
		*why = path.len == 0 ? "a path is empty" : "a path is too long";
		return RH_EINPUT;
	}
	while (code == RH_OK && !is_last) {
		if (!cut_name(&rest, buffer, &name, &is_last)) {
			*why = "a path has an empty name, or a backslash before something else "
			       "than a "
			       "dot or backslash";
			return RH_EINPUT;
		}
		size_t taken = is_last ? path.len : path.len - rest.len - 1;
		bool is_key = rh_str_is(path, "@key");
		code = find_child(scope, place, name, rh_str_sub(path, 0, taken), &place);
		if (code == RH_OK && is_key) {
			scope->key = place;
		}
	}
	if (code == RH_OK) {
		*out = place;
	}
	return code;
}

static bool finish_children(struct mapping_scope *scope, uint16_t parent)
{
	struct mapping_table *table = &scope->places[parent].children;
	size_t count = 0;

	for (size_t i = 1; i < scope->count; i++) {
		count += scope->places[i].parent == parent;
	}
	if (!table_init(scope->arena, table, count)) {
		return false;
	}
	for (size_t i = 1; i < scope->count; i++) {
		if (scope->places[i].parent == parent) {
			table_put(scope, table, false, (uint16_t)i);
		}
	}
	return true;
}

int rh_mapping_scope_finish(struct mapping_scope *scope)
{
	scope->inner = rh_arena_calloc(scope->arena, scope->count + 1, sizeof(*scope->inner));
	if (scope->inner == NULL || !table_init(scope->arena, &scope->columns, scope->count + 1)) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < scope->count; i++) {
		if (scope->places[i].has_children && !finish_children(scope, (uint16_t)i)) {
			return RH_ENOMEM;
		}
		if (i > 0 && scope->places[i].has_children) {
			scope->inner[scope->inner_count++] = (uint16_t)i;
		}
		if (i > 0) {
			table_put(scope, &scope->columns, true, (uint16_t)i);
		}
	}
	return RH_OK;
}

int rh_mapping_scope_remember(struct mapping_scope *scope)
{
	if (scope->count == 0) {
		return RH_OK;
	}
	scope->seen_columns =
		rh_arena_calloc(scope->arena, MAPPING_SEEN_MAX, sizeof(*scope->seen_columns));
	scope->seen_members =
		rh_arena_calloc(scope->arena, MAPPING_SEEN_MAX, sizeof(*scope->seen_members));
	return scope->seen_columns != NULL && scope->seen_members != NULL ? RH_OK : RH_ENOMEM;
}

void rh_mapping_scope_done(struct mapping_scope *scope)
{
	rh_free(scope->places);
}

/* ---- values ------------------------------------------------------------------------------------------ */

void rh_mapping_nested_done(struct mapping_nested *nested)
{
	for (size_t i = 0; i < nested->count; i++) {
		rh_json_done(&nested->json[i]);
	}
	nested->count = 0;
}

/* Text that may be an object or a list; NULL: it is not, or there are too many such texts. */
static const struct rh_json_node *read_nested(struct mapping_nested *nested, struct rh_str text)
{
	text = rh_str_trim(text);
	if (text.len < 2 || (text.ptr[0] != '{' && text.ptr[0] != '[') ||
	    nested->count == MAPPING_NESTED_MAX) {
		return NULL;
	}
	struct rh_json *json = &nested->json[nested->count];
	char *room = rh_arena_alloc(nested->arena, text.len + 1);
	if (room == NULL) {
		nested->status = RH_ENOMEM;
		return NULL;
	}
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	*json = (struct rh_json){0};
	int code = rh_json_parse(json, room, text.len, NULL);
	if (code != RH_OK) {
		rh_json_done(json);
		nested->status = code == RH_ENOMEM ? RH_ENOMEM : nested->status;
		return NULL;
	}
	nested->count++;
	return rh_json_root(json);
}

const struct rh_json_node *rh_mapping_container(struct mapping_nested *nested,
						const struct mapping_value *value)
{
	enum rh_json_type type = rh_json_type(value->node);

	if (type == RH_JSON_OBJECT || type == RH_JSON_ARRAY) {
		return value->node;
	}
	if (type == RH_JSON_STRING) {
		return read_nested(nested, rh_json_string(value->node));
	}
	return value->cell.ptr != NULL ? read_nested(nested, value->cell) : NULL;
}

static inline void mark(struct mapping_values *values, uint16_t place)
{
	values->present[place / 64] |= UINT64_C(1) << place % 64;
}

/* A column that is called as the whole path came first. */
static inline void put_node(struct mapping_values *values, uint16_t place,
			    const struct rh_json_node *node)
{
	if (values->at[place].cell.ptr == NULL) {
		values->at[place].node = node;
		mark(values, place);
	}
}

static void collect_members(const struct mapping_scope *scope, uint16_t place,
			    const struct rh_json_node *object, struct mapping_values *values)
{
	const struct mapping_table *table = &scope->places[place].children;
	const struct rh_json_node *end = rh_json_behind(object);
	size_t position = 0;

	for (const struct rh_json_node *name = object + 1; name < end;
	     name = rh_json_behind(name + 1)) {
		uint16_t child = place == MAPPING_ROOT
					 ? recall(scope, false, position++, rh_json_name(name))
					 : look_up(scope, table, false, rh_json_name(name));
		if (child != MAPPING_NOWHERE) {
			put_node(values, child, name + 1);
		}
	}
}

static void collect_entries(const struct mapping_scope *scope, uint16_t place,
			    const struct rh_json_node *array, struct mapping_values *values)
{
	const struct rh_json_node *element = NULL;
	char number[24];

	for (size_t i = 0; i < ENTRIES_READ; i++) {
		element = rh_json_next(array, element, NULL);
		if (element == NULL) {
			return;
		}
		int len = snprintf(number, sizeof(number), "%zu", i);
		uint16_t child = look_up(scope, &scope->places[place].children, false,
					 (struct rh_str){.ptr = number, .len = (size_t)len});
		if (child != MAPPING_NOWHERE) {
			put_node(values, child, element);
		}
	}
}

static void collect_at(const struct mapping_scope *scope, uint16_t place,
		       const struct rh_json_node *node, struct mapping_values *values)
{
	if (rh_json_type(node) == RH_JSON_OBJECT) {
		collect_members(scope, place, node, values);
	} else if (rh_json_type(node) == RH_JSON_ARRAY) {
		collect_entries(scope, place, node, values);
	}
}

static void collect_inner(const struct mapping_scope *scope, struct mapping_nested *nested,
			  struct mapping_values *values)
{
	for (size_t i = 0; i < scope->inner_count; i++) {
		uint16_t place = scope->inner[i];
		const struct mapping_value *value = &values->at[place];
		if (value->node != NULL || value->cell.ptr != NULL) {
			collect_at(scope, place, rh_mapping_container(nested, value), values);
		}
	}
}

static void clear(const struct mapping_scope *scope, struct mapping_values *values)
{
	memset((void *)values->at, 0, scope->count * sizeof(*values->at));
	memset(values->present, 0, sizeof(values->present));
}

void rh_mapping_collect(const struct mapping_scope *scope, const struct rh_json_node *root,
			struct mapping_nested *nested, struct mapping_values *values)
{
	clear(scope, values);
	if (scope->count == 0) {
		return;
	}
	collect_at(scope, MAPPING_ROOT, root, values);
	collect_inner(scope, nested, values);
}

void rh_mapping_collect_cells(const struct mapping_scope *scope, const struct rh_columns *columns,
			      const struct rh_str *cells, struct mapping_nested *nested,
			      struct mapping_values *values)
{
	clear(scope, values);
	if (scope->count == 0) {
		return;
	}
	for (size_t i = 0; i < columns->count; i++) {
		uint16_t place = recall(scope, true, i, columns->names[i]);
		if (place != MAPPING_NOWHERE) {
			values->at[place].cell = cells != NULL ? cells[i] : RH_STR("");
			mark(values, place);
		}
	}
	collect_inner(scope, nested, values);
}

uint16_t rh_mapping_place(const struct mapping_scope *scope, struct rh_str name)
{
	return scope->count > 0 ? look_up(scope, &scope->columns, true, name) : MAPPING_NOWHERE;
}

bool rh_mapping_knows(const struct mapping_scope *scope, struct rh_str name, bool is_column)
{
	if (scope->count == 0) {
		return false;
	}
	if (is_column && look_up(scope, &scope->columns, true, name) != MAPPING_NOWHERE) {
		return true;
	}
	return look_up(scope, &scope->places[MAPPING_ROOT].children, false, name) !=
	       MAPPING_NOWHERE;
}
