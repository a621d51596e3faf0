/* SPDX-License-Identifier: Apache-2.0 */
/* Delimited texts: header, rows, absent cells, faults with their places, and the same for every cut. */
#include "read/csv_stream.h"

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

static void rows_are_read(void **)
{
	check("id,name\n1,Ada\n2,Bob\n", "csv <id><name>\n"
					 "1 @2 +8 <1><Ada>\n"
					 "2 @3 +14 <2><Bob>\n"
					 "end\n");
	check("id,name\r\n1,Ada\r\n2,Bob", "csv <id><name>\n"
					   "1 @2 +9 <1><Ada>\n"
					   "2 @3 +16 <2><Bob>\n"
					   "end\n");
	check("id,name\n", "csv <id><name>\nend\n");
	check("id,name", "csv <id><name>\nend\n");
}

static void quoted_cells_may_span_lines(void **)
{
	check("id,n\n1,\"a \"\"q\"\",\r\nb\"\n\"2\",c\n", "csv <id><n>\n"
							  "1 @2 +5 <1><a \"q\",\r\nb>\n"
							  "2 @4 +21 <2><c>\n"
							  "end\n");
}

static void a_last_row_may_end_in_a_comma(void **)
{
	check("a,b,c\n1,2,", "csv <a><b><c>\n1 @2 +6 <1><2>-\nend\n");
	check("a,b,c\n1,,\n,,\n", "csv <a><b><c>\n1 @2 +6 <1>--\n2 @3 +10 ---\nend\n");
	check("a,b\n1,\"\"", "csv <a><b>\n1 @2 +4 <1>-\nend\n");
}

static void separators_are_found_in_the_header(void **)
{
	check("id;name\n1;a,b\n", "csv <id><name>\n1 @2 +8 <1><a,b>\nend\n");
	check("id\tname\n1\ta;b\n", "csv <id><name>\n1 @2 +8 <1><a;b>\nend\n");
	check("\"a,b,c\";x\n1;2\n", "csv <a,b,c><x>\n1 @2 +10 <1><2>\nend\n");
	check("\tname\n1\tx\n", "csv <><name>\n1 @2 +6 <1><x>\nend\n");
}

static void what_stands_before_the_header_is_skipped(void **)
{
	check("\xef\xbb\xbfid,name\n1,x\n", "csv <id><name>\n1 @2 +11 <1><x>\nend\n");
	/* What a spreadsheet is told of separators; a column that is called so stays one. */
	check("sep=;\r\nid;name\r\n1;x\r\n", "csv <id><name>\n1 @3 +16 <1><x>\nend\n");
	check("SEP=\t\nid\tname\n1\tx\n", "csv <id><name>\n1 @3 +14 <1><x>\nend\n");
	check("sep=,id\n1,x\n", "csv <sep=><id>\n1 @2 +8 <1><x>\nend\n");
	check("# a, comment\n\n  # b\nid,name\n#1,x\n", "csv <id><name>\n"
							"1 @5 +28 <#1><x>\n"
							"end\n");
}

static void blank_lines_are_no_rows(void **)
{
	check("a,b\n\n1,2\n\r\n\n3,4\n\n", "csv <a><b>\n"
					   "1 @3 +5 <1><2>\n"
					   "2 @6 +12 <3><4>\n"
					   "end\n");
}

static void names_are_trimmed_and_unique(void **)
{
	check(" id , \"x\"\n1,2\n", "error -3 1:7 the header on line 1: a quote stands inside a "
				    "cell without quotes\n()\n");
	check(" id ,\" x \"\n1,2\n", "csv <id><x>\n1 @2 +11 <1><2>\nend\n");
	check("# x\nid,n, id\n",
	      "error -3 2:0 the header on line 2: columns 1 and 3 have the same name\n"
	      "(The first line must name the columns.)\n");
	check("id,\xff\n",
	      "error -3 1:0 the header on line 1: the name of column 2 is not valid UTF-8\n()\n");
}

/* A flag and a number of twelve digits: nobody calls columns that. */
static void rows_without_header_have_numbered_columns(void **)
{
	check("a,true,1714521600000\nb,,1\n", "csv <column_1><column_2><column_3>\n"
					      "1 @1 +0 <a><true><1714521600000>\n"
					      "2 @2 +21 <b>-<1>\n"
					      "end\n");
	/* The same value twice is no name twice. */
	check("1714521600000;false;1714521600000\n",
	      "csv <column_1><column_2><column_3>\n"
	      "1 @1 +0 <1714521600000><false><1714521600000>\n"
	      "end\n");
	check("id,true,17145216000\n1,2,3\n", "csv <id><true><17145216000>\n"
					      "1 @2 +20 <1><2><3>\n"
					      "end\n");
}

