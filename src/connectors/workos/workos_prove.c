/* SPDX-License-Identifier: Apache-2.0 */
/* A sign-in with a known password: the only way to see that a hash arrived in a form that works. */
#include "connectors/workos/workos_steps.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define BODY_MAX (64U * 1024)

/* Answers that come only after the password was found right. */
static const char *const proofs[] = {
	"email_verification_required",
	"mfa_challenge",
	"mfa_enrollment",
	"organization_selection_required",
};

/* Answers that say nothing about the password, and how far each of them reaches. */
static const struct {
	const char *code;
	enum rh_scope scope;
	const char *cause;
} obstacles[] = {
	{"sso_required", RH_SCOPE_ROW, "the person must sign in through an organization"},
	{"authentication_method_not_allowed", RH_SCOPE_KIND,
	 "the target does not let people sign in by password"},
	{"email_password_auth_disabled", RH_SCOPE_KIND,
	 "the target does not let people sign in by password"},
	{"radar_challenge", RH_SCOPE_KIND, "the target's fraud rules stand in the way"},
	{"radar_sms_sign_in_challenge", RH_SCOPE_KIND, "the target's fraud rules stand in the way"},
	{"invalid_client", RH_SCOPE_KIND, "the client id does not belong to the key"},
	{"unauthorized_client", RH_SCOPE_KIND, "the client id does not belong to the key"},
};

/* It makes a session and an event, so it counts as writing: it is never sent twice on a guess. */
static int send_sign_in(const struct workos *workos, struct rh_operation *operation,
			struct rh_answer *answer)
{
	struct rh_str copy = RH_STR_ABSENT;
	struct rh_json_writer writer;
	rh_autobuf body = {0};

	rh_buf_init_secret(&body, BODY_MAX);
	rh_json_writer_init(&writer, &body);
	rh_json_begin_object(&writer);
	rh_json_member(&writer, "client_id", rh_str_from(workos->client_id));
	rh_json_member(&writer, "client_secret", rh_str_from(workos->api_key));
	rh_json_member(&writer, "grant_type", RH_STR("password"));
	rh_json_member(&writer, "email", operation->rows[0].email);
	rh_json_member(&writer, "password", operation->rows[0].password);
	rh_json_end_object(&writer);
	if (body.failed != RH_OK || !rh_arena_copy(operation->arena, rh_buf_str(&body), &copy)) {
		return RH_ENOMEM;
	}
	workos_send(answer, "POST", RH_STR("/user_management/authenticate"), copy);
	answer->request.auth = RH_AUTH_NONE;
	return RH_OK;
}

static bool take_proof(struct rh_operation *operation, const struct rh_json_node *root,
		       struct rh_answer *answer)
{
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		if (workos_error_says(root, proofs[i])) {
			rh_step_done(operation, answer, RH_OUTCOME_DONE);
			operation->rows[0].code = rh_str_from(proofs[i]);
			return true;
		}
	}
	return false;
}

static bool take_obstacle(const struct rh_json_node *root, struct rh_answer *answer)
{
	for (size_t i = 0; i < sizeof(obstacles) / sizeof(obstacles[0]); i++) {
		if (workos_error_says(root, obstacles[i].code)) {
			rh_step_fail(answer, RH_OUTCOME_DENIED, obstacles[i].scope,
				     rh_str_from(obstacles[i].code), obstacles[i].cause);
			return true;
		}
	}
	return false;
}

static int answer_sign_in(struct rh_operation *operation, const struct rh_response *response,
			  struct rh_answer *answer)
{
	const struct rh_json_node *root;
	int code = rh_step_parse(operation, response, &root);

	if (code != RH_OK) {
		return code;
	}
	if (response->status == 200 && rh_json_type(rh_json_get(root, "user")) == RH_JSON_OBJECT) {
		rh_step_done(operation, answer, RH_OUTCOME_DONE);
		return RH_OK;
	}
	if (response->status >= 400 &&
	    (take_proof(operation, root, answer) || take_obstacle(root, answer))) {
		return RH_OK;
	}
	if (response->status == 401 || response->status == 403) {
		if (workos_error_says(root, "invalid_credentials")) {
			return workos_refuse_row(operation, root, response->status, true, answer);
		}
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_KIND, RH_STR_ABSENT,
			     "the target does not let this key sign people in");
		return RH_OK;
	}
	return workos_refuse(operation, root, response->status, WORKOS_LACK_IS_ABSENT, true,
			     answer);
}

int workos_step_prove(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	const struct workos *workos = instance;

	(void)now;
	(void)seed;
	if (operation->row_count != 1 || !rh_str_is_set(operation->rows[0].email) ||
	    operation->rows[0].password.ptr == NULL) {
		return RH_EINVAL;
	}
	if (response != NULL) {
		return answer_sign_in(operation, response, answer);
	}
	if (workos->client_id == NULL || workos->client_id[0] == '\0') {
		rh_step_fail(answer, RH_OUTCOME_DENIED, RH_SCOPE_KIND, RH_STR_ABSENT,
			     "a sign-in needs the client id");
		return RH_OK;
	}
	return send_sign_in(workos, operation, answer);
}

/* Older servers answer 401 to a wrong password: that is about the person, not about the key. */
enum rh_outcome workos_classify(const void *instance, const struct rh_operation *operation,
				const struct rh_request *request,
				const struct rh_response *response)
{
	(void)instance;
	(void)request;
	return operation->verb == RH_VERB_PROVE && response->status == 401 ? RH_OUTCOME_REJECTED
									   : RH_OUTCOME_NONE;
}
