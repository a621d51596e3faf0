/* SPDX-License-Identifier: Apache-2.0 */
/* The neutral archive, as a source. */
#include "connectors/archive/archive_connector.h"
#include "suite.h"

static const struct subject_option options[] = {{NULL, NULL}};
static const char *const secrets[] = {NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_archive,
		.options = options,
		.secrets = secrets,
	};

	return suite_run(&subject);
}
