/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rehearsed instance: what it is, its domain, and at the Frontend API what is switched on.
 *
 * The Frontend API stands at the same port.  Which instance is meant the real one tells by its host; here it is
 * 127.0.0.1 for the development instance and localhost for the production one.
 */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

static bool is_live(const struct rh_call *call)
{
	return call->environment == &call->tenant->environments[CLERK_LIVE];
}

static struct rh_str port_of(const struct rh_call *call)
{
	struct rh_str host = rh_call_header(call, "Host");
	ptrdiff_t colon = rh_str_index(host, ':');

	return colon >= 0 ? rh_str_sub(host, (size_t)colon, host.len) : RH_STR("");
}

void clerk_instance_get(struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", RH_STR("instance"));
	clerk_put_text(&writer, "id",
		       rh_arena_printf(&call->arena, "ins_rehearsal_%s%u", call->environment->name,
				       call->tenant->number));
	clerk_put_text(&writer, "environment_type",
		       is_live(call) ? RH_STR("production") : RH_STR("development"));
	clerk_put_text(&writer, "allowed_origins", RH_STR_ABSENT);
	clerk_put_text(&writer, "workspace_id", RH_STR("org_rehearsal"));
	rh_json_end_object(&writer);
}

/* Taken, and without effect: what matters to a move is set by the switches. */
void clerk_instance_update(struct rh_call *call)
{
	static const struct clerk_member members[] = {
		{"test_mode", CLERK_TRUTH, CLERK_UPDATE | CLERK_NULL, 0},
		{"hibp", CLERK_TRUTH, CLERK_UPDATE | CLERK_NULL, 0},
		{"support_email", CLERK_TEXT, CLERK_UPDATE | CLERK_NULL, 0},
		{"clerk_js_version", CLERK_TEXT, CLERK_UPDATE | CLERK_NULL, 0},
		{"development_origin", CLERK_TEXT, CLERK_UPDATE | CLERK_NULL, 0},
		{"allowed_origins", CLERK_TEXTS, CLERK_UPDATE, 0},
		{"cookieless_dev", CLERK_TRUTH, CLERK_UPDATE | CLERK_NULL, 0},
		{"url_based_session_syncing", CLERK_TRUTH, CLERK_UPDATE | CLERK_NULL, 0},
		{"preferred_sign_in_strategy_when_password_required", CLERK_TEXT,
		 CLERK_UPDATE | CLERK_NULL, 0},
	};
	enum { COUNT = sizeof(members) / sizeof(members[0]) };
	const struct rh_json_node *nodes[COUNT];

	if (clerk_read_members(call, &(struct clerk_form){members, COUNT, true}, CLERK_UPDATE,
			       nodes, NULL)) {
		call->status = 204;
	}
}

void clerk_domain_list(struct rh_call *call)
{
	struct rh_json_writer writer;
	struct rh_str host = is_live(call) ? RH_STR("localhost") : RH_STR("127.0.0.1");

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "data");
	rh_json_begin_array(&writer);
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", RH_STR("domain"));
	clerk_put_text(&writer, "id",
		       rh_arena_printf(&call->arena, "dmn_rehearsal_%s", call->environment->name));
	clerk_put_text(&writer, "name", host);
	clerk_put_bool(&writer, "is_satellite", false);
	clerk_put_text(&writer, "frontend_api_url",
		       rh_arena_printf(&call->arena, "http://%.*s%.*s", RH_STR_ARG(host),
				       RH_STR_ARG(port_of(call))));
	clerk_put_text(&writer, "accounts_portal_url", RH_STR_ABSENT);
	clerk_put_text(&writer, "development_origin", RH_STR(""));
	rh_json_end_object(&writer);
	rh_json_end_array(&writer);
	rh_json_key(&writer, "total_count");
	rh_json_put_u64(&writer, 1);
	rh_json_end_object(&writer);
}

/* An attribute that is off, on or required. */
struct attribute {
	const char *name;
	enum clerk_switch feature;
	const char *strategy; /* NULL: nobody signs in with it */
};

