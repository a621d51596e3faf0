/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of long files for the workers, and their streaks back into the plan. */
#include "plan/apart.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/uncleared.h"
#include "plan/parcel.h"
#include "plan/source_stretch.h"
#include "plan/workers.h"

/* Below it a process costs more than it gives. */
#define LONG_FILE ((uint64_t)4 << 20)
/* The chunk behind a stretch is read and marked, too: it should be a small part.  A row of delimited text is short, and
 * what is kept of it is not. */
#define STRETCH_BYTES ((size_t)4 << 20)
#define STRETCH_BYTES_ROWS ((size_t)1 << 20)
/* Behind the end of a stretch: what the last record of it may have; a longer one is read here. */
#define BEHIND_MAX ((uint64_t)4 << 20)
/* Enough for records of 150 bytes; where they are shorter the reading does the rest of the stretch.  What is not used
 * takes no memory. */
#define PARCEL_BYTES ((size_t)4 << 20)
#define FILES_MAX 64
/* Records between two looks at the clock. */
#define TICK 1000

/* Parts of one input: all of it but its first and its last few bytes. */
struct apart_file {
	size_t index; /* of the input */
	int fd;
	uint64_t end; /* of its last whole chunk */
	uint64_t stretch_bytes;
	uint64_t first; /* number of its first stretch */
	uint64_t count;
};

struct rh_apart {
	struct rh_plan_builder *builder;
	struct rh_source *source;
	struct apart_file files[FILES_MAX];
	size_t file_count;
	uint64_t stretches;
	struct rh_workers *workers;
	const uint8_t *parcel; /* of the stretch that is next; NULL: not waited for yet */
	size_t streak;         /* the next of its streaks */
	struct rh_arena arena; /* in a worker */
};

struct stretch {
	const struct apart_file *file;
	uint64_t from;
	uint64_t to;
};

static struct stretch stretch_of(const struct rh_apart *apart, uint64_t number)
{
	const struct apart_file *file = apart->files;

	while (number >= file->first + file->count) {
		file++;
	}
	number -= file->first;
	return (struct stretch){
		.file = file,
		.from = (number + 1) * file->stretch_bytes,
		.to = (number + 2) * file->stretch_bytes,
	};
}

/* ---- in a worker --------------------------------------------------------------------------------------------- */

/* One record; 1 it is packed and counts when its end is known, 0 the streak ends before it. */
static int pack_next(struct rh_apart *apart, const struct stretch *stretch,
		     struct rh_parcel *parcel)
{
	struct rh_plan_builder *builder = apart->builder;
	struct rh_source_item item RH_UNCLEARED;
	struct rh_assessed assessed RH_UNCLEARED;
	struct rh_judged judged;

	rh_collector_start(&builder->collector);
	rh_arena_reset(&apart->arena);
	if (rh_source_next(apart->source, &apart->arena, &builder->collector.sink, &item, NULL) !=
		    1 ||
	    item.is_bad || item.file != stretch->file->index ||
	    rh_plan_assess(&builder->inputs, &item, &apart->arena, &builder->collector, &assessed,
			   NULL) != RH_OK) {
		return 0;
	}
	judged = rh_plan_judged_of(&item);
	if (rh_collector_refusal(&builder->collector) == NULL &&
	    rh_plan_judge(builder, &assessed, &apart->arena, &judged, NULL) != RH_OK) {
		return 0;
	}
	return rh_parcel_add(parcel, &judged, &builder->collector) ? 1 : 0;
}

/* A streak from the border on that the source stands at; where it ended. */
static uint64_t make_streak(struct rh_apart *apart, const struct stretch *stretch,
			    const struct rh_border *start, struct rh_parcel *parcel)
{
	struct rh_border at = *start;
	bool goes_on = true;

	rh_parcel_begin_streak(parcel, start->place.offset);
	while (goes_on && at.place.offset < stretch->to && pack_next(apart, stretch, parcel) == 1 &&
	       rh_source_stand(apart->source, stretch->file->index, &at, &goes_on, NULL) == 1) {
		rh_parcel_keep(parcel, &(struct rh_parcel_end){
					       .offset = at.place.offset,
					       .lines = at.place.line - start->place.line,
					       .column = at.place.column,
				       });
	}
	return rh_parcel_end_streak(parcel);
}

