/* SPDX-License-Identifier: Apache-2.0 */
/* The parent: starts the child, asks it, and says what became of it. */
#include "jq/jq_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"

enum {
	WAIT_MS = 100,
	/* Of a child that neither burns time nor answers, as one that was stopped. */
	WAITS_MAX = 120 * 1000 / WAIT_MS,
};

/* How a child that is started anew is called: nobody calls the tool so. */
#define CHILD_NAME "rehome-jq"
static char child_name[] = CHILD_NAME;
static bool is_anew; /* set before there is a second thread */

struct rh_jq {
	char *program;
	pid_t owner; /* J5 */
	pid_t child; /* 0: there is none */
	int fd;
	unsigned ended; /* records in a row (J3) */
	bool is_late;   /* the child was there and did not answer */
};

/* ---- over the descriptor ------------------------------------------------------------------------------------ */

static bool wait_for(struct rh_jq *jq, short events)
{
	struct pollfd ready = {.fd = jq->fd, .events = events};

	for (int waits = 0; waits < WAITS_MAX; waits++) {
		if (poll(&ready, 1, WAIT_MS) > 0) {
			return true;
		}
	}
	jq->is_late = true;
	return false;
}

static bool send_all(struct rh_jq *jq, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t put = send(jq->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!wait_for(jq, POLLOUT)) {
				return false;
			}
			continue;
		}
		if (put < 0) {
			return false;
		}
		at += put;
		len -= (size_t)put;
	}
	return true;
}

static bool receive_all(struct rh_jq *jq, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = recv(jq->fd, at, len, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!wait_for(jq, POLLIN)) {
				return false;
			}
			continue;
		}
		if (got <= 0) {
			return false;
		}
		at += got;
		len -= (size_t)got;
	}
	return true;
}

/* RH_EIO: there was no whole answer. */
static int receive(struct rh_jq *jq, struct rh_buf *out, uint32_t *fate)
{
	struct jq_head head;

	rh_buf_reset(out);
	if (!receive_all(jq, &head, sizeof(head)) || head.fate >= RH_JQ_FATES ||
	    head.len > RH_RECORD_MAX) {
		return RH_EIO;
	}
	*fate = head.fate;
	if (head.len == 0) {
		return RH_OK;
	}
	char *room = rh_buf_reserve(out, head.len);
	if (room == NULL) {
		return RH_ENOMEM;
	}
	if (!receive_all(jq, room, head.len)) {
		return RH_EIO;
	}
	out->len += head.len;
	return RH_OK;
}

/* ---- the child ---------------------------------------------------------------------------------------------- */

/* Ends it.  How it ended, by itself if it already had; 0 where it is another process's. */
static int bury(struct rh_jq *jq)
{
	int status = 0;

	if (jq->owner == getpid() && jq->child > 0) {
		rh_close_fd(&jq->fd);
		(void)kill(jq->child, SIGKILL); /* changes nothing of an end that has begun */
		while (waitpid(jq->child, &status, 0) < 0 && errno == EINTR) {
		}
	}
	jq->child = 0;
	jq->fd = -1;
	return status;
}

void rh_jq_start_anew(bool anew)
{
	is_anew = anew;
}

void rh_jq_main(int argc, char **argv)
{
	if (argc == 1 && strcmp(argv[0], CHILD_NAME) == 0) {
		rh_jq_be_child(STDIN_FILENO);
	}
	rh_jq_start_anew(true);
}

/* In the fork: what it must not have while it starts, it gives up before. */
static void exec_child(int fd)
{
	static char *arguments[] = {child_name, NULL};
	static char *nothing[] = {NULL};

	rh_jq_outlive_interrupts();
	if ((fd == STDIN_FILENO ? fcntl(fd, F_SETFD, 0) == 0
				: dup2(fd, STDIN_FILENO) == STDIN_FILENO) &&
	    close_range(STDIN_FILENO + 1, ~0U, 0) == 0) {
		(void)execve("/proc/self/exe", arguments, nothing);
	}
	_exit(1);
}

/* Whether the child of a process that is gone lives on is the kernel's to prevent. */
_Noreturn static void be_child(pid_t parent, int fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* cannot fail; it holds beyond an exec */
	if (getppid() != parent) {
		_exit(0);
	}
	if (is_anew) {
		exec_child(fd);
	}
	rh_jq_be_child(fd);
}

static bool send_text(struct rh_jq *jq, struct rh_str text)
{
	const struct jq_head head = {.len = (uint32_t)text.len};

	return send_all(jq, &head, sizeof(head)) && send_all(jq, text.ptr, text.len);
}

