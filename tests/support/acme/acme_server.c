/* SPDX-License-Identifier: Apache-2.0 */
/* Acme itself, in memory: written from the description in acme.h, sharing no mapping with the connector. */
#include "acme/acme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "scripted_transport.h"

#define CLIENT_SECRET "acme-secret-value"
#define PASSWORD "acme-password"

/* One request being answered. */
struct call {
	struct acme_server *server;
	const struct rh_request *request;
	struct rh_str path;
	struct rh_arena arena;
	struct rh_json json;
	const struct rh_json_node *input; /* NULL: none */
	rh_time now;
	struct scripted_answer *answer;
	struct rh_json_writer writer;
};

/* ---- users -------------------------------------------------------------------------------------------- */

static char *copy(struct rh_str text)
{
	return text.ptr != NULL ? scripted_body(text) : NULL;
}

static void replace(char **at, struct rh_str text)
{
	if (text.ptr != NULL) {
		free(*at);
		*at = copy(text);
	}
}

static void forget(struct acme_user *user)
{
	free(user->external_id);
	free(user->email);
	free(user->first_name);
	free(user->last_name);
	free(user->password_hash);
	free(user->metadata);
	*user = (struct acme_user){0};
}

/* First living user whose id, external id or address is the text. */
static struct acme_user *look_up(struct acme_server *server, size_t field, struct rh_str text)
{
	for (size_t i = 0; i < server->user_count && text.ptr != NULL; i++) {
		struct acme_user *user = &server->users[i];
		const char *const values[] = {user->id, user->external_id, user->email};
		if (user->email != NULL && rh_str_eq(rh_str_from(values[field]), text)) {
			return user;
		}
	}
	return NULL;
}

enum { BY_ID, BY_EXTERNAL_ID, BY_EMAIL };

static struct acme_user *add_user(struct acme_server *server, rh_time now)
{
	struct acme_user *user;

	assert_true(server->user_count < ACME_USERS_MAX);
	user = &server->users[server->user_count++];
	(void)snprintf(user->id, sizeof(user->id), "u%06llu",
		       (unsigned long long)++server->last_id);
	user->created_at = now;
	return user;
}

void acme_server_sign_in(struct acme_server *server, struct rh_str email)
{
	struct acme_user *user = look_up(server, BY_EMAIL, email);

	assert_non_null(user);
	user->signed_in_at = user->created_at + 1;
}

void acme_server_add(struct acme_server *server, const char *external_id, const char *email)
{
	struct acme_user *user = add_user(server, SCRIPTED_START);

	user->external_id = copy(rh_str_from(external_id));
	user->email = copy(rh_str_from(email));
}

size_t acme_server_count(const struct acme_server *server)
{
	size_t count = 0;

	for (size_t i = 0; i < server->user_count; i++) {
		count += server->users[i].email != NULL;
	}
	return count;
}

const struct acme_user *acme_server_find(const struct acme_server *server, const char *external_id)
{
	for (size_t i = 0; i < server->user_count; i++) {
		const struct acme_user *user = &server->users[i];
		if (user->external_id != NULL && strcmp(user->external_id, external_id) == 0) {
			return user;
		}
	}
	return NULL;
}

/* ---- answers -------------------------------------------------------------------------------------------- */

static void begin(struct call *call, int status)
{
	call->answer->status = status;
	rh_json_writer_init(&call->writer, &call->answer->body);
}

/* Members and values that did not exist when the connector was written. */
static void put_later(struct call *call)
{
	if (call->server->speaks_of_later) {
		rh_json_key(&call->writer, "added_later");
		rh_json_put_raw(&call->writer, RH_STR("{\"id\":[null,{\"email\":7}]}"));
	}
}

static void put_error(struct call *call, const char *code, const char *field)
{
	rh_json_key(&call->writer, "error");
	rh_json_begin_object(&call->writer);
	put_later(call);
	rh_json_key(&call->writer, "code");
	rh_json_put_cstr(&call->writer, code);
	if (field != NULL) {
		rh_json_key(&call->writer, "field");
		rh_json_put_cstr(&call->writer, field);
	}
	rh_json_end_object(&call->writer);
}

static void refuse(struct call *call, int status, const char *code, const char *field)
{
	begin(call, status);
	rh_json_begin_object(&call->writer);
	put_error(call, code, field);
	rh_json_end_object(&call->writer);
}

