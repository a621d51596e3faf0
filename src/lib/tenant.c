/* SPDX-License-Identifier: Apache-2.0 */
/* What a source has beside its people, on the ways of a migration. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "engine/prove.h"
#include "lib/migration.h"
#include "plan/live.h"

/* Was this kind read through the source's API, and is it not left out now? */
static bool has_live_stream(const struct rh_migration *migration, enum rh_kind kind)
{
	rh_autofree char *path = NULL;

	return migration->settings.whole_tenant &&
	       !rh_tenant_is_without(&migration->settings, kind) &&
	       rh_live_path(&migration->workspace, kind, &path, NULL) == RH_OK &&
	       rh_file_exists(path);
}

static int open_live(void *context, enum rh_kind kind, struct rh_bytes **out, struct rh_err *err)
{
	const struct rh_migration *migration = context;

	*out = NULL;
	return has_live_stream(migration, kind)
		       ? rh_live_bytes(&migration->workspace, kind, out, err)
		       : RH_OK;
}

/* A source that was read through its API has streams of whatever else was read there. */
static void look_for_live(struct rh_migration *migration)
{
	for (size_t i = 0; i < RH_TENANT_KINDS && migration->tenant.open == NULL; i++) {
		if (rh_migration_is_live(migration) &&
		    has_live_stream(migration, rh_tenant_kinds[i])) {
			migration->tenant = (struct rh_tenant_source){
				.connector = migration->source.connector,
				.instance = migration->source.instance,
				.open = open_live,
				.context = migration,
			};
		}
	}
}

/* Is there anything of it, and does the target know such things? */
static bool has_tenant(struct rh_migration *migration, const struct rh_run *run)
{
	look_for_live(migration);
	return migration->tenant.open != NULL && migration->tenant.connector->entities != NULL &&
	       run->target->entities != NULL;
}

int rh_migration_plan_tenant(struct rh_migration *migration, struct rh_run *run,
			     struct rh_plan_builder *builder, uint64_t *reads,
			     int64_t *predicted_us, struct rh_err *err)
{
	struct rh_plan_tenant *tenant = NULL;
	struct rh_engine_counts requests;
	struct rh_err own = {0};
	int code;

	if (!has_tenant(migration, run)) {
		return RH_OK;
	}
	code = rh_plan_tenant_begin(&tenant, builder, &migration->tenant, err);
	if (code == RH_OK && run->engine != NULL) {
		code = rh_tenant_survey(run, tenant, &own);
		code = code == RH_OK ? RH_OK : rh_run_result(run, code, &own, RH_OK, NULL, err);
		rh_engine_count(run->engine, &requests);
		*reads = requests.reads;
	}
	if (code == RH_OK) {
		code = rh_plan_tenant_read(tenant, err);
	}
	rh_plan_tenant_end(tenant);
	return code == RH_OK ? rh_survey_predict(run, builder, predicted_us, err) : code;
}

int rh_migration_count_tenant(struct rh_migration *migration, struct rh_run *run,
			      const struct rh_tenant_run *tally, struct rh_run_counts *out,
			      struct rh_err *err)
{
	struct rh_engine_counts requests;
	const struct rh_plan *plan = migration->has_plan ? &migration->plan : NULL;
	int code = rh_ledger_commit(run->ledger, err);

	if (code == RH_OK) {
		code = rh_tenant_count(run->ledger, plan, out, err);
	}
	for (size_t i = 0; tally != NULL && i < RH_KINDS; i++) {
		out->kinds[i].created_now = tally->created_now[i];
		out->kinds[i].is_denied = (tally->denied >> i & 1) != 0;
	}
	rh_engine_count(run->engine, &requests);
	out->writes = requests.writes;
	out->reads = requests.reads;
	out->throttled = requests.throttled;
	out->elapsed_us = run->clock->steady(run->clock) - run->started_at;
	return code;
}

int rh_migration_write_tenant(struct rh_migration *migration, struct rh_run *run,
			      enum rh_tenant_half half, struct rh_tenant_run *tally,
			      struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_err own = {0};
	struct rh_err later = {0};
	int code;
	int concluded;

	if (!has_tenant(migration, run)) {
		return RH_OK;
	}
	code = rh_tenant_apply(run, &migration->plan, &migration->tenant, half, tally, &own);
	if (code == RH_OK) {
		return RH_OK;
	}
	concluded = half == RH_TENANT_BEFORE ? rh_run_conclude(run, &migration->plan, out, &later)
					     : RH_OK;
	if (concluded == RH_OK) {
		concluded = rh_migration_count_tenant(migration, run, tally, out, &later);
	}
	return rh_run_result(run, code, &own, concluded, &later, err);
}

int rh_migration_verify_all(struct rh_migration *migration, struct rh_run *run,
			    struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_err own = {0};
	int code = rh_verify(run, &migration->plan, out, err);

	if (code == RH_OK) {
		code = rh_tenant_verify(run, &own);
		code = code == RH_OK ? rh_migration_count_tenant(migration, run, NULL, out, err)
				     : rh_run_result(run, code, &own, RH_OK, NULL, err);
	}
	return code == RH_OK && run->proofs != NULL ? rh_prove(run, run->proofs, out, err) : code;
}

/* What an undo leaves; what was never accepted needs none. */
static int count_undone(struct rh_migration *migration, struct rh_run *run,
			struct rh_run_counts *out, struct rh_err *err)
{
	int code = rh_migration_count_tenant(migration, run, NULL, out, err);

	out->entities_open = 0;
	for (size_t i = 0; i < RH_TENANT_KINDS; i++) {
		struct rh_kind_run *kind = &out->kinds[rh_tenant_kinds[i]];

		kind->kept += kind->unproven;
		kind->deferred = 0;
		kind->rejected = 0;
		kind->conflicts = 0;
		kind->partial = 0;
		kind->refused = 0;
		kind->open = 0;
		kind->differs = 0;
		kind->missing = 0;
	}
	return code;
}

int rh_migration_undo_all(struct rh_migration *migration, struct rh_run *run,
			  struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_err own = {0};
	struct rh_err later = {0};
	int code = rh_tenant_undo(run, RH_TENANT_AFTER, &own);
	int concluded;

	if (code != RH_OK) {
		concluded = rh_run_conclude(run, NULL, out, &later);
		return rh_run_result(run, code, &own, concluded, &later, err);
	}
	code = rh_undo(run, out, err);
	if (code != RH_OK) {
		return code;
	}
	code = rh_tenant_undo(run, RH_TENANT_BEFORE, &own);
	concluded = count_undone(migration, run, out, &later);
	return rh_run_result(run, code, &own, concluded, &later, err);
}

enum rh_exit rh_migration_tenant_exit(const struct rh_run_counts *counts)
{
	uint64_t open = 0;
	uint64_t unknown = 0;
	uint64_t refused = 0;
	bool is_denied = false;

	for (size_t i = 0; i < RH_TENANT_KINDS; i++) {
		const struct rh_kind_run *kind = &counts->kinds[rh_tenant_kinds[i]];

		is_denied = is_denied || kind->is_denied;
		unknown += kind->unknown + kind->undo_open;
		open += kind->deferred + kind->open;
		refused += kind->refused + kind->rejected + kind->conflicts + kind->partial +
			   kind->differs + kind->missing + kind->kept;
	}
	/* What waits for a kind that is denied comes with no other run either. */
	if (unknown > 0 || (open > 0 && !is_denied)) {
		return RH_EXIT_STOPPED;
	}
	return refused > 0 || is_denied ? RH_EXIT_REFUSED : RH_EXIT_DONE;
}
