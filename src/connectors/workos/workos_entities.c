/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Organizations, domains, roles, permissions, memberships and invitations of WorkOS, from its objects and to the bodies
 * that create them (connector.h, C16 to C22).
 *
 * The slug of an organization has no place there: it goes into metadata, under "slug", and is read from there again.
 * Slugs of roles and permissions are in common form as they stand.
 */
#include "connectors/workos/workos_entities.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/entities.h"
#include "connectors/external_id.h"

#define SLUG_KEY "slug"

static const char *const permission_fields[] = {"slug", "name", "description", NULL};
static const char *const role_fields[] = {"slug", "name", "description", "permissions", NULL};
static const char *const organization_fields[] = {"name", "external_id", "metadata", NULL};
static const char *const domain_fields[] = {"domain", NULL};
static const char *const membership_fields[] = {"roles", "state", NULL};
static const char *const invitation_fields[] = {"email", "role", NULL};

/* ---- from its objects --------------------------------------------------------------------------------------- */

static void read_permission(struct rh_entity_read *read)
{
	struct rh_entity *out = read->out;

	out->slug = rh_entity_text(read, read->node, "slug");
	out->source_id = out->slug;
	out->name = rh_entity_text(read, read->node, "name");
	out->description = rh_entity_text(read, read->node, "description");
	out->is_built_in = rh_json_get_bool(read->node, "system", false);
}

static void read_role(struct rh_entity_read *read)
{
	read_permission(read);
	rh_entity_texts(read, rh_json_get(read->node, "permissions"), NULL, &read->out->permissions,
			&read->out->permission_count);
}

static void read_organization(struct rh_entity_read *read)
{
	struct rh_entity *out = read->out;

	out->name = rh_entity_text(read, read->node, "name");
	out->external_id = rh_entity_text(read, read->node, "external_id");
	out->slug = rh_entity_text(read, rh_json_get(read->node, "metadata"), SLUG_KEY);
	rh_entity_metadata(read, "metadata", RH_METADATA_PUBLIC);
}

static void read_domain(struct rh_entity_read *read)
{
	struct rh_str state = rh_json_get_string(read->node, "state");

	read->out->organization = rh_entity_text(read, read->node, "organization_id");
	read->out->domain = rh_entity_domain(read, "domain");
	read->out->state = rh_str_is(state, "verified") || rh_str_is(state, "legacy_verified")
				   ? RH_ENTITY_VERIFIED
				   : RH_ENTITY_PENDING;
}

/* The role that counts stands alone as well; older answers have no list. */
static void read_roles(struct rh_entity_read *read)
{
	struct rh_entity *out = read->out;
	struct rh_str *one;

	rh_entity_texts(read, rh_json_get(read->node, "roles"), "slug", &out->roles,
			&out->role_count);
	if (out->role_count > 0) {
		return;
	}
	one = rh_arena_calloc(read->arena, 1, sizeof(*one));
	if (one == NULL) {
		read->code = RH_ENOMEM;
		return;
	}
	*one = rh_entity_text(read, rh_json_get(read->node, "role"), "slug");
	if (one->ptr == NULL) {
		*one = rh_entity_text(read, read->node, "role_slug");
	}
	out->roles = one;
	out->role_count = one->ptr != NULL ? 1 : 0;
}

static void read_membership(struct rh_entity_read *read)
{
	struct rh_str status = rh_json_get_string(read->node, "status");

	read->out->organization = rh_entity_text(read, read->node, "organization_id");
	read->out->user = rh_entity_text(read, read->node, "user_id");
	read_roles(read);
	read->out->state = rh_str_is(status, "inactive")  ? RH_ENTITY_INACTIVE
			   : rh_str_is(status, "pending") ? RH_ENTITY_PENDING
							  : RH_ENTITY_ACTIVE;
}