static void put_text(struct call *call, const char *name, const char *text)
{
	rh_json_key(&call->writer, name);
	rh_json_put_cstr(&call->writer, text);
}

static void put_user(struct call *call, const struct acme_user *user)
{
	rh_json_begin_object(&call->writer);
	put_later(call);
	put_text(call, "id", user->id);
	put_text(call, "external_id", user->external_id);
	put_text(call, "email", user->email);
	rh_json_key(&call->writer, "email_verified");
	rh_json_put_bool(&call->writer, user->email_verified);
	put_text(call, "first_name", user->first_name);
	put_text(call, "last_name", user->last_name);
	rh_json_key(&call->writer, "metadata");
	rh_json_put_raw(&call->writer,
			user->metadata != NULL ? rh_str_from(user->metadata) : RH_STR("null"));
	rh_json_key(&call->writer, "created_at");
	rh_json_put_i64(&call->writer, user->created_at);
	rh_json_key(&call->writer, "signed_in_at");
	rh_json_put_i64(&call->writer, user->signed_in_at);
	put_text(call, "status", call->server->speaks_of_later ? "levitating" : "active");
	rh_json_end_object(&call->writer);
}

static void answer_user(struct call *call, int status, const struct acme_user *user)
{
	if (user == NULL) {
		refuse(call, 404, "not_found", NULL);
		return;
	}
	begin(call, status);
	put_user(call, user);
}

/* ---- tokens ------------------------------------------------------------------------------------------------ */

static struct rh_str token_text(struct call *call)
{
	return rh_arena_printf(&call->arena, "acme-token-%llu",
			       (unsigned long long)call->server->token_number);
}

static void give_token(struct call *call)
{
	struct acme_server *server = call->server;
	struct rh_str renewed = rh_json_get_string(call->input, "token");

	if (server->refuses_token ||
	    (renewed.ptr == NULL &&
	     !rh_str_is(rh_json_get_string(call->input, "client_secret"), CLIENT_SECRET)) ||
	    (renewed.ptr != NULL && !rh_str_eq(renewed, token_text(call)))) {
		refuse(call, 401, "invalid_client", NULL);
		return;
	}
	if (renewed.ptr != NULL) {
		server->tokens_renewed++;
	} else {
		server->tokens_given++;
	}
	server->token_number++;
	server->token_ends_at = call->now + server->token_life_us;
	begin(call, 200);
	rh_json_begin_object(&call->writer);
	put_later(call);
	rh_json_member(&call->writer, "access_token", token_text(call));
	rh_json_key(&call->writer, "expires_in");
	rh_json_put_i64(&call->writer, server->token_life_us / RH_SECOND);
	rh_json_end_object(&call->writer);
}

static bool is_allowed(struct call *call, struct rh_str key)
{
	return call->server->token_number > 0 && call->now < call->server->token_ends_at &&
	       rh_str_eq(key, token_text(call));
}

/* ---- lists ------------------------------------------------------------------------------------------------- */

/* The decoded value of a query parameter; absent: not there. */
static struct rh_str query(struct call *call, const char *name)
{
	struct rh_str rest = call->request->path;
	struct rh_str out = RH_STR_ABSENT;

	(void)rh_str_cut(&rest, '?');
	while (rest.ptr != NULL) {
		struct rh_str value = rh_str_cut(&rest, '&');
		struct rh_str key = rh_str_cut(&value, '=');
		if (rh_str_is(key, name) && value.ptr != NULL) {
			assert_true(rh_url_decode(&call->arena, value, &out));
		}
	}
	return out;
}

static void list_some(struct call *call, struct rh_str ids, struct rh_str email)
{
	begin(call, 200);
	rh_json_begin_object(&call->writer);
	put_later(call);
	rh_json_key(&call->writer, "data");
	rh_json_begin_array(&call->writer);
	if (email.ptr != NULL) {
		const struct acme_user *user = look_up(call->server, BY_EMAIL, email);
		if (user != NULL) {
			put_user(call, user);
		}
	}
	while (ids.ptr != NULL) {
		const struct acme_user *user =
			look_up(call->server, BY_EXTERNAL_ID, rh_str_cut(&ids, ','));
		if (user != NULL) {
			put_user(call, user);
		}
	}
	rh_json_end_array(&call->writer);
	rh_json_end_object(&call->writer);
}

