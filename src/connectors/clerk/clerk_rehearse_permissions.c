/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions of the rehearsed Clerk; their list is beside that of the roles. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

void clerk_write_permission(struct rh_call *call, struct rh_json_writer *writer,
			    const struct rh_object *permission)
{
	(void)call;
	rh_json_begin_object(writer);
	clerk_put_text(writer, "object", RH_STR("permission"));
	clerk_put_text(writer, "id", permission->fields[CLERK_ROLE_ID]);
	clerk_put_text(writer, "name", permission->fields[CLERK_ROLE_NAME]);
	clerk_put_text(writer, "key", permission->fields[CLERK_ROLE_KEY]);
	clerk_put_text(writer, "description",
		       permission->fields[CLERK_ROLE_DESCRIPTION].ptr != NULL
			       ? permission->fields[CLERK_ROLE_DESCRIPTION]
			       : RH_STR(""));
	clerk_put_text(writer, "type",
		       permission->numbers[CLERK_ROLE_IS_SYSTEM] != 0 ? RH_STR("system")
								      : RH_STR("user"));
	clerk_put_time(writer, "created_at", permission->numbers[CLERK_CREATED_AT]);
	clerk_put_time(writer, "updated_at", permission->numbers[CLERK_UPDATED_AT]);
	rh_json_end_object(writer);
}

static void answer(struct rh_call *call, const struct rh_object *permission)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	clerk_write_permission(call, &writer, permission);
}

/* "org:<feature>:<action>" of lower case letters, digits and underscores; "sys_" is the system's. */
static bool is_key(struct rh_str text)
{
	struct rh_str rest = text;
	size_t parts = 0;

	while (rest.ptr != NULL) {
		struct rh_str part = rh_str_cut(&rest, ':');

		for (size_t i = 0; i < part.len; i++) {
			char byte = part.ptr[i];

			if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
			      byte == '_')) {
				return false;
			}
		}
		if (part.len == 0 || (parts == 0 && !rh_str_is(part, "org"))) {
			return false;
		}
		parts++;
	}
	return parts == 3 && !rh_str_starts(text, "org:sys_");
}

/* The permission of the path; RH_ROW_NONE: the call holds the answer. */
static size_t permission_of_path(struct rh_call *call, struct rh_object *out)
{
	size_t row = RH_ROW_NONE;

	if (!clerk_has_organizations(call) || !clerk_seed_roles(call)) {
		return RH_ROW_NONE;
	}
	row = rh_store_find(clerk_store(call, CLERK_PERMISSIONS), CLERK_ROLE_BY_ID,
			    call->params[0]);
	if (row == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
	} else {
		rh_store_get(clerk_store(call, CLERK_PERMISSIONS), row, out);
	}
	return row;
}

/* The body into the object; false: the call holds the answer. */
static bool take(struct rh_call *call, unsigned use, size_t row, struct rh_object *permission)
{
	unsigned needed = use == CLERK_CREATE ? CLERK_NEEDED : 0;
	const struct clerk_member members[] = {
		{"name", CLERK_TEXT, CLERK_BOTH | CLERK_NULL_UPDATE | needed, 0},
		{"key", CLERK_TEXT, CLERK_BOTH | CLERK_NULL_UPDATE | needed, 0},
		{"description", CLERK_TEXT, CLERK_BOTH | CLERK_NULL, 0},
	};
	enum { COUNT = sizeof(members) / sizeof(members[0]) };
	const struct rh_json_node *nodes[COUNT];
	size_t found;

	if (!clerk_read_members(call, &(struct clerk_form){members, COUNT, false}, use, nodes,
				NULL)) {
		return false;
	}
	for (size_t i = 0; i < COUNT; i++) {
		if (nodes[i] != NULL) {
			permission->fields[CLERK_ROLE_NAME + i] = rh_json_string(nodes[i]);
		}
	}
	if (!is_key(permission->fields[CLERK_ROLE_KEY])) {
		clerk_refuse(call, 422, "form_param_format_invalid", "key",
			     "must be \"org:<feature>:<action>\".");
		return false;
	}
	found = rh_store_find(clerk_store(call, CLERK_PERMISSIONS), CLERK_ROLE_BY_KEY,
			      permission->fields[CLERK_ROLE_KEY]);
	if (found != RH_ROW_NONE && found != row) {
		clerk_refuse(call, 422, "form_already_exists", "key",
			     "A permission with this key exists already.");
		return false;
	}
	return true;
}

void clerk_permission_create(struct rh_call *call)
{
	struct rh_object permission = {0};

	if (clerk_has_organizations(call) && clerk_seed_roles(call) &&
	    take(call, CLERK_CREATE, RH_ROW_NONE, &permission) &&
	    clerk_add(call, CLERK_PERMISSIONS, "perm_", &permission)) {
		answer(call, &permission);
	}
}

void clerk_permission_get(struct rh_call *call)
{
	struct rh_object permission;

	if (permission_of_path(call, &permission) != RH_ROW_NONE) {
		answer(call, &permission);
	}
}

static bool is_ours(struct rh_call *call, const struct rh_object *permission)
{
	if (permission->numbers[CLERK_ROLE_IS_SYSTEM] == 0) {
		return true;
	}
	clerk_refuse(call, 403, "resource_forbidden", NULL,
		     "A permission of the system cannot be changed.");
	return false;
}

void clerk_permission_update(struct rh_call *call)
{
	struct rh_object permission;
	size_t row = permission_of_path(call, &permission);

	if (row != RH_ROW_NONE && is_ours(call, &permission) &&
	    take(call, CLERK_UPDATE, row, &permission) &&
	    clerk_save(call, CLERK_PERMISSIONS, row, &permission)) {
		answer(call, &permission);
	}
}

/* The roles that have it do no longer: what is not there is not written. */
void clerk_permission_delete(struct rh_call *call)
{
	struct rh_object permission;
	size_t row = permission_of_path(call, &permission);

	if (row != RH_ROW_NONE && is_ours(call, &permission)) {
		rh_store_remove(clerk_store(call, CLERK_PERMISSIONS), row);
		clerk_answer_deleted(call, "permission", call->params[0], RH_STR_ABSENT);
	}
}
