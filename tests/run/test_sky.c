/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bad sky: every answer that leaves something in doubt, refusals that are too many, access that is denied, and
 * what a run says of where it stands (apply.c, A2 and A6 to A8; connector.h, C5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town.h"

#define USERS "/user_management/users"
#define POST_USERS "\"method\":\"POST\",\"path\":\"" USERS "\""

/* ---- answers that leave something in doubt ---------------------------------------------------- */

/* A2, C5: whatever stands between us and the target, and whether it had done the work or not: each account is
 * there once, as exported, and known to be ours. */
static void every_doubt_is_resolved(void **state)
{
	static const char *const doubts[] = {
		"\"kind\":\"reset-before\"",
		"\"kind\":\"reset-after\"",
		"\"kind\":\"cut\"", /* half a body */
		"\"kind\":\"status\",\"status\":500",
		"\"kind\":\"status\",\"status\":500,\"done\":true",
		"\"kind\":\"status\",\"status\":502,\"done\":true",
		"\"kind\":\"status\",\"status\":503,\"done\":true",
		"\"kind\":\"status\",\"status\":503",
		"\"kind\":\"status\",\"status\":504,\"done\":true",
		"\"kind\":\"status\",\"status\":408,\"done\":true",
		"\"kind\":\"status\",\"status\":201,\"done\":true", /* "created", and not what */
		"\"kind\":\"status\",\"status\":201",
		"\"kind\":\"status\",\"status\":204,\"done\":true",
		"\"kind\":\"status\",\"status\":302",
		"\"kind\":\"status\",\"status\":303,\"done\":true",
		"\"kind\":\"html\",\"status\":200,\"done\":true",
		"\"kind\":\"html\",\"status\":200",
		"\"kind\":\"html\",\"status\":403",
		"\"kind\":\"html\",\"status\":404",
		"\"kind\":\"html\",\"status\":502,\"done\":true",
	};
	struct town *town = *state;
	struct went went;

	for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++) {
		rehearsed_reset(&town->server, NULL);
		town_new_workspace(town);
		town_settle(town, 1, 9, "");
		rehearsed_fault(&town->server, "{%s,\"after\":3," POST_USERS ",\"count\":2}",
				doubts[i]);
		town_apply(town, NULL, &went);
		if (went.code != RH_OK || went.run.created != 9) {
			fail_msg("%s: %d, %llu created: %s", doubts[i], went.code,
				 (unsigned long long)went.run.created, went.err.message);
		}
		town_check_counts(town, &went);
		assert_int_equal(rehearsed_count(&town->server, "faults"), 2);
		town_check_moved(town, 0);
		town_undo(town, NULL, &went); /* each is known to be ours */
		town_check_end(&went, RH_OK, RH_EXIT_DONE);
		assert_int_equal(went.run.undone, 9);
	}
}

/* ---- the fuse (A6) ----------------------------------------------------------------------------- */

/* Everybody is refused: the run ends long before it has spoiled them all, and goes on when the cause is mended. */
static void a_common_cause_ends_the_run(void **state)
{
	static const char *const never[] = {"max-failures", "100%", NULL};
	struct town *town = *state;
	struct went went;
	uint64_t refused;

	town_settle(town, 1, 400, "");
	rehearsed_fault(&town->server,
			"{\"kind\":\"status\",\"status\":422," POST_USERS ",\"count\":0}");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_ELIMIT, RH_EXIT_STOPPED);
	refused = went.run.rejected;
	assert_in_range(refused, 50, 50 + 64); /* those that flew were settled */
	assert_int_equal(rehearsed_count(&town->server, "writes"), refused);
	assert_non_null(strstr(went.err.message, "--max-failures 50%"));
	assert_non_null(strstr(went.err.message, " accounts tried the target refused "));
	assert_non_null(strstr(went.err.hint, "--max-failures 100%"));
	assert_int_equal(went.run.rejected + went.run.deferred + went.run.open, 400);
	assert_int_equal(went.run.unknown, 0);
	/* Whatever comes. */
	rehearsed_reset(&town->server, "faults");
	rehearsed_fault(&town->server,
			"{\"kind\":\"status\",\"status\":422," POST_USERS ",\"count\":100}");
	town_go_on(town, 0, never, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.rejected, refused + 100);
	/* A newer plan asks again for those that were refused. */
	town_settle(town, 1, 401, "");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	town_check_moved(town, 0);
}

