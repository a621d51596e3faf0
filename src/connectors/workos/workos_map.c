/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the canonical account to the body that creates a user, and back from a user to what can be compared.
 *
 * One body holds every field that a create takes, in one order, so that each person costs one write.  The
 * wire fields say what a later read will show, in the form in which `workos_observe` gives it; the password
 * is not among them, since the API never shows anything of it.
 */
#include "connectors/workos/workos.h"

#include "account/credential.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/external_id.h"
#include "connectors/members.h"

/* One account on its way. */
struct mapping {
	const struct workos *workos;
	const struct rh_account *account;
	const struct rh_mapping_policy *policy;
	struct rh_arena *arena;
	struct rh_finding_sink *findings;
	unsigned parts;
	bool is_blocked; /* goes without password and unverified, whatever the record says */
	const struct rh_identifier *email; /* the one that is sent; NULL: refused */
	bool keeps_source_id;              /* in metadata, as the external id is another */
	struct rh_wire *wire;
};

void workos_find(struct rh_finding_sink *findings, enum rh_finding_code code, struct rh_str path,
		 struct rh_str note)
{
	struct rh_finding finding = {.code = code, .path = path, .note = note};

	if (findings != NULL) {
		findings->add(findings, &finding);
	}
}

static void find(const struct mapping *mapping, enum rh_finding_code code, struct rh_str note)
{
	workos_find(mapping->findings, code, RH_STR_ABSENT, note);
}

/* Of the fields that WorkOS has: the others do not count. */
static void clear_wire(struct rh_wire *wire)
{
	wire->present = 0;
	for (size_t i = 0; i < WORKOS_FIELDS; i++) {
		wire->value[i] = RH_STR_ABSENT;
	}
}

static void set_field(struct rh_wire *wire, enum workos_field field, struct rh_str value)
{
	if (value.ptr != NULL) {
		wire->present |= 1U << field;
		wire->value[field] = value;
	}
}

static struct rh_str bool_text(bool value)
{
	return value ? RH_STR("true") : RH_STR("false");
}

/* ---- e-mail ------------------------------------------------------------------------------------------- */

static bool is_verified(const struct mapping *mapping, const struct rh_identifier *email)
{
	return email->is_verified && !email->is_reserved && !mapping->is_blocked;
}

/* The primary address, or where that is left out the first that is not. */
static const struct rh_identifier *choose_email(const struct mapping *mapping)
{
	const struct rh_account *account = mapping->account;
	const struct rh_identifier *best = NULL;

	for (size_t i = 0; i < account->identifier_count; i++) {
		const struct rh_identifier *email = &account->identifiers[i];

		if (email->kind != RH_IDENTIFIER_EMAIL || !rh_str_is_set(email->value) ||
		    (mapping->policy->unverified == RH_UNVERIFIED_DROP &&
		     !is_verified(mapping, email))) {
			continue;
		}
		if (email->is_primary) {
			return email;
		}
		best = best != NULL ? best : email;
	}
	return best;
}

static void map_email(struct mapping *mapping)
{
	const struct rh_identifier *email = choose_email(mapping);
	bool verified;

	if (email == NULL) {
		find(mapping, RH_FINDING_EMAIL_REQUIRED, RH_STR_ABSENT);
		return;
	}
	verified = is_verified(mapping, email);
	if (!verified && mapping->policy->unverified == RH_UNVERIFIED_REJECT) {
		find(mapping, RH_FINDING_EMAIL_UNVERIFIED_REJECTED, RH_STR_ABSENT);
		return;
	}
	if (!verified) {
		find(mapping, RH_FINDING_EMAIL_UNVERIFIED, RH_STR_ABSENT);
	}
	mapping->email = email;
	set_field(mapping->wire, WORKOS_FIELD_EMAIL, email->value);
	set_field(mapping->wire, WORKOS_FIELD_EMAIL_VERIFIED, bool_text(verified));
}

/* ---- names --------------------------------------------------------------------------------------------- */

static struct rh_str set_or_absent(struct rh_str text)
{
	return rh_str_is_set(text) ? text : RH_STR_ABSENT;
}

/* A display name alone is cut at its last blank; one word is the first name. */
static void cut_name(struct rh_str full, struct rh_str *first, struct rh_str *last)
{
	size_t cut;

	full = rh_str_trim(full);
	cut = full.len;
	while (cut > 0 && full.ptr[cut - 1] != ' ') {
		cut--;
	}
	*first = set_or_absent(rh_str_trim(rh_str_sub(full, 0, cut > 0 ? cut - 1 : full.len)));
	*last = cut > 0 ? set_or_absent(rh_str_sub(full, cut, full.len)) : RH_STR_ABSENT;
}

