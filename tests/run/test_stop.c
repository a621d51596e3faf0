/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that must not begin, that stop on the way, and the pace of those that run (C-27). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"
#include "town.h"

#define USERS "/user_management/users"
#define POST_USERS "\"method\":\"POST\",\"path\":\"" USERS "\""

/* 50 writes in any second. */
static int setup_limited(void **state)
{
	const struct rh_rehearsal_options options = {
		.limits = RH_LIMITS_CUSTOM,
		.custom_limit = 50,
		.custom_window_us = 1000000,
	};
	struct town *town = calloc(1, sizeof(*town));

	assert_non_null(town);
	town_found(town, &options);
	*state = town;
	return 0;
}

static size_t users_count(const struct town *town)
{
	json_t *users = rehearsed_users(&town->server);
	size_t count = json_array_size(users);

	json_decref(users);
	return count;
}

/* ---- stopped by the operator ----------------------------------------------------------------- */

static void stop_and_go_on(struct town *town, unsigned level)
{
	struct went went;

	town_settle(town, 1, 600, "");
	rehearsed_fault(&town->server,
			"{\"kind\":\"slow\",\"delay_ms\":20," POST_USERS ",\"count\":0}");
	town->progress = town_stop;
	town->rate = "1000";
	town->stop_after = 60;
	town->stop_levels = level;
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_EINTERRUPTED, RH_EXIT_INTERRUPTED);
	assert_in_range(users_count(town), 60, 599);
	assert_int_equal(went.run.created + went.run.unknown + went.run.deferred + went.run.open,
			 600);
	if (level == 1) { /* what flew was awaited */
		assert_int_equal(went.run.unknown, 0);
		assert_int_equal(went.run.created, users_count(town));
	}
	town->progress = NULL;
	town->rate = "100000";
	rehearsed_reset(&town->server, "faults");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	town_check_moved(town, 0);
}

static void a_first_stop_drains(void **state)
{
	stop_and_go_on(*state, 1);
}

static void a_second_stop_abandons(void **state)
{
	stop_and_go_on(*state, 2);
}

/* ---- not allowed to begin -------------------------------------------------------------------- */

static void a_wrong_key_writes_nothing(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 20, "");
	town->key = "sk_test_wrong";
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_EDENIED, RH_EXIT_DENIED);
	town->key = "sk_test_rehearsal";
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	town->key = "sk_test_wrong";
	town_go_on(town, 0, NULL, &went);
	town_check_end(&went, RH_EDENIED, RH_EXIT_DENIED);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 0);
	town->key = "sk_test_rehearsal";
	town_go_on(town, 0, NULL, &went);
	town_check_counts(town, &went);
	town->key = "sk_test_wrong";
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_EDENIED, RH_EXIT_DENIED);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_EDENIED, RH_EXIT_DENIED);
	assert_int_equal(users_count(town), 20);
}

static void another_environment_is_foreign(void **state)
{
	struct town *town = *state;
	struct went went;
	uint64_t writes;

	town_settle(town, 1, 20, "");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	writes = rehearsed_count(&town->server, "writes");
	town->key = "sk_live_rehearsal";
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	/* The same kind of key, but none of our accounts is there. */
	town->key = "sk_test_rehearsal";
	rehearsed_reset(&town->server, "objects");
	town_settle(town, 1, 25, "");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_int_equal(rehearsed_count(&town->server, "writes"), writes);
}

static void a_plan_holds_for_its_input_and_options(void **state)
{
	static const char *const others[][3] = {
		{"on-existing", "link", NULL},
		{"external-id", "seat", NULL},
		{"workos-unsafe-metadata", "true", NULL},
	};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 20, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		town_go_on(town, 0, others[i], &went);
		town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
		assert_non_null(strstr(went.err.hint, "Plan again"));
	}
	town_settle(town, 1, 21, "");
	town_go_on(town, 0, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_non_null(strstr(went.err.hint, "Plan again"));
	assert_int_equal(rehearsed_count(&town->server, "writes"), 0);
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
}

static void two_at_once_are_one_too_many(void **state)
{
	struct town *town = *state;
	struct went went;
	char holder[32];
	int status;
	pid_t pid;

	town_settle(town, 1, 100, "");
	rehearsed_fault(&town->server,
			"{\"kind\":\"slow\",\"delay_ms\":300," POST_USERS ",\"count\":0}");
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		town_apply(town, NULL, &went);
		_exit(went.code == RH_OK ? 0 : 1);
	}
	for (int i = 0; rehearsed_count(&town->server, "writes") == 0; i++) {
		const struct timespec pause = {.tv_nsec = 10000000};
		assert_in_range(i, 0, 1000);
		(void)nanosleep(&pause, NULL);
	}
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	(void)snprintf(holder, sizeof(holder), "process %d ", (int)pid);
	assert_non_null(strstr(went.err.message, holder));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	rehearsed_reset(&town->server, "faults");
	town_check_moved(town, 0);
}

