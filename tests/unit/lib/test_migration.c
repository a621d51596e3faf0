/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a migration from every place they may come from, what is missing, and what is trusted. */
#include <rehome/rehome.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

#define KEY "sk_test_given_here"
#define ORIGIN "https://api.workos.com"
#define PERSON(id, more)                                                                      \
	"{\"id\":\"" id "\",\"primary_email_address_id\":\"i\",\"email_addresses\":[{\"id\":" \
	"\"i\",\"email_address\":\"" id "@example.com\",\"verification\":{\"status\":"        \
	"\"verified\"}}]" more "}"
#define PEOPLE "[" PERSON("user_1", "") "," PERSON("user_2", ",\"banned\":true") "]"

/* Every test runs in a folder of its own, with nothing of ours in the environment. */
struct place {
	char *folder;
	char *before;
	struct rh_migration *migration;
	struct rh_err err;
};

static const char *const variables[] = {
	"WORKOS_API_KEY", "WORKOS_API_URL", "WORKOS_CLIENT_ID", "TO_API_KEY",
	"TO_API_URL",     "FROM_API_KEY",   "XDG_STATE_HOME",
};

static void write_file(struct place *place, const char *name, const char *content)
{
	assert_int_equal(rh_file_write(name, rh_str_from(content), &place->err), RH_OK);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	place->folder = test_folder_new();
	place->before = getcwd(NULL, 0);
	*state = place;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		assert_int_equal(unsetenv(variables[i]), 0);
	}
	assert_int_equal(chdir(place->folder), 0);
	assert_int_equal(setenv("HOME", place->folder, 1), 0);
	write_file(place, "users.json", PEOPLE);
	return rh_migration_new(&place->migration, &place->err);
}

static int teardown(void **state)
{
	struct place *place = *state;
	int code = chdir(place->before);

	rh_migration_free(place->migration);
	test_folder_free(place->folder);
	free(place->before);
	free(place);
	return code;
}

static void renew(struct place *place)
{
	rh_migration_free(place->migration);
	assert_int_equal(rh_migration_new(&place->migration, &place->err), RH_OK);
}

static void set(struct place *place, const char *name, const char *value)
{
	if (rh_migration_set(place->migration, name, value, &place->err) != RH_OK) {
		fail_msg("%s: %s", name, place->err.message);
	}
}

static void set_sides(struct place *place)
{
	set(place, "from", "clerk");
	set(place, "to", "workos");
	set(place, "file", "users.json");
}

static void read_environment(struct place *place)
{
	if (rh_migration_set_from_environment(place->migration, &place->err) != RH_OK) {
		fail_msg("%s", place->err.message);
	}
}

static void missing(struct place *place, const char *expected)
{
	assert_string_equal(rh_migration_missing(place->migration), expected);
}

static struct rh_sides sides_of(struct place *place)
{
	struct rh_sides sides = {0};

	if (rh_migration_sides(place->migration, &sides, &place->err) != RH_OK) {
		fail_msg("%s", place->err.message);
	}
	return sides;
}

static void refuses_sides(struct place *place, const char *why)
{
	struct rh_sides sides;

	assert_int_equal(rh_migration_sides(place->migration, &sides, &place->err), RH_EUSAGE);
	assert_non_null(strstr(place->err.message, why));
	assert_null(strstr(place->err.message, "sk_"));
	assert_null(strstr(place->err.hint, "sk_"));
}

static void plans(struct place *place, struct rh_plan_counts *counts)
{
	int64_t revision;

	if (rh_migration_plan(place->migration, &revision, counts, &place->err) != RH_OK) {
		fail_msg("%s", place->err.message);
	}
}

/* ---- what is missing --------------------------------------------------------------------------------- */

static void all_that_is_missing_is_named_at_once(void **state)
{
	struct place *place = *state;

	missing(place, "from, to, file");
	set(place, "to", "workos");
	missing(place, "from, file, workos-api-key");
	set(place, "from", "clerk");
	set(place, "file", "users.json");
	missing(place, "workos-api-key");
	set(place, "offline", "true");
	missing(place, "");
	set(place, "offline", "false");
	set(place, "to-api-key", KEY);
	missing(place, "");
	/* A wrong name is told when it is used. */
	set(place, "to", "nobody");
	missing(place, "");
	refuses_sides(place, "there is no provider \"nobody\"");
}

