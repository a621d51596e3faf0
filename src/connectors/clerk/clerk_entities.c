/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Organizations, domains, roles, permissions, memberships and invitations of Clerk: to the bodies that create them, and
 * what stands there (connector.h, C16 to C22).
 *
 * An organization has no external id: it is kept in private metadata, as what else Clerk has no place for, under the key
 * that --clerk-keep-key names.  Keys of roles and permissions are the common form behind "org:".
 */
#include "connectors/clerk/clerk_entities.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/entities.h"

#define KEY_PREFIX "org:"
/* Backend API 2025-11-10. */
#define DESCRIPTION_MAX 256
#define KEPT_MAX (16U * 1024)

static const char *const permission_fields[] = {"key", "name", "description", NULL};
static const char *const role_fields[] = {"key", "name", "description", "permissions", NULL};
static const char *const organization_fields[] = {"name",
						  "slug",
						  "external_id",
						  "public_metadata",
						  "private_metadata",
						  "max_allowed_memberships",
						  "created_at",
						  NULL};
static const char *const domain_fields[] = {"name", NULL};
static const char *const membership_fields[] = {"role", "public_metadata", "private_metadata",
						NULL};
static const char *const invitation_fields[] = {"email_address", "role", "public_metadata", NULL};

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
	const char *lacks = NULL;
	int code = clerk_entity_read(instance, kind, &read, &lacks);

	(void)policy;
	if (code != RH_OK) {
		return rh_err_set(err, code, "a record of the source cannot be held");
	}
	if (lacks != NULL) {
		rh_entity_broken(&read, lacks);
	}
	return RH_OK;
}

/* ---- keys ----------------------------------------------------------------------------------------------------- */

static int slug_to_common(enum rh_kind kind, struct rh_str slug, struct rh_arena *arena,
			  struct rh_str *out)
{
	(void)kind;
	(void)arena;
	if (!rh_str_starts(slug, KEY_PREFIX) || slug.len == strlen(KEY_PREFIX)) {
		return 0;
	}
	*out = rh_str_sub(slug, strlen(KEY_PREFIX), slug.len);
	return 1;
}

/* A role is one word, a permission two with ':' between them. */
static int slug_from_common(enum rh_kind kind, struct rh_str common, struct rh_arena *arena,
			    struct rh_str *out)
{
	size_t colons = 0;

	for (size_t i = 0; i < common.len; i++) {
		char c = common.ptr[i];

		if (c == ':' && i > 0 && i + 1 < common.len) {
			colons++;
		} else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
			return 0;
		}
	}
	if (common.len == 0 || colons != (kind == RH_KIND_PERMISSION ? 1U : 0U)) {
		return 0;
	}
	*out = rh_arena_printf(arena, KEY_PREFIX "%.*s", RH_STR_ARG(common));
	return out->ptr != NULL ? 1 : RH_ENOMEM;
}

/* ---- to bodies -------------------------------------------------------------------------------------------------- */

struct writing {
	const struct clerk *clerk;
	const struct rh_entity *entity;
	const struct rh_links *links;
	const struct rh_mapping_policy *policy;
	unsigned parts;
	struct rh_arena *arena;
	struct rh_finding_sink *findings;
	struct rh_wire *out;
};

/* One bucket, with `kept` (compact object; absent: none) under the key for it. */
static int write_bucket(const struct writing *writing, enum rh_metadata_kind kind,
			struct rh_str kept, struct rh_str *out)
{
	struct clerk_extra extra = {.key = rh_str_from(writing->clerk->keep_key), .json = kept};
	struct clerk_bucket bucket = {
		.text = writing->entity->metadata[kind],
		.name = kind == RH_METADATA_PUBLIC ? RH_STR("public_metadata")
						   : RH_STR("private_metadata"),
		.extras = &extra,
		.extra_count = rh_str_is_set(kept) ? 1 : 0,
		.overflow = (enum clerk_overflow)writing->clerk->overflow,
		.findings = writing->findings,
	};

	return clerk_metadata_write(&bucket, writing->arena, out);
}

static int set_bucket(struct writing *writing, enum rh_metadata_kind kind, unsigned field)
{
	struct rh_str text = RH_STR_ABSENT;
	int code;

	if ((writing->parts & RH_PART_METADATA) == 0) {
		return RH_OK;
	}
	code = write_bucket(writing, kind, RH_STR_ABSENT, &text);
	rh_entity_wire_set(writing->out, field, text);
	return code;
}

