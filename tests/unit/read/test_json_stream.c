/* SPDX-License-Identifier: Apache-2.0 */
/* Records of JSON texts: every form, every way to be broken, and the same answers for every cut. */
#include "read/json_stream.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "chunks.h"

/* Reads the text whole, in two pieces cut at every offset, and byte by byte: always the same trace. */
static void check_text(struct rh_str text, const char *expected)
{
	rh_autobuf trace = {0};

	rh_buf_init(&trace, 1024 * 1024);
	chunks_trace(text, &(struct chunks){0}, &trace);
	assert_string_equal(trace.ptr, expected);
	for (size_t cut = 1; cut < text.len; cut++) {
		rh_buf_reset(&trace);
		chunks_trace(text, &(struct chunks){.first = cut}, &trace);
		assert_string_equal(trace.ptr, expected);
	}
	rh_buf_reset(&trace);
	chunks_trace(text, &(struct chunks){.first = 1, .each = 1}, &trace);
	assert_string_equal(trace.ptr, expected);
}

static void check(const char *text, const char *expected)
{
	check_text(rh_str_from(text), expected);
}

static void arrays_are_read(void **)
{
	check("[]", "array\nend\n");
	check(" \r\n[ \n]\t\n", "array\nend\n");
	check("[{}]", "array\n1 @1 +1 {}\nend\n");
	check("[{\"id\":\"a\"},{\"id\":\"b\"}]", "array\n"
						 "1 @1 +1 {\"id\":\"a\"}\n"
						 "2 @1 +12 {\"id\":\"b\"}\n"
						 "end\n");
	check("[\n  {\n    \"id\": [1, {\"x\": \"]}\"}]\n  },\n  {}\n]\n",
	      "array\n"
	      "1 @2 +4 {\"id\":[1,{\"x\":\"]}\"}]}\n"
	      "2 @5 +40 {}\n"
	      "end\n");
	check("\xef\xbb\xbf[{\"id\":tru}]",
	      "array\n"
	      "1 !1:11 +4 [{\"id\":tru}] not valid JSON: a value is missing or misspelt\n"
	      "end\n");
}

static void strings_hide_brackets_and_quotes(void **)
{
	check("[{\"a\":\"\\\"},{\",\"b\":\"\\\\\"},{\"c\":\"\\\\\\\"]\"}]",
	      "array\n"
	      "1 @1 +1 {\"a\":\"\\\"},{\",\"b\":\"\\\\\"}\n"
	      "2 @1 +24 {\"c\":\"\\\\\\\"]\"}\n"
	      "end\n");
}

static void digits_of_large_numbers_stay(void **)
{
	check("[{\"id\":184467440737095516159007199254740993}]",
	      "array\n1 @1 +1 {\"id\":184467440737095516159007199254740993}\nend\n");
}

static void pages_behind_each_other_are_read(void **)
{
	check("[{\"id\":1}]\n[{\"id\":2}]", "array\n"
					    "1 @1 +1 {\"id\":1}\n"
					    "2 @2 +12 {\"id\":2}\n"
					    "end\n");
	check("{\"data\":[{\"id\":1}]}{\"n\":1,\"data\":[{\"id\":2}]}", "wrapped data\n"
									"1 @1 +9 {\"id\":1}\n"
									"2 @1 +34 {\"id\":2}\n"
									"end\n");
}

static void wrapped_arrays_are_found_among_other_members(void **)
{
	check("{\"users\":[{\"id\":1},{\"id\":2}]}", "wrapped users\n"
						     "1 @1 +10 {\"id\":1}\n"
						     "2 @1 +19 {\"id\":2}\n"
						     "end\n");
	check("{\"data\":[]}", "wrapped data\nend\n");
	check("{\"a\":\"x,}]\\\"\",\"b\":{\"users\":[{}]},\"c\":[1,[2]],\"d\":-1.5e3,\"e\":null,\n"
	      "\"data\" : [ {\"id\":1} ] ,\"others\":[{\"id\":9}],\"f\":true,\"g\":\"\"}",
	      "wrapped data\n"
	      "1 @2 +77 {\"id\":1}\n"
	      "end\n");
}

