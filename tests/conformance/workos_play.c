/* SPDX-License-Identifier: Apache-2.0 */
/* The rehearsed WorkOS, asked one request at a time. */
#include "workos_play.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "connectors/imitations.h"
#include "play.h"

void *workos_play_begin(void)
{
	struct play *play = calloc(1, sizeof(*play));

	assert_non_null(play);
	play_init(play, &rh_imitation_workos, false);
	return play;
}

void workos_play_end(void *play)
{
	play_done(play);
	free(play);
}

int workos_play_ask(void *context, const char *line, const char *key, const char *body,
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
