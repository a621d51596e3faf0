/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's rows around the place of the target's list that a verify has come to, in constant memory. */
#ifndef ENGINE_EXPECTED_H
#define ENGINE_EXPECTED_H

#include "ledger/ledger.h"

struct rh_expected;

RH_NODISCARD int rh_expected_new(struct rh_expected **out, struct rh_ledger *ledger, rh_time at,
				 struct rh_err *err);
void rh_expected_free(struct rh_expected *expected); /* accepts NULL; writes nothing */
/* The row of an account of the target, valid until the next call.  1: found, 0: none of ours, < 0: error. */
RH_NODISCARD int rh_expected_find(struct rh_expected *expected, struct rh_str target_id,
				  const struct rh_ledger_expected **out, struct rh_err *err);
/* The row found last is as expected, or is not: the ledger is told, of many at a time. */
RH_NODISCARD int rh_expected_same(struct rh_expected *expected, struct rh_err *err);
RH_NODISCARD int rh_expected_differs(struct rh_expected *expected, struct rh_err *err);
/* Tells the ledger what it has not been told yet. */
RH_NODISCARD int rh_expected_flush(struct rh_expected *expected, struct rh_err *err);

#endif
