/* SPDX-License-Identifier: Apache-2.0 */
/* WorkOS as the rehearsal plays it: routes, quotas, keys and the wording of refusals. */
#include "connectors/workos/workos_rehearse.h"

#include "base/str.h"
#include "connectors/imitations.h"

/* By environment number. */
static const char *const keys[] = {"sk_test_rehearsal", "sk_live_rehearsal"};
static const char *const environments[] = {"test", "live"};

static const char *const user_fields[] = {
	[WORKOS_USER_ID] = "id",
	[WORKOS_USER_EMAIL] = "email",
	[WORKOS_USER_EXTERNAL_ID] = "external_id",
	[WORKOS_USER_FIRST_NAME] = "first_name",
	[WORKOS_USER_LAST_NAME] = "last_name",
	[WORKOS_USER_NAME] = "name",
	[WORKOS_USER_LOCALE] = "locale",
	[WORKOS_USER_METADATA] = "metadata",
	[WORKOS_USER_HASH] = "password_hash",
	[WORKOS_USER_HASH_TYPE] = "password_hash_type",
	[WORKOS_USER_SALT_POSITION] = "password_salt_position",
};

static const char *const user_numbers[] = {
	[WORKOS_USER_CREATED_AT] = "created_at",
	[WORKOS_USER_UPDATED_AT] = "updated_at",
	[WORKOS_USER_LAST_SIGN_IN_AT] = "last_sign_in_at",
	[WORKOS_USER_EMAIL_VERIFIED] = "email_verified",
};

static const struct rh_store_key user_keys[] = {
	[WORKOS_BY_ID] = {.field = WORKOS_USER_ID},
	[WORKOS_BY_EMAIL] = {.field = WORKOS_USER_EMAIL, .ignores_case = true},
	[WORKOS_BY_EXTERNAL_ID] = {.field = WORKOS_USER_EXTERNAL_ID},
};

const struct rh_schema workos_user_schema = {
	.kind = "users",
	.fields = user_fields,
	.field_count = WORKOS_USER_FIELDS,
	.secret_fields = UINT32_C(1) << WORKOS_USER_HASH,
	.numbers = user_numbers,
	.number_count = WORKOS_USER_NUMBERS,
	.keys = user_keys,
	.key_count = sizeof(user_keys) / sizeof(user_keys[0]),
};

static const struct rh_schema *const schemas[] = {
	[WORKOS_USERS] = &workos_user_schema,
};

/* The published quotas (documentation, "rate limits"). */
static const struct rh_quota buckets[] = {
	[WORKOS_BUCKET_ALL] =
		{
			.name = "all",
			.limit = 6000,
			.window_us = 60 * RH_SECOND,
		},
	[WORKOS_BUCKET_READS] =
		{
			.name = "user_management_reads",
			.limit = 1000,
			.window_us = 10 * RH_SECOND,
		},
	[WORKOS_BUCKET_WRITES] =
		{
			.name = "user_management_writes",
			.limit = 500,
			.window_us = 10 * RH_SECOND,
			.is_write = true,
		},
	[WORKOS_BUCKET_SIGN_IN] =
		{
			.name = "authenticate",
			.limit = 10,
			.window_us = 60 * RH_SECOND,
			.is_keyed = true,
		},
	[WORKOS_BUCKET_MAGIC_AUTH] =
		{
			.name = "magic_auth",
			.limit = 3,
			.window_us = 60 * RH_SECOND,
			.is_keyed = true,
		},
	[WORKOS_BUCKET_VERIFICATION] =
		{
			.name = "email_verification",
			.limit = 3,
			.window_us = 60 * RH_SECOND,
			.is_keyed = true,
		},
	[WORKOS_BUCKET_RESET] =
		{
			.name = "password_reset",
			.limit = 3,
			.window_us = 60 * RH_SECOND,
			.is_keyed = true,
		},
};

static void list_organizations(struct rh_call *call)
{
	struct workos_page page;

	if (workos_read_page(call, "org_", &page)) {
		workos_answer_empty_list(call);
	}
}

#define ALL (UINT32_C(1) << WORKOS_BUCKET_ALL)
#define READ (ALL | UINT32_C(1) << WORKOS_BUCKET_READS)
#define WRITE (ALL | UINT32_C(1) << WORKOS_BUCKET_WRITES)
#define USERS "/user_management/users"

static const struct rh_route routes[] = {
	{"GET", "/organizations", ALL, 0, list_organizations},
	{"POST", USERS, WRITE, RH_ROUTE_WRITE | RH_ROUTE_REPEAT, workos_user_create},
	{"GET", USERS, READ, 0, workos_user_list},
	{"GET", USERS "/external_id/{external_id}", READ, 0, workos_user_get_by_external_id},
	{"GET", USERS "/{id}", READ, 0, workos_user_get},
	{"PUT", USERS "/{id}", WRITE, RH_ROUTE_WRITE, workos_user_update},
	{"DELETE", USERS "/{id}", WRITE, RH_ROUTE_WRITE, workos_user_delete},
	{"GET", USERS "/{id}/identities", READ, 0, workos_user_identities},
	{"GET", USERS "/{id}/sessions", READ, 0, workos_user_sessions},
	/* A sign-in changes nothing that is moved: counted apart, by e-mail. */
	{"POST", "/user_management/authenticate", ALL, RH_ROUTE_OPEN, workos_authenticate},
	{"POST", "/user_management/password_reset", WRITE, RH_ROUTE_WRITE,
	 workos_mail_password_reset},
	{"POST", "/user_management/magic_auth", WRITE, RH_ROUTE_WRITE, workos_mail_magic_auth},
	{"POST", "/user_management/invitations", WRITE, RH_ROUTE_WRITE, workos_mail_invitation},
	{"POST", USERS "/{id}/email_verification/send", WRITE, RH_ROUTE_WRITE,
	 workos_mail_verification},
	{"POST", USERS "/{id}/email_change/send", WRITE, RH_ROUTE_WRITE, workos_mail_email_change},
};

