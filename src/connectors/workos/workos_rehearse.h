/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WorkOS as the rehearsal plays it: what its parts share.  Written from the provider's API description;
 * it knows nothing of the connector beside it, and must not.
 */
#ifndef CONNECTORS_WORKOS_WORKOS_REHEARSE_H
#define CONNECTORS_WORKOS_WORKOS_REHEARSE_H

#include <rehome/account.h>

#include "rehearsal/imitation.h"

enum { WORKOS_USERS }; /* the stores */

enum workos_user_field {
	WORKOS_USER_ID,
	WORKOS_USER_EMAIL,
	WORKOS_USER_EXTERNAL_ID,
	WORKOS_USER_FIRST_NAME,
	WORKOS_USER_LAST_NAME,
	WORKOS_USER_NAME,
	WORKOS_USER_LOCALE,
	WORKOS_USER_METADATA,  /* JSON object */
	WORKOS_USER_HASH,      /* as imported, or bcrypt of a plain password; absent: no password */
	WORKOS_USER_HASH_TYPE, /* the API's name */
	WORKOS_USER_SALT_POSITION, /* absent: suffix */
	WORKOS_USER_FIELDS,
};

enum workos_user_number {
	WORKOS_USER_CREATED_AT,
	WORKOS_USER_UPDATED_AT,
	WORKOS_USER_LAST_SIGN_IN_AT, /* 0: never */
	WORKOS_USER_EMAIL_VERIFIED,
	WORKOS_USER_NUMBERS,
};

enum workos_user_key {
	WORKOS_BY_ID,
	WORKOS_BY_EMAIL,
	WORKOS_BY_EXTERNAL_ID,
};

enum workos_bucket {
	WORKOS_BUCKET_ALL,
	WORKOS_BUCKET_READS,
	WORKOS_BUCKET_WRITES,
	WORKOS_BUCKET_SIGN_IN, /* from here on for each e-mail or user */
	WORKOS_BUCKET_MAGIC_AUTH,
	WORKOS_BUCKET_VERIFICATION,
	WORKOS_BUCKET_RESET,
	WORKOS_BUCKETS,
};

enum workos_switch {
	WORKOS_SWITCH_REPEAT = RH_SWITCH_REPEAT,
	WORKOS_SWITCH_FIREBASE_FORM, /* "a", "b", "c", "any": the form of string that is accepted */
	WORKOS_SWITCH_METADATA_ASCII, /* "off", "on": refuse other characters in metadata */
	WORKOS_SWITCHES,
};

enum workos_firebase_form {
	WORKOS_FIREBASE_A,
	WORKOS_FIREBASE_B,
	WORKOS_FIREBASE_C,
	WORKOS_FIREBASE_ANY,
};

extern const struct rh_schema workos_user_schema;

/* workos_rehearse_users.c */
void workos_user_create(struct rh_call *call);
void workos_user_list(struct rh_call *call);
void workos_user_get(struct rh_call *call);
void workos_user_get_by_external_id(struct rh_call *call);
void workos_user_update(struct rh_call *call);
void workos_user_delete(struct rh_call *call);
void workos_user_identities(struct rh_call *call);
void workos_user_sessions(struct rh_call *call);
/* The user object of the API. */
void workos_write_user(struct rh_json_writer *writer, const struct rh_object *user);
/* The row of the user in the path; RH_ROW_NONE: the call holds the 404. */
size_t workos_user_of_path(struct rh_call *call);
struct rh_store *workos_users(const struct rh_call *call);

/* workos_rehearse_list.c */
struct workos_page {
	uint64_t limit;
	struct rh_str before;
	struct rh_str after;
	bool is_ascending;
	bool is_normal; /* newest first, the cursors the other way around */
};
/* Reads limit, order, before and after; false: the call holds the 422. */
bool workos_read_page(struct rh_call *call, const char *cursor_prefix, struct workos_page *out);
/* The list with no entry. */
void workos_answer_empty_list(struct rh_call *call);

/* workos_rehearse_input.c */
struct workos_problem {
	const char *field;
	const char *code;
	const char *message;
};
/* 422 invalid_request_parameters with the list. */
void workos_answer_problems(struct rh_call *call, const struct workos_problem *problems,
			    size_t count);
/* Writes the body's fields into the user, whose present content is that before an update (all absent for a
 * create); false: the call holds the answer.  Whether keys are free is not looked at. */
bool workos_read_user(struct rh_call *call, bool is_create, struct rh_object *user);

/* workos_rehearse_metadata.c */
/* Merges the members into the present object (absent: none); false: invalid_metadata. */
bool workos_merge_metadata(struct rh_call *call, const struct rh_json_node *members, bool is_create,
			   struct rh_str present, struct rh_str *out);

/* workos_rehearse_hashes.c */
/* Is `type` one of the API's hash types? */
bool workos_is_hash_type(struct rh_str type);
/*
 * Reads a hash string strictly: its form and its ranges.  firebase_form says which form of that scheme is
 * accepted.  false: invalid_password_hash.  The credential points into text and arena.
 */
bool workos_parse_hash(struct rh_arena *arena, struct rh_str type, struct rh_str text,
		       struct rh_str salt_position, enum workos_firebase_form firebase_form,
		       struct rh_credential *out);

/* workos_rehearse_authenticate.c */
void workos_authenticate(struct rh_call *call);
/* The environment that a bearer key or client secret belongs to; -1: none. */
int workos_environment_of_key(struct rh_str key);

/* workos_rehearse_mail.c: routes that would send mail */
void workos_mail_password_reset(struct rh_call *call);
void workos_mail_magic_auth(struct rh_call *call);
void workos_mail_verification(struct rh_call *call);
void workos_mail_email_change(struct rh_call *call);
void workos_mail_invitation(struct rh_call *call);

#endif
