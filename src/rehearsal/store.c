/* SPDX-License-Identifier: Apache-2.0 */
/* Store: packed objects in rows, and open-addressing indexes of row numbers. */
#include "rehearsal/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "rehearsal/chains.h"

enum {
	FIRST_ROWS = 64,
	FIRST_SLOTS = 64,
};

#define LENGTH_ABSENT UINT32_MAX
#define FIELD_MAX (16U * 1024 * 1024)

/*
 * A packed object is an array of its numbers; behind them stand the lengths of the fields (32 bits each) and
 * their bytes.
 */

/* hash is the low half of the key's; row is one more than the row, 0: free. */
struct slot {
	uint32_t hash;
	uint32_t row;
};

struct index {
	struct slot *slots;
	size_t slot_count; /* 0 or a power of two */
	size_t count;
};

struct rh_store {
	const struct rh_schema *schema;
	int64_t **rows;
	size_t row_count;
	size_t row_cap;
	size_t count;
	struct index indexes[RH_STORE_KEYS_MAX];
	struct rh_chains groups[RH_STORE_GROUPS_MAX];
	uint32_t *sorted; /* rows; as many as `count` while is_sorted */
	size_t sorted_cap;
	bool is_sorted;
};

static char lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* FNV-1a: nobody but ourselves chooses the keys of a rehearsal. */
static uint64_t long_hash(struct rh_str text, bool ignores_case)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++) {
		char byte = ignores_case ? lower(text.ptr[i]) : text.ptr[i];

		hash = (hash ^ (unsigned char)byte) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/* The same, folded. */
static uint32_t hash_of(struct rh_str text, bool ignores_case)
{
	uint64_t hash = long_hash(text, ignores_case);

	return (uint32_t)(hash ^ (hash >> 32));
}

static bool same_key(struct rh_str a, struct rh_str b, bool ignores_case)
{
	if (a.len != b.len) {
		return false;
	}
	for (size_t i = 0; i < a.len; i++) {
		if (ignores_case ? lower(a.ptr[i]) != lower(b.ptr[i]) : a.ptr[i] != b.ptr[i]) {
			return false;
		}
	}
	return true;
}

static const uint32_t *lengths_of(const struct rh_store *store, const int64_t *item)
{
	return (const uint32_t *)(const void *)(item + store->schema->number_count);
}

static struct rh_str field_of(const struct rh_store *store, const int64_t *item, size_t field)
{
	const uint32_t *lengths = lengths_of(store, item);
	const char *at = (const char *)(lengths + store->schema->field_count);

	if (lengths[field] == LENGTH_ABSENT) {
		return RH_STR_ABSENT;
	}
	for (size_t i = 0; i < field; i++) {
		at += lengths[i] == LENGTH_ABSENT ? 0 : lengths[i];
	}
	return (struct rh_str){
		.ptr = at,
		.len = lengths[field],
	};
}

/* One block with the whole object; RH_ELIMIT: a field is too long. */
static int pack(const struct rh_store *store, const struct rh_object *object, int64_t **out)
{
	const struct rh_schema *schema = store->schema;
	size_t size =
		schema->number_count * sizeof(int64_t) + schema->field_count * sizeof(uint32_t);
	int64_t *item;
	uint32_t *lengths;
	char *at;

	for (size_t i = 0; i < schema->field_count; i++) {
		if (object->fields[i].len > FIELD_MAX) {
			return RH_ELIMIT;
		}
		size += object->fields[i].len;
	}
	item = rh_malloc(size);
	if (item == NULL) {
		return RH_ENOMEM;
	}
	memcpy(item, object->numbers, schema->number_count * sizeof(int64_t));
	lengths = (uint32_t *)(void *)(item + schema->number_count);
	at = (char *)(lengths + schema->field_count);
	for (size_t i = 0; i < schema->field_count; i++) {
		struct rh_str text = object->fields[i];

		lengths[i] = text.ptr == NULL ? LENGTH_ABSENT : (uint32_t)text.len;
		if (rh_str_is_set(text)) {
			memcpy(at, text.ptr, text.len);
			at += text.len;
		}
	}
	*out = item;
	return RH_OK;
}

static size_t index_find(const struct rh_store *store, size_t key, struct rh_str text)
{
	const struct rh_store_key *by = &store->schema->keys[key];
	const struct index *index = &store->indexes[key];
	uint32_t hash = hash_of(text, by->ignores_case);
	size_t mask = index->slot_count - 1;

	if (index->count == 0) {
		return RH_ROW_NONE;
	}
	for (size_t at = hash & mask; index->slots[at].row != 0; at = (at + 1) & mask) {
		size_t row = index->slots[at].row - 1;

		if (index->slots[at].hash == hash &&
		    same_key(field_of(store, store->rows[row], by->field), text,
			     by->ignores_case)) {
			return row;
		}
	}
	return RH_ROW_NONE;
}

static void index_put(struct index *index, uint32_t hash, uint32_t row)
{
	size_t mask = index->slot_count - 1;
	size_t at = hash & mask;

	while (index->slots[at].row != 0) {
		at = (at + 1) & mask;
	}
	index->slots[at] = (struct slot){
		.hash = hash,
		.row = row,
	};
}

/* Room for one more key; three quarters full at most. */
static int index_grow(struct index *index)
{
	struct index bigger = *index;

	if (index->count < index->slot_count / 4 * 3) {
		return RH_OK;
	}
	bigger.slot_count = index->slot_count != 0 ? index->slot_count * 2 : FIRST_SLOTS;
	bigger.slots = rh_calloc(bigger.slot_count, sizeof(*bigger.slots));
	if (bigger.slots == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < index->slot_count; i++) {
		if (index->slots[i].row != 0) {
			index_put(&bigger, index->slots[i].hash, index->slots[i].row);
		}
	}
	rh_free(index->slots);
	*index = bigger;
	return RH_OK;
}

/* Takes the row out; later keys of the same run of slots move back. */
static void index_remove(struct index *index, uint32_t hash, size_t row)
{
	size_t mask = index->slot_count - 1;
	size_t hole = hash & mask;

	while (index->slots[hole].row != row + 1) {
		hole = (hole + 1) & mask;
	}
	for (size_t at = (hole + 1) & mask; index->slots[at].row != 0; at = (at + 1) & mask) {
		size_t home = index->slots[at].hash & mask;

		/* It may move into the hole unless its home lies behind the hole. */
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			index->slots[hole] = index->slots[at];
			hole = at;
		}
	}
	index->slots[hole] = (struct slot){0};
	index->count--;
}

