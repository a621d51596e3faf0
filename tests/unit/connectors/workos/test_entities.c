/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations, roles, memberships and the like of WorkOS (connector.h, C16 to C23). */
#include "../entity_drill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "helper.h"

#define ORGANIZATION                                                                              \
	"{\"object\":\"organization\",\"id\":\"org_1\",\"name\":\"Acme \\\"x\\\"\","              \
	"\"external_id\":\"o-1\",\"metadata\":{\"slug\":\"acme\",\"tier\":\"2\"},\"domains\":["   \
	"{\"object\":\"organization_domain\",\"id\":\"org_domain_1\",\"organization_id\":"        \
	"\"org_1\",\"domain\":\"Acme.Example\",\"state\":\"verified\"},{\"id\":\"org_domain_2\"," \
	"\"organization_id\":\"org_1\",\"domain\":\"b.example\",\"state\":\"pending\"}],"         \
	"\"created_at\":\"2026-01-02T03:04:05.678Z\"}"
#define MEMBERSHIP(status)                                                                \
	"{\"object\":\"organization_membership\",\"id\":\"om_1\",\"user_id\":\"user_1\"," \
	"\"organization_id\":\"org_1\",\"status\":\"" status "\",\"role\":{\"slug\":"     \
	"\"admin\"},\"roles\":[{\"slug\":\"member\"},{\"slug\":\"admin\"}]}"
#define ROLE                                                                              \
	"{\"object\":\"role\",\"id\":\"role_1\",\"slug\":\"editor\",\"name\":\"Editor\"," \
	"\"description\":null,\"type\":\"EnvironmentRole\",\"permissions\":[\"b:read\",\"a:x\"]}"
#define PERMISSION                                                                            \
	"{\"object\":\"permission\",\"id\":\"perm_1\",\"slug\":\"b:read\",\"name\":\"Read\"," \
	"\"description\":\"May read\",\"system\":false}"
#define INVITATION(state)                                                                   \
	"{\"object\":\"invitation\",\"id\":\"invitation_1\",\"email\":\"Ada@Example.com\"," \
	"\"state\":\"" state "\",\"organization_id\":\"org_1\",\"role_slug\":\"member\","   \
	"\"expires_at\":\"2026-12-01T00:00:00.000Z\"}"
#define REFUSED(code) "{\"message\":\"No.\",\"code\":\"" code "\"}"
#define MEMBERSHIPS "/user_management/organization_memberships"
#define ALL_STATES "&statuses=active,inactive,pending"

static struct workos workos;

static void begin(struct entity_drill *drill)
{
	workos = workos_instance();
	entity_init(drill, &rh_connector_workos, &workos);
}

static void records_are_read(void **)
{
	struct entity_drill drill;

	begin(&drill);
	entity_read(&drill, RH_KIND_ORGANIZATION, ORGANIZATION);
	assert_true(rh_str_is(drill.entity.source_id, "org_1"));
	assert_true(rh_str_is(drill.entity.external_id, "o-1"));
	assert_true(rh_str_is(drill.entity.slug, "acme"));
	assert_true(drill.entity.created_at > 0);
	entity_read(&drill, RH_KIND_ROLE, ROLE);
	assert_true(rh_str_is(drill.entity.source_id, "editor"));
	assert_int_equal(drill.entity.permission_count, 2);
	entity_read(&drill, RH_KIND_PERMISSION, PERMISSION);
	assert_false(drill.entity.is_built_in);
	entity_read(&drill, RH_KIND_MEMBERSHIP, MEMBERSHIP("inactive"));
	assert_int_equal(drill.entity.state, RH_ENTITY_INACTIVE);
	assert_int_equal(drill.entity.role_count, 2);
	assert_true(rh_str_is(drill.entity.user, "user_1"));
	entity_read(&drill, RH_KIND_INVITATION, INVITATION("accepted"));
	assert_int_equal(drill.entity.state, RH_ENTITY_OVER);
	assert_true(rh_str_is(drill.entity.email, "ada@example.com"));
	assert_int_equal(drill.entity.role_count, 1);
	assert_int_equal(drill.found.count, 0);
	entity_done(&drill);
}

