/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON reader: text to a flat array of nodes (json_node.h), in one pass and without recursion.
 *
 *  1. What changes with every byte is a struct spot, which never leaves read_document but by value: so the
 *     compiler keeps it in registers.  All else is a struct reader.
 *  2. A string is looked at 16 bytes at a time.  It is done where the first byte that is not plain ASCII is
 *     its closing quote; everything else (other alphabets, escapes, errors) goes the long way.
 *  3. Lines are counted where blanks are skipped, because unescaping writes newlines and no newline may
 *     stand raw in a string.
 *  4. Unescaped text goes into the text itself, or, where that must stay as it is, into a buffer of the
 *     document that never grows, so that nodes may point into it.
 *  5. A container is compact if it begins behind the last blank and the last escape that were met before its end:
 *     so their place is kept, which is rare, and nothing is asked of each byte.
 *  6. Nodes that were lent are never freed: where they do not suffice they are copied once.
 *  7. Most texts are compact: what must stand next is asked for first, and blanks only where it does not stand there.
 */
#include "base/json.h"

#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/json_node.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "base/str.h"

#define HOT static inline __attribute__((always_inline))
#define COLD static __attribute__((noinline))

enum {
	FIRST_NODES = 256,
	SPARE = 64 * 1024, /* bytes of unescaped text; a record with more of it goes another way */
};

struct reader {
	const char *end;
	const char *line_start;
	const char *compact_from; /* neither blank nor escape from here on */
	uint64_t line;
	struct rh_json *json;
	size_t max_nodes;
	char *text;  /* unescaped text goes here, in place; NULL: into json->spare */
	char *spare; /* next byte of it; NULL: not used yet */
	int code;    /* why it stopped, and where */
	const char *reason;
	const char *stopped_at;
};

struct spot {
	const char *at;
	const char *end;
	struct rh_json_node *node;   /* the next one */
	struct rh_json_node *limit;  /* behind the last that there is room for */
	struct rh_json_node *around; /* innermost open container */
	unsigned depth;              /* open containers */
};

COLD bool fail_as(struct reader *reader, int code, const char *at, const char *reason)
{
	reader->code = code;
	reader->reason = reason;
	reader->stopped_at = at;
	return false;
}

COLD bool fail(struct reader *reader, const char *at, const char *reason)
{
	return fail_as(reader, RH_EINPUT, at,
		       at < reader->end ? reason : "the text ends too early");
}

/* Called with the array full; the answer is too if there is no room. */
COLD struct spot grow(struct reader *reader, struct spot spot)
{
	struct rh_json *json = reader->json;
	size_t count = (size_t)(spot.node - json->nodes);
	size_t around = (size_t)(spot.around - json->nodes);
	size_t cap = json->cap != 0 ? json->cap * 2 : FIRST_NODES;
	struct rh_json_node *nodes;

	cap = cap < reader->max_nodes ? cap : reader->max_nodes;
	if (cap <= count) {
		(void)fail_as(reader, RH_ELIMIT, spot.at, "the document has too many values");
		return spot;
	}
	nodes = rh_realloc(json->is_lent ? NULL : json->nodes, cap * sizeof(*nodes));
	if (nodes == NULL) {
		(void)fail_as(reader, RH_ENOMEM, spot.at, "no memory for the document");
		return spot;
	}
	if (json->is_lent) {
		memcpy(nodes, json->nodes, count * sizeof(*nodes));
		json->is_lent = false;
	}
	json->nodes = nodes;
	json->cap = cap;
	spot.node = nodes + count;
	spot.limit = nodes + cap;
	spot.around = nodes + around;
	return spot;
}

/* Room for one node more. */
HOT bool has_room(struct reader *reader, struct spot *spot)
{
	if (__builtin_expect(spot->node == spot->limit, 0)) {
		*spot = grow(reader, *spot);
	}
	return __builtin_expect(spot->node != spot->limit, 1);
}

