/* SPDX-License-Identifier: Apache-2.0 */
/* A whole tenant: organizations, roles, memberships … planned, written, read back, taken away (engine/tenant.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "guild/hall.h"

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

static void a_tenant_moves_and_goes(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
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
	hall_check(hall, hall_apply(hall));
	check_moved(hall);
	assert_string_equal(list_of(hall, "role", "g:admin", "permissions"), "g:read g:write ");
	assert_non_null(hall_membership(hall, "o1", "u1"));
	assert_non_null(hall_membership(hall, "ext-2", "u1"));
	assert_null(hall_membership(hall, "ext-2", "u2"));

	hall_check(hall, hall_verify(hall));
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).by_state[RH_STATE_VERIFIED], 3);
	assert_int_equal(hall_count(hall, RH_KIND_ROLE).by_state[RH_STATE_VERIFIED], 2);
	assert_int_equal(hall_count(hall, RH_KIND_DOMAIN).by_state[RH_STATE_VERIFIED], 1);

	hall_check(hall, hall_undo(hall));
	assert_int_equal(guild_server_count(&hall->server, NULL), 0);
	assert_int_equal(acme_server_count(&hall->server.acme), 0);
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).by_state[RH_STATE_UNDONE], 2);
}

static void a_second_time_does_nothing(void **state)
{
	struct hall *hall = *state;
	int64_t revision;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	revision = hall->plan.revision;
	hall_check(hall, hall_apply(hall));
	hall_check(hall, hall_apply(hall));
	check_moved(hall);
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.revision, revision);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].done, 3);
	assert_int_equal(hall->plan.counts.entity_writes, 0);
	hall_check(hall, hall_apply(hall));
	check_moved(hall);
	assert_int_equal(hall->server.created, 10);
}

/* ---- what is there already ------------------------------------------------------------------------------- */

static void what_is_there_is_linked_and_stays(void **state)
{
	struct hall *hall = *state;

	guild_server_add(&hall->server, "organization", "o1",
			 json_pack("{s:s,s:s}", "external_id", "o1", "name", "Bakers of old"));
	guild_server_add(&hall->server, "role", "g:member",
			 json_pack("{s:s,s:s}", "slug", "g:member", "name", "Member"));
	guild_server_add(&hall->server, "organization", "other",
			 json_pack("{s:s,s:s}", "external_id", "other", "name", "Empty"));
	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_ORGANIZATION].link, 1);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_ORGANIZATION].create, 1);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_ROLE].link, 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_ENTITY_DIFFERS, "organization"), 1);
	/* its permissions are others */
	assert_int_equal(hall_findings(hall, RH_FINDING_ENTITY_DIFFERS, "role"), 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_SAME_NAME, "organization"), 1);
	hall_check(hall, hall_apply(hall));
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).linked, 1);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).created, 3);
	assert_int_equal(guild_server_count(&hall->server, "organization"), 3);
	assert_non_null(hall_membership(hall, "o1", "u1"));
	hall_check(hall, hall_verify(hall));
	assert_int_equal(hall_count(hall, RH_KIND_ORGANIZATION).differs, 0);
	hall_check(hall, hall_undo(hall));
	/* what was there before stays, and nothing else */
	assert_int_equal(guild_server_count(&hall->server, NULL), 3);
	assert_int_equal(guild_server_count(&hall->server, "role"), 1);
}

static void accounts_that_are_there_get_their_memberships(void **state)
{
	struct hall *hall = *state;

	acme_server_add(&hall->server.acme, "u1", "u1@example.com");
	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.counts.skip, 1);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].create, 3);
	hall_check(hall, hall_apply(hall));
	assert_non_null(hall_membership(hall, "o1", "u1"));
	assert_non_null(hall_membership(hall, "ext-2", "u1"));
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).created, 3);
}

