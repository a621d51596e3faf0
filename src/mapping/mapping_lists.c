/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail addresses, phone numbers, the username, and links to other providers (M6, M8). */
#include "account/builder.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/json_node.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "mapping/mapping_internal.h"

static bool is_wanted(struct mapping_run *run, const struct mapping_list *list,
		      const struct mapping_view *view)
{
	return rh_mapping_bool(run, view, list->when, false, true) &&
	       !rh_mapping_bool(run, view, list->unless, false, false);
}

/* ---- identifiers --------------------------------------------------------------------------------------- */

/* E.164 of what lacks only its beginning: a '+', or the calling code for a leading 0. */
static struct rh_str complete_phone(struct mapping_run *run, const struct mapping_list *list,
				    struct rh_str text)
{
	struct rh_str number = rh_str_trim(text);
	struct rh_str made;

	if (number.len < 2 || number.ptr[0] == '+') {
		return number;
	}
	if (rh_str_starts(number, "00") && (list->adds_plus || list->country.ptr != NULL)) {
		struct rh_str rest = rh_str_sub(number, 2, SIZE_MAX);
		made = rh_arena_printf(run->call->arena, "+%.*s", RH_STR_ARG(rest));
	} else if (number.ptr[0] == '0' && list->country.ptr != NULL) {
		struct rh_str rest = rh_str_sub(number, 1, SIZE_MAX);
		made = rh_arena_printf(run->call->arena, "+%.*s%.*s", RH_STR_ARG(list->country),
				       RH_STR_ARG(rest));
	} else if (list->adds_plus) {
		made = rh_arena_printf(run->call->arena, "+%.*s", RH_STR_ARG(number));
	} else {
		return number;
	}
	if (made.ptr == NULL) {
		rh_mapping_keep_status(run, RH_ENOMEM);
	}
	return made;
}

static bool normalise(struct mapping_run *run, const struct mapping_list *list,
		      const struct mapping_view *view, const struct mapping_found *found,
		      struct rh_str text, struct rh_str *out)
{
	const char *why = NULL;

	if (list->field == RH_FIELD_EMAILS) {
		if (rh_normalise_email(run->call->arena, text, out, &why)) {
			return true;
		}
		rh_mapping_report(run, view, found, RH_FINDING_EMAIL_INVALID, why);
		return false;
	}
	struct mapping_found one = *found;
	one.text = rh_str_trim(text);
	if (rh_mapping_is_damaged(&one)) {
		rh_mapping_report(run, view, found, RH_FINDING_SPREADSHEET_DAMAGE, NULL);
		return false;
	}
	if (rh_normalise_phone(run->call->arena, complete_phone(run, list, text), out, &why)) {
		return true;
	}
	rh_mapping_report(run, view, found, RH_FINDING_PHONE_INVALID, why);
	return false;
}

/* What the rules beside the value say of each address that it holds. */
struct qualities {
	bool is_verified;
	bool is_primary;
	bool is_reserved;
	bool is_second_factor;
	struct rh_str id;
};

static void read_qualities(struct mapping_run *run, const struct mapping_list *list,
			   const struct mapping_view *view, struct qualities *out)
{
	struct mapping_found found;

	*out = (struct qualities){
		.is_verified = rh_mapping_bool(run, view, list->verified, true, false),
		.is_primary = rh_mapping_bool(run, view, list->primary, false, false),
		.is_reserved = rh_mapping_bool(run, view, list->reserved, false, false),
		.is_second_factor = rh_mapping_bool(run, view, list->second_factor, false, false),
	};
	if (list->id.count > 0) {
		out->id = rh_mapping_keep(run, rh_mapping_borrow(run, view, list->id, &found));
	}
}

/* One address of a list on its way. */
struct item {
	const struct mapping_list *list;
	const struct mapping_view *view;
	const struct mapping_found *found;
	const struct qualities *qualities;
};

static void add(struct mapping_run *run, const struct item *item, struct rh_str text)
{
	struct rh_identifier identifier = {
		.kind = item->list->field == RH_FIELD_EMAILS ? RH_IDENTIFIER_EMAIL
							     : RH_IDENTIFIER_PHONE,
		.is_verified = item->qualities->is_verified,
		.is_primary = item->qualities->is_primary,
		.is_reserved = item->qualities->is_reserved && !item->qualities->is_verified,
		.is_second_factor = item->qualities->is_second_factor,
		.source_ref = item->qualities->id,
	};

	if (!normalise(run, item->list, item->view, item->found, text, &identifier.value) ||
	    run->status != RH_OK) {
		return;
	}
	rh_mapping_keep_status(run, rh_builder_add_identifier(run->builder, &identifier));
	if (identifier.is_second_factor && run->status == RH_OK) {
		const struct rh_factor factor = {
			.kind = RH_FACTOR_SMS,
			.phone = identifier.value,
		};
		rh_mapping_keep_status(run, rh_builder_add_factor(run->builder, &factor));
	}
}

