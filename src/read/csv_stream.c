/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a delimited text: the header, then row after row, each whole before it is split. */
#include "read/csv_stream.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/csv.h"

/* What is longer or wider than this is no header. */
enum {
	HEADER_MAX = 1024 * 1024, /* bytes */
	COLUMNS_MAX = 4096,
	LONG_NUMBER = 12, /* digits that no name of a column has */
};

/* One row in the window. */
struct row {
	size_t len;        /* without its line end */
	size_t consume;    /* with it */
	bool is_too_large; /* consumed already, nothing of it is left */
	bool is_cut;       /* the text ends within it */
};

/* Finds the row at the front: 1, 0 the text is at its end, < 0 an error. */
static int find_row(struct rh_window *window, char separator, struct row *row, struct rh_err *err)
{
	struct rh_csv_scan scan = {.separator = separator};
	struct rh_place start = window->place;
	size_t scanned = 0;
	size_t end;

	*row = (struct row){0};
	for (;;) {
		struct rh_str text = {rh_window_text(window), rh_window_left(window)};
		int got;

		end = rh_csv_row_end(&scan, text, scanned);
		if (end > 0) {
			break;
		}
		scanned = text.len;
		if (scanned > RH_RECORD_MAX) {
			/* The last byte stays: it tells whether a quote behind it opens a cell. */
			row->is_too_large = true;
			rh_window_advance(window, scanned - 1);
			scanned = 1;
		}
		got = rh_window_fill(window, err);
		if (got < 0) {
			return got;
		}
		if (got == 0) {
			end = rh_window_left(window);
			if (scan.in_quotes && !scan.had_quote) {
				return rh_place_say_cut(
					&start, "a quote in the row that starts here is not closed",
					err);
			}
			break;
		}
	}
	row->consume = end;
	row->len = end;
	if (row->len > 0 && rh_window_text(window)[row->len - 1] == '\n') {
		row->len--;
	}
	if (row->len > 0 && rh_window_text(window)[row->len - 1] == '\r') {
		row->len--;
	}
	row->is_too_large |= row->len > RH_RECORD_MAX;
	return end > 0;
}

/* ---- the header ------------------------------------------------------------------------------------ */

/* The candidate that stands most often outside quotes; '\0': none does. */
static char find_separator(struct rh_str line)
{
	static const char candidates[] = {',', ';', '\t', '|'};
	size_t counts[sizeof(candidates)] = {0};
	size_t best = 0;
	bool in_quotes = false;

	for (size_t i = 0; i < line.len; i++) {
		in_quotes ^= line.ptr[i] == '"';
		for (size_t k = 0; k < sizeof(candidates); k++) {
			counts[k] += !in_quotes && line.ptr[i] == candidates[k];
		}
	}
	for (size_t k = 1; k < sizeof(candidates); k++) {
		best = counts[k] > counts[best] ? k : best;
	}
	return counts[best] > 0 ? candidates[best] : '\0';
}

/* Blank, a comment, or "sep=;", which is said to spreadsheets; the header shows it as well. */
static bool is_no_header(struct rh_str text)
{
	return text.len == 0 || text.ptr[0] == '#' ||
	       (text.len <= strlen("sep=;") &&
		rh_str_is_nocase(rh_str_sub(text, 0, strlen("sep=")), "sep="));
}

/* Consumes lines before the header; 1 *line is the first other line, 0 there is none, < 0 an error. */
static int find_header_line(struct rh_window *window, struct rh_str *line, struct rh_err *err)
{
	for (;;) {
		size_t len = 0;
		struct rh_str text;
		const char *newline = NULL;
		int got = 1;

		while (newline == NULL && got > 0 && rh_window_left(window) <= HEADER_MAX) {
			len = rh_window_left(window);
			newline = len > 0 ? memchr(rh_window_text(window), '\n', len) : NULL;
			if (newline == NULL) {
				got = rh_window_fill(window, err);
			}
		}
		if (got < 0) {
			return got;
		}
		len = newline != NULL ? (size_t)(newline - rh_window_text(window)) + 1
				      : rh_window_left(window);
		if (len == 0) {
			return 0;
		}
		*line = (struct rh_str){rh_window_text(window), len};
		text = rh_str_trim(*line);
		if (!is_no_header(text)) {
			return 1;
		}
		rh_window_advance(window, len);
	}
}

