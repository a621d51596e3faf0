/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of a JSON text.
 *
 *        '['           record            ','
 *  TOP -------> FIRST --------> COMMA <-------> RECORD
 *   ^ |           |               |
 *   | |           '------ ']' ----+-----> TOP, or MEMBER_COMMA inside an object around
 *   | | '{'            '"users": ['
 *   | '-------> MEMBER -----------> FIRST
 *   |             |  ^
 *   '---- '}' ----'  '-- ',' -- MEMBER_COMMA
 *
 *  1. A record that stands whole in the window is parsed where it stands, which also tells its end: almost
 *     every one.  Of all others the end is found by their brackets first (json_split.h); then the record
 *     alone is parsed, in a copy.  Either way its raw bytes survive.
 *  2. A record that does not parse is searched again for its likeliest end, handed out as bad, and reading
 *     goes on behind it.  The message is the parser's on just these bytes, its position that in the text.
 *  3. Nothing between two records is passed over in silence, but blanks: a missing record (",,"), a
 *     missing comma and text behind the last bracket are bad items of their own.
 *  4. An array that follows an array (pages written behind each other) is read like the first.
 *  5. The text is cut, which ends the reading as an error, when it ends inside an array or an object
 *     around one, or inside a record of lines that has no newline behind it.
 *  6. Members beside the records are passed over by their brackets and not checked (json_members.c).  Those before the
 *     first array are handed out with each record of it, where they are an object of their own then.
 */
#include "read/json_stream.h"

#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/json_members.h"
#include "read/json_split.h"

/* ---- answers --------------------------------------------------------------------------------------- */

/* Makes an item of the parsed record at the front, which is not consumed yet. */
static void put_record(const struct rh_json_stream *stream, size_t len, struct rh_item *out)
{
	const struct rh_window *window = stream->window;

	out->is_bad = false;
	out->why.code = RH_OK;
	out->offset = window->place.offset;
	out->raw = (struct rh_str){rh_window_text(window), len};
	out->record = (struct rh_record){
		.json = rh_json_root(&stream->json),
		.around = stream->around,
		.line = window->place.line,
	};
}

/* A bad item that begins at `start`; the place of the fault is that until the caller says better. */
static int put_bad(struct rh_item *out, const struct rh_place *start, struct rh_str raw,
		   const char *reason)
{
	*out = (struct rh_item){
		.is_bad = true,
		.offset = start->offset,
		.raw = raw,
		.record.line = start->line,
	};
	(void)rh_err_set(&out->why, RH_EINPUT, "%s", reason);
	out->why.line = start->line;
	out->why.column = start->column;
	return 1;
}

static int put_too_large(struct rh_item *out, const struct rh_place *start)
{
	(void)put_bad(out, start, RH_STR_ABSENT, "");
	(void)rh_err_set(&out->why, RH_EINPUT, "the record is larger than the limit of %u bytes",
			 RH_RECORD_MAX);
	out->why.line = start->line;
	out->why.column = start->column;
	return 1;
}

/* ---- records --------------------------------------------------------------------------------------- */

/* Parses a copy of the first `len` bytes; an error's position is that in the whole text. */
static int parse(struct rh_json_stream *stream, size_t len, struct rh_err *err)
{
	const struct rh_place *start = &stream->window->place;
	int status;

	rh_buf_reset(&stream->copy);
	rh_buf_add(&stream->copy, rh_window_text(stream->window), len);
	status = rh_buf_check(&stream->copy, "a record", err);
	if (status != RH_OK) {
		return status;
	}
	status = rh_json_parse(&stream->json, stream->copy.ptr, len, err);
	if (status != RH_OK) {
		err->column += err->line == 1 ? start->column - 1 : 0;
		err->line += start->line - 1;
	}
	return status;
}

/* The end of a broken value was found: hands it out and says what stands next. */
static int put_broken(struct rh_json_stream *stream, size_t len, const char *reason,
		      struct rh_item *out, struct rh_err *err)
{
	struct rh_place start = stream->window->place;
	struct rh_str raw = rh_str_trim((struct rh_str){rh_window_text(stream->window), len});
	struct rh_err why = {0};
	int status = RH_OK;

	if (reason == NULL && raw.len == 0) {
		reason = "a record is missing here";
	} else if (reason == NULL) {
		status = parse(stream, raw.len, &why);
	}
	if (status == RH_ENOMEM) {
		*err = why;
		return status;
	}
	(void)put_bad(out, &start, raw, reason != NULL ? reason : "the record is not an object");
	if (status != RH_OK) {
		out->why = why;
	}
	rh_window_advance(stream->window, len);
	return 1;
}

