/* SPDX-License-Identifier: Apache-2.0 */
/* Users of the rehearsed Clerk: create, get, update, delete, metadata. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

static void answer_user(struct rh_call *call, const struct rh_object *user)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	clerk_write_user(call, &writer, user);
}

/* Who else has the user's external id or username? */
static void find_keys(const struct rh_call *call, const struct rh_object *user, size_t row,
		      struct clerk_errors *errors)
{
	static const struct {
		enum clerk_user_key key;
		enum clerk_user_field field;
		const char *param;
		const char *message;
	} keys[] = {
		{CLERK_BY_EXTERNAL_ID, CLERK_USER_EXTERNAL_ID, "external_id",
		 "That external id is taken. Please try another."},
		{CLERK_BY_USERNAME, CLERK_USER_USERNAME, "username",
		 "That username is taken. Please try another."},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t found = rh_store_find(clerk_store(call, CLERK_USERS), keys[i].key,
					     user->fields[keys[i].field]);

		if (found != RH_ROW_NONE && found != row) {
			clerk_add_error(errors, "form_identifier_exists", keys[i].param,
					keys[i].message);
		}
	}
}

/* The answer says which kind of address is taken, never which one. */
static void find_claims(const struct rh_call *call, const struct clerk_new_user *new_user,
			struct clerk_errors *errors)
{
	static const char *const params[CLERK_STORES] = {
		[CLERK_EMAILS] = "email_address",
		[CLERK_PHONES] = "phone_number",
		[CLERK_WALLETS] = "web3_wallet",
	};
	static const char *const messages[CLERK_STORES] = {
		[CLERK_EMAILS] = "That email address is taken. Please try another.",
		[CLERK_PHONES] = "That phone number is taken. Please try another.",
		[CLERK_WALLETS] = "That web3 wallet is taken. Please try another.",
	};

	for (int which = CLERK_EMAILS; which < CLERK_STORES; which++) {
		for (size_t i = 0; i < new_user->idn_counts[which]; i++) {
			if (clerk_idn_claim(call, (enum clerk_store)which,
					    new_user->idns[which][i].value) != RH_ROW_NONE) {
				clerk_add_error(errors, "form_identifier_exists", params[which],
						messages[which]);
				break;
			}
		}
	}
}

/* A development instance holds so many users and no more. */
static bool check_quota(struct rh_call *call)
{
	static const size_t quotas[] = {100, 500, 5, SIZE_MAX};
	size_t quota = quotas[rh_call_switch(call, CLERK_SWITCH_USER_QUOTA)];

	if (call->environment != &call->tenant->environments[CLERK_TEST] ||
	    rh_store_count(clerk_store(call, CLERK_USERS)) < quota) {
		return true;
	}
	clerk_refuse(call, 403, "user_quota_exceeded", NULL,
		     rh_arena_printf(&call->arena,
				     "You have reached your limit of %zu users. To continue, "
				     "move to a production instance.",
				     quota)
			     .ptr);
	return false;
}

static bool add_all_idns(struct rh_call *call, const struct clerk_new_user *new_user,
			 struct rh_object *user)
{
	struct rh_object idn;

	for (int which = CLERK_EMAILS; which < CLERK_STORES; which++) {
		for (size_t i = 0; i < new_user->idn_counts[which]; i++) {
			if (!clerk_idn_add(call, (enum clerk_store)which, &new_user->idns[which][i],
					   user, &idn)) {
				return false;
			}
		}
	}
	return true;
}

static void remove_all_idns(struct rh_call *call, const struct rh_object *user)
{
	for (int which = CLERK_EMAILS; which < CLERK_STORES; which++) {
		clerk_idn_remove_all(call, (enum clerk_store)which, user);
	}
}

