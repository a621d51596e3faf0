/* SPDX-License-Identifier: Apache-2.0 */
/* Memberships of the rehearsed Clerk. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

static struct rh_str pair_of(struct rh_call *call, struct rh_str organization_id,
			     struct rh_str user_id)
{
	return rh_arena_printf(&call->arena, "%.*s %.*s", RH_STR_ARG(organization_id),
			       RH_STR_ARG(user_id));
}

bool clerk_is_member(const struct rh_call *call, struct rh_str organization_id,
		     struct rh_str user_id)
{
	rh_autobuf pair = {0};

	/* Not in the call's arena: a list asks once for each person. */
	rh_buf_init(&pair, 4096);
	rh_buf_add_str(&pair, organization_id);
	rh_buf_add_cstr(&pair, " ");
	rh_buf_add_str(&pair, user_id);
	return rh_store_find(clerk_store(call, CLERK_MEMBERSHIPS), CLERK_MEMBERSHIP_BY_PAIR,
			     rh_buf_str(&pair)) != RH_ROW_NONE;
}

bool clerk_add_membership(struct rh_call *call, struct rh_object *membership)
{
	membership->fields[CLERK_MEMBERSHIP_PAIR] =
		pair_of(call, membership->fields[CLERK_MEMBERSHIP_ORGANIZATION],
			membership->fields[CLERK_MEMBERSHIP_USER]);
	return membership->fields[CLERK_MEMBERSHIP_ROLE].ptr != NULL &&
	       membership->fields[CLERK_MEMBERSHIP_PAIR].ptr != NULL &&
	       clerk_add(call, CLERK_MEMBERSHIPS, "orgmem_", membership);
}

/* The value of an identification, or absent. */
static struct rh_str value_of(const struct rh_call *call, enum clerk_store which, struct rh_str id)
{
	size_t row = rh_store_find(clerk_store(call, which), CLERK_IDN_BY_ID, id);
	struct rh_object idn;

	if (row == RH_ROW_NONE) {
		return RH_STR_ABSENT;
	}
	rh_store_get(clerk_store(call, which), row, &idn);
	return idn.fields[CLERK_IDN_VALUE];
}

/* What the person is called by first: address, number, username. */
static struct rh_str identifier_of(const struct rh_call *call, const struct rh_object *user)
{
	struct rh_str text = value_of(call, CLERK_EMAILS, user->fields[CLERK_USER_PRIMARY_EMAIL]);

	if (text.ptr == NULL) {
		text = value_of(call, CLERK_PHONES, user->fields[CLERK_USER_PRIMARY_PHONE]);
	}
	return text.ptr != NULL ? text : user->fields[CLERK_USER_USERNAME];
}

static bool user_of(const struct rh_call *call, const struct rh_object *membership,
		    struct rh_object *user)
{
	size_t row = rh_store_find(clerk_store(call, CLERK_USERS), CLERK_BY_ID,
				   membership->fields[CLERK_MEMBERSHIP_USER]);

	if (row != RH_ROW_NONE) {
		rh_store_get(clerk_store(call, CLERK_USERS), row, user);
	}
	return row != RH_ROW_NONE;
}

static void write_person(struct rh_call *call, struct rh_json_writer *writer,
			 const struct rh_object *membership)
{
	struct rh_object user;

	rh_json_key(writer, "public_user_data");
	if (!user_of(call, membership, &user)) {
		rh_json_put_null(writer);
		return;
	}
	rh_json_begin_object(writer);
	clerk_put_text(writer, "user_id", user.fields[CLERK_USER_ID]);
	clerk_put_text(writer, "first_name", user.fields[CLERK_USER_FIRST_NAME]);
	clerk_put_text(writer, "last_name", user.fields[CLERK_USER_LAST_NAME]);
	clerk_put_text(writer, "image_url", RH_STR("https://img.clerk.com/rehearsal"));
	clerk_put_bool(writer, "has_image", false);
	clerk_put_text(writer, "identifier", identifier_of(call, &user));
	clerk_put_text(writer, "username", user.fields[CLERK_USER_USERNAME]);
	clerk_put_bool(writer, "banned", (user.numbers[CLERK_USER_FLAGS] & CLERK_FLAG_BANNED) != 0);
	clerk_put_bool(writer, "deprovisioned", false);
	rh_json_end_object(writer);
}

