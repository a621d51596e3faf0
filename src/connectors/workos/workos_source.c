/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WorkOS as a source: a user object of the API becomes an account, pure.
 *
 * An answer never says whether a person has a password, and no hash is ever given out: each account comes without one, and
 * says so.  Its one metadata object is what applications show people, so it is public here, as it is on the way in.
 */
#include <rehome/connector.h>

#include "account/builder.h"
#include "account/metadata.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/members.h"
#include "connectors/workos/workos.h"

enum member {
	MEMBER_OBJECT,
	MEMBER_ID,
	MEMBER_EMAIL,
	MEMBER_FIRST_NAME,
	MEMBER_LAST_NAME,
	MEMBER_NAME,
	MEMBER_EMAIL_VERIFIED,
	MEMBER_PROFILE_PICTURE_URL,
	MEMBER_EXTERNAL_ID,
	MEMBER_METADATA,
	MEMBER_LAST_SIGN_IN_AT,
	MEMBER_LOCALE,
	MEMBER_CREATED_AT,
	MEMBER_UPDATED_AT,
	MEMBERS,
};

/* In the order of the API's answers, in which a search goes on where the last one ended. */
static const struct rh_str member_names[MEMBERS] = {
	[MEMBER_OBJECT] = RH_STR("object"),
	[MEMBER_ID] = RH_STR("id"),
	[MEMBER_EMAIL] = RH_STR("email"),
	[MEMBER_FIRST_NAME] = RH_STR("first_name"),
	[MEMBER_LAST_NAME] = RH_STR("last_name"),
	[MEMBER_NAME] = RH_STR("name"),
	[MEMBER_EMAIL_VERIFIED] = RH_STR("email_verified"),
	[MEMBER_PROFILE_PICTURE_URL] = RH_STR("profile_picture_url"),
	[MEMBER_EXTERNAL_ID] = RH_STR("external_id"),
	[MEMBER_METADATA] = RH_STR("metadata"),
	[MEMBER_LAST_SIGN_IN_AT] = RH_STR("last_sign_in_at"),
	[MEMBER_LOCALE] = RH_STR("locale"),
	[MEMBER_CREATED_AT] = RH_STR("created_at"),
	[MEMBER_UPDATED_AT] = RH_STR("updated_at"),
};

const struct rh_shape workos_shapes[] = {
	{
		.id = WORKOS_SHAPE_API_JSON,
		.name = "api-json",
		.title = "user objects of the API",
	},
	{.id = 0},
};

int workos_recognise(const struct rh_sniff *sniff)
{
	const struct rh_json_node *members[MEMBERS] = {NULL};

	if (rh_json_type(sniff->json) != RH_JSON_OBJECT) {
		return 0;
	}
	rh_members_find(sniff->json, member_names, MEMBERS, members);
	return rh_str_is(rh_json_string(members[MEMBER_OBJECT]), "user") &&
			       rh_json_type(members[MEMBER_EMAIL]) == RH_JSON_STRING &&
			       members[MEMBER_EMAIL_VERIFIED] != NULL
		       ? WORKOS_SHAPE_API_JSON
		       : 0;
}

/* One record on its way.  The first failure stays. */
struct reading {
	const struct rh_json_node *members[MEMBERS];
	struct rh_account *account;
	struct rh_arena *arena;
	struct rh_finding_sink *findings;
	int status;
};

static void say(struct reading *reading, enum rh_finding_code code, enum member member,
		const char *note)
{
	workos_find(reading->findings, code, member_names[member], rh_str_from(note));
}

/* A text, absent when it is null or empty; of another type it is left out, and that is said. */
static struct rh_str read_text(struct reading *reading, enum member member)
{
	const struct rh_json_node *node = reading->members[member];
	struct rh_str text = rh_json_string(node);
	struct rh_str copy = RH_STR_ABSENT;

	if (text.ptr == NULL && node != NULL && !rh_json_is_null(node)) {
		say(reading, RH_FINDING_FIELD_TYPE, member, NULL);
	}
	if (rh_str_is_set(text) && !rh_arena_copy(reading->arena, text, &copy)) {
		reading->status = RH_ENOMEM;
	}
	return copy;
}

