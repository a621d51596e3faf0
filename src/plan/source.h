/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source side: all inputs as one sequence of accounts, the same each time it is read.
 *
 *  S1. Inputs are read in the order given; accounts are numbered 1, 2, 3 … over all of them.  The number is
 *      the account's `ordinal`, and the same inputs give the same ordinals: ledger ids stand on it.
 *  S2. When a full shape and a partial one (rh_shape.is_partial) are given together, the partial files are
 *      joined by source id, and by further ids that the connector names: what the full record lacks is taken from the partial ones, one record of each file and id or,
 *      where the shape says so (rh_shape.is_many), all of them.  Accounts that stand
 *      only in a partial file come last, in its order.
 *  S3. Standard input is spooled, sealed, while it is read the first time; every later reading is from there.
 *      What was read from the source's API (plan/live.h) lies there before it is opened, and is an input like any other.
 *  S4. An input that cannot be read to its end is an error, never a short list.
 *  S5. While a plan is applied only text that it was made from is handed out: each chunk is compared with the
 *      plan's marks first (read/marks.h), so a file that changes meanwhile ends the reading and nothing else.
 *  S6. Before the first write the inputs are compared once with the plan (rh_source_check).  A plain file is not read
 *      for that if it is the very file that the plan found: device, inode, size, and both its times, of content and
 *      of status, to the nanosecond, and if these times lay two seconds at least before the plan began to read it.
 *      Every write sets the second of them, and no program can; a write that came right behind another one, within
 *      the clock's grain, could leave it as it was, hence the two seconds.  What still escapes (writes through a
 *      mapping that is not synchronised yet, a file server that answers from its memory) comes out at S5.
 */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include <rehome/connector.h>

struct rh_arena;
struct rh_bytes;
struct rh_clock;
struct rh_source;
struct rh_workspace;

/* What identifies one input's content. */
struct rh_input {
	const char *path;  /* as given */
	const char *shape; /* title of its shape */
	int shape_id;
	bool is_partial;
	bool is_many;       /* partial: all records of an account are joined, else one */
	uint8_t digest[32]; /* of the decompressed text, keyed; complete after the end */
	uint64_t length;
	uint64_t records;
	uint64_t ends_at; /* as its shape says */
	/* delimited text: its separator and its header as read, without the line end; else '\0' and absent */
	char separator;
	struct rh_str header;
	bool is_lines;       /* one JSON value after the other, not in an array */
	const char *wrapper; /* member that holds the array of records; NULL: none does */
};

struct rh_source_options {
	const struct rh_connector *connector;
	const void *instance;
	struct rh_mapping_policy policy;
	const char *const *paths;
	size_t path_count;
	const struct rh_workspace *workspace;
	bool is_replay;   /* S3: standard input comes from the spool */
	int64_t revision; /* S5: of the plan that is applied; 0: none, marks are made */
	struct rh_clock
		*clock; /* S6, while marks are made; NULL: no file is known again by its looks */
	const volatile int *stop; /* not 0: waiting for standard input ends; NULL: it never does */
	/* opens the packed text of an input that is a folder; NULL: none can be */
	int (*open_folder)(void *context, const char *path, struct rh_bytes **out,
			   struct rh_err *err);
	void *folder_context;
};

struct rh_source_item {
	uint64_t ordinal;
	unsigned file;
	uint64_t record; /* within the file */
	uint64_t line;
	bool is_bad;       /* not a record: `why` */
	struct rh_err why; /* else only its code is set: RH_OK */
	/* The record as it stands in its input (JSON value, or row without its line end), also of a bad one; where
	 * two records are joined, the fuller one.  Valid until the next call.  Absent: too large, or not kept. */
	struct rh_str raw;
	/* where two are joined, the one that filled gaps, as it stands in its input, in the caller's arena */
	struct rh_str joined_raw;
	unsigned joined_file;
	struct rh_account account; /* in the caller's arena; source_id may be absent when refused */
};

RH_NODISCARD int rh_source_open(struct rh_source **out, const struct rh_source_options *options,
				struct rh_err *err);
void rh_source_close(struct rh_source *source);
/* RH_EUSAGE: both are one input. */
RH_NODISCARD int rh_source_refuse_twice(const char *path, const char *other,
					struct rh_err *err); /* accepts NULL */
/* The next account; its texts live in `arena`, its findings go to the sink.  1, 0 at the end, < 0 error. */
RH_NODISCARD int rh_source_next(struct rh_source *source, struct rh_arena *arena,
				struct rh_finding_sink *findings, struct rh_source_item *out,
				struct rh_err *err);
size_t rh_source_inputs(const struct rh_source *source);
const struct rh_input *rh_source_input(const struct rh_source *source, size_t index);
/* After the end: keeps the marks as those of plan `revision` (plans/N.marks). */
RH_NODISCARD int rh_source_keep_marks(const struct rh_source *source, int64_t revision,
				      struct rh_err *err);
/* false ends it with RH_EINTERRUPTED; `bytes` of the current input were read. */
typedef bool rh_source_tick_fn(void *context, uint64_t bytes);
/* S6: are these the inputs of plan options->revision, to their ends?  RH_EMISMATCH: no.  `tick` may be NULL; it is not
 * called for what need not be read. */
RH_NODISCARD int rh_source_check(const struct rh_source_options *options, rh_source_tick_fn *tick,
				 void *context, struct rh_err *err);
/*
 * Bytes read so far of the inputs that accounts come from, and their total size (0: not known), for progress: the share
 * grows as accounts are handed out, from none to all.  Partial inputs that are joined are read before the first
 * account, and count for nothing; who stands in them alone comes when the share is whole.
 */
void rh_source_position(const struct rh_source *source, uint64_t *done, uint64_t *total);

#endif
