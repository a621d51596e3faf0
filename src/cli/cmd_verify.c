/* SPDX-License-Identifier: Apache-2.0 */
/* rehome verify: read the target back and compare it with what was written. */
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"

/* Nobody is compared to the end before everybody is written, or removed.  What a verify that came to its end has
 * counted is not counted again. */
static const char *way_on(struct rh_cli *cli, int code, const struct rh_run_counts *counted,
			  int64_t *revision)
{
	struct rh_run_counts counts = *counted;
	const char *command = NULL;

	*revision = 0;
	if (code == RH_OK || rh_migration_status(cli->migration, &counts, NULL) == RH_OK) {
		command = rh_page_pending(cli, &counts, revision);
	}
	return command != NULL ? command : "verify";
}

/* Whoever is not as planned has a list. */
static void tell_whom(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	const char *state = counts->differs > 0   ? "state differs"
			    : counts->missing > 0 ? "state missing"
						  : NULL;

	if (state != NULL) {
		rh_page_next_instead(cli, counts->differs > 0 ? "who differs" : "who is missing",
				     "accounts", state, false);
	}
}

int rh_cmd_verify(struct rh_cli *cli)
{
	struct rh_run_counts counts = {0};
	struct rh_err err = {0};
	int64_t revision = 0;
	int exit_code = rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_RESTORES);
	int code;

	if (exit_code == RH_EXIT_DONE) {
		exit_code = rh_page_sides(cli, true);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	code = rh_migration_verify(cli->migration, &counts, &err);
	const char *command = way_on(cli, code, &counts, &revision);
	exit_code = rh_page_end(cli, code, &err, &counts, command, revision);
	if (code == RH_OK && exit_code == RH_EXIT_REFUSED) {
		tell_whom(cli, &counts);
	}
	return exit_code;
}
