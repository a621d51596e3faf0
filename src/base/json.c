/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON reader: text to a flat array of nodes, in one pass and without recursion.
 *
 *   {"a":[1,2],"b":"x"}   ->   0 object  span 7, 2 members
 *                              1 string  "a"       (the name stands before its value)
 *                              2 array   span 3, 2 elements
 *                              3 number  1
 *                              4 number  2
 *                              5 string  "b"
 *                              6 string  "x"
 *
 * The span of a container is the number of nodes from itself to its last descendant, so the next sibling
 * is found by one addition.  While a container is open its node holds the index of the one around it: the
 * array is its own stack.  Lines are counted where blanks are skipped, because unescaping writes newlines
 * into the text and no newline may stand raw in a string.
 */
#include "base/json.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "base/str.h"

enum { FIRST_NODES = 256 };

struct rh_json_node {
	union {
		const char *text; /* string, number */
		struct {
			uint32_t span;   /* closed container: nodes, its own included */
			uint32_t parent; /* open container: index of the one around it */
		};
	};
	uint32_t len; /* string, number: bytes; container: elements or members */
	enum rh_json_type type;
};

_Static_assert(sizeof(struct rh_json_node) == 16 || sizeof(void *) != 8, "a node has 16 bytes");

struct reader {
	char *at;
	const char *end;
	const char *line_start;
	uint64_t line;
	struct rh_json *json;
	size_t max_nodes;
	uint32_t current; /* innermost open container */
	unsigned depth;   /* open containers */
	int code;         /* why it stopped, and where */
	const char *reason;
	const char *stopped_at;
};

static bool fail_as(struct reader *reader, int code, const char *at, const char *reason)
{
	reader->code = code;
	reader->reason = reason;
	reader->stopped_at = at;
	return false;
}

static bool fail(struct reader *reader, const char *at, const char *reason)
{
	return fail_as(reader, RH_EINPUT, at,
		       at < reader->end ? reason : "the text ends too early");
}

/* Called with the array full. */
static bool grow(struct reader *reader)
{
	struct rh_json *json = reader->json;
	size_t cap = json->cap != 0 ? json->cap * 2 : FIRST_NODES;
	struct rh_json_node *nodes;

	cap = cap < reader->max_nodes ? cap : reader->max_nodes;
	if (cap <= json->count) {
		return fail_as(reader, RH_ELIMIT, reader->at, "the document has too many values");
	}
	nodes = rh_realloc(json->nodes, cap * sizeof(*nodes));
	if (nodes == NULL) {
		return fail_as(reader, RH_ENOMEM, reader->at, "no memory for the document");
	}
	json->nodes = nodes;
	json->cap = cap;
	return true;
}

static inline struct rh_json_node *add_node(struct reader *reader, enum rh_json_type type)
{
	struct rh_json *json = reader->json;
	struct rh_json_node *node;

	if (json->count >= json->cap && !grow(reader)) {
		return NULL;
	}
	node = &json->nodes[json->count];
	json->count++;
	node->type = type;
	return node;
}

static inline void skip_blanks(struct reader *reader)
{
	char *at = reader->at;

	while (at < reader->end && (unsigned char)*at <= ' ') {
		if (*at == '\n') {
			reader->line++;
			reader->line_start = at + 1;
		} else if (*at != ' ' && *at != '\r' && *at != '\t') {
			break;
		}
		at++;
	}
	reader->at = at;
}

/* The four digits of a \u escape; `at` is the first.  -1: failed. */
static int read_unit(struct reader *reader, const char *at)
{
	int unit = 0;

	for (int i = 0; i < 4; i++, at++) {
		int digit = -1;

		if (at < reader->end && rh_json_is_digit(*at)) {
			digit = *at - '0';
		} else if (at < reader->end && (*at | 0x20) >= 'a' && (*at | 0x20) <= 'f') {
			digit = (*at | 0x20) - 'a' + 10;
		}
		if (digit < 0) {
			(void)fail(reader, at, "four hexadecimal digits must follow \\u");
			return -1;
		}
		unit = unit * 16 + digit;
	}
	return unit;
}

