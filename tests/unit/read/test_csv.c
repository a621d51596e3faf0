/* SPDX-License-Identifier: Apache-2.0 */
/* CSV rows: where they end, whatever the cut; what their cells are; writing cells. */
#include "read/csv.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"

enum { CELLS_MAX = 16 };

/* The row's length when its text arrives in two pieces, or byte by byte (cut 0). */
static size_t row_end(struct rh_str text, char separator, size_t cut)
{
	struct rh_csv_scan scan = {.separator = separator};
	size_t scanned = 0;
	size_t len = cut != 0 ? cut : 1;

	for (;;) {
		/* A block of just this size, so that a sanitizer sees a byte read behind it. */
		char *piece = test_malloc(len);
		size_t end;

		memcpy(piece, text.ptr, len);
		end = rh_csv_row_end(&scan, (struct rh_str){piece, len}, scanned);
		test_free(piece);
		if (end > 0 || len == text.len) {
			return end;
		}
		scanned = len;
		len = cut != 0 ? text.len : len + 1;
	}
}

static void check_end(const char *text, size_t expected)
{
	struct rh_str all = rh_str_from(text);

	for (size_t cut = 0; cut <= all.len; cut++) {
		assert_int_equal(row_end(all, ',', cut), expected);
	}
}

static void rows_end_at_their_newline(void **)
{
	check_end("a,b\nc", 4);
	check_end("a,b\r\nc", 5);
	check_end("\n", 1);
	check_end("a,b", 0);
	check_end("a,\n", 3);
	check_end("0123456789abcdef0123456789,abcdef0123456789abcdef\nrest", 50);
}

static void quotes_hide_newlines(void **)
{
	check_end("\"a\nb\",c\nd", 8);
	check_end("a,\"\n\"\"\n\",\"\"\nx", 12);
	check_end("\"\"\n\"", 3);
	check_end("\"\"\"\n\"\"\"\nx", 8);
	check_end("\"a\n", 0);
	check_end("\"a\"\"\n", 0);
}

static void stray_quotes_hide_nothing(void **)
{
	check_end("1,5\" pipe\n2,\"x\n\"\n", 10);
	check_end("a\"\nb\"\n", 3);
	check_end("\"a\" \"\n\"\n", 6);
	check_end("\"a\"b\n", 5);
}

/* Splits a copy and checks the cells; NULL ends the list. */
static void check_split(const char *row, char separator, const char *const *expected,
			const bool *expected_quoted)
{
	struct rh_str cells[CELLS_MAX];
	bool quoted[CELLS_MAX];
	size_t len = strlen(row);
	char *copy = test_malloc(len + (len == 0));
	size_t count = 0;
	size_t i = 0;

	memcpy(copy, row, len);
	assert_int_equal(rh_csv_split(copy, len, separator, cells, quoted, CELLS_MAX, &count, NULL),
			 RH_OK);
	for (; expected[i] != NULL; i++) {
		assert_true(i < count);
		assert_true(rh_str_is(cells[i], expected[i]));
		assert_int_equal(quoted[i], expected_quoted[i]);
	}
	assert_int_equal(count, i);
	test_free(copy);
}

#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define QUOTED(...) ((const bool[]){__VA_ARGS__})

static void rows_split_into_cells(void **)
{
	check_split("", ',', CELLS(""), QUOTED(0));
	check_split("a", ',', CELLS("a"), QUOTED(0));
	check_split(",", ',', CELLS("", ""), QUOTED(0, 0));
	check_split("a,,b,", ',', CELLS("a", "", "b", ""), QUOTED(0, 0, 0, 0));
	check_split("\"a\",\"\",\"b,c\",d,\"\"", ',', CELLS("a", "", "b,c", "d", ""),
		    QUOTED(1, 1, 1, 0, 1));
	check_split("a;b,c;\"d;e\"", ';', CELLS("a", "b,c", "d;e"), QUOTED(0, 0, 1));
	check_split("a\tb\t", '\t', CELLS("a", "b", ""), QUOTED(0, 0, 0));
	check_split("0123456789abcdef,0123456789abcde,x,0123456789abcdef0123456789abcdef", ',',
		    CELLS("0123456789abcdef", "0123456789abcde", "x",
			  "0123456789abcdef0123456789abcdef"),
		    QUOTED(0, 0, 0, 0));
}

