/* SPDX-License-Identifier: Apache-2.0 */
/* What a user object of the Backend API says, in the form in which it is compared with what was sent. */
#include "connectors/clerk/clerk_target.h"

#include "account/normalise.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/members.h"

/* In the order of the API's answers. */
enum member {
	MEMBER_ID,
	MEMBER_USERNAME,
	MEMBER_FIRST_NAME,
	MEMBER_LAST_NAME,
	MEMBER_LOCALE,
	MEMBER_PRIMARY_EMAIL,
	MEMBER_TOTP,
	MEMBER_BACKUP_CODE,
	MEMBER_EMAILS,
	MEMBER_PHONES,
	MEMBER_EXTERNAL_ID,
	MEMBER_PUBLIC,
	MEMBER_PRIVATE,
	MEMBER_UNSAFE,
	MEMBER_LAST_SIGN_IN_AT,
	MEMBER_LAST_ACTIVE_AT,
	MEMBER_BANNED,
	MEMBER_LOCKED,
	MEMBER_CREATED_AT,
	MEMBER_DELETE_SELF,
	MEMBER_CREATE_ORGANIZATION,
	MEMBER_ORGANIZATIONS_LIMIT,
	MEMBER_LEGAL_ACCEPTED_AT,
	MEMBERS,
};

static const struct rh_str member_names[MEMBERS] = {
	[MEMBER_ID] = RH_STR("id"),
	[MEMBER_USERNAME] = RH_STR("username"),
	[MEMBER_FIRST_NAME] = RH_STR("first_name"),
	[MEMBER_LAST_NAME] = RH_STR("last_name"),
	[MEMBER_LOCALE] = RH_STR("locale"),
	[MEMBER_PRIMARY_EMAIL] = RH_STR("primary_email_address_id"),
	[MEMBER_TOTP] = RH_STR("totp_enabled"),
	[MEMBER_BACKUP_CODE] = RH_STR("backup_code_enabled"),
	[MEMBER_EMAILS] = RH_STR("email_addresses"),
	[MEMBER_PHONES] = RH_STR("phone_numbers"),
	[MEMBER_EXTERNAL_ID] = RH_STR("external_id"),
	[MEMBER_PUBLIC] = RH_STR("public_metadata"),
	[MEMBER_PRIVATE] = RH_STR("private_metadata"),
	[MEMBER_UNSAFE] = RH_STR("unsafe_metadata"),
	[MEMBER_LAST_SIGN_IN_AT] = RH_STR("last_sign_in_at"),
	[MEMBER_LAST_ACTIVE_AT] = RH_STR("last_active_at"),
	[MEMBER_BANNED] = RH_STR("banned"),
	[MEMBER_LOCKED] = RH_STR("locked"),
	[MEMBER_CREATED_AT] = RH_STR("created_at"),
	[MEMBER_DELETE_SELF] = RH_STR("delete_self_enabled"),
	[MEMBER_CREATE_ORGANIZATION] = RH_STR("create_organization_enabled"),
	[MEMBER_ORGANIZATIONS_LIMIT] = RH_STR("create_organizations_limit"),
	[MEMBER_LEGAL_ACCEPTED_AT] = RH_STR("legal_accepted_at"),
};

/* A user of the target on its way. */
struct reading {
	const struct rh_json_node *members[MEMBERS];
	struct rh_arena *arena;
	struct rh_observed *out;
	struct rh_identifier *others;
	rh_time first_listed_at; /* of addresses and numbers the oldest, by the target's clock; 0: none says */
};

/* ---- plain members ------------------------------------------------------------------------------------------- */

