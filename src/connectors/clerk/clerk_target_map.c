/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the canonical account to the one body that creates the whole user (C-2: Clerk takes every address, number,
 * ban, date and metadata in that call), and the fields that a later read will show.
 *
 * A field of the source that no place was found for goes into private metadata under one key.  What a person could
 * edit at the source goes where persons can edit it, and never into what an application trusts.
 */
#include "connectors/clerk/clerk_target.h"

#include <stdlib.h>

#include "account/credential.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/external_id.h"

/* One account on its way. */
struct mapping {
	const struct clerk *clerk;
	const struct rh_account *account;
	const struct rh_mapping_policy *policy;
	struct rh_arena *arena;
	struct rh_finding_sink *findings;
	unsigned parts;
	struct clerk_places places;
	bool keeps_source_id; /* in metadata, as the external id is another */
	struct rh_wire *wire;
};

const char *const clerk_wire_fields[CLERK_WIRE_FIELDS + 1] = {
	[CLERK_WIRE_EMAIL] = "email",
	[CLERK_WIRE_EMAILS] = "email_addresses",
	[CLERK_WIRE_PHONES] = "phone_numbers",
	[CLERK_WIRE_USERNAME] = "username",
	[CLERK_WIRE_FIRST_NAME] = "first_name",
	[CLERK_WIRE_LAST_NAME] = "last_name",
	[CLERK_WIRE_EXTERNAL_ID] = "external_id",
	[CLERK_WIRE_PUBLIC] = "public_metadata",
	[CLERK_WIRE_PRIVATE] = "private_metadata",
	[CLERK_WIRE_UNSAFE] = "unsafe_metadata",
	[CLERK_WIRE_LOCALE] = "locale",
	[CLERK_WIRE_CREATED_AT] = "created_at",
	[CLERK_WIRE_LEGAL_ACCEPTED_AT] = "legal_accepted_at",
	[CLERK_WIRE_BANNED] = "banned",
	[CLERK_WIRE_LOCKED] = "locked",
	[CLERK_WIRE_DELETE_SELF] = "delete_self_enabled",
	[CLERK_WIRE_CREATE_ORGANIZATION] = "create_organization_enabled",
	[CLERK_WIRE_TOTP] = "totp_enabled",
	[CLERK_WIRE_BACKUP_CODES] = "backup_code_enabled",
	[CLERK_WIRE_ORGANIZATIONS_LIMIT] = "create_organizations_limit",
};

void clerk_find(struct rh_finding_sink *findings, enum rh_finding_code code, struct rh_str path,
		struct rh_str note)
{
	struct rh_finding finding = {.code = code, .path = path, .note = note};

	if (findings != NULL) {
		findings->add(findings, &finding);
	}
}

void clerk_wire_set(struct rh_wire *wire, enum clerk_wire_field field, struct rh_str value)
{
	if (value.ptr != NULL) {
		wire->present |= UINT32_C(1) << field;
		wire->value[field] = value;
	}
}

static void clear_wire(struct rh_wire *wire)
{
	wire->present = 0;
	wire->extras = 0;
	for (size_t i = 0; i < CLERK_WIRE_FIELDS; i++) {
		wire->value[i] = RH_STR_ABSENT;
	}
}

/* ---- addresses and numbers ---------------------------------------------------------------------------------- */

static int compare_listed(const void *a, const void *b)
{
	return rh_str_cmp(((const struct clerk_listed *)a)->value,
			  ((const struct clerk_listed *)b)->value);
}

