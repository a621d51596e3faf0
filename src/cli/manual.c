/* SPDX-License-Identifier: Apache-2.0 */
/* The manual's part about commands and options, in mdoc, from the tables. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/print.h"
#include "config/options.h"

#define PAGE_MAX (1U * 1024 * 1024)

/* Does a sentence end before the blanks at `at`?  Behind "e.g." none begins. */
static bool ends_sentence(const char *text, const char *at)
{
	const char *next = at;

	while (*next == ' ') {
		next++;
	}
	return at > text && at[-1] == '.' && isupper((unsigned char)*next) != 0;
}

/* Text of a line: what roff would obey is escaped, and a sentence starts a line of its own. */
static void add_text(struct rh_buf *page, const char *text)
{
	bool is_line_start = true;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at == ' ' && ends_sentence(text, at)) {
			at += strspn(at, " ") - 1;
			rh_buf_add_char(page, '\n');
			is_line_start = true;
			continue;
		}
		if (*at == '\\') {
			rh_buf_add_cstr(page, "\\e");
		} else if (is_line_start && (*at == '.' || *at == '\'')) {
			rh_buf_printf(page, "\\&%c", *at);
		} else {
			rh_buf_add_char(page, *at);
		}
		is_line_start = false;
	}
}

/* A phrase with a capital letter. */
static void add_capital(struct rh_buf *page, const char *phrase)
{
	bool is_small = phrase[0] >= 'a' && phrase[0] <= 'z';

	rh_buf_add_char(page, is_small ? (char)(phrase[0] - 'a' + 'A') : phrase[0]);
	add_text(page, phrase + 1);
}

/* Help is a phrase; in the manual it is a sentence. */
static void add_sentence(struct rh_buf *page, const char *phrase)
{
	add_capital(page, phrase);
	rh_buf_add_cstr(page, ".\n");
}

static void add_argument(struct rh_buf *page, const struct rh_option *option)
{
	if (option->type == RH_OPTION_CHOICE) {
		for (size_t i = 0; option->choices[i] != NULL; i++) {
			rh_buf_printf(page, "%s%s", i > 0 ? " | " : " Cm ", option->choices[i]);
		}
	} else if (option->type != RH_OPTION_BOOL) {
		rh_buf_add_cstr(page, " Ar ");
		add_text(page, option->placeholder != NULL ? option->placeholder : "VALUE");
	}
}

static void add_option(struct rh_buf *page, const char *prefix, const struct rh_option *option,
		       const char *variable)
{
	char letter = prefix == NULL ? rh_options_letter(option->name) : '\0';

	rh_buf_add_cstr(page, ".It ");
	if (letter != '\0') {
		rh_buf_printf(page, "Fl %c , ", letter);
	}
	rh_buf_printf(page, "Fl Fl %s%s%s", prefix != NULL ? prefix : "", prefix != NULL ? "-" : "",
		      option->name);
	add_argument(page, option);
	rh_buf_add_char(page, '\n');
	add_sentence(page, option->help);
	if (option->fallback != NULL) {
		rh_buf_add_cstr(page, "The default is\n.Cm ");
		add_text(page, option->fallback);
		rh_buf_add_cstr(page, " .\n");
	}
	if (option->type == RH_OPTION_SECRET) {
		rh_buf_add_cstr(page, "A value\n.Ar @FILE\nis read from that file, and\n.Cm -\n"
				      "from standard input.\n");
	}
	if (variable != NULL) {
		rh_buf_printf(page, "In the environment:\n.Ev %s .\n", variable);
	}
}

static bool is_common_to_migrations(const struct rh_lookup *lookup)
{
	return lookup->owner == RH_GIVEN_SETTING;
}

/* Options of one command that no section of their own describes. */
static void add_own_options(struct rh_buf *page, const struct rh_command *command)
{
	size_t count = command->options != NULL ? rh_option_count(command->options) : 0;

	if (count == 0) {
		return;
	}
	rh_buf_add_cstr(page, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < count; i++) {
		add_option(page, NULL, &command->options[i], NULL);
	}
	rh_buf_add_cstr(page, ".El\n");
}

