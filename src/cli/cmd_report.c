/* SPDX-License-Identifier: Apache-2.0 */
/* rehome report: plan, run, and everybody to whom something happened that was not plain success. */
#include <string.h>

#include "cli/account_line.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"
#include "cli/tables.h"

struct listing {
	struct rh_cli *cli;
	struct rh_account_columns columns;
	uint64_t count;
};

static bool is_plain_success(const struct rh_account_line *line)
{
	return line->code[0] == '\0' && line->dropped[0] == '\0' &&
	       (strcmp(line->state, "done") == 0 || strcmp(line->state, "verified") == 0 ||
		strcmp(line->state, "updated") == 0);
}

static bool measure_one(void *context, const struct rh_account_line *line)
{
	struct listing *listing = context;

	return (is_plain_success(line) || rh_account_line_measure(&listing->columns, line)) &&
	       !rh_cli_was_stopped();
}

static bool list_one(void *context, const struct rh_account_line *line)
{
	struct listing *listing = context;
	struct rh_cli *cli = listing->cli;

	if (!is_plain_success(line)) {
		if (cli->values.json) {
			rh_account_line_put(cli, line);
		} else {
			if (listing->count == 0) {
				rh_print(cli, "\naccounts that did not simply move\n");
			}
			rh_account_line_print(cli, &listing->columns, line);
		}
		listing->count++;
	}
	return cli->written == 0 && !rh_cli_was_stopped();
}

static int list_accounts(struct rh_cli *cli)
{
	struct listing listing = {.cli = cli};
	struct rh_err err = {0};
	int code = RH_OK;

	if (cli->values.json) {
		rh_json_key(&cli->json, "accounts");
		rh_json_begin_array(&cli->json);
	} else {
		code = rh_migration_accounts(cli->migration, NULL, NULL, measure_one, &listing,
					     &err);
	}
	if (code == RH_OK && !rh_cli_was_stopped()) {
		code = rh_migration_accounts(cli->migration, NULL, NULL, list_one, &listing, &err);
	}
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	return rh_cli_was_stopped() ? RH_EXIT_INTERRUPTED : RH_EXIT_DONE;
}

int rh_cmd_report(struct rh_cli *cli)
{
	struct rh_plan_counts planned = {0};
	struct rh_run_counts counts = {0};
	struct rh_err err = {0};
	int64_t revision = 0;
	int exit_code;
	int code;

	cli->values.json |= cli->values.format == RH_REPORT_JSON;
	exit_code = rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_ASKS_NOBODY);
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	(void)rh_page_sides(cli, false); /* a workspace without its key tells less */
	code = rh_migration_load_plan(cli->migration, 0, &revision, &planned, &err);
	if (code == RH_OK) {
		rh_page_plan(cli, revision, &planned, false);
		code = rh_migration_status(cli->migration, &counts, &err);
	}
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	if (!cli->values.json) {
		rh_print(cli, "\n");
	}
	rh_page_run(cli, "as it stands", &counts);
	return list_accounts(cli);
}
