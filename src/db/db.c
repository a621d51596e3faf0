/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, closing and transactions of a SQLite database. */
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "db/db_internal.h"

enum { BUSY_TIMEOUT_MS = 5000 };

/* For every mode. */
static const char common_settings[] = "PRAGMA foreign_keys = ON;"
				      "PRAGMA trusted_schema = OFF;";
static const char wal_setting[] = "PRAGMA journal_mode = WAL";
/*
 * 16 MB of cache (rows are asked for in nearly the order they stand in) and a checkpoint every 4,000 pages (16 MB): with these the ledger's inserts and updates
 * run at several hundred thousand rows a second.
 */
static const char durable_settings[] = "PRAGMA synchronous = FULL;"
				       "PRAGMA cache_size = -16384;"
				       "PRAGMA wal_autocheckpoint = 4000;";
static const char scratch_settings[] = "PRAGMA journal_mode = OFF;"
				       "PRAGMA synchronous = OFF;"
				       "PRAGMA locking_mode = EXCLUSIVE;"
				       "PRAGMA cache_size = -65536;";
/* Reads the file's head: what is no database shows now. */
static const char readonly_settings[] = "PRAGMA schema_version;";

/* A copy that SQLite takes for a file, also when it is spelt ":memory:" or "file:...". */
static char *plain_path(const char *path)
{
	return path[0] == '/' ? rh_strdup(path) : rh_path_join(".", path);
}

/* SQLite makes new files readable for all; an empty one that is there keeps its mode, and the files beside
 * it (-wal, -shm) take it over. */
static int make_private(const char *path, bool is_scratch, struct rh_err *err)
{
	rh_autoclose int fd = -1;

	if (is_scratch) {
		(void)unlink(path); /* of a process that was killed; what cannot go shows at once */
	}
	return rh_file_open(&fd, path, O_RDWR | O_CREAT, err);
}

