/* SPDX-License-Identifier: Apache-2.0 */
/* JSON reader: values, positions of errors, limits, and a comparison with jansson as a second reader. */
#include "base/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A parsed document with its text, which lies in a block of exactly its size: an overrun is seen. */
struct document {
	struct rh_json json;
	char *text;
	int status;
	struct rh_err err;
};

static void read_text(struct document *document, const char *text, size_t len)
{
	rh_free(document->text);
	document->text = rh_malloc(len);
	assert_non_null(document->text);
	memcpy(document->text, text, len);
	document->err = (struct rh_err){0};
	document->status = rh_json_parse(&document->json, document->text, len, &document->err);
}

static const struct rh_json_node *read_good(struct document *document, const char *text)
{
	read_text(document, text, strlen(text));
	if (document->status != RH_OK) {
		fail_msg("%s: %s", text, document->err.message);
	}
	return rh_json_root(&document->json);
}

static void drop(struct document *document)
{
	rh_json_done(&document->json);
	rh_free(document->text);
	document->text = NULL;
}

static void values_of_every_type(void **)
{
	struct document document = {0};
	const struct rh_json_node *root =
		read_good(&document,
			  " {\"null\":null, \"no\" : false ,\"yes\":true,\"number\":-1.50e+3,"
			  "\"text\":\"abc\",\"array\":[1,[],{}],\"object\":{\"a\":{\"b\":2}}}\r\n");

	assert_int_equal(rh_json_type(root), RH_JSON_OBJECT);
	assert_int_equal(rh_json_count(root), 7);
	assert_int_equal(rh_json_type(rh_json_get(root, "null")), RH_JSON_NULL);
	assert_non_null(rh_json_get(root, "null"));
	assert_true(rh_json_is_null(rh_json_get(root, "null")));
	assert_true(rh_json_is_null(rh_json_get(root, "missing")));
	assert_false(rh_json_is_null(rh_json_get(root, "no")));
	assert_false(rh_json_get_bool(root, "no", true));
	assert_true(rh_json_get_bool(root, "yes", false));
	assert_true(rh_json_get_bool(root, "null", true));
	assert_false(rh_json_get_bool(root, "missing", false));
	assert_true(rh_str_is(rh_json_text(rh_json_get(root, "number")), "-1.50e+3"));
	assert_null(rh_json_string(rh_json_get(root, "number")).ptr);
	assert_true(rh_str_is(rh_json_get_string(root, "text"), "abc"));
	assert_true(rh_str_is(rh_json_text(rh_json_get(root, "text")), "abc"));
	assert_null(rh_json_text(rh_json_get(root, "yes")).ptr);
	assert_int_equal(rh_json_count(rh_json_get(root, "array")), 3);
	assert_int_equal(rh_json_count(rh_json_get(root, "text")), 0);
	assert_true(rh_str_is(
		rh_json_text(rh_json_get(rh_json_get(rh_json_get(root, "object"), "a"), "b")),
		"2"));
	assert_null(rh_json_get(rh_json_get(root, "array"), "a"));
	drop(&document);
}

static void scalars_stand_alone(void **)
{
	struct document document = {0};

	assert_int_equal(rh_json_type(read_good(&document, "null")), RH_JSON_NULL);
	assert_true(rh_str_is(rh_json_text(read_good(&document, "0")), "0"));
	assert_true(rh_str_is(rh_json_string(read_good(&document, "\"\"")), ""));
	assert_int_equal(rh_json_count(read_good(&document, "[]")), 0);
	assert_int_equal(rh_json_type(read_good(&document, "\t{ }\n")), RH_JSON_OBJECT);
	drop(&document);
}

static void absent_nodes_are_harmless(void **)
{
	int64_t number = 5;

	assert_int_equal(rh_json_type(NULL), RH_JSON_NULL);
	assert_null(rh_json_text(NULL).ptr);
	assert_null(rh_json_string(NULL).ptr);
	assert_null(rh_json_get(NULL, "a"));
	assert_null(rh_json_get_string(NULL, "a").ptr);
	assert_true(rh_json_get_bool(NULL, "a", true));
	assert_false(rh_json_get_i64(NULL, "a", &number));
	assert_int_equal(number, 5);
	assert_int_equal(rh_json_count(NULL), 0);
	assert_null(rh_json_next(NULL, NULL, NULL));
	assert_null(rh_json_root(&(struct rh_json){0}));
	rh_json_done(&(struct rh_json){0});
}

