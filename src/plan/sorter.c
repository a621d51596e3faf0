/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted runs and their merge. */
#include "plan/sorter.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/uncleared.h"
#include "plan/scratch.h"

#define FIRST_ROOM ((size_t)256)
/* A run is written whole: what the scratch keeps beside it serves nothing. */
#define SCRATCH_TAIL ((size_t)4096)
#define DIGITS 256
#define DEPTH_MAX 24
/* So few entries are sorted fastest by insertion. */
#define FEW 24

struct run {
	uint64_t start;         /* in the scratch */
	uint64_t length;        /* entries */
	uint64_t done;          /* of them read */
	struct rh_entry *items; /* a piece of the sorter's memory */
	size_t at;
	size_t count;
};

struct rh_sorter {
	struct rh_entry *items;
	size_t count;
	size_t room;
	size_t max;
	size_t at; /* all in memory: the next one to give back */
	bool is_sorted;
	struct rh_scratch scratch;
	struct run *runs;
	size_t run_count;
	size_t run_room;
	size_t *heap; /* runs that are not at their end, the one with the least entry first */
	size_t heap_count;
};

int rh_sorter_new(struct rh_sorter **out, char *path, size_t bytes_max, struct rh_err *err)
{
	struct rh_sorter *sorter = rh_calloc(1, sizeof(*sorter));
	int code;

	if (sorter == NULL) {
		rh_free(path);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	sorter->max = bytes_max / sizeof(struct rh_entry);
	assert(sorter->max >= 2);
	code = rh_scratch_init(&sorter->scratch, path, SCRATCH_TAIL, err);
	if (code != RH_OK) {
		rh_sorter_free(sorter);
		return code;
	}
	*out = sorter;
	return RH_OK;
}

void rh_sorter_free(struct rh_sorter *sorter)
{
	if (sorter != NULL) {
		rh_scratch_done(&sorter->scratch);
		rh_free(sorter->items);
		rh_free(sorter->runs);
		rh_free(sorter->heap);
		rh_free(sorter);
	}
}

/* ---- sorting in memory -------------------------------------------------------------------------------- */

static bool is_less(const struct rh_entry *a, const struct rh_entry *b)
{
	if (a->high != b->high) {
		return a->high < b->high;
	}
	return a->low != b->low ? a->low < b->low : a->info < b->info;
}

static unsigned digit(const struct rh_entry *entry, unsigned depth)
{
	uint64_t word = depth < 8 ? entry->high : depth < 16 ? entry->low : entry->info;

	return (unsigned)(word >> (56 - 8 * (depth % 8))) & (DIGITS - 1);
}

static void sort_few(struct rh_entry *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct rh_entry entry = items[i];
		size_t at = i;
		for (; at > 0 && is_less(&entry, &items[at - 1]); at--) {
			items[at] = items[at - 1];
		}
		items[at] = entry;
	}
}

/* Puts every entry among those with the same byte at this depth, in place; `ends` are then the groups'. */
static void distribute(struct rh_entry *items, size_t count, unsigned depth, size_t ends[DIGITS])
{
	size_t next[DIGITS] = {0};
	size_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		next[digit(&items[i], depth)]++;
	}
	for (unsigned d = 0; d < DIGITS; d++) {
		size_t of_digit = next[d];
		next[d] = sum;
		sum += of_digit;
		ends[d] = sum;
	}
	for (unsigned d = 0; d < DIGITS; d++) {
		while (next[d] < ends[d]) {
			unsigned other = digit(&items[next[d]], depth);
			if (other == d) {
				next[d]++;
				continue;
			}
			struct rh_entry entry = items[next[d]];
			items[next[d]] = items[next[other]];
			items[next[other]++] = entry;
		}
	}
}

/* The memory that recursion takes is bounded by the depth: one level a byte of an entry. */
static void sort_from(struct rh_entry *items, size_t count, unsigned depth)
{
	size_t ends[DIGITS] RH_UNCLEARED;
	size_t start = 0;

	if (count <= FEW || depth == DEPTH_MAX) {
		sort_few(items, depth == DEPTH_MAX ? 0 : count);
		return;
	}
	distribute(items, count, depth, ends);
	for (unsigned d = 0; d < DIGITS; d++) {
		if (ends[d] - start > 1) {
			sort_from(items + start, ends[d] - start, depth + 1);
		}
		start = ends[d];
	}
}

/* ---- runs ----------------------------------------------------------------------------------------------- */

