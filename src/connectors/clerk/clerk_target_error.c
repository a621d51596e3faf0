/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Clerk says when it refuses: {"errors":[{"code","message","meta":{"param_name"}}]}.
 *
 *  1. Codes and names of parameters decide, never messages: these change, and quote what was sent.
 *  2. Of several errors the one that is highest in the table counts; the parts that any of them names are at fault.
 *  3. A refused address or number costs the others of its kind, never the person; the only one does.  Which of
 *     several it was is not said.
 *  4. A ban is never left out: a plan without banning refuses the person (C-5).  Nor is a second factor, unless the
 *     operator says so: then `parts` have it.
 *  5. form_param_unknown is also said of a feature that is switched off.  Where it names nothing, what an account can
 *     do without goes first, one group after another (C-20).
 */
#include "connectors/clerk/clerk_target.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/code.h"

/* Named by a parameter, or else these. */
#define BY_NAME 0U

/* In the order in which they count; Backend API 2025-11-10. */
static const struct known {
	const char *code;
	enum rh_outcome outcome;
	enum rh_scope scope;
	unsigned parts; /* whatever the parameter; BY_NAME: what it says */
	const char *cause;
} known_codes[] = {
	{"user_quota_exceeded", RH_OUTCOME_AWAY, RH_SCOPE_RUN, BY_NAME,
	 "the instance holds as many users as it may"},
	{"authorization_invalid", RH_OUTCOME_DENIED, RH_SCOPE_RUN, BY_NAME,
	 "the key may not do this with users"},
	{"form_identifier_exists", RH_OUTCOME_CONFLICT, RH_SCOPE_ROW, BY_NAME,
	 "an address, number, username or id is in use at the target"},
	{"form_password_digest_invalid_code", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_CREDENTIAL,
	 "the target does not take the password hash"},
	{"invalid_totp_secret_code", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_TOTP,
	 "the target does not take the authenticator secret"},
	{"unsupported_country_code", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_PHONES,
	 "the instance takes no numbers of this country"},
	{"form_username_invalid_character", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_USERNAME,
	 "the instance does not take the username"},
	{"form_username_invalid_length", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_USERNAME,
	 "the instance does not take the username"},
	{"form_username_needs_non_number_char", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_USERNAME,
	 "the instance does not take the username"},
	{"form_param_invalid_time", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_PROFILE,
	 "the target does not take a date"},
	{"form_disallow_future_date", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_PROFILE,
	 "the target does not take a date"},
	{"form_param_unknown", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, BY_NAME,
	 "the instance does not know a field, or its feature is switched off"},
	{"form_data_missing", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_IDENTITY,
	 "the instance requires a field that the account lacks"},
	{"incorrect_password", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_CREDENTIAL,
	 "the password does not fit"},
	{"no_password_set", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, RH_PART_CREDENTIAL,
	 "the account has no password"},
	{"feature_not_enabled", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, BY_NAME,
	 "the instance has a feature switched off that the account needs"},
	{"resource_forbidden", RH_OUTCOME_REJECTED, RH_SCOPE_ROW, BY_NAME,
	 "the target does not let this account be"},
};

/* Parameters, and what stands or falls with them. */
static const struct named {
	const char *name;
	unsigned part;
} named_parameters[] = {
	{"email_address", RH_PART_EMAILS},
	{"email_address_identification_status", RH_PART_EMAILS},
	{"phone_number", RH_PART_PHONES},
	{"phone_number_identification_status", RH_PART_PHONES},
	{"username", RH_PART_USERNAME},
	{"password", RH_PART_CREDENTIAL},
	{"password_digest", RH_PART_CREDENTIAL},
	{"password_hasher", RH_PART_CREDENTIAL},
	{"totp_secret", RH_PART_TOTP},
	{"backup_codes", RH_PART_BACKUP_CODES},
	{"public_metadata", RH_PART_METADATA},
	{"private_metadata", RH_PART_METADATA},
	{"unsafe_metadata", RH_PART_METADATA},
	{"external_id", RH_PART_EXTERNAL_ID},
	{"first_name", RH_PART_PROFILE},
	{"last_name", RH_PART_PROFILE},
	{"locale", RH_PART_PROFILE},
	{"created_at", RH_PART_PROFILE},
	{"legal_accepted_at", RH_PART_PROFILE},
	{"delete_self_enabled", RH_PART_PROFILE},
	{"create_organization_enabled", RH_PART_PROFILE},
};

static struct rh_str code_of(const struct rh_json_node *error)
{
	return rh_json_get_string(error, "code");
}

/* Each error is an object with a code, which may be empty. */
static bool is_readable(const struct rh_json_node *root)
{
	const struct rh_json_node *errors = rh_json_get(root, "errors");

	return rh_json_type(errors) == RH_JSON_ARRAY &&
	       code_of(rh_json_next(errors, NULL, NULL)).ptr != NULL;
}

static const struct known *find_known(const struct rh_json_node *errors)
{
	for (size_t i = 0; i < sizeof(known_codes) / sizeof(known_codes[0]); i++) {
		const struct rh_json_node *error = NULL;

		while ((error = rh_json_next(errors, error, NULL)) != NULL) {
			if (rh_str_is(code_of(error), known_codes[i].code)) {
				return &known_codes[i];
			}
		}
	}
	return NULL;
}

