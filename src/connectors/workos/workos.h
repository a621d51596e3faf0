/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the WorkOS connector share. */
#ifndef CONNECTORS_WORKOS_WORKOS_H
#define CONNECTORS_WORKOS_WORKOS_H

#include <rehome/connector.h>

struct rh_json_writer;

/* Sizes of the API description (OpenAPI package 0.61.0, CreateUserlandUserDto).  Whether characters or bytes
 * are counted is not said: bytes are never more than is allowed. */
#define WORKOS_METADATA_PAIRS_MAX 50
#define WORKOS_METADATA_KEY_MAX 40
#define WORKOS_METADATA_VALUE_MAX 600
#define WORKOS_EXTERNAL_ID_MAX 128
/* Smaller ones stand in the prose (WorkOS Docs, Metadata and external IDs, 2026). */
#define WORKOS_METADATA_PAIRS_PROSE 10
#define WORKOS_EXTERNAL_ID_PROSE 64
#define WORKOS_PAGE_MAX 100
/* No bound of names is documented.  What is longer is no name, and would let a request grow without end. */
#define WORKOS_NAME_MAX 4096

#define WORKOS_ORIGIN_MAX 512

/* Forms in which vendor texts write Firebase's scrypt. */
enum workos_firebase_form {
	WORKOS_FIREBASE_A, /* PHC string with version */
	WORKOS_FIREBASE_B, /* everything as parameter, padded */
	WORKOS_FIREBASE_C, /* PHC string without version */
};

/* Where a salt goes when the source does not say. */
enum workos_salt_place {
	WORKOS_SALT_UNKNOWN,
	WORKOS_SALT_PREFIX,
	WORKOS_SALT_SUFFIX,
};

/* Indexes of the wire fields. */
enum workos_field {
	WORKOS_FIELD_EMAIL,
	WORKOS_FIELD_FIRST_NAME,
	WORKOS_FIELD_LAST_NAME,
	WORKOS_FIELD_NAME,
	WORKOS_FIELD_EMAIL_VERIFIED,
	WORKOS_FIELD_EXTERNAL_ID,
	WORKOS_FIELD_METADATA,
	WORKOS_FIELDS,
};

/* One configured use. */
struct workos {
	const char *api_key;
	const char *client_id;
	const char *api_url;
	bool sends_unsafe_metadata;
	bool sends_other_identifiers;
	int firebase_form; /* enum workos_firebase_form */
	int salt_place;    /* enum workos_salt_place */
	/* made by open */
	bool is_unusable;               /* a source whose API cannot be asked: describe says why */
	char origin[WORKOS_ORIGIN_MAX]; /* without '/' at its end */
};

/* Kinds of export, as `recognise` tells them. */
enum workos_shape {
	WORKOS_SHAPE_API_JSON = 1, /* user objects of the API */
};

/* workos_source.c; contracts: struct rh_connector */
extern const struct rh_shape workos_shapes[];
int workos_recognise(const struct rh_sniff *sniff);
int workos_from_record(const void *instance, const struct rh_record *record,
		       const struct rh_mapping_policy *policy, struct rh_arena *arena,
		       struct rh_finding_sink *findings, struct rh_account *out,
		       struct rh_err *err);

/* workos.c */
extern const struct rh_connector rh_connector_workos;

/* ---- workos_hash.c ---------------------------------------------------------------------------------- */

/* Can this PRESENT credential be sent?  0: yes; else the finding that says why not. */
enum rh_finding_code workos_hash_obstacle(const struct workos *workos,
					  const struct rh_credential *credential);
/* No document gives the exact form for this kind. */
bool workos_hash_is_unproven(const struct rh_credential *credential);
/* Writes the members password_hash, password_hash_type and, where there is one, password_salt_position of a
 * credential without obstacle.  RH_OK, RH_ENOMEM; RH_EINVAL: there is an obstacle. */
RH_NODISCARD int workos_hash_put(const struct workos *workos,
				 const struct rh_credential *credential,
				 struct rh_json_writer *writer);

/* The connector's write_credential. */
RH_NODISCARD int workos_write_credential(const void *instance,
					 const struct rh_credential *credential, struct rh_buf *out,
					 struct rh_credential *sent, enum rh_finding_code *finding);
/* The connector's other_form. */
const char *workos_other_form(const void *instance, enum rh_scheme scheme);

