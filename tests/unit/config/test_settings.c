/* SPDX-License-Identifier: Apache-2.0 */
/* The table of migration options: its defaults, and that its rows can be told apart and explained. */
#include "config/settings.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static void rows_are_whole_and_distinct(void **)
{
	size_t count = rh_option_count(rh_settings_table);

	assert_true(count > 15);
	for (size_t i = 0; i < count; i++) {
		const struct rh_option *row = &rh_settings_table[i];

		/* The first row of a name is found, so a second one would show here. */
		assert_ptr_equal(rh_option_find(rh_settings_table, row->name), row);
		assert_true(strlen(row->help) > 10);
		assert_int_not_equal(row->help[strlen(row->help) - 1], '.');
		assert_true(row->type == RH_OPTION_BOOL || row->type == RH_OPTION_CHOICE ||
			    row->placeholder != NULL);
		assert_int_equal(row->type == RH_OPTION_CHOICE, row->choices != NULL);
		assert_true(row->type != RH_OPTION_CHOICE || row->fallback != NULL);
	}
	assert_null(rh_option_find(rh_settings_table, "no-such-option"));
}

static void defaults_are_those_of_the_manual(void **)
{
	struct rh_settings settings = {0};
	struct rh_arena arena;
	struct rh_err err = {0};

	rh_arena_init(&arena, 1 << 16, RH_ARENA_PLAIN);
	settings.on_existing = -1;
	settings.primary = -1;
	assert_int_equal(rh_option_defaults(rh_settings_table, &settings, &arena, &err), RH_OK);
	assert_int_equal(settings.on_existing, RH_EXISTING_SKIP);
	assert_int_equal(settings.on_duplicate, RH_DUPLICATE_FAIL);
	assert_int_equal(settings.primary, RH_PRIMARY_FIRST_VERIFIED);
	assert_int_equal(settings.unverified, RH_UNVERIFIED_ATTACH);
	assert_int_equal(settings.blocked, RH_BLOCKED_SKIP);
	assert_string_equal(settings.external_id, "keep");
	assert_int_equal(settings.max_wait_s, 900);
	assert_string_equal(settings.max_failures, "50%");
	assert_int_equal(settings.rate, 0);
	assert_null(settings.from);
	assert_false(settings.offline);
	rh_arena_done(&arena);
}

static void failures_are_a_number_or_a_share(void **)
{
	static const char *const wrong[] = {"", "%", "-1", "5 %", "101%", "1.5%", "many", "5%%"};
	struct rh_failures failures = {0};

	assert_true(rh_failures_parse("0", &failures));
	assert_false(failures.is_share);
	assert_int_equal(failures.limit, 0);
	assert_true(rh_failures_parse("2000000", &failures));
	assert_int_equal(failures.limit, 2000000);
	assert_true(rh_failures_parse("100%", &failures));
	assert_true(failures.is_share);
	assert_int_equal(failures.limit, 100);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(rh_failures_parse(wrong[i], &failures));
	}
	assert_int_equal(failures.limit, 100); /* nothing was written */
}

/* The engine reads the indexes as enums. */
static void choices_stand_in_the_order_of_their_enums(void **)
{
	static const struct {
		const char *option;
		const char *text;
		int value;
	} cases[] = {
		{"on-existing", "link", RH_EXISTING_LINK},
		{"on-existing", "fail", RH_EXISTING_FAIL},
		{"on-duplicate", "first", RH_DUPLICATE_FIRST},
		{"on-duplicate", "newest", RH_DUPLICATE_NEWEST},
		{"primary", "first", RH_PRIMARY_FIRST},
		{"primary", "api", RH_PRIMARY_API},
		{"primary", "skip", RH_PRIMARY_SKIP},
		{"unverified", "reserve", RH_UNVERIFIED_RESERVE},
		{"unverified", "drop", RH_UNVERIFIED_DROP},
		{"unverified", "reject", RH_UNVERIFIED_REJECT},
		{"blocked", "without-password", RH_BLOCKED_WITHOUT_PASSWORD},
	};
	struct rh_settings settings = {0};
	struct rh_err err = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rh_option *row = rh_option_find(rh_settings_table, cases[i].option);
		int value = -1;

		assert_non_null(row);
		assert_int_equal(rh_option_set(row, &settings, NULL, cases[i].text, NULL, &err),
				 RH_OK);
		memcpy(&value, (char *)&settings + row->offset, sizeof(value));
		assert_int_equal(value, cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_whole_and_distinct),
		cmocka_unit_test(failures_are_a_number_or_a_share),
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(choices_stand_in_the_order_of_their_enums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
