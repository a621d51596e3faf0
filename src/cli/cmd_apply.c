/* SPDX-License-Identifier: Apache-2.0 */
/* rehome apply: do what is planned, with consent; again to go on. */
#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/next.h"
#include "cli/page.h"
#include "cli/print.h"
#include "cli/wizard.h"

/* What the workspace knew before this run. */
struct before {
	int64_t revision; /* newest; 0: none */
	uint64_t undone;
};

/* Looking brings a plan's options back; another migration does it, so that this one keeps those given. */
static void look(struct rh_cli *cli, struct before *out)
{
	static const char *const names[] = {"workspace", "seal-key"};
	struct rh_migration *other = NULL;
	struct rh_plan_counts planned = {0};
	struct rh_run_counts counts = {0};
	struct rh_sides sides = {0};
	int code = rh_migration_sides(cli->migration, &sides, NULL);

	if (code == RH_OK) {
		code = rh_migration_new(&other, NULL);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && code == RH_OK; i++) {
		const struct rh_given *given = rh_cli_given(cli, names[i]);
		const char *value = given != NULL ? given->value : NULL;

		value = i == 0 ? sides.workspace : value;
		code = value != NULL ? rh_migration_set(other, names[i], value, NULL) : RH_OK;
	}
	if (code == RH_OK) {
		code = rh_migration_set_from_environment(other, NULL);
	}
	if (code == RH_OK) {
		code = rh_migration_load_plan(other, 0, &out->revision, &planned, NULL);
	}
	if (code == RH_OK && rh_migration_status(other, &counts, NULL) == RH_OK) {
		out->undone = counts.undone;
	}
	rh_migration_free(other);
}

static void show_plan(struct rh_cli *cli, const struct before *before, int64_t revision,
		      const struct rh_plan_counts *counts)
{
	bool is_named = rh_cli_given(cli, "plan") != NULL;
	bool has_work = counts->create + counts->link + counts->update > 0;
	rh_autobuf undone = {0};

	if (!is_named || !cli->values.yes) {
		/* A revision that there was, was shown when it was made. */
		bool was_shown = revision <= before->revision ||
				 (!has_work && counts->done > 0 && before->revision > 0);

		rh_page_plan(cli, revision, counts, !is_named && was_shown);
	}
	if (before->undone > 0 && !cli->values.json) {
		rh_buf_init(&undone, 64);
		rh_print_add_count(&undone, before->undone);
		rh_print(cli,
			 "an undo removed %.*s of this migration; those of them that are in the "
			 "plan are created again\n",
			 RH_STR_ARG(rh_buf_str(&undone)));
	}
}

