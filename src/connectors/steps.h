/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of every target over HTTP say alike: how an operation ends, a path, the body of an answer. */
#ifndef CONNECTORS_STEPS_H
#define CONNECTORS_STEPS_H

#include <rehome/connector.h>

/* `before`, the percent-encoded text and `behind`, in the arena.  RH_OK; RH_ENOMEM; RH_ELIMIT: too long. */
RH_NODISCARD int rh_step_path(struct rh_arena *arena, const char *before, struct rh_str text,
			      const char *behind, struct rh_str *out);

void rh_step_fail(struct rh_answer *answer, enum rh_outcome outcome, enum rh_scope scope,
		  struct rh_str code, const char *cause);
/* FAIL: UNKNOWN after a write, AWAY after a mere reading. */
void rh_step_fail_unreadable(struct rh_answer *answer, bool was_writing);
/* DONE, with the outcome in every row. */
void rh_step_done(struct rh_operation *operation, struct rh_answer *answer,
		  enum rh_outcome outcome);

/* Removal, after its row was read: C15; true: the operation is DONE, the account stays. */
bool rh_step_keeps_user(struct rh_operation *operation, struct rh_answer *answer);

/* Parses the body; *out is NULL where there is none or it is no JSON.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int rh_step_parse(struct rh_operation *operation, const struct rh_response *response,
			       const struct rh_json_node **out);

#endif
