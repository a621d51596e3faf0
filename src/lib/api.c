/* SPDX-License-Identifier: Apache-2.0 */
/* The library's face: plan, apply, verify, undo, status. */
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/harvest.h"
#include "engine/prove.h"
#include "events/events.h"
#include "ledger/lock.h"
#include "lib/migration.h"
#include "plan/setting.h"

const char *rh_version(void)
{
	return RH_VERSION;
}

/* ---- one run ---------------------------------------------------------------------------------------------- */

void rh_migration_start_run(struct rh_migration *migration, struct rh_run *run)
{
	*run = (struct rh_run){
		.source = migration->source.connector,
		.source_instance = migration->source.instance,
		.target = migration->target.connector,
		.target_instance = migration->target.instance,
		.settings = &migration->settings,
		.workspace = &migration->workspace,
		.ledger = migration->ledger,
		.lock = migration->lock,
		.clock = migration->clock,
		.stop = &migration->stop,
		.settled = &migration->settled,
		.wake_fd = migration->wake_fd,
		.progress = migration->progress,
		.progress_context = migration->progress_context,
		.removes_users = migration->undo_removes_users,
	};
	rh_migration_policy(migration, &run->policy);
}

static int open_events(struct rh_migration *migration, const char *command, struct rh_run *run,
		       struct rh_err *err)
{
	rh_autofree char *folder = NULL;
	int code = rh_workspace_file(&migration->workspace, NULL, "events", &folder, err);

	return code == RH_OK ? rh_events_open(&run->events, folder, command, migration->clock, err)
			     : code;
}

static int open_proofs(struct rh_migration *migration, struct rh_run *run, struct rh_err *err)
{
	return migration->settings.prove != NULL
		       ? rh_proofs_open(&run->proofs, migration->settings.prove, err)
		       : RH_OK;
}

/* Ends the event log with what became of the run. */
static void close_run(struct rh_run *run, int code, const struct rh_run_counts *counts)
{
	struct rh_event_number numbers[] = {
		{.name = "code", .value = code},
		{.name = "created", .value = (int64_t)counts->created_now},
		{.name = "writes", .value = (int64_t)counts->writes},
		{.name = "reads", .value = (int64_t)counts->reads},
		{.name = "throttled", .value = (int64_t)counts->throttled},
		{.name = "elapsed_us", .value = counts->elapsed_us},
	};

	if (run->events != NULL &&
	    rh_events_run(run->events, "end", numbers, sizeof(numbers) / sizeof(numbers[0]),
			  NULL) != RH_OK) {
		/* A log that cannot be written ends here; the ledger has it all. */
		rh_events_close(run->events);
		run->events = NULL;
	}
	rh_events_close(run->events);
	rh_proofs_close(run->proofs);
	rh_run_close(run);
}

/* revision 0: read for a new plan; else for this one. */
void rh_migration_source_options(struct rh_migration *migration, int64_t revision,
				 struct rh_source_options *out)
{
	*out = (struct rh_source_options){
		.connector = migration->source.connector,
		.instance = migration->source.instance,
		.paths = migration->settings.files.items,
		.path_count = migration->settings.files.count,
		.workspace = &migration->workspace,
		.is_replay = revision != 0,
		.revision = revision,
		.clock = migration->clock,
		.stop = &migration->stop,
		.folder_context = migration,
	};
	if ((migration->source.connector->caps.flags & RH_CAP_ARCHIVE) != 0) {
		out->open_folder = rh_migration_open_archive;
	}
	rh_migration_policy(migration, &out->policy);
	if (revision == 0) { /* the plan's moment is this one, whatever an older plan's was */
		out->policy.now = migration->clock->now(migration->clock);
	}
}

int rh_migration_open_source(struct rh_migration *migration, int64_t revision,
			     struct rh_source **out, struct rh_err *err)
{
	struct rh_source_options options;

	rh_migration_source_options(migration, revision, &options);
	return rh_source_open(out, &options, err);
}

/* ---- plan --------------------------------------------------------------------------------------------------- */

struct reading {
	struct rh_run *run;
	struct rh_source *source;
	uint64_t before; /* bytes read before the first account: files that are joined */
};

