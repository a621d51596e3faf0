/* SPDX-License-Identifier: Apache-2.0 */
/* WorkOS, played by its rehearsal. */
#include "connectors/workos/workos.h"
#include "imitated.h"
#include "imitated_answer.h"
#include "suite.h"

#define KEY "sk_test_rehearsal"

static void sign_in(void *play, struct rh_str email)
{
	struct rh_buf answer;
	struct rh_buf body;

	rh_buf_init(&answer, 1U << 20);
	rh_buf_init(&body, 1024);
	rh_buf_printf(&body,
		      "{\"client_id\":\"client_rehearsal\",\"client_secret\":\"" KEY
		      "\",\"grant_type\":\"password\",\"email\":\"%.*s\","
		      "\"password\":\"U*U\"}",
		      RH_STR_ARG(email));
	assert_int_equal(imitated_ask(play, "POST /user_management/authenticate", NULL, body.ptr,
				      &answer),
			 200);
	rh_buf_done(&body);
	rh_buf_done(&answer);
}

static const struct subject_play play = {
	.begin = imitated_workos_begin,
	.end = imitated_end,
	.answer = imitated_answer,
	.password = "U*U",
	.sign_in = sign_in,
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