/* Puts the row's keys into the indexes, or takes them out; rows in the indexes have room. */
static void set_keys(struct rh_store *store, size_t row, bool is_there)
{
	for (size_t k = 0; k < store->schema->key_count; k++) {
		const struct rh_store_key *key = &store->schema->keys[k];
		struct rh_str text = field_of(store, store->rows[row], key->field);
		uint32_t hash = hash_of(text, key->ignores_case);

		if (text.ptr == NULL) {
			continue;
		}
		if (is_there) {
			index_put(&store->indexes[k], hash, (uint32_t)row + 1);
			store->indexes[k].count++;
		} else {
			index_remove(&store->indexes[k], hash, row);
		}
	}
}

/* The row joins the groups of its fields, or leaves them; there is room. */
static void set_groups(struct rh_store *store, size_t row, bool is_there)
{
	for (size_t g = 0; g < store->schema->group_count; g++) {
		struct rh_str text = field_of(store, store->rows[row], store->schema->groups[g]);

		if (text.ptr == NULL) {
			continue;
		}
		if (is_there) {
			rh_chains_join(&store->groups[g], long_hash(text, false), (uint32_t)row);
		} else {
			rh_chains_leave(&store->groups[g], long_hash(text, false), (uint32_t)row);
		}
	}
}

/* Do the two have the same groups?  Then a row keeps its place in them. */
static bool same_groups(const struct rh_store *store, const int64_t *a, const int64_t *b)
{
	for (size_t g = 0; g < store->schema->group_count; g++) {
		if (!rh_str_eq(field_of(store, a, store->schema->groups[g]),
			       field_of(store, b, store->schema->groups[g]))) {
			return false;
		}
	}
	return true;
}

static int reserve_groups(struct rh_store *store)
{
	int status = RH_OK;

	for (size_t g = 0; status == RH_OK && g < store->schema->group_count; g++) {
		status = rh_chains_reserve(&store->groups[g], store->row_cap);
	}
	return status;
}

/* RH_ESTATE when another row than `row` has one of the object's keys; makes room in the indexes. */
static int check_keys(struct rh_store *store, size_t row, const struct rh_object *object)
{
	for (size_t k = 0; k < store->schema->key_count; k++) {
		struct rh_str text = object->fields[store->schema->keys[k].field];
		size_t found = text.ptr != NULL ? index_find(store, k, text) : RH_ROW_NONE;
		int status = index_grow(&store->indexes[k]);

		if (status != RH_OK) {
			return status;
		}
		if (found != RH_ROW_NONE && found != row) {
			return RH_ESTATE;
		}
	}
	return RH_OK;
}

