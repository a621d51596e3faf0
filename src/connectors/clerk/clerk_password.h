/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk's names of password hashers, and what a digest under such a name is. */
#ifndef CONNECTORS_CLERK_CLERK_PASSWORD_H
#define CONNECTORS_CLERK_CLERK_PASSWORD_H

#include <rehome/account.h>
#include <rehome/findings.h>

struct rh_arena;

/* What a record says about a password; texts live as long as the account. */
struct clerk_password {
	struct rh_str digest;
	struct rh_str hasher;
	bool is_enabled; /* the source says that there is one */
};

/*
 * Fills *out.  A finding is filled in (else its code stays as it was) when the password cannot be used:
 * a digest that is missing, unreadable, a placeholder, out of range, or contradicts its hasher; a hasher
 * that nobody knows counts as a contradiction.  RH_OK or RH_ENOMEM.
 */
RH_NODISCARD int clerk_password_read(const struct clerk_password *password, struct rh_arena *arena,
				     struct rh_credential *out, struct rh_finding *finding);

#endif
