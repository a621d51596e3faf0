/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clerk as the rehearsal plays it: what its parts share.  Written from the provider's API description; it knows
 * nothing of the connector beside it, and must not.
 *
 * 1. Four stores for each environment's people: users, e-mail addresses, phone numbers, web3 wallets; the last three are
 *    the provider's identifications.  A user names its identifications by their ids, in order; an identification
 *    names its user.
 * 2. Nobody else may claim a verified or reserved address.  An unverified one is no claim: several users may have
 *    it.  The seat of an identification says so to the store: the value itself is the claim, "value#1" and so on
 *    are those without one.
 * 3. A body is checked in this order, and what one step finds is answered together: unknown members, types, forms,
 *    what the instance asks for, plan and lockout, countries, what is taken, the user quota.
 * 4. What the instance has switched on or off are switches of the rehearsal, for all its environments.
 */
#ifndef CONNECTORS_CLERK_CLERK_REHEARSE_H
#define CONNECTORS_CLERK_CLERK_REHEARSE_H

#include <rehome/account.h>

#include "rehearsal/tenant.h"

enum clerk_store { CLERK_USERS, CLERK_EMAILS, CLERK_PHONES, CLERK_WALLETS, CLERK_STORES };

/* What stands beside people: clerk_rehearse_tenant.h. */
enum clerk_tenant_store {
	CLERK_ORGANIZATIONS = CLERK_STORES,
	CLERK_MEMBERSHIPS,
	CLERK_ROLES,
	CLERK_PERMISSIONS,
	CLERK_DOMAINS,
	CLERK_ORGANIZATION_INVITATIONS,
	CLERK_INVITATIONS,
};

enum { CLERK_TEST, CLERK_LIVE }; /* the environments */

enum clerk_user_field {
	CLERK_USER_ID,
	CLERK_USER_EXTERNAL_ID,
	CLERK_USER_USERNAME,
	CLERK_USER_FIRST_NAME,
	CLERK_USER_LAST_NAME,
	CLERK_USER_LOCALE,
	CLERK_USER_EMAILS, /* ids, a blank between them */
	CLERK_USER_PHONES,
	CLERK_USER_WALLETS,
	CLERK_USER_PRIMARY_EMAIL, /* an id */
	CLERK_USER_PRIMARY_PHONE,
	CLERK_USER_PRIMARY_WALLET,
	CLERK_USER_PUBLIC_METADATA, /* JSON objects */
	CLERK_USER_PRIVATE_METADATA,
	CLERK_USER_UNSAFE_METADATA,
	CLERK_USER_DIGEST, /* as imported, or bcrypt of a plain password; absent: no password */
	CLERK_USER_HASHER,
	CLERK_USER_TOTP,         /* Base32 */
	CLERK_USER_BACKUP_CODES, /* JSON array of texts */
	CLERK_USER_FIELDS,
};

enum clerk_user_number {
	CLERK_USER_CREATED_AT,
	CLERK_USER_UPDATED_AT,
	CLERK_USER_LAST_SIGN_IN_AT, /* 0: never, as with all times here */
	CLERK_USER_LAST_ACTIVE_AT,
	CLERK_USER_LEGAL_ACCEPTED_AT,
	CLERK_USER_PASSWORD_AT,
	CLERK_USER_MFA_ENABLED_AT,
	CLERK_USER_MFA_DISABLED_AT,
	CLERK_USER_LOCKED_UNTIL,
	CLERK_USER_FLAGS,
	CLERK_USER_ORGANIZATIONS_LIMIT, /* one more than the limit; 0: none said */
	CLERK_USER_NUMBERS,
};

enum clerk_user_flags {
	CLERK_FLAG_BANNED = 1 << 0,
	CLERK_FLAG_NO_DELETE_SELF = 1 << 1,
	CLERK_FLAG_NO_ORGANIZATION = 1 << 2,
	CLERK_FLAG_TRUSTED = 1 << 3, /* bypass_client_trust */
	CLERK_FLAG_COMPROMISED = 1 << 4,
};

