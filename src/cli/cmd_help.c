/* SPDX-License-Identifier: Apache-2.0 */
/* rehome help: the commands, one of them, the manual's part, the findings, or the fields. */
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/help.h"

int rh_cmd_help(struct rh_cli *cli)
{
	const char *name = cli->word_count > 0 ? cli->words[0] : NULL;
	const struct rh_command *command = name != NULL ? rh_command_find(name) : NULL;

	if (name != NULL && command == NULL) {
		const char *nearest = rh_command_nearest(name);
		struct rh_str hint = rh_arena_printf(&cli->arena, "Did you mean \"%s\"?",
						     nearest != NULL ? nearest : "help");

		return rh_cli_usage(cli, nearest != NULL ? hint.ptr : NULL,
				    "there is no command \"%.40s\"", name);
	}
	if (cli->values.man) {
		rh_help_manual(cli);
	} else if (cli->values.fields) {
		rh_help_fields(cli);
	} else if (cli->values.findings) {
		rh_help_findings(cli);
	} else {
		rh_help_print(cli, command);
	}
	return RH_EXIT_DONE;
}
