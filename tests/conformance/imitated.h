/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsed provider without a socket, kept apart: the rehearsal and the connectors each have a bucket. */
#ifndef CONFORMANCE_IMITATED_H
#define CONFORMANCE_IMITATED_H

#include "base/buf.h"

void *imitated_workos_begin(void);
void *imitated_clerk_begin(void);
void imitated_end(void *play);
/* One more header of all that is asked from now on; NULL: none. */
void imitated_header(void *play, const char *name, const char *value);
/* The name under which it is asked from now on: which of its tenants, where the key does not say. */
void imitated_host(void *play, const char *host);
/* Asks ("GET /path?query"; key and body NULL: none); appends the body to out and returns the status. */
int imitated_ask(void *play, const char *line, const char *key, const char *body,
		 struct rh_buf *out);

#endif
