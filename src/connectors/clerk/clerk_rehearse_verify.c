/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords and second factors at the rehearsed Clerk: both are truly checked. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"
#include "crypto/digest.h"
#include "crypto/password.h"

enum {
	TOTP_DIGITS = 6,
	TOTP_STEP_SECONDS = 30,
	CODES_MAX = 65536, /* bytes */
};

/* The user of the path, and the one member of the body; RH_ROW_NONE: the call holds the answer. */
static size_t begin(struct rh_call *call, const char *name, struct rh_str *out,
		    struct rh_object *user)
{
	struct clerk_member member = {name, CLERK_TEXT, CLERK_UPDATE | CLERK_NEEDED, 0};
	const struct rh_json_node *node = NULL;
	size_t row = clerk_user_of_path(call);

	if (row == RH_ROW_NONE || !clerk_read_members(call, &(struct clerk_form){&member, 1, true},
						      CLERK_UPDATE, &node, NULL)) {
		return RH_ROW_NONE;
	}
	*out = rh_json_string(node);
	rh_store_get(clerk_store(call, CLERK_USERS), row, user);
	return row;
}

/* code_type NULL: none. */
static void answer_verified(struct rh_call *call, const char *code_type)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	clerk_put_bool(&writer, "verified", true);
	rh_json_member(&writer, "code_type", rh_str_from(code_type));
	rh_json_end_object(&writer);
}

static bool check_has_password(struct rh_call *call, const struct rh_object *user)
{
	if (user->fields[CLERK_USER_DIGEST].ptr != NULL) {
		return true;
	}
	clerk_refuse(call, 400, "no_password_set", NULL, "The user has no password.");
	return false;
}

bool clerk_check_password(struct rh_call *call, const struct rh_object *user,
			  struct rh_str password)
{
	struct rh_credential credential;
	enum rh_password_result result = RH_PASSWORD_MISMATCH;

	if (!check_has_password(call, user) ||
	    !clerk_parse_digest(&call->arena, user->fields[CLERK_USER_HASHER],
				user->fields[CLERK_USER_DIGEST], &credential) ||
	    rh_password_check(&credential, password, &result, NULL) != RH_OK) {
		return false;
	}
	switch (result) {
	case RH_PASSWORD_MATCH:
		return true;
	case RH_PASSWORD_MISMATCH:
		clerk_refuse(call, 422, "incorrect_password", "password",
			     "The password is incorrect.");
		return false;
	case RH_PASSWORD_UNCHECKABLE:
		break;
	}
	clerk_refuse(call, 501, "rehearsal_cannot_check", NULL,
		     "The rehearsal cannot check a digest of this kind.");
	return false;
}

void clerk_verify_password(struct rh_call *call)
{
	struct rh_object user;
	struct rh_str password;

	if (begin(call, "password", &password, &user) != RH_ROW_NONE &&
	    clerk_check_password(call, &user, password)) {
		answer_verified(call, NULL);
	}
}

/* A clock may be a step off. */
static bool is_totp(struct rh_call *call, struct rh_str secret, struct rh_str code)
{
	struct rh_str bytes;
	char expected[TOTP_DIGITS + 1];
	bool is_right = false;

	if (!rh_base32_decode(&call->arena, secret, &bytes)) {
		return false;
	}
	for (int64_t step = -1; step <= 1; step++) {
		rh_totp(bytes, call->now + step * TOTP_STEP_SECONDS * RH_SECOND, expected);
		is_right = is_right || rh_str_is(code, expected);
	}
	return is_right;
}

/* Is `code` the one that is kept, plain or as bcrypt? */
static bool is_backup_code(struct rh_call *call, struct rh_str kept, struct rh_str code)
{
	struct rh_credential credential;
	enum rh_password_result result = RH_PASSWORD_MISMATCH;

	if (!rh_str_starts(kept, "$2")) {
		return rh_str_eq(kept, code);
	}
	return clerk_parse_digest(&call->arena, RH_STR("bcrypt"), kept, &credential) &&
	       rh_password_check(&credential, code, &result, NULL) == RH_OK &&
	       result == RH_PASSWORD_MATCH;
}

/* Takes the code out of the user's; false: it is none of them. */
static bool use_backup_code(struct rh_call *call, struct rh_object *user, struct rh_str code)
{
	struct rh_str *codes = &user->fields[CLERK_USER_BACKUP_CODES];
	const struct rh_json_node *node = NULL;
	struct rh_json json = {0};
	struct rh_json_writer writer;
	struct rh_str copy;
	rh_autobuf left = {0};
	size_t left_count = 0;
	bool is_used = false;

	if (codes->ptr == NULL || !rh_arena_copy(&call->arena, *codes, &copy) ||
	    rh_json_parse(&json, (char *)(uintptr_t)copy.ptr, copy.len, NULL) != RH_OK) {
		rh_json_done(&json);
		return false;
	}
	rh_buf_init_secret(&left, CODES_MAX);
	rh_json_writer_init(&writer, &left);
	rh_json_begin_array(&writer);
	while ((node = rh_json_next(rh_json_root(&json), node, NULL)) != NULL) {
		if (!is_used && is_backup_code(call, rh_json_string(node), code)) {
			is_used = true;
		} else {
			rh_json_put_node(&writer, node);
			left_count++;
		}
	}
	rh_json_end_array(&writer);
	rh_json_done(&json);
	*codes = RH_STR_ABSENT;
	return is_used &&
	       (left_count == 0 || rh_arena_copy(&call->arena, rh_buf_str(&left), codes));
}

