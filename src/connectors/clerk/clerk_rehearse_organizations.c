/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations of the rehearsed Clerk. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

enum {
	SLUG_MAX = 256,
	MEMBERS_MAX = INT32_MAX,
	SLUG_TRIES = 4, /* for one that nobody has */
};

enum input {
	IN_NAME,
	IN_SLUG,
	IN_CREATED_BY,
	IN_PUBLIC_METADATA,
	IN_PRIVATE_METADATA,
	IN_MAX_MEMBERS,
	IN_ADMIN_DELETE,
	IN_CREATED_AT,
	IN_ROLE_SET,
	IN_COUNT,
};

static const struct clerk_member inputs[IN_COUNT] = {
	[IN_NAME] = {"name", CLERK_TEXT, CLERK_BOTH | CLERK_NULL_UPDATE, 0},
	[IN_SLUG] = {"slug", CLERK_TEXT, CLERK_BOTH | CLERK_NULL, CLERK_SWITCH_SLUGS},
	[IN_CREATED_BY] = {"created_by", CLERK_TEXT, CLERK_CREATE | CLERK_NULL, 0},
	[IN_PUBLIC_METADATA] = {"public_metadata", CLERK_OBJECT,
				CLERK_BOTH | CLERK_OLD | CLERK_NULL, 0},
	[IN_PRIVATE_METADATA] = {"private_metadata", CLERK_OBJECT,
				 CLERK_BOTH | CLERK_OLD | CLERK_NULL, 0},
	[IN_MAX_MEMBERS] = {"max_allowed_memberships", CLERK_NUMBER, CLERK_BOTH | CLERK_NULL, 0},
	[IN_ADMIN_DELETE] = {"admin_delete_enabled", CLERK_TRUTH, CLERK_UPDATE | CLERK_NULL, 0},
	[IN_CREATED_AT] = {"created_at", CLERK_TEXT, CLERK_BOTH | CLERK_NULL, 0},
	[IN_ROLE_SET] = {"role_set_key", CLERK_TEXT, CLERK_BOTH | CLERK_NULL, 0},
};

struct given {
	const struct rh_json_node *nodes[IN_COUNT];
	struct clerk_errors errors;
};

bool clerk_has_organizations(struct rh_call *call)
{
	if (rh_call_switch(call, CLERK_SWITCH_ORGANIZATIONS) == CLERK_IS_ON) {
		return true;
	}
	clerk_refuse(call, 403, "organization_not_enabled_in_instance", NULL,
		     "The organizations feature is not enabled for this instance.");
	return false;
}

size_t clerk_organization_of_path(struct rh_call *call)
{
	size_t row;

	if (!clerk_has_organizations(call)) {
		return RH_ROW_NONE;
	}
	row = rh_store_find(clerk_store(call, CLERK_ORGANIZATIONS), CLERK_ORGANIZATION_BY_ID,
			    call->params[0]);
	if (row == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
	}
	return row;
}

bool clerk_save(struct rh_call *call, enum clerk_tenant_store which, size_t row,
		struct rh_object *object)
{
	const struct rh_schema *schema = rh_store_schema(clerk_store(call, which));

	object->numbers[CLERK_UPDATED_AT] = call->now;
	for (size_t i = 0; i < schema->field_count; i++) {
		if (!rh_arena_copy(&call->arena, object->fields[i], &object->fields[i])) {
			return false;
		}
	}
	return rh_store_replace(clerk_store(call, which), row, object) == RH_OK;
}

bool clerk_add(struct rh_call *call, enum clerk_tenant_store which, const char *prefix,
	       struct rh_object *object)
{
	object->fields[CLERK_ID] = rh_call_new_id(call, prefix);
	if (object->numbers[CLERK_CREATED_AT] == 0) {
		object->numbers[CLERK_CREATED_AT] = call->now;
	}
	object->numbers[CLERK_UPDATED_AT] = call->now;
	return object->fields[CLERK_ID].ptr != NULL &&
	       rh_store_add(clerk_store(call, which), object, NULL) == RH_OK;
}

void clerk_remove_group(struct rh_call *call, enum clerk_tenant_store which, size_t group,
			struct rh_str of)
{
	struct rh_store *store = clerk_store(call, which);
	size_t row = rh_store_group_next(store, group, of, RH_ROW_NONE);

	while (row != RH_ROW_NONE) {
		size_t next = rh_store_group_next(store, group, of, row);

		rh_store_remove(store, row);
		row = next;
	}
}

