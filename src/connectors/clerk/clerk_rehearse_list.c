/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists and counts of users at the rehearsed Clerk.
 *
 * Filters of different names must all hold, of one name any.  Values of external_id, user_id and organization_id
 * begin with '+' or '-' where they are to be included or left out; the sign is not part of the value, so that an id
 * which itself begins with one is misread, as by the real service.
 */
#include <stdlib.h>

#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"

enum {
	LIMIT_USUAL = 10,
	LIMIT_MAX = 500,
};

enum filter {
	BY_USER_ID,
	BY_EXTERNAL_ID,
	BY_ORGANIZATION_ID,
	BY_EMAIL,
	BY_PHONE,
	BY_USERNAME,
	BY_WALLET,
	BY_PROVIDER_USER_ID,
	FILTERS,
};

static const struct {
	const char *name;
	bool is_signed;
	enum clerk_store store; /* of the values; USERS: fields of the user */
} filter_kinds[FILTERS] = {
	[BY_USER_ID] = {"user_id", true, CLERK_USERS},
	[BY_EXTERNAL_ID] = {"external_id", true, CLERK_USERS},
	[BY_ORGANIZATION_ID] = {"organization_id", true, CLERK_USERS},
	[BY_EMAIL] = {"email_address", false, CLERK_EMAILS},
	[BY_PHONE] = {"phone_number", false, CLERK_PHONES},
	[BY_USERNAME] = {"username", false, CLERK_USERS},
	[BY_WALLET] = {"web3_wallet", false, CLERK_WALLETS},
	[BY_PROVIDER_USER_ID] = {"provider_user_id", false, CLERK_USERS},
};

enum text { IN_ALL, IN_EMAIL, IN_PHONE, IN_USERNAME, IN_NAME, TEXTS };

static const char *const text_names[TEXTS] = {
	[IN_ALL] = "query",
	[IN_EMAIL] = "email_address_query",
	[IN_PHONE] = "phone_number_query",
	[IN_USERNAME] = "username_query",
	[IN_NAME] = "name_query",
};

enum { MOMENTS = 7 };

static const struct {
	const char *name;
	enum clerk_user_number number;
	bool is_before;
} moments[MOMENTS] = {
	{"last_active_at_before", CLERK_USER_LAST_ACTIVE_AT, true},
	{"last_active_at_after", CLERK_USER_LAST_ACTIVE_AT, false},
	{"last_active_at_since", CLERK_USER_LAST_ACTIVE_AT, false},
	{"created_at_before", CLERK_USER_CREATED_AT, true},
	{"created_at_after", CLERK_USER_CREATED_AT, false},
	{"last_sign_in_at_before", CLERK_USER_LAST_SIGN_IN_AT, true},
	{"last_sign_in_at_after", CLERK_USER_LAST_SIGN_IN_AT, false},
};

/* What a list may be ordered by. */
enum { ORDER_CREATED };
static const struct {
	const char *name;
	bool is_number;
	int key;                /* enum clerk_user_number, or enum clerk_user_field */
	enum clerk_store store; /* USERS: the field itself; else it names an identification there */
} orders[] = {
	[ORDER_CREATED] = {"created_at", true, CLERK_USER_CREATED_AT, CLERK_USERS},
	{"updated_at", true, CLERK_USER_UPDATED_AT, CLERK_USERS},
	{"last_active_at", true, CLERK_USER_LAST_ACTIVE_AT, CLERK_USERS},
	{"last_sign_in_at", true, CLERK_USER_LAST_SIGN_IN_AT, CLERK_USERS},
	{"first_name", false, CLERK_USER_FIRST_NAME, CLERK_USERS},
	{"last_name", false, CLERK_USER_LAST_NAME, CLERK_USERS},
	{"username", false, CLERK_USER_USERNAME, CLERK_USERS},
	{"email_address", false, CLERK_USER_PRIMARY_EMAIL, CLERK_EMAILS},
	{"phone_number", false, CLERK_USER_PRIMARY_PHONE, CLERK_PHONES},
	{"web3wallet", false, CLERK_USER_PRIMARY_WALLET, CLERK_WALLETS},
};

