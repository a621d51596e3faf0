/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk as the rehearsal plays it: routes, quotas, keys, switches and the wording of refusals. */
#include "connectors/clerk/clerk_rehearse_tenant.h"

#include "base/str.h"
#include "connectors/imitations.h"

enum { QUERY_MAX = 8192 }; /* bytes of a query that the servers before the service let through */

/* By environment number. */
static const char *const keys[] = {"sk_test_rehearsal", "sk_live_rehearsal"};
static const char *const environments[] = {"test", "live"};

static const char *const user_fields[] = {
	[CLERK_USER_ID] = "id",
	[CLERK_USER_EXTERNAL_ID] = "external_id",
	[CLERK_USER_USERNAME] = "username",
	[CLERK_USER_FIRST_NAME] = "first_name",
	[CLERK_USER_LAST_NAME] = "last_name",
	[CLERK_USER_LOCALE] = "locale",
	[CLERK_USER_EMAILS] = "email_address_ids",
	[CLERK_USER_PHONES] = "phone_number_ids",
	[CLERK_USER_WALLETS] = "web3_wallet_ids",
	[CLERK_USER_PRIMARY_EMAIL] = "primary_email_address_id",
	[CLERK_USER_PRIMARY_PHONE] = "primary_phone_number_id",
	[CLERK_USER_PRIMARY_WALLET] = "primary_web3_wallet_id",
	[CLERK_USER_PUBLIC_METADATA] = "public_metadata",
	[CLERK_USER_PRIVATE_METADATA] = "private_metadata",
	[CLERK_USER_UNSAFE_METADATA] = "unsafe_metadata",
	[CLERK_USER_DIGEST] = "password_digest",
	[CLERK_USER_HASHER] = "password_hasher",
	[CLERK_USER_TOTP] = "totp_secret",
	[CLERK_USER_BACKUP_CODES] = "backup_codes",
};

static const char *const user_numbers[] = {
	[CLERK_USER_CREATED_AT] = "created_at",
	[CLERK_USER_UPDATED_AT] = "updated_at",
	[CLERK_USER_LAST_SIGN_IN_AT] = "last_sign_in_at",
	[CLERK_USER_LAST_ACTIVE_AT] = "last_active_at",
	[CLERK_USER_LEGAL_ACCEPTED_AT] = "legal_accepted_at",
	[CLERK_USER_PASSWORD_AT] = "password_last_updated_at",
	[CLERK_USER_MFA_ENABLED_AT] = "mfa_enabled_at",
	[CLERK_USER_MFA_DISABLED_AT] = "mfa_disabled_at",
	[CLERK_USER_LOCKED_UNTIL] = "locked_until",
	[CLERK_USER_FLAGS] = "flags",
	[CLERK_USER_ORGANIZATIONS_LIMIT] = "organizations_limit_and_one",
};

static const struct rh_store_key user_keys[] = {
	[CLERK_BY_ID] = {.field = CLERK_USER_ID},
	[CLERK_BY_EXTERNAL_ID] = {.field = CLERK_USER_EXTERNAL_ID},
	[CLERK_BY_USERNAME] = {.field = CLERK_USER_USERNAME, .ignores_case = true},
};

const struct rh_schema clerk_user_schema = {
	.kind = "users",
	.fields = user_fields,
	.field_count = CLERK_USER_FIELDS,
	.secret_fields = UINT32_C(1) << CLERK_USER_DIGEST | UINT32_C(1) << CLERK_USER_TOTP |
			 UINT32_C(1) << CLERK_USER_BACKUP_CODES,
	.numbers = user_numbers,
	.number_count = CLERK_USER_NUMBERS,
	.keys = user_keys,
	.key_count = sizeof(user_keys) / sizeof(user_keys[0]),
	.sort_number = CLERK_USER_CREATED_AT,
};

static const char *const idn_fields[] = {
	[CLERK_IDN_ID] = "id",
	[CLERK_IDN_USER_ID] = "user_id",
	[CLERK_IDN_VALUE] = "value",
	[CLERK_IDN_SEAT] = "seat",
};

static const char *const idn_numbers[] = {
	[CLERK_IDN_CREATED_AT] = "created_at",
	[CLERK_IDN_UPDATED_AT] = "updated_at",
	[CLERK_IDN_STATE] = "state",
	[CLERK_IDN_SECOND_FACTOR] = "second_factor",
};

