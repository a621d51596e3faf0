/* SPDX-License-Identifier: Apache-2.0 */
/* The explicit list of imitations; linked into the rehearsal only. */
#include "connectors/imitations.h"

#include <stddef.h>

const struct rh_imitation *const rh_imitations[] = {
	&rh_imitation_clerk,
	&rh_imitation_workos,
	NULL,
};