static int check_names(struct rh_csv_stream *stream, struct rh_err *err)
{
	for (size_t i = 0; i < stream->columns.count; i++) {
		struct rh_str name = rh_str_trim(stream->names[i]);

		stream->names[i] = name;
		if (!rh_str_is_utf8(name) || memchr(name.ptr, '\0', name.len) != NULL) {
			return rh_err_set(err, RH_EINPUT,
					  "the name of column %zu is not valid UTF-8", i + 1);
		}
		if (memchr(name.ptr, '\r', name.len) != NULL) {
			(void)rh_err_set(err, RH_EINPUT, "lines end with a lone carriage return");
			rh_err_hint(err, "Save the file with the line ends of Unix or Windows.");
			return RH_EINPUT;
		}
		for (size_t k = 0; k < i && name.len > 0; k++) {
			if (rh_str_eq(stream->names[k], name)) {
				/* The name is not shown: without a header it is somebody's. */
				(void)rh_err_set(err, RH_EINPUT,
						 "columns %zu and %zu have the same name", k + 1,
						 i + 1);
				rh_err_hint(err, "The first line must name the columns.");
				return RH_EINPUT;
			}
		}
	}
	return RH_OK;
}

static bool is_digits(struct rh_str text)
{
	size_t digits = 0;

	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') {
		digits++;
	}
	return digits == text.len;
}

/* Nobody calls columns "true" and "1714521600000": such a row is somebody's. */
static bool is_headless(const struct rh_csv_stream *stream)
{
	bool has_flag = false;
	bool has_number = false;

	for (size_t i = 0; i < stream->columns.count; i++) {
		struct rh_str name = rh_str_trim(stream->names[i]);

		has_flag = has_flag || rh_str_is(name, "true") || rh_str_is(name, "false");
		has_number = has_number || (name.len >= LONG_NUMBER && is_digits(name));
	}
	return has_flag && has_number;
}

/* "column_1", "column_2" … */
static int number_columns(struct rh_csv_stream *stream, struct rh_err *err)
{
	struct rh_str rest;
	int status;

	rh_buf_reset(&stream->header);
	rh_buf_reset(&stream->names_text);
	for (size_t i = 0; i < stream->columns.count; i++) {
		rh_buf_printf(&stream->names_text, "column_%zu ", i + 1);
		rh_buf_printf(&stream->header, "%.*scolumn_%zu", i > 0, &stream->separator, i + 1);
	}
	status = rh_buf_check(&stream->names_text, "the header", err);
	if (status == RH_OK) {
		status = rh_buf_check(&stream->header, "the header", err);
	}
	rest = rh_buf_str(&stream->names_text);
	for (size_t i = 0; i < stream->columns.count && status == RH_OK; i++) {
		stream->names[i] = rh_str_cut(&rest, ' ');
	}
	stream->is_headless = true;
	return status;
}

/* Splits a copy of the header row into names that last. */
static int keep_header(struct rh_csv_stream *stream, struct rh_str text, struct rh_err *err)
{
	size_t count = 1;
	int status;

	for (size_t i = 0; i < text.len; i++) {
		count += text.ptr[i] == stream->separator;
	}
	if (count > COLUMNS_MAX) {
		return rh_err_set(err, RH_EINPUT, "there are more than %d columns", COLUMNS_MAX);
	}
	rh_buf_init(&stream->header, HEADER_MAX);
	rh_buf_add_str(&stream->header, text);
	rh_buf_init(&stream->names_text, HEADER_MAX);
	rh_buf_add_str(&stream->names_text, text);
	status = rh_buf_check(&stream->header, "the header", err);
	if (status == RH_OK) {
		status = rh_buf_check(&stream->names_text, "the header", err);
	}
	if (status != RH_OK) {
		return status;
	}
	stream->names = rh_calloc(count, sizeof(*stream->names));
	stream->cells = rh_calloc(count, sizeof(*stream->cells));
	stream->keep_null_words = rh_calloc(count, sizeof(*stream->keep_null_words));
	if (stream->names == NULL || stream->cells == NULL || stream->keep_null_words == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for the header");
	}
	status = rh_csv_split(stream->names_text.ptr, stream->names_text.len, stream->separator,
			      stream->names, NULL, count, &stream->columns.count, err);
	if (status != RH_OK) {
		return status;
	}
	stream->columns.names = stream->names;
	return is_headless(stream) ? number_columns(stream, err) : check_names(stream, err);
}

