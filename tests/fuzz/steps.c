/* SPDX-License-Identifier: Apache-2.0 */
/* What steps.h promises: one operation, driven to its end, and what must hold of it then. */
#include "steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "fuzz.h"

enum { STEPS_MAX = 400 };

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static const enum rh_verb verbs[] = {
	RH_VERB_PROBE,  RH_VERB_LIST,   RH_VERB_GET,    RH_VERB_FIND,
	RH_VERB_CREATE, RH_VERB_UPDATE, RH_VERB_REMOVE, RH_VERB_PROVE,
};
static const int statuses[] = {200, 201, 202, 204, 400, 401, 402, 403, 404, 409, 413, 422};

static void check_code(struct rh_str code)
{
	for (size_t i = 0; i < code.len; i++) {
		char c = code.ptr[i];

		require((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.');
	}
	require(code.len <= 64);
}

/* Is there an object, or a list of them, to read at all? */
static bool is_answer(const char *body, size_t len)
{
	struct rh_json json = {0};
	char *copy = malloc(len + 1);
	bool result;

	require(copy != NULL);
	memcpy(copy, body, len);
	result = rh_json_parse(&json, copy, len, NULL) == RH_OK &&
		 (rh_json_type(rh_json_root(&json)) == RH_JSON_OBJECT ||
		  rh_json_type(rh_json_root(&json)) == RH_JSON_ARRAY);
	rh_json_done(&json);
	free(copy);
	return result;
}

static void check_end(const struct rh_operation *operation, const struct rh_answer *answer,
		      bool has_answer, bool is_write)
{
	const struct rh_row *row = &operation->rows[0];

	if (answer->kind == RH_ANSWER_FAIL) {
		require(answer->outcome == RH_OUTCOME_DENIED || answer->cause != NULL);
		require(answer->outcome != RH_OUTCOME_NONE && answer->outcome != RH_OUTCOME_DONE);
		check_code(answer->code);
		require(has_answer || answer->outcome == RH_OUTCOME_DENIED ||
			answer->outcome == (is_write ? RH_OUTCOME_UNKNOWN : RH_OUTCOME_AWAY));
		return;
	}
	require(answer->kind == RH_ANSWER_DONE);
	if (operation->row_count > 0) {
		require(row->outcome != RH_OUTCOME_NONE && row->outcome != RH_OUTCOME_UNKNOWN);
		require(has_answer || operation->verb == RH_VERB_REMOVE);
		/* Who would have changed or removed somebody else says what he saw. */
		require(row->outcome == RH_OUTCOME_DONE || !row->has_observed ||
			(row->outcome == RH_OUTCOME_CONFLICT &&
			 (operation->verb == RH_VERB_UPDATE || operation->verb == RH_VERB_REMOVE)));
		check_code(row->code);
	}
	if (operation->kind == RH_KIND_SETTING) {
		require(operation->settings != NULL && operation->settings->is_read);
		require(operation->settings->social_count <= RH_SOCIAL_THERE_MAX);
	}
	for (size_t i = 0; i < operation->record_count; i++) {
		require(operation->records[i].json != NULL);
	}
}

/* Steps until the end; every request gets the same answer. */
static void run(const struct fuzz_steps *fuzz, struct rh_operation *operation, int status,
		const char *body, size_t len)
{
	rh_step_fn *step = fuzz->connector->ops[operation->kind][operation->verb];
	struct rh_response response = {.status = status, .is_json = true, .retry_after_us = -1};
	struct rh_answer answer = {.kind = RH_ANSWER_WAIT};
	bool has_written = false;
	unsigned writes = 0;
	char *bodies[STEPS_MAX] = {NULL};
	int steps = 0;

	require(step(fuzz->instance, operation, NULL, 1, 2, &answer) == RH_OK);
	while (answer.kind == RH_ANSWER_SEND || answer.kind == RH_ANSWER_OBSERVED) {
		if (answer.kind == RH_ANSWER_OBSERVED) { /* read, and let go */
			require(!has_written && operation->rows[0].has_observed);
			require(step(fuzz->instance, operation, NULL, 1, 2, &answer) == RH_OK);
			require(answer.kind == RH_ANSWER_SEND && answer.request.is_writing);
			continue;
		}
		require(writes < fuzz->writes_max && steps < STEPS_MAX);
		writes += answer.request.is_writing ? 1 : 0;
		has_written = writes > 0;
		bodies[steps] = malloc(len + 1);
		require(bodies[steps] != NULL);
		memcpy(bodies[steps], body, len);
		bodies[steps][len] = '\0';
		response.body = bodies[steps++];
		response.body_len = len;
		require(step(fuzz->instance, operation, &response, 1, 2, &answer) == RH_OK);
	}
	check_end(operation, &answer, is_answer(body, len), has_written);
	for (int i = 0; i < steps; i++) {
		free(bodies[i]);
	}
}

int fuzz_steps(const struct fuzz_steps *fuzz, const uint8_t *data, size_t size)
{
	size_t len = size < FUZZ_INPUT_MAX ? size : FUZZ_INPUT_MAX;
	struct rh_identifier email = {
		.kind = RH_IDENTIFIER_EMAIL,
		.value = RH_STR("ada@example.com"),
	};
	struct rh_account account = {
		.source_id = RH_STR("user_ada"),
		.identifiers = &email,
		.identifier_count = 1,
	};
	struct rh_row row = {
		.account = &account,
		.external_id = RH_STR("user_ada"),
		.target_id = RH_STR("user_01"),
		.email = RH_STR("ada@example.com"),
		.password = RH_STR("Passw0rd!"),
		.parts = UINT32_MAX,
	};
	struct rh_json json = {0};
	struct rh_arena arena;
	struct rh_operation operation = {
		.kind = RH_KIND_USER,
		.rows = &row,
		.arena = &arena,
		.json = &json,
	};

	if (len < 2) {
		return 0;
	}
	rh_arena_init(&arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	operation.state = rh_arena_calloc(&arena, 1, fuzz->connector->operation_size + 1);
	require(operation.state != NULL);
	operation.verb = verbs[data[0] % (sizeof(verbs) / sizeof(verbs[0]))];
	operation.row_count =
		operation.verb == RH_VERB_PROBE || operation.verb == RH_VERB_LIST ? 0 : 1;
	if ((data[0] & 0x80) != 0 && operation.verb == RH_VERB_FIND) {
		row.external_id = RH_STR_ABSENT;
	}
	row.keeps_users = (data[0] & 0x40) != 0;
	if ((data[0] & 0x40) != 0 && operation.verb == RH_VERB_GET &&
	    fuzz->connector->ops[RH_KIND_SETTING][RH_VERB_GET] != NULL) {
		operation.kind = RH_KIND_SETTING;
		operation.row_count = 0;
	}
	run(fuzz, &operation, statuses[data[1] % (sizeof(statuses) / sizeof(statuses[0]))],
	    (const char *)data + 2, len - 2);
	rh_arena_done(&arena);
	rh_json_done(&json);
	return 0;
}
