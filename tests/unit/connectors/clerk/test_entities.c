/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations, roles, memberships and the like of Clerk (connector.h, C16 to C23). */
#include "../entity_drill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "target_helper.h"

#define ORGANIZATION                                                                           \
	"{\"object\":\"organization\",\"id\":\"org_1\",\"name\":\"Acme\",\"slug\":\"acme-1\"," \
	"\"max_allowed_memberships\":5,\"public_metadata\":{\"b\":1,\"a\":2},"                 \
	"\"private_metadata\":{\"rehome\":{\"external_id\":\"o-1\"},\"plan\":\"x\"},"          \
	"\"created_at\":1700000000123}"
#define MEMBERSHIP                                                                            \
	"{\"object\":\"organization_membership\",\"id\":\"orgmem_1\",\"role\":\"org:admin\"," \
	"\"permissions\":[],\"public_metadata\":{},\"private_metadata\":{\"seat\":1},"        \
	"\"organization\":{\"id\":\"org_1\",\"name\":\"Acme\"},\"public_user_data\":{"        \
	"\"user_id\":\"user_1\"},\"created_at\":1700000000000}"
#define ROLE                                                                                      \
	"{\"object\":\"role\",\"id\":\"role_1\",\"name\":\"Editor\",\"key\":\"org:editor\","      \
	"\"description\":\"Edits\",\"permissions\":[{\"id\":\"perm_1\",\"key\":\"org:b:read\"},{" \
	"\"id\":\"perm_2\",\"key\":\"org:sys_profile:manage\"}]}"
#define PERMISSION(key) \
	"{\"object\":\"permission\",\"id\":\"perm_1\",\"name\":\"Read\",\"key\":\"" key "\"}"
#define DOMAIN                                                                         \
	"{\"object\":\"organization_domain\",\"id\":\"orgdmn_1\",\"organization_id\":" \
	"\"org_1\",\"name\":\"b.example\",\"ownership_verification\":{\"status\":"     \
	"\"verified\"},\"affiliation_verification\":null}"
#define INVITATION(status)                                                               \
	"{\"object\":\"organization_invitation\",\"id\":\"orginv_1\",\"email_address\":" \
	"\"Ada@Example.com\",\"role\":\"org:member\",\"organization_id\":\"org_1\","     \
	"\"status\":\"" status "\",\"public_metadata\":{},\"expires_at\":1800000000000}"
#define REFUSED(code, param) \
	"{\"errors\":[{\"code\":\"" code "\",\"message\":\"No\",\"meta\":{" param "}}]}"
#define PARAM(name) "\"param_name\":\"" name "\""

static struct clerk clerk;

static void begin(struct entity_drill *drill)
{
	clerk = clerk_instance();
	entity_init(drill, &rh_connector_clerk, &clerk);
}

static void records_are_read(void **)
{
	struct entity_drill drill;

	begin(&drill);
	entity_read(&drill, RH_KIND_ORGANIZATION, ORGANIZATION);
	assert_true(rh_str_is(drill.entity.source_id, "org_1"));
	assert_true(rh_str_is(drill.entity.external_id, "o-1"));
	assert_true(rh_str_is(drill.entity.slug, "acme-1"));
	assert_int_equal(drill.entity.members_max, 5);
	assert_int_equal(drill.entity.created_at, INT64_C(1700000000123000));
	entity_read(&drill, RH_KIND_ROLE, ROLE);
	assert_true(rh_str_is(drill.entity.source_id, "org:editor"));
	assert_int_equal(drill.entity.permission_count, 2);
	assert_false(drill.entity.is_built_in);
	entity_read(&drill, RH_KIND_PERMISSION, PERMISSION("org:sys_profile:manage"));
	assert_true(drill.entity.is_built_in);
	entity_read(&drill, RH_KIND_MEMBERSHIP, MEMBERSHIP);
	assert_true(rh_str_is(drill.entity.organization, "org_1"));
	assert_true(rh_str_is(drill.entity.user, "user_1"));
	assert_true(rh_str_is(drill.entity.roles[0], "org:admin"));
	entity_read(&drill, RH_KIND_DOMAIN, DOMAIN);
	assert_int_equal(drill.entity.state, RH_ENTITY_VERIFIED);
	entity_read(&drill, RH_KIND_INVITATION, INVITATION("revoked"));
	assert_int_equal(drill.entity.state, RH_ENTITY_OVER);
	assert_int_equal(drill.found.count, 0);
	entity_read(&drill, RH_KIND_MEMBERSHIP, "{\"id\":\"m\",\"organization\":{\"id\":\"o\"}}");
	assert_int_equal(drill.found.at[0].code, RH_FINDING_ENTITY_BROKEN);
	assert_string_equal(drill.found.at[0].path, "public_user_data.user_id");
	entity_done(&drill);
}

