/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of apply share: the run's state, batches of accounts, one account on its way. */
#ifndef ENGINE_APPLY_H
#define ENGINE_APPLY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "engine/fuse.h"
#include "engine/canary.h"
#include "engine/run.h"
#include "events/events.h"

#define RH_APPLY_BATCHES 3

struct rh_apply;
struct rh_batch;

/* What is done with an update that has read what stands there (apply_update.c). */
enum rh_verdict {
	RH_VERDICT_NONE,
	RH_VERDICT_WRITE,
	RH_VERDICT_SAME,    /* it is as it is to be */
	RH_VERDICT_CHANGED, /* somebody else has changed it */
	RH_VERDICT_IN_USE,  /* a password: the person has signed in since */
};

/* One account on its way. */
struct rh_slot {
	struct rh_apply *apply;
	struct rh_batch *batch;
	struct rh_account account;
	struct rh_str email;
	struct rh_str external_id; /* that the next create sends */
	/* What stands in the ledger, or will when it is intended.  An UNKNOWN of an earlier run has the new
	 * content here, and from the ledger what tells whether an account that is found is ours. */
	struct rh_ledger_row row;
	/* of the request that the row in the ledger is about */
	unsigned parts;
	uint32_t sent_present;
	struct rh_str sent_wire;
	struct rh_str idempotency;
	uint64_t ordinal;       /* in the source */
	struct rh_str previous; /* id of the account before it there */
	bool is_held;           /* canary.c, rule 3: intended, and put off at once */
	bool is_closed;
	bool must_find;     /* A1: UNKNOWN at the start */
	bool after_refusal; /* A3: the look-up follows "already" or "taken" */
	struct rh_str code; /* of that refusal, or of a refused part */
	const char *cause;
	bool was_sent;          /* a create of this run may have been accepted */
	unsigned parts_dropped; /* A4 */
	unsigned resolved;
	/* updates */
	struct rh_ledger_row there; /* the account's row */
	bool records_account;       /* it is not in the ledger yet */
	struct rh_ledger_row
		known;       /* the update's row, as the last request or an earlier run left it */
	struct rh_job *held; /* NULL: it is not */
	struct rh_operation *operation; /* while held */
	enum rh_verdict verdict;
	uint32_t said;    /* bits of the fields that the source says (apply_update.c, U7) */
	bool is_password; /* only the hash goes (apply_update.c, U6) */
	bool is_rest;     /* what the create could not bring (apply_update.c, U8) */
};

struct rh_batch {
	struct rh_arena arena;
	struct rh_slot slots[RH_LEDGER_GROUP_MAX];
	size_t count;
	size_t open; /* slots not settled yet */
};

struct rh_apply {
	struct rh_run *run;
	const struct rh_plan *plan;
	struct rh_source *source;
	struct rh_exceptions *exceptions;
	struct rh_exception exception; /* the next one */
	bool has_exception;
	struct rh_plan_inputs inputs;
	struct rh_collector collector;
	struct rh_batch *batches[RH_APPLY_BATCHES];
	struct rh_batch *idle[RH_APPLY_BATCHES];
	size_t idle_count;
	struct rh_batch *filling; /* not launched yet; NULL: none */
	size_t open;
	/* A8 */
	size_t group;        /* accounts of a batch */
	uint64_t settled;    /* since the last batch was launched */
	rh_time launched_at; /* steady */
	int64_t last_id; /* of the ledger when the walk began: rows behind it are of this walk */
	/* to be intended again, in groups: one by one each would wait for the disk */
	struct rh_slot *again[RH_APPLY_BATCHES * RH_LEDGER_GROUP_MAX];
	size_t again_count;
	/* updates that have read, and are held */
	struct rh_slot *observed[RH_APPLY_BATCHES * RH_LEDGER_GROUP_MAX];
	size_t observed_count;
	rh_time again_since; /* steady: since when the first of them waits */
	struct rh_ledger_row rows[RH_LEDGER_GROUP_MAX]; /* of one intent */
	uint64_t walked;                                /* accounts looked at */
	uint64_t put_off;                               /* of these, left to the next run */
	uint64_t created_now;
	uint64_t updated_now;
	struct rh_fuse fuse; /* A6 */
	/* A7 */
	struct rh_buf previous;    /* id of the account walked last */
	struct rh_buf before_open; /* id before the first one that is left open */
	uint64_t first_open;       /* its ordinal; UINT64_MAX: none is */
	bool is_read;              /* the source is at its end */
	bool was_surveyed;         /* the plan asked the target (L10) */
	int code;                  /* first error of a callback */
	struct rh_err err;
};

/* How many accounts the next batch has, when the target settled so many in this time (A8). */
size_t rh_apply_group(uint64_t settled, int64_t elapsed_us);

/* Keeps the first error of a callback: the loop ends with it. */
void rh_apply_fail(struct rh_apply *apply, int code, const struct rh_err *err);

