/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations, memberships, roles, permissions, domains, invitations of the rehearsed Clerk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clerk_play.h"

enum { ID_SIZE = 64 };

/* Asks, and the answer must be 200; its id into `id` unless that is NULL. */
static void made(struct play *play, const char *line, const char *body, char id[ID_SIZE])
{
	unsigned status = play_ask(play, line, body);

	if (status != 200) {
		print_error("%s %s: %s\n", line, body, play->call.out.ptr);
	}
	assert_int_equal(status, 200);
	if (id != NULL) {
		(void)snprintf(id, ID_SIZE, "%s", play_text(play, "id"));
	}
}

static void made_user(struct play *play, const char *name, char id[ID_SIZE])
{
	char body[256];

	(void)snprintf(body, sizeof(body),
		       "{\"skip_password_requirement\":true,\"email_address\":[\"%s@shop.dev\"],"
		       "\"first_name\":\"%s\"}",
		       name, name);
	made(play, "POST /v1/users", body, id);
}

/* "METHOD /v1/organizations/ID/REST". */
static const char *of(const char *method, const char *id, const char *rest)
{
	static char lines[4][512];
	static unsigned next;
	char *line = lines[next++ % 4];

	(void)snprintf(line, sizeof(lines[0]), "%s /v1/organizations/%s%s", method, id, rest);
	return line;
}