static void what_pages_say_of_the_whole_is_kept(void **)
{
	check("{\"total_count\" : 12,\"data\":[{}],\"has_more\": true}",
	      "wrapped data\n1 @1 +28 {}\nmore 1, last 0, total 12\nend\n");
	check("{\"users\":[{}],\"next_page\":\"x\"}{\"users\":[],\"next_page\":null,\"total\":3}",
	      "wrapped users\n1 @1 +10 {}\nmore 1, last 1, total 3\nend\n");
	/* What is inside of other members, or no such thing, says nothing; nor does a record. */
	check("{\"meta\":{\"has_more\":true},\"total\":\"9\",\"data\":[{\"total\":7}],\"hasMore\":"
	      "1}",
	      "wrapped data\n1 @1 +46 {\"total\":7}\nend\n");
	check("{\"has_more\":true,\"total\":7}\n",
	      "lines\n1 @1 +0 {\"has_more\":true,\"total\":7}\nend\n");
}

static void nobody_in_a_second_array_is_left_out(void **)
{
	check("{\"users\":[{\"id\":1}],\"data\":[{\"id\":2}]}", "wrapped users\n"
								"1 @1 +10 {\"id\":1}\n"
								"2 @1 +28 {\"id\":2}\n"
								"end\n");
	check("{\"data\":[],\"users\":[{\"id\":1}],\"n\":1}", "wrapped data\n"
							      "1 @1 +20 {\"id\":1}\n"
							      "end\n");
	check("{\"users\":[{\"id\":1}],\"data\":[1,2]}", "wrapped users\n"
							 "1 @1 +10 {\"id\":1}\n"
							 "end\n");
}

static void members_behind_the_array_may_be_anything(void **)
{
	check("{\"users\":[{\"id\":1}],tru,,:\"x\",\"y\" 5,\"n\":tru}", "wrapped users\n"
									"1 @1 +10 {\"id\":1}\n"
									"end\n");
}

static void a_record_with_such_a_member_is_no_wrapper(void **)
{
	check("{\"id\":1,\"data\":[1,2]}", "lines\n1 @1 +0 {\"id\":1,\"data\":[1,2]}\nend\n");
	check("{\"users\":{\"a\":[]}}", "lines\n1 @1 +0 {\"users\":{\"a\":[]}}\nend\n");
	check("{\"x\":\"data\",\"y\":[{}]}", "lines\n1 @1 +0 {\"x\":\"data\",\"y\":[{}]}\nend\n");
}

static void lines_are_read(void **)
{
	check("{\"id\":1}\n{\"id\":2}\r\n\n  {\"id\":3}", "lines\n"
							  "1 @1 +0 {\"id\":1}\n"
							  "2 @2 +9 {\"id\":2}\n"
							  "3 @4 +22 {\"id\":3}\n"
							  "end\n");
	check("{\"id\":1}{\"id\":2} {\n\"id\":3\n}{\"id\":4}", "lines\n"
							       "1 @1 +0 {\"id\":1}\n"
							       "2 @1 +8 {\"id\":2}\n"
							       "3 @1 +17 {\"id\":3}\n"
							       "4 @3 +27 {\"id\":4}\n"
							       "end\n");
}

static void a_broken_line_is_one_bad_item(void **)
{
	check("{\"id\":1}\n{\"id\":2\n{\"id\":\"3}\n{\"id\":[4}\ngarbage\n5\n{\"id\":6} "
	      "x{}\n{\"id\":7}\n",
	      "lines\n"
	      "1 @1 +0 {\"id\":1}\n"
	      "2 !2:8 +9 [{\"id\":2] not valid JSON: the text ends too early\n"
	      "3 !3:10 +17 [{\"id\":\"3}] not valid JSON: the text ends too early\n"
	      "4 !4:9 +27 [{\"id\":[4}] not valid JSON: a comma or the end of an array is missing\n"
	      "5 !5:1 +37 [garbage] not valid JSON: a value is missing or misspelt\n"
	      "6 !6:1 +45 [5] the record is not an object\n"
	      "7 !7:10 +47 [{\"id\":6} x{}] text stands behind the record on its line\n"
	      "8 @8 +60 {\"id\":7}\n"
	      "end\n");
	check("{\"id\":1}\n{\"id\":\"a\"b}\n{\"id\":2}\n{\"id\":3\n",
	      "lines\n"
	      "1 @1 +0 {\"id\":1}\n"
	      "2 !2:10 +9 [{\"id\":\"a\"b}] not valid JSON: a comma or the end of an object is "
	      "missing\n"
	      "3 @3 +21 {\"id\":2}\n"
	      "4 !4:8 +30 [{\"id\":3] not valid JSON: the text ends too early\n"
	      "end\n");
}