static const struct rh_store_key idn_keys[] = {
	[CLERK_IDN_BY_ID] = {.field = CLERK_IDN_ID},
	[CLERK_IDN_BY_SEAT] = {.field = CLERK_IDN_SEAT, .ignores_case = true},
};

#define IDN_SCHEMA(name)                                                                     \
	{                                                                                    \
		.kind = (name), .fields = idn_fields, .field_count = CLERK_IDN_FIELDS,       \
		.numbers = idn_numbers, .number_count = CLERK_IDN_NUMBERS, .keys = idn_keys, \
		.key_count = sizeof(idn_keys) / sizeof(idn_keys[0]),                         \
	}

static const struct rh_schema email_schema = IDN_SCHEMA("email_addresses");
static const struct rh_schema phone_schema = IDN_SCHEMA("phone_numbers");
static const struct rh_schema wallet_schema = IDN_SCHEMA("web3_wallets");

static const struct rh_schema *const schemas[] = {
	[CLERK_USERS] = &clerk_user_schema,
	[CLERK_EMAILS] = &email_schema,
	[CLERK_PHONES] = &phone_schema,
	[CLERK_WALLETS] = &wallet_schema,
	[CLERK_ORGANIZATIONS] = &clerk_organization_schema,
	[CLERK_MEMBERSHIPS] = &clerk_membership_schema,
	[CLERK_ROLES] = &clerk_role_schema,
	[CLERK_PERMISSIONS] = &clerk_permission_schema,
	[CLERK_DOMAINS] = &clerk_domain_schema,
	[CLERK_ORGANIZATION_INVITATIONS] = &clerk_organization_invitation_schema,
	[CLERK_INVITATIONS] = &clerk_invitation_schema,
};

#define CHANGES(what)                                                                      \
	{                                                                                  \
		.name = (what), .limit = 10, .window_us = 10 * RH_SECOND, .is_keyed = true \
	}
#define BY_THE_HOUR(what, number)                                                                  \
	{                                                                                          \
		.name = (what), .limit = (number), .window_us = 3600 * RH_SECOND, .is_keyed = true \
	}

/* The published limits, those of one object's changes, and those of new invitations. */
static const struct rh_quota buckets[] = {
	[CLERK_BUCKET_DEVELOPMENT] =
		{
			.name = "backend_api",
			.limit = 100,
			.window_us = 10 * RH_SECOND,
			.is_write = true,
			.environments = 1U << CLERK_TEST,
		},
	[CLERK_BUCKET_PRODUCTION] =
		{
			.name = "backend_api",
			.limit = 1000,
			.window_us = 10 * RH_SECOND,
			.is_write = true,
			.environments = 1U << CLERK_LIVE,
		},
	[CLERK_BUCKET_USER] = CHANGES("user_update"),
	[CLERK_BUCKET_ORGANIZATION] = CHANGES("organization_update"),
	[CLERK_BUCKET_MEMBERSHIP] = CHANGES("membership_update"),
	[CLERK_BUCKET_INVITATIONS] = BY_THE_HOUR("invitations", 100),
	[CLERK_BUCKET_ORGANIZATION_INVITATIONS] = BY_THE_HOUR("organization_invitations", 250),
};

#define ALL (UINT32_C(1) << CLERK_BUCKET_DEVELOPMENT | UINT32_C(1) << CLERK_BUCKET_PRODUCTION)
#define WRITE RH_ROUTE_WRITE
#define USER "/v1/users/{user_id}"
#define ORGANIZATION "/v1/organizations/{organization_id}"
#define MEMBER ORGANIZATION "/memberships/{user_id}"
#define ROLE "/v1/organization_roles/{organization_role_id}"
#define PERMISSION "/v1/organization_permissions/{permission_id}"
#define DOMAIN ORGANIZATION "/domains/{domain_id}"
#define INVITATION ORGANIZATION "/invitations/{invitation_id}"
#define EMAIL "/v1/email_addresses/{email_address_id}"
#define PHONE "/v1/phone_numbers/{phone_number_id}"