static bool tick(void *context, uint64_t records)
{
	struct reading *reading = context;
	uint64_t done;
	uint64_t total;

	rh_source_position(reading->source, &done, &total);
	/* Records of a file are not known before its end: the share of its bytes stands for them. */
	rh_run_show(reading->run, RH_PHASE_READ, records,
		    done > reading->before && total >= done
			    ? (uint64_t)((double)records * (double)(total - reading->before) /
					 (double)(done - reading->before))
			    : 0,
		    false);
	rh_lock_beat(reading->run->lock, rh_run_now(reading->run));
	return rh_run_stop_level(reading->run) == 0;
}

static int survey(struct rh_migration *migration, struct rh_run *run,
		  struct rh_plan_builder *builder, uint64_t *reads, int64_t *predicted_us,
		  struct rh_err *err)
{
	if (migration->settings.offline) {
		return rh_survey_offline(run, builder, predicted_us, err);
	}
	return rh_survey(run, builder, reads, predicted_us, err);
}

/* What the ledger has is told as done: it must be at this target, which is asked before anything is said. */
static int meet_target(const struct rh_migration *migration, struct rh_run *run, struct rh_err *err)
{
	struct rh_err own = {0};
	int code;

	if (migration->settings.offline) {
		return RH_OK;
	}
	code = rh_run_open(run, true, err);
	if (code != RH_OK || migration->ledger == NULL) {
		return code;
	}
	code = rh_run_check_target(run, false, &own);
	return code == RH_OK ? RH_OK : rh_run_result(run, code, &own, RH_OK, NULL, err);
}

/* Tests make the files small and the workers many: REHOME_TEST_WORKERS, REHOME_TEST_STRETCH_BYTES. */
#ifdef RH_TEST_HOOKS
static void arm_test_workers(struct rh_plan_inputs *inputs)
{
	const char *workers = rh_environment("REHOME_TEST_WORKERS");
	const char *bytes = rh_environment("REHOME_TEST_STRETCH_BYTES");
	uint64_t number;

	if (workers != NULL && rh_str_to_u64(rh_str_from(workers), &number)) {
		inputs->workers = (unsigned)number;
	}
	if (bytes != NULL && rh_str_to_u64(rh_str_from(bytes), &number)) {
		inputs->stretch_bytes = (size_t)number;
	}
}
#else
static void arm_test_workers(struct rh_plan_inputs *)
{
}
#endif

/* What the target's settings say, before the source is read: each account is judged by them. */
static int ask_settings(const struct rh_migration *migration, const struct rh_run *run,
			struct rh_plan_inputs *inputs, struct rh_settings_there *there,
			struct rh_err *err)
{
	int code;

	if (inputs->target->ops[RH_KIND_SETTING][RH_VERB_GET] == NULL) {
		return RH_OK;
	}
	inputs->asked = RH_SETTINGS_UNASKED;
	if (migration->settings.offline) {
		return RH_OK;
	}
	code = rh_survey_settings(run, there, err);
	inputs->there = there;
	inputs->asked = there->is_read ? RH_SETTINGS_READ : RH_SETTINGS_UNREAD;
	return code;
}

static int make_plan(struct rh_migration *migration, struct rh_run *run, struct rh_plan *out,
		     struct rh_err *err)
{
	struct rh_plan_inputs inputs = {
		.workspace = &migration->workspace,
		.settings = &migration->settings,
		.source = migration->source.connector,
		.source_instance = migration->source.instance,
		.target = migration->target.connector,
		.target_instance = migration->target.instance,
		.ledger = migration->ledger,
		.policy = run->policy,
		.clock = migration->clock,
	};
	struct reading reading = {.run = run};
	struct rh_plan_builder *builder = NULL;
	uint64_t reads = 0;
	uint64_t unused;
	int64_t predicted_us = -1;
	struct rh_settings_there there = {0};
	struct rh_plan_counts harvested = {0};
	bool is_live = rh_migration_is_live(migration);
	int code = is_live ? rh_migration_harvest(migration, run, &harvested, err) : RH_OK;

	if (code == RH_OK) {
		code = rh_migration_open_source(migration, 0, &reading.source, err);
	}
	arm_test_workers(&inputs);
	if (code == RH_OK) {
		code = meet_target(migration, run, err);
	}
	if (code == RH_OK) {
		code = ask_settings(migration, run, &inputs, &there, err);
	}
	if (code == RH_OK) {
		code = rh_plan_begin(&builder, &inputs, err);
	}
	if (code == RH_OK) {
		rh_source_position(reading.source, &reading.before, &unused);
		code = rh_plan_read(builder, reading.source, tick, &reading, err);
	}
	if (code == RH_OK) {
		code = survey(migration, run, builder, &reads, &predicted_us, err);
	}
	if (code == RH_OK) {
		code = rh_migration_plan_tenant(migration, run, builder, &reads, &predicted_us,
						err);
	}
	if (code == RH_OK) {
		rh_plan_note_source(builder, &harvested);
		code = rh_plan_finish(builder, reading.source, reads, predicted_us, out, err);
		builder = NULL;
	}
	rh_plan_abandon(builder);
	rh_source_close(reading.source);
	return code == RH_OK && is_live ? rh_harvest_used(&migration->workspace, err) : code;
}

