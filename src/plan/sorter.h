/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorter: any number of entries, given back in order, in a memory that has a bound.
 *
 *  T1. Entries are collected in memory.  Only when the bound is reached are they sorted and written as one run
 *      (scratch.h); small inputs never touch a file.
 *  T2. At the end the runs are merged, all of them at once, read through the memory that collected them: each
 *      entry is written once and read once, whatever their number.  A rewind reads the runs again.
 *  T3. The order is that of (high, low, info), so it depends on the entries alone, never on the bound.
 */
#ifndef PLAN_SORTER_H
#define PLAN_SORTER_H

#include <rehome/types.h>

struct rh_sorter;

struct rh_entry {
	uint64_t high;
	uint64_t low;
	uint64_t info;
};

/* `path` of the file for runs is taken, also on failure; `bytes_max` bounds the memory. */
RH_NODISCARD int rh_sorter_new(struct rh_sorter **out, char *path, size_t bytes_max,
			       struct rh_err *err);
void rh_sorter_free(struct rh_sorter *sorter); /* accepts NULL */
RH_NODISCARD int rh_sorter_add(struct rh_sorter *sorter, const struct rh_entry *entry,
			       struct rh_err *err);
/* To the first entry; from then on nothing can be added any more. */
RH_NODISCARD int rh_sorter_rewind(struct rh_sorter *sorter, struct rh_err *err);
/* The next entry in order, after a rewind.  1: *out filled, 0 at the end, < 0 error. */
RH_NODISCARD int rh_sorter_next(struct rh_sorter *sorter, struct rh_entry *out, struct rh_err *err);

#endif