static enum rh_json_around around(const struct rh_json_stream *stream)
{
	bool is_line = stream->form == RH_FORM_NDJSON;

	return is_line ? RH_JSON_AROUND_NOTHING : RH_JSON_AROUND_ARRAY;
}

static void leave_broken(struct rh_json_stream *stream, const struct rh_json_repair *repair)
{
	if (stream->form == RH_FORM_NDJSON) {
		stream->next = RH_JSON_NEXT_TOP;
	} else {
		stream->next = repair->is_at_home ? RH_JSON_NEXT_RECORD : RH_JSON_NEXT_COMMA;
	}
}

/* The text ended inside a broken value of `len` bytes.  1: it is an item all the same. */
static int end_in_broken(const struct rh_json_stream *stream, size_t len,
			 const struct rh_place *start, struct rh_err *err)
{
	const char *text = rh_window_text(stream->window);
	bool is_line = stream->form == RH_FORM_NDJSON && len > 0 && text[len - 1] == '\n';

	if (is_line || stream->is_behind) {
		return 1;
	}
	return rh_place_say_cut(start, "the record that starts here does not end", err);
}

/*
 * Searches the end of the broken value at the front: 1, 0 the text ends first, < 0 an error.  *is_too_large:
 * what lies before *len was dropped.  `counted` is its end by mere counting, or 0: where nothing better is
 * found within the size of a record, it is taken.
 */
static int find_broken_end(struct rh_json_stream *stream, struct rh_json_repair *repair,
			   size_t counted, size_t *len, bool *is_too_large, struct rh_err *err)
{
	struct rh_window *window = stream->window;
	int got = 1;

	*is_too_large = false;
	while (got > 0) {
		bool is_found = rh_json_repair_end(repair, rh_window_text(window),
						   rh_window_left(window), len);

		*len = is_found ? *len : rh_window_left(window);
		if (counted > 0 && *len > RH_RECORD_MAX) {
			break;
		}
		*is_too_large |= *len > RH_RECORD_MAX;
		if (is_found) {
			return 1;
		}
		if (*is_too_large) {
			rh_window_advance(window, *len - 1); /* its last byte may be the text's */
			repair->done = 1;
			*len = 1;
		}
		got = rh_window_fill(window, err);
	}
	if (counted > 0 && got >= 0) {
		repair->is_at_home = false;
		*len = counted;
		return 1;
	}
	return got;
}

/* Takes the value at the front as a bad item; `counted` as above; `reason` NULL: the parser's. */
static int take_broken(struct rh_json_stream *stream, size_t counted, const char *reason,
		       struct rh_item *out, struct rh_err *err)
{
	struct rh_place start = stream->window->place;
	struct rh_json_repair repair;
	bool is_too_large;
	size_t len = 0;
	int got;

	rh_json_repair_init(&repair, around(stream), start.column);
	got = find_broken_end(stream, &repair, counted, &len, &is_too_large, err);
	if (got == 0) {
		got = end_in_broken(stream, len, &start, err);
	}
	if (got < 0) {
		return got;
	}
	leave_broken(stream, &repair);
	if (is_too_large) {
		rh_window_advance(stream->window, len);
		return put_too_large(out, &start);
	}
	return put_broken(stream, len, reason, out, err);
}

/* A record of lines may share its line with others and with nothing else: 1 so it is, 0 there is something
 * `*at` bytes from the front, < 0 an error. */
static int ends_well(struct rh_json_stream *stream, size_t *at, struct rh_err *err)
{
	for (;; (*at)++) {
		int got = rh_window_need(stream->window, *at + 1, err);
		char byte;

		if (got <= 0) {
			return got < 0 ? got : 1;
		}
		byte = rh_window_text(stream->window)[*at];
		if (byte != ' ' && byte != '\t' && byte != '\r') {
			return byte == '\n' || byte == '{' || byte == '[';
		}
	}
}

static int take_behind_record(struct rh_json_stream *stream, size_t at, struct rh_item *out,
			      struct rh_err *err)
{
	struct rh_place place = rh_window_place(stream->window, at);
	int got = take_broken(stream, 0, "text stands behind the record on its line", out, err);

	if (got > 0) {
		out->why.line = place.line;
		out->why.column = place.column;
	}
	return got;
}

