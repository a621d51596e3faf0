/* SPDX-License-Identifier: Apache-2.0 */
/* A record as an account, as the compiled document says. */
#include <stdio.h>

#include "account/builder.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json_node.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "mapping/mapping_internal.h"

void rh_mapping_keep_status(struct mapping_run *run, int code)
{
	if (run->status == RH_OK) {
		run->status = code;
	}
}

static void report_path(struct mapping_run *run, enum rh_finding_code code, struct rh_str path,
			const char *why)
{
	struct rh_finding finding = {
		.code = code,
		.path = path,
		.note = rh_str_from(why),
	};

	if (why != NULL && rh_str_is(rh_str_from(why), "out of memory")) {
		rh_mapping_keep_status(run, RH_ENOMEM);
	} else if (run->call->findings != NULL) {
		run->call->findings->add(run->call->findings, &finding);
	}
}

void rh_mapping_report(struct mapping_run *run, const struct mapping_view *view,
		       const struct mapping_found *found, enum rh_finding_code code,
		       const char *why)
{
	char path[MAPPING_PATH_MAX * 2 + 32];
	struct rh_str own = RH_STR_ABSENT;

	if (found->rule != NULL && found->rule->place != MAPPING_NOWHERE) {
		own = view->scope->places[found->rule->place].path;
	}
	if (view->list.ptr == NULL) {
		report_path(run, code, own, why);
		return;
	}
	(void)snprintf(path, sizeof(path), "%.*s[%zu]%s%.*s", RH_STR_ARG(view->list), view->index,
		       own.ptr != NULL ? "." : "", RH_STR_ARG(own));
	report_path(run, code, rh_str_from(path), why);
}

struct rh_str rh_mapping_keep(struct mapping_run *run, struct rh_str text)
{
	struct rh_str copy = RH_STR_ABSENT;

	if (!rh_arena_copy(run->call->arena, text, &copy)) {
		rh_mapping_keep_status(run, RH_ENOMEM);
	}
	return copy;
}

struct rh_str rh_mapping_borrow(struct mapping_run *run, const struct mapping_view *view,
				struct mapping_rules rules, struct mapping_found *found)
{
	struct rh_str text = RH_STR_ABSENT;

	if (!rh_mapping_can_give(view, rules)) {
		*found = (struct mapping_found){0};
		return text;
	}
	rh_mapping_find(view, rules, found);
	if (rh_mapping_read_text(found, &text) == MAPPING_READING_WRONG) {
		rh_mapping_report(run, view, found, RH_FINDING_FIELD_TYPE, NULL);
	}
	return text;
}

bool rh_mapping_bool(struct mapping_run *run, const struct mapping_view *view,
		     struct mapping_rules rules, bool is_verified, bool fallback)
{
	struct mapping_found found RH_UNCLEARED;
	bool value = fallback;

	if (rules.count > 0 && rh_mapping_read_bool(view, rules, is_verified, &found, &value) ==
				       MAPPING_READING_WRONG) {
		rh_mapping_report(run, view, &found, RH_FINDING_FIELD_TYPE, NULL);
	}
	return value;
}

/* Up to three digits and nothing behind them: "1976338e-1f01-..." is a UUID. */
static bool is_exponent(struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return false;
		}
	}
	return text.len > 0 && text.len <= 3;
}

