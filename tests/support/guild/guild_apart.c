/* SPDX-License-Identifier: Apache-2.0 */
/* Guild in a process of its own, so that it outlives whoever is killed while he talks to it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "guild/guild.h"
#include "scripted_transport.h"

/* One message: its length in four bytes, and so many of JSON.  False: the other side is gone. */
static bool put_message(int fd, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	uint32_t len = (uint32_t)strlen(text);
	bool is_fine = write(fd, &len, sizeof(len)) == (ssize_t)sizeof(len) &&
		       write(fd, text, len) == (ssize_t)len;

	free(text);
	json_decref(message);
	return is_fine;
}

static bool read_all(int fd, char *out, size_t len)
{
	while (len > 0) {
		ssize_t got = read(fd, out, len);

		if (got <= 0) {
			return false;
		}
		out += got;
		len -= (size_t)got;
	}
	return true;
}

/* NULL: the other side is gone. */
static json_t *get_message(int fd)
{
	uint32_t len;
	char *text;
	json_t *message = NULL;

	if (!read_all(fd, (char *)&len, sizeof(len))) {
		return NULL;
	}
	text = malloc(len);
	if (text != NULL && read_all(fd, text, len)) {
		message = json_loadb(text, len, 0, NULL);
	}
	free(text);
	return message;
}

static const char *text_of(const json_t *message, const char *name)
{
	return json_string_value(json_object_get(message, name));
}

static json_t *answer_of(struct guild_server *server, const json_t *message)
{
	const char *kind = text_of(message, "count");
	struct scripted_answer answer = {.retry_after_us = -1};
	struct rh_request request = {
		.is_writing = json_is_true(json_object_get(message, "writes")),
		.auth = json_is_true(json_object_get(message, "auth")) ? RH_AUTH_INSTANCE
								       : RH_AUTH_NONE,
		.method = text_of(message, "method"),
		.path = rh_str_from(text_of(message, "path")),
		.body = rh_str_from(text_of(message, "body")),
	};
	json_t *out;

	if (kind != NULL) {
		return json_pack("{s:I}", "count",
				 (json_int_t)(strcmp(kind, "user") == 0
						      ? acme_server_count(&server->acme)
						      : guild_server_count(server, kind)));
	}
	rh_buf_init(&answer.body, 16U << 20);
	guild_server_play(server, &request, rh_str_from(text_of(message, "key")),
			  json_integer_value(json_object_get(message, "now")), &answer);
	out = json_pack("{s:i,s:s}", "status", answer.status, "body",
			answer.body.ptr != NULL ? answer.body.ptr : "");
	rh_buf_done(&answer.body);
	return out;
}

static void serve(int fd)
{
	struct guild_server *server = malloc(sizeof(*server));
	json_t *message;

	guild_server_init(server);
	while ((message = get_message(fd)) != NULL) {
		json_t *answer = answer_of(server, message);

		json_decref(message);
		if (!put_message(fd, answer)) {
			break;
		}
	}
	guild_server_done(server);
	free(server);
}

void guild_apart_start(struct guild_apart *apart)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	(void)fflush(NULL);
	apart->pid = fork();
	assert_true(apart->pid >= 0);
	if (apart->pid == 0) {
		close(pair[0]);
		serve(pair[1]);
		_exit(0);
	}
	close(pair[1]);
	apart->fd = pair[0];
}

void guild_apart_stop(struct guild_apart *apart)
{
	int status;

	close(apart->fd);
	assert_int_equal(waitpid(apart->pid, &status, 0), apart->pid);
	assert_true(WIFEXITED(status));
}

void guild_apart_play(void *context, const struct rh_request *request, struct rh_str key,
		      rh_time now, struct scripted_answer *answer)
{
	const struct guild_apart *apart = context;
	json_t *message =
		json_pack("{s:s,s:s%,s:b,s:b,s:I}", "method", request->method, "path",
			  request->path.ptr, request->path.len, "writes", (int)request->is_writing,
			  "auth", (int)(request->auth == RH_AUTH_INSTANCE), "now", (json_int_t)now);

	assert_non_null(message);
	if (request->body.ptr != NULL) {
		json_object_set_new(message, "body",
				    json_stringn(request->body.ptr, request->body.len));
	}
	if (key.ptr != NULL) {
		json_object_set_new(message, "key", json_stringn(key.ptr, key.len));
	}
	assert_true(put_message(apart->fd, message));
	message = get_message(apart->fd);
	assert_non_null(message);
	answer->status = (int)json_integer_value(json_object_get(message, "status"));
	rh_buf_add_cstr(&answer->body, text_of(message, "body"));
	json_decref(message);
}

size_t guild_apart_count(const struct guild_apart *apart, const char *kind)
{
	json_t *message;
	size_t count;

	assert_true(put_message(apart->fd, json_pack("{s:s}", "count", kind)));
	message = get_message(apart->fd);
	assert_non_null(message);
	count = (size_t)json_integer_value(json_object_get(message, "count"));
	json_decref(message);
	return count;
}