static char *put_point(char *to, unsigned point)
{
	if (point < 0x80) {
		*to++ = (char)point;
		return to;
	}
	if (point < 0x800) {
		*to++ = (char)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*to++ = (char)(0xe0 | point >> 12);
		} else {
			*to++ = (char)(0xf0 | point >> 18);
			*to++ = (char)(0x80 | (point >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (point & 0x3f));
	return to;
}

/* \uXXXX or a pair of them at *at, to UTF-8 at *to, which lies before it. */
static bool read_point(struct reader *reader, char **at, char **to)
{
	int unit = read_unit(reader, *at + 2);
	unsigned point = (unsigned)unit;
	size_t len = 6;

	if (unit < 0) {
		return false;
	}
	if (unit == 0) {
		return fail(reader, *at, "\\u0000 is not allowed in a string");
	}
	if (unit >= 0xd800 && unit <= 0xdfff) {
		int low = -1;

		if (unit <= 0xdbff && reader->end - *at > 7 && (*at)[6] == '\\' &&
		    (*at)[7] == 'u') {
			low = read_unit(reader, *at + 8);
			if (low < 0) {
				return false;
			}
		}
		if (low < 0xdc00 || low > 0xdfff) {
			return fail(reader, *at, "half of a surrogate pair stands alone");
		}
		point = 0x10000 + ((unsigned)(unit - 0xd800) << 10) + (unsigned)(low - 0xdc00);
		len = 12;
	}
	*at += len;
	*to = put_point(*to, point);
	return true;
}

/* The escape at *at (a backslash) to *to. */
static bool unescape(struct reader *reader, char **at, char **to)
{
	/* Pairs: the letter, what it stands for. */
	static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	char letter = '\0';

	if (reader->end - *at > 1) {
		letter = (*at)[1];
	}
	if (letter == 'u') {
		return read_point(reader, at, to);
	}
	for (size_t i = 0; letters[i] != '\0'; i += 2) {
		if (letters[i] == letter) {
			**to = letters[i + 1];
			*to += 1;
			*at += 2;
			return true;
		}
	}
	return fail(reader, *at + 1, "no such escape in a string");
}

/* The rest of a string from a backslash, a control byte or the end at `at` on.  `to`: where the bytes
 * before it end, all of them final. */
static bool read_string_slowly(struct reader *reader, char *at, char **out_end)
{
	char *to = at;

	for (;;) {
		char *from = at;
		bool has_high = false;
		size_t len;

		if (at == reader->end || (unsigned char)*at < 0x20) {
			return fail(reader, at, "control byte in a string");
		}
		if (*at == '"') {
			reader->at = at + 1;
			*out_end = to;
			return true;
		}
		if (!unescape(reader, &at, &to)) {
			return false;
		}
		from = at;
		at += rh_json_scan_plain(at, reader->end, &has_high) - at;
		len = (size_t)(at - from);
		if (has_high) {
			size_t valid = rh_str_utf8_prefix((struct rh_str){from, len});

			if (valid < len) {
				return fail(reader, from + valid, "invalid UTF-8 in a string");
			}
		}
		memmove(to, from, len);
		to += len;
	}
}

/* The string at reader->at (a quote) as a node. */
static inline bool read_string(struct reader *reader)
{
	struct rh_json_node *node = add_node(reader, RH_JSON_STRING);
	char *start = reader->at + 1;
	bool has_high = false;
	char *at = start + (rh_json_scan_plain(start, reader->end, &has_high) - start);

	if (node == NULL) {
		return false;
	}
	if (has_high) {
		size_t len = (size_t)(at - start);
		size_t valid = rh_str_utf8_prefix((struct rh_str){start, len});

		if (valid < len) {
			return fail(reader, start + valid, "invalid UTF-8 in a string");
		}
	}
	if (at < reader->end && *at == '"') {
		reader->at = at + 1;
	} else if (!read_string_slowly(reader, at, &at)) {
		return false;
	}
	node->text = start;
	node->len = (uint32_t)(at - start);
	return true;
}

static bool read_number(struct reader *reader)
{
	struct rh_json_node *node = add_node(reader, RH_JSON_NUMBER);
	const char *at = reader->at;

	if (node == NULL) {
		return false;
	}
	if (!rh_json_scan_number(&at, reader->end)) {
		return fail(reader, at, "a digit is missing in a number");
	}
	node->text = reader->at;
	node->len = (uint32_t)(at - reader->at);
	reader->at += node->len;
	return true;
}

/* At the first byte that is not the word's. */
static bool misspelt(struct reader *reader, struct rh_str word)
{
	size_t same = 0;

	while (reader->at + same < reader->end && reader->at[same] == word.ptr[same]) {
		same++;
	}
	return fail(reader, reader->at + same, "a value is missing or misspelt");
}

/* `word` is a literal, so that comparing it is one instruction or two. */
static inline bool read_word(struct reader *reader, struct rh_str word, enum rh_json_type type)
{
	struct rh_json_node *node = add_node(reader, type);

	if (node == NULL) {
		return false;
	}
	if ((size_t)(reader->end - reader->at) < word.len ||
	    memcmp(reader->at, word.ptr, word.len) != 0) {
		return misspelt(reader, word);
	}
	reader->at += word.len;
	node->text = NULL;
	node->len = 0;
	return true;
}

/* Name and colon of a member; the value comes next. */
static inline bool read_name(struct reader *reader)
{
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != '"') {
		return fail(reader, reader->at, "a member name in quotes is missing");
	}
	if (!read_string(reader)) {
		return false;
	}
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != ':') {
		return fail(reader, reader->at, "a colon is missing behind a member name");
	}
	reader->at++;
	return true;
}

