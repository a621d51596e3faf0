/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the instance's settings do with users (connector.h, C14; C-17, C-18): asked of the Backend API for its domain, then
 * of the Frontend API at that domain, which answers without a key.
 *
 *  1. GET /v1/domains names the Frontend API of the domain that is no satellite.  The key goes to the Backend API
 *     alone: what is asked there has none.  Only https is asked, and http on this machine.
 *  2. GET <that>/v1/environment has user_settings.  Each setting is read singly: a member that is not there, or is of
 *     another type, leaves its setting UNKNOWN, and that alone.
 *  3. What this means for a user that is imported is Clerk's behaviour at POST /v1/users (reference in
 *     docs/providers/clerk.md): a field of a switched-off feature is refused, and the user goes without it; a second
 *     factor is not left out unless --clerk-drop-second-factors says so; a password is stored though passwords are off.
 *  4. The only way to sign in is the password, where no other first factor, no social provider and no enterprise
 *     connection is on, and all of these could be read.
 */
#include "connectors/clerk/clerk_target_steps.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "config/options.h"
#include "connectors/social.h"

enum setting {
	SETTING_EMAIL,
	SETTING_PHONE,
	SETTING_USERNAME,
	SETTING_FIRST_NAME,
	SETTING_LAST_NAME,
	SETTING_PASSWORD,
	SETTING_TOTP,
	SETTING_BACKUP_CODE,
	SETTING_LEGAL,
	SETTING_LOCKOUT,
	SETTINGS,
};
static_assert(SETTINGS < RH_SETTINGS_THERE_MAX);

#define FIELD(field) (UINT32_C(1) << CLERK_WIRE_##field)
#define SIGN_IN "Clerk Dashboard, Configure, User & authentication, "

const struct rh_target_setting clerk_settings[] = {
	[SETTING_EMAIL] = {"email_address", FIELD(EMAIL) | FIELD(EMAILS), 0, true, SIGN_IN "Email",
			   RH_PART_EMAILS},
	[SETTING_PHONE] = {"phone_number", FIELD(PHONES), 0, true, SIGN_IN "Phone", RH_PART_PHONES},
	[SETTING_USERNAME] = {"username", FIELD(USERNAME), 0, true, SIGN_IN "Username",
			      RH_PART_USERNAME},
	[SETTING_FIRST_NAME] = {"first_name", FIELD(FIRST_NAME), 0, false,
				SIGN_IN "User model, First and last name", RH_PART_PROFILE},
	[SETTING_LAST_NAME] = {"last_name", FIELD(LAST_NAME), 0, false,
			       SIGN_IN "User model, First and last name", RH_PART_PROFILE},
	[SETTING_PASSWORD] = {"password", 0, RH_PART_CREDENTIAL, false, SIGN_IN "Password",
			      RH_PART_CREDENTIAL},
	[SETTING_TOTP] = {"authenticator_app", FIELD(TOTP), 0, false,
			  "Clerk Dashboard, Configure, Multi-factor, Authenticator application",
			  RH_PART_TOTP},
	[SETTING_BACKUP_CODE] = {"backup_code", FIELD(BACKUP_CODES), 0, false,
				 "Clerk Dashboard, Configure, Multi-factor, Backup codes",
				 RH_PART_BACKUP_CODES},
	[SETTING_LEGAL] = {"legal_consent", FIELD(LEGAL_ACCEPTED_AT), 0, false,
			   "Clerk Dashboard, Configure, Legal", RH_PART_PROFILE},
	[SETTING_LOCKOUT] = {"user_lockout", FIELD(LOCKED), 0, false,
			     "Clerk Dashboard, Configure, Attack protection", 0},
	[SETTINGS] = {.name = NULL},
};

enum stage { STAGE_DOMAINS, STAGE_ENVIRONMENT };

/* ---- reading ---------------------------------------------------------------------------------------------- */

/* -1: not said. */
static int truth(const struct rh_json_node *object, const char *name)
{
	const struct rh_json_node *node = rh_json_get(object, name);

	if (rh_json_type(node) != RH_JSON_TRUE && rh_json_type(node) != RH_JSON_FALSE) {
		return -1;
	}
	return rh_json_type(node) == RH_JSON_TRUE ? 1 : 0;
}

