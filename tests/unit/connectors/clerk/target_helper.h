/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of Clerk as a target share: findings collected, an instance, operations stepped by hand. */
#ifndef TESTS_CLERK_TARGET_HELPER_H
#define TESTS_CLERK_TARGET_HELPER_H

#include <rehome/connector.h>

#include "../found.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "connectors/clerk/clerk_target_apart.h"

#define ALL_PARTS 0xffffU

/* An instance as the options' defaults make it, with a key of a development instance. */
struct clerk clerk_instance(void);

/* One operation with up to four rows, stepped by hand. */
struct drill {
	struct clerk clerk;
	struct rh_arena arena;
	struct rh_json json;
	struct rh_row rows[4];
	struct rh_operation operation;
	struct rh_answer answer;
	char *body; /* of the last response */
	struct clerk_apart state;
};

void drill_init(struct drill *drill, enum rh_verb verb);
void drill_done(struct drill *drill);
/* A step without an answer: must give SEND. */
void drill_start(struct drill *drill);
/* The step with a JSON body (NULL: none). */
void drill_feed(struct drill *drill, int status, const char *body);
/* What is sent now. */
void drill_expect(const struct drill *drill, const char *method, const char *path,
		  const char *body);

#endif
