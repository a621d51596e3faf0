/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client against a server on loopback that answers well and badly; numbers are rules of
 * client.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "loopback.h"
#include "net/client.h"

enum {
	MANY = 64,
	URL_MAX = 256,
	POLL_MS =
		10000, /* a wait for something that comes: long, so that only a fault reaches it */
};

static struct loopback server;
static struct rh_client *client;

/* ---- the server's answers, by path ---- */

static bool asks(const struct loopback_request *request, const char *path)
{
	const char *at = strchr(request->head, ' ');

	return at != NULL && strncmp(at + 1, path, strlen(path)) == 0 &&
	       (at[1 + strlen(path)] == ' ');
}

static void answer_broken(const struct loopback_request *request, struct loopback_answer *answer)
{
	if (asks(request, "/cut")) {
		loopback_printf(answer, "HTTP/1.1 201 Text\r\nX-Request-ID: req_cut\r\n"
					"Content-Length: 100\r\n\r\n{\"half\":");
		answer->after = LOOPBACK_CLOSE;
	} else if (asks(request, "/cut-chunk")) {
		loopback_printf(answer, "HTTP/1.1 200 Text\r\nTransfer-Encoding: chunked\r\n\r\n"
					"5\r\nhello\r\n");
		answer->after = LOOPBACK_CLOSE;
	} else if (asks(request, "/cut-head")) {
		loopback_printf(answer, "HTTP/1.1 200 Text\r\nContent-Le");
		answer->after = LOOPBACK_CLOSE;
	} else if (asks(request, "/garbage")) {
		loopback_printf(answer, "what do you want?\r\n\r\n");
		answer->after = LOOPBACK_CLOSE;
	} else if (asks(request, "/reset")) {
		answer->after = LOOPBACK_RESET;
	} else if (strncmp(request->head, "CONNECT ", 8) == 0) {
		loopback_whole(answer, 403, "Retry-After: 5\r\n", "no");
		answer->after = LOOPBACK_CLOSE;
	} else if (asks(request, "/close")) {
		answer->after = LOOPBACK_CLOSE;
	} else if (asks(request, "/close-if-kept") && request->on_connection > 1) {
		answer->after = LOOPBACK_CLOSE;
	} else if (asks(request, "/reset-if-kept") && request->on_connection > 1) {
		answer->after = LOOPBACK_RESET;
	} else {
		loopback_whole(answer, 200, "", "whole");
	}
}

static void answer_waits(const struct loopback_request *request, struct loopback_answer *answer)
{
	if (asks(request, "/wait-seconds")) {
		loopback_whole(answer, 429, "Retry-After: 7\r\nX-RateLimit-Remaining: 0\r\n", "{}");
	} else if (asks(request, "/wait-date")) {
		loopback_whole(answer, 503,
			       "Date: Sun, 06 Nov 1994 08:49:07 GMT\r\n"
			       "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			       "X-RateLimit-Reset: 12\r\n",
			       "");
	} else {
		loopback_printf(answer, "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n");
		loopback_whole(answer, 200, "", "late");
	}
}

static void answer_echo(const struct loopback_request *request, struct loopback_answer *answer)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s", request->head, request->body) < 0) {
		abort();
	}
	loopback_whole(answer, 200, "Content-Type: text/plain\r\nX-Request-ID: req_echo\r\n", text);
	free(text);
}

static void answer_request(const struct loopback_request *request, struct loopback_answer *answer)
{
	if (asks(request, "/echo")) {
		answer_echo(request, answer);
	} else if (asks(request, "/head")) {
		loopback_printf(answer, "HTTP/1.1 200 Text\r\nContent-Length: 12345\r\n\r\n");
	} else if (asks(request, "/empty")) {
		loopback_printf(answer, "HTTP/1.1 204 Text\r\n\r\n");
	} else if (asks(request, "/thousand")) {
		loopback_printf(answer, "HTTP/1.1 200 Text\r\nContent-Length: 1000\r\n\r\n%01000d",
				7);
	} else if (asks(request, "/missing")) {
		loopback_whole(answer, 404, "", "not here");
	} else if (asks(request, "/moved")) {
		loopback_whole(answer, 302, "Location: /echo\r\n", "");
	} else if (asks(request, "/slow")) {
		loopback_whole(answer, 200, "", "slow");
		answer->delay_ms = 60000;
	} else if (asks(request, "/hold")) {
		loopback_whole(answer, 200, "", "held");
		answer->hold = MANY;
	} else if (asks(request, "/wait-seconds") || asks(request, "/wait-date") ||
		   asks(request, "/early")) {
		answer_waits(request, answer);
	} else {
		answer_broken(request, answer);
	}
}

