/* SPDX-License-Identifier: Apache-2.0 */
/* Second factors, passkeys, wallets, and links to other providers. */
#include "connectors/clerk/clerk_map.h"

#include "account/normalise.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

static void map_totp(struct clerk_map *map)
{
	struct rh_factor factor = {.kind = RH_FACTOR_TOTP};
	struct rh_str secret = clerk_map_borrow(map, CLERK_FIELD_TOTP_SECRET);
	bool is_enabled = clerk_map_bool(map, CLERK_FIELD_TOTP_ENABLED, false);
	const char *why = NULL;

	if (rh_str_is_set(secret)) {
		factor.has_secret = rh_normalise_totp(map->arena, secret, &factor.secret, &why);
		if (!factor.has_secret) {
			clerk_map_find_invalid(map, RH_FINDING_TOTP_INVALID, "totp_secret", why);
		}
	} else if (is_enabled) {
		clerk_map_find_field(map, RH_FINDING_TOTP_NOT_EXPORTED, CLERK_FIELD_TOTP_ENABLED);
	} else {
		return;
	}
	if (map->status == RH_OK) {
		clerk_map_keep_status(map, rh_builder_add_factor(&map->builder, &factor));
	}
}

/* A code is text, plain or its bcrypt; one of another type is counted and cannot be carried. */
static void take_backup_code(struct clerk_map *map, const struct clerk_item *item)
{
	size_t number = map->backup_code_count++;

	if (number == 0) {
		map->backup_codes = rh_arena_calloc(map->arena, RH_BUILDER_ENTRIES_MAX,
						    sizeof(*map->backup_codes));
		if (map->backup_codes == NULL) {
			clerk_map_keep_status(map, RH_ENOMEM);
		}
	}
	if (map->status == RH_OK && !item->is_object && number < RH_BUILDER_ENTRIES_MAX) {
		map->backup_codes[map->backup_code_texts++] = clerk_map_keep(map, item->text);
	}
}

static void count_passkey(struct clerk_map *map, const struct clerk_item *item)
{
	(void)item;
	map->passkey_count++;
}

static void count_wallet(struct clerk_map *map, const struct clerk_item *item)
{
	(void)item;
	map->wallet_count++;
}

static void map_other_factors(struct clerk_map *map)
{
	bool has_codes = clerk_map_bool(map, CLERK_FIELD_BACKUP_CODE_ENABLED, false);
	uint32_t of_phones = map->backup_code_count;
	bool has_all;

	has_codes = clerk_map_bool(map, CLERK_FIELD_BACKUP_CODES_ENABLED, has_codes) || has_codes;
	map->backup_code_count = 0;
	clerk_map_each(map, CLERK_FIELD_BACKUP_CODES, take_backup_code);
	has_all = map->backup_code_texts == map->backup_code_count;
	map->backup_code_count += of_phones;
	clerk_map_each(map, CLERK_FIELD_PASSKEYS, count_passkey);
	clerk_map_each(map, CLERK_FIELD_WEB3_WALLETS, count_wallet);
	if (map->wallet_count > 0) {
		clerk_map_find_field(map, RH_FINDING_WALLET_DROPPED, CLERK_FIELD_WEB3_WALLETS);
	}
	if (map->status == RH_OK && (has_codes || map->backup_code_count > 0)) {
		struct rh_factor factor = {
			.kind = RH_FACTOR_BACKUP_CODES,
			.count = map->backup_code_count,
			.codes = has_all ? map->backup_codes : NULL,
			.code_count = has_all ? map->backup_code_texts : 0,
		};
		clerk_map_keep_status(map, rh_builder_add_factor(&map->builder, &factor));
	}
	if (map->status == RH_OK && map->passkey_count > 0) {
		struct rh_factor factor = {
			.kind = RH_FACTOR_PASSKEY,
			.count = map->passkey_count,
		};
		clerk_map_keep_status(map, rh_builder_add_factor(&map->builder, &factor));
	}
}

/* A sign-in that was begun and never finished is no link. */
static bool is_unfinished(const struct clerk_item *item)
{
	return !rh_json_is_null(item->member[CLERK_MEMBER_VERIFICATION]) &&
	       !clerk_map_is_verified(item);
}

static void take_identity(struct clerk_map *map, const struct clerk_item *item)
{
	struct rh_identity identity = {0};
	const char *why = NULL;

	if (!item->is_object) {
		clerk_map_find_item(map, RH_FINDING_FIELD_TYPE, item, NULL, NULL);
		return;
	}
	if (is_unfinished(item)) {
		return;
	}
	struct rh_str provider = rh_json_string(item->member[CLERK_MEMBER_PROVIDER]);
	if (rh_str_starts(provider, "oauth_")) {
		provider = rh_str_sub(provider, strlen("oauth_"), provider.len);
	}
	if (!rh_str_is_set(provider)) {
		clerk_map_find_item(map, RH_FINDING_FIELD_TYPE, item, "provider", NULL);
		return;
	}
	identity.provider = clerk_map_keep(map, provider);
	/* Some exporters write numbers here: their text keeps every digit. */
	struct rh_str subject = rh_json_text(item->member[CLERK_MEMBER_PROVIDER_USER_ID]);
	identity.subject = clerk_map_keep(map, rh_str_is_set(subject) ? subject : RH_STR_ABSENT);
	identity.is_enterprise = item->field != CLERK_FIELD_EXTERNAL_ACCOUNTS;
	struct rh_str email = rh_json_string(item->member[CLERK_MEMBER_EMAIL_ADDRESS]);
	if (rh_str_is_set(email) && !rh_normalise_email(map->arena, email, &identity.email, &why)) {
		clerk_map_find_item(map, RH_FINDING_EMAIL_INVALID, item, "email_address", why);
	}
	identity.email_verified =
		identity.email.ptr != NULL &&
		rh_json_bool(item->member[CLERK_MEMBER_EMAIL_ADDRESS_VERIFIED], false);
	if (map->status == RH_OK) {
		clerk_map_keep_status(map, rh_builder_add_identity(&map->builder, &identity));
	}
}

void clerk_map_factors(struct clerk_map *map)
{
	map_totp(map);
	map_other_factors(map);
}

void clerk_map_identities(struct clerk_map *map)
{
	clerk_map_each(map, CLERK_FIELD_EXTERNAL_ACCOUNTS, take_identity);
	clerk_map_each(map, CLERK_FIELD_SAML_ACCOUNTS, take_identity);
	clerk_map_each(map, CLERK_FIELD_ENTERPRISE_ACCOUNTS, take_identity);
}
