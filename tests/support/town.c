/* SPDX-License-Identifier: Apache-2.0 */
/* A town of made-up people that moves to a rehearsed target. */
#include "town.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"

/* The bcrypt hash of a made-up password. */
#define HASH "$2a$04$abcdefghijklmnopqrstuurwjHctnbOm5ptJlEi0Hpqbc1mOX5MhK"
/* Fast enough not to be felt. */
#define RATE "100000"

static const char *const none[] = {NULL};

void town_found(struct town *town, const struct rh_rehearsal_options *options)
{
	*town = (struct town){.key = "sk_test_rehearsal", .rate = RATE};
	town->folder = test_folder_new();
	town->input = test_folder_path(town->folder, "users.json");
	/* The seal key belongs to the user, not to the workspace. */
	assert_int_equal(setenv("XDG_STATE_HOME", town->folder, 1), 0);
	assert_int_equal(unsetenv("REHOME_TEST_KILL_AT"), 0);
	town_new_workspace(town);
	rehearsed_start(&town->server, options);
}

void town_raze(struct town *town)
{
	rehearsed_stop(&town->server);
	free(town->workspace);
	free(town->input);
	test_folder_free(town->folder);
}

int town_setup(void **state)
{
	struct town *town = calloc(1, sizeof(*town));

	assert_non_null(town);
	town_found(town, NULL);
	*state = town;
	return 0;
}

int town_teardown(void **state)
{
	struct town *town = *state;

	assert_int_equal(rehearsed_count(&town->server, "mails"), 0);
	town_raze(town);
	free(town);
	return 0;
}

void town_new_workspace(struct town *town)
{
	char *parent = test_folder_path(town->folder, "workspace-XXXXXX");

	free(town->workspace);
	town->workspace = mkdtemp(parent);
	assert_non_null(town->workspace);
}

static void write_person(FILE *file, unsigned number)
{
	(void)fprintf(file,
		      "{\"id\":\"user_%05u\",\"first_name\":\"Ada\",\"last_name\":\"Example "
		      "%u\",\"primary_email_address_id\":\"idn_%u\",\"email_addresses\":[{\"id\":"
		      "\"idn_%u\",\"email_address\":\"ada.%u@example.com\",\"verification\":{"
		      "\"status\":\"verified\"}}],\"public_metadata\":{\"seat\":\"%u\"}",
		      number, number, number, number, number, number);
	if (number % 3 == 0) {
		(void)fprintf(file, ",\"password_digest\":\"%s\",\"password_hasher\":\"bcrypt\"",
			      HASH);
	}
	(void)fprintf(file, "}");
}

void town_settle(struct town *town, unsigned first, unsigned count, const char *more)
{
	FILE *file = fopen(town->input, "w");

	assert_non_null(file);
	(void)fprintf(file, "[");
	for (unsigned i = 0; i < count; i++) {
		(void)fprintf(file, i > 0 ? ",\n" : "\n");
		write_person(file, first + i);
	}
	(void)fprintf(file, "%s\n]\n", more);
	assert_int_equal(fclose(file), 0);
	town->first = first;
	town->count = count;
}

/* ---- ways ------------------------------------------------------------------------------------ */

static void set(struct rh_migration *migration, const char *name, const char *value)
{
	struct rh_err err = {0};

	if (rh_migration_set(migration, name, value, &err) != RH_OK) {
		fail_msg("%s: %s", name, err.message);
	}
}

static void begin(struct town *town, const char *const *options)
{
	struct rh_err err = {0};

	assert_int_equal(rh_migration_new(&town->migration, &err), RH_OK);
	set(town->migration, "from", "clerk");
	set(town->migration, "to", "workos");
	set(town->migration, "file", town->input);
	set(town->migration, "workspace", town->workspace);
	set(town->migration, "workos-api-key", town->key);
	set(town->migration, "workos-api-url", town->server.url);
	if (town->rate != NULL) {
		set(town->migration, "rate", town->rate);
	}
	for (const char *const *option = options != NULL ? options : none; *option != NULL;
	     option += 2) {
		set(town->migration, option[0], option[1]);
	}
	if (town->progress != NULL) {
		rh_migration_on_progress(town->migration, town->progress, town);
	}
}

static void end(struct town *town)
{
	rh_migration_free(town->migration);
	town->migration = NULL;
}

static void apply(struct town *town, struct went *out)
{
	out->code = rh_migration_apply(town->migration, &out->run, &out->err);
	(void)snprintf(out->settled, sizeof(out->settled), "%s",
		       rh_migration_settled(town->migration));
}

void town_plan(struct town *town, const char *const *options, struct went *out)
{
	*out = (struct went){0};
	begin(town, options);
	out->code = rh_migration_plan(town->migration, &out->revision, &out->plan, &out->err);
	end(town);
}

void town_apply(struct town *town, const char *const *options, struct went *out)
{
	*out = (struct went){0};
	begin(town, options);
	out->code = rh_migration_plan(town->migration, &out->revision, &out->plan, &out->err);
	if (out->code == RH_OK) {
		apply(town, out);
	}
	end(town);
}