/* An address at a domain proves nothing of the domain. */
static void an_affiliation_is_no_proof(void **)
{
	struct entity_drill drill;

	begin(&drill);
	entity_read(&drill, RH_KIND_DOMAIN,
		    "{\"id\":\"d\",\"organization_id\":\"o\",\"name\":\"b.example\","
		    "\"affiliation_verification\":{\"status\":\"verified\"},"
		    "\"ownership_verification\":{\"status\":\"unverified\"}}");
	assert_int_equal(drill.entity.state, RH_ENTITY_PENDING);
	entity_done(&drill);
}

/* What to_wire promises of each kind is what observe reads back (C8). */
static void bodies_and_what_is_seen(void **)
{
	const struct rh_link permissions[] = {
		{.slug = RH_STR("org:b:read"), .target_id = RH_STR("perm_1")},
		{.slug = RH_STR("org:a:x"), .target_id = RH_STR("perm_0")},
	};
	const struct rh_link role = {.slug = RH_STR("org:admin")};
	struct entity_drill drill;

	begin(&drill);
	entity_read(&drill, RH_KIND_ORGANIZATION, ORGANIZATION);
	expect_body(&drill, EVERY_PART,
		    "{\"name\":\"Acme\",\"slug\":\"acme-1\",\"public_metadata\":{\"a\":2,\"b\":1},"
		    "\"private_metadata\":{\"plan\":\"x\",\"rehome\":{\"external_id\":\"o-1\"}},"
		    "\"max_allowed_memberships\":5,\"created_at\":\"2023-11-14T22:13:20.123Z\"}",
		    "name=Acme\nslug=acme-1\nexternal_id=o-1\n"
		    "public_metadata={\"a\":2,\"b\":1}\n"
		    "private_metadata={\"plan\":\"x\",\"rehome\":{\"external_id\":\"o-1\"}}\n"
		    "max_allowed_memberships=5\ncreated_at=1700000000123\n");
	expect_body(&drill, RH_PART_IDENTITY | RH_PART_EXTERNAL_ID,
		    "{\"name\":\"Acme\",\"private_metadata\":{\"plan\":\"x\",\"rehome\":{"
		    "\"external_id\":\"o-1\"}}}",
		    "name=Acme\nexternal_id=o-1\n"
		    "private_metadata={\"plan\":\"x\",\"rehome\":{\"external_id\":\"o-1\"}}\n");
	expect_seen(&drill, RH_KIND_ORGANIZATION, ORGANIZATION, "org_1",
		    "name=Acme\nslug=acme-1\nexternal_id=o-1\n"
		    "public_metadata={\"a\":2,\"b\":1}\n"
		    "private_metadata={\"plan\":\"x\",\"rehome\":{\"external_id\":\"o-1\"}}\n"
		    "max_allowed_memberships=5\ncreated_at=1700000000123\n");

	drill.links = (struct rh_links){
		.slug = RH_STR("org:editor"),
		.permissions = permissions,
		.permission_count = 2,
	};
	entity_read(&drill, RH_KIND_ROLE, ROLE);
	expect_body(&drill, EVERY_PART,
		    "{\"key\":\"org:editor\",\"name\":\"Editor\",\"description\":\"Edits\","
		    "\"permissions\":[\"perm_1\",\"perm_0\"]}",
		    "key=org:editor\nname=Editor\ndescription=Edits\n"
		    "permissions=org:a:x org:b:read\n");
	expect_seen(&drill, RH_KIND_ROLE, ROLE, "role_1",
		    "key=org:editor\nname=Editor\ndescription=Edits\n"
		    "permissions=org:b:read org:sys_profile:manage\n");

	drill.links = (struct rh_links){.organization = RH_STR("org_9"),
					.user = RH_STR("user_9"),
					.roles = &role,
					.role_count = 1};
	entity_read(&drill, RH_KIND_MEMBERSHIP, MEMBERSHIP);
	expect_body(&drill, EVERY_PART,
		    "{\"user_id\":\"user_9\",\"role\":\"org:admin\",\"private_metadata\":{"
		    "\"seat\":1}}",
		    "role=org:admin\nprivate_metadata={\"seat\":1}\n");
	expect_seen(&drill, RH_KIND_MEMBERSHIP, MEMBERSHIP, "orgmem_1",
		    "role=org:admin\nprivate_metadata={\"seat\":1}\n");
	entity_done(&drill);
}

