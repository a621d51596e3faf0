/* SPDX-License-Identifier: Apache-2.0 */
/* Every conversion of a source's hash into the target's text, and every bound. */
#include <jansson.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/credential.h"
#include "base/limits.h"
#include "base/str.h"
#include "helper.h"

#define FIREBASE_SALT "42xEC+ixf3L2lw=="
#define FIREBASE_KEY                                                                   \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZ" \
	"vpjeJ9WmXA"
#define FIREBASE_HASH                                                                  \
	"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198" \
	"JAdRuid5lQ"
#define FIREBASE_SOURCE FIREBASE_HASH "==$" FIREBASE_SALT "$" FIREBASE_KEY "==$Bw==$8$14"
#define BCRYPT_TAIL "10$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW"
#define SALT_16 "AQIDBAUGBwgJCgsMDQ4PEA"
#define DIGEST_32 "jR7g2uAFVRDDE4hcP43NSfEwXV/awN4Pl8pb98sZ8/g"
#define DIGEST_64                                                                      \
	"o4dLsxdwl6FQ+4nphHpvfLuKkMI0so7CCBxiocIDYdF5/LMuBjPVHZQsjPB8gba5DbtZphhPT8vC" \
	"sHABBBjhLw"
#define SHA256_SALTED "salt$9cc31a9a549f54fb7b4df6296eda75d8fb29a6b5548d49ab5e82a81076273e39"
#define SHA256_BLOB "nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjlzYWx0"

struct arrival {
	const char *name;
	enum rh_dialect dialect;
	const char *source;
	int form;  /* enum workos_firebase_form */
	int place; /* enum workos_salt_place */
	const char *type;
	const char *hash;
	const char *position; /* NULL: none */
	bool is_unproven;
};