void town_go_on(struct town *town, int64_t revision, const char *const *options, struct went *out)
{
	*out = (struct went){0};
	begin(town, options);
	out->code = rh_migration_load_plan(town->migration, revision, &out->revision, &out->plan,
					   &out->err);
	if (out->code == RH_OK) {
		apply(town, out);
	}
	end(town);
}

void town_verify(struct town *town, const char *const *options, struct went *out)
{
	*out = (struct went){0};
	begin(town, options);
	out->code = rh_migration_verify(town->migration, &out->run, &out->err);
	end(town);
}

void town_undo(struct town *town, const char *const *options, struct went *out)
{
	*out = (struct went){0};
	begin(town, options);
	out->code = rh_migration_undo(town->migration, &out->run, &out->err);
	end(town);
}

void town_status(struct town *town, struct went *out)
{
	*out = (struct went){0};
	begin(town, NULL);
	out->code = rh_migration_status(town->migration, &out->run, &out->err);
	end(town);
}

static bool keep_line(void *context, const struct rh_account_line *line)
{
	struct town_line *out = context;

	(void)snprintf(out->state, sizeof(out->state), "%s", line->state);
	(void)snprintf(out->origin, sizeof(out->origin), "%s", line->origin);
	(void)snprintf(out->code, sizeof(out->code), "%s", line->code);
	(void)snprintf(out->dropped, sizeof(out->dropped), "%s", line->dropped);
	(void)snprintf(out->target_id, sizeof(out->target_id), "%s", line->target_id);
	return false;
}

void town_line(struct town *town, const char *source_id, struct town_line *out)
{
	struct rh_err err = {0};

	*out = (struct town_line){0};
	begin(town, NULL);
	assert_int_equal(rh_migration_accounts(town->migration, NULL, source_id, keep_line, out,
					       &err),
			 RH_OK);
	end(town);
}

bool town_killed_at(struct town *town, town_way *way, const char *const *options, uint64_t n)
{
	struct went went;
	char number[24];
	pid_t pid;
	int status;

	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)snprintf(number, sizeof(number), "%llu", (unsigned long long)n);
		(void)setenv("REHOME_TEST_KILL_AT", number, 1);
		way(town, options, &went);
		if (went.code != RH_OK) {
			fprintf(stderr, "# killed at %llu: %s\n", (unsigned long long)n,
				went.err.message);
		}
		_exit(went.code == RH_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return false;
	}
	assert_int_equal(WTERMSIG(status), SIGKILL);
	return true;
}

void town_stop(void *context, const struct rh_progress *progress)
{
	struct town *town = context;

	if (progress->phase != RH_PHASE_READ && progress->phase != RH_PHASE_SURVEY &&
	    progress->done >= town->stop_after) {
		for (; town->stop_levels > 0; town->stop_levels--) {
			rh_migration_stop(town->migration);
		}
	}
}

/* ---- what must hold -------------------------------------------------------------------------- */

static const char *text_of(const json_t *user, const char *name)
{
	const char *text = json_string_value(json_object_get(user, name));

	return text != NULL ? text : "";
}

static void check_person(const json_t *user, unsigned number)
{
	char email[64];
	char last_name[64];
	char metadata[64];

	(void)snprintf(email, sizeof(email), "ada.%u@example.com", number);
	(void)snprintf(last_name, sizeof(last_name), "Example %u", number);
	(void)snprintf(metadata, sizeof(metadata), "{\"seat\":\"%u\"}", number);
	assert_string_equal(text_of(user, "email"), email);
	assert_string_equal(text_of(user, "first_name"), "Ada");
	assert_string_equal(text_of(user, "last_name"), last_name);
	assert_string_equal(text_of(user, "metadata"), metadata);
	assert_int_equal(json_integer_value(json_object_get(user, "email_verified")), 1);
	assert_string_equal(text_of(user, "password_hash_type"), number % 3 == 0 ? "bcrypt" : "");
}

void town_check_end(const struct went *went, int code, enum rh_exit exit_code)
{
	if (went->code != code) {
		fail_msg("%d instead of %d: %s", went->code, code, went->err.message);
	}
	assert_int_equal(rh_run_exit(went->code, &went->run), exit_code);
}

void town_check_moved(const struct town *town, size_t others)
{
	json_t *users = rehearsed_users(&town->server);
	unsigned *seen = calloc(town->count + 1, sizeof(*seen));
	size_t strangers = 0;
	size_t index;
	json_t *user;

	assert_non_null(seen);
	json_array_foreach(users, index, user)
	{
		unsigned number = 0;
		if (sscanf(text_of(user, "external_id"), "user_%5u", &number) != 1 ||
		    number < town->first || number >= town->first + town->count) {
			strangers++;
			continue;
		}
		seen[number - town->first]++;
		check_person(user, number);
	}
	for (unsigned i = 0; i < town->count; i++) {
		assert_int_equal(seen[i], 1);
	}
	assert_int_equal(strangers, others);
	free(seen);
	json_decref(users);
}

void town_check_counts(const struct town *town, const struct went *went)
{
	town_check_end(went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went->run.created, town->count);
	assert_int_equal(went->run.rejected + went->run.conflicts + went->run.unknown +
				 went->run.deferred + went->run.partial + went->run.open,
			 0);
}
