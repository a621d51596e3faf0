/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of an account: one entry for one thing, one primary of a kind, limits. */
#include "account/builder.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

#define ARENA_MAX (1U << 20)

struct built {
	struct rh_arena arena;
	struct rh_account account;
	struct rh_builder builder;
};

static void start(struct built *built)
{
	*built = (struct built){0};
	rh_arena_init(&built->arena, ARENA_MAX, RH_ARENA_PLAIN);
	rh_builder_init(&built->builder, &built->arena, &built->account);
}

static void add_email(struct built *built, const char *value, bool is_verified, bool is_reserved,
		      bool is_primary)
{
	const struct rh_identifier email = {
		.kind = RH_IDENTIFIER_EMAIL,
		.value = rh_str_from(value),
		.is_verified = is_verified,
		.is_reserved = is_reserved,
		.is_primary = is_primary,
	};

	assert_int_equal(rh_builder_add_identifier(&built->builder, &email), RH_OK);
}

static void equal_identifiers_become_one(void **)
{
	struct built built;

	start(&built);
	add_email(&built, "ada@example.com", false, true, false);
	add_email(&built, "ada@example.com", true, false, true);
	assert_int_equal(built.account.identifier_count, 1);
	assert_true(built.account.identifiers[0].is_verified);
	assert_false(built.account.identifiers[0].is_reserved);
	assert_true(built.account.identifiers[0].is_primary);

	const struct rh_identifier username = {
		.kind = RH_IDENTIFIER_USERNAME,
		.value = RH_STR("ada@example.com"),
		.is_primary = true,
	};
	assert_int_equal(rh_builder_add_identifier(&built.builder, &username), RH_OK);
	assert_int_equal(built.account.identifier_count, 2);
	assert_true(built.account.identifiers[1].is_primary);
	rh_arena_done(&built.arena);
}

static void a_kind_has_one_primary(void **)
{
	struct built built;

	start(&built);
	add_email(&built, "a@example.com", false, false, true);
	add_email(&built, "b@example.com", true, false, true);
	add_email(&built, "b@example.com", true, false, true);
	assert_true(built.account.identifiers[0].is_primary);
	assert_false(built.account.identifiers[1].is_primary);
	assert_int_equal(rh_builder_choose_primary(&built.builder, RH_IDENTIFIER_EMAIL,
						   RH_PRIMARY_FIRST_VERIFIED),
			 RH_CHOICE_GIVEN);
	assert_false(built.account.identifiers[1].is_primary);
	assert_int_equal(rh_builder_choose_primary(&built.builder, RH_IDENTIFIER_PHONE,
						   RH_PRIMARY_FIRST),
			 RH_CHOICE_NONE);
	rh_arena_done(&built.arena);
}

static void reserved_ones_are_chosen_last(void **)
{
	struct built built;

	start(&built);
	add_email(&built, "reserved@example.com", false, true, false);
	add_email(&built, "plain@example.com", false, false, false);
	assert_int_equal(rh_builder_choose_primary(&built.builder, RH_IDENTIFIER_EMAIL,
						   RH_PRIMARY_SKIP),
			 RH_CHOICE_OPEN);
	assert_null(rh_account_primary(&built.account, RH_IDENTIFIER_EMAIL));
	assert_int_equal(rh_builder_choose_primary(&built.builder, RH_IDENTIFIER_EMAIL,
						   RH_PRIMARY_FIRST_VERIFIED),
			 RH_CHOICE_MADE);
	assert_true(built.account.identifiers[1].is_primary);
	rh_arena_done(&built.arena);
}

static void lists_grow_and_end(void **)
{
	struct built built;
	static char names[RH_BUILDER_ENTRIES_MAX + 1][16];
	int code = RH_OK;

	start(&built);
	for (size_t i = 0; i < RH_BUILDER_ENTRIES_MAX + 1; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "name%zu", i);
		const struct rh_identifier username = {
			.kind = RH_IDENTIFIER_USERNAME,
			.value = rh_str_from(names[i]),
		};
		code = rh_builder_add_identifier(&built.builder, &username);
		assert_int_equal(code, i < RH_BUILDER_ENTRIES_MAX ? RH_OK : RH_ELIMIT);
	}
	assert_int_equal(built.account.identifier_count, RH_BUILDER_ENTRIES_MAX);
	for (size_t i = 0; i < RH_BUILDER_ENTRIES_MAX; i++) {
		assert_true(rh_str_is(built.account.identifiers[i].value, names[i]));
	}
	rh_arena_done(&built.arena);
}

static void equal_identities_become_one(void **)
{
	static const struct rh_identity identities[] = {
		{.provider = {"google", 6}, .subject = {"1", 1}, .email = {"a@example.com", 13}},
		{.provider = {"google", 6}, .subject = {"1", 1}, .email = {"b@example.com", 13}},
		{.provider = {"google", 6}, .subject = {"2", 1}},
		{.provider = {"github", 6}, .subject = {"1", 1}},
		{.provider = {"saml", 4}, .email = {"a@example.com", 13}, .is_enterprise = true},
		{.provider = {"saml", 4}, .email = {"a@example.com", 13}, .is_enterprise = true},
		{.provider = {"saml", 4}, .email = {"b@example.com", 13}, .is_enterprise = true},
	};
	struct built built;

	start(&built);
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		assert_int_equal(rh_builder_add_identity(&built.builder, &identities[i]), RH_OK);
	}
	assert_int_equal(built.account.identity_count, 5);
	rh_arena_done(&built.arena);
}

static void full_arena_is_an_error(void **)
{
	struct built built = {0};
	const struct rh_factor factor = {.kind = RH_FACTOR_TOTP};

	rh_arena_init(&built.arena, 8, RH_ARENA_PLAIN);
	rh_builder_init(&built.builder, &built.arena, &built.account);
	assert_int_equal(rh_builder_add_factor(&built.builder, &factor), RH_ENOMEM);
	assert_int_equal(built.account.factor_count, 0);
	rh_arena_done(&built.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_identifiers_become_one),
		cmocka_unit_test(a_kind_has_one_primary),
		cmocka_unit_test(reserved_ones_are_chosen_last),
		cmocka_unit_test(lists_grow_and_end),
		cmocka_unit_test(equal_identities_become_one),
		cmocka_unit_test(full_arena_is_an_error),
	};

	return cmocka_run_group_tests_name("builder", tests, NULL, NULL);
}
