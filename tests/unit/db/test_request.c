/* SPDX-License-Identifier: Apache-2.0 */
/* A connector's SQL request: typed parameters and rows, and which failures are an answer. */
#include "db/db.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "folder.h"

struct fixture {
	char *folder;
	char *path;
	struct rh_db *db;
	struct rh_arena arena;
	struct rh_response response;
	struct rh_err err;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int status;

	fixture->folder = test_folder_new();
	fixture->path = test_folder_path(fixture->folder, "a.db");
	rh_arena_init(&fixture->arena, 64 * 1024, RH_ARENA_PLAIN);
	*state = fixture;
	status = rh_db_open(&fixture->db, fixture->path, RH_DB_DURABLE, &fixture->err);
	if (status != RH_OK) {
		return status;
	}
	return rh_db_exec(
		fixture->db,
		"CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE, key BLOB) STRICT",
		&fixture->err);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	rh_arena_done(&fixture->arena);
	rh_db_close(fixture->db);
	free(fixture->path);
	test_folder_free(fixture->folder);
	free(fixture);
	return 0;
}

static int ask(struct fixture *fixture, const char *sql, const struct rh_sql_value *parameters,
	       size_t count)
{
	const struct rh_request request = {
		.form = RH_REQUEST_SQL,
		.sql = sql,
		.parameters = parameters,
		.parameter_count = count,
	};

	return rh_db_request(fixture->db, &request, &fixture->arena, &fixture->response,
			     &fixture->err);
}

static const char sql_add[] = "INSERT INTO people (id, name, key) VALUES (?, ?, ?)";

static void add(struct fixture *fixture, int64_t id, struct rh_str name, struct rh_str key)
{
	const struct rh_sql_value parameters[] = {
		{.type = RH_SQL_INTEGER, .integer = id},
		{.type = RH_SQL_TEXT, .text = name},
		{.type = key.ptr != NULL ? RH_SQL_BLOB : RH_SQL_NULL, .text = key},
	};

	assert_int_equal(ask(fixture, sql_add, parameters, 3), RH_OK);
}

static void test_rows_come_typed(void **state)
{
	struct fixture *fixture = *state;
	const struct rh_sql_value *values;

	add(fixture, 1, RH_STR("Ada Example"), RH_STR("\x01\x02"));
	assert_int_equal(fixture->response.status, 200);
	assert_int_equal(fixture->response.delivery, RH_DELIVERY_ANSWERED);
	assert_int_equal(fixture->response.changed_count, 1);
	assert_int_equal(fixture->response.row_count, 0);
	add(fixture, 2, RH_STR(""), RH_STR_ABSENT);
	assert_int_equal(ask(fixture, "SELECT id, name, key, 0.5 FROM people ORDER BY id", NULL, 0),
			 RH_OK);
	assert_int_equal(fixture->response.status, 200);
	assert_int_equal(fixture->response.changed_count, 0);
	assert_int_equal(fixture->response.row_count, 2);
	assert_int_equal(fixture->response.column_count, 4);
	values = fixture->response.values;
	assert_int_equal(values[0].type, RH_SQL_INTEGER);
	assert_int_equal(values[0].integer, 1);
	assert_int_equal(values[1].type, RH_SQL_TEXT);
	assert_true(rh_str_is(values[1].text, "Ada Example"));
	assert_int_equal(values[2].type, RH_SQL_BLOB);
	assert_true(rh_str_is(values[2].text, "\x01\x02"));
	assert_int_equal(values[3].type, RH_SQL_TEXT);
	assert_true(rh_str_is(values[3].text, "0.5"));
	assert_int_equal(values[4].integer, 2);
	assert_int_equal(values[5].type, RH_SQL_TEXT);
	assert_non_null(values[5].text.ptr);
	assert_int_equal(values[5].text.len, 0);
	assert_int_equal(values[6].type, RH_SQL_NULL);
}

static void test_no_rows_still_have_columns(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(ask(fixture, "SELECT id, name FROM people", NULL, 0), RH_OK);
	assert_int_equal(fixture->response.status, 200);
	assert_int_equal(fixture->response.row_count, 0);
	assert_int_equal(fixture->response.column_count, 2);
}

static void test_a_broken_rule_is_409(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, 1, RH_STR("Ada Example"), RH_STR_ABSENT);
	add(fixture, 2, RH_STR("Ada Example"), RH_STR_ABSENT);
	assert_int_equal(fixture->response.status, 409);
	assert_int_equal(fixture->response.changed_count, 0);
	add(fixture, 2, RH_STR("Bob Example"), RH_STR_ABSENT);
	assert_int_equal(fixture->response.status, 200);
}

static void test_what_the_data_cannot_do_is_400(void **state)
{
	struct fixture *fixture = *state;
	const struct rh_sql_value text = {
		.type = RH_SQL_TEXT,
		.text = RH_STR("ada@example.com"),
	};

	assert_int_equal(ask(fixture, "SELECT json_extract(?, '$.a')", &text, 1), RH_OK);
	assert_int_equal(fixture->response.status, 400);
	assert_int_equal(fixture->response.row_count, 0);
	assert_null(strstr(fixture->err.message, "ada"));
}

static void test_errors_of_the_run_are_errors(void **state)
{
	struct fixture *fixture = *state;
	struct rh_db *reader = NULL;
	const struct rh_request request = {
		.form = RH_REQUEST_SQL,
		.sql = "DELETE FROM people",
	};

	assert_int_equal(ask(fixture, sql_add, NULL, 0), RH_EINVAL);
	assert_int_equal(ask(fixture, "SELECT nothing FROM nowhere", NULL, 0), RH_EINTERNAL);
	assert_int_equal(rh_db_open(&reader, fixture->path, RH_DB_READONLY, NULL), RH_OK);
	assert_int_equal(rh_db_request(reader, &request, &fixture->arena, &fixture->response,
				       &fixture->err),
			 RH_EIO);
	rh_db_close(reader);
}

static void test_an_answer_has_a_limit(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(ask(fixture, "SELECT hex(zeroblob(40000))", NULL, 0), RH_ELIMIT);
	/* and the statement is not left running: this one can be run in a transaction of its own */
	assert_int_equal(rh_db_begin(fixture->db, NULL), RH_OK);
	assert_int_equal(rh_db_exec(fixture->db, "DROP TABLE people", NULL), RH_OK);
	assert_int_equal(rh_db_commit(fixture->db, NULL), RH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows_come_typed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_rows_still_have_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_broken_rule_is_409, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_the_data_cannot_do_is_400, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_errors_of_the_run_are_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_answer_has_a_limit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
