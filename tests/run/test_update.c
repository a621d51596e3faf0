/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts that are changed at the target: those that stand there already, those of a newer export; taken back by
 * undo; killed at every ledger step.  L11 and L12: ledger.h; U1 to U7: apply_update.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "town.h"

#define USERS "/user_management/users"
#define PUT_USERS "\"method\":\"PUT\",\"path\":\"/user_management/users\""
#define LEGACY "$2b$04$abcdefghijklmnopqrstuuJ0PPlJx1kZ0d0uYsFbiIWTp9nyBpPau"

static const char *const update[] = {"on-existing", "update", NULL};

/* One more person of the export. */
#define GRACE(name, more)                                                                     \
	",{\"id\":\"user_grace\",\"object\":\"user\",\"first_name\":\"" name "\","            \
	"\"primary_email_address_id\":\"idn_1\",\"email_addresses\":[{\"id\":\"idn_1\","      \
	"\"email_address\":\"grace@example.com\",\"verification\":{\"status\":\"verified\"}}" \
	"]" more "}"

static json_t *user_of(const struct town *town, const char *id)
{
	json_t *user = NULL;
	char path[160];

	(void)snprintf(path, sizeof(path), USERS "/%s", id);
	assert_int_equal(rehearsed_ask(&town->server, "GET", path, NULL, &user), 200);
	return user;
}

/* The members of a user that can be changed, as text; for the caller to free. */
static char *content_of(const struct town *town, const char *id)
{
	json_t *user = user_of(town, id);
	char *text;

	json_object_del(user, "updated_at");
	/* An empty name is no name: it cannot be null again. */
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"first_name", "last_name", "name"};
		const char *value = json_string_value(json_object_get(user, names[i]));
		if (value == NULL || value[0] == '\0') {
			json_object_del(user, names[i]);
		}
	}
	text = json_dumps(user, JSON_SORT_KEYS);
	json_decref(user);
	return text;
}

static void check_member(const struct town *town, const char *id, const char *name,
			 const char *expected)
{
	json_t *user = user_of(town, id);
	const char *value = json_string_value(json_object_get(user, name));

	assert_string_equal(value != NULL ? value : "null", expected);
	json_decref(user);
}

static void put(const struct town *town, const char *id, const char *body)
{
	char path[160];

	(void)snprintf(path, sizeof(path), USERS "/%s", id);
	assert_int_equal(rehearsed_ask(&town->server, "PUT", path, body, NULL), 200);
}

static unsigned lines_in_state(struct town *town, const char *state);

static uint64_t writes(const struct town *town)
{
	return rehearsed_count(&town->server, "writes");
}

static bool plan_says(const struct town *town, int64_t revision, const char *text)
{
	static char content[1 << 20];
	char path[512];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/plans/%lld.json", town->workspace,
		       (long long)revision);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(content, 1, sizeof(content) - 1, file);
	(void)fclose(file);
	content[len] = '\0';
	return strstr(content, text) != NULL;
}

static char *id_of(struct town *town, const char *source_id)
{
	struct town_line line;

	town_line(town, source_id, &line);
	return strdup(line.target_id);
}

/* ---- what stands there already --------------------------------------------------------------- */

/* A person of the export who has an account already, of her own making. */
static char *add_ada_3(struct town *town)
{
	char *id = rehearsed_add(&town->server, "ada.3@example.com", NULL);

	put(town, id,
	    "{\"first_name\":\"Own\",\"last_name\":\"Name\",\"metadata\":{\"app\":\"kept\"},"
	    "\"password_hash\":\"" LEGACY "\",\"password_hash_type\":\"bcrypt\"}");
	return id;
}

static void an_existing_account_is_changed_and_put_back(void **state)
{
	struct town *town = *state;
	struct went went;
	struct town_line line;
	char *id = add_ada_3(town);
	char *before = content_of(town, id);
	char *changed;
	char *after;

	town_settle(town, 1, 20, "");
	town_plan(town, update, &went);
	assert_int_equal(went.plan.update, 1);
	assert_int_equal(went.plan.create, 19);
	assert_int_equal(went.plan.writes, 20);
	assert_true(plan_says(town, went.revision, "\"code\":609"));
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.created, 19);
	assert_int_equal(went.run.linked, 1);
	assert_int_equal(went.run.updated, 1);
	assert_int_equal(went.run.updated_now, 1);
	changed = content_of(town, id);
	assert_non_null(strstr(changed, "user_00003"));
	assert_non_null(strstr(changed, "\"app\": \"kept\"")); /* what is not the plan's stays */
	assert_null(strstr(changed, "\"Own\""));
	/* again: nothing to do, and the plan says so */
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.plan.update, 0);
	assert_int_equal(went.run.writes, 0);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.verified, 20);
	town_line(town, "user_00003", &line);
	assert_string_equal(line.origin, "linked");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.undone, 19);
	assert_int_equal(went.run.restored, 1);
	after = content_of(town, id);
	assert_string_equal(before, after);
	/* undone twice is undone once */
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.writes, 0);
	/* and what was undone can be done again */
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated_now, 1);
	free(after);
	after = content_of(town, id);
	assert_string_equal(changed, after);
	free(after);
	free(changed);
	free(before);
	free(id);
}

