/* SPDX-License-Identifier: Apache-2.0 */
/* A command's migration: options, environment, questions, and what signals do to it. */
#include "cli/migration.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/prompt.h"
#include "cli/suggest.h"
#include "cli/wizard.h"
#include "config/options.h"

/* A signal handler has no other way to what it stops. */
static struct rh_migration *volatile stoppable;
static volatile sig_atomic_t stops;
/* The signal that ends the process at once: the third where requests may be in flight, else the second (the
 * first may be lost on an input that never comes). */
static volatile sig_atomic_t patience;

static void tell(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0) {
		return; /* nobody is there to be told */
	}
}

static void handle_stop(int)
{
	struct rh_migration *migration = stoppable;

	stops = stops + 1;
	if (stops >= patience) {
		/* The ledger stands any end; what was sent is settled by the next run. */
		_exit(RH_EXIT_INTERRUPTED);
	}
	if (migration != NULL) {
		rh_migration_stop(migration);
	}
	if (stops > 1) {
		tell("\ngiving up: the next run settles what was sent; once more ends at once\n");
	} else if (patience > 2) {
		tell("\nstopping: nothing new is written, what was sent is waited for; once more "
		     "gives it up\n");
	} else {
		tell("\nstopping; once more ends at once\n");
	}
}

static void catch_signals(struct rh_migration *migration, bool may_write)
{
	struct sigaction action = {.sa_handler = migration != NULL ? handle_stop : SIG_DFL};

	stoppable = migration;
	patience = may_write ? 3 : 2;
	(void)sigemptyset(&action.sa_mask); /* cannot fail */
	/* No SA_RESTART: a question on the terminal ends too. */
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

bool rh_cli_was_stopped(void)
{
	return stops > 0;
}

/* ---- which workspace -------------------------------------------------------------------------------- */

static int list_workspaces(struct rh_cli *cli, struct rh_str paths)
{
	int code = rh_err_set(&cli->err, RH_EUSAGE, "there is more than one migration here");

	rh_err_hint(&cli->err, "Name one of them with --workspace.");
	while (paths.ptr != NULL) {
		struct rh_str path = rh_str_cut(&paths, '\n');

		if (path.len > 0) {
			rh_print_note(cli, "  %.*s\n", RH_STR_ARG(path));
		}
	}
	return code;
}

static int find_workspace(struct rh_cli *cli, const char **out)
{
	char *paths = NULL;
	struct rh_str found;
	int code = rh_workspaces(".", &paths, &cli->err);

	if (code != RH_OK) {
		return code;
	}
	struct rh_str all = rh_str_trim(rh_str_from(paths));
	if (all.len == 0) {
		code = rh_err_set(&cli->err, RH_EUSAGE, "there is no migration in this folder");
		rh_err_hint(&cli->err, "Plan one first, or name its folder with --workspace.");
	} else if (rh_str_index(all, '\n') >= 0) {
		code = list_workspaces(cli, all);
	} else if (rh_arena_copy(&cli->arena, all, &found)) {
		*out = rh_str_starts(found, "./") ? found.ptr + 2 : found.ptr;
	} else {
		code = rh_err_set(&cli->err, RH_ENOMEM, "no memory for a path");
	}
	rh_text_free(paths);
	return code;
}

const char *rh_cli_workspace(struct rh_cli *cli)
{
	const struct rh_given *given = rh_cli_given(cli, "workspace");
	const char *found = NULL;

	if (given != NULL) {
		return given->value;
	}
	return find_workspace(cli, &found) == RH_OK ? found : NULL;
}

/* ---- setting ---------------------------------------------------------------------------------------- */

/* Where a migration that is begun by -t alone goes to. */
static const char *transformer_target(void)
{
	const struct rh_connector *connector;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if ((connector->caps.flags & RH_CAP_TRANSFORMER_TARGET) != 0) {
			return connector->name;
		}
	}
	return NULL;
}

bool rh_cli_can_be(const struct rh_connector *connector, bool as_target)
{
	unsigned wanted = as_target ? RH_CAP_TARGET : RH_CAP_SOURCE_FILES | RH_CAP_SOURCE_LIVE;

	return (connector->caps.flags & wanted) != 0;
}

