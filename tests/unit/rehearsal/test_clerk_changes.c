/* SPDX-License-Identifier: Apache-2.0 */
/* What changes a user of the rehearsed Clerk: update, metadata, identifications, bans, locks, second factors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "clerk_play.h"
#include "crypto/digest.h"

#define NOBODY "{\"skip_password_requirement\":true,"
#define JANE NOBODY "\"external_id\":\"1\",\"email_address\":[\"jane@shop.dev\"]}"
#define ROE NOBODY "\"external_id\":\"2\",\"email_address\":[\"roe@shop.dev\"]}"
#define TOTP "JBSWY3DPEHPK3PXP"

/* What the answer says now, for later. */
static void keep(const struct play *play, const char *path, char out[64])
{
	(void)snprintf(out, 64, "%s", clerk_path_text(play, path));
	assert_true(out[0] != '\0');
}

static unsigned ask_id(struct play *play, const char *line, const char *id, const char *body)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s/%s", line, id);
	return play_ask(play, text, body);
}

static void refused(struct play *play, const char *path, const char *body, unsigned status,
		    const char *code, const char *param)
{
	assert_int_equal(clerk_change(play, "PATCH", path, body), status);
	clerk_expect(play, code, param);
}

static void test_update(void **state)
{
	struct play *play = *state;

	clerk_made(play, ROE);
	clerk_made(play, JANE);
	assert_int_equal(clerk_change(play, "PATCH", "",
				      "{\"first_name\":\"Jane\",\"locale\":\"de\",\"username\":"
				      "\"JaneRoe\",\"created_at\":\"2020-01-01T00:00:00Z\"}"),
			 200);
	assert_string_equal(play_text(play, "username"), "janeroe");
	assert_int_equal(clerk_number(play, "created_at"), INT64_C(1577836800000));
	/* null and "" take a field away, what is not named stays. */
	assert_int_equal(
		clerk_change(play, "PATCH", "",
			     "{\"first_name\":null,\"username\":\"\",\"totp_secret\":null}"),
		200);
	assert_true(json_is_null(json_object_get(play->answer, "first_name")));
	assert_true(json_is_null(json_object_get(play->answer, "username")));
	assert_string_equal(play_text(play, "locale"), "de");
	refused(play, "", "{\"external_id\":\"2\"}", 422, "form_identifier_exists", "external_id");
	refused(play, "", "{\"banned\":true}", 422, "form_param_unknown", "banned");
	refused(play, "", "{\"email_address\":[\"x@shop.dev\"]}", 422, "form_param_unknown",
		"email_address");
	refused(play, "", "{\"password_digest\":null}", 422, "form_param_nil", "password_digest");
	refused(play, "", "{\"primary_email_address_id\":\"idn_x\"}", 422,
		"form_param_value_invalid", "primary_email_address_id");
	assert_int_equal(play->tenant.figures.mails, 0);
}

/* Who has nothing but a username keeps it. */
static void test_last_name(void **state)
{
	struct play *play = *state;

	clerk_made(play, NOBODY "\"username\":\"somebody\"}");
	refused(play, "", "{\"username\":null}", 422, "form_param_value_invalid", "username");
	clerk_switch(play, "username", "required");
	clerk_made(play, NOBODY "\"username\":\"another\",\"email_address\":[\"a@shop.dev\"]}");
	refused(play, "", "{\"username\":null}", 422, "form_param_value_invalid", "username");
}

static const char *metadata(const struct play *play, const char *name)
{
	static char text[512];
	char *json = json_dumps(json_object_get(play->answer, name), JSON_COMPACT);

	(void)snprintf(text, sizeof(text), "%s", json);
	free(json);
	return text;
}