static void list_page(struct call *call)
{
	struct acme_server *server = call->server;
	struct rh_str after = query(call, "after");
	const struct acme_user *last = NULL;
	uint64_t limit = 10;
	uint64_t given = 0;
	size_t at = 0;

	(void)rh_str_to_u64(query(call, "limit"), &limit);
	while (after.ptr != NULL && at < server->user_count &&
	       rh_str_cmp(rh_str_from(server->users[at].id), after) <= 0) {
		at++;
	}
	begin(call, 200);
	rh_json_begin_object(&call->writer);
	put_later(call);
	rh_json_key(&call->writer, "data");
	rh_json_begin_array(&call->writer);
	for (; at < server->user_count && given < limit; at++) {
		if (server->users[at].email != NULL) {
			last = &server->users[at];
			put_user(call, last);
			given++;
		}
	}
	rh_json_end_array(&call->writer);
	rh_json_key(&call->writer, "next");
	if (server->repeats_cursor && after.ptr != NULL) {
		rh_json_put_string(&call->writer, after);
	} else if (given == limit && last != NULL) {
		rh_json_put_cstr(&call->writer, last->id);
	} else {
		rh_json_put_null(&call->writer);
	}
	rh_json_end_object(&call->writer);
}

static void list_users(struct call *call)
{
	struct rh_str ids = query(call, "external_ids");
	struct rh_str email = query(call, "email");

	if (ids.ptr != NULL || email.ptr != NULL) {
		list_some(call, ids, email);
	} else {
		list_page(call);
	}
}

static void count_users(struct call *call)
{
	begin(call, 200);
	rh_json_begin_object(&call->writer);
	put_later(call);
	rh_json_key(&call->writer, "total");
	rh_json_put_u64(&call->writer, acme_server_count(call->server));
	rh_json_end_object(&call->writer);
}

static void list_organizations(struct call *call)
{
	call->answer->status = 200;
	call->answer->is_foreign = true;
	rh_buf_add_cstr(&call->answer->body, "{\"id\":\"org_1\"}\n{\"id\":\"org_2\"}\n");
}

/* ---- writing ------------------------------------------------------------------------------------------------ */

/* Why this user cannot be made; NULL: it can. */
static const char *obstacle(struct acme_server *server, const struct rh_json_node *input,
			    const struct acme_user *self, const char **field)
{
	struct rh_str email = rh_json_get_string(input, "email");
	struct rh_str external_id = rh_json_get_string(input, "external_id");
	struct rh_str hash = rh_json_get_string(input, "password_hash");
	const struct acme_user *other =
		external_id.ptr != NULL ? look_up(server, BY_EXTERNAL_ID, external_id) : NULL;
	bool has_email = self == NULL || rh_json_get(input, "email") != NULL;

	if (has_email && rh_str_index(email, '@') < 1) {
		*field = "email";
		return "invalid";
	}
	if (hash.ptr != NULL && (server->refuses_hashes || !rh_str_starts(hash, "$2"))) {
		*field = "password_hash";
		return "invalid";
	}
	*field = "external_id";
	if (other != NULL && other != self) {
		return "external_id_taken";
	}
	*field = "email";
	other = has_email ? look_up(server, BY_EMAIL, email) : NULL;
	return other != NULL && other != self ? "email_taken" : NULL;
}

static int status_of(const char *code)
{
	return strcmp(code, "invalid") == 0 ? 422 : 409;
}

static void clear(char **member)
{
	free(*member);
	*member = NULL;
}

/* What is left out stays; null takes it away. */
static void take_text(char **member, const struct rh_json_node *input, const char *name)
{
	const struct rh_json_node *node = rh_json_get(input, name);

	if (node != NULL && rh_json_is_null(node)) {
		clear(member);
	} else {
		replace(member, rh_json_string(node));
	}
}

static void fill_user(struct acme_user *user, const struct rh_json_node *input)
{
	const struct rh_json_node *metadata = rh_json_get(input, "metadata");

	replace(&user->email, rh_json_get_string(input, "email"));
	take_text(&user->external_id, input, "external_id");
	take_text(&user->first_name, input, "first_name");
	take_text(&user->last_name, input, "last_name");
	replace(&user->password_hash, rh_json_get_string(input, "password_hash"));
	user->email_verified = rh_json_get_bool(input, "email_verified", user->email_verified);
	if (metadata != NULL && rh_json_is_null(metadata)) {
		clear(&user->metadata);
	} else if (metadata != NULL) {
		struct rh_json_writer writer;
		rh_autobuf text;
		rh_buf_init(&text, RH_REQUEST_MAX);
		rh_json_writer_init(&writer, &text);
		rh_json_put_node(&writer, metadata);
		replace(&user->metadata, rh_buf_str(&text));
	}
}

