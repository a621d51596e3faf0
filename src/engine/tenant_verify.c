/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entities read back and compared with what was written (verify.c has the rules).  What was linked is only asked to be
 * there.  A row that no list showed is asked for singly, where the target can be asked for it, before it counts as
 * missing.  Memory grows only with the differences.
 */
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "engine/tenant_internal.h"

#define PAGE RH_LEDGER_GROUP

struct checking {
	struct rh_run *run;
	enum rh_kind kind;
	rh_time at;
	uint64_t done; /* rows compared, of `total` */
	uint64_t total;
	struct rh_map *seen;   /* ids of rows that differ */
	struct rh_arena arena; /* of one record */
	struct rh_arena page;
	int code; /* first error of a callback */
	struct rh_err err;
};

static struct rh_str id_key(const int64_t *id)
{
	return (struct rh_str){.ptr = (const char *)id, .len = sizeof(*id)};
}

static int compare(struct checking *checking, const struct rh_ledger_row *row,
		   const struct rh_observed *observed, struct rh_err *err)
{
	struct rh_run *run = checking->run;
	bool is_same = row->origin == RH_ORIGIN_LINKED ||
		       rh_wire_is(run->workspace, &observed->wire, row->wire_present, row->wire);
	uint32_t fields;
	int code;

	rh_run_show(run, RH_PHASE_ENTITIES, checking->done++, checking->total, false);
	code = rh_ledger_verify(run->ledger, row->id, is_same ? RH_DRIFT_NONE : RH_DRIFT_DIFFERS,
				checking->at, err);

	if (code != RH_OK || is_same) {
		return code;
	}
	fields = rh_wire_differs(run->workspace, &observed->wire, row->wire_present, row->wire) &
		 row->wire_present;
	if (rh_map_put(checking->seen, id_key(&row->id), 1) != RH_OK) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return rh_ledger_note_drift(run->ledger, row->id, fields, err);
}

static int take_listed(void *context, const struct rh_observed *observed, struct rh_err *err)
{
	struct checking *checking = context;
	struct rh_ledger_row row;
	int code;

	rh_arena_reset(&checking->arena);
	code = rh_ledger_find_target(checking->run->ledger, checking->kind, observed->target_id,
				     &checking->arena, &row, err);
	if (code != 1 || !rh_tenant_is_there(&row) || row.state == RH_STATE_KEPT) {
		return code < 0 ? code : RH_OK;
	}
	return compare(checking, &row, observed, err);
}

/* ---- lists ------------------------------------------------------------------------------------------- */

static int walk(struct checking *checking, struct rh_str organization, bool *is_denied,
		struct rh_err *err)
{
	struct rh_tenant_walk all = {
		.kind = checking->kind,
		.organization = organization,
		.each = take_listed,
		.context = checking,
	};
	int code = rh_tenant_walk(checking->run, &all, err);

	*is_denied = all.is_denied;
	return code;
}

