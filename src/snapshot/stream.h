/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stream: pages that were asked for one by one, kept sealed, so that a reading that was interrupted goes on.
 *
 * File: 16 bytes magic and version, 16 random bytes that name this reading, then blocks; each block is a 4-byte
 * little-endian length and the sealed content (crypto/seal.h, purpose SNAPSHOT), which begins with the 16 bytes, so
 * that no block of another reading fits.  Position 0 is the head: a text of the writer's.  Positions 1, 2 … are
 * pages: number of lines, the writer's mark (where the reading goes on) and the lines, one record each.  The last
 * block, whose position is that bit alone which no other has, holds the totals and the numbers of lines that are left out on reading
 * (they came twice); the 8 bytes behind it say where it begins.
 *
 *  1. A page and its mark are one block: after any end of the process, or of the machine, what is there is a row
 *     of whole pages, and the mark of the last one says where to go on.  A block that is not whole is cut off.
 *  2. While it is written the file is "<path>.part"; only a finished one has its name.
 *  3. What was changed, cut, or sealed with another key is refused, never read as a shorter list.
 */
#ifndef SNAPSHOT_STREAM_H
#define SNAPSHOT_STREAM_H

#include <rehome/types.h>

struct rh_buf;
struct rh_bytes;
struct rh_stream_writer;

/* One page; texts are borrowed. */
struct rh_stream_page {
	uint64_t lines;     /* their number */
	struct rh_str mark; /* the writer's own */
	struct rh_str text; /* the lines, each with its line end */
};

/* What a finished stream says of itself. */
struct rh_stream_end {
	uint64_t pages;
	uint64_t lines; /* all that were written */
	uint64_t left_out;
};

/* Begins anew; an unfinished one of this name is thrown away.  `key` is that of rh_seal_derive for RH_SEAL_SNAPSHOT. */
RH_NODISCARD int rh_stream_create(struct rh_stream_writer **out, const char *path,
				  const uint8_t key[32], struct rh_str head, struct rh_err *err);
/* Called with the head (page NULL) and then with each page that is there; not RH_OK ends it with that. */
typedef int rh_stream_page_fn(void *context, struct rh_str head, const struct rh_stream_page *page,
			      struct rh_err *err);
/* 1: goes on behind the last whole page of an unfinished one, *out is set; 0: there is none that can be read; < 0 error, or
 * what `each` returned. */
RH_NODISCARD int rh_stream_resume(struct rh_stream_writer **out, const char *path,
				  const uint8_t key[32], rh_stream_page_fn *each, void *context,
				  struct rh_err *err);
/* Appends a page; it stands an end of the process at once, and one of the machine from the next sync on. */
RH_NODISCARD int rh_stream_add(struct rh_stream_writer *writer, const struct rh_stream_page *page,
			       struct rh_err *err);
RH_NODISCARD int rh_stream_sync(struct rh_stream_writer *writer, struct rh_err *err);
/* Writes the end, syncs, renames; frees the writer also on failure.  `left_out`: numbers of lines, from 1, ascending. */
RH_NODISCARD int rh_stream_finish(struct rh_stream_writer *writer, const uint64_t *left_out,
				  size_t count, struct rh_err *err);
void rh_stream_leave(struct rh_stream_writer *writer);   /* stays unfinished; accepts NULL */
void rh_stream_abandon(struct rh_stream_writer *writer); /* and removes it; accepts NULL */

/* The lines of a finished one, without those that are left out.  RH_EMISMATCH: other key or changed file, RH_EINPUT: cut. */
RH_NODISCARD int rh_stream_bytes(struct rh_bytes **out, const char *path, const uint8_t key[32],
				 struct rh_err *err);
/* What a finished one says of itself, its head appended to `head`. */
RH_NODISCARD int rh_stream_look(const char *path, const uint8_t key[32], struct rh_buf *head,
				struct rh_stream_end *out, struct rh_err *err);

#endif
