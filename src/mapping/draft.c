/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at records until their columns are understood, and writing that down as a document. */
#include "mapping/draft.h"

#include <stdio.h>

#include "account/normalise.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/mapping_internal.h"

enum {
	PATHS_MAX = 500,
	DEPTH_MAX = 2,        /* members of members */
	SCRATCH_MAX = 1 << 20 /* bytes for looking at one value */
};

enum look {
	LOOK_OTHER,
	LOOK_EMAIL,
	LOOK_PHONE, /* with '+' */
	LOOK_HASH,
	LOOK_TIME,
	LOOK_BOOL,
	LOOK_OBJECT, /* of JSON */
	LOOKS,
};

static const char *const look_names[LOOKS] = {
	[LOOK_EMAIL] = "e-mail addresses", [LOOK_PHONE] = "phone numbers with +",
	[LOOK_HASH] = "password hashes",   [LOOK_TIME] = "moments",
	[LOOK_BOOL] = "true and false",    [LOOK_OBJECT] = "JSON objects",
};

/* What a path becomes. */
enum role {
	ROLE_NONE,
	ROLE_FIELD, /* a field of one rule */
	ROLE_EMAIL,
	ROLE_EMAIL_VERIFIED,
	ROLE_PHONE,
	ROLE_PHONE_VERIFIED,
	ROLE_HASH,
	ROLE_LABEL,
	ROLE_SALT,
	ROLE_CLEAR,
	ROLE_SUBJECT,
	ROLE_IDENTITY_EMAIL,
	ROLE_METADATA,
};

struct column {
	char *path;
	uint64_t count;
	uint64_t looks[LOOKS];
	enum look look; /* of nearly all; LOOK_OTHER: they differ */
	enum role role;
	enum rh_field field; /* ROLE_FIELD, ROLE_METADATA */
	size_t list;         /* ROLE_SUBJECT, ROLE_IDENTITY_EMAIL: of the known document */
	size_t rank;         /* among the names for one thing: the lower, the better */
	bool is_inverted;
	bool is_presence;
	const char *within; /* the metadata of which it is a member */
	enum rh_draft_confidence confidence;
};

struct rh_draft {
	const struct rh_mapping *known;
	struct column columns[PATHS_MAX];
	size_t count;
	bool is_out_of_memory;
	struct rh_arena scratch;
};

int rh_draft_new(struct rh_draft **out, const struct rh_mapping *known, struct rh_err *err)
{
	struct rh_draft *draft = rh_calloc(1, sizeof(*draft));

	if (draft == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a draft");
	}
	draft->known = known;
	rh_arena_init(&draft->scratch, SCRATCH_MAX, RH_ARENA_WIPE);
	*out = draft;
	return RH_OK;
}

void rh_draft_free(struct rh_draft *draft)
{
	if (draft == NULL) {
		return;
	}
	for (size_t i = 0; i < draft->count; i++) {
		rh_free(draft->columns[i].path);
	}
	rh_arena_done(&draft->scratch);
	rh_free(draft);
}

/* ---- looking --------------------------------------------------------------------------------------------- */

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

static enum look look_at_text(struct rh_draft *draft, struct rh_str text)
{
	struct rh_credential credential = {0};
	struct rh_str unused;
	const char *why;
	rh_time time;
	int64_t number;

	rh_arena_reset(&draft->scratch);
	text = rh_str_trim(text);
	if (is_bool(text)) {
		return LOOK_BOOL;
	}
	if (rh_normalise_email(&draft->scratch, text, &unused, &why)) {
		return LOOK_EMAIL;
	}
	if (rh_str_starts(text, "+") && rh_normalise_phone(&draft->scratch, text, &unused, &why)) {
		return LOOK_PHONE;
	}
	/* A small number is no moment. */
	if (rh_mapping_time_of(text, &time) &&
	    (!rh_str_to_i64(text, &number) || number > INT64_C(500000000))) {
		return LOOK_TIME;
	}
	if (rh_str_starts(text, "{\"") || rh_str_is(text, "{}")) {
		return LOOK_OBJECT;
	}
	if (rh_credential_parse(&draft->scratch, text, RH_STR_ABSENT, RH_DIALECT_SHAPE,
				&credential) == RH_OK &&
	    credential.state == RH_CREDENTIAL_PRESENT) {
		return LOOK_HASH;
	}
	return LOOK_OTHER;
}

