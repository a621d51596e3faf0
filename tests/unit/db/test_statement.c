/* SPDX-License-Identifier: Apache-2.0 */
/* Prepared statements: the cache, binding, reading, and errors that keep values to themselves. */
#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
	int status;

	fixture->folder = test_folder_new();
	fixture->path = test_folder_path(fixture->folder, "a.db");
	*state = fixture;
	status = rh_db_open(&fixture->db, fixture->path, RH_DB_SCRATCH, &fixture->err);
	if (status != RH_OK) {
		return status;
	}
	return rh_db_exec(fixture->db,
			  "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b BLOB,"
			  " n INTEGER NOT NULL DEFAULT 0 CHECK (n < 10)) STRICT;",
			  &fixture->err);
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

static const char sql_insert[] = "INSERT INTO t (id, a, b, n) VALUES (?1, ?2, ?3, ?4)";
static const char sql_select[] = "SELECT id, a, b FROM t WHERE id = ?1";

static int insert(struct fixture *fixture, int64_t id, struct rh_str a, struct rh_str b, int64_t n)
{
	struct rh_statement *statement = NULL;

	assert_int_equal(rh_db_prepare(fixture->db, sql_insert, &statement, &fixture->err), RH_OK);
	rh_bind_i64(statement, 1, id);
	rh_bind_text(statement, 2, a);
	rh_bind_blob(statement, 3, b);
	rh_bind_i64(statement, 4, n);
	return rh_run(statement, &fixture->err);
}

static struct rh_statement *select_row(struct fixture *fixture, int64_t id)
{
	struct rh_statement *statement = NULL;

	assert_int_equal(rh_db_prepare(fixture->db, sql_select, &statement, NULL), RH_OK);
	rh_bind_i64(statement, 1, id);
	assert_int_equal(rh_step(statement, NULL), 1);
	return statement;
}

static void test_values_come_back(void **state)
{
	struct fixture *fixture = *state;
	const struct rh_str blob = {
		.ptr = "a\0b",
		.len = 3,
	};
	struct rh_statement *statement;

	assert_int_equal(insert(fixture, INT64_MAX, RH_STR("na\xc3\xafve"), blob, 1), RH_OK);
	assert_int_equal(rh_db_changed(fixture->db), 1);
	statement = select_row(fixture, INT64_MAX);
	assert_int_equal(rh_column_count(statement), 3);
	assert_int_equal(rh_column_type(statement, 0), RH_SQL_INTEGER);
	assert_true(rh_column_i64(statement, 0) == INT64_MAX);
	assert_int_equal(rh_column_type(statement, 1), RH_SQL_TEXT);
	assert_true(rh_str_is(rh_column_text(statement, 1), "na\xc3\xafve"));
	assert_int_equal(rh_column_type(statement, 2), RH_SQL_BLOB);
	assert_true(rh_str_eq(rh_column_blob(statement, 2), blob));
	assert_int_equal(rh_step(statement, NULL), 0);
}

static void test_empty_is_not_absent(void **state)
{
	struct fixture *fixture = *state;
	struct rh_statement *statement;

	assert_int_equal(insert(fixture, 1, RH_STR(""), RH_STR(""), 1), RH_OK);
	assert_int_equal(insert(fixture, 2, RH_STR_ABSENT, RH_STR_ABSENT, 1), RH_OK);
	statement = select_row(fixture, 1);
	for (int i = 1; i <= 2; i++) {
		assert_false(rh_column_is_null(statement, i));
		assert_non_null(rh_column_text(statement, i).ptr);
		assert_non_null(rh_column_blob(statement, i).ptr);
		assert_int_equal(rh_column_text(statement, i).len, 0);
	}
	statement = select_row(fixture, 2);
	for (int i = 1; i <= 2; i++) {
		assert_true(rh_column_is_null(statement, i));
		assert_int_equal(rh_column_type(statement, i), RH_SQL_NULL);
		assert_null(rh_column_text(statement, i).ptr);
		assert_null(rh_column_blob(statement, i).ptr);
	}
}