COLD const char *pass_blanks(struct reader *reader, const char *at)
{
	while (at < reader->end && (unsigned char)*at <= ' ') {
		if (*at == '\n') {
			reader->line++;
			reader->line_start = at + 1;
		} else if (*at != ' ' && *at != '\r' && *at != '\t') {
			break;
		}
		at++;
		reader->compact_from = at;
	}
	return at;
}

/* Moves to the next byte that is no blank. */
HOT void skip_blanks(struct reader *reader, struct spot *spot)
{
	if (spot->at == spot->end || (unsigned char)*spot->at <= ' ') {
		spot->at = pass_blanks(reader, spot->at);
	}
}

/* False: there are none. */
HOT bool pass_some_blanks(struct reader *reader, struct spot *spot)
{
	const char *start = spot->at;

	spot->at = pass_blanks(reader, start);
	return spot->at != start;
}

/* Is this the byte at the spot? */
HOT bool is_at(const struct spot *spot, char byte)
{
	return spot->at != spot->end && *spot->at == byte;
}

/* ---- strings ------------------------------------------------------------------------------------------------ */

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

/* \uXXXX or a pair of them at *at, to UTF-8 at *to. */
static bool read_point(struct reader *reader, const char **at, char **to)
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
static bool unescape(struct reader *reader, const char **at, char **to)
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

/* The first byte behind `from` that is not plain; false: what lies before it is no UTF-8. */
static bool scan_part(struct reader *reader, const char *from, const char **at)
{
	bool has_high = false;
	size_t len;
	size_t valid;

	*at = rh_json_scan_plain(from, reader->end, &has_high);
	if (!has_high) {
		return true;
	}
	len = (size_t)(*at - from);
	valid = rh_str_utf8_prefix((struct rh_str){from, len});
	return valid == len || fail(reader, from + valid, "invalid UTF-8 in a string");
}

/* Where the text of a string with escapes goes: its first `len` bytes, which are final, are there. */
static char *begin_text(struct reader *reader, const char *start, size_t len)
{
	struct rh_json *json = reader->json;

	if (reader->text != NULL) {
		return reader->text + (start - reader->text) + len;
	}
	if (json->spare == NULL) {
		json->spare = rh_malloc(SPARE);
	}
	if (json->spare == NULL) {
		(void)fail_as(reader, RH_ENOMEM, start, "no memory for the document");
		return NULL;
	}
	if (reader->spare == NULL) {
		reader->spare = json->spare;
	}
	if ((size_t)(json->spare + SPARE - reader->spare) < len) {
		(void)fail_as(reader, RH_ELIMIT, start, "the document has too many escapes");
		return NULL;
	}
	memcpy(reader->spare, start, len);
	return reader->spare + len;
}

/* Is there room for `len` bytes of text and one more code point? */
static bool has_text_room(struct reader *reader, const char *to, size_t len)
{
	size_t left;

	if (reader->text != NULL) {
		return true;
	}
	left = (size_t)(reader->json->spare + SPARE - to);
	return left >= 4 && left - 4 >= len;
}

/* The rest of a string from a backslash, a control byte or the end at `at` on. */
static const char *read_escapes(struct reader *reader, const char *start, const char *at,
				struct rh_json_node *node)
{
	char *to = begin_text(reader, start, (size_t)(at - start));
	const char *text = to != NULL ? to - (at - start) : NULL;

	reader->compact_from = at + 1; /* behind the bracket of whatever the string is in */
	for (;;) {
		const char *from;

		if (to == NULL) {
			return NULL;
		}
		if (at == reader->end || (unsigned char)*at < 0x20) {
			(void)fail(reader, at, "control byte in a string");
			return NULL;
		}
		if (*at == '"') {
			reader->spare = reader->text == NULL ? to : NULL;
			node->text = text;
			node->len = (uint32_t)(to - text);
			return at + 1;
		}
		if (!has_text_room(reader, to, 0)) {
			(void)fail_as(reader, RH_ELIMIT, at, "the document has too many escapes");
			return NULL;
		}
		if (!unescape(reader, &at, &to)) {
			return NULL;
		}
		from = at;
		if (!scan_part(reader, from, &at)) {
			return NULL;
		}
		if (!has_text_room(reader, to, (size_t)(at - from))) {
			(void)fail_as(reader, RH_ELIMIT, at, "the document has too many escapes");
			return NULL;
		}
		memmove(to, from, (size_t)(at - from));
		to += at - from;
	}
}

