/* SPDX-License-Identifier: Apache-2.0 */
/* Roles of the rehearsed Clerk, and what is there from the beginning. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

enum { IDS_MAX = 64 * 1024 };

static const struct {
	const char *key;
	const char *name;
	bool is_members; /* also of org:member */
} system_permissions[] = {
	{"org:sys_profile:manage", "Manage organization", false},
	{"org:sys_profile:delete", "Delete organization", false},
	{"org:sys_memberships:read", "Read members", true},
	{"org:sys_memberships:manage", "Manage members", false},
	{"org:sys_domains:read", "Read domains", false},
	{"org:sys_domains:manage", "Manage domains", false},
	{"org:sys_billing:read", "Read billing", true},
	{"org:sys_billing:manage", "Manage billing", false},
};

static bool add_system(struct rh_call *call, enum clerk_tenant_store which, const char *prefix,
		       const char *key, const char *name, struct rh_object *out)
{
	*out = (struct rh_object){.numbers = {[CLERK_ROLE_IS_SYSTEM] = 1}};
	out->fields[CLERK_ROLE_KEY] = rh_str_from(key);
	out->fields[CLERK_ROLE_NAME] = rh_str_from(name);
	out->fields[CLERK_ROLE_DESCRIPTION] = RH_STR("");
	return clerk_add(call, which, prefix, out);
}

/* The role with the permissions whose ids are these. */
static bool seed_role(struct rh_call *call, const char *key, const char *name, struct rh_str ids)
{
	struct rh_object role = {.numbers = {[CLERK_ROLE_IS_SYSTEM] = 1}};

	role.fields[CLERK_ROLE_KEY] = rh_str_from(key);
	role.fields[CLERK_ROLE_NAME] = rh_str_from(name);
	role.fields[CLERK_ROLE_PERMISSIONS] = ids;
	return clerk_add(call, CLERK_ROLES, "role_", &role);
}

bool clerk_seed_roles(struct rh_call *call)
{
	rh_autobuf all = {0};
	rh_autobuf some = {0};

	/* None of the system's can be deleted. */
	if (rh_store_count(clerk_store(call, CLERK_PERMISSIONS)) > 0) {
		return true;
	}
	rh_buf_init(&all, IDS_MAX);
	rh_buf_init(&some, IDS_MAX);
	for (size_t i = 0; i < sizeof(system_permissions) / sizeof(system_permissions[0]); i++) {
		struct rh_object permission;

		if (!add_system(call, CLERK_PERMISSIONS, "perm_", system_permissions[i].key,
				system_permissions[i].name, &permission)) {
			return false;
		}
		rh_buf_add_cstr(&all, all.len > 0 ? " " : "");
		rh_buf_add_str(&all, permission.fields[CLERK_ROLE_ID]);
		if (system_permissions[i].is_members) {
			rh_buf_add_cstr(&some, some.len > 0 ? " " : "");
			rh_buf_add_str(&some, permission.fields[CLERK_ROLE_ID]);
		}
	}
	return all.failed == 0 && some.failed == 0 &&
	       seed_role(call, "org:admin", "Admin", rh_buf_str(&all)) &&
	       seed_role(call, "org:member", "Member", rh_buf_str(&some));
}

struct rh_str clerk_role_id(struct rh_call *call, struct rh_str key)
{
	struct rh_store *store = clerk_store(call, CLERK_ROLES);
	struct rh_object role;
	size_t row;

	if (!clerk_seed_roles(call)) {
		return RH_STR_ABSENT;
	}
	row = rh_store_find(store, CLERK_ROLE_BY_KEY, key);
	if (row == RH_ROW_NONE) {
		return RH_STR_ABSENT;
	}
	rh_store_get(store, row, &role);
	return role.fields[CLERK_ROLE_ID];
}

static void write_permissions(struct rh_call *call, struct rh_json_writer *writer,
			      const struct rh_object *role, bool keys_only)
{
	struct rh_store *store = clerk_store(call, CLERK_PERMISSIONS);
	struct rh_str ids = role->fields[CLERK_ROLE_PERMISSIONS];

	rh_json_key(writer, "permissions");
	rh_json_begin_array(writer);
	while (ids.ptr != NULL) {
		size_t row = rh_store_find(store, CLERK_ROLE_BY_ID, rh_str_cut(&ids, ' '));
		struct rh_object permission;

		if (row == RH_ROW_NONE) {
			continue;
		}
		rh_store_get(store, row, &permission);
		if (keys_only) {
			rh_json_put_string(writer, permission.fields[CLERK_ROLE_KEY]);
		} else {
			clerk_write_permission(call, writer, &permission);
		}
	}
	rh_json_end_array(writer);
}

