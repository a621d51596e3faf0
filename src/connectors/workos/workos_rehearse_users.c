/* SPDX-License-Identifier: Apache-2.0 */
/* Users of the rehearsed WorkOS: create, list, get, update, delete. */
#include "base/str.h"
#include "connectors/workos/workos_rehearse.h"

struct rh_store *workos_users(const struct rh_call *call)
{
	return call->environment->stores[WORKOS_USERS];
}

static void put_time(struct rh_json_writer *writer, const char *name, rh_time time)
{
	char text[RH_TIME_TEXT_SIZE];

	rh_json_key(writer, name);
	if (time == 0) {
		rh_json_put_null(writer);
		return;
	}
	rh_time_format(time, text);
	rh_json_put_cstr(writer, text);
}

static void put_text(struct rh_json_writer *writer, const char *name, struct rh_str text)
{
	rh_json_key(writer, name);
	rh_json_put_string(writer, text);
}

void workos_write_user(struct rh_json_writer *writer, const struct rh_object *user)
{
	struct rh_str metadata = user->fields[WORKOS_USER_METADATA];

	rh_json_begin_object(writer);
	put_text(writer, "object", RH_STR("user"));
	put_text(writer, "id", user->fields[WORKOS_USER_ID]);
	put_text(writer, "email", user->fields[WORKOS_USER_EMAIL]);
	rh_json_key(writer, "email_verified");
	rh_json_put_bool(writer, user->numbers[WORKOS_USER_EMAIL_VERIFIED] != 0);
	put_text(writer, "first_name", user->fields[WORKOS_USER_FIRST_NAME]);
	put_text(writer, "last_name", user->fields[WORKOS_USER_LAST_NAME]);
	put_text(writer, "name", user->fields[WORKOS_USER_NAME]);
	put_text(writer, "profile_picture_url", RH_STR_ABSENT);
	put_text(writer, "external_id", user->fields[WORKOS_USER_EXTERNAL_ID]);
	rh_json_key(writer, "metadata");
	rh_json_put_raw(writer, metadata.ptr != NULL ? metadata : RH_STR("{}"));
	put_text(writer, "locale", user->fields[WORKOS_USER_LOCALE]);
	put_time(writer, "last_sign_in_at", user->numbers[WORKOS_USER_LAST_SIGN_IN_AT]);
	put_time(writer, "created_at", user->numbers[WORKOS_USER_CREATED_AT]);
	put_time(writer, "updated_at", user->numbers[WORKOS_USER_UPDATED_AT]);
	rh_json_end_object(writer);
}

static void answer_user(struct rh_call *call, unsigned status, const struct rh_object *user)
{
	struct rh_json_writer writer;

	rh_call_json(call, status, &writer);
	workos_write_user(&writer, user);
}

/* Which of the user's keys belong to somebody else. */
struct taken {
	bool email;
	bool external_id;
};

static struct taken find_taken(const struct rh_call *call, const struct rh_object *user, size_t row)
{
	const struct rh_store *store = workos_users(call);
	size_t by_email = rh_store_find(store, WORKOS_BY_EMAIL, user->fields[WORKOS_USER_EMAIL]);
	size_t by_external_id =
		rh_store_find(store, WORKOS_BY_EXTERNAL_ID, user->fields[WORKOS_USER_EXTERNAL_ID]);

	return (struct taken){
		.email = by_email != RH_ROW_NONE && by_email != row,
		.external_id = by_external_id != RH_ROW_NONE && by_external_id != row,
	};
}

static void put_error(struct rh_json_writer *writer, const char *code, const char *message)
{
	rh_json_begin_object(writer);
	rh_json_key(writer, "code");
	rh_json_put_cstr(writer, code);
	rh_json_key(writer, "message");
	rh_json_put_cstr(writer, message);
	rh_json_end_object(writer);
}

static void answer_taken(struct rh_call *call, struct taken taken)
{
	struct rh_json_writer writer;

	rh_call_json(call, 400, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "code");
	rh_json_put_cstr(&writer, "user_creation_error");
	rh_json_key(&writer, "message");
	rh_json_put_cstr(&writer, "Could not create user.");
	rh_json_key(&writer, "errors");
	rh_json_begin_array(&writer);
	if (taken.email) {
		put_error(&writer, "email_not_available", "This email is not available.");
	}
	if (taken.external_id) {
		put_error(&writer, "external_id_already_used", "This external id is in use.");
	}
	rh_json_end_array(&writer);
	rh_json_end_object(&writer);
}