static void test_a_statement_is_prepared_once(void **state)
{
	struct fixture *fixture = *state;
	struct rh_statement *first = NULL;
	struct rh_statement *second = NULL;

	assert_int_equal(insert(fixture, 1, RH_STR("one"), RH_STR_ABSENT, 1), RH_OK);
	first = select_row(fixture, 1);
	assert_int_equal(rh_db_prepare(fixture->db, sql_select, &second, NULL), RH_OK);
	assert_ptr_equal(first, second);
	/* reset, and its parameter forgotten: id = NULL finds nothing */
	assert_int_equal(rh_step(second, NULL), 0);
}

static void test_another_text_at_the_same_address(void **state)
{
	struct fixture *fixture = *state;
	char text[32] = "SELECT 1";
	struct rh_statement *statement = NULL;

	for (char digit = '1'; digit <= '3'; digit++) {
		text[7] = digit;
		assert_int_equal(rh_db_prepare(fixture->db, text, &statement, NULL), RH_OK);
		assert_int_equal(rh_step(statement, NULL), 1);
		assert_int_equal(rh_column_i64(statement, 0), digit - '0');
	}
}

static void test_many_statements(void **state)
{
	struct fixture *fixture = *state;
	char texts[50][32];
	struct rh_statement *statement = NULL;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 50; i++) {
			(void)snprintf(texts[i], sizeof(texts[i]), "SELECT %d", i);
			assert_int_equal(rh_db_prepare(fixture->db, texts[i], &statement, NULL),
					 RH_OK);
			assert_int_equal(rh_step(statement, NULL), 1);
			assert_int_equal(rh_column_i64(statement, 0), i);
		}
	}
}

static void test_a_failed_bind_shows_at_the_step(void **state)
{
	struct fixture *fixture = *state;
	struct rh_statement *statement = NULL;

	assert_int_equal(rh_db_prepare(fixture->db, sql_select, &statement, NULL), RH_OK);
	rh_bind_i64(statement, 2, 7); /* there is one parameter */
	rh_bind_i64(statement, 1, 7);
	assert_true(rh_step(statement, &fixture->err) < 0);
	/* and is forgotten with the reset */
	assert_int_equal(rh_db_prepare(fixture->db, sql_select, &statement, NULL), RH_OK);
	rh_bind_i64(statement, 1, 7);
	assert_int_equal(rh_step(statement, NULL), 0);
}

static void test_broken_rules_are_told_without_values(void **state)
{
	struct fixture *fixture = *state;
	const struct rh_str person = RH_STR("ada@example.com");

	assert_int_equal(insert(fixture, 1, person, RH_STR_ABSENT, 1), RH_OK);
	assert_int_equal(insert(fixture, 2, person, RH_STR_ABSENT, 1), RH_EINTERNAL);
	assert_non_null(strstr(fixture->err.message, "twice"));
	assert_null(strstr(fixture->err.message, "ada"));
	assert_int_equal(insert(fixture, 1, RH_STR_ABSENT, RH_STR_ABSENT, 1), RH_EINTERNAL);
	assert_non_null(strstr(fixture->err.message, "a key"));
	assert_int_equal(insert(fixture, 3, person, RH_STR_ABSENT, 99), RH_EINTERNAL);
	assert_non_null(strstr(fixture->err.message, "outside"));
	assert_null(strstr(fixture->err.message, "ada"));
	assert_int_equal(fixture->err.code, RH_EINTERNAL);
	assert_true(fixture->err.system != 0);
}

static void test_exactly_one_statement(void **state)
{
	struct fixture *fixture = *state;
	struct rh_statement *statement = NULL;

	assert_int_equal(rh_db_prepare(fixture->db, "SELECT 1; SELECT 2", &statement, NULL),
			 RH_EINVAL);
	assert_int_equal(rh_db_prepare(fixture->db, " ", &statement, NULL), RH_EINVAL);
	assert_int_equal(rh_db_prepare(fixture->db, "SELECT x FROM y", &statement, &fixture->err),
			 RH_EINTERNAL);
	assert_non_null(strstr(fixture->err.message, "no such table: y"));
	assert_null(statement);
	assert_int_equal(rh_db_prepare(fixture->db, "SELECT 1; ", &statement, NULL), RH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_is_not_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_statement_is_prepared_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_text_at_the_same_address, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_many_statements, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_failed_bind_shows_at_the_step, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_broken_rules_are_told_without_values, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_exactly_one_statement, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