static const struct arrival arrivals[] = {
	{
		.name = "bcrypt 2b",
		.dialect = RH_DIALECT_BCRYPT,
		.source = "$2b$" BCRYPT_TAIL,
		.type = "bcrypt",
		.hash = "$2b$" BCRYPT_TAIL,
	},
	{
		.name = "bcrypt 2a stays",
		.dialect = RH_DIALECT_BCRYPT,
		.source = "$2a$" BCRYPT_TAIL,
		.type = "bcrypt",
		.hash = "$2a$" BCRYPT_TAIL,
	},
	{
		.name = "bcrypt 2y becomes 2b",
		.dialect = RH_DIALECT_BCRYPT,
		.source = "$2y$" BCRYPT_TAIL,
		.type = "bcrypt",
		.hash = "$2b$" BCRYPT_TAIL,
	},
	{
		.name = "bcrypt of cost 4",
		.dialect = RH_DIALECT_BCRYPT,
		.source = "$2b$04$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW",
		.type = "bcrypt",
		.hash = "$2b$04$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW",
	},
	{
		.name = "argon2id",
		.dialect = RH_DIALECT_ARGON2ID,
		.source = "$argon2id$v=19$m=19456,t=2,p=1$" SALT_16 "$" DIGEST_32,
		.type = "argon2",
		.hash = "$argon2id$v=19$m=19456,t=2,p=1$" SALT_16 "$" DIGEST_32,
	},
	{
		.name = "argon2i at its lower bound",
		.dialect = RH_DIALECT_ARGON2I,
		.source = "$argon2i$v=19$m=4096,t=3,p=1$" SALT_16 "$" DIGEST_32,
		.type = "argon2",
		.hash = "$argon2i$v=19$m=4096,t=3,p=1$" SALT_16 "$" DIGEST_32,
	},
	{
		.name = "argon2d at its upper bounds",
		.dialect = RH_DIALECT_SHAPE,
		.source = "$argon2d$v=19$m=262144,t=5,p=8$" SALT_16 "$" DIGEST_32,
		.type = "argon2",
		.hash = "$argon2d$v=19$m=262144,t=5,p=8$" SALT_16 "$" DIGEST_32,
	},
	{
		.name = "pbkdf2 sha512 from PHC",
		.dialect = RH_DIALECT_SHAPE,
		.source = "$pbkdf2-sha512$i=210000,l=64$" SALT_16 "$" DIGEST_64,
		.type = "pbkdf2",
		.hash = "$pbkdf2$i=210000,d=sha512$" SALT_16 "$" DIGEST_64,
	},
	{
		.name = "pbkdf2 sha256 of Django: the salt is text",
		.dialect = RH_DIALECT_PBKDF2_SHA256_DJANGO,
		.source = "pbkdf2_sha256$600000$S4ltStr1ngDjango"
			  "$FKmfvh8cvURWEaHp33NIO3JQH8omY1vY+lccfm+zKcY=",
		.type = "pbkdf2",
		.hash = "$pbkdf2$i=600000,d=sha256$UzRsdFN0cjFuZ0RqYW5nbw"
			"$FKmfvh8cvURWEaHp33NIO3JQH8omY1vY+lccfm+zKcY",
	},
	{
		.name = "pbkdf2 sha256: the salt is base64",
		.dialect = RH_DIALECT_PBKDF2_SHA256,
		.source = "pbkdf2_sha256$1000000$AQIDBAUGBwgJCgsMDQ4PEA==$" DIGEST_32 "=",
		.type = "pbkdf2",
		.hash = "$pbkdf2$i=1000000,d=sha256$" SALT_16 "$" DIGEST_32,
	},
	{
		.name = "scrypt of Better Auth: the salt is the hex text",
		.dialect = RH_DIALECT_BETTER_AUTH_SCRYPT,
		.source = "00112233445566778899aabbccddeeff:f4482ac2cfbda1642ce73f3ceb92648b9934a3"
			  "f199a533d0f46bb4da9ca0e740f146136283203c476fa10abe38651e2d2a521ef75406f9"
			  "a8f7fbe0047aa1a425",
		.type = "scrypt",
		.hash = "$scrypt$v=1$n=16384,r=16,p=1,kl=64$MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZG"
			"VlZmY$9Egqws+9oWQs5z8865Jki5k0o/GZpTPQ9Gu02pyg50DxRhNigyA8R2+hCr44ZR4tKlI"
			"e91QG+aj3++AEeqGkJQ",
	},
	{
		.name = "scrypt of Werkzeug",
		.dialect = RH_DIALECT_SCRYPT_WERKZEUG,
		.source = "scrypt:32768:8:1$aB3dE5gH7jK9mN1p$60b0513c4ec01738e4fa08286f489e52969b6"
			  "10e5fed8899e7750f4ab34b71f252639ae7e4d9b5f007c47de5f59ee6c9947c7b48fe2ec"
			  "f97e0560c73cddfc44c",
		.type = "scrypt",
		.hash = "$scrypt$v=1$n=32768,r=8,p=1,kl=64$YUIzZEU1Z0g3aks5bU4xcA$YLBRPE7AFzjk+ggo"
			"b0ieUpabYQ5f7YiZ53UPSrNLcfJSY5rn5Nm18AfEfeX1nubJlHx7SP4uz5fgVgxzzd/ETA",
	},
	{
		.name = "ssha",
		.dialect = RH_DIALECT_LDAP_SSHA,
		.source = "{SSHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==",
		.type = "ssha",
		.hash = "{SSHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==",
	},
	{
		.name = "ssha256",
		.dialect = RH_DIALECT_SHAPE,
		.source = "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==",
		.type = "ssha256",
		.hash = "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==",
		.position = "suffix",
		.is_unproven = true,
	},
	{
		.name = "sha256 with the salt before",
		.dialect = RH_DIALECT_SHA256_SALTED,
		.source = SHA256_SALTED,
		.place = WORKOS_SALT_PREFIX,
		.type = "ssha256",
		.hash = "{SSHA256}" SHA256_BLOB,
		.position = "prefix",
		.is_unproven = true,
	},
	{
		.name = "sha256 with the salt behind",
		.dialect = RH_DIALECT_SHA256_SALTED,
		.source = SHA256_SALTED,
		.place = WORKOS_SALT_SUFFIX,
		.type = "ssha256",
		.hash = "{SSHA256}" SHA256_BLOB,
		.position = "suffix",
		.is_unproven = true,
	},
	{
		.name = "firebase A",
		.dialect = RH_DIALECT_SCRYPT_FIREBASE,
		.source = FIREBASE_SOURCE,
		.form = WORKOS_FIREBASE_A,
		.type = "firebase-scrypt",
		.hash = "$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=" FIREBASE_KEY
			"$42xEC+ixf3L2lw$" FIREBASE_HASH,
		.is_unproven = true,
	},
	{
		.name = "firebase B",
		.dialect = RH_DIALECT_SCRYPT_FIREBASE,
		.source = FIREBASE_SOURCE,
		.form = WORKOS_FIREBASE_B,
		.type = "firebase-scrypt",
		.hash = "$firebase-scrypt$hash=" FIREBASE_HASH "==$salt=" FIREBASE_SALT
			"$sk=" FIREBASE_KEY "==$ss=Bw==$r=8$m=14",
		.is_unproven = true,
	},
	{
		.name = "firebase C",
		.dialect = RH_DIALECT_SCRYPT_FIREBASE,
		.source = FIREBASE_SOURCE,
		.form = WORKOS_FIREBASE_C,
		.type = "firebase-scrypt",
		.hash = "$firebase-scrypt$r=8,m=14,ss=Bw,sk=" FIREBASE_KEY
			"$42xEC+ixf3L2lw$" FIREBASE_HASH,
		.is_unproven = true,
	},
	{
		.name = "fbscrypt as a database stores it",
		.dialect = RH_DIALECT_SHAPE,
		.source = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" FIREBASE_KEY "==$" FIREBASE_SALT
			  "$" FIREBASE_HASH "==",
		.type = "firebase-scrypt",
		.hash = "$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=" FIREBASE_KEY
			"$42xEC+ixf3L2lw$" FIREBASE_HASH,
		.is_unproven = true,
	},
};

