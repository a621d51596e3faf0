/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that plan a tenant share. */
#ifndef PLAN_TENANT_INTERNAL_H
#define PLAN_TENANT_INTERNAL_H

#include "base/arena.h"
#include "plan/plan_internal.h"
#include "plan/tenant.h"

struct rh_json_node;
struct rh_json_writer;
struct rh_sha256;

/* Something at the target: digests of its fields, as the ledger keeps them. */
struct there {
	struct rh_str target_id;
	uint32_t present;
	struct rh_str wire;
};

struct rh_plan_tenant {
	struct rh_plan_builder *builder;
	struct rh_tenant tenant;
	struct rh_arena arena; /* of one entity */
	struct rh_collector collector;
	struct rh_sorter *people; /* tenant_people.c */
	uint64_t wanted;          /* accounts that memberships ask for */
	uint64_t ordinal;
};

/* tenant_people.c: the entity added last needs this account. */
RH_NODISCARD int rh_tenant_want_user(struct rh_plan_tenant *plan, struct rh_str source_id,
				     struct rh_err *err);
/* After the last entity: refuses those whose account does not move, or is not in the source (N4). */
RH_NODISCARD int rh_tenant_match_users(struct rh_plan_tenant *plan, struct rh_err *err);
/* tenant_counts.c: the member "kinds" of plans/N.json. */
void rh_tenant_save(const struct rh_plan_counts *counts, struct rh_json_writer *json);
void rh_tenant_load(const struct rh_json_node *root, struct rh_plan_counts *counts);
/* Adds to a plan's fingerprint what was decided of entities. */
RH_NODISCARD int rh_tenant_fingerprint(struct rh_plan_builder *builder, struct rh_sha256 *sha,
				       struct rh_err *err);

#endif
