/* SPDX-License-Identifier: Apache-2.0 */
/* Progress in its forms, on a clock that the test moves. */
#include "cli/term.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static struct rh_clock_manual clock_at;
static struct rh_term term;
static char *shown;
static size_t shown_len;

static void begin(enum rh_progress_form form, unsigned width)
{
	FILE *out = open_memstream(&shown, &shown_len);

	assert_non_null(out);
	rh_clock_manual_init(&clock_at, 1000 * RH_SECOND, 1);
	rh_term_init(&term, form, out, &clock_at.clock, width);
}

static int end(void **)
{
	assert_int_equal(fclose(term.out), 0);
	free(shown);
	shown = NULL;
	return 0;
}

static void show(enum rh_phase phase, uint64_t done, uint64_t total, double rate, int64_t left_us,
		 const char *notice)
{
	const struct rh_progress progress = {
		.phase = phase,
		.done = done,
		.total = total,
		.rate = rate,
		.left_us = left_us,
		.notice = notice,
	};

	rh_term_progress(&term, &progress);
	assert_int_equal(fflush(term.out), 0);
}

static size_t count_lines(void)
{
	size_t lines = 0;

	for (size_t i = 0; i < shown_len; i++) {
		lines += shown[i] == '\n' ? 1 : 0;
	}
	return lines;
}

static void a_line_for_each_tenth(void **)
{
	begin(RH_PROGRESS_LINES, 80);
	for (uint64_t done = 0; done <= 1000; done++) {
		rh_clock_manual_advance(&clock_at, RH_MILLISECOND);
		show(RH_PHASE_APPLY, done, 1000, 49.5, 12 * RH_SECOND, NULL);
	}
	show(RH_PHASE_APPLY, 1000, 1000, 49.5, 0, NULL);
	assert_int_equal(count_lines(), 10);
	assert_non_null(strstr(shown, "applying:  50 %  500 of 1,000  49.5/s  12 s left\n"));
	assert_non_null(strstr(shown, "applying: 100 %  1,000 of 1,000  49.5/s\n"));
	assert_null(strchr(shown, '\033'));
}

static void a_line_each_half_minute_where_it_is_slow(void **)
{
	begin(RH_PROGRESS_LINES, 80);
	for (uint64_t second = 0; second <= 100; second++) {
		show(RH_PHASE_SURVEY, second * 10, 0, 0, -1, NULL);
		rh_clock_manual_advance(&clock_at, RH_SECOND);
	}
	assert_int_equal(count_lines(), 3);
	assert_string_equal(shown, "asking the target: 300\nasking the target: 600\n"
				   "asking the target: 900\n");
}

static void each_phase_starts_anew(void **)
{
	begin(RH_PROGRESS_LINES, 80);
	show(RH_PHASE_READ, 50, 50, 2000, -1, NULL);
	show(RH_PHASE_CANARY, 50, 50, 0, -1, NULL);
	show(RH_PHASE_APPLY, 0, 50, 0, -1, NULL);
	show(RH_PHASE_APPLY, 50, 50, 0, -1, NULL);
	assert_string_equal(shown, "reading: 100 %  50 of 50  2,000/s\n"
				   "finding canaries: 100 %  50 of 50\n"
				   "applying: 100 %  50 of 50\n");
}

static void a_notice_is_said_once(void **)
{
	char text[] = "the target asks for a pause of 10 s";

	begin(RH_PROGRESS_LINES, 80);
	show(RH_PHASE_APPLY, 1, 1000, 0, -1, text);
	show(RH_PHASE_APPLY, 1, 1000, 0, -1, text);
	/* The text may be gone by the next call. */
	memcpy(text, "XXX", 3);
	show(RH_PHASE_APPLY, 2, 1000, 0, -1, NULL);
	show(RH_PHASE_APPLY, 2, 1000, 0, -1, "the target is away");
	assert_string_equal(shown, "the target asks for a pause of 10 s\nit goes on\n"
				   "the target is away\n");
}

