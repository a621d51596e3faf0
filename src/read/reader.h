/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of an export, one after another, whatever its form: JSON array, object with `users` or `data`,
 * NDJSON, CSV; plain, gzip or zstd.  Bounded memory: one record and one chunk at a time.
 *
 *  1. The form is sniffed from the first bytes, never from the file's name.
 *  2. A record that is not well-formed is handed out as bad, with its position, and reading goes on where
 *     the next one starts.  What ends the reading is only: the input cannot be read, is cut (an array that
 *     never closes, an open quote), or is of no known form: RH_EINPUT, and the source counts as not read.
 *  3. Cells: quotes undone (RFC 4180), a byte-order mark skipped, CRLF or LF; separator ',' ';' TAB or '|' is
 *     found from the header.  An empty cell is absent, quoted or not, and so are the NULL texts `\N`,
 *     `NULL`, `null`, `nil`, `undefined`, except in columns for which the caller says that they are names.
 *     A row with more or fewer cells than the header is bad, and so is the header once more; a last row with fewer
 *     and without a line end is cut (rule 2).  A header with one name twice is RH_EINPUT.  A first row with
 *     "true" or "false" and a number of twelve digits is no header: its columns are called "column_1" and so on.
 *  4. Lines are counted from 1 in the decompressed text; columns are bytes from 1.
 */
#ifndef READ_READER_H
#define READ_READER_H

#include <rehome/connector.h>

struct rh_reader;
struct rh_bytes;
struct rh_marks;

enum rh_form {
	RH_FORM_JSON_ARRAY,
	/* {"users":[…]} or {"data":[…]}, other members before and after are skipped */
	RH_FORM_JSON_WRAPPED,
	RH_FORM_NDJSON, /* also a single object */
	RH_FORM_CSV,
};

/* What objects around the records say of the whole: {"data":[…],"has_more":true} is one page of more. */
struct rh_paging {
	uint64_t more;  /* pages that say that another one follows */
	uint64_t last;  /* pages that say that none does */
	uint64_t total; /* records of all pages together, the highest number said; 0: none was */
};

/* One item: either a record or the reason why it is none. */
struct rh_item {
	bool is_bad;
	/* is_bad: message, line, column, record; code RH_EMISMATCH for a row with another number of cells than the
	 * header, else RH_EINPUT */
	struct rh_err why;
	struct rh_record record; /* valid until the next call */
	/* its bytes in the (decompressed) text, without separators around */
	struct rh_str raw;
	uint64_t offset; /* of raw in the decompressed text */
};

/* Opens a file for reading ("-" is standard input); RH_EIO with the reason.  Where bytes are waited for (a pipe, a
 * terminal), `*stop` (may be NULL) other than 0 ends it with RH_EINTERRUPTED. */
RH_NODISCARD int rh_bytes_open(struct rh_bytes **out, const char *path, const volatile int *stop,
			       struct rh_err *err);
/* Bytes of memory, borrowed (tests, single records). */
RH_NODISCARD int rh_bytes_memory(struct rh_bytes **out, struct rh_str content, struct rh_err *err);
/* Wraps `inner` (taken, also on failure; closed with it): gzip and zstd are undone, anything else passes.
 * A bomb (more than RH_INFLATE_RATIO_MAX times its compressed size) is RH_ELIMIT, a cut stream RH_EINPUT. */
RH_NODISCARD int rh_bytes_inflate(struct rh_bytes **out, struct rh_bytes *inner,
				  struct rh_err *err);
/* Is this the front of something that rh_bytes_inflate would unpack? */
bool rh_bytes_are_packed(struct rh_str front);

/* A stretch of an open file, `end` behind its last byte; descriptor and path are borrowed. */
struct rh_file_stretch {
	int fd;
	const char *path; /* for messages */
	uint64_t from;
	uint64_t end;
};
RH_NODISCARD int rh_bytes_stretch(struct rh_bytes **out, const struct rh_file_stretch *stretch,
				  struct rh_err *err);

/* Takes `bytes` (also on failure; closed with the reader), reads far enough to know the form and, for CSV,
 * the header. */
RH_NODISCARD int rh_reader_open(struct rh_reader **out, struct rh_bytes *bytes, struct rh_err *err);
/* The same; makes marks of the text, or checks it against them (marks.h, borrowed; NULL: neither). */
RH_NODISCARD int rh_reader_open_marked(struct rh_reader **out, struct rh_bytes *bytes,
				       struct rh_marks *marks, struct rh_err *err);
void rh_reader_close(struct rh_reader *reader); /* accepts NULL */
enum rh_form rh_reader_form(const struct rh_reader *reader);
/* "users" or "data" for RH_FORM_JSON_WRAPPED, else NULL. */
const char *rh_reader_wrapper(const struct rh_reader *reader);
/* Complete after the end. */
const struct rh_paging *rh_reader_paging(const struct rh_reader *reader);
/* CSV header; NULL for JSON. */
const struct rh_columns *rh_reader_columns(const struct rh_reader *reader);
/* CSV: the header as read, without its line end, and the separator; absent and '\0' for JSON. */
struct rh_str rh_reader_header(const struct rh_reader *reader, char *separator);
/* columns[i]: in column i, NULL texts are ordinary words (people are called Null); those behind `count` keep
 * none. */
void rh_reader_keep_null_words(struct rh_reader *reader, const bool *columns, size_t count);
/* 1: *out is filled; 0: the end, everything was read; < 0: error (rule 2). */
RH_NODISCARD int rh_reader_next(struct rh_reader *reader, struct rh_item *out, struct rh_err *err);
/* Bytes of the text read so far (decompressed). */
uint64_t rh_reader_length(const struct rh_reader *reader);

/* Where a byte stands in the whole text. */
struct rh_place {
	uint64_t offset; /* from 0 */
	uint64_t line;   /* from 1 */
	uint64_t column; /* bytes, from 1 */
};

/*
 * Borders: places between two records from where reading goes on as if all before had been read, because nothing of it
 * is remembered but the place and the number of records.  So another reader of the same file can take a stretch of it.
 */
struct rh_border {
	struct rh_place place;
	uint64_t records; /* before it */
};
/* 1: the reader stands at one, *out is filled, and *goes_on tells whether a record seems to follow; 0: it does not, or
 * the text ends here; < 0 error.  Blanks are passed over; the last item's texts are not valid any more. */
RH_NODISCARD int rh_reader_border(struct rh_reader *reader, struct rh_border *out, bool *goes_on,
				  struct rh_err *err);
/* Goes on at a border of the plain file that stretch->fd leads to; what lies before stretch->end is there to be read.  Marks
 * (rh_reader_open_marked) are made from the chunk on in which the border lies. */
RH_NODISCARD int rh_reader_jump(struct rh_reader *reader, const struct rh_border *border,
				const struct rh_file_stretch *stretch, struct rh_err *err);
/* From where it jumped to, which may be anywhere: to the next place that looks like a border, at which it then stands
 * as if it were one.  1; 0 there is none before the end; < 0 error. */
RH_NODISCARD int rh_reader_find_border(struct rh_reader *reader, struct rh_err *err);

#endif
