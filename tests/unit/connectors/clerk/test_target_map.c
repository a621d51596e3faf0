/* SPDX-License-Identifier: Apache-2.0 */
/* From the account to the one body, and what a user of the target says (C-1, C-2, C-6 to C-8, C-12, C-14, C-15, C-19). */
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

#define BCRYPT "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"
#define ITEMS_MAX 8

/* An account, its lists, and what became of it. */
struct scene {
	struct rh_arena arena;
	struct clerk clerk;
	struct rh_mapping_policy policy;
	struct rh_account account;
	struct rh_identifier identifiers[ITEMS_MAX];
	struct rh_identity identities[ITEMS_MAX];
	struct rh_factor factors[ITEMS_MAX];
	struct found found;
	struct rh_wire wire;
	struct rh_buf body;
};

static void scene_init(struct scene *scene)
{
	*scene = (struct scene){
		.clerk = clerk_instance(),
		.policy = {.unverified = RH_UNVERIFIED_ATTACH},
		.account = {.source_id = RH_STR("user_ada")},
	};
	rh_arena_init(&scene->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	rh_buf_init_secret(&scene->body, RH_REQUEST_MAX);
	scene->account.identifiers = scene->identifiers;
	scene->account.identities = scene->identities;
	scene->account.factors = scene->factors;
	found_init(&scene->found);
}

static void scene_done(struct scene *scene)
{
	rh_buf_done(&scene->body);
	rh_arena_done(&scene->arena);
}

static struct rh_identifier *add(struct scene *scene, enum rh_identifier_kind kind,
				 const char *value, bool is_verified)
{
	size_t at = scene->account.identifier_count++;
	bool is_first = true;

	for (size_t i = 0; i < at; i++) {
		is_first = is_first && scene->identifiers[i].kind != kind;
	}
	scene->identifiers[at] = (struct rh_identifier){
		.kind = kind,
		.value = rh_str_from(value),
		.is_verified = is_verified,
		.is_primary = is_first,
	};
	return &scene->identifiers[at];
}

static void map_parts(struct scene *scene, unsigned parts)
{
	rh_buf_reset(&scene->body);
	found_init(&scene->found);
	assert_int_equal(clerk_to_wire(&scene->clerk, &scene->account, &scene->policy, parts,
				       &scene->arena, &scene->found.sink, &scene->body,
				       &scene->wire, NULL),
			 RH_OK);
}

static void map(struct scene *scene)
{
	map_parts(scene, clerk_parts(&scene->clerk, &scene->account));
}

static void expect_body(const struct scene *scene, const char *body)
{
	assert_non_null(scene->body.ptr);
	assert_string_equal(scene->body.ptr, body);
}

static void expect_field(const struct scene *scene, enum clerk_wire_field field, const char *text)
{
	bool is_there = (scene->wire.present & UINT32_C(1) << field) != 0;

	if (text == NULL) {
		assert_false(is_there);
	} else if (!is_there || !rh_str_is(scene->wire.value[field], text)) {
		fail_msg("%s: %.*s", clerk_wire_fields[field],
			 RH_STR_ARG(scene->wire.value[field]));
	}
}

static bool holds(const struct scene *scene, const char *text)
{
	return scene->body.ptr != NULL && strstr(scene->body.ptr, text) != NULL;
}

/* C-2: addresses, numbers, username, password, factors, metadata, dates and blocks in one request. */
static void test_one_call(void **state)
{
	static const struct rh_str codes[] = {{"abcd-1234", 9}, {"efgh-5678", 9}};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "jane@shop.dev", true);
	add(&scene, RH_IDENTIFIER_EMAIL, "jane.old@shop.dev", false)->is_reserved = true;
	add(&scene, RH_IDENTIFIER_PHONE, "+14155550132", true);
	add(&scene, RH_IDENTIFIER_USERNAME, "Jane_R", false);
	scene.account.first_name = RH_STR("Jane");
	scene.account.last_name = RH_STR("R\xc3\xb6"
					 "e");
	scene.account.locale = RH_STR("en-US");
	scene.account.created_at = INT64_C(1675960462611) * 1000;
	scene.account.legal_accepted_at = INT64_C(1675960462000) * 1000;
	scene.account.flags = RH_ACCOUNT_BANNED | RH_ACCOUNT_DELETE_SELF_DISABLED |
			      RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED;
	scene.account.metadata[RH_METADATA_PUBLIC] = RH_STR("{\"b\":1,\"a\":{\"d\":2,\"c\":3}}");
	scene.account.metadata[RH_METADATA_PRIVATE] = RH_STR("{\"roles\":[\"user\"]}");
	scene.account.metadata[RH_METADATA_UNSAFE] = RH_STR("{\"theme\":\"dark\"}");
	scene.factors[0] = (struct rh_factor){.kind = RH_FACTOR_TOTP,
					      .has_secret = true,
					      .secret = RH_STR("JBSWY3DPEHPK3PXP")};
	scene.factors[1] = (struct rh_factor){.kind = RH_FACTOR_BACKUP_CODES,
					      .count = 2,
					      .codes = codes,
					      .code_count = 2};
	scene.account.factor_count = 2;
	assert_int_equal(rh_credential_parse(&scene.arena, RH_STR(BCRYPT), RH_STR("bcrypt"),
					     RH_DIALECT_BCRYPT, &scene.account.credential),
			 RH_OK);
	map(&scene);
	expect_body(&scene,
		    "{\"email_address\":[\"jane@shop.dev\",\"jane.old@shop.dev\"],"
		    "\"email_address_identification_status\":[\"verified\",\"reserved\"],"
		    "\"phone_number\":[\"+14155550132\"],"
		    "\"external_id\":\"user_ada\",\"username\":\"jane_r\",\"first_name\":\"Jane\","
		    "\"last_name\":\"R\xc3\xb6"
		    "e\",\"locale\":\"en-US\","
		    "\"password_digest\":\"" BCRYPT "\",\"password_hasher\":\"bcrypt\","
		    "\"totp_secret\":\"JBSWY3DPEHPK3PXP\","
		    "\"backup_codes\":[\"abcd-1234\",\"efgh-5678\"],"
		    "\"public_metadata\":{\"a\":{\"c\":3,\"d\":2},\"b\":1},"
		    "\"private_metadata\":{\"roles\":[\"user\"]},"
		    "\"unsafe_metadata\":{\"theme\":\"dark\"},\"banned\":true,"
		    "\"delete_self_enabled\":false,\"create_organization_enabled\":false,"
		    "\"created_at\":\"2023-02-09T16:34:22.611Z\","
		    "\"legal_accepted_at\":\"2023-02-09T16:34:22.000Z\","
		    "\"skip_user_requirement\":true}");
	expect_field(&scene, CLERK_WIRE_EMAIL, "jane@shop.dev");
	expect_field(&scene, CLERK_WIRE_EMAILS,
		     "{\"jane.old@shop.dev\":\"reserved\",\"jane@shop.dev\":\"verified\"}");
	expect_field(&scene, CLERK_WIRE_CREATED_AT, "1675960462611");
	expect_field(&scene, CLERK_WIRE_TOTP, "true");
	expect_field(&scene, CLERK_WIRE_BACKUP_CODES, "true");
	assert_int_equal(scene.found.count, 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTIFIER_RESERVED, "e-mail"), 1);
	scene_done(&scene);
}

