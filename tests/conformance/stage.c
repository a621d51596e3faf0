/* SPDX-License-Identifier: Apache-2.0 */
/* The stage: operations stepped by hand, with every rule checked on the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/credential.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "config/options.h"
#include "db/db.h"
#include "engine/classify.h"
#include "suite.h"

const char suite_hash[] = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/* ---- opening ------------------------------------------------------------------------------------------ */

static void set_options(struct stage *stage)
{
	struct rh_err err = {0};

	if (stage->connector->options == NULL) {
		return;
	}
	assert_int_equal(rh_option_defaults(stage->connector->options, stage->instance,
					    &stage->arena, &err),
			 RH_OK);
	for (const struct subject_option *given = suite_subject->options; given->name != NULL;
	     given++) {
		const struct rh_option *option =
			rh_option_find(stage->connector->options, given->name);
		assert_non_null(option);
		assert_int_equal(rh_option_set(option, stage->instance, NULL, given->value,
					       &stage->arena, &err),
				 RH_OK);
	}
}

/* C12: what the engine does before the first request. */
static void take_token(struct stage *stage)
{
	struct stage_op op = {0};

	if (!suite_can(RH_KIND_AUTH, RH_VERB_CREATE)) {
		stage->token = stage->endpoint.key;
		return;
	}
	stage_run(stage, &op, RH_KIND_AUTH, RH_VERB_CREATE, NULL, 0);
	assert_int_equal(op.end, STAGE_DONE);
	assert_true(rh_str_is_set(op.op.token));
	assert_int_equal(op.writes, 0); /* plan may do it too */
	assert_true(rh_arena_copy(&stage->arena, op.op.token, &stage->token));
	stage_op_done(&op);
}

void stage_begin(struct stage *stage)
{
	const struct subject *subject = suite_subject;
	struct rh_err err = {0};

	*stage = (struct stage){.connector = subject->connector, .now = SCRIPTED_START};
	rh_arena_init(&stage->arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	stage->instance = calloc(1, subject->connector->instance_size);
	assert_non_null(stage->instance);
	set_options(stage);
	assert_int_equal(subject->connector->open(stage->instance, subject->play != NULL, &err),
			 RH_OK);
	if (subject->play != NULL) {
		assert_int_equal(subject->connector->describe(stage->instance, &stage->endpoint,
							      &err),
				 RH_OK);
		stage->play = subject->play->begin();
		take_token(stage);
	}
}

void stage_end(struct stage *stage)
{
	if (stage->play != NULL) {
		suite_subject->play->end(stage->play);
	}
	if (stage->connector->close != NULL) {
		stage->connector->close(stage->instance);
	}
	free(stage->instance);
	rh_arena_done(&stage->arena);
}

struct rh_row stage_row(struct stage *stage, unsigned n, bool has_hash)
{
	struct person *person = &stage->people[n];
	struct rh_account *account = &person->account;

	assert_true(n < STAGE_PEOPLE);
	(void)snprintf(person->source_id, sizeof(person->source_id), "src_%03u", n);
	(void)snprintf(person->address, sizeof(person->address), "person%03u@example.com", n);
	(void)snprintf(person->last_name, sizeof(person->last_name), "Exämple %u \"& <b>", n);
	person->email = (struct rh_identifier){
		.kind = RH_IDENTIFIER_EMAIL,
		.is_primary = true,
		.is_verified = n % 2 == 0,
		.value = rh_str_from(person->address),
	};
	*account = (struct rh_account){
		.source_id = rh_str_from(person->source_id),
		.first_name = n % 5 == 4 ? RH_STR_ABSENT : RH_STR("Ada"),
		.last_name = n % 7 == 6 ? RH_STR_ABSENT : rh_str_from(person->last_name),
		.identifiers = &person->email,
		.identifier_count = 1,
		.created_at = SCRIPTED_START - RH_SECOND,
	};
	if (n % 3 == 1) {
		account->metadata[RH_METADATA_PUBLIC] =
			RH_STR("{\"team\":\"red\",\"place\":\"Zürich\"}");
	}
	if (has_hash) {
		assert_int_equal(rh_credential_parse(&stage->arena, rh_str_from(suite_hash),
						     RH_STR("bcrypt"), RH_DIALECT_BCRYPT,
						     &account->credential),
				 RH_OK);
		assert_int_equal(account->credential.state, RH_CREDENTIAL_PRESENT);
	}
	return (struct rh_row){
		.account = account,
		.source_id = account->source_id,
		.external_id = account->source_id,
		.email = person->email.value,
		.parts = stage->connector->parts(stage->instance, account),
	};
}

/* ---- rules about requests --------------------------------------------------------------------------------- */

void suite_check_secrets(struct rh_str text, const char *where)
{
	for (const char *const *secret = suite_subject->secrets; *secret != NULL; secret++) {
		if (text.ptr != NULL &&
		    memmem(text.ptr, text.len, *secret, strlen(*secret)) != NULL) {
			fail_msg("a secret stands in %s", where);
		}
	}
}

void suite_check_code(struct rh_str code)
{
	assert_true(code.ptr == NULL || (code.len > 0 && code.len <= 64));
	for (size_t i = 0; i < code.len; i++) {
		assert_non_null(strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_-.",
				       code.ptr[i]));
		assert_int_not_equal(code.ptr[i], '\0');
	}
}

