/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a record of Auth0 to the canonical account: what the documents (auth0_users.json, auth0_hashes.json) do not say.
 *
 *  1. The export job's CSV puts an apostrophe before every text, so that no spreadsheet computes it.  A row in which
 *     the id has one is of that job: one is taken off each cell.
 *  2. identities[0] is the primary one.  Its address is that of the account, the others have theirs beside them.
 *     What is no sign-in at somebody else's (auth0, email, sms) is no link.
 *  3. A name that is the address, a nickname that is its local part, a picture by gravatar were made by Auth0 itself
 *     when nobody gave any: they are none.
 *  4. A user of a database has a password, whether or not the file has its hash.
 *  5. The support's file names users by the number of their database record; "auth0|" before it makes it their id. Which
 *     of its hashes is whose, and which is too old, stands in auth0_join.c.
 */
#include "connectors/auth0/auth0.h"

#include <string.h>
#include <strings.h>

#include "account/builder.h"
#include "account/credential.h"
#include "account/metadata.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/mapped.h"

#define DATABASE "auth0|"

static void find_out(struct rh_finding_sink *findings, enum rh_finding_code code, const char *path,
		     const char *note)
{
	const struct rh_finding finding = {
		.code = code,
		.path = rh_str_from(path),
		.note = rh_str_from(note),
	};

	if (findings != NULL) {
		findings->add(findings, &finding);
	}
}

/* ---- links to other providers ---------------------------------------------------------------------------- */

static bool is_one_of(struct rh_str text, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is(text, words[i])) {
			return true;
		}
	}
	return false;
}

/* One entry of identities, in JSON or in cells. */
struct entry {
	struct rh_str provider;
	struct rh_str subject;
	struct rh_str email;
	bool is_verified;
};

static bool is_database(struct rh_str provider)
{
	return rh_str_is(provider, "auth0");
}

static int take_entry(struct rh_builder *builder, const struct entry *entry)
{
	static const char *const none[] = {"auth0", "email", "sms", NULL};
	static const char *const enterprise[] = {
		"ad",   "adfs",     "auth0-adldap", "auth0-oidc", "google-apps",
		"oidc", "okta",     "pingfederate", "samlp",      "sharepoint",
		"waad", "azure-ad", NULL,
	};
	struct rh_identity identity = {
		.is_enterprise = is_one_of(entry->provider, enterprise),
	};
	const char *why = NULL;

	if (!rh_str_is_set(entry->provider) || is_one_of(entry->provider, none)) {
		return RH_OK;
	}
	if (!rh_arena_copy(builder->arena, entry->provider, &identity.provider) ||
	    !rh_arena_copy(builder->arena, entry->subject, &identity.subject)) {
		return RH_ENOMEM;
	}
	if (rh_str_is_set(entry->email) &&
	    rh_normalise_email(builder->arena, entry->email, &identity.email, &why)) {
		identity.email_verified = entry->is_verified;
	}
	return rh_builder_add_identity(builder, &identity);
}

/* 2: what the first entry does not say itself. */
static void take_own_email(const struct rh_account *account, struct entry *entry)
{
	const struct rh_identifier *email = rh_account_primary(account, RH_IDENTIFIER_EMAIL);

	if (email != NULL && !rh_str_is_set(entry->email)) {
		entry->email = email->value;
		entry->is_verified = email->is_verified;
	}
}

static int take_nodes(struct rh_builder *builder, const struct rh_json_node *list)
{
	const struct rh_json_node *node = NULL;
	bool is_first = true;
	int code = RH_OK;

	while (code == RH_OK && (node = rh_json_next(list, node, NULL)) != NULL) {
		const struct rh_json_node *profile = rh_json_get(node, "profileData");
		struct entry entry = {
			.provider = mapped_member(node, "provider"),
			.subject = mapped_member(node, "user_id"),
			.email = mapped_member(profile, "email"),
			.is_verified = mapped_is_true(mapped_member(profile, "email_verified")),
		};
		if (is_first) {
			take_own_email(builder->account, &entry);
		}
		is_first = false;
		code = take_entry(builder, &entry);
	}
	return code;
}