static void empty_cells_and_null_words_are_absent(void **)
{
	check("a,b,c,d,e,f,g\n\\N,NULL,null,nil,undefined,,\"\"\n"
	      "\"\\N\",\"NULL\",\"null\",\"nil\",\"undefined\",\" \",x\n"
	      "\\n,Null,NUL,nils,Undefined,\\,N\n",
	      "csv <a><b><c><d><e><f><g>\n"
	      "1 @2 +14 -------\n"
	      "2 @3 +45 -----< ><x>\n"
	      "3 @4 +88 <\\n><Null><NUL><nils><Undefined><\\><N>\n"
	      "end\n");
}

static void null_words_stay_in_columns_of_names(void **)
{
	static const bool columns[] = {false, true};
	struct rh_reader *reader;
	struct rh_bytes *bytes;
	struct rh_item item;
	struct rh_err err;

	bytes = chunks_open(RH_STR("id,name,x\nnull,Null,nil\nNULL,null,undefined\n1,,2\n"),
			    &(struct chunks){0});
	assert_int_equal(rh_reader_open(&reader, bytes, &err), RH_OK);
	rh_reader_keep_null_words(reader, columns, 2);
	assert_int_equal(rh_reader_next(reader, &item, &err), 1);
	assert_null(item.record.cells[0].ptr);
	assert_true(rh_str_is(item.record.cells[1], "Null"));
	assert_null(item.record.cells[2].ptr);
	assert_int_equal(rh_reader_next(reader, &item, &err), 1);
	assert_null(item.record.cells[0].ptr);
	assert_true(rh_str_is(item.record.cells[1], "null"));
	assert_null(item.record.cells[2].ptr);
	assert_int_equal(rh_reader_next(reader, &item, &err), 1);
	assert_null(item.record.cells[1].ptr);
	rh_reader_close(reader);
}

static void bad_rows_do_not_stop_the_others(void **)
{
	check("id,n\n1\n2,a,b\n3,x\"y\n\"4\"z,a\n5,ok\n6,\"a\nb\"\"c\"d\n7,ok\n",
	      "csv <id><n>\n"
	      "1 !2:1 +5 [1] the row has 1 cells and the header has 2\n"
	      "2 !3:1 +7 [2,a,b] the row has 3 cells and the header has 2\n"
	      "3 !4:4 +13 [3,x\"y] a quote stands inside a cell without quotes\n"
	      "4 !5:4 +19 [\"4\"z,a] text stands behind a closing quote\n"
	      "5 @6 +26 <5><ok>\n"
	      "6 !8:6 +31 [6,\"a\nb\"\"c\"d] text stands behind a closing quote\n"
	      "7 @9 +43 <7><ok>\n"
	      "end\n");
}

static void the_header_once_more_is_no_row(void **)
{
	check("id,n\n1,a\nid,n\r\n2,b\nid,nn\n", "csv <id><n>\n"
						 "1 @2 +5 <1><a>\n"
						 "2 !3:1 +9 [id,n] the header stands here again\n"
						 "3 @4 +15 <2><b>\n"
						 "4 @5 +19 <id><nn>\n"
						 "end\n");
	check("\"id\",n\n\"id\",n\n1,a\n", "csv <id><n>\n"
					   "1 !2:1 +7 [\"id\",n] the header stands here again\n"
					   "2 @3 +14 <1><a>\n"
					   "end\n");
}

static void a_last_row_that_lacks_cells_is_cut(void **)
{
	check("id,n,m\n1,a,b\n2,a", "csv <id><n><m>\n"
				    "1 @2 +7 <1><a><b>\n"
				    "error -3 3:1 the input is cut: line 3, column 1: the row that "
				    "starts here lacks cells "
				    "and its line end\n");
	/* With its end it is a row with too few, and complete without one it is a row. */
	check("id,n,m\n2,a\n", "csv <id><n><m>\n"
			       "1 !2:1 +7 [2,a] the row has 2 cells and the header has 3\n"
			       "end\n");
	check("id,n\n2,a", "csv <id><n>\n1 @2 +5 <2><a>\nend\n");
	check("id,n\n2,a,b", "csv <id><n>\n"
			     "1 !2:1 +5 [2,a,b] the row has 3 cells and the header has 2\n"
			     "end\n");
}

static void bytes_that_are_no_text_make_a_row_bad(void **)
{
	check_text(
		RH_STR("id,n\n1,\xc3\xa4\n2,\xe4\n3,a\0b\n4,0123456789abcdef\xed\xa0\x80\n5,ok\n"),
		"csv <id><n>\n"
		"1 @2 +5 <1><\xc3\xa4>\n"
		"2 !3:3 +10 [2,\xe4] the row is not valid UTF-8\n"
		"3 !4:4 +14 [3,a^@b] the row holds a NUL byte\n"
		"4 !5:19 +20 [4,0123456789abcdef\xed\xa0\x80] the row is not valid UTF-8\n"
		"5 @6 +42 <5><ok>\n"
		"end\n");
}

