/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which logs a command is about: those of a workspace, and those that another tool left in ./logs.
 *
 *  1. A log of a workspace is recognised by its name, the time of its run; a foreign one by the names that tools for
 *     such moves give (migration-, user-deletion-, export- and a time), or because somebody names it.
 *  2. What a name does not show to be a log is never removed, and nothing beside it is replaced.
 *  3. Without names a command is about all that are recognised; removing is about the workspace's own alone.
 */
#ifndef CLI_LOG_FILES_H
#define CLI_LOG_FILES_H

#include "cli/cli.h"

struct rh_log {
	const char *path;
	const char *name; /* as it is shown and chosen */
	bool is_foreign;
	bool is_recognised; /* by its name */
};

struct rh_logs {
	struct rh_cli *cli;
	const char *workspace; /* NULL: there is none, and the logs are foreign ones */
	struct rh_log
		*items; /* the workspace's own in the order of their times, then foreign ones */
	size_t count;
	size_t room;
};

/* True for a name that a run of ours gives its log; with `is_foreign` for one that other tools give theirs. */
bool rh_log_is_name(struct rh_str name, bool is_foreign);
/* Those that the words behind the action name, or all (rule 3); in the arena. */
RH_NODISCARD int rh_logs_find(struct rh_cli *cli, bool only_own, struct rh_logs *out);
/* On a terminal lets somebody choose among them with numbers; nothing is asked with --yes, --json, --quiet, names,
 * or where there is one at most. */
RH_NODISCARD int rh_logs_choose(struct rh_logs *logs, const char *question);
/* The path of the array made from a log; NULL: memory out. */
const char *rh_log_array(struct rh_logs *logs, const struct rh_log *log);

#endif
