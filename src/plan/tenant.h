/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tenant has beside its people, in a plan: permissions, roles, organizations, domains, memberships, invitations.
 *
 *  N1. The records of each kind come as one stream of NDJSON, whoever keeps it, the same each time; they are numbered
 *      1, 2, 3 … over all kinds, in the order in which a target is filled.  The number is the entity's ordinal.
 *  N2. Every entity has a row in plans/N.db (table `entity`): its decision, its ids at the source, its slug at the target.
 *      No name, no address, no domain stands there, nor in the ledger.
 *  N3. A role or permission is at the target already when its slug is; an organization when its external id is.  Names
 *      never match: they are told (RH0908), as keyed digests let them be compared.
 *  N4. What an entity belongs to must move or be there: its organization, its account.  Otherwise it is refused, once,
 *      with that cause; whoever is at the target already and is skipped still gets memberships.
 *  N5. Slugs go through --role-map, else through the common form (connector.h, C19).
 *  N6. Of memberships, domains and invitations nobody is asked whether they are there: a create that is answered
 *      by ALREADY says it, and links what it found.
 *  N7. Memory does not grow with their number: rows lie in SQLite, accounts are matched by sorted hashes (sorter.h).
 *  N8. Ledger ids are base + 2 * total + ordinal, behind those of accounts and their updates (plan.h, P4).
 */
#ifndef PLAN_TENANT_H
#define PLAN_TENANT_H

#include <rehome/entity.h>

#include "plan/plan.h"

struct rh_bytes;
struct rh_db;
struct rh_slugs;

/* Where the records of one tenant come from. */
struct rh_tenant_source {
	const struct rh_connector *connector;
	const void *instance;
	/* The records of a kind from their start; *out (the caller's to close) NULL: there are none of it. */
	int (*open)(void *context, enum rh_kind kind, struct rh_bytes **out, struct rh_err *err);
	void *context;
};

/* Kinds in the order in which a target is filled (N1). */
#define RH_TENANT_KINDS 6
extern const enum rh_kind rh_tenant_kinds[RH_TENANT_KINDS];

/* --without: does it name this kind? */
bool rh_tenant_is_without(const struct rh_settings *settings, enum rh_kind kind);
/* RH_EUSAGE: it names something that is no kind; a slip would move what was not to move. */
RH_NODISCARD int rh_tenant_check_without(const struct rh_settings *settings, struct rh_err *err);

/* ---- reading ------------------------------------------------------------------------------------------- */

struct rh_tenant_reader;

struct rh_tenant_item {
	uint64_t record;         /* from 1, within its kind */
	bool is_bad;             /* no JSON object: a finding says so */
	struct rh_entity entity; /* in the caller's arena */
};

/* *out NULL: there is no stream of this kind. */
RH_NODISCARD int rh_tenant_open(struct rh_tenant_reader **out,
				const struct rh_tenant_source *source, enum rh_kind kind,
				const struct rh_mapping_policy *policy, struct rh_err *err);
/* 1, 0 at the end, < 0 error. */
RH_NODISCARD int rh_tenant_next(struct rh_tenant_reader *reader, struct rh_arena *arena,
				struct rh_finding_sink *findings, struct rh_tenant_item *out,
				struct rh_err *err);
/* Keyed digest of the records read so far; of all of them at the end. */
void rh_tenant_digest(const struct rh_tenant_reader *reader, const struct rh_workspace *workspace,
		      uint8_t out[32]);
void rh_tenant_close(struct rh_tenant_reader *reader); /* accepts NULL */

/* ---- judging ------------------------------------------------------------------------------------------- */

/* What plan and apply judge entities by, so that both say the same. */
struct rh_tenant {
	const struct rh_plan_inputs *inputs;
	const struct rh_tenant_source *source;
	struct rh_db *db; /* with the tables of N2 */
	struct rh_slugs *slugs;
	bool knows_roles; /* the source's roles were read, or the target's: one that is not known is no role */
};
RH_NODISCARD int rh_tenant_begin(struct rh_tenant *tenant, const struct rh_plan_inputs *inputs,
				 const struct rh_tenant_source *source, struct rh_db *db,
				 struct rh_err *err);
