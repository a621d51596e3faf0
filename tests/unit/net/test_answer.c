/* SPDX-License-Identifier: Apache-2.0 */
/* Reading header lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "net/answer.h"

static struct rh_arena arena;

static int set_up(void **state)
{
	(void)state;
	rh_arena_init(&arena, 64 * 1024, RH_ARENA_PLAIN);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rh_arena_done(&arena);
	return 0;
}

static struct rh_answer read_lines(const char *const *lines)
{
	struct rh_answer answer;

	rh_answer_reset(&answer);
	for (size_t i = 0; lines[i] != NULL; i++) {
		rh_answer_line(&answer, &arena, rh_str_from(lines[i]));
	}
	return answer;
}

static void texts_are_kept(void **state)
{
	static const char *const lines[] = {
		"HTTP/1.1 200 OK\r\n",
		"CONTENT-TYPE:application/json; charset=utf-8  \r\n",
		"x-request-id: \t req_01EXAMPLE\r\n",
		"\r\n",
		NULL,
	};
	struct rh_answer answer = read_lines(lines);

	(void)state;
	assert_true(rh_str_is(answer.content_type, "application/json; charset=utf-8"));
	assert_true(rh_str_is(answer.request_id, "req_01EXAMPLE"));
	assert_int_equal(rh_answer_retry_wait(&answer), -1);
	assert_int_equal(rh_answer_reset_wait(&answer), -1);
	assert_int_equal(answer.remaining, -1);
	assert_int_equal(answer.date, 0);
	assert_true(answer.has_ended);
}

static void odd_texts_are_absent(void **state)
{
	char longer[400] = "X-Request-ID: ";
	const char *const lines[] = {
		"Content-Type: a\x01"
		"b\r\n",
		"X-Request-ID: caf\xc3\xa9\r\n",
		longer,
		NULL,
	};
	struct rh_answer answer;

	(void)state;
	memset(longer + strlen(longer), 'a', 300);
	answer = read_lines(lines);
	assert_null(answer.content_type.ptr);
	assert_null(answer.request_id.ptr);
	assert_false(answer.has_ended);
}

static void waits_in_seconds(void **state)
{
	static const struct {
		const char *line;
		int64_t wait_us;
	} cases[] = {
		{"Retry-After: 0", 0},
		{"Retry-After: 7\r\n", 7 * RH_SECOND},
		{"retry-after:0.25", RH_SECOND / 4},
		{"Retry-After: -1", -1},
		{"Retry-After: soon", -1},
		{"Retry-After:", -1},
		{"Retry-After: 99999999999999999999", 1000000000 * RH_SECOND},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const lines[] = {cases[i].line, NULL};
		struct rh_answer answer = read_lines(lines);

		assert_int_equal(rh_answer_retry_wait(&answer), cases[i].wait_us);
	}
}

static void waits_until_a_date(void **state)
{
	static const char *const ahead[] = {
		"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT",
		"Date: Sun, 06 Nov 1994 08:49:07 GMT",
		NULL,
	};
	static const char *const past[] = {
		"Date: Sun, 06 Nov 1994 08:49:47 GMT",
		"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT",
		NULL,
	};
	static const char *const dateless[] = {
		"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT",
		NULL,
	};
	struct rh_answer answer = read_lines(ahead);

	(void)state;
	assert_int_equal(rh_answer_retry_wait(&answer), 30 * RH_SECOND);
	assert_int_equal(answer.date, 784111747 * RH_SECOND);
	answer = read_lines(past);
	assert_int_equal(rh_answer_retry_wait(&answer), 0);
	answer = read_lines(dateless);
	assert_int_equal(rh_answer_retry_wait(&answer), -1);
}

static void rate_windows(void **state)
{
	static const struct {
		const char *line;
		int64_t reset_us;
		int64_t remaining;
	} cases[] = {
		{"X-RateLimit-Remaining: 12", -1, 12},
		{"x-rate-limit-remaining: 0", -1, 0},
		{"RateLimit-Remaining: 100, 100;w=60", -1, 100},
		{"X-RateLimit-Reset: 9", 9 * RH_SECOND, -1},
		{"ratelimit-reset: 2;x=y", 2 * RH_SECOND, -1},
		{"X-Rate-Limit-Reset: 784111757", 784111757 * RH_SECOND,
		 -1}, /* below 2001: a wait */
		{"X-RateLimit-Reset: 1784111757", 1000000010 * RH_SECOND, -1},
		{"X-RateLimit-Reset: 1784111757000", 1000000010 * RH_SECOND, -1},
		{"X-RateLimit-Reset: 1e300", -1, -1},
		{"X-RateLimit-Resets: 5", -1, -1},
		{"X-RateLimit-Remaining: many", -1, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const lines[] = {"Date: Sun, 06 Nov 1994 08:49:07 GMT", cases[i].line,
					     NULL};
		struct rh_answer answer = read_lines(lines);

		assert_int_equal(rh_answer_reset_wait(&answer), cases[i].reset_us);
		assert_int_equal(answer.remaining, cases[i].remaining);
	}
}

/* What a 103 said is not said by the 200 behind it. */
static void a_status_line_starts_anew(void **state)
{
	static const char *const lines[] = {
		"HTTP/1.1 103 Early Hints\r\n",
		"Retry-After: 9\r\n",
		"X-Request-ID: early\r\n",
		"\r\n",
		"HTTP/1.1 200 OK\r\n",

		NULL,
	};
	struct rh_answer answer = read_lines(lines);

	(void)state;
	assert_int_equal(rh_answer_retry_wait(&answer), -1);
	assert_null(answer.request_id.ptr);
	assert_false(answer.has_ended);
}

static void a_full_arena_loses_the_text_only(void **state)
{
	struct rh_arena small;
	struct rh_answer answer;

	(void)state;
	rh_arena_init(&small, 4, RH_ARENA_PLAIN);
	rh_answer_reset(&answer);
	rh_answer_line(&answer, &small, RH_STR("X-Request-ID: req_01EXAMPLE"));
	rh_answer_line(&answer, &small, RH_STR("Retry-After: 3"));
	assert_null(answer.request_id.ptr);
	assert_int_equal(rh_answer_retry_wait(&answer), 3 * RH_SECOND);
	rh_arena_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_kept),
		cmocka_unit_test(odd_texts_are_absent),
		cmocka_unit_test(waits_in_seconds),
		cmocka_unit_test(waits_until_a_date),
		cmocka_unit_test(rate_windows),
		cmocka_unit_test(a_status_line_starts_anew),
		cmocka_unit_test(a_full_arena_loses_the_text_only),
	};

	return cmocka_run_group_tests_name("net/answer", tests, set_up, tear_down);
}
