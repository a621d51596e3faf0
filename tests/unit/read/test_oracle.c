/* SPDX-License-Identifier: Apache-2.0 */
/* The reader against parsers that are not ours: Jansson, and a CSV parser of a byte at a time; with every cut. */
#include "read/reader.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "chunks.h"
#include "read/csv_quick.h"

/* ---- JSON -------------------------------------------------------------------------------------------------- */

static void json_records(struct rh_buf *out, const char *between)
{
	static const char *const records[] = {
		"{}",
		"{\"id\":\"user_1\",\"n\":9007199254740993,\"x\":[1.5e3,-0.25,true,false,null,[]]}",
		"{ \"q\" : \"\\\"\\\\\\\"]},[{\" "
		",\n\t\"u\":\"\\u00e4\\ud83d\\ude00\xc3\xa4\xf0\x9f\x98\x80\" }",
		"{\"deep\":[[[[{\"a\":{\"b\":{\"c\":[{},[],\"\"]}}}]]]],\"\":\"\\/"
		"\\b\\f\\n\\r\\t\"}",
		"{\"long\":"
		"\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\\\\"}",
	};

	for (size_t i = 0; i < 3 * sizeof(records) / sizeof(records[0]); i++) {
		rh_buf_add_cstr(out, i > 0 ? between : "");
		rh_buf_add_cstr(out, records[i * 2 % 5]);
	}
}

/* What the reader gives of the text is the list. */
static void same_as(const json_t *list, struct rh_str text, const struct chunks *chunks)
{
	struct rh_reader *reader = NULL;
	struct rh_item item;
	size_t count = 0;
	int got;

	assert_int_equal(rh_reader_open(&reader, chunks_open(text, chunks), NULL), RH_OK);
	while ((got = rh_reader_next(reader, &item, NULL)) == 1) {
		rh_autobuf written = {0};
		struct rh_json_writer writer;
		json_t *seen;

		assert_false(item.is_bad);
		/* Both what was parsed and the bytes that it was parsed from. */
		rh_buf_init(&written, 64 * 1024);
		rh_json_writer_init(&writer, &written);
		rh_json_put_node(&writer, item.record.json);
		seen = json_loadb(written.ptr, written.len, 0, NULL);
		assert_true(json_equal(seen, json_array_get(list, count)));
		json_decref(seen);
		seen = json_loadb(item.raw.ptr, item.raw.len, 0, NULL);
		assert_true(json_equal(seen, json_array_get(list, count)));
		json_decref(seen);
		count++;
	}
	assert_int_equal(got, 0);
	assert_int_equal(count, json_array_size(list));
	rh_reader_close(reader);
}

static void with_every_cut(const json_t *list, struct rh_str text)
{
	for (size_t first = 1; first <= text.len; first++) {
		same_as(list, text, &(struct chunks){.first = first});
	}
	for (size_t each = 1; each < 70; each += 6) {
		same_as(list, text, &(struct chunks){.first = each, .each = each});
	}
}

static void json_is_read_as_jansson_reads_it(void **)
{
	rh_autobuf array = {0};
	rh_autobuf wrapped = {0};
	rh_autobuf lines = {0};
	json_t *list;

	rh_buf_init(&array, 64 * 1024);
	rh_buf_add_char(&array, '[');
	json_records(&array, " ,\n");
	rh_buf_add_char(&array, ']');
	list = json_loadb(array.ptr, array.len, 0, NULL);
	assert_int_equal(json_array_size(list), 15);
	with_every_cut(list, rh_buf_str(&array));

	rh_buf_init(&wrapped, 64 * 1024);
	rh_buf_add_cstr(&wrapped, "{\"object\":\"list\",\"total_count\":15,\"data\":[");
	json_records(&wrapped, ",");
	rh_buf_add_cstr(&wrapped, "],\"has_more\":false}");
	with_every_cut(list, rh_buf_str(&wrapped));

	rh_buf_init(&lines, 64 * 1024);
	json_records(&lines, "\r\n");
	rh_buf_add_char(&lines, '\n');
	with_every_cut(list, rh_buf_str(&lines));
	json_decref(list);
}

/* ---- CSV --------------------------------------------------------------------------------------------------- */

