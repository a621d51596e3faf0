/* SPDX-License-Identifier: Apache-2.0 */
/* What became of entities, kind by kind. */
#include "engine/tenant.h"

static uint64_t less(uint64_t whole, uint64_t part)
{
	return whole > part ? whole - part : 0;
}

static void count_kind(const struct rh_ledger_kind_counts *rows, const struct rh_kind_plan *plan,
		       struct rh_kind_run *out)
{
	const uint64_t *states = rows->by_state;

	*out = (struct rh_kind_run){
		.total = plan != NULL ? plan->total : rows->total,
		.created = rows->created + rows->unproven,
		.unproven = rows->unproven,
		.linked = rows->linked,
		.linked_other = rows->linked_other,
		.rejected = states[RH_STATE_REJECTED],
		.conflicts = states[RH_STATE_CONFLICT],
		.unknown = states[RH_STATE_UNKNOWN] + states[RH_STATE_INTENDED],
		.deferred = states[RH_STATE_DEFERRED],
		.partial = rows->parts_dropped,
		.verified = states[RH_STATE_VERIFIED],
		.differs = rows->differs,
		.missing = rows->missing,
		.undone = states[RH_STATE_UNDONE],
		.undo_open = states[RH_STATE_UNDO_INTENDED],
		.kept = states[RH_STATE_KEPT],
	};
	/* A newer plan may know less than earlier ones have brought. */
	out->total = out->total > rows->total ? out->total : rows->total;
	if (plan != NULL) {
		out->refused = plan->refuse;
		out->skipped = plan->skip;
		out->left_out = plan->left_out;
		out->open = less(plan->create + plan->link + plan->done,
				 less(rows->total, states[RH_STATE_UNDONE]));
	}
}

int rh_tenant_count(struct rh_ledger *ledger, const struct rh_plan *plan, struct rh_run_counts *out,
		    struct rh_err *err)
{
	struct rh_ledger_kind_counts rows[RH_KINDS];
	int code = rh_ledger_count_entities(ledger, rows, err);

	out->entities_open = 0;
	out->entities_undo_open = 0;
	for (size_t i = 0; code == RH_OK && i < RH_TENANT_KINDS; i++) {
		enum rh_kind kind = rh_tenant_kinds[i];
		struct rh_kind_run *counts = &out->kinds[kind];

		count_kind(&rows[kind], plan != NULL ? &plan->counts.kinds[kind] : NULL, counts);
		out->entities_open += counts->unknown + counts->deferred + counts->open;
		out->entities_undo_open += counts->undo_open;
	}
	return code;
}
