/* SPDX-License-Identifier: Apache-2.0 */
/* Two views of one account: the fuller one stands as it is, the other fills its gaps. */
#include "account/merge.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/builder.h"
#include "base/arena.h"
#include "base/str.h"

static struct rh_arena arena;

static int setup(void **)
{
	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	return 0;
}

static int teardown(void **)
{
	rh_arena_done(&arena);
	return 0;
}

static void merge(struct rh_account *account, const struct rh_account *other)
{
	assert_int_equal(rh_account_merge(&arena, account, other), RH_OK);
}

static struct rh_identifier email(const char *value, bool is_verified, bool is_primary)
{
	return (struct rh_identifier){
		.kind = RH_IDENTIFIER_EMAIL,
		.value = rh_str_from(value),
		.is_verified = is_verified,
		.is_primary = is_primary,
	};
}

static void fields_are_filled_and_never_replaced(void **)
{
	struct rh_account account = {
		.source_id = RH_STR("user_1"),
		.first_name = RH_STR("Ada"),
		.last_name = RH_STR(""), /* empty is something: only what is absent is filled */
		.created_at = 5,
		.metadata = {[RH_METADATA_PUBLIC] = RH_STR("{\"a\":1}")},
		.flags = RH_ACCOUNT_LOCKED,
	};
	const struct rh_account other = {
		.source_id = RH_STR("user_1"),
		.external_id = RH_STR("x-1"),
		.first_name = RH_STR("Adelheid"),
		.last_name = RH_STR("Example"),
		.locale = RH_STR("en"),
		.created_at = 7,
		.updated_at = 9,
		.metadata = {[RH_METADATA_PUBLIC] = RH_STR("{\"b\":2}"),
			     [RH_METADATA_PRIVATE] = RH_STR("{\"c\":3}")},
		.flags = RH_ACCOUNT_BANNED | RH_ACCOUNT_DELETE_SELF_DISABLED,
	};

	merge(&account, &other);
	assert_true(rh_str_is(account.external_id, "x-1"));
	assert_true(rh_str_is(account.first_name, "Ada"));
	assert_int_equal(account.last_name.len, 0);
	assert_true(rh_str_is(account.locale, "en"));
	assert_int_equal(account.created_at, 5);
	assert_int_equal(account.updated_at, 9);
	assert_true(rh_str_is(account.metadata[RH_METADATA_PUBLIC], "{\"a\":1}"));
	assert_true(rh_str_is(account.metadata[RH_METADATA_PRIVATE], "{\"c\":3}"));
	/* Blocked in one view is blocked; what is no block is the fuller view's to say. */
	assert_int_equal(account.flags, RH_ACCOUNT_LOCKED | RH_ACCOUNT_BANNED);
}

