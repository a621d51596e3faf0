/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the WorkOS connector share. */
#include "helper.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"

const char *finding_name(enum rh_finding_code code)
{
	static const struct {
		enum rh_finding_code code;
		const char *name;
	} names[] = {
#define NAME(number, name, severity, what, then, todo) {RH_FINDING_##name, #name},
		RH_FINDING_MAP(NAME)
#undef NAME
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].code == code) {
			return names[i].name;
		}
	}
	return "unknown";
}

struct workos workos_instance(void)
{
	struct workos workos = {
		.api_key = "sk_test_example",
		.client_id = "client_example",
		.api_url = "https://api.workos.com/",
	};
	struct rh_err err = {0};

	assert_int_equal(rh_connector_workos.open(&workos, true, &err), RH_OK);
	return workos;
}

struct rh_identifier email_of(const char *address, bool is_verified, bool is_primary)
{
	return (struct rh_identifier){
		.kind = RH_IDENTIFIER_EMAIL,
		.value = rh_str_from(address),
		.is_verified = is_verified,
		.is_primary = is_primary,
	};
}

void drill_init(struct drill *drill, enum rh_verb verb)
{
	*drill = (struct drill){.workos = workos_instance()};
	rh_arena_init(&drill->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	drill->operation = (struct rh_operation){
		.kind = RH_KIND_USER,
		.verb = verb,
		.rows = &drill->row,
		.row_count = 1,
		.arena = &drill->arena,
		.json = &drill->json,
	};
	drill->row.parts = ALL_PARTS;
}

void drill_done(struct drill *drill)
{
	rh_arena_done(&drill->arena);
	rh_json_done(&drill->json);
	free(drill->body);
}

static void step(struct drill *drill, const struct rh_response *response)
{
	rh_step_fn *fn = rh_connector_workos.ops[RH_KIND_USER][drill->operation.verb];

	drill->answer = (struct rh_answer){.kind = RH_ANSWER_WAIT};
	assert_int_equal(fn(&drill->workos, &drill->operation, response, 1, 2, &drill->answer),
			 RH_OK);
}

void drill_start(struct drill *drill)
{
	step(drill, NULL);
	assert_int_equal(drill->answer.kind, RH_ANSWER_SEND);
	assert_int_equal(drill->answer.request.form, RH_REQUEST_HTTP);
	assert_int_equal(drill->answer.request.sink, RH_SINK_BUFFER);
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
