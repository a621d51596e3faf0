/* SPDX-License-Identifier: Apache-2.0 */
/* Names of social providers: one for all vendors' names of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "connectors/social.h"

static void each_vendors_name_becomes_the_common_one(void **)
{
	static const struct {
		const char *called;
		const char *name;
		bool is_enterprise;
	} names[] = {
		{"google.com", "google", false},
		{"google-oauth2", "google", false},
		{"oauth_google", "google", false},
		{"Google", "google", false},
		{"SignInWithApple", "apple", false},
		{"azure", "microsoft", false},
		{"azure-ad", "microsoft", false},
		{"microsoft-entra-id", "microsoft", false},
		{"windowslive", "microsoft", false},
		{"twitter", "x", false},
		{"twitter.com", "x", false},
		{"linkedin_oidc", "linkedin", false},
		{"slack_oidc", "slack", false},
		{"facebook.com", "facebook", false},
		{"sso:21d5-7f", "saml", true},
		{"saml.acme", "saml", true},
		{"samlp", "saml", true},
		/* Nobody's, so as it is; a custom one loses the prefix alone. */
		{"keyring-of-acme", "keyring-of-acme", false},
		{"oauth_custom_acme", "custom_acme", false},
		{"", "", false},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct rh_identity identity = {.provider = rh_str_from(names[i].called)};
		social_name(&identity);
		if (!rh_str_is(identity.provider, names[i].name)) {
			fail_msg("%s is %.*s", names[i].called, RH_STR_ARG(identity.provider));
		}
		assert_int_equal(identity.is_enterprise, names[i].is_enterprise);
	}
}

/* A finding shows a word, and nothing that may be anything else. */
static void a_note_is_a_word(void **)
{
	static const struct {
		const char *called;
		bool is_enterprise;
		const char *note;
	} notes[] = {
		{"google-oauth2", false, "google"},
		{"keyring-of-acme", false, "keyring-of-acme"},
		{"https://idp.example.com", true, "other"},
		{"saml_okta", true, "saml_okta"},
		{"ada@example.com", false, "other"},
		{"a-name-that-is-longer-than-any-word-is", false, "other"},
		{"", false, "other"},
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		struct rh_identity identity = {
			.provider = rh_str_from(notes[i].called),
			.is_enterprise = notes[i].is_enterprise,
		};
		if (!rh_str_is(social_note(&identity), notes[i].note)) {
			fail_msg("%s is %.*s", notes[i].called, RH_STR_ARG(social_note(&identity)));
		}
	}
}

static void what_is_an_enterprises_already_stays_so(void **)
{
	struct rh_identity identity = {.provider = RH_STR("google"), .is_enterprise = true};

	social_name(&identity);
	assert_true(identity.is_enterprise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_vendors_name_becomes_the_common_one),
		cmocka_unit_test(a_note_is_a_word),
		cmocka_unit_test(what_is_an_enterprises_already_stays_so),
	};

	return cmocka_run_group_tests_name("social", tests, NULL, NULL);
}
