/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several updates of one account: what undo makes of them (undo.c, 6 to 8), and that people are counted and not
 * rows (ledger.h, L13).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town_users.h"

#define PUT_USERS "\"method\":\"PUT\",\"path\":\"/user_management/users\""

static const char *const update[] = {"on-existing", "update", NULL};
static const char *const impatient[] = {"max-wait", "1", NULL};
static const char *const impatient_update[] = {"on-existing", "update", "max-wait", "1", NULL};

/* One more person of the export. */
#define GRACE(name)                                                                           \
	",{\"id\":\"user_grace\",\"object\":\"user\",\"first_name\":\"" name "\","            \
	"\"primary_email_address_id\":\"idn_1\",\"email_addresses\":[{\"id\":\"idn_1\","      \
	"\"email_address\":\"grace@example.com\",\"verification\":{\"status\":\"verified\"}}" \
	"]}"

/* She has an account already. */
static char *add_grace(const struct town *town)
{
	char *id = rehearsed_add(&town->server, "grace@example.com", NULL);

	town_put(town, id, "{\"first_name\":\"Old\"}");
	return id;
}

static void apply_names(struct town *town, const char *const *names, struct went *went)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		char grace[512];
		(void)snprintf(grace, sizeof(grace), GRACE("%s"), names[i]);
		town_settle(town, 1, 3, grace);
		town_apply(town, update, went);
		town_check_end(went, RH_OK, RH_EXIT_DONE);
	}
}

static void apply_twice(struct town *town, struct went *went)
{
	static const char *const names[] = {"First", "Second", NULL};

	apply_names(town, names, went);
}

/* ---- undo, one after the other ------------------------------------------------------------------- */

/* An older update is not judged before the newer one is certain. */
static void an_older_update_waits_for_the_newer(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	apply_twice(town, &went);
	rehearsed_fault(&town->server,
			"[{\"kind\":\"status\",\"status\":503," PUT_USERS ",\"count\":3}]");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_STOPPED);
	assert_int_equal(went.run.undo_open, 1);
	assert_int_equal(went.run.kept, 0);
	town_check_member(town, id, "first_name", "Second");
	rehearsed_reset(&town->server, "faults");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.restored, 1);
	assert_int_equal(went.run.kept, 0);
	town_check_member(town, id, "first_name", "Old");
	free(id);
}

/* What stays for the newer one's sake stays for the older's, too. */
static void a_kept_update_keeps_the_older(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	apply_twice(town, &went);
	town_put(town, id, "{\"first_name\":\"Herself\"}");
	for (int i = 0; i < 2; i++) {
		town_undo(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
		assert_int_equal(went.run.kept, 1);
		assert_int_equal(went.run.restored, 0);
		assert_int_equal(went.run.updated, 0);
	}
	town_check_member(town, id, "first_name", "Herself");
	assert_int_equal(town_lines(town, "kept"), 1);
	free(id);
}

/* 17: what nobody put back was not put back. */
static void a_removed_account_is_gone(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	apply_twice(town, &went);
	town_delete(town, id);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.restored, 0);
	assert_int_equal(went.run.gone, 1);
	assert_int_equal(town_lines(town, "restored"), 0);
	assert_int_equal(town_lines(town, "gone"), 1);
	free(id);
}

/* ---- a lost answer, and somebody else's change behind it ------------------------------------------ */

/* Her change is asked for, and nobody knows whether it arrived: it did, or did not. */
static void lose_the_answer(struct town *town, bool has_landed, struct went *went)
{
	rehearsed_fault(&town->server,
			"[{\"kind\":\"%s\",\"count\":99," PUT_USERS "},"
			"{\"kind\":\"status\",\"status\":500,\"count\":99,\"method\":\"GET\","
			"\"path\":\"/user_management/users/\",\"after\":1}]",
			has_landed ? "reset-after" : "reset-before");
	town_settle(town, 1, 3, GRACE("First"));
	town_apply(town, impatient_update, went);
	town_check_end(went, RH_ENET, RH_EXIT_STOPPED);
	assert_int_equal(went->run.unknown, 1);
	rehearsed_reset(&town->server, "faults");
}

/* She is changed by somebody else before the next run looks. */
static void run_into_conflict(struct town *town, const char *id, struct went *went)
{
	town_put(town, id, "{\"first_name\":\"Human\"}");
	for (int i = 0; i < 2; i++) { /* nor does a newer plan write over it */
		if (i == 0) {
			town_settle(town, 1, 3, GRACE("Second"));
		} else {
			town_settle(town, 1, 3, GRACE("Third"));
		}
		town_apply(town, update, went);
		town_check_end(went, RH_OK, RH_EXIT_REFUSED);
		assert_int_equal(went->run.conflicts, 1);
		assert_int_equal(town_lines(town, "conflict"), 1);
		assert_non_null(strstr(town_reason(town, "conflict"), "by us before somebody"));
	}
	town_check_member(town, id, "first_name", "Human");
}

