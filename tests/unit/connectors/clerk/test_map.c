/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping of Clerk records, one rule at a time: guard, lists, verified, primary, hashers, kinds of file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/clerk/clerk.h"
#include "connectors/clerk/clerk_fields.h"
#include "connectors/clerk/clerk_password.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define FINDINGS_MAX 32

/* One record mapped; everything lives until `drop`. */
struct mapped {
	struct rh_finding_sink sink;
	enum rh_finding_code codes[FINDINGS_MAX];
	char paths[FINDINGS_MAX][64];
	size_t finding_count;
	struct rh_arena arena;
	struct rh_json json;
	char *text;
	struct rh_account account;
	int status;
};

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct mapped *mapped = (struct mapped *)sink;

	assert_true(mapped->finding_count < FINDINGS_MAX);
	mapped->codes[mapped->finding_count] = finding->code;
	(void)snprintf(mapped->paths[mapped->finding_count], sizeof(mapped->paths[0]), "%.*s",
		       RH_STR_ARG(finding->path));
	mapped->finding_count++;
}

static bool has_finding(const struct mapped *mapped, enum rh_finding_code code, const char *path)
{
	for (size_t i = 0; i < mapped->finding_count; i++) {
		if (mapped->codes[i] == code && strcmp(mapped->paths[i], path) == 0) {
			return true;
		}
	}
	return false;
}

