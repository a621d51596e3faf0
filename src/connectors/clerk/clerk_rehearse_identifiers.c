/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of the rehearsed Clerk for e-mail addresses and phone numbers of users. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"

/* What the routes of one kind differ in. */
struct kind {
	enum clerk_store store;
	enum clerk_switch feature;
	const char *object; /* and the member with the value */
	bool (*is_form)(struct rh_str text);
	const char *form;
	const char *taken;
};

static const struct kind email_kind = {
	.store = CLERK_EMAILS,
	.feature = CLERK_SWITCH_EMAIL,
	.object = "email_address",
	.is_form = clerk_is_email,
	.form = "must be a valid email address.",
	.taken = "That email address is taken. Please try another.",
};

static const struct kind phone_kind = {
	.store = CLERK_PHONES,
	.feature = CLERK_SWITCH_PHONE,
	.object = "phone_number",
	.is_form = clerk_is_phone,
	.form = "must be a valid phone number according to E.164 international standard.",
	.taken = "That phone number is taken. Please try another.",
};

/* The members of all these bodies. */
enum input { IN_USER_ID, IN_VALUE, IN_VERIFIED, IN_PRIMARY, IN_NOTIFY, IN_FACTOR, IN_COUNT };

static bool truth_of(const struct rh_json_node *const *nodes, enum input input)
{
	return rh_json_type(nodes[input]) == RH_JSON_TRUE;
}

/* A create's body, or an update's; both are open to members they do not know. */
static bool read_body(struct rh_call *call, const struct kind *kind, unsigned form,
		      const struct rh_json_node *nodes[IN_COUNT])
{
	unsigned needed = form == CLERK_CREATE ? CLERK_CREATE | CLERK_NEEDED : CLERK_CREATE;
	struct clerk_member members[IN_COUNT] = {
		[IN_USER_ID] = {"user_id", CLERK_TEXT, needed, 0},
		[IN_VALUE] = {kind->object, CLERK_TEXT, needed, 0},
		[IN_VERIFIED] = {"verified", CLERK_TRUTH, CLERK_BOTH | CLERK_NULL, 0},
		[IN_PRIMARY] = {"primary", CLERK_TRUTH, CLERK_BOTH | CLERK_NULL, 0},
		[IN_NOTIFY] = {"notify_primary_email_address_changed", CLERK_TRUTH,
			       CLERK_BOTH | CLERK_NULL, 0},
		[IN_FACTOR] = {"reserved_for_second_factor", CLERK_TRUTH, CLERK_BOTH | CLERK_NULL,
			       0},
	};

	return clerk_read_members(call, &(struct clerk_form){members, IN_COUNT, false}, form, nodes,
				  NULL);
}

static bool check_feature(struct rh_call *call, const struct kind *kind)
{
	if (rh_call_switch(call, kind->feature) != CLERK_FEATURE_OFF) {
		return true;
	}
	clerk_refuse(call, 403, "feature_not_enabled", NULL,
		     "This kind of identification is not enabled for the instance.");
	return false;
}

/* The value in lower case, of the right form, from a country that is taken; false: the call holds the answer. */
static bool take_value(struct rh_call *call, const struct kind *kind, struct rh_str text,
		       struct rh_str *out)
{
	*out = rh_str_lower(&call->arena, text);
	if (out->ptr == NULL || !kind->is_form(*out)) {
		clerk_refuse(call, 422, "form_param_format_invalid", kind->object, kind->form);
		return false;
	}
	return kind->store != CLERK_PHONES || clerk_check_country(call, *out);
}

static bool is_of_user(const struct rh_call *call, const struct kind *kind, size_t row,
		       const struct rh_object *user)
{
	struct rh_object idn;

	rh_store_get(clerk_store(call, kind->store), row, &idn);
	return rh_str_eq(idn.fields[CLERK_IDN_USER_ID], user->fields[CLERK_USER_ID]);
}

/* Whoever claims the value has it alone, and nobody has it twice; false: the call holds the answer. */
static bool check_free(struct rh_call *call, const struct kind *kind, struct rh_str value,
		       const struct rh_object *user)
{
	size_t rows[CLERK_SEATS];
	size_t count = clerk_idn_find(call, kind->store, value, rows);
	bool is_taken = clerk_idn_claim(call, kind->store, value) != RH_ROW_NONE ||
			count == CLERK_SEATS - 1;

	for (size_t i = 0; i < count && !is_taken; i++) {
		is_taken = is_of_user(call, kind, rows[i], user);
	}
	if (is_taken) {
		clerk_refuse(call, 422, "form_identifier_exists", kind->object, kind->taken);
	}
	return !is_taken;
}

