/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Harvest: a living source is read through its API before the plan, and never asked again.
 *
 *  H1. Each kind becomes one stream of the snapshot (snapshot/stream.h, plan/live.h), page by page, each record as it
 *      was said, one JSON value a line.  The plan, and all that comes after it, reads the streams as it reads files.
 *  H2. The source has a lane of its own: its own pace, 429, pauses, access; no writing request passes.
 *  H3. A page and the cursor behind it are one block: after a kill or an interruption the next plan goes on behind the last
 *      page that is there.  It does so for a day, as long as no plan was made from the reading, and only with the same
 *      provider, address, tenant and key; then, and after every plan, the next plan reads anew.
 *  H4. A reading that was begun anew leaves the finished streams of the one before until its own are whole.
 *  H5. Oldest first: who comes meanwhile stands at the end.  Where the source counts, it is asked before and behind; while
 *      it counts more than were read, the list is walked again from where the last page began.  That the count changed
 *      is told.
 *  H6. A record that came twice, by its id, is kept once.
 *  H7. Never a short list: fewer ids than both counts say, a cursor that leads back to a page that was read, or another page
 *      that begins as one before, is an incomplete reading.  It is an error, it is thrown away, and no plan comes of it.
 *  H8. Memory does not grow with the number of records: ids are compared by a sorter that spills (plan/sorter.h); of each
 *      page two numbers are kept.
 *  H9. Lists that a connector has for each organization (entity.h) are walked in the order of the organizations that were
 *      read; they come after these.
 */
#ifndef ENGINE_HARVEST_H
#define ENGINE_HARVEST_H

#include "engine/run.h"

/* What became of one kind. */
struct rh_harvested {
	uint64_t records;  /* without those that came again */
	uint64_t repeated; /* came again */
	bool is_counted;
	uint64_t before; /* as the source counts */
	uint64_t after;
	bool has_gone_on; /* H3: a part of it, or all, was there */
};

struct rh_harvest {
	const enum rh_kind *kinds; /* in this order; organizations before what is listed by them */
	size_t kind_count;
	struct rh_harvested *harvested; /* one for each */
	uint64_t reads;                 /* requests of this run */
	/* Kinds that are read: of a connector that may be without.  A kind that is denied to the key: RH_EDENIED. */
	struct rh_str tenant; /* set: as the source says; else absent; in `arena` */
	struct rh_arena *arena;
};

/* Asks whose source it is, and nothing else. */
RH_NODISCARD int rh_harvest_probe(const struct rh_run *run, struct rh_arena *arena,
				  struct rh_str *tenant, struct rh_err *err);
/* Reads run->source.  The run's own lane is not touched.  RH_ENET: incomplete, or it is away; RH_EDENIED; RH_EINTERRUPTED. */
RH_NODISCARD int rh_harvest(const struct rh_run *run, struct rh_harvest *harvest,
			    struct rh_err *err);
/* A plan was made from it: the next one reads anew (H3). */
RH_NODISCARD int rh_harvest_used(const struct rh_workspace *workspace, struct rh_err *err);

#endif
