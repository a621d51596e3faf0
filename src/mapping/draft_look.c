/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at records: of what shape the values of each column are, and how many different ones. */
#include <stdio.h>

#include "account/normalise.h"
#include "base/alloc.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/draft_internal.h"

enum { DEPTH_MAX = 2 }; /* members of members */

/* ---- words for states ------------------------------------------------------------------------------------ */

static const struct {
	const char *forms[3]; /* lower case, as a title, upper case */
	bool means;
} states[] = {
	{{"active", "Active", "ACTIVE"}, true},
	{{"enabled", "Enabled", "ENABLED"}, true},
	{{"employed", "Employed", "EMPLOYED"}, true},
	{{"aktiv", "Aktiv", "AKTIV"}, true},
	{{"actif", "Actif", "ACTIF"}, true},
	{{"activo", "Activo", "ACTIVO"}, true},
	{{"ja", "Ja", "JA"}, true},
	{{"oui", "Oui", "OUI"}, true},
	{{"sí", "Sí", "SÍ"}, true},
	{{"si", "Si", "SI"}, true},
	{{"yes", "Yes", "YES"}, true},
	{{"true", "True", "TRUE"}, true},
	{{"no", "No", "NO"}, false},
	{{"false", "False", "FALSE"}, false},
	{{"inactive", "Inactive", "INACTIVE"}, false},
	{{"disabled", "Disabled", "DISABLED"}, false},
	{{"suspended", "Suspended", "SUSPENDED"}, false},
	{{"blocked", "Blocked", "BLOCKED"}, false},
	{{"banned", "Banned", "BANNED"}, false},
	{{"locked", "Locked", "LOCKED"}, false},
	{{"deleted", "Deleted", "DELETED"}, false},
	{{"terminated", "Terminated", "TERMINATED"}, false},
	{{"left", "Left", "LEFT"}, false},
	{{"inaktiv", "Inaktiv", "INAKTIV"}, false},
	{{"gesperrt", "Gesperrt", "GESPERRT"}, false},
	{{"ausgetreten", "Ausgetreten", "AUSGETRETEN"}, false},
	{{"inactif", "Inactif", "INACTIF"}, false},
	{{"inactivo", "Inactivo", "INACTIVO"}, false},
	{{"nein", "Nein", "NEIN"}, false},
	{{"non", "Non", "NON"}, false},
};

#define STATE_COUNT (sizeof(states) / sizeof(states[0]))
_Static_assert(STATE_COUNT <= DRAFT_STATES_MAX, "a column counts them all");

const char *rh_draft_state(size_t index, size_t form, bool *means)
{
	if (index >= STATE_COUNT) {
		return NULL;
	}
	*means = states[index].means;
	return states[index].forms[form];
}

static bool see_state(struct draft_column *column, struct rh_str text)
{
	for (size_t i = 0; i < STATE_COUNT; i++) {
		for (size_t form = 0; form < DRAFT_FORMS; form++) {
			if (rh_str_is(text, states[i].forms[form])) {
				column->states[i] |= (uint8_t)(1U << form);
				return true;
			}
		}
	}
	return false;
}

static bool is_bool(struct rh_str text)
{
	static const char *const words[] = {"true", "false", "t", "f", "yes", "no", NULL};

	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is_nocase(text, words[i])) {
			return true;
		}
	}
	return rh_str_is(text, "0") || rh_str_is(text, "1");
}

/* "0170 123 45 67", "(201) 555-0123": digits, and what people put between them; no date, and no address of a computer. */
static bool is_local_phone(struct rh_str text)
{
	size_t digits = 0;
	size_t blanks = 0;
	size_t signs = 0;
	size_t dots = 0;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];
		if (byte >= '0' && byte <= '9') {
			digits++;
		} else if (byte == ' ' || byte == '(' || byte == ')') {
			blanks++;
		} else if (byte == '/' || byte == '.' || byte == '-') {
			signs++;
			dots += byte == '.';
		} else {
			return false;
		}
	}
	return digits >= 7 && digits <= 15 && (blanks + signs > 0 || text.ptr[0] == '0') &&
	       dots != 3 && (signs != 2 || digits > 8);
}

static bool is_hash(struct rh_draft *draft, struct rh_str text)
{
	struct rh_credential credential = {0};

	return rh_credential_parse(&draft->scratch, text, RH_STR_ABSENT, RH_DIALECT_SHAPE,
				   &credential) == RH_OK &&
	       credential.state == RH_CREDENTIAL_PRESENT;
}

/* `text` has no blanks around. */
static enum draft_look look_at_text(struct rh_draft *draft, struct rh_str text)
{
	struct rh_str unused;
	const char *why;
	rh_time time;
	int64_t number;

	rh_arena_reset(&draft->scratch);
	if (is_bool(text)) {
		return DRAFT_LOOK_BOOL;
	}
	if (rh_normalise_email(&draft->scratch, text, &unused, &why)) {
		return DRAFT_LOOK_EMAIL;
	}
	if (rh_str_starts(text, "+") && rh_normalise_phone(&draft->scratch, text, &unused, &why)) {
		return DRAFT_LOOK_PHONE;
	}
	/* A small number is no moment. */
	bool is_number = rh_str_to_i64(text, &number);
	if (rh_mapping_time_of(text, &time) && (!is_number || number > INT64_C(500000000))) {
		return DRAFT_LOOK_TIME;
	}
	if (rh_str_starts(text, "{\"") || rh_str_is(text, "{}")) {
		return DRAFT_LOOK_OBJECT;
	}
	if (is_local_phone(text)) {
		return DRAFT_LOOK_LOCAL;
	}
	if (is_number) {
		return DRAFT_LOOK_NUMBER;
	}
	return is_hash(draft, text) ? DRAFT_LOOK_HASH : DRAFT_LOOK_OTHER;
}

