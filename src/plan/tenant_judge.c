/* SPDX-License-Identifier: Apache-2.0 */
/* One entity as it would be sent: its slugs at the target, its parts, its fields (tenant.h, N3 to N5). */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/settings.h"
#include "db/db.h"
#include "plan/slugs.h"
#include "plan/tenant.h"

/* What stands at the target, and else what the plan itself brings there: 0 and 1 are CREATE and LINK. */
static const char sql_there[] = "SELECT target_id FROM there WHERE kind = ?1 AND key = 's:' || ?2";
static const char sql_planned[] = "SELECT source_id FROM entity WHERE kind = ?1 AND slug = ?2"
				  " AND slug IS NOT NULL AND decision IN (0, 1) LIMIT 1";

static const char sql_knows_roles[] = "SELECT EXISTS (SELECT 1 FROM stream WHERE kind = ?1)"
				      " OR EXISTS (SELECT 1 FROM there WHERE kind = ?1)";

int rh_tenant_begin(struct rh_tenant *tenant, const struct rh_plan_inputs *inputs,
		    const struct rh_tenant_source *source, struct rh_db *db, struct rh_err *err)
{
	*tenant = (struct rh_tenant){.inputs = inputs, .source = source, .db = db};
	return rh_slugs_open(&tenant->slugs, inputs->settings, source->connector->entities,
			     inputs->target->entities, err);
}

void rh_tenant_end(struct rh_tenant *tenant)
{
	rh_slugs_close(tenant->slugs);
	tenant->slugs = NULL;
}

