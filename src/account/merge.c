/* SPDX-License-Identifier: Apache-2.0 */
/* Two views of one account become one: the fuller record wins, the other fills its gaps. */
#include "account/merge.h"

#include "account/builder.h"
#include "base/str.h"

static void fill_text(struct rh_str *text, struct rh_str other)
{
	if (text->ptr == NULL) {
		*text = other;
	}
}

static void fill_time(rh_time *time, rh_time other)
{
	if (*time == 0) {
		*time = other;
	}
}

/* A password that is known to be missing is more than none at all. */
static bool says_more(const struct rh_credential *credential, const struct rh_credential *than)
{
	if (than->state == RH_CREDENTIAL_PRESENT || credential->state == RH_CREDENTIAL_ABSENT ||
	    credential->state == RH_CREDENTIAL_NOT_TOLD) {
		return false;
	}
	return credential->state != RH_CREDENTIAL_NOT_EXPORTED ||
	       than->state == RH_CREDENTIAL_ABSENT || than->state == RH_CREDENTIAL_NOT_TOLD;
}

static void fill_fields(struct rh_account *account, const struct rh_account *other)
{
	fill_text(&account->external_id, other->external_id);
	fill_text(&account->first_name, other->first_name);
	fill_text(&account->last_name, other->last_name);
	fill_text(&account->full_name, other->full_name);
	fill_text(&account->locale, other->locale);
	fill_text(&account->image_url, other->image_url);
	fill_time(&account->created_at, other->created_at);
	fill_time(&account->updated_at, other->updated_at);
	fill_time(&account->last_sign_in_at, other->last_sign_in_at);
	fill_time(&account->legal_accepted_at, other->legal_accepted_at);
	for (int kind = 0; kind < RH_METADATA_KINDS; kind++) {
		fill_text(&account->metadata[kind], other->metadata[kind]);
	}
	/* Blocked in one view is blocked. */
	account->flags |=
		other->flags & (RH_ACCOUNT_BANNED | RH_ACCOUNT_LOCKED | RH_ACCOUNT_DEPROVISIONED);
	if (says_more(&other->credential, &account->credential)) {
		account->credential = other->credential;
	}
}

/* The factor of the same kind (and phone), or NULL. */
static struct rh_factor *find_factor(struct rh_account *account, const struct rh_factor *other)
{
	for (size_t i = 0; i < account->factor_count; i++) {
		struct rh_factor *factor = &account->factors[i];
		if (factor->kind == other->kind &&
		    (factor->kind != RH_FACTOR_SMS || rh_str_eq(factor->phone, other->phone))) {
			return factor;
		}
	}
	return NULL;
}

static int merge_factors(struct rh_builder *builder, const struct rh_account *own,
			 const struct rh_account *other)
{
	int code = RH_OK;

	for (size_t i = 0; i < own->factor_count && code == RH_OK; i++) {
		code = rh_builder_add_factor(builder, &own->factors[i]);
	}
	for (size_t i = 0; i < other->factor_count && code == RH_OK; i++) {
		const struct rh_factor *added = &other->factors[i];
		struct rh_factor *known = find_factor(builder->account, added);
		if (known == NULL) {
			code = rh_builder_add_factor(builder, added);
		} else if ((added->has_secret && !known->has_secret) ||
			   (added->code_count > 0 && known->code_count == 0)) {
			*known = *added;
		}
	}
	return code;
}

static bool has_identifier(const struct rh_account *account, const struct rh_identifier *other)
{
	for (size_t i = 0; i < account->identifier_count; i++) {
		if (account->identifiers[i].kind == other->kind &&
		    rh_str_eq(account->identifiers[i].value, other->value)) {
			return true;
		}
	}
	return false;
}

/* One that both have stays as it is: it does not become verified by what the other view says. */
static int merge_identifiers(struct rh_builder *builder, const struct rh_account *own,
			     const struct rh_account *other)
{
	int code = RH_OK;

	for (size_t i = 0; i < own->identifier_count && code == RH_OK; i++) {
		code = rh_builder_add_identifier(builder, &own->identifiers[i]);
	}
	for (size_t i = 0; i < other->identifier_count && code == RH_OK; i++) {
		if (!has_identifier(own, &other->identifiers[i])) {
			code = rh_builder_add_identifier(builder, &other->identifiers[i]);
		}
	}
	return code;
}

/* A link of which only the provider is known, and of which the other view says whose it is there. */
static bool is_named_by(const struct rh_identity *identity, const struct rh_account *other)
{
	for (size_t i = 0; identity->subject.ptr == NULL && i < other->identity_count; i++) {
		if (other->identities[i].subject.ptr != NULL &&
		    rh_str_eq(other->identities[i].provider, identity->provider)) {
			return true;
		}
	}
	return false;
}

/* Lists in the arena's own memory, so that they can grow: the entries of `account`, then those of `other`. */
static int merge_lists(struct rh_builder *builder, const struct rh_account *own,
		       const struct rh_account *other)
{
	int code = merge_identifiers(builder, own, other);

	if (code == RH_OK) {
		code = merge_factors(builder, own, other);
	}
	for (size_t i = 0; i < own->identity_count && code == RH_OK; i++) {
		if (!is_named_by(&own->identities[i], other)) {
			code = rh_builder_add_identity(builder, &own->identities[i]);
		}
	}
	for (size_t i = 0; i < other->identity_count && code == RH_OK; i++) {
		code = rh_builder_add_identity(builder, &other->identities[i]);
	}
	return code;
}

int rh_account_merge(struct rh_arena *arena, struct rh_account *account,
		     const struct rh_account *other)
{
	struct rh_account merged = *account;
	struct rh_builder builder;
	int code;

	merged.identifiers = NULL;
	merged.identifier_count = 0;
	merged.factors = NULL;
	merged.factor_count = 0;
	merged.identities = NULL;
	merged.identity_count = 0;
	fill_fields(&merged, other);
	/* An address chosen there becomes the primary one only where there is none here. */
	if (rh_account_primary(account, RH_IDENTIFIER_EMAIL) == NULL) {
		merged.flags |= other->flags & RH_ACCOUNT_PRIMARY_CHOSEN;
	}
	rh_builder_init(&builder, arena, &merged);
	code = merge_lists(&builder, account, other);
	if (code == RH_OK) {
		*account = merged;
	}
	return code;
}
