/* SPDX-License-Identifier: Apache-2.0 */
/* An account as JSON: all of it but its secrets; whole, and read again. */
#include "account/account_json.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/credential.h"
#include "base/arena.h"
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

/* What is written of an account as a whole; the caller frees it. */
static void write_whole(const struct rh_account *account, struct rh_buf *text)
{
	struct rh_json_writer writer;

	rh_buf_init(text, 1U << 20);
	rh_json_writer_init(&writer, text);
	rh_account_json_put_whole(&writer, account);
	assert_int_equal(text->failed, 0);
}

/* Reads `text`, which is written to; the account's texts live in it and in the arena. */
static int take(struct rh_json *json, struct rh_buf *text, struct rh_arena *arena,
		struct rh_account *out, const char **path)
{
	assert_int_equal(rh_json_parse(json, text->ptr, text->len, NULL), RH_OK);
	return rh_account_json_take(rh_json_root(json), arena, out, path);
}

/* Written, read and written again it is the same. */
static void assert_comes_back(const struct rh_account *account)
{
	struct rh_arena arena;
	struct rh_json json = {0};
	struct rh_account again;
	struct rh_buf first;
	struct rh_buf copy;
	struct rh_buf second;
	const char *path = NULL;

	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	write_whole(account, &first);
	write_whole(account, &copy);
	assert_int_equal(take(&json, &copy, &arena, &again, &path), RH_OK);
	write_whole(&again, &second);
	assert_string_equal(second.ptr, first.ptr);
	rh_buf_done(&first);
	rh_buf_done(&copy);
	rh_buf_done(&second);
	rh_json_done(&json);
	rh_arena_done(&arena);
}

static void a_whole_account_comes_back(void **)
{
	struct rh_identifier identifiers[] = {
		{
			.kind = RH_IDENTIFIER_EMAIL,
			.value = RH_STR("ada@example.com"),
			.is_verified = true,
			.is_primary = true,
			.source_ref = RH_STR("idn_1"),
		},
		{.kind = RH_IDENTIFIER_EMAIL,
		 .value = RH_STR("b@example.com"),
		 .is_reserved = true},
		{
			.kind = RH_IDENTIFIER_PHONE,
			.value = RH_STR("+12125550101"),
			.is_second_factor = true,
		},
		{.kind = RH_IDENTIFIER_USERNAME, .value = RH_STR("Ada\"\\\n\u00e9")},
	};
	const struct rh_str codes[] = {RH_STR("aaaa-bbbb"), RH_STR("cccc-dddd")};
	struct rh_factor factors[] = {
		{.kind = RH_FACTOR_TOTP, .has_secret = true, .secret = RH_STR("JBSWY3DPEHPK3PXP")},
		{.kind = RH_FACTOR_SMS, .phone = RH_STR("+12125550101")},
		{
			.kind = RH_FACTOR_BACKUP_CODES,
			.has_secret = true,
			.count = 2,
			.codes = codes,
			.code_count = 2,
		},
		{.kind = RH_FACTOR_PASSKEY, .count = 1},
	};
	struct rh_identity identities[] = {
		{
			.provider = RH_STR("google"),
			.subject = RH_STR("123456789012345678901"),
			.email = RH_STR("ada@example.com"),
			.email_verified = true,
		},
		{.provider = RH_STR("saml"), .subject = RH_STR("x"), .is_enterprise = true},
	};
	struct rh_account account = {
		.source_id = RH_STR("user_1"),
		.external_id = RH_STR("x-1"),
		.first_name = RH_STR(""),
		.last_name = RH_STR("Lovelace"),
		.full_name = RH_STR("Ada Lovelace"),
		.locale = RH_STR("en-GB"),
		.image_url = RH_STR("https://img.example/1.png"),
		.identifiers = identifiers,
		.identifier_count = 4,
		.factors = factors,
		.factor_count = 4,
		.identities = identities,
		.identity_count = 2,
		.metadata[RH_METADATA_PUBLIC] = RH_STR("{\"n\":9007199254740993}"),
		.metadata[RH_METADATA_PRIVATE] = RH_STR("{\"a\":{\"b\":[1,null]}}"),
		.metadata[RH_METADATA_UNSAFE] = RH_STR("{\"theme\":\"dark\"}"),
		.organizations_limit = 0,
		.created_at = INT64_C(1700000000123456),
		.updated_at = INT64_C(1700000000123000),
		.last_sign_in_at = INT64_C(-1500),
		.legal_accepted_at = INT64_C(1700000000000000),
	};

	for (unsigned bit = 0; bit <= 6; bit++) {
		account.flags |= 1U << bit;
		assert_comes_back(&account);
	}
	for (int state = RH_CREDENTIAL_NOT_EXPORTED; state <= RH_CREDENTIAL_OUT_OF_RANGE; state++) {
		account.credential = (struct rh_credential){
			.state = (enum rh_credential_state)state,
			.raw = RH_STR("\001\377"),
		};
		assert_comes_back(&account);
	}
}

