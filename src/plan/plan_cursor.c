/* SPDX-License-Identifier: Apache-2.0 */
/* What a revision says of single accounts: plans/N.db, read row by row. */
#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "plan/plan_internal.h"

static const char sql_all[] =
	"SELECT n, decision, code, source_id, target_id, path, note, file, number"
	" FROM exception ORDER BY n";
static const char sql_earlier[] =
	"SELECT n, decision, code, source_id, target_id, path, note, file, number, revision, input"
	" FROM earlier ORDER BY revision, n";
static const char sql_seen[] = "SELECT 0, 0, 0, source_id, NULL, NULL, NULL, 0, 0, 0, NULL FROM"
			       " seen WHERE source_id IS NOT NULL";
/* Plans of older versions. */
static const char sql_none[] = "SELECT 0 WHERE 0";
static const char sql_has_earlier[] = "SELECT 1 FROM sqlite_schema WHERE name = 'earlier'";
/* Who has no exception is created. */
static const char sql_shared[] =
	"SELECT g, shared.n, sharing, shared.source_id, shared.file, shared.number,"
	" coalesce(decision, 0) FROM shared LEFT JOIN exception ON exception.n = shared.n"
	" ORDER BY g, shared.n";

static int open_rows(const struct rh_workspace *workspace, int64_t revision, const char *sql,
		     struct rh_db **db, struct rh_statement **rows, struct rh_err *err)
{
	rh_autofree char *path = NULL;
	int code = rh_plan_path(workspace, revision, "db", &path, err);

	if (code == RH_OK) {
		code = rh_db_open(db, path, RH_DB_READONLY, err);
	}
	return code == RH_OK ? rh_db_prepare(*db, sql, rows, err) : code;
}

/* ---- exceptions ------------------------------------------------------------------------------------------- */

struct rh_exceptions {
	struct rh_db *db;
	struct rh_statement *all;
	bool is_earlier;
};

int rh_exceptions_open(struct rh_exceptions **out, const struct rh_workspace *workspace,
		       int64_t revision, struct rh_err *err)
{
	struct rh_exceptions *exceptions = rh_calloc(1, sizeof(*exceptions));
	int code;

	if (exceptions == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = open_rows(workspace, revision, sql_all, &exceptions->db, &exceptions->all, err);
	if (code != RH_OK) {
		rh_exceptions_close(exceptions);
		return code;
	}
	*out = exceptions;
	return RH_OK;
}

/* What only newer plans have. */
static int open_newer(struct rh_exceptions **out, const struct rh_workspace *workspace,
		      int64_t revision, const char *sql, struct rh_err *err)
{
	struct rh_exceptions *exceptions = rh_calloc(1, sizeof(*exceptions));
	struct rh_statement *known;
	int code;

	if (exceptions == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = open_rows(workspace, revision, sql_has_earlier, &exceptions->db, &known, err);
	if (code == RH_OK && (code = rh_step(known, err)) >= 0) {
		exceptions->is_earlier = code == 1;
		rh_reset(known);
		code = rh_db_prepare(exceptions->db, code == 1 ? sql : sql_none, &exceptions->all,
				     err);
	}
	if (code != RH_OK) {
		rh_exceptions_close(exceptions);
		return code;
	}
	*out = exceptions;
	return RH_OK;
}

int rh_exceptions_open_earlier(struct rh_exceptions **out, const struct rh_workspace *workspace,
			       int64_t revision, struct rh_err *err)
{
	return open_newer(out, workspace, revision, sql_earlier, err);
}

int rh_exceptions_open_seen(struct rh_exceptions **out, const struct rh_workspace *workspace,
			    int64_t revision, struct rh_err *err)
{
	return open_newer(out, workspace, revision, sql_seen, err);
}

void rh_exceptions_close(struct rh_exceptions *exceptions)
{
	if (exceptions != NULL) {
		rh_db_close(exceptions->db);
		rh_free(exceptions);
	}
}

static void read_exception(struct rh_statement *all, struct rh_exception *out)
{
	*out = (struct rh_exception){
		.ordinal = (uint64_t)rh_column_i64(all, 0),
		.decision = (enum rh_decision)rh_column_i64(all, 1),
		.code = (enum rh_finding_code)rh_column_i64(all, 2),
		.source_id = rh_column_text(all, 3),
		.target_id = rh_column_text(all, 4),
		.path = rh_column_text(all, 5),
		.note = rh_column_text(all, 6),
		.file = (unsigned)rh_column_i64(all, 7),
		.record = (uint64_t)rh_column_i64(all, 8),
	};
}

int rh_exceptions_next(struct rh_exceptions *exceptions, struct rh_exception *out,
		       struct rh_err *err)
{
	int code = rh_step(exceptions->all, err);

	if (code == 1) {
		read_exception(exceptions->all, out);
		if (exceptions->is_earlier) {
			out->revision = rh_column_i64(exceptions->all, 9);
			out->input = rh_column_text(exceptions->all, 10);
		}
	}
	return code;
}

/* ---- what is shared --------------------------------------------------------------------------------------- */

struct rh_shares {
	struct rh_db *db;
	struct rh_statement *all;
};

int rh_shares_open(struct rh_shares **out, const struct rh_workspace *workspace, int64_t revision,
		   struct rh_err *err)
{
	struct rh_shares *shares = rh_calloc(1, sizeof(*shares));
	int code;

	if (shares == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = open_rows(workspace, revision, sql_shared, &shares->db, &shares->all, err);
	if (code != RH_OK) {
		rh_shares_close(shares);
		return code;
	}
	*out = shares;
	return RH_OK;
}

void rh_shares_close(struct rh_shares *shares)
{
	if (shares != NULL) {
		rh_db_close(shares->db);
		rh_free(shares);
	}
}

int rh_shares_next(struct rh_shares *shares, struct rh_shared *out, struct rh_err *err)
{
	int code = rh_step(shares->all, err);

	if (code == 1) {
		*out = (struct rh_shared){
			.group = (uint64_t)rh_column_i64(shares->all, 0),
			.ordinal = (uint64_t)rh_column_i64(shares->all, 1),
			.sharing = (unsigned)rh_column_i64(shares->all, 2),
			.source_id = rh_column_text(shares->all, 3),
			.file = (unsigned)rh_column_i64(shares->all, 4),
			.record = (uint64_t)rh_column_i64(shares->all, 5),
			.decision = (enum rh_decision)rh_column_i64(shares->all, 6),
		};
	}
	return code;
}