static void a_credential_is_taken_where_none_is_usable(void **)
{
	static const struct {
		enum rh_credential_state own;
		enum rh_credential_state other;
		enum rh_credential_state merged;
	} cases[] = {
		{RH_CREDENTIAL_NOT_EXPORTED, RH_CREDENTIAL_PRESENT, RH_CREDENTIAL_PRESENT},
		{RH_CREDENTIAL_ABSENT, RH_CREDENTIAL_PRESENT, RH_CREDENTIAL_PRESENT},
		{RH_CREDENTIAL_REDACTED, RH_CREDENTIAL_PRESENT, RH_CREDENTIAL_PRESENT},
		{RH_CREDENTIAL_PRESENT, RH_CREDENTIAL_UNRECOGNISED, RH_CREDENTIAL_PRESENT},
		{RH_CREDENTIAL_PRESENT, RH_CREDENTIAL_PRESENT, RH_CREDENTIAL_PRESENT},
		/* Nothing there says nothing of what is missing here. */
		{RH_CREDENTIAL_NOT_EXPORTED, RH_CREDENTIAL_ABSENT, RH_CREDENTIAL_NOT_EXPORTED},
		{RH_CREDENTIAL_NOT_EXPORTED, RH_CREDENTIAL_REDACTED, RH_CREDENTIAL_REDACTED},
		{RH_CREDENTIAL_ABSENT, RH_CREDENTIAL_NOT_EXPORTED, RH_CREDENTIAL_NOT_EXPORTED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_account account = {
			.credential = {.state = cases[i].own, .raw = RH_STR("own")},
		};
		const struct rh_account other = {
			.credential = {.state = cases[i].other, .raw = RH_STR("other")},
		};
		merge(&account, &other);
		assert_int_equal(account.credential.state, cases[i].merged);
		if (cases[i].own == RH_CREDENTIAL_PRESENT) {
			assert_true(rh_str_is(account.credential.raw, "own"));
		}
	}
}

static void identifiers_are_added_and_never_promoted(void **)
{
	struct rh_identifier own[] = {email("a@example.com", false, true),
				      email("b@example.com", true, false)};
	struct rh_identifier theirs[] = {
		email("a@example.com", true, false), /* verified there, not here */
		email("c@example.com", true, true),
		{.kind = RH_IDENTIFIER_USERNAME, .value = RH_STR("ada"), .is_primary = true},
	};
	struct rh_account account = {.identifiers = own, .identifier_count = 2};
	const struct rh_account other = {.identifiers = theirs,
					 .identifier_count = 3,
					 .flags = RH_ACCOUNT_PRIMARY_CHOSEN};

	merge(&account, &other);
	assert_int_equal(account.identifier_count, 4);
	assert_false(account.identifiers[0].is_verified);
	assert_true(account.identifiers[0].is_primary);
	assert_true(rh_str_is(account.identifiers[2].value, "c@example.com"));
	assert_true(account.identifiers[2].is_verified);
	assert_false(account.identifiers[2].is_primary);
	assert_true(account.identifiers[3].is_primary); /* of another kind */
	assert_int_equal(account.flags, 0);
	assert_ptr_not_equal(account.identifiers, own); /* the caller's list is left alone */
	assert_true(rh_str_is(own[1].value, "b@example.com"));
}

static void who_has_no_address_takes_the_others_choice(void **)
{
	struct rh_identifier theirs[] = {email("a@example.com", true, true),
					 email("b@example.com", true, false)};
	struct rh_account account = {0};
	const struct rh_account other = {.identifiers = theirs,
					 .identifier_count = 2,
					 .flags = RH_ACCOUNT_PRIMARY_CHOSEN};

	merge(&account, &other);
	assert_true(rh_str_is(rh_account_primary(&account, RH_IDENTIFIER_EMAIL)->value,
			      "a@example.com"));
	assert_int_equal(account.flags, RH_ACCOUNT_PRIMARY_CHOSEN);
}

static void a_factor_is_one_however_often_it_is_told(void **)
{
	struct rh_factor own[] = {
		{.kind = RH_FACTOR_TOTP},
		{.kind = RH_FACTOR_SMS, .phone = RH_STR("+12125550101")},
		{.kind = RH_FACTOR_BACKUP_CODES, .count = 8},
	};
	struct rh_factor theirs[] = {
		{.kind = RH_FACTOR_TOTP, .has_secret = true, .secret = RH_STR("JBSWY3DPEHPK3PXP")},
		{.kind = RH_FACTOR_SMS, .phone = RH_STR("+12125550101")},
		{.kind = RH_FACTOR_SMS, .phone = RH_STR("+12125550102")},
		{.kind = RH_FACTOR_BACKUP_CODES},
	};
	struct rh_account account = {.factors = own, .factor_count = 3};
	const struct rh_account other = {.factors = theirs, .factor_count = 4};

	merge(&account, &other);
	assert_int_equal(account.factor_count, 4);
	assert_true(account.factors[0].has_secret);
	assert_true(rh_str_is(account.factors[0].secret, "JBSWY3DPEHPK3PXP"));
	assert_int_equal(account.factors[2].count, 8);
	assert_true(rh_str_is(account.factors[3].phone, "+12125550102"));

	/* The other way round: the secret is here, the other view only knows of the app. */
	account = (struct rh_account){.factors = theirs, .factor_count = 1};
	merge(&account, &(struct rh_account){.factors = own, .factor_count = 1});
	assert_int_equal(account.factor_count, 1);
	assert_true(account.factors[0].has_secret);
}

static void identities_collapse(void **)
{
	struct rh_identity own[] = {{.provider = RH_STR("google"), .subject = RH_STR("1")}};
	struct rh_identity theirs[] = {{.provider = RH_STR("google"), .subject = RH_STR("1")},
				       {.provider = RH_STR("github"), .subject = RH_STR("1")}};
	struct rh_account account = {.identities = own, .identity_count = 1};

	merge(&account, &(struct rh_account){.identities = theirs, .identity_count = 2});
	assert_int_equal(account.identity_count, 2);
	assert_true(rh_str_is(account.identities[1].provider, "github"));
}

static void a_link_without_subject_gives_way_to_one_that_has_it(void **)
{
	struct rh_identity own[] = {{.provider = RH_STR("google"), .email = RH_STR("a@b.c")},
				    {.provider = RH_STR("apple"), .email = RH_STR("a@b.c")}};
	struct rh_identity theirs[] = {{.provider = RH_STR("google"), .subject = RH_STR("1")}};
	struct rh_account account = {.identities = own, .identity_count = 2};

	merge(&account, &(struct rh_account){.identities = theirs, .identity_count = 1});
	assert_int_equal(account.identity_count, 2);
	assert_true(rh_str_is(account.identities[0].provider, "apple"));
	assert_true(rh_str_is(account.identities[1].subject, "1"));
}

static void a_limit_leaves_the_account_as_it_was(void **)
{
	static struct rh_identifier own[RH_BUILDER_ENTRIES_MAX];
	struct rh_identifier theirs[] = {email("one.more@example.com", true, false)};
	struct rh_account account = {.identifiers = own,
				     .identifier_count = RH_BUILDER_ENTRIES_MAX};
	const struct rh_account before = account;

	for (size_t i = 0; i < RH_BUILDER_ENTRIES_MAX; i++) {
		own[i] = email("", false, false);
		own[i].value = rh_arena_printf(&arena, "a%zu@example.com", i);
	}
	assert_int_equal(rh_account_merge(&arena, &account,
					  &(struct rh_account){.first_name = RH_STR("Ada"),
							       .identifiers = theirs,
							       .identifier_count = 1}),
			 RH_ELIMIT);
	assert_memory_equal(&account, &before, sizeof(before));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(fields_are_filled_and_never_replaced),
		CASE(a_credential_is_taken_where_none_is_usable),
		CASE(identifiers_are_added_and_never_promoted),
		CASE(who_has_no_address_takes_the_others_choice),
		CASE(a_factor_is_one_however_often_it_is_told),
		CASE(identities_collapse),
		CASE(a_link_without_subject_gives_way_to_one_that_has_it),
		CASE(a_limit_leaves_the_account_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
