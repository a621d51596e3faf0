/* SPDX-License-Identifier: Apache-2.0 */
/* Each of Clerk's hashers: what goes into the request, and what is never sent (C-10). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/credential.h"
#include "base/limits.h"
#include "base/str.h"
#include "target_helper.h"

#define HEX32 "c2df41f5f40feb0f8a0bf9088a85149b"
#define HEX64 "3ef6a03adecbc4cdb53d7cff60c8f7009a8e26462099fd75fb46aac85fd3c333"
#define HEX128                                                             \
	"8da363208e84fcff86e514458bcd1a89c589a25d97addd1746a2754f8cc6fd17" \
	"e5163e971a244b4e010862069a9b2329e9ffab8d79e1da271fb7dc0f53de28f6"
#define BCRYPT "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"
#define ARGON "v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$+eYOGMa5QJX5jqQGVQ2umPAYxNI52VBx6ro9yAHjDQ4"
#define FIREBASE                                                                                   \
	"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==" \
	"$42xEC+ixf3L2lw==$"                                                                       \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==" \
	"$Bw==$8$14"
#define FIREBASE_URL                                                                             \
	"lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ" \
	"$42xEC-ixf3L2lw$"                                                                       \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA" \
	"$Bw$8$14"
#define FBSCRYPT                                                                                   \
	"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk="                                                   \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==" \
	"$42xEC+ixf3L2lw==$"                                                                       \
	"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
#define SHA1_HEX                                             \
	"pbkdf2_sha1$1000$000102030405060708090a0b0c0d0e0f$" \
	"ca0c21d131200852177a1bca8f4f4cc91fe52fa0ba7baa2636d82a88983fe080"
#define SHA512_HEX                                                         \
	"pbkdf2_sha512_hex$1000$000102030405060708090a0b0c0d0e0f$"         \
	"94b2533d3d75efea29a51b7b7e562fe8a7f7b9fa5f4715b46806d1882aec0bea" \
	"94a602256267c55d8dbcfe740ee4e19ccc5f74c21a76accda84ad5735e4b8509"

/* The texts are those of Clerk's documents where there are any; the password of most is Kk4aPMeiaRpAs2OeX1NE. */
static const struct vector {
	const char *label; /* as Clerk names it where it is Clerk's */
	enum rh_dialect dialect;
	const char *raw;
	const char *hasher;
	const char *digest;
	bool is_unproven;
} vectors[] = {
	{"bcrypt", RH_DIALECT_BCRYPT, BCRYPT, "bcrypt", BCRYPT, false},
	{"bcrypt_peppered", RH_DIALECT_BCRYPT_PEPPERED, BCRYPT "$pepper", "bcrypt_peppered",
	 BCRYPT "$pepper", false},
	{"bcrypt_sha256_django", RH_DIALECT_BCRYPT_SHA256_DJANGO, "bcrypt_sha256$" BCRYPT,
	 "bcrypt_sha256_django", "bcrypt_sha256$" BCRYPT, false},
	{"argon2i", RH_DIALECT_ARGON2I, "$argon2i$" ARGON, "argon2i", "$argon2i$" ARGON, false},
	{"argon2id", RH_DIALECT_ARGON2ID, "$argon2id$" ARGON, "argon2id", "$argon2id$" ARGON,
	 false},
	{NULL, RH_DIALECT_SHAPE, "argon2$argon2id$" ARGON, "argon2id", "$argon2id$" ARGON, false},
	{"pbkdf2_sha1", RH_DIALECT_PBKDF2_SHA1, SHA1_HEX, "pbkdf2_sha1", SHA1_HEX "$32", false},
	{"pbkdf2_sha256", RH_DIALECT_PBKDF2_SHA256,
	 "pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=",
	 "pbkdf2_sha256",
	 "pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=",
	 false},
	{"pbkdf2_sha256_django", RH_DIALECT_PBKDF2_SHA256_DJANGO,
	 "pbkdf2_sha256$1000$seasalt$+eYOGMa5QJX5jqQGVQ2umPAYxNI52VBx6ro9yAHjDQ4=",
	 "pbkdf2_sha256_django",
	 "pbkdf2_sha256$1000$seasalt$+eYOGMa5QJX5jqQGVQ2umPAYxNI52VBx6ro9yAHjDQ4=", false},
	{"pbkdf2_sha512", RH_DIALECT_PBKDF2_SHA512, "pbkdf2_sha512$1000$seasalt$" HEX128,
	 "pbkdf2_sha512", "pbkdf2_sha512$1000$seasalt$" HEX128, false},
	{"pbkdf2_sha512_hex", RH_DIALECT_PBKDF2_SHA512_HEX, SHA512_HEX, "pbkdf2_sha512_hex",
	 SHA512_HEX, false},
	{"scrypt_firebase", RH_DIALECT_SCRYPT_FIREBASE, FIREBASE, "scrypt_firebase", FIREBASE,
	 false},
	{"scrypt_firebase", RH_DIALECT_SCRYPT_FIREBASE, FIREBASE_URL, "scrypt_firebase", FIREBASE,
	 false},
	{NULL, RH_DIALECT_SHAPE, FBSCRYPT, "scrypt_firebase", FIREBASE, false},
	{"scrypt_werkzeug", RH_DIALECT_SCRYPT_WERKZEUG, "scrypt:32768:8:1$seasalt$" HEX128,
	 "scrypt_werkzeug", "scrypt:32768:8:1$seasalt$" HEX128, false},
	{NULL, RH_DIALECT_BETTER_AUTH_SCRYPT, "0123456789abcdef0123456789abcdef:" HEX128,
	 "scrypt_werkzeug", "scrypt:16384:16:1$0123456789abcdef0123456789abcdef$" HEX128, false},
	{NULL, RH_DIALECT_SHAPE,
	 "pbkdf2:sha256:1000$seasalt$"
	 "f9e60e18c6b94095f98ea406550dae98f018c4d239d95071eaba3dc801e30d0e",
	 "pbkdf2_sha256",
	 "pbkdf2_sha256$1000$c2Vhc2FsdA==$+eYOGMa5QJX5jqQGVQ2umPAYxNI52VBx6ro9yAHjDQ4=", false},
	{"md5", RH_DIALECT_MD5, HEX32, "md5", HEX32, false},
	{"md5_salted", RH_DIALECT_MD5_SALTED, "salt$" HEX32, "md5_salted", "salt$" HEX32, true},
	{"sha256", RH_DIALECT_SHA256, HEX64, "sha256", HEX64, false},
	{"sha256_salted", RH_DIALECT_SHA256_SALTED, "salt$" HEX64, "sha256_salted", "salt$" HEX64,
	 true},
	{"sha512_symfony", RH_DIALECT_SHA512_SYMFONY,
	 "sha512_symfony$5000$salt$"
	 "jaNjII6E/P+G5RRFi80aicWJol2Xrd0XRqJ1T4zG/RflFj6XGiRLTgEIYgaamyMp6f+rjXnh2icft9wPU94o9g==",
	 "sha512_symfony",
	 "sha512_symfony$5000$salt$"
	 "jaNjII6E/P+G5RRFi80aicWJol2Xrd0XRqJ1T4zG/RflFj6XGiRLTgEIYgaamyMp6f+rjXnh2icft9wPU94o9g==",
	 false},
	{"phpass", RH_DIALECT_PHPASS, "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "phpass",
	 "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", false},
	{"phpass", RH_DIALECT_PHPASS, "$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "phpass",
	 "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", false},
	{"md5_phpass", RH_DIALECT_PHPASS_MD5, "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "md5_phpass",
	 "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", true},
	{"ldap_ssha", RH_DIALECT_LDAP_SSHA, "{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==",
	 "ldap_ssha", "{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", true},
	{"hmac_sha256_utf16_b64", RH_DIALECT_HMAC_SHA256_UTF16,
	 "icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=", "hmac_sha256_utf16_b64",
	 "icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=", true},
	{"awscognito", RH_DIALECT_EXTERNAL_POOL, "awscognito#eu-west-1_abc#client1#ada",
	 "awscognito", "awscognito#eu-west-1_abc#client1#ada", false},
};

