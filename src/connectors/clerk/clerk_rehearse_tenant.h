/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands beside people at the rehearsed Clerk: organizations, memberships, roles and permissions, domains,
 * invitations.
 *
 * 1. A membership and an invitation name their role by its id, so that they follow it when its key changes.
 * 2. The system's permissions and the roles org:admin and org:member are there from the first call that asks for
 *    roles or permissions in any way; who resets the rehearsal gets new ones.
 * 3. What is removed takes with it what hangs on it: an organization its memberships, domains and invitations, a
 *    user its memberships.
 * 4. Mail is counted, never sent: one for each invitation that does not say notify:false.
 */
#ifndef CONNECTORS_CLERK_CLERK_REHEARSE_TENANT_H
#define CONNECTORS_CLERK_CLERK_REHEARSE_TENANT_H

#include "connectors/clerk/clerk_rehearse.h"

/* In all stores of this file alike. */
enum { CLERK_ID, CLERK_CREATED_AT = 0, CLERK_UPDATED_AT };

enum clerk_organization_field {
	CLERK_ORGANIZATION_ID,
	CLERK_ORGANIZATION_NAME,
	CLERK_ORGANIZATION_SLUG,
	CLERK_ORGANIZATION_CREATED_BY,
	CLERK_ORGANIZATION_PUBLIC_METADATA,
	CLERK_ORGANIZATION_PRIVATE_METADATA,
	CLERK_ORGANIZATION_FIELDS,
};

enum clerk_organization_number {
	CLERK_ORGANIZATION_MAX_MEMBERS = CLERK_UPDATED_AT + 1, /* 0: no limit */
	CLERK_ORGANIZATION_NO_DELETE,                          /* by its administrators */
	CLERK_ORGANIZATION_NUMBERS,
};

enum { CLERK_ORGANIZATION_BY_ID, CLERK_ORGANIZATION_BY_SLUG };

enum clerk_membership_field {
	CLERK_MEMBERSHIP_ID,
	CLERK_MEMBERSHIP_ORGANIZATION, /* ids */
	CLERK_MEMBERSHIP_USER,
	CLERK_MEMBERSHIP_ROLE,
	CLERK_MEMBERSHIP_PAIR, /* ids of organization and user, a blank between them */
	CLERK_MEMBERSHIP_PUBLIC_METADATA,
	CLERK_MEMBERSHIP_PRIVATE_METADATA,
	CLERK_MEMBERSHIP_FIELDS,
};

enum { CLERK_MEMBERSHIP_BY_ID, CLERK_MEMBERSHIP_BY_PAIR };
enum { CLERK_MEMBERS_OF_ORGANIZATION, CLERK_MEMBERS_OF_USER, CLERK_MEMBERS_OF_ROLE }; /* groups */

/* A permission has no permissions. */
enum clerk_role_field {
	CLERK_ROLE_ID,
	CLERK_ROLE_NAME,
	CLERK_ROLE_KEY,
	CLERK_ROLE_DESCRIPTION,
	CLERK_PERMISSION_FIELDS,
	CLERK_ROLE_PERMISSIONS = CLERK_PERMISSION_FIELDS, /* ids, a blank between them */
	CLERK_ROLE_FIELDS,
};

enum { CLERK_ROLE_IS_SYSTEM = CLERK_UPDATED_AT + 1, CLERK_ROLE_NUMBERS };
enum { CLERK_ROLE_BY_ID, CLERK_ROLE_BY_KEY };

enum clerk_domain_field {
	CLERK_DOMAIN_ID,
	CLERK_DOMAIN_ORGANIZATION,
	CLERK_DOMAIN_NAME,
	CLERK_DOMAIN_MODE, /* enrollment_mode */
	CLERK_DOMAIN_SEAT, /* the name where it is verified, else the organization's id and the name */
	CLERK_DOMAIN_FIELDS,
};

enum { CLERK_DOMAIN_IS_VERIFIED = CLERK_UPDATED_AT + 1, CLERK_DOMAIN_NUMBERS };
enum { CLERK_DOMAIN_BY_ID, CLERK_DOMAIN_BY_SEAT };

