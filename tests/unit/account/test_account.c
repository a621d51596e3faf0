/* SPDX-License-Identifier: Apache-2.0 */
/* The questions asked of an account: its primary identifier, how many, blocked or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rehome/account.h>

static void primary_is_the_one_marked(void **state)
{
	struct rh_identifier identifiers[] = {
		{.kind = RH_IDENTIFIER_EMAIL},
		{.kind = RH_IDENTIFIER_PHONE, .is_primary = true},
		{.kind = RH_IDENTIFIER_EMAIL, .is_primary = true},
		{.kind = RH_IDENTIFIER_USERNAME},
	};
	struct rh_account account = {
		.identifiers = identifiers,
		.identifier_count = 4,
	};

	(void)state;
	assert_ptr_equal(rh_account_primary(&account, RH_IDENTIFIER_EMAIL), &identifiers[2]);
	assert_ptr_equal(rh_account_primary(&account, RH_IDENTIFIER_PHONE), &identifiers[1]);
	assert_null(rh_account_primary(&account, RH_IDENTIFIER_USERNAME));
	assert_int_equal(rh_account_count(&account, RH_IDENTIFIER_EMAIL), 2);
	assert_int_equal(rh_account_count(&account, RH_IDENTIFIER_USERNAME), 1);
	account.identifier_count = 2;
	assert_null(rh_account_primary(&account, RH_IDENTIFIER_EMAIL));
	assert_int_equal(rh_account_count(&account, RH_IDENTIFIER_USERNAME), 0);
}

static void three_flags_block(void **state)
{
	static const unsigned blocking[] = {RH_ACCOUNT_BANNED, RH_ACCOUNT_LOCKED,
					    RH_ACCOUNT_DEPROVISIONED};
	struct rh_account account = {
		.flags = RH_ACCOUNT_DELETE_SELF_DISABLED | RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED |
			 RH_ACCOUNT_PRIMARY_CHOSEN,
	};

	(void)state;
	assert_false(rh_account_is_blocked(&account));
	for (size_t i = 0; i < 3; i++) {
		account.flags = blocking[i];
		assert_true(rh_account_is_blocked(&account));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(primary_is_the_one_marked),
		cmocka_unit_test(three_flags_block),
	};

	return cmocka_run_group_tests_name("account/account", tests, NULL, NULL);
}
