/* SPDX-License-Identifier: Apache-2.0 */
/* Store: keys, order, places of ids that are gone; compared with a plain list under random work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "rehearsal/store.h"

enum { ID, MAIL, NOTE, FIELDS };
enum { BY_ID, BY_MAIL };

static const char *const fields[] = {"id", "mail", "note"};
static const char *const numbers[] = {"age", "height"};
static const struct rh_store_key keys[] = {{.field = ID}, {.field = MAIL, .ignores_case = true}};
static const struct rh_schema schema = {
	.kind = "things",
	.fields = fields,
	.field_count = FIELDS,
	.numbers = numbers,
	.number_count = 2,
	.keys = keys,
	.key_count = 2,
};

static struct rh_object thing(const char *id, const char *mail, const char *note)
{
	return (struct rh_object){
		.fields = {rh_str_from(id), rh_str_from(mail), rh_str_from(note)},
		.numbers = {7, -8},
	};
}

static void test_add_and_find(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	struct rh_object object = thing("id_1", "Ada@example.com", NULL);
	size_t row;

	(void)state;
	assert_int_equal(rh_store_add(store, &object, &row), RH_OK);
	assert_int_equal(rh_store_find(store, BY_ID, RH_STR("id_1")), row);
	assert_int_equal(rh_store_find(store, BY_MAIL, RH_STR("aDA@EXAMPLE.com")), row);
	assert_true(rh_store_find(store, BY_ID, RH_STR("ID_1")) == RH_ROW_NONE);
	assert_true(rh_store_find(store, BY_MAIL, RH_STR_ABSENT) == RH_ROW_NONE);
	rh_store_get(store, row, &object);
	assert_true(rh_str_is(object.fields[MAIL], "Ada@example.com"));
	assert_null(object.fields[NOTE].ptr);
	assert_int_equal(object.numbers[1], -8);
	rh_store_free(store);
}

static void test_empty_is_not_absent(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	struct rh_object object = thing("id_1", "", "");
	size_t row;

	(void)state;
	assert_int_equal(rh_store_add(store, &object, &row), RH_OK);
	rh_store_get(store, row, &object);
	assert_non_null(object.fields[NOTE].ptr);
	assert_int_equal(object.fields[NOTE].len, 0);
	rh_store_free(store);
}

static void test_keys_are_unique(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	struct rh_object one = thing("id_1", "a@example.com", "one");
	struct rh_object two = thing("id_2", "A@EXAMPLE.COM", "two");
	struct rh_object three = thing("id_3", NULL, "three");
	struct rh_object four = thing("id_4", NULL, "four");
	size_t row;

	(void)state;
	assert_int_equal(rh_store_add(store, &one, NULL), RH_OK);
	assert_int_equal(rh_store_add(store, &two, NULL), RH_ESTATE);
	/* Absent keys are in nobody's way. */
	assert_int_equal(rh_store_add(store, &three, &row), RH_OK);
	assert_int_equal(rh_store_add(store, &four, NULL), RH_OK);
	assert_int_equal(rh_store_count(store), 3);
	three.fields[MAIL] = RH_STR("a@Example.com");
	assert_int_equal(rh_store_replace(store, row, &three), RH_ESTATE);
	rh_store_get(store, row, &three);
	assert_null(three.fields[MAIL].ptr);
	rh_store_free(store);
}

static void test_replace_moves_the_key(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	struct rh_object object = thing("id_1", "a@example.com", NULL);
	size_t row;

	(void)state;
	assert_int_equal(rh_store_add(store, &object, &row), RH_OK);
	object.fields[MAIL] = RH_STR("b@example.com");
	assert_int_equal(rh_store_replace(store, row, &object), RH_OK);
	assert_true(rh_store_find(store, BY_MAIL, RH_STR("a@example.com")) == RH_ROW_NONE);
	assert_int_equal(rh_store_find(store, BY_MAIL, RH_STR("b@example.com")), row);
	rh_store_set_number(store, row, 0, 99);
	rh_store_get(store, row, &object);
	assert_int_equal(object.numbers[0], 99);
	rh_store_free(store);
}

/* The same things, grouped by their note. */
static const unsigned grouped_fields[] = {NOTE};
static const struct rh_schema grouped = {
	.kind = "things",
	.fields = fields,
	.field_count = FIELDS,
	.numbers = numbers,
	.number_count = 2,
	.keys = keys,
	.key_count = 2,
	.groups = grouped_fields,
	.group_count = 1,
};

enum { ROWS = 600, NOTES = 150 };

