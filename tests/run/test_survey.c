/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan asks the target: never a write, whatever happens; and the cheapest way to find who stands there (V1-V4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town.h"

#define LIST "\"method\":\"GET\",\"path\":\"/user_management/users\""

/* ---- the recorder -------------------------------------------------------------------------------------- */

/* Requests that the server saw on its wire; every one must have been a reading one. */
static uint64_t only_reads(const struct town *town, const char *when)
{
	json_t *counters = rehearsed_control(&town->server, "counters", NULL);
	const json_t *route;
	uint64_t requests = 0;
	size_t index;

	json_array_foreach(json_object_get(counters, "routes"), index, route)
	{
		const char *method = json_string_value(json_object_get(route, "method"));
		uint64_t count = (uint64_t)json_integer_value(json_object_get(route, "requests"));
		if (count > 0 && (method == NULL || strcmp(method, "GET") != 0)) {
			fail_msg("%s: %llu requests %s", when, (unsigned long long)count,
				 method != NULL ? method : "of a route that is not known");
		}
		requests += count;
	}
	assert_int_equal(rehearsed_count(&town->server, "writes"), 0);
	json_decref(counters);
	return requests;
}

/* The recorder sees a write when there is one. */
static void the_recorder_hears_a_write(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 2, "");
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 2);
}

struct attempt {
	const char *what;
	const char *fault; /* JSON of a fault, or NULL */
	const char *options[5];
	int code;
	bool is_silent; /* no request at all */
};

static void planning_writes_nothing_on_any_path(void **state)
{
	static const struct attempt attempts[] = {
		{"all is well", NULL, {NULL}, RH_OK, false},
		{"offline", NULL, {"offline", "true", NULL}, RH_OK, true},
		{"link", NULL, {"on-existing", "link", NULL}, RH_OK, false},
		{"fail", NULL, {"on-existing", "fail", NULL}, RH_OK, false},
		{"newest", NULL, {"on-duplicate", "newest", NULL}, RH_OK, false},
		{"one person", NULL, {"only", "user_00002", NULL}, RH_OK, false},
		{"nobody by that name", NULL, {"only", "user_99999", NULL}, RH_EUSAGE, true},
		{"after nobody", NULL, {"resume-after", "nobody", NULL}, RH_EUSAGE, true},
		{"an input that is not there",
		 NULL,
		 {"file", "/nowhere/a.json", NULL},
		 RH_EINPUT,
		 true},
		{"refused key", "\"kind\":\"status\",\"status\":401", {NULL}, RH_EDENIED, false},
		{"forbidden", "\"kind\":\"status\",\"status\":403", {NULL}, RH_EDENIED, false},
		{"broken server",
		 "\"kind\":\"status\",\"status\":500",
		 {"max-wait", "1", NULL},
		 RH_ENET,
		 false},
		{"no such route",
		 "\"kind\":\"status\",\"status\":404",
		 {"max-wait", "1", NULL},
		 RH_EDENIED,
		 false},
		{"a proxy's page",
		 "\"kind\":\"html\",\"status\":200",
		 {"max-wait", "1", NULL},
		 RH_ENET,
		 false},
		{"cut answers", "\"kind\":\"cut\"", {"max-wait", "1", NULL}, RH_ENET, false},
		{"reset", "\"kind\":\"reset-before\"", {"max-wait", "1", NULL}, RH_ENET, false},
	};
	struct town *town = *state;

	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *attempt = &attempts[i];
		struct went went;
		uint64_t requests;

		rehearsed_reset(&town->server, NULL);
		town_new_workspace(town);
		town_settle(town, 1, 3, "");
		if (attempt->fault != NULL) {
			rehearsed_fault(&town->server, "{%s," LIST ",\"count\":0}", attempt->fault);
		}
		town_plan(town, attempt->options, &went);
		if (went.code != attempt->code) {
			fail_msg("%s: %d %s", attempt->what, went.code, went.err.message);
		}
		requests = only_reads(town, attempt->what);
		if ((requests == 0) != attempt->is_silent) {
			fail_msg("%s: %llu requests", attempt->what, (unsigned long long)requests);
		}
	}
}

static void stop_in_survey(void *context, const struct rh_progress *progress)
{
	struct town *town = context;

	if (progress->phase == RH_PHASE_SURVEY && town->stop_levels > 0) {
		town->stop_levels--;
		rh_migration_stop(town->migration);
	}
}