static void close_container(struct reader *reader)
{
	struct rh_json_node *node = &reader->json->nodes[reader->current];
	uint32_t span = (uint32_t)reader->json->count - reader->current;

	reader->current = node->parent;
	node->span = span;
	reader->depth--;
	reader->at++;
}

static bool open_container(struct reader *reader, enum rh_json_type type, char closing,
			   bool *is_whole)
{
	uint32_t index = (uint32_t)reader->json->count;
	struct rh_json_node *node;

	if (reader->depth == RH_JSON_DEPTH_MAX) {
		return fail_as(reader, RH_ELIMIT, reader->at, "the document is nested too deeply");
	}
	node = add_node(reader, type);
	if (node == NULL) {
		return false;
	}
	node->parent = reader->current;
	node->len = 0;
	reader->current = index;
	reader->depth++;
	reader->at++;
	skip_blanks(reader);
	*is_whole = reader->at < reader->end && *reader->at == closing;
	if (*is_whole) {
		close_container(reader);
		return true;
	}
	return type == RH_JSON_ARRAY || read_name(reader);
}

/* One scalar, one empty container, or the opening of a container; *is_whole is false for the last. */
static inline bool read_value(struct reader *reader, bool *is_whole)
{
	*is_whole = true;
	skip_blanks(reader);
	if (reader->at == reader->end) {
		return fail(reader, reader->at, "");
	}
	switch (*reader->at) {
	case '"':
		return read_string(reader);
	case '{':
		return open_container(reader, RH_JSON_OBJECT, '}', is_whole);
	case '[':
		return open_container(reader, RH_JSON_ARRAY, ']', is_whole);
	case 'n':
		return read_word(reader, RH_STR("null"), RH_JSON_NULL);
	case 'f':
		return read_word(reader, RH_STR("false"), RH_JSON_FALSE);
	case 't':
		return read_word(reader, RH_STR("true"), RH_JSON_TRUE);
	default:
		break;
	}
	if (*reader->at == '-' || rh_json_is_digit(*reader->at)) {
		return read_number(reader);
	}
	return fail(reader, reader->at, "a value is missing or misspelt");
}

/* After a value: closes the containers that end here, and goes to where the next value begins. */
static inline bool leave_value(struct reader *reader)
{
	while (reader->depth > 0) {
		struct rh_json_node *around = &reader->json->nodes[reader->current];
		bool is_object = around->type == RH_JSON_OBJECT;

		around->len++;
		skip_blanks(reader);
		if (reader->at < reader->end && *reader->at == ',') {
			reader->at++;
			return !is_object || read_name(reader);
		}
		if (reader->at == reader->end || *reader->at != (is_object ? '}' : ']')) {
			return fail(reader, reader->at,
				    is_object ? "a comma or the end of an object is missing"
					      : "a comma or the end of an array is missing");
		}
		close_container(reader);
	}
	return true;
}

static bool read_document(struct reader *reader)
{
	bool is_whole;

	do {
		if (!read_value(reader, &is_whole) || (is_whole && !leave_value(reader))) {
			return false;
		}
	} while (reader->depth > 0);
	skip_blanks(reader);
	if (reader->at < reader->end) {
		return fail(reader, reader->at, "something follows the value");
	}
	return true;
}

