/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan counts of entities, in plans/N.json: a member for each kind that it has. */
#include <stddef.h>

#include "base/json.h"
#include "plan/tenant_internal.h"

static const struct count_field {
	const char *name;
	size_t offset;
} fields[] = {
	{"total", offsetof(struct rh_kind_plan, total)},
	{"create", offsetof(struct rh_kind_plan, create)},
	{"link", offsetof(struct rh_kind_plan, link)},
	{"skip", offsetof(struct rh_kind_plan, skip)},
	{"refuse", offsetof(struct rh_kind_plan, refuse)},
	{"left_out", offsetof(struct rh_kind_plan, left_out)},
	{"done", offsetof(struct rh_kind_plan, done)},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

void rh_tenant_save(const struct rh_plan_counts *counts, struct rh_json_writer *json)
{
	bool has_any = false;

	for (size_t i = 0; i < RH_TENANT_KINDS; i++) {
		has_any = has_any || counts->kinds[rh_tenant_kinds[i]].total > 0;
	}
	if (!has_any) {
		return;
	}
	rh_json_key(json, "kinds");
	rh_json_begin_object(json);
	for (size_t i = 0; i < RH_TENANT_KINDS; i++) {
		enum rh_kind kind = rh_tenant_kinds[i];

		if (counts->kinds[kind].total == 0) {
			continue;
		}
		rh_json_key(json, rh_kind_name(kind));
		rh_json_begin_object(json);
		for (size_t n = 0; n < FIELDS; n++) {
			const char *at = (const char *)&counts->kinds[kind] + fields[n].offset;

			rh_json_key(json, fields[n].name);
			rh_json_put_u64(json, *(const uint64_t *)(const void *)at);
		}
		rh_json_end_object(json);
	}
	rh_json_end_object(json);
}

void rh_tenant_load(const struct rh_json_node *root, struct rh_plan_counts *counts)
{
	const struct rh_json_node *kinds = rh_json_get(root, "kinds");

	for (size_t i = 0; i < RH_TENANT_KINDS; i++) {
		enum rh_kind kind = rh_tenant_kinds[i];
		const struct rh_json_node *node = rh_json_get(kinds, rh_kind_name(kind));

		for (size_t n = 0; n < FIELDS; n++) {
			char *at = (char *)&counts->kinds[kind] + fields[n].offset;

			(void)rh_json_get_i64(node, fields[n].name, (int64_t *)(void *)at);
		}
	}
}
