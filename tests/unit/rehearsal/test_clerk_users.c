/* SPDX-License-Identifier: Apache-2.0 */
/* Users of the rehearsed Clerk: every refusal of the API description, what one create holds, limits, versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clerk_play.h"

#define USERS "/v1/users"
#define BCRYPT "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"
/* Somebody without a password. */
#define A "{\"skip_password_requirement\":true,\"email_address\":[\"a@shop.dev\"],"
#define NOBODY "{\"skip_password_requirement\":true,"

/* A body of a create, and what becomes of it. */
struct refusal {
	const char *body;
	unsigned status;
	const char *code;
	const char *param; /* NULL: none is named */
};

static const struct refusal create_refusals[] = {
	{"[]", 400, "request_body_invalid", NULL},
	{"{\"email\":\"a@shop.dev\"}", 422, "form_param_unknown", "email"},
	{"{\"identify\":1}", 422, "form_param_unknown", "identify"},
	{A "\"primary_email_address_id\":\"idn_1\"}", 422, "form_param_unknown",
	 "primary_email_address_id"},
	{A "\"web3_wallet\":[]}", 422, "form_param_unknown", "web3_wallet"}, /* off as it starts */
	{"{\"email_address\":\"a@shop.dev\"}", 422, "form_param_type_invalid", "email_address"},
	{"{\"email_address\":[1]}", 422, "form_param_type_invalid", "email_address"},
	{"{\"email_address\":null}", 422, "form_param_nil", "email_address"},
	{A "\"banned\":\"true\"}", 422, "form_param_type_invalid", "banned"},
	{A "\"public_metadata\":null}", 422, "form_param_nil", "public_metadata"},
	{A "\"public_metadata\":\"{}\"}", 422, "form_param_type_invalid", "public_metadata"},
	{A "\"create_organizations_limit\":1.5}", 422, "form_param_type_invalid",
	 "create_organizations_limit"},
	{A "\"create_organizations_limit\":-1}", 422, "form_param_value_invalid",
	 "create_organizations_limit"},
	{NOBODY "\"email_address\":[\"nobody\"]}", 422, "form_param_format_invalid",
	 "email_address"},
	{NOBODY "\"email_address\":[\"a@shop.example\"]}", 422, "form_param_format_invalid",
	 "email_address"},
	{NOBODY "\"email_address\":[\"a@shop.test\"]}", 422, "form_param_format_invalid",
	 "email_address"},
	{NOBODY "\"email_address\":[\"a b@shop.dev\"]}", 422, "form_param_format_invalid",
	 "email_address"},
	{NOBODY "\"email_address\":[\"a@shop.dev\",\"A@shop.dev\"]}", 422, "form_param_duplicate",
	 "email_address"},
	{A "\"email_address_identification_status\":[\"verified\",\"reserved\"]}", 422,
	 "form_param_value_invalid", "email_address_identification_status"},
	{A "\"email_address_identification_status\":[\"unverified\"]}", 422,
	 "form_param_value_invalid", "email_address_identification_status"},
	{NOBODY "\"phone_number\":[\"4155550132\"]}", 422, "form_param_format_invalid",
	 "phone_number"},
	{NOBODY "\"phone_number\":[\"+1 415 555 0132\"]}", 422, "form_param_format_invalid",
	 "phone_number"},
	{NOBODY "\"phone_number\":[\"+18001429956\"]}", 422, "form_param_format_invalid",
	 "phone_number"},
	{A "\"username\":\"abc\"}", 422, "form_username_invalid_length", "username"},
	{A "\"username\":\"a.bcd\"}", 422, "form_username_invalid_character", "username"},
	{A "\"username\":\"12345\"}", 422, "form_username_needs_non_number_char", "username"},
	{A "\"first_name\":\"see http://shop.dev\"}", 422, "form_param_value_invalid",
	 "first_name"},
	{A "\"first_name\":\"shop.dev/x\"}", 422, "form_param_value_invalid", "first_name"},
	{A "\"first_name\":\"jane#0\"}", 422, "form_param_value_invalid", "first_name"},
	{A "\"last_name\":\"<b>Roe</b>\"}", 422, "form_param_value_invalid", "last_name"},
	{A "\"last_name\":\"0049 30 1234567\"}", 422, "form_param_value_invalid", "last_name"},
	{A "\"locale\":\"english\"}", 422, "form_param_format_invalid", "locale"},
	{A "\"password\":\"short\"}", 422, "form_password_length_too_short", "password"},
	{A "\"password\":\"12345678\"}", 422, "form_password_pwned", "password"},
	{A "\"password_digest\":\"" BCRYPT "\"}", 422, "form_conditional_param_missing",
	 "password_hasher"},
	{A "\"password_hasher\":\"bcrypt\"}", 422, "form_conditional_param_missing",
	 "password_digest"},
	{A "\"password_digest\":\"x\",\"password_hasher\":\"rot13\"}", 422,
	 "form_param_value_invalid", "password_hasher"},
	{A "\"password_digest\":\"x\",\"password_hasher\":\"bcrypt\"}", 422,
	 "form_password_digest_invalid_code", "password_digest"},
	{A "\"password\":\"correct horse\",\"password_digest\":\"" BCRYPT
	   "\",\"password_hasher\":\"bcrypt\"}",
	 422, "form_conditional_param_disallowed", "password"},
	{A "\"totp_secret\":\"JBSW Y3DP\"}", 422, "invalid_totp_secret_code", "totp_secret"},
	{A "\"backup_codes\":[\"\"]}", 422, "form_param_value_invalid", "backup_codes"},
	{A "\"created_at\":\"2023-02-09\"}", 422, "form_param_invalid_time", "created_at"},
	{A "\"created_at\":\"2023-02-09 16:34:22Z\"}", 422, "form_param_invalid_time",
	 "created_at"},
	{A "\"created_at\":\"2100-02-09T16:34:22Z\"}", 422, "form_disallow_future_date",
	 "created_at"},
	{"{\"email_address\":[\"a@shop.dev\"]}", 422, "form_data_missing", NULL}, /* the password */
	{NOBODY "\"first_name\":\"Jane\"}", 422, "form_data_missing", NULL},      /* anything */
	{A "\"external_id\":\"taken\"}", 422, "form_identifier_exists", "external_id"},
	{NOBODY "\"email_address\":[\"b@shop.dev\",\"TAKEN@shop.dev\"]}", 422,
	 "form_identifier_exists", "email_address"},
	{NOBODY "\"phone_number\":[\"+14155550132\"]}", 422, "form_identifier_exists",
	 "phone_number"},
	{NOBODY "\"username\":\"Taken_Name\"}", 422, "form_identifier_exists", "username"},
};

