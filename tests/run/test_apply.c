/* SPDX-License-Identifier: Apache-2.0 */
/* Apply over a rehearsed target: everybody once, whatever the target answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town.h"

#define USERS "/user_management/users"
#define POST_USERS "\"method\":\"POST\",\"path\":\"" USERS "\""
#define GET_BY_EXTERNAL_ID "\"method\":\"GET\",\"path\":\"" USERS "/external_id/\""
/* A hash that the source knows as scrypt_firebase, in the parameters of the published vector. */
#define FIREBASE                                                                               \
	"lSrfV15cpx95/"                                                                        \
	"sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$42xEC+"   \
	"ixf3L2lw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUS" \
	"DzZvpjeJ9WmXA==$Bw==$8$14"

/* The accounts at the target as text, for "nothing changed". */
static char *users_text(const struct town *town)
{
	json_t *users = rehearsed_users(&town->server);
	char *text = json_dumps(users, JSON_SORT_KEYS);

	assert_non_null(text);
	json_decref(users);
	return text;
}

static void check_line(struct town *town, const char *source_id, const char *line_state,
		       const char *origin)
{
	struct town_line line;

	town_line(town, source_id, &line);
	assert_string_equal(line.state, line_state);
	assert_string_equal(line.origin, origin);
}

/* A person of the export as one more record, with `more` members. */
static const char *record(char *out, size_t size, unsigned number, const char *more)
{
	(void)snprintf(out, size,
		       ",\n{\"id\":\"user_x%u\",\"primary_email_address_id\":\"idn_1\","
		       "\"email_addresses\":[{\"id\":\"idn_1\",\"email_address\":\"x.%u@example."
		       "com\",\"verification\":{\"status\":\"verified\"}}]%s}",
		       number, number, more);
	return out;
}

/* ---- the usual ------------------------------------------------------------------------------- */

static void everybody_moves_once(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 600, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.create, 600);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 0);
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.created_now, 600);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 600);
	town_check_moved(town, 0);
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.created_now, 0);
	assert_int_equal(went.run.writes, 0);
	town_go_on(town, 0, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 600);
	town_status(town, &went);
	assert_int_equal(went.run.created, 600);
	assert_int_equal(went.run.open, 0);
}

static void a_newer_export_moves_the_new_ones(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 30, "");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	town_settle(town, 1, 50, "");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.revision, 2);
	assert_int_equal(went.plan.done, 30);
	assert_int_equal(went.plan.create, 20);
	assert_int_equal(went.run.created_now, 20);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 50);
	town_check_moved(town, 0);
}

/* ---- answers that are lost ------------------------------------------------------------------- */

static void lost_answers_make_no_duplicates(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 100, "");
	rehearsed_fault(&town->server,
			"[{\"kind\":\"reset-after\"," POST_USERS ",\"count\":20},"
			"{\"kind\":\"cut\"," POST_USERS ",\"count\":10},"
			"{\"kind\":\"status\",\"status\":500,\"done\":true," POST_USERS
			",\"count\":10},"
			"{\"kind\":\"reset-before\"," POST_USERS ",\"count\":10}]");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.created_now, 100);
	assert_int_equal(rehearsed_count(&town->server, "faults"), 50);
	assert_int_equal(rehearsed_count(&town->server, "writes_done"), 100);
	town_check_moved(town, 0);
	for (unsigned i = 1; i <= 100; i++) {
		char id[16];
		(void)snprintf(id, sizeof(id), "user_%05u", i);
		check_line(town, id, "done", "created");
	}
}

/* The look-up misses what was just created: the same key brings the same account. */
static void a_find_that_misses_repeats_the_key(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 20, "");
	rehearsed_fault(&town->server,
			"[{\"kind\":\"reset-after\"," POST_USERS ",\"count\":5},"
			"{\"kind\":\"status\",\"status\":404," GET_BY_EXTERNAL_ID ",\"count\":5}]");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(rehearsed_count(&town->server, "faults"), 10);
	assert_int_equal(rehearsed_count(&town->server, "repeats"), 5);
	town_check_moved(town, 0);
}

/* The same at a target that does not honour keys: "already there" is looked up, and it is ours. */
static void a_find_that_misses_without_keys(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 20, "");
	json_decref(rehearsed_control(&town->server, "switches", "{\"idempotency\":\"off\"}"));
	rehearsed_fault(&town->server,
			"[{\"kind\":\"reset-after\"," POST_USERS ",\"count\":5},"
			"{\"kind\":\"status\",\"status\":404," GET_BY_EXTERNAL_ID ",\"count\":5}]");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(rehearsed_count(&town->server, "repeats"), 0);
	check_line(town, "user_00001", "done", "created");
	town_check_moved(town, 0);
}

