/* SPDX-License-Identifier: Apache-2.0 */
/* The server on real sockets, in a child process: every fault, every hash at sign-in, ports, load. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "asker.h"
#include "folder.h"
#include "loopback.h"
#include "rehearsal/rehearsal.h"
#include "workos_vectors.h"

#define USERS "/user_management/users"
#define KEY "Authorization: Bearer sk_test_rehearsal\r\nContent-Type: application/json\r\n"

enum { PORTS = 2 };

struct child {
	pid_t pid;
	int stop_fd;
	unsigned ports[PORTS];
	char token[64];
};

/* What the child tells when it is ready. */
struct greeting {
	unsigned ports[PORTS];
	char token[64];
};

static void run_child(const struct rh_rehearsal_options *options, int ready_fd, int stop_fd)
{
	struct rh_rehearsal *rehearsal = NULL;
	struct rh_err err = {0};
	struct greeting greeting = {0};
	int status = rh_rehearsal_start(&rehearsal, options, &err);

	if (status == RH_OK) {
		for (size_t i = 0; i < rh_rehearsal_tenants(rehearsal); i++) {
			struct rh_rehearsal_tenant tenant;

			rh_rehearsal_tenant(rehearsal, i, &tenant);
			greeting.ports[i] = tenant.port;
		}
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

static void start(struct child *child, struct rh_rehearsal_options options)
{
	static const char *const providers[PORTS] = {"workos", "workos"};
	struct greeting greeting;
	int ready[2];
	int stop[2];

	options.providers = providers;
	options.provider_count = options.provider_count != 0 ? options.provider_count : 1;
	options.port = 1;
	options.speed = 1;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(stop), 0);
	fflush(NULL);
	child->pid = fork();
	assert_true(child->pid >= 0);
	if (child->pid == 0) {
		close(stop[1]);
		run_child(&options, ready[1], stop[0]);
	}
	close(ready[1]);
	close(stop[0]);
	assert_int_equal(read(ready[0], &greeting, sizeof(greeting)), sizeof(greeting));
	close(ready[0]);
	child->stop_fd = stop[1];
	memcpy(child->ports, greeting.ports, sizeof(child->ports));
	memcpy(child->token, greeting.token, sizeof(child->token));
}

static void stop(struct child *child)
{
	int status;

	close(child->stop_fd);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int setup(void **state)
{
	struct child *child = malloc(sizeof(*child));

	assert_non_null(child);
	start(child, (struct rh_rehearsal_options){.limits = RH_LIMITS_OFF});
	*state = child;
	return 0;
}

static int teardown(void **state)
{
	stop(*state);
	free(*state);
	return 0;
}

static unsigned ask_status(const struct child *child, const char *method, const char *target,
			   const char *body)
{
	struct asked asked;
	unsigned status;

	ask(child->ports[0], method, target, KEY, body, &asked);
	assert_int_equal(asked.end, ASKED_WHOLE);
	status = asked.status;
	asked_free(&asked);
	return status;
}

static json_t *control(const struct child *child, const char *method, const char *what,
		       const char *body)
{
	struct asked asked;
	char headers[128];
	char target[128];
	json_t *answer;

	(void)snprintf(headers, sizeof(headers), "X-Rehearsal-Token: %s\r\n", child->token);
	(void)snprintf(target, sizeof(target), "/_rehearsal/%s", what);
	ask(child->ports[0], method, target, headers, body, &asked);
	assert_int_equal(asked.status, 200);
	answer = json_loadb(asked.body, asked.body_len, 0, NULL);
	assert_non_null(answer);
	asked_free(&asked);
	return answer;
}

static void set_fault(const struct child *child, const char *fault)
{
	json_decref(control(child, "POST", "faults", fault));
}

static json_int_t counter(const struct child *child, const char *name)
{
	json_t *counters = control(child, "GET", "counters", NULL);
	json_int_t value = json_integer_value(json_object_get(counters, name));

	assert_non_null(json_object_get(counters, name));
	json_decref(counters);
	return value;
}

static void create_asked(const struct child *child, int number, struct asked *out)
{
	char body[128];

	(void)snprintf(body, sizeof(body), "{\"email\":\"p%d@example.com\"}", number);
	ask(child->ports[0], "POST", USERS, KEY, body, out);
}

static bool exists(const struct child *child, int number)
{
	struct asked asked;
	char target[128];
	bool is_there;

	(void)snprintf(target, sizeof(target), USERS "?email=p%d%%40example.com", number);
	ask(child->ports[0], "GET", target, KEY, NULL, &asked);
	assert_int_equal(asked.status, 200);
	is_there = strstr(asked.body, "\"user_") != NULL;
	asked_free(&asked);
	return is_there;
}

static void test_answers(void **state)
{
	const struct child *child = *state;
	struct asked asked;
	char value[128];

	create_asked(child, 1, &asked);
	assert_int_equal(asked.end, ASKED_WHOLE);
	assert_int_equal(asked.status, 201);
	asked_header(&asked, "content-type", value, sizeof(value));
	assert_string_equal(value, "application/json; charset=utf-8");
	asked_header(&asked, "date", value, sizeof(value));
	assert_int_equal(strlen(value), 29);
	asked_header(&asked, "x-request-id", value, sizeof(value));
	assert_int_equal(strlen(value), 36);
	asked_free(&asked);
	/* A body that is not said to be JSON is none. */
	ask(child->ports[0], "POST", USERS, "Authorization: Bearer sk_test_rehearsal\r\n",
	    "{\"email\":\"x@example.com\"}", &asked);
	assert_int_equal(asked.status, 422);
	asked_free(&asked);
}

/* What a path escapes reaches the handler as one part. */
static void test_escapes(void **state)
{
	const struct child *child = *state;

	assert_int_equal(ask_status(child, "POST", USERS,
				    "{\"email\":\"a@example.com\",\"external_id\":\"a/b|c d%\"}"),
			 201);
	assert_int_equal(ask_status(child, "GET", USERS "/external_id/a%2Fb%7Cc%20d%25", NULL),
			 200);
	assert_int_equal(ask_status(child, "GET", USERS "/external_id/a/b%7Cc%20d%25", NULL), 404);
}

static void test_status_faults(void **state)
{
	const struct child *child = *state;
	struct asked asked;
	char value[64];

	set_fault(child, "{\"kind\":\"status\",\"status\":503,\"method\":\"POST\"}");
	create_asked(child, 1, &asked);
	assert_int_equal(asked.status, 503);
	asked_free(&asked);
	assert_false(exists(child, 1));

	set_fault(child, "{\"kind\":\"status\",\"status\":500,\"done\":true}");
	create_asked(child, 1, &asked);
	assert_int_equal(asked.status, 500);
	asked_free(&asked);
	assert_true(exists(child, 1));

	set_fault(child, "{\"kind\":\"status\",\"status\":429,\"retry_after\":2}");
	create_asked(child, 2, &asked);
	assert_int_equal(asked.status, 429);
	asked_header(&asked, "retry-after", value, sizeof(value));
	assert_string_equal(value, "2");
	asked_free(&asked);

	set_fault(child, "{\"kind\":\"retry-after-none\"}");
	create_asked(child, 2, &asked);
	assert_int_equal(asked.status, 429);
	asked_header(&asked, "retry-after", value, sizeof(value));
	assert_string_equal(value, "");
	asked_free(&asked);

	set_fault(child, "{\"kind\":\"retry-after-date\",\"retry_after\":5}");
	create_asked(child, 2, &asked);
	assert_int_equal(asked.status, 429);
	asked_header(&asked, "retry-after", value, sizeof(value));
	assert_non_null(strstr(value, " GMT"));
	asked_free(&asked);
	assert_false(exists(child, 2));
}

static void test_html_fault(void **state)
{
	const struct child *child = *state;
	struct asked asked;
	char value[64];

	set_fault(child, "{\"kind\":\"html\",\"status\":504}");
	create_asked(child, 1, &asked);
	assert_int_equal(asked.status, 504);
	asked_header(&asked, "content-type", value, sizeof(value));
	assert_string_equal(value, "text/html");
	assert_non_null(strstr(asked.body, "<html>"));
	asked_free(&asked);
	assert_false(exists(child, 1));
}

static void test_reset_faults(void **state)
{
	const struct child *child = *state;
	struct asked asked;

	set_fault(child, "{\"kind\":\"reset-before\",\"method\":\"POST\"}");
	create_asked(child, 1, &asked);
	assert_int_equal(asked.end, ASKED_RESET);
	assert_int_equal(asked.status, 0);
	asked_free(&asked);
	assert_false(exists(child, 1));

	set_fault(child, "{\"kind\":\"reset-after\",\"method\":\"POST\"}");
	create_asked(child, 2, &asked);
	assert_int_equal(asked.end, ASKED_RESET);
	assert_int_equal(asked.status, 0);
	asked_free(&asked);
	assert_true(exists(child, 2));
	assert_int_equal(counter(child, "in_flight"), 0);
}

static void test_cut_fault(void **state)
{
	const struct child *child = *state;
	struct asked asked;

	set_fault(child, "{\"kind\":\"cut\"}");
	create_asked(child, 1, &asked);
	assert_int_equal(asked.status, 201);
	assert_int_equal(asked.end, ASKED_CUT);
	assert_true(asked.body_len > 0);
	asked_free(&asked);
	assert_true(exists(child, 1));
}

/* A late answer keeps nobody else waiting, and both are in flight at once. */
static void test_slow_fault(void **state)
{
	const struct child *child = *state;
	struct asked late;
	struct asked asked;
	int fd;

	set_fault(child, "{\"kind\":\"slow\",\"delay_ms\":300,\"method\":\"POST\"}");
	fd = ask_begin(child->ports[0], "POST", USERS, KEY, "{\"email\":\"slow@example.com\"}");
	/* The fault has fired when the user is there, long before the answer. */
	do {
		ask(child->ports[0], "GET", USERS "?email=slow%40example.com", KEY, NULL, &asked);
		assert_int_equal(asked.status, 200);
		assert_true(asked.took_us < 250000);
		if (strstr(asked.body, "\"user_") != NULL) {
			break;
		}
		asked_free(&asked);
	} while (true);
	asked_free(&asked);
	assert_int_equal(counter(child, "in_flight"), 1);
	ask_end(fd, &late);
	assert_int_equal(late.end, ASKED_WHOLE);
	assert_int_equal(late.status, 201);
	asked_free(&late);
	assert_int_equal(counter(child, "in_flight"), 0);
	assert_true(counter(child, "peak_in_flight") >= 2);
}

/* Stopping does not wait for answers that are still to come. */
static void test_stop_with_late_answers(void **state)
{
	struct child child;
	struct asked asked;
	int fd;

	(void)state;
	start(&child, (struct rh_rehearsal_options){.limits = RH_LIMITS_OFF});
	set_fault(&child, "{\"kind\":\"slow\",\"delay_ms\":3600000,\"method\":\"POST\"}");
	fd = ask_begin(child.ports[0], "POST", USERS, KEY, "{\"email\":\"slow@example.com\"}");
	while (counter(&child, "writes_done") == 0) {
	}
	stop(&child);
	ask_end(fd, &asked);
	assert_int_not_equal(asked.end, ASKED_SILENT);
	asked_free(&asked);
}

static unsigned sign_in(const struct child *child, size_t number, const char *password)
{
	char body[512];

	(void)snprintf(
		body, sizeof(body),
		"{\"client_id\":\"c\",\"client_secret\":\"sk_test_rehearsal\",\"grant_type\":"
		"\"password\",\"email\":\"v%zu@example.com\",\"password\":\"%s\"}",
		number, password);
	return ask_status(child, "POST", "/user_management/authenticate", body);
}

static void test_every_hash(void **state)
{
	const struct child *child = *state;

	for (size_t i = 0; i < WORKOS_VECTOR_COUNT; i++) {
		const struct workos_vector *vector = &workos_vectors[i];
		char body[1024];
		char position[64] = "";

		(void)snprintf(body, sizeof(body), "{\"firebase_form\":\"%s\"}",
			       vector->form != NULL ? vector->form : "a");
		json_decref(control(child, "POST", "switches", body));
		if (vector->position != NULL) {
			(void)snprintf(position, sizeof(position),
				       ",\"password_salt_position\":\"%s\"", vector->position);
		}
		(void)snprintf(body, sizeof(body),
			       "{\"email\":\"v%zu@example.com\",\"email_verified\":true,"
			       "\"password_hash\":\"%s\",\"password_hash_type\":\"%s\"%s}",
			       i, vector->hash, vector->type, position);
		assert_int_equal(ask_status(child, "POST", USERS, body), 201);
		print_message("# %s\n", vector->name);
		assert_int_equal(sign_in(child, i, vector->password), 200);
		assert_int_equal(sign_in(child, i, "Passw0rd?"), 400);
	}
	assert_int_equal(counter(child, "sign_ins"), WORKOS_VECTOR_COUNT);
	assert_int_equal(counter(child, "sign_ins_refused"), WORKOS_VECTOR_COUNT);
	assert_int_equal(counter(child, "mails"), 0);
}

static void test_two_tenants(void **state)
{
	struct child child;
	struct asked asked;

	(void)state;
	start(&child, (struct rh_rehearsal_options){.provider_count = 2});
	assert_int_not_equal(child.ports[0], child.ports[1]);
	create_asked(&child, 1, &asked);
	assert_int_equal(asked.status, 201);
	asked_free(&asked);
	ask(child.ports[1], "GET", USERS, KEY, NULL, &asked);
	assert_int_equal(asked.status, 200);
	assert_null(strstr(asked.body, "p1@example.com"));
	asked_free(&asked);
	stop(&child);
}

static void test_state_file(void **state)
{
	struct child child;
	struct asked asked;
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "state.ndjson");

	(void)state;
	start(&child, (struct rh_rehearsal_options){.state_path = path});
	create_asked(&child, 1, &asked);
	assert_int_equal(asked.status, 201);
	asked_free(&asked);
	stop(&child);
	start(&child, (struct rh_rehearsal_options){.state_path = path});
	assert_true(exists(&child, 1));
	stop(&child);
	test_folder_free(folder);
	free(path);
}

/* A large body is taken whole; one beyond the limit is refused and the connection lives on. */
static void test_large_bodies(void **state)
{
	const struct child *child = *state;
	enum { SIZE = 9 * 1024 * 1024 };
	char *body = malloc(SIZE);

	assert_non_null(body);
	memset(body, ' ', SIZE);
	memcpy(body, "{\"email\":\"a@example.com\"}", 25);
	body[SIZE - 1] = '\0';
	assert_int_equal(ask_status(child, "POST", USERS, body), 413);
	body[1024 * 1024] = '\0';
	assert_int_equal(ask_status(child, "POST", USERS, body), 201);
	free(body);
}

static void test_refused_starts(void **state)
{
	static const char *const nobody[] = {"acme"};
	static const char *const somebody[] = {"workos"};
	struct rh_rehearsal_options options = {.providers = nobody, .provider_count = 1, .port = 1};
	struct rh_rehearsal *rehearsal = NULL;
	struct rh_err err = {0};
	uint16_t port = 0;
	int fd;

	(void)state;
	assert_int_equal(rh_rehearsal_start(&rehearsal, &options, &err), RH_EUSAGE);
	options.provider_count = 0;
	assert_int_equal(rh_rehearsal_start(&rehearsal, &options, &err), RH_EUSAGE);
	options.providers = somebody;
	options.provider_count = 1;
	options.limits = RH_LIMITS_CUSTOM;
	assert_int_equal(rh_rehearsal_start(&rehearsal, &options, &err), RH_EUSAGE);
	options.limits = RH_LIMITS_OFF;
	options.port = 65536;
	assert_int_equal(rh_rehearsal_start(&rehearsal, &options, &err), RH_EUSAGE);
	fd = loopback_bind(&port, 1);
	assert_true(fd >= 0);
	options.port = port;
	assert_int_equal(rh_rehearsal_start(&rehearsal, &options, &err), RH_EIO);
	assert_non_null(strstr(err.message, "127.0.0.1"));
	close(fd);
	assert_null(rehearsal);
}

static void test_environment_lines(void **state)
{
	static const char *const providers[] = {"workos"};
	struct rh_rehearsal_options options = {.providers = providers,
					       .provider_count = 1,
					       .port = 1};
	struct rh_rehearsal *rehearsal = NULL;
	struct rh_rehearsal_tenant tenant;
	struct rh_err err = {0};
	char url[64];

	(void)state;
	assert_int_equal(rh_rehearsal_start(&rehearsal, &options, &err), RH_OK);
	rh_rehearsal_tenant(rehearsal, 0, &tenant);
	(void)snprintf(url, sizeof(url), "WORKOS_API_URL=http://127.0.0.1:%u", tenant.port);
	assert_string_equal(tenant.environment[0], url);
	assert_string_equal(tenant.environment[1], "WORKOS_API_KEY=sk_test_rehearsal");
	assert_string_equal(tenant.environment[2], "WORKOS_CLIENT_ID=client_rehearsal");
	assert_null(tenant.environment[3]);
	assert_int_equal(strlen(rh_rehearsal_token(rehearsal)), 32);
	rh_rehearsal_stop(rehearsal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escapes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_html_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reset_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_fault, setup, teardown),
		cmocka_unit_test(test_stop_with_late_answers),
		cmocka_unit_test_setup_teardown(test_every_hash, setup, teardown),
		cmocka_unit_test(test_two_tenants),
		cmocka_unit_test(test_state_file),
		cmocka_unit_test_setup_teardown(test_large_bodies, setup, teardown),
		cmocka_unit_test(test_refused_starts),
		cmocka_unit_test(test_environment_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
