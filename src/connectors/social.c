/* SPDX-License-Identifier: Apache-2.0 */
/* What the vendors call social providers. */
#include "connectors/social.h"

#include "base/str.h"

#define WORD_MAX 32

/* Compared without case; what has a prefix below has lost it. */
static const struct {
	const char *name;
	const char *called;
} names[] = {
	{"google", "google.com"},
	{"google", "google-oauth2"},
	{"google", "GoogleOAuth"},
	{"google", "google"},
	{"apple", "apple.com"},
	{"apple", "SignInWithApple"},
	{"apple", "AppleOAuth"},
	{"apple", "apple"},
	{"microsoft", "microsoft.com"},
	{"microsoft", "azure"},
	{"microsoft", "azure-ad"},
	{"microsoft", "microsoft-entra-id"},
	{"microsoft", "windowslive"},
	{"microsoft", "waad"},
	{"microsoft", "MicrosoftOAuth"},
	{"microsoft", "microsoft"},
	{"github", "github.com"},
	{"github", "GitHubOAuth"},
	{"github", "github"},
	{"facebook", "facebook.com"},
	{"facebook", "facebook"},
	{"x", "twitter.com"},
	{"x", "twitter"},
	{"x", "XOAuth"},
	{"x", "x"},
	{"linkedin", "linkedin.com"},
	{"linkedin", "linkedin_oidc"},
	{"linkedin", "LinkedInOAuth"},
	{"linkedin", "linkedin"},
	{"yahoo", "yahoo.com"},
	{"yahoo", "yahoo"},
	{"gitlab", "GitLabOAuth"},
	{"gitlab", "gitlab"},
	{"discord", "DiscordOAuth"},
	{"discord", "discord"},
	{"slack", "slack_oidc"},
	{"slack", "SlackOAuth"},
	{"slack", "slack"},
};

static const char *const enterprise[] = {"sso:", "saml.", "saml_", "samlp", NULL};

void social_name(struct rh_identity *identity)
{
	struct rh_str name = identity->provider;

	if (rh_str_starts(name, "oauth_")) {
		name = rh_str_sub(name, strlen("oauth_"), SIZE_MAX);
	}
	for (size_t i = 0; enterprise[i] != NULL; i++) {
		if (rh_str_starts(name, enterprise[i])) {
			identity->is_enterprise = true;
			identity->provider = RH_STR("saml");
			return;
		}
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (rh_str_is_nocase(name, names[i].called)) {
			identity->provider = rh_str_from(names[i].name);
			return;
		}
	}
	identity->provider = name;
}

struct rh_str social_note(const struct rh_identity *identity)
{
	struct rh_identity named = *identity;
	struct rh_str name;

	social_name(&named);
	/* That it is an enterprise's is told apart; what its connection is called is not. */
	name = identity->is_enterprise ? identity->provider : named.provider;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-')) {
			return RH_STR("other");
		}
	}
	return name.len > 0 && name.len <= WORD_MAX ? name : RH_STR("other");
}
