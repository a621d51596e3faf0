/* SPDX-License-Identifier: Apache-2.0 */
/* Stores of what stands beside people at the rehearsed Clerk. */
#include "connectors/clerk/clerk_rehearse_tenant.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const organization_fields[] = {
	[CLERK_ORGANIZATION_ID] = "id",
	[CLERK_ORGANIZATION_NAME] = "name",
	[CLERK_ORGANIZATION_SLUG] = "slug",
	[CLERK_ORGANIZATION_CREATED_BY] = "created_by",
	[CLERK_ORGANIZATION_PUBLIC_METADATA] = "public_metadata",
	[CLERK_ORGANIZATION_PRIVATE_METADATA] = "private_metadata",
};

static const char *const organization_numbers[] = {
	[CLERK_CREATED_AT] = "created_at",
	[CLERK_UPDATED_AT] = "updated_at",
	[CLERK_ORGANIZATION_MAX_MEMBERS] = "max_allowed_memberships",
	[CLERK_ORGANIZATION_NO_DELETE] = "no_admin_delete",
};

static const struct rh_store_key organization_keys[] = {
	[CLERK_ORGANIZATION_BY_ID] = {.field = CLERK_ORGANIZATION_ID},
	[CLERK_ORGANIZATION_BY_SLUG] = {.field = CLERK_ORGANIZATION_SLUG},
};

const struct rh_schema clerk_organization_schema = {
	.kind = "organizations",
	.fields = organization_fields,
	.field_count = CLERK_ORGANIZATION_FIELDS,
	.numbers = organization_numbers,
	.number_count = CLERK_ORGANIZATION_NUMBERS,
	.keys = organization_keys,
	.key_count = COUNT(organization_keys),
};

static const char *const membership_fields[] = {
	[CLERK_MEMBERSHIP_ID] = "id",
	[CLERK_MEMBERSHIP_ORGANIZATION] = "organization_id",
	[CLERK_MEMBERSHIP_USER] = "user_id",
	[CLERK_MEMBERSHIP_ROLE] = "role_id",
	[CLERK_MEMBERSHIP_PAIR] = "pair",
	[CLERK_MEMBERSHIP_PUBLIC_METADATA] = "public_metadata",
	[CLERK_MEMBERSHIP_PRIVATE_METADATA] = "private_metadata",
};

static const char *const times[] = {
	[CLERK_CREATED_AT] = "created_at",
	[CLERK_UPDATED_AT] = "updated_at",
};

static const struct rh_store_key membership_keys[] = {
	[CLERK_MEMBERSHIP_BY_ID] = {.field = CLERK_MEMBERSHIP_ID},
	[CLERK_MEMBERSHIP_BY_PAIR] = {.field = CLERK_MEMBERSHIP_PAIR},
};

static const unsigned membership_groups[] = {
	[CLERK_MEMBERS_OF_ORGANIZATION] = CLERK_MEMBERSHIP_ORGANIZATION,
	[CLERK_MEMBERS_OF_USER] = CLERK_MEMBERSHIP_USER,
	[CLERK_MEMBERS_OF_ROLE] = CLERK_MEMBERSHIP_ROLE,
};

const struct rh_schema clerk_membership_schema = {
	.kind = "organization_memberships",
	.fields = membership_fields,
	.field_count = CLERK_MEMBERSHIP_FIELDS,
	.numbers = times,
	.number_count = COUNT(times),
	.keys = membership_keys,
	.key_count = COUNT(membership_keys),
	.groups = membership_groups,
	.group_count = COUNT(membership_groups),
};

static const char *const role_fields[] = {
	[CLERK_ROLE_ID] = "id",
	[CLERK_ROLE_NAME] = "name",
	[CLERK_ROLE_KEY] = "key",
	[CLERK_ROLE_DESCRIPTION] = "description",
	[CLERK_ROLE_PERMISSIONS] = "permission_ids",
};

static const char *const role_numbers[] = {
	[CLERK_CREATED_AT] = "created_at",
	[CLERK_UPDATED_AT] = "updated_at",
	[CLERK_ROLE_IS_SYSTEM] = "is_system",
};

static const struct rh_store_key role_keys[] = {
	[CLERK_ROLE_BY_ID] = {.field = CLERK_ROLE_ID},
	[CLERK_ROLE_BY_KEY] = {.field = CLERK_ROLE_KEY},
};