/* Each part that is left out leaves the rest as it is; without a password none is required. */
static void test_parts(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "jane@shop.dev", true);
	add(&scene, RH_IDENTIFIER_EMAIL, "other@shop.dev", true);
	add(&scene, RH_IDENTIFIER_PHONE, "+14155550132", true);
	add(&scene, RH_IDENTIFIER_USERNAME, "jane", false);
	scene.account.first_name = RH_STR("Jane");
	map_parts(&scene, RH_PART_IDENTITY);
	expect_body(&scene, "{\"email_address\":[\"jane@shop.dev\"],"
			    "\"skip_password_requirement\":true,\"skip_legal_checks\":true,"
			    "\"skip_user_requirement\":true}");
	map_parts(&scene, RH_PART_IDENTITY | RH_PART_EMAILS);
	assert_true(holds(&scene, "[\"jane@shop.dev\",\"other@shop.dev\"]"));
	scene.clerk.enforces_requirements = true;
	scene.clerk.bypasses_client_trust = true;
	map_parts(&scene, RH_PART_IDENTITY | RH_PART_PROFILE);
	expect_body(&scene, "{\"email_address\":[\"jane@shop.dev\"],\"first_name\":\"Jane\","
			    "\"skip_password_requirement\":true,\"skip_legal_checks\":true,"
			    "\"bypass_client_trust\":true}");
	scene_done(&scene);
}

