/* SPDX-License-Identifier: Apache-2.0 */
/* How a run ends before its end: fatal errors, stops, a target that is away; and a connector that breaks the
 * rules.  Numbers are rules of engine.c. */
#include "engine_support.h"

#include <string.h>

#include "base/str.h"

static void create_many(struct fixture *fixture, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		(void)engine_create(fixture);
	}
}

static unsigned count_outcome(const struct fixture *fixture, enum rh_outcome outcome)
{
	unsigned count = 0;

	for (unsigned i = 0; i < fixture->submitted; i++) {
		count += fixture->fates[i].outcome == outcome;
	}
	return count;
}

/* ---- E6 -------------------------------------------------------------------------------------------------- */

/* A 403 on users ends the run while others fly and wait. */
static void test_fatal(void **state)
{
	struct fixture *fixture = *state;
	struct rh_job_spec spec = {.kind = RH_KIND_USER, .verb = RH_VERB_COUNT};
	size_t sent;

	scripted_add(&fixture->scripted,
		     (struct scripted_rule){.fault = SCRIPTED_STATUS,
					    .method = "POST",
					    .path = "/v1/users",
					    .skip = 4,
					    .count = 1,
					    .status = 403,
					    .body = "{\"error\":{\"code\":\"not_allowed\"}}"});
	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_SLOW,
								.method = "POST",
								.path = "/v1/users",
								.skip = 4,
								.wait_us = 60 * RH_SECOND});
	fixture->scripted.latency_us = 500 * RH_MILLISECOND;
	engine_begin(fixture);
	create_many(fixture, 30);
	(void)engine_find(fixture, "nobody");
	assert_int_equal(engine_finish(fixture), RH_EDENIED);
	engine_check_fates(fixture);
	sent = scripted_count(&fixture->scripted, "POST", "/v1/users");
	assert_int_equal(fixture->fates[4].outcome, RH_OUTCOME_DENIED);
	assert_string_equal(fixture->fates[4].code, "not_allowed");
	assert_true(sent > 6);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_DONE), 4);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_UNKNOWN), sent - 5);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_AWAY), 30 - sent);
	/* Nothing new is accepted, nothing more leaves. */
	assert_int_equal(rh_engine_submit(fixture->engine, &spec, &fixture->err), RH_EDENIED);
	assert_int_equal(rh_engine_turn(fixture->engine, 1000, &fixture->err), RH_EDENIED);
	assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1/users"), sent);
}

static void test_broken_start(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_BROKEN,
								.path = "/v1/users",
								.skip = 3,
								.status = RH_EUSAGE});
	engine_begin(fixture);
	create_many(fixture, 10);
	assert_int_equal(engine_finish(fixture), RH_EUSAGE);
	engine_check_fates(fixture);
	assert_int_equal(fixture->fates[3].outcome, RH_OUTCOME_AWAY);
	assert_string_equal(fixture->err.message, "broken by the script");
}

/* A transport that says "full" with nothing in flight would be waited for in vain. */
static void test_full_for_ever(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted,
		     (struct scripted_rule){.fault = SCRIPTED_FULL, .path = "/v1/users"});
	engine_begin(fixture);
	create_many(fixture, 2);
	assert_int_equal(engine_finish(fixture), RH_ESTATE);
	engine_check_fates(fixture);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_AWAY), 2);
}

static void test_broken_wait(void **state)
{
	struct fixture *fixture = *state;

	fixture->scripted.latency_us = 10 * RH_SECOND;
	engine_begin(fixture);
	create_many(fixture, 3);
	assert_int_equal(engine_turn_for(fixture, 11 * RH_SECOND), RH_OK);
	fixture->scripted.wait_code = RH_EIO;
	assert_int_equal(engine_finish(fixture), RH_EIO);
	engine_check_fates(fixture);
	assert_true(count_outcome(fixture, RH_OUTCOME_UNKNOWN) > 0);
}

/* ---- E7 -------------------------------------------------------------------------------------------------- */