static struct rh_str take_name(struct mapping *mapping, struct rh_str name, const char *which)
{
	if (name.len > WORKOS_NAME_MAX) {
		find(mapping, RH_FINDING_NAME_DROPPED, rh_str_from(which));
		return RH_STR_ABSENT;
	}
	return set_or_absent(name);
}

static void map_names(struct mapping *mapping)
{
	const struct rh_account *account = mapping->account;
	struct rh_str first = take_name(mapping, account->first_name, "first");
	struct rh_str last = take_name(mapping, account->last_name, "last");
	struct rh_str full = take_name(mapping, account->full_name, "full");

	if (first.ptr == NULL && last.ptr == NULL && full.ptr != NULL) {
		cut_name(full, &first, &last);
	}
	set_field(mapping->wire, WORKOS_FIELD_FIRST_NAME, first);
	set_field(mapping->wire, WORKOS_FIELD_LAST_NAME, last);
	set_field(mapping->wire, WORKOS_FIELD_NAME, full);
}

/* ---- external id --------------------------------------------------------------------------------------- */

static int map_external_id(struct mapping *mapping)
{
	struct rh_str id = RH_STR_ABSENT;
	int code = rh_external_id_choose(mapping->account, mapping->policy, mapping->arena,
					 mapping->findings, &id, &mapping->keeps_source_id);

	if (code != RH_OK || !rh_str_is_set(id) || (mapping->parts & RH_PART_EXTERNAL_ID) == 0) {
		return code;
	}
	if (id.len > WORKOS_EXTERNAL_ID_MAX || !rh_str_is_ascii(id)) {
		id = rh_external_id_digest(mapping->arena, id);
		if (id.ptr == NULL) {
			return RH_ENOMEM;
		}
		find(mapping, RH_FINDING_EXTERNAL_ID_REPLACED, RH_STR_ABSENT);
	}
	if (id.len > WORKOS_EXTERNAL_ID_PROSE) {
		find(mapping, RH_FINDING_METADATA_BEYOND_PROSE, RH_STR("external-id"));
	}
	set_field(mapping->wire, WORKOS_FIELD_EXTERNAL_ID, id);
	return RH_OK;
}

/* ---- metadata and password ------------------------------------------------------------------------------ */

static int map_metadata(struct mapping *mapping)
{
	struct workos_metadata_input input = {
		.workos = mapping->workos,
		.account = mapping->account,
		.sent_email = mapping->email != NULL ? mapping->email->value : RH_STR_ABSENT,
		.source_id = mapping->keeps_source_id ? mapping->account->source_id : RH_STR_ABSENT,
		.findings = mapping->findings,
		.is_glance = mapping->policy->is_glance,
	};
	struct rh_str text = RH_STR_ABSENT;
	int code;

	if ((mapping->parts & RH_PART_METADATA) == 0) {
		return RH_OK;
	}
	code = workos_metadata_write(&input, mapping->arena, &text);
	if (code == RH_OK) {
		set_field(mapping->wire, WORKOS_FIELD_METADATA, text);
	}
	return code;
}

/* A blocked account never gets its password, so nothing is said about it. */
static bool may_have_password(const struct rh_account *account)
{
	return account->credential.state == RH_CREDENTIAL_PRESENT &&
	       !rh_account_is_blocked(account);
}

static bool sends_password(const struct workos *workos, const struct rh_account *account,
			   unsigned parts)
{
	return (parts & RH_PART_CREDENTIAL) != 0 && may_have_password(account) &&
	       workos_hash_obstacle(workos, &account->credential) == 0;
}

int workos_password_put(const struct workos *workos, const struct rh_account *account,
			unsigned parts, struct rh_json_writer *writer)
{
	return sends_password(workos, account, parts)
		       ? workos_hash_put(workos, &account->credential, writer)
		       : RH_OK;
}

static void assess_password(const struct mapping *mapping)
{
	const struct rh_credential *credential = &mapping->account->credential;
	struct rh_str scheme = rh_str_from(rh_scheme_name(credential->scheme));
	enum rh_finding_code obstacle;

	if (!may_have_password(mapping->account)) {
		return;
	}
	obstacle = workos_hash_obstacle(mapping->workos, credential);
	if (obstacle != 0) {
		find(mapping, obstacle, scheme);
	} else if (sends_password(mapping->workos, mapping->account, mapping->parts) &&
		   workos_hash_is_unproven(credential)) {
		find(mapping, RH_FINDING_HASH_UNPROVEN, scheme);
	}
}

