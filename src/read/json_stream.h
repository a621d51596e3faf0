/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a JSON text one by one: an array, an object around an array, or values behind each other. */
#ifndef READ_JSON_STREAM_H
#define READ_JSON_STREAM_H

#include "base/buf.h"
#include "base/json.h"
#include "read/reader.h"
#include "read/window.h"

/* What stands next in the text. */
enum rh_json_next {
	RH_JSON_NEXT_TOP,          /* a value, an array, an object around one, or the end */
	RH_JSON_NEXT_FIRST,        /* the first record of an array, or its end */
	RH_JSON_NEXT_RECORD,       /* a record of an array, behind a comma */
	RH_JSON_NEXT_COMMA,        /* a comma, or the end of the array */
	RH_JSON_NEXT_MEMBER,       /* a member of the object around, or its end */
	RH_JSON_NEXT_MEMBER_COMMA, /* a comma, or the end of the object around */
};

struct rh_json_stream {
	struct rh_window *window; /* borrowed */
	enum rh_form form;
	enum rh_json_next next;
	const char *wrapper; /* "users", "data" or NULL */
	struct rh_paging paging;
	size_t look;       /* bytes of the window that were looked through and are not consumed */
	bool is_dropping;  /* what was looked through is no record and need not be kept */
	bool is_behind;    /* the item stands behind the end of the array */
	bool is_too_large; /* the first object had to be dropped, and was no object around */
	struct rh_place too_large_at;
	struct rh_buf copy; /* of a record, for the parser to write to */
	struct rh_json json;
	/* the members before the array of records, kept as an object */
	struct rh_buf around_text;
	struct rh_json around_json;
	const struct rh_json_node *around; /* NULL: there are none, or they are no good */
};

/* Looks far enough to know the form; the window stands at '{' or '['. */
RH_NODISCARD int rh_json_stream_open(struct rh_json_stream *stream, struct rh_window *window,
				     struct rh_err *err);
void rh_json_stream_done(struct rh_json_stream *stream); /* accepts a zeroed stream */
/* As rh_reader_next; numbers of records are the caller's to give, positions are filled in. */
RH_NODISCARD int rh_json_stream_next(struct rh_json_stream *stream, struct rh_item *out,
				     struct rh_err *err);

/* As rh_reader_border: the place is the window's. */
RH_NODISCARD int rh_json_stream_border(struct rh_json_stream *stream, bool *goes_on,
				       struct rh_err *err);
/* The window was moved to a border. */
void rh_json_stream_jump(struct rh_json_stream *stream);

#endif
