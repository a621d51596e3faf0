/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, and moments as text: fixed cases, and a sweep over all years against the C library's calendar. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static void system_clock_runs(void **)
{
	struct rh_clock *clock = rh_clock_system();
	rh_time before = clock->steady(clock);

	/* Later than this test was written, before the year 2200. */
	assert_true(clock->now(clock) > INT64_C(1767225600) * RH_SECOND);
	assert_true(clock->now(clock) < INT64_C(7258118400) * RH_SECOND);
	assert_true(clock->steady(clock) >= before);
	assert_true(clock->random(clock) != clock->random(clock));
}

static void manual_clock_is_moved_by_hand(void **)
{
	struct rh_clock_manual manual;
	struct rh_clock *clock = &manual.clock;
	rh_time steady;

	rh_clock_manual_init(&manual, 5 * RH_SECOND, 0);
	steady = clock->steady(clock);
	assert_int_equal(clock->now(clock), 5 * RH_SECOND);
	rh_clock_manual_advance(&manual, 3 * RH_MILLISECOND);
	assert_int_equal(clock->now(clock), 5 * RH_SECOND + 3 * RH_MILLISECOND);
	assert_int_equal(clock->steady(clock) - steady, 3 * RH_MILLISECOND);
	/* The first numbers of splitmix64 from 0. */
	assert_true(clock->random(clock) == UINT64_C(0xe220a8397b1dcdaf));
	assert_true(clock->random(clock) == UINT64_C(0x6e789e6aa1b965f4));
}

