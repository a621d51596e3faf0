/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of rows that are no accounts' (L15). */
#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "ledger/ledger_internal.h"

static_assert(RH_KIND_USER == 4 && RH_VERB_UPDATE == 6);

/* Whether a row is in a run decides how it reads (L14).  "kind <> 4" is the condition of the index: index.sql. */
static const char sql_count[] =
	"SELECT kind, state, origin, drift, parts_dropped <> 0,"
	" coalesce((SELECT first FROM verified_runs WHERE last >= ledger_rows.id"
	" ORDER BY last LIMIT 1) <= id, 0), code IS NOT NULL FROM ledger_rows WHERE kind <> 4 AND "
	"verb <> 6";

static void count_row(struct rh_ledger_kind_counts *counts, struct rh_statement *statement)
{
	enum rh_state state = (enum rh_state)rh_column_i64(statement, 1);
	enum rh_origin origin = (enum rh_origin)rh_column_i64(statement, 2);
	enum rh_drift drift = (enum rh_drift)rh_column_i64(statement, 3);
	bool is_there = state == RH_STATE_DONE || state == RH_STATE_VERIFIED;

	if (is_there && rh_column_i64(statement, 5) != 0) {
		state = RH_STATE_VERIFIED;
	}
	counts->by_state[state]++;
	counts->total++;
	counts->parts_dropped += rh_column_i64(statement, 4) != 0 ? 1 : 0;
	if (!is_there) {
		return;
	}
	counts->created += origin == RH_ORIGIN_CREATED ? 1 : 0;
	counts->linked += origin == RH_ORIGIN_LINKED ? 1 : 0;
	counts->linked_other +=
		origin == RH_ORIGIN_LINKED && rh_column_i64(statement, 6) != 0 ? 1 : 0;
	counts->unproven += origin == RH_ORIGIN_UNSURE || origin == RH_ORIGIN_ADOPTED ? 1 : 0;
	if (state == RH_STATE_DONE) {
		counts->differs += drift == RH_DRIFT_DIFFERS ? 1 : 0;
		counts->missing += drift == RH_DRIFT_MISSING ? 1 : 0;
	}
}

int rh_ledger_count_entities(struct rh_ledger *ledger, struct rh_ledger_kind_counts out[RH_KINDS],
			     struct rh_err *err)
{
	struct rh_statement *statement;
	int status = rh_db_prepare(ledger->db, sql_count, &statement, err);

	memset(out, 0, RH_KINDS * sizeof(out[0]));
	while (status >= 0 && (status = rh_step(statement, err)) == 1) {
		int64_t kind = rh_column_i64(statement, 0);
		int64_t state = rh_column_i64(statement, 1);

		if (kind < 0 || kind >= RH_KINDS || state <= 0 || state >= RH_STATES) {
			rh_reset(statement);
			return rh_err_set(err, RH_EMISMATCH, "the ledger is damaged");
		}
		count_row(&out[kind], statement);
	}
	return status < 0 ? status : RH_OK;
}
