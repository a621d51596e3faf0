/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stretches of an input: others read some bytes of a plain file, and the source stays what says which accounts there are.
 *
 *  1. Only a plain file that is not packed and not joined has stretches, and only while marks are made: it can be read
 *     at any place, and what stands there does not depend on what was read before.
 *  2. Who reads a stretch gives streaks: records from one border to another (reader.h).  A streak counts only if the
 *     source stands at the very border where it begins, so one that began at a wrong place is never taken, and what a
 *     streak leaves out, the source reads by itself.
 *  3. The text of a streak is proved by its marks: those of every chunk that was read for it.  Where a chunk was read
 *     twice, both marks must be equal; else the file changed.
 */
#ifndef PLAN_SOURCE_STRETCH_H
#define PLAN_SOURCE_STRETCH_H

#include "plan/source.h"
#include "read/marks.h"
#include "read/reader.h"

/* Opens an input for reading stretches of it; its length, or 0: it has none (1). */
uint64_t rh_source_stretch_open(struct rh_source *source, size_t index);
int rh_source_stretch_fd(const struct rh_source *source, size_t index);
void rh_source_stretch_close(struct rh_source *source, size_t index); /* accepts what is not open */

/* 1: the source stands at a border of input *index, and a record seems to follow; 0 it does not; < 0 error. */
RH_NODISCARD int rh_source_border(struct rh_source *source, size_t *index, struct rh_border *out,
				  struct rh_err *err);

/* ---- for whoever reads a stretch, with a source of its own ---- */

/* To the first likely border from `from` on, with what lies before `end` to be read.  1 *out is filled, 0 there is none,
 * < 0 error. */
RH_NODISCARD int rh_source_go(struct rh_source *source, size_t index, uint64_t from, uint64_t end,
			      struct rh_border *out, struct rh_err *err);
/* Behind a record: where it ended.  1 *out is filled; 0: that is not known, and the record does not count. */
RH_NODISCARD int rh_source_stand(struct rh_source *source, size_t index, struct rh_border *out,
				 bool *goes_on, struct rh_err *err);
/* Marks of the chunks from `first` on that were read. */
const uint8_t (*rh_source_marks(const struct rh_source *source, size_t index, uint64_t first,
				size_t *count))[RH_MARK_LEN];

/* ---- for whoever takes a streak ---- */

struct rh_streak {
	uint64_t start; /* offset of its first border */
	uint64_t end;   /* and of its last */
	uint64_t records;
	uint64_t lines;  /* line ends in it */
	uint64_t column; /* of its end; if there are line ends in it */
	uint64_t chunk;  /* number of the first mark */
	const uint8_t (*marks)[RH_MARK_LEN];
	size_t mark_count;
};
/* Goes on behind the streak, whose start is where the source stands; `*first` is the place of its first record: ordinal, file
 * and number count up from there. */
RH_NODISCARD int rh_source_take_streak(struct rh_source *source, const struct rh_streak *streak,
				       struct rh_source_item *first, struct rh_err *err);

#endif