/*
 * The fast way for the object at the front: it is valid, and it and what stands behind it on its line are in
 * the window, which must not move while the parsed record points into it.  False: nothing was done, and the
 * long way tells what it is.
 */
static bool take_at_once(struct rh_json_stream *stream, struct rh_item *out)
{
	struct rh_window *window = stream->window;
	struct rh_str text = {rh_window_text(window), rh_window_left(window)};
	struct rh_json_front front;

	if (!rh_json_parse_front(&stream->json, rh_str_sub(text, 0, RH_RECORD_MAX), &front)) {
		return false;
	}
	if (stream->form == RH_FORM_NDJSON) {
		size_t at = front.len;

		while (at < text.len &&
		       (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '\r')) {
			at++;
		}
		if (at == text.len ||
		    (text.ptr[at] != '\n' && text.ptr[at] != '{' && text.ptr[at] != '[')) {
			return false;
		}
	} else {
		stream->next = RH_JSON_NEXT_COMMA;
	}
	put_record(stream, front.len, out);
	rh_window_pass(window, front.len, front.newlines, front.last_line);
	return true;
}

/* Takes the object at the front. */
static int take_object(struct rh_json_stream *stream, struct rh_item *out, struct rh_err *err)
{
	struct rh_window *window = stream->window;
	struct rh_json_extent extent = {0};
	size_t end;
	int status;

	if (take_at_once(stream, out)) {
		return 1;
	}
	for (;;) {
		size_t left = rh_window_left(window);

		left = left < RH_RECORD_MAX ? left : RH_RECORD_MAX;
		end = rh_json_extent_end(&extent, rh_window_text(window), left);
		if (end > 0) {
			break;
		}
		status = left < RH_RECORD_MAX ? rh_window_fill(window, err) : 0;
		if (status < 0) {
			return status;
		}
		if (status == 0) {
			return take_broken(stream, 0, NULL, out, err);
		}
	}
	status = parse(stream, end, &out->why);
	if (status == RH_ENOMEM) {
		*err = out->why;
		return status;
	}
	if (status != RH_OK) {
		return take_broken(stream, end, NULL, out, err);
	}
	if (stream->form == RH_FORM_NDJSON) {
		size_t behind = end;

		status = ends_well(stream, &behind, err);
		if (status == 0) {
			return take_behind_record(stream, behind, out, err);
		}
		if (status < 0) {
			return status;
		}
	} else {
		stream->next = RH_JSON_NEXT_COMMA;
	}
	put_record(stream, end, out);
	rh_window_advance(window, end);
	return 1;
}

/* ---- what stands around them ----------------------------------------------------------------------- */

/* Consumes blanks: 1 *byte is the first other one, 0 the end, < 0 an error. */
static int skip_blanks(struct rh_window *window, char *byte, struct rh_err *err)
{
	for (;;) {
		const char *text = rh_window_text(window);
		size_t left = rh_window_left(window);
		size_t at = 0;
		int got;

		while (at < left && rh_json_is_blank(text[at])) {
			at++;
		}
		if (at > 0) {
			rh_window_advance(window, at);
		}
		if (at < left) {
			*byte = text[at];
			return 1;
		}
		got = rh_window_fill(window, err);
		if (got <= 0) {
			return got;
		}
	}
}

static void end_array(struct rh_json_stream *stream)
{
	bool is_wrapped = stream->form == RH_FORM_JSON_WRAPPED;

	rh_window_advance(stream->window, 1);
	stream->next = is_wrapped ? RH_JSON_NEXT_MEMBER_COMMA : RH_JSON_NEXT_TOP;
}

/* Between top-level values; 1: an item, 0: go on. */
static int take_top(struct rh_json_stream *stream, char byte, struct rh_item *out,
		    struct rh_err *err)
{
	if (stream->form == RH_FORM_NDJSON) {
		return byte == '{' ? take_object(stream, out, err)
				   : take_broken(stream, 0, NULL, out, err);
	}
	if (byte == (stream->form == RH_FORM_JSON_ARRAY ? '[' : '{')) {
		rh_window_advance(stream->window, 1);
		stream->around = NULL; /* 6: it was of the array before */
		stream->next = stream->form == RH_FORM_JSON_ARRAY ? RH_JSON_NEXT_FIRST
								  : RH_JSON_NEXT_MEMBER;
		return 0;
	}
	stream->is_behind = true;
	return take_broken(stream, 0, "text stands behind the end of the records", out, err);
}

