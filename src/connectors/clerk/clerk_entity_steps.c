/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of Clerk about organizations, domains, roles, permissions, memberships and invitations.
 *
 *  1. Lists are read by offset, oldest first, in pages of 500.  They say how many there are; who reads them compares.
 *  2. Invitations stand in two lists, of organizations and of the application: the cursor says in which, and where.
 *  3. An organization is found by the external id in its private metadata, which no filter knows: its list is walked, the
 *     newest first.
 *  4. What is found under a key, a domain or an address is looked at itself: a search also knows parts of it.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/clerk/clerk_entities.h"
#include "connectors/clerk/clerk_target_steps.h"

#define ORGANIZATIONS "/v1/organizations/"
/* First byte of a cursor of invitations (rule 2). */
#define OF_ORGANIZATIONS 'o'
#define OF_APPLICATION 'a'

static const char *collection_of(enum rh_kind kind)
{
	static const char *const collections[RH_KINDS] = {
		[RH_KIND_PERMISSION] = "/v1/organization_permissions",
		[RH_KIND_ROLE] = "/v1/organization_roles",
		[RH_KIND_ORGANIZATION] = "/v1/organizations",
		[RH_KIND_DOMAIN] = "/v1/organization_domains",
		[RH_KIND_MEMBERSHIP] = "/v1/organization_memberships",
		[RH_KIND_INVITATION] = "/v1/organization_invitations",
	};

	return collections[kind];
}

/* ---- asking ------------------------------------------------------------------------------------------------- */

int clerk_entity_send(const struct clerk *clerk, struct rh_operation *operation, const char *method,
		      const struct clerk_entity_path *path, struct rh_str body,
		      struct rh_answer *answer)
{
	struct rh_str out = RH_STR_ABSENT;
	rh_autobuf text = {0};

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_buf_add_cstr(&text, path->a);
	rh_url_encode(&text, path->first);
	if (path->b != NULL) {
		rh_buf_add_cstr(&text, path->b);
		rh_url_encode(&text, path->second);
	}
	if (path->c != NULL) {
		rh_buf_add_cstr(&text, path->c);
	}
	if (text.failed != RH_OK || !rh_arena_copy(operation->arena, rh_buf_str(&text), &out)) {
		return text.failed != RH_OK ? text.failed : RH_ENOMEM;
	}
	clerk_send(clerk, answer, method, out, body);
	return RH_OK;
}

/* ---- answering ---------------------------------------------------------------------------------------------- */

int clerk_entity_take(const struct clerk *clerk, struct rh_operation *operation,
		      const struct rh_json_node *node, bool was_writing, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_record record = {.json = node, .number = 1};
	struct rh_observed observed;
	int code = clerk_entity_observe(clerk, operation->kind, &record, operation->arena,
					&observed, NULL);

	if (code == RH_EINPUT) {
		rh_step_fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	if (code != RH_OK) {
		return code;
	}
	if (row->target_id.ptr == NULL) { /* else it was asked for, and stays */
		row->target_id = observed.target_id;
	}
	row->observed = observed;
	row->has_observed = true;
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

int clerk_entity_answer(const struct clerk *clerk, struct rh_operation *operation,
			const struct rh_response *response, bool was_writing,
			struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status == 200 || response->status == 201) {
		return clerk_entity_take(clerk, operation, root, was_writing, answer);
	}
	if (response->status == 404 && !was_writing &&
	    rh_json_type(rh_json_get(root, "errors")) == RH_JSON_ARRAY) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	return clerk_entity_refuse(operation, root, response->status, was_writing, answer);
}

static bool has_row(const struct rh_operation *operation)
{
	return operation->row_count == 1 && operation->rows != NULL;
}

/* ---- list ----------------------------------------------------------------------------------------------------- */

static unsigned page_size(const struct rh_operation *operation)
{
	unsigned limit = operation->page_size;

	return limit == 0 || limit > CLERK_PAGE_MAX ? CLERK_PAGE_MAX : limit;
}

/* Where the page begins, and of invitations in which list; false: it is no cursor of ours. */
static bool read_cursor(const struct rh_operation *operation, char *list, uint64_t *offset)
{
	struct rh_str cursor = operation->cursor;

	*list = OF_ORGANIZATIONS;
	*offset = 0;
	if (cursor.ptr == NULL) {
		return true;
	}
	if (cursor.len > 1) {
		*list = cursor.ptr[0];
	}
	return (*list == OF_ORGANIZATIONS || *list == OF_APPLICATION) &&
	       rh_str_to_u64(rh_str_sub(cursor, 1, cursor.len), offset);
}

static int send_list(const struct clerk *clerk, struct rh_operation *operation,
		     struct rh_answer *answer)
{
	struct rh_str path;
	uint64_t offset;
	char list;

	if (!read_cursor(operation, &list, &offset)) {
		return RH_EINVAL;
	}
	path = rh_arena_printf(operation->arena, "%s?order_by=%%2Bcreated_at&limit=%u&offset=%llu",
			       list == OF_APPLICATION ? "/v1/invitations"
						      : collection_of(operation->kind),
			       page_size(operation), (unsigned long long)offset);
	if (path.ptr == NULL) {
		return RH_ENOMEM;
	}
	clerk_send(clerk, answer, "GET", path, RH_STR_ABSENT);
	return RH_OK;
}

/* A page is the last one when it is not full; behind the last one of organizations' invitations come the others. */
static int set_next(struct rh_operation *operation, char list, uint64_t offset)
{
	uint64_t next = offset + operation->record_count;

	operation->next_cursor = RH_STR_ABSENT;
	if (operation->record_count < page_size(operation)) {
		if (operation->kind != RH_KIND_INVITATION || list == OF_APPLICATION) {
			return RH_OK;
		}
		list = OF_APPLICATION;
		next = 0;
	}
	operation->next_cursor =
		rh_arena_printf(operation->arena, "%c%llu", list, (unsigned long long)next);
	return operation->next_cursor.ptr != NULL ? RH_OK : RH_ENOMEM;
}

static int take_page(struct rh_operation *operation, const struct rh_json_node *root,
		     struct rh_answer *answer)
{
	const struct rh_json_node *list = clerk_list_of(root);
	const struct rh_json_node *node = NULL;
	struct rh_record *records =
		rh_arena_calloc(operation->arena, rh_json_count(list) + 1, sizeof(*records));
	uint64_t offset;
	int64_t total = 0;
	char which;

	if (records == NULL) {
		return RH_ENOMEM;
	}
	operation->record_count = 0;
	while ((node = rh_json_next(list, node, NULL)) != NULL) {
		size_t number = ++operation->record_count;

		if (!rh_str_is_set(rh_json_get_string(node, "id"))) {
			operation->record_count = 0;
			rh_step_fail_unreadable(answer, false);
			return RH_OK;
		}
		records[number - 1] = (struct rh_record){.json = node, .number = number};
	}
	operation->records = records;
	if (operation->kind != RH_KIND_INVITATION && rh_json_get_i64(root, "total_count", &total) &&
	    total > 0) {
		operation->total = (uint64_t)total;
	}
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return read_cursor(operation, &which, &offset) ? set_next(operation, which, offset)
						       : RH_EINVAL;
}

int clerk_entity_list(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		return send_list(instance, operation, answer);
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || clerk_list_of(root) == NULL) {
		return clerk_entity_refuse(operation, root, response->status, false, answer);
	}
	return take_page(operation, root, answer);
}

