/* SPDX-License-Identifier: Apache-2.0 */
/* A tiny HTTP/1.1 client for servers on 127.0.0.1: one connection for each question, every way of failing told. */
#ifndef SUPPORT_ASKER_H
#define SUPPORT_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum asked_end {
	ASKED_WHOLE,  /* the answer came as long as it said */
	ASKED_CUT,    /* the connection ended before */
	ASKED_RESET,  /* RST; what came before it is kept */
	ASKED_SILENT, /* nothing came for 20 s */
};

struct asked {
	enum asked_end end;
	unsigned status; /* 0: no head came */
	char *head;      /* with NUL; the caller frees by asked_free */
	char *body;
	size_t body_len;
	int64_t took_us;
};

/* headers: lines with their CRLF, or ""; body NULL: none.  Fails the test if there is no connection. */
void ask(unsigned port, const char *method, const char *target, const char *headers,
	 const char *body, struct asked *out);
/* Begins a question without waiting for its answer: the connected socket, request sent. */
int ask_begin(unsigned port, const char *method, const char *target, const char *headers,
	      const char *body);
/* Reads the answer of ask_begin and closes. */
void ask_end(int fd, struct asked *out);
void asked_free(struct asked *asked);
/* Value of a header into out (empty: not there). */
void asked_header(const struct asked *asked, const char *name, char *out, size_t size);

#endif