static bool check_primary(struct rh_call *call, const struct rh_json_node *const *nodes,
			  bool is_verified)
{
	if (!truth_of(nodes, IN_PRIMARY) || is_verified) {
		return true;
	}
	clerk_refuse(call, 422, "form_param_value_invalid", "primary",
		     "Only a verified identification can be primary.");
	return false;
}

static bool check_factor(struct rh_call *call, const struct kind *kind,
			 const struct rh_json_node *const *nodes, bool is_verified)
{
	if (kind->store != CLERK_PHONES || !truth_of(nodes, IN_FACTOR) || is_verified) {
		return true;
	}
	clerk_refuse(call, 400, "identification_create_second_factor_unverified", NULL,
		     "Only a verified phone number can be a second factor.");
	return false;
}

static void answer_idn(struct rh_call *call, const struct kind *kind, const struct rh_object *idn)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	clerk_write_idn(&writer, kind->store, idn);
}

/* Second factor and primary, as the body says, of an identification in the store. */
static void take_roles(struct rh_call *call, const struct kind *kind,
		       const struct rh_json_node *const *nodes, struct rh_object *user,
		       struct rh_object *idn)
{
	struct rh_store *store = clerk_store(call, kind->store);
	struct rh_str id = idn->fields[CLERK_IDN_ID];
	bool is_now = !clerk_idn_is_primary(user, kind->store, id) && truth_of(nodes, IN_PRIMARY);

	if (kind->store == CLERK_PHONES && nodes[IN_FACTOR] != NULL) {
		bool is_factor = truth_of(nodes, IN_FACTOR);

		idn->numbers[CLERK_IDN_SECOND_FACTOR] = is_factor;
		rh_store_set_number(store, rh_store_find(store, CLERK_IDN_BY_ID, id),
				    CLERK_IDN_SECOND_FACTOR, is_factor);
		user->numbers[is_factor ? CLERK_USER_MFA_ENABLED_AT : CLERK_USER_MFA_DISABLED_AT] =
			call->now;
	}
	if (is_now) {
		clerk_idn_set_primary(user, kind->store, id);
		if (kind->store == CLERK_EMAILS && truth_of(nodes, IN_NOTIFY)) {
			rh_call_count_mail(call);
		}
	}
}

static void create(struct rh_call *call, const struct kind *kind)
{
	struct rh_store *users = clerk_store(call, CLERK_USERS);
	const struct rh_json_node *nodes[IN_COUNT];
	struct clerk_new_idn new_idn = {0};
	struct rh_object user;
	struct rh_object idn;
	bool is_verified;
	size_t row;

	if (!read_body(call, kind, CLERK_CREATE, nodes) || !check_feature(call, kind) ||
	    !take_value(call, kind, rh_json_string(nodes[IN_VALUE]), &new_idn.value)) {
		return;
	}
	row = rh_store_find(users, CLERK_BY_ID, rh_json_string(nodes[IN_USER_ID]));
	if (row == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
		return;
	}
	rh_store_get(users, row, &user);
	is_verified = truth_of(nodes, IN_VERIFIED);
	new_idn.state = is_verified ? CLERK_IDN_VERIFIED : CLERK_IDN_UNVERIFIED;
	if (!check_primary(call, nodes, is_verified) ||
	    !check_factor(call, kind, nodes, is_verified) ||
	    !check_free(call, kind, new_idn.value, &user)) {
		return;
	}
	if (!clerk_idn_add(call, kind->store, &new_idn, &user, &idn)) {
		return; /* becomes 500 */
	}
	take_roles(call, kind, nodes, &user, &idn);
	if (clerk_save_user(call, row, &user)) {
		answer_idn(call, kind, &idn);
	}
}

/* The identification in the path, copied out of the store, and its user; RH_ROW_NONE: the call holds the 404. */
static size_t idn_of_path(struct rh_call *call, const struct kind *kind, struct rh_object *idn,
			  struct rh_object *user, size_t *user_row)
{
	struct rh_store *store = clerk_store(call, kind->store);
	struct rh_store *users = clerk_store(call, CLERK_USERS);
	size_t row = rh_store_find(store, CLERK_IDN_BY_ID, call->params[0]);