static void iteration_skips_whole_subtrees(void **)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct document document = {0};
	const struct rh_json_node *root =
		read_good(&document,
			  "{\"a\":[1,[2,[3]]],\"b\":{\"x\":{\"y\":{}}},\"c\":\"s\",\"d\":[]}");
	const struct rh_json_node *node = NULL;
	struct rh_str key = RH_STR_ABSENT;
	size_t met = 0;

	while ((node = rh_json_next(root, node, &key)) != NULL) {
		assert_true(rh_str_is(key, names[met]));
		assert_ptr_equal(node, rh_json_get(root, names[met]));
		met++;
	}
	assert_int_equal(met, 4);
	root = rh_json_get(root, "a");
	node = rh_json_next(root, NULL, NULL);
	assert_true(rh_str_is(rh_json_text(node), "1"));
	node = rh_json_next(root, node, NULL);
	assert_int_equal(rh_json_count(node), 2);
	assert_null(rh_json_next(root, node, NULL));
	drop(&document);
}

static void numbers_keep_their_digits(void **)
{
	struct document document = {0};
	const struct rh_json_node *root =
		read_good(&document, "{\"a\":9007199254740993,\"b\":123456789012345678901234567890,"
				     "\"c\":\"-42\",\"d\":1.0,\"e\":-9223372036854775808,\"f\":1e2,"
				     "\"g\":\"4 2\",\"h\":true}");
	int64_t number = 0;

	assert_true(rh_json_get_i64(root, "a", &number));
	assert_true(number == INT64_C(9007199254740993));
	assert_true(
		rh_str_is(rh_json_text(rh_json_get(root, "b")), "123456789012345678901234567890"));
	assert_false(rh_json_get_i64(root, "b", &number));
	assert_true(rh_json_get_i64(root, "c", &number));
	assert_int_equal(number, -42);
	assert_false(rh_json_get_i64(root, "d", &number));
	assert_true(rh_json_get_i64(root, "e", &number));
	assert_true(number == INT64_MIN);
	assert_false(rh_json_get_i64(root, "f", &number));
	assert_false(rh_json_get_i64(root, "g", &number));
	assert_false(rh_json_get_i64(root, "h", &number));
	assert_false(rh_json_get_i64(root, "missing", &number));
	drop(&document);
}

/* Every place of an escape relative to the 16 bytes that are looked at together. */
static void escapes_at_every_offset(void **)
{
	static const char escaped[] = "\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\u20AC\\ud83d\\uDE00";
	static const char plain[] = "\"\\/\b\f\n\r\t\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	struct document document = {0};

	for (size_t before = 0; before < 40; before++) {
		for (size_t after = 0; after < 40; after++) {
			rh_autobuf text = {0};
			rh_autobuf expected = {0};

			rh_buf_init(&text, 1000);
			rh_buf_init(&expected, 1000);
			rh_buf_printf(&text, "[\"%0*d%s%0*d\",\"next\"]", (int)before + 1, 0,
				      escaped, (int)after + 1, 0);
			rh_buf_printf(&expected, "%0*d%s%0*d", (int)before + 1, 0, plain,
				      (int)after + 1, 0);
			const struct rh_json_node *root = read_good(&document, text.ptr);
			const struct rh_json_node *first = rh_json_next(root, NULL, NULL);

			assert_true(rh_str_eq(rh_json_string(first), rh_buf_str(&expected)));
			assert_true(
				rh_str_is(rh_json_string(rh_json_next(root, first, NULL)), "next"));
		}
	}
	drop(&document);
}

static void last_of_duplicate_members_is_found(void **)
{
	struct document document = {0};
	const struct rh_json_node *root =
		read_good(&document, "{\"a\":1,\"b\":2,\"\\u0061\":3,\"ab\":4,\"\":5}");

	assert_true(rh_str_is(rh_json_text(rh_json_get(root, "a")), "3"));
	assert_true(rh_str_is(rh_json_text(rh_json_get(root, "")), "5"));
	assert_int_equal(rh_json_count(root), 5);
	drop(&document);
}