static void quotes_are_undone(void **)
{
	check_split("\"\"\"\"", ',', CELLS("\""), QUOTED(1));
	check_split("\"a\"\"b\"\"\",\"\"\"c\"", ',', CELLS("a\"b\"", "\"c"), QUOTED(1, 1));
	check_split("x,\"line\r\nline\",y", ',', CELLS("x", "line\r\nline", "y"), QUOTED(0, 1, 0));
	check_split("\",\"\"0123456789abcdef\"\",\",0123456789abcdef,\"0\"", ',',
		    CELLS(",\"0123456789abcdef\",", "0123456789abcdef", "0"), QUOTED(1, 0, 1));
}

static void cells_beyond_the_room_are_counted(void **)
{
	char row[] = "a,\"b\",c,d";
	struct rh_str cells[3] = {RH_STR_ABSENT, RH_STR_ABSENT, RH_STR("untouched")};
	size_t count = 0;

	assert_int_equal(rh_csv_split(row, sizeof(row) - 1, ',', cells, NULL, 2, &count, NULL),
			 RH_OK);
	assert_int_equal(count, 4);
	assert_true(rh_str_is(cells[0], "a"));
	assert_true(rh_str_is(cells[1], "b"));
	assert_true(rh_str_is(cells[2], "untouched"));
}

static void check_fault(const char *row, uint64_t column, const char *message)
{
	struct rh_str cells[CELLS_MAX];
	struct rh_err err = {0};
	char copy[128];
	size_t count = 77;

	memcpy(copy, row, strlen(row) + 1);
	assert_int_equal(rh_csv_split(copy, strlen(row), ',', cells, NULL, CELLS_MAX, &count, &err),
			 RH_EINPUT);
	assert_int_equal(err.column, column);
	assert_string_equal(err.message, message);
	assert_int_equal(count, 77);
}

static void faults_are_refused_with_their_column(void **)
{
	check_fault("a,b\"c", 4, "a quote stands inside a cell without quotes");
	check_fault("a,0123456789abcdefghij\"", 23, "a quote stands inside a cell without quotes");
	check_fault("a, \"b\"", 4, "a quote stands inside a cell without quotes");
	check_fault("\"a\"b,c", 4, "text stands behind a closing quote");
	check_fault("\"a\"\"b\" ,c", 7, "text stands behind a closing quote");
	check_fault("a,\"b", 3, "the quote is not closed");
	check_fault("a,\"b\"\"", 3, "the quote is not closed");
}

static void cells_are_written_so_that_they_are_read_back(void **)
{
	static const char *const cells[] = {"plain",      "a,b",  "say \"x\"", "",     "\"",
					    "two\nlines", "cr\r", " b ",       "\"\"", ";"};
	enum { COUNT = sizeof(cells) / sizeof(cells[0]) };
	struct rh_str read[COUNT];
	rh_autobuf row = {0};
	size_t count = 0;

	rh_buf_init(&row, 1000);
	for (size_t i = 0; i < COUNT; i++) {
		rh_csv_put(&row, rh_str_from(cells[i]), ',', i == 0);
	}
	assert_string_equal(row.ptr, "plain,\"a,b\",\"say \"\"x\"\"\",,\"\"\"\",\"two\nlines\","
				     "\"cr\r\", b ,\"\"\"\"\"\",;");
	assert_int_equal(rh_csv_split(row.ptr, row.len, ',', read, NULL, COUNT, &count, NULL),
			 RH_OK);
	assert_int_equal(count, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(rh_str_is(read[i], cells[i]));
	}
	rh_buf_reset(&row);
	rh_csv_put(&row, RH_STR_ABSENT, ',', true);
	rh_csv_put(&row, RH_STR_ABSENT, ',', false);
	assert_string_equal(row.ptr, ",");
	rh_buf_reset(&row);
	rh_csv_put(&row, RH_STR("a;b"), ';', true);
	rh_csv_put(&row, RH_STR("a\tb"), ';', false);
	assert_string_equal(row.ptr, "\"a;b\";a\tb");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_at_their_newline),
		cmocka_unit_test(quotes_hide_newlines),
		cmocka_unit_test(stray_quotes_hide_nothing),
		cmocka_unit_test(rows_split_into_cells),
		cmocka_unit_test(quotes_are_undone),
		cmocka_unit_test(cells_beyond_the_room_are_counted),
		cmocka_unit_test(faults_are_refused_with_their_column),
		cmocka_unit_test(cells_are_written_so_that_they_are_read_back),
	};

	return cmocka_run_group_tests_name("read/csv", tests, NULL, NULL);
}
