/* SPDX-License-Identifier: Apache-2.0 */
/* What may go wrong between a client and Clerk, each case made to happen at the rehearsal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "clerk_play.h"

#define NOBODY "{\"skip_password_requirement\":true,"
#define JANE NOBODY "\"external_id\":\"1\",\"email_address\":[\"jane@shop.dev\"]}"

/* Sets a fault by the control route. */
static void set_fault(struct play *play, const char *fault)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "POST /_rehearsal/faults?token=%s", play->stage.token);
	assert_int_equal(play_ask(play, line, fault), 200);
}

static unsigned create(struct play *play)
{
	return play_ask(play, "POST /v1/users", JANE);
}

static void test_too_many(void **state)
{
	struct play *play = *state;

	set_fault(play, "{\"kind\":\"status\",\"status\":429,\"retry_after\":7}");
	assert_int_equal(create(play), 429);
	clerk_expect(play, "too_many_requests", NULL);
	assert_string_equal(play_header(play, "Retry-After"), "7");
	set_fault(play, "{\"kind\":\"retry-after-none\"}");
	assert_int_equal(create(play), 429);
	assert_null(play_header(play, "Retry-After"));
	assert_int_equal(create(play), 200);
}

/* The user is made, the second address is not. */
static void test_in_the_middle(void **state)
{
	struct play *play = *state;
	char body[256];

	set_fault(play, "{\"kind\":\"status\",\"status\":429,\"path\":\"/v1/email_addresses\"}");
	assert_int_equal(create(play), 200);
	(void)snprintf(body, sizeof(body),
		       "{\"user_id\":\"%s\",\"email_address\":\"other@shop.dev\"}",
		       play_text(play, "id"));
	assert_int_equal(play_ask(play, "POST /v1/email_addresses", body), 429);
	assert_int_equal(clerk_count(play, "email_address=other%40shop.dev"), 0);
	assert_int_equal(play_ask(play, "POST /v1/email_addresses", body), 200);
}

/* The answer is lost, the work is done: whoever asks again is told so. */
static void test_done_nevertheless(void **state)
{
	struct play *play = *state;

	set_fault(play, "{\"kind\":\"status\",\"status\":500,\"done\":true}");
	assert_int_equal(create(play), 500);
	clerk_expect(play, "internal_clerk_error", NULL);
	assert_int_equal(clerk_count(play, "external_id=%2B1"), 1);
	assert_int_equal(create(play), 422);
	clerk_expect(play, "form_identifier_exists", "external_id");
	assert_int_equal(json_array_size(json_object_get(play->answer, "errors")), 2);
}

static void test_resets(void **state)
{
	struct play *play = *state;

	set_fault(play, "{\"kind\":\"reset-before\"}");
	(void)create(play);
	assert_int_equal(play->call.effect, RH_EFFECT_RESET);
	assert_int_equal(clerk_count(play, ""), 0);
	set_fault(play, "{\"kind\":\"reset-after\"}");
	(void)create(play);
	assert_int_equal(play->call.effect, RH_EFFECT_RESET);
	assert_int_equal(clerk_count(play, ""), 1);
}

static void test_no_envelope(void **state)
{
	struct play *play = *state;

	set_fault(play, "{\"kind\":\"html\"}");
	assert_int_equal(create(play), 502);
	assert_string_equal(play->call.content_type, "text/html");
	set_fault(play, "{\"kind\":\"empty\",\"status\":503}");
	assert_int_equal(create(play), 503);
	assert_int_equal(play->call.out.len, 0);
	assert_null(play->call.content_type);
	set_fault(play, "{\"kind\":\"empty\",\"status\":200,\"done\":true}");
	assert_int_equal(create(play), 200);
	assert_int_equal(play->call.out.len, 0);
	assert_int_equal(clerk_count(play, ""), 1);
}