bool clerk_take_both_metadata(struct rh_call *call, const struct rh_json_node *public_metadata,
			      const struct rh_json_node *private_metadata, struct rh_str *fields)
{
	return (public_metadata == NULL ||
		clerk_take_metadata(call, "public_metadata", RH_STR_ABSENT, public_metadata,
				    &fields[0])) &&
	       (private_metadata == NULL ||
		clerk_take_metadata(call, "private_metadata", RH_STR_ABSENT, private_metadata,
				    &fields[1]));
}

static void put_count(struct rh_json_writer *writer, const char *name, uint64_t count)
{
	rh_json_key(writer, name);
	rh_json_put_u64(writer, count);
}

/* with_counts: alone, and where the query asks for them in a list. */
static void write_organization(struct rh_call *call, struct rh_json_writer *writer,
			       const struct rh_object *organization, bool with_counts)
{
	const struct rh_str *fields = organization->fields;

	rh_json_begin_object(writer);
	clerk_put_text(writer, "object", RH_STR("organization"));
	clerk_put_text(writer, "id", fields[CLERK_ORGANIZATION_ID]);
	clerk_put_text(writer, "name", fields[CLERK_ORGANIZATION_NAME]);
	clerk_put_text(writer, "slug", fields[CLERK_ORGANIZATION_SLUG]);
	clerk_put_text(writer, "image_url", RH_STR("https://img.clerk.com/rehearsal"));
	clerk_put_bool(writer, "has_image", false);
	if (with_counts) {
		put_count(writer, "members_count",
			  rh_store_group_count(clerk_store(call, CLERK_MEMBERSHIPS),
					       CLERK_MEMBERS_OF_ORGANIZATION,
					       fields[CLERK_ORGANIZATION_ID]));
		put_count(writer, "pending_invitations_count",
			  clerk_pending_invitations(call, fields[CLERK_ORGANIZATION_ID]));
	}
	put_count(writer, "max_allowed_memberships",
		  (uint64_t)organization->numbers[CLERK_ORGANIZATION_MAX_MEMBERS]);
	clerk_put_bool(writer, "admin_delete_enabled",
		       organization->numbers[CLERK_ORGANIZATION_NO_DELETE] == 0);
	clerk_write_metadata(writer, "public_metadata", fields[CLERK_ORGANIZATION_PUBLIC_METADATA]);
	clerk_write_metadata(writer, "private_metadata",
			     fields[CLERK_ORGANIZATION_PRIVATE_METADATA]);
	rh_json_member(writer, "created_by", fields[CLERK_ORGANIZATION_CREATED_BY]);
	clerk_put_time(writer, "created_at", organization->numbers[CLERK_CREATED_AT]);
	clerk_put_time(writer, "updated_at", organization->numbers[CLERK_UPDATED_AT]);
	clerk_put_text(writer, "role_set_key", RH_STR_ABSENT);
	rh_json_end_object(writer);
}

void clerk_write_organization(struct rh_call *call, struct rh_json_writer *writer,
			      const struct rh_object *organization)
{
	write_organization(call, writer, organization, false);
}

static void write_with_counts(struct rh_call *call, struct rh_json_writer *writer,
			      const struct rh_object *organization)
{
	write_organization(call, writer, organization, true);
}

static void answer(struct rh_call *call, const struct rh_object *organization)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	write_organization(call, &writer, organization, true);
}

static void add_error(struct given *given, enum input input, const char *code, const char *message)
{
	clerk_add_error(&given->errors, code, inputs[input].name, message);
}

static bool is_slug(struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool is_plain = (text.ptr[i] >= 'a' && text.ptr[i] <= 'z') ||
				(text.ptr[i] >= '0' && text.ptr[i] <= '9') || text.ptr[i] == '-';

		if (!is_plain) {
			return false;
		}
	}
	return text.len > 0 && text.len <= SLUG_MAX;
}

static void take_name_and_slug(struct given *given, struct rh_object *organization)
{
	struct rh_str name = rh_json_string(given->nodes[IN_NAME]);
	struct rh_str slug = rh_json_string(given->nodes[IN_SLUG]);

	if (given->nodes[IN_NAME] != NULL) {
		if (name.len == 0) {
			add_error(given, IN_NAME, "form_param_nil", "must not be empty.");
		} else if (!clerk_is_title(name)) {
			add_error(given, IN_NAME, "form_param_value_invalid",
				  "is too long, or contains a URL or HTML.");
		}
		organization->fields[CLERK_ORGANIZATION_NAME] = name;
	}
	if (rh_str_is_set(slug)) {
		if (!is_slug(slug)) {
			add_error(given, IN_SLUG, "form_param_format_invalid",
				  "can contain only lower case letters, digits and dashes.");
		}
		organization->fields[CLERK_ORGANIZATION_SLUG] = slug;
	}
}

