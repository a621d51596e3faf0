/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One invocation of the tool: what was asked, and what every command needs to answer.
 *
 *  1. Results go to standard output, progress and diagnostics to standard error.
 *  2. With --json standard output is exactly one JSON document, whatever happens.
 *  3. Commands return the exit code; an error that is told is in `err` (rh_cli_fail).
 *  4. All tables (commands, options) are data: help, manual and completion read what the parser reads.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <rehome/rehome.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/term.h"

struct rh_command;

/* Fields of the options that are the tool's own, of all commands; see tables.c. */
struct rh_cli_values {
	bool yes;
	bool json;
	bool quiet;
	bool verbose;
	bool help;
	bool version;
	bool watch;
	bool force_signed_in;
	const char *confirm;
	bool all;
	bool man;
	bool findings;
	bool fields;
	int progress;        /* enum rh_progress_form */
	int format;          /* index into the command's choices */
	int state;           /* index into the states; 0: all */
	int kind;            /* index into rh_kind_choices; 0: people */
	const char *finding; /* ids of findings joined by ',', or "all" */
	const char *states;  /* of rejects, joined by ',' */
	uint64_t plan;
	const char *table;
	const char *match_column;
	const char *set_column;
	bool add_column;
	int dialect; /* enum rh_ids_dialect */
	const char *provider;
	uint64_t count;
	uint64_t seed;
	const char *trouble;
	const char *out;
	uint64_t port;
	const char *state_file;
	const char *speed;
	const char *limits;
	/* mapping */
	const char *input;
	uint64_t record;
	bool show_values;
	/* password */
	const char *hash;
	const char *password;
	const char *to_form;
	const char *scheme;
	const char *salt;
	int salt_place; /* enum rh_salt_place; 0: not said */
	int encoding;   /* 1: UTF-16 */
	const char *signer_key;
	const char *salt_separator;
	uint64_t rounds;
	uint64_t mem_cost;
	uint64_t cost;
	uint64_t parallelism;
	const char *hmac_key;
	const char *pepper;
};

enum rh_given_owner {
	RH_GIVEN_OWN,      /* the tool's */
	RH_GIVEN_SETTING,  /* the migration's: rh_option_at */
	RH_GIVEN_PROVIDER, /* a connector's; prefix: its name, "from" or "to" */
};

/* An option as it was given; texts live as long as the invocation. */
struct rh_given {
	const struct rh_option *option;
	enum rh_given_owner owner;
	const char *prefix; /* NULL: none */
	const char *name;   /* whole, without dashes */
	const char *value;
};

struct rh_cli {
	const struct rh_command *command; /* NULL: none named */
	struct rh_cli_values values;
	struct rh_given *given;
	size_t given_count;
	size_t answer_count; /* of those given: answers to questions, the last ones */
	const char **words;  /* what is no option, behind the command */
	size_t word_count;
	bool is_transformer;            /* -t was used */
	struct rh_arena arena;          /* wiped: secrets of the command line are here */
	struct rh_migration *migration; /* NULL until rh_cli_migration_open */
	struct rh_term term;
	/* the one document of --json, streamed */
	struct rh_buf document;
	struct rh_json_writer json;
	bool has_document; /* it was begun */
	bool has_ended;    /* and ended */
	int written;       /* errno of standard output; 0: all went out */
	struct rh_err err;
	bool has_failed; /* err was told */
	bool has_next;   /* the command that goes on was told */
};

/* The whole tool: main's arguments to its exit code. */
int rh_cli_main(int argc, char **argv);

/* Tells the error on standard error (and later in the document); returns the exit code for it. */
int rh_cli_fail(struct rh_cli *cli, int code, const struct rh_err *err);
/* A fault of usage: printf form, exit code 2. */
int rh_cli_usage(struct rh_cli *cli, const char *hint, const char *fmt, ...) RH_PRINTF(3, 4);
/* The option that was given last under this name; NULL: not given. */
const struct rh_given *rh_cli_given(const struct rh_cli *cli, const char *name);

#endif
