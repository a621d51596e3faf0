/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: what was intended, sent, settled, verified and undone at the target.  The truth of a
 * migration; everything else (reports, ids, resume, undo) is read from it.
 *
 * A row is exactly one write at the target.  Plan hands out the ids in its order and writes none; apply
 * inserts rows as INTENDED, some hundreds at a time, before the first byte of their requests leaves.
 *
 *                 +------------------ resolve: not there ----------------+
 *                 v                                                      |
 *   intend --> INTENDED --settle: answer lost, or adopt at start--> UNKNOWN
 *                | ^ |                                                  |
 *        defer   | | |  +--> REJECTED | CONFLICT <--resolve: other------+
 *                v | |  |                                               |
 *            DEFERRED +--settle--> DONE <-------resolve: there----------+
 *                                   |  \--verify--> VERIFIED --verify: drift--> DONE
 *                                   |                  |
 *                                   +--undo_intend-----+--> UNDO_INTENDED --undo_settle--> UNDONE | KEPT
 *
 *   function            from                       to
 *   rh_ledger_intend    (no row), DEFERRED,        INTENDED
 *                       UNKNOWN, REJECTED,
 *                       CONFLICT, UNDONE
 *   rh_ledger_observe   INTENDED, UNKNOWN (updates) INTENDED
 *   rh_ledger_settle    INTENDED, UNKNOWN          DONE REJECTED CONFLICT UNKNOWN DEFERRED
 *   rh_ledger_adopt     INTENDED                   UNKNOWN
 *   rh_ledger_verify    DONE, VERIFIED             VERIFIED (same digest) or DONE (differs)
 *   rh_ledger_undo_intend  DONE, VERIFIED,         UNDO_INTENDED
 *                       UNDO_INTENDED; REJECTED and
 *                       CONFLICT (updates, L11);
 *                       KEPT as in use (creates)
 *   rh_ledger_undo_settle  UNDO_INTENDED           UNDONE KEPT (or stays, when nothing is certain)
 *   rh_ledger_undo_follow  (updates) all but INTENDED, UNKNOWN, UNDONE; KEPT only to UNDONE   UNDONE KEPT
 *
 * Any other move is refused with RH_ESTATE: each function says `WHERE state IN (…)` and counts.
 *
 * Invariants, cited by number in code and tests:
 *
 *  L1. No writing request leaves the process before its INTENDED (or UNDO_INTENDED) row is committed.
 *  L2. The idempotency key is a function of ledger, row id, verb, content digest, parts, revision and number
 *      of undos; never random.  What was undone, or asked for anew by a newer plan, is another request.
 *  L3. Only the functions above move a state.
 *  L4. A row found INTENDED at start-up is UNKNOWN: nobody knows whether its request left.
 *  L5. A workspace belongs to one identity: source provider and tenant, target provider, tenant and
 *      environment.  Another identity is refused, with both shown.  Everything else (files, policies)
 *      is a matter of revisions.
 *  L6. No secret and no person enters: keyed digests of the wire fields, ids, codes; never a hash, token,
 *      address, name or body.
 *  L7. Creates are unique by (kind, source id, parent) among rows not UNDONE, updates by the account's row (their
 *      parent) and revision.  The plan sees to it; the indexes that prove it are built in bulk when a plan or
 *      an apply ends.
 *  L8. VERIFIED keeps the moment and the digest of what was read back.
 *  L9. Commits are grouped: an intent is committed before its request, a settlement may lag behind its
 *      answer; a crash between the two only makes an UNKNOWN more, never a second account.
 * L10. origin is `created` only with our own 2xx, or when the account was absent at plan time and the
 *      target's clock puts its creation after our intent and before the end of our last request (when it was
 *      given up; after a kill a fixed time from its intent).  Undo removes `created` and nothing else.
 * L11. No writing request of an update leaves before what stood there is committed with the row: the digests of
 *      its fields and, sealed, what is needed to put it back, which never holds a credential.  A row found
 *      UNKNOWN without them was never sent.  What is read later is one of three: as it was before, as it was
 *      to become, or another's work, which nobody overwrites.  So it is of a REJECTED or CONFLICT that has them: an
 *      earlier request of it may have arrived, and when it is intended again, they stay.
 * L12. An account has one row of its own (verb create; linked accounts, too), which says what stands there as far
 *      as we know.  When an update is settled as DONE the account's row takes over what was written, in the same
 *      transaction: verify, ids and later plans read that row alone.
 * L13. People are counted and listed, not rows.  Of an account's updates the newest of its kind (a password, anything
 *      else) that is not UNDONE says how it stands, beside the newest that changed something; and only while the
 *      account is there (DONE or VERIFIED).  An update of the plan that created the account belongs to the create, and
 *      is told only while it is not done.
 * L14. What a verify read back as expected is noted in runs of ids (ledger_runs.c), and no row is written for it.  A
 *      row in a run reads as VERIFIED, at the run's moment and without drift, whatever of that stands in the row
 *      itself; so whoever moves such a row, or has something else expected of it, takes it out first, in the same
 *      transaction.  Runs hold only rows that are there (DONE or VERIFIED by their own word), and never overlap.
 *
 * L15. Rows of other kinds than accounts (entities: organizations, roles, memberships …) stand among them, with states,
 *      origins and intents of their own.  Whatever counts, lists or pages people passes them over; they have functions of
 *      their own.  An entity's row stands for all that brings it there: its create, and the requests behind it that
 *      set what a create cannot hold (connector.h, C18); it is DONE when the last of them is.  A membership has
 *      its organization's row as parent and its account's source id as external id; a role or permission has its
 *      slug at the target as external id.
 *
 * Weak points: (a) A target that neither honours idempotency keys nor finds by external id leaves an
 * UNKNOWN that only a person can settle; plan says so beforehand.  (b) A find may miss what was created a
 * moment ago (read-after-write delay): resolve waits caps.read_after_write_us.  (c) SQLite in WAL mode
 * does not work on a network mount.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <rehome/connector.h>

