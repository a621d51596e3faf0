/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger's tests share: a ledger in a folder of its own, rows, and the way to each state. */
#ifndef LEDGER_SUPPORT_H
#define LEDGER_SUPPORT_H

#include "base/arena.h"
#include "ledger/ledger.h"

#define TEST_NOW INT64_C(1800000000000000)

struct fixture {
	char *folder;
	struct rh_ledger *ledger;
	struct rh_arena arena;
	struct rh_err err;
};

extern const struct rh_ledger_identity test_identity;

int fixture_setup(void **state);
int fixture_teardown(void **state);
/* Closes and opens again: what was not committed is gone. */
void fixture_reopen(struct fixture *fixture);

/* A create of user "user_<id>" with two wire fields; texts live in the fixture's arena. */
struct rh_ledger_row test_row(struct fixture *fixture, int64_t id);
void intend(struct fixture *fixture, int64_t id);
void settle(struct fixture *fixture, int64_t id, enum rh_state state);
/* Brings row `id`, which is not there yet, into `state` and commits; 0: leaves it out. */
void bring(struct fixture *fixture, int64_t id, enum rh_state state);
/* State of a row; 0: it is not there. */
enum rh_state state_of(struct fixture *fixture, int64_t id);
struct rh_ledger_row get_row(struct fixture *fixture, int64_t id);

#endif