static void test_create_refusals(void **state)
{
	struct play *play = *state;

	clerk_made(play, "{\"email_address\":[\"taken@shop.dev\"],\"phone_number\":"
			 "[\"+14155550132\"],\"username\":\"taken_name\",\"external_id\":\"taken\","
			 "\"skip_password_requirement\":true}");
	for (size_t i = 0; i < sizeof(create_refusals) / sizeof(create_refusals[0]); i++) {
		const struct refusal *refusal = &create_refusals[i];

		clerk_refused(play, "POST " USERS, refusal->body, refusal->status, refusal->code,
			      refusal->param);
	}
	/* Nothing of all this has made a user. */
	assert_int_equal(clerk_count(play, ""), 1);
}

/* One call makes a whole user. */
static void test_create_whole(void **state)
{
	struct play *play = *state;
	json_t *emails;

	clerk_made(play,
		   "{\"external_id\":\"auth0|5f7c\",\"email_address\":[\"Jane@shop.dev\","
		   "\"jane.old@shop.dev\"],\"email_address_identification_status\":[\"verified\","
		   "\"reserved\"],\"phone_number\":[\"+14155550132\"],\"first_name\":\"Jane\","
		   "\"username\":\"JaneRoe\",\"locale\":\"en-US\",\"password_digest\":\"" BCRYPT
		   "\",\"password_hasher\":\"bcrypt\",\"totp_secret\":\"JBSWY3DPEHPK3PXP\","
		   "\"backup_codes\":[\"abc123\"],\"created_at\":\"2023-02-09T17:34:22.611+01:00\","
		   "\"legal_accepted_at\":\"2023-02-09T16:34:22Z\",\"private_metadata\":{\"b\":1,"
		   "\"a\":{\"z\":[null],\"y\":9007199254740993}},\"banned\":true,\"locked\":true,"
		   "\"delete_self_enabled\":false,\"create_organizations_limit\":0}");
	assert_string_equal(play_text(play, "external_id"), "auth0|5f7c");
	assert_string_equal(play_text(play, "username"), "janeroe");
	emails = json_object_get(play->answer, "email_addresses");
	assert_int_equal(json_array_size(emails), 2);
	assert_string_equal(clerk_path_text(play, "email_addresses.0.email_address"),
			    "jane@shop.dev");
	assert_string_equal(clerk_path_text(play, "email_addresses.0.verification.status"),
			    "verified");
	assert_string_equal(clerk_path_text(play, "email_addresses.0.id"),
			    play_text(play, "primary_email_address_id"));
	assert_true(json_is_true(json_object_get(json_array_get(emails, 1), "reserved")));
	assert_true(json_is_null(json_object_get(json_array_get(emails, 1), "verification")));
	assert_int_equal(clerk_number(play, "created_at"), INT64_C(1675960462611));
	assert_int_equal(clerk_number(play, "legal_accepted_at"), INT64_C(1675960462000));
	assert_int_equal(clerk_number(play, "create_organizations_limit"), 0);
	assert_non_null(strstr(play->call.out.ptr,
			       "\"private_metadata\":{\"a\":{\"y\":9007199254740993,"
			       "\"z\":[null]},\"b\":1}"));
	clerk_true(play, "banned locked password_enabled totp_enabled backup_code_enabled "
			 "two_factor_enabled create_organization_enabled");
	assert_true(json_is_false(json_object_get(play->answer, "delete_self_enabled")));
	/* Neither digest nor secret comes out again. */
	assert_null(strstr(play->call.out.ptr, "JBSWY3"));
	assert_null(strstr(play->call.out.ptr, "$2b$"));
	assert_null(strstr(play->call.out.ptr, "abc123"));
}