static bool only_reads(enum rh_verb verb)
{
	return verb == RH_VERB_PROBE || verb == RH_VERB_COUNT || verb == RH_VERB_LIST ||
	       verb == RH_VERB_GET || verb == RH_VERB_FIND;
}

static void check_http(const struct stage *stage, const struct stage_op *op,
		       const struct rh_request *request)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	bool is_get = strcmp(request->method, "GET") == 0;
	bool is_known = false;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		is_known = is_known || strcmp(request->method, methods[i]) == 0;
	}
	assert_true(is_known);
	assert_true(rh_str_starts(request->path, "/"));
	for (size_t i = 0; i < request->path.len; i++) {
		assert_in_range((unsigned char)request->path.ptr[i], '!', '~'); /* encoded */
	}
	suite_check_secrets(request->path, "a path");
	assert_true(!is_get || request->body.ptr == NULL);
	/* A request that is not marked as writing may be sent again, and may leave while planning. */
	if (is_get) {
		assert_false(request->is_writing);
	} else if (op->op.kind != RH_KIND_AUTH && op->op.verb != RH_VERB_PROVE) {
		assert_true(request->is_writing);
	}
	assert_true(request->buckets >> stage->endpoint.bucket_count == 0);
	if (op->op.kind == RH_KIND_AUTH) {
		assert_int_equal(request->auth, RH_AUTH_NONE);
	}
	assert_true(request->origin.ptr == NULL || rh_str_starts(request->origin, "https://"));
}

static void check_json_body(const struct rh_request *request)
{
	struct rh_json json = {0};
	char *body;

	if (request->form != RH_REQUEST_HTTP || request->body.ptr == NULL ||
	    request->content_type != NULL) {
		return;
	}
	body = scripted_body(request->body);
	assert_int_equal(rh_json_parse(&json, body, request->body.len, NULL), RH_OK);
	rh_json_done(&json);
	free(body);
}

/* C2: one write at most, but for an update, after all readings, but for a job; only where something is to be written. */
static void check_order(struct stage_op *op, const struct rh_request *request)
{
	if (!request->is_writing) {
		assert_true(op->writes == 0 || op->op.verb == RH_VERB_BULK);
		return;
	}
	op->writes++;
	assert_true(op->writes == 1 || op->op.verb == RH_VERB_UPDATE);
	assert_true(op->op.verb != RH_VERB_UPDATE || op->was_observed); /* C13 */
	assert_false(only_reads(op->op.verb));
	assert_int_not_equal(op->op.kind, RH_KIND_AUTH);
}

/* ---- answering -------------------------------------------------------------------------------------------- */

static void answer_sql(struct stage *stage, struct stage_op *op, const struct rh_request *request,
		       struct rh_response *out)
{
	struct rh_err err = {0};

	rh_arena_reset(&op->answers);
	assert_int_equal(rh_db_request(suite_subject->play->db(stage->play), request, &op->answers,
				       out, &err),
			 RH_OK);
}

static void answer_http(struct stage *stage, struct stage_op *op, const struct rh_request *request,
			struct rh_response *out)
{
	struct scripted_answer answer = {.retry_after_us = -1};
	struct stage_request *seen = &op->requests[op->request_count - 1];

