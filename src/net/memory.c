/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks by powers of two, each with its size in front; memory.h has the rules. */
#include "net/memory.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

enum {
	SMALLEST = 32,
	GROWN = 1024, /* what grows, grows on: a request's head by doubling */
	CLASSES = 10, /* 32 bytes to 16 KiB */
	KEPT_MAX = 1024,
	NO_CLASS = CLASSES, /* larger: not kept */
};

struct block {
	size_t size; /* asked for; all behind it is zero */
	unsigned class;
	_Alignas(max_align_t) char data[];
};

/* A free block has it in place of its data. */
struct link {
	struct block *next;
};

struct shelf {
	struct block *first;
	unsigned count;
};

/* libcurl's hooks know no context. */
static _Thread_local struct shelf shelves[CLASSES];
static _Thread_local unsigned keepers;
static _Thread_local bool is_out;

static unsigned class_of(size_t size)
{
	unsigned class = 0;

	while (class < NO_CLASS && size > (size_t)SMALLEST << class) {
		class ++;
	}
	return class;
}

static struct block *block_of(void *ptr)
{
	return (struct block *)(void *)((char *)ptr - offsetof(struct block, data));
}

static struct block *next_of(const struct block *block)
{
	struct link link;

	memcpy(&link, block->data, sizeof(link));
	return link.next;
}

/* All of it is zero. */
static struct block *take(size_t size, unsigned class)
{
	struct shelf *shelf = class < NO_CLASS ? &shelves[class] : NULL;
	struct block *block = shelf != NULL ? shelf->first : NULL;

	if (block != NULL) {
		shelf->first = next_of(block);
		shelf->count--;
		memset(block->data, 0, sizeof(struct link));
	} else {
		size_t room = class < NO_CLASS ? (size_t)SMALLEST << class : size;
		if (room > SIZE_MAX - sizeof(*block)) {
			return NULL;
		}
		block = rh_calloc(1, sizeof(*block) + room);
		if (block == NULL) {
			is_out = true;
			return NULL;
		}
		block->class = class;
	}
	block->size = size;
	return block;
}

void *rh_memory_malloc(size_t size)
{
	struct block *block = take(size, class_of(size));

	return block != NULL ? block->data : NULL;
}

void *rh_memory_calloc(size_t count, size_t size)
{
	size_t whole;

	return __builtin_mul_overflow(count, size, &whole) ? NULL : rh_memory_malloc(whole);
}

char *rh_memory_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = rh_memory_malloc(size);

	if (copy != NULL) {
		memcpy(copy, text, size);
	}
	return copy;
}

void rh_memory_free(void *ptr)
{
	struct block *block;
	struct shelf *shelf;

	if (ptr == NULL) {
		return;
	}
	block = block_of(ptr);
	explicit_bzero(ptr, block->size);
	if (keepers == 0 || block->class >= NO_CLASS || shelves[block->class].count >= KEPT_MAX) {
		rh_free(block);
		return;
	}
	shelf = &shelves[block->class];
	memcpy(block->data, &(struct link){.next = shelf->first}, sizeof(struct link));
	shelf->first = block;
	shelf->count++;
}

void *rh_memory_realloc(void *ptr, size_t size)
{
	struct block *block = ptr != NULL ? block_of(ptr) : NULL;
	struct block *moved;

	if (block == NULL) {
		return rh_memory_malloc(size);
	}
	if (size <= block->size) {
		explicit_bzero(block->data + size, block->size - size);
		block->size = size;
		return ptr;
	}
	if (block->class < NO_CLASS && size <= (size_t)SMALLEST << block->class) {
		block->size = size;
		return ptr;
	}
	moved = take(size, class_of(size < GROWN ? GROWN : size));
	if (moved == NULL) {
		return NULL;
	}
	memcpy(moved->data, block->data, block->size);
	rh_memory_free(ptr);
	return moved->data;
}

void rh_memory_begin(void)
{
	is_out = keepers > 0 && is_out;
	keepers++;
}

bool rh_memory_is_out(void)
{
	return is_out;
}

void rh_memory_end(void)
{
	keepers--;
	for (unsigned i = 0; keepers == 0 && i < CLASSES; i++) {
		while (shelves[i].first != NULL) {
			struct block *block = shelves[i].first;
			shelves[i].first = next_of(block);
			rh_free(block);
		}
		shelves[i].count = 0;
	}
}