int rh_csv_stream_open(struct rh_csv_stream *stream, struct rh_window *window, struct rh_err *err)
{
	struct rh_place start;
	struct rh_str line;
	struct row row;
	int status;

	*stream = (struct rh_csv_stream){.window = window};
	rh_buf_init(&stream->copy, RH_RECORD_MAX);
	status = find_header_line(window, &line, err);
	if (status < 0) {
		return status;
	}
	stream->separator = status > 0 ? find_separator(line) : '\0';
	if (stream->separator == '\0') {
		(void)rh_err_set(err, RH_EINPUT, "the input is neither JSON nor CSV");
		rh_err_hint(err,
			    "JSON begins with { or [; the first line of CSV names its columns, "
			    "separated by a comma, a semicolon, a TAB or a |.");
		return RH_EINPUT;
	}
	start = window->place;
	status = find_row(window, stream->separator, &row, err);
	if (status < 0) {
		return status;
	}
	if (row.is_too_large || row.len > HEADER_MAX) {
		return rh_err_set(err, RH_EINPUT, "the header is larger than the limit of %d bytes",
				  HEADER_MAX);
	}
	status = keep_header(stream, (struct rh_str){rh_window_text(window), row.len}, err);
	if (status != RH_OK) {
		if (err != NULL) {
			err->line = start.line;
		}
		return rh_err_context(err, status, "the header on line %llu",
				      (unsigned long long)start.line);
	}
	if (!stream->is_headless) {
		rh_window_advance(window, row.consume);
	}
	rh_csv_quick_init(&stream->quick, stream->separator);
	return RH_OK;
}

void rh_csv_stream_done(struct rh_csv_stream *stream)
{
	if (stream->copy.ptr != NULL) {
		explicit_bzero(stream->copy.ptr, stream->copy.cap); /* digests of passwords */
	}
	rh_buf_done(&stream->copy);
	rh_buf_done(&stream->header);
	rh_buf_done(&stream->names_text);
	rh_free(stream->names);
	rh_free(stream->cells);
	rh_free(stream->keep_null_words);
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static inline bool is_null_word(struct rh_str cell)
{
	switch (cell.ptr[0]) {
	case '\\':
		return rh_str_is(cell, "\\N");
	case 'N':
		return rh_str_is(cell, "NULL");
	case 'n':
		return rh_str_is(cell, "null") || rh_str_is(cell, "nil");
	case 'u':
		return rh_str_is(cell, "undefined");
	default:
		return false;
	}
}

/* Empty cells and NULL texts become absent. */
static void mark_absent(struct rh_csv_stream *stream)
{
	for (size_t i = 0; i < stream->columns.count; i++) {
		struct rh_str *cell = &stream->cells[i];

		cell->ptr = cell->len != 0 ? cell->ptr : NULL; /* no branch: nobody guesses it */
		if (cell->ptr != NULL && cell->len >= 2 && cell->len <= sizeof("undefined") - 1 &&
		    is_null_word(*cell) && !stream->keep_null_words[i]) {
			*cell = RH_STR_ABSENT;
		}
	}
}

/* Bytes before the first that may not stand in a text; len if all may.  *has_quote: there is a quote. */
static size_t check_text(struct rh_str text, bool *has_quote)
{
	const char *nul;
	size_t at = 0;
	bool is_plain = true;

	*has_quote = false;
#if defined(__SSE2__)
	const __m128i zero = _mm_setzero_si128();
	const __m128i quote = _mm_set1_epi8('"');
	__m128i seen = zero; /* high bit set: a byte of another alphabet, or NUL */
	__m128i quotes = zero;

	for (; text.len - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + at));

		seen = _mm_or_si128(seen, _mm_or_si128(bytes, _mm_cmpeq_epi8(bytes, zero)));
		quotes = _mm_or_si128(quotes, _mm_cmpeq_epi8(bytes, quote));
	}
	is_plain = _mm_movemask_epi8(seen) == 0;
	*has_quote = _mm_movemask_epi8(quotes) != 0;
#endif
	for (; at < text.len; at++) {
		is_plain &= text.ptr[at] > 0;
		*has_quote |= text.ptr[at] == '"';
	}
	if (is_plain) {
		return text.len;
	}
	at = rh_str_utf8_prefix(text);
	nul = memchr(text.ptr, '\0', at);
	return nul != NULL ? (size_t)(nul - text.ptr) : at;
}

/* Makes a bad item of the row; `at` is the byte at fault. */
static int put_bad(struct rh_csv_stream *stream, const struct row *row, size_t at,
		   const struct rh_err *why, struct rh_item *out)
{
	struct rh_place place = rh_window_place(stream->window, at);
	const struct rh_place *start = &stream->window->place;

	*out = (struct rh_item){
		.is_bad = true,
		.why = *why,
		.offset = start->offset,
		.raw = {rh_window_text(stream->window), row->len},
		.record.line = start->line,
	};
	out->why.line = place.line;
	out->why.column = place.column;
	return 1;
}

/* Files put behind each other have it in the middle: it is nobody's record. */
static bool is_header(const struct rh_csv_stream *stream, struct rh_str row)
{
	return rh_str_eq(row, rh_buf_str(&stream->header));
}

/* Splits the row into stream->cells; a fault is told with its offset in the row. */
static int split_row(struct rh_csv_stream *stream, struct row *row, size_t *fault,
		     struct rh_err *err)
{
	char *text = rh_window_text(stream->window);
	size_t count = 0;
	bool has_quote;
	int status;