	rh_buf_init(&answer.body, RH_RESPONSE_MAX);
	if (stage->spoil == NULL || !stage->spoil(stage, op->request_count - 1, &answer)) {
		suite_subject->play->answer(stage->play, request,
					    request->auth == RH_AUTH_INSTANCE ? stage->token
									      : RH_STR_ABSENT,
					    stage->now, &answer);
	}
	assert_int_not_equal(answer.status, 0);
	seen->status = answer.status;
	seen->body = answer.body.len > 0 ? scripted_body(rh_buf_str(&answer.body)) : NULL;
	op->body = answer.body.len > 0 ? scripted_body(rh_buf_str(&answer.body)) : NULL;
	*out = (struct rh_response){
		.delivery = RH_DELIVERY_ANSWERED,
		.status = answer.status,
		.body = op->body,
		.body_len = answer.body.len,
		.is_json = answer.body.len > 0 && !answer.is_foreign,
		.retry_after_us = answer.retry_after_us,
	};
	if (request->sink == RH_SINK_SNAPSHOT && answer.status >= 200 && answer.status <= 299) {
		out->body = NULL;
		out->body_len = 0;
		out->snapshot_ref = 1;
	}
	rh_buf_done(&answer.body);
}

/* As the engine judges (C3); NONE: step reads it. */
static enum rh_outcome judge(const struct stage *stage, const struct stage_op *op,
			     const struct rh_request *request, const struct rh_response *response)
{
	const char *cause;
	enum rh_outcome own = RH_OUTCOME_NONE;

	if (stage->connector->classify != NULL) {
		own = stage->connector->classify(stage->instance, &op->op, request, response);
	}
	if (own == RH_OUTCOME_NONE) {
		return rh_classify(request, response, NULL, &cause);
	}
	return own == RH_OUTCOME_THROTTLED || own == RH_OUTCOME_AWAY || own == RH_OUTCOME_UNKNOWN ||
			       own == RH_OUTCOME_DENIED
		       ? own
		       : RH_OUTCOME_NONE;
}

/* ---- rules about ends --------------------------------------------------------------------------------------- */

/* What is handed over can be read to its last byte. */
static void touch(struct rh_str text)
{
	volatile char sum = 0;

	for (size_t i = 0; i < text.len; i++) {
		sum = (char)(sum + text.ptr[i]);
	}
	(void)sum;
}

static void check_wire(const struct rh_wire *wire)
{
	for (unsigned i = 0; i < RH_WIRE_FIELDS_MAX; i++) {
		if ((wire->present & UINT32_C(1) << i) != 0) {
			touch(wire->value[i]);
			suite_check_secrets(wire->value[i], "a wire field");
		}
	}
}

static void check_row(const struct stage *stage, const struct rh_row *row)
{
	suite_check_code(row->code);
	suite_check_secrets(row->code, "a code");
	suite_check_secrets(rh_str_from(row->cause), "a cause");
	touch(row->target_id);
	if (row->has_observed) {
		touch(row->observed.target_id);
		touch(row->observed.external_id);
		touch(row->observed.email);
		check_wire(&row->observed.wire);
	}
	(void)stage;
}

static void check_done(const struct stage *stage, const struct stage_op *op)
{
	for (size_t i = 0; i < op->op.row_count; i++) { /* C4 */
		assert_int_not_equal(op->op.rows[i].outcome, RH_OUTCOME_NONE);
		check_row(stage, &op->op.rows[i]);
	}
	if (op->op.verb == RH_VERB_CREATE && op->op.kind == RH_KIND_USER &&
	    op->op.rows[0].outcome == RH_OUTCOME_DONE) {
		assert_true(rh_str_is_set(op->op.rows[0].target_id));
	}
	for (size_t i = 0; i < op->op.record_count; i++) {
		assert_true(op->op.records[i].json != NULL || op->op.records[i].columns != NULL);
	}
}

/* C13: an update, once, after what it read and before it writes. */
static void check_observed(const struct stage *stage, struct stage_op *op)
{
	assert_int_equal(op->op.verb, RH_VERB_UPDATE);
	assert_int_equal(op->writes, 0);
	assert_true(op->request_count > 0);
	assert_false(op->was_observed);
	op->was_observed = true;
	for (size_t i = 0; i < op->op.row_count; i++) {
		const struct rh_row *row = &op->op.rows[i];
		assert_true(row->has_observed);
		assert_int_equal(row->outcome, RH_OUTCOME_NONE);
		assert_int_equal(row->expected.present & ~row->concerned, 0);
		check_row(stage, row);
		check_wire(&row->expected);
	}
}

