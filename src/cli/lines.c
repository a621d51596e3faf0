/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a file. */
#include "cli/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"

#define LINE_MAX_LEN (4U * 1024 * 1024)
#define CHUNK (64U * 1024)

int rh_lines_open(struct rh_lines *lines, const char *path, struct rh_err *err)
{
	*lines = (struct rh_lines){.fd = -1, .path = path};
	rh_buf_init(&lines->buf, LINE_MAX_LEN);
	return rh_file_open(&lines->fd, path, O_RDONLY, err);
}

static int fill(struct rh_lines *lines, struct rh_err *err)
{
	char *room;
	ssize_t got;

	rh_buf_consume(&lines->buf, lines->used);
	lines->used = 0;
	room = rh_buf_reserve(&lines->buf, CHUNK);
	if (room == NULL) {
		return rh_buf_check(&lines->buf, lines->path, err);
	}
	do {
		got = read(lines->fd, room, CHUNK);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not read \"%s\"", lines->path);
	}
	lines->buf.len += (size_t)got;
	lines->has_ended = got == 0;
	return RH_OK;
}

int rh_lines_next(struct rh_lines *lines, char **out, size_t *out_len, struct rh_err *err)
{
	for (;;) {
		char *start = lines->buf.ptr != NULL ? lines->buf.ptr + lines->used : NULL;
		size_t rest = lines->buf.len - lines->used;
		char *end = start != NULL && rest > 0 ? memchr(start, '\n', rest) : NULL;

		if (end != NULL) {
			*end = '\0';
			*out = start;
			*out_len = (size_t)(end - start);
			lines->used += *out_len + 1;
			return 1;
		}
		if (lines->has_ended) {
			return 0;
		}
		int code = fill(lines, err);
		if (code != RH_OK) {
			return code;
		}
	}
}

bool rh_lines_rest(struct rh_lines *lines, char **out, size_t *out_len)
{
	size_t len = lines->buf.len - lines->used;

	if (!lines->has_ended || len == 0) {
		return false;
	}
	*out = lines->buf.ptr + lines->used;
	*out_len = len;
	lines->used = lines->buf.len;
	return true;
}

void rh_lines_close(struct rh_lines *lines)
{
	rh_close_fd(&lines->fd);
	rh_buf_done(&lines->buf);
}