static void errors_have_an_exact_place(void **)
{
	static const struct {
		const char *text;
		unsigned line;
		unsigned column;
	} cases[] = {
		{"", 1, 1},
		{"  ", 1, 3},
		{"\n\n", 3, 1},
		{"nul", 1, 4},
		{"nulL", 1, 4},
		{"nullx", 1, 5},
		{"1 2", 1, 3},
		{"01", 1, 2},
		{"-", 1, 2},
		{"-x", 1, 2},
		{"1.", 1, 3},
		{"1.e1", 1, 3},
		{"1e+", 1, 4},
		{"+1", 1, 1},
		{".5", 1, 1},
		{"\xef\xbb\xbf"
		 "1",
		 1, 1},
		{"[1,]", 1, 4},
		{"[1 2]", 1, 4},
		{"[,1]", 1, 2},
		{"[1}", 1, 3},
		{"[1,\n2,\n  x]", 3, 3},
		{"[1\r\n,\r\n!]", 3, 1},
		{"[", 1, 2},
		{"[1,", 1, 4},
		{"]", 1, 1},
		{"{", 1, 2},
		{"{1:2}", 1, 2},
		{"{\"a\"}", 1, 5},
		{"{\"a\" 1}", 1, 6},
		{"{\"a\":}", 1, 6},
		{"{\"a\":1,}", 1, 8},
		{"{\"a\":1]", 1, 7},
		{"{\"a\":1 \"b\":2}", 1, 8},
		{"{,}", 1, 2},
		{"'a'", 1, 1},
		{"// x", 1, 1},
		{"[1/**/]", 1, 3},
		{"\"abc", 1, 5},
		{"\"a\tb\"", 1, 3},
		{"\"a\nb\"", 1, 3},
		{"\"0123456789abcdef\x01\"", 1, 18},
		{"\"a\\", 1, 4},
		{"\"a\\x\"", 1, 4},
		{"\"a\\u12", 1, 7},
		{"\"a\\u12g4\"", 1, 7},
		{"\"a\\u0000\"", 1, 3},
		{"\"ab\\ud800\"", 1, 4},
		{"\"ab\\ud800\\n\"", 1, 4},
		{"\"ab\\ud800\\u0041\"", 1, 4},
		{"\"ab\\udc00\"", 1, 4},
		{"\"ab\\ud83d\\u12\"", 1, 14},
		{"\"ab\xff\"", 1, 4},
		{"\"ab\xc3\"", 1, 4},
		{"\"ab\xc3\xa4\xe2\x82\"", 1, 6},
		{"\"\xed\xa0\x80\"", 1, 2},
		{"\"\\n\xc0\xaf\"", 1, 4},
		/* The first error counts, not the one that is found most easily. */
		{"\"ab\xff\x01\"", 1, 4},
		{"\"ab\xff\\q\"", 1, 4},
		{"\"ab\xff", 1, 4},
		/* Newlines out of escapes are none of the text. */
		{"{\"a\":\"x\\ny\\nz\",\n\"b\\n\":?}", 2, 7},
	};
	struct document document = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		read_text(&document, cases[i].text, strlen(cases[i].text));
		if (document.status != RH_EINPUT || document.err.line != cases[i].line ||
		    document.err.column != cases[i].column) {
			fail_msg("%s: status %d, line %d, column %d, %s", cases[i].text,
				 document.status, (int)document.err.line, (int)document.err.column,
				 document.err.message);
		}
		assert_int_equal(document.err.code, RH_EINPUT);
		assert_true(rh_str_starts(rh_str_from(document.err.message), "not valid JSON: "));
		assert_null(rh_json_root(&document.json));
	}
	drop(&document);
}

static void null_bytes_are_refused(void **)
{
	static const struct {
		const char *text;
		size_t len;
		unsigned column;
	} cases[] = {
		{"\0", 1, 1}, {"1\0", 2, 2}, {"\"a\0\"", 4, 3}, {"\"\\\0\"", 4, 3}, {"[\0]", 3, 2},
	};
	struct document document = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		read_text(&document, cases[i].text, cases[i].len);
		assert_int_equal(document.status, RH_EINPUT);
		assert_int_equal(document.err.column, cases[i].column);
	}
	drop(&document);
	assert_int_equal(rh_json_parse(&document.json, NULL, 0, NULL), RH_EINPUT);
}

