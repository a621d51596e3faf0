/* SPDX-License-Identifier: Apache-2.0 */
/* Acme, the made-up provider: proves the suite, as the suite proves it. */
#include <stdlib.h>

#include "acme/acme.h"
#include "suite.h"

static void *begin(void)
{
	struct acme_server *server = malloc(sizeof(*server));

	assert_non_null(server);
	acme_server_init(server);
	return server;
}

static void end(void *play)
{
	acme_server_done(play);
	free(play);
}

static void refuse_hashes(void *play)
{
	((struct acme_server *)play)->refuses_hashes = true;
}

static void sign_in(void *play, struct rh_str email)
{
	acme_server_sign_in(play, email);
}

static const struct subject_play play = {
	.begin = begin,
	.end = end,
	.answer = acme_server_play,
	.refuse_hashes = refuse_hashes,
	.password = "acme-password",
	.sign_in = sign_in,
	.refusal = "{\"error\":{\"code\":\"some_new_code\",\"field\":\"shoe_size\"}}",
};

static const struct subject_option options[] = {
	{"client-id", "client"},
	{"client-secret", "acme-secret-value"},
	{"tag", "one"},
	{NULL, NULL},
};

static const char *const secrets[] = {"acme-secret-value", "acme-token-", NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_acme,
		.options = options,
		.secrets = secrets,
		.play = &play,
	};

	return suite_run(&subject);
}