enum clerk_user_key { CLERK_BY_ID, CLERK_BY_EXTERNAL_ID, CLERK_BY_USERNAME };

/* An identification: of all three stores alike. */
enum clerk_idn_field {
	CLERK_IDN_ID,
	CLERK_IDN_USER_ID,
	CLERK_IDN_VALUE,
	CLERK_IDN_SEAT,
	CLERK_IDN_FIELDS,
};

enum clerk_idn_number {
	CLERK_IDN_CREATED_AT,
	CLERK_IDN_UPDATED_AT,
	CLERK_IDN_STATE, /* enum clerk_idn_state */
	CLERK_IDN_SECOND_FACTOR,
	CLERK_IDN_NUMBERS,
};

enum clerk_idn_state { CLERK_IDN_UNVERIFIED, CLERK_IDN_RESERVED, CLERK_IDN_VERIFIED };

enum clerk_idn_key { CLERK_IDN_BY_ID, CLERK_IDN_BY_SEAT };

enum clerk_bucket {
	CLERK_BUCKET_DEVELOPMENT,
	CLERK_BUCKET_PRODUCTION,
	CLERK_BUCKET_USER, /* changes of one user */
	CLERK_BUCKET_ORGANIZATION,
	CLERK_BUCKET_MEMBERSHIP,
	CLERK_BUCKET_INVITATIONS,              /* new ones, in an hour */
	CLERK_BUCKET_ORGANIZATION_INVITATIONS, /* the same, of all organizations together */
	CLERK_BUCKETS,
};

enum clerk_switch {
	CLERK_SWITCH_REPEAT =
		RH_SWITCH_REPEAT, /* Clerk knows no idempotency keys: without effect */
	CLERK_SWITCH_EMAIL,       /* on required off */
	CLERK_SWITCH_PHONE,
	CLERK_SWITCH_USERNAME,
	CLERK_SWITCH_WEB3,
	CLERK_SWITCH_NAMES,
	CLERK_SWITCH_PASSWORD, /* required, on, only (there is no other way to sign in), off */
	CLERK_SWITCH_TOTP,     /* on off, as most from here on */
	CLERK_SWITCH_BACKUP_CODES,
	CLERK_SWITCH_LEGAL_CONSENT,
	CLERK_SWITCH_BAN_PLAN,
	CLERK_SWITCH_LOCKOUT,
	CLERK_SWITCH_NUMERIC_USERNAMES,
	CLERK_SWITCH_EXTENDED_USERNAMES,
	CLERK_SWITCH_COUNTRIES,    /* all, or north-america only */
	CLERK_SWITCH_SIGN_UP,      /* public restricted waitlist */
	CLERK_SWITCH_RESTRICTIONS, /* none allowlist blocklist subaddresses disposable */
	CLERK_SWITCH_SOCIAL,       /* many google none */
	CLERK_SWITCH_USER_QUOTA,   /* 100 500 5 off: users of the development instance */
	CLERK_SWITCH_LIST_SHAPE,   /* array, or wrapped in "data" */
	CLERK_SWITCH_ORGANIZATIONS,
	CLERK_SWITCH_SLUGS,   /* of organizations */
	CLERK_SWITCH_DOMAINS, /* of organizations */
	CLERK_SWITCH_ROLES_PLAN,
	CLERK_SWITCH_MEMBERS, /* unlimited 5 3: members of a new organization, if nothing else is said */
	CLERK_SWITCH_ORGANIZATION_QUOTA, /* off 100 5 */
	CLERK_SWITCHES,
};

/* Values of the switches that have more than off and on. */
enum { CLERK_FEATURE_ON, CLERK_FEATURE_REQUIRED, CLERK_FEATURE_OFF };
enum { CLERK_PASSWORD_REQUIRED, CLERK_PASSWORD_ON, CLERK_PASSWORD_ONLY, CLERK_PASSWORD_OFF };
enum { CLERK_IS_ON, CLERK_IS_OFF };     /* on unless switched off */
enum { CLERK_STAYS_OFF, CLERK_SET_ON }; /* off unless switched on */