static void start(struct mapped *mapped)
{
	*mapped = (struct mapped){.sink = {.add = add_finding}};
	rh_arena_init(&mapped->arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
}

static void map_json(struct mapped *mapped, const char *text, enum rh_primary_policy primary)
{
	struct rh_mapping_policy policy = {.primary = primary};
	struct rh_record record = {.number = 1};
	struct rh_err err = {0};

	start(mapped);
	mapped->text = rh_strdup(text);
	assert_non_null(mapped->text);
	if (rh_json_parse(&mapped->json, mapped->text, strlen(text), &err) != RH_OK) {
		fail_msg("%s: %s", text, err.message);
	}
	record.json = rh_json_root(&mapped->json);
	mapped->status = clerk_from_record(NULL, &record, &policy, &mapped->arena, &mapped->sink,
					   &mapped->account, &err);
	/* Nothing of the account may point into the record. */
	memset(mapped->text, '#', strlen(text));
}

/* A row of the Dashboard's CSV with one cell beside the id. */
static void map_cell(struct mapped *mapped, const char *column, const char *cell)
{
	const struct rh_str names[] = {RH_STR("id"), rh_str_from(column)};
	char *copy = rh_strdup(cell);
	assert_non_null(copy);
	const struct rh_str cells[] = {RH_STR("user_1"), rh_str_from(copy)};
	const struct rh_columns columns = {.names = names, .count = 2};
	const struct rh_record record = {.columns = &columns, .cells = cells, .number = 1};
	const struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	struct rh_err err = {0};

	start(mapped);
	mapped->status = clerk_from_record(NULL, &record, &policy, &mapped->arena, &mapped->sink,
					   &mapped->account, &err);
	memset(copy, '#', strlen(cell));
	rh_free(copy);
}

static void drop(struct mapped *mapped)
{
	rh_arena_done(&mapped->arena);
	rh_json_done(&mapped->json);
	rh_free(mapped->text);
}

static void assert_text(struct rh_str actual, const char *expected)
{
	if (!rh_str_eq(actual, rh_str_from(expected))) {
		fail_msg("\"%.*s\" is not \"%s\"", RH_STR_ARG(actual),
			 expected != NULL ? expected : "(absent)");
	}
}

static void names_of_fields_are_sorted(void **)
{
	for (int i = 1; i < CLERK_FIELDS; i++) {
		const char *before = clerk_field_name((enum clerk_field)(i - 1));
		const char *after = clerk_field_name((enum clerk_field)i);
		size_t shorter = strlen(before);
		size_t longer = strlen(after);
		if (shorter > longer || (shorter == longer && strcmp(before, after) >= 0)) {
			fail_msg("%s stands before %s", before, after);
		}
	}
}

/* Names are looked for by length and bytes: every one is found, none that is like one. */
static void members_are_found_by_their_whole_name(void **)
{
	char text[] =
		"{\"id\":1,\"provider\":2,\"reserved\":3,\"backup_codes\":4,\"phone_number\":5,"
		"\"verification\":6,\"email_address\":7,\"provider_user_id\":8,"
		"\"default_second_factor\":9,\"email_address_verified\":10,"
		"\"reserved_for_second_factor\":11,\"ie\":0,\"\":0,\"provided\":0,\"reserve\":0,"
		"\"reserved_for_second_factors_of_somebody\":0,\"id\":12}";
	const struct rh_json_node *members[CLERK_MEMBERS];
	struct rh_json json = {0};

	assert_int_equal(rh_json_parse(&json, text, strlen(text), NULL), RH_OK);
	clerk_members_of_node(members, rh_json_root(&json));
	for (int i = 0; i < CLERK_MEMBERS; i++) {
		char expected[12];
		/* Of duplicate members the last. */
		(void)snprintf(expected, sizeof(expected), "%d", i == 0 ? 12 : i + 1);
		assert_text(rh_json_text(members[i]), expected);
	}
	rh_json_done(&json);
}

static void guard_is_one_tab_before_a_formula(void **)
{
	static const struct {
		const char *cell;
		const char *expected;
	} cases[] = {
		{"\t=1", "=1"},
		{"\t+1", "+1"},
		{"\t-1", "-1"},
		{"\t@a", "@a"},
		{"\t\t=1", "\t=1"},
		{"\t\ra", "\ra"},
		{"\t\na", "\na"},
		{"\t＝a", "＝a"},
		{"\t＋a", "＋a"},
		{"\t－a", "－a"},
		{"\t＠a", "＠a"},
		{"\ta", "\ta"},
		{"\t", "\t"},
		{"", ""},
		{"=1", "=1"},
		{" \t=1", " \t=1"},
		{"\t\xef\xbc", "\t\xef\xbc"},
		{"\t＞a", "\t＞a"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_text(clerk_unguard(rh_str_from(cases[i].cell)), cases[i].expected);
	}
}

static void names_and_digests_are_never_split(void **)
{
	struct mapped mapped;

	map_cell(&mapped, "first_name", "\t=Ada|Beth, C");
	assert_text(mapped.account.first_name, "=Ada|Beth, C");
	drop(&mapped);
	map_cell(&mapped, "password_digest", "a|b,c");
	assert_text(mapped.account.credential.raw, "a|b,c");
	drop(&mapped);
	map_cell(&mapped, "username", "a|b,c");
	assert_int_equal(mapped.account.identifier_count, 1);
	assert_text(mapped.account.identifiers[0].value, "a|b,c");
	drop(&mapped);
}

/* Phones, because every cell of them is guarded. */
static void lists_are_split_in_every_form(void **)
{
	static const struct {
		const char *cell;
		const char *expected; /* joined by blanks */
	} cases[] = {
		{"+12125550101", "+12125550101"},
		{"\t+12125550101", "+12125550101"},
		{"\t+12125550101|+12125550102", "+12125550101 +12125550102"},
		{"\t+12125550101|\t+12125550102", "+12125550101 +12125550102"},
		{"\t+12125550101, \t+12125550102", "+12125550101 +12125550102"},
		{"+12125550101||,+12125550102|", "+12125550101 +12125550102"},
		{"[\"+12125550101\",\"\\t+12125550102\",null]", "+12125550101 +12125550102"},
		{"+12125550101,+12125550101", "+12125550101"},
		{"[]", ""},
		{"|", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mapped mapped;
		char joined[128] = "";
		size_t len = 0;

		map_cell(&mapped, "verified_phone_numbers", cases[i].cell);
		for (size_t k = 0; k < mapped.account.identifier_count; k++) {
			const struct rh_identifier *phone = &mapped.account.identifiers[k];
			assert_true(phone->is_verified);
			len += (size_t)snprintf(joined + len, sizeof(joined) - len, "%s%.*s",
						k > 0 ? " " : "", RH_STR_ARG(phone->value));
		}
		assert_string_equal(joined, cases[i].expected);
		drop(&mapped);
	}
}

static void broken_list_is_told(void **)
{
	struct mapped mapped;

	map_cell(&mapped, "verified_phone_numbers", "[\"+12125550101\"");
	assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "verified_phone_numbers"));
	assert_int_equal(mapped.account.identifier_count, 0);
	drop(&mapped);
}

static void only_the_word_verified_verifies(void **)
{
	static const struct {
		const char *verification;
		bool is_verified;
	} cases[] = {
		{"{\"status\":\"verified\"}", true},
		{"{\"status\":\"verified\",\"x\":1}", true},
		{"{\"status\":\"unverified\"}", false},
		{"{\"status\":\"VERIFIED\"}", false},
		{"{\"status\":\"verified \"}", false},
		{"{\"status\":\"expired\"}", false},
		{"{\"status\":true}", false},
		{"{}", false},
		{"null", false},
		{"\"verified\"", false},
		{"true", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mapped mapped;
		char text[256];

		(void)snprintf(text, sizeof(text),
			       "{\"id\":\"user_1\",\"email_addresses\":[{\"email_address\":"
			       "\"ada@example.com\",\"reserved\":true,\"verification\":%s}]}",
			       cases[i].verification);
		map_json(&mapped, text, RH_PRIMARY_FIRST_VERIFIED);
		assert_int_equal(mapped.account.identifier_count, 1);
		assert_int_equal(mapped.account.identifiers[0].is_verified, cases[i].is_verified);
		assert_int_equal(mapped.account.identifiers[0].is_reserved, !cases[i].is_verified);
		drop(&mapped);
	}
}

#define UNVERIFIED(name) \
	"{\"id\":\"" name "\",\"email_address\":\"" name "@example.com\",\"verification\":null}"
#define VERIFIED(name)                                                     \
	"{\"id\":\"" name "\",\"email_address\":\"" name "@example.com\"," \
	"\"verification\":{\"status\":\"verified\"}}"
#define USER(primary, emails)                                                                      \
	"{\"id\":\"user_1\",\"primary_email_address_id\":" primary ",\"email_addresses\":[" emails \
	"]}"

static void primary_is_named_or_chosen_by_policy(void **)
{
	static const struct {
		const char *text;
		enum rh_primary_policy policy;
		const char *expected;         /* NULL: none */
		enum rh_finding_code finding; /* 0: none */
	} cases[] = {
		{USER("\"b\"", UNVERIFIED("a") "," UNVERIFIED("b")), RH_PRIMARY_FIRST_VERIFIED,
		 "b@example.com", 0},
		{USER("\"b\"", VERIFIED("a") "," UNVERIFIED("b")), RH_PRIMARY_SKIP, "b@example.com",
		 0},
		{USER("null", UNVERIFIED("a") "," VERIFIED("b")), RH_PRIMARY_FIRST_VERIFIED,
		 "b@example.com", RH_FINDING_PRIMARY_CHOSEN},
		{USER("null", UNVERIFIED("a") "," VERIFIED("b")), RH_PRIMARY_FIRST, "a@example.com",
		 RH_FINDING_PRIMARY_CHOSEN},
		{USER("null", UNVERIFIED("a") "," UNVERIFIED("b")), RH_PRIMARY_FIRST_VERIFIED,
		 "a@example.com", RH_FINDING_PRIMARY_CHOSEN},
		{USER("null", VERIFIED("a") "," VERIFIED("b")), RH_PRIMARY_API, NULL,
		 RH_FINDING_PRIMARY_UNDECIDED},
		{USER("null", VERIFIED("a") "," VERIFIED("b")), RH_PRIMARY_SKIP, NULL,
		 RH_FINDING_PRIMARY_UNDECIDED},
		{USER("null", UNVERIFIED("a")), RH_PRIMARY_API, "a@example.com", 0},
		{USER("\"gone\"", UNVERIFIED("a")), RH_PRIMARY_FIRST, "a@example.com",
		 RH_FINDING_PRIMARY_CHOSEN},
		{USER("\"gone\"", VERIFIED("a") "," VERIFIED("b")), RH_PRIMARY_API, NULL,
		 RH_FINDING_PRIMARY_UNDECIDED},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mapped mapped;

		map_json(&mapped, cases[i].text, cases[i].policy);
		const struct rh_identifier *primary =
			rh_account_primary(&mapped.account, RH_IDENTIFIER_EMAIL);
		assert_text(primary != NULL ? primary->value : RH_STR_ABSENT, cases[i].expected);
		assert_int_equal(mapped.finding_count, cases[i].finding != 0);
		if (cases[i].finding != 0) {
			assert_true(
				has_finding(&mapped, cases[i].finding, "primary_email_address_id"));
		}
		assert_int_equal((mapped.account.flags & RH_ACCOUNT_PRIMARY_CHOSEN) != 0,
				 cases[i].finding == RH_FINDING_PRIMARY_CHOSEN);
		drop(&mapped);
	}
}

static void undecided_number_refuses_nobody(void **)
{
	struct mapped mapped;

	map_json(&mapped,
		 "{\"id\":\"user_1\",\"username\":\"ada\",\"phone_numbers\":\"+12125550101|+"
		 "12125550102\"}",
		 RH_PRIMARY_SKIP);
	assert_int_equal(mapped.finding_count, 0);
	assert_null(rh_account_primary(&mapped.account, RH_IDENTIFIER_PHONE));
	drop(&mapped);
}

static void required_fields_are_refused_with_their_path(void **)
{
	static const struct {
		const char *text;
		enum rh_finding_code code;
		const char *path;
	} cases[] = {
		{"{\"username\":\"ada\"}", RH_FINDING_SOURCE_ID_MISSING, "id"},
		{"{\"id\":\" \",\"username\":\"ada\"}", RH_FINDING_SOURCE_ID_MISSING, "id"},
		{"{\"id\":17,\"username\":\"ada\"}", RH_FINDING_SOURCE_ID_MISSING, "id"},
		{"{\"id\":\"user_1\"}", RH_FINDING_IDENTIFIER_MISSING, "primary_email_address"},
		{"{\"id\":\"user_1\",\"email_addresses\":[]}", RH_FINDING_IDENTIFIER_MISSING,
		 "email_addresses"},
		{"[]", RH_FINDING_RECORD_BROKEN, ""},
		{"\"user_1\"", RH_FINDING_RECORD_BROKEN, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mapped mapped;

		map_json(&mapped, cases[i].text, RH_PRIMARY_FIRST);
		assert_int_equal(mapped.status, RH_OK);
		assert_true(has_finding(&mapped, cases[i].code, cases[i].path));
		drop(&mapped);
	}
}

static void crowd_in_one_record_is_refused(void **)
{
	struct mapped mapped;
	size_t size = 64 * 1024;
	char *text = rh_malloc(size);
	size_t len = 0;

	assert_non_null(text);
	len += (size_t)snprintf(text, size, "{\"id\":\"user_1\",\"email_addresses\":\"");
	for (int i = 0; i < 1001; i++) {
		len += (size_t)snprintf(text + len, size - len, "a%d@example.com|", i);
	}
	(void)snprintf(text + len, size - len, "\"}");
	map_json(&mapped, text, RH_PRIMARY_FIRST);
	assert_int_equal(mapped.status, RH_OK);
	assert_true(has_finding(&mapped, RH_FINDING_RECORD_TOO_LARGE, ""));
	assert_text(mapped.account.source_id, "user_1");
	drop(&mapped);
	rh_free(text);
}

#define BCRYPT "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"
#define HEX_64 "3ef6a03adecbc4cdb53d7cff60c8f7009a8e26462099fd75fb46aac85fd3c333"

static void every_hasher_is_known(void **)
{
	static const struct {
		const char *hasher;
		const char *digest;
		enum rh_scheme scheme;
	} cases[] = {
		{"bcrypt", BCRYPT, RH_SCHEME_BCRYPT},
		{"bcrypt_peppered", BCRYPT "$pepper", RH_SCHEME_BCRYPT_PEPPERED},
		{"bcrypt_sha256_django", "bcrypt_sha256$" BCRYPT, RH_SCHEME_BCRYPT_SHA256_HEX},
		{"argon2i",
		 "$argon2i$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$"
		 "iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A",
		 RH_SCHEME_ARGON2I},
		{"argon2id",
		 "$argon2id$v=19$m=64,t=4,p=8$c29tZXNhbHQ$"
		 "iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A",
		 RH_SCHEME_ARGON2ID},
		{"pbkdf2_sha1",
		 "pbkdf2_sha1$1000$000102030405060708090a0b0c0d0e0f$"
		 "ca0c21d131200852177a1bca8f4f4cc91fe52fa0ba7baa2636d82a88983fe080",
		 RH_SCHEME_PBKDF2_SHA1},
		{"pbkdf2_sha256",
		 "pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$icpxz9ye83+"
		 "xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=",
		 RH_SCHEME_PBKDF2_SHA256},
		{"pbkdf2_sha256_django",
		 "pbkdf2_sha256$1000$seasalt$+eYOGMa5QJX5jqQGVQ2umPAYxNI52VBx6ro9yAHjDQ4=",
		 RH_SCHEME_PBKDF2_SHA256},
		{"pbkdf2_sha512", "pbkdf2_sha512$1000$seasalt$" HEX_64 HEX_64,
		 RH_SCHEME_PBKDF2_SHA512},
		{"pbkdf2_sha512_hex", "pbkdf2_sha512_hex$1000$00010203$" HEX_64 HEX_64,
		 RH_SCHEME_PBKDF2_SHA512},
		{"scrypt_firebase",
		 "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/"
		 "qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$42xEC+ixf3L2lw==$"
		 "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ"
		 "9WmXA==$Bw==$8$14",
		 RH_SCHEME_SCRYPT_FIREBASE},
		{"scrypt_werkzeug", "scrypt:16384:16:1$seasalt$" HEX_64 HEX_64, RH_SCHEME_SCRYPT},
		{"md5", "c2df41f5f40feb0f8a0bf9088a85149b", RH_SCHEME_MD5},
		{"md5_salted", "salt$c2df41f5f40feb0f8a0bf9088a85149b", RH_SCHEME_MD5},
		{"sha256", HEX_64, RH_SCHEME_SHA256},
		{"sha256_salted", "salt$" HEX_64, RH_SCHEME_SHA256},
		{"sha512_symfony",
		 "sha512_symfony$5000$salt$"
		 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLD"
		 "A0ODw==",
		 RH_SCHEME_SYMFONY_SHA512},
		{"phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", RH_SCHEME_PHPASS},
		{"md5_phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", RH_SCHEME_PHPASS_MD5},
		{"ldap_ssha", "{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_SCHEME_SHA1},
		{"hmac_sha256_utf16_b64",
		 "icpxz9ye83+xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=", RH_SCHEME_HMAC_SHA256_UTF16},
		{"awscognito", "awscognito#eu-west-1_Example#client#ada@example.com",
		 RH_SCHEME_OPAQUE},
	};
	struct rh_arena arena;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	assert_int_equal(ARRAY_LEN(cases), 22);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct clerk_password password = {
			.digest = rh_str_from(cases[i].digest),
			.hasher = rh_str_from(cases[i].hasher),
		};
		struct rh_credential credential;
		struct rh_finding finding = {0};

		assert_int_equal(clerk_password_read(&password, &arena, &credential, &finding),
				 RH_OK);
		if (credential.state != RH_CREDENTIAL_PRESENT ||
		    credential.scheme != cases[i].scheme || finding.code != 0) {
			fail_msg("%s: state %d, scheme %d, finding %d", cases[i].hasher,
				 credential.state, credential.scheme, finding.code);
		}
		assert_text(credential.label, cases[i].hasher);
		assert_text(credential.raw, cases[i].digest);
	}
	rh_arena_done(&arena);
}

static void unusable_passwords_are_told(void **)
{
	static const struct {
		const char *digest;
		const char *hasher;
		bool is_enabled;
		enum rh_credential_state state;
		enum rh_finding_code code;
		const char *path;
	} cases[] = {
		{NULL, NULL, false, RH_CREDENTIAL_ABSENT, 0, NULL},
		{NULL, NULL, true, RH_CREDENTIAL_NOT_EXPORTED, RH_FINDING_HASH_NOT_EXPORTED,
		 "password_digest"},
		{NULL, "bcrypt", false, RH_CREDENTIAL_NOT_EXPORTED, RH_FINDING_HASH_NOT_EXPORTED,
		 "password_digest"},
		{BCRYPT, NULL, false, RH_CREDENTIAL_PRESENT, 0, NULL},
		{BCRYPT, " bcrypt ", true, RH_CREDENTIAL_PRESENT, 0, NULL},
		{BCRYPT, "rot13", false, RH_CREDENTIAL_MISLABELLED, RH_FINDING_HASH_MISLABELLED,
		 "password_hasher"},
		{"nonsense", "rot13", false, RH_CREDENTIAL_UNRECOGNISED,
		 RH_FINDING_HASH_UNRECOGNISED, "password_hasher"},
		{BCRYPT, "md5", false, RH_CREDENTIAL_MISLABELLED, RH_FINDING_HASH_MISLABELLED,
		 "password_digest"},
		{"$2b$10$short", "bcrypt", false, RH_CREDENTIAL_UNRECOGNISED,
		 RH_FINDING_HASH_UNRECOGNISED, "password_digest"},
	};
	struct rh_arena arena;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct clerk_password password = {
			.digest = rh_str_from(cases[i].digest),
			.hasher = rh_str_from(cases[i].hasher),
			.is_enabled = cases[i].is_enabled,
		};
		struct rh_credential credential;
		struct rh_finding finding = {0};

		assert_int_equal(clerk_password_read(&password, &arena, &credential, &finding),
				 RH_OK);
		if (credential.state != cases[i].state || finding.code != cases[i].code) {
			fail_msg("case %zu: state %d, finding %d", i, credential.state,
				 finding.code);
		}
		assert_text(finding.path, cases[i].path);
		/* Never a word that the file made up. */
		assert_true(!rh_str_is(finding.note, "rot13"));
	}
	rh_arena_done(&arena);
}

static void flags_and_times_in_every_form(void **)
{
	struct mapped mapped;

	map_cell(&mapped, "banned", "TRUE");
	assert_true(rh_account_is_blocked(&mapped.account));
	drop(&mapped);
	map_cell(&mapped, "locked", "no");
	assert_false(rh_account_is_blocked(&mapped.account));
	drop(&mapped);
	/* Not readable: never usable by moving. */
	map_cell(&mapped, "deprovisioned", "?");
	assert_true(rh_account_is_blocked(&mapped.account));
	assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "deprovisioned"));
	drop(&mapped);
	map_cell(&mapped, "created_at", "1700000000001");
	assert_int_equal(mapped.account.created_at, INT64_C(1700000000001000));
	drop(&mapped);
	map_cell(&mapped, "created_at", "2023-11-14T22:13:20Z");
	assert_int_equal(mapped.account.created_at, INT64_C(1700000000000000));
	drop(&mapped);
	map_cell(&mapped, "created_at", "9223372036854775807");
	assert_int_equal(mapped.account.created_at, 0);
	assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "created_at"));
	drop(&mapped);
}

