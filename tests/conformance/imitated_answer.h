/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsed provider's answers in the words of the suite. */
#ifndef CONFORMANCE_IMITATED_ANSWER_H
#define CONFORMANCE_IMITATED_ANSWER_H

#include "scripted_transport.h"

/* play->answer of what imitated_…_begin gave. */
void imitated_answer(void *play, const struct rh_request *request, struct rh_str key, rh_time now,
		     struct scripted_answer *out);

#endif
