/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk: the description, the options, which kinds of export there are and how they are told apart. */
#include "connectors/clerk/clerk.h"

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/clerk/clerk_entities.h"
#include "connectors/clerk/clerk_fields.h"
#include "connectors/clerk/clerk_target_apart.h"

const char *const clerk_versions[] = {"2025-11-10", "2026-05-12", NULL};
/* In the order of enum clerk_overflow. */
static const char *const clerk_overflows[] = {"truncate-keys", "drop", "reject", NULL};

static const struct rh_option clerk_options[] = {
	{
		.name = "secret-key",
		.type = RH_OPTION_SECRET,
		.flags = RH_OPTION_TARGET_REQUIRED | RH_OPTION_SOURCE_REQUIRED,
		.offset = offsetof(struct clerk, secret_key),
		.placeholder = "KEY",
		.help = "secret key of the instance that the users go to, or are read from",
	},
	{
		.name = "instance-id",
		.type = RH_OPTION_TEXT,
		.flags = RH_OPTION_IDENTIFIES,
		.offset = offsetof(struct clerk, instance_id),
		.placeholder = "ID",
		.help = "id of that instance (ins_...); with another one nothing is written",
	},
	{
		.name = "api-url",
		.type = RH_OPTION_URL,
		.offset = offsetof(struct clerk, api_url),
		.fallback = "https://api.clerk.com",
		.placeholder = "URL",
		.help = "where the API is, e.g. a rehearsal; with or without /v1",
	},
	{
		.name = "api-version",
		.type = RH_OPTION_CHOICE,
		.offset = offsetof(struct clerk, api_version),
		.fallback = "2025-11-10",
		.placeholder = "DATE",
		.help = "version of the API that is asked for in every request",
		.choices = clerk_versions,
	},
	{
		.name = "keep-key",
		.type = RH_OPTION_TEXT,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct clerk, keep_key),
		.fallback = "rehome",
		.placeholder = "NAME",
		.help = "key of private metadata for what Clerk has no place for; empty: nothing "
			"is kept",
	},
	{
		.name = "metadata-overflow",
		.type = RH_OPTION_CHOICE,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct clerk, overflow),
		.fallback = "truncate-keys",
		.placeholder = "WHAT",
		.help = "of metadata that is larger than Clerk holds: keep the keys that fit, "
			"none, or "
			"refuse the user",
		.choices = clerk_overflows,
	},
	{
		.name = "user-limit",
		.type = RH_OPTION_NUMBER,
		.flags = RH_OPTION_FROM_ONE,
		.offset = offsetof(struct clerk, user_limit),
		.placeholder = "N",
		.help = "users that the instance may hold; else 100 of a development one, and no "
			"end of a production one",
	},
	{
		.name = "enforce-requirements",
		.type = RH_OPTION_BOOL,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct clerk, enforces_requirements),
		.help = "let the instance refuse users who lack an identifier that it requires",
	},
	{
		.name = "bypass-client-trust",
		.type = RH_OPTION_BOOL,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct clerk, bypasses_client_trust),
		.help = "spare the users the check of a new device at sign-in",
	},
	{
		.name = "drop-second-factors",
		.type = RH_OPTION_BOOL,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct clerk, drops_second_factors),
		.help = "carry users without the second factor that the instance refuses",
	},
	{.name = NULL},
};

static const struct rh_shape clerk_shapes[] = {
	{
		.id = CLERK_SHAPE_API_JSON,
		.name = "api-json",
		.title = "user objects of the Backend API",
	},
	{
		.id = CLERK_SHAPE_DASHBOARD_CSV,
		.name = "dashboard-csv",
		.title = "CSV of the Dashboard's user export",
		.is_partial = true,
	},
	{
		.id = CLERK_SHAPE_DASHBOARD_JSON,
		.name = "dashboard-json",
		.title = "JSON with the Dashboard's names, as Clerk's command line tools write it",
	},
	{
		.id = CLERK_SHAPE_OLD_CSV,
		.name = "old-csv",
		.title = "CSV of 2024 with joined addresses",
		.is_partial = true,
	},
	{
		.id = CLERK_SHAPE_SUPPORT_JSON,
		.name = "support-json",
		.title = "JSON from Clerk's support with joined addresses",
		.is_partial = true,
	},
	{.id = 0},
};

/* Names that must not show in a log of requests or answers. */
static const char *const clerk_redact[] = {
	"backup_codes",     "email_address",
	"external_id",      "first_name",
	"last_name",        "password",
	"password_digest",  "phone_number",
	"private_metadata", "public_metadata",
	"totp_secret",      "unsafe_metadata",
	"username",         NULL,
};

/* A source may be files alone, which need no key: what is wrong with it says describe. */
static int clerk_open(void *instance, bool as_target, struct rh_err *err)
{
	struct clerk *clerk = instance;
	struct rh_err unused;

	clerk->is_target = as_target;
	if (as_target) {
		return clerk_target_open(clerk, err);
	}
	clerk->is_unusable = clerk_target_open(clerk, &unused) != RH_OK;
	return RH_OK;
}

