/* SPDX-License-Identifier: Apache-2.0 */
/* Which hash of the support's file is whose, and which is too old. */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/auth0/auth0.h"

/* A record of JSON that lives until the test ends. */
struct held {
	char text[512];
	struct rh_json json;
	struct rh_record record;
};

static const struct rh_record *hold(struct held *held, const char *text)
{
	struct rh_err err = {0};

	assert_true(strlen(text) < sizeof(held->text));
	memcpy(held->text, text, strlen(text) + 1);
	assert_int_equal(rh_json_parse(&held->json, held->text, strlen(text), &err), RH_OK);
	held->record.json = rh_json_root(&held->json);
	return &held->record;
}

static void release(struct held *held)
{
	rh_json_done(&held->json);
	*held = (struct held){0};
}

#define USER(first, second)                                                                 \
	"{\"user_id\":\"google-oauth2|1\",\"identities\":[{\"provider\":\"google-oauth2\"," \
	"\"user_id\":\"1\",\"connection\":\"google-oauth2\"}," first "," second "]}"
#define IN(connection, id) \
	"{\"provider\":\"auth0\",\"connection\":\"" connection "\",\"user_id\":" id "}"

/* Rule 1. */
static void every_database_identity_is_looked_for(void **)
{
	struct held held = {0};
	struct rh_str ids[4];
	struct rh_account account = {.source_id = RH_STR("google-oauth2|1")};
	struct rh_arena arena;
	const struct rh_record *user =
		hold(&held, USER(IN("db", "\"a1\""), IN("other", "\"auth0|b2\"")));

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	assert_int_equal(auth0_join_ids(user, &account, &arena, ids, 4), 2);
	assert_true(rh_str_is(ids[0], "auth0|a1"));
	assert_true(rh_str_is(ids[1], "auth0|b2"));
	assert_int_equal(auth0_join_ids(user, &account, &arena, ids, 1), 1);
	assert_int_equal(auth0_count_databases(user), 2);
	/* The user's own id is looked for anyway. */
	account.source_id = RH_STR("auth0|a1");
	assert_int_equal(auth0_join_ids(user, &account, &arena, ids, 4), 1);
	assert_true(rh_str_is(ids[0], "auth0|b2"));
	release(&held);
	/* An identity's id may be a number. */
	user = hold(&held, USER(IN("db", "17"), "{}"));
	assert_int_equal(auth0_join_ids(user, &account, &arena, ids, 4), 1);
	assert_true(rh_str_is(ids[0], "auth0|17"));
	release(&held);
	user = hold(&held, "{\"user_id\":\"auth0|a1\"}");
	assert_int_equal(auth0_join_ids(user, &account, &arena, ids, 4), 0);
	release(&held);
	rh_arena_done(&arena);
}

/* The same in the cells of the export job's CSV. */
static void cells_are_looked_at_as_well(void **)
{
	const struct rh_str names[] = {RH_STR("user_id"), RH_STR("identities[1].provider"),
				       RH_STR("identities[1].connection"),
				       RH_STR("identities[1].user_id")};
	const struct rh_str cells[] = {RH_STR("'google-oauth2|1"), RH_STR("'auth0"), RH_STR("'db"),
				       RH_STR("'a1")};
	const struct rh_columns columns = {names, 4};
	const struct rh_record record = {.columns = &columns, .cells = cells};
	const struct rh_account account = {.source_id = RH_STR("google-oauth2|1")};
	struct held held = {0};
	struct rh_str ids[2];
	struct rh_arena arena;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	assert_int_equal(auth0_join_ids(&record, &account, &arena, ids, 2), 1);
	assert_true(rh_str_is(ids[0], "auth0|a1"));
	assert_false(auth0_join_fits(&record, hold(&held, "{\"_id\":{\"$oid\":\"a1\"},"
							  "\"connection\":\"another\"}")));
	release(&held);
	rh_arena_done(&arena);
}

/* Rule 2. */
static void a_connection_that_contradicts_is_another_person(void **)
{
	static const struct {
		const char *user;
		const char *line;
		bool fits;
	} cases[] = {
		{USER(IN("db", "\"a1\""), "{}"),
		 "{\"_id\":{\"$oid\":\"a1\"},\"connection\":\"db\"}", true},
		{USER(IN("db", "\"a1\""), "{}"),
		 "{\"_id\":{\"$oid\":\"a1\"},\"connection\":\"other\"}", false},
		{USER(IN("db", "\"a1\""), IN("other", "\"a1\"")),
		 "{\"_id\":{\"$oid\":\"a1\"},\"connection\":\"other\"}", true},
		{USER(IN("db", "\"a1\""), "{}"), "{\"_id\":{\"$oid\":\"a1\"}}", true},
		{USER(IN("db", "\"mine\""), "{}"),
		 "{\"alt_id\":\"mine\",\"_id\":{\"$oid\":\"a1\"},\"connection\":\"other\"}", false},
		{USER(IN("db", "\"a1\""), "{}"),
		 "{\"_ID\":{\"$oid\":\"auth0|a1\"},\"connection\":\"other\"}", false},
		/* An export without identities says nothing of connections. */
		{"{\"user_id\":\"auth0|a1\"}", "{\"_id\":{\"$oid\":\"a1\"},\"connection\":\"db\"}",
		 true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct held user = {0};
		struct held line = {0};
		assert_int_equal(auth0_join_fits(hold(&user, cases[i].user),
						 hold(&line, cases[i].line)),
				 cases[i].fits);
		release(&user);
		release(&line);
	}
}

/* Rule 3. */
static void a_hash_before_the_last_reset_is_stale(void **)
{
	static const struct {
		const char *reset;
		const char *set;
		bool is_stale;
	} cases[] = {
		{"\"2025-06-01T00:00:00.000Z\"", "{\"$date\":\"2025-01-01T00:00:00.000Z\"}", true},
		{"\"2025-01-01T00:00:00.000Z\"", "{\"$date\":\"2025-06-01T00:00:00.000Z\"}", false},
		{"\"2025-06-01T00:00:04.000Z\"", "{\"$date\":\"2025-06-01T00:00:00.000Z\"}", false},
		{"\"2025-06-01T00:00:06.000Z\"", "{\"$date\":\"2025-06-01T00:00:00.000Z\"}", true},
		{"{\"$date\":{\"$numberLong\":\"1748736000000\"}}",
		 "{\"$date\":{\"$numberLong\":\"1735689600000\"}}", true},
		{"\"2025-06-01T00:00:00.000Z\"", "null", false},
		{"null", "{\"$date\":\"2025-01-01T00:00:00.000Z\"}", false},
		{"\"once\"", "{\"$date\":\"2025-01-01T00:00:00.000Z\"}", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct held user = {0};
		struct held line = {0};
		char text[200];

		(void)snprintf(text, sizeof(text), "{\"last_password_reset\":%s}", cases[i].reset);
		(void)hold(&user, text);
		(void)snprintf(text, sizeof(text), "{\"password_set_date\":%s}", cases[i].set);
		assert_int_equal(auth0_is_stale(&user.record, hold(&line, text)),
				 cases[i].is_stale);
		release(&user);
		release(&line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_database_identity_is_looked_for),
		cmocka_unit_test(cells_are_looked_at_as_well),
		cmocka_unit_test(a_connection_that_contradicts_is_another_person),
		cmocka_unit_test(a_hash_before_the_last_reset_is_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
