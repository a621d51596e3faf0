/* SPDX-License-Identifier: Apache-2.0 */
/* The one face of all forms: sniffs, hands on to the JSON or the CSV stream, numbers the records. */
#include "read/reader.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/csv_stream.h"
#include "read/json_members.h"
#include "read/json_stream.h"
#include "read/sniff.h"
#include "read/window.h"

struct rh_reader {
	struct rh_window window;
	enum rh_form form;
	struct rh_json_stream json; /* unless form is CSV */
	struct rh_csv_stream csv;
	uint64_t records; /* handed out */
	int ended;        /* 1: reading goes on; 0 or an error: what every further call answers */
	struct rh_err failed; /* ended < 0 */
};

static int open_form(struct rh_reader *reader, struct rh_err *err)
{
	bool is_json = false;
	int status = rh_sniff(&reader->window, &is_json, err);

	if (status != RH_OK) {
		return status;
	}
	if (!is_json) {
		reader->form = RH_FORM_CSV;
		return rh_csv_stream_open(&reader->csv, &reader->window, err);
	}
	status = rh_json_stream_open(&reader->json, &reader->window, err);
	reader->form = reader->json.form;
	return status;
}

int rh_reader_open_marked(struct rh_reader **out, struct rh_bytes *bytes, struct rh_marks *marks,
			  struct rh_err *err)
{
	struct rh_reader *reader = rh_calloc(1, sizeof(*reader));
	int status;

	if (reader == NULL) {
		bytes->close(bytes);
		return rh_err_set(err, RH_ENOMEM, "no memory to read the input");
	}
	rh_window_init(&reader->window, bytes, marks);
	reader->ended = 1;
	status = open_form(reader, err);
	if (status != RH_OK) {
		rh_reader_close(reader);
		return status;
	}
	*out = reader;
	return RH_OK;
}

int rh_reader_open(struct rh_reader **out, struct rh_bytes *bytes, struct rh_err *err)
{
	return rh_reader_open_marked(out, bytes, NULL, err);
}

void rh_reader_close(struct rh_reader *reader)
{
	if (reader == NULL) {
		return;
	}
	rh_json_stream_done(&reader->json);
	rh_csv_stream_done(&reader->csv);
	rh_window_done(&reader->window);
	rh_free(reader);
}

enum rh_form rh_reader_form(const struct rh_reader *reader)
{
	return reader->form;
}

const char *rh_reader_wrapper(const struct rh_reader *reader)
{
	return reader->json.wrapper;
}

const struct rh_paging *rh_reader_paging(const struct rh_reader *reader)
{
	return &reader->json.paging;
}

const struct rh_columns *rh_reader_columns(const struct rh_reader *reader)
{
	return reader->form == RH_FORM_CSV ? &reader->csv.columns : NULL;
}

struct rh_str rh_reader_header(const struct rh_reader *reader, char *separator)
{
	*separator = reader->csv.separator;
	if (reader->form != RH_FORM_CSV) {
		return RH_STR_ABSENT;
	}
	return rh_buf_str(&reader->csv.header);
}

void rh_reader_keep_null_words(struct rh_reader *reader, const bool *columns, size_t count)
{
	for (size_t i = 0; i < reader->csv.columns.count; i++) {
		reader->csv.keep_null_words[i] = i < count && columns[i];
	}
}

int rh_reader_next(struct rh_reader *reader, struct rh_item *out, struct rh_err *err)
{
	struct rh_err *why = &reader->failed; /* one of our own would be cleared for each record */
	int got;

	if (reader->ended < 0 && err != NULL) {
		*err = reader->failed;
	}
	if (reader->ended <= 0) {
		return reader->ended;
	}
	got = reader->form == RH_FORM_CSV ? rh_csv_stream_next(&reader->csv, out, why)
					  : rh_json_stream_next(&reader->json, out, why);
	if (got <= 0) {
		reader->ended = got;
		why->record = reader->records + 1;
		if (got < 0 && err != NULL) {
			*err = reader->failed;
		}
		return got;
	}
	reader->records++;
	out->record.number = reader->records;
	out->why.record = reader->records;
	return 1;
}

