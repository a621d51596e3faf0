/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tables in the mapping documents cannot say of Supabase's rows.
 *
 *  1. `providers` in the app's metadata names the social sign-ins; a row of auth.identities says more of one, and then
 *     counts alone.  Supabase links by address, so the account's own address stands for what is not there.
 *  2. Somebody of an SSO connection has an enterprise identity, whether or not the file has its row.
 *  3. Second factors count once they are verified: one that was begun and never finished protects nobody.
 *  4. Cells that stand under other columns are no record: a moment in the place of a phone number is certain alone, two
 *     cells of the wrong kind are together.
 *  5. Quotes of JSON in a cell may have been escaped twice, \"" for "; that is undone where the result is JSON.
 */
#include <stdio.h>

#include "account/builder.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_node.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/mapped.h"
#include "connectors/supabase/supabase.h"

static void report(struct rh_finding_sink *findings, enum rh_finding_code code, const char *path,
		   const char *note)
{
	if (findings != NULL) {
		findings->add(findings, &(struct rh_finding){
						.code = code,
						.path = rh_str_from(path),
						.note = rh_str_from(note),
					});
	}
}

/* What the hook for a user looks at: found in one walk over the record. */
enum user_value {
	USER_CREATED,
	USER_EMAIL,
	USER_PHONE,
	USER_IS_SSO,
	USER_IS_ANONYMOUS,
	USER_IS_ADMIN,
	USER_RAW_METADATA,
	USER_METADATA,
	USER_FACTORS,
	USER_VALUES,
};

static const struct rh_str user_names[USER_VALUES] = {
	[USER_CREATED] = {.ptr = "created_at", .len = sizeof("created_at") - 1},
	[USER_EMAIL] = {.ptr = "email", .len = sizeof("email") - 1},
	[USER_PHONE] = {.ptr = "phone", .len = sizeof("phone") - 1},
	[USER_IS_SSO] = {.ptr = "is_sso_user", .len = sizeof("is_sso_user") - 1},
	[USER_IS_ANONYMOUS] = {.ptr = "is_anonymous", .len = sizeof("is_anonymous") - 1},
	[USER_IS_ADMIN] = {.ptr = "is_super_admin", .len = sizeof("is_super_admin") - 1},
	[USER_RAW_METADATA] = {.ptr = "raw_app_meta_data", .len = sizeof("raw_app_meta_data") - 1},
	[USER_METADATA] = {.ptr = "app_metadata", .len = sizeof("app_metadata") - 1},
	[USER_FACTORS] = {.ptr = "factors", .len = sizeof("factors") - 1},
};

/* A list or object that stands as itself or as its text.  The text is parsed into *json. */
static int read_container(struct mapped_value value, struct rh_arena *arena, struct rh_json *json,
			  const struct rh_json_node **out)
{
	enum rh_json_type type = rh_json_type(value.node);
	struct rh_str text = type == RH_JSON_STRING ? rh_json_text(value.node) : value.cell;
	struct rh_str copy;

	*out = NULL;
	if (value.node != NULL && (type == RH_JSON_OBJECT || type == RH_JSON_ARRAY)) {
		*out = value.node;
		return RH_OK;
	}
	text = rh_str_trim(text);
	if (text.len < 2 || (text.ptr[0] != '{' && text.ptr[0] != '[')) {
		return RH_OK;
	}
	if (!rh_arena_copy(arena, text, &copy)) {
		return RH_ENOMEM;
	}
	/* What is no JSON is told by the mapping, which reads it too. */
	int code = rh_json_parse(json, (char *)(uintptr_t)copy.ptr, copy.len, NULL);
	*out = code == RH_OK ? rh_json_root(json) : NULL;
	return code == RH_ENOMEM ? code : RH_OK;
}

/* ---- links to other providers (1, 2) ----------------------------------------------------------------------- */

static bool has_provider(const struct rh_account *account, struct rh_str provider)
{
	for (size_t i = 0; i < account->identity_count; i++) {
		if (rh_str_eq(account->identities[i].provider, provider)) {
			return true;
		}
	}
	return false;
}

/* The account's own address stands for that of the link. */
static int add_identity(struct rh_builder *builder, struct rh_str provider, bool is_enterprise)
{
	const struct rh_account *account = builder->account;
	struct rh_identity identity = {.is_enterprise = is_enterprise};

	if (!rh_arena_copy(builder->arena, provider, &identity.provider)) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < account->identifier_count && identity.email.ptr == NULL; i++) {
		if (account->identifiers[i].kind == RH_IDENTIFIER_EMAIL) {
			identity.email = account->identifiers[i].value;
			identity.email_verified = account->identifiers[i].is_verified;
		}
	}
	return rh_builder_add_identity(builder, &identity);
}