/* C22: no mail unless it is asked for, no domain verified unless it is asked for. */
static void nothing_is_sent_or_verified_unasked(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.links.organization = RH_STR("org_9");
	entity_read(&drill, RH_KIND_DOMAIN, DOMAIN);
	expect_body(&drill, EVERY_PART,
		    "{\"name\":\"b.example\",\"enrollment_mode\":\"manual_invitation\","
		    "\"verified\":false}",
		    "name=b.example\n");
	drill.policy.verifies_domains = true;
	expect_body(&drill, EVERY_PART,
		    "{\"name\":\"b.example\",\"enrollment_mode\":\"manual_invitation\","
		    "\"verified\":true}",
		    "name=b.example\n");
	entity_read(&drill, RH_KIND_INVITATION, INVITATION("pending"));
	expect_body(&drill, EVERY_PART, "{\"email_address\":\"ada@example.com\",\"notify\":false}",
		    "email_address=ada@example.com\n");
	drill.policy.notifies = true;
	expect_body(&drill, EVERY_PART, "{\"email_address\":\"ada@example.com\",\"notify\":true}",
		    "email_address=ada@example.com\n");
	entity_done(&drill);
}

static void keys_of_both_kinds(void **)
{
	static const struct {
		enum rh_kind kind;
		const char *common;
		const char *key; /* NULL: Clerk cannot write it */
	} cases[] = {
		{RH_KIND_ROLE, "admin", "org:admin"},
		{RH_KIND_ROLE, "org-admin", NULL},
		{RH_KIND_ROLE, "a:b", NULL},
		{RH_KIND_ROLE, "", NULL},
		{RH_KIND_PERMISSION, "a:b", "org:a:b"},
		{RH_KIND_PERMISSION, "a", NULL},
		{RH_KIND_PERMISSION, "a:b:c", NULL},
		{RH_KIND_PERMISSION, ":b", NULL},
		{RH_KIND_PERMISSION, "a:", NULL},
	};
	struct entity_drill drill;
	struct rh_str out = RH_STR_ABSENT;

	begin(&drill);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int found =
			rh_connector_clerk.entities->slug_from_common(cases[i].kind,
								      rh_str_from(cases[i].common),
								      &drill.arena, &out);

		assert_int_equal(found, cases[i].key != NULL);
		assert_true(found == 0 || rh_str_is(out, cases[i].key));
	}
	assert_int_equal(rh_connector_clerk.entities->slug_to_common(RH_KIND_ROLE,
								     RH_STR("org:admin"),
								     &drill.arena, &out),
			 1);
	assert_true(rh_str_is(out, "admin"));
	assert_int_equal(rh_connector_clerk.entities->slug_to_common(RH_KIND_ROLE, RH_STR("admin"),
								     &drill.arena, &out),
			 0);
	entity_done(&drill);
}