struct rh_ledger;
struct rh_arena;

/* Code of a DONE account that nobody can prove to be ours, and that therefore lacks what goes behind a create. */
#define RH_CODE_NOT_PROVEN "not_proven"

/* numbers are stored: never renumbered */
enum rh_state {
	RH_STATE_INTENDED = 1,
	RH_STATE_DEFERRED = 2,
	RH_STATE_UNKNOWN = 3,
	RH_STATE_DONE = 4,
	RH_STATE_VERIFIED = 5,
	RH_STATE_REJECTED = 6,
	RH_STATE_CONFLICT = 7,
	RH_STATE_UNDO_INTENDED = 8,
	RH_STATE_UNDONE = 9,
	RH_STATE_KEPT = 10, /* by an undo; with RH_CODE_IN_USE another one may remove it */
	RH_STATES = 11,
};
const char *rh_state_name(enum rh_state state);

/* numbers are stored */
enum rh_origin {
	RH_ORIGIN_NONE = 0,
	RH_ORIGIN_CREATED = 1,
	RH_ORIGIN_ADOPTED = 2, /* ours by external id, created by nobody knows whom */
	RH_ORIGIN_LINKED = 3,  /* was there before; recorded because the policy asks for it */
	RH_ORIGIN_UNSURE = 4,
};
const char *rh_origin_name(enum rh_origin origin);

enum rh_drift { /* numbers are stored: what the last verify found */
		RH_DRIFT_NONE = 0,
		RH_DRIFT_DIFFERS = 1, /* there, with other content */
		RH_DRIFT_MISSING = 2, /* not there any more */
};

#define RH_WIRE_DIGEST_LEN 8 /* bytes a wire field's keyed digest is cut to */
/* First byte of a row's digests in their second form; those of the first form have none (plan/wire_digest.c). */
#define RH_WIRE_SECOND_FORM 2
#define RH_WIRE_BYTES_MAX (1 + RH_WIRE_FIELDS_MAX * RH_WIRE_DIGEST_LEN)
bool rh_wire_is_second_form(uint32_t present, struct rh_str wire);