static void check_vector(const struct vector *vector)
{
	struct rh_credential credential;
	enum rh_finding_code finding;
	struct rh_arena arena;
	rh_autobuf out = {0};
	char *expected = NULL;

	rh_arena_init(&arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	rh_buf_init_secret(&out, RH_REQUEST_MAX);
	assert_int_equal(rh_credential_parse(&arena, rh_str_from(vector->raw),
					     rh_str_from(vector->label), vector->dialect,
					     &credential),
			 RH_OK);
	if (credential.state != RH_CREDENTIAL_PRESENT) {
		fail_msg("%s is not read", vector->raw);
	}
	assert_int_equal(clerk_write_credential(NULL, &credential, &out, NULL, &finding), RH_OK);
	assert_int_equal(finding, vector->is_unproven ? RH_FINDING_HASH_UNPROVEN : 0);
	assert_true(asprintf(&expected, "{\"password_digest\":\"%s\",\"password_hasher\":\"%s\"}",
			     vector->digest, vector->hasher) > 0);
	assert_string_equal(out.ptr, expected);
	free(expected);
	rh_arena_done(&arena);
}

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		check_vector(&vectors[i]);
	}
}

/* All 22 names that Clerk has, `phpass` with them. */
static void test_every_hasher(void **state)
{
	static const char *const names[] = {
		"argon2i",
		"argon2id",
		"awscognito",
		"bcrypt",
		"bcrypt_peppered",
		"bcrypt_sha256_django",
		"ldap_ssha",
		"hmac_sha256_utf16_b64",
		"md5",
		"md5_phpass",
		"md5_salted",
		"pbkdf2_sha1",
		"pbkdf2_sha256",
		"pbkdf2_sha256_django",
		"pbkdf2_sha512",
		"pbkdf2_sha512_hex",
		"phpass",
		"scrypt_firebase",
		"scrypt_werkzeug",
		"sha256",
		"sha256_salted",
		"sha512_symfony",
	};

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), 22);
	for (size_t n = 0; n < 22; n++) {
		bool is_there = false;

		for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
			is_there = is_there || strcmp(vectors[i].hasher, names[n]) == 0;
		}
		if (!is_there) {
			fail_msg("no vector for %s", names[n]);
		}
	}
}

