/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of WorkOS about organizations, domains, roles, permissions, memberships and invitations.
 *
 *  1. Roles and permissions are addressed by their slug, everything else by its id.
 *  2. Domains have no list of their own: they stand in the organizations, page by page.
 *  3. Memberships are listed organization by organization, in all their states; a list without that says nothing about
 *     who is inactive or invited.
 *  4. What is found under a domain or an address is looked at itself: a filter may let others through.
 */
#include "connectors/workos/workos_entities.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/workos/workos_steps.h"

#define STATUSES "&statuses=active,inactive,pending"

const struct workos_collection *workos_collection_of(enum rh_kind kind)
{
	static const struct workos_collection collections[RH_KINDS] = {
		[RH_KIND_PERMISSION] = {"/authorization/permissions", false, false},
		[RH_KIND_ROLE] = {"/authorization/roles", false, true},
		[RH_KIND_ORGANIZATION] = {"/organizations", false, false},
		[RH_KIND_DOMAIN] = {"/organization_domains", false, false},
		[RH_KIND_MEMBERSHIP] = {"/user_management/organization_memberships", true, false},
		[RH_KIND_INVITATION] = {"/user_management/invitations", true, false},
	};

	return &collections[kind];
}

static bool is_by_slug(enum rh_kind kind)
{
	return kind == RH_KIND_PERMISSION || kind == RH_KIND_ROLE;
}

/* ---- asking ------------------------------------------------------------------------------------------------- */

void workos_entity_send(enum rh_kind kind, struct rh_answer *answer, const char *method,
			struct rh_str path, struct rh_str body)
{
	workos_send(answer, method, path, body);
	if (!workos_collection_of(kind)->is_users) {
		answer->request.buckets = WORKOS_DRAWS_ANY;
	}
}

int workos_entity_send_object(struct rh_operation *operation, const char *method,
			      const char *behind, struct rh_str body, struct rh_answer *answer)
{
	const struct workos_collection *collection = workos_collection_of(operation->kind);
	struct rh_str before = rh_arena_printf(operation->arena, "%s/", collection->path);
	struct rh_str path;
	int code;

	if (before.ptr == NULL) {
		return RH_ENOMEM;
	}
	code = rh_step_path(operation->arena, before.ptr, operation->rows[0].target_id, behind,
			    &path);
	if (code == RH_OK) {
		workos_entity_send(operation->kind, answer, method, path, body);
	}
	return code;
}

/* GET of `before` and the encoded text. */
static int send_get(struct rh_operation *operation, struct rh_answer *answer, const char *before,
		    struct rh_str text)
{
	struct rh_str path;
	int code = rh_step_path(operation->arena, before, text, "", &path);

	if (code == RH_OK) {
		workos_entity_send(operation->kind, answer, "GET", path, RH_STR_ABSENT);
	}
	return code;
}

/* GET of a filter with two values, each encoded. */
static int send_filter(struct rh_operation *operation, struct rh_answer *answer, const char *before,
		       struct rh_str first, const char *between, struct rh_str second)
{
	struct rh_str start;
	int code = rh_step_path(operation->arena, before, first,
				rh_str_is_set(second) ? between : "", &start);

	return code != RH_OK ? code : send_get(operation, answer, start.ptr, second);
}

/* ---- answering ---------------------------------------------------------------------------------------------- */

