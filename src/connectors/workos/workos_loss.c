/* SPDX-License-Identifier: Apache-2.0 */
/* What has no place in WorkOS, told account by account. */
#include "connectors/workos/workos.h"

#include "account/normalise.h"
#include "base/arena.h"
#include "base/str.h"
#include "connectors/social.h"

static void find_identifiers(const struct workos *workos, const struct rh_account *account,
			     struct rh_str sent_email, struct rh_finding_sink *findings)
{
	struct rh_str note =
		workos->sends_other_identifiers ? RH_STR("kept-in-metadata") : RH_STR_ABSENT;
	bool has_other_email = false;

	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *identifier = &account->identifiers[i];
		has_other_email = has_other_email || (identifier->kind == RH_IDENTIFIER_EMAIL &&
						      sent_email.ptr != NULL &&
						      !rh_str_eq(identifier->value, sent_email));
	}
	if (has_other_email) {
		workos_find(findings, RH_FINDING_EMAILS_DROPPED, RH_STR_ABSENT, note);
	}
	if (rh_account_count(account, RH_IDENTIFIER_PHONE) > 0) {
		workos_find(findings, RH_FINDING_PHONES_DROPPED, RH_STR_ABSENT, note);
	}
	if (rh_account_count(account, RH_IDENTIFIER_USERNAME) > 0) {
		workos_find(findings, RH_FINDING_USERNAME_DROPPED, RH_STR_ABSENT, note);
	}
}

/* A secret that the input lacks is no loss of this target's making: the plan tells it. */
static void find_factors(const struct rh_account *account, struct rh_finding_sink *findings)
{
	for (size_t i = 0; i < account->factor_count; i++) {
		const struct rh_factor *factor = &account->factors[i];
		enum rh_finding_code code = (enum rh_finding_code)0;

		switch (factor->kind) {
		case RH_FACTOR_TOTP:
			code = factor->has_secret ? RH_FINDING_TOTP_KEPT_BACK : code;
			break;
		case RH_FACTOR_SMS:
			code = RH_FINDING_SMS_FACTOR;
			break;
		case RH_FACTOR_BACKUP_CODES:
			code = RH_FINDING_BACKUP_CODES;
			break;
		case RH_FACTOR_PASSKEY:
			code = RH_FINDING_PASSKEYS;
			break;
		}
		if (code != 0) {
			workos_find(findings, code, RH_STR_ABSENT, RH_STR_ABSENT);
		}
	}
}

/* Would the target find the account by the address that the other provider gives? */
static bool links_by_itself(const struct rh_identity *identity, struct rh_str sent_email,
			    struct rh_arena *arena)
{
	struct rh_str email = identity->email;
	const char *why;

	if (!identity->email_verified || email.ptr == NULL) {
		return false;
	}
	if (rh_str_eq(email, sent_email)) {
		return true;
	}
	/* An address that cannot be normalised is compared as it is. */
	(void)rh_normalise_email(arena, email, &email, &why);
	return rh_str_eq(email, sent_email);
}

static void find_identities(const struct rh_account *account, struct rh_str sent_email,
			    struct rh_arena *arena, struct rh_finding_sink *findings)
{
	for (size_t i = 0; i < account->identity_count; i++) {
		const struct rh_identity *identity = &account->identities[i];
		enum rh_finding_code code = RH_FINDING_IDENTITY_DIFFERS;

		if (identity->is_enterprise) {
			code = RH_FINDING_IDENTITY_ENTERPRISE;
		} else if (links_by_itself(identity, sent_email, arena)) {
			code = RH_FINDING_IDENTITY_LINKS;
		}
		workos_find(findings, code, RH_STR_ABSENT, social_note(identity));
	}
}

static void find_fields(const struct rh_account *account, struct rh_finding_sink *findings)
{
	const struct {
		bool is_there;
		const char *name;
	} fields[] = {
		/* Only an update takes it: a second write for each account. */
		{rh_str_is_set(account->locale), "locale"},
		{account->legal_accepted_at != 0, "legal-accepted-at"},
		{(account->flags & RH_ACCOUNT_DELETE_SELF_DISABLED) != 0, "delete-self-disabled"},
		{(account->flags & RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED) != 0,
		 "create-organization-disabled"},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].is_there) {
			workos_find(findings, RH_FINDING_FIELD_DROPPED, RH_STR_ABSENT,
				    rh_str_from(fields[i].name));
		}
	}
	if (rh_str_is_set(account->image_url)) {
		workos_find(findings, RH_FINDING_IMAGE_DROPPED, RH_STR_ABSENT, RH_STR_ABSENT);
	}
}

void workos_find_losses(const struct workos *workos, const struct rh_account *account,
			struct rh_str sent_email, struct rh_arena *arena,
			struct rh_finding_sink *findings)
{
	if (findings == NULL) {
		return;
	}
	find_identifiers(workos, account, sent_email, findings);
	find_factors(account, findings);
	find_identities(account, sent_email, arena, findings);
	find_fields(account, findings);
	if (workos_metadata_is_set(account, RH_METADATA_PRIVATE)) {
		workos_find(findings, RH_FINDING_METADATA_PRIVATE_KEPT_BACK, RH_STR_ABSENT,
			    RH_STR_ABSENT);
	}
	if (!workos->sends_unsafe_metadata && workos_metadata_is_set(account, RH_METADATA_UNSAFE)) {
		workos_find(findings, RH_FINDING_METADATA_UNSAFE_KEPT_BACK, RH_STR_ABSENT,
			    RH_STR_ABSENT);
	}
}
