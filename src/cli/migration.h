/* SPDX-License-Identifier: Apache-2.0 */
/* A command's migration: made from what was given, the environment, and questions on a terminal. */
#ifndef CLI_MIGRATION_H
#define CLI_MIGRATION_H

#include <rehome/connector.h>

#include "cli/cli.h"

enum rh_open_flags {
	RH_OPEN_FINDS_WORKSPACE =
		1, /* without --workspace the only one below ".rehome"; else all are listed */
	RH_OPEN_RESTORES =
		2, /* options come from revision --plan of the workspace, or its newest */
	RH_OPEN_ASKS_NOBODY = 4, /* neither side is spoken to: no key is needed */
};

/*
 * Makes cli->migration and sets everything: options, environment, and on a terminal what is still missing
 * (never with --yes, --json or --quiet; then all that is missing is named at once).  The exit code; DONE:
 * go on.
 */
int rh_cli_migration_open(struct rh_cli *cli, unsigned flags);
/* Frees it, and gives signals back to the system; accepts none. */
void rh_cli_migration_close(struct rh_cli *cli);
/* Since rh_cli_migration_open: did somebody ask to stop? */
bool rh_cli_was_stopped(void);

/* Sets an option of the migration; providers are checked, with a hint at what was meant.  RH_OK, or cli->err. */
RH_NODISCARD int rh_cli_migration_set(struct rh_cli *cli, const char *name, const char *value);
/* Can it be the source, or the target? */
bool rh_cli_can_be(const struct rh_connector *connector, bool as_target);

/* The folder of the migration at hand; lives as long as the invocation.  NULL, and cli->err: none. */
const char *rh_cli_workspace(struct rh_cli *cli);

#endif