static void wrong_options_are_refused(void **state)
{
	struct place *place = *state;

	assert_int_equal(rh_migration_set(place->migration, "no-such", "x", &place->err),
			 RH_EUSAGE);
	assert_int_equal(rh_migration_set(place->migration, "workos-no-such", "x", &place->err),
			 RH_EUSAGE);
	assert_int_equal(rh_migration_set(place->migration, "on-duplicate", "perhaps", &place->err),
			 RH_EUSAGE);
	assert_int_equal(rh_migration_set(place->migration, "limit", "-1", &place->err), RH_EUSAGE);
	assert_int_equal(rh_migration_set(place->migration, "no-such", "x", NULL), RH_EUSAGE);
	set_sides(place);
	set(place, "workos-api-key", KEY);
	set(place, "to-api-kye", KEY); /* known to be wrong when the target is */
	refuses_sides(place, "has no option \"api-kye\"");
}

static void roles_are_checked(void **state)
{
	struct place *place = *state;

	set(place, "from", "workos");
	set(place, "to", "csv");
	set(place, "file", "users.json");
	refuses_sides(place, "cannot be the target");
}

/* ---- where values come from -------------------------------------------------------------------------- */

static void the_command_line_beats_the_environment_beats_the_file(void **state)
{
	struct place *place = *state;

	set_sides(place);
	write_file(place, ".env",
		   "WORKOS_API_KEY=sk_test_dotenv\nWORKOS_CLIENT_ID=client_dotenv\n");
	missing(place, "workos-api-key"); /* nothing is read before it is asked for */
	read_environment(place);
	assert_string_equal(sides_of(place).key_from, ".env");
	assert_string_equal(sides_of(place).tenant, "client_dotenv");
	assert_string_equal(sides_of(place).environment, "test");

	renew(place);
	set_sides(place);
	assert_int_equal(setenv("WORKOS_API_KEY", "sk_live_environment", 1), 0);
	read_environment(place);
	assert_string_equal(sides_of(place).key_from, "WORKOS_API_KEY");
	assert_string_equal(sides_of(place).environment, "production");

	/* The role's own name is stronger than the provider's. */
	assert_int_equal(setenv("TO_API_KEY", "sk_test_to", 1), 0);
	renew(place);
	set_sides(place);
	read_environment(place);
	assert_string_equal(sides_of(place).key_from, "TO_API_KEY");

	renew(place);
	set_sides(place);
	set(place, "workos-api-key", "sk_live_first");
	set(place, "workos-api-key", KEY); /* the last one counts */
	read_environment(place);
	assert_string_equal(sides_of(place).key_from, "the command line");
	assert_string_equal(sides_of(place).environment, "test");
	assert_string_equal(sides_of(place).workspace, ".rehome/clerk-workos-test-client_dotenv");
}

static void a_later_value_replaces_one_in_use(void **state)
{
	struct place *place = *state;

	set_sides(place);
	set(place, "workos-api-key", KEY);
	assert_string_equal(sides_of(place).environment, "test");
	set(place, "workos-api-key", "sk_live_other");
	set(place, "workos-api-url", "http://127.0.0.1:9");
	assert_string_equal(sides_of(place).environment, "production");
	assert_string_equal(sides_of(place).origin, "http://127.0.0.1:9");
}

static void an_address_from_the_file_needs_its_key(void **state)
{
	struct place *place = *state;

	set_sides(place);
	write_file(place, ".env", "WORKOS_API_URL=https://elsewhere.example\n");
	assert_int_equal(setenv("WORKOS_API_KEY", KEY, 1), 0);
	read_environment(place);
	refuses_sides(place, "only used with a key from the same .env");

	/* Nor with one given by hand. */
	renew(place);
	assert_int_equal(unsetenv("WORKOS_API_KEY"), 0);
	set_sides(place);
	set(place, "workos-api-key", KEY);
	read_environment(place);
	refuses_sides(place, "only used with a key from the same .env");

	/* With both it is the owner's. */
	renew(place);
	set_sides(place);
	write_file(place, ".env",
		   "WORKOS_API_URL=https://elsewhere.example\nWORKOS_API_KEY=" KEY "\n");
	read_environment(place);
	assert_string_equal(sides_of(place).origin, "https://elsewhere.example");

	/* The key of the file is not the one that would be sent. */
	renew(place);
	set_sides(place);
	set(place, "workos-api-key", KEY);
	read_environment(place);
	refuses_sides(place, "only used with a key from the same .env");

	/* No key, nothing to steal. */
	renew(place);
	set_sides(place);
	set(place, "offline", "true");
	write_file(place, ".env", "WORKOS_API_URL=https://elsewhere.example\n");
	read_environment(place);
	assert_string_equal(sides_of(place).origin, "https://elsewhere.example");
}