static const char *const firebase_forms[] = {
	[WORKOS_FIREBASE_A] = "a",
	[WORKOS_FIREBASE_B] = "b",
	[WORKOS_FIREBASE_C] = "c",
	[WORKOS_FIREBASE_ANY] = "any",
	NULL,
};
static const char *const off_on[] = {"off", "on", NULL};
static const struct rh_switch switch_firebase_form = {
	.name = "firebase_form",
	.values = firebase_forms,
};
static const struct rh_switch switch_metadata_ascii = {
	.name = "metadata_ascii",
	.values = off_on,
};
static const struct rh_switch *const switches[] = {
	[WORKOS_SWITCH_REPEAT] = &rh_switch_repeat,
	[WORKOS_SWITCH_FIREBASE_FORM] = &switch_firebase_form,
	[WORKOS_SWITCH_METADATA_ASCII] = &switch_metadata_ascii,
};

static const struct rh_setting settings[] = {
	{"WORKOS_API_URL", NULL},
	{"WORKOS_API_KEY", "sk_test_rehearsal"},
	{"WORKOS_CLIENT_ID", "client_rehearsal"},
};

int workos_environment_of_key(struct rh_str key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (rh_str_is(key, keys[i])) {
			return (int)i;
		}
	}
	return -1;
}

static bool is_open(const struct rh_call *call)
{
	return call->route != NULL && (call->route->flags & RH_ROUTE_OPEN) != 0;
}

static int environment_of(const struct rh_call *call)
{
	struct rh_str secret = rh_json_get_string(call->input, "client_secret");

	return workos_environment_of_key(is_open(call) ? secret : rh_call_bearer(call));
}

/* An error in the words of OAuth. */
static void answer_oauth(struct rh_call *call, unsigned status, const char *error,
			 const char *description)
{
	struct rh_json_writer writer;

	rh_call_json(call, status, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "error");
	rh_json_put_cstr(&writer, error);
	rh_json_key(&writer, "error_description");
	rh_json_put_cstr(&writer, description);
	rh_json_end_object(&writer);
}

static void refuse_open(struct rh_call *call)
{
	struct rh_str secret = rh_json_get_string(call->input, "client_secret");

	if (rh_str_is_set(secret)) {
		answer_oauth(call, 400, "invalid_client", "The client secret is not valid.");
	} else {
		workos_answer_problems(call,
				       &(struct workos_problem){"client_secret", "required",
								"client_secret must be a string"},
				       1);
	}
}

static void refuse(struct rh_call *call, enum rh_refusal why)
{
	switch (why) {
	case RH_REFUSAL_UNAUTHORIZED:
		if (is_open(call)) {
			refuse_open(call);
		} else {
			rh_call_message(call, 401, NULL, "Unauthorized");
		}
		return;
	case RH_REFUSAL_NOT_FOUND:
		rh_call_message(call, 404, NULL, "There is nothing at this address.");
		return;
	case RH_REFUSAL_RATE:
		if (is_open(call)) {
			answer_oauth(call, 429, "too_many_requests", "Too many requests.");
		} else {
			rh_call_message(call, 429, "rate_limit_exceeded", "Too many requests.");
		}
		return;
	case RH_REFUSAL_SYNTAX:
		rh_call_message(call, 400, "invalid_request_parameters",
				"The request body is not valid JSON.");
		return;
	case RH_REFUSAL_TOO_LARGE:
		rh_call_message(call, 413, NULL, "The request body is too large.");
		return;
	case RH_REFUSAL_REPEAT:
		rh_call_message(call, 422, "idempotency_key_reused",
				"This idempotency key was used with another body.");
		return;
	case RH_REFUSAL_INTERNAL:
		break;
	}
	rh_call_message(call, 500, NULL, "Internal Server Error");
}

const struct rh_imitation rh_imitation_workos = {
	.name = "workos",
	.default_port = 8702,
	.environments = environments,
	.environment_count = sizeof(environments) / sizeof(environments[0]),
	.schemas = schemas,
	.schema_count = sizeof(schemas) / sizeof(schemas[0]),
	.buckets = buckets,
	.bucket_count = WORKOS_BUCKETS,
	.routes = routes,
	.route_count = sizeof(routes) / sizeof(routes[0]),
	.switches = switches,
	.switch_count = WORKOS_SWITCHES,
	.settings = settings,
	.setting_count = sizeof(settings) / sizeof(settings[0]),
	.production_key = "sk_live_rehearsal",
	.environment_of = environment_of,
	.refuse = refuse,
};
