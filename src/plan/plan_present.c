/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands at the target already: --on-existing.
 *
 * The target's accounts are hashed like those of the input and sorted, too; then both are walked side by side.  What
 * meets is sorted by the target's account, so that each is judged by all that it shares with the input.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "account/normalise.h"
#include "plan/plan_internal.h"

#define PRESENT_BYTES ((size_t)8 << 20)
#define HITS_BYTES ((size_t)4 << 20)
#define FOUND_TAIL ((size_t)1 << 20)

/* ---- an account at the target ------------------------------------------------------------------------------- */

/* What the found scratch holds of one, before its id. */
struct found {
	uint32_t id_len;
	uint32_t has_external_id; /* a bool, without gaps behind it */
};

static int begin_present(struct rh_plan_builder *builder, struct rh_err *err)
{
	char *path = NULL;
	int code = rh_plan_sorter(builder, "present.tmp", PRESENT_BYTES, &builder->present, err);

	if (code == RH_OK) {
		code = rh_workspace_file(builder->inputs.workspace, "plans", "found.tmp", &path,
					 err);
	}
	return code == RH_OK ? rh_scratch_init(&builder->found, path, FOUND_TAIL, err) : code;
}

static int add_found(struct rh_plan_builder *builder, const struct rh_observed *observed,
		     struct rh_arena *arena, struct rh_err *err)
{
	struct found found = {.id_len = (uint32_t)observed->target_id.len,
			      .has_external_id = observed->external_id.ptr != NULL};
	uint64_t number = rh_scratch_size(&builder->found);
	struct rh_str email = RH_STR_ABSENT;
	int code;

	if (observed->email.ptr != NULL && !rh_normalise_key(arena, observed->email, &email)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if ((code = rh_scratch_add(&builder->found, &found, sizeof(found), err)) != RH_OK ||
	    (code = rh_scratch_add(&builder->found, observed->target_id.ptr, found.id_len, err)) !=
		    RH_OK ||
	    (code = rh_plan_index_add(builder, builder->present, observed->external_id,
				      MATCH_EXTERNAL_ID, number, err)) != RH_OK) {
		return code;
	}
	return rh_plan_index_add(builder, builder->present, email, MATCH_EMAIL, number, err);
}

int rh_plan_present(struct rh_plan_builder *builder, const struct rh_observed *observed,
		    struct rh_err *err)
{
	struct rh_arena arena;
	int code = builder->present == NULL ? begin_present(builder, err) : RH_OK;

	builder->counts.target_accounts++;
	rh_arena_init(&arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	if (code == RH_OK) {
		code = add_found(builder, observed, &arena, err);
	}
	rh_arena_done(&arena);
	return code;
}

/* ---- what meets --------------------------------------------------------------------------------------------- */

/* Two sorted lists, walked side by side. */
struct meeting {
	struct rh_plan_builder *builder;
	struct rh_sorter *hits;
	struct rh_entry record; /* of the input */
	struct rh_entry there;  /* of the target */
	bool has_record;
	bool has_there;
};

static int next_record(struct meeting *meeting, struct rh_err *err)
{
	int code = rh_sorter_next(meeting->builder->index, &meeting->record, err);

	meeting->has_record = code == 1;
	return code < 0 ? code : rh_plan_tick(meeting->builder, err);
}

static int next_there(struct meeting *meeting, struct rh_err *err)
{
	int code = rh_sorter_next(meeting->builder->present, &meeting->there, err);

	meeting->has_there = code == 1;
	return code < 0 ? code : RH_OK;
}

static int compare(const struct rh_entry *a, const struct rh_entry *b)
{
	if (a->high != b->high) {
		return a->high < b->high ? -1 : 1;
	}
	return a->low != b->low ? (a->low < b->low ? -1 : 1) : 0;
}

/* The first record of each kind among those with this hash that no duplicate took the place of. */
static int first_records(struct meeting *meeting, uint64_t *by_id, uint64_t *by_email,
			 struct rh_err *err)
{
	const struct rh_entry hash = meeting->record;
	int code = RH_OK;

