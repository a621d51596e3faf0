/* SPDX-License-Identifier: Apache-2.0 */
/* rehome accounts: what became of each, or of one. */
#include <string.h>

#include "base/str.h"
#include "cli/account_line.h"
#include "cli/command.h"
#include "cli/finding_list.h"
#include "cli/migration.h"
#include "cli/print.h"
#include "cli/tables.h"

struct listing {
	struct rh_cli *cli;
	struct rh_account_columns columns;
	bool is_one;
	uint64_t count;
};

static bool measure_one(void *context, const struct rh_account_line *line)
{
	struct listing *listing = context;

	return rh_account_line_measure(&listing->columns, line) && !rh_cli_was_stopped();
}

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
		rh_account_line_print(cli, &listing->columns, line);
	}
	listing->count++;
	return cli->written == 0 && !rh_cli_was_stopped();
}

static int list_all(struct listing *listing, const char *state, const char *id, struct rh_err *err)
{
	struct rh_cli *cli = listing->cli;
	int code = RH_OK;

	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "accounts");
		rh_json_begin_array(&cli->json);
	} else if (!listing->is_one) {
		code = rh_migration_accounts(cli->migration, state, id, measure_one, listing, err);
	}
	if (code == RH_OK && !rh_cli_was_stopped()) {
		code = rh_migration_accounts(cli->migration, state, id, list_one, listing, err);
	}
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
	return code;
}

/* Whom nobody tried yet has no line, and is not unknown for that. */
static void tell_of_open(struct rh_cli *cli, const char *state, const char *id, bool has_any)
{
	struct rh_run_counts counts = {0};
	rh_autobuf open = {0};

	if (rh_migration_status(cli->migration, &counts, NULL) != RH_OK) {
		return; /* the list could be had, so this is a race with somebody who writes */
	}
	rh_buf_init(&open, 64);
	rh_print_add_count(&open, counts.open);
	if (id != NULL && !has_any && counts.open > 0) {
		rh_print_note(cli,
			      "nothing happened to this source id yet: it is among the %.*s "
			      "that apply has still to\ntry, or the source has nobody like that\n",
			      RH_STR_ARG(rh_buf_str(&open)));
	} else if (id != NULL && !has_any) {
		rh_print_note(cli, "no account of this migration has this source id\n");
	} else if (id == NULL && counts.open > 0 &&
		   (state == NULL || strcmp(state, "planned") == 0)) {
		rh_print_note(cli, "not tried yet, and listed once apply has tried them: %.*s\n",
			      RH_STR_ARG(rh_buf_str(&open)));
	}
}

static int list_accounts(struct rh_cli *cli)
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
	code = list_all(&listing, state, id, &err);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	if (rh_cli_was_stopped()) {
		return RH_EXIT_INTERRUPTED;
	}
	tell_of_open(cli, state, id, listing.count > 0);
	return id != NULL && listing.count == 0 ? RH_EXIT_REFUSED : RH_EXIT_DONE;
}

int rh_cmd_accounts(struct rh_cli *cli)
{
	if (cli->values.finding != NULL) {
		return rh_finding_list(cli);
	}
	if (cli->values.format != RH_ACCOUNTS_TEXT) {
		return rh_cli_usage(cli, "rehome ids writes who is at the target.",
				    "--format goes with --finding");
	}
	return list_accounts(cli);
}