static const char *body_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static const char *body_of(const char *fmt, ...)
{
	static char body[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(body, sizeof(body), fmt, args);
	va_end(args);
	return body;
}

/* total_count and the number of rows. */
static void lists(struct play *play, const char *line, int total, size_t rows)
{
	if (play_ask(play, line, NULL) != 200) {
		print_error("%s: %s\n", line, play->call.out.ptr);
	}
	assert_int_equal(play->call.status, 200);
	assert_int_equal(clerk_number(play, "total_count"), total);
	assert_int_equal(json_array_size(json_object_get(play->answer, "data")), rows);
}

static void test_organizations(void **state)
{
	struct play *play = *state;
	char org[ID_SIZE];
	char other[ID_SIZE];

	made(play, "POST /v1/organizations",
	     "{\"name\":\"Acme & Sons\",\"slug\":\"acme\",\"public_metadata\":{\"a\":{\"b\":1}},"
	     "\"private_metadata\":{\"old_id\":\"o|1\"},\"max_allowed_memberships\":7,"
	     "\"created_at\":\"2023-02-09T16:34:22.611Z\"}",
	     org);
	assert_string_equal(play_text(play, "object"), "organization");
	assert_int_equal(strncmp(org, "org_", 4), 0);
	assert_int_equal(clerk_number(play, "max_allowed_memberships"), 7);
	assert_int_equal(clerk_number(play, "created_at"), 1675960462611);
	assert_int_equal(clerk_number(play, "members_count"), 0);
	clerk_true(play, "admin_delete_enabled");
	/* A name gives its own slug, and twice the same name two of them. */
	made(play, "POST /v1/organizations", "{\"name\":\"Big Co.\"}", other);
	assert_string_equal(play_text(play, "slug"), "big-co");
	made(play, "POST /v1/organizations", "{\"name\":\"Big Co.\"}", NULL);
	assert_int_equal(strncmp(play_text(play, "slug"), "big-co-", 7), 0);
	made(play, of("GET", org, ""), NULL, NULL);
	made(play, of("GET", "acme", ""), NULL, NULL);
	assert_string_equal(play_text(play, "id"), org);
	made(play, of("PATCH", org, ""), "{\"name\":\"Acme\",\"admin_delete_enabled\":false}",
	     NULL);
	assert_string_equal(play_text(play, "name"), "Acme");
	assert_string_equal(play_text(play, "slug"), "acme");
	made(play, of("PATCH", org, "/metadata"), "{\"public_metadata\":{\"a\":{\"c\":2}}}", NULL);
	assert_int_equal(json_object_size(clerk_path(play, "public_metadata.a")), 2);
	assert_string_equal(clerk_path_text(play, "private_metadata.old_id"), "o|1");
	made(play, of("PUT", org, "/metadata"), "{\"public_metadata\":{\"d\":3}}", NULL);
	assert_int_equal(json_object_size(clerk_path(play, "public_metadata")), 1);
	lists(play, "GET /v1/organizations", 3, 3);
	assert_string_equal(clerk_path_text(play, "data.2.id"), org); /* the oldest is last */
	lists(play, "GET /v1/organizations?order_by=%2Bcreated_at&limit=1", 3, 1);
	assert_string_equal(clerk_path_text(play, "data.0.id"), org);
	lists(play, "GET /v1/organizations?order_by=name&limit=1&offset=1", 3, 1);
	assert_string_equal(clerk_path_text(play, "data.0.name"), "Big Co.");
	lists(play, "GET /v1/organizations?query=ACM", 1, 1);
	lists(play, body_of("GET /v1/organizations?organization_id=%%2B%s", org), 1, 1);
	lists(play, body_of("GET /v1/organizations?organization_id=-%s", org), 2, 2);
	made(play, of("DELETE", org, ""), NULL, NULL);
	clerk_true(play, "deleted");
	clerk_refused(play, of("GET", org, ""), NULL, 404, "resource_not_found", NULL);
	lists(play, "GET /v1/organizations", 2, 2);
}

static void test_organization_refusals(void **state)
{
	struct play *play = *state;
	char org[ID_SIZE];

	made(play, "POST /v1/organizations", "{\"name\":\"Acme\",\"slug\":\"acme\"}", org);
	clerk_refused(play, "POST /v1/organizations", "{}", 422, "form_param_missing", "name");
	clerk_refused(play, "POST /v1/organizations", "{\"name\":\"<b>x</b>\"}", 422,
		      "form_param_value_invalid", "name");
	clerk_refused(play, "POST /v1/organizations", "{\"name\":\"B\",\"slug\":\"B_1\"}", 422,
		      "form_param_format_invalid", "slug");
	clerk_refused(play, "POST /v1/organizations", "{\"name\":\"B\",\"slug\":\"acme\"}", 422,
		      "form_identifier_exists", "slug");
	clerk_refused(play, "POST /v1/organizations", "{\"name\":\"B\",\"created_by\":\"user_x\"}",
		      400, "organization_creator_not_found", "created_by");
	clerk_refused(play, "POST /v1/organizations",
		      "{\"name\":\"B\",\"created_at\":\"yesterday\"}", 422,
		      "form_param_invalid_time", "created_at");
	clerk_refused(play, "POST /v1/organizations",
		      "{\"name\":\"B\",\"max_allowed_memberships\":-1}", 422,
		      "form_param_value_invalid", "max_allowed_memberships");
	clerk_refused(play, of("PATCH", org, ""), "{\"nickname\":\"x\"}", 422, "form_param_unknown",
		      "nickname");
	clerk_refused(play, "GET /v1/organizations?order_by=size", NULL, 422,
		      "form_param_value_invalid", "order_by");
	clerk_refused(play, "GET /v1/organizations?limit=501", NULL, 422,
		      "form_param_value_too_large", "limit");
	clerk_switch(play, "organization_slugs", "off");
	clerk_refused(play, of("PATCH", org, ""), "{\"slug\":\"x\"}", 422, "form_param_unknown",
		      "slug");
	play->extra[1] = "2026-05-12";
	clerk_refused(play, of("PATCH", org, ""), "{\"public_metadata\":{}}", 422,
		      "form_param_unknown", "public_metadata");
	clerk_switch(play, "organization_quota", "5");
	for (int i = 1; i < 5; i++) {
		made(play, "POST /v1/organizations", "{\"name\":\"More\"}", NULL);
	}
	clerk_refused(play, "POST /v1/organizations", "{\"name\":\"More\"}", 403,
		      "organization_quota_exceeded", NULL);
	clerk_switch(play, "organizations", "off");
	clerk_refused(play, "GET /v1/organizations", NULL, 403,
		      "organization_not_enabled_in_instance", NULL);
	clerk_refused(play, "GET /v1/organization_roles", NULL, 403,
		      "organization_not_enabled_in_instance", NULL);
}

static void test_memberships(void **state)
{
	struct play *play = *state;
	char org[ID_SIZE];
	char other[ID_SIZE];
	char ada[ID_SIZE];
	char bob[ID_SIZE];

	made_user(play, "ada", ada);
	made_user(play, "bob", bob);
	/* Whoever creates it is its administrator. */
	made(play, "POST /v1/organizations",
	     body_of("{\"name\":\"Acme\",\"created_by\":\"%s\"}", ada), org);
	assert_string_equal(play_text(play, "created_by"), ada);
	made(play, "POST /v1/organizations", "{\"name\":\"Other\"}", other);
	made(play, of("POST", org, "/memberships"),
	     body_of("{\"user_id\":\"%s\",\"role\":\"org:member\",\"public_metadata\":{\"a\":1}}",
		     bob),
	     NULL);
	assert_string_equal(play_text(play, "object"), "organization_membership");
	assert_string_equal(play_text(play, "role"), "org:member");
	assert_string_equal(play_text(play, "role_name"), "Member");
	assert_string_equal(clerk_path_text(play, "permissions.0"), "org:sys_memberships:read");
	assert_string_equal(clerk_path_text(play, "organization.id"), org);
	assert_string_equal(clerk_path_text(play, "public_user_data.identifier"), "bob@shop.dev");
	made(play, of("POST", other, "/memberships"),
	     body_of("{\"user_id\":\"%s\",\"role\":\"org:admin\"}", bob), NULL);
	lists(play, of("GET", org, "/memberships?order_by=%2Bcreated_at"), 2, 2);
	assert_string_equal(clerk_path_text(play, "data.0.role"), "org:admin");
	assert_string_equal(clerk_path_text(play, "data.0.public_user_data.user_id"), ada);
	lists(play, of("GET", org, "/memberships?order_by=-email_address&limit=1"), 2, 1);
	assert_string_equal(clerk_path_text(play, "data.0.public_user_data.user_id"), bob);
	lists(play, of("GET", org, "/memberships?role=org:member"), 1, 1);
	lists(play, of("GET", org, "/memberships?role=org:nobody"), 0, 0);
	lists(play, of("GET", org, "/memberships?query=ADA"), 1, 1);
	lists(play, "GET /v1/organization_memberships?limit=2", 3, 2);
	lists(play, body_of("GET /v1/users/%s/organization_memberships", bob), 2, 2);
	lists(play, body_of("GET /v1/organizations?user_id=%s", ada), 1, 1);
	lists(play, body_of("GET /v1/organizations?user_id=-%s&order_by=members_count", ada), 1, 1);
	assert_int_equal(clerk_count(play, body_of("organization_id=%s", org)), 2);
	assert_int_equal(clerk_count(play, body_of("organization_id=%s", other)), 1);
	made(play, of("PATCH", org, body_of("/memberships/%s", bob)), "{\"role\":\"org:admin\"}",
	     NULL);
	assert_string_equal(play_text(play, "role"), "org:admin");
	made(play, of("PATCH", org, body_of("/memberships/%s/metadata", bob)),
	     "{\"public_metadata\":{\"b\":2}}", NULL);
	assert_int_equal(json_object_size(clerk_path(play, "public_metadata")), 2);
	made(play, of("DELETE", org, body_of("/memberships/%s", ada)), NULL, NULL);
	lists(play, of("GET", org, "/memberships"), 1, 1);
	/* A person takes the memberships along, an organization its own. */
	made(play, body_of("DELETE /v1/users/%s", bob), NULL, NULL);
	lists(play, "GET /v1/organization_memberships", 0, 0);
	made(play, of("POST", other, "/memberships"),
	     body_of("{\"user_id\":\"%s\",\"role\":\"org:admin\"}", ada), NULL);
	made(play, of("DELETE", other, ""), NULL, NULL);
	lists(play, "GET /v1/organization_memberships", 0, 0);
	assert_int_equal(play->tenant.figures.mails, 0);
}

static void test_membership_refusals(void **state)
{
	struct play *play = *state;
	char org[ID_SIZE];
	char ada[ID_SIZE];
	char bob[ID_SIZE];
	char line[256];

	made_user(play, "ada", ada);
	made_user(play, "bob", bob);
	made(play, "POST /v1/organizations",
	     body_of("{\"name\":\"Acme\",\"created_by\":\"%s\",\"max_allowed_memberships\":1}",
		     ada),
	     org);
	(void)snprintf(line, sizeof(line), "%s", of("POST", org, "/memberships"));
	clerk_refused(play, line, "{\"role\":\"org:member\"}", 422, "form_param_missing",
		      "user_id");
	clerk_refused(play, line, "{\"user_id\":\"user_x\",\"role\":\"org:member\"}", 404,
		      "resource_not_found", "user_id");
	clerk_refused(play, line, body_of("{\"user_id\":\"%s\",\"role\":\"org:boss\"}", bob), 404,
		      "resource_not_found", "role");
	clerk_refused(play, line, body_of("{\"user_id\":\"%s\",\"role\":\"org:member\"}", ada), 422,
		      "form_already_exists", "user_id");
	clerk_refused(play, line, body_of("{\"user_id\":\"%s\",\"role\":\"org:member\"}", bob), 403,
		      "organization_membership_quota_exceeded", NULL);
	clerk_refused(play, of("POST", "org_x", "/memberships"), "{}", 404, "resource_not_found",
		      NULL);
	clerk_refused(play, of("PATCH", org, "/memberships/user_x"), "{\"role\":\"org:admin\"}",
		      404, "resource_not_found", NULL);
	clerk_refused(play, of("PATCH", org, body_of("/memberships/%s", ada)),
		      "{\"role\":\"org:boss\"}", 404, "resource_not_found", "role");
}

/* Ids of a permission and a role with it. */
static void made_role(struct play *play, char permission[ID_SIZE], char role[ID_SIZE])
{
	made(play, "POST /v1/organization_permissions",
	     "{\"name\":\"Read invoices\",\"key\":\"org:invoices:read\",\"description\":\"All\"}",
	     permission);
	assert_string_equal(play_text(play, "type"), "user");
	made(play, "POST /v1/organization_roles",
	     body_of("{\"name\":\"Billing\",\"key\":\"org:billing\",\"permissions\":[\"%s\"]}",
		     permission),
	     role);
	assert_string_equal(clerk_path_text(play, "permissions.0.key"), "org:invoices:read");
}

static void test_roles(void **state)
{
	struct play *play = *state;
	char permission[ID_SIZE];
	char role[ID_SIZE];
	char org[ID_SIZE];
	char ada[ID_SIZE];

	lists(play, "GET /v1/organization_roles?order_by=key", 2, 2);
	assert_string_equal(clerk_path_text(play, "data.0.key"), "org:admin");
	assert_int_equal(json_array_size(clerk_path(play, "data.0.permissions")), 8);
	lists(play, "GET /v1/organization_permissions?query=sys_", 8, 8);
	made_role(play, permission, role);
	made(play, body_of("GET /v1/organization_permissions/%s", permission), NULL, NULL);
	made_user(play, "ada", ada);
	made(play, "POST /v1/organizations", "{\"name\":\"Acme\"}", org);
	made(play, of("POST", org, "/memberships"),
	     body_of("{\"user_id\":\"%s\",\"role\":\"org:billing\"}", ada), NULL);
	/* A member follows the role when its key changes, and keeps it from being deleted. */
	made(play, body_of("PATCH /v1/organization_roles/%s", role),
	     "{\"key\":\"org:accounts\",\"description\":\"\"}", NULL);
	lists(play, of("GET", org, "/memberships"), 1, 1);
	assert_string_equal(clerk_path_text(play, "data.0.role"), "org:accounts");
	assert_string_equal(clerk_path_text(play, "data.0.permissions.0"), "org:invoices:read");
	clerk_refused(play, body_of("DELETE /v1/organization_roles/%s", role), NULL, 422,
		      "form_param_value_invalid", "id");
	made(play, of("DELETE", org, ""), NULL, NULL);
	made(play, body_of("DELETE /v1/organization_roles/%s/permissions/%s", role, permission),
	     NULL, NULL);
	assert_int_equal(json_array_size(clerk_path(play, "permissions")), 0);
	made(play, body_of("POST /v1/organization_roles/%s/permissions/%s", role, permission), "",
	     NULL);
	clerk_refused(play,
		      body_of("POST /v1/organization_roles/%s/permissions/%s", role, permission),
		      NULL, 409, "conflict", NULL);
	made(play, body_of("PATCH /v1/organization_permissions/%s", permission),
	     "{\"name\":\"See invoices\"}", NULL);
	made(play, body_of("DELETE /v1/organization_permissions/%s", permission), NULL, NULL);
	made(play, body_of("GET /v1/organization_roles/%s", role), NULL, NULL);
	assert_int_equal(json_array_size(clerk_path(play, "permissions")), 0);
	made(play, body_of("DELETE /v1/organization_roles/%s", role), NULL, NULL);
	lists(play, "GET /v1/organization_roles", 2, 2);
}

static void test_role_refusals(void **state)
{
	struct play *play = *state;
	char permission[ID_SIZE];
	char role[ID_SIZE];
	char line[256];

	made_role(play, permission, role);
	clerk_refused(play, "POST /v1/organization_roles",
		      "{\"name\":\"B\",\"key\":\"org:billing\"}", 422, "form_already_exists",
		      "key");
	clerk_refused(play, "POST /v1/organization_roles", "{\"name\":\"B\",\"key\":\"boss\"}", 422,
		      "form_param_format_invalid", "key");
	clerk_refused(play, "POST /v1/organization_roles",
		      "{\"name\":\"B\",\"key\":\"org:b\",\"permissions\":[\"perm_x\"]}", 404,
		      "resource_not_found", "permissions");
	clerk_refused(play, "POST /v1/organization_permissions",
		      "{\"name\":\"B\",\"key\":\"org:invoices:read\"}", 422, "form_already_exists",
		      "key");
	clerk_refused(play, "POST /v1/organization_permissions",
		      "{\"name\":\"B\",\"key\":\"org:sys_x:read\"}", 422,
		      "form_param_format_invalid", "key");
	clerk_refused(play, "GET /v1/organization_roles/role_x", NULL, 404, "resource_not_found",
		      NULL);
	lists(play, "GET /v1/organization_roles?query=org:admin", 1, 1);
	(void)snprintf(line, sizeof(line), "DELETE /v1/organization_roles/%s",
		       clerk_path_text(play, "data.0.id"));
	clerk_refused(play, line, NULL, 403, "resource_forbidden", NULL);
	lists(play, "GET /v1/organization_permissions?query=sys_profile:manage", 1, 1);
	(void)snprintf(line, sizeof(line), "DELETE /v1/organization_permissions/%s",
		       clerk_path_text(play, "data.0.id"));
	clerk_refused(play, line, NULL, 403, "resource_forbidden", NULL);
	clerk_switch(play, "roles_plan", "off");
	clerk_refused(play, "POST /v1/organization_roles", "{\"name\":\"B\",\"key\":\"org:b\"}",
		      402, "unsupported_subscription_plan_features", NULL);
}

static void test_domains(void **state)
{
	struct play *play = *state;
	char acme[ID_SIZE];
	char other[ID_SIZE];
	char domain[ID_SIZE];
	char line[256];

	made(play, "POST /v1/organizations", "{\"name\":\"Acme\"}", acme);
	made(play, "POST /v1/organizations", "{\"name\":\"Other\"}", other);
	made(play, of("POST", acme, "/domains"),
	     "{\"name\":\"Acme.dev\",\"enrollment_mode\":\"automatic_suggestion\"}", domain);
	assert_string_equal(play_text(play, "name"), "acme.dev");
	assert_string_equal(clerk_path_text(play, "verification.status"), "verified");
	(void)snprintf(line, sizeof(line), "%s", of("POST", other, "/domains"));
	clerk_refused(play, line, "{\"name\":\"acme.dev\"}", 422,
		      "organization_domain_already_exists", "name");
	clerk_refused(play, line, "{\"name\":\"gmail.com\"}", 422, "organization_domain_common",
		      "name");
	clerk_refused(play, line, "{\"name\":\"acme\"}", 422, "form_param_format_invalid", "name");
	clerk_refused(play, line, "{\"name\":\"o.dev\",\"enrollment_mode\":\"any\"}", 422,
		      "form_param_value_invalid", "enrollment_mode");
	/* Unverified, two may have it. */
	made(play, line, "{\"name\":\"both.dev\",\"verified\":false}", NULL);
	assert_true(json_is_null(clerk_path(play, "verification")));
	made(play, of("POST", acme, "/domains"), "{\"name\":\"both.dev\",\"verified\":false}",
	     NULL);
	clerk_refused(play, line, "{\"name\":\"both.dev\",\"verified\":false}", 422,
		      "organization_domain_already_exists", "name");
	lists(play, "GET /v1/organization_domains", 3, 3);
	lists(play, "GET /v1/organization_domains?verified=false", 2, 2);
	lists(play, body_of("GET /v1/organization_domains?organization_id=%s", other), 1, 1);
	lists(play, "GET /v1/organization_domains?domains=acme.dev", 1, 1);
	lists(play, of("GET", acme, "/domains"), 2, 2);
	made(play, of("PATCH", acme, body_of("/domains/%s", domain)),
	     "{\"enrollment_mode\":\"manual_invitation\"}", NULL);
	assert_string_equal(play_text(play, "enrollment_mode"), "manual_invitation");
	clerk_refused(play, of("DELETE", other, body_of("/domains/%s", domain)), NULL, 404,
		      "resource_not_found", NULL);
	made(play, of("DELETE", acme, body_of("/domains/%s", domain)), NULL, NULL);
	made(play, line, "{\"name\":\"acme.dev\"}", NULL);
	made(play, of("DELETE", other, ""), NULL, NULL);
	lists(play, "GET /v1/organization_domains", 1, 1);
	clerk_switch(play, "organization_domains", "off");
	clerk_refused(play, "GET /v1/organization_domains", NULL, 403, "feature_not_enabled", NULL);
}

static void test_invitations_to_organizations(void **state)
{
	struct play *play = *state;
	char org[ID_SIZE];
	char ada[ID_SIZE];
	char invitation[ID_SIZE];
	char line[256];

	made_user(play, "ada", ada);
	made(play, "POST /v1/organizations",
	     body_of("{\"name\":\"Acme\",\"created_by\":\"%s\"}", ada), org);
	(void)snprintf(line, sizeof(line), "%s", of("POST", org, "/invitations"));
	made(play, line,
	     body_of("{\"email_address\":\"new@shop.dev\",\"role\":\"org:member\",\"notify\":false,"
		     "\"inviter_user_id\":\"%s\",\"private_metadata\":{\"a\":1}}",
		     ada),
	     invitation);
	assert_string_equal(play_text(play, "status"), "pending");
	assert_string_equal(play_text(play, "role"), "org:member");
	assert_string_equal(play_text(play, "organization_id"), org);
	assert_int_equal(play->tenant.figures.mails, 0);
	clerk_refused(play, line, "{\"email_address\":\"NEW@shop.dev\",\"role\":\"org:member\"}",
		      400, "organization_invitation_not_unique", "email_address");
	clerk_refused(play, line, "{\"email_address\":\"ada@shop.dev\",\"role\":\"org:member\"}",
		      422, "form_already_exists", "email_address");
	clerk_refused(play, line, "{\"email_address\":\"x\",\"role\":\"org:member\"}", 422,
		      "form_param_format_invalid", "email_address");
	clerk_refused(play, line, "{\"email_address\":\"b@shop.dev\",\"role\":\"org:boss\"}", 404,
		      "resource_not_found", "role");
	clerk_refused(play, line,
		      "{\"email_address\":\"b@shop.dev\",\"role\":\"org:member\","
		      "\"expires_in_days\":366}",
		      422, "form_param_value_invalid", "expires_in_days");
	clerk_refused(play, line,
		      "{\"email_address\":\"b@shop.dev\",\"role\":\"org:member\","
		      "\"inviter_user_id\":\"user_x\"}",
		      403, "authorization_invalid", "inviter_user_id");
	assert_int_equal(play->tenant.figures.mails, 0);
	/* Without notify:false a mail would have gone out. */
	made(play, line, "{\"email_address\":\"b@shop.dev\",\"role\":\"org:admin\"}", NULL);
	assert_int_equal(play->tenant.figures.mails, 1);
	lists(play, of("GET", org, "/invitations?status=pending"), 2, 2);
	lists(play, "GET /v1/organization_invitations?query=new@", 1, 1);
	made(play, of("GET", org, body_of("/invitations/%s", invitation)), NULL, NULL);
	made(play, of("POST", org, body_of("/invitations/%s/revoke", invitation)), "{}", NULL);
	assert_string_equal(play_text(play, "status"), "revoked");
	clerk_refused(play, of("POST", org, body_of("/invitations/%s/revoke", invitation)), "{}",
		      400, "bad_request", NULL);
	lists(play, of("GET", org, "/invitations?status=revoked"), 1, 1);
	play->stage.advance_us += 31 * 24 * 3600 * RH_SECOND;
	lists(play, of("GET", org, "/invitations?status=expired"), 1, 1);
	/* An expired one is in nobody's way. */
	made(play, line,
	     "{\"email_address\":\"b@shop.dev\",\"role\":\"org:admin\",\"notify\":false}", NULL);
	made(play, of("DELETE", org, ""), NULL, NULL);
	lists(play, "GET /v1/organization_invitations", 0, 0);
}

static void test_invitations_to_the_application(void **state)
{
	struct play *play = *state;
	char ada[ID_SIZE];
	char invitation[ID_SIZE];

	made_user(play, "ada", ada);
	made(play, "POST /v1/invitations",
	     "{\"email_address\":\"new@shop.dev\",\"notify\":false,\"public_metadata\":{\"a\":1}}",
	     invitation);
	assert_string_equal(play_text(play, "object"), "invitation");
	clerk_refused(play, "POST /v1/invitations", "{\"email_address\":\"new@shop.dev\"}", 400,
		      "duplicate_record", "email_address");
	clerk_refused(play, "POST /v1/invitations", "{\"email_address\":\"ada@shop.dev\"}", 422,
		      "form_identifier_exists", "email_address");
	clerk_refused(play, "POST /v1/invitations", "{\"email_address\":\"b@shop.dev\",\"x\":1}",
		      422, "form_param_unknown", "x");
	made(play, "POST /v1/invitations",
	     "{\"email_address\":\"ada@shop.dev\",\"ignore_existing\":true,\"notify\":false}",
	     NULL);
	assert_int_equal(play->tenant.figures.mails, 0);
	assert_int_equal(play_ask(play, "GET /v1/invitations", NULL), 200);
	assert_int_equal(json_array_size(play->answer), 2);
	lists(play, "GET /v1/invitations?paginated=true", 2, 2);
	made(play, body_of("POST /v1/invitations/%s/revoke", invitation), "{}", NULL);
	clerk_true(play, "revoked");
	assert_int_equal(play_ask(play, "GET /v1/invitations", NULL), 200);
	assert_int_equal(json_array_size(play->answer), 1);
	clerk_refused(play, "POST /v1/invitations/inv_x/revoke", "{}", 404, "resource_not_found",
		      NULL);
}

static void test_settings(void **state)
{
	struct play *play = *state;

	clerk_switch(play, "organization_members", "5");
	made(play, "GET /v1/instance/organization_settings", NULL, NULL);
	clerk_true(play, "enabled domains_enabled admin_delete_enabled");
	assert_int_equal(clerk_number(play, "max_allowed_memberships"), 5);
	assert_string_equal(play_text(play, "creator_role"), "org:admin");
	made(play, "POST /v1/organizations", "{\"name\":\"Acme\"}", NULL);
	assert_int_equal(clerk_number(play, "max_allowed_memberships"), 5);
	clerk_switch(play, "organizations", "off");
	made(play, "GET /v1/instance/organization_settings", NULL, NULL);
	assert_true(json_is_false(json_object_get(play->answer, "enabled")));
}

/* Ten changes of one organization in ten seconds, and so many invitations in an hour. */
static void test_limits(void **state)
{
	struct play *play = *state;
	char org[ID_SIZE];
	char other[ID_SIZE];

	play->key = "sk_live_rehearsal";
	made(play, "POST /v1/organizations", "{\"name\":\"Acme\"}", org);
	made(play, "POST /v1/organizations", "{\"name\":\"Other\"}", other);
	for (int i = 0; i < 10; i++) {
		made(play, of("PATCH", org, i % 2 == 0 ? "" : "/metadata"), "{}", NULL);
	}
	clerk_refused(play, of("PATCH", org, ""), "{}", 429, "too_many_requests", NULL);
	assert_string_equal(play_header(play, "Retry-After"), "10");
	made(play, of("PATCH", other, ""), "{}", NULL);
	for (int i = 0; i < 100; i++) {
		made(play, "POST /v1/invitations",
		     body_of("{\"email_address\":\"p%d@shop.dev\",\"notify\":false}", i), NULL);
	}
	clerk_refused(play, "POST /v1/invitations", "{\"email_address\":\"x@shop.dev\"}", 429,
		      "too_many_requests", NULL);
	assert_string_equal(play_header(play, "Retry-After"), "3600");
	for (int i = 0; i < 250; i++) {
		made(play, of("POST", i % 2 == 0 ? org : other, "/invitations"),
		     body_of("{\"email_address\":\"p%d@shop.dev\",\"role\":\"org:member\","
			     "\"notify\":false}",
			     i),
		     NULL);
	}
	clerk_refused(play, of("POST", org, "/invitations"), "{}", 429, "too_many_requests", NULL);
	assert_int_equal(play->tenant.figures.mails, 0);
}

/* Asks to fill; returns the status. */
static unsigned fill(struct play *play, const char *body)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "POST /_rehearsal/fill?token=%s", play->stage.token);
	return play_ask(play, line, body);
}

