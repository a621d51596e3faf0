/* SPDX-License-Identifier: Apache-2.0 */
/* The list of imitations that the rehearsal server can play. */
#ifndef CONNECTORS_IMITATIONS_H
#define CONNECTORS_IMITATIONS_H

struct rh_imitation;

extern const struct rh_imitation rh_imitation_clerk;
extern const struct rh_imitation rh_imitation_workos;

/* NULL-ended. */
extern const struct rh_imitation *const rh_imitations[];

#endif
