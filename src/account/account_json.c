/* SPDX-License-Identifier: Apache-2.0 */
/* Writing an account as JSON without its secrets. */
#include "account/account_json.h"

#include "account/credential.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

static const char *identifier_kind_name(enum rh_identifier_kind kind)
{
	switch (kind) {
	case RH_IDENTIFIER_EMAIL:
		return "email";
	case RH_IDENTIFIER_PHONE:
		return "phone";
	case RH_IDENTIFIER_USERNAME:
		return "username";
	}
	return "";
}

static const char *factor_kind_name(enum rh_factor_kind kind)
{
	switch (kind) {
	case RH_FACTOR_TOTP:
		return "totp";
	case RH_FACTOR_SMS:
		return "sms";
	case RH_FACTOR_BACKUP_CODES:
		return "backup-codes";
	case RH_FACTOR_PASSKEY:
		return "passkey";
	}
	return "";
}

static void put_flag(struct rh_json_writer *writer, const char *name, bool is_set)
{
	if (is_set) {
		rh_json_key(writer, name);
		rh_json_put_bool(writer, true);
	}
}

static void put_time(struct rh_json_writer *writer, const char *name, rh_time time)
{
	char text[RH_TIME_TEXT_SIZE];

	if (time != 0) {
		rh_time_format(time, text);
		rh_json_key(writer, name);
		rh_json_put_cstr(writer, text);
	}
}

static void put_identifiers(struct rh_json_writer *writer, const struct rh_account *account)
{
	if (account->identifier_count == 0) {
		return;
	}
	rh_json_key(writer, "identifiers");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *identifier = &account->identifiers[i];
		rh_json_begin_object(writer);
		rh_json_key(writer, "kind");
		rh_json_put_cstr(writer, identifier_kind_name(identifier->kind));
		rh_json_member(writer, "value", identifier->value);
		put_flag(writer, "verified", identifier->is_verified);
		put_flag(writer, "primary", identifier->is_primary);
		put_flag(writer, "reserved", identifier->is_reserved);
		put_flag(writer, "second_factor", identifier->is_second_factor);
		rh_json_member(writer, "source_ref", identifier->source_ref);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_credential(struct rh_json_writer *writer, const struct rh_credential *credential)
{
	if (credential->state == RH_CREDENTIAL_ABSENT) {
		return;
	}
	rh_json_key(writer, "credential");
	rh_json_begin_object(writer);
	rh_json_key(writer, "state");
	rh_json_put_cstr(writer, rh_credential_state_name(credential->state));
	if (credential->scheme != RH_SCHEME_NONE) {
		rh_json_key(writer, "scheme");
		rh_json_put_cstr(writer, rh_scheme_name(credential->scheme));
	}
	rh_json_member(writer, "label", credential->label);
	rh_json_end_object(writer);
}

static void put_factors(struct rh_json_writer *writer, const struct rh_account *account)
{
	if (account->factor_count == 0) {
		return;
	}
	rh_json_key(writer, "factors");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < account->factor_count; i++) {
		const struct rh_factor *factor = &account->factors[i];
		rh_json_begin_object(writer);
		rh_json_key(writer, "kind");
		rh_json_put_cstr(writer, factor_kind_name(factor->kind));
		put_flag(writer, "has_secret", factor->has_secret);
		rh_json_member(writer, "phone", factor->phone);
		if (factor->count > 0) {
			rh_json_key(writer, "count");
			rh_json_put_u64(writer, factor->count);
		}
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_identities(struct rh_json_writer *writer, const struct rh_account *account)
{
	if (account->identity_count == 0) {
		return;
	}
	rh_json_key(writer, "identities");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < account->identity_count; i++) {
		const struct rh_identity *identity = &account->identities[i];
		rh_json_begin_object(writer);
		rh_json_member(writer, "provider", identity->provider);
		rh_json_member(writer, "subject", identity->subject);
		rh_json_member(writer, "email", identity->email);
		put_flag(writer, "email_verified", identity->email_verified);
		put_flag(writer, "enterprise", identity->is_enterprise);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_metadata(struct rh_json_writer *writer, const struct rh_account *account)
{
	static const char *const names[RH_METADATA_KINDS] = {
		[RH_METADATA_PUBLIC] = "public_metadata",
		[RH_METADATA_PRIVATE] = "private_metadata",
		[RH_METADATA_UNSAFE] = "unsafe_metadata",
	};

	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		if (rh_str_is_set(account->metadata[i])) {
			rh_json_key(writer, names[i]);
			rh_json_put_raw(writer, account->metadata[i]);
		}
	}
}

static void put_flags(struct rh_json_writer *writer, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{RH_ACCOUNT_BANNED, "banned"},
		{RH_ACCOUNT_LOCKED, "locked"},
		{RH_ACCOUNT_DEPROVISIONED, "deprovisioned"},
		{RH_ACCOUNT_DELETE_SELF_DISABLED, "delete_self_disabled"},
		{RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED, "create_organization_disabled"},
		{RH_ACCOUNT_PRIMARY_CHOSEN, "primary_chosen"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		put_flag(writer, names[i].name, (flags & names[i].flag) != 0);
	}
}

void rh_account_json_put(struct rh_json_writer *writer, const struct rh_account *account)
{
	rh_json_begin_object(writer);
	rh_json_member(writer, "source_id", account->source_id);
	rh_json_member(writer, "external_id", account->external_id);
	rh_json_member(writer, "first_name", account->first_name);
	rh_json_member(writer, "last_name", account->last_name);
	rh_json_member(writer, "full_name", account->full_name);
	rh_json_member(writer, "locale", account->locale);
	rh_json_member(writer, "image_url", account->image_url);
	put_identifiers(writer, account);
	put_credential(writer, &account->credential);
	put_factors(writer, account);
	put_identities(writer, account);
	put_metadata(writer, account);
	put_flags(writer, account->flags);
	put_time(writer, "created_at", account->created_at);
	put_time(writer, "updated_at", account->updated_at);
	put_time(writer, "last_sign_in_at", account->last_sign_in_at);
	put_time(writer, "legal_accepted_at", account->legal_accepted_at);
	rh_json_end_object(writer);
}