size_t auth0_entry_of(struct rh_str column, struct rh_str list, struct rh_str *member)
{
	struct rh_str behind = rh_str_sub(column, list.len, SIZE_MAX);

	if (behind.len < sizeof("[0]") - 1 || behind.ptr[0] != '[' || behind.ptr[1] < '0' ||
	    behind.ptr[1] > '9' || behind.ptr[2] != ']' ||
	    memcmp(column.ptr, list.ptr, list.len) != 0) {
		return AUTH0_CELLS_MAX;
	}
	*member = rh_str_sub(behind, sizeof("[0]") - 1, SIZE_MAX);
	return (size_t)(behind.ptr[1] - '0');
}

static int take_cells(struct rh_builder *builder, const struct rh_record *record)
{
	struct entry entries[AUTH0_CELLS_MAX] = {0};
	int code = RH_OK;

	for (size_t i = 0; i < record->columns->count; i++) {
		struct rh_str member;
		size_t number =
			auth0_entry_of(record->columns->names[i], RH_STR("identities"), &member);

		if (number == AUTH0_CELLS_MAX) {
			continue;
		}
		if (rh_str_is(member, ".provider")) {
			entries[number].provider = record->cells[i];
		} else if (rh_str_is(member, ".user_id")) {
			entries[number].subject = record->cells[i];
		} else if (rh_str_is(member, ".profileData.email")) {
			entries[number].email = record->cells[i];
		} else if (rh_str_is(member, ".profileData.email_verified")) {
			entries[number].is_verified = mapped_is_true(record->cells[i]);
		}
	}
	take_own_email(builder->account, &entries[0]);
	for (size_t i = 0; i < AUTH0_CELLS_MAX && code == RH_OK; i++) {
		code = take_entry(builder, &entries[i]);
	}
	return code;
}

/* "google-oauth2|1035…" says it as well, "samlp|connection|id" too. */
static int take_id(struct rh_builder *builder)
{
	struct rh_str rest = builder->account->source_id;
	struct entry entry = {.provider = rh_str_cut(&rest, '|'), .subject = rest};

	if (builder->account->identity_count > 0 || !rh_str_is_set(rest)) {
		return RH_OK;
	}
	take_own_email(builder->account, &entry);
	return take_entry(builder, &entry);
}

/* ---- second factors -------------------------------------------------------------------------------------- */

static int take_factor(struct rh_builder *builder, struct rh_str name)
{
	static const char *const messages[] = {"sms", "phone", NULL};
	static const char *const codes[] = {"recovery-code", "recovery", NULL};
	static const char *const keys[] = {"webauthn-roaming", "webauthn-platform", "passkey",
					   NULL};
	static const char *const mails[] = {"email", NULL};
	struct rh_factor factor = {.kind = RH_FACTOR_TOTP};

	if (!rh_str_is_set(name) || is_one_of(name, mails)) {
		return RH_OK;
	}
	if (is_one_of(name, messages)) {
		factor.kind = RH_FACTOR_SMS;
	} else if (is_one_of(name, codes)) {
		factor.kind = RH_FACTOR_BACKUP_CODES;
	} else if (is_one_of(name, keys)) {
		factor.kind = RH_FACTOR_PASSKEY;
	}
	return rh_builder_add_factor(builder, &factor);
}

/* Names of what is enrolled; their secrets stand in no export. */
static int take_enrolled(struct rh_builder *builder, const struct rh_record *record)
{
	const struct rh_json_node *list;
	const struct rh_json_node *node = NULL;
	struct rh_str cells[AUTH0_CELLS_MAX] = {0};
	struct rh_str member;
	int code = RH_OK;

	if (record->json == NULL) {
		for (size_t i = 0; i < record->columns->count; i++) {
			size_t number = auth0_entry_of(record->columns->names[i],
						       RH_STR("multifactor"), &member);
			if (number < AUTH0_CELLS_MAX && member.len == 0) {
				cells[number] = record->cells[i];
			}
		}
		for (size_t i = 0; i < AUTH0_CELLS_MAX && code == RH_OK; i++) {
			code = take_factor(builder, cells[i]);
		}
		return code;
	}
	list = mapped_value(record, "multifactor").node;
	while (code == RH_OK && (node = rh_json_next(list, node, NULL)) != NULL) {
		code = take_factor(builder, rh_json_text(node));
	}
	return code;
}