/* RFC 4180 a byte at a time: every cell with a '|' behind it, every row with a newline; blank lines are none. */
static void parse_slowly(struct rh_str text, struct rh_buf *out)
{
	bool is_quoted = false;
	size_t row = 0; /* where it begins in the text */

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];
		bool is_doubled =
			is_quoted && byte == '"' && i + 1 < text.len && text.ptr[i + 1] == '"';

		if (is_doubled) {
			rh_buf_add_char(out, '"');
			i++;
		} else if (byte == '"') {
			is_quoted = !is_quoted;
		} else if (is_quoted) {
			rh_buf_add_char(out, byte);
		} else if (byte == ',') {
			rh_buf_add_char(out, '|');
		} else if (byte == '\n') {
			size_t len = i - row - (i > row && text.ptr[i - 1] == '\r' ? 1 : 0);

			rh_buf_add_cstr(out, len > 0 ? "|\n" : "");
			row = i + 1;
		} else if (byte != '\r') {
			rh_buf_add_char(out, byte);
		}
	}
}

static void read_rows(struct rh_str text, const struct chunks *chunks, struct rh_buf *out)
{
	struct rh_reader *reader = NULL;
	struct rh_item item;
	int got;

	rh_buf_reset(out);
	assert_int_equal(rh_reader_open(&reader, chunks_open(text, chunks), NULL), RH_OK);
	for (size_t i = 0; i < rh_reader_columns(reader)->count; i++) {
		rh_buf_add_str(out, rh_reader_columns(reader)->names[i]);
		rh_buf_add_char(out, '|');
	}
	rh_buf_add_char(out, '\n');
	while ((got = rh_reader_next(reader, &item, NULL)) == 1) {
		assert_false(item.is_bad);
		for (size_t i = 0; i < item.record.columns->count; i++) {
			rh_buf_add_str(out, item.record.cells[i]);
			rh_buf_add_char(out, '|');
		}
		rh_buf_add_char(out, '\n');
	}
	assert_int_equal(got, 0);
	rh_reader_close(reader);
}

static void csv_is_read_as_a_slow_parser_reads_it(void **)
{
	static const char text[] =
		"id,first name,\"last, name\"\r\n"
		"user_1,Ada,Example\n"
		"user_2,\"Ada \"\"the first\"\"\",\"of\r\nmany, lines\n\"\r\n"
		"\r\n"
		",,\n"
		"user_3,J\xc3\xbcrgen "
		"\xf0\x9f\x98\x80,0123456789abcdef0123456789abcdef0123456789abcdef\n"
		"\n"
		"\"\",\"\",\"\"\r\n"
		"\"user_4\",x,\r\n"
		"user_5,\xe4\xbd\xa0\xe5\xa5\xbd,\"\"\"\"\n"
		"0123456789abcde,0123456789abcdef,0123456789abcdef0\n";
	struct rh_str whole = {text, sizeof(text) - 1};
	rh_autobuf expected = {0};
	rh_autobuf seen = {0};

	rh_buf_init(&expected, 64 * 1024);
	rh_buf_init(&seen, 64 * 1024);
	parse_slowly(whole, &expected);
	for (size_t first = 1; first <= whole.len; first++) {
		for (size_t each = 0; each < 40; each += 13) {
			read_rows(whole, &(struct chunks){.first = first, .each = each}, &seen);
			assert_int_equal(seen.len, expected.len);
			assert_memory_equal(seen.ptr, expected.ptr, expected.len);
		}
	}
}

#ifdef RH_TEST_HOOKS
static void csv_is_read_so_without_wide_instructions(void **state)
{
	rh_csv_quick_allow_wide(false);
	csv_is_read_as_a_slow_parser_reads_it(state);
	rh_csv_quick_allow_wide(true);
}
#endif

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_read_as_jansson_reads_it),
		cmocka_unit_test(csv_is_read_as_a_slow_parser_reads_it),
#ifdef RH_TEST_HOOKS
		cmocka_unit_test(csv_is_read_so_without_wide_instructions),
#endif
	};

	return cmocka_run_group_tests_name("read/oracle", tests, NULL, NULL);
}