/* C-1: what is not verified never becomes so, whatever the policy. */
static void test_unverified(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	add(&scene, RH_IDENTIFIER_EMAIL, "late@shop.dev", false);
	add(&scene, RH_IDENTIFIER_PHONE, "+14155550132", false);
	map(&scene);
	/* C-2: behind the create, a request for each. */
	assert_int_equal(scene.wire.extras, 2);
	assert_false(holds(&scene, "late@shop.dev"));
	assert_false(holds(&scene, "phone_number"));
	expect_field(&scene, CLERK_WIRE_EMAILS,
		     "{\"ada@shop.dev\":\"verified\",\"late@shop.dev\":\"unverified\"}");
	expect_field(&scene, CLERK_WIRE_PHONES, "{\"+14155550132\":\"unverified\"}");
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTIFIER_ATTACHED, "e-mail"), 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTIFIER_ATTACHED, "phone"), 1);
	map_parts(&scene, ALL_PARTS & ~(unsigned)RH_PART_EXTRAS);
	assert_int_equal(scene.wire.extras, 0);
	expect_field(&scene, CLERK_WIRE_EMAILS, "{\"ada@shop.dev\":\"verified\"}");
	expect_field(&scene, CLERK_WIRE_PHONES, NULL);
	scene.policy.unverified = RH_UNVERIFIED_RESERVE;
	map(&scene);
	expect_field(&scene, CLERK_WIRE_EMAILS,
		     "{\"ada@shop.dev\":\"verified\",\"late@shop.dev\":\"reserved\"}");
	expect_field(&scene, CLERK_WIRE_PHONES, "{\"+14155550132\":\"reserved\"}");
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTIFIER_RESERVED, NULL), 2);
	scene.policy.unverified = RH_UNVERIFIED_DROP;
	map(&scene);
	expect_field(&scene, CLERK_WIRE_EMAILS, "{\"ada@shop.dev\":\"verified\"}");
	assert_int_equal(scene.wire.extras, 0);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTIFIER_LEFT_OUT, NULL), 2);
	/* C-15: it is not forgotten. */
	expect_field(&scene, CLERK_WIRE_PRIVATE,
		     "{\"rehome\":{\"unverified_emails\":[\"late@shop.dev\"],"
		     "\"unverified_phones\":[\"+14155550132\"]}}");
	scene.policy.unverified = RH_UNVERIFIED_REJECT;
	map(&scene);
	assert_int_equal(found_count(&scene.found, RH_FINDING_EMAIL_UNVERIFIED_REJECTED, NULL), 2);
	scene_done(&scene);
}

/* C-1: the only one is reserved, or the person could never sign in; with "drop" nobody is left. */
static void test_only_unverified(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", false);
	add(&scene, RH_IDENTIFIER_EMAIL, "also@shop.dev", false);
	map(&scene);
	expect_field(&scene, CLERK_WIRE_EMAILS,
		     "{\"ada@shop.dev\":\"reserved\",\"also@shop.dev\":\"unverified\"}");
	assert_true(holds(&scene, "\"email_address_identification_status\":[\"reserved\"]"));
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTIFIER_ATTACHED, NULL), 1);
	scene.policy.unverified = RH_UNVERIFIED_DROP;
	map(&scene);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTIFIER_MISSING, NULL), 1);
	assert_int_equal(scene.body.len, 0);
	/* A username is a way in: the address is not needed for it. */
	scene.policy.unverified = RH_UNVERIFIED_ATTACH;
	add(&scene, RH_IDENTIFIER_USERNAME, "ada", false);
	map(&scene);
	assert_false(holds(&scene, "email_address"));
	expect_field(&scene, CLERK_WIRE_EMAIL, NULL);
	expect_field(&scene, CLERK_WIRE_EMAILS,
		     "{\"ada@shop.dev\":\"unverified\",\"also@shop.dev\":\"unverified\"}");
	expect_field(&scene, CLERK_WIRE_USERNAME, "ada");
	scene_done(&scene);
}