static void a_wait_ends_once_where_something_is_done(void **)
{
	static const char away[] = "the target is not reachable";

	begin(RH_PROGRESS_LINES, 80);
	show(RH_PHASE_APPLY, 7, 1000, 0, -1, away);
	/* Between two attempts nothing is said, and nothing is news. */
	show(RH_PHASE_APPLY, 7, 1000, 0, -1, NULL);
	show(RH_PHASE_APPLY, 7, 1000, 0, -1, away);
	show(RH_PHASE_APPLY, 7, 1000, 0, -1, NULL);
	show(RH_PHASE_APPLY, 8, 1000, 0, -1, NULL);
	show(RH_PHASE_APPLY, 9, 1000, 0, -1, NULL);
	assert_string_equal(shown, "the target is not reachable\nit goes on\n");
	show(RH_PHASE_APPLY, 9, 1000, 0, -1, away);
	assert_string_equal(shown, "the target is not reachable\nit goes on\n"
				   "the target is not reachable\n");
}

static void a_bar_stays_on_its_line(void **)
{
	begin(RH_PROGRESS_BAR, 100);
	show(RH_PHASE_APPLY, 0, 200, 0, -1, NULL);
	show(RH_PHASE_APPLY, 100, 200, 50, 2 * RH_SECOND, NULL);
	assert_int_equal(count_lines(), 0);
	assert_non_null(strstr(shown, "\r\033[Kapplying          [############............]  50 %"
				      "  100 of 200  50.0/s  2 s left"));
	rh_term_finish(&term);
	rh_term_finish(&term);
	assert_int_equal(fflush(term.out), 0);
	assert_int_equal(count_lines(), 1);
}

static void a_narrow_terminal_is_not_wrapped(void **)
{
	begin(RH_PROGRESS_BAR, 30);
	show(RH_PHASE_APPLY, 100, 200000, 50, 3600 * RH_SECOND, NULL);
	/* "\r\033[K", then less than the width. */
	assert_in_range(shown_len, 20, 4 + 29);
}

static void lines_of_json_for_programs(void **)
{
	begin(RH_PROGRESS_JSON, 80);
	for (uint64_t done = 0; done <= 30; done++) {
		show(RH_PHASE_UNDO, done, 30, 10, RH_SECOND, done == 15 ? "a \"pause\"" : NULL);
		rh_clock_manual_advance(&clock_at, RH_SECOND / 10);
	}
	assert_int_equal(count_lines(), 4);
	assert_non_null(strstr(shown, "{\"event\":\"progress\",\"phase\":\"undo\",\"done\":0,"
				      "\"total\":30,\"rate\":10.0,\"left_ms\":1000}\n"));
	assert_non_null(strstr(shown, "\"done\":30"));
}

static void quiet_says_nothing(void **)
{
	begin(RH_PROGRESS_NONE, 80);
	show(RH_PHASE_APPLY, 10, 10, 1, 0, "a notice");
	rh_term_finish(&term);
	assert_int_equal(fflush(term.out), 0);
	assert_int_equal(shown_len, 0);
}

static void what_is_no_terminal_gets_lines(void **)
{
	begin(RH_PROGRESS_AUTO, 0);
	assert_int_equal(term.form, RH_PROGRESS_LINES);
	assert_int_equal(setenv("COLUMNS", "132", 1), 0);
	assert_int_equal(rh_term_width(term.out), 132);
	assert_int_equal(setenv("COLUMNS", "many", 1), 0);
	assert_int_equal(rh_term_width(term.out), 80);
	assert_int_equal(unsetenv("COLUMNS"), 0);
	assert_false(rh_term_has_colour(term.out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_line_for_each_tenth, end),
		cmocka_unit_test_teardown(a_line_each_half_minute_where_it_is_slow, end),
		cmocka_unit_test_teardown(each_phase_starts_anew, end),
		cmocka_unit_test_teardown(a_notice_is_said_once, end),
		cmocka_unit_test_teardown(a_wait_ends_once_where_something_is_done, end),
		cmocka_unit_test_teardown(a_bar_stays_on_its_line, end),
		cmocka_unit_test_teardown(a_narrow_terminal_is_not_wrapped, end),
		cmocka_unit_test_teardown(lines_of_json_for_programs, end),
		cmocka_unit_test_teardown(quiet_says_nothing, end),
		cmocka_unit_test_teardown(what_is_no_terminal_gets_lines, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
