/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that write a tenant share: one kind on its way, batches, one entity. */
#ifndef ENGINE_TENANT_INTERNAL_H
#define ENGINE_TENANT_INTERNAL_H

#include "base/arena.h"
#include "base/limits.h"
#include "engine/fuse.h"
#include "engine/tenant.h"

#define RH_TENANT_BATCHES 2

struct rh_tenant_writer;
struct rh_tenant_batch;

/* One entity on its way. */
struct rh_tenant_slot {
	struct rh_tenant_writer *writer;
	struct rh_tenant_batch *batch;
	struct rh_entity entity;
	struct rh_tenant_judged judged;
	struct rh_ledger_row row; /* as it stands in the ledger, or will when it is intended */
	/* what an earlier request of it intended, to know it again by (ledger.h, L10) */
	struct rh_ledger_row sent;
	struct rh_str idempotency;
	bool was_absent;    /* nobody but us can have made it (L10) */
	bool is_recorded;   /* LINK: needs a row and no request */
	bool is_refused;    /* what it belongs to was refused there (T3) */
	bool must_find;     /* its last request may have left */
	bool after_refusal; /* T4: the look-up follows ALREADY or CONFLICT */
	bool is_already;    /* of these, ALREADY */
	struct rh_str code; /* of that refusal, or of a refused part */
	unsigned parts_dropped;
	unsigned resolved;
	enum rh_origin origin; /* while it is completed */
};

struct rh_tenant_batch {
	struct rh_arena arena;
	struct rh_tenant_slot slots[RH_LEDGER_GROUP];
	size_t count;
	size_t open;
};

/* One kind of a plan, being written. */
struct rh_tenant_writer {
	struct rh_run *run;
	const struct rh_plan *plan;
	struct rh_plan_inputs inputs;
	struct rh_tenant tenant;
	struct rh_tenant_plan *decisions;
	struct rh_tenant_reader *reader;
	struct rh_collector collector;
	enum rh_kind kind;
	struct rh_tenant_batch *batches[RH_TENANT_BATCHES];
	struct rh_ledger_row rows[RH_LEDGER_GROUP]; /* of one intent */
	struct rh_tenant_slot *again[RH_TENANT_BATCHES * RH_LEDGER_GROUP];
	size_t again_count;
	uint64_t walked; /* entities of this half, of `total` */
	uint64_t total;
	bool is_read;
	bool was_surveyed;
	struct rh_fuse fuse;
	struct rh_tenant_run *tally;
	int code; /* first error of a callback */
	struct rh_err err;
};

/* tenant_apply.c: the kinds of a half, in their order; how many. */
size_t rh_tenant_half_kinds(enum rh_tenant_half half, const enum rh_kind **out);

/* tenant_links.c */
bool rh_tenant_is_there(const struct rh_ledger_row *row);

/* tenant_slot.c */
void rh_tenant_fail(struct rh_tenant_writer *writer, int code, const struct rh_err *err);
/* Fills the row with what these parts would put at the target. */
RH_NODISCARD int rh_tenant_prepare(struct rh_tenant_slot *slot, struct rh_err *err);
/* The first request of a slot; its batch is open from here until the slot is closed. */
void rh_tenant_start(struct rh_tenant_slot *slot);
/* Intends what waits for it, and sends it. */
RH_NODISCARD int rh_tenant_intend_again(struct rh_tenant_writer *writer, struct rh_err *err);

/* tenant_fill.c: reads entities into the batch; RH_OK also at the end of the kind. */
RH_NODISCARD int rh_tenant_fill(struct rh_tenant_writer *writer, struct rh_tenant_batch *batch,
				struct rh_err *err);

#endif