/* ---- what was there before, or came since the plan ------------------------------------------- */

static void existing_accounts_stay_as_they_are(void **state)
{
	struct town *town = *state;
	struct went went;
	json_t *before = NULL;
	json_t *after = NULL;
	char path[128];
	char *id;

	town_settle(town, 1, 20, "");
	id = rehearsed_add(&town->server, "ada.3@example.com", NULL);
	free(rehearsed_add(&town->server, "other@example.com", "user_00004"));
	(void)snprintf(path, sizeof(path), USERS "/%s", id);
	assert_int_equal(rehearsed_ask(&town->server, "GET", path, NULL, &before), 200);
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.plan.skip, 2);
	assert_int_equal(went.run.created, 18);
	assert_int_equal(went.run.skipped, 2);
	assert_int_equal(rehearsed_ask(&town->server, "GET", path, NULL, &after), 200);
	assert_true(json_equal(before, after));
	check_line(town, "user_00003", "skipped", "");
	json_decref(before);
	json_decref(after);
	free(id);
}

static void existing_accounts_can_be_linked(void **state)
{
	static const char *const link[] = {"on-existing", "link", NULL};
	struct town *town = *state;
	struct town_line line;
	struct went went;
	char *id;

	town_settle(town, 1, 20, "");
	id = rehearsed_add(&town->server, "ada.3@example.com", NULL);
	town_apply(town, link, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.created, 19);
	assert_int_equal(went.run.linked, 1);
	town_line(town, "user_00003", &line);
	assert_string_equal(line.origin, "linked");
	assert_string_equal(line.target_id, id);
	town_apply(town, link, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.writes, 0);
	free(id);
}

static void accounts_taken_since_the_plan_are_conflicts(void **state)
{
	struct town *town = *state;
	struct went went;
	char *before;
	char *after;

	town_settle(town, 1, 20, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	free(rehearsed_add(&town->server, "ada.3@example.com", NULL));
	free(rehearsed_add(&town->server, "ada.4@example.com", "stranger"));
	free(rehearsed_add(&town->server, "other@example.com", "user_00005"));
	before = users_text(town);
	town_go_on(town, 0, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.conflicts, 3);
	assert_int_equal(went.run.created, 17);
	check_line(town, "user_00003", "conflict", "");
	check_line(town, "user_00004", "conflict", "");
	check_line(town, "user_00005", "conflict", "");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	after = users_text(town);
	assert_string_equal(before, after); /* nothing of theirs was touched */
	free(before);
	free(after);
}

/* The newer plan shows the conflict; when it is out of the way, the one after that moves the person. */
static void a_conflict_that_is_gone_moves(void **state)
{
	struct town *town = *state;
	struct went went;
	char path[128];
	char *id;

	town_settle(town, 1, 10, "");
	town_plan(town, NULL, &went);
	id = rehearsed_add(&town->server, "ada.4@example.com", "stranger");
	town_go_on(town, 0, NULL, &went);
	assert_int_equal(went.run.conflicts, 1);
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.plan.refuse, 1);
	assert_int_equal(went.run.writes, 0);
	(void)snprintf(path, sizeof(path), USERS "/%s", id);
	assert_int_equal(rehearsed_ask(&town->server, "DELETE", path, NULL, NULL), 200);
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.writes, 1);
	town_check_moved(town, 0);
	free(id);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void a_refused_part_never_costs_the_person(void **state)
{
	struct town *town = *state;
	struct town_line line;
	struct went went;
	char first[2048];
	char second[2048];
	char more[4096];

	(void)snprintf(more, sizeof(more), "%s%s",
		       record(first, sizeof(first), 1,
			      ",\"password_digest\":\"" FIREBASE
			      "\",\"password_hasher\":\"scrypt_firebase\""),
		       record(second, sizeof(second), 2,
			      ",\"public_metadata\":{\"town\":\"K\\u00f6ln\"}"));
	town_settle(town, 1, 10, more);
	json_decref(rehearsed_control(&town->server, "switches",
				      "{\"firebase_form\":\"b\",\"metadata_ascii\":\"on\"}"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.created, 12);
	assert_int_equal(went.run.partial, 2);
	town_line(town, "user_x1", &line);
	assert_string_equal(line.state, "partial");
	assert_string_equal(line.origin, "created");
	assert_string_equal(line.code, "invalid_password_hash");
	assert_non_null(strstr(line.dropped, "password"));
	town_line(town, "user_x2", &line);
	assert_non_null(strstr(line.dropped, "metadata"));
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.verified, 12);
	assert_int_equal(went.run.differs + went.run.missing, 0);
}

