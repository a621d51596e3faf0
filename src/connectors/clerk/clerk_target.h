/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of Clerk as a target share; from this side nothing of how files of Clerk are read is known. */
#ifndef CONNECTORS_CLERK_CLERK_TARGET_H
#define CONNECTORS_CLERK_CLERK_TARGET_H

#include <rehome/connector.h>

#include "connectors/clerk/clerk.h"

struct rh_json_writer;

/* Clerk Docs, "Metadata", 2026: bytes of one visibility as compact JSON. */
#define CLERK_METADATA_MAX 8192
/* No bound is documented: what is longer is no id that anybody types, and is replaced. */
#define CLERK_EXTERNAL_ID_MAX 255
#define CLERK_NAME_MAX 256
/* Clerk Docs, "Instances", 2026: users of a development instance; some hold more. */
#define CLERK_DEVELOPMENT_USERS 100
/* Backend API 2025-11-10: users of a page, values of one filter. */
#define CLERK_PAGE_MAX 500
#define CLERK_FILTER_MAX 100

/* How an address or a number stands. */
#define CLERK_VERIFIED "verified"
#define CLERK_RESERVED "reserved"
#define CLERK_UNVERIFIED "unverified"
#define CLERK_SECOND_FACTOR "second-factor"

/* Indexes of the wire fields. */
enum clerk_wire_field {
	CLERK_WIRE_EMAIL,  /* the primary one */
	CLERK_WIRE_EMAILS, /* {"address":"verified"|"reserved"|"unverified"}, sorted */
	CLERK_WIRE_PHONES, /* the same, or "second-factor", which is verified, too */
	CLERK_WIRE_USERNAME,
	CLERK_WIRE_FIRST_NAME,
	CLERK_WIRE_LAST_NAME,
	CLERK_WIRE_EXTERNAL_ID,
	CLERK_WIRE_PUBLIC,
	CLERK_WIRE_PRIVATE,
	CLERK_WIRE_UNSAFE,
	CLERK_WIRE_LOCALE,
	CLERK_WIRE_CREATED_AT, /* milliseconds */
	CLERK_WIRE_LEGAL_ACCEPTED_AT,
	CLERK_WIRE_BANNED,      /* "true", or not there */
	CLERK_WIRE_LOCKED,      /* the same */
	CLERK_WIRE_DELETE_SELF, /* "true" or "false" */
	CLERK_WIRE_CREATE_ORGANIZATION,
	CLERK_WIRE_TOTP,         /* "true", or not there */
	CLERK_WIRE_BACKUP_CODES, /* the same */
	CLERK_WIRE_ORGANIZATIONS_LIMIT,
	CLERK_WIRE_FIELDS,
};

/* Names by index, NULL-ended. */
extern const char *const clerk_wire_fields[CLERK_WIRE_FIELDS + 1];

/* ---- clerk_target.c ----------------------------------------------------------------------------------- */

int clerk_target_open(struct clerk *clerk, struct rh_err *err);
int clerk_describe(const void *instance, struct rh_endpoint *out, struct rh_err *err);

/* ---- clerk_target_hash.c ------------------------------------------------------------------------------- */

/* Can this PRESENT credential be sent?  0: yes; else the finding that says why not. */
enum rh_finding_code clerk_hash_obstacle(const struct rh_credential *credential);
/* No document gives the exact form for this kind. */
bool clerk_hash_is_unproven(const struct rh_credential *credential);
/* Writes password_digest and password_hasher of a credential without obstacle.  RH_OK, RH_ENOMEM; RH_EINVAL: there
 * is an obstacle. */
RH_NODISCARD int clerk_hash_put(const struct rh_credential *credential,
				struct rh_json_writer *writer);
/* The connector's write_credential. */
RH_NODISCARD int clerk_write_credential(const void *instance,
					const struct rh_credential *credential, struct rh_buf *out,
					struct rh_credential *sent, enum rh_finding_code *finding);

/* ---- clerk_target_names.c --------------------------------------------------------------------------------- */

/* Would Clerk take this for a phone number, a web address or markup? */
bool clerk_name_is_refused(struct rh_str name);
/* Characters that an instance may allow in usernames; which of them it does is its setting. */
bool clerk_username_is_possible(struct rh_str username);
/* A domain that nobody can have, in normalised form: one such address costs the whole person. */
bool clerk_email_is_refused(struct rh_str email);

/* ---- clerk_target_places.c -------------------------------------------------------------------------------- */

/* One address or number that goes. */
struct clerk_place {
	const struct rh_identifier *identifier;
	bool is_reserved;
	bool is_second_factor; /* a verified number: made so after the create */
};

/* Is this a verified number that codes are sent to at sign-in? */
bool clerk_is_second_factor(const struct rh_account *account,
			    const struct rh_identifier *identifier);

/* Where each identifier of an account goes. */
struct clerk_places {
	struct clerk_place *emails; /* the primary one first */
	size_t email_count;
	struct clerk_place *phones;
	size_t phone_count;
	struct rh_str username; /* lower case; absent: none */
	/* not verified, and to be added after the create */
	const struct rh_identifier **attached;
	size_t attached_count;
	/* addresses and numbers that do not go: not verified, and not to be reserved */
	const struct rh_identifier **left_out;
	size_t left_out_count;
};

