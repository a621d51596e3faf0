/* SPDX-License-Identifier: Apache-2.0 */
/* The value at the front of a text, at every length and place of the 16 bytes that are looked at together. */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json_node.h"
#include "base/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const char *const values[] = {
	"{}",
	"[]",
	"{\"id\":\"user_1\",\"n\":9007199254740993,\"x\":[1.5e3,-0.25,true,false,null,[]]}",
	"{ \"q\" : \"\\\"\\\\\\\"]},[{\" "
	",\n\t\"u\":\"\\u00e4\\ud83d\\ude00\xc3\xa4\xf0\x9f\x98\x80\" }",
	"{\"deep\":[[[[{\"a\":{\"b\":{\"c\":[{},[],\"\"]}}}]]]],\"\":\"\\/\\b\\f\\n\\r\\t\"}",
	"{\"long\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\\\\"}",
	"{\"\\u0061\":1,\"a\":\"\\u0062\",\"c\":\"\xc3\xa4 behind it more than sixteen bytes\"}",
	"[\n1\n,\n\"x\\ny\"\n]",
};

/* What may follow a value; none of it continues a number, and all values are containers. */
static const char *const behind[] = {
	"",
	",",
	"]",
	"}",
	"\n",
	"\n{",
	" x",
	"\"",
	"\\",
	"\x01",
	",{\"next\":\"0123456789abcdef0123456789abcdef0123456789abcdef\"}]",
};

static void write_back(struct rh_buf *out, const struct rh_json *json)
{
	struct rh_json_writer writer;

	rh_buf_init(out, 1024 * 1024);
	rh_json_writer_init(&writer, out);
	rh_json_put_node(&writer, rh_json_root(json));
}

/* A block of exactly the text's size: an overrun is seen. */
static char *block_of(struct rh_str text)
{
	char *block = rh_malloc(text.len > 0 ? text.len : 1);

	assert_non_null(block);
	memcpy(block, text.ptr, text.len);
	return block;
}

/* Both readers find the same in `len` bytes at the front; nothing of the text is changed. */
static void same_as_whole(struct rh_json *front, struct rh_str text, size_t len)
{
	rh_autofree char *block = block_of(text);
	rh_autofree char *copy = block_of(rh_str_sub(text, 0, len));
	rh_autobuf seen = {0};
	rh_autobuf expected = {0};
	struct rh_json whole = {0};
	struct rh_json_front found = {0};

	assert_int_equal(rh_json_parse(&whole, copy, len, NULL), RH_OK);
	assert_true(rh_json_parse_front(front, (struct rh_str){block, text.len}, &found));
	assert_int_equal(found.len, len);
	assert_memory_equal(block, text.ptr, text.len);
	write_back(&seen, front);
	write_back(&expected, &whole);
	assert_true(rh_str_eq(rh_buf_str(&seen), rh_buf_str(&expected)));
	rh_json_done(&whole);
}

static void front_is_what_the_whole_reader_reads(void **)
{
	struct rh_json json = {0};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		for (size_t k = 0; k < ARRAY_LEN(behind); k++) {
			for (size_t blanks = 0; blanks < 20; blanks++) {
				rh_autobuf text = {0};

				rh_buf_init(&text, 1000);
				rh_buf_printf(&text, "%*s%s", (int)blanks, "", values[i]);
				size_t len = text.len;
				rh_buf_add_cstr(&text, behind[k]);
				same_as_whole(&json, rh_buf_str(&text), len);
			}
		}
	}
	rh_json_done(&json);
}

static void value_that_does_not_end_is_none(void **)
{
	struct rh_json json = {0};
	struct rh_json_front found;

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		size_t len = strlen(values[i]);

		for (size_t cut = 0; cut < len; cut++) {
			rh_autofree char *block = block_of((struct rh_str){values[i], cut});

			assert_false(
				rh_json_parse_front(&json, (struct rh_str){block, cut}, &found));
			assert_null(rh_json_root(&json));
		}
	}
	rh_json_done(&json);
}

/* One string of `len` bytes with `odd` at `at`, `before` blanks before it. */
static void read_odd_string(struct rh_json *json, size_t before, size_t len, size_t at,
			    const char *odd)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	rh_autobuf text = {0};

	rh_buf_init(&text, 1000);
	rh_buf_printf(&text, "%*s[\"%.*s%s%.*s\",\"next\"]", (int)before, "", (int)at, plain, odd,
		      (int)(len - at), plain + at);
	same_as_whole(json, rh_buf_str(&text), text.len);
	rh_buf_add_cstr(&text, ",{\"a\":\"0123456789abcdef\"}");
	same_as_whole(json, rh_buf_str(&text), text.len - strlen(",{\"a\":\"0123456789abcdef\"}"));
}