/* A rerun asks again for what was refused, and for nothing else: the account is there.  A hash is not sent to
 * somebody who may have a newer password. */
static void a_refused_part_is_repaired_by_a_rerun(void **state)
{
	static const char *const skip[] = {"on-changed", "skip", NULL};
	struct town *town = *state;
	struct town_line line;
	struct went went;
	json_t *user = NULL;
	char path[128];
	char first[2048];
	char id[64];

	town_settle(town, 1, 10,
		    record(first, sizeof(first), 1,
			   ",\"public_metadata\":{\"town\":\"K\\u00f6ln\"},\"password_digest\":"
			   "\"" FIREBASE "\",\"password_hasher\":\"scrypt_firebase\""));
	json_decref(rehearsed_control(&town->server, "switches",
				      "{\"firebase_form\":\"b\",\"metadata_ascii\":\"on\"}"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	town_line(town, "user_x1", &line);
	assert_string_equal(line.state, "partial");
	assert_string_equal(line.dropped, "password,metadata");
	(void)snprintf(id, sizeof(id), "%s", line.target_id);
	/* Who asks to leave changes alone is not asked about what was refused either (changed.c, 5). */
	town_apply(town, skip, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.plan.update, 0);
	assert_int_equal(went.run.writes, 0);
	assert_int_equal(went.run.partial, 1);
	/* The target minds it still: asked once, and nobody is worse off. */
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.plan.update, 1);
	assert_int_equal(went.run.writes, 1);
	assert_int_equal(went.run.partial, 1);
	town_go_on(town, 0, NULL, &went); /* the same plan does not ask again */
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.writes, 0);
	/* Mended there. */
	json_decref(rehearsed_control(&town->server, "switches", "{\"metadata_ascii\":\"off\"}"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.writes, 1);
	town_line(town, "user_x1", &line);
	assert_string_equal(line.state, "partial");
	assert_string_equal(line.dropped, "password");
	assert_string_equal(line.target_id, id);
	(void)snprintf(path, sizeof(path), USERS "/%s", id);
	assert_int_equal(rehearsed_ask(&town->server, "GET", path, NULL, &user), 200);
	assert_string_equal(json_string_value(
				    json_object_get(json_object_get(user, "metadata"), "town")),
			    "K\303\266ln");
	json_decref(user);
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.writes, 0);
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.verified, 11);
	assert_int_equal(went.run.differs + went.run.missing, 0);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.undone, 11);
	assert_int_equal(rehearsed_ask(&town->server, "GET", path, NULL, NULL), 404);
}

static void a_rejected_account_is_asked_for_again_by_the_next_plan(void **state)
{
	struct town *town = *state;
	struct town_line line;
	struct went went;

	town_settle(town, 1, 10, "");
	rehearsed_fault(&town->server, "{\"kind\":\"status\",\"status\":422," POST_USERS "}");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.rejected, 1);
	assert_int_equal(went.run.created, 9);
	town_line(town, "user_00001", &line);
	assert_string_equal(line.state, "rejected");
	/* Planned anew, it is asked for again, once a run: in vain, and then not. */
	rehearsed_fault(&town->server, "{\"kind\":\"status\",\"status\":422," POST_USERS "}");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.writes, 1);
	assert_int_equal(went.run.rejected, 1);
	town_settle(town, 1, 11, "");
	town_apply(town, NULL, &went);
	town_check_counts(town, &went);
	assert_int_equal(went.run.writes, 2);
	town_check_moved(town, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN_TEST(everybody_moves_once),
		TOWN_TEST(a_newer_export_moves_the_new_ones),
		TOWN_TEST(lost_answers_make_no_duplicates),
		TOWN_TEST(a_find_that_misses_repeats_the_key),
		TOWN_TEST(a_find_that_misses_without_keys),
		TOWN_TEST(existing_accounts_stay_as_they_are),
		TOWN_TEST(existing_accounts_can_be_linked),
		TOWN_TEST(accounts_taken_since_the_plan_are_conflicts),
		TOWN_TEST(a_conflict_that_is_gone_moves),
		TOWN_TEST(a_refused_part_never_costs_the_person),
		TOWN_TEST(a_refused_part_is_repaired_by_a_rerun),
		cmocka_unit_test_setup_teardown(
			a_rejected_account_is_asked_for_again_by_the_next_plan, town_setup,
			town_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