static void what_a_record_lacks_is_named(void **)
{
	static const struct {
		enum rh_kind kind;
		const char *record;
		const char *lacks;
	} cases[] = {
		{RH_KIND_ORGANIZATION, "{\"id\":\"org_1\"}", "name"},
		{RH_KIND_ORGANIZATION, "{\"name\":\"Acme\"}", "id"},
		{RH_KIND_DOMAIN, "{\"id\":\"d\",\"domain\":\"a.example\"}", "organization_id"},
		{RH_KIND_DOMAIN, "{\"id\":\"d\",\"organization_id\":\"org_1\"}", "domain"},
		{RH_KIND_MEMBERSHIP, "{\"id\":\"m\",\"organization_id\":\"org_1\"}", "user_id"},
		{RH_KIND_INVITATION, "{\"id\":\"i\"}", "email"},
		{RH_KIND_ROLE, "{\"id\":\"r\",\"name\":\"R\"}", "id"}, /* which is its slug */
	};
	struct entity_drill drill;

	begin(&drill);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		entity_read(&drill, cases[i].kind, cases[i].record);
		assert_int_equal(drill.found.count, 1);
		assert_int_equal(drill.found.at[0].code, RH_FINDING_ENTITY_BROKEN);
		assert_string_equal(drill.found.at[0].path, cases[i].lacks);
	}
	entity_done(&drill);
}

/* What to_wire promises of each kind is what observe reads back (C8). */
static void bodies_and_what_is_seen(void **)
{
	const struct rh_link permissions[] = {{.slug = RH_STR("b:read")}, {.slug = RH_STR("a:x")}};
	const struct rh_link roles[] = {{.slug = RH_STR("member")}, {.slug = RH_STR("admin")}};
	struct entity_drill drill;

	begin(&drill);
	entity_read(&drill, RH_KIND_ORGANIZATION, ORGANIZATION);
	expect_body(&drill, EVERY_PART,
		    "{\"name\":\"Acme \\\"x\\\"\",\"external_id\":\"o-1\",\"metadata\":{"
		    "\"rehome_source_id\":\"org_1\",\"slug\":\"acme\",\"tier\":\"2\"}}",
		    "name=Acme \"x\"\nexternal_id=o-1\nmetadata={\"rehome_source_id\":\"org_1\","
		    "\"slug\":\"acme\",\"tier\":\"2\"}\n");
	expect_body(&drill, RH_PART_IDENTITY, "{\"name\":\"Acme \\\"x\\\"\"}", "name=Acme \"x\"\n");
	expect_seen(&drill, RH_KIND_ORGANIZATION, ORGANIZATION, "org_1",
		    "name=Acme \"x\"\nexternal_id=o-1\n"
		    "metadata={\"slug\":\"acme\",\"tier\":\"2\"}\n");

	drill.links = (struct rh_links){
		.slug = RH_STR("editor"),
		.permissions = permissions,
		.permission_count = 2,
	};
	entity_read(&drill, RH_KIND_ROLE, ROLE);
	expect_body(&drill, EVERY_PART, "{\"slug\":\"editor\",\"name\":\"Editor\"}",
		    "slug=editor\nname=Editor\npermissions=a:x b:read\n");
	expect_seen(&drill, RH_KIND_ROLE, ROLE, "editor",
		    "slug=editor\nname=Editor\npermissions=a:x b:read\n");

	drill.links = (struct rh_links){.organization = RH_STR("org_9"),
					.user = RH_STR("user_9"),
					.roles = roles,
					.role_count = 2};
	entity_read(&drill, RH_KIND_MEMBERSHIP, MEMBERSHIP("inactive"));
	expect_body(&drill, EVERY_PART,
		    "{\"user_id\":\"user_9\",\"organization_id\":\"org_9\",\"role_slugs\":["
		    "\"member\",\"admin\"]}",
		    "roles=admin member\nstate=inactive\n");
	expect_body(&drill, EVERY_PART & ~(unsigned)(RH_PART_ROLES | RH_PART_EXTRAS),
		    "{\"user_id\":\"user_9\",\"organization_id\":\"org_9\",\"role_slug\":"
		    "\"member\"}",
		    "roles=member\nstate=active\n");
	expect_seen(&drill, RH_KIND_MEMBERSHIP, MEMBERSHIP("active"), "om_1",
		    "roles=admin member\nstate=active\n");

	entity_read(
		&drill, RH_KIND_DOMAIN,
		"{\"id\":\"d\",\"organization_id\":\"org_1\",\"domain\":\"B\\u00fccher.Example\"}");
	expect_body(&drill, EVERY_PART,
		    "{\"domain\":\"xn--bcher-kva.example\",\"organization_id\":\"org_9\"}",
		    "domain=xn--bcher-kva.example\n");
	entity_read(&drill, RH_KIND_INVITATION, INVITATION("pending"));
	expect_body(&drill, EVERY_PART,
		    "{\"email\":\"ada@example.com\",\"organization_id\":\"org_9\",\"role_slug\":"
		    "\"member\"}",
		    "email=ada@example.com\nrole=member\n");
	entity_done(&drill);
}

