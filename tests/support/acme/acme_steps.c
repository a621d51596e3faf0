/* SPDX-License-Identifier: Apache-2.0 */
/* Acme's users, one operation at a time; numbers are rules of connector.h. */
#include "acme/acme.h"

#include "connectors/steps.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"

#define CODE_MAX 64

/* ---- what all steps share ------------------------------------------------------------------------------ */

void acme_send(struct rh_answer *answer, const char *method, struct rh_str path, struct rh_str body)
{
	bool is_writing = method[0] != 'G';

	*answer = (struct rh_answer){
		.kind = RH_ANSWER_SEND,
		.request =
			{
				.form = RH_REQUEST_HTTP,
				.is_writing = is_writing,
				.buckets = 1U
					   << (is_writing ? ACME_BUCKET_WRITES : ACME_BUCKET_READS),
				.method = method,
				.path = path,
				.body = body,
				.auth = RH_AUTH_INSTANCE,
			},
	};
}

void acme_fail(struct rh_answer *answer, enum rh_outcome outcome, enum rh_scope scope,
	       struct rh_str code, const char *cause)
{
	*answer = (struct rh_answer){
		.kind = RH_ANSWER_FAIL,
		.outcome = outcome,
		.scope = scope,
		.code = code,
		.cause = cause,
	};
}

static void done(struct rh_answer *answer)
{
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
}

int acme_parse(struct rh_operation *operation, const struct rh_response *response,
	       const struct rh_json_node **out)
{
	int code = RH_EINPUT;

	if (response->body_len > 0) {
		code = rh_json_parse(operation->json, response->body, response->body_len, NULL);
	}
	*out = code == RH_OK ? rh_json_root(operation->json) : NULL;
	return code == RH_ENOMEM ? code : RH_OK;
}

