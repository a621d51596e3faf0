/* SPDX-License-Identifier: Apache-2.0 */
/* Slabs of accounts from a process that reads them ahead; ahead.h has the rules. */
#include "engine/ahead.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/apply.h"
#include "plan/workers.h"

/* Below it a process costs more than it gives. */
#define LONG_INPUT ((uint64_t)4 << 20)
/* What one slab may have; what is not used takes no memory. */
#define SLAB_BYTES ((size_t)4 << 20)
/* A slab is handed over with so many accounts, or when it holds so much. */
#define SLAB_ACCOUNTS 128
#define SLAB_FULL ((size_t)1 << 20)
/* What a released slab holds beyond it goes back to the system. */
#define SLAB_KEPT ((size_t)1 << 20)
#define FDS_MAX 64

enum end {
	END_NONE, /* more follows */
	END_WHOLE,
	END_SHORT,
};

/* The front of its memory; the rest is the arena's. */
struct slab {
	struct rh_arena arena;
	struct rh_ahead_record *first;
	struct rh_ahead_record *last;
	size_t count;
	enum end end;
	bool is_of_plan;
};

struct rh_ahead {
	struct rh_apply *apply;
	struct rh_source *source; /* its own */
	char *shared;
	pid_t pid; /* -1: it has ended, or never began */
	int fd;    /* numbers of slabs, a byte each: full ones from there, free ones back */
	uint8_t ready[RH_AHEAD_SLABS]; /* that are full, in their order */
	size_t ready_from;
	size_t ready_count;
	int current; /* slab that is being handed out; -1: none */
	const struct rh_ahead_record *next;
	unsigned holders[RH_AHEAD_SLABS]; /* batches, and we while it is handed out */
	uint64_t count;
	enum end end;
	bool is_of_plan;
	unsigned fresh; /* there: slabs that were never used */
};

static struct slab *slab_of(const struct rh_ahead *ahead, unsigned number)
{
	return (struct slab *)(void *)(ahead->shared + (size_t)number * SLAB_BYTES);
}

/* ---- the process beside ------------------------------------------------------------------------------------- */

static bool keep_found(struct rh_ahead_record *record, const struct rh_collector *collector,
		       struct rh_arena *arena)
{
	size_t bytes = collector->count * sizeof(collector->items[0]);

	record->found = NULL;
	record->found_count = collector->count;
	record->may_refuse = collector->may_refuse;
	if (bytes > 0) {
		record->found = rh_arena_alloc(arena, bytes);
		if (record->found == NULL) {
			return false;
		}
		memcpy(record->found, collector->items, bytes);
	}
	return true;
}

static bool assess(struct rh_apply *apply, struct rh_ahead_record *record, struct rh_arena *arena)
{
	int64_t id = apply->plan->base + (int64_t)record->item.ordinal;

	record->is_assessed = false;
	if (record->item.is_bad) {
		return true;
	}
	if (rh_plan_assess(&apply->inputs, &record->item, arena, &apply->collector,
			   &record->assessed, NULL) != RH_OK) {
		return false;
	}
	record->is_assessed = rh_collector_refusal(&apply->collector) == NULL;
	return !record->is_assessed || rh_apply_prepare(apply, &record->assessed, id, arena,
							&record->prepared, NULL) == RH_OK;
}

/* One more account into the slab; else why not. */
static enum end read_one(struct rh_ahead *ahead, struct slab *slab)
{
	struct rh_apply *apply = ahead->apply;
	size_t before = slab->arena.used;
	/* Uncleared: it has room for the text of an error. */
	struct rh_ahead_record *record = rh_arena_alloc(&slab->arena, sizeof(*record));
	int code;

	if (record == NULL) {
		return END_SHORT;
	}
	record->next = NULL;
	rh_collector_start(&apply->collector);
	code = rh_source_next(ahead->source, &slab->arena, &apply->collector.sink, &record->item,
			      NULL);
	if (code == 0) {
		slab->is_of_plan = rh_plan_is_of(apply->plan, ahead->source);
		return END_WHOLE;
	}
	if (code < 0 || !keep_found(record, &apply->collector, &slab->arena) ||
	    !assess(apply, record, &slab->arena)) {
		return END_SHORT;
	}
	record->item.raw = RH_STR_ABSENT; /* the reader's, who goes on */
	record->bytes = slab->arena.used - before;
	if (slab->last != NULL) {
		slab->last->next = record;
	} else {
		slab->first = record;
	}
	slab->last = record;
	slab->count++;
	return END_NONE;
}