static int read_texts(struct reading *reading)
{
	static const struct {
		enum member member;
		enum clerk_wire_field field;
	} texts[] = {
		{MEMBER_USERNAME, CLERK_WIRE_USERNAME},
		{MEMBER_FIRST_NAME, CLERK_WIRE_FIRST_NAME},
		{MEMBER_LAST_NAME, CLERK_WIRE_LAST_NAME},
		{MEMBER_LOCALE, CLERK_WIRE_LOCALE},
		{MEMBER_EXTERNAL_ID, CLERK_WIRE_EXTERNAL_ID},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rh_str text = rh_json_string(reading->members[texts[i].member]);

		if (!rh_str_is_set(text)) {
			continue;
		}
		if (!rh_arena_copy(reading->arena, text, &text)) {
			return RH_ENOMEM;
		}
		clerk_wire_set(&reading->out->wire, texts[i].field, text);
	}
	reading->out->external_id = reading->out->wire.value[CLERK_WIRE_EXTERNAL_ID];
	return RH_OK;
}

static void read_flags(struct reading *reading)
{
	static const struct {
		enum member member;
		enum clerk_wire_field field;
		bool counts_when_false;
	} flags[] = {
		{MEMBER_BANNED, CLERK_WIRE_BANNED, false},
		{MEMBER_LOCKED, CLERK_WIRE_LOCKED, false},
		{MEMBER_TOTP, CLERK_WIRE_TOTP, false},
		{MEMBER_BACKUP_CODE, CLERK_WIRE_BACKUP_CODES, false},
		{MEMBER_DELETE_SELF, CLERK_WIRE_DELETE_SELF, true},
		{MEMBER_CREATE_ORGANIZATION, CLERK_WIRE_CREATE_ORGANIZATION, true},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		enum rh_json_type type = rh_json_type(reading->members[flags[i].member]);

		if (type == RH_JSON_TRUE) {
			clerk_wire_set(&reading->out->wire, flags[i].field, RH_STR("true"));
		} else if (type == RH_JSON_FALSE && flags[i].counts_when_false) {
			clerk_wire_set(&reading->out->wire, flags[i].field, RH_STR("false"));
		}
	}
}

static int read_limit(struct reading *reading)
{
	const struct rh_json_node *node = reading->members[MEMBER_ORGANIZATIONS_LIMIT];
	struct rh_str text =
		rh_json_type(node) == RH_JSON_NUMBER ? rh_json_text(node) : RH_STR_ABSENT;

	if (!rh_arena_copy(reading->arena, text, &text)) {
		return RH_ENOMEM;
	}
	clerk_wire_set(&reading->out->wire, CLERK_WIRE_ORGANIZATIONS_LIMIT, text);
	return RH_OK;
}

/* Milliseconds, digits alone; absent: null, or no number. */
static struct rh_str milliseconds(const struct rh_json_node *node, rh_time *out)
{
	struct rh_str text =
		rh_json_type(node) == RH_JSON_NUMBER ? rh_json_text(node) : RH_STR_ABSENT;
	int64_t number = 0;

	if (text.ptr == NULL || !rh_str_to_i64(text, &number) || number < 0 ||
	    number > INT64_MAX / RH_MILLISECOND) {
		return RH_STR_ABSENT;
	}
	*out = number * RH_MILLISECOND;
	return text;
}

static int read_times(struct reading *reading)
{
	struct rh_observed *out = reading->out;
	rh_time legal = 0;
	struct rh_str created = milliseconds(reading->members[MEMBER_CREATED_AT], &out->created_at);
	struct rh_str accepted = milliseconds(reading->members[MEMBER_LEGAL_ACCEPTED_AT], &legal);

	(void)milliseconds(reading->members[MEMBER_LAST_SIGN_IN_AT], &out->last_sign_in_at);
	(void)milliseconds(reading->members[MEMBER_LAST_ACTIVE_AT], &out->last_active_at);
	if (!rh_arena_copy(reading->arena, created, &created) ||
	    !rh_arena_copy(reading->arena, accepted, &accepted)) {
		return RH_ENOMEM;
	}
	clerk_wire_set(&out->wire, CLERK_WIRE_CREATED_AT, created);
	clerk_wire_set(&out->wire, CLERK_WIRE_LEGAL_ACCEPTED_AT, accepted);
	return RH_OK;
}