void workos_user_create(struct rh_call *call)
{
	struct rh_object user = {0};
	struct taken taken;

	if (!workos_read_user(call, true, &user)) {
		return;
	}
	taken = find_taken(call, &user, RH_ROW_NONE);
	if (taken.email || taken.external_id) {
		answer_taken(call, taken);
		return;
	}
	user.fields[WORKOS_USER_ID] = rh_call_new_id(call, "user_");
	user.numbers[WORKOS_USER_CREATED_AT] = call->now;
	user.numbers[WORKOS_USER_UPDATED_AT] = call->now;
	if (user.fields[WORKOS_USER_ID].ptr == NULL ||
	    rh_store_add(workos_users(call), &user, NULL) != RH_OK) {
		return; /* no status: becomes 500 */
	}
	answer_user(call, 201, &user);
}

static void answer_not_found(struct rh_call *call, struct rh_str id)
{
	struct rh_json_writer writer;

	rh_call_json(call, 404, &writer);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "message");
	rh_json_put_cstr(&writer, "User not found.");
	rh_json_key(&writer, "code");
	rh_json_put_cstr(&writer, "entity_not_found");
	put_text(&writer, "entity_id", id);
	rh_json_end_object(&writer);
}

size_t workos_user_of_path(struct rh_call *call)
{
	size_t row = rh_store_find(workos_users(call), WORKOS_BY_ID, call->params[0]);

	if (row == RH_ROW_NONE) {
		answer_not_found(call, call->params[0]);
	}
	return row;
}

void workos_user_get(struct rh_call *call)
{
	size_t row = workos_user_of_path(call);
	struct rh_object user;

	if (row != RH_ROW_NONE) {
		rh_store_get(workos_users(call), row, &user);
		answer_user(call, 200, &user);
	}
}

void workos_user_get_by_external_id(struct rh_call *call)
{
	size_t row = rh_store_find(workos_users(call), WORKOS_BY_EXTERNAL_ID, call->params[0]);
	struct rh_object user;

	if (row == RH_ROW_NONE) {
		answer_not_found(call, call->params[0]);
		return;
	}
	rh_store_get(workos_users(call), row, &user);
	answer_user(call, 200, &user);
}

/* A copy of every text that still lies in the store, which is about to change. */
static bool copy_user(struct rh_call *call, struct rh_object *user)
{
	for (size_t i = 0; i < WORKOS_USER_FIELDS; i++) {
		if (!rh_arena_copy(&call->arena, user->fields[i], &user->fields[i])) {
			return false;
		}
	}
	return true;
}

void workos_user_update(struct rh_call *call)
{
	size_t row = workos_user_of_path(call);
	struct rh_object user;
	struct taken taken;

	if (row == RH_ROW_NONE) {
		return;
	}
	rh_store_get(workos_users(call), row, &user);
	if (!workos_read_user(call, false, &user)) {
		return;
	}
	taken = find_taken(call, &user, row);
	if (taken.email) {
		rh_call_message(call, 400, "email_not_available", "This email is not available.");
		return;
	}
	if (taken.external_id) {
		rh_call_message(call, 400, "external_id_already_used",
				"This external id is in use.");
		return;
	}
	user.numbers[WORKOS_USER_UPDATED_AT] = call->now;
	if (!copy_user(call, &user) || rh_store_replace(workos_users(call), row, &user) != RH_OK) {
		return; /* becomes 500 */
	}
	answer_user(call, 200, &user);
}

void workos_user_delete(struct rh_call *call)
{
	size_t row = workos_user_of_path(call);

	if (row != RH_ROW_NONE) {
		rh_store_remove(workos_users(call), row);
		call->status = 200; /* and no body */
	}
}

void workos_user_identities(struct rh_call *call)
{
	struct rh_json_writer writer;

	if (workos_user_of_path(call) != RH_ROW_NONE) {
		/* No call can link one: they come with the first social sign-in. */
		rh_call_json(call, 200, &writer);
		rh_json_begin_array(&writer);
		rh_json_end_array(&writer);
	}
}

