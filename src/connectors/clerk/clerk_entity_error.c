/* SPDX-License-Identifier: Apache-2.0 */
/* What Clerk says when it refuses an organization, a role, a membership (connector.h, C20, C23). */
#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/clerk/clerk_entities.h"
#include "connectors/code.h"
#include "connectors/steps.h"

/* Backend API 2025-11-10; in the order in which they count. */
static const struct known {
	const char *code;
	enum rh_outcome outcome;
	const char *cause;
} known_codes[] = {
	{"organization_not_enabled_in_instance", RH_OUTCOME_DENIED,
	 "organizations are switched off in the instance"},
	{"organization_domains_not_enabled", RH_OUTCOME_DENIED,
	 "domains of organizations are switched off in the instance"},
	{"authorization_invalid", RH_OUTCOME_DENIED, "the key may not do this"},
	{"feature_not_enabled", RH_OUTCOME_DENIED, "the instance has the feature switched off"},
	{"organization_quota_exceeded", RH_OUTCOME_DENIED,
	 "the instance holds as many organizations as it may"},
	{"organization_domain_quota_exceeded", RH_OUTCOME_REJECTED,
	 "the organization holds as many domains as it may"},
	{"organization_membership_quota_exceeded", RH_OUTCOME_REJECTED,
	 "the organization holds as many members as it may"},
	{"quota_exceeded", RH_OUTCOME_REJECTED, "the plan of the instance allows no more of these"},
	{"already_a_member_in_organization", RH_OUTCOME_ALREADY, "the person is a member already"},
	{"duplicate_record", RH_OUTCOME_ALREADY, "it is there already"},
	{"organization_invitation_not_unique", RH_OUTCOME_ALREADY,
	 "the address is invited already"},
	{"organization_domain_already_exists", RH_OUTCOME_CONFLICT,
	 "the domain is in use at the target"},
	{"organization_domain_common", RH_OUTCOME_REJECTED,
	 "a domain of a mail provider is nobody's"},
	{"organization_domain_blocked", RH_OUTCOME_REJECTED, "the target does not take the domain"},
	{"form_identifier_exists", RH_OUTCOME_CONFLICT,
	 "the slug or the key is in use at the target"},
	{"form_already_exists", RH_OUTCOME_ALREADY, "it is there already"},
};

static const struct named {
	const char *name;
	unsigned part;
} named_parameters[] = {
	{"slug", RH_PART_SLUG},
	{"public_metadata", RH_PART_METADATA},
	{"private_metadata", RH_PART_METADATA},
	{"max_allowed_memberships", RH_PART_PROFILE},
	{"created_at", RH_PART_PROFILE},
	{"description", RH_PART_PROFILE},
	{"permissions", RH_PART_PERMISSIONS},
};

static const struct known *find_known(const struct rh_json_node *errors)
{
	for (size_t i = 0; i < sizeof(known_codes) / sizeof(known_codes[0]); i++) {
		const struct rh_json_node *error = NULL;

		while ((error = rh_json_next(errors, error, NULL)) != NULL) {
			if (rh_str_is(rh_json_get_string(error, "code"), known_codes[i].code)) {
				return &known_codes[i];
			}
		}
	}
	return NULL;
}

static unsigned named_parts(const struct rh_json_node *errors)
{
	const struct rh_json_node *error = NULL;
	unsigned parts = 0;

	while ((error = rh_json_next(errors, error, NULL)) != NULL) {
		struct rh_str name = rh_json_get_string(rh_json_get(error, "meta"), "param_name");

		for (size_t i = 0; i < sizeof(named_parameters) / sizeof(named_parameters[0]);
		     i++) {
			if (rh_str_is(name, named_parameters[i].name)) {
				parts |= named_parameters[i].part;
			}
		}
	}
	return parts;
}

/* A slug that somebody else has, or that is switched off, costs the slug where one was sent, never the organization. */
static void settle(struct rh_row *row, const struct known *known, const struct rh_json_node *errors,
		   int status)
{
	unsigned parts = named_parts(errors) & row->parts;

	row->parts_at_fault = parts != 0 ? parts : RH_PART_IDENTITY;
	row->cause = "the target refused the request";
	if (known != NULL) {
		row->outcome = known->outcome;
		row->cause = known->cause;
	} else if (status == 404) {
		row->cause = "what it refers to is not at the target";
	}
	if (parts != 0 && (parts & RH_PART_IDENTITY) == 0) {
		row->outcome = RH_OUTCOME_REJECTED;
	}
}

int clerk_entity_refuse(struct rh_operation *operation, const struct rh_json_node *root, int status,
			bool was_writing, struct rh_answer *answer)
{
	const struct rh_json_node *errors = rh_json_get(root, "errors");
	const struct known *known = find_known(errors);
	struct rh_str code = known != NULL
				     ? rh_str_from(known->code)
				     : rh_json_get_string(rh_json_next(errors, NULL, NULL), "code");
	struct rh_str kept = RH_STR_ABSENT;

	if (status < 400 || rh_json_type(errors) != RH_JSON_ARRAY || code.ptr == NULL) {
		rh_step_fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	if (rh_code_is_clean(code)) {
		if (!rh_arena_copy(operation->arena, code, &kept)) {
			return RH_ENOMEM;
		}
	} else {
		kept = rh_arena_printf(operation->arena, "http_%d", status);
		if (kept.ptr == NULL) {
			return RH_ENOMEM;
		}
	}
	if (operation->row_count == 0 || operation->verb == RH_VERB_LIST ||
	    (known != NULL && known->outcome == RH_OUTCOME_DENIED) ||
	    (known == NULL && (status == 402 || status == 403))) {
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_KIND, kept,
			     known != NULL ? known->cause
					   : "the key may not do this, or the plan of the "
					     "instance lacks the feature");
		return RH_OK;
	}
	rh_step_done(operation, answer, status == 409 ? RH_OUTCOME_CONFLICT : RH_OUTCOME_REJECTED);
	settle(&operation->rows[0], known, errors, status);
	operation->rows[0].code = kept;
	return RH_OK;
}
