/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and what became of them since: revisions that are stale, options that come and go, one migration used on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town.h"

static uint64_t writes(const struct town *town)
{
	return rehearsed_count(&town->server, "writes");
}

static void planning_writes_to_neither_side(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 30, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.create, 30);
	assert_true(went.plan.reads > 0);
	assert_int_equal(writes(town), 0);
}

#define GRACE(name) GRACE_AND(name, "")
#define GRACE_AND(name, more)                                                                 \
	",{\"id\":\"user_grace\",\"object\":\"user\",\"first_name\":\"" name "\","            \
	"\"primary_email_address_id\":\"idn_1\",\"email_addresses\":[{\"id\":\"idn_1\","      \
	"\"email_address\":\"grace@example.com\",\"verification\":{\"status\":\"verified\"}}" \
	"]" more "}"

static bool plan_says(const struct town *town, int revision, const char *text)
{
	static char content[1 << 20];
	char path[512];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/plans/%d.json", town->workspace, revision);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(content, 1, sizeof(content) - 1, file);
	(void)fclose(file);
	content[len] = '\0';
	return strstr(content, text) != NULL;
}

/* Asked to leave them: nobody who is there is changed, and nobody is left to believe that they were. */
static void who_changed_since_is_told(void **state)
{
	static const char *const skip[] = {"on-changed", "skip", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 3, GRACE("Grace"));
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	town_plan(town, NULL, &went);
	assert_int_equal(went.plan.done, 4);
	assert_false(plan_says(town, (int)went.revision, "\"code\":607"));
	town_settle(town, 1, 3, GRACE("Amazing"));
	town_apply(town, skip, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.done, 4);
	assert_true(plan_says(town, (int)went.revision,
			      "\"code\":607,\"note\":\"first_name\",\"count\":1"));
	assert_int_equal(writes(town), 4);
}

/* Two plans of different inputs with the same ids to give: once one is applied, the other is not. */
static void a_plan_made_before_another_was_applied_is_stale(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 100, 10, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.revision, 1);
	town_settle(town, 1, 12, "");
	town_plan(town, NULL, &went);
	assert_int_equal(went.revision, 2);

	town_settle(town, 100, 10, ""); /* what plan 1 was made of */
	town_go_on(town, 1, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.created, 10);

	town_settle(town, 1, 12, "");
	town_go_on(town, 2, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_non_null(strstr(went.err.message, "another plan was applied"));
	assert_int_equal(writes(town), 10);
	/* Planned again it goes on, and plan 1 is done with. */
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.revision, 3);
	assert_int_equal(went.run.created_now, 12);
	town_settle(town, 100, 10, "");
	town_go_on(town, 1, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_int_equal(writes(town), 22);
}

static void a_plan_takes_its_own_options(void **state)
{
	static const char *const limited[] = {"limit", "3", NULL};
	static const char *const another[] = {"limit", "4", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 10, "");
	town_plan(town, limited, &went);
	town_plan(town, NULL, &went);
	assert_int_equal(went.revision, 2);
	/* Not those of the newest plan, and not without a word others. */
	town_go_on(town, 1, another, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_int_equal(writes(town), 0);
	town_go_on(town, 1, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.created, 3);
	assert_int_equal(writes(town), 3);
}

/* As a version before wrote it. */
static void make_older(const struct town *town, int revision)
{
	static const char now[] = "{\"rehome_plan\":2,";
	char head[sizeof(now)] = "";
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/plans/%d.json", town->workspace, revision);
	file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fread(head, 1, sizeof(now) - 1, file), sizeof(now) - 1);
	assert_string_equal(head, now);
	assert_int_equal(fseek(file, (long)strlen("{\"rehome_plan\":"), SEEK_SET), 0);
	assert_int_equal(fputc('1', file), '1');
	assert_int_equal(fclose(file), 0);
}

