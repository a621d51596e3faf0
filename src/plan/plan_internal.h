/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make a plan share. */
#ifndef PLAN_PLAN_INTERNAL_H
#define PLAN_PLAN_INTERNAL_H

#include "db/db.h"
#include "plan/plan.h"
#include "plan/proofs.h"
#include "plan/roster.h"
#include "plan/sorter.h"

struct rh_candidates;
struct rh_map;

/*
 * What an entry of the index is a hash of; bits, since one text can be more than one of them.  `high` and `low` of the
 * entry are the keyed 128-bit hash, `info` the ordinal and these bits (P5).
 */
enum match_kind {
	MATCH_SOURCE_ID = 1,
	MATCH_EXTERNAL_ID = 2,
	MATCH_EMAIL = 4,
	MATCH_PHONE = 8,
	MATCH_USERNAME = 16,
	/* of the record, but not carried to the target: who shares it is told, and nobody refused; an address or a number
	 * that is both is carried beside the one which alone says who is at the target already */
	MATCH_EMAIL_SPARE = 32,
	MATCH_PHONE_SPARE = 64,
	MATCH_USERNAME_SPARE = 128,
};
#define MATCH_BITS 8

/* Flags of a record in the roster. */
enum record_flag {
	RECORD_WITH_PASSWORD = 1, /* its hash moves */
	RECORD_DONE = 2,          /* the ledger has it at the target */
	RECORD_OURS = 4,          /* the ledger has a row: what stands at the target may be ours */
	RECORD_TWICE = 8,         /* a record before it has the same source id */
	RECORD_OUT = 16,          /* refused as a duplicate */
	RECORD_KNOWN = 32,        /* the ledger has a row, whatever it says */
	RECORD_WHOLE = 64,        /* nothing goes behind its create (any more) */
	RECORD_AGAIN = 128,       /* the target's settings have its create sent twice */
	RECORD_WITH_EMAIL = 256,  /* an address, a number that tells who it is */
	RECORD_WITH_PHONE = 512,
};

struct rh_plan_builder {
	struct rh_plan_inputs inputs;
	struct rh_roster roster;
	struct rh_sorter *index;   /* identifiers of the input */
	struct rh_sorter *present; /* identifiers at the target; NULL: none yet */
	struct rh_scratch found;   /* the accounts that they belong to */
	struct rh_candidates *candidates;
	bool is_settled;          /* what is at the target was compared */
	struct rh_db *exceptions; /* plans/next.db, renamed at the end */
	char *exceptions_path;
	struct rh_groups *groups;
	struct rh_collector collector;
	struct rh_plan_counts
		counts;      /* create, with_password, done: of records without exception */
	struct rh_map *only; /* NULL: everybody */
	struct rh_map *except;
	size_t only_found;  /* ids of --only that occurred */
	size_t only_passed; /* of them, before --resume-after */
	size_t except_found;
	bool resume_found;
	uint64_t taken; /* towards --limit */
	bool has_ledger_rows;
	bool has_open_updates;
	int64_t before; /* the newest revision there is; 0: none */
	bool sees;      /* the input may be mended records of that one's: plan_earlier.c */
	bool is_mended; /* it is */
	unsigned file;  /* of the record seen last, from 1, and whether its header has a mark */
	bool is_marked;
	bool has_tenant;                               /* tenant.h: there are tables of entities */
	uint8_t slugs_digest[32];                      /* of --role-map */
	struct rh_proofs *proofs;                      /* NULL: none are asked for */
	bool (*tick)(void *context, uint64_t records); /* of rh_plan_read; may be NULL */
	void *tick_context;
	uint64_t steps; /* towards the next tick while identifiers are compared */
};

/* One identifier as the index compares it. */
struct rh_key {
	uint64_t high;
	uint64_t low;
	uint64_t kinds; /* enum match_kind */
};

/* What a plan keeps of a record that was assessed. */
struct rh_judged {
	uint64_t ordinal;
	uint64_t record;
	unsigned file;
	unsigned flags;  /* enum record_flag */
	unsigned extras; /* as in the roster */
	struct rh_str source_id;
	rh_time at; /* as in the roster */
	struct rh_candidate candidate;
	const struct rh_key *keys;
	size_t key_count;
};
/* A record's number, id and time. */
struct rh_judged rh_plan_judged_of(const struct rh_source_item *item);
/* And what was found when it was assessed, unless it is refused; keys in the arena. */
RH_NODISCARD int rh_plan_judge(const struct rh_plan_builder *builder,
			       const struct rh_assessed *assessed, struct rh_arena *arena,
			       struct rh_judged *out, struct rh_err *err);
/* Takes a record that the ledger does not know, with the findings that are in the collector, into the plan. */
RH_NODISCARD int rh_plan_take_judged(struct rh_plan_builder *builder,
				     const struct rh_judged *judged, struct rh_err *err);

/* plan_named.c: reads --only and --except. */
RH_NODISCARD int rh_plan_load_ids(struct rh_plan_builder *builder, struct rh_err *err);
/* --resume-after, --only, --except, --limit, in this order; to be asked once of each record. */
bool rh_plan_is_left_out(struct rh_plan_builder *builder, struct rh_str source_id);
/* After the last record: whoever names somebody means somebody; a slip would move people who were not to move, or the
 * other way about. */
