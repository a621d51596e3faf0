/* SPDX-License-Identifier: Apache-2.0 */
/* The instance's settings, asked and read (connector.h, C14; C-17, C-18, C-19), and who is kept by a removal (C15; C-31). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "target_helper.h"

#define DOMAINS(url)                                                                      \
	"{\"data\":[{\"is_satellite\":true,\"frontend_api_url\":\"https://no.example\"}," \
	"{\"is_satellite\":false,\"frontend_api_url\":\"" url "\"}],\"total_count\":2}"
#define ON "{\"enabled\":true,\"required\":false,\"first_factors\":[]}"
#define OFF "{\"enabled\":false,\"required\":true,\"first_factors\":[\"email_code\"]}"
#define MAIL(factors) "{\"enabled\":true,\"required\":true,\"first_factors\":[" factors "]}"

static enum rh_stance stance(const struct drill *drill, const char *name)
{
	assert_non_null(drill->operation.settings);
	for (size_t i = 0; clerk_settings[i].name != NULL; i++) {
		if (strcmp(clerk_settings[i].name, name) == 0) {
			return drill->operation.settings->stances[i];
		}
	}
	fail();
	return RH_STANCE_UNKNOWN;
}

static void start(struct drill *drill)
{
	drill_init(drill, RH_VERB_GET);
	drill->operation.kind = RH_KIND_SETTING;
	drill->operation.row_count = 0;
	drill->operation.rows = NULL;
	drill_start(drill);
	drill_expect(drill, "GET", "/v1/domains", NULL);
}

/* Ready for what the Frontend API answers. */
static void start_environment(struct drill *drill)
{
	start(drill);
	drill_feed(drill, 200, DOMAINS("https://clerk.shop.example/"));
	assert_int_equal(drill->answer.kind, RH_ANSWER_SEND);
	assert_true(rh_str_is(drill->answer.request.path, "/v1/environment"));
}

/* The key goes to the Backend API alone, and nothing goes where anybody could read along. */
static void the_frontend_is_asked_without_a_key(void **state)
{
	static const char *const wrong[] = {
		DOMAINS("http://clerk.shop.example"),
		DOMAINS(""),
		DOMAINS("https://clerk.shop.example/?a=b"),
		"{\"data\":[]}",
		"[]",
		"{}",
	};
	struct drill drill;

	(void)state;
	start_environment(&drill);
	assert_true(rh_str_is(drill.answer.request.origin, "https://clerk.shop.example"));
	assert_int_equal(drill.answer.request.auth, RH_AUTH_NONE);
	assert_int_equal(drill.answer.request.buckets, 0);
	assert_false(drill.answer.request.is_writing);
	drill_done(&drill);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		start(&drill);
		drill_feed(&drill, 200, wrong[i]);
		assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
		assert_int_equal(drill.answer.scope, RH_SCOPE_KIND);
		assert_null(drill.operation.settings);
		drill_done(&drill);
	}
}

static void each_setting_is_read_singly(void **state)
{
	struct drill drill;

	(void)state;
	start_environment(&drill);
	drill_feed(
		&drill, 200,
		"{\"user_settings\":{\"attributes\":{\"email_address\":" MAIL(
			"\"email_code\"") ",\"phone_number\":" OFF ",\"username\":" ON
					  ",\"first_name\":" OFF ",\"last_name\":" MAIL(
						  "") ",\"password\":" OFF
						      ",\"authenticator_app\":" OFF
						      ",\"backup_code\":{\"enabled\":\"no\"}},"
						      "\"social\":{\"oauth_google\":{\"enabled\":"
						      "true},\"oauth_linkedin_oidc\":{"
						      "\"enabled\":false},\"oauth_x\":{}},"
						      "\"sign_up\":{\"legal_consent_enabled\":"
						      "true}}}");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	assert_true(drill.operation.settings->is_read);
	assert_int_equal(stance(&drill, "email_address"), RH_STANCE_WANTED);
	assert_int_equal(stance(&drill, "phone_number"), RH_STANCE_DROPPED);
	assert_int_equal(stance(&drill, "username"), RH_STANCE_ALLOWED);
	assert_int_equal(stance(&drill, "first_name"), RH_STANCE_DROPPED);
	assert_int_equal(stance(&drill, "last_name"), RH_STANCE_REQUIRED);
	assert_int_equal(stance(&drill, "password"), RH_STANCE_IDLE);
	assert_int_equal(stance(&drill, "authenticator_app"), RH_STANCE_OFF);
	/* C-18 */
	assert_int_equal(stance(&drill, "backup_code"), RH_STANCE_UNKNOWN);
	assert_int_equal(stance(&drill, "user_lockout"), RH_STANCE_UNKNOWN);
	assert_int_equal(stance(&drill, "legal_consent"), RH_STANCE_WANTED);
	/* C-19: by their common names */
	assert_int_equal(drill.operation.settings->social_count, 2);
	assert_string_equal(drill.operation.settings->social[0].provider, "google");
	assert_int_equal(drill.operation.settings->social[0].stance, RH_STANCE_ALLOWED);
	assert_string_equal(drill.operation.settings->social[1].provider, "linkedin");
	assert_int_equal(drill.operation.settings->social[1].stance, RH_STANCE_DROPPED);
	drill_done(&drill);
}