struct wish {
	struct clerk_values filters[FILTERS];
	struct rh_str texts[TEXTS];
	int64_t moments[MOMENTS]; /* milliseconds */
	bool has_moment[MOMENTS];
	bool has_banned;
	bool is_banned;
	uint64_t limit;
	uint64_t offset;
	struct rh_str after; /* starting_after */
	size_t order;        /* place in orders */
	bool is_descending;
	struct clerk_errors errors;
};

static void read_order(struct rh_call *call, struct wish *wish)
{
	struct rh_str text = rh_call_query(call, "order_by");

	wish->is_descending = text.ptr == NULL || rh_str_starts(text, "-");
	if (text.ptr == NULL) {
		return;
	}
	if (rh_str_starts(text, "-") || rh_str_starts(text, "+")) {
		text = rh_str_sub(text, 1, text.len);
	}
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (rh_str_is(text, orders[i].name)) {
			wish->order = i;
			return;
		}
	}
	clerk_add_error(&wish->errors, "form_param_value_invalid", "order_by",
			"is not a supported order.");
}

static void read_cursor(struct rh_call *call, struct wish *wish)
{
	wish->after = rh_call_query(call, "starting_after");
	if (wish->after.ptr == NULL) {
		return;
	}
	if (wish->order != ORDER_CREATED || wish->offset != 0) {
		clerk_add_error(&wish->errors, "form_conditional_param_disallowed",
				"starting_after", "needs the order of created_at and no offset.");
	} else if (rh_store_find(clerk_store(call, CLERK_USERS), CLERK_BY_ID, wish->after) ==
		   RH_ROW_NONE) {
		clerk_add_error(&wish->errors, "form_param_value_invalid", "starting_after",
				"is not the id of a user.");
	}
}

static void read_filters(struct rh_call *call, struct wish *wish)
{
	struct rh_str banned = rh_call_query(call, "banned");
	bool has_provider = rh_call_query(call, "provider").ptr != NULL;

	for (int i = 0; i < FILTERS; i++) {
		clerk_read_values(call, filter_kinds[i].name, filter_kinds[i].is_signed,
				  &wish->filters[i], &wish->errors);
	}
	for (int i = 0; i < TEXTS; i++) {
		wish->texts[i] = rh_call_query(call, text_names[i]);
	}
	for (int i = 0; i < MOMENTS; i++) {
		struct rh_str text = rh_call_query(call, moments[i].name);

		wish->has_moment[i] = text.ptr != NULL;
		if (text.ptr != NULL && !rh_str_to_i64(text, &wish->moments[i])) {
			clerk_add_error(&wish->errors, "form_param_value_invalid", moments[i].name,
					"must be milliseconds.");
		}
	}
	wish->has_banned = banned.ptr != NULL;
	wish->is_banned = rh_str_is(banned, "true");
	if (wish->has_banned && !wish->is_banned && !rh_str_is(banned, "false")) {
		clerk_add_error(&wish->errors, "form_param_value_invalid", "banned",
				"must be true or false.");
	}
	if (has_provider != (wish->filters[BY_PROVIDER_USER_ID].count > 0)) {
		clerk_add_error(&wish->errors, "form_conditional_param_missing",
				has_provider ? "provider_user_id" : "provider",
				"provider and provider_user_id come together.");
	}
}

/* NULL: the call holds the answer, or there is no memory. */
static struct wish *read_wish(struct rh_call *call, bool is_list)
{
	struct wish *wish = rh_arena_calloc(&call->arena, 1, sizeof(*wish));

	if (wish == NULL) {
		return NULL;
	}
	read_filters(call, wish);
	wish->limit = is_list ? LIMIT_USUAL : UINT64_MAX;
	if (is_list) {
		clerk_read_number(call, "limit", 1, LIMIT_MAX, &wish->limit, &wish->errors);
		clerk_read_number(call, "offset", 0, INT32_MAX, &wish->offset, &wish->errors);
		read_order(call, wish);
		read_cursor(call, wish);
	}
	return clerk_refuse_all(call, 422, &wish->errors) ? NULL : wish;
}

/* Does one of the identifications fit: equal to the text, or containing it? */
static bool has_idn(const struct rh_call *call, enum clerk_store which, struct rh_str ids,
		    struct rh_str text, bool is_partial)
{
	const struct rh_store *store = clerk_store(call, which);

