/* SPDX-License-Identifier: Apache-2.0 */
/* One account and what became of it, for lists: a line for people, an object in the document. */
#ifndef CLI_ACCOUNT_LINE_H
#define CLI_ACCOUNT_LINE_H

#include "cli/cli.h"

void rh_account_line_put(struct rh_cli *cli, const struct rh_account_line *line);
void rh_account_line_print(struct rh_cli *cli, const struct rh_account_line *line);
/* Everything that is known of one, a line each. */
void rh_account_line_print_whole(struct rh_cli *cli, const struct rh_account_line *line);

#endif