static void read_invitation(struct rh_entity_read *read)
{
	read->out->email = rh_entity_email(read, "email");
	read->out->organization = rh_entity_text(read, read->node, "organization_id");
	read_roles(read);
	read->out->state = rh_str_is(rh_json_get_string(read->node, "state"), "pending")
				   ? RH_ENTITY_PENDING
				   : RH_ENTITY_OVER;
	read->out->expires_at = rh_entity_time(read->node, "expires_at");
}

/* What an entity of that kind cannot do without; NULL: it has all of it. */
static const char *lacking(const struct rh_entity *entity)
{
	switch ((int)entity->kind) {
	case RH_KIND_ORGANIZATION:
		return rh_str_is_set(entity->name) ? NULL : "name";
	case RH_KIND_DOMAIN:
		return !rh_str_is_set(entity->organization) ? "organization_id"
		       : !rh_str_is_set(entity->domain)     ? "domain"
							    : NULL;
	case RH_KIND_MEMBERSHIP:
		return !rh_str_is_set(entity->organization) ? "organization_id"
		       : !rh_str_is_set(entity->user)       ? "user_id"
							    : NULL;
	case RH_KIND_INVITATION:
		return rh_str_is_set(entity->email) ? NULL : "email";
	default:
		return rh_str_is_set(entity->slug) ? NULL : "slug";
	}
}

static int read_entity(enum rh_kind kind, struct rh_entity_read *read)
{
	static void (*const readers[RH_KINDS])(struct rh_entity_read *) = {
		[RH_KIND_PERMISSION] = read_permission,     [RH_KIND_ROLE] = read_role,
		[RH_KIND_ORGANIZATION] = read_organization, [RH_KIND_DOMAIN] = read_domain,
		[RH_KIND_MEMBERSHIP] = read_membership,     [RH_KIND_INVITATION] = read_invitation,
	};

	*read->out = (struct rh_entity){.kind = kind};
	if (readers[kind] == NULL) {
		return RH_EINVAL;
	}
	read->out->source_id = rh_entity_text(read, read->node, "id");
	readers[kind](read);
	read->out->created_at = rh_entity_time(read->node, "created_at");
	return read->code;
}

/* As many parameters as the interface has. */
/* NOLINTNEXTLINE(readability-function-size) */
static int from_record(const void *instance, enum rh_kind kind, const struct rh_record *record,
		       const struct rh_mapping_policy *policy, struct rh_arena *arena,
		       struct rh_finding_sink *findings, struct rh_entity *out, struct rh_err *err)
{
	struct rh_entity_read read = {
		.node = record->json,
		.arena = arena,
		.findings = findings,
		.out = out,
	};
	int code = read_entity(kind, &read);
	const char *lacks;

	(void)instance;
	(void)policy;
	if (code != RH_OK) {
		return rh_err_set(err, code, "a record of the source cannot be held");
	}
	lacks = !rh_str_is_set(out->source_id) ? "id" : lacking(out);
	if (lacks != NULL) {
		rh_entity_broken(&read, lacks);
	}
	return RH_OK;
}

/* ---- slugs ----------------------------------------------------------------------------------------------------- */

/* Slugs of permissions also have ':', '.' and '*'. */
static int slug_from_common(enum rh_kind kind, struct rh_str common, struct rh_arena *arena,
			    struct rh_str *out)
{
	const char *more = kind == RH_KIND_PERMISSION ? "-_:.*" : "-_";

	(void)arena;
	if (common.len == 0 || common.len > WORKOS_SLUG_MAX) {
		return 0;
	}
	for (size_t i = 0; i < common.len; i++) {
		char c = common.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      strchr(more, c) != NULL)) {
			return 0;
		}
	}
	*out = common;
	return 1;
}

/* ---- to bodies -------------------------------------------------------------------------------------------------- */

struct writing {
	const struct workos *workos;
	const struct rh_entity *entity;
	const struct rh_links *links;
	const struct rh_mapping_policy *policy;
	unsigned parts;
	struct rh_arena *arena;
	struct rh_finding_sink *findings;
	struct rh_wire *out;
};

