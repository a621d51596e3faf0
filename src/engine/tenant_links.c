/* SPDX-License-Identifier: Apache-2.0 */
/* Target ids of what entities refer to, from the ledger (tenant.h, T3). */
#include "base/arena.h"
#include "base/str.h"
#include "engine/tenant_internal.h"

bool rh_tenant_is_there(const struct rh_ledger_row *row)
{
	return (row->state == RH_STATE_DONE || row->state == RH_STATE_VERIFIED ||
		row->state == RH_STATE_KEPT) &&
	       rh_str_is_set(row->target_id);
}

/* The organization's own row. */
static int home_of(struct rh_ledger *ledger, const struct rh_ledger_row *row,
		   struct rh_arena *arena, struct rh_links *out, struct rh_err *err)
{
	struct rh_ledger_row parent;
	int code = row->parent != 0 ? rh_ledger_get(ledger, row->parent, arena, &parent, err) : 0;

	if (code == 1) {
		out->organization = parent.target_id;
	}
	return code < 0 ? code : RH_OK;
}

int rh_tenant_links_of(struct rh_ledger *ledger, const struct rh_ledger_row *row,
		       struct rh_arena *arena, struct rh_links *out, struct rh_err *err)
{
	struct rh_ledger_row user;
	int code;

	*out = (struct rh_links){0};
	if (row->kind == RH_KIND_ROLE || row->kind == RH_KIND_PERMISSION) {
		out->slug = row->external_id;
		return RH_OK;
	}
	code = home_of(ledger, row, arena, out, err);
	if (code == RH_OK && row->kind == RH_KIND_MEMBERSHIP) {
		code = rh_ledger_find(ledger, RH_KIND_USER, row->external_id, arena, &user, err);
		out->user = code == 1 ? user.target_id : RH_STR_ABSENT;
	}
	return code < 0 ? code : RH_OK;
}
