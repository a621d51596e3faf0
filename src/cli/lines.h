/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a file, one after another, in bounded memory. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "base/buf.h"

struct rh_lines {
	int fd;
	struct rh_buf buf;
	size_t used; /* bytes at the front that were handed out */
	const char *path;
	bool has_ended;
};

RH_NODISCARD int rh_lines_open(struct rh_lines *lines, const char *path, struct rh_err *err);
/* 1: *out is the next line, without its end, writable, until the next call; 0: no more; < 0 an error.  A last
 * line without an end was cut by a crash and is passed over. */
RH_NODISCARD int rh_lines_next(struct rh_lines *lines, char **out, size_t *out_len,
			       struct rh_err *err);
/* After rh_lines_next said that there are no more: what stands behind the last line end, writable; false: nothing does. */
bool rh_lines_rest(struct rh_lines *lines, char **out, size_t *out_len);
void rh_lines_close(struct rh_lines *lines); /* accepts a zeroed one with fd -1 */

#endif