/* ---- the target is away ---------------------------------------------------------------------- */

/* Ends the server in the middle of the run. */
static void end_server(void *context, const struct rh_progress *progress)
{
	struct town *town = context;

	if (progress->phase == RH_PHASE_APPLY && progress->done >= town->stop_after &&
	    town->stop_levels > 0) {
		town->stop_levels = 0;
		rehearsed_stop(&town->server);
	}
}

static void a_target_that_goes_away_is_waited_for(void **state)
{
	static const char *const impatient[] = {"max-wait", "1", NULL};
	struct town *town = *state;
	char *path = test_folder_path(town->folder, "target.state");
	struct rh_rehearsal_options options = {.limits = RH_LIMITS_OFF, .state_path = path};
	struct went went;

	rehearsed_stop(&town->server);
	rehearsed_start(&town->server, &options);
	options.port = town->server.port;
	town_settle(town, 1, 300, "");
	town->progress = end_server;
	town->rate = "1000";
	town->stop_after = 30;
	town->stop_levels = 1;
	town_apply(town, impatient, &went);
	town_check_end(&went, RH_ENET, RH_EXIT_STOPPED);
	assert_int_equal(went.run.created + went.run.unknown + went.run.deferred + went.run.open,
			 300);
	assert_in_range(went.run.created, 1, 299);
	/* Nobody there at all. */
	town->progress = NULL;
	town_go_on(town, 0, impatient, &went);
	town_check_end(&went, RH_ENET, RH_EXIT_STOPPED);
	town_undo(town, impatient, &went);
	town_check_end(&went, RH_ENET, RH_EXIT_STOPPED);
	rehearsed_start(&town->server, &options);
	town->rate = "100000";
	town_go_on(town, 0, NULL, &went);
	town_check_counts(town, &went);
	town_check_moved(town, 0);
	free(path);
}

/* ---- pace ------------------------------------------------------------------------------------ */

static void a_429_is_a_pause(void **state)
{
	static const char *const impatient[] = {"max-wait", "1", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 60, "");
	rehearsed_fault(&town->server, "{\"kind\":\"status\",\"status\":429,\"retry_after\":1,"
				       "\"after\":20," POST_USERS "}");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.throttled, 1);
	assert_true(went.run.elapsed_us > 900000);
	town_check_moved(town, 0);
	/* One that names no time is a long pause: too long for this one. */
	town_settle(town, 1, 90, "");
	rehearsed_fault(&town->server,
			"{\"kind\":\"retry-after-none\",\"after\":10," POST_USERS "}");
	town_apply(town, impatient, &went);
	town_check_end(&went, RH_ENET, RH_EXIT_STOPPED);
	assert_int_equal(went.run.throttled, 1);
	town_go_on(town, 0, NULL, &went);
	town_check_counts(town, &went);
	town_check_moved(town, 0);
}

static void the_documented_pace_is_kept(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 200, "");
	town->rate = NULL;
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.throttled, 0);
	assert_int_equal(rehearsed_count(&town->server, "too_many_requests"), 0);
	/* 199 intervals of 1/49.5 s; how much longer it takes is the machine's affair. */
	assert_true(went.run.elapsed_us >= 4000000);
	assert_in_range(went.plan.predicted_us, 4000000, 4100000);
}

static void the_pace_that_is_asked_for_is_kept(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 60, "");
	town->rate = "40";
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(rehearsed_count(&town->server, "too_many_requests"), 0);
	assert_true(went.run.elapsed_us >= 1475000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN_TEST(a_first_stop_drains),
		TOWN_TEST(a_second_stop_abandons),
		TOWN_TEST(a_wrong_key_writes_nothing),
		TOWN_TEST(another_environment_is_foreign),
		TOWN_TEST(a_plan_holds_for_its_input_and_options),
		TOWN_TEST(two_at_once_are_one_too_many),
		TOWN_TEST(a_target_that_goes_away_is_waited_for),
		TOWN_TEST(a_429_is_a_pause),
		cmocka_unit_test_setup_teardown(the_documented_pace_is_kept, setup_limited,
						town_teardown),
		cmocka_unit_test_setup_teardown(the_pace_that_is_asked_for_is_kept, setup_limited,
						town_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