static void add_elements(struct mapping_run *run, const struct item *item,
			 const struct rh_json_node *array)
{
	const struct rh_json_node *element = NULL;

	while ((element = rh_json_next(array, element, NULL)) != NULL && run->status == RH_OK) {
		struct rh_str text = rh_json_text(element);
		if (rh_str_is_set(rh_str_trim(text))) {
			add(run, item, text);
		} else if (text.ptr == NULL && !rh_json_is_null(element)) {
			rh_mapping_report(run, item->view, item->found, RH_FINDING_FIELD_TYPE,
					  NULL);
		}
	}
}

static void add_joined(struct mapping_run *run, const struct item *item)
{
	struct rh_str separators = item->list->separators;
	struct rh_str text = item->found->text;
	size_t from = 0;
	bool is_one = true;

	for (size_t i = 0; i < separators.len && is_one; i++) {
		is_one = memchr(text.ptr, separators.ptr[i], text.len) == NULL;
	}
	if (is_one) {
		text = rh_str_trim(text);
		if (text.len > 0) {
			add(run, item, text);
		}
		return;
	}
	for (size_t i = 0; i <= text.len && run->status == RH_OK; i++) {
		if (i < text.len && memchr(separators.ptr, text.ptr[i], separators.len) == NULL) {
			continue;
		}
		struct rh_str part = rh_str_trim(rh_str_sub(text, from, i - from));
		from = i + 1;
		if (part.len > 0) {
			add(run, item, part);
		}
	}
}

static void take_identifiers(struct mapping_run *run, const struct mapping_list *list,
			     const struct mapping_view *view)
{
	struct mapping_found found RH_UNCLEARED;
	struct qualities qualities RH_UNCLEARED;
	const struct item item = {
		.list = list,
		.view = view,
		.found = &found,
		.qualities = &qualities,
	};

	if (!rh_mapping_can_give(view, list->value)) {
		return; /* nearly always, where many names are known */
	}
	rh_mapping_find(view, list->value, &found);
	if (found.rule == NULL || !is_wanted(run, list, view)) {
		return;
	}
	read_qualities(run, list, view, &qualities);
	run->names_primary_email |= qualities.is_primary && list->field == RH_FIELD_EMAILS;
	const struct rh_json_node *array = rh_mapping_container(&run->nested, &found.value);
	if (rh_json_type(array) == RH_JSON_ARRAY) {
		add_elements(run, &item, array);
	} else if (array != NULL || found.text.ptr == NULL) {
		rh_mapping_report(run, view, &found, RH_FINDING_FIELD_TYPE, NULL);
	} else {
		add_joined(run, &item);
	}
}

/* ---- links to other providers -------------------------------------------------------------------------- */

/* Known names of social sign-ins that the record does not have: there is nothing to read, and nothing to tell. */
static bool is_nobodys(const struct mapping_run *run, const struct mapping_list *list,
		       const struct mapping_view *view)
{
	bool is_constant = list->value.count > 0 &&
			   run->mapping->rules[list->value.first].place == MAPPING_NOWHERE;

	return (is_constant || !rh_mapping_can_give(view, list->value)) && list->when.count == 0 &&
	       list->unless.count == 0 && !rh_mapping_can_give(view, list->subject) &&
	       !rh_mapping_can_give(view, list->email);
}

static void take_identity(struct mapping_run *run, const struct mapping_list *list,
			  const struct mapping_view *view)
{
	struct rh_identity identity = {0};
	struct mapping_found found RH_UNCLEARED;
	const char *why = NULL;

	if (is_nobodys(run, list, view)) {
		return;
	}
	if (!is_wanted(run, list, view)) {
		return;
	}
	struct rh_str provider = rh_str_trim(rh_mapping_borrow(run, view, list->value, &found));
	struct rh_str subject = rh_mapping_borrow(run, view, list->subject, &found);
	struct rh_str email = rh_mapping_borrow(run, view, list->email, &found);
	if (!rh_str_is_set(provider) || (!rh_str_is_set(subject) && !rh_str_is_set(email))) {
		return;
	}
	identity.provider = rh_mapping_keep(run, provider);
	identity.subject = rh_mapping_keep(run, rh_str_is_set(subject) ? subject : RH_STR_ABSENT);
	if (rh_str_is_set(email) &&
	    !rh_normalise_email(run->call->arena, email, &identity.email, &why)) {
		rh_mapping_report(run, view, &found, RH_FINDING_EMAIL_INVALID, why);
	}
	identity.email_verified = identity.email.ptr != NULL &&
				  rh_mapping_bool(run, view, list->verified, true, false);
	identity.is_enterprise = rh_mapping_bool(run, view, list->enterprise, false, false);
	if (run->status == RH_OK) {
		rh_mapping_keep_status(run, rh_builder_add_identity(run->builder, &identity));
	}
}

/* ---- walking -------------------------------------------------------------------------------------------- */

static void take(struct mapping_run *run, const struct mapping_list *list,
		 const struct mapping_view *view)
{
	if (list->field == RH_FIELD_IDENTITIES) {
		take_identity(run, list, view);
	} else {
		take_identifiers(run, list, view);
	}
}

