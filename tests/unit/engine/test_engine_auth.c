/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: had before they are needed, renewed in time, once after a 401; numbers are rules of engine.c. */
#include "engine_support.h"

#include <string.h>

#include "base/str.h"

/* Waits once before it asks, to be met in the middle by a stop. */
static int patient_token(const void *instance, struct rh_operation *operation,
			 const struct rh_response *response, rh_time now, uint64_t seed,
			 struct rh_answer *answer)
{
	if (response == NULL && operation->stage++ == 0) {
		*answer = (struct rh_answer){.kind = RH_ANSWER_WAIT, .wait_us = 5 * RH_SECOND};
		return RH_OK;
	}
	return acme_step_token(instance, operation, response, now, seed, answer);
}

static void create_many(struct fixture *fixture, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		(void)engine_create(fixture);
	}
}

/* One token for all, and before everything else, however many wait for it. */
static void test_token_first(void **state)
{
	struct fixture *fixture = *state;

	engine_begin(fixture);
	create_many(fixture, 200);
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_string_equal(fixture->scripted.records[0].path, "/token");
	assert_null(fixture->scripted.records[0].key);
	assert_string_equal(fixture->scripted.records[1].key, "acme-token-1");
	assert_int_equal(fixture->server.tokens_given, 1);
	assert_int_equal(fixture->server.tokens_renewed, 0);
}

/* Many that fly meet the 401 of one ended token: it is renewed once, and all are sent again. */
static void test_refused_in_the_middle(void **state)
{
	struct fixture *fixture = *state;

	fixture->scripted.latency_us = RH_SECOND;
	engine_begin(fixture);
	create_many(fixture, 60);
	assert_int_equal(engine_turn_for(fixture, 3 * RH_SECOND), RH_OK);
	fixture->server.token_ends_at = 0; /* taken back */
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(fixture->server.tokens_given, 1);
	assert_int_equal(fixture->server.tokens_renewed, 1);
	assert_int_equal(fixture->server.created, 60);
	for (unsigned i = 0; i < 60; i++) {
		assert_int_equal(fixture->fates[i].outcome, RH_OUTCOME_DONE);
	}
}

/* A 401 that comes when a newer token is there already: no third one is asked for. */
static void test_late_refusal(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_STATUS,
								.method = "POST",
								.path = "/v1/users",
								.count = 1,
								.status = 401,
								.body = "{}"});
	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_SLOW,
								.method = "POST",
								.path = "/v1/users",
								.count = 1,
								.wait_us = 30 * RH_SECOND});
	engine_begin(fixture);
	create_many(fixture, 1);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(fixture->server.tokens_renewed, 1);
	/* This one flies for long with token 2, which ends meanwhile; another gets token 3 first. */
	fixture->scripted.rules[1].seen = 0;
	create_many(fixture, 1);
	assert_int_equal(engine_turn_for(fixture, RH_SECOND), RH_OK);
	fixture->server.token_ends_at = 0;
	create_many(fixture, 1);
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(fixture->server.tokens_renewed, 2);
}

static void test_second_refusal_ends(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_STATUS,
								.path = "/v1/users",
								.skip = 2,
								.status = 401,
								.body = "{}"});
	engine_begin(fixture);
	create_many(fixture, 20);
	assert_int_equal(engine_finish(fixture), RH_EDENIED);
	engine_check_fates(fixture);
	assert_int_equal(fixture->fates[1].outcome, RH_OUTCOME_DONE);
	assert_int_equal(fixture->fates[2].outcome, RH_OUTCOME_DENIED);
	assert_int_equal(fixture->fates[2].scope, RH_SCOPE_RUN);
	assert_int_equal(fixture->fates[19].outcome, RH_OUTCOME_AWAY);
	assert_int_equal(fixture->server.tokens_renewed, 1);
}

/* An operation of many requests may meet a 401 again, hours later. */
static void test_refused_twice_in_a_job(void **state)
{
	struct fixture *fixture = *state;
	struct rh_row row = engine_row(fixture, 0);

	for (unsigned i = 0; i < 2; i++) {
		scripted_add(&fixture->scripted, (struct scripted_rule){.fault = SCRIPTED_STATUS,
									.path = "/v1/jobs/",
									.skip = 2 * i,
									.count = 1,
									.status = 401,
									.body = "{}"});
	}
	engine_begin(fixture);
	(void)engine_submit_kind(fixture, RH_KIND_USER, RH_VERB_BULK, &row, 1);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(row.outcome, RH_OUTCOME_DONE);
	assert_int_equal(fixture->server.tokens_renewed, 2);
	assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1/jobs"), 1);
}

