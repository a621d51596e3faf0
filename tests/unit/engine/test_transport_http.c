/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a connector over real HTTP to a server on loopback; downloads into sealed spools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/transport.h"
#include "folder.h"
#include "loopback.h"
#include "net/client.h"
#include "snapshot/spool.h"

#define BIG_LINES 9000 /* more than one chunk of a spool */
#define WAIT_MS 10000

static const uint8_t key[32] = "0123456789abcdef0123456789abcde";

static struct loopback server;

struct fixture {
	struct rh_transport *transport;
	char *folder;
	char origin[64];
	struct rh_err err;
};

/* ---- the server ------------------------------------------------------------------------------------------- */

static bool asks(const struct loopback_request *request, const char *path)
{
	const char *at = strchr(request->head, ' ');

	return at != NULL && strncmp(at + 1, path, strlen(path)) == 0 &&
	       at[1 + strlen(path)] == ' ';
}

static void answer_big(struct loopback_answer *answer, bool is_whole)
{
	loopback_printf(answer, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
				"Transfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < BIG_LINES; i++) {
		loopback_printf(answer, "10\r\n{\"id\":%08u}\n\r\n", i);
	}
	if (is_whole) {
		loopback_printf(answer, "0\r\n\r\n");
	} else {
		answer->after = LOOPBACK_CLOSE;
	}
}

static void answer_request(const struct loopback_request *request, struct loopback_answer *answer)
{
	char text[4096];

	if (asks(request, "/echo")) {
		(void)snprintf(text, sizeof(text), "%s%s", request->head, request->body);
		loopback_whole(answer, 200,
			       "Content-Type: Application/Problem+JSON; charset=utf-8\r\n", text);
	} else if (asks(request, "/big")) {
		answer_big(answer, true);
	} else if (asks(request, "/big-cut")) {
		answer_big(answer, false);
	} else if (asks(request, "/nothing")) {
		loopback_whole(answer, 200, "", "");
	} else if (asks(request, "/refused")) {
		loopback_whole(answer, 403, "Content-Type: application/json\r\n",
			       "{\"error\":\"no\"}");
	} else if (asks(request, "/later")) {
		loopback_whole(answer, 503, "Content-Type: text/html\r\nX-RateLimit-Reset: 20\r\n",
			       "<html>");
	} else if (asks(request, "/too-fast")) {
		loopback_whole(answer, 429, "X-RateLimit-Reset: 20\r\n", "");
	} else {
		answer->delay_ms = 60000;
		loopback_whole(answer, 200, "", "late");
	}
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct rh_client_options options = {.connections_max = 4};

	assert_non_null(fixture);
	fixture->folder = test_folder_new();
	(void)snprintf(fixture->origin, sizeof(fixture->origin), "http://127.0.0.1:%u",
		       server.port);
	assert_int_equal(rh_transport_http(&fixture->transport, &options, &fixture->err), RH_OK);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->transport != NULL) {
		fixture->transport->free(fixture->transport);
	}
	test_folder_free(fixture->folder);
	free(fixture);
	return 0;
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

static struct rh_request request_to(const char *path)
{
	return (struct rh_request){.method = "GET", .path = rh_str_from(path)};
}

static int start(struct fixture *fixture, const struct rh_request *request)
{
	return fixture->transport->start(fixture->transport, request, fixture->origin,
					 RH_STR("the-key"), fixture, &fixture->err);
}

/* Starts and waits; the answer is valid until the next call. */
static struct rh_delivered ask(struct fixture *fixture, const struct rh_request *request)
{
	struct rh_delivered out = {0};

