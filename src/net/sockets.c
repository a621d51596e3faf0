/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl names the sockets that it waits for, and the moment at which it wants to be called; epoll does the waiting.
 * With curl_multi_perform each turn would look at every transfer and ask the kernel for each of its sockets.
 *
 *  1. Between two requests of one kept connection libcurl lets go of the socket and takes it again.  A socket that libcurl
 *     opened through us stays in epoll meanwhile, since we also see it closed; others, as those of its resolver, are
 *     taken out at once, because their number may come back as another file.
 *  2. What happens on a socket that nobody waits for (a server that closes an idle connection) takes it out of epoll: the
 *     next request on it finds out by itself.
 *  3. libcurl does not name a moment that it has named before, and none after a failure.  Where a call leaves us without
 *     one it is asked, or a transfer that waits for nothing but its time-out would wait for ever.
 */
#include "net/sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"

enum {
	EVENTS_MAX = 256,   /* of one turn; what is left comes with the next */
	FILES_FIRST = 1024, /* as many as a process may have open, mostly */
};

/* What is known of a file descriptor. */
struct file {
	bool is_ours;    /* opened by open_socket, and not closed since */
	bool is_wanted;  /* libcurl waits for it */
	uint32_t events; /* in epoll for these; 0: not in it */
};

struct rh_sockets {
	CURLM *multi;
	int epoll_fd;
	int wake_fd; /* in epoll; -1: none */
	bool has_failed;
	rh_time call_at;    /* steady; libcurl wants to be called then; -1: never */
	struct file *files; /* by number */
	size_t file_count;
};

static rh_time steady_now(void)
{
	struct rh_clock *clock = rh_clock_system(); /* libcurl's own */

	return clock->steady(clock);
}

/* NULL: memory out. */
static struct file *file_of(struct rh_sockets *sockets, int fd)
{
	size_t count = sockets->file_count;
	struct file *files;

	if ((size_t)fd < sockets->file_count) {
		return &sockets->files[fd];
	}
	while (count <= (size_t)fd) {
		count *= 2;
	}
	files = rh_realloc(sockets->files, count * sizeof(*files));
	if (files == NULL) {
		return NULL;
	}
	memset(files + sockets->file_count, 0, (count - sockets->file_count) * sizeof(*files));
	sockets->files = files;
	sockets->file_count = count;
	return &files[fd];
}

/* 0: out of epoll. */
static bool watch(const struct rh_sockets *sockets, int fd, struct file *file, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.fd = fd}};
	int operation = events == 0         ? EPOLL_CTL_DEL
			: file->events != 0 ? EPOLL_CTL_MOD
					    : EPOLL_CTL_ADD;

	if (events == file->events) {
		return true;
	}
	file->events = events;
	return epoll_ctl(sockets->epoll_fd, operation, fd, &event) == 0 || events == 0;
}

/* ---- what libcurl calls ---- */

static int take_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
	struct rh_sockets *sockets = user;
	struct file *file = file_of(sockets, fd);
	uint32_t events = 0;

	(void)easy;
	(void)unused;
	if (file == NULL) {
		sockets->has_failed = true;
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) {
		events |= EPOLLIN;
	}
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) {
		events |= EPOLLOUT;
	}
	file->is_wanted = events != 0;
	if (events == 0 && file->is_ours) {
		return 0; /* 1 */
	}
	if (!watch(sockets, fd, file, events)) {
		sockets->has_failed = true;
	}
	return 0;
}

static int take_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct rh_sockets *sockets = user;

	(void)multi;
	sockets->call_at = timeout_ms < 0    ? -1
			   : timeout_ms == 0 ? 0
					     : steady_now() + timeout_ms * RH_MILLISECOND;
	return 0;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct rh_sockets *sockets = user;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	struct file *file = fd >= 0 ? file_of(sockets, fd) : NULL;

	(void)purpose;
	if (fd >= 0 && file == NULL) {
		sockets->has_failed = true;
		(void)close(fd); /* nothing was sent on it */
		return CURL_SOCKET_BAD;
	}
	if (fd >= 0) {
		*file = (struct file){.is_ours = true};
	}
	return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

/* Closing takes it out of epoll as well. */
static int close_socket(void *user, curl_socket_t fd)
{
	struct rh_sockets *sockets = user;

	if ((size_t)fd < sockets->file_count) {
		sockets->files[fd] = (struct file){0};
	}
	return close(fd);
}

/* ---- turns ---- */

/* 3 */
static void ask_for_timer(struct rh_sockets *sockets)
{
	long timeout_ms = -1;

	if (curl_multi_timeout(sockets->multi, &timeout_ms) == CURLM_OK) {
		(void)take_timer(sockets->multi, timeout_ms, sockets);
	}
}

