/* SPDX-License-Identifier: Apache-2.0 */
/* Supabase as a source of files: which tables there are, the description. */
#include "connectors/supabase/supabase.h"

#include "connectors/mapped.h"

extern const char rh_document_supabase_admin[];
extern const char rh_document_supabase_factors[];
extern const char rh_document_supabase_identities[];
extern const char rh_document_supabase_users[];

static const struct rh_option supabase_options[] = {
	MAPPED_NAME_SPLIT,
	{.name = NULL},
};

static const struct rh_shape supabase_shapes[] = {
	{
		.id = SUPABASE_SHAPE_USERS,
		.name = "users",
		.title = "rows of auth.users",
	},
	{
		.id = SUPABASE_SHAPE_ADMIN,
		.name = "admin-json",
		.title = "user objects of the Admin API",
		.is_partial = true,
	},
	{
		.id = SUPABASE_SHAPE_IDENTITIES,
		.name = "identities",
		.title = "rows of auth.identities",
		.is_partial = true,
		.is_many = true,
	},
	{
		.id = SUPABASE_SHAPE_FACTORS,
		.name = "factors",
		.title = "rows of auth.mfa_factors",
		.is_partial = true,
		.is_many = true,
	},
	{.id = 0},
};

static const struct mapped_shape supabase_documents[] = {
	{
		.id = SUPABASE_SHAPE_USERS,
		.document = rh_document_supabase_users,
		.hooks = {.complete = supabase_complete_user},
	},
	{
		.id = SUPABASE_SHAPE_ADMIN,
		.document = rh_document_supabase_admin,
		.hooks = {.complete = supabase_complete_user},
	},
	{
		.id = SUPABASE_SHAPE_IDENTITIES,
		.document = rh_document_supabase_identities,
	},
	{
		.id = SUPABASE_SHAPE_FACTORS,
		.document = rh_document_supabase_factors,
		.hooks = {.complete = supabase_complete_factor},
	},
	{.id = 0},
};

/* Names that must not show in a log of requests or answers. */
static const char *const supabase_redact[] = {
	"encrypted_password", "password", "password_hash", "secret", NULL,
};

static int supabase_open(void *instance, bool as_target, struct rh_err *err)
{
	return mapped_open(instance, supabase_documents, "supabase", as_target, err);
}

static int supabase_recognise(const struct rh_sniff *sniff)
{
	return mapped_recognise(supabase_documents, sniff);
}

const struct rh_connector rh_connector_supabase = {
	.abi = RH_CONNECTOR_ABI,
	.name = "supabase",
	.title = "Supabase",
	.doc = "Reads users from files: rows of auth.users as JSON, JSON lines or CSV, as the SQL "
	       "editor and exporters write them, with password hashes; user objects of the Admin "
	       "API; rows of auth.identities and auth.mfa_factors. Given together, they are joined "
	       "by the user's id. raw_user_meta_data, which the person can change, never becomes "
	       "more than that.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES,
			.evidence = "Supabase Auth's migrations up to June 2026, read in July 2026",
		},
	.options = supabase_options,
	.instance_size = sizeof(struct mapped_instance),
	.open = supabase_open,
	.close = mapped_close,
	.shapes = supabase_shapes,
	.recognise = supabase_recognise,
	.from_record = supabase_from_record,
	.mend_row = supabase_mend_row,
	.redact = supabase_redact,
	.sample = supabase_sample,
	.sample_troubles = supabase_sample_troubles,
};