static void a_cut_last_line_is_an_error(void **)
{
	check("{\"id\":1}\n{\"id\":2,\"x\":\"y",
	      "lines\n"
	      "1 @1 +0 {\"id\":1}\n"
	      "error -3 2:1 the input is cut: line 2, column 1: the record that starts here does "
	      "not end\n");
}

static void a_bad_element_does_not_stop_the_others(void **)
{
	check("[{\"id\":1},\n 5, {\"id\":tru},\"x\",null,[{}],{\"id\":3}]",
	      "array\n"
	      "1 @1 +1 {\"id\":1}\n"
	      "2 !2:2 +12 [5] the record is not an object\n"
	      "3 !2:14 +15 [{\"id\":tru}] not valid JSON: a value is missing or misspelt\n"
	      "4 !2:16 +26 [\"x\"] the record is not an object\n"
	      "5 !2:20 +30 [null] the record is not an object\n"
	      "6 !2:25 +35 [[{}]] the record is not an object\n"
	      "7 @2 +40 {\"id\":3}\n"
	      "end\n");
	check("[{\"id\":\n\"a\nb\"},{\"id\":2}]", "array\n"
						  "1 !2:3 +1 [{\"id\":\n\"a\nb\"}] not valid JSON: "
						  "control byte in a string\n"
						  "2 @3 +15 {\"id\":2}\n"
						  "end\n");
	check("[{\"id\":1]}, {\"id\":2}]",
	      "array\n"
	      "1 !1:9 +1 [{\"id\":1] not valid JSON: the text ends too early\n"
	      "2 !1:10 +9 [}] text stands behind the end of the records\n"
	      "3 @1 +12 {\"id\":2}\n"
	      "end\n");
	check("[{\"id\":[1},{\"id\":2}]",
	      "array\n"
	      "1 !1:10 +1 [{\"id\":[1}] not valid JSON: a comma or the end of an array is missing\n"
	      "2 @1 +11 {\"id\":2}\n"
	      "end\n");
}

static void a_missing_bracket_or_quote_costs_one_record_of_many_lines(void **)
{
	check("[\n{\"id\":\"a},\n{\"id\":\"b\",\n{\"id\":[\"c\"},\n{\"id\":\"d\"}\n]",
	      "array\n"
	      "1 !2:11 +2 [{\"id\":\"a},] not valid JSON: the text ends too early\n"
	      "2 !3:11 +13 [{\"id\":\"b\",] not valid JSON: the text ends too early\n"
	      "3 !4:11 +24 [{\"id\":[\"c\"}] not valid JSON: a comma or the end of an array is "
	      "missing\n"
	      "4 @5 +37 {\"id\":\"d\"}\n"
	      "end\n");
	check("[\n  {\n    \"id\": 1,\n    \"x\": {\n  },\n  {\n    \"id\": 2\n  }\n]\n",
	      "array\n"
	      "1 !5:5 +4 [{\n    \"id\": 1,\n    \"x\": {\n  },] not valid JSON: "
	      "the text ends too early\n"
	      "2 @6 +37 {\"id\":2}\n"
	      "end\n");
}

/* Without indentation an inner object could be taken for a record: rather lose the rest, and say so. */
static void inner_objects_never_become_records(void **)
{
	check("[\n{\n\"id\":1,\n\"emails\":[\n{\"id\":2},\n{\"id\":3}\n,\n\"z\":{}\n]",
	      "array\n"
	      "error -3 2:1 the input is cut: line 2, column 1: the record that starts here does "
	      "not end\n");
}

static void what_is_missing_between_commas_is_said(void **)
{
	check("[,{\"id\":1,},,{\"id\":2} {\"id\":3},]",
	      "array\n"
	      "1 !1:2 +1 [] a record is missing here\n"
	      "2 !1:11 +2 [{\"id\":1,}] not valid JSON: a member name in quotes is missing\n"
	      "3 !1:13 +12 [] a record is missing here\n"
	      "4 @1 +13 {\"id\":2}\n"
	      "5 !1:23 +22 [{\"id\":3}] a comma is missing before the record\n"
	      "6 !1:32 +31 [] a record is missing here\n"
	      "end\n");
	check("[{\"id\":1}] trailing", "array\n"
				       "1 @1 +1 {\"id\":1}\n"
				       "2 !1:12 +11 [trailing] text stands behind the end of the "
				       "records\n"
				       "end\n");
}