static void private_metadata_stays(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.entity = (struct rh_entity){
		.kind = RH_KIND_ORGANIZATION,
		.source_id = RH_STR("org_1"),
		.name = RH_STR("Acme"),
		.metadata[RH_METADATA_PRIVATE] = RH_STR("{\"plan\":\"gold\"}"),
	};
	expect_body(&drill, EVERY_PART, "{\"name\":\"Acme\",\"external_id\":\"org_1\"}",
		    "name=Acme\nexternal_id=org_1\n");
	assert_int_equal(found_count(&drill.found, RH_FINDING_METADATA_PRIVATE_KEPT_BACK, NULL), 1);
	entity_done(&drill);
}

static void slugs_of_both_kinds(void **)
{
	static const struct {
		enum rh_kind kind;
		const char *common;
		int expected;
	} cases[] = {
		{RH_KIND_ROLE, "org-admin_2", 1},   {RH_KIND_ROLE, "a:b", 0},
		{RH_KIND_ROLE, "Admin", 0},         {RH_KIND_ROLE, "", 0},
		{RH_KIND_PERMISSION, "a:b.c-*", 1}, {RH_KIND_PERMISSION, "a b", 0},
	};
	struct rh_str out = RH_STR_ABSENT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(rh_connector_workos.entities->slug_from_common(
					 cases[i].kind, rh_str_from(cases[i].common), NULL, &out),
				 cases[i].expected);
	}
}

static void lists(void **)
{
	struct entity_drill drill;

	begin(&drill);
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_LIST, "GET",
		     "/organizations?order=asc&limit=100", NULL);
	assert_int_equal(drill.answer.request.buckets, 1); /* none of /user_management's */
	entity_feed_end(&drill, 200,
			"{\"data\":[" ORGANIZATION "],\"list_metadata\":{\"after\":\"org_1\"}}",
			RH_OUTCOME_DONE);
	assert_int_equal(drill.operation.record_count, 1);
	drill.operation.cursor = RH_STR("org_1");
	entity_start(&drill, RH_KIND_DOMAIN, RH_VERB_LIST, "GET",
		     "/organizations?order=asc&limit=100&after=org_1", NULL);
	entity_feed_end(&drill, 200,
			"{\"data\":[" ORGANIZATION ",{\"id\":\"org_2\",\"domains\":[]}],"
			"\"list_metadata\":{\"after\":null}}",
			RH_OUTCOME_DONE);
	assert_int_equal(drill.operation.record_count, 2);
	assert_null(drill.operation.next_cursor.ptr);
	drill.links.organization = RH_STR("org/1");
	drill.operation.cursor = RH_STR("om_5");
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_LIST, "GET",
		     MEMBERSHIPS "?order=asc&limit=100" ALL_STATES
				 "&organization_id=org%2F1&after=om_5",
		     NULL);
	assert_int_equal(drill.answer.request.buckets, 3);
	entity_feed_fail(&drill, 404, REFUSED("entity_not_found"), RH_OUTCOME_ABSENT, RH_SCOPE_ROW);
	drill.operation.cursor = RH_STR_ABSENT;
	entity_start(&drill, RH_KIND_ROLE, RH_VERB_LIST, "GET", "/authorization/roles", NULL);
	entity_feed_end(&drill, 200, "{\"object\":\"list\",\"data\":[" ROLE "]}", RH_OUTCOME_DONE);
	entity_start(&drill, RH_KIND_PERMISSION, RH_VERB_LIST, "GET",
		     "/authorization/permissions?order=asc&limit=100", NULL);
	entity_feed_fail(&drill, 403, "{\"message\":\"No.\"}", RH_OUTCOME_DENIED, RH_SCOPE_KIND);
	entity_done(&drill);
}