static bool keeps(const struct clerk *clerk)
{
	return clerk->keep_key != NULL && clerk->keep_key[0] != '\0';
}

/* {"external_id":"…"} */
static int write_kept(struct rh_str id, struct rh_arena *arena, struct rh_str *out)
{
	struct rh_json_writer writer;
	rh_autobuf text = {0};

	rh_buf_init(&text, KEPT_MAX);
	rh_json_writer_init(&writer, &text);
	rh_json_begin_object(&writer);
	rh_json_member(&writer, "external_id", id);
	rh_json_end_object(&writer);
	if (text.failed != RH_OK) {
		return text.failed;
	}
	return rh_arena_copy(arena, rh_buf_str(&text), out) ? RH_OK : RH_ENOMEM;
}

static int set_number(struct writing *writing, unsigned field, int64_t number)
{
	struct rh_str text = rh_arena_printf(writing->arena, "%lld", (long long)number);

	rh_entity_wire_set(writing->out, field, text);
	return text.ptr != NULL ? RH_OK : RH_ENOMEM;
}

/* Small letters, digits and '-': what else a slug has is refused. */
static bool is_slug(struct rh_str slug)
{
	for (size_t i = 0; i < slug.len; i++) {
		char c = slug.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
			return false;
		}
	}
	return slug.len > 0 && slug.len <= CLERK_NAME_MAX;
}

static int wire_organization(struct writing *writing)
{
	const struct rh_entity *entity = writing->entity;
	struct rh_str id = rh_entity_external_id(entity);
	struct rh_str kept = RH_STR_ABSENT;
	struct rh_str text = RH_STR_ABSENT;
	int code = RH_OK;

	rh_entity_wire_set(writing->out, CLERK_ORGANIZATION_NAME,
			   rh_str_clip(entity->name, CLERK_NAME_MAX));
	if ((writing->parts & RH_PART_SLUG) != 0 && is_slug(entity->slug)) {
		rh_entity_wire_set(writing->out, CLERK_ORGANIZATION_SLUG, entity->slug);
	}
	if ((writing->parts & RH_PART_EXTERNAL_ID) != 0 && keeps(writing->clerk)) {
		rh_entity_wire_set(writing->out, CLERK_ORGANIZATION_EXTERNAL_ID, id);
		code = write_kept(id, writing->arena, &kept);
	}
	if (code == RH_OK) {
		code = set_bucket(writing, RH_METADATA_PUBLIC, CLERK_ORGANIZATION_PUBLIC);
	}
	if (code == RH_OK && ((writing->parts & RH_PART_METADATA) != 0 || kept.ptr != NULL)) {
		code = write_bucket(writing, RH_METADATA_PRIVATE, kept, &text);
		rh_entity_wire_set(writing->out, CLERK_ORGANIZATION_PRIVATE, text);
	}
	if (code == RH_OK && (writing->parts & RH_PART_PROFILE) != 0 && entity->members_max > 0) {
		code = set_number(writing, CLERK_ORGANIZATION_MEMBERS_MAX, entity->members_max);
	}
	if (code == RH_OK && (writing->parts & RH_PART_PROFILE) != 0 && entity->created_at != 0) {
		code = set_number(writing, CLERK_ORGANIZATION_CREATED_AT,
				  entity->created_at / 1000);
	}
	return code;
}

static int wire_role(struct writing *writing)
{
	const struct rh_entity *entity = writing->entity;
	struct rh_str name = rh_str_is_set(entity->name) ? entity->name : writing->links->slug;
	struct rh_str permissions = RH_STR_ABSENT;
	int code = RH_OK;

	rh_entity_wire_set(writing->out, CLERK_ROLE_KEY, writing->links->slug);
	rh_entity_wire_set(writing->out, CLERK_ROLE_NAME, rh_str_clip(name, CLERK_NAME_MAX));
	if ((writing->parts & RH_PART_PROFILE) != 0) {
		rh_entity_wire_set(writing->out, CLERK_ROLE_DESCRIPTION,
				   rh_str_clip(entity->description, DESCRIPTION_MAX));
	}
	if (entity->kind == RH_KIND_ROLE && (writing->parts & RH_PART_PERMISSIONS) != 0) {
		code = rh_entity_link_slugs(writing->links->permissions,
					    writing->links->permission_count, writing->arena,
					    &permissions);
		rh_entity_wire_set(writing->out, CLERK_ROLE_PERMISSIONS, permissions);
	}
	return code;
}

