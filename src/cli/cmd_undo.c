/* SPDX-License-Identifier: Apache-2.0 */
/* rehome undo: remove what this migration created, with consent, and nothing else. */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"

/* What an undo would do now, in numbers. */
static void tell_what(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	const struct {
		const char *name;
		uint64_t count;
		const char *text;
	} lines[] = {
		{"remove", counts->created - counts->unproven, "to be removed"},
		{"putBack", counts->to_put_back, "changes to be put back"},
		{"lookUp", counts->unknown + counts->undo_open,
		 "to be looked up first: nobody knows whether they are there"},
		{"keep", counts->unproven + counts->kept,
		 "to be kept: nobody can prove that they were created here"},
		{"leave", counts->linked, "were there before and stay"},
	};

	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "undo");
		rh_json_begin_object(&cli->json);
	} else {
		rh_print(cli, "\nundo, as it would be now\n");
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		rh_autobuf number = {0};
		if (cli->values.json) {
			rh_json_key(&cli->json, lines[i].name);
			rh_json_put_u64(&cli->json, lines[i].count);
		} else if (i == 0 || lines[i].count > 0) {
			rh_buf_init(&number, 64);
			rh_print_add_count(&number, lines[i].count);
			rh_print(cli, "%12.*s  %s\n", RH_STR_ARG(rh_buf_str(&number)),
				 lines[i].text);
		}
	}
	if (cli->values.json) {
		rh_json_end_object(&cli->json);
	}
}

static int refuse(struct rh_cli *cli)
{
	struct rh_run_counts counts = {0};
	struct rh_err err = {0};
	int code = rh_migration_status(cli->migration, &counts, &err);

	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &err);
	}
	rh_page_run(cli, "as it stands", &counts);
	tell_what(cli, &counts);
	if (!cli->values.json) {
		rh_print(cli, "\nundo removes those created here that still carry the "
			      "external id they got, and\nnothing else; who has signed in since is "
			      "removed, too\n");
		if (counts.updated > 0) {
			rh_print(cli, "accounts that were there before and were changed are put "
				      "back as they were, but\nthose that somebody has changed "
				      "since; no password is put back: none was touched\n");
		}
	}
	rh_page_next(cli, "to do it", "undo", 0, true);
	code = rh_err_set(&cli->err, RH_ECONSENT, "nothing is removed without --yes");
	(void)rh_cli_fail(cli, code, &cli->err); /* told */
	return RH_EXIT_USAGE;
}

int rh_cmd_undo(struct rh_cli *cli)
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
	if (!cli->values.yes) {
		return refuse(cli);
	}
	code = rh_migration_undo(cli->migration, &counts, &err);
	return rh_page_end(cli, code, &err, &counts, "undo", 0);
}
