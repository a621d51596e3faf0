/* SPDX-License-Identifier: Apache-2.0 */
/* Options and sides of a migration: from names and texts to two open connectors and a workspace. */
#include "lib/migration.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/harvest.h"
#include "plan/live.h"

#define ARENA_MAX (64U * 1024 * 1024)
#define TEXT_LIMIT (1024U * 1024)

/* ---- making --------------------------------------------------------------------------------------------- */

int rh_migration_new(struct rh_migration **out, struct rh_err *err)
{
	struct rh_migration *migration = rh_calloc(1, sizeof(*migration));
	int code;

	if (migration == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_arena_init(&migration->arena, ARENA_MAX, RH_ARENA_WIPE);
	rh_buf_init(&migration->text, TEXT_LIMIT);
	rh_buf_init(&migration->at_work, TEXT_LIMIT);
	rh_buf_init(&migration->settled, TEXT_LIMIT);
	migration->clock = rh_clock_system();
	migration->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (migration->wake_fd < 0) {
		rh_migration_free(migration);
		return rh_err_set(err, RH_EIO, "no descriptor for waking up is to be had");
	}
	code = rh_option_defaults(rh_settings_table, &migration->settings, &migration->arena, err);
	if (code != RH_OK) {
		rh_migration_free(migration);
		return code;
	}
	*out = migration;
	return RH_OK;
}

struct rh_err *rh_migration_err(struct rh_err *err, struct rh_err *own)
{
	err = err != NULL ? err : own;
	*err = (struct rh_err){0};
	return err;
}

static void close_side(struct rh_side *side)
{
	if (side->is_open && side->connector->close != NULL) {
		side->connector->close(side->instance);
	}
	side->is_open = false;
}

void rh_migration_release(struct rh_migration *migration)
{
	rh_migration_close_archives(migration);
	rh_ledger_close(migration->ledger);
	migration->ledger = NULL;
	rh_lock_release(migration->lock);
	migration->lock = NULL;
}

void rh_migration_free(struct rh_migration *migration)
{
	if (migration == NULL) {
		return;
	}
	rh_migration_release(migration);
	close_side(&migration->source);
	close_side(&migration->target);
	rh_plan_done(&migration->plan);
	rh_workspace_done(&migration->workspace);
	rh_env_free(migration->dotenv);
	rh_buf_done(&migration->text);
	rh_buf_done(&migration->at_work);
	rh_buf_done(&migration->settled);
	rh_close_fd(&migration->wake_fd);
	rh_arena_done(&migration->arena);
	rh_free(migration);
}

void rh_migration_on_progress(struct rh_migration *migration, rh_progress_fn *fn, void *context)
{
	migration->progress = fn;
	migration->progress_context = context;
}

void rh_migration_stop(struct rh_migration *migration)
{
	static const uint64_t one = 1;

	migration->stop = migration->stop + 1;
	/* Full only when it was written already: the loop wakes in any case. */
	if (write(migration->wake_fd, &one, sizeof(one)) < 0) {
		return;
	}
}

const struct rh_option *rh_option_at(size_t index)
{
	return index < rh_option_count(rh_settings_table) ? &rh_settings_table[index] : NULL;
}

/* ---- setting -------------------------------------------------------------------------------------------- */

/* The connector and row behind "acme-secret-key"; "from-…" and "to-…" are checked when the sides are known. */
bool rh_pending_is_known(const char *name)
{
	for (size_t i = 0; rh_connector_at(i) != NULL; i++) {
		const struct rh_connector *connector = rh_connector_at(i);
		size_t len = strlen(connector->name);
		if (strncmp(name, connector->name, len) == 0 && name[len] == '-' &&
		    rh_option_find(connector->options, name + len + 1) != NULL) {
			return true;
		}
	}
	return strncmp(name, "from-", 5) == 0 || strncmp(name, "to-", 3) == 0;
}

int rh_pending_keep(struct rh_migration *migration, const char *name, const char *value,
		    bool is_restored, struct rh_err *err)
{
	struct rh_pending *pending = &migration->pending[migration->pending_count];
	struct rh_str name_copy;
	struct rh_str value_copy;

	if (migration->pending_count == RH_PENDING_MAX) {
		return rh_err_set(err, RH_EUSAGE, "more than %d provider options", RH_PENDING_MAX);
	}
	if (!rh_arena_copy(&migration->arena, rh_str_from(name), &name_copy) ||
	    !rh_arena_copy(&migration->arena, rh_str_from(value), &value_copy)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	*pending = (struct rh_pending){.name = name_copy.ptr,
				       .value = value_copy.ptr,
				       .is_restored = is_restored};
	migration->pending_count++;
	return RH_OK;
}

static bool names_migration(const char *name)
{
	return strcmp(name, "from") == 0 || strcmp(name, "to") == 0 ||
	       strcmp(name, "workspace") == 0 || strcmp(name, "seal-key") == 0;
}

/* Another migration from here on: nothing of the one before is at hand. */
static void forget(struct rh_migration *migration)
{
	rh_migration_release(migration);
	rh_workspace_done(&migration->workspace);
	rh_plan_done(&migration->plan);
	migration->has_plan = false;
	if (migration->is_named) {
		migration->settings.workspace = NULL;
		migration->is_named = false;
	}
}

int rh_migration_set(struct rh_migration *migration, const char *name, const char *value,
		     struct rh_err *err)
{
	const struct rh_option *option = rh_option_find(rh_settings_table, name);
	struct rh_failures unused;

	close_side(&migration->source);
	close_side(&migration->target);
	migration->has_met_source = false;
	if (option != NULL) {
		if (names_migration(name)) {
			forget(migration);
		}
		if (strcmp(name, "file") == 0 && rh_live_is(value, NULL)) {
			(void)rh_err_set(err, RH_EUSAGE, "\"%s\" is no file", value);
			rh_err_hint(err,
				    "Without -f the source's API is read; with -f and --live "
				    "both. A file of that name is ./%s.",
				    value);
			return RH_EUSAGE;
		}
		migration->is_given[option - rh_settings_table] = true;
		if (strcmp(name, "max-failures") == 0 && !rh_failures_parse(value, &unused)) {
			return rh_err_set(
				err, RH_EUSAGE,
				"option \"--max-failures\" takes a number, or a share such "
				"as 5%% of up to 100%%");
		}
		return rh_option_set(option, &migration->settings, NULL, value, &migration->arena,
				     err);
	}
	if (!rh_pending_is_known(name)) {
		return rh_err_set(err, RH_EUSAGE, "there is no option \"%s\"", name);
	}
	return rh_pending_keep(migration, name, value, false, err);
}

/* The two names that people have in their environment from the script that many come from. */
static int set_pace(struct rh_migration *migration, struct rh_err *err)
{
	static const struct {
		const char *variable;
		const char *option;
	} names[] = {{"RATE_LIMIT", "rate"}, {"CONCURRENCY_LIMIT", "concurrency"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct rh_option *option = rh_option_find(rh_settings_table, names[i].option);
		const char *text = rh_environment(names[i].variable);
		int code;

		if (text == NULL) {
			text = rh_env_get(migration->dotenv, names[i].variable);
		}
		if (text == NULL || text[0] == '\0' ||
		    migration->is_given[option - rh_settings_table]) {
			continue;
		}
		migration->is_given[option - rh_settings_table] = true;
		code = rh_option_set(option, &migration->settings, NULL, text, &migration->arena,
				     err);
		if (code != RH_OK) {
			rh_err_hint(err,
				    "It was read from %s in the environment or in .env; --%s "
				    "on the command line goes before it.",
				    names[i].variable, names[i].option);
			return code;
		}
	}
	return RH_OK;
}

int rh_migration_set_from_environment(struct rh_migration *migration, struct rh_err *err)
{
	close_side(&migration->source);
	close_side(&migration->target);
	migration->use_environment = true;
	if (migration->dotenv == NULL) {
		int code = rh_env_read(&migration->dotenv, ".env", err);

		if (code != RH_OK) {
			return code;
		}
	}
	return set_pace(migration, err);
}

/* ---- sides ---------------------------------------------------------------------------------------------- */

/* Which prefixes name an option of this side, the strongest first. */
struct prefixes {
	const char *items[2];
	size_t count;
};

static struct prefixes prefixes_of(const struct rh_migration *migration, bool as_target)
{
	const struct rh_side *side = as_target ? &migration->target : &migration->source;
	struct prefixes prefixes = {.items = {as_target ? "to" : "from", side->connector->name},
				    .count = 2};

	/* With the same provider on both sides a bare option is the target's. */
	if (!as_target && migration->source.connector == migration->target.connector) {
		prefixes.count = 1;
	}
	return prefixes;
}

const char *rh_pending_find(const struct rh_migration *migration, const char *prefix,
			    const char *name, bool is_restored)
{
	size_t len = strlen(prefix);

	for (size_t i = migration->pending_count; i > 0; i--) {
		const struct rh_pending *pending = &migration->pending[i - 1];
		if (pending->is_restored == is_restored &&
		    strncmp(pending->name, prefix, len) == 0 && pending->name[len] == '-' &&
		    strcmp(pending->name + len + 1, name) == 0) {
			return pending->value;
		}
	}
	return NULL;
}

struct value {
	const char *text;
	const char *from; /* for people */
	bool is_dotenv;
	bool is_restored;
};

/* Command line, then environment, then .env, then the plan. */
static bool find_value(struct rh_migration *migration, bool as_target,
		       const struct rh_option *option, struct value *out)
{
	struct prefixes prefixes = prefixes_of(migration, as_target);

	for (size_t i = 0; i < prefixes.count; i++) {
		const char *text =
			rh_pending_find(migration, prefixes.items[i], option->name, false);
		if (text != NULL) {
			*out = (struct value){.text = text, .from = "the command line"};
			return true;
		}
	}
	for (size_t i = 0; i < prefixes.count && migration->use_environment; i++) {
		const char *name =
			rh_option_env_name(&migration->arena, prefixes.items[i], option->name);
		const char *text = name != NULL ? rh_environment(name) : NULL;
		if (text != NULL) {
			*out = (struct value){.text = text, .from = name};
			return true;
		}
	}
	for (size_t i = 0; i < prefixes.count && migration->dotenv != NULL; i++) {
		const char *name =
			rh_option_env_name(&migration->arena, prefixes.items[i], option->name);
		const char *text = name != NULL ? rh_env_get(migration->dotenv, name) : NULL;
		if (text != NULL) {
			*out = (struct value){.text = text, .from = ".env", .is_dotenv = true};
			return true;
		}
	}
	for (size_t i = 0; i < prefixes.count; i++) {
		const char *text =
			rh_pending_find(migration, prefixes.items[i], option->name, true);
		if (text != NULL) {
			*out = (struct value){.text = text,
					      .from = "the plan",
					      .is_restored = true};
			return true;
		}
	}
	return false;
}

/* Is there a secret that did not come from .env? */
static bool has_foreign_key(struct rh_migration *migration, bool as_target,
			    const struct rh_connector *connector)
{
	for (const struct rh_option *option = connector->options; option->name != NULL; option++) {
		struct value value;
		if (option->type == RH_OPTION_SECRET &&
		    find_value(migration, as_target, option, &value) && !value.is_dotenv) {
			return true;
		}
	}
	return false;
}

/* A stranger's .env or workspace must not send a key from elsewhere to an address of its own.  Plain http leads
 * to this machine only. */
static int check_url(const struct rh_connector *connector, const struct rh_option *option,
		     const struct value *value, bool key_is_foreign, struct rh_err *err)
{
	if (value->is_dotenv && key_is_foreign) {
		(void)rh_err_set(err, RH_EUSAGE,
				 "the address in .env is only used with a key from the same .env");
		rh_err_hint(err, "Give the address on the command line, or put the key "
				 "into .env, too.");
		return RH_EUSAGE;
	}
	if (value->is_restored && !rh_str_starts(rh_str_from(value->text), "http://") &&
	    (option->fallback == NULL || strcmp(value->text, option->fallback) != 0)) {
		(void)rh_err_set(err, RH_EUSAGE,
				 "the address of the plan is only used when it is given again");
		rh_err_hint(err, "Give --%s-%s again.", connector->name, option->name);
		return RH_EUSAGE;
	}
	return RH_OK;
}

/* "to-…" and "from-…" that no option of the side answers to: nobody would ever miss them. */
static int check_role_options(const struct rh_migration *migration,
			      const struct rh_connector *connector, const char *role,
			      struct rh_err *err)
{
	size_t len = strlen(role);

	for (size_t i = 0; i < migration->pending_count; i++) {
		const char *name = migration->pending[i].name;
		if (strncmp(name, role, len) == 0 && name[len] == '-' &&
		    rh_option_find(connector->options, name + len + 1) == NULL) {
			(void)rh_err_set(err, RH_EUSAGE, "provider \"%s\" has no option \"%s\"",
					 connector->name, name + len + 1);
			return RH_EUSAGE;
		}
	}
	return RH_OK;
}

static int fill_side(struct rh_migration *migration, struct rh_side *side, bool as_target,
		     struct rh_err *err)
{
	const struct rh_connector *connector = side->connector;
	bool key_is_foreign = has_foreign_key(migration, as_target, connector);
	int code = check_role_options(migration, connector, as_target ? "to" : "from", err);

	if (code == RH_OK) {
		code = rh_option_defaults(connector->options, side->instance, &migration->arena,
					  err);
	}
	side->key_from = NULL;
	for (const struct rh_option *option = connector->options;
	     option->name != NULL && code == RH_OK; option++) {
		struct value value;
		if (!find_value(migration, as_target, option, &value)) {
			continue;
		}
		if (option->type == RH_OPTION_URL && !migration->asks_nobody) {
			code = check_url(connector, option, &value, key_is_foreign, err);
		}
		if (code == RH_OK) {
			code = rh_option_set(option, side->instance, connector->name, value.text,
					     &migration->arena, err);
		}
		if (option->type == RH_OPTION_SECRET) {
			side->key_from = value.from;
		}
	}
	return code;
}

static int open_side(struct rh_migration *migration, struct rh_side *side, bool as_target,
		     struct rh_err *err)
{
	int code;

	if (side->is_open) {
		return RH_OK;
	}
	/* One byte at least: a connector without options still has an address. */
	side->instance = rh_arena_calloc(&migration->arena, 1, side->connector->instance_size + 1);
	if (side->instance == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = fill_side(migration, side, as_target, err);
	if (code == RH_OK && side->connector->open != NULL) {
		code = side->connector->open(side->instance, as_target, err);
	}
	side->is_open = code == RH_OK;
	return code;
}

static int find_connector(const char *name, unsigned cap, const char *role,
			  const struct rh_connector **out, struct rh_err *err)
{
	const struct rh_connector *connector = rh_connector_find(name);

	if (connector == NULL || (connector->caps.flags & cap) == 0) {
		(void)rh_err_set(err, RH_EUSAGE,
				 connector == NULL ? "there is no provider \"%s\""
						   : "provider \"%s\" cannot be the %s yet",
				 name, role);
		rh_err_hint(err, "`rehome providers` lists what there is.");
		return RH_EUSAGE;
	}
	*out = connector;
	return RH_OK;
}

int rh_migration_find_sides(struct rh_migration *migration, struct rh_err *err)
{
	int code = RH_OK;

	if (migration->settings.from != NULL) {
		code = find_connector(migration->settings.from,
				      RH_CAP_SOURCE_FILES | RH_CAP_SOURCE_LIVE, "source",
				      &migration->source.connector, err);
	}
	if (code == RH_OK && migration->settings.to != NULL) {
		code = find_connector(migration->settings.to, RH_CAP_TARGET, "target",
				      &migration->target.connector, err);
	}
	return code;
}

/* ---- what is missing -------------------------------------------------------------------------------------- */

static void add_missing(struct rh_migration *migration, const char *prefix, const char *name)
{
	struct rh_buf *text = &migration->text;

	rh_buf_printf(text, "%s%s%s%s", text->len > 0 ? ", " : "", prefix,
		      prefix[0] != '\0' ? "-" : "", name);
}

static void add_missing_of(struct rh_migration *migration, bool as_target)
{
	const struct rh_side *side = as_target ? &migration->target : &migration->source;
	const unsigned required = as_target ? RH_OPTION_TARGET_REQUIRED : RH_OPTION_SOURCE_REQUIRED;
	bool is_both = migration->source.connector == migration->target.connector;
	struct value value;

	for (const struct rh_option *option = side->connector->options; option->name != NULL;
	     option++) {
		if ((option->flags & required) != 0 && option->fallback == NULL &&
		    !find_value(migration, as_target, option, &value)) {
			add_missing(migration,
				    is_both && !as_target ? "from" : side->connector->name,
				    option->name);
		}
	}
}

/* `need` as of prepare; `asks_target`: requests will be sent. */
static const char *list_missing(struct rh_migration *migration, unsigned need, bool asks_target)
{
	bool is_live;
	struct rh_err unused;

	rh_buf_reset(&migration->text);
	if (rh_migration_find_sides(migration, &unused) != RH_OK) {
		return ""; /* a wrong name is an error of its own, told when it is used */
	}
	if (migration->settings.from == NULL) {
		add_missing(migration, "", "from");
	}
	if (migration->settings.to == NULL) {
		add_missing(migration, "", "to");
	}
	is_live = rh_migration_is_live(migration);
	if ((need & RH_NEED_SOURCE) != 0 && !is_live && migration->settings.files.count == 0) {
		add_missing(migration, "", "file");
	}
	if (is_live && (need & RH_NEED_LIVE) != 0) {
		add_missing_of(migration, false);
	}
	if (asks_target && migration->settings.to != NULL) {
		add_missing_of(migration, true);
	}
	return migration->text.len > 0 ? migration->text.ptr : "";
}

const char *rh_migration_missing(struct rh_migration *migration)
{
	/* What an apply reads was read when its plan was made. */
	bool was_read = migration->settings.files.count > 0 &&
			rh_live_is(migration->settings.files.items[0], NULL);

	return list_missing(migration, RH_NEED_SOURCE | (was_read ? 0 : RH_NEED_LIVE),
			    !migration->settings.offline);
}

/* ---- preparing ------------------------------------------------------------------------------------------------ */

static int check_missing(struct rh_migration *migration, unsigned need, struct rh_err *err)
{
	bool is_offline = migration->settings.offline && (need & RH_NEED_MAY_BE_OFFLINE) != 0;
	const char *missing = list_missing(migration, need, !is_offline);

	if (migration->text.failed != 0) {
		return rh_err_set(err, RH_ENOMEM, "no memory for what is missing");
	}
	if (missing[0] == '\0') {
		return RH_OK;
	}
	(void)rh_err_set(err, RH_EUSAGE, "missing: %s", missing);
	rh_err_hint(err,
		    "Give them as options, in the environment or in .env; a secret also as @FILE.");
	return RH_EUSAGE;
}

int rh_migration_open_sides(struct rh_migration *migration, unsigned need, struct rh_err *err)
{
	int code = rh_migration_find_sides(migration, err);

	if (code == RH_OK) {
		code = check_missing(migration, need, err);
	}
	if (code == RH_OK) {
		code = open_side(migration, &migration->target, true, err);
	}
	if (code == RH_OK) {
		code = migration->target.connector->describe(migration->target.instance,
							     &migration->endpoint, err);
	}
	return code == RH_OK && (need & RH_NEED_SOURCE) != 0
		       ? rh_migration_open_source_side(migration, need, err)
		       : code;
}

int rh_migration_open_source_side(struct rh_migration *migration, unsigned need, struct rh_err *err)
{
	struct rh_endpoint endpoint = {0};
	struct rh_run run;
	int code = open_side(migration, &migration->source, false, err);

	if (code == RH_OK) {
		code = rh_migration_add_live(migration, err);
	}
	if (code != RH_OK || (need & RH_NEED_LIVE) == 0 || !rh_migration_is_live(migration) ||
	    migration->has_met_source) {
		return code;
	}
	if (migration->settings.offline) {
		(void)rh_err_set(err, RH_EUSAGE, "with --offline the source's API is not read");
		rh_err_hint(err, "Give an export with -f, or leave out --offline.");
		return RH_EUSAGE;
	}
	rh_migration_start_run(migration, &run);
	code = rh_harvest_probe(&run, &migration->arena, &migration->source_tenant, err);
	if (code == RH_OK) {
		code = migration->source.connector->describe(migration->source.instance, &endpoint,
							     err);
	}
	if (code == RH_OK && migration->source_tenant.ptr == NULL) {
		migration->source_tenant = rh_str_from(endpoint.tenant);
	}
	migration->has_met_source = code == RH_OK;
	return code;
}

int rh_migration_open_mapping(struct rh_migration *migration, struct rh_err *err)
{
	bool was_offline = migration->settings.offline;
	int code;

	close_side(&migration->source);
	close_side(&migration->target);
	migration->asks_nobody = true;
	migration->settings.offline = true;
	code = rh_migration_open_sides(migration,
				       RH_NEED_TARGET | RH_NEED_SOURCE | RH_NEED_MAY_BE_OFFLINE,
				       err);
	migration->settings.offline = was_offline;
	return code;
}

struct rh_ledger_identity rh_migration_identity(const struct rh_migration *migration)
{
	const struct rh_endpoint *endpoint = &migration->endpoint;

	return (struct rh_ledger_identity){
		.source = migration->source.connector->name,
		/* a file does not say */
		.source_tenant = migration->source_tenant.ptr != NULL ? migration->source_tenant.ptr
								      : "file",
		.target = migration->target.connector->name,
		.target_tenant = endpoint->tenant != NULL ? endpoint->tenant : "default",
		.environment = endpoint->environment != NULL ? endpoint->environment : "default",
	};
}

static int open_workspace(struct rh_migration *migration, const char *path, struct rh_err *err)
{
	if (migration->workspace.path != NULL) {
		return RH_OK;
	}
	return rh_workspace_open(&migration->workspace, path, migration->settings.seal_key, err);
}

#ifdef RH_TEST_HOOKS
static void arm_test_kill(struct rh_ledger *ledger)
{
	const char *text = rh_environment("REHOME_TEST_KILL_AT");
	uint64_t step;

	if (text != NULL && rh_str_to_u64(rh_str_from(text), &step)) {
		rh_ledger_kill_at(ledger, step);
	}
}
#else
static void arm_test_kill(struct rh_ledger *)
{
}
#endif

static bool has_ledger(const struct rh_migration *migration)
{
	rh_autofree char *path = rh_path_join(migration->settings.workspace, "ledger.db");

	return path != NULL && rh_file_exists(path);
}

/* For writing.  A plan made offline without a key knows of no environment: it makes no ledger, and takes the one
 * that is there as it is. */
static int open_ledger(struct rh_migration *migration, const struct rh_ledger_identity *identity,
		       unsigned need, struct rh_err *err)
{
	bool is_anybody = migration->settings.offline && (need & RH_NEED_MAY_BE_OFFLINE) != 0 &&
			  migration->endpoint.key.ptr == NULL;
	int code;

	if (migration->ledger != NULL && !migration->is_provisional) {
		return RH_OK;
	}
	rh_ledger_close(migration->ledger);
	migration->ledger = NULL;
	if (is_anybody && !has_ledger(migration)) {
		return RH_OK;
	}
	code = rh_ledger_open(&migration->ledger, migration->workspace.path,
			      is_anybody ? NULL : identity, false, err);
	if (code == RH_OK) {
		migration->is_provisional = is_anybody;
		code = rh_workspace_claim(&migration->workspace, migration->ledger, err);
		arm_test_kill(migration->ledger);
	}
	return code;
}

static int open_for_target(struct rh_migration *migration, unsigned need, struct rh_err *err)
{
	struct rh_ledger_identity identity;
	int code;

	if (migration->asks_nobody) {
		close_side(&migration->source);
		close_side(&migration->target);
		migration->asks_nobody = false;
	}
	code = rh_migration_open_sides(migration, need, err);
	if (code != RH_OK) {
		return code;
	}
	identity = rh_migration_identity(migration);
	if ((code = rh_migration_name_workspace(migration, &identity, err)) != RH_OK ||
	    (code = open_workspace(migration, migration->settings.workspace, err)) != RH_OK) {
		return code;
	}
	if (migration->lock == NULL) {
		code = rh_lock_take(&migration->lock, migration->workspace.path, "apply",
				    migration->clock->now(migration->clock), err);
	}
	return code == RH_OK ? open_ledger(migration, &identity, need, err) : code;
}

static int no_migration(const struct rh_migration *migration, struct rh_err *err)
{
	(void)rh_err_set(err, RH_ESTATE, "there is no migration in \"%s\"",
			 migration->settings.workspace);
	rh_err_hint(err, "Make a plan first, or name the folder with -w.");
	return RH_ESTATE;
}

/* A first plan that was denied, or failed, leaves a ledger without a row. */
static int check_rows(const struct rh_migration *migration, struct rh_err *err)
{
	struct rh_ledger_counts rows;
	int code = rh_ledger_count(migration->ledger, &rows, err);

	return code == RH_OK && rows.last_id == 0 ? no_migration(migration, err) : code;
}

static int open_for_reading(struct rh_migration *migration, struct rh_err *err)
{
	rh_autobuf plan = {0};
	int code;

	if (migration->settings.workspace == NULL) {
		code = rh_migration_open_sides(migration, RH_NEED_TARGET | RH_NEED_MAY_BE_OFFLINE,
					       err);
		if (code == RH_OK) {
			struct rh_ledger_identity identity = rh_migration_identity(migration);
			code = rh_migration_name_workspace(migration, &identity, err);
		}
		if (code != RH_OK) {
			return code;
		}
	}
	rh_buf_init(&plan, 4096);
	if ((code = rh_migration_plan_path(migration, 0, &plan, err)) != RH_OK) {
		return code;
	}
	if (!has_ledger(migration) && plan.len == 0) {
		return no_migration(migration, err);
	}
	code = open_workspace(migration, migration->settings.workspace, err);
	if (code == RH_OK && migration->ledger == NULL && has_ledger(migration)) {
		code = rh_ledger_open(&migration->ledger, migration->workspace.path, NULL, true,
				      err);
		migration->is_provisional = true;
	}
	return code == RH_OK && plan.len == 0 ? check_rows(migration, err) : code;
}

int rh_migration_prepare(struct rh_migration *migration, unsigned need, struct rh_err *err)
{
	return need == RH_NEED_LEDGER ? open_for_reading(migration, err)
				      : open_for_target(migration, need, err);
}

/* The connector whose files are archives. */
static const struct rh_connector *find_archive(void)
{
	const struct rh_connector *connector;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if ((connector->caps.flags & RH_CAP_ARCHIVE) != 0) {
			break;
		}
	}
	return connector;
}

/* What an export needs: a source, and its files or its key. */
static int check_export(struct rh_migration *migration, struct rh_err *err)
{
	rh_buf_reset(&migration->text);
	if (migration->source.connector == NULL) {
		add_missing(migration, "", "from");
	} else if (rh_migration_is_live(migration)) {
		add_missing_of(migration, false);
	} else if (migration->settings.files.count == 0) {
		add_missing(migration, "", "file");
	}
	if (migration->text.failed != 0) {
		return rh_err_set(err, RH_ENOMEM, "no memory for what is missing");
	}
	if (migration->text.len == 0) {
		return RH_OK;
	}
	(void)rh_err_set(err, RH_EUSAGE, "missing: %s", migration->text.ptr);
	rh_err_hint(err, "Give --from PROVIDER, and -f FILE or the key of its API.");
	return RH_EUSAGE;
}

int rh_migration_prepare_export(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_ledger_identity identity;
	int code = rh_migration_find_sides(migration, err);

	if (code != RH_OK) {
		return code;
	}
	migration->target.connector = find_archive();
	code = check_export(migration, err);
	if (code == RH_OK) {
		code = open_side(migration, &migration->target, true, err);
	}
	if (code != RH_OK) {
		return code;
	}
	code = rh_migration_open_source_side(migration, RH_NEED_SOURCE | RH_NEED_LIVE, err);
	identity = (struct rh_ledger_identity){
		.source = migration->source.connector->name,
		.source_tenant = "file",
		.target = migration->target.connector->name,
		.target_tenant = "export",
		.environment = "none",
	};
	if (code != RH_OK ||
	    (code = rh_migration_name_workspace(migration, &identity, err)) != RH_OK ||
	    (code = open_workspace(migration, migration->settings.workspace, err)) != RH_OK) {
		return code;
	}
	return migration->lock != NULL
		       ? RH_OK
		       : rh_lock_take(&migration->lock, migration->workspace.path, "apply",
				      migration->clock->now(migration->clock), err);
}

void rh_migration_policy(const struct rh_migration *migration, struct rh_mapping_policy *out)
{
	*out = (struct rh_mapping_policy){
		.primary = (enum rh_primary_policy)migration->settings.primary,
		.unverified = (enum rh_unverified_policy)migration->settings.unverified,
		.external_id = rh_str_from(migration->settings.external_id),
		.notifies = migration->settings.notify,
		.verifies_domains = migration->settings.domains == RH_DOMAINS_VERIFIED,
		.now = migration->has_plan ? migration->plan.created_at : 0,
	};
}
