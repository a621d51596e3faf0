/* SPDX-License-Identifier: Apache-2.0 */
/* Hash strings of the rehearsed WorkOS: forms and ranges at import, the truth at sign-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "connectors/imitations.h"
#include "connectors/workos/workos_rehearse.h"
#include "play.h"
#include "workos_vectors.h"

#define USERS "/user_management/users"
#define SALT16 "AQIDBAUGBwgJCgsMDQ4PEA"
#define HASH32 "FKmfvh8cvURWEaHp33NIO3JQH8omY1vY+lccfm+zKcY"
#define HASH64 \
	"o4dLsxdwl6FQ+4nphHpvfLuKkMI0so7CCBxiocIDYdF5/LMuBjPVHZQsjPB8gba5DbtZphhPT8vCsHABBBjhLw"
#define BCRYPT_TAIL "$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW"

static bool accepts(const char *type, const char *hash, enum workos_firebase_form form)
{
	struct rh_arena arena;
	struct rh_credential credential;
	bool is_accepted;

	rh_arena_init(&arena, 65536, 0);
	is_accepted = workos_parse_hash(&arena, rh_str_from(type), rh_str_from(hash), RH_STR_ABSENT,
					form, &credential);
	rh_arena_done(&arena);
	return is_accepted;
}

struct form {
	const char *type;
	const char *hash;
	bool is_accepted;
};

static const struct form forms[] = {
	{"bcrypt", "$2a$04" BCRYPT_TAIL, true},
	{"bcrypt", "$2b$31" BCRYPT_TAIL, true},
	{"bcrypt", "$2b$03" BCRYPT_TAIL, false},
	{"bcrypt", "$2b$32" BCRYPT_TAIL, false},
	{"bcrypt", "$2y$10" BCRYPT_TAIL, false},
	{"bcrypt", "$2x$10" BCRYPT_TAIL, false},
	{"bcrypt", "$2$10" BCRYPT_TAIL "x", false},
	{"bcrypt", "$2b$10" BCRYPT_TAIL "x", false},
	{"bcrypt", "$2b$10$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.q=", false},
	{"bcrypt", "", false},
	{"scrypt", "$scrypt$v=1$n=16384,r=8,p=1,kl=32$" SALT16 "$" HASH32, true},
	{"scrypt", "$scrypt$v=1$n=14,r=8,p=1,kl=32$" SALT16 "$" HASH32, false},
	{"scrypt", "$scrypt$v=1$n=16384,r=8,p=1,kl=64$" SALT16 "$" HASH32, false},
	{"scrypt", "$scrypt$v=1$r=8,n=16384,p=1,kl=32$" SALT16 "$" HASH32, false},
	{"scrypt", "$scrypt$v=1$n=016384,r=8,p=1,kl=32$" SALT16 "$" HASH32, false},
	{"scrypt", "$scrypt$n=16384,r=8,p=1,kl=32$" SALT16 "$" HASH32, false},
	{"scrypt", "$scrypt$v=1$n=16384,r=8,p=1$" SALT16 "$" HASH32, false},
	{"scrypt", "$scrypt$v=1$n=16384,r=0,p=1,kl=32$" SALT16 "$" HASH32, false},
	{"scrypt", "$scrypt$v=1$n=16384,r=8,p=1,kl=32$" SALT16 "==$" HASH32, false},
	{"scrypt", "$scrypt$v=1$n=16384,r=8,p=1,kl=32$" SALT16 "$" HASH32 "=", false},
	{"scrypt", "$scrypt$v=1$n=16384,r=8,p=1,kl=32$" SALT16 "$" HASH32 "$", false},
	{"scrypt", "$scrypt$v=1$n=16384,r=8,p=1,kl=32$$" HASH32, false},
	{"pbkdf2", "$pbkdf2$i=600000,d=sha256$" SALT16 "$" HASH32, true},
	{"pbkdf2", "$pbkdf2$i=1000000,d=sha256$" SALT16 "$" HASH32, true},
	{"pbkdf2", "$pbkdf2$i=1000001,d=sha256$" SALT16 "$" HASH32, false},
	{"pbkdf2", "$pbkdf2$i=599999,d=sha256$" SALT16 "$" HASH32, false},
	{"pbkdf2", "$pbkdf2$i=210000,d=sha512$" SALT16 "$" HASH64, true},
	{"pbkdf2", "$pbkdf2$i=209999,d=sha512$" SALT16 "$" HASH64, false},
	{"pbkdf2", "$pbkdf2$i=600000,d=sha1$" SALT16 "$" HASH32, false},
	{"pbkdf2", "$pbkdf2$i=600000,d=sha256$" SALT16 "$" HASH64, false},
	{"pbkdf2", "$pbkdf2$v=1$i=600000,d=sha256$" SALT16 "$" HASH32, false},
	{"pbkdf2", "$pbkdf2-sha256$600000$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$v=19$m=4096,t=1,p=1$" SALT16 "$" HASH32, true},
	{"argon2", "$argon2id$v=19$m=262144,t=5,p=8$" SALT16 "$" HASH32, true},
	{"argon2", "$argon2id$v=19$m=4095,t=1,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$v=19$m=262145,t=1,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$v=19$m=4096,t=6,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$v=19$m=4096,t=0,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$v=19$m=4096,t=1,p=9$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$v=16$m=4096,t=1,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$m=4096,t=1,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2id$v=19$t=1,m=4096,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2i$v=19$m=4096,t=3,p=1$" SALT16 "$" HASH32, true},
	{"argon2", "$argon2i$v=19$m=4096,t=2,p=1$" SALT16 "$" HASH32, false},
	{"argon2", "$argon2d$v=19$m=4096,t=1,p=1$" SALT16 "$" HASH32, true},
	{"argon2", "$argon2x$v=19$m=4096,t=1,p=1$" SALT16 "$" HASH32, false},
	{"ssha", "{SSHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==", true},
	{"ssha", "{SSHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA", false},
	{"ssha", "{ssha}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==", false},
	{"ssha", "{SSHA}E756HsGlR8p9PEzXKax958nMRGE=", false},
	{"ssha", "{SHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==", false},
	{"ssha256", "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==", true},
	{"ssha256", "{SSHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==", false},
	{"firebase-scrypt", "$firebase-scrypt$v=1$r=8,m=14,ss=,sk=AAAA$AAAA$AAAA", true},
	{"firebase-scrypt", "$firebase-scrypt$v=1$r=9,m=14,ss=Bw,sk=AAAA$AAAA$AAAA", false},
	{"firebase-scrypt", "$firebase-scrypt$v=1$r=8,m=15,ss=Bw,sk=AAAA$AAAA$AAAA", false},
	{"firebase-scrypt", "$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=$AAAA$AAAA", false},
	{"firebase-scrypt", "$firebase-scrypt$v=1$r=8,m=14,ss=Bw==,sk=AAAA$AAAA$AAAA", false},
	{"firebase-scrypt", "$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=A-_A$AAAA$AAAA", false},
	{"firebase-scrypt", "$firebase-scrypt$v=1$m=14,r=8,ss=Bw,sk=AAAA$AAAA$AAAA", false},
	{"md5", "5f4dcc3b5aa765d61d8327deb882cf99", false},
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		bool is_accepted = accepts(forms[i].type, forms[i].hash, WORKOS_FIREBASE_A);

		if (is_accepted != forms[i].is_accepted) {
			print_error("%s %s\n", forms[i].type, forms[i].hash);
		}
		assert_int_equal(is_accepted, forms[i].is_accepted);
	}
}

/* No hash passes under another type's name, nor cut short. */
static void test_types_are_not_mixed(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORKOS_VECTOR_COUNT; i++) {
		const struct workos_vector *vector = &workos_vectors[i];
		char cut[512];

		for (size_t k = 0; k < WORKOS_VECTOR_COUNT; k++) {
			bool is_same = strcmp(workos_vectors[k].type, vector->type) == 0;

			assert_true(is_same || !accepts(workos_vectors[k].type, vector->hash,
							WORKOS_FIREBASE_ANY));
		}
		(void)snprintf(cut, sizeof(cut), "%s", vector->hash);
		cut[strlen(cut) / 2] = '\0';
		assert_false(accepts(vector->type, cut, WORKOS_FIREBASE_ANY));
	}
}