/* ---- the body -------------------------------------------------------------------------------------------- */

const char *const workos_wire_fields[WORKOS_FIELDS + 1] = {
	[WORKOS_FIELD_EMAIL] = "email",
	[WORKOS_FIELD_FIRST_NAME] = "first_name",
	[WORKOS_FIELD_LAST_NAME] = "last_name",
	[WORKOS_FIELD_NAME] = "name",
	[WORKOS_FIELD_EMAIL_VERIFIED] = "email_verified",
	[WORKOS_FIELD_EXTERNAL_ID] = "external_id",
	[WORKOS_FIELD_METADATA] = "metadata",
};

static int write_body(const struct mapping *mapping, struct rh_buf *body)
{
	struct rh_json_writer writer;
	int code;

	rh_json_writer_init(&writer, body);
	rh_json_begin_object(&writer);
	for (int i = 0; i < WORKOS_FIELDS; i++) {
		if ((mapping->wire->present & (1U << i)) == 0) {
			continue;
		}
		rh_json_key(&writer, workos_wire_fields[i]);
		if (i == WORKOS_FIELD_EMAIL_VERIFIED || i == WORKOS_FIELD_METADATA) {
			rh_json_put_raw(&writer, mapping->wire->value[i]);
		} else {
			rh_json_put_string(&writer, mapping->wire->value[i]);
		}
	}
	code = workos_password_put(mapping->workos, mapping->account, mapping->parts, &writer);
	rh_json_end_object(&writer);
	return code != RH_OK ? code : body->failed;
}

/* As many parameters as the interface has. */
/* NOLINTNEXTLINE(readability-function-size) */
int workos_to_wire(const void *instance, const struct rh_account *account,
		   const struct rh_mapping_policy *policy, unsigned parts, struct rh_arena *arena,
		   struct rh_finding_sink *findings, struct rh_buf *body, struct rh_wire *out,
		   struct rh_err *err)
{
	struct mapping mapping = {
		.workos = instance,
		.account = account,
		.policy = policy,
		.arena = arena,
		.findings = findings,
		.parts = parts,
		.is_blocked = rh_account_is_blocked(account),
		.wire = out,
	};
	int code;

	clear_wire(out);
	map_email(&mapping);
	map_names(&mapping);
	code = map_external_id(&mapping);
	if (code == RH_OK) {
		code = map_metadata(&mapping);
	}
	assess_password(&mapping);
	workos_find_losses(mapping.workos, account, out->value[WORKOS_FIELD_EMAIL], arena,
			   findings);
	if (code == RH_OK && body != NULL && mapping.email != NULL) {
		code = write_body(&mapping, body);
	}
	if (code != RH_OK) {
		clear_wire(out);
		return rh_err_set(err, code, "an account does not fit into a request");
	}
	return RH_OK;
}

/* Metadata may turn out to be nothing: a bucket of nulls, or the policy for the external id. */
unsigned workos_parts(const void *instance, const struct rh_account *account)
{
	const struct workos *workos = instance;
	unsigned parts = RH_PART_IDENTITY | RH_PART_EXTERNAL_ID;
	bool has_more = workos->sends_other_identifiers && account->identifier_count > 1;

	if (workos_metadata_is_set(account, RH_METADATA_PUBLIC) ||
	    (workos->sends_unsafe_metadata &&
	     workos_metadata_is_set(account, RH_METADATA_UNSAFE)) ||
	    rh_str_is_set(account->external_id) || has_more) {
		parts |= RH_PART_METADATA;
	}
	if (may_have_password(account) && workos_hash_obstacle(workos, &account->credential) == 0) {
		parts |= RH_PART_CREDENTIAL;
	}
	return parts;
}

/* ---- reading back ------------------------------------------------------------------------------------------ */

enum member {
	MEMBER_ID,
	MEMBER_EMAIL,
	MEMBER_EMAIL_VERIFIED,
	MEMBER_FIRST_NAME,
	MEMBER_LAST_NAME,
	MEMBER_NAME,
	MEMBER_EXTERNAL_ID,
	MEMBER_METADATA,
	MEMBER_LAST_SIGN_IN_AT,
	MEMBER_CREATED_AT,
	MEMBERS,
};

/* In the order of the API's answers, in which a search goes on where the last one ended. */
static const struct rh_str member_names[MEMBERS] = {
	[MEMBER_ID] = RH_STR("id"),
	[MEMBER_EMAIL] = RH_STR("email"),
	[MEMBER_EMAIL_VERIFIED] = RH_STR("email_verified"),
	[MEMBER_FIRST_NAME] = RH_STR("first_name"),
	[MEMBER_LAST_NAME] = RH_STR("last_name"),
	[MEMBER_NAME] = RH_STR("name"),
	[MEMBER_EXTERNAL_ID] = RH_STR("external_id"),
	[MEMBER_METADATA] = RH_STR("metadata"),
	[MEMBER_LAST_SIGN_IN_AT] = RH_STR("last_sign_in_at"),
	[MEMBER_CREATED_AT] = RH_STR("created_at"),
};

