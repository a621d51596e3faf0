/* SPDX-License-Identifier: Apache-2.0 */
/* User objects of WorkOS's API, from a file of them to canonical accounts. */
#include "../golden.h"
#include "connectors/workos/workos.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
		GOLDEN("api.ndjson"),
	};

	return golden_run("workos source", &rh_connector_workos, NULL, tests,
			  sizeof(tests) / sizeof(tests[0]));
}
