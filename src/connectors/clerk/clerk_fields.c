/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the members or cells of a Clerk record in one pass, and reading single values. */
#include "connectors/clerk/clerk_fields.h"

#include "base/clock.h"
#include "base/json_node.h"
#include "base/str.h"

/* 9999-12-31T23:59:59.999Z: a number beyond it is no time in milliseconds. */
#define TIME_MS_MAX INT64_C(253402300799999)

#define NAME(argument, name, text) {.ptr = (text), .len = sizeof(text) - 1},
static const struct rh_str field_names[CLERK_FIELDS] = {CLERK_FIELD_MAP(NAME, )};
static const struct rh_str member_names[CLERK_MEMBERS] = {CLERK_MEMBER_MAP(NAME, )};
#undef NAME

/* Where the names of each length begin in such a table: as many as there are shorter ones. */
enum { LONGEST = 27, WORD = sizeof(uint64_t) };
_Static_assert(LONGEST <= 4 * WORD, "four words are a name");
/* A term of a sum. */
/* NOLINTNEXTLINE(bugprone-macro-parentheses) */
#define COUNT_SHORTER(length, name, text) +(sizeof(text) - 1 < (length))
#define FIRST(MAP, length) (0 MAP(COUNT_SHORTER, length))
#define FIRST_4(MAP, length)                                                    \
	FIRST(MAP, length), FIRST(MAP, (length) + 1), FIRST(MAP, (length) + 2), \
		FIRST(MAP, (length) + 3)
#define FIRST_OF_ALL(MAP)                                                                    \
	{                                                                                    \
		FIRST_4(MAP, 0), FIRST_4(MAP, 4), FIRST_4(MAP, 8), FIRST_4(MAP, 12),         \
			FIRST_4(MAP, 16), FIRST_4(MAP, 20), FIRST_4(MAP, 24), FIRST(MAP, 28) \
	}
_Static_assert(FIRST(CLERK_FIELD_MAP, LONGEST + 1) == CLERK_FIELDS, "none is longer");
_Static_assert(FIRST(CLERK_MEMBER_MAP, LONGEST + 1) == CLERK_MEMBERS, "none is longer");
static const uint8_t first_field[LONGEST + 2] = FIRST_OF_ALL(CLERK_FIELD_MAP);
static const uint8_t first_member[LONGEST + 2] = FIRST_OF_ALL(CLERK_MEMBER_MAP);

const char *clerk_field_name(enum clerk_field field)
{
	return field_names[field].ptr;
}

static inline uint64_t word(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, WORD);
	return bytes;
}

static inline uint32_t half(const char *at)
{
	uint32_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return bytes;
}

/* Both have `len` bytes, one at least and LONGEST at most. */
static inline bool is_same(const char *a, const char *b, size_t len)
{
	if (len < sizeof(uint32_t)) {
		return a[0] == b[0] && a[len - 1] == b[len - 1] && a[len / 2] == b[len / 2];
	}
	if (len < WORD) {
		size_t last = len - sizeof(uint32_t);

		return half(a) == half(b) && half(a + last) == half(b + last);
	}
	/* Two words from the front and two from the end, which overlap: all that a name can have. */
	return word(a) == word(b) && word(a + len - WORD) == word(b + len - WORD) &&
	       (len <= 2 * WORD || (word(a + WORD) == word(b + WORD) &&
				    word(a + len - 2 * WORD) == word(b + len - 2 * WORD)));
}

/* Index of a name in a table that is sorted by length; -1: not in it. */
static inline int find_name(struct rh_str name, const struct rh_str *names, const uint8_t *first)
{
	if (name.len > LONGEST) {
		return -1;
	}
	for (size_t i = first[name.len]; i < first[name.len + 1]; i++) {
		if (is_same(names[i].ptr, name.ptr, name.len)) {
			return (int)i;
		}
	}
	return -1;
}

/* `cells` may be NULL: names only. */
static void collect_cells(struct clerk_fields *fields, const struct rh_columns *columns,
			  const struct rh_str *cells)
{
	*fields = (struct clerk_fields){.is_cells = true};
	for (size_t i = 0; i < columns->count; i++) {
		int field = find_name(rh_str_trim(columns->names[i]), field_names, first_field);
		if (field >= 0) {
			fields->is_there[field] = true;
			fields->cell[field] =
				cells != NULL ? clerk_unguard(cells[i]) : RH_STR_ABSENT;
		}
	}
}

void clerk_fields_of_columns(struct clerk_fields *fields, const struct rh_columns *columns)
{
	collect_cells(fields, columns, NULL);
}

bool clerk_fields_of_node(struct clerk_fields *fields, const struct rh_json_node *node)
{
	const struct rh_json_node *end;

	/* Not the cells, which nobody looks at: they are two thirds of it. */
	fields->is_cells = false;
	fields->has_twice = false;
	memset(fields->is_there, 0, sizeof(fields->is_there));
	memset((void *)fields->node, 0, sizeof(fields->node));
	if (rh_json_type(node) != RH_JSON_OBJECT) {
		return false;
	}
	end = rh_json_behind(node);
	for (const struct rh_json_node *name = node + 1; name < end;
	     name = rh_json_behind(name + 1)) {
		int field = find_name(rh_json_name(name), field_names, first_field);
		if (field >= 0) {
			if (fields->is_there[field]) {
				fields->has_twice = true;
				fields->twice = (enum clerk_field)field;
			}
			fields->is_there[field] = true;
			fields->node[field] = name + 1;
		}
	}
	return true;
}