/* Only the form that is switched on passes. */
static void test_firebase_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORKOS_VECTOR_COUNT; i++) {
		const struct workos_vector *vector = &workos_vectors[i];
		char last = vector->name[strlen(vector->name) - 1];

		if (strcmp(vector->type, "firebase-scrypt") != 0 || last == 'y') {
			continue;
		}
		for (int form = WORKOS_FIREBASE_A; form <= WORKOS_FIREBASE_C; form++) {
			assert_int_equal(accepts(vector->type, vector->hash,
						 (enum workos_firebase_form)form),
					 last == "abc"[form]);
		}
		assert_true(accepts(vector->type, vector->hash, WORKOS_FIREBASE_ANY));
	}
}

static int setup(void **state)
{
	struct play *play = malloc(sizeof(*play));

	assert_non_null(play);
	play_init(play, &rh_imitation_workos, true);
	*state = play;
	return 0;
}

static int teardown(void **state)
{
	play_done(*state);
	free(*state);
	return 0;
}

static unsigned sign_in(struct play *play, const char *email, const char *password)
{
	play->key = NULL;
	return play_askf(
		play, "POST /user_management/authenticate",
		"{\"client_id\":\"client_rehearsal\",\"client_secret\":\"sk_test_rehearsal\","
		"\"grant_type\":\"password\",\"email\":\"%s\",\"password\":\"%s\"}",
		email, password);
}