static struct column *find_column(struct rh_draft *draft, const char *path)
{
	for (size_t i = 0; i < draft->count; i++) {
		if (strcmp(draft->columns[i].path, path) == 0) {
			return &draft->columns[i];
		}
	}
	if (draft->count == PATHS_MAX) {
		return NULL;
	}
	struct column *added = &draft->columns[draft->count];
	*added = (struct column){.path = rh_strdup(path)};
	if (added->path == NULL) {
		draft->is_out_of_memory = true;
		return NULL;
	}
	draft->count++;
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
	struct column *column = NULL;

	if (type == RH_JSON_ARRAY) {
		column = find_column(draft, path);
		if (column != NULL && rh_json_count(value) > 0) {
			column->count++;
			column->looks[LOOK_OTHER]++;
		}
		return;
	}
	column = find_column(draft, path);
	if (column == NULL || type == RH_JSON_NULL) {
		return;
	}
	if (type == RH_JSON_OBJECT) {
		column->count++;
		column->looks[LOOK_OBJECT]++;
		if (depth < DEPTH_MAX) {
			look_at_object(draft, path, value, depth + 1);
		}
		return;
	}
	struct rh_str text = rh_json_text(value);
	if (text.ptr != NULL && text.len == 0) {
		return;
	}
	column->count++;
	column->looks[text.ptr != NULL ? look_at_text(draft, text) : LOOK_BOOL]++;
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

	if (record->json != NULL) {
		look_at_object(draft, "", record->json, 1);
		return draft->is_out_of_memory ? RH_ENOMEM : RH_OK;
	}
	for (size_t i = 0; i < record->columns->count; i++) {
		path[0] = '\0';
		struct column *column =
			add_name(path, record->columns->names[i]) ? find_column(draft, path) : NULL;
		if (column != NULL && rh_str_is_set(record->cells[i])) {
			column->count++;
			column->looks[look_at_text(draft, record->cells[i])]++;
		}
	}
	return draft->is_out_of_memory ? RH_ENOMEM : RH_OK;
}

/* ---- deciding -------------------------------------------------------------------------------------------- */

/* Which of the rules reads the place; SIZE_MAX: none. */
static size_t rank_in(const struct rh_mapping *known, struct mapping_rules rules, uint16_t place)
{
	for (size_t i = 0; i < rules.count; i++) {
		if (known->rules[rules.first + i].place == place) {
			return i;
		}
	}
	return SIZE_MAX;
}

static bool take(struct column *column, const struct rh_mapping *known, struct mapping_rules rules,
		 uint16_t place, enum role role)
{
	size_t rank = rank_in(known, rules, place);

	if (rank == SIZE_MAX) {
		return false;
	}
	const struct mapping_rule *rule = &known->rules[rules.first + rank];
	column->role = role;
	column->rank = rank;
	column->is_inverted = known->settings[rule->setting].is_inverted;
	column->is_presence = known->settings[rule->setting].is_presence;
	return true;
}

static bool take_list(struct column *column, const struct rh_mapping *known, size_t index,
		      uint16_t place)
{
	const struct mapping_list *list = &known->lists[index];
	bool is_email = list->field == RH_FIELD_EMAILS;

	column->list = index;
	if (list->each != MAPPING_NOWHERE) {
		return false;
	}
	if (list->field == RH_FIELD_IDENTITIES) {
		/* The provider must be known: a constant. */
		return known->rules[list->value.first].place == MAPPING_NOWHERE &&
		       (take(column, known, list->subject, place, ROLE_SUBJECT) ||
			take(column, known, list->email, place, ROLE_IDENTITY_EMAIL));
	}
	return take(column, known, list->value, place, is_email ? ROLE_EMAIL : ROLE_PHONE) ||
	       take(column, known, list->verified, place,
		    is_email ? ROLE_EMAIL_VERIFIED : ROLE_PHONE_VERIFIED);
}

static bool take_password(struct column *column, const struct rh_mapping *known, uint16_t place)
{
	const struct mapping_password *password = &known->password;

	return take(column, known, password->hash, place, ROLE_HASH) ||
	       take(column, known, password->label, place, ROLE_LABEL) ||
	       take(column, known, password->salt, place, ROLE_SALT) ||
	       take(column, known, password->clear, place, ROLE_CLEAR);
}

