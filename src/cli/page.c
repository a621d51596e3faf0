/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around the pages of plan, apply, status, verify and undo: who is spoken to before, how to go on after. */
#include "cli/page.h"

#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/figures.h"
#include "cli/migration.h"
#include "cli/next.h"
#include "cli/print.h"

/* ---- sides ------------------------------------------------------------------------------------------ */

static void put_sides(struct rh_cli *cli, const struct rh_sides *sides)
{
	const struct {
		const char *name;
		const char *text;
	} members[] = {
		{"source", sides->source},
		{"target", sides->target},
		{"environment", sides->environment},
		{"tenant", sides->tenant},
		{"origin", sides->origin},
		{"keyFrom", sides->key_from},
		{"workspace", sides->workspace},
		{"sourceTenant", sides->source_tenant},
		{"sourceOrigin", sides->source_origin},
	};

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "sides");
	rh_json_begin_object(&cli->json);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		rh_json_member(&cli->json, members[i].name, rh_str_from(members[i].text));
	}
	rh_json_end_object(&cli->json);
}

static const char *or_dash(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : "-";
}

enum { WORD_MAX = 32 * 1024 };

/* An export has digests of passwords in it, and what is told of people. */
static void warn_of_readers(struct rh_cli *cli)
{
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct rh_given *given = &cli->given[i];
		rh_autobuf word = {0};

		if (strcmp(given->name, "file") != 0 || !rh_file_is_public(given->value)) {
			continue;
		}
		rh_buf_init(&word, WORD_MAX);
		rh_print_add_shell(&word, given->value);
		if (word.failed == RH_OK) {
			rh_print_note(cli,
				      "everybody on this machine may read a file of the input\n"
				      "to change that: chmod o-r %s\n\n",
				      word.ptr);
		}
	}
}

int rh_page_sides(struct rh_cli *cli, bool is_needed)
{
	struct rh_sides sides = {0};
	struct rh_err err = {0};
	int code = rh_migration_sides(cli->migration, &sides, &err);

	if (code != RH_OK) {
		return is_needed ? rh_cli_fail(cli, code, &err) : RH_EXIT_DONE;
	}
	if (cli->values.json) {
		put_sides(cli, &sides);
		return RH_EXIT_DONE;
	}
	rh_print_note(cli, "source     %s", or_dash(sides.source_title));
	if (sides.source_tenant[0] != '\0') {
		rh_print_note(cli, ", tenant %s", sides.source_tenant);
	}
	if (sides.source_origin[0] != '\0') {
		rh_print_note(cli, "\n           its API at %s, key from %s", sides.source_origin,
			      sides.source_key_from);
	}
	rh_print_note(cli,
		      "\n"
		      "target     %s, environment %s, tenant %s\n"
		      "           %s, key from %s\n"
		      "workspace  %s\n\n",
		      or_dash(sides.target_title), or_dash(sides.environment),
		      or_dash(sides.tenant), or_dash(sides.origin), or_dash(sides.key_from),
		      or_dash(sides.workspace));
	warn_of_readers(cli);
	return RH_EXIT_DONE;
}

bool rh_page_at_work(struct rh_cli *cli)
{
	const char *text = rh_migration_at_work(cli->migration);

	if (text[0] == '\0') {
		return false;
	}
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "atWork", rh_str_from(text));
	} else {
		rh_print(cli,
			 "\nat work on it now: %s\nsee how it goes on: rehome status --watch; "
			 "nothing "
			 "else can be begun before it ends\n",
			 text);
	}
	return true;
}

/* ---- how to go on ----------------------------------------------------------------------------------- */

/* No apply goes on with a plan in the form of an older version. */
static void add_plan_again(struct rh_cli *cli, bool chose, struct rh_buf *line)
{
	const char *path;

	rh_print_note(
		cli,
		"\nthe plan was made by an older version of rehome, and only a new one can be "
		"applied; nobody is\nmoved twice by it%s\n",
		chose ? ".  This plan left accounts out: give --only, --except, --limit or "
			"--resume-after\nagain, too"
		      : "");
	/* So that the sides are named also without a key. */
	if (rh_migration_set(cli->migration, "offline", "true", NULL) != RH_OK) {
		rh_buf_add_cstr(line, "rehome plan");
		return;
	}
	rh_next_add_plan(cli, line);
	for (size_t i = 0; (path = rh_migration_input(cli->migration, i)) != NULL; i++) {
		rh_next_add_input(path, line);
	}
}

