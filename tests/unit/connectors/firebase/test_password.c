/* SPDX-License-Identifier: Apache-2.0 */
/* The published pairs of hash and password fit; parameters in every spelling; what is wrong is named. */
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
#include "connectors/firebase/firebase.h"
#include "crypto/password.h"

#define KEY                                                                                      \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA" \
	"=="
#define HASH                                                                                     \
	"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ" \
	"=="
#define URL_HASH \
	"lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ"
#define SALT "42xEC+ixf3L2lw=="

static const struct firebase_instance whole = {
	.signer_key = KEY,
	.salt_separator = "Bw==",
	.rounds = "8",
	.mem_cost = "14",
};

/* What stands beside the users. */
static const struct rh_json_node *around;

static int read_hash(const struct firebase_instance *instance, const char *hash, const char *salt,
		     struct rh_arena *arena, struct rh_credential *out, struct rh_err *err)
{
	const struct firebase_password password = {
		.hash = rh_str_from(hash),
		.salt = rh_str_from(salt),
		.around = around,
	};
	const char *why = NULL;

	*err = (struct rh_err){0};
	return firebase_read_password(instance, &password, arena, out, &why, err);
}

static void check_fits(const struct firebase_instance *instance, const char *hash)
{
	struct rh_credential credential;
	enum rh_password_result result = RH_PASSWORD_UNCHECKABLE;
	struct rh_arena arena;
	struct rh_err err;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	assert_int_equal(read_hash(instance, hash, SALT, &arena, &credential, &err), RH_OK);
	assert_int_equal(credential.state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(rh_password_check(&credential, RH_STR("user1password"), &result, &err),
			 RH_OK);
	assert_int_equal(result, RH_PASSWORD_MATCH);
	rh_arena_done(&arena);
}

static void published_pair_fits(void **)
{
	check_fits(&whole, HASH);
	check_fits(&whole, URL_HASH);
}

static void parameters_as_they_are_copied(void **)
{
	static const char *const texts[] = {
		"hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: " KEY
		",\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}\n",
		"{\"algorithm\":\"SCRYPT\",\"signerKey\":\"" KEY
		"\",\"saltSeparator\":\"Bw==\",\"rounds\":8,\"memoryCost\":14}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct firebase_instance instance = {.hash_config = texts[i]};
		check_fits(&instance, HASH);
	}
}

static void what_is_missing_is_named(void **)
{
	struct firebase_instance instance = whole;
	struct rh_credential credential;
	struct rh_arena arena;
	struct rh_err err;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	instance.signer_key = NULL;
	instance.rounds = NULL;
	assert_int_equal(read_hash(&instance, HASH, SALT, &arena, &credential, &err), RH_EUSAGE);
	assert_non_null(strstr(err.message, ": --firebase-signer-key, --firebase-rounds"));
	/* Nobody asks for them where there is no hash, or none that they would help. */
	assert_int_equal(read_hash(&instance, NULL, NULL, &arena, &credential, &err), RH_OK);
	assert_int_equal(credential.state, RH_CREDENTIAL_ABSENT);
	assert_int_equal(read_hash(&instance, HASH, NULL, &arena, &credential, &err), RH_OK);
	assert_int_equal(credential.state, RH_CREDENTIAL_UNRECOGNISED);
	assert_int_equal(read_hash(&instance, NULL, SALT, &arena, &credential, &err), RH_OK);
	assert_int_equal(credential.state, RH_CREDENTIAL_NOT_EXPORTED);
	instance = whole;
	instance.mem_cost = "14.5";
	assert_int_equal(read_hash(&instance, HASH, SALT, &arena, &credential, &err), RH_EUSAGE);
	assert_non_null(strstr(err.message, "--firebase-mem-cost must be"));
	/* An empty separator is one; it has a word of its own. */
	instance = whole;
	instance.salt_separator = "none";
	assert_int_equal(read_hash(&instance, HASH, SALT, &arena, &credential, &err), RH_OK);
	assert_int_equal(credential.sep.len, 0);
	rh_arena_done(&arena);
}

/* Reads the published hash with what the file says beside the users. */
static int read_beside(const char *text, const struct firebase_instance *instance,
		       struct rh_credential *out, struct rh_arena *arena, struct rh_err *err)
{
	char copy[512];
	struct rh_json json = {0};
	int code;

	assert_true(strlen(text) < sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	assert_int_equal(rh_json_parse(&json, copy, strlen(copy), err), RH_OK);
	around = rh_json_root(&json);
	code = read_hash(instance, HASH, SALT, arena, out, err);
	around = NULL;
	rh_json_done(&json);
	return code;
}

#define BESIDE(key, rounds)                                                       \
	"{\"hash_config\":{\"algorithm\":\"SCRYPT\",\"base64_signer_key\":\"" key \
	"\",\"base64_salt_separator\":\"Bw==\",\"rounds\":" rounds ",\"mem_cost\":\"14\"}}"

/* Rule 3. */
static void parameters_beside_the_users(void **)
{
	static const char *const texts[] = {
		BESIDE(KEY, "8"),
		"{\"signIn\":{\"hashConfig\":{\"signerKey\":\"" KEY
		"\",\"saltSeparator\":\"Bw==\",\"rounds\":8,\"memoryCost\":14}}}",
	};
	static const struct firebase_instance nothing = {0};
	struct rh_credential credential;
	struct rh_arena arena;
	struct rh_err err;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(read_beside(texts[i], &nothing, &credential, &arena, &err), RH_OK);
		assert_int_equal(credential.state, RH_CREDENTIAL_PRESENT);
		assert_int_equal(credential.cost, 1 << 14);
		assert_int_equal(credential.memory, 8);
		/* The same once more by option, in whatever spelling. */
		assert_int_equal(read_beside(texts[i], &whole, &credential, &arena, &err), RH_OK);
	}
	/* An option fills what the file lacks, and the other way round. */
	struct firebase_instance some = {.rounds = "8"};
	assert_int_equal(read_beside("{\"hash_config\":{\"base64_signer_key\":\"" KEY
				     "\",\"base64_salt_separator\":\"\",\"mem_cost\":14}}",
				     &some, &credential, &arena, &err),
			 RH_OK);
	assert_int_equal(credential.sep.len, 0);
	some.rounds = NULL;
	assert_int_equal(read_beside("{\"hash_config\":{\"mem_cost\":14}}", &some, &credential,
				     &arena, &err),
			 RH_EUSAGE);
	assert_non_null(strstr(err.message, "--firebase-salt-separator, --firebase-rounds"));
	assert_null(strstr(err.message, "--firebase-mem-cost"));
	rh_arena_done(&arena);
}

/* Rule 3: two that contradict each other, and what is no parameter, are named. */
static void contradictions_are_named(void **)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{BESIDE(KEY, "9"), "--firebase-rounds is not what hash_config in the file says"},
		{BESIDE("AAAA", "8"), "--firebase-signer-key is not what"},
		{BESIDE("?", "8"), "--firebase-signer-key is not what"},
		{"{\"hash_config\":{\"base64_salt_separator\":\"\"}}",
		 "--firebase-salt-separator is not"},
		{"{\"hash_config\":{\"algorithm\":\"BCRYPT\"}}", "another algorithm than SCRYPT"},
	};
	static const struct firebase_instance nothing = {0};
	struct rh_credential credential;
	struct rh_arena arena;
	struct rh_err err;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_beside(cases[i].text, &whole, &credential, &arena, &err),
				 RH_EUSAGE);
		assert_non_null(strstr(err.message, cases[i].says));
		assert_null(strstr(err.message, KEY));
	}
	assert_int_equal(read_beside(BESIDE("?", "8"), &nothing, &credential, &arena, &err),
			 RH_EUSAGE);
	assert_non_null(
		strstr(err.message, "base64_signer_key of hash_config in the file must be base64"));
	assert_int_equal(read_beside(BESIDE(KEY, "1000"), &nothing, &credential, &arena, &err),
			 RH_EUSAGE);
	assert_non_null(strstr(err.message, "rounds of hash_config in the file must be"));
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_pair_fits),
		cmocka_unit_test(parameters_as_they_are_copied),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(parameters_beside_the_users),
		cmocka_unit_test(contradictions_are_named),
	};

	return cmocka_run_group_tests_name("firebase password", tests, NULL, NULL);
}
