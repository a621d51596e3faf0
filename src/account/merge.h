/* SPDX-License-Identifier: Apache-2.0 */
/* Two views of one account become one. */
#ifndef ACCOUNT_MERGE_H
#define ACCOUNT_MERGE_H

#include <rehome/account.h>

struct rh_arena;

/*
 * Adds to `account` what it lacks and `other` (same source id) has: a credential where it has none that is
 * PRESENT, secrets of factors, identifiers, identities, names, dates, metadata.  What both have stays as it is
 * in `account`, but an identity without subject gives way to one of its provider that has one; an identifier of `other` never becomes primary where one is already.  Texts of both must
 * live as long as the account.  RH_OK, RH_ENOMEM, RH_ELIMIT.
 */
RH_NODISCARD int rh_account_merge(struct rh_arena *arena, struct rh_account *account,
				  const struct rh_account *other);

#endif
