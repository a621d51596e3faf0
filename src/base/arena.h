/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena: many small allocations with one lifetime, freed at once.
 *
 * 1. An arena is born with a maximum (bytes handed out); passing it makes rh_arena_alloc return NULL and
 *    leaves the arena usable.
 * 2. Nothing is freed singly.  rh_arena_reset makes all of it invalid and keeps the first block (unless
 *    it is larger than 1 MiB) for reuse.
 * 3. An arena made with RH_ARENA_WIPE clears its memory on reset and done: it may hold secrets.
 * 4. Under a sanitizer each allocation is a block of its own, so that overruns are seen.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <rehome/types.h>

struct rh_arena_block;

enum rh_arena_flags {
	RH_ARENA_PLAIN = 0,
	RH_ARENA_WIPE = 1, /* clear memory before giving it back */
};

struct rh_arena {
	struct rh_arena_block *blocks; /* newest first */
	size_t used;                   /* bytes handed out since the last reset */
	size_t max;                    /* bytes that may be handed out */
	unsigned flags;
};

void rh_arena_init(struct rh_arena *arena, size_t max, unsigned flags);
void rh_arena_reset(struct rh_arena *arena);
void rh_arena_done(struct rh_arena *arena); /* accepts a zeroed arena */

/* `size` bytes aligned for any object, uninitialised; NULL: maximum passed or memory out. */
void *rh_arena_alloc(struct rh_arena *arena, size_t size);
/* count * size bytes, zeroed, overflow checked. */
void *rh_arena_calloc(struct rh_arena *arena, size_t count, size_t size);
/* A copy of `text` (with a NUL behind it, not counted); absent stays absent.  On failure false. */
bool rh_arena_copy(struct rh_arena *arena, struct rh_str text, struct rh_str *out);
/* printf into the arena, NUL behind it; an absent str on failure. */
struct rh_str rh_arena_printf(struct rh_arena *arena, const char *fmt, ...) RH_PRINTF(2, 3);

#endif