static void test_drain(void **state)
{
	struct fixture *fixture = *state;
	size_t sent;

	fixture->scripted.latency_us = RH_SECOND;
	engine_begin(fixture);
	create_many(fixture, 40);
	(void)engine_find(fixture, "nobody");
	assert_int_equal(engine_turn_for(fixture, 2 * RH_SECOND), RH_OK);
	fixture->stop = 1;
	sent = scripted_count(&fixture->scripted, "POST", "/v1/users");
	(void)engine_find(fixture, "src_000"); /* readings still go: they settle what is open */
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1/users"), sent);
	assert_int_equal(fixture->server.created, sent);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(fixture->fates[i].outcome,
				 i < sent ? RH_OUTCOME_DONE : RH_OUTCOME_AWAY);
	}
	assert_int_equal(fixture->fates[41].outcome, RH_OUTCOME_DONE);
}

static void test_abandon(void **state)
{
	struct fixture *fixture = *state;
	size_t sent;

	fixture->scripted.latency_us = 30 * RH_SECOND;
	engine_begin(fixture);
	create_many(fixture, 40);
	(void)engine_find(fixture, "nobody");
	assert_int_equal(engine_turn_for(fixture, 31 * RH_SECOND), RH_OK);
	fixture->stop = 2;
	sent = scripted_count(&fixture->scripted, "POST", "/v1/users");
	assert_true(sent > 0);
	assert_int_equal(rh_engine_turn(fixture->engine, 1000, &fixture->err), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_UNKNOWN), sent);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_AWAY), 41 - sent);
	/* Of no use after that, whatever becomes of the flag: late answers have no owner. */
	fixture->stop = 0;
	(void)engine_find(fixture, "nobody");
	rh_clock_manual_advance(&fixture->scripted.clock, 60 * RH_SECOND);
	assert_int_equal(rh_engine_turn(fixture->engine, 1000, &fixture->err), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1/users"), sent);
}

/* E1's exception: the engine is freed with everything open. */
static void test_free_in_the_middle(void **state)
{
	struct fixture *fixture = *state;
	const struct rh_job_spec spec = {
		.kind = RH_KIND_USER,
		.verb = RH_VERB_COUNT,
		.delay_us = RH_SECOND * 60,
	};

	fixture->scripted.latency_us = 10 * RH_SECOND;
	engine_begin(fixture);
	create_many(fixture, 20);
	(void)engine_submit(fixture, &spec);
	assert_int_equal(engine_turn_for(fixture, 11 * RH_SECOND), RH_OK);
	create_many(fixture, 1);
	rh_engine_free(fixture->engine);
	fixture->engine = NULL;
	assert_int_equal(fixture->ended, 0);
}

/* ---- E8: a job that was submitted is not "not accepted" --------------------------------------------------- */

static struct fate *submit_job(struct fixture *fixture, struct rh_row *row)
{
	*row = engine_row(fixture, 0);
	engine_begin(fixture);
	return engine_submit_kind(fixture, RH_KIND_USER, RH_VERB_BULK, row, 1);
}

static void test_job_stopped(void **state)
{
	for (int level = 1; level <= 2; level++) {
		struct fixture *fixture;
		struct rh_row row;
		void *own = NULL;
		(void)engine_setup(&own);
		fixture = own;
		(void)submit_job(fixture, &row);
		assert_int_equal(engine_turn_for(fixture, RH_SECOND), RH_OK);
		fixture->stop = level;
		assert_int_equal(engine_finish(fixture), RH_OK);
		engine_check_fates(fixture);
		assert_int_equal(row.outcome, RH_OUTCOME_UNKNOWN);
		(void)engine_teardown(&own);
	}
	(void)state;
}

/* Before it was submitted it certainly was not. */
static void test_job_stopped_before(void **state)
{
	struct fixture *fixture = *state;
	struct rh_row row;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_STATUS,
								.path = "/v1/jobs",
								.status = 429,
								.wait_us = 60 * RH_SECOND});
	(void)submit_job(fixture, &row);
	assert_int_equal(engine_turn_for(fixture, RH_SECOND), RH_OK);
	fixture->stop = 1;
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(row.outcome, RH_OUTCOME_AWAY);
}

