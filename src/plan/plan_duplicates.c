/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duplicates inside the input: --on-duplicate.
 *
 * The index comes sorted by hash, so records that share an identifier stand side by side; their ordinals are sorted
 * once more by kind and by the first two of the group.  So groups are taken in the order of the input, whatever the hashes: first those
 * of source ids (a second record with one id is nobody of its own), then kind by kind.
 */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "plan/plan_internal.h"

#define GROUPS_BYTES ((size_t)4 << 20)

/* What can be shared, in the order in which it is looked at. */
static const struct sharing {
	unsigned kinds;
	bool refuses; /* else the target does not hold it, or not as one person's alone */
	const char *name;
} sharings[] = {
	{MATCH_SOURCE_ID, true, "source id"},
	{MATCH_EMAIL, true, "e-mail address"},
	{MATCH_EXTERNAL_ID, true, "external id"},
	{MATCH_PHONE, true, "phone number"},
	{MATCH_USERNAME, true, "username"},
	{MATCH_EMAIL | MATCH_EMAIL_SPARE, false, "e-mail address"},
	{MATCH_PHONE | MATCH_PHONE_SPARE, false, "phone number"},
	{MATCH_USERNAME | MATCH_USERNAME_SPARE, false, "username"},
};

/* Of a member's entry; above them stands which hash it is, for two people who share more than one address. */
#define ORDINAL_BITS 40
#define ORDINAL_MASK ((UINT64_C(1) << ORDINAL_BITS) - 1)

#define SHARINGS (sizeof(sharings) / sizeof(sharings[0]))

const char *rh_sharing_name(unsigned sharing)
{
	return sharing < SHARINGS ? sharings[sharing].name : "";
}

bool rh_sharing_refuses(unsigned sharing)
{
	return sharing < SHARINGS && sharings[sharing].refuses;
}

/* ---- finding them ----------------------------------------------------------------------------------------- */

/* Entries of one hash, as they come. */
struct bundle {
	struct rh_sorter *out; /* members of groups */
	uint64_t high;
	uint64_t low;
	uint64_t number;  /* of bundles so far */
	uint64_t ordinal; /* the record at hand; 0: none */
	unsigned kinds;   /* what it has with this hash */
	uint64_t first[SHARINGS];
	uint64_t second[SHARINGS];
	uint64_t count[SHARINGS];
	bool is_email_unique;
	bool is_alone; /* of this hash no record was ended yet */
};

static int add_member(struct bundle *bundle, size_t sharing, uint64_t ordinal, struct rh_err *err)
{
	struct rh_entry entry = {
		.high = (uint64_t)sharing << 56 | bundle->first[sharing],
		.low = bundle->second[sharing],
		.info = bundle->number << ORDINAL_BITS | ordinal,
	};

	return rh_sorter_add(bundle->out, &entry, err);
}

/* The record at hand is complete: whose company is it? */
static int end_record(struct bundle *bundle, struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < SHARINGS && bundle->ordinal != 0 && code == RH_OK; i++) {
		if ((bundle->kinds & sharings[i].kinds) == 0 ||
		    (sharings[i].kinds == MATCH_EMAIL && !bundle->is_email_unique)) {
			continue;
		}
		if (bundle->count[i]++ == 0) {
			bundle->first[i] = bundle->ordinal;
			continue;
		}
		if (bundle->count[i] == 2) {
			bundle->second[i] = bundle->ordinal;
			code = add_member(bundle, i, bundle->first[i], err);
		}
		if (code == RH_OK) {
			code = add_member(bundle, i, bundle->ordinal, err);
		}
	}
	bundle->ordinal = 0;
	bundle->kinds = 0;
	return code;
}

static int take_entry(struct bundle *bundle, const struct rh_entry *entry, struct rh_err *err)
{
	bool is_same = entry->high == bundle->high && entry->low == bundle->low;
	uint64_t ordinal = entry->info >> MATCH_BITS;
	int code = RH_OK;

	if (!is_same && bundle->is_alone) {
		bundle->kinds = 0; /* nearly always: nobody else has it, and nothing was counted */
	} else if (!is_same || ordinal != bundle->ordinal) {
		code = end_record(bundle, err);
		bundle->is_alone = false;
	}
	if (!is_same) {
		bundle->high = entry->high;
		bundle->low = entry->low;
		bundle->number++;
		for (size_t i = 0; i < SHARINGS && !bundle->is_alone; i++) {
			bundle->count[i] = 0;
		}
		bundle->is_alone = true;
	}
	bundle->ordinal = ordinal;
	bundle->kinds |= (unsigned)entry->info & ((1U << MATCH_BITS) - 1);
	return code;
}

