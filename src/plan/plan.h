/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan: what will happen to each account, decided before anything is written.
 *
 *  P1. A plan is a numbered revision of a migration: plans/N.json (fingerprints, counts, options, findings) and
 *      plans/N.db (the exceptions).  An account without an exception is created.
 *  P2. Plan decides and explains; it asks nobody.  What stands at the target is handed to it, one account
 *      after another.
 *  P3. A plan whose inputs, options and decisions equal those of the newest revision keeps that number, unless
 *      another revision has given ids away since (P4), or the target has refused something that it asked for:
 *      a newer plan asks again, once (apply.c, A1), and what the target minded may be mended there.
 *      Options that have their defaults count as not there, so that a later program, which has more of them, finds its
 *      plans the same.
 *  P4. Ledger ids are base + ordinal (source.h, S1), where base is the ledger's last id when the revision was
 *      made; an account that the ledger has already keeps its row.
 *      An update's own row has the id base + total + ordinal.
 *  P5. Memory does not grow with the number of accounts.  Identifiers, case and Unicode folded, are compared by
 *      keyed hashes of 128 bits: two texts that share one will not occur, so equal hashes are equal texts.  They are
 *      collected in memory and, when that is full, in sorted runs on disk (sorter.h), which are then merged: time
 *      grows with the number of accounts alone.  What is looked at again of a record stands in the roster (roster.h).
 *      Both are scratch: nothing of them is left when the process ends, however it ends (scratch.h).
 *  P6. Identifiers of the input are compared among each other: source ids, external ids, all addresses, phone
 *      numbers, usernames.  Who shares one that is carried is a duplicate (--on-duplicate); who shares one that
 *      the target does not hold is told, and nobody is refused for it.
  P7. A plan of mended records (marked with rehome_code, or --mended) does not forget the rest: whoever the plan before
      it refused, skipped, left out or found blocked, and who neither is in this input nor has been tried since, is
      carried on with the revision that said so.  An input without marks is a newer export, and speaks for itself.
      By id, where there is one of its own.  Of those without (broken rows, twins), each record of the mended files
      whose id nobody had before stands for one: in the order of the input, well-formed ones in marked files first.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <rehome/rehome.h>

#include "config/settings.h"
#include "ledger/ledger.h"
#include "plan/collect.h"
#include "plan/source.h"
#include "plan/workspace.h"

enum rh_decision { /* numbers are stored */
		   RH_DECISION_CREATE = 0,
		   RH_DECISION_LINK = 1,
		   RH_DECISION_SKIP = 2,
		   RH_DECISION_REFUSE = 3,
		   RH_DECISION_LEFT_OUT = 4,
		   RH_DECISION_UPDATE = 5,
		   RH_DECISION_BLOCKED =
			   6, /* at the target by an earlier run: told, never written */
};

/* An account that is not simply created; texts live until the cursor moves on. */
struct rh_exception {
	uint64_t ordinal;
	enum rh_decision decision;
	enum rh_finding_code code;
	struct rh_str source_id;
	struct rh_str target_id;
	struct rh_str path;
	struct rh_str note;
	uint64_t record;
	unsigned file;
	struct rh_str input; /* earlier ones: path of their file */
	int64_t revision; /* of an earlier plan, whose ordinal and file it has; 0: of the plan itself */
};

struct rh_plan {
	int64_t revision;
	int64_t base; /* P4 */
	rh_time created_at;
	bool is_older; /* in the form of an older version: it cannot be applied */
	struct rh_plan_counts counts;
	struct rh_groups *groups;
	struct rh_str *inputs; /* their paths as given; of a loaded plan only */
	size_t input_count;
	struct rh_settings_there there;      /* as the target's settings were read */
	const struct rh_connector *there_of; /* whose table they are by; NULL: none were read */
	char fingerprint[65];                /* hex: inputs, options, decisions */
	char options_digest[65];             /* hex: inputs apart, what shapes the outcome */
	char inputs_digest[65];              /* hex */
};
void rh_plan_done(struct rh_plan *plan); /* accepts a zeroed one */

/* ---- making one --------------------------------------------------------------------------------------- */

struct rh_plan_builder;

struct rh_plan_inputs {
	const struct rh_workspace *workspace;
	const struct rh_settings *settings;
	const struct rh_connector *source; /* NULL: its options say nothing */
	const void *source_instance;
	const struct rh_connector *target;
	const void *target_instance;
	struct rh_ledger *ledger; /* NULL: there is none yet */
	struct rh_mapping_policy policy;
	struct rh_clock *clock;
	const struct rh_settings_there *there; /* as read; NULL: they were not */
	enum rh_settings_asked asked;
	size_t index_bytes; /* memory for the index before it goes to disk; 0: ours */
	unsigned
		workers; /* processes that read (apart.h); 0: as many as there are processors; 1: none but this */
	size_t stretch_bytes; /* what one of them reads at a time, of files of any length; 0: ours, of long ones */
	uint64_t *read_apart; /* how many records they have read, counted up; NULL: nobody asks */
};

