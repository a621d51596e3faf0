/* SPDX-License-Identifier: Apache-2.0 */
/* rehome accounts: what became of each, or of one. */
#include "cli/account_line.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/tables.h"

struct listing {
	struct rh_cli *cli;
	bool is_one;
	uint64_t count;
};

static bool list_one(void *context, const struct rh_account_line *line)
{
	struct listing *listing = context;
	struct rh_cli *cli = listing->cli;

	if (cli->values.json) {
		rh_account_line_put(cli, line);
	} else if (listing->is_one) {
		rh_print(cli, "%s", listing->count > 0 ? "\n" : "");
		rh_account_line_print_whole(cli, line);
	} else {
		rh_account_line_print(cli, line);
	}
	listing->count++;
	return cli->written == 0 && !rh_cli_was_stopped();
}

int rh_cmd_accounts(struct rh_cli *cli)
{
	const char *id = cli->word_count > 0 ? cli->words[0] : NULL;
	const char *state = cli->values.state > 0 ? rh_state_choices[cli->values.state] : NULL;
	struct listing listing = {.cli = cli, .is_one = id != NULL};
	struct rh_err err = {0};
	int exit_code = rh_cli_migration_open(cli, RH_OPEN_FINDS_WORKSPACE | RH_OPEN_ASKS_NOBODY);
	int code;

	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "accounts");
		rh_json_begin_array(&cli->json);
	}
	code = rh_migration_accounts(cli->migration, state, id, list_one, &listing, &err);
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	if (rh_cli_was_stopped()) {
		return RH_EXIT_INTERRUPTED;
	}
	if (id != NULL && listing.count == 0) {
		rh_print_note(cli, "no account has this source id; what was not tried yet and has "
				   "no exception is not listed\n");
		return RH_EXIT_REFUSED;
	}
	return RH_EXIT_DONE;
}