/* Of both kinds; an application's has no organization, role, inviter. */
enum clerk_invitation_field {
	CLERK_INVITATION_ID,
	CLERK_INVITATION_EMAIL,
	CLERK_INVITATION_SEAT, /* while it is pending: the organization's id and the address */
	CLERK_INVITATION_PUBLIC_METADATA,
	CLERK_INVITATION_PRIVATE_METADATA,
	CLERK_INVITATION_URL,
	CLERK_INVITATION_ORGANIZATION,
	CLERK_INVITATION_ROLE,
	CLERK_INVITATION_INVITER,
	CLERK_INVITATION_FIELDS,
};

enum {
	CLERK_INVITATION_EXPIRES_AT = CLERK_UPDATED_AT + 1,
	CLERK_INVITATION_IS_REVOKED,
	CLERK_INVITATION_NUMBERS,
};
enum { CLERK_INVITATION_BY_ID, CLERK_INVITATION_BY_SEAT };

enum { CLERK_OF_ORGANIZATION }; /* the group of domains and invitations */

/* clerk_rehearse_schemas.c */
extern const struct rh_schema clerk_organization_schema;
extern const struct rh_schema clerk_membership_schema;
extern const struct rh_schema clerk_role_schema;
extern const struct rh_schema clerk_permission_schema;
extern const struct rh_schema clerk_domain_schema;
extern const struct rh_schema clerk_organization_invitation_schema;
extern const struct rh_schema clerk_invitation_schema;

/* clerk_rehearse_page.c */
/* What a list may be ordered by: a number or a text of the object. */
struct clerk_order {
	const char *name;
	int64_t (*number)(const struct rh_call *call, const struct rh_object *object);
	struct rh_str (*text)(const struct rh_call *call, const struct rh_object *object);
};
struct clerk_page {
	enum clerk_tenant_store store;
	const struct clerk_order
		*orders; /* the last has no name; the first, and the usual one, is created_at */
	size_t group;
	struct rh_str of; /* the group's value; absent: all objects */
	bool (*passes)(const struct rh_call *call, const struct rh_object *object,
		       const void *wish); /* NULL: all of them */
	const void *wish;
	void (*write)(struct rh_call *call, struct rh_json_writer *writer,
		      const struct rh_object *object);
	bool is_array; /* a bare one */
};
/* The page that the query asks for, or why not. */
void clerk_answer_page(struct rh_call *call, const struct clerk_page *page);
int64_t clerk_created_at(const struct rh_call *call, const struct rh_object *object);
struct rh_str clerk_name_of(const struct rh_call *call,
			    const struct rh_object *object); /* field 1 */
extern const struct clerk_order clerk_order_usual[];         /* created_at alone */
/* Values of a repeated parameter, each perhaps behind a '+' or '-'. */
enum { CLERK_VALUES_MAX = 100 };
struct clerk_values {
	struct rh_str list[CLERK_VALUES_MAX];
	bool is_left_out[CLERK_VALUES_MAX];
	size_t count;
	size_t included;
};
void clerk_read_values(struct rh_call *call, const char *name, bool is_signed,
		       struct clerk_values *values, struct clerk_errors *errors);
/* Is the value among them (or are there none), and not left out? */
bool clerk_passes_values(const struct clerk_values *values, struct rh_str value);

/* clerk_rehearse_organizations.c */
void clerk_organization_create(struct rh_call *call);
void clerk_organization_list(struct rh_call *call);
void clerk_organization_get(struct rh_call *call);
void clerk_organization_update(struct rh_call *call);
void clerk_organization_delete(struct rh_call *call);
void clerk_organization_patch_metadata(struct rh_call *call);
void clerk_organization_put_metadata(struct rh_call *call);
/* 403 while organizations are switched off; false: it did refuse. */
bool clerk_has_organizations(struct rh_call *call);
/* The row of the organization whose id the path has; RH_ROW_NONE: the call holds the refusal. */
size_t clerk_organization_of_path(struct rh_call *call);
void clerk_write_organization(struct rh_call *call, struct rh_json_writer *writer,
			      const struct rh_object *organization);
