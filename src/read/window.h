/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a text that is in memory: filled at its end, consumed at its front, with the place (offset,
 * line, column) of its first byte.  Consumed bytes stay where they are until the next fill.
 */
#ifndef READ_WINDOW_H
#define READ_WINDOW_H

#include "read/marks.h"
#include "read/reader.h"

struct rh_bytes;

struct rh_window {
	struct rh_bytes *bytes; /* owned */
	char *text;
	size_t cap;
	size_t from;           /* first byte that is not consumed */
	size_t len;            /* bytes in text */
	struct rh_place place; /* of text[from] */
	bool is_end;           /* the stream has said that nothing follows */
	uint64_t total;        /* bytes read from the stream */
	/* Of what was read, borrowed; NULL: nobody wants them.  When checking, no byte is in the window before its
	 * chunk is proved to be the same. */
	struct rh_marks *marks;
};

void rh_window_init(struct rh_window *window, struct rh_bytes *bytes, struct rh_marks *marks);
void rh_window_done(struct rh_window *window); /* closes the stream, wipes the text */

/* Goes on with another stream (taken), whose first byte stands at `place`. */
void rh_window_jump(struct rh_window *window, struct rh_bytes *bytes, const struct rh_place *place);
/* Reads once more: 1 there is more text, 0 the text is at its end, < 0 an error.  The text may move. */
RH_NODISCARD int rh_window_fill(struct rh_window *window, struct rh_err *err);
/* Fills until `len` bytes are there: 1 they are, 0 the text ends before, < 0 an error. */
RH_NODISCARD int rh_window_need(struct rh_window *window, size_t len, struct rh_err *err);

static inline char *rh_window_text(const struct rh_window *window)
{
	return window->text + window->from;
}

static inline size_t rh_window_left(const struct rh_window *window)
{
	return window->len - window->from;
}

/* Consumes a line of `len` bytes with its newline, the only one in it. */
static inline void rh_window_pass_line(struct rh_window *window, size_t len)
{
	window->from += len;
	window->place.offset += len;
	window->place.line++;
	window->place.column = 1;
}

/* Consumes `len` bytes that are there and have `newlines` in them; the last line begins at byte `last_line`. */
static inline void rh_window_pass(struct rh_window *window, size_t len, uint64_t newlines,
				  size_t last_line)
{
	window->from += len;
	window->place.offset += len;
	window->place.line += newlines;
	window->place.column = newlines == 0 ? window->place.column + len : len - last_line + 1;
}

/* Consumes `len` bytes that are there. */
void rh_window_advance(struct rh_window *window, size_t len);
/* Place of the byte `len` behind the first one. */
struct rh_place rh_window_place(const struct rh_window *window, size_t len);

/* Moves `place` over `text`. */
void rh_place_advance(struct rh_place *place, struct rh_str text);
/* The input ends too early: RH_EINPUT with the place of `what` ("the array does not end"). */
int rh_place_say_cut(const struct rh_place *place, const char *what, struct rh_err *err);

#endif
