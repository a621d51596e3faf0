/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the ledger: one row, pages; and the indexes that reading by name needs. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/ledger_internal.h"

static const char sql_get[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows WHERE id = ?1";
static const char sql_page[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
			       " WHERE id > ?1 AND (?2 >> state) & 1 AND kind = 4"
			       " ORDER BY id";
/* "kind <> 4" is the condition of the index: index.sql. */
static const char sql_page_kind[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
				    " WHERE kind = ?3 AND kind <> 4 AND verb <> 6 AND id > ?1"
				    " AND (?2 >> state) & 1 ORDER BY id";
static const char sql_page_updates[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
				       " WHERE verb = 6 AND id < ?1 AND (?2 >> state) & 1"
				       " AND kind = 4 ORDER BY id DESC LIMIT ?3";
static const char sql_unverified[] = "SELECT " RH_LEDGER_COLUMNS " FROM ledger_rows"
				     " WHERE id > ?1 AND id < ?2 AND state IN (4, 5)"
				     " AND verb <> 6 AND kind = 4 ORDER BY id";
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

/* L14: a row in a run says so by it alone. */
static int read_verified(struct rh_ledger *ledger, struct rh_ledger_row *row, struct rh_err *err)
{
	rh_time at = 0;
	int status = RH_OK;

	if (row->state == RH_STATE_DONE || row->state == RH_STATE_VERIFIED) {
		status = rh_ledger_run_at(ledger, row->id, &at, err);
	}
	if (status == RH_OK && at != 0) {
		row->state = RH_STATE_VERIFIED;
		row->verified_at = at;
		row->drift = RH_DRIFT_NONE;
	}
	return status;
}

static int read_row(struct rh_ledger *ledger, struct rh_statement *statement,
		    struct rh_arena *arena, struct rh_ledger_row *out, struct rh_err *err)
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
	int status;

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
	status = read_verified(ledger, &row, err);
	if (status == RH_OK) {
		*out = row;
	}
	return status;
}

/* Who only reads may have a verify beside him. */
static void begin_reading(struct rh_ledger *ledger)
{
	if (ledger->is_read_only) {
		rh_ledger_forget_run(ledger);
	}
}

int rh_ledger_read_one(struct rh_ledger *ledger, struct rh_statement *statement,
		       struct rh_arena *arena, struct rh_ledger_row *out, struct rh_err *err)
{
	int status = rh_step(statement, err);

	if (status != 1) {
		return status;
	}
	begin_reading(ledger);
	status = read_row(ledger, statement, arena, out, err);
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
	return rh_ledger_read_one(ledger, statement, arena, out, err);
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

	return status == RH_OK ? rh_ledger_read_one(ledger, statement, arena, out, err) : status;
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
	return rh_ledger_read_one(ledger, statement, arena, out, err);
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
	int status = rh_ledger_index_targets(ledger, err);

	if (status == RH_OK) {
		status = prepare_find(ledger, sql_find_target, kind, target_id, &statement, err);
	}
	return status == RH_OK ? rh_ledger_read_one(ledger, statement, arena, out, err) : status;
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

struct page {
	unsigned states; /* bits */
	size_t max;
	struct rh_arena *arena;
	struct rh_ledger_row *out;
	size_t count;
};

/* Adds what the bound statement finds, until the page is full. */
static int fill(struct rh_ledger *ledger, struct rh_statement *statement, struct page *page,
		struct rh_err *err)
{
	int status = RH_OK;

	begin_reading(ledger);
	while (page->count < page->max && (status = rh_step(statement, err)) == 1) {
		struct rh_ledger_row *row = &page->out[page->count];

		status = read_row(ledger, statement, page->arena, row, err);
		if (status != RH_OK) {
			break;
		}
		page->count += (page->states & RH_STATE_BIT(row->state)) != 0 ? 1 : 0;
	}
	rh_reset(statement);
	return status < 0 ? status : RH_OK;
}

/* One more parameter than usual: a struct would only be taken apart. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_ledger_page(struct rh_ledger *ledger, unsigned states, int64_t after, size_t max,
		   struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
		   struct rh_err *err)
{
	struct page page = {.states = states, .max = max, .arena = arena, .out = out};
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_page, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, after);
	rh_bind_i64(statement, 2, rh_ledger_stored_states(states));
	status = fill(ledger, statement, &page, err);
	if (status == RH_OK) {
		*count_out = page.count;
	}
	return status;
}

int rh_ledger_page_entities(struct rh_ledger *ledger, const struct rh_ledger_pick *pick,
			    struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
			    struct rh_err *err)
{
	struct page page = {.states = pick->states, .max = pick->max, .arena = arena, .out = out};
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_page_kind, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, pick->after);
	rh_bind_i64(statement, 2, rh_ledger_stored_states(pick->states));
	rh_bind_i64(statement, 3, pick->kind);
	status = fill(ledger, statement, &page, err);
	if (status == RH_OK) {
		*count_out = page.count;
	}
	return status;
}

/* As above. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_ledger_page_updates(struct rh_ledger *ledger, unsigned states, int64_t before, size_t max,
			   struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
			   struct rh_err *err)
{
	struct page page = {.states = states, .max = max, .arena = arena, .out = out};
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_page_updates, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, before);
	rh_bind_i64(statement, 2, rh_ledger_stored_states(states));
	rh_bind_i64(statement, 3, (int64_t)max); /* of updates none is in a run */
	status = fill(ledger, statement, &page, err);
	if (status == RH_OK) {
		*count_out = page.count;
	}
	return status;
}

static int fill_unverified(struct rh_ledger *ledger, int64_t after, int64_t before,
			   struct page *page, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_unverified, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, after);
	rh_bind_i64(statement, 2, before);
	return fill(ledger, statement, page, err);
}

/* Between the runs of this verify: the runs themselves may hold all that there is. */
/* NOLINTNEXTLINE(readability-function-size) */
int rh_ledger_unverified(struct rh_ledger *ledger, rh_time since, int64_t after, size_t max,
			 struct rh_arena *arena, struct rh_ledger_row *out, size_t *count_out,
			 struct rh_err *err)
{
	struct page page = {.states = rh_ledger_stored_states(RH_STATE_BIT(RH_STATE_DONE)),
			    .max = max,
			    .arena = arena,
			    .out = out};
	int status = 1;

	while (status == 1 && page.count < max) {
		struct rh_ledger_run run = {.first = INT64_MAX, .last = INT64_MAX};
		int filled;

		status = rh_ledger_next_run(ledger, after, since, &run, err);
		if (status < 0) {
			return status;
		}
		filled = fill_unverified(ledger, after, run.first, &page, err);
		if (filled != RH_OK) {
			return filled;
		}
		after = run.last;
	}
	*count_out = page.count;
	return RH_OK;
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

int rh_ledger_index_targets(struct rh_ledger *ledger, struct rh_err *err)
{
	int status = RH_OK;

	if (!ledger->has_targets && !ledger->is_read_only) {
		status = rh_ledger_run(ledger, rh_sql_index_targets, err);
		ledger->has_targets = status == RH_OK;
	}
	return status;
}

int rh_ledger_unindex(struct rh_ledger *ledger, struct rh_err *err)
{
	ledger->has_targets = false;
	return rh_ledger_run(ledger, sql_unindex, err);
}
