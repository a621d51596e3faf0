/* SPDX-License-Identifier: Apache-2.0 */
/* Entities of a provider: records mapped, bodies written, operations stepped by hand. */
#include "entity_drill.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

void entity_init(struct entity_drill *drill, const struct rh_connector *connector,
		 const void *instance)
{
	*drill = (struct entity_drill){.connector = connector, .instance = instance};
	rh_arena_init(&drill->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	found_init(&drill->found);
}

void entity_done(struct entity_drill *drill)
{
	rh_arena_done(&drill->arena);
	rh_json_done(&drill->json);
	free(drill->body);
}

static const struct rh_json_node *parse(struct entity_drill *drill, const char *text)
{
	free(drill->body);
	drill->body = strdup(text);
	assert_non_null(drill->body);
	assert_int_equal(rh_json_parse(&drill->json, drill->body, strlen(drill->body), NULL),
			 RH_OK);
	return rh_json_root(&drill->json);
}

void entity_read(struct entity_drill *drill, enum rh_kind kind, const char *record)
{
	struct rh_record parsed = {.json = parse(drill, record), .number = 1};

	found_init(&drill->found);
	assert_int_equal(drill->connector->entities->from_record(drill->instance, kind, &parsed,
								 &drill->policy, &drill->arena,
								 &drill->found.sink, &drill->entity,
								 NULL),
			 RH_OK);
	assert_int_equal(drill->entity.kind, kind);
}

static void expect_fields(const struct entity_drill *drill, enum rh_kind kind,
			  const struct rh_wire *wire, const char *expected)
{
	const char *const *names = drill->connector->entities->fields[kind];
	struct rh_buf text;

	rh_buf_init(&text, 1U << 20);
	for (unsigned i = 0; names[i] != NULL; i++) {
		if ((wire->present >> i & 1) != 0) {
			rh_buf_printf(&text, "%s=%.*s\n", names[i], RH_STR_ARG(wire->value[i]));
		}
	}
	assert_string_equal(text.ptr != NULL ? text.ptr : "", expected);
	rh_buf_done(&text);
}

void expect_body(struct entity_drill *drill, unsigned parts, const char *body, const char *fields)
{
	struct rh_wire wire;
	struct rh_buf text;

	rh_buf_init(&text, 1U << 20);
	assert_int_equal(drill->connector->entities->to_wire(drill->instance, &drill->entity,
							     &drill->links, &drill->policy, parts,
							     &drill->arena, &drill->found.sink,
							     &text, &wire, NULL),
			 RH_OK);
	assert_string_equal(text.ptr, body);
	expect_fields(drill, drill->entity.kind, &wire, fields);
	rh_buf_done(&text);
}

void expect_seen(struct entity_drill *drill, enum rh_kind kind, const char *record,
		 const char *target_id, const char *fields)
{
	struct rh_record parsed = {.json = parse(drill, record), .number = 1};
	struct rh_observed observed;

	assert_int_equal(drill->connector->entities->observe(drill->instance, kind, &parsed,
							     &drill->arena, &observed, NULL),
			 RH_OK);
	assert_true(rh_str_is(observed.target_id, target_id));
	assert_non_null(observed.entity);
	expect_fields(drill, kind, &observed.wire, fields);
}

/* ---- steps ---------------------------------------------------------------------------------------------------- */

static void step(struct entity_drill *drill, const struct rh_response *response)
{
	rh_step_fn *fn = drill->connector->ops[drill->operation.kind][drill->operation.verb];

	assert_non_null(fn);
	drill->answer = (struct rh_answer){.kind = RH_ANSWER_WAIT};
	assert_int_equal(fn(drill->instance, &drill->operation, response, 1, 2, &drill->answer),
			 RH_OK);
}

static void expect_request(const struct entity_drill *drill, const char *method, const char *path,
			   const char *body)
{
	const struct rh_request *request = &drill->answer.request;

	assert_int_equal(drill->answer.kind, RH_ANSWER_SEND);
	assert_string_equal(request->method, method);
	if (!rh_str_is(request->path, path)) {
		fail_msg("%.*s is not %s", RH_STR_ARG(request->path), path);
	}
	assert_int_equal(request->is_writing, strcmp(method, "GET") != 0);
	assert_int_equal(request->auth, RH_AUTH_INSTANCE);
	if (body == NULL) {
		assert_null(request->body.ptr);
	} else if (!rh_str_is(request->body, body)) {
		fail_msg("%.*s is not %s", RH_STR_ARG(request->body), body);
	}
}

static void feed(struct entity_drill *drill, int status, const char *text)
{
	struct rh_response response = {
		.delivery = RH_DELIVERY_ANSWERED,
		.status = status,
		.is_json = true,
		.retry_after_us = -1,
	};

	free(drill->body);
	drill->body = text != NULL ? strdup(text) : NULL;
	response.body = drill->body;
	response.body_len = text != NULL ? strlen(text) : 0;
	step(drill, &response);
}

void entity_start(struct entity_drill *drill, enum rh_kind kind, enum rh_verb verb,
		  const char *method, const char *path, const char *body)
{
	drill->operation = (struct rh_operation){
		.kind = kind,
		.verb = verb,
		.rows = &drill->row,
		.row_count = 1,
		.arena = &drill->arena,
		.json = &drill->json,
		.cursor = drill->operation.cursor,
		.page_size = drill->operation.page_size,
	};
	drill->entity.kind = kind;
	drill->row.entity = &drill->entity;
	drill->row.links = &drill->links;
	drill->row.policy = &drill->policy;
	step(drill, NULL);
	expect_request(drill, method, path, body);
}

void entity_feed_on(struct entity_drill *drill, int status, const char *text, const char *method,
		    const char *path, const char *body)
{
	feed(drill, status, text);
	expect_request(drill, method, path, body);
}

void entity_feed_end(struct entity_drill *drill, int status, const char *text,
		     enum rh_outcome outcome)
{
	feed(drill, status, text);
	assert_int_equal(drill->answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill->row.outcome, outcome);
}

void entity_feed_fail(struct entity_drill *drill, int status, const char *text,
		      enum rh_outcome outcome, enum rh_scope scope)
{
	feed(drill, status, text);
	assert_int_equal(drill->answer.kind, RH_ANSWER_FAIL);
	assert_int_equal(drill->answer.outcome, outcome);
	assert_int_equal(drill->answer.scope, scope);
}

void entity_feed_observed(struct entity_drill *drill, int status, const char *text,
			  const char *method, const char *path, const char *body)
{
	feed(drill, status, text);
	assert_int_equal(drill->answer.kind, RH_ANSWER_OBSERVED);
	step(drill, NULL);
	expect_request(drill, method, path, body);
}