int clerk_listed_write(struct clerk_listed *listed, size_t count, struct rh_arena *arena,
		       struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	*out = RH_STR_ABSENT;
	if (count == 0) {
		return RH_OK;
	}
	qsort(listed, count, sizeof(*listed), compare_listed);
	rh_buf_init(&text, RH_RESPONSE_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	for (size_t i = 0; i < count; i++) {
		rh_json_key_str(&writer, listed[i].value);
		rh_json_put_string(&writer, listed[i].standing);
	}
	rh_json_end_object(&writer);
	return text.failed == RH_OK && rh_arena_copy(arena, rh_buf_str(&text), out) ? RH_OK
										    : RH_ENOMEM;
}

static struct rh_str standing_of(const struct mapping *mapping, const struct clerk_place *place)
{
	bool is_factor = place->is_second_factor && (mapping->parts & RH_PART_EXTRAS) != 0;

	return rh_str_from(place->is_reserved ? CLERK_RESERVED
			   : is_factor        ? CLERK_SECOND_FACTOR
					      : CLERK_VERIFIED);
}

/* All of a kind, also those that no create holds. */
static int list_places(struct mapping *mapping, enum rh_identifier_kind kind, struct rh_str *out)
{
	const struct clerk_places *places = &mapping->places;
	bool is_email = kind == RH_IDENTIFIER_EMAIL;
	const struct clerk_place *own = is_email ? places->emails : places->phones;
	size_t own_count = is_email ? places->email_count : places->phone_count;
	size_t most = own_count + places->attached_count + 1;
	struct clerk_listed *listed = rh_arena_calloc(mapping->arena, most, sizeof(*listed));
	bool has_extras = (mapping->parts & RH_PART_EXTRAS) != 0;
	size_t count = 0;

	if (listed == NULL) {
		return RH_ENOMEM;
	}
	for (; count < own_count; count++) {
		listed[count] = (struct clerk_listed){
			.value = own[count].identifier->value,
			.standing = standing_of(mapping, &own[count]),
		};
		mapping->wire->extras += own[count].is_second_factor && has_extras ? 1 : 0;
	}
	for (size_t i = 0; i < places->attached_count; i++) {
		if (places->attached[i]->kind == kind && has_extras) {
			listed[count++] = (struct clerk_listed){
				.value = places->attached[i]->value,
				.standing = RH_STR(CLERK_UNVERIFIED),
			};
			mapping->wire->extras++;
		}
	}
	return clerk_listed_write(listed, count, mapping->arena, out);
}

/* With the parts that go. */
static int map_identifiers(struct mapping *mapping)
{
	struct clerk_places *places = &mapping->places;
	struct rh_str text = RH_STR_ABSENT;
	int code;

	if ((mapping->parts & RH_PART_EMAILS) == 0 && places->email_count > 1) {
		places->email_count = 1;
	}
	if ((mapping->parts & RH_PART_PHONES) == 0) {
		places->phone_count = 0;
	}
	if ((mapping->parts & RH_PART_USERNAME) == 0) {
		places->username = RH_STR_ABSENT;
	}
	if (places->email_count > 0) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_EMAIL,
			       places->emails[0].identifier->value);
	}
	code = list_places(mapping, RH_IDENTIFIER_EMAIL, &text);
	clerk_wire_set(mapping->wire, CLERK_WIRE_EMAILS, text);
	if (code == RH_OK) {
		code = list_places(mapping, RH_IDENTIFIER_PHONE, &text);
		clerk_wire_set(mapping->wire, CLERK_WIRE_PHONES, text);
	}
	clerk_wire_set(mapping->wire, CLERK_WIRE_USERNAME, places->username);
	return code;
}

static bool has_identifier(const struct mapping *mapping)
{
	return mapping->places.email_count > 0 || mapping->places.phone_count > 0 ||
	       mapping->places.username.ptr != NULL;
}

/* ---- profile ------------------------------------------------------------------------------------------------- */

static struct rh_str take_name(const struct mapping *mapping, struct rh_str name, const char *which)
{
	struct rh_str text = rh_str_trim(name);

	if (!rh_str_is_set(text)) {
		return RH_STR_ABSENT;
	}
	if (clerk_name_is_refused(text)) {
		clerk_find(mapping->findings, RH_FINDING_NAME_DROPPED, RH_STR_ABSENT,
			   rh_str_from(which));
		return RH_STR_ABSENT;
	}
	return text;
}

