/* SPDX-License-Identifier: Apache-2.0 */
/* What may be wrong with the bytes of a made-up record of Firebase. */
#ifndef CONNECTORS_FIREBASE_FIREBASE_SAMPLE_H
#define CONNECTORS_FIREBASE_FIREBASE_SAMPLE_H

#include "connectors/made_up.h"

extern const struct made_up_spoiling firebase_sample_spoilings[];
extern const size_t firebase_sample_spoiling_count;

#endif