void clerk_verify_totp(struct rh_call *call)
{
	struct rh_object user;
	struct rh_str code;
	size_t row = begin(call, "code", &code, &user);

	if (row == RH_ROW_NONE) {
		return;
	}
	if (user.fields[CLERK_USER_TOTP].ptr == NULL) {
		clerk_refuse(call, 400, "totp_disabled", NULL,
			     "The user has no authenticator application.");
	} else if (is_totp(call, user.fields[CLERK_USER_TOTP], code)) {
		answer_verified(call, "totp");
	} else if (use_backup_code(call, &user, code)) {
		call->tenant->stage->is_changed = true; /* though the route is no write */
		if (clerk_save_user(call, row, &user)) {
			answer_verified(call, "backup_code");
		}
	} else if (code.len != TOTP_DIGITS) {
		clerk_refuse(call, 422, "totp_invalid_length", "code", "The code has 6 digits.");
	} else {
		clerk_refuse(call, 422, "totp_incorrect_code", "code", "The code is incorrect.");
	}
}

void clerk_remove_password(struct rh_call *call)
{
	static const struct clerk_member member = {"sign_out_of_other_sessions", CLERK_TRUTH,
						   CLERK_UPDATE, 0};
	const struct rh_json_node *node;
	struct rh_object user;
	size_t row = clerk_user_of_path(call);

	if (row == RH_ROW_NONE || !clerk_read_members(call, &(struct clerk_form){&member, 1, true},
						      CLERK_UPDATE, &node, NULL)) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	if (check_has_password(call, &user)) {
		user.fields[CLERK_USER_DIGEST] = RH_STR_ABSENT;
		user.fields[CLERK_USER_HASHER] = RH_STR_ABSENT;
		clerk_keep_user(call, row, &user);
	}
}

static void change_compromised(struct rh_call *call, bool is_compromised)
{
	static const struct clerk_member member = {"revoke_all_sessions", CLERK_TRUTH,
						   CLERK_UPDATE | CLERK_NULL, 0};
	const struct rh_json_node *node;
	struct rh_object user;
	size_t row = clerk_user_of_path(call);
	int64_t flags;

	if (row == RH_ROW_NONE ||
	    !clerk_read_members(call,
				&(struct clerk_form){&member, is_compromised ? 1 : 0,
						     is_compromised},
				CLERK_UPDATE, &node, NULL)) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	if (check_has_password(call, &user)) {
		flags = user.numbers[CLERK_USER_FLAGS] & ~(int64_t)CLERK_FLAG_COMPROMISED;
		user.numbers[CLERK_USER_FLAGS] =
			flags | (is_compromised ? CLERK_FLAG_COMPROMISED : 0);
		clerk_keep_user(call, row, &user);
	}
}

void clerk_set_compromised(struct rh_call *call)
{
	change_compromised(call, true);
}

void clerk_unset_compromised(struct rh_call *call)
{
	change_compromised(call, false);
}

/* Takes factors away: which fields, and whether phones stop being one. */
static void remove_factors(struct rh_call *call, bool totp, bool codes, bool phones)
{
	struct rh_store *store = clerk_store(call, CLERK_PHONES);
	struct rh_json_writer writer;
	struct rh_object user;
	struct rh_str ids;
	size_t row = clerk_user_of_path(call);
	bool had_factor;

	if (row == RH_ROW_NONE) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	had_factor =
		user.fields[CLERK_USER_TOTP].ptr != NULL || clerk_has_phone_factor(call, &user);
	if (totp) {
		user.fields[CLERK_USER_TOTP] = RH_STR_ABSENT;
	}
	if (codes) {
		user.fields[CLERK_USER_BACKUP_CODES] = RH_STR_ABSENT;
	}
	ids = phones ? user.fields[CLERK_USER_PHONES] : RH_STR_ABSENT;
	while (ids.ptr != NULL) {
		size_t phone = rh_store_find(store, CLERK_IDN_BY_ID, rh_str_cut(&ids, ' '));

		if (phone != RH_ROW_NONE) {
			rh_store_set_number(store, phone, CLERK_IDN_SECOND_FACTOR, 0);
		}
	}
	if (had_factor && user.fields[CLERK_USER_TOTP].ptr == NULL &&
	    !clerk_has_phone_factor(call, &user)) {
		user.numbers[CLERK_USER_MFA_DISABLED_AT] = call->now;
	}
	if (clerk_save_user(call, row, &user)) {
		rh_call_json(call, 200, &writer);
		rh_json_begin_object(&writer);
		clerk_put_text(&writer, "user_id", call->params[0]);
		rh_json_end_object(&writer);
	}
}

void clerk_remove_mfa(struct rh_call *call)
{
	remove_factors(call, true, true, true);
}

void clerk_remove_totp(struct rh_call *call)
{
	remove_factors(call, true, false, false);
}

void clerk_remove_backup_codes(struct rh_call *call)
{
	remove_factors(call, false, true, false);
}