/* An attribute of user_settings: `off` and `required` are what that means for a user who is imported. */
static enum rh_stance attribute(const struct rh_json_node *user_settings, enum setting setting,
				enum rh_stance off, enum rh_stance required)
{
	const struct rh_json_node *one =
		rh_json_get(rh_json_get(user_settings, "attributes"), clerk_settings[setting].name);
	int is_enabled = truth(one, "enabled");

	if (is_enabled < 0) {
		return RH_STANCE_UNKNOWN;
	}
	if (is_enabled == 0) {
		return off;
	}
	return truth(one, "required") == 1 ? required : RH_STANCE_ALLOWED;
}

/* A first factor by which somebody can sign in who has no password. */
static bool is_other_way(struct rh_str strategy)
{
	return !rh_str_is(strategy, "password") && !rh_str_is(strategy, "passkey") &&
	       !rh_str_is(strategy, "ticket") && !rh_str_starts(strategy, "reset_password_");
}

/* 4.  1 there is another way, 0 there is none, -1 nobody knows. */
static int has_other_factor(const struct rh_json_node *attributes)
{
	const struct rh_json_node *one = NULL;
	int answer = rh_json_type(attributes) == RH_JSON_OBJECT ? 0 : -1;

	while (answer >= 0 && (one = rh_json_next(attributes, one, NULL)) != NULL) {
		const struct rh_json_node *list = rh_json_get(one, "first_factors");
		const struct rh_json_node *item = NULL;

		if (rh_json_type(list) != RH_JSON_ARRAY) {
			answer = truth(one, "enabled") == 0 ? answer : -1;
			continue;
		}
		while ((item = rh_json_next(list, item, NULL)) != NULL) {
			if (is_other_way(rh_json_string(item))) {
				return 1;
			}
		}
	}
	return answer;
}

static int has_social_way(const struct rh_json_node *social)
{
	const struct rh_json_node *one = NULL;

	if (rh_json_type(social) != RH_JSON_OBJECT) {
		return -1;
	}
	while ((one = rh_json_next(social, one, NULL)) != NULL) {
		if (truth(one, "enabled") != 0) {
			return truth(one, "enabled");
		}
	}
	return 0;
}

static bool is_password_only(const struct rh_json_node *user_settings)
{
	return has_other_factor(rh_json_get(user_settings, "attributes")) == 0 &&
	       has_social_way(rh_json_get(user_settings, "social")) == 0 &&
	       truth(rh_json_get(user_settings, "enterprise_sso"), "enabled") == 0;
}

static void read_social(const struct rh_json_node *social, struct rh_settings_there *out)
{
	const struct rh_json_node *one = NULL;
	struct rh_str key;

	while (rh_json_type(social) == RH_JSON_OBJECT && out->social_count < RH_SOCIAL_THERE_MAX &&
	       (one = rh_json_next(social, one, &key)) != NULL) {
		struct rh_identity identity = {.provider = key};
		int is_enabled = truth(one, "enabled");
		struct rh_str name = social_note(&identity);

		if (is_enabled >= 0 && name.len <= RH_SOCIAL_NAME_MAX) {
			memcpy(out->social[out->social_count].provider, name.ptr, name.len);
			out->social[out->social_count++].stance =
				is_enabled == 1 ? RH_STANCE_ALLOWED : RH_STANCE_DROPPED;
		}
	}
}

static void read_user_settings(const struct clerk *clerk, const struct rh_json_node *settings,
			       struct rh_settings_there *out)
{
	enum rh_stance *stances = out->stances;
	/* skip_user_requirement goes along unless it is not wanted, and is about identifiers alone. */
	enum rh_stance required =
		clerk->enforces_requirements ? RH_STANCE_REQUIRED : RH_STANCE_WANTED;
	enum rh_stance factor = clerk->drops_second_factors ? RH_STANCE_DROPPED : RH_STANCE_OFF;
	int consent = truth(rh_json_get(settings, "sign_up"), "legal_consent_enabled");
	int lockout = truth(rh_json_get(rh_json_get(settings, "attack_protection"), "user_lockout"),
			    "enabled");