static void texts_become_moments(void **)
{
	static const struct {
		const char *text;
		const char *formatted;
	} cases[] = {
		{"2026-11-24T02:10:11.123Z", "2026-11-24T02:10:11.123Z"},
		{"2026-11-24t02:10:11z", "2026-11-24T02:10:11.000Z"},
		{"2026-11-24 02:10:11", "2026-11-24T02:10:11.000Z"},
		{"2026-11-24 02:10:11.5 UTC", "2026-11-24T02:10:11.500Z"},
		{"2026-11-24T02:10Z", "2026-11-24T02:10:00.000Z"},
		{"2026-11-24T02:10:11,999999999Z", "2026-11-24T02:10:11.999Z"},
		{"2026-11-24T02:10:11.000000000000000000001+00:00", "2026-11-24T02:10:11.000Z"},
		{"2026-11-24T02:10:11+05:30", "2026-11-23T20:40:11.000Z"},
		{"2026-12-31T23:10:11-0130", "2027-01-01T00:40:11.000Z"},
		{"2026-11-24 02:10:11.123456+00", "2026-11-24T02:10:11.123Z"},
		{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
		{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
		{"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
		{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
		{"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
		{"0000-01-01T00:00:00+01:00", "0000-01-01T00:00:00.000Z"},
		{"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
		{"9999-12-31T23:59:60Z", "9999-12-31T23:59:59.999Z"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[RH_TIME_TEXT_SIZE];
		rh_time time;

		assert_true(rh_time_parse(rh_str_from(cases[i].text), &time));
		rh_time_format(time, text);
		assert_string_equal(text, cases[i].formatted);
	}
}

static void other_texts_are_refused(void **)
{
	static const char *const texts[] = {
		"",
		"2026-11-24",
		"2026-11-24T",
		"2026-11-24T02",
		"2026-11-24T0210Z",
		"2026-11-24T02:10:Z",
		/* No digit, in each place of the form that is read at once. */
		"x026-11-24T02:10:11Z",
		"2x26-11-24T02:10:11Z",
		"20x6-11-24T02:10:11Z",
		"202x-11-24T02:10:11Z",
		"2026-x1-24T02:10:11Z",
		"2026-1x-24T02:10:11Z",
		"2026-11-x4T02:10:11Z",
		"2026-11-2xT02:10:11Z",
		"2026-11-24T0x:10:11Z",
		"2026-11-24T02:1x:11Z",
		"2026-11-24T02:10:x1Z",
		"2026-11-24T02:10:1xZ",
		"2026-11-24T02:10.5Z",
		"2026-11-24T02:10:11.",
		"2026-11-24T02:10:11.Z",
		"2026-11-24T02:10:11 ",
		"2026-11-24T02:10:11Zx",
		"2026-11-24T02:10:11+1",
		"2026-11-24T02:10:11+01:",
		"2026-11-24T02:10:11+01:0",
		"2026-11-24T02:10:11+01:000",
		"2026-11-24T02:10:11+24:00",
		"2026-11-24T02:10:11+01:60",
		"2026-11-24T02:10:11 CET",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z",
		"26-01-01T00:00:00Z",
		"+2026-01-01T00:00:00Z",
		"2026/01/01 00:00:00",
		"1795486211123",
		" 2026-11-24T02:10:11Z",
	};
	rh_time time = 77;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_false(rh_time_parse(rh_str_from(texts[i]), &time));
	}
	assert_false(rh_time_parse(RH_STR_ABSENT, &time));
	assert_false(rh_time_parse((struct rh_str){"2026-11-24\0"
						   "02:10:11Z",
						   20},
				   &time));
	assert_int_equal(time, 77);
}

static void http_dates(void **)
{
	static const char *const refused[] = {
		"",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun 06 Nov 1994 08:49:37 GMT",
		"Xyz, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Xyz 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
	};
	rh_time time = 0;
	char text[30];

	assert_true(rh_time_parse_http(RH_STR("Sun, 06 Nov 1994 08:49:37 GMT"), &time));
	assert_int_equal(time, INT64_C(784111777) * RH_SECOND);
	rh_time_format_http(time + RH_SECOND - 1, text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		assert_false(rh_time_parse_http(rh_str_from(refused[i]), &time));
	}
	assert_int_equal(time, INT64_C(784111777) * RH_SECOND);
}

/* About every 37 days of ten thousand years: our arithmetic against timegm and gmtime_r. */
static void calendar_agrees_with_the_library(void **)
{
	for (int64_t second = INT64_C(-62167219200); second < INT64_C(253402300800);
	     second += INT64_C(3196801)) {
		time_t moment = (time_t)second;
		struct tm fields;
		char text[RH_TIME_TEXT_SIZE];
		char http[30];
		char expected[80];
		rh_time time;

		assert_non_null(gmtime_r(&moment, &fields));
		(void)snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.007Z",
			       fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday,
			       fields.tm_hour, fields.tm_min, fields.tm_sec);
		rh_time_format(second * RH_SECOND + 7999, text);
		assert_string_equal(text, expected);
		assert_true(rh_time_parse(rh_str_from(expected), &time));
		assert_int_equal(time, second * RH_SECOND + 7000);
		rh_time_format_http(second * RH_SECOND, http);
		assert_true(rh_time_parse_http(rh_str_from(http), &time));
		assert_int_equal(time, second * RH_SECOND);
		(void)strftime(expected, sizeof(expected), "%a", &fields);
		assert_memory_equal(http, expected, 3);
	}
}

static void extreme_moments_are_clamped(void **)
{
	char text[RH_TIME_TEXT_SIZE];

	rh_time_format(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00.000Z");
	rh_time_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void durations_for_people(void **)
{
	static const struct {
		int64_t microseconds;
		const char *text;
	} cases[] = {
		{INT64_MIN, "0 s"},
		{-1, "0 s"},
		{0, "0 s"},
		{1, "1 s"},
		{12 * RH_SECOND, "12 s"},
		{12 * RH_SECOND + 1, "13 s"},
		{59 * RH_SECOND + 1, "1 min 00 s"},
		{200 * RH_SECOND, "3 min 20 s"},
		{3599 * RH_SECOND, "59 min 59 s"},
		{3600 * RH_SECOND, "1 h 00 min"},
		{3601 * RH_SECOND, "1 h 01 min"},
		{4020 * RH_SECOND, "1 h 07 min"},
		{7199 * RH_SECOND, "2 h 00 min"},
		{100 * 3600 * RH_SECOND, "100 h 00 min"},
		{INT64_MAX, "2562047788 h 01 min"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[32];

		rh_duration_format(cases[i].microseconds, text);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_clock_runs),
		cmocka_unit_test(manual_clock_is_moved_by_hand),
		cmocka_unit_test(texts_become_moments),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(http_dates),
		cmocka_unit_test(calendar_agrees_with_the_library),
		cmocka_unit_test(extreme_moments_are_clamped),
		cmocka_unit_test(durations_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
