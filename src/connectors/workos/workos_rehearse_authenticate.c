/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in at the rehearsed WorkOS: the password is truly checked against the imported hash. */
#include "base/str.h"
#include "connectors/workos/workos_rehearse.h"
#include "crypto/password.h"

enum { TOKEN_SECONDS = 300 };

static void answer_error(struct rh_call *call, const char *error, const char *description)
{
	struct rh_json_writer writer;

	rh_call_json(call, 400, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "error");
	rh_json_put_cstr(&writer, error);
	rh_json_key(&writer, "error_description");
	rh_json_put_cstr(&writer, description);
	rh_json_end_object(&writer);
}

/* client_id, email and password must be there and strings. */
static bool check_input(struct rh_call *call)
{
	static const char *const names[] = {"client_id", "email", "password"};
	struct workos_problem problems[3];
	size_t count = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!rh_str_is_set(rh_json_get_string(call->input, names[i]))) {
			problems[count++] = (struct workos_problem){names[i], "required",
								    "must be a string, not empty"};
		}
	}
	if (count > 0) {
		workos_answer_problems(call, problems, count);
	}
	return count == 0;
}

static bool pass_rate(struct rh_call *call, struct rh_str email)
{
	struct rh_json_writer writer;
	int64_t wait;

	if (rh_call_draw_key(call, WORKOS_BUCKET_SIGN_IN, email, &wait)) {
		return true;
	}
	rh_call_json(call, 429, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "error");
	rh_json_put_cstr(&writer, "too_many_requests");
	rh_json_key(&writer, "error_description");
	rh_json_put_cstr(&writer, "Too many attempts for this address.");
	rh_json_end_object(&writer);
	rh_call_retry_after(call, wait);
	return false;
}

static void refuse_credentials(struct rh_call *call)
{
	rh_call_count_sign_in(call, false);
	rh_call_message(call, 400, "invalid_credentials",
			"The email or the password is not right.");
}

/* false: the call holds the answer. */
static bool check_password(struct rh_call *call, const struct rh_object *user)
{
	struct rh_str password = rh_json_get_string(call->input, "password");
	struct rh_credential credential;
	enum rh_password_result result = RH_PASSWORD_MISMATCH;

	if (user->fields[WORKOS_USER_HASH].ptr == NULL) {
		refuse_credentials(call);
		return false;
	}
	/* It was accepted with the form of then. */
	if (!workos_parse_hash(&call->arena, user->fields[WORKOS_USER_HASH_TYPE],
			       user->fields[WORKOS_USER_HASH],
			       user->fields[WORKOS_USER_SALT_POSITION], WORKOS_FIREBASE_ANY,
			       &credential) ||
	    rh_password_check(&credential, password, &result, NULL) != RH_OK) {
		return false; /* no status: becomes 500 */
	}
	switch (result) {
	case RH_PASSWORD_MATCH:
		return true;
	case RH_PASSWORD_MISMATCH:
		refuse_credentials(call);
		return false;
	case RH_PASSWORD_UNCHECKABLE:
		break;
	}
	rh_call_message(call, 501, NULL,
			"The rehearsal cannot check a hash with these parameters.");
	return false;
}

/* The hash fits, but the code that was mailed must be entered first. */
static void answer_unverified(struct rh_call *call, const struct rh_object *user)
{
	struct rh_json_writer writer;

	rh_call_count_mail(call);
	rh_call_json(call, 403, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "code");
	rh_json_put_cstr(&writer, "email_verification_required");
	rh_json_key(&writer, "message");
	rh_json_put_cstr(&writer, "Email ownership must be verified before authentication.");
	rh_json_key(&writer, "email");
	rh_json_put_string(&writer, user->fields[WORKOS_USER_EMAIL]);
	rh_json_key(&writer, "pending_authentication_token");
	rh_json_put_string(&writer, rh_call_new_id(call, "pending_"));
	rh_json_key(&writer, "email_verification_id");
	rh_json_put_string(&writer, rh_call_new_id(call, "email_verification_"));
	rh_json_end_object(&writer);
}

/* A token in the shape of a JWT; its signature is random, for nobody here checks one. */
static void add_token(struct rh_call *call, const struct rh_object *user, struct rh_buf *out)
{
	static const char head[] = "{\"alg\":\"RS256\",\"kid\":\"rehearsal\"}";
	int64_t now = call->now / RH_SECOND;
	uint64_t signature[4];
	struct rh_str payload = rh_arena_printf(
		&call->arena,
		"{\"iss\":\"rehearsal\",\"sub\":\"%.*s\",\"sid\":\"%s\",\"iat\":%lld,\"exp\":%lld}",
		RH_STR_ARG(user->fields[WORKOS_USER_ID]), rh_call_new_id(call, "session_").ptr,
		(long long)now, (long long)now + TOKEN_SECONDS);

	for (size_t i = 0; i < 4; i++) {
		signature[i] = rh_call_random(call);
	}
	rh_base64_encode(out, RH_STR(head), RH_BASE64_URL_NOPAD);
	rh_buf_add_char(out, '.');
	rh_base64_encode(out, payload, RH_BASE64_URL_NOPAD);
	rh_buf_add_char(out, '.');
	rh_base64_encode(out,
			 (struct rh_str){
				 .ptr = (const char *)signature,
				 .len = sizeof(signature),
			 },
			 RH_BASE64_URL_NOPAD);
}

static void answer_session(struct rh_call *call, const struct rh_object *user)
{
	struct rh_json_writer writer;
	rh_autobuf token = {0};

	rh_buf_init(&token, 4096);
	add_token(call, user, &token);
	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "user");
	workos_write_user(&writer, user);
	rh_json_key(&writer, "access_token");
	rh_json_put_string(&writer, rh_buf_str(&token));
	rh_json_key(&writer, "refresh_token");
	rh_json_put_string(&writer, rh_call_new_id(call, "refresh_"));
	rh_json_key(&writer, "authentication_method");
	rh_json_put_cstr(&writer, "Password");
	rh_json_end_object(&writer);
}

void workos_authenticate(struct rh_call *call)
{
	struct rh_str grant = rh_json_get_string(call->input, "grant_type");
	struct rh_str email = rh_json_get_string(call->input, "email");
	struct rh_object user;
	size_t row;

	if (!rh_str_is(grant, "password")) {
		answer_error(call, "unsupported_grant_type",
			     "The rehearsal knows the grant type password only.");
		return;
	}
	if (!check_input(call) || !pass_rate(call, email)) {
		return;
	}
	row = rh_store_find(workos_users(call), WORKOS_BY_EMAIL, email);
	if (row == RH_ROW_NONE) {
		refuse_credentials(call);
		return;
	}
	rh_store_get(workos_users(call), row, &user);
	if (!check_password(call, &user)) {
		return;
	}
	if (user.numbers[WORKOS_USER_EMAIL_VERIFIED] == 0) {
		answer_unverified(call, &user);
		return;
	}
	user.numbers[WORKOS_USER_LAST_SIGN_IN_AT] = call->now;
	rh_store_set_number(workos_users(call), row, WORKOS_USER_LAST_SIGN_IN_AT, call->now);
	rh_call_count_sign_in(call, true);
	answer_session(call, &user);
}
