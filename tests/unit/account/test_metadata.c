/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata buckets: only objects, compact, digits kept. */
#include "account/metadata.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

static void text_becomes_a_compact_object(void **)
{
	static const struct {
		const char *text;
		int code;
		const char *expected; /* NULL: absent */
	} cases[] = {
		{"{\"a\": 1,\n \"b\" : [ true, null ]}", RH_OK, "{\"a\":1,\"b\":[true,null]}"},
		{"{\"id\":90071992547409931234567890}", RH_OK,
		 "{\"id\":90071992547409931234567890}"},
		{"{\"x\":1.50e+01}", RH_OK, "{\"x\":1.50e+01}"},
		{"{}", RH_OK, NULL},
		{" { } ", RH_OK, NULL},
		{"null", RH_OK, NULL},
		{"", RH_OK, NULL},
		{"  ", RH_OK, NULL},
		{"[]", RH_EINPUT, NULL},
		{"\"text\"", RH_EINPUT, NULL},
		{"17", RH_EINPUT, NULL},
		{"{\"a\":1", RH_EINPUT, NULL},
		{"[object Object]", RH_EINPUT, NULL},
	};
	struct rh_arena arena;

	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rh_str untouched = RH_STR("untouched");
		struct rh_str out = untouched;
		int code = rh_metadata_from_text(&arena, rh_str_from(cases[i].text), &out);
		struct rh_str expected = code == RH_OK ? rh_str_from(cases[i].expected) : untouched;
		if (code != cases[i].code || !rh_str_eq(out, expected)) {
			fail_msg("%s: %d, %.*s", cases[i].text, code, RH_STR_ARG(out));
		}
	}
	struct rh_str out = RH_STR("untouched");
	assert_int_equal(rh_metadata_from_text(&arena, RH_STR_ABSENT, &out), RH_OK);
	assert_null(out.ptr);
	rh_arena_done(&arena);
}

static void memory_out_is_not_a_bad_bucket(void **)
{
	struct rh_arena arena;
	struct rh_str out = RH_STR("untouched");

	rh_arena_init(&arena, 4, RH_ARENA_PLAIN);
	assert_int_equal(rh_metadata_from_text(&arena, RH_STR("{\"a\":1}"), &out), RH_ENOMEM);
	assert_true(rh_str_is(out, "untouched"));
	rh_arena_done(&arena);
}

/* Merged, and the way back: what the patch says, merged key by key, is what was wanted. */
static void two_buckets(void **)
{
	static const struct {
		const char *present;
		const char *other;
		const char *merged;
		const char *patch;
	} cases[] = {
		{NULL, NULL, NULL, NULL},
		{"{}", "{}", NULL, NULL},
		{NULL, "{\"a\":\"1\"}", "{\"a\":\"1\"}", "{\"a\":\"1\"}"},
		{"{\"a\":\"1\"}", NULL, "{\"a\":\"1\"}", "{\"a\":null}"},
		{"{\"a\":\"1\"}", "{\"a\":\"1\"}", "{\"a\":\"1\"}", NULL},
		{"{\"a\":\"1\",\"b\":\"2\"}", "{\"b\":\"3\",\"c\":\"4\"}",
		 "{\"a\":\"1\",\"b\":\"3\",\"c\":\"4\"}", "{\"a\":null,\"b\":\"3\",\"c\":\"4\"}"},
		/* the order of members is none */
		{"{\"a\":\"1\",\"b\":\"2\"}", "{\"b\":\"2\",\"a\":\"1\"}",
		 "{\"a\":\"1\",\"b\":\"2\"}", NULL},
		/* digits are compared as digits, of two members of one name the last counts */
		{"{\"n\":1.0}", "{\"n\":1}", "{\"n\":1}", "{\"n\":1}"},
		{"{\"a\":\"1\",\"a\":\"2\"}", "{\"a\":\"2\"}", "{\"a\":\"2\"}", NULL},
	};
	struct rh_arena arena;

	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_str present = rh_str_from(cases[i].present);
		struct rh_str other = rh_str_from(cases[i].other);
		struct rh_str out = RH_STR("untouched");
		assert_int_equal(rh_metadata_merge(&arena, present, other, &out), RH_OK);
		if (!rh_str_eq(out, rh_str_from(cases[i].merged))) {
			fail_msg("merge %zu: %.*s", i, RH_STR_ARG(out));
		}
		assert_int_equal(rh_metadata_patch(&arena, present, other, &out), RH_OK);
		if (!rh_str_eq(out, rh_str_from(cases[i].patch))) {
			fail_msg("patch %zu: %.*s", i, RH_STR_ARG(out));
		}
	}
	struct rh_str out = RH_STR("untouched");
	assert_int_equal(rh_metadata_merge(&arena, RH_STR("[]"), RH_STR("{}"), &out), RH_EINPUT);
	assert_int_equal(rh_metadata_patch(&arena, RH_STR("{}"), RH_STR("{"), &out), RH_EINPUT);
	assert_true(rh_str_is(out, "untouched"));
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_a_compact_object),
		cmocka_unit_test(two_buckets),
		cmocka_unit_test(memory_out_is_not_a_bad_bucket),
	};

	return cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
}