static rh_time read_time(struct reading *reading, enum member member)
{
	const struct rh_json_node *node = reading->members[member];
	rh_time time = 0;

	if (node != NULL && !rh_json_is_null(node) && !rh_time_parse(rh_json_string(node), &time)) {
		say(reading, RH_FINDING_FIELD_TYPE, member, NULL);
		return 0;
	}
	return time;
}

static void read_email(struct reading *reading)
{
	struct rh_identifier email = {.kind = RH_IDENTIFIER_EMAIL, .is_primary = true};
	const struct rh_json_node *verified = reading->members[MEMBER_EMAIL_VERIFIED];
	struct rh_str text = rh_str_trim(read_text(reading, MEMBER_EMAIL));
	struct rh_builder builder;
	const char *why = NULL;

	rh_builder_init(&builder, reading->arena, reading->account);
	if (rh_str_is_set(text) && !rh_normalise_email(reading->arena, text, &email.value, &why)) {
		say(reading, RH_FINDING_EMAIL_INVALID, MEMBER_EMAIL, why);
	}
	if (email.value.ptr == NULL) {
		say(reading, RH_FINDING_IDENTIFIER_MISSING, MEMBER_EMAIL, NULL);
		return;
	}
	if (verified != NULL && !rh_json_is_null(verified) &&
	    rh_json_type(verified) != RH_JSON_TRUE && rh_json_type(verified) != RH_JSON_FALSE) {
		say(reading, RH_FINDING_FIELD_TYPE, MEMBER_EMAIL_VERIFIED, NULL);
	}
	email.is_verified = rh_json_type(verified) == RH_JSON_TRUE;
	if (reading->status == RH_OK) {
		reading->status = rh_builder_add_identifier(&builder, &email);
	}
}

static void read_metadata(struct reading *reading)
{
	int code = rh_metadata_from_node(reading->arena, reading->members[MEMBER_METADATA],
					 &reading->account->metadata[RH_METADATA_PUBLIC]);

	if (code == RH_EINPUT) {
		say(reading, RH_FINDING_METADATA_INVALID, MEMBER_METADATA, NULL);
	} else if (code != RH_OK) {
		reading->status = code;
	}
}

static void read_account(struct reading *reading)
{
	struct rh_account *account = reading->account;

	account->source_id = read_text(reading, MEMBER_ID);
	if (!rh_str_is_set(rh_str_trim(account->source_id))) {
		account->source_id = RH_STR_ABSENT;
		say(reading, RH_FINDING_SOURCE_ID_MISSING, MEMBER_ID, NULL);
	}
	account->external_id = read_text(reading, MEMBER_EXTERNAL_ID);
	account->first_name = read_text(reading, MEMBER_FIRST_NAME);
	account->last_name = read_text(reading, MEMBER_LAST_NAME);
	account->full_name = read_text(reading, MEMBER_NAME);
	account->locale = read_text(reading, MEMBER_LOCALE);
	account->image_url = read_text(reading, MEMBER_PROFILE_PICTURE_URL);
	account->created_at = read_time(reading, MEMBER_CREATED_AT);
	account->updated_at = read_time(reading, MEMBER_UPDATED_AT);
	account->last_sign_in_at = read_time(reading, MEMBER_LAST_SIGN_IN_AT);
	read_email(reading);
	read_metadata(reading);
	account->credential.state = RH_CREDENTIAL_NOT_TOLD;
	workos_find(reading->findings, RH_FINDING_HASH_NOT_TOLD, RH_STR_ABSENT, RH_STR_ABSENT);
}

/* The parameters are the interface's. */
/* NOLINTNEXTLINE(readability-function-size) */
int workos_from_record(const void *instance, const struct rh_record *record,
		       const struct rh_mapping_policy *policy, struct rh_arena *arena,
		       struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err)
{
	struct reading reading = {.account = out, .arena = arena, .findings = findings};

	(void)instance;
	(void)policy; /* there is one address, and it is the primary one */
	*out = (struct rh_account){0};
	if (rh_json_type(record->json) != RH_JSON_OBJECT) {
		workos_find(findings, RH_FINDING_RECORD_BROKEN, RH_STR_ABSENT,
			    RH_STR("not an object"));
		return RH_OK;
	}
	rh_members_find(record->json, member_names, MEMBERS, reading.members);
	read_account(&reading);
	if (reading.status != RH_OK) {
		*out = (struct rh_account){0};
		return rh_err_set(err, reading.status, "no memory for a record");
	}
	return RH_OK;
}
