/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's clock, a clock moved by hand, and moments as text. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/str.h"

enum { SECONDS_PER_DAY = 86400 };

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "SunMonTueWedThuFriSat";

static rh_time read_clock(clockid_t id)
{
	struct timespec moment = {0};

	(void)clock_gettime(id, &moment); /* cannot fail: both clocks exist on every Linux */
	return (rh_time)moment.tv_sec * RH_SECOND + moment.tv_nsec / 1000;
}

static rh_time system_now(struct rh_clock *)
{
	return read_clock(CLOCK_REALTIME);
}

static rh_time system_steady(struct rh_clock *)
{
	return read_clock(CLOCK_MONOTONIC);
}

static uint64_t system_random(struct rh_clock *)
{
	uint64_t number;

	while (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
		if (errno != EINTR) {
			abort(); /* a kernel without random numbers is none we can run on */
		}
	}
	return number;
}

struct rh_clock *rh_clock_system(void)
{
	/* Never written; not const only because a clock of a test changes. */
	static struct rh_clock machine = {
		.now = system_now,
		.steady = system_steady,
		.random = system_random,
	};

	return &machine;
}

static rh_time manual_now(struct rh_clock *clock)
{
	return ((struct rh_clock_manual *)clock)->now_at;
}

static rh_time manual_steady(struct rh_clock *clock)
{
	return ((struct rh_clock_manual *)clock)->steady_at;
}