/* ---- help ---- */

static const struct rh_client_options usual = {
	.connections_max = 8,
	.user_agent = "rehome-test",
};

static void restart_client(const struct rh_client_options *options)
{
	struct rh_err err;

	rh_client_free(client);
	client = NULL;
	assert_int_equal(rh_client_new(&client, options, &err), RH_OK);
}

static int set_up(void **state)
{
	(void)state;
	client = NULL;
	if (!loopback_start(&server, answer_request)) {
		return -1;
	}
	restart_client(&usual);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rh_client_free(client);
	loopback_stop(&server);
	return 0;
}

static const char *url_of(char url[URL_MAX], const char *path)
{
	assert_true(snprintf(url, URL_MAX, "http://127.0.0.1:%u%s", server.port, path) < URL_MAX);
	return url;
}

/* libcurl copies the address, so it need not live. */
static int start(const char *method, const char *path, struct rh_str body, void *user)
{
	char url[URL_MAX];
	struct rh_http_send send = {
		.method = method,
		.url = path[0] == '/' ? url_of(url, path) : path,
		.body = body,
		.response_max = 64 * 1024,
		.sink_fd = -1,
		.user = user,
	};

	return rh_client_start(client, &send, NULL);
}

static int try_result(struct rh_http_result *out)
{
	int code = RH_OK;

	for (int i = 0; i < 1000 && code == RH_OK; i++) {
		if (rh_client_next(client, out)) {
			return RH_OK;
		}
		code = rh_client_poll(client, POLL_MS, -1, NULL);
	}
	return code != RH_OK ? code : RH_EINTERNAL;
}

static struct rh_http_result next_result(void)
{
	struct rh_http_result result;

	assert_int_equal(try_result(&result), RH_OK);
	return result;
}

static struct rh_http_result ask(const char *method, const char *path)
{
	assert_int_equal(start(method, path, RH_STR_ABSENT, NULL), RH_OK);
	return next_result();
}

static struct rh_http_result ask_send(const struct rh_http_send *send)
{
	struct rh_err err;

	assert_int_equal(rh_client_start(client, send, &err), RH_OK);
	return next_result();
}

static void assert_cut(const struct rh_http_result *result, const char *reason)
{
	assert_int_equal(result->transfer, RH_TRANSFER_CUT);
	assert_string_equal(result->reason, reason);
	assert_false(result->is_dns_failure);
	assert_false(result->is_tls_failure);
}

/* ---- whole answers ---- */

