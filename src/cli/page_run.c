/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a run: everybody in one line each, and what is to be said of some of them. */
#include "base/clock.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/figures.h"
#include "cli/page.h"
#include "cli/print.h"

static void add_run_cost(struct rh_buf *page, const struct rh_run_counts *counts)
{
	char elapsed[32];

	if (counts->writes + counts->reads == 0 && counts->elapsed_us == 0) {
		return;
	}
	rh_duration_format(counts->elapsed_us, elapsed);
	rh_print_add_count(page, counts->writes);
	rh_buf_add_cstr(page, counts->writes == 1 ? " write, " : " writes, ");
	rh_print_add_count(page, counts->reads);
	rh_buf_printf(page, counts->reads == 1 ? " read, %s" : " reads, %s", elapsed);
	if (counts->throttled > 0) {
		rh_buf_add_cstr(page, ", asked to slow down ");
		rh_print_add_count(page, counts->throttled);
		rh_buf_add_cstr(page, counts->throttled == 1 ? " time" : " times");
	}
	rh_buf_add_char(page, '\n');
}

/* Everybody, each in one line: the lines add up to the first. */
static void add_everybody(struct rh_cli *cli, const struct rh_run_counts *counts, bool is_undo,
			  struct rh_buf *page)
{
	const struct rh_everybody *everybody = &counts->everybody;
	const struct rh_figure figures[] = {
		{"total",
		 is_undo                             ? "accounts written, or linked, before"
		 : everybody->total != counts->total ? "accounts, those in earlier inputs alone "
						       "with them"
						     : "accounts in the plan",
		 everybody->total, !is_undo},
		{"created", is_undo ? "created, and still there" : "created", everybody->created,
		 !is_undo},
		{NULL, "  of them by this run", counts->created_now, false},
		{"linked", "linked", everybody->linked, false},
		{"skipped", "at the target already, skipped", everybody->skipped, false},
		{"leftOut", "left out, as asked", everybody->left_out, false},
		{"refused", "refused by the plan", everybody->refused, false},
		{"rejected", "refused by the target", everybody->rejected, false},
		{"conflicts", "in conflict with what stands at the target", everybody->conflicts,
		 false},
		{"deferred", "put off, and not at the target: the next run sends them",
		 everybody->deferred, false},
		{NULL, "  held back: the first hash of their kind did not work", counts->held,
		 false},
		{"unknown",
		 "begun, not settled: whether they are there is looked up before anything is sent "
		 "again",
		 everybody->unknown, false},
		{"open", "not tried yet", everybody->open, false},
		{"waiting",
		 "never tried, and in the input of an earlier plan alone: plan that one again",
		 everybody->waiting, false},
		{"undoOpen", "being removed, not certain yet", everybody->undo_open, false},
		{"undone", "removed again", everybody->undone, is_undo},
		{"kept", "kept: signed in since, not provably created here, or changed since",
		 everybody->kept, false},
	};
	const size_t figure_count = sizeof(figures) / sizeof(figures[0]);

	if (page != NULL) {
		rh_figures_add(page, figures, figure_count);
		return;
	}
	rh_json_key(&cli->json, "everybody");
	rh_json_begin_object(&cli->json);
	rh_figures_put(cli, figures, figure_count);
	rh_json_end_object(&cli->json);
}

static uint64_t beyond(uint64_t all, uint64_t everybody)
{
	return all > everybody ? all - everybody : 0;
}