/* Envelopes that are not as one would like them: given with the fault. */
static void test_odd_envelopes(void **state)
{
	static const struct {
		const char *fault;
		unsigned status;
		const char *code;
	} cases[] = {
		{"{\"kind\":\"status\",\"status\":422,\"body\":{\"errors\":[{\"code\":\"\","
		 "\"message\":\"?\"}]}}",
		 422, ""},
		{"{\"kind\":\"status\",\"status\":422,\"body\":{\"errors\":[{\"code\":"
		 "\"form_param_unknown\",\"message\":\"unknown\",\"long_message\":\"unknown\"}]}}",
		 422, "form_param_unknown"},
		{"{\"kind\":\"status\",\"status\":422,\"body\":{\"errors\":[{\"code\":"
		 "\"form_param_format_invalid\",\"message\":\"x\",\"long_message\":"
		 "\"Die Adresse \\u2026 ist ung\\u00fcltig \\ud83d\\ude80\"}]}}",
		 422, "form_param_format_invalid"},
		{"{\"kind\":\"status\",\"status\":429,\"body\":{\"errors\":[{\"code\":\"slow_"
		 "down\"}]}}",
		 429, "slow_down"},
		{"{\"kind\":\"status\",\"status\":404}", 404, "resource_not_found"},
		{"{\"kind\":\"status\",\"status\":409}", 409, "conflict"},
	};
	struct play *play = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_fault(play, cases[i].fault);
		assert_int_equal(create(play), cases[i].status);
		assert_string_equal(clerk_path_text(play, "errors.0.code"), cases[i].code);
	}
	assert_int_equal(clerk_count(play, ""), 0);
}

static void test_body_is_given(void **state)
{
	struct play *play = *state;

	set_fault(play,
		  "{\"kind\":\"status\",\"status\":422,\"body\":{\"errors\":[{\"long_message\":"
		  "\"Die Adresse ist ung\\u00fcltig\"}]}}");
	assert_int_equal(create(play), 422);
	assert_string_equal(clerk_path_text(play, "errors.0.long_message"),
			    "Die Adresse ist ung\xc3\xbcltig");
	assert_string_equal(clerk_path_text(play, "errors.0.meta.param_name"), "");
}

/* A date that is a second ahead of the server's clock is one of the future. */
static void test_clock(void **state)
{
	struct play *play = *state;

	/* The play's clock stands at 2027-01-15T08:00:00Z. */
	clerk_refused(play, "POST /v1/users",
		      NOBODY "\"username\":\"early\",\"created_at\":\"2027-01-15T08:00:01Z\"}", 422,
		      "form_disallow_future_date", "created_at");
	clerk_refused(play, "POST /v1/users",
		      NOBODY "\"username\":\"early\",\"legal_accepted_at\":"
			     "\"2027-01-15T09:00:01+01:00\"}",
		      422, "form_disallow_future_date", "legal_accepted_at");
	clerk_made(play, NOBODY "\"username\":\"early\",\"created_at\":\"2027-01-15T08:00:00Z\"}");
}

/* The settings say what the switches are; a Frontend API that fails is one that could not be read. */
static void test_settings(void **state)
{
	struct play *play = *state;

	assert_int_equal(play_ask(play, "GET /v1/instance", NULL), 200);
	assert_string_equal(play_text(play, "environment_type"), "development");
	assert_int_equal(play_ask(play, "GET /v1/domains", NULL), 200);
	assert_string_equal(clerk_path_text(play, "data.0.frontend_api_url"), "http://127.0.0.1:1");
	assert_int_equal(play_ask(play, "PATCH /v1/instance", "{\"hibp\":true}"), 204);
	assert_int_equal(play_ask(play, "PATCH /v1/instance", "{\"hibp\":1}"), 422);
	clerk_switch(play, "phone", "off");
	clerk_switch(play, "legal_consent", "on");
	clerk_switch(play, "social", "google");
	clerk_switch(play, "sign_up", "waitlist");
	clerk_switch(play, "restrictions", "blocklist");
	play->key = NULL; /* the Frontend API asks for none */
	assert_int_equal(play_ask(play, "GET /v1/environment", NULL), 200);
	assert_true(
		json_is_false(clerk_path(play, "user_settings.attributes.phone_number.enabled")));
	assert_true(json_is_true(clerk_path(play, "user_settings.attributes.password.required")));
	assert_true(json_is_true(clerk_path(play, "user_settings.social.oauth_google.enabled")));
	assert_true(json_is_false(clerk_path(play, "user_settings.social.oauth_github.enabled")));
	assert_true(json_is_true(clerk_path(play, "user_settings.sign_up.legal_consent_enabled")));
	assert_true(json_is_true(clerk_path(play, "user_settings.restrictions.blocklist.enabled")));
	assert_string_equal(clerk_path_text(play, "user_settings.sign_up.mode"), "waitlist");
	assert_string_equal(clerk_path_text(play, "display_config.instance_environment_type"),
			    "development");
	/* The other instance has another host. */
	play->host = "localhost:1";
	assert_int_equal(play_ask(play, "GET /v1/environment", NULL), 200);
	assert_string_equal(clerk_path_text(play, "display_config.instance_environment_type"),
			    "production");
	play->key = "sk_live_rehearsal";
	assert_int_equal(play_ask(play, "GET /v1/domains", NULL), 200);
	assert_string_equal(clerk_path_text(play, "data.0.frontend_api_url"), "http://localhost:1");
	set_fault(play, "{\"kind\":\"status\",\"status\":500,\"path\":\"/v1/environment\"}");
	assert_int_equal(play_ask(play, "GET /v1/environment", NULL), 500);
}