	*fault = check_text((struct rh_str){text, row->len}, &has_quote);
	if (*fault < row->len) {
		bool is_nul = text[*fault] == '\0';

		(void)rh_err_set(err, RH_EINPUT, "%s",
				 is_nul ? "the row holds a NUL byte"
					: "the row is not valid UTF-8");
		rh_err_hint(err, "Save the file as UTF-8.");
		return RH_EINPUT;
	}
	if (has_quote) {
		rh_buf_reset(&stream->copy);
		rh_buf_add(&stream->copy, text, row->len);
		status = rh_buf_check(&stream->copy, "a row", err);
		if (status != RH_OK) {
			return status;
		}
		text = stream->copy.ptr;
	}
	status = rh_csv_split(text, row->len, stream->separator, stream->cells, NULL,
			      stream->columns.count, &count, err);
	if (status != RH_OK) {
		*fault = (size_t)err->column - 1;
		return status;
	}
	if (count < stream->columns.count && row->consume == row->len) {
		row->is_cut = true; /* the last one, and no line end behind it */
		return rh_place_say_cut(&stream->window->place,
					"the row that starts here lacks cells and its line end",
					err);
	}
	*fault = 0;
	if (is_header(stream, (struct rh_str){rh_window_text(stream->window), row->len})) {
		return rh_err_set(err, RH_EINPUT, "the header stands here again");
	}
	if (count != stream->columns.count) {
		return rh_err_set(err, RH_EMISMATCH, "the row has %zu cells and the header has %zu",
				  count, stream->columns.count);
	}
	return RH_OK;
}

static void put_row(struct rh_csv_stream *stream, size_t len, struct rh_item *out)
{
	const struct rh_window *window = stream->window;

	out->is_bad = false;
	out->why.code = RH_OK;
	out->raw = (struct rh_str){rh_window_text(window), len};
	out->offset = window->place.offset;
	out->record = (struct rh_record){
		.columns = &stream->columns,
		.cells = stream->cells,
		.line = window->place.line,
	};
}

/* The quick way; false: nothing was done, and the row needs a closer look. */
static bool take_quickly(struct rh_csv_stream *stream, struct rh_item *out)
{
	struct rh_window *window = stream->window;
	struct rh_str text = {rh_window_text(window), rh_window_left(window)};
	struct rh_csv_row row;

	if (!rh_csv_quick_row(&stream->quick, text, window->place.offset, stream->cells,
			      stream->columns.count, &row)) {
		return false;
	}
	text.len = row.len;
	if (row.len == stream->header.len && is_header(stream, text)) {
		return false;
	}
	if (row.has_word) {
		mark_absent(stream);
	}
	put_row(stream, row.len, out);
	rh_window_pass_line(window, row.consume);
	return true;
}

/* The careful way: whatever there may be, the end of the text included. */
static __attribute__((noinline)) int take_carefully(struct rh_csv_stream *stream,
						    struct rh_item *out, struct rh_err *err)
{
	struct rh_window *window = stream->window;
	struct rh_place start;
	struct row row;
	size_t fault = 0;
	int status;

	do {
		start = window->place;
		status = find_row(window, stream->separator, &row, err);
		if (status <= 0) {
			return status;
		}
		if (row.len == 0 && !row.is_too_large) {
			rh_window_advance(window, row.consume); /* a blank line */
		}
	} while (row.len == 0 && !row.is_too_large);

	if (row.is_too_large) {
		(void)put_bad(stream, &row, 0, &(struct rh_err){0}, out);
		(void)rh_err_set(&out->why, RH_EINPUT,
				 "the row is larger than the limit of %u bytes", RH_RECORD_MAX);
		out->raw = RH_STR_ABSENT;
		out->offset = start.offset;
		out->record.line = start.line;
		out->why.line = start.line;
		out->why.column = start.column;
		rh_window_advance(window, row.consume);
		return 1;
	}
	status = split_row(stream, &row, &fault, &out->why);
	if (status == RH_ENOMEM || row.is_cut) {
		*err = out->why;
		return status;
	}
	if (status != RH_OK) {
		struct rh_err why = out->why;

		(void)put_bad(stream, &row, fault, &why, out);
	} else {
		mark_absent(stream);
		put_row(stream, row.len, out);
	}
	rh_window_advance(window, row.consume);
	return 1;
}

/* Not in its caller, which may be called once and not be made for speed. */
__attribute__((noinline)) int rh_csv_stream_next(struct rh_csv_stream *stream, struct rh_item *out,
						 struct rh_err *err)
{
	return take_quickly(stream, out) ? 1 : take_carefully(stream, out, err);
}