static bool is_described(const struct writing *writing)
{
	return (writing->parts & RH_PART_PROFILE) != 0;
}

/* Roles and permissions need a name: where the source has none, or a longer one, the slug is it. */
static int wire_role(struct writing *writing)
{
	const struct rh_entity *entity = writing->entity;
	struct rh_str name = entity->name;
	struct rh_str permissions = RH_STR_ABSENT;
	int code = RH_OK;

	if (!rh_str_is_set(name) || rh_str_points(name) > WORKOS_SLUG_MAX) {
		name = writing->links->slug;
	}
	rh_entity_wire_set(writing->out, WORKOS_ROLE_SLUG, writing->links->slug);
	rh_entity_wire_set(writing->out, WORKOS_ROLE_NAME, name);
	if (is_described(writing)) {
		rh_entity_wire_set(writing->out, WORKOS_ROLE_DESCRIPTION,
				   rh_str_clip(entity->description, WORKOS_DESCRIPTION_MAX));
	}
	if (entity->kind == RH_KIND_ROLE && (writing->parts & RH_PART_EXTRAS) != 0 &&
	    (writing->parts & RH_PART_PERMISSIONS) != 0 && writing->links->permission_count > 0) {
		code = rh_entity_link_slugs(writing->links->permissions,
					    writing->links->permission_count, writing->arena,
					    &permissions);
		rh_entity_wire_set(writing->out, WORKOS_ROLE_PERMISSIONS, permissions);
		writing->out->extras = 1;
	}
	return code;
}

static int slug_object(struct rh_str slug, struct rh_arena *arena, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	rh_buf_init(&text, (size_t)WORKOS_METADATA_VALUE_MAX * 6 + 64);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_json_member(&writer, SLUG_KEY, slug);
	rh_json_end_object(&writer);
	return text.failed == RH_OK && rh_arena_copy(arena, rh_buf_str(&text), out) ? RH_OK
										    : RH_ENOMEM;
}

/* The bucket that anybody there may read, and the slug beside it where it has none of that name. */
static int organization_metadata(struct writing *writing, struct rh_str *out)
{
	struct rh_account bucket = {.source_id = writing->entity->source_id};
	struct workos_metadata_input input = {
		.workos = writing->workos,
		.account = &bucket,
		.findings = writing->findings,
	};
	struct rh_str slug = writing->entity->slug;
	struct rh_str text = RH_STR_ABSENT;
	struct rh_str own = RH_STR_ABSENT;
	int code;

	bucket.metadata[RH_METADATA_PUBLIC] = writing->entity->metadata[RH_METADATA_PUBLIC];
	if (rh_str_is_set(writing->entity->external_id)) {
		input.source_id = writing->entity->source_id;
	}
	code = workos_metadata_write(&input, writing->arena, &text);
	if (code != RH_OK || !rh_str_is_set(slug) || slug.len > WORKOS_METADATA_VALUE_MAX) {
		*out = text;
		return code;
	}
	code = slug_object(slug, writing->arena, &own);
	return code != RH_OK ? code : workos_metadata_merge(own, text, writing->arena, out);
}