/* The plan in hand: revision --plan N as it stands, or one made now. */
static int make_plan(struct rh_cli *cli, int64_t *revision, struct rh_plan_counts *counts)
{
	bool is_named = rh_cli_given(cli, "plan") != NULL;
	struct before before = {0};
	struct rh_err err = {0};
	int code;

	look(cli, &before);
	if (is_named) {
		code = rh_migration_load_plan(cli->migration, (int64_t)cli->values.plan, revision,
					      counts, &err);
		code = code == RH_OK ? rh_migration_can_apply(cli->migration, &err) : code;
	} else {
		code = rh_migration_plan(cli->migration, revision, counts, &err);
	}
	rh_term_finish(&cli->term);
	if (code == RH_OK) {
		show_plan(cli, &before, *revision, counts);
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

/* The exact command that tries the other form, where all options are known; else what to add to it. */
static void tell_other_form(struct rh_cli *cli, const struct rh_canary_line *canary)
{
	struct rh_sides sides = {0};
	rh_autobuf line = {0};
	struct rh_str option;

	if (canary->other[0] == '\0' || rh_migration_sides(cli->migration, &sides, NULL) != RH_OK) {
		rh_print(cli,
			 "  no other form is left: leave these hashes behind, or ask the vendor\n");
		return;
	}
	option = rh_arena_printf(&cli->arena, "%s-%s", sides.target, canary->other);
	if (rh_cli_given(cli, "from") == NULL) {
		rh_print(cli, "to try the other form: plan again with --%.*s, and apply that\n",
			 RH_STR_ARG(option));
		return;
	}
	rh_buf_init(&line, 64 * 1024);
	rh_next_add(cli,
		    &(struct rh_next){.command = "apply",
				      .has_consent = true,
				      .instead = option.ptr},
		    &line);
	rh_print(cli, "to try the other form: %.*s\n", RH_STR_ARG(rh_buf_str(&line)));
}

static void tell_canary(struct rh_cli *cli, const struct rh_canary_line *canary)
{
	switch (canary->what) {
	case RH_CANARY_PROVEN:
		rh_print(cli, "canary: %s: %s signed in with its known password\n", canary->scheme,
			 canary->source_id);
		return;
	case RH_CANARY_TAKEN:
		rh_print(cli,
			 "canary: %s: the target took the hash%s%s; that is no proof: sign in with "
			 "one "
			 "account before people do, or give one to --prove\n",
			 canary->scheme, canary->source_id[0] != '\0' ? " of " : "",
			 canary->source_id);
		return;
	case RH_CANARY_FAILED:
		rh_print(cli,
			 "canary: %s: the hash%s%s does not work at the target; the others of its "
			 "kind "
			 "are held back\n",
			 canary->scheme, canary->source_id[0] != '\0' ? " of " : "",
			 canary->source_id);
		tell_other_form(cli, canary);
		return;
	case RH_CANARY_NONE:
		return;
	}
}

/* What became of those who went first; an error of the run is told elsewhere. */
static void tell_canaries(struct rh_cli *cli)
{
	struct rh_canary_line canary;

	if (cli->values.json) {
		rh_json_key(&cli->json, "canaries");
		rh_json_begin_array(&cli->json);
	}
	for (size_t i = 0; rh_migration_canary(cli->migration, i, &canary); i++) {
		if (!cli->values.json) {
			tell_canary(cli, &canary);
			continue;
		}
		rh_json_begin_object(&cli->json);
		rh_json_member(&cli->json, "scheme", rh_str_from(canary.scheme));
		rh_json_member(&cli->json, "verdict", rh_str_from(canary.verdict));
		rh_json_member(&cli->json, "userId", rh_str_from(canary.source_id));
		rh_json_member(&cli->json, "other", rh_str_from(canary.other));
		rh_json_end_object(&cli->json);
	}
	if (cli->values.json) {
		rh_json_end_array(&cli->json);
	}
}

/* What the target refused is asked for again by a newer plan, never by this one. */
static void tell_rejects(struct rh_cli *cli, uint64_t count)
{
	struct rh_sides sides = {0};
	rh_autobuf line = {0};

	if (rh_migration_sides(cli->migration, &sides, NULL) != RH_OK) {
		return;
	}
	rh_buf_init(&line, 64 * 1024);
	rh_next_add(cli, &(struct rh_next){.command = "rejects", .workspace = sides.workspace},
		    &line);
	rh_print(cli,
		 "\nto mend the %llu whom the target refused: %.*s --out FILE\n"
		 "or, when the cause is mended at the target: plan again and apply that; it asks "
		 "for them once more\n",
		 (unsigned long long)count, RH_STR_ARG(rh_buf_str(&line)));
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

	if (exit_code == RH_EXIT_DONE && !is_named) { /* what a named plan reads was read for it */
		int met = rh_migration_meet_source(cli->migration, &err);
		exit_code = met == RH_OK ? RH_EXIT_DONE : rh_plan_exit(met, &planned);
		if (met != RH_OK) {
			(void)rh_cli_fail(cli, met, &err); /* told; the code is the plan's */
		}
	}
	if (exit_code == RH_EXIT_DONE) {
		exit_code = rh_page_sides(cli, true);
	}
	if (exit_code == RH_EXIT_DONE) {
		exit_code = make_plan(cli, &revision, &planned);
	}
	if (exit_code != RH_EXIT_DONE) {
		return exit_code;
	}
	bool has_consent = cli->values.yes || cli->answer_count == 0;
	if (!has_consent) {
		int asked = rh_wizard_consent(cli, &cli->values.yes);

		if (asked != RH_OK) {
			return rh_cli_fail(cli, asked, &cli->err);
		}
	}
	if (!cli->values.yes) {
		return refuse(cli, revision);
	}
	int code = rh_migration_apply(cli->migration, &counts, &err);
	exit_code = rh_page_end(cli, code, &err, &counts, "apply", revision);
	if (!cli->values.json || cli->has_document) {
		tell_canaries(cli);
	}
	if (counts.rejected > 0 && exit_code == RH_EXIT_REFUSED && !cli->values.json) {
		tell_rejects(cli, counts.rejected);
	}
	if (code == RH_OK && counts.open + counts.unknown + counts.deferred == 0) {
		rh_page_next(cli, "next", "verify", 0, false);
	}
	rh_wizard_tell(cli);
	return exit_code;
}
