/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candidates: identifiers of the accounts to be created, kept in memory as long as they are few, so that they can be
 * looked up at the target instead of listing all that stands there.
 */
#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "plan/plan_internal.h"

#define CANDIDATES_MAX 20000
#define FIRST_ROOM 64
#define TEXTS_MAX ((size_t)4 << 20)

struct kept {
	uint64_t ordinal;
	struct rh_candidate candidate;
};

struct rh_candidates {
	struct kept *items;
	size_t count;
	size_t room;
	struct rh_arena texts;
	bool are_too_many;
};

struct rh_candidates *rh_candidates_new(void)
{
	struct rh_candidates *candidates = rh_calloc(1, sizeof(*candidates));

	if (candidates != NULL) {
		rh_arena_init(&candidates->texts, TEXTS_MAX, RH_ARENA_WIPE);
	}
	return candidates;
}

void rh_candidates_free(struct rh_candidates *candidates)
{
	if (candidates != NULL) {
		rh_arena_done(&candidates->texts);
		rh_free(candidates->items);
		rh_free(candidates);
	}
}

static void give_up(struct rh_candidates *candidates)
{
	candidates->are_too_many = true;
	candidates->count = 0;
	rh_arena_done(&candidates->texts);
	rh_arena_init(&candidates->texts, TEXTS_MAX, RH_ARENA_WIPE);
}

void rh_candidates_add(struct rh_candidates *candidates, uint64_t ordinal,
		       const struct rh_candidate *candidate)
{
	struct kept kept = {.ordinal = ordinal};
	bool is_kept;

	if (candidates->are_too_many) {
		return;
	}
	if (candidates->count == candidates->room && candidates->count < CANDIDATES_MAX) {
		size_t room = candidates->room > 0 ? candidates->room * 2 : FIRST_ROOM;
		struct kept *grown = rh_realloc(candidates->items, room * sizeof(*grown));
		candidates->items = grown != NULL ? grown : candidates->items;
		candidates->room = grown != NULL ? room : candidates->room;
	}
	is_kept = candidates->count < CANDIDATES_MAX && candidates->count < candidates->room;
	for (size_t i = 0; is_kept && i < RH_LOOKUPS; i++) {
		is_kept =
			rh_arena_copy(&candidates->texts, candidate->by[i], &kept.candidate.by[i]);
	}
	/* Without the memory for it there is still the other way. */
	if (!is_kept) {
		give_up(candidates);
		return;
	}
	candidates->items[candidates->count++] = kept;
}

bool rh_plan_candidate(const struct rh_plan_builder *builder, size_t index,
		       struct rh_candidate *out)
{
	const struct rh_candidates *candidates = builder->candidates;
	unsigned flags = 0;

	if (candidates->are_too_many || index >= candidates->count) {
		return false;
	}
	/* Who is out, or in the ledger, is asked for by nobody; what cannot be read is asked for. */
	if (rh_roster_flags(&builder->roster, candidates->items[index].ordinal, &flags, NULL) !=
	    RH_OK) {
		flags = 0;
	}
	*out = (flags & (RECORD_OUT | RECORD_OURS)) == 0 ? candidates->items[index].candidate
							 : (struct rh_candidate){0};
	return true;
}

bool rh_plan_candidates(const struct rh_plan_builder *builder, uint64_t counts[RH_LOOKUPS])
{
	struct rh_candidate candidate;

	for (size_t by = 0; by < RH_LOOKUPS; by++) {
		counts[by] = 0;
	}
	for (size_t i = 0; rh_plan_candidate(builder, i, &candidate); i++) {
		for (size_t by = 0; by < RH_LOOKUPS; by++) {
			counts[by] += candidate.by[by].ptr != NULL ? 1 : 0;
		}
	}
	return !builder->candidates->are_too_many;
}

uint64_t rh_plan_wanted(const struct rh_plan_builder *builder)
{
	return builder->counts.create;
}

void rh_plan_note_presence(struct rh_plan_builder *builder, enum rh_presence presence)
{
	builder->counts.presence = presence;
}
