/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of CSV the quick way, which is that of almost every row.
 *
 *  1. A stretch of text becomes a list of stops, 64 bytes at a time: the places of separators, quotes, newlines and
 *     NUL.  A row then takes the ends of its cells from the list and looks at no byte between them; where one
 *     cell ends need not be known before the next is looked for, so the processor works on many at once.
 *  2. Cells are not copied: a quoted one is what stands between its quotes.
 *  3. Whatever else there may be is odd, and left to the careful way (csv.h), which says what it is: a stray or
 *     doubled quote, a newline in quotes, NUL, what is no UTF-8, too few or too many cells, a row longer than a list.
 *  4. A list is of the text at one place of memory and of the whole text: where the window has moved, it is made anew.
 *  5. Whether the text is UTF-8 is asked for a list as a whole, and of each row again only behind what is none.
 *  6. Lists are made in two ways, which give the same: one for every processor, and one with 32 bytes an
 *     instruction where the processor that runs has them.
 */
#ifndef READ_CSV_QUICK_H
#define READ_CSV_QUICK_H

#include <rehome/types.h>

enum {
	RH_CSV_SPAN = 4096, /* bytes that a list covers at most */
	RH_CSV_SPARE = 9,   /* one for its end, eight for what is written beyond */
};

struct rh_csv_quick {
	char separator;
	const char *text;                /* that the list is of; stops are counted from it */
	uint64_t from;                   /* its place in the whole text */
	const uint32_t *next;            /* the first stop that no row has passed */
	const uint32_t *end;             /* behind the last stop */
	uint32_t valid;                  /* so many bytes of it are UTF-8 */
	uint64_t high[RH_CSV_SPAN / 64]; /* a bit for each byte of another alphabet */
	uint32_t stops[RH_CSV_SPAN + RH_CSV_SPARE];
};

/* A row that was found. */
struct rh_csv_row {
	size_t len;     /* without its line end */
	size_t consume; /* with it */
	bool has_word;  /* one cell or more begins like a NULL text */
};

void rh_csv_quick_init(struct rh_csv_quick *quick, char separator);
/*
 * The row at the front of `text`, which stands at `offset` of the whole text: true, and it has exactly `count` cells,
 * which point into `text`; empty ones are absent.  False: it is odd, or does not end in this text.
 */
bool rh_csv_quick_row(struct rh_csv_quick *quick, struct rh_str text, uint64_t offset,
		      struct rh_str *cells, size_t count, struct rh_csv_row *out);

#ifdef RH_TEST_HOOKS
/* Whether 32 bytes an instruction may be taken. */
void rh_csv_quick_allow_wide(bool is_allowed);
#endif

#endif
