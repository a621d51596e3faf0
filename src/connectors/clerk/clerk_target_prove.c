/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_password: does a known password fit?  It makes no session and sets no date.  It counts as writing all the
 * same: wrong passwords may lock an account, so it is never sent twice on a guess.
 */
#include "connectors/clerk/clerk_target_steps.h"

#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define BODY_MAX (64U * 1024)

enum prove_stage {
	PROVE_FINDING, /* whose address is it? */
	PROVE_ASKING,
};

static int send_password(const struct clerk *clerk, struct rh_operation *operation,
			 struct rh_answer *answer)
{
	struct rh_str copy = RH_STR_ABSENT;
	struct rh_json_writer writer;
	rh_autobuf body = {0};

	rh_buf_init_secret(&body, BODY_MAX);
	rh_json_writer_init(&writer, &body);
	rh_json_begin_object(&writer);
	rh_json_member(&writer, "password", operation->rows[0].password);
	rh_json_end_object(&writer);
	if (body.failed != RH_OK || !rh_arena_copy(operation->arena, rh_buf_str(&body), &copy)) {
		return RH_ENOMEM;
	}
	operation->stage = PROVE_ASKING;
	return clerk_send_user(clerk, operation, "POST", "/verify_password", copy, answer);
}

static int answer_find(const struct clerk *clerk, struct rh_operation *operation,
		       const struct rh_response *response, struct rh_answer *answer)
{
	struct rh_row *row = &operation->rows[0];
	const struct rh_json_node *root;
	const struct rh_json_node *user = NULL;
	struct rh_str email = RH_STR_ABSENT;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status != 200 || clerk_list_of(root) == NULL) {
		return clerk_settle_refusal(clerk, operation, root, response->status,
					    CLERK_LACK_IS_WRONG_PLACE, false, answer);
	}
	if (!rh_normalise_key(operation->arena, row->email, &email)) {
		return RH_ENOMEM;
	}
	while ((user = rh_json_next(clerk_list_of(root), user, NULL)) != NULL) {
		struct rh_str id = rh_json_get_string(user, "id");

		if (!rh_str_is_set(id)) {
			rh_step_fail_unreadable(answer, false);
			return RH_OK;
		}
		code = clerk_user_has_email(user, email, operation->arena);
		if (code == 1) {
			return rh_arena_copy(operation->arena, id, &row->target_id)
				       ? send_password(clerk, operation, answer)
				       : RH_ENOMEM;
		}
		if (code != 0) {
			return code;
		}
	}
	rh_step_done(operation, answer, RH_OUTCOME_ABSENT);
	return RH_OK;
}

static int answer_password(const struct clerk *clerk, struct rh_operation *operation,
			   const struct rh_response *response, struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status == 200 && rh_json_get_bool(root, "verified", false)) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	return clerk_settle_refusal(clerk, operation, root, response->status, CLERK_LACK_IS_ABSENT,
				    true, answer);
}

int clerk_step_prove(const void *instance, struct rh_operation *operation,
		     const struct rh_response *response, rh_time now, uint64_t seed,
		     struct rh_answer *answer)
{
	struct rh_row *row = operation->rows;

	(void)now;
	(void)seed;
	if (operation->row_count != 1 || row->password.ptr == NULL ||
	    (!rh_str_is_set(row->email) && !rh_str_is_set(row->target_id))) {
		return RH_EINVAL;
	}
	if (response != NULL) {
		return operation->stage == PROVE_FINDING
			       ? answer_find(instance, operation, response, answer)
			       : answer_password(instance, operation, response, answer);
	}
	if (rh_str_is_set(row->target_id)) {
		return send_password(instance, operation, answer);
	}
	operation->stage = PROVE_FINDING;
	return clerk_send_filter(instance, operation,
				 "/v1/users?limit=10&email_address=", row->email, answer);
}