int rh_tenant_knows_roles(struct rh_tenant *tenant, struct rh_err *err)
{
	struct rh_statement *statement;
	int code = rh_db_prepare(tenant->db, sql_knows_roles, &statement, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(statement, 1, RH_KIND_ROLE);
	code = rh_step(statement, err);
	tenant->knows_roles = code == 1 && rh_column_i64(statement, 0) != 0;
	rh_reset(statement);
	return code < 0 ? code : RH_OK;
}

/* A statement about a slug; 1: it has found a row, to be reset, 0, < 0. */
static int find_slug(struct rh_db *db, const char *sql, enum rh_kind kind, struct rh_str slug,
		     struct rh_statement **out, struct rh_err *err)
{
	int code = rh_db_prepare(db, sql, out, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(*out, 1, kind);
	rh_bind_text(*out, 2, slug);
	return rh_step(*out, err);
}

/* Ends it: the text that it has found, in the arena. */
static int take_text(struct rh_statement *statement, int code, struct rh_arena *arena,
		     struct rh_str *out, struct rh_err *err)
{
	if (code == 1 && !rh_arena_copy(arena, rh_column_text(statement, 0), out)) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_reset(statement);
	return code;
}

int rh_tenant_slug_known(struct rh_db *db, enum rh_kind kind, struct rh_str slug,
			 struct rh_arena *arena, struct rh_slug_known *out, struct rh_err *err)
{
	struct rh_statement *statement = NULL;
	int code = find_slug(db, sql_there, kind, slug, &statement, err);

	*out = (struct rh_slug_known){0};
	if (code != 0) {
		return code < 0 ? code : take_text(statement, code, arena, &out->target_id, err);
	}
	code = find_slug(db, sql_planned, kind, slug, &statement, err);
	return code == 1 ? take_text(statement, code, arena, &out->source_id, err) : code;
}

static void find(struct rh_collector *collector, enum rh_finding_code code, const char *path,
		 enum rh_kind kind)
{
	const struct rh_finding finding = {
		.code = code,
		.path = rh_str_from(path),
		.note = rh_str_from(rh_kind_name(kind)),
	};

	collector->sink.add(&collector->sink, &finding);
}

/* Roles, or permissions, that an entity names. */
struct slug_list {
	enum rh_kind kind;
	const struct rh_str *slugs;
	size_t count;
	struct rh_link *links; /* as many as there are slugs */
	size_t link_count;
};

static bool is_in(const struct slug_list *list, struct rh_str slug)
{
	for (size_t i = 0; i < list->link_count; i++) {
		if (rh_str_eq(list->links[i].slug, slug)) {
			return true;
		}
	}
	return false;
}

/* What is known of them at the target; each once. */
static int link_slugs(struct rh_tenant *tenant, struct slug_list *list, struct rh_arena *arena,
		      struct rh_collector *collector, struct rh_err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		struct rh_link link = {0};
		struct rh_slug_known known = {0};
		int code = rh_slugs_at_target(tenant->slugs, list->kind, list->slugs[i], arena,
					      &link.slug, err);

		if (code == 1 && tenant->knows_roles) {
			code = rh_tenant_slug_known(tenant->db, list->kind, link.slug, arena,
						    &known, err);
		}
		if (code < 0) {
			return code;
		}
		link.target_id = known.target_id;
		if (code == 1 && !is_in(list, link.slug)) {
			list->links[list->link_count++] = link;
		} else if (code == 0 && list->kind == RH_KIND_ROLE) {
			/* a permission that nobody knows is the source's own */
			find(collector, RH_FINDING_ROLE_UNKNOWN, "roles", list->kind);
		}
	}
	return RH_OK;
}

static struct slug_list list_of(enum rh_kind kind, const struct rh_str *slugs, size_t count,
				struct rh_arena *arena)
{
	return (struct slug_list){
		.kind = kind,
		.slugs = slugs,
		.count = count,
		.links = rh_arena_calloc(arena, count + 1, sizeof(struct rh_link)),
	};
}

static int link_all(struct rh_tenant *tenant, const struct rh_entity *entity,
		    struct rh_arena *arena, struct rh_collector *collector,
		    struct rh_tenant_judged *out, struct rh_err *err)
{
	struct slug_list roles = list_of(RH_KIND_ROLE, entity->roles, entity->role_count, arena);
	struct slug_list permissions =
		list_of(RH_KIND_PERMISSION, entity->permissions, entity->permission_count, arena);
	int code;

	if (roles.links == NULL || permissions.links == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = link_slugs(tenant, &roles, arena, collector, err);
	if (code == RH_OK) {
		code = link_slugs(tenant, &permissions, arena, collector, err);
	}
	rh_slugs_sort(tenant->slugs, roles.links, roles.link_count);
	out->roles = roles.links;
	out->permissions = permissions.links;
	out->links.roles = roles.links;
	out->links.role_count = roles.link_count;
	out->links.permissions = permissions.links;
	out->links.permission_count = permissions.link_count;
	return code;
}

/* The slug of a role or permission itself; RH_OK also when the target cannot write it. */
static int own_slug(struct rh_tenant *tenant, const struct rh_entity *entity,
		    struct rh_arena *arena, struct rh_collector *collector, struct rh_str *out,
		    struct rh_err *err)
{
	int code;

	if (entity->kind != RH_KIND_ROLE && entity->kind != RH_KIND_PERMISSION) {
		return RH_OK;
	}
	code = rh_slugs_at_target(tenant->slugs, entity->kind, entity->slug, arena, out, err);
	if (code == 0) {
		*out = RH_STR_ABSENT;
		find(collector,
		     entity->is_built_in ? RH_FINDING_BUILT_IN_MISSING : RH_FINDING_SLUG_INVALID,
		     "slug", entity->kind);
	}
	return code < 0 ? code : RH_OK;
}

/* What the target will hold as its external id, as the connector writes it; absent: its kind has none. */
static struct rh_str external_id_of(const struct rh_entity_rules *rules,
				    const struct rh_entity *entity, const struct rh_wire *wire)
{
	const char *const *fields = rules->fields[entity->kind];

	for (unsigned i = 0; fields != NULL && fields[i] != NULL; i++) {
		if (strcmp(fields[i], "external_id") == 0 && (wire->present >> i & 1) != 0) {
			return wire->value[i];
		}
	}
	return RH_STR_ABSENT;
}

/* Does the entity have what its kind needs (entity.h)? */
static bool is_whole(const struct rh_entity *entity)
{
	const struct {
		enum rh_kind kind;
		struct rh_str needed[2];
	} needs[] = {
		{RH_KIND_PERMISSION, {entity->slug, entity->slug}},
		{RH_KIND_ROLE, {entity->slug, entity->slug}},
		{RH_KIND_ORGANIZATION, {entity->name, entity->name}},
		{RH_KIND_DOMAIN, {entity->organization, entity->domain}},
		{RH_KIND_MEMBERSHIP, {entity->organization, entity->user}},
		{RH_KIND_INVITATION, {entity->email, entity->email}},
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].kind == entity->kind) {
			return rh_str_is_set(needs[i].needed[0]) &&
			       rh_str_is_set(needs[i].needed[1]);
		}
	}
	return false;
}