static void create_user(struct play *play, const char *email, const char *more)
{
	play->key = "sk_test_rehearsal";
	assert_int_equal(play_askf(play, "POST " USERS, "{\"email\":\"%s\"%s}", email, more), 201);
}

static void test_plain_password(void **state)
{
	struct play *play = *state;

	create_user(play, "ada@example.com",
		    ",\"email_verified\":true,\"password\":\"correct horse\"");
	assert_true(json_is_null(json_object_get(play->answer, "last_sign_in_at")));
	rh_clock_manual_advance(&play->clock, RH_SECOND);
	assert_int_equal(sign_in(play, "ADA@example.com", "correct horse"), 200);
	assert_string_equal(play_text(play, "authentication_method"), "Password");
	assert_non_null(strchr(play_text(play, "access_token"), '.'));
	assert_true(play_text(play, "refresh_token")[0] != '\0');
	assert_string_equal(json_string_value(json_object_get(json_object_get(play->answer, "user"),
							      "last_sign_in_at")),
			    "2027-01-15T08:00:01.000Z");
	assert_int_equal(sign_in(play, "ada@example.com", "correct hors"), 400);
	assert_string_equal(play_text(play, "code"), "invalid_credentials");
	assert_int_equal(play->tenant.figures.sign_ins, 1);
	assert_int_equal(play->tenant.figures.sign_ins_refused, 1);
	assert_int_equal(play->tenant.figures.writes, 1);
	assert_int_equal(play->tenant.figures.mails, 0);
}

/* The hash must fit before anything is said about the address; only then a code would be mailed. */
static void test_unverified(void **state)
{
	struct play *play = *state;

	create_user(play, "ada@example.com", ",\"password\":\"correct horse\"");
	assert_int_equal(sign_in(play, "ada@example.com", "wrong horse"), 400);
	assert_int_equal(sign_in(play, "ada@example.com", "correct horse"), 403);
	assert_string_equal(play_text(play, "code"), "email_verification_required");
	assert_true(play_text(play, "pending_authentication_token")[0] != '\0');
	assert_true(play_text(play, "email_verification_id")[0] != '\0');
	assert_int_equal(play->tenant.figures.mails, 1);
	play->key = "sk_test_rehearsal";
	assert_int_equal(play_ask(play, "GET " USERS, NULL), 200);
	assert_true(json_is_null(
		json_object_get(json_array_get(json_object_get(play->answer, "data"), 0),
				"last_sign_in_at")));
}