static void an_address_in_the_open_is_refused(void **state)
{
	struct place *place = *state;

	set_sides(place);
	set(place, "workos-api-key", KEY);
	set(place, "workos-api-url", "http://elsewhere.example");
	refuses_sides(place, "");
}

/* ---- offline ----------------------------------------------------------------------------------------- */

static bool keep_lines(void *context, const struct rh_account_line *line)
{
	char *text = context;
	size_t len = strlen(text);

	(void)snprintf(text + len, 512 - len, "%s %s %s\n", line->source_id, line->state,
		       line->code);
	return true;
}

static void a_plan_offline_needs_no_key(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	struct rh_finding_group group;
	struct rh_run_counts run;
	int64_t revision = 0;
	char lines[512] = "";

	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	plans(place, &counts);
	assert_int_equal(counts.total, 2);
	assert_int_equal(counts.create, 1);
	assert_int_equal(counts.refuse, 1);
	assert_int_equal(counts.reads, 0);
	assert_true(counts.predicted_us > 0); /* as the provider documents its limits */
	assert_int_equal(rh_plan_exit(RH_OK, &counts), RH_EXIT_REFUSED);
	assert_true(rh_migration_finding(place->migration, 0, &group));
	assert_int_equal(group.info->code, RH_FINDING_BLOCKED_SKIPPED);
	assert_string_equal(group.examples[0], "user_2");
	assert_false(rh_migration_finding(place->migration, 99, &group));
	/* Whose it is shows with the key. */
	assert_false(rh_file_exists("ws/ledger.db"));

	renew(place);
	set(place, "workspace", "ws");
	assert_int_equal(rh_migration_load_plan(place->migration, 0, &revision, &counts,
						&place->err),
			 RH_OK);
	assert_int_equal(revision, 1);
	assert_int_equal(counts.create, 1);
	assert_int_equal(rh_migration_status(place->migration, &run, &place->err), RH_OK);
	assert_int_equal(run.total, 2);
	assert_int_equal(run.open, 1);
	assert_int_equal(run.refused, 1);
	assert_int_equal(rh_migration_accounts(place->migration, NULL, NULL, keep_lines, lines,
					       &place->err),
			 RH_OK);
	assert_string_equal(lines, "user_2 refused RH0701\n");
	lines[0] = '\0';
	assert_int_equal(rh_migration_accounts(place->migration, "skipped", NULL, keep_lines, lines,
					       &place->err),
			 RH_OK);
	assert_string_equal(lines, "");
}

static void to_write_needs_the_key_also_after_a_plan_offline(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	struct rh_run_counts run;

	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	plans(place, &counts);
	assert_int_equal(rh_migration_apply(place->migration, &run, &place->err), RH_EUSAGE);
	assert_string_equal(place->err.message, "missing: workos-api-key");
	/* The plan does not hand "offline" on. */
	renew(place);
	set(place, "workspace", "ws");
	assert_int_equal(rh_migration_verify(place->migration, &run, &place->err), RH_EUSAGE);
	assert_string_equal(place->err.message, "missing: workos-api-key");
}

static void without_a_plan_there_is_nothing(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	struct rh_run_counts run;
	int64_t revision;

	set(place, "workspace", "ws");
	assert_int_equal(rh_migration_load_plan(place->migration, 0, &revision, &counts,
						&place->err),
			 RH_ESTATE);
	assert_int_equal(rh_migration_status(place->migration, &run, &place->err), RH_ESTATE);
	assert_int_equal(rh_migration_apply(place->migration, &run, &place->err), RH_ESTATE);
	assert_false(rh_file_exists("ws")); /* to look makes none */
	set_sides(place);
	set(place, "file", "no-such.json");
	set(place, "offline", "true");
	assert_int_equal(rh_migration_plan(place->migration, &revision, &counts, &place->err),
			 RH_EINPUT);
	assert_int_equal(rh_plan_exit(RH_EINPUT, &counts), RH_EXIT_USAGE);
}

/* ---- what a workspace hands on ----------------------------------------------------------------------- */

static void plan_with_url(struct place *place, const char *url)
{
	struct rh_plan_counts counts;

	renew(place);
	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	set(place, "workos-client-id", "client_planned");
	set(place, "blocked", "without-password");
	set(place, "only", "user_1");
	set(place, "only", "user_2");
	set(place, "workos-api-url", url);
	plans(place, &counts);
	assert_int_equal(counts.create, 2);
	renew(place);
	set(place, "workspace", "ws");
	set(place, "workos-api-key", KEY);
}

