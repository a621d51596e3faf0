/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killed at every ledger step of apply and of undo, at a target that behaves and at one that does not; then
 * run again.  In the end everybody is there once (or nobody of ours any more), whatever happened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town.h"

#ifdef RH_TEST_HOOKS
static const bool has_hooks = true;
#else
static const bool has_hooks = false; /* as in what is released: nothing to be tested */
#endif

#define POST_USERS "\"method\":\"POST\",\"path\":\"/user_management/users\""

enum {
	MANY = 600, /* three groups of the ledger */
	MORE = 300, /* two */
	SOME = 40,
	STRANGERS = 2,
	STEPS_MAX = 400, /* a run with more steps than this is one that does not end */
};

/* An empty target but for two strangers, and a workspace of its own. */
static void start_anew(struct town *town)
{
	rehearsed_reset(&town->server, NULL);
	town_new_workspace(town);
	free(rehearsed_add(&town->server, "before@example.org", "before"));
	free(rehearsed_add(&town->server, "nameless@example.org", NULL));
}

/* What must hold once a run has come to its end: the target, the counts, another apply, a verify. */
static void check_end(struct town *town)
{
	struct went went;
	uint64_t writes;

	rehearsed_reset(&town->server, "faults");
	town_check_moved(town, STRANGERS);
	writes = rehearsed_count(&town->server, "writes");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.writes, 0);
	assert_int_equal(rehearsed_count(&town->server, "writes"), writes);
	town_verify(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.verified, town->count);
	assert_int_equal(went.run.differs + went.run.missing, 0);
}

/* The same command again, or the plan that is there again, until the end is reached. */
static void run_to_end(struct town *town, uint64_t n, struct went *went)
{
	for (unsigned tries = 0; tries < 4; tries++) {
		if (n % 2 == 0) {
			town_go_on(town, 0, NULL, went);
		}
		if (n % 2 != 0 || went->code == RH_ESTATE) {
			town_apply(town, NULL, went);
		}
		assert_int_equal(went->code, RH_OK);
		if (rh_run_exit(went->code, &went->run) == RH_EXIT_DONE) {
			return;
		}
		assert_int_equal(rh_run_exit(went->code, &went->run), RH_EXIT_STOPPED);
	}
	fail_msg("killed at %llu: never comes to an end", (unsigned long long)n);
}

static void apply_killed(struct town *town, unsigned people, const char *faults)
{
	struct went went;
	uint64_t n;

	if (!has_hooks) {
		skip();
	}
	town_settle(town, 1, people, "");
	for (n = 1; n < STEPS_MAX; n++) {
		bool was_killed;
		start_anew(town);
		if (faults != NULL) {
			rehearsed_fault(&town->server, "%s", faults);
		}
		was_killed = town_killed_at(town, town_apply, NULL, n);
		run_to_end(town, n, &went);
		town_check_counts(town, &went);
		check_end(town);
		if (!was_killed) {
			break;
		}
	}
	print_message("# %u people, %llu steps\n", people, (unsigned long long)n - 1);
	assert_in_range(n, 10, STEPS_MAX - 1);
}

static void apply_killed_at_every_step(void **state)
{
	apply_killed(*state, MANY, NULL);
}

/* Every run dies a little later than the one before, until one comes to its end. */
static void apply_killed_again_and_again(void **state)
{
	struct town *town = *state;
	struct went went;
	uint64_t n = 5;

	if (!has_hooks) {
		skip();
	}
	town_settle(town, 1, MANY, "");
	start_anew(town);
	while (town_killed_at(town, town_apply, NULL, n)) {
		assert_in_range(++n, 6, STEPS_MAX);
	}
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	check_end(town);
}

static void apply_killed_while_answers_are_lost(void **state)
{
	apply_killed(*state, SOME,
		     "[{\"kind\":\"reset-after\"," POST_USERS ",\"count\":4},"
		     "{\"kind\":\"cut\"," POST_USERS ",\"count\":3,\"after\":6}]");
}