static void take_numbers(struct rh_call *call, struct given *given, struct rh_object *organization)
{
	int64_t number = 0;
	rh_time time;

	if (given->nodes[IN_MAX_MEMBERS] != NULL) {
		(void)rh_str_to_i64(rh_json_text(given->nodes[IN_MAX_MEMBERS]),
				    &number); /* looked at */
		if (number < 0 || number > MEMBERS_MAX) {
			add_error(given, IN_MAX_MEMBERS, "form_param_value_invalid",
				  "must be 0 or more.");
		}
		organization->numbers[CLERK_ORGANIZATION_MAX_MEMBERS] = number;
	}
	if (given->nodes[IN_ADMIN_DELETE] != NULL) {
		organization->numbers[CLERK_ORGANIZATION_NO_DELETE] =
			rh_json_type(given->nodes[IN_ADMIN_DELETE]) == RH_JSON_FALSE;
	}
	if (given->nodes[IN_CREATED_AT] == NULL) {
		return;
	}
	if (!clerk_read_time(rh_json_string(given->nodes[IN_CREATED_AT]), &time)) {
		add_error(given, IN_CREATED_AT, "form_param_invalid_time",
			  "must be a valid RFC 3339 date and time.");
	} else if (time > call->now) {
		add_error(given, IN_CREATED_AT, "form_disallow_future_date",
			  "must be a date in the past.");
	} else {
		organization->numbers[CLERK_CREATED_AT] = time;
	}
}

/* Into the object; false: the call holds the answer. */
static bool take(struct rh_call *call, struct given *given, struct rh_object *organization)
{
	struct rh_str *metadata = &organization->fields[CLERK_ORGANIZATION_PUBLIC_METADATA];

	take_name_and_slug(given, organization);
	take_numbers(call, given, organization);
	if (rh_json_string(given->nodes[IN_ROLE_SET]).len > 0) {
		add_error(given, IN_ROLE_SET, "form_resource_not_found", "is no role set.");
	}
	return !clerk_refuse_all(call, 422, &given->errors) &&
	       clerk_take_both_metadata(call, given->nodes[IN_PUBLIC_METADATA],
					given->nodes[IN_PRIVATE_METADATA], metadata);
}

/* Does another organization than that of the row have the slug?  Then the call holds the answer. */
static bool is_slug_taken(struct rh_call *call, struct rh_str slug, size_t row)
{
	size_t found = rh_store_find(clerk_store(call, CLERK_ORGANIZATIONS),
				     CLERK_ORGANIZATION_BY_SLUG, slug);

	if (found == RH_ROW_NONE || found == row) {
		return false;
	}
	clerk_refuse(call, 422, "form_identifier_exists", "slug",
		     "That slug is taken. Please try another.");
	return true;
}

/* Of the name, with some digits behind it if another organization has it. */
static struct rh_str new_slug(struct rh_call *call, struct rh_str name)
{
	struct rh_str lower = rh_str_lower(&call->arena, name);
	struct rh_str base;
	char text[SLUG_MAX / 2] = "";
	size_t len = 0;

	for (size_t i = 0; i < lower.len && len + 1 < sizeof(text); i++) {
		bool is_plain = is_slug(rh_str_sub(lower, i, 1)) && lower.ptr[i] != '-';

		if (is_plain) {
			text[len++] = lower.ptr[i];
		} else if (len > 0 && text[len - 1] != '-') {
			text[len++] = '-';
		}
	}
	base = (struct rh_str){.ptr = text, .len = len > 0 && text[len - 1] == '-' ? len - 1 : len};
	for (int i = 0; i < SLUG_TRIES; i++) {
		struct rh_str slug =
			i == 0 && base.len > 0
				? rh_arena_printf(&call->arena, "%.*s", RH_STR_ARG(base))
				: rh_arena_printf(&call->arena, "%.*s%s%llu", RH_STR_ARG(base),
						  base.len > 0 ? "-" : "",
						  (unsigned long long)(rh_call_random(call) >> 24));

		if (rh_store_find(clerk_store(call, CLERK_ORGANIZATIONS),
				  CLERK_ORGANIZATION_BY_SLUG, slug) == RH_ROW_NONE) {
			return slug;
		}
	}
	return RH_STR_ABSENT;
}

