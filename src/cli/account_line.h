/* SPDX-License-Identifier: Apache-2.0 */
/* One account and what became of it, for lists: a line for people, an object in the document. */
#ifndef CLI_ACCOUNT_LINE_H
#define CLI_ACCOUNT_LINE_H

#include "cli/cli.h"

/* Widths of the columns that differ from list to list. */
struct rh_account_columns {
	size_t source;
	size_t target;
	size_t code;
};

void rh_account_line_put(struct rh_cli *cli, const struct rh_account_line *line);
/* Widens the columns to this line; always true. */
bool rh_account_line_measure(struct rh_account_columns *columns,
			     const struct rh_account_line *line);
/* One line in columns; a dash stands for an id that is missing. */
void rh_account_line_print(struct rh_cli *cli, const struct rh_account_columns *columns,
			   const struct rh_account_line *line);
/* Everything that is known of one, a line each. */
void rh_account_line_print_whole(struct rh_cli *cli, const struct rh_account_line *line);

#endif
