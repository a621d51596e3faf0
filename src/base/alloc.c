/* SPDX-License-Identifier: Apache-2.0 */
/* Heap memory: the C library's, behind a counter that lets tests make it run out. */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Allocations until failure begins: 0 = never, 1 = the next one and all after it.  Of the whole
 * process, as is what net/memory.h keeps; tests alone set it. */
static _Atomic uint64_t fail_countdown;

static bool allowed(void)
{
	uint64_t left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);

	if (left > 1) {
		atomic_store_explicit(&fail_countdown, left - 1, memory_order_relaxed);
	}
	return left != 1;
}

void rh_alloc_fail_from(uint64_t n)
{
	atomic_store_explicit(&fail_countdown, n, memory_order_relaxed);
}

void *rh_malloc(size_t size)
{
	return allowed() ? malloc(size != 0 ? size : 1) : NULL;
}

void *rh_calloc(size_t count, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(count, size, &whole)) {
		return NULL;
	}
	return allowed() ? calloc(1, whole != 0 ? whole : 1) : NULL;
}

void *rh_realloc(void *ptr, size_t size)
{
	return allowed() ? realloc(ptr, size != 0 ? size : 1) : NULL;
}

char *rh_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = rh_malloc(size);

	if (copy != NULL) {
		memcpy(copy, text, size);
	}
	return copy;
}

void rh_free(void *ptr)
{
	free(ptr);
}

void rh_free_ptr(void *ptr_to_ptr)
{
	void *ptr;

	/* Bytes are copied because the caller's pointer has a type of its own. */
	memcpy(&ptr, ptr_to_ptr, sizeof(ptr));
	free(ptr);
	ptr = NULL;
	memcpy(ptr_to_ptr, &ptr, sizeof(ptr));
}