static void lists_by_offset(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.operation.page_size = 2;
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_LIST, "GET",
		     "/v1/organizations?order_by=%2Bcreated_at&limit=2&offset=0", NULL);
	entity_feed_end(&drill, 200,
			"{\"data\":[{\"id\":\"org_1\"},{\"id\":\"org_2\"}],\"total_count\":3}",
			RH_OUTCOME_DONE);
	assert_int_equal(drill.operation.total, 3);
	drill.operation.cursor = drill.operation.next_cursor;
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_LIST, "GET",
		     "/v1/organizations?order_by=%2Bcreated_at&limit=2&offset=2", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[{\"id\":\"org_3\"}],\"total_count\":3}",
			RH_OUTCOME_DONE);
	assert_null(drill.operation.next_cursor.ptr);
	drill.operation.cursor = RH_STR_ABSENT;
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_LIST, "GET",
		     "/v1/organization_memberships?order_by=%2Bcreated_at&limit=2&offset=0", NULL);
	entity_feed_fail(&drill, 403, REFUSED("organization_not_enabled_in_instance", ""),
			 RH_OUTCOME_DENIED, RH_SCOPE_KIND);
	entity_done(&drill);
}

/* Invitations of organizations first, then those of the application. */
static void invitations_stand_in_two_lists(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.operation.page_size = 2;
	entity_start(&drill, RH_KIND_INVITATION, RH_VERB_LIST, "GET",
		     "/v1/organization_invitations?order_by=%2Bcreated_at&limit=2&offset=0", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" INVITATION("pending") "],\"total_count\":1}",
			RH_OUTCOME_DONE);
	drill.operation.cursor = drill.operation.next_cursor;
	entity_start(&drill, RH_KIND_INVITATION, RH_VERB_LIST, "GET",
		     "/v1/invitations?order_by=%2Bcreated_at&limit=2&offset=0", NULL);
	entity_feed_end(&drill, 200, "[{\"id\":\"inv_1\"}]", RH_OUTCOME_DONE);
	assert_null(drill.operation.next_cursor.ptr);
	entity_done(&drill);
}

/* No filter knows private metadata: the list is walked to its end. */
static void an_organization_is_found_by_what_is_kept(void **)
{
	struct entity_drill drill;
	static char page[64 * 1024];
	size_t len = (size_t)snprintf(page, sizeof(page), "{\"data\":[");

	for (unsigned i = 0; i < 500; i++) {
		len += (size_t)snprintf(page + len, sizeof(page) - len,
					"%s{\"id\":\"org_x%u\",\"name\":\"X\"}", i > 0 ? "," : "",
					i);
	}
	(void)snprintf(page + len, sizeof(page) - len, "]}");
	begin(&drill);
	drill.row.external_id = RH_STR("o-1");
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_FIND, "GET",
		     "/v1/organizations?order_by=-created_at&limit=500&offset=0", NULL);
	entity_feed_on(&drill, 200, page, "GET",
		       "/v1/organizations?order_by=-created_at&limit=500&offset=500", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" ORGANIZATION "]}", RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "org_1"));
	drill.row.target_id = RH_STR_ABSENT;
	drill.row.external_id = RH_STR("o-2");
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_FIND, "GET",
		     "/v1/organizations?order_by=-created_at&limit=500&offset=0", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" ORGANIZATION "]}", RH_OUTCOME_ABSENT);
	assert_null(drill.row.target_id.ptr);
	entity_done(&drill);
}

static void finds(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.links = (struct rh_links){.organization = RH_STR("org/1"),
					.user = RH_STR("user_1"),
					.slug = RH_STR("org:editor")};
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_FIND, "GET",
		     "/v1/organizations/org%2F1/memberships?limit=10&user_id=user_1", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" MEMBERSHIP "]}", RH_OUTCOME_DONE);
	drill.row.target_id = RH_STR_ABSENT;
	entity_start(&drill, RH_KIND_ROLE, RH_VERB_FIND, "GET",
		     "/v1/organization_roles?limit=500&query=org%3Aeditor", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" ROLE "]}", RH_OUTCOME_DONE);
	/* a search knows parts of a key, too */
	drill.row.target_id = RH_STR_ABSENT;
	drill.links.slug = RH_STR("org:edit");
	entity_start(&drill, RH_KIND_ROLE, RH_VERB_FIND, "GET",
		     "/v1/organization_roles?limit=500&query=org%3Aedit", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" ROLE "]}", RH_OUTCOME_ABSENT);
	entity_done(&drill);
}

