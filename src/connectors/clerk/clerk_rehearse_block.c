/* SPDX-License-Identifier: Apache-2.0 */
/* Bans and locks at the rehearsed Clerk. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"

enum { BULK_MAX = 50 };

static bool check_plan(struct rh_call *call)
{
	if (rh_call_switch(call, CLERK_SWITCH_BAN_PLAN) == CLERK_IS_ON) {
		return true;
	}
	clerk_refuse(call, 402, "unsupported_subscription_plan_features", NULL,
		     "Banning users is not part of the plan.");
	return false;
}

static void set_ban(struct rh_object *user, bool is_banned)
{
	int64_t flags = user->numbers[CLERK_USER_FLAGS];

	user->numbers[CLERK_USER_FLAGS] =
		is_banned ? flags | CLERK_FLAG_BANNED : flags & ~(int64_t)CLERK_FLAG_BANNED;
}

static void change_ban(struct rh_call *call, bool is_banned)
{
	struct rh_object user;
	size_t row;

	if (!check_plan(call)) {
		return;
	}
	row = clerk_user_of_path(call);
	if (row != RH_ROW_NONE) {
		rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
		set_ban(&user, is_banned);
		clerk_keep_user(call, row, &user);
	}
}

void clerk_user_ban(struct rh_call *call)
{
	change_ban(call, true);
}

void clerk_user_unban(struct rh_call *call)
{
	change_ban(call, false);
}

/* The rows of all ids, or none; 0: the call holds the answer. */
static size_t read_ids(struct rh_call *call, size_t rows[BULK_MAX])
{
	static const struct clerk_member member = {"user_ids", CLERK_TEXTS,
						   CLERK_UPDATE | CLERK_NEEDED, 0};
	const struct rh_json_node *ids = NULL;
	const struct rh_json_node *id = NULL;
	size_t count = 0;

	if (!clerk_read_members(call, &(struct clerk_form){&member, 1, false}, CLERK_UPDATE, &ids,
				NULL)) {
		return 0;
	}
	if (rh_json_count(ids) == 0) {
		clerk_refuse(call, 422, "form_param_value_invalid", "user_ids",
			     "must have at least one id.");
		return 0;
	}
	if (rh_json_count(ids) > BULK_MAX) {
		clerk_refuse(call, 400, "bulk_size_exceeded", NULL, "At most 50 users at once.");
		return 0;
	}
	while ((id = rh_json_next(ids, id, NULL)) != NULL) {
		rows[count] = rh_store_find(clerk_store(call, CLERK_USERS), CLERK_BY_ID,
					    rh_json_string(id));
		if (rows[count] == RH_ROW_NONE) {
			clerk_refuse_not_found(call);
			return 0;
		}
		count++;
	}
	return count;
}

static void change_bans(struct rh_call *call, bool is_banned)
{
	struct rh_store *users = clerk_store(call, CLERK_USERS);
	struct rh_json_writer writer;
	size_t rows[BULK_MAX];
	size_t count;
	struct rh_object user;

	if (!check_plan(call)) {
		return;
	}
	count = read_ids(call, rows);
	if (count == 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		rh_store_get(users, rows[i], &user);
		set_ban(&user, is_banned);
		if (!clerk_save_user(call, rows[i], &user)) {
			return; /* becomes 500 */
		}
	}
	rh_call_json(call, 200, &writer);
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < count; i++) {
		rh_store_get(users, rows[i], &user);
		clerk_write_user(call, &writer, &user);
	}
	rh_json_end_array(&writer);
}

void clerk_users_ban(struct rh_call *call)
{
	change_bans(call, true);
}

void clerk_users_unban(struct rh_call *call)
{
	change_bans(call, false);
}

static void change_lock(struct rh_call *call, bool is_locked)
{
	struct rh_object user;
	size_t row;

	if (rh_call_switch(call, CLERK_SWITCH_LOCKOUT) == CLERK_IS_OFF) {
		clerk_refuse(call, 403, "feature_not_enabled", NULL,
			     "User lockout is not enabled.");
		return;
	}
	row = clerk_user_of_path(call);
	if (row != RH_ROW_NONE) {
		rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
		user.numbers[CLERK_USER_LOCKED_UNTIL] =
			is_locked ? call->now + CLERK_LOCK_SECONDS * RH_SECOND : 0;
		clerk_keep_user(call, row, &user);
	}
}

void clerk_user_lock(struct rh_call *call)
{
	change_lock(call, true);
}

void clerk_user_unlock(struct rh_call *call)
{
	change_lock(call, false);
}