static void hint_providers(struct rh_cli *cli, const char *name, bool as_target)
{
	const struct rh_connector *connector;
	struct rh_suggestion suggestion;
	rh_autobuf names = {0};

	rh_buf_init(&names, 200);
	rh_suggestion_init(&suggestion, name);
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if (rh_cli_can_be(connector, as_target)) {
			rh_suggestion_offer(&suggestion, connector->name);
			rh_buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", connector->name);
		}
	}
	if (suggestion.nearest != NULL) {
		rh_err_hint(&cli->err, "Did you mean \"%s\"?", suggestion.nearest);
	} else if (names.failed == 0 && names.len > 0) {
		rh_err_hint(&cli->err, "Providers that can be the %s: %s",
			    as_target ? "target" : "source", names.ptr);
	}
}

static int check_provider(struct rh_cli *cli, const char *name, bool as_target)
{
	const struct rh_connector *connector = rh_connector_find(name);
	int code = RH_OK;

	if (connector == NULL) {
		code = rh_err_set(&cli->err, RH_EUSAGE, "there is no provider \"%.40s\"", name);
	} else if (!rh_cli_can_be(connector, as_target)) {
		code = rh_err_set(&cli->err, RH_EUSAGE, "provider \"%s\" cannot be the %s yet",
				  name, as_target ? "target" : "source");
	}
	if (code != RH_OK) {
		hint_providers(cli, name, as_target);
	}
	return code;
}

/* A path in place of a source's name is a mapping document: the connector that takes one reads the files. */
static const struct rh_connector *mapper(const char *name, const char *value)
{
	const struct rh_connector *connector;

	if (value == NULL || strcmp(name, "from") != 0 ||
	    (strchr(value, '/') == NULL && !rh_str_ends(rh_str_from(value), ".json"))) {
		return NULL;
	}
	for (size_t i = 0;; i++) {
		connector = rh_connector_at(i);
		if (connector == NULL || rh_option_find(connector->options, "mapping") != NULL) {
			return connector;
		}
	}
}

static int set_mapping(struct rh_cli *cli, const struct rh_connector *connector, const char *path)
{
	int code = rh_migration_set(cli->migration, "from", connector->name, &cli->err);

	return code == RH_OK ? rh_migration_set(cli->migration, "from-mapping", path, &cli->err)
			     : code;
}

int rh_cli_migration_set(struct rh_cli *cli, const char *name, const char *value)
{
	const struct rh_connector *by_mapping = mapper(name, value);
	int code = RH_OK;

	if (by_mapping != NULL) {
		return set_mapping(cli, by_mapping, value);
	}

	if (strcmp(name, "from") == 0 || strcmp(name, "to") == 0) {
		code = check_provider(cli, value, name[0] == 't');
	}
	return code == RH_OK ? rh_migration_set(cli->migration, name, value, &cli->err) : code;
}

static int set_given(struct rh_cli *cli, enum rh_given_owner owner)
{
	int code = RH_OK;

	for (size_t i = 0; i < cli->given_count && code == RH_OK; i++) {
		if (cli->given[i].owner == owner) {
			code = rh_cli_migration_set(cli, cli->given[i].name, cli->given[i].value);
		}
	}
	return code;
}

static int set_all(struct rh_cli *cli, unsigned flags)
{
	const char *workspace = NULL;
	int code = RH_OK;

	if ((flags & RH_OPEN_FINDS_WORKSPACE) != 0 && rh_cli_given(cli, "workspace") == NULL) {
		code = find_workspace(cli, &workspace);
		if (code == RH_OK) {
			code = rh_cli_migration_set(cli, "workspace", workspace);
		}
	}
	/* Providers first: their options are checked against them. */
	if (code == RH_OK) {
		code = set_given(cli, RH_GIVEN_SETTING);
	}
	if (code == RH_OK && cli->is_transformer && rh_cli_given(cli, "to") == NULL &&
	    transformer_target() != NULL) {
		code = rh_cli_migration_set(cli, "to", transformer_target());
	}
	if (code == RH_OK) {
		code = set_given(cli, RH_GIVEN_PROVIDER);
	}
	if (code == RH_OK) {
		code = rh_migration_set_from_environment(cli->migration, &cli->err);
	}
	return code;
}

/* ---- what is missing -------------------------------------------------------------------------------- */

