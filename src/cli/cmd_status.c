/* SPDX-License-Identifier: Apache-2.0 */
/* rehome status: where a migration stands; asks nobody. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"

enum { WATCH_EVERY_MS = 2000 };

static bool is_settled(const struct rh_run_counts *counts)
{
	return counts->open + counts->unknown + counts->deferred + counts->undo_open +
		       counts->entities_open + counts->entities_undo_open ==
	       0;
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

/* A removal that goes on in production needs the tenant's id once more. */
static void tell_how_to_go_on(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	int64_t revision = 0;
	const char *command = rh_page_pending(cli, counts, &revision);
	const char *tenant = "";
	struct rh_str option = RH_STR_ABSENT;

	if (command != NULL && strcmp(command, "undo") == 0) {
		tenant = rh_migration_tenant_to_confirm(cli->migration);
	}
	if (tenant[0] != '\0') {
		option = rh_arena_printf(&cli->arena, "confirm %s", tenant);
	}
	if (option.ptr != NULL) {
		rh_page_next_instead(cli, "to go on", command, option.ptr, true);
	} else if (command != NULL) {
		rh_page_next(cli, "to go on", command, revision, true);
	}
}

int rh_cmd_status(struct rh_cli *cli)
{
	struct rh_run_counts counts = {0};
	struct rh_err err = {0};
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
	if (!rh_page_at_work(cli)) { /* else no command goes on before that one has ended */
		tell_how_to_go_on(cli, &counts);
	}
	return rh_run_exit(RH_OK, &counts);
}
