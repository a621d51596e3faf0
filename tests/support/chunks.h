/* SPDX-License-Identifier: Apache-2.0 */
/* A text that arrives in pieces of chosen sizes, and a reader's account of what it found in one. */
#ifndef SUPPORT_CHUNKS_H
#define SUPPORT_CHUNKS_H

#include <rehome/types.h>

struct rh_bytes;
struct rh_buf;

/* How a text is cut: the first piece has `first` bytes, every other one `each`; 0: all that is left. */
struct chunks {
	size_t first;
	size_t each;
	int fails_with; /* not 0: the end of the text is this error */
};

/* A stream over borrowed memory; NULL: no memory. */
struct rh_bytes *chunks_open(struct rh_str text, const struct chunks *chunks);

/*
 * Reads the text to its end and appends one line for each thing the reader says:
 *
 *     array | wrapped NAME | lines | csv <name><name>
 *     1 @LINE +OFFSET {"id":1}               a record, compact
 *     2 @LINE +OFFSET <cell><cell>-          a row; - is an absent cell
 *     3 !LINE:COLUMN +OFFSET [raw] message   a bad item
 *     more N, last N, total N               where pages say so
 *     end | error CODE LINE:COLUMN message
 *     (hint)                                 behind an error of the opening
 */
void chunks_trace(struct rh_str text, const struct chunks *chunks, struct rh_buf *out);

#endif