static void test_job_poll_fails(void **state)
{
	static const struct scripted_rule rules[] = {
		{.fault = SCRIPTED_STATUS, .status = 403, .body = "<html>", .is_foreign = true},
		{.fault = SCRIPTED_STATUS, .status = 401, .body = "{}"},
		{.fault = SCRIPTED_STATUS, .status = 404, .body = "{\"error\":{}}"},
		{.fault = SCRIPTED_BROKEN, .status = RH_EIO},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct scripted_rule rule = rules[i];
		struct fixture *fixture;
		struct rh_row row;
		void *own = NULL;
		(void)engine_setup(&own);
		fixture = own;
		rule.path = "/v1/jobs/";
		scripted_add(&fixture->scripted, rule);
		(void)submit_job(fixture, &row);
		(void)engine_finish(fixture);
		engine_check_fates(fixture);
		assert_int_equal(row.outcome, RH_OUTCOME_UNKNOWN);
		assert_int_equal(fixture->server.created, 1);
		(void)engine_teardown(&own);
	}
	(void)state;
}

/* ---- E9 and max_wait ---------------------------------------------------------------------------------------- */

/* One request that some proxy always turns away; the others go on. */
static void test_one_is_turned_away(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted,
		     (struct scripted_rule){.fault = SCRIPTED_STATUS,
					    .method = "GET",
					    .path = "/v1/users?external_ids=bad",
					    .status = 403,
					    .body = "<html>",
					    .is_foreign = true});
	engine_begin(fixture);
	(void)engine_find(fixture, "bad");
	create_many(fixture, 50);
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_AWAY);
	assert_int_equal(scripted_count(&fixture->scripted, "GET", "/v1/users"), 5);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_DONE), 50);
}

/* A target that is away says nothing about the data: for minutes nobody is given up. */
static void test_away_for_minutes(void **state)
{
	struct fixture *fixture = *state;
	rh_time last = 0;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_NOT_SENT,
								.path = "/v1/users",
								.skip = 5,
								.count = 60});
	engine_begin(fixture);
	create_many(fixture, 10);
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_DONE), 10);
	/* All of it waits (lane.h, 3): the pauses have grown. */
	for (size_t i = 0; i < fixture->scripted.record_count; i++) {
		last = fixture->scripted.records[i].at;
	}
	assert_true(last > 60 * RH_SECOND);
}

static void test_away_for_longer(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_NOT_SENT,
								.path = "/v1/users",
								.skip = 5});
	fixture->options.max_wait_us = 120 * RH_SECOND;
	engine_begin(fixture);
	create_many(fixture, 10);
	assert_int_equal(engine_finish(fixture), RH_ENET);
	engine_check_fates(fixture);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_DONE), 5);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_AWAY), 5);
	assert_in_range(fixture->scripted.clock.steady_at, 30 * RH_SECOND, 180 * RH_SECOND);
}

/* E7: who stops does not wait for a reading of a target that is not there. */
static void test_stopped_while_away(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_NOT_SENT,
								.method = "GET",
								.path = "/v1/users"});
	engine_begin(fixture);
	create_many(fixture, 3);
	assert_int_equal(engine_finish(fixture), RH_OK);
	(void)engine_find(fixture, "somebody");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rh_engine_turn(fixture->engine, 1000, NULL), RH_OK);
	}
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_AWAY), 0);
	fixture->stop = 1;
	assert_int_equal(rh_engine_turn(fixture->engine, 0, NULL), RH_OK);
	assert_int_equal(rh_engine_open(fixture->engine), 0);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_AWAY), 1);
	engine_check_fates(fixture);
}

static void test_throttled_for_longer(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_STATUS,
								.path = "/v1/users",
								.status = 429});
	fixture->options.max_wait_us = 120 * RH_SECOND;
	engine_begin(fixture);
	create_many(fixture, 10);
	assert_int_equal(engine_finish(fixture), RH_ENET);
	engine_check_fates(fixture);
	assert_int_equal(count_outcome(fixture, RH_OUTCOME_AWAY), 10); /* never an account's end */
	assert_int_equal(fixture->server.created, 0);
}

