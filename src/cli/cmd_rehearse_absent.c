/* SPDX-License-Identifier: Apache-2.0 */
/* rehome rehearse in a build without the servers. */
#include "cli/cli.h"
#include "cli/command.h"

int rh_cmd_rehearse(struct rh_cli *cli)
{
	return rh_cli_usage(cli, "Build it with -Drehearsal=true.",
			    "this build has no rehearsal servers");
}

bool rh_cmd_rehearse_is_built(void)
{
	return false;
}
