/* SPDX-License-Identifier: Apache-2.0 */
/* Ends of values: the mask scanner against a plain one, and the rules for broken values. */
#include "read/json_split.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The same search byte by byte, as one would write it first. */
static size_t plain_end(const char *text, size_t len)
{
	bool in_string = false;
	bool is_escaped = false;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		char byte = text[i];

		bool was_escaped = is_escaped;

		is_escaped = !was_escaped && byte == '\\';
		if (byte == '"' && !was_escaped) {
			in_string = !in_string;
		} else if (!in_string && (byte == '{' || byte == '[')) {
			depth++;
		} else if (!in_string && (byte == '}' || byte == ']')) {
			depth--;
			if (depth == 0) {
				return i + 1;
			}
		}
	}
	return 0;
}

/* With pieces of `piece` bytes, each in a block of its own size. */
static size_t extent_end(const char *text, size_t len, size_t piece)
{
	struct rh_json_extent extent = {0};

	for (size_t have = piece < len ? piece : len;;) {
		char *copy = test_malloc(have);
		size_t end;

		memcpy(copy, text, have);
		end = rh_json_extent_end(&extent, copy, have);
		test_free(copy);
		if (end > 0 || have == len) {
			return end;
		}
		have = have + piece < len ? have + piece : len;
	}
}

static unsigned draw(uint32_t *state, unsigned below)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 16) % below;
}

static void masks_and_a_plain_loop_agree(void **)
{
	/* Few kinds of bytes, so that backslashes and quotes meet at every place of a block. */
	static const char kinds[] = "{}[]\"\"\\\\\\,x \n\x80";
	static const size_t pieces[] = {1, 7, 63, 64, 65, 1000};
	uint32_t state = 1;
	size_t ended = 0;

	for (int round = 0; round < 4000; round++) {
		char text[300];
		size_t len = 1 + draw(&state, sizeof(text) - 1);
		unsigned used = 4 + draw(&state, sizeof(kinds) - 5);
		size_t expected;

		text[0] = '{';
		for (size_t i = 1; i < len; i++) {
			/* Runs of letters, so that brackets are far apart. */
			text[i] = draw(&state, 4) != 0 ? 'x' : kinds[draw(&state, used)];
		}
		expected = plain_end(text, len);
		ended += expected > 64;
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			assert_int_equal(extent_end(text, len, pieces[i]), expected);
		}
	}
	assert_in_range(ended, 100, 4000);
}

static void an_escape_reaches_over_the_edge_of_a_block(void **)
{
	for (size_t fill = 50; fill < 80; fill++) {
		char text[200];
		size_t len = 0;

		text[len++] = '[';
		text[len++] = '"';
		memset(text + len, 'x', fill);
		len += fill;
		memcpy(text + len, "\\\\\\\"]\"]]", 8);
		for (size_t piece = 1; piece <= len + 8; piece++) {
			assert_int_equal(extent_end(text, len + 8, piece), len + 7);
		}
	}
}

static void check_repair(enum rh_json_around around, uint64_t column, const char *text, size_t end,
			 bool is_at_home)
{
	size_t len = strlen(text);

	for (size_t cut = 0; cut <= len; cut++) {
		struct rh_json_repair repair;
		size_t found = SIZE_MAX;

		rh_json_repair_init(&repair, around, column);
		if (!rh_json_repair_end(&repair, text, cut, &found)) {
			assert_int_equal(repair.done, cut);
			if (!rh_json_repair_end(&repair, text, len, &found)) {
				found = SIZE_MAX;
			}
		}
		assert_int_equal(found, end);
		assert_int_equal(repair.is_at_home, is_at_home);
	}
}

static void broken_values_end_where_their_brackets_say(void **)
{
	check_repair(RH_JSON_AROUND_ARRAY, 1, "tru,{}", 3, false);
	check_repair(RH_JSON_AROUND_ARRAY, 1, "tru]", 3, false);
	check_repair(RH_JSON_AROUND_ARRAY, 1, ",", 0, false);
	check_repair(RH_JSON_AROUND_ARRAY, 1, "{\"a\":[1,2}},{}", 11, false);
	check_repair(RH_JSON_AROUND_ARRAY, 1, "{\"a\":\"],\",x:[{]},5", 16, false);
	check_repair(RH_JSON_AROUND_ARRAY, 1, "{\"a\":1]", 6, false);
	check_repair(RH_JSON_AROUND_ARRAY, 1, "{\"a\":{\"b\":1},", SIZE_MAX, false);
	check_repair(RH_JSON_AROUND_OBJECT, 1, "1]},", 2, false);
	check_repair(RH_JSON_AROUND_OBJECT, 1, "\"a\\\",}\",", 7, false);
	check_repair(RH_JSON_AROUND_NOTHING, 1, "{\"a\":}} x, ]\n{", 12, false);
	check_repair(RH_JSON_AROUND_NOTHING, 1, "x\n", 1, false);
}

static void a_newline_ends_a_string(void **)
{
	check_repair(RH_JSON_AROUND_ARRAY, 9, "{\"a\":\"x},\n\"b\":1},", 16, false);
	check_repair(RH_JSON_AROUND_NOTHING, 9, "\"a\\\n", 3, false);
}

static void the_next_value_begins_in_the_same_column(void **)
{
	check_repair(RH_JSON_AROUND_ARRAY, 3, "{\"a\":1,\n  {\"b\":2}", 10, true);
	check_repair(RH_JSON_AROUND_ARRAY, 3, "{\n    \"a\": {\n  },\n  {", 20, true);
	check_repair(RH_JSON_AROUND_NOTHING, 1, "{\"a\":\"x}\n{\"b\":2}", 9, true);
	/* Another column, lines that are not indented, an object around: no. */
	check_repair(RH_JSON_AROUND_ARRAY, 3, "{\"a\":1,\n {\"b\":2}", SIZE_MAX, false);
	check_repair(RH_JSON_AROUND_ARRAY, 1, "{\n\"a\":[\n{},\n{}", SIZE_MAX, false);
	check_repair(RH_JSON_AROUND_OBJECT, 1, "[\n{", SIZE_MAX, false);
}

static void depth_beyond_memory_is_counted(void **)
{
	char text[1000];

	memset(text, '[', 400);
	memset(text + 400, ']', 400);
	memcpy(text + 800, ",", 2);
	check_repair(RH_JSON_AROUND_ARRAY, 1, text, 800, false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_and_a_plain_loop_agree),
		cmocka_unit_test(an_escape_reaches_over_the_edge_of_a_block),
		cmocka_unit_test(broken_values_end_where_their_brackets_say),
		cmocka_unit_test(a_newline_ends_a_string),
		cmocka_unit_test(the_next_value_begins_in_the_same_column),
		cmocka_unit_test(depth_beyond_memory_is_counted),
	};

	return cmocka_run_group_tests_name("read/json_split", tests, NULL, NULL);
}
