/* SPDX-License-Identifier: Apache-2.0 */
/* Verify and undo over a rehearsed target: what differs is said, what is not ours stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town.h"

#define USERS "/user_management/users"

static void move_in(struct town *town, unsigned count)
{
	struct went went;

	town_settle(town, 1, count, "");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
}

/* Somebody else's hand on the account of this source id; body NULL: deletes it. */
static void tamper(struct town *town, const char *source_id, const char *body)
{
	struct town_line line;
	char path[128];

	town_line(town, source_id, &line);
	(void)snprintf(path, sizeof(path), USERS "/%s", line.target_id);
	assert_int_equal(rehearsed_ask(&town->server, body != NULL ? "PUT" : "DELETE", path, body,
				       NULL),
			 200);
}

static void check_state(struct town *town, const char *source_id, const char *expected)
{
	struct town_line line;

	town_line(town, source_id, &line);
	assert_string_equal(line.state, expected);
}

static size_t users_count(const struct town *town)
{
	json_t *users = rehearsed_users(&town->server);
	size_t count = json_array_size(users);

	json_decref(users);
	return count;
}

/* ---- verify ---------------------------------------------------------------------------------- */

static void verify_says_what_differs_and_what_is_missing(void **state)
{
	struct town *town = *state;
	struct went went;
	uint64_t writes;

	move_in(town, 300);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.verified, 300);
	check_state(town, "user_00007", "verified");
	tamper(town, "user_00007", "{\"first_name\":\"Eve\"}");
	tamper(town, "user_00008", "{\"metadata\":{\"seat\":\"9\"}}");
	tamper(town, "user_00009", "{\"last_name\":\"Other\"}");
	tamper(town, "user_00010", NULL);
	writes = rehearsed_count(&town->server, "writes");
	for (int again = 0; again < 2; again++) {
		town_verify(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
		assert_int_equal(went.run.verified, 296);
		assert_int_equal(went.run.differs, 3);
		assert_int_equal(went.run.missing, 1);
		check_state(town, "user_00007", "differs");
		check_state(town, "user_00010", "missing");
		check_state(town, "user_00011", "verified");
	}
	assert_int_equal(rehearsed_count(&town->server, "writes"), writes);
	tamper(town, "user_00007", "{\"first_name\":\"Ada\"}");
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.differs, 2);
	check_state(town, "user_00007", "verified");
}

static void verify_says_when_all_are_missing(void **state)
{
	struct town *town = *state;
	struct went went;

	move_in(town, 300);
	/* The first stays, so that this is known to be the right target. */
	for (unsigned i = 2; i <= 300; i++) {
		char id[16];
		(void)snprintf(id, sizeof(id), "user_%05u", i);
		tamper(town, id, NULL);
	}
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.verified, 1);
	assert_int_equal(went.run.missing, 299);
}

static void verify_does_without_answers_that_fail(void **state)
{
	struct town *town = *state;
	struct went went;

	move_in(town, 250);
	rehearsed_fault(&town->server,
			"[{\"kind\":\"cut\",\"method\":\"GET\",\"path\":\"" USERS
			"?\",\"count\":1},{\"kind\":\"status\",\"status\":500,\"method\":\"GET\","
			"\"path\":\"" USERS "\",\"count\":1,\"after\":2}]");
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.verified, 250);
}

static void an_open_account_is_no_success(void **state)
{
	struct town *town = *state;
	struct went went;

	move_in(town, 10);
	town_settle(town, 1, 15, "");
	town_plan(town, NULL, &went);
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.verified, 10);
	assert_int_equal(went.run.open, 5);
	assert_int_equal(rh_run_exit(went.code, &went.run), RH_EXIT_STOPPED);
}

/* ---- undo ------------------------------------------------------------------------------------ */

static void undo_takes_what_is_ours_and_nothing_else(void **state)
{
	static const char *const link[] = {"on-existing", "link", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 20, "");
	free(rehearsed_add(&town->server, "ada.3@example.com", NULL));
	free(rehearsed_add(&town->server, "stranger@example.com", "stranger"));
	town_apply(town, link, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	tamper(town, "user_00005", "{\"external_id\":\"changed-hands\"}");
	tamper(town, "user_00006", "{\"first_name\":\"Eve\"}");
	tamper(town, "user_00007", NULL);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.undone, 18);
	assert_int_equal(went.run.kept, 1);
	check_state(town, "user_00003", "done");
	check_state(town, "user_00005", "kept");
	check_state(town, "user_00006", "undone");
	check_state(town, "user_00007", "undone");
	assert_int_equal(users_count(town), 3); /* linked, stranger, changed hands */
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.writes, 0);
}

static void what_was_undone_can_be_done_again(void **state)
{
	struct town *town = *state;
	struct went went;

	move_in(town, 20);
	for (int again = 0; again < 2; again++) {
		town_undo(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_DONE);
		assert_int_equal(went.run.undone, 20);
		assert_int_equal(users_count(town), 0);
		town_apply(town, NULL, &went);
		town_check_counts(town, &went);
		assert_int_equal(went.run.created_now, 20);
		town_check_moved(town, 0);
	}
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.verified, 20);
}

static void undo_can_be_stopped(void **state)
{
	struct town *town = *state;
	struct went went;

	move_in(town, 600);
	for (unsigned level = 1; level <= 2; level++) {
		town->progress = town_stop;
		town->rate = "1000";
		town->stop_after = 30;
		town->stop_levels = level;
		town_undo(town, NULL, &went);
		town_check_end(&went, RH_EINTERRUPTED, RH_EXIT_INTERRUPTED);
		assert_in_range(users_count(town), 1, 599);
	}
	town->progress = NULL;
	town->rate = "100000";
	/* What an undo has begun no apply puts back. */
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_ESTATE, RH_EXIT_USAGE);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(users_count(town), 0);
}

/* Without a look at the target before nobody can prove that what is found is ours: it is kept, and said. */
static void what_nobody_can_prove_is_kept(void **state)
{
	static const char *const offline[] = {"offline", "true", NULL};
	struct town *town = *state;
	struct town_line line;
	struct went went;

	town_settle(town, 1, 5, "");
	rehearsed_fault(&town->server,
			"{\"kind\":\"reset-after\",\"method\":\"POST\",\"path\":\"" USERS
			"\",\"count\":1}");
	town_apply(town, offline, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	town_line(town, "user_00001", &line);
	assert_string_equal(line.origin, "unsure");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.undone, 4);
	assert_int_equal(went.run.kept, 1);
	assert_int_equal(users_count(town), 1);
}

/* Whom an undo removed is planned anew, and stands in one line. */
static void who_was_undone_is_counted_once(void **state)
{
	struct town *town = *state;
	struct went went;

	move_in(town, 7);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	town_plan(town, NULL, &went);
	assert_int_equal(went.plan.create, 7);
	assert_int_equal(went.plan.rows, 0);
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.everybody.total, 7);
	assert_int_equal(went.run.everybody.created, 7);
	assert_int_equal(went.run.everybody.open, 0);
	assert_int_equal(went.run.everybody.undone, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN_TEST(who_was_undone_is_counted_once),
		TOWN_TEST(verify_says_what_differs_and_what_is_missing),
		TOWN_TEST(verify_says_when_all_are_missing),
		TOWN_TEST(verify_does_without_answers_that_fail),
		TOWN_TEST(an_open_account_is_no_success),
		TOWN_TEST(undo_takes_what_is_ours_and_nothing_else),
		TOWN_TEST(what_was_undone_can_be_done_again),
		TOWN_TEST(undo_can_be_stopped),
		TOWN_TEST(what_nobody_can_prove_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
