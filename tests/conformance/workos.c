/* SPDX-License-Identifier: Apache-2.0 */
/* WorkOS, played by its rehearsal. */
#include "connectors/workos/workos.h"
#include "imitated.h"
#include "imitated_answer.h"
#include "suite.h"

#define KEY "sk_test_rehearsal"

static const struct subject_play play = {
	.begin = imitated_workos_begin,
	.end = imitated_end,
	.answer = imitated_answer,
	.password = "U*U",
	.refusal = "{\"message\":\"No.\",\"code\":\"some_new_code\",\"errors\":[]}",
};

static const struct subject_option options[] = {
	{"api-key", KEY},
	{"client-id", "client_rehearsal"},
	{NULL, NULL},
};

static const char *const secrets[] = {KEY, NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_workos,
		.options = options,
		.secrets = secrets,
		.play = &play,
	};

	return suite_run(&subject);
}