static void finds(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.row.external_id = RH_STR("o|1");
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_FIND, "GET",
		     "/organizations/external_id/o%7C1", NULL);
	entity_feed_end(&drill, 404, REFUSED("entity_not_found"), RH_OUTCOME_ABSENT);
	drill.links = (struct rh_links){.organization = RH_STR("org_1"), .user = RH_STR("user_1")};
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_FIND, "GET",
		     MEMBERSHIPS "?limit=100" ALL_STATES "&organization_id=org_1&user_id=user_1",
		     NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" MEMBERSHIP("inactive") "]}", RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "om_1"));
	/* a filter that lets others through */
	drill.row.target_id = RH_STR_ABSENT;
	drill.links.user = RH_STR("user_2");
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_FIND, "GET",
		     MEMBERSHIPS "?limit=100" ALL_STATES "&organization_id=org_1&user_id=user_2",
		     NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" MEMBERSHIP("active") "]}", RH_OUTCOME_ABSENT);
	assert_null(drill.row.target_id.ptr);
	drill.entity.domain = RH_STR("b.example");
	entity_start(&drill, RH_KIND_DOMAIN, RH_VERB_FIND, "GET", "/organizations/org_1", NULL);
	entity_feed_end(&drill, 200, ORGANIZATION, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "org_domain_2"));
	drill.row.target_id = RH_STR_ABSENT;
	drill.links.slug = RH_STR("editor");
	entity_start(&drill, RH_KIND_ROLE, RH_VERB_FIND, "GET", "/authorization/roles/editor",
		     NULL);
	entity_feed_end(&drill, 200, ROLE, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "editor"));
	entity_done(&drill);
}

static void creates_and_refusals(void **)
{
	static const struct {
		int status;
		const char *code;
		enum rh_outcome outcome;
		unsigned parts;
	} cases[] = {
		{400, REFUSED("organization_membership_already_exists"), RH_OUTCOME_ALREADY, 0},
		{409, REFUSED("entity_already_exists"), RH_OUTCOME_ALREADY, 0},
		{422, REFUSED("multiple_roles_not_enabled"), RH_OUTCOME_REJECTED, RH_PART_ROLES},
		{422, REFUSED("invalid_role"), RH_OUTCOME_REJECTED, RH_PART_IDENTITY},
		{404, REFUSED("entity_not_found"), RH_OUTCOME_REJECTED, 0},
	};
	const struct rh_link role = {.slug = RH_STR("member")};
	struct entity_drill drill;

	begin(&drill);
	drill.row.parts = EVERY_PART;
	drill.links = (struct rh_links){.organization = RH_STR("org_1"),
					.user = RH_STR("user_1"),
					.roles = &role,
					.role_count = 1};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST", MEMBERSHIPS,
			     "{\"user_id\":\"user_1\",\"organization_id\":\"org_1\","
			     "\"role_slug\":\"member\"}");
		assert_int_equal(drill.answer.request.buckets, 5);
		entity_feed_end(&drill, cases[i].status, cases[i].code, cases[i].outcome);
		assert_int_equal(drill.row.parts_at_fault, cases[i].parts);
	}
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST", MEMBERSHIPS,
		     "{\"user_id\":\"user_1\",\"organization_id\":\"org_1\","
		     "\"role_slug\":\"member\"}");
	entity_feed_end(&drill, 201, MEMBERSHIP("active"), RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "om_1"));
	/* C23: that kind stops */
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST", MEMBERSHIPS,
		     "{\"user_id\":\"user_1\",\"organization_id\":\"org_1\","
		     "\"role_slug\":\"member\"}");
	entity_feed_fail(&drill, 403, "{\"message\":\"No.\"}", RH_OUTCOME_DENIED, RH_SCOPE_KIND);
	/* an answer that nobody can read may have been a yes */
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST", MEMBERSHIPS,
		     "{\"user_id\":\"user_1\",\"organization_id\":\"org_1\","
		     "\"role_slug\":\"member\"}");
	entity_feed_fail(&drill, 502, "<html>", RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW);
	entity_done(&drill);
}

/* C22: an invitation is mail. */
static void an_invitation_needs_leave(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.entity =
		(struct rh_entity){.kind = RH_KIND_INVITATION, .email = RH_STR("ada@example.com")};
	drill.row.entity = &drill.entity;
	drill.row.links = &drill.links;
	drill.row.policy = &drill.policy;
	drill.operation = (struct rh_operation){
		.kind = RH_KIND_INVITATION,
		.verb = RH_VERB_CREATE,
		.rows = &drill.row,
		.row_count = 1,
		.arena = &drill.arena,
		.json = &drill.json,
	};
	assert_int_equal(rh_connector_workos.ops[RH_KIND_INVITATION][RH_VERB_CREATE](
				 &workos, &drill.operation, NULL, 1, 2, &drill.answer),
			 RH_EINVAL);
	drill.policy.notifies = true;
	entity_start(&drill, RH_KIND_INVITATION, RH_VERB_CREATE, "POST",
		     "/user_management/invitations", "{\"email\":\"ada@example.com\"}");
	entity_done(&drill);
}