/* C6: a code of another form is none. */
static int keep_code(struct rh_arena *arena, struct rh_str code, struct rh_str *out)
{
	*out = RH_STR_ABSENT;
	if (!rh_str_is_set(code) || code.len > CODE_MAX) {
		return RH_OK;
	}
	for (size_t i = 0; i < code.len; i++) {
		char byte = code.ptr[i];
		if (!(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') &&
		    !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-' && byte != '.') {
			return RH_OK;
		}
	}
	return rh_arena_copy(arena, code, out) ? RH_OK : RH_ENOMEM;
}

static unsigned part_of(struct rh_str field)
{
	static const struct {
		const char *field;
		unsigned part;
	} fields[] = {
		{"password_hash", RH_PART_CREDENTIAL},
		{"metadata", RH_PART_METADATA},
		{"external_id", RH_PART_EXTERNAL_ID},
		{"email", RH_PART_IDENTITY},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (rh_str_is(field, fields[i].field)) {
			return fields[i].part;
		}
	}
	return 0;
}

int acme_refuse_row(struct rh_row *row, struct rh_arena *arena, const struct rh_json_node *error,
		    int status)
{
	struct rh_str code = rh_json_get_string(error, "code");

	row->parts_at_fault = part_of(rh_json_get_string(error, "field"));
	if (rh_str_is(code, "external_id_taken")) {
		row->outcome = RH_OUTCOME_ALREADY;
		row->cause = "the external id is in use";
	} else if (status == 409) {
		row->outcome = RH_OUTCOME_CONFLICT;
		row->cause = "the address is in use";
	} else {
		row->outcome = RH_OUTCOME_REJECTED;
		row->cause = "the target refuses the account";
	}
	return keep_code(arena, code, &row->code);
}

static void fail_unreadable(struct rh_answer *answer, bool was_writing)
{
	acme_fail(answer, was_writing ? RH_OUTCOME_UNKNOWN : RH_OUTCOME_AWAY, RH_SCOPE_ROW,
		  RH_STR_ABSENT, "the answer cannot be read");
}

int acme_refuse(struct rh_operation *operation, const struct rh_response *response,
		const struct rh_json_node *root, bool was_writing, struct rh_answer *answer)
{
	const struct rh_json_node *error = rh_json_get(root, "error");
	struct rh_str name;
	int code;

	if (rh_json_type(error) != RH_JSON_OBJECT || response->status < 400) {
		fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	code = keep_code(operation->arena, rh_json_get_string(error, "code"), &name);
	if (code != RH_OK) {
		return code;
	}
	if (response->status == 402) {
		acme_fail(answer, RH_OUTCOME_THROTTLED, RH_SCOPE_BUCKET, name,
			  "the quota is used up");
		return RH_OK;
	}
	if (response->status == 403) {
		acme_fail(answer, RH_OUTCOME_DENIED,
			  operation->kind == RH_KIND_USER ? RH_SCOPE_RUN : RH_SCOPE_KIND, name,
			  "the key may not do this");
		return RH_OK;
	}
	if (operation->row_count == 0) {
		acme_fail(answer, RH_OUTCOME_REJECTED, RH_SCOPE_KIND, name, "the target refuses");
		return RH_OK;
	}
	done(answer);
	for (size_t i = 0; i < operation->row_count && code == RH_OK; i++) {
		struct rh_row *row = &operation->rows[i];
		if (response->status == 404) {
			row->outcome = RH_OUTCOME_ABSENT;
		} else {
			code = acme_refuse_row(row, operation->arena, error, response->status);
		}
	}
	return code;
}

int acme_take_user(const struct acme *acme, struct rh_operation *operation, struct rh_row *row,
		   const struct rh_record *record)
{
	struct rh_observed observed;
	int code = acme_observe(acme, record, operation->arena, &observed, NULL);

	if (code == RH_OK) {
		row->observed = observed;
		row->has_observed = true;
		if (row->target_id.ptr == NULL) {
			row->target_id = observed.target_id;
		}
		row->outcome = RH_OUTCOME_DONE;
	}
	return code;
}

int acme_answer_user(const struct acme *acme, struct rh_operation *operation,
		     const struct rh_response *response, bool was_writing, struct rh_answer *answer)
{
	struct rh_record record = {.number = 1};
	int code = acme_parse(operation, response, &record.json);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 && response->status != 201) {
		return acme_refuse(operation, response, record.json, was_writing, answer);
	}
	code = record.json == NULL ? RH_EINPUT
				   : acme_take_user(acme, operation, &operation->rows[0], &record);
	if (code == RH_EINPUT) {
		fail_unreadable(answer, was_writing);
		return RH_OK;
	}
	done(answer);
	return code;
}

int acme_send_user(struct rh_operation *operation, const char *method, struct rh_str body,
		   struct rh_answer *answer)
{
	struct rh_str path = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init(&text, RH_TEXT_MAX * 4);
	rh_buf_add_cstr(&text, "/v1/users/");
	rh_url_encode(&text, operation->rows[0].target_id);
	if (text.failed != 0 || !rh_arena_copy(operation->arena, rh_buf_str(&text), &path)) {
		return RH_ENOMEM;
	}
	acme_send(answer, method, path, body);
	return RH_OK;
}

/* ---- token (C12) ----------------------------------------------------------------------------------------- */

static int send_token(const struct acme *acme, struct rh_operation *operation,
		      struct rh_answer *answer)
{
	struct rh_json_writer writer;
	struct rh_str body = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init_secret(&text, RH_TEXT_MAX * 4);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	if (operation->verb == RH_VERB_UPDATE) {
		rh_json_member(&writer, "token", operation->token);
	} else {
		rh_json_member(&writer, "client_id", rh_str_from(acme->client_id));
		rh_json_member(&writer, "client_secret", rh_str_from(acme->client_secret));
	}
	rh_json_end_object(&writer);
	if (text.failed != 0 || !rh_arena_copy(operation->arena, rh_buf_str(&text), &body)) {
		return RH_ENOMEM;
	}
	acme_send(answer, "POST", RH_STR("/token"), body);
	answer->request.is_writing = false; /* it changes nothing that anybody counts */
	answer->request.buckets = 0;
	answer->request.auth = RH_AUTH_NONE;
	return RH_OK;
}

int acme_step_token(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	struct acme_operation *state = operation->state;
	const struct rh_json_node *root;
	int64_t seconds;
	int code;

	(void)seed;
	if (response == NULL) {
		state->polls++; /* the state is there for this kind too */
		return send_token(instance, operation, answer);
	}
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || !rh_str_is_set(rh_json_get_string(root, "access_token")) ||
	    !rh_json_get_i64(root, "expires_in", &seconds) || seconds < 0 || seconds > 86400) {
		acme_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_RUN, RH_STR_ABSENT,
			  "the client's secret is not accepted");
		return RH_OK;
	}
	operation->token_expires_at = now + seconds * RH_SECOND;
	done(answer);
	return rh_arena_copy(operation->arena, rh_json_get_string(root, "access_token"),
			     &operation->token)
		       ? RH_OK
		       : RH_ENOMEM;
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

