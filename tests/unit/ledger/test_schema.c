/* SPDX-License-Identifier: Apache-2.0 */
/* Whose ledger it is, which schema it has, and its facts. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"
#include "db/db.h"
#include "folder.h"
#include "ledger_support.h"

static int open_as(struct fixture *fixture, const struct rh_ledger_identity *identity,
		   bool read_only)
{
	struct rh_ledger *ledger = NULL;
	int status = rh_ledger_open(&ledger, fixture->folder, identity, read_only, &fixture->err);

	assert_true((ledger != NULL) == (status == RH_OK));
	rh_ledger_close(ledger);
	return status;
}

/* Runs SQL on the file, beside the ledger. */
static void tamper(struct fixture *fixture, const char *sql)
{
	char *path = test_folder_path(fixture->folder, "ledger.db");
	struct rh_db *db = NULL;

	rh_ledger_close(fixture->ledger);
	fixture->ledger = NULL;
	assert_int_equal(rh_db_open(&db, path, RH_DB_DURABLE, &fixture->err), RH_OK);
	assert_int_equal(rh_db_exec(db, sql, &fixture->err), RH_OK);
	rh_db_close(db);
	free(path);
}

static void test_a_workspace_is_made_private(void **state)
{
	struct fixture *fixture = *state;
	char *folder = test_folder_path(fixture->folder, "deep/workspace");
	char *path = test_folder_path(folder, "ledger.db");
	struct rh_ledger *ledger = NULL;
	struct stat info;

	assert_int_equal(rh_ledger_open(&ledger, folder, &test_identity, false, &fixture->err),
			 RH_OK);
	assert_int_equal(stat(folder, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	/* every ledger has a name of its own, and keeps it: L2 */
	assert_int_equal(strlen(rh_ledger_name(ledger)), 32);
	assert_string_not_equal(rh_ledger_name(ledger), rh_ledger_name(fixture->ledger));
	rh_ledger_close(ledger);
	free(path);
	free(folder);
}

static void test_the_name_stays(void **state)
{
	struct fixture *fixture = *state;
	char *name = strdup(rh_ledger_name(fixture->ledger));

	fixture_reopen(fixture);
	assert_string_equal(rh_ledger_name(fixture->ledger), name);
	free(name);
}

static void test_the_identity_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_identity identity = {0};

	fixture_reopen(fixture);
	assert_int_equal(rh_ledger_identity(fixture->ledger, &fixture->arena, &identity, NULL),
			 RH_OK);
	assert_string_equal(identity.source, "here");
	assert_string_equal(identity.source_tenant, "file");
	assert_string_equal(identity.target, "there");
	assert_string_equal(identity.target_tenant, "tenant_1");
	assert_string_equal(identity.environment, "staging");
}

static void test_another_identity_is_refused(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 5; i++) { /* L5: each of the five counts, where it is known */
		struct rh_ledger_identity other = test_identity;
		const char **members[] = {&other.source, &other.source_tenant, &other.target,
					  &other.target_tenant, &other.environment};

		if (i == 1) { /* a file does not say whose it is */
			continue;
		}
		*members[i] = "other_one";
		assert_int_equal(open_as(fixture, &other, false), RH_EMISMATCH);
		assert_non_null(strstr(fixture->err.message, "other_one"));
		assert_non_null(strstr(fixture->err.message,
				       "here (tenant \"file\") to there (tenant \"tenant_1\", "
				       "staging)"));
		assert_int_equal(open_as(fixture, &other, true), RH_EMISMATCH);
	}
	assert_int_equal(open_as(fixture, &test_identity, false), RH_OK);
	assert_int_equal(open_as(fixture, NULL, true), RH_OK); /* whosever it is */
	assert_int_equal(open_as(fixture, NULL, false), RH_OK);
}

/* The tenant of a source: two that are known must be one; files, and whoever does not say, are no other one. */
static void test_another_source_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_identity other = test_identity;

	other.source_tenant = "one";
	assert_int_equal(open_as(fixture, &other, false), RH_OK);
	tamper(fixture, "UPDATE identity SET source_tenant = 'one'");
	assert_int_equal(open_as(fixture, &other, false), RH_OK);
	assert_int_equal(open_as(fixture, &test_identity, false), RH_OK);
	other.source_tenant = "two";
	assert_int_equal(open_as(fixture, &other, false), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "tenant \"two\""));
}