/* C18: what stands behind a create. */
static void completions(void **)
{
	const struct rh_link permission = {.slug = RH_STR("b:read")};
	struct entity_drill drill;

	begin(&drill);
	drill.row.parts = EVERY_PART;
	drill.row.completes = true;
	drill.row.target_id = RH_STR("editor");
	drill.links = (struct rh_links){.slug = RH_STR("editor"),
					.permissions = &permission,
					.permission_count = 1};
	entity_start(&drill, RH_KIND_ROLE, RH_VERB_UPDATE, "PUT",
		     "/authorization/roles/editor/permissions", "{\"permissions\":[\"b:read\"]}");
	entity_feed_end(&drill, 200, ROLE, RH_OUTCOME_DONE);
	drill.row.target_id = RH_STR("om_1");
	drill.entity.state = RH_ENTITY_INACTIVE;
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_UPDATE, "PUT",
		     MEMBERSHIPS "/om_1/deactivate", NULL);
	entity_feed_end(&drill, 200, MEMBERSHIP("inactive"), RH_OUTCOME_DONE);
	entity_done(&drill);
}

/* C13: other roles of a membership that is there. */
static void roles_are_changed(void **)
{
	const struct rh_link role = {.slug = RH_STR("owner")};
	struct entity_drill drill;

	begin(&drill);
	drill.row.parts = EVERY_PART;
	drill.row.target_id = RH_STR("om_1");
	drill.links = (struct rh_links){.roles = &role, .role_count = 1};
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_UPDATE, "GET", MEMBERSHIPS "/om_1", NULL);
	entity_feed_observed(&drill, 200, MEMBERSHIP("active"), "PUT", MEMBERSHIPS "/om_1",
			     "{\"role_slugs\":[\"owner\"]}");
	assert_int_equal(drill.row.concerned, 1);
	entity_feed_end(&drill, 200, MEMBERSHIP("active"), RH_OUTCOME_DONE);
	entity_done(&drill);
}

static void removals(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.row.target_id = RH_STR("org_1");
	drill.row.external_id = RH_STR("o-1");
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_REMOVE, "GET", "/organizations/org_1",
		     NULL);
	entity_feed_on(&drill, 200, ORGANIZATION, "GET",
		       MEMBERSHIPS "?limit=1" ALL_STATES "&organization_id=org_1", NULL);
	entity_feed_on(&drill, 200, "{\"data\":[]}", "DELETE", "/organizations/org_1", NULL);
	entity_feed_end(&drill, 202, NULL, RH_OUTCOME_DONE);
	/* C21: with members it stays; another one's stays, too */
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_REMOVE, "GET", "/organizations/org_1",
		     NULL);
	entity_feed_on(&drill, 200, ORGANIZATION, "GET",
		       MEMBERSHIPS "?limit=1" ALL_STATES "&organization_id=org_1", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[{}]}", RH_OUTCOME_CONFLICT);
	assert_true(rh_str_is(drill.row.code, RH_CODE_IN_USE));
	drill.row.external_id = RH_STR("o-2");
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_REMOVE, "GET", "/organizations/org_1",
		     NULL);
	entity_feed_end(&drill, 200, ORGANIZATION, RH_OUTCOME_CONFLICT);
	/* an invitation is revoked, and only while it is open */
	drill.row.target_id = RH_STR("invitation_1");
	drill.links.organization = RH_STR("org_1");
	entity_start(&drill, RH_KIND_INVITATION, RH_VERB_REMOVE, "GET",
		     "/user_management/invitations/invitation_1", NULL);
	entity_feed_on(&drill, 200, INVITATION("pending"), "POST",
		       "/user_management/invitations/invitation_1/revoke", NULL);
	entity_feed_end(&drill, 200, INVITATION("revoked"), RH_OUTCOME_DONE);
	entity_start(&drill, RH_KIND_INVITATION, RH_VERB_REMOVE, "GET",
		     "/user_management/invitations/invitation_1", NULL);
	entity_feed_end(&drill, 200, INVITATION("accepted"), RH_OUTCOME_ABSENT);
	assert_null(rh_connector_workos.ops[RH_KIND_ROLE][RH_VERB_REMOVE]);
	entity_done(&drill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(what_a_record_lacks_is_named),
		cmocka_unit_test(bodies_and_what_is_seen),
		cmocka_unit_test(private_metadata_stays),
		cmocka_unit_test(slugs_of_both_kinds),
		cmocka_unit_test(lists),
		cmocka_unit_test(finds),
		cmocka_unit_test(creates_and_refusals),
		cmocka_unit_test(an_invitation_needs_leave),
		cmocka_unit_test(completions),
		cmocka_unit_test(roles_are_changed),
		cmocka_unit_test(removals),
	};

	return cmocka_run_group_tests_name("entities of WorkOS", tests, NULL, NULL);
}
