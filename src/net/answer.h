/* SPDX-License-Identifier: Apache-2.0 */
/* What we read from the header lines of an answer; pure, knows nothing of libcurl. */
#ifndef NET_ANSWER_H
#define NET_ANSWER_H

#include <rehome/types.h>

struct rh_arena;

struct rh_answer {
	struct rh_str content_type; /* printable ASCII in the arena; absent: none */
	struct rh_str request_id;   /* likewise */
	rh_time date;               /* 0: none */
	int64_t retry_us;           /* Retry-After in seconds; -1: not given so */
	rh_time retry_at;           /* Retry-After as a date; 0: not given so */
	int64_t reset_us;           /* end of the rate window as a wait; -1: not given so */
	rh_time reset_at;           /* end of the rate window as a moment; 0: not given so */
	bool has_ended;             /* the empty line behind the header lines came */
	int64_t remaining;          /* requests left in the window; -1: not given */
};

void rh_answer_reset(struct rh_answer *answer);
/* Takes one line, with or without its end.  A status line forgets what came before it (1xx
 * answers).  What cannot be understood, or kept, is as if it had not been there. */
void rh_answer_line(struct rh_answer *answer, struct rh_arena *arena, struct rh_str line);
/* The wait that Retry-After asks for, and the wait until the rate window ends; -1: not given, or a
 * moment without a Date to measure it against. */
int64_t rh_answer_retry_wait(const struct rh_answer *answer);
int64_t rh_answer_reset_wait(const struct rh_answer *answer);

#endif