void clerk_write_role_of(struct rh_call *call, struct rh_json_writer *writer, struct rh_str role_id,
			 bool with_permissions)
{
	struct rh_store *store = clerk_store(call, CLERK_ROLES);
	size_t row = rh_store_find(store, CLERK_ROLE_BY_ID, role_id);
	struct rh_object role = {0};

	if (row != RH_ROW_NONE) {
		rh_store_get(store, row, &role);
	}
	clerk_put_text(writer, "role", role.fields[CLERK_ROLE_KEY]);
	clerk_put_text(writer, "role_name", role.fields[CLERK_ROLE_NAME]);
	if (with_permissions) {
		write_permissions(call, writer, &role, true);
	}
}

static void write_role(struct rh_call *call, struct rh_json_writer *writer,
		       const struct rh_object *role)
{
	rh_json_begin_object(writer);
	clerk_put_text(writer, "object", RH_STR("role"));
	clerk_put_text(writer, "id", role->fields[CLERK_ROLE_ID]);
	clerk_put_text(writer, "name", role->fields[CLERK_ROLE_NAME]);
	clerk_put_text(writer, "key", role->fields[CLERK_ROLE_KEY]);
	clerk_put_text(writer, "description", role->fields[CLERK_ROLE_DESCRIPTION]);
	clerk_put_bool(writer, "is_creator_eligible",
		       rh_str_is(role->fields[CLERK_ROLE_KEY], "org:admin"));
	write_permissions(call, writer, role, false);
	clerk_put_time(writer, "created_at", role->numbers[CLERK_CREATED_AT]);
	clerk_put_time(writer, "updated_at", role->numbers[CLERK_UPDATED_AT]);
	rh_json_end_object(writer);
}

static void answer(struct rh_call *call, const struct rh_object *role)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	write_role(call, &writer, role);
}

static bool begin(struct rh_call *call)
{
	return clerk_has_organizations(call) && clerk_seed_roles(call);
}

static bool passes(const struct rh_call *call, const struct rh_object *role, const void *wish)
{
	const struct rh_str *query = wish;

	(void)call;
	return rh_str_eq(role->fields[CLERK_ROLE_ID], *query) ||
	       clerk_contains(role->fields[CLERK_ROLE_NAME], *query) ||
	       clerk_contains(role->fields[CLERK_ROLE_KEY], *query);
}

static struct rh_str key_of(const struct rh_call *call, const struct rh_object *role)
{
	(void)call;
	return role->fields[CLERK_ROLE_KEY];
}

static const struct clerk_order orders[] = {
	{.name = "created_at", .number = clerk_created_at},
	{.name = "name", .text = clerk_name_of},
	{.name = "key", .text = key_of},
	{0},
};

static void answer_list(struct rh_call *call, enum clerk_tenant_store which,
			void (*write)(struct rh_call *call, struct rh_json_writer *writer,
				      const struct rh_object *object))
{
	struct rh_str query = rh_call_query(call, "query");

	if (begin(call)) {
		clerk_answer_page(call, &(struct clerk_page){
						.store = which,
						.orders = orders,
						.passes = query.ptr != NULL ? passes : NULL,
						.wish = &query,
						.write = write,
					});
	}
}

void clerk_role_list(struct rh_call *call)
{
	answer_list(call, CLERK_ROLES, write_role);
}

void clerk_permission_list(struct rh_call *call)
{
	answer_list(call, CLERK_PERMISSIONS, clerk_write_permission);
}

/* The role of the path; RH_ROW_NONE: the call holds the answer. */
static size_t role_of_path(struct rh_call *call, struct rh_object *out)
{
	size_t row = RH_ROW_NONE;

	if (!begin(call)) {
		return RH_ROW_NONE;
	}
	row = rh_store_find(clerk_store(call, CLERK_ROLES), CLERK_ROLE_BY_ID, call->params[0]);
	if (row == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
	} else {
		rh_store_get(clerk_store(call, CLERK_ROLES), row, out);
	}
	return row;
}

