/* SPDX-License-Identifier: Apache-2.0 */
/* Updates are held when they have read (engine.c, E10; connector.h, C13). */
#include "engine_support.h"

#include "base/str.h"

/* The one update of a test. */
static struct rh_job *held;

static void hold(void *context, struct rh_job *job, struct rh_operation *operation)
{
	(void)context;
	assert_true(operation->rows[0].has_observed);
	held = job;
}

static struct rh_str first_id(struct fixture *fixture)
{
	acme_server_add(&fixture->server, "user_0", "person0@example.com");
	return rh_str_from(acme_server_find(&fixture->server, "user_0")->id);
}

static struct fate *update(struct fixture *fixture)
{
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_UPDATE,
		.has_row = true,
		.row = engine_row(fixture, 0),
		.observed = hold,
	};
	struct fate *fate;

	held = NULL;
	spec.row.target_id = first_id(fixture);
	engine_begin(fixture);
	fate = engine_submit(fixture, &spec);
	while (held == NULL) {
		assert_int_equal(rh_engine_turn(fixture->engine, 1000, &fixture->err), RH_OK);
	}
	assert_int_equal(fate->done, 0);
	assert_int_equal(rh_engine_open(fixture->engine), 1);
	return fate;
}

/* However often the loop turns, nothing is written before the owner says so. */
static void test_let_go(void **state)
{
	struct fixture *fixture = *state;
	struct fate *fate = update(fixture);

	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(rh_engine_turn(fixture->engine, 10, &fixture->err), RH_OK);
	}
	assert_int_equal(scripted_count(&fixture->scripted, "PATCH", "/v1/users"), 0);
	rh_engine_let_go(fixture->engine, held);
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(fate->outcome, RH_OUTCOME_DONE);
	assert_int_equal(scripted_count(&fixture->scripted, "PATCH", "/v1/users"), 1);
}

static void test_end(void **state)
{
	struct fixture *fixture = *state;
	struct fate *fate = update(fixture);

	rh_engine_end(fixture->engine, held);
	assert_int_equal(fate->done, 1);
	assert_int_equal(fate->kind, RH_ANSWER_OBSERVED);
	assert_int_equal(fate->outcome, RH_OUTCOME_NONE);
	assert_int_equal(rh_engine_open(fixture->engine), 0);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(scripted_count(&fixture->scripted, "PATCH", "/v1/users"), 0);
}

/* E1, E7: what is held when the run is given up has certainly not been written. */
static void test_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct fate *fate = update(fixture);

	fixture->stop = 2;
	assert_int_equal(rh_engine_turn(fixture->engine, 10, &fixture->err), RH_OK);
	assert_int_equal(fate->done, 1);
	assert_int_equal(fate->outcome, RH_OUTCOME_AWAY);
	assert_int_equal(scripted_count(&fixture->scripted, "PATCH", "/v1/users"), 0);
}

/* E7: let go after the stop, it does not leave. */
static void test_let_go_after_a_stop(void **state)
{
	struct fixture *fixture = *state;
	struct fate *fate = update(fixture);

	fixture->stop = 1;
	rh_engine_let_go(fixture->engine, held);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(fate->outcome, RH_OUTCOME_AWAY);
	assert_int_equal(scripted_count(&fixture->scripted, "PATCH", "/v1/users"), 0);
}

/* E8: its answer lost, its fate is unknown. */
static void test_lost_answer(void **state)
{
	struct fixture *fixture = *state;
	struct fate *fate;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_CUT_AFTER,
								.method = "PATCH",
								.path = "/v1/users",
								.count = 1});
	fate = update(fixture);
	rh_engine_let_go(fixture->engine, held);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(fate->outcome, RH_OUTCOME_UNKNOWN);
}

static void test_nobody_looks(void **state)
{
	struct fixture *fixture = *state;
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_UPDATE,
		.has_row = true,
		.row = engine_row(fixture, 0),
	};

	engine_begin(fixture);
	assert_int_equal(rh_engine_submit(fixture->engine, &spec, &fixture->err), RH_EINVAL);
}

/* A connector that says what it read when it has read nothing. */
static int step_blind(const void *instance, struct rh_operation *operation,
		      const struct rh_response *response, rh_time now, uint64_t seed,
		      struct rh_answer *answer)
{
	(void)instance;
	(void)operation;
	(void)response;
	(void)now;
	(void)seed;
	*answer = (struct rh_answer){.kind = RH_ANSWER_OBSERVED};
	return RH_OK;
}

static void test_blind(void **state)
{
	struct fixture *fixture = *state;
	struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_UPDATE,
		.has_row = true,
		.row = engine_row(fixture, 0),
		.observed = hold,
	};
	struct fate *fate;

	fixture->connector.ops[RH_KIND_USER][RH_VERB_UPDATE] = step_blind;
	engine_begin(fixture);
	fate = engine_submit(fixture, &spec);
	assert_int_equal(engine_finish(fixture), RH_EINTERNAL);
	assert_int_equal(fate->done, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_let_go),      TEST(test_end),
		TEST(test_given_up),    TEST(test_let_go_after_a_stop),
		TEST(test_lost_answer), TEST(test_nobody_looks),
		TEST(test_blind),
	};

	return cmocka_run_group_tests_name("engine/engine_hold", tests, NULL, NULL);
}
