/* SPDX-License-Identifier: Apache-2.0 */
/* Entries in order whatever the memory (T1 to T3), and scratch files that leave nothing behind. */
#include "plan/sorter.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "plan/scratch.h"

static char *folder;

static int setup(void **)
{
	folder = test_folder_new();
	return 0;
}

static int teardown(void **)
{
	rh_alloc_fail_from(0);
	test_folder_free(folder);
	return 0;
}

static char *scratch_path(void)
{
	return rh_path_join(folder, "s.tmp");
}

static size_t files_in_folder(void)
{
	DIR *open = opendir(folder);
	size_t count = 0;

	assert_non_null(open);
	while (readdir(open) != NULL) {
		count++;
	}
	(void)closedir(open);
	return count - 2;
}

/* ---- the sorter -------------------------------------------------------------------------------------- */

static uint64_t seed;

static uint64_t next_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int compare(const void *a, const void *b)
{
	const struct rh_entry *left = a;
	const struct rh_entry *right = b;

	if (left->high != right->high) {
		return left->high < right->high ? -1 : 1;
	}
	if (left->low != right->low) {
		return left->low < right->low ? -1 : 1;
	}
	return left->info < right->info ? -1 : left->info > right->info;
}

/* Entries as hashes are, or with few differences, far behind. */
static void fill(struct rh_entry *entries, size_t count, uint64_t high_mask, uint64_t low_mask)
{
	seed = 0x9e3779b97f4a7c15;
	for (size_t i = 0; i < count; i++) {
		entries[i] = (struct rh_entry){.high = next_number() & high_mask,
					       .low = next_number() & low_mask,
					       .info = next_number() & 0xffff};
	}
}

static void reads(struct rh_sorter *sorter, const struct rh_entry *expected, size_t count)
{
	struct rh_entry entry;
	struct rh_err err = {0};

	assert_int_equal(rh_sorter_rewind(sorter, &err), RH_OK);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rh_sorter_next(sorter, &entry, &err), 1);
		assert_memory_equal(&entry, &expected[i], sizeof(entry));
	}
	assert_int_equal(rh_sorter_next(sorter, &entry, &err), 0);
}

static void sorts(size_t count, size_t bytes_max, uint64_t high_mask, uint64_t low_mask)
{
	struct rh_entry *entries = calloc(count + 1, sizeof(*entries));
	struct rh_sorter *sorter = NULL;
	struct rh_err err = {0};

	assert_non_null(entries);
	fill(entries, count, high_mask, low_mask);
	assert_int_equal(rh_sorter_new(&sorter, scratch_path(), bytes_max, &err), RH_OK);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rh_sorter_add(sorter, &entries[i], &err), RH_OK);
	}
	qsort(entries, count, sizeof(*entries), compare);
	reads(sorter, entries, count);
	reads(sorter, entries, count); /* a second time, as after the first */
	assert_int_equal(files_in_folder(), 0);
	rh_sorter_free(sorter);
	free(entries);
}

static void entries_come_in_order_whatever_the_memory(void **)
{
	static const size_t counts[] = {0, 1, 2, 24, 25, 1000, 5000};
	static const size_t bounds[] = {48, 240, 24000, 1U << 20};

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		for (size_t b = 0; b < sizeof(bounds) / sizeof(bounds[0]); b++) {
			sorts(counts[c], bounds[b], UINT64_MAX, UINT64_MAX);
		}
	}
}

static void equal_keys_are_ordered_by_the_rest(void **)
{
	sorts(3000, 1U << 20, 0, UINT64_MAX);
	sorts(3000, 1U << 20, 3, 1);
	sorts(3000, 2400, 3, 1);
	sorts(3000, 1U << 20, 0, 0);
	sorts(70000, 1U << 22, 0, 0); /* many that are equal in every byte */
}

