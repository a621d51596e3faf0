/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make a plan share. */
#ifndef PLAN_PLAN_INTERNAL_H
#define PLAN_PLAN_INTERNAL_H

#include "db/db.h"
#include "plan/plan.h"

/* What a row of the match index is a hash of. */
enum match_kind { MATCH_SOURCE_ID = 1, MATCH_EXTERNAL_ID = 2, MATCH_EMAIL = 3 };

/* Flags of a record in the scratch database. */
enum record_flag {
	RECORD_WITH_PASSWORD = 1, /* its hash moves */
	RECORD_DONE = 2,          /* the ledger has it at the target */
	RECORD_OURS = 4,          /* the ledger has a row: what stands at the target may be ours */
	RECORD_TWICE = 8,         /* a record before it has the same source id */
	RECORD_OUT = 16,          /* refused as a duplicate */
};

struct rh_plan_builder {
	struct rh_plan_inputs inputs;
	struct rh_db *scratch;    /* records and match index; removed at the end */
	struct rh_db *exceptions; /* plans/next.db, renamed at the end */
	char *scratch_path;
	char *exceptions_path;
	struct rh_groups *groups;
	struct rh_collector collector;
	struct rh_plan_counts counts;
	struct rh_map *only; /* NULL: everybody */
	struct rh_map *except;
	size_t only_found; /* ids of --only that occurred */
	bool resume_found;
	uint64_t taken; /* towards --limit */
	bool has_ledger_rows;
};

/* Notes an exception once; a second one of the same account changes nothing.  *is_new tells. */
RH_NODISCARD int rh_plan_except(struct rh_plan_builder *builder,
				const struct rh_exception *exception, bool *is_new,
				struct rh_err *err);
/* After the last record: --on-duplicate. */
RH_NODISCARD int rh_plan_duplicates(struct rh_plan_builder *builder, struct rh_err *err);

#endif
