/* SPDX-License-Identifier: Apache-2.0 */
/* The entities of a revision, read row by row. */
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "plan/tenant_internal.h"

static const char sql_has[] = "SELECT 1 FROM sqlite_schema WHERE name = 'entity'";
static const char sql_kind[] =
	"SELECT n, kind, record, decision, code, source_id, target_id, organization, user,"
	" user_target_id FROM entity WHERE n >= (SELECT coalesce(min(n), 0) FROM entity WHERE"
	" kind = ?1) AND kind = ?1 ORDER BY n";
static const char sql_stream[] = "SELECT digest FROM stream WHERE kind = ?1";

struct rh_tenant_plan {
	struct rh_db *db;
	struct rh_statement *rows;
	bool is_at_end;
};

/* 1: the plan has entities, 0: it has none. */
static int has_entities(struct rh_db *db, struct rh_err *err)
{
	struct rh_statement *has;
	int code = rh_db_prepare(db, sql_has, &has, err);

	if (code == RH_OK) {
		code = rh_step(has, err);
		rh_reset(has);
	}
	return code;
}

int rh_tenant_plan_open(struct rh_tenant_plan **out, const struct rh_workspace *workspace,
			int64_t revision, struct rh_err *err)
{
	rh_autofree char *path = NULL;
	struct rh_tenant_plan *plan;
	int code = rh_plan_path(workspace, revision, "db", &path, err);

	*out = NULL;
	if (code != RH_OK) {
		return code;
	}
	plan = rh_calloc(1, sizeof(*plan));
	if (plan == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_db_open(&plan->db, path, RH_DB_READONLY, err);
	if (code == RH_OK) {
		code = has_entities(plan->db, err);
	}
	if (code != 1) {
		rh_tenant_plan_close(plan);
		return code;
	}
	*out = plan;
	return RH_OK;
}

void rh_tenant_plan_close(struct rh_tenant_plan *plan)
{
	if (plan != NULL) {
		rh_db_close(plan->db);
		rh_free(plan);
	}
}

struct rh_db *rh_tenant_plan_db(struct rh_tenant_plan *plan)
{
	return plan->db;
}

int rh_tenant_plan_seek(struct rh_tenant_plan *plan, enum rh_kind kind, struct rh_err *err)
{
	int code = rh_db_prepare(plan->db, sql_kind, &plan->rows, err);

	if (code == RH_OK) {
		rh_bind_i64(plan->rows, 1, kind);
		plan->is_at_end = false;
	}
	return code;
}

int rh_tenant_plan_next(struct rh_tenant_plan *plan, struct rh_tenant_row *out, struct rh_err *err)
{
	struct rh_statement *rows = plan->rows;
	int code = plan->is_at_end ? 0 : rh_step(rows, err);

	plan->is_at_end = code != 1;
	if (code != 1) {
		return code;
	}
	*out = (struct rh_tenant_row){
		.ordinal = (uint64_t)rh_column_i64(rows, 0),
		.kind = (enum rh_kind)rh_column_i64(rows, 1),
		.record = (uint64_t)rh_column_i64(rows, 2),
		.decision = (enum rh_decision)rh_column_i64(rows, 3),
		.code = (enum rh_finding_code)rh_column_i64(rows, 4),
		.source_id = rh_column_text(rows, 5),
		.target_id = rh_column_text(rows, 6),
		.organization = rh_column_text(rows, 7),
		.user = rh_column_text(rows, 8),
		.user_target_id = rh_column_text(rows, 9),
	};
	return 1;
}

int rh_tenant_plan_is_of(struct rh_tenant_plan *plan, enum rh_kind kind, const uint8_t digest[32],
			 bool *out, struct rh_err *err)
{
	struct rh_statement *get;
	int code = rh_db_prepare(plan->db, sql_stream, &get, err);

	*out = false;
	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(get, 1, kind);
	code = rh_step(get, err);
	if (code == 1) {
		struct rh_str known = rh_column_blob(get, 0);

		*out = known.len == 32 && memcmp(known.ptr, digest, 32) == 0;
	}
	rh_reset(get);
	return code < 0 ? code : RH_OK;
}
