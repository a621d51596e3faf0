/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Better Auth as a source of files: its tables, under the names that its adapters give them.
 *
 *  1. Passwords stand in the account table, in the row of the provider "credential", beside the links to other
 *     providers: several rows belong to one person.
 *  2. The user table looks like that of another library; here emailVerified is a flag, there a moment or null.  In JSON
 *     that decides, unless a column of a plugin does.  A header of CSV alone may fit both: then --from says whose it is,
 *     and both read it alike.
 *  3. The hash by default is 32 hex digits, a colon, 128 hex digits: too little to be known by shape among all hashes
 *     there are, but not here.  Every other text is read by its shape: applications may hash as they like.
 */
#include "connectors/betterauth/betterauth.h"

#include "base/json_node.h"
#include "base/str.h"
#include "connectors/mapped.h"

extern const char rh_document_betterauth_accounts[];
extern const char rh_document_betterauth_factors[];
extern const char rh_document_betterauth_users[];

static const struct rh_option betterauth_options[] = {
	MAPPED_NAME_SPLIT,
	{.name = NULL},
};

static const struct rh_shape betterauth_shapes[] = {
	{
		.id = BETTERAUTH_SHAPE_USERS,
		.name = "users",
		.title = "rows of the user table",
	},
	{
		.id = BETTERAUTH_SHAPE_ACCOUNTS,
		.name = "accounts",
		.title = "rows of the account table",
		.is_partial = true,
		.is_many = true,
	},
	{
		.id = BETTERAUTH_SHAPE_FACTORS,
		.name = "factors",
		.title = "rows of the twoFactor table",
		.is_partial = true,
		.is_many = true,
	},
	{.id = 0},
};

/* Rule 3. */
static bool is_scrypt(struct rh_str hash)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	if (hash.len != 32 + 1 + 128 || hash.ptr[32] != ':') {
		return false;
	}
	for (size_t i = 0; i < hash.len; i++) {
		if (i != 32 && memchr(digits, hash.ptr[i], sizeof(digits) - 1) == NULL) {
			return false;
		}
	}
	return true;
}

static int read_password(const void *, const struct rh_mapping_password *password,
			 struct rh_arena *arena, struct rh_credential *out,
			 struct rh_finding *finding)
{
	struct rh_mapping_password own = *password;

	own.hash = rh_str_trim(own.hash);
	if (is_scrypt(own.hash)) {
		own.label = RH_STR("scrypt_better_auth");
	}
	return rh_mapping_read_password(&own, arena, out, finding);
}

static const struct mapped_shape betterauth_documents[] = {
	{
		.id = BETTERAUTH_SHAPE_USERS,
		.document = rh_document_betterauth_users,
		.hooks = {.password = read_password},
	},
	{
		.id = BETTERAUTH_SHAPE_ACCOUNTS,
		.document = rh_document_betterauth_accounts,
		.hooks = {.password = read_password},
	},
	{.id = BETTERAUTH_SHAPE_FACTORS, .document = rh_document_betterauth_factors},
	{.id = 0},
};

/* Names that must not show in a log of requests or answers. */
static const char *const betterauth_redact[] = {
	"password", "password_hash", "secret",       "backupCodes", "backup_codes",
	"idToken",  "accessToken",   "refreshToken", NULL,
};

static int betterauth_open(void *instance, bool as_target, struct rh_err *err)
{
	return mapped_open(instance, betterauth_documents, "betterauth", as_target, err);
}

/* A column that only a plugin of this library has. */
static bool has_plugin(const struct rh_json_node *record)
{
	static const char *const names[] = {
		"displayUsername",    "display_username",    "twoFactorEnabled",
		"two_factor_enabled", "banReason",           "ban_reason",
		"banExpires",         "ban_expires",         "isAnonymous",
		"is_anonymous",       "phoneNumberVerified", "phone_number_verified",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (rh_json_get(record, names[i]) != NULL) {
			return true;
		}
	}
	return false;
}

static int betterauth_recognise(const struct rh_sniff *sniff)
{
	int shape = mapped_recognise(betterauth_documents, sniff);

	if (shape != BETTERAUTH_SHAPE_USERS || sniff->json == NULL) {
		return shape;
	}
	/* A row says what stands in its columns; an object of somebody's API says what it is. */
	if (rh_str_is(rh_json_get_string(sniff->json, "object"), "user")) {
		return 0;
	}
	return has_plugin(sniff->json) ||
			       mapped_is_flag(rh_json_get(sniff->json, "emailVerified")) ||
			       mapped_is_flag(rh_json_get(sniff->json, "email_verified"))
		       ? shape
		       : 0;
}

const struct rh_connector rh_connector_betterauth = {
	.abi = RH_CONNECTOR_ABI,
	.name = "betterauth",
	.title = "Better Auth",
	.doc = "Reads users from files: rows of the user table as JSON, JSON lines or CSV, with "
	       "camelCase or snake_case names, also with the password hash in the same row; rows "
	       "of "
	       "the account table give passwords and social sign-ins, rows of the twoFactor table "
	       "say who has backup codes. Given together, they are joined by the user's id. The "
	       "hash that Better Auth makes by default is scrypt over the password in Unicode's "
	       "form NFKC.",
	.caps =
		{
			.flags = RH_CAP_SOURCE_FILES | RH_CAP_EXPORTS_HASHES,
			.evidence =
				"Better Auth 1.7, \"Database\" and its plugins, read in July 2026",
		},
	.options = betterauth_options,
	.instance_size = sizeof(struct mapped_instance),
	.open = betterauth_open,
	.close = mapped_close,
	.shapes = betterauth_shapes,
	.recognise = betterauth_recognise,
	.from_record = mapped_from_record,
	.redact = betterauth_redact,
	.sample = betterauth_sample,
	.sample_troubles = betterauth_sample_troubles,
};
