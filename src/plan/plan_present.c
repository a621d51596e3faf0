/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands at the target already: --on-existing.
 *
 * The target's accounts are hashed like those of the input and sorted, too; then both are walked side by side.  What
 * meets is sorted by the target's account, so that each is one record's alone, and then by the record, so that each is
 * judged by all whom it meets there.
 *
 *  1. External id, address, number, username, in this order: who has met an account by the strongest of them has it.  Any
 *     other record that meets it meets another account.
 *  2. A weaker one counts where no stronger one speaks against it: a number, where one of the two has no address; a
 *     username, where neither both have an address nor both a number.  Elsewhere somebody else has that number or username
 *     there, and the account moves without it.
 *  3. An account with another external id than the record's is another account.
 *  4. Who meets one account and then another is refused: nobody knows which of them it is.
 */
#include <string.h>

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
	uint32_t kinds; /* enum match_kind: what it has */
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

static unsigned kind_of(enum rh_identifier_kind kind)
{
	return kind == RH_IDENTIFIER_EMAIL   ? MATCH_EMAIL
	       : kind == RH_IDENTIFIER_PHONE ? MATCH_PHONE
					     : MATCH_USERNAME;
}

static unsigned kinds_of(const struct rh_observed *observed)
{
	unsigned kinds = (observed->external_id.ptr != NULL ? MATCH_EXTERNAL_ID : 0U) |
			 (observed->email.ptr != NULL ? MATCH_EMAIL : 0U);

	for (size_t i = 0; i < observed->other_count; i++) {
		kinds |= kind_of(observed->others[i].kind);
	}
	return kinds;
}

