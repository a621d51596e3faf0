/* SPDX-License-Identifier: Apache-2.0 */
/* The tool's entry; everything else is a library, so that tests can bring their own. */
#include "cli/cli.h"
#include "jq/jq.h"

int main(int argc, char **argv)
{
	rh_jq_main(argc, argv);
	return rh_cli_main(argc, argv);
}