/* The string whose content begins at `start`, whatever is in it: what stands behind its quote, or NULL. */
COLD const char *read_string_slowly(struct reader *reader, const char *start,
				    struct rh_json_node *node)
{
	const char *at;

	if (!scan_part(reader, start, &at)) {
		return NULL;
	}
	if (at < reader->end && *at == '"') {
		node->text = start;
		node->len = (uint32_t)(at - start);
		return at + 1;
	}
	return read_escapes(reader, start, at, node);
}

/* The first byte from `at` on that is a quote, a backslash, a control byte or no ASCII; or NULL: in the last
 * bytes of the text it is looked for byte by byte. */
HOT const char *scan_ascii(const char *at, const char *end)
{
#if defined(__SSE2__)
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i blank = _mm_set1_epi8(' '); /* bytes of other alphabets are negative */

	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i hits = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
							 _mm_cmpeq_epi8(bytes, backslash)),
					    _mm_cmplt_epi8(bytes, blank));
		unsigned stop = (unsigned)_mm_movemask_epi8(hits);

		if (stop != 0) {
			return at + __builtin_ctz(stop);
		}
	}
#else
	(void)at;
	(void)end;
#endif
	return NULL;
}

/* The string at the spot, which is behind its quote, as a node. */
HOT bool read_string(struct reader *reader, struct spot *spot)
{
	const char *start = spot->at;
	const char *at;

	if (!has_room(reader, spot)) {
		return false;
	}
	at = scan_ascii(start, spot->end);
	spot->node->type = RH_JSON_STRING;
	if (__builtin_expect(at != NULL && *at == '"', 1)) {
		spot->node->text = start;
		spot->node->len = (uint32_t)(at - start);
		at++;
	} else {
		at = read_string_slowly(reader, start, spot->node);
	}
	spot->at = at;
	spot->node++;
	return at != NULL;
}

/* ---- other scalars ------------------------------------------------------------------------------------------ */

COLD const char *read_number_slowly(struct reader *reader, const char *at)
{
	if (!rh_json_scan_number(&at, reader->end)) {
		(void)fail(reader, at, "a digit is missing in a number");
		return NULL;
	}
	return at;
}

/* Behind the digits at `at` if they are a whole number of at most 15 of them, else NULL. */
HOT const char *scan_whole_number(const char *at, const char *end)
{
#if defined(__SSE2__)
	if (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
		__m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
		unsigned others = ~(unsigned)_mm_movemask_epi8(is_digit);
		unsigned len = (unsigned)__builtin_ctz(others);

		if (len > 0 && len < 16 && (at[0] != '0' || len == 1) && at[len] != '.' &&
		    (at[len] | 0x20) != 'e') {
			return at + len;
		}
	}
#else
	(void)at;
	(void)end;
#endif
	return NULL;
}

HOT bool read_number(struct reader *reader, struct spot *spot)
{
	const char *behind;

	if (!has_room(reader, spot)) {
		return false;
	}
	behind = scan_whole_number(spot->at, spot->end);
	if (behind == NULL) {
		behind = read_number_slowly(reader, spot->at);
	}
	if (behind == NULL) {
		return false;
	}
	spot->node->text = spot->at;
	spot->node->len = (uint32_t)(behind - spot->at);
	spot->node->type = RH_JSON_NUMBER;
	spot->node++;
	spot->at = behind;
	return true;
}

/* At the first byte that is not the word's. */
COLD bool misspelt(struct reader *reader, const char *at, struct rh_str word)
{
	size_t same = 0;

	while (at + same < reader->end && at[same] == word.ptr[same]) {
		same++;
	}
	return fail(reader, at + same, "a value is missing or misspelt");
}