static void a_membership_that_is_there_is_linked(void **state)
{
	struct hall *hall = *state;
	const struct acme_user *user;
	json_t *home;
	char key[64];

	acme_server_add(&hall->server.acme, "u1", "u1@example.com");
	guild_server_add(&hall->server, "organization", "o1",
			 json_pack("{s:s,s:s}", "external_id", "o1", "name", "Bakers"));
	user = acme_server_find(&hall->server.acme, "u1");
	home = guild_server_find(&hall->server, "organization", "o1");
	(void)snprintf(key, sizeof(key), "%s/%s", json_string_value(json_object_get(home, "id")),
		       user->id);
	guild_server_add(&hall->server, "membership", key, json_pack("{s:s}", "state", "active"));
	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).linked, 1);
	/* without the roles that it would have had */
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).linked_other, 1);
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).created, 2);
	hall_check(hall, hall_undo(hall));
	assert_int_equal(guild_server_count(&hall->server, "membership"), 1);
	assert_int_equal(guild_server_count(&hall->server, "organization"), 1);
}

static void a_rerun_brings_what_is_missing(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m4\",\"organization\":\"o2\",\"user\":\"u3\","
		    "\"roles\":[\"g:member\"],\"state\":\"active\"}");
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.revision, 2);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].create, 1);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].done, 3);
	hall_check(hall, hall_apply(hall));
	assert_non_null(hall_membership(hall, "ext-2", "u3"));
	assert_int_equal(hall->server.created, 11);
}

/* ---- what cannot move -------------------------------------------------------------------------------------- */

static void what_it_belongs_to_must_move(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o3\"}");
	hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o1\",\"name\":\"Twin\"}");
	hall_record(hall, RH_KIND_DOMAIN,
		    "{\"id\":\"d2\",\"organization\":\"o2\",\"domain\":\"bakers.example\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m4\",\"organization\":\"o3\",\"user\":\"u1\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m5\",\"organization\":\"o9\",\"user\":\"u1\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m6\",\"organization\":\"o1\",\"user\":\"u9\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP, "no JSON");
	hall_set(hall, "except", "u2");
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_ORGANIZATION].refuse, 2);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].create, 2);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].refuse, 5);
	assert_int_equal(hall_findings(hall, RH_FINDING_ENTITY_TWICE, "organization"), 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_ENTITY_TWICE, "domain"), 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_REFERENCE_REFUSED, "organization"), 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_REFERENCE_MISSING, "organization"), 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_REFERENCE_MISSING, "user"), 1);
	/* u2 was left out */
	assert_int_equal(hall_findings(hall, RH_FINDING_REFERENCE_REFUSED, "user"), 1);
	hall_check(hall, hall_apply(hall));
	assert_int_equal(guild_server_count(&hall->server, "membership"), 2);
	assert_int_equal(guild_server_count(&hall->server, "organization"), 2);
}

static void roles_that_nobody_knows_are_left_out(void **state)
{
	struct hall *hall = *state;

	hall_people(hall, 2);
	hall_record(hall, RH_KIND_ROLE, "{\"id\":\"r1\",\"slug\":\"g:admin\"}");
	hall_record(hall, RH_KIND_ROLE, "{\"id\":\"r2\",\"slug\":\"g:with blank\"}");
	hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o1\",\"name\":\"Bakers\"}");
	hall_record(hall, RH_KIND_MEMBERSHIP,
		    "{\"id\":\"m1\",\"organization\":\"o1\",\"user\":\"u1\","
		    "\"roles\":[\"g:gone\",\"g:admin\"]}");
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall_findings(hall, RH_FINDING_ROLE_UNKNOWN, "role"), 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_SLUG_INVALID, "role"), 1);
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_ROLE].refuse, 1);
	hall_check(hall, hall_apply(hall));
	assert_non_null(hall_membership(hall, "o1", "u1"));
	assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).created, 1);
}