/* Removes all objects of a group. */
void clerk_remove_group(struct rh_call *call, enum clerk_tenant_store which, size_t group,
			struct rh_str of);
/* Copies the object's fields out of the store, puts it there again with a new updated_at; false: no memory. */
bool clerk_save(struct rh_call *call, enum clerk_tenant_store which, size_t row,
		struct rh_object *object);
/* A new object with id and times into the store; false: no memory. */
bool clerk_add(struct rh_call *call, enum clerk_tenant_store which, const char *prefix,
	       struct rh_object *object);
/* public_metadata and private_metadata of a create (NULL: not given) into two fields; false: the call holds why not. */
bool clerk_take_both_metadata(struct rh_call *call, const struct rh_json_node *public_metadata,
			      const struct rh_json_node *private_metadata, struct rh_str *fields);

/* clerk_rehearse_members.c */
void clerk_membership_create(struct rh_call *call);
void clerk_membership_list(struct rh_call *call);
void clerk_membership_list_all(struct rh_call *call);
void clerk_membership_list_of_user(struct rh_call *call);
void clerk_membership_update(struct rh_call *call);
void clerk_membership_patch_metadata(struct rh_call *call);
void clerk_membership_delete(struct rh_call *call);
bool clerk_is_member(const struct rh_call *call, struct rh_str organization_id,
		     struct rh_str user_id);
/* Makes the membership, whose ids are right, and gives it an id; false: no memory. */
bool clerk_add_membership(struct rh_call *call, struct rh_object *membership);

/* clerk_rehearse_roles.c */
void clerk_role_list(struct rh_call *call);
void clerk_role_create(struct rh_call *call);
void clerk_role_get(struct rh_call *call);
void clerk_role_update(struct rh_call *call);
void clerk_role_delete(struct rh_call *call);
void clerk_role_assign(struct rh_call *call);
void clerk_role_withdraw(struct rh_call *call);
/* Rule 2; false: no memory. */
bool clerk_seed_roles(struct rh_call *call);
/* The id of the role with this key; absent: there is none. */
struct rh_str clerk_role_id(struct rh_call *call, struct rh_str key);
/* role, role_name, permissions of a membership; the first two of an invitation. */
void clerk_write_role_of(struct rh_call *call, struct rh_json_writer *writer, struct rh_str role_id,
			 bool with_permissions);

/* clerk_rehearse_permissions.c */
void clerk_permission_list(struct rh_call *call);
void clerk_permission_create(struct rh_call *call);
void clerk_permission_get(struct rh_call *call);
void clerk_permission_update(struct rh_call *call);
void clerk_permission_delete(struct rh_call *call);
void clerk_write_permission(struct rh_call *call, struct rh_json_writer *writer,
			    const struct rh_object *permission);

/* clerk_rehearse_domains.c */
void clerk_organization_domain_create(struct rh_call *call);
void clerk_organization_domain_list(struct rh_call *call);
void clerk_organization_domain_list_all(struct rh_call *call);
void clerk_organization_domain_update(struct rh_call *call);
void clerk_organization_domain_delete(struct rh_call *call);

/* clerk_rehearse_invitations.c */
void clerk_organization_invitation_create(struct rh_call *call);
void clerk_organization_invitation_list(struct rh_call *call);
void clerk_organization_invitation_list_all(struct rh_call *call);
void clerk_organization_invitation_get(struct rh_call *call);
void clerk_organization_invitation_revoke(struct rh_call *call);
void clerk_invitation_create(struct rh_call *call);
void clerk_invitation_list(struct rh_call *call);
void clerk_invitation_revoke(struct rh_call *call);
/* Of the organization: those that are pending. */
size_t clerk_pending_invitations(const struct rh_call *call, struct rh_str organization_id);

/* clerk_rehearse_settings.c */
void clerk_organization_settings_get(struct rh_call *call);

/* clerk_rehearse_fill.c */
struct rh_filling;
extern const struct rh_filling clerk_filling;

#endif
