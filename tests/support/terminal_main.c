/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal SCRIPT COMMAND [ARGUMENT...]: runs the command on a terminal of its own and types for somebody.
 *
 * A line of the script is "WHAT IS WAITED FOR<TAB>WHAT IS TYPED"; the line end is typed, too, and "^C" alone is the
 * key for an interrupt.  Everything that the terminal shows goes to standard output.  The exit code is the
 * command's; 99: what was waited for did not come within 60 s (then standard error says what), 98: no terminal.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 60000
#define SHOWN_MAX (1U << 20)

/* What the terminal showed since the last answer. */
static char shown[SHOWN_MAX];
static size_t shown_len;

/* 1: more came; 0: the terminal was closed; -1: nothing came. */
static int look(int terminal)
{
	struct pollfd wait = {.fd = terminal, .events = POLLIN};
	ssize_t got;

	if (poll(&wait, 1, PATIENCE_MS) <= 0) {
		return -1;
	}
	if (shown_len > SHOWN_MAX / 2) {
		memmove(shown, shown + SHOWN_MAX / 4, shown_len - SHOWN_MAX / 4);
		shown_len -= SHOWN_MAX / 4;
	}
	got = read(terminal, shown + shown_len, SHOWN_MAX - shown_len - 1);
	if (got <= 0) {
		return 0; /* EIO: the last process on the terminal is gone */
	}
	(void)fwrite(shown + shown_len, 1, (size_t)got, stdout);
	shown_len += (size_t)got;
	shown[shown_len] = '\0';
	return 1;
}

static int wait_for(int terminal, const char *text)
{
	const char *found;

	while ((found = memmem(shown, shown_len, text, strlen(text))) == NULL) {
		if (look(terminal) != 1) {
			(void)fprintf(stderr, "terminal: \"%s\" did not come\n", text);
			return -1;
		}
	}
	/* The next answer waits for something that comes behind it. */
	found += strlen(text);
	shown_len -= (size_t)(found - shown);
	memmove(shown, found, shown_len);
	return 0;
}

static int type(int terminal, const char *text)
{
	if (strcmp(text, "^C") == 0) {
		return write(terminal, "\003", 1) == 1 ? 0 : -1;
	}
	size_t len = strlen(text);
	return write(terminal, text, len) == (ssize_t)len && write(terminal, "\n", 1) == 1 ? 0 : -1;
}

static int play(FILE *script, int terminal)
{
	char *line = NULL;
	size_t size = 0;
	int code = 0;

	while (code == 0 && getline(&line, &size, script) > 0) {
		line[strcspn(line, "\n")] = '\0';
		char *tab = strchr(line, '\t');
		if (tab == NULL) {
			continue;
		}
		*tab = '\0';
		code = wait_for(terminal, line);
		if (code == 0) {
			/* A question about a secret turns the echo off behind its text, and forgets what was
			 * typed before. */
			(void)poll(NULL, 0, 150);
			code = type(terminal, tab + 1);
		}
	}
	free(line);
	return code;
}

int main(int argc, char **argv)
{
	FILE *script = argc > 2 ? fopen(argv[1], "re") : NULL;
	struct winsize size = {.ws_row = 40, .ws_col = 100};
	int terminal;
	int status = 0;
	pid_t child;

	if (script == NULL) {
		(void)fprintf(stderr, "usage: terminal SCRIPT COMMAND [ARGUMENT...]\n");
		return 98;
	}
	child = forkpty(&terminal, NULL, NULL, &size);
	if (child == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (child < 0) {
		perror("terminal");
		return 98;
	}
	int code = play(script, terminal);
	(void)fclose(script);
	if (code != 0) {
		(void)kill(child, SIGKILL);
	}
	while (look(terminal) == 1) {
		shown_len = 0;
	}
	if (waitpid(child, &status, 0) != child || code != 0) {
		return 99;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
