/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsal server in a child process, and a test's hands on it: faults, counters, accounts. */
#ifndef SUPPORT_REHEARSED_H
#define SUPPORT_REHEARSED_H

#include <jansson.h>

#include "rehearsal/rehearsal.h"

struct rehearsed {
	pid_t pid;
	int stop_fd;
	unsigned port;
	char token[64];
	char url[64]; /* "http://127.0.0.1:PORT" */
};

/* Starts one tenant of the first provider (none: WorkOS).  Of the options limits, port (0: any free one) and state_path
 * count besides; NULL: no limits. */
void rehearsed_start(struct rehearsed *server, const struct rh_rehearsal_options *options);
/* Ends it and fails the test if it did not end well. */
void rehearsed_stop(struct rehearsed *server);

/* Asks a control route ("counters"); body NULL: GET, else POST.  The answer is the caller's. */
json_t *rehearsed_control(const struct rehearsed *server, const char *route, const char *body);
/* A number of the counters: "writes", "writes_done", "mails" … */
uint64_t rehearsed_count(const struct rehearsed *server, const char *name);
/* One fault, as JSON in printf form. */
void rehearsed_fault(const struct rehearsed *server, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "objects", "counters", "faults", "limits"; NULL: all of them. */
void rehearsed_reset(const struct rehearsed *server, const char *only);

/* Asks the API with the test key; body NULL: none.  *out (may be NULL) is the caller's, or NULL. */
unsigned rehearsed_ask(const struct rehearsed *server, const char *method, const char *path,
		       const char *body, json_t **out);
/* All accounts of the test environment; the caller's. */
json_t *rehearsed_users(const struct rehearsed *server);
/* Creates an account; its id, for the caller to free. */
char *rehearsed_add(const struct rehearsed *server, const char *email, const char *external_id);

#endif