/* The password of an instance with these first factors, social providers and enterprise connections. */
static enum rh_stance password(const char *factors, const char *rest)
{
	struct drill drill;
	char body[1024];
	enum rh_stance answer;

	start_environment(&drill);
	(void)snprintf(body, sizeof(body),
		       "{\"user_settings\":{\"attributes\":{\"password\":{\"enabled\":true,"
		       "\"required\":true,\"first_factors\":[\"password\"]},\"email_address\":{"
		       "\"enabled\":true,\"first_factors\":[%s]}}%s}}",
		       factors, rest);
	drill_feed(&drill, 200, body);
	answer = stance(&drill, "password");
	drill_done(&drill);
	return answer;
}

/* Only what is known for certain makes the password the only way to sign in. */
static void the_password_is_the_only_way(void **state)
{
	static const char none[] = ",\"social\":{\"oauth_google\":{\"enabled\":false}},"
				   "\"enterprise_sso\":{\"enabled\":false}";

	(void)state;
	assert_int_equal(password("\"reset_password_email_code\"", none), RH_STANCE_REQUIRED);
	assert_int_equal(password("\"email_code\"", none), RH_STANCE_WANTED);
	assert_int_equal(password("", ",\"enterprise_sso\":{\"enabled\":false}"), RH_STANCE_WANTED);
	assert_int_equal(password("", ",\"social\":{}"), RH_STANCE_WANTED);
	assert_int_equal(password("", ",\"social\":{\"oauth_google\":{\"enabled\":true}},"
				      "\"enterprise_sso\":{\"enabled\":false}"),
			 RH_STANCE_WANTED);
	assert_int_equal(password("", ",\"social\":{},\"enterprise_sso\":{\"enabled\":true}"),
			 RH_STANCE_WANTED);
}

static void what_is_no_answer_says_nothing(void **state)
{
	static const struct {
		int status;
		const char *body;
	} answers[] = {{200, NULL}, {200, "{}"}, {200, "{\"user_settings\":[]}"}, {404, "{}"}};
	struct drill drill;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		start_environment(&drill);
		drill_feed(&drill, answers[i].status, answers[i].body);
		assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
		assert_int_equal(drill.answer.scope, RH_SCOPE_KIND);
		assert_null(drill.operation.settings);
		drill_done(&drill);
	}
}

/* ---- C15 -------------------------------------------------------------------------------------------------------- */

/* Is somebody with these times removed? */
static bool is_removed(const char *times, bool keeps_users)
{
	struct drill drill;
	char body[256];
	bool answer;

	drill_init(&drill, RH_VERB_REMOVE);
	drill.rows[0].target_id = RH_STR("user_1");
	drill.rows[0].external_id = RH_STR("a");
	drill.rows[0].keeps_users = keeps_users;
	drill.rows[0].made_at = INT64_C(1700000000000000);
	drill_start(&drill);
	(void)snprintf(body, sizeof(body),
		       "{\"id\":\"user_1\",\"external_id\":\"a\",\"email_addresses\":[]%s}", times);
	drill_feed(&drill, 200, body);
	answer = drill.answer.kind == RH_ANSWER_SEND;
	if (!answer) {
		assert_int_equal(drill.rows[0].outcome, RH_OUTCOME_CONFLICT);
		assert_true(rh_str_is(drill.rows[0].code, "in_use"));
	}
	drill_done(&drill);
	return answer;
}

static void who_has_signed_in_is_kept(void **state)
{
	(void)state;
	assert_true(is_removed("", true));
	assert_true(is_removed(",\"last_sign_in_at\":null,\"last_active_at\":null", true));
	assert_false(is_removed(",\"last_sign_in_at\":1700000000001", true));
	assert_true(is_removed(",\"last_sign_in_at\":1700000000001", false));
	/* exact to the day: the day of the move itself says nothing */
	assert_true(is_removed(",\"last_active_at\":1699920000000", true));
	assert_false(is_removed(",\"last_active_at\":1700006400000", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_frontend_is_asked_without_a_key),
		cmocka_unit_test(each_setting_is_read_singly),
		cmocka_unit_test(the_password_is_the_only_way),
		cmocka_unit_test(what_is_no_answer_says_nothing),
		cmocka_unit_test(who_has_signed_in_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