static void map_names(struct mapping *mapping)
{
	const struct rh_account *account = mapping->account;
	struct rh_str first = account->first_name;
	struct rh_str last = account->last_name;

	if (!rh_str_is_set(first) && !rh_str_is_set(last)) { /* cut at its first blank */
		last = rh_str_trim(account->full_name);
		first = rh_str_cut(&last, ' ');
	}
	first = take_name(mapping, first, "first");
	last = take_name(mapping, last, "last");
	if ((mapping->parts & RH_PART_PROFILE) != 0) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_FIRST_NAME, first);
		clerk_wire_set(mapping->wire, CLERK_WIRE_LAST_NAME, last);
	}
}

static int set_time(struct mapping *mapping, enum clerk_wire_field field, rh_time time)
{
	struct rh_str text;

	if (time <= 0) {
		return RH_OK;
	}
	text = rh_arena_printf(mapping->arena, "%lld", (long long)(time / RH_MILLISECOND));
	clerk_wire_set(mapping->wire, field, text);
	return text.ptr != NULL ? RH_OK : RH_ENOMEM;
}

static int map_profile(struct mapping *mapping)
{
	const struct rh_account *account = mapping->account;
	int code;

	map_names(mapping);
	if ((mapping->parts & RH_PART_PROFILE) == 0) {
		return RH_OK;
	}
	if (rh_str_is_set(account->locale)) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_LOCALE, account->locale);
	}
	if ((account->flags & RH_ACCOUNT_DELETE_SELF_DISABLED) != 0) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_DELETE_SELF, RH_STR("false"));
	}
	if ((account->flags & RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED) != 0) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_CREATE_ORGANIZATION, RH_STR("false"));
	}
	if ((account->flags & RH_ACCOUNT_ORGANIZATIONS_LIMITED) != 0) {
		struct rh_str limit =
			rh_arena_printf(mapping->arena, "%u", account->organizations_limit);
		clerk_wire_set(mapping->wire, CLERK_WIRE_ORGANIZATIONS_LIMIT, limit);
	}
	code = set_time(mapping, CLERK_WIRE_CREATED_AT, account->created_at);
	return code == RH_OK
		       ? set_time(mapping, CLERK_WIRE_LEGAL_ACCEPTED_AT, account->legal_accepted_at)
		       : code;
}

/* C-5, C-6: whatever else is left out, a block never is. */
static void map_blocks(struct mapping *mapping)
{
	unsigned flags = mapping->account->flags;

	if ((flags & (RH_ACCOUNT_BANNED | RH_ACCOUNT_DEPROVISIONED)) != 0) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_BANNED, RH_STR("true"));
	}
	if ((flags & RH_ACCOUNT_LOCKED) != 0) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_LOCKED, RH_STR("true"));
	}
}

static int map_external_id(struct mapping *mapping)
{
	struct rh_str id = RH_STR_ABSENT;
	int code = rh_external_id_choose(mapping->account, mapping->policy, mapping->arena,
					 mapping->findings, &id, &mapping->keeps_source_id);

	if (code != RH_OK || !rh_str_is_set(id) || (mapping->parts & RH_PART_EXTERNAL_ID) == 0) {
		return code;
	}
	if (id.len > CLERK_EXTERNAL_ID_MAX) {
		id = rh_external_id_digest(mapping->arena, id);
		if (id.ptr == NULL) {
			return RH_ENOMEM;
		}
		clerk_find(mapping->findings, RH_FINDING_EXTERNAL_ID_REPLACED, RH_STR_ABSENT,
			   RH_STR_ABSENT);
	}
	clerk_wire_set(mapping->wire, CLERK_WIRE_EXTERNAL_ID, id);
	return RH_OK;
}

/* ---- metadata -------------------------------------------------------------------------------------------------- */

static int map_bucket(struct mapping *mapping, enum rh_metadata_kind kind,
		      enum clerk_wire_field field, const struct clerk_extra *extras, size_t count)
{
	struct clerk_bucket bucket = {
		.text = mapping->account->metadata[kind],
		.name = rh_str_from(clerk_wire_fields[field]),
		.extras = extras,
		.extra_count = count,
		.overflow = (enum clerk_overflow)mapping->clerk->overflow,
		.findings = mapping->findings,
	};
	struct rh_str text = RH_STR_ABSENT;
	int code;

