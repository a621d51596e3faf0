/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsed tenant without a socket: requests are handed to it as text, its clock is moved by hand. */
#ifndef SUPPORT_PLAY_H
#define SUPPORT_PLAY_H

#include <jansson.h>

#include "base/clock.h"
#include "rehearsal/tenant.h"

struct play {
	struct rh_clock_manual clock;
	struct rh_stage stage;
	struct rh_tenant tenant;
	struct rh_call call;
	const char *key;          /* bearer key; NULL: none */
	const char *host;         /* "127.0.0.1:1" */
	const char *repeat_key;   /* Idempotency-Key; NULL: none */
	const char *content_type; /* "application/json; charset=utf-8" */
	const char *extra[2];     /* one more header: name and value; NULL: none */
	char text[16384];         /* the request line, cut to pieces */
	json_t *answer;           /* of the last request; NULL: not JSON */
};

/* limits: off unless `enforced`. */
void play_init(struct play *play, const struct rh_imitation *imitation, bool enforced);
void play_done(struct play *play);
/* Asks ("GET /path?query"), body NULL: none; returns the status.  The answer is in play->answer. */
unsigned play_ask(struct play *play, const char *line, const char *body);
/* printf for the body. */
unsigned play_askf(struct play *play, const char *line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Text of a member of the answer, "" if it is not there or no text. */
const char *play_text(const struct play *play, const char *name);
/* A header of the answer; NULL: not there. */
const char *play_header(const struct play *play, const char *name);

#endif