int rh_json_parse(struct rh_json *json, char *text, size_t len, struct rh_err *err)
{
	char nothing[1] = {0};
	char *start = text != NULL ? text : nothing;
	size_t max_nodes = json->max != 0 ? json->max : RH_JSON_NODES_MAX;
	struct reader reader = {
		.at = start,
		.end = start + len,
		.line_start = start,
		.line = 1,
		.json = json,
		.max_nodes = max_nodes < UINT32_MAX ? max_nodes : UINT32_MAX,
	};

	json->count = 0;
	if (len > UINT32_MAX) {
		return rh_err_set(err, RH_ELIMIT, "a JSON text is larger than 4 GiB");
	}
	if (read_document(&reader)) {
		return RH_OK;
	}
	json->count = 0;
	(void)rh_err_set(err, reader.code, "not valid JSON: %s", reader.reason);
	if (err != NULL) {
		err->line = reader.line;
		err->column = (uint64_t)(reader.stopped_at - reader.line_start) + 1;
	}
	return reader.code;
}

void rh_json_done(struct rh_json *json)
{
	rh_free(json->nodes);
	*json = (struct rh_json){
		.max = json->max,
	};
}

const struct rh_json_node *rh_json_root(const struct rh_json *json)
{
	return json->count > 0 ? json->nodes : NULL;
}

enum rh_json_type rh_json_type(const struct rh_json_node *node)
{
	return node != NULL ? node->type : RH_JSON_NULL;
}

static struct rh_str text_of(const struct rh_json_node *node)
{
	return (struct rh_str){
		.ptr = node->text,
		.len = node->len,
	};
}

struct rh_str rh_json_text(const struct rh_json_node *node)
{
	enum rh_json_type type = rh_json_type(node);

	return type == RH_JSON_STRING || type == RH_JSON_NUMBER ? text_of(node) : RH_STR_ABSENT;
}

struct rh_str rh_json_string(const struct rh_json_node *node)
{
	return rh_json_type(node) == RH_JSON_STRING ? text_of(node) : RH_STR_ABSENT;
}

static bool is_container(const struct rh_json_node *node)
{
	return node->type == RH_JSON_ARRAY || node->type == RH_JSON_OBJECT;
}

static const struct rh_json_node *behind(const struct rh_json_node *node)
{
	return node + (is_container(node) ? node->span : 1);
}

const struct rh_json_node *rh_json_get(const struct rh_json_node *object, const char *name)
{
	const struct rh_json_node *found = NULL;
	const struct rh_json_node *end;
	size_t len = strlen(name);

	if (rh_json_type(object) != RH_JSON_OBJECT) {
		return NULL;
	}
	end = behind(object);
	for (const struct rh_json_node *at = object + 1; at < end; at = behind(at + 1)) {
		if (at->len == len && memcmp(at->text, name, len) == 0) {
			found = at + 1;
		}
	}
	return found;
}

struct rh_str rh_json_get_string(const struct rh_json_node *object, const char *name)
{
	return rh_json_string(rh_json_get(object, name));
}

bool rh_json_get_bool(const struct rh_json_node *object, const char *name, bool fallback)
{
	enum rh_json_type type = rh_json_type(rh_json_get(object, name));

	return type == RH_JSON_TRUE || (fallback && type != RH_JSON_FALSE);
}

bool rh_json_get_i64(const struct rh_json_node *object, const char *name, int64_t *out)
{
	return rh_str_to_i64(rh_json_text(rh_json_get(object, name)), out);
}

bool rh_json_is_null(const struct rh_json_node *node)
{
	return rh_json_type(node) == RH_JSON_NULL;
}

size_t rh_json_count(const struct rh_json_node *container)
{
	return container != NULL && is_container(container) ? container->len : 0;
}

const struct rh_json_node *rh_json_next(const struct rh_json_node *container,
					const struct rh_json_node *previous, struct rh_str *key_out)
{
	const struct rh_json_node *at;

	if (container == NULL || !is_container(container)) {
		return NULL;
	}
	at = previous != NULL ? behind(previous) : container + 1;
	if (at >= behind(container)) {
		return NULL;
	}
	if (container->type == RH_JSON_ARRAY) {
		return at;
	}
	if (key_out != NULL) {
		*key_out = text_of(at);
	}
	return at + 1;
}
