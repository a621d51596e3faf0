/* SPDX-License-Identifier: Apache-2.0 */
/* What WorkOS says when it refuses an organization, a role, a membership (connector.h, C20, C23). */
#include "connectors/workos/workos_entities.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/code.h"
#include "connectors/steps.h"

/* WorkOS API description, 0.61.0. */
static const struct known {
	const char *code;
	enum rh_outcome outcome;
	unsigned parts;
	const char *cause;
} known_codes[] = {
	{"external_id_already_used", RH_OUTCOME_ALREADY, RH_PART_EXTERNAL_ID,
	 "the external id is in use at the target"},
	{"role_slug_conflict", RH_OUTCOME_ALREADY, 0, "the slug is in use at the target"},
	{"permission_slug_conflict", RH_OUTCOME_ALREADY, 0, "the slug is in use at the target"},
	{"organization_membership_already_exists", RH_OUTCOME_ALREADY, 0,
	 "the person is a member already"},
	{"entity_already_exists", RH_OUTCOME_ALREADY, 0, "it is there already"},
	{"email_already_invited_to_organization", RH_OUTCOME_ALREADY, 0,
	 "the address is invited already"},
	{"email_already_invited", RH_OUTCOME_ALREADY, 0, "the address is invited already"},
	{"domain_already_exists", RH_OUTCOME_CONFLICT, RH_PART_IDENTITY,
	 "the domain is in use at the target"},
	{"user_already_organization_member", RH_OUTCOME_CONFLICT, RH_PART_IDENTITY,
	 "who is invited is a member already"},
	{"multiple_roles_not_enabled", RH_OUTCOME_REJECTED, RH_PART_ROLES,
	 "the environment allows one role a membership"},
	{"invalid_role", RH_OUTCOME_REJECTED, RH_PART_IDENTITY, "a role is not at the target"},
	{"sub_resource_scoped_role_not_allowed", RH_OUTCOME_REJECTED, RH_PART_IDENTITY,
	 "a role is not one of organizations"},
	{"cannot_reactivate_pending_organization_membership", RH_OUTCOME_CONFLICT, RH_PART_IDENTITY,
	 "the person is invited there, and has to accept"},
	{"cannot_deactivate_pending_organization_membership", RH_OUTCOME_CONFLICT, RH_PART_IDENTITY,
	 "the person is invited there, and has to accept"},
	{"invalid_metadata", RH_OUTCOME_REJECTED, RH_PART_METADATA,
	 "the target does not take the metadata"},
};

static const struct known *find_known(const struct rh_json_node *root)
{
	for (size_t i = 0; i < sizeof(known_codes) / sizeof(known_codes[0]); i++) {
		if (workos_error_says(root, known_codes[i].code)) {
			return &known_codes[i];
		}
	}
	return NULL;
}

static const char *cause_of(int status, const struct known *known, const char *read)
{
	if (known != NULL) {
		return known->cause;
	}
	return status == 404 ? "what it refers to is not at the target" : read;
}

int workos_entity_refuse(struct rh_operation *operation, const struct rh_json_node *root,
			 int status, bool was_writing, struct rh_answer *answer)
{
	const struct known *known = find_known(root);
	struct workos_refusal refusal = {.outcome = RH_OUTCOME_NONE};
	struct rh_row *row = operation->row_count > 0 ? &operation->rows[0] : NULL;
	int code = status < 400 ? RH_EINPUT
				: workos_refusal_read(root, status, operation->arena, &refusal);

	if (code == RH_EINPUT) {
		rh_step_fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	if (code != RH_OK) {
		return code;
	}
	if (operation->verb == RH_VERB_LIST && status == 404 && row != NULL) {
		rh_step_fail(answer, RH_OUTCOME_ABSENT, RH_SCOPE_ROW, refusal.code,
			     "the organization is not there any more");
		return RH_OK;
	}
	if (status == 402 || status == 403 || row == NULL || operation->verb == RH_VERB_LIST) {
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_KIND, refusal.code,
			     "the key may not do this, or the environment lacks the feature");
		return RH_OK;
	}
	rh_step_done(operation, answer, known != NULL ? known->outcome : refusal.outcome);
	row->parts_at_fault = known != NULL ? known->parts : refusal.parts_at_fault;
	row->code = refusal.code;
	row->cause = cause_of(status, known, refusal.cause);
	if (known != NULL) {
		row->code = rh_str_from(known->code);
	}
	return RH_OK;
}
