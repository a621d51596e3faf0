/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a credential in another form: exactly the same, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/credential_form.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define BETTER_SALT "000102030405060708090a0b0c0d0e0f"
#define BETTER_KEY                                                                                 \
	"7034425e783148ac6ce2c4521177f6fc8ba611950b64145053bf3c4fbf26457865bbf1ea8164754187636d43" \
	"1114bca7374e96cf91409d23fbc0b086580d2442"
#define KEY32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY64 \
	"Y1FULYEag1Kxy4Xo8dySwZm9SSyOwNsSSgADe5x/0pEZ2Ygabx632pj+I/BWRf/VFK+0ti8zu5tOKtm9MzCCRw"

static struct rh_arena arena;

static int setup(void **state)
{
	(void)state;
	rh_arena_init(&arena, (size_t)16 << 20, RH_ARENA_WIPE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rh_arena_done(&arena);
	return 0;
}

static struct rh_credential parse(const char *raw, enum rh_dialect dialect)
{
	struct rh_credential cred;

	assert_int_equal(rh_credential_parse(&arena, rh_str_from(raw), RH_STR_ABSENT, dialect,
					     &cred),
			 RH_OK);
	assert_int_equal(cred.state, RH_CREDENTIAL_PRESENT);
	return cred;
}

/* `to` NULL: the form has no place for it. */
struct conversion {
	const char *from;
	enum rh_dialect dialect;
	const char *form;
	const char *to;
};

static void conversions_are_exact_or_refused(void **state)
{
	static const struct conversion conversions[] = {
		/* the two scrypt dialects with a text salt are one function */
		{BETTER_SALT ":" BETTER_KEY, RH_DIALECT_BETTER_AUTH_SCRYPT, "werkzeug",
		 "scrypt:16384:16:1$" BETTER_SALT "$" BETTER_KEY},
		{"scrypt:16384:16:1$" BETTER_SALT "$" BETTER_KEY, RH_DIALECT_SHAPE, "colon-scrypt",
		 BETTER_SALT ":" BETTER_KEY},
		{"scrypt:32768:8:1$" BETTER_SALT "$" BETTER_KEY, RH_DIALECT_SHAPE, "colon-scrypt",
		 NULL},
		{"scrypt:16384:16:1$saltsalt$" BETTER_KEY, RH_DIALECT_SHAPE, "colon-scrypt", NULL},
		{"scrypt:32768:8:1$saltsalt$" BETTER_KEY, RH_DIALECT_SHAPE, "django",
		 "scrypt$32768$saltsalt$8$1$cDRCXngxSKxs4sRSEXf2/IumEZULZBRQU788T78mRXhlu/"
		 "HqgWR1QYdjbUMRFLynN06Wz5FAnSP7wLCGWA0kQg=="},
		{"pbkdf2_sha256$1000$seasalt2$" KEY32 "=", RH_DIALECT_SHAPE, "canonical",
		 "$pbkdf2-sha256$i=1000,l=32$c2Vhc2FsdDI$" KEY32},
		{"$pbkdf2-sha256$i=1000,l=32$c2Vhc2FsdDI$" KEY32, RH_DIALECT_SHAPE, "django",
		 "pbkdf2_sha256$1000$seasalt2$" KEY32 "="},
		/* a salt that is no text has no place where the salt is text */
		{"$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgc$" KEY32, RH_DIALECT_SHAPE, "django", NULL},
		{"$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgc$" KEY32, RH_DIALECT_SHAPE, "werkzeug",
		 NULL},
		{"$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgc$" KEY32, RH_DIALECT_SHAPE, "passlib",
		 "$pbkdf2-sha256$1000$AAECAwQFBgc$" KEY32},
		/* passlib's form says no length: only the digest's own can be meant */
		{"$pbkdf2-sha256$i=1000,l=64$AAECAwQFBgc$" KEY64, RH_DIALECT_SHAPE, "passlib",
		 NULL},
		{"$pbkdf2-sha256$i=1000,l=64$AAECAwQFBgc$" KEY64, RH_DIALECT_SHAPE, "json",
		 "{\"type\":\"password\",\"secretData\":\"{\\\"value\\\":\\\"" KEY64
		 "==\\\",\\\"salt\\\":\\\"AAECAwQFBgc=\\\",\\\"additionalParameters\\\":{}}\","
		 "\"credentialData\":\"{\\\"hashIterations\\\":1000,\\\"algorithm\\\":"
		 "\\\"pbkdf2-sha256\\\",\\\"additionalParameters\\\":{}}\"}"},
		{"$argon2id$v=19$m=7168,t=5,p=1$AAECAwQFBgcICQoLDA0ODw$" KEY32, RH_DIALECT_SHAPE,
		 "json",
		 "{\"type\":\"password\",\"secretData\":\"{\\\"value\\\":\\\"" KEY32
		 "=\\\",\\\"salt\\\":\\\"AAECAwQFBgcICQoLDA0ODw==\\\","
		 "\\\"additionalParameters\\\":{}}\",\"credentialData\":"
		 "\"{\\\"hashIterations\\\":5,\\\"algorithm\\\":\\\"argon2\\\","
		 "\\\"additionalParameters\\\":{\\\"type\\\":[\\\"id\\\"],\\\"version\\\":[\\\"1."
		 "3\\\"],"
		 "\\\"hashLength\\\":[\\\"32\\\"],\\\"memory\\\":[\\\"7168\\\"],"
		 "\\\"parallelism\\\":[\\\"1\\\"]}}\"}"},
		{"{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_DIALECT_SHAPE, "ldap",
		 "{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw=="},
		{"sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8", RH_DIALECT_SHAPE, "ldap",
		 NULL},
		{"sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8", RH_DIALECT_SHAPE,
		 "django", "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8"},
		{"$2y$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", RH_DIALECT_SHAPE,
		 "ldap", "{CRYPT}$2y$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"},
		{"$2y$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", RH_DIALECT_SHAPE,
		 "werkzeug", NULL},
		{"sha512_symfony$5000$salt$" KEY64 "==", RH_DIALECT_SHAPE, "symfony",
		 "sha512_symfony$5000$salt$" KEY64 "=="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++) {
		const struct conversion *conversion = &conversions[i];
		const struct rh_credential_form *form = rh_credential_form_find(conversion->form);
		struct rh_credential cred = parse(conversion->from, conversion->dialect);
		rh_autobuf text = {0};
		int code;

		rh_buf_init(&text, 4096);
		assert_non_null(form);
		code = rh_credential_convert(&cred, form, &arena, &text);
		if (conversion->to == NULL) {
			assert_int_equal(code, RH_EINVAL);
			assert_int_equal(text.len, 0);
			continue;
		}
		assert_int_equal(code, RH_OK);
		assert_string_equal(text.ptr, conversion->to);
	}
}

/* For targets that want everything singly, e.g. work factor, 22 characters of salt and 31 of value. */
static void members_are_given_singly(void **state)
{
	struct rh_credential cred =
		parse("$2y$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
		      RH_DIALECT_SHAPE);
	struct rh_json json = {0};
	const struct rh_json_node *root;
	rh_autobuf text = {0};
	int64_t cost;

	(void)state;
	rh_buf_init(&text, 4096);
	assert_int_equal(rh_credential_convert(&cred, rh_credential_form_find("members"), &arena,
					       &text),
			 RH_OK);
	assert_int_equal(rh_json_parse(&json, text.ptr, text.len, NULL), RH_OK);
	root = rh_json_root(&json);
	assert_true(rh_json_get_i64(root, "cost", &cost) && cost == 12);
	assert_true(rh_str_is(rh_json_get_string(root, "saltText"), "R9h/cIPz0gi.URNNX3kh2O"));
	assert_true(rh_str_is(rh_json_get_string(root, "digestText"),
			      "PST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"));
	rh_json_done(&json);
}

static void fields_become_a_credential_within_its_bounds(void **state)
{
	static char digest[32];
	struct rh_credential draft = {
		.scheme = RH_SCHEME_SCRYPT,
		.cost = 32768,
		.memory = 8,
		.parallelism = 1,
		.salt = RH_STR("zKia-0BdIFKCzWbzXbj3qrhBnbiWNg=="),
		.digest = {.ptr = digest, .len = sizeof(digest)},
	};
	struct rh_credential out;

	(void)state;
	assert_int_equal(rh_credential_compose(&arena, &draft, &out), RH_OK);
	assert_int_equal(out.state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(out.cost, 32768);
	assert_true(rh_str_eq(out.salt, draft.salt));
	draft.memory = 0;
	assert_int_equal(rh_credential_compose(&arena, &draft, &out), RH_OK);
	assert_int_equal(out.state, RH_CREDENTIAL_OUT_OF_RANGE);
	draft.scheme = RH_SCHEME_MD5;
	draft.salt_place = RH_SALT_SUFFIX;
	assert_int_equal(rh_credential_compose(&arena, &draft, &out), RH_OK);
	assert_int_equal(out.state, RH_CREDENTIAL_UNRECOGNISED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversions_are_exact_or_refused),
		cmocka_unit_test(members_are_given_singly),
		cmocka_unit_test(fields_become_a_credential_within_its_bounds),
	};

	return cmocka_run_group_tests_name("account/credential_form", tests, setup, teardown);
}