	if (row == RH_ROW_NONE) {
		clerk_refuse_not_found(call);
		return row;
	}
	rh_store_get(store, row, idn);
	*user_row = rh_store_find(users, CLERK_BY_ID, idn->fields[CLERK_IDN_USER_ID]);
	for (size_t i = 0; i < CLERK_IDN_FIELDS; i++) {
		if (!rh_arena_copy(&call->arena, idn->fields[i], &idn->fields[i])) {
			return RH_ROW_NONE;
		}
	}
	if (*user_row == RH_ROW_NONE) {
		return RH_ROW_NONE; /* of a state file that somebody has cut: 500 */
	}
	rh_store_get(users, *user_row, user);
	return row;
}

static void get(struct rh_call *call, const struct kind *kind)
{
	struct rh_object idn;
	struct rh_object user;
	size_t user_row;

	if (idn_of_path(call, kind, &idn, &user, &user_row) != RH_ROW_NONE) {
		answer_idn(call, kind, &idn);
	}
}

/* What `verified` makes of the state; a reserved one stays reserved unless it is verified. */
static enum clerk_idn_state state_after(const struct rh_json_node *const *nodes,
					const struct rh_object *idn)
{
	enum clerk_idn_state state = (enum clerk_idn_state)idn->numbers[CLERK_IDN_STATE];

	if (nodes[IN_VERIFIED] == NULL) {
		return state;
	}
	if (truth_of(nodes, IN_VERIFIED)) {
		return CLERK_IDN_VERIFIED;
	}
	return state == CLERK_IDN_VERIFIED ? CLERK_IDN_UNVERIFIED : state;
}

static void update(struct rh_call *call, const struct kind *kind)
{
	const struct rh_json_node *nodes[IN_COUNT];
	struct rh_object idn;
	struct rh_object user;
	size_t user_row;
	size_t row = idn_of_path(call, kind, &idn, &user, &user_row);
	enum clerk_idn_state state;
	size_t claim;

	if (row == RH_ROW_NONE || !read_body(call, kind, CLERK_UPDATE, nodes)) {
		return;
	}
	state = state_after(nodes, &idn);
	if (!check_primary(call, nodes, state == CLERK_IDN_VERIFIED) ||
	    !check_factor(call, kind, nodes, state == CLERK_IDN_VERIFIED)) {
		return;
	}
	claim = clerk_idn_claim(call, kind->store, idn.fields[CLERK_IDN_VALUE]);
	if (state != CLERK_IDN_UNVERIFIED && claim != RH_ROW_NONE && claim != row) {
		clerk_refuse(call, 422, "form_identifier_exists", kind->object, kind->taken);
		return;
	}
	if ((state == CLERK_IDN_UNVERIFIED) !=
	    (idn.numbers[CLERK_IDN_STATE] == CLERK_IDN_UNVERIFIED)) {
		idn.numbers[CLERK_IDN_STATE] = state;
		if (!clerk_idn_take_seat(call, kind->store, &idn)) {
			return;
		}
	}
	idn.numbers[CLERK_IDN_STATE] = state;
	idn.numbers[CLERK_IDN_UPDATED_AT] = call->now;
	if (rh_store_replace(clerk_store(call, kind->store), row, &idn) != RH_OK) {
		return;
	}
	take_roles(call, kind, nodes, &user, &idn);
	if (clerk_save_user(call, user_row, &user)) {
		answer_idn(call, kind, &idn);
	}
}

/* Nobody may be left without a way to be named. */
static bool is_last(const struct rh_object *user, const struct kind *kind)
{
	size_t ways = user->fields[CLERK_USER_USERNAME].ptr != NULL ? 1 : 0;

	ways += user->fields[CLERK_USER_WALLETS].ptr != NULL ? 1 : 0;
	ways += kind->store != CLERK_EMAILS && user->fields[CLERK_USER_EMAILS].ptr != NULL ? 1 : 0;
	ways += kind->store != CLERK_PHONES && user->fields[CLERK_USER_PHONES].ptr != NULL ? 1 : 0;
	return ways == 0 &&
	       rh_str_index(user->fields[kind->store == CLERK_EMAILS ? CLERK_USER_EMAILS
								     : CLERK_USER_PHONES],
			    ' ') < 0;
}

