/* SPDX-License-Identifier: Apache-2.0 */
/* The allocation gate: the test hook, zero sizes, freeing and moving through the cleanup macros. */
#include "base/alloc.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void hook_fails_from_the_nth_on(void **)
{
	void *first;

	rh_alloc_fail_from(2);
	first = rh_malloc(8);
	assert_non_null(first);
	assert_null(rh_malloc(8));
	assert_null(rh_calloc(1, 8));
	assert_null(rh_strdup("text"));
	assert_null(rh_realloc(first, 16));
	rh_alloc_fail_from(0);
	first = rh_realloc(first, 16);
	assert_non_null(first);
	rh_free(first);
}

static void nothing_is_still_something(void **)
{
	rh_autofree char *a = rh_malloc(0);
	rh_autofree char *b = rh_calloc(0, 8);
	rh_autofree char *c = rh_realloc(NULL, 0);

	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	rh_free(NULL);
}

static void calloc_clears_and_checks_overflow(void **)
{
	rh_autofree unsigned char *bytes = rh_calloc(16, 4);
	static const unsigned char zeros[64];

	assert_non_null(bytes);
	assert_memory_equal(bytes, zeros, sizeof(zeros));
	assert_null(rh_calloc(SIZE_MAX / 2, 4));
}

static char *made_and_taken(void)
{
	rh_autofree char *text = rh_strdup("kept");

	return rh_take(&text);
}

static void take_moves_out_of_autofree(void **)
{
	char *text = made_and_taken();

	assert_string_equal(text, "kept");
	rh_free_ptr(&text);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hook_fails_from_the_nth_on),
		cmocka_unit_test(nothing_is_still_something),
		cmocka_unit_test(calloc_clears_and_checks_overflow),
		cmocka_unit_test(take_moves_out_of_autofree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