	while (ids.ptr != NULL) {
		size_t row = rh_store_find(store, CLERK_IDN_BY_ID, rh_str_cut(&ids, ' '));
		struct rh_object idn;

		if (row == RH_ROW_NONE) {
			continue;
		}
		rh_store_get(store, row, &idn);
		if ((is_partial || idn.fields[CLERK_IDN_VALUE].len == text.len) &&
		    clerk_contains(idn.fields[CLERK_IDN_VALUE], text)) {
			return true;
		}
	}
	return false;
}

static struct rh_str ids_of(const struct rh_object *user, enum clerk_store which)
{
	return which == CLERK_EMAILS   ? user->fields[CLERK_USER_EMAILS]
	       : which == CLERK_PHONES ? user->fields[CLERK_USER_PHONES]
				       : user->fields[CLERK_USER_WALLETS];
}

static bool has_value(const struct rh_call *call, enum filter filter, const struct rh_object *user,
		      struct rh_str value)
{
	switch (filter) {
	case BY_USER_ID:
		return rh_str_eq(user->fields[CLERK_USER_ID], value);
	case BY_EXTERNAL_ID:
		return rh_str_eq(user->fields[CLERK_USER_EXTERNAL_ID], value);
	case BY_USERNAME:
		return user->fields[CLERK_USER_USERNAME].len == value.len &&
		       clerk_contains(user->fields[CLERK_USER_USERNAME], value);
	case BY_EMAIL:
	case BY_PHONE:
	case BY_WALLET:
		return has_idn(call, filter_kinds[filter].store,
			       ids_of(user, filter_kinds[filter].store), value, false);
	case BY_ORGANIZATION_ID:
		return clerk_is_member(call, value, user->fields[CLERK_USER_ID]);
	case BY_PROVIDER_USER_ID: /* nobody has signed in elsewhere */
	case FILTERS:
		break;
	}
	return false;
}

static bool passes_values(const struct rh_call *call, enum filter filter,
			  const struct clerk_values *values, const struct rh_object *user)
{
	bool is_in = values->included == 0;

	for (size_t i = 0; i < values->count; i++) {
		if (values->is_left_out[i]) {
			if (has_value(call, filter, user, values->list[i])) {
				return false;
			}
		} else if (!is_in) {
			is_in = has_value(call, filter, user, values->list[i]);
		}
	}
	return is_in;
}

static bool has_name(const struct rh_object *user, struct rh_str text)
{
	return clerk_contains(user->fields[CLERK_USER_FIRST_NAME], text) ||
	       clerk_contains(user->fields[CLERK_USER_LAST_NAME], text);
}

static bool passes_text(const struct rh_call *call, enum text where, struct rh_str text,
			const struct rh_object *user)
{
	bool is_all = where == IN_ALL;

	return ((is_all || where == IN_EMAIL) &&
		has_idn(call, CLERK_EMAILS, user->fields[CLERK_USER_EMAILS], text, true)) ||
	       ((is_all || where == IN_PHONE) &&
		has_idn(call, CLERK_PHONES, user->fields[CLERK_USER_PHONES], text, true)) ||
	       (is_all &&
		has_idn(call, CLERK_WALLETS, user->fields[CLERK_USER_WALLETS], text, true)) ||
	       (is_all && clerk_contains(user->fields[CLERK_USER_ID], text)) ||
	       ((is_all || where == IN_USERNAME) &&
		clerk_contains(user->fields[CLERK_USER_USERNAME], text)) ||
	       ((is_all || where == IN_NAME) && has_name(user, text));
}

static bool passes(const struct rh_call *call, const struct wish *wish, size_t row)
{
	struct rh_object user;

	rh_store_get(clerk_store(call, CLERK_USERS), row, &user);
	for (int i = 0; i < FILTERS; i++) {
		if (wish->filters[i].count > 0 &&
		    !passes_values(call, (enum filter)i, &wish->filters[i], &user)) {
			return false;
		}
	}
	for (int i = 0; i < TEXTS; i++) {
		if (wish->texts[i].ptr != NULL &&
		    !passes_text(call, (enum text)i, wish->texts[i], &user)) {
			return false;
		}
	}
	for (int i = 0; i < MOMENTS; i++) {
		int64_t at = user.numbers[moments[i].number] / RH_MILLISECOND;

		if (wish->has_moment[i] &&
		    (at == 0 ||
		     (moments[i].is_before ? at >= wish->moments[i] : at <= wish->moments[i]))) {
			return false;
		}
	}
	return !wish->has_banned ||
	       wish->is_banned == ((user.numbers[CLERK_USER_FLAGS] & CLERK_FLAG_BANNED) != 0);
}

