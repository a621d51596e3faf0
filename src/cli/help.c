/* SPDX-License-Identifier: Apache-2.0 */
/* Help from the tables. */
#include "cli/help.h"

#include <string.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/print.h"
#include "config/options.h"

#define PAGE_MAX (1U * 1024 * 1024)
#define NAME_COLUMN 34

/* ---- for people ------------------------------------------------------------------------------------- */

/* The placeholder, "skip|link|fail", or nothing for a flag. */
static void add_value(struct rh_buf *out, const struct rh_option *option)
{
	if (option->type == RH_OPTION_CHOICE && option->placeholder == NULL) {
		for (size_t i = 0; option->choices[i] != NULL; i++) {
			rh_buf_printf(out, "%s%s", i > 0 ? "|" : "", option->choices[i]);
		}
	} else if (option->type != RH_OPTION_BOOL) {
		rh_buf_add_cstr(out, option->placeholder != NULL ? option->placeholder : "VALUE");
	}
}

/* "  -f, --file FILE          help text (default x)" */
static void add_option(struct rh_buf *page, const char *prefix, const struct rh_option *option,
		       const char *variable, unsigned width)
{
	char letter = prefix == NULL ? rh_options_letter(option->name) : '\0';
	size_t start = page->len;
	rh_autobuf help = {0};

	if (letter != '\0') {
		rh_buf_printf(page, "  -%c, --%s", letter, option->name);
	} else {
		rh_buf_printf(page, "      --%s%s%s", prefix != NULL ? prefix : "",
			      prefix != NULL ? "-" : "", option->name);
	}
	if (option->type != RH_OPTION_BOOL) {
		rh_buf_add_char(page, ' ');
		add_value(page, option);
	}
	size_t used = page->len - start;
	if (used + 2 > NAME_COLUMN) {
		rh_buf_printf(page, "\n%*s", NAME_COLUMN, "");
	} else {
		rh_buf_printf(page, "%*s", (int)(NAME_COLUMN - used), "");
	}
	rh_buf_init(&help, 4096);
	rh_buf_add_cstr(&help, option->help);
	if (option->choices != NULL && option->placeholder != NULL) {
		for (size_t i = 0; option->choices[i] != NULL; i++) {
			rh_buf_printf(&help, "%s %s", i > 0 ? "," : ":", option->choices[i]);
		}
	}
	if (option->fallback != NULL) {
		rh_buf_printf(&help, " (default %s)", option->fallback);
	}
	if (option->type == RH_OPTION_SECRET) {
		rh_buf_add_cstr(&help, "; @FILE reads it from a file, - from standard input");
	}
	if (variable != NULL) {
		rh_buf_printf(&help, " (environment %s)", variable);
	}
	rh_print_add_wrapped(page, help.len > 0 ? help.ptr : "", NAME_COLUMN, width);
}

static void add_provider_options(struct rh_cli *cli, struct rh_buf *page, unsigned width)
{
	const struct rh_connector *connector;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if (connector->options->name == NULL) {
			continue;
		}
		rh_buf_printf(page, "\n%s\n", connector->title);
		for (const struct rh_option *row = connector->options; row->name != NULL; row++) {
			add_option(page, connector->name, row,
				   rh_option_env_name(&cli->arena, connector->name, row->name),
				   width);
		}
	}
}

static void add_command(struct rh_cli *cli, const struct rh_command *command, struct rh_buf *page,
			unsigned width)
{
	struct rh_lookup lookup;

	rh_buf_printf(page, "usage: rehome %s%s%s\n\n", command->name,
		      command->synopsis[0] != '\0' ? " " : "", command->synopsis);
	rh_print_add_wrapped(page, command->doc, 0, width);
	rh_buf_add_cstr(page, "\noptions\n");
	for (size_t i = 0; rh_options_at(command, i, &lookup); i++) {
		add_option(page, NULL, lookup.option, NULL, width);
	}
	if ((command->flags & RH_COMMAND_PROVIDERS) != 0) {
		add_provider_options(cli, page, width);
	}
}

static void add_overview(struct rh_buf *page)
{
	const struct rh_command *command;

	rh_buf_add_cstr(page, "rehome moves accounts between identity providers and loses nobody\n"
			      "\nusage: rehome COMMAND [OPTION]...\n\n");
	for (size_t i = 0; (command = rh_command_at(i)) != NULL; i++) {
		rh_buf_printf(page, "  %-10s  %s\n", command->name, command->summary);
	}
	rh_buf_add_cstr(page, "\nrehome help COMMAND shows how one is used, rehome --version which "
			      "version this is\n");
}

/* ---- in the document -------------------------------------------------------------------------------- */

static void put_option(struct rh_cli *cli, const char *prefix, const struct rh_option *option)
{
	struct rh_json_writer *json = &cli->json;
	char letter = prefix == NULL ? rh_options_letter(option->name) : '\0';

	rh_json_begin_object(json);
	rh_json_member(json, "name",
		       rh_arena_printf(&cli->arena, "%s%s%s", prefix != NULL ? prefix : "",
				       prefix != NULL ? "-" : "", option->name));
	if (letter != '\0') {
		rh_json_member(json, "letter", (struct rh_str){.ptr = &letter, .len = 1});
	}
	rh_json_member(json, "help", rh_str_from(option->help));
	rh_json_member(json, "default", rh_str_from(option->fallback));
	if (option->choices != NULL) {
		rh_json_key(json, "choices");
		rh_json_begin_array(json);
		for (size_t i = 0; option->choices[i] != NULL; i++) {
			rh_json_put_cstr(json, option->choices[i]);
		}
		rh_json_end_array(json);
	}
	rh_json_end_object(json);
}

static void put_command(struct rh_cli *cli, const struct rh_command *command)
{
	struct rh_json_writer *json = &cli->json;
	const struct rh_connector *connector;
	struct rh_lookup lookup;

	rh_json_begin_object(json);
	rh_json_member(json, "name", rh_str_from(command->name));
	rh_json_member(json, "synopsis", rh_str_from(command->synopsis));
	rh_json_member(json, "summary", rh_str_from(command->summary));
	rh_json_key(json, "options");
	rh_json_begin_array(json);
	for (size_t i = 0; rh_options_at(command, i, &lookup); i++) {
		put_option(cli, NULL, lookup.option);
	}
	for (size_t i = 0; (command->flags & RH_COMMAND_PROVIDERS) != 0 &&
			   (connector = rh_connector_at(i)) != NULL;
	     i++) {
		for (const struct rh_option *row = connector->options; row->name != NULL; row++) {
			put_option(cli, connector->name, row);
		}
	}
	rh_json_end_array(json);
	rh_json_end_object(json);
}

void rh_help_print(struct rh_cli *cli, const struct rh_command *command)
{
	const struct rh_command *each;
	rh_autobuf page = {0};

	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "commands");
		rh_json_begin_array(&cli->json);
		for (size_t i = 0; (each = rh_command_at(i)) != NULL; i++) {
			if (command == NULL || command == each) {
				put_command(cli, each);
			}
		}
		rh_json_end_array(&cli->json);
		return;
	}
	rh_buf_init(&page, PAGE_MAX);
	if (command != NULL) {
		add_command(cli, command, &page, rh_term_width(stdout));
	} else {
		add_overview(&page);
	}
	rh_print_bytes(cli, rh_buf_str(&page));
}