static void create_user(struct call *call)
{
	const char *field = NULL;
	const char *code = obstacle(call->server, call->input, NULL, &field);
	struct acme_user *user;

	if (code != NULL) {
		refuse(call, status_of(code), code, field);
		return;
	}
	user = add_user(call->server, call->now);
	fill_user(user, call->input);
	call->server->created++;
	answer_user(call, 201, user);
}

static void change_user(struct call *call, struct acme_user *user)
{
	const char *field = NULL;
	const char *code = user != NULL ? obstacle(call->server, call->input, user, &field) : NULL;

	if (code != NULL) {
		refuse(call, status_of(code), code, field);
		return;
	}
	if (user != NULL) {
		fill_user(user, call->input);
	}
	answer_user(call, 200, user);
}

static void remove_user(struct call *call, struct acme_user *user)
{
	if (user == NULL) {
		refuse(call, 404, "not_found", NULL);
		return;
	}
	forget(user);
	call->answer->status = 204;
}

/* ---- many rows ------------------------------------------------------------------------------------------------ */

static void put_result(struct call *call, struct rh_str external_id, const char *id,
		       const char *code, const char *field)
{
	rh_json_begin_object(&call->writer);
	put_later(call);
	rh_json_member(&call->writer, "external_id", external_id);
	if (id != NULL) {
		put_text(call, "id", id);
	} else {
		put_error(call, code, field);
	}
	rh_json_end_object(&call->writer);
}

static void run_job(struct call *call, struct acme_job *job)
{
	const struct rh_json_node *users = rh_json_get(call->input, "users");
	const struct rh_json_node *node = NULL;

	rh_json_writer_init(&call->writer, &job->answer);
	rh_json_begin_object(&call->writer);
	put_later(call);
	rh_json_key(&call->writer, "results");
	rh_json_begin_array(&call->writer);
	while ((node = rh_json_next(users, node, NULL)) != NULL) {
		const char *field = NULL;
		const char *code = obstacle(call->server, node, NULL, &field);
		struct acme_user *user = NULL;
		if (code == NULL) {
			user = add_user(call->server, call->now);
			fill_user(user, node);
			call->server->created++;
		}
		put_result(call, rh_json_get_string(node, "external_id"),
			   user != NULL ? user->id : NULL, code, field);
	}
	rh_json_end_array(&call->writer);
	rh_json_end_object(&call->writer);
}

static void start_job(struct call *call)
{
	struct acme_server *server = call->server;
	struct acme_job *job;

	assert_true(server->job_count < sizeof(server->jobs) / sizeof(server->jobs[0]));
	job = &server->jobs[server->job_count++];
	(void)snprintf(job->id, sizeof(job->id), "job-%zu", server->job_count);
	job->polls = 2;
	rh_buf_init(&job->answer, RH_RESPONSE_MAX);
	run_job(call, job);
	begin(call, 202);
	rh_json_begin_object(&call->writer);
	put_later(call);
	put_text(call, "job", job->id);
	rh_json_end_object(&call->writer);
}

static void show_job(struct call *call, struct rh_str path)
{
	struct rh_str id = rh_str_cut(&path, '/');

	for (size_t i = 0; i < call->server->job_count; i++) {
		struct acme_job *job = &call->server->jobs[i];
		bool is_done = job->polls == 0;
		if (!rh_str_is(id, job->id)) {
			continue;
		}
		if (path.ptr != NULL && is_done) {
			call->answer->status = 200;
			rh_buf_add_str(&call->answer->body, rh_buf_str(&job->answer));
			return;
		}
		job->polls -= is_done ? 0 : 1;
		begin(call, 200);
		rh_json_begin_object(&call->writer);
		put_text(call, "status",
			 is_done                         ? "done"
			 : call->server->speaks_of_later ? "contemplating"
							 : "running");
		rh_json_end_object(&call->writer);
		return;
	}
	refuse(call, 404, "not_found", NULL);
}