static int wire_membership(struct writing *writing)
{
	int code = set_bucket(writing, RH_METADATA_PUBLIC, CLERK_MEMBERSHIP_PUBLIC);

	if (writing->links->role_count > 0) {
		rh_entity_wire_set(writing->out, CLERK_MEMBERSHIP_ROLE,
				   writing->links->roles[0].slug);
	}
	return code != RH_OK ? code
			     : set_bucket(writing, RH_METADATA_PRIVATE, CLERK_MEMBERSHIP_PRIVATE);
}

static int wire_invitation(struct writing *writing)
{
	rh_entity_wire_set(writing->out, CLERK_INVITATION_EMAIL, writing->entity->email);
	if (writing->links->role_count > 0) {
		rh_entity_wire_set(writing->out, CLERK_INVITATION_ROLE,
				   writing->links->roles[0].slug);
	}
	return set_bucket(writing, RH_METADATA_PUBLIC, CLERK_INVITATION_PUBLIC);
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
		rh_entity_wire_set(writing->out, CLERK_DOMAIN_NAME, writing->entity->domain);
		return RH_OK;
	case RH_KIND_MEMBERSHIP:
		return wire_membership(writing);
	case RH_KIND_INVITATION:
		return wire_invitation(writing);
	default:
		return RH_EINVAL;
	}
}

static void put_raw(struct rh_json_writer *writer, const char *name, struct rh_str json)
{
	if (rh_str_is_set(json)) {
		rh_json_key(writer, name);
		rh_json_put_raw(writer, json);
	}
}

static void put_organization(const struct writing *writing, struct rh_json_writer *writer)
{
	const struct rh_str *value = writing->out->value;

	rh_json_member(writer, "name", value[CLERK_ORGANIZATION_NAME]);
	rh_json_member(writer, "slug", value[CLERK_ORGANIZATION_SLUG]);
	put_raw(writer, "public_metadata", value[CLERK_ORGANIZATION_PUBLIC]);
	put_raw(writer, "private_metadata", value[CLERK_ORGANIZATION_PRIVATE]);
	put_raw(writer, "max_allowed_memberships", value[CLERK_ORGANIZATION_MEMBERS_MAX]);
	if (value[CLERK_ORGANIZATION_CREATED_AT].ptr != NULL) {
		char text[RH_TIME_TEXT_SIZE];

		rh_time_format(writing->entity->created_at, text);
		rh_json_key(writer, "created_at");
		rh_json_put_cstr(writer, text);
	}
}

/* A role names its permissions by id. */
static void put_permissions(const struct writing *writing, struct rh_json_writer *writer)
{
	const struct rh_links *links = writing->links;

	if (writing->entity->kind != RH_KIND_ROLE ||
	    writing->out->value[CLERK_ROLE_PERMISSIONS].ptr == NULL) {
		return;
	}
	rh_json_key(writer, "permissions");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < links->permission_count; i++) {
		if (rh_str_is_set(links->permissions[i].target_id)) {
			rh_json_put_string(writer, links->permissions[i].target_id);
		}
	}
	rh_json_end_array(writer);
}