void workos_user_sessions(struct rh_call *call)
{
	struct workos_page page;

	if (workos_user_of_path(call) != RH_ROW_NONE && workos_read_page(call, "session_", &page)) {
		workos_answer_empty_list(call);
	}
}

/* The rows of one page, in the order of the list; at most 100. */
struct rows {
	size_t rows[100];
	size_t count;
	bool has_earlier; /* than the first, than the last, in the order of the list */
	bool has_later;
};

/*
 * Walks from the cursor.  step is the direction of the list in the store; a page before a cursor is
 * gathered backwards and turned round.
 */
static void gather(const struct rh_store *store, const struct workos_page *page, struct rows *out)
{
	bool is_before = page->is_normal ? page->after.ptr != NULL : page->before.ptr != NULL;
	struct rh_str cursor = page->before.ptr != NULL ? page->before : page->after;
	int list_step = page->is_ascending ? 1 : -1;
	int step = is_before ? -list_step : list_step;
	size_t at = RH_ROW_NONE;
	bool is_edge = false;

	*out = (struct rows){0};
	if (cursor.ptr == NULL) {
		at = rh_store_walk(store, RH_ROW_NONE, step);
	} else {
		/* The cursor's own row, or the one that follows where it was. */
		size_t here = rh_store_seek(store, cursor);
		bool is_there =
			here != RH_ROW_NONE && rh_store_find(store, WORKOS_BY_ID, cursor) == here;

		if (step < 0) {
			at = rh_store_walk(store, here, -1);
		} else {
			at = is_there ? rh_store_walk(store, here, 1) : here;
		}
		is_edge = true;
	}
	while (at != RH_ROW_NONE && out->count < page->limit) {
		out->rows[out->count++] = at;
		at = rh_store_walk(store, at, step);
	}
	out->has_later = is_before ? is_edge : at != RH_ROW_NONE;
	out->has_earlier = is_before ? at != RH_ROW_NONE : is_edge;
	for (size_t i = 0; is_before && i < out->count / 2; i++) {
		size_t other = out->rows[i];

		out->rows[i] = out->rows[out->count - 1 - i];
		out->rows[out->count - 1 - i] = other;
	}
}

static void answer_rows(struct rh_call *call, const struct workos_page *page,
			const struct rows *rows)
{
	const struct rh_store *store = workos_users(call);
	struct rh_json_writer writer;
	struct rh_object user;
	struct rh_str first = RH_STR_ABSENT;
	struct rh_str last = RH_STR_ABSENT;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	put_text(&writer, "object", RH_STR("list"));
	rh_json_key(&writer, "data");
	rh_json_begin_array(&writer);
	for (size_t i = 0; i < rows->count; i++) {
		rh_store_get(store, rows->rows[i], &user);
		workos_write_user(&writer, &user);
		last = user.fields[WORKOS_USER_ID];
		first = i == 0 ? last : first;
	}
	rh_json_end_array(&writer);
	rh_json_key(&writer, "list_metadata");
	rh_json_begin_object(&writer);
	first = rows->has_earlier ? first : RH_STR_ABSENT;
	last = rows->has_later ? last : RH_STR_ABSENT;
	put_text(&writer, "before", page->is_normal ? last : first);
	put_text(&writer, "after", page->is_normal ? first : last);
	rh_json_end_object(&writer);
	rh_json_end_object(&writer);
}

void workos_user_list(struct rh_call *call)
{
	struct workos_page page;
	struct rows rows = {0};
	struct rh_str email = rh_call_query(call, "email");
	struct rh_str organization = rh_call_query(call, "organization_id");
	size_t row;

	if (!workos_read_page(call, "user_", &page)) {
		return;
	}
	if (organization.ptr == NULL) {
		organization = rh_call_query(call, "organization");
	}
	if (organization.ptr != NULL) {
		if (!rh_str_starts(organization, "org_")) {
			workos_answer_problems(
				call,
				&(struct workos_problem){
					"organization_id", "invalid_organization_id",
					"organization_id must be an organization's id"},
				1);
			return;
		}
		/* There are no organizations here, so nobody is a member of one. */
	} else if (email.ptr != NULL) {
		row = rh_store_find(workos_users(call), WORKOS_BY_EMAIL, email);
		if (row != RH_ROW_NONE) {
			rows.rows[rows.count++] = row;
		}
	} else {
		gather(workos_users(call), &page, &rows);
	}
	answer_rows(call, &page, &rows);
}
