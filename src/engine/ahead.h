/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ahead: a process beside apply reads, maps and assesses the accounts, so that this one has but to write them.
 *
 *  R1. The process beside is a fork that reads a second source of the same inputs from its start, one record after another,
 *      with the functions that apply would call.  So what is written is the same with and without it: who is sent, with
 *      what, in which order, under which ids.
 *  R2. It leaves what depends on the record alone: the account, its findings, what is to be sent, the keyed digests of it,
 *      the key of the request.  What depends on anything else stays here: the ledger, exceptions, clocks, the fuse.
 *  R3. A fork sees the same memory at the same addresses.  What it leaves lies in slabs of memory that both share, so it
 *      is used where it lies, with the pointers that it has; nothing points to what the fork made elsewhere.
 *  R4. A slab belongs to one of the two at a time: to the process beside while it fills it, then to us until no batch has
 *      an account of it any more.  Then it is wiped, and goes back.
 *  R5. Where it meets anything but an account (an error, no memory, no room in a slab, a text that is not that of the plan)
 *      it ends before it, in silence.  So it is when somebody ends it.  Then this process reads from the start what it has
 *      written already, passes it over, and goes on alone; what there is to be said is said here, once.
 *  R6. It is only for long plain files: a pipe cannot be read twice, inputs that are joined have memory of their own (R3),
 *      and where all is short it is not worth a process.  Nor is it used while hashes are tried first (canary.c) or
 *      passwords come later (--only-passwords), where much that is read is not written.
 *  R7. The shared memory is in no core, no file stands for it, and it goes with the processes.  The process beside has no
 *      descriptor but its inputs and the way to us: neither the lock nor the ledger outlives us in it.  When this process
 *      ends, however it does, so does that one.
 *
 * Memory: RH_AHEAD_SLABS slabs of mostly some hundred KiB, in place of what the batches would hold.
 */
#ifndef ENGINE_AHEAD_H
#define ENGINE_AHEAD_H

#include "plan/collect.h"
#include "plan/plan.h"
#include "plan/source.h"

struct rh_ahead;
struct rh_apply;

#define RH_AHEAD_SLABS 40
/* So many a batch may hold: three batches leave some for the process beside. */
#define RH_AHEAD_SLABS_OF_BATCH 12

/* What is sent of an account when it is sent for the first time. */
struct rh_prepared {
	int64_t id; /* the ledger row that it is made for */
	uint32_t wire_present;
	struct rh_str wire;
	struct rh_str idempotency;
	struct rh_str credential;
};

/* One account; all of it lies in a slab. */
struct rh_ahead_record {
	struct rh_ahead_record *next;
	struct rh_source_item item;
	struct rh_collected *found; /* while it was read */
	size_t found_count;
	bool may_refuse;
	/* What follows counts only for one that nothing refuses. */
	bool is_assessed;
	struct rh_assessed assessed;
	struct rh_prepared prepared;
	size_t bytes; /* of the slab */
};

enum rh_ahead_state {
	RH_AHEAD_RECORD,
	RH_AHEAD_LATER, /* nothing is ready */
	RH_AHEAD_WHOLE, /* that was the last one */
	RH_AHEAD_SHORT, /* R5 */
};

/* NULL: there is none, for a reason of R6, or because the system has no room for it. */
struct rh_ahead *rh_ahead_start(struct rh_apply *apply);
/* The next account in order.  It stays until the slabs that are noted in *slabs, a bit for each, are released. */
enum rh_ahead_state rh_ahead_next(struct rh_ahead *ahead, uint64_t *slabs,
				  const struct rh_ahead_record **out);
/* Sleeps until there is something, but no longer than so many microseconds. */
void rh_ahead_wait(const struct rh_ahead *ahead, int64_t microseconds);
void rh_ahead_release(struct rh_ahead *ahead, uint64_t slabs); /* accepts NULL */
/* How many were handed out. */
uint64_t rh_ahead_count(const struct rh_ahead *ahead);
/* After RH_AHEAD_WHOLE: are the inputs, as they were read, those of the plan? */
bool rh_ahead_is_of_plan(const struct rh_ahead *ahead);
/* When nothing uses its records any more.  Accepts NULL. */
void rh_ahead_end(struct rh_ahead *ahead);

#endif