/* Walks every group, and compares with what each row's note should be (-1: removed, or none). */
static void check_groups(const struct rh_store *store, const int notes[ROWS])
{
	char name[16];

	for (int note = 0; note < NOTES; note++) {
		size_t row = RH_ROW_NONE;
		size_t count = 0;
		size_t expected = 0;
		struct rh_str text;

		(void)snprintf(name, sizeof(name), "n%d", note);
		text = rh_str_from(name);
		while ((row = rh_store_group_next(store, 0, text, row)) != RH_ROW_NONE) {
			assert_int_equal(notes[row], note);
			count++;
		}
		for (size_t i = 0; i < ROWS; i++) {
			expected += notes[i] == note;
		}
		assert_int_equal(count, expected);
		assert_int_equal(rh_store_group_count(store, 0, text), expected);
	}
}

/* Rows join, change and leave groups at random: each group is exactly the rows that have its note. */
static void test_groups(void **state)
{
	struct rh_store *store = rh_store_new(&grouped);
	int notes[ROWS];
	unsigned seed = 7;
	char id[16];
	char note[16];

	(void)state;
	assert_int_equal(rh_store_group_count(store, 0, RH_STR("n1")), 0);
	assert_true(rh_store_group_next(store, 0, RH_STR("n1"), RH_ROW_NONE) == RH_ROW_NONE);
	for (int i = 0; i < ROWS; i++) {
		notes[i] = i % 7 == 0 ? -1 : i * 13 % NOTES;
		(void)snprintf(id, sizeof(id), "id_%05d", i);
		(void)snprintf(note, sizeof(note), "n%d", notes[i]);
		assert_int_equal(rh_store_add(store,
					      &(struct rh_object){
						      .fields = {rh_str_from(id), RH_STR_ABSENT,
								 rh_str_from(notes[i] < 0 ? NULL
											  : note)}},
					      NULL),
				 RH_OK);
	}
	check_groups(store, notes);
	for (int turn = 0; turn < 3000; turn++) {
		size_t row = (seed = seed * 1103515245 + 12345) / 65536 % ROWS;
		struct rh_object object;

		(void)snprintf(id, sizeof(id), "id_%05zu", row);
		if (rh_store_find(store, BY_ID, rh_str_from(id)) == RH_ROW_NONE) {
			continue;
		}
		if (turn % 10 == 0) {
			rh_store_remove(store, row);
			notes[row] = -1;
			continue;
		}
		notes[row] = (int)(seed % NOTES);
		(void)snprintf(note, sizeof(note), "n%d", notes[row]);
		object = (struct rh_object){
			.fields = {rh_str_from(id), RH_STR_ABSENT, rh_str_from(note)}};
		assert_int_equal(rh_store_replace(store, row, &object), RH_OK);
		if (turn % 500 == 1) {
			check_groups(store, notes);
		}
	}
	check_groups(store, notes);
	rh_store_clear(store);
	assert_int_equal(rh_store_group_count(store, 0, RH_STR("n1")), 0);
	rh_store_free(store);
}

static void check_sorted(struct rh_store *store, const char *expected)
{
	const uint32_t *rows = rh_store_sorted(store);
	char notes[32] = "";

	for (size_t i = 0; i < rh_store_count(store); i++) {
		struct rh_object object;

		rh_store_get(store, rows[i], &object);
		notes[i] = object.fields[NOTE].ptr[0];
	}
	assert_string_equal(notes, expected);
}

/* By the number, equals as they came; after every kind of change. */
static void test_sorted(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	static const struct {
		const char *id;
		const char *note;
		int64_t age;
	} things[] = {{"id_1", "a", 5}, {"id_2", "b", 3}, {"id_3", "c", 5}, {"id_4", "d", -9}};
	struct rh_object object;

	(void)state;
	assert_null(rh_store_sorted(store));
	for (size_t i = 0; i < 4; i++) {
		object = thing(things[i].id, NULL, things[i].note);
		object.numbers[0] = things[i].age;
		assert_int_equal(rh_store_add(store, &object, NULL), RH_OK);
	}
	check_sorted(store, "dbac");
	object = thing("id_5", NULL, "e");
	object.numbers[0] = 5; /* at the end: nothing is sorted again */
	assert_int_equal(rh_store_add(store, &object, NULL), RH_OK);
	check_sorted(store, "dbace");
	object = thing("id_6", NULL, "f");
	object.numbers[0] = 4;
	assert_int_equal(rh_store_add(store, &object, NULL), RH_OK);
	check_sorted(store, "dbface");
	rh_store_set_number(store, 0, 0, 9);
	check_sorted(store, "dbfcea");
	rh_store_set_number(store, 0, 1, -100); /* another number */
	check_sorted(store, "dbfcea");
	object.numbers[0] = 100;
	assert_int_equal(rh_store_replace(store, 5, &object), RH_OK);
	check_sorted(store, "dbceaf");
	rh_store_remove(store, 2);
	check_sorted(store, "dbeaf");
	for (int i = 0; i < 100; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "id_9%03d", i);
		object = thing(id, NULL, "z");
		object.numbers[0] = 1000 + i;
		assert_int_equal(rh_store_add(store, &object, NULL), RH_OK);
	}
	assert_int_equal(rh_store_sorted(store)[104], 105);
	rh_store_clear(store);
	assert_null(rh_store_sorted(store));
	rh_store_free(store);
}

