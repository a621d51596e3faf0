/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of WorkOS, request by request, and what the answers mean (connector.h, C1-C7).
 *
 * An answer that says what became of the row ends the operation with DONE and the fate in the row.  FAIL is
 * for what says nothing about the row: no permission, an address where no API lives, an answer that cannot
 * be read.  Nothing is concluded from the latter, above all not that somebody is absent.
 */
#include "connectors/workos/workos_steps.h"

#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

#define USERS "/user_management/users"

/* ---- asking --------------------------------------------------------------------------------------------- */

void workos_send(struct rh_answer *answer, const char *method, struct rh_str path,
		 struct rh_str body)
{
	bool is_writing = strcmp(method, "GET") != 0;

	*answer = (struct rh_answer){
		.kind = RH_ANSWER_SEND,
		.request =
			{
				.form = RH_REQUEST_HTTP,
				.is_writing = is_writing,
				.buckets = is_writing ? WORKOS_DRAWS_WRITE : WORKOS_DRAWS_READ,
				.method = method,
				.path = path,
				.body = body,
				.auth = RH_AUTH_INSTANCE,
				.sink = RH_SINK_BUFFER,
			},
	};
}

int workos_send_user(struct rh_operation *operation, const char *method, struct rh_str body,
		     struct rh_answer *answer)
{
	struct rh_str path;
	int code =
		rh_step_path(operation->arena, USERS "/", operation->rows[0].target_id, "", &path);

	if (code == RH_OK) {
		workos_send(answer, method, path, body);
	}
	return code;
}

static int send_path(struct rh_operation *operation, struct rh_answer *answer, const char *before,
		     struct rh_str text)
{
	struct rh_str path;
	int code = rh_step_path(operation->arena, before, text, "", &path);

	if (code == RH_OK) {
		workos_send(answer, "GET", path, RH_STR_ABSENT);
	}
	return code;
}

/* ---- answering ------------------------------------------------------------------------------------------- */

int workos_refuse_row(struct rh_operation *operation, const struct rh_json_node *root, int status,
		      bool was_writing, struct rh_answer *answer)
{
	struct workos_refusal refusal;
	int code = workos_refusal_read(root, status, operation->arena, &refusal);

	if (code == RH_EINPUT) {
		rh_step_fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	if (code != RH_OK) {
		return code;
	}
	if (operation->row_count == 0) {
		rh_step_fail(answer, refusal.outcome, RH_SCOPE_KIND, refusal.code, refusal.cause);
		return RH_OK;
	}
	rh_step_done(operation, answer, refusal.outcome);
	operation->rows[0].parts_at_fault = refusal.parts_at_fault;
	operation->rows[0].code = refusal.code;
	operation->rows[0].cause = refusal.cause;
	return RH_OK;
}

int workos_refuse(struct rh_operation *operation, const struct rh_json_node *root, int status,
		  enum workos_lack lack, bool was_writing, struct rh_answer *answer)
{
	struct workos_refusal refusal;
	int code;

	if (status < 400) {
		/* A success that is none of those that are documented: whatever it says, it refuses nothing. */
		rh_step_fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	if (status == 402 || status == 403) {
		code = workos_refusal_read(root, status, operation->arena, &refusal);
		if (code != RH_OK && code != RH_EINPUT) {
			return code;
		}
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_RUN,
			     code == RH_OK ? refusal.code : RH_STR_ABSENT,
			     "the key may not do this with users");
		return RH_OK;
	}
	if (status == 404 && workos_error_is_readable(root)) {
		if (lack == WORKOS_LACK_IS_ABSENT) {
			rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
		} else {
			rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_RUN, RH_STR("http_404"),
				     "the target knows no users: is the API address right?");
		}
		return RH_OK;
	}
	return workos_refuse_row(operation, root, status, was_writing, answer);
}

int workos_take_user(const struct workos *workos, struct rh_operation *operation,
		     const struct rh_json_node *node, bool was_writing, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_record record = {.json = node, .number = 1};
	struct rh_observed observed;
	int code = workos_observe(workos, &record, operation->arena, &observed, NULL);

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

int workos_answer_user(const struct workos *workos, struct rh_operation *operation,
		       const struct rh_response *response, enum workos_lack lack, bool was_writing,
		       struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 && response->status != 201) {
		return workos_refuse(operation, root, response->status, lack, was_writing, answer);
	}
	return workos_take_user(workos, operation, root, was_writing, answer);
}

static bool has_row(const struct rh_operation *operation)
{
	return operation->row_count == 1 && operation->rows != NULL;
}

/* ---- probe ------------------------------------------------------------------------------------------------ */

/* The cheapest request that needs a key and nothing else.  A key without rights on organizations is a key. */
int workos_step_probe(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		workos_send(answer, "GET", RH_STR("/organizations?limit=1"), RH_STR_ABSENT);
		answer->request.buckets = WORKOS_DRAWS_ANY;
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if ((response->status == 200 && rh_json_type(rh_json_get(root, "data")) == RH_JSON_ARRAY) ||
	    (response->status == 403 && workos_error_is_readable(root))) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	if (response->status == 404) {
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_RUN, RH_STR("http_404"),
			     "the target has no such API: is the API address right?");
		return RH_OK;
	}
	return workos_refuse_row(operation, root, response->status, false, answer);
}