extern const struct rh_schema clerk_user_schema;

/* clerk_rehearse.c */
/* enum clerk_store, or enum clerk_tenant_store */
struct rh_store *clerk_store(const struct rh_call *call, unsigned which);
/* 2021-02-05 … 2026-05-12 as a number (20260512); the oldest where none was sent is the default. */
unsigned clerk_version(struct rh_call *call);

/* clerk_rehearse_error.c */
enum { CLERK_ERRORS_MAX = 16 };
struct clerk_error {
	const char *code;
	const char *param; /* name of the member at fault; NULL: none */
	const char *message;
};
struct clerk_errors {
	struct clerk_error list[CLERK_ERRORS_MAX];
	size_t count;
};
/* More than CLERK_ERRORS_MAX are dropped. */
void clerk_add_error(struct clerk_errors *errors, const char *code, const char *param,
		     const char *message);
/* The envelope with one error. */
void clerk_refuse(struct rh_call *call, unsigned status, const char *code, const char *param,
		  const char *message);
/* The envelope with all of them; false: there are none, and nothing is answered. */
bool clerk_refuse_all(struct rh_call *call, unsigned status, const struct clerk_errors *errors);
/* 422 form_data_missing with the list of members, in an order that changes. */
void clerk_refuse_missing(struct rh_call *call, const char *const *names, size_t count);
void clerk_refuse_not_found(struct rh_call *call);
/* 403 unsupported_country_code if the instance does not take the number's country; false: it did refuse. */
bool clerk_check_country(struct rh_call *call, struct rh_str phone);

/* A member that a body may have. */
enum clerk_type { CLERK_TEXT, CLERK_TRUTH, CLERK_NUMBER, CLERK_TEXTS, CLERK_OBJECT };
enum {
	CLERK_CREATE = 1 << 0, /* known to create, to update */
	CLERK_UPDATE = 1 << 1,
	CLERK_NULL_CREATE = 1 << 2, /* may be null there */
	CLERK_NULL_UPDATE = 1 << 3,
	CLERK_NEEDED = 1 << 4,
	CLERK_OLD = 1 << 5, /* to update only below version 2026-05-12 */
	CLERK_BOTH = CLERK_CREATE | CLERK_UPDATE,
	CLERK_NULL = CLERK_NULL_CREATE | CLERK_NULL_UPDATE,
};
struct clerk_member {
	const char *name;
	enum clerk_type type;
	unsigned flags;
	unsigned feature; /* switch that makes it unknown when it is off; 0: none */
};
/* What a body may have; a closed form refuses members it does not have. */
struct clerk_form {
	const struct clerk_member *members;
	size_t count;
	bool is_closed;
};
/*
 * Reads the body's members by the form into nodes (NULL: not there, or null).  is_set (may be NULL) says which were
 * there at all.  use is CLERK_CREATE or CLERK_UPDATE.  false: the call holds the answer.
 */
bool clerk_read_members(struct rh_call *call, const struct clerk_form *form, unsigned use,
			const struct rh_json_node **nodes, bool *is_set);

/* The number among the parameters of the query, if it is there; what is wrong with it is added to the errors. */
void clerk_read_number(struct rh_call *call, const char *name, uint64_t min, uint64_t max,
		       uint64_t *out, struct clerk_errors *errors);
/* Draws from a keyed bucket; false: the call holds the 429. */
bool clerk_pass_rate(struct rh_call *call, enum clerk_bucket bucket, struct rh_str key);

