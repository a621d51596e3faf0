/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any answer to any request of a connector: whatever comes, the operation ends as connector.h says: C2, C4, C5, C6.
 * The first byte of the input says the verb, the second the status; the rest is the body of every answer.
 */
#ifndef FUZZ_STEPS_H
#define FUZZ_STEPS_H

#include <stddef.h>
#include <stdint.h>

#include "rehome/connector.h"

struct fuzz_steps {
	const struct rh_connector *connector;
	const void *instance;
	unsigned writes_max; /* of one operation */
};

int fuzz_steps(const struct fuzz_steps *fuzz, const uint8_t *data, size_t size);

#endif