static void depth_is_limited(void **)
{
	static const char *const opening[] = {"[", "{\"a\":"};
	static const char *const closing[] = {"]", "}"};
	struct document document = {0};

	for (size_t kind = 0; kind < 2; kind++) {
		rh_autobuf text = {0};

		rh_buf_init(&text, 10000);
		for (size_t depth = 1; depth <= RH_JSON_DEPTH_MAX + 1; depth++) {
			rh_buf_add_cstr(&text, opening[kind]);
		}
		read_text(&document, text.ptr, text.len);
		assert_int_equal(document.status, RH_ELIMIT);
		assert_int_equal(document.err.column,
				 RH_JSON_DEPTH_MAX * strlen(opening[kind]) + 1);
		text.len -= strlen(opening[kind]);
		rh_buf_add_cstr(&text, "1");
		for (size_t depth = 1; depth <= RH_JSON_DEPTH_MAX; depth++) {
			rh_buf_add_cstr(&text, closing[kind]);
		}
		(void)read_good(&document, text.ptr);
	}
	/* It is depth that counts, not the number of containers. */
	rh_autobuf wide = {0};
	rh_buf_init(&wide, 10000);
	rh_buf_add_cstr(&wide, "[[]");
	for (int i = 0; i < 1000; i++) {
		rh_buf_add_cstr(&wide, ",[{}]");
	}
	rh_buf_add_cstr(&wide, "]");
	assert_int_equal(rh_json_count(read_good(&document, wide.ptr)), 1001);
	drop(&document);
}

static void node_count_is_limited(void **)
{
	struct document document = {.json = {.max = 5}};

	read_text(&document, "[1,2,3,4]", 9);
	assert_int_equal(document.status, RH_OK);
	read_text(&document, "[1,2,3,4,5]", 11);
	assert_int_equal(document.status, RH_ELIMIT);
	assert_int_equal(document.err.column, 10);
	drop(&document);
	assert_int_equal(document.json.max, 5);
}

static void memory_running_out_is_told_and_survived(void **)
{
	struct document document = {0};
	struct rh_err err = {0};
	rh_autobuf text = {0};
	uint64_t failures = 0;
	int status;

	rh_buf_init(&text, 100000);
	rh_buf_add_cstr(&text, "[0");
	for (int i = 0; i < 3000; i++) {
		rh_buf_add_cstr(&text, ",{\"a\":0}");
	}
	rh_buf_add_cstr(&text, "]");
	do {
		rh_alloc_fail_from(failures + 1);
		status = rh_json_parse(&document.json, text.ptr, text.len, &err);
		rh_alloc_fail_from(0);
		failures++;
		if (status == RH_OK) {
			break;
		}
		assert_int_equal(status, RH_ENOMEM);
		rh_json_done(&document.json);
	} while (failures < 100);
	assert_int_equal(status, RH_OK);
	assert_true(failures > 3);
	/* Rule 5: the second time nothing is allocated. */
	rh_alloc_fail_from(1);
	assert_int_equal(rh_json_parse(&document.json, text.ptr, text.len, &err), RH_OK);
	rh_alloc_fail_from(0);
	drop(&document);
}

static void compare(const struct rh_json_node *ours, json_t *theirs);

static void compare_members(const struct rh_json_node *ours, json_t *theirs)
{
	const struct rh_json_node *node = NULL;
	struct rh_str key;

	/* Ours keeps duplicates; every name of ours must be one of theirs, and lead to the same value. */
	while ((node = rh_json_next(ours, node, &key)) != NULL) {
		assert_non_null(json_object_getn(theirs, key.ptr, key.len));
	}
	for (void *at = json_object_iter(theirs); at != NULL;
	     at = json_object_iter_next(theirs, at)) {
		compare(rh_json_get(ours, json_object_iter_key(at)), json_object_iter_value(at));
	}
}

static void compare_elements(const struct rh_json_node *ours, json_t *theirs)
{
	const struct rh_json_node *node = NULL;
	size_t index = 0;

	while ((node = rh_json_next(ours, node, NULL)) != NULL) {
		compare(node, json_array_get(theirs, index));
		index++;
	}
	assert_int_equal(index, json_array_size(theirs));
	assert_int_equal(index, rh_json_count(ours));
}

static void compare_numbers(const struct rh_json_node *ours, json_t *theirs)
{
	double number = 0;

	assert_true(rh_str_to_double(rh_json_text(ours), &number));
	assert_true(number == json_number_value(theirs));
}

