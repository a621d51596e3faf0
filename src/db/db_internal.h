/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of db/ share: the handles, and the way from SQLite's numbers to our errors. */
#ifndef DB_DB_INTERNAL_H
#define DB_DB_INTERNAL_H

#include <sqlite3.h>

#include "db/db.h"

struct rh_statement {
	struct rh_db *db;
	sqlite3_stmt *handle;
	const char *sql; /* the caller's pointer: the key of the cache */
	int fault; /* SQLite's number of a bind or a column that failed; told by the next step */
};

struct rh_db {
	sqlite3 *handle;
	char *path;
	enum rh_db_mode mode;
	struct rh_statement **statements;
	size_t statement_count;
	size_t statement_max;
};

/*
 * The one place where SQLite's numbers become codes and words.  `doing` ends "could not ...".  The text of
 * SQLite is not used where values are bound: it may hold them.
 */
int rh_db_fail(const struct rh_db *db, int number, const char *doing, struct rh_err *err);
/* Finalizes every kept statement. */
void rh_db_drop_statements(struct rh_db *db);

#endif