void clerk_role_get(struct rh_call *call)
{
	struct rh_object role;

	if (role_of_path(call, &role) != RH_ROW_NONE) {
		answer(call, &role);
	}
}

/* "org:" and then letters, digits and underscores. */
static bool is_role_key(struct rh_str text)
{
	if (!rh_str_starts(text, "org:") || text.len == 4) {
		return false;
	}
	for (size_t i = 4; i < text.len; i++) {
		char byte = text.ptr[i];

		if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
		      byte == '_')) {
			return false;
		}
	}
	return true;
}

static const struct clerk_member members[] = {
	{"name", CLERK_TEXT, CLERK_BOTH | CLERK_NULL_UPDATE, 0},
	{"key", CLERK_TEXT, CLERK_BOTH | CLERK_NULL_UPDATE, 0},
	{"description", CLERK_TEXT, CLERK_BOTH | CLERK_NULL, 0},
	{"permissions", CLERK_TEXTS, CLERK_BOTH | CLERK_NULL, 0},
	{"include_in_initial_role_set", CLERK_TRUTH, CLERK_CREATE | CLERK_NULL, 0},
};
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* The permissions' ids with blanks between them; false: one does not exist (then the call says so), or no memory. */
static bool take_permissions(struct rh_call *call, const struct rh_json_node *list,
			     struct rh_object *role)
{
	const struct rh_json_node *node = NULL;
	rh_autobuf ids = {0};

	rh_buf_init(&ids, IDS_MAX);
	while ((node = rh_json_next(list, node, NULL)) != NULL) {
		struct rh_str id = rh_json_string(node);

		if (rh_store_find(clerk_store(call, CLERK_PERMISSIONS), CLERK_ROLE_BY_ID, id) ==
		    RH_ROW_NONE) {
			clerk_refuse(call, 404, "resource_not_found", "permissions",
				     "A permission was not found.");
			return false;
		}
		rh_buf_add_cstr(&ids, ids.len > 0 ? " " : "");
		rh_buf_add_str(&ids, id);
	}
	role->fields[CLERK_ROLE_PERMISSIONS] = RH_STR_ABSENT;
	return ids.failed == 0 &&
	       (ids.len == 0 || rh_arena_copy(&call->arena, rh_buf_str(&ids),
					      &role->fields[CLERK_ROLE_PERMISSIONS]));
}

/* Name, key, description; false: the call holds the answer. */
static bool take_texts(struct rh_call *call, const struct rh_json_node *const *nodes, bool is_new,
		       size_t row, struct rh_object *role)
{
	struct clerk_errors errors = {0};

	for (size_t i = 0; i < 2; i++) {
		if (is_new && nodes[i] == NULL) {
			clerk_add_error(&errors, "form_param_missing", members[i].name,
					"must be included.");
		}
	}
	if (nodes[1] != NULL && !is_role_key(rh_json_string(nodes[1]))) {
		clerk_add_error(&errors, "form_param_format_invalid", "key",
				"must be \"org:\" with lower case letters, digits and "
				"underscores behind it.");
	}
	for (size_t i = 0; i < 3; i++) {
		if (nodes[i] != NULL) {
			role->fields[CLERK_ROLE_NAME + i] = rh_json_string(nodes[i]);
		}
	}
	if (errors.count == 0) {
		size_t found = rh_store_find(clerk_store(call, CLERK_ROLES), CLERK_ROLE_BY_KEY,
					     role->fields[CLERK_ROLE_KEY]);

		if (found != RH_ROW_NONE && found != row) {
			clerk_add_error(&errors, "form_already_exists", "key",
					"A role with this key exists already.");
		}
	}
	return !clerk_refuse_all(call, 422, &errors);
}

static bool has_plan(struct rh_call *call)
{
	if (rh_call_switch(call, CLERK_SWITCH_ROLES_PLAN) == CLERK_IS_ON) {
		return true;
	}
	clerk_refuse(call, 402, "unsupported_subscription_plan_features", NULL,
		     "The plan of this application does not include custom roles.");
	return false;
}