static void hand_out_plan(const struct rh_migration *migration, int64_t *revision_out,
			  struct rh_plan_counts *out)
{
	if (revision_out != NULL) {
		*revision_out = migration->plan.revision;
	}
	if (out != NULL) {
		*out = migration->plan.counts;
	}
}

int rh_migration_plan(struct rh_migration *migration, int64_t *revision_out,
		      struct rh_plan_counts *out, struct rh_err *err)
{
	struct rh_plan plan;
	struct rh_run run;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	code = rh_migration_prepare(migration,
				    RH_NEED_TARGET | RH_NEED_SOURCE | RH_NEED_MAY_BE_OFFLINE |
					    RH_NEED_LIVE,
				    err);
	if (code != RH_OK) {
		return code;
	}
	rh_migration_start_run(migration, &run);
	run.policy.now = rh_run_now(&run);
	code = make_plan(migration, &run, &plan, err);
	rh_run_close(&run);
	if (code != RH_OK) {
		return code;
	}
	rh_plan_done(&migration->plan);
	migration->plan = plan;
	migration->has_plan = true;
	hand_out_plan(migration, revision_out, out);
	return RH_OK;
}

int rh_migration_load_plan(struct rh_migration *migration, int64_t revision, int64_t *revision_out,
			   struct rh_plan_counts *out, struct rh_err *err)
{
	struct rh_plan plan;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	code = rh_migration_restore(migration, revision, err);
	if (code == RH_OK) {
		code = rh_migration_prepare(migration, RH_NEED_LEDGER, err);
	}
	if (code == RH_OK) {
		code = rh_plan_load(&migration->workspace, revision, &plan, err);
	}
	rh_migration_release(migration);
	if (code != RH_OK) {
		return code;
	}
	rh_plan_done(&migration->plan);
	migration->plan = plan;
	migration->has_plan = true;
	hand_out_plan(migration, revision_out, out);
	return RH_OK;
}

bool rh_migration_finding(struct rh_migration *migration, size_t index,
			  struct rh_finding_group *out)
{
	if (!migration->has_plan || index >= rh_groups_count(migration->plan.groups)) {
		return false;
	}
	rh_groups_get(migration->plan.groups, index, out);
	return true;
}

static bool is_concerned(const struct rh_migration *migration, const char *name, bool is_social)
{
	struct rh_finding_group group;

	for (size_t i = 0; i < rh_groups_count(migration->plan.groups); i++) {
		rh_groups_get(migration->plan.groups, i, &group);
		if (rh_setting_is_finding(group.info->code) &&
		    is_social == (group.info->code == RH_FINDING_IDENTITY_OFF) &&
		    strcmp(group.note, name) == 0) {
			return true;
		}
	}
	return false;
}

bool rh_migration_setting(struct rh_migration *migration, size_t index, struct rh_setting_line *out)
{
	const struct rh_settings_there *there = &migration->plan.there;
	const struct rh_connector *target = migration->plan.there_of;

	if (!migration->has_plan || target == NULL) {
		return false;
	}
	for (size_t i = 0; target->settings[i].name != NULL; i++) {
		if (index-- == 0) {
			*out = (struct rh_setting_line){
				.name = target->settings[i].name,
				.stance = rh_stance_name(there->stances[i]),
				.fix = target->settings[i].fix,
				.is_concerned =
					is_concerned(migration, target->settings[i].name, false),
			};
			return true;
		}
	}
	if (index >= there->social_count) {
		return false;
	}
	*out = (struct rh_setting_line){
		.name = there->social[index].provider,
		.stance = rh_stance_name(there->social[index].stance),
		.fix = "",
		.is_social = true,
		.is_concerned = is_concerned(migration, there->social[index].provider, true),
	};
	return true;
}

const char *rh_migration_accounts_todo(struct rh_migration *migration)
{
	return migration->endpoint.accounts_todo != NULL ? migration->endpoint.accounts_todo : "";
}