int workos_entity_take(const struct workos *workos, struct rh_operation *operation,
		       const struct rh_json_node *node, bool was_writing, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_record record = {.json = node, .number = 1};
	struct rh_observed observed;
	int code = workos_entity_observe(workos, operation->kind, &record, operation->arena,
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

/* An answer whose success is one object; a 404 of a reading says that it is not there. */
static int answer_object(const struct workos *workos, struct rh_operation *operation,
			 const struct rh_response *response, bool was_writing,
			 struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status == 200 || response->status == 201) {
		return workos_entity_take(workos, operation, root, was_writing, answer);
	}
	if (response->status == 404 && !was_writing && workos_error_is_readable(root)) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	return workos_entity_refuse(operation, root, response->status, was_writing, answer);
}

static bool has_row(const struct rh_operation *operation)
{
	return operation->row_count == 1 && operation->rows != NULL;
}

/* ---- list ----------------------------------------------------------------------------------------------------- */

static int send_list(struct rh_operation *operation, struct rh_answer *answer)
{
	const struct rh_links *links = operation->row_count > 0 ? operation->rows[0].links : NULL;
	/* rule 2 */
	enum rh_kind kind =
		operation->kind == RH_KIND_DOMAIN ? RH_KIND_ORGANIZATION : operation->kind;
	const struct workos_collection *collection = workos_collection_of(kind);
	unsigned limit = operation->page_size;
	struct rh_str before;

	if (collection->is_whole) {
		workos_entity_send(kind, answer, "GET", rh_str_from(collection->path),
				   RH_STR_ABSENT);
		return RH_OK;
	}
	if (kind == RH_KIND_MEMBERSHIP && (links == NULL || !rh_str_is_set(links->organization))) {
		return RH_EINVAL;
	}
	if (limit == 0 || limit > WORKOS_PAGE_MAX) {
		limit = WORKOS_PAGE_MAX;
	}
	before = rh_arena_printf(operation->arena, "%s?order=asc&limit=%u%s", collection->path,
				 limit,
				 kind == RH_KIND_MEMBERSHIP ? STATUSES "&organization_id=" : "");
	if (before.ptr == NULL) {
		return RH_ENOMEM;
	}
	if (kind == RH_KIND_MEMBERSHIP) {
		return send_filter(operation, answer, before.ptr, links->organization,
				   "&after=", operation->cursor);
	}
	if (operation->cursor.ptr != NULL) {
		before = rh_arena_printf(operation->arena, "%s&after=", before.ptr);
	}
	return before.ptr == NULL ? RH_ENOMEM
				  : send_get(operation, answer, before.ptr, operation->cursor);
}

/* Rule 2: the records of the page are organizations; what stands in them takes their place. */
static int take_domains(struct rh_operation *operation)
{
	struct rh_record *records;
	size_t count = 0;

	for (size_t i = 0; i < operation->record_count; i++) {
		count += rh_json_count(rh_json_get(operation->records[i].json, "domains"));
	}
	records = rh_arena_calloc(operation->arena, count + 1, sizeof(*records));
	if (records == NULL) {
		return RH_ENOMEM;
	}
	count = 0;
	for (size_t i = 0; i < operation->record_count; i++) {
		const struct rh_json_node *domains =
			rh_json_get(operation->records[i].json, "domains");
		const struct rh_json_node *domain = NULL;

		while ((domain = rh_json_next(domains, domain, NULL)) != NULL) {
			count++;
			records[count - 1] = (struct rh_record){.json = domain, .number = count};
		}
	}
	operation->records = records;
	operation->record_count = count;
	return RH_OK;
}

/* All there is, without cursors. */
static int take_whole(struct rh_operation *operation, const struct rh_json_node *root,
		      struct rh_answer *answer)
{
	const struct rh_json_node *data = rh_json_get(root, "data");
	const struct rh_json_node *node = NULL;
	struct rh_record *records;

	if (rh_json_type(data) != RH_JSON_ARRAY) {
		rh_step_fail_unreadable(answer, false);
		return RH_OK;
	}
	records = rh_arena_calloc(operation->arena, rh_json_count(data) + 1, sizeof(*records));
	if (records == NULL) {
		return RH_ENOMEM;
	}
	operation->record_count = 0;
	while ((node = rh_json_next(data, node, NULL)) != NULL) {
		size_t number = ++operation->record_count;
		records[number - 1] = (struct rh_record){.json = node, .number = number};
	}
	operation->records = records;
	operation->next_cursor = RH_STR_ABSENT;
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

int workos_entity_list(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		return send_list(operation, answer);
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200) {
		return workos_entity_refuse(operation, root, response->status, false, answer);
	}
	if (workos_collection_of(operation->kind)->is_whole) {
		return take_whole(operation, root, answer);
	}
	code = workos_take_page(operation, root, answer);
	if (code == RH_OK && answer->kind == RH_ANSWER_DONE && operation->kind == RH_KIND_DOMAIN) {
		code = take_domains(operation);
	}
	return code;
}

/* ---- get and find ----------------------------------------------------------------------------------------------- */

int workos_entity_get(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (!has_row(operation) || !rh_str_is_set(operation->rows[0].target_id)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		return workos_entity_send_object(operation, "GET", "", RH_STR_ABSENT, answer);
	}
	return answer_object(instance, operation, response, false, answer);
}

static int send_find(struct rh_operation *operation, struct rh_answer *answer)
{
	const struct rh_row *row = &operation->rows[0];
	struct rh_str before;

	switch ((int)operation->kind) {
	case RH_KIND_ORGANIZATION:
		return send_get(operation, answer, "/organizations/external_id/", row->external_id);
	case RH_KIND_DOMAIN:
		return send_get(operation, answer, "/organizations/", row->links->organization);
	case RH_KIND_MEMBERSHIP:
		return send_filter(operation, answer,
				   "/user_management/organization_memberships?limit=100" STATUSES
				   "&organization_id=",
				   row->links->organization, "&user_id=", row->links->user);
	case RH_KIND_INVITATION:
		return send_filter(operation, answer,
				   "/user_management/invitations?limit=100&email=",
				   row->entity->email,
				   "&organization_id=", row->links->organization);
	default:
		before = rh_arena_printf(operation->arena, "%s/",
					 workos_collection_of(operation->kind)->path);
		return before.ptr == NULL
			       ? RH_ENOMEM
			       : send_get(operation, answer, before.ptr, row->links->slug);
	}
}

/* Rule 4. */
static bool is_meant(const struct rh_row *row, const struct rh_entity *found)
{
	switch ((int)found->kind) {
	case RH_KIND_DOMAIN:
		return rh_str_eq(found->domain, row->entity->domain);
	case RH_KIND_MEMBERSHIP:
		return rh_str_eq(found->organization, row->links->organization) &&
		       rh_str_eq(found->user, row->links->user);
	case RH_KIND_INVITATION:
		return found->state == RH_ENTITY_PENDING &&
		       rh_str_eq(found->email, row->entity->email) &&
		       rh_str_eq(found->organization, row->links->organization);
	default:
		return true;
	}
}

static int take_meant(const struct workos *workos, struct rh_operation *operation,
		      const struct rh_json_node *list, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	const struct rh_json_node *node = NULL;

	if (rh_json_type(list) != RH_JSON_ARRAY) {
		rh_step_fail_unreadable(answer, false);
		return RH_OK;
	}
	while ((node = rh_json_next(list, node, NULL)) != NULL) {
		int code;

		row->target_id = RH_STR_ABSENT;
		code = workos_entity_take(workos, operation, node, false, answer);
		if (code != RH_OK || answer->kind == RH_ANSWER_FAIL ||
		    is_meant(row, row->observed.entity)) {
			return code;
		}
	}
	row->target_id = RH_STR_ABSENT;
	row->has_observed = false;
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

int workos_entity_find(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (!has_row(operation) || !can_find(operation)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		return send_find(operation, answer);
	}
	if (is_by_slug(operation->kind) || operation->kind == RH_KIND_ORGANIZATION) {
		return answer_object(instance, operation, response, false, answer);
	}
	code = rh_step_parse(operation, response, &root);
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
	return take_meant(instance, operation,
			  rh_json_get(root, operation->kind == RH_KIND_DOMAIN ? "domains" : "data"),
			  answer);
}

/* ---- create ------------------------------------------------------------------------------------------------------- */

static int send_new(const struct workos *workos, struct rh_operation *operation,
		    struct rh_answer *answer)
{
	static const struct rh_mapping_policy defaults = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	const struct rh_row *row = &operation->rows[0];
	struct rh_wire wire;
	struct rh_str text = RH_STR_ABSENT;
	rh_autobuf body = {0};
	int code;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	code = workos_entity_to_wire(workos, row->entity, row->links,
				     row->policy != NULL ? row->policy : &defaults, row->parts,
				     operation->arena, NULL, &body, &wire, NULL);
	if (code != RH_OK) {
		return code;
	}
	if (!rh_arena_copy(operation->arena, rh_buf_str(&body), &text)) {
		return RH_ENOMEM;
	}
	workos_entity_send(operation->kind, answer, "POST",
			   rh_str_from(workos_collection_of(operation->kind)->path), text);
	return RH_OK;
}

int workos_entity_create(const void *instance, struct rh_operation *operation,
			 const struct rh_response *response, rh_time now, uint64_t seed,
			 struct rh_answer *answer)
{
	const struct rh_row *row = operation->rows;
	bool mails;

	(void)now;
	(void)seed;
	if (!has_row(operation) || row->entity == NULL || row->links == NULL) {
		return RH_EINVAL;
	}
	mails = operation->kind == RH_KIND_INVITATION;
	if (mails && (row->policy == NULL || !row->policy->notifies)) {
		return RH_EINVAL; /* C22 */
	}
	if (response == NULL) {
		return send_new(instance, operation, answer);
	}
	return answer_object(instance, operation, response, true, answer);
}

/* ---- remove -------------------------------------------------------------------------------------------------------- */

enum remove_stage {
	REMOVE_LOOKING,  /* whose is it? */
	REMOVE_COUNTING, /* an organization: has it members? */
	REMOVE_DELETING,
};

/* C21 */
static bool is_ours(const struct rh_row *row, const struct rh_entity *found)
{
	struct rh_str external_id =
		rh_str_is_set(row->external_id) ? row->external_id : RH_STR_ABSENT;

	if (found->kind == RH_KIND_ORGANIZATION) {
		return rh_str_eq(found->external_id, external_id);
	}
	if (row->links == NULL) {
		return false;
	}
	return is_by_slug(found->kind) ? rh_str_eq(found->slug, row->links->slug)
				       : rh_str_eq(found->organization, row->links->organization);
}

static int send_removal(struct rh_operation *operation, struct rh_answer *answer)
{
	bool is_invitation = operation->kind == RH_KIND_INVITATION;

	operation->stage = REMOVE_DELETING;
	return workos_entity_send_object(operation, is_invitation ? "POST" : "DELETE",
					 is_invitation ? "/revoke" : "", RH_STR_ABSENT, answer);
}

static int look(const struct workos *workos, struct rh_operation *operation,
		const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_str asked = row->target_id;
	int code = answer_object(workos, operation, response, false, answer);

	row->target_id = asked;
	if (code != RH_OK || answer->kind != RH_ANSWER_DONE || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	if (operation->kind == RH_KIND_INVITATION &&
	    row->observed.entity->state != RH_ENTITY_PENDING) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	if (!is_ours(row, row->observed.entity)) {
		rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
		row->cause = "another one stands there now";
		return RH_OK;
	}
	row->outcome = RH_OUTCOME_NONE;
	if (operation->kind == RH_KIND_ORGANIZATION) {
		operation->stage = REMOVE_COUNTING;
		return send_get(operation, answer,
				"/user_management/organization_memberships?limit=1" STATUSES
				"&organization_id=",
				asked);
	}
	return send_removal(operation, answer);
}

static int count_members(struct rh_operation *operation, const struct rh_response *response,
			 struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || rh_json_type(rh_json_get(root, "data")) != RH_JSON_ARRAY) {
		return workos_entity_refuse(operation, root, response->status, false, answer);
	}
	if (rh_json_count(rh_json_get(root, "data")) > 0) {
		rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
		operation->rows[0].code = RH_STR(RH_CODE_IN_USE);
		operation->rows[0].cause = "the organization has members";
		return RH_OK;
	}
	return send_removal(operation, answer);
}

int workos_entity_remove(const void *instance, struct rh_operation *operation,
			 const struct rh_response *response, rh_time now, uint64_t seed,
			 struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (!has_row(operation) || !rh_str_is_set(operation->rows[0].target_id)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		operation->stage = REMOVE_LOOKING;
		return workos_entity_send_object(operation, "GET", "", RH_STR_ABSENT, answer);
	}
	if (operation->stage == REMOVE_LOOKING) {
		return look(instance, operation, response, answer);
	}
	if (operation->stage == REMOVE_COUNTING) {
		return count_members(operation, response, answer);
	}
	if (response->status >= 200 && response->status < 300) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status == 404 && workos_error_is_readable(root)) {
		rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		return RH_OK;
	}
	return workos_entity_refuse(operation, root, response->status, true, answer);
}
