/* SPDX-License-Identifier: Apache-2.0 */
/* The part of undo that puts back what updates replaced. */
#ifndef ENGINE_UNDO_RESTORE_H
#define ENGINE_UNDO_RESTORE_H

#include "engine/run.h"

/* Puts back what updates of accounts that are not ours replaced, the newest first (undo.c, 6 and 7). */
RH_NODISCARD int rh_undo_restore(struct rh_run *run, uint64_t *done, uint64_t total,
				 struct rh_err *err);
/* Updates of accounts that were created share the fate of their account, after all removals (undo.c, 8). */
RH_NODISCARD int rh_undo_follow(struct rh_run *run, struct rh_err *err);
/* Does something that a request of this update wrote stand there: a field that is not as it was before, but as the
 * update left it? */
RH_NODISCARD int rh_undo_was_written(const struct rh_run *run, const struct rh_ledger_row *update,
				     const struct rh_wire *there, struct rh_arena *arena, bool *out,
				     struct rh_err *err);
/* A line of the event log about one row. */
RH_NODISCARD int rh_undo_say(struct rh_run *run, const struct rh_ledger_row *row,
			     enum rh_state state, const char *error, struct rh_err *err);

#endif
