/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes behind the create of a role or a membership (connector.h, C18), and other roles of a membership that is there
 * (C13): each request sets what is to stand there, and may be sent again.
 */
#include "connectors/workos/workos_entities.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/entities.h"
#include "connectors/workos/workos_steps.h"

enum update_stage {
	UPDATE_LOOKING,
	UPDATE_OBSERVED,
	UPDATE_WRITING,
};

/* {"permissions":[slug…]} or {"role_slugs":[slug…]}, in the arena. */
static int slugs_body(struct rh_operation *operation, const char *name, const struct rh_link *links,
		      size_t count, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, name);
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < count; i++) {
		rh_json_put_string(&writer, links[i].slug);
	}
	rh_json_end_array(&writer);
	rh_json_end_object(&writer);
	if (text.failed != RH_OK) {
		return text.failed;
	}
	return rh_arena_copy(operation->arena, rh_buf_str(&text), out) ? RH_OK : RH_ENOMEM;
}

/* C18: one request is all that either of them needs. */
static int send_extra(struct rh_operation *operation, struct rh_answer *answer)
{
	const struct rh_row *row = &operation->rows[0];
	struct rh_str body = RH_STR_ABSENT;
	int code;

	operation->stage = UPDATE_WRITING;
	if (operation->kind == RH_KIND_MEMBERSHIP) {
		return workos_entity_send_object(operation, "PUT", "/deactivate", RH_STR_ABSENT,
						 answer);
	}
	code = slugs_body(operation, "permissions", row->links->permissions,
			  row->links->permission_count, &body);
	return code != RH_OK
		       ? code
		       : workos_entity_send_object(operation, "PUT", "/permissions", body, answer);
}

static bool has_extra(const struct rh_row *row)
{
	if ((row->parts & RH_PART_EXTRAS) == 0) {
		return false;
	}
	return row->entity->kind == RH_KIND_MEMBERSHIP ? row->entity->state == RH_ENTITY_INACTIVE
						       : (row->parts & RH_PART_PERMISSIONS) != 0 &&
								 row->links->permission_count > 0;
}

static int answer_write(struct rh_operation *operation, const struct rh_response *response,
			struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status == 200 || response->status == 201) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	code = workos_entity_refuse(operation, root, response->status, true, answer);
	if (code == RH_OK && answer->kind == RH_ANSWER_DONE && operation->kind == RH_KIND_ROLE &&
	    operation->rows[0].outcome == RH_OUTCOME_REJECTED) {
		operation->rows[0].parts_at_fault = RH_PART_PERMISSIONS;
	}
	return code;
}

static int complete(struct rh_operation *operation, const struct rh_response *response,
		    struct rh_answer *answer)
{
	if (response != NULL) {
		return answer_write(operation, response, answer);
	}
	if (!has_extra(&operation->rows[0])) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	return send_extra(operation, answer);
}

/* ---- other roles ------------------------------------------------------------------------------------------------- */

static size_t roles_sent(const struct rh_row *row)
{
	size_t count = row->links->role_count;

	return count > 1 && (row->parts & RH_PART_ROLES) == 0 ? 1 : count;
}

/* C13: what stands there, and which roles are to. */
static int observe(const struct workos *workos, struct rh_operation *operation,
		   const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_str asked = row->target_id;
	struct rh_str roles = RH_STR_ABSENT;
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status == 404 && workos_error_is_readable(root)) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	if (response->status != 200) {
		return workos_entity_refuse(operation, root, response->status, false, answer);
	}
	code = workos_entity_take(workos, operation, root, false, answer);
	row->target_id = asked;
	if (code != RH_OK || answer->kind == RH_ANSWER_FAIL) {
		return code;
	}
	code = row->wire != NULL ? RH_OK
				 : rh_entity_link_slugs(row->links->roles, roles_sent(row),
							operation->arena, &roles);
	if (row->wire != NULL) {
		roles = row->wire->value[WORKOS_MEMBERSHIP_ROLES];
	}
	row->outcome = RH_OUTCOME_NONE;
	row->concerned = 1U << WORKOS_MEMBERSHIP_ROLES;
	rh_entity_wire_clear(&row->expected);
	rh_entity_wire_set(&row->expected, WORKOS_MEMBERSHIP_ROLES, roles);
	operation->stage = UPDATE_OBSERVED;
	*answer = (struct rh_answer){.kind = RH_ANSWER_OBSERVED};
	return code;
}

/* The slugs of the field are the roles; those that are there already need no request. */
static int write_roles(struct rh_operation *operation, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_str wanted = row->expected.value[WORKOS_MEMBERSHIP_ROLES];
	struct rh_str there = row->observed.wire.value[WORKOS_MEMBERSHIP_ROLES];
	struct rh_link links[RH_WIRE_FIELDS_MAX];
	struct rh_str body = RH_STR_ABSENT;
	size_t count = 0;
	int code;

	if (rh_str_eq(wanted, there) || !rh_str_is_set(wanted)) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	while (wanted.ptr != NULL && count < RH_WIRE_FIELDS_MAX) {
		links[count++] = (struct rh_link){.slug = rh_str_cut(&wanted, ' ')};
	}
	operation->stage = UPDATE_WRITING;
	code = slugs_body(operation, "role_slugs", links, count, &body);
	return code != RH_OK ? code : workos_entity_send_object(operation, "PUT", "", body, answer);
}

int workos_entity_update(const void *instance, struct rh_operation *operation,
			 const struct rh_response *response, rh_time now, uint64_t seed,
			 struct rh_answer *answer)
{
	const struct rh_row *row = operation->rows;

	(void)now;
	(void)seed;
	if (operation->row_count != 1 || row == NULL || !rh_str_is_set(row->target_id)) {
		return RH_EINVAL;
	}
	if (row->completes) {
		return row->entity == NULL || row->links == NULL
			       ? RH_EINVAL
			       : complete(operation, response, answer);
	}
	if (operation->kind != RH_KIND_MEMBERSHIP || (row->wire == NULL && row->links == NULL)) {
		return RH_EINVAL;
	}
	if (response == NULL && operation->stage == UPDATE_OBSERVED) {
		return write_roles(operation, answer);
	}
	if (response == NULL) {
		operation->stage = UPDATE_LOOKING;
		return workos_entity_send_object(operation, "GET", "", RH_STR_ABSENT, answer);
	}
	return operation->stage == UPDATE_LOOKING ? observe(instance, operation, response, answer)
						  : answer_write(operation, response, answer);
}