struct rh_ledger_row {
	int64_t id; /* >= 1 */
	enum rh_kind kind;
	enum rh_verb verb;
	enum rh_state state;
	enum rh_origin origin;
	struct rh_str source_id;
	int64_t parent;            /* row id; 0: none */
	struct rh_str external_id; /* as sent to the target */
	struct rh_str target_id;   /* absent until known */
	unsigned parts_planned;
	unsigned parts_sent;
	unsigned parts_dropped; /* refused by the target and left out */
	uint32_t wire_present;  /* bit per wire field */
	struct rh_str
		wire; /* RH_WIRE_DIGEST_LEN bytes per set bit, in order, behind a byte of their form */
	uint64_t record; /* record number, and file index: the snapshot reference */
	unsigned file;
	int64_t revision;
	int64_t batch; /* 0: none */
	unsigned attempts;
	struct rh_str code;  /* provider's code of the last refusal */
	rh_time intended_at; /* ours */
	/* the target's clock at the last answer before the intent; 0: not known */
	rh_time target_at;
	rh_time settled_at;
	rh_time verified_at;
	enum rh_drift drift; /* DONE */
	/* keyed digest of what the plan asked for, where `wire` is more than that; absent: it is not */
	struct rh_str asked;
	/* updates (L11): bit per wire field, and digests like `wire`, of what stood there before; `before` absent: it
	 * was not read, and nothing was sent */
	uint32_t before_present;
	struct rh_str before;
	struct rh_str
		credential; /* keyed digest of the password hash that goes along; absent: none does */
};

/* Has what stood there been kept, so that a writing request may have left (L11)? */
static inline bool rh_ledger_row_may_be_sent(const struct rh_ledger_row *row)
{
	return row->before.ptr != NULL;
}

struct rh_ledger_identity {
	const char *source;
	const char *source_tenant;
	const char *target;
	const char *target_tenant;
	const char *environment;
};

/* Opens or creates <workspace>/ledger.db; RH_EMISMATCH: L5, or a newer schema.  read_only: no lock, no
 * adoption, for status and reports; never created.  identity NULL: whosever it is (it must be there).  A ledger of an
 * older schema is read as it is; for writing it is brought up, when its identity is the one named: RH_EMISMATCH with
 * NULL.  So whoever opens for writing holds the lock. */
RH_NODISCARD int rh_ledger_open(struct rh_ledger **out, const char *workspace,
				const struct rh_ledger_identity *identity, bool read_only,
				struct rh_err *err);
void rh_ledger_close(struct rh_ledger *ledger); /* commits nothing; accepts NULL */
/* Identity as stored, in the arena. */
RH_NODISCARD int rh_ledger_identity(struct rh_ledger *ledger, struct rh_arena *arena,
				    struct rh_ledger_identity *out, struct rh_err *err);
/* Random name of this ledger, made at its creation: part of idempotency keys (L2). */
const char *rh_ledger_name(const struct rh_ledger *ledger);

/* Test hook: the n-th ledger step (transaction committed, or about to be) kills the process by SIGKILL;
 * read from the environment REHOME_TEST_KILL_AT by the tool's debug builds.  0: off. */
void rh_ledger_kill_at(struct rh_ledger *ledger, uint64_t n);

/* Inserts the rows as INTENDED, or moves rows that are there (same id) back to INTENDED from DEFERRED,
 * UNKNOWN, REJECTED, CONFLICT or UNDONE, with the new content; one durable transaction (L1), which also carries
 * what is queued.  All or none.  An id never changes its kind or source id: RH_EINTERNAL. */
RH_NODISCARD int rh_ledger_intend(struct rh_ledger *ledger, const struct rh_ledger_row *rows,
				  size_t count, struct rh_err *err);
/* Inserts rows that need no request (linked accounts): DONE with origin LINKED; one durable transaction. */
RH_NODISCARD int rh_ledger_record(struct rh_ledger *ledger, const struct rh_ledger_row *rows,
				  size_t count, struct rh_err *err);