/* U4: whoever had a password there signs in with it still. */
static void a_password_is_not_touched(void **state)
{
	static const char body[] = "{\"client_id\":\"client_x\",\"client_secret\":\"sk_test_"
				   "rehearsal\",\"grant_type\":\"password\",\"email\":\"ada.3@"
				   "example.com\",\"password\":\"her own password 1\"}";
	struct town *town = *state;
	struct went went;
	char *id = rehearsed_add(&town->server, "ada.3@example.com", NULL);

	put(town, id, "{\"password\":\"her own password 1\",\"email_verified\":true}");
	town_settle(town, 1, 5, "");
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated, 1);
	assert_int_equal(rehearsed_ask(&town->server, "POST", "/user_management/authenticate", body,
				       NULL),
			 200);
	free(id);
}

/* Whoever signed up under somebody else's address is not let in by our saying that it is proved. */
static void an_unproved_address_stays_unproved(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = rehearsed_add(&town->server, "grace@example.com", NULL);
	json_t *user;

	town_settle(town, 1, 1, GRACE("Grace", ""));
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	user = user_of(town, id);
	assert_true(json_is_false(json_object_get(user, "email_verified")));
	assert_string_equal(json_string_value(json_object_get(user, "first_name")), "Grace");
	json_decref(user);
	free(id);
}

/* U3 */
static void what_is_as_planned_costs_no_write(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = rehearsed_add(&town->server, "grace@example.com", "user_grace");

	put(town, id, "{\"first_name\":\"Grace\",\"email_verified\":true}");
	town_settle(town, 1, 0, GRACE("Grace", "") + 1);
	rehearsed_reset(&town->server, "counters");
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.plan.update, 1);
	assert_int_equal(writes(town), 0);
	assert_int_equal(went.run.updated, 0);
	assert_int_equal(went.run.linked, 1);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(writes(town), 0);
	free(id);
}

/* What somebody has changed since the update stays, and is listed. */
static void undo_keeps_what_changed_since(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_ada_3(town);

	town_settle(town, 1, 5, "");
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	put(town, id, "{\"first_name\":\"Newer\"}");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.kept, 1);
	assert_int_equal(went.run.restored, 0);
	check_member(town, id, "first_name", "Newer");
	assert_int_equal(lines_in_state(town, "kept"), 1);
	free(id);
}

/* ---- a newer export -------------------------------------------------------------------------- */

static void a_newer_export_changes_what_was_created(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id;

	town_settle(town, 1, 30,
		    GRACE("Grace", ",\"public_metadata\":{\"team\":\"red\",\"old\":\"1\"}"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	id = id_of(town, "user_grace");
	rehearsed_reset(&town->server, "counters");
	town_settle(town, 1, 30,
		    GRACE("Amazing",
			  ",\"last_name\":\"Hopper\",\"public_metadata\":{\"team\":\"blue\"}"));
	town_plan(town, NULL, &went);
	assert_int_equal(went.plan.done, 30);
	assert_int_equal(went.plan.update, 1);
	assert_int_equal(went.plan.create, 0);
	assert_int_equal(went.plan.writes, 1);
	assert_true(
		plan_says(town, went.revision,
			  "\"code\":610,\"note\":\"first_name,last_name,metadata\",\"count\":1"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated_now, 1);
	assert_int_equal(writes(town), 1);
	check_member(town, id, "first_name", "Amazing");
	check_member(town, id, "last_name", "Hopper");
	{
		char *content = content_of(town, id);
		assert_non_null(strstr(content, "blue"));
		assert_null(strstr(content, "old")); /* ours, and gone at the source */
		free(content);
	}
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.plan.update, 0);
	assert_int_equal(writes(town), 1);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.verified, 31);
	/* and back: what is not said any more stays (changed.c, 1) */
	town_settle(town, 1, 30, GRACE("Grace", ""));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated_now, 1);
	check_member(town, id, "first_name", "Grace");
	check_member(town, id, "last_name", "Hopper");
	town_apply(town, NULL, &went);
	assert_int_equal(went.plan.update, 0);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	/* created is created: the account goes, and the updates with it */
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.undone, 31);
	assert_int_equal(went.run.restored, 0);
	assert_int_equal(went.run.updated, 0);
	free(id);
}

