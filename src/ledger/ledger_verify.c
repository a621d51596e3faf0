/* SPDX-License-Identifier: Apache-2.0 */
/* What verify asks of the ledger and writes into it: many rows at a time, in the order of their ids. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/ledger_internal.h"

/* What is queued before it is committed without being asked: nothing is lost but the knowledge (L9). */
enum { VERIFIED_GROUP = 64 * 1024 };

/* 4 and 5 are DONE and VERIFIED; 6 is an update, whose account's row has the content.  The condition on target_id is
 * that of the index. */
static const char sql_expected[] =
	"SELECT id, origin, target_id, wire_present, wire FROM ledger_rows"
	" WHERE id BETWEEN ?1 AND ?2 AND state IN (4, 5) AND verb <> 6 AND +kind = ?3"
	" AND +target_id IS NOT NULL ORDER BY id";
static const char sql_count_expected[] =
	"SELECT count(*) FROM ledger_rows WHERE state IN (4, 5) AND verb <> 6 AND kind = 4";
static const char sql_count_range[] = "SELECT count(*) FROM ledger_rows"
				      " WHERE id BETWEEN ?1 AND ?2 AND state IN (4, 5)";
static const char sql_row_of_target[] =
	"SELECT id FROM ledger_rows WHERE kind = ?1 AND target_id = ?2 AND target_id IS NOT NULL"
	" AND verb <> 6 ORDER BY id LIMIT 1";

static const char sql_note_drift[] = "INSERT OR REPLACE INTO drifts (id, fields) VALUES (?1, ?2)";
static const char sql_drift_fields[] = "SELECT fields FROM drifts WHERE id = ?1";

int rh_ledger_count_expected(struct rh_ledger *ledger, uint64_t *count_out,
			     rh_time *verified_at_out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_count_expected, &statement, err);

	if (status == RH_OK) {
		status = rh_step(statement, err);
	}
	if (status == 1) {
		*count_out = (uint64_t)rh_column_i64(statement, 0);
		rh_reset(statement);
	}
	return status < 0 ? status : rh_ledger_latest_run(ledger, verified_at_out, err);
}

static int take_expected(struct rh_statement *statement, struct rh_arena *arena,
			 struct rh_ledger_expected *out, struct rh_err *err)
{
	struct rh_ledger_expected row = {
		.id = rh_column_i64(statement, 0),
		.origin = (enum rh_origin)rh_column_i64(statement, 1),
		.wire_present = (uint32_t)rh_column_i64(statement, 3),
	};
	struct rh_str wire = rh_column_blob(statement, 4);

	if (!rh_ledger_wire_is_whole(row.wire_present, wire)) {
		return rh_err_set(err, RH_EMISMATCH, "ledger row %" PRId64 " is damaged", row.id);
	}
	if (!rh_arena_copy(arena, rh_column_text(statement, 2), &row.target_id) ||
	    !rh_arena_copy(arena, wire, &row.wire)) {
		return rh_err_set(err, RH_ELIMIT, "no room for the rows of the ledger");
	}
	*out = row;
	return RH_OK;
}

int rh_ledger_expect(struct rh_ledger *ledger, const struct rh_ledger_span *span,
		     struct rh_arena *arena, struct rh_ledger_expected *out, size_t *count_out,
		     struct rh_err *err)
{
	struct rh_statement *statement;
	size_t count = 0;
	int status = rh_db_prepare(ledger->db, sql_expected, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, span->first);
	rh_bind_i64(statement, 2, span->first + (int64_t)span->max - 1);
	rh_bind_i64(statement, 3, span->kind);
	while ((status = rh_step(statement, err)) == 1) {
		status = take_expected(statement, arena, &out[count], err);
		if (status != RH_OK) {
			rh_reset(statement);
			return status;
		}
		count++;
	}
	if (status == RH_OK) {
		*count_out = count;
	}
	return status;
}

int rh_ledger_row_of_target(struct rh_ledger *ledger, enum rh_kind kind, struct rh_str target_id,
			    int64_t *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_ledger_index_targets(ledger, err);

	if (status == RH_OK) {
		status = rh_db_prepare(ledger->db, sql_row_of_target, &statement, err);
	}
	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, kind);
	rh_bind_text(statement, 2, target_id);
	status = rh_step(statement, err);
	if (status == 1) {
		*out = rh_column_i64(statement, 0);
		rh_reset(statement);
	}
	return status;
}

/* All of them must be there (L3). */
static int check_range(struct rh_ledger *ledger, int64_t first, int64_t last, struct rh_err *err)
{
	struct rh_statement *statement;
	int64_t count = 0;
	int status = rh_db_prepare(ledger->db, sql_count_range, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, first);
	rh_bind_i64(statement, 2, last);
	status = rh_step(statement, err);
	if (status < 0) {
		return status;
	}
	count = rh_column_i64(statement, 0);
	rh_reset(statement);
	return count == last - first + 1 ? RH_OK
					 : rh_err_set(err, RH_ESTATE,
						      "of ledger rows %" PRId64 " to %" PRId64
						      " some are not there any more",
						      first, last);
}

int rh_ledger_verify_range(struct rh_ledger *ledger, int64_t first, int64_t last, rh_time at,
			   struct rh_err *err)
{
	const struct rh_ledger_run run = {.first = first, .last = last, .at = at};
	int status = rh_ledger_group_begin(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	status = check_range(ledger, first, last, err);
	if (status == RH_OK) {
		status = rh_ledger_note_run(ledger, run, err);
	}
	if (status != RH_OK) {
		rh_ledger_group_abandon(ledger);
		return status;
	}
	return rh_ledger_group_keep(ledger, (size_t)(last - first) + 1, VERIFIED_GROUP, err);
}

int rh_ledger_note_drift(struct rh_ledger *ledger, int64_t id, uint32_t fields, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_ledger_group_begin(ledger, err);

	if (status != RH_OK) {
		return status;
	}
	status = rh_db_prepare(ledger->db, sql_note_drift, &statement, err);
	if (status == RH_OK) {
		rh_bind_i64(statement, 1, id);
		rh_bind_i64(statement, 2, fields);
		status = rh_run(statement, err);
	}
	if (status != RH_OK) {
		rh_ledger_group_abandon(ledger);
		return status;
	}
	return rh_ledger_group_keep(ledger, 1, VERIFIED_GROUP, err);
}

uint32_t rh_ledger_drift_fields(struct rh_ledger *ledger, int64_t id)
{
	struct rh_statement *statement;
	uint32_t fields = 0;

	if (rh_db_prepare(ledger->db, sql_drift_fields, &statement, NULL) != RH_OK) {
		return 0;
	}
	rh_bind_i64(statement, 1, id);
	if (rh_step(statement, NULL) == 1) {
		fields = (uint32_t)rh_column_i64(statement, 0);
		rh_reset(statement);
	}
	return fields;
}