	assert_int_equal(start(fixture, request), RH_OK);
	for (int i = 0; i < 100 && !fixture->transport->next(fixture->transport, &out); i++) {
		assert_int_equal(fixture->transport->wait(fixture->transport, WAIT_MS, -1,
							  &fixture->err),
				 RH_OK);
	}
	assert_ptr_equal(out.tag, fixture);
	return out;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void test_headers(void **state)
{
	struct rh_request request = request_to("/echo");
	struct rh_delivered out;

	request.method = "POST";
	request.body = RH_STR("{\"a\":1}");
	request.idempotency_key = RH_STR("again-1");
	out = ask(*state, &request);
	assert_int_equal(out.response.delivery, RH_DELIVERY_ANSWERED);
	assert_int_equal(out.response.status, 200);
	assert_true(out.response.is_json);
	assert_true(has(out.response.body, "Authorization: Bearer the-key\r\n"));
	assert_true(has(out.response.body, "Content-Type: application/json\r\n"));
	assert_true(has(out.response.body, "Idempotency-Key: again-1\r\n"));
	assert_true(has(out.response.body, "Accept: application/json\r\n"));
	assert_true(has(out.response.body, "{\"a\":1}"));
	assert_int_equal(out.response.retry_after_us, -1);
}

/* Without auth, and to another place: the key does not go along. */
static void test_no_key(void **state)
{
	struct fixture *fixture = *state;
	struct rh_request request = request_to("/echo");
	char other[64];
	struct rh_delivered out;

	(void)snprintf(other, sizeof(other), "http://localhost:%u", server.port);
	request.method = "POST";
	request.body = RH_STR("a=1");
	request.content_type = "application/x-www-form-urlencoded";
	request.auth = RH_AUTH_NONE;
	request.origin = rh_str_from(other);
	out = ask(fixture, &request);
	assert_true(has(out.response.body, "Host: localhost:"));
	assert_true(has(out.response.body, "Content-Type: application/x-www-form-urlencoded\r\n"));
	assert_false(has(out.response.body, "the-key"));
}

/* When a quota begins anew is no promise that a 503 was not processed. */
static void test_waits(void **state)
{
	struct rh_request request = request_to("/later");
	struct rh_delivered out = ask(*state, &request);

	assert_int_equal(out.response.status, 503);
	assert_false(out.response.is_json);
	assert_int_equal(out.response.retry_after_us, -1);
	request = request_to("/too-fast");
	out = ask(*state, &request);
	assert_int_equal(out.response.retry_after_us, 20 * RH_SECOND);
}

static void test_not_reachable(void **state)
{
	struct fixture *fixture = *state;
	struct rh_request request = request_to("/echo");
	struct rh_delivered out;
	uint16_t port;
	int fd = loopback_bind(&port, 0);

	assert_true(fd >= 0);
	(void)snprintf(fixture->origin, sizeof(fixture->origin), "http://127.0.0.1:%u", port);
	out = ask(fixture, &request);
	assert_int_equal(out.response.delivery, RH_DELIVERY_NOT_SENT);
	assert_string_equal(out.reason, "connection refused");
	rh_close_fd(&fd);
}

/* What flies when the transport is freed is given up, and its memory with it. */
static void test_freed_in_flight(void **state)
{
	struct fixture *fixture = *state;
	struct rh_request slow = request_to("/slow");
	struct rh_request download = request_to("/slow");

	download.sink = RH_SINK_SNAPSHOT;
	assert_int_equal(rh_transport_http_keep(fixture->transport, fixture->folder, key,
						&fixture->err),
			 RH_OK);
	assert_int_equal(start(fixture, &slow), RH_OK);
	assert_int_equal(start(fixture, &slow), RH_OK);
	assert_int_equal(start(fixture, &download), RH_OK);
	assert_int_equal(fixture->transport->wait(fixture->transport, 50, -1, &fixture->err),
			 RH_OK);
	fixture->transport->free(fixture->transport);
	fixture->transport = NULL;
}

static void test_refusals_to_start(void **state)
{
	struct fixture *fixture = *state;
	struct rh_request sql = {.form = RH_REQUEST_SQL, .sql = "SELECT 1"};
	struct rh_request download = request_to("/big");
	struct rh_request slow = request_to("/slow");

	download.sink = RH_SINK_SNAPSHOT;
	assert_int_equal(start(fixture, &sql), RH_EUNSUPPORTED);
	assert_int_equal(start(fixture, &download), RH_EUNSUPPORTED); /* no folder */
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(start(fixture, &slow), RH_OK);
	}
	assert_int_equal(start(fixture, &slow), RH_ESTATE);
}