static unsigned parts_of(const struct rh_plan_inputs *inputs, const struct rh_entity *entity,
			 const struct rh_tenant_judged *judged)
{
	const struct rh_entity_rules *rules = inputs->target->entities;
	unsigned parts = rules->parts(inputs->target_instance, entity) | RH_PART_IDENTITY;

	if (rules->roles_max == 1 || judged->links.role_count < 2) {
		parts &= ~(unsigned)RH_PART_ROLES;
	}
	return parts;
}

/* What keeps it from being created, whatever the target says of it. */
static void look_at_kind(const struct rh_tenant *tenant, const struct rh_entity *entity,
			 struct rh_collector *collector)
{
	const struct rh_entity_rules *rules = tenant->inputs->target->entities;
	const struct rh_settings *settings = tenant->inputs->settings;
	bool mails = (rules->mails >> entity->kind & 1) != 0;

	if (!is_whole(entity)) {
		find(collector, RH_FINDING_ENTITY_BROKEN, "", entity->kind);
	}
	if (entity->kind == RH_KIND_INVITATION && entity->state == RH_ENTITY_OVER) {
		find(collector, RH_FINDING_INVITATION_OVER, "status", entity->kind);
	} else if (entity->kind == RH_KIND_INVITATION && mails && !settings->notify) {
		find(collector, RH_FINDING_INVITATION_KEPT_BACK, "", entity->kind);
	}
	if (entity->kind == RH_KIND_DOMAIN && entity->state == RH_ENTITY_VERIFIED &&
	    settings->domains == RH_DOMAINS_PENDING) {
		find(collector, RH_FINDING_DOMAIN_PENDING, "state", entity->kind);
	}
}

int rh_tenant_judge(struct rh_tenant *tenant, const struct rh_entity *entity,
		    struct rh_arena *arena, struct rh_collector *collector,
		    struct rh_tenant_judged *out, struct rh_err *err)
{
	const struct rh_plan_inputs *inputs = tenant->inputs;
	const struct rh_entity_rules *rules = inputs->target->entities;
	int code;

	*out = (struct rh_tenant_judged){0};
	look_at_kind(tenant, entity, collector);
	if (rh_collector_refusal(collector) != NULL) {
		return RH_OK;
	}
	code = own_slug(tenant, entity, arena, collector, &out->links.slug, err);
	if (code == RH_OK) {
		code = link_all(tenant, entity, arena, collector, out, err);
	}
	if (code != RH_OK) {
		return code;
	}
	if (entity->kind == RH_KIND_MEMBERSHIP && rules->roles_max == 1 &&
	    out->links.role_count > 1) {
		find(collector, RH_FINDING_ROLES_DROPPED, "roles", entity->kind);
	}
	out->parts = parts_of(inputs, entity, out);
	code = rules->to_wire(inputs->target_instance, entity, &out->links, &inputs->policy,
			      out->parts, arena, &collector->sink, NULL, &out->wire, err);
	out->external_id = external_id_of(rules, entity, &out->wire);
	return code;
}
