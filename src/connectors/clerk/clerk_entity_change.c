/* SPDX-License-Identifier: Apache-2.0 */
/* Removals of what stands at Clerk beside its people (connector.h, C21), and another role of a membership (C13). */
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/clerk/clerk_entities.h"
#include "connectors/clerk/clerk_target_steps.h"
#include "connectors/entities.h"

#define ORGANIZATIONS "/v1/organizations/"

/* Beyond any page that a search reads. */
enum change_stage {
	CHANGE_COUNTING = 1 << 20, /* an organization: has it members? */
	CHANGE_OBSERVED,
	CHANGE_WRITING,
};

static bool has_links(const struct rh_row *row)
{
	return row->links != NULL && rh_str_is_set(row->links->organization);
}

/* Memberships and domains have no address of their own: they are looked for in their organization. */
static bool is_searched(enum rh_kind kind)
{
	return kind == RH_KIND_MEMBERSHIP || kind == RH_KIND_DOMAIN;
}

/* The path of what stands there, and `behind` it. */
static struct clerk_entity_path path_of(const struct rh_operation *operation, const char *behind)
{
	const struct rh_row *row = &operation->rows[0];

	switch ((int)operation->kind) {
	case RH_KIND_MEMBERSHIP:
		return (struct clerk_entity_path){ORGANIZATIONS, row->links->organization,
						  "/memberships/", row->links->user, behind};
	case RH_KIND_DOMAIN:
		return (struct clerk_entity_path){ORGANIZATIONS, row->links->organization,
						  "/domains/", row->target_id, behind};
	case RH_KIND_INVITATION:
		return has_links(row)
			       ? (struct clerk_entity_path){ORGANIZATIONS, row->links->organization,
							    "/invitations/", row->target_id, behind}
			       : (struct clerk_entity_path){"/v1/invitations/", row->target_id,
							    NULL, RH_STR_ABSENT, behind};
	case RH_KIND_ORGANIZATION:
		return (struct clerk_entity_path){ORGANIZATIONS, row->target_id, NULL,
						  RH_STR_ABSENT, behind};
	case RH_KIND_ROLE:
		return (struct clerk_entity_path){"/v1/organization_roles/", row->target_id, NULL,
						  RH_STR_ABSENT, behind};
	default:
		return (struct clerk_entity_path){"/v1/organization_permissions/", row->target_id,
						  NULL, RH_STR_ABSENT, behind};
	}
}

static int send_to(const struct clerk *clerk, struct rh_operation *operation, const char *method,
		   const char *behind, struct rh_str body, struct rh_answer *answer)
{
	struct clerk_entity_path path = path_of(operation, behind);

	return clerk_entity_send(clerk, operation, method, &path, body, answer);
}

static int answer_write(struct rh_operation *operation, const struct rh_response *response,
			bool removes, struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	if (response->status >= 200 && response->status < 300) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (removes && response->status == 404 &&
	    rh_json_type(rh_json_get(root, "errors")) == RH_JSON_ARRAY) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	return clerk_entity_refuse(operation, root, response->status, true, answer);
}

/* ---- remove -------------------------------------------------------------------------------------------------------- */

static int send_removal(const struct clerk *clerk, struct rh_operation *operation,
			struct rh_answer *answer)
{
	bool is_invitation = operation->kind == RH_KIND_INVITATION;

	operation->stage = CHANGE_WRITING;
	return send_to(clerk, operation, is_invitation ? "POST" : "DELETE",
		       is_invitation ? "/revoke" : NULL, RH_STR_ABSENT, answer);
}

/* C21 */
static bool is_ours(const struct rh_row *row)
{
	const struct rh_entity *found = row->observed.entity;
	struct rh_str external_id =
		rh_str_is_set(row->external_id) ? row->external_id : RH_STR_ABSENT;

	if (!rh_str_eq(row->observed.target_id, row->target_id)) {
		return false;
	}
	switch ((int)found->kind) {
	case RH_KIND_ORGANIZATION:
		return rh_str_eq(found->external_id, external_id);
	case RH_KIND_PERMISSION:
	case RH_KIND_ROLE:
		return row->links != NULL && rh_str_eq(found->slug, row->links->slug);
	default:
		return true;
	}
}