static void test_walk_and_seek(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	char id[16];

	(void)state;
	assert_true(rh_store_walk(store, RH_ROW_NONE, 1) == RH_ROW_NONE);
	assert_true(rh_store_walk(store, RH_ROW_NONE, -1) == RH_ROW_NONE);
	assert_true(rh_store_seek(store, RH_STR("x")) == RH_ROW_NONE);
	for (int i = 0; i < 10; i++) {
		struct rh_object object;

		(void)snprintf(id, sizeof(id), "id_%d", i);
		object = thing(id, NULL, NULL);
		assert_int_equal(rh_store_add(store, &object, NULL), RH_OK);
	}
	rh_store_remove(store, 0);
	rh_store_remove(store, 4);
	rh_store_remove(store, 5);
	rh_store_remove(store, 9);
	assert_int_equal(rh_store_walk(store, RH_ROW_NONE, 1), 1);
	assert_int_equal(rh_store_walk(store, RH_ROW_NONE, -1), 8);
	assert_int_equal(rh_store_walk(store, 3, 1), 6);
	assert_int_equal(rh_store_walk(store, 6, -1), 3);
	assert_true(rh_store_walk(store, 1, -1) == RH_ROW_NONE);
	assert_true(rh_store_walk(store, 8, 1) == RH_ROW_NONE);
	assert_int_equal(rh_store_seek(store, RH_STR("id_3")), 3);
	assert_int_equal(rh_store_seek(store, RH_STR("id_4")), 6);
	assert_int_equal(rh_store_seek(store, RH_STR("id_0")), 1);
	assert_true(rh_store_seek(store, RH_STR("id_9")) == RH_ROW_NONE);
	rh_store_free(store);
}

enum { NAMES = 500, ROUNDS = 20000 };

/* Names come and go at random; a list of flags must always agree. */
static void test_against_a_list(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	struct rh_clock_manual clock;
	bool is_there[NAMES] = {false};
	size_t count = 0;

	(void)state;
	rh_clock_manual_init(&clock, 0, 3);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t dice = clock.clock.random(&clock.clock);
		size_t name = (size_t)(dice % NAMES);
		char id[24];
		char mail[24];
		struct rh_object object;
		size_t row;

		(void)snprintf(id, sizeof(id), "id_%06d", round);
		(void)snprintf(mail, sizeof(mail), "n%zu@example.com", name);
		row = rh_store_find(store, BY_MAIL, rh_str_from(mail));
		assert_int_equal(row != RH_ROW_NONE, is_there[name]);
		if (is_there[name]) {
			rh_store_remove(store, row);
			is_there[name] = false;
			count--;
		} else {
			object = thing(id, mail, "note");
			assert_int_equal(rh_store_add(store, &object, NULL), RH_OK);
			is_there[name] = true;
			count++;
		}
		assert_int_equal(rh_store_count(store), count);
	}
	rh_store_clear(store);
	assert_int_equal(rh_store_count(store), 0);
	assert_true(rh_store_find(store, BY_MAIL, RH_STR("n1@example.com")) == RH_ROW_NONE);
	rh_store_free(store);
}

/* Wherever memory ends, nothing is lost and nothing half done. */
static void test_out_of_memory(void **state)
{
	struct rh_store *store = rh_store_new(&schema);
	struct rh_object one = thing("id_1", "a@example.com", NULL);
	struct rh_object two = thing("id_2", "b@example.com", NULL);
	int status = RH_ENOMEM;

	(void)state;
	for (uint64_t n = 1; status != RH_OK; n++) {
		rh_alloc_fail_from(n);
		status = rh_store_add(store, &one, NULL);
		rh_alloc_fail_from(0);
		assert_int_equal(rh_store_count(store), status == RH_OK ? 1 : 0);
		assert_true(n < 20);
	}
	rh_alloc_fail_from(1);
	assert_int_equal(rh_store_replace(store, 0, &two), RH_ENOMEM);
	rh_alloc_fail_from(0);
	assert_int_equal(rh_store_find(store, BY_MAIL, RH_STR("a@example.com")), 0);
	rh_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_and_find),
		cmocka_unit_test(test_empty_is_not_absent),
		cmocka_unit_test(test_keys_are_unique),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_replace_moves_the_key),
		cmocka_unit_test(test_sorted),
		cmocka_unit_test(test_walk_and_seek),
		cmocka_unit_test(test_against_a_list),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