/* Forms that Clerk would refuse, or read as another password's. */
static void test_obstacles(void **state)
{
	static const struct {
		enum rh_dialect dialect;
		const char *raw;
		enum rh_finding_code finding;
	} refused[] = {
		{RH_DIALECT_BCRYPT, "$2b$16$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2",
		 RH_FINDING_HASH_OUT_OF_RANGE},
		{RH_DIALECT_BCRYPT, "$2x$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2",
		 RH_FINDING_HASH_UNSUPPORTED},
		{RH_DIALECT_SHAPE,
		 "$wp$2y$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2",
		 RH_FINDING_HASH_UNSUPPORTED},
		{RH_DIALECT_SHAPE,
		 "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterL"
		 "p8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/",
		 RH_FINDING_HASH_UNSUPPORTED},
		/* scrypt whose salt is no text: Werkzeug's form cannot say it */
		{RH_DIALECT_SHAPE,
		 "$scrypt$ln=14,r=8,p=1$AAECAwQFBgc$"
		 "jaNjII6E/P+G5RRFi80aicWJol2Xrd0XRqJ1T4zG/"
		 "RflFj6XGiRLTgEIYgaamyMp6f+rjXnh2icft9wPU94o9g",
		 RH_FINDING_HASH_UNSUPPORTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct rh_credential credential;
		enum rh_finding_code finding;
		struct rh_arena arena;
		rh_autobuf out = {0};

		rh_arena_init(&arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
		rh_buf_init_secret(&out, RH_REQUEST_MAX);
		assert_int_equal(rh_credential_parse(&arena, rh_str_from(refused[i].raw),
						     RH_STR_ABSENT, refused[i].dialect,
						     &credential),
				 RH_OK);
		assert_int_equal(credential.state, RH_CREDENTIAL_PRESENT);
		assert_int_equal(clerk_write_credential(NULL, &credential, &out, NULL, &finding),
				 RH_OK);
		assert_int_equal(finding, refused[i].finding);
		assert_int_equal(out.len, 0);
		rh_arena_done(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_hasher),
		cmocka_unit_test(test_obstacles),
	};

	return cmocka_run_group_tests_name("connectors/clerk/target_hash", tests, NULL, NULL);
}