/* It says so, can be looked at, and the next plan goes on where it stands. */
static void a_plan_of_an_older_version_is_made_again(void **state)
{
	static const char *const limited[] = {"limit", "3", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 10, "");
	town_apply(town, limited, &went);
	assert_int_equal(went.run.created, 3);
	make_older(town, 1);
	town_status(town, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.created, 3);
	assert_int_equal(went.run.total, 10);
	town_go_on(town, 1, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_string_equal(went.err.message, "the plan was made by an older version of rehome");
	assert_non_null(strstr(went.err.hint, "Plan again"));
	assert_int_equal(writes(town), 3);
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.revision, 2);
	assert_int_equal(went.run.created_now, 7);
	assert_int_equal(writes(town), 10);
}

static void an_input_that_changed_is_not_applied(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 10, "");
	town_plan(town, NULL, &went);
	town_settle(town, 1, 11, "");
	town_go_on(town, 1, NULL, &went);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_int_equal(writes(town), 0);
}

/* Somebody writes to the export while it is applied: far behind what was read so far. */
static void rename_the_last(void *context, const struct rh_progress *progress)
{
	struct town *town = context;
	FILE *file;

	if (progress->phase != RH_PHASE_APPLY || town->stop_levels == 0) {
		return;
	}
	town->stop_levels = 0;
	file = fopen(town->input, "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, -300, SEEK_END), 0);
	for (int byte = fgetc(file); byte != EOF; byte = fgetc(file)) {
		if (byte == '@') { /* in place: length and all that stands before stay */
			assert_int_equal(fseek(file, -2, SEEK_CUR), 0);
			assert_int_equal(fputc('X', file), 'X');
			break;
		}
	}
	assert_int_equal(fclose(file), 0);
}

static void an_input_that_changes_while_it_is_applied_leads_to_no_wrong_write(void **state)
{
	static char more[700000];
	struct town *town = *state;
	struct went went;
	struct town_line line = {0};

	/* So many that they are not all read before the first is written; Grace behind much that is none. */
	(void)snprintf(more, sizeof(more), ",\"%0600000d\"%s", 0, GRACE("Grace"));
	town_settle(town, 1, 900, more);
	town->progress = rename_the_last;
	town->stop_levels = 1;
	town->rate = "1000";
	town_apply(town, NULL, &went);
	assert_int_equal(town->stop_levels, 0);
	town_check_end(&went, RH_EMISMATCH, RH_EXIT_FOREIGN);
	assert_non_null(strstr(went.err.message, "changed since the plan was made"));
	assert_non_null(strstr(went.err.hint, "Plan again"));
	assert_in_range(writes(town), 1, 900);
	town_line(town, "user_grace", &line);
	assert_string_equal(line.state, "");

	/* As it says: planned again, it goes on. */
	town->progress = NULL;
	town->rate = "100000";
	town_settle(town, 1, 900, more);
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(writes(town), 901);
}

#define BANNED ",\"banned\":true"
#define HASH                                                                                     \
	",\"password_digest\":\"$2b$04$abcdefghijklmnopqrstuuJ0PPlJx1kZ0d0uYsFbiIWTp9nyBpPaa\"," \
	"\"password_hasher\":\"bcrypt\""

static void set(struct rh_migration *migration, const char *name, const char *value);

static bool count_state(void *context, const struct rh_account_line *line)
{
	unsigned *counts = context;

	counts[strcmp(line->state, "done") == 0 ? 0 : 1]++;
	if (strcmp(line->state, "blocked-since") == 0) {
		assert_string_equal(line->source_id, "user_grace");
		assert_string_equal(line->code, "RH0704");
		assert_true(line->target_id[0] != '\0');
		assert_true(line->is_update);
	}
	return true;
}

static void count_states(struct town *town, unsigned counts[2])
{
	struct rh_migration *migration = NULL;
	struct rh_err err = {0};

	counts[0] = 0;
	counts[1] = 0;
	assert_int_equal(rh_migration_new(&migration, &err), RH_OK);
	set(migration, "workspace", town->workspace);
	assert_int_equal(rh_migration_accounts(migration, NULL, NULL, count_state, counts, &err),
			 RH_OK);
	rh_migration_free(migration);
}

/* A block cannot follow: it is told until somebody has acted, and counts neither as refused nor as left out. */
static void who_is_blocked_after_having_moved_is_told(void **state)
{
	static const char *const disarmed[] = {"blocked", "without-password", NULL};
	struct town *town = *state;
	struct went went;
	unsigned counts[2];

	town_settle(town, 1, 3, GRACE("Grace"));
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	town_settle(town, 1, 3, GRACE_AND("Grace", BANNED));
	town_plan(town, NULL, &went);
	assert_int_equal(went.plan.done, 3);
	assert_int_equal(went.plan.blocked, 1);
	assert_int_equal(went.plan.refuse, 0);
	assert_int_equal(rh_plan_exit(RH_OK, &went.plan), RH_EXIT_REFUSED);
	assert_true(plan_says(town, (int)went.revision, "\"code\":704,\"note\":\"\",\"count\":1"));
	assert_false(plan_says(town, (int)went.revision, "\"code\":701"));

	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.created, 4);
	assert_int_equal(went.run.refused, 0);
	assert_int_equal(went.run.blocked, 1);
	assert_int_equal(writes(town), 4);
	count_states(town, counts);
	assert_int_equal(counts[0], 4);
	assert_int_equal(counts[1], 1);

	/* She came without a password: what disarms her is an update. */
	town_apply(town, disarmed, &went);
	assert_int_equal(went.plan.blocked, 0);
	assert_int_equal(went.plan.update, 1);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);

	/* Removed she is told of no more. */
	town_plan(town, NULL, &went);
	assert_int_equal(went.plan.blocked, 1);
	town_undo(town, NULL, &went);
	assert_int_equal(went.run.blocked, 0);
	count_states(town, counts);
	assert_int_equal(counts[0], 0);
}