/* ---- apply ---------------------------------------------------------------------------------------------------- */

static int is_stale(struct rh_err *err, const char *why)
{
	(void)rh_err_set(err, RH_EMISMATCH, "%s", why);
	rh_err_hint(err, "Plan again: the new plan goes on where this one stands.");
	return RH_EMISMATCH;
}

struct checking {
	struct rh_migration *migration;
	struct rh_run *run;
};

/* Passing over the inputs again, before anything is written. */
static bool check_tick(void *context, uint64_t bytes)
{
	struct checking *checking = context;

	(void)bytes; /* records are what is counted, and none is known yet */
	rh_run_show(checking->run, RH_PHASE_READ, 0, checking->migration->plan.counts.total, false);
	rh_lock_beat(checking->run->lock, rh_run_now(checking->run));
	return rh_run_stop_level(checking->run) == 0;
}

/* Nothing is written for another input than the plan's (source.h, S6). */
static int check_source(struct rh_migration *migration, struct rh_run *run, struct rh_err *err)
{
	struct checking checking = {.migration = migration, .run = run};
	struct rh_source_options options;

	rh_migration_source_options(migration, migration->plan.revision, &options);
	return rh_source_check(&options, check_tick, &checking, err);
}

int rh_migration_check_options(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_plan_inputs inputs = {
		.settings = &migration->settings,
		.source = migration->source.connector,
		.source_instance = migration->source.instance,
		.target = migration->target.connector,
		.target_instance = migration->target.instance,
	};
	char digest[65];
	int code;

	if (migration->plan.is_older) {
		return is_stale(err, "the plan was made by an older version of rehome");
	}
	rh_migration_policy(migration, &inputs.policy);
	code = rh_plan_options_digest(&inputs, digest, err);

	if (code != RH_OK) {
		return code;
	}
	return strcmp(digest, migration->plan.options_digest) == 0
		       ? RH_OK
		       : is_stale(err, "the options changed since the plan was made");
}

static int is_overtaken(const struct rh_migration *migration, struct rh_err *err)
{
	struct rh_plan newest = {0};
	int64_t revision = migration->plan.revision;
	int code = rh_plan_load(&migration->workspace, 0, &newest, err);

	if (code != RH_OK) {
		return code;
	}
	(void)rh_err_set(
		err, RH_EMISMATCH,
		"plan %lld cannot be applied any more: another plan was applied since it was "
		"made; the newest is plan %lld",
		(long long)revision, (long long)newest.revision);
	rh_err_hint(err, "Plan again: the new plan goes on where the others stand.");
	rh_plan_done(&newest);
	return RH_EMISMATCH;
}

/* The ids that the plan counts on (plan.h, P4) are taken when another plan was applied after it was made. */
static int check_ids(struct rh_migration *migration, struct rh_err *err)
{
	const struct rh_plan *plan = &migration->plan;
	bool has_others = false;
	int code = rh_ledger_has_others(migration->ledger, plan->base, plan->revision, &has_others,
					err);

	if (code == RH_OK && has_others) {
		code = is_overtaken(migration, err);
	}
	return code;
}

int rh_migration_can_apply(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	code = rh_migration_prepare(migration, RH_NEED_LEDGER, err);
	if (code == RH_OK && migration->ledger != NULL) {
		code = check_ids(migration, err);
	}
	rh_migration_release(migration);
	return code;
}

static int apply(struct rh_migration *migration, struct rh_run *run, struct rh_run_counts *out,
		 struct rh_err *err)
{
	struct rh_source *source = NULL;
	int code = rh_migration_check_options(migration, err);

	if (code == RH_OK) {
		code = rh_migration_check_proofs(migration, err);
	}
	if (code == RH_OK) {
		code = open_proofs(migration, run, err);
	}
	if (code == RH_OK) {
		code = check_ids(migration, err);
	}
	if (code == RH_OK) {
		code = check_source(migration, run, err);
	}
	if (code == RH_OK) {
		code = rh_migration_open_source(migration, migration->plan.revision, &source, err);
	}
	if (code == RH_OK) {
		code = open_events(migration, "apply", run, err);
	}
	if (code == RH_OK) {
		code = rh_run_open(run, false, err);
	}
	if (code == RH_OK) {
		code = rh_migration_write(migration, run, source, out, err);
	}
	rh_source_close(source);
	return code;
}

