/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the source share: its inputs, opened. */
#ifndef PLAN_SOURCE_INTERNAL_H
#define PLAN_SOURCE_INTERNAL_H

#include <sys/stat.h>

#include "base/arena.h"
#include "base/json.h"
#include "plan/join.h"
#include "plan/source.h"
#include "read/marks.h"
#include "read/reader.h"
#include "snapshot/spool.h"

/* Broken records before the first good one, which alone tells the shape. */
#define EARLY_MAX 32
/* Broken rows of partial files that are kept for the list; more, and the file is not what it seems. */
#define BROKEN_MAX 10000
/* Text of broken records that is kept until they are handed out; what goes beyond is listed without it. */
#define BROKEN_TEXT_MAX (1024U * 1024)

/* How a plain file looked before it was read (S6); kept beside its marks. */
struct looks {
	uint64_t is_telling; /* 1: whoever looks the same is the same; 0: that says nothing */
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	int64_t modified[2]; /* seconds, nanoseconds */
	int64_t changed[2];
};

struct input {
	struct rh_input face;
	struct rh_reader *reader;
	struct rh_spool *spool; /* standard input, replayed */
	struct rh_item first;   /* the record that told the shape; handed out first */
	bool has_first;
	struct rh_item early[EARLY_MAX]; /* bad ones before it */
	size_t early_count;
	size_t early_next;
	struct rh_marks marks;
	struct stat status; /* before it was opened */
	bool has_status;    /* a plain file: `status` counts */
	struct looks looks;
	/* source_stretch.h */
	int stretch_fd; /* -1: it is read from its start to its end */
	bool is_away; /* what lies before `away` was read elsewhere; the reader has not moved yet */
	struct rh_border away;
};

/* A broken row of a partial file: it has no id to be joined by and comes up at the end. */
struct broken {
	unsigned file;
	struct rh_err why;
	struct rh_str raw;
};

struct rh_source {
	struct rh_source_options options;
	struct input *inputs;
	size_t count;
	size_t current;
	struct rh_join *join; /* NULL: nothing is joined */
	bool join_loaded;
	struct rh_arena join_arena; /* one record at a time while loading */
	struct rh_arena broken_texts;
	struct rh_arena mended; /* cells of the row in hand, where it was torn */
	struct rh_json json;
	uint64_t ordinal;
	struct rh_item item; /* the one in hand */
	struct broken *broken;
	size_t broken_count;
	size_t broken_room;
	size_t broken_next;
};

/* A text that outlives what the reader holds; absent where there is no room. */
struct rh_str rh_source_keep_text(struct rh_source *source, struct rh_str text);

/* Opens the bytes of one input, unpacked; `is_replay`: standard input comes from the spool. */
RH_NODISCARD int rh_source_open_bytes(const struct rh_source_options *options, size_t index,
				      struct rh_spool **spool, struct rh_bytes **out,
				      struct rh_err *err);

/* Remembers how a plain file looks; later: does it look like that still? */
void rh_source_look(struct input *input, struct rh_clock *clock);
bool rh_source_is_steady(const struct input *input);
/* Moves the reader to where it is (source_stretch.c). */
RH_NODISCARD int rh_source_come_back(struct input *input, struct rh_err *err);
/* The error that ends the reading of this input: names it, and says when it changed meanwhile. */
int rh_source_fail(const struct input *input, int code, struct rh_err *err);

/* Marks of the inputs that options->revision was made from, for checking, and how they looked (may be NULL); one
 * for each path. */
RH_NODISCARD int rh_source_load_marks(const struct rh_source_options *options,
				      struct rh_marks *marks, struct looks *looks,
				      struct rh_err *err);

#endif
