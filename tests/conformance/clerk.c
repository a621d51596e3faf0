/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk, read from files, and as a target played by its rehearsal. */
#include "connectors/clerk/clerk.h"
#include "imitated.h"
#include "imitated_answer.h"
#include "suite.h"

#define KEY "sk_live_rehearsal"

static const struct subject_play play = {
	.begin = imitated_clerk_begin,
	.end = imitated_end,
	.answer = imitated_answer,
	.password = "U*U",
	.nobody = "[]",
	.refusal = "{\"errors\":[{\"message\":\"No.\",\"long_message\":\"No.\","
		   "\"code\":\"some_new_code\"}]}",
};

static const struct subject_option options[] = {
	{"secret-key", KEY},
	{NULL, NULL},
};

static const char *const secrets[] = {KEY, NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_clerk,
		.options = options,
		.secrets = secrets,
		.play = &play,
	};

	return suite_run(&subject);
}