static void add_members(struct call *call)
{
	const struct rh_json_node *members = rh_json_get(call->input, "members");
	const struct rh_json_node *node = NULL;

	if (rh_json_count(members) > ACME_MEMBERS_MAX) {
		refuse(call, 422, "too_many", NULL);
		return;
	}
	begin(call, 200);
	rh_json_begin_object(&call->writer);
	rh_json_key(&call->writer, "results");
	rh_json_begin_array(&call->writer);
	while ((node = rh_json_next(members, node, NULL)) != NULL) {
		const struct acme_user *user =
			look_up(call->server, BY_EXTERNAL_ID, rh_json_string(node));
		put_result(call, rh_json_string(node), user != NULL ? user->id : NULL,
			   "no_such_user", NULL);
	}
	rh_json_end_array(&call->writer);
	rh_json_end_object(&call->writer);
}

static void sign_in(struct call *call)
{
	struct acme_user *user =
		look_up(call->server, BY_EMAIL, rh_json_get_string(call->input, "email"));

	if (user == NULL || user->password_hash == NULL ||
	    !rh_str_is(rh_json_get_string(call->input, "password"), PASSWORD)) {
		refuse(call, 401, "wrong_password", NULL);
		return;
	}
	user->signed_in_at = call->now;
	answer_user(call, 200, user);
}

/* ---- routing ------------------------------------------------------------------------------------------------ */

static void route_user(struct call *call, struct rh_str encoded)
{
	struct rh_str id = RH_STR_ABSENT;
	struct acme_user *user;

	assert_true(rh_url_decode(&call->arena, encoded, &id));
	user = look_up(call->server, BY_ID, id);
	if (strcmp(call->request->method, "GET") == 0) {
		answer_user(call, 200, user);
	} else if (strcmp(call->request->method, "PATCH") == 0) {
		change_user(call, user);
	} else {
		remove_user(call, user);
	}
}

static void route(struct call *call)
{
	static const struct {
		const char *method;
		const char *path;
		void (*answer)(struct call *call);
	} routes[] = {
		{"GET", "/v1/users", list_users},
		{"GET", "/v1/users/count", count_users},
		{"GET", "/v1/tenant", count_users},
		{"GET", "/v1/organizations.ndjson", list_organizations},
		{"POST", "/v1/users", create_user},
		{"POST", "/v1/jobs", start_job},
		{"POST", "/v1/memberships", add_members},
	};

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(call->request->method, routes[i].method) == 0 &&
		    rh_str_is(call->path, routes[i].path)) {
			routes[i].answer(call);
			return;
		}
	}
	if (rh_str_starts(call->path, "/v1/users/")) {
		route_user(call, rh_str_sub(call->path, strlen("/v1/users/"), call->path.len));
	} else if (rh_str_starts(call->path, "/v1/jobs/")) {
		show_job(call, rh_str_sub(call->path, strlen("/v1/jobs/"), call->path.len));
	} else if (rh_str_is(call->path, "/v1/organizations")) {
		refuse(call, 403, "plan_too_small", NULL);
	} else {
		refuse(call, 404, "no_such_route", NULL);
	}
}

void acme_server_play(void *context, const struct rh_request *request, struct rh_str key,
		      rh_time now, struct scripted_answer *answer)
{
	struct call call = {
		.server = context,
		.request = request,
		.path = request->path,
		.now = now,
		.answer = answer,
	};
	struct rh_str rest = request->path;
	char *body = copy(request->body);

	rh_arena_init(&call.arena, RH_REQUEST_MAX, RH_ARENA_PLAIN);
	call.path = rh_str_cut(&rest, '?');
	if (body != NULL && rh_json_parse(&call.json, body, request->body.len, NULL) == RH_OK) {
		call.input = rh_json_root(&call.json);
	}
	if (rh_str_is(call.path, "/token")) {
		give_token(&call);
	} else if (rh_str_is(call.path, "/v1/sign-in")) {
		sign_in(&call);
	} else if (request->auth != RH_AUTH_INSTANCE || !is_allowed(&call, key)) {
		refuse(&call, 401, "token_ended", NULL);
	} else if (call.server->has_quota && request->is_writing) {
		refuse(&call, 402, "quota_exceeded", NULL);
	} else {
		route(&call);
	}
	rh_json_done(&call.json);
	rh_arena_done(&call.arena);
	free(body);
}

void acme_server_init(struct acme_server *server)
{
	memset(server, 0, sizeof(*server));
	server->token_life_us = 600 * RH_SECOND;
}

void acme_server_done(struct acme_server *server)
{
	for (size_t i = 0; i < server->user_count; i++) {
		forget(&server->users[i]);
	}
	for (size_t i = 0; i < server->job_count; i++) {
		rh_buf_done(&server->jobs[i].answer);
	}
}
