/* SPDX-License-Identifier: Apache-2.0 */
/* Files of anybody, by the names that are known. */
#include "connectors/csv/csv.h"
#include "suite.h"

static const struct subject_option options[] = {{NULL, NULL}};
static const char *const secrets[] = {NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_csv,
		.options = options,
		.secrets = secrets,
	};

	return suite_run(&subject);
}