static int take_provider(struct rh_builder *builder, const struct rh_json_node *node)
{
	struct rh_str provider = rh_json_type(node) == RH_JSON_STRING
					 ? rh_str_trim(rh_json_text(node))
					 : RH_STR_ABSENT;

	if (!rh_str_is_set(provider) || rh_str_is(provider, "email") ||
	    rh_str_is(provider, "phone") || rh_str_is(provider, "anonymous") ||
	    has_provider(builder->account, provider)) {
		return RH_OK;
	}
	return add_identity(builder, provider, false);
}

static int add_providers(const struct mapped_value *user, struct rh_builder *builder)
{
	struct mapped_value value = user[USER_RAW_METADATA];
	const struct rh_json_node *metadata;
	const struct rh_json_node *element = NULL;
	struct rh_json json = {0};

	if (value.node == NULL && value.cell.ptr == NULL) {
		value = user[USER_METADATA];
	}
	int code = read_container(value, builder->arena, &json, &metadata);
	const struct rh_json_node *providers = rh_json_get(metadata, "providers");
	if (code == RH_OK && rh_json_type(providers) != RH_JSON_ARRAY) {
		code = take_provider(builder, rh_json_get(metadata, "provider"));
	}
	while (code == RH_OK && rh_json_type(providers) == RH_JSON_ARRAY &&
	       (element = rh_json_next(providers, element, NULL)) != NULL) {
		code = take_provider(builder, element);
	}
	rh_json_done(&json);
	return code;
}

static int add_sso(const struct mapped_value *user, struct rh_builder *builder)
{
	const struct rh_account *account = builder->account;

	if (!mapped_is_true(mapped_value_text(user[USER_IS_SSO]))) {
		return RH_OK;
	}
	for (size_t i = 0; i < account->identity_count; i++) {
		if (rh_str_starts(account->identities[i].provider, "sso:")) {
			return RH_OK;
		}
	}
	return add_identity(builder, RH_STR("saml"), true);
}

/* ---- second factors (3) ------------------------------------------------------------------------------------- */

struct factor_row {
	struct rh_str type;
	struct rh_str status;
	struct rh_str secret;
	struct rh_str phone;
};

static int add_totp(const struct factor_row *row, struct rh_finding_sink *findings,
		    struct rh_builder *builder)
{
	struct rh_factor factor = {.kind = RH_FACTOR_TOTP};
	const char *why = NULL;

	if (!rh_str_is_set(row->secret)) {
		report(findings, RH_FINDING_TOTP_NOT_EXPORTED, "factors", NULL);
	} else if (rh_normalise_totp(builder->arena, row->secret, &factor.secret, &why)) {
		factor.has_secret = true;
	} else {
		report(findings, RH_FINDING_TOTP_INVALID, "factors", why);
	}
	return rh_builder_add_factor(builder, &factor);
}

static int add_factor(const struct factor_row *row, struct rh_finding_sink *findings,
		      struct rh_builder *builder)
{
	struct rh_factor factor = {.kind = RH_FACTOR_SMS};
	const char *why = NULL;

	if (!rh_str_is(row->status, "verified")) {
		return RH_OK;
	}
	if (rh_str_is(row->type, "totp")) {
		return add_totp(row, findings, builder);
	}
	if (rh_str_is(row->type, "webauthn")) {
		factor.kind = RH_FACTOR_PASSKEY;
		factor.count = 1;
		return rh_builder_add_factor(builder, &factor);
	}
	struct rh_str number =
		rh_str_is_set(row->phone) && row->phone.ptr[0] != '+'
			? rh_arena_printf(builder->arena, "+%.*s", RH_STR_ARG(row->phone))
			: row->phone;
	if (rh_str_is_set(number) &&
	    !rh_normalise_phone(builder->arena, number, &factor.phone, &why)) {
		report(findings, RH_FINDING_PHONE_INVALID, "factors.phone", why);
	}
	return rh_builder_add_factor(builder, &factor);
}

static struct rh_str either(struct rh_str first, struct rh_str second)
{
	return first.ptr != NULL ? first : second;
}

static int add_factors(const struct mapped_value *user, struct rh_finding_sink *findings,
		       struct rh_builder *builder)
{
	const struct rh_json_node *list;
	const struct rh_json_node *entry = NULL;
	struct rh_json json = {0};
	int code = read_container(user[USER_FACTORS], builder->arena, &json, &list);

	while (code == RH_OK && rh_json_type(list) == RH_JSON_ARRAY &&
	       (entry = rh_json_next(list, entry, NULL)) != NULL) {
		const struct factor_row row = {
			.type = either(mapped_member(entry, "factor_type"),
				       mapped_member(entry, "type")),
			.status = mapped_member(entry, "status"),
			.secret = mapped_member(entry, "secret"),
			.phone = mapped_member(entry, "phone"),
		};
		code = add_factor(&row, findings, builder);
	}
	rh_json_done(&json);
	return code;
}

int supabase_complete_factor(const void *, const struct rh_record *record,
			     const struct rh_mapping_policy *, struct rh_finding_sink *findings,
			     struct rh_builder *builder)
{
	const struct factor_row row = {
		.type = mapped_text(record, "factor_type"),
		.status = mapped_text(record, "status"),
		.secret = mapped_text(record, "secret"),
		.phone = mapped_text(record, "phone"),
	};