static void what_landed_and_was_changed_is_kept_and_told(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	lose_the_answer(town, true, &went);
	run_into_conflict(town, id, &went);
	town_check_member(town, id, "external_id", "user_grace");
	for (int i = 0; i < 2; i++) {
		town_undo(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
		assert_int_equal(went.run.kept, 1);
		assert_int_equal(town_lines(town, "kept"), 1);
	}
	town_check_member(town, id, "external_id", "user_grace");
	town_check_member(town, id, "first_name", "Human");
	free(id);
}

static void what_landed_is_put_back_once_it_stands_there_as_we_left_it(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	lose_the_answer(town, true, &went);
	run_into_conflict(town, id, &went);
	town_put(town, id, "{\"first_name\":\"First\"}");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.restored, 1);
	assert_int_equal(went.run.kept, 0);
	town_check_member(town, id, "first_name", "Old");
	free(id);
}

static void what_never_landed_is_nothing_to_undo(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	lose_the_answer(town, false, &went);
	run_into_conflict(town, id, &went);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.restored + went.run.kept, 0);
	town_check_member(town, id, "external_id", "null");
	town_check_member(town, id, "first_name", "Human");
	free(id);
}

/* Nobody knows without an answer: the next undo looks again. */
static void what_is_not_answered_is_not_done(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	lose_the_answer(town, true, &went);
	run_into_conflict(town, id, &went);
	rehearsed_fault(
		&town->server,
		"[{\"kind\":\"status\",\"status\":500,\"count\":99,\"method\":\"GET\",\"path\":"
		"\"/user_management/users/\",\"after\":1}]");
	town_undo(town, impatient, &went);
	town_check_end(&went, RH_ENET, RH_EXIT_STOPPED);
	rehearsed_reset(&town->server, "faults");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.kept, 1);
	free(id);
}

/* Killed at its first step, its second, and so on, each time from where the last kill left it. */
static void its_undo_survives_kills(void **state)
{
	struct town *town = *state;
	struct went went;
	uint64_t n = 1;
	char *id = add_grace(town);

	lose_the_answer(town, true, &went);
	run_into_conflict(town, id, &went);
	while (town_killed_at(town, town_undo, NULL, n)) {
		n++;
		assert_true(n < 100);
	}
	assert_true(n > 3);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.kept, 1);
	assert_int_equal(went.run.undone, 3);
	town_check_member(town, id, "first_name", "Human");
	free(id);
}

/* ---- people, not rows (L13) ------------------------------------------------------------------------ */

static void two_changes_are_one_person(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_grace(town);

	apply_twice(town, &went);
	assert_int_equal(went.run.updated, 1);
	assert_int_equal(went.run.linked, 1);
	assert_int_equal(town_lines(town, "updated"), 1);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated, 1);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.restored, 1);
	assert_int_equal(went.run.updated, 0);
	assert_int_equal(town_lines(town, "restored"), 1);
	town_status(town, &went);
	assert_int_equal(went.run.restored, 1);
	free(id);
}

/* What was in conflict, and is as it was again on both sides, is nobody's conflict any more. */
static void a_conflict_that_is_gone_is_not_told(void **state)
{
	struct town *town = *state;
	struct town_line line;
	struct went went;

	town_settle(town, 1, 3, GRACE("Grace"));
	town_apply(town, NULL, &went);
	town_line(town, "user_grace", &line);
	town_put(town, line.target_id, "{\"first_name\":\"Zoe\"}");
	town_settle(town, 1, 3, GRACE("Amazing"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.conflicts, 1);
	town_put(town, line.target_id, "{\"first_name\":\"Grace\"}");
	town_settle(town, 1, 3, GRACE("Grace"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.conflicts, 0);
	assert_int_equal(town_lines(town, "conflict"), 0);
}

/* The same of a refusal that was in passing. */
static void a_refusal_that_passed_is_not_told(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 3, GRACE("Grace"));
	town_apply(town, NULL, &went);
	town_settle(town, 1, 3, GRACE("Amazing"));
	rehearsed_fault(&town->server, "[{\"kind\":\"status\",\"status\":422," PUT_USERS "}]");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.rejected, 1);
	rehearsed_reset(&town->server, "faults");
	town_settle(town, 1, 3, GRACE("Astonishing"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.rejected, 0);
	assert_int_equal(went.run.updated, 1);
	assert_int_equal(town_lines(town, "rejected"), 0);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
}

#define CASE(name) TOWN_TEST(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_older_update_waits_for_the_newer),
		CASE(a_kept_update_keeps_the_older),
		CASE(a_removed_account_is_gone),
		CASE(two_changes_are_one_person),
		CASE(a_conflict_that_is_gone_is_not_told),
		CASE(a_refusal_that_passed_is_not_told),
		CASE(what_landed_and_was_changed_is_kept_and_told),
		CASE(what_landed_is_put_back_once_it_stands_there_as_we_left_it),
		CASE(what_never_landed_is_nothing_to_undo),
		CASE(what_is_not_answered_is_not_done),
		CASE(its_undo_survives_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
