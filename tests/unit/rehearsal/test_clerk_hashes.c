/* SPDX-License-Identifier: Apache-2.0 */
/* Digests at the rehearsed Clerk: each hasher takes its one form, and verify_password truly checks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clerk_play.h"

#define PASSWORD "Kk4aPMeiaRpAs2OeX1NE"
#define HEX64 "3ef6a03adecbc4cdb53d7cff60c8f7009a8e26462099fd75fb46aac85fd3c333"
#define WERKZEUG                                                                       \
	"9b964fe4997bcedf71eba1eeea23a772a0fdf72564500971560aae0730ea111352644cfea45b" \
	"f815dc810c5e8580d386d6728a06723e5e3a5a2d3da8c9c24341"
#define FIREBASE                                                                                   \
	"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/"                                                      \
	"qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$"                                   \
	"42xEC+ixf3L2lw==$"                                                                        \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==" \
	"$"                                                                                        \
	"Bw==$8$14"

/* A digest and the password that fits it; NULL: nothing here can tell. */
static const struct {
	const char *hasher;
	const char *digest;
	const char *password;
} vectors[] = {
	{"bcrypt", "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2", PASSWORD},
	{"bcrypt_peppered", "$2b$04$abcdefghijklmnopqrstuufVYGsSAcK9X/VCKEqgsX.lDBlUxw9ny$pepper!",
	 PASSWORD},
	{"bcrypt_sha256_django",
	 "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuu216D6cN9EToQJpQWHiszu5gdwwJIqse", PASSWORD},
	{"argon2i",
	 "$argon2i$v=19$m=64,t=3,p=1$c2FsdHNhbHRzYWx0$DbVWK+Eg2tKmlHIuExwEjid7gFVGhRixsu5WPjHOWCc",
	 PASSWORD},
	{"argon2id",
	 "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$/umuuebjex8ZAY1fN/"
	 "dIgJGzSmwB7hDN2Mw9ZOvpdNE",
	 PASSWORD},
	{"pbkdf2_sha1",
	 "pbkdf2_sha1$1000$000102030405060708090a0b0c0d0e0f$"
	 "ca0c21d131200852177a1bca8f4f4cc91fe52fa0ba7baa2636d82a88983fe080",
	 PASSWORD},
	{"pbkdf2_sha1", "pbkdf2_sha1$1000$seasalt$889d567a1a6671319db2585ea3d3b61424ddf87f$20",
	 PASSWORD},
	{"pbkdf2_sha256",
	 "pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$"
	 "icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=",
	 PASSWORD},
	{"pbkdf2_sha256_django",
	 "pbkdf2_sha256$1000$seasalt$+eYOGMa5QJX5jqQGVQ2umPAYxNI52VBx6ro9yAHjDQ4=", PASSWORD},
	{"pbkdf2_sha512",
	 "pbkdf2_sha512$1000$seasalt$"
	 "8da363208e84fcff86e514458bcd1a89c589a25d97addd1746a2754f8cc6fd17"
	 "e5163e971a244b4e010862069a9b2329e9ffab8d79e1da271fb7dc0f53de28f6",
	 PASSWORD},
	{"pbkdf2_sha512_hex",
	 "pbkdf2_sha512_hex$1000$000102030405060708090a0b0c0d0e0f$"
	 "94b2533d3d75efea29a51b7b7e562fe8a7f7b9fa5f4715b46806d1882aec0bea"
	 "94a602256267c55d8dbcfe740ee4e19ccc5f74c21a76accda84ad5735e4b8509",
	 PASSWORD},
	{"scrypt_firebase", FIREBASE, "user1password"},
	{"scrypt_werkzeug", "scrypt:1024:8:1$seasalt$" WERKZEUG, PASSWORD},
	{"md5", "c2df41f5f40feb0f8a0bf9088a85149b", PASSWORD},
	/* Which of the two is right no document says. */
	{"md5_salted", "seasalt$b19004279378e66df0d0e757fdb70024", PASSWORD},
	{"md5_salted", "seasalt$5b295d8e9bf3483614a59b9197f43a12", PASSWORD},
	{"sha256", HEX64, PASSWORD},
	{"sha256_salted",
	 "seasalt$6eae622b7d11a8ba107be30ce673dbe8af8767093f276ebdf9c9b8812929a2d6", PASSWORD},
	{"sha256_salted",
	 "seasalt$167cbded7fd6b2bc22ace0c811a545590dcfcfd498420dbbf27b20d4b40dc7c9", PASSWORD},
	{"sha512_symfony",
	 "sha512_symfony$1000$seasalt$1UPYm2hNldkXivPiu1LtFdYYQNMx8OnIqgPEgXeB0UWR9fiCyjbpaeF8w6c5d"
	 "Hq5W1mTfQWOP68Aug4AQDx6bQ==",
	 PASSWORD},
	{"phpass", "$P$5saltsalta3eoIqRXLzFAtfBP5n6De1", PASSWORD},
	{"md5_phpass", "$P$5saltsaltP.EsO5vUEMJrdDZyClxvH1", PASSWORD},
	{"ldap_ssha", "{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", PASSWORD},
	{"hmac_sha256_utf16_b64", "icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=", NULL},
	{"awscognito", "awscognito#eu-west-1_AbCdEf#1example23456789#jane@shop.dev", NULL},
};

static unsigned create(struct play *play, const char *hasher, const char *digest)
{
	char body[1024];

	(void)snprintf(body, sizeof(body),
		       "{\"email_address\":[\"a@shop.dev\"],\"password_hasher\":\"%s\","
		       "\"password_digest\":\"%s\"}",
		       hasher, digest);
	return play_ask(play, "POST /v1/users", body);
}