RH_NODISCARD int rh_plan_check_ids(const struct rh_plan_builder *builder, struct rh_err *err);

/* To be called for each entry of a long list: RH_EINTERRUPTED when it is to end. */
RH_NODISCARD int rh_plan_tick(struct rh_plan_builder *builder, struct rh_err *err);

/* "plans/N.<ending>"; allocated. */
RH_NODISCARD int rh_plan_path(const struct rh_workspace *workspace, int64_t revision,
			      const char *ending, char **out, struct rh_err *err);
/* Notes an exception once; a second one of the same account changes nothing.  *is_new tells. */
RH_NODISCARD int rh_plan_except(struct rh_plan_builder *builder,
				const struct rh_exception *exception, bool *is_new,
				struct rh_err *err);
/* What becomes of a record in the roster, and why. */
struct rh_verdict {
	enum rh_decision decision;
	enum rh_finding_code why;
	struct rh_str target_id; /* absent: nobody at the target has to do with it */
};
/* The same of a record in the roster, with its finding: the counts of the rest give it up, its other findings count no
 * more unless something of it goes, and *count (may be NULL) has one more. */
RH_NODISCARD int rh_plan_except_record(struct rh_plan_builder *builder,
				       const struct rh_roster_item *item,
				       const struct rh_verdict *verdict, uint64_t *count,
				       struct rh_err *err);
struct rh_candidates *rh_candidates_new(void);             /* NULL: memory out */
void rh_candidates_free(struct rh_candidates *candidates); /* accepts NULL */
void rh_candidates_add(struct rh_candidates *candidates, uint64_t ordinal,
		       const struct rh_candidate *candidate);
/* Opens index and roster. */
RH_NODISCARD int rh_plan_index_begin(struct rh_plan_builder *builder, struct rh_err *err);
/* One sorter of the plan; `name` of its file. */
RH_NODISCARD int rh_plan_sorter(const struct rh_plan_builder *builder, const char *name,
				size_t bytes_max, struct rh_sorter **out, struct rh_err *err);
/* Adds a text's hash to an index; absent texts are nobody's. */
RH_NODISCARD int rh_plan_index_add(const struct rh_plan_builder *builder, struct rh_sorter *index,
				   struct rh_str text, unsigned kinds, uint64_t number,
				   struct rh_err *err);
/* All identifiers of a record that is to be created: as keys, which go into the arena; and into the index. */
RH_NODISCARD int rh_plan_index_keys(const struct rh_plan_builder *builder,
				    const struct rh_assessed *assessed, struct rh_arena *arena,
				    struct rh_judged *out, struct rh_err *err);
RH_NODISCARD int rh_plan_index_judged(struct rh_plan_builder *builder,
				      const struct rh_judged *judged, struct rh_err *err);
/* Flags of a record with a row in this state. */
unsigned rh_plan_flags_of_state(enum rh_state state);
/* changed.c, 7: of an account that is blocked.  1: it stands at the target, usable, and was noted as an exception;
 * 0: not; < 0: error. */
RH_NODISCARD int rh_plan_look_at_blocked(struct rh_plan_builder *builder,
					 const struct rh_source_item *item,
					 const struct rh_assessed *assessed, struct rh_arena *arena,
					 struct rh_err *err);
/* changed.c: what a newer export says of an account that the ledger has at the target; *update: it is to be
 * changed there.  Findings go to the builder's collector. */
RH_NODISCARD int rh_plan_look_at_row(struct rh_plan_builder *builder,
				     const struct rh_ledger_row *row,
				     const struct rh_assessed *assessed, struct rh_arena *arena,
				     bool *update, struct rh_err *err);
/* --only-passwords: *update when the hash is to be added to the account of this row (NULL: there is none), else
 * *why says why it is left out (changed.c, 6). */
RH_NODISCARD int rh_plan_look_at_late_password(struct rh_plan_builder *builder,
					       const struct rh_ledger_row *row,
					       const struct rh_assessed *assessed,
					       struct rh_arena *arena, bool *update,
					       struct rh_err *err);
/* plan_earlier.c: what the plan before this one says of whom this input leaves out. */
RH_NODISCARD int rh_plan_look_for_earlier(struct rh_plan_builder *builder, struct rh_err *err);
/* Each record, in the order of the input. */
RH_NODISCARD int rh_plan_see(struct rh_plan_builder *builder, const struct rh_source *source,
			     const struct rh_source_item *item, struct rh_err *err);
/* When all is decided: carries them over, and counts what the ledger tells of. */
RH_NODISCARD int rh_plan_carry(struct rh_plan_builder *builder, const char *inputs_digest,
			       struct rh_err *err);
RH_NODISCARD int rh_plan_newest(const struct rh_workspace *workspace, int64_t *out,
				struct rh_err *err);
/* After the last record: --on-duplicate. */
RH_NODISCARD int rh_plan_duplicates(struct rh_plan_builder *builder, struct rh_err *err);
/* After the last account of the target: --on-existing.  A second call changes nothing. */
RH_NODISCARD int rh_plan_settle(struct rh_plan_builder *builder, struct rh_err *err);

#endif
