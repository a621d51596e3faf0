/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: a list of blocks cut from the front; under a sanitizer one block for each allocation. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

#if defined(__SANITIZE_ADDRESS__)
#define SINGLE_BLOCKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SINGLE_BLOCKS 1
#endif
#endif
#if !defined(SINGLE_BLOCKS)
#define SINGLE_BLOCKS 0
#endif

enum {
	BLOCK_FIRST = 16 * 1024, /* an account with its strings needs about 4 KiB */
	BLOCK_MAX = 1024 * 1024, /* blocks double up to here */
	ALIGN = _Alignof(max_align_t),
};

struct rh_arena_block {
	struct rh_arena_block *next; /* older */
	size_t size;                 /* bytes of data */
	size_t used;
	_Alignas(max_align_t) char data[];
};

void rh_arena_init(struct rh_arena *arena, size_t max, unsigned flags)
{
	*arena = (struct rh_arena){
		.max = max,
		.flags = flags,
	};
}

static void wipe_block(const struct rh_arena *arena, struct rh_arena_block *block)
{
	if ((arena->flags & RH_ARENA_WIPE) != 0) {
		explicit_bzero(block->data, block->used);
	}
}

void rh_arena_reset(struct rh_arena *arena)
{
	struct rh_arena_block *block = arena->blocks;
	struct rh_arena_block *kept = NULL;

	while (block != NULL) {
		struct rh_arena_block *next = block->next;
		bool is_kept = !SINGLE_BLOCKS && block->size <= BLOCK_MAX;

		wipe_block(arena, block);
		block->used = 0;
		block->next = NULL;
		rh_free(is_kept ? kept : block);
		kept = is_kept ? block : kept;
		block = next;
	}
	arena->blocks = kept;
	arena->used = 0;
}

void rh_arena_done(struct rh_arena *arena)
{
	rh_arena_reset(arena);
	rh_free(arena->blocks);
	*arena = (struct rh_arena){
		.max = arena->max,
		.flags = arena->flags,
	};
}

/* A new block with room for `size` bytes at least, put into the list; NULL: memory out. */
static struct rh_arena_block *add_block(struct rh_arena *arena, size_t size)
{
	struct rh_arena_block *newest = arena->blocks;
	struct rh_arena_block *block;
	size_t room = size;
	size_t whole;

	if (!SINGLE_BLOCKS && size < BLOCK_MAX) {
		room = newest != NULL && newest->size >= BLOCK_FIRST ? newest->size * 2
								     : BLOCK_FIRST;
		room = room > BLOCK_MAX ? BLOCK_MAX : room;
		room = room < size ? size : room;
	}
	if (__builtin_add_overflow(room, sizeof(*block), &whole)) {
		return NULL;
	}
	block = rh_malloc(whole);
	if (block == NULL) {
		return NULL;
	}
	*block = (struct rh_arena_block){
		.size = room,
	};
	if (newest != NULL && size >= BLOCK_MAX) {
		/* It will be full at once: the newest one goes on serving small requests. */
		block->next = newest->next;
		newest->next = block;
	} else {
		block->next = newest;
		arena->blocks = block;
	}
	return block;
}

static void *take_bytes(struct rh_arena *arena, size_t size, size_t align)
{
	struct rh_arena_block *block = arena->blocks;
	size_t at = 0;

	size = size != 0 ? size : 1;
	if (arena->used > arena->max || size > arena->max - arena->used) {
		return NULL;
	}
	if (block != NULL) {
		at = (block->used + align - 1) & ~(align - 1);
	}
	if (block == NULL || at > block->size || size > block->size - at) {
		block = add_block(arena, size);
		if (block == NULL) {
			return NULL;
		}
		at = 0;
	}
	block->used = at + size;
	arena->used += size;
	return block->data + at;
}

void *rh_arena_alloc(struct rh_arena *arena, size_t size)
{
	return take_bytes(arena, size, ALIGN);
}

void *rh_arena_calloc(struct rh_arena *arena, size_t count, size_t size)
{
	size_t whole;
	void *ptr;

	if (__builtin_mul_overflow(count, size, &whole)) {
		return NULL;
	}
	ptr = take_bytes(arena, whole, ALIGN);
	if (ptr != NULL) {
		memset(ptr, 0, whole);
	}
	return ptr;
}

bool rh_arena_copy(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	char *copy;

	if (text.ptr == NULL) {
		*out = RH_STR_ABSENT;
		return true;
	}
	copy = text.len < SIZE_MAX ? take_bytes(arena, text.len + 1, 1) : NULL;
	if (copy == NULL) {
		return false;
	}
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	*out = (struct rh_str){
		.ptr = copy,
		.len = text.len,
	};
	return true;
}

struct rh_str rh_arena_printf(struct rh_arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = len >= 0 ? take_bytes(arena, (size_t)len + 1, 1) : NULL;
	if (text == NULL) {
		return RH_STR_ABSENT;
	}
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)len + 1, fmt, args); /* measured above */
	va_end(args);
	return (struct rh_str){
		.ptr = text,
		.len = (size_t)len,
	};
}
