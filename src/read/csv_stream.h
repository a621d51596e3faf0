/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a delimited text one by one. */
#ifndef READ_CSV_STREAM_H
#define READ_CSV_STREAM_H

#include "base/buf.h"
#include "read/csv_quick.h"
#include "read/reader.h"
#include "read/window.h"

struct rh_csv_stream {
	struct rh_window *window; /* borrowed */
	char separator;
	struct rh_buf header;     /* the first row as read */
	struct rh_buf names_text; /* the same, unquoted in place */
	struct rh_str *names;
	struct rh_columns columns; /* names and how many */
	struct rh_str *cells;      /* columns.count of them */
	bool *keep_null_words;     /* columns.count of them */
	struct rh_buf copy;        /* of a row with quotes, for unquoting */
	struct rh_csv_quick quick;
	bool is_headless; /* the first row is a record; columns have numbers */
};

/* Finds header and separator.  RH_EINPUT: the first line has no separator, or the header is no good. */
RH_NODISCARD int rh_csv_stream_open(struct rh_csv_stream *stream, struct rh_window *window,
				    struct rh_err *err);
void rh_csv_stream_done(struct rh_csv_stream *stream); /* accepts a zeroed stream */
/* As rh_reader_next; numbers of records are the caller's to give, positions are filled in. */
RH_NODISCARD int rh_csv_stream_next(struct rh_csv_stream *stream, struct rh_item *out,
				    struct rh_err *err);

#endif
