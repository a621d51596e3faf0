/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the ledger: one row, pages; and the indexes that reading by name needs. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/ledger_internal.h"

static const char sql_get[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows WHERE id = ?1";
static const char sql_page[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
			       " WHERE id > ?1 AND (?2 >> state) & 1 ORDER BY id LIMIT ?3";
static const char sql_page_updates[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
				       " WHERE verb = 6 AND id < ?1 AND (?2 >> state) & 1"
				       " ORDER BY id DESC LIMIT ?3";
static const char sql_unverified[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
				     " WHERE id > ?1 AND state IN (4, 5) AND verb <> 6"
				     " AND verified_at < ?2"
				     " ORDER BY id LIMIT ?3";
/* The conditions on verb, state and target_id are those of the indexes, word by word: index.sql. */
static const char sql_find[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
			       " WHERE verb = 5 AND state <> 9 AND kind = ?1 AND source_id = ?2"
			       " ORDER BY parent LIMIT 1";
static const char sql_find_update[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
				      " WHERE verb = 6 AND state <> 9 AND parent = ?1"
				      " ORDER BY state IN (4, 5, 10), id DESC LIMIT 1";
static const char sql_newer_update[] = "SELECT state FROM ledger_rows"
				       " WHERE verb = 6 AND state <> 9 AND parent = ?1"
				       " AND id > ?2 ORDER BY id DESC LIMIT 1";
static const char sql_find_target[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
				      " WHERE target_id IS NOT NULL AND kind = ?1"
				      " AND target_id = ?2 AND verb <> 6 ORDER BY id LIMIT 1";
static const char sql_others[] = "SELECT EXISTS (SELECT 1 FROM ledger_rows"
				 " WHERE id > ?1 AND revision <> ?2)";
static const char sql_rejected[] = "SELECT EXISTS (SELECT 1 FROM ledger_rows"
				   " WHERE state = ?1 AND revision = ?2)";
static const char sql_unindex[] =
	"DROP INDEX IF EXISTS ledger_creates; DROP INDEX IF EXISTS ledger_targets;"
	"DROP INDEX IF EXISTS ledger_updates; DROP INDEX IF EXISTS ledger_changes;";
static const char sql_twice[] = "SELECT min(id), max(id) FROM ledger_rows"
				" WHERE verb = 5 AND state <> 9"
				" GROUP BY kind, source_id, parent HAVING count(*) > 1"
				" UNION ALL SELECT min(id), max(id) FROM ledger_rows"
				" WHERE verb = 6 AND state <> 9"
				" GROUP BY parent, revision HAVING count(*) > 1 LIMIT 1";

static bool copy_text(struct rh_statement *statement, enum rh_ledger_column column,
		      struct rh_arena *arena, struct rh_str *out)
{
	return rh_arena_copy(arena, rh_column_text(statement, column), out);
}

static bool copy_blob(struct rh_statement *statement, enum rh_ledger_column column,
		      struct rh_arena *arena, struct rh_str *out)
{
	return rh_arena_copy(arena, rh_column_blob(statement, column), out);
}

static int read_row(struct rh_statement *statement, struct rh_arena *arena,
		    struct rh_ledger_row *out, struct rh_err *err)
{
	struct rh_ledger_row row = {
		.id = rh_column_i64(statement, RH_COLUMN_ID),
		.kind = (enum rh_kind)rh_column_i64(statement, RH_COLUMN_KIND),
		.verb = (enum rh_verb)rh_column_i64(statement, RH_COLUMN_VERB),
		.state = (enum rh_state)rh_column_i64(statement, RH_COLUMN_STATE),
		.origin = (enum rh_origin)rh_column_i64(statement, RH_COLUMN_ORIGIN),
		.parent = rh_column_i64(statement, RH_COLUMN_PARENT),
		.parts_planned = (unsigned)rh_column_i64(statement, RH_COLUMN_PARTS_PLANNED),
		.parts_sent = (unsigned)rh_column_i64(statement, RH_COLUMN_PARTS_SENT),
		.parts_dropped = (unsigned)rh_column_i64(statement, RH_COLUMN_PARTS_DROPPED),
		.wire_present = (uint32_t)rh_column_i64(statement, RH_COLUMN_WIRE_PRESENT),
		.file = (unsigned)rh_column_i64(statement, RH_COLUMN_FILE),
		.record = (uint64_t)rh_column_i64(statement, RH_COLUMN_RECORD),
		.revision = rh_column_i64(statement, RH_COLUMN_REVISION),
		.batch = rh_column_i64(statement, RH_COLUMN_BATCH),
		.attempts = (unsigned)rh_column_i64(statement, RH_COLUMN_ATTEMPTS),
		.intended_at = rh_column_i64(statement, RH_COLUMN_INTENDED_AT),
		.target_at = rh_column_i64(statement, RH_COLUMN_TARGET_AT),
		.settled_at = rh_column_i64(statement, RH_COLUMN_SETTLED_AT),
		.verified_at = rh_column_i64(statement, RH_COLUMN_VERIFIED_AT),
		.drift = (enum rh_drift)rh_column_i64(statement, RH_COLUMN_DRIFT),
		.before_present = (uint32_t)rh_column_i64(statement, RH_COLUMN_BEFORE_PRESENT),
	};
	struct rh_str wire = rh_column_blob(statement, RH_COLUMN_WIRE);

	if (row.kind >= RH_KINDS || row.verb >= RH_VERBS ||
	    !rh_ledger_wire_is_whole(row.wire_present, wire)) {
		return rh_err_set(err, RH_EMISMATCH, "ledger row %" PRId64 " is damaged", row.id);
	}
	if (!copy_text(statement, RH_COLUMN_SOURCE_ID, arena, &row.source_id) ||
	    !copy_text(statement, RH_COLUMN_EXTERNAL_ID, arena, &row.external_id) ||
	    !copy_text(statement, RH_COLUMN_TARGET_ID, arena, &row.target_id) ||
	    !copy_text(statement, RH_COLUMN_CODE, arena, &row.code) ||
	    !rh_arena_copy(arena, wire, &row.wire) ||
	    !copy_blob(statement, RH_COLUMN_ASKED, arena, &row.asked) ||
	    !copy_blob(statement, RH_COLUMN_BEFORE, arena, &row.before) ||
	    !copy_blob(statement, RH_COLUMN_CREDENTIAL, arena, &row.credential)) {
		return rh_err_set(err, RH_ELIMIT, "no room for the rows of the ledger");
	}
	*out = row;
	return RH_OK;
}

int rh_ledger_read_one(struct rh_statement *statement, struct rh_arena *arena,
		       struct rh_ledger_row *out, struct rh_err *err)
{
	int status = rh_step(statement, err);

	if (status != 1) {
		return status;
	}
	status = read_row(statement, arena, out, err);
	rh_reset(statement);
	return status == RH_OK ? 1 : status;
}

int rh_ledger_get(struct rh_ledger *ledger, int64_t id, struct rh_arena *arena,
		  struct rh_ledger_row *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_get, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	return rh_ledger_read_one(statement, arena, out, err);
}

static int prepare_find(struct rh_ledger *ledger, const char *sql, enum rh_kind kind,
			struct rh_str text, struct rh_statement **out, struct rh_err *err)
{
	int status = rh_db_prepare(ledger->db, sql, out, err);

	if (status == RH_OK) {
		rh_bind_i64(*out, 1, kind);
		rh_bind_text(*out, 2, text);
	}
	return status;
}

int rh_ledger_find(struct rh_ledger *ledger, enum rh_kind kind, struct rh_str source_id,
		   struct rh_arena *arena, struct rh_ledger_row *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = prepare_find(ledger, sql_find, kind, source_id, &statement, err);

	return status == RH_OK ? rh_ledger_read_one(statement, arena, out, err) : status;
}

int rh_ledger_find_update(struct rh_ledger *ledger, int64_t account, struct rh_arena *arena,
			  struct rh_ledger_row *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_find_update, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, account);
	return rh_ledger_read_one(statement, arena, out, err);
}

int rh_ledger_newer_update(struct rh_ledger *ledger, const struct rh_ledger_row *row,
			   enum rh_state *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_newer_update, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, row->parent);
	rh_bind_i64(statement, 2, row->id);
	status = rh_step(statement, err);
	if (status >= 0) {
		*out = status == 1 ? (enum rh_state)rh_column_i64(statement, 0) : RH_STATES;
	}
	rh_reset(statement);
	return status < 0 ? status : RH_OK;
}

int rh_ledger_find_target(struct rh_ledger *ledger, enum rh_kind kind, struct rh_str target_id,
			  struct rh_arena *arena, struct rh_ledger_row *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = prepare_find(ledger, sql_find_target, kind, target_id, &statement, err);

	return status == RH_OK ? rh_ledger_read_one(statement, arena, out, err) : status;
}

static int exists(struct rh_ledger *ledger, const char *sql, int64_t first, int64_t second,
		  bool *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, first);
	rh_bind_i64(statement, 2, second);
	status = rh_step(statement, err);
	if (status == 1) {
		*out = rh_column_i64(statement, 0) != 0;
	}
	rh_reset(statement);
	return status < 0 ? status : RH_OK;
}

int rh_ledger_has_others(struct rh_ledger *ledger, int64_t after, int64_t revision, bool *out,
			 struct rh_err *err)
{
	return exists(ledger, sql_others, after, revision, out, err);
}

int rh_ledger_has_rejected(struct rh_ledger *ledger, int64_t revision, bool *out,
			   struct rh_err *err)
{
	return exists(ledger, sql_rejected, RH_STATE_REJECTED, revision, out, err);
}

/* Two more parameters than usual: a page is asked for in one place, and a struct would only be taken apart. */
/* NOLINTNEXTLINE(readability-function-size) */
static int page(struct rh_ledger *ledger, const char *sql, int64_t condition, int64_t from,
		size_t max, struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
		struct rh_err *err)
{
	struct rh_statement *statement;
	size_t count = 0;
	int status = rh_db_prepare(ledger->db, sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, from);
	rh_bind_i64(statement, 2, condition);
	rh_bind_i64(statement, 3, (int64_t)max);
	for (;;) {
		status = rh_step(statement, err);
		if (status <= 0) {
			break;
		}
		status = read_row(statement, arena, &out[count], err);
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

/* As above. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_ledger_page(struct rh_ledger *ledger, unsigned states, int64_t after, size_t max,
		   struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
		   struct rh_err *err)
{
	return page(ledger, sql_page, states, after, max, arena, out, count_out, err);
}

/* As above. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_ledger_page_updates(struct rh_ledger *ledger, unsigned states, int64_t before, size_t max,
			   struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
			   struct rh_err *err)
{
	return page(ledger, sql_page_updates, states, before, max, arena, out, count_out, err);
}

/* As above. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_ledger_unverified(struct rh_ledger *ledger, rh_time since, int64_t after, size_t max,
			 struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
			 struct rh_err *err)
{
	return page(ledger, sql_unverified, since, after, max, arena, out, count_out, err);
}

/* Puts the two rows that break L7 into the error; leaves it as it is if there are none. */
static int name_twice(struct rh_ledger *ledger, int status, struct rh_err *err)
{
	struct rh_statement *statement;

	if (rh_db_prepare(ledger->db, sql_twice, &statement, NULL) != RH_OK) {
		return status;
	}
	if (rh_step(statement, NULL) == 1) {
		status = rh_err_set(err, RH_EINTERNAL,
				    "ledger rows %" PRId64 " and %" PRId64 " write the same entity",
				    rh_column_i64(statement, 0), rh_column_i64(statement, 1));
	}
	rh_reset(statement);
	return status;
}

int rh_ledger_index(struct rh_ledger *ledger, struct rh_err *err)
{
	int status = rh_ledger_run(ledger, rh_sql_index, err);

	return status == RH_EINTERNAL ? name_twice(ledger, status, err) : status;
}

int rh_ledger_unindex(struct rh_ledger *ledger, struct rh_err *err)
{
	return rh_ledger_run(ledger, sql_unindex, err);
}
