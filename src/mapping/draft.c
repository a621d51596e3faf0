/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding what each column becomes, by its name and by its values. */
#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "mapping/draft_internal.h"

enum {
	SCRATCH_MAX = 1 << 20, /* bytes for looking at one value */
	INNER_RANK = 500,      /* members of an object come behind those beside it */
	MORE_RANK = 1000,      /* names of the second document come behind those of the first */
};

static const char *const look_names[DRAFT_LOOKS] = {
	[DRAFT_LOOK_OTHER] = "texts",
	[DRAFT_LOOK_EMAIL] = "e-mail addresses",
	[DRAFT_LOOK_PHONE] = "phone numbers with +",
	[DRAFT_LOOK_LOCAL] = "phone numbers without country",
	[DRAFT_LOOK_HASH] = "password hashes",
	[DRAFT_LOOK_TIME] = "moments",
	[DRAFT_LOOK_BOOL] = "true and false",
	[DRAFT_LOOK_STATE] = "words for a state",
	[DRAFT_LOOK_NUMBER] = "numbers",
	[DRAFT_LOOK_OBJECT] = "JSON objects",
};

int rh_draft_new(struct rh_draft **out, const struct rh_mapping *known,
		 const struct rh_mapping *more, struct rh_err *err)
{
	struct rh_draft *draft = rh_calloc(1, sizeof(*draft));

	if (draft == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a draft");
	}
	draft->known[0] = known;
	draft->known[1] = more;
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
		rh_free(draft->columns[i]->path);
		rh_free(draft->columns[i]);
	}
	rh_arena_done(&draft->scratch);
	rh_free(draft);
}

/* ---- values ---------------------------------------------------------------------------------------------- */

static bool is_most(const struct draft_column *column, uint64_t count)
{
	return count > 0 && count * 10 >= column->count * 9;
}

/* Nine of ten, when there is one at all.  A 1 may be a number as well, a `no` a word like others. */
static void settle_look(struct draft_column *column)
{
	static const struct {
		enum draft_look look;
		enum draft_look with;
	} mixed[] = {
		{DRAFT_LOOK_NUMBER, DRAFT_LOOK_BOOL},
		{DRAFT_LOOK_STATE, DRAFT_LOOK_BOOL},
		{DRAFT_LOOK_LOCAL, DRAFT_LOOK_PHONE},
	};

	column->look = DRAFT_LOOK_OTHER;
	column->mostly = DRAFT_LOOK_OTHER;
	for (int look = DRAFT_LOOK_OTHER + 1; look < DRAFT_LOOKS; look++) {
		if (column->looks[look] * 2 > column->count) {
			column->mostly = (enum draft_look)look;
		}
		if (is_most(column, column->looks[look])) {
			column->look = (enum draft_look)look;
		}
	}
	for (size_t i = 0; i < sizeof(mixed) / sizeof(mixed[0]); i++) {
		uint64_t count = column->looks[mixed[i].look];
		if (count > 0 && is_most(column, count + column->looks[mixed[i].with])) {
			column->look = mixed[i].look;
		}
	}
}

bool rh_draft_is_distinct(const struct rh_draft *draft, const struct draft_column *column)
{
	return column->different > 0 && column->count == draft->records &&
	       column->different == column->count;
}

