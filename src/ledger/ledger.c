/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that move a row's state, and the transactions that carry them; ledger.h has the rules. */
#include "ledger/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "ledger/ledger_internal.h"

/* The statements below name states and origins by their stored numbers. */
static_assert(RH_STATE_INTENDED == 1);
static_assert(RH_STATE_DEFERRED == 2);
static_assert(RH_STATE_UNKNOWN == 3);
static_assert(RH_STATE_DONE == 4);
static_assert(RH_STATE_VERIFIED == 5);
static_assert(RH_STATE_REJECTED == 6);
static_assert(RH_STATE_CONFLICT == 7);
static_assert(RH_STATE_UNDO_INTENDED == 8);
static_assert(RH_STATE_UNDONE == 9);
static_assert(RH_STATE_KEPT == 10);
static_assert(RH_ORIGIN_CREATED == 1);
static_assert(RH_VERB_UPDATE == 6);

#define BIT RH_STATE_BIT
#define THERE (BIT(RH_STATE_DONE) | BIT(RH_STATE_VERIFIED))

/* Settlements that are committed without being asked.  Twice what an intent has: mostly the next one takes them along. */
#define SETTLED_GROUP (2 * RH_LEDGER_GROUP_MAX)

#define INSERT_ROW                                                                             \
	"INSERT INTO ledger_rows (" RH_LEDGER_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"  \
	" ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, " \
	"?25, ?26, ?27, ?28, ?29)"

/* The same id is the same entity for ever; what is wanted of it may be new. */
static const char sql_intend[] =
	INSERT_ROW " ON CONFLICT (id) DO UPDATE SET verb = excluded.verb, state = excluded.state,"
		   " origin = excluded.origin, parent = excluded.parent,"
		   " external_id = excluded.external_id, target_id = excluded.target_id,"
		   " parts_planned = excluded.parts_planned, parts_sent = excluded.parts_sent,"
		   " parts_dropped = excluded.parts_dropped, wire_present = excluded.wire_present,"
		   " wire = excluded.wire, file = excluded.file, record = excluded.record,"
		   " revision = excluded.revision, batch = excluded.batch,"
		   " attempts = excluded.attempts, code = excluded.code,"
		   " intended_at = excluded.intended_at, target_at = excluded.target_at,"
		   " settled_at = excluded.settled_at, verified_at = excluded.verified_at,"
		   " drift = excluded.drift, asked = excluded.asked,"
		   " credential = excluded.credential,"
		   " before_present = excluded.before_present,"
		   " before_wire = excluded.before_wire,"
		   " worker = NULL, lease_until = NULL"
		   " WHERE state IN (2, 3, 6, 7, 9)"
		   " AND kind = excluded.kind AND source_id = excluded.source_id";
/* What most rows are, an account that is made for the first time: the columns that such a row has no value for keep the
 * schema's.  If it is there, nothing happens. */
static const char sql_intend_first[] =
	"INSERT INTO ledger_rows (id, kind, verb, state, source_id, external_id, parts_planned,"
	" wire_present, wire, file, record, revision, attempts, intended_at, target_at,"
	" credential) VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
	" ON CONFLICT (id) DO NOTHING";
static const char sql_record[] = INSERT_ROW " ON CONFLICT (id) DO NOTHING";
static const char sql_settle[] =
	"UPDATE ledger_rows SET state = ?2, origin = ?3, target_id = coalesce(?4, target_id),"
	" parts_sent = ?5, parts_dropped = parts_dropped | ?6, attempts = ?7, code = ?8,"
	" settled_at = ?9 WHERE id = ?1 AND state IN (1, 3)";
static const char sql_adopt[] = "UPDATE ledger_rows SET state = 3 WHERE state IN (1)";
/* When, and that it is VERIFIED, says its run (L14). */
static const char sql_verify_same[] =
	"UPDATE ledger_rows SET drift = 0 WHERE id = ?1 AND state IN (4, 5)";
/* verified_at stays: a moment on a DONE row says that it drifted after that. */
static const char sql_verify_differs[] =
	"UPDATE ledger_rows SET state = 4, drift = ?2 WHERE id = ?1 AND state IN (4, 5)";