	/* For a glance what cannot be too large need not be read. */
	if (bucket.text.ptr == NULL && count == 0) {
		return RH_OK;
	}
	if (mapping->policy->is_glance && count == 0 && bucket.text.len <= CLERK_METADATA_MAX) {
		return RH_OK;
	}
	code = clerk_metadata_write(&bucket, mapping->arena, &text);
	clerk_wire_set(mapping->wire, field, text);
	return code;
}

static int source_id_json(const struct mapping *mapping, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	if (!mapping->keeps_source_id) {
		return RH_OK;
	}
	rh_buf_init(&text, RH_REQUEST_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_put_string(&writer, mapping->account->source_id);
	return text.failed == RH_OK && rh_arena_copy(mapping->arena, rh_buf_str(&text), out)
		       ? RH_OK
		       : RH_ENOMEM;
}

static int map_metadata(struct mapping *mapping)
{
	struct rh_str keep_key = rh_str_from(mapping->clerk->keep_key);
	struct clerk_extra extras[2] = {
		{.key = RH_STR(RH_SOURCE_ID_KEY)},
		{.key = keep_key},
	};
	int code;

	if ((mapping->parts & RH_PART_METADATA) == 0) {
		return RH_OK;
	}
	code = source_id_json(mapping, &extras[0].json);
	if (code == RH_OK && keep_key.len > 0) {
		code = clerk_kept_write(mapping->account, &mapping->places, mapping->arena,
					&extras[1].json);
	}
	if (code == RH_OK) {
		bool has_extra = extras[0].json.ptr != NULL || extras[1].json.ptr != NULL;
		code = map_bucket(mapping, RH_METADATA_PRIVATE, CLERK_WIRE_PRIVATE, extras,
				  has_extra ? 2 : 0);
	}
	if (code == RH_OK) {
		code = map_bucket(mapping, RH_METADATA_PUBLIC, CLERK_WIRE_PUBLIC, NULL, 0);
	}
	return code == RH_OK ? map_bucket(mapping, RH_METADATA_UNSAFE, CLERK_WIRE_UNSAFE, NULL, 0)
			     : code;
}

/* ---- secrets ------------------------------------------------------------------------------------------------------ */

static bool has_password(const struct rh_account *account)
{
	return account->credential.state == RH_CREDENTIAL_PRESENT &&
	       clerk_hash_obstacle(&account->credential) == 0;
}

static bool sends_password(const struct rh_account *account, unsigned parts)
{
	return (parts & RH_PART_CREDENTIAL) != 0 && has_password(account);
}

int clerk_password_put(const struct rh_account *account, unsigned parts,
		       struct rh_json_writer *writer)
{
	return sends_password(account, parts) ? clerk_hash_put(&account->credential, writer)
					      : RH_OK;
}

static void assess_password(const struct mapping *mapping)
{
	const struct rh_credential *credential = &mapping->account->credential;
	struct rh_str scheme = rh_str_from(rh_scheme_name(credential->scheme));
	enum rh_finding_code obstacle;

	if (credential->state != RH_CREDENTIAL_PRESENT) {
		return;
	}
	obstacle = clerk_hash_obstacle(credential);
	if (obstacle != 0) {
		clerk_find(mapping->findings, obstacle, RH_STR_ABSENT, scheme);
	} else if (sends_password(mapping->account, mapping->parts) &&
		   clerk_hash_is_unproven(credential)) {
		clerk_find(mapping->findings, RH_FINDING_HASH_UNPROVEN, RH_STR_ABSENT, scheme);
	}
}

/* The factor of a kind whose secret is there; NULL: none. */
static const struct rh_factor *factor_of(const struct rh_account *account, enum rh_factor_kind kind)
{
	for (size_t i = 0; i < account->factor_count; i++) {
		const struct rh_factor *factor = &account->factors[i];
		bool is_there =
			kind == RH_FACTOR_TOTP ? factor->has_secret : factor->code_count > 0;

		if (factor->kind == kind && is_there) {
			return factor;
		}
	}
	return NULL;
}

static void map_factors(struct mapping *mapping)
{
	if ((mapping->parts & RH_PART_TOTP) != 0 &&
	    factor_of(mapping->account, RH_FACTOR_TOTP) != NULL) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_TOTP, RH_STR("true"));
	}
	if ((mapping->parts & RH_PART_BACKUP_CODES) != 0 &&
	    factor_of(mapping->account, RH_FACTOR_BACKUP_CODES) != NULL) {
		clerk_wire_set(mapping->wire, CLERK_WIRE_BACKUP_CODES, RH_STR("true"));
	}
}

