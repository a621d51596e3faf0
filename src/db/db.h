/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite behind a small face: open with our settings, prepared statements, transactions, errors as ours. */
#ifndef DB_DB_H
#define DB_DB_H

#include <rehome/connector.h>

struct rh_db;
struct rh_statement;

enum rh_db_mode {
	RH_DB_DURABLE, /* WAL, synchronous FULL: the ledger */
	/* no journal, no sync: indexes that can be made again; file removed on close */
	RH_DB_SCRATCH,
	RH_DB_READONLY, /* for readers beside a running apply */
};

/* Opens or creates (mode 0600).  busy_timeout 5 s, foreign keys on, STRICT tables are the schema's duty. */
RH_NODISCARD int rh_db_open(struct rh_db **out, const char *path, enum rh_db_mode mode,
			    struct rh_err *err);
void rh_db_close(struct rh_db *db); /* finalizes statements; accepts NULL */
/* One or more statements without results. */
RH_NODISCARD int rh_db_exec(struct rh_db *db, const char *sql, struct rh_err *err);
/* BEGIN IMMEDIATE / COMMIT / ROLLBACK. */
RH_NODISCARD int rh_db_begin(struct rh_db *db, struct rh_err *err);
RH_NODISCARD int rh_db_commit(struct rh_db *db, struct rh_err *err);
void rh_db_rollback(struct rh_db *db);
bool rh_db_in_transaction(const struct rh_db *db);
/* Copies WAL into the file and empties it. */
RH_NODISCARD int rh_db_checkpoint(struct rh_db *db, struct rh_err *err);

/* Prepared once and kept by the db under the address of `sql`; reset and unbound when handed out. */
RH_NODISCARD int rh_db_prepare(struct rh_db *db, const char *sql, struct rh_statement **out,
			       struct rh_err *err);
void rh_bind_i64(struct rh_statement *statement, int index, int64_t value); /* index from 1 */
/* absent: NULL */
void rh_bind_text(struct rh_statement *statement, int index, struct rh_str value);
/* borrowed until reset */
void rh_bind_blob(struct rh_statement *statement, int index, struct rh_str value);
void rh_bind_null(struct rh_statement *statement, int index);
/* 1: a row, 0: done (statement is reset), < 0: error; a failed bind shows here. */
RH_NODISCARD int rh_step(struct rh_statement *statement, struct rh_err *err);
/* For statements without rows: step to the end. */
RH_NODISCARD int rh_run(struct rh_statement *statement, struct rh_err *err);
int64_t rh_column_i64(struct rh_statement *statement, int index); /* index from 0 */
/* absent for NULL; until next step */
struct rh_str rh_column_text(struct rh_statement *statement, int index);
struct rh_str rh_column_blob(struct rh_statement *statement, int index);
bool rh_column_is_null(struct rh_statement *statement, int index);
int rh_column_count(struct rh_statement *statement);
enum rh_sql_type rh_column_type(struct rh_statement *statement, int index);
void rh_reset(struct rh_statement *statement);
uint64_t rh_db_changed(struct rh_db *db); /* rows changed by the last statement */

/*
 * Runs a connector's SQL request: values of the response live in the arena.  RH_OK also when the statement
 * failed on its data (response->status = 409 for a constraint, 400 otherwise; 200 for success).
 */
RH_NODISCARD int rh_db_request(struct rh_db *db, const struct rh_request *request,
			       struct rh_arena *arena, struct rh_response *out, struct rh_err *err);

#endif