static void a_request_is_sent_as_given(void **state)
{
	static const struct rh_http_header headers[] = {
		{.name = RH_STR("Content-Type"), .value = RH_STR("application/json")},
		{.name = RH_STR("Idempotency-Key"), .value = RH_STR("one")},
		{.name = RH_STR("X-Nothing"), .value = RH_STR("")},
	};
	char url[URL_MAX];
	int mark;
	struct rh_http_send send = {
		.method = "POST",
		.url = url_of(url, "/echo"),
		.headers = headers,
		.header_count = 3,
		.body = RH_STR("{\"a\":1}"),
		.bearer = RH_STR("sk_test_example"),
		.response_max = 4096,
		.sink_fd = -1,
		.user = &mark,
	};
	struct rh_http_result result = ask_send(&send);

	(void)state;
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.status, 200);
	assert_null(result.reason);
	assert_ptr_equal(result.user, &mark);
	assert_true(rh_str_is(result.content_type, "text/plain"));
	assert_true(rh_str_is(result.request_id, "req_echo"));
	assert_int_equal(result.retry_after_us, -1);
	assert_int_equal(result.reset_us, -1);
	assert_int_equal(result.remaining, -1);
	assert_ptr_equal(result.body.ptr, result.body_text);
	assert_int_equal(strlen(result.body_text), result.body.len);
	assert_true(rh_str_starts(result.body, "POST /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(result.body_text, "\r\nAuthorization: Bearer sk_test_example\r\n"));
	assert_non_null(strstr(result.body_text, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(result.body_text, "\r\nIdempotency-Key: one\r\n"));
	assert_non_null(strstr(result.body_text, "\r\nX-Nothing:\r\n"));
	assert_non_null(strstr(result.body_text, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(result.body_text, "\r\nUser-Agent: rehome-test\r\n"));
	assert_null(strstr(result.body_text, "Expect"));
	assert_true(rh_str_ends(result.body, "\r\n\r\n{\"a\":1}"));
	result.body_text[0] = 'p'; /* writable */
}

static void check_post(const char *body, const char *key)
{
	char url[URL_MAX];
	struct rh_http_send send = {
		.method = "POST",
		.url = url_of(url, "/echo"),
		.body = rh_str_from(body),
		.bearer = rh_str_from(key),
		.response_max = 64 * 1024,
		.sink_fd = -1,
	};
	struct rh_http_result result = ask_send(&send);

	assert_true(rh_str_starts(result.body, "POST /echo HTTP/1.1\r\n"));
	assert_true(rh_str_ends(result.body, body));
	assert_int_equal(strstr(result.body_text, "Authorization") != NULL, key != NULL);
	assert_true(key == NULL || strstr(result.body_text, key) != NULL);
}

/* What stands from one POST to the next is the address: never its body, its key or its method. */
static void posts_to_one_address(void **state)
{
	struct rh_http_result result;

	(void)state;
	check_post("\r\n\r\nfirst", "key_one");
	check_post("\r\n\r\n2", "key_two");
	check_post("\r\n\r\nlonger than the one before", NULL);
	result = ask("GET", "/echo");
	assert_true(rh_str_starts(result.body, "GET /echo HTTP/1.1\r\n"));
	assert_null(strstr(result.body_text, "key_"));
	assert_int_equal(ask("POST", "/missing").status, 404);
	check_post("\r\n\r\nand again", "key_four");
	assert_int_equal(server.counters->connections, 1);
}

static void methods_and_bodies(void **state)
{
	struct rh_http_result result;

	(void)state;
	result = ask("GET", "/echo");
	assert_true(rh_str_starts(result.body, "GET /echo HTTP/1.1\r\n"));
	assert_null(strstr(result.body_text, "Content-"));
	assert_null(strstr(result.body_text, "Authorization"));
	result = ask("DELETE", "/echo");
	assert_true(rh_str_starts(result.body, "DELETE /echo HTTP/1.1\r\n"));
	assert_null(strstr(result.body_text, "Content-"));
	result = ask("PUT", "/echo");
	assert_true(rh_str_starts(result.body, "PUT /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(result.body_text, "\r\nContent-Length: 0\r\n"));
	assert_null(strstr(result.body_text, "Content-Type"));
	assert_int_equal(start("PATCH", "/echo", RH_STR("[]"), NULL), RH_OK);
	result = next_result();
	assert_true(rh_str_starts(result.body, "PATCH /echo HTTP/1.1\r\n"));
	assert_true(rh_str_ends(result.body, "\r\n\r\n[]"));
	assert_int_equal(start("DELETE", "/echo", RH_STR("{}"), NULL), RH_OK);
	result = next_result();
	assert_true(rh_str_starts(result.body, "DELETE /echo HTTP/1.1\r\n"));
	assert_true(rh_str_ends(result.body, "\r\n\r\n{}"));
	result = ask("HEAD", "/head");
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.body.len, 0);
	/* One after the other on one connection. */
	assert_int_equal(server.counters->requests, 6);
	assert_int_equal(server.counters->connections, 1);
}

static void an_empty_answer_has_an_empty_body(void **state)
{
	struct rh_http_result result = ask("GET", "/empty");

	(void)state;
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.status, 204);
	assert_non_null(result.body.ptr);
	assert_int_equal(result.body.len, 0);
	assert_string_equal(result.body_text, "");
}

static void waits_are_read(void **state)
{
	struct rh_http_result result = ask("GET", "/wait-seconds");

	(void)state;
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.status, 429);
	assert_int_equal(result.retry_after_us, 7 * RH_SECOND);
	assert_int_equal(result.remaining, 0);
	assert_int_equal(result.date, 0);
	result = ask("GET", "/wait-date");
	assert_int_equal(result.status, 503);
	assert_int_equal(result.retry_after_us, 30 * RH_SECOND);
	assert_int_equal(result.reset_us, 12 * RH_SECOND);
	assert_int_equal(result.date, 784111747 * RH_SECOND);
	/* Nothing stays from the transfer before, or from a 1xx. */
	result = ask("GET", "/early");
	assert_int_equal(result.status, 200);
	assert_int_equal(result.retry_after_us, -1);
	assert_int_equal(result.reset_us, -1);
	assert_int_equal(result.date, 0);
	assert_true(rh_str_is(result.body, "late"));
}

/* Rule 3. */
static void a_redirect_is_an_answer(void **state)
{
	struct rh_http_result result = ask("POST", "/moved");

	(void)state;
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.status, 302);
	assert_int_equal(server.counters->requests, 1);
}

/* ---- broken answers ---- */

static void cut_answers(void **state)
{
	struct rh_http_result result = ask("POST", "/cut");

	(void)state;
	assert_cut(&result, "answer cut short");
	assert_int_equal(result.status, 201);
	assert_true(rh_str_is(result.request_id, "req_cut"));
	result = ask("POST", "/cut-chunk");
	assert_cut(&result, "answer cut short");
	result = ask("POST", "/cut-head");
	assert_cut(&result, "answer cut short");
	result = ask("POST", "/garbage");
	assert_cut(&result, "not an HTTP answer");
	assert_int_equal(result.status, 0);
	assert_int_equal(server.counters->requests, 4);
}

static void closed_before_an_answer(void **state)
{
	struct rh_http_result result = ask("POST", "/close");

	(void)state;
	assert_cut(&result, "connection closed without an answer");
	assert_int_equal(result.status, 0);
	result = ask("POST", "/reset");
	assert_cut(&result, "connection broken while receiving");
	assert_int_equal(server.counters->requests, 2);
}

/* Rule 1: the server has read the request and may have done it; libcurl would send it again. */
static void a_write_on_a_kept_connection_leaves_once(void **state)
{
	static const struct {
		const char *method;
		const char *path;
		struct rh_str body;
	} cases[] = {
		{"POST", "/close-if-kept", RH_STR("{\"a\":1}")},
		{"POST", "/reset-if-kept", RH_STR("{\"a\":1}")},
		{"POST", "/close-if-kept", RH_STR_ABSENT},
		{"DELETE", "/close-if-kept", RH_STR_ABSENT},
		{"DELETE", "/reset-if-kept", RH_STR_ABSENT},
		{"PUT", "/close-if-kept", RH_STR("{}")},
		{"PATCH", "/close-if-kept", RH_STR("{}")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned before = server.counters->requests;
		struct rh_http_result result;

		restart_client(&usual);
		result = ask("POST", "/hello");
		assert_int_equal(result.status, 200);
		assert_int_equal(start(cases[i].method, cases[i].path, cases[i].body, NULL), RH_OK);
		result = next_result();
		assert_cut(&result, "connection closed without an answer");
		assert_int_equal(result.status, 0);
		assert_int_equal(server.counters->requests - before, 2);
		/* The client goes on. */
		result = ask("POST", "/hello");
		assert_int_equal(result.status, 200);
		assert_int_equal(server.counters->requests - before, 3);
	}
}

/* Rule 1, the other half: reading again does no harm. */
static void a_read_on_a_kept_connection_is_sent_again(void **state)
{
	struct rh_http_result result;

	(void)state;
	assert_int_equal(ask("GET", "/hello").status, 200);
	result = ask("GET", "/close-if-kept");
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.status, 200);
	assert_int_equal(server.counters->requests, 3);
	assert_int_equal(server.counters->connections, 2);
}

static void a_slow_answer_is_cut(void **state)
{
	struct rh_client_options options = usual;
	struct rh_http_result result;

	(void)state;
	options.timeout_ms = 200;
	restart_client(&options);
	result = ask("POST", "/slow");
	assert_cut(&result, "time-out");
	assert_int_equal(server.counters->requests, 1);
}

static void a_larger_answer_is_cut(void **state)
{
	char url[URL_MAX];
	struct rh_http_send send = {
		.method = "GET",
		.url = url_of(url, "/thousand"),
		.response_max = 1000,
		.sink_fd = -1,
	};
	struct rh_http_result result = ask_send(&send);

	(void)state;
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.body.len, 1000);
	send.response_max = 999;
	result = ask_send(&send);
	assert_cut(&result, "answer larger than allowed");
	send.response_max = 0;
	result = ask_send(&send);
	assert_cut(&result, "answer larger than allowed");
}