static void strings_of_every_length_at_every_place(void **)
{
	static const char *const odd[] = {"", "\xc3\xa4", "\\n", "\\ud83d\\ude00", "\x7f"};
	struct rh_json json = {0};

	for (size_t before = 0; before < 17; before++) {
		for (size_t len = 0; len < 50; len++) {
			for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
				read_odd_string(&json, before, len, len * (k + before) % (len + 1),
						odd[k]);
			}
		}
	}
	rh_json_done(&json);
}

/* What the fast ways see first must not hide a fault that lies within the same 16 bytes. */
static void faults_at_every_place(void **)
{
	static const char *const odd[] = {"\x01", "\n", "\xff", "\xc3", "\\x", "\\u12g", "\\ud800"};
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF";
	struct rh_json json = {0};
	struct rh_json_front found;

	for (size_t len = 0; len < 40; len++) {
		for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
			for (size_t at = 0; at <= len; at++) {
				rh_autobuf text = {0};

				rh_buf_init(&text, 1000);
				rh_buf_printf(&text, "[\"%.*s%s%.*s\",\"next\"] ,\"0123456789ab\"",
					      (int)at, plain, odd[k], (int)(len - at), plain);
				assert_false(rh_json_parse_front(&json, rh_buf_str(&text), &found));
			}
		}
	}
	rh_json_done(&json);
}

static void numbers_of_every_length(void **)
{
	static const char digits[] = "12345678901234567890123456";
	static const struct {
		const char *tail;
		bool is_good;
	} tails[] = {
		{"", true},   {".5", true}, {"e3", true}, {"E-3", true},   {".", false},
		{"e", false}, {"-", false}, {"x", false}, {".5.5", false}, {"\x01", false},
	};
	struct rh_json json = {0};
	struct rh_json_front found;

	for (size_t len = 1; len < sizeof(digits) - 1; len++) {
		for (size_t k = 0; k < ARRAY_LEN(tails); k++) {
			for (size_t pad = 0; pad < 18; pad += 17) {
				rh_autobuf text = {0};
				struct rh_str number;

				rh_buf_init(&text, 1000);
				rh_buf_printf(&text, "[%.*s%s]%*s", (int)len, digits, tails[k].tail,
					      (int)pad, "");
				number = rh_str_sub(rh_buf_str(&text), 1,
						    len + strlen(tails[k].tail));
				assert_int_equal(rh_json_parse_front(&json, rh_buf_str(&text),
								     &found),
						 tails[k].is_good);
				if (tails[k].is_good) {
					assert_true(
						rh_str_eq(rh_json_text(rh_json_next(
								  rh_json_root(&json), NULL, NULL)),
							  number));
				}
			}
		}
	}
	assert_false(rh_json_parse_front(&json, RH_STR("[01]                "), &found));
	assert_false(rh_json_parse_front(&json, RH_STR("[00000000000]       "), &found));
	assert_true(rh_json_parse_front(&json, RH_STR("[0]                 "), &found));
	assert_true(rh_json_parse_front(&json, RH_STR("[-0,0]              "), &found));
	rh_json_done(&json);
}

static void lines_are_counted(void **)
{
	struct rh_json json = {0};
	struct rh_json_front found;

	/* Newlines out of escapes are none of the text; what follows the value is not looked at. */
	assert_true(rh_json_parse_front(&json, RH_STR("\n{\"a\":\"\\n\\n\",\r\n\n \"b\":1}\n\n"),
					&found));
	assert_int_equal(found.newlines, 3);
	assert_int_equal(found.last_line, strlen("\n{\"a\":\"\\n\\n\",\r\n\n"));
	assert_true(rh_json_parse_front(&json, RH_STR(" [1]\n"), &found));
	assert_int_equal(found.newlines, 0);
	assert_int_equal(found.len, 4);
	rh_json_done(&json);
}