/* A member of a feature that is switched off is unknown, as any other. */
static void test_switched_off(void **state)
{
	static const struct {
		const char *feature;
		const char *member;
		const char *value;
	} cases[] = {
		{"email", "email_address", "[\"x@shop.dev\"]"},
		{"phone", "phone_number", "[\"+14155550133\"]"},
		{"username", "username", "\"somebody\""},
		{"names", "first_name", "\"Jane\""},
		{"names", "last_name", "\"Roe\""},
		{"password", "password", "\"correct horse\""},
		{"totp", "totp_secret", "\"JBSWY3DPEHPK3PXP\""},
		{"backup_codes", "backup_codes", "[\"abc123\"]"},
	};
	struct play *play = *state;
	char body[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"%s\":%s}", cases[i].member, cases[i].value);
		clerk_switch(play, cases[i].feature, "off");
		clerk_refused(play, "POST " USERS, body, 422, "form_param_unknown",
			      cases[i].member);
		clerk_switch(play, cases[i].feature, "on");
	}
	/* With passwords off a digest is kept nevertheless. */
	clerk_switch(play, "password", "off");
	clerk_made(play, "{\"email_address\":[\"x@shop.dev\"],\"password_digest\":\"" BCRYPT
			 "\",\"password_hasher\":\"bcrypt\"}");
	clerk_true(play, "password_enabled");
}