static void put_next(struct rh_cli *cli, const char *label, const struct rh_buf *line)
{
	cli->has_next = true;
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "next", rh_buf_str(line));
	} else if (line->failed != 0) {
		rh_print(cli, "\n%s: give the same command again\n", label); /* out of memory */
	} else {
		rh_print(cli, "\n%s: %.*s\n", label, RH_STR_ARG(rh_buf_str(line)));
	}
}

void rh_page_next(struct rh_cli *cli, const char *label, const char *command, int64_t plan,
		  bool has_consent)
{
	struct rh_next next = {.command = command, .plan = plan, .has_consent = has_consent};
	rh_autobuf line = {0};
	bool chose = false;

	rh_buf_init(&line, RH_PAGE_MAX);
	if (strcmp(command, "apply") == 0 && plan > 0 &&
	    rh_migration_plan_is_older(cli->migration, &chose)) {
		add_plan_again(cli, chose, &line);
	} else {
		rh_page_add_next(cli, next, &line);
	}
	put_next(cli, label, &line);
}

void rh_page_next_instead(struct rh_cli *cli, const char *label, const char *command,
			  const char *option, bool has_consent)
{
	rh_autobuf line = {0};

	rh_buf_init(&line, RH_PAGE_MAX);
	rh_page_add_next(cli,
			 (struct rh_next){.command = command,
					  .instead = option,
					  .has_consent = has_consent},
			 &line);
	put_next(cli, label, &line);
}

const char *rh_page_pending(struct rh_cli *cli, const struct rh_run_counts *counts,
			    int64_t *plan_out)
{
	struct rh_plan_counts planned = {0};

	*plan_out = 0;
	if (counts->undo_open + counts->entities_undo_open > 0) {
		return "undo";
	}
	if (counts->open + counts->unknown + counts->deferred + counts->entities_open > 0 &&
	    rh_migration_load_plan(cli->migration, 0, plan_out, &planned, NULL) == RH_OK) {
		return "apply";
	}
	return NULL;
}

/* Where an apply stands in the order of the source, for a resume by id. */
static void tell_settled(struct rh_cli *cli)
{
	const char *id = rh_migration_settled(cli->migration);
	rh_autobuf line = {0};

	if (id[0] == '\0') {
		return;
	}
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "settledId", rh_str_from(id));
		return;
	}
	rh_buf_init(&line, RH_PAGE_MAX);
	rh_buf_add_cstr(&line, "nothing is open up to and with ");
	rh_print_add_plain(&line, rh_str_from(id));
	rh_buf_add_char(&line, '\n');
	rh_print_bytes(cli, rh_buf_str(&line));
}

/* What was confirmed for this run must be confirmed for the next. */
static void next_of_end(struct rh_cli *cli, const char *command, int64_t plan)
{
	const char *tenant = cli->values.confirm;
	struct rh_str option = tenant != NULL && tenant[0] != '\0' && strcmp(command, "undo") == 0
				       ? rh_arena_printf(&cli->arena, "confirm %s", tenant)
				       : RH_STR_ABSENT;

	if (option.ptr != NULL) {
		rh_page_next_instead(cli, "to go on", command, option.ptr, true);
	} else {
		rh_page_next(cli, "to go on", command, plan, true);
	}
}

int rh_page_end(struct rh_cli *cli, int code, const struct rh_err *err,
		const struct rh_run_counts *counts, const char *command, int64_t plan)
{
	uint64_t known =
		counts->total + counts->created + counts->undone + counts->undo_open + counts->kept;
	enum rh_exit exit_code = rh_run_exit(code, counts);
	bool may_go_on = exit_code == RH_EXIT_STOPPED || exit_code == RH_EXIT_DENIED ||
			 exit_code == RH_EXIT_INTERRUPTED;

	rh_term_finish(&cli->term);
	if (code != RH_OK) {
		(void)rh_cli_fail(cli, code, err); /* told; the code is the counts' */
	}
	if (code == RH_OK || known > 0) {
		rh_page_run(cli, cli->command->name, counts);
	}
	if (may_go_on) {
		tell_settled(cli);
		next_of_end(cli, command, plan);
	}
	return exit_code;
}