/* Decides as the policy says and tells what it decided; `findings` may be NULL.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int clerk_places_choose(const struct rh_account *account,
				     const struct rh_mapping_policy *policy, struct rh_arena *arena,
				     struct rh_finding_sink *findings, struct clerk_places *out);

/* ---- clerk_target_metadata.c ----------------------------------------------------------------------------- */

/* One more member of a bucket, before its own of that name. */
struct clerk_extra {
	struct rh_str key;
	struct rh_str json; /* compact, keys sorted; absent: none */
};

struct clerk_bucket {
	struct rh_str text;               /* JSON object; absent: none */
	struct rh_str name;               /* "public_metadata" …: where a finding is */
	const struct clerk_extra *extras; /* they stay whatever the size */
	size_t extra_count;
	enum clerk_overflow overflow;
	struct rh_finding_sink *findings; /* may be NULL */
};

/* The bucket as compact JSON with sorted keys, at most CLERK_METADATA_MAX bytes; absent: empty.  What does not fit
 * is left out and told.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int clerk_metadata_write(const struct clerk_bucket *bucket, struct rh_arena *arena,
				      struct rh_str *out);
/* Parses a copy of `text`, whose strings live as long as the arena. */
RH_NODISCARD int clerk_json_parse_copy(struct rh_arena *arena, struct rh_str text,
				       struct rh_json *json);
/* The same form from what the target says, whatever its size. */
RH_NODISCARD int clerk_metadata_read(const struct rh_json_node *node, struct rh_arena *arena,
				     struct rh_str *out);
/* Of two texts in that form: `added` beside and in place of what is present.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int clerk_metadata_merge(struct rh_str present, struct rh_str added,
				      struct rh_arena *arena, struct rh_str *out);
/* What Clerk has no place for, as one object; absent: nothing.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int clerk_kept_write(const struct rh_account *account,
				  const struct clerk_places *places, struct rh_arena *arena,
				  struct rh_str *out);

/* ---- clerk_target_map.c; contracts: struct rh_connector ------------------------------------------------- */

int clerk_to_wire(const void *instance, const struct rh_account *account,
		  const struct rh_mapping_policy *policy, unsigned parts, struct rh_arena *arena,
		  struct rh_finding_sink *findings, struct rh_buf *body, struct rh_wire *out,
		  struct rh_err *err);
unsigned clerk_parts(const void *instance, const struct rh_account *account);
/* The members of the password, if it goes with these parts.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int clerk_password_put(const struct rh_account *account, unsigned parts,
				    struct rh_json_writer *writer);
/* Adds a finding if there is a sink. */
void clerk_find(struct rh_finding_sink *findings, enum rh_finding_code code, struct rh_str path,
		struct rh_str note);
/* The text of a wire field, which counts from then on; absent: it does not. */
void clerk_wire_set(struct rh_wire *wire, enum clerk_wire_field field, struct rh_str value);
/* {"address":"verified"} of identifiers in any order, sorted; absent: none.  RH_OK, RH_ENOMEM. */
struct clerk_listed {
	struct rh_str value;
	struct rh_str standing; /* CLERK_VERIFIED … */
};
RH_NODISCARD int clerk_listed_write(struct clerk_listed *listed, size_t count,
				    struct rh_arena *arena, struct rh_str *out);

/* ---- clerk_target_loss.c ---------------------------------------------------------------------------------- */

/* Tells what of the account has no place in Clerk; `findings` may be NULL. */
void clerk_find_losses(const struct rh_account *account, const struct clerk_places *places,
		       struct rh_arena *arena, struct rh_finding_sink *findings);

/* ---- clerk_target_observe.c; contract: struct rh_connector ------------------------------------------------ */

int clerk_observe(const void *instance, const struct rh_record *record, struct rh_arena *arena,
		  struct rh_observed *out, struct rh_err *err);

/* ---- clerk_target_error.c ---------------------------------------------------------------------------------- */

/* What an answer that is no success says about the one row. */
struct clerk_refusal {
	enum rh_outcome outcome; /* CONFLICT, ALREADY, REJECTED, ABSENT or DENIED */
	unsigned parts_at_fault; /* enum rh_part */
	enum rh_scope scope;     /* DENIED */
	struct rh_str code;      /* in the arena */
	const char *cause;
};

/*
 * Reads {"errors":[{"code","meta":{"param_name"}}]}.  `parts` were sent: a refused address that is not the only one
 * costs the others, not the person.  RH_OK; RH_EINPUT: nobody knows what it says; RH_ENOMEM.
 */
RH_NODISCARD int clerk_refusal_read(const struct rh_json_node *root, int status, unsigned parts,
				    struct rh_arena *arena, struct clerk_refusal *out);

/* ---- the steps; contracts: struct rh_connector -------------------------------------------------------------- */

rh_step_fn clerk_step_probe;
rh_step_fn clerk_step_count;
rh_step_fn clerk_step_list;
rh_step_fn clerk_step_get;
rh_step_fn clerk_step_find;
rh_step_fn clerk_step_create;
rh_step_fn clerk_step_update;
rh_step_fn clerk_step_remove;
rh_step_fn clerk_step_prove;
/* clerk_settings.c */
rh_step_fn clerk_step_settings;
extern const struct rh_target_setting clerk_settings[];

#endif
