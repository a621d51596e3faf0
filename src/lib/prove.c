/* SPDX-License-Identifier: Apache-2.0 */
/* Apply's order where passwords are to be proved: those who go first, everybody, sign-ins of known accounts. */
#include "account/credential.h"
#include "base/err.h"
#include "engine/prove.h"
#include "lib/migration.h"

int rh_migration_check_proofs(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_finding_group group;

	for (size_t i = 0; rh_migration_finding(migration, i, &group); i++) {
		if (group.info->code != RH_FINDING_PROOF_FAILED) {
			continue;
		}
		(void)rh_err_set(err, RH_ESTATE,
				 "known passwords do not fit their hashes: %llu of kind %s",
				 (unsigned long long)group.count, group.note);
		rh_err_hint(err, "Nothing is written. See which reading fits with `rehome password "
				 "check`, correct the mapping, and plan again.");
		return RH_ESTATE;
	}
	return RH_OK;
}

/* canary.c: passes in which nobody but the canaries is written. */
static int send_canaries(struct rh_migration *migration, struct rh_run *run,
			 struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_canaries *canaries = &migration->canaries;
	bool wants_proof = run->proofs != NULL;
	uint64_t created = 0;
	uint64_t updated = 0;
	int code = rh_canaries_begin(run, &migration->plan, canaries, err);

	run->canaries = canaries->count > 0 ? canaries : NULL;
	if (code == RH_OK && canaries->count > 0) {
		/* Rows that an earlier run chose, and did not come to judge. */
		code = rh_canaries_recall(run, &migration->plan, canaries, err);
	}
	while (code == RH_OK && rh_canaries_are_wanted(canaries)) {
		struct rh_source *source = NULL;

		rh_canaries_next_pass(canaries, wants_proof);
		code = rh_migration_open_source(migration, migration->plan.revision, &source, err);
		if (code == RH_OK) {
			code = rh_apply(run, &migration->plan, source, out, err);
			created += out->created_now;
			updated += out->updated_now;
		}
		rh_source_close(source);
		if (code == RH_OK) {
			code = rh_canaries_judge(run, &migration->plan, canaries, err);
		}
		wants_proof = false;
	}
	canaries->is_first = false;
	out->created_now = created;
	out->updated_now = updated;
	return code;
}

int rh_migration_write(struct rh_migration *migration, struct rh_run *run, struct rh_source *source,
		       struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_tenant_run tally = {0};
	uint64_t created;
	uint64_t updated;
	int code = rh_migration_write_tenant(migration, run, RH_TENANT_BEFORE, &tally, out, err);

	if (code == RH_OK) {
		code = send_canaries(migration, run, out, err);
	}
	if (code != RH_OK) {
		return code;
	}
	created = out->created_now;
	updated = out->updated_now;
	code = rh_apply(run, &migration->plan, source, out, err);
	out->created_now += created;
	out->updated_now += updated;
	out->held = migration->canaries.held;
	if (code == RH_OK) {
		code = rh_migration_write_tenant(migration, run, RH_TENANT_AFTER, &tally, out, err);
	}
	if (code == RH_OK) {
		code = rh_migration_count_tenant(migration, run, &tally, out, err);
	}
	if (code == RH_OK && run->proofs != NULL) {
		code = rh_prove(run, run->proofs, out, err);
	}
	return code;
}

bool rh_migration_canary(struct rh_migration *migration, size_t index, struct rh_canary_line *out)
{
	const struct rh_connector *target = migration->target.connector;
	const struct rh_canary *canary = &migration->canaries.items[index];
	const char *other = NULL;

	if (index >= migration->canaries.count) {
		return false;
	}
	if (target->other_form != NULL) {
		other = target->other_form(migration->target.instance, canary->scheme);
	}
	*out = (struct rh_canary_line){
		.scheme = rh_scheme_name(canary->scheme),
		.verdict = rh_canary_verdict_name(canary->verdict),
		.what = canary->verdict,
		.source_id = canary->source_id,
		.other = other != NULL ? other : "",
	};
	return true;
}