static int wire_organization(struct writing *writing)
{
	struct rh_str id = rh_entity_external_id(writing->entity);
	struct rh_str metadata = RH_STR_ABSENT;
	int code = RH_OK;

	rh_entity_wire_set(writing->out, WORKOS_ORGANIZATION_NAME, writing->entity->name);
	if ((writing->parts & RH_PART_EXTERNAL_ID) != 0) {
		if (id.len > WORKOS_EXTERNAL_ID_MAX || !rh_str_is_ascii(id)) {
			id = rh_external_id_digest(writing->arena, id);
			workos_find(writing->findings, RH_FINDING_EXTERNAL_ID_REPLACED,
				    RH_STR_ABSENT, RH_STR_ABSENT);
		}
		if (id.ptr == NULL) {
			return RH_ENOMEM;
		}
		rh_entity_wire_set(writing->out, WORKOS_ORGANIZATION_EXTERNAL_ID, id);
	}
	if ((writing->parts & RH_PART_METADATA) != 0) {
		code = organization_metadata(writing, &metadata);
		rh_entity_wire_set(writing->out, WORKOS_ORGANIZATION_METADATA, metadata);
	}
	if (rh_str_is_set(writing->entity->metadata[RH_METADATA_PRIVATE])) {
		workos_find(writing->findings, RH_FINDING_METADATA_PRIVATE_KEPT_BACK, RH_STR_ABSENT,
			    RH_STR_ABSENT);
	}
	return code;
}

static size_t roles_sent(const struct writing *writing)
{
	size_t count = writing->links->role_count;

	return count > 1 && (writing->parts & RH_PART_ROLES) == 0 ? 1 : count;
}

static int wire_membership(struct writing *writing)
{
	bool is_inactive = writing->entity->state == RH_ENTITY_INACTIVE;
	struct rh_str roles = RH_STR_ABSENT;
	int code = rh_entity_link_slugs(writing->links->roles, roles_sent(writing), writing->arena,
					&roles);

	rh_entity_wire_set(writing->out, WORKOS_MEMBERSHIP_ROLES, roles);
	if (is_inactive && (writing->parts & RH_PART_EXTRAS) != 0) {
		rh_entity_wire_set(writing->out, WORKOS_MEMBERSHIP_STATE, RH_STR("inactive"));
		writing->out->extras = 1;
	} else {
		rh_entity_wire_set(writing->out, WORKOS_MEMBERSHIP_STATE, RH_STR("active"));
	}
	return code;
}

static int wire_invitation(struct writing *writing)
{
	rh_entity_wire_set(writing->out, WORKOS_INVITATION_EMAIL, writing->entity->email);
	if (writing->links->role_count > 0) {
		rh_entity_wire_set(writing->out, WORKOS_INVITATION_ROLE,
				   writing->links->roles[0].slug);
	}
	return RH_OK;
}

static int wire_entity(struct writing *writing)
{
	switch ((int)writing->entity->kind) {
	case RH_KIND_PERMISSION:
	case RH_KIND_ROLE:
		return wire_role(writing);
	case RH_KIND_ORGANIZATION:
		return wire_organization(writing);
	case RH_KIND_DOMAIN:
		rh_entity_wire_set(writing->out, WORKOS_DOMAIN_NAME, writing->entity->domain);
		return RH_OK;
	case RH_KIND_MEMBERSHIP:
		return wire_membership(writing);
	case RH_KIND_INVITATION:
		return wire_invitation(writing);
	default:
		return RH_EINVAL;
	}
}

/* A create names one role alone: `role_slug`; several: `role_slugs`, the most important first. */
static void put_roles(const struct writing *writing, struct rh_json_writer *writer)
{
	size_t count = roles_sent(writing);

	if (count == 1 || (count > 0 && writing->entity->kind == RH_KIND_INVITATION)) {
		rh_json_member(writer, "role_slug", writing->links->roles[0].slug);
		return;
	}
	if (count > 1) {
		rh_json_key(writer, "role_slugs");
		rh_json_begin_array(writer);
		for (size_t i = 0; i < count; i++) {
			rh_json_put_string(writer, writing->links->roles[i].slug);
		}
		rh_json_end_array(writer);
	}
}