	*by_id = 0;
	*by_email = 0;
	while (code == RH_OK && meeting->has_record && compare(&meeting->record, &hash) == 0) {
		uint64_t ordinal = meeting->record.info >> MATCH_BITS;
		unsigned flags = 0;
		code = rh_roster_flags(&meeting->builder->roster, ordinal, &flags, err);
		if (code == RH_OK && (flags & RECORD_OUT) == 0) {
			bool has_id = (meeting->record.info & MATCH_EXTERNAL_ID) != 0;
			/* A second address that somebody has there is no reason against the account. */
			bool has_email = (meeting->record.info &
					  (MATCH_EMAIL | MATCH_EMAIL_SPARE)) == MATCH_EMAIL;
			*by_id = has_id && *by_id == 0 ? ordinal : *by_id;
			*by_email = has_email && *by_email == 0 ? ordinal : *by_email;
		}
		if (code == RH_OK) {
			code = next_record(meeting, err);
		}
	}
	return code;
}

/* Hits of one account follow each other, that by external id first. */
static int add_hits(struct meeting *meeting, const struct rh_entry *hash, uint64_t by_id,
		    uint64_t by_email, struct rh_err *err)
{
	int code = RH_OK;

	while (code == RH_OK && meeting->has_there && compare(&meeting->there, hash) == 0) {
		bool is_id = (meeting->there.info & MATCH_EXTERNAL_ID) != 0;
		struct rh_entry hit = {
			.high = meeting->there.info >> MATCH_BITS,
			.low = is_id ? 0 : 1,
			.info = is_id ? by_id : by_email,
		};
		if (hit.info != 0) {
			code = rh_sorter_add(meeting->hits, &hit, err);
		}
		if (code == RH_OK) {
			code = next_there(meeting, err);
		}
	}
	return code;
}

static int meet(struct meeting *meeting, struct rh_err *err)
{
	int code = rh_sorter_rewind(meeting->builder->index, err);

	if (code != RH_OK || (code = rh_sorter_rewind(meeting->builder->present, err)) != RH_OK ||
	    (code = next_record(meeting, err)) != RH_OK ||
	    (code = next_there(meeting, err)) != RH_OK) {
		return code;
	}
	while (code == RH_OK && meeting->has_record && meeting->has_there) {
		const struct rh_entry hash = meeting->there;
		int order = compare(&meeting->record, &hash);
		uint64_t by_id;
		uint64_t by_email;
		if (order != 0) {
			code = order < 0 ? next_record(meeting, err) : next_there(meeting, err);
			continue;
		}
		code = first_records(meeting, &by_id, &by_email, err);
		if (code == RH_OK) {
			code = add_hits(meeting, &hash, by_id, by_email, err);
		}
	}
	return code;
}

/* ---- deciding ----------------------------------------------------------------------------------------------- */

/* An account at the target with the records that meet it. */
struct encounter {
	uint64_t number;
	uint64_t by_id; /* ordinals; 0: none */
	uint64_t by_email;
	struct rh_str target_id;
	bool has_external_id;
};

static int load_found(struct rh_plan_builder *builder, struct encounter *encounter,
		      struct rh_arena *arena, struct rh_err *err)
{
	struct found found;
	char *id;
	int code = rh_scratch_read(&builder->found, encounter->number, &found, sizeof(found), err);

	if (code != RH_OK) {
		return code;
	}
	id = rh_arena_alloc(arena, (size_t)found.id_len + 1);
	if (id == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	id[found.id_len] = '\0';
	encounter->target_id = (struct rh_str){.ptr = id, .len = found.id_len};
	encounter->has_external_id = found.has_external_id != 0;
	return rh_scratch_read(&builder->found, encounter->number + sizeof(found), id, found.id_len,
			       err);
}

/* The same person stands there: as --on-existing asks. */
static int except_same(struct rh_plan_builder *builder, const struct rh_roster_item *item,
		       struct rh_str target_id, uint64_t *count, struct rh_err *err)
{
	struct rh_verdict verdict = {
		.decision = RH_DECISION_SKIP,
		.why = RH_FINDING_EXISTS,
		.target_id = target_id,
	};