static void invitations_need_consent_where_mail_goes_out(void **state)
{
	struct hall *hall = *state;

	hall_people(hall, 1);
	hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o1\",\"name\":\"Bakers\"}");
	hall_record(hall, RH_KIND_INVITATION,
		    "{\"id\":\"i1\",\"organization\":\"o1\",\"email\":\"i@example.com\","
		    "\"state\":\"pending\"}");
	hall_record(hall, RH_KIND_INVITATION,
		    "{\"id\":\"i2\",\"organization\":\"o1\",\"email\":\"j@example.com\","
		    "\"state\":\"over\"}");
	hall->mails = 1U << RH_KIND_INVITATION;
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_INVITATION].left_out, 2);
	assert_int_equal(hall_findings(hall, RH_FINDING_INVITATION_KEPT_BACK, "invitation"), 1);
	assert_int_equal(hall_findings(hall, RH_FINDING_INVITATION_OVER, "invitation"), 1);
	hall_check(hall, hall_apply(hall));
	assert_int_equal(guild_server_count(&hall->server, "invitation"), 0);
	hall_set(hall, "notify", "true");
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	assert_int_equal(guild_server_count(&hall->server, "invitation"), 1);
}

static void kinds_can_be_left_out(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_set(hall, "without", "membership");
	hall_set(hall, "without", "domain");
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.counts.kinds[RH_KIND_MEMBERSHIP].left_out, 3);
	assert_int_equal(hall_findings(hall, RH_FINDING_ENTITY_LEFT_OUT, "membership"), 3);
	hall_check(hall, hall_apply(hall));
	assert_int_equal(guild_server_count(&hall->server, "membership"), 0);
	assert_int_equal(guild_server_count(&hall->server, "domain"), 0);
	assert_int_equal(guild_server_count(&hall->server, "organization"), 2);
	hall_set(hall, "without", "organisation");
	assert_int_equal(hall_plan(hall), RH_EUSAGE);
}

static void slugs_are_mapped_by_a_file(void **state)
{
	struct hall *hall = *state;
	char *path = test_folder_path(hall->folder, "roles.csv");

	assert_int_equal(rh_file_write(path, RH_STR("old,new\n# by hand\ng:admin, boss\n"), NULL),
			 RH_OK);
	hall_settle(hall);
	hall_set(hall, "role-map", path);
	hall_check(hall, hall_plan(hall));
	hall_check(hall, hall_apply(hall));
	assert_non_null(guild_server_find(&hall->server, "role", "boss"));
	assert_null(guild_server_find(&hall->server, "role", "g:admin"));
	assert_int_equal(json_array_size(
				 json_object_get(hall_membership(hall, "o1", "u1"), "roles")),
			 2);
	/* another map is another plan */
	assert_int_equal(rh_file_write(path, RH_STR("{\"g:admin\":\"chief\"}"), NULL), RH_OK);
	hall_check(hall, hall_plan(hall));
	assert_int_equal(hall->plan.revision, 2);
	assert_int_equal(rh_file_write(path, RH_STR("g:admin\n"), NULL), RH_OK);
	assert_int_equal(hall_plan(hall), RH_EUSAGE);
	free(path);
}

static void another_source_is_not_written(void **state)
{
	struct hall *hall = *state;

	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	hall_record(hall, RH_KIND_ORGANIZATION, "{\"id\":\"o7\",\"name\":\"Late\"}");
	assert_int_equal(hall_apply(hall), RH_EMISMATCH);
	assert_int_equal(guild_server_count(&hall->server, "organization"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HALL_TEST(a_tenant_moves_and_goes),
		HALL_TEST(a_second_time_does_nothing),
		HALL_TEST(what_is_there_is_linked_and_stays),
		HALL_TEST(accounts_that_are_there_get_their_memberships),
		HALL_TEST(a_membership_that_is_there_is_linked),
		HALL_TEST(a_rerun_brings_what_is_missing),
		HALL_TEST(what_it_belongs_to_must_move),
		HALL_TEST(roles_that_nobody_knows_are_left_out),
		HALL_TEST(invitations_need_consent_where_mail_goes_out),
		HALL_TEST(kinds_can_be_left_out),
		HALL_TEST(slugs_are_mapped_by_a_file),
		HALL_TEST(another_source_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
