/* SPDX-License-Identifier: Apache-2.0 */
/* The name that somebody probably meant, and none where nothing is near. */
#include "cli/suggest.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *nearest(const char *wrong)
{
	static const char *const names[] = {
		"plan", "apply",       "status",       "verify",    "from",
		"file", "on-existing", "on-duplicate", "workspace", "acme-secret-key",
	};
	struct rh_suggestion suggestion;

	rh_suggestion_init(&suggestion, wrong);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rh_suggestion_offer(&suggestion, names[i]);
	}
	return suggestion.nearest;
}

static void slips_of_a_key_are_seen(void **)
{
	static const char *const cases[][2] = {
		{"pln", "plan"},
		{"plna", "plan"},
		{"plann", "plan"},
		{"aply", "apply"},
		{"PLAN", "plan"},
		{"form", "from"},
		{"on_existing", "on-existing"},
		{"on-existign", "on-existing"},
		{"on-dup", "on-duplicate"},
		{"acme-secert-kye", "acme-secret-key"},
		{"work", "workspace"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_non_null(nearest(cases[i][0]));
		assert_string_equal(nearest(cases[i][0]), cases[i][1]);
	}
}

static void strangers_are_not_guessed_at(void **)
{
	char much[200];

	assert_null(nearest("frobnicate"));
	assert_null(nearest("p"));
	assert_null(nearest(""));
	assert_null(nearest("xyz"));
	memset(much, 'a', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	assert_null(nearest(much));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_of_a_key_are_seen),
		cmocka_unit_test(strangers_are_not_guessed_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
