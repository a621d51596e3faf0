/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the header lines of an answer: who asks for how long a wait, and what to quote to the
 * support. */
#include "net/answer.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

enum {
	TEXT_MAX = 256, /* a request id or a media type; a longer one is not one */
};

/* A number of seconds from here on is a moment since 1970 (2001 and later), not a wait. */
#define MOMENT_MIN 1e9
/* From here on it counts milliseconds. */
#define MOMENT_MS_MIN 1e12

void rh_answer_reset(struct rh_answer *answer)
{
	*answer = (struct rh_answer){
		.retry_us = -1,
		.reset_us = -1,
		.remaining = -1,
	};
}

static void keep_text(struct rh_arena *arena, struct rh_str value, struct rh_str *out)
{
	*out = RH_STR_ABSENT;
	if (value.len == 0 || value.len > TEXT_MAX) {
		return;
	}
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < ' ' || value.ptr[i] > '~') {
			return;
		}
	}
	if (!rh_arena_copy(arena, value, out)) {
		*out = RH_STR_ABSENT;
	}
}

/* The number before the first ',' or ';' ("100, 100;w=60"); false: not a number, or negative. */
static bool read_number(struct rh_str value, double *out)
{
	struct rh_str first = rh_str_cut(&value, ',');

	first = rh_str_trim(rh_str_cut(&first, ';'));
	return rh_str_to_double(first, out) && *out >= 0;
}

static int64_t wait_from(double seconds)
{
	return (int64_t)((seconds < MOMENT_MIN ? seconds : MOMENT_MIN) * (double)RH_SECOND);
}

static void read_retry_after(struct rh_answer *answer, struct rh_str value)
{
	double seconds;

	answer->retry_us = -1;
	answer->retry_at = 0;
	if (read_number(value, &seconds)) {
		answer->retry_us = wait_from(seconds);
	} else if (!rh_time_parse_http(value, &answer->retry_at)) {
		answer->retry_at = 0;
	}
}

static void read_reset(struct rh_answer *answer, struct rh_str value)
{
	double number;

	answer->reset_us = -1;
	answer->reset_at = 0;
	if (!read_number(value, &number) || number > 1e15) {
		return;
	}
	if (number < MOMENT_MIN) {
		answer->reset_us = wait_from(number);
	} else {
		number *= number >= MOMENT_MS_MIN ? (double)RH_MILLISECOND : (double)RH_SECOND;
		answer->reset_at = (rh_time)number;
	}
}

static void read_remaining(struct rh_answer *answer, struct rh_str value)
{
	double number;

	answer->remaining = read_number(value, &number) && number < 1e15 ? (int64_t)number : -1;
}

static bool is_rate_header(struct rh_str name, const char *last)
{
	static const char *const starts[] = {"x-ratelimit-", "x-rate-limit-", "ratelimit-"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t len = strlen(starts[i]);

		if (rh_str_is_nocase(rh_str_sub(name, 0, len), starts[i]) &&
		    rh_str_is_nocase(rh_str_sub(name, len, name.len), last)) {
			return true;
		}
	}
	return false;
}

static void take_date(struct rh_answer *answer, struct rh_str name, struct rh_str value)
{
	if (rh_str_is_nocase(name, "date") && !rh_time_parse_http(value, &answer->date)) {
		answer->date = 0;
	}
}

static void take_rate(struct rh_answer *answer, struct rh_str name, struct rh_str value)
{
	if (name.len < sizeof("ratelimit-reset") - 1 || memchr("xXrR", name.ptr[0], 4) == NULL) {
		return;
	}
	if (is_rate_header(name, "reset")) {
		read_reset(answer, value);
	} else if (is_rate_header(name, "remaining")) {
		read_remaining(answer, value);
	}
}

void rh_answer_line(struct rh_answer *answer, struct rh_arena *arena, struct rh_str line)
{
	struct rh_str value = line;
	struct rh_str name = rh_str_cut(&value, ':');

	if (rh_str_starts(line, "HTTP/")) {
		rh_answer_reset(answer);
		return;
	}
	if (rh_str_trim(line).len == 0) {
		answer->has_ended = true;
		return;
	}
	value = rh_str_trim(value);
	/* Most lines are none of ours, and an answer has a dozen. */
	switch (name.len) {
	case sizeof("date") - 1:
		take_date(answer, name, value);
		break;
	case sizeof("retry-after") - 1:
		if (rh_str_is_nocase(name, "retry-after")) {
			read_retry_after(answer, value);
		}
		break;
	case sizeof("content-type") - 1: /* and of the other */
		if (rh_str_is_nocase(name, "content-type")) {
			keep_text(arena, value, &answer->content_type);
		} else if (rh_str_is_nocase(name, "x-request-id")) {
			keep_text(arena, value, &answer->request_id);
		}
		break;
	default:
		take_rate(answer, name, value);
		break;
	}
}

static int64_t wait_until(const struct rh_answer *answer, int64_t wait_us, rh_time moment)
{
	if (wait_us >= 0 || moment == 0 || answer->date == 0) {
		return wait_us;
	}
	return moment > answer->date ? moment - answer->date : 0;
}

int64_t rh_answer_retry_wait(const struct rh_answer *answer)
{
	return wait_until(answer, answer->retry_us, answer->retry_at);
}

int64_t rh_answer_reset_wait(const struct rh_answer *answer)
{
	return wait_until(answer, answer->reset_us, answer->reset_at);
}
