/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <rehome/connector.h>

struct rh_cli;

enum rh_command_flags {
	RH_COMMAND_SETTINGS = 1,  /* takes every option of a migration */
	RH_COMMAND_PACE = 2,      /* takes those that say how fast and through what requests go */
	RH_COMMAND_WORKSPACE = 4, /* takes those that find and open a workspace */
	RH_COMMAND_PROVIDERS = 8, /* takes the options of providers */
	RH_COMMAND_WRITES = 16,   /* sends writing requests */
	RH_COMMAND_PROVES = 64,   /* takes known test accounts */
	/* its words but the first are secrets: wiped from the process list, never repeated */
	RH_COMMAND_SECRET_WORDS = 32,
	RH_COMMAND_SOURCE = 128, /* takes those that say what is read, and how */
};

struct rh_command {
	const char *name;
	const char *synopsis;            /* what stands behind the name */
	const char *summary;             /* one line, no full stop */
	const char *doc;                 /* a paragraph */
	unsigned flags;                  /* enum rh_command_flags */
	unsigned words_max;              /* arguments that are no options */
	const struct rh_option *options; /* own; ended by a NULL name; may be NULL */
	int (*run)(struct rh_cli *cli);  /* the exit code */
};

/* In the order of the help; NULL at the end. */
const struct rh_command *rh_command_at(size_t index);
const struct rh_command *rh_command_find(const char *name); /* NULL: no such command */
/* The known name that is nearest to a wrong one; NULL: none is near. */
const char *rh_command_nearest(const char *name);

int rh_cmd_plan(struct rh_cli *cli);
int rh_cmd_apply(struct rh_cli *cli);
int rh_cmd_status(struct rh_cli *cli);
int rh_cmd_verify(struct rh_cli *cli);
int rh_cmd_undo(struct rh_cli *cli);
int rh_cmd_ids(struct rh_cli *cli);
int rh_cmd_report(struct rh_cli *cli);
int rh_cmd_accounts(struct rh_cli *cli);
int rh_cmd_rejects(struct rh_cli *cli);
int rh_cmd_export(struct rh_cli *cli);
int rh_cmd_providers(struct rh_cli *cli);
int rh_cmd_password(struct rh_cli *cli);
int rh_cmd_mapping(struct rh_cli *cli);
int rh_cmd_logs(struct rh_cli *cli);
int rh_cmd_sample(struct rh_cli *cli);
int rh_cmd_rehearse(struct rh_cli *cli);
/* A build may leave the servers out; the command is then not shown. */
bool rh_cmd_rehearse_is_built(void);
int rh_cmd_help(struct rh_cli *cli);

#endif
