/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages are made of: lines of counts, commands. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include "cli/cli.h"
#include "cli/next.h"

#define RH_PAGE_MAX (4U * 1024 * 1024)
#define RH_BLOCKED_TEXT "at the target, blocked at the source since: they can still sign in there"

/* A line of a table of counts, and its name in the document. */
struct rh_figure {
	const char *name; /* NULL: of the page alone */
	const char *text; /* NULL: of the document alone */
	uint64_t count;
	bool is_always; /* shown even when zero */
};
/* As members of the object at hand. */
void rh_figures_put(struct rh_cli *cli, const struct rh_figure *figures, size_t count);
/* As lines, those that are not zero. */
void rh_figures_add(struct rh_buf *page, const struct rh_figure *figures, size_t count);
/* page_kinds.c: what stands beside people; nothing where nothing does, in the document an empty object. */
void rh_page_add_kinds(struct rh_buf *page, const struct rh_plan_counts *counts);
void rh_page_put_kinds(struct rh_cli *cli, const struct rh_plan_counts *counts);
void rh_page_add_kinds_run(struct rh_buf *page, const struct rh_run_counts *counts, bool is_undo);
void rh_page_put_kinds_run(struct rh_cli *cli, const struct rh_run_counts *counts);
void rh_page_print(struct rh_cli *cli, const struct rh_buf *page);
/* A command to go on with, as the migration was given. */
void rh_page_add_next(struct rh_cli *cli, struct rh_next next, struct rh_buf *line);

#endif
