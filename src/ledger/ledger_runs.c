/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of ids whose rows were read back as expected (L14): noted, cut, and looked up.
 *
 * Rows are read in the order of their ids, so the handle remembers the run, or the gap between two, that it found last.
 * Who writes holds the lock, and forgets it with each change; who only reads asks anew with every call, as a verify may
 * be at work beside him.
 */
#include <inttypes.h>

#include "base/err.h"
#include "ledger/ledger_internal.h"

static const char sql_find[] = "SELECT first, last, at FROM verified_runs WHERE last >= ?1"
			       " ORDER BY last LIMIT 1";
static const char sql_next_since[] = "SELECT first, last FROM verified_runs"
				     " WHERE last > ?1 AND at >= ?2 ORDER BY last LIMIT 1";
static const char sql_latest[] = "SELECT coalesce(max(at), 0) FROM verified_runs";
static const char sql_add[] = "INSERT INTO verified_runs (last, first, at) VALUES (?1, ?2, ?3)";
static const char sql_remove[] = "DELETE FROM verified_runs WHERE last = ?1";
static const char sql_begin_at[] = "UPDATE verified_runs SET first = ?2 WHERE last = ?1";
static const char sql_write_out[] = "UPDATE ledger_rows SET verified_at = ?2, drift = 0"
				    " WHERE id = ?1 AND state IN (4, 5)";

/* Runs a statement with up to three numbers. */
static int change(struct rh_ledger *ledger, const char *sql, const int64_t *values, int count,
		  struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_ledger_forget_run(ledger);
	for (int i = 0; i < count; i++) {
		rh_bind_i64(statement, i + 1, values[i]);
	}
	return rh_run(statement, err);
}

static int add_run(struct rh_ledger *ledger, struct rh_ledger_run run, struct rh_err *err)
{
	return change(ledger, sql_add, (const int64_t[]){run.last, run.first, run.at}, 3, err);
}

static int remove_run(struct rh_ledger *ledger, int64_t last, struct rh_err *err)
{
	return change(ledger, sql_remove, &last, 1, err);
}

/* The run that holds this id, or the first behind it.  1: found, 0: there is none. */
static int find_run(struct rh_ledger *ledger, int64_t id, struct rh_ledger_run *out,
		    struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_find, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, id);
	status = rh_step(statement, err);
	if (status == 1) {
		out->first = rh_column_i64(statement, 0);
		out->last = rh_column_i64(statement, 1);
		out->at = rh_column_i64(statement, 2);
		rh_reset(statement);
	}
	return status;
}

void rh_ledger_forget_run(struct rh_ledger *ledger)
{
	ledger->run = (struct rh_ledger_run){.first = 1}; /* holds no id */
}

int rh_ledger_load_run(struct rh_ledger *ledger, int64_t id, struct rh_err *err)
{
	struct rh_ledger_run run = {0};
	int status = find_run(ledger, id, &run, err);

	if (status < 0) {
		return status;
	}
	if (status == 0) {
		run = (struct rh_ledger_run){.first = id, .last = INT64_MAX};
	} else if (run.first > id) {
		run = (struct rh_ledger_run){.first = id, .last = run.first - 1};
	}
	ledger->run = run;
	return RH_OK;
}

/* Takes these ids out of all runs; what is left of those stays. */
static int cut(struct rh_ledger *ledger, int64_t first, int64_t last, struct rh_err *err)
{
	struct rh_ledger_run run = {0};
	int status;

	while ((status = find_run(ledger, first, &run, err)) == 1 && run.first <= last) {
		status = run.last > last ? change(ledger, sql_begin_at,
						  (const int64_t[]){run.last, last + 1}, 2, err)
					 : remove_run(ledger, run.last, err);
		if (status == RH_OK && run.first < first) {
			run.last = first - 1;
			status = add_run(ledger, run, err);
		}
		if (status != RH_OK) {
			return status;
		}
	}
	return status < 0 ? status : RH_OK;
}

/* Takes over the neighbour that holds this id, if it is of the same verify. */
static int join(struct rh_ledger *ledger, int64_t id, struct rh_ledger_run *run, struct rh_err *err)
{
	struct rh_ledger_run other = {0};
	int status = find_run(ledger, id, &other, err);

	if (status != 1 || other.first > id || other.at != run->at) {
		return status < 0 ? status : RH_OK;
	}
	run->first = other.first < run->first ? other.first : run->first;
	run->last = other.last > run->last ? other.last : run->last;
	return remove_run(ledger, other.last, err);
}

int rh_ledger_note_run(struct rh_ledger *ledger, struct rh_ledger_run run, struct rh_err *err)
{
	int64_t before = run.first - 1;
	int64_t behind = run.last + 1;
	int status = cut(ledger, run.first, run.last, err);

	if (status == RH_OK) {
		status = join(ledger, before, &run, err);
	}
	if (status == RH_OK) {
		status = join(ledger, behind, &run, err);
	}
	return status == RH_OK ? add_run(ledger, run, err) : status;
}

int rh_ledger_leave_run(struct rh_ledger *ledger, int64_t id, struct rh_err *err)
{
	rh_time at = 0;
	int status = rh_ledger_run_at(ledger, id, &at, err);

	if (status != RH_OK || at == 0) {
		return status;
	}
	status = change(ledger, sql_write_out, (const int64_t[]){id, at}, 2, err);
	return status == RH_OK ? cut(ledger, id, id, err) : status;
}

int rh_ledger_next_run(struct rh_ledger *ledger, int64_t after, rh_time since,
		       struct rh_ledger_run *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_next_since, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_i64(statement, 1, after);
	rh_bind_i64(statement, 2, since);
	status = rh_step(statement, err);
	if (status == 1) {
		out->first = rh_column_i64(statement, 0);
		out->last = rh_column_i64(statement, 1);
		rh_reset(statement);
	}
	return status;
}

int rh_ledger_latest_run(struct rh_ledger *ledger, rh_time *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_latest, &statement, err);

	if (status == RH_OK) {
		status = rh_step(statement, err);
	}
	if (status == 1) {
		*out = rh_column_i64(statement, 0);
		rh_reset(statement);
	}
	return status < 0 ? status : RH_OK;
}
