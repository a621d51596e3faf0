/* SPDX-License-Identifier: Apache-2.0 */
/* The members (JSON) or cells (CSV) of one Clerk record that mean something to us, found in one pass. */
#ifndef CONNECTORS_CLERK_CLERK_FIELDS_H
#define CONNECTORS_CLERK_CLERK_FIELDS_H

#include <rehome/connector.h>

/* Every name that is read, of every kind of export.  Sorted by length, then by name: of a length there are few. */
#define CLERK_FIELD_MAP(X, argument)                                          \
	X(argument, ID, "id")                                                 \
	X(argument, BANNED, "banned")                                         \
	X(argument, LOCALE, "locale")                                         \
	X(argument, LOCKED, "locked")                                         \
	X(argument, PASSKEYS, "passkeys")                                     \
	X(argument, USERNAME, "username")                                     \
	X(argument, HAS_IMAGE, "has_image")                                   \
	X(argument, IMAGE_URL, "image_url")                                   \
	X(argument, LAST_NAME, "last_name")                                   \
	X(argument, CREATED_AT, "created_at")                                 \
	X(argument, FIRST_NAME, "first_name")                                 \
	X(argument, UPDATED_AT, "updated_at")                                 \
	X(argument, EXTERNAL_ID, "external_id")                               \
	X(argument, TOTP_SECRET, "totp_secret")                               \
	X(argument, BACKUP_CODES, "backup_codes")                             \
	X(argument, TOTP_ENABLED, "totp_enabled")                             \
	X(argument, WEB3_WALLETS, "web3_wallets")                             \
	X(argument, DEPROVISIONED, "deprovisioned")                           \
	X(argument, PHONE_NUMBERS, "phone_numbers")                           \
	X(argument, SAML_ACCOUNTS, "saml_accounts")                           \
	X(argument, EMAIL_ADDRESSES, "email_addresses")                       \
	X(argument, LAST_SIGN_IN_AT, "last_sign_in_at")                       \
	X(argument, PASSWORD_DIGEST, "password_digest")                       \
	X(argument, PASSWORD_HASHER, "password_hasher")                       \
	X(argument, PUBLIC_METADATA, "public_metadata")                       \
	X(argument, UNSAFE_METADATA, "unsafe_metadata")                       \
	X(argument, PASSWORD_ENABLED, "password_enabled")                     \
	X(argument, PRIVATE_METADATA, "private_metadata")                     \
	X(argument, EXTERNAL_ACCOUNTS, "external_accounts")                   \
	X(argument, LEGAL_ACCEPTED_AT, "legal_accepted_at")                   \
	X(argument, BACKUP_CODE_ENABLED, "backup_code_enabled")               \
	X(argument, DELETE_SELF_ENABLED, "delete_self_enabled")               \
	X(argument, ENTERPRISE_ACCOUNTS, "enterprise_accounts")               \
	X(argument, BACKUP_CODES_ENABLED, "backup_codes_enabled")             \
	X(argument, PRIMARY_PHONE_NUMBER, "primary_phone_number")             \
	X(argument, PRIMARY_EMAIL_ADDRESS, "primary_email_address")           \
	X(argument, VERIFIED_PHONE_NUMBERS, "verified_phone_numbers")         \
	X(argument, PRIMARY_PHONE_NUMBER_ID, "primary_phone_number_id")       \
	X(argument, PRIMARY_EMAIL_ADDRESS_ID, "primary_email_address_id")     \
	X(argument, UNVERIFIED_PHONE_NUMBERS, "unverified_phone_numbers")     \
	X(argument, VERIFIED_EMAIL_ADDRESSES, "verified_email_addresses")     \
	X(argument, CREATE_ORGANIZATIONS_LIMIT, "create_organizations_limit") \
	X(argument, UNVERIFIED_EMAIL_ADDRESSES, "unverified_email_addresses") \
	X(argument, CREATE_ORGANIZATION_ENABLED, "create_organization_enabled")

/* The same of the objects in lists: addresses, numbers, links to other providers. */
#define CLERK_MEMBER_MAP(X, argument)                                 \
	X(argument, ID, "id")                                         \
	X(argument, PROVIDER, "provider")                             \
	X(argument, RESERVED, "reserved")                             \
	X(argument, BACKUP_CODES, "backup_codes")                     \
	X(argument, PHONE_NUMBER, "phone_number")                     \
	X(argument, VERIFICATION, "verification")                     \
	X(argument, EMAIL_ADDRESS, "email_address")                   \
	X(argument, PROVIDER_USER_ID, "provider_user_id")             \
	X(argument, DEFAULT_SECOND_FACTOR, "default_second_factor")   \
	X(argument, EMAIL_ADDRESS_VERIFIED, "email_address_verified") \
	X(argument, RESERVED_FOR_SECOND_FACTOR, "reserved_for_second_factor")

enum clerk_field {
#define CLERK_FIELD_ENUM(argument, name, text) CLERK_FIELD_##name,
	CLERK_FIELD_MAP(CLERK_FIELD_ENUM, )
#undef CLERK_FIELD_ENUM
		CLERK_FIELDS,
};

enum clerk_member {
#define CLERK_MEMBER_ENUM(argument, name, text) CLERK_MEMBER_##name,
	CLERK_MEMBER_MAP(CLERK_MEMBER_ENUM, )
#undef CLERK_MEMBER_ENUM
		CLERK_MEMBERS,
};

/* Borrowed from the record. */
struct clerk_fields {
	bool is_cells;
	bool has_twice; /* JSON: a member stands there twice */
	enum clerk_field twice;
	bool is_there[CLERK_FIELDS];                   /* the name occurs, whatever its value */
	const struct rh_json_node *node[CLERK_FIELDS]; /* JSON; of duplicate members the last */
	struct rh_str cell[CLERK_FIELDS]; /* is_cells only: guard removed; absent = empty */
};

const char *clerk_field_name(enum clerk_field field);
/* Names only; for deciding what kind of file it is. */
void clerk_fields_of_columns(struct clerk_fields *fields, const struct rh_columns *columns);
/* False: the node is not an object. */
bool clerk_fields_of_node(struct clerk_fields *fields, const struct rh_json_node *node);
/* The members of an object in a list that mean something to us; NULL: not there.  Of duplicates the last. */
void clerk_members_of_node(const struct rh_json_node *members[CLERK_MEMBERS],
			   const struct rh_json_node *node);
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