void clerk_role_create(struct rh_call *call)
{
	const struct rh_json_node *nodes[MEMBERS];
	struct rh_object role = {0};

	if (begin(call) &&
	    clerk_read_members(call, &(struct clerk_form){members, MEMBERS, true}, CLERK_CREATE,
			       nodes, NULL) &&
	    take_texts(call, nodes, true, RH_ROW_NONE, &role) &&
	    (nodes[3] == NULL || take_permissions(call, nodes[3], &role)) && has_plan(call) &&
	    clerk_add(call, CLERK_ROLES, "role_", &role)) {
		answer(call, &role);
	}
}

void clerk_role_update(struct rh_call *call)
{
	const struct rh_json_node *nodes[MEMBERS];
	struct rh_object role;
	size_t row = role_of_path(call, &role);

	if (row != RH_ROW_NONE &&
	    clerk_read_members(call, &(struct clerk_form){members, MEMBERS, false}, CLERK_UPDATE,
			       nodes, NULL) &&
	    take_texts(call, nodes, false, row, &role) &&
	    (nodes[3] == NULL || take_permissions(call, nodes[3], &role)) &&
	    clerk_save(call, CLERK_ROLES, row, &role)) {
		answer(call, &role);
	}
}

/* Neither one of the first two, nor one that a member has. */
void clerk_role_delete(struct rh_call *call)
{
	struct rh_object role;
	size_t row = role_of_path(call, &role);

	if (row == RH_ROW_NONE) {
		return;
	}
	if (role.numbers[CLERK_ROLE_IS_SYSTEM] != 0) {
		clerk_refuse(call, 403, "resource_forbidden", NULL, "This role cannot be deleted.");
		return;
	}
	if (rh_store_group_count(clerk_store(call, CLERK_MEMBERSHIPS), CLERK_MEMBERS_OF_ROLE,
				 role.fields[CLERK_ROLE_ID]) > 0) {
		clerk_refuse(call, 422, "form_param_value_invalid", "id",
			     "This role is still assigned to members.");
		return;
	}
	rh_store_remove(clerk_store(call, CLERK_ROLES), row);
	clerk_answer_deleted(call, "role", call->params[0], RH_STR_ABSENT);
}

static bool has_permission(const struct rh_object *role, struct rh_str id)
{
	struct rh_str ids = role->fields[CLERK_ROLE_PERMISSIONS];

	while (ids.ptr != NULL) {
		if (rh_str_eq(rh_str_cut(&ids, ' '), id)) {
			return true;
		}
	}
	return false;
}

void clerk_role_assign(struct rh_call *call)
{
	struct rh_object role;
	size_t row = role_of_path(call, &role);
	struct rh_str *ids = &role.fields[CLERK_ROLE_PERMISSIONS];

	if (row == RH_ROW_NONE) {
		return;
	}
	if (rh_store_find(clerk_store(call, CLERK_PERMISSIONS), CLERK_ROLE_BY_ID,
			  call->params[1]) == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
		return;
	}
	if (has_permission(&role, call->params[1])) {
		clerk_refuse(call, 409, "conflict", NULL,
			     "The permission is assigned to the role already.");
		return;
	}
	*ids = ids->ptr == NULL ? call->params[1]
				: rh_arena_printf(&call->arena, "%.*s %.*s", RH_STR_ARG(*ids),
						  RH_STR_ARG(call->params[1]));
	if (ids->ptr != NULL && clerk_save(call, CLERK_ROLES, row, &role)) {
		answer(call, &role);
	}
}

void clerk_role_withdraw(struct rh_call *call)
{
	struct rh_object role;
	size_t row = role_of_path(call, &role);
	struct rh_str rest;
	rh_autobuf left = {0};

	if (row == RH_ROW_NONE) {
		return;
	}
	if (!has_permission(&role, call->params[1])) {
		clerk_refuse_not_found(call);
		return;
	}
	rh_buf_init(&left, IDS_MAX);
	rest = role.fields[CLERK_ROLE_PERMISSIONS];
	while (rest.ptr != NULL) {
		struct rh_str id = rh_str_cut(&rest, ' ');

		if (!rh_str_eq(id, call->params[1])) {
			rh_buf_add_cstr(&left, left.len > 0 ? " " : "");
			rh_buf_add_str(&left, id);
		}
	}
	role.fields[CLERK_ROLE_PERMISSIONS] = left.len > 0 ? rh_buf_str(&left) : RH_STR_ABSENT;
	if (left.failed == 0 && clerk_save(call, CLERK_ROLES, row, &role)) {
		answer(call, &role);
	}
}
