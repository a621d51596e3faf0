/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of Auth0 export. */
#include "../golden.h"
#include "connectors/auth0/auth0.h"
#include "connectors/mapped.h"

int main(void)
{
	static struct mapped_instance instance;
	struct rh_err err;
	const struct CMUnitTest tests[] = {
		GOLDEN("export.ndjson"), GOLDEN("export.csv"),  GOLDEN("hashes.ndjson"),
		GOLDEN("import.json"),   GOLDEN("custom.json"),
	};

	if (rh_connector_auth0.open(&instance, false, &err) != RH_OK) {
		return 1;
	}
	int code = golden_run("auth0 golden", &rh_connector_auth0, &instance, tests,
			      sizeof(tests) / sizeof(tests[0]));
	rh_connector_auth0.close(&instance);
	return code;
}