static void test_a_newer_schema_is_refused(void **state)
{
	struct fixture *fixture = *state;

	tamper(fixture, "PRAGMA user_version = 4");
	assert_int_equal(open_as(fixture, &test_identity, false), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "schema 4"));
	assert_non_null(strstr(fixture->err.message, "schema 3"));
	assert_int_equal(open_as(fixture, &test_identity, true), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "schema 4"));
}

/* What an older program wrote: schema 1, as it was. */
static const char sql_to_schema_1[] = "ALTER TABLE ledger_rows DROP COLUMN asked;"
				      "ALTER TABLE ledger_rows DROP COLUMN before_present;"
				      "ALTER TABLE ledger_rows DROP COLUMN before_wire;"
				      "ALTER TABLE ledger_rows DROP COLUMN credential;"
				      "DROP TABLE before_images; DROP TABLE verified_runs;"
				      "DROP TABLE drifts;"
				      "PRAGMA user_version = 1;";
/* Schema 2, with a row that a verify of that program wrote. */
static const char sql_to_schema_2[] =
	"DROP TABLE verified_runs; DROP TABLE drifts; PRAGMA user_version = 2;"
	"UPDATE ledger_rows SET state = 5, verified_at = 77 WHERE id = 1;";

static void check_upgraded(struct fixture *fixture)
{
	struct rh_ledger_row row;

	assert_int_equal(rh_ledger_get(fixture->ledger, 1, &fixture->arena, &row, &fixture->err),
			 1);
	assert_true(rh_str_is(row.source_id, "user_1"));
	assert_int_equal(row.state, RH_STATE_DONE);
	assert_null(row.asked.ptr);
	assert_null(row.before.ptr);
	assert_null(row.credential.ptr);
}

static void test_an_older_ledger_is_brought_up(void **state)
{
	struct fixture *fixture = *state;

	bring(fixture, 1, RH_STATE_DONE);
	tamper(fixture, sql_to_schema_1);
	fixture_reopen(fixture);
	check_upgraded(fixture);
	intend(fixture, 2);
	fixture_reopen(fixture); /* and again: nothing is left to do */
	assert_int_equal(state_of(fixture, 2), RH_STATE_INTENDED);
}

static int64_t schema_of(struct fixture *fixture)
{
	char *path = test_folder_path(fixture->folder, "ledger.db");
	struct rh_statement *statement = NULL;
	struct rh_db *db = NULL;
	int64_t version;

	assert_int_equal(rh_db_open(&db, path, RH_DB_READONLY, &fixture->err), RH_OK);
	assert_int_equal(rh_db_prepare(db, "PRAGMA user_version", &statement, &fixture->err),
			 RH_OK);
	assert_int_equal(rh_step(statement, &fixture->err), 1);
	version = rh_column_i64(statement, 0);
	rh_db_close(db);
	free(path);
	return version;
}