static const struct rh_route routes[] = {
	{"POST", "/v1/users", ALL, WRITE, clerk_user_create},
	{"GET", "/v1/users", ALL, 0, clerk_user_list},
	{"GET", "/v1/users/count", ALL, 0, clerk_user_count},
	{"GET", USER, ALL, 0, clerk_user_get},
	{"PATCH", USER, ALL, WRITE, clerk_user_update},
	{"DELETE", USER, ALL, WRITE, clerk_user_delete},
	{"PATCH", USER "/metadata", ALL, WRITE, clerk_user_patch_metadata},
	{"PUT", USER "/metadata", ALL, WRITE, clerk_user_put_metadata},
	{"PUT", USER "/email_address", ALL, WRITE, clerk_email_replace},
	{"PUT", USER "/phone_number", ALL, WRITE, clerk_phone_replace},
	{"POST", "/v1/users/ban", ALL, WRITE, clerk_users_ban},
	{"POST", "/v1/users/unban", ALL, WRITE, clerk_users_unban},
	{"POST", USER "/ban", ALL, WRITE, clerk_user_ban},
	{"POST", USER "/unban", ALL, WRITE, clerk_user_unban},
	{"POST", USER "/lock", ALL, WRITE, clerk_user_lock},
	{"POST", USER "/unlock", ALL, WRITE, clerk_user_unlock},
	/* A check changes nothing that is moved, except that it uses a backup code up. */
	{"POST", USER "/verify_password", ALL, 0, clerk_verify_password},
	{"POST", USER "/verify_totp", ALL, 0, clerk_verify_totp},
	{"POST", USER "/remove_password", ALL, WRITE, clerk_remove_password},
	{"POST", USER "/password/set_compromised", ALL, WRITE, clerk_set_compromised},
	{"POST", USER "/password/unset_compromised", ALL, WRITE, clerk_unset_compromised},
	{"DELETE", USER "/mfa", ALL, WRITE, clerk_remove_mfa},
	{"DELETE", USER "/totp", ALL, WRITE, clerk_remove_totp},
	{"DELETE", USER "/backup_code", ALL, WRITE, clerk_remove_backup_codes},
	{"GET", USER "/organization_memberships", ALL, 0, clerk_membership_list_of_user},
	{"GET", "/v1/organizations", ALL, 0, clerk_organization_list},
	{"POST", "/v1/organizations", ALL, WRITE, clerk_organization_create},
	{"GET", ORGANIZATION, ALL, 0, clerk_organization_get},
	{"PATCH", ORGANIZATION, ALL, WRITE, clerk_organization_update},
	{"DELETE", ORGANIZATION, ALL, WRITE, clerk_organization_delete},
	{"PATCH", ORGANIZATION "/metadata", ALL, WRITE, clerk_organization_patch_metadata},
	{"PUT", ORGANIZATION "/metadata", ALL, WRITE, clerk_organization_put_metadata},
	{"GET", ORGANIZATION "/memberships", ALL, 0, clerk_membership_list},
	{"POST", ORGANIZATION "/memberships", ALL, WRITE, clerk_membership_create},
	{"PATCH", MEMBER, ALL, WRITE, clerk_membership_update},
	{"DELETE", MEMBER, ALL, WRITE, clerk_membership_delete},
	{"PATCH", MEMBER "/metadata", ALL, WRITE, clerk_membership_patch_metadata},
	{"GET", "/v1/organization_memberships", ALL, 0, clerk_membership_list_all},
	{"GET", "/v1/organization_roles", ALL, 0, clerk_role_list},
	{"POST", "/v1/organization_roles", ALL, WRITE, clerk_role_create},
	{"GET", ROLE, ALL, 0, clerk_role_get},
	{"PATCH", ROLE, ALL, WRITE, clerk_role_update},
	{"DELETE", ROLE, ALL, WRITE, clerk_role_delete},
	{"POST", ROLE "/permissions/{permission_id}", ALL, WRITE, clerk_role_assign},
	{"DELETE", ROLE "/permissions/{permission_id}", ALL, WRITE, clerk_role_withdraw},
	{"GET", "/v1/organization_permissions", ALL, 0, clerk_permission_list},
	{"POST", "/v1/organization_permissions", ALL, WRITE, clerk_permission_create},
	{"GET", PERMISSION, ALL, 0, clerk_permission_get},
	{"PATCH", PERMISSION, ALL, WRITE, clerk_permission_update},
	{"DELETE", PERMISSION, ALL, WRITE, clerk_permission_delete},
	{"GET", "/v1/organization_domains", ALL, 0, clerk_organization_domain_list_all},
	{"GET", ORGANIZATION "/domains", ALL, 0, clerk_organization_domain_list},
	{"POST", ORGANIZATION "/domains", ALL, WRITE, clerk_organization_domain_create},
	{"PATCH", DOMAIN, ALL, WRITE, clerk_organization_domain_update},
	{"DELETE", DOMAIN, ALL, WRITE, clerk_organization_domain_delete},
	{"GET", "/v1/organization_invitations", ALL, 0, clerk_organization_invitation_list_all},
	{"GET", ORGANIZATION "/invitations", ALL, 0, clerk_organization_invitation_list},
	{"POST", ORGANIZATION "/invitations", ALL, WRITE, clerk_organization_invitation_create},
	{"GET", INVITATION, ALL, 0, clerk_organization_invitation_get},
	{"POST", INVITATION "/revoke", ALL, WRITE, clerk_organization_invitation_revoke},
	{"GET", "/v1/invitations", ALL, 0, clerk_invitation_list},
	{"POST", "/v1/invitations", ALL, WRITE, clerk_invitation_create},
	{"POST", "/v1/invitations/{invitation_id}/revoke", ALL, WRITE, clerk_invitation_revoke},
	{"GET", "/v1/instance/organization_settings", ALL, 0, clerk_organization_settings_get},
	{"POST", "/v1/email_addresses", ALL, WRITE, clerk_email_create},
	{"GET", EMAIL, ALL, 0, clerk_email_get},
	{"PATCH", EMAIL, ALL, WRITE, clerk_email_update},
	{"DELETE", EMAIL, ALL, WRITE, clerk_email_delete},
	{"POST", "/v1/phone_numbers", ALL, WRITE, clerk_phone_create},
	{"GET", PHONE, ALL, 0, clerk_phone_get},
	{"PATCH", PHONE, ALL, WRITE, clerk_phone_update},
	{"DELETE", PHONE, ALL, WRITE, clerk_phone_delete},
	{"GET", "/v1/instance", ALL, 0, clerk_instance_get},
	{"PATCH", "/v1/instance", ALL, WRITE, clerk_instance_update},
	{"GET", "/v1/domains", ALL, 0, clerk_domain_list},
	/* The Frontend API's: no key, no limit. */
	{"GET", "/v1/environment", 0, RH_ROUTE_OPEN, clerk_environment_get},
	{"POST", "/v1/client/sign_ins", 0, RH_ROUTE_OPEN, clerk_sign_in},
};

