/* SPDX-License-Identifier: Apache-2.0 */
/* Completion from the tables; `rehome --complete WORD...` is called by the scripts in completions/. */
#include "cli/complete.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"

/* Output that the shell does not take cannot be mended here. */
static void offer(const char *before, const char *candidate, const char *begun)
{
	size_t before_len = strlen(before);
	size_t len = strlen(begun);

	if (strncmp(before, begun, len < before_len ? len : before_len) == 0 &&
	    (len <= before_len || strncmp(candidate, begun + before_len, len - before_len) == 0)) {
		(void)printf("%s%s\n", before, candidate);
	}
}

static void offer_commands(const char *begun)
{
	const struct rh_command *command;

	for (size_t i = 0; (command = rh_command_at(i)) != NULL; i++) {
		offer("", command->name, begun);
	}
}

static void offer_providers(unsigned caps, const char *begun)
{
	const struct rh_connector *connector;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if (caps == 0 || (connector->caps.flags & caps) != 0) {
			offer("", connector->name, begun);
		}
	}
}

static void offer_options(const struct rh_command *command, const char *begun)
{
	const struct rh_connector *connector;
	struct rh_lookup lookup;
	char name[64];

	for (size_t i = 0; rh_options_at(command, i, &lookup); i++) {
		offer("--", lookup.option->name, begun);
	}
	for (size_t i = 0; command != NULL && (command->flags & RH_COMMAND_PROVIDERS) != 0 &&
			   (connector = rh_connector_at(i)) != NULL;
	     i++) {
		for (const struct rh_option *row = connector->options; row->name != NULL; row++) {
			(void)snprintf(name, sizeof(name), "%s-%s", connector->name, row->name);
			offer("--", name, begun);
		}
	}
}

static const struct rh_option *find_option(const struct rh_command *command, const char *word)
{
	struct rh_lookup lookup;

	for (size_t i = 0; rh_options_at(command, i, &lookup); i++) {
		char letter = rh_options_letter(lookup.option->name);
		bool is_long =
			strncmp(word, "--", 2) == 0 && strcmp(word + 2, lookup.option->name) == 0;
		bool is_short =
			word[0] == '-' && letter != '\0' && word[1] == letter && word[2] == '\0';

		if (is_long || is_short) {
			return lookup.option;
		}
	}
	return NULL;
}

static void offer_values(const struct rh_option *option, const char *begun)
{
	if (strcmp(option->name, "from") == 0) {
		offer_providers(RH_CAP_SOURCE_FILES | RH_CAP_SOURCE_LIVE, begun);
	} else if (strcmp(option->name, "to") == 0) {
		offer_providers(RH_CAP_TARGET, begun);
	} else if (strcmp(option->name, "provider") == 0) {
		offer_providers(0, begun);
	}
	for (size_t i = 0; option->choices != NULL && option->choices[i] != NULL; i++) {
		offer("", option->choices[i], begun);
	}
}

int rh_complete(int count, char **words)
{
	const char *begun = count > 0 ? words[count - 1] : "";
	const char *before = count > 1 ? words[count - 2] : "";
	const struct rh_command *command = NULL;
	const struct rh_option *option;

	for (int i = 0; i + 1 < count && command == NULL; i++) {
		command = rh_command_find(words[i]);
	}
	option = find_option(command, before);
	if (option != NULL && option->type != RH_OPTION_BOOL) {
		offer_values(option, begun);
	} else if (begun[0] == '-') {
		offer_options(command, begun);
	} else if (command == NULL || strcmp(command->name, "help") == 0) {
		offer_commands(begun);
	} else if (strcmp(command->name, "providers") == 0 ||
		   strcmp(command->name, "rehearse") == 0) {
		offer_providers(0, begun);
	}
	return 0;
}
