/* SPDX-License-Identifier: Apache-2.0 */
/* Firebase, read from files. */
#include "connectors/firebase/firebase.h"
#include "suite.h"

/* That of the made-up exports, which have it beside the users. */
#define KEY \
	"MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="

static const struct subject_option options[] = {
	{"signer-key", KEY}, {"salt-separator", "Bw=="}, {"rounds", "8"}, {"mem-cost", "14"},
	{NULL, NULL},
};
static const char *const secrets[] = {KEY, NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_firebase,
		.options = options,
		.secrets = secrets,
	};

	return suite_run(&subject);
}