/* One list for each organization that is there by the ledger. */
static int walk_organizations(struct checking *checking, bool *is_denied, struct rh_err *err)
{
	struct rh_ledger_pick pick = {
		.kind = RH_KIND_ORGANIZATION,
		.states = 1U << RH_STATE_DONE | 1U << RH_STATE_VERIFIED,
		.max = PAGE,
	};
	size_t count = PAGE;
	int code = RH_OK;

	while (code == RH_OK && count == PAGE && !*is_denied) {
		struct rh_ledger_row *rows;

		rh_arena_reset(&checking->page);
		rows = rh_arena_calloc(&checking->page, PAGE, sizeof(*rows));
		if (rows == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		code = rh_ledger_page_entities(checking->run->ledger, &pick, &checking->page, rows,
					       &count, err);
		for (size_t i = 0; i < count && code == RH_OK && !*is_denied; i++) {
			pick.after = rows[i].id;
			code = walk(checking, rows[i].target_id, is_denied, err);
		}
	}
	return code;
}

/* ---- those that no list showed ---------------------------------------------------------------------------- */

struct asked {
	struct checking *checking;
	struct rh_ledger_row row;
	struct rh_links links;
};

static void take_single(void *context, struct rh_operation *operation,
			const struct rh_answer *answer)
{
	struct asked *asked = context;
	struct checking *checking = asked->checking;
	const struct rh_row *row = &operation->rows[0];

	(void)answer;
	if (checking->code != RH_OK) {
		return;
	}
	if (row->outcome == RH_OUTCOME_DONE && row->has_observed) {
		checking->code = compare(checking, &asked->row, &row->observed, &checking->err);
	} else if (row->outcome == RH_OUTCOME_ABSENT) {
		checking->code = rh_ledger_verify(checking->run->ledger, asked->row.id,
						  RH_DRIFT_MISSING, checking->at, &checking->err);
	} else {
		checking->code =
			rh_err_set(&checking->err, RH_ENET, "a %s could not be read back: %s",
				   rh_kind_name(checking->kind),
				   row->cause != NULL ? row->cause : "no cause given");
	}
}

static int ask_for(struct checking *checking, struct asked *asked, struct rh_err *err)
{
	struct rh_run *run = checking->run;
	struct rh_job_spec spec = {
		.kind = checking->kind,
		.verb = RH_VERB_GET,
		.has_row = true,
		.row = {.source_id = asked->row.source_id,
			.target_id = asked->row.target_id,
			.links = &asked->links},
		.done = take_single,
		.context = asked,
	};
	int code;

	if (run->target->ops[checking->kind][RH_VERB_GET] == NULL) {
		return rh_ledger_verify(run->ledger, asked->row.id, RH_DRIFT_MISSING, checking->at,
					err);
	}
	code = rh_tenant_links_of(run->ledger, &asked->row, &checking->page, &asked->links, err);
	return code == RH_OK ? rh_engine_submit(run->engine, &spec, err) : code;
}

/* Was it compared in this run? */
static bool was_seen(const struct checking *checking, const struct rh_ledger_row *row)
{
	uint64_t unused;

	return (row->state == RH_STATE_VERIFIED && row->verified_at >= checking->at) ||
	       rh_map_find(checking->seen, id_key(&row->id), &unused);
}

static int ask_page(struct checking *checking, struct rh_ledger_pick *pick, size_t *count,
		    struct rh_err *err)
{
	struct rh_ledger_row *rows;
	struct asked *asked;
	int code;

	rh_arena_reset(&checking->page);
	rows = rh_arena_calloc(&checking->page, PAGE, sizeof(*rows));
	asked = rh_arena_calloc(&checking->page, PAGE, sizeof(*asked));
	if (rows == NULL || asked == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	code = rh_ledger_page_entities(checking->run->ledger, pick, &checking->page, rows, count,
				       err);
	for (size_t i = 0; code == RH_OK && i < *count; i++) {
		pick->after = rows[i].id;
		if (!was_seen(checking, &rows[i])) {
			asked[i] = (struct asked){.checking = checking, .row = rows[i]};
			code = ask_for(checking, &asked[i], err);
		}
	}
	if (code == RH_OK) {
		code = rh_run_finish(checking->run, err);
	}
	if (code == RH_OK && checking->code != RH_OK) {
		*err = checking->err;
		code = checking->code;
	}
	return code;
}

static int ask_for_unseen(struct checking *checking, struct rh_err *err)
{
	struct rh_ledger_pick pick = {
		.kind = checking->kind,
		.states = 1U << RH_STATE_DONE | 1U << RH_STATE_VERIFIED,
		.max = PAGE,
	};
	size_t count = PAGE;
	int code = RH_OK;

	while (code == RH_OK && count == PAGE) {
		code = ask_page(checking, &pick, &count, err);
		if (code == RH_OK && rh_run_stop_level(checking->run) > 0) {
			code = rh_err_set(err, RH_EINTERRUPTED,
					  "interrupted while reading the target");
		}
	}
	return code;
}

/* ---- all of them ---------------------------------------------------------------------------------------------- */

static int check_kind(struct checking *checking, struct rh_err *err)
{
	const struct rh_connector *target = checking->run->target;
	bool is_within = (target->entities->listed_by_organization >> checking->kind & 1) != 0;
	bool is_denied = false;
	int code = RH_OK;

	if (target->ops[checking->kind][RH_VERB_LIST] != NULL) {
		code = is_within ? walk_organizations(checking, &is_denied, err)
				 : walk(checking, RH_STR_ABSENT, &is_denied, err);
	}
	if (code == RH_OK && is_denied) { /* nothing is known of it: what was known stays */
		return rh_err_set(err, RH_EDENIED, "the target does not let its %ss be read",
				  rh_kind_name(checking->kind));
	}
	if (code == RH_OK) {
		code = rh_ledger_commit(checking->run->ledger, err);
	}
	return code == RH_OK ? ask_for_unseen(checking, err) : code;
}

static int check_all(struct checking *checking, struct rh_err *err)
{
	struct rh_ledger_kind_counts counts[RH_KINDS];
	uint64_t unused;
	rh_time verified_at = 0;
	int code = rh_ledger_count_entities(checking->run->ledger, counts, err);

	if (code == RH_OK) {
		code = rh_ledger_index(checking->run->ledger, err);
	}
	if (code == RH_OK) {
		code = rh_ledger_count_expected(checking->run->ledger, &unused, &verified_at, err);
	}
	if (checking->at <= verified_at) {
		checking->at = verified_at + 1;
	}
	for (size_t i = 0; i < RH_TENANT_KINDS && code == RH_OK; i++) {
		checking->total += counts[rh_tenant_kinds[i]].by_state[RH_STATE_DONE] +
				   counts[rh_tenant_kinds[i]].by_state[RH_STATE_VERIFIED];
	}
	for (size_t i = 0; i < RH_TENANT_KINDS && code == RH_OK; i++) {
		checking->kind = rh_tenant_kinds[i];
		if (counts[checking->kind].by_state[RH_STATE_DONE] +
			    counts[checking->kind].by_state[RH_STATE_VERIFIED] >
		    0) {
			code = check_kind(checking, err);
		}
	}
	return code == RH_OK ? rh_ledger_commit(checking->run->ledger, err) : code;
}

int rh_tenant_verify(struct rh_run *run, struct rh_err *err)
{
	struct checking checking = {.run = run, .at = rh_run_now(run)};
	uint64_t seed;
	int code;

	if (run->target->entities == NULL) {
		return RH_OK;
	}
	rh_random_bytes(&seed, sizeof(seed));
	checking.seen = rh_map_new(seed);
	if (checking.seen == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_arena_init(&checking.arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	rh_arena_init(&checking.page, RH_BATCH_MAX, RH_ARENA_PLAIN);
	code = check_all(&checking, err);
	rh_arena_done(&checking.arena);
	rh_arena_done(&checking.page);
	rh_map_free(checking.seen);
	return code;
}