/* ---- the body ------------------------------------------------------------------------------------------------------ */

static bool is_there(const struct mapping *mapping, enum clerk_wire_field field)
{
	return (mapping->wire->present & UINT32_C(1) << field) != 0;
}

static void put_places(struct rh_json_writer *writer, const char *name, const char *status_name,
		       const struct clerk_place *places, size_t count)
{
	bool has_reserved = false;

	if (count == 0) {
		return;
	}
	rh_json_key(writer, name);
	rh_json_begin_array(writer);
	for (size_t i = 0; i < count; i++) {
		rh_json_put_string(writer, places[i].identifier->value);
		has_reserved = has_reserved || places[i].is_reserved;
	}
	rh_json_end_array(writer);
	if (!has_reserved) { /* verified, as is without a word */
		return;
	}
	rh_json_key(writer, status_name);
	rh_json_begin_array(writer);
	for (size_t i = 0; i < count; i++) {
		rh_json_put_cstr(writer, places[i].is_reserved ? CLERK_RESERVED : CLERK_VERIFIED);
	}
	rh_json_end_array(writer);
}

static void put_date(struct rh_json_writer *writer, const struct mapping *mapping,
		     enum clerk_wire_field field, rh_time time)
{
	char text[RH_TIME_TEXT_SIZE];

	if (is_there(mapping, field)) {
		rh_time_format(time, text);
		rh_json_member(writer, clerk_wire_fields[field], rh_str_from(text));
	}
}

static void put_raw(struct rh_json_writer *writer, const struct mapping *mapping,
		    enum clerk_wire_field field)
{
	if (is_there(mapping, field)) {
		rh_json_key(writer, clerk_wire_fields[field]);
		rh_json_put_raw(writer, mapping->wire->value[field]);
	}
}

static void put_factors(struct rh_json_writer *writer, const struct mapping *mapping)
{
	const struct rh_factor *codes = factor_of(mapping->account, RH_FACTOR_BACKUP_CODES);

	if (is_there(mapping, CLERK_WIRE_TOTP)) {
		rh_json_member(writer, "totp_secret",
			       factor_of(mapping->account, RH_FACTOR_TOTP)->secret);
	}
	if (!is_there(mapping, CLERK_WIRE_BACKUP_CODES)) {
		return;
	}
	rh_json_key(writer, "backup_codes");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < codes->code_count; i++) {
		rh_json_put_string(writer, codes->codes[i]);
	}
	rh_json_end_array(writer);
}

static void put_true(struct rh_json_writer *writer, const char *name, bool is_true)
{
	if (is_true) {
		rh_json_key(writer, name);
		rh_json_put_bool(writer, true);
	}
}

