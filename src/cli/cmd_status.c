/* SPDX-License-Identifier: Apache-2.0 */
/* rehome status: where a migration stands; asks nobody. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"

enum { WATCH_EVERY_MS = 2000 };

static bool is_settled(const struct rh_run_counts *counts)
{
	return counts->open + counts->unknown + counts->deferred + counts->undo_open == 0;
}

/* The status again and again, as long as somebody else works on it. */
static int watch(struct rh_cli *cli, struct rh_run_counts *counts, struct rh_err *err)
{
	int code = RH_OK;

	while (code == RH_OK && !is_settled(counts) && !rh_cli_was_stopped() && cli->written == 0) {
		struct rh_run_counts before = *counts;

		rh_print_flush(cli);
		(void)poll(NULL, 0, WATCH_EVERY_MS); /* a signal only ends it early */
		code = rh_migration_status(cli->migration, counts, err);
		if (code == RH_OK && memcmp(&before, counts, sizeof(before)) != 0) {
			rh_print(cli, "\n");
			rh_page_run(cli, "status", counts);
		}
	}
	return code;
}

static void tell_at_work(struct rh_cli *cli, const char *text)
{
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "atWork", rh_str_from(text));
		return;
	}
	rh_print(cli,
		 "\nat work on it now: %s\nsee how it goes on: rehome status --watch; nothing else "
		 "can "
		 "be begun before it ends\n",
		 text);
}

int rh_cmd_status(struct rh_cli *cli)
{
	struct rh_run_counts counts = {0};
	struct rh_err err = {0};
	const char *command;
	const char *at_work;
	int64_t revision = 0;
	int exit_code;
	int code;

	if (cli->values.watch && cli->values.json) {
		return rh_cli_usage(cli, "Ask again and again, or leave --json out.",
				    "--watch shows many states, and --json is one document");
	}
	exit_code = rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_ASKS_NOBODY);
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	code = rh_migration_status(cli->migration, &counts, &err);
	if (code == RH_OK) {
		rh_page_run(cli, "status", &counts);
	}
	if (code == RH_OK && cli->values.watch) {
		code = watch(cli, &counts, &err);
	}
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	at_work = rh_migration_at_work(cli->migration);
	if (at_work[0] != '\0') { /* no command goes on before that one has ended */
		tell_at_work(cli, at_work);
		return rh_run_exit(RH_OK, &counts);
	}
	command = rh_page_pending(cli, &counts, &revision);
	if (command != NULL) {
		rh_page_next(cli, "to go on", command, revision, true);
	}
	return rh_run_exit(RH_OK, &counts);
}