/* `word` is a literal, so that comparing it is one instruction or two. */
HOT bool read_word(struct reader *reader, struct spot *spot, struct rh_str word,
		   enum rh_json_type type)
{
	if (!has_room(reader, spot)) {
		return false;
	}
	if ((size_t)(spot->end - spot->at) < word.len ||
	    memcmp(spot->at, word.ptr, word.len) != 0) {
		return misspelt(reader, spot->at, word);
	}
	spot->at += word.len;
	spot->node->text = NULL;
	spot->node->len = 0;
	spot->node->type = type;
	spot->node++;
	return true;
}

/* ---- containers --------------------------------------------------------------------------------------------- */

/* Moves behind this byte, which blanks may stand before; false: it is not there. */
HOT bool take(struct reader *reader, struct spot *spot, char byte)
{
	if (__builtin_expect(!is_at(spot, byte), 0)) {
		skip_blanks(reader, spot);
		if (!is_at(spot, byte)) {
			return false;
		}
	}
	spot->at++;
	return true;
}

/* Name and colon of a member, perhaps behind blanks; the value comes next. */
HOT bool read_name(struct reader *reader, struct spot *spot)
{
	if (!take(reader, spot, '"')) {
		return fail(reader, spot->at, "a member name in quotes is missing");
	}
	if (!read_string(reader, spot)) {
		return false;
	}
	return take(reader, spot, ':') ||
	       fail(reader, spot->at, "a colon is missing behind a member name");
}

/* At its closing bracket. */
HOT void close_container(struct reader *reader, struct spot *spot)
{
	struct rh_json_node *node = spot->around;
	uint32_t size;

	spot->at++;
	size = (uint32_t)(uintptr_t)spot->at - node->begin;
	spot->around = reader->json->nodes + node->parent;
	node->span = (uint32_t)(spot->node - node);
	node->size = spot->at - size >= reader->compact_from ? size : 0;
	spot->depth--;
}

HOT bool open_container(struct reader *reader, struct spot *spot, enum rh_json_type type,
			bool *is_whole)
{
	if (spot->depth == RH_JSON_DEPTH_MAX) {
		return fail_as(reader, RH_ELIMIT, spot->at, "the document is nested too deeply");
	}
	if (!has_room(reader, spot)) {
		return false;
	}
	spot->node->begin = (uint32_t)(uintptr_t)spot->at;
	spot->node->parent = (uint32_t)(spot->around - reader->json->nodes);
	spot->node->len = 0;
	spot->node->type = type;
	spot->around = spot->node;
	spot->node++;
	spot->depth++;
	spot->at++;
	skip_blanks(reader, spot);
	*is_whole = is_at(spot, type == RH_JSON_OBJECT ? '}' : ']');
	if (*is_whole) {
		close_container(reader, spot);
		return true;
	}
	return type == RH_JSON_ARRAY || read_name(reader, spot);
}

/*
 * One scalar, one empty container, or the opening of a container; *is_whole is false for the last.  Where blanks stand
 * it takes only them, as an opening that is none: between the values of a container, and there alone.
 */
HOT bool read_value(struct reader *reader, struct spot *spot, bool *is_whole)
{
	*is_whole = true;
	if (spot->at == spot->end) {
		return fail(reader, spot->at, "");
	}
	switch (*spot->at) {
	case '"':
		spot->at++;
		return read_string(reader, spot);
	case '{':
		return open_container(reader, spot, RH_JSON_OBJECT, is_whole);
	case '[':
		return open_container(reader, spot, RH_JSON_ARRAY, is_whole);
	case 'n':
		return read_word(reader, spot, RH_STR("null"), RH_JSON_NULL);
	case 'f':
		return read_word(reader, spot, RH_STR("false"), RH_JSON_FALSE);
	case 't':
		return read_word(reader, spot, RH_STR("true"), RH_JSON_TRUE);
	default:
		break;
	}
	if (*spot->at == '-' || rh_json_is_digit(*spot->at)) {
		return read_number(reader, spot);
	}
	*is_whole = false;
	return pass_some_blanks(reader, spot) ||
	       fail(reader, spot->at, "a value is missing or misspelt");
}