/* ---- never sent (rule 2) ---- */

static void a_refused_connection(void **state)
{
	struct rh_http_result result;
	char url[URL_MAX];
	uint16_t port;
	int fd = loopback_bind(&port, 0);

	(void)state;
	assert_true(fd >= 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
	result = ask("POST", url);
	assert_int_equal(result.transfer, RH_TRANSFER_NOT_SENT);
	assert_string_equal(result.reason, "connection refused");
	assert_int_equal(result.status, 0);
	assert_false(result.is_dns_failure);
	assert_false(result.is_tls_failure);
	close(fd);
}

static void an_unknown_host(void **state)
{
	struct rh_http_result result = ask("POST", "https://host.invalid/");

	(void)state;
	assert_int_equal(result.transfer, RH_TRANSFER_NOT_SENT);
	assert_string_equal(result.reason, "host name not found");
	assert_true(result.is_dns_failure);
	assert_false(result.is_tls_failure);
}

/* A server that speaks plain text where TLS is meant; its listener ends the wait of the client. */
static void a_failed_handshake(void **state)
{
	static const char text[] = "HTTP/1.1 400 Text\r\n\r\n";
	struct rh_http_result result;
	struct rh_err err;
	char url[URL_MAX];
	char hello[4096];
	uint16_t port;
	int listener = loopback_bind(&port, 5);
	int fd;

	(void)state;
	assert_true(listener >= 0);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", port);
	assert_int_equal(start("POST", url, RH_STR("{}"), NULL), RH_OK);
	assert_int_equal(rh_client_poll(client, POLL_MS, listener, &err), RH_OK);
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(rh_client_poll(client, POLL_MS, fd, &err), RH_OK);
	assert_true(read(fd, hello, sizeof(hello)) > 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = next_result();
	assert_int_equal(result.transfer, RH_TRANSFER_NOT_SENT);
	assert_string_equal(result.reason, "TLS handshake failed");
	assert_true(result.is_tls_failure);
	assert_false(result.is_dns_failure);
	close(listener);
}

/* A handshake that never ends: the connection stands, but the request has not left. */
static void a_hanging_handshake(void **state)
{
	struct rh_client_options options = usual;
	struct rh_http_result result;
	char url[URL_MAX];
	uint16_t port;
	int listener = loopback_bind(&port, 5);

	(void)state;
	assert_true(listener >= 0);
	options.connect_timeout_ms = 100;
	restart_client(&options);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", port);
	result = ask("POST", url);
	assert_int_equal(result.transfer, RH_TRANSFER_NOT_SENT);
	assert_string_equal(result.reason, "time-out while connecting");
	close(listener);
}

/* Loopback never goes through a proxy; elsewhere a proxy that refuses means that nothing left. */
static void proxies(void **state)
{
	struct rh_client_options options = usual;
	struct rh_http_result result;
	char proxy[URL_MAX];
	uint16_t port;
	int fd = loopback_bind(&port, 0);

	(void)state;
	assert_true(fd >= 0);
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", port);
	options.proxy = proxy;
	restart_client(&options);
	assert_int_equal(ask("GET", "/hello").status, 200);
	result = ask("POST", "https://api.example.com/");
	assert_int_equal(result.transfer, RH_TRANSFER_NOT_SENT);
	assert_string_equal(result.reason, "connection refused");
	/* One that answers the CONNECT with a refusal of its own. */
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", server.port);
	restart_client(&options);
	result = ask("POST", "https://api.example.com/");
	assert_int_equal(result.transfer, RH_TRANSFER_NOT_SENT);
	assert_string_equal(result.reason, "refused by the proxy");
	assert_int_equal(result.status, 0);
	close(fd);
}

/* ---- refused by the client ---- */

static void what_cannot_be_sent_is_refused(void **state)
{
	static const char *const urls[] = {"http://api.example.com/", "http://user@127.0.0.1/", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct rh_http_send send = {
			.method = "GET",
			.url = urls[i],
			.bearer = RH_STR("sk_test_example"),
			.response_max = 100,
			.sink_fd = -1,
		};
		struct rh_err err;

		assert_int_equal(rh_client_start(client, &send, &err), RH_EUSAGE);
		assert_int_equal(err.code, RH_EUSAGE);
		assert_null(strstr(err.message, "example"));
	}
	assert_int_equal(start("GET", "/echo", RH_STR("{}"), NULL), RH_EINVAL);
	assert_int_equal(rh_client_in_flight(client), 0);
	assert_int_equal(server.counters->requests, 0);
}

static void options_are_checked(void **state)
{
	struct rh_client_options options = usual;
	struct rh_client *none = NULL;
	struct rh_err err;

	(void)state;
	options.connections_max = 0;
	assert_int_equal(rh_client_new(&none, &options, &err), RH_EINVAL);
	options.connections_max = 257;
	assert_int_equal(rh_client_new(&none, &options, &err), RH_EINVAL);
	assert_null(none);
}

/* ---- many at once ---- */

/* The server answers none of them before it has all of them. */
static void many_at_once(void **state)
{
	struct rh_client_options options = usual;
	bool seen[MANY] = {};
	char marks[MANY];

	(void)state;
	options.connections_max = MANY;
	restart_client(&options);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(start("POST", "/hold", RH_STR("{}"), &marks[i]), RH_OK);
	}
	assert_int_equal(rh_client_in_flight(client), MANY);
	assert_int_equal(start("POST", "/hold", RH_STR("{}"), NULL), RH_ESTATE);
	for (size_t i = 0; i < MANY; i++) {
		struct rh_http_result result = next_result();
		size_t which = (size_t)((char *)result.user - marks);

		assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
		assert_true(rh_str_is(result.body, "held"));
		assert_true(which < MANY && !seen[which]);
		seen[which] = true;
		assert_int_equal(rh_client_in_flight(client), MANY - i - 1);
	}
	assert_int_equal(server.counters->requests, MANY);
	assert_int_equal(server.counters->connections, MANY);
	/* All connections are kept and used again. */
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(start("POST", "/hold", RH_STR("{}"), NULL), RH_OK);
	}
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(next_result().status, 200);
	}
	assert_int_equal(server.counters->connections, MANY);
}