int acme_step_probe(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		acme_send(answer, "GET", RH_STR("/v1/tenant"), RH_STR_ABSENT);
		return RH_OK;
	}
	code = acme_parse(operation, response, &root);
	if (code == RH_OK && response->status == 200 && rh_json_type(root) == RH_JSON_OBJECT) {
		done(answer);
		return RH_OK;
	}
	return code != RH_OK ? code : acme_refuse(operation, response, root, false, answer);
}

int acme_step_count(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int64_t total;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		acme_send(answer, "GET", RH_STR("/v1/users/count"), RH_STR_ABSENT);
		return RH_OK;
	}
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200) {
		return acme_refuse(operation, response, root, false, answer);
	}
	if (!rh_json_get_i64(root, "total", &total) || total < 0) {
		fail_unreadable(answer, false);
		return RH_OK;
	}
	operation->total = (uint64_t)total;
	done(answer);
	return RH_OK;
}

static int send_list(const struct acme *acme, struct rh_operation *operation,
		     struct rh_answer *answer)
{
	unsigned most = acme->page_size > 0 ? (unsigned)acme->page_size : ACME_PAGE_MAX;
	unsigned limit = operation->page_size;
	struct rh_str path = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init(&text, RH_TEXT_MAX * 4);
	rh_buf_printf(&text, "/v1/users?limit=%u", limit == 0 || limit > most ? most : limit);
	if (operation->cursor.ptr != NULL) {
		rh_buf_add_cstr(&text, "&after=");
		rh_url_encode(&text, operation->cursor);
	}
	if (text.failed != 0 || !rh_arena_copy(operation->arena, rh_buf_str(&text), &path)) {
		return RH_ENOMEM;
	}
	acme_send(answer, "GET", path, RH_STR_ABSENT);
	return RH_OK;
}

static int take_page(struct rh_operation *operation, const struct rh_json_node *root,
		     struct rh_answer *answer)
{
	const struct rh_json_node *data = rh_json_get(root, "data");
	const struct rh_json_node *after = rh_json_get(root, "next");
	const struct rh_json_node *node = NULL;
	size_t count = rh_json_count(data);
	struct rh_record *records;

	/* A page whose end is not told is no page: it might hide everybody behind it. */
	if (rh_json_type(data) != RH_JSON_ARRAY || after == NULL ||
	    (!rh_json_is_null(after) && rh_json_string(after).ptr == NULL) ||
	    (rh_json_string(after).ptr != NULL &&
	     rh_str_eq(rh_json_string(after), operation->cursor))) {
		acme_fail(answer, RH_OUTCOME_AWAY, RH_SCOPE_KIND, RH_STR_ABSENT,
			  "the page cannot be read, or comes again");
		return RH_OK;
	}
	records = rh_arena_calloc(operation->arena, count + 1, sizeof(*records));
	if (records == NULL ||
	    !rh_arena_copy(operation->arena, rh_json_string(after), &operation->next_cursor)) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		node = rh_json_next(data, node, NULL);
		records[i] = (struct rh_record){
			.json = node,
			.shape = ACME_SHAPE_API,
			.number = i + 1,
		};
	}
	operation->records = records;
	operation->record_count = count;
	done(answer);
	return RH_OK;
}