void clerk_user_create(struct rh_call *call)
{
	struct clerk_new_user *new_user = rh_arena_calloc(&call->arena, 1, sizeof(*new_user));
	struct clerk_errors errors = {0};
	struct rh_object *user;

	if (new_user == NULL || !clerk_read_create(call, new_user)) {
		return; /* without a status it becomes 500 */
	}
	user = &new_user->user;
	find_keys(call, user, RH_ROW_NONE, &errors);
	find_claims(call, new_user, &errors);
	if (clerk_refuse_all(call, 422, &errors) || !check_quota(call)) {
		return;
	}
	user->fields[CLERK_USER_ID] = rh_call_new_id(call, "user_");
	user->numbers[CLERK_USER_UPDATED_AT] = call->now;
	if (user->fields[CLERK_USER_ID].ptr == NULL || !add_all_idns(call, new_user, user) ||
	    rh_store_add(clerk_store(call, CLERK_USERS), user, NULL) != RH_OK) {
		remove_all_idns(call, user); /* nobody is left with a claim */
		return;
	}
	answer_user(call, user);
}

size_t clerk_user_of_path(struct rh_call *call)
{
	size_t row = rh_store_find(clerk_store(call, CLERK_USERS), CLERK_BY_ID, call->params[0]);

	if (row == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
	}
	return row;
}

void clerk_user_get(struct rh_call *call)
{
	size_t row = clerk_user_of_path(call);
	struct rh_object user;

	if (row != RH_ROW_NONE) {
		rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
		answer_user(call, &user);
	}
}

bool clerk_save_user(struct rh_call *call, size_t row, struct rh_object *user)
{
	user->numbers[CLERK_USER_UPDATED_AT] = call->now;
	/* What still lies in the store is about to change. */
	for (size_t i = 0; i < CLERK_USER_FIELDS; i++) {
		if (!rh_arena_copy(&call->arena, user->fields[i], &user->fields[i])) {
			return false;
		}
	}
	return rh_store_replace(clerk_store(call, CLERK_USERS), row, user) == RH_OK;
}

void clerk_keep_user(struct rh_call *call, size_t row, struct rh_object *user)
{
	if (clerk_save_user(call, row, user)) {
		answer_user(call, user);
	}
}

void clerk_user_update(struct rh_call *call)
{
	struct clerk_errors errors = {0};
	struct rh_object user;
	size_t row;

	/* Ten changes of one user in ten seconds. */
	if (!clerk_pass_rate(call, CLERK_BUCKET_USER, call->params[0])) {
		return;
	}
	row = clerk_user_of_path(call);
	if (row == RH_ROW_NONE) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	if (!clerk_read_update(call, &user)) {
		return;
	}
	find_keys(call, &user, row, &errors);
	if (!clerk_refuse_all(call, 422, &errors)) {
		clerk_keep_user(call, row, &user);
	}
}

void clerk_user_delete(struct rh_call *call)
{
	size_t row = clerk_user_of_path(call);
	struct rh_object user;
	struct rh_str external_id;

	if (row == RH_ROW_NONE) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	if (!rh_arena_copy(&call->arena, user.fields[CLERK_USER_EXTERNAL_ID], &external_id)) {
		return;
	}
	remove_all_idns(call, &user);
	clerk_remove_group(call, CLERK_MEMBERSHIPS, CLERK_MEMBERS_OF_USER, call->params[0]);
	rh_store_remove(clerk_store(call, CLERK_USERS), row);
	clerk_answer_deleted(call, "user", call->params[0], external_id);
}

static void change_metadata(struct rh_call *call, bool is_merge)
{
	struct rh_object user;
	size_t row;

	if (!clerk_pass_rate(call, CLERK_BUCKET_USER, call->params[0])) {
		return;
	}
	row = clerk_user_of_path(call);
	if (row == RH_ROW_NONE) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	if (clerk_change_metadata(call, is_merge, &user.fields[CLERK_USER_PUBLIC_METADATA], 3)) {
		clerk_keep_user(call, row, &user);
	}
}

void clerk_user_patch_metadata(struct rh_call *call)
{
	change_metadata(call, true);
}

void clerk_user_put_metadata(struct rh_call *call)
{
	change_metadata(call, false);
}
