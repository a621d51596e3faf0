/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes that come later: --only-passwords (apply_update.c, U6; changed.c, 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "town_users.h"

/* A published vector: "a". */
#define BCRYPT "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"
#define LATE 5U

static const char *const late[] = {"only-passwords", "true", NULL};

/* Nine people as ever, three of them with a password, and `count` whose hashes come later. */
static void settle_late(struct town *town, unsigned count, bool has_hashes, const char *name)
{
	static char more[16384];
	size_t len = 0;

	more[0] = '\0';
	for (unsigned i = 1; i <= count; i++) {
		len += (size_t)snprintf(
			more + len, sizeof(more) - len,
			",\n{\"id\":\"user_x%u\",\"first_name\":\"%s\",\"primary_email_address_"
			"id\":"
			"\"idn_1\",\"email_addresses\":[{\"id\":\"idn_1\",\"email_address\":\"x.%u@"
			"example.com\",\"verification\":{\"status\":\"verified\"}}]%s}",
			i, name, i,
			has_hashes ? ",\"password_digest\":\"" BCRYPT
				     "\",\"password_hasher\":\"bcrypt\""
				   : "");
		assert_true(len < sizeof(more));
	}
	town_settle(town, 1, 9, more);
}

static unsigned sign_in(const struct town *town, const char *email, const char *password)
{
	char body[512];

	(void)snprintf(
		body, sizeof(body),
		"{\"client_id\":\"client_rehearsal\",\"client_secret\":\"sk_test_rehearsal\","
		"\"grant_type\":\"password\",\"email\":\"%s\",\"password\":\"%s\"}",
		email, password);
	return rehearsed_ask(&town->server, "POST", "/user_management/authenticate", body, NULL);
}

/* The person sets a password of their own, and uses it. */
static void come_back(struct town *town, const char *source_id, const char *email)
{
	struct town_line line;
	char path[160];

	town_line(town, source_id, &line);
	(void)snprintf(path, sizeof(path), "/user_management/users/%s", line.target_id);
	assert_int_equal(rehearsed_ask(&town->server, "PUT", path,
				       "{\"password\":\"Their-own-Passw0rd-99\"}", NULL),
			 200);
	assert_int_equal(sign_in(town, email, "Their-own-Passw0rd-99"), 200);
}

struct reason {
	const char *code;
	const char *part;
	unsigned seen;
};

static bool see_conflict(void *context, const struct rh_account_line *line)
{
	struct reason *wanted = context;

	assert_string_equal(line->code, wanted->code);
	assert_non_null(strstr(line->reason, wanted->part));
	wanted->seen++;
	return true;
}

/* Why no hash was added: one line of the account. */
static void check_conflict(struct town *town, const char *source_id, const char *code,
			   const char *part)
{
	struct reason wanted = {.code = code, .part = part};
	struct rh_migration *migration = NULL;
	struct rh_err err = {0};

	assert_int_equal(rh_migration_new(&migration, &err), RH_OK);
	assert_int_equal(rh_migration_set(migration, "workspace", town->workspace, &err), RH_OK);
	assert_int_equal(rh_migration_accounts(migration, "conflict", source_id, see_conflict,
					       &wanted, &err),
			 RH_OK);
	rh_migration_free(migration);
	assert_int_equal(wanted.seen, 1);
}

static void late_hashes_are_added_where_nobody_signed_in(void **state)
{
	struct town *town = *state;
	struct went went;
	struct town_line line;
	uint64_t before;

	settle_late(town, LATE, false, "Ada");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(sign_in(town, "x.1@example.com", "a"), 400);
	come_back(town, "user_x2", "x.2@example.com");
	town_line(town, "user_x3", &line);
	town_put(town, line.target_id, "{\"external_id\":\"somebody\"}");
	before = rehearsed_count(&town->server, "writes");

	/* A newer export: hashes, another name, and somebody new.  Only the hashes go. */
	settle_late(town, LATE + 1, true, "Eve");
	town_plan(town, late, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.update, LATE);
	assert_int_equal(went.plan.create, 0);
	assert_int_equal(went.plan.left_out, 9);
	assert_int_equal(went.plan.refuse, 1);
	assert_int_equal(rh_plan_exit(went.code, &went.plan), RH_EXIT_REFUSED);
	assert_int_equal(rehearsed_count(&town->server, "writes"), before);
	town_apply(town, late, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.updated_now, LATE - 2);
	assert_int_equal(went.run.conflicts, 2);
	check_conflict(town, "user_x2", "signed_in_since", "the person has signed in since");
	check_conflict(town, "user_x3", "another_external_id", "another external id");
	assert_int_equal(rehearsed_count(&town->server, "writes"), before + LATE - 2);
	assert_int_equal(sign_in(town, "x.1@example.com", "a"), 200);
	assert_int_equal(sign_in(town, "x.2@example.com", "a"), 400);
	assert_int_equal(sign_in(town, "x.2@example.com", "Their-own-Passw0rd-99"), 200);

	/* Whoever has one gets none, and what the ledger knows of the fields is as it was. */
	before = rehearsed_count(&town->server, "writes");
	town_apply(town, late, &went);
	assert_int_equal(rehearsed_count(&town->server, "writes"), before);
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.differs, 1); /* the one with another external id */
	assert_int_equal(went.run.missing, 0);
}

static void late_hashes_survive_kills(void **state)
{
	struct town *town = *state;
	struct went went;
	uint64_t n = 1;

	settle_late(town, LATE, false, "Ada");
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	settle_late(town, LATE, true, "Ada");
	while (town_killed_at(town, town_apply, late, n)) {
		n++;
		assert_true(n < 200);
	}
	assert_true(n > 3);
	town_apply(town, late, &went);
	assert_int_equal(went.code, RH_OK);
	for (unsigned i = 1; i <= LATE; i++) {
		char email[64];

		(void)snprintf(email, sizeof(email), "x.%u@example.com", i);
		assert_int_equal(sign_in(town, email, "a"), 200);
	}
	town_verify(town, NULL, &went);
	assert_int_equal(went.run.differs + went.run.missing, 0);
}

static void undo_removes_the_account_with_its_late_hash(void **state)
{
	struct town *town = *state;
	struct went went;

	settle_late(town, LATE, false, "Ada");
	town_apply(town, NULL, &went);
	settle_late(town, LATE, true, "Ada");
	town_apply(town, late, &went);
	assert_int_equal(went.run.updated_now, LATE);
	town_undo(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	json_t *users = rehearsed_users(&town->server);

	assert_int_equal(json_array_size(users), 0);
	json_decref(users);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN_TEST(late_hashes_are_added_where_nobody_signed_in),
		TOWN_TEST(late_hashes_survive_kills),
		TOWN_TEST(undo_removes_the_account_with_its_late_hash),
	};

	return cmocka_run_group_tests_name("run/passwords", tests, NULL, NULL);
}
