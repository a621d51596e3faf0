/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, numbers and usernames: which are verified, which is the primary one. */
#include "connectors/clerk/clerk_map.h"

#include "account/normalise.h"
#include "base/json.h"
#include "base/str.h"

/* What an address or number of the API says of itself beside its value. */
static void read_object(const struct clerk_item *item, struct rh_str primary_id,
			struct rh_identifier *out)
{
	out->source_ref = rh_json_string(item->member[CLERK_MEMBER_ID]);
	out->is_verified = clerk_map_is_verified(item);
	out->is_reserved =
		!out->is_verified && rh_json_bool(item->member[CLERK_MEMBER_RESERVED], false);
	out->is_primary = rh_str_is_set(primary_id) && rh_str_eq(primary_id, out->source_ref);
}

static void add_identifier(struct clerk_map *map, struct rh_identifier *identifier)
{
	identifier->source_ref = clerk_map_keep(map, identifier->source_ref);
	if (map->status == RH_OK) {
		clerk_map_keep_status(map, rh_builder_add_identifier(&map->builder, identifier));
	}
}

static void take_email(struct clerk_map *map, const struct clerk_item *item)
{
	struct rh_identifier email = {.kind = RH_IDENTIFIER_EMAIL};
	struct rh_str text = item->text;
	const char *member = NULL;
	const char *why = NULL;

	if (item->is_object) {
		member = "email_address";
		text = rh_json_string(item->member[CLERK_MEMBER_EMAIL_ADDRESS]);
		read_object(item, map->primary_email_id, &email);
	}
	email.is_verified =
		email.is_verified || item->field == CLERK_FIELD_VERIFIED_EMAIL_ADDRESSES;
	if (!rh_normalise_email(map->arena, text, &email.value, &why)) {
		clerk_map_find_item(map, RH_FINDING_EMAIL_INVALID, item, member, why);
		return;
	}
	add_identifier(map, &email);
}

static void add_sms_factor(struct clerk_map *map, struct rh_str phone)
{
	struct rh_factor factor = {.kind = RH_FACTOR_SMS, .phone = phone};

	if (map->status == RH_OK) {
		clerk_map_keep_status(map, rh_builder_add_factor(&map->builder, &factor));
	}
}

static void take_phone(struct clerk_map *map, const struct clerk_item *item)
{
	struct rh_identifier phone = {.kind = RH_IDENTIFIER_PHONE};
	struct rh_str text = item->text;
	const char *member = NULL;
	const char *why = NULL;

	if (item->is_object) {
		member = "phone_number";
		text = rh_json_string(item->member[CLERK_MEMBER_PHONE_NUMBER]);
		read_object(item, map->primary_phone_id, &phone);
		phone.is_second_factor =
			rh_json_bool(item->member[CLERK_MEMBER_RESERVED_FOR_SECOND_FACTOR],
				     false) ||
			rh_json_bool(item->member[CLERK_MEMBER_DEFAULT_SECOND_FACTOR], false);
		map->backup_code_count +=
			(uint32_t)rh_json_count(item->member[CLERK_MEMBER_BACKUP_CODES]);
	}
	phone.is_verified = phone.is_verified || item->field == CLERK_FIELD_VERIFIED_PHONE_NUMBERS;
	if (!rh_normalise_phone(map->arena, text, &phone.value, &why)) {
		clerk_map_find_item(map, RH_FINDING_PHONE_INVALID, item, member, why);
		return;
	}
	add_identifier(map, &phone);
	if (phone.is_second_factor) {
		add_sms_factor(map, phone.value);
	}
}

/* The Dashboard's own columns for the primary ones: they name it, and do not say that it is verified. */
static void add_primary_email(struct clerk_map *map)
{
	struct rh_identifier email = {.kind = RH_IDENTIFIER_EMAIL, .is_primary = true};
	struct rh_str text = clerk_map_borrow(map, CLERK_FIELD_PRIMARY_EMAIL_ADDRESS);
	const char *why = NULL;

	if (!rh_str_is_set(rh_str_trim(text))) {
		return;
	}
	if (!rh_normalise_email(map->arena, text, &email.value, &why)) {
		clerk_map_find_invalid(map, RH_FINDING_EMAIL_INVALID, "primary_email_address", why);
		return;
	}
	add_identifier(map, &email);
}

static void add_primary_phone(struct clerk_map *map)
{
	struct rh_identifier phone = {.kind = RH_IDENTIFIER_PHONE, .is_primary = true};
	struct rh_str text = clerk_map_borrow(map, CLERK_FIELD_PRIMARY_PHONE_NUMBER);
	const char *why = NULL;

	if (!rh_str_is_set(rh_str_trim(text))) {
		return;
	}
	if (!rh_normalise_phone(map->arena, text, &phone.value, &why)) {
		clerk_map_find_invalid(map, RH_FINDING_PHONE_INVALID, "primary_phone_number", why);
		return;
	}
	add_identifier(map, &phone);
}