void rh_tenant_end(struct rh_tenant *tenant); /* accepts a zeroed one */

/* Of a plan that was made: sets knows_roles. */
RH_NODISCARD int rh_tenant_knows_roles(struct rh_tenant *tenant, struct rh_err *err);

/* An entity as it would be sent. */
struct rh_tenant_judged {
	struct rh_links links; /* slugs; ids are the engine's to fill in */
	struct rh_link *roles; /* those of `links`, to be filled in */
	struct rh_link *permissions;
	struct rh_str external_id; /* at the target; absent: the kind has none */
	unsigned parts;
	struct rh_wire wire;
};
/* What is found goes to the collector; RH_OK also when it is refused. */
RH_NODISCARD int rh_tenant_judge(struct rh_tenant *tenant, const struct rh_entity *entity,
				 struct rh_arena *arena, struct rh_collector *collector,
				 struct rh_tenant_judged *out, struct rh_err *err);

/* ---- planning ------------------------------------------------------------------------------------------ */

struct rh_plan_tenant;

/* After rh_plan_read and the survey of the accounts. */
RH_NODISCARD int rh_plan_tenant_begin(struct rh_plan_tenant **out, struct rh_plan_builder *builder,
				      const struct rh_tenant_source *source, struct rh_err *err);
/* Is the target to be asked what it has of this kind? */
bool rh_plan_tenant_asks(const struct rh_plan_tenant *plan, enum rh_kind kind);
/* One that stands at the target. */
RH_NODISCARD int rh_plan_tenant_present(struct rh_plan_tenant *plan,
					const struct rh_observed *observed, struct rh_err *err);
/* Reads all streams, decides, counts. */
RH_NODISCARD int rh_plan_tenant_read(struct rh_plan_tenant *plan, struct rh_err *err);
void rh_plan_tenant_end(struct rh_plan_tenant *plan); /* accepts NULL */

/* ---- using a plan ---------------------------------------------------------------------------------------- */

/* One entity's row. */
struct rh_tenant_row {
	uint64_t ordinal;
	enum rh_kind kind;
	uint64_t record;
	enum rh_decision decision;
	enum rh_finding_code code;
	struct rh_str source_id;
	struct rh_str target_id;    /* LINK: of what is there */
	struct rh_str organization; /* source ids */
	struct rh_str user;
	struct rh_str user_target_id; /* of an account that is there and in no row of the ledger */
};

struct rh_tenant_plan;

/* The entities of revision N; *out NULL: the plan has none. */
RH_NODISCARD int rh_tenant_plan_open(struct rh_tenant_plan **out,
				     const struct rh_workspace *workspace, int64_t revision,
				     struct rh_err *err);
void rh_tenant_plan_close(struct rh_tenant_plan *plan); /* accepts NULL */
struct rh_db *rh_tenant_plan_db(struct rh_tenant_plan *plan);
/* To the first entity of a kind. */
RH_NODISCARD int rh_tenant_plan_seek(struct rh_tenant_plan *plan, enum rh_kind kind,
				     struct rh_err *err);
/* The next one of that kind; texts live until the call after.  1, 0, < 0. */
RH_NODISCARD int rh_tenant_plan_next(struct rh_tenant_plan *plan, struct rh_tenant_row *out,
				     struct rh_err *err);
/* Is this the digest of the kind's stream as it was planned? */
RH_NODISCARD int rh_tenant_plan_is_of(struct rh_tenant_plan *plan, enum rh_kind kind,
				      const uint8_t digest[32], bool *out, struct rh_err *err);
/* What has a slug at the target. */
struct rh_slug_known {
	struct rh_str target_id; /* it stands there; absent: the plan brings it */
	struct rh_str source_id; /* then, of the role or permission in the plan */
};
/* 1: *out, in the arena; 0: nothing has it; < 0 error. */
RH_NODISCARD int rh_tenant_slug_known(struct rh_db *db, enum rh_kind kind, struct rh_str slug,
				      struct rh_arena *arena, struct rh_slug_known *out,
				      struct rh_err *err);

#endif