/* Rows in order. */
struct rows {
	uint32_t *list;
	size_t count;
};

/* What qsort needs to know. */
struct sorting {
	const struct rh_call *call;
	size_t order;
};

static struct rh_str sort_text(const struct sorting *sorting, const struct rh_object *user)
{
	enum clerk_store which = orders[sorting->order].store;
	struct rh_str text = user->fields[orders[sorting->order].key];
	struct rh_object idn;
	size_t row;

	if (which == CLERK_USERS || text.ptr == NULL) {
		return text;
	}
	row = rh_store_find(clerk_store(sorting->call, which), CLERK_IDN_BY_ID, text);
	if (row == RH_ROW_NONE) {
		return RH_STR_ABSENT;
	}
	rh_store_get(clerk_store(sorting->call, which), row, &idn);
	return idn.fields[CLERK_IDN_VALUE];
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct sorting *sorting = context;
	const struct rh_store *store = clerk_store(sorting->call, CLERK_USERS);
	uint32_t left_row = *(const uint32_t *)a;
	uint32_t right_row = *(const uint32_t *)b;
	struct rh_object left;
	struct rh_object right;
	int order = 0;

	rh_store_get(store, left_row, &left);
	rh_store_get(store, right_row, &right);
	if (orders[sorting->order].is_number) {
		int64_t left_number = left.numbers[orders[sorting->order].key];
		int64_t right_number = right.numbers[orders[sorting->order].key];

		order = left_number < right_number ? -1 : left_number > right_number;
	} else {
		order = rh_str_cmp(sort_text(sorting, &left), sort_text(sorting, &right));
	}
	if (order != 0) {
		return order;
	}
	return left_row < right_row ? -1 : left_row > right_row;
}

static void add_row(struct rows *rows, size_t row)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->list[i] == row) {
			return;
		}
	}
	rows->list[rows->count++] = (uint32_t)row;
}

/* The users that one value of a filter names. */
static void find_value(struct rh_call *call, enum filter filter, struct rh_str value,
		       struct rows *rows)
{
	const struct rh_store *users = clerk_store(call, CLERK_USERS);
	size_t found[CLERK_SEATS];
	size_t count;

	if (filter == BY_USER_ID || filter == BY_EXTERNAL_ID || filter == BY_USERNAME) {
		enum clerk_user_key key = filter == BY_USER_ID       ? CLERK_BY_ID
					  : filter == BY_EXTERNAL_ID ? CLERK_BY_EXTERNAL_ID
								     : CLERK_BY_USERNAME;
		size_t row = rh_store_find(users, key, value);

		if (row != RH_ROW_NONE) {
			add_row(rows, row);
		}
		return;
	}
	if (filter_kinds[filter].store == CLERK_USERS) {
		return;
	}
	count = clerk_idn_find(call, filter_kinds[filter].store, value, found);
	for (size_t i = 0; i < count; i++) {
		struct rh_object idn;
		size_t row;

		rh_store_get(clerk_store(call, filter_kinds[filter].store), found[i], &idn);
		row = rh_store_find(users, CLERK_BY_ID, idn.fields[CLERK_IDN_USER_ID]);
		if (row != RH_ROW_NONE) {
			add_row(rows, row);
		}
	}
}

