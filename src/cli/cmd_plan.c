/* SPDX-License-Identifier: Apache-2.0 */
/* rehome plan: read, check, ask the target; write to neither side. */
#include <inttypes.h>

#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"
#include "cli/wizard.h"

/* A known password that does not fit its hash: `apply` refuses such a plan, so no command to apply it is printed. */
static bool tell_failed_proofs(struct rh_cli *cli)
{
	struct rh_finding_group group;
	uint64_t failed = 0;

	for (size_t i = 0; rh_migration_finding(cli->migration, i, &group); i++) {
		failed += group.info->code == RH_FINDING_PROOF_FAILED ? group.count : 0;
	}
	if (failed > 0 && !cli->values.json) {
		rh_print(cli,
			 "this plan is not applied: known passwords that do not fit their hashes: "
			 "%" PRIu64
			 " (RH0310); see that those given with --prove are right, try them with "
			 "`rehome password check`, and plan again\n",
			 failed);
	}
	return failed > 0;
}

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
	code = rh_migration_meet_source(cli->migration, &err);
	if (code != RH_OK) {
		exit_code = rh_plan_exit(code, &counts);
		(void)rh_cli_fail(cli, code, &err); /* told; the code is the plan's */
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
	if (!tell_failed_proofs(cli) && counts.create + counts.link + counts.update > 0) {
		rh_page_next(cli, "next", "apply", revision, true);
	}
	rh_wizard_tell(cli);
	return exit_code;
}