static void options_of_the_plan_count_where_none_is_given(void **state)
{
	struct place *place = *state;

	plan_with_url(place, "http://127.0.0.1:9");
	assert_string_equal(sides_of(place).origin, "http://127.0.0.1:9");
	assert_string_equal(sides_of(place).source, "clerk");
	assert_string_equal(sides_of(place).tenant, "client_planned");
	/* The environment is given now; the plan is not. */
	renew(place);
	set(place, "workspace", "ws");
	assert_int_equal(setenv("WORKOS_API_KEY", KEY, 1), 0);
	assert_int_equal(setenv("WORKOS_CLIENT_ID", "client_environment", 1), 0);
	assert_int_equal(setenv("WORKOS_API_URL", ORIGIN, 1), 0);
	read_environment(place);
	assert_string_equal(sides_of(place).origin, ORIGIN);
	assert_string_equal(sides_of(place).tenant, "client_environment");
}

static void a_strange_workspace_leads_no_key_away(void **state)
{
	struct place *place = *state;

	plan_with_url(place, "https://elsewhere.example");
	refuses_sides(place, "only used when it is given again");
	set(place, "workos-api-url", "https://elsewhere.example");
	assert_string_equal(sides_of(place).origin, "https://elsewhere.example");
	plan_with_url(place, ORIGIN);
	assert_string_equal(sides_of(place).origin, ORIGIN);
}

static void secrets_stay_out_of_the_workspace(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	static const char *const names[] = {"ws/plans/1.json", "ws/plans/1.db", "ws/ledger.db"};
	bool names_somebody = false;

	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	set(place, "workos-api-key", KEY);
	plans(place, &counts);
	assert_true(rh_file_exists("ws/ledger.db")); /* the key says whose it is */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rh_autobuf content = {0};
		rh_buf_init(&content, 1U << 24);
		assert_int_equal(rh_file_read(names[i], &content, &place->err), RH_OK);
		assert_null(memmem(content.ptr, content.len, KEY, strlen(KEY)));
		names_somebody =
			names_somebody || memmem(content.ptr, content.len, "user_2", 6) != NULL;
	}
	assert_true(names_somebody); /* who is left behind is listed by source id */
}

/* ---- whose it is ------------------------------------------------------------------------------------- */

static void a_workspace_belongs_to_one_migration(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	int64_t revision;

	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	set(place, "workos-api-key", KEY);
	plans(place, &counts);
	renew(place);
	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	set(place, "workos-api-key", "sk_live_other");
	assert_int_equal(rh_migration_plan(place->migration, &revision, &counts, &place->err),
			 RH_EMISMATCH);
	assert_int_equal(rh_plan_exit(RH_EMISMATCH, &counts), RH_EXIT_FOREIGN);
}

static void only_one_at_a_time(void **state)
{
	struct place *place = *state;
	struct rh_migration *other = NULL;
	struct rh_plan_counts counts;
	int64_t revision;

	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	plans(place, &counts);
	assert_int_equal(rh_migration_new(&other, &place->err), RH_OK);
	assert_int_equal(rh_migration_set(other, "workspace", "ws", &place->err), RH_OK);
	assert_int_equal(rh_migration_set(other, "from", "clerk", &place->err), RH_OK);
	assert_int_equal(rh_migration_set(other, "to", "workos", &place->err), RH_OK);
	assert_int_equal(rh_migration_set(other, "file", "users.json", &place->err), RH_OK);
	assert_int_equal(rh_migration_set(other, "offline", "true", &place->err), RH_OK);
	assert_int_equal(rh_migration_plan(other, &revision, &counts, &place->err), RH_EMISMATCH);
	/* To look is always possible. */
	assert_int_equal(rh_migration_load_plan(other, 1, &revision, &counts, &place->err), RH_OK);
	rh_migration_free(place->migration);
	place->migration = other;
	plans(place, &counts);
}

