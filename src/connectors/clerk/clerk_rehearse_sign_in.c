/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person signs in at the rehearsed Clerk, with address or username and password, as its Frontend API lets browsers:
 * what the Backend API shows of it afterwards is when that was.  The real one takes a form, and has many more ways.
 */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"

enum { MEMBER_IDENTIFIER, MEMBER_PASSWORD, MEMBER_STRATEGY, MEMBERS };

/* Who has the address, in whatever case, or the username; RH_ROW_NONE: nobody. */
static size_t find_user(struct rh_call *call, struct rh_str identifier)
{
	struct rh_store *users = clerk_store(call, CLERK_USERS);
	struct rh_str key = rh_str_lower(&call->arena, identifier);
	size_t row = key.ptr != NULL ? clerk_idn_claim(call, CLERK_EMAILS, key) : RH_ROW_NONE;
	struct rh_object idn;

	if (row == RH_ROW_NONE) {
		return key.ptr != NULL ? rh_store_find(users, CLERK_BY_USERNAME, key) : RH_ROW_NONE;
	}
	rh_store_get(clerk_store(call, CLERK_EMAILS), row, &idn);
	return rh_store_find(users, CLERK_BY_ID, idn.fields[CLERK_IDN_USER_ID]);
}

static void answer_complete(struct rh_call *call)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "response");
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", RH_STR("sign_in_attempt"));
	clerk_put_text(&writer, "status", RH_STR("complete"));
	rh_json_end_object(&writer);
	rh_json_end_object(&writer);
}

void clerk_sign_in(struct rh_call *call)
{
	static const struct clerk_member members[MEMBERS] = {
		[MEMBER_IDENTIFIER] = {"identifier", CLERK_TEXT, CLERK_UPDATE | CLERK_NEEDED, 0},
		[MEMBER_PASSWORD] = {"password", CLERK_TEXT, CLERK_UPDATE | CLERK_NEEDED, 0},
		[MEMBER_STRATEGY] = {"strategy", CLERK_TEXT, CLERK_UPDATE, 0},
	};
	const struct rh_json_node *nodes[MEMBERS];
	struct rh_object user;
	size_t row;

	if (!clerk_read_members(call, &(struct clerk_form){members, MEMBERS, true}, CLERK_UPDATE,
				nodes, NULL)) {
		return;
	}
	row = find_user(call, rh_json_string(nodes[MEMBER_IDENTIFIER]));
	if (row == RH_ROW_NONE) {
		clerk_refuse(call, 422, "form_identifier_not_found", "identifier",
			     "Couldn't find your account.");
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	if ((user.numbers[CLERK_USER_FLAGS] & CLERK_FLAG_BANNED) != 0 ||
	    clerk_is_locked(call, &user)) {
		clerk_refuse(call, 403, "user_banned", NULL, "This account may not sign in.");
	} else if (clerk_check_password(call, &user, rh_json_string(nodes[MEMBER_PASSWORD]))) {
		user.numbers[CLERK_USER_LAST_SIGN_IN_AT] = call->now;
		user.numbers[CLERK_USER_LAST_ACTIVE_AT] =
			call->now - call->now % (24 * 3600 * RH_SECOND); /* a day's precision */
		if (clerk_save_user(call, row, &user)) {
			answer_complete(call);
		}
	}
	rh_call_count_sign_in(call, call->status == 200);
}