/* PATCH merges as deep as it goes, PUT replaces what is given. */
static void test_metadata(void **state)
{
	struct play *play = *state;
	char large[8300];

	clerk_made(play, JANE);
	assert_int_equal(clerk_change(play, "PATCH", "/metadata",
				      "{\"public_metadata\":{\"b\":{\"x\":1,\"y\":2},\"a\":1},"
				      "\"private_metadata\":{\"k\":[1,2]}}"),
			 200);
	assert_int_equal(
		clerk_change(
			play, "PATCH", "/metadata",
			"{\"public_metadata\":{\"b\":{\"y\":null,\"z\":{\"n\":null}},\"a\":null,"
			"\"c\":[null]},\"private_metadata\":{\"k\":[3]}}"),
		200);
	assert_string_equal(metadata(play, "public_metadata"),
			    "{\"b\":{\"x\":1,\"z\":{}},\"c\":[null]}");
	assert_string_equal(metadata(play, "private_metadata"), "{\"k\":[3]}");
	assert_int_equal(
		clerk_change(play, "PUT", "/metadata",
			     "{\"public_metadata\":{\"only\":null},\"unsafe_metadata\":{}}"),
		200);
	assert_string_equal(metadata(play, "public_metadata"), "{\"only\":null}");
	assert_string_equal(metadata(play, "private_metadata"), "{\"k\":[3]}");
	refused(play, "/metadata", "{\"metadata\":{}}", 422, "form_param_unknown", "metadata");
	refused(play, "/metadata", "{\"public_metadata\":null}", 422, "form_param_nil",
		"public_metadata");
	assert_int_equal(clerk_change(play, "PUT", "/metadata", "{\"public_metadata\":null}"), 200);
	assert_true(json_is_null(json_object_get(play->answer, "public_metadata")));
	assert_int_equal(clerk_change(play, "PATCH", "/metadata",
				      "{\"public_metadata\":{\"a\":1}}"),
			 200);
	assert_string_equal(metadata(play, "public_metadata"), "{\"a\":1}");
	/* 8,192 bytes fit, one more does not; two halves are looked at as the whole they make. */
	(void)snprintf(large, sizeof(large), "{\"unsafe_metadata\":{\"k\":\"%0*d\"}}", 8192 - 8, 0);
	assert_int_equal(clerk_change(play, "PUT", "/metadata", large), 200);
	refused(play, "/metadata", "{\"unsafe_metadata\":{\"l\":1}}", 422,
		"form_param_exceeds_allowed_size", "unsafe_metadata");
	(void)snprintf(large, sizeof(large), "{\"unsafe_metadata\":{\"k\":\"%0*d\"}}", 8192 - 7, 0);
	assert_int_equal(clerk_change(play, "PUT", "/metadata", large), 422);
}

/* From version 2026-05-12 on an update takes no metadata. */
static void test_versions(void **state)
{
	static const char *const fields[] = {"public_metadata", "private_metadata",
					     "unsafe_metadata"};
	struct play *play = *state;
	char body[64];

	clerk_made(play, JANE);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(body, sizeof(body), "{\"%s\":{\"a\":1}}", fields[i]);
		play->extra[1] = "2025-11-10";
		assert_int_equal(clerk_change(play, "PATCH", "", body), 200);
		assert_string_equal(metadata(play, fields[i]), "{\"a\":1}");
		play->extra[1] = "2026-05-12";
		refused(play, "", body, 422, "form_param_unknown", fields[i]);
		assert_int_equal(clerk_change(play, "PATCH", "/metadata", body), 200);
	}
}

/* An unverified address is no claim: it may be somebody else's, too, until one of them claims it. */
static void test_emails(void **state)
{
	struct play *play = *state;
	char jane[64];
	char roe[64];
	char unverified[64];
	char first[64];

	clerk_made(play, ROE);
	keep(play, "id", roe);
	clerk_made(play, JANE);
	keep(play, "id", jane);
	keep(play, "primary_email_address_id", first);
	assert_int_equal(play_askf(play, "POST /v1/email_addresses",
				   "{\"user_id\":\"%s\",\"email_address\":\"New@shop.dev\"}", jane),
			 200);
	assert_string_equal(play_text(play, "object"), "email_address");
	assert_string_equal(play_text(play, "email_address"), "new@shop.dev");
	assert_true(json_is_null(json_object_get(play->answer, "verification")));
	keep(play, "id", unverified);
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	assert_string_equal(play_text(play, "primary_email_address_id"), first);
	/* It is no primary one, and nobody has it twice. */
	refused(play, "", "{\"primary_email_address_id\":\"x\"}", 422, "form_param_value_invalid",
		"primary_email_address_id");
	assert_int_equal(play_askf(play, "POST /v1/email_addresses",
				   "{\"user_id\":\"%s\",\"email_address\":\"new@shop.dev\","
				   "\"verified\":true}",
				   jane),
			 422);
	assert_int_equal(clerk_count(play, "email_address=new%40shop.dev"), 1);
	assert_int_equal(play_askf(play, "POST /v1/email_addresses",
				   "{\"user_id\":\"%s\",\"email_address\":\"new@shop.dev\","
				   "\"verified\":true,\"primary\":true}",
				   roe),
			 200);
	assert_int_equal(clerk_count(play, "email_address=new%40shop.dev"), 2);
	/* Now it is claimed. */
	assert_int_equal(ask_id(play, "PATCH /v1/email_addresses", unverified,
				"{\"verified\":true}"),
			 422);
	clerk_expect(play, "form_identifier_exists", "email_address");
	assert_int_equal(play_askf(play, "POST /v1/email_addresses",
				   "{\"user_id\":\"%s\",\"email_address\":\"roe@shop.dev\"}", jane),
			 422);
	assert_int_equal(ask_id(play, "DELETE /v1/email_addresses", unverified, NULL), 200);
	assert_true(json_is_true(json_object_get(play->answer, "deleted")));
	assert_int_equal(ask_id(play, "GET /v1/email_addresses", unverified, NULL), 404);
	assert_int_equal(ask_id(play, "DELETE /v1/email_addresses", first, NULL), 400);
	clerk_expect(play, "breaks_instance_invariant", NULL);
	assert_int_equal(play_ask(play, "POST /v1/email_addresses",
				  "{\"user_id\":\"user_x\",\"email_address\":\"x@shop.dev\"}"),
			 404);
	assert_int_equal(play_ask(play, "POST /v1/email_addresses", "{}"), 422);
	assert_int_equal(json_array_size(json_object_get(play->answer, "errors")), 2);
	assert_int_equal(play->tenant.figures.mails, 0);
}