static void a_cut_array_gives_its_records_and_then_an_error(void **)
{
	check("[{\"id\":1},\n{\"id\":2},\n",
	      "array\n"
	      "1 @1 +1 {\"id\":1}\n"
	      "2 @2 +11 {\"id\":2}\n"
	      "error -3 3:1 the input is cut: line 3, column 1: the array of the records does not "
	      "end\n");
	check("[{\"id\":1},\n {\"id\":2",
	      "array\n"
	      "1 @1 +1 {\"id\":1}\n"
	      "error -3 2:2 the input is cut: line 2, column 2: the record that starts here does "
	      "not end\n");
	check("[", "array\n"
		   "error -3 1:2 the input is cut: line 1, column 2: the array of the records does "
		   "not end\n");
	check("{\"users\":[{\"id\":1}]",
	      "wrapped users\n"
	      "1 @1 +10 {\"id\":1}\n"
	      "error -3 1:20 the input is cut: line 1, column 20: the object around the records "
	      "does not end\n");
	check("{\"users\":[{\"id\":1}],\"n\":\"",
	      "wrapped users\n"
	      "1 @1 +10 {\"id\":1}\n"
	      "error -3 1:26 the input is cut: line 1, column 26: the object around the records "
	      "does not end\n");
}

/* A text with `filler` letters in a string between two halves. */
static void fill(struct rh_buf *out, const char *before, size_t filler, const char *after)
{
	char *room;

	rh_buf_init(out, 64 * 1024 * 1024);
	rh_buf_add_cstr(out, before);
	room = rh_buf_reserve(out, filler);
	assert_non_null(room);
	memset(room, 'x', filler);
	out->len += filler;
	rh_buf_add_cstr(out, after);
	assert_int_equal(out->failed, RH_OK);
}

static void check_large(struct rh_str text, const char *expected)
{
	static const struct chunks ways[] = {{0}, {.first = 7, .each = 65536}, {.first = 100001}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		rh_autobuf trace = {0};

		rh_buf_init(&trace, 1024 * 1024);
		chunks_trace(text, &ways[i], &trace);
		assert_string_equal(trace.ptr, expected);
	}
}

static void a_record_that_is_too_large_is_one_bad_item(void **)
{
	rh_autobuf text = {0};
	rh_autobuf lines = {0};
	rh_autobuf first = {0};
	char expected[512];

	fill(&text, "[{\"id\":1},\n{\"x\":\"", RH_RECORD_MAX, "\"},{\"id\":3}]");
	(void)snprintf(expected, sizeof(expected),
		       "array\n1 @1 +1 {\"id\":1}\n"
		       "2 !2:1 +11 [] the record is larger than the limit of %u bytes\n"
		       "3 @2 +%u {\"id\":3}\nend\n",
		       RH_RECORD_MAX, 11 + 6 + RH_RECORD_MAX + 3);
	check_large(rh_buf_str(&text), expected);

	fill(&lines, "{\"id\":1}\n{\"x\":\"", RH_RECORD_MAX + 3 * RH_READ_CHUNK,
	     "\"}\n{\"id\":3}\n");
	(void)snprintf(expected, sizeof(expected),
		       "lines\n1 @1 +0 {\"id\":1}\n"
		       "2 !2:1 +9 [] the record is larger than the limit of %u bytes\n"
		       "3 @3 +%u {\"id\":3}\nend\n",
		       RH_RECORD_MAX, 9 + 6 + RH_RECORD_MAX + 3 * RH_READ_CHUNK + 3);
	check_large(rh_buf_str(&lines), expected);

	fill(&first, "{\"x\":\"", RH_RECORD_MAX + 3 * RH_READ_CHUNK, "\"}\n{\"id\":2}\n");
	(void)snprintf(expected, sizeof(expected),
		       "lines\n1 !1:1 +0 [] the record is larger than the limit of %u bytes\n"
		       "2 @2 +%u {\"id\":2}\nend\n",
		       RH_RECORD_MAX, 6 + RH_RECORD_MAX + 3 * RH_READ_CHUNK + 3);
	check_large(rh_buf_str(&first), expected);
}