/* An update has read what stands there: the row takes its final content (wire, asked, before, parts, revision …), is
 * INTENDED, and keeps `image` (sealed; absent: the one that it has stays); one durable transaction (L11) for
 * all of them.  RH_ESTATE for a row that is no update, or is neither INTENDED nor UNKNOWN. */
RH_NODISCARD int rh_ledger_observe(struct rh_ledger *ledger, const struct rh_ledger_row *rows,
				   const struct rh_str *images, size_t count, struct rh_err *err);
/* What an update replaced, sealed, in the arena.  1: there, 0: not, < 0: error. */
RH_NODISCARD int rh_ledger_image(struct rh_ledger *ledger, int64_t id, struct rh_arena *arena,
				 struct rh_str *out, struct rh_err *err);

struct rh_settlement {
	int64_t id;
	enum rh_state state;     /* DONE REJECTED CONFLICT UNKNOWN DEFERRED */
	enum rh_origin origin;   /* DONE */
	struct rh_str target_id; /* DONE, CONFLICT (the other's id) */
	unsigned parts_sent;
	unsigned parts_dropped;
	unsigned attempts;
	struct rh_str code;
	rh_time at;
	bool absorbs; /* DONE, of an update: L12 */
};
/* Queued in an open transaction; durable at the next commit, also an intent's, or after 2,048 of them (L9).  An absent
 * target_id keeps the one that is known; parts_dropped adds to what the intent left out. */
RH_NODISCARD int rh_ledger_settle(struct rh_ledger *ledger, const struct rh_settlement *settlement,
				  struct rh_err *err);
RH_NODISCARD int rh_ledger_commit(struct rh_ledger *ledger, struct rh_err *err);
/* Settlements waiting for a commit. */
size_t rh_ledger_pending(const struct rh_ledger *ledger);

/* INTENDED rows become UNKNOWN (L4); *count_out how many. */
RH_NODISCARD int rh_ledger_adopt(struct rh_ledger *ledger, uint64_t *count_out, struct rh_err *err);
/* No drift: VERIFIED, else DONE; queued like a settlement.  verified_at is kept when a row drifts: a DONE
 * row that has one was once as expected (L8). */
RH_NODISCARD int rh_ledger_verify(struct rh_ledger *ledger, int64_t id, enum rh_drift drift,
				  rh_time at, struct rh_err *err);
/* Which wire fields (bits) differ of a row that was given as RH_DRIFT_DIFFERS; queued like it. */
RH_NODISCARD int rh_ledger_note_drift(struct rh_ledger *ledger, int64_t id, uint32_t fields,
				      struct rh_err *err);
/* Of a row whose drift is that; 0: nobody noted it, or it cannot be read. */
uint32_t rh_ledger_drift_fields(struct rh_ledger *ledger, int64_t id);
/* Durable like an intent (L1); all or none.  RH_ESTATE also for a row that is no update and whose origin is not
 * `created` (L10). */
RH_NODISCARD int rh_ledger_undo_intend(struct rh_ledger *ledger, const int64_t *ids, size_t count,
				       struct rh_err *err);
/* state: UNDONE, KEPT, or UNDO_INTENDED (nothing certain); queued like a settlement. */
RH_NODISCARD int rh_ledger_undo_settle(struct rh_ledger *ledger, int64_t id, enum rh_state state,
				       struct rh_str code, rh_time at, struct rh_err *err);

/* An update that needs no request of its own, because its account was removed or kept, or a newer update of it was
 * kept: UNDONE or KEPT, from every state in which nothing of it is on its way; queued like a settlement.  A KEPT one
 * becomes UNDONE when its account is removed after all. */
RH_NODISCARD int rh_ledger_undo_follow(struct rh_ledger *ledger, int64_t id, enum rh_state state,
				       rh_time at, struct rh_err *err);

/* Reading.  Texts of a row live in the arena.  1: found, 0: not, < 0: error. */
RH_NODISCARD int rh_ledger_get(struct rh_ledger *ledger, int64_t id, struct rh_arena *arena,
			       struct rh_ledger_row *out, struct rh_err *err);
