/* SPDX-License-Identifier: Apache-2.0 */
/* What the operations share: requests, fates of a row, users in answers. */
#ifndef CONNECTORS_WORKOS_WORKOS_STEPS_H
#define CONNECTORS_WORKOS_WORKOS_STEPS_H

#include "connectors/steps.h"
#include "connectors/workos/workos.h"

/* Buckets of the endpoint, by index; see workos.c. */
enum workos_bucket {
	WORKOS_BUCKET_ALL,
	WORKOS_BUCKET_READS,
	WORKOS_BUCKET_WRITES,
	WORKOS_BUCKETS,
};

#define WORKOS_DRAWS_ANY (1U << WORKOS_BUCKET_ALL)
#define WORKOS_DRAWS_READ (WORKOS_DRAWS_ANY | 1U << WORKOS_BUCKET_READS)
#define WORKOS_DRAWS_WRITE (WORKOS_DRAWS_ANY | 1U << WORKOS_BUCKET_WRITES)

/* What a 404 says: that this user is not there, or that we ask in the wrong place. */
enum workos_lack {
	WORKOS_LACK_IS_ABSENT,
	WORKOS_LACK_IS_WRONG_PLACE,
};

/* SEND with the key, from the buckets of the users; every method but GET writes. */
void workos_send(struct rh_answer *answer, const char *method, struct rh_str path,
		 struct rh_str body);
/* The same with the path of the first row's user. */
RH_NODISCARD int workos_send_user(struct rh_operation *operation, const char *method,
				  struct rh_str body, struct rh_answer *answer);
/* DONE with the fate that a readable refusal tells, or FAIL.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int workos_refuse_row(struct rh_operation *operation, const struct rh_json_node *root,
				   int status, bool was_writing, struct rh_answer *answer);
/* The same, after what says nothing about the row: rights, wrong place, a success that nobody knows. */
RH_NODISCARD int workos_refuse(struct rh_operation *operation, const struct rh_json_node *root,
			       int status, enum workos_lack lack, bool was_writing,
			       struct rh_answer *answer);
/* Ends the operation by the user that `node` is, or as unreadable if it is none.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int workos_take_user(const struct workos *workos, struct rh_operation *operation,
				  const struct rh_json_node *node, bool was_writing,
				  struct rh_answer *answer);
/* Ends a LIST by a page with its envelope: its records, and where the next one begins.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int workos_take_page(struct rh_operation *operation, const struct rh_json_node *root,
				  struct rh_answer *answer);
/* An answer whose success is a user. */
RH_NODISCARD int workos_answer_user(const struct workos *workos, struct rh_operation *operation,
				    const struct rh_response *response, enum workos_lack lack,
				    bool was_writing, struct rh_answer *answer);

#endif
