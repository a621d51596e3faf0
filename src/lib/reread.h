/* SPDX-License-Identifier: Apache-2.0 */
/* The source once more, for findings, rejects: inside of the library. */
#ifndef LIB_REREAD_H
#define LIB_REREAD_H

#include "lib/migration.h"

/* One account on its way past. */
struct rh_passing {
	struct rh_migration *migration;
	struct rh_plan_inputs inputs;
	struct rh_source *source;
	struct rh_exceptions *exceptions;
	struct rh_exception exception; /* the next one */
	bool has_exception;
	bool is_exception; /* it is this account's */
	struct rh_ledger_row row;
	bool has_row;
	bool has_open_updates;
	struct rh_arena arena;
	struct rh_collector collector;
	struct rh_source_item item;
	struct rh_account_line line;
	struct rh_line_texts texts;
	int64_t earlier; /* of an earlier plan: those alone that the one in hand carries on; else 0 */
	int64_t carrying; /* the plan that does */
	bool is_ended;
};

typedef int rh_passing_fn(struct rh_passing *passing, void *context, struct rh_err *err);

/* All accounts of the plan in hand; `last` (may be NULL) comes when all have passed. */
RH_NODISCARD int rh_reread(struct rh_passing *passing, rh_passing_fn *each, rh_passing_fn *last,
			   void *context, struct rh_err *err);
/* What became of the account that passes, into passing->line. */
RH_NODISCARD int rh_passing_line(struct rh_passing *passing, struct rh_err *err);
/* Is `name` one of the names joined by ','? */
bool rh_is_among(const char *list, const char *name);

#endif