static void compare(const struct rh_json_node *ours, json_t *theirs)
{
	static const enum rh_json_type types[] = {
		[JSON_OBJECT] = RH_JSON_OBJECT, [JSON_ARRAY] = RH_JSON_ARRAY,
		[JSON_STRING] = RH_JSON_STRING, [JSON_INTEGER] = RH_JSON_NUMBER,
		[JSON_REAL] = RH_JSON_NUMBER,   [JSON_TRUE] = RH_JSON_TRUE,
		[JSON_FALSE] = RH_JSON_FALSE,   [JSON_NULL] = RH_JSON_NULL,
	};

	assert_non_null(ours);
	assert_non_null(theirs);
	assert_int_equal(rh_json_type(ours), types[json_typeof(theirs)]);
	switch (rh_json_type(ours)) {
	case RH_JSON_OBJECT:
		compare_members(ours, theirs);
		return;
	case RH_JSON_ARRAY:
		compare_elements(ours, theirs);
		return;
	case RH_JSON_STRING:
		assert_int_equal(rh_json_text(ours).len, json_string_length(theirs));
		assert_memory_equal(rh_json_text(ours).ptr, json_string_value(theirs),
				    json_string_length(theirs));
		return;
	case RH_JSON_NUMBER:
		compare_numbers(ours, theirs);
		return;
	case RH_JSON_NULL:
	case RH_JSON_FALSE:
	case RH_JSON_TRUE:
		return;
	}
}

/* Both readers take the text and find the same in it, or both refuse it.  Returns whether they took it. */
static bool readers_agree(struct document *document, const char *text, size_t len)
{
	json_error_t error;
	json_t *theirs = json_loadb(text, len, JSON_DECODE_ANY, &error);
	bool is_accepted = theirs != NULL;

	read_text(document, text, len);
	if ((document->status == RH_OK) != is_accepted) {
		fail_msg("%.*s: ours %s, jansson %s", (int)len, text, document->err.message,
			 is_accepted ? "accepts" : error.text);
	}
	if (is_accepted) {
		compare(rh_json_root(&document->json), theirs);
	}
	json_decref(theirs);
	return is_accepted;
}

static const char *const hard_texts[] = {
	"",
	" ",
	"null",
	"true",
	"false",
	"tru",
	"True",
	"nul",
	"nullnull",
	"null null",
	"0",
	"-0",
	"00",
	"-01",
	"1.5",
	"1.",
	".1",
	"-.1",
	"1e1",
	"1E+1",
	"1e-1",
	"1e",
	"1e+",
	"0e0",
	"0.0e-0",
	"-",
	"--1",
	"+1",
	"0x1",
	"1_000",
	"Infinity",
	"NaN",
	"-Infinity",
	"9007199254740993",
	"-9223372036854775808",
	"9223372036854775807",
	"1.7976931348623157e308",
	"[]",
	"[",
	"]",
	"[1,]",
	"[,]",
	"[,1]",
	"[1 2]",
	"[[]",
	"[[],[]]",
	"[1}",
	"[\"a\",]",
	"[]]",
	"{}",
	"{",
	"}",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1,}",
	"{a:1}",
	"{'a':1}",
	"{1:1}",
	"{\"a\":1]",
	"{\"a\":1 \"b\":2}",
	"{\"a\" :1}",
	"{\"a\": 1 , \"b\" : 2 }",
	"{\"a\"::1}",
	"{\"a\",\"b\"}",
	"{\"a\":1,\"a\":2}",
	"{\"\":0}",
	"{\"a\":{\"a\":{\"a\":[]}}}",
	"{null:1}",
	"{\"a\":1}}",
	"\"",
	"\"\"",
	"\"a",
	"a\"",
	"\"\\\"",
	"\"\\\\\"",
	"\"\\a\"",
	"\"\\'\"",
	"\"\\0\"",
	"\"\\x41\"",
	"\"\\/\"",
	"\"\\b\\f\\n\\r\\t\"",
	"\"\\u\"",
	"\"\\u1\"",
	"\"\\u12\"",
	"\"\\u123\"",
	"\"\\u00e4\"",
	"\"\\u00E4\"",
	"\"\\uD83D\\uDE00\"",
	"\"\\ud83d\\ude0\"",
	"\"\\ud83d\"",
	"\"\\ud83dx\"",
	"\"\\ude00\"",
	"\"\\ud83d\\ud83d\"",
	"\"\\ude00\\ud83d\"",
	"\"\\ud83d\\n\"",
	"\"\\u0000\"",
	"\"\\u0001\"",
	"\"\\uffff\"",
	"\"\\udbff\\udfff\"",
	"\"\\U00e4\"",
	"\"\t\"",
	"\"\n\"",
	"\"\x7f\"",
	"\"\x1f\"",
	"\"\xc3\xa4\"",
	"\"\xc3\"",
	"\"\xa4\"",
	"\"\xc0\x80\"",
	"\"\xe0\x80\x80\"",
	"\"\xed\xa0\x80\"",
	"\"\xef\xbf\xbf\"",
	"\"\xf0\x9f\x98\x80\"",
	"\"\xf4\x90\x80\x80\"",
	"\"\xff\"",
	"\"\xf0\x9f\x98\"",
	"\"0123456789abcde\xc3\xa4\"",
	"\"0123456789abcdef\xc3\"",
	"\xef\xbb\xbf[]",
	"\xc2\xa0"
	"1",
	"1\xc2\xa0",
	"\f1",
	"\v1",
	"\b1",
	"[1\f]",
	" \t\r\n[ \t\r\n1 \t\r\n] \t\r\n",
	"/**/1",
	"//\n1",
	"1//",
	"#1",
	"[1]//",
	"[1;2]",
	"(1)",
	"<1>",
	"@@@",
	"{\"bad\":tru,\"a\":1}",
	"undefined",
	"\"a\"\"b\"",
	"\"a\":1",
	"[\"a\":1]",
	"{\"a\":1,\"b\"}",
	"{[]:1}",
	"[{}{}]",
};