/* While a result is looked at, its place in flight is free already. */
static void the_next_starts_while_a_result_is_held(void **state)
{
	struct rh_client_options options = usual;
	struct rh_http_result result;

	(void)state;
	options.connections_max = 1;
	restart_client(&options);
	result = ask("GET", "/hello");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(start("GET", "/hello", RH_STR_ABSENT, NULL), RH_OK);
		assert_int_equal(start("GET", "/hello", RH_STR_ABSENT, NULL), RH_ESTATE);
		assert_true(rh_str_is(result.body, "whole"));
		result = next_result();
		assert_int_equal(result.status, 200);
	}
}

static void transfers_in_flight_are_aborted(void **state)
{
	(void)state;
	assert_int_equal(start("POST", "/slow", RH_STR("{}"), NULL), RH_OK);
	assert_int_equal(start("POST", "https://host.invalid/", RH_STR("{}"), NULL), RH_OK);
	for (int i = 0; i < 50; i++) {
		struct rh_err err;

		assert_int_equal(rh_client_poll(client, 1, -1, &err), RH_OK);
	}
	rh_client_free(client);
	client = NULL;
	rh_client_free(NULL);
}

/* ---- waiting ---- */

static void what_is_written_to_a_descriptor_ends_the_wait(void **state)
{
	struct rh_http_result result;
	struct rh_err err;
	rh_time begin = rh_clock_system()->steady(rh_clock_system());
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(start("GET", "/slow", RH_STR_ABSENT, NULL), RH_OK);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(write(ends[1], "x", 1), 1);
		assert_int_equal(rh_client_poll(client, POLL_MS, ends[0], &err), RH_OK);
	}
	assert_false(rh_client_next(client, &result));
	assert_true(rh_clock_system()->steady(rh_clock_system()) - begin <
		    POLL_MS * RH_MILLISECOND);
	/* Nor does a time of nought wait, or a negative one. */
	assert_int_equal(rh_client_poll(client, 0, -1, &err), RH_OK);
	assert_int_equal(rh_client_poll(client, -5, -1, &err), RH_OK);
	close(ends[0]);
	close(ends[1]);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
	(void)number;
	alarms = alarms + 1;
}

