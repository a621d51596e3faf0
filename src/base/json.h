/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON: a strict in-place reader and a buffer writer.
 *
 * Reader: one document becomes a flat array of 16-byte nodes; strings stay in the text and are unescaped in
 * place.  1. RFC 8259 exactly: no comments, no trailing commas, no NaN, depth at most RH_JSON_DEPTH_MAX.
 * 2. Numbers keep their text: no digit of a large id is lost.  3. Strings are checked: valid UTF-8; lone
 * surrogates refused; "\u0000" refused (inside the house text holds no NUL).  4. Of duplicate members
 * rh_json_get finds the last, as the common readers do.  5. Nothing is allocated per document once the node
 * array has grown.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <rehome/types.h>

struct rh_buf;

enum rh_json_type {
	RH_JSON_NULL,
	RH_JSON_FALSE,
	RH_JSON_TRUE,
	RH_JSON_NUMBER,
	RH_JSON_STRING,
	RH_JSON_ARRAY,
	RH_JSON_OBJECT,
};

struct rh_json_node; /* opaque; lives until the next parse into the same document */

struct rh_json {
	struct rh_json_node *nodes;
	size_t count;
	size_t cap;
	size_t max;   /* nodes a document may have; 0 = RH_JSON_NODES_MAX */
	char *spare;  /* unescaped text of rh_json_parse_front */
	bool is_lent; /* the nodes are somebody else's, who keeps them for longer: json_node.h */
};

#define RH_JSON_DEPTH_MAX 256

void rh_json_done(struct rh_json *json); /* accepts a zeroed document */
/*
 * Parses text[0..len) as one value with blanks around it.  The text is written to and must outlive the
 * nodes.  On failure RH_EINPUT (or ELIMIT, ENOMEM) with err->line and err->column (1-based, within text).
 */
RH_NODISCARD int rh_json_parse(struct rh_json *json, char *text, size_t len, struct rh_err *err);

/* What rh_json_parse_front found. */
struct rh_json_front {
	size_t len;        /* of the value and the blanks before it */
	uint64_t newlines; /* in them */
	size_t last_line;  /* where the last of their lines begins */
};

/*
 * Parses the value at the front of `text`, whatever follows it.  The text is not written to; it and the
 * document must outlive the nodes.  False: the value is not valid, does not end in this text, breaks a limit,
 * or there was no memory; then nothing is known, and rh_json_parse of the whole value says what it is.
 */
bool rh_json_parse_front(struct rh_json *json, struct rh_str text, struct rh_json_front *out);

const struct rh_json_node *rh_json_root(const struct rh_json *json);
/* All accept a NULL node and treat it as absent: type NULL, text absent, no members. */
enum rh_json_type rh_json_type(const struct rh_json_node *node);
/* String content or number text; absent for every other type. */
struct rh_str rh_json_text(const struct rh_json_node *node);
/* String content only; absent for every other type. */
struct rh_str rh_json_string(const struct rh_json_node *node);
const struct rh_json_node *rh_json_get(const struct rh_json_node *object, const char *name);
struct rh_str rh_json_get_string(const struct rh_json_node *object, const char *name);
bool rh_json_get_bool(const struct rh_json_node *object, const char *name, bool fallback);
bool rh_json_bool(const struct rh_json_node *node,
		  bool fallback); /* of every other type: fallback */
/* Number (or string of digits) as integer; false: absent or other. */
bool rh_json_get_i64(const struct rh_json_node *object, const char *name, int64_t *out);
bool rh_json_is_null(const struct rh_json_node *node); /* absent or null */
/* The text of an object as it was read, if rh_json_put_node writes the very same; else absent: it is empty, or
 * blanks or escapes stand in it. */
struct rh_str rh_json_compact(const struct rh_json_node *node);
size_t rh_json_count(const struct rh_json_node *container);
/* Elements of an array, or members of an object (key_out then receives the name; may be NULL).
 * Start with previous == NULL; NULL at the end. */
const struct rh_json_node *rh_json_next(const struct rh_json_node *container,
					const struct rh_json_node *previous,
					struct rh_str *key_out);

/* Writer: appends to a buffer; commas are put by the writer.  Compact, no blanks. */
struct rh_json_writer {
	struct rh_buf *out;
	bool needs_comma;
};
void rh_json_writer_init(struct rh_json_writer *writer, struct rh_buf *out);
void rh_json_begin_object(struct rh_json_writer *writer);
void rh_json_end_object(struct rh_json_writer *writer);
void rh_json_begin_array(struct rh_json_writer *writer);
void rh_json_end_array(struct rh_json_writer *writer);
void rh_json_key(struct rh_json_writer *writer, const char *name);
void rh_json_key_str(struct rh_json_writer *writer, struct rh_str name);
void rh_json_put_string(struct rh_json_writer *writer, struct rh_str text); /* absent gives null */
void rh_json_put_cstr(struct rh_json_writer *writer, const char *text);     /* NULL gives null */
void rh_json_put_u64(struct rh_json_writer *writer, uint64_t number);
void rh_json_put_i64(struct rh_json_writer *writer, int64_t number);
void rh_json_put_bool(struct rh_json_writer *writer, bool value);
void rh_json_put_null(struct rh_json_writer *writer);
/* Writes a parsed node back (compact, numbers by their text). */
void rh_json_put_node(struct rh_json_writer *writer, const struct rh_json_node *node);
/* Ready JSON text, put as it is. */
void rh_json_put_raw(struct rh_json_writer *writer, struct rh_str json);
/* Member with a string value, left out when absent. */
void rh_json_member(struct rh_json_writer *writer, const char *name, struct rh_str text);
/* Only the escaped bytes of a string, without quotes. */
void rh_json_escape(struct rh_buf *out, struct rh_str text);

#endif