static void check_fail(const struct rh_answer *answer)
{
	assert_int_not_equal(answer->outcome, RH_OUTCOME_NONE); /* C4 */
	assert_int_not_equal(answer->outcome, RH_OUTCOME_DONE);
	assert_non_null(answer->cause);
	suite_check_code(answer->code);
	suite_check_secrets(answer->code, "a code");
	suite_check_secrets(rh_str_from(answer->cause), "a cause");
}

/* What was asked is borrowed: it stays as it was. */
static void check_asked(const struct rh_row *before, const struct rh_row *after)
{
	assert_ptr_equal(before->account, after->account);
	assert_ptr_equal(before->policy, after->policy);
	assert_ptr_equal(before->source_id.ptr, after->source_id.ptr);
	assert_ptr_equal(before->external_id.ptr, after->external_id.ptr);
	assert_ptr_equal(before->email.ptr, after->email.ptr);
	assert_ptr_equal(before->password.ptr, after->password.ptr);
	assert_int_equal(before->parts, after->parts);
	assert_ptr_equal(before->wire, after->wire);
	assert_int_equal(before->clears, after->clears);
	assert_true(before->target_id.ptr == NULL ||
		    rh_str_eq(before->target_id, after->target_id));
}

/* ---- running ------------------------------------------------------------------------------------------------- */

static void end_op(struct stage_op *op, enum stage_end end, enum rh_outcome outcome)
{
	op->end = end;
	op->outcome = outcome;
	if (end == STAGE_DONE && op->op.row_count > 0) {
		op->outcome = op->op.rows[0].outcome;
	}
}

static void note_request(struct stage *stage, struct stage_op *op)
{
	const struct rh_request *request = &op->answer.request;

	assert_true(op->request_count < STAGE_REQUESTS_MAX);
	op->requests[op->request_count++] = (struct stage_request){.request = *request};
	check_order(op, request);
	if (request->form == RH_REQUEST_HTTP) {
		check_http(stage, op, request);
		check_json_body(request);
	} else {
		assert_non_null(request->sql);
	}
}

/* Sends the request and takes the answer; false: that ended it. */
static bool exchange(struct stage *stage, struct stage_op *op, struct rh_response *response)
{
	const struct rh_request *request = &op->requests[op->request_count - 1].request;
	enum rh_outcome outcome;

	free(op->body); /* the answer before this one is gone */
	op->body = NULL;
	if (request->form == RH_REQUEST_SQL) {
		answer_sql(stage, op, request, response);
	} else {
		answer_http(stage, op, request, response);
	}
	outcome = judge(stage, op, request, response);
	if (outcome != RH_OUTCOME_NONE) {
		end_op(op, STAGE_ENGINE, outcome);
	}
	return outcome == RH_OUTCOME_NONE;
}

/* Takes one step; false: the operation has ended. */
static bool step(struct stage *stage, struct stage_op *op, const struct rh_response *response)
{
	rh_step_fn *fn = stage->connector->ops[op->op.kind][op->op.verb];

	assert_true(op->steps++ < STAGE_STEPS_MAX);
	op->answer = (struct rh_answer){.kind = RH_ANSWER_FAIL};
	if (op->steps == stage->fail_step) {
		rh_alloc_fail_from(stage->fail_from);
	}
	op->code = fn(stage->instance, &op->op, response, stage->now, 42, &op->answer);
	rh_alloc_fail_from(0);
	if (op->code != RH_OK) {
		end_op(op, STAGE_CODE, RH_OUTCOME_NONE);
		return false;
	}
	switch (op->answer.kind) {
	case RH_ANSWER_SEND:
	case RH_ANSWER_WAIT:
		return true;
	case RH_ANSWER_OBSERVED:
		check_observed(stage, op);
		if (op->ends_observed) {
			end_op(op, STAGE_OBSERVED, RH_OUTCOME_NONE);
		}
		return !op->ends_observed;
	case RH_ANSWER_DONE:
		check_done(stage, op);
		end_op(op, STAGE_DONE, RH_OUTCOME_NONE);
		return false;
	case RH_ANSWER_FAIL:
		check_fail(&op->answer);
		end_op(op, STAGE_FAIL, op->answer.outcome);
		return false;
	}
	return false;
}

