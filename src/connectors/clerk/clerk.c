/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk as a source of files: which kinds of export there are, how they are told apart, the description. */
#include "connectors/clerk/clerk.h"

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/clerk/clerk_fields.h"

/* Files need no options; the address of an instance is all it has. */
struct clerk_instance {
	bool is_open;
};

static const struct rh_option clerk_options[] = {
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
	"password_digest", "password", "totp_secret", "backup_codes", NULL,
};

static int clerk_open(void *instance, bool as_target, struct rh_err *err)
{
	struct clerk_instance *clerk = instance;

	if (as_target) {
		return rh_err_set(err, RH_EUSAGE, "clerk cannot be the target yet");
	}
	clerk->is_open = true;
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
	       "only: given together, the two are joined by id.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES |
				 RH_CAP_TRANSFORMER_TARGET,
			.evidence = "Clerk, \"Exporting users\" and Backend API 2025-11-10 and "
				    "2026-05-12, read in July 2026",
		},
	.options = clerk_options,
	.instance_size = sizeof(struct clerk_instance),
	.open = clerk_open,
	.shapes = clerk_shapes,
	.recognise = clerk_recognise,
	.from_record = clerk_from_record,
	.redact = clerk_redact,
	.sample = clerk_sample,
	.sample_troubles = clerk_sample_troubles,
};