/* Which values are different; a digest of each is enough for that. */
static void count_different(struct draft_column *column, struct rh_str text)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++) {
		digest = (digest ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
	}
	for (size_t i = 0; i < column->different; i++) {
		if (column->digests[i] == digest) {
			return;
		}
	}
	if (column->different < RH_DRAFT_VALUES) {
		column->digests[column->different++] = digest;
	}
}

/* What a database writes for nothing. */
static bool is_nothing(struct rh_str text)
{
	return text.len == 0 || rh_str_is_nocase(text, "null") || rh_str_is(text, "\\N");
}

static void see_text(struct rh_draft *draft, struct draft_column *column, struct rh_str text)
{
	text = rh_str_trim(text);
	if (is_nothing(text)) {
		return;
	}
	bool is_state = see_state(column, text);
	enum draft_look look = look_at_text(draft, text);
	column->looks[is_state && look != DRAFT_LOOK_BOOL ? DRAFT_LOOK_STATE : look]++;
	column->count++;
	column->blanks += rh_str_index(text, ' ') >= 0;
	count_different(column, text);
}

/* ---- columns --------------------------------------------------------------------------------------------- */

static struct draft_column *find_column(struct rh_draft *draft, const char *path)
{
	for (size_t i = 0; i < draft->count; i++) {
		if (strcmp(draft->columns[i]->path, path) == 0) {
			return draft->columns[i];
		}
	}
	if (draft->count == DRAFT_PATHS_MAX) {
		return NULL;
	}
	struct draft_column *added = rh_calloc(1, sizeof(*added));
	if (added == NULL || (added->path = rh_strdup(path)) == NULL) {
		rh_free(added);
		draft->is_out_of_memory = true;
		return NULL;
	}
	draft->columns[draft->count++] = added;
	return added;
}

/* A name as a path writes it, behind what is in `path` already.  False: it does not fit. */
static bool add_name(char path[MAPPING_PATH_MAX], struct rh_str name)
{
	size_t len = strlen(path);

	if (len > 0) {
		path[len++] = '.';
	}
	for (size_t i = 0; i < name.len; i++) {
		if (len + 3 > MAPPING_PATH_MAX) {
			return false;
		}
		if (name.ptr[i] == '.' || name.ptr[i] == '\\') {
			path[len++] = '\\';
		}
		path[len++] = name.ptr[i];
	}
	path[len] = '\0';
	return name.len > 0;
}

static void look_at_object(struct rh_draft *draft, const char *prefix,
			   const struct rh_json_node *object, unsigned depth);

static void look_at_member(struct rh_draft *draft, const char *path,
			   const struct rh_json_node *value, unsigned depth)
{
	enum rh_json_type type = rh_json_type(value);
	struct draft_column *column = NULL;

	if (type == RH_JSON_ARRAY) {
		column = find_column(draft, path);
		if (column != NULL && rh_json_count(value) > 0) {
			column->count++;
			column->looks[DRAFT_LOOK_OTHER]++;
		}
		return;
	}
	column = find_column(draft, path);
	if (column == NULL || type == RH_JSON_NULL) {
		return;
	}
	if (type == RH_JSON_OBJECT) {
		column->count++;
		column->looks[DRAFT_LOOK_OBJECT]++;
		if (depth < DEPTH_MAX) {
			look_at_object(draft, path, value, depth + 1);
		}
		return;
	}
	struct rh_str text = rh_json_text(value);
	see_text(draft, column,
		 text.ptr != NULL ? text : rh_str_from(type == RH_JSON_TRUE ? "true" : "false"));
}

static void look_at_object(struct rh_draft *draft, const char *prefix,
			   const struct rh_json_node *object, unsigned depth)
{
	const struct rh_json_node *value = NULL;
	char path[MAPPING_PATH_MAX];
	struct rh_str name;

	while ((value = rh_json_next(object, value, &name)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s", prefix);
		if (add_name(path, name)) {
			look_at_member(draft, path, value, depth);
		}
	}
}

int rh_draft_look(struct rh_draft *draft, const struct rh_record *record)
{
	char path[MAPPING_PATH_MAX];

	draft->records++;
	if (record->json != NULL) {
		look_at_object(draft, "", record->json, 1);
		return draft->is_out_of_memory ? RH_ENOMEM : RH_OK;
	}
	for (size_t i = 0; i < record->columns->count; i++) {
		path[0] = '\0';
		struct draft_column *column =
			add_name(path, record->columns->names[i]) ? find_column(draft, path) : NULL;
		if (column != NULL && rh_str_is_set(record->cells[i])) {
			see_text(draft, column, record->cells[i]);
		}
	}
	return draft->is_out_of_memory ? RH_ENOMEM : RH_OK;
}
