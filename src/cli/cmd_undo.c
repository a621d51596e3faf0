/* SPDX-License-Identifier: Apache-2.0 */
/* rehome undo: remove what this migration created, with consent, and nothing else. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"
#include "cli/prompt.h"

/* What an undo would do now: each account in one line, and of those that stay what is put back. */
static void tell_what(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	const struct rh_everybody *everybody = &counts->everybody;
	const struct {
		const char *name;
		uint64_t count;
		const char *text;
	} lines[] = {
		{"remove", everybody->created - counts->unproven, "to be removed"},
		{"lookUp", everybody->unknown + everybody->undo_open,
		 "to be looked up first: nobody knows whether they are there"},
		{"keep", counts->unproven + everybody->kept,
		 "to be kept: nobody can prove that they were created here, or an undo before\n"
		 "              kept them (accounts --state kept says why)"},
		{"leave", everybody->linked, "were there before and stay"},
		{"putBack", counts->to_put_back, "changes of those who stay, to be put back"},
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

/* The exact command, and what it needs that this one did not have. */
static void tell_command(struct rh_cli *cli, const char *lack)
{
	struct rh_sides sides = {0};
	const char *tenant = "";
	struct rh_str option = RH_STR_ABSENT;

	if (rh_migration_sides(cli->migration, &sides, NULL) == RH_OK &&
	    strcmp(sides.environment, "production") == 0 &&
	    rh_migration_ask_tenant(cli->migration, &tenant, NULL) == RH_OK && tenant[0] != '\0') {
		option = rh_arena_printf(&cli->arena, "confirm %s", tenant);
	}
	rh_page_next_instead(cli, "to do it", "undo", option.ptr, true);
	(void)rh_err_set(&cli->err, RH_ECONSENT, "nothing is removed without %s", lack);
	(void)rh_cli_fail(cli, RH_ECONSENT, &cli->err); /* told */
}

/* No consent; the exact command stands on the page. */
static int deny(struct rh_cli *cli, const char *why, const char *hint)
{
	int code = rh_err_set(&cli->err, RH_ECONSENT, "%s", why);

	if (hint != NULL) {
		rh_err_hint(&cli->err, "%s", hint);
	}
	(void)rh_cli_fail(cli, code, &cli->err); /* told */
	return RH_EXIT_USAGE;
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
		rh_print(cli,
			 "\nundo removes those created here that still carry the "
			 "external id they got, and\nnothing else; %s\n",
			 cli->values.force_signed_in
				 ? "who has signed in since is removed, too"
				 : "who has signed in since stays (--force-signed-in removes them, "
				   "too)");
		if (counts.updated > 0) {
			rh_print(cli, "accounts that were there before and were changed are put "
				      "back as they were, but\nthose that somebody has changed "
				      "since; no password is put back: none was touched\n");
		}
	}
	if (rh_page_at_work(cli)) { /* the numbers are another run's to change */
		return deny(cli, "nothing is removed while another process is at work on it", NULL);
	}
	tell_command(cli, "--yes");
	return RH_EXIT_USAGE;
}

/* ---- production (C-31) -------------------------------------------------------------------------------------- */

/* Whose id must be typed; "": nobody's.  A target that does not answer is an error of its own. */
static int tenant_of(struct rh_cli *cli, const char **out)
{
	struct rh_sides sides = {0};
	struct rh_err err = {0};
	int code = rh_migration_sides(cli->migration, &sides, &err);

	*out = "";
	if (code == RH_OK &&
	    (cli->values.confirm != NULL || strcmp(sides.environment, "production") == 0)) {
		code = rh_migration_ask_tenant(cli->migration, out, &err);
	}
	return code == RH_OK ? RH_EXIT_DONE : rh_cli_fail(cli, code, &err);
}

static int ask_tenant(struct rh_cli *cli, const char *tenant)
{
	struct rh_str question =
		rh_arena_printf(&cli->arena,
				"\nThis is the production tenant %s. Its id, typed here, removes "
				"what was created there; anything else does nothing",
				tenant);
	rh_autobuf typed = {0};
	int code;

	rh_buf_init(&typed, 4096);
	code = question.ptr != NULL ? rh_prompt_ask(question.ptr, false, &typed, &cli->err)
				    : rh_err_set(&cli->err, RH_ENOMEM, "out of memory");
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &cli->err);
	}
	if (!rh_str_is(rh_buf_str(&typed), tenant)) {
		return deny(cli, "nothing is removed: that is not the tenant's id", NULL);
	}
	cli->values.confirm = tenant; /* the command that goes on names it */
	return RH_EXIT_DONE;
}

/* --yes is not enough in production: the tenant's id is typed, or given. */
static int confirm(struct rh_cli *cli)
{
	const char *given = cli->values.confirm;
	const char *tenant;
	int exit_code = tenant_of(cli, &tenant);

	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	if (given != NULL && strcmp(given, tenant) != 0) {
		return deny(cli,
			    tenant[0] != '\0'
				    ? "nothing is removed: the key belongs to another tenant than "
				      "--confirm names"
				    : "nothing is removed: the target names no tenant that "
				      "--confirm could name",
			    "`rehome undo` without --yes shows whose key it is.");
	}
	if (given != NULL || tenant[0] == '\0') {
		return RH_EXIT_DONE;
	}
	if (rh_prompt_is_possible()) {
		return ask_tenant(cli, tenant);
	}
	tell_command(cli, "--confirm, in production");
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
	exit_code = confirm(cli);
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	rh_migration_undo_removes_users(cli->migration, cli->values.force_signed_in);
	code = rh_migration_undo(cli->migration, &counts, &err);
	return rh_page_end(cli, code, &err, &counts, "undo", 0);
}