/* The create of this entity that is not UNDONE; needs the index (rh_ledger_index). */
RH_NODISCARD int rh_ledger_find(struct rh_ledger *ledger, enum rh_kind kind,
				struct rh_str source_id, struct rh_arena *arena,
				struct rh_ledger_row *out, struct rh_err *err);
/* The last update of the account with this row that is not UNDONE, one that is not DONE first; needs the index. */
RH_NODISCARD int rh_ledger_find_update(struct rh_ledger *ledger, int64_t account,
				       struct rh_arena *arena, struct rh_ledger_row *out,
				       struct rh_err *err);
/* State of the newest update behind this one, of the same account, that is not UNDONE; RH_STATES: there is none;
 * needs the index. */
RH_NODISCARD int rh_ledger_newer_update(struct rh_ledger *ledger, const struct rh_ledger_row *row,
					enum rh_state *out, struct rh_err *err);
/* The account's row, by target id; makes an index for it when it is first asked. */
RH_NODISCARD int rh_ledger_find_target(struct rh_ledger *ledger, enum rh_kind kind,
				       struct rh_str target_id, struct rh_arena *arena,
				       struct rh_ledger_row *out, struct rh_err *err);
/* Up to `max` rows of accounts with id > after whose state bit (1 << state) is in `states`, by id; *count_out < max at
 * the end. */
RH_NODISCARD int rh_ledger_page(struct rh_ledger *ledger, unsigned states, int64_t after,
				size_t max, struct rh_arena *arena, struct rh_ledger_row *out,
				size_t *count_out, struct rh_err *err);
/* As rh_ledger_page, of entities of one kind (L15). */
struct rh_ledger_pick {
	enum rh_kind kind;
	unsigned states;
	int64_t after;
	size_t max;
};
RH_NODISCARD int rh_ledger_page_entities(struct rh_ledger *ledger,
					 const struct rh_ledger_pick *pick, struct rh_arena *arena,
					 struct rh_ledger_row *out, size_t *count_out,
					 struct rh_err *err);
/* Counts of the rows of one kind that is no account's. */
struct rh_ledger_kind_counts {
	uint64_t by_state[RH_STATES];
	uint64_t total;
	uint64_t created; /* DONE or VERIFIED, by origin; unsure and adopted ones are `unproven` */
	uint64_t linked;
	uint64_t linked_other; /* of these, with a code: they have other fields than ours would */
	uint64_t unproven;
	uint64_t parts_dropped;
	uint64_t differs; /* DONE rows, by their drift */
	uint64_t missing;
};
/* Of all kinds, by kind; those of accounts stay 0. */
RH_NODISCARD int rh_ledger_count_entities(struct rh_ledger *ledger,
					  struct rh_ledger_kind_counts out[RH_KINDS],
					  struct rh_err *err);
/* Up to `max` updates with id < before in these states, the newest first; *count_out < max at the end. */
RH_NODISCARD int rh_ledger_page_updates(struct rh_ledger *ledger, unsigned states, int64_t before,
					size_t max, struct rh_arena *arena,
					struct rh_ledger_row *out, size_t *count_out,
					struct rh_err *err);
/* Are there rows behind `after` that another revision made?  Their ids are not that revision's to give. */
RH_NODISCARD int rh_ledger_has_others(struct rh_ledger *ledger, int64_t after, int64_t revision,
				      bool *out, struct rh_err *err);
/* Has the target refused something that this revision asked for? */
RH_NODISCARD int rh_ledger_has_rejected(struct rh_ledger *ledger, int64_t revision, bool *out,
					struct rh_err *err);

/* What verify compares a DONE or VERIFIED row by. */
struct rh_ledger_expected {
	int64_t id;
	enum rh_origin origin;
	struct rh_str target_id;
	uint32_t wire_present;
	struct rh_str wire;
};
/* How many rows are DONE or VERIFIED, and the latest moment of all runs (L14; 0: there is none). */
RH_NODISCARD int rh_ledger_count_expected(struct rh_ledger *ledger, uint64_t *count_out,
					  rh_time *verified_at_out, struct rh_err *err);
