/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up person in the forms of Clerk. */
#ifndef CONNECTORS_CLERK_CLERK_SAMPLE_H
#define CONNECTORS_CLERK_CLERK_SAMPLE_H

#include "connectors/made_up.h"

#define CLERK_ID_LETTERS 27 /* of an id, behind "user_" and the like */

/* What may be wrong with the bytes of a record. */
extern const struct made_up_spoiling clerk_sample_spoilings[];
extern const size_t clerk_sample_spoiling_count;

/* Cells of the password that say something else than the Dashboard would. */
void clerk_sample_give(struct made_up_person *person);
/* One person as a user object of the Backend API, without separators around it. */
void clerk_sample_json(const struct made_up_person *person, struct rh_buf *out);
/* The Dashboard's header, and one person as its row, both with a line end; `digest` and `hasher` are the
 * texts of these cells. */
void clerk_sample_csv_header(struct rh_buf *out);
void clerk_sample_csv(const struct made_up_person *person, struct rh_str digest, const char *hasher,
		      struct rh_buf *out);

#endif
