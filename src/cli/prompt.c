/* SPDX-License-Identifier: Apache-2.0 */
/* Questions on a terminal; for secrets without echo. */
#include "cli/prompt.h"

#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

#define CONTROL_C '\003'

bool rh_prompt_is_possible(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

static int read_answer(struct rh_buf *out, struct rh_err *err)
{
	for (;;) {
		char byte = 0;
		ssize_t got = read(STDIN_FILENO, &byte, 1);

		if (got == 1 && byte == '\n') {
			return rh_buf_check(out, "the answer", err);
		}
		if (got == 1 && byte != CONTROL_C) {
			rh_buf_add_char(out, byte);
			continue;
		}
		if (got < 0 && errno != EINTR) {
			return rh_err_errno(err, RH_EIO, errno, "could not read from the terminal");
		}
		return rh_err_set(err, RH_EINTERRUPTED, "interrupted");
	}
}

int rh_prompt_ask(const char *question, bool is_secret, struct rh_buf *out, struct rh_err *err)
{
	struct termios shown;
	struct termios hidden;
	bool is_hidden = false;
	int code;

	(void)fprintf(stderr, "%s: ", question); /* a terminal; what is typed is checked anyway */
	(void)fflush(stderr);
	if (is_secret && tcgetattr(STDIN_FILENO, &shown) == 0) {
		hidden = shown;
		/* An interrupt ends the line as a byte of its own, so that echo is always given back. */
		hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
		hidden.c_cc[VEOL] = CONTROL_C;
		is_hidden = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
	}
	code = read_answer(out, err);
	if (is_hidden) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown); /* nothing more can be done */
		(void)fputc('\n', stderr);
	}
	return code;
}