static void apply_killed_while_nothing_is_done(void **state)
{
	apply_killed(*state, SOME,
		     "[{\"kind\":\"reset-before\"," POST_USERS ",\"count\":3},"
		     "{\"kind\":\"status\",\"status\":500," POST_USERS ",\"count\":3,\"after\":9},"
		     "{\"kind\":\"html\"," POST_USERS ",\"count\":2,\"after\":3}]");
}

static void apply_killed_while_all_is_slow(void **state)
{
	apply_killed(*state, SOME,
		     "[{\"kind\":\"slow\",\"delay_ms\":60," POST_USERS ",\"count\":0},"
		     "{\"kind\":\"status\",\"status\":500,\"done\":true," POST_USERS
		     ",\"count\":2}]");
}

/* Nothing of ours is left, and everybody who was there before is. */
static void check_undone(struct town *town)
{
	json_t *users = rehearsed_users(&town->server);
	bool before = false;
	bool nameless = false;
	size_t index;
	json_t *user;

	assert_int_equal(json_array_size(users), STRANGERS);
	json_array_foreach(users, index, user)
	{
		const char *email = json_string_value(json_object_get(user, "email"));
		before = before || strcmp(email, "before@example.org") == 0;
		nameless = nameless || strcmp(email, "nameless@example.org") == 0;
	}
	assert_true(before && nameless);
	json_decref(users);
}

/* apply_at: the step at which the apply before it was killed; 0: it came to its end. */
static void undo_killed(struct town *town, unsigned people, uint64_t apply_at, const char *faults)
{
	struct went went;
	uint64_t n;

	if (!has_hooks) {
		skip();
	}
	town_settle(town, 1, people, "");
	for (n = 1; n < STEPS_MAX; n++) {
		bool was_killed;
		start_anew(town);
		if (apply_at > 0) {
			assert_true(town_killed_at(town, town_apply, NULL, apply_at));
		} else {
			town_apply(town, NULL, &went);
			town_check_counts(town, &went);
		}
		if (faults != NULL) {
			rehearsed_fault(&town->server, "%s", faults);
		}
		was_killed = town_killed_at(town, town_undo, NULL, n);
		for (unsigned tries = 0; tries < 4; tries++) {
			town_undo(town, NULL, &went);
			assert_int_equal(went.code, RH_OK);
			if (rh_run_exit(went.code, &went.run) != RH_EXIT_STOPPED) {
				break;
			}
		}
		assert_int_equal(rh_run_exit(went.code, &went.run), RH_EXIT_DONE);
		check_undone(town);
		rehearsed_reset(&town->server, "faults");
		town_undo(town, NULL, &went);
		assert_int_equal(went.code, RH_OK);
		assert_int_equal(went.run.writes, 0);
		if (!was_killed) {
			break;
		}
	}
	/* What was undone can be done again. */
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	check_end(town);
	print_message("# %u people, %llu steps\n", people, (unsigned long long)n - 1);
	assert_in_range(n, 6, STEPS_MAX - 1);
}

static void undo_killed_at_every_step(void **state)
{
	undo_killed(*state, MORE, 0, NULL);
}

static void undo_of_half_an_apply_killed(void **state)
{
	undo_killed(*state, MORE, 9, NULL);
	undo_killed(*state, MORE, 12, NULL);
}

static void undo_killed_while_answers_are_lost(void **state)
{
	undo_killed(*state, SOME, 0,
		    "[{\"kind\":\"reset-after\",\"method\":\"DELETE\",\"count\":4},"
		    "{\"kind\":\"reset-before\",\"method\":\"DELETE\",\"count\":4,\"after\":3},"
		    "{\"kind\":\"status\",\"status\":500,\"method\":\"DELETE\",\"count\":3},"
		    "{\"kind\":\"cut\",\"method\":\"GET\",\"count\":1,\"after\":5}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN_TEST(apply_killed_at_every_step),
		TOWN_TEST(apply_killed_again_and_again),
		TOWN_TEST(apply_killed_while_answers_are_lost),
		TOWN_TEST(apply_killed_while_nothing_is_done),
		TOWN_TEST(apply_killed_while_all_is_slow),
		TOWN_TEST(undo_killed_at_every_step),
		TOWN_TEST(undo_of_half_an_apply_killed),
		TOWN_TEST(undo_killed_while_answers_are_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
