/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and numbers that go by requests of their own, to a user who is there. */
#ifndef CONNECTORS_CLERK_CLERK_TARGET_APART_H
#define CONNECTORS_CLERK_CLERK_TARGET_APART_H

#include "connectors/clerk/clerk_target_steps.h"

struct clerk_addition;

/* The state of an update. */
struct clerk_apart {
	const struct rh_json_node *user;
	struct clerk_addition *additions;
	size_t count;
	size_t next;      /* the one that is sent */
	unsigned refused; /* enum rh_part */
	struct rh_str code;
	const char *cause;
};

/* Chooses what of `wanted` the user, who was read into row->observed, lacks; completes row->concerned and row->expected.
 * RH_OK, RH_ENOMEM. */
RH_NODISCARD int clerk_apart_choose(struct clerk_apart *apart, struct rh_row *row,
				    const struct rh_wire *wanted, const struct rh_json_node *user,
				    struct rh_arena *arena);
/* Is there one that was not sent? */
bool clerk_apart_is_left(const struct clerk_apart *apart);
/* operation->state is a struct clerk_apart. */
RH_NODISCARD int clerk_apart_send(const struct clerk *clerk, struct rh_operation *operation,
				  struct rh_answer *answer);
RH_NODISCARD int clerk_apart_answer(const struct clerk *clerk, struct rh_operation *operation,
				    const struct rh_response *response, struct rh_answer *answer);

#endif
