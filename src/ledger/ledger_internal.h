/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of ledger/ share: the handle and the columns of a row. */
#ifndef LEDGER_LEDGER_INTERNAL_H
#define LEDGER_LEDGER_INTERNAL_H

#include "db/db.h"
#include "ledger/ledger.h"

#define RH_LEDGER_SCHEMA 3
#define RH_LEDGER_NAME_LEN 32

/* Ids that were all read back as expected, at this moment (L14). */
struct rh_ledger_run {
	int64_t first;
	int64_t last;
	rh_time at;
};

struct rh_ledger {
	struct rh_db *db;
	char *path; /* of ledger.db */
	bool is_read_only;
	bool has_targets; /* the index by target id is there */
	size_t pending; /* queued in the open transaction; a transaction is open exactly when > 0 */
	char name[RH_LEDGER_NAME_LEN + 1];
	struct rh_ledger_run run; /* found last; `at` 0: ids between two runs */
#ifdef RH_TEST_HOOKS
	uint64_t kill_at; /* 0: off */
	uint64_t steps;   /* since the hook was set */
#endif
};

extern const char rh_sql_schema[];        /* made from sql/schema.sql */
extern const char rh_sql_upgrade_2[];     /* made from sql/upgrade_2.sql */
extern const char rh_sql_upgrade_3[];     /* made from sql/upgrade_3.sql */
extern const char rh_sql_view_1[];        /* made from sql/view_1.sql */
extern const char rh_sql_view_2[];        /* made from sql/view_2.sql */
extern const char rh_sql_index[];         /* made from sql/index.sql */
extern const char rh_sql_index_targets[]; /* made from sql/index_targets.sql */

/* Columns as they are written and read, in the order of enum rh_ledger_column. */
#define RH_LEDGER_COLUMNS                                                                          \
	"id, kind, verb, state, origin, source_id, parent, external_id, target_id, parts_planned," \
	" parts_sent, parts_dropped, wire_present, wire, file, record, revision, batch, attempts," \
	" code, intended_at, target_at, settled_at, verified_at, drift,"                           \
	" asked, before_present, before_wire, credential"

enum rh_ledger_column {
	RH_COLUMN_ID,
	RH_COLUMN_KIND,
	RH_COLUMN_VERB,
	RH_COLUMN_STATE,
	RH_COLUMN_ORIGIN,
	RH_COLUMN_SOURCE_ID,
	RH_COLUMN_PARENT,
	RH_COLUMN_EXTERNAL_ID,
	RH_COLUMN_TARGET_ID,
	RH_COLUMN_PARTS_PLANNED,
	RH_COLUMN_PARTS_SENT,
	RH_COLUMN_PARTS_DROPPED,
	RH_COLUMN_WIRE_PRESENT,
	RH_COLUMN_WIRE,
	RH_COLUMN_FILE,
	RH_COLUMN_RECORD,
	RH_COLUMN_REVISION,
	RH_COLUMN_BATCH,
	RH_COLUMN_ATTEMPTS,
	RH_COLUMN_CODE,
	RH_COLUMN_INTENDED_AT,
	RH_COLUMN_TARGET_AT,
	RH_COLUMN_SETTLED_AT,
	RH_COLUMN_VERIFIED_AT,
	RH_COLUMN_DRIFT,
	RH_COLUMN_ASKED,
	RH_COLUMN_BEFORE_PRESENT,
	RH_COLUMN_BEFORE,
	RH_COLUMN_CREDENTIAL,
};

/* One digest for each bit, in either form. */
bool rh_ledger_wire_is_whole(uint32_t present, struct rh_str wire);

#define RH_STATE_BIT(state) (1U << (state))

/* Bits of the states as they stand in the rows: one that is VERIFIED may be DONE by its own word (L14). */
static inline unsigned rh_ledger_stored_states(unsigned states)
{
	const unsigned there = RH_STATE_BIT(RH_STATE_DONE) | RH_STATE_BIT(RH_STATE_VERIFIED);

	return (states & there) != 0 ? states | there : states;
}

