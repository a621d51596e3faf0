/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Auth.js (NextAuth) as a source of files: its tables, as the adapters lay them out.
 *
 *  1. Another library has a user table with the same names, in which emailVerified is a flag; here it is a moment or
 *     null.  In JSON that decides.  A header of CSV alone cannot: with createdAt and updatedAt, and no column of the
 *     other's plugins, the file is whose --from says, and both read it alike.
 */
#include "connectors/authjs/authjs.h"

#include "base/json_node.h"
#include "connectors/mapped.h"

extern const char rh_document_authjs_accounts[];
extern const char rh_document_authjs_users[];

static const struct rh_option authjs_options[] = {
	MAPPED_NAME_SPLIT,
	{.name = NULL},
};

static const struct rh_shape authjs_shapes[] = {
	{
		.id = AUTHJS_SHAPE_USERS,
		.name = "users",
		.title = "rows of the user table",
	},
	{
		.id = AUTHJS_SHAPE_ACCOUNTS,
		.name = "accounts",
		.title = "rows of the account table",
		.is_partial = true,
		.is_many = true,
	},
	{.id = 0},
};

static const struct mapped_shape authjs_documents[] = {
	{.id = AUTHJS_SHAPE_USERS, .document = rh_document_authjs_users},
	{.id = AUTHJS_SHAPE_ACCOUNTS, .document = rh_document_authjs_accounts},
	{.id = 0},
};

/* Names that must not show in a log of requests or answers. */
static const char *const authjs_redact[] = {
	"password",     "hashedPassword", "hashed_password", "passwordHash", "password_hash",
	"access_token", "refresh_token",  "id_token",        NULL,
};

static int authjs_open(void *instance, bool as_target, struct rh_err *err)
{
	return mapped_open(instance, authjs_documents, "authjs", as_target, err);
}

static int authjs_recognise(const struct rh_sniff *sniff)
{
	int shape = mapped_recognise(authjs_documents, sniff);
	bool is_flag = shape == AUTHJS_SHAPE_USERS && sniff->json != NULL &&
		       (mapped_is_flag(rh_json_get(sniff->json, "emailVerified")) ||
			mapped_is_flag(rh_json_get(sniff->json, "email_verified")));

	return is_flag ? 0 : shape;
}

const struct rh_connector rh_connector_authjs = {
	.abi = RH_CONNECTOR_ABI,
	.name = "authjs",
	.title = "Auth.js",
	.doc = "Reads users from files: rows of the user table of any adapter, as JSON, JSON lines "
	       "(mongoexport's too) or CSV, with camelCase or snake_case names; rows of the "
	       "account "
	       "table give the social sign-ins. Given together, they are joined by the user's id. "
	       "Auth.js keeps no passwords; a column that an application has added for their "
	       "hashes "
	       "is read.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES,
			.evidence = "Auth.js, \"Database adapters\", read in July 2026",
		},
	.options = authjs_options,
	.instance_size = sizeof(struct mapped_instance),
	.open = authjs_open,
	.close = mapped_close,
	.shapes = authjs_shapes,
	.recognise = authjs_recognise,
	.from_record = mapped_from_record,
	.redact = authjs_redact,
	.sample = authjs_sample,
	.sample_troubles = authjs_sample_troubles,
};