/* Published forms, one of each family; what is fed to the primitive has to come back byte by byte. */
static void a_hash_comes_back(void **)
{
	static const char *const texts[] = {
		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$"
		"RdescudvJCsgt3ub+b4dWRWJTmaaJObGRdescudvJCs",
		"$scrypt$ln=14,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
		"RdescudvJCsgt3ub+b4dWRWJTmaaJObGRdescudvJCs",
		"pbkdf2_sha256$260000$saltsaltsalt$RdescudvJCsgt3ub+b4dWRWJTmaaJObGRdescudvJCs=",
		"$P$B55D6LjfHDkINU5wF.v2BuuzO0/XPk/",
		"{SSHA}MTIzNDU2Nzg5MDEyMzQ1Njc4OTBzYWx0",
		"$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc."
		"eoxqOmSuNp2xS0ktL3nh/",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rh_account account = {.source_id = RH_STR("1")};
		struct rh_arena arena;

		rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
		assert_int_equal(rh_credential_parse(&arena, rh_str_from(texts[i]), RH_STR("label"),
						     RH_DIALECT_SHAPE, &account.credential),
				 RH_OK);
		assert_int_equal(account.credential.state, RH_CREDENTIAL_PRESENT);
		assert_comes_back(&account);
		rh_arena_done(&arena);
	}
}

static void assert_refused(const char *text, const char *expected)
{
	struct rh_arena arena;
	struct rh_json json = {0};
	struct rh_account account;
	struct rh_buf copy;
	const char *path = NULL;

	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	rh_buf_init(&copy, 1U << 20);
	rh_buf_add_str(&copy, rh_str_from(text));
	assert_int_equal(take(&json, &copy, &arena, &account, &path), RH_EINPUT);
	assert_string_equal(path, expected);
	rh_buf_done(&copy);
	rh_json_done(&json);
	rh_arena_done(&arena);
}

static void what_has_another_form_is_named(void **)
{
	assert_refused("{\"source_id\":1}", "source_id");
	assert_refused("{\"identifiers\":{}}", "identifiers");
	assert_refused("{\"identifiers\":[1]}", "identifiers");
	assert_refused("{\"identifiers\":[{\"kind\":\"fax\",\"value\":\"1\"}]}", "kind");
	assert_refused("{\"identifiers\":[{\"kind\":\"email\"}]}", "value");
	assert_refused("{\"credential\":[]}", "credential");
	assert_refused("{\"credential\":{\"state\":\"good\"}}", "state");
	assert_refused("{\"credential\":{\"state\":\"present\",\"scheme\":\"rot13\"}}", "scheme");
	assert_refused("{\"credential\":{\"state\":\"present\",\"scheme\":\"bcrypt\","
		       "\"salt\":\"!\"}}",
		       "salt");
	assert_refused("{\"credential\":{\"state\":\"redacted\",\"cost\":-1}}", "cost");
	assert_refused("{\"factors\":[{\"kind\":\"totp\",\"has_secret\":true}]}", "secret");
	assert_refused("{\"factors\":[{\"kind\":\"backup-codes\",\"codes\":[1]}]}", "codes");
	assert_refused("{\"factors\":[{\"kind\":\"backup-codes\",\"codes\":{\"a\":\"b\"}}]}",
		       "codes");
	assert_refused("{\"public_metadata\":[]}", "public_metadata");
	assert_refused("{\"banned\":1}", "banned");
	assert_refused("{\"organizations_limit\":4294967296}", "organizations_limit");
	assert_refused("{\"created_at\":\"yesterday\"}", "created_at");
}

/* A file can say anything of a hash: what no primitive takes is not PRESENT. */
static void a_hash_is_measured_again(void **)
{
	struct rh_arena arena;
	struct rh_json json = {0};
	struct rh_account account;
	struct rh_buf copy;
	const char *path = NULL;

	rh_arena_init(&arena, 1U << 20, RH_ARENA_PLAIN);
	rh_buf_init(&copy, 1U << 20);
	rh_buf_add_str(&copy, RH_STR("{\"credential\":{\"state\":\"present\",\"scheme\":\"bcrypt\","
				     "\"cost\":10,\"bcrypt_minor\":\"b\",\"salt\":\"YQ==\","
				     "\"digest\":\"YQ==\"}}"));
	assert_int_equal(take(&json, &copy, &arena, &account, &path), RH_OK);
	assert_int_not_equal(account.credential.state, RH_CREDENTIAL_PRESENT);
	rh_buf_done(&copy);
	rh_json_done(&json);
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_account_is_an_empty_object),
		cmocka_unit_test(secrets_stay_inside),
		cmocka_unit_test(a_whole_account_comes_back),
		cmocka_unit_test(a_hash_comes_back),
		cmocka_unit_test(what_has_another_form_is_named),
		cmocka_unit_test(a_hash_is_measured_again),
	};

	return cmocka_run_group_tests_name("account json", tests, NULL, NULL);
}
