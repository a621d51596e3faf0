/* SPDX-License-Identifier: Apache-2.0 */
/* Stretches of a plain file, and the streaks that were made of them. */
#include "plan/source_stretch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "plan/source_internal.h"

/* Enough to tell how a file is packed. */
#define FRONT 8

uint64_t rh_source_stretch_open(struct rh_source *source, size_t index)
{
	struct input *input = &source->inputs[index];
	struct stat status;
	char front[FRONT];
	ssize_t got;

	if (!input->has_status || source->join != NULL || input->marks.is_check ||
	    rh_file_open(&input->stretch_fd, input->face.path, O_RDONLY, NULL) != RH_OK) {
		return 0;
	}
	do {
		got = pread(input->stretch_fd, front, sizeof(front), 0);
	} while (got < 0 && errno == EINTR);
	if (got <= 0 || fstat(input->stretch_fd, &status) != 0 ||
	    status.st_dev != input->status.st_dev || status.st_ino != input->status.st_ino ||
	    rh_bytes_are_packed((struct rh_str){.ptr = front, .len = (size_t)got})) {
		rh_source_stretch_close(source, index);
		return 0;
	}
	return (uint64_t)status.st_size;
}

int rh_source_stretch_fd(const struct rh_source *source, size_t index)
{
	return source->inputs[index].stretch_fd;
}

void rh_source_stretch_close(struct rh_source *source, size_t index)
{
	rh_close_fd(&source->inputs[index].stretch_fd);
}

static int jump(struct input *input, const struct rh_border *border, uint64_t end,
		struct rh_err *err)
{
	const struct rh_file_stretch stretch = {
		.fd = input->stretch_fd,
		.path = input->face.path,
		.end = end,
	};

	return rh_reader_jump(input->reader, border, &stretch, err);
}

int rh_source_come_back(struct input *input, struct rh_err *err)
{
	input->is_away = false;
	return jump(input, &input->away, UINT64_MAX, err);
}

int rh_source_border(struct rh_source *source, size_t *index, struct rh_border *out,
		     struct rh_err *err)
{
	struct input *input;
	bool goes_on = false;
	int code;

	if (source->current >= source->count) {
		return 0;
	}
	input = &source->inputs[source->current];
	*index = source->current;
	if (input->stretch_fd < 0 || input->has_first || input->early_next < input->early_count) {
		return 0;
	}
	if (input->is_away) {
		*out = input->away;
		return 1;
	}
	code = rh_reader_border(input->reader, out, &goes_on, err);
	if (code < 0) {
		return rh_source_fail(input, code, err);
	}
	return code == 1 && goes_on ? 1 : 0;
}

/* ---- a stretch -------------------------------------------------------------------------------------------------- */

int rh_source_go(struct rh_source *source, size_t index, uint64_t from, uint64_t end,
		 struct rh_border *out, struct rh_err *err)
{
	const struct rh_border start = {.place.offset = from};
	struct input *input = &source->inputs[index];
	int code;

	source->current = index;
	input->has_first = false;
	input->early_next = input->early_count;
	input->is_away = false;
	code = jump(input, &start, end, err);
	if (code != RH_OK || (code = rh_reader_find_border(input->reader, err)) != 1) {
		return code;
	}
	return rh_source_border(source, &index, out, err);
}

int rh_source_stand(struct rh_source *source, size_t index, struct rh_border *out, bool *goes_on,
		    struct rh_err *err)
{
	return source->current == index
		       ? rh_reader_border(source->inputs[index].reader, out, goes_on, err)
		       : 0;
}

const uint8_t (*rh_source_marks(const struct rh_source *source, size_t index, uint64_t first,
				size_t *count))[RH_MARK_LEN]
{
	const struct rh_marks *marks = &source->inputs[index].marks;

	*count = marks->count > first ? marks->count - (size_t)first : 0;
	return *count > 0 ? (const uint8_t(*)[RH_MARK_LEN])(marks->marks + first) : NULL;
}

/* ---- a streak --------------------------------------------------------------------------------------------------- */

int rh_source_take_streak(struct rh_source *source, const struct rh_streak *streak,
			  struct rh_source_item *first, struct rh_err *err)
{
	struct input *input = &source->inputs[source->current];
	struct rh_place *place = &input->away.place;
	bool goes_on;
	int code =
		input->is_away ? 1 : rh_reader_border(input->reader, &input->away, &goes_on, err);

	if (code == 1) {
		code = rh_marks_join(&input->marks, streak->chunk, streak->marks,
				     streak->mark_count, err);
	}
	if (code < 0) {
		return rh_source_fail(input, code, err);
	}
	input->is_away = true;
	place->column =
		streak->lines > 0 ? streak->column : place->column + (streak->end - streak->start);
	place->line += streak->lines;
	place->offset = streak->end;
	*first = (struct rh_source_item){
		.ordinal = source->ordinal + 1,
		.file = (unsigned)source->current,
		.record = input->away.records + 1,
	};
	source->ordinal += streak->records;
	input->face.records += streak->records;
	input->away.records += streak->records;
	return RH_OK;
}
