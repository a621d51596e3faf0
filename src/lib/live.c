/* SPDX-License-Identifier: Apache-2.0 */
/* A migration whose source is read through its API. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/harvest.h"
#include "lib/migration.h"
#include "plan/live.h"

/* What is read of a living source: people first, organizations before what is listed by them.  How many. */
static size_t kinds_to_read(const struct rh_migration *migration, enum rh_kind *out)
{
	const struct rh_connector *source = migration->source.connector;
	size_t count = 0;

	out[count++] = RH_KIND_USER;
	for (size_t i = 0; i < RH_TENANT_KINDS && migration->settings.whole_tenant; i++) {
		enum rh_kind kind = rh_tenant_kinds[i];

		if (source->entities != NULL && (source->entities->kinds_read >> kind & 1) != 0 &&
		    source->ops[kind][RH_VERB_LIST] != NULL &&
		    !rh_tenant_is_without(&migration->settings, kind)) {
			out[count++] = kind;
		}
	}
	return count;
}

static bool has_live_input(const struct rh_migration *migration)
{
	return migration->settings.files.count > 0 &&
	       rh_live_is(migration->settings.files.items[0], NULL);
}

bool rh_migration_is_live(const struct rh_migration *migration)
{
	const struct rh_connector *source = migration->source.connector;

	if (has_live_input(migration)) {
		return true;
	}
	return source != NULL && (source->caps.flags & RH_CAP_SOURCE_LIVE) != 0 &&
	       (migration->settings.files.count == 0 || migration->settings.live);
}

/* The API's record is the full one: it stands in front. */
int rh_migration_add_live(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_text_list *files = &migration->settings.files;
	const char **items;

	if (migration->settings.live && !rh_migration_is_live(migration)) {
		return rh_err_set(err, RH_EUSAGE, "provider \"%s\" is read from files only",
				  migration->source.connector->name);
	}
	if (!rh_migration_is_live(migration) || has_live_input(migration)) {
		return RH_OK;
	}
	items = rh_arena_calloc(&migration->arena, files->count + 1, sizeof(*items));
	if (items == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	items[0] = rh_live_name(RH_KIND_USER);
	for (size_t i = 0; i < files->count; i++) {
		items[i + 1] = files->items[i];
	}
	files->items = items;
	files->count++;
	return RH_OK;
}

/* ---- the workspace's name ------------------------------------------------------------------------------------ */

/* What stands between the name that every source of that provider has and the tenant of this one. */
#define OF_TENANT "-from-"

/* The one workspace of that name and some tenant of the source; absent: there is none, or more than one. */
static struct rh_str find_one(const char *name, char **paths)
{
	struct rh_str found = RH_STR_ABSENT;
	struct rh_str rest;
	size_t count = 0;
	size_t len = strlen(name);

	if (rh_workspaces(".", paths, NULL) != RH_OK) {
		return RH_STR_ABSENT;
	}
	rest = rh_str_from(*paths);
	while (rest.ptr != NULL) {
		struct rh_str path = rh_str_cut(&rest, '\n');
		path = rh_str_starts(path, "./") ? rh_str_sub(path, 2, SIZE_MAX) : path;
		if (rh_str_starts(path, name) &&
		    rh_str_starts(rh_str_sub(path, len, SIZE_MAX), OF_TENANT)) {
			found = path;
			count++;
		}
	}
	return count == 1 ? found : RH_STR_ABSENT;
}

/* A migration that was begun from files goes on where it is. */
static struct rh_str choose_name(const struct rh_migration *migration, const char *name,
				 struct rh_buf *with_tenant, char **paths)
{
	if (migration->source_tenant.ptr != NULL) {
		bool is_plain = !rh_file_exists(with_tenant->ptr) && rh_file_exists(name);
		return is_plain ? rh_str_from(name) : rh_buf_str(with_tenant);
	}
	if (!rh_file_exists(name)) {
		struct rh_str found = find_one(name, paths);
		return found.ptr != NULL ? found : rh_str_from(name);
	}
	return rh_str_from(name);
}

int rh_migration_name_workspace(struct rh_migration *migration,
				const struct rh_ledger_identity *identity, struct rh_err *err)
{
	rh_autofree char *name = NULL;
	rh_autofree char *paths = NULL;
	rh_autobuf with_tenant = {0};
	struct rh_str copy;

	if (migration->settings.workspace != NULL) {
		return RH_OK;
	}
	name = rh_workspace_default(identity);
	rh_buf_init(&with_tenant, 4096);
	rh_buf_printf(&with_tenant, "%s%s", name != NULL ? name : "", OF_TENANT);
	for (size_t i = 0; i < migration->source_tenant.len; i++) {
		char byte = migration->source_tenant.ptr[i];
		bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
				(byte >= '0' && byte <= '9') || byte == '.';
		rh_buf_add_char(&with_tenant, is_plain ? byte : '_');
	}
	if (name == NULL || with_tenant.failed != 0 ||
	    !rh_arena_copy(&migration->arena, choose_name(migration, name, &with_tenant, &paths),
			   &copy)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	migration->settings.workspace = copy.ptr;
	migration->is_named = true;
	return RH_OK;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

int rh_migration_harvest(struct rh_migration *migration, const struct rh_run *run,
			 struct rh_plan_counts *counts, struct rh_err *err)
{
	enum rh_kind kinds[1 + RH_TENANT_KINDS];
	struct rh_harvested harvested[1 + RH_TENANT_KINDS];
	struct rh_harvest harvest = {.kinds = kinds,
				     .kind_count = kinds_to_read(migration, kinds),
				     .harvested = harvested,
				     .arena = &migration->arena};
	int code = rh_harvest(run, &harvest, err);

	counts->source_records = harvested[0].records;
	counts->source_repeated = harvested[0].repeated;
	counts->source_before = harvested[0].before;
	counts->source_after = harvested[0].after;
	counts->source_reads = harvest.reads;
	return code;
}