/* As files for the import job have them. */
static int take_made(struct rh_builder *builder, const struct rh_record *record,
		     struct rh_finding_sink *findings)
{
	const struct rh_json_node *list = mapped_value(record, "mfa_factors").node;
	const struct rh_json_node *node = NULL;
	int code = RH_OK;

	while (code == RH_OK && (node = rh_json_next(list, node, NULL)) != NULL) {
		struct rh_factor factor = {.kind = RH_FACTOR_TOTP};
		struct rh_str secret = mapped_member(rh_json_get(node, "totp"), "secret");
		struct rh_str phone = mapped_member(rh_json_get(node, "phone"), "value");
		const char *why = NULL;

		if (rh_str_is_set(phone)) {
			factor.kind = RH_FACTOR_SMS;
			(void)rh_normalise_phone(builder->arena, phone, &factor.phone, &why);
		} else if (!rh_str_is_set(secret)) {
			continue;
		} else if (rh_normalise_totp(builder->arena, secret, &factor.secret, &why)) {
			factor.has_secret = true;
		} else {
			find_out(findings, RH_FINDING_TOTP_INVALID, "mfa_factors", why);
		}
		code = rh_builder_add_factor(builder, &factor);
	}
	return code;
}

int auth0_complete_user(const void *instance, const struct rh_record *record,
			const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
			struct rh_builder *builder)
{
	int code = record->json != NULL
			   ? take_nodes(builder, rh_json_get(record->json, "identities"))
			   : take_cells(builder, record);

	(void)instance;
	(void)policy;
	if (code == RH_OK) {
		code = take_id(builder);
	}
	if (code == RH_OK) {
		code = take_enrolled(builder, record);
	}
	return code == RH_OK ? take_made(builder, record, findings) : code;
}

/* ---- the support's file ------------------------------------------------------------------------------------ */

int auth0_complete_hash(const void *instance, const struct rh_record *record,
			const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
			struct rh_builder *builder)
{
	struct rh_account *account = builder->account;
	const struct rh_json_node *list = mapped_value(record, "identifiers").node;
	const struct rh_json_node *node = NULL;
	int code = RH_OK;

	(void)instance;
	(void)policy;
	(void)findings;
	/* 5 */
	if (rh_str_is_set(account->source_id) && !rh_str_starts(account->source_id, DATABASE)) {
		account->source_id = rh_arena_printf(builder->arena, DATABASE "%.*s",
						     RH_STR_ARG(account->source_id));
		code = account->source_id.ptr != NULL ? RH_OK : RH_ENOMEM;
	}
	while (code == RH_OK && rh_account_count(account, RH_IDENTIFIER_USERNAME) == 0 &&
	       (node = rh_json_next(list, node, NULL)) != NULL) {
		struct rh_identifier username = {
			.kind = RH_IDENTIFIER_USERNAME,
			.is_primary = true,
		};
		struct rh_str value = mapped_member(node, "value");

		if (rh_str_is(mapped_member(node, "type"), "username") && rh_str_is_set(value)) {
			code = rh_arena_copy(builder->arena, value, &username.value)
				       ? rh_builder_add_identifier(builder, &username)
				       : RH_ENOMEM;
		}
	}
	return code;
}

/* ---- what Auth0 made itself ------------------------------------------------------------------------------ */

/* But for the case of ASCII letters. */
static bool is_same(struct rh_str one, struct rh_str other)
{
	return one.len == other.len && one.len > 0 && strncasecmp(one.ptr, other.ptr, one.len) == 0;
}