static int write_body(const struct mapping *mapping, struct rh_buf *body)
{
	static const enum clerk_wire_field texts[] = {
		CLERK_WIRE_EXTERNAL_ID, CLERK_WIRE_USERNAME, CLERK_WIRE_FIRST_NAME,
		CLERK_WIRE_LAST_NAME,   CLERK_WIRE_LOCALE,
	};
	static const enum clerk_wire_field raws[] = {
		CLERK_WIRE_PUBLIC,
		CLERK_WIRE_PRIVATE,
		CLERK_WIRE_UNSAFE,
		CLERK_WIRE_BANNED,
		CLERK_WIRE_LOCKED,
		CLERK_WIRE_DELETE_SELF,
		CLERK_WIRE_CREATE_ORGANIZATION,
		CLERK_WIRE_ORGANIZATIONS_LIMIT,
	};
	const struct clerk_places *places = &mapping->places;
	struct rh_json_writer writer;
	int code;

	rh_json_writer_init(&writer, body);
	rh_json_begin_object(&writer);
	put_places(&writer, "email_address", "email_address_identification_status", places->emails,
		   places->email_count);
	put_places(&writer, "phone_number", "phone_number_identification_status", places->phones,
		   places->phone_count);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		rh_json_member(&writer, clerk_wire_fields[texts[i]],
			       mapping->wire->value[texts[i]]);
	}
	code = clerk_password_put(mapping->account, mapping->parts, &writer);
	put_true(&writer, "skip_password_requirement",
		 !sends_password(mapping->account, mapping->parts));
	put_factors(&writer, mapping);
	for (size_t i = 0; i < sizeof(raws) / sizeof(raws[0]); i++) {
		put_raw(&writer, mapping, raws[i]);
	}
	put_date(&writer, mapping, CLERK_WIRE_CREATED_AT, mapping->account->created_at);
	put_date(&writer, mapping, CLERK_WIRE_LEGAL_ACCEPTED_AT,
		 mapping->account->legal_accepted_at);
	put_true(&writer, "skip_legal_checks", !is_there(mapping, CLERK_WIRE_LEGAL_ACCEPTED_AT));
	put_true(&writer, "skip_user_requirement", !mapping->clerk->enforces_requirements);
	put_true(&writer, "bypass_client_trust", mapping->clerk->bypasses_client_trust);
	rh_json_end_object(&writer);
	return code != RH_OK ? code : body->failed;
}

/* As many parameters as the interface has. */
/* NOLINTNEXTLINE(readability-function-size) */
int clerk_to_wire(const void *instance, const struct rh_account *account,
		  const struct rh_mapping_policy *policy, unsigned parts, struct rh_arena *arena,
		  struct rh_finding_sink *findings, struct rh_buf *body, struct rh_wire *out,
		  struct rh_err *err)
{
	struct mapping mapping = {
		.clerk = instance,
		.account = account,
		.policy = policy,
		.arena = arena,
		.findings = findings,
		.parts = parts,
		.wire = out,
	};
	int code;

	clear_wire(out);
	code = clerk_places_choose(account, policy, arena, findings, &mapping.places);
	clerk_find_losses(account, &mapping.places, arena, findings);
	code = code == RH_OK ? map_external_id(&mapping) : code;
	code = code == RH_OK ? map_metadata(&mapping) : code;
	code = code == RH_OK ? map_identifiers(&mapping) : code;
	code = code == RH_OK ? map_profile(&mapping) : code;
	map_blocks(&mapping);
	map_factors(&mapping);
	assess_password(&mapping);
	if (code == RH_OK && body != NULL && has_identifier(&mapping)) {
		code = write_body(&mapping, body);
	}
	if (code != RH_OK) {
		clear_wire(out);
		return rh_err_set(err, code, "an account does not fit into a request");
	}
	return RH_OK;
}

/* More than goes may be named: addresses that turn out to be left out, and extras (wire->extras). */
unsigned clerk_parts(const void *instance, const struct rh_account *account)
{
	const struct {
		bool is_there;
		unsigned part;
	} optional[] = {
		{has_password(account), RH_PART_CREDENTIAL},
		{rh_account_count(account, RH_IDENTIFIER_EMAIL) > 1, RH_PART_EMAILS},
		{rh_account_count(account, RH_IDENTIFIER_PHONE) > 0, RH_PART_PHONES},
		{rh_account_count(account, RH_IDENTIFIER_USERNAME) > 0, RH_PART_USERNAME},
		{factor_of(account, RH_FACTOR_TOTP) != NULL, RH_PART_TOTP},
		{factor_of(account, RH_FACTOR_BACKUP_CODES) != NULL, RH_PART_BACKUP_CODES},
	};
	/* Metadata hold the source id and what has no other place. */
	unsigned parts = RH_PART_IDENTITY | RH_PART_EXTERNAL_ID | RH_PART_METADATA |
			 RH_PART_PROFILE | RH_PART_EXTRAS;

	(void)instance;
	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
		parts |= optional[i].is_there ? optional[i].part : 0;
	}
	return parts;
}
