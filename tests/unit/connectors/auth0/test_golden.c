/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of Auth0 export. */
#include "../golden.h"
#include "connectors/auth0/auth0.h"

int main(void)
{
	static struct auth0_instance instance;
	const struct CMUnitTest tests[] = {
		GOLDEN("export.ndjson"), GOLDEN("export.csv"),  GOLDEN("hashes.ndjson"),
		GOLDEN("import.json"),   GOLDEN("custom.json"),
	};

	return golden_open_and_run(&rh_connector_auth0, &instance, tests,
				   sizeof(tests) / sizeof(tests[0]));
}
