/* SPDX-License-Identifier: Apache-2.0 */
/* Entities of the ledger, one after another, for whoever lists them. */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "lib/migration.h"

static const char *text_of(struct rh_str text)
{
	return text.ptr != NULL ? text.ptr : "";
}

static const char *state_of(const struct rh_ledger_row *row)
{
	if (row->state == RH_STATE_DONE && row->drift != RH_DRIFT_NONE) {
		return row->drift == RH_DRIFT_DIFFERS ? "differs" : "missing";
	}
	return rh_state_name(row->state);
}

static struct rh_entity_line line_of(const struct rh_ledger_row *row)
{
	return (struct rh_entity_line){
		.kind = rh_kind_name(row->kind),
		.source_id = text_of(row->source_id),
		.target_id = text_of(row->target_id),
		.state = state_of(row),
		.origin = rh_origin_name(row->origin),
		.code = text_of(row->code),
		.record = row->record,
	};
}

int rh_migration_entities(struct rh_migration *migration, const char *kind, rh_entity_fn *fn,
			  void *context, struct rh_err *err)
{
	struct rh_ledger_pick pick = {.kind = RH_KINDS,
				      .states = (1U << RH_STATES) - 1,
				      .max = RH_LEDGER_GROUP};
	struct rh_run_counts unused;
	struct rh_arena arena;
	struct rh_err own;
	struct rh_ledger_row *rows;
	size_t count = RH_LEDGER_GROUP;
	int code;

	err = rh_migration_err(err, &own);
	for (size_t i = 0; i < RH_TENANT_KINDS; i++) {
		if (strcmp(kind, rh_kind_name(rh_tenant_kinds[i])) == 0) {
			pick.kind = rh_tenant_kinds[i];
		}
	}
	if (pick.kind == RH_KINDS) {
		return rh_err_set(err, RH_EUSAGE, "there is no kind \"%s\"", kind);
	}
	code = rh_migration_status(migration, &unused, err); /* opens ledger and newest plan */
	if (code != RH_OK || migration->ledger == NULL) {
		return code;
	}
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	while (code == RH_OK && count == RH_LEDGER_GROUP) {
		rh_arena_reset(&arena);
		rows = rh_arena_calloc(&arena, RH_LEDGER_GROUP, sizeof(*rows));
		code = rows != NULL ? rh_ledger_page_entities(migration->ledger, &pick, &arena,
							      rows, &count, err)
				    : rh_err_set(err, RH_ENOMEM, "out of memory");
		for (size_t i = 0; code == RH_OK && i < count; i++) {
			const struct rh_entity_line line = line_of(&rows[i]);

			pick.after = rows[i].id;
			count = fn(context, &line) ? count : 0; /* the list ends here */
		}
	}
	rh_arena_done(&arena);
	return code;
}