uint64_t rh_reader_length(const struct rh_reader *reader)
{
	return reader->window.total;
}

/* ---- borders ------------------------------------------------------------------------------------------- */

int rh_reader_border(struct rh_reader *reader, struct rh_border *out, bool *goes_on,
		     struct rh_err *err)
{
	int got;

	if (reader->ended <= 0) {
		return 0;
	}
	if (reader->form == RH_FORM_CSV) {
		*goes_on = true;
		got = rh_window_need(&reader->window, 1, err);
	} else {
		got = rh_json_stream_border(&reader->json, goes_on, err);
	}
	if (got == 1) {
		out->place = reader->window.place;
		out->records = reader->records;
	}
	return got;
}

int rh_reader_jump(struct rh_reader *reader, const struct rh_border *border,
		   const struct rh_file_stretch *stretch, struct rh_err *err)
{
	struct rh_window *window = &reader->window;
	const uint64_t chunk = border->place.offset / RH_READ_CHUNK;
	const size_t before = (size_t)(border->place.offset % RH_READ_CHUNK);
	const struct rh_place start = {.offset = chunk * RH_READ_CHUNK};
	struct rh_file_stretch from_chunk = *stretch;
	struct rh_bytes *bytes;
	int code;

	from_chunk.from = start.offset;
	code = rh_bytes_stretch(&bytes, &from_chunk, err);
	if (code != RH_OK) {
		return code;
	}
	rh_window_jump(window, bytes, &start);
	code = window->marks != NULL ? rh_marks_jump(window->marks, chunk, err) : RH_OK;
	if (code == RH_OK && before > 0) {
		code = rh_window_need(window, before, err);
		code = code == 0 ? rh_err_set(err, RH_EIO, "the file changed while it was read")
				 : code;
	}
	if (code < 0) {
		return code;
	}
	window->from += before;
	window->place = border->place;
	if (reader->form != RH_FORM_CSV) {
		rh_json_stream_jump(&reader->json);
	} else { /* what it knows of the text may reach farther than what is in the window now */
		rh_csv_quick_init(&reader->csv.quick, reader->csv.separator);
	}
	reader->records = border->records;
	reader->ended = 1;
	return RH_OK;
}

/* Does a record seem to begin at `at`?  *from is then where the border before it would be. */
static bool is_likely(const struct rh_reader *reader, const char *text, size_t at, size_t *from)
{
	bool is_new_line = false;
	size_t back = at;

	*from = at;
	if (reader->form == RH_FORM_CSV) {
		return at > 0 && text[at - 1] == '\n';
	}
	for (; back > 0 && rh_json_is_blank(text[back - 1]); back--) {
		is_new_line = is_new_line || text[back - 1] == '\n';
	}
	if (reader->form == RH_FORM_NDJSON) {
		return is_new_line;
	}
	*from = back - 1;
	return back > 0 && text[back - 1] == ',';
}

int rh_reader_find_border(struct rh_reader *reader, struct rh_err *err)
{
	struct rh_window *window = &reader->window;
	const char sought = reader->form == RH_FORM_CSV ? '\n' : '{';
	const size_t behind = reader->form == RH_FORM_CSV ? 1 : 0;
	size_t looked = 0;

	for (;;) {
		const char *text = rh_window_text(window);
		size_t left = rh_window_left(window);
		const char *hit =
			looked < left ? memchr(text + looked, sought, left - looked) : NULL;
		size_t from;
		int got;

		if (hit != NULL && is_likely(reader, text, (size_t)(hit - text) + behind, &from)) {
			rh_window_advance(window, from);
			return 1;
		}
		looked = hit != NULL ? (size_t)(hit - text) + 1 : left;
		got = hit != NULL ? 1 : rh_window_fill(window, err);
		if (got <= 0) {
			return got;
		}
	}
}