static void write_membership(struct rh_call *call, struct rh_json_writer *writer,
			     const struct rh_object *membership)
{
	const struct rh_str *fields = membership->fields;
	struct rh_store *organizations = clerk_store(call, CLERK_ORGANIZATIONS);
	size_t row = rh_store_find(organizations, CLERK_ORGANIZATION_BY_ID,
				   fields[CLERK_MEMBERSHIP_ORGANIZATION]);
	struct rh_object organization;

	rh_json_begin_object(writer);
	clerk_put_text(writer, "object", RH_STR("organization_membership"));
	clerk_put_text(writer, "id", fields[CLERK_MEMBERSHIP_ID]);
	clerk_write_role_of(call, writer, fields[CLERK_MEMBERSHIP_ROLE], true);
	clerk_write_metadata(writer, "public_metadata", fields[CLERK_MEMBERSHIP_PUBLIC_METADATA]);
	clerk_write_metadata(writer, "private_metadata", fields[CLERK_MEMBERSHIP_PRIVATE_METADATA]);
	rh_json_key(writer, "organization");
	if (row != RH_ROW_NONE) {
		rh_store_get(organizations, row, &organization);
		clerk_write_organization(call, writer, &organization);
	} else {
		rh_json_put_null(writer);
	}
	write_person(call, writer, membership);
	clerk_put_time(writer, "created_at", membership->numbers[CLERK_CREATED_AT]);
	clerk_put_time(writer, "updated_at", membership->numbers[CLERK_UPDATED_AT]);
	rh_json_end_object(writer);
}

static void answer(struct rh_call *call, const struct rh_object *membership)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	write_membership(call, &writer, membership);
}

/* The id of a role that the body names by key; absent: the call holds the answer. */
static struct rh_str read_role(struct rh_call *call, const struct rh_json_node *node)
{
	struct rh_str id = clerk_role_id(call, rh_json_string(node));

	if (id.ptr == NULL) {
		clerk_refuse(call, 404, "resource_not_found", "role",
			     "The role was not found in this organization.");
	}
	return id;
}

/* Is there a place for one more? */
static bool check_room(struct rh_call *call, const struct rh_object *organization)
{
	int64_t max = organization->numbers[CLERK_ORGANIZATION_MAX_MEMBERS];
	struct rh_str id = organization->fields[CLERK_ORGANIZATION_ID];
	size_t count = rh_store_group_count(clerk_store(call, CLERK_MEMBERSHIPS),
					    CLERK_MEMBERS_OF_ORGANIZATION, id);

	if (max == 0 || (int64_t)(count + clerk_pending_invitations(call, id)) < max) {
		return true;
	}
	clerk_refuse(call, 403, "organization_membership_quota_exceeded", NULL,
		     "You have reached your limit of organization memberships, including "
		     "outstanding invitations.");
	return false;
}

