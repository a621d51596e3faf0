/* SPDX-License-Identifier: Apache-2.0 */
/* One invocation from its arguments to its exit code. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/complete.h"
#include "cli/help.h"
#include "cli/migration.h"
#include "cli/options.h"
#include "cli/page.h"
#include "cli/print.h"
#include "config/options.h"

/* Arguments, names and paths of one invocation. */
#define ARENA_MAX (256U * 1024 * 1024)
/* The part of the document that is not written yet. */
#define DOCUMENT_MAX (64U * 1024 * 1024)

int rh_cli_fail(struct rh_cli *cli, int code, const struct rh_err *err)
{
	struct rh_run_counts nothing = {0};

	if (err != &cli->err) {
		cli->err = *err;
	}
	cli->err.code = code;
	cli->has_failed = true;
	rh_print_error(cli, &cli->err);
	return rh_run_exit(code, &nothing);
}

int rh_cli_usage(struct rh_cli *cli, const char *hint, const char *fmt, ...)
{
	char message[sizeof(cli->err.message)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, args); /* cut short it still tells */
	va_end(args);
	(void)rh_err_set(&cli->err, RH_EUSAGE, "%s", message);
	if (hint != NULL) {
		rh_err_hint(&cli->err, "%s", hint);
	}
	return rh_cli_fail(cli, RH_EUSAGE, &cli->err);
}

static int print_version(struct rh_cli *cli)
{
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "version", rh_str_from(rh_version()));
	} else {
		rh_print(cli, "rehome %s\n", rh_version());
	}
	return RH_EXIT_DONE;
}

/* A command about a migration that stopped before it knew more than how it was called. */
static void tell_way_on(struct rh_cli *cli, int exit_code)
{
	if (cli->has_failed && !cli->has_next && cli->migration != NULL &&
	    (cli->command->flags & RH_COMMAND_PROVIDERS) != 0 &&
	    (exit_code == RH_EXIT_STOPPED || exit_code == RH_EXIT_INTERRUPTED)) {
		rh_page_next(cli, "to go on", cli->command->name, (int64_t)cli->values.plan,
			     cli->values.yes);
	}
}

static int run(struct rh_cli *cli)
{
	int exit_code;

	if (cli->values.version) {
		return print_version(cli);
	}
	if (cli->values.help) {
		rh_help_print(cli, cli->command);
		return RH_EXIT_DONE;
	}
	if (cli->command == NULL) {
		return rh_cli_usage(cli, "The commands are shown by: rehome help",
				    "no command is given");
	}
	exit_code = cli->command->run(cli);
	tell_way_on(cli, exit_code);
	return exit_code;
}

/* What could not be written is told, unless the reader just went away. */
static int close_output(struct rh_cli *cli, int exit_code)
{
	rh_print_flush(cli);
	if (cli->written == 0 || cli->written == EPIPE) {
		return exit_code;
	}
	(void)fprintf(stderr, "rehome: could not write standard output: %s\n",
		      strerror(cli->written)); /* nobody is left to be told */
	return exit_code == RH_EXIT_DONE || exit_code == RH_EXIT_REFUSED ? RH_EXIT_STOPPED
									 : exit_code;
}

/* A standard stream that is closed: its number would go to the next file or connection, and what is printed
 * into that.  In its place comes one that cannot be read or written. */
static void hold_standard_streams(void)
{
	static const int flags[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = 0; fd < 3; fd++) {
		int lowest; /* the one that is free: fd itself */

		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    rh_file_open(&lowest, "/dev/null", flags[fd], NULL) != RH_OK) {
			return; /* without /dev/null as it was */
		}
	}
}

/* No core, no debugger and no look at the environment for anybody but root: there are keys and digests of passwords
 * in here.  A build for tests is left as it is, so that they can look. */
#ifdef RH_TEST_HOOKS
static void keep_to_oneself(void)
{
	const char *text = rh_environment("REHOME_TEST_ALLOC_FAILS_FROM");
	uint64_t n;

	/* The other hook of such a build: memory is out from here on. */
	if (text != NULL && rh_str_to_u64(rh_str_from(text), &n)) {
		rh_alloc_fail_from(n);
	}
}
#else
static void keep_to_oneself(void)
{
	const struct rlimit none = {0};

	(void)prctl(PR_SET_DUMPABLE, 0);     /* cannot fail */
	(void)setrlimit(RLIMIT_CORE, &none); /* nor this: less is always granted */
}
#endif

int rh_cli_main(int argc, char **argv)
{
	struct rh_cli cli = {0};
	int exit_code;
	int code;

	if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
		return rh_complete(argc - 2, argv + 2);
	}
	keep_to_oneself();
	hold_standard_streams();
	/* A reader that goes away, and a file that may not grow, show as errors of writing. */
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail */
	(void)signal(SIGXFSZ, SIG_IGN);
	rh_arena_init(&cli.arena, ARENA_MAX, RH_ARENA_WIPE);
	rh_buf_init(&cli.document, DOCUMENT_MAX);
	rh_json_writer_init(&cli.json, &cli.document);
	code = rh_options_parse(&cli, argc, argv);
	rh_term_init(&cli.term,
		     cli.values.quiet ? RH_PROGRESS_NONE
				      : (enum rh_progress_form)cli.values.progress,
		     stderr, rh_clock_system(), 0);
	exit_code = code == RH_OK ? run(&cli) : rh_cli_fail(&cli, code, &cli.err);
	rh_term_finish(&cli.term);
	rh_cli_migration_close(&cli);
	rh_print_document_end(&cli, exit_code);
	exit_code = close_output(&cli, exit_code);
	rh_buf_done(&cli.document);
	rh_arena_done(&cli.arena);
	return exit_code;
}