int acme_step_list(const void *instance, struct rh_operation *operation,
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
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	return response->status == 200 ? take_page(operation, root, answer)
				       : acme_refuse(operation, response, root, false, answer);
}

int acme_step_get(const void *instance, struct rh_operation *operation,
		  const struct rh_response *response, rh_time now, uint64_t seed,
		  struct rh_answer *answer)
{
	(void)now;
	(void)seed;
	return response == NULL ? acme_send_user(operation, "GET", RH_STR_ABSENT, answer)
				: acme_answer_user(instance, operation, response, false, answer);
}

/* By external ids, up to a hundred in one call; or one by address. */
static int send_find(struct rh_operation *operation, struct rh_answer *answer)
{
	bool by_email = operation->rows[0].external_id.ptr == NULL;
	struct rh_str path = RH_STR_ABSENT;
	rh_autobuf text;

	rh_buf_init(&text, 64U * 1024);
	rh_buf_add_cstr(&text, by_email ? "/v1/users?email=" : "/v1/users?external_ids=");
	for (size_t i = 0; i < operation->row_count; i++) {
		const struct rh_row *row = &operation->rows[i];
		if ((row->external_id.ptr == NULL) != by_email || (by_email && i > 0)) {
			return RH_EINVAL;
		}
		if (i > 0) {
			rh_buf_add_char(&text, ',');
		}
		rh_url_encode(&text, by_email ? row->email : row->external_id);
	}
	if (text.failed != 0 || !rh_arena_copy(operation->arena, rh_buf_str(&text), &path)) {
		return RH_ENOMEM;
	}
	acme_send(answer, "GET", path, RH_STR_ABSENT);
	return RH_OK;
}

static bool is_asked(const struct rh_row *row, const struct rh_json_node *user)
{
	if (row->external_id.ptr == NULL) {
		return rh_str_eq(rh_json_get_string(user, "email"), row->email);
	}
	return rh_str_eq(rh_json_get_string(user, "external_id"), row->external_id);
}

static int take_found(const struct acme *acme, struct rh_operation *operation,
		      const struct rh_json_node *data, struct rh_answer *answer)
{
	const struct rh_json_node *node = NULL;

	for (size_t i = 0; i < operation->row_count; i++) {
		operation->rows[i].outcome = RH_OUTCOME_ABSENT;
	}
	while ((node = rh_json_next(data, node, NULL)) != NULL) {
		const struct rh_record record = {.json = node, .number = 1};
		for (size_t i = 0; i < operation->row_count; i++) {
			int code = RH_OK;
			if (is_asked(&operation->rows[i], node)) {
				code = acme_take_user(acme, operation, &operation->rows[i],
						      &record);
			}
			if (code == RH_EINPUT) {
				fail_unreadable(answer, false);
				return RH_OK;
			}
			if (code != RH_OK) {
				return code;
			}
		}
	}
	done(answer);
	return RH_OK;
}

int acme_step_find(const void *instance, struct rh_operation *operation,
		   const struct rh_response *response, rh_time now, uint64_t seed,
		   struct rh_answer *answer)
{
	const struct rh_json_node *root;
	const struct rh_json_node *data;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		return send_find(operation, answer);
	}
	code = acme_parse(operation, response, &root);
	if (code != RH_OK) {
		return code;
	}
	data = rh_json_get(root, "data");
	if (response->status == 200 && rh_json_type(data) != RH_JSON_ARRAY) {
		fail_unreadable(answer, false);
		return RH_OK;
	}
	return response->status == 200 ? take_found(instance, operation, data, answer)
				       : acme_refuse(operation, response, root, false, answer);
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

