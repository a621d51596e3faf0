/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tenant has beside its people, at the target: surveyed, written, read back, taken away again.
 *
 *   plan/ (decisions) + stream of records --> batches of 256 --> intents committed --> requests --> outcomes
 *
 *  T1. Kind after kind, in the order of plan/tenant.h; accounts stand between domains and memberships.
 *  T2. The ledger decides as for accounts (apply.c, A1): no row, DEFERRED, UNDONE: send; UNKNOWN: find first; DONE,
 *      VERIFIED, KEPT: nothing; REJECTED, CONFLICT: a newer plan asks again.  So a rerun brings what is missing.
 *  T3. Links come from the ledger: an organization or account that has no target id yet keeps what belongs to it back;
 *      it is open, without a row, and the next run looks again.  What belongs to something that the target has refused
 *      is REJECTED with the code RH_CODE_REFERENCE; a role that it has refused is left out.
 *  T4. A create answered by ALREADY, and a taken slug or domain, are looked for: what is the same thing is LINKED and not
 *      changed; anything else is a CONFLICT.
 *  T5. Parts that the target refuses are left out and the entity is intended again without them (A4).
 *  T6. What no create holds goes right behind it (connector.h, C18); the row is settled when the last of it is answered.
 *      A row that is looked up and found to be ours gets it again: it sets, and may be sent twice.
 *  T7. A kind that the target denies (C23) stops: its rows stay DEFERRED, the other kinds go on, and so do accounts.
 *  T8. Undo goes backwards: invitations and memberships before accounts, the others after them.  What the target cannot
 *      remove is KEPT with the code RH_CODE_NO_REMOVAL.
 *
 * Memory: two batches, whatever the number of entities.
 */
#ifndef ENGINE_TENANT_H
#define ENGINE_TENANT_H

#include <rehome/entity.h>

#include "engine/run.h"
#include "plan/tenant.h"

/* Code of a row that an undo leaves, since the target's API removes none of its kind; stored. */
#define RH_CODE_NO_REMOVAL "no_removal"

/* Code of a linked row that was there with other roles or fields; stored.  They stay as they are. */
#define RH_CODE_DIFFERS "differs"
/* Code of a row whose organization or account the target has refused; stored. */
#define RH_CODE_REFERENCE "reference"

enum rh_tenant_half {
	RH_TENANT_BEFORE, /* accounts: permissions, roles, organizations, domains */
	RH_TENANT_AFTER,  /* memberships, invitations */
};

/* What one run learnt of entities beyond what the ledger holds. */
struct rh_tenant_run {
	unsigned denied; /* kinds that the target denies, as bits (T7) */
	uint64_t waiting[RH_KINDS];
	uint64_t created_now[RH_KINDS];
};

/* Asks the target what it has of the kinds that are matched beforehand (plan/tenant.h, N3). */
RH_NODISCARD int rh_tenant_survey(struct rh_run *run, struct rh_plan_tenant *plan,
				  struct rh_err *err);
/* Writes one half of the plan's entities; nothing where the plan has none. */
RH_NODISCARD int rh_tenant_apply(struct rh_run *run, const struct rh_plan *plan,
				 const struct rh_tenant_source *source, enum rh_tenant_half half,
				 struct rh_tenant_run *out, struct rh_err *err);
/* Compares every entity of the ledger with what stands at the target. */
RH_NODISCARD int rh_tenant_verify(struct rh_run *run, struct rh_err *err);
/* Removes what was created of one half (T8). */
RH_NODISCARD int rh_tenant_undo(struct rh_run *run, enum rh_tenant_half half, struct rh_err *err);

/* Counts by kind, from the ledger and the plan (may be NULL), into those of the run. */
RH_NODISCARD int rh_tenant_count(struct rh_ledger *ledger, const struct rh_plan *plan,
				 struct rh_run_counts *out, struct rh_err *err);

/* One list of the target, to its end. */
struct rh_tenant_walk {
	enum rh_kind kind;
	struct rh_str organization; /* target id; absent: the whole tenant's */
	int (*each)(void *context, const struct rh_observed *observed, struct rh_err *err);
	void *context;
	bool is_denied; /* answered: the target denies this kind */
};
RH_NODISCARD int rh_tenant_walk(struct rh_run *run, struct rh_tenant_walk *walk,
				struct rh_err *err);

/* Target ids of what a row refers to, from the ledger; texts in the arena.  `row` needs kind, parent, external_id. */
RH_NODISCARD int rh_tenant_links_of(struct rh_ledger *ledger, const struct rh_ledger_row *row,
				    struct rh_arena *arena, struct rh_links *out,
				    struct rh_err *err);

#endif