static bool check_quota(struct rh_call *call)
{
	static const size_t quotas[] = {SIZE_MAX, 100, 5};
	size_t quota = quotas[rh_call_switch(call, CLERK_SWITCH_ORGANIZATION_QUOTA)];

	if (rh_store_count(clerk_store(call, CLERK_ORGANIZATIONS)) < quota) {
		return true;
	}
	clerk_refuse(call, 403, "organization_quota_exceeded", NULL,
		     "You have reached your limit of organizations.");
	return false;
}

/* Whoever creates an organization is a member, and administrator. */
static bool add_creator(struct rh_call *call, const struct rh_object *organization)
{
	struct rh_object membership = {0};

	membership.fields[CLERK_MEMBERSHIP_ORGANIZATION] =
		organization->fields[CLERK_ORGANIZATION_ID];
	membership.fields[CLERK_MEMBERSHIP_USER] =
		organization->fields[CLERK_ORGANIZATION_CREATED_BY];
	membership.fields[CLERK_MEMBERSHIP_ROLE] = clerk_role_id(call, RH_STR("org:admin"));
	return membership.fields[CLERK_MEMBERSHIP_USER].ptr == NULL ||
	       clerk_add_membership(call, &membership);
}

/* The members' limit where nothing is said, and a slug; false: the call holds the answer. */
static bool complete(struct rh_call *call, const struct given *given,
		     struct rh_object *organization)
{
	static const int64_t members[] = {0, 5, 3};
	struct rh_str *slug = &organization->fields[CLERK_ORGANIZATION_SLUG];
	struct rh_str creator = rh_json_string(given->nodes[IN_CREATED_BY]);

	if (given->nodes[IN_MAX_MEMBERS] == NULL) {
		organization->numbers[CLERK_ORGANIZATION_MAX_MEMBERS] =
			members[rh_call_switch(call, CLERK_SWITCH_MEMBERS)];
	}
	if (rh_str_is_set(creator)) {
		if (rh_store_find(clerk_store(call, CLERK_USERS), CLERK_BY_ID, creator) ==
		    RH_ROW_NONE) {
			clerk_refuse(call, 400, "organization_creator_not_found", "created_by",
				     "The user who should create the organization was not found.");
			return false;
		}
		organization->fields[CLERK_ORGANIZATION_CREATED_BY] = creator;
	}
	if (slug->ptr != NULL) {
		return !is_slug_taken(call, *slug, RH_ROW_NONE);
	}
	*slug = new_slug(call, organization->fields[CLERK_ORGANIZATION_NAME]);
	return slug->ptr != NULL;
}

void clerk_organization_create(struct rh_call *call)
{
	struct given given = {0};
	struct rh_object organization = {0};

	if (!clerk_has_organizations(call) ||
	    !clerk_read_members(call, &(struct clerk_form){inputs, IN_COUNT, false}, CLERK_CREATE,
				given.nodes, NULL)) {
		return;
	}
	if (given.nodes[IN_NAME] == NULL) {
		add_error(&given, IN_NAME, "form_param_missing", "must be included.");
	}
	if (take(call, &given, &organization) && complete(call, &given, &organization) &&
	    check_quota(call) && clerk_add(call, CLERK_ORGANIZATIONS, "org_", &organization) &&
	    add_creator(call, &organization)) {
		answer(call, &organization);
	}
}

/* By id; else by slug. */
void clerk_organization_get(struct rh_call *call)
{
	struct rh_store *store = clerk_store(call, CLERK_ORGANIZATIONS);
	size_t row = rh_store_find(store, CLERK_ORGANIZATION_BY_SLUG, call->params[0]);
	struct rh_object organization;

	if (row == RH_ROW_NONE || !clerk_has_organizations(call)) {
		row = call->status == 0 ? clerk_organization_of_path(call) : RH_ROW_NONE;
	}
	if (row != RH_ROW_NONE) {
		rh_store_get(store, row, &organization);
		answer(call, &organization);
	}
}

void clerk_organization_update(struct rh_call *call)
{
	struct given given = {0};
	struct rh_object organization;
	size_t row;

	if (!clerk_pass_rate(call, CLERK_BUCKET_ORGANIZATION, call->params[0])) {
		return;
	}
	row = clerk_organization_of_path(call);
	if (row == RH_ROW_NONE ||
	    !clerk_read_members(call, &(struct clerk_form){inputs, IN_COUNT, true}, CLERK_UPDATE,
				given.nodes, NULL)) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_ORGANIZATIONS), row, &organization);
	if (take(call, &given, &organization) &&
	    !is_slug_taken(call, organization.fields[CLERK_ORGANIZATION_SLUG], row) &&
	    clerk_save(call, CLERK_ORGANIZATIONS, row, &organization)) {
		answer(call, &organization);
	}
}

