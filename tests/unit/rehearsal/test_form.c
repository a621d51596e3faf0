/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: Base64 with its padding or without any, e-mail addresses at their edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "rehearsal/form.h"

static void test_base64(void **state)
{
	static const struct {
		const char *text;
		bool is_padded;
		const char *bytes; /* NULL: refused */
	} cases[] = {
		{"YQ==", true, "a"},    {"YQ", false, "a"},
		{"YWI=", true, "ab"},   {"YWJj", true, "abc"},
		{"YWJj", false, "abc"}, {"YQ", true, NULL},
		{"YQ==", false, NULL},  {"Y===", true, NULL},
		{"YWJjY", false, NULL}, {"", true, ""},
		{"", false, ""},        {"Y-_=", true, NULL},
		{"YW Jj", false, NULL}, {"+/+/", true, "\xfb\xff\xbf"},
	};
	struct rh_arena arena;
	struct rh_str out;

	(void)state;
	rh_arena_init(&arena, 4096, RH_ARENA_PLAIN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is_fine = rh_form_base64(&arena, rh_str_from(cases[i].text),
					      cases[i].is_padded, &out);

		assert_int_equal(is_fine, cases[i].bytes != NULL);
		assert_true(!is_fine || rh_str_is(out, cases[i].bytes));
	}
	rh_arena_done(&arena);
}

static void test_email(void **state)
{
	static const char *const good[] = {
		"a@b.cd",
		"a.b+c'd@shop-1.example.co",
		"m\xc3\xbcller@b\xc3\xbc"
		"cher.de",
		"a@1.com",
	};
	static const char *const bad[] = {
		"",         "a",       "@b.cd",   "a@",       "a@b",       "a@b.c",
		"a@b..cd",  "a@.b.cd", ".a@b.cd", "a.@b.cd",  "a..b@b.cd", "a b@b.cd",
		"a@b@c.de", "a@-b.cd", "a@b-.cd", "a@b_c.de", "a@b.cd.",   "a,b@c.de",
	};
	struct rh_str top;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(rh_form_is_email(rh_str_from(good[i]), NULL));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(rh_form_is_email(rh_str_from(bad[i]), NULL));
	}
	assert_true(rh_form_is_email(RH_STR("a@b.shop.dev"), &top));
	assert_true(rh_str_is(top, "dev"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_email),
	};

	return cmocka_run_group_tests_name("rehearsal/form", tests, NULL, NULL);
}
