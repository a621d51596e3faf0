/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsed Clerk without a socket: what its tests have in common. */
#ifndef UNIT_REHEARSAL_CLERK_PLAY_H
#define UNIT_REHEARSAL_CLERK_PLAY_H

#include "play.h"

int clerk_setup(void **state); /* no limit is enforced */
int clerk_setup_limited(void **state);
int clerk_teardown(void **state);
/* Makes a user, who must come about; clerk_change then is about the user. */
void clerk_made(struct play *play, const char *body);
/* "METHOD /v1/users/{the user}PATH"; returns the status. */
unsigned clerk_change(struct play *play, const char *method, const char *path, const char *body);
/* Asks, and expects this refusal, in the envelope of the description. */
void clerk_refused(struct play *play, const char *line, const char *body, unsigned status,
		   const char *code, const char *param);
/* The answer's envelope: one error with this code and, unless NULL, this param_name. */
void clerk_expect(const struct play *play, const char *code, const char *param);
void clerk_switch(struct play *play, const char *name, const char *value);
/* GET /v1/users/count?query */
int64_t clerk_count(struct play *play, const char *query);
/* "errors.0.code": what lies there in the answer; NULL, "" : nothing. */
json_t *clerk_path(const struct play *play, const char *path);
const char *clerk_path_text(const struct play *play, const char *path);
int64_t clerk_number(const struct play *play, const char *name);
/* Names with blanks between them: members of the answer that must be true. */
void clerk_true(const struct play *play, const char *names);

#endif