/* Where the file system cannot do it, SQLite answers with another mode and no error. */
static int set_wal(struct rh_db *db, struct rh_err *err)
{
	struct rh_statement *statement;
	bool is_wal = false;
	int status = rh_db_prepare(db, wal_setting, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	for (;;) {
		status = rh_step(statement, err);
		if (status <= 0) {
			break;
		}
		is_wal = rh_str_is(rh_column_text(statement, 0), "wal");
	}
	return status == RH_OK && !is_wal ? rh_db_fail(db, SQLITE_IOERR_SHMOPEN, "open", err)
					  : status;
}

static int apply_settings(struct rh_db *db, struct rh_err *err)
{
	int status = rh_db_exec(db, common_settings, err);

	if (status != RH_OK) {
		return status;
	}
	switch (db->mode) {
	case RH_DB_DURABLE:
		status = set_wal(db, err);
		return status == RH_OK ? rh_db_exec(db, durable_settings, err) : status;
	case RH_DB_SCRATCH:
		return rh_db_exec(db, scratch_settings, err);
	case RH_DB_READONLY:
		return rh_db_exec(db, readonly_settings, err);
	}
	return RH_OK;
}

/* On a disk that is mounted for reading only nobody can change the file, and nobody can make the ones beside it
 * through which SQLite tells others that it reads.  A log that was never folded in needs them. */
static bool is_frozen(const char *path)
{
	rh_autobuf log = {0};

	rh_buf_init(&log, strlen(path) + sizeof("-wal"));
	rh_buf_add_cstr(&log, path);
	rh_buf_add_cstr(&log, "-wal");
	return log.failed == 0 && access(path, W_OK) != 0 && errno == EROFS &&
	       !rh_file_exists(log.ptr);
}

/* As a URI, which alone can say that nobody writes. */
static int open_frozen(struct rh_db *db)
{
	rh_autobuf uri = {0};

	rh_buf_init(&uri, 3 * strlen(db->path) + 32);
	rh_buf_add_cstr(&uri, "file:");
	for (const char *at = db->path; *at != '\0'; at++) {
		if (*at == '%' || *at == '?' || *at == '#') {
			rh_buf_printf(&uri, "%%%02x", (unsigned)*at);
		} else {
			rh_buf_add_char(&uri, *at);
		}
	}
	rh_buf_add_cstr(&uri, "?immutable=1");
	return uri.failed != 0 ? SQLITE_NOMEM
			       : sqlite3_open_v2(uri.ptr, &db->handle,
						 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
							 SQLITE_OPEN_NOMUTEX,
						 NULL);
}

/* SQLite counts each piece of its memory otherwise, behind a lock.  Refused, and nothing lost, when the program that we
 * are in has begun to use SQLite. */
static void count_no_memory(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_file(struct rh_db *db)
{
	int flags = db->mode == RH_DB_READONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	/* One thread: without locks of its own each call is cheaper. */
	return db->mode == RH_DB_READONLY && is_frozen(db->path)
		       ? open_frozen(db)
		       : sqlite3_open_v2(db->path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
}

static int open_handle(struct rh_db *db, struct rh_err *err)
{
	int number;
	int status;

	if (db->mode != RH_DB_READONLY) {
		status = make_private(db->path, db->mode == RH_DB_SCRATCH, err);
		if (status != RH_OK) {
			return status;
		}
	}
	count_no_memory();
	number = open_file(db);
	if (number != SQLITE_OK) {
		return rh_db_fail(db, number, "open", err);
	}
	(void)sqlite3_extended_result_codes(db->handle, 1);
	(void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	return apply_settings(db, err);
}

int rh_db_open(struct rh_db **out, const char *path, enum rh_db_mode mode, struct rh_err *err)
{
	struct rh_db *db = rh_calloc(1, sizeof(*db));
	int status;

	if (db == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to open \"%s\"", path);
	}
	db->mode = mode;
	db->path = plain_path(path);
	if (db->path == NULL) {
		status = rh_err_set(err, RH_ENOMEM, "no memory to open \"%s\"", path);
	} else {
		status = open_handle(db, err);
	}
	if (status != RH_OK) {
		rh_db_close(db);
		return status;
	}
	*out = db;
	return RH_OK;
}

void rh_db_close(struct rh_db *db)
{
	if (db == NULL) {
		return;
	}
	rh_db_drop_statements(db);
	(void)sqlite3_close_v2(db->handle); /* cannot fail: no statement is left */
	if (db->mode == RH_DB_SCRATCH && db->path != NULL) {
		(void)unlink(db->path); /* the next open of the same path tries again */
	}
	rh_free(db->path);
	rh_free(db);
}

int rh_db_exec(struct rh_db *db, const char *sql, struct rh_err *err)
{
	int number = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (number == SQLITE_ERROR) { /* no values are bound: SQLite's own words can be told */
		(void)rh_err_set(err, RH_EINTERNAL, "could not run a statement on \"%s\": %s",
				 db->path, sqlite3_errmsg(db->handle));
		return RH_EINTERNAL;
	}
	return number == SQLITE_OK ? RH_OK : rh_db_fail(db, number, "use", err);
}

/* Runs one of the statements below, which are prepared once. */
static int run_sql(struct rh_db *db, const char *sql, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(db, sql, &statement, err);

	return status == RH_OK ? rh_run(statement, err) : status;
}

int rh_db_begin(struct rh_db *db, struct rh_err *err)
{
	static const char sql[] = "BEGIN IMMEDIATE";

	return run_sql(db, sql, err);
}

int rh_db_commit(struct rh_db *db, struct rh_err *err)
{
	static const char sql[] = "COMMIT";

	return run_sql(db, sql, err);
}

void rh_db_rollback(struct rh_db *db)
{
	static const char sql[] = "ROLLBACK";

	if (rh_db_in_transaction(db)) {
		(void)!run_sql(db, sql, NULL); /* at worst closing the database does it */
	}
}

bool rh_db_in_transaction(const struct rh_db *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

int rh_db_checkpoint(struct rh_db *db, struct rh_err *err)
{
	int number;

	if (rh_db_in_transaction(db)) {
		return rh_err_set(err, RH_ESTATE,
				  "cannot empty the write-ahead log of \"%s\" in a transaction",
				  db->path);
	}
	number =
		sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return number == SQLITE_OK ? RH_OK : rh_db_fail(db, number, "checkpoint", err);
}

uint64_t rh_db_changed(struct rh_db *db)
{
	return (uint64_t)sqlite3_changes64(db->handle);
}