/* ---- list ------------------------------------------------------------------------------------------------- */

static int send_list(struct rh_operation *operation, struct rh_answer *answer)
{
	unsigned limit = operation->page_size;
	struct rh_str start;

	if (limit == 0 || limit > WORKOS_PAGE_MAX) {
		limit = WORKOS_PAGE_MAX;
	}
	/* Oldest first: who is created during the walk stands at its end. */
	start = rh_arena_printf(operation->arena, USERS "?order=asc&limit=%u%s", limit,
				operation->cursor.ptr != NULL ? "&after=" : "");
	if (start.ptr == NULL) {
		return RH_ENOMEM;
	}
	return send_path(operation, answer, start.ptr, operation->cursor);
}

/* A page without its envelope is no page: taken for the last one it would hide everybody behind it. */
static bool is_page(const struct rh_json_node *root, struct rh_str cursor)
{
	const struct rh_json_node *metadata = rh_json_get(root, "list_metadata");
	const struct rh_json_node *after = rh_json_get(metadata, "after");
	struct rh_str next = rh_json_string(after);

	return rh_json_type(rh_json_get(root, "data")) == RH_JSON_ARRAY &&
	       rh_json_type(metadata) == RH_JSON_OBJECT && after != NULL &&
	       (rh_json_is_null(after) || rh_str_is_set(next)) &&
	       (next.ptr == NULL || !rh_str_eq(next, cursor));
}

int workos_take_page(struct rh_operation *operation, const struct rh_json_node *root,
		     struct rh_answer *answer)
{
	const struct rh_json_node *data = rh_json_get(root, "data");
	const struct rh_json_node *node = NULL;
	size_t count = rh_json_count(data);
	struct rh_record *records;

	if (!is_page(root, operation->cursor)) {
		rh_step_fail(answer, RH_OUTCOME_AWAY, RH_SCOPE_KIND, RH_STR_ABSENT,
			     "the page cannot be read");
		return RH_OK;
	}
	records = rh_arena_calloc(operation->arena, count > 0 ? count : 1, sizeof(*records));
	if (records == NULL ||
	    !rh_arena_copy(operation->arena,
			   rh_json_get_string(rh_json_get(root, "list_metadata"), "after"),
			   &operation->next_cursor)) {
		return RH_ENOMEM;
	}
	operation->record_count = 0;
	while ((node = rh_json_next(data, node, NULL)) != NULL) {
		size_t number = ++operation->record_count;
		records[number - 1] = (struct rh_record){.json = node, .number = number};
	}
	operation->records = records;
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

int workos_step_list(const void *instance, struct rh_operation *operation,
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
		return workos_refuse(operation, root, response->status, WORKOS_LACK_IS_WRONG_PLACE,
				     false, answer);
	}
	return workos_take_page(operation, root, answer);
}

/* ---- get and find ------------------------------------------------------------------------------------------ */

int workos_step_get(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (!has_row(operation) || !rh_str_is_set(operation->rows[0].target_id)) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		return workos_send_user(operation, "GET", RH_STR_ABSENT, answer);
	}
	return workos_answer_user(instance, operation, response, WORKOS_LACK_IS_ABSENT, false,
				  answer);
}

/* The one with the address that was asked for, whatever else the filter lets through. */
static int take_by_email(const struct workos *workos, struct rh_operation *operation,
			 const struct rh_json_node *root, struct rh_answer *answer)
{
	const struct rh_json_node *data = rh_json_get(root, "data");
	const struct rh_json_node *node = NULL;
	struct rh_str asked = RH_STR_ABSENT;

	if (rh_json_type(data) != RH_JSON_ARRAY) {
		rh_step_fail_unreadable(answer, false);
		return RH_OK;
	}
	if (!rh_normalise_key(operation->arena, operation->rows[0].email, &asked)) {
		return RH_ENOMEM;
	}
	while ((node = rh_json_next(data, node, NULL)) != NULL) {
		int code;
		operation->rows[0].target_id = RH_STR_ABSENT;
		code = workos_take_user(workos, operation, node, false, answer);
		if (code != RH_OK || answer->kind == RH_ANSWER_FAIL ||
		    rh_str_eq(operation->rows[0].observed.email, asked)) {
			return code;
		}
	}
	operation->rows[0].target_id = RH_STR_ABSENT;
	operation->rows[0].has_observed = false;
	rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
	return RH_OK;
}

