/* SPDX-License-Identifier: Apache-2.0 */
/* rehome verify: read the target back and compare it with what was written. */
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"

/* Nobody is compared to the end before everybody is written. */
static int send_to_apply(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	struct rh_plan_counts planned = {0};
	int64_t revision = 0;

	rh_page_run(cli, "verify", counts);
	if (rh_migration_load_plan(cli->migration, 0, &revision, &planned, NULL) == RH_OK) {
		rh_page_next(cli, "to go on", "apply", revision, true);
	}
	return rh_run_exit(RH_OK, counts);
}

int rh_cmd_verify(struct rh_cli *cli)
{
	struct rh_run_counts counts = {0};
	struct rh_err err = {0};
	int exit_code = rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_RESTORES);
	int code;

	if (exit_code == RH_EXIT_DONE) {
		exit_code = rh_page_sides(cli, true);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	code = rh_migration_verify(cli->migration, &counts, &err);
	if (code == RH_OK && rh_run_exit(code, &counts) == RH_EXIT_STOPPED) {
		rh_term_finish(&cli->term);
		return send_to_apply(cli, &counts);
	}
	return rh_page_end(cli, code, &err, &counts, 0);
}