static int act(struct rh_sockets *sockets, curl_socket_t fd, int what, struct rh_err *err)
{
	int running;
	CURLMcode code = curl_multi_socket_action(sockets->multi, fd, what, &running);

	if (code != CURLM_OK || sockets->call_at < 0) {
		ask_for_timer(sockets);
	}
	if (code == CURLM_OK) {
		return RH_OK;
	}
	return rh_err_set(err, code == CURLM_OUT_OF_MEMORY ? RH_ENOMEM : RH_EINTERNAL,
			  "requests cannot go on: %s", curl_multi_strerror(code));
}

int rh_sockets_act(struct rh_sockets *sockets, struct rh_err *err)
{
	if (sockets->call_at < 0 || (sockets->call_at > 0 && sockets->call_at > steady_now())) {
		return RH_OK;
	}
	sockets->call_at = -1;
	return act(sockets, CURL_SOCKET_TIMEOUT, 0, err);
}

static int take_event(struct rh_sockets *sockets, const struct epoll_event *event,
		      struct rh_err *err)
{
	int fd = event->data.fd;
	struct file *file = (size_t)fd < sockets->file_count ? &sockets->files[fd] : NULL;
	int what = 0;

	if (fd == sockets->wake_fd || file == NULL || file->events == 0) {
		return RH_OK;
	}
	if (!file->is_wanted) {
		(void)watch(sockets, fd, file, 0); /* 2 */
		return RH_OK;
	}
	what |= (event->events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
	what |= (event->events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
	what |= (event->events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0;
	return act(sockets, fd, what, err);
}

/* A file that epoll cannot wait for is never readable late. */
static void watch_wake(struct rh_sockets *sockets, int wake_fd)
{
	/* It is not read here: a level would end every wait from then on. */
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.fd = wake_fd}};

	if (wake_fd == sockets->wake_fd) {
		return;
	}
	if (sockets->wake_fd >= 0) {
		(void)epoll_ctl(sockets->epoll_fd, EPOLL_CTL_DEL, sockets->wake_fd, NULL);
	}
	sockets->wake_fd = -1;
	if (wake_fd >= 0 && epoll_ctl(sockets->epoll_fd, EPOLL_CTL_ADD, wake_fd, &event) == 0) {
		sockets->wake_fd = wake_fd;
	}
}

static int patience(const struct rh_sockets *sockets, int timeout_ms)
{
	rh_time left;

	if (sockets->call_at < 0) {
		return timeout_ms;
	}
	left = (sockets->call_at - steady_now() + RH_MILLISECOND - 1) / RH_MILLISECOND;
	left = left > 0 ? left : 0;
	return left < timeout_ms ? (int)left : timeout_ms;
}

int rh_sockets_wait(struct rh_sockets *sockets, int timeout_ms, int wake_fd, struct rh_err *err)
{
	struct epoll_event events[EVENTS_MAX];
	int code = RH_OK;
	int count;

	watch_wake(sockets, wake_fd);
	count = epoll_wait(sockets->epoll_fd, events, EVENTS_MAX, patience(sockets, timeout_ms));
	if (count < 0 && errno != EINTR) {
		return rh_err_errno(err, RH_EINTERNAL, errno, "waiting for requests failed");
	}
	for (int i = 0; i < count && code == RH_OK; i++) {
		code = take_event(sockets, &events[i], err);
	}
	if (code == RH_OK) {
		code = rh_sockets_act(sockets, err);
	}
	if (code == RH_OK && sockets->has_failed) {
		code = rh_err_set(err, RH_ENOMEM, "a connection cannot be waited for");
	}
	return code;
}

/* ---- birth and death ---- */

int rh_sockets_adopt(struct rh_sockets *sockets, CURL *easy)
{
	int failed = 0;

	failed += curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sockets) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) != CURLE_OK;
	failed += curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets) != CURLE_OK;
	return failed;
}

int rh_sockets_new(struct rh_sockets **out, CURLM *multi, struct rh_err *err)
{
	struct rh_sockets *sockets = rh_calloc(1, sizeof(*sockets));

	if (sockets == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	*sockets = (struct rh_sockets){
		.multi = multi,
		.epoll_fd = -1,
		.wake_fd = -1,
		.call_at = -1,
		.files = rh_calloc(FILES_FIRST, sizeof(sockets->files[0])),
		.file_count = FILES_FIRST,
	};
	if (sockets->files == NULL) {
		rh_sockets_free(sockets);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	sockets->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (sockets->epoll_fd < 0) {
		rh_sockets_free(sockets);
		return rh_err_errno(err, RH_EINTERNAL, errno, "requests cannot be waited for");
	}
	if (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, take_socket) != CURLM_OK ||
	    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, sockets) != CURLM_OK ||
	    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, take_timer) != CURLM_OK ||
	    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, sockets) != CURLM_OK) {
		rh_sockets_free(sockets);
		return rh_err_set(err, RH_EINTERNAL, "the HTTP library is too old");
	}
	*out = sockets;
	return RH_OK;
}

void rh_sockets_free(struct rh_sockets *sockets)
{
	if (sockets == NULL) {
		return;
	}
	rh_close_fd(&sockets->epoll_fd);
	rh_free(sockets->files);
	rh_free(sockets);
}