static void work(void *context, uint64_t number, uint8_t *bytes)
{
	struct rh_apart *apart = context;
	const struct stretch stretch = stretch_of(apart, number);
	const uint64_t reach = stretch.to + BEHIND_MAX;
	const uint64_t end = reach < stretch.file->end ? reach : stretch.file->end;
	const uint64_t chunk = stretch.from / RH_READ_CHUNK;
	struct rh_parcel parcel;
	struct rh_border start;
	size_t mark_count;
	const uint8_t(*marks)[RH_MARK_LEN];

	rh_parcel_init(&parcel, bytes, PARCEL_BYTES);
	for (uint64_t from = stretch.from; from < stretch.to && rh_parcel_has_room(&parcel);) {
		if (rh_source_go(apart->source, stretch.file->index, from, end, &start, NULL) !=
			    1 ||
		    start.place.offset >= stretch.to) {
			break;
		}
		from = make_streak(apart, &stretch, &start, &parcel);
		from = from > start.place.offset ? from : start.place.offset + 1;
	}
	marks = rh_source_marks(apart->source, stretch.file->index, chunk, &mark_count);
	rh_parcel_finish(&parcel, chunk, marks, mark_count);
	rh_arena_reset(&apart->arena);
}

/* ---- start --------------------------------------------------------------------------------------------------- */

static void look_at_input(struct rh_apart *apart, size_t index)
{
	const size_t asked = apart->builder->inputs.stretch_bytes;
	const bool has_rows = rh_source_input(apart->source, index)->separator != '\0';
	uint64_t length = rh_source_stretch_open(apart->source, index);
	struct apart_file file = {
		.index = index,
		.end = length - length % RH_READ_CHUNK,
		.stretch_bytes = asked > 0  ? asked
				 : has_rows ? STRETCH_BYTES_ROWS
					    : STRETCH_BYTES,
		.first = apart->stretches,
	};

	if (file.end / file.stretch_bytes < 3 || (asked == 0 && length < LONG_FILE)) {
		rh_source_stretch_close(apart->source, index);
		return;
	}
	file.fd = rh_source_stretch_fd(apart->source, index);
	file.count = file.end / file.stretch_bytes - 1;
	apart->stretches += file.count;
	apart->files[apart->file_count++] = file;
}

/* R4 */
static bool is_possible(const struct rh_plan_builder *builder)
{
	return builder->inputs.workers != 1 && builder->proofs == NULL &&
	       !builder->has_ledger_rows && !builder->is_mended;
}

struct rh_apart *rh_apart_start(struct rh_plan_builder *builder, struct rh_source *source)
{
	unsigned asked = builder->inputs.workers;
	unsigned count = asked > 0 ? asked : rh_workers_processors();
	struct rh_workers_spec spec = {.room = PARCEL_BYTES, .work = work};
	struct rh_apart *apart;
	int fds[FILES_MAX];

