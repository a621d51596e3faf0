/* SPDX-License-Identifier: Apache-2.0 */
/* Parcel: what is found in a stretch, as it lies in the shared memory: streaks of assessed records, and marks. */
#ifndef PLAN_PARCEL_H
#define PLAN_PARCEL_H

#include "plan/plan_internal.h"
#include "read/marks.h"

/* Where a streak has come to. */
struct rh_parcel_end {
	uint64_t offset;
	uint64_t lines;  /* line ends in the streak */
	uint64_t column; /* of the end; if there are line ends in it */
};

/* An parcel that is being written. */
struct rh_parcel {
	uint8_t *bytes;
	size_t room;
	size_t used;  /* by records that count */
	size_t open;  /* and by the last one, which does not count yet */
	bool is_full; /* something did not go in */
};

void rh_parcel_init(struct rh_parcel *parcel, uint8_t *bytes, size_t room);
/* For another streak. */
bool rh_parcel_has_room(const struct rh_parcel *parcel);
void rh_parcel_begin_streak(struct rh_parcel *parcel, uint64_t start);
/* Behind the records of the streak, with the findings of the collector; false: there is no room, nor will there be. */
bool rh_parcel_add(struct rh_parcel *parcel, const struct rh_judged *judged,
		   const struct rh_collector *collector);
/* The last record counts: the streak ends behind it, or later. */
void rh_parcel_keep(struct rh_parcel *parcel, const struct rh_parcel_end *end);
/* Forgets a record that does not count, and a streak without any; where the streak ended. */
uint64_t rh_parcel_end_streak(struct rh_parcel *parcel);
/* `chunk` is the number of the first mark. */
void rh_parcel_finish(struct rh_parcel *parcel, uint64_t chunk, const uint8_t (*marks)[RH_MARK_LEN],
		      size_t count);

/* One streak of an parcel, its marks cut to what was read for it. */
struct rh_parcel_streak {
	uint64_t start;
	struct rh_parcel_end end;
	uint64_t records;
	const uint8_t *records_at;
	uint64_t chunk;
	const uint8_t (*marks)[RH_MARK_LEN];
	size_t mark_count;
};
/* Run `index`; false: there is none, or none more that its marks prove. */
bool rh_parcel_streak_at(const uint8_t *bytes, size_t index, struct rh_parcel_streak *out);
/* One record: its texts stay where they are, its findings go to the collector, its keys into the arena, which is emptied
 * first.  The place of the next one; NULL: out of memory. */
const uint8_t *rh_parcel_read(const uint8_t *at, struct rh_judged *out,
			      struct rh_collector *collector, struct rh_arena *arena);

#endif