static void a_signal_is_no_failure(void **state)
{
	struct sigaction action = {
		.sa_handler = count_alarm,
	};
	struct itimerval soon = {
		.it_value.tv_usec = 5000,
		.it_interval.tv_usec = 5000,
	};
	struct itimerval never = {};
	struct rh_err err;

	(void)state;
	alarms = 0;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(start("GET", "/slow", RH_STR_ABSENT, NULL), RH_OK);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	for (int i = 0; i < 1000 && alarms < 3; i++) {
		assert_int_equal(rh_client_poll(client, 50, -1, &err), RH_OK);
	}
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_true(alarms >= 3);
}

/* ---- downloads ---- */

static void a_download_goes_to_the_file(void **state)
{
	char url[URL_MAX];
	char text[2000];
	FILE *file = tmpfile();
	struct rh_http_send send = {
		.method = "GET",
		.url = url_of(url, "/thousand"),
		.response_max = 1000,
	};
	struct rh_http_result result;

	(void)state;
	assert_non_null(file);
	send.sink_fd = fileno(file);
	result = ask_send(&send);
	assert_int_equal(result.transfer, RH_TRANSFER_COMPLETE);
	assert_int_equal(result.body.len, 0);
	assert_int_equal(pread(send.sink_fd, text, sizeof(text), 0), 1000);
	assert_int_equal(text[999], '7');
	/* What went wrong is for reading, not for the file. */
	send.url = url_of(url, "/missing");
	result = ask_send(&send);
	assert_int_equal(result.status, 404);
	assert_true(rh_str_is(result.body, "not here"));
	assert_int_equal(pread(send.sink_fd, text, sizeof(text), 0), 1000);
	fclose(file);
	/* A file that takes nothing. */
	send.url = url_of(url, "/thousand");
	send.sink_fd = 0x7fffff;
	result = ask_send(&send);
	assert_cut(&result, "answer could not be written to the file");
}