/* Counts how an account ended (A6); `code` and `cause` of what failed, NULL: nothing did. */
void rh_apply_count(struct rh_apply *apply, struct rh_str code, const char *cause);
/* This account is left to the next run (A7). */
void rh_apply_leave(struct rh_apply *apply, const struct rh_slot *slot);

/* apply_fill.c: reads accounts into an idle batch, a few while others are on their way; when it is full or the source at its
 * end, commits their intents and submits them. */
RH_NODISCARD int rh_apply_fill(struct rh_apply *apply, struct rh_err *err);

enum rh_turn {
	RH_TURN_NOW,
	RH_TURN_NOT,  /* this pass is about others */
	RH_TURN_HELD, /* canary.c, rule 3 */
};
/* May this account be written now, in this row of the ledger? */
RH_NODISCARD int rh_apply_turn(struct rh_apply *apply, const struct rh_assessed *assessed,
			       int64_t row, enum rh_turn *out, struct rh_err *err);
/* Is nothing done with it in this pass?  What is held and may have been sent is left to the next run. */
bool rh_apply_skips(struct rh_apply *apply, const struct rh_slot *slot, enum rh_turn turn);

/* The ledger's row of this account: 1, 0 (*row has the id that it would get), or an error. */
RH_NODISCARD int rh_apply_look_up(struct rh_apply *apply, uint64_t ordinal, struct rh_str source_id,
				  struct rh_arena *arena, struct rh_ledger_row *row,
				  struct rh_err *err);

enum rh_wanted {
	RH_WANTED_NOTHING,
	RH_WANTED_SEND,
	RH_WANTED_LOOK, /* its request may have left */
};
/* What is to be done about this row of the ledger (state RH_STATES, 0: without one), be it a create or an update. */
enum rh_wanted rh_apply_wanted(const struct rh_apply *apply, const struct rh_ledger_row *known);

/* apply_update.c: a slot for an account that is to be changed, unless nothing is wanted of it. */
RH_NODISCARD int rh_apply_add_update(struct rh_apply *apply, struct rh_batch *batch,
				     const struct rh_source_item *item,
				     const struct rh_exception *exception, struct rh_err *err);
/* The same for an account that is there by us, and lacks what its create could not bring (U8). */
RH_NODISCARD int rh_apply_add_rest(struct rh_apply *apply, struct rh_batch *batch,
				   const struct rh_source_item *item,
				   const struct rh_ledger_row *there, struct rh_err *err);
/* Drops the rest of a create that came to its aim with an origin that does not allow for one (U8). */
void rh_slot_drop_rest(struct rh_slot *slot, enum rh_origin origin);
/* Makes the slot of a create that came to its aim one of the rest, ready to be intended; false: there is none.  RH_OK or
 * an error in *code. */
bool rh_slot_begin_rest(struct rh_slot *slot, enum rh_origin origin, int *code, struct rh_err *err);
void rh_slot_update(struct rh_slot *slot, int64_t delay_us);
/* Commits what updates have read, and lets them go or ends them (ledger.h, L11). */
RH_NODISCARD int rh_apply_release(struct rh_apply *apply, struct rh_err *err);

/* apply_slot.c: how a slot ends.  Each closes it. */
/* There, and the origin says whether by us. */
void rh_slot_settle_done(struct rh_slot *slot, enum rh_origin origin);
void rh_slot_settle_refused(struct rh_slot *slot, enum rh_state state, struct rh_str code_text,
			    const char *cause);
/* Not settled in this run: UNKNOWN, or DEFERRED when it certainly was not accepted. */
void rh_slot_settle_open(struct rh_slot *slot, enum rh_state state);
/* May these parts be left out, so that the rest can go (A4)? */
bool rh_slot_may_drop(const struct rh_slot *slot, unsigned parts);
/* A copy that lives as long as the batch; absent when memory is out. */
struct rh_str rh_slot_keep_text(struct rh_slot *slot, struct rh_str text);

/* apply_slot.c: fills the row with what these fields and parts would put at the target. */
RH_NODISCARD int rh_slot_prepare(struct rh_slot *slot, const struct rh_wire *wire, unsigned parts,
				 struct rh_err *err);
/* Create, or find after a delay; the slot's batch is open from here until the slot is closed. */
void rh_slot_create(struct rh_slot *slot);
void rh_slot_find(struct rh_slot *slot, int64_t delay_us);
/* Puts it off with the code "canary". */
void rh_slot_hold(struct rh_slot *slot);
/* Intends what waits for it (after a refused part, or a look-up that found nothing) and submits it. */
RH_NODISCARD int rh_apply_intend_again(struct rh_apply *apply, struct rh_err *err);

/* apply_events.c: lines of the event log. */
RH_NODISCARD int rh_apply_say_exception(struct rh_apply *apply,
					const struct rh_exception *exception, struct rh_err *err);
RH_NODISCARD int rh_apply_say_slot(const struct rh_slot *slot, enum rh_event_status status,
				   const char *what, const char *code, const char *cause,
				   struct rh_err *err);

#endif
