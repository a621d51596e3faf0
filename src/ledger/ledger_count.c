/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of the ledger, and which of an account's updates they tell (L13). */
#include <assert.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/ledger_internal.h"

/* The statements name states, verbs and parts by their stored numbers. */
static_assert(RH_STATE_DONE == 4 && RH_STATE_VERIFIED == 5 && RH_STATE_UNDONE == 9);
static_assert(RH_VERB_UPDATE == 6);
static_assert(RH_KIND_USER == 4);
static_assert(RH_PART_CREDENTIAL == 2);

static const char sql_count[] = "SELECT state, origin, parts_dropped, verified_at, drift,"
				" verb = 6 FROM ledger_rows WHERE id > ?1 AND id < ?2"
				" AND kind = 4 ORDER BY id";
static const char sql_last[] = "SELECT coalesce(max(id), 0) FROM ledger_rows";
static const char sql_runs[] = "SELECT first, last, at FROM verified_runs ORDER BY last";
static const char sql_count_run[] = "SELECT origin, parts_dropped <> 0 FROM ledger_rows"
				    " WHERE id BETWEEN ?1 AND ?2 AND kind = 4";
static const char sql_updates[] =
	"SELECT row.parent, row.state, row.before_wire IS NOT NULL, row.parts_planned = 2,"
	" row.code = 'absent', account.origin = 1, account.state IN (4, 5),"
	" account.origin IN (1, 2) AND row.revision = account.revision"
	" FROM ledger_rows AS row JOIN ledger_rows AS account ON account.id = row.parent"
	" WHERE row.verb = 6 AND row.kind = 4 ORDER BY row.parent, row.id";
static const char sql_count_since[] = "SELECT count(*) FROM ledger_rows"
				      " WHERE intended_at >= ?1 AND (?2 >> state) & 1"
				      " AND kind = 4";
static const char sql_is_indexed[] =
	"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'ledger_changes')";
static const char sql_is_there[] =
	"SELECT EXISTS (SELECT 1 FROM ledger_rows WHERE id = ?1 AND state IN (4, 5)"
	/* what belongs to the create is told with it, once it is done */
	" AND NOT (?2 IN (4, 5) AND origin IN (1, 2) AND revision = ?3))";
/* 9: undone, the newest, where all are; 4, 5: of those that were sent the newest; else the newest of its kind. */
static const char sql_is_newest[] =
	"SELECT NOT EXISTS (SELECT 1 FROM ledger_rows WHERE verb = 6 AND parent = ?1 AND CASE"
	" WHEN ?3 = 9 THEN state <> 9 OR (id > ?2 AND before_wire IS NOT NULL)"
	" WHEN ?3 IN (4, 5) THEN state IN (4, 5) AND id > ?2 AND before_wire IS NOT NULL"
	" ELSE state <> 9 AND id > ?2 AND (parts_planned = 2) = ?4 END)";

/* ---- updates, by account --------------------------------------------------------------------------- */

/* What the updates of one account come to. */
struct told {
	int64_t account;
	/* of the newest that is not UNDONE, by kind: others, a password; RH_STATES: none */
	enum rh_state state[2];
	bool is_there;
	bool is_updated;
	bool is_restored; /* the newest of those that were sent and are UNDONE … */
	bool is_gone;     /* … of an account that was gone by then */
};

static void begin_told(struct told *told, int64_t account)
{
	*told = (struct told){.account = account, .state = {RH_STATES, RH_STATES}};
}

static void count_told(struct rh_ledger_counts *counts, const struct told *told)
{
	if (!told->is_there) {
		return;
	}
	counts->updated += told->is_updated ? 1 : 0;
	if (told->state[0] == RH_STATES && told->state[1] == RH_STATES) {
		counts->restored += told->is_restored ? 1 : 0;
		counts->gone += told->is_gone ? 1 : 0;
		return;
	}
	for (int i = 0; i < 2; i++) {
		enum rh_state state = told->state[i];
		if (state == RH_STATES || state == RH_STATE_DONE || state == RH_STATE_VERIFIED ||
		    (i == 1 && state == told->state[0])) {
			continue;
		}
		counts->by_state[state]++;
		counts->updates[state]++;
		counts->updates_undo_open += state == RH_STATE_UNDO_INTENDED ? 1 : 0;
	}
}

static void take_update(struct rh_ledger_counts *counts, struct told *told,
			struct rh_statement *statement)
{
	enum rh_state state = (enum rh_state)rh_column_i64(statement, 1);
	bool was_sent = rh_column_i64(statement, 2) != 0;
	bool is_password = rh_column_i64(statement, 3) != 0;
	bool is_created = rh_column_i64(statement, 5) != 0;
	bool is_done = state == RH_STATE_DONE || state == RH_STATE_VERIFIED;
	bool is_of_create = rh_column_i64(statement, 7) != 0;