	switch ((enum rh_existing_policy)builder->inputs.settings->on_existing) {
	case RH_EXISTING_SKIP:
		break;
	case RH_EXISTING_LINK:
		verdict.decision = RH_DECISION_LINK;
		verdict.why = RH_FINDING_LINKED;
		break;
	case RH_EXISTING_UPDATE:
		if (builder->inputs.target->ops[RH_KIND_USER][RH_VERB_UPDATE] != NULL) {
			verdict.decision = RH_DECISION_UPDATE;
			verdict.why = RH_FINDING_EXISTS_UPDATED;
		}
		break;
	case RH_EXISTING_FAIL:
		verdict.decision = RH_DECISION_REFUSE;
		verdict.why = RH_FINDING_EXISTS_REFUSED;
		break;
	}
	return rh_plan_except_record(builder, item, &verdict, count, err);
}

/* What the ledger has a row for is ours: apply settles it (ledger.h, L10). */
static int judge(struct rh_plan_builder *builder, struct encounter *encounter,
		 struct rh_arena *arena, struct rh_err *err)
{
	struct rh_roster_item item;
	int code = load_found(builder, encounter, arena, err);

	if (code == RH_OK && encounter->by_id != 0) {
		code = rh_roster_get(&builder->roster, encounter->by_id, arena, &item, err);
		if (code == RH_OK && (item.flags & RECORD_OURS) == 0) {
			code = except_same(builder, &item, encounter->target_id,
					   &builder->counts.exist_by_id, err);
		}
	}
	if (code != RH_OK || encounter->by_email == 0 || encounter->by_email == encounter->by_id) {
		return code;
	}
	code = rh_roster_get(&builder->roster, encounter->by_email, arena, &item, err);
	if (code != RH_OK || (item.flags & RECORD_OURS) != 0) {
		return code;
	}
	if (!encounter->has_external_id) {
		return except_same(builder, &item, encounter->target_id,
				   &builder->counts.exist_by_email, err);
	}
	return rh_plan_except_record(builder, &item,
				     &(struct rh_verdict){
					     .decision = RH_DECISION_REFUSE,
					     .why = RH_FINDING_EXISTS_OTHER,
					     .target_id = encounter->target_id,
				     },
				     &builder->counts.exist_by_email, err);
}

static int decide(struct rh_plan_builder *builder, struct rh_sorter *hits, struct rh_err *err)
{
	struct encounter encounter = {0};
	struct rh_arena arena;
	struct rh_entry hit;
	bool is_open = false;
	int code = rh_sorter_rewind(hits, err);

	rh_arena_init(&arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	while (code == RH_OK && (code = rh_sorter_next(hits, &hit, err)) == 1) {
		code = RH_OK;
		if (is_open && hit.high != encounter.number) {
			rh_arena_reset(&arena);
			code = judge(builder, &encounter, &arena, err);
			is_open = false;
		}
		if (!is_open) {
			encounter = (struct encounter){.number = hit.high};
			is_open = true;
		}
		*(hit.low == 0 ? &encounter.by_id : &encounter.by_email) = hit.info;
		code = code == RH_OK ? rh_plan_tick(builder, err) : code;
	}
	if (code == RH_OK && is_open) {
		rh_arena_reset(&arena);
		code = judge(builder, &encounter, &arena, err);
	}
	rh_arena_done(&arena);
	return code;
}

int rh_plan_settle(struct rh_plan_builder *builder, struct rh_err *err)
{
	struct meeting meeting = {.builder = builder};
	int code = RH_OK;

	if (builder->present == NULL || builder->is_settled) {
		return RH_OK;
	}
	code = rh_plan_sorter(builder, "hits.tmp", HITS_BYTES, &meeting.hits, err);
	if (code == RH_OK) {
		code = meet(&meeting, err);
	}
	if (code == RH_OK) {
		code = decide(builder, meeting.hits, err);
	}
	rh_sorter_free(meeting.hits);
	builder->is_settled = code == RH_OK;
	return code;
}
