/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the WorkOS connector share: findings collected, accounts made, operations stepped. */
#ifndef TESTS_WORKOS_HELPER_H
#define TESTS_WORKOS_HELPER_H

#include <rehome/connector.h>

#include "../found.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "connectors/workos/workos.h"

#define ALL_PARTS 0xffffU

const char *finding_name(enum rh_finding_code code);

/* An instance as the options' defaults make it, with a key and a client id. */
struct workos workos_instance(void);

/* An address, verified and primary as asked. */
struct rh_identifier email_of(const char *address, bool is_verified, bool is_primary);

/* One operation with one row, stepped by hand. */
struct drill {
	struct workos workos;
	struct rh_arena arena;
	struct rh_json json;
	struct rh_row row;
	struct rh_operation operation;
	struct rh_answer answer;
	char *body; /* of the last response */
};

void drill_init(struct drill *drill, enum rh_verb verb);
void drill_done(struct drill *drill);
/* First step: must give SEND. */
void drill_start(struct drill *drill);
/* Feeds a JSON body (NULL: none). */
void drill_feed(struct drill *drill, int status, const char *body);

#endif