static void hard_inputs_as_jansson_sees_them(void **)
{
	struct document document = {0};
	size_t accepted = 0;

	for (size_t i = 0; i < ARRAY_LEN(hard_texts); i++) {
		accepted += readers_agree(&document, hard_texts[i], strlen(hard_texts[i]));
	}
	/* A table of which one side is empty would compare nothing. */
	assert_in_range(accepted, 30, ARRAY_LEN(hard_texts) - 60);
	drop(&document);
}

/* One byte of a document is left out, doubled, or replaced, at every place. */
static void broken_documents_as_jansson_sees_them(void **)
{
	static const char base[] =
		"{\"id\":12,\"n\":-0.5e+1,\"text\":\"a\\n\\u00e4\\ud83d\\ude00 "
		"plain\xc3\xa4\xe2\x82\xac "
		"behind sixteen bytes\",\"list\":[true,false,null,[],{}],\"in\":{\"id\":\"\\\\\"}}";
	static const char others[] = "\"\\{}[]:,-+.eE019ntfu/ \n\x01\x7f\x80\xbf\xc3\xe2\xf0\xff";
	struct document document = {0};
	char text[sizeof(base) + 1];
	size_t len = sizeof(base) - 1;
	size_t accepted = 0;

	assert_true(readers_agree(&document, base, len));
	for (size_t at = 0; at < len; at++) {
		memcpy(text, base, at);
		memcpy(text + at, base + at + 1, len - at);
		accepted += readers_agree(&document, text, len - 1);
		accepted += readers_agree(&document, base, at);
		memcpy(text, base, at + 1);
		memcpy(text + at + 1, base + at, len - at);
		accepted += readers_agree(&document, text, len + 1);
		memcpy(text, base, len);
		for (size_t k = 0; k < sizeof(others) - 1; k++) {
			text[at] = others[k];
			accepted += readers_agree(&document, text, len);
		}
	}
	assert_true(accepted > 500);
	drop(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_type),
		cmocka_unit_test(scalars_stand_alone),
		cmocka_unit_test(absent_nodes_are_harmless),
		cmocka_unit_test(iteration_skips_whole_subtrees),
		cmocka_unit_test(numbers_keep_their_digits),
		cmocka_unit_test(escapes_at_every_offset),
		cmocka_unit_test(last_of_duplicate_members_is_found),
		cmocka_unit_test(errors_have_an_exact_place),
		cmocka_unit_test(null_bytes_are_refused),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(node_count_is_limited),
		cmocka_unit_test(memory_running_out_is_told_and_survived),
		cmocka_unit_test(hard_inputs_as_jansson_sees_them),
		cmocka_unit_test(broken_documents_as_jansson_sees_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
