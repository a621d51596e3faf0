/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the harvest share: one kind's list on its way into its stream. */
#ifndef ENGINE_HARVEST_INTERNAL_H
#define ENGINE_HARVEST_INTERNAL_H

#include <rehome/entity.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "engine/harvest.h"
#include "plan/sorter.h"
#include "snapshot/stream.h"

/* 128 bits of a record's id, keyed: of two equal ones the second came again (H6). */
struct rh_gleaned_id {
	uint64_t half[2];
};

/* One kind. */
struct rh_gleaning {
	struct rh_run *run; /* whose lane leads to the source */
	enum rh_kind kind;
	struct rh_harvested *out;
	struct rh_err *err;
	int code;
	struct rh_stream_writer *writer;
	struct rh_sorter *ids; /* info: the number of the line */
	struct rh_map *seen;   /* cursors, and how pages begin (H7) */
	uint64_t lines;        /* in the stream */
	uint64_t pages;        /* kept by this run; tests end it behind one */
	uint64_t total;        /* that are to be expected, for progress; 0: not known */
	/* the list that is walked: of everything, or of one organization (H9) */
	uint64_t parent;       /* its number, from 1; 0: of everything */
	struct rh_links links; /* of that organization */
	uint64_t list_lines;   /* of this list */
	uint64_t before;       /* how many there were, as the source counts; if is_counted */
	uint64_t after;
	bool is_counted;
	uint64_t told; /* how many the last page says that there are; 0: it does not */
	bool is_begun; /* a page of it is there */
	struct rh_arena cursor_arena[2];
	unsigned cursor_at;
	struct rh_str
		asked; /* the cursor that the last page was asked with; absent: it is the first */
	struct rh_str at; /* of the page to come; absent: of the first, or the list is over */
	bool is_again;    /* the page that is asked for was read before (H5) */
	struct rh_gleaned_id *last; /* ids of the last page */
	size_t last_count;
	size_t last_room;
	struct rh_buf text; /* lines of the page in hand */
	struct rh_buf mark;
	rh_time synced_at;  /* steady */
	bool is_incomplete; /* H7 */
};

/* harvest_mark.c: what a page's block says of where the reading stands */

/* The page in hand, with `ids` of its lines, as the writer's mark. */
RH_NODISCARD int rh_glean_mark(struct rh_gleaning *gleaning, const struct rh_gleaned_id *ids,
			       size_t count);
/* A page was asked with `at`, and behind it the list goes on with `next` (copied; absent: it is over). */
RH_NODISCARD int rh_glean_turn(struct rh_gleaning *gleaning, struct rh_str next);
/* A cursor ('c'), or the id that a page begins with ('p'), of the list in hand: *was it there before? */
RH_NODISCARD int rh_glean_note(struct rh_gleaning *gleaning, char what, struct rh_str text,
			       bool *was);
/* The next lines of the stream have these ids; `is_same_page`: they belong to the last page. */
RH_NODISCARD int rh_glean_add_ids(struct rh_gleaning *gleaning, const struct rh_gleaned_id *ids,
				  size_t count, bool is_same_page);
/* Another list begins. */
void rh_glean_begin(struct rh_gleaning *gleaning, uint64_t parent, struct rh_str parent_id);
/* Takes up what a page of an earlier run has left. */
RH_NODISCARD int rh_glean_take_up(struct rh_gleaning *gleaning, const struct rh_stream_page *page);

/* harvest_list.c */

/* Walks the list in hand to its end, from where it stands.  What ended it stands in gleaning->err. */
RH_NODISCARD int rh_glean_list(struct rh_gleaning *gleaning);
/* How many there are, as the source counts; *is_known: it does. */
RH_NODISCARD int rh_glean_count(struct rh_gleaning *gleaning, uint64_t *out, bool *is_known);
/* H7: RH_ENET, and the reading is thrown away. */
int rh_glean_refuse(struct rh_gleaning *gleaning, const char *why);
/* "users": for people. */
const char *rh_glean_noun(enum rh_kind kind);

#endif
