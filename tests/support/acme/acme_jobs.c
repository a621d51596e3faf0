/* SPDX-License-Identifier: Apache-2.0 */
/* Acme's operations of many rows: a job that is waited for, members ten a call, a download, and the refusal
 * of a whole kind. */
#include "acme/acme.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

static const struct rh_json_node *result_of(const struct rh_json_node *results,
					    struct rh_str external_id)
{
	const struct rh_json_node *node = NULL;

	while ((node = rh_json_next(results, node, NULL)) != NULL) {
		if (rh_str_eq(rh_json_get_string(node, "external_id"), external_id)) {
			return node;
		}
	}
	return NULL;
}

/* A list of results to the fates of the rows; a row that is not spoken of is in unknown fate. */
static int take_results(struct rh_operation *operation, const struct rh_json_node *results,
			struct rh_answer *answer)
{
	for (size_t i = 0; i < operation->row_count; i++) {
		struct rh_row *row = &operation->rows[i];
		const struct rh_json_node *result = result_of(results, row->external_id);
		const struct rh_json_node *error = rh_json_get(result, "error");
		struct rh_str id = rh_json_get_string(result, "id");
		int code = RH_OK;

		if (rh_json_type(error) == RH_JSON_OBJECT) {
			code = acme_refuse_row(row, operation->arena, error, 422);
		} else if (rh_str_is_set(id)) {
			row->outcome = RH_OUTCOME_DONE;
			code = rh_arena_copy(operation->arena, id, &row->target_id) ? RH_OK
										    : RH_ENOMEM;
		} else {
			row->outcome = RH_OUTCOME_UNKNOWN;
			row->cause = "the answer does not speak of this row";
		}
		if (code != RH_OK) {
			return code;
		}
	}
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
	return RH_OK;
}

/* ---- the job (C2: it is submitted by the one writing request; the rest reads) --------------------------- */

enum bulk_stage {
	BULK_SUBMITTING,
	BULK_WAITING,
	BULK_FETCHING,
};

static int send_job(const struct acme *acme, struct rh_operation *operation,
		    struct rh_answer *answer)
{
	struct rh_str whole = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init_secret(&text, RH_REQUEST_MAX);
	rh_buf_add_cstr(&text, "{\"users\":[");
	for (size_t i = 0; i < operation->row_count; i++) {
		struct rh_str body;
		int code = acme_body(acme, &operation->rows[i], operation->arena, &body);
		if (code != RH_OK) {
			return code;
		}
		if (i > 0) {
			rh_buf_add_char(&text, ',');
		}
		rh_buf_add_str(&text, body);
	}
	rh_buf_add_cstr(&text, "]}");
	if (text.failed != 0 || !rh_arena_copy(operation->arena, rh_buf_str(&text), &whole)) {
		return RH_ENOMEM;
	}
	acme_send(answer, "POST", RH_STR("/v1/jobs"), whole);
	answer->request.buckets = 1U << ACME_BUCKET_JOBS;
	return RH_OK;
}

static int send_poll(struct rh_operation *operation, const char *what, struct rh_answer *answer)
{
	const struct acme_operation *state = operation->state;
	struct rh_str path = rh_arena_printf(operation->arena, "/v1/jobs/%s%s", state->job, what);

	if (path.ptr == NULL) {
		return RH_ENOMEM;
	}
	acme_send(answer, "GET", path, RH_STR_ABSENT);
	return RH_OK;
}

static void wait_more(struct rh_operation *operation, struct rh_answer *answer)
{
	struct acme_operation *state = operation->state;

	state->polls++;
	operation->stage = BULK_WAITING;
	*answer = (struct rh_answer){.kind = RH_ANSWER_WAIT, .wait_us = ACME_POLL_US};
}

static void take_job(struct rh_operation *operation, const struct rh_json_node *root,
		     struct rh_answer *answer)
{
	struct acme_operation *state = operation->state;
	struct rh_str id = rh_json_get_string(root, "job");

	if (!rh_str_is_set(id) || id.len >= sizeof(state->job) || rh_str_index(id, '/') >= 0) {
		acme_fail(answer, RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW, RH_STR_ABSENT,
			  "the answer cannot be read");
		return;
	}
	(void)snprintf(state->job, sizeof(state->job), "%.*s", RH_STR_ARG(id));
	wait_more(operation, answer);
}

int acme_step_bulk(const void *instance, struct rh_operation *operation,
		   const struct rh_response *response, rh_time now, uint64_t seed,
		   struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		return operation->stage == BULK_WAITING ? send_poll(operation, "", answer)
							: send_job(instance, operation, answer);
	}
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 && response->status != 202) {
		/* Once it was submitted, a refusal is about the asking, not about the rows. */
		if (operation->stage != BULK_SUBMITTING) {
			acme_fail(answer, RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW, RH_STR_ABSENT,
				  "the job cannot be asked about");
			return RH_OK;
		}
		return acme_refuse(operation, response, root, true, answer);
	}
	if (operation->stage == BULK_SUBMITTING) {
		take_job(operation, root, answer);
	} else if (operation->stage == BULK_FETCHING) {
		return take_results(operation, rh_json_get(root, "results"), answer);
	} else if (rh_str_is(rh_json_get_string(root, "status"), "done")) {
		operation->stage = BULK_FETCHING;
		return send_poll(operation, "/results", answer);
	} else {
		wait_more(operation, answer); /* "running", and what may be added one day (C11) */
	}
	return RH_OK;
}

/* ---- members --------------------------------------------------------------------------------------------- */

static int send_members(struct rh_operation *operation, struct rh_answer *answer)
{
	struct rh_json_writer writer;
	struct rh_str body = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "members");
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < operation->row_count; i++) {
		rh_json_put_string(&writer, operation->rows[i].external_id);
	}
	rh_json_end_array(&writer);
	rh_json_end_object(&writer);
	if (text.failed != 0 || !rh_arena_copy(operation->arena, rh_buf_str(&text), &body)) {
		return RH_ENOMEM;
	}
	acme_send(answer, "POST", RH_STR("/v1/memberships"), body);
	return RH_OK;
}

int acme_step_add_members(const void *instance, struct rh_operation *operation,
			  const struct rh_response *response, rh_time now, uint64_t seed,
			  struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		return send_members(operation, answer);
	}
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	return response->status == 200
		       ? take_results(operation, rh_json_get(root, "results"), answer)
		       : acme_refuse(operation, response, root, true, answer);
}

/* ---- organizations --------------------------------------------------------------------------------------- */

int acme_step_download(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		acme_send(answer, "GET", RH_STR("/v1/organizations.ndjson"), RH_STR_ABSENT);
		answer->request.sink = RH_SINK_SNAPSHOT;
		return RH_OK;
	}
	if (response->status == 200 && response->snapshot_ref != 0) {
		operation->snapshot_ref = response->snapshot_ref;
		*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
		return RH_OK;
	}
	code = acme_parse(operation, response, &root);
	return code != RH_OK ? code : acme_refuse(operation, response, root, false, answer);
}

/* The plan that everybody has does not allow it: 403 on this kind alone. */
int acme_step_create_organization(const void *instance, struct rh_operation *operation,
				  const struct rh_response *response, rh_time now, uint64_t seed,
				  struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		acme_send(answer, "POST", RH_STR("/v1/organizations"), RH_STR("{}"));
		return RH_OK;
	}
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	return response->status == 201 && rh_json_get_string(root, "id").ptr != NULL
		       ? take_results(operation, root, answer)
		       : acme_refuse(operation, response, root, true, answer);
}