/* Is the value what the meaning wants?  A text may be anything that is not plainly something else. */
static bool fits(const struct draft_column *column, const struct draft_meaning *is, bool *is_proof)
{
	const enum draft_look look = column->look;

	*is_proof = true;
	switch (is->role) {
	case DRAFT_ROLE_EMAIL:
	case DRAFT_ROLE_IDENTITY_EMAIL:
		return look == DRAFT_LOOK_EMAIL;
	case DRAFT_ROLE_PHONE:
		return look == DRAFT_LOOK_PHONE;
	case DRAFT_ROLE_HASH:
	case DRAFT_ROLE_CLEAR:
		return look == DRAFT_LOOK_HASH;
	case DRAFT_ROLE_METADATA:
		return look == DRAFT_LOOK_OBJECT;
	case DRAFT_ROLE_EMAIL_VERIFIED:
	case DRAFT_ROLE_PHONE_VERIFIED:
		return look == DRAFT_LOOK_TIME || look == DRAFT_LOOK_BOOL ||
		       look == DRAFT_LOOK_STATE;
	case DRAFT_ROLE_FIELD:
		if (is->is_presence || rh_field_info(is->field)->type == RH_TYPE_TIME) {
			return look == DRAFT_LOOK_TIME;
		}
		if (rh_field_info(is->field)->type == RH_TYPE_BOOL) {
			return look == DRAFT_LOOK_BOOL || look == DRAFT_LOOK_STATE;
		}
		break;
	case DRAFT_ROLE_NONE:
	case DRAFT_ROLE_LABEL:
	case DRAFT_ROLE_SALT:
	case DRAFT_ROLE_SUBJECT:
		break;
	}
	*is_proof = false;
	bool is_name = is->role == DRAFT_ROLE_FIELD && is->field != RH_FIELD_SOURCE_ID &&
		       is->field != RH_FIELD_EXTERNAL_ID;
	return !is_name ||
	       (look != DRAFT_LOOK_TIME && look != DRAFT_LOOK_HASH && look != DRAFT_LOOK_OBJECT);
}

/* ---- names ----------------------------------------------------------------------------------------------- */

/* Takes the meaning over if it is surer than what there is. */
static void consider(struct draft_column *column, struct draft_meaning is)
{
	bool is_proof;
	bool is_fit = fits(column, &is, &is_proof);

	is.confidence = column->count > 0 && !is_fit    ? RH_DRAFT_LOW
			: column->count > 0 && is_proof ? RH_DRAFT_HIGH
							: RH_DRAFT_MEDIUM;
	if (is.confidence > column->is.confidence) {
		column->is = is;
	}
}

/* One of the rules may read the place. */
static void offer(struct draft_column *column, struct draft_meaning is, struct mapping_rules rules,
		  uint16_t place)
{
	for (size_t i = 0; i < rules.count; i++) {
		const struct mapping_rule *rule = &is.known->rules[rules.first + i];
		if (rule->place == place) {
			const struct mapping_setting *setting = &is.known->settings[rule->setting];
			is.rank += i;
			is.is_inverted = setting->is_inverted;
			is.is_presence = setting->is_presence;
			consider(column, is);
			return;
		}
	}
}

static void offer_list(struct draft_column *column, struct draft_meaning is, size_t index,
		       uint16_t place)
{
	const struct mapping_list *list = &is.known->lists[index];
	bool is_email = list->field == RH_FIELD_EMAILS;

	is.list = index;
	if (list->each != MAPPING_NOWHERE) {
		return;
	}
	if (list->field != RH_FIELD_IDENTITIES) {
		is.role = is_email ? DRAFT_ROLE_EMAIL : DRAFT_ROLE_PHONE;
		offer(column, is, list->value, place);
		is.role = is_email ? DRAFT_ROLE_EMAIL_VERIFIED : DRAFT_ROLE_PHONE_VERIFIED;
		offer(column, is, list->verified, place);
	} else if (is.known->rules[list->value.first].place == MAPPING_NOWHERE) {
		/* The provider must be known: a constant. */
		is.role = DRAFT_ROLE_SUBJECT;
		offer(column, is, list->subject, place);
		is.role = DRAFT_ROLE_IDENTITY_EMAIL;
		offer(column, is, list->email, place);
	}
}

/* All that a document reads from a column of that name. */
static void offer_name(struct draft_column *column, const struct rh_mapping *known, size_t rank,
		       const char *name)
{
	struct draft_meaning is = {.known = known, .rank = rank};
	uint16_t place = rh_mapping_place(&known->scopes[MAPPING_SCOPE_RECORD], rh_str_from(name));

	if (place == MAPPING_NOWHERE) {
		return;
	}
	for (size_t i = 0; i < RH_FIELDS; i++) {
		is.role = DRAFT_ROLE_FIELD;
		is.field = (enum rh_field)i;
		offer(column, is, known->fields[i], place);
	}
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		is.role = DRAFT_ROLE_METADATA;
		is.field = (enum rh_field)(RH_FIELD_PUBLIC_METADATA + i);
		offer(column, is, known->metadata[i].whole, place);
	}
	for (size_t i = 0; i < known->list_count; i++) {
		offer_list(column, is, i, place);
	}
	const struct {
		enum draft_role role;
		struct mapping_rules rules;
	} parts[] = {
		{DRAFT_ROLE_HASH, known->password.hash},
		{DRAFT_ROLE_LABEL, known->password.label},
		{DRAFT_ROLE_SALT, known->password.salt},
		{DRAFT_ROLE_CLEAR, known->password.clear},
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		is.role = parts[i].role;
		offer(column, is, parts[i].rules, place);
	}
}

