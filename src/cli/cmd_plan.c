/* SPDX-License-Identifier: Apache-2.0 */
/* rehome plan: read, check, ask the target; write to neither side. */
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"

int rh_cmd_plan(struct rh_cli *cli)
{
	struct rh_plan_counts counts = {0};
	struct rh_err err = {0};
	int64_t revision = 0;
	int exit_code = rh_cli_migration_open(cli, 0);
	int code;

	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	(void)rh_page_sides(cli, false); /* a plan writes nowhere: it need not be told first */
	code = rh_migration_plan(cli->migration, &revision, &counts, &err);
	rh_term_finish(&cli->term);
	exit_code = rh_plan_exit(code, &counts);
	if (code != RH_OK) {
		(void)rh_cli_fail(cli, code, &err); /* told; the code is the plan's */
		if (exit_code == RH_EXIT_STOPPED || exit_code == RH_EXIT_INTERRUPTED) {
			rh_page_next(cli, "to go on", "plan", 0, cli->values.yes);
		}
		return exit_code;
	}
	rh_page_plan(cli, revision, &counts, false);
	if (!cli->values.json) {
		rh_print(cli, "nothing is written yet, to neither side\n");
	}
	if (counts.create + counts.link + counts.update > 0) {
		rh_page_next(cli, "next", "apply", revision, true);
	}
	return exit_code;
}