/* C-6: a block is never lost, and an account that was taken out of service is banned. */
static void test_blocks(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	scene.account.flags = RH_ACCOUNT_DEPROVISIONED | RH_ACCOUNT_LOCKED;
	map_parts(&scene, RH_PART_IDENTITY);
	assert_true(holds(&scene, "\"banned\":true,\"locked\":true"));
	expect_field(&scene, CLERK_WIRE_BANNED, "true");
	scene.account.flags = 0;
	map_parts(&scene, RH_PART_IDENTITY);
	assert_false(holds(&scene, "banned"));
	scene_done(&scene);
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool is_refused;
	} names[] = {
		{"Ada", false},
		{"O'Neill-Smith Jr.", false},
		{"Zo\xc3\xab \xe5\xb1\xb1\xe7\x94\xb0", false},
		{"ada@shop.dev", false},
		{"J.R. R. Tolkien", false},
		{"123456789", false},
		{"4155550132", true},
		{"+1 415 555", true},
		{"+1 415", false},
		{"name#0", true},
		{"see https://example.com", true},
		{"shop.dev/a", true},
		{"and/or", false},
		{"<b>Ada</b>", true},
		{"a < b > c", false},
		{"<3", false},
	};
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (clerk_name_is_refused(rh_str_from(names[i].name)) != names[i].is_refused) {
			fail_msg("%s", names[i].name);
		}
	}
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	scene.account.full_name = RH_STR(" Ada King Lovelace ");
	map(&scene);
	expect_field(&scene, CLERK_WIRE_FIRST_NAME, "Ada");
	expect_field(&scene, CLERK_WIRE_LAST_NAME, "King Lovelace");
	scene.account.first_name = RH_STR("ada#0");
	map(&scene);
	expect_field(&scene, CLERK_WIRE_FIRST_NAME, NULL);
	assert_int_equal(found_count(&scene.found, RH_FINDING_NAME_DROPPED, "first"), 1);
	scene_done(&scene);
}

/* One address that nobody can have costs itself, not the person. */
static void test_refused_identifiers(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.local", true);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@x.clerk.test", true);
	add(&scene, RH_IDENTIFIER_USERNAME, "ada lovelace", false);
	map(&scene);
	expect_field(&scene, CLERK_WIRE_EMAIL, "ada@shop.dev");
	expect_field(&scene, CLERK_WIRE_EMAILS,
		     "{\"ada@shop.dev\":\"verified\",\"ada@x.clerk.test\":\"verified\"}");
	assert_int_equal(found_count(&scene.found, RH_FINDING_EMAIL_INVALID, "domain"), 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_USERNAME_INVALID, NULL), 1);
	scene_done(&scene);
}

/* C-14: eight thousand bytes a visibility; what does not fit is told, and the person moves. */
static void test_metadata_size(void **state)
{
	struct scene scene;
	rh_autobuf text = {0};

	(void)state;
	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_buf_add_cstr(&text, "{\"a\":1,\"big\":\"");
	for (unsigned i = 0; i < 8200; i++) {
		rh_buf_add_char(&text, 'x');
	}
	rh_buf_add_cstr(&text, "\",\"z\":[{\"b\":1,\"a\":null}],\"a\":2}");
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	scene.account.metadata[RH_METADATA_PUBLIC] = rh_buf_str(&text);
	map(&scene);
	expect_field(&scene, CLERK_WIRE_PUBLIC, "{\"a\":2,\"z\":[{\"b\":1}]}");
	assert_int_equal(scene.found.at[0].code, RH_FINDING_METADATA_TOO_MANY);
	assert_string_equal(scene.found.at[0].path, "public_metadata");
	/* None of it, or nobody with it. */
	scene.clerk.overflow = CLERK_OVERFLOW_DROP;
	map(&scene);
	expect_field(&scene, CLERK_WIRE_PUBLIC, NULL);
	assert_int_equal(scene.found.at[0].code, RH_FINDING_METADATA_TOO_MANY);
	scene.clerk.overflow = CLERK_OVERFLOW_REJECT;
	map(&scene);
	assert_int_equal(found_count(&scene.found, RH_FINDING_METADATA_TOO_LARGE, "8-kb"), 1);
	scene.clerk.overflow = CLERK_OVERFLOW_KEYS;
	/* To the byte. */
	rh_buf_reset(&text);
	rh_buf_add_cstr(&text, "{\"a\":\"");
	for (unsigned i = 0; i < CLERK_METADATA_MAX - 8; i++) {
		rh_buf_add_char(&text, 'x');
	}
	rh_buf_add_cstr(&text, "\"}");
	assert_int_equal(text.len, CLERK_METADATA_MAX);
	scene.account.metadata[RH_METADATA_PUBLIC] = rh_buf_str(&text);
	map(&scene);
	assert_int_equal(scene.wire.value[CLERK_WIRE_PUBLIC].len, CLERK_METADATA_MAX);
	assert_int_equal(scene.found.count, 0);
	scene_done(&scene);
}