/* All that status, accounts and reports ask. */
static void check_readable(struct fixture *fixture)
{
	struct rh_ledger *ledger = fixture->ledger;
	struct rh_ledger_counts counts;
	struct rh_ledger_row row;
	struct rh_ledger_row rows[4];
	struct rh_str text;
	uint64_t number;
	size_t count;

	check_upgraded(fixture);
	assert_int_equal(rh_ledger_count(ledger, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.created, 1);
	assert_int_equal(counts.updated, 0);
	assert_int_equal(rh_ledger_find(ledger, RH_KIND_USER, RH_STR("user_1"), &fixture->arena,
					&row, &fixture->err),
			 1);
	assert_int_equal(row.id, 1);
	assert_int_equal(rh_ledger_find_update(ledger, 1, &fixture->arena, &row, &fixture->err), 0);
	assert_int_equal(rh_ledger_find_target(ledger, RH_KIND_USER, RH_STR("t_1"), &fixture->arena,
					       &row, &fixture->err),
			 1);
	assert_int_equal(rh_ledger_page(ledger, (1U << RH_STATES) - 1, 0, 4, &fixture->arena, rows,
					&count, &fixture->err),
			 RH_OK);
	assert_int_equal(count, 2);
	assert_int_equal(rh_ledger_count_since(ledger, (1U << RH_STATES) - 1, 0, &number,
					       &fixture->err),
			 RH_OK);
	assert_int_equal(number, 2);
	assert_int_equal(rh_ledger_image(ledger, 1, &fixture->arena, &text, &fixture->err), 0);
	assert_int_equal(rh_ledger_fact(ledger, "a", &fixture->arena, &text, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_set_fact(ledger, "a", RH_STR("1"), NULL), RH_ESTATE);
}

/* Whoever only looks changes nothing: the older program may be at work on it. */
static void test_a_reader_reads_an_older_ledger_as_it_is(void **state)
{
	struct fixture *fixture = *state;

	bring(fixture, 1, RH_STATE_DONE);
	bring(fixture, 2, RH_STATE_UNKNOWN);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
	tamper(fixture, sql_to_schema_1);
	assert_int_equal(rh_ledger_open(&fixture->ledger, fixture->folder, NULL, true,
					&fixture->err),
			 RH_OK);
	check_readable(fixture);
	assert_int_equal(schema_of(fixture), 1);
	fixture_reopen(fixture);
	check_upgraded(fixture);
	assert_int_equal(schema_of(fixture), 3);
}

/* What an older program verified stays verified, at its moment, for readers and for the next verify (L14). */
static void test_a_ledger_of_schema_2_keeps_what_it_verified(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_counts counts;

	bring(fixture, 1, RH_STATE_DONE);
	bring(fixture, 2, RH_STATE_DONE);
	tamper(fixture, sql_to_schema_2);
	assert_int_equal(rh_ledger_open(&fixture->ledger, fixture->folder, NULL, true,
					&fixture->err),
			 RH_OK);
	assert_int_equal(state_of(fixture, 1), RH_STATE_VERIFIED);
	assert_int_equal(state_of(fixture, 2), RH_STATE_DONE);
	assert_int_equal(rh_ledger_count(fixture->ledger, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_VERIFIED], 1);
	assert_int_equal(schema_of(fixture), 2);
	fixture_reopen(fixture);
	assert_int_equal(schema_of(fixture), 3);
	assert_true(get_row(fixture, 1).verified_at == 77);
	assert_int_equal(rh_ledger_verify_range(fixture->ledger, 1, 2, 99, &fixture->err), RH_OK);
	assert_true(get_row(fixture, 1).verified_at == 99);
	assert_int_equal(state_of(fixture, 2), RH_STATE_VERIFIED);
}

/* L5 comes first, and whose it is must be known. */
static void test_an_older_ledger_of_somebody_else_stays_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	struct rh_ledger_identity other = test_identity;

	other.environment = "production";
	bring(fixture, 1, RH_STATE_DONE);
	tamper(fixture, sql_to_schema_1);
	assert_int_equal(open_as(fixture, &other, false), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "belongs to"));
	assert_int_equal(open_as(fixture, &other, true), RH_EMISMATCH);
	assert_int_equal(open_as(fixture, NULL, false), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "older version"));
	assert_non_null(strstr(fixture->err.hint, "Plan once with the key"));
	assert_int_equal(schema_of(fixture), 1);
	assert_int_equal(open_as(fixture, &test_identity, false), RH_OK);
	assert_int_equal(schema_of(fixture), 3);
}

static void test_another_database_is_refused(void **state)
{
	struct fixture *fixture = *state;

	tamper(fixture, "PRAGMA application_id = 7");
	assert_int_equal(open_as(fixture, &test_identity, false), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "is not a ledger"));
	tamper(fixture, "PRAGMA user_version = 0"); /* with tables, but not with ours to be made */
	assert_int_equal(open_as(fixture, &test_identity, false), RH_EMISMATCH);
	assert_non_null(strstr(fixture->err.message, "is not a ledger"));
}

static void test_what_is_no_database_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char *folder = test_folder_path(fixture->folder, "other");
	char *path = test_folder_path(folder, "ledger.db");
	struct rh_ledger *ledger = NULL;

	assert_int_equal(rh_dir_make(folder, NULL), RH_OK);
	assert_int_equal(rh_file_write(path,
				       RH_STR("Debit and credit, by hand, in a text that is "
					      "long enough to be a file's head.\n"),
				       NULL),
			 RH_OK);
	assert_int_equal(rh_ledger_open(&ledger, folder, &test_identity, false, &fixture->err),
			 RH_EMISMATCH);
	assert_null(ledger);
	free(path);
	free(folder);
}

