/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of Clerk as a target share. */
#include "target_helper.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"

struct clerk clerk_instance(void)
{
	struct clerk clerk = {
		.secret_key = "sk_test_example",
		.api_url = "https://api.clerk.com/v1/",
		.keep_key = "rehome",
	};
	struct rh_err err = {0};

	assert_int_equal(rh_connector_clerk.open(&clerk, true, &err), RH_OK);
	return clerk;
}

void drill_init(struct drill *drill, enum rh_verb verb)
{
	*drill = (struct drill){.clerk = clerk_instance()};
	rh_arena_init(&drill->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	drill->operation = (struct rh_operation){
		.kind = RH_KIND_USER,
		.verb = verb,
		.rows = drill->rows,
		.row_count = 1,
		.arena = &drill->arena,
		.json = &drill->json,
		.state = &drill->state,
	};
	drill->rows[0].parts = ALL_PARTS;
}

void drill_done(struct drill *drill)
{
	rh_arena_done(&drill->arena);
	rh_json_done(&drill->json);
	free(drill->body);
}

static void step(struct drill *drill, const struct rh_response *response)
{
	rh_step_fn *fn = rh_connector_clerk.ops[drill->operation.kind][drill->operation.verb];

	drill->answer = (struct rh_answer){.kind = RH_ANSWER_WAIT};
	assert_int_equal(fn(&drill->clerk, &drill->operation, response, 1, 2, &drill->answer),
			 RH_OK);
}

void drill_start(struct drill *drill)
{
	step(drill, NULL);
	assert_int_equal(drill->answer.kind, RH_ANSWER_SEND);
}

void drill_feed(struct drill *drill, int status, const char *body)
{
	struct rh_response response = {
		.delivery = RH_DELIVERY_ANSWERED,
		.status = status,
		.is_json = true,
		.retry_after_us = -1,
	};

	free(drill->body);
	drill->body = body != NULL ? strdup(body) : NULL;
	response.body = drill->body;
	response.body_len = body != NULL ? strlen(body) : 0;
	step(drill, &response);
}

void drill_expect(const struct drill *drill, const char *method, const char *path, const char *body)
{
	const struct rh_request *request = &drill->answer.request;

	assert_int_equal(drill->answer.kind, RH_ANSWER_SEND);
	assert_string_equal(request->method, method);
	if (!rh_str_is(request->path, path)) {
		fail_msg("path %.*s", RH_STR_ARG(request->path));
	}
	if (body != NULL && !rh_str_is(request->body, body)) {
		fail_msg("body %.*s", RH_STR_ARG(request->body));
	}
	assert_string_equal(request->header, "Clerk-API-Version"); /* C-37 */
	assert_string_equal(request->header_value, "2025-11-10");
	assert_int_equal(request->is_writing, strcmp(method, "GET") != 0);
	assert_int_equal(request->auth, RH_AUTH_INSTANCE);
	assert_null(request->origin.ptr);
}