/* `max` ids from `first` on. */
struct rh_ledger_span {
	enum rh_kind kind;
	int64_t first;
	size_t max;
};
/* Those of the span, by id; texts live in the arena. */
RH_NODISCARD int rh_ledger_expect(struct rh_ledger *ledger, const struct rh_ledger_span *span,
				  struct rh_arena *arena, struct rh_ledger_expected *out,
				  size_t *count_out, struct rh_err *err);
/* Id of the row with this target id, found like that.  1: found, 0: not, < 0: error. */
RH_NODISCARD int rh_ledger_row_of_target(struct rh_ledger *ledger, enum rh_kind kind,
					 struct rh_str target_id, int64_t *out, struct rh_err *err);
/* All these rows are DONE or VERIFIED and were read back as expected: as rh_ledger_verify for each of them, but
 * committed only with others, or by rh_ledger_commit. */
RH_NODISCARD int rh_ledger_verify_range(struct rh_ledger *ledger, int64_t first, int64_t last,
					rh_time at, struct rh_err *err);
/* As rh_ledger_page, of those DONE or VERIFIED that are in no run since this moment; updates are not among them. */
RH_NODISCARD int rh_ledger_unverified(struct rh_ledger *ledger, rh_time since, int64_t after,
				      size_t max, struct rh_arena *arena, struct rh_ledger_row *out,
				      size_t *count_out, struct rh_err *err);

struct rh_ledger_counts {
	/* accounts by their own row, and those whose updates are in another state than DONE and UNDONE (L13) */
	uint64_t by_state[RH_STATES];
	uint64_t updates[RH_STATES]; /* of by_state, what is there for updates alone */
	uint64_t accounts;           /* rows that are no updates */
	uint64_t updated;            /* accounts with an update that is DONE and was sent */
	uint64_t restored;           /* accounts that were not created, whose updates are UNDONE */
	uint64_t gone;               /* the same, but somebody had removed the account by then */
	uint64_t open_updates;       /* rows of updates that did not come to their aim */
	uint64_t updates_to_undo;    /* rows of updates that undo looks at one by one */
	uint64_t updates_undo_open;  /* of UNDO_INTENDED, accounts with an update */
	uint64_t created;            /* DONE or VERIFIED with that origin */
	uint64_t linked;
	uint64_t adopted;
	uint64_t unsure;
	uint64_t parts_dropped; /* accounts' rows with any */
	uint64_t differs;       /* DONE rows, by their drift */
	uint64_t missing;
	int64_t last_id;     /* of all kinds */
	rh_time verified_at; /* the latest of all rows; 0: none was verified */
};
RH_NODISCARD int rh_ledger_count(struct rh_ledger *ledger, struct rh_ledger_counts *out,
				 struct rh_err *err);
/* Is this what is told of an account (L13)?  Always, of its own row. */
RH_NODISCARD int rh_ledger_is_told(struct rh_ledger *ledger, const struct rh_ledger_row *row,
				   bool *out, struct rh_err *err);
/* Rows in these states (bits 1 << state; DONE and VERIFIED are not told apart) whose last intent is not older than this
 * moment. */
RH_NODISCARD int rh_ledger_count_since(struct rh_ledger *ledger, unsigned states, rh_time since,
				       uint64_t *out, struct rh_err *err);
/* Builds the unique indexes of L7, and the one of an account's updates, if they are not there; RH_EINTERNAL if L7 is
 * broken. */
RH_NODISCARD int rh_ledger_index(struct rh_ledger *ledger, struct rh_err *err);
/* Drops all indexes before a run of many inserts. */
RH_NODISCARD int rh_ledger_unindex(struct rh_ledger *ledger, struct rh_err *err);

/* Small facts of a migration: text by name (revision in force, base ids, finished_at …). */
RH_NODISCARD int rh_ledger_fact(struct rh_ledger *ledger, const char *name, struct rh_arena *arena,
				struct rh_str *out, struct rh_err *err); /* absent: not set */
RH_NODISCARD int rh_ledger_set_fact(struct rh_ledger *ledger, const char *name, struct rh_str value,
				    struct rh_err *err);

#endif