	stances[SETTING_EMAIL] = attribute(settings, SETTING_EMAIL, RH_STANCE_OFF, required);
	stances[SETTING_PHONE] = attribute(settings, SETTING_PHONE, RH_STANCE_DROPPED, required);
	stances[SETTING_USERNAME] =
		attribute(settings, SETTING_USERNAME, RH_STANCE_DROPPED, required);
	for (int i = SETTING_FIRST_NAME; i <= SETTING_LAST_NAME; i++) {
		stances[i] =
			attribute(settings, (enum setting)i, RH_STANCE_DROPPED, RH_STANCE_REQUIRED);
	}
	stances[SETTING_PASSWORD] =
		attribute(settings, SETTING_PASSWORD, RH_STANCE_IDLE, RH_STANCE_WANTED);
	if (stances[SETTING_PASSWORD] >= RH_STANCE_ALLOWED &&
	    stances[SETTING_PASSWORD] <= RH_STANCE_WANTED && is_password_only(settings)) {
		stances[SETTING_PASSWORD] = RH_STANCE_REQUIRED;
	}
	stances[SETTING_TOTP] = attribute(settings, SETTING_TOTP, factor, RH_STANCE_ALLOWED);
	stances[SETTING_BACKUP_CODE] =
		attribute(settings, SETTING_BACKUP_CODE, factor, RH_STANCE_ALLOWED);
	if (consent >= 0) { /* who has accepted nothing goes with skip_legal_checks */
		stances[SETTING_LEGAL] = consent == 1 ? RH_STANCE_WANTED : RH_STANCE_ALLOWED;
	}
	if (lockout >= 0) {
		stances[SETTING_LOCKOUT] = lockout == 1 ? RH_STANCE_ALLOWED : RH_STANCE_OFF;
	}
	read_social(rh_json_get(settings, "social"), out);
}

/* ---- asking ------------------------------------------------------------------------------------------------- */

static void give_up(struct rh_answer *answer, const char *cause)
{
	rh_step_fail(answer, RH_OUTCOME_AWAY, RH_SCOPE_KIND, RH_STR("settings_unread"), cause);
}

/* 1. */
static int ask_environment(const struct clerk *clerk, struct rh_operation *operation,
			   const struct rh_json_node *root, struct rh_answer *answer)
{
	const struct rh_json_node *list = clerk_list_of(root);
	const struct rh_json_node *domain = NULL;
	struct rh_str origin = RH_STR_ABSENT;

	while (list != NULL && (domain = rh_json_next(list, domain, NULL)) != NULL) {
		if (truth(domain, "is_satellite") != 1 && !rh_str_is_set(origin)) {
			origin = rh_json_get_string(domain, "frontend_api_url");
		}
	}
	while (rh_str_ends(origin, "/")) {
		origin.len--;
	}
	if (!rh_str_is_set(origin) || !rh_arena_copy(operation->arena, origin, &origin)) {
		give_up(answer, "the target names no address of its Frontend API");
		return RH_OK;
	}
	if (!rh_url_is_safe(origin.ptr) || rh_str_index(origin, '?') >= 0 ||
	    rh_str_index(origin, '#') >= 0) {
		give_up(answer, "the target names an address that is not asked: it is not https");
		return RH_OK;
	}
	operation->stage = STAGE_ENVIRONMENT;
	clerk_send(clerk, answer, "GET", RH_STR("/v1/environment"), RH_STR_ABSENT);
	answer->request.origin = origin;
	answer->request.auth = RH_AUTH_NONE;
	answer->request.buckets = 0;
	return RH_OK;
}

static int take_environment(const struct clerk *clerk, struct rh_operation *operation,
			    const struct rh_json_node *root, struct rh_answer *answer)
{
	const struct rh_json_node *settings = rh_json_get(root, "user_settings");
	struct rh_settings_there *out =
		rh_arena_calloc(operation->arena, 1, sizeof(*operation->settings));

	if (out == NULL) {
		return RH_ENOMEM;
	}
	if (rh_json_type(settings) != RH_JSON_OBJECT) {
		give_up(answer, "the target's answer has no settings");
		return RH_OK;
	}
	read_user_settings(clerk, settings, out);
	out->is_read = true;
	operation->settings = out;
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
	return RH_OK;
}

int clerk_step_settings(const void *instance, struct rh_operation *operation,
			const struct rh_response *response, rh_time now, uint64_t seed,
			struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		operation->stage = STAGE_DOMAINS;
		clerk_send(instance, answer, "GET", RH_STR("/v1/domains"), RH_STR_ABSENT);
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || root == NULL) {
		give_up(answer, "the target does not tell its settings");
		return RH_OK;
	}
	return operation->stage == STAGE_DOMAINS
		       ? ask_environment(instance, operation, root, answer)
		       : take_environment(instance, operation, root, answer);
}
