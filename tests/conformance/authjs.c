/* SPDX-License-Identifier: Apache-2.0 */
/* Auth.js, read from files. */
#include "connectors/authjs/authjs.h"
#include "suite.h"

static const struct subject_option options[] = {{NULL, NULL}};
static const char *const secrets[] = {NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_authjs,
		.options = options,
		.secrets = secrets,
	};

	return suite_run(&subject);
}