static const char *const off_on[] = {"off", "on", NULL};
static const char *const on_off[] = {"on", "off", NULL};
static const char *const feature[] = {"on", "required", "off", NULL};
static const char *const password[] = {"required", "on", "only", "off", NULL};
static const char *const countries[] = {"all", "north-america", NULL};
static const char *const modes[] = {"public", "restricted", "waitlist", NULL};
static const char *const restrictions[] = {"none",         "allowlist",  "blocklist",
					   "subaddresses", "disposable", NULL};
static const char *const social[] = {"many", "google", "none", NULL};
static const char *const user_quota[] = {"100", "500", "5", "off", NULL};
static const char *const members[] = {"unlimited", "5", "3", NULL};
static const char *const organization_quota[] = {"off", "100", "5", NULL};
static const char *const list_shape[] = {"array", "wrapped", NULL};

static const struct rh_switch *const switches[] = {
	[CLERK_SWITCH_REPEAT] = &rh_switch_repeat,
	[CLERK_SWITCH_EMAIL] = &(const struct rh_switch){"email", feature},
	[CLERK_SWITCH_PHONE] = &(const struct rh_switch){"phone", feature},
	[CLERK_SWITCH_USERNAME] = &(const struct rh_switch){"username", feature},
	[CLERK_SWITCH_WEB3] = &(const struct rh_switch){"web3", off_on},
	[CLERK_SWITCH_NAMES] = &(const struct rh_switch){"names", feature},
	[CLERK_SWITCH_PASSWORD] = &(const struct rh_switch){"password", password},
	[CLERK_SWITCH_TOTP] = &(const struct rh_switch){"totp", on_off},
	[CLERK_SWITCH_BACKUP_CODES] = &(const struct rh_switch){"backup_codes", on_off},
	[CLERK_SWITCH_LEGAL_CONSENT] = &(const struct rh_switch){"legal_consent", off_on},
	[CLERK_SWITCH_BAN_PLAN] = &(const struct rh_switch){"ban_plan", on_off},
	[CLERK_SWITCH_LOCKOUT] = &(const struct rh_switch){"lockout", on_off},
	[CLERK_SWITCH_NUMERIC_USERNAMES] = &(const struct rh_switch){"numeric_usernames", off_on},
	[CLERK_SWITCH_EXTENDED_USERNAMES] = &(const struct rh_switch){"extended_usernames", off_on},
	[CLERK_SWITCH_COUNTRIES] = &(const struct rh_switch){"countries", countries},
	[CLERK_SWITCH_SIGN_UP] = &(const struct rh_switch){"sign_up", modes},
	[CLERK_SWITCH_RESTRICTIONS] = &(const struct rh_switch){"restrictions", restrictions},
	[CLERK_SWITCH_SOCIAL] = &(const struct rh_switch){"social", social},
	[CLERK_SWITCH_USER_QUOTA] = &(const struct rh_switch){"user_quota", user_quota},
	[CLERK_SWITCH_LIST_SHAPE] = &(const struct rh_switch){"list_shape", list_shape},
	[CLERK_SWITCH_ORGANIZATIONS] = &(const struct rh_switch){"organizations", on_off},
	[CLERK_SWITCH_SLUGS] = &(const struct rh_switch){"organization_slugs", on_off},
	[CLERK_SWITCH_DOMAINS] = &(const struct rh_switch){"organization_domains", on_off},
	[CLERK_SWITCH_ROLES_PLAN] = &(const struct rh_switch){"roles_plan", on_off},
	[CLERK_SWITCH_MEMBERS] = &(const struct rh_switch){"organization_members", members},
	[CLERK_SWITCH_ORGANIZATION_QUOTA] =
		&(const struct rh_switch){"organization_quota", organization_quota},
};