/* 3 */
static void drop_defaults(struct rh_account *account)
{
	struct rh_str picture = account->image_url;

	for (size_t i = 0; i < account->identifier_count; i++) {
		if (!is_same(account->full_name, account->identifiers[i].value)) {
			continue;
		}
		if (rh_str_eq(account->first_name, account->full_name)) {
			account->first_name = RH_STR_ABSENT;
		}
		account->full_name = RH_STR_ABSENT;
	}
	if (picture.ptr != NULL &&
	    (memmem(picture.ptr, picture.len, "gravatar.com/", 13) != NULL ||
	     memmem(picture.ptr, picture.len, "cdn.auth0.com/", 14) != NULL)) {
		account->image_url = RH_STR_ABSENT;
	}
}

/* A nickname that the person has chosen. */
static struct rh_str nickname_of(const struct rh_record *record, const struct rh_account *account)
{
	const struct rh_identifier *email = rh_account_primary(account, RH_IDENTIFIER_EMAIL);
	struct rh_str nickname = mapped_text(record, "nickname");
	struct rh_str local = email != NULL ? email->value : RH_STR_ABSENT;

	local = rh_str_sub(local, 0, (size_t)(rh_str_index(local, '@') + 1));
	local.len -= local.len > 0;
	return is_same(nickname, local) || !rh_str_is_set(nickname) ? RH_STR_ABSENT : nickname;
}

/* Columns "user_metadata.theme" and the like, as one object. */
static void put_columns(struct rh_json_writer *writer, const struct rh_record *record,
			const char *prefix)
{
	const struct rh_columns *columns = record->columns;
	size_t len = strlen(prefix);

	for (size_t i = 0; record->json == NULL && i < columns->count; i++) {
		if (rh_str_starts(columns->names[i], prefix) && rh_str_is_set(record->cells[i])) {
			rh_json_key_str(writer, rh_str_sub(columns->names[i], len, SIZE_MAX));
			rh_json_put_string(writer, record->cells[i]);
		}
	}
}

static int add_metadata(const struct rh_record *record, const char *prefix, struct rh_str nickname,
			struct rh_arena *arena, struct rh_str *out)
{
	rh_autobuf made = {0};
	struct rh_json_writer writer;

	if (record->json != NULL && nickname.ptr == NULL) {
		return RH_OK;
	}
	rh_buf_init(&made, (size_t)RH_RECORD_MAX * 6);
	rh_json_writer_init(&writer, &made);
	rh_json_begin_object(&writer);
	put_columns(&writer, record, prefix);
	if (nickname.ptr != NULL) {
		rh_json_member(&writer, "nickname", nickname);
	}
	rh_json_end_object(&writer);
	if (made.failed != 0) {
		return RH_ENOMEM;
	}
	if (made.len <= sizeof("{}") - 1) {
		return RH_OK;
	}
	return rh_metadata_merge(arena, rh_buf_str(&made), *out, out);
}

static int map_metadata(const struct rh_record *record, struct rh_arena *arena,
			struct rh_account *account)
{
	struct rh_str nickname = nickname_of(record, account);
	int code = add_metadata(record, "user_metadata.", nickname, arena,
				&account->metadata[RH_METADATA_UNSAFE]);

	return code == RH_OK ? add_metadata(record, "app_metadata.", RH_STR_ABSENT, arena,
					    &account->metadata[RH_METADATA_PRIVATE])
			     : code;
}

/* ---- the password ---------------------------------------------------------------------------------------- */

static bool has_database(const struct rh_record *record, struct rh_str source_id)
{
	const struct rh_json_node *list = mapped_value(record, "identities").node;
	const struct rh_json_node *node = NULL;

	while ((node = rh_json_next(list, node, NULL)) != NULL) {
		if (is_database(mapped_member(node, "provider"))) {
			return true;
		}
	}
	return rh_str_starts(source_id, DATABASE);
}

