/* SPDX-License-Identifier: Apache-2.0 */
/* Guild itself, in memory. */
#include "guild/guild.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "scripted_transport.h"

#define PAGE 10

struct call {
	struct guild_server *server;
	struct scripted_answer *answer;
	char kind[32];
	enum rh_kind number;
	rh_time now;
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static void say(const struct call *call, int status, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	call->answer->status = status;
	rh_buf_add_cstr(&call->answer->body, text);
	free(text);
}

static void refuse(const struct call *call, int status, const char *code)
{
	json_t *error = json_pack("{s:{s:s}}", "error", "code", code);

	say(call, status, error);
	json_decref(error);
}

void guild_server_init(struct guild_server *server)
{
	memset(server, 0, sizeof(*server));
	acme_server_init(&server->acme);
	server->objects = json_array();
	server->index = json_object();
}

void guild_server_done(struct guild_server *server)
{
	acme_server_done(&server->acme);
	json_decref(server->objects);
	json_decref(server->index);
}

size_t guild_server_count(const struct guild_server *server, const char *kind)
{
	size_t count = 0;
	size_t index;
	json_t *object;

	json_array_foreach(server->objects, index, object)
	{
		count += kind == NULL || strcmp(text_of(object, "kind"), kind) == 0 ? 1 : 0;
	}
	return count;
}

static void index_name(char *out, size_t size, const char *kind, const char *name,
		       const char *value)
{
	(void)snprintf(out, size, "%s %s %s", kind, name, value);
}

/* By "key" or "id". */
static json_t *look_up(const struct guild_server *server, const char *kind, const char *name,
		       const char *value)
{
	char text[512];

	index_name(text, sizeof(text), kind, name, value);
	return json_object_get(server->index, text);
}

json_t *guild_server_find(const struct guild_server *server, const char *kind, const char *key)
{
	return look_up(server, kind, "key", key);
}

static json_t *add(struct guild_server *server, const char *kind, const char *key, json_t *object,
		   rh_time now)
{
	char text[512];
	char id[32];

	(void)snprintf(id, sizeof(id), "%.3s_%u", kind, ++server->last_id);
	json_object_set_new(object, "kind", json_string(kind));
	json_object_set_new(object, "key", json_string(key));
	json_object_set_new(object, "id", json_string(id));
	json_object_set_new(object, "created_at", json_integer(now));
	json_array_append_new(server->objects, object);
	index_name(text, sizeof(text), kind, "key", key);
	json_object_set(server->index, text, object);
	index_name(text, sizeof(text), kind, "id", id);
	json_object_set(server->index, text, object);
	return object;
}

void guild_server_add(struct guild_server *server, const char *kind, const char *key,
		      json_t *object)
{
	add(server, kind, key, object, 1);
}

static void key_of(const struct call *call, const json_t *object, char *out, size_t size)
{
	const char *home = text_of(object, "organization");

	if (call->number == RH_KIND_ORGANIZATION) {
		(void)snprintf(out, size, "%s", text_of(object, "external_id"));
	} else if (call->number == RH_KIND_ROLE || call->number == RH_KIND_PERMISSION) {
		(void)snprintf(out, size, "%s", text_of(object, "slug"));
	} else {
		(void)snprintf(out, size, "%s/%s", home,
			       text_of(object, call->number == RH_KIND_MEMBERSHIP ? "user"
					       : call->number == RH_KIND_DOMAIN   ? "domain"
										  : "email"));
	}
}

/* What an object refers to has to be there. */
static const char *why_not(const struct call *call, const json_t *object)
{
	const struct guild_server *server = call->server;
	size_t index;
	json_t *role;

	if (server->holds_one_role && json_array_size(json_object_get(object, "roles")) > 1) {
		return "one_role_only";
	}
	if (server->refuses_descriptions && *text_of(object, "description") != '\0') {
		return "no_description";
	}
	if (*text_of(object, "organization") != '\0' &&
	    look_up(server, "organization", "id", text_of(object, "organization")) == NULL) {
		return "no_such_organization";
	}
	json_array_foreach(json_object_get(object, "roles"), index, role)
	{
		if (guild_server_find(server, "role", json_string_value(role)) == NULL) {
			return "no_such_role";
		}
	}
	return NULL;
}

static void create(const struct call *call, json_t *object)
{
	char key[256];
	const char *why = why_not(call, object);

	key_of(call, object, key, sizeof(key));
	if (why != NULL) {
		refuse(call, 422, why);
	} else if (guild_server_find(call->server, call->kind, key) != NULL) {
		refuse(call, 409,
		       call->number == RH_KIND_ORGANIZATION ? "id_taken" : "already_there");
	} else {
		call->server->created++;
		say(call, 201, add(call->server, call->kind, key, json_incref(object), call->now));
	}
}

/* The cursor is where the next page begins among the objects of all kinds. */
static void list(const struct call *call, const char *after)
{
	json_t *data = json_array();
	json_t *page = json_pack("{s:o}", "data", data);
	char next[24];

	for (size_t i = (size_t)strtoul(after, NULL, 10);
	     i < json_array_size(call->server->objects); i++) {
		json_t *object = json_array_get(call->server->objects, i);

		if (strcmp(text_of(object, "kind"), call->kind) != 0) {
			continue;
		}
		if (json_array_size(data) == PAGE) {
			(void)snprintf(next, sizeof(next), "%zu", i);
			json_object_set_new(page, "next", json_string(next));
			break;
		}
		json_array_append(data, object);
	}
	say(call, 200, page);
	json_decref(page);
}

void guild_server_remove(struct guild_server *server, json_t *object)
{
	const char *names[] = {"key", "id"};
	size_t index;
	json_t *other;

	for (size_t i = 0; i < 2; i++) {
		char text[512];

		index_name(text, sizeof(text), text_of(object, "kind"), names[i],
			   text_of(object, names[i]));
		json_object_del(server->index, text);
	}
	json_array_foreach(server->objects, index, other)
	{
		if (other == object) {
			json_array_remove(server->objects, index);
			break;
		}
	}
}

static void change(const struct call *call, const char *id, struct rh_str method, json_t *body)
{
	json_t *object = look_up(call->server, call->kind, "id", id);

	if (object == NULL) {
		refuse(call, 404, "not_found");
	} else if (rh_str_is(method, "PUT")) {
		json_object_update(object, body);
		say(call, 200, object);
	} else {
		say(call, 200, object);
		if (rh_str_is(method, "DELETE")) {
			call->server->removed++;
			guild_server_remove(call->server, object);
		}
	}
}

static void route(struct call *call, const struct rh_request *request, struct rh_str rest)
{
	struct rh_str method = rh_str_from(request->method);
	struct rh_str head = rh_str_cut(&rest, '?');
	struct rh_str kind = rh_str_cut(&head, '/');
	json_t *body = request->body.ptr != NULL
			       ? json_loadb(request->body.ptr, request->body.len, 0, NULL)
			       : NULL;
	char text[256];

	(void)snprintf(call->kind, sizeof(call->kind), "%.*s", RH_STR_ARG(kind));
	for (int number = 0; number < RH_KINDS; number++) {
		if (strcmp(rh_kind_name((enum rh_kind)number), call->kind) == 0) {
			call->number = (enum rh_kind)number;
		}
	}
	if ((call->server->denied >> call->number & 1) != 0) {
		refuse(call, 403, "not_in_your_plan");
	} else if (rh_str_is(method, "POST")) {
		create(call, body);
	} else if (head.len > 0) {
		(void)snprintf(text, sizeof(text), "%.*s", RH_STR_ARG(head));
		change(call, text, method, body);
	} else if (rh_str_starts(rest, "find=")) {
		json_t *object;

		(void)snprintf(text, sizeof(text), "%.*s", (int)rest.len - 5, rest.ptr + 5);
		object = guild_server_find(call->server, call->kind, text);
		if (object != NULL) {
			say(call, 200, object);
		} else {
			refuse(call, 404, "not_found");
		}
	} else {
		(void)snprintf(text, sizeof(text), "%.*s", (int)rest.len - 6, rest.ptr + 6);
		list(call, text);
	}
	json_decref(body);
}

void guild_server_play(void *context, const struct rh_request *request, struct rh_str key,
		       rh_time now, struct scripted_answer *answer)
{
	struct call call = {.server = context, .answer = answer, .now = now};

	if (!rh_str_starts(request->path, "/v1/e/")) {
		acme_server_play(&call.server->acme, request, key, now, answer);
		return;
	}
	if (key.ptr == NULL) {
		refuse(&call, 401, "token_ended");
		return;
	}
	route(&call, request, rh_str_sub(request->path, 6, request->path.len));
}
