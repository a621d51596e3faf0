/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsed provider, asked one request at a time. */
#include "imitated.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "connectors/imitations.h"
#include "play.h"

static void *begin(const struct rh_imitation *imitation)
{
	struct play *play = calloc(1, sizeof(*play));

	assert_non_null(play);
	play_init(play, imitation, false);
	play->content_type = "application/json";
	return play;
}

void *imitated_workos_begin(void)
{
	return begin(&rh_imitation_workos);
}

void *imitated_clerk_begin(void)
{
	return begin(&rh_imitation_clerk);
}

void imitated_end(void *play)
{
	play_done(play);
	free(play);
}

void imitated_header(void *context, const char *name, const char *value)
{
	struct play *play = context;

	play->extra[0] = name;
	play->extra[1] = value;
}

void imitated_host(void *context, const char *host)
{
	struct play *play = context;

	play->host = host;
}

int imitated_ask(void *context, const char *line, const char *key, const char *body,
		 struct rh_buf *out)
{
	struct play *play = context;
	unsigned status;

	play->key = key;
	rh_clock_manual_advance(&play->clock, RH_SECOND);
	status = play_ask(play, line, body);
	rh_buf_add_str(out, rh_buf_str(&play->call.out));
	play->key = NULL;
	return (int)status;
}