static int read_metadata(struct reading *reading)
{
	static const struct {
		enum member member;
		enum clerk_wire_field field;
	} buckets[] = {
		{MEMBER_PUBLIC, CLERK_WIRE_PUBLIC},
		{MEMBER_PRIVATE, CLERK_WIRE_PRIVATE},
		{MEMBER_UNSAFE, CLERK_WIRE_UNSAFE},
	};

	for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
		struct rh_str text;
		int code = clerk_metadata_read(reading->members[buckets[i].member], reading->arena,
					       &text);

		if (code != RH_OK) {
			return code;
		}
		clerk_wire_set(&reading->out->wire, buckets[i].field, text);
	}
	return RH_OK;
}

/* ---- addresses and numbers ---------------------------------------------------------------------------------- */

static bool is_verified(const struct rh_json_node *item)
{
	return rh_str_is(rh_json_get_string(rh_json_get(item, "verification"), "status"),
			 "verified");
}

/* What the target holds may be older than our rules: a value that they refuse stays as it is.  Absent: no memory. */
static struct rh_str read_value(const struct reading *reading, const struct rh_json_node *item,
				bool is_email)
{
	struct rh_str text = rh_json_get_string(item, is_email ? "email_address" : "phone_number");
	struct rh_str value = RH_STR_ABSENT;
	const char *why;

	if (is_email && rh_normalise_email(reading->arena, text, &value, &why)) {
		return value;
	}
	return rh_str_lower(reading->arena, text);
}

static struct rh_str standing_of(const struct rh_json_node *item)
{
	if (!is_verified(item)) {
		return rh_str_from(rh_json_get_bool(item, "reserved", false) ? CLERK_RESERVED
									     : CLERK_UNVERIFIED);
	}
	return rh_str_from(rh_json_get_bool(item, "reserved_for_second_factor", false)
				   ? CLERK_SECOND_FACTOR
				   : CLERK_VERIFIED);
}

/* The date of a user comes with the create and is the source's; when their first address or number came to be is the
 * target's own knowledge, and tells whether it was we who made them (ledger.h, L10). */
static void note_listed(struct reading *reading, const struct rh_json_node *item)
{
	rh_time at = 0;

	if (milliseconds(rh_json_get(item, "created_at"), &at).ptr != NULL &&
	    (reading->first_listed_at == 0 || at < reading->first_listed_at)) {
		reading->first_listed_at = at;
	}
}

/* What can be looked up by; a number that nobody has proved, and that is not reserved, anybody else may have, too. */
static int add_other(struct reading *reading, enum rh_identifier_kind kind, struct rh_str value,
		     struct rh_str standing)
{
	struct rh_identifier *other = &reading->others[reading->out->other_count];

	if (kind == RH_IDENTIFIER_PHONE && rh_str_is(standing, CLERK_UNVERIFIED)) {
		return RH_OK;
	}
	other->kind = kind;
	if (!rh_normalise_key(reading->arena, value, &other->value)) {
		return RH_ENOMEM;
	}
	reading->out->other_count++;
	return RH_OK;
}

static int read_others(struct reading *reading)
{
	struct rh_observed *out = reading->out;
	struct rh_str username = out->wire.value[CLERK_WIRE_USERNAME];

	reading->others =
		rh_arena_calloc(reading->arena,
				rh_json_count(reading->members[MEMBER_EMAILS]) +
					rh_json_count(reading->members[MEMBER_PHONES]) + 1,
				sizeof(*reading->others));
	if (reading->others == NULL) {
		return RH_ENOMEM;
	}
	out->others = reading->others;
	return username.ptr != NULL
		       ? add_other(reading, RH_IDENTIFIER_USERNAME, username, RH_STR_ABSENT)
		       : RH_OK;
}

