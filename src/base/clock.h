/* SPDX-License-Identifier: Apache-2.0 */
/* Time and randomness as parameters: nothing below the tool asks the machine by itself. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <rehome/types.h>

struct rh_buf;

#define RH_MILLISECOND INT64_C(1000)
#define RH_SECOND INT64_C(1000000)

/* A source of time and randomness.  `now` is wall time; `steady` never goes back and is used for every
 * pause and pace; both in microseconds.  Tests put their own. */
struct rh_clock {
	rh_time (*now)(struct rh_clock *clock);
	rh_time (*steady)(struct rh_clock *clock);
	uint64_t (*random)(struct rh_clock *clock);
};

/* The machine's clock and the kernel's random numbers; constant, shared. */
struct rh_clock *rh_clock_system(void);

/* The next of a row of numbers that look like chance (splitmix64): for jitter, never for secrets. */
uint64_t rh_random_next(uint64_t *state);

/* A clock that a test moves by hand: starts at `now`, random numbers from `seed` (splitmix64). */
struct rh_clock_manual {
	struct rh_clock clock;
	rh_time now_at;
	rh_time steady_at;
	uint64_t state;
};
void rh_clock_manual_init(struct rh_clock_manual *clock, rh_time now, uint64_t seed);
void rh_clock_manual_advance(struct rh_clock_manual *clock, int64_t microseconds);

/* "2026-11-24T02:10:11.123Z" (milliseconds, 24 bytes and NUL). */
#define RH_TIME_TEXT_SIZE 25
void rh_time_format(rh_time time, char out[RH_TIME_TEXT_SIZE]);
/* RFC 3339 / ISO 8601 with any fraction, 'Z' or offset, 'T' or blank; a text without zone is UTC. */
bool rh_time_parse(struct rh_str text, rh_time *out);
/* HTTP-date, the fixed form of RFC 9110 §5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". */
bool rh_time_parse_http(struct rh_str text, rh_time *out);
void rh_time_format_http(rh_time time, char out[30]);
/* "3 min 20 s", "1 h 07 min", "12 s": rounded up to whole seconds, for people. */
void rh_duration_format(int64_t microseconds, char out[32]);

#endif
