/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of Better Auth export. */
#include "../golden.h"
#include "connectors/mapped.h"
#include "connectors/betterauth/betterauth.h"

int main(void)
{
	static struct mapped_instance instance;
	const struct CMUnitTest tests[] = {
		GOLDEN("users.json"),    GOLDEN("snake.csv"),    GOLDEN("flat.json"),
		GOLDEN("accounts.json"), GOLDEN("accounts.csv"), GOLDEN("factors.json"),
	};

	return golden_open_and_run(&rh_connector_betterauth, &instance, tests,
				   sizeof(tests) / sizeof(tests[0]));
}
