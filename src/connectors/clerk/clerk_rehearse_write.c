/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of the rehearsed Clerk as its answers have them. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"

void clerk_put_text(struct rh_json_writer *writer, const char *name, struct rh_str text)
{
	rh_json_key(writer, name);
	rh_json_put_string(writer, text);
}

void clerk_put_time(struct rh_json_writer *writer, const char *name, rh_time time)
{
	rh_json_key(writer, name);
	if (time == 0) {
		rh_json_put_null(writer);
	} else {
		rh_json_put_i64(writer, time / RH_MILLISECOND);
	}
}

void clerk_put_bool(struct rh_json_writer *writer, const char *name, bool value)
{
	rh_json_key(writer, name);
	rh_json_put_bool(writer, value);
}

static void put_empty_array(struct rh_json_writer *writer, const char *name)
{
	rh_json_key(writer, name);
	rh_json_begin_array(writer);
	rh_json_end_array(writer);
}

/* What the API makes is verified by the administrator; anything else has not been verified at all. */
static void put_verification(struct rh_json_writer *writer, const struct rh_object *idn)
{
	rh_json_key(writer, "verification");
	if (idn->numbers[CLERK_IDN_STATE] != CLERK_IDN_VERIFIED) {
		rh_json_put_null(writer);
		return;
	}
	rh_json_put_raw(writer,
			RH_STR("{\"object\":\"verification_admin\",\"status\":\"verified\","
			       "\"strategy\":\"admin\",\"attempts\":null,\"expire_at\":null}"));
}

void clerk_write_idn(struct rh_json_writer *writer, enum clerk_store which,
		     const struct rh_object *idn)
{
	const char *object = which == CLERK_EMAILS   ? "email_address"
			     : which == CLERK_PHONES ? "phone_number"
						     : "web3_wallet";

	rh_json_begin_object(writer);
	clerk_put_text(writer, "id", idn->fields[CLERK_IDN_ID]);
	clerk_put_text(writer, "object", rh_str_from(object));
	clerk_put_text(writer, object, idn->fields[CLERK_IDN_VALUE]);
	if (which != CLERK_WALLETS) {
		clerk_put_bool(writer, "reserved",
			       idn->numbers[CLERK_IDN_STATE] == CLERK_IDN_RESERVED);
		put_empty_array(writer, "linked_to");
	}
	if (which == CLERK_PHONES) {
		bool is_factor = idn->numbers[CLERK_IDN_SECOND_FACTOR] != 0;

		clerk_put_bool(writer, "reserved_for_second_factor", is_factor);
		clerk_put_bool(writer, "default_second_factor", is_factor);
		clerk_put_text(writer, "backup_codes", RH_STR_ABSENT);
	}
	put_verification(writer, idn);
	clerk_put_time(writer, "created_at", idn->numbers[CLERK_IDN_CREATED_AT]);
	clerk_put_time(writer, "updated_at", idn->numbers[CLERK_IDN_UPDATED_AT]);
	rh_json_end_object(writer);
}

static void put_idns(struct rh_call *call, struct rh_json_writer *writer, const char *name,
		     enum clerk_store which, struct rh_str ids)
{
	const struct rh_store *store = clerk_store(call, which);

	rh_json_key(writer, name);
	rh_json_begin_array(writer);
	while (ids.ptr != NULL) {
		size_t row = rh_store_find(store, CLERK_IDN_BY_ID, rh_str_cut(&ids, ' '));
		struct rh_object idn;

		if (row != RH_ROW_NONE) {
			rh_store_get(store, row, &idn);
			clerk_write_idn(writer, which, &idn);
		}
	}
	rh_json_end_array(writer);
}

void clerk_write_metadata(struct rh_json_writer *writer, const char *name, struct rh_str object)
{
	rh_json_key(writer, name);
	rh_json_put_raw(writer, object.ptr != NULL ? object : RH_STR("{}"));
}

bool clerk_is_locked(const struct rh_call *call, const struct rh_object *user)
{
	return user->numbers[CLERK_USER_LOCKED_UNTIL] > call->now;
}

static void put_blocks(const struct rh_call *call, struct rh_json_writer *writer,
		       const struct rh_object *user)
{
	bool is_locked = clerk_is_locked(call, user);
	int64_t left = user->numbers[CLERK_USER_LOCKED_UNTIL] - call->now;
	bool has_lockout = rh_call_switch(call, CLERK_SWITCH_LOCKOUT) == CLERK_IS_ON;

	clerk_put_bool(writer, "banned",
		       (user->numbers[CLERK_USER_FLAGS] & CLERK_FLAG_BANNED) != 0);
	clerk_put_bool(writer, "locked", is_locked);
	clerk_put_bool(writer, "deprovisioned", false);
	rh_json_key(writer, "lockout_expires_in_seconds");
	if (is_locked) {
		rh_json_put_i64(writer, left / RH_SECOND);
	} else {
		rh_json_put_null(writer);
	}
	rh_json_key(writer, "verification_attempts_remaining");
	if (has_lockout) {
		rh_json_put_i64(writer, is_locked ? 0 : CLERK_ATTEMPTS_MAX);
	} else {
		rh_json_put_null(writer);
	}
}

