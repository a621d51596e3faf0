/* SPDX-License-Identifier: Apache-2.0 */
/* A whole tenant: organizations, roles, memberships … planned, written, read back, taken away (engine/tenant.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guild/hall.h"

/* Three people; two permissions, two roles, two organizations (one empty), a domain, three memberships. */
static void settle(struct hall *hall)
{
	hall_people(hall, 3);
	hall_record(hall, RH_KIND_PERMISSION,
		    "{\"id\":\"p1\",\"slug\":\"g:read\",\"name\":\"Read\"}");
	hall_record(hall, RH_KIND_PERMISSION,
		    "{\"id\":\"p2\",\"slug\":\"g:write\",\"name\":\"Write\"}");
	hall_record(hall, RH_KIND_ROLE,
		    "{\"id\":\"r1\",\"slug\":\"g:admin\",\"name\":\"Admin\","
		    "\"permissions\":[\"g:write\",\"g:read\"]}");
	hall_record(hall, RH_KIND_ROLE,
		    "{\"id\":\"r2\",\"slug\":\"g:member\",\"name\":\"Member\","
		    "\"permissions\":[\"g:read\"]}");
	hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o1\",\"name\":\"Bakers\"}");
	hall_record(hall, RH_KIND_ORGANIZATION,
		    "{\"id\":\"o2\",\"name\":\"Empty\",\"external_id\":\"ext-2\"}");
	hall_record(hall, RH_KIND_DOMAIN,
		    "{\"id\":\"d1\",\"organization\":\"o1\",\"domain\":\"bakers.example\","
		    "\"state\":\"verified\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m1\",\"organization\":\"o1\",\"user\":\"u1\","
		    "\"roles\":[\"g:admin\",\"g:member\"],\"state\":\"active\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m2\",\"organization\":\"o1\",\"user\":\"u2\","
		    "\"roles\":[\"g:member\"],\"state\":\"active\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m3\",\"organization\":\"o2\",\"user\":\"u1\","
		    "\"roles\":[\"g:member\"],\"state\":\"active\"}");
}

static void check_ok(const struct hall *hall, int code)
{
	if (code != RH_OK) {
		fail_msg("%d: %s", code, hall->err.message);
	}
}

static void check_moved(struct hall *hall)
{
	static const struct {
		enum rh_kind kind;
		uint64_t count;
	} wanted[] = {
		{RH_KIND_PERMISSION, 2}, {RH_KIND_ROLE, 2},       {RH_KIND_ORGANIZATION, 2},
		{RH_KIND_DOMAIN, 1},     {RH_KIND_MEMBERSHIP, 3},
	};
	struct rh_ledger_counts people;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct rh_ledger_kind_counts counts = hall_count(hall, wanted[i].kind);

		assert_int_equal(counts.created, wanted[i].count);
		assert_int_equal(counts.total, wanted[i].count);
	}
	assert_int_equal(rh_ledger_count(hall->ledger, &people, NULL), RH_OK);
	assert_int_equal(people.accounts, 3);
	assert_int_equal(people.created, 3);
	assert_int_equal(guild_server_count(&hall->server, NULL), 10);
}

static const char *list_of(struct hall *hall, const char *kind, const char *key, const char *name)
{
	static char text[256];
	json_t *object = guild_server_find(&hall->server, kind, key);
	size_t index;
	json_t *item;

	assert_non_null(object);
	text[0] = '\0';
	json_array_foreach(json_object_get(object, name), index, item)
	{
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
			       json_string_value(item));
	}
	return text;
}

/* The key of the only membership of that account, whose id at the target nobody knows beforehand. */
static json_t *membership(struct hall *hall, const char *external_id, const char *user)
{
	const struct acme_user *account = acme_server_find(&hall->server.acme, user);
	json_t *home = guild_server_find(&hall->server, "organization", external_id);
	char key[128];

	assert_non_null(account);
	assert_non_null(home);
	(void)snprintf(key, sizeof(key), "%s/%s", json_string_value(json_object_get(home, "id")),
		       account->id);
	return guild_server_find(&hall->server, "membership", key);
}

static void a_tenant_moves_and_goes(void **state)
{
	struct hall *hall = *state;

	settle(hall);
	check_ok(hall, hall_plan(hall));
	assert_int_equal(hall->plan.counts.create, 3);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_PERMISSION].create, 2);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_ROLE].create, 2);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_ORGANIZATION].create, 2);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_DOMAIN].create, 1);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].create, 3);
	/* a role's permissions go behind it */
	assert_int_equal(hall->plan.counts.entity_writes, 12);
	assert_int_equal(hall_findings(hall, RH_FINDING_DOMAIN_PENDING, "domain"), 1);
	assert_int_equal(guild_server_count(&hall->server, NULL), 0);
	check_ok(hall, hall_apply(hall));
	check_moved(hall);
	assert_string_equal(list_of(hall, "role", "g:admin", "permissions"), "g:read g:write ");
	assert_non_null(membership(hall, "o1", "u1"));
	assert_non_null(membership(hall, "ext-2", "u1"));
	assert_null(membership(hall, "ext-2", "u2"));

	check_ok(hall, hall_verify(hall));
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).by_state[RH_STATE_VERIFIED], 3);
	assert_int_equal(hall_count(hall, RH_KIND_ROLE).by_state[RH_STATE_VERIFIED], 2);
	assert_int_equal(hall_count(hall, RH_KIND_DOMAIN).by_state[RH_STATE_VERIFIED], 1);

	check_ok(hall, hall_undo(hall));
	assert_int_equal(guild_server_count(&hall->server, NULL), 0);
	assert_int_equal(acme_server_count(&hall->server.acme), 0);
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).by_state[RH_STATE_UNDONE], 2);
}

static void a_second_time_does_nothing(void **state)
{
	struct hall *hall = *state;
	int64_t revision;

	settle(hall);
	check_ok(hall, hall_plan(hall));
	revision = hall->plan.revision;
	check_ok(hall, hall_apply(hall));
	check_ok(hall, hall_apply(hall));
	check_moved(hall);
	check_ok(hall, hall_plan(hall));
	assert_int_equal(hall->plan.revision, revision);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].done, 3);
	assert_int_equal(hall->plan.counts.entity_writes, 0);
	check_ok(hall, hall_apply(hall));
	check_moved(hall);
	assert_int_equal(hall->server.created, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HALL_TEST(a_tenant_moves_and_goes),
		HALL_TEST(a_second_time_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
