/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of the rehearsed WorkOS that would send mail: answered in the right shape, and counted. */
#include "base/str.h"
#include "connectors/workos/workos_rehearse.h"
#include "rehearsal/form.h"

enum {
	RESET_SECONDS = 3600,
	CODE_SECONDS = 600,
	DAY_SECONDS = 86400,
	INVITATION_DAYS = 7,
	INVITATION_DAYS_MAX = 30,
};

static void put_text(struct rh_json_writer *writer, const char *name, struct rh_str text)
{
	rh_json_key(writer, name);
	rh_json_put_string(writer, text);
}

static void put_time(struct rh_json_writer *writer, const char *name, rh_time time)
{
	char text[RH_TIME_TEXT_SIZE];

	rh_time_format(time, text);
	rh_json_key(writer, name);
	rh_json_put_cstr(writer, text);
}

static void put_code(struct rh_call *call, struct rh_json_writer *writer)
{
	put_text(writer, "code",
		 rh_arena_printf(&call->arena, "%06u", (unsigned)(rh_call_random(call) % 1000000)));
}

static bool pass_rate(struct rh_call *call, enum workos_bucket bucket, struct rh_str key)
{
	int64_t wait;

	if (rh_call_draw_key(call, bucket, key, &wait)) {
		return true;
	}
	rh_call_message(call, 429, "rate_limit_exceeded", "Too many requests.");
	rh_call_retry_after(call, wait);
	return false;
}

/* The address of the body; false: the call holds the 422. */
static bool take_email(struct rh_call *call, const char *name, struct rh_str *out)
{
	struct workos_problem problem = {name, "invalid_email", "must be an email address"};

	*out = rh_json_get_string(call->input, name);
	if (out->ptr == NULL || !rh_form_is_email(*out, NULL)) {
		workos_answer_problems(call, &problem, 1);
		return false;
	}
	return true;
}

/* The user of that address; false: the call holds the 404. */
static bool find_by_email(struct rh_call *call, struct rh_str email, struct rh_object *out)
{
	size_t row = rh_store_find(workos_users(call), WORKOS_BY_EMAIL, email);

	if (row == RH_ROW_NONE) {
		rh_call_message(call, 404, "entity_not_found", "User not found.");
		return false;
	}
	rh_store_get(workos_users(call), row, out);
	return true;
}

/* What codes and resets have in common: whose they are, and when. */
static void begin_mail(struct rh_call *call, struct rh_json_writer *writer, const char *object,
		       struct rh_str id, const struct rh_object *user, int64_t seconds)
{
	rh_call_count_mail(call);
	rh_call_json(call, 201, writer);
	rh_json_begin_object(writer);
	put_text(writer, "object", rh_str_from(object));
	put_text(writer, "id", id);
	put_text(writer, "user_id", user->fields[WORKOS_USER_ID]);
	put_text(writer, "email", user->fields[WORKOS_USER_EMAIL]);
	put_time(writer, "expires_at", call->now + seconds * RH_SECOND);
	put_time(writer, "created_at", call->now);
}

void workos_mail_password_reset(struct rh_call *call)
{
	struct rh_json_writer writer;
	struct rh_object user;
	struct rh_str email;
	struct rh_str token;

	if (!take_email(call, "email", &email) || !pass_rate(call, WORKOS_BUCKET_RESET, email) ||
	    !find_by_email(call, email, &user)) {
		return;
	}
	token = rh_call_new_id(call, "");
	begin_mail(call, &writer, "password_reset", rh_call_new_id(call, "password_reset_"), &user,
		   RESET_SECONDS);
	put_text(&writer, "password_reset_token", token);
	put_text(&writer, "password_reset_url",
		 rh_arena_printf(&call->arena, "https://app.example.com/reset-password?token=%.*s",
				 RH_STR_ARG(token)));
	rh_json_end_object(&writer);
}

void workos_mail_magic_auth(struct rh_call *call)
{
	struct rh_json_writer writer;
	struct rh_object user;
	struct rh_str email;

	if (!take_email(call, "email", &email) ||
	    !pass_rate(call, WORKOS_BUCKET_MAGIC_AUTH, email) ||
	    !find_by_email(call, email, &user)) {
		return;
	}
	begin_mail(call, &writer, "magic_auth", rh_call_new_id(call, "magic_auth_"), &user,
		   CODE_SECONDS);
	put_time(&writer, "updated_at", call->now);
	put_code(call, &writer);
	rh_json_end_object(&writer);
}

