/* SPDX-License-Identifier: Apache-2.0 */
/* The engine over a database: requests are statements, answered at once. */
#include "engine_support.h"

#include <stdlib.h>

#include "base/str.h"
#include "db/db.h"
#include "folder.h"

struct sql_fixture {
	struct fixture *engine;
	struct rh_db *db;
	char *folder;
	char *path;
};

static int set_up(void **state)
{
	struct sql_fixture *own = calloc(1, sizeof(*own));
	void *engine = NULL;

	assert_non_null(own);
	(void)engine_setup(&engine);
	own->engine = engine;
	own->folder = test_folder_new();
	own->path = test_folder_path(own->folder, "users.db");
	assert_int_equal(rh_db_open(&own->db, own->path, RH_DB_SCRATCH, &own->engine->err), RH_OK);
	assert_int_equal(rh_db_exec(own->db, acme_sql_schema, &own->engine->err), RH_OK);
	own->engine->connector = rh_connector_acme_sql;
	assert_int_equal(rh_transport_sql(&own->engine->options.transport, own->db,
					  &own->engine->err),
			 RH_OK);
	*state = own;
	return 0;
}

static int tear_down(void **state)
{
	struct sql_fixture *own = *state;
	void *engine = own->engine;

	rh_engine_free(own->engine->engine);
	own->engine->engine = NULL;
	(void)engine_teardown(&engine);
	rh_db_close(own->db);
	test_folder_free(own->folder);
	free(own->path);
	free(own);
	return 0;
}

static int64_t count_users(struct sql_fixture *own)
{
	struct rh_statement *statement = NULL;
	int64_t count;

	assert_int_equal(rh_db_prepare(own->db, "SELECT count(*) FROM users", &statement,
				       &own->engine->err),
			 RH_OK);
	assert_int_equal(rh_step(statement, &own->engine->err), 1);
	count = rh_column_i64(statement, 0);
	rh_reset(statement);
	return count;
}

/* Reads before its one write, finds what it wrote, and takes it away again. */
static void test_way(void **state)
{
	struct sql_fixture *own = *state;
	struct fixture *fixture = own->engine;
	struct rh_row row;
	struct fate *again;
	struct rh_engine_counts counts;

	engine_begin(fixture);
	for (unsigned i = 0; i < 100; i++) {
		(void)engine_create(fixture);
	}
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(count_users(own), 100);
	rh_engine_count(fixture->engine, &counts);
	assert_int_equal(counts.writes, 100);
	assert_int_equal(counts.reads, 100);
	assert_int_equal(counts.peak, 1);
	row = engine_row(fixture, 7);
	again = engine_submit_kind(fixture, RH_KIND_USER, RH_VERB_CREATE, &row, 1);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(again->outcome, RH_OUTCOME_ALREADY);
	row = engine_row(fixture, 8);
	row.target_id = rh_str_from(fixture->fates[8].target_id);
	(void)engine_submit_kind(fixture, RH_KIND_USER, RH_VERB_REMOVE, &row, 1);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(row.outcome, RH_OUTCOME_DONE);
	assert_int_equal(count_users(own), 99);
	(void)engine_submit_kind(fixture, RH_KIND_USER, RH_VERB_REMOVE, &row, 1);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(row.outcome, RH_OUTCOME_ABSENT);
}

/* Many rows, one statement. */
static void test_bulk(void **state)
{
	struct sql_fixture *own = *state;
	struct fixture *fixture = own->engine;
	struct rh_row rows[5];

	engine_begin(fixture);
	for (unsigned i = 0; i < 5; i++) {
		rows[i] = engine_row(fixture, i);
	}
	rows[3].external_id = rows[1].external_id; /* twice */
	(void)engine_submit_kind(fixture, RH_KIND_USER, RH_VERB_BULK, rows, 5);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(rows[0].outcome, RH_OUTCOME_DONE);
	assert_int_equal(rows[4].outcome, RH_OUTCOME_DONE);
	assert_int_equal(count_users(own), 4);
}

/* The wrapper for plan lets statements that read pass, and no others. */
static void test_readonly(void **state)
{
	struct sql_fixture *own = *state;
	struct fixture *fixture = own->engine;
	struct rh_transport *inner = fixture->options.transport;

	assert_int_equal(rh_transport_readonly(&fixture->options.transport, inner, &fixture->err),
			 RH_OK);
	engine_begin(fixture);
	(void)engine_find(fixture, "nobody");
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_ABSENT);
	(void)engine_create(fixture);
	assert_int_equal(engine_finish(fixture), RH_EINTERNAL);
	engine_check_fates(fixture);
	assert_int_equal(count_users(own), 0);
}

static void test_wrong_form(void **state)
{
	struct sql_fixture *own = *state;
	struct fixture *fixture = own->engine;
	struct rh_transport *transport = fixture->options.transport;
	const struct rh_request http = {.method = "GET", .path = RH_STR("/")};
	const struct rh_request select = {.form = RH_REQUEST_SQL, .sql = "SELECT 1"};
	const struct rh_request broken = {.form = RH_REQUEST_SQL, .sql = "SELEKT 1"};

	assert_int_equal(transport->start(transport, &http, "", RH_STR_ABSENT, NULL, &fixture->err),
			 RH_EUNSUPPORTED);
	assert_int_not_equal(transport->start(transport, &broken, "", RH_STR_ABSENT, NULL,
					      &fixture->err),
			     RH_OK);
	/* Answers that nobody takes are freed with it. */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(transport->start(transport, &select, "", RH_STR_ABSENT, NULL,
						  &fixture->err),
				 RH_OK);
	}
	transport->free(transport);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bulk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_readonly, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_form, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine/transport_sql", tests, NULL, NULL);
}
