/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of libcurl: rules 1 and 2 of memory.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "net/memory.h"

static bool is_zero(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

/* 1 and 2: the same block comes back, and nothing of what stood in it. */
static void what_is_given_back_is_wiped_and_kept(void **state)
{
	static const size_t sizes[] = {1, 8, 31, 32, 33, 1024, 1025, 16384};

	(void)state;
	rh_memory_begin();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *first = rh_memory_malloc(sizes[i]);
		char *again;
		assert_non_null(first);
		memset(first, 'x', sizes[i]);
		rh_memory_free(first);
		again = rh_memory_malloc(sizes[i]);
		assert_ptr_equal(again, first);
		assert_true(is_zero(again, sizes[i]));
		rh_memory_free(again);
	}
	rh_memory_end();
}

static void what_shrinks_is_wiped_behind(void **state)
{
	char *block;

	(void)state;
	rh_memory_begin();
	block = rh_memory_malloc(100);
	assert_non_null(block);
	memset(block, 'x', 100);
	assert_ptr_equal(rh_memory_realloc(block, 10), block);
	assert_true(is_zero(block + 10, 90));
	assert_ptr_equal(rh_memory_realloc(block, 128), block);
	assert_int_equal(block[9], 'x');
	assert_true(is_zero(block + 10, 118));
	rh_memory_free(block);
	rh_memory_end();
}

static void what_moves_takes_its_bytes_along(void **state)
{
	char *small;
	char *large;
	char *again;

	(void)state;
	rh_memory_begin();
	small = rh_memory_strdup("a key");
	assert_non_null(small);
	large = rh_memory_realloc(small, 40000);
	assert_non_null(large);
	assert_string_equal(large, "a key");
	assert_true(is_zero(large + 6, 40000 - 6));
	again = rh_memory_malloc(6);
	assert_ptr_equal(again, small);
	assert_true(is_zero(again, 6));
	rh_memory_free(again);
	rh_memory_free(large);
	rh_memory_end();
}

static void begun_twice_it_ends_once(void **state)
{
	char *block;

	(void)state;
	rh_memory_begin();
	rh_memory_begin();
	block = rh_memory_calloc(2, 20);
	assert_non_null(block);
	assert_true(is_zero(block, 40));
	rh_memory_end();
	rh_memory_free(block);
	assert_ptr_equal(rh_memory_malloc(40), block);
	rh_memory_end();
	rh_memory_free(block); /* nobody keeps it now */
}

static void memory_is_out(void **state)
{
	char *block;

	(void)state;
	assert_null(rh_memory_calloc(SIZE_MAX, 2));
	assert_null(rh_memory_malloc(SIZE_MAX - 4));
	block = rh_memory_realloc(NULL, 8);
	assert_non_null(block);
	memcpy(block, "stands.", 8);
	rh_memory_begin();
	assert_false(rh_memory_is_out());
	rh_alloc_fail_from(1);
	assert_null(rh_memory_malloc(8));
	assert_null(rh_memory_strdup("a"));
	assert_null(rh_memory_realloc(block, 4000));
	rh_alloc_fail_from(0);
	assert_string_equal(block, "stands.");
	assert_true(rh_memory_is_out()); /* until who began has ended */
	rh_memory_begin();
	assert_true(rh_memory_is_out());
	rh_memory_end();
	rh_memory_end();
	rh_memory_begin();
	assert_false(rh_memory_is_out());
	rh_memory_end();
	rh_memory_free(block);
	rh_memory_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_back_is_wiped_and_kept),
		cmocka_unit_test(what_shrinks_is_wiped_behind),
		cmocka_unit_test(what_moves_takes_its_bytes_along),
		cmocka_unit_test(begun_twice_it_ends_once),
		cmocka_unit_test(memory_is_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