static void add_commands(struct rh_buf *page)
{
	const struct rh_command *command;

	rh_buf_add_cstr(page, ".Sh COMMANDS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; (command = rh_command_at(i)) != NULL; i++) {
		rh_buf_printf(page, ".It Nm rehome Cm %s", command->name);
		if (command->synopsis[0] != '\0') {
			rh_buf_add_cstr(page, " Ar ");
			add_text(page, command->synopsis);
		}
		rh_buf_add_char(page, '\n');
		add_text(page, command->doc);
		rh_buf_add_char(page, '\n');
		add_own_options(page, command);
	}
	rh_buf_add_cstr(page, ".El\n");
}

static void add_settings(struct rh_buf *page)
{
	const struct rh_command *plan = rh_command_find("plan");
	struct rh_lookup lookup;

	rh_buf_add_cstr(page, ".Sh OPTIONS OF A MIGRATION\n"
			      "All of them belong to\n.Cm plan\nand\n.Cm apply ;\n"
			      "the other commands that have to do with a migration take those that "
			      "say where it is and\nhow requests go.\n.Bl -tag -width Ds\n");
	for (size_t i = 0; rh_options_at(plan, i, &lookup); i++) {
		if (is_common_to_migrations(&lookup)) {
			add_option(page, NULL, lookup.option, NULL);
		}
	}
	rh_buf_add_cstr(page, ".El\n");
}

static void add_provider_options(struct rh_cli *cli, struct rh_buf *page)
{
	const struct rh_connector *connector;

	rh_buf_add_cstr(page, ".Sh OPTIONS OF PROVIDERS\n"
			      "Where both sides are the same provider,\n.Fl Fl from- Ns Ar OPTION\n"
			      "and\n.Fl Fl to- Ns Ar OPTION\ntell them apart.\n");
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		rh_buf_printf(page, ".Ss %s\n", connector->title);
		add_text(page, connector->doc);
		rh_buf_add_char(page, '\n');
		if (connector->options->name == NULL) {
			continue;
		}
		rh_buf_add_cstr(page, ".Bl -tag -width Ds\n");
		for (const struct rh_option *row = connector->options; row->name != NULL; row++) {
			add_option(page, connector->name, row,
				   rh_option_env_name(&cli->arena, connector->name, row->name));
		}
		rh_buf_add_cstr(page, ".El\n");
	}
}

static void add_common(struct rh_buf *page)
{
	struct rh_lookup lookup;

	rh_buf_add_cstr(page, ".Sh OPTIONS OF EVERY COMMAND\n.Bl -tag -width Ds\n");
	for (size_t i = 0; rh_options_at(NULL, i, &lookup); i++) {
		add_option(page, NULL, lookup.option, NULL);
	}
	rh_buf_add_cstr(page, ".El\n");
}

/* What a message calls by its code. */
static void add_findings(struct rh_buf *page)
{
	static const char *const severities[] = {
		[RH_SEVERITY_INFO] = "nothing is lost",
		[RH_SEVERITY_LOSS] = "something does not move",
		[RH_SEVERITY_REFUSE] = "the account does not move",
	};
	const struct rh_finding_info *info;

	rh_buf_add_cstr(page,
			".Sh FINDINGS\n"
			"What the plan says of accounts that do not simply move has a code, which "
			"never changes its\nmeaning.\n.Bl -tag -width Ds\n");
	for (size_t i = 0; (info = rh_finding_at(i)) != NULL; i++) {
		rh_buf_printf(page, ".It Li %s Pq %s\n", info->id, severities[info->severity]);
		add_capital(page, info->what);
		rh_buf_add_cstr(page, "; ");
		add_text(page, info->then);
		rh_buf_add_cstr(page, ".\n");
		add_text(page, info->todo);
		rh_buf_add_char(page, '\n');
	}
	rh_buf_add_cstr(page, ".El\n");
}

void rh_help_manual(struct rh_cli *cli)
{
	rh_autobuf page = {0};

	rh_buf_init(&page, PAGE_MAX);
	add_commands(&page);
	add_common(&page);
	add_settings(&page);
	add_provider_options(cli, &page);
	add_findings(&page);
	rh_print_bytes(cli, rh_buf_str(&page));
}
