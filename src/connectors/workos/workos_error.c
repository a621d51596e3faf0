/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What WorkOS says when it refuses.  Three shapes of bodies are about:
 *
 *   {"message", "code", "errors": [{"code", "message", "field"}, or texts]}   almost everywhere
 *   {"message"}                                                               many 403, 404, 409, 422
 *   {"error", "error_description", …}                                         sign-in
 *
 * Codes decide, never messages: these change, and may quote what was sent.
 */
#include "connectors/workos/workos.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/code.h"

/* In the order in which they count when an answer has several; WorkOS API description, 0.61.0. */
static const struct known {
	const char *code;
	enum rh_outcome outcome;
	unsigned parts;
	const char *cause;
} known_codes[] = {
	{"external_id_already_used", RH_OUTCOME_ALREADY, RH_PART_EXTERNAL_ID,
	 "the external id is in use at the target"},
	{"email_not_available", RH_OUTCOME_CONFLICT, RH_PART_IDENTITY,
	 "the address is in use at the target"},
	/* older servers and test doubles */
	{"user_already_exists", RH_OUTCOME_CONFLICT, RH_PART_IDENTITY,
	 "the address is in use at the target"},
	{"invalid_email", RH_OUTCOME_REJECTED, RH_PART_IDENTITY,
	 "the target does not take the address"},
	{"email_change_not_allowed", RH_OUTCOME_REJECTED, RH_PART_IDENTITY,
	 "the target does not let the address change"},
	{"email_already_verified", RH_OUTCOME_REJECTED, RH_PART_IDENTITY,
	 "the address is verified at the target already"},
	{"invalid_password_hash", RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL,
	 "the target does not take the password hash"},
	{"password_strength_error", RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL,
	 "the target does not take the password"},
	{"password_and_password_hash_provided", RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL,
	 "the target does not take the password hash"},
	{"password_and_password_hash_type_provided", RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL,
	 "the target does not take the password hash"},
	{"password_salt_position_requires_password_hash", RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL,
	 "the target does not take the password hash"},
	{"invalid_metadata", RH_OUTCOME_REJECTED, RH_PART_METADATA,
	 "the target does not take the metadata"},
	{"user_deletion_not_allowed", RH_OUTCOME_REJECTED, 0,
	 "the target does not let the user be deleted"},
	{"invalid_credentials", RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL,
	 "the password does not fit"},
};

/* Fields that an error may name, and what stands or falls with them. */
static const struct named {
	const char *field;
	unsigned part;
	const char *cause;
} named_fields[] = {
	{"email", RH_PART_IDENTITY, "the target does not take the address"},
	{"email_verified", RH_PART_IDENTITY, "the target does not take email_verified"},
	{"first_name", RH_PART_IDENTITY, "the target does not take the first name"},
	{"last_name", RH_PART_IDENTITY, "the target does not take the last name"},
	{"name", RH_PART_IDENTITY, "the target does not take the name"},
	{"external_id", RH_PART_EXTERNAL_ID, "the target does not take the external id"},
	{"metadata", RH_PART_METADATA, "the target does not take the metadata"},
	{"password", RH_PART_CREDENTIAL, "the target does not take the password"},
	{"password_hash", RH_PART_CREDENTIAL, "the target does not take the password hash"},
	{"password_hash_type", RH_PART_CREDENTIAL, "the target does not take the password hash"},
	{"password_salt_position", RH_PART_CREDENTIAL,
	 "the target does not take the password hash"},
};

static const struct rh_json_node *errors_of(const struct rh_json_node *root)
{
	const struct rh_json_node *errors = rh_json_get(root, "errors");

	return rh_json_type(errors) == RH_JSON_ARRAY ? errors : NULL;
}

static struct rh_str top_code(const struct rh_json_node *root)
{
	struct rh_str code = rh_json_get_string(root, "code");

	return rh_str_is_set(code) ? code : rh_json_get_string(root, "error");
}

bool workos_error_is_readable(const struct rh_json_node *root)
{
	return rh_str_is_set(top_code(root)) || rh_json_get_string(root, "message").ptr != NULL;
}

bool workos_error_says(const struct rh_json_node *root, const char *name)
{
	const struct rh_json_node *errors = errors_of(root);
	const struct rh_json_node *error = NULL;

	if (rh_str_is(top_code(root), name)) {
		return true;
	}
	while ((error = rh_json_next(errors, error, NULL)) != NULL) {
		if (rh_str_is(rh_json_get_string(error, "code"), name)) {
			return true;
		}
	}
	return false;
}

/* The field of one error: said, or the first word of a text as "metadata.plan must be shorter". */
static const struct named *find_field(const struct rh_json_node *error)
{
	struct rh_str field = rh_json_get_string(error, "field");
	size_t len = 0;

	if (field.ptr == NULL) {
		field = rh_json_string(error);
	}
	while (len < field.len &&
	       ((field.ptr[len] >= 'a' && field.ptr[len] <= 'z') || field.ptr[len] == '_')) {
		len++;
	}
	for (size_t i = 0; i < sizeof(named_fields) / sizeof(named_fields[0]); i++) {
		if (rh_str_is(rh_str_sub(field, 0, len), named_fields[i].field)) {
			return &named_fields[i];
		}
	}
	return NULL;
}

static void read_fields(const struct rh_json_node *root, struct workos_refusal *refusal)
{
	const struct rh_json_node *errors = errors_of(root);
	const struct rh_json_node *error = NULL;

	while ((error = rh_json_next(errors, error, NULL)) != NULL) {
		const struct named *field = find_field(error);
		if (field != NULL && refusal->parts_at_fault == 0) {
			refusal->cause = field->cause;
		}
		if (field != NULL) {
			refusal->parts_at_fault |= field->part;
		}
	}
}

/* The code that decided, else the body's own, else its first error's, else the status. */
static bool copy_code(const struct rh_json_node *root, int status, const struct known *known,
		      struct rh_arena *arena, struct rh_str *out)
{
	const struct rh_json_node *errors = errors_of(root);
	struct rh_str code = known != NULL ? rh_str_from(known->code) : top_code(root);

	if (!rh_code_is_clean(code)) {
		code = rh_json_get_string(rh_json_next(errors, NULL, NULL), "code");
	}
	if (rh_code_is_clean(code)) {
		return rh_arena_copy(arena, code, out);
	}
	*out = rh_arena_printf(arena, "http_%d", status);
	return out->ptr != NULL;
}

int workos_refusal_read(const struct rh_json_node *root, int status, struct rh_arena *arena,
			struct workos_refusal *out)
{
	struct workos_refusal refusal = {
		.outcome = status == 409 ? RH_OUTCOME_CONFLICT : RH_OUTCOME_REJECTED,
		.cause = "the target refused the request",
	};
	const struct known *known = NULL;

	if (!workos_error_is_readable(root)) {
		return RH_EINPUT;
	}
	for (size_t i = 0; i < sizeof(known_codes) / sizeof(known_codes[0]) && known == NULL; i++) {
		if (workos_error_says(root, known_codes[i].code)) {
			known = &known_codes[i];
		}
	}
	if (known != NULL) {
		refusal.outcome = known->outcome;
		refusal.parts_at_fault = known->parts;
		refusal.cause = known->cause;
	}
	if (refusal.outcome == RH_OUTCOME_REJECTED) {
		read_fields(root, &refusal);
	}
	if (!copy_code(root, status, known, arena, &refusal.code)) {
		return RH_ENOMEM;
	}
	*out = refusal;
	return RH_OK;
}
