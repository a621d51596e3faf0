/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: words, long options with '=' or a value behind, short ones; all by the tables. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

#define RH_ANSWERS_MAX 32

/* A row, and whose it is. */
struct rh_lookup {
	const struct rh_option *option;
	enum rh_given_owner owner;
	const char *prefix; /* PROVIDER: the connector's name, "from" or "to"; else NULL */
};

/* Options that a command takes, in the order of the help: own, common, settings.  Start with index 0;
 * false at the end.  `command` NULL: only the common ones. */
bool rh_options_at(const struct rh_command *command, size_t index, struct rh_lookup *out);
/* Letter of an option's short form; 0: none. */
char rh_options_letter(const char *name);
/*
 * Reads the arguments into cli (command, values, given, words).  Secrets are copied and wiped from argv
 * first, so that the list of processes does not show them.  RH_OK, RH_EUSAGE or RH_ENOMEM with cli->err.
 */
RH_NODISCARD int rh_options_parse(struct rh_cli *cli, int argc, char **argv);
/* Notes an answer to a question like an option that was given, so that commands that are printed have it; name and value
 * live as long as cli.  RH_EUSAGE: the command takes no such option, or there were more answers than questions. */
RH_NODISCARD int rh_options_note(struct rh_cli *cli, const char *name, const char *value);

#endif