/* At the first contact an address may simply be wrong: minutes would be wasted. */
static void test_first_contact(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_NOT_SENT});
	fixture->connector.ops[RH_KIND_AUTH][RH_VERB_CREATE] = NULL;
	engine_begin(fixture);
	(void)engine_find(fixture, "nobody");
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_AWAY);
	assert_string_equal(fixture->fates[0].cause, "connection refused");
	assert_int_equal(fixture->scripted.record_count, 5);
	assert_true(fixture->scripted.clock.steady_at < 60 * RH_SECOND);
}

/* ---- a connector that breaks the rules ---------------------------------------------------------------------- */

static int done_without_outcome(const void *instance, struct rh_operation *operation,
				const struct rh_response *response, rh_time now, uint64_t seed,
				struct rh_answer *answer)
{
	int code = acme_step_create(instance, operation, response, now, seed, answer);

	if (response != NULL) {
		operation->rows[0].outcome = RH_OUTCOME_NONE;
	}
	return code;
}

static int out_of_memory(const void *instance, struct rh_operation *operation,
			 const struct rh_response *response, rh_time now, uint64_t seed,
			 struct rh_answer *answer)
{
	int code = acme_step_create(instance, operation, response, now, seed, answer);

	return response != NULL ? RH_ENOMEM : code;
}

static void test_step_breaks(void **state)
{
	rh_step_fn *const steps[] = {done_without_outcome, out_of_memory};
	const int codes[] = {RH_EINTERNAL, RH_ENOMEM};

	for (size_t i = 0; i < 2; i++) {
		struct fixture *fixture;
		void *own = NULL;
		(void)engine_setup(&own);
		fixture = own;
		fixture->connector.ops[RH_KIND_USER][RH_VERB_CREATE] = steps[i];
		engine_begin(fixture);
		create_many(fixture, 3);
		assert_int_equal(engine_finish(fixture), codes[i]);
		engine_check_fates(fixture);
		assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_UNKNOWN); /* it was sent */
		(void)engine_teardown(&own);
	}
	(void)state;
}

/* The wrapper for plan: a write never leaves, even one that is not marked. */
static int unmarked_write(const void *instance, struct rh_operation *operation,
			  const struct rh_response *response, rh_time now, uint64_t seed,
			  struct rh_answer *answer)
{
	int code = acme_step_create(instance, operation, response, now, seed, answer);

	answer->request.is_writing = false;
	return code;
}

static void test_readonly(void **state)
{
	rh_step_fn *const steps[] = {acme_step_create, unmarked_write};

	for (size_t i = 0; i < 2; i++) {
		struct fixture *fixture;
		void *own = NULL;
		(void)engine_setup(&own);
		fixture = own;
		fixture->connector.ops[RH_KIND_USER][RH_VERB_CREATE] = steps[i];
		assert_int_equal(rh_transport_readonly(&fixture->options.transport,
						       &fixture->scripted.face, &fixture->err),
				 RH_OK);
		engine_begin(fixture);
		(void)engine_find(fixture, "nobody"); /* the token and the reading pass */
		assert_int_equal(engine_finish(fixture), RH_OK);
		assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_ABSENT);
		create_many(fixture, 1);
		assert_int_equal(engine_finish(fixture), RH_EINTERNAL);
		engine_check_fates(fixture);
		assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1"), 0);
		(void)engine_teardown(&own);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fatal, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_broken_start, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_full_for_ever, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_broken_wait, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_drain, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_abandon, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_free_in_the_middle, engine_setup,
						engine_teardown),
		cmocka_unit_test(test_job_stopped),
		cmocka_unit_test_setup_teardown(test_job_stopped_before, engine_setup,
						engine_teardown),
		cmocka_unit_test(test_job_poll_fails),
		cmocka_unit_test_setup_teardown(test_one_is_turned_away, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_away_for_minutes, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_stopped_while_away, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_away_for_longer, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_throttled_for_longer, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_first_contact, engine_setup, engine_teardown),
		cmocka_unit_test(test_step_breaks),
		cmocka_unit_test(test_readonly),
	};

	return cmocka_run_group_tests_name("engine/engine_end", tests, NULL, NULL);
}
