/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of the import job are taken so that their passwords fit. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/auth0/auth0.h"
#include "crypto/password.h"

static enum rh_password_result try_hash(const char *text, const char *password)
{
	char copy[1024];
	struct rh_json json = {0};
	struct rh_credential credential;
	enum rh_password_result result = RH_PASSWORD_UNCHECKABLE;
	const char *why = NULL;
	struct rh_arena arena;
	struct rh_err err;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	assert_true(strlen(text) < sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	assert_int_equal(rh_json_parse(&json, copy, strlen(copy), &err), RH_OK);
	assert_int_equal(auth0_read_custom_hash(rh_json_root(&json), &arena, &credential, &why),
			 RH_OK);
	assert_int_equal(credential.state, RH_CREDENTIAL_PRESENT);
	assert_null(why);
	assert_int_equal(rh_password_check(&credential, rh_str_from(password), &result, &err),
			 RH_OK);
	rh_json_done(&json);
	rh_arena_done(&arena);
	return result;
}

/* The vendor's own examples. */
static void known_passwords_fit(void **)
{
	static const struct {
		const char *hash;
		const char *password;
	} rows[] = {
		{"{\"algorithm\":\"sha256\",\"hash\":{\"value\":\"d24e794fce503c3ddb1cd1ba1dd5d9b25"
		 "0cf9917336a0316fefd87fecf79200f\",\"encoding\":\"hex\"},"
		 "\"salt\":{\"value\":\"abc123\",\"position\":\"prefix\"}}",
		 "shh"},
		{"{\"algorithm\":\"hmac\",\"hash\":{\"value\":\"cg7f42jH39/2EaAU4wNd4s2lKIk=\","
		 "\"encoding\":\"base64\",\"digest\":\"sha1\","
		 "\"key\":{\"value\":\"736868\",\"encoding\":\"hex\"}}}",
		 "test"},
		{"{\"algorithm\":\"scrypt\",\"hash\":{\"value\":\"097f6197e1b41538f723e32aa7a68e8d7"
		 "6227d8e432ce5faa4882a913032db29\",\"encoding\":\"hex\"},"
		 "\"salt\":{\"value\":\"abc123\"},\"cost\":4096,\"keylen\":32}",
		 "password"},
		{"{\"algorithm\":\"ldap\",\"hash\":{\"value\":\"{SSHA384}/cgEjdoZh85DhurDeOQEMO1rMl"
		 "Aur93SVPbYe5XSD4lF7nNuvrBju5hUeg9A6agRemgSXGl5YuE=\"}}",
		 "shh"},
		{"{\"algorithm\":\"argon2\",\"hash\":{\"value\":\"$argon2id$v=19$m=65536,t=2,p=1$J6"
		 "Q/82PCyaNpYKRELJyTZg$m04qUAB8rexWDR4+/0f+SFB+4XMFxt7YAvAq2UycYos\"}}",
		 "shh"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(try_hash(rows[i].hash, rows[i].password), RH_PASSWORD_MATCH);
		assert_int_equal(try_hash(rows[i].hash, "another"), RH_PASSWORD_MISMATCH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_passwords_fit),
	};

	return cmocka_run_group_tests_name("auth0 password", tests, NULL, NULL);
}
