/* SPDX-License-Identifier: Apache-2.0 */
/* An account as JSON: all of it but its secrets. */
#include "account/account_json.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

static void assert_json(const struct rh_account *account, const char *expected)
{
	struct rh_json_writer writer;
	struct rh_buf text;

	rh_buf_init(&text, 1U << 20);
	rh_json_writer_init(&writer, &text);
	rh_account_json_put(&writer, account);
	assert_int_equal(text.failed, 0);
	assert_string_equal(text.ptr, expected);
	rh_buf_done(&text);
}

static void empty_account_is_an_empty_object(void **)
{
	const struct rh_account account = {0};

	assert_json(&account, "{}");
}

static void secrets_stay_inside(void **)
{
	struct rh_identifier identifiers[] = {
		{
			.kind = RH_IDENTIFIER_EMAIL,
			.value = RH_STR("ada@example.com"),
			.is_verified = true,
			.is_primary = true,
			.source_ref = RH_STR("idn_1"),
		},
		{.kind = RH_IDENTIFIER_PHONE, .value = RH_STR("+12125550101"), .is_reserved = true},
	};
	struct rh_factor factors[] = {
		{.kind = RH_FACTOR_TOTP, .has_secret = true, .secret = RH_STR("SECRET")},
		{.kind = RH_FACTOR_BACKUP_CODES, .count = 3},
	};
	struct rh_identity identities[] = {
		{.provider = RH_STR("google"), .subject = RH_STR("1"), .is_enterprise = true},
	};
	const struct rh_account account = {
		.source_id = RH_STR("user_1"),
		.first_name = RH_STR(""),
		.identifiers = identifiers,
		.identifier_count = 2,
		.credential =
			{
				.state = RH_CREDENTIAL_PRESENT,
				.scheme = RH_SCHEME_BCRYPT,
				.salt = RH_STR("SECRET"),
				.digest = RH_STR("SECRET"),
				.key = RH_STR("SECRET"),
				.sep = RH_STR("SECRET"),
				.raw = RH_STR("SECRET"),
				.label = RH_STR("bcrypt"),
			},
		.factors = factors,
		.factor_count = 2,
		.identities = identities,
		.identity_count = 1,
		.metadata[RH_METADATA_PRIVATE] = RH_STR("{\"a\":1}"),
		.flags = RH_ACCOUNT_LOCKED | RH_ACCOUNT_PRIMARY_CHOSEN,
		.created_at = INT64_C(1700000000000000),
	};

	assert_json(&account,
		    "{\"source_id\":\"user_1\",\"first_name\":\"\",\"identifiers\":["
		    "{\"kind\":\"email\",\"value\":\"ada@example.com\",\"verified\":true,"
		    "\"primary\":true,\"source_ref\":\"idn_1\"},"
		    "{\"kind\":\"phone\",\"value\":\"+12125550101\",\"reserved\":true}],"
		    "\"credential\":{\"state\":\"present\",\"scheme\":\"bcrypt\","
		    "\"label\":\"bcrypt\"},"
		    "\"factors\":[{\"kind\":\"totp\",\"has_secret\":true},"
		    "{\"kind\":\"backup-codes\",\"count\":3}],"
		    "\"identities\":[{\"provider\":\"google\",\"subject\":\"1\","
		    "\"enterprise\":true}],"
		    "\"private_metadata\":{\"a\":1},\"locked\":true,\"primary_chosen\":true,"
		    "\"created_at\":\"2023-11-14T22:13:20.000Z\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_account_is_an_empty_object),
		cmocka_unit_test(secrets_stay_inside),
	};

	return cmocka_run_group_tests_name("account json", tests, NULL, NULL);
}