static int look(const struct clerk *clerk, struct rh_operation *operation,
		const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	int code = is_searched(operation->kind)
			   ? clerk_entity_take_found(clerk, operation, response, answer)
			   : clerk_entity_answer(clerk, operation, response, false, answer);

	if (code != RH_OK || answer->kind != RH_ANSWER_DONE || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	if (!is_ours(row)) {
		rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
		row->cause = "another one stands there now";
		return RH_OK;
	}
	if (operation->kind == RH_KIND_INVITATION &&
	    row->observed.entity->state != RH_ENTITY_PENDING) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	row->outcome = RH_OUTCOME_NONE;
	if (operation->kind == RH_KIND_ORGANIZATION) {
		operation->stage = CHANGE_COUNTING;
		return send_to(clerk, operation, "GET", "/memberships?limit=1", RH_STR_ABSENT,
			       answer);
	}
	return send_removal(clerk, operation, answer);
}

static int count_members(const struct clerk *clerk, struct rh_operation *operation,
			 const struct rh_response *response, struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || clerk_list_of(root) == NULL) {
		return clerk_entity_refuse(operation, root, response->status, false, answer);
	}
	if (rh_json_count(clerk_list_of(root)) > 0) {
		rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
		operation->rows[0].code = RH_STR(RH_CODE_IN_USE);
		operation->rows[0].cause = "the organization has members";
		return RH_OK;
	}
	return send_removal(clerk, operation, answer);
}

static bool can_change(const struct rh_operation *operation)
{
	const struct rh_row *row = operation->rows;

	if (operation->row_count != 1 || row == NULL || !rh_str_is_set(row->target_id)) {
		return false;
	}
	if (operation->kind == RH_KIND_MEMBERSHIP) {
		return has_links(row) && rh_str_is_set(row->links->user);
	}
	return operation->kind != RH_KIND_DOMAIN || has_links(row);
}

int clerk_entity_remove(const void *instance, struct rh_operation *operation,
			const struct rh_response *response, rh_time now, uint64_t seed,
			struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (!can_change(operation)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		return is_searched(operation->kind)
			       ? clerk_entity_send_find(instance, operation, answer)
			       : send_to(instance, operation, "GET", NULL, RH_STR_ABSENT, answer);
	}
	switch (operation->stage) {
	case CHANGE_COUNTING:
		return count_members(instance, operation, response, answer);
	case CHANGE_WRITING:
		return answer_write(operation, response, true, answer);
	default:
		return look(instance, operation, response, answer);
	}
}

/* ---- another role ------------------------------------------------------------------------------------------------- */

static int observe(const struct clerk *clerk, struct rh_operation *operation,
		   const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_str role = RH_STR_ABSENT;
	int code = clerk_entity_take_found(clerk, operation, response, answer);

	if (code != RH_OK || answer->kind != RH_ANSWER_DONE || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	if (row->wire != NULL) {
		role = row->wire->value[CLERK_MEMBERSHIP_ROLE];
	} else if (row->links->role_count > 0) {
		role = row->links->roles[0].slug;
	}
	row->outcome = RH_OUTCOME_NONE;
	row->concerned = 1U << CLERK_MEMBERSHIP_ROLE;
	rh_entity_wire_clear(&row->expected);
	rh_entity_wire_set(&row->expected, CLERK_MEMBERSHIP_ROLE, role);
	operation->stage = CHANGE_OBSERVED;
	*answer = (struct rh_answer){.kind = RH_ANSWER_OBSERVED};
	return RH_OK;
}

static int write_role(const struct clerk *clerk, struct rh_operation *operation,
		      struct rh_answer *answer)
{
	const struct rh_row *row = &operation->rows[0];
	struct rh_str wanted = row->expected.value[CLERK_MEMBERSHIP_ROLE];
	struct rh_str body = RH_STR_ABSENT;
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	if (!rh_str_is_set(wanted) ||
	    rh_str_eq(wanted, row->observed.wire.value[CLERK_MEMBERSHIP_ROLE])) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_json_member(&writer, "role", wanted);
	rh_json_end_object(&writer);
	if (text.failed != RH_OK || !rh_arena_copy(operation->arena, rh_buf_str(&text), &body)) {
		return text.failed != RH_OK ? text.failed : RH_ENOMEM;
	}
	operation->stage = CHANGE_WRITING;
	return send_to(clerk, operation, "PATCH", NULL, body, answer);
}

int clerk_entity_update(const void *instance, struct rh_operation *operation,
			const struct rh_response *response, rh_time now, uint64_t seed,
			struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (operation->kind != RH_KIND_MEMBERSHIP || !can_change(operation)) {
		return RH_EINVAL;
	}
	if (operation->rows[0].completes) { /* a create holds all of it */
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	if (response == NULL) {
		return operation->stage == CHANGE_OBSERVED
			       ? write_role(instance, operation, answer)
			       : clerk_entity_send_find(instance, operation, answer);
	}
	return operation->stage == CHANGE_WRITING ? answer_write(operation, response, false, answer)
						  : observe(instance, operation, response, answer);
}