/* ---- get and find ----------------------------------------------------------------------------------------------- */

int clerk_entity_get(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	struct clerk_entity_path path = {.a = collection_of(operation->kind), .b = "/"};

	(void)now;
	(void)seed;
	if (!has_row(operation) || !rh_str_is_set(operation->rows[0].target_id)) {
		return RH_EINVAL;
	}
	path.second = operation->rows[0].target_id;
	return response == NULL
		       ? clerk_entity_send(instance, operation, "GET", &path, RH_STR_ABSENT, answer)
		       : clerk_entity_answer(instance, operation, response, false, answer);
}

int clerk_entity_send_find(const struct clerk *clerk, struct rh_operation *operation,
			   struct rh_answer *answer)
{
	const struct rh_row *row = &operation->rows[0];
	struct clerk_entity_path path = {.a = collection_of(operation->kind)};
	struct rh_str text;

	switch ((int)operation->kind) {
	case RH_KIND_ORGANIZATION:
		text = rh_arena_printf(
			operation->arena,
			"/v1/organizations?order_by=-created_at&limit=%u&offset=%llu",
			(unsigned)CLERK_PAGE_MAX,
			(unsigned long long)operation->stage * CLERK_PAGE_MAX);
		if (text.ptr == NULL) {
			return RH_ENOMEM;
		}
		path.a = text.ptr;
		break;
	case RH_KIND_DOMAIN:
		path = (struct clerk_entity_path){
			"/v1/organization_domains?limit=500&organization_id=",
			row->links->organization, NULL, RH_STR_ABSENT, NULL};
		break;
	case RH_KIND_MEMBERSHIP:
		path = (struct clerk_entity_path){ORGANIZATIONS, row->links->organization,
						  "/memberships?limit=10&user_id=",
						  row->links->user, NULL};
		break;
	case RH_KIND_INVITATION:
		if (rh_str_is_set(row->links->organization)) {
			path = (struct clerk_entity_path){
				ORGANIZATIONS, row->links->organization,
				"/invitations?limit=500&status=pending&email_address=",
				row->entity->email, NULL};
		} else {
			path = (struct clerk_entity_path){
				"/v1/invitations?limit=500&status=pending&query=",
				row->entity->email, NULL, RH_STR_ABSENT, NULL};
		}
		break;
	default:
		path.b = "?limit=500&query=";
		path.second = row->links->slug;
		break;
	}
	return clerk_entity_send(clerk, operation, "GET", &path, RH_STR_ABSENT, answer);
}

