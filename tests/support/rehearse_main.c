/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves one rehearsed provider on a free port until standard input ends: for tests in other languages.
 *
 *   rehearse_main PROVIDER [LIMITS] [STATE]     LIMITS: "documented" (usual), "off"
 *
 * Prints the environment lines and the control token, then an empty line.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rehearsal/rehearsal.h"

static int fail(const struct rh_err *err)
{
	fprintf(stderr, "rehearse_main: %s\n", err->message);
	return 1;
}

int main(int argc, char **argv)
{
	const char *const providers[] = {argc > 1 ? argv[1] : ""};
	struct rh_rehearsal_options options = {
		.providers = providers,
		.provider_count = 1,
		.port = 1,
		.speed = 1,
		.limits = argc > 2 && strcmp(argv[2], "off") == 0 ? RH_LIMITS_OFF
								  : RH_LIMITS_DOCUMENTED,
		.state_path = argc > 3 ? argv[3] : NULL,
	};
	struct rh_rehearsal *rehearsal = NULL;
	struct rh_rehearsal_tenant tenant;
	struct rh_err err = {0};
	int status;

	if (rh_rehearsal_start(&rehearsal, &options, &err) != RH_OK) {
		return fail(&err);
	}
	rh_rehearsal_tenant(rehearsal, 0, &tenant);
	for (size_t i = 0; tenant.environment[i] != NULL; i++) {
		printf("%s\n", tenant.environment[i]);
	}
	printf("REHEARSAL_TOKEN=%s\n\n", rh_rehearsal_token(rehearsal));
	fflush(stdout);
	status = rh_rehearsal_serve(rehearsal, STDIN_FILENO, &err);
	rh_rehearsal_stop(rehearsal);
	return status == RH_OK ? 0 : fail(&err);
}