static void fill(struct rh_ahead *ahead, struct slab *slab)
{
	const size_t asked = ahead->apply->inputs.stretch_bytes;
	const size_t full = asked > 0 && asked < SLAB_FULL ? asked : SLAB_FULL;

	if (slab->arena.blocks == NULL) {
		const size_t front = (sizeof(*slab) + 63) & ~(size_t)63;
		rh_arena_init_in(&slab->arena, (char *)slab + front, SLAB_BYTES - front,
				 RH_ARENA_WIPE);
	}
	while (slab->end == END_NONE && slab->count < SLAB_ACCOUNTS && slab->arena.used < full) {
		slab->end = read_one(ahead, slab);
	}
}

static bool pass_on(int fd, uint8_t number)
{
	ssize_t put;

	do {
		put = send(fd, &number, 1, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	return put == 1;
}

/* A slab that is free; false: this process is not wanted any more. */
static bool take_free(struct rh_ahead *ahead, uint8_t *number)
{
	ssize_t got;

	if (ahead->fresh < RH_AHEAD_SLABS) {
		*number = (uint8_t)ahead->fresh++;
		return true;
	}
	do {
		got = recv(ahead->fd, number, 1, 0);
	} while (got < 0 && errno == EINTR);
	return got == 1;
}

_Noreturn static void be_beside(struct rh_ahead *ahead, pid_t parent, const int *fds, size_t count)
{
	bool goes_on = rh_worker_begin(parent, fds, count);
	uint8_t number;

	while (goes_on && take_free(ahead, &number)) {
		struct slab *slab = slab_of(ahead, number);
		fill(ahead, slab);
		goes_on = slab->end == END_NONE;
		goes_on = pass_on(ahead->fd, number) && goes_on;
	}
	rh_worker_end();
}

/* ---- start and end ------------------------------------------------------------------------------------------ */

/* R6 */
static bool is_wanted(const struct rh_apply *apply)
{
	const struct rh_plan_inputs *inputs = &apply->inputs;
	unsigned processes = inputs->workers > 0 ? inputs->workers : rh_workers_processors();
	uint64_t done;
	uint64_t total;

	rh_source_position(apply->source, &done, &total);
	return processes > 1 && apply->run->canaries == NULL &&
	       !apply->run->settings->only_passwords &&
	       (inputs->stretch_bytes > 0 || total >= LONG_INPUT);
}

static bool begin(struct rh_ahead *ahead)
{
	const pid_t self = getpid();
	int fds[FDS_MAX];
	int ends[2];
	size_t count;

	if (rh_source_open_again(ahead->apply->source, &ahead->source, NULL) != RH_OK) {
		return false;
	}
	count = rh_source_fds(ahead->source, fds, FDS_MAX - 1);
	if (count == 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return false;
	}
	ahead->fd = ends[0];
	ahead->pid = fork();
	if (ahead->pid == 0) {
		ahead->fd = ends[1];
		fds[count++] = ends[1];
		be_beside(ahead, self, fds, count);
	}
	rh_close_fd(&ends[1]);
	return ahead->pid > 0;
}

struct rh_ahead *rh_ahead_start(struct rh_apply *apply)
{
	struct rh_ahead *ahead;
	void *shared;

	if (!is_wanted(apply)) {
		return NULL;
	}
	ahead = rh_calloc(1, sizeof(*ahead));
	if (ahead == NULL) {
		return NULL;
	}
	ahead->apply = apply;
	ahead->pid = -1;
	ahead->fd = -1;
	ahead->current = -1;
	shared = mmap(NULL, RH_AHEAD_SLABS * SLAB_BYTES, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared != MAP_FAILED) {
		ahead->shared = shared;
		(void)madvise(shared, RH_AHEAD_SLABS * SLAB_BYTES, MADV_DONTDUMP); /* advice */
	}
	if (ahead->shared == NULL || !begin(ahead)) {
		rh_ahead_end(ahead);
		return NULL;
	}
	return ahead;
}

/* It is not needed any more, or gone. */
static void end_process(struct rh_ahead *ahead)
{
	if (ahead->pid > 0) {
		(void)kill(ahead->pid, SIGKILL); /* what it makes is wanted by nobody */
		while (waitpid(ahead->pid, NULL, 0) < 0 && errno == EINTR) {
		}
	}
	ahead->pid = -1;
	rh_close_fd(&ahead->fd);
}

void rh_ahead_end(struct rh_ahead *ahead)
{
	if (ahead == NULL) {
		return;
	}
	end_process(ahead);
	for (unsigned i = 0; ahead->shared != NULL && i < RH_AHEAD_SLABS; i++) {
		rh_arena_reset(&slab_of(ahead, i)->arena); /* wipes */
	}
	if (ahead->shared != NULL) {
		(void)munmap(ahead->shared, RH_AHEAD_SLABS * SLAB_BYTES);
	}
	rh_source_close(ahead->source);
	rh_free(ahead);
}

/* ---- handing out -------------------------------------------------------------------------------------------- */

/* R4 */
static void drop(struct rh_ahead *ahead, unsigned number)
{
	struct slab *slab = slab_of(ahead, number);
	bool is_large = slab->arena.used > SLAB_KEPT;

	if (--ahead->holders[number] > 0) {
		return;
	}
	rh_arena_reset(&slab->arena);
	slab->first = NULL;
	slab->last = NULL;
	slab->count = 0;
	if (is_large) {
		(void)madvise((char *)slab + SLAB_KEPT, SLAB_BYTES - SLAB_KEPT,
			      MADV_REMOVE); /* advice */
	}
	if (ahead->fd >= 0) {
		(void)pass_on(ahead->fd, (uint8_t)number); /* who is gone is noticed elsewhere */
	}
}

/* Takes in the numbers of slabs that are full; R5 when there will be none. */
static void listen_beside(struct rh_ahead *ahead)
{
	uint8_t numbers[RH_AHEAD_SLABS];
	ssize_t got;

	if (ahead->fd < 0) {
		ahead->end = END_SHORT;
		return;
	}
	got = recv(ahead->fd, numbers, sizeof(numbers), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	if (got <= 0) {
		ahead->end = END_SHORT;
		end_process(ahead);
		return;
	}
	for (ssize_t i = 0; i < got; i++) {
		size_t at = (ahead->ready_from + ahead->ready_count++) % RH_AHEAD_SLABS;
		ahead->ready[at] = numbers[i];
	}
}

/* Lets the slab go that is handed out to its end. */
static void leave_slab(struct rh_ahead *ahead)
{
	const struct slab *slab = slab_of(ahead, (unsigned)ahead->current);

	ahead->end = slab->end;
	ahead->is_of_plan = slab->is_of_plan;
	if (ahead->end != END_NONE) {
		end_process(ahead);
	}
	drop(ahead, (unsigned)ahead->current);
	ahead->current = -1;
}

static bool enter_slab(struct rh_ahead *ahead)
{
	if (ahead->ready_count == 0) {
		listen_beside(ahead);
	}
	if (ahead->ready_count == 0) {
		return false;
	}
	ahead->current = ahead->ready[ahead->ready_from];
	ahead->ready_from = (ahead->ready_from + 1) % RH_AHEAD_SLABS;
	ahead->ready_count--;
	ahead->next = slab_of(ahead, (unsigned)ahead->current)->first;
	ahead->holders[ahead->current] = 1;
	return true;
}

enum rh_ahead_state rh_ahead_next(struct rh_ahead *ahead, uint64_t *slabs,
				  const struct rh_ahead_record **out)
{
	uint64_t bit;

	while (ahead->end == END_NONE && (ahead->current < 0 || ahead->next == NULL)) {
		if (ahead->current >= 0) {
			leave_slab(ahead);
		} else if (!enter_slab(ahead) && ahead->end == END_NONE) {
			return RH_AHEAD_LATER;
		}
	}
	if (ahead->end != END_NONE) {
		return ahead->end == END_WHOLE ? RH_AHEAD_WHOLE : RH_AHEAD_SHORT;
	}
	bit = UINT64_C(1) << ahead->current;
	if ((*slabs & bit) == 0) {
		*slabs |= bit;
		ahead->holders[ahead->current]++;
	}
	*out = ahead->next;
	ahead->next = ahead->next->next;
	ahead->count++;
	return RH_AHEAD_RECORD;
}

void rh_ahead_wait(const struct rh_ahead *ahead, int64_t microseconds)
{
	struct pollfd fd = {.fd = ahead->fd, .events = POLLIN};

	if (ahead->fd >= 0 && microseconds > 0) {
		(void)poll(&fd, 1, (int)((microseconds + 999) / 1000)); /* the caller looks */
	}
}

void rh_ahead_release(struct rh_ahead *ahead, uint64_t slabs)
{
	for (unsigned i = 0; ahead != NULL && slabs != 0; i++, slabs >>= 1) {
		if ((slabs & 1) != 0) {
			drop(ahead, i);
		}
	}
}

uint64_t rh_ahead_count(const struct rh_ahead *ahead)
{
	return ahead->count;
}

bool rh_ahead_is_of_plan(const struct rh_ahead *ahead)
{
	return ahead->end == END_WHOLE && ahead->is_of_plan;
}