/* C-7, C-15: links, the last sign-in and the source id; ids of 21 digits are text to the last digit. */
static void test_kept(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	scene.account.external_id = RH_STR("auth0|5f7c8ec7c33c6c004bbafe82");
	scene.account.last_sign_in_at = INT64_C(1675960462000) * 1000;
	scene.account.metadata[RH_METADATA_PRIVATE] = RH_STR("{\"rehome\":7,\"plan\":\"pro\"}");
	scene.identities[0] = (struct rh_identity){
		.provider = RH_STR("google-oauth2"),
		.subject = RH_STR("103547991597142817347"),
		.email = RH_STR("Ada@Shop.dev"),
		.email_verified = true,
	};
	scene.account.identity_count = 1;
	map(&scene);
	expect_field(&scene, CLERK_WIRE_EXTERNAL_ID, "auth0|5f7c8ec7c33c6c004bbafe82");
	expect_field(&scene, CLERK_WIRE_PRIVATE,
		     "{\"plan\":\"pro\",\"rehome\":{\"identities\":[{\"email\":\"Ada@Shop.dev\","
		     "\"provider\":\"google-oauth2\",\"subject\":\"103547991597142817347\"}],"
		     "\"last_sign_in_at\":\"2023-02-09T16:34:22.000Z\"},"
		     "\"rehome_source_id\":\"user_ada\"}");
	assert_int_equal(found_count(&scene.found, RH_FINDING_METADATA_KEY_DROPPED, "taken"), 1);
	/* C-19 */
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTITY_LINKS, "google"), 1);
	scene.clerk.keep_key = "";
	map(&scene);
	expect_field(&scene, CLERK_WIRE_PRIVATE,
		     "{\"plan\":\"pro\",\"rehome\":7,\"rehome_source_id\":\"user_ada\"}");
	scene_done(&scene);
}

/* C-19: links by an address that both sides have verified, and by no other. */
static void test_links(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	add(&scene, RH_IDENTIFIER_EMAIL, "second@shop.dev", true);
	scene.identities[0] = (struct rh_identity){.provider = RH_STR("azure"),
						   .email = RH_STR("second@shop.dev"),
						   .email_verified = true};
	scene.identities[1] = (struct rh_identity){.provider = RH_STR("twitter.com"),
						   .email = RH_STR("ada@shop.dev")};
	scene.identities[2] = (struct rh_identity){.provider = RH_STR("apple"),
						   .email = RH_STR("relay@apple.dev"),
						   .email_verified = true};
	scene.identities[3] =
		(struct rh_identity){.provider = RH_STR("saml okta"), .is_enterprise = true};
	scene.account.identity_count = 4;
	map(&scene);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTITY_LINKS, "microsoft"), 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTITY_DIFFERS, "x"), 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTITY_DIFFERS, "apple"), 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_IDENTITY_ENTERPRISE, "other"), 1);
	/* Somebody who signs in socially alone arrives able to: no password is asked for. */
	assert_true(holds(&scene, "\"skip_password_requirement\":true"));
	scene_done(&scene);
}

