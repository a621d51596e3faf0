/* SPDX-License-Identifier: Apache-2.0 */
/* The members (JSON) or cells (CSV) of one Clerk record that mean something to us, found in one pass. */
#ifndef CONNECTORS_CLERK_CLERK_FIELDS_H
#define CONNECTORS_CLERK_CLERK_FIELDS_H

#include <rehome/connector.h>

/* Every name that is read, of every kind of export.  Sorted by name: it is searched by halves. */
#define CLERK_FIELD_MAP(X)                                            \
	X(BACKUP_CODE_ENABLED, "backup_code_enabled")                 \
	X(BACKUP_CODES, "backup_codes")                               \
	X(BACKUP_CODES_ENABLED, "backup_codes_enabled")               \
	X(BANNED, "banned")                                           \
	X(CREATE_ORGANIZATION_ENABLED, "create_organization_enabled") \
	X(CREATED_AT, "created_at")                                   \
	X(DELETE_SELF_ENABLED, "delete_self_enabled")                 \
	X(DEPROVISIONED, "deprovisioned")                             \
	X(EMAIL_ADDRESSES, "email_addresses")                         \
	X(ENTERPRISE_ACCOUNTS, "enterprise_accounts")                 \
	X(EXTERNAL_ACCOUNTS, "external_accounts")                     \
	X(EXTERNAL_ID, "external_id")                                 \
	X(FIRST_NAME, "first_name")                                   \
	X(HAS_IMAGE, "has_image")                                     \
	X(ID, "id")                                                   \
	X(IMAGE_URL, "image_url")                                     \
	X(LAST_NAME, "last_name")                                     \
	X(LAST_SIGN_IN_AT, "last_sign_in_at")                         \
	X(LEGAL_ACCEPTED_AT, "legal_accepted_at")                     \
	X(LOCALE, "locale")                                           \
	X(LOCKED, "locked")                                           \
	X(PASSKEYS, "passkeys")                                       \
	X(PASSWORD_DIGEST, "password_digest")                         \
	X(PASSWORD_ENABLED, "password_enabled")                       \
	X(PASSWORD_HASHER, "password_hasher")                         \
	X(PHONE_NUMBERS, "phone_numbers")                             \
	X(PRIMARY_EMAIL_ADDRESS, "primary_email_address")             \
	X(PRIMARY_EMAIL_ADDRESS_ID, "primary_email_address_id")       \
	X(PRIMARY_PHONE_NUMBER, "primary_phone_number")               \
	X(PRIMARY_PHONE_NUMBER_ID, "primary_phone_number_id")         \
	X(PRIVATE_METADATA, "private_metadata")                       \
	X(PUBLIC_METADATA, "public_metadata")                         \
	X(SAML_ACCOUNTS, "saml_accounts")                             \
	X(TOTP_ENABLED, "totp_enabled")                               \
	X(TOTP_SECRET, "totp_secret")                                 \
	X(UNSAFE_METADATA, "unsafe_metadata")                         \
	X(UNVERIFIED_EMAIL_ADDRESSES, "unverified_email_addresses")   \
	X(UNVERIFIED_PHONE_NUMBERS, "unverified_phone_numbers")       \
	X(UPDATED_AT, "updated_at")                                   \
	X(USERNAME, "username")                                       \
	X(VERIFIED_EMAIL_ADDRESSES, "verified_email_addresses")       \
	X(VERIFIED_PHONE_NUMBERS, "verified_phone_numbers")           \
	X(WEB3_WALLETS, "web3_wallets")

enum clerk_field {
#define CLERK_FIELD_ENUM(name, text) CLERK_FIELD_##name,
	CLERK_FIELD_MAP(CLERK_FIELD_ENUM)
#undef CLERK_FIELD_ENUM
		CLERK_FIELDS,
};

/* Borrowed from the record. */
struct clerk_fields {
	bool is_cells;
	bool is_there[CLERK_FIELDS];                   /* the name occurs, whatever its value */
	const struct rh_json_node *node[CLERK_FIELDS]; /* JSON; of duplicate members the last */
	struct rh_str cell[CLERK_FIELDS];              /* CSV, guard removed; absent = empty */
};

const char *clerk_field_name(enum clerk_field field);
/* Names only; for deciding what kind of file it is. */
void clerk_fields_of_columns(struct clerk_fields *fields, const struct rh_columns *columns);
/* False: the node is not an object. */
bool clerk_fields_of_node(struct clerk_fields *fields, const struct rh_json_node *node);
/* Either, with values. */
bool clerk_fields_of_record(struct clerk_fields *fields, const struct rh_record *record);

/*
 * The Dashboard puts one TAB before a cell that a spreadsheet would take for a formula: one that starts
 * with = + - @ TAB CR LF or a full-width = + - @.  Takes off that one TAB, and no other.
 */
struct rh_str clerk_unguard(struct rh_str cell);

enum clerk_reading {
	CLERK_READING_ABSENT, /* not there, null or empty */
	CLERK_READING_OK,
	CLERK_READING_WRONG, /* a type or form that the name does not allow */
};

/* Text, borrowed from the record. */
enum clerk_reading clerk_field_text(const struct clerk_fields *fields, enum clerk_field field,
				    struct rh_str *out);
/* JSON booleans; true, 1, yes, y and their opposites as text. */
enum clerk_reading clerk_field_bool(const struct clerk_fields *fields, enum clerk_field field,
				    bool *out);
/* Milliseconds since 1970 as number or digits, or ISO 8601 text. */
enum clerk_reading clerk_field_time(const struct clerk_fields *fields, enum clerk_field field,
				    rh_time *out);

#endif
