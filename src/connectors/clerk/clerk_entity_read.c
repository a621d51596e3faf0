/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations, domains, roles, permissions, memberships and invitations out of Clerk's objects. */
#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/clerk/clerk_entities.h"
#include "connectors/entities.h"

/* Keys that Clerk has in every instance. */
#define SYSTEM_PREFIX "org:sys_"

static void read_permission(struct rh_entity_read *read)
{
	struct rh_entity *out = read->out;

	out->slug = rh_entity_text(read, read->node, "key");
	out->source_id = out->slug;
	out->name = rh_entity_text(read, read->node, "name");
	out->description = rh_entity_text(read, read->node, "description");
	out->is_built_in = rh_str_starts(out->slug, SYSTEM_PREFIX);
}

static void read_role(struct rh_entity_read *read)
{
	read_permission(read);
	rh_entity_texts(read, rh_json_get(read->node, "permissions"), "key",
			&read->out->permissions, &read->out->permission_count);
}

/* A number above zero that fits; 0: no end is said. */
static uint32_t members_max(const struct rh_json_node *node)
{
	int64_t number = 0;

	return rh_json_get_i64(node, "max_allowed_memberships", &number) && number > 0 &&
			       number <= UINT32_MAX
		       ? (uint32_t)number
		       : 0;
}

static void read_organization(const struct clerk *clerk, struct rh_entity_read *read)
{
	struct rh_entity *out = read->out;
	const struct rh_json_node *private = rh_json_get(read->node, "private_metadata");

	out->name = rh_entity_text(read, read->node, "name");
	out->slug = rh_entity_text(read, read->node, "slug");
	if (clerk->keep_key != NULL && clerk->keep_key[0] != '\0') {
		out->external_id =
			rh_entity_text(read, rh_json_get(private, clerk->keep_key), "external_id");
	}
	rh_entity_metadata(read, "public_metadata", RH_METADATA_PUBLIC);
	rh_entity_metadata(read, "private_metadata", RH_METADATA_PRIVATE);
	out->members_max = members_max(read->node);
}

/* Proof of ownership alone makes a domain verified; an address there (affiliation) is none. */
static void read_domain(struct rh_entity_read *read)
{
	const struct rh_json_node *proof = rh_json_get(read->node, "ownership_verification");

	if (rh_json_is_null(proof)) {
		proof = rh_json_get(read->node, "verification");
	}
	read->out->organization = rh_entity_text(read, read->node, "organization_id");
	read->out->domain = rh_entity_domain(read, "name");
	read->out->state = rh_str_is(rh_json_get_string(proof, "status"), "verified")
				   ? RH_ENTITY_VERIFIED
				   : RH_ENTITY_PENDING;
}

static void read_role_of(struct rh_entity_read *read)
{
	const struct rh_json_node *role = rh_json_get(read->node, "role");
	struct rh_str *one = rh_arena_calloc(read->arena, 1, sizeof(*one));

	if (one == NULL) {
		read->code = RH_ENOMEM;
		return;
	}
	if (rh_str_is_set(rh_json_string(role))) {
		*one = rh_entity_text(read, read->node, "role");
		read->out->role_count = 1;
	}
	read->out->roles = one;
}

static void read_membership(struct rh_entity_read *read)
{
	struct rh_entity *out = read->out;

	out->organization = rh_entity_text(read, rh_json_get(read->node, "organization"), "id");
	if (out->organization.ptr == NULL) {
		out->organization = rh_entity_text(read, read->node, "organization_id");
	}
	out->user = rh_entity_text(read, rh_json_get(read->node, "public_user_data"), "user_id");
	read_role_of(read);
	rh_entity_metadata(read, "public_metadata", RH_METADATA_PUBLIC);
	rh_entity_metadata(read, "private_metadata", RH_METADATA_PRIVATE);
	out->state = RH_ENTITY_ACTIVE;
}

static void read_invitation(struct rh_entity_read *read)
{
	struct rh_entity *out = read->out;

	out->email = rh_entity_email(read, "email_address");
	out->organization = rh_entity_text(read, read->node, "organization_id");
	read_role_of(read);
	rh_entity_metadata(read, "public_metadata", RH_METADATA_PUBLIC);
	rh_entity_metadata(read, "private_metadata", RH_METADATA_PRIVATE);
	out->state = rh_str_is(rh_json_get_string(read->node, "status"), "pending")
			     ? RH_ENTITY_PENDING
			     : RH_ENTITY_OVER;
	out->expires_at = rh_entity_time(read->node, "expires_at");
}

static const char *lacking(const struct rh_entity *entity)
{
	bool has_organization = rh_str_is_set(entity->organization);

	switch ((int)entity->kind) {
	case RH_KIND_ORGANIZATION:
		return rh_str_is_set(entity->name) ? NULL : "name";
	case RH_KIND_DOMAIN:
		return !has_organization                ? "organization_id"
		       : !rh_str_is_set(entity->domain) ? "name"
							: NULL;
	case RH_KIND_MEMBERSHIP:
		return !has_organization              ? "organization.id"
		       : !rh_str_is_set(entity->user) ? "public_user_data.user_id"
						      : NULL;
	case RH_KIND_INVITATION:
		return rh_str_is_set(entity->email) ? NULL : "email_address";
	default:
		return rh_str_is_set(entity->slug) ? NULL : "key";
	}
}

int clerk_entity_read(const struct clerk *clerk, enum rh_kind kind, struct rh_entity_read *read,
		      const char **lacks)
{
	*read->out = (struct rh_entity){.kind = kind};
	read->out->source_id = rh_entity_text(read, read->node, "id");
	switch ((int)kind) {
	case RH_KIND_PERMISSION:
		read_permission(read);
		break;
	case RH_KIND_ROLE:
		read_role(read);
		break;
	case RH_KIND_ORGANIZATION:
		read_organization(clerk, read);
		break;
	case RH_KIND_DOMAIN:
		read_domain(read);
		break;
	case RH_KIND_MEMBERSHIP:
		read_membership(read);
		break;
	case RH_KIND_INVITATION:
		read_invitation(read);
		break;
	default:
		return RH_EINVAL;
	}
	read->out->created_at = rh_entity_time(read->node, "created_at");
	*lacks = !rh_str_is_set(read->out->source_id) ? "id" : lacking(read->out);
	return read->code;
}
