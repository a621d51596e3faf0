/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hash of the support's file is whose.
 *
 *  1. The support's file is about records of databases: a line has the name of its database (`connection`) and the id of
 *     the record there.  A user has them as identities, and is called after the first one; a record that was linked
 *     later has an id that is in none of the user's but its identity.
 *  2. One id in two databases is two people.  Where either side does not say which database it is, the id decides.
 *  3. A hash that was set before the last reset is of a password that the person has replaced, maybe since somebody
 *     knew it.  Both times are written by one change of a password, so a few seconds between them are none.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/auth0/auth0.h"

#define DATABASE "auth0|"
#define SAME_CHANGE (5 * RH_SECOND)

struct database {
	struct rh_str connection; /* may be absent */
	struct rh_str id;
};

/* 1: an apostrophe before a text is the export job's (auth0_map.c). */
static struct rh_str plain(struct rh_str cell)
{
	return rh_str_starts(cell, "'") ? rh_str_sub(cell, 1, SIZE_MAX) : cell;
}

/* Of two columns with one name the last counts, as everywhere. */
static size_t databases_of_cells(const struct rh_record *record,
				 struct database out[AUTH0_CELLS_MAX])
{
	struct database all[AUTH0_CELLS_MAX] = {0};
	bool is_one[AUTH0_CELLS_MAX] = {0};
	size_t count = 0;

	for (size_t i = 0; i < record->columns->count; i++) {
		struct rh_str member;
		size_t number =
			auth0_entry_of(record->columns->names[i], RH_STR("identities"), &member);

		if (number == AUTH0_CELLS_MAX) {
			continue;
		}
		if (rh_str_is(member, ".provider")) {
			is_one[number] = rh_str_is(plain(record->cells[i]), "auth0");
		} else if (rh_str_is(member, ".connection")) {
			all[number].connection = plain(record->cells[i]);
		} else if (rh_str_is(member, ".user_id")) {
			all[number].id = plain(record->cells[i]);
		}
	}
	for (size_t i = 0; i < AUTH0_CELLS_MAX; i++) {
		if (is_one[i]) {
			out[count++] = all[i];
		}
	}
	return count;
}

static size_t databases_of(const struct rh_record *record, struct database out[AUTH0_CELLS_MAX])
{
	const struct rh_json_node *list;
	const struct rh_json_node *node = NULL;
	size_t count = 0;

	if (record->json == NULL) {
		return databases_of_cells(record, out);
	}
	list = mapped_value(record, "identities").node;
	/* More than anybody links. */
	while (count < AUTH0_CELLS_MAX && (node = rh_json_next(list, node, NULL)) != NULL) {
		if (rh_str_is(mapped_member(node, "provider"), "auth0")) {
			out[count++] = (struct database){mapped_member(node, "connection"),
							 mapped_member(node, "user_id")};
		}
	}
	return count;
}

/* An id with or without the prefix. */
static struct rh_str bare(struct rh_str id)
{
	return rh_str_starts(id, DATABASE) ? rh_str_sub(id, sizeof(DATABASE) - 1, SIZE_MAX) : id;
}

int auth0_join_ids(const struct rh_record *record, const struct rh_account *account,
		   struct rh_arena *arena, struct rh_str *ids, size_t max)
{
	struct database databases[AUTH0_CELLS_MAX];
	size_t count = databases_of(record, databases);
	int found = 0;

	for (size_t i = 0; i < count && (size_t)found < max; i++) {
		struct rh_str id = bare(databases[i].id);
		if (!rh_str_is_set(id) || rh_str_eq(id, bare(account->source_id))) {
			continue;
		}
		ids[found] = rh_arena_printf(arena, DATABASE "%.*s", RH_STR_ARG(id));
		if (ids[found].ptr == NULL) {
			return RH_ENOMEM;
		}
		found++;
	}
	return found;
}

/* The id of a line of the support's, as its mapping reads it. */
static struct rh_str id_of(const struct rh_record *partial)
{
	static const char *const names[] = {"alt_id", "_id", "_ID"};
	struct rh_str id = RH_STR_ABSENT;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !rh_str_is_set(id); i++) {
		struct mapped_value value = mapped_value(partial, names[i]);
		id = rh_json_type(value.node) == RH_JSON_OBJECT ? mapped_member(value.node, "$oid")
								: mapped_text(partial, names[i]);
	}
	return bare(id);
}

/* 2 */
bool auth0_join_fits(const struct rh_record *full, const struct rh_record *partial)
{
	struct rh_str connection = mapped_text(partial, "connection");
	struct rh_str id = id_of(partial);
	struct database databases[AUTH0_CELLS_MAX];
	size_t count = databases_of(full, databases);
	bool has_id = false;

	for (size_t i = 0; i < count; i++) {
		if (!rh_str_eq(bare(databases[i].id), id)) {
			continue;
		}
		if (!rh_str_is_set(connection) || !rh_str_is_set(databases[i].connection) ||
		    rh_str_eq(connection, databases[i].connection)) {
			return true;
		}
		has_id = true;
	}
	return !has_id;
}

size_t auth0_count_databases(const struct rh_record *record)
{
	struct database databases[AUTH0_CELLS_MAX];

	return databases_of(record, databases);
}

/* ISO 8601, or milliseconds as MongoDB writes them; 0: it is not there, or is no time. */
static rh_time time_of(const struct rh_record *record, const char *name)
{
	const struct rh_json_node *node = mapped_value(record, name).node;
	struct rh_str text = mapped_text(record, name);
	rh_time time = 0;
	int64_t milliseconds;

	if (rh_json_type(node) == RH_JSON_OBJECT) {
		node = rh_json_get(node, "$date");
		text = rh_json_type(node) == RH_JSON_OBJECT ? mapped_member(node, "$numberLong")
							    : rh_json_text(node);
	}
	text = plain(text);
	if (rh_str_to_i64(text, &milliseconds)) {
		return milliseconds > 0 && milliseconds < INT64_MAX / RH_MILLISECOND
			       ? milliseconds * RH_MILLISECOND
			       : 0;
	}
	return rh_str_is_set(text) && rh_time_parse(text, &time) ? time : 0;
}

/* 3 */
bool auth0_is_stale(const struct rh_record *full, const struct rh_record *partial)
{
	rh_time reset = time_of(full, "last_password_reset");
	rh_time set = time_of(partial, "password_set_date");

	return reset != 0 && set != 0 && reset > set && reset - set > SAME_CHANGE;
}
