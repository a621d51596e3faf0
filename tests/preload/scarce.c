/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out, loaded in front of the C library (LD_PRELOAD) of a tool without sanitizers: ours and every
 * library's.  Told by the environment:
 *
 *   SCARCE_FAIL=N[:once]  the N-th allocation fails, and all after it unless `once`
 *   SCARCE_COUNT=FILE     at the end: the number of allocations
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The C library's own, below the names that are taken here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *ptr, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong calls;
static unsigned long fail_at; /* 0: never */
static bool is_once;
static bool is_on; /* what the loader needs before anybody could be told is not counted */

__attribute__((constructor)) static void learn(void)
{
	const char *text = getenv("SCARCE_FAIL");

	if (text != NULL) {
		fail_at = strtoul(text, NULL, 10);
		is_once = strstr(text, ":once") != NULL;
	}
	is_on = true;
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("SCARCE_COUNT");
	char text[32];
	int fd;

	is_on = false;
	if (path == NULL) {
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	(void)snprintf(text, sizeof(text), "%lu\n", atomic_load(&calls));
	if (fd >= 0 && write(fd, text, strlen(text)) < 0) {
		abort();
	}
}

static bool is_allowed(void)
{
	unsigned long call;

	if (!is_on) {
		return true;
	}
	call = atomic_fetch_add(&calls, 1) + 1;
	if (fail_at == 0 || call < fail_at || (is_once && call > fail_at)) {
		return true;
	}
	errno = ENOMEM;
	return false;
}

void *malloc(size_t size)
{
	return is_allowed() ? __libc_malloc(size) : NULL;
}

void *calloc(size_t count, size_t size)
{
	return is_allowed() ? __libc_calloc(count, size) : NULL;
}

void *realloc(void *ptr, size_t size)
{
	return is_allowed() ? __libc_realloc(ptr, size) : NULL;
}

void *memalign(size_t alignment, size_t size)
{
	return is_allowed() ? __libc_memalign(alignment, size) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	*out = memalign(alignment, size);
	return *out != NULL ? 0 : ENOMEM;
}
