/* SPDX-License-Identifier: Apache-2.0 */
/* Firebase, read from files. */
#include "connectors/firebase/firebase.h"
#include "suite.h"

static const struct subject_option options[] = {
	{"signer-key", "c2VjcmV0LXNpZ25lci1rZXk="},
	{"salt-separator", "Bw=="},
	{"rounds", "8"},
	{"mem-cost", "14"},
	{NULL, NULL},
};
static const char *const secrets[] = {"c2VjcmV0LXNpZ25lci1rZXk=", NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_firebase,
		.options = options,
		.secrets = secrets,
	};

	return suite_run(&subject);
}