static void remove_one(struct rh_call *call, const struct kind *kind)
{
	struct rh_object idn;
	struct rh_object user;
	size_t user_row;
	size_t row = idn_of_path(call, kind, &idn, &user, &user_row);

	if (row == RH_ROW_NONE) {
		return;
	}
	if (is_last(&user, kind)) {
		clerk_refuse(call, 400, "breaks_instance_invariant", NULL,
			     "The user would have no identification left.");
		return;
	}
	if (idn.numbers[CLERK_IDN_SECOND_FACTOR] != 0) {
		user.numbers[CLERK_USER_MFA_DISABLED_AT] = call->now;
	}
	if (clerk_idn_remove(call, kind->store, row, &user) &&
	    clerk_save_user(call, user_row, &user)) {
		clerk_answer_deleted(call, kind->object, idn.fields[CLERK_IDN_ID], RH_STR_ABSENT);
	}
}

/* PUT /users/{user_id}/email_address: one in place of all. */
static bool read_replacement(struct rh_call *call, const struct kind *kind,
			     struct clerk_new_idn *out)
{
	enum { VALUE, STATUS, NOTIFY, COUNT };
	struct clerk_member members[COUNT] = {
		[VALUE] = {kind->object, CLERK_TEXT, CLERK_UPDATE | CLERK_NEEDED, 0},
		[STATUS] = {"identification_status", CLERK_TEXT, CLERK_UPDATE, 0},
		[NOTIFY] = {"notify_primary_email_address_changed", CLERK_TRUTH,
			    (kind->store == CLERK_EMAILS ? CLERK_UPDATE : 0) | CLERK_NULL, 0},
	};
	const struct rh_json_node *nodes[COUNT];
	struct rh_str status;

	if (!clerk_read_members(call, &(struct clerk_form){members, COUNT, true}, CLERK_UPDATE,
				nodes, NULL) ||
	    !check_feature(call, kind) ||
	    !take_value(call, kind, rh_json_string(nodes[VALUE]), &out->value)) {
		return false;
	}
	status = rh_json_string(nodes[STATUS]);
	if (status.ptr == NULL || rh_str_is(status, "verified")) {
		out->state = CLERK_IDN_VERIFIED;
	} else if (rh_str_is(status, "reserved")) {
		out->state = CLERK_IDN_RESERVED;
	} else if (rh_str_is(status, "unverified")) {
		out->state = CLERK_IDN_UNVERIFIED;
	} else {
		clerk_refuse(call, 422, "form_param_value_invalid", "identification_status",
			     "must be verified, reserved or unverified.");
		return false;
	}
	if (rh_json_type(nodes[NOTIFY]) == RH_JSON_TRUE) {
		rh_call_count_mail(call);
	}
	return true;
}

static void replace(struct rh_call *call, const struct kind *kind)
{
	size_t row = clerk_user_of_path(call);
	struct clerk_new_idn new_idn;
	struct rh_object user;
	struct rh_object idn;
	size_t claim;

	if (row == RH_ROW_NONE || !read_replacement(call, kind, &new_idn)) {
		return;
	}
	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	claim = clerk_idn_claim(call, kind->store, new_idn.value);
	if (claim != RH_ROW_NONE && !is_of_user(call, kind, claim, &user)) {
		clerk_refuse(call, 422, "form_identifier_exists", kind->object, kind->taken);
		return;
	}
	clerk_idn_remove_all(call, kind->store, &user);
	user.fields[kind->store == CLERK_EMAILS ? CLERK_USER_EMAILS : CLERK_USER_PHONES] =
		RH_STR_ABSENT;
	clerk_idn_set_primary(&user, kind->store, RH_STR_ABSENT);
	if (clerk_idn_add(call, kind->store, &new_idn, &user, &idn) &&
	    clerk_save_user(call, row, &user)) {
		answer_idn(call, kind, &idn);
	}
}

void clerk_email_create(struct rh_call *call)
{
	create(call, &email_kind);
}

void clerk_email_get(struct rh_call *call)
{
	get(call, &email_kind);
}

void clerk_email_update(struct rh_call *call)
{
	update(call, &email_kind);
}

void clerk_email_delete(struct rh_call *call)
{
	remove_one(call, &email_kind);
}

void clerk_email_replace(struct rh_call *call)
{
	replace(call, &email_kind);
}

void clerk_phone_create(struct rh_call *call)
{
	create(call, &phone_kind);
}

void clerk_phone_get(struct rh_call *call)
{
	get(call, &phone_kind);
}

void clerk_phone_update(struct rh_call *call)
{
	update(call, &phone_kind);
}

void clerk_phone_delete(struct rh_call *call)
{
	remove_one(call, &phone_kind);
}

void clerk_phone_replace(struct rh_call *call)
{
	replace(call, &phone_kind);
}