/* By what the known document reads from a place of that name. */
static bool decide_by_name(struct rh_draft *draft, struct column *column)
{
	const struct rh_mapping *known = draft->known;
	uint16_t place =
		rh_mapping_place(&known->scopes[MAPPING_SCOPE_RECORD], rh_str_from(column->path));

	if (place == MAPPING_NOWHERE) {
		return false;
	}
	for (size_t i = 0; i < RH_FIELDS; i++) {
		if (take(column, known, known->fields[i], place, ROLE_FIELD)) {
			column->field = (enum rh_field)i;
			return true;
		}
	}
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		if (take(column, known, known->metadata[i].whole, place, ROLE_METADATA)) {
			column->field = (enum rh_field)(RH_FIELD_PUBLIC_METADATA + i);
			return true;
		}
	}
	for (size_t i = 0; i < known->list_count; i++) {
		if (take_list(column, known, i, place)) {
			return true;
		}
	}
	return take_password(column, known, place);
}

static bool has_role(const struct rh_draft *draft, enum role role, enum rh_field field)
{
	for (size_t i = 0; i < draft->count; i++) {
		if (draft->columns[i].role == role &&
		    (role != ROLE_FIELD || draft->columns[i].field == field)) {
			return true;
		}
	}
	return false;
}

static enum look expected(const struct column *column)
{
	switch (column->role) {
	case ROLE_EMAIL:
	case ROLE_IDENTITY_EMAIL:
		return LOOK_EMAIL;
	case ROLE_PHONE:
		return LOOK_PHONE;
	case ROLE_HASH:
	case ROLE_CLEAR:
		return LOOK_HASH;
	case ROLE_METADATA:
		return LOOK_OBJECT;
	case ROLE_FIELD:
		if (column->is_presence) {
			return LOOK_TIME;
		}
		return rh_field_info(column->field)->type == RH_TYPE_TIME   ? LOOK_TIME
		       : rh_field_info(column->field)->type == RH_TYPE_BOOL ? LOOK_BOOL
									    : LOOK_OTHER;
	case ROLE_EMAIL_VERIFIED:
	case ROLE_PHONE_VERIFIED:
		return column->look == LOOK_TIME ? LOOK_TIME : LOOK_BOOL;
	case ROLE_NONE:
	case ROLE_LABEL:
	case ROLE_SALT:
	case ROLE_SUBJECT:
		break;
	}
	return LOOK_OTHER;
}

/* Nine of ten, when there is one at all. */
static void settle_look(struct column *column)
{
	column->look = LOOK_OTHER;
	for (int look = LOOK_OTHER + 1; look < LOOKS; look++) {
		if (column->looks[look] > 0 && column->looks[look] * 10 >= column->count * 9) {
			column->look = (enum look)look;
		}
	}
}

static void decide_by_look(struct rh_draft *draft, struct column *column)
{
	static const struct {
		enum look look;
		enum role role;
	} roles[] = {
		{LOOK_EMAIL, ROLE_EMAIL},
		{LOOK_PHONE, ROLE_PHONE},
		{LOOK_HASH, ROLE_HASH},
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (column->look == roles[i].look && !has_role(draft, roles[i].role, 0)) {
			column->role = roles[i].role;
			column->confidence = RH_DRAFT_LOW;
		}
	}
}

/* Of several columns for one thing that holds one the best stays; addresses may all stay. */
static bool is_same_thing(const struct column *a, const struct column *b)
{
	if (a->role != b->role || a->role == ROLE_EMAIL || a->role == ROLE_PHONE) {
		return false;
	}
	if (a->role == ROLE_SUBJECT || a->role == ROLE_IDENTITY_EMAIL) {
		return a->list == b->list;
	}
	bool is_flag = a->role == ROLE_FIELD && rh_field_info(a->field)->type == RH_TYPE_BOOL;
	return !is_flag && (a->role != ROLE_FIELD || a->field == b->field) &&
	       (a->role != ROLE_METADATA || a->field == b->field);
}

static void drop_seconds(struct rh_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		for (size_t k = 0; k < draft->count; k++) {
			struct column *a = &draft->columns[i];
			struct column *b = &draft->columns[k];
			if (i != k && a->role != ROLE_NONE && is_same_thing(a, b) &&
			    (a->rank < b->rank || (a->rank == b->rank && i < k))) {
				b->role = ROLE_NONE;
				b->confidence = RH_DRAFT_NONE;
			}
		}
	}
}

/* Members of an object that goes into metadata as a whole go with it. */
static void find_covered(struct rh_draft *draft, struct column *column)
{
	for (size_t i = 0; i < draft->count; i++) {
		const struct column *whole = &draft->columns[i];
		size_t len = strlen(whole->path);
		if (whole->role == ROLE_METADATA && strncmp(column->path, whole->path, len) == 0 &&
		    column->path[len] == '.') {
			column->within = rh_field_info(whole->field)->name;
			column->confidence = whole->confidence;
		}
	}
}

