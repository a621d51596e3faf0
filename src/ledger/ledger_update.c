/* SPDX-License-Identifier: Apache-2.0 */
/* Updates in the ledger: what stood there before (L11), and the account's own row (L12). */
#include <assert.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/ledger_internal.h"

/* The statements name states, verbs and parts by their stored numbers. */
static_assert(RH_STATE_INTENDED == 1 && RH_STATE_UNKNOWN == 3);
static_assert(RH_VERB_UPDATE == 6);
static_assert(RH_PART_CREDENTIAL == 2);

static const char sql_observe[] =
	"UPDATE ledger_rows SET state = 1, external_id = ?2, parts_planned = ?3, parts_dropped = "
	"?4,"
	" wire_present = ?5, wire = ?6, asked = ?7, before_present = ?8, before_wire = ?9,"
	" credential = ?10, revision = ?11, file = ?12, record = ?13, attempts = ?14,"
	" intended_at = ?15 WHERE id = ?1 AND verb = 6 AND state IN (1, 3)";
static const char sql_keep[] = "INSERT INTO before_images (row, sealed) VALUES (?1, ?2)"
			       " ON CONFLICT (row) DO UPDATE SET sealed = excluded.sealed";
static const char sql_image[] = "SELECT sealed FROM before_images WHERE row = ?1";
static const char sql_account[] = "SELECT parent FROM ledger_rows WHERE id = ?1 AND verb = 6";
static const char sql_absorb[] =
	"UPDATE ledger_rows AS account SET state = 4, drift = 0, verified_at = 0,"
	" wire_present = row.wire_present, wire = row.wire, asked = row.asked,"
	" external_id = coalesce(row.external_id, account.external_id),"
	" parts_sent = account.parts_sent | ?2,"
	/* what was refused once and is there now is not left out any more */
	" parts_dropped = (account.parts_dropped & ~?2) | row.parts_dropped,"
	" code = CASE WHEN ((account.parts_dropped & ~?2) | row.parts_dropped) = 0 THEN NULL"
	" ELSE coalesce(row.code, account.code) END,"
	" file = row.file, record = row.record,"
	" credential = CASE WHEN ?2 & 2 THEN row.credential ELSE account.credential END"
	" FROM ledger_rows AS row"
	" WHERE row.id = ?1 AND row.verb = 6 AND account.id = row.parent"
	" AND account.state IN (4, 5)";
/* What was put back is nobody's plan: the row of an account that is not ours knows nothing of it again. */
static const char sql_forget[] =
	"UPDATE ledger_rows AS account SET state = 4, drift = 0, verified_at = 0,"
	" wire_present = 0, wire = NULL, asked = NULL, external_id = NULL, parts_sent = 0"
	" FROM ledger_rows AS row"
	" WHERE row.id = ?1 AND row.verb = 6 AND account.id = row.parent"
	" AND account.state IN (4, 5) AND account.origin <> 1";

static int keep_image(struct rh_ledger *ledger, int64_t id, struct rh_str image, struct rh_err *err)
{
	struct rh_statement *statement;
	int status;

	if (image.ptr == NULL) {
		return RH_OK;
	}
	status = rh_db_prepare(ledger->db, sql_keep, &statement, err);
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	rh_bind_blob(statement, 2, image);
	return rh_run(statement, err);
}

static int write_observed(struct rh_ledger *ledger, const struct rh_ledger_row *row,
			  struct rh_str image, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_observe, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, row->id);
	rh_bind_text(statement, 2, row->external_id);
	rh_bind_i64(statement, 3, row->parts_planned);
	rh_bind_i64(statement, 4, row->parts_dropped);
	rh_bind_i64(statement, 5, row->wire_present);
	rh_bind_blob(statement, 6, row->wire);
	rh_bind_blob(statement, 7, row->asked);
	rh_bind_i64(statement, 8, row->before_present);
	rh_bind_blob(statement, 9, row->before);
	rh_bind_blob(statement, 10, row->credential);
	rh_bind_i64(statement, 11, row->revision);
	rh_bind_i64(statement, 12, row->file);
	rh_bind_i64(statement, 13, (int64_t)row->record);
	rh_bind_i64(statement, 14, row->attempts);
	rh_bind_i64(statement, 15, row->intended_at);
	status = rh_ledger_move(ledger, statement, row->id,
				RH_STATE_BIT(RH_STATE_INTENDED) | RH_STATE_BIT(RH_STATE_UNKNOWN),
				RH_STATE_INTENDED, err);
	return status == RH_OK ? keep_image(ledger, row->id, image, err) : status;
}

int rh_ledger_observe(struct rh_ledger *ledger, const struct rh_ledger_row *rows,
		      const struct rh_str *images, size_t count, struct rh_err *err)
{
	int status = rh_ledger_group_begin(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	for (size_t i = 0; i < count; i++) {
		status = write_observed(ledger, &rows[i], images[i], err);
		if (status != RH_OK) {
			rh_ledger_group_abandon(ledger);
			return status;
		}
	}
	return rh_ledger_commit_now(ledger, err);
}

int rh_ledger_image(struct rh_ledger *ledger, int64_t id, struct rh_arena *arena,
		    struct rh_str *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_image, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	status = rh_step(statement, err);
	if (status == 1 && !rh_arena_copy(arena, rh_column_blob(statement, 0), out)) {
		status = rh_err_set(err, RH_ELIMIT, "no room for what an update replaced");
	}
	rh_reset(statement);
	return status;
}

/* L14: something else is expected of the account's row from now on. */
static int leave_run_of_account(struct rh_ledger *ledger, int64_t id, struct rh_err *err)
{
	struct rh_statement *statement;
	int64_t account = 0;
	int status = rh_db_prepare(ledger->db, sql_account, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	status = rh_step(statement, err);
	if (status == 1) {
		account = rh_column_i64(statement, 0);
		rh_reset(statement);
		status = rh_ledger_leave_run(ledger, account, err);
	}
	return status;
}

int rh_ledger_absorb(struct rh_ledger *ledger, int64_t id, unsigned parts_sent, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = leave_run_of_account(ledger, id, err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_absorb, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	rh_bind_i64(statement, 2, parts_sent);
	return rh_run(statement, err);
}

int rh_ledger_forget(struct rh_ledger *ledger, int64_t id, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = leave_run_of_account(ledger, id, err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_forget, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	return rh_run(statement, err);
}
