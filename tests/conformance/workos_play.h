/* SPDX-License-Identifier: Apache-2.0 */
/* The rehearsed WorkOS without a socket, kept apart: the rehearsal and the connectors each have a bucket. */
#ifndef CONFORMANCE_WORKOS_PLAY_H
#define CONFORMANCE_WORKOS_PLAY_H

#include "base/buf.h"

void *workos_play_begin(void);
void workos_play_end(void *play);
/* Asks ("GET /path?query"; key and body NULL: none); appends the body to out and returns the status. */
int workos_play_ask(void *play, const char *line, const char *key, const char *body,
		    struct rh_buf *out);

#endif
