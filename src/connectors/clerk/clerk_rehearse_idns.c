/* SPDX-License-Identifier: Apache-2.0 */
/* Identifications of the rehearsed Clerk: who has which address, who claims it (rules 1 and 2). */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"

enum { IDS_MAX = 1024 * 1024 };

/* The user's fields for one kind of identification. */
static const struct {
	enum clerk_user_field ids;
	enum clerk_user_field primary;
} places[CLERK_STORES] = {
	[CLERK_EMAILS] = {CLERK_USER_EMAILS, CLERK_USER_PRIMARY_EMAIL},
	[CLERK_PHONES] = {CLERK_USER_PHONES, CLERK_USER_PRIMARY_PHONE},
	[CLERK_WALLETS] = {CLERK_USER_WALLETS, CLERK_USER_PRIMARY_WALLET},
};

size_t clerk_idn_claim(const struct rh_call *call, enum clerk_store which, struct rh_str value)
{
	return rh_store_find(clerk_store(call, which), CLERK_IDN_BY_SEAT, value);
}

static struct rh_str seat_of(struct rh_call *call, struct rh_str value, unsigned seat)
{
	return seat == 0 ? value
			 : rh_arena_printf(&call->arena, "%.*s#%u", RH_STR_ARG(value), seat);
}

size_t clerk_idn_find(struct rh_call *call, enum clerk_store which, struct rh_str value,
		      size_t rows[CLERK_SEATS])
{
	size_t count = 0;

	for (unsigned seat = 0; seat < CLERK_SEATS; seat++) {
		size_t row = rh_store_find(clerk_store(call, which), CLERK_IDN_BY_SEAT,
					   seat_of(call, value, seat));

		if (row != RH_ROW_NONE) {
			rows[count++] = row;
		}
	}
	return count;
}

bool clerk_idn_take_seat(struct rh_call *call, enum clerk_store which, struct rh_object *idn)
{
	bool is_claim = idn->numbers[CLERK_IDN_STATE] != CLERK_IDN_UNVERIFIED;

	for (unsigned seat = is_claim ? 0 : 1; seat < (is_claim ? 1 : CLERK_SEATS); seat++) {
		struct rh_str text = seat_of(call, idn->fields[CLERK_IDN_VALUE], seat);

		if (text.ptr != NULL && rh_store_find(clerk_store(call, which), CLERK_IDN_BY_SEAT,
						      text) == RH_ROW_NONE) {
			idn->fields[CLERK_IDN_SEAT] = text;
			return true;
		}
	}
	return false;
}

bool clerk_idn_add(struct rh_call *call, enum clerk_store which, const struct clerk_new_idn *idn,
		   struct rh_object *user, struct rh_object *out)
{
	struct rh_str *ids = &user->fields[places[which].ids];
	struct rh_str *primary = &user->fields[places[which].primary];
	struct rh_str id = rh_call_new_id(call, "idn_");
	struct rh_str all = id;

	if (ids->ptr != NULL) {
		all = rh_arena_printf(&call->arena, "%.*s %.*s", RH_STR_ARG(*ids), RH_STR_ARG(id));
	}
	*out = (struct rh_object){0};
	out->fields[CLERK_IDN_ID] = id;
	out->fields[CLERK_IDN_USER_ID] = user->fields[CLERK_USER_ID];
	out->fields[CLERK_IDN_VALUE] = idn->value;
	out->numbers[CLERK_IDN_CREATED_AT] = call->now;
	out->numbers[CLERK_IDN_UPDATED_AT] = call->now;
	out->numbers[CLERK_IDN_STATE] = idn->state;
	if (id.ptr == NULL || all.ptr == NULL || all.len > IDS_MAX ||
	    !clerk_idn_take_seat(call, which, out) ||
	    rh_store_add(clerk_store(call, which), out, NULL) != RH_OK) {
		return false;
	}
	*ids = all;
	*primary = primary->ptr == NULL ? id : *primary;
	return true;
}

void clerk_idn_remove_all(struct rh_call *call, enum clerk_store which,
			  const struct rh_object *user)
{
	struct rh_str ids = user->fields[places[which].ids];
	struct rh_store *store = clerk_store(call, which);

	while (ids.ptr != NULL) {
		size_t row = rh_store_find(store, CLERK_IDN_BY_ID, rh_str_cut(&ids, ' '));

		if (row != RH_ROW_NONE) {
			rh_store_remove(store, row);
		}
	}
}

/* The first verified identification that is left; absent: none. */
static struct rh_str first_verified(const struct rh_call *call, enum clerk_store which,
				    struct rh_str ids)
{
	const struct rh_store *store = clerk_store(call, which);

	while (ids.ptr != NULL) {
		struct rh_str id = rh_str_cut(&ids, ' ');
		size_t row = rh_store_find(store, CLERK_IDN_BY_ID, id);
		struct rh_object idn;

		if (row != RH_ROW_NONE) {
			rh_store_get(store, row, &idn);
			if (idn.numbers[CLERK_IDN_STATE] == CLERK_IDN_VERIFIED) {
				return id;
			}
		}
	}
	return RH_STR_ABSENT;
}

bool clerk_idn_remove(struct rh_call *call, enum clerk_store which, size_t row,
		      struct rh_object *user)
{
	struct rh_str *ids = &user->fields[places[which].ids];
	struct rh_str *primary = &user->fields[places[which].primary];
	struct rh_str rest = *ids;
	struct rh_object idn;
	struct rh_str gone;
	rh_autobuf left = {0};

	rh_store_get(clerk_store(call, which), row, &idn);
	if (!rh_arena_copy(&call->arena, idn.fields[CLERK_IDN_ID], &gone)) {
		return false;
	}
	rh_buf_init(&left, IDS_MAX);
	while (rest.ptr != NULL) {
		struct rh_str id = rh_str_cut(&rest, ' ');

		if (!rh_str_eq(id, gone)) {
			rh_buf_add_cstr(&left, left.len > 0 ? " " : "");
			rh_buf_add_str(&left, id);
		}
	}
	*ids = RH_STR_ABSENT;
	if (left.len > 0 && !rh_arena_copy(&call->arena, rh_buf_str(&left), ids)) {
		return false;
	}
	rh_store_remove(clerk_store(call, which), row);
	if (rh_str_eq(*primary, gone)) {
		*primary = first_verified(call, which, *ids);
	}
	return true;
}

void clerk_idn_set_primary(struct rh_object *user, enum clerk_store which, struct rh_str id)
{
	user->fields[places[which].primary] = id;
}

bool clerk_idn_is_primary(const struct rh_object *user, enum clerk_store which, struct rh_str id)
{
	return rh_str_eq(user->fields[places[which].primary], id);
}

bool clerk_has_phone_factor(const struct rh_call *call, const struct rh_object *user)
{
	const struct rh_store *store = clerk_store(call, CLERK_PHONES);
	struct rh_str ids = user->fields[CLERK_USER_PHONES];

	while (ids.ptr != NULL) {
		size_t row = rh_store_find(store, CLERK_IDN_BY_ID, rh_str_cut(&ids, ' '));
		struct rh_object idn;

		if (row != RH_ROW_NONE) {
			rh_store_get(store, row, &idn);
			if (idn.numbers[CLERK_IDN_SECOND_FACTOR] != 0) {
				return true;
			}
		}
	}
	return false;
}