/* A password cannot be taken back, so a plan that disarms says that it does not. */
static void whose_password_is_there_is_not_disarmed_by_a_plan(void **state)
{
	static const char *const disarmed[] = {"blocked", "without-password", NULL};
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 1, GRACE_AND("Grace", HASH));
	town_apply(town, disarmed, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.with_password, 1);
	town_settle(town, 1, 1, GRACE_AND("Grace", HASH BANNED));
	town_apply(town, disarmed, &went);
	assert_int_equal(went.plan.blocked, 1);
	assert_int_equal(went.plan.update, 0);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(writes(town), 2);
}

static void look_at_share(void *context, const struct rh_progress *progress)
{
	struct town *town = context;

	if (progress->phase == RH_PHASE_VERIFY) {
		assert_true(progress->total == 0 || progress->done <= progress->total);
		town->stop_levels += progress->total == 0 && progress->done > 2 ? 1 : 0;
	}
}

/* Beside those that were moved others stand at the target, and verify passes them, too. */
static void verify_counts_no_more_than_there_are(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 250, "");
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	town_new_workspace(town);
	town_settle(town, 1001, 2, "");
	town_apply(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	town->progress = look_at_share;
	town->rate = "4"; /* so that there is progress to be shown */
	town_verify(town, NULL, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.verified, 2);
	assert_true(town->stop_levels > 0);
}

static void set(struct rh_migration *migration, const char *name, const char *value)
{
	struct rh_err err = {0};

	if (rh_migration_set(migration, name, value, &err) != RH_OK) {
		fail_msg("%s: %s", name, err.message);
	}
}