static const struct rh_setting settings[] = {
	{"CLERK_API_URL", NULL},
	{"CLERK_SECRET_KEY", "sk_test_rehearsal"},
};

struct rh_store *clerk_store(const struct rh_call *call, unsigned which)
{
	return call->environment->stores[which];
}

static const struct {
	const char *name;
	unsigned number;
} versions[] = {
	{"2021-02-05", 20210205}, {"2024-10-01", 20241001}, {"2025-04-10", 20250410},
	{"2025-11-10", 20251110}, {"2026-05-12", 20260512},
};

/* What was sent, in the header or the query; absent: nothing. */
static struct rh_str sent_version(struct rh_call *call)
{
	struct rh_str version = rh_call_header(call, "Clerk-API-Version");

	return version.ptr != NULL ? version : rh_call_query(call, "__clerk_api_version");
}

unsigned clerk_version(struct rh_call *call)
{
	struct rh_str version = sent_version(call);

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (rh_str_is(version, versions[i].name)) {
			return versions[i].number;
		}
	}
	return version.ptr == NULL ? versions[0].number : 0;
}

static bool is_open(const struct rh_call *call)
{
	return call->route != NULL && (call->route->flags & RH_ROUTE_OPEN) != 0;
}

/* The Frontend API knows its instance by the host. */
static int environment_of(const struct rh_call *call)
{
	struct rh_str key = rh_call_bearer(call);

	if (is_open(call)) {
		struct rh_str host = rh_call_header(call, "Host");

		return rh_str_is_nocase(rh_str_cut(&host, ':'), "localhost") ? CLERK_LIVE
									     : CLERK_TEST;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (rh_str_is(key, keys[i])) {
			return (int)i;
		}
	}
	return -1;
}

/* Exactly that: a parameter behind it is another type. */
static bool is_json_type(const struct rh_call *call)
{
	return rh_str_is(rh_call_header(call, "Content-Type"), "application/json");
}

static size_t query_len(const struct rh_call *call)
{
	size_t len = 0;

	for (size_t i = 0; i < call->query_count; i++) {
		len += strlen(call->query[i].name) + call->query[i].value.len + 2;
	}
	return len;
}