static int write_body(const struct writing *writing, struct rh_buf *body)
{
	const struct rh_str *value = writing->out->value;
	struct rh_json_writer writer;

	rh_json_writer_init(&writer, body);
	rh_json_begin_object(&writer);
	switch ((int)writing->entity->kind) {
	case RH_KIND_ORGANIZATION:
		rh_json_member(&writer, "name", value[WORKOS_ORGANIZATION_NAME]);
		rh_json_member(&writer, "external_id", value[WORKOS_ORGANIZATION_EXTERNAL_ID]);
		if (value[WORKOS_ORGANIZATION_METADATA].ptr != NULL) {
			rh_json_key(&writer, "metadata");
			rh_json_put_raw(&writer, value[WORKOS_ORGANIZATION_METADATA]);
		}
		break;
	case RH_KIND_DOMAIN:
		rh_json_member(&writer, "domain", value[WORKOS_DOMAIN_NAME]);
		rh_json_member(&writer, "organization_id", writing->links->organization);
		break;
	case RH_KIND_MEMBERSHIP:
		rh_json_member(&writer, "user_id", writing->links->user);
		rh_json_member(&writer, "organization_id", writing->links->organization);
		put_roles(writing, &writer);
		break;
	case RH_KIND_INVITATION:
		rh_json_member(&writer, "email", value[WORKOS_INVITATION_EMAIL]);
		rh_json_member(&writer, "organization_id", writing->links->organization);
		put_roles(writing, &writer);
		break;
	default: /* permission, role */
		rh_json_member(&writer, "slug", value[WORKOS_ROLE_SLUG]);
		rh_json_member(&writer, "name", value[WORKOS_ROLE_NAME]);
		rh_json_member(&writer, "description", value[WORKOS_ROLE_DESCRIPTION]);
		break;
	}
	rh_json_end_object(&writer);
	return body->failed;
}

/* As many parameters as the interface has. */
/* NOLINTNEXTLINE(readability-function-size) */
int workos_entity_to_wire(const void *instance, const struct rh_entity *entity,
			  const struct rh_links *links, const struct rh_mapping_policy *policy,
			  unsigned parts, struct rh_arena *arena, struct rh_finding_sink *findings,
			  struct rh_buf *body, struct rh_wire *out, struct rh_err *err)
{
	struct writing writing = {
		.workos = instance,
		.entity = entity,
		.links = links,
		.policy = policy,
		.parts = parts,
		.arena = arena,
		.findings = findings,
		.out = out,
	};
	int code;

	rh_entity_wire_clear(out);
	code = wire_entity(&writing);
	if (code == RH_OK && body != NULL) {
		code = write_body(&writing, body);
	}
	return code == RH_OK ? RH_OK : rh_err_set(err, code, "it does not fit into a request");
}

static unsigned parts(const void *instance, const struct rh_entity *entity)
{
	unsigned out = RH_PART_IDENTITY;

	(void)instance;
	switch ((int)entity->kind) {
	case RH_KIND_ORGANIZATION:
		return out | RH_PART_EXTERNAL_ID | RH_PART_METADATA;
	case RH_KIND_ROLE:
		out |= entity->permission_count > 0 ? RH_PART_PERMISSIONS | RH_PART_EXTRAS : 0;
		return out | (rh_str_is_set(entity->description) ? RH_PART_PROFILE : 0);
	case RH_KIND_PERMISSION:
		return out | (rh_str_is_set(entity->description) ? RH_PART_PROFILE : 0);
	case RH_KIND_MEMBERSHIP:
		out |= entity->role_count > 1 ? RH_PART_ROLES : 0;
		return out | (entity->state == RH_ENTITY_INACTIVE ? RH_PART_EXTRAS : 0);
	default:
		return out;
	}
}

/* ---- what stands there -------------------------------------------------------------------------------------------- */

