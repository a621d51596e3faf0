/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library for users: a migration from one provider to another, as the command line runs it.
 *
 *  1. One opaque struct rh_migration a workspace; no globals, no signal handlers, no threads; nothing is
 *     written to standard output or standard error.
 *  2. Options are set by the names that the command line has, without dashes; rh_option_at lists them.
 *  3. Every function that can fail returns RH_OK or a negative enum rh_error and fills `err` (may be NULL).
 *     The fate of single accounts is no error: it is in the summary, the ledger and the events.
 *  4. Functions block.  rh_migration_stop may be called from a signal handler: the first call drains (no new
 *     writes, what flies is settled), the second abandons (the next run settles it).
 *  5. Texts that are handed out belong to the migration and live until its next call, unless said otherwise.
 */
#ifndef REHOME_REHOME_H
#define REHOME_REHOME_H

#include <rehome/account.h>
#include <rehome/connector.h>
#include <rehome/findings.h>
#include <rehome/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0" */
RH_API const char *rh_version(void);

struct rh_migration;

/* ---- what happened, as numbers --------------------------------------------------------------------- */

enum rh_exit {
	RH_EXIT_DONE = 0, /* all that was asked is done */
	/* finished; some entities refused, left out for safety, or different */
	RH_EXIT_REFUSED = 1,
	RH_EXIT_USAGE = 2,   /* usage, configuration, or no consent; nothing written */
	RH_EXIT_STOPPED = 3, /* stopped before the end; run again */
	RH_EXIT_DENIED = 4,  /* access denied */
	RH_EXIT_FOREIGN = 5, /* workspace, plan or lock belongs to something else */
	RH_EXIT_INTERNAL = 70,
	RH_EXIT_INTERRUPTED = 130, /* interrupted; run again */
};

/* How a plan found out what stands at the target. */
enum rh_presence {                            /* numbers are stored */
		   RH_PRESENCE_UNASKED = 0,   /* it did not ask: offline */
		   RH_PRESENCE_NOBODY = 1,    /* nobody is to be created: nothing to ask */
		   RH_PRESENCE_EMPTY = 2,     /* the target is empty */
		   RH_PRESENCE_LISTED = 3,    /* all accounts of the target were listed */
		   RH_PRESENCE_LOOKED_UP = 4, /* the accounts of the input were looked up there */
};

/* What a plan knows of the target's settings. */
enum rh_settings_asked {                          /* numbers are stored */
			 RH_SETTINGS_NONE = 0,    /* the tool reads none of this target */
			 RH_SETTINGS_UNASKED = 1, /* it did not ask: offline */
			 RH_SETTINGS_UNREAD = 2,  /* it asked, and could not read them */
			 RH_SETTINGS_READ = 3,
};

/* Of the entities of one kind (entity.h): total = create + link + skip + refuse + left_out + done. */
struct rh_kind_plan {
	uint64_t total;
	uint64_t create;
	uint64_t link; /* at the target already */
	uint64_t skip; /* the target has no place for it */
	uint64_t refuse;
	uint64_t left_out;
	uint64_t done; /* in the ledger already from an earlier apply */
};