static void creates_and_refusals(void **)
{
	static const struct {
		int status;
		const char *answer;
		enum rh_outcome outcome;
		unsigned parts;
	} cases[] = {
		{422, REFUSED("form_identifier_exists", PARAM("slug")), RH_OUTCOME_REJECTED,
		 RH_PART_SLUG},
		{422, REFUSED("form_param_unknown", PARAM("slug")), RH_OUTCOME_REJECTED,
		 RH_PART_SLUG},
		{422, REFUSED("form_param_exceeds_allowed_size", PARAM("public_metadata")),
		 RH_OUTCOME_REJECTED, RH_PART_METADATA},
		{422, REFUSED("form_param_value_invalid", PARAM("name")), RH_OUTCOME_REJECTED,
		 RH_PART_IDENTITY},
	};
	const struct rh_link role = {.slug = RH_STR("org:member")};
	struct entity_drill drill;

	begin(&drill);
	drill.row.parts = EVERY_PART;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		drill.entity = (struct rh_entity){.source_id = RH_STR("o"), .name = RH_STR("A")};
		entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_CREATE, "POST",
			     "/v1/organizations",
			     "{\"name\":\"A\",\"private_metadata\":{\"rehome\":{\"external_id\":"
			     "\"o\"}}}");
		entity_feed_end(&drill, cases[i].status, cases[i].answer, cases[i].outcome);
		assert_int_equal(drill.row.parts_at_fault, cases[i].parts);
	}
	drill.links = (struct rh_links){.organization = RH_STR("org_1"),
					.user = RH_STR("user_1"),
					.roles = &role,
					.role_count = 1};
	drill.entity = (struct rh_entity){0};
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST",
		     "/v1/organizations/org_1/memberships",
		     "{\"user_id\":\"user_1\",\"role\":\"org:member\"}");
	entity_feed_end(&drill, 422, REFUSED("already_a_member_in_organization", ""),
			RH_OUTCOME_ALREADY);
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST",
		     "/v1/organizations/org_1/memberships",
		     "{\"user_id\":\"user_1\",\"role\":\"org:member\"}");
	entity_feed_end(&drill, 200, MEMBERSHIP, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "orgmem_1"));
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST",
		     "/v1/organizations/org_1/memberships",
		     "{\"user_id\":\"user_1\",\"role\":\"org:member\"}");
	entity_feed_fail(&drill, 402, REFUSED("unsupported_subscription_plan_features", ""),
			 RH_OUTCOME_DENIED, RH_SCOPE_KIND);
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_CREATE, "POST",
		     "/v1/organizations/org_1/memberships",
		     "{\"user_id\":\"user_1\",\"role\":\"org:member\"}");
	entity_feed_fail(&drill, 200, "<html>", RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW);
	entity_done(&drill);
}

/* C13 */
static void a_role_is_changed(void **)
{
	const struct rh_link role = {.slug = RH_STR("org:member")};
	struct entity_drill drill;

	begin(&drill);
	drill.row.target_id = RH_STR("orgmem_1");
	drill.links = (struct rh_links){.organization = RH_STR("org_1"),
					.user = RH_STR("user_1"),
					.roles = &role,
					.role_count = 1};
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_UPDATE, "GET",
		     "/v1/organizations/org_1/memberships?limit=10&user_id=user_1", NULL);
	entity_feed_observed(&drill, 200, "{\"data\":[" MEMBERSHIP "]}", "PATCH",
			     "/v1/organizations/org_1/memberships/user_1",
			     "{\"role\":\"org:member\"}");
	entity_feed_end(&drill, 200, MEMBERSHIP, RH_OUTCOME_DONE);
	entity_done(&drill);
}

