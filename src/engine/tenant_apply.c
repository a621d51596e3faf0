/* SPDX-License-Identifier: Apache-2.0 */
/* Kind after kind of a tenant, written (tenant.h). */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "config/settings.h"
#include "engine/tenant_internal.h"

static const enum rh_kind first_half[] = {RH_KIND_PERMISSION, RH_KIND_ROLE, RH_KIND_ORGANIZATION,
					  RH_KIND_DOMAIN};
static const enum rh_kind second_half[] = {RH_KIND_MEMBERSHIP, RH_KIND_INVITATION};

size_t rh_tenant_half_kinds(enum rh_tenant_half half, const enum rh_kind **out)
{
	*out = half == RH_TENANT_BEFORE ? first_half : second_half;
	return half == RH_TENANT_BEFORE ? sizeof(first_half) / sizeof(first_half[0])
					: sizeof(second_half) / sizeof(second_half[0]);
}

static bool is_open(const struct rh_tenant_writer *writer)
{
	for (size_t i = 0; i < RH_TENANT_BATCHES; i++) {
		if (writer->batches[i]->open > 0) {
			return true;
		}
	}
	return false;
}

static void show(const struct rh_tenant_writer *writer, bool force)
{
	uint64_t open = 0;

	for (size_t i = 0; i < RH_TENANT_BATCHES; i++) {
		open += writer->batches[i]->open;
	}
	if (writer->total > 0) {
		rh_run_show(writer->run, RH_PHASE_ENTITIES,
			    writer->walked > open ? writer->walked - open : 0, writer->total,
			    force);
	}
}

static int too_many_failed(const struct rh_tenant_writer *writer, struct rh_err *err)
{
	rh_autobuf causes = {0};

	rh_buf_init(&causes, 2048);
	rh_fuse_add_causes(&writer->fuse, &causes);
	(void)rh_err_set(err, RH_ELIMIT,
			 "too many failures: of %" PRIu64 " %ss tried the target refused %" PRIu64
			 " or a part of them, more than --max-failures %s allows (%s)",
			 writer->fuse.tried, rh_kind_name(writer->kind), writer->fuse.failed,
			 writer->run->settings->max_failures, causes.ptr != NULL ? causes.ptr : "");
	rh_err_hint(err, "Mend the cause and go on with the rest; --max-failures 100%% goes on "
			 "whatever comes, --without leaves a kind out.");
	return RH_ELIMIT;
}

static int stopped(const struct rh_tenant_writer *writer, struct rh_err *err)
{
	const struct rh_run *run = writer->run;

	if (run->stop != NULL && *run->stop > 0) {
		return rh_err_set(err, RH_EINTERRUPTED, "interrupted");
	}
	return rh_fuse_is_blown(&writer->fuse) ? too_many_failed(writer, err) : RH_OK;
}

/* Nothing more is begun of this kind. */
static bool ends(const struct rh_tenant_writer *writer)
{
	return writer->is_read || (writer->tally->denied >> writer->kind & 1) != 0 ||
	       rh_run_stop_level(writer->run) > 0;
}

static int loop(struct rh_tenant_writer *writer, struct rh_err *err)
{
	int code = RH_OK;

	while (code == RH_OK && writer->code == RH_OK && (!ends(writer) || is_open(writer))) {
		for (size_t i = 0; i < RH_TENANT_BATCHES && code == RH_OK; i++) {
			if (writer->batches[i]->open == 0 && !ends(writer)) {
				code = rh_tenant_fill(writer, writer->batches[i], err);
			}
		}
		if (code == RH_OK && is_open(writer)) {
			code = rh_run_turn(writer->run, err);
		}
		if (code == RH_OK && writer->code == RH_OK) {
			code = rh_tenant_intend_again(writer, err);
		}
		show(writer, false);
	}
	if (code == RH_OK && writer->code != RH_OK) {
		*err = writer->err;
		code = writer->code;
	}
	return code == RH_OK ? stopped(writer, err) : code;
}

static int write_kind(struct rh_tenant_writer *writer, enum rh_kind kind, struct rh_err *err)
{
	struct rh_failures allowed = {.is_share = true, .limit = 100};
	const char *text = writer->run->settings->max_failures;
	int code = rh_tenant_open(&writer->reader, writer->tenant.source, kind,
				  &writer->inputs.policy, err);

	if (code != RH_OK || writer->reader == NULL) {
		return code;
	}
	if (text != NULL && !rh_failures_parse(text, &allowed)) {
		code = rh_err_set(err, RH_EUSAGE, "--max-failures takes a number or a share");
	}
	rh_fuse_init(&writer->fuse, &allowed);
	writer->kind = kind;
	writer->is_read = false;
	writer->was_surveyed = writer->plan->counts.reads > 0 &&
			       (kind == RH_KIND_PERMISSION || kind == RH_KIND_ROLE ||
				kind == RH_KIND_ORGANIZATION);
	if (code == RH_OK) {
		code = rh_tenant_plan_seek(writer->decisions, kind, err);
	}
	if (code == RH_OK) {
		code = loop(writer, err);
	}
	rh_tenant_close(writer->reader);
	writer->reader = NULL;
	return code;
}