/* ---- downloads ----------------------------------------------------------------------------------------------- */

static struct rh_delivered download(struct fixture *fixture, const char *path)
{
	struct rh_request request = request_to(path);

	request.sink = RH_SINK_SNAPSHOT;
	return ask(fixture, &request);
}

static void keep(struct fixture *fixture)
{
	assert_int_equal(rh_transport_http_keep(fixture->transport, fixture->folder, key,
						&fixture->err),
			 RH_OK);
}

static unsigned files_in(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		count += entry->d_name[0] != '.';
	}
	closedir(dir);
	return count;
}

static void test_download(void **state)
{
	struct fixture *fixture = *state;
	struct rh_spool *spool = NULL;
	struct rh_delivered out;
	rh_autobuf line;
	char *path;

	keep(fixture);
	out = download(fixture, "/big");
	assert_int_equal(out.response.delivery, RH_DELIVERY_ANSWERED);
	assert_int_equal(out.response.status, 200);
	assert_int_equal(out.response.body_len, 0);
	assert_int_equal(out.response.snapshot_ref, 1);
	path = rh_download_path(fixture->folder, 1);
	assert_int_equal(rh_spool_open(&spool, path, key, &fixture->err), RH_OK);
	assert_int_equal(rh_spool_length(spool), BIG_LINES * 16);
	rh_buf_init(&line, 64);
	assert_int_equal(rh_spool_read_at(spool, 16 * 8999, 16, &line, &fixture->err), RH_OK);
	assert_true(rh_str_is(rh_buf_str(&line), "{\"id\":00008999}\n"));
	rh_spool_close(spool);
	rh_free(path);
}

/* An empty one is one; numbers that are there are passed over, also those of an earlier run. */
static void test_download_numbers(void **state)
{
	struct fixture *fixture = *state;
	char *path = rh_download_path(fixture->folder, 2);

	assert_int_equal(rh_file_write(path, RH_STR("of an earlier run"), &fixture->err), RH_OK);
	rh_free(path);
	keep(fixture);
	assert_int_equal(download(fixture, "/nothing").response.snapshot_ref, 1);
	assert_int_equal(download(fixture, "/big").response.snapshot_ref, 3);
	assert_int_equal(files_in(fixture->folder), 3);
}

/* A refusal is for reading; what is cut is not kept. */
static void test_no_download(void **state)
{
	struct fixture *fixture = *state;
	struct rh_delivered out;

	keep(fixture);
	out = download(fixture, "/refused");
	assert_int_equal(out.response.status, 403);
	assert_int_equal(out.response.snapshot_ref, 0);
	assert_true(has(out.response.body, "\"no\""));
	out = download(fixture, "/big-cut");
	assert_int_equal(out.response.delivery, RH_DELIVERY_CUT);
	assert_int_equal(out.response.snapshot_ref, 0);
	out = download(fixture, "/nothing"); /* lets go of the one before */
	assert_int_equal(files_in(fixture->folder), 1);
}

static void test_download_has_no_room(void **state)
{
	struct fixture *fixture = *state;
	struct rh_request request = request_to("/big");

	request.sink = RH_SINK_SNAPSHOT;
	assert_int_equal(rh_transport_http_keep(fixture->transport, "/nonexistent/folder", key,
						&fixture->err),
			 RH_OK);
	assert_int_equal(start(fixture, &request), RH_EIO);
}

static int start_server(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	return loopback_start(&server, answer_request) ? 0 : -1;
}

static int stop_server(void **state)
{
	(void)state;
	loopback_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_headers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_reachable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_freed_in_flight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals_to_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_download, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_download_numbers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_download, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_download_has_no_room, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine/transport_http", tests, start_server,
					   stop_server);
}