uint64_t rh_random_next(uint64_t *state)
{
	uint64_t mixed;

	*state += UINT64_C(0x9e3779b97f4a7c15);
	mixed = *state;
	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

static uint64_t manual_random(struct rh_clock *clock)
{
	struct rh_clock_manual *manual = (struct rh_clock_manual *)clock;

	return rh_random_next(&manual->state);
}

void rh_clock_manual_init(struct rh_clock_manual *clock, rh_time now, uint64_t seed)
{
	*clock = (struct rh_clock_manual){
		.clock =
			{
				.now = manual_now,
				.steady = manual_steady,
				.random = manual_random,
			},
		.now_at = now,
		.steady_at = RH_SECOND,
		.state = seed,
	};
}

void rh_clock_manual_advance(struct rh_clock_manual *clock, int64_t microseconds)
{
	clock->now_at += microseconds;
	clock->steady_at += microseconds;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* A date and time of day in UTC. */
struct moment {
	int year; /* 0 to 9999 */
	int month;
	int day;
	int hour;
	int minute;
	int second; /* 60: leap second, the moment after it */
	int64_t microsecond;
	int offset; /* seconds east of Greenwich */
};

static bool is_valid(const struct moment *moment)
{
	return moment->month >= 1 && moment->month <= 12 && moment->day >= 1 &&
	       moment->day <= days_in_month(moment->year, moment->month) && moment->hour <= 23 &&
	       moment->minute <= 59 && moment->second <= 60;
}

static rh_time time_of(const struct moment *moment)
{
	int64_t year = moment->year;
	int64_t days = 365 * (year - 1970);

	/* Leap days of the years before this one, less those before 1970. */
	days += (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400 - 478;
	for (int month = 1; month < moment->month; month++) {
		days += days_in_month(moment->year, month);
	}
	days += moment->day - 1;
	return (days * SECONDS_PER_DAY + moment->hour * 3600 + moment->minute * 60 +
		moment->second - moment->offset) *
		       RH_SECOND +
	       moment->microsecond;
}

/* What is left behind the first `count` bytes, which are there. */
static struct rh_str behind(struct rh_str text, size_t count)
{
	return (struct rh_str){.ptr = text.ptr + count, .len = text.len - count};
}

/* Cuts exactly `count` digits off the text. */
static bool take_digits(struct rh_str *text, size_t count, int *out)
{
	int number = 0;

	if (text->len < count) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		unsigned digit = (unsigned char)text->ptr[i] - '0';
		if (digit > 9) {
			return false;
		}
		number = 10 * number + (int)digit;
	}
	*text = behind(*text, count);
	*out = number;
	return true;
}

/* Cuts one byte off if it is one of `set`. */
static bool take_byte(struct rh_str *text, const char *set)
{
	if (text->len == 0) {
		return false;
	}
	for (; *set != '\0'; set++) {
		if (text->ptr[0] == *set) {
			*text = behind(*text, 1);
			return true;
		}
	}
	return false;
}

/* Digits behind the point; what is finer than a microsecond is dropped. */
static bool take_fraction(struct rh_str *text, int64_t *microsecond)
{
	int64_t unit = RH_SECOND / 10;
	bool has_digits = false;
	int digit;

	while (take_digits(text, 1, &digit)) {
		*microsecond += digit * unit;
		unit /= 10;
		has_digits = true;
	}
	return has_digits;
}

/* "", "Z", "UTC", "+01", "+0100" or "+01:00". */
static bool take_zone(struct rh_str text, int *offset)
{
	bool is_west;
	int hours;
	int minutes = 0;

	if (text.len == 0 || rh_str_is_nocase(text, "z") || rh_str_is(text, "UTC")) {
		return true;
	}
	is_west = text.ptr[0] == '-';
	if (!take_byte(&text, "+-") || !take_digits(&text, 2, &hours) || hours > 23) {
		return false;
	}
	if (text.len > 0) {
		(void)take_byte(&text, ":"); /* optional */
		if (!take_digits(&text, 2, &minutes) || minutes > 59) {
			return false;
		}
	}
	*offset = (hours * 60 + minutes) * (is_west ? -60 : 60);
	return text.len == 0;
}

/* Of two digits; below 0: they are none. */
static inline int pair(const char *at)
{
	unsigned tens = (unsigned char)at[0] - '0';
	unsigned ones = (unsigned char)at[1] - '0';

	return tens > 9 || ones > 9 ? -10000 : (int)(10 * tens + ones);
}

/* As most programs write it, to the second: "2024-05-01T08:30:00" and what follows. */
static inline bool take_usual(struct rh_str *text, struct moment *out)
{
	const char *at = text->ptr;

	if (text->len < sizeof("2024-05-01T08:30:00") - 1 || at[4] != '-' || at[7] != '-' ||
	    (at[10] != 'T' && at[10] != ' ') || at[13] != ':' || at[16] != ':') {
		return false;
	}
	*out = (struct moment){
		.year = 100 * pair(at) + pair(at + 2),
		.month = pair(at + 5),
		.day = pair(at + 8),
		.hour = pair(at + 11),
		.minute = pair(at + 14),
		.second = pair(at + 17),
	};
	if (out->year < 0 || (out->month | out->day | out->hour | out->minute | out->second) < 0) {
		return false;
	}
	*text = behind(*text, sizeof("2024-05-01T08:30:00") - 1);
	return true;
}

/* The same in any form, seconds or none. */
static bool take_any(struct rh_str *text, struct moment *out)
{
	if (!take_digits(text, 4, &out->year) || !take_byte(text, "-") ||
	    !take_digits(text, 2, &out->month) || !take_byte(text, "-") ||
	    !take_digits(text, 2, &out->day) || !take_byte(text, "Tt ") ||
	    !take_digits(text, 2, &out->hour) || !take_byte(text, ":") ||
	    !take_digits(text, 2, &out->minute)) {
		return false;
	}
	return !take_byte(text, ":") || take_digits(text, 2, &out->second);
}

bool rh_time_parse(struct rh_str text, rh_time *out)
{
	struct moment moment = {0};
	bool has_seconds = take_usual(&text, &moment);

	if (!has_seconds) {
		size_t len = text.len;
		if (!take_any(&text, &moment)) {
			return false;
		}
		has_seconds = len - text.len > sizeof("2024-05-01T08:30") - 1;
	}
	if (has_seconds && take_byte(&text, ".,") && !take_fraction(&text, &moment.microsecond)) {
		return false;
	}
	if (take_byte(&text, " ") && text.len == 0) {
		return false;
	}
	if (!take_zone(text, &moment.offset) || !is_valid(&moment)) {
		return false;
	}
	*out = time_of(&moment);
	return true;
}

/* Cuts a three-letter name off the text; its place in `names` counted from 1. */
static bool take_name(struct rh_str *text, const char *names, int *out)
{
	for (int i = 0; text->len >= 3 && names[3 * i] != '\0'; i++) {
		if (memcmp(text->ptr, names + 3 * (size_t)i, 3) == 0) {
			*text = rh_str_sub(*text, 3, SIZE_MAX);
			*out = i + 1;
			return true;
		}
	}
	return false;
}

bool rh_time_parse_http(struct rh_str text, rh_time *out)
{
	struct moment moment = {0};
	int weekday;

	if (!take_name(&text, day_names, &weekday) || !take_byte(&text, ",") ||
	    !take_byte(&text, " ") || !take_digits(&text, 2, &moment.day) ||
	    !take_byte(&text, " ") || !take_name(&text, month_names, &moment.month) ||
	    !take_byte(&text, " ") || !take_digits(&text, 4, &moment.year) ||
	    !take_byte(&text, " ") || !take_digits(&text, 2, &moment.hour) ||
	    !take_byte(&text, ":") || !take_digits(&text, 2, &moment.minute) ||
	    !take_byte(&text, ":") || !take_digits(&text, 2, &moment.second) ||
	    !rh_str_is(text, " GMT") || !is_valid(&moment)) {
		return false;
	}
	*out = time_of(&moment);
	return true;
}

/* Splits into calendar fields; moments outside the years 0 to 9999 become the nearest inside. */
static struct tm calendar_of(rh_time time, int *millisecond)
{
	static const struct moment first = {.year = 0, .month = 1, .day = 1};
	static const struct moment end = {.year = 9999, .month = 12, .day = 31, .hour = 24};
	struct tm fields = {0};
	int64_t rest;
	time_t seconds;

	time = time < time_of(&first) ? time_of(&first) : time;
	time = time >= time_of(&end) ? time_of(&end) - 1 : time;
	rest = time % RH_SECOND;
	rest = rest < 0 ? rest + RH_SECOND : rest;
	seconds = (time_t)((time - rest) / RH_SECOND);
	(void)gmtime_r(&seconds, &fields); /* fails only for years that no int holds */
	*millisecond = (int)(rest / RH_MILLISECOND);
	return fields;
}

/* Room for any int in every place, so that the compiler sees that nothing is cut. */
enum { ANY_TIME_SIZE = 96 };

void rh_time_format(rh_time time, char out[RH_TIME_TEXT_SIZE])
{
	char text[ANY_TIME_SIZE];
	int millisecond;
	struct tm fields = calendar_of(time, &millisecond);

	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		       fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour,
		       fields.tm_min, fields.tm_sec, millisecond);
	memcpy(out, text, RH_TIME_TEXT_SIZE - 1);
	out[RH_TIME_TEXT_SIZE - 1] = '\0';
}

void rh_time_format_http(rh_time time, char out[30])
{
	char text[ANY_TIME_SIZE];
	int millisecond;
	struct tm fields = calendar_of(time, &millisecond);

	(void)snprintf(text, sizeof(text), "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		       day_names + 3 * (ptrdiff_t)fields.tm_wday, fields.tm_mday,
		       month_names + 3 * (ptrdiff_t)fields.tm_mon, fields.tm_year + 1900,
		       fields.tm_hour, fields.tm_min, fields.tm_sec);
	memcpy(out, text, 29);
	out[29] = '\0';
}

void rh_duration_format(int64_t microseconds, char out[32])
{
	int64_t seconds = microseconds / RH_SECOND + (microseconds % RH_SECOND > 0 ? 1 : 0);
	int64_t minutes;

	if (seconds < 60) {
		(void)snprintf(out, 32, "%d s", seconds > 0 ? (int)seconds : 0);
	} else if (seconds < 3600) {
		(void)snprintf(out, 32, "%d min %02d s", (int)(seconds / 60), (int)(seconds % 60));
	} else {
		minutes = seconds / 60 + (seconds % 60 > 0 ? 1 : 0);
		(void)snprintf(out, 32, "%lld h %02d min", (long long)(minutes / 60),
			       (int)(minutes % 60));
	}
}
