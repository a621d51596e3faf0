/* SPDX-License-Identifier: Apache-2.0 */
/* What may be wrong with the bytes of a made-up record of Auth0. */
#ifndef CONNECTORS_AUTH0_AUTH0_SAMPLE_H
#define CONNECTORS_AUTH0_AUTH0_SAMPLE_H

#include "connectors/made_up.h"

extern const struct made_up_spoiling auth0_sample_spoilings[];
extern const size_t auth0_sample_spoiling_count;

#endif
