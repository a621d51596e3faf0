/* SPDX-License-Identifier: Apache-2.0 */
/* CSV (RFC 4180) row by row: finding row ends across chunks, splitting, unquoting. */
#ifndef READ_CSV_H
#define READ_CSV_H

#include <rehome/types.h>

struct rh_buf;

/* Where a row ends: a scanner that remembers quote state between chunks.  At the start of a row only the
 * separator is set. */
struct rh_csv_scan {
	char separator; /* a quote opens a cell at the start of the row or behind this only */
	bool in_quotes;
	bool had_quote; /* last byte seen inside quotes was a quote */
};

/* Bytes of `text` up to and with the row's line end; 0: the row does not end in this text (call again with
 * the whole row so far and `from` = bytes already scanned).  A stray quote never hides a line end. */
size_t rh_csv_row_end(struct rh_csv_scan *scan, struct rh_str text, size_t from);

/*
 * Splits one row (without its line end; writable, unquoted in place) into at most `max` cells; *count_out
 * may exceed max (then the row has that many).  Quoted cells are marked in `quoted` (may be NULL).
 * RH_OK; RH_EINPUT with err->column: text behind a closing quote, or a quote inside an unquoted cell.
 */
RH_NODISCARD int rh_csv_split(char *row, size_t len, char separator, struct rh_str *cells,
			      bool *quoted, size_t max, size_t *count_out, struct rh_err *err);

/* Appends one cell, behind the separator unless it is the first, quoted when needed. */
void rh_csv_put(struct rh_buf *out, struct rh_str cell, char separator, bool is_first);

#endif