/* Only the Dashboard's newer exports tell verified addresses from the others. */
static bool has_dashboard_names(const struct clerk_fields *fields)
{
	static const enum clerk_field names[] = {
		CLERK_FIELD_PRIMARY_EMAIL_ADDRESS,      CLERK_FIELD_PRIMARY_PHONE_NUMBER,
		CLERK_FIELD_VERIFIED_EMAIL_ADDRESSES,   CLERK_FIELD_VERIFIED_PHONE_NUMBERS,
		CLERK_FIELD_UNVERIFIED_EMAIL_ADDRESSES, CLERK_FIELD_UNVERIFIED_PHONE_NUMBERS,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (fields->is_there[names[i]]) {
			return true;
		}
	}
	return false;
}

/* An array with an object in front: addresses with their verification. */
static bool is_object_list(const struct rh_json_node *node)
{
	return rh_json_type(node) == RH_JSON_ARRAY &&
	       rh_json_type(rh_json_next(node, NULL, NULL)) == RH_JSON_OBJECT;
}

static bool is_string_list(const struct rh_json_node *node)
{
	return rh_json_type(node) == RH_JSON_ARRAY &&
	       rh_json_type(rh_json_next(node, NULL, NULL)) == RH_JSON_STRING;
}

static int recognise_json(const struct clerk_fields *fields)
{
	const struct rh_json_node *emails = fields->node[CLERK_FIELD_EMAIL_ADDRESSES];
	const struct rh_json_node *phones = fields->node[CLERK_FIELD_PHONE_NUMBERS];

	if (fields->is_there[CLERK_FIELD_PRIMARY_EMAIL_ADDRESS_ID] || is_object_list(emails) ||
	    is_object_list(phones)) {
		return CLERK_SHAPE_API_JSON;
	}
	if (has_dashboard_names(fields) || is_string_list(emails) || is_string_list(phones)) {
		return CLERK_SHAPE_DASHBOARD_JSON;
	}
	if (fields->is_there[CLERK_FIELD_EMAIL_ADDRESSES] ||
	    fields->is_there[CLERK_FIELD_PHONE_NUMBERS]) {
		return CLERK_SHAPE_SUPPORT_JSON;
	}
	return 0;
}

static int clerk_recognise(const struct rh_sniff *sniff)
{
	struct clerk_fields fields;

	if (sniff->json != NULL) {
		return clerk_fields_of_node(&fields, sniff->json) ? recognise_json(&fields) : 0;
	}
	if (sniff->columns == NULL) {
		return 0;
	}
	clerk_fields_of_columns(&fields, sniff->columns);
	if (!fields.is_there[CLERK_FIELD_ID]) {
		return 0;
	}
	if (has_dashboard_names(&fields)) {
		return CLERK_SHAPE_DASHBOARD_CSV;
	}
	if (fields.is_there[CLERK_FIELD_EMAIL_ADDRESSES] ||
	    fields.is_there[CLERK_FIELD_PHONE_NUMBERS]) {
		return CLERK_SHAPE_OLD_CSV;
	}
	return 0;
}

#define ENTITY_OPS                                                                        \
	{                                                                                 \
		[RH_VERB_LIST] = clerk_entity_list, [RH_VERB_FIND] = clerk_entity_find,   \
		[RH_VERB_GET] = clerk_entity_get, [RH_VERB_CREATE] = clerk_entity_create, \
		[RH_VERB_REMOVE] = clerk_entity_remove,                                   \
	}

