/* SPDX-License-Identifier: Apache-2.0 */
/* rehome verify: read the target back and compare it with what was written. */
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"

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
	return rh_page_end(cli, code, &err, &counts, 0);
}