RH_NODISCARD int rh_plan_begin(struct rh_plan_builder **out, const struct rh_plan_inputs *inputs,
			       struct rh_err *err);
void rh_plan_abandon(struct rh_plan_builder *builder); /* accepts NULL */
/* Reads the whole source.  `tick` (may be NULL) is called now and then, also while identifiers are compared, until the
 * builder is gone, and ends it with false. */
RH_NODISCARD int rh_plan_read(struct rh_plan_builder *builder, struct rh_source *source,
			      bool (*tick)(void *context, uint64_t records), void *context,
			      struct rh_err *err);
/* One account that stands at the target, after rh_plan_read. */
RH_NODISCARD int rh_plan_present(struct rh_plan_builder *builder,
				 const struct rh_observed *observed, struct rh_err *err);
/* How the target is asked what stands there is the survey's choice; these tell what there is to ask for. */
enum rh_lookup { /* the strongest first */
		 RH_LOOKUP_EXTERNAL_ID,
		 RH_LOOKUP_EMAIL,
		 RH_LOOKUP_PHONE,
		 RH_LOOKUP_USERNAME,
		 RH_LOOKUPS,
};
struct rh_candidate {
	struct rh_str by[RH_LOOKUPS]; /* in compared form; absent: not to be asked for */
};
/* Accounts that would be created if nobody stood at the target. */
uint64_t rh_plan_wanted(const struct rh_plan_builder *builder);
/* How many of them can be asked for by what; false: there are too many to hand them out. */
bool rh_plan_candidates(const struct rh_plan_builder *builder, uint64_t counts[RH_LOOKUPS]);
/* Their identifiers, index from 0; false: no more.  They live as long as the builder. */
bool rh_plan_candidate(const struct rh_plan_builder *builder, size_t index,
		       struct rh_candidate *out);
void rh_plan_note_presence(struct rh_plan_builder *builder, enum rh_presence presence);
/* How many accounts the target says that it holds (NULL: not known), and may hold (0: no end is known). */
void rh_plan_note_room(struct rh_plan_builder *builder, const uint64_t *there, uint64_t most);
/* Of a living source: the members source_... are taken. */
void rh_plan_note_source(struct rh_plan_builder *builder, const struct rh_plan_counts *harvested);
/* What is to be written, as far as it is counted now; no rh_plan_present after it. */
RH_NODISCARD int rh_plan_count_writes(struct rh_plan_builder *builder,
				      const struct rh_plan_counts **out, struct rh_err *err);
/* Writes the revision (P1, P3) and frees the builder also on failure. */
RH_NODISCARD int rh_plan_finish(struct rh_plan_builder *builder, const struct rh_source *source,
				uint64_t reads, int64_t predicted_us, struct rh_plan *out,
				struct rh_err *err);

/* ---- using one ------------------------------------------------------------------------------------------ */

/* revision 0: the newest.  RH_ESTATE: there is none. */
RH_NODISCARD int rh_plan_load(const struct rh_workspace *workspace, int64_t revision,
			      struct rh_plan *out, struct rh_err *err);
/* Are these the inputs, read to their end, that the plan was made from? */
bool rh_plan_is_of(const struct rh_plan *plan, const struct rh_source *source);
/* Digest of the options that shape the outcome, to compare with plan->options_digest. */
RH_NODISCARD int rh_plan_options_digest(const struct rh_plan_inputs *inputs, char out[65],
					struct rh_err *err);

struct rh_exceptions;
/* Exceptions in the order of ordinals. */
RH_NODISCARD int rh_exceptions_open(struct rh_exceptions **out,
				    const struct rh_workspace *workspace, int64_t revision,
				    struct rh_err *err);
/* Those of earlier plans that this one carries on (P7), by revision and ordinal. */
RH_NODISCARD int rh_exceptions_open_earlier(struct rh_exceptions **out,
					    const struct rh_workspace *workspace, int64_t revision,
					    struct rh_err *err);
/* Source ids, and nothing else, of the records of a plan of mended ones (P7). */
RH_NODISCARD int rh_exceptions_open_seen(struct rh_exceptions **out,
					 const struct rh_workspace *workspace, int64_t revision,
					 struct rh_err *err);
void rh_exceptions_close(struct rh_exceptions *exceptions);
/* 1: *out filled; 0: no more; < 0 error. */
RH_NODISCARD int rh_exceptions_next(struct rh_exceptions *exceptions, struct rh_exception *out,
				    struct rh_err *err);