/* Letters of Latin-1 from U+00C0 on, as they are without what is above or below them. */
static const char plain_letters[] = "aaaaaaaceeeeiiiidnooooo.ouuuuyss";

/* "E-mail address (work)" and "Prénom" as "emailaddress" and "prenom". */
static void fold_name(const char *name, char out[MAPPING_PATH_MAX])
{
	size_t len = 0;

	for (size_t i = 0; name[i] != '\0' && (name[i] != '(' || len == 0); i++) {
		unsigned char byte = (unsigned char)name[i];
		unsigned char next = (unsigned char)name[i + 1];
		if (byte == 0xC3 && next >= 0x80) {
			out[len++] = plain_letters[next & 0x1F];
			i++;
		} else if (byte == 0xC2 && (next == 0xBA || next == 0xB0)) { /* of "Nº" */
			out[len++] = 'o';
			i++;
		} else if (byte >= 0x80 || (byte >= '0' && byte <= '9') ||
			   (byte >= 'a' && byte <= 'z')) {
			out[len++] = (char)byte;
		} else if (byte >= 'A' && byte <= 'Z') {
			out[len++] = (char)(byte + ('a' - 'A'));
		}
	}
	out[len] = '\0';
}

/* "work email", "user_password": of whom or of what kind it is says the first word. */
static const char *behind_first_word(const char *name)
{
	static const char *const words[] = {"user",     "contact",  "primary", "work",
					    "business", "employee", "member",  "customer",
					    "personal", "private",  "main",    NULL};

	for (size_t i = 0; words[i] != NULL; i++) {
		size_t len = strlen(words[i]);
		if (strncmp(name, words[i], len) == 0 && name[len] != '\0') {
			return name + len;
		}
	}
	return NULL;
}

static bool is_of_a_person(const struct draft_meaning *is)
{
	return is->role == DRAFT_ROLE_EMAIL || is->role == DRAFT_ROLE_PHONE ||
	       is->role == DRAFT_ROLE_HASH || is->role == DRAFT_ROLE_CLEAR ||
	       (is->role == DRAFT_ROLE_FIELD &&
		(is->field == RH_FIELD_FIRST_NAME || is->field == RH_FIELD_LAST_NAME));
}

/* "profile.email": the object is the person, so its members mean what they would mean without it. */
static const char *within_person(const char *path)
{
	static const char *const objects[] = {"profile.",    "user.",   "person.", "attributes.",
					      "properties.", "fields.", NULL};

	for (size_t i = 0; objects[i] != NULL; i++) {
		size_t len = strlen(objects[i]);
		if (strncmp(path, objects[i], len) == 0 && path[len] != '\0') {
			return path + len;
		}
	}
	return NULL;
}

static void offer_names(struct draft_column *column, const struct rh_mapping *known, size_t rank)
{
	char name[MAPPING_PATH_MAX] = "";
	const char *inner = within_person(column->path);

	offer_name(column, known, rank, column->path);
	fold_name(inner != NULL ? inner : column->path, name);
	offer_name(column, known, rank + (inner != NULL ? INNER_RANK : 0), name);
	const char *rest = behind_first_word(name);
	if (column->is.role == DRAFT_ROLE_NONE && rest != NULL) {
		offer_name(column, known, rank, rest);
		if (!is_of_a_person(&column->is)) {
			column->is = (struct draft_meaning){0};
		}
	}
}

/* ---- deciding -------------------------------------------------------------------------------------------- */