static void test_requirements(void **state)
{
	struct play *play = *state;

	/* A password is asked for, unless it is waived, and waiving does not help where it is all there is. */
	clerk_switch(play, "password", "only");
	clerk_refused(play, "POST " USERS, A "\"locale\":\"en\"}", 422, "form_data_missing", NULL);
	assert_string_equal(clerk_path_text(play, "errors.0.meta.param_names.0"), "password");
	clerk_switch(play, "password", "on");
	clerk_switch(play, "phone", "required");
	clerk_refused(play, "POST " USERS, A "\"locale\":\"en\"}", 422, "form_data_missing", NULL);
	assert_string_equal(clerk_path_text(play, "errors.0.meta.param_names.0"), "phone_number");
	clerk_made(play, A "\"skip_user_requirement\":true}");
	clerk_switch(play, "phone", "on");
	clerk_switch(play, "names", "required");
	clerk_refused(play, "POST " USERS, "{\"username\":\"nameless\"}", 422, "form_data_missing",
		      NULL);
	assert_int_equal(json_array_size(clerk_path(play, "errors.0.meta.param_names")), 2);
	clerk_switch(play, "names", "on");
	clerk_switch(play, "legal_consent", "on");
	clerk_refused(play, "POST " USERS, "{\"username\":\"lawless\"}", 422, "form_data_missing",
		      NULL);
	clerk_made(play, "{\"username\":\"lawless\",\"skip_legal_checks\":true}");
}

/* What the plan, the settings and the countries of an instance refuse. */
static void test_instance(void **state)
{
	struct play *play = *state;

	clerk_switch(play, "ban_plan", "off");
	clerk_refused(play, "POST " USERS, A "\"banned\":true}", 402,
		      "unsupported_subscription_plan_features", "banned");
	clerk_switch(play, "lockout", "off");
	clerk_refused(play, "POST " USERS, A "\"locked\":true}", 403, "feature_not_enabled",
		      "locked");
	clerk_switch(play, "countries", "north-america");
	clerk_refused(play, "POST " USERS, A "\"phone_number\":[\"+4930123456\"]}", 403,
		      "unsupported_country_code", NULL);
	assert_string_equal(clerk_path_text(play, "errors.0.meta.alpha2"), "DE");
	clerk_made(play, A "\"banned\":false,\"locked\":false}");
}

/* A development instance is full some day, a production one is not; reading goes on. */
static void test_quota(void **state)
{
	struct play *play = *state;

	clerk_switch(play, "user_quota", "5");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(play_askf(play, "POST " USERS, NOBODY "\"username\":\"user_%d\"}",
					   i),
				 200);
	}
	clerk_refused(play, "POST " USERS, NOBODY "\"username\":\"user_5\"}", 403,
		      "user_quota_exceeded", NULL);
	assert_int_equal(clerk_count(play, ""), 5);
	play->key = "sk_live_rehearsal";
	for (int i = 0; i < 6; i++) {
		assert_int_equal(play_askf(play, "POST " USERS, NOBODY "\"username\":\"user_%d\"}",
					   i),
				 200);
	}
}

static void test_keys_and_headers(void **state)
{
	struct play *play = *state;
	const char *key = play->key;

	play->key = NULL;
	clerk_refused(play, "GET " USERS, NULL, 401, "authentication_invalid", NULL);
	play->key = "sk_test_other";
	clerk_refused(play, "GET " USERS, NULL, 401, "clerk_key_invalid", NULL);
	play->key = key;
	clerk_refused(play, "GET /v1/nothing", NULL, 404, "resource_not_found", NULL);
	clerk_refused(play, "POST " USERS, "{", 400, "request_body_invalid", NULL);
	play->content_type = "application/json; charset=utf-8";
	clerk_refused(play, "POST " USERS, "{}", 415, "unsupported_content_type", NULL);
	play->content_type = "text/plain";
	clerk_refused(play, "POST " USERS, "{}", 415, "unsupported_content_type", NULL);
	play->content_type = "application/json";
	play->extra[1] = "2025-11-11";
	clerk_refused(play, "GET " USERS, NULL, 400, "bad_request", NULL);
	play->extra[1] = "2025-11-10";
	clerk_refused(play, "GET " USERS "?__clerk_api_version=2025-11-10", NULL, 400,
		      "bad_request", NULL);
	play->extra[0] = NULL;
	assert_int_equal(play_ask(play, "GET " USERS "?__clerk_api_version=2026-05-12", NULL), 200);
	clerk_refused(play, "GET " USERS "?__clerk_api_version=2027-01-01", NULL, 400,
		      "bad_request", NULL);
}

