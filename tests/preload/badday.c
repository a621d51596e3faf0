/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk and a clock that misbehave, loaded in front of the C library (LD_PRELOAD) of a tool that knows nothing of
 * it.  Told by the environment:
 *
 *   BADDAY_WRITE=N[:ERRNO[:once]]  the N-th write into a regular file fails, and all after it unless `once`
 *   BADDAY_SHORT=N                 the N-th such write takes half of its bytes and says so
 *   BADDAY_SYNC=N[:ERRNO[:once]]   the same of fsync and fdatasync
 *   BADDAY_PATH=PART               only files with PART in their path; without it all but standard streams
 *   BADDAY_CLOCK=N:SECONDS[,...]   from the N-th look at the wall clock on it is off by so much; the other clocks
 *                                  never jump
 *   BADDAY_COUNT=FILE              at the end: "writes N syncs N clocks N"
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { JUMPS_MAX = 8 };

/* One kind of call that fails. */
struct fault {
	unsigned long at; /* 0: never */
	int number;
	bool is_once;
	atomic_ulong calls;
};

static struct fault writes = {.number = ENOSPC};
static struct fault halves = {.number = 0, .is_once = true};
static struct fault syncs = {.number = EIO};
static const char *path_part;
static atomic_ulong clocks;
static struct {
	unsigned long at;
	long seconds;
} jumps[JUMPS_MAX];

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static void learn_fault(struct fault *fault, const char *name)
{
	const char *text = getenv(name);
	char *rest;

	if (text == NULL) {
		return;
	}
	fault->at = strtoul(text, &rest, 10);
	if (*rest == ':' && rest[1] != '\0') {
		fault->number = (int)strtol(rest + 1, &rest, 10);
	}
	fault->is_once = fault->is_once || strcmp(rest, ":once") == 0;
}

static void learn_jumps(void)
{
	const char *text = getenv("BADDAY_CLOCK");
	char *rest;

	for (size_t i = 0; text != NULL && *text != '\0' && i < JUMPS_MAX; i++) {
		jumps[i].at = strtoul(text, &rest, 10);
		jumps[i].seconds = *rest == ':' ? strtol(rest + 1, &rest, 10) : 0;
		text = *rest == ',' ? rest + 1 : rest;
	}
}

__attribute__((constructor)) static void learn(void)
{
	learn_fault(&writes, "BADDAY_WRITE");
	learn_fault(&halves, "BADDAY_SHORT");
	learn_fault(&syncs, "BADDAY_SYNC");
	learn_jumps();
	path_part = getenv("BADDAY_PATH");
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("BADDAY_COUNT");
	FILE *file = path != NULL ? fopen(path, "w") : NULL;

	writes.at = 0; /* what follows is told, not tried */
	if (file != NULL) {
		(void)fprintf(file, "writes %lu syncs %lu clocks %lu\n", atomic_load(&writes.calls),
			      atomic_load(&syncs.calls), atomic_load(&clocks));
		(void)fclose(file);
	}
}

/* Is it a file that this day is bad for? */
static bool is_meant(int fd)
{
	struct stat info;
	char link[32];
	char path[512];
	ssize_t len;

	if (fd <= STDERR_FILENO || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		return false;
	}
	if (path_part == NULL) {
		return true;
	}
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	return strstr(path, path_part) != NULL;
}

/* Counts the call; true: it is one that fails, and errno says how. */
static bool fails(struct fault *fault, int fd)
{
	unsigned long call;

	if (!is_meant(fd)) {
		return false;
	}
	call = atomic_fetch_add(&fault->calls, 1) + 1;
	if (fault->at == 0 || call < fault->at || (fault->is_once && call > fault->at)) {
		return false;
	}
	errno = fault->number;
	return true;
}

/* How many of the bytes this write takes. */
static size_t some_of(int fd, size_t len)
{
	return len > 1 && halves.at > 0 && fails(&halves, fd) ? len / 2 : len;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails(&writes, fd) ? -1 : REAL(write)(fd, bytes, some_of(fd, len));
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return fails(&writes, fd) ? -1 : REAL(pwrite)(fd, bytes, some_of(fd, len), at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return fails(&writes, fd) ? -1 : REAL(pwrite64)(fd, bytes, some_of(fd, len), at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return fails(&writes, fd) ? -1 : REAL(writev)(fd, parts, count);
}

int ftruncate(int fd, off_t len)
{
	return fails(&writes, fd) ? -1 : REAL(ftruncate)(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return fails(&writes, fd) ? -1 : REAL(ftruncate64)(fd, len);
}

/* A folder is synced as well, and counts when it is meant. */
int fsync(int fd)
{
	return fails(&syncs, fd) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	return fails(&syncs, fd) ? -1 : REAL(fdatasync)(fd);
}

int clock_gettime(clockid_t id, struct timespec *moment)
{
	int result = REAL(clock_gettime)(id, moment);
	unsigned long call;

	if (id != CLOCK_REALTIME || result != 0) {
		return result;
	}
	call = atomic_fetch_add(&clocks, 1) + 1;
	for (size_t i = JUMPS_MAX; i > 0; i--) {
		if (jumps[i - 1].at > 0 && call >= jumps[i - 1].at) {
			moment->tv_sec += jumps[i - 1].seconds;
			break;
		}
	}
	return result;
}
