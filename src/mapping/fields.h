/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that a mapping document may set: one table for the check of documents and for docs/fields.md. */
#ifndef MAPPING_FIELDS_H
#define MAPPING_FIELDS_H

#include <rehome/connector.h>

enum rh_field_type {
	RH_TYPE_TEXT,
	RH_TYPE_NAME,
	RH_TYPE_BOOL,
	RH_TYPE_TIME,
	RH_TYPE_COUNT,
	RH_TYPE_METADATA,
	RH_TYPE_EMAILS,
	RH_TYPE_PHONES,
	RH_TYPE_PASSWORD,
	RH_TYPE_IDENTITIES,
};

/* constant, name in a document, type, who can hold it, what it is. */
#define RH_FIELD_MAP(X)                                                                           \
	X(SOURCE_ID, "source_id", TEXT, ALL, "id of the account at the source; required")         \
	X(EXTERNAL_ID, "external_id", TEXT, EXTERNAL_ID, "id that your own application uses")     \
	X(EMAILS, "emails", EMAILS, ALL, "e-mail addresses")                                      \
	X(PHONES, "phones", PHONES, PHONES, "phone numbers")                                      \
	X(USERNAME, "username", TEXT, USERNAME, "name at sign-in")                                \
	X(FIRST_NAME, "first_name", TEXT, ALL, "given name")                                      \
	X(LAST_NAME, "last_name", TEXT, ALL, "family name")                                       \
	X(FULL_NAME, "full_name", NAME, ALL, "whole name")                                        \
	X(LOCALE, "locale", TEXT, ALL, "language, as \"de\" or \"pt-BR\"")                        \
	X(IMAGE_URL, "image_url", TEXT, ALL, "address of the picture")                            \
	X(PASSWORD, "password", PASSWORD, PASSWORD, "password hash")                              \
	X(TOTP_SECRET, "totp_secret", TEXT, TOTP,                                                 \
	  "secret of the authenticator app: Base32, or an otpauth address")                       \
	X(TOTP_ENABLED, "totp_enabled", BOOL, TOTP, "there is an authenticator app")              \
	X(BACKUP_CODES, "backup_codes", COUNT, NONE,                                              \
	  "backup codes; they are counted, not carried")                                          \
	X(PASSKEYS, "passkeys", COUNT, NONE, "passkeys; they are counted, not carried")           \
	X(IDENTITIES, "identities", IDENTITIES, ALL,                                              \
	  "social and enterprise sign-ins; they link by e-mail")                                  \
	X(BANNED, "banned", BOOL, BLOCK, "may not sign in")                                       \
	X(LOCKED, "locked", BOOL, BLOCK, "locked, after failed attempts for one")                 \
	X(DEPROVISIONED, "deprovisioned", BOOL, BLOCK, "switched off or deleted at the source")   \
	X(DELETE_SELF, "delete_self_enabled", BOOL, NONE, "the person may delete the account")    \
	X(CREATE_ORGANIZATION, "create_organization_enabled", BOOL, NONE,                         \
	  "the person may make organizations")                                                    \
	X(CREATED_AT, "created_at", TIME, ALL, "when the account was made")                       \
	X(UPDATED_AT, "updated_at", TIME, ALL,                                                    \
	  "when it was last changed; tells the newest of two")                                    \
	X(LAST_SIGN_IN_AT, "last_sign_in_at", TIME, ALL, "when the person last signed in")        \
	X(LEGAL_ACCEPTED_AT, "legal_accepted_at", TIME, NONE, "when the terms were accepted")     \
	X(PUBLIC_METADATA, "public_metadata", METADATA, PUBLIC,                                   \
	  "what the person's browser may read and your server writes")                            \
	X(PRIVATE_METADATA, "private_metadata", METADATA, PRIVATE, "what only your server reads") \
	X(UNSAFE_METADATA, "unsafe_metadata", METADATA, UNSAFE, "what the person may change")

enum rh_field {
#define RH_FIELD_ENUM(name, text, type, holder, help) RH_FIELD_##name,
	RH_FIELD_MAP(RH_FIELD_ENUM)
#undef RH_FIELD_ENUM
};
enum {
	RH_FIELDS = RH_FIELD_UNSAFE_METADATA + 1, /* the last of them */
};

/* Which targets hold a field. */
enum rh_field_holder {
	RH_HOLDER_ALL,
	RH_HOLDER_NONE, /* it is told in findings only */
	RH_HOLDER_EXTERNAL_ID,
	RH_HOLDER_PHONES,
	RH_HOLDER_USERNAME,
	RH_HOLDER_PASSWORD,
	RH_HOLDER_TOTP,
	RH_HOLDER_BLOCK,
	RH_HOLDER_PUBLIC,
	RH_HOLDER_PRIVATE,
	RH_HOLDER_UNSAFE,
};

struct rh_field_info {
	const char *name;
	enum rh_field_type type;
	enum rh_field_holder holder;
	const char *help;
};

/* The row of a field; NULL behind the last. */
const struct rh_field_info *rh_field_info(size_t field);
/* -1: there is no such field. */
int rh_field_find(struct rh_str name);
const char *rh_field_type_name(enum rh_field_type type);
/* Has the target a place for it? */
bool rh_field_is_held(const struct rh_field_info *info, const struct rh_caps *caps);

#endif
