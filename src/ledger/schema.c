/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a ledger: making its tables, knowing its schema, and whose it is (L5). */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "ledger/ledger_internal.h"

/* In the file's head, where file(1) and we look: "rhme". */
#define APPLICATION_ID INT64_C(0x72686d65)

static const char sql_seal[] = "PRAGMA application_id = 0x72686d65; PRAGMA user_version = 1;";
/* Steps from one schema to the next, by the number they start from; a new ledger takes all of them. */
static const char *const upgrades[RH_LEDGER_SCHEMA] = {
	[1] = rh_sql_upgrade_2,
	[2] = rh_sql_upgrade_3,
};
/* What lets a reader, who changes nothing, read one of that number or before. */
static const char *const views[RH_LEDGER_SCHEMA] = {[1] = rh_sql_view_1, [2] = rh_sql_view_2};
static_assert(RH_LEDGER_SCHEMA == 3);

/* Kinds and verbs are stored as numbers: whoever renumbers them must write a new schema. */
static_assert(RH_KIND_PERMISSION == 0);
static_assert(RH_KIND_ROLE == 1);
static_assert(RH_KIND_ORGANIZATION == 2);
static_assert(RH_KIND_DOMAIN == 3);
static_assert(RH_KIND_USER == 4);
static_assert(RH_KIND_IDENTIFIER == 5);
static_assert(RH_KIND_FACTOR == 6);
static_assert(RH_KIND_IDENTITY == 7);
static_assert(RH_KIND_MEMBERSHIP == 8);
static_assert(RH_KIND_GRANT == 9);
static_assert(RH_KIND_INVITATION == 10);
static_assert(RH_KIND_SETTING == 11);
static_assert(RH_VERB_CREATE == 5);
static_assert(RH_VERB_UPDATE == 6);
static_assert(RH_VERB_REMOVE == 7);
static_assert(RH_VERB_BULK == 8);

