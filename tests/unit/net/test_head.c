/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a request: what cannot stand in one is refused, the rest becomes libcurl's list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curl/curl.h>

#include "base/arena.h"
#include "base/str.h"
#include "net/client.h"
#include "net/head.h"

static const struct rh_http_send plain = {
	.method = "POST",
	.url = "https://api.example.com/",
	.sink_fd = -1,
};

static void methods(void **state)
{
	static const char *const broken[] = {"", "get", "GET /x", "POST\r\n", "ABCDEFGHIJKLMNOPQ"};
	static const char *const fine[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
	struct rh_http_send send = plain;
	struct rh_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		send.method = broken[i];
		assert_int_equal(rh_head_check(&send, &err), RH_EINVAL);
	}
	send.method = NULL;
	assert_int_equal(rh_head_check(&send, &err), RH_EINVAL);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		send.method = fine[i];
		send.body = RH_STR_ABSENT;
		assert_int_equal(rh_head_check(&send, &err), RH_OK);
		send.body = RH_STR("{}");
		assert_int_equal(rh_head_check(&send, &err), i < 2 ? RH_EINVAL : RH_OK);
	}
}

static void broken_headers_are_refused(void **state)
{
	static const struct rh_http_header broken[] = {
		{.name = RH_STR("X-A"), .value = RH_STR("1\r\nX-B: 2")},
		{.name = RH_STR("X-A"), .value = RH_STR("1\0")},
		{.name = RH_STR("X-A"), .value = RH_STR("1\x7f")},
		{.name = RH_STR("X-A: b\r\nX-B"), .value = RH_STR("1")},
		{.name = RH_STR("X A"), .value = RH_STR("1")},
		{.name = RH_STR(""), .value = RH_STR("1")},
	};
	static const struct rh_http_header fine = {.name = RH_STR("X-A"),
						   .value = RH_STR("1\t\xc3\xa9")};
	struct rh_http_send send = plain;
	struct rh_err err;

	(void)state;
	send.headers = &fine;
	send.header_count = 1;
	assert_int_equal(rh_head_check(&send, &err), RH_OK);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		send.headers = &broken[i];
		assert_int_equal(rh_head_check(&send, &err), RH_EINVAL);
	}
}

static void a_broken_key_is_refused_unquoted(void **state)
{
	struct rh_http_send send = plain;
	struct rh_err err;

	(void)state;
	send.bearer = RH_STR("sk_test\nX-B: 2");
	assert_int_equal(rh_head_check(&send, &err), RH_EINVAL);
	assert_null(strstr(err.message, "sk_test"));
}

static void the_list_is_made(void **state)
{
	static const struct rh_http_header headers[] = {
		{.name = RH_STR("X-A"), .value = RH_STR("1")},
		{.name = RH_STR("X-Empty"), .value = RH_STR("")},
	};
	static const char *const lines[] = {
		"X-A: 1",         "X-Empty;", "Authorization: Bearer sk_test",
		"User-Agent: us", "Expect:",  "Content-Type:"};
	static const char body[1024]; /* libcurl may wait before such a large one */
	struct rh_http_send send = plain;
	struct curl_slist *list = NULL;
	struct rh_arena arena;

	(void)state;
	send.headers = headers;
	send.header_count = 2;
	send.bearer = RH_STR("sk_test");
	send.body = (struct rh_str){.ptr = body, .len = sizeof(body)};
	rh_arena_init(&arena, 4096, RH_ARENA_WIPE);
	assert_true(rh_head_make(&arena, &send, "us", &list));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_non_null(list);
		assert_string_equal(list->data, lines[i]);
		list = list->next;
	}
	assert_null(list);
	rh_arena_done(&arena);
	rh_arena_init(&arena, 100, RH_ARENA_WIPE);
	assert_false(rh_head_make(&arena, &send, NULL, &list));
	assert_null(list);
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods),
		cmocka_unit_test(broken_headers_are_refused),
		cmocka_unit_test(a_broken_key_is_refused_unquoted),
		cmocka_unit_test(the_list_is_made),
	};

	return cmocka_run_group_tests_name("net/head", tests, NULL, NULL);
}
