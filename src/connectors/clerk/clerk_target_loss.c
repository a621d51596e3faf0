/* SPDX-License-Identifier: Apache-2.0 */
/* What has no place in Clerk, told account by account; and what becomes of links to other providers. */
#include "connectors/clerk/clerk_target.h"

#include "account/normalise.h"
#include "base/str.h"
#include "connectors/social.h"

/* A number that goes, verified, is made one again. */
static bool is_carried(const struct rh_str phone, const struct clerk_places *places)
{
	for (size_t i = 0; i < places->phone_count; i++) {
		if (places->phones[i].is_second_factor &&
		    rh_str_eq(places->phones[i].identifier->value, phone)) {
			return true;
		}
	}
	return false;
}

static void find_factors(const struct rh_account *account, const struct clerk_places *places,
			 struct rh_finding_sink *findings)
{
	for (size_t i = 0; i < account->factor_count; i++) {
		const struct rh_factor *factor = &account->factors[i];
		enum rh_finding_code code = (enum rh_finding_code)0;

		switch (factor->kind) {
		case RH_FACTOR_TOTP: /* carried, or told missing by the plan */
			break;
		case RH_FACTOR_SMS:
			code = is_carried(factor->phone, places) ? code : RH_FINDING_SMS_FACTOR;
			break;
		case RH_FACTOR_BACKUP_CODES:
			code = factor->code_count == 0 ? RH_FINDING_BACKUP_CODES : code;
			break;
		case RH_FACTOR_PASSKEY:
			code = RH_FINDING_PASSKEYS;
			break;
		}
		if (code != 0) {
			clerk_find(findings, code, RH_STR_ABSENT, RH_STR_ABSENT);
		}
	}
}

/* Clerk links by a verified address that both sides have, and by that alone. */
static bool links_by_itself(const struct rh_identity *identity, const struct clerk_places *places,
			    struct rh_arena *arena)
{
	struct rh_str email = identity->email;
	const char *why;

	if (!identity->email_verified || email.ptr == NULL) {
		return false;
	}
	/* An address that cannot be normalised is compared as it is. */
	(void)rh_normalise_email(arena, email, &email, &why);
	for (size_t i = 0; i < places->email_count; i++) {
		if (!places->emails[i].is_reserved &&
		    rh_str_eq(places->emails[i].identifier->value, email)) {
			return true;
		}
	}
	return false;
}

static void find_identities(const struct rh_account *account, const struct clerk_places *places,
			    struct rh_arena *arena, struct rh_finding_sink *findings)
{
	for (size_t i = 0; i < account->identity_count; i++) {
		const struct rh_identity *identity = &account->identities[i];
		enum rh_finding_code code = RH_FINDING_IDENTITY_DIFFERS;

		if (identity->is_enterprise) {
			code = RH_FINDING_IDENTITY_ENTERPRISE;
		} else if (links_by_itself(identity, places, arena)) {
			code = RH_FINDING_IDENTITY_LINKS;
		}
		clerk_find(findings, code, RH_STR_ABSENT, social_note(identity));
	}
}

void clerk_find_losses(const struct rh_account *account, const struct clerk_places *places,
		       struct rh_arena *arena, struct rh_finding_sink *findings)
{
	if (findings == NULL) {
		return;
	}
	find_factors(account, places, findings);
	find_identities(account, places, arena, findings);
	if (rh_str_is_set(account->image_url)) {
		clerk_find(findings, RH_FINDING_IMAGE_DROPPED, RH_STR_ABSENT, RH_STR_ABSENT);
	}
}