/* C21 */
static void removals(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.row.target_id = RH_STR("org_1");
	drill.row.external_id = RH_STR("o-1");
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_REMOVE, "GET", "/v1/organizations/org_1",
		     NULL);
	entity_feed_on(&drill, 200, ORGANIZATION, "GET",
		       "/v1/organizations/org_1/memberships?limit=1", NULL);
	entity_feed_on(&drill, 200, "{\"data\":[],\"total_count\":0}", "DELETE",
		       "/v1/organizations/org_1", NULL);
	entity_feed_end(&drill, 200, "{\"deleted\":true}", RH_OUTCOME_DONE);
	entity_start(&drill, RH_KIND_ORGANIZATION, RH_VERB_REMOVE, "GET", "/v1/organizations/org_1",
		     NULL);
	entity_feed_on(&drill, 200, ORGANIZATION, "GET",
		       "/v1/organizations/org_1/memberships?limit=1", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[{}]}", RH_OUTCOME_CONFLICT);
	assert_true(rh_str_is(drill.row.code, RH_CODE_IN_USE));

	drill.row.external_id = RH_STR_ABSENT;
	drill.links = (struct rh_links){.organization = RH_STR("org_1"),
					.user = RH_STR("user_1"),
					.slug = RH_STR("org:other")};
	drill.row.target_id = RH_STR("orgmem_1");
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_REMOVE, "GET",
		     "/v1/organizations/org_1/memberships?limit=10&user_id=user_1", NULL);
	entity_feed_on(&drill, 200, "{\"data\":[" MEMBERSHIP "]}", "DELETE",
		       "/v1/organizations/org_1/memberships/user_1", NULL);
	entity_feed_end(&drill, 404, REFUSED("resource_not_found", ""), RH_OUTCOME_ABSENT);
	/* the person left, and came back by somebody else's hand */
	drill.row.target_id = RH_STR("orgmem_0");
	entity_start(&drill, RH_KIND_MEMBERSHIP, RH_VERB_REMOVE, "GET",
		     "/v1/organizations/org_1/memberships?limit=10&user_id=user_1", NULL);
	entity_feed_end(&drill, 200, "{\"data\":[" MEMBERSHIP "]}", RH_OUTCOME_CONFLICT);

	drill.row.target_id = RH_STR("role_1");
	entity_start(&drill, RH_KIND_ROLE, RH_VERB_REMOVE, "GET", "/v1/organization_roles/role_1",
		     NULL);
	entity_feed_end(&drill, 200, ROLE, RH_OUTCOME_CONFLICT);
	drill.row.target_id = RH_STR("orginv_1");
	entity_start(&drill, RH_KIND_INVITATION, RH_VERB_REMOVE, "GET",
		     "/v1/organizations/org_1/invitations/orginv_1", NULL);
	entity_feed_on(&drill, 200, INVITATION("pending"), "POST",
		       "/v1/organizations/org_1/invitations/orginv_1/revoke", NULL);
	entity_feed_end(&drill, 200, INVITATION("revoked"), RH_OUTCOME_DONE);
	entity_done(&drill);
}

/* A domain has no request of its own: it is looked for in its organization. */
static void a_domain_is_removed(void **)
{
	struct entity_drill drill;

	begin(&drill);
	drill.row.target_id = RH_STR("orgdmn_1");
	drill.links.organization = RH_STR("org_1");
	entity_start(&drill, RH_KIND_DOMAIN, RH_VERB_REMOVE, "GET",
		     "/v1/organization_domains?limit=500&organization_id=org_1", NULL);
	entity_feed_on(&drill, 200, "{\"data\":[" DOMAIN "]}", "DELETE",
		       "/v1/organizations/org_1/domains/orgdmn_1", NULL);
	entity_feed_end(&drill, 200, "{\"deleted\":true}", RH_OUTCOME_DONE);
	entity_done(&drill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(an_affiliation_is_no_proof),
		cmocka_unit_test(bodies_and_what_is_seen),
		cmocka_unit_test(nothing_is_sent_or_verified_unasked),
		cmocka_unit_test(keys_of_both_kinds),
		cmocka_unit_test(lists_by_offset),
		cmocka_unit_test(invitations_stand_in_two_lists),
		cmocka_unit_test(an_organization_is_found_by_what_is_kept),
		cmocka_unit_test(finds),
		cmocka_unit_test(creates_and_refusals),
		cmocka_unit_test(a_role_is_changed),
		cmocka_unit_test(removals),
		cmocka_unit_test(a_domain_is_removed),
	};

	return cmocka_run_group_tests_name("entities of Clerk", tests, NULL, NULL);
}
