/* SPDX-License-Identifier: Apache-2.0 */
/* Auth0, read from files. */
#include "connectors/auth0/auth0.h"
#include "suite.h"

static const struct subject_option options[] = {{NULL, NULL}};
static const char *const secrets[] = {NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_auth0,
		.options = options,
		.secrets = secrets,
	};

	return suite_run(&subject);
}