static void put_list(struct rh_json_writer *writer, const char *name, const char *word)
{
	rh_json_key(writer, name);
	rh_json_begin_array(writer);
	if (word != NULL) {
		rh_json_put_cstr(writer, word);
	}
	rh_json_end_array(writer);
}

static void put_attribute(struct rh_json_writer *writer, const char *name, bool is_enabled,
			  bool is_required, const char *first, const char *second)
{
	rh_json_key(writer, name);
	rh_json_begin_object(writer);
	clerk_put_bool(writer, "enabled", is_enabled);
	clerk_put_bool(writer, "required", is_enabled && is_required);
	clerk_put_bool(writer, "used_for_first_factor", is_enabled && first != NULL);
	put_list(writer, "first_factors", is_enabled ? first : NULL);
	clerk_put_bool(writer, "used_for_second_factor", is_enabled && second != NULL);
	put_list(writer, "second_factors", is_enabled ? second : NULL);
	put_list(writer, "verifications", is_enabled ? first : NULL);
	clerk_put_bool(writer, "verify_at_sign_up", is_enabled && first != NULL);
	clerk_put_bool(writer, "immutable", false);
	rh_json_end_object(writer);
}

static bool is_feature(const struct rh_call *call, enum clerk_switch feature, unsigned value)
{
	return rh_call_switch(call, feature) == value;
}

static void put_attributes(struct rh_call *call, struct rh_json_writer *writer)
{
	static const struct {
		const char *name;
		enum clerk_switch feature;
		const char *first;
		const char *second;
	} attributes[] = {
		{"email_address", CLERK_SWITCH_EMAIL, "email_code", NULL},
		{"phone_number", CLERK_SWITCH_PHONE, "phone_code", "phone_code"},
		{"username", CLERK_SWITCH_USERNAME, NULL, NULL},
		{"first_name", CLERK_SWITCH_NAMES, NULL, NULL},
		{"last_name", CLERK_SWITCH_NAMES, NULL, NULL},
	};
	unsigned password = rh_call_switch(call, CLERK_SWITCH_PASSWORD);
	bool is_only = password == CLERK_PASSWORD_ONLY;

	rh_json_key(writer, "attributes");
	rh_json_begin_object(writer);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		put_attribute(writer, attributes[i].name,
			      !is_feature(call, attributes[i].feature, CLERK_FEATURE_OFF),
			      is_feature(call, attributes[i].feature, CLERK_FEATURE_REQUIRED),
			      is_only ? NULL : attributes[i].first, attributes[i].second);
	}
	put_attribute(writer, "web3_wallet", is_feature(call, CLERK_SWITCH_WEB3, CLERK_SET_ON),
		      false, NULL, NULL);
	put_attribute(writer, "password", password != CLERK_PASSWORD_OFF,
		      password == CLERK_PASSWORD_REQUIRED || is_only, NULL, NULL);
	put_attribute(writer, "authenticator_app", is_feature(call, CLERK_SWITCH_TOTP, CLERK_IS_ON),
		      false, NULL, "totp");
	put_attribute(writer, "backup_code",
		      is_feature(call, CLERK_SWITCH_BACKUP_CODES, CLERK_IS_ON), false, NULL,
		      "backup_code");
	put_attribute(writer, "ticket", true, false, "ticket", NULL);
	put_attribute(writer, "passkey", false, false, NULL, NULL);
	rh_json_end_object(writer);
}

