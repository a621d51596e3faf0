/* SPDX-License-Identifier: Apache-2.0 */
/* Auth0 as a source of files: which kinds of export there are, how they are told apart, the description. */
#include "connectors/auth0/auth0.h"

#include "base/str.h"

/* The search of the Management API ends here, whatever there is more. */
#define SEARCH_MAX 1000

static const char *const stale_choices[] = {"drop", "carry", NULL};

static const struct rh_option auth0_options[] = {
	{
		.name = "stale-hashes",
		.type = RH_OPTION_CHOICE,
		.flags = RH_OPTION_SHAPES,
		.offset = offsetof(struct auth0_instance, stale),
		.fallback = "drop",
		.placeholder = "HOW",
		.help = "what becomes of a hash that was set before the last reset of the password",
		.choices = stale_choices,
	},
	{.name = NULL},
};

static const struct rh_shape auth0_shapes[] = {
	{
		.id = AUTH0_SHAPE_EXPORT_JSON,
		.name = "export-json",
		.title = "users of the export job (JSON lines), or of the Management API",
		.ends_at = SEARCH_MAX,
	},
	{
		.id = AUTH0_SHAPE_EXPORT_CSV,
		.name = "export-csv",
		.title = "CSV of the export job",
		.ends_at = SEARCH_MAX,
	},
	{
		.id = AUTH0_SHAPE_HASHES,
		.name = "support-hashes",
		.title = "password hashes, as Auth0's support sends them",
		.is_partial = true,
	},
	{.id = 0},
};

static const struct mapped_shape mapped_shapes[] = {
	{
		.id = AUTH0_SHAPE_EXPORT_JSON,
		.document = rh_document_auth0_users,
		.hooks = {.complete = auth0_complete_user},
	},
	{
		.id = AUTH0_SHAPE_EXPORT_CSV,
		.document = rh_document_auth0_users,
		.hooks = {.complete = auth0_complete_user},
	},
	{
		.id = AUTH0_SHAPE_HASHES,
		.document = rh_document_auth0_hashes,
		.hooks = {.complete = auth0_complete_hash},
	},
	{.id = 0},
};

/* Names that must not show in a log of requests or answers. */
static const char *const auth0_redact[] = {
	"access_token",  "access_token_secret", "custom_password_hash", "mfa_factors",
	"password_hash", "passwordHash",        "refresh_token",        NULL,
};

static int auth0_open(void *instance, bool as_target, struct rh_err *err)
{
	return mapped_open(instance, mapped_shapes, "auth0", as_target, err);
}

static int auth0_recognise(const struct rh_sniff *sniff)
{
	int shape = mapped_recognise(mapped_shapes, sniff);

	return shape == AUTH0_SHAPE_EXPORT_JSON && sniff->json == NULL ? AUTH0_SHAPE_EXPORT_CSV
								       : shape;
}

const struct rh_connector rh_connector_auth0 = {
	.abi = RH_CONNECTOR_ABI,
	.name = "auth0",
	.title = "Auth0",
	.doc = "Reads users from files: the export job's JSON lines and CSV, arrays of users from "
	       "the Management API, and files made for the import job. Password hashes stand in "
	       "none of the exports; Auth0's support sends them in a file of their own, and given "
	       "together the two are joined by id. Blocked users stay blocked, user_metadata is "
	       "never trusted, app_metadata is private.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES,
			.evidence = "Auth0, \"Bulk user exports\", \"Export data\" and Management "
				    "API description of 25 June 2026",
		},
	.options = auth0_options,
	.instance_size = sizeof(struct auth0_instance),
	.open = auth0_open,
	.close = mapped_close,
	.shapes = auth0_shapes,
	.recognise = auth0_recognise,
	.from_record = auth0_from_record,
	.join_ids = auth0_join_ids,
	.join_fits = auth0_join_fits,
	.redact = auth0_redact,
	.sample = auth0_sample,
	.sample_troubles = auth0_sample_troubles,
};