int rh_migration_apply(struct rh_migration *migration, struct rh_run_counts *out,
		       struct rh_err *err)
{
	struct rh_run_counts counts = {0};
	struct rh_run run;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	if (!migration->has_plan) {
		return rh_err_set(err, RH_ESTATE, "there is no plan in hand");
	}
	code = rh_migration_prepare(migration, RH_NEED_TARGET | RH_NEED_SOURCE, err);
	if (code != RH_OK) {
		return code;
	}
	rh_migration_start_run(migration, &run);
	code = apply(migration, &run, &counts, err);
	close_run(&run, code, &counts);
	*out = counts;
	return code;
}

const char *rh_migration_at_work(struct rh_migration *migration)
{
	rh_time now = migration->clock->now(migration->clock);

	rh_buf_reset(&migration->at_work);
	return migration->workspace.path != NULL && rh_lock_peek(migration->workspace.path, "apply",
								 now, &migration->at_work)
		       ? migration->at_work.ptr
		       : "";
}

const char *rh_migration_tenant_to_confirm(struct rh_migration *migration)
{
	struct rh_ledger_identity identity;
	struct rh_str tenant = RH_STR_ABSENT;
	struct rh_err unused = {0};

	if (rh_migration_prepare(migration, RH_NEED_LEDGER, &unused) != RH_OK ||
	    migration->ledger == NULL ||
	    rh_ledger_identity(migration->ledger, &migration->arena, &identity, &unused) != RH_OK ||
	    strcmp(identity.environment, "production") != 0 ||
	    rh_ledger_fact(migration->ledger, RH_FACT_TENANT, &migration->arena, &tenant,
			   &unused) != RH_OK) {
		return "";
	}
	return tenant.ptr != NULL ? tenant.ptr : "";
}

const char *rh_migration_settled(struct rh_migration *migration)
{
	return migration->settled.len > 0 ? migration->settled.ptr : "";
}

/* ---- verify, undo, status ---------------------------------------------------------------------------------------- */

/* The plan that the workspace has, if it has one: for the counts that the ledger does not know. */
int rh_migration_load_newest(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_plan plan;
	int code;

	if (migration->has_plan) {
		return RH_OK;
	}
	code = rh_plan_load(&migration->workspace, migration->revision, &plan, err);
	if (code == RH_OK) {
		migration->plan = plan;
		migration->has_plan = true;
	}
	return code;
}

static int prepare_existing(struct rh_migration *migration, struct rh_err *err)
{
	int code = rh_migration_restore(migration, 0, err);

	if (code == RH_OK) {
		/* Only where a migration is: verify and undo make none. */
		code = rh_migration_prepare(migration, RH_NEED_LEDGER, err);
		rh_migration_release(migration);
	}
	if (code == RH_OK) {
		code = rh_migration_prepare(migration, RH_NEED_TARGET, err);
	}
	return code;
}

static int run_existing(struct rh_migration *migration, const char *command, bool is_undo,
			struct rh_run_counts *out, struct rh_err *err)
{
	struct rh_run_counts counts = {0};
	struct rh_run run;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	code = prepare_existing(migration, err);
	if (code == RH_OK) {
		code = rh_migration_load_newest(migration, err);
	}
	if (code != RH_OK) {
		return code;
	}
	rh_migration_start_run(migration, &run);
	code = open_events(migration, command, &run, err);
	if (code == RH_OK && !is_undo) {
		code = open_proofs(migration, &run, err);
	}
	if (code == RH_OK) {
		/* A sign-in counts as writing. */
		code = rh_run_open(&run, !is_undo && run.proofs == NULL, err);
	}
	if (code == RH_OK) {
		code = is_undo ? rh_migration_undo_all(migration, &run, &counts, err)
			       : rh_migration_verify_all(migration, &run, &counts, err);
	}
	close_run(&run, code, &counts);
	*out = counts;
	return code;
}

int rh_migration_verify(struct rh_migration *migration, struct rh_run_counts *out,
			struct rh_err *err)
{
	return run_existing(migration, "verify", false, out, err);
}

int rh_migration_undo(struct rh_migration *migration, struct rh_run_counts *out, struct rh_err *err)
{
	return run_existing(migration, "undo", true, out, err);
}