/* U7: an export that holds less, as a CSV without metadata, takes nothing away and is no difference. */
static void what_the_source_says_no_more_stays(void **state)
{
	static const char *const less[] = {
		"",
		",\"public_metadata\":{}",
		",\"public_metadata\":{\"team\":null}",
		",\"last_name\":\"\"",
	};
	struct town *town = *state;
	struct went went;
	char *id;
	char *before;

	town_settle(town, 1, 3,
		    GRACE("Grace", ",\"last_name\":\"H\",\"public_metadata\":{\"team\":\"red\"}"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	id = id_of(town, "user_grace");
	before = content_of(town, id);
	rehearsed_reset(&town->server, "counters");
	for (size_t i = 0; i < sizeof(less) / sizeof(less[0]); i++) {
		char *after;
		char more[1024];
		(void)snprintf(more, sizeof(more), GRACE("Grace", "%s"), less[i]);
		town_settle(town, 1, 3, more);
		town_apply(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_DONE);
		assert_int_equal(went.plan.update, 0);
		assert_int_equal(writes(town), 0);
		assert_true(plan_says(town, went.revision,
				      "\"code\":618,\"note\":\"last_name,metadata\",\"count\":1"));
		after = content_of(town, id);
		assert_string_equal(before, after);
		free(after);
	}
	/* Beside a change, too; and what was left is expected as it was. */
	town_settle(town, 1, 3, GRACE("Amazing", ""));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated_now, 1);
	check_member(town, id, "last_name", "H");
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	put(town, id, "{\"last_name\":\"Herself\"}");
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.differs, 1);
	free(before);
	free(id);
}

/* U7, of an account that was there before: what an update gave it stays when the source says it no more. */
static void what_an_update_gave_stays(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = rehearsed_add(&town->server, "grace@example.com", NULL);
	char *first = content_of(town, id);
	char *before;
	char *after;

	town_settle(town, 1, 1,
		    GRACE("Grace", ",\"last_name\":\"H\",\"public_metadata\":{\"team\":\"red\"}"));
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	before = content_of(town, id);
	rehearsed_reset(&town->server, "counters");
	town_settle(town, 1, 1, GRACE("Grace", ""));
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.plan.update, 0);
	assert_int_equal(writes(town), 0);
	assert_true(plan_says(town, went.revision,
			      "\"code\":618,\"note\":\"last_name,metadata\",\"count\":1"));
	after = content_of(town, id);
	assert_string_equal(before, after);
	free(after);
	town_settle(town, 1, 1, GRACE("Amazing", ""));
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated_now, 1);
	check_member(town, id, "last_name", "H");
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	/* undo takes away what the updates gave */
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	after = content_of(town, id);
	assert_string_equal(first, after);
	free(after);
	free(first);
	free(before);
	free(id);
}

/* U2: whatever of what we wrote somebody has changed, nothing of it is written over. */
static void what_changed_at_the_target_is_not_overwritten(void **state)
{
	struct town *town = *state;
	struct town_line line;
	struct went went;
	char *id;

	town_settle(town, 1, 3, GRACE("Grace", ""));
	town_apply(town, NULL, &went);
	id = id_of(town, "user_grace");
	put(town, id, "{\"external_id\":\"hers\"}");
	town_settle(town, 1, 3, GRACE("Amazing", ""));
	rehearsed_reset(&town->server, "counters");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.conflicts, 1);
	assert_int_equal(writes(town), 0);
	check_member(town, id, "first_name", "Grace");
	check_member(town, id, "external_id", "hers");
	assert_int_equal(lines_in_state(town, "conflict"), 1);
	town_line(town, "user_grace", &line);
	assert_string_equal(line.state, "done");
	/* again, and with a newer plan: it is looked at, and stays */
	town_apply(town, NULL, &went);
	town_settle(town, 1, 4, GRACE("Astonishing", ""));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.conflicts, 1);
	check_member(town, id, "first_name", "Grace");
	/* put in order by hand, the next run is content, and so is the one after it */
	put(town, id, "{\"external_id\":\"user_grace\",\"first_name\":\"Astonishing\"}");
	town_settle(town, 1, 5, GRACE("Astonishing", ""));
	for (int i = 0; i < 2; i++) {
		town_apply(town, NULL, &went);
		town_check_end(&went, RH_OK, RH_EXIT_DONE);
		assert_int_equal(went.run.conflicts, 0);
	}
	assert_int_equal(went.plan.update, 0);
	town_verify(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	free(id);
}

/* A conflict goes with the account that it was about. */
static void undo_ends_what_was_in_conflict(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id;

	town_settle(town, 1, 3, GRACE("Grace", ""));
	town_apply(town, NULL, &went);
	id = id_of(town, "user_grace");
	put(town, id, "{\"first_name\":\"Herself\"}");
	town_settle(town, 1, 3, GRACE("Amazing", ""));
	town_apply(town, NULL, &went);
	assert_int_equal(went.run.conflicts, 1);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.created, 4);
	assert_int_equal(went.run.conflicts, 0);
	free(id);
}