/* Rule 4. */
static bool is_meant(const struct rh_row *row, const struct rh_observed *found)
{
	const struct rh_entity *entity = found->entity;

	switch ((int)entity->kind) {
	case RH_KIND_ORGANIZATION:
		return rh_str_eq(found->external_id, row->external_id);
	case RH_KIND_DOMAIN: /* a removal knows its id alone */
		return rh_str_is_set(row->target_id)
			       ? rh_str_eq(found->target_id, row->target_id)
			       : rh_str_eq(entity->domain, row->entity->domain);
	case RH_KIND_MEMBERSHIP:
		return rh_str_eq(entity->user, row->links->user);
	case RH_KIND_INVITATION:
		return entity->state == RH_ENTITY_PENDING &&
		       rh_str_eq(entity->email, row->entity->email);
	default:
		return rh_str_eq(entity->slug, row->links->slug);
	}
}

int clerk_entity_take_found(const struct clerk *clerk, struct rh_operation *operation,
			    const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_str asked = row->target_id;
	const struct rh_json_node *node = NULL;
	const struct rh_json_node *root;
	size_t count = 0;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status == 404 && rh_json_type(rh_json_get(root, "errors")) == RH_JSON_ARRAY) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	if (response->status != 200 || clerk_list_of(root) == NULL) {
		return clerk_entity_refuse(operation, root, response->status, false, answer);
	}
	while ((node = rh_json_next(clerk_list_of(root), node, NULL)) != NULL) {
		row->target_id = RH_STR_ABSENT;
		code = clerk_entity_take(clerk, operation, node, false, answer);
		if (code != RH_OK || answer->kind == RH_ANSWER_FAIL) {
			return code;
		}
		row->target_id = asked;
		if (is_meant(row, &row->observed)) {
			row->target_id = asked.ptr != NULL ? asked : row->observed.target_id;
			return RH_OK;
		}
		count++;
	}
	row->has_observed = false;
	if (operation->kind == RH_KIND_ORGANIZATION && count == CLERK_PAGE_MAX) { /* rule 3 */
		operation->stage++;
		return clerk_entity_send_find(clerk, operation, answer);
	}
	rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
	return RH_OK;
}

static bool can_find(const struct rh_operation *operation)
{
	const struct rh_row *row = &operation->rows[0];

	switch ((int)operation->kind) {
	case RH_KIND_ORGANIZATION:
		return rh_str_is_set(row->external_id);
	case RH_KIND_DOMAIN:
		return row->entity != NULL && row->links != NULL &&
		       rh_str_is_set(row->links->organization);
	case RH_KIND_MEMBERSHIP:
		return row->links != NULL && rh_str_is_set(row->links->organization) &&
		       rh_str_is_set(row->links->user);
	case RH_KIND_INVITATION:
		return row->entity != NULL && row->links != NULL;
	default:
		return row->links != NULL && rh_str_is_set(row->links->slug);
	}
}

int clerk_entity_find(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (!has_row(operation) || !can_find(operation)) {
		return RH_EINVAL;
	}
	return response == NULL ? clerk_entity_send_find(instance, operation, answer)
				: clerk_entity_take_found(instance, operation, response, answer);
}

/* ---- create ------------------------------------------------------------------------------------------------------- */

static int send_new(const struct clerk *clerk, struct rh_operation *operation,
		    struct rh_answer *answer)
{
	static const struct rh_mapping_policy defaults = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	const struct rh_row *row = &operation->rows[0];
	struct clerk_entity_path path = {.a = collection_of(operation->kind)};
	struct rh_str text = RH_STR_ABSENT;
	struct rh_wire wire;
	rh_autobuf body = {0};
	int code;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	code = clerk_entity_to_wire(clerk, row->entity, row->links,
				    row->policy != NULL ? row->policy : &defaults, row->parts,
				    operation->arena, NULL, &body, &wire, NULL);
	if (code != RH_OK) {
		return code;
	}
	if (!rh_arena_copy(operation->arena, rh_buf_str(&body), &text)) {
		return RH_ENOMEM;
	}
	if (operation->kind == RH_KIND_DOMAIN || operation->kind == RH_KIND_MEMBERSHIP ||
	    (operation->kind == RH_KIND_INVITATION && rh_str_is_set(row->links->organization))) {
		path.a = ORGANIZATIONS;
		path.first = row->links->organization;
		path.c = operation->kind == RH_KIND_DOMAIN       ? "/domains"
			 : operation->kind == RH_KIND_MEMBERSHIP ? "/memberships"
								 : "/invitations";
	} else if (operation->kind == RH_KIND_INVITATION) {
		path.a = "/v1/invitations";
	}
	return clerk_entity_send(clerk, operation, "POST", &path, text, answer);
}

int clerk_entity_create(const void *instance, struct rh_operation *operation,
			const struct rh_response *response, rh_time now, uint64_t seed,
			struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (!has_row(operation) || operation->rows[0].entity == NULL ||
	    operation->rows[0].links == NULL) {
		return RH_EINVAL;
	}
	return response == NULL ? send_new(instance, operation, answer)
				: clerk_entity_answer(instance, operation, response, true, answer);
}