static int observe_wire(struct rh_entity_read *read, struct rh_wire *wire)
{
	const struct rh_entity *entity = read->out;
	struct rh_str text = RH_STR_ABSENT;
	int code = RH_OK;

	switch ((int)entity->kind) {
	case RH_KIND_ROLE:
		code = rh_entity_slugs(entity->permissions, entity->permission_count, read->arena,
				       &text);
		rh_entity_wire_set(wire, WORKOS_ROLE_PERMISSIONS, text);
		/* fall through */
	case RH_KIND_PERMISSION:
		rh_entity_wire_set(wire, WORKOS_ROLE_SLUG, entity->slug);
		rh_entity_wire_set(wire, WORKOS_ROLE_NAME, entity->name);
		rh_entity_wire_set(wire, WORKOS_ROLE_DESCRIPTION, entity->description);
		return code;
	case RH_KIND_ORGANIZATION:
		rh_entity_wire_set(wire, WORKOS_ORGANIZATION_NAME, entity->name);
		rh_entity_wire_set(wire, WORKOS_ORGANIZATION_EXTERNAL_ID, entity->external_id);
		code = workos_metadata_read(rh_json_get(read->node, "metadata"), read->arena,
					    &text);
		rh_entity_wire_set(wire, WORKOS_ORGANIZATION_METADATA, text);
		return code;
	case RH_KIND_DOMAIN:
		rh_entity_wire_set(wire, WORKOS_DOMAIN_NAME, entity->domain);
		return RH_OK;
	case RH_KIND_MEMBERSHIP:
		code = rh_entity_slugs(entity->roles, entity->role_count, read->arena, &text);
		rh_entity_wire_set(wire, WORKOS_MEMBERSHIP_ROLES, text);
		rh_entity_wire_set(wire, WORKOS_MEMBERSHIP_STATE,
				   rh_str_from(rh_entity_state_name(entity->state)));
		return code;
	case RH_KIND_INVITATION:
		rh_entity_wire_set(wire, WORKOS_INVITATION_EMAIL, entity->email);
		if (entity->role_count > 0) {
			rh_entity_wire_set(wire, WORKOS_INVITATION_ROLE, entity->roles[0]);
		}
		return RH_OK;
	default:
		return RH_EINVAL;
	}
}

int workos_entity_observe(const void *instance, enum rh_kind kind, const struct rh_record *record,
			  struct rh_arena *arena, struct rh_observed *out, struct rh_err *err)
{
	struct rh_entity *entity = rh_arena_calloc(arena, 1, sizeof(*entity));
	struct rh_entity_read read = {.node = record->json, .arena = arena, .out = entity};
	struct rh_observed observed = {.entity = entity};
	int code;

	(void)instance;
	if (entity == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for an object of the target");
	}
	code = read_entity(kind, &read);
	if (code == RH_OK && (!rh_str_is_set(entity->source_id) || lacking(entity) != NULL)) {
		return rh_err_set(err, RH_EINPUT,
				  "the target answers objects without what identifies them");
	}
	if (code == RH_OK) {
		code = observe_wire(&read, &observed.wire);
	}
	if (code != RH_OK) {
		return rh_err_set(err, code, "no memory for an object of the target");
	}
	observed.target_id = entity->source_id;
	observed.external_id = entity->external_id;
	observed.created_at = entity->created_at;
	*out = observed;
	return RH_OK;
}

const struct rh_entity_rules workos_entity_rules = {
	.kinds_read = RH_ENTITY_KINDS,
	.kinds_written = RH_ENTITY_KINDS,
	.listed_by_organization = 1U << RH_KIND_MEMBERSHIP,
	.mails = 1U << RH_KIND_INVITATION,
	.fields =
		{
			[RH_KIND_PERMISSION] = permission_fields,
			[RH_KIND_ROLE] = role_fields,
			[RH_KIND_ORGANIZATION] = organization_fields,
			[RH_KIND_DOMAIN] = domain_fields,
			[RH_KIND_MEMBERSHIP] = membership_fields,
			[RH_KIND_INVITATION] = invitation_fields,
		},
	.from_record = from_record,
	.slug_from_common = slug_from_common,
	.parts = parts,
	.to_wire = workos_entity_to_wire,
	.observe = workos_entity_observe,
};
