/* SPDX-License-Identifier: Apache-2.0 */
/* WorkOS, played by its rehearsal. */
#include <stdio.h>
#include <stdlib.h>

#include "connectors/workos/workos.h"
#include "suite.h"
#include "workos_play.h"

#define KEY "sk_test_rehearsal"

static void answer(void *play, const struct rh_request *request, struct rh_str key, rh_time now,
		   struct scripted_answer *out)
{
	char *body = request->body.ptr != NULL ? scripted_body(request->body) : NULL;
	char *bearer = key.ptr != NULL ? scripted_body(key) : NULL;
	char *line = NULL;

	(void)now;
	assert_true(asprintf(&line, "%s %.*s", request->method, RH_STR_ARG(request->path)) > 0);
	out->status = workos_play_ask(play, line, bearer, body, &out->body);
	free(line);
	free(body);
	free(bearer);
}

static const struct subject_play play = {
	.begin = workos_play_begin,
	.end = workos_play_end,
	.answer = answer,
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