void rh_draft_decide(struct rh_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		struct column *column = &draft->columns[i];
		settle_look(column);
		if (!decide_by_name(draft, column)) {
			column->role = ROLE_NONE;
			continue;
		}
		enum look wanted = expected(column);
		column->confidence = wanted == LOOK_OTHER || column->count == 0 ? RH_DRAFT_MEDIUM
				     : column->look == wanted                   ? RH_DRAFT_HIGH
										: RH_DRAFT_LOW;
	}
	drop_seconds(draft);
	for (size_t i = 0; i < draft->count; i++) {
		struct column *column = &draft->columns[i];
		if (column->role == ROLE_NONE) {
			find_covered(draft, column);
		}
		if (column->role == ROLE_NONE && column->within == NULL) {
			decide_by_look(draft, column);
		}
	}
}

static const char *becomes(const struct column *column)
{
	switch (column->role) {
	case ROLE_FIELD:
	case ROLE_METADATA:
		return rh_field_info(column->field)->name;
	case ROLE_EMAIL:
		return "emails";
	case ROLE_EMAIL_VERIFIED:
		return "emails.verified";
	case ROLE_PHONE:
		return "phones";
	case ROLE_PHONE_VERIFIED:
		return "phones.verified";
	case ROLE_HASH:
		return "password.hash";
	case ROLE_LABEL:
		return "password.label";
	case ROLE_SALT:
		return "password.salt";
	case ROLE_CLEAR:
		return "password.clear";
	case ROLE_SUBJECT:
		return "identities.subject";
	case ROLE_IDENTITY_EMAIL:
		return "identities.email";
	case ROLE_NONE:
		break;
	}
	return column->within;
}

bool rh_draft_at(const struct rh_draft *draft, size_t index, struct rh_draft_entry *out)
{
	if (index >= draft->count) {
		return false;
	}
	const struct column *column = &draft->columns[index];
	*out = (struct rh_draft_entry){
		.path = rh_str_from(column->path),
		.becomes = becomes(column),
		.looks = look_names[column->look],
		.confidence = column->confidence,
		.count = column->count,
	};
	return true;
}

/* ---- writing --------------------------------------------------------------------------------------------- */

static void put_text(struct rh_buf *out, const char *text)
{
	rh_buf_add_char(out, '"');
	rh_json_escape(out, rh_str_from(text));
	rh_buf_add_char(out, '"');
}

static const struct column *first_of(const struct rh_draft *draft, enum role role)
{
	for (size_t i = 0; i < draft->count; i++) {
		if (draft->columns[i].role == role) {
			return &draft->columns[i];
		}
	}
	return NULL;
}

static void begin_field(struct rh_buf *out, const char *name)
{
	rh_buf_add_cstr(out, out->ptr[out->len - 1] == '{' ? "\n    " : ",\n    ");
	put_text(out, name);
	rh_buf_add_cstr(out, ": ");
}

static void put_rule(struct rh_buf *out, const struct column *column)
{
	if (!column->is_inverted && !column->is_presence) {
		put_text(out, column->path);
		return;
	}
	rh_buf_add_cstr(out, "{ \"from\": ");
	put_text(out, column->path);
	rh_buf_printf(out, ", \"%s\": true }", column->is_inverted ? "inverted" : "there");
}

static void put_fields(const struct rh_draft *draft, struct rh_buf *out)
{
	for (size_t field = 0; field < RH_FIELDS; field++) {
		size_t count = 0;
		for (size_t i = 0; i < draft->count; i++) {
			const struct column *column = &draft->columns[i];
			count += (column->role == ROLE_FIELD || column->role == ROLE_METADATA) &&
				 column->field == field;
		}
		if (count == 0) {
			continue;
		}
		begin_field(out, rh_field_info(field)->name);
		rh_buf_add_cstr(out, count > 1 ? "[" : "");
		bool is_first = true;
		for (size_t i = 0; i < draft->count; i++) {
			const struct column *column = &draft->columns[i];
			if ((column->role == ROLE_FIELD || column->role == ROLE_METADATA) &&
			    column->field == field) {
				rh_buf_add_cstr(out, is_first ? "" : ", ");
				put_rule(out, column);
				is_first = false;
			}
		}
		rh_buf_add_cstr(out, count > 1 ? "]" : "");
	}
}