static void verify(struct play *play, const char *id, const char *password, unsigned status,
		   const char *code)
{
	char line[256];
	unsigned is;

	(void)snprintf(line, sizeof(line), "POST /v1/users/%s/verify_password", id);
	is = play_askf(play, line, "{\"password\":\"%s\"}", password);
	assert_int_equal(is, status);
	if (code != NULL) {
		assert_string_equal(clerk_path_text(play, "errors.0.code"), code);
	} else {
		clerk_true(play, "verified");
	}
}

static void test_verified(void **state)
{
	struct play *play = *state;
	char id[64];
	char line[256];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		unsigned status = create(play, vectors[i].hasher, vectors[i].digest);

		if (status != 200) {
			print_error("%s: %s\n", vectors[i].hasher, play->call.out.ptr);
		}
		assert_int_equal(status, 200);
		(void)snprintf(id, sizeof(id), "%s", play_text(play, "id"));
		if (vectors[i].password == NULL) {
			verify(play, id, PASSWORD, 501, "rehearsal_cannot_check");
		} else {
			verify(play, id, vectors[i].password, 200, NULL);
			verify(play, id, "Kk4aPMeiaRpAs2OeX1NF", 422, "incorrect_password");
		}
		(void)snprintf(line, sizeof(line), "DELETE /v1/users/%s", id);
		assert_int_equal(play_ask(play, line, NULL), 200);
	}
}

static const struct {
	const char *hasher;
	const char *digest;
} wrong[] = {
	{"bcrypt", ""},
	{"bcrypt", "$2x$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"},
	{"bcrypt", "$2b$16$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"},
	{"bcrypt", "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO"},
	{"bcrypt_peppered", "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2$"},
	{"bcrypt_sha256_django", "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"},
	{"argon2id", "argon2$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$/umuuebj"},
	{"argon2id", "$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$/umuuebj"},
	{"argon2id", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$/umuuebj"},
	{"argon2i", "$argon2i$v=19$t=1,m=64,p=1$c2FsdHNhbHRzYWx0$/umuuebj"},
	{"pbkdf2_sha1", "pbkdf2_sha1$1000$seasalt$889d567a1a6671319db2585ea3d3b61424ddf87f"},
	{"pbkdf2_sha256",
	 "pbkdf2_sha256$1000$sea!salt$icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg="},
	{"pbkdf2_sha256_django",
	 "pbkdf2_sha256_django$1$seasalt$icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg="},
	{"pbkdf2_sha512", "pbkdf2_sha512$0$seasalt$" WERKZEUG},
	{"pbkdf2_sha512_hex", "pbkdf2_sha512_hex$1$seasalt$" WERKZEUG},
	{"scrypt_firebase", "UkVEQUNURUQ9PT0=$NaCl0001base64==$jxspr8Ki$Bw==$8$14"},
	{"scrypt_firebase", FIREBASE "$1"},
	{"scrypt_werkzeug", "scrypt:1000:8:1$seasalt$" WERKZEUG},
	{"scrypt_werkzeug", "pbkdf2:sha256:1000$seasalt$" HEX64},
	{"md5", HEX64},
	{"md5_salted", "c2df41f5f40feb0f8a0bf9088a85149b"},
	{"sha256", "c2df41f5f40feb0f8a0bf9088a85149b"},
	{"sha256_salted", HEX64 "$seasalt"},
	{"sha512_symfony", "sha512_symfony$1$seasalt$c2hvcnQ="},
	{"phpass", "$H$5saltsalta3eoIqRXLzFAtfBP5n6De1"},
	{"phpass", "$P$5saltsalta3eoIqRXLzFAtfBP5n6De"},
	{"ldap_ssha", "{ssha}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw=="},
	{"ldap_ssha", "{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IY="},
	{"hmac_sha256_utf16_b64", "c2hvcnQ="},
	{"awscognito", "awscognito#pool#client"},
};

static void test_wrong(void **state)
{
	struct play *play = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		unsigned status = create(play, wrong[i].hasher, wrong[i].digest);

		if (status != 422) {
			print_error("%s %s\n", wrong[i].hasher, wrong[i].digest);
		}
		assert_int_equal(status, 422);
		clerk_expect(play, "form_password_digest_invalid_code", "password_digest");
	}
}

/* A plain password is kept as bcrypt, or is refused; nobody without one can be checked. */
static void test_plain(void **state)
{
	struct play *play = *state;
	char id[64];

	clerk_made(play, "{\"username\":\"somebody\",\"password\":\"correct horse\"}");
	(void)snprintf(id, sizeof(id), "%s", play_text(play, "id"));
	verify(play, id, "correct horse", 200, NULL);
	verify(play, id, "correct horsf", 422, "incorrect_password");
	assert_int_equal(clerk_change(play, "PATCH", "",
				      "{\"password\":\"12345678\",\"skip_password_checks\":true}"),
			 200);
	verify(play, id, "12345678", 200, NULL);
	assert_int_equal(clerk_change(play, "POST", "/password/set_compromised", "{}"), 200);
	assert_int_equal(clerk_change(play, "POST", "/password/unset_compromised", NULL), 200);
	assert_int_equal(clerk_change(play, "POST", "/remove_password", "{}"), 200);
	assert_true(json_is_false(json_object_get(play->answer, "password_enabled")));
	verify(play, id, "12345678", 400, "no_password_set");
	assert_int_equal(clerk_change(play, "POST", "/verify_password", "{\"password\":1}"), 422);
	assert_int_equal(clerk_change(play, "POST", "/verify_password", "{}"), 422);
	clerk_expect(play, "form_param_missing", "password");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verified, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_wrong, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_plain, clerk_setup, clerk_teardown),
	};

	return cmocka_run_group_tests_name("rehearsal/clerk_hashes", tests, NULL, NULL);
}