static int add_identifiers(struct rh_plan_builder *builder, const struct rh_observed *observed,
			   uint64_t number, struct rh_arena *arena, struct rh_err *err)
{
	struct rh_str email = RH_STR_ABSENT;
	int code = rh_plan_index_add(builder, builder->present, observed->external_id,
				     MATCH_EXTERNAL_ID, number, err);

	if (observed->email.ptr != NULL && !rh_normalise_key(arena, observed->email, &email)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (code == RH_OK) {
		code = rh_plan_index_add(builder, builder->present, email, MATCH_EMAIL, number,
					 err);
	}
	for (size_t i = 0; i < observed->other_count && code == RH_OK; i++) {
		const struct rh_identifier *other = &observed->others[i];
		bool is_in = other->kind == RH_IDENTIFIER_EMAIL && rh_str_eq(other->value, email);

		code = is_in ? RH_OK
			     : rh_plan_index_add(builder, builder->present, other->value,
						 kind_of(other->kind), number, err);
	}
	return code;
}

static int add_found(struct rh_plan_builder *builder, const struct rh_observed *observed,
		     struct rh_arena *arena, struct rh_err *err)
{
	struct found found = {.id_len = (uint32_t)observed->target_id.len,
			      .kinds = kinds_of(observed)};
	uint64_t number = rh_scratch_size(&builder->found);
	int code = rh_scratch_add(&builder->found, &found, sizeof(found), err);

	if (code == RH_OK) {
		code = rh_scratch_add(&builder->found, observed->target_id.ptr, found.id_len, err);
	}
	return code == RH_OK ? add_identifiers(builder, observed, number, arena, err) : code;
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

/* What a record can be met by, the strongest first; `spare`: beside it, it is not looked for. */
static const struct {
	unsigned kind;
	unsigned spare;
} keys[RH_LOOKUPS] = {
	[RH_LOOKUP_EXTERNAL_ID] = {MATCH_EXTERNAL_ID, 0},
	/* A second address that somebody has there is no reason against the account, nor is a second number. */
	[RH_LOOKUP_EMAIL] = {MATCH_EMAIL, MATCH_EMAIL_SPARE},
	[RH_LOOKUP_PHONE] = {MATCH_PHONE, MATCH_PHONE_SPARE},
	[RH_LOOKUP_USERNAME] = {MATCH_USERNAME, MATCH_USERNAME_SPARE},
};

/* The first record of each kind among those with this hash that no duplicate took the place of; 0: none. */
static int first_records(struct meeting *meeting, uint64_t first[RH_LOOKUPS], struct rh_err *err)
{
	const struct rh_entry hash = meeting->record;
	int code = RH_OK;

	memset(first, 0, RH_LOOKUPS * sizeof(*first));
	while (code == RH_OK && meeting->has_record && compare(&meeting->record, &hash) == 0) {
		uint64_t ordinal = meeting->record.info >> MATCH_BITS;
		unsigned flags = 0;
		code = rh_roster_flags(&meeting->builder->roster, ordinal, &flags, err);
		for (size_t by = 0; by < RH_LOOKUPS && (flags & RECORD_OUT) == 0; by++) {
			unsigned of =
				(unsigned)meeting->record.info & (keys[by].kind | keys[by].spare);
			first[by] = of == keys[by].kind && first[by] == 0 ? ordinal : first[by];
		}
		if (code == RH_OK) {
			code = next_record(meeting, err);
		}
	}
	return code;
}

/* Which key a hit is by stands above its record. */
#define BY_SHIFT 56

/* Hits of one account follow each other, those by the strongest key first. */
static int add_hits(struct meeting *meeting, const struct rh_entry *hash,
		    const uint64_t first[RH_LOOKUPS], struct rh_err *err)
{
	int code = RH_OK;

	while (code == RH_OK && meeting->has_there && compare(&meeting->there, hash) == 0) {
		for (uint64_t by = 0; by < RH_LOOKUPS && code == RH_OK; by++) {
			struct rh_entry hit = {
				.high = meeting->there.info >> MATCH_BITS,
				.low = by << BY_SHIFT | first[by],
				.info = first[by],
			};
			if (first[by] != 0 && (meeting->there.info & keys[by].kind) != 0) {
				code = rh_sorter_add(meeting->hits, &hit, err);
			}
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
		uint64_t first[RH_LOOKUPS];
		if (order != 0) {
			code = order < 0 ? next_record(meeting, err) : next_there(meeting, err);
			continue;
		}
		code = first_records(meeting, first, err);
		if (code == RH_OK) {
			code = add_hits(meeting, &hash, first, err);
		}
	}
	return code;
}

/* ---- whose each account is ----------------------------------------------------------------------------------- */

/* Is the account the one of another record? */
#define HIT_OF_ANOTHER UINT64_C(1)

/* By record, those by the strongest key first (rule 1).  Of what the same record meets an account by besides, nothing
 * follows. */
static int sort_by_record(struct rh_plan_builder *builder, struct rh_sorter *hits,
			  struct rh_sorter *out, struct rh_err *err)
{
	struct rh_entry hit;
	struct rh_entry owner = {0}; /* the first hit of the account at hand */
	int code = rh_sorter_rewind(hits, err);

	while (code == RH_OK && (code = rh_sorter_next(hits, &hit, err)) == 1) {
		bool is_first = owner.info == 0 || hit.high != owner.high;
		bool is_another = !is_first && hit.info != owner.info;
		struct rh_entry entry = {
			.high = hit.info,
			.low = hit.low >> BY_SHIFT << 1 | (is_another ? HIT_OF_ANOTHER : 0),
			.info = hit.high,
		};

		code = is_first || is_another ? rh_sorter_add(out, &entry, err) : RH_OK;
		owner = is_first ? hit : owner;
		code = code == RH_OK ? rh_plan_tick(builder, err) : code;
	}
	return code;
}

/* ---- deciding ----------------------------------------------------------------------------------------------- */

/* A record with the accounts that it meets at the target. */
struct encounter {
	struct rh_roster_item item;
	struct rh_str
		target_id; /* of the account that it is, or of the first that it cannot be; absent: neither */
	enum rh_lookup by; /* the key of that one */
	bool is_same;
	bool is_split; /* rule 4 */
	bool is_taken[RH_LOOKUPS];
	struct rh_arena arena;
};

static int load_found(struct rh_plan_builder *builder, uint64_t number, struct rh_arena *arena,
		      struct found *found, struct rh_str *target_id, struct rh_err *err)
{
	char *id;
	int code = rh_scratch_read(&builder->found, number, found, sizeof(*found), err);

	if (code != RH_OK) {
		return code;
	}
	id = rh_arena_alloc(arena, (size_t)found->id_len + 1);
	if (id == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	id[found->id_len] = '\0';
	*target_id = (struct rh_str){.ptr = id, .len = found->id_len};
	return rh_scratch_read(&builder->found, number + sizeof(*found), id, found->id_len, err);
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

/* Rule 2. */
static bool is_contradicted(const struct encounter *encounter, enum rh_lookup by,
			    const struct found *found)
{
	const unsigned flags = encounter->item.flags;
	bool have_emails = (flags & RECORD_WITH_EMAIL) != 0 && (found->kinds & MATCH_EMAIL) != 0;
	bool have_phones = (flags & RECORD_WITH_PHONE) != 0 && (found->kinds & MATCH_PHONE) != 0;

	return (by >= RH_LOOKUP_PHONE && have_emails) || (by == RH_LOOKUP_USERNAME && have_phones);
}

static int take_hit(struct rh_plan_builder *builder, struct encounter *encounter,
		    const struct rh_entry *hit, struct rh_err *err)
{
	enum rh_lookup by = (enum rh_lookup)(hit->low >> 1);
	bool is_another = (hit->low & HIT_OF_ANOTHER) != 0;
	struct rh_str target_id = RH_STR_ABSENT;
	struct found found = {0};
	int code = load_found(builder, hit->info, &encounter->arena, &found, &target_id, err);

	/* Who was looked up by several keys was handed over several times. */
	if (code != RH_OK || rh_str_eq(target_id, encounter->target_id)) {
		return code;
	}
	if (encounter->target_id.ptr != NULL) {
		encounter->is_split = true;
		return RH_OK;
	}
	if (!is_another && is_contradicted(encounter, by, &found)) {
		encounter->is_taken[by] = true;
		return RH_OK;
	}
	encounter->target_id = target_id;
	encounter->by = by;
	encounter->is_same = !is_another && (by == RH_LOOKUP_EXTERNAL_ID ||
					     (found.kinds & MATCH_EXTERNAL_ID) == 0);
	return RH_OK;
}

/* It moves, without what somebody else has there. */
static int tell_taken(struct rh_plan_builder *builder, const struct encounter *encounter,
		      struct rh_err *err)
{
	for (size_t by = 0; by < RH_LOOKUPS; by++) {
		if (encounter->is_taken[by] &&
		    rh_groups_add_one(builder->groups, RH_FINDING_IDENTIFIER_TAKEN,
				      by == RH_LOOKUP_PHONE ? "phone number" : "username",
				      encounter->item.source_id) != RH_OK) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
	}
	return RH_OK;
}

/* What the ledger has a row for is ours: apply settles it (ledger.h, L10). */
static int judge(struct rh_plan_builder *builder, const struct encounter *encounter,
		 struct rh_err *err)
{
	uint64_t *const counts[RH_LOOKUPS] = {
		&builder->counts.exist_by_id,
		&builder->counts.exist_by_email,
		&builder->counts.exist_by_phone,
		&builder->counts.exist_by_username,
	};
	bool is_taken =
		encounter->is_taken[RH_LOOKUP_PHONE] || encounter->is_taken[RH_LOOKUP_USERNAME];
	bool is_split = encounter->is_same && (encounter->is_split || is_taken);

	if ((encounter->item.flags & RECORD_OURS) != 0) {
		return RH_OK;
	}
	if (encounter->target_id.ptr == NULL) {
		return tell_taken(builder, encounter, err);
	}
	if (encounter->is_same && !is_split) {
		return except_same(builder, &encounter->item, encounter->target_id,
				   counts[encounter->by], err);
	}
	return rh_plan_except_record(builder, &encounter->item,
				     &(struct rh_verdict){
					     .decision = RH_DECISION_REFUSE,
					     .why = is_split ? RH_FINDING_EXISTS_SPLIT
							     : RH_FINDING_EXISTS_OTHER,
					     .target_id = encounter->target_id,
				     },
				     counts[encounter->by], err);
}

static int begin_encounter(struct rh_plan_builder *builder, struct encounter *encounter,
			   uint64_t ordinal, struct rh_err *err)
{
	rh_arena_reset(&encounter->arena);
	encounter->target_id = RH_STR_ABSENT;
	encounter->is_same = false;
	encounter->is_split = false;
	memset(encounter->is_taken, 0, sizeof(encounter->is_taken));
	return rh_roster_get(&builder->roster, ordinal, &encounter->arena, &encounter->item, err);
}

static int decide(struct rh_plan_builder *builder, struct rh_sorter *hits, struct rh_err *err)
{
	struct encounter encounter = {0};
	struct rh_entry hit;
	int code = rh_sorter_rewind(hits, err);

	rh_arena_init(&encounter.arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	while (code == RH_OK && (code = rh_sorter_next(hits, &hit, err)) == 1) {
		code = RH_OK;
		if (hit.high != encounter.item.ordinal) {
			code = encounter.item.ordinal != 0 ? judge(builder, &encounter, err)
							   : RH_OK;
			code = code == RH_OK ? begin_encounter(builder, &encounter, hit.high, err)
					     : code;
		}
		code = code == RH_OK ? take_hit(builder, &encounter, &hit, err) : code;
		code = code == RH_OK ? rh_plan_tick(builder, err) : code;
	}
	if (code == RH_OK && encounter.item.ordinal != 0) {
		code = judge(builder, &encounter, err);
	}
	rh_arena_done(&encounter.arena);
	return code;
}

int rh_plan_settle(struct rh_plan_builder *builder, struct rh_err *err)
{
	struct meeting meeting = {.builder = builder};
	struct rh_sorter *records = NULL;
	int code = RH_OK;

	if (builder->present == NULL || builder->is_settled) {
		return RH_OK;
	}
	code = rh_plan_sorter(builder, "hits.tmp", HITS_BYTES, &meeting.hits, err);
	if (code == RH_OK) {
		code = rh_plan_sorter(builder, "met.tmp", HITS_BYTES, &records, err);
	}
	if (code == RH_OK) {
		code = meet(&meeting, err);
	}
	if (code == RH_OK) {
		code = sort_by_record(builder, meeting.hits, records, err);
	}
	if (code == RH_OK) {
		code = decide(builder, records, err);
	}
	rh_sorter_free(records);
	rh_sorter_free(meeting.hits);
	builder->is_settled = code == RH_OK;
	return code;
}
