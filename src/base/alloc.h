/* SPDX-License-Identifier: Apache-2.0 */
/* The one gate for heap memory, so that tests can make the n-th allocation fail. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* As malloc/calloc/realloc/strdup/free; NULL when memory (or the test's allowance) is out. */
void *rh_malloc(size_t size);
void *rh_calloc(size_t count, size_t size);
void *rh_realloc(void *ptr, size_t size);
char *rh_strdup(const char *text);
void rh_free(void *ptr);

/* Test hook: the n-th allocation from now fails, and every one after it; 0 switches the hook off. */
void rh_alloc_fail_from(uint64_t n);

/* Frees *ptr and sets it to NULL; the cleanup function behind rh_autofree. */
void rh_free_ptr(void *ptr_to_ptr);

/* A local pointer that is freed when its scope ends: `rh_autofree char *path = NULL;` */
#define rh_autofree __attribute__((cleanup(rh_free_ptr)))

/* Moves a pointer out of an rh_autofree local: `return rh_take(&path);` */
#define rh_take(ptr_to_ptr)                                       \
	(__extension__({                                          \
		__typeof__(*(ptr_to_ptr)) taken_ = *(ptr_to_ptr); \
		*(ptr_to_ptr) = NULL;                             \
		taken_;                                           \
	}))

#endif