static int begin(struct rh_jq *jq, struct rh_err *err)
{
	rh_autobuf says = {0};
	const pid_t self = getpid();
	uint32_t fate = RH_JQ_FAILED;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "no socket to a jq program");
	}
	pid_t child = fork();
	if (child < 0) {
		int number = errno;
		(void)close(ends[0]);
		(void)close(ends[1]);
		return rh_err_errno(err, RH_EIO, number, "no process for a jq program");
	}
	if (child == 0) {
		be_child(self, ends[1]);
	}
	(void)close(ends[1]);
	jq->owner = self;
	jq->child = child;
	jq->fd = ends[0];
	rh_buf_init(&says, RH_RECORD_MAX);
	int code = receive(jq, &says, &fate);
	bool is_confined = code == RH_OK;
	if (is_confined) {
		code = send_text(jq, rh_str_from(jq->program)) ? receive(jq, &says, &fate) : RH_EIO;
	}
	if (code == RH_OK && fate == RH_JQ_OBJECT) {
		return RH_OK;
	}
	(void)bury(jq);
	if (code == RH_ENOMEM) {
		return rh_err_set(err, code, "no memory for a jq program");
	}
	if (!is_confined) {
		(void)rh_err_set(err, code, "the jq program cannot be confined, so it is not run");
		rh_err_hint(err,
			    "It needs Linux with seccomp on x86-64 or arm64, /proc, and a program "
			    "that was started itself, not through ld.so or valgrind.");
		return code;
	}
	return rh_err_set(err, RH_EINPUT, "jq does not take the program: %.*s",
			  RH_STR_ARG(code == RH_OK ? rh_buf_str(&says)
						   : RH_STR("it crashed, or took too long")));
}

/* RH_OK with the answer's fate, or with how the child ended; *is_killed: by somebody else. */
static int ask(struct rh_jq *jq, struct rh_str record, struct rh_buf *out, enum rh_jq_fate *fate,
	       bool *is_killed, struct rh_err *err)
{
	uint32_t got = RH_JQ_ENDED;
	int code = jq->child > 0 && jq->owner == getpid() ? RH_OK : begin(jq, err);

	*is_killed = false;
	jq->is_late = false;
	if (code != RH_OK) {
		return code;
	}
	code = send_text(jq, record) ? receive(jq, out, &got) : RH_EIO;
	*fate = (enum rh_jq_fate)got;
	if (code == RH_EIO) {
		int status = bury(jq);
		int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		rh_buf_reset(out);
		*fate = by == SIGPROF || jq->is_late ? RH_JQ_TOO_LONG : RH_JQ_ENDED;
		*is_killed = by == SIGKILL && !jq->is_late;
		return RH_OK;
	}
	if (code != RH_OK) {
		(void)bury(jq); /* the rest of its answer is still to come */
		return rh_err_set(err, code, "no memory for a record");
	}
	return RH_OK;
}

/* ---- for others --------------------------------------------------------------------------------------------- */

int rh_jq_run(struct rh_jq *jq, struct rh_str record, struct rh_buf *out, enum rh_jq_fate *fate,
	      struct rh_err *err)
{
	bool is_killed = false;
	int code = ask(jq, record, out, fate, &is_killed, err);

	if (code == RH_OK && is_killed) {
		code = ask(jq, record, out, fate, &is_killed, err); /* J2 */
	}
	if (code != RH_OK) {
		return code;
	}
	jq->ended = *fate == RH_JQ_TOO_LONG || *fate == RH_JQ_ENDED ? jq->ended + 1 : 0;
	if (jq->ended < RH_JQ_ENDED_MAX) {
		return RH_OK;
	}
	(void)rh_err_set(err, RH_EINPUT, "the jq program of the mapping %s at %u records in a row",
			 *fate == RH_JQ_TOO_LONG ? "took too long"
						 : "took too much memory, or crashed,",
			 jq->ended);
	rh_err_hint(err, "See one record with `rehome mapping test`, and correct the program.");
	return RH_EINPUT;
}

int rh_jq_start(struct rh_jq **out, struct rh_str program, struct rh_err *err)
{
	struct rh_jq *jq = rh_calloc(1, sizeof(*jq));

	if (jq == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a jq program");
	}
	jq->fd = -1;
	jq->program = rh_malloc(program.len + 1);
	if (jq->program == NULL) {
		rh_jq_end(jq);
		return rh_err_set(err, RH_ENOMEM, "no memory for a jq program");
	}
	memcpy(jq->program, program.ptr, program.len);
	jq->program[program.len] = '\0';
	int code = begin(jq, err);
	if (code != RH_OK) {
		rh_jq_end(jq);
		return code;
	}
	*out = jq;
	return RH_OK;
}

void rh_jq_end(struct rh_jq *jq)
{
	if (jq == NULL) {
		return;
	}
	(void)bury(jq);
	rh_free(jq->program);
	rh_free(jq);
}
