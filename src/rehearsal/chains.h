/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains: rows of a store that have one field in common, as chains in the order in which they joined.
 *
 * A group is named by 64 bits of a hash: nobody but ourselves chooses the ids of a rehearsal, and of a million of
 * them two share a hash once in some ten million rehearsals.  Adding, removing and stepping cost the same however
 * large the group is.
 */
#ifndef REHEARSAL_CHAINS_H
#define REHEARSAL_CHAINS_H

#include <rehome/types.h>

struct rh_chains_slot;
struct rh_chains_link;

/* All groups by one field; zeroed: there are none. */
struct rh_chains {
	struct rh_chains_slot *slots;
	size_t slot_count; /* 0 or a power of two */
	size_t count;
	struct rh_chains_link *links; /* by row */
	size_t link_count;
};

void rh_chains_done(struct rh_chains *chains);
/* Room for rows below `rows`, and for one more group; RH_ENOMEM. */
RH_NODISCARD int rh_chains_reserve(struct rh_chains *chains, size_t rows);
/* The row joins at the end; there is room, and the row is in no group. */
void rh_chains_join(struct rh_chains *chains, uint64_t name, uint32_t row);
/* The row, which is in this group, leaves it. */
void rh_chains_leave(struct rh_chains *chains, uint64_t name, uint32_t row);
size_t rh_chains_count(const struct rh_chains *chains, uint64_t name);
/* The first row; SIZE_MAX: the group is empty. */
size_t rh_chains_first(const struct rh_chains *chains, uint64_t name);
/* The row behind this one in its group; SIZE_MAX: there is none. */
size_t rh_chains_next(const struct rh_chains *chains, size_t row);

#endif