const struct rh_connector rh_connector_clerk = {
	.abi = RH_CONNECTOR_ABI,
	.name = "clerk",
	.title = "Clerk",
	.doc = "Reads users from files: user objects of the Backend API (an array, one object a "
	       "line, "
	       "or an object with `users` or `data`), the Dashboard's CSV, the CSV of 2024, JSON "
	       "from "
	       "support, and JSON with the Dashboard's names. Password hashes and authenticator "
	       "secrets stand in the Dashboard's CSV only, everything else in the objects of the "
	       "API "
	       "only: given together, the two are joined by id.  As a target it takes each user in "
	       "one request: every address and number, username, names, dates, metadata, "
	       "authenticator secret, backup codes, blocks, and passwords of 22 kinds.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_SOURCE_LIVE | RH_CAP_EXPORTS_HASHES |
				 RH_CAP_TARGET | RH_CAP_TRANSFORMER_TARGET | RH_CAP_EMAIL_UNIQUE |
				 RH_CAP_CAN_BLOCK | RH_CAP_CAN_RESERVE |
				 RH_CAP_FIND_BY_EXTERNAL_ID | RH_CAP_FIND_BY_EMAIL |
				 RH_CAP_FIND_BY_PHONE | RH_CAP_FIND_BY_USERNAME |
				 RH_CAP_HIDES_PASSWORD_DATES,
			.rows_max[RH_KIND_USER][RH_VERB_FIND] = CLERK_FILTER_MAX,
			.parts_singly = RH_PART_EMAILS | RH_PART_PHONES,
			.fields_added_to = 1U << CLERK_WIRE_EMAILS | 1U << CLERK_WIRE_PHONES,
			.page_max = CLERK_PAGE_MAX,
			.external_id_max = CLERK_EXTERNAL_ID_MAX,
			.emails_max = 100,
			.phones_max = 100,
			.holds_username = true,
			.holds_totp = true,
			.schemes = UINT64_C(1) << RH_SCHEME_BCRYPT |
				   UINT64_C(1) << RH_SCHEME_BCRYPT_SHA256_HEX |
				   UINT64_C(1) << RH_SCHEME_BCRYPT_PEPPERED |
				   UINT64_C(1) << RH_SCHEME_ARGON2I |
				   UINT64_C(1) << RH_SCHEME_ARGON2ID |
				   UINT64_C(1) << RH_SCHEME_SCRYPT |
				   UINT64_C(1) << RH_SCHEME_SCRYPT_FIREBASE |
				   UINT64_C(1) << RH_SCHEME_PBKDF2_SHA1 |
				   UINT64_C(1) << RH_SCHEME_PBKDF2_SHA256 |
				   UINT64_C(1) << RH_SCHEME_PBKDF2_SHA512 |
				   UINT64_C(1) << RH_SCHEME_MD5 | UINT64_C(1) << RH_SCHEME_SHA1 |
				   UINT64_C(1) << RH_SCHEME_SHA256 |
				   UINT64_C(1) << RH_SCHEME_SYMFONY_SHA512 |
				   UINT64_C(1) << RH_SCHEME_HMAC_SHA256_UTF16 |
				   UINT64_C(1) << RH_SCHEME_PHPASS |
				   UINT64_C(1) << RH_SCHEME_PHPASS_MD5 |
				   UINT64_C(1) << RH_SCHEME_OPAQUE,
			.metadata_kinds = 1U << RH_METADATA_PUBLIC | 1U << RH_METADATA_PRIVATE |
					  1U << RH_METADATA_UNSAFE,
			.evidence = "Clerk, \"Exporting users\" and Backend API 2025-11-10 and "
				    "2026-05-12, read in July 2026",
		},
	.options = clerk_options,
	.instance_size = sizeof(struct clerk),
	.open = clerk_open,
	.describe = clerk_describe,
	.shapes = clerk_shapes,
	.recognise = clerk_recognise,
	.from_record = clerk_from_record,
	.operation_size = sizeof(struct clerk_apart),
	.wire_fields = clerk_wire_fields,
	.to_wire = clerk_to_wire,
	.write_credential = clerk_write_credential,
	.parts = clerk_parts,
	.observe = clerk_observe,
	.settings = clerk_settings,
	.entities = &clerk_entity_rules,
	.ops =
		{
			[RH_KIND_PERMISSION] = ENTITY_OPS,
			[RH_KIND_ROLE] = ENTITY_OPS,
			[RH_KIND_ORGANIZATION] = ENTITY_OPS,
			/* of these no request asks by their id alone */
			[RH_KIND_DOMAIN] =
				{
					[RH_VERB_LIST] = clerk_entity_list,
					[RH_VERB_FIND] = clerk_entity_find,
					[RH_VERB_CREATE] = clerk_entity_create,
					[RH_VERB_REMOVE] = clerk_entity_remove,
				},
			[RH_KIND_MEMBERSHIP] =
				{
					[RH_VERB_LIST] = clerk_entity_list,
					[RH_VERB_FIND] = clerk_entity_find,
					[RH_VERB_CREATE] = clerk_entity_create,
					[RH_VERB_UPDATE] = clerk_entity_update,
					[RH_VERB_REMOVE] = clerk_entity_remove,
				},
			[RH_KIND_INVITATION] =
				{
					[RH_VERB_LIST] = clerk_entity_list,
					[RH_VERB_FIND] = clerk_entity_find,
					[RH_VERB_CREATE] = clerk_entity_create,
					[RH_VERB_REMOVE] = clerk_entity_remove,
				},
			[RH_KIND_SETTING] = {[RH_VERB_GET] = clerk_step_settings},
			[RH_KIND_USER] =
				{
					[RH_VERB_PROBE] = clerk_step_probe,
					[RH_VERB_COUNT] = clerk_step_count,
					[RH_VERB_LIST] = clerk_step_list,
					[RH_VERB_GET] = clerk_step_get,
					[RH_VERB_FIND] = clerk_step_find,
					[RH_VERB_CREATE] = clerk_step_create,
					[RH_VERB_UPDATE] = clerk_step_update,
					[RH_VERB_REMOVE] = clerk_step_remove,
					[RH_VERB_PROVE] = clerk_step_prove,
				},
		},
	.redact = clerk_redact,
	.sample = clerk_sample,
	.sample_troubles = clerk_sample_troubles,
};