/* Counts that add up: total = create + link + update + skip + refuse + left_out + done + blocked. */
struct rh_plan_counts {
	uint64_t total; /* records read */
	uint64_t create;
	uint64_t link;   /* at the target already, to be recorded */
	uint64_t update; /* at the target already, to be changed */
	uint64_t skip;   /* at the target already, skipped by policy */
	uint64_t refuse;
	uint64_t left_out; /* outside --only, --limit … */
	uint64_t done;     /* in the ledger already from an earlier apply */
	uint64_t blocked;  /* in the ledger already, blocked at the source since: usable there */
	uint64_t with_password;   /* of create: password hash moves */
	uint64_t writes;          /* writing requests needed: create + update + extras + again */
	uint64_t extras;          /* of writes: behind a create, for what it cannot hold */
	uint64_t again;           /* of writes: a create without what the settings refuse */
	uint64_t with_extras;     /* accounts with such writes: each is read before them */
	uint64_t reads;           /* reading requests that plan made at the target */
	uint64_t target_accounts; /* present at the target when planned */
	uint64_t exist_by_id;     /* of the input's accounts, found there by their external id */
	uint64_t exist_by_email;  /* found there by their address alone */
	uint64_t exist_by_phone;  /* by their number, and by nothing before it */
	uint64_t exist_by_username;
	uint64_t shared;   /* groups of records that share an identifier */
	uint64_t presence; /* enum rh_presence */
	/* what an account counts as that an earlier apply has tried: the ledger's row tells of it */
	uint64_t rows;           /* of the ledger when planned, one an account that is not undone */
	uint64_t known;          /* of total: the ledger has a row */
	uint64_t known_skip;     /* of skip */
	uint64_t known_refuse;   /* of refuse */
	uint64_t known_left_out; /* of left_out */
	uint64_t known_again;    /* of create, link and update */
	/* of an earlier plan, and not in this input, which mends a part of that one's */
	uint64_t earlier_skip;
	uint64_t earlier_refuse;
	uint64_t earlier_left_out;
	uint64_t earlier_blocked;
	uint64_t earlier_open;   /* to be created, and never tried */
	int64_t predicted_us;    /* apply at the provider's pace; -1: not limited */
	uint64_t settings;       /* enum rh_settings_asked */
	uint64_t accounts_max;   /* that the target holds, as far as is known; 0: no end is known */
	uint64_t knows_accounts; /* 1: it said how many it holds; 0: it was not asked, or did not */
	uint64_t accounts_there; /* as it said */
	uint64_t beyond;         /* of create: for whom there is no room */
	uint64_t entity_writes;  /* of writes: for entities */
	struct rh_kind_plan kinds[RH_KINDS]; /* all but accounts, which are the counts above */
	/* of a living source; source_before and source_after are 0 where it does not count */
	uint64_t source_reads;    /* requests to its API */
	uint64_t source_records;  /* read from it */
	uint64_t source_repeated; /* came again, and were left out */
	uint64_t source_before;   /* as it counted before it was read */
	uint64_t source_after;    /* and behind */
};

/* A group of findings with one cause. */
struct rh_finding_group {
	const struct rh_finding_info *info;
	const char *note;        /* scheme, provider, reason; "" */
	uint64_t count;          /* accounts */
	const char *examples[3]; /* source ids (never names or addresses); NULL: no more */
};

/* Everybody whom a migration has to do with, each in one place: the members are `total` together. */
struct rh_everybody {
	uint64_t total; /* counted apart: the newest plan's, and who was in earlier inputs only */
	uint64_t created;
	uint64_t linked;
	uint64_t skipped;
	uint64_t left_out;
	uint64_t refused;  /* by the plan, and not at the target by an earlier one */
	uint64_t rejected; /* by the target */
	uint64_t conflicts;
	uint64_t unknown;
	uint64_t deferred;
	uint64_t open;    /* not tried yet */
	uint64_t waiting; /* never tried, and in an earlier plan's input only */
	uint64_t undo_open;
	uint64_t undone;
	uint64_t kept;
};

/* Of the entities of one kind (entity.h), from the ledger and the plan. */
struct rh_kind_run {
	uint64_t total;   /* in the plan, or rows of the ledger where they are more */
	uint64_t created; /* by this migration, so far */
	uint64_t created_now;
	uint64_t unproven; /* of created: nobody knows who made them */
	uint64_t linked;
	uint64_t linked_other; /* of these: with other roles or fields, which stay */
	uint64_t refused;      /* by the plan */
	uint64_t rejected;     /* by the target, or with what they belong to */
	uint64_t conflicts;
	uint64_t skipped;
	uint64_t left_out;
	uint64_t unknown;
	uint64_t deferred;
	uint64_t open; /* not tried yet */
	uint64_t partial;
	uint64_t verified;
	uint64_t differs;
	uint64_t missing;
	uint64_t undone;
	uint64_t undo_open;
	uint64_t kept;
	bool is_denied; /* this run was not allowed to write them */
};