/* A1 (apply.c): what an undo has begun to take away is not put back before it ended. */
static int check_undo(struct rh_run *run, struct rh_err *err)
{
	struct rh_ledger_kind_counts counts[RH_KINDS];
	int code = rh_ledger_count_entities(run->ledger, counts, err);

	for (size_t i = 0; i < RH_KINDS && code == RH_OK; i++) {
		if (counts[i].by_state[RH_STATE_UNDO_INTENDED] > 0) {
			code = rh_err_set(err, RH_ESTATE, "an undo of this migration has begun");
			rh_err_hint(err, "Finish it with `rehome undo`, then apply again.");
		}
	}
	return code;
}

static int begin(struct rh_tenant_writer *writer, const struct rh_tenant_source *source,
		 struct rh_err *err)
{
	struct rh_run *run = writer->run;
	uint64_t adopted;
	int code;

	for (size_t i = 0; i < RH_TENANT_BATCHES; i++) {
		writer->batches[i] = rh_calloc(1, sizeof(*writer->batches[i]));
		if (writer->batches[i] == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		rh_arena_init(&writer->batches[i]->arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	}
	if ((code = check_undo(run, err)) != RH_OK ||
	    (code = rh_ledger_adopt(run->ledger, &adopted, err)) != RH_OK ||
	    (code = rh_run_check_target(run, true, err)) != RH_OK ||
	    (code = rh_ledger_index(run->ledger, err)) != RH_OK) {
		return code;
	}
	code = rh_tenant_begin(&writer->tenant, &writer->inputs, source,
			       rh_tenant_plan_db(writer->decisions), err);
	/* As the plan knew them: a stream of roles was read, or the target's were listed. */
	return code == RH_OK ? rh_tenant_knows_roles(&writer->tenant, err) : code;
}

static void end(struct rh_tenant_writer *writer)
{
	for (size_t i = 0; i < RH_TENANT_BATCHES; i++) {
		if (writer->batches[i] != NULL) {
			rh_arena_done(&writer->batches[i]->arena);
			rh_free(writer->batches[i]);
		}
	}
	rh_tenant_end(&writer->tenant);
	rh_tenant_plan_close(writer->decisions);
	rh_free(writer);
}

static struct rh_plan_inputs inputs_of(struct rh_run *run, const struct rh_plan *plan)
{
	return (struct rh_plan_inputs){
		.there = &plan->there,
		.workspace = run->workspace,
		.settings = run->settings,
		.target = run->target,
		.target_instance = run->target_instance,
		.ledger = run->ledger,
		.policy = run->policy,
		.clock = run->clock,
	};
}

int rh_tenant_apply(struct rh_run *run, const struct rh_plan *plan,
		    const struct rh_tenant_source *source, enum rh_tenant_half half,
		    struct rh_tenant_run *out, struct rh_err *err)
{
	const enum rh_kind *kinds;
	size_t count = rh_tenant_half_kinds(half, &kinds);
	struct rh_tenant_writer *writer;
	struct rh_tenant_plan *decisions = NULL;
	int code = rh_tenant_plan_open(&decisions, run->workspace, plan->revision, err);

	if (code != RH_OK || decisions == NULL) {
		return code;
	}
	writer = rh_calloc(1, sizeof(*writer));
	if (writer == NULL) {
		rh_tenant_plan_close(decisions);
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	writer->run = run;
	writer->plan = plan;
	writer->decisions = decisions;
	writer->tally = out;
	writer->inputs = inputs_of(run, plan);
	for (size_t i = 0; i < count; i++) {
		writer->total += plan->counts.kinds[kinds[i]].total;
	}
	code = begin(writer, source, err);
	for (size_t i = 0; i < count && code == RH_OK; i++) {
		code = write_kind(writer, kinds[i], err);
	}
	if (code == RH_OK) {
		show(writer, true);
	}
	if (code == RH_OK) {
		code = rh_ledger_commit(run->ledger, err);
	}
	end(writer);
	return code;
}