static void test_replace_email(void **state)
{
	struct play *play = *state;
	char first[64];

	clerk_made(play, ROE);
	clerk_made(play, JANE);
	keep(play, "primary_email_address_id", first);
	assert_int_equal(clerk_change(play, "PUT", "/email_address",
				      "{\"email_address\":\"roe@shop.dev\"}"),
			 422);
	assert_int_equal(clerk_change(play, "PUT", "/email_address",
				      "{\"email_address\":\"j@shop.dev\","
				      "\"identification_status\":\"reserved\"}"),
			 200);
	clerk_true(play, "reserved");
	assert_int_equal(ask_id(play, "GET /v1/email_addresses", first, NULL), 404);
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(play->answer, "email_addresses")), 1);
	assert_int_equal(clerk_change(play, "PUT", "/phone_number",
				      "{\"phone_number\":\"+14155550132\"}"),
			 200);
}

/* A phone for the second factor must be verified. */
static void test_phones(void **state)
{
	struct play *play = *state;
	char id[64];

	clerk_made(play, JANE);
	assert_int_equal(play_askf(play, "POST /v1/phone_numbers",
				   "{\"user_id\":\"%s\",\"phone_number\":\"+14155550132\","
				   "\"reserved_for_second_factor\":true}",
				   play_text(play, "id")),
			 400);
	clerk_expect(play, "identification_create_second_factor_unverified", NULL);
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	assert_int_equal(play_askf(play, "POST /v1/phone_numbers",
				   "{\"user_id\":\"%s\",\"phone_number\":\"+14155550132\"}",
				   play_text(play, "id")),
			 200);
	keep(play, "id", id);
	assert_int_equal(ask_id(play, "PATCH /v1/phone_numbers", id,
				"{\"reserved_for_second_factor\":true}"),
			 400);
	assert_int_equal(ask_id(play, "PATCH /v1/phone_numbers", id,
				"{\"verified\":true,\"reserved_for_second_factor\":true}"),
			 200);
	clerk_true(play, "reserved_for_second_factor");
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	clerk_true(play, "two_factor_enabled");
	assert_int_equal(clerk_change(play, "DELETE", "/mfa", NULL), 200);
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	assert_true(json_is_false(json_object_get(play->answer, "two_factor_enabled")));
	assert_false(json_is_null(json_object_get(play->answer, "mfa_disabled_at")));
	clerk_switch(play, "phone", "off");
	assert_int_equal(play_askf(play, "POST /v1/phone_numbers",
				   "{\"user_id\":\"%s\",\"phone_number\":\"+14155550199\"}",
				   play_text(play, "id")),
			 403);
}

