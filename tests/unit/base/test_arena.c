/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: alignment, maximum, reset, wiping, memory running out.  Rule numbers are those of arena.h. */
#include "base/arena.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"

static void objects_are_aligned_and_apart(void **)
{
	struct rh_arena arena;
	char *pieces[200];

	rh_arena_init(&arena, 1 << 20, RH_ARENA_PLAIN);
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = rh_arena_alloc(&arena, i);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		memset(pieces[i], (int)i, i);
	}
	for (size_t i = 0; i < 200; i++) {
		for (size_t k = 0; k < i; k++) {
			assert_int_equal((unsigned char)pieces[i][k], i);
		}
	}
	rh_arena_done(&arena);
}

/* Rule 1. */
static void maximum_leaves_the_arena_usable(void **)
{
	struct rh_arena arena;

	rh_arena_init(&arena, 100, RH_ARENA_PLAIN);
	assert_non_null(rh_arena_alloc(&arena, 60));
	assert_null(rh_arena_alloc(&arena, 41));
	assert_non_null(rh_arena_alloc(&arena, 40));
	assert_int_equal(arena.used, 100);
	assert_null(rh_arena_alloc(&arena, 1));
	rh_arena_reset(&arena);
	assert_int_equal(arena.used, 0);
	assert_non_null(rh_arena_alloc(&arena, 100));
	rh_arena_done(&arena);
}

/* Rule 2: blocks of every size, kept and not kept, over several lives. */
static void reset_allows_reuse(void **)
{
	static const size_t sizes[] = {10, 3 << 20, 100, 20000, 1 << 20, 1, 5 << 20, 70000};
	struct rh_arena arena;

	rh_arena_init(&arena, 64 << 20, RH_ARENA_PLAIN);
	for (int life = 0; life < 3; life++) {
		for (size_t i = 0; i < 64; i++) {
			size_t size = sizes[(i + (size_t)life) % 8];
			char *piece = i < 16 ? rh_arena_alloc(&arena, size)
					     : rh_arena_alloc(&arena, size % 4096);

			assert_non_null(piece);
			memset(piece, 'x', i < 16 ? size : size % 4096);
		}
		rh_arena_reset(&arena);
	}
	rh_arena_done(&arena);
	rh_arena_done(&arena);
	rh_arena_done(&(struct rh_arena){0});
}

#if !defined(__SANITIZE_ADDRESS__)
/* Rule 2: the first block serves life after life without a new allocation (not so under rule 4). */
static void first_block_is_kept(void **)
{
	struct rh_arena arena;

	rh_arena_init(&arena, 1 << 20, RH_ARENA_PLAIN);
	assert_non_null(rh_arena_alloc(&arena, 6000));
	rh_alloc_fail_from(1);
	for (int life = 0; life < 10; life++) {
		rh_arena_reset(&arena);
		assert_non_null(rh_arena_alloc(&arena, 6000));
	}
	rh_alloc_fail_from(0);
	rh_arena_done(&arena);
}
#endif

static void calloc_clears_and_checks_overflow(void **)
{
	static const char zeros[64];
	struct rh_arena arena;
	char *piece;

	rh_arena_init(&arena, SIZE_MAX, RH_ARENA_WIPE);
	piece = rh_arena_alloc(&arena, 64);
	memset(piece, 'x', 64);
	rh_arena_reset(&arena);
	assert_null(rh_arena_alloc(&arena, SIZE_MAX - 5));
	piece = rh_arena_calloc(&arena, 8, 8);
	assert_memory_equal(piece, zeros, sizeof(zeros));
	assert_null(rh_arena_calloc(&arena, SIZE_MAX / 2, 3));
	rh_arena_done(&arena);
}

static void copy_keeps_absent_and_empty_apart(void **)
{
	struct rh_arena arena;
	struct rh_str out = RH_STR("before");

	rh_arena_init(&arena, 4, RH_ARENA_PLAIN);
	assert_true(rh_arena_copy(&arena, RH_STR_ABSENT, &out));
	assert_null(out.ptr);
	assert_true(rh_arena_copy(&arena, RH_STR(""), &out));
	assert_non_null(out.ptr);
	assert_int_equal(out.len, 0);
	assert_true(rh_arena_copy(&arena, RH_STR("ab"), &out));
	assert_string_equal(out.ptr, "ab");
	assert_false(rh_arena_copy(&arena, RH_STR("c"), &out));
	assert_string_equal(out.ptr, "ab");
	rh_arena_done(&arena);
}

static void printf_measures_itself(void **)
{
	struct rh_arena arena;
	struct rh_str text;

	rh_arena_init(&arena, 1010, RH_ARENA_PLAIN);
	text = rh_arena_printf(&arena, "%s-%0999d", "a", 7);
	assert_int_equal(text.len, 1001);
	assert_int_equal(strlen(text.ptr), 1001);
	assert_null(rh_arena_printf(&arena, "%s", "too long").ptr);
	assert_true(rh_str_is(rh_arena_printf(&arena, "%d", 12), "12"));
	rh_arena_done(&arena);
}

static void memory_running_out_is_survived(void **)
{
	struct rh_arena arena;
	struct rh_str out = RH_STR_ABSENT;

	rh_arena_init(&arena, 1 << 20, RH_ARENA_PLAIN);
	rh_alloc_fail_from(1);
	assert_null(rh_arena_alloc(&arena, 8));
	assert_null(rh_arena_calloc(&arena, 1, 8));
	assert_false(rh_arena_copy(&arena, RH_STR("x"), &out));
	assert_null(rh_arena_printf(&arena, "x").ptr);
	rh_alloc_fail_from(0);
	assert_int_equal(arena.used, 0);
	assert_non_null(rh_arena_alloc(&arena, 8));
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_aligned_and_apart),
		cmocka_unit_test(maximum_leaves_the_arena_usable),
		cmocka_unit_test(reset_allows_reuse),
#if !defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(first_block_is_kept),
#endif
		cmocka_unit_test(calloc_clears_and_checks_overflow),
		cmocka_unit_test(copy_keeps_absent_and_empty_apart),
		cmocka_unit_test(printf_measures_itself),
		cmocka_unit_test(memory_running_out_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