void workos_mail_verification(struct rh_call *call)
{
	struct rh_json_writer writer;
	struct rh_object user;
	size_t row = workos_user_of_path(call);

	if (row == RH_ROW_NONE || !pass_rate(call, WORKOS_BUCKET_VERIFICATION, call->params[0])) {
		return;
	}
	rh_store_get(workos_users(call), row, &user);
	if (user.numbers[WORKOS_USER_EMAIL_VERIFIED] != 0) {
		rh_call_message(call, 400, "email_already_verified",
				"The email address is verified already.");
		return;
	}
	rh_call_count_mail(call);
	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "user");
	workos_write_user(&writer, &user);
	rh_json_end_object(&writer);
}

void workos_mail_email_change(struct rh_call *call)
{
	struct rh_json_writer writer;
	struct rh_object user;
	struct rh_str email;
	size_t row = workos_user_of_path(call);
	size_t other;

	if (row == RH_ROW_NONE || !take_email(call, "new_email", &email)) {
		return;
	}
	other = rh_store_find(workos_users(call), WORKOS_BY_EMAIL, email);
	if (other != RH_ROW_NONE) {
		rh_call_message(call, 409,
				other == row ? "email_change_not_needed" : "email_not_available",
				"This email is not available.");
		return;
	}
	rh_store_get(workos_users(call), row, &user);
	rh_call_count_mail(call);
	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	put_text(&writer, "object", RH_STR("email_change"));
	rh_json_key(&writer, "user");
	workos_write_user(&writer, &user);
	put_text(&writer, "new_email", email);
	put_time(&writer, "expires_at", call->now + CODE_SECONDS * RH_SECOND);
	put_time(&writer, "created_at", call->now);
	rh_json_end_object(&writer);
}

static void answer_invitation(struct rh_call *call, struct rh_str email, int64_t days)
{
	struct rh_json_writer writer;
	struct rh_str token = rh_call_new_id(call, "");

	rh_call_count_mail(call);
	rh_call_json(call, 201, &writer);
	rh_json_begin_object(&writer);
	put_text(&writer, "object", RH_STR("invitation"));
	put_text(&writer, "id", rh_call_new_id(call, "invitation_"));
	put_text(&writer, "email", email);
	put_text(&writer, "state", RH_STR("pending"));
	put_text(&writer, "accepted_at", RH_STR_ABSENT);
	put_text(&writer, "revoked_at", RH_STR_ABSENT);
	put_time(&writer, "expires_at", call->now + days * DAY_SECONDS * RH_SECOND);
	put_text(&writer, "organization_id", RH_STR_ABSENT);
	put_text(&writer, "inviter_user_id", rh_json_get_string(call->input, "inviter_user_id"));
	put_text(&writer, "accepted_user_id", RH_STR_ABSENT);
	put_text(&writer, "role_slug", RH_STR_ABSENT);
	put_time(&writer, "created_at", call->now);
	put_time(&writer, "updated_at", call->now);
	put_text(&writer, "token", token);
	put_text(&writer, "accept_invitation_url",
		 rh_arena_printf(&call->arena,
				 "https://app.example.com/invite?invitation_token=%.*s",
				 RH_STR_ARG(token)));
	rh_json_end_object(&writer);
}

void workos_mail_invitation(struct rh_call *call)
{
	struct rh_str email;
	int64_t days = INVITATION_DAYS;

	if (!take_email(call, "email", &email)) {
		return;
	}
	if (rh_json_get(call->input, "expires_in_days") != NULL &&
	    (!rh_json_get_i64(call->input, "expires_in_days", &days) || days < 1 ||
	     days > INVITATION_DAYS_MAX)) {
		rh_call_message(call, 400,
				days < 1 ? "expires_in_days_too_short" : "expires_in_days_too_long",
				"expires_in_days must be 1 to 30.");
		return;
	}
	if (!rh_json_is_null(rh_json_get(call->input, "organization_id"))) {
		/* There are no organizations here. */
		rh_call_message(call, 404, "entity_not_found", "Organization not found.");
		return;
	}
	if (rh_store_find(workos_users(call), WORKOS_BY_EMAIL, email) != RH_ROW_NONE) {
		rh_call_message(call, 400, "user_already_exists",
				"There is a user with this email.");
		return;
	}
	answer_invitation(call, email, days);
}