/* What only looks leaves a migration able to write, and what is set later counts. */
static void one_migration_can_be_used_on(void **state)
{
	struct town *town = *state;
	struct rh_migration *migration = NULL;
	struct rh_plan_counts plan;
	struct rh_run_counts run;
	struct rh_sides sides;
	struct rh_err err = {0};
	int64_t revision;

	town_settle(town, 1, 5, "");
	assert_int_equal(rh_migration_new(&migration, &err), RH_OK);
	set(migration, "from", "clerk");
	set(migration, "to", "workos");
	set(migration, "file", town->input);
	set(migration, "workspace", town->workspace);
	set(migration, "workos-api-url", town->server.url);
	set(migration, "offline", "true");
	assert_int_equal(rh_migration_plan(migration, &revision, &plan, &err), RH_OK);
	assert_int_equal(rh_migration_status(migration, &run, &err), RH_OK);
	assert_int_equal(run.open, 5);
	assert_int_equal(rh_migration_apply(migration, &run, &err), RH_EUSAGE);
	set(migration, "workos-api-key", town->key);
	assert_int_equal(rh_migration_sides(migration, &sides, &err), RH_OK);
	assert_string_equal(sides.environment, "test");
	if (rh_migration_apply(migration, &run, &err) != RH_OK) {
		fail_msg("%s", err.message);
	}
	assert_int_equal(run.created, 5);
	assert_int_equal(rh_migration_status(migration, &run, &err), RH_OK);
	assert_int_equal(run.created, 5);
	set(migration, "offline", "false");
	assert_int_equal(rh_migration_plan(migration, &revision, &plan, &err), RH_OK);
	assert_int_equal(plan.done, 5);
	assert_int_equal(revision, 1);
	assert_int_equal(rh_migration_verify(migration, &run, &err), RH_OK);
	assert_int_equal(run.verified, 5);
	assert_int_equal(rh_migration_undo(migration, &run, &err), RH_OK);
	assert_int_equal(run.undone, 5);
	rh_migration_free(migration);
}

/* A look at the ledger alone, then the way that writes. */
static void to_look_first_does_not_hinder(void **state)
{
	struct town *town = *state;
	struct rh_migration *migration = NULL;
	struct rh_plan_counts plan;
	struct rh_run_counts run;
	struct rh_err err = {0};
	struct went went;
	int64_t revision;

	town_settle(town, 1, 5, "");
	town_plan(town, NULL, &went);
	assert_int_equal(rh_migration_new(&migration, &err), RH_OK);
	set(migration, "workspace", town->workspace);
	set(migration, "workos-api-key", town->key);
	assert_int_equal(rh_migration_status(migration, &run, &err), RH_OK);
	assert_int_equal(rh_migration_load_plan(migration, 0, &revision, &plan, &err), RH_OK);
	assert_int_equal(rh_migration_status(migration, &run, &err), RH_OK);
	if (rh_migration_apply(migration, &run, &err) != RH_OK) {
		fail_msg("%s", err.message);
	}
	assert_int_equal(run.created, 5);
	rh_migration_free(migration);
}

static bool count_line(void *context, const struct rh_account_line *line)
{
	unsigned *counts = context;

	counts[strcmp(line->state, "done") == 0       ? 0
	       : strcmp(line->state, "left-out") == 0 ? 1
						      : 2]++;
	return true;
}

/* Who moved by an earlier plan and is left out of this one is told once. */
static void everybody_has_one_line(void **state)
{
	static const char *const first[] = {"only", "user_00001", NULL};
	static const char *const second[] = {"only", "user_00002", NULL};
	struct town *town = *state;
	struct rh_migration *migration = NULL;
	struct rh_err err = {0};
	struct went went;
	unsigned counts[3] = {0};

	town_settle(town, 1, 4, "");
	town_apply(town, first, &went);
	assert_int_equal(went.run.created, 1);
	town_apply(town, second, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.created_now, 1);
	assert_int_equal(rh_migration_new(&migration, &err), RH_OK);
	set(migration, "workspace", town->workspace);
	assert_int_equal(rh_migration_accounts(migration, NULL, NULL, count_line, counts, &err),
			 RH_OK);
	assert_int_equal(counts[0], 2);
	assert_int_equal(counts[1], 2);
	assert_int_equal(counts[2], 0);
	rh_migration_free(migration);
}

#define CASE(name) TOWN_TEST(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(planning_writes_to_neither_side),
		CASE(who_changed_since_is_told),
		CASE(who_is_blocked_after_having_moved_is_told),
		CASE(whose_password_is_there_is_not_disarmed_by_a_plan),
		CASE(a_plan_made_before_another_was_applied_is_stale),
		CASE(a_plan_takes_its_own_options),
		CASE(a_plan_of_an_older_version_is_made_again),
		CASE(an_input_that_changed_is_not_applied),
		CASE(verify_counts_no_more_than_there_are),
		CASE(an_input_that_changes_while_it_is_applied_leads_to_no_wrong_write),
		CASE(one_migration_can_be_used_on),
		CASE(to_look_first_does_not_hinder),
		CASE(everybody_has_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