void clerk_membership_create(struct rh_call *call)
{
	static const struct clerk_member members[] = {
		{"user_id", CLERK_TEXT, CLERK_CREATE | CLERK_NEEDED, 0},
		{"role", CLERK_TEXT, CLERK_CREATE | CLERK_NEEDED, 0},
		{"public_metadata", CLERK_OBJECT, CLERK_CREATE | CLERK_NULL, 0},
		{"private_metadata", CLERK_OBJECT, CLERK_CREATE | CLERK_NULL, 0},
	};
	enum { COUNT = sizeof(members) / sizeof(members[0]) };
	const struct rh_json_node *nodes[COUNT];
	size_t row = clerk_organization_of_path(call);
	struct rh_object organization;
	struct rh_object membership = {0};
	struct rh_str *fields = membership.fields;

	if (row == RH_ROW_NONE ||
	    !clerk_read_members(call, &(struct clerk_form){members, COUNT, false}, CLERK_CREATE,
				nodes, NULL)) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_ORGANIZATIONS), row, &organization);
	fields[CLERK_MEMBERSHIP_ORGANIZATION] = call->params[0];
	fields[CLERK_MEMBERSHIP_USER] = rh_json_string(nodes[0]);
	if (rh_store_find(clerk_store(call, CLERK_USERS), CLERK_BY_ID,
			  fields[CLERK_MEMBERSHIP_USER]) == RH_ROW_NONE) {
		clerk_refuse(call, 404, "resource_not_found", "user_id", "The user was not found.");
		return;
	}
	fields[CLERK_MEMBERSHIP_ROLE] = read_role(call, nodes[1]);
	if (fields[CLERK_MEMBERSHIP_ROLE].ptr == NULL) {
		return;
	}
	if (clerk_is_member(call, call->params[0], fields[CLERK_MEMBERSHIP_USER])) {
		clerk_refuse(call, 422, "form_already_exists", "user_id",
			     "The user is a member of this organization already.");
		return;
	}
	if (clerk_take_both_metadata(call, nodes[2], nodes[3],
				     &fields[CLERK_MEMBERSHIP_PUBLIC_METADATA]) &&
	    check_room(call, &organization) && clerk_add_membership(call, &membership)) {
		answer(call, &membership);
	}
}

/* The membership of the path; RH_ROW_NONE: the call holds the answer. */
static size_t membership_of_path(struct rh_call *call, struct rh_object *out)
{
	size_t row = clerk_organization_of_path(call);

	if (row == RH_ROW_NONE) {
		return RH_ROW_NONE;
	}
	row = rh_store_find(clerk_store(call, CLERK_MEMBERSHIPS), CLERK_MEMBERSHIP_BY_PAIR,
			    pair_of(call, call->params[0], call->params[1]));
	if (row == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
	} else {
		rh_store_get(clerk_store(call, CLERK_MEMBERSHIPS), row, out);
	}
	return row;
}

static bool pass_rate(struct rh_call *call)
{
	return clerk_pass_rate(call, CLERK_BUCKET_MEMBERSHIP,
			       pair_of(call, call->params[0], call->params[1]));
}

void clerk_membership_update(struct rh_call *call)
{
	static const struct clerk_member member = {"role", CLERK_TEXT, CLERK_UPDATE | CLERK_NEEDED,
						   0};
	const struct rh_json_node *node;
	struct rh_object membership;
	size_t row;

	if (!pass_rate(call)) {
		return;
	}
	row = membership_of_path(call, &membership);
	if (row == RH_ROW_NONE || !clerk_read_members(call, &(struct clerk_form){&member, 1, false},
						      CLERK_UPDATE, &node, NULL)) {
		return;
	}
	membership.fields[CLERK_MEMBERSHIP_ROLE] = read_role(call, node);
	if (membership.fields[CLERK_MEMBERSHIP_ROLE].ptr != NULL &&
	    clerk_save(call, CLERK_MEMBERSHIPS, row, &membership)) {
		answer(call, &membership);
	}
}

void clerk_membership_patch_metadata(struct rh_call *call)
{
	struct rh_object membership;
	size_t row;

	if (!pass_rate(call)) {
		return;
	}
	row = membership_of_path(call, &membership);
	if (row != RH_ROW_NONE &&
	    clerk_change_metadata(call, true, &membership.fields[CLERK_MEMBERSHIP_PUBLIC_METADATA],
				  2) &&
	    clerk_save(call, CLERK_MEMBERSHIPS, row, &membership)) {
		answer(call, &membership);
	}
}

/* Answers with what it was. */
void clerk_membership_delete(struct rh_call *call)
{
	struct rh_object membership;
	size_t row = membership_of_path(call, &membership);

	if (row != RH_ROW_NONE) {
		answer(call, &membership);
		rh_store_remove(clerk_store(call, CLERK_MEMBERSHIPS), row);
	}
}

static struct rh_str email_of(const struct rh_call *call, const struct rh_object *membership)
{
	struct rh_object user;