static const char sql_undo_intend[] =
	"UPDATE ledger_rows SET state = 8 WHERE id = ?1"
	" AND ((state IN (4, 5, 8) AND (origin = 1 OR verb = 6))"
	" OR (state IN (6, 7) AND verb = 6 AND before_wire IS NOT NULL)"
	" OR (state = 10 AND origin = 1 AND verb != 6 AND code = '" RH_CODE_IN_USE "'))";
static const char sql_undo_settle[] =
	"UPDATE ledger_rows SET state = ?2, code = ?3, settled_at = ?4"
	" WHERE id = ?1 AND state IN (8)";

static const char sql_undo_follow[] = "UPDATE ledger_rows SET state = ?2, settled_at = ?3"
				      " WHERE id = ?1 AND verb = 6"
				      " AND (state IN (2, 4, 5, 6, 7, 8)"
				      " OR (state = 10 AND ?2 = 9))";

const char *rh_state_name(enum rh_state state)
{
	switch (state) {
	case RH_STATE_INTENDED:
		return "intended";
	case RH_STATE_DEFERRED:
		return "deferred";
	case RH_STATE_UNKNOWN:
		return "unknown";
	case RH_STATE_DONE:
		return "done";
	case RH_STATE_VERIFIED:
		return "verified";
	case RH_STATE_REJECTED:
		return "rejected";
	case RH_STATE_CONFLICT:
		return "conflict";
	case RH_STATE_UNDO_INTENDED:
		return "undo_intended";
	case RH_STATE_UNDONE:
		return "undone";
	case RH_STATE_KEPT:
		return "kept";
	case RH_STATES:
		break;
	}
	return "no state";
}

const char *rh_origin_name(enum rh_origin origin)
{
	switch (origin) {
	case RH_ORIGIN_NONE:
		return "none";
	case RH_ORIGIN_CREATED:
		return "created";
	case RH_ORIGIN_ADOPTED:
		return "adopted";
	case RH_ORIGIN_LINKED:
		return "linked";
	case RH_ORIGIN_UNSURE:
		return "unsure";
	}
	return "no origin";
}

int rh_ledger_writable(const struct rh_ledger *ledger, struct rh_err *err)
{
	if (ledger->is_read_only) {
		return rh_err_set(err, RH_ESTATE, "ledger \"%s\" is open for reading only",
				  ledger->path);
	}
	return RH_OK;
}

/* ---- transactions ---------------------------------------------------------------------------------- */

#ifdef RH_TEST_HOOKS
void rh_ledger_kill_at(struct rh_ledger *ledger, uint64_t n)
{
	ledger->kill_at = n;
	ledger->steps = 0;
}

/* Each commit has two steps, before and after it. */
static void count_step(struct rh_ledger *ledger)
{
	ledger->steps++;
	if (ledger->steps == ledger->kill_at) {
		(void)kill(getpid(), SIGKILL); /* does not return */
	}
}
#else
void rh_ledger_kill_at(struct rh_ledger *, uint64_t)
{
}

static void count_step(struct rh_ledger *)
{
}
#endif

int rh_ledger_commit_now(struct rh_ledger *ledger, struct rh_err *err)
{
	int status;

	count_step(ledger);
	status = rh_db_commit(ledger->db, err);
	rh_db_rollback(ledger->db); /* nothing to do after a commit that went well */
	ledger->pending = 0;
	rh_ledger_forget_run(ledger);
	if (status == RH_OK) {
		count_step(ledger);
	}
	return status;
}

int rh_ledger_commit(struct rh_ledger *ledger, struct rh_err *err)
{
	return ledger->pending > 0 ? rh_ledger_commit_now(ledger, err) : RH_OK;
}

size_t rh_ledger_pending(const struct rh_ledger *ledger)
{
	return ledger->pending;
}