static void a_number_of_failures_is_borne(void **state)
{
	static const char *const four[] = {"max-failures", "4", NULL};
	static const char *const five[] = {"max-failures", "5", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 60, "");
	rehearsed_fault(&town->server,
			"{\"kind\":\"status\",\"status\":422," POST_USERS ",\"count\":5}");
	town_apply(town, five, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.rejected, 5);
	town_new_workspace(town);
	rehearsed_reset(&town->server, NULL);
	rehearsed_fault(&town->server,
			"{\"kind\":\"status\",\"status\":422," POST_USERS ",\"count\":5}");
	town->rate = "200";
	town_apply(town, four, &went);
	town_check_end(&went, RH_ELIMIT, RH_EXIT_STOPPED);
	assert_int_equal(went.run.rejected, 5);
	assert_int_equal(went.run.rejected + went.run.created + went.run.deferred + went.run.open,
			 60);
	assert_true(went.run.deferred + went.run.open > 0);
	/* The same command goes on: what was refused counted for that run. */
	town_go_on(town, 0, four, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.created, 55);
}

/* A passing cause: one that is mended at the target needs no other records (plan.h, P3). */
static void who_was_refused_is_asked_for_again(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 9, "");
	rehearsed_fault(&town->server, "{\"kind\":\"status\",\"status\":422,\"after\":3," POST_USERS
				       ",\"count\":0}");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.rejected, 6);
	/* The plan that was applied never asks twice. */
	rehearsed_reset(&town->server, "faults");
	town_go_on(town, 0, NULL, &went);
	assert_int_equal(went.run.rejected, 6);
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.created, 9);
	assert_int_equal(went.run.created_now, 6);
	town_check_moved(town, 0);
	/* Nothing is refused any more: the same again is the same plan, and writes nothing. */
	town_apply(town, NULL, &went);
	assert_int_equal(went.run.created_now, 0);
}

/* A share of the first fifty counts as soon as they are fifty, also when the last of them was a success. */
static void failures_among_the_first_count(void **state)
{
	static const char *const tenth[] = {"max-failures", "10%", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 300, "");
	town->rate = "200";
	rehearsed_fault(&town->server, "{\"kind\":\"status\",\"status\":422,\"after\":3," POST_USERS
				       ",\"count\":30}");
	town_apply(town, tenth, &went);
	town_check_end(&went, RH_ELIMIT, RH_EXIT_STOPPED);
	assert_int_equal(went.run.rejected, 30);
	assert_in_range(went.run.created, 20, 20 + 64); /* those that flew were settled */
}

/* A target that is away, or busy, says nothing about the data. */
static void pauses_are_no_failures(void **state)
{
	static const char *const none[] = {"max-failures", "0", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 60, "");
	rehearsed_fault(&town->server,
			"[{\"kind\":\"reset-after\"," POST_USERS ",\"count\":3},"
			"{\"kind\":\"reset-before\"," POST_USERS ",\"count\":2},"
			"{\"kind\":\"status\",\"status\":429,\"retry_after\":1," POST_USERS "}]");
	town_apply(town, none, &went);
	town_check_counts(town, &went);
	town_check_moved(town, 0);
	/* A date, two seconds from now by the target's clock: nothing leaves before, no account ends. */
	town_settle(town, 1, 90, "");
	rehearsed_fault(&town->server, "{\"kind\":\"retry-after-date\",\"retry_after\":2,"
				       "\"after\":5," POST_USERS "}");
	town_apply(town, none, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.throttled, 1);
	assert_in_range(went.run.elapsed_us, 950000, 30000000);
	town_check_moved(town, 0);
}

/* ---- access (E5) -------------------------------------------------------------------------------- */

