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

/* 1: *out, in the arena; 0; < 0. */
static int text_of(struct rh_db *db, const char *sql, enum rh_kind kind, struct rh_str slug,
		   struct rh_arena *arena, struct rh_str *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int code = rh_db_prepare(db, sql, &statement, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(statement, 1, kind);
	rh_bind_text(statement, 2, slug);
	code = rh_step(statement, err);
	if (code == 1 && !rh_arena_copy(arena, rh_column_text(statement, 0), out)) {
		code = rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_reset(statement);
	return code;
}

int rh_tenant_slug_known(struct rh_db *db, enum rh_kind kind, struct rh_str slug,
			 struct rh_arena *arena, struct rh_str *source_id, struct rh_str *target_id,
			 struct rh_err *err)
{
	int code = text_of(db, sql_there, kind, slug, arena, target_id, err);

	*source_id = RH_STR_ABSENT;
	if (code != 0) {
		return code;
	}
	*target_id = RH_STR_ABSENT;
	return text_of(db, sql_planned, kind, slug, arena, source_id, err);
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

/* What is known at the target of the slugs that an entity names; each once. */
static int link_slugs(struct rh_tenant *tenant, enum rh_kind kind, const struct rh_str *slugs,
		      size_t count, struct rh_arena *arena, struct rh_collector *collector,
		      struct rh_link *out, size_t *count_out, struct rh_err *err)
{
	*count_out = 0;
	for (size_t i = 0; i < count; i++) {
		struct rh_link link = {0};
		struct rh_str source_id;
		bool is_twice = false;
		int code =
			rh_slugs_at_target(tenant->slugs, kind, slugs[i], arena, &link.slug, err);

		if (code == 1 && tenant->knows_roles) {
			code = rh_tenant_slug_known(tenant->db, kind, link.slug, arena, &source_id,
						    &link.target_id, err);
		}
		if (code < 0) {
			return code;
		}
		if (code == 0) {
			/* a built-in permission of the source's says nothing at the target */
			if (kind == RH_KIND_ROLE) {
				find(collector, RH_FINDING_ROLE_UNKNOWN, "roles", kind);
			}
			continue;
		}
		for (size_t n = 0; n < *count_out; n++) {
			is_twice = is_twice || rh_str_eq(out[n].slug, link.slug);
		}
		if (!is_twice) {
			out[(*count_out)++] = link;
		}
	}
	return RH_OK;
}

static int link_all(struct rh_tenant *tenant, const struct rh_entity *entity,
		    struct rh_arena *arena, struct rh_collector *collector,
		    struct rh_tenant_judged *out, struct rh_err *err)
{
	struct rh_links *links = &out->links;
	int code;

	out->roles = rh_arena_calloc(arena, entity->role_count + 1, sizeof(*out->roles));
	out->permissions =
		rh_arena_calloc(arena, entity->permission_count + 1, sizeof(*out->permissions));
	if (out->roles == NULL || out->permissions == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	links->roles = out->roles;
	links->permissions = out->permissions;
	code = link_slugs(tenant, RH_KIND_ROLE, entity->roles, entity->role_count, arena, collector,
			  out->roles, &links->role_count, err);
	if (code == RH_OK) {
		rh_slugs_sort(tenant->slugs, out->roles, links->role_count);
		code = link_slugs(tenant, RH_KIND_PERMISSION, entity->permissions,
				  entity->permission_count, arena, collector, out->permissions,
				  &links->permission_count, err);
	}
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

/* As of accounts: the source's own external id, else its id; only where the target holds one for this kind. */
static struct rh_str external_id_of(const struct rh_entity *entity,
				    const struct rh_mapping_policy *policy)
{
	bool keeps = rh_str_is(policy->external_id, "keep") || !rh_str_is_set(policy->external_id);

	if (entity->kind != RH_KIND_ORGANIZATION) {
		return RH_STR_ABSENT;
	}
	return keeps && rh_str_is_set(entity->external_id) ? entity->external_id
							   : entity->source_id;
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
	out->external_id = external_id_of(entity, &inputs->policy);
	out->parts = parts_of(inputs, entity, out);
	return rules->to_wire(inputs->target_instance, entity, &out->links, &inputs->policy,
			      out->parts, arena, &collector->sink, NULL, &out->wire, err);
}