/* The first is the primary one, and the one that is verified. */
static void put_addresses(const struct rh_draft *draft, struct rh_buf *out, const char *name,
			  enum role role, enum role verified_role)
{
	const struct column *verified = first_of(draft, verified_role);
	const struct column *first = NULL;

	for (size_t i = 0; i < draft->count; i++) {
		const struct column *column = &draft->columns[i];
		if (column->role == role &&
		    (first == NULL || column->list < first->list ||
		     (column->list == first->list && column->rank < first->rank))) {
			first = column;
		}
	}
	if (first == NULL) {
		return;
	}
	begin_field(out, name);
	rh_buf_add_cstr(out, "[\n      { \"from\": ");
	put_text(out, first->path);
	rh_buf_add_cstr(out, ", \"primary\": true");
	if (verified != NULL) {
		rh_buf_add_cstr(out, ", \"verified\": ");
		put_text(out, verified->path);
	}
	rh_buf_add_cstr(out, " }");
	for (size_t i = 0; i < draft->count; i++) {
		if (draft->columns[i].role == role && &draft->columns[i] != first) {
			rh_buf_add_cstr(out, ",\n      ");
			put_text(out, draft->columns[i].path);
		}
	}
	rh_buf_add_cstr(out, "\n    ]");
}

static void put_password(const struct rh_draft *draft, struct rh_buf *out)
{
	static const struct {
		enum role role;
		const char *name;
	} parts[] = {
		{ROLE_HASH, "hash"},
		{ROLE_LABEL, "label"},
		{ROLE_SALT, "salt"},
		{ROLE_CLEAR, "clear"},
	};
	const char *before = "{ ";

	if (first_of(draft, ROLE_HASH) == NULL && first_of(draft, ROLE_CLEAR) == NULL) {
		return;
	}
	begin_field(out, "password");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct column *column = first_of(draft, parts[i].role);
		if (column != NULL) {
			rh_buf_printf(out, "%s\"%s\": ", before, parts[i].name);
			put_text(out, column->path);
			before = ", ";
		}
	}
	rh_buf_add_cstr(out, " }");
}

static void put_identities(const struct rh_draft *draft, struct rh_buf *out)
{
	const struct rh_mapping *known = draft->known;
	bool is_first = true;

	for (size_t i = 0; i < draft->count; i++) {
		const struct column *subject = &draft->columns[i];
		if (subject->role != ROLE_SUBJECT) {
			continue;
		}
		const struct mapping_rule *provider =
			&known->rules[known->lists[subject->list].value.first];
		if (is_first) {
			begin_field(out, "identities");
		}
		rh_buf_printf(out,
			      "%s\n      { \"provider\": { \"value\": \"%.*s\" }, \"subject\": ",
			      is_first ? "[" : ",", RH_STR_ARG(provider->constant));
		put_text(out, subject->path);
		for (size_t k = 0; k < draft->count; k++) {
			if (draft->columns[k].role == ROLE_IDENTITY_EMAIL &&
			    draft->columns[k].list == subject->list) {
				rh_buf_add_cstr(out, ", \"email\": ");
				put_text(out, draft->columns[k].path);
			}
		}
		rh_buf_add_cstr(out, " }");
		is_first = false;
	}
	rh_buf_add_cstr(out, is_first ? "" : "\n    ]");
}

int rh_draft_write(const struct rh_draft *draft, const char *name, struct rh_buf *out,
		   struct rh_err *err)
{
	if (!has_role(draft, ROLE_FIELD, RH_FIELD_SOURCE_ID)) {
		(void)rh_err_set(err, RH_EINPUT,
				 "none of the columns or members is known as an id");
		rh_err_hint(err,
			    "Write a document whose \"source_id\" names what identifies a person; "
			    "docs/mapping.md shows how.");
		return RH_EINPUT;
	}
	rh_buf_printf(out, "{\n  \"mapping\": 1,\n  \"name\": \"%s\",\n  \"fields\": {", name);
	put_fields(draft, out);
	put_addresses(draft, out, "emails", ROLE_EMAIL, ROLE_EMAIL_VERIFIED);
	put_addresses(draft, out, "phones", ROLE_PHONE, ROLE_PHONE_VERIFIED);
	put_password(draft, out);
	put_identities(draft, out);
	rh_buf_add_cstr(out, "\n  },\n  \"rest\": \"nowhere\"\n}\n");
	return rh_buf_check(out, "the draft", err);
}