static void test_bans(void **state)
{
	struct play *play = *state;
	char jane[64];
	char body[4096] = "{\"user_ids\":[\"user_x\"";

	clerk_made(play, JANE);
	keep(play, "id", jane);
	assert_int_equal(clerk_change(play, "POST", "/ban", NULL), 200);
	clerk_true(play, "banned");
	assert_int_equal(clerk_count(play, "banned=true"), 1);
	assert_int_equal(clerk_change(play, "POST", "/unban", NULL), 200);
	clerk_made(play, ROE);
	assert_int_equal(play_askf(play, "POST /v1/users/ban", "{\"user_ids\":[\"%s\",\"%s\"]}",
				   jane, play_text(play, "id")),
			 200);
	assert_int_equal(json_array_size(play->answer), 2);
	assert_int_equal(clerk_count(play, "banned=true"), 2);
	/* One that is not there, and nothing is done. */
	assert_int_equal(play_askf(play, "POST /v1/users/unban", "{\"user_ids\":[\"%s\",\"x\"]}",
				   jane),
			 404);
	assert_int_equal(clerk_count(play, "banned=true"), 2);
	for (int i = 0; i < 50; i++) {
		(void)strncat(body, ",\"user_x\"", sizeof(body) - strlen(body) - 1);
	}
	(void)strncat(body, "]}", sizeof(body) - strlen(body) - 1);
	clerk_refused(play, "POST /v1/users/ban", body, 400, "bulk_size_exceeded", NULL);
	clerk_refused(play, "POST /v1/users/ban", "{\"user_ids\":[]}", 422,
		      "form_param_value_invalid", "user_ids");
	clerk_switch(play, "ban_plan", "off");
	assert_int_equal(clerk_change(play, "POST", "/ban", NULL), 402);
}

/* A lock ends by itself. */
static void test_locks(void **state)
{
	struct play *play = *state;

	clerk_made(play, JANE);
	assert_int_equal(clerk_change(play, "POST", "/lock", NULL), 200);
	clerk_true(play, "locked");
	assert_int_equal(clerk_number(play, "lockout_expires_in_seconds"), 3600);
	rh_clock_manual_advance(&play->clock, 3600 * RH_SECOND);
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	assert_true(json_is_false(json_object_get(play->answer, "locked")));
	assert_int_equal(clerk_change(play, "POST", "/lock", NULL), 200);
	assert_int_equal(clerk_change(play, "POST", "/unlock", NULL), 200);
	assert_true(json_is_false(json_object_get(play->answer, "locked")));
	clerk_switch(play, "lockout", "off");
	assert_int_equal(clerk_change(play, "POST", "/lock", NULL), 403);
}

static unsigned verify_totp(struct play *play, const char *code)
{
	char body[128];

	(void)snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	return clerk_change(play, "POST", "/verify_totp", body);
}

/* The code of the authenticator is computed; a backup code is good once. */
static void test_totp(void **state)
{
	struct play *play = *state;
	struct rh_arena arena;
	struct rh_str secret;
	char code[7];

	clerk_made(play, JANE);
	assert_int_equal(verify_totp(play, "123456"), 400);
	clerk_expect(play, "totp_disabled", NULL);
	assert_int_equal(
		clerk_change(play, "PATCH", "",
			     "{\"totp_secret\":\"" TOTP "\",\"backup_codes\":[\"plain-code\","
			     "\"$2b$04$abcdefghijklmnopqrstuu216D6cN9EToQJpQWHiszu5gdwwJIqse\"]}"),
		200);
	clerk_true(play, "totp_enabled backup_code_enabled two_factor_enabled");
	rh_arena_init(&arena, 4096, RH_ARENA_PLAIN);
	assert_true(rh_base32_decode(&arena, RH_STR(TOTP), &secret));
	rh_totp(secret, rh_stage_now(&play->stage), code);
	assert_int_equal(verify_totp(play, code), 200);
	assert_string_equal(play_text(play, "code_type"), "totp");
	rh_totp(secret, rh_stage_now(&play->stage) - 120 * RH_SECOND, code);
	assert_int_equal(verify_totp(play, code), 422);
	clerk_expect(play, "totp_incorrect_code", "code");
	assert_int_equal(verify_totp(play, "12345"), 422);
	clerk_expect(play, "totp_invalid_length", "code");
	assert_int_equal(verify_totp(play, "plain-code"), 200);
	assert_string_equal(play_text(play, "code_type"), "backup_code");
	assert_int_equal(verify_totp(play, "plain-code"), 422);
	/* The digest is that of the hex SHA-256 of the samples' password. */
	assert_int_equal(
		verify_totp(play,
			    "3ef6a03adecbc4cdb53d7cff60c8f7009a8e26462099fd75fb46aac85fd3c333"),
		200);
	assert_int_equal(clerk_change(play, "DELETE", "/totp", NULL), 200);
	assert_int_equal(clerk_change(play, "DELETE", "/backup_code", NULL), 200);
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	assert_true(json_is_false(json_object_get(play->answer, "totp_enabled")));
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_update, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_last_name, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_metadata, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_versions, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_emails, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_replace_email, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_phones, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_bans, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_locks, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_totp, clerk_setup, clerk_teardown),
	};

	return cmocka_run_group_tests_name("rehearsal/clerk_changes", tests, NULL, NULL);
}
