/* SPDX-License-Identifier: Apache-2.0 */
/* Help, the manual's generated part, and completion: all from the tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

struct rh_cli;
struct rh_command;

/* The page of one command, or of all (NULL), on standard output; with --json in the document. */
void rh_help_print(struct rh_cli *cli, const struct rh_command *command);
/* The manual's sections about commands and options, in mdoc. */
void rh_help_manual(struct rh_cli *cli);
/* docs/findings.md: every finding, and the made-up export that shows it. */
void rh_help_findings(struct rh_cli *cli);
/* docs/fields.md: what a mapping document may set, and who holds it. */
void rh_help_fields(struct rh_cli *cli);

#endif