static void memory_that_is_out_is_an_error(void **)
{
	for (uint64_t nth = 1; nth < 30; nth++) {
		struct rh_sorter *sorter = NULL;
		struct rh_err err = {0};
		char *path = scratch_path();
		int code;

		rh_alloc_fail_from(nth);
		code = rh_sorter_new(&sorter, path, 240, &err);
		for (uint64_t i = 0; i < 500 && code == RH_OK; i++) {
			code = rh_sorter_add(sorter, &(struct rh_entry){.high = i}, &err);
		}
		if (code == RH_OK) {
			code = rh_sorter_rewind(sorter, &err);
		}
		rh_alloc_fail_from(0);
		assert_true(code == RH_OK || code == RH_ENOMEM);
		rh_sorter_free(sorter);
	}
}

static void a_file_that_cannot_be_made_is_an_error(void **)
{
	struct rh_sorter *sorter = NULL;
	struct rh_err err = {0};
	int code = RH_OK;

	assert_int_equal(rh_sorter_new(&sorter, rh_path_join(folder, "no/s.tmp"), 48, &err), RH_OK);
	for (uint64_t i = 0; i < 500 && code == RH_OK; i++) {
		code = rh_sorter_add(sorter, &(struct rh_entry){.high = i}, &err);
	}
	assert_int_equal(code, RH_EIO);
	rh_sorter_free(sorter);
}

/* ---- the scratch ------------------------------------------------------------------------------------- */

static void a_scratch_reads_what_was_added_and_changed(void **)
{
	static const size_t bounds[] = {1, 7, 64, 100000};
	char expected[1000];

	for (size_t i = 0; i < sizeof(expected); i++) {
		expected[i] = (char)('a' + i % 26);
	}
	for (size_t b = 0; b < sizeof(bounds) / sizeof(bounds[0]); b++) {
		struct rh_scratch scratch;
		struct rh_err err = {0};
		char out[1000];

		assert_int_equal(rh_scratch_init(&scratch, scratch_path(), bounds[b], &err), RH_OK);
		for (size_t at = 0; at < sizeof(expected);) {
			size_t len = (at * 7 + 3) % 41;
			len = len < sizeof(expected) - at ? len : sizeof(expected) - at;
			assert_int_equal(rh_scratch_add(&scratch, expected + at, len, &err), RH_OK);
			at += len;
		}
		assert_int_equal(rh_scratch_size(&scratch), sizeof(expected));
		assert_int_equal(files_in_folder(), 0);
		for (size_t at = 0; at < sizeof(expected); at += 13) {
			size_t len = sizeof(expected) - at < 90 ? sizeof(expected) - at : 90;
			assert_int_equal(rh_scratch_read(&scratch, at, out, len, &err), RH_OK);
			assert_memory_equal(out, expected + at, len);
		}
		assert_int_equal(rh_scratch_change(&scratch, 950, "0123456789", 10, &err), RH_OK);
		assert_int_equal(rh_scratch_read(&scratch, 945, out, 20, &err), RH_OK);
		assert_memory_equal(out + 5, "0123456789", 10);
		assert_memory_equal(out, expected + 945, 5);
		assert_int_equal(rh_scratch_read(&scratch, 990, out, 11, &err), RH_EIO);
		assert_int_equal(rh_scratch_change(&scratch, 990, out, 11, &err), RH_EIO);
		rh_scratch_done(&scratch);
		rh_scratch_done(&scratch);
	}
}

static void what_a_killed_process_left_is_removed(void **)
{
	struct rh_scratch scratch;
	struct rh_err err = {0};
	rh_autofree char *path = scratch_path();

	assert_int_equal(rh_file_write(path, RH_STR("rubbish"), &err), RH_OK);
	assert_int_equal(rh_scratch_init(&scratch, scratch_path(), 64, &err), RH_OK);
	assert_int_equal(files_in_folder(), 0);
	rh_scratch_done(&scratch);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(entries_come_in_order_whatever_the_memory),
		CASE(equal_keys_are_ordered_by_the_rest),
		CASE(memory_that_is_out_is_an_error),
		CASE(a_file_that_cannot_be_made_is_an_error),
		CASE(a_scratch_reads_what_was_added_and_changed),
		CASE(what_a_killed_process_left_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