static void put_social(struct rh_call *call, struct rh_json_writer *writer)
{
	static const char *const names[] = {
		"oauth_google", "oauth_apple",  "oauth_discord",       "oauth_facebook",
		"oauth_github", "oauth_gitlab", "oauth_linkedin_oidc", "oauth_microsoft",
		"oauth_slack",  "oauth_x",
	};
	/* Where the password is the only way to sign in, no provider is another. */
	bool is_only = is_feature(call, CLERK_SWITCH_PASSWORD, CLERK_PASSWORD_ONLY);
	unsigned which = is_only ? 2 : rh_call_switch(call, CLERK_SWITCH_SOCIAL);

	rh_json_key(writer, "social");
	rh_json_begin_object(writer);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool is_enabled = which == 0 || (which == 1 && i == 0);

		rh_json_key(writer, names[i]);
		rh_json_begin_object(writer);
		clerk_put_bool(writer, "enabled", is_enabled);
		clerk_put_bool(writer, "required", false);
		clerk_put_bool(writer, "authenticatable", is_enabled);
		clerk_put_bool(writer, "block_email_subaddresses", false);
		clerk_put_text(writer, "strategy", rh_str_from(names[i]));
		clerk_put_bool(writer, "not_selectable", false);
		clerk_put_bool(writer, "deprecated", false);
		clerk_put_text(writer, "name", rh_str_from(names[i] + strlen("oauth_")));
		rh_json_end_object(writer);
	}
	rh_json_end_object(writer);
}

static void put_sign_up(struct rh_call *call, struct rh_json_writer *writer)
{
	const struct rh_switch *modes = call->tenant->imitation->switches[CLERK_SWITCH_SIGN_UP];
	static const char *const kinds[] = {
		NULL,
		"allowlist",
		"blocklist",
		"block_email_subaddresses",
		"block_disposable_email_domains",
	};
	unsigned restriction = rh_call_switch(call, CLERK_SWITCH_RESTRICTIONS);

	rh_json_key(writer, "sign_up");
	rh_json_begin_object(writer);
	clerk_put_text(writer, "mode",
		       rh_str_from(modes->values[rh_call_switch(call, CLERK_SWITCH_SIGN_UP)]));
	clerk_put_bool(writer, "legal_consent_enabled",
		       is_feature(call, CLERK_SWITCH_LEGAL_CONSENT, CLERK_SET_ON));
	clerk_put_bool(writer, "captcha_enabled", false);
	clerk_put_bool(writer, "progressive", true);
	rh_json_end_object(writer);
	rh_json_key(writer, "restrictions");
	rh_json_begin_object(writer);
	for (unsigned i = 1; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		rh_json_key(writer, kinds[i]);
		rh_json_begin_object(writer);
		clerk_put_bool(writer, "enabled", restriction == i);
		rh_json_end_object(writer);
	}
	rh_json_key(writer, "allowlist_blocklist_disabled_on_sign_in");
	rh_json_begin_object(writer);
	clerk_put_bool(writer, "enabled", false);
	rh_json_end_object(writer);
	rh_json_end_object(writer);
}

static void put_user_settings(struct rh_call *call, struct rh_json_writer *writer)
{
	rh_json_key(writer, "user_settings");
	rh_json_begin_object(writer);
	put_attributes(call, writer);
	put_social(call, writer);
	put_sign_up(call, writer);
	rh_json_key(writer, "password_settings");
	rh_json_put_raw(writer, RH_STR("{\"min_length\":8,\"max_length\":72,"
				       "\"disable_hibp\":false,\"enforce_hibp_on_sign_in\":false,"
				       "\"min_zxcvbn_strength\":0,\"require_lowercase\":false,"
				       "\"require_uppercase\":false,\"require_numbers\":false,"
				       "\"require_special_char\":false}"));
	rh_json_key(writer, "username_settings");
	rh_json_begin_object(writer);
	rh_json_key(writer, "min_length");
	rh_json_put_u64(writer, CLERK_USERNAME_MIN);
	rh_json_key(writer, "max_length");
	rh_json_put_u64(writer, CLERK_USERNAME_MAX);
	clerk_put_bool(writer, "allow_extended_special_characters",
		       is_feature(call, CLERK_SWITCH_EXTENDED_USERNAMES, CLERK_SET_ON));
	clerk_put_bool(writer, "allow_numeric_usernames",
		       is_feature(call, CLERK_SWITCH_NUMERIC_USERNAMES, CLERK_SET_ON));
	rh_json_end_object(writer);
	rh_json_key(writer, "attack_protection");
	rh_json_begin_object(writer);
	rh_json_key(writer, "user_lockout");
	rh_json_begin_object(writer);
	clerk_put_bool(writer, "enabled", is_feature(call, CLERK_SWITCH_LOCKOUT, CLERK_IS_ON));
	rh_json_key(writer, "max_attempts");
	rh_json_put_u64(writer, CLERK_ATTEMPTS_MAX);
	rh_json_key(writer, "duration_in_minutes");
	rh_json_put_u64(writer, CLERK_LOCK_SECONDS / 60);
	rh_json_end_object(writer);
	rh_json_end_object(writer);
	rh_json_key(writer, "actions");
	rh_json_put_raw(writer, RH_STR("{\"delete_self\":true,\"create_organization\":true}"));
	rh_json_key(writer, "enterprise_sso");
	rh_json_put_raw(writer, RH_STR("{\"enabled\":false}"));
	rh_json_end_object(writer);
}

