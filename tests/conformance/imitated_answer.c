/* SPDX-License-Identifier: Apache-2.0 */
/* A request of the suite becomes one to the rehearsal, and its answer the suite's. */
#include "imitated_answer.h"

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "imitated.h"

void imitated_answer(void *play, const struct rh_request *request, struct rh_str key, rh_time now,
		     struct scripted_answer *out)
{
	char *body = request->body.ptr != NULL ? scripted_body(request->body) : NULL;
	char *bearer = key.ptr != NULL ? scripted_body(key) : NULL;
	char *line = NULL;

	(void)now;
	assert_true(asprintf(&line, "%s %.*s", request->method, RH_STR_ARG(request->path)) > 0);
	imitated_header(play, request->header, request->header_value);
	out->status = imitated_ask(play, line, bearer, body, &out->body);
	free(line);
	free(body);
	free(bearer);
}