/* Inside the array; 1: an item, 0: go on. */
static int take_element(struct rh_json_stream *stream, char byte, struct rh_item *out,
			struct rh_err *err)
{
	bool needs_comma = stream->next == RH_JSON_NEXT_COMMA;

	if (byte == ']' && stream->next != RH_JSON_NEXT_RECORD) {
		end_array(stream);
		return 0;
	}
	if (byte == ',' && needs_comma) {
		rh_window_advance(stream->window, 1);
		stream->next = RH_JSON_NEXT_RECORD;
		return 0;
	}
	if (needs_comma) {
		return take_broken(stream, 0, "a comma is missing before the record", out, err);
	}
	return byte == '{' ? take_object(stream, out, err) : take_broken(stream, 0, NULL, out, err);
}

/* The end of the text: 0, or an error where something is still open. */
static int end_text(const struct rh_json_stream *stream, struct rh_err *err)
{
	const struct rh_place *place = &stream->window->place;

	switch (stream->next) {
	case RH_JSON_NEXT_TOP:
		return 0;
	case RH_JSON_NEXT_FIRST:
	case RH_JSON_NEXT_RECORD:
		return rh_place_say_cut(place, "the array of the records does not end", err);
	case RH_JSON_NEXT_COMMA:
		return stream->is_behind
			       ? 0
			       : rh_place_say_cut(place, "the array of the records does not end",
						  err);
	case RH_JSON_NEXT_MEMBER:
	case RH_JSON_NEXT_MEMBER_COMMA:
		break;
	}
	return rh_place_say_cut(place, "the object around the records does not end", err);
}

int rh_json_stream_next(struct rh_json_stream *stream, struct rh_item *out, struct rh_err *err)
{
	if (stream->is_too_large) {
		stream->is_too_large = false;
		return put_too_large(out, &stream->too_large_at);
	}
	for (;;) {
		char byte = '\0';
		int got = skip_blanks(stream->window, &byte, err);

		if (got <= 0) {
			return got < 0 ? got : end_text(stream, err);
		}
		switch (stream->next) {
		case RH_JSON_NEXT_TOP:
			got = take_top(stream, byte, out, err);
			break;
		case RH_JSON_NEXT_FIRST:
		case RH_JSON_NEXT_RECORD:
		case RH_JSON_NEXT_COMMA:
			stream->is_behind = false;
			got = take_element(stream, byte, out, err);
			break;
		case RH_JSON_NEXT_MEMBER:
		case RH_JSON_NEXT_MEMBER_COMMA:
			got = rh_json_members_pass(stream, err);
			break;
		}
		if (got != 0) {
			return got;
		}
	}
}

/* In an array what stands there is a comma, between lines the next record: nothing else goes on. */
int rh_json_stream_border(struct rh_json_stream *stream, bool *goes_on, struct rh_err *err)
{
	bool is_lines = stream->form == RH_FORM_NDJSON;
	char byte = '\0';
	int got;

	if (stream->is_too_large || stream->is_behind ||
	    stream->next != (is_lines ? RH_JSON_NEXT_TOP : RH_JSON_NEXT_COMMA)) {
		return 0;
	}
	got = skip_blanks(stream->window, &byte, err);
	*goes_on = byte == (is_lines ? '{' : ',');
	return got;
}

void rh_json_stream_jump(struct rh_json_stream *stream)
{
	bool is_lines = stream->form == RH_FORM_NDJSON;

	stream->next = is_lines ? RH_JSON_NEXT_TOP : RH_JSON_NEXT_COMMA;
	stream->look = 0;
	stream->is_dropping = false;
	stream->is_behind = false;
	stream->is_too_large = false;
}

int rh_json_stream_open(struct rh_json_stream *stream, struct rh_window *window, struct rh_err *err)
{
	*stream = (struct rh_json_stream){
		.window = window,
		.form = RH_FORM_JSON_ARRAY,
		.next = RH_JSON_NEXT_TOP,
	};
	rh_buf_init(&stream->copy, RH_RECORD_MAX);
	return *rh_window_text(window) == '{' ? rh_json_members_sniff(stream, err) : RH_OK;
}

void rh_json_stream_done(struct rh_json_stream *stream)
{
	if (stream->copy.ptr != NULL) {
		explicit_bzero(stream->copy.ptr, stream->copy.cap); /* digests of passwords */
	}
	rh_buf_done(&stream->copy);
	rh_json_done(&stream->json);
	rh_buf_done(&stream->around_text);
	rh_json_done(&stream->around_json);
}