/* A text, absent when empty; false: memory out. */
static bool read_text(const struct rh_json_node *member, struct rh_arena *arena, struct rh_str *out)
{
	return rh_arena_copy(arena, set_or_absent(rh_json_string(member)), out);
}

static rh_time read_time(const struct rh_json_node *member)
{
	rh_time time = 0;

	return rh_time_parse(rh_json_string(member), &time) ? time : 0;
}

/* What the target holds may be older than our rules: an address that they refuse stays as it is. */
static bool read_email(const struct rh_json_node *member, struct rh_arena *arena,
		       struct rh_observed *observed)
{
	struct rh_str text = RH_STR_ABSENT;
	struct rh_str email;
	struct rh_str key = RH_STR_ABSENT;
	const char *why;

	if (!read_text(member, arena, &text)) {
		return false;
	}
	if (text.ptr == NULL) {
		return true;
	}
	email = text;
	if (!rh_normalise_email(arena, text, &email, &why)) {
		email = rh_str_lower(arena, text);
	}
	if (email.ptr == NULL || !rh_normalise_key(arena, email, &key)) {
		return false;
	}
	set_field(&observed->wire, WORKOS_FIELD_EMAIL, email);
	observed->email = key;
	return true;
}

static int observe_user(const struct rh_json_node *const members[static MEMBERS],
			struct rh_arena *arena, struct rh_observed *observed)
{
	static const struct {
		enum member member;
		enum workos_field field;
	} texts[] = {
		{MEMBER_FIRST_NAME, WORKOS_FIELD_FIRST_NAME},
		{MEMBER_LAST_NAME, WORKOS_FIELD_LAST_NAME},
		{MEMBER_NAME, WORKOS_FIELD_NAME},
		{MEMBER_EXTERNAL_ID, WORKOS_FIELD_EXTERNAL_ID},
	};
	enum rh_json_type verified = rh_json_type(members[MEMBER_EMAIL_VERIFIED]);
	struct rh_str text = RH_STR_ABSENT;
	int code;

	if (!read_text(members[MEMBER_ID], arena, &observed->target_id) ||
	    !read_email(members[MEMBER_EMAIL], arena, observed)) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!read_text(members[texts[i].member], arena, &text)) {
			return RH_ENOMEM;
		}
		set_field(&observed->wire, texts[i].field, text);
	}
	observed->external_id = observed->wire.value[WORKOS_FIELD_EXTERNAL_ID];
	if (verified == RH_JSON_TRUE || verified == RH_JSON_FALSE) {
		set_field(&observed->wire, WORKOS_FIELD_EMAIL_VERIFIED,
			  bool_text(verified == RH_JSON_TRUE));
	}
	code = workos_metadata_read(members[MEMBER_METADATA], arena, &text);
	if (code != RH_OK) {
		return code;
	}
	set_field(&observed->wire, WORKOS_FIELD_METADATA, text);
	observed->created_at = read_time(members[MEMBER_CREATED_AT]);
	observed->last_sign_in_at = read_time(members[MEMBER_LAST_SIGN_IN_AT]);
	return RH_OK;
}

int workos_observe(const void *instance, const struct rh_record *record, struct rh_arena *arena,
		   struct rh_observed *out, struct rh_err *err)
{
	const struct rh_json_node *members[MEMBERS] = {NULL};
	struct rh_observed observed = {0};
	int code;

	(void)instance;
	if (rh_json_type(record->json) == RH_JSON_OBJECT) {
		rh_members_find(record->json, member_names, MEMBERS, members);
	}
	if (!rh_str_is_set(rh_json_string(members[MEMBER_ID])) ||
	    !rh_str_is_set(rh_json_string(members[MEMBER_EMAIL]))) {
		(void)rh_err_set(
			err, RH_EINPUT,
			"the target answers users without what identifies them: no id, or no "
			"e-mail address");
		rh_err_hint(
			err,
			"Is the API address right, and does something between here and the target "
			"keep personal data back?");
		return RH_EINPUT;
	}
	code = observe_user(members, arena, &observed);
	if (code != RH_OK) {
		return rh_err_set(err, code, "no memory for a user of the target");
	}
	*out = observed;
	return RH_OK;
}