static int grow_rows(struct rh_store *store)
{
	size_t cap = store->row_cap != 0 ? store->row_cap * 2 : FIRST_ROWS;
	int64_t **rows;

	if (store->row_count < store->row_cap) {
		return RH_OK;
	}
	if (store->row_count >= UINT32_MAX - 1) {
		return RH_ELIMIT;
	}
	rows = rh_realloc(store->rows, cap * sizeof(int64_t *));
	if (rows == NULL) {
		return RH_ENOMEM;
	}
	store->rows = rows;
	store->row_cap = cap;
	return RH_OK;
}

struct rh_store *rh_store_new(const struct rh_schema *schema)
{
	struct rh_store *store = rh_calloc(1, sizeof(*store));

	assert(schema->field_count <= RH_STORE_FIELDS_MAX);
	assert(schema->number_count <= RH_STORE_NUMBERS_MAX);
	assert(schema->key_count <= RH_STORE_KEYS_MAX);
	assert(schema->group_count <= RH_STORE_GROUPS_MAX);
	if (store != NULL) {
		store->schema = schema;
	}
	return store;
}

void rh_store_clear(struct rh_store *store)
{
	for (size_t row = 0; row < store->row_count; row++) {
		rh_free(store->rows[row]);
	}
	rh_free(store->rows);
	rh_free(store->sorted);
	for (size_t k = 0; k < RH_STORE_KEYS_MAX; k++) {
		rh_free(store->indexes[k].slots);
	}
	for (size_t g = 0; g < RH_STORE_GROUPS_MAX; g++) {
		rh_chains_done(&store->groups[g]);
	}
	*store = (struct rh_store){
		.schema = store->schema,
	};
}

void rh_store_free(struct rh_store *store)
{
	if (store != NULL) {
		rh_store_clear(store);
		rh_free(store);
	}
}

const struct rh_schema *rh_store_schema(const struct rh_store *store)
{
	return store->schema;
}

size_t rh_store_count(const struct rh_store *store)
{
	return store->count;
}

size_t rh_store_find(const struct rh_store *store, size_t key, struct rh_str text)
{
	return text.ptr != NULL ? index_find(store, key, text) : RH_ROW_NONE;
}

size_t rh_store_group_next(const struct rh_store *store, size_t group, struct rh_str text,
			   size_t row)
{
	if (row == RH_ROW_NONE) {
		return text.ptr != NULL
			       ? rh_chains_first(&store->groups[group], long_hash(text, false))
			       : RH_ROW_NONE;
	}
	return rh_chains_next(&store->groups[group], row);
}

size_t rh_store_group_count(const struct rh_store *store, size_t group, struct rh_str text)
{
	return text.ptr != NULL ? rh_chains_count(&store->groups[group], long_hash(text, false))
				: 0;
}

static int64_t sort_key(const struct rh_store *store, size_t row)
{
	return store->rows[row][store->schema->sort_number];
}

/* Room for all rows in the sorted list; false: memory out. */
static bool grow_sorted(struct rh_store *store)
{
	uint32_t *sorted;

	if (store->sorted_cap >= store->row_cap) {
		return true;
	}
	sorted = rh_realloc(store->sorted, store->row_cap * sizeof(*sorted));
	if (sorted != NULL) {
		store->sorted = sorted;
		store->sorted_cap = store->row_cap;
	}
	return sorted != NULL;
}

/* Before a new row is counted: it stays sorted if the row belongs at the end. */
static void append_sorted(struct rh_store *store, size_t row)
{
	if (!store->is_sorted || !grow_sorted(store) ||
	    (store->count > 0 &&
	     sort_key(store, store->sorted[store->count - 1]) > sort_key(store, row))) {
		store->is_sorted = false;
		return;
	}
	store->sorted[store->count] = (uint32_t)row;
}

/* Before a number changes. */
static void note_number(struct rh_store *store, size_t row, size_t number, int64_t value)
{
	if (store->is_sorted && number == store->schema->sort_number &&
	    value != sort_key(store, row)) {
		store->is_sorted = false;
	}
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct rh_store *store = context;
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;
	int64_t left_key = sort_key(store, left);
	int64_t right_key = sort_key(store, right);

	if (left_key != right_key) {
		return left_key < right_key ? -1 : 1;
	}
	return left < right ? -1 : left > right;
}

