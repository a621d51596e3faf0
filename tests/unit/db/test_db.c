/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, modes, transactions, and what SQLite's numbers become. */
#include "db/db.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

struct fixture {
	char *folder;
	char *path;
	struct rh_db *db;
	struct rh_err err;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->folder = test_folder_new();
	fixture->path = test_folder_path(fixture->folder, "a.db");
	*state = fixture;
	return rh_db_open(&fixture->db, fixture->path, RH_DB_DURABLE, &fixture->err);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	rh_db_close(fixture->db);
	free(fixture->path);
	test_folder_free(fixture->folder);
	free(fixture);
	return 0;
}

static int64_t number(struct rh_db *db, const char *sql)
{
	struct rh_statement *statement = NULL;
	int64_t result;

	assert_int_equal(rh_db_prepare(db, sql, &statement, NULL), RH_OK);
	assert_int_equal(rh_step(statement, NULL), 1);
	result = rh_column_i64(statement, 0);
	rh_reset(statement);
	return result;
}

static void make_table(struct rh_db *db)
{
	assert_int_equal(rh_db_exec(db,
				    "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE) STRICT;"
				    "INSERT INTO t VALUES (1, 'one');",
				    NULL),
			 RH_OK);
}

static void test_settings_of_durable(void **state)
{
	struct fixture *fixture = *state;
	struct rh_statement *statement = NULL;

	assert_int_equal(number(fixture->db, "PRAGMA synchronous"), 2);
	assert_int_equal(number(fixture->db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number(fixture->db, "PRAGMA busy_timeout"), 5000);
	assert_int_equal(rh_db_prepare(fixture->db, "PRAGMA journal_mode", &statement, NULL),
			 RH_OK);
	assert_int_equal(rh_step(statement, NULL), 1);
	assert_true(rh_str_is(rh_column_text(statement, 0), "wal"));
	rh_reset(statement);
}

static void assert_private(const char *folder, const char *name)
{
	char *path = test_folder_path(folder, name);
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	free(path);
}

static void test_all_files_are_private(void **state)
{
	struct fixture *fixture = *state;

	make_table(fixture->db);
	assert_private(fixture->folder, "a.db");
	assert_private(fixture->folder, "a.db-wal");
	assert_private(fixture->folder, "a.db-shm");
}

static void test_a_transaction_is_kept_or_taken_back(void **state)
{
	struct fixture *fixture = *state;

	make_table(fixture->db);
	assert_false(rh_db_in_transaction(fixture->db));
	assert_int_equal(rh_db_begin(fixture->db, NULL), RH_OK);
	assert_true(rh_db_in_transaction(fixture->db));
	assert_int_equal(rh_db_exec(fixture->db, "INSERT INTO t VALUES (2, 'two')", NULL), RH_OK);
	assert_int_equal(rh_db_changed(fixture->db), 1);
	rh_db_rollback(fixture->db);
	assert_false(rh_db_in_transaction(fixture->db));
	assert_int_equal(number(fixture->db, "SELECT count(*) FROM t"), 1);
	rh_db_rollback(fixture->db); /* none is open: nothing happens */

	assert_int_equal(rh_db_begin(fixture->db, NULL), RH_OK);
	assert_int_equal(rh_db_exec(fixture->db, "INSERT INTO t VALUES (2, 'two')", NULL), RH_OK);
	assert_int_equal(rh_db_commit(fixture->db, NULL), RH_OK);
	assert_int_equal(rh_db_commit(fixture->db, &fixture->err), RH_EINTERNAL);
	rh_db_close(fixture->db);
	fixture->db = NULL;
	assert_int_equal(rh_db_open(&fixture->db, fixture->path, RH_DB_DURABLE, NULL), RH_OK);
	assert_int_equal(number(fixture->db, "SELECT count(*) FROM t"), 2);
}

static void test_a_reader_sees_what_is_committed(void **state)
{
	struct fixture *fixture = *state;
	struct rh_db *reader = NULL;

	make_table(fixture->db);
	assert_int_equal(rh_db_open(&reader, fixture->path, RH_DB_READONLY, NULL), RH_OK);
	assert_int_equal(rh_db_begin(fixture->db, NULL), RH_OK);
	assert_int_equal(rh_db_exec(fixture->db, "INSERT INTO t VALUES (2, 'two')", NULL), RH_OK);
	assert_int_equal(number(reader, "SELECT count(*) FROM t"), 1);
	assert_int_equal(rh_db_commit(fixture->db, NULL), RH_OK);
	assert_int_equal(number(reader, "SELECT count(*) FROM t"), 2);
	assert_int_equal(rh_db_exec(reader, "DELETE FROM t", &fixture->err), RH_EIO);
	assert_non_null(strstr(fixture->err.message, "may not be written"));
	rh_db_close(reader);
}

static void test_checkpoint_empties_the_log(void **state)
{
	struct fixture *fixture = *state;
	char *log = test_folder_path(fixture->folder, "a.db-wal");
	struct stat info;

	make_table(fixture->db);
	assert_int_equal(stat(log, &info), 0);
	assert_true(info.st_size > 0);
	assert_int_equal(rh_db_begin(fixture->db, NULL), RH_OK);
	assert_int_equal(rh_db_checkpoint(fixture->db, &fixture->err), RH_ESTATE);
	rh_db_rollback(fixture->db);
	assert_int_equal(rh_db_checkpoint(fixture->db, NULL), RH_OK);
	assert_int_equal(stat(log, &info), 0);
	assert_int_equal(info.st_size, 0);
	free(log);
}

static void test_scratch_begins_empty_and_goes(void **state)
{
	struct fixture *fixture = *state;
	char *path = test_folder_path(fixture->folder, "scratch.db");
	struct rh_db *scratch = NULL;

	assert_int_equal(rh_file_write(path, RH_STR("left by a process that was killed"), NULL),
			 RH_OK);
	assert_int_equal(rh_db_open(&scratch, path, RH_DB_SCRATCH, NULL), RH_OK);
	make_table(scratch);
	assert_int_equal(number(scratch, "SELECT count(*) FROM t"), 1);
	assert_true(rh_file_exists(path));
	rh_db_close(scratch);
	assert_false(rh_file_exists(path));
	free(path);
}

static void test_names_that_are_special_to_sqlite_are_files(void **state)
{
	struct fixture *fixture = *state;
	struct rh_db *db = NULL;

	assert_int_equal(chdir(fixture->folder), 0);
	assert_int_equal(rh_db_open(&db, ":memory:", RH_DB_DURABLE, NULL), RH_OK);
	rh_db_close(db);
	assert_true(rh_file_exists(":memory:"));
	assert_int_equal(rh_db_open(&db, "file:b.db", RH_DB_DURABLE, NULL), RH_OK);
	rh_db_close(db);
	assert_true(rh_file_exists("file:b.db"));
	assert_int_equal(chdir("/"), 0);
}

static void test_what_is_no_database_is_a_mismatch(void **state)
{
	struct fixture *fixture = *state;
	char *path = test_folder_path(fixture->folder, "notes.txt");
	struct rh_db *db = NULL;
	const enum rh_db_mode modes[] = {RH_DB_DURABLE, RH_DB_READONLY};

	assert_int_equal(rh_file_write(path,
				       RH_STR("Notes, and nothing but notes, long enough "
					      "to be taken for a file's head.\n"),
				       NULL),
			 RH_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(rh_db_open(&db, path, modes[i], &fixture->err), RH_EMISMATCH);
		assert_null(db);
		assert_non_null(strstr(fixture->err.message, "not a database"));
		assert_string_equal(fixture->err.hint, "Put a copy from before in its place.");
		assert_non_null(strstr(fixture->err.message, "notes.txt"));
	}
	free(path);
}

static void test_a_damaged_file_is_a_mismatch(void **state)
{
	struct fixture *fixture = *state;
	char noise[4096];
	int fd = -1;

	make_table(fixture->db);
	rh_db_close(fixture->db);
	fixture->db = NULL;
	memset(noise, 0x5a, sizeof(noise));
	assert_int_equal(rh_file_open(&fd, fixture->path, O_RDWR, NULL), RH_OK);
	assert_int_equal(pwrite(fd, noise, sizeof(noise), 4096),
			 sizeof(noise)); /* the table's page */
	rh_close_fd(&fd);
	assert_int_equal(rh_db_open(&fixture->db, fixture->path, RH_DB_DURABLE, NULL), RH_OK);
	assert_int_equal(rh_db_exec(fixture->db, "SELECT * FROM t", &fixture->err), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "damaged"));
}