/* ---- memory ---- */

/* Every allocation in turn fails, ours and curl's, which calls some of its own by another name: an error or a transfer
 * that did not complete, never a crash. */
static void memory_out_at_every_step(void **state)
{
	bool is_done = false;

	(void)state;
	for (uint64_t n = 1; n < 200 && !is_done; n++) {
		struct rh_http_result result = {};
		int rc;

		rh_client_free(client);
		client = NULL;
		rh_alloc_fail_from(n);
		rc = rh_client_new(&client, &usual, NULL);
		rc = rc == RH_OK ? start("POST", "/echo", RH_STR("{}"), NULL) : rc;
		rc = rc == RH_OK ? try_result(&result) : rc;
		if (rc == RH_OK) {
			is_done = result.transfer == RH_TRANSFER_COMPLETE;
			assert_true(is_done); /* never a server that cannot be reached */
		} else {
			assert_int_equal(rc, RH_ENOMEM);
		}
		rh_alloc_fail_from(0);
	}
	assert_true(is_done);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_sent_as_given),
		TEST(methods_and_bodies),
		TEST(posts_to_one_address),
		TEST(an_empty_answer_has_an_empty_body),
		TEST(waits_are_read),
		TEST(a_redirect_is_an_answer),
		TEST(cut_answers),
		TEST(closed_before_an_answer),
		TEST(a_write_on_a_kept_connection_leaves_once),
		TEST(a_read_on_a_kept_connection_is_sent_again),
		TEST(a_slow_answer_is_cut),
		TEST(a_larger_answer_is_cut),
		TEST(a_refused_connection),
		TEST(an_unknown_host),
		TEST(a_failed_handshake),
		TEST(a_hanging_handshake),
		TEST(proxies),
		TEST(what_cannot_be_sent_is_refused),
		TEST(options_are_checked),
		TEST(many_at_once),
		TEST(the_next_starts_while_a_result_is_held),
		TEST(transfers_in_flight_are_aborted),
		TEST(what_is_written_to_a_descriptor_ends_the_wait),
		TEST(a_signal_is_no_failure),
		TEST(a_download_goes_to_the_file),
		TEST(memory_out_at_every_step),
	};

	/* The proxies of the machine that runs the tests are not meant. */
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	return cmocka_run_group_tests_name("net/client", tests, NULL, NULL);
}