/* Opens what one call writes: the transaction, or, in one that holds queued rows, a savepoint. */
RH_NODISCARD int rh_ledger_group_begin(struct rh_ledger *ledger, struct rh_err *err);
/* Takes back what the call wrote, and nothing that was queued before it. */
void rh_ledger_group_abandon(struct rh_ledger *ledger);
/* Runs a bound statement that must change exactly the row `id`; RH_ESTATE else.  `from`: bits of states. */
RH_NODISCARD int rh_ledger_move(struct rh_ledger *ledger, struct rh_statement *statement,
				int64_t id, unsigned from, enum rh_state to, struct rh_err *err);
/* Before rows are looked up by target id: makes the index for it, once; who only reads does without. */
RH_NODISCARD int rh_ledger_index_targets(struct rh_ledger *ledger, struct rh_err *err);
/* The row that a bound statement finds: 1, 0 or an error. */
RH_NODISCARD int rh_ledger_read_one(struct rh_ledger *ledger, struct rh_statement *statement,
				    struct rh_arena *arena, struct rh_ledger_row *out,
				    struct rh_err *err);
/* ledger_update.c: what the account's row takes over from an update that is settled (its own state not yet),
 * or forgets with one that was undone.  Nothing for other rows. */
RH_NODISCARD int rh_ledger_absorb(struct rh_ledger *ledger, int64_t id, unsigned parts_sent,
				  struct rh_err *err);
RH_NODISCARD int rh_ledger_forget(struct rh_ledger *ledger, int64_t id, struct rh_err *err);

/* ledger_runs.c.  All rows of `run` were read back as expected; they leave the runs that they were in. */
RH_NODISCARD int rh_ledger_note_run(struct rh_ledger *ledger, struct rh_ledger_run run,
				    struct rh_err *err);
/* The row says itself from now on when it was as expected: to be called before it moves, or before something else is
 * expected of it.  Nothing for one in no run. */
RH_NODISCARD int rh_ledger_leave_run(struct rh_ledger *ledger, int64_t id, struct rh_err *err);
/* The run with an id behind `after` that is not older than this moment.  1: found, 0: there is none. */
RH_NODISCARD int rh_ledger_next_run(struct rh_ledger *ledger, int64_t after, rh_time since,
				    struct rh_ledger_run *out, struct rh_err *err);
/* When the latest was noted; 0: there is none. */
RH_NODISCARD int rh_ledger_latest_run(struct rh_ledger *ledger, rh_time *out, struct rh_err *err);
void rh_ledger_forget_run(struct rh_ledger *ledger);
RH_NODISCARD int rh_ledger_load_run(struct rh_ledger *ledger, int64_t id, struct rh_err *err);
/* When this row was noted in a run; 0: it is in none. */
RH_NODISCARD static inline int rh_ledger_run_at(struct rh_ledger *ledger, int64_t id, rh_time *out,
						struct rh_err *err)
{
	if (id < ledger->run.first || id > ledger->run.last) {
		int status = rh_ledger_load_run(ledger, id, err);
		if (status != RH_OK) {
			return status;
		}
	}
	*out = ledger->run.at;
	return RH_OK;
}

/* RH_ESTATE for a ledger that is open for reading only. */
RH_NODISCARD int rh_ledger_writable(const struct rh_ledger *ledger, struct rh_err *err);
/* Runs `sql` (statements without values) in a durable transaction of its own, after what is queued. */
RH_NODISCARD int rh_ledger_run(struct rh_ledger *ledger, const char *sql, struct rh_err *err);
/* Commits the open transaction, which may hold more than what is queued; a failure gives all of it up. */
RH_NODISCARD int rh_ledger_commit_now(struct rh_ledger *ledger, struct rh_err *err);
/* Queues what the call wrote as `count` rows; commits from `most` on. */
RH_NODISCARD int rh_ledger_group_keep(struct rh_ledger *ledger, size_t count, size_t most,
				      struct rh_err *err);

#endif
