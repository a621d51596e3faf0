/* SPDX-License-Identifier: Apache-2.0 */
/* The few questions that are asked of an account everywhere. */
#include <rehome/account.h>

const struct rh_identifier *rh_account_primary(const struct rh_account *account,
					       enum rh_identifier_kind kind)
{
	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *identifier = &account->identifiers[i];

		if (identifier->kind == kind && identifier->is_primary) {
			return identifier;
		}
	}
	return NULL;
}

size_t rh_account_count(const struct rh_account *account, enum rh_identifier_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < account->identifier_count; i++) {
		count += account->identifiers[i].kind == kind;
	}
	return count;
}

bool rh_account_is_blocked(const struct rh_account *account)
{
	return (account->flags &
		(RH_ACCOUNT_BANNED | RH_ACCOUNT_LOCKED | RH_ACCOUNT_DEPROVISIONED)) != 0;
}