static int recognise_text(const char *text)
{
	struct rh_json json = {0};
	char *copy = rh_strdup(text);

	assert_non_null(copy);
	assert_int_equal(rh_json_parse(&json, copy, strlen(copy), NULL), RH_OK);
	struct rh_sniff sniff = {.json = rh_json_root(&json)};
	int shape = rh_connector_clerk.recognise(&sniff);
	rh_json_done(&json);
	rh_free(copy);
	return shape;
}

static void kinds_of_file_are_told_apart(void **)
{
	static const struct {
		const char *text;
		int shape;
	} cases[] = {
		{"{\"id\":\"user_1\",\"primary_email_address_id\":null}", CLERK_SHAPE_API_JSON},
		{"{\"id\":\"user_1\",\"email_addresses\":[{}]}", CLERK_SHAPE_API_JSON},
		{"{\"id\":\"user_1\",\"email_addresses\":[\"a@example.com\"]}",
		 CLERK_SHAPE_DASHBOARD_JSON},
		{"{\"id\":\"user_1\",\"verified_email_addresses\":[]}", CLERK_SHAPE_DASHBOARD_JSON},
		{"{\"id\":\"user_1\",\"email_addresses\":\"a@example.com\"}",
		 CLERK_SHAPE_SUPPORT_JSON},
		{"{\"id\":\"user_1\",\"email_addresses\":null}", CLERK_SHAPE_SUPPORT_JSON},
		{"{\"object\":\"user\",\"id\":\"user_1\",\"email\":\"a@example.com\",\"email_"
		 "verified\":true}",
		 0},
		{"{\"user_id\":\"1\",\"email\":\"a@example.com\"}", 0},
		{"{}", 0},
		{"[]", 0},
	};
	static const struct rh_str dashboard[] = {
		{.ptr = "id", .len = 2},
		{.ptr = "verified_phone_numbers", .len = 22},
	};
	static const struct rh_str old[] = {
		{.ptr = "email_addresses", .len = 15},
		{.ptr = "id", .len = 2},
	};
	const struct rh_columns columns[] = {
		{.names = dashboard, .count = 2},
		{.names = old, .count = 2},
		{.names = old, .count = 1},
	};
	static const int shapes[] = {CLERK_SHAPE_DASHBOARD_CSV, CLERK_SHAPE_OLD_CSV, 0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (recognise_text(cases[i].text) != cases[i].shape) {
			fail_msg("%s is taken for %d", cases[i].text,
				 recognise_text(cases[i].text));
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		struct rh_sniff sniff = {.columns = &columns[i]};
		assert_int_equal(rh_connector_clerk.recognise(&sniff), shapes[i]);
	}
}

/* Whichever allocation fails: RH_ENOMEM, no crash, no half account handed out. */
static void memory_out_is_an_error(void **)
{
	const char *text = USER("\"b\"", VERIFIED("a") "," VERIFIED("b"));
	struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST};
	int status = RH_ENOMEM;

	for (uint64_t n = 1; status != RH_OK; n++) {
		struct rh_json json = {0};
		struct rh_arena arena;
		struct rh_account account = {0};
		struct rh_record record = {.number = 1};
		struct rh_err err = {0};
		char *copy = rh_strdup(text);

		assert_non_null(copy);
		assert_int_equal(rh_json_parse(&json, copy, strlen(copy), NULL), RH_OK);
		record.json = rh_json_root(&json);
		rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
		rh_alloc_fail_from(n);
		status = clerk_from_record(NULL, &record, &policy, &arena, NULL, &account, &err);
		rh_alloc_fail_from(0);
		if (status != RH_OK) {
			assert_int_equal(status, RH_ENOMEM);
			assert_null(account.source_id.ptr);
		} else {
			assert_int_equal(account.identifier_count, 2);
		}
		rh_arena_done(&arena);
		rh_json_done(&json);
		rh_free(copy);
		assert_true(n < 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_fields_are_sorted),
		cmocka_unit_test(members_are_found_by_their_whole_name),
		cmocka_unit_test(guard_is_one_tab_before_a_formula),
		cmocka_unit_test(names_and_digests_are_never_split),
		cmocka_unit_test(lists_are_split_in_every_form),
		cmocka_unit_test(broken_list_is_told),
		cmocka_unit_test(only_the_word_verified_verifies),
		cmocka_unit_test(primary_is_named_or_chosen_by_policy),
		cmocka_unit_test(undecided_number_refuses_nobody),
		cmocka_unit_test(required_fields_are_refused_with_their_path),
		cmocka_unit_test(crowd_in_one_record_is_refused),
		cmocka_unit_test(every_hasher_is_known),
		cmocka_unit_test(unusable_passwords_are_told),
		cmocka_unit_test(flags_and_times_in_every_form),
		cmocka_unit_test(kinds_of_file_are_told_apart),
		cmocka_unit_test(memory_out_is_an_error),
	};

	return cmocka_run_group_tests_name("clerk map", tests, NULL, NULL);
}