static void a_record_of_the_largest_size_is_read(void **)
{
	struct rh_bytes *bytes;
	struct rh_reader *reader;
	struct rh_item item;
	struct rh_err err;
	rh_autobuf text = {0};

	fill(&text, "[{\"x\":\"", RH_RECORD_MAX - 8, "\"}]");
	bytes = chunks_open(rh_buf_str(&text), &(struct chunks){0});
	assert_non_null(bytes);
	assert_int_equal(rh_reader_open(&reader, bytes, &err), RH_OK);
	assert_int_equal(rh_reader_next(reader, &item, &err), 1);
	assert_false(item.is_bad);
	assert_int_equal(item.raw.len, RH_RECORD_MAX);
	assert_int_equal(rh_json_get_string(item.record.json, "x").len, RH_RECORD_MAX - 8);
	assert_int_equal(rh_reader_next(reader, &item, &err), 0);
	rh_reader_close(reader);
}

static void members_larger_than_a_record_are_passed_over(void **)
{
	char expected[256];
	rh_autobuf text = {0};
	rh_autobuf cut = {0};

	fill(&text, "{\"big\":[\"", RH_RECORD_MAX + 5 * RH_READ_CHUNK,
	     "\"],\"n\":0,\"users\":[{\"id\":1}]}");
	(void)snprintf(expected, sizeof(expected), "wrapped users\n1 @1 +%u {\"id\":1}\nend\n",
		       9 + RH_RECORD_MAX + 5 * RH_READ_CHUNK + 18);
	check_large(rh_buf_str(&text), expected);

	fill(&cut, "{\"big\":[\"", RH_RECORD_MAX + 5 * RH_READ_CHUNK, "\"],\"n\":");
	check_large(rh_buf_str(&cut),
		    "error -3 1:1 the input is cut: line 1, column 1: the object that starts here "
		    "does not end\n(Export or copy the file again: what belongs behind this place "
		    "is missing.)\n");
}

static void depth_has_a_limit(void **)
{
	rh_autobuf text = {0};
	rh_autobuf trace = {0};

	rh_buf_init(&text, 1024 * 1024);
	rh_buf_init(&trace, 1024 * 1024);
	rh_buf_add_cstr(&text, "[{\"a\":");
	for (int i = 0; i < 1000; i++) {
		rh_buf_add_char(&text, '[');
	}
	for (int i = 0; i < 1000; i++) {
		rh_buf_add_char(&text, ']');
	}
	rh_buf_add_cstr(&text, "},{\"id\":2}]");
	chunks_trace(rh_buf_str(&text), &(struct chunks){0}, &trace);
	assert_non_null(strstr(trace.ptr, "array\n1 !1:"));
	assert_non_null(strstr(trace.ptr, "\n2 @1 +2008 {\"id\":2}\nend\n"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_are_read),
		cmocka_unit_test(strings_hide_brackets_and_quotes),
		cmocka_unit_test(digits_of_large_numbers_stay),
		cmocka_unit_test(pages_behind_each_other_are_read),
		cmocka_unit_test(wrapped_arrays_are_found_among_other_members),
		cmocka_unit_test(what_pages_say_of_the_whole_is_kept),
		cmocka_unit_test(nobody_in_a_second_array_is_left_out),
		cmocka_unit_test(members_behind_the_array_may_be_anything),
		cmocka_unit_test(a_record_with_such_a_member_is_no_wrapper),
		cmocka_unit_test(lines_are_read),
		cmocka_unit_test(a_broken_line_is_one_bad_item),
		cmocka_unit_test(a_cut_last_line_is_an_error),
		cmocka_unit_test(a_bad_element_does_not_stop_the_others),
		cmocka_unit_test(a_missing_bracket_or_quote_costs_one_record_of_many_lines),
		cmocka_unit_test(inner_objects_never_become_records),
		cmocka_unit_test(what_is_missing_between_commas_is_said),
		cmocka_unit_test(a_cut_array_gives_its_records_and_then_an_error),
		cmocka_unit_test(a_record_that_is_too_large_is_one_bad_item),
		cmocka_unit_test(a_record_of_the_largest_size_is_read),
		cmocka_unit_test(members_larger_than_a_record_are_passed_over),
		cmocka_unit_test(depth_has_a_limit),
	};

	return cmocka_run_group_tests_name("read/json_stream", tests, NULL, NULL);
}