bool rh_draft_has(const struct rh_draft *draft, enum draft_role role, enum rh_field field)
{
	for (size_t i = 0; i < draft->count; i++) {
		const struct draft_meaning *is = &draft->columns[i]->is;
		if (is->role == role && (role != DRAFT_ROLE_FIELD || is->field == field)) {
			return true;
		}
	}
	return false;
}

bool rh_draft_has_id(const struct rh_draft *draft)
{
	return rh_draft_has(draft, DRAFT_ROLE_FIELD, RH_FIELD_SOURCE_ID);
}

/* Of several columns that look so, one with a value of everybody's own is preferred: others name a boss. */
static void decide_by_look(struct rh_draft *draft, enum draft_look look, enum draft_role role)
{
	struct draft_column *best = NULL;

	if (rh_draft_has(draft, role, 0) ||
	    (look == DRAFT_LOOK_HASH && rh_draft_has(draft, DRAFT_ROLE_CLEAR, 0))) {
		return;
	}
	for (size_t i = 0; i < draft->count; i++) {
		struct draft_column *column = draft->columns[i];
		if (column->look == look && column->is.role == DRAFT_ROLE_NONE &&
		    column->within == NULL &&
		    (best == NULL || column->different > best->different)) {
			best = column;
		}
	}
	if (best != NULL) {
		best->is = (struct draft_meaning){.role = role, .confidence = RH_DRAFT_LOW};
	}
}

/* Of several columns for one thing that holds one the best stays; addresses may all stay. */
static bool is_same_thing(const struct draft_meaning *a, const struct draft_meaning *b)
{
	if (a->role != b->role || a->role == DRAFT_ROLE_EMAIL || a->role == DRAFT_ROLE_PHONE) {
		return false;
	}
	if (a->role == DRAFT_ROLE_SUBJECT || a->role == DRAFT_ROLE_IDENTITY_EMAIL) {
		return a->known == b->known && a->list == b->list;
	}
	bool is_flag = a->role == DRAFT_ROLE_FIELD && rh_field_info(a->field)->type == RH_TYPE_BOOL;
	return !is_flag && (a->role != DRAFT_ROLE_FIELD || a->field == b->field) &&
	       (a->role != DRAFT_ROLE_METADATA || a->field == b->field);
}

static void drop_seconds(struct rh_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		for (size_t k = 0; k < draft->count; k++) {
			const struct draft_meaning *a = &draft->columns[i]->is;
			struct draft_meaning *b = &draft->columns[k]->is;
			if (i != k && a->role != DRAFT_ROLE_NONE && is_same_thing(a, b) &&
			    (a->rank < b->rank || (a->rank == b->rank && i < k))) {
				*b = (struct draft_meaning){0};
			}
		}
	}
}

/* Members of an object that goes into metadata as a whole go with it. */
static void find_covered(struct rh_draft *draft, struct draft_column *column)
{
	for (size_t i = 0; i < draft->count; i++) {
		const struct draft_column *whole = draft->columns[i];
		size_t len = strlen(whole->path);
		if (whole->is.role == DRAFT_ROLE_METADATA &&
		    strncmp(column->path, whole->path, len) == 0 && column->path[len] == '.') {
			column->within = rh_field_info(whole->is.field)->name;
			column->is.confidence = whole->is.confidence;
		}
	}
}

/* A name of one word may be what somebody signs in with.  Beside a first name alone, "Name" is the last one. */
static void doubt_names(struct rh_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		struct draft_column *column = draft->columns[i];
		if (column->is.role == DRAFT_ROLE_FIELD && column->is.field == RH_FIELD_FULL_NAME &&
		    column->count > 0 && column->blanks == 0) {
			column->is.confidence = RH_DRAFT_LOW;
		}
	}
	if (!rh_draft_has(draft, DRAFT_ROLE_FIELD, RH_FIELD_FIRST_NAME) ||
	    rh_draft_has(draft, DRAFT_ROLE_FIELD, RH_FIELD_LAST_NAME)) {
		return;
	}
	for (size_t i = 0; i < draft->count; i++) {
		struct draft_column *column = draft->columns[i];
		if (column->is.role == DRAFT_ROLE_FIELD && column->is.field == RH_FIELD_FULL_NAME &&
		    rh_str_is_nocase(rh_str_from(column->path), "name")) {
			column->is.field = RH_FIELD_LAST_NAME;
			column->is.confidence = RH_DRAFT_LOW;
		}
	}
}