/* The provider's two limits, and when they end. */
static void test_limits(void **state)
{
	struct play *play = *state;
	char line[128];

	for (int i = 0; i < 100; i++) {
		assert_int_equal(play_ask(play, "GET /v1/users/count", NULL), 200);
	}
	clerk_refused(play, "GET /v1/users/count", NULL, 429, "too_many_requests", NULL);
	assert_string_equal(play_header(play, "Retry-After"), "10");
	play->key = "sk_live_rehearsal";
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(play_ask(play, "GET /v1/users/count", NULL), 200);
	}
	clerk_refused(play, "GET /v1/users/count", NULL, 429, "too_many_requests", NULL);
	/* Each environment has the one that is its own. */
	(void)snprintf(line, sizeof(line), "GET /_rehearsal/counters?token=%s", play->stage.token);
	assert_int_equal(play_ask(play, line, NULL), 200);
	for (int i = 0; i < 2; i++) {
		json_t *windows = clerk_path(play, i == 0 ? "environments.test.windows"
							  : "environments.live.windows");

		assert_int_equal(json_array_size(windows), 6);
		assert_int_equal(json_integer_value(json_object_get(json_array_get(windows, 0),
								    "most_in_a_window")),
				 i == 0 ? 100 : 1000);
	}
	rh_clock_manual_advance(&play->clock, 10 * RH_SECOND);
	assert_int_equal(play_ask(play, "GET /v1/users/count", NULL), 200);
	/* Of one user ten changes. */
	clerk_made(play, A "\"external_id\":\"1\"}");
	for (int i = 0; i < 10; i++) {
		assert_int_equal(clerk_change(play, "PATCH", "", "{\"first_name\":\"Jane\"}"), 200);
	}
	assert_int_equal(clerk_change(play, "PATCH", "", "{\"first_name\":\"Jane\"}"), 429);
	assert_int_equal(clerk_change(play, "PUT", "/metadata", "{}"), 429);
	assert_non_null(play_header(play, "Retry-After"));
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
}

static void test_get_and_delete(void **state)
{
	struct play *play = *state;

	clerk_refused(play, "GET " USERS "/user_nobody", NULL, 404, "resource_not_found", NULL);
	clerk_refused(play, "DELETE " USERS "/user_nobody", NULL, 404, "resource_not_found", NULL);
	clerk_made(play, A "\"external_id\":\"1\"}");
	assert_int_equal(clerk_change(play, "GET", "", NULL), 200);
	assert_int_equal(clerk_change(play, "DELETE", "", NULL), 200);
	assert_true(json_is_true(json_object_get(play->answer, "deleted")));
	assert_string_equal(play_text(play, "object"), "user");
	assert_string_equal(play_text(play, "external_id"), "1");
	assert_int_equal(clerk_change(play, "GET", "", NULL), 404);
	/* All that was claimed is free again. */
	clerk_made(play, A "\"external_id\":\"1\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create_refusals, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_create_whole, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_switched_off, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_requirements, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_instance, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_quota, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_keys_and_headers, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_limits, clerk_setup_limited, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_get_and_delete, clerk_setup, clerk_teardown),
	};

	return cmocka_run_group_tests_name("rehearsal/clerk_users", tests, NULL, NULL);
}
