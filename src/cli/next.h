/* SPDX-License-Identifier: Apache-2.0 */
/* The exact command that goes on, for people to paste: quoted for a shell, without secrets. */
#ifndef CLI_NEXT_H
#define CLI_NEXT_H

#include "cli/cli.h"

struct rh_next {
	const char *command;
	const char *workspace; /* NULL: none */
	int64_t plan;          /* 0: not named; of "apply": then all options are repeated */
	bool has_consent;      /* --yes */
	const char *
		instead; /* a whole option with its value; NULL: none.  In place of what was given of it */
};

/*
 * Appends "rehome COMMAND …": the workspace and revision named, and those of the options given that the
 * command takes and the revision does not know.  A secret that was given becomes its variable.
 */
void rh_next_add(struct rh_cli *cli, const struct rh_next *next, struct rh_buf *out);
/*
 * Appends "rehome plan …" with the sides, the workspace and the options in force of the newest plan, without those that
 * choose accounts; what follows are the inputs.
 */
void rh_next_add_plan(struct rh_cli *cli, struct rh_buf *out);
void rh_next_add_input(const char *path, struct rh_buf *out);

#endif