static void test_what_is_not_there_cannot_be_read(void **state)
{
	struct fixture *fixture = *state;
	char *path = test_folder_path(fixture->folder, "none.db");
	char *deep = test_folder_path(fixture->folder, "no/folder.db");
	struct rh_db *db = NULL;

	assert_int_equal(rh_db_open(&db, path, RH_DB_READONLY, &fixture->err), RH_EIO);
	assert_true(fixture->err.hint[0] != '\0');
	assert_false(rh_file_exists(path));
	assert_int_equal(rh_db_open(&db, deep, RH_DB_DURABLE, &fixture->err), RH_EIO);
	assert_null(db);
	free(deep);
	free(path);
}

static void test_a_full_disk_is_said_so(void **state)
{
	struct fixture *fixture = *state;

	make_table(fixture->db);
	assert_int_equal(rh_db_exec(fixture->db, "PRAGMA max_page_count = 4", NULL), RH_OK);
	assert_int_equal(rh_db_exec(fixture->db, "INSERT INTO t VALUES (2, hex(zeroblob(40000)))",
				    &fixture->err),
			 RH_EIO);
	assert_non_null(strstr(fixture->err.message, "the disk is full"));
	assert_non_null(strstr(fixture->err.hint, "Free some space"));
}

/* A reader that wants to write after somebody else did: SQLite says "busy" at once, without a wait. */
static void test_another_writer_is_said_so(void **state)
{
	struct fixture *fixture = *state;
	struct rh_db *other = NULL;

	make_table(fixture->db);
	assert_int_equal(rh_db_open(&other, fixture->path, RH_DB_DURABLE, NULL), RH_OK);
	assert_int_equal(rh_db_exec(other, "BEGIN; SELECT * FROM t;", NULL), RH_OK);
	assert_int_equal(rh_db_exec(fixture->db, "INSERT INTO t VALUES (2, 'two')", NULL), RH_OK);
	assert_int_equal(rh_db_exec(other, "INSERT INTO t VALUES (3, 'three')", &fixture->err),
			 RH_EIO);
	assert_non_null(strstr(fixture->err.message, "another process writes"));
	rh_db_close(other);
}

static void test_memory_out_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	struct rh_db *db = NULL;
	struct rh_statement *statement = NULL;
	int failures = 0;

	for (uint64_t n = 1; n < 20; n++) {
		int status;

		rh_alloc_fail_from(n);
		status = rh_db_open(&db, fixture->path, RH_DB_DURABLE, &fixture->err);
		if (status == RH_OK) {
			status = rh_db_prepare(db, "SELECT 1", &statement, &fixture->err);
		}
		rh_alloc_fail_from(0);
		if (status == RH_OK) {
			break;
		}
		assert_int_equal(status, RH_ENOMEM);
		rh_db_close(db);
		db = NULL;
		failures++;
	}
	assert_in_range(failures, 2, 18);
	rh_db_close(db);
	rh_db_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_settings_of_durable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_files_are_private, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_transaction_is_kept_or_taken_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_reader_sees_what_is_committed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_checkpoint_empties_the_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scratch_begins_empty_and_goes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_names_that_are_special_to_sqlite_are_files,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_database_is_a_mismatch, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_damaged_file_is_a_mismatch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_not_there_cannot_be_read, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_full_disk_is_said_so, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_writer_is_said_so, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory_out_leaves_nothing_behind, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