static void each(struct mapping_run *run, const struct mapping_list *list,
		 const struct rh_json_node *container)
{
	const struct mapping_scope *scope = &run->mapping->scopes[list->scope];
	struct mapping_value room[MAPPING_ENTRY_PLACES_MAX] RH_UNCLEARED;
	struct mapping_values values = {.at = room};
	struct mapping_view view = run->view;
	const struct rh_json_node *entry = NULL;
	struct rh_str key = RH_STR_ABSENT;

	view.scope = scope;
	view.values = room;
	view.next = NULL;
	view.list = run->view.scope->places[list->each].path;
	for (; (entry = rh_json_next(container, entry, &key)) != NULL && run->status == RH_OK;
	     view.index++) {
		if (view.index >= RH_BUILDER_ENTRIES_MAX) {
			rh_mapping_keep_status(run, RH_ELIMIT);
			return;
		}
		if (rh_json_is_null(entry)) {
			continue;
		}
		rh_mapping_collect(scope, entry, &run->nested, &values);
		if (scope->key != MAPPING_NOWHERE) {
			room[scope->key] = (struct mapping_value){.cell = key};
		}
		take(run, list, &view);
	}
}

static void take_list(struct mapping_run *run, const struct mapping_list *list)
{
	if (list->each == MAPPING_NOWHERE) {
		take(run, list, &run->view);
		return;
	}
	const struct mapping_value *value = &run->view.values[list->each];
	if (!rh_mapping_is_there(run->mapping, value)) {
		return;
	}
	const struct rh_json_node *container = rh_mapping_container(&run->nested, value);
	if (container == NULL) {
		const struct mapping_rule rule = {.place = list->each};
		const struct mapping_found found = {.rule = &rule};
		rh_mapping_report(run, &run->view, &found, RH_FINDING_FIELD_TYPE, NULL);
	} else if (rh_json_count(container) > 0) {
		each(run, list, container);
	}
}

static void map_username(struct mapping_run *run)
{
	struct rh_identifier username = {.kind = RH_IDENTIFIER_USERNAME, .is_primary = true};
	struct mapping_found found RH_UNCLEARED;
	struct rh_str text =
		rh_mapping_borrow(run, &run->view, run->mapping->fields[RH_FIELD_USERNAME], &found);

	if (!rh_str_is_set(rh_str_trim(text))) {
		return;
	}
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];
		if (byte < 0x20 || byte == 0x7f) {
			rh_mapping_report(run, &run->view, &found, RH_FINDING_USERNAME_INVALID,
					  NULL);
			return;
		}
	}
	username.value = rh_mapping_keep(run, text);
	if (run->status == RH_OK) {
		rh_mapping_keep_status(run, rh_builder_add_identifier(run->builder, &username));
	}
}

void rh_mapping_lists(struct mapping_run *run)
{
	for (size_t i = 0; i < run->mapping->list_count && run->status == RH_OK; i++) {
		take_list(run, &run->mapping->lists[i]);
	}
	map_username(run);
}

/* The rule that is to be corrected where a kind of identifier is at fault: the first one for it. */
static void report_list(struct mapping_run *run, enum rh_field field, enum rh_finding_code code)
{
	const struct rh_mapping *mapping = run->mapping;
	struct mapping_rule rule = {.place = MAPPING_NOWHERE};
	const struct mapping_found found = {.rule = &rule};

	for (size_t i = mapping->list_count; i-- > 0;) {
		const struct mapping_list *list = &mapping->lists[i];
		if (list->field == field) {
			rule.place = list->each != MAPPING_NOWHERE || list->value.count == 0
					     ? list->each
					     : mapping->rules[list->value.first].place;
		}
	}
	rh_mapping_report(run, &run->view, &found, code, NULL);
}

/* A number never decides over the whole account: where the policy does not choose, none is primary. */
void rh_mapping_settle(struct mapping_run *run)
{
	enum rh_primary_policy policy = run->call->policy->primary;
	bool is_marked = rh_account_primary(run->account, RH_IDENTIFIER_EMAIL) != NULL;

	if (run->status != RH_OK) {
		return;
	}
	enum rh_choice email = rh_builder_choose_primary(run->builder, RH_IDENTIFIER_EMAIL, policy);
	/* One address in place of the named one, which cannot be read, is worth a word. */
	bool is_replaced = email == RH_CHOICE_GIVEN && !is_marked && run->names_primary_email;
	if (email == RH_CHOICE_OPEN) {
		report_list(run, RH_FIELD_EMAILS, RH_FINDING_PRIMARY_UNDECIDED);
	} else if (email == RH_CHOICE_MADE || is_replaced) {
		run->account->flags |= RH_ACCOUNT_PRIMARY_CHOSEN;
		report_list(run, RH_FIELD_EMAILS, RH_FINDING_PRIMARY_CHOSEN);
	}
	if (rh_builder_choose_primary(run->builder, RH_IDENTIFIER_PHONE, policy) ==
	    RH_CHOICE_MADE) {
		report_list(run, RH_FIELD_PHONES, RH_FINDING_PRIMARY_CHOSEN);
	}
	if (run->account->identifier_count == 0) {
		report_list(run, RH_FIELD_EMAILS, RH_FINDING_IDENTIFIER_MISSING);
	}
}