/* A row that was used before, as the engine gives it. */
static void clear_answer(struct rh_row *row)
{
	row->outcome = RH_OUTCOME_NONE;
	row->parts_at_fault = 0;
	row->code = RH_STR_ABSENT;
	row->cause = NULL;
	row->has_observed = false;
	row->observed = (struct rh_observed){0};
	row->expected = (struct rh_wire){0};
	row->concerned = 0;
}

void stage_run_prepared(struct stage *stage, struct stage_op *op)
{
	struct rh_response response;
	struct rh_row *before = calloc(op->op.row_count + 1, sizeof(*before));
	bool goes_on;

	assert_non_null(before);
	for (size_t i = 0; i < op->op.row_count; i++) {
		clear_answer(&op->op.rows[i]);
	}
	if (op->op.row_count > 0) {
		memcpy(before, op->op.rows, op->op.row_count * sizeof(*before));
	}
	rh_arena_init(&op->arena, op->arena_max != 0 ? op->arena_max : RH_OPERATION_MAX,
		      RH_ARENA_WIPE);
	rh_arena_init(&op->answers, RH_RESPONSE_MAX, RH_ARENA_WIPE);
	op->op.arena = &op->arena;
	op->op.json = &op->json;
	if (stage->connector->operation_size > 0) {
		op->op.state = calloc(1, stage->connector->operation_size);
		assert_non_null(op->op.state);
	}
	goes_on = step(stage, op, NULL);
	while (goes_on) {
		if (op->answer.kind == RH_ANSWER_OBSERVED) {
			goes_on = step(stage, op, NULL);
			continue;
		}
		if (op->answer.kind == RH_ANSWER_WAIT) {
			assert_true(op->answer.wait_us >= 0);
			stage->now += op->answer.wait_us;
			goes_on = step(stage, op, NULL);
			continue;
		}
		note_request(stage, op);
		goes_on = exchange(stage, op, &response) && step(stage, op, &response);
	}
	for (size_t i = 0; i < op->op.row_count; i++) {
		check_asked(&before[i], &op->op.rows[i]);
	}
	free(before);
}

void stage_run(struct stage *stage, struct stage_op *op, enum rh_kind kind, enum rh_verb verb,
	       struct rh_row *rows, size_t row_count)
{
	op->op = (struct rh_operation){
		.kind = kind,
		.verb = verb,
		.rows = rows,
		.row_count = row_count,
	};
	stage_run_prepared(stage, op);
}

void stage_op_done(struct stage_op *op)
{
	for (unsigned i = 0; i < op->request_count; i++) {
		free(op->requests[i].body);
	}
	free(op->body);
	free(op->op.state);
	rh_json_done(&op->json);
	rh_arena_done(&op->arena);
	rh_arena_done(&op->answers);
	*op = (struct stage_op){0};
}

enum rh_outcome stage_outcome(struct stage *stage, enum rh_verb verb, struct rh_row *row)
{
	struct stage_op op = {0};
	enum rh_outcome outcome;

	stage_run(stage, &op, RH_KIND_USER, verb, row, 1);
	outcome = op.outcome;
	stage_op_done(&op);
	return outcome;
}

struct rh_str stage_create(struct stage *stage, struct rh_row row)
{
	struct rh_str id = RH_STR_ABSENT;
	struct stage_op op = {0};

	stage_run(stage, &op, RH_KIND_USER, RH_VERB_CREATE, &row, 1);
	assert_int_equal(op.end, STAGE_DONE);
	assert_int_equal(op.outcome, RH_OUTCOME_DONE);
	assert_int_equal(op.writes, 1);
	assert_true(rh_arena_copy(&stage->arena, row.target_id, &id));
	stage_op_done(&op);
	return id;
}

unsigned stage_count(struct stage *stage)
{
	struct rh_str cursor = RH_STR_ABSENT;
	unsigned count = 0;

	for (unsigned pages = 0; pages < 1000; pages++) {
		struct stage_op op = {
			.op =
				{
					.kind = RH_KIND_USER,
					.verb = RH_VERB_LIST,
					.cursor = cursor,
				},
		};
		stage_run_prepared(stage, &op);
		assert_int_equal(op.end, STAGE_DONE);
		count += (unsigned)op.op.record_count;
		assert_true(rh_arena_copy(&stage->arena, op.op.next_cursor, &cursor));
		stage_op_done(&op);
		if (cursor.ptr == NULL) {
			return count;
		}
	}
	fail_msg("the list never ends");
	return 0;
}