/* The field that names the primary one in this kind of file, or the list that does not. */
static enum clerk_field primary_field(const struct clerk_map *map, enum clerk_field by_id,
				      enum clerk_field by_value, enum clerk_field list)
{
	if (map->fields.is_there[by_id]) {
		return by_id;
	}
	return map->fields.is_there[by_value] ? by_value : list;
}

/* `was_named`: the source names one, so that another one in its place is worth a word. */
static void settle_email(struct clerk_map *map, enum rh_primary_policy policy, bool was_named)
{
	bool is_marked = rh_account_primary(map->account, RH_IDENTIFIER_EMAIL) != NULL;
	enum rh_choice choice =
		rh_builder_choose_primary(&map->builder, RH_IDENTIFIER_EMAIL, policy);
	enum clerk_field field =
		primary_field(map, CLERK_FIELD_PRIMARY_EMAIL_ADDRESS_ID,
			      CLERK_FIELD_PRIMARY_EMAIL_ADDRESS, CLERK_FIELD_EMAIL_ADDRESSES);
	bool is_replaced = choice == RH_CHOICE_GIVEN && was_named && !is_marked;

	if (choice == RH_CHOICE_OPEN) {
		clerk_map_find_field(map, RH_FINDING_PRIMARY_UNDECIDED, field);
	} else if (choice == RH_CHOICE_MADE || is_replaced) {
		map->account->flags |= RH_ACCOUNT_PRIMARY_CHOSEN;
		clerk_map_find_field(map, RH_FINDING_PRIMARY_CHOSEN, field);
	}
}

static void map_emails(struct clerk_map *map, enum rh_primary_policy policy)
{
	map->primary_email_id = clerk_map_borrow(map, CLERK_FIELD_PRIMARY_EMAIL_ADDRESS_ID);
	bool was_named =
		rh_str_is_set(map->primary_email_id) ||
		(map->fields.is_cells &&
		 map->fields.cell[CLERK_FIELD_PRIMARY_EMAIL_ADDRESS].ptr != NULL) ||
		rh_str_is_set(rh_json_string(map->fields.node[CLERK_FIELD_PRIMARY_EMAIL_ADDRESS]));

	add_primary_email(map);
	clerk_map_each(map, CLERK_FIELD_VERIFIED_EMAIL_ADDRESSES, take_email);
	clerk_map_each(map, CLERK_FIELD_UNVERIFIED_EMAIL_ADDRESSES, take_email);
	clerk_map_each(map, CLERK_FIELD_EMAIL_ADDRESSES, take_email);
	settle_email(map, policy, was_named);
}

/* A number never decides over the whole account: where the policy does not choose, none is primary. */
static void map_phones(struct clerk_map *map, enum rh_primary_policy policy)
{
	map->primary_phone_id = clerk_map_borrow(map, CLERK_FIELD_PRIMARY_PHONE_NUMBER_ID);
	add_primary_phone(map);
	clerk_map_each(map, CLERK_FIELD_VERIFIED_PHONE_NUMBERS, take_phone);
	clerk_map_each(map, CLERK_FIELD_UNVERIFIED_PHONE_NUMBERS, take_phone);
	clerk_map_each(map, CLERK_FIELD_PHONE_NUMBERS, take_phone);
	if (rh_builder_choose_primary(&map->builder, RH_IDENTIFIER_PHONE, policy) ==
	    RH_CHOICE_MADE) {
		clerk_map_find_field(map, RH_FINDING_PRIMARY_CHOSEN,
				     primary_field(map, CLERK_FIELD_PRIMARY_PHONE_NUMBER_ID,
						   CLERK_FIELD_PRIMARY_PHONE_NUMBER,
						   CLERK_FIELD_PHONE_NUMBERS));
	}
}

static void map_username(struct clerk_map *map)
{
	struct rh_identifier username = {.kind = RH_IDENTIFIER_USERNAME, .is_primary = true};

	username.value = clerk_map_text(map, CLERK_FIELD_USERNAME);
	if (!rh_str_is_set(rh_str_trim(username.value))) {
		return;
	}
	for (size_t i = 0; i < username.value.len; i++) {
		unsigned char byte = (unsigned char)username.value.ptr[i];
		if (byte < 0x20 || byte == 0x7f) {
			clerk_map_find_field(map, RH_FINDING_USERNAME_INVALID,
					     CLERK_FIELD_USERNAME);
			return;
		}
	}
	add_identifier(map, &username);
}

void clerk_map_identifiers(struct clerk_map *map, enum rh_primary_policy policy)
{
	map_emails(map, policy);
	map_phones(map, policy);
	map_username(map);
	if (map->account->identifier_count == 0 && map->status == RH_OK) {
		clerk_map_find_field(map, RH_FINDING_IDENTIFIER_MISSING,
				     map->fields.is_there[CLERK_FIELD_EMAIL_ADDRESSES]
					     ? CLERK_FIELD_EMAIL_ADDRESSES
					     : CLERK_FIELD_PRIMARY_EMAIL_ADDRESS);
	}
}
