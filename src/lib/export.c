/* SPDX-License-Identifier: Apache-2.0 */
/* Export: every account of the source, with what was found in its record, as a record of an archive. */
#include "account/account_json.h"
#include "archive/archive.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "engine/harvest.h"
#include "lib/migration.h"
#include "plan/source.h"

/* Accounts between two looks at the clock. */
#define SHOWN_EVERY 256U

struct exporting {
	struct rh_finding_sink sink; /* first, so that the one is the other */
	struct rh_migration *migration;
	struct rh_archive_writer *writer;
	struct rh_arena arena; /* of one account */
	struct rh_buf record;
	struct rh_buf findings; /* JSON objects, joined by ',' */
	bool is_refused;
	rh_export_broken_fn *broken;
	void *context;
	struct rh_export_counts *out;
};

/* {"code":"RH0205","path":…,"note":…} */
static void take_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct exporting *exporting = (struct exporting *)sink;
	const struct rh_finding_info *info = rh_finding_info(finding->code);
	struct rh_json_writer json;

	if (exporting->findings.len > 0) {
		rh_buf_add_char(&exporting->findings, ',');
	}
	rh_buf_printf(&exporting->findings, "{\"code\":\"RH%04u\"", (unsigned)finding->code);
	rh_json_writer_init(&json, &exporting->findings);
	json.needs_comma = true;
	rh_json_member(&json, "path", finding->path);
	rh_json_member(&json, "note", finding->note);
	rh_buf_add_char(&exporting->findings, '}');
	exporting->is_refused =
		exporting->is_refused || (info != NULL && info->severity == RH_SEVERITY_REFUSE);
}

static int put_account(struct exporting *exporting, const struct rh_account *account,
		       struct rh_err *err)
{
	struct rh_json_writer json;

	rh_buf_reset(&exporting->record);
	rh_json_writer_init(&json, &exporting->record);
	rh_json_begin_object(&json);
	rh_json_member(&json, "kind", rh_str_from(rh_kind_name(RH_KIND_USER)));
	rh_json_key(&json, "account");
	rh_account_json_put_whole(&json, account);
	if (exporting->findings.len > 0) {
		rh_json_key(&json, "findings");
		rh_json_put_raw(&json, RH_STR("["));
		rh_buf_add_str(json.out, rh_buf_str(&exporting->findings));
		rh_buf_add_char(json.out, ']');
	}
	rh_json_end_object(&json);
	if (exporting->record.failed != RH_OK || exporting->findings.failed != RH_OK) {
		return rh_err_set(err, RH_ENOMEM, "no memory for an account");
	}
	exporting->out->accounts++;
	exporting->out->refused += exporting->is_refused ? 1 : 0;
	return rh_archive_put(exporting->writer, RH_KIND_USER, rh_buf_str(&exporting->record), err);
}

static void tell_broken(struct exporting *exporting, const struct rh_source_item *item)
{
	exporting->out->broken++;
	if (exporting->broken != NULL) {
		exporting->broken(exporting->context, item->file, item->record, item->line,
				  item->is_bad ? item->why.message : "the record has no id");
	}
}

static void show(const struct exporting *exporting, const struct rh_source *source)
{
	const struct rh_migration *migration = exporting->migration;
	struct rh_progress progress = {
		.phase = RH_PHASE_READ,
		.done = exporting->out->accounts + exporting->out->broken,
	};
	uint64_t done;
	uint64_t total;

	rh_source_position(source, &done, &total);
	if (migration->progress == NULL) {
		return;
	}
	if (done > 0 && total >= done) {
		progress.total = (uint64_t)((double)progress.done * (double)total / (double)done);
	}
	migration->progress(migration->progress_context, &progress);
}

static int export_all(struct exporting *exporting, struct rh_source *source, struct rh_err *err)
{
	struct rh_source_item item;
	int code;

	for (uint64_t count = 0;; count++) {
		rh_arena_reset(&exporting->arena);
		rh_buf_reset(&exporting->findings);
		exporting->is_refused = false;
		code = rh_source_next(source, &exporting->arena, &exporting->sink, &item, err);
		if (code <= 0) {
			return code;
		}
		if (exporting->migration->stop != 0) {
			return rh_err_set(err, RH_EINTERRUPTED, "interrupted");
		}
		if (count % SHOWN_EVERY == 0) {
			show(exporting, source);
		}
		if (item.is_bad || !rh_str_is_set(item.account.source_id)) {
			tell_broken(exporting, &item);
			continue;
		}
		code = put_account(exporting, &item.account, err);
		if (code != RH_OK) {
			return code;
		}
	}
}

static int create(struct exporting *exporting, const char *folder, struct rh_err *err)
{
	struct rh_migration *migration = exporting->migration;
	struct rh_archive_about about = {
		.provider = migration->source.connector->name,
		.tenant = migration->source_tenant.ptr != NULL ? migration->source_tenant.ptr
							       : "file",
		.made_at = migration->clock->now(migration->clock),
	};
	rh_autobuf room = {0};
	int code = rh_migration_archive_secret(&migration->target, &room, &about.secret, err);

	exporting->out->is_sealed = about.secret.bytes.ptr != NULL;
	return code == RH_OK ? rh_archive_create(&exporting->writer, folder, &about, err) : code;
}

static int write_archive(struct exporting *exporting, const char *folder, struct rh_err *err)
{
	struct rh_source *source = NULL;
	bool is_live = rh_migration_is_live(exporting->migration);
	struct rh_plan_counts unused = {0};
	struct rh_run run;
	int code = create(exporting, folder, err);

	if (code == RH_OK && is_live) {
		rh_migration_start_run(exporting->migration, &run);
		code = rh_migration_harvest(exporting->migration, &run, &unused, err);
	}
	if (code == RH_OK) {
		code = rh_migration_open_source(exporting->migration, 0, &source, err);
	}
	if (code == RH_OK) {
		code = export_all(exporting, source, err);
	}
	rh_source_close(source);
	if (code != RH_OK) {
		rh_archive_abandon(exporting->writer);
		return code;
	}
	code = rh_archive_finish(exporting->writer, err);
	return code == RH_OK && is_live ? rh_harvest_used(&exporting->migration->workspace, err)
					: code;
}

int rh_migration_export(struct rh_migration *migration, const char *folder,
			rh_export_broken_fn *broken, void *context, struct rh_export_counts *out,
			struct rh_err *err)
{
	struct exporting exporting = {
		.sink = {.add = take_finding},
		.migration = migration,
		.broken = broken,
		.context = context,
		.out = out,
	};
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	*out = (struct rh_export_counts){0};
	code = rh_migration_prepare_export(migration, err);
	if (code != RH_OK) {
		return code;
	}
	rh_arena_init(&exporting.arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	rh_buf_init_secret(&exporting.record, (size_t)RH_RECORD_MAX * 8);
	rh_buf_init(&exporting.findings, RH_RECORD_MAX);
	code = write_archive(&exporting, folder, err);
	rh_buf_done(&exporting.findings);
	rh_buf_done(&exporting.record);
	rh_arena_done(&exporting.arena);
	return code;
}