int rh_ledger_group_begin(struct rh_ledger *ledger, struct rh_err *err)
{
	int status = rh_ledger_writable(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	return ledger->pending > 0 ? rh_db_exec(ledger->db, "SAVEPOINT call", err)
				   : rh_db_begin(ledger->db, err);
}

void rh_ledger_group_abandon(struct rh_ledger *ledger)
{
	rh_ledger_forget_run(ledger);
	if (ledger->pending == 0) {
		rh_db_rollback(ledger->db);
	} else if (!rh_db_in_transaction(ledger->db)) {
		ledger->pending =
			0; /* SQLite gave all of it up (disk full): after a restart it is UNKNOWN */
	} else if (rh_db_exec(ledger->db, "ROLLBACK TO call; RELEASE call", NULL) != RH_OK) {
		rh_db_rollback(ledger->db);
		ledger->pending = 0;
	}
}

int rh_ledger_group_keep(struct rh_ledger *ledger, size_t count, size_t most, struct rh_err *err)
{
	int status = ledger->pending > 0 ? rh_db_exec(ledger->db, "RELEASE call", err) : RH_OK;

	if (status != RH_OK) {
		rh_ledger_group_abandon(ledger);
		return status;
	}
	ledger->pending += count;
	return ledger->pending >= most ? rh_ledger_commit_now(ledger, err) : RH_OK;
}

int rh_ledger_run(struct rh_ledger *ledger, const char *sql, struct rh_err *err)
{
	int status = rh_ledger_writable(ledger, err);

	if (status == RH_OK) {
		status = rh_ledger_commit(ledger, err);
	}
	if (status == RH_OK) {
		status = rh_db_begin(ledger->db, err);
	}
	if (status != RH_OK) {
		return status;
	}
	status = rh_db_exec(ledger->db, sql, err);
	if (status != RH_OK) {
		rh_db_rollback(ledger->db);
		return status;
	}
	return rh_ledger_commit_now(ledger, err);
}

/* ---- moves ------------------------------------------------------------------------------------------ */

/* What a row is now; false: it is not there. */
static bool look_up(struct rh_ledger *ledger, int64_t id, enum rh_state *state,
		    enum rh_origin *origin)
{
	static const char sql[] = "SELECT state, origin FROM ledger_rows WHERE id = ?1";
	struct rh_statement *statement;
	rh_time verified_at = 0;
	bool is_there = false;

	if (rh_db_prepare(ledger->db, sql, &statement, NULL) != RH_OK) {
		return false;
	}
	rh_bind_i64(statement, 1, id);
	if (rh_step(statement, NULL) == 1) {
		*state = (enum rh_state)rh_column_i64(statement, 0);
		*origin = (enum rh_origin)rh_column_i64(statement, 1);
		is_there = true;
	}
	rh_reset(statement);
	if (is_there && *state == RH_STATE_DONE &&
	    rh_ledger_run_at(ledger, id, &verified_at, NULL) == RH_OK && verified_at != 0) {
		*state = RH_STATE_VERIFIED;
	}
	return is_there;
}

/* No row was changed; `from`: bits of the states that the move may start from. */
static int refuse(struct rh_ledger *ledger, int64_t id, unsigned from, enum rh_state to,
		  struct rh_err *err)
{
	enum rh_state state;
	enum rh_origin origin;

	if (!look_up(ledger, id, &state, &origin)) {
		return rh_err_set(err, RH_ESTATE,
				  "ledger row %" PRId64 " is not there and cannot become %s", id,
				  rh_state_name(to));
	}
	if ((from & BIT(state)) == 0) {
		return rh_err_set(err, RH_ESTATE,
				  "ledger row %" PRId64 " is %s and cannot become %s", id,
				  rh_state_name(state), rh_state_name(to));
	}
	if (to == RH_STATE_UNDO_INTENDED) {
		return rh_err_set(err, RH_ESTATE,
				  "ledger row %" PRId64
				  " is %s, of origin %s, and cannot become %s",
				  id, rh_state_name(state), rh_origin_name(origin),
				  rh_state_name(to));
	}
	return rh_err_set(err, RH_EINTERNAL,
			  "ledger row %" PRId64 " is %s and belongs to another entity", id,
			  rh_state_name(state));
}

int rh_ledger_move(struct rh_ledger *ledger, struct rh_statement *statement, int64_t id,
		   unsigned from, enum rh_state to, struct rh_err *err)
{
	int status = rh_run(statement, err);

	if (status != RH_OK) {
		return rh_err_context(err, status, "ledger row %" PRId64, id);
	}
	return rh_db_changed(ledger->db) == 1 ? RH_OK : refuse(ledger, id, from, to, err);
}

static size_t digests_len(uint32_t present)
{
	return (size_t)__builtin_popcount(present) * RH_WIRE_DIGEST_LEN;
}

bool rh_wire_is_second_form(uint32_t present, struct rh_str wire)
{
	return wire.len == digests_len(present) + 1 && wire.ptr[0] == RH_WIRE_SECOND_FORM;
}

bool rh_ledger_wire_is_whole(uint32_t present, struct rh_str wire)
{
	return wire.len == digests_len(present) || rh_wire_is_second_form(present, wire);
}

static int check_row(const struct rh_ledger_row *row, struct rh_err *err)
{
	if (row->id < 1 || row->kind >= RH_KINDS || row->verb >= RH_VERBS ||
	    row->source_id.ptr == NULL || !rh_ledger_wire_is_whole(row->wire_present, row->wire)) {
		return rh_err_set(err, RH_EINVAL, "ledger row %" PRId64 " is not complete",
				  row->id);
	}
	return RH_OK;
}

static void bind_row(struct rh_statement *statement, const struct rh_ledger_row *row)
{
	rh_bind_i64(statement, RH_COLUMN_ID + 1, row->id);
	rh_bind_i64(statement, RH_COLUMN_KIND + 1, row->kind);
	rh_bind_i64(statement, RH_COLUMN_VERB + 1, row->verb);
	rh_bind_text(statement, RH_COLUMN_SOURCE_ID + 1, row->source_id);
	rh_bind_i64(statement, RH_COLUMN_PARENT + 1, row->parent);
	rh_bind_text(statement, RH_COLUMN_EXTERNAL_ID + 1, row->external_id);
	rh_bind_text(statement, RH_COLUMN_TARGET_ID + 1, row->target_id);
	rh_bind_i64(statement, RH_COLUMN_PARTS_PLANNED + 1, row->parts_planned);
	rh_bind_i64(statement, RH_COLUMN_PARTS_DROPPED + 1, row->parts_dropped);
	rh_bind_i64(statement, RH_COLUMN_WIRE_PRESENT + 1, row->wire_present);
	rh_bind_blob(statement, RH_COLUMN_WIRE + 1, row->wire);
	rh_bind_i64(statement, RH_COLUMN_FILE + 1, row->file);
	rh_bind_i64(statement, RH_COLUMN_RECORD + 1, (int64_t)row->record);
	rh_bind_i64(statement, RH_COLUMN_REVISION + 1, row->revision);
	rh_bind_i64(statement, RH_COLUMN_BATCH + 1, row->batch);
	rh_bind_i64(statement, RH_COLUMN_ATTEMPTS + 1, row->attempts);
	rh_bind_i64(statement, RH_COLUMN_INTENDED_AT + 1, row->intended_at);
	rh_bind_i64(statement, RH_COLUMN_TARGET_AT + 1, row->target_at);
	/* what an answer says: not yet */
	rh_bind_i64(statement, RH_COLUMN_PARTS_SENT + 1, 0);
	rh_bind_null(statement, RH_COLUMN_CODE + 1);
	rh_bind_i64(statement, RH_COLUMN_SETTLED_AT + 1, 0);
	rh_bind_i64(statement, RH_COLUMN_VERIFIED_AT + 1, 0);
	rh_bind_i64(statement, RH_COLUMN_DRIFT + 1, RH_DRIFT_NONE);
	rh_bind_blob(statement, RH_COLUMN_ASKED + 1, row->asked);
	rh_bind_blob(statement, RH_COLUMN_CREDENTIAL + 1, row->credential);
	/* what an update reads: not yet, or by an earlier request (L11) */
	rh_bind_i64(statement, RH_COLUMN_BEFORE_PRESENT + 1, row->before_present);
	rh_bind_blob(statement, RH_COLUMN_BEFORE + 1, row->before);
}

/* Has it values only where sql_intend_first has columns? */
static bool is_simple(const struct rh_ledger_row *row)
{
	return row->parent == 0 && row->batch == 0 && row->parts_dropped == 0 &&
	       row->target_id.ptr == NULL && row->asked.ptr == NULL && row->before.ptr == NULL &&
	       row->before_present == 0;
}

/* 1: written, 0: there is such a row. */
static int write_first_intent(struct rh_ledger *ledger, const struct rh_ledger_row *row,
			      struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_intend_first, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, row->id);
	rh_bind_i64(statement, 2, row->kind);
	rh_bind_i64(statement, 3, row->verb);
	rh_bind_text(statement, 4, row->source_id);
	rh_bind_text(statement, 5, row->external_id);
	rh_bind_i64(statement, 6, row->parts_planned);
	rh_bind_i64(statement, 7, row->wire_present);
	rh_bind_blob(statement, 8, row->wire);
	rh_bind_i64(statement, 9, row->file);
	rh_bind_i64(statement, 10, (int64_t)row->record);
	rh_bind_i64(statement, 11, row->revision);
	rh_bind_i64(statement, 12, row->attempts);
	rh_bind_i64(statement, 13, row->intended_at);
	rh_bind_i64(statement, 14, row->target_at);
	rh_bind_blob(statement, 15, row->credential);
	status = rh_run(statement, err);
	return status == RH_OK ? (int)rh_db_changed(ledger->db)
			       : rh_err_context(err, status, "ledger row %" PRId64, row->id);
}