static int find_groups(struct rh_plan_builder *builder, struct rh_sorter *out, struct rh_err *err)
{
	struct bundle bundle = {
		.out = out,
		.is_email_unique = (builder->inputs.target->caps.flags & RH_CAP_EMAIL_UNIQUE) != 0,
	};
	struct rh_entry entry;
	int code = rh_sorter_rewind(builder->index, err);

	while (code == RH_OK && (code = rh_sorter_next(builder->index, &entry, err)) == 1) {
		code = take_entry(&bundle, &entry, err);
		code = code == RH_OK ? rh_plan_tick(builder, err) : code;
	}
	return code == RH_OK ? end_record(&bundle, err) : code;
}

/* ---- deciding --------------------------------------------------------------------------------------------- */

static const char sql_shared[] =
	"INSERT INTO shared (g, n, sharing, source_id, file, number) VALUES (?, ?, ?, ?, ?, ?)";

/* The group at hand. */
struct group {
	uint64_t high; /* of its entries */
	uint64_t low;
	uint64_t hash;
	size_t sharing;
	uint64_t number; /* in the list of groups */
	uint64_t count;
	struct rh_arena arena; /* of the one that stays */
	struct rh_roster_item keep;
};

static int list_member(struct rh_plan_builder *builder, const struct group *group,
		       const struct rh_roster_item *item, struct rh_err *err)
{
	struct rh_statement *shared;
	int code = rh_db_prepare(builder->exceptions, sql_shared, &shared, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(shared, 1, (int64_t)group->number);
	rh_bind_i64(shared, 2, (int64_t)item->ordinal);
	rh_bind_i64(shared, 3, (int64_t)group->sharing);
	rh_bind_text(shared, 4, item->source_id);
	rh_bind_i64(shared, 5, item->file);
	rh_bind_i64(shared, 6, (int64_t)item->record);
	return rh_run(shared, err);
}

static int refuse(struct rh_plan_builder *builder, const struct group *group,
		  const struct rh_roster_item *item, struct rh_err *err)
{
	bool is_id = sharings[group->sharing].kinds == MATCH_SOURCE_ID;
	bool all_fail = builder->inputs.settings->on_duplicate == RH_DUPLICATE_FAIL;
	enum rh_finding_code why = is_id      ? RH_FINDING_SOURCE_ID_TWICE
				   : all_fail ? RH_FINDING_DUPLICATE
					      : RH_FINDING_DUPLICATE_LEFT_OUT;
	int code;

	if ((item->flags & RECORD_DONE) != 0 && !is_id) {
		return RH_OK; /* it has moved already: the choice was made then */
	}
	code = rh_plan_except_record(builder, item,
				     &(struct rh_verdict){.decision = RH_DECISION_REFUSE,
							  .why = why},
				     NULL, err);
	return code == RH_OK
		       ? rh_roster_set_flags(&builder->roster, item->ordinal,
					     item->flags | RECORD_OUT | (is_id ? RECORD_TWICE : 0U),
					     err)
		       : code;
}

static int tell(struct rh_plan_builder *builder, const struct group *group,
		const struct rh_roster_item *item, struct rh_err *err)
{
	return rh_groups_add_one(builder->groups, RH_FINDING_IDENTIFIER_SHARED,
				 sharings[group->sharing].name, item->source_id) == RH_OK
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

static int keep(struct group *group, const struct rh_roster_item *item, struct rh_err *err)
{
	size_t size = item->finding_count * sizeof(*item->findings);
	uint16_t *findings;

	rh_arena_reset(&group->arena);
	group->keep = *item;
	findings = rh_arena_alloc(&group->arena, size + sizeof(*findings));
	if (findings == NULL ||
	    !rh_arena_copy(&group->arena, item->source_id, &group->keep.source_id)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	memcpy(findings, item->findings, size);
	group->keep.findings = findings;
	return RH_OK;
}

/* Does this one stay rather than the one that would stay so far? */
static bool is_better(const struct rh_plan_builder *builder, const struct group *group,
		      const struct rh_roster_item *item)
{
	if ((group->keep.flags & RECORD_DONE) != 0 || (item->flags & RECORD_DONE) != 0) {
		return (group->keep.flags & RECORD_DONE) == 0;
	}
	/* Two records with one id: the first stands, whatever the policy about people says. */
	return sharings[group->sharing].kinds != MATCH_SOURCE_ID &&
	       builder->inputs.settings->on_duplicate == RH_DUPLICATE_NEWEST &&
	       item->at > group->keep.at;
}

/* A second or later member. */
static int judge(struct rh_plan_builder *builder, struct group *group,
		 const struct rh_roster_item *item, struct rh_err *err)
{
	const struct sharing *sharing = &sharings[group->sharing];
	bool all_fail = sharing->kinds != MATCH_SOURCE_ID &&
			builder->inputs.settings->on_duplicate == RH_DUPLICATE_FAIL;
	int code = RH_OK;

	if (!sharing->refuses) {
		code = group->count == 2 ? tell(builder, group, &group->keep, err) : RH_OK;
		return code == RH_OK ? tell(builder, group, item, err) : code;
	}
	if (all_fail) {
		code = group->count == 2 ? refuse(builder, group, &group->keep, err) : RH_OK;
		return code == RH_OK ? refuse(builder, group, item, err) : code;
	}
	if (!is_better(builder, group, item)) {
		return refuse(builder, group, item, err);
	}
	code = refuse(builder, group, &group->keep, err);
	return code == RH_OK ? keep(group, item, err) : code;
}

/* Flags of records that do not count any more.  Who else is out counts where the whole group fails, so that no order
 * of the keys saves a part of it. */
static unsigned gone_flags(const struct rh_plan_builder *builder, const struct group *group)
{
	bool all_fail = builder->inputs.settings->on_duplicate == RH_DUPLICATE_FAIL &&
			sharings[group->sharing].refuses;

	return all_fail ? RECORD_TWICE : RECORD_OUT;
}

static int take_member(struct rh_plan_builder *builder, struct group *group,
		       const struct rh_entry *entry, struct rh_arena *arena, struct rh_err *err)
{
	struct rh_roster_item item;
	int code;

	if (entry->high != group->high || entry->low != group->low ||
	    entry->info >> ORDINAL_BITS != group->hash) {
		group->high = entry->high;
		group->low = entry->low;
		group->hash = entry->info >> ORDINAL_BITS;
		group->sharing = (size_t)(entry->high >> 56);
		group->count = 0;
	}
	code = rh_roster_get(&builder->roster, entry->info & ORDINAL_MASK, arena, &item, err);
	if (code != RH_OK || (item.flags & gone_flags(builder, group)) != 0) {
		return code;
	}
	group->count++;
	if (group->count == 1) {
		return keep(group, &item, err);
	}
	if (group->count == 2) {
		group->number++;
		builder->counts.shared++;
		code = list_member(builder, group, &group->keep, err);
	}
	if (code == RH_OK) {
		code = list_member(builder, group, &item, err);
	}
	return code == RH_OK ? judge(builder, group, &item, err) : code;
}

static int decide(struct rh_plan_builder *builder, struct rh_sorter *members, struct rh_err *err)
{
	struct group group = {.high = UINT64_MAX};
	struct rh_arena arena;
	struct rh_entry entry;
	int code = rh_sorter_rewind(members, err);

	rh_arena_init(&arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	rh_arena_init(&group.arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	while (code == RH_OK && (code = rh_sorter_next(members, &entry, err)) == 1) {
		rh_arena_reset(&arena);
		code = take_member(builder, &group, &entry, &arena, err);
		code = code == RH_OK ? rh_plan_tick(builder, err) : code;
	}
	rh_arena_done(&group.arena);
	rh_arena_done(&arena);
	return code;
}

int rh_plan_duplicates(struct rh_plan_builder *builder, struct rh_err *err)
{
	struct rh_sorter *members = NULL;
	int code = rh_plan_sorter(builder, "groups.tmp", GROUPS_BYTES, &members, err);

	if (code == RH_OK) {
		code = find_groups(builder, members, err);
	}
	if (code == RH_OK) {
		code = decide(builder, members, err);
	}
	rh_sorter_free(members);
	return code;
}