bool rh_mapping_is_damaged(const struct mapping_found *found)
{
	struct rh_str rest = found->text;
	size_t digits = 0;

	if (found->value.node != NULL || rest.len < 2) {
		return false;
	}
	if (rest.ptr[0] == '\'') {
		return rest.ptr[1] == '+' || (rest.ptr[1] >= '0' && rest.ptr[1] <= '9');
	}
	while (digits < rest.len && ((rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9') ||
				     rest.ptr[digits] == '.' || rest.ptr[digits] == ',')) {
		digits++;
	}
	rest = rh_str_sub(rest, digits, SIZE_MAX);
	return digits > 0 && digits < 8 && rest.len >= 3 && (rest.ptr[0] | 0x20) == 'e' &&
	       (rest.ptr[1] == '+' || rest.ptr[1] == '-') &&
	       is_exponent(rh_str_sub(rest, 2, SIZE_MAX));
}

/* ---- simple fields ----------------------------------------------------------------------------------- */

static struct rh_str text(struct mapping_run *run, enum rh_field field)
{
	struct mapping_found found RH_UNCLEARED;
	struct mapping_rules rules = run->mapping->fields[field];

	return !rh_mapping_can_give(&run->view, rules)
		       ? RH_STR_ABSENT
		       : rh_mapping_keep(run, rh_mapping_borrow(run, &run->view, rules, &found));
}

static rh_time read_time(struct mapping_run *run, enum rh_field field)
{
	struct mapping_found found RH_UNCLEARED;
	rh_time time = 0;

	if (!rh_mapping_can_give(&run->view, run->mapping->fields[field])) {
		return time;
	}
	rh_mapping_find(&run->view, run->mapping->fields[field], &found);
	if (rh_mapping_read_time(&found, &time) == MAPPING_READING_WRONG) {
		rh_mapping_report(run, &run->view, &found, RH_FINDING_FIELD_TYPE, NULL);
	}
	return time;
}

/* A single word is the first name: nobody's name gets lost. */
static void split_name(struct mapping_run *run, struct mapping_found *found)
{
	enum mapping_split split =
		run->call->split != RH_MAPPING_SPLIT_AS_SAID
			? (enum mapping_split)(run->call->split - RH_MAPPING_SPLIT_NONE)
			: run->mapping->settings[found->rule->setting].split;
	struct rh_account *account = run->account;
	struct rh_str whole = rh_str_trim(account->full_name);

	if (split == MAPPING_SPLIT_NONE || account->first_name.ptr != NULL ||
	    account->last_name.ptr != NULL) {
		return;
	}
	size_t at = whole.len;
	for (size_t i = 0; i < whole.len; i++) {
		if (whole.ptr[i] == ' ' && (at == whole.len || split == MAPPING_SPLIT_LAST_BLANK)) {
			at = i;
		}
	}
	account->first_name = rh_str_trim(rh_str_sub(whole, 0, at));
	if (at < whole.len) {
		account->last_name = rh_str_trim(rh_str_sub(whole, at + 1, SIZE_MAX));
	}
}

static void map_names(struct mapping_run *run)
{
	struct mapping_found found RH_UNCLEARED;
	struct mapping_rules rules = run->mapping->fields[RH_FIELD_FULL_NAME];

	run->account->first_name = text(run, RH_FIELD_FIRST_NAME);
	run->account->last_name = text(run, RH_FIELD_LAST_NAME);
	if (!rh_mapping_can_give(&run->view, rules)) {
		return;
	}
	run->account->full_name =
		rh_mapping_keep(run, rh_mapping_borrow(run, &run->view, rules, &found));
	if (run->account->full_name.ptr != NULL && found.rule != NULL) {
		split_name(run, &found);
	}
}

static void map_source_id(struct mapping_run *run)
{
	struct mapping_found found RH_UNCLEARED;
	struct mapping_rules rules = run->mapping->fields[RH_FIELD_SOURCE_ID];
	struct rh_str id = rh_mapping_borrow(run, &run->view, rules, &found);

	if (rh_str_is_set(rh_str_trim(id))) {
		run->account->source_id = rh_mapping_keep(run, id);
		if (rh_mapping_is_damaged(&found)) {
			rh_mapping_report(run, &run->view, &found, RH_FINDING_SPREADSHEET_DAMAGE,
					  NULL);
		}
		return;
	}
	/* The place where it should have been: the first of its rules. */
	found.rule = &run->mapping->rules[rules.first];
	rh_mapping_report(run, &run->view, &found, RH_FINDING_SOURCE_ID_MISSING, NULL);
}

static void map_profile(struct mapping_run *run)
{
	struct rh_account *account = run->account;

	map_source_id(run);
	account->external_id = text(run, RH_FIELD_EXTERNAL_ID);
	map_names(run);
	account->locale = text(run, RH_FIELD_LOCALE);
	account->image_url = text(run, RH_FIELD_IMAGE_URL);
	account->created_at = read_time(run, RH_FIELD_CREATED_AT);
	account->updated_at = read_time(run, RH_FIELD_UPDATED_AT);
	account->last_sign_in_at = read_time(run, RH_FIELD_LAST_SIGN_IN_AT);
	account->legal_accepted_at = read_time(run, RH_FIELD_LEGAL_ACCEPTED_AT);
}

/* M9 */
static bool is_blocked_by(struct mapping_run *run, enum rh_field field)
{
	struct mapping_rules rules = run->mapping->fields[field];
	bool is_blocked = false;

	for (uint16_t i = 0; i < rules.count; i++) {
		struct mapping_rules one = {.first = (uint16_t)(rules.first + i), .count = 1};
		struct mapping_found found RH_UNCLEARED;
		bool value = false;
		if (rh_mapping_read_bool(&run->view, one, false, &found, &value) ==
		    MAPPING_READING_WRONG) {
			rh_mapping_report(run, &run->view, &found, RH_FINDING_FIELD_TYPE, NULL);
			value = true;
		}
		is_blocked = is_blocked || value;
	}
	return is_blocked;
}

static void map_flags(struct mapping_run *run)
{
	static const struct {
		enum rh_field field;
		unsigned flag;
	} blocking[] = {
		{RH_FIELD_BANNED, RH_ACCOUNT_BANNED},
		{RH_FIELD_LOCKED, RH_ACCOUNT_LOCKED},
		{RH_FIELD_DEPROVISIONED, RH_ACCOUNT_DEPROVISIONED},
	};
	const struct mapping_rules *fields = run->mapping->fields;

	for (size_t i = 0; i < sizeof(blocking) / sizeof(blocking[0]); i++) {
		if (is_blocked_by(run, blocking[i].field)) {
			run->account->flags |= blocking[i].flag;
		}
	}
	if (!rh_mapping_bool(run, &run->view, fields[RH_FIELD_DELETE_SELF], false, true)) {
		run->account->flags |= RH_ACCOUNT_DELETE_SELF_DISABLED;
	}
	if (!rh_mapping_bool(run, &run->view, fields[RH_FIELD_CREATE_ORGANIZATION], false, true)) {
		run->account->flags |= RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED;
	}
}

/* ---- factors ------------------------------------------------------------------------------------------- */

static void add_factor(struct mapping_run *run, const struct rh_factor *factor)
{
	if (run->status == RH_OK) {
		rh_mapping_keep_status(run, rh_builder_add_factor(run->builder, factor));
	}
}

static void map_totp(struct mapping_run *run)
{
	struct rh_factor factor = {.kind = RH_FACTOR_TOTP};
	struct mapping_found found;
	struct mapping_rules enabled = run->mapping->fields[RH_FIELD_TOTP_ENABLED];
	struct rh_str secret =
		rh_mapping_borrow(run, &run->view, run->mapping->fields[RH_FIELD_TOTP_SECRET],
				  &found);
	const char *why = NULL;

	if (rh_str_is_set(secret)) {
		factor.has_secret =
			rh_normalise_totp(run->call->arena, secret, &factor.secret, &why);
		if (!factor.has_secret) {
			rh_mapping_report(run, &run->view, &found, RH_FINDING_TOTP_INVALID, why);
		}
	} else if (rh_mapping_bool(run, &run->view, enabled, false, false)) {
		rh_mapping_find(&run->view, enabled, &found);
		rh_mapping_report(run, &run->view, &found, RH_FINDING_TOTP_NOT_EXPORTED, NULL);
	} else {
		return;
	}
	add_factor(run, &factor);
}

/* Entries of a list, a number, or true: there are some, nobody knows how many (0). */
static bool count(struct mapping_run *run, enum rh_field field, uint32_t *out)
{
	struct mapping_found found;
	const struct rh_json_node *list;
	int64_t number;
	bool is_some = false;

	*out = 0;
	if (!rh_mapping_can_give(&run->view, run->mapping->fields[field])) {
		return false;
	}
	rh_mapping_find(&run->view, run->mapping->fields[field], &found);
	if (found.rule == NULL) {
		return false;
	}
	list = rh_mapping_container(&run->nested, &found.value);
	if (rh_json_type(list) == RH_JSON_ARRAY) {
		*out = (uint32_t)rh_json_count(list);
		return *out > 0;
	}
	if (rh_str_to_i64(rh_str_trim(found.text), &number) && number >= 0 &&
	    number <= UINT32_MAX) {
		*out = (uint32_t)number;
		return number > 0;
	}
	struct mapping_rules rules = run->mapping->fields[field];
	if (rh_mapping_read_bool(&run->view, rules, false, &found, &is_some) !=
	    MAPPING_READING_OK) {
		/* A list in a cell, codes that are encrypted: there are some. */
		is_some = found.text.ptr != NULL;
	}
	return is_some;
}

static void map_factors(struct mapping_run *run)
{
	struct rh_factor codes = {.kind = RH_FACTOR_BACKUP_CODES};
	struct rh_factor passkeys = {.kind = RH_FACTOR_PASSKEY};

	map_totp(run);
	if (count(run, RH_FIELD_BACKUP_CODES, &codes.count)) {
		add_factor(run, &codes);
	}
	if (count(run, RH_FIELD_PASSKEYS, &passkeys.count)) {
		add_factor(run, &passkeys);
	}
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

/* M10 */
static void leave_out(struct mapping_run *run)
{
	const struct rh_mapping *mapping = run->mapping;

	for (size_t i = 0; i < mapping->leave_out_count; i++) {
		const struct mapping_leave_out *one = &mapping->leave_outs[i];
		if (rh_mapping_bool(run, &run->view, one->when, false, false)) {
			struct mapping_found found;
			rh_mapping_find(&run->view, one->when, &found);
			rh_mapping_report(run, &run->view, &found, RH_FINDING_KIND_LEFT_OUT,
					  one->reason.ptr);
			return;
		}
	}
}

static void map_record(struct mapping_run *run)
{
	const struct rh_mapping_hooks *hooks = run->call->hooks;

	map_profile(run);
	leave_out(run);
	rh_mapping_lists(run);
	if (hooks != NULL && hooks->complete != NULL && run->status == RH_OK) {
		rh_mapping_keep_status(run, hooks->complete(run->call->instance, run->record,
							    run->call->policy, run->call->findings,
							    run->builder));
	}
	rh_mapping_settle(run);
	rh_mapping_password(run);
	map_factors(run);
	rh_mapping_metadata(run);
	map_flags(run);
	rh_mapping_keep_status(run, run->nested.status);
}

static bool collect(struct mapping_run *run, const struct mapping_scope *scope,
		    struct mapping_values *values)
{
	const struct rh_record *record = run->record;

	if (record->json != NULL) {
		if (rh_json_type(record->json) != RH_JSON_OBJECT) {
			return false;
		}
		rh_mapping_collect(scope, record->json, &run->nested, values);
		return true;
	}
	if (record->columns == NULL || record->cells == NULL) {
		return false;
	}
	rh_mapping_collect_cells(scope, record->columns, record->cells, &run->nested, values);
	return true;
}

int rh_mapping_account_of(const struct rh_mapping *mapping, const struct rh_record *record,
			  const struct rh_mapping_call *call, struct rh_account *out,
			  struct rh_err *err)
{
	struct mapping_value room[MAPPING_PLACES_MAX] RH_UNCLEARED;
	struct mapping_values values = {.at = room};
	const struct mapping_scope *scope = &mapping->scopes[MAPPING_SCOPE_RECORD];
	struct rh_builder builder;
	struct mapping_run run RH_UNCLEARED;

	*out = (struct rh_account){0};
	rh_builder_init(&builder, call->arena, out);
	run.mapping = mapping;
	run.call = call;
	run.record = record;
	run.account = out;
	run.builder = &builder;
	run.view = (struct mapping_view){
		.mapping = mapping,
		.scope = scope,
		.values = room,
		.now = call->policy->now,
	};
	run.nested.count = 0;
	run.nested.arena = call->arena;
	run.nested.status = RH_OK;
	run.names_primary_email = false;
	run.status = RH_OK;
	if (!collect(&run, scope, &values)) {
		report_path(&run, RH_FINDING_RECORD_BROKEN, RH_STR_ABSENT, "not an object");
		return RH_OK;
	}
	run.view.next = rh_mapping_next(mapping, values.present);
	map_record(&run);
	rh_mapping_nested_done(&run.nested);
	if (run.status == RH_ELIMIT) {
		report_path(&run, RH_FINDING_RECORD_TOO_LARGE, RH_STR_ABSENT, NULL);
	} else if (run.status != RH_OK) {
		*out = (struct rh_account){0};
		return rh_err_set(err, run.status, "no memory for a record");
	}
	return RH_OK;
}