static void test_reading_creates_nothing(void **state)
{
	struct fixture *fixture = *state;
	char *folder = test_folder_path(fixture->folder, "none");
	struct rh_ledger *ledger = NULL;

	assert_int_equal(rh_ledger_open(&ledger, folder, &test_identity, true, &fixture->err),
			 RH_EIO);
	assert_non_null(strstr(fixture->err.message, "there is no ledger"));
	assert_false(rh_file_exists(folder));
	assert_int_equal(rh_ledger_open(&ledger, folder, NULL, false, &fixture->err), RH_EINVAL);
	assert_null(ledger);
	free(folder);
}

static void test_facts(void **state)
{
	struct fixture *fixture = *state;
	struct rh_str value = RH_STR("untouched");

	assert_int_equal(rh_ledger_fact(fixture->ledger, "revision", &fixture->arena, &value, NULL),
			 RH_OK);
	assert_null(value.ptr);
	assert_int_equal(rh_ledger_set_fact(fixture->ledger, "revision", RH_STR("1"), NULL), RH_OK);
	assert_int_equal(rh_ledger_set_fact(fixture->ledger, "revision", RH_STR("2"), NULL), RH_OK);
	assert_int_equal(rh_ledger_set_fact(fixture->ledger, "other", RH_STR(""), NULL), RH_OK);
	fixture_reopen(fixture);
	assert_int_equal(rh_ledger_fact(fixture->ledger, "revision", &fixture->arena, &value, NULL),
			 RH_OK);
	assert_true(rh_str_is(value, "2"));
	assert_int_equal(rh_ledger_fact(fixture->ledger, "other", &fixture->arena, &value, NULL),
			 RH_OK);
	assert_non_null(value.ptr);
	assert_int_equal(value.len, 0);
	assert_int_equal(rh_ledger_set_fact(fixture->ledger, "revision", RH_STR_ABSENT, NULL),
			 RH_OK);
	assert_int_equal(rh_ledger_fact(fixture->ledger, "revision", &fixture->arena, &value, NULL),
			 RH_OK);
	assert_null(value.ptr);
}

static void test_a_fact_takes_the_queue_along(void **state)
{
	struct fixture *fixture = *state;

	intend(fixture, 1);
	settle(fixture, 1, RH_STATE_DONE);
	assert_int_equal(rh_ledger_set_fact(fixture->ledger, "finished_at", RH_STR("7"), NULL),
			 RH_OK);
	assert_int_equal(rh_ledger_pending(fixture->ledger), 0);
	fixture_reopen(fixture);
	assert_int_equal(state_of(fixture, 1), RH_STATE_DONE);
}

/* Tables for many workers are in schema 1 already: adding them later would need a new schema. */
static void test_tables_of_schema_1(void **state)
{
	struct fixture *fixture = *state;
	char *path = test_folder_path(fixture->folder, "ledger.db");
	struct rh_db *db = NULL;

	assert_int_equal(rh_db_open(&db, path, RH_DB_READONLY, NULL), RH_OK);
	assert_int_equal(rh_db_exec(db,
				    "SELECT worker, lease_until FROM ledger_rows;"
				    "SELECT name, quota, window_us, window_at, used,"
				    " blocked_until FROM buckets;"
				    "SELECT id, state, job_id, digest, expires_at, worker,"
				    " lease_until FROM batches;"
				    "SELECT pause, rate, concurrency FROM control;",
				    &fixture->err),
			 RH_OK);
	rh_db_close(db);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_workspace_is_made_private),
		TEST(test_the_name_stays),
		TEST(test_the_identity_is_kept),
		TEST(test_another_identity_is_refused),
		TEST(test_another_source_is_refused),
		TEST(test_a_newer_schema_is_refused),
		TEST(test_an_older_ledger_is_brought_up),
		TEST(test_a_reader_reads_an_older_ledger_as_it_is),
		TEST(test_a_ledger_of_schema_2_keeps_what_it_verified),
		TEST(test_an_older_ledger_of_somebody_else_stays_as_it_is),
		TEST(test_another_database_is_refused),
		TEST(test_what_is_no_database_is_refused),
		TEST(test_reading_creates_nothing),
		TEST(test_facts),
		TEST(test_a_fact_takes_the_queue_along),
		TEST(test_tables_of_schema_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
