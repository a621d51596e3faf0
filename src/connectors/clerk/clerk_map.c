/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a Clerk record of any kind to the canonical account: pure.
 *
 * All kinds of export are read by one way.  What differs between them is where the addresses stand (objects
 * with a verification, lists in cells, joined text) and what is not there at all; a name that is not there
 * is absent, and nothing is concluded from the kind of file.
 */
#include "connectors/clerk/clerk_map.h"

#include <stdio.h>

#include "account/metadata.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "connectors/clerk/clerk.h"
#include "connectors/clerk/clerk_password.h"

void clerk_map_keep_status(struct clerk_map *map, int code)
{
	if (map->status == RH_OK) {
		map->status = code;
	}
}

void clerk_map_find(struct clerk_map *map, enum rh_finding_code code, struct rh_str path,
		    struct rh_str note)
{
	struct rh_finding finding = {.code = code, .path = path, .note = note};

	if (map->findings != NULL) {
		map->findings->add(map->findings, &finding);
	}
}

void clerk_map_find_field(struct clerk_map *map, enum rh_finding_code code, enum clerk_field field)
{
	clerk_map_find(map, code, rh_str_from(clerk_field_name(field)), RH_STR_ABSENT);
}

void clerk_map_find_invalid(struct clerk_map *map, enum rh_finding_code code, const char *path,
			    const char *why)
{
	/* The word of account/normalise.h's functions for it. */
	if (rh_str_is(rh_str_from(why), "out of memory")) {
		clerk_map_keep_status(map, RH_ENOMEM);
	} else {
		clerk_map_find(map, code, rh_str_from(path), rh_str_from(why));
	}
}

void clerk_map_find_item(struct clerk_map *map, enum rh_finding_code code,
			 const struct clerk_item *item, const char *member, const char *why)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s[%zu]%s%s", clerk_field_name(item->field),
		       item->index, member != NULL ? "." : "", member != NULL ? member : "");
	clerk_map_find_invalid(map, code, path, why);
}

struct rh_str clerk_map_keep(struct clerk_map *map, struct rh_str text)
{
	struct rh_str copy = RH_STR_ABSENT;

	if (text.ptr != NULL && !rh_arena_copy(map->arena, text, &copy)) {
		clerk_map_keep_status(map, RH_ENOMEM);
	}
	return copy;
}

struct rh_str clerk_map_borrow(struct clerk_map *map, enum clerk_field field)
{
	struct rh_str text = RH_STR_ABSENT;

	if (clerk_field_text(&map->fields, field, &text) == CLERK_READING_WRONG) {
		clerk_map_find_field(map, RH_FINDING_FIELD_TYPE, field);
	}
	return text;
}

struct rh_str clerk_map_text(struct clerk_map *map, enum clerk_field field)
{
	return clerk_map_keep(map, clerk_map_borrow(map, field));
}

bool clerk_map_bool(struct clerk_map *map, enum clerk_field field, bool fallback)
{
	bool value = fallback;

	if (clerk_field_bool(&map->fields, field, &value) == CLERK_READING_WRONG) {
		clerk_map_find_field(map, RH_FINDING_FIELD_TYPE, field);
	}
	return value;
}

static rh_time read_time(struct clerk_map *map, enum clerk_field field)
{
	rh_time time = 0;

	if (clerk_field_time(&map->fields, field, &time) == CLERK_READING_WRONG) {
		clerk_map_find_field(map, RH_FINDING_FIELD_TYPE, field);
	}
	return time;
}