const uint32_t *rh_store_sorted(struct rh_store *store)
{
	size_t count = 0;

	if (store->is_sorted || store->count == 0) {
		return store->count > 0 ? store->sorted : NULL;
	}
	if (!grow_sorted(store)) {
		return NULL;
	}
	for (size_t row = 0; row < store->row_count; row++) {
		if (store->rows[row] != NULL) {
			store->sorted[count++] = (uint32_t)row;
		}
	}
	qsort_r(store->sorted, count, sizeof(*store->sorted), compare_rows, store);
	store->is_sorted = true;
	return store->sorted;
}

int rh_store_add(struct rh_store *store, const struct rh_object *object, size_t *out_row)
{
	int64_t *item;
	size_t row = store->row_count;
	int status = grow_rows(store);

	if (status == RH_OK) {
		status = reserve_groups(store);
	}
	if (status == RH_OK) {
		status = check_keys(store, RH_ROW_NONE, object);
	}
	if (status == RH_OK) {
		status = pack(store, object, &item);
	}
	if (status != RH_OK) {
		return status;
	}
	store->rows[row] = item;
	store->row_count++;
	append_sorted(store, row);
	store->count++;
	set_keys(store, row, true);
	set_groups(store, row, true);
	if (out_row != NULL) {
		*out_row = row;
	}
	return RH_OK;
}

int rh_store_replace(struct rh_store *store, size_t row, const struct rh_object *object)
{
	int64_t *item;
	bool is_moved;
	int status = check_keys(store, row, object);

	if (status == RH_OK) {
		status = reserve_groups(store);
	}
	if (status == RH_OK) {
		status = pack(store, object, &item);
	}
	if (status != RH_OK) {
		return status;
	}
	set_keys(store, row, false);
	is_moved = !same_groups(store, store->rows[row], item);
	if (is_moved) {
		set_groups(store, row, false);
	}
	if (store->is_sorted) {
		note_number(store, row, store->schema->sort_number,
			    item[store->schema->sort_number]);
	}
	rh_free(store->rows[row]);
	store->rows[row] = item;
	set_keys(store, row, true);
	if (is_moved) {
		set_groups(store, row, true);
	}
	return RH_OK;
}

void rh_store_remove(struct rh_store *store, size_t row)
{
	set_keys(store, row, false);
	set_groups(store, row, false);
	rh_free(store->rows[row]);
	store->rows[row] = NULL;
	store->count--;
	store->is_sorted = false;
}

void rh_store_get(const struct rh_store *store, size_t row, struct rh_object *out)
{
	const int64_t *item = store->rows[row];
	const uint32_t *lengths = lengths_of(store, item);
	const char *at = (const char *)(lengths + store->schema->field_count);

	memset(out, 0, sizeof(*out));
	memcpy(out->numbers, item, store->schema->number_count * sizeof(int64_t));
	for (size_t i = 0; i < store->schema->field_count; i++) {
		if (lengths[i] != LENGTH_ABSENT) {
			out->fields[i] = (struct rh_str){
				.ptr = at,
				.len = lengths[i],
			};
			at += lengths[i];
		}
	}
}

void rh_store_set_number(struct rh_store *store, size_t row, size_t number, int64_t value)
{
	note_number(store, row, number, value);
	store->rows[row][number] = value;
}

size_t rh_store_walk(const struct rh_store *store, size_t row, int step)
{
	size_t at;

	if (row == RH_ROW_NONE) {
		at = step > 0 ? 0 : store->row_count - 1;
	} else {
		at = step > 0 ? row + 1 : row - 1;
	}
	/* Below row 0 the number wraps around and is behind the end as well. */
	while (at < store->row_count && store->rows[at] == NULL) {
		at = step > 0 ? at + 1 : at - 1;
	}
	return at < store->row_count ? at : RH_ROW_NONE;
}

size_t rh_store_seek(const struct rh_store *store, struct rh_str id)
{
	size_t low = 0;
	size_t high = store->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t at = middle;

		while (at < high && store->rows[at] == NULL) {
			at++;
		}
		if (at < high && rh_str_cmp(field_of(store, store->rows[at], 0), id) < 0) {
			low = at + 1;
		} else {
			high = middle;
		}
	}
	/* All rows before low are below; low itself may be empty. */
	while (low < store->row_count && store->rows[low] == NULL) {
		low++;
	}
	return low < store->row_count ? low : RH_ROW_NONE;
}