/* C-12: a factor whose secret is not there is told by the plan; text messages and passkeys cannot be carried. */
static void test_factors(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	scene.factors[0] = (struct rh_factor){.kind = RH_FACTOR_TOTP};
	scene.factors[1] = (struct rh_factor){.kind = RH_FACTOR_SMS};
	scene.factors[2] = (struct rh_factor){.kind = RH_FACTOR_BACKUP_CODES, .count = 10};
	scene.factors[3] = (struct rh_factor){.kind = RH_FACTOR_PASSKEY};
	scene.account.factor_count = 4;
	map(&scene);
	assert_int_equal(found_count(&scene.found, RH_FINDING_SMS_FACTOR, NULL), 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_BACKUP_CODES, NULL), 1);
	assert_int_equal(found_count(&scene.found, RH_FINDING_PASSKEYS, NULL), 1);
	assert_false(holds(&scene, "totp_secret"));
	assert_false(holds(&scene, "backup_codes"));
	expect_field(&scene, CLERK_WIRE_TOTP, NULL);
	scene_done(&scene);
}

/* The text-message factor: the number goes verified, and is made one behind the create; one that is not verified is told. */
static void test_text_message_factor(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	add(&scene, RH_IDENTIFIER_EMAIL, "ada@shop.dev", true);
	add(&scene, RH_IDENTIFIER_PHONE, "+14155550132", true);
	scene.factors[0] =
		(struct rh_factor){.kind = RH_FACTOR_SMS, .phone = RH_STR("+14155550132")};
	scene.account.factor_count = 1;
	scene.account.flags = RH_ACCOUNT_ORGANIZATIONS_LIMITED;
	scene.account.organizations_limit = 3;
	map(&scene);
	assert_int_equal(scene.wire.extras, 1);
	expect_field(&scene, CLERK_WIRE_PHONES, "{\"+14155550132\":\"second-factor\"}");
	assert_true(holds(&scene, "\"phone_number\":[\"+14155550132\"]"));
	assert_true(holds(&scene, "\"create_organizations_limit\":3"));
	assert_int_equal(found_count(&scene.found, RH_FINDING_SMS_FACTOR, NULL), 0);
	map_parts(&scene, ALL_PARTS & ~(unsigned)RH_PART_EXTRAS);
	expect_field(&scene, CLERK_WIRE_PHONES, "{\"+14155550132\":\"verified\"}");
	scene.identifiers[1].is_verified = false;
	map(&scene);
	expect_field(&scene, CLERK_WIRE_PHONES, "{\"+14155550132\":\"unverified\"}");
	assert_int_equal(found_count(&scene.found, RH_FINDING_SMS_FACTOR, NULL), 1);
	scene_done(&scene);
}

/* ---- reading back -------------------------------------------------------------------------------------------- */

static const char user[] =
	"{\"id\":\"user_1\",\"object\":\"user\",\"username\":\"ada\",\"first_name\":\"Ada\","
	"\"last_name\":null,\"primary_email_address_id\":\"idn_2\",\"totp_enabled\":true,"
	"\"backup_code_enabled\":false,\"email_addresses\":["
	"{\"id\":\"idn_1\",\"email_address\":\"Second@Shop.dev\",\"reserved\":true,"
	"\"verification\":null},"
	"{\"id\":\"idn_2\",\"email_address\":\"ada@shop.dev\",\"reserved\":false,"
	"\"verification\":{\"status\":\"verified\",\"strategy\":\"admin\"}},"
	"{\"id\":\"idn_3\",\"email_address\":\"plain@shop.dev\",\"reserved\":false,"
	"\"verification\":{\"status\":\"unverified\"}}],\"phone_numbers\":["
	"{\"id\":\"idn_4\",\"phone_number\":\"+14155550132\",\"reserved_for_second_factor\":true,"
	"\"verification\":{\"status\":\"verified\"}}],\"create_organizations_limit\":3,"
	"\"external_id\":\"crm-1\",\"public_metadata\":{\"b\":{\"y\":1,\"x\":2},\"a\":1.50},"
	"\"private_metadata\":null,\"unsafe_metadata\":{},\"last_sign_in_at\":1700000000123,"
	"\"banned\":true,\"locked\":false,\"created_at\":1675960462611,"
	"\"delete_self_enabled\":true,\"create_organization_enabled\":false,"
	"\"legal_accepted_at\":null,\"brand_new\":[1]}";