static void map_metadata(struct clerk_map *map)
{
	static const enum clerk_field fields[RH_METADATA_KINDS] = {
		[RH_METADATA_PUBLIC] = CLERK_FIELD_PUBLIC_METADATA,
		[RH_METADATA_PRIVATE] = CLERK_FIELD_PRIVATE_METADATA,
		[RH_METADATA_UNSAFE] = CLERK_FIELD_UNSAFE_METADATA,
	};

	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		const struct rh_json_node *node = map->fields.node[fields[i]];
		struct rh_str text =
			map->fields.is_cells ? map->fields.cell[fields[i]] : rh_json_string(node);
		int code = text.ptr != NULL ? rh_metadata_from_text(map->arena, text,
								    &map->account->metadata[i])
					    : rh_metadata_from_node(map->arena, node,
								    &map->account->metadata[i]);
		if (code == RH_EINPUT) {
			clerk_map_find_field(map, RH_FINDING_METADATA_INVALID, fields[i]);
		} else {
			clerk_map_keep_status(map, code);
		}
	}
}

static void map_flags(struct clerk_map *map)
{
	static const struct {
		enum clerk_field field;
		bool set_when;
		bool is_blocking;
		unsigned flag;
	} flags[] = {
		{CLERK_FIELD_BANNED, true, true, RH_ACCOUNT_BANNED},
		{CLERK_FIELD_LOCKED, true, true, RH_ACCOUNT_LOCKED},
		{CLERK_FIELD_DEPROVISIONED, true, true, RH_ACCOUNT_DEPROVISIONED},
		{CLERK_FIELD_DELETE_SELF_ENABLED, false, false, RH_ACCOUNT_DELETE_SELF_DISABLED},
		{CLERK_FIELD_CREATE_ORGANIZATION_ENABLED, false, false,
		 RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		bool value = false;
		enum clerk_reading reading = clerk_field_bool(&map->fields, flags[i].field, &value);
		if (reading == CLERK_READING_WRONG) {
			clerk_map_find_field(map, RH_FINDING_FIELD_TYPE, flags[i].field);
			/* Something is said about blocking that we cannot read: blocked, to be safe. */
			value = flags[i].set_when;
			reading = flags[i].is_blocking ? CLERK_READING_OK : reading;
		}
		if (reading == CLERK_READING_OK && value == flags[i].set_when) {
			map->account->flags |= flags[i].flag;
		}
	}
}

/* How many organizations the person may create; null and nothing: the instance decides. */
static void map_limit(struct clerk_map *map)
{
	const enum clerk_field field = CLERK_FIELD_CREATE_ORGANIZATIONS_LIMIT;
	struct rh_str text = RH_STR_ABSENT;
	int64_t number = 0;

	if (map->fields.is_cells) {
		text = map->fields.cell[field];
	} else if (map->fields.node[field] != NULL && !rh_json_is_null(map->fields.node[field])) {
		text = rh_json_text(map->fields.node[field]);
		text = text.ptr != NULL ? text : RH_STR("-");
	}
	if (!rh_str_is_set(text)) {
		return;
	}
	if (!rh_str_to_i64(text, &number) || number < 0 || number > UINT32_MAX) {
		clerk_map_find_field(map, RH_FINDING_FIELD_TYPE, field);
		return;
	}
	map->account->flags |= RH_ACCOUNT_ORGANIZATIONS_LIMITED;
	map->account->organizations_limit = (uint32_t)number;
}

/* Clerk's own tool has no column for it, and leaves it in the private metadata. */
static struct rh_str read_external_id(struct clerk_map *map)
{
	if (map->fields.is_there[CLERK_FIELD_EXTERNAL_ID]) {
		return clerk_map_text(map, CLERK_FIELD_EXTERNAL_ID);
	}
	struct rh_str id = rh_json_get_string(map->fields.node[CLERK_FIELD_PRIVATE_METADATA],
					      "clerkExternalId");
	return rh_str_is_set(id) ? clerk_map_keep(map, id) : RH_STR_ABSENT;
}

static void map_profile(struct clerk_map *map)
{
	struct rh_account *account = map->account;

	account->source_id = clerk_map_text(map, CLERK_FIELD_ID);
	if (!rh_str_is_set(rh_str_trim(account->source_id))) {
		account->source_id = RH_STR_ABSENT;
		clerk_map_find_field(map, RH_FINDING_SOURCE_ID_MISSING, CLERK_FIELD_ID);
	}
	account->external_id = read_external_id(map);
	account->first_name = clerk_map_text(map, CLERK_FIELD_FIRST_NAME);
	account->last_name = clerk_map_text(map, CLERK_FIELD_LAST_NAME);
	account->locale = clerk_map_text(map, CLERK_FIELD_LOCALE);
	/* There is always an address; without an own image it leads to a drawn one. */
	if (clerk_map_bool(map, CLERK_FIELD_HAS_IMAGE, true)) {
		account->image_url = clerk_map_text(map, CLERK_FIELD_IMAGE_URL);
	}
	account->created_at = read_time(map, CLERK_FIELD_CREATED_AT);
	account->updated_at = read_time(map, CLERK_FIELD_UPDATED_AT);
	account->last_sign_in_at = read_time(map, CLERK_FIELD_LAST_SIGN_IN_AT);
	account->legal_accepted_at = read_time(map, CLERK_FIELD_LEGAL_ACCEPTED_AT);
}

static void map_password(struct clerk_map *map)
{
	struct clerk_password password = {
		.digest = clerk_map_text(map, CLERK_FIELD_PASSWORD_DIGEST),
		.hasher = clerk_map_text(map, CLERK_FIELD_PASSWORD_HASHER),
		.is_enabled = clerk_map_bool(map, CLERK_FIELD_PASSWORD_ENABLED, false),
	};
	struct rh_finding finding = {0};

	clerk_map_keep_status(map, clerk_password_read(&password, map->arena,
						       &map->account->credential, &finding));
	if (map->status == RH_OK && finding.code != 0) {
		clerk_map_find(map, finding.code, finding.path, finding.note);
	}
}

/* All but the fields, which are set when they are read. */
static void start(struct clerk_map *map, struct rh_account *account, struct rh_arena *arena,
		  struct rh_finding_sink *findings)
{
	rh_builder_init(&map->builder, arena, account);
	map->account = account;
	map->arena = arena;
	map->findings = findings;
	map->primary_email_id = RH_STR_ABSENT;
	map->primary_phone_id = RH_STR_ABSENT;
	map->backup_code_count = 0;
	map->backup_codes = NULL;
	map->backup_code_texts = 0;
	map->wallet_count = 0;
	map->passkey_count = 0;
	map->status = RH_OK;
}

/* The parameters are the interface's. */
/* NOLINTNEXTLINE(readability-function-size) */
int clerk_from_record(const void *instance, const struct rh_record *record,
		      const struct rh_mapping_policy *policy, struct rh_arena *arena,
		      struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err)
{
	struct clerk_map map RH_UNCLEARED;

	(void)instance;
	*out = (struct rh_account){0};
	start(&map, out, arena, findings);
	if (!clerk_fields_of_record(&map.fields, record)) {
		clerk_map_find(&map, RH_FINDING_RECORD_BROKEN, RH_STR_ABSENT,
			       RH_STR("not an object"));
		return RH_OK;
	}
	if (map.fields.has_twice) {
		clerk_map_find_field(&map, RH_FINDING_MEMBER_TWICE, map.fields.twice);
	}
	map_profile(&map);
	clerk_map_identifiers(&map, policy->primary);
	map_password(&map);
	clerk_map_factors(&map);
	clerk_map_identities(&map);
	map_metadata(&map);
	map_flags(&map);
	map_limit(&map);
	if (map.status == RH_ELIMIT) {
		clerk_map_find(&map, RH_FINDING_RECORD_TOO_LARGE, RH_STR_ABSENT, RH_STR_ABSENT);
	} else if (map.status != RH_OK) {
		*out = (struct rh_account){0};
		return rh_err_set(err, map.status, "no memory for a record");
	}
	return RH_OK;
}