	return add_factor(&row, findings, builder);
}

/* ---- cells that stand elsewhere (4) --------------------------------------------------------------------------- */

static bool is_moment(struct rh_str text)
{
	rh_time time;

	return rh_str_is_set(text) && rh_time_parse(rh_str_trim(text), &time);
}

/* A moment, or a day: "2024-05-01" has the digits of a number. */
static bool is_day(struct rh_str text)
{
	static const char form[] = "0000-00-00";

	text = rh_str_trim(text);
	if (text.len < sizeof(form) - 1) {
		return false;
	}
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
		if (form[i] == '0' ? !is_digit : text.ptr[i] != form[i]) {
			return false;
		}
	}
	return text.len == sizeof(form) - 1 || is_moment(text);
}

static bool is_flag(struct rh_str text)
{
	return !rh_str_is_set(text) || mapped_is_true(text) || rh_str_is_nocase(text, "false") ||
	       rh_str_is_nocase(text, "f") || rh_str_is(text, "0");
}

static void check_places(const struct mapped_value *user, struct rh_finding_sink *findings)
{
	static const enum user_value flags[] = {USER_IS_SSO, USER_IS_ANONYMOUS, USER_IS_ADMIN};
	struct rh_str created = mapped_value_text(user[USER_CREATED]);
	struct rh_str email = mapped_value_text(user[USER_EMAIL]);
	size_t odd = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		odd += !is_flag(mapped_value_text(user[flags[i]]));
	}
	odd += rh_str_is_set(created) && !is_moment(created);
	odd += rh_str_is_set(email) && memchr(email.ptr, '@', email.len) == NULL;
	if (odd > 1 || is_day(mapped_value_text(user[USER_PHONE]))) {
		report(findings, RH_FINDING_RECORD_BROKEN, "phone", "shifted");
	}
}

int supabase_complete_user(const void *, const struct rh_record *record,
			   const struct rh_mapping_policy *, struct rh_finding_sink *findings,
			   struct rh_builder *builder)
{
	struct mapped_value user[USER_VALUES];

	mapped_values(record, user_names, USER_VALUES, user);
	check_places(user, findings);
	int code = add_providers(user, builder);
	if (code == RH_OK) {
		code = add_sso(user, builder);
	}
	return code == RH_OK ? add_factors(user, findings, builder) : code;
}

/* ---- quotes that were escaped twice (5) ------------------------------------------------------------------------ */

static bool is_escaped(struct rh_str cell)
{
	return rh_str_starts(cell, "{\\\"") || rh_str_starts(cell, "[\\\"") ||
	       rh_str_starts(cell, "[{\\\"");
}

/* The cell is what stands between the quotes of a JSON text. */
static int unescape(struct rh_arena *arena, struct rh_str *cell)
{
	struct rh_json json = {0};
	struct rh_str quoted = rh_arena_printf(arena, "\"%.*s\"", RH_STR_ARG(*cell));

	if (quoted.ptr == NULL) {
		return RH_ENOMEM;
	}
	int code = rh_json_parse(&json, (char *)(uintptr_t)quoted.ptr, quoted.len, NULL);
	if (code == RH_OK && !rh_arena_copy(arena, rh_json_text(rh_json_root(&json)), cell)) {
		code = RH_ENOMEM;
	}
	rh_json_done(&json);
	return code == RH_ENOMEM ? code : RH_OK;
}

static int unescape_cells(struct rh_arena *arena, struct rh_record *record)
{
	struct rh_str *cells = NULL;
	int code = RH_OK;

	for (size_t i = 0; code == RH_OK && i < record->columns->count; i++) {
		if (!is_escaped(record->cells[i])) {
			continue;
		}
		if (cells == NULL) {
			cells = rh_arena_calloc(arena, record->columns->count, sizeof(*cells));
			if (cells == NULL) {
				return RH_ENOMEM;
			}
			memcpy((void *)cells, record->cells,
			       record->columns->count * sizeof(*cells));
			record->cells = cells;
		}
		code = unescape(arena, &cells[i]);
	}
	return code;
}

/* The parameters are the interface's. */
/* NOLINTNEXTLINE(readability-function-size) */
int supabase_from_record(const void *instance, const struct rh_record *record,
			 const struct rh_mapping_policy *policy, struct rh_arena *arena,
			 struct rh_finding_sink *findings, struct rh_account *out,
			 struct rh_err *err)
{
	struct rh_record own = *record;
	char line[32];

	if (record->is_mended) {
		(void)snprintf(line, sizeof(line), "line %llu", (unsigned long long)record->line);
		report(findings, RH_FINDING_ROW_MENDED, line, NULL);
	}
	if (record->json == NULL && record->columns != NULL && record->cells != NULL &&
	    unescape_cells(arena, &own) != RH_OK) {
		*out = (struct rh_account){0};
		return RH_ENOMEM;
	}
	return mapped_from_record(instance, &own, policy, arena, findings, out, err);
}
