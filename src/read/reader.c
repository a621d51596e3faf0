/* SPDX-License-Identifier: Apache-2.0 */
/* The one face of all forms: sniffs, hands on to the JSON or the CSV stream, numbers the records. */
#include "read/reader.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/str.h"
#include "read/csv_stream.h"
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