/* T1 */
static int write_run(struct rh_sorter *sorter, struct rh_err *err)
{
	struct run run = {.start = rh_scratch_size(&sorter->scratch), .length = sorter->count};

	if (sorter->run_count == sorter->run_room) {
		size_t room = sorter->run_room > 0 ? sorter->run_room * 2 : 16;
		struct run *grown = rh_realloc(sorter->runs, room * sizeof(*grown));
		if (grown == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		sorter->runs = grown;
		sorter->run_room = room;
	}
	sort_from(sorter->items, sorter->count, 0);
	int code = rh_scratch_add(&sorter->scratch, sorter->items,
				  sorter->count * sizeof(struct rh_entry), err);
	if (code == RH_OK) {
		sorter->runs[sorter->run_count++] = run;
		sorter->count = 0;
	}
	return code;
}

static int grow(struct rh_sorter *sorter, struct rh_err *err)
{
	size_t room = sorter->room > 0 ? sorter->room * 2 : FIRST_ROOM;
	struct rh_entry *grown;

	room = room < sorter->max ? room : sorter->max;
	grown = rh_realloc(sorter->items, room * sizeof(*grown));
	if (grown == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	sorter->items = grown;
	sorter->room = room;
	return RH_OK;
}

int rh_sorter_add(struct rh_sorter *sorter, const struct rh_entry *entry, struct rh_err *err)
{
	int code = RH_OK;

	assert(!sorter->is_sorted);
	if (sorter->count == sorter->room) {
		code = sorter->room < sorter->max ? grow(sorter, err) : write_run(sorter, err);
	}
	if (code == RH_OK) {
		sorter->items[sorter->count++] = *entry;
	}
	return code;
}

/* ---- the merge (T2) ------------------------------------------------------------------------------------- */

/* Reads the next piece of a run. */
static int refill(struct rh_sorter *sorter, struct run *run, size_t piece, struct rh_err *err)
{
	uint64_t left = run->length - run->done;
	size_t count = left < piece ? (size_t)left : piece;
	int code =
		rh_scratch_read(&sorter->scratch, run->start + run->done * sizeof(struct rh_entry),
				run->items, count * sizeof(struct rh_entry), err);

	run->done += count;
	run->count = count;
	run->at = 0;
	return code;
}

static bool is_before(const struct rh_sorter *sorter, size_t a, size_t b)
{
	const struct run *left = &sorter->runs[sorter->heap[a]];
	const struct run *right = &sorter->runs[sorter->heap[b]];

	return is_less(&left->items[left->at], &right->items[right->at]);
}

static void sift_down(struct rh_sorter *sorter, size_t at)
{
	for (;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
			if (child < sorter->heap_count && is_before(sorter, child, least)) {
				least = child;
			}
		}
		if (least == at) {
			return;
		}
		size_t other = sorter->heap[at];
		sorter->heap[at] = sorter->heap[least];
		sorter->heap[least] = other;
		at = least;
	}
}

/* Entries of a run that are in memory at a time. */
static size_t piece_of(const struct rh_sorter *sorter)
{
	return sorter->room / sorter->run_count;
}

/* What is not in a run yet becomes one; then the memory is for reading. */
static int end_runs(struct rh_sorter *sorter, struct rh_err *err)
{
	int code = write_run(sorter, err);

	if (code != RH_OK) {
		return code;
	}
	sorter->heap = rh_calloc(sorter->run_count, sizeof(*sorter->heap));
	if (sorter->run_count > sorter->room) {
		struct rh_entry *grown =
			rh_realloc(sorter->items, sorter->run_count * sizeof(*grown));
		sorter->items = grown != NULL ? grown : sorter->items;
		sorter->room = grown != NULL ? sorter->run_count : 0;
	}
	return sorter->heap != NULL && sorter->room > 0
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

static int start_merge(struct rh_sorter *sorter, struct rh_err *err)
{
	int code = RH_OK;

	sorter->heap_count = 0;
	for (size_t i = 0; i < sorter->run_count && code == RH_OK; i++) {
		sorter->runs[i].items = sorter->items + i * piece_of(sorter);
		sorter->runs[i].done = 0;
		code = refill(sorter, &sorter->runs[i], piece_of(sorter), err);
		sorter->heap[sorter->heap_count++] = i;
	}
	for (size_t i = sorter->heap_count / 2; i-- > 0 && code == RH_OK;) {
		sift_down(sorter, i);
	}
	return code;
}

static int merge_next(struct rh_sorter *sorter, struct rh_entry *out, struct rh_err *err)
{
	struct run *run;
	int code = RH_OK;

	if (sorter->heap_count == 0) {
		return 0;
	}
	run = &sorter->runs[sorter->heap[0]];
	*out = run->items[run->at++];
	if (run->at == run->count && run->done < run->length) {
		code = refill(sorter, run, piece_of(sorter), err);
	} else if (run->at == run->count) {
		sorter->heap[0] = sorter->heap[--sorter->heap_count];
	}
	if (code != RH_OK) {
		return code;
	}
	sift_down(sorter, 0);
	return 1;
}

int rh_sorter_rewind(struct rh_sorter *sorter, struct rh_err *err)
{
	int code = RH_OK;

	sorter->at = 0;
	if (!sorter->is_sorted && sorter->run_count == 0) {
		sort_from(sorter->items, sorter->count, 0);
	} else if (!sorter->is_sorted) {
		code = end_runs(sorter, err);
	}
	sorter->is_sorted = code == RH_OK;
	return code == RH_OK && sorter->run_count > 0 ? start_merge(sorter, err) : code;
}

int rh_sorter_next(struct rh_sorter *sorter, struct rh_entry *out, struct rh_err *err)
{
	assert(sorter->is_sorted);
	if (sorter->run_count > 0) {
		return merge_next(sorter, out, err);
	}
	if (sorter->at == sorter->count) {
		return 0;
	}
	*out = sorter->items[sorter->at++];
	return 1;
}