static int read_list(struct reading *reading, bool is_email)
{
	const struct rh_json_node *list =
		reading->members[is_email ? MEMBER_EMAILS : MEMBER_PHONES];
	struct rh_str primary = rh_json_string(reading->members[MEMBER_PRIMARY_EMAIL]);
	struct clerk_listed *listed =
		rh_arena_calloc(reading->arena, rh_json_count(list) + 1, sizeof(*listed));
	const struct rh_json_node *item = NULL;
	struct rh_str text = RH_STR_ABSENT;
	size_t count = 0;
	int code;

	if (listed == NULL) {
		return RH_ENOMEM;
	}
	while (rh_json_type(list) == RH_JSON_ARRAY &&
	       (item = rh_json_next(list, item, NULL)) != NULL) {
		struct rh_str value;

		if (!rh_str_is_set(rh_json_get_string(item, is_email ? "email_address"
								     : "phone_number"))) {
			continue;
		}
		note_listed(reading, item);
		value = read_value(reading, item, is_email);
		if (value.ptr == NULL) {
			return RH_ENOMEM;
		}
		if (is_email && rh_str_is_set(primary) &&
		    rh_str_eq(rh_json_get_string(item, "id"), primary)) {
			clerk_wire_set(&reading->out->wire, CLERK_WIRE_EMAIL, value);
		}
		listed[count++] = (struct clerk_listed){
			.value = value,
			.standing = standing_of(item),
		};
		code = add_other(reading, is_email ? RH_IDENTIFIER_EMAIL : RH_IDENTIFIER_PHONE,
				 value, listed[count - 1].standing);
		if (code != RH_OK) {
			return code;
		}
	}
	code = clerk_listed_write(listed, count, reading->arena, &text);
	clerk_wire_set(&reading->out->wire, is_email ? CLERK_WIRE_EMAILS : CLERK_WIRE_PHONES, text);
	return code;
}

static int read_user(struct reading *reading)
{
	struct rh_observed *out = reading->out;
	struct rh_str email;
	int code;

	if (!rh_arena_copy(reading->arena, rh_json_string(reading->members[MEMBER_ID]),
			   &out->target_id)) {
		return RH_ENOMEM;
	}
	code = read_texts(reading);
	read_flags(reading);
	code = code == RH_OK ? read_limit(reading) : code;
	code = code == RH_OK ? read_times(reading) : code;
	code = code == RH_OK ? read_others(reading) : code;
	code = code == RH_OK ? read_list(reading, true) : code;
	code = code == RH_OK ? read_list(reading, false) : code;
	code = code == RH_OK ? read_metadata(reading) : code;
	if (reading->first_listed_at > out->created_at) {
		out->created_at = reading->first_listed_at;
	}
	email = out->wire.value[CLERK_WIRE_EMAIL];
	if (code == RH_OK && email.ptr != NULL &&
	    !rh_normalise_key(reading->arena, email, &out->email)) {
		return RH_ENOMEM;
	}
	return code;
}

int clerk_observe(const void *instance, const struct rh_record *record, struct rh_arena *arena,
		  struct rh_observed *out, struct rh_err *err)
{
	struct rh_observed observed = {0};
	struct reading reading = {.arena = arena, .out = &observed};
	int code;

	(void)instance;
	if (rh_json_type(record->json) == RH_JSON_OBJECT) {
		rh_members_find(record->json, member_names, MEMBERS, reading.members);
	}
	if (!rh_str_is_set(rh_json_string(reading.members[MEMBER_ID])) ||
	    rh_json_type(reading.members[MEMBER_EMAILS]) != RH_JSON_ARRAY) {
		return rh_err_set(err, RH_EINPUT, "a record of the target is no user");
	}
	code = read_user(&reading);
	if (code != RH_OK) {
		return rh_err_set(err, code, "no memory for a user of the target");
	}
	*out = observed;
	return RH_OK;
}