/* Renewed before it ends: no 401 is ever seen. */
static void test_renewed_in_time(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.token_life_us = 100 * RH_SECOND;
	fixture->options.rate = 1;
	engine_begin(fixture);
	create_many(fixture, 120);
	assert_int_equal(engine_finish(fixture), RH_OK);
	engine_check_fates(fixture);
	assert_int_equal(fixture->server.tokens_given, 1);
	assert_in_range(fixture->server.tokens_renewed, 1, 3);
	assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1/users"), 120);
}

/* One that lives shorter than our margin is used all the same. */
static void test_short_life(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.token_life_us = 10 * RH_SECOND;
	fixture->options.rate = 1;
	engine_begin(fixture);
	create_many(fixture, 30);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_in_range(fixture->server.tokens_renewed, 3, 10);
	assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1/users"), 30);
}

static int ended_token(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer)
{
	int code = acme_step_token(instance, operation, response, now, seed, answer);

	if (operation->token_expires_at != 0) {
		operation->token_expires_at = now - 3600 * RH_SECOND;
	}
	return code;
}

/* One that has ended by our clock, which differs from theirs, is used until they refuse it. */
static void test_clocks_differ(void **state)
{
	struct fixture *fixture = *state;

	fixture->connector.ops[RH_KIND_AUTH][RH_VERB_CREATE] = ended_token;
	engine_begin(fixture);
	create_many(fixture, 5);
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(fixture->server.tokens_given, 1);
	assert_int_equal(fixture->server.tokens_renewed, 0);
}

/* Without a way to renew it another one is acquired. */
static void test_no_renewal(void **state)
{
	struct fixture *fixture = *state;

	fixture->connector.ops[RH_KIND_AUTH][RH_VERB_UPDATE] = NULL;
	engine_begin(fixture);
	create_many(fixture, 2);
	assert_int_equal(engine_turn_for(fixture, 50 * RH_MILLISECOND), RH_OK);
	fixture->server.token_ends_at = 0;
	assert_int_equal(engine_finish(fixture), RH_OK);
	assert_int_equal(fixture->server.tokens_given, 2);
	assert_int_equal(fixture->fates[1].outcome, RH_OUTCOME_DONE);
}

static void test_secret_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.refuses_token = true;
	engine_begin(fixture);
	create_many(fixture, 3);
	assert_int_equal(engine_finish(fixture), RH_EDENIED);
	engine_check_fates(fixture);
	assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_AWAY);
	assert_int_equal(scripted_count(&fixture->scripted, NULL, NULL), 1);
	assert_null(strstr(fixture->err.message, "acme-secret"));
}

/* Whoever gives tokens is away: that is no refusal. */
static void test_token_away(void **state)
{
	struct fixture *fixture = *state;

	scripted_add(&fixture->scripted,
		     (struct scripted_rule){.fault = SCRIPTED_NOT_SENT, .path = "/token"});
	engine_begin(fixture);
	create_many(fixture, 3);
	assert_int_equal(engine_finish(fixture), RH_ENET);
	engine_check_fates(fixture);
	assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_AWAY);
}

/* A stop while a token is waited for is an interruption, not a refusal. */
static void test_stop_without_token(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned level = 1; level <= 2; level++) {
		void *own = NULL;
		(void)engine_setup(&own);
		fixture = own;
		fixture->connector.ops[RH_KIND_AUTH][RH_VERB_CREATE] = patient_token;
		engine_begin(fixture);
		create_many(fixture, 3);
		(void)engine_find(fixture, "nobody");
		assert_int_equal(engine_turn_for(fixture, RH_SECOND), RH_OK);
		fixture->stop = (int)level;
		assert_int_equal(engine_finish(fixture), RH_OK);
		engine_check_fates(fixture);
		assert_int_equal(fixture->fates[0].outcome, RH_OUTCOME_AWAY);
		assert_int_equal(fixture->fates[3].outcome,
				 level == 1 ? RH_OUTCOME_ABSENT : RH_OUTCOME_AWAY);
		assert_int_equal(scripted_count(&fixture->scripted, "POST", "/v1"), 0);
		(void)engine_teardown(&own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_token_first, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_refused_in_the_middle, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_late_refusal, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_second_refusal_ends, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_refused_twice_in_a_job, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_renewed_in_time, engine_setup,
						engine_teardown),
		cmocka_unit_test_setup_teardown(test_short_life, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_clocks_differ, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_no_renewal, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_secret_refused, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_token_away, engine_setup, engine_teardown),
		cmocka_unit_test(test_stop_without_token),
	};

	return cmocka_run_group_tests_name("engine/engine_auth", tests, NULL, NULL);
}