/* A filter that names users is looked up; else everybody is looked at. */
static bool gather(struct rh_call *call, const struct wish *wish, struct rows *out)
{
	struct rh_store *store = clerk_store(call, CLERK_USERS);
	struct sorting sorting = {.call = call, .order = wish->order};
	bool is_named = false;

	*out = (struct rows){0};
	for (int i = 0; i < FILTERS && !is_named; i++) {
		const struct clerk_values *values = &wish->filters[i];

		if (values->included == 0 || i == BY_ORGANIZATION_ID) {
			continue;
		}
		is_named = true;
		out->list = rh_arena_calloc(&call->arena, values->count * CLERK_SEATS,
					    sizeof(*out->list));
		for (size_t v = 0; out->list != NULL && v < values->count; v++) {
			if (!values->is_left_out[v]) {
				find_value(call, (enum filter)i, values->list[v], out);
			}
		}
	}
	if (!is_named && rh_store_count(store) > 0) {
		const uint32_t *sorted = rh_store_sorted(store);

		out->count = rh_store_count(store);
		out->list = (uint32_t *)(uintptr_t)sorted; /* only read while in that order */
		if (sorted != NULL && wish->order != ORDER_CREATED) {
			out->list = rh_arena_calloc(&call->arena, out->count, sizeof(*out->list));
			if (out->list != NULL) {
				memcpy(out->list, sorted, out->count * sizeof(*sorted));
			}
		}
	}
	if (out->list == NULL) {
		return !is_named && rh_store_count(store) == 0;
	}
	if (is_named || wish->order != ORDER_CREATED) {
		qsort_r(out->list, out->count, sizeof(*out->list), compare_rows, &sorting);
	}
	return true;
}

/* Rows that stand before the cursor's own, and itself. */
static size_t rows_up_to(const struct rh_call *call, const struct rows *rows, struct rh_str id,
			 bool with_itself)
{
	struct sorting sorting = {.call = call, .order = ORDER_CREATED};
	uint32_t row = (uint32_t)rh_store_find(clerk_store(call, CLERK_USERS), CLERK_BY_ID, id);
	size_t low = 0;
	size_t high = rows->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_rows(&rows->list[middle], &row, &sorting);

		if (order < 0 || (order == 0 && with_itself)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* The rows of the page into page; returns how many. */
static size_t take_page(const struct rh_call *call, const struct wish *wish,
			const struct rows *rows, uint32_t *page)
{
	size_t begin = 0;
	size_t end = rows->count;
	uint64_t skip = wish->offset;
	size_t count = 0;

	if (wish->after.ptr != NULL) {
		size_t at = rows_up_to(call, rows, wish->after, !wish->is_descending);

		begin = wish->is_descending ? begin : at;
		end = wish->is_descending ? at : end;
	}
	for (size_t i = 0; i < end - begin && count < wish->limit; i++) {
		uint32_t row = rows->list[wish->is_descending ? end - 1 - i : begin + i];

		if (!passes(call, wish, row)) {
			continue;
		}
		if (skip > 0) {
			skip--;
		} else {
			if (page != NULL) {
				page[count] = row;
			}
			count++;
		}
	}
	return count;
}

void clerk_user_list(struct rh_call *call)
{
	const struct wish *wish = read_wish(call, true);
	bool is_wrapped = rh_call_switch(call, CLERK_SWITCH_LIST_SHAPE) == 1;
	struct rh_json_writer writer;
	uint32_t page[LIMIT_MAX];
	struct rows rows;
	size_t count;

	if (wish == NULL || !gather(call, wish, &rows)) {
		return;
	}
	count = take_page(call, wish, &rows, page);
	rh_call_json(call, 200, &writer);
	if (is_wrapped) {
		rh_json_begin_object(&writer);
		rh_json_key(&writer, "data");
	}
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < count; i++) {
		struct rh_object user;

		rh_store_get(clerk_store(call, CLERK_USERS), page[i], &user);
		clerk_write_user(call, &writer, &user);
	}
	rh_json_end_array(&writer);
	if (is_wrapped) {
		rh_json_key(&writer, "total_count");
		rh_json_put_u64(&writer, rows.count);
		rh_json_end_object(&writer);
	}
}

void clerk_user_count(struct rh_call *call)
{
	const struct wish *wish = read_wish(call, false);
	struct rh_json_writer writer;
	struct rows rows;

	if (wish == NULL || !gather(call, wish, &rows)) {
		return;
	}
	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", RH_STR("total_count"));
	rh_json_key(&writer, "total_count");
	rh_json_put_u64(&writer, take_page(call, wish, &rows, NULL));
	rh_json_end_object(&writer);
}
