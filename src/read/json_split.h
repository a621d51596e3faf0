/* SPDX-License-Identifier: Apache-2.0 */
/* Finds where a JSON value ends without understanding it, in pieces of text that arrive one by one. */
#ifndef READ_JSON_SPLIT_H
#define READ_JSON_SPLIT_H

#include <rehome/types.h>

/* Search for the bracket that closes a container; all zero at its start. */
struct rh_json_extent {
	size_t done; /* bytes looked at */
	size_t depth;
	bool in_string;
	bool is_escaped; /* the next byte stands behind a backslash */
};

/*
 * `text` begins with '{' or '['; brackets are only counted.  Bytes up to and with the one that closes it;
 * 0: not in this text (call again with a longer one).
 */
size_t rh_json_extent_end(struct rh_json_extent *extent, const char *text, size_t len);

/* Around what does a broken value stand? */
enum rh_json_around {
	RH_JSON_AROUND_NOTHING, /* lines: a broken value ends with its line */
	RH_JSON_AROUND_ARRAY,   /* it ends before ',' or ']' */
	RH_JSON_AROUND_OBJECT,  /* it ends before ',' or '}' */
};

enum {
	RH_JSON_REPAIR_DEPTH =
		256 /* brackets whose kind is remembered; deeper ones are only counted */
};

/*
 * Search for the end of a value that is broken (or no container).  It follows the brackets as far as they
 * make sense:
 *
 *  1. A closing bracket closes the innermost open one of its kind and what stands open inside.  One that
 *     has no partner ends the value if it closes what is around, and is otherwise passed over.
 *  2. A string ends at a newline, which cannot stand in one.
 *  3. A line whose first byte is '{' in the very column of the value's own '{' begins the next value, if
 *     the lines between are indented deeper.  So a bracket that is missing costs one record of a file
 *     with a record a line, and of a pretty-printed one, while in a file of one line it may cost the
 *     rest: an inner object must never be taken for a record.
 */
struct rh_json_repair {
	enum rh_json_around around;
	size_t done;          /* bytes looked at */
	uint64_t home_column; /* of the value's first byte */
	uint64_t column;      /* of the next byte */
	size_t depth;
	uint64_t is_object[RH_JSON_REPAIR_DEPTH / 64]; /* a bit for each open bracket */
	bool in_string;
	bool is_escaped;
	bool is_indent;  /* only blanks so far on this line, and it is not the first */
	bool is_flat;    /* inner lines are not indented: rule 3 is off */
	bool is_at_home; /* answer: ended by rule 3 */
};

void rh_json_repair_init(struct rh_json_repair *repair, enum rh_json_around around,
			 uint64_t column);
/* True: *end is the length of the value; false: it is longer than this text. */
bool rh_json_repair_end(struct rh_json_repair *repair, const char *text, size_t len, size_t *end);

#endif