/* People of the first page of memberships, with their organizations, into text. */
static void memberships_of(struct play *play, char *text, size_t size)
{
	size_t i;
	json_t *membership;

	text[0] = '\0';
	lists(play, "GET /v1/organization_memberships?limit=100&order_by=%2Bcreated_at", 80, 80);
	json_array_foreach(json_object_get(play->answer, "data"), i, membership)
	{
		json_t *person = json_object_get(membership, "public_user_data");
		json_t *organization = json_object_get(membership, "organization");

		(void)snprintf(text + strlen(text), size - strlen(text), "%s %s %s;",
			       json_string_value(json_object_get(person, "identifier")),
			       json_string_value(json_object_get(organization, "slug")),
			       json_string_value(json_object_get(membership, "role")));
	}
}

/* A whole tenant: as many as asked for, nobody twice in one organization, the same again from the same seed. */
static void test_fill(void **state)
{
	static const char wish[] =
		"{\"users\":50,\"organizations\":14,\"memberships\":80,\"roles\":3,"
		"\"invitations\":5,\"domains\":4,\"factors\":10,\"seed\":7}";
	struct play *play = *state;
	static char before[16384];
	static char after[16384];
	size_t count = 0;
	size_t i;
	json_t *object;

	assert_int_equal(fill(play, wish), 200);
	assert_int_equal(clerk_number(play, "memberships"), 80);
	memberships_of(play, before, sizeof(before));
	assert_int_equal(fill(play, wish), 409); /* the same names again */
	assert_int_equal(play_ask(play, "GET /v1/users?limit=500", NULL), 200);
	assert_int_equal(json_array_size(play->answer), 50);
	json_array_foreach(play->answer, i, object)
	{
		count += json_is_true(json_object_get(object, "totp_enabled"));
	}
	assert_int_equal(count, 10);
	lists(play,
	      "GET /v1/organizations?include_members_count=true&limit=100&order_by=members_count",
	      14, 14);
	json_array_foreach(json_object_get(play->answer, "data"), i, object)
	{
		/* One in seven is empty. */
		assert_int_equal(json_integer_value(json_object_get(object, "members_count")) == 0,
				 i < 2);
	}
	lists(play, "GET /v1/organization_roles?query=role_", 3, 3);
	assert_string_equal(clerk_path_text(play, "data.2.permissions.0.key"),
			    "org:feature_0:read");
	lists(play, "GET /v1/organization_invitations?status=pending", 5, 5);
	lists(play, "GET /v1/organization_domains", 4, 4);
	assert_int_equal(play->tenant.figures.mails, 0);
	for (size_t s = 0; s < play->tenant.imitation->schema_count; s++) {
		rh_store_clear(play->tenant.environments[0].stores[s]);
	}
	assert_int_equal(fill(play, wish), 200);
	memberships_of(play, after, sizeof(after));
	assert_string_equal(before, after);
	/* What has no place. */
	assert_int_equal(fill(play, "{\"users\":4,\"organizations\":1,\"memberships\":4}"), 422);
	assert_int_equal(fill(play, "{\"users\":4,\"factors\":5}"), 422);
	assert_int_equal(fill(play, "{\"users\":-1}"), 422);
	assert_int_equal(fill(play, "{\"domains\":1}"), 422);
	assert_int_equal(fill(play, "{\"users\":1,\"environment\":\"staging\"}"), 404);
	assert_int_equal(fill(play, "{\"users\":3,\"environment\":\"live\"}"), 200);
	play->key = "sk_live_rehearsal";
	assert_int_equal(clerk_count(play, ""), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_organizations, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_organization_refusals, clerk_setup,
						clerk_teardown),
		cmocka_unit_test_setup_teardown(test_memberships, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_membership_refusals, clerk_setup,
						clerk_teardown),
		cmocka_unit_test_setup_teardown(test_roles, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_role_refusals, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_domains, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_invitations_to_organizations, clerk_setup,
						clerk_teardown),
		cmocka_unit_test_setup_teardown(test_invitations_to_the_application, clerk_setup,
						clerk_teardown),
		cmocka_unit_test_setup_teardown(test_fill, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_settings, clerk_setup, clerk_teardown),
		cmocka_unit_test_setup_teardown(test_limits, clerk_setup_limited, clerk_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