static int64_t usual_members(const struct rh_call *call)
{
	static const int64_t members[] = {0, 5, 3}; /* 0: no limit */

	return members[rh_call_switch(call, CLERK_SWITCH_MEMBERS)];
}

static void put_organizations(struct rh_call *call, struct rh_json_writer *writer)
{
	rh_json_begin_object(writer);
	clerk_put_bool(writer, "enabled",
		       is_feature(call, CLERK_SWITCH_ORGANIZATIONS, CLERK_IS_ON));
	rh_json_key(writer, "max_allowed_memberships");
	rh_json_put_i64(writer, usual_members(call));
	rh_json_key(writer, "slug");
	rh_json_begin_object(writer);
	clerk_put_bool(writer, "disabled", is_feature(call, CLERK_SWITCH_SLUGS, CLERK_IS_OFF));
	rh_json_end_object(writer);
	rh_json_end_object(writer);
}

void clerk_organization_settings_get(struct rh_call *call)
{
	enum {
		ROLES_MAX = 50,
		DOMAINS_MAX = 10,
		PERMISSIONS_MAX = 100
	}; /* told, and not enforced */
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", RH_STR("organization_settings"));
	clerk_put_bool(&writer, "enabled",
		       is_feature(call, CLERK_SWITCH_ORGANIZATIONS, CLERK_IS_ON));
	rh_json_key(&writer, "max_allowed_memberships");
	rh_json_put_i64(&writer, usual_members(call));
	rh_json_key(&writer, "max_allowed_roles");
	rh_json_put_u64(&writer, ROLES_MAX);
	rh_json_key(&writer, "max_allowed_domains");
	rh_json_put_u64(&writer, DOMAINS_MAX);
	rh_json_key(&writer, "max_allowed_permissions");
	rh_json_put_u64(&writer, PERMISSIONS_MAX);
	rh_json_key(&writer, "max_role_sets_allowed");
	rh_json_put_u64(&writer, 1);
	clerk_put_text(&writer, "creator_role", RH_STR("org:admin"));
	clerk_put_bool(&writer, "admin_delete_enabled", true);
	clerk_put_bool(&writer, "domains_enabled",
		       is_feature(call, CLERK_SWITCH_DOMAINS, CLERK_IS_ON));
	clerk_put_bool(&writer, "slug_disabled",
		       is_feature(call, CLERK_SWITCH_SLUGS, CLERK_IS_OFF));
	rh_json_key(&writer, "domains_enrollment_modes");
	rh_json_put_raw(&writer, RH_STR("[\"manual_invitation\",\"automatic_invitation\","
					"\"automatic_suggestion\"]"));
	clerk_put_text(&writer, "domains_default_role", RH_STR("org:member"));
	clerk_put_text(&writer, "initial_role_set_key", RH_STR_ABSENT);
	rh_json_end_object(&writer);
}

void clerk_environment_get(struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", RH_STR("environment"));
	put_user_settings(call, &writer);
	rh_json_key(&writer, "display_config");
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", RH_STR("display_config"));
	clerk_put_text(&writer, "instance_environment_type",
		       is_live(call) ? RH_STR("production") : RH_STR("development"));
	rh_json_end_object(&writer);
	rh_json_key(&writer, "organization_settings");
	put_organizations(call, &writer);
	clerk_put_bool(&writer, "maintenance_mode", false);
	rh_json_end_object(&writer);
}