static int read_number(struct rh_db *db, const char *sql, int64_t *out, struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(db, sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	status = rh_step(statement, err);
	if (status == 1) {
		*out = rh_column_i64(statement, 0);
		status = RH_OK;
	}
	rh_reset(statement);
	return status;
}

static int read_version(struct rh_db *db, int64_t *out, struct rh_err *err)
{
	static const char sql[] = "PRAGMA user_version";

	return read_number(db, sql, out, err);
}

static int not_ours(const struct rh_ledger *ledger, struct rh_err *err)
{
	(void)rh_err_set(err, RH_EMISMATCH, "\"%s\" is not a ledger", ledger->path);
	rh_err_hint(err, "Name another workspace.");
	return RH_EMISMATCH;
}

static int store_identity(struct rh_ledger *ledger, const struct rh_ledger_identity *identity,
			  struct rh_err *err)
{
	static const char sql[] =
		"INSERT INTO identity (one, name, source, source_tenant, target, target_tenant,"
		" environment) VALUES (1, lower(hex(randomblob(16))), ?1, ?2, ?3, ?4, ?5)";
	const char *const texts[] = {identity->source, identity->source_tenant, identity->target,
				     identity->target_tenant, identity->environment};
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	for (int i = 0; i < 5; i++) {
		rh_bind_text(statement, i + 1, rh_str_from(texts[i] != NULL ? texts[i] : ""));
	}
	return rh_run(statement, err);
}

static int make_views(struct rh_ledger *ledger, int64_t version, struct rh_err *err)
{
	int status = RH_OK;

	for (; version < RH_LEDGER_SCHEMA && status == RH_OK; version++) {
		status = rh_db_exec(ledger->db, views[version], err);
	}
	return status;
}

static int run_upgrades(struct rh_ledger *ledger, int64_t version, struct rh_err *err)
{
	int status = RH_OK;

	for (; version < RH_LEDGER_SCHEMA && status == RH_OK; version++) {
		status = rh_db_exec(ledger->db, upgrades[version], err);
	}
	return status;
}

/* Brings a ledger of an older program to our schema; all or nothing. */
static int upgrade_ledger(struct rh_ledger *ledger, struct rh_err *err)
{
	int64_t version = 0;
	int status = rh_db_begin(ledger->db, err);

	if (status != RH_OK) {
		return status;
	}
	status =
		read_version(ledger->db, &version, err); /* another process may have been quicker */
	if (status == RH_OK) {
		status = run_upgrades(ledger, version, err);
	}
	if (status == RH_OK) {
		status = rh_db_commit(ledger->db, err);
	}
	rh_db_rollback(ledger->db);
	return status;
}

/* Of an older program: a writer, who holds the lock and knows by now whose it is, brings it up; a reader reads it as it
 * is, since a program of that version may be at work on it. */
static int take_older(struct rh_ledger *ledger, const struct rh_ledger_identity *identity,
		      int64_t version, struct rh_err *err)
{
	if (ledger->is_read_only) {
		return make_views(ledger, version, err);
	}
	if (identity == NULL) {
		(void)rh_err_set(err, RH_EMISMATCH,
				 "ledger \"%s\" was written by an older version, and without the "
				 "key nobody knows whose it is",
				 ledger->path);
		rh_err_hint(err, "Plan once with the key and without --offline: that brings it "
				 "up.  Nothing was changed.");
		return RH_EMISMATCH;
	}
	return upgrade_ledger(ledger, err);
}

/* Inside a transaction: another process may have been quicker. */
static int create_tables(struct rh_ledger *ledger, const struct rh_ledger_identity *identity,
			 struct rh_err *err)
{
	static const char sql[] = "SELECT count(*) FROM sqlite_schema";
	int64_t version = 0;
	int64_t tables = 0;
	int status = read_version(ledger->db, &version, err);

	if (status != RH_OK || version != 0) {
		return status;
	}
	status = read_number(ledger->db, sql, &tables, err);
	if (status != RH_OK) {
		return status;
	}
	if (tables != 0) {
		return not_ours(ledger, err);
	}
	status = rh_db_exec(ledger->db, rh_sql_schema, err);
	if (status == RH_OK) {
		status = store_identity(ledger, identity, err);
	}
	if (status == RH_OK) {
		status = rh_db_exec(ledger->db, sql_seal, err);
	}
	return status == RH_OK ? run_upgrades(ledger, 1, err) : status;
}

static int create_ledger(struct rh_ledger *ledger, const struct rh_ledger_identity *identity,
			 struct rh_err *err)
{
	int status;

	if (ledger->is_read_only) {
		return rh_err_set(err, RH_ESTATE, "ledger \"%s\" holds nothing yet", ledger->path);
	}
	if (identity == NULL) {
		return rh_err_set(err, RH_EINVAL, "a new ledger needs an identity");
	}
	status = rh_db_begin(ledger->db, err);
	if (status != RH_OK) {
		return status;
	}
	status = create_tables(ledger, identity, err);
	if (status == RH_OK) {
		status = rh_db_commit(ledger->db, err);
	}
	rh_db_rollback(ledger->db);
	return status;
}

/* *version_out: ours, or that of an older program. */
static int check_schema(struct rh_ledger *ledger, const struct rh_ledger_identity *identity,
			int64_t *version_out, struct rh_err *err)
{
	static const char sql[] = "PRAGMA application_id";
	int64_t version = 0;
	int64_t application = 0;
	int status = read_version(ledger->db, &version, err);

	if (status == RH_OK && version == 0) {
		status = create_ledger(ledger, identity, err);
		if (status == RH_OK) {
			status = read_version(ledger->db, &version, err);
		}
	}
	if (status == RH_OK) {
		status = read_number(ledger->db, sql, &application, err);
	}
	if (status != RH_OK) {
		return status;
	}
	if (application != APPLICATION_ID) {
		return not_ours(ledger, err);
	}
	if (version < 1 || version > RH_LEDGER_SCHEMA) {
		(void)rh_err_set(err, RH_EMISMATCH,
				 "ledger \"%s\" has schema %" PRId64
				 ", and this program knows schema %d",
				 ledger->path, version, RH_LEDGER_SCHEMA);
		rh_err_hint(err, "It was written by a newer program; use that one.");
		return RH_EMISMATCH;
	}
	*version_out = version;
	return RH_OK;
}

/* Identity and name; the texts live in the arena. */
static int load_identity(struct rh_ledger *ledger, struct rh_arena *arena,
			 struct rh_ledger_identity *out, struct rh_err *err)
{
	static const char sql[] = "SELECT source, source_tenant, target, target_tenant,"
				  " environment, name FROM identity";
	struct rh_str texts[6] = {{0}};
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	status = rh_step(statement, err);
	if (status < 0) {
		return status;
	}
	for (int i = 0; status == 1 && i < 6; i++) {
		if (!rh_arena_copy(arena, rh_column_text(statement, i), &texts[i])) {
			rh_reset(statement);
			return rh_err_set(err, RH_ENOMEM, "no room for the ledger's identity");
		}
	}
	rh_reset(statement);
	if (texts[5].ptr == NULL || texts[5].len != RH_LEDGER_NAME_LEN) {
		return not_ours(ledger, err);
	}
	memcpy(ledger->name, texts[5].ptr, RH_LEDGER_NAME_LEN);
	*out = (struct rh_ledger_identity){
		.source = texts[0].ptr,
		.source_tenant = texts[1].ptr,
		.target = texts[2].ptr,
		.target_tenant = texts[3].ptr,
		.environment = texts[4].ptr,
	};
	return RH_OK;
}

static bool is_same(const char *stored, const char *asked)
{
	return rh_str_is(rh_str_from(stored), asked != NULL ? asked : "");
}

/* A file does not say whose it is, and some APIs do not either: what is not known is no other tenant. */
static bool is_same_source(const char *stored, const char *asked)
{
	return rh_str_is(rh_str_from(stored), "file") || asked == NULL ||
	       strcmp(asked, "file") == 0 || is_same(stored, asked);
}

/* "a (tenant "x") to b (tenant "y", production)" */
static struct rh_str describe(struct rh_arena *arena, const struct rh_ledger_identity *identity)
{
	return rh_arena_printf(arena, "%s (tenant \"%s\") to %s (tenant \"%s\", %s)",
			       identity->source != NULL ? identity->source : "",
			       identity->source_tenant != NULL ? identity->source_tenant : "",
			       identity->target != NULL ? identity->target : "",
			       identity->target_tenant != NULL ? identity->target_tenant : "",
			       identity->environment != NULL ? identity->environment : "");
}

/* L5; also takes the ledger's name. */
static int check_identity(struct rh_ledger *ledger, const struct rh_ledger_identity *asked,
			  struct rh_err *err)
{
	struct rh_ledger_identity stored = {0};
	struct rh_arena arena;
	int status;

	rh_arena_init(&arena, 64 * 1024, RH_ARENA_PLAIN);
	status = load_identity(ledger, &arena, &stored, err);
	if (status == RH_OK && asked != NULL &&
	    !(is_same(stored.source, asked->source) &&
	      is_same_source(stored.source_tenant, asked->source_tenant) &&
	      is_same(stored.target, asked->target) &&
	      is_same(stored.target_tenant, asked->target_tenant) &&
	      is_same(stored.environment, asked->environment))) {
		struct rh_str theirs = describe(&arena, &stored);
		struct rh_str ours = describe(&arena, asked);

		status = rh_err_set(err, RH_EMISMATCH, "the ledger belongs to %.*s, not to %.*s",
				    RH_STR_ARG(theirs), RH_STR_ARG(ours));
		rh_err_hint(err, "Name another workspace, or the options of the migration that "
				 "this one holds.");
	}
	rh_arena_done(&arena);
	return status;
}

static int open_database(struct rh_ledger *ledger, const char *workspace, struct rh_err *err)
{
	int status;

	if (ledger->is_read_only) {
		if (!rh_file_exists(ledger->path)) {
			return rh_err_set(err, RH_EIO, "there is no ledger in \"%s\"", workspace);
		}
		status = rh_db_open(&ledger->db, ledger->path, RH_DB_READONLY, err);
	} else {
		status = rh_dir_make(workspace, err);
		if (status == RH_OK) {
			status = rh_db_open(&ledger->db, ledger->path, RH_DB_DURABLE, err);
		}
	}
	return status;
}

int rh_ledger_open(struct rh_ledger **out, const char *workspace,
		   const struct rh_ledger_identity *identity, bool read_only, struct rh_err *err)
{
	struct rh_ledger *ledger = rh_calloc(1, sizeof(*ledger));
	int64_t version = 0;
	int status = RH_ENOMEM;

	if (ledger != NULL) {
		ledger->is_read_only = read_only;
		ledger->path = rh_path_join(workspace, "ledger.db");
	}
	if (ledger == NULL || ledger->path == NULL) {
		(void)rh_err_set(err, RH_ENOMEM, "no memory to open the ledger");
		rh_ledger_close(ledger);
		return RH_ENOMEM;
	}
	status = open_database(ledger, workspace, err);
	if (status == RH_OK) {
		status = check_schema(ledger, identity, &version, err);
	}
	if (status == RH_OK) {
		status = check_identity(ledger, identity, err);
	}
	if (status == RH_OK && version < RH_LEDGER_SCHEMA) {
		status = take_older(ledger, identity, version, err);
	}
	if (status != RH_OK) {
		rh_ledger_close(ledger);
		return status;
	}
	*out = ledger;
	return RH_OK;
}

void rh_ledger_close(struct rh_ledger *ledger)
{
	if (ledger == NULL) {
		return;
	}
	rh_db_close(ledger->db); /* an open transaction is rolled back */
	rh_free(ledger->path);
	rh_free(ledger);
}

int rh_ledger_identity(struct rh_ledger *ledger, struct rh_arena *arena,
		       struct rh_ledger_identity *out, struct rh_err *err)
{
	return load_identity(ledger, arena, out, err);
}

const char *rh_ledger_name(const struct rh_ledger *ledger)
{
	return ledger->name;
}

int rh_ledger_fact(struct rh_ledger *ledger, const char *name, struct rh_arena *arena,
		   struct rh_str *out, struct rh_err *err)
{
	static const char sql[] = "SELECT value FROM facts WHERE name = ?1";
	struct rh_str value = RH_STR_ABSENT;
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_text(statement, 1, rh_str_from(name));
	status = rh_step(statement, err);
	if (status < 0) {
		return status;
	}
	if (status == 1 && !rh_arena_copy(arena, rh_column_text(statement, 0), &value)) {
		rh_reset(statement);
		return rh_err_set(err, RH_ENOMEM, "no room for fact \"%s\" of the ledger", name);
	}
	rh_reset(statement);
	*out = value;
	return RH_OK;
}

static int write_fact(struct rh_ledger *ledger, const char *name, struct rh_str value,
		      struct rh_err *err)
{
	static const char sql_set[] = "INSERT INTO facts (name, value) VALUES (?1, ?2)"
				      " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
	static const char sql_unset[] = "DELETE FROM facts WHERE name = ?1";
	struct rh_statement *statement;
	int status =
		rh_db_prepare(ledger->db, value.ptr != NULL ? sql_set : sql_unset, &statement, err);

	if (status != RH_OK) {
		return status;
	}
	rh_bind_text(statement, 1, rh_str_from(name));
	if (value.ptr != NULL) {
		rh_bind_text(statement, 2, value);
	}
	return rh_run(statement, err);
}

int rh_ledger_set_fact(struct rh_ledger *ledger, const char *name, struct rh_str value,
		       struct rh_err *err)
{
	int status = rh_ledger_writable(ledger, err);

	if (status == RH_OK && ledger->pending == 0) {
		status = rh_db_begin(ledger->db, err);
	}
	if (status == RH_OK) {
		status = write_fact(ledger, name, value, err);
		if (status == RH_OK) {
			return rh_ledger_commit_now(ledger, err);
		}
		if (ledger->pending == 0) {
			rh_db_rollback(ledger->db);
		}
	}
	return status;
}
