/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Store: the objects of one kind in one environment of a rehearsal, in the order in which they came.
 *
 * A million people must fit in some hundred megabytes, so an object is one packed block, and an index holds
 * row numbers and reads the keys out of the blocks instead of copying them.  A row number never changes and
 * is never used again; the row of a removed object is empty.
 *
 * Field 0 is the object's id.  Ids grow with the rows (rh_ids_new sees to it), so that the place of an id
 * that is no longer there can still be found.
 */
#ifndef REHEARSAL_STORE_H
#define REHEARSAL_STORE_H

#include <rehome/types.h>

struct rh_store;

enum {
	RH_STORE_FIELDS_MAX = 24,
	RH_STORE_NUMBERS_MAX = 12,
	RH_STORE_KEYS_MAX = 4,
	RH_STORE_GROUPS_MAX = 4,
};

#define RH_ROW_NONE SIZE_MAX

/* A field by which objects are found and which no two of them share; absent fields are in no index. */
struct rh_store_key {
	unsigned field;
	bool ignores_case; /* of A-Z */
};

struct rh_schema {
	const char *kind; /* "users": the name in the state file */
	const char *const *fields;
	size_t field_count;
	uint32_t secret_fields; /* bit n: field n is kept, but never shown */
	const char *const *numbers;
	size_t number_count;
	const struct rh_store_key *keys; /* keys[0] is the id */
	size_t key_count;
	/* Fields by which objects are found that many may share: those with one value are a group.  Absent fields are
	 * in none. */
	const unsigned *groups;
	size_t group_count;
	size_t sort_number; /* what rh_store_sorted sorts by */
};

/* One object, unpacked.  Text read from a store is borrowed until the object changes. */
struct rh_object {
	struct rh_str fields[RH_STORE_FIELDS_MAX];
	int64_t numbers[RH_STORE_NUMBERS_MAX];
};

struct rh_store *rh_store_new(const struct rh_schema *schema); /* NULL: memory out */
void rh_store_free(struct rh_store *store);                    /* accepts NULL */
const struct rh_schema *rh_store_schema(const struct rh_store *store);
size_t rh_store_count(const struct rh_store *store);
void rh_store_clear(struct rh_store *store);

/* The row of the object with this key; RH_ROW_NONE: there is none. */
size_t rh_store_find(const struct rh_store *store, size_t key, struct rh_str text);
/*
 * The row behind `row` in the group of this value, in the order in which they joined; from RH_ROW_NONE the first.
 * RH_ROW_NONE: there is none.  A row that is to be removed is asked for its next before.
 */
size_t rh_store_group_next(const struct rh_store *store, size_t group, struct rh_str text,
			   size_t row);
size_t rh_store_group_count(const struct rh_store *store, size_t group, struct rh_str text);
/* Adds at the end; RH_OK with *out_row (may be NULL), RH_ESTATE: a key is taken, RH_ELIMIT, RH_ENOMEM. */
RH_NODISCARD int rh_store_add(struct rh_store *store, const struct rh_object *object,
			      size_t *out_row);
/* Puts another content into the row; errors as rh_store_add, the row then unchanged. */
RH_NODISCARD int rh_store_replace(struct rh_store *store, size_t row,
				  const struct rh_object *object);
void rh_store_remove(struct rh_store *store, size_t row);

void rh_store_get(const struct rh_store *store, size_t row, struct rh_object *out);
void rh_store_set_number(struct rh_store *store, size_t row, size_t number, int64_t value);

/* The next object's row behind (step 1) or before (step -1) `row`, or RH_ROW_NONE.  From RH_ROW_NONE: the
 * first, the last. */
size_t rh_store_walk(const struct rh_store *store, size_t row, int step);
/*
 * The rows of all objects by the schema's sort_number, among equals in the order in which they came; NULL: memory
 * out, or there is none.  Kept until something changes; an object that is added at its end costs nothing.
 */
const uint32_t *rh_store_sorted(struct rh_store *store);
/* First row with an id not below `id` (its own row if it is there); RH_ROW_NONE: all are below. */
size_t rh_store_seek(const struct rh_store *store, struct rh_str id);

#endif