/* clerk_rehearse_rules.c */
bool clerk_is_title(struct rh_str text);                     /* no URL, no HTML */
bool clerk_contains(struct rh_str text, struct rh_str part); /* case of A-Z ignored */
bool clerk_is_email(struct rh_str text);
bool clerk_is_phone(struct rh_str text);
bool clerk_is_wallet(struct rh_str text);
bool clerk_is_name(struct rh_str text); /* no URL, no HTML, no phone number */
bool clerk_is_locale(struct rh_str text);
/* The code of what is wrong with it; NULL: nothing. */
const char *clerk_username_fault(const struct rh_call *call, struct rh_str text);
/* RFC 3339 exactly. */
bool clerk_read_time(struct rh_str text, rh_time *out);

/* clerk_rehearse_hashes.c */
bool clerk_is_hasher(struct rh_str hasher);
/* Reads a digest strictly; false: form_password_digest_invalid_code.  The credential points into text and arena. */
bool clerk_parse_digest(struct rh_arena *arena, struct rh_str hasher, struct rh_str text,
			struct rh_credential *out);

/* clerk_rehearse_metadata.c */
/*
 * Text of the object within the cap; merged into `present` unless that is absent: objects by member, and null takes
 * a member away.  Members come out sorted, as from a server that keeps them in a map.  false: the call holds the
 * refusal, which names `name`.
 */
bool clerk_take_metadata(struct rh_call *call, const char *name, struct rh_str present,
			 const struct rh_json_node *object, struct rh_str *out);
/*
 * The body of a metadata route into `count` fields: public, private, unsafe.  A merge, or each one that is given
 * replaced, also by null.  false: the call holds the answer.
 */
bool clerk_change_metadata(struct rh_call *call, bool is_merge, struct rh_str *fields,
			   size_t count);

/* clerk_rehearse_input.c */
/* What a create brings along besides the user's own fields. */
struct clerk_new_idn {
	struct rh_str value;
	enum clerk_idn_state state;
};
enum { CLERK_IDNS_MAX = 50 }; /* of one kind in one create */
struct clerk_new_user {
	struct rh_object user;
	struct clerk_new_idn idns[CLERK_STORES][CLERK_IDNS_MAX]; /* by store */
	size_t idn_counts[CLERK_STORES];
};
enum {
	CLERK_LOCK_SECONDS = 3600,
	CLERK_ATTEMPTS_MAX = 100, /* wrong passwords before somebody is locked */
	CLERK_USERNAME_MIN = 4,
	CLERK_USERNAME_MAX = 64,
};
/* The body of a create; false: the call holds the answer. */
bool clerk_read_create(struct rh_call *call, struct clerk_new_user *out);
/* The body of an update into the user; false: the call holds the answer. */
bool clerk_read_update(struct rh_call *call, struct rh_object *user);

/* clerk_rehearse_users.c */
void clerk_user_create(struct rh_call *call);
void clerk_user_get(struct rh_call *call);
void clerk_user_update(struct rh_call *call);
void clerk_user_delete(struct rh_call *call);
void clerk_user_patch_metadata(struct rh_call *call);
void clerk_user_put_metadata(struct rh_call *call);
/* The row of the user in the path; RH_ROW_NONE: the call holds the 404. */
size_t clerk_user_of_path(struct rh_call *call);
/* Stores what was read and changed (updated_at is set), and answers 200 with it. */
void clerk_keep_user(struct rh_call *call, size_t row, struct rh_object *user);
/* The same without an answer; false: no memory. */
bool clerk_save_user(struct rh_call *call, size_t row, struct rh_object *user);

/* clerk_rehearse_write.c */
/* The user object of the API. */
void clerk_write_user(struct rh_call *call, struct rh_json_writer *writer,
		      const struct rh_object *user);
void clerk_write_idn(struct rh_json_writer *writer, enum clerk_store which,
		     const struct rh_object *idn);
void clerk_put_text(struct rh_json_writer *writer, const char *name, struct rh_str text);
void clerk_put_time(struct rh_json_writer *writer, const char *name, rh_time time);
void clerk_put_bool(struct rh_json_writer *writer, const char *name, bool value);
/* DeletedObject. */
void clerk_answer_deleted(struct rh_call *call, const char *object, struct rh_str id,
			  struct rh_str external_id);
