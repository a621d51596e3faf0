/* SPDX-License-Identifier: Apache-2.0 */
/* A tiny HTTP/1.1 client: sends one request, reads until the connection ends. */
#include "asker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { PATIENCE_MS = 20000 };

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent <= 0) {
			return; /* the answer's end will tell */
		}
		bytes += sent;
		len -= (size_t)sent;
	}
}

int ask_begin(unsigned port, const char *method, const char *target, const char *headers,
	      const char *body)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	char *head = NULL;
	char length[64] = "";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int len;

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (body != NULL) {
		(void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(body));
	}
	len = asprintf(&head,
		       "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s%s\r\n",
		       method, target, port, headers, length);
	assert_true(len > 0);
	send_all(fd, head, (size_t)len);
	if (body != NULL) {
		send_all(fd, body, strlen(body));
	}
	free(head);
	return fd;
}

/* Everything until the end of the connection. */
static char *read_all(int fd, size_t *out_len, enum asked_end *out_end)
{
	char *bytes = NULL;
	size_t len = 0;
	size_t cap = 0;

	for (;;) {
		struct pollfd waiting = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (len + 65536 > cap) {
			cap = cap * 2 + 65537;
			bytes = realloc(bytes, cap);
			assert_non_null(bytes);
		}
		if (poll(&waiting, 1, PATIENCE_MS) <= 0) {
			*out_end = ASKED_SILENT;
			break;
		}
		got = recv(fd, bytes + len, 65536, 0);
		if (got <= 0) {
			*out_end = got == 0 ? ASKED_WHOLE : ASKED_RESET;
			break;
		}
		len += (size_t)got;
	}
	bytes[len] = '\0';
	*out_len = len;
	return bytes;
}

void ask_end(int fd, struct asked *out)
{
	size_t len;
	char *bytes;
	char *blank;
	char length[32];

	*out = (struct asked){0};
	bytes = read_all(fd, &len, &out->end);
	(void)close(fd);
	out->head = bytes;
	blank = strstr(bytes, "\r\n\r\n");
	if (blank == NULL) {
		out->end = out->end == ASKED_WHOLE ? ASKED_CUT : out->end;
		return;
	}
	out->body = blank + 4;
	out->body_len = len - (size_t)(out->body - bytes);
	blank[2] = '\0';
	assert_int_equal(sscanf(bytes, "HTTP/1.1 %u", &out->status), 1);
	asked_header(out, "Content-Length", length, sizeof(length));
	if (out->end == ASKED_WHOLE && strtoull(length, NULL, 10) != out->body_len) {
		out->end = ASKED_CUT;
	}
}

void ask(unsigned port, const char *method, const char *target, const char *headers,
	 const char *body, struct asked *out)
{
	int64_t began = now_us();

	ask_end(ask_begin(port, method, target, headers, body), out);
	out->took_us = now_us() - began;
}

void asked_free(struct asked *asked)
{
	free(asked->head); /* the body lies in it */
	*asked = (struct asked){0};
}

void asked_header(const struct asked *asked, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	out[0] = '\0';
	for (const char *line = asked->head; line != NULL && *line != '\0';) {
		const char *end = strstr(line, "\r\n");

		if (end != NULL && strncasecmp(line, name, name_len) == 0 &&
		    line[name_len] == ':') {
			line += name_len + 1;
			line += strspn(line, " ");
			(void)snprintf(out, size, "%.*s", (int)(end - line), line);
			return;
		}
		line = end != NULL ? end + 2 : NULL;
	}
}