/* Behind a value: closes what ends here, up to where the next value begins. */
HOT bool leave_value(struct reader *reader, struct spot *spot)
{
	while (spot->depth > 0) {
		bool is_object = spot->around->type == RH_JSON_OBJECT;

		spot->around->len++;
		if (take(reader, spot, ',')) {
			return !is_object || read_name(reader, spot);
		}
		if (!is_at(spot, is_object ? '}' : ']')) {
			return fail(reader, spot->at,
				    is_object ? "a comma or the end of an object is missing"
					      : "a comma or the end of an array is missing");
		}
		close_container(reader, spot);
	}
	return true;
}

/* The value that begins at `at`, perhaps behind blanks: what stands behind it, or NULL. */
static const char *read_document(struct reader *reader, const char *at)
{
	struct rh_json *json = reader->json;
	struct spot spot = {
		.at = at,
		.end = reader->end,
		.node = json->nodes,
		.limit = json->nodes != NULL ? json->nodes + json->cap : NULL,
		.around = json->nodes,
	};
	bool is_whole;

	json->count = 0;
	skip_blanks(reader, &spot);
	do {
		if (!read_value(reader, &spot, &is_whole) ||
		    (is_whole && !leave_value(reader, &spot))) {
			return NULL;
		}
	} while (spot.depth > 0);
	json->count = (size_t)(spot.node - json->nodes);
	return spot.at;
}

static struct reader start_reader(struct rh_json *json, const char *text, size_t len)
{
	size_t max_nodes = json->max != 0 ? json->max : RH_JSON_NODES_MAX;

	return (struct reader){
		.end = text + len,
		.line_start = text,
		.compact_from = text,
		.line = 1,
		.json = json,
		.max_nodes = max_nodes < UINT32_MAX ? max_nodes : UINT32_MAX,
	};
}

int rh_json_parse(struct rh_json *json, char *text, size_t len, struct rh_err *err)
{
	char nothing[1] = {0};
	char *start = text != NULL ? text : nothing;
	struct reader reader = start_reader(json, start, len);
	const char *at;

	json->count = 0;
	if (len > UINT32_MAX) {
		return rh_err_set(err, RH_ELIMIT, "a JSON text is larger than 4 GiB");
	}
	reader.text = start;
	at = read_document(&reader, start);
	if (at != NULL) {
		at = pass_blanks(&reader, at);
		if (at == reader.end) {
			return RH_OK;
		}
		(void)fail(&reader, at, "something follows the value");
	}
	json->count = 0;
	(void)rh_err_set(err, reader.code, "not valid JSON: %s", reader.reason);
	if (err != NULL) {
		err->line = reader.line;
		err->column = (uint64_t)(reader.stopped_at - reader.line_start) + 1;
	}
	return reader.code;
}

bool rh_json_parse_front(struct rh_json *json, struct rh_str text, struct rh_json_front *out)
{
	size_t len = text.len < UINT32_MAX ? text.len : UINT32_MAX;
	struct reader reader = start_reader(json, text.ptr, len);
	const char *at = read_document(&reader, text.ptr);

	if (at == NULL) {
		json->count = 0;
		return false;
	}
	*out = (struct rh_json_front){
		.len = (size_t)(at - text.ptr),
		.newlines = reader.line - 1,
		.last_line = (size_t)(reader.line_start - text.ptr),
	};
	return true;
}

void rh_json_done(struct rh_json *json)
{
	if (json->spare != NULL) {
		explicit_bzero(json->spare, SPARE); /* digests of passwords */
	}
	rh_free(json->spare);
	rh_free(json->is_lent ? NULL : json->nodes);
	*json = (struct rh_json){
		.max = json->max,
	};
}