/* Counts of apply, verify and undo, from the ledger. */
struct rh_run_counts {
	struct rh_everybody everybody;
	uint64_t total;       /* accounts in the plan */
	uint64_t created;     /* by this migration, so far */
	uint64_t created_now; /* of these, by this run */
	uint64_t unproven;    /* of created: found under our id, and nobody knows who made them */
	uint64_t to_put_back; /* changes of linked accounts, which an undo takes back */
	uint64_t linked;
	uint64_t updated;     /* of those at the target: changed by this migration, so far */
	uint64_t updated_now; /* of these, by this run */
	uint64_t restored;    /* undo: put back as they were before an update */
	uint64_t gone;        /* undo: nothing to put back, somebody had removed the account */
	uint64_t skipped;
	uint64_t refused;       /* by our check (plan), earlier inputs with it */
	uint64_t refused_there; /* of these: at the target, or tried there, by an earlier plan */
	uint64_t rejected;      /* by the target */
	uint64_t conflicts;
	uint64_t left_out;
	uint64_t
		blocked; /* at the target, blocked at the source since: somebody has to act there */
	uint64_t unknown;  /* not settled: nobody knows whether they are there */
	uint64_t deferred; /* put off, nothing of them was accepted: run again */
	uint64_t partial;  /* there, without a part: refused, or not proven ours */
	uint64_t open;     /* not tried yet */
	uint64_t verified;
	uint64_t differs; /* verify: there, but not as planned */
	uint64_t missing; /* verify: not there any more */
	uint64_t undone;
	uint64_t undo_open; /* undo: removal intended, not certain yet */
	uint64_t kept;      /* undo: not provably ours, or changed hands */
	uint64_t proved;    /* known passwords that signed in (--prove) */
	uint64_t unproved;  /* known passwords that the target refused */
	uint64_t untried;   /* known accounts of whom nothing was learnt */
	uint64_t held;      /* of deferred: held back because their canary failed */
	uint64_t writes;    /* writing requests sent by this run */
	uint64_t reads;
	uint64_t throttled; /* answers 429 in this run */
	int64_t elapsed_us;
	struct rh_kind_run kinds[RH_KINDS]; /* all but accounts, which are the counts above */
	uint64_t entities_open;             /* of all kinds: unknown, deferred, open */
	uint64_t entities_undo_open;
};

enum rh_phase {
	RH_PHASE_READ,   /* plan: reading the source */
	RH_PHASE_SURVEY, /* plan: asking the target */
	RH_PHASE_APPLY,
	RH_PHASE_VERIFY,
	RH_PHASE_UNDO,
	RH_PHASE_CANARY, /* apply: looking for the accounts that go first, and writing those alone */
	RH_PHASE_HARVEST, /* plan: reading the source's API */
	RH_PHASE_ENTITIES, /* apply, verify, undo: what stands beside people; counted apart from them */
};

struct rh_progress {
	enum rh_phase phase;
	uint64_t done;
	uint64_t total;  /* 0: not known */
	double rate;     /* per second, over the last seconds */
	int64_t left_us; /* -1: not known */
	/* a wait worth saying ("the target asks for a pause of 10 s"); else NULL */
	const char *notice;
};

/* Called at most some ten times a second from within a blocking function. */
typedef void rh_progress_fn(void *context, const struct rh_progress *progress);

/* ---- making and setting ----------------------------------------------------------------------------- */

RH_API RH_NODISCARD int rh_migration_new(struct rh_migration **out, struct rh_err *err);
RH_API void rh_migration_free(struct rh_migration *migration); /* accepts NULL; wipes secrets */

/* Sets one option: "from", "to", "file" (repeatable), "workspace", "rate", "on-existing", "primary" …, or a
 * provider's, e.g. "<provider>-<option>".  RH_EUSAGE names what is wrong with name or value. */
RH_API RH_NODISCARD int rh_migration_set(struct rh_migration *migration, const char *name,
					 const char *value, struct rh_err *err);
/* Reads options that are not set from the environment and from ./.env (the latter in this order). */
RH_API RH_NODISCARD int rh_migration_set_from_environment(struct rh_migration *migration,
							  struct rh_err *err);
/* Names of required options that are still missing, joined by ", "; "" if none. */
RH_API const char *rh_migration_missing(struct rh_migration *migration);
RH_API void rh_migration_on_progress(struct rh_migration *migration, rh_progress_fn *fn,
				     void *context);
/* See rule 4; async-signal-safe. */
RH_API void rh_migration_stop(struct rh_migration *migration);

/* One row of the table of migration options (not the providers'); NULL at the end. */
RH_API const struct rh_option *rh_option_at(size_t index);

/* ---- what may write first says ---------------------------------------------------------------------- */

struct rh_sides {
	const char *source; /* provider */
	const char *source_title;
	const char *target;
	const char *target_title;
	const char *origin;      /* where the target is spoken to */
	const char *environment; /* of the target, from its key */
	const char *tenant;      /* "default" where the API names none */
	const char *key_from;    /* "--acme-api-key", "environment", ".env" … */
	const char *workspace;
	const char *source_tenant;   /* of a living source; "": not known */
	const char *source_origin;   /* where it is asked; "": its API is not read now */
	const char *source_key_from; /* as key_from */
};
/* Asks a living source whose it is, so that the sides can name it; nothing where its API is not read. */
RH_API RH_NODISCARD int rh_migration_meet_source(struct rh_migration *migration,
						 struct rh_err *err);
