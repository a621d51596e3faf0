/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tiny HTTP/1.1 server on 127.0.0.1 for tests: a child process with one poll loop, whose answers
 * a function of the test writes byte by byte, broken ones included.
 */
#ifndef SUPPORT_LOOPBACK_H
#define SUPPORT_LOOPBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct loopback_request {
	const char *head; /* request line and header lines, NUL behind the empty line */
	const char *body; /* NUL behind it */
	size_t body_len;
	unsigned on_connection; /* 1: the first request of its connection */
};

/* What happens after the answer's bytes are out. */
enum loopback_after {
	LOOPBACK_KEEP,  /* the connection goes on */
	LOOPBACK_CLOSE, /* closed in order */
	LOOPBACK_RESET, /* closed with RST */
};

struct loopback_answer {
	char *bytes;   /* room for LOOPBACK_ANSWER_MAX */
	size_t len;    /* 0: no answer */
	int delay_ms;  /* the answer waits for so long */
	unsigned hold; /* the answer waits until so many requests wait */
	enum loopback_after after;
};

#define LOOPBACK_ANSWER_MAX (256 * 1024)

typedef void (*loopback_fn)(const struct loopback_request *request, struct loopback_answer *answer);

/* Counted by the child in shared memory. */
struct loopback_counters {
	volatile unsigned connections;
	volatile unsigned requests;
};

struct loopback {
	pid_t pid;
	uint16_t port;
	struct loopback_counters *counters;
};

/* Starts the server; false: the machine refused something.  Stop it with loopback_stop. */
bool loopback_start(struct loopback *server, loopback_fn answer);
void loopback_stop(struct loopback *server);

/* A socket bound to a port of 127.0.0.1, for the caller to close; backlog 0: nobody listens there,
 * so that connections are refused.  -1: the machine refused. */
int loopback_bind(uint16_t *port, int backlog);

/* printf at the end of the answer's bytes. */
void loopback_printf(struct loopback_answer *answer, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A whole answer with Content-Length; headers: lines with their CRLF, or "". */
void loopback_whole(struct loopback_answer *answer, int status, const char *headers,
		    const char *body);

#endif
