/* SPDX-License-Identifier: Apache-2.0 */
/* Chains: an open-addressing table of chains, and a link for each row. */
#include "rehearsal/chains.h"

#include <string.h>

#include "base/alloc.h"

enum { FIRST_SLOTS = 64 };

/* first and last are one more than the row; first 0: the slot is free. */
struct rh_chains_slot {
	uint64_t name;
	uint32_t first;
	uint32_t last;
	size_t count;
};

/* One more than the row; 0: none. */
struct rh_chains_link {
	uint32_t next;
	uint32_t previous;
};

void rh_chains_done(struct rh_chains *chains)
{
	rh_free(chains->slots);
	rh_free(chains->links);
	*chains = (struct rh_chains){0};
}

/* The group's slot, or the free one where it belongs; the table is not full. */
static struct rh_chains_slot *slot_of(const struct rh_chains *chains, uint64_t name)
{
	size_t mask = chains->slot_count - 1;
	size_t at = (size_t)name & mask;

	while (chains->slots[at].first != 0 && chains->slots[at].name != name) {
		at = (at + 1) & mask;
	}
	return &chains->slots[at];
}

/* Three quarters full at most. */
static int grow_slots(struct rh_chains *chains)
{
	struct rh_chains bigger = *chains;

	if (chains->count < chains->slot_count / 4 * 3) {
		return RH_OK;
	}
	bigger.slot_count = chains->slot_count != 0 ? chains->slot_count * 2 : FIRST_SLOTS;
	bigger.slots = rh_calloc(bigger.slot_count, sizeof(*bigger.slots));
	if (bigger.slots == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < chains->slot_count; i++) {
		if (chains->slots[i].first != 0) {
			*slot_of(&bigger, chains->slots[i].name) = chains->slots[i];
		}
	}
	rh_free(chains->slots);
	*chains = bigger;
	return RH_OK;
}

int rh_chains_reserve(struct rh_chains *chains, size_t rows)
{
	struct rh_chains_link *links;

	if (rows > chains->link_count) {
		links = rh_realloc(chains->links, rows * sizeof(*links));
		if (links == NULL) {
			return RH_ENOMEM;
		}
		memset(links + chains->link_count, 0, (rows - chains->link_count) * sizeof(*links));
		chains->links = links;
		chains->link_count = rows;
	}
	return grow_slots(chains);
}

void rh_chains_join(struct rh_chains *chains, uint64_t name, uint32_t row)
{
	struct rh_chains_slot *slot = slot_of(chains, name);

	chains->links[row] = (struct rh_chains_link){.previous = slot->last};
	if (slot->first == 0) {
		chains->count++;
		slot->name = name;
		slot->first = row + 1;
	} else {
		chains->links[slot->last - 1].next = row + 1;
	}
	slot->last = row + 1;
	slot->count++;
}

/* Takes an empty group out; later ones of the same run of slots move back. */
static void drop_slot(struct rh_chains *chains, struct rh_chains_slot *slot)
{
	size_t mask = chains->slot_count - 1;
	size_t hole = (size_t)(slot - chains->slots);

	for (size_t at = (hole + 1) & mask; chains->slots[at].first != 0; at = (at + 1) & mask) {
		size_t home = (size_t)chains->slots[at].name & mask;

		/* It may move into the hole unless its home lies behind the hole. */
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			chains->slots[hole] = chains->slots[at];
			hole = at;
		}
	}
	chains->slots[hole] = (struct rh_chains_slot){0};
	chains->count--;
}

void rh_chains_leave(struct rh_chains *chains, uint64_t name, uint32_t row)
{
	struct rh_chains_slot *slot = slot_of(chains, name);
	struct rh_chains_link *link = &chains->links[row];

	if (link->previous != 0) {
		chains->links[link->previous - 1].next = link->next;
	} else {
		slot->first = link->next;
	}
	if (link->next != 0) {
		chains->links[link->next - 1].previous = link->previous;
	} else {
		slot->last = link->previous;
	}
	*link = (struct rh_chains_link){0};
	slot->count--;
	if (slot->count == 0) {
		drop_slot(chains, slot);
	}
}

size_t rh_chains_count(const struct rh_chains *chains, uint64_t name)
{
	return chains->count != 0 ? slot_of(chains, name)->count : 0;
}

/* From one more than a row. */
static size_t row_of(uint32_t number)
{
	return number != 0 ? number - 1 : SIZE_MAX;
}

size_t rh_chains_first(const struct rh_chains *chains, uint64_t name)
{
	return chains->count != 0 ? row_of(slot_of(chains, name)->first) : SIZE_MAX;
}

size_t rh_chains_next(const struct rh_chains *chains, size_t row)
{
	return row_of(chains->links[row].next);
}