int rh_migration_ask_tenant(struct rh_migration *migration, const char **out, struct rh_err *err)
{
	struct rh_str tenant = RH_STR_ABSENT;
	struct rh_run run;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	*out = "";
	code = prepare_existing(migration, err);
	if (code != RH_OK) {
		return code;
	}
	rh_migration_start_run(migration, &run);
	code = rh_run_open(&run, true, err);
	if (code == RH_OK) {
		code = rh_run_ask_tenant(&run, &migration->arena, &tenant, err);
	}
	rh_run_close(&run);
	*out = tenant.ptr != NULL ? tenant.ptr : "";
	return code;
}

void rh_migration_undo_removes_users(struct rh_migration *migration, bool removes)
{
	migration->undo_removes_users = removes;
}

static struct rh_run_counts counts_of_plan(const struct rh_plan_counts *counts)
{
	struct rh_run_counts run = {
		.total = counts->total,
		.skipped = counts->skip + counts->earlier_skip,
		.refused = counts->refuse + counts->earlier_refuse,
		.left_out = counts->left_out + counts->earlier_left_out,
		.blocked = counts->blocked,
		.open = counts->create + counts->link + counts->update,
	};

	run.everybody = (struct rh_everybody){
		.total = counts->total + counts->earlier_skip + counts->earlier_refuse +
			 counts->earlier_left_out + counts->earlier_open,
		.skipped = run.skipped,
		.refused = run.refused,
		.left_out = run.left_out,
		.open = run.open,
		.waiting = counts->earlier_open,
	};
	return run;
}

int rh_migration_status(struct rh_migration *migration, struct rh_run_counts *out,
			struct rh_err *err)
{
	struct rh_err unused;
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	code = rh_migration_restore(migration, 0, err);
	if (code == RH_OK) {
		code = rh_migration_prepare(migration, RH_NEED_LEDGER, err);
	}
	if (code != RH_OK) {
		return code;
	}
	/* Without a plan there are only the ledger's numbers. */
	code = rh_migration_load_newest(migration, &unused);
	if (migration->ledger == NULL) { /* planned, never applied */
		*out = code == RH_OK ? counts_of_plan(&migration->plan.counts)
				     : (struct rh_run_counts){0};
		return RH_OK;
	}
	return rh_run_counts(migration->ledger, code == RH_OK ? &migration->plan : NULL, out, err);
}

/* ---- exit codes --------------------------------------------------------------------------------------------------- */

static enum rh_exit exit_of_error(int code)
{
	switch (code) {
	case RH_EUSAGE:
	case RH_EINVAL:
	case RH_EINPUT:
	case RH_ECONSENT:
	case RH_EUNSUPPORTED:
	case RH_ESTATE:
		return RH_EXIT_USAGE;
	case RH_EDENIED:
		return RH_EXIT_DENIED;
	case RH_EMISMATCH:
		return RH_EXIT_FOREIGN;
	case RH_EINTERRUPTED:
		return RH_EXIT_INTERRUPTED;
	case RH_EINTERNAL:
		return RH_EXIT_INTERNAL;
	default:
		return RH_EXIT_STOPPED;
	}
}

enum rh_exit rh_plan_exit(int code, const struct rh_plan_counts *counts)
{
	if (code == RH_ELIMIT) {
		return RH_EXIT_USAGE; /* the same input is too large the next time as well */
	}
	if (code != RH_OK) {
		return exit_of_error(code);
	}
	return counts->refuse + counts->blocked + counts->earlier_refuse + counts->earlier_blocked +
				       counts->earlier_open + counts->beyond >
			       0
		       ? RH_EXIT_REFUSED
		       : RH_EXIT_DONE;
}

static enum rh_exit exit_of_accounts(const struct rh_run_counts *counts)
{
	if (counts->unknown + counts->deferred + counts->open + counts->undo_open > 0) {
		return RH_EXIT_STOPPED;
	}
	return counts->refused + counts->rejected + counts->conflicts + counts->partial +
				       counts->differs + counts->missing + counts->kept +
				       counts->unproved + counts->untried + counts->blocked +
				       counts->everybody.waiting >
			       0
		       ? RH_EXIT_REFUSED
		       : RH_EXIT_DONE;
}

enum rh_exit rh_run_exit(int code, const struct rh_run_counts *counts)
{
	enum rh_exit accounts = exit_of_accounts(counts);
	enum rh_exit entities = rh_migration_tenant_exit(counts);

	if (code != RH_OK) {
		return exit_of_error(code);
	}
	/* The one that asks for more: what is open before what was refused. */
	return accounts > entities ? accounts : entities;
}