/* A hundred ids fit into an address, if they are not too long. */
static void test_long_address(void **state)
{
	struct play *play = *state;
	char line[9216] = "GET /v1/users?";
	size_t len = strlen(line);

	while (len < 4000) {
		len += (size_t)snprintf(line + len, sizeof(line) - len, "external_id=%040d&", 1);
	}
	line[len - 1] = '\0';
	assert_int_equal(play_ask(play, line, NULL), 200);
	(void)snprintf(line, sizeof(line), "GET /v1/users?query=%09000d", 1);
	assert_int_equal(play_ask(play, line, NULL), 414);
}

/* Wherever memory ends: an answer, and no half of a user is left that somebody else could not have. */
static void test_out_of_memory(void **state)
{
	static const char body[] =
		NOBODY "\"external_id\":\"1\",\"email_address\":[\"a@shop.dev\",\"b@shop.dev\"],"
		       "\"phone_number\":[\"+14155550132\"],\"private_metadata\":{\"a\":{\"b\":1}},"
		       "\"username\":\"somebody\",\"backup_codes\":[\"abc\"]}";
	struct play *play = *state;
	unsigned status = 0;
	uint64_t n;

	for (n = 1; status != 200; n++) {
		rh_call_done(&play->call);
		rh_call_init(&play->call);
		rh_alloc_fail_from(n);
		status = play_ask(play, "POST /v1/users", body);
		rh_alloc_fail_from(0);
		assert_true(status == 200 || (status >= 400 && status <= 500));
		/* A user that is there was only not answered. */
		if (status != 200 && clerk_count(play, "") > 0) {
			break;
		}
		assert_int_equal(rh_store_count(play->tenant.environments[0].stores[1]),
				 status == 200 ? 2 : 0);
		assert_true(n < 500);
	}
	assert_true(n > 10);
	assert_int_equal(clerk_count(play, "email_address=b%40shop.dev"), 1);
	for (n = 1, status = 0; status != 200; n++) {
		rh_call_done(&play->call);
		rh_call_init(&play->call);
		rh_alloc_fail_from(n);
		status =
			play_ask(play, "GET /v1/users?order_by=username&email_address=a%40shop.dev",
				 NULL);
		rh_alloc_fail_from(0);
		assert_true(status == 200 || (status >= 400 && status <= 500));
		assert_true(n < 500);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_too_many, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_in_the_middle, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_done_nevertheless, clerk_setup,
						clerk_teardown),
		cmocka_unit_test_setup_teardown(test_resets, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_no_envelope, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_odd_envelopes, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_body_is_given, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_clock, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_settings, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_long_address, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_out_of_memory, clerk_setup, clerk_teardown),
	};

	return cmocka_run_group_tests_name("rehearsal/clerk_faults", tests, NULL, NULL);
}
