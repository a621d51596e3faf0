/* SPDX-License-Identifier: Apache-2.0 */
/* What the operations share: requests, fates of a row, users in answers. */
#ifndef CONNECTORS_CLERK_CLERK_TARGET_STEPS_H
#define CONNECTORS_CLERK_CLERK_TARGET_STEPS_H

#include "connectors/clerk/clerk_target.h"
#include "connectors/steps.h"

/* Buckets of the endpoint, by index; see clerk_target.c. */
enum clerk_bucket_index {
	CLERK_BUCKET_ALL,
	CLERK_BUCKETS,
};

/* What a 404 says: that this user is not there, or that we ask in the wrong place. */
enum clerk_lack {
	CLERK_LACK_IS_ABSENT,
	CLERK_LACK_IS_WRONG_PLACE,
};

/* SEND with key and version; every method but GET writes. */
void clerk_send(const struct clerk *clerk, struct rh_answer *answer, const char *method,
		struct rh_str path, struct rh_str body);
/* The same with the path of the first row's user, and `behind` it ("/ban"). */
RH_NODISCARD int clerk_send_user(const struct clerk *clerk, struct rh_operation *operation,
				 const char *method, const char *behind, struct rh_str body,
				 struct rh_answer *answer);
/* GET of users by one value of a filter, whose name and '=' `before` ends with. */
RH_NODISCARD int clerk_send_filter(const struct clerk *clerk, struct rh_operation *operation,
				   const char *before, struct rh_str value,
				   struct rh_answer *answer);
/* After what is no success: DONE with the fate of every row, or FAIL.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int clerk_settle_refusal(const struct clerk *clerk, struct rh_operation *operation,
				      const struct rh_json_node *root, int status,
				      enum clerk_lack lack, bool was_writing,
				      struct rh_answer *answer);
/* The list in an answer: an array, or one in `data`; NULL: neither. */
const struct rh_json_node *clerk_list_of(const struct rh_json_node *root);
/* Has this user the address, in normalised form, in whatever state?  RH_ENOMEM, 0, 1. */
RH_NODISCARD int clerk_user_has_email(const struct rh_json_node *user, struct rh_str email,
				      struct rh_arena *arena);
/* An answer whose success is a user, for the first row. */
RH_NODISCARD int clerk_answer_user(const struct clerk *clerk, struct rh_operation *operation,
				   const struct rh_response *response, enum clerk_lack lack,
				   bool was_writing, struct rh_answer *answer);

#endif