RH_API RH_NODISCARD int rh_migration_sides(struct rh_migration *migration, struct rh_sides *out,
					   struct rh_err *err);

/* ---- the way ----------------------------------------------------------------------------------------- */

/* Reads and checks the source, asks the target (reads only), writes revision `*revision_out` into the
 * workspace; to neither side.  An identical plan keeps its number. */
RH_API RH_NODISCARD int rh_migration_plan(struct rh_migration *migration, int64_t *revision_out,
					  struct rh_plan_counts *out, struct rh_err *err);
/* Loads revision N (0: the newest) for reading; RH_ESTATE: there is none. */
RH_API RH_NODISCARD int rh_migration_load_plan(struct rh_migration *migration, int64_t revision,
					       int64_t *revision_out, struct rh_plan_counts *out,
					       struct rh_err *err);
/* Groups of findings of the plan in hand, most severe and most frequent first; false at the end. */
RH_API bool rh_migration_finding(struct rh_migration *migration, size_t index,
				 struct rh_finding_group *out);
/* One thing that the target can switch on or off, as the plan in hand read it. */
struct rh_setting_line {
	const char *
		name; /* the target's word for it, the note of findings; a social provider's name */
	const char *stance; /* rh_stance_name */
	const char *fix;    /* where it is switched on; "" */
	bool is_social;
	bool is_concerned; /* the plan has a finding about it */
};
/* false at the end. */
RH_API bool rh_migration_setting(struct rh_migration *migration, size_t index,
				 struct rh_setting_line *out);
/* What to do where the target holds too few accounts; "". */
RH_API const char *rh_migration_accounts_todo(struct rh_migration *migration);
/* A record that shares an identifier with others of its group. */
struct rh_shared_line {
	uint64_t group;         /* from 1; members of a group follow each other */
	const char *identifier; /* "e-mail address", "source id" … */
	bool is_carried; /* false: the target does not hold it, and nobody is refused for it */
	const char *source_id;
	const char *state; /* planned, refused, skipped */
	uint64_t record;
	unsigned file;
	const char *input; /* that file's path as it was given; "" where it is not known */
};
/* Return false to end the list. */
typedef bool rh_shared_fn(void *context, const struct rh_shared_line *line);
/* All groups of the plan in hand. */
RH_API RH_NODISCARD int rh_migration_shared(struct rh_migration *migration, rh_shared_fn *fn,
					    void *context, struct rh_err *err);
/* Can the plan in hand still be applied?  RH_EMISMATCH: another plan was applied since it was made. */
RH_API RH_NODISCARD int rh_migration_can_apply(struct rh_migration *migration, struct rh_err *err);
/* Applies the plan in hand (rh_migration_plan or rh_migration_load_plan first), or goes on with it.
 * RH_OK: the end was reached (look at the counts); RH_EINTERRUPTED, RH_ENET, RH_EDENIED …: stopped, with the
 * counts so far.  RH_EMISMATCH: the source changed since the plan. */
RH_API RH_NODISCARD int rh_migration_apply(struct rh_migration *migration,
					   struct rh_run_counts *out, struct rh_err *err);
/* The last source id before which the apply of this migration left nothing open, in the order of the source: what
 * "resume-after" takes.  "": none. */
RH_API const char *rh_migration_settled(struct rh_migration *migration);
/* The tenant that an undo has to confirm, as the ledger has noted it in production; asks nobody.  "": none. */
RH_API const char *rh_migration_tenant_to_confirm(struct rh_migration *migration);
/* Which process is at work on the workspace now: its number, host and since when.  "": none. */
RH_API const char *rh_migration_at_work(struct rh_migration *migration);
/* What became of the one account that goes first where the form of a hash is uncertain. */
enum rh_canary_verdict {
	RH_CANARY_NONE,   /* nothing was learnt yet */
	RH_CANARY_TAKEN,  /* the target took the hash; whether it works, only a sign-in shows */
	RH_CANARY_PROVEN, /* a known password signed in */
	RH_CANARY_FAILED, /* refused, or the known password was: the others are held back */
};
struct rh_canary_line {
	const char *scheme;
	const char *verdict; /* "none", "taken", "proven", "failed" */
	enum rh_canary_verdict what;
	const char *source_id; /* of the account; "" */
	const char *other;     /* the provider's option and value to try next, "name value"; "" */
};
/* Canaries of the last apply, one for each uncertain scheme; false at the end. */
RH_API bool rh_migration_canary(struct rh_migration *migration, size_t index,
				struct rh_canary_line *out);