/* What is to be said of some of them beside. */
static void add_some(const struct rh_run_counts *counts, bool is_undo, struct rh_buf *page)
{
	const struct rh_everybody *everybody = &counts->everybody;
	const struct rh_figure figures[] = {
		{NULL, is_undo ? "changed, and not put back" : "changed", counts->updated, false},
		{NULL, "changed by this run", counts->updated_now, false},
		{NULL, "not changed: the target refused it",
		 beyond(counts->rejected, everybody->rejected), false},
		{NULL, "not changed: in conflict with what stands at the target",
		 beyond(counts->conflicts, everybody->conflicts), false},
		{NULL, "not changed yet", beyond(counts->deferred, everybody->deferred), false},
		{NULL, "being changed, not settled", beyond(counts->unknown, everybody->unknown),
		 false},
		{NULL, "to be changed, or tried again", beyond(counts->open, everybody->open),
		 false},
		{NULL, "there by an earlier plan, and refused as the input has them now",
		 counts->refused_there, false},
		{NULL, RH_BLOCKED_TEXT, counts->blocked, false},
		{NULL, "there, but without a part (refused, or not proven ours)", counts->partial,
		 false},
		{NULL, "verified", counts->verified, false},
		{NULL, "there, but not as planned", counts->differs, false},
		{NULL, "not there any more", counts->missing, false},
		{NULL, "being put back, not certain yet",
		 beyond(counts->undo_open, everybody->undo_open), false},
		{NULL, "put back as they were before they were changed", counts->restored, false},
		{NULL, "changed before, and removed by somebody since: nothing to put back",
		 counts->gone, false},
		{NULL, "not put back: changed since, or refused by the target",
		 beyond(counts->kept, everybody->kept), false},
		{NULL, "known passwords that sign in at the target", counts->proved, false},
		{NULL, "known passwords that the target refuses", counts->unproved, false},
		{NULL, "known accounts of whom a sign-in said nothing", counts->untried, false},
	};
	rh_autobuf some = {0};

	rh_buf_init(&some, RH_PAGE_MAX);
	rh_figures_add(&some, figures, sizeof(figures) / sizeof(figures[0]));
	if (some.len > 0) {
		rh_buf_add_cstr(page, "of these\n");
		rh_buf_add_str(page, rh_buf_str(&some));
	}
}

static void put_run(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	const struct rh_figure figures[] = {
		{"total", NULL, counts->total, true},
		{"created", NULL, counts->created, true},
		{"createdNow", NULL, counts->created_now, true},
		{"linked", NULL, counts->linked, true},
		{"updated", NULL, counts->updated, true},
		{"updatedNow", NULL, counts->updated_now, true},
		{"skipped", NULL, counts->skipped, true},
		{"leftOut", NULL, counts->left_out, true},
		{"blocked", NULL, counts->blocked, true},
		{"refused", NULL, counts->refused, true},
		{"refusedThere", NULL, counts->refused_there, true},
		{"rejected", NULL, counts->rejected, true},
		{"conflicts", NULL, counts->conflicts, true},
		{"partial", NULL, counts->partial, true},
		{"deferred", NULL, counts->deferred, true},
		{"unknown", NULL, counts->unknown, true},
		{"open", NULL, counts->open, true},
		{"verified", NULL, counts->verified, true},
		{"differs", NULL, counts->differs, true},
		{"missing", NULL, counts->missing, true},
		{"undoOpen", NULL, counts->undo_open, true},
		{"undone", NULL, counts->undone, true},
		{"restored", NULL, counts->restored, true},
		{"gone", NULL, counts->gone, true},
		{"held", NULL, counts->held, true},
		{"proved", NULL, counts->proved, true},
		{"unproved", NULL, counts->unproved, true},
		{"untried", NULL, counts->untried, true},
		{"kept", NULL, counts->kept, true},
		{"writes", NULL, counts->writes, true},
		{"reads", NULL, counts->reads, true},
		{"throttled", NULL, counts->throttled, true},
	};

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "run");
	rh_json_begin_object(&cli->json);
	rh_figures_put(cli, figures, sizeof(figures) / sizeof(figures[0]));
	add_everybody(cli, counts, false, NULL);
	rh_page_put_kinds_run(cli, counts);
	rh_json_key(&cli->json, "elapsedMs");
	rh_json_put_i64(&cli->json, counts->elapsed_us / RH_MILLISECOND);
	rh_json_end_object(&cli->json);
}

void rh_page_run(struct rh_cli *cli, const char *what, const struct rh_run_counts *counts)
{
	/* An undo looks at no plan, and counts what is left. */
	const bool is_undo = cli->command->run == rh_cmd_undo && counts->total == 0;
	rh_autobuf page = {0};

	if (cli->values.json) {
		put_run(cli, counts);
		return;
	}
	rh_buf_init(&page, RH_PAGE_MAX);
	rh_buf_printf(&page, "%s\n", what);
	add_everybody(cli, counts, is_undo, &page);
	add_some(counts, is_undo, &page);
	rh_page_add_kinds_run(&page, counts, is_undo);
	add_run_cost(&page, counts);
	rh_page_print(cli, &page);
}
