/* SPDX-License-Identifier: Apache-2.0 */
/* The exact command that goes on. */
#include "cli/next.h"

#include <string.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/options.h"
#include "cli/print.h"
#include "config/options.h"

/* Does the command take this setting? */
static bool is_taken(const struct rh_command *command, const struct rh_given *given)
{
	struct rh_lookup lookup;

	if (given->owner == RH_GIVEN_PROVIDER) {
		return (command->flags & RH_COMMAND_PROVIDERS) != 0;
	}
	for (size_t i = 0; rh_options_at(command, i, &lookup); i++) {
		if (lookup.owner == RH_GIVEN_SETTING && lookup.option == given->option) {
			return true;
		}
	}
	return false;
}

/* What the revision and its workspace remember. */
static bool is_remembered(const struct rh_given *given)
{
	static const char *const names[] = {"from", "to", "file", "workspace", "offline", "mended"};

	if (given->owner == RH_GIVEN_SETTING && (given->option->flags & RH_OPTION_SHAPES) != 0) {
		return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(given->name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Behind an option's name; a value that begins like an option is held to it. */
static void add_value(const char *value, struct rh_buf *out)
{
	rh_buf_add_char(out, value[0] == '-' && value[1] != '\0' ? '=' : ' ');
	rh_print_add_shell(out, value);
}

static void add_option(struct rh_cli *cli, const struct rh_given *given, struct rh_buf *out)
{
	const char *variable;

	rh_buf_printf(out, " --%s",
		      cli->is_transformer && strcmp(given->name, "from") == 0 ? "transformer"
									      : given->name);
	if (given->option->type == RH_OPTION_BOOL) {
		if (strcmp(given->value, "true") != 0) {
			rh_buf_add_char(out, '=');
			rh_print_add_shell(out, given->value);
		}
		return;
	}
	if (given->option->type != RH_OPTION_SECRET || given->value[0] == '@' ||
	    strcmp(given->value, "-") == 0) {
		add_value(given->value, out);
		return;
	}
	variable = rh_option_env_name(&cli->arena, NULL, given->name);
	rh_buf_printf(out, " \"$%s\"", variable != NULL ? variable : "SECRET");
}

/* Is "name value" about this option? */
static bool is_option(const char *text, const char *name)
{
	size_t len = strlen(name);

	return strncmp(text, name, len) == 0 && text[len] == ' ';
}

void rh_next_add(struct rh_cli *cli, const struct rh_next *next, struct rh_buf *out)
{
	const struct rh_command *command = rh_command_find(next->command);

	rh_buf_printf(out, "rehome %s", next->command);
	if (next->plan > 0) {
		rh_buf_printf(out, " --plan %lld", (long long)next->plan);
	}
	/* Without a revision the command reads the source itself, and finds its workspace as it did. */
	bool is_whole = (command->flags & RH_COMMAND_SETTINGS) != 0 && next->plan == 0;
	if (!is_whole && next->workspace != NULL && next->workspace[0] != '\0') {
		rh_buf_add_cstr(out, " --workspace");
		add_value(next->workspace, out);
	}
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct rh_given *given = &cli->given[i];

		if (next->instead != NULL && is_option(next->instead, given->name)) {
			continue;
		}
		if (given->owner != RH_GIVEN_OWN && is_taken(command, given) &&
		    (is_whole || !is_remembered(given))) {
			add_option(cli, given, out);
		}
	}
	if (next->instead != NULL) {
		rh_buf_printf(out, " --%s", next->instead);
	}
	if (next->has_consent) {
		rh_buf_add_cstr(out, " --yes");
	}
}

void rh_next_add_plan(struct rh_cli *cli, struct rh_buf *out)
{
	struct rh_sides sides = {0};
	const char *name;
	const char *value;

	rh_buf_add_cstr(out, "rehome plan");
	if (rh_migration_sides(cli->migration, &sides, NULL) == RH_OK) {
		rh_buf_printf(out, " --from %s --to %s", sides.source, sides.target);
	}
	rh_buf_add_cstr(out, " --workspace ");
	rh_print_add_shell(out, rh_cli_workspace(cli));
	for (size_t i = 0; rh_migration_in_force(cli->migration, i, &name, &value); i++) {
		rh_buf_printf(out, " --%s=", name);
		rh_print_add_shell(out, value);
	}
}

void rh_next_add_input(const char *path, struct rh_buf *out)
{
	rh_buf_add_cstr(out, " -f ");
	rh_print_add_shell(out, path);
}
