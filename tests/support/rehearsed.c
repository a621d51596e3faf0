/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsal server in a child process. */
#include "rehearsed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "asker.h"

#define USERS "/user_management/users"

/* What the child tells when it is ready. */
struct greeting {
	unsigned port;
	char token[64];
};

static void run_child(const struct rh_rehearsal_options *options, int ready_fd, int stop_fd)
{
	struct rh_rehearsal *rehearsal = NULL;
	struct rh_rehearsal_tenant tenant;
	struct rh_err err = {0};
	struct greeting greeting = {0};
	int status = rh_rehearsal_start(&rehearsal, options, &err);

	if (status == RH_OK) {
		rh_rehearsal_tenant(rehearsal, 0, &tenant);
		greeting.port = tenant.port;
		(void)snprintf(greeting.token, sizeof(greeting.token), "%s",
			       rh_rehearsal_token(rehearsal));
		if (write(ready_fd, &greeting, sizeof(greeting)) == sizeof(greeting)) {
			status = rh_rehearsal_serve(rehearsal, stop_fd, &err);
		}
		rh_rehearsal_stop(rehearsal);
	}
	if (status != RH_OK) {
		fprintf(stderr, "# rehearsal: %s\n", err.message);
	}
	exit(status == RH_OK ? 0 : 1);
}

void rehearsed_start(struct rehearsed *server, const struct rh_rehearsal_options *wanted)
{
	static const char *const providers[] = {"workos"};
	struct rh_rehearsal_options options = {.limits = RH_LIMITS_OFF};
	struct greeting greeting;
	int ready[2];
	int stop[2];

	if (wanted != NULL) {
		options = *wanted;
	}
	if (options.provider_count == 0) {
		options.providers = providers;
		options.provider_count = 1;
	}
	options.port = options.port == 0 ? 1 : options.port;
	options.speed = 1;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(stop), 0);
	(void)fflush(NULL);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		(void)close(ready[0]);
		(void)close(stop[1]);
		run_child(&options, ready[1], stop[0]);
	}
	(void)close(ready[1]);
	(void)close(stop[0]);
	assert_int_equal(read(ready[0], &greeting, sizeof(greeting)), sizeof(greeting));
	(void)close(ready[0]);
	server->stop_fd = stop[1];
	server->port = greeting.port;
	memcpy(server->token, greeting.token, sizeof(server->token));
	(void)snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u", server->port);
}

void rehearsed_stop(struct rehearsed *server)
{
	int status;

	(void)close(server->stop_fd);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

json_t *rehearsed_control(const struct rehearsed *server, const char *route, const char *body)
{
	struct asked asked;
	char path[128];
	char header[128];
	json_t *answer;

	(void)snprintf(path, sizeof(path), "/_rehearsal/%s", route);
	(void)snprintf(header, sizeof(header), "X-Rehearsal-Token: %s\r\n", server->token);
	ask(server->port, body != NULL ? "POST" : "GET", path, header, body, &asked);
	assert_int_equal(asked.end, ASKED_WHOLE);
	assert_int_equal(asked.status, 200);
	answer = json_loads(asked.body, 0, NULL);
	assert_non_null(answer);
	asked_free(&asked);
	return answer;
}

uint64_t rehearsed_count(const struct rehearsed *server, const char *name)
{
	json_t *counters = rehearsed_control(server, "counters", NULL);
	json_t *number = json_object_get(counters, name);
	uint64_t count;

	assert_true(json_is_integer(number));
	count = (uint64_t)json_integer_value(number);
	json_decref(counters);
	return count;
}

void rehearsed_fault(const struct rehearsed *server, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	assert_true(vasprintf(&text, fmt, args) > 0);
	va_end(args);
	json_decref(rehearsed_control(server, "faults", text));
	free(text);
}

void rehearsed_reset(const struct rehearsed *server, const char *only)
{
	char text[64] = "{}";

	if (only != NULL) {
		(void)snprintf(text, sizeof(text), "{\"only\":\"%s\"}", only);
	}
	json_decref(rehearsed_control(server, "reset", text));
}

unsigned rehearsed_ask(const struct rehearsed *server, const char *method, const char *path,
		       const char *body, json_t **out)
{
	struct asked asked;
	unsigned status;

	ask(server->port, method, path,
	    "Authorization: Bearer sk_test_rehearsal\r\nContent-Type: application/json\r\n", body,
	    &asked);
	assert_int_equal(asked.end, ASKED_WHOLE);
	if (out != NULL) {
		*out = json_loads(asked.body, 0, NULL);
	}
	status = asked.status;
	asked_free(&asked);
	return status;
}

json_t *rehearsed_users(const struct rehearsed *server)
{
	json_t *state = rehearsed_control(server, "state", NULL);
	json_t *environments = json_object_get(state, "environments");
	json_t *users = json_object_get(json_object_get(environments, "test"), "users");

	assert_true(json_is_array(users));
	json_incref(users);
	json_decref(state);
	return users;
}

char *rehearsed_add(const struct rehearsed *server, const char *email, const char *external_id)
{
	json_t *user = NULL;
	json_t *body = json_pack("{s:s, s:s*}", "email", email, "external_id", external_id);
	char *text = json_dumps(body, 0);
	char *id;

	assert_int_equal(rehearsed_ask(server, "POST", USERS, text, &user), 201);
	id = strdup(json_string_value(json_object_get(user, "id")));
	assert_non_null(id);
	json_decref(user);
	json_decref(body);
	free(text);
	return id;
}
