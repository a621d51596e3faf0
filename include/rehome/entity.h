/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For authors of connectors: what a tenant has beside its people, in one form for all providers.
 *
 * An entity is a permission, a role, an organization, a domain, a membership or an invitation.  One struct for all of
 * them: each kind uses the fields that its row in this table names, the others are absent.
 *
 *   kind          needs                        may have
 *   PERMISSION    slug                         name, description, is_built_in
 *   ROLE          slug                         name, description, permissions, organization (a role of that one alone),
 *                                              is_built_in
 *   ORGANIZATION  name                         external_id, slug, description, metadata, members_max
 *   DOMAIN        organization, domain         state (PENDING, VERIFIED)
 *   MEMBERSHIP    organization, user           roles, metadata, state (ACTIVE, INACTIVE, PENDING)
 *   INVITATION    email                        organization, roles, metadata, state (PENDING; any other is over), expires_at
 *
 * All of them have a source_id, unique within their kind at the source; where the provider gives none, it is made of
 * what is unique there (a slug; the organization's id, a space and the domain).  created_at where the provider says it.
 *
 * An entity and everything it points to live in one arena; text is valid UTF-8 without NUL.  The rules are those of
 * connector.h, C16 to C23.
 */
#ifndef REHOME_ENTITY_H
#define REHOME_ENTITY_H

#include <rehome/connector.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rh_entity_state { /* numbers are stored */
		       RH_ENTITY_UNSAID = 0,
		       RH_ENTITY_ACTIVE = 1,
		       RH_ENTITY_INACTIVE = 2,
		       RH_ENTITY_PENDING = 3,
		       RH_ENTITY_VERIFIED = 4,
		       RH_ENTITY_OVER =
			       5, /* an invitation that was accepted, revoked, or has expired */
};
RH_API const char *rh_entity_state_name(enum rh_entity_state state);

struct rh_entity {
	enum rh_kind kind;
	enum rh_entity_state state;
	struct rh_str source_id;
	struct rh_str external_id; /* the source's own; may be absent */
	struct rh_str name;        /* for people; never a key */
	struct rh_str slug;        /* as the provider writes it: "org:admin" */
	struct rh_str description;
	struct rh_str organization; /* source id */
	struct rh_str user;         /* source id */
	struct rh_str email;        /* in compared form */
	struct rh_str domain;       /* lower case, A-label */
	const struct rh_str *
		roles; /* slugs as the provider writes them, the most important first if it says so */
	size_t role_count;
	const struct rh_str *permissions; /* the same */
	size_t permission_count;
	struct rh_str metadata[RH_METADATA_KINDS]; /* compact JSON object text; absent = none */
	uint32_t members_max;                      /* 0: no end */
	bool is_built_in; /* the provider's own, in each of its tenants: linked where it is there, never created, and
			   * left out in silence where it is not */
	rh_time created_at;
	rh_time expires_at;
};

/* A role or a permission as the target knows it. */
struct rh_link {
	struct rh_str slug;      /* as the target writes it */
	struct rh_str target_id; /* absent: not known yet (to_wire without a body) */
};

/* What an entity refers to, as the target names it: resolved by the engine, never looked up by a connector. */
struct rh_links {
	struct rh_str
		organization; /* target id; absent: the entity has none, or to_wire is asked without a body */
	struct rh_str user; /* the same */
	struct rh_str slug; /* ROLE, PERMISSION: its own slug at the target */
	const struct rh_link *
		roles; /* the most important first; without RH_PART_ROLES the first one alone goes */
	size_t role_count; /* 0: the target's default role, where it has one */
	const struct rh_link *permissions;
	size_t permission_count;
};

/* Kinds that this header is about. */
#define RH_ENTITY_KINDS                                                               \
	(1u << RH_KIND_PERMISSION | 1u << RH_KIND_ROLE | 1u << RH_KIND_ORGANIZATION | \
	 1u << RH_KIND_DOMAIN | 1u << RH_KIND_MEMBERSHIP | 1u << RH_KIND_INVITATION)
static inline bool rh_kind_is_entity(enum rh_kind kind)
{
	return (RH_ENTITY_KINDS >> kind & 1) != 0;
}

/* What a connector can say of entities; one constant struct, connector->entities.  Bits are 1 << kind. */
struct rh_entity_rules {
	unsigned
		kinds_read; /* source: from_record knows them, and ops[kind][LIST] reads them live */
	unsigned kinds_written; /* target: to_wire knows them, ops have CREATE, and FIND or LIST */
	/* their LIST is asked once for each organization, with row->links->organization: an id of that provider */
	unsigned listed_by_organization;
	unsigned
		mails; /* creating one sends mail, whatever is asked: only with policy->notifies (C22) */
	unsigned roles_max; /* roles a membership holds; 0: any number, as far as is known */
	/* wire fields of each kind, NULL-ended, at most RH_WIRE_FIELDS_MAX, order fixed for ever; the one that a
	 * kind is found by, if it has one, is called "external_id" */
	const char *const *fields[RH_KINDS];

	/* source: pure.  Record of that kind to entity; as connector->from_record: RH_OK also for a refused record (a
	 * finding of severity REFUSE was added, and out->source_id is set if it could be read). */
	int (*from_record)(const void *instance, enum rh_kind kind, const struct rh_record *record,
			   const struct rh_mapping_policy *policy, struct rh_arena *arena,
			   struct rh_finding_sink *findings, struct rh_entity *out,
			   struct rh_err *err);

	/*
	 * Slugs of roles and permissions are compared, and carried from one provider to another, in a common form
	 * (C19): letters, digits, '-', '_', ':', '.', without what a provider puts before them.  to_common: 1, or 0
	 * where it is none of the provider's.  from_common: 1, or 0 where the provider cannot write it.  < 0: RH_ENOMEM.
	 * Either may be NULL: the text is the same.
	 */
	int (*slug_to_common)(enum rh_kind kind, struct rh_str slug, struct rh_arena *arena,
			      struct rh_str *out);
	int (*slug_from_common)(enum rh_kind kind, struct rh_str common, struct rh_arena *arena,
				struct rh_str *out);

	/* target: pure */
	/* Parts that to_wire would send for it; 0 is none but RH_PART_IDENTITY. */
	unsigned (*parts)(const void *instance, const struct rh_entity *entity);
	/* As connector->to_wire.  Without a body ids in links may be absent; wire fields never hold one of them.  A list
	 * (roles, permissions) is one field: slugs in ascending order of bytes, joined by a space. */
	int (*to_wire)(const void *instance, const struct rh_entity *entity,
		       const struct rh_links *links, const struct rh_mapping_policy *policy,
		       unsigned parts, struct rh_arena *arena, struct rh_finding_sink *findings,
		       struct rh_buf *body, struct rh_wire *out, struct rh_err *err);
	/*
	 * A record of the target (from list, get, find, create) to what it says: target_id (what ops address it by),
	 * external_id, created_at, wire, and out->entity in the arena, as from_record would make it: its ids are the
	 * target's.  RH_EINPUT: no object of that kind.
	 */
	int (*observe)(const void *instance, enum rh_kind kind, const struct rh_record *record,
		       struct rh_arena *arena, struct rh_observed *out, struct rh_err *err);
};

#ifdef __cplusplus
}
#endif

#endif