/* "phone_number[0]" and "public_metadata.team" are named by their first word. */
static unsigned part_of(struct rh_str parameter)
{
	size_t len = 0;

	while (len < parameter.len && parameter.ptr[len] != '[' && parameter.ptr[len] != '.') {
		len++;
	}
	for (size_t i = 0; i < sizeof(named_parameters) / sizeof(named_parameters[0]); i++) {
		if (rh_str_is(rh_str_sub(parameter, 0, len), named_parameters[i].name)) {
			return named_parameters[i].part;
		}
	}
	return 0;
}

/* Rule 2; parameters that are no part of ours are the person's own. */
static unsigned named_parts(const struct rh_json_node *errors)
{
	const struct rh_json_node *error = NULL;
	unsigned parts = 0;

	while ((error = rh_json_next(errors, error, NULL)) != NULL) {
		struct rh_str name = rh_json_get_string(rh_json_get(error, "meta"), "param_name");

		if (rh_str_is_set(name)) {
			unsigned part = part_of(name);
			parts |= part != 0 ? part : RH_PART_IDENTITY;
		}
	}
	return parts;
}

/* Rule 5. */
static unsigned guess_unknown(unsigned parts)
{
	static const unsigned groups[] = {
		RH_PART_PROFILE,      RH_PART_PHONES, RH_PART_USERNAME,
		RH_PART_BACKUP_CODES, RH_PART_TOTP,
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if ((parts & groups[i]) != 0) {
			return groups[i];
		}
	}
	return RH_PART_IDENTITY;
}

/* Rule 3. */
static void settle_taken(struct clerk_refusal *refusal, unsigned parts)
{
	static const unsigned identifiers = RH_PART_EMAILS | RH_PART_PHONES | RH_PART_USERNAME;

	if ((refusal->parts_at_fault & RH_PART_EXTERNAL_ID) != 0) {
		refusal->outcome = RH_OUTCOME_ALREADY;
		refusal->parts_at_fault = RH_PART_EXTERNAL_ID;
		refusal->cause = "the external id is in use at the target";
		return;
	}
	if (refusal->parts_at_fault == 0) {
		refusal->parts_at_fault = parts & identifiers;
	}
	if (refusal->parts_at_fault != 0 && (refusal->parts_at_fault & ~parts) == 0) {
		refusal->outcome = RH_OUTCOME_REJECTED;
	} else {
		refusal->parts_at_fault = RH_PART_IDENTITY;
	}
}

static void settle_parts(struct clerk_refusal *refusal, const struct known *known, unsigned parts)
{
	if (known != NULL && rh_str_is(rh_str_from(known->code), "form_param_unknown") &&
	    refusal->parts_at_fault == 0) {
		refusal->parts_at_fault = guess_unknown(parts);
	}
	/* What was not sent, or may not be left out, is the person's own. */
	if ((refusal->parts_at_fault & ~parts) != 0) {
		refusal->parts_at_fault = RH_PART_IDENTITY;
	}
}

static bool copy_code(const struct rh_json_node *errors, int status, const struct known *known,
		      struct rh_arena *arena, struct rh_str *out)
{
	struct rh_str code = known != NULL ? rh_str_from(known->code)
					   : code_of(rh_json_next(errors, NULL, NULL));

	if (rh_code_is_clean(code)) {
		return rh_arena_copy(arena, code, out);
	}
	*out = rh_arena_printf(arena, "http_%d", status);
	return out->ptr != NULL;
}

static struct clerk_refusal read_unknown(int status)
{
	struct clerk_refusal refusal = {
		.outcome = RH_OUTCOME_REJECTED,
		.scope = RH_SCOPE_ROW,
		.cause = "the target refused the request",
	};

	if (status == 402) {
		refusal.cause = "the plan of the instance lacks a feature that the account needs";
	} else if (status == 403) {
		refusal.outcome = RH_OUTCOME_DENIED;
		refusal.scope = RH_SCOPE_RUN;
		refusal.cause = "the key may not do this with users";
	} else if (status == 409) {
		refusal.outcome = RH_OUTCOME_CONFLICT;
	}
	return refusal;
}

int clerk_refusal_read(const struct rh_json_node *root, int status, unsigned parts,
		       struct rh_arena *arena, struct clerk_refusal *out)
{
	const struct rh_json_node *errors = rh_json_get(root, "errors");
	struct clerk_refusal refusal = read_unknown(status);
	const struct known *known;

	if (!is_readable(root)) {
		return RH_EINPUT;
	}
	known = find_known(errors);
	if (known != NULL) {
		refusal.outcome = known->outcome;
		refusal.scope = known->scope;
		refusal.cause = known->cause;
	}
	refusal.parts_at_fault =
		known != NULL && known->parts != BY_NAME ? known->parts : named_parts(errors);
	if (known != NULL && known->outcome == RH_OUTCOME_CONFLICT) {
		settle_taken(&refusal, parts);
	} else {
		settle_parts(&refusal, known, parts);
	}
	if (!copy_code(errors, status, known, arena, &refusal.code)) {
		return RH_ENOMEM;
	}
	*out = refusal;
	return RH_OK;
}