void clerk_members_of_node(const struct rh_json_node *members[CLERK_MEMBERS],
			   const struct rh_json_node *node)
{
	const struct rh_json_node *end = rh_json_behind(node);

	for (size_t i = 0; i < CLERK_MEMBERS; i++) {
		members[i] = NULL;
	}
	for (const struct rh_json_node *name = node + 1; name < end;
	     name = rh_json_behind(name + 1)) {
		int member = find_name(rh_json_name(name), member_names, first_member);
		if (member >= 0) {
			members[member] = name + 1;
		}
	}
}

bool clerk_fields_of_record(struct clerk_fields *fields, const struct rh_record *record)
{
	if (record->json != NULL) {
		return clerk_fields_of_node(fields, record->json);
	}
	if (record->columns == NULL || record->cells == NULL) {
		return false;
	}
	collect_cells(fields, record->columns, record->cells);
	return true;
}

struct rh_str clerk_unguard(struct rh_str cell)
{
	/* U+FF1D, U+FF0B, U+FF0D, U+FF20 */
	static const char *const wide[] = {
		"\xef\xbc\x9d",
		"\xef\xbc\x8b",
		"\xef\xbc\x8d",
		"\xef\xbc\xa0",
	};

	if (cell.len < 2 || cell.ptr[0] != '\t') {
		return cell;
	}
	struct rh_str rest = rh_str_sub(cell, 1, cell.len - 1);
	if (memchr("=+-@\t\r\n", rest.ptr[0], 7) != NULL) {
		return rest;
	}
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if (rh_str_starts(rest, wide[i])) {
			return rest;
		}
	}
	return cell;
}

/* Of a record in JSON most members are there and null, or not there. */
static inline bool is_nothing(const struct rh_json_node *node)
{
	return node == NULL || node->type == RH_JSON_NULL;
}

enum clerk_reading clerk_field_text(const struct clerk_fields *fields, enum clerk_field field,
				    struct rh_str *out)
{
	const struct rh_json_node *node = fields->node[field];
	struct rh_str text;

	if (fields->is_cells) {
		text = fields->cell[field];
	} else if (is_nothing(node)) {
		return CLERK_READING_ABSENT;
	} else if (node->type != RH_JSON_STRING) {
		return CLERK_READING_WRONG;
	} else {
		text = rh_json_name(node);
	}
	if (!rh_str_is_set(text)) {
		return CLERK_READING_ABSENT;
	}
	*out = text;
	return CLERK_READING_OK;
}

/* Content of a string, digits of a number, the cell; absent for all else. */
static struct rh_str scalar_text(const struct clerk_fields *fields, enum clerk_field field)
{
	return fields->is_cells ? fields->cell[field] : rh_json_text(fields->node[field]);
}

static bool is_one_of(struct rh_str text, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is_nocase(text, words[i])) {
			return true;
		}
	}
	return false;
}

enum clerk_reading clerk_field_bool(const struct clerk_fields *fields, enum clerk_field field,
				    bool *out)
{
	static const char *const yes[] = {"true", "1", "yes", "y", NULL};
	static const char *const no[] = {"false", "0", "no", "n", NULL};
	const struct rh_json_node *node = fields->node[field];

	if (!fields->is_cells) {
		if (is_nothing(node)) {
			return CLERK_READING_ABSENT;
		}
		enum rh_json_type type = node->type;
		if (type == RH_JSON_TRUE || type == RH_JSON_FALSE) {
			*out = type == RH_JSON_TRUE;
			return CLERK_READING_OK;
		}
		if (type == RH_JSON_ARRAY || type == RH_JSON_OBJECT) {
			return CLERK_READING_WRONG;
		}
	}
	struct rh_str text = rh_str_trim(scalar_text(fields, field));
	if (!rh_str_is_set(text)) {
		return CLERK_READING_ABSENT;
	}
	bool is_yes = is_one_of(text, yes);
	if (!is_yes && !is_one_of(text, no)) {
		return CLERK_READING_WRONG;
	}
	*out = is_yes;
	return CLERK_READING_OK;
}

enum clerk_reading clerk_field_time(const struct clerk_fields *fields, enum clerk_field field,
				    rh_time *out)
{
	struct rh_str text;
	int64_t milliseconds = 0;
	rh_time time = 0;

	if (!fields->is_cells && is_nothing(fields->node[field])) {
		return CLERK_READING_ABSENT;
	}
	text = rh_str_trim(scalar_text(fields, field));
	if (!rh_str_is_set(text)) {
		bool is_absent =
			fields->is_cells || rh_json_type(fields->node[field]) == RH_JSON_STRING;
		return is_absent ? CLERK_READING_ABSENT : CLERK_READING_WRONG;
	}
	if (rh_str_to_i64(text, &milliseconds)) {
		if (milliseconds < 0 || milliseconds > TIME_MS_MAX) {
			return CLERK_READING_WRONG;
		}
		*out = milliseconds * RH_MILLISECOND;
		return CLERK_READING_OK;
	}
	if (!rh_time_parse(text, &time)) {
		return CLERK_READING_WRONG;
	}
	*out = time;
	return CLERK_READING_OK;
}