static void observe(struct scene *scene, const char *text, struct rh_observed *out, int code)
{
	struct rh_json json = {0};
	struct rh_record record = {.number = 1};
	char *copy = strdup(text);

	assert_int_equal(rh_json_parse(&json, copy, strlen(copy), NULL), RH_OK);
	record.json = rh_json_root(&json);
	assert_int_equal(clerk_observe(&scene->clerk, &record, &scene->arena, out, NULL), code);
	rh_json_done(&json);
	memset(copy, 'x', strlen(copy)); /* nothing of it is borrowed */
	free(copy);
}

static void test_observe(void **state)
{
	struct scene scene;
	struct rh_observed seen;

	(void)state;
	scene_init(&scene);
	observe(&scene, user, &seen, RH_OK);
	scene.wire = seen.wire;
	assert_true(rh_str_is(seen.target_id, "user_1"));
	assert_true(rh_str_is(seen.external_id, "crm-1"));
	assert_true(rh_str_is(seen.email, "ada@shop.dev"));
	assert_true(seen.last_sign_in_at == INT64_C(1700000000123000));
	assert_true(seen.created_at == INT64_C(1675960462611000));
	expect_field(&scene, CLERK_WIRE_EMAIL, "ada@shop.dev");
	expect_field(&scene, CLERK_WIRE_EMAILS,
		     "{\"ada@shop.dev\":\"verified\",\"plain@shop.dev\":\"unverified\","
		     "\"second@shop.dev\":\"reserved\"}");
	expect_field(&scene, CLERK_WIRE_PHONES, "{\"+14155550132\":\"second-factor\"}");
	expect_field(&scene, CLERK_WIRE_ORGANIZATIONS_LIMIT, "3");
	expect_field(&scene, CLERK_WIRE_USERNAME, "ada");
	expect_field(&scene, CLERK_WIRE_LAST_NAME, NULL);
	expect_field(&scene, CLERK_WIRE_PUBLIC, "{\"a\":1.50,\"b\":{\"x\":2,\"y\":1}}");
	expect_field(&scene, CLERK_WIRE_PRIVATE, NULL);
	expect_field(&scene, CLERK_WIRE_UNSAFE, NULL);
	expect_field(&scene, CLERK_WIRE_CREATED_AT, "1675960462611");
	expect_field(&scene, CLERK_WIRE_BANNED, "true");
	expect_field(&scene, CLERK_WIRE_LOCKED, NULL);
	expect_field(&scene, CLERK_WIRE_DELETE_SELF, "true");
	expect_field(&scene, CLERK_WIRE_CREATE_ORGANIZATION, "false");
	expect_field(&scene, CLERK_WIRE_TOTP, "true");
	expect_field(&scene, CLERK_WIRE_BACKUP_CODES, NULL);
	/* L10: the user's date is the source's, that of the oldest address the target's. */
	observe(&scene,
		"{\"id\":\"user_1\",\"created_at\":1000,\"email_addresses\":["
		"{\"id\":\"i1\",\"email_address\":\"a@x.dev\",\"created_at\":1700000000123},"
		"{\"id\":\"i2\",\"email_address\":\"b@x.dev\",\"created_at\":1700000000456}]}",
		&seen, RH_OK);
	assert_true(seen.created_at == INT64_C(1700000000123000));
	assert_true(rh_str_is(seen.wire.value[CLERK_WIRE_CREATED_AT], "1000"));
	observe(&scene, "{\"id\":\"org_1\",\"name\":\"x\"}", &seen, RH_EINPUT);
	observe(&scene, "[]", &seen, RH_EINPUT);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_call),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_text_message_factor),
		cmocka_unit_test(test_unverified),
		cmocka_unit_test(test_only_unverified),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused_identifiers),
		cmocka_unit_test(test_metadata_size),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_factors),
		cmocka_unit_test(test_observe),
	};

	return cmocka_run_group_tests_name("connectors/clerk/target_map", tests, NULL, NULL);
}
