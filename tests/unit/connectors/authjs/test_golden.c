/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of Auth.js export. */
#include "../golden.h"
#include "connectors/mapped.h"
#include "connectors/authjs/authjs.h"

int main(void)
{
	static struct mapped_instance instance;
	const struct CMUnitTest tests[] = {
		GOLDEN("users.json"),   GOLDEN("prisma.csv"),  GOLDEN("drizzle.json"),
		GOLDEN("mongo.ndjson"), GOLDEN("typeorm.csv"), GOLDEN("accounts.json"),
		GOLDEN("legacy.csv"),
	};

	return golden_open_and_run(&rh_connector_authjs, &instance, tests,
				   sizeof(tests) / sizeof(tests[0]));
}