static void put(const struct workos *workos, const struct rh_credential *credential,
		const struct arrival *arrival)
{
	struct rh_json_writer writer;
	struct rh_buf text;
	json_t *root;

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	assert_int_equal(workos_hash_put(workos, credential, &writer), RH_OK);
	rh_json_end_object(&writer);
	root = json_loadb(text.ptr, text.len, 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "password_hash_type")),
			    arrival->type);
	assert_string_equal(json_string_value(json_object_get(root, "password_hash")),
			    arrival->hash);
	if (arrival->position != NULL) {
		assert_string_equal(json_string_value(
					    json_object_get(root, "password_salt_position")),
				    arrival->position);
	}
	assert_int_equal(json_object_size(root), arrival->position != NULL ? 3 : 2);
	json_decref(root);
	rh_buf_done(&text);
}

static void test_arrival(void **state)
{
	const struct arrival *arrival = *state;
	struct workos workos = workos_instance();
	struct rh_credential credential;
	struct rh_arena arena;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	workos.firebase_form = arrival->form;
	workos.salt_place = arrival->place;
	assert_int_equal(rh_credential_parse(&arena, rh_str_from(arrival->source), RH_STR_ABSENT,
					     arrival->dialect, &credential),
			 RH_OK);
	assert_int_equal(credential.state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(workos_hash_obstacle(&workos, &credential), 0);
	assert_int_equal(workos_hash_is_unproven(&credential), arrival->is_unproven);
	assert_true((rh_connector_workos.caps.schemes >> credential.scheme & 1) == 1);
	put(&workos, &credential, arrival);
	rh_arena_done(&arena);
}

/* What is refused, and as what. */
static const struct refusal {
	const char *name;
	enum rh_dialect dialect;
	const char *source;
	enum rh_finding_code code;
} refusals[] = {
	{"bcrypt 2x", RH_DIALECT_BCRYPT, "$2x$" BCRYPT_TAIL, RH_FINDING_HASH_UNSUPPORTED},
	{"bcrypt over sha256", RH_DIALECT_BCRYPT_SHA256_DJANGO, "bcrypt_sha256$$2b$" BCRYPT_TAIL,
	 RH_FINDING_HASH_UNSUPPORTED},
	{"bcrypt with pepper", RH_DIALECT_BCRYPT_PEPPERED, "$2a$" BCRYPT_TAIL "$pepper",
	 RH_FINDING_HASH_UNSUPPORTED},
	{"argon2id of version 16", RH_DIALECT_ARGON2ID,
	 "$argon2id$v=16$m=19456,t=2,p=1$" SALT_16 "$" DIGEST_32, RH_FINDING_HASH_OUT_OF_RANGE},
	{"argon2id with little memory", RH_DIALECT_ARGON2ID,
	 "$argon2id$v=19$m=4095,t=2,p=1$" SALT_16 "$" DIGEST_32, RH_FINDING_HASH_OUT_OF_RANGE},
	{"argon2id with much memory", RH_DIALECT_ARGON2ID,
	 "$argon2id$v=19$m=262145,t=2,p=1$" SALT_16 "$" DIGEST_32, RH_FINDING_HASH_OUT_OF_RANGE},
	{"argon2id with six passes", RH_DIALECT_ARGON2ID,
	 "$argon2id$v=19$m=19456,t=6,p=1$" SALT_16 "$" DIGEST_32, RH_FINDING_HASH_OUT_OF_RANGE},
	{"argon2id with nine lanes", RH_DIALECT_ARGON2ID,
	 "$argon2id$v=19$m=19456,t=2,p=9$" SALT_16 "$" DIGEST_32, RH_FINDING_HASH_OUT_OF_RANGE},
	{"argon2i with two passes", RH_DIALECT_ARGON2I,
	 "$argon2i$v=19$m=19456,t=2,p=1$" SALT_16 "$" DIGEST_32, RH_FINDING_HASH_OUT_OF_RANGE},
	{"pbkdf2 sha1", RH_DIALECT_PBKDF2_SHA1,
	 "pbkdf2_sha1$600000$0102030405060708$0102030405060708090a0b0c0d0e0f1011121314",
	 RH_FINDING_HASH_UNSUPPORTED},
	{"pbkdf2 sha256 of few rounds", RH_DIALECT_PBKDF2_SHA256_DJANGO,
	 "pbkdf2_sha256$599999$salt$" DIGEST_32 "=", RH_FINDING_HASH_OUT_OF_RANGE},
	{"pbkdf2 sha256 of many rounds", RH_DIALECT_PBKDF2_SHA256_DJANGO,
	 "pbkdf2_sha256$1000001$salt$" DIGEST_32 "=", RH_FINDING_HASH_OUT_OF_RANGE},
	{"pbkdf2 sha512 of few rounds", RH_DIALECT_SHAPE,
	 "$pbkdf2-sha512$i=209999,l=64$" SALT_16 "$" DIGEST_64, RH_FINDING_HASH_OUT_OF_RANGE},
	{"pbkdf2 sha512 cut short", RH_DIALECT_SHAPE,
	 "$pbkdf2-sha512$i=210000,l=32$" SALT_16 "$" DIGEST_32, RH_FINDING_HASH_OUT_OF_RANGE},
	{"md5", RH_DIALECT_MD5, "0123456789abcdef0123456789abcdef", RH_FINDING_HASH_UNSUPPORTED},
	{"sha256 without salt", RH_DIALECT_SHA256,
	 "9cc31a9a549f54fb7b4df6296eda75d8fb29a6b5548d49ab5e82a81076273e39",
	 RH_FINDING_HASH_UNSUPPORTED},
	{"sha256 with the salt somewhere", RH_DIALECT_SHA256_SALTED, SHA256_SALTED,
	 RH_FINDING_HASH_SALT_PLACE},
	{"sha1 with the salt before", RH_DIALECT_SHAPE,
	 "sha1$salt$0102030405060708090a0b0c0d0e0f1011121314", RH_FINDING_HASH_UNSUPPORTED},
	{"sha1 without salt", RH_DIALECT_SHAPE,
	 "{SHA}E756HsGlR8p9PEzXKax958nMRGE=", RH_FINDING_HASH_UNSUPPORTED},
	{"sha256 done twice", RH_DIALECT_SHAPE, "$x-sha256$pos=suffix,it=2$" SALT_16 "$" DIGEST_32,
	 RH_FINDING_HASH_OUT_OF_RANGE},
	{"phpass", RH_DIALECT_PHPASS, "$P$B12345678iF8vUwLcH0qcMqrkJlQXo1",
	 RH_FINDING_HASH_UNSUPPORTED},
	{"a reference to somebody's pool", RH_DIALECT_EXTERNAL_POOL, "awscognito#pool#client#ada",
	 RH_FINDING_HASH_UNSUPPORTED},
};

static void test_refusal(void **state)
{
	const struct refusal *refusal = *state;
	struct workos workos = workos_instance();
	struct rh_credential credential;
	struct rh_json_writer writer;
	struct rh_arena arena;
	struct rh_buf text;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	assert_int_equal(rh_credential_parse(&arena, rh_str_from(refusal->source), RH_STR_ABSENT,
					     refusal->dialect, &credential),
			 RH_OK);
	assert_int_equal(credential.state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(workos_hash_obstacle(&workos, &credential), refusal->code);
	if ((rh_connector_workos.caps.schemes >> credential.scheme & 1) == 0) {
		rh_buf_init(&text, RH_REQUEST_MAX);
		rh_json_writer_init(&writer, &text);
		assert_int_equal(workos_hash_put(&workos, &credential, &writer), RH_EINVAL);
		assert_int_equal(text.len, 0);
		rh_buf_done(&text);
	}
	rh_arena_done(&arena);
}

/* Parameters that no text can hold, and lengths that no hash has. */
static void test_bounds_of_structs(void **state)
{
	struct workos workos = workos_instance();
	struct rh_credential credential = {
		.state = RH_CREDENTIAL_PRESENT,
		.scheme = RH_SCHEME_SCRYPT_FIREBASE,
		.cost = 1U << 14,
		.memory = 8,
		.parallelism = 1,
		.salt = RH_STR("salt"),
		.digest = RH_STR("digest"),
		.key = RH_STR("key"),
	};
	static char long_salt[5000];

	(void)state;
	assert_int_equal(workos_hash_obstacle(&workos, &credential), 0);
	credential.parallelism = 2;
	assert_int_equal(workos_hash_obstacle(&workos, &credential), RH_FINDING_HASH_OUT_OF_RANGE);
	credential.parallelism = 1;
	credential.cost = (1U << 14) + 1;
	assert_int_equal(workos_hash_obstacle(&workos, &credential), RH_FINDING_HASH_OUT_OF_RANGE);
	credential.cost = 0;
	assert_int_equal(workos_hash_obstacle(&workos, &credential), RH_FINDING_HASH_OUT_OF_RANGE);
	credential.cost = 1U << 14;
	memset(long_salt, 's', sizeof(long_salt));
	credential.salt = (struct rh_str){.ptr = long_salt, .len = sizeof(long_salt)};
	assert_int_equal(workos_hash_obstacle(&workos, &credential), RH_FINDING_HASH_OUT_OF_RANGE);
}

#define ARRIVALS (sizeof(arrivals) / sizeof(arrivals[0]))
#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

int main(void)
{
	struct CMUnitTest tests[ARRIVALS + REFUSALS + 1];
	size_t count = 0;

	for (size_t i = 0; i < ARRIVALS; i++) {
		tests[count++] = (struct CMUnitTest){
			.name = arrivals[i].name,
			.test_func = test_arrival,
			.initial_state = (void *)(uintptr_t)&arrivals[i],
		};
	}
	for (size_t i = 0; i < REFUSALS; i++) {
		tests[count++] = (struct CMUnitTest){
			.name = refusals[i].name,
			.test_func = test_refusal,
			.initial_state = (void *)(uintptr_t)&refusals[i],
		};
	}
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_bounds_of_structs);
	return cmocka_run_group_tests_name("workos hash", tests, NULL, NULL);
}
