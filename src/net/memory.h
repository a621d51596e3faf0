/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for libcurl, which asks for some sixty small blocks a request, and copies keys and digests of passwords into them.
 *
 * 1. What was asked for is wiped when it is given back, when it moves, and when it shrinks.
 * 2. Blocks of a size are kept for the next who asks, the last one first, since it is still in the processor's caches.
 *    Only the thread that began keeps any: libcurl asks for memory from threads of its own as well, when it looks names up.
 */
#ifndef NET_MEMORY_H
#define NET_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Begins and ends to keep blocks in this thread; they nest. */
void rh_memory_begin(void);
void rh_memory_end(void);

/* Whether somebody asked for memory in vain, in this thread since the outermost begin. */
bool rh_memory_is_out(void);

/* As malloc, calloc, realloc, strdup and free; NULL when memory is out. */
void *rh_memory_malloc(size_t size);
void *rh_memory_calloc(size_t count, size_t size);
void *rh_memory_realloc(void *ptr, size_t size);
char *rh_memory_strdup(const char *text);
void rh_memory_free(void *ptr);

#endif
