/* SPDX-License-Identifier: Apache-2.0 */
/* Writing an account as JSON: for people without its secrets, for an archive whole. */
#include "account/account_json_internal.h"

#include "account/credential.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

/* By enum rh_identifier_kind, enum rh_factor_kind, enum rh_metadata_kind, enum rh_salt_place. */
const char *const rh_identifier_names[RH_IDENTIFIER_NAMES] = {"email", "phone", "username"};
const char *const rh_factor_names[RH_FACTOR_NAMES] = {"totp", "sms", "backup-codes", "passkey"};
const char *const rh_metadata_names[RH_METADATA_KINDS] = {"public_metadata", "private_metadata",
							  "unsafe_metadata"};
const char *const rh_salt_names[RH_SALT_NAMES] = {"none", "prefix", "suffix", "both", "unknown"};

const struct rh_flag_name rh_account_flag_names[] = {
	{RH_ACCOUNT_BANNED, "banned"},
	{RH_ACCOUNT_LOCKED, "locked"},
	{RH_ACCOUNT_DEPROVISIONED, "deprovisioned"},
	{RH_ACCOUNT_DELETE_SELF_DISABLED, "delete_self_disabled"},
	{RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED, "create_organization_disabled"},
	{RH_ACCOUNT_PRIMARY_CHOSEN, "primary_chosen"},
	{0, NULL},
};

static void put_flag(struct rh_json_writer *writer, const char *name, bool is_set)
{
	if (is_set) {
		rh_json_key(writer, name);
		rh_json_put_bool(writer, true);
	}
}

static void put_number(struct rh_json_writer *writer, const char *name, uint64_t number)
{
	if (number > 0) {
		rh_json_key(writer, name);
		rh_json_put_u64(writer, number);
	}
}

/* Member of bytes, left out when absent. */
static void put_bytes(struct rh_json_writer *writer, const char *name, struct rh_str bytes)
{
	if (bytes.ptr != NULL) {
		rh_json_key(writer, name);
		rh_json_put_raw(writer, RH_STR("\""));
		rh_base64_encode(writer->out, bytes, RH_BASE64_STD);
		rh_buf_add_char(writer->out, '"');
	}
}

/* The text of milliseconds, with the three digits that it lacks where they say something. */
static void put_time(struct rh_json_writer *writer, const char *name, rh_time time, bool is_whole)
{
	char text[RH_TIME_TEXT_SIZE + 3];
	rh_time micros = (time % 1000 + 1000) % 1000;

	if (time == 0) {
		return;
	}
	rh_time_format(time, text);
	if (is_whole && micros != 0) {
		(void)snprintf(text + RH_TIME_TEXT_SIZE - 2, 5, "%03dZ", (int)micros);
	}
	rh_json_key(writer, name);
	rh_json_put_cstr(writer, text);
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
		rh_json_put_cstr(writer, rh_identifier_names[identifier->kind]);
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

/* Exactly what is fed to the primitive, and what came out of it. */
static void put_hash(struct rh_json_writer *writer, const struct rh_credential *credential)
{
	char minor[2] = {credential->bcrypt_minor, '\0'};

	if (credential->salt_place != RH_SALT_NONE) {
		rh_json_key(writer, "salt_place");
		rh_json_put_cstr(writer, rh_salt_names[credential->salt_place]);
	}
	put_flag(writer, "utf16", credential->is_utf16);
	rh_json_member(writer, "bcrypt_minor", rh_str_from(minor[0] != '\0' ? minor : NULL));
	put_number(writer, "version", credential->version);
	put_number(writer, "cost", credential->cost);
	put_number(writer, "memory", credential->memory);
	put_number(writer, "parallelism", credential->parallelism);
	put_bytes(writer, "salt", credential->salt);
	put_bytes(writer, "digest", credential->digest);
	put_bytes(writer, "salt2", credential->salt2);
	put_bytes(writer, "key", credential->key);
	put_bytes(writer, "separator", credential->sep);
	put_bytes(writer, "raw", credential->raw);
}

static void put_credential(struct rh_json_writer *writer, const struct rh_credential *credential,
			   bool is_whole)
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
	if (is_whole) {
		put_hash(writer, credential);
	}
	rh_json_end_object(writer);
}

static void put_codes(struct rh_json_writer *writer, const struct rh_factor *factor)
{
	if (factor->code_count == 0) {
		return;
	}
	rh_json_key(writer, "codes");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < factor->code_count; i++) {
		rh_json_put_string(writer, factor->codes[i]);
	}
	rh_json_end_array(writer);
}

static void put_factors(struct rh_json_writer *writer, const struct rh_account *account,
			bool is_whole)
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
		rh_json_put_cstr(writer, rh_factor_names[factor->kind]);
		put_flag(writer, "has_secret", factor->has_secret);
		rh_json_member(writer, "phone", factor->phone);
		put_number(writer, "count", factor->count);
		if (is_whole) {
			rh_json_member(writer, "secret", factor->secret);
			put_codes(writer, factor);
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
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		if (rh_str_is_set(account->metadata[i])) {
			rh_json_key(writer, rh_metadata_names[i]);
			rh_json_put_raw(writer, account->metadata[i]);
		}
	}
}

static void put_flags(struct rh_json_writer *writer, unsigned flags)
{
	for (const struct rh_flag_name *at = rh_account_flag_names; at->name != NULL; at++) {
		put_flag(writer, at->name, (flags & at->flag) != 0);
	}
}

static void put_account(struct rh_json_writer *writer, const struct rh_account *account,
			bool is_whole)
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
	put_credential(writer, &account->credential, is_whole);
	put_factors(writer, account, is_whole);
	put_identities(writer, account);
	put_metadata(writer, account);
	put_flags(writer, account->flags);
	if (is_whole && (account->flags & RH_ACCOUNT_ORGANIZATIONS_LIMITED) != 0) {
		rh_json_key(writer, "organizations_limit");
		rh_json_put_u64(writer, account->organizations_limit);
	}
	put_time(writer, "created_at", account->created_at, is_whole);
	put_time(writer, "updated_at", account->updated_at, is_whole);
	put_time(writer, "last_sign_in_at", account->last_sign_in_at, is_whole);
	put_time(writer, "legal_accepted_at", account->legal_accepted_at, is_whole);
	rh_json_end_object(writer);
}

void rh_account_json_put(struct rh_json_writer *writer, const struct rh_account *account)
{
	put_account(writer, account, false);
}

void rh_account_json_put_whole(struct rh_json_writer *writer, const struct rh_account *account)
{
	put_account(writer, account, true);
}
