/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up tenant in the rehearsed Clerk: what rehearsal/fill.h describes, put into the stores. */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse_tenant.h"
#include "rehearsal/fill.h"

enum { INVITED_FOR = 30 * 24 * 3600 }; /* seconds */

/* The id of the n-th object of a kind. */
static struct rh_str id_of(struct rh_call *call, unsigned store, size_t first, uint64_t number)
{
	struct rh_object object;

	rh_store_get(clerk_store(call, store), first + (size_t)number, &object);
	return object.fields[CLERK_ID];
}

static bool add(struct rh_call *call, enum clerk_tenant_store store, const char *prefix,
		const struct rh_fill_item *item, struct rh_object *object, size_t *out_row)
{
	object->fields[CLERK_ID] = rh_call_new_id(call, prefix);
	object->numbers[CLERK_CREATED_AT] = item->created_at;
	object->numbers[CLERK_UPDATED_AT] = item->created_at;
	return object->fields[CLERK_ID].ptr != NULL &&
	       rh_store_add(clerk_store(call, store), object, out_row) == RH_OK;
}

static bool make_keyed(struct rh_call *call, enum clerk_tenant_store store, const char *prefix,
		       const struct rh_fill_item *item, struct rh_str permissions, size_t *out_row)
{
	struct rh_object object = {0};

	object.fields[CLERK_ROLE_KEY] =
		rh_arena_printf(&call->arena, "org:%.*s", RH_STR_ARG(item->key));
	object.fields[CLERK_ROLE_NAME] = item->name;
	if (store == CLERK_ROLES) {
		object.fields[CLERK_ROLE_PERMISSIONS] = permissions;
	}
	return clerk_seed_roles(call) && add(call, store, prefix, item, &object, out_row);
}

static bool make_permission(struct rh_call *call, const struct rh_fill_item *item,
			    const size_t rows[RH_FILL_KINDS], size_t *out_row)
{
	(void)rows;
	return make_keyed(call, CLERK_PERMISSIONS, "perm_", item, RH_STR_ABSENT, out_row);
}

static bool make_role(struct rh_call *call, const struct rh_fill_item *item,
		      const size_t rows[RH_FILL_KINDS], size_t *out_row)
{
	struct rh_str permission =
		id_of(call, CLERK_PERMISSIONS, rows[RH_FILL_PERMISSIONS], item->permission);

	return make_keyed(call, CLERK_ROLES, "role_", item, permission, out_row);
}

static bool make_organization(struct rh_call *call, const struct rh_fill_item *item,
			      const size_t rows[RH_FILL_KINDS], size_t *out_row)
{
	struct rh_object object = {0};

	(void)rows;
	object.fields[CLERK_ORGANIZATION_NAME] = item->name;
	object.fields[CLERK_ORGANIZATION_SLUG] = item->key;
	object.fields[CLERK_ORGANIZATION_PUBLIC_METADATA] =
		rh_arena_printf(&call->arena, "{\"number\":%llu}",
				(unsigned long long)item->number);
	return add(call, CLERK_ORGANIZATIONS, "org_", item, &object, out_row);
}

static bool make_user(struct rh_call *call, const struct rh_fill_item *item,
		      const size_t rows[RH_FILL_KINDS], size_t *out_row)
{
	struct clerk_new_idn email = {.value = item->address, .state = CLERK_IDN_VERIFIED};
	struct rh_object user = {0};
	struct rh_object idn;

	(void)rows;
	user.fields[CLERK_USER_ID] = rh_call_new_id(call, "user_");
	user.fields[CLERK_USER_FIRST_NAME] = item->name;
	user.fields[CLERK_USER_LAST_NAME] = item->family;
	user.fields[CLERK_USER_TOTP] = item->totp;
	user.fields[CLERK_USER_PUBLIC_METADATA] = rh_arena_printf(&call->arena, "{\"number\":%llu}",
								  (unsigned long long)item->number);
	if (item->has_password) {
		user.fields[CLERK_USER_DIGEST] = RH_STR(RH_FILL_DIGEST);
		user.fields[CLERK_USER_HASHER] = RH_STR("bcrypt");
		user.numbers[CLERK_USER_PASSWORD_AT] = item->created_at;
	}
	user.numbers[CLERK_USER_CREATED_AT] = item->created_at;
	user.numbers[CLERK_USER_UPDATED_AT] = item->created_at;
	user.numbers[CLERK_USER_MFA_ENABLED_AT] = item->totp.ptr != NULL ? item->created_at : 0;
	return user.fields[CLERK_USER_ID].ptr != NULL &&
	       clerk_idn_add(call, CLERK_EMAILS, &email, &user, &idn) &&
	       rh_store_add(clerk_store(call, CLERK_USERS), &user, out_row) == RH_OK;
}