/* What several records share (P6), in the order of groups. */
struct rh_shared {
	uint64_t group; /* from 1 */
	unsigned sharing;
	uint64_t ordinal;
	struct rh_str source_id;
	unsigned file;
	uint64_t record;
	enum rh_decision decision; /* about the record, by whatever reason */
};
struct rh_shares;
RH_NODISCARD int rh_shares_open(struct rh_shares **out, const struct rh_workspace *workspace,
				int64_t revision, struct rh_err *err);
void rh_shares_close(struct rh_shares *shares); /* accepts NULL */
/* The next member of a group; its text lives until the call after.  1, 0 at the end, < 0 error. */
RH_NODISCARD int rh_shares_next(struct rh_shares *shares, struct rh_shared *out,
				struct rh_err *err);
const char *rh_sharing_name(unsigned sharing); /* "e-mail address" … */
bool rh_sharing_refuses(
	unsigned sharing); /* is it carried to the target, so that it must be one person's? */

/* Decision about one account at apply time: the mapping's part, shared by plan and apply so that both say the
 * same.  *wire and *parts are what will be sent; RH_OK also when refused (look at the collector). */
struct rh_assessed {
	struct rh_account account; /* as it is to be sent: policies applied */
	struct rh_wire wire;
	unsigned parts;
	struct rh_str external_id; /* at the target */
	struct rh_str email;       /* in compared form */
	bool is_blocked;
};
RH_NODISCARD int rh_plan_assess(const struct rh_plan_inputs *inputs,
				const struct rh_source_item *item, struct rh_arena *arena,
				struct rh_collector *collector, struct rh_assessed *out,
				struct rh_err *err);

/* Once more what a plan found by an account's row in the ledger (changed.c), into the collector: RH0607 and RH0611 stand in
 * no record and are no exception.  `has_open_updates` as the ledger counts them. */
RH_NODISCARD int rh_plan_look_again(const struct rh_plan_inputs *inputs, bool has_open_updates,
				    const struct rh_ledger_row *row,
				    const struct rh_assessed *assessed, struct rh_arena *arena,
				    struct rh_collector *collector, struct rh_err *err);

/* Keyed digests of these wire fields (bits of `present`) in their order, RH_WIRE_DIGEST_LEN bytes each behind the
 * byte of their form, in the arena: what the ledger keeps and verify compares. */
RH_NODISCARD int rh_plan_digest(const struct rh_workspace *workspace, const struct rh_wire *wire,
				uint32_t present, struct rh_arena *arena, struct rh_str *out,
				struct rh_err *err);
/* The same into `out`, in the form of `like` (of a row with the same `present`; absent: today's); returns its length. */
size_t rh_wire_digest(const struct rh_workspace *workspace, const struct rh_wire *wire,
		      uint32_t present, struct rh_str like, uint8_t out[RH_WIRE_BYTES_MAX]);
/* Are these fields those that the row's digests, in whichever form, were made of? */
bool rh_wire_is(const struct rh_workspace *workspace, const struct rh_wire *wire, uint32_t present,
		struct rh_str stored);
/* Bits of the fields that are not what the row's digests were made of; also those that the row does not have. */
uint32_t rh_wire_differs(const struct rh_workspace *workspace, const struct rh_wire *wire,
			 uint32_t present, struct rh_str stored);
/* Bits of all fields of the connector. */
uint32_t rh_wire_all(const struct rh_connector *connector);
/* Their names, joined by ',', as many as fit. */
void rh_wire_names(const struct rh_connector *connector, uint32_t fields, char *out, size_t size);
/* What a row has of its fields. */
struct rh_wire_digests {
	uint32_t present;
	struct rh_str bytes;
};
/* Digests of the `fresh` fields and, beside them, those that the row has of all others, in the row's form.  What it
 * does not have is fresh. */
RH_NODISCARD int rh_wire_digest_beside(const struct rh_workspace *workspace,
				       const struct rh_wire *wire, uint32_t fresh,
				       struct rh_wire_digests stored, struct rh_arena *arena,
				       struct rh_str *out);
/* Bits of the fields that say something, that is, are there and are neither an empty text nor an empty object. */
uint32_t rh_wire_said(const struct rh_wire *wire);
/* The same of the fields that the digests were made of. */
uint32_t rh_wire_holds(const struct rh_workspace *workspace, struct rh_wire_digests stored);
/* Keyed digest of the password hash that goes with these parts, in the arena; absent: none does. */
RH_NODISCARD int rh_credential_digest(const struct rh_workspace *workspace,
				      const struct rh_account *account, unsigned parts,
				      struct rh_arena *arena, struct rh_str *out,
				      struct rh_err *err);
/* What would be sent without these parts, which the target refused. */
RH_NODISCARD int rh_plan_without(const struct rh_plan_inputs *inputs,
				 const struct rh_assessed *assessed, unsigned dropped,
				 struct rh_arena *arena, struct rh_wire *out, struct rh_err *err);

#endif
