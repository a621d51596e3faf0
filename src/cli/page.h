/* SPDX-License-Identifier: Apache-2.0 */
/* The pages: who is spoken to, what is planned, what was done; for people and as members of the document. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "cli/cli.h"

/* Source, target, key and workspace: on standard error for people, as "sides" in the document.  Says nothing
 * when they cannot be known (nothing was set that tells). */
int rh_page_sides(struct rh_cli *cli, bool is_needed);

/* Counts first, then the groups of findings of the plan in hand, writes and time.  Where they were shown before,
 * people get the command that shows the findings in their place. */
void rh_page_plan(struct rh_cli *cli, int64_t revision, const struct rh_plan_counts *counts,
		  bool was_shown);

/* Counts of a run under a heading; `what` is the command's name. */
void rh_page_run(struct rh_cli *cli, const char *what, const struct rh_run_counts *counts);

/* Says who is at work on the migration now; false: nobody is. */
bool rh_page_at_work(struct rh_cli *cli);

/* The command that a migration with these counts waits for, and the revision to name with it; NULL: none. */
const char *rh_page_pending(struct rh_cli *cli, const struct rh_run_counts *counts,
			    int64_t *plan_out);

/*
 * After an operation that may have stopped: the error if there is one, where it stands, and `command` to go
 * on with.  The exit code.
 */
int rh_page_end(struct rh_cli *cli, int code, const struct rh_err *err,
		const struct rh_run_counts *counts, const char *command, int64_t plan);

/* "next: COMMAND" below a page, or "next" in the document. */
void rh_page_next(struct rh_cli *cli, const char *label, const char *command, int64_t plan,
		  bool has_consent);

/* The same of a command with this option ("state differs"). */
void rh_page_next_instead(struct rh_cli *cli, const char *label, const char *command,
			  const char *option, bool has_consent);

/* What is known of the target's settings and of the room there: on the page, and as members of the document. */
void rh_page_add_settings(struct rh_cli *cli, const struct rh_plan_counts *counts,
			  struct rh_buf *page);
void rh_page_put_settings(struct rh_cli *cli, const struct rh_plan_counts *counts);

#endif