static void change_metadata(struct rh_call *call, bool is_merge)
{
	struct rh_object organization;
	size_t row;

	if (!clerk_pass_rate(call, CLERK_BUCKET_ORGANIZATION, call->params[0])) {
		return;
	}
	row = clerk_organization_of_path(call);
	if (row == RH_ROW_NONE) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_ORGANIZATIONS), row, &organization);
	if (clerk_change_metadata(call, is_merge,
				  &organization.fields[CLERK_ORGANIZATION_PUBLIC_METADATA], 2) &&
	    clerk_save(call, CLERK_ORGANIZATIONS, row, &organization)) {
		answer(call, &organization);
	}
}

void clerk_organization_patch_metadata(struct rh_call *call)
{
	change_metadata(call, true);
}

void clerk_organization_put_metadata(struct rh_call *call)
{
	change_metadata(call, false);
}

void clerk_organization_delete(struct rh_call *call)
{
	size_t row = clerk_organization_of_path(call);

	if (row == RH_ROW_NONE) {
		return;
	}
	clerk_remove_group(call, CLERK_MEMBERSHIPS, CLERK_MEMBERS_OF_ORGANIZATION, call->params[0]);
	clerk_remove_group(call, CLERK_DOMAINS, CLERK_OF_ORGANIZATION, call->params[0]);
	clerk_remove_group(call, CLERK_ORGANIZATION_INVITATIONS, CLERK_OF_ORGANIZATION,
			   call->params[0]);
	rh_store_remove(clerk_store(call, CLERK_ORGANIZATIONS), row);
	clerk_answer_deleted(call, "organization", call->params[0], RH_STR_ABSENT);
}

/* What a list is filtered by. */
struct wish {
	struct rh_str query;
	struct clerk_values users;
	struct clerk_values ids;
};

/* Is one of the users a member (or is none asked for), and none of those that are left out? */
static bool has_users(const struct rh_call *call, const struct clerk_values *users,
		      struct rh_str organization_id)
{
	bool is_in = users->included == 0;

	for (size_t i = 0; i < users->count; i++) {
		bool is_member = clerk_is_member(call, organization_id, users->list[i]);

		if (is_member && users->is_left_out[i]) {
			return false;
		}
		is_in = is_in || is_member;
	}
	return is_in;
}

static bool passes(const struct rh_call *call, const struct rh_object *organization,
		   const void *context)
{
	const struct wish *wish = context;
	struct rh_str id = organization->fields[CLERK_ORGANIZATION_ID];

	return (wish->query.ptr == NULL || rh_str_eq(wish->query, id) ||
		clerk_contains(organization->fields[CLERK_ORGANIZATION_NAME], wish->query) ||
		clerk_contains(organization->fields[CLERK_ORGANIZATION_SLUG], wish->query)) &&
	       clerk_passes_values(&wish->ids, id) && has_users(call, &wish->users, id);
}

static int64_t members_of(const struct rh_call *call, const struct rh_object *organization)
{
	return (int64_t)rh_store_group_count(clerk_store(call, CLERK_MEMBERSHIPS),
					     CLERK_MEMBERS_OF_ORGANIZATION,
					     organization->fields[CLERK_ORGANIZATION_ID]);
}

void clerk_organization_list(struct rh_call *call)
{
	static const struct clerk_order orders[] = {
		{.name = "created_at", .number = clerk_created_at},
		{.name = "name", .text = clerk_name_of},
		{.name = "members_count", .number = members_of},
		{0},
	};
	struct wish *wish = rh_arena_calloc(&call->arena, 1, sizeof(*wish));
	struct clerk_errors errors = {0};
	struct clerk_page page = {.store = CLERK_ORGANIZATIONS, .orders = orders, .wish = wish};

	if (wish == NULL || !clerk_has_organizations(call)) {
		return;
	}
	wish->query = rh_call_query(call, "query");
	clerk_read_values(call, "user_id", true, &wish->users, &errors);
	clerk_read_values(call, "organization_id", true, &wish->ids, &errors);
	if (clerk_refuse_all(call, 422, &errors)) {
		return;
	}
	if (wish->query.ptr != NULL || wish->users.count > 0 || wish->ids.count > 0) {
		page.passes = passes;
	}
	page.write = rh_str_is(rh_call_query(call, "include_members_count"), "true")
			     ? write_with_counts
			     : clerk_write_organization;
	clerk_answer_page(call, &page);
}