static void a_key_that_is_revoked_ends_the_run(void **state)
{
	static const unsigned denials[] = {401, 403};
	struct town *town = *state;
	struct went went;

	for (size_t i = 0; i < sizeof(denials) / sizeof(denials[0]); i++) {
		rehearsed_reset(&town->server, NULL);
		town_new_workspace(town);
		town_settle(town, 1, 60, "");
		town->rate = "200";
		rehearsed_fault(&town->server,
				"{\"kind\":\"status\",\"status\":%u,\"after\":10," POST_USERS
				",\"count\":0}",
				denials[i]);
		town_apply(town, NULL, &went);
		town_check_end(&went, RH_EDENIED, RH_EXIT_DENIED);
		assert_int_equal(went.run.created, 10);
		assert_int_equal(went.run.rejected, 0); /* nobody's data is at fault */
		assert_int_equal(went.run.created + went.run.deferred + went.run.unknown +
					 went.run.open,
				 60);
		assert_non_null(strstr(went.err.hint, "users"));
		rehearsed_reset(&town->server, "faults");
		town->rate = "100000";
		town_go_on(town, 0, NULL, &went);
		town_check_counts(town, &went);
		town_check_moved(town, 0);
	}
}

/* ---- where it stands (A7) ------------------------------------------------------------------------ */

static const char *id_of(unsigned number, char out[16])
{
	(void)snprintf(out, 16, "user_%05u", number);
	return out;
}

/* Nothing up to and with `number` is open, what stands behind it is. */
static void check_settled(struct town *town, const struct went *went, unsigned *number_out)
{
	struct town_line line;
	unsigned number = 0;
	char id[16];

	assert_int_equal(sscanf(went->settled, "user_%5u", &number), 1);
	for (unsigned i = 1; i <= number; i++) {
		town_line(town, id_of(i, id), &line);
		if (strcmp(line.state, "done") != 0 && strcmp(line.state, "rejected") != 0) {
			fail_msg("%s is %s, and settled up to %s", id, line.state, went->settled);
		}
	}
	town_line(town, id_of(number + 1, id), &line);
	assert_true(strcmp(line.state, "deferred") == 0 || strcmp(line.state, "unknown") == 0 ||
		    line.state[0] == '\0');
	*number_out = number;
}

static void a_stop_says_up_to_whom_nothing_is_open(void **state)
{
	struct town *town = *state;
	const char *after[] = {"resume-after", NULL, NULL};
	struct went went;
	struct went rest;
	unsigned number;

	town_settle(town, 1, 120, "");
	town->rate = "400";
	town->progress = town_stop;
	town->stop_after = 30;
	town->stop_levels = 1;
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_EINTERRUPTED, RH_EXIT_INTERRUPTED);
	check_settled(town, &went, &number);
	assert_in_range(number, 1, 119);
	/* The rest in a workspace of its own, as people of other tools would do it: nobody twice, nobody lost. */
	town->progress = NULL;
	town->rate = "100000";
	town_new_workspace(town);
	after[1] = went.settled;
	town_apply(town, after, &rest);
	town_check_end(&rest, RH_OK, RH_EXIT_DONE);
	assert_int_equal(rest.plan.left_out, number);
	assert_int_equal(rest.plan.create + rest.plan.skip, 120 - number);
	town_check_moved(town, 0);
}

/* One that is slow holds the place, however far the others are. */
static void one_that_is_open_holds_the_place(void **state)
{
	struct town *town = *state;
	struct went went;
	unsigned number;

	town_settle(town, 1, 200, "");
	rehearsed_fault(&town->server,
			"{\"kind\":\"slow\",\"delay_ms\":3000,\"after\":4," POST_USERS "}");
	town->rate = "400";
	town->progress = town_stop;
	town->stop_after = 60;
	town->stop_levels = 2;
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_EINTERRUPTED, RH_EXIT_INTERRUPTED);
	assert_true(went.run.created > 50);
	check_settled(town, &went, &number);
	assert_int_equal(number, 4);
	town->progress = NULL;
	town->rate = "100000";
	town_go_on(town, 0, NULL, &went);
	town_check_counts(town, &went);
	assert_string_equal(went.settled, "user_00200");
	town_check_moved(town, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN_TEST(every_doubt_is_resolved),
		TOWN_TEST(a_common_cause_ends_the_run),
		TOWN_TEST(a_number_of_failures_is_borne),
		TOWN_TEST(who_was_refused_is_asked_for_again),
		TOWN_TEST(failures_among_the_first_count),
		TOWN_TEST(pauses_are_no_failures),
		TOWN_TEST(a_key_that_is_revoked_ends_the_run),
		TOWN_TEST(a_stop_says_up_to_whom_nothing_is_open),
		TOWN_TEST(one_that_is_open_holds_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