static void put_members(const struct writing *writing, struct rh_json_writer *writer)
{
	const struct rh_str *value = writing->out->value;
	bool notifies = writing->policy->notifies;

	switch ((int)writing->entity->kind) {
	case RH_KIND_ORGANIZATION:
		put_organization(writing, writer);
		return;
	case RH_KIND_DOMAIN:
		rh_json_member(writer, "name", value[CLERK_DOMAIN_NAME]);
		rh_json_member(writer, "enrollment_mode", RH_STR("manual_invitation"));
		rh_json_key(writer, "verified");
		rh_json_put_bool(writer, writing->policy->verifies_domains &&
						 writing->entity->state == RH_ENTITY_VERIFIED);
		return;
	case RH_KIND_MEMBERSHIP:
		rh_json_member(writer, "user_id", writing->links->user);
		rh_json_member(writer, "role", value[CLERK_MEMBERSHIP_ROLE]);
		put_raw(writer, "public_metadata", value[CLERK_MEMBERSHIP_PUBLIC]);
		put_raw(writer, "private_metadata", value[CLERK_MEMBERSHIP_PRIVATE]);
		return;
	case RH_KIND_INVITATION:
		rh_json_member(writer, "email_address", value[CLERK_INVITATION_EMAIL]);
		if (rh_str_is_set(writing->links->organization)) {
			rh_json_member(writer, "role", value[CLERK_INVITATION_ROLE]);
		}
		put_raw(writer, "public_metadata", value[CLERK_INVITATION_PUBLIC]);
		rh_json_key(writer, "notify"); /* true where nothing is said */
		rh_json_put_bool(writer, notifies);
		return;
	default: /* permission, role */
		rh_json_member(writer, "key", value[CLERK_ROLE_KEY]);
		rh_json_member(writer, "name", value[CLERK_ROLE_NAME]);
		rh_json_member(writer, "description", value[CLERK_ROLE_DESCRIPTION]);
		put_permissions(writing, writer);
		return;
	}
}

/* As many parameters as the interface has. */
/* NOLINTNEXTLINE(readability-function-size) */
int clerk_entity_to_wire(const void *instance, const struct rh_entity *entity,
			 const struct rh_links *links, const struct rh_mapping_policy *policy,
			 unsigned parts, struct rh_arena *arena, struct rh_finding_sink *findings,
			 struct rh_buf *body, struct rh_wire *out, struct rh_err *err)
{
	struct writing writing = {
		.clerk = instance,
		.entity = entity,
		.links = links,
		.policy = policy,
		.parts = parts,
		.arena = arena,
		.findings = findings,
		.out = out,
	};
	struct rh_json_writer writer;
	int code;

	rh_entity_wire_clear(out);
	code = wire_entity(&writing);
	if (code == RH_OK && body != NULL) {
		rh_json_writer_init(&writer, body);
		rh_json_begin_object(&writer);
		put_members(&writing, &writer);
		rh_json_end_object(&writer);
		code = body->failed;
	}
	return code == RH_OK ? RH_OK : rh_err_set(err, code, "it does not fit into a request");
}

static unsigned parts(const void *instance, const struct rh_entity *entity)
{
	const struct clerk *clerk = instance;
	unsigned out = RH_PART_IDENTITY;
	bool has_metadata = rh_str_is_set(entity->metadata[RH_METADATA_PUBLIC]) ||
			    rh_str_is_set(entity->metadata[RH_METADATA_PRIVATE]);

	if (has_metadata) {
		out |= RH_PART_METADATA;
	}
	switch ((int)entity->kind) {
	case RH_KIND_ORGANIZATION:
		out |= keeps(clerk) ? RH_PART_EXTERNAL_ID : 0;
		out |= is_slug(entity->slug) ? RH_PART_SLUG : 0;
		return out |
		       (entity->members_max > 0 || entity->created_at != 0 ? RH_PART_PROFILE : 0);
	case RH_KIND_ROLE:
		out |= entity->permission_count > 0 ? RH_PART_PERMISSIONS : 0;
		return out | (rh_str_is_set(entity->description) ? RH_PART_PROFILE : 0);
	case RH_KIND_PERMISSION:
		return out | (rh_str_is_set(entity->description) ? RH_PART_PROFILE : 0);
	default:
		return out;
	}
}

/* ---- what stands there -------------------------------------------------------------------------------------------- */

/* A bucket as to_wire writes it. */
static int see_bucket(struct rh_entity_read *read, const char *name, unsigned field,
		      struct rh_wire *wire)
{
	struct rh_str text = RH_STR_ABSENT;
	int code = clerk_metadata_read(rh_json_get(read->node, name), read->arena, &text);

	rh_entity_wire_set(wire, field, text);
	return code;
}