int workos_step_find(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	const struct rh_json_node *root;
	bool by_external_id;
	int code;

	(void)now;
	(void)seed;
	if (!has_row(operation) || (!rh_str_is_set(operation->rows[0].external_id) &&
				    !rh_str_is_set(operation->rows[0].email))) {
		return RH_EINVAL;
	}
	by_external_id = rh_str_is_set(operation->rows[0].external_id);
	if (response == NULL && by_external_id) {
		return send_path(operation, answer, USERS "/external_id/",
				 operation->rows[0].external_id);
	}
	if (response == NULL) {
		return send_path(operation, answer,
				 USERS "?limit=100&email=", operation->rows[0].email);
	}
	if (by_external_id) {
		return workos_answer_user(instance, operation, response, WORKOS_LACK_IS_ABSENT,
					  false, answer);
	}
	code = rh_step_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200) {
		return workos_refuse(operation, root, response->status, WORKOS_LACK_IS_WRONG_PLACE,
				     false, answer);
	}
	return take_by_email(instance, operation, root, answer);
}

/* ---- create --------------------------------------------------------------------------------------- */

/* The body in the arena; absent: the policy leaves no address to send. */
static int make_body(const struct workos *workos, struct rh_operation *operation,
		     struct rh_str *out)
{
	static const struct rh_mapping_policy defaults = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	const struct rh_row *row = &operation->rows[0];
	struct rh_wire wire;
	rh_autobuf body = {0};
	int code;

	rh_buf_init_secret(&body, RH_REQUEST_MAX);
	code = workos_to_wire(workos, row->account, row->policy != NULL ? row->policy : &defaults,
			      row->parts, operation->arena, NULL, &body, &wire, NULL);
	if (code != RH_OK) {
		return code;
	}
	*out = RH_STR_ABSENT;
	if (body.len > 0 && !rh_arena_copy(operation->arena, rh_buf_str(&body), out)) {
		return RH_ENOMEM;
	}
	return RH_OK;
}

static int send_new_user(const struct workos *workos, struct rh_operation *operation,
			 struct rh_answer *answer)
{
	struct rh_str body;
	int code = make_body(workos, operation, &body);

	if (code != RH_OK) {
		return code;
	}
	if (body.ptr == NULL) {
		rh_step_done(operation, answer, RH_OUTCOME_REJECTED);
		operation->rows[0].parts_at_fault = RH_PART_IDENTITY;
		operation->rows[0].cause = "the account has no address that may be sent";
		return RH_OK;
	}
	workos_send(answer, "POST", RH_STR(USERS), body);
	return RH_OK;
}

/* Its id is all that is kept of what was created: the rest is what was sent, and verify reads it back. */
static int take_created(struct rh_operation *operation, const struct rh_response *response,
			struct rh_answer *answer)
{
	const struct rh_json_node *root;
	struct rh_str id;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 && response->status != 201) {
		return workos_refuse(operation, root, response->status, WORKOS_LACK_IS_WRONG_PLACE,
				     true, answer);
	}
	id = rh_json_get_string(root, "id");
	if (!rh_str_is_set(id)) {
		rh_step_fail_unreadable(answer, true);
		return RH_OK;
	}
	if (!rh_arena_copy(operation->arena, id, &operation->rows[0].target_id)) {
		return RH_ENOMEM;
	}
	rh_step_done(operation, answer, RH_OUTCOME_DONE);
	return RH_OK;
}

int workos_step_create(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	if (!has_row(operation) || operation->rows[0].account == NULL) {
		return RH_EINVAL;
	}
	if (response == NULL) {
		return send_new_user(instance, operation, answer);
	}
	return take_created(operation, response, answer);
}

/* ---- remove ---------------------------------------------------------------------------------------------------- */

enum remove_stage {
	REMOVE_LOOKING, /* whose account is it? */
	REMOVE_DELETING,
};

/* Only what is certainly the account that is meant goes: same id, same external id. */
static int look(const struct workos *workos, struct rh_operation *operation,
		const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	struct rh_str asked = row->target_id;
	struct rh_str external_id =
		rh_str_is_set(row->external_id) ? row->external_id : RH_STR_ABSENT;
	int code = workos_answer_user(workos, operation, response, WORKOS_LACK_IS_ABSENT, false,
				      answer);

	row->target_id = asked;
	if (code != RH_OK || answer->kind != RH_ANSWER_DONE || row->outcome != RH_OUTCOME_DONE) {
		return code;
	}
	if (!rh_str_eq(row->observed.target_id, asked) ||
	    !rh_str_eq(row->observed.external_id, external_id)) {
		rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
		row->cause = "another account stands there now";
		return RH_OK;
	}
	if (rh_step_keeps_user(operation, answer)) {
		return RH_OK;
	}
	row->outcome = RH_OUTCOME_NONE;
	operation->stage = REMOVE_DELETING;
	return workos_send_user(operation, "DELETE", RH_STR_ABSENT, answer);
}

int workos_step_remove(const void *instance, struct rh_operation *operation,
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
		return workos_send_user(operation, "GET", RH_STR_ABSENT, answer);
	}
	if (operation->stage == REMOVE_LOOKING) {
		return look(instance, operation, response, answer);
	}
	if (response->status >= 200 && response->status < 300) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	code = rh_step_parse(operation, response, &root);
	return code != RH_OK ? code
			     : workos_refuse(operation, root, response->status,
					     WORKOS_LACK_IS_ABSENT, true, answer);
}
