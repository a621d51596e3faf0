/* SPDX-License-Identifier: Apache-2.0 */
/* Prepared statements: kept by the address of their text, bound, stepped, read. */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db_internal.h"

enum { STATEMENTS_FIRST = 16 };

static void finalize(struct rh_statement *statement)
{
	(void)sqlite3_finalize(statement->handle); /* repeats the last step's error, told then */
	rh_free(statement);
}

void rh_db_drop_statements(struct rh_db *db)
{
	for (size_t i = 0; i < db->statement_count; i++) {
		finalize(db->statements[i]);
	}
	rh_free(db->statements);
	db->statements = NULL;
	db->statement_count = 0;
	db->statement_max = 0;
}

/* The kept statement; NULL: none.  A text that lies where another one lay before is another statement. */
static struct rh_statement *find_kept(struct rh_db *db, const char *sql)
{
	for (size_t i = 0; i < db->statement_count; i++) {
		struct rh_statement *statement = db->statements[i];

		if (statement->sql != sql) {
			continue;
		}
		if (strcmp(sqlite3_sql(statement->handle), sql) == 0) {
			return statement;
		}
		finalize(statement);
		db->statement_count--;
		db->statements[i] = db->statements[db->statement_count];
		return NULL;
	}
	return NULL;
}

static bool make_room(struct rh_db *db)
{
	size_t max = db->statement_max == 0 ? STATEMENTS_FIRST : 2 * db->statement_max;
	struct rh_statement **statements;

	if (db->statement_count < db->statement_max) {
		return true;
	}
	statements = rh_realloc(db->statements, max * sizeof(struct rh_statement *));
	if (statements == NULL) {
		return false;
	}
	db->statements = statements;
	db->statement_max = max;
	return true;
}

static bool is_blank(const char *text)
{
	while (isspace((unsigned char)*text) || *text == ';') {
		text++;
	}
	return *text == '\0';
}

static int compile(struct rh_db *db, const char *sql, sqlite3_stmt **out, struct rh_err *err)
{
	const char *rest = NULL;
	int number = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, &rest);

	if (number == SQLITE_ERROR) { /* no values are bound yet: SQLite's own words can be told */
		(void)rh_err_set(err, RH_EINTERNAL, "could not prepare a statement on \"%s\": %s",
				 db->path, sqlite3_errmsg(db->handle));
		return RH_EINTERNAL;
	}
	if (number != SQLITE_OK) {
		return rh_db_fail(db, number, "use", err);
	}
	if (*out == NULL || !is_blank(rest)) {
		(void)sqlite3_finalize(*out); /* never stepped: cannot fail */
		return rh_err_set(err, RH_EINVAL, "a prepared text must be exactly one statement");
	}
	return RH_OK;
}

int rh_db_prepare(struct rh_db *db, const char *sql, struct rh_statement **out, struct rh_err *err)
{
	struct rh_statement *statement = find_kept(db, sql);
	int status;

	if (statement != NULL) {
		rh_reset(statement);
		(void)sqlite3_clear_bindings(statement->handle); /* always SQLITE_OK */
		*out = statement;
		return RH_OK;
	}
	statement = make_room(db) ? rh_calloc(1, sizeof(*statement)) : NULL;
	if (statement == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a statement on \"%s\"", db->path);
	}
	statement->db = db;
	statement->sql = sql;
	status = compile(db, sql, &statement->handle, err);
	if (status != RH_OK) {
		rh_free(statement);
		return status;
	}
	db->statements[db->statement_count] = statement;
	db->statement_count++;
	*out = statement;
	return RH_OK;
}

/* Keeps the first fault for the next step. */
static void note(struct rh_statement *statement, int number)
{
	if (number != SQLITE_OK && statement->fault == SQLITE_OK) {
		statement->fault = number;
	}
}

void rh_bind_i64(struct rh_statement *statement, int index, int64_t value)
{
	note(statement, sqlite3_bind_int64(statement->handle, index, value));
}

void rh_bind_text(struct rh_statement *statement, int index, struct rh_str value)
{
	note(statement, sqlite3_bind_text64(statement->handle, index, value.ptr, value.len,
					    SQLITE_STATIC, SQLITE_UTF8));
}

void rh_bind_blob(struct rh_statement *statement, int index, struct rh_str value)
{
	note(statement,
	     sqlite3_bind_blob64(statement->handle, index, value.ptr, value.len, SQLITE_STATIC));
}

void rh_bind_null(struct rh_statement *statement, int index)
{
	note(statement, sqlite3_bind_null(statement->handle, index));
}

int rh_step(struct rh_statement *statement, struct rh_err *err)
{
	int number = statement->fault;

	if (number == SQLITE_OK) {
		number = sqlite3_step(statement->handle);
	}
	if (number == SQLITE_ROW) {
		return 1;
	}
	rh_reset(statement);
	return number == SQLITE_DONE ? 0 : rh_db_fail(statement->db, number, "use", err);
}

int rh_run(struct rh_statement *statement, struct rh_err *err)
{
	int status;

	do {
		status = rh_step(statement, err);
	} while (status > 0);
	return status;
}

int64_t rh_column_i64(struct rh_statement *statement, int index)
{
	return sqlite3_column_int64(statement->handle, index);
}

/* Bytes of a column; an empty value is "", which SQLite gives as NULL for blobs. */
static struct rh_str column_bytes(struct rh_statement *statement, int index, const void *bytes)
{
	int len = sqlite3_column_bytes(statement->handle, index);

	if (bytes == NULL && len > 0) {
		note(statement, SQLITE_NOMEM);
		return RH_STR_ABSENT;
	}
	return (struct rh_str){
		.ptr = bytes != NULL ? bytes : "",
		.len = (size_t)len,
	};
}

struct rh_str rh_column_text(struct rh_statement *statement, int index)
{
	if (rh_column_is_null(statement, index)) {
		return RH_STR_ABSENT;
	}
	return column_bytes(statement, index, sqlite3_column_text(statement->handle, index));
}

struct rh_str rh_column_blob(struct rh_statement *statement, int index)
{
	if (rh_column_is_null(statement, index)) {
		return RH_STR_ABSENT;
	}
	return column_bytes(statement, index, sqlite3_column_blob(statement->handle, index));
}

bool rh_column_is_null(struct rh_statement *statement, int index)
{
	return sqlite3_column_type(statement->handle, index) == SQLITE_NULL;
}

int rh_column_count(struct rh_statement *statement)
{
	return sqlite3_column_count(statement->handle);
}

enum rh_sql_type rh_column_type(struct rh_statement *statement, int index)
{
	switch (sqlite3_column_type(statement->handle, index)) {
	case SQLITE_INTEGER:
		return RH_SQL_INTEGER;
	case SQLITE_TEXT:
	case SQLITE_FLOAT: /* read as its text: nobody here calculates with it */
		return RH_SQL_TEXT;
	case SQLITE_BLOB:
		return RH_SQL_BLOB;
	default:
		return RH_SQL_NULL;
	}
}

void rh_reset(struct rh_statement *statement)
{
	(void)sqlite3_reset(statement->handle); /* repeats the last step's error, told then */
	statement->fault = SQLITE_OK;
}