static int see_organization(struct rh_entity_read *read, struct rh_wire *wire)
{
	const struct rh_entity *entity = read->out;
	struct rh_str text;
	int code = see_bucket(read, "public_metadata", CLERK_ORGANIZATION_PUBLIC, wire);

	if (code == RH_OK) {
		code = see_bucket(read, "private_metadata", CLERK_ORGANIZATION_PRIVATE, wire);
	}
	rh_entity_wire_set(wire, CLERK_ORGANIZATION_NAME, entity->name);
	rh_entity_wire_set(wire, CLERK_ORGANIZATION_SLUG, entity->slug);
	rh_entity_wire_set(wire, CLERK_ORGANIZATION_EXTERNAL_ID, entity->external_id);
	if (entity->members_max > 0) {
		text = rh_arena_printf(read->arena, "%u", entity->members_max);
		rh_entity_wire_set(wire, CLERK_ORGANIZATION_MEMBERS_MAX, text);
	}
	text = rh_arena_printf(read->arena, "%lld", (long long)(entity->created_at / 1000));
	rh_entity_wire_set(wire, CLERK_ORGANIZATION_CREATED_AT, text);
	return text.ptr == NULL ? RH_ENOMEM : code;
}

static int see_entity(struct rh_entity_read *read, struct rh_wire *wire)
{
	const struct rh_entity *entity = read->out;
	struct rh_str role = entity->role_count > 0 ? entity->roles[0] : RH_STR_ABSENT;
	struct rh_str text = RH_STR_ABSENT;
	int code = RH_OK;

	switch ((int)entity->kind) {
	case RH_KIND_ROLE:
		code = rh_entity_slugs(entity->permissions, entity->permission_count, read->arena,
				       &text);
		rh_entity_wire_set(wire, CLERK_ROLE_PERMISSIONS, text);
		/* fall through */
	case RH_KIND_PERMISSION:
		rh_entity_wire_set(wire, CLERK_ROLE_KEY, entity->slug);
		rh_entity_wire_set(wire, CLERK_ROLE_NAME, entity->name);
		rh_entity_wire_set(wire, CLERK_ROLE_DESCRIPTION, entity->description);
		return code;
	case RH_KIND_ORGANIZATION:
		return see_organization(read, wire);
	case RH_KIND_DOMAIN:
		rh_entity_wire_set(wire, CLERK_DOMAIN_NAME, entity->domain);
		return RH_OK;
	case RH_KIND_MEMBERSHIP:
		rh_entity_wire_set(wire, CLERK_MEMBERSHIP_ROLE, role);
		code = see_bucket(read, "public_metadata", CLERK_MEMBERSHIP_PUBLIC, wire);
		return code != RH_OK ? code
				     : see_bucket(read, "private_metadata",
						  CLERK_MEMBERSHIP_PRIVATE, wire);
	default:
		rh_entity_wire_set(wire, CLERK_INVITATION_EMAIL, entity->email);
		rh_entity_wire_set(wire, CLERK_INVITATION_ROLE, role);
		return see_bucket(read, "public_metadata", CLERK_INVITATION_PUBLIC, wire);
	}
}

int clerk_entity_observe(const void *instance, enum rh_kind kind, const struct rh_record *record,
			 struct rh_arena *arena, struct rh_observed *out, struct rh_err *err)
{
	struct rh_entity *entity = rh_arena_calloc(arena, 1, sizeof(*entity));
	struct rh_entity_read read = {.node = record->json, .arena = arena, .out = entity};
	struct rh_observed observed = {.entity = entity};
	const char *lacks = NULL;
	int code;

	if (entity == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for an object of the target");
	}
	code = clerk_entity_read(instance, kind, &read, &lacks);
	if (code == RH_OK) {
		observed.target_id = rh_entity_text(&read, read.node, "id");
		code = read.code;
	}
	if (code == RH_OK && (lacks != NULL || !rh_str_is_set(observed.target_id))) {
		return rh_err_set(err, RH_EINPUT,
				  "the target answers objects without what identifies them");
	}
	if (code == RH_OK) {
		code = see_entity(&read, &observed.wire);
	}
	if (code != RH_OK) {
		return rh_err_set(err, code, "no memory for an object of the target");
	}
	observed.external_id = entity->external_id;
	observed.created_at = entity->created_at;
	*out = observed;
	return RH_OK;
}

const struct rh_entity_rules clerk_entity_rules = {
	.kinds_read = RH_ENTITY_KINDS,
	.kinds_written = RH_ENTITY_KINDS,
	.roles_max = 1,
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
	.slug_to_common = slug_to_common,
	.slug_from_common = slug_from_common,
	.parts = parts,
	.to_wire = clerk_entity_to_wire,
	.observe = clerk_entity_observe,
};
