/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV rows.
 *
 *  1. A quote opens a cell only at the start of the row or behind a separator.  Anywhere else it is stray:
 *     it makes the row bad, but does not open anything, so a lone inch mark costs one row and not all rows
 *     up to the next one.
 *  2. A row is found whole before anything in it is changed: undoubling quotes while a row may have to be
 *     scanned again gives other cells the second time.
 *  3. A separator at the end of a row has an empty cell behind it.
 */
#include "read/csv.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* First `a` or `b` in [at, end), or end. */
static inline const char *find_either(const char *at, const char *end, char a, char b)
{
#if defined(__SSE2__)
	const __m128i wants_a = _mm_set1_epi8(a);
	const __m128i wants_b = _mm_set1_epi8(b);

	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		unsigned hits =
			(unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, wants_a),
								 _mm_cmpeq_epi8(bytes, wants_b)));

		if (hits != 0) {
			return at + __builtin_ctz(hits);
		}
		at += 16;
	}
#endif
	while (at < end && *at != a && *at != b) {
		at++;
	}
	return at;
}

size_t rh_csv_row_end(struct rh_csv_scan *scan, struct rh_str text, size_t from)
{
	const char *end = text.ptr + text.len;
	const char *at = text.ptr + from;

	while (at < end) {
		if (scan->had_quote) {
			scan->had_quote = false;
			scan->in_quotes = *at == '"'; /* doubled, or the cell's end before it */
			at += scan->in_quotes ? 1 : 0;
		} else if (scan->in_quotes) {
			at = memchr(at, '"', (size_t)(end - at));
			if (at == NULL) {
				return 0;
			}
			scan->had_quote = true;
			at++;
		} else {
			at = find_either(at, end, '"', '\n');
			if (at == end) {
				return 0;
			}
			at++;
			if (at[-1] == '\n') {
				return (size_t)(at - text.ptr);
			}
			scan->in_quotes = at - 1 == text.ptr || at[-2] == scan->separator;
		}
	}
	return 0;
}

/* The cells found so far. */
struct cells {
	struct rh_str *out;
	bool *quoted; /* may be NULL */
	size_t max;
	size_t count;
};

static inline void put_cell(struct cells *cells, const char *from, const char *to, bool is_quoted)
{
	if (cells->count < cells->max) {
		cells->out[cells->count] = (struct rh_str){from, (size_t)(to - from)};
		if (cells->quoted != NULL) {
			cells->quoted[cells->count] = is_quoted;
		}
	}
	cells->count++;
}

/*
 * Cells without quotes from `cell` on.  Returns where the cell begins that has a quote (*stopped is the
 * quote), or NULL: the row is done.
 */
static char *split_plain(char *cell, char *end, char separator, struct cells *cells, char **stopped)
{
	char *at = cell;

#if defined(__SSE2__)
	const __m128i wants_separator = _mm_set1_epi8(separator);
	const __m128i wants_quote = _mm_set1_epi8('"');

	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		unsigned separators =
			(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wants_separator));
		unsigned quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wants_quote));

		if (quotes != 0) {
			break; /* byte by byte from here on to the quote */
		}
		while (separators != 0) {
			char *hit = at + __builtin_ctz(separators);

			put_cell(cells, cell, hit, false);
			cell = hit + 1;
			separators &= separators - 1;
		}
		at += 16;
	}
#endif
	for (; at < end; at++) {
		if (*at == separator) {
			put_cell(cells, cell, at, false);
			cell = at + 1;
		} else if (*at == '"') {
			*stopped = at;
			return cell;
		}
	}
	put_cell(cells, cell, end, false);
	return NULL;
}

/* A cell that begins with a quote at `at`: returns what stands behind its closing quote, or NULL: it is
 * not closed.  *to is the end of its content, which begins at at + 1. */
static char *unquote(char *at, const char *end, char **to)
{
	char *write = at + 1;
	char *read = at + 1;

	for (;;) {
		char *quote = memchr(read, '"', (size_t)(end - read));
		size_t len;

		if (quote == NULL) {
			return NULL;
		}
		len = (size_t)(quote - read);
		if (write != read) {
			memmove(write, read, len);
		}
		write += len;
		read = quote + 1;
		if (read == end || *read != '"') {
			*to = write;
			return read;
		}
		*write = '"';
		write++;
		read++;
	}
}

static int say_column(const char *row, const char *at, const char *reason, struct rh_err *err)
{
	(void)rh_err_set(err, RH_EINPUT, "%s", reason);
	if (err != NULL) {
		err->column = (uint64_t)(at - row) + 1;
	}
	return RH_EINPUT;
}

/* One row has that many sides; a struct for them would be filled by one caller. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_csv_split(char *row, size_t len, char separator, struct rh_str *cells_out, bool *quoted,
		 size_t max, size_t *count_out, struct rh_err *err)
{
	struct cells cells = {
		.out = cells_out,
		.quoted = quoted,
		.max = max,
	};
	char *end = row + len;
	char *cell = row;
	char *quote = NULL;

	for (;;) {
		char *to = NULL;
		char *behind;

		cell = split_plain(cell, end, separator, &cells, &quote);
		if (cell == NULL) {
			break;
		}
		if (quote != cell) {
			return say_column(row, quote, "a quote stands inside a cell without quotes",
					  err);
		}
		behind = unquote(cell, end, &to);
		if (behind == NULL) {
			return say_column(row, cell, "the quote is not closed", err);
		}
		if (behind < end && *behind != separator) {
			return say_column(row, behind, "text stands behind a closing quote", err);
		}
		put_cell(&cells, cell + 1, to, true);
		if (behind == end) {
			break;
		}
		cell = behind + 1;
	}
	*count_out = cells.count;
	return RH_OK;
}

void rh_csv_put(struct rh_buf *out, struct rh_str cell, char separator, bool is_first)
{
	bool needs_quotes = false;

	if (!is_first) {
		rh_buf_add_char(out, separator);
	}
	for (size_t i = 0; i < cell.len && !needs_quotes; i++) {
		needs_quotes = cell.ptr[i] == separator || strchr(",\"\r\n", cell.ptr[i]) != NULL;
	}
	if (!needs_quotes) {
		rh_buf_add_str(out, cell);
		return;
	}
	rh_buf_add_char(out, '"');
	for (;;) {
		struct rh_str part = rh_str_cut(&cell, '"');

		rh_buf_add_str(out, part);
		if (cell.ptr == NULL) {
			break;
		}
		rh_buf_add_cstr(out, "\"\"");
	}
	rh_buf_add_char(out, '"');
}
