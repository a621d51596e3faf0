/* SPDX-License-Identifier: Apache-2.0 */
/* Text: comparing, cutting, UTF-8, numbers. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static void absent_empty_and_text_differ(void **)
{
	assert_true(rh_str_eq(RH_STR_ABSENT, rh_str_from(NULL)));
	assert_false(rh_str_eq(RH_STR_ABSENT, RH_STR("")));
	assert_true(rh_str_eq(RH_STR(""), RH_STR("")));
	assert_false(rh_str_eq(RH_STR("a"), RH_STR("b")));
	assert_false(rh_str_eq(RH_STR("a"), RH_STR("ab")));
	assert_true(rh_str_is(RH_STR("ab"), "ab"));
	assert_false(rh_str_is(RH_STR_ABSENT, ""));
	assert_true(rh_str_is_nocase(RH_STR("Content-TYPE"), "content-type"));
	assert_false(rh_str_is_nocase(RH_STR("content"), "content-type"));
	assert_false(rh_str_is_nocase(RH_STR("content-type"), "content"));
	assert_false(rh_str_is_nocase(RH_STR("@"), "`"));
	assert_false(rh_str_is_nocase(RH_STR_ABSENT, ""));
	assert_true(rh_str_is_set(RH_STR("a")));
	assert_false(rh_str_is_set(RH_STR("")));
}

static void order_is_bytes_then_length(void **)
{
	static const char *const sorted[] = {NULL, "", "A", "Aa", "B", "a", "\xc3\xa4"};

	for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
		for (size_t k = 0; k < ARRAY_LEN(sorted); k++) {
			int order = rh_str_cmp(rh_str_from(sorted[i]), rh_str_from(sorted[k]));

			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
	}
}

static void ends_and_parts(void **)
{
	struct rh_str text = RH_STR("header: value");

	assert_true(rh_str_starts(text, "header"));
	assert_true(rh_str_starts(text, ""));
	assert_false(rh_str_starts(RH_STR("he"), "header"));
	assert_false(rh_str_starts(RH_STR_ABSENT, ""));
	assert_true(rh_str_ends(text, "value"));
	assert_false(rh_str_ends(RH_STR("ue"), "value"));
	assert_true(rh_str_is(rh_str_sub(text, 8, 3), "val"));
	assert_true(rh_str_is(rh_str_sub(text, 8, SIZE_MAX), "value"));
	assert_true(rh_str_is(rh_str_sub(text, 99, 1), ""));
	assert_null(rh_str_sub(RH_STR_ABSENT, 1, 1).ptr);
	assert_true(rh_str_is(rh_str_trim(RH_STR(" \t\r\n a b \v\f")), "a b"));
	assert_true(rh_str_is(rh_str_trim(RH_STR("  ")), ""));
	assert_int_equal(rh_str_index(text, ':'), 6);
	assert_int_equal(rh_str_index(text, 'z'), -1);
	assert_int_equal(rh_str_index(RH_STR_ABSENT, 'z'), -1);
}

static void cut_gives_every_part_once(void **)
{
	struct rh_str rest = RH_STR("a,,b,");

	assert_true(rh_str_is(rh_str_cut(&rest, ','), "a"));
	assert_true(rh_str_is(rh_str_cut(&rest, ','), ""));
	assert_true(rh_str_is(rh_str_cut(&rest, ','), "b"));
	assert_non_null(rest.ptr);
	assert_true(rh_str_is(rh_str_cut(&rest, ','), ""));
	assert_null(rest.ptr);
	assert_null(rh_str_cut(&rest, ',').ptr);
}

static void utf8_is_strict(void **)
{
	static const struct {
		const char *text;
		size_t prefix;
	} cases[] = {
		{"", 0},
		{"plain", 5},
		{"\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf", 21},
		{"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", 9},
		{"a\x80", 1},
		{"\xc0\x80", 0}, /* overlong */
		{"\xc1\xbf", 0},
		{"\xe0\x9f\xbf", 0},
		{"\xf0\x8f\xbf\xbf", 0},
		{"ab\xed\xa0\x80", 2},   /* surrogate */
		{"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", 0},
		{"x\xff", 1},
		{"x\xc3", 1}, /* cut off */
		{"x\xe2\x82", 1},
		{"x\xf0\x9f\x98", 1},
		{"x\xe2\x82z", 1},
		{"x\xc3\xc3\xa4", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rh_str text = rh_str_from(cases[i].text);

		assert_int_equal(rh_str_utf8_prefix(text), cases[i].prefix);
		assert_int_equal(rh_str_is_utf8(text), cases[i].prefix == text.len);
		/* At every place of the 16 and 8 bytes that are looked at together, up to the block's end. */
		for (size_t before = 0; before < 40; before++) {
			for (size_t after = 0; after < 20; after++) {
				size_t len = before + text.len + (text.len > 0 ? after : 0);
				rh_autofree char *block = rh_malloc(len > 0 ? len : 1);
				bool is_whole = cases[i].prefix == text.len;

				assert_non_null(block);
				memset(block, 'a', len);
				memcpy(block + before, text.ptr, text.len);
				assert_int_equal(rh_str_utf8_prefix((struct rh_str){block, len}),
						 is_whole ? len : before + cases[i].prefix);
			}
		}
	}
}

