/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Join: records of partial files, found again by source id.  Kept sealed in a scratch database beside the
 * workspace's snapshot, so that memory does not grow with their number and no secret lies in the open.
 */
#ifndef PLAN_JOIN_H
#define PLAN_JOIN_H

#include <rehome/connector.h>

struct rh_arena;
struct rh_item;
struct rh_join;

RH_NODISCARD int rh_join_new(struct rh_join **out, const char *path, const uint8_t key[32],
			     struct rh_err *err);
void rh_join_free(struct rh_join *join); /* removes the database; accepts NULL */
/* Adds a record under its source id; absent id: it is found by nobody and comes up as a rest. */
RH_NODISCARD int rh_join_add(struct rh_join *join, struct rh_str source_id,
			     const struct rh_record *record, struct rh_str raw, struct rh_err *err);
/* After the last add. */
RH_NODISCARD int rh_join_seal(struct rh_join *join, struct rh_err *err);

/* A record out of the join; its texts live in the arena, its columns in the reader that it came from. */
struct rh_joined {
	int64_t n; /* its number in the join */
	struct rh_record record;
	struct rh_str source_id;
	struct rh_str raw; /* the record as it stood in its file, in the arena */
};
/* Whose records are wanted. */
struct rh_join_wish {
	struct rh_str source_id;
	unsigned file;
	const struct rh_record *full; /* that they fill */
	/* false: this one is another's in spite of its id; NULL: none is */
	bool (*fits)(const struct rh_record *full, const struct rh_record *partial);
};
/* The first such record that no account took, and takes it.  1: found, 0: none, < 0 error. */
RH_NODISCARD int rh_join_take(struct rh_join *join, const struct rh_join_wish *wish,
			      struct rh_arena *arena, struct rh_json *json, struct rh_joined *out,
			      struct rh_err *err);
/* The next one that nobody took, in order.  1, 0 at the end, < 0 error. */
RH_NODISCARD int rh_join_rest(struct rh_join *join, struct rh_arena *arena, struct rh_json *json,
			      struct rh_joined *out, struct rh_err *err);
/* Columns of the file with this index, for records of cells; borrowed. */
void rh_join_set_columns(struct rh_join *join, unsigned file, const struct rh_columns *columns);

#endif