/* What we did not write and do not write is nobody's conflict, and stays. */
static void what_is_not_ours_stays(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id;

	town_settle(town, 1, 3, GRACE("Grace", ""));
	town_apply(town, NULL, &went);
	id = id_of(town, "user_grace");
	put(town, id, "{\"last_name\":\"Herself\"}");
	town_settle(town, 1, 3, GRACE("Amazing", ""));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	check_member(town, id, "first_name", "Amazing");
	check_member(town, id, "last_name", "Herself");
	/* but to write one there would be to write over hers */
	town_settle(town, 1, 3, GRACE("Amazing", ",\"last_name\":\"Hopper\""));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	check_member(town, id, "last_name", "Herself");
	free(id);
}

static void a_new_password_hash_is_told_and_not_sent(void **state)
{
	struct town *town = *state;
	struct went went;

	town_settle(town, 1, 3,
		    GRACE("Grace",
			  ",\"password_digest\":\"" LEGACY "\",\"password_hasher\":\"bcrypt\""));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	rehearsed_reset(&town->server, "counters");
	town_settle(town, 1, 3,
		    GRACE("Grace",
			  ",\"password_digest\":\"$2b$04$abcdefghijklmnopqrstuuJ0PPlJx1kZ0d0uYsFbi"
			  "IWTp9nyBpPaa\",\"password_hasher\":\"bcrypt\""));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_true(plan_says(town, went.revision, "\"code\":611,\"note\":\"\",\"count\":1"));
	assert_int_equal(went.plan.update, 0);
	assert_int_equal(writes(town), 0);
}

/* ---- lost answers ---------------------------------------------------------------------------- */

static void lost_answers_are_looked_up(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = add_ada_3(town);
	char *before = content_of(town, id);
	char *after;

	town_settle(town, 1, 5, "");
	rehearsed_fault(&town->server, "[{\"kind\":\"reset-after\"," PUT_USERS ",\"count\":1}]");
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.updated, 1);
	rehearsed_fault(&town->server, "[{\"kind\":\"reset-after\"," PUT_USERS ",\"count\":1}]");
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.restored, 1);
	after = content_of(town, id);
	assert_string_equal(before, after);
	free(after);
	free(before);
	free(id);
}

/* U5: metadata that the target refuses do not cost the name. */
static void a_refused_part_is_left_out(void **state)
{
	struct town *town = *state;
	struct went went;
	char *id = rehearsed_add(&town->server, "grace@example.com", NULL);
	char many[4096] = "{\"metadata\":{";

	for (unsigned i = 0; i < 50; i++) {
		char one[32];
		(void)snprintf(one, sizeof(one), "%s\"k%u\":\"1\"", i > 0 ? "," : "", i);
		(void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "%s", one);
	}
	(void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "}}");
	put(town, id, many);
	town_settle(town, 1, 1, GRACE("Grace", ",\"public_metadata\":{\"one\":\"more\"}"));
	town_apply(town, update, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.updated, 1);
	assert_int_equal(went.run.partial, 1);
	check_member(town, id, "first_name", "Grace");
	free(id);
}

/* ---- lines ----------------------------------------------------------------------------------- */

struct counting {
	unsigned count;
};

static bool count_line(void *context, const struct rh_account_line *line)
{
	(void)line;
	((struct counting *)context)->count++;
	return true;
}

static unsigned lines_in_state(struct town *town, const char *state)
{
	struct counting counting = {0};
	struct rh_migration *migration = NULL;
	struct rh_err err = {0};

	assert_int_equal(rh_migration_new(&migration, &err), RH_OK);
	assert_int_equal(rh_migration_set(migration, "workspace", town->workspace, &err), RH_OK);
	assert_int_equal(rh_migration_accounts(migration, state, NULL, count_line, &counting, &err),
			 RH_OK);
	rh_migration_free(migration);
	return counting.count;
}

#define CASE(name) TOWN_TEST(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_existing_account_is_changed_and_put_back),
		CASE(a_password_is_not_touched),
		CASE(an_unproved_address_stays_unproved),
		CASE(what_is_as_planned_costs_no_write),
		CASE(undo_keeps_what_changed_since),
		CASE(a_newer_export_changes_what_was_created),
		CASE(what_the_source_says_no_more_stays),
		CASE(what_an_update_gave_stays),
		CASE(what_changed_at_the_target_is_not_overwritten),
		CASE(undo_ends_what_was_in_conflict),
		CASE(what_is_not_ours_stays),
		CASE(a_new_password_hash_is_told_and_not_sent),
		CASE(lost_answers_are_looked_up),
		CASE(a_refused_part_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