#define ROLE_SCHEMA(name, count)                                                                \
	{                                                                                       \
		.kind = (name), .fields = role_fields, .field_count = (count),                  \
		.numbers = role_numbers, .number_count = CLERK_ROLE_NUMBERS, .keys = role_keys, \
		.key_count = COUNT(role_keys),                                                  \
	}

const struct rh_schema clerk_role_schema = ROLE_SCHEMA("organization_roles", CLERK_ROLE_FIELDS);
const struct rh_schema clerk_permission_schema =
	ROLE_SCHEMA("organization_permissions", CLERK_PERMISSION_FIELDS);

static const char *const domain_fields[] = {
	[CLERK_DOMAIN_ID] = "id",     [CLERK_DOMAIN_ORGANIZATION] = "organization_id",
	[CLERK_DOMAIN_NAME] = "name", [CLERK_DOMAIN_MODE] = "enrollment_mode",
	[CLERK_DOMAIN_SEAT] = "seat",
};

static const char *const domain_numbers[] = {
	[CLERK_CREATED_AT] = "created_at",
	[CLERK_UPDATED_AT] = "updated_at",
	[CLERK_DOMAIN_IS_VERIFIED] = "is_verified",
};

static const struct rh_store_key domain_keys[] = {
	[CLERK_DOMAIN_BY_ID] = {.field = CLERK_DOMAIN_ID},
	[CLERK_DOMAIN_BY_SEAT] = {.field = CLERK_DOMAIN_SEAT, .ignores_case = true},
};

static const unsigned domain_groups[] = {[CLERK_OF_ORGANIZATION] = CLERK_DOMAIN_ORGANIZATION};

const struct rh_schema clerk_domain_schema = {
	.kind = "organization_domains",
	.fields = domain_fields,
	.field_count = CLERK_DOMAIN_FIELDS,
	.numbers = domain_numbers,
	.number_count = CLERK_DOMAIN_NUMBERS,
	.keys = domain_keys,
	.key_count = COUNT(domain_keys),
	.groups = domain_groups,
	.group_count = COUNT(domain_groups),
};

static const char *const invitation_fields[] = {
	[CLERK_INVITATION_ID] = "id",
	[CLERK_INVITATION_EMAIL] = "email_address",
	[CLERK_INVITATION_SEAT] = "seat",
	[CLERK_INVITATION_PUBLIC_METADATA] = "public_metadata",
	[CLERK_INVITATION_PRIVATE_METADATA] = "private_metadata",
	[CLERK_INVITATION_URL] = "url",
	[CLERK_INVITATION_ORGANIZATION] = "organization_id",
	[CLERK_INVITATION_ROLE] = "role_id",
	[CLERK_INVITATION_INVITER] = "inviter_id",
};

static const char *const invitation_numbers[] = {
	[CLERK_CREATED_AT] = "created_at",
	[CLERK_UPDATED_AT] = "updated_at",
	[CLERK_INVITATION_EXPIRES_AT] = "expires_at",
	[CLERK_INVITATION_IS_REVOKED] = "is_revoked",
};

static const struct rh_store_key invitation_keys[] = {
	[CLERK_INVITATION_BY_ID] = {.field = CLERK_INVITATION_ID},
	[CLERK_INVITATION_BY_SEAT] = {.field = CLERK_INVITATION_SEAT, .ignores_case = true},
};

static const unsigned invitation_groups[] = {[CLERK_OF_ORGANIZATION] =
						     CLERK_INVITATION_ORGANIZATION};

#define INVITATION_SCHEMA(name)                                                        \
	{                                                                              \
		.kind = (name), .fields = invitation_fields,                           \
		.field_count = CLERK_INVITATION_FIELDS, .numbers = invitation_numbers, \
		.number_count = CLERK_INVITATION_NUMBERS, .keys = invitation_keys,     \
		.key_count = COUNT(invitation_keys), .groups = invitation_groups,      \
		.group_count = COUNT(invitation_groups),                               \
	}

const struct rh_schema clerk_organization_invitation_schema =
	INVITATION_SCHEMA("organization_invitations");
const struct rh_schema clerk_invitation_schema = INVITATION_SCHEMA("invitations");