	if (count < 2 || !is_possible(builder)) {
		return NULL;
	}
	apart = rh_calloc(1, sizeof(*apart));
	if (apart == NULL) {
		return NULL;
	}
	apart->builder = builder;
	apart->source = source;
	rh_arena_init(&apart->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	for (size_t i = 0; i < rh_source_inputs(source) && apart->file_count < FILES_MAX; i++) {
		look_at_input(apart, i);
	}
	for (size_t i = 0; i < apart->file_count; i++) {
		fds[i] = apart->files[i].fd;
	}
	spec.count = count < RH_WORKERS_MAX ? count : RH_WORKERS_MAX;
	spec.stretches = apart->stretches;
	spec.context = apart;
	spec.fds = fds;
	spec.fd_count = apart->file_count;
	apart->workers = apart->stretches > 0 ? rh_workers_start(&spec) : NULL;
	if (apart->workers == NULL) {
		rh_apart_end(apart);
		return NULL;
	}
	return apart;
}

void rh_apart_end(struct rh_apart *apart)
{
	if (apart == NULL) {
		return;
	}
	rh_workers_end(apart->workers);
	for (size_t i = 0; i < apart->file_count; i++) {
		rh_source_stretch_close(apart->source, apart->files[i].index);
	}
	rh_arena_done(&apart->arena);
	rh_free(apart);
}

/* ---- taking streaks --------------------------------------------------------------------------------------------- */

static bool goes_on(void *context)
{
	const struct rh_plan_builder *builder = context;

	return builder->tick == NULL || builder->tick(builder->tick_context, builder->counts.total);
}

/* The records of a streak, whose first one is numbered as `first`. */
static int take_records(struct rh_apart *apart, const struct rh_parcel_streak *streak,
			const struct rh_source_item *first, struct rh_err *err)
{
	struct rh_plan_builder *builder = apart->builder;
	const uint8_t *at = streak->records_at;

	for (uint64_t i = 0; i < streak->records; i++) {
		struct rh_judged judged = {
			.ordinal = first->ordinal + i,
			.record = first->record + i,
			.file = first->file,
		};
		int code;

		rh_collector_start(&builder->collector);
		at = rh_parcel_read(at, &judged, &builder->collector, &apart->arena);
		code = at != NULL ? rh_plan_take_judged(builder, &judged, err)
				  : rh_err_set(err, RH_ENOMEM, "out of memory");
		if (code != RH_OK) {
			return code;
		}
	}
	return RH_OK;
}

static int take_streak(struct rh_apart *apart, const struct rh_parcel_streak *streak,
		       struct rh_err *err)
{
	struct rh_streak records = {
		.start = streak->start,
		.end = streak->end.offset,
		.records = streak->records,
		.lines = streak->end.lines,
		.column = streak->end.column,
		.chunk = streak->chunk,
		.marks = streak->marks,
		.mark_count = streak->mark_count,
	};
	struct rh_source_item first;
	int code = rh_source_take_streak(apart->source, &records, &first, err);

	if (code == RH_OK) {
		code = take_records(apart, streak, &first, err);
	}
	if (apart->builder->inputs.read_apart != NULL) {
		*apart->builder->inputs.read_apart += streak->records;
	}
	if (code == RH_OK && (first.ordinal + streak->records) / TICK != first.ordinal / TICK &&
	    !goes_on(apart->builder)) {
		code = rh_err_set(err, RH_EINTERRUPTED, "interrupted while reading");
	}
	return code;
}

/* Of the stretch in hand: the streak that begins at this offset.  1 it was taken; 0 there is none; < 0 error. */
static int take_streak_at(struct rh_apart *apart, uint64_t offset, struct rh_err *err)
{
	struct rh_parcel_streak streak;

	while (rh_parcel_streak_at(apart->parcel, apart->streak, &streak) &&
	       streak.start <= offset) {
		apart->streak++;
		if (streak.start == offset) {
			int code = take_streak(apart, &streak, err);
			return code == RH_OK ? 1 : code;
		}
	}
	return 0;
}

/* The same of any stretch of this input. */
static int take_at(struct rh_apart *apart, size_t index, uint64_t offset, struct rh_err *err)
{
	while (rh_workers_next(apart->workers) < apart->stretches) {
		const struct stretch stretch = stretch_of(apart, rh_workers_next(apart->workers));
		bool is_passed = stretch.file->index < index ||
				 (stretch.file->index == index && offset >= stretch.to);
		int code = RH_OK;

		if (!is_passed && (stretch.file->index > index || offset < stretch.from)) {
			return 0;
		}
		if (apart->parcel ==
		    NULL) { /* also of one that was passed: somebody may be at it */
			code = rh_workers_wait(apart->workers, goes_on, apart->builder,
					       &apart->parcel, err);
			apart->streak = 0;
		}
		if (code == RH_OK && !is_passed) {
			return take_streak_at(apart, offset, err);
		}
		if (code != RH_OK) {
			return code;
		}
		apart->parcel = NULL;
		rh_workers_release(apart->workers);
	}
	return 0;
}

int rh_apart_take(struct rh_apart *apart, struct rh_err *err)
{
	int code = 1;

	while (apart != NULL && !apart->builder->sees && code == 1) {
		struct rh_border at;
		size_t index;

		code = rh_source_border(apart->source, &index, &at, err);
		if (code == 1) {
			code = take_at(apart, index, at.place.offset, err);
		}
	}
	return code < 0 ? code : RH_OK;
}