/* A state that numbers stand for may be the other way round; words that are not known, anything. */
static void doubt_states(struct rh_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		struct draft_column *column = draft->columns[i];
		const char *tail = strlen(column->path) >= 6
					   ? column->path + strlen(column->path) - 6
					   : column->path;
		if (column->is.role != DRAFT_ROLE_FIELD ||
		    !rh_str_is_nocase(rh_str_from(tail), "status")) {
			continue;
		}
		if (column->look == DRAFT_LOOK_BOOL) {
			column->is.confidence = RH_DRAFT_LOW;
		} else if (column->look != DRAFT_LOOK_STATE) {
			column->is = (struct draft_meaning){0};
		}
	}
}

static void doubt_id(struct rh_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		struct draft_column *column = draft->columns[i];
		if (column->is.role == DRAFT_ROLE_FIELD && column->is.field == RH_FIELD_SOURCE_ID &&
		    draft->records > 1) {
			column->is.confidence =
				rh_draft_is_distinct(draft, column) ? RH_DRAFT_HIGH : RH_DRAFT_LOW;
		}
	}
}

void rh_draft_decide(struct rh_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		struct draft_column *column = draft->columns[i];
		settle_look(column);
		for (size_t k = 0; k < DRAFT_KNOWN_MAX && draft->known[k] != NULL; k++) {
			offer_names(column, draft->known[k], k * MORE_RANK);
		}
	}
	doubt_states(draft);
	drop_seconds(draft);
	doubt_names(draft);
	doubt_id(draft);
	for (size_t i = 0; i < draft->count; i++) {
		if (draft->columns[i]->is.role == DRAFT_ROLE_NONE) {
			find_covered(draft, draft->columns[i]);
		}
	}
	decide_by_look(draft, DRAFT_LOOK_EMAIL, DRAFT_ROLE_EMAIL);
	decide_by_look(draft, DRAFT_LOOK_PHONE, DRAFT_ROLE_PHONE);
	decide_by_look(draft, DRAFT_LOOK_HASH, DRAFT_ROLE_HASH);
}

static const char *becomes(const struct draft_column *column)
{
	static const char *const names[] = {
		[DRAFT_ROLE_EMAIL] = "emails",
		[DRAFT_ROLE_EMAIL_VERIFIED] = "emails.verified",
		[DRAFT_ROLE_PHONE] = "phones",
		[DRAFT_ROLE_PHONE_VERIFIED] = "phones.verified",
		[DRAFT_ROLE_HASH] = "password.hash",
		[DRAFT_ROLE_LABEL] = "password.label",
		[DRAFT_ROLE_SALT] = "password.salt",
		[DRAFT_ROLE_CLEAR] = "password.clear",
		[DRAFT_ROLE_SUBJECT] = "identities.subject",
		[DRAFT_ROLE_IDENTITY_EMAIL] = "identities.email",
		[DRAFT_ROLE_METADATA] = NULL,
	};

	if (column->is.role == DRAFT_ROLE_NONE) {
		return column->within;
	}
	return column->is.role == DRAFT_ROLE_FIELD || column->is.role == DRAFT_ROLE_METADATA
		       ? rh_field_info(column->is.field)->name
		       : names[column->is.role];
}

bool rh_draft_at(const struct rh_draft *draft, size_t index, struct rh_draft_entry *out)
{
	if (index >= draft->count) {
		return false;
	}
	const struct draft_column *column = draft->columns[index];
	bool is_mixed = column->look == DRAFT_LOOK_OTHER && column->mostly != DRAFT_LOOK_OTHER;
	*out = (struct rh_draft_entry){
		.path = rh_str_from(column->path),
		.becomes = becomes(column),
		.looks = look_names[is_mixed ? column->mostly : column->look],
		.is_mixed = is_mixed,
		.confidence = column->is.confidence,
		.count = column->count,
		.different = column->different,
	};
	return true;
}