	return user_of(call, membership, &user)
		       ? value_of(call, CLERK_EMAILS, user.fields[CLERK_USER_PRIMARY_EMAIL])
		       : RH_STR_ABSENT;
}

static struct rh_str text_of(const struct rh_call *call, const struct rh_object *membership,
			     enum clerk_user_field field)
{
	struct rh_object user;

	return user_of(call, membership, &user) ? user.fields[field] : RH_STR_ABSENT;
}

static struct rh_str first_name_of(const struct rh_call *call, const struct rh_object *membership)
{
	return text_of(call, membership, CLERK_USER_FIRST_NAME);
}

static struct rh_str last_name_of(const struct rh_call *call, const struct rh_object *membership)
{
	return text_of(call, membership, CLERK_USER_LAST_NAME);
}

static struct rh_str username_of(const struct rh_call *call, const struct rh_object *membership)
{
	return text_of(call, membership, CLERK_USER_USERNAME);
}

static const struct clerk_order orders[] = {
	{.name = "created_at", .number = clerk_created_at},
	{.name = "email_address", .text = email_of},
	{.name = "first_name", .text = first_name_of},
	{.name = "last_name", .text = last_name_of},
	{.name = "username", .text = username_of},
	{0},
};

/* What the list of an organization is filtered by. */
struct wish {
	struct clerk_values users;
	struct clerk_values roles; /* ids, where the query has keys */
	struct rh_str query;
};

static bool passes(const struct rh_call *call, const struct rh_object *membership,
		   const void *context)
{
	const struct wish *wish = context;
	struct rh_object user;

	if (!clerk_passes_values(&wish->users, membership->fields[CLERK_MEMBERSHIP_USER]) ||
	    !clerk_passes_values(&wish->roles, membership->fields[CLERK_MEMBERSHIP_ROLE])) {
		return false;
	}
	return wish->query.ptr == NULL ||
	       (user_of(call, membership, &user) &&
		(clerk_contains(identifier_of(call, &user), wish->query) ||
		 clerk_contains(user.fields[CLERK_USER_USERNAME], wish->query) ||
		 clerk_contains(user.fields[CLERK_USER_ID], wish->query) ||
		 clerk_contains(user.fields[CLERK_USER_FIRST_NAME], wish->query) ||
		 clerk_contains(user.fields[CLERK_USER_LAST_NAME], wish->query)));
}

void clerk_membership_list(struct rh_call *call)
{
	struct wish *wish = rh_arena_calloc(&call->arena, 1, sizeof(*wish));
	struct clerk_errors errors = {0};

	if (wish == NULL || clerk_organization_of_path(call) == RH_ROW_NONE) {
		return;
	}
	wish->query = rh_call_query(call, "query");
	clerk_read_values(call, "user_id", true, &wish->users, &errors);
	clerk_read_values(call, "role", false, &wish->roles, &errors);
	if (clerk_refuse_all(call, 422, &errors)) {
		return;
	}
	for (size_t i = 0; i < wish->roles.count; i++) {
		wish->roles.list[i] = clerk_role_id(call, wish->roles.list[i]);
	}
	clerk_answer_page(call, &(struct clerk_page){
					.store = CLERK_MEMBERSHIPS,
					.orders = orders,
					.group = CLERK_MEMBERS_OF_ORGANIZATION,
					.of = call->params[0],
					.passes = passes,
					.wish = wish,
					.write = write_membership,
				});
}

void clerk_membership_list_all(struct rh_call *call)
{
	if (clerk_has_organizations(call)) {
		clerk_answer_page(call, &(struct clerk_page){
						.store = CLERK_MEMBERSHIPS,
						.orders = orders,
						.write = write_membership,
					});
	}
}

void clerk_membership_list_of_user(struct rh_call *call)
{
	if (clerk_has_organizations(call) && clerk_user_of_path(call) != RH_ROW_NONE) {
		clerk_answer_page(call, &(struct clerk_page){
						.store = CLERK_MEMBERSHIPS,
						.orders = orders,
						.group = CLERK_MEMBERS_OF_USER,
						.of = call->params[0],
						.write = write_membership,
					});
	}
}