/* Rule 4: texts of strings with escapes stay where they are, and where there are too many it is said. */
static void escapes_fill_their_buffer_and_no_more(void **)
{
	struct rh_json json = {0};
	struct rh_json_front found;
	rh_autobuf text = {0};
	const struct rh_json_node *node = NULL;
	size_t count = 0;

	rh_buf_init(&text, 1024 * 1024);
	rh_buf_add_cstr(&text, "[");
	for (size_t i = 0; i < 2000; i++) {
		rh_buf_printf(&text, "%s\"number %04zu\\n\"", i > 0 ? "," : "", i);
	}
	rh_buf_add_cstr(&text, "]");
	assert_true(rh_json_parse_front(&json, rh_buf_str(&text), &found));
	while ((node = rh_json_next(rh_json_root(&json), node, NULL)) != NULL) {
		char expected[40];

		(void)snprintf(expected, sizeof(expected), "number %04zu\n", count);
		assert_true(rh_str_is(rh_json_string(node), expected));
		count++;
	}
	assert_int_equal(count, 2000);
	/* Wherever its end comes: behind an escape, within plain bytes, at a string's start. */
	for (int shift = 0; shift < 40; shift++) {
		rh_buf_reset(&text);
		rh_buf_printf(&text, "[\"%0*d\\n\"", shift + 1, 0);
		for (size_t i = 0; i < 4000; i++) {
			rh_buf_add_cstr(&text, ",\"one more\\u00e4 and more\"");
		}
		rh_buf_add_cstr(&text, "]");
		assert_false(rh_json_parse_front(&json, rh_buf_str(&text), &found));
	}
	assert_true(rh_json_parse_front(&json, RH_STR("[\"\\n\"]"), &found));
	rh_json_done(&json);
}

/* Writes node by node what rh_json_put_node writes of a compact object in one piece. */
static void write_plainly(struct rh_json_writer *writer, const struct rh_json_node *node)
{
	bool is_object = rh_json_type(node) == RH_JSON_OBJECT;
	const struct rh_json_node *child = NULL;
	struct rh_str key;

	if (!is_object && rh_json_type(node) != RH_JSON_ARRAY) {
		rh_json_put_node(writer, node);
		return;
	}
	if (is_object) {
		rh_json_begin_object(writer);
	} else {
		rh_json_begin_array(writer);
	}
	while ((child = rh_json_next(node, child, &key)) != NULL) {
		if (is_object) {
			rh_json_key_str(writer, key);
		}
		write_plainly(writer, child);
	}
	if (is_object) {
		rh_json_end_object(writer);
	} else {
		rh_json_end_array(writer);
	}
}

/* Every node from this one down: what says of itself that it is compact is so.  How many say it? */
static size_t count_compact(const struct rh_json_node *node)
{
	struct rh_str compact = rh_json_compact(node);
	const struct rh_json_node *child = NULL;
	struct rh_json_writer writer;
	rh_autobuf plain = {0};
	rh_autobuf quick = {0};
	size_t count = compact.ptr != NULL;

	rh_buf_init(&plain, 1024 * 1024);
	rh_json_writer_init(&writer, &plain);
	write_plainly(&writer, node);
	rh_buf_init(&quick, 1024 * 1024);
	rh_json_writer_init(&writer, &quick);
	rh_json_put_node(&writer, node);
	assert_true(rh_str_eq(rh_buf_str(&plain), rh_buf_str(&quick)));
	assert_true(compact.ptr == NULL || rh_str_eq(compact, rh_buf_str(&plain)));
	while ((child = rh_json_next(node, child, NULL)) != NULL) {
		count += count_compact(child);
	}
	return count;
}

/* Rule 5: wherever a blank or an escape stands, only what is around it is not compact; in place or not. */
static void compact_is_what_is_written_back(void **)
{
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
		{"{}", 0},
		{"[{}]", 0},
		{"17", 0},
		{"{\"a\":1}", 1},
		{" {\"a\":1} ", 1},
		{"{ \"a\":1}", 0},
		{"{\"a\" :1}", 0},
		{"{\"a\": 1}", 0},
		{"{\"a\":1 }", 0},
		{"{\"a\":1,\n\"b\":2}", 0},
		{"{\"a\":[1, 2]}", 0},
		{"{\"a\":{ }}", 0},
		{"{\"\\u0061\":{\"b\":{}}}", 1},
		{"{\"a\":{\"b\":\"\\n\"},\"c\":{\"d\":null}}", 1},
		{"{\"a\":{\"b\":true},\"c\":\"\\/\",\"d\":{\"e\":[{\"f\":-0}]}}", 3},
		{"{\"a\":\"\\u00e4\"}", 0},
		{"{\"a\":\"\xc3\xa4 and \x7f are as they were, for more than sixteen bytes\"}", 1},
		{"[{\"a\":1},{\"a\":1}, {\"a\":{\"b\":1E+5}},{\"\":\"\\\"\"},{\"a\":1}]", 5},
		{"{\"a\":1,\"a\":2,\"b\":{\"x\":12345678901234567890123}}", 2},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rh_str text = rh_str_from(cases[i].text);
		struct rh_json json = {0};
		struct rh_json_front found;
		char *block = block_of(text);

		assert_true(rh_json_parse_front(&json, (struct rh_str){block, text.len}, &found));
		assert_int_equal(count_compact(rh_json_root(&json)), cases[i].count);
		assert_int_equal(rh_json_parse(&json, block, text.len, NULL), RH_OK);
		assert_int_equal(count_compact(rh_json_root(&json)), cases[i].count);
		rh_json_done(&json);
		rh_free(block);
	}
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct rh_json json = {0};
		struct rh_json_front found;

		assert_true(rh_json_parse_front(&json, rh_str_from(values[i]), &found));
		(void)count_compact(rh_json_root(&json));
		rh_json_done(&json);
	}
}