static int map_password(const struct rh_record *record, struct rh_arena *arena,
			struct rh_finding_sink *findings, struct rh_account *account)
{
	struct rh_credential *credential = &account->credential;
	const struct rh_json_node *custom = mapped_value(record, "custom_password_hash").node;
	const char *why = NULL;
	int code = RH_OK;

	if (credential->state != RH_CREDENTIAL_ABSENT) {
		return RH_OK;
	}
	if (custom != NULL) {
		code = auth0_read_custom_hash(custom, arena, credential, &why);
		enum rh_finding_code finding = rh_credential_finding(credential->state);
		if (code == RH_OK && finding != 0) {
			find_out(findings, finding, "custom_password_hash", why);
		}
	} else if (has_database(record, account->source_id)) {
		credential->state = RH_CREDENTIAL_NOT_EXPORTED; /* 4 */
		find_out(findings, RH_FINDING_HASH_NOT_EXPORTED, "user_id", NULL);
	}
	return code;
}

/* ---- the whole ------------------------------------------------------------------------------------------- */

/* 1: the same row without the apostrophes; absent memory gives RH_ENOMEM. */
static int take_apostrophes(const struct rh_record *record, struct rh_arena *arena,
			    struct rh_record *out)
{
	const struct rh_columns *columns = record->columns;
	struct rh_str *cells;

	*out = *record;
	if (record->json != NULL || columns == NULL || record->cells == NULL ||
	    !rh_str_starts(mapped_text(record, "user_id"), "'")) {
		return RH_OK;
	}
	cells = rh_arena_calloc(arena, columns->count, sizeof(*cells));
	if (cells == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < columns->count; i++) {
		struct rh_str cell = record->cells[i];
		cell = rh_str_starts(cell, "'") ? rh_str_sub(cell, 1, SIZE_MAX) : cell;
		cells[i] = cell.len > 0 ? cell : RH_STR_ABSENT;
	}
	out->cells = cells;
	return RH_OK;
}

/* A hash of the support's that is older than the person's password. */
static void drop_stale(const struct auth0_instance *auth0, const struct rh_record *record,
		       struct rh_finding_sink *findings, struct rh_account *account)
{
	if (auth0->stale == AUTH0_STALE_DROP && record->joined_to != NULL &&
	    account->credential.state == RH_CREDENTIAL_PRESENT &&
	    auth0_is_stale(record->joined_to, record)) {
		account->credential = (struct rh_credential){.state = RH_CREDENTIAL_NOT_EXPORTED};
		find_out(findings, RH_FINDING_HASH_STALE, "password_set_date", NULL);
	}
}

/* The parameters are the interface's. */
/* NOLINTNEXTLINE(readability-function-size) */
int auth0_from_record(const void *instance, const struct rh_record *record,
		      const struct rh_mapping_policy *policy, struct rh_arena *arena,
		      struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err)
{
	struct rh_record plain;
	int code = take_apostrophes(record, arena, &plain);

	*out = (struct rh_account){0};
	if (code != RH_OK) {
		return rh_err_set(err, code, "no memory for a record");
	}
	code = mapped_from_record(instance, &plain, policy, arena, findings, out, err);
	if (code == RH_OK && record->shape == AUTH0_SHAPE_HASHES) {
		drop_stale(instance, record, findings, out);
	}
	if (code != RH_OK || record->shape == AUTH0_SHAPE_HASHES ||
	    (record->json != NULL && rh_json_type(record->json) != RH_JSON_OBJECT)) {
		return code;
	}
	if (auth0_count_databases(record) > 1) {
		find_out(findings, RH_FINDING_HASH_OF_SEVERAL, "identities", NULL);
	}
	drop_defaults(out);
	code = map_metadata(&plain, arena, out);
	if (code == RH_OK) {
		code = map_password(&plain, arena, findings, out);
	}
	if (code == RH_EINPUT) { /* what is no object was told already */
		code = RH_OK;
	}
	return code == RH_OK ? RH_OK : rh_err_set(err, code, "no memory for a record");
}