static int write_intent(struct rh_ledger *ledger, const struct rh_ledger_row *row,
			struct rh_err *err)
{
	const unsigned from = BIT(RH_STATE_DEFERRED) | BIT(RH_STATE_UNKNOWN) |
			      BIT(RH_STATE_REJECTED) | BIT(RH_STATE_CONFLICT) |
			      BIT(RH_STATE_UNDONE);
	struct rh_statement *statement;
	int status = check_row(row, err);

	if (status == RH_OK && is_simple(row)) {
		status = write_first_intent(ledger, row, err);
		if (status != 0) {
			return status < 0 ? status : RH_OK;
		}
	}
	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_intend, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	bind_row(statement, row);
	rh_bind_i64(statement, RH_COLUMN_STATE + 1, RH_STATE_INTENDED);
	rh_bind_i64(statement, RH_COLUMN_ORIGIN + 1, RH_ORIGIN_NONE);
	return rh_ledger_move(ledger, statement, row->id, from, RH_STATE_INTENDED, err);
}

static int write_record(struct rh_ledger *ledger, const struct rh_ledger_row *row,
			struct rh_err *err)
{
	struct rh_statement *statement;
	int status = check_row(row, err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_record, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	bind_row(statement, row);
	rh_bind_i64(statement, RH_COLUMN_STATE + 1, RH_STATE_DONE);
	rh_bind_i64(statement, RH_COLUMN_ORIGIN + 1, RH_ORIGIN_LINKED);
	rh_bind_i64(statement, RH_COLUMN_SETTLED_AT + 1, row->settled_at);
	return rh_ledger_move(ledger, statement, row->id, 0, RH_STATE_DONE, err);
}

typedef int write_row_fn(struct rh_ledger *ledger, const struct rh_ledger_row *row,
			 struct rh_err *err);

/* All rows or none, in one durable transaction together with what is queued. */
static int write_rows(struct rh_ledger *ledger, write_row_fn *write_row,
		      const struct rh_ledger_row *rows, size_t count, struct rh_err *err)
{
	int status = rh_ledger_group_begin(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	for (size_t i = 0; i < count; i++) {
		status = write_row(ledger, &rows[i], err);
		if (status != RH_OK) {
			rh_ledger_group_abandon(ledger);
			return status;
		}
	}
	return rh_ledger_commit_now(ledger, err);
}

int rh_ledger_intend(struct rh_ledger *ledger, const struct rh_ledger_row *rows, size_t count,
		     struct rh_err *err)
{
	return write_rows(ledger, write_intent, rows, count, err);
}

int rh_ledger_record(struct rh_ledger *ledger, const struct rh_ledger_row *rows, size_t count,
		     struct rh_err *err)
{
	return write_rows(ledger, write_record, rows, count, err);
}

/* What goes with a move, before it, in the same transaction; may be NULL. */
typedef int companion_fn(struct rh_ledger *ledger, const void *context, struct rh_err *err);

/* One more of the queue. */
struct queued {
	struct rh_statement *statement; /* bound */
	int64_t id;
	unsigned from;
	enum rh_state to;
	companion_fn *companion;
	const void *context;
};

static int queue(struct rh_ledger *ledger, const struct queued *item, struct rh_err *err)
{
	int status = rh_ledger_writable(ledger, err);

	if (status == RH_OK && ledger->pending == 0) {
		status = rh_db_begin(ledger->db, err);
	}
	if (status != RH_OK) {
		return status;
	}
	if (item->companion != NULL) {
		status = item->companion(ledger, item->context, err);
	}
	if (status == RH_OK) {
		status = rh_ledger_move(ledger, item->statement, item->id, item->from, item->to,
					err);
	}
	if (status != RH_OK) { /* a single statement takes itself back */
		rh_ledger_forget_run(ledger);
		if (ledger->pending == 0) {
			rh_db_rollback(ledger->db);
		} else if (!rh_db_in_transaction(ledger->db)) {
			ledger->pending = 0;
		}
		return status;
	}
	ledger->pending++;
	return ledger->pending >= SETTLED_GROUP ? rh_ledger_commit_now(ledger, err) : RH_OK;
}

/* RH_ESTATE for a state that the function never moves to. */
static int check_aim(int64_t id, enum rh_state state, unsigned allowed, struct rh_err *err)
{
	if (state <= 0 || state >= RH_STATES || (allowed & BIT(state)) == 0) {
		return rh_err_set(err, RH_ESTATE, "ledger row %" PRId64 " cannot be settled as %s",
				  id, rh_state_name(state));
	}
	return RH_OK;
}

/* L12 */
static int absorb(struct rh_ledger *ledger, const void *context, struct rh_err *err)
{
	const struct rh_settlement *settlement = context;

	return rh_ledger_absorb(ledger, settlement->id, settlement->parts_sent, err);
}

int rh_ledger_settle(struct rh_ledger *ledger, const struct rh_settlement *settlement,
		     struct rh_err *err)
{
	const unsigned from = BIT(RH_STATE_INTENDED) | BIT(RH_STATE_UNKNOWN);
	const unsigned allowed = BIT(RH_STATE_DONE) | BIT(RH_STATE_REJECTED) |
				 BIT(RH_STATE_CONFLICT) | BIT(RH_STATE_UNKNOWN) |
				 BIT(RH_STATE_DEFERRED);
	bool is_done = settlement->state == RH_STATE_DONE;
	struct rh_statement *statement;
	int status = check_aim(settlement->id, settlement->state, allowed, err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_settle, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, settlement->id);
	rh_bind_i64(statement, 2, settlement->state);
	rh_bind_i64(statement, 3, is_done ? settlement->origin : RH_ORIGIN_NONE);
	rh_bind_text(statement, 4, settlement->target_id);
	rh_bind_i64(statement, 5, settlement->parts_sent);
	rh_bind_i64(statement, 6, settlement->parts_dropped);
	rh_bind_i64(statement, 7, settlement->attempts);
	rh_bind_text(statement, 8, settlement->code);
	rh_bind_i64(statement, 9, settlement->at);
	return queue(ledger,
		     &(struct queued){.statement = statement,
				      .id = settlement->id,
				      .from = from,
				      .to = settlement->state,
				      .companion = is_done && settlement->absorbs ? absorb : NULL,
				      .context = settlement},
		     err);
}

int rh_ledger_adopt(struct rh_ledger *ledger, uint64_t *count_out, struct rh_err *err)
{
	struct rh_statement *statement;
	uint64_t count;
	int status = rh_ledger_group_begin(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	status = rh_db_prepare(ledger->db, sql_adopt, &statement, err);
	if (status == RH_OK) {
		status = rh_run(statement, err);
	}
	if (status != RH_OK) {
		rh_ledger_group_abandon(ledger);
		return status;
	}
	count = rh_db_changed(ledger->db);
	status = rh_ledger_commit_now(ledger, err);
	if (status == RH_OK) {
		*count_out = count;
	}
	return status;
}

static int verify_same(struct rh_ledger *ledger, int64_t id, rh_time at, struct rh_err *err)
{
	const struct rh_ledger_run run = {.first = id, .last = id, .at = at};
	struct rh_statement *statement;
	int status = rh_ledger_group_begin(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	status = rh_db_prepare(ledger->db, sql_verify_same, &statement, err);
	if (status == RH_OK) {
		rh_bind_i64(statement, 1, id);
		status = rh_ledger_move(ledger, statement, id, THERE, RH_STATE_VERIFIED, err);
	}
	if (status == RH_OK) {
		status = rh_ledger_note_run(ledger, run, err);
	}
	if (status != RH_OK) {
		rh_ledger_group_abandon(ledger);
		return status;
	}
	return rh_ledger_group_keep(ledger, 1, SETTLED_GROUP, err);
}

/* L14 */
static int leave_run(struct rh_ledger *ledger, const void *context, struct rh_err *err)
{
	return rh_ledger_leave_run(ledger, *(const int64_t *)context, err);
}

int rh_ledger_verify(struct rh_ledger *ledger, int64_t id, enum rh_drift drift, rh_time at,
		     struct rh_err *err)
{
	struct rh_statement *statement;
	int status;

	if (drift == RH_DRIFT_NONE) {
		return verify_same(ledger, id, at, err);
	}
	status = rh_db_prepare(ledger->db, sql_verify_differs, &statement, err);
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	rh_bind_i64(statement, 2, (int64_t)drift);
	return queue(ledger,
		     &(struct queued){.statement = statement,
				      .id = id,
				      .from = THERE,
				      .to = RH_STATE_DONE,
				      .companion = leave_run,
				      .context = &id},
		     err);
}

static int write_undo(struct rh_ledger *ledger, int64_t id, struct rh_err *err)
{
	const unsigned from = THERE | BIT(RH_STATE_REJECTED) | BIT(RH_STATE_CONFLICT) |
			      BIT(RH_STATE_UNDO_INTENDED) | BIT(RH_STATE_KEPT);
	struct rh_statement *statement;
	int status = rh_ledger_leave_run(ledger, id, err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_undo_intend, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	return rh_ledger_move(ledger, statement, id, from, RH_STATE_UNDO_INTENDED, err);
}

int rh_ledger_undo_intend(struct rh_ledger *ledger, const int64_t *ids, size_t count,
			  struct rh_err *err)
{
	int status = rh_ledger_group_begin(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	for (size_t i = 0; i < count; i++) {
		status = write_undo(ledger, ids[i], err);
		if (status != RH_OK) {
			rh_ledger_group_abandon(ledger);
			return status;
		}
	}
	return rh_ledger_commit_now(ledger, err);
}

static int forget(struct rh_ledger *ledger, const void *context, struct rh_err *err)
{
	return rh_ledger_forget(ledger, *(const int64_t *)context, err);
}

int rh_ledger_undo_settle(struct rh_ledger *ledger, int64_t id, enum rh_state state,
			  struct rh_str code, rh_time at, struct rh_err *err)
{
	const unsigned allowed =
		BIT(RH_STATE_UNDONE) | BIT(RH_STATE_KEPT) | BIT(RH_STATE_UNDO_INTENDED);
	struct rh_statement *statement;
	int status = check_aim(id, state, allowed, err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_undo_settle, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	rh_bind_i64(statement, 2, state);
	rh_bind_text(statement, 3, code);
	rh_bind_i64(statement, 4, at);
	return queue(ledger,
		     &(struct queued){.statement = statement,
				      .id = id,
				      .from = BIT(RH_STATE_UNDO_INTENDED),
				      .to = state,
				      .companion = state == RH_STATE_UNDONE ? forget : NULL,
				      .context = &id},
		     err);
}

int rh_ledger_undo_follow(struct rh_ledger *ledger, int64_t id, enum rh_state state, rh_time at,
			  struct rh_err *err)
{
	const unsigned from = BIT(RH_STATE_DEFERRED) | BIT(RH_STATE_DONE) | BIT(RH_STATE_VERIFIED) |
			      BIT(RH_STATE_REJECTED) | BIT(RH_STATE_CONFLICT) |
			      BIT(RH_STATE_UNDO_INTENDED) |
			      (state == RH_STATE_UNDONE ? BIT(RH_STATE_KEPT) : 0);
	struct rh_statement *statement;
	int status = check_aim(id, state, BIT(RH_STATE_UNDONE) | BIT(RH_STATE_KEPT), err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_undo_follow, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	rh_bind_i64(statement, 2, state);
	rh_bind_i64(statement, 3, at);
	return queue(ledger,
		     &(struct queued){.statement = statement, .id = id, .from = from, .to = state},
		     err);
}