static void the_seal_key_stays_outside(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	struct stat status;
	int64_t revision;

	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	set(place, "seal-key", "ws/seal.key");
	assert_int_equal(rh_migration_plan(place->migration, &revision, &counts, &place->err),
			 RH_EUSAGE);
	set(place, "seal-key", "my.key");
	plans(place, &counts);
	assert_int_equal(stat("my.key", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_false(rh_file_exists(".local"));
	renew(place);
	set_sides(place);
	set(place, "offline", "true");
	set(place, "workspace", "ws2");
	plans(place, &counts);
	assert_int_equal(stat(".local/state/rehome/seal.key", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(stat("ws2", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
}

static void migrations_of_a_folder_are_listed(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	char *names = NULL;

	assert_int_equal(rh_workspaces(".", &names, &place->err), RH_OK);
	assert_string_equal(names, "");
	rh_text_free(names);
	set_sides(place);
	set(place, "offline", "true");
	set(place, "workspace", ".rehome/zeta");
	plans(place, &counts);
	renew(place);
	set_sides(place);
	set(place, "offline", "true");
	set(place, "workos-api-key", "sk_live_other");
	plans(place, &counts);
	assert_int_equal(mkdir(".rehome/empty", 0700), 0);
	assert_int_equal(rh_workspaces(".", &names, &place->err), RH_OK);
	assert_string_equal(names, "./.rehome/clerk-workos-production-default\n./.rehome/zeta");
	rh_text_free(names);
}

/* ---- the error detail -------------------------------------------------------------------------------- */

static void an_error_detail_is_optional_and_fresh(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	struct rh_run_counts run;
	struct rh_sides sides;
	int64_t revision;

	assert_int_equal(rh_migration_sides(place->migration, &sides, NULL), RH_EUSAGE);
	assert_int_equal(rh_migration_plan(place->migration, &revision, &counts, NULL), RH_EUSAGE);
	assert_int_equal(rh_migration_apply(place->migration, &run, NULL), RH_ESTATE);
	set_sides(place);
	set(place, "workspace", "ws");
	set(place, "offline", "true");
	set(place, "file", "no-such.json");
	assert_int_equal(rh_migration_plan(place->migration, &revision, &counts, NULL), RH_EINPUT);
	/* What an earlier call left in it, or nobody ever put there, changes no answer. */
	memset(&place->err, 0x5a, sizeof(place->err));
	assert_int_equal(rh_migration_plan(place->migration, &revision, &counts, &place->err),
			 RH_EINPUT);
	assert_int_equal(place->err.code, RH_EINPUT);
	assert_non_null(strstr(place->err.message, "no-such.json"));
}

/* ---- progress and stopping --------------------------------------------------------------------------- */

static void stop_it(void *context, const struct rh_progress *progress)
{
	struct place *place = context;

	assert_int_equal(progress->phase, RH_PHASE_READ);
	rh_migration_stop(place->migration);
}

static void a_plan_can_be_stopped(void **state)
{
	struct place *place = *state;
	struct rh_plan_counts counts;
	int64_t revision;
	FILE *file = fopen("many.csv", "we");

	assert_non_null(file);
	(void)fprintf(file, "id,primary_email_address,verified_email_addresses\n");
	for (int i = 0; i < 3000; i++) {
		(void)fprintf(file, "user_%d,a%d@example.com,a%d@example.com\n", i, i, i);
	}
	assert_int_equal(fclose(file), 0);
	set(place, "from", "clerk");
	set(place, "to", "workos");
	set(place, "file", "many.csv");
	set(place, "offline", "true");
	set(place, "workspace", "ws");
	rh_migration_on_progress(place->migration, stop_it, place);
	assert_int_equal(rh_migration_plan(place->migration, &revision, &counts, &place->err),
			 RH_EINTERRUPTED);
	assert_int_equal(rh_plan_exit(RH_EINTERRUPTED, &counts), RH_EXIT_INTERRUPTED);
	assert_false(rh_file_exists("ws/plans/1.json"));
}

/* ---- exit codes -------------------------------------------------------------------------------------- */

static void errors_have_their_exit_codes(void **)
{
	static const struct {
		int code;
		enum rh_exit plan;
		enum rh_exit run;
	} cases[] = {
		{RH_OK, RH_EXIT_DONE, RH_EXIT_DONE},
		{RH_EUSAGE, RH_EXIT_USAGE, RH_EXIT_USAGE},
		{RH_EINVAL, RH_EXIT_USAGE, RH_EXIT_USAGE},
		{RH_EINPUT, RH_EXIT_USAGE, RH_EXIT_USAGE},
		{RH_ECONSENT, RH_EXIT_USAGE, RH_EXIT_USAGE},
		{RH_ESTATE, RH_EXIT_USAGE, RH_EXIT_USAGE},
		{RH_EUNSUPPORTED, RH_EXIT_USAGE, RH_EXIT_USAGE},
		{RH_ENET, RH_EXIT_STOPPED, RH_EXIT_STOPPED},
		{RH_EIO, RH_EXIT_STOPPED, RH_EXIT_STOPPED},
		{RH_ENOMEM, RH_EXIT_STOPPED, RH_EXIT_STOPPED},
		{RH_EDENIED, RH_EXIT_DENIED, RH_EXIT_DENIED},
		{RH_EMISMATCH, RH_EXIT_FOREIGN, RH_EXIT_FOREIGN},
		{RH_EINTERNAL, RH_EXIT_INTERNAL, RH_EXIT_INTERNAL},
		{RH_EINTERRUPTED, RH_EXIT_INTERRUPTED, RH_EXIT_INTERRUPTED},
	};
	const struct rh_plan_counts plan = {.create = 1, .skip = 1, .left_out = 1};
	const struct rh_run_counts run = {.created = 1, .skipped = 1, .left_out = 1, .linked = 1};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(rh_plan_exit(cases[i].code, &plan), cases[i].plan);
		assert_int_equal(rh_run_exit(cases[i].code, &run), cases[i].run);
	}
	/* An input that is too large is too large the next time as well. */
	assert_int_equal(rh_plan_exit(RH_ELIMIT, &plan), RH_EXIT_USAGE);
}

static void counts_have_their_exit_codes(void **)
{
	static const struct {
		struct rh_run_counts counts;
		enum rh_exit exit;
	} cases[] = {
		{{.created = 5}, RH_EXIT_DONE},
		{{.created = 5, .verified = 5}, RH_EXIT_DONE},
		{{.undone = 5}, RH_EXIT_DONE},
		{{.refused = 1}, RH_EXIT_REFUSED},
		{{.rejected = 1}, RH_EXIT_REFUSED},
		{{.conflicts = 1}, RH_EXIT_REFUSED},
		{{.partial = 1}, RH_EXIT_REFUSED},
		{{.differs = 1}, RH_EXIT_REFUSED},
		{{.missing = 1}, RH_EXIT_REFUSED},
		{{.kept = 1}, RH_EXIT_REFUSED},
		{{.created = 1, .blocked = 1}, RH_EXIT_REFUSED},
		{{.unknown = 1}, RH_EXIT_STOPPED},
		{{.deferred = 1}, RH_EXIT_STOPPED},
		{{.open = 1, .rejected = 1}, RH_EXIT_STOPPED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(rh_run_exit(RH_OK, &cases[i].counts), cases[i].exit);
	}
	assert_int_equal(rh_plan_exit(RH_OK, &(struct rh_plan_counts){.refuse = 1}),
			 RH_EXIT_REFUSED);
	assert_int_equal(rh_plan_exit(RH_OK, &(struct rh_plan_counts){.blocked = 1}),
			 RH_EXIT_REFUSED);
}

static void the_tables_are_walked_to_their_end(void **)
{
	size_t options = 0;
	size_t connectors = 0;

	while (rh_option_at(options) != NULL) {
		options++;
	}
	while (rh_connector_at(connectors) != NULL) {
		assert_ptr_equal(rh_connector_find(rh_connector_at(connectors)->name),
				 rh_connector_at(connectors));
		connectors++;
	}
	assert_true(options > 15);
	assert_true(connectors >= 2);
	assert_null(rh_option_at(SIZE_MAX));
	assert_true(strlen(rh_version()) >= 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_that_is_missing_is_named_at_once),
		CASE(wrong_options_are_refused),
		CASE(roles_are_checked),
		CASE(the_command_line_beats_the_environment_beats_the_file),
		CASE(a_later_value_replaces_one_in_use),
		CASE(an_address_from_the_file_needs_its_key),
		CASE(an_address_in_the_open_is_refused),
		CASE(a_plan_offline_needs_no_key),
		CASE(to_write_needs_the_key_also_after_a_plan_offline),
		CASE(without_a_plan_there_is_nothing),
		CASE(options_of_the_plan_count_where_none_is_given),
		CASE(a_strange_workspace_leads_no_key_away),
		CASE(secrets_stay_out_of_the_workspace),
		CASE(a_workspace_belongs_to_one_migration),
		CASE(only_one_at_a_time),
		CASE(the_seal_key_stays_outside),
		CASE(migrations_of_a_folder_are_listed),
		CASE(an_error_detail_is_optional_and_fresh),
		CASE(a_plan_can_be_stopped),
		cmocka_unit_test(errors_have_their_exit_codes),
		cmocka_unit_test(counts_have_their_exit_codes),
		cmocka_unit_test(the_tables_are_walked_to_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