/* Address, version, type of the body. */
static bool admit(struct rh_call *call)
{
	bool has_header = rh_call_header(call, "Clerk-API-Version").ptr != NULL;
	bool has_query = rh_call_query(call, "__clerk_api_version").ptr != NULL;

	if (query_len(call) > QUERY_MAX) {
		clerk_refuse(call, 414, "bad_request", NULL, "The address is too long.");
	} else if (has_header && has_query) {
		clerk_refuse(call, 400, "bad_request", NULL,
			     "The version of the API was given twice.");
	} else if (clerk_version(call) == 0) {
		clerk_refuse(call, 400, "bad_request", NULL, "This is not a version of the API.");
	} else if (call->body.len > 0 && !is_json_type(call)) {
		clerk_refuse(call, 415, "unsupported_content_type", NULL,
			     "The content type must be application/json.");
	} else {
		return true;
	}
	return false;
}

static void refuse_key(struct rh_call *call)
{
	struct rh_str header = rh_call_header(call, "Authorization");

	if (header.ptr == NULL) {
		clerk_refuse(call, 401, "authentication_invalid", NULL,
			     "Unable to authenticate the request.");
	} else if (rh_call_bearer(call).ptr == NULL) {
		clerk_refuse(call, 401, "authorization_header_format_invalid", NULL,
			     "The Authorization header must be \"Bearer <key>\".");
	} else {
		clerk_refuse(call, 401, "clerk_key_invalid", NULL,
			     "The provided Clerk Secret Key is invalid.");
	}
}

static void refuse(struct rh_call *call, enum rh_refusal why)
{
	switch (why) {
	case RH_REFUSAL_UNAUTHORIZED:
		refuse_key(call);
		return;
	case RH_REFUSAL_NOT_FOUND:
		clerk_refuse_not_found(call);
		return;
	case RH_REFUSAL_RATE:
		clerk_refuse(call, 429, "too_many_requests", NULL,
			     "Too many requests. Please try again in a bit.");
		return;
	case RH_REFUSAL_SYNTAX:
		clerk_refuse(call, 400, "request_body_invalid", NULL,
			     "The request body is not valid JSON.");
		return;
	case RH_REFUSAL_TOO_LARGE:
		clerk_refuse(call, 413, "request_body_invalid", NULL,
			     "The request body is too large.");
		return;
	case RH_REFUSAL_REPEAT: /* no route honours repeats */
	case RH_REFUSAL_INTERNAL:
		break;
	}
	clerk_refuse(call, 500, "internal_clerk_error", NULL,
		     "There was an internal error on our servers.");
}

static void fail(struct rh_call *call, unsigned status)
{
	static const struct {
		unsigned status;
		const char *code;
	} codes[] = {
		{400, "bad_request"},
		{401, "clerk_key_invalid"},
		{402, "unsupported_subscription_plan_features"},
		{403, "authorization_invalid"},
		{404, "resource_not_found"},
		{409, "conflict"},
		{413, "request_body_invalid"},
		{415, "unsupported_content_type"},
		{422, "form_param_unknown"},
	};
	const char *code = "internal_clerk_error";

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		code = codes[i].status == status ? codes[i].code : code;
	}
	clerk_refuse(call, status, code, NULL, "This answer is a fault of the rehearsal.");
}

const struct rh_imitation rh_imitation_clerk = {
	.name = "clerk",
	.default_port = 8701,
	.environments = environments,
	.environment_count = sizeof(environments) / sizeof(environments[0]),
	.schemas = schemas,
	.schema_count = sizeof(schemas) / sizeof(schemas[0]),
	.buckets = buckets,
	.bucket_count = CLERK_BUCKETS,
	.routes = routes,
	.route_count = sizeof(routes) / sizeof(routes[0]),
	.switches = switches,
	.switch_count = CLERK_SWITCHES,
	.settings = settings,
	.setting_count = sizeof(settings) / sizeof(settings[0]),
	.production_key = "sk_live_rehearsal",
	.json_type = "application/json", /* with more behind it the official client sees no JSON */
	.environment_of = environment_of,
	.admit = admit,
	.refuse = refuse,
	.filling = &clerk_filling,
	.fail = fail,
};
