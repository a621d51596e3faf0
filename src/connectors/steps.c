/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of every target over HTTP say alike. */
#include "connectors/steps.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define PATH_LEN_MAX (16U * 1024)

int rh_step_path(struct rh_arena *arena, const char *before, struct rh_str text, const char *behind,
		 struct rh_str *out)
{
	rh_autobuf path = {0};

	rh_buf_init(&path, PATH_LEN_MAX);
	rh_buf_add_cstr(&path, before);
	rh_url_encode(&path, text);
	rh_buf_add_cstr(&path, behind);
	if (path.failed != RH_OK) {
		return path.failed;
	}
	return rh_arena_copy(arena, rh_buf_str(&path), out) ? RH_OK : RH_ENOMEM;
}

void rh_step_fail(struct rh_answer *answer, enum rh_outcome outcome, enum rh_scope scope,
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

void rh_step_fail_unreadable(struct rh_answer *answer, bool was_writing)
{
	rh_step_fail(answer, was_writing ? RH_OUTCOME_UNKNOWN : RH_OUTCOME_AWAY, RH_SCOPE_ROW,
		     RH_STR_ABSENT, "the answer cannot be read");
}

void rh_step_done(struct rh_operation *operation, struct rh_answer *answer, enum rh_outcome outcome)
{
	*answer = (struct rh_answer){.kind = RH_ANSWER_DONE};
	for (size_t i = 0; i < operation->row_count; i++) {
		operation->rows[i].outcome = outcome;
	}
}

int rh_step_parse(struct rh_operation *operation, const struct rh_response *response,
		  const struct rh_json_node **out)
{
	int code = RH_EINPUT;

	*out = NULL;
	if (response->body != NULL && response->body_len > 0) {
		code = rh_json_parse(operation->json, response->body, response->body_len, NULL);
	}
	if (code == RH_OK) {
		*out = rh_json_root(operation->json);
	}
	return code == RH_ENOMEM ? code : RH_OK;
}

bool rh_step_keeps_user(struct rh_operation *operation, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	rh_time sign_in = row->observed.last_sign_in_at;
	rh_time active = row->observed.last_active_at;
	bool is_used = (sign_in != 0 && sign_in > row->keeps_after) ||
		       (active != 0 && active > row->made_at);

	if (!row->keeps_users || !is_used) {
		return false;
	}
	rh_step_done(operation, answer, RH_OUTCOME_CONFLICT);
	row->code = RH_STR(RH_CODE_IN_USE);
	row->cause = "the person has signed in since";
	return true;
}