static void an_interrupted_survey_writes_nothing(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 3, "");
	rehearsed_fault(&town->server, "{\"kind\":\"slow\",\"delay_ms\":400," LIST ",\"count\":0}");
	town->progress = stop_in_survey;
	town->stop_levels = 1;
	town_plan(town, NULL, &went);
	town->progress = NULL;
	assert_int_equal(went.code, RH_EINTERRUPTED);
	assert_true(only_reads(town, "interrupted") > 0);
}

static void a_later_plan_writes_nothing(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 3, "");
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	rehearsed_reset(&town->server, "counters");
	town_settle(town, 1, 5, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.done, 3);
	assert_int_equal(went.plan.create, 2);
	assert_true(only_reads(town, "a later plan") > 0);
}

/* ---- the way ------------------------------------------------------------------------------------------- */

/* Another migration: its input's first person and how many, planned against what stands there. */
static void plans(struct town *town, unsigned first, unsigned count, struct went *went)
{
	town_new_workspace(town);
	rehearsed_reset(&town->server, "counters");
	town_settle(town, first, count, "");
	town_plan(town, NULL, went);
	assert_int_equal(went->code, RH_OK);
	assert_int_equal(went->plan.reads, only_reads(town, "a way"));
}

static void the_cheapest_way_is_taken(void **state)
{
	static const char *const everybody_out[] = {"except", "user_00001", NULL};
	struct town *town = *state;
	struct went went;

	plans(town, 1, 3, &went);
	assert_int_equal(went.plan.presence, RH_PRESENCE_EMPTY);
	assert_int_equal(went.plan.create, 3);
	/* 350 people stand there: four pages of a hundred. */
	town_settle(town, 1, 350, "");
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	/* Looking ten people up would cost twenty requests. */
	plans(town, 346, 10, &went);
	assert_int_equal(went.plan.presence, RH_PRESENCE_LISTED);
	assert_int_equal(went.plan.target_accounts, 350);
	assert_int_equal(went.plan.skip, 5);
	assert_int_equal(went.plan.create, 5);
	assert_int_equal(went.plan.exist_by_id, 5);
	assert_int_equal(went.plan.exist_by_email, 0);
	/* One costs two: the list is given up when it has cost as much. */
	plans(town, 350, 1, &went);
	assert_int_equal(went.plan.presence, RH_PRESENCE_LOOKED_UP);
	assert_int_equal(went.plan.skip, 1);
	assert_int_equal(went.plan.create, 0);
	assert_in_range(went.plan.reads, 4, 7); /* pages are asked for ahead */
	plans(town, 351, 1, &went);
	assert_int_equal(went.plan.presence, RH_PRESENCE_LOOKED_UP);
	assert_int_equal(went.plan.skip, 0);
	assert_int_equal(went.plan.create, 1);
	/* Nobody is to be created. */
	town_new_workspace(town);
	town_settle(town, 1, 1, "");
	rehearsed_reset(&town->server, "counters");
	town_plan(town, everybody_out, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.presence, RH_PRESENCE_NOBODY);
	assert_in_range(only_reads(town, "nobody"), 0, 1);
}

/* Who is found by the address alone is found by look-ups as by the list. */
static void look_ups_tell_the_same_as_the_list(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 350, "");
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	free(rehearsed_add(&town->server, "grace@example.com", NULL));
	town_new_workspace(town);
	town_settle(town, 0, 0,
		    "{\"id\":\"user_grace\",\"object\":\"user\",\"primary_email_address_id\":"
		    "\"idn_1\",\"email_addresses\":[{\"id\":\"idn_1\",\"email_address\":"
		    "\"Grace@Example.com\",\"verification\":{\"status\":\"verified\"}}]}");
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.presence, RH_PRESENCE_LOOKED_UP);
	assert_int_equal(went.plan.skip, 1);
	assert_int_equal(went.plan.exist_by_email, 1);
	assert_int_equal(went.plan.exist_by_id, 0);
}

#define CASE(name) TOWN_TEST(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_recorder_hears_a_write),
		CASE(planning_writes_nothing_on_any_path),
		CASE(an_interrupted_survey_writes_nothing),
		CASE(a_later_plan_writes_nothing),
		CASE(the_cheapest_way_is_taken),
		CASE(look_ups_tell_the_same_as_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
