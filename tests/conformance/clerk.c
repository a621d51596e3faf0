/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk, read from files, and as a target played by its rehearsal. */
#include "connectors/clerk/clerk.h"
#include "imitated.h"
#include "imitated_answer.h"
#include "suite.h"

#define KEY "sk_live_rehearsal"

static void sign_in(void *play, struct rh_str email)
{
	struct rh_buf answer;
	struct rh_buf body;

	rh_buf_init(&answer, 1U << 20);
	rh_buf_init(&body, 1024);
	rh_buf_printf(&body,
		      "{\"identifier\":\"%.*s\",\"password\":\"U*U\","
		      "\"strategy\":\"password\"}",
		      RH_STR_ARG(email));
	imitated_host(play, "localhost:1"); /* production */
	assert_int_equal(imitated_ask(play, "POST /v1/client/sign_ins", NULL, body.ptr, &answer),
			 200);
	imitated_host(play, "127.0.0.1:1");
	rh_buf_done(&body);
	rh_buf_done(&answer);
}

static const struct subject_play play = {
	.begin = imitated_clerk_begin,
	.end = imitated_end,
	.answer = imitated_answer,
	.password = "U*U",
	.sign_in = sign_in,
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