static struct rh_str role_of(struct rh_call *call, const struct rh_fill_item *item,
			     const size_t rows[RH_FILL_KINDS])
{
	return item->role == RH_FILL_NONE
		       ? clerk_role_id(call, RH_STR("org:member"))
		       : id_of(call, CLERK_ROLES, rows[RH_FILL_ROLES], item->role);
}

static bool make_membership(struct rh_call *call, const struct rh_fill_item *item,
			    const size_t rows[RH_FILL_KINDS], size_t *out_row)
{
	struct rh_object object = {0};
	struct rh_str organization =
		id_of(call, CLERK_ORGANIZATIONS, rows[RH_FILL_ORGANIZATIONS], item->organization);
	struct rh_str user = id_of(call, CLERK_USERS, rows[RH_FILL_USERS], item->user);

	object.fields[CLERK_MEMBERSHIP_ORGANIZATION] = organization;
	object.fields[CLERK_MEMBERSHIP_USER] = user;
	object.fields[CLERK_MEMBERSHIP_ROLE] = role_of(call, item, rows);
	object.fields[CLERK_MEMBERSHIP_PAIR] =
		rh_arena_printf(&call->arena, "%.*s %.*s", RH_STR_ARG(organization),
				RH_STR_ARG(user));
	return object.fields[CLERK_MEMBERSHIP_ROLE].ptr != NULL &&
	       add(call, CLERK_MEMBERSHIPS, "orgmem_", item, &object, out_row);
}

static bool make_domain(struct rh_call *call, const struct rh_fill_item *item,
			const size_t rows[RH_FILL_KINDS], size_t *out_row)
{
	struct rh_object object = {.numbers = {[CLERK_DOMAIN_IS_VERIFIED] = 1}};

	object.fields[CLERK_DOMAIN_ORGANIZATION] =
		id_of(call, CLERK_ORGANIZATIONS, rows[RH_FILL_ORGANIZATIONS], item->organization);
	object.fields[CLERK_DOMAIN_NAME] = item->address;
	object.fields[CLERK_DOMAIN_SEAT] = item->address;
	object.fields[CLERK_DOMAIN_MODE] = RH_STR("manual_invitation");
	return add(call, CLERK_DOMAINS, "orgdmn_", item, &object, out_row);
}

/* Pending ones: they are as old as the clock says now. */
static bool make_invitation(struct rh_call *call, const struct rh_fill_item *item,
			    const size_t rows[RH_FILL_KINDS], size_t *out_row)
{
	struct rh_object object = {0};
	struct rh_fill_item now = *item;
	struct rh_str organization =
		id_of(call, CLERK_ORGANIZATIONS, rows[RH_FILL_ORGANIZATIONS], item->organization);

	now.created_at = call->now;
	object.fields[CLERK_INVITATION_ORGANIZATION] = organization;
	object.fields[CLERK_INVITATION_EMAIL] = item->address;
	object.fields[CLERK_INVITATION_ROLE] = role_of(call, item, rows);
	object.fields[CLERK_INVITATION_SEAT] =
		rh_arena_printf(&call->arena, "%.*s %.*s", RH_STR_ARG(organization),
				RH_STR_ARG(item->address));
	object.numbers[CLERK_INVITATION_EXPIRES_AT] = call->now + INVITED_FOR * RH_SECOND;
	return object.fields[CLERK_INVITATION_ROLE].ptr != NULL &&
	       add(call, CLERK_ORGANIZATION_INVITATIONS, "orginv_", &now, &object, out_row);
}

const struct rh_filling clerk_filling = {
	.makers =
		{
			[RH_FILL_PERMISSIONS] = make_permission,
			[RH_FILL_ROLES] = make_role,
			[RH_FILL_ORGANIZATIONS] = make_organization,
			[RH_FILL_USERS] = make_user,
			[RH_FILL_MEMBERSHIPS] = make_membership,
			[RH_FILL_DOMAINS] = make_domain,
			[RH_FILL_INVITATIONS] = make_invitation,
		},
};