void clerk_write_metadata(struct rh_json_writer *writer, const char *name, struct rh_str object);
bool clerk_is_locked(const struct rh_call *call, const struct rh_object *user);

/* clerk_rehearse_list.c */
void clerk_user_list(struct rh_call *call);
void clerk_user_count(struct rh_call *call);

/* clerk_rehearse_idns.c */
/* The row of who claims this value; RH_ROW_NONE: nobody. */
size_t clerk_idn_claim(const struct rh_call *call, enum clerk_store which, struct rh_str value);
/* Rows of all identifications with this value; returns their number. */
enum { CLERK_SEATS = 9 }; /* 0: the claim; so many have it at most */
size_t clerk_idn_find(struct rh_call *call, enum clerk_store which, struct rh_str value,
		      size_t rows[CLERK_SEATS]);
/* Gives it the seat that its state asks for; false: there is none. */
bool clerk_idn_take_seat(struct rh_call *call, enum clerk_store which, struct rh_object *idn);
/* Takes it out of the store and from the user; another verified one becomes primary.  false: no memory. */
bool clerk_idn_remove(struct rh_call *call, enum clerk_store which, size_t row,
		      struct rh_object *user);
bool clerk_idn_is_primary(const struct rh_object *user, enum clerk_store which, struct rh_str id);
void clerk_idn_set_primary(struct rh_object *user, enum clerk_store which, struct rh_str id);
/* Adds it to the user, at the end; the first becomes primary.  false: no memory, or no seat is left. */
bool clerk_idn_add(struct rh_call *call, enum clerk_store which, const struct clerk_new_idn *idn,
		   struct rh_object *user, struct rh_object *out);
/* Takes the user's identifications out of the store. */
void clerk_idn_remove_all(struct rh_call *call, enum clerk_store which,
			  const struct rh_object *user);
/* Has the user a phone for the second factor? */
bool clerk_has_phone_factor(const struct rh_call *call, const struct rh_object *user);

/* clerk_rehearse_identifiers.c: their routes */
void clerk_email_create(struct rh_call *call);
void clerk_email_get(struct rh_call *call);
void clerk_email_update(struct rh_call *call);
void clerk_email_delete(struct rh_call *call);
void clerk_email_replace(struct rh_call *call);
void clerk_phone_create(struct rh_call *call);
void clerk_phone_get(struct rh_call *call);
void clerk_phone_update(struct rh_call *call);
void clerk_phone_delete(struct rh_call *call);
void clerk_phone_replace(struct rh_call *call);

/* clerk_rehearse_block.c: ban, lock */
void clerk_user_ban(struct rh_call *call);
void clerk_user_unban(struct rh_call *call);
void clerk_users_ban(struct rh_call *call);
void clerk_users_unban(struct rh_call *call);
void clerk_user_lock(struct rh_call *call);
void clerk_user_unlock(struct rh_call *call);

/* clerk_rehearse_verify.c: passwords and second factors */
void clerk_verify_password(struct rh_call *call);
void clerk_verify_totp(struct rh_call *call);
/* false: the call holds the refusal. */
bool clerk_check_password(struct rh_call *call, const struct rh_object *user,
			  struct rh_str password);
/* clerk_rehearse_sign_in.c: of the Frontend API */
void clerk_sign_in(struct rh_call *call);
void clerk_remove_password(struct rh_call *call);
void clerk_set_compromised(struct rh_call *call);
void clerk_unset_compromised(struct rh_call *call);
void clerk_remove_mfa(struct rh_call *call);
void clerk_remove_totp(struct rh_call *call);
void clerk_remove_backup_codes(struct rh_call *call);

/* clerk_rehearse_settings.c */
void clerk_instance_get(struct rh_call *call);
void clerk_instance_update(struct rh_call *call);
void clerk_domain_list(struct rh_call *call);
void clerk_environment_get(struct rh_call *call); /* of the Frontend API */

#endif