static void put_factors(struct rh_call *call, struct rh_json_writer *writer,
			const struct rh_object *user)
{
	bool has_totp = user->fields[CLERK_USER_TOTP].ptr != NULL;

	clerk_put_bool(writer, "password_enabled", user->fields[CLERK_USER_DIGEST].ptr != NULL);
	clerk_put_bool(writer, "two_factor_enabled",
		       has_totp || clerk_has_phone_factor(call, user));
	clerk_put_bool(writer, "totp_enabled", has_totp);
	clerk_put_bool(writer, "backup_code_enabled",
		       user->fields[CLERK_USER_BACKUP_CODES].ptr != NULL);
	clerk_put_time(writer, "mfa_enabled_at", user->numbers[CLERK_USER_MFA_ENABLED_AT]);
	clerk_put_time(writer, "mfa_disabled_at", user->numbers[CLERK_USER_MFA_DISABLED_AT]);
	clerk_put_time(writer, "password_last_updated_at", user->numbers[CLERK_USER_PASSWORD_AT]);
}

static void put_times(struct rh_json_writer *writer, const struct rh_object *user)
{
	clerk_put_time(writer, "created_at", user->numbers[CLERK_USER_CREATED_AT]);
	clerk_put_time(writer, "updated_at", user->numbers[CLERK_USER_UPDATED_AT]);
	clerk_put_time(writer, "last_sign_in_at", user->numbers[CLERK_USER_LAST_SIGN_IN_AT]);
	clerk_put_time(writer, "last_active_at", user->numbers[CLERK_USER_LAST_ACTIVE_AT]);
	clerk_put_time(writer, "legal_accepted_at", user->numbers[CLERK_USER_LEGAL_ACCEPTED_AT]);
}

static void put_permissions(struct rh_json_writer *writer, const struct rh_object *user)
{
	int64_t flags = user->numbers[CLERK_USER_FLAGS];
	int64_t limit = user->numbers[CLERK_USER_ORGANIZATIONS_LIMIT];

	clerk_put_bool(writer, "delete_self_enabled", (flags & CLERK_FLAG_NO_DELETE_SELF) == 0);
	clerk_put_bool(writer, "create_organization_enabled",
		       (flags & CLERK_FLAG_NO_ORGANIZATION) == 0);
	rh_json_key(writer, "create_organizations_limit");
	if (limit > 0) {
		rh_json_put_i64(writer, limit - 1);
	} else {
		rh_json_put_null(writer);
	}
	clerk_put_bool(writer, "bypass_client_trust", (flags & CLERK_FLAG_TRUSTED) != 0);
}

void clerk_write_user(struct rh_call *call, struct rh_json_writer *writer,
		      const struct rh_object *user)
{
	const struct rh_str *fields = user->fields;

	rh_json_begin_object(writer);
	clerk_put_text(writer, "id", fields[CLERK_USER_ID]);
	clerk_put_text(writer, "object", RH_STR("user"));
	clerk_put_text(writer, "external_id", fields[CLERK_USER_EXTERNAL_ID]);
	clerk_put_text(writer, "username", fields[CLERK_USER_USERNAME]);
	clerk_put_text(writer, "first_name", fields[CLERK_USER_FIRST_NAME]);
	clerk_put_text(writer, "last_name", fields[CLERK_USER_LAST_NAME]);
	clerk_put_text(writer, "locale", fields[CLERK_USER_LOCALE]);
	clerk_put_text(writer, "image_url", RH_STR("https://img.clerk.com/rehearsal"));
	clerk_put_bool(writer, "has_image", false);
	clerk_put_text(writer, "primary_email_address_id", fields[CLERK_USER_PRIMARY_EMAIL]);
	clerk_put_text(writer, "primary_phone_number_id", fields[CLERK_USER_PRIMARY_PHONE]);
	clerk_put_text(writer, "primary_web3_wallet_id", fields[CLERK_USER_PRIMARY_WALLET]);
	put_idns(call, writer, "email_addresses", CLERK_EMAILS, fields[CLERK_USER_EMAILS]);
	put_idns(call, writer, "phone_numbers", CLERK_PHONES, fields[CLERK_USER_PHONES]);
	put_idns(call, writer, "web3_wallets", CLERK_WALLETS, fields[CLERK_USER_WALLETS]);
	/* They come with the first social sign-in, which nothing here can do. */
	put_empty_array(writer, "passkeys");
	put_empty_array(writer, "external_accounts");
	put_empty_array(writer, "saml_accounts");
	put_empty_array(writer, "enterprise_accounts");
	clerk_write_metadata(writer, "public_metadata", fields[CLERK_USER_PUBLIC_METADATA]);
	clerk_write_metadata(writer, "private_metadata", fields[CLERK_USER_PRIVATE_METADATA]);
	clerk_write_metadata(writer, "unsafe_metadata", fields[CLERK_USER_UNSAFE_METADATA]);
	put_factors(call, writer, user);
	put_blocks(call, writer, user);
	put_permissions(writer, user);
	put_times(writer, user);
	rh_json_end_object(writer);
}

void clerk_answer_deleted(struct rh_call *call, const char *object, struct rh_str id,
			  struct rh_str external_id)
{
	struct rh_json_writer writer;

	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	clerk_put_text(&writer, "object", rh_str_from(object));
	clerk_put_text(&writer, "id", id);
	clerk_put_bool(&writer, "deleted", true);
	rh_json_member(&writer, "external_id", external_id);
	rh_json_end_object(&writer);
}