/* Names of the missing options that the command takes, one by one; false after the last.  `rest` is cut. */
static bool next_missing(const struct rh_cli *cli, struct rh_str *rest, struct rh_str *out)
{
	while (rest->ptr != NULL) {
		*out = rh_str_trim(rh_str_cut(rest, ','));
		/* Only what reads the source needs its files. */
		bool is_needed = (cli->command->flags & RH_COMMAND_SETTINGS) != 0 ||
				 !rh_str_is(*out, "file");

		if (out->len > 0 && is_needed) {
			return true;
		}
	}
	return false;
}

static int refuse_missing(struct rh_cli *cli)
{
	struct rh_str rest = rh_str_from(rh_migration_missing(cli->migration));
	struct rh_str name;
	rh_autobuf names = {0};
	rh_autobuf variables = {0};
	size_t count = 0;
	int code;

	rh_buf_init(&names, 300);
	rh_buf_init(&variables, 200);
	while (next_missing(cli, &rest, &name)) {
		struct rh_str copy = RH_STR_ABSENT;

		rh_buf_printf(&names, "%s\"--%.*s\"", count > 0 ? ", " : "", RH_STR_ARG(name));
		count++;
		if (rh_str_is(name, "from") || rh_str_is(name, "to") || rh_str_is(name, "file") ||
		    !rh_arena_copy(&cli->arena, name, &copy)) {
			continue;
		}
		const char *variable = rh_option_env_name(&cli->arena, NULL, copy.ptr);
		if (variable != NULL) {
			rh_buf_printf(&variables, "%s%s", variables.len > 0 ? ", " : "", variable);
		}
	}
	code = rh_err_set(&cli->err, RH_EUSAGE, "missing option%s: %.*s", count == 1 ? "" : "s",
			  RH_STR_ARG(rh_buf_str(&names)));
	if (variables.len > 0) {
		rh_err_hint(&cli->err, "Also read from the environment and from .env: %.*s",
			    RH_STR_ARG(rh_buf_str(&variables)));
	}
	return code;
}

static bool is_whole(struct rh_cli *cli)
{
	struct rh_str rest = rh_str_from(rh_migration_missing(cli->migration));
	struct rh_str name;

	return !next_missing(cli, &rest, &name);
}

static int fill_missing(struct rh_cli *cli)
{
	struct rh_str rest;
	struct rh_str name;
	int code = RH_OK;

	if (is_whole(cli)) {
		return RH_OK;
	}
	if (!rh_wizard_is_possible(cli)) {
		return refuse_missing(cli);
	}
	/* The answer to one may make others necessary, so the list is asked for each time. */
	while (code == RH_OK && !is_whole(cli)) {
		/* The text is the migration's until its next call. */
		if (!rh_arena_copy(&cli->arena, rh_str_from(rh_migration_missing(cli->migration)),
				   &rest)) {
			return rh_err_set(&cli->err, RH_ENOMEM, "no memory for missing options");
		}
		code = next_missing(cli, &rest, &name) ? rh_wizard_ask(cli, name) : RH_OK;
	}
	return code;
}

static int restore(struct rh_cli *cli)
{
	struct rh_plan_counts counts;
	int64_t revision;

	return rh_migration_load_plan(cli->migration, (int64_t)cli->values.plan, &revision, &counts,
				      &cli->err);
}

int rh_cli_migration_open(struct rh_cli *cli, unsigned flags)
{
	int code = rh_migration_new(&cli->migration, &cli->err);

	if (code == RH_OK) {
		catch_signals(cli->migration, (cli->command->flags & RH_COMMAND_WRITES) != 0);
		rh_migration_on_progress(cli->migration, rh_term_progress, &cli->term);
		code = set_all(cli, flags);
	}
	if (code == RH_OK && (flags & RH_OPEN_RESTORES) != 0) {
		code = restore(cli);
	}
	if (code == RH_OK && (flags & RH_OPEN_ASKS_NOBODY) == 0) {
		code = fill_missing(cli);
	}
	return code == RH_OK ? RH_EXIT_DONE : rh_cli_fail(cli, code, &cli->err);
}

void rh_cli_migration_close(struct rh_cli *cli)
{
	if (cli->migration != NULL) {
		catch_signals(NULL, false);
		rh_migration_free(cli->migration);
		cli->migration = NULL;
	}
}
