/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of Clerk export. */
#include "../golden.h"
#include "connectors/clerk/clerk.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
		GOLDEN("api.json"),     GOLDEN("api.ndjson"),    GOLDEN("users.json"),
		GOLDEN("data.json"),    GOLDEN("dashboard.csv"), GOLDEN("old.csv"),
		GOLDEN("support.json"), GOLDEN("flat.json"),     GOLDEN("cli.json"),
	};

	return golden_run("clerk golden", &rh_connector_clerk, NULL, tests,
			  sizeof(tests) / sizeof(tests[0]));
}