/* Reads the target back and compares field by field with what was written. */
RH_API RH_NODISCARD int rh_migration_verify(struct rh_migration *migration,
					    struct rh_run_counts *out, struct rh_err *err);
/* Asks the target whose key it is: the tenant, or "" where it does not say.  The text lives with the migration. */
RH_API RH_NODISCARD int rh_migration_ask_tenant(struct rh_migration *migration, const char **out,
						struct rh_err *err);
/* Does the next undo remove also who has signed in since? */
RH_API void rh_migration_undo_removes_users(struct rh_migration *migration, bool removes);
/* Removes what this migration created, and nothing else; who has signed in since stays. */
RH_API RH_NODISCARD int rh_migration_undo(struct rh_migration *migration, struct rh_run_counts *out,
					  struct rh_err *err);
/* What an export wrote. */
struct rh_export_counts {
	uint64_t accounts; /* in the archive */
	uint64_t refused;  /* of these, whom a plan of it would refuse */
	uint64_t broken;   /* records that are none, or have no id: not in the archive */
	bool is_sealed;
};
/* A record that is not in the archive; `number` within file number `file`, from 1 and 0. */
typedef void rh_export_broken_fn(void *context, unsigned file, uint64_t number, uint64_t line,
				 const char *why);
/* Reads the source to its end and writes it as a neutral archive (docs/archive.md) into a folder that holds none yet.
 * `broken` (may be NULL) is called for each record that cannot be in it.  On failure nothing of it stays. */
RH_API RH_NODISCARD int rh_migration_export(struct rh_migration *migration, const char *folder,
					    rh_export_broken_fn *broken, void *context,
					    struct rh_export_counts *out, struct rh_err *err);
/* Where it stands; asks nobody. */
RH_API RH_NODISCARD int rh_migration_status(struct rh_migration *migration,
					    struct rh_run_counts *out, struct rh_err *err);
/* The exit code that the command line gives for these results. */
RH_API enum rh_exit rh_plan_exit(int code, const struct rh_plan_counts *counts);
RH_API enum rh_exit rh_run_exit(int code, const struct rh_run_counts *counts);

/* ---- what became of each ------------------------------------------------------------------------------ */

struct rh_account_line {
	const char *source_id;
	const char *target_id; /* "" until known */
	/* planned, intended, deferred, unknown, done, verified, differs, missing, rejected, conflict,
	 * undo-intended, undone, kept, refused, skipped, left-out, partial; of a change also updated, restored, gone;
	 * beside its own state blocked-since */
	const char *state;
	const char *origin;  /* created, linked …; "" */
	const char *code;    /* finding "RH0205", or the provider's code; "" */
	const char *reason;  /* constant text; "" */
	const char *note;    /* what of it, a constant text, too; "" */
	const char *path;    /* where in the record; "" */
	const char *dropped; /* parts left out, joined by ','; "" */
	uint64_t record;     /* record number in its file */
	unsigned file;       /* index among the inputs of its plan */
	const char *input;   /* that file's path as it was given; "" where it is not known */
	bool is_update; /* of a change, or blocked-since; the account has a line beside this one */
};
/* Return false to end the walk. */
typedef bool rh_account_fn(void *context, const struct rh_account_line *line);
/* Every account that has a ledger row or a plan exception, ledger first; `state` NULL: all; `source_id`
 * NULL: all. */
RH_API RH_NODISCARD int rh_migration_accounts(struct rh_migration *migration, const char *state,
					      const char *source_id, rh_account_fn *fn,
					      void *context, struct rh_err *err);

/* What the ledger has of an entity (entity.h); texts live for the call. */
struct rh_entity_line {
	const char *kind;
	const char *source_id;
	const char *target_id; /* "": not known */
	const char *state; /* rh_state_name; "differs", "missing": as the last verify found it */
	const char *origin;
	const char *code; /* of the last refusal; "differs" of a linked one that has other fields */
	uint64_t record;  /* record number in its stream */
};
/* Return false to end the list. */
typedef bool rh_entity_fn(void *context, const struct rh_entity_line *line);
/* Every entity of one kind, by its name ("organization"), that has a ledger row. */
RH_API RH_NODISCARD int rh_migration_entities(struct rh_migration *migration, const char *kind,
					      rh_entity_fn *fn, void *context, struct rh_err *err);