int acme_step_create(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	struct rh_str body;
	int code;

	(void)now;
	(void)seed;
	if (response != NULL) {
		return acme_answer_user(instance, operation, response, true, answer);
	}
	code = acme_body(instance, &operation->rows[0], operation->arena, &body);
	if (code == RH_OK) {
		acme_send(answer, "POST", RH_STR("/v1/users"), body);
	}
	return code;
}

enum remove_stage {
	REMOVE_LOOKING,
	REMOVE_DELETING,
};

int acme_step_remove(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	const struct rh_json_node *root;
	int code;

	(void)now;
	(void)seed;
	if (response == NULL) {
		return acme_send_user(operation, "GET", RH_STR_ABSENT, answer);
	}
	if (operation->stage == REMOVE_LOOKING) {
		code = acme_answer_user(instance, operation, response, false, answer);
		if (code != RH_OK || answer->kind != RH_ANSWER_DONE ||
		    row->outcome != RH_OUTCOME_DONE) {
			return code;
		}
		if (!rh_str_eq(row->observed.external_id, row->external_id)) {
			row->outcome = RH_OUTCOME_CONFLICT;
			row->cause = "another account stands there now";
			return RH_OK;
		}
		if (rh_step_keeps_user(operation, answer)) {
			return RH_OK;
		}
		row->outcome = RH_OUTCOME_NONE;
		operation->stage = REMOVE_DELETING;
		return acme_send_user(operation, "DELETE", RH_STR_ABSENT, answer);
	}
	if (response->status == 204) {
		row->outcome = RH_OUTCOME_DONE;
		done(answer);
		return RH_OK;
	}
	code = acme_parse(operation, response, &root);
	return code != RH_OK ? code : acme_refuse(operation, response, root, true, answer);
}

/* ---- proving ---------------------------------------------------------------------------------------------------- */

int acme_step_prove(const void *instance, struct rh_operation *operation,
		    const struct rh_response *response, rh_time now, uint64_t seed,
		    struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code;

	(void)instance;
	(void)now;
	(void)seed;
	if (response == NULL) {
		struct rh_json_writer writer;
		struct rh_str body = RH_STR_ABSENT;
		rh_autobuf text;

		rh_buf_init_secret(&text, RH_TEXT_MAX * 4);
		rh_json_writer_init(&writer, &text);
		rh_json_begin_object(&writer);
		rh_json_member(&writer, "email", operation->rows[0].email);
		rh_json_member(&writer, "password", operation->rows[0].password);
		rh_json_end_object(&writer);
		if (text.failed != 0 ||
		    !rh_arena_copy(operation->arena, rh_buf_str(&text), &body)) {
			return RH_ENOMEM;
		}
		acme_send(answer, "POST", RH_STR("/v1/sign-in"), body);
		answer->request.auth = RH_AUTH_NONE;
		return RH_OK;
	}
	code = acme_parse(operation, response, &root);
	if (code == RH_OK && response->status == 200 && rh_json_type(root) == RH_JSON_OBJECT) {
		operation->rows[0].outcome = RH_OUTCOME_DONE;
		done(answer);
		return RH_OK;
	}
	return code != RH_OK ? code : acme_refuse(operation, response, root, true, answer);
}

/* A wrong password is about the person, not about the key; 423 is this provider's word for "later". */
enum rh_outcome acme_classify(const void *instance, const struct rh_operation *operation,
			      const struct rh_request *request, const struct rh_response *response)
{
	(void)instance;
	(void)request;
	if (operation->verb == RH_VERB_PROVE && response->status == 401) {
		return RH_OUTCOME_REJECTED;
	}
	return response->status == 423 ? RH_OUTCOME_AWAY : RH_OUTCOME_NONE;
}