	told->is_there = rh_column_i64(statement, 6) != 0;
	if (state != RH_STATE_UNDONE) {
		told->state[is_password] = state;
		told->is_updated = told->is_updated || (is_done && was_sent && !is_of_create);
		counts->updates_to_undo +=
			!is_created && (is_done || state == RH_STATE_UNDO_INTENDED) ? 1 : 0;
	} else if (was_sent && !is_created) {
		told->is_gone = rh_column_i64(statement, 4) != 0;
		told->is_restored = !told->is_gone;
	}
}

/* L13 */
static int count_updates(struct rh_ledger *ledger, struct rh_ledger_counts *counts,
			 struct rh_err *err)
{
	struct rh_statement *statement;
	struct told told;
	int status = rh_db_prepare(ledger->db, sql_updates, &statement, err);

	begin_told(&told, 0);
	while (status >= 0 && (status = rh_step(statement, err)) == 1) {
		if (rh_column_i64(statement, 0) != told.account) {
			count_told(counts, &told);
			begin_told(&told, rh_column_i64(statement, 0));
		}
		take_update(counts, &told, statement);
	}
	count_told(counts, &told);
	return status;
}

/* Of a statement with one number. */
static int read_flag(struct rh_statement *statement, bool *out, struct rh_err *err)
{
	int status = rh_step(statement, err);

	if (status == 1) {
		*out = rh_column_i64(statement, 0) != 0;
	}
	rh_reset(statement);
	return status < 0 ? status : RH_OK;
}

static int is_indexed(struct rh_ledger *ledger, bool *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_is_indexed, &statement, err);

	return status == RH_OK ? read_flag(statement, out, err) : status;
}

/* Of an update: is its account there, and has it been told as one that was changed? */
static int is_there(struct rh_ledger *ledger, const struct rh_ledger_row *row, bool *out,
		    struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_is_there, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, row->parent);
	rh_bind_i64(statement, 2, row->state);
	rh_bind_i64(statement, 3, row->revision);
	return read_flag(statement, out, err);
}

int rh_ledger_is_told(struct rh_ledger *ledger, const struct rh_ledger_row *row, bool *out,
		      struct rh_err *err)
{
	struct rh_statement *statement;
	bool has_index = false;
	int status = RH_OK;

	*out = true;
	if (row->verb == RH_VERB_UPDATE) {
		status = is_there(ledger, row, out, err);
	}
	if (row->verb != RH_VERB_UPDATE || status != RH_OK || !*out) {
		return status;
	}
	/* Without it this is a first apply, and no account has two. */
	status = is_indexed(ledger, &has_index, err);
	if (status != RH_OK || !has_index) {
		return status;
	}
	status = rh_db_prepare(ledger->db, sql_is_newest, &statement, err);
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, row->parent);
	rh_bind_i64(statement, 2, row->id);
	rh_bind_i64(statement, 3, row->state);
	rh_bind_i64(statement, 4, row->parts_planned == RH_PART_CREDENTIAL ? 1 : 0);
	return read_flag(statement, out, err);
}

/* ---- all rows -------------------------------------------------------------------------------------- */

/* Updates that did not come to their aim. */
#define OPEN                                                                 \
	(RH_STATE_BIT(RH_STATE_INTENDED) | RH_STATE_BIT(RH_STATE_DEFERRED) | \
	 RH_STATE_BIT(RH_STATE_UNKNOWN) | RH_STATE_BIT(RH_STATE_REJECTED) |  \
	 RH_STATE_BIT(RH_STATE_CONFLICT))

static void count_row(struct rh_ledger_counts *counts, enum rh_state state, enum rh_origin origin)
{
	counts->by_state[state]++;
	counts->accounts++;
	if (state != RH_STATE_DONE && state != RH_STATE_VERIFIED) {
		return;
	}
	switch (origin) {
	case RH_ORIGIN_NONE:
		break;
	case RH_ORIGIN_CREATED:
		counts->created++;
		break;
	case RH_ORIGIN_ADOPTED:
		counts->adopted++;
		break;
	case RH_ORIGIN_LINKED:
		counts->linked++;
		break;
	case RH_ORIGIN_UNSURE:
		counts->unsure++;
		break;
	}
}

static void count_drift(struct rh_ledger_counts *counts, enum rh_drift drift)
{
	counts->differs += drift == RH_DRIFT_DIFFERS ? 1 : 0;
	counts->missing += drift == RH_DRIFT_MISSING ? 1 : 0;
}

static void count_verified_at(struct rh_ledger_counts *counts, rh_time at)
{
	counts->verified_at = at > counts->verified_at ? at : counts->verified_at;
}

