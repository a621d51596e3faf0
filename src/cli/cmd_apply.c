/* SPDX-License-Identifier: Apache-2.0 */
/* rehome apply: do what is planned, with consent; again to go on. */
#include "base/err.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"

/* The plan in hand: revision --plan N as it stands, or one made now. */
static int make_plan(struct rh_cli *cli, int64_t *revision, struct rh_plan_counts *counts)
{
	bool is_named = rh_cli_given(cli, "plan") != NULL;
	struct rh_err err = {0};
	int code;

	if (is_named) {
		code = rh_migration_load_plan(cli->migration, (int64_t)cli->values.plan, revision,
					      counts, &err);
	} else {
		code = rh_migration_plan(cli->migration, revision, counts, &err);
	}
	rh_term_finish(&cli->term);
	if (code == RH_OK) {
		if (!is_named || !cli->values.yes) {
			rh_page_plan(cli, *revision, counts);
		}
		return RH_EXIT_DONE;
	}
	(void)rh_cli_fail(cli, code, &err); /* told; the code is the plan's */
	int exit_code = rh_plan_exit(code, counts);
	if (exit_code == RH_EXIT_STOPPED || exit_code == RH_EXIT_INTERRUPTED) {
		rh_page_next(cli, "to go on", "apply", (int64_t)cli->values.plan, cli->values.yes);
	}
	return exit_code;
}

static int refuse(struct rh_cli *cli, int64_t revision)
{
	int code = rh_err_set(&cli->err, RH_ECONSENT, "nothing is written without --yes");

	rh_page_next(cli, "to do it", "apply", revision, true);
	(void)rh_cli_fail(cli, code, &cli->err); /* told */
	return RH_EXIT_USAGE;
}

int rh_cmd_apply(struct rh_cli *cli)
{
	bool is_named = rh_cli_given(cli, "plan") != NULL;
	/* A revision knows its sides; where it stands is all that must be known. */
	bool finds = is_named && rh_cli_given(cli, "from") == NULL;
	struct rh_plan_counts planned = {0};
	struct rh_run_counts counts = {0};
	struct rh_err err = {0};
	int64_t revision = 0;
	int exit_code = rh_cli_migration_open(cli, (finds ? RH_OPEN_FINDS_WORKSPACE : 0) |
							   (is_named ? RH_OPEN_RESTORES : 0));

	if (exit_code == RH_EXIT_DONE) {
		exit_code = rh_page_sides(cli, true);
	}
	if (exit_code == RH_EXIT_DONE) {
		exit_code = make_plan(cli, &revision, &planned);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	if (!cli->values.yes) {
		return refuse(cli, revision);
	}
	int code = rh_migration_apply(cli->migration, &counts, &err);
	exit_code = rh_page_end(cli, code, &err, &counts, revision);
	if (code == RH_OK && counts.open + counts.unknown + counts.deferred == 0) {
		rh_page_next(cli, "next", "verify", 0, false);
	}
	return exit_code;
}