/* ---- workos_metadata.c ------------------------------------------------------------------------------- */

/* What decides over the metadata that is sent. */
struct workos_metadata_input {
	const struct workos *workos;
	const struct rh_account *account;
	struct rh_str sent_email;         /* the one that is no "other" one; may be absent */
	struct rh_str source_id;          /* absent: the external id says it already */
	struct rh_finding_sink *findings; /* may be NULL */
	bool is_glance;                   /* what would be found is wanted, not the text */
};

/* The metadata as JSON with sorted keys, all values text; absent when there is none.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int workos_metadata_write(const struct workos_metadata_input *input,
				       struct rh_arena *arena, struct rh_str *out);
/* The same form from what the target says; absent for null, nothing, or an object without members. */
RH_NODISCARD int workos_metadata_read(const struct rh_json_node *node, struct rh_arena *arena,
				      struct rh_str *out);
/* Of two texts in that form: `added` beside and in place of what is present.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int workos_metadata_merge(struct rh_str present, struct rh_str added,
				       struct rh_arena *arena, struct rh_str *out);
/* Has the bucket any member? */
bool workos_metadata_is_set(const struct rh_account *account, enum rh_metadata_kind kind);

/* ---- workos_map.c; contracts: struct rh_connector ------------------------------------------------------ */

int workos_to_wire(const void *instance, const struct rh_account *account,
		   const struct rh_mapping_policy *policy, unsigned parts, struct rh_arena *arena,
		   struct rh_finding_sink *findings, struct rh_buf *body, struct rh_wire *out,
		   struct rh_err *err);
unsigned workos_parts(const void *instance, const struct rh_account *account);
int workos_observe(const void *instance, const struct rh_record *record, struct rh_arena *arena,
		   struct rh_observed *out, struct rh_err *err);

/* The members of the password, if it goes with these parts.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int workos_password_put(const struct workos *workos, const struct rh_account *account,
				     unsigned parts, struct rh_json_writer *writer);

/* Names by index, NULL-ended. */
extern const char *const workos_wire_fields[WORKOS_FIELDS + 1];

/* Adds a finding if there is a sink. */
void workos_find(struct rh_finding_sink *findings, enum rh_finding_code code, struct rh_str path,
		 struct rh_str note);

/* ---- workos_loss.c -------------------------------------------------------------------------------------- */

/* Tells what of the account has no place in WorkOS: identifiers beside `sent_email` (may be absent), image,
 * factors, links to other providers, fields, kept back metadata.  `findings` may be NULL. */
void workos_find_losses(const struct workos *workos, const struct rh_account *account,
			struct rh_str sent_email, struct rh_arena *arena,
			struct rh_finding_sink *findings);

/* ---- workos_error.c ------------------------------------------------------------------------------------- */

/* What an answer that is no success says about the one row. */
struct workos_refusal {
	enum rh_outcome outcome; /* CONFLICT, ALREADY or REJECTED */
	unsigned parts_at_fault; /* enum rh_part */
	struct rh_str code;      /* in the arena */
	const char *cause;
};

/*
 * Reads the three shapes of error bodies: message with code and errors, message alone, OAuth.  `root` is the
 * parsed body.  RH_OK; RH_EINPUT: none of the shapes, so that nobody knows what it says; RH_ENOMEM.
 */
RH_NODISCARD int workos_refusal_read(const struct rh_json_node *root, int status,
				     struct rh_arena *arena, struct workos_refusal *out);
/* Is `name` the code of this body, or that of one of its errors? */
bool workos_error_says(const struct rh_json_node *root, const char *name);
/* Has the body one of the three shapes? */
bool workos_error_is_readable(const struct rh_json_node *root);

/* ---- workos_steps.c, workos_update.c, workos_prove.c; contracts: struct rh_connector ------------------------------------- */

rh_step_fn workos_step_probe;
rh_step_fn workos_step_list;
rh_step_fn workos_step_get;
rh_step_fn workos_step_find;
rh_step_fn workos_step_create;
rh_step_fn workos_step_update;
rh_step_fn workos_step_remove;
rh_step_fn workos_step_prove;
enum rh_outcome workos_classify(const void *instance, const struct rh_operation *operation,
				const struct rh_request *request,
				const struct rh_response *response);

#endif