/* One row of `sql_count`. */
static int take_row(struct rh_statement *statement, struct rh_ledger_counts *counts,
		    bool *has_updates, struct rh_err *err)
{
	int64_t stored = rh_column_i64(statement, 0);
	enum rh_state state = (enum rh_state)stored;

	if (stored <= 0 || stored >= RH_STATES) {
		return rh_err_set(err, RH_EMISMATCH, "the ledger is damaged");
	}
	count_verified_at(counts, rh_column_i64(statement, 3));
	if (rh_column_i64(statement, 5) != 0) {
		*has_updates = true;
		counts->open_updates += (OPEN & RH_STATE_BIT(state)) != 0 ? 1 : 0;
		return RH_OK;
	}
	count_row(counts, state, (enum rh_origin)rh_column_i64(statement, 1));
	counts->parts_dropped += rh_column_i64(statement, 2) != 0 ? 1 : 0;
	if (state == RH_STATE_DONE) {
		count_drift(counts, (enum rh_drift)rh_column_i64(statement, 4));
	}
	return RH_OK;
}

static int prepare_between(struct rh_ledger *ledger, const char *sql, int64_t first, int64_t last,
			   struct rh_statement **out, struct rh_err *err)
{
	int status = rh_db_prepare(ledger->db, sql, out, err);

	if (status == RH_OK) {
		rh_bind_i64(*out, 1, first);
		rh_bind_i64(*out, 2, last);
	}
	return status;
}

/* Rows that are in no run, between two ids. */
static int count_gap(struct rh_ledger *ledger, int64_t after, int64_t before,
		     struct rh_ledger_counts *counts, bool *has_updates, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = prepare_between(ledger, sql_count, after, before, &statement, err);

	while (status >= 0 && (status = rh_step(statement, err)) == 1) {
		status = take_row(statement, counts, has_updates, err);
		if (status != RH_OK) {
			rh_reset(statement);
			return status;
		}
	}
	return status;
}

/* Of rows in a run nothing is asked but what the run does not say (L14): they are wide, and mostly all are in runs. */
static int count_run(struct rh_ledger *ledger, struct rh_ledger_run run,
		     struct rh_ledger_counts *counts, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = prepare_between(ledger, sql_count_run, run.first, run.last, &statement, err);

	while (status >= 0 && (status = rh_step(statement, err)) == 1) {
		count_row(counts, RH_STATE_VERIFIED, (enum rh_origin)rh_column_i64(statement, 0));
		counts->parts_dropped += rh_column_i64(statement, 1) != 0 ? 1 : 0;
	}
	count_verified_at(counts, run.at);
	return status;
}

/* One pass in the order of the file; grouping in SQL would sort all rows first.  While the runs are being read, nothing
 * that is committed beside us is seen. */
static int count_rows(struct rh_ledger *ledger, struct rh_ledger_counts *counts, bool *has_updates,
		      struct rh_err *err)
{
	struct rh_statement *runs;
	int64_t after = 0;
	int status = rh_db_prepare(ledger->db, sql_runs, &runs, err);

	while (status >= 0 && (status = rh_step(runs, err)) == 1) {
		struct rh_ledger_run run = {
			.first = rh_column_i64(runs, 0),
			.last = rh_column_i64(runs, 1),
			.at = rh_column_i64(runs, 2),
		};

		status = count_gap(ledger, after, run.first, counts, has_updates, err);
		if (status == RH_OK) {
			status = count_run(ledger, run, counts, err);
		}
		if (status != RH_OK) {
			rh_reset(runs);
			return status;
		}
		after = run.last;
	}
	return status == RH_OK ? count_gap(ledger, after, INT64_MAX, counts, has_updates, err)
			       : status;
}

/* Of all kinds: ids are given out behind it. */
static int last_id(struct rh_ledger *ledger, int64_t *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_last, &statement, err);

	if (status == RH_OK && (status = rh_step(statement, err)) == 1) {
		*out = rh_column_i64(statement, 0);
		rh_reset(statement);
	}
	return status < 0 ? status : RH_OK;
}

/* Updates, which are fewer, are sorted by their accounts in a second pass. */
int rh_ledger_count(struct rh_ledger *ledger, struct rh_ledger_counts *out, struct rh_err *err)
{
	struct rh_ledger_counts counts = {0};
	bool has_updates = false;
	int status = last_id(ledger, &counts.last_id, err);

	if (status == RH_OK) {
		status = count_rows(ledger, &counts, &has_updates, err);
	}
	if (status == RH_OK && has_updates) {
		status = count_updates(ledger, &counts, err);
	}
	if (status == RH_OK) {
		*out = counts;
	}
	return status;
}

int rh_ledger_count_since(struct rh_ledger *ledger, unsigned states, rh_time since, uint64_t *out,
			  struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_count_since, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, since);
	rh_bind_i64(statement, 2, rh_ledger_stored_states(states));
	status = rh_step(statement, err);
	if (status == 1) {
		*out = (uint64_t)rh_column_i64(statement, 0);
	}
	rh_reset(statement);
	return status < 0 ? status : RH_OK;
}
