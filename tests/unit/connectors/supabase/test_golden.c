/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of Supabase export. */
#include "../golden.h"
#include "connectors/mapped.h"
#include "connectors/supabase/supabase.h"

int main(void)
{
	static struct mapped_instance instance;
	const struct CMUnitTest tests[] = {
		GOLDEN("users.json"),  GOLDEN("users.ndjson"),   GOLDEN("users.csv"),
		GOLDEN("shifted.csv"), GOLDEN("torn.csv"),       GOLDEN("query.csv"),
		GOLDEN("admin.json"),  GOLDEN("identities.csv"), GOLDEN("factors.json"),
	};

	return golden_open_and_run(&rh_connector_supabase, &instance, tests,
				   sizeof(tests) / sizeof(tests[0]));
}