/* Rule 6: fewer, as many and more nodes than were lent; they are the caller's in the end. */
static void lent_nodes_are_given_back(void **)
{
	static const char *const texts[] = {"[1]", "[1,2,3]", "[1,2,3,4,5,[6,{\"7\":8}]]"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct rh_json_node room[4];
		struct rh_json json = rh_json_lend(room, ARRAY_LEN(room));
		struct rh_json_front found;
		rh_autobuf out = {0};

		for (int again = 0; again < 2; again++) {
			rh_buf_done(&out);
			assert_true(rh_json_parse_front(&json, rh_str_from(texts[i]), &found));
			assert_int_equal(rh_json_root(&json) == room, i < 2);
			write_back(&out, &json);
			assert_string_equal(out.ptr, texts[i]);
		}
		rh_json_done(&json);
	}
}

static const char *const tokens[] = {
	"{", "\"a\"", ":", "[",    "1", ",", "{",     "}", ",",
	"[", "]",     ",", "null", "]", ",", "\"b\"", ":", "\"\xc3\xa4\"",
	",", "\"c\"", ":", "true", "}",
};

/* The tokens with something between those before `gap` and the others; its place. */
static size_t join_tokens(struct rh_buf *out, size_t gap, const char *between)
{
	size_t place = 0;

	rh_buf_init(out, 1024);
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		if (i == gap) {
			place = out->len;
			rh_buf_add_str(out, rh_str_from(between));
		}
		rh_buf_add_str(out, rh_str_from(tokens[i]));
	}
	return place;
}

/* Rule 7: blanks may stand between any two tokens, nothing else may, and no text may end there. */
static void blanks_stand_between_any_two_tokens(void **)
{
	static const char *const blanks[] = {" ", "\n", "\t", "\r",
					     " \r\n\t                    \n "};
	static const char *const others[] = {"\v", "\x01", "\xc2\xa0", "x"};
	rh_autobuf plain = {0};

	(void)join_tokens(&plain, ARRAY_LEN(tokens), "");
	for (size_t gap = 1; gap < ARRAY_LEN(tokens); gap++) {
		for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
			struct rh_json json = {0};
			rh_autobuf text = {0};
			rh_autobuf seen = {0};

			(void)join_tokens(&text, gap, blanks[i]);
			same_as_whole(&json, rh_buf_str(&text), text.len);
			assert_int_equal(rh_json_parse(&json, text.ptr, text.len, NULL), RH_OK);
			write_back(&seen, &json);
			assert_true(rh_str_eq(rh_buf_str(&seen), rh_buf_str(&plain)));
			rh_json_done(&json);
		}
		for (size_t i = 0; i < ARRAY_LEN(others); i++) {
			struct rh_json json = {0};
			struct rh_err err = {0};
			rh_autobuf text = {0};
			size_t place = join_tokens(&text, gap, others[i]);

			assert_int_equal(rh_json_parse(&json, text.ptr, text.len, &err), RH_EINPUT);
			assert_int_equal(err.column, place + 1);
			assert_int_equal(rh_json_parse(&json, text.ptr, place, &err), RH_EINPUT);
			assert_int_equal(err.column, place + 1);
			rh_json_done(&json);
		}
	}
}

static void want_of_memory_is_no_value(void **)
{
	struct rh_json json = {0};
	struct rh_json_front found;
	uint64_t failures = 0;
	bool is_read;

	do {
		rh_alloc_fail_from(failures + 1);
		is_read = rh_json_parse_front(&json, RH_STR("{\"a\":\"\\n\"}"), &found);
		rh_alloc_fail_from(0);
		failures++;
	} while (!is_read && failures < 10);
	assert_true(is_read);
	assert_int_equal(failures, 3); /* nodes, and the buffer */
	rh_json_done(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(front_is_what_the_whole_reader_reads),
		cmocka_unit_test(value_that_does_not_end_is_none),
		cmocka_unit_test(strings_of_every_length_at_every_place),
		cmocka_unit_test(faults_at_every_place),
		cmocka_unit_test(numbers_of_every_length),
		cmocka_unit_test(lines_are_counted),
		cmocka_unit_test(escapes_fill_their_buffer_and_no_more),
		cmocka_unit_test(compact_is_what_is_written_back),
		cmocka_unit_test(lent_nodes_are_given_back),
		cmocka_unit_test(blanks_stand_between_any_two_tokens),
		cmocka_unit_test(want_of_memory_is_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