static void points_and_clipping(void **)
{
	struct rh_str text = RH_STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	static const size_t clipped[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

	assert_int_equal(rh_str_points(text), 4);
	for (size_t max = 0; max < ARRAY_LEN(clipped); max++) {
		assert_int_equal(rh_str_clip(text, max).len, clipped[max]);
	}
	assert_true(rh_str_is_ascii(RH_STR("a~\x7f")));
	assert_false(rh_str_is_ascii(text));
}

static void whole_numbers(void **)
{
	uint64_t u = 1;
	int64_t i = 1;

	assert_true(rh_str_to_u64(RH_STR("9999999999999999999"), &u));
	assert_true(u == UINT64_C(9999999999999999999));
	assert_true(rh_str_to_u64(RH_STR("000000000000000000000000000012"), &u));
	assert_int_equal(u, 12);
	assert_false(rh_str_to_u64(RH_STR("18446744073709551616"), &u));
	assert_false(rh_str_to_u64(RH_STR("1844674407370955161x"), &u));
	assert_true(rh_str_to_u64(RH_STR("18446744073709551615"), &u));
	assert_true(u == UINT64_MAX);
	assert_true(rh_str_to_u64(RH_STR("007"), &u));
	assert_int_equal(u, 7);
	assert_false(rh_str_to_u64(RH_STR("18446744073709551616"), &u));
	assert_false(rh_str_to_u64(RH_STR("99999999999999999999"), &u));
	assert_false(rh_str_to_u64(RH_STR(""), &u));
	assert_false(rh_str_to_u64(RH_STR_ABSENT, &u));
	assert_false(rh_str_to_u64(RH_STR("+1"), &u));
	assert_false(rh_str_to_u64(RH_STR("1 "), &u));
	assert_false(rh_str_to_u64(RH_STR("1.0"), &u));
	assert_int_equal(u, 7);
	assert_true(rh_str_to_i64(RH_STR("-9223372036854775808"), &i));
	assert_true(i == INT64_MIN);
	assert_true(rh_str_to_i64(RH_STR("9223372036854775807"), &i));
	assert_true(i == INT64_MAX);
	assert_true(rh_str_to_i64(RH_STR("-0"), &i));
	assert_int_equal(i, 0);
	assert_false(rh_str_to_i64(RH_STR("-9223372036854775809"), &i));
	assert_false(rh_str_to_i64(RH_STR("9223372036854775808"), &i));
	assert_false(rh_str_to_i64(RH_STR("--1"), &i));
	assert_false(rh_str_to_i64(RH_STR("-"), &i));
	assert_int_equal(i, 0);
}

/* Eight digits are looked at together: every byte at every place, before and behind them as well. */
static void every_byte_of_a_whole_number(void **)
{
	char text[] = "90123456789";

	for (size_t len = 1; len < sizeof(text); len++) {
		for (size_t at = 0; at < len; at++) {
			char was = text[at];

			for (int byte = 0; byte < 256; byte++) {
				uint64_t number = 77;
				uint64_t expected = 0;
				bool is_number = byte >= '0' && byte <= '9';

				text[at] = (char)byte;
				for (size_t i = 0; i < len && is_number; i++) {
					expected = expected * 10 + (uint64_t)(text[i] - '0');
				}
				assert_int_equal(rh_str_to_u64((struct rh_str){text, len}, &number),
						 is_number);
				assert_true(number == (is_number ? expected : 77));
			}
			text[at] = was;
		}
	}
}

static void numbers_with_a_point(void **)
{
	static const char *const refused[] = {"",    "-",   "+1",   ".5",    "1.",
					      "1e",  "1e+", "01",   "1 ",    " 1",
					      "inf", "nan", "0x10", "1e999", "1,5"};
	double number = 0;
	char digits[301];

	assert_true(rh_str_to_double(RH_STR("-1.5e3"), &number));
	assert_true(number == -1500.0);
	assert_true(rh_str_to_double(RH_STR("0.1"), &number));
	assert_true(number == 0.1);
	assert_true(rh_str_to_double(RH_STR("1E-2"), &number));
	assert_true(number == 0.01);
	memset(digits, '0', sizeof(digits) - 1);
	digits[0] = '1';
	digits[sizeof(digits) - 1] = '\0';
	assert_true(rh_str_to_double(rh_str_from(digits), &number));
	assert_true(number == 1e299);
	rh_alloc_fail_from(1);
	assert_false(rh_str_to_double(rh_str_from(digits), &number));
	rh_alloc_fail_from(0);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		assert_false(rh_str_to_double(rh_str_from(refused[i]), &number));
	}
	assert_false(rh_str_to_double(RH_STR_ABSENT, &number));
	assert_true(number == 1e299);
}

static void lower_case_is_ascii_only(void **)
{
	struct rh_arena arena;

	rh_arena_init(&arena, 20, RH_ARENA_PLAIN);
	assert_true(rh_str_is(rh_str_lower(&arena, RH_STR("AZaz@[\xc3\x84")), "azaz@[\xc3\x84"));
	assert_null(rh_str_lower(&arena, RH_STR_ABSENT).ptr);
	assert_null(rh_str_lower(&arena, RH_STR("longer than the arena")).ptr);
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_empty_and_text_differ),
		cmocka_unit_test(order_is_bytes_then_length),
		cmocka_unit_test(ends_and_parts),
		cmocka_unit_test(cut_gives_every_part_once),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(points_and_clipping),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(every_byte_of_a_whole_number),
		cmocka_unit_test(numbers_with_a_point),
		cmocka_unit_test(lower_case_is_ascii_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