static void test_no_password_and_nobody(void **state)
{
	struct play *play = *state;

	create_user(play, "ada@example.com", ",\"email_verified\":true");
	assert_int_equal(sign_in(play, "ada@example.com", "correct horse"), 400);
	assert_string_equal(play_text(play, "code"), "invalid_credentials");
	assert_int_equal(sign_in(play, "nobody@example.com", "correct horse"), 400);
	assert_string_equal(play_text(play, "code"), "invalid_credentials");
}

static void test_attempts_are_limited(void **state)
{
	struct play *play = *state;

	for (int i = 0; i < 10; i++) {
		assert_int_equal(sign_in(play, i % 2 ? "a@example.com" : "A@example.com", "x"),
				 400);
	}
	assert_int_equal(sign_in(play, "a@example.com", "x"), 429);
	assert_string_equal(play_text(play, "error"), "too_many_requests");
	assert_string_equal(play_header(play, "Retry-After"), "60");
	assert_int_equal(sign_in(play, "b@example.com", "x"), 400);
	rh_clock_manual_advance(&play->clock, 60 * RH_SECOND);
	assert_int_equal(sign_in(play, "a@example.com", "x"), 400);
}

static void test_bad_questions(void **state)
{
#define SIGN_IN "POST /user_management/authenticate"
	struct play *play = *state;

	play->key = NULL;
	assert_int_equal(play_ask(play, SIGN_IN, "{}"), 422);
	assert_int_equal(play_ask(play, SIGN_IN, "{\"client_secret\":\"sk_test_other\"}"), 400);
	assert_string_equal(play_text(play, "error"), "invalid_client");
	assert_int_equal(play_ask(play, SIGN_IN, "{\"client_secret\":\"sk_test_rehearsal\"}"), 400);
	assert_string_equal(play_text(play, "error"), "unsupported_grant_type");
	assert_int_equal(
		play_ask(play, SIGN_IN,
			 "{\"client_secret\":\"sk_test_rehearsal\",\"grant_type\":\"password\"}"),
		422);
	assert_int_equal(json_array_size(json_object_get(play->answer, "errors")), 3);
#undef SIGN_IN
}

/* A replaced credential is the only one that fits from then on. */
static void test_replaced(void **state)
{
	struct play *play = *state;
	char line[128];

	create_user(play, "ada@example.com",
		    ",\"email_verified\":true,\"password\":\"correct horse\"");
	(void)snprintf(line, sizeof(line), "PUT " USERS "/%s", play_text(play, "id"));
	assert_int_equal(
		play_askf(play, line,
			  "{\"password_hash_type\":\"ssha256\",\"password_hash\":\"%s\","
			  "\"password_salt_position\":\"prefix\"}",
			  "{SSHA256}xNbRV9ypkgx5KmfQXH8JL5smOxb4UvR2AjY1Zq6BqPcBAgMEBQYHCA=="),
		200);
	assert_int_equal(sign_in(play, "ada@example.com", "correct horse"), 400);
	assert_int_equal(sign_in(play, "ada@example.com", "Passw0rd!"), 200);
	play->key = "sk_test_rehearsal";
	assert_int_equal(play_ask(play, line, "{\"password\":\"battery staple\"}"), 200);
	assert_int_equal(sign_in(play, "ada@example.com", "Passw0rd!"), 400);
	assert_int_equal(sign_in(play, "ada@example.com", "battery staple"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_types_are_not_mixed),
		cmocka_unit_test(test_firebase_forms),
		cmocka_unit_test_setup_teardown(test_plain_password, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unverified, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_password_and_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_attempts_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_questions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