/* ---- what the source says again ------------------------------------------------------------------------ */

/* A finding of one account, as the newest plan has it. */
struct rh_finding_line {
	const char *source_id; /* "": the record has none */
	const struct rh_finding_info *info;
	const char *note;  /* scheme, provider, reason; "" */
	const char *path;  /* where in the record; "" */
	const char *state; /* as of rh_account_line: what became of the account */
	uint64_t record;
	unsigned file;
	const char *input;
};
typedef bool rh_finding_fn(void *context, const struct rh_finding_line *line);
/* Everybody of whom the newest plan says something, in the order of the source, which is read again, and behind them
 * those who share something that costs nobody anything; the target is asked nothing.  `codes`: ids of findings, joined by ','; NULL: all.  RH_EMISMATCH: inputs or options are not those
 * of the plan. */
RH_API RH_NODISCARD int rh_migration_findings(struct rh_migration *migration, const char *codes,
					      rh_finding_fn *fn, void *context, struct rh_err *err);

enum rh_record_form {
	RH_RECORD_ARRAY, /* a value of a JSON array */
	RH_RECORD_LINES, /* one JSON value after the other */
	RH_RECORD_CELLS, /* a row */
};

/* A record as it stands in its input. */
struct rh_record_text {
	struct rh_str text; /* absent: there is none, or it was too large to keep */
	const char *input;
	enum rh_record_form form;
	const char *wrapper;  /* ARRAY: the member that holds the array; NULL: none */
	char separator;       /* CELLS */
	struct rh_str header; /* CELLS: as read, without its line end */
};

struct rh_reject {
	const struct rh_account_line *line;
	bool is_broken;   /* not a record */
	bool is_id_taken; /* another record of the input has its id */
	bool is_sound;    /* nothing in the record needs mending: no text (RH0616) */
	bool is_unread;   /* in the input of an earlier plan, which is not as it was: no text */
	struct rh_record_text record;
	struct rh_record_text joined; /* what a joined input has of it; text absent: nothing */
};
typedef bool rh_reject_fn(void *context, const struct rh_reject *reject);
/* The records of everybody in one of `states` (as of rh_account_line, joined by ','), in the order of the source,
 * which is read again as above; then of those whom the newest plan carries on of earlier ones, from their inputs.  They hold people's data and hashes. */
RH_API RH_NODISCARD int rh_migration_rejects(struct rh_migration *migration, const char *states,
					     rh_reject_fn *fn, void *context, struct rh_err *err);

/* RH_EUSAGE: the file is an input of a plan of this migration, or lies in its workspace; nothing else may be written
 * there. */
RH_API RH_NODISCARD int rh_migration_check_out(struct rh_migration *migration, const char *path,
					       struct rh_err *err);

/* Options in force of the newest plan that are not the default: those that shape the outcome, without those that
 * choose accounts, and those that say where the target is and whose; false at the end.  To be called after one of
 * the two above. */
RH_API bool rh_migration_in_force(struct rh_migration *migration, size_t index, const char **name,
				  const char **value);

/* Was the plan in hand made by an older version, in a form that cannot be applied?  *chose_out: it left accounts out, by
 * options that rh_migration_in_force does not name. */
RH_API bool rh_migration_plan_is_older(const struct rh_migration *migration, bool *chose_out);
/* The inputs, as given or as the plan has them; NULL: no more. */
RH_API const char *rh_migration_input(const struct rh_migration *migration, size_t index);

/* Migrations below a folder: names of workspaces under ".rehome", joined by '\n'; caller frees with
 * rh_text_free.  */
RH_API RH_NODISCARD int rh_workspaces(const char *folder, char **out, struct rh_err *err);
RH_API void rh_text_free(char *text);

/* ---- providers ------------------------------------------------------------------------------------------ */

/* Connectors in the order of the registry; NULL at the end. */
RH_API const struct rh_connector *rh_connector_at(size_t index);
RH_API const struct rh_connector *rh_connector_find(const char *name); /* NULL: not there */

#ifdef __cplusplus
}
#endif

#endif
