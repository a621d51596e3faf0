/* SPDX-License-Identifier: Apache-2.0 */
/* The tests' HTTP server: fork, one poll loop, no threads. */
#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 300,
	INPUT_MAX = 256 * 1024,
};

struct connection {
	int fd; /* -1: unused */
	unsigned requests;
	size_t input_len;
	char *input;     /* INPUT_MAX */
	bool is_waiting; /* a request was read, its answer is not out */
	int64_t answer_at_ms;
	struct loopback_answer answer;
};

struct loop {
	int listener;
	loopback_fn answer;
	struct loopback_counters *counters;
	struct connection connections[CONNECTIONS_MAX];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void loopback_printf(struct loopback_answer *answer, const char *fmt, ...)
{
	size_t room = LOOPBACK_ANSWER_MAX - answer->len;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(answer->bytes + answer->len, room, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= room) {
		abort(); /* the test wrote more than it may */
	}
	answer->len += (size_t)len;
}

void loopback_whole(struct loopback_answer *answer, int status, const char *headers,
		    const char *body)
{
	loopback_printf(answer, "HTTP/1.1 %d Text\r\n%sContent-Length: %zu\r\n\r\n%s", status,
			headers, strlen(body), body);
}

static void accept_one(struct loop *loop)
{
	int fd = accept4(loop->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		return;
	}
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &loop->connections[i];

		if (connection->fd < 0) {
			char *input = connection->input;
			char *bytes = connection->answer.bytes;

			*connection = (struct connection){
				.fd = fd,
				.input = input != NULL ? input : malloc(INPUT_MAX),
				.answer.bytes = bytes != NULL ? bytes : malloc(LOOPBACK_ANSWER_MAX),
			};
			loop->counters->connections++;
			return;
		}
	}
	close(fd);
}

static void end_connection(struct connection *connection, bool is_reset)
{
	if (is_reset) {
		struct linger now = {
			.l_onoff = 1,
			.l_linger = 0,
		};

		setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	}
	close(connection->fd);
	connection->fd = -1;
	connection->is_waiting = false;
}

static size_t content_length(const char *head)
{
	const char *at = strcasestr(head, "\r\nContent-Length:");

	return at != NULL ? strtoul(at + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* Gives a whole request at the front of the input to the test's function. */
static void take_request(struct loop *loop, struct connection *connection)
{
	struct loopback_request request = {};
	char *end = memmem(connection->input, connection->input_len, "\r\n\r\n", 4);
	char *head;
	char *body;
	size_t head_len;
	size_t len;

	if (connection->is_waiting || end == NULL) {
		return;
	}
	head_len = (size_t)(end - connection->input) + 4;
	head = strndup(connection->input, head_len);
	len = content_length(head);
	if (connection->input_len - head_len < len) {
		free(head);
		return;
	}
	body = strndup(connection->input + head_len, len);
	connection->input_len -= head_len + len;
	memmove(connection->input, connection->input + head_len + len, connection->input_len);
	connection->requests++;
	loop->counters->requests++;
	request = (struct loopback_request){
		.head = head,
		.body = body,
		.body_len = len,
		.on_connection = connection->requests,
	};
	connection->answer = (struct loopback_answer){
		.bytes = connection->answer.bytes,
	};
	loop->answer(&request, &connection->answer);
	connection->is_waiting = true;
	connection->answer_at_ms = now_ms() + connection->answer.delay_ms;
	free(head);
	free(body);
}

static void read_some(struct loop *loop, struct connection *connection)
{
	ssize_t len = read(connection->fd, connection->input + connection->input_len,
			   INPUT_MAX - connection->input_len);

	if (len <= 0) {
		end_connection(connection, false);
		return;
	}
	connection->input_len += (size_t)len;
	take_request(loop, connection);
}

static void write_answer(struct loop *loop, struct connection *connection)
{
	const struct loopback_answer *answer = &connection->answer;
	size_t done = 0;

	while (done < answer->len) {
		ssize_t len = send(connection->fd, answer->bytes + done, answer->len - done,
				   MSG_NOSIGNAL);

		if (len <= 0) {
			end_connection(connection, false);
			return;
		}
		done += (size_t)len;
	}
	connection->is_waiting = false;
	if (answer->after != LOOPBACK_KEEP) {
		end_connection(connection, answer->after == LOOPBACK_RESET);
		return;
	}
	take_request(loop, connection);
}

/* Sends what is due; returns the milliseconds until the next answer is, -1: none is waiting for
 * time. */
static int send_due(struct loop *loop)
{
	unsigned waiting = 0;
	int64_t now = now_ms();
	int64_t soonest = -1;

	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		waiting += loop->connections[i].is_waiting ? 1 : 0;
	}
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &loop->connections[i];
		int64_t left = connection->answer_at_ms - now;

		if (!connection->is_waiting || connection->answer.hold > waiting) {
			continue;
		}
		if (left <= 0) {
			write_answer(loop, connection);
		} else if (soonest < 0 || left < soonest) {
			soonest = left;
		}
	}
	return (int)soonest;
}

static void serve(struct loop *loop)
{
	struct pollfd fds[CONNECTIONS_MAX + 1];
	size_t which[CONNECTIONS_MAX + 1];

	for (;;) {
		int timeout = send_due(loop);
		size_t count = 1;

		fds[0] = (struct pollfd){
			.fd = loop->listener,
			.events = POLLIN,
		};
		for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
			if (loop->connections[i].fd >= 0) {
				which[count] = i;
				fds[count++] = (struct pollfd){
					.fd = loop->connections[i].fd,
					.events = POLLIN,
				};
			}
		}
		if (poll(fds, count, timeout) < 0 && errno != EINTR) {
			_exit(1);
		}
		for (size_t i = 1; i < count; i++) {
			if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
				read_some(loop, &loop->connections[which[i]]);
			}
		}
		if ((fds[0].revents & POLLIN) != 0) {
			accept_one(loop);
		}
	}
}

int loopback_bind(uint16_t *port, int backlog)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    (backlog > 0 && listen(fd, backlog) != 0) ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
		if (fd >= 0) {
			close(fd);
		}
		return -1;
	}
	*port = ntohs(address.sin_port);
	return fd;
}

bool loopback_start(struct loopback *server, loopback_fn answer)
{
	static struct loop loop;
	pid_t parent = getpid();

	*server = (struct loopback){};
	server->counters = mmap(NULL, sizeof(*server->counters), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (server->counters == MAP_FAILED) {
		return false;
	}
	loop = (struct loop){
		.listener = loopback_bind(&server->port, CONNECTIONS_MAX),
		.answer = answer,
		.counters = server->counters,
	};
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		loop.connections[i].fd = -1;
	}
	server->pid = loop.listener >= 0 ? fork() : -1;
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent) {
			serve(&loop);
		}
		_exit(1);
	}
	if (loop.listener >= 0) {
		close(loop.listener);
	}
	if (server->pid < 0) {
		munmap(server->counters, sizeof(*server->counters));
		return false;
	}
	return true;
}

void loopback_stop(struct loopback *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	munmap(server->counters, sizeof(*server->counters));
}