static void an_open_quote_is_an_error(void **)
{
	check("id,n\n1,a\n2,\"abc\n3,d\n", "csv <id><n>\n"
					   "1 @2 +5 <1><a>\n"
					   "error -3 3:1 the input is cut: line 3, column 1: a "
					   "quote in the row that starts here "
					   "is not closed\n");
	check("id,\"n\n",
	      "error -3 1:1 the input is cut: line 1, column 1: a quote in the row that starts "
	      "here "
	      "is not closed\n"
	      "(Export or copy the file again: what belongs behind this place is missing.)\n");
}

static void a_row_that_is_too_large_is_one_bad_item(void **)
{
	static const struct chunks ways[] = {{0}, {.first = 7, .each = 65536}};
	char expected[256];
	rh_autobuf text = {0};
	char *room;

	rh_buf_init(&text, 64 * 1024 * 1024);
	rh_buf_add_cstr(&text, "id,n\n1,\"");
	room = rh_buf_reserve(&text, RH_RECORD_MAX + 3 * RH_READ_CHUNK);
	assert_non_null(room);
	memset(room, '\n', RH_RECORD_MAX + 3 * RH_READ_CHUNK);
	text.len += RH_RECORD_MAX + 3 * RH_READ_CHUNK;
	rh_buf_add_cstr(&text, "\"\n2,x\n");
	(void)snprintf(expected, sizeof(expected),
		       "csv <id><n>\n"
		       "1 !2:1 +5 [] the row is larger than the limit of %u bytes\n"
		       "2 @%u +%u <2><x>\nend\n",
		       RH_RECORD_MAX, RH_RECORD_MAX + 3 * RH_READ_CHUNK + 3,
		       5 + 3 + RH_RECORD_MAX + 3 * RH_READ_CHUNK + 2);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		rh_autobuf trace = {0};

		rh_buf_init(&trace, 1024);
		chunks_trace(rh_buf_str(&text), &ways[i], &trace);
		assert_string_equal(trace.ptr, expected);
	}
}

/* Small and the same every time. */
static unsigned draw(uint32_t *state, unsigned below)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 16) % below;
}

/* Cells are made up first, so what must come out is known without reading; then every cut is tried. */
static void made_up_rows_come_back_with_every_cut(void **)
{
	static const char *const parts[] = {"a",    "\"",       ",", "\n",
					    "\r\n", "\xc3\xa9", " ", "0123456789abcdef"};
	rh_autobuf expected = {0};
	rh_autobuf text = {0};
	uint32_t state = 7;

	rh_buf_init(&text, 64 * 1024);
	rh_buf_init(&expected, 64 * 1024);
	rh_buf_add_cstr(&text, "a,b,c\n");
	rh_buf_add_cstr(&expected, "csv <a><b><c>\n");
	for (unsigned row = 1, line = 2; row <= 60; row++, line++) {
		rh_buf_printf(&expected, "%u @%u +%zu ", row, line, text.len);
		for (unsigned i = 0; i < 3; i++) {
			unsigned count = draw(&state, 5);

			rh_buf_add_cstr(&text, i > 0 ? ",\"" : "\"");
			rh_buf_add_cstr(&expected, count > 0 ? "<" : "-");
			for (unsigned k = 0; k < count; k++) {
				const char *part = parts[draw(&state, 8)];

				rh_buf_add_cstr(&text, part[0] == '"' ? "\"\"" : part);
				rh_buf_add_cstr(&expected, part);
				line += strchr(part, '\n') != NULL;
			}
			rh_buf_add_cstr(&text, "\"");
			rh_buf_add_cstr(&expected, count > 0 ? ">" : "");
		}
		rh_buf_add_cstr(&text, row % 2 == 0 ? "\n" : "\r\n");
		rh_buf_add_cstr(&expected, "\n");
	}
	rh_buf_add_cstr(&expected, "end\n");
	assert_int_equal(rh_buf_check(&text, "text", NULL), RH_OK);
	check_text(rh_buf_str(&text), expected.ptr);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read),
		cmocka_unit_test(quoted_cells_may_span_lines),
		cmocka_unit_test(a_last_row_may_end_in_a_comma),
		cmocka_unit_test(separators_are_found_in_the_header),
		cmocka_unit_test(what_stands_before_the_header_is_skipped),
		cmocka_unit_test(blank_lines_are_no_rows),
		cmocka_unit_test(names_are_trimmed_and_unique),
		cmocka_unit_test(rows_without_header_have_numbered_columns),
		cmocka_unit_test(empty_cells_and_null_words_are_absent),
		cmocka_unit_test(null_words_stay_in_columns_of_names),
		cmocka_unit_test(bad_rows_do_not_stop_the_others),
		cmocka_unit_test(the_header_once_more_is_no_row),
		cmocka_unit_test(a_last_row_that_lacks_cells_is_cut),
		cmocka_unit_test(bytes_that_are_no_text_make_a_row_bad),
		cmocka_unit_test(an_open_quote_is_an_error),
		cmocka_unit_test(a_row_that_is_too_large_is_one_bad_item),
		cmocka_unit_test(made_up_rows_come_back_with_every_cut),
	};

	return cmocka_run_group_tests_name("read/csv_stream", tests, NULL, NULL);
}
