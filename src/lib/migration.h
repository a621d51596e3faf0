/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind struct rh_migration, for the files of lib/. */
#ifndef LIB_MIGRATION_H
#define LIB_MIGRATION_H

#include <rehome/rehome.h>

#include "base/arena.h"
#include "base/buf.h"
#include "config/settings.h"
#include "engine/canary.h"
#include "engine/run.h"
#include "engine/tenant.h"
#include "plan/plan.h"

#define RH_ARCHIVES_MAX 16
#define RH_PENDING_MAX 128
#define RH_SETTINGS_MAX 64
#define RH_PLAN_LIMIT (64U * 1024 * 1024) /* bytes of a plan's file */

/* An option that waits for its connector, or one that was given. */
struct rh_pending {
	const char *name;  /* with its prefix, as given */
	const char *value; /* secret or not: wiped with the arena */
	bool is_restored;  /* from a plan: counts only where nothing else is given */
};

/* One side of the migration. */
struct rh_side {
	const struct rh_connector *connector;
	void *instance; /* instance_size bytes, in the arena */
	bool is_open;
	const char *key_from; /* where the secret came from */
};

struct rh_archive;

struct rh_migration {
	struct rh_arena arena; /* wiped: holds secrets */
	struct rh_settings settings;
	bool is_given[RH_SETTINGS_MAX]; /* by index in the table of settings */
	struct rh_pending pending[RH_PENDING_MAX];
	size_t pending_count;
	struct rh_env *dotenv;
	bool use_environment;
	struct rh_side source;
	struct rh_side target;
	/* records beside people, by whoever reads the source; `open` NULL: it is people alone */
	struct rh_tenant_source tenant;
	struct rh_endpoint endpoint;
	bool has_met_source;         /* a living one was asked whose it is */
	struct rh_str source_tenant; /* as it says, or its options; absent: not known */
	struct rh_workspace workspace;
	struct rh_ledger *ledger;
	/* the ledger is open for reading only, or without knowing whose it is */
	bool is_provisional;
	/* the sides are open for mapping alone: an address may come from a stranger's plan */
	bool asks_nobody;
	bool is_named; /* settings.workspace is the default name */
	struct rh_lock *lock;
	struct rh_plan plan;
	bool has_plan;
	int64_t revision;            /* that is looked at; 0: the newest */
	struct rh_canaries canaries; /* of the last apply */
	struct rh_clock *clock;
	volatile int stop;
	int wake_fd; /* eventfd */
	bool undo_removes_users;
	rh_progress_fn *progress;
	void *progress_context;
	struct rh_buf at_work; /* who held the lock when that was asked last */
	struct rh_buf settled; /* the last id before which an apply left nothing open */
	struct rh_buf text;    /* backs texts that are handed out */
	/* archives that are read, each checked when it is opened first */
	struct rh_archive *archives[RH_ARCHIVES_MAX];
	const char *archive_paths[RH_ARCHIVES_MAX]; /* in the arena */
	size_t archive_count;
};

enum rh_need {
	RH_NEED_LEDGER,     /* read the ledger, ask nobody */
	RH_NEED_TARGET,     /* talk to the target; writes the ledger: takes the lock */
	RH_NEED_SOURCE = 4, /* read the source, too */
	RH_NEED_MAY_BE_OFFLINE =
		8,         /* with --offline the target is asked nothing: no key is needed */
	RH_NEED_LIVE = 16, /* a living source is asked, too: its key is needed */
};

/* The caller's error detail, empty; or `own`, where the caller wants none. */
struct rh_err *rh_migration_err(struct rh_err *err, struct rh_err *own);

/* Is there a provider option of this name ("acme-secret-key", "from-…", "to-…")? */
bool rh_pending_is_known(const char *name);
/* Keeps a provider option until its connector is known; `is_restored`: it comes from a plan and is weaker than
 * what is given. */
RH_NODISCARD int rh_pending_keep(struct rh_migration *migration, const char *name,
				 const char *value, bool is_restored, struct rh_err *err);
/* The last value of "<prefix>-<name>" of that origin; NULL: none. */
const char *rh_pending_find(const struct rh_migration *migration, const char *prefix,
			    const char *name, bool is_restored);
/* The file of a plan of the workspace, 0: the newest; *out stays empty when there is none. */
RH_NODISCARD int rh_migration_plan_path(const struct rh_migration *migration, int64_t revision,
					struct rh_buf *out, struct rh_err *err);
/* Completes options, opens what is needed.  May be called again. */
RH_NODISCARD int rh_migration_prepare(struct rh_migration *migration, unsigned need,
				      struct rh_err *err);
/* The connectors that the options name. */
RH_NODISCARD int rh_migration_find_sides(struct rh_migration *migration, struct rh_err *err);
/* Both sides, open as far as `need` asks. */
RH_NODISCARD int rh_migration_open_sides(struct rh_migration *migration, unsigned need,
					 struct rh_err *err);
struct rh_ledger_identity rh_migration_identity(const struct rh_migration *migration);
/* live.c: is the source's API read, for this plan or the one in hand? */
bool rh_migration_is_live(const struct rh_migration *migration);
/* Its streams become inputs; nothing where it is not read. */
RH_NODISCARD int rh_migration_add_live(struct rh_migration *migration, struct rh_err *err);
/* The workspace's default name into settings.workspace, or the one where this migration is already. */
RH_NODISCARD int rh_migration_name_workspace(struct rh_migration *migration,
					     const struct rh_ledger_identity *identity,
					     struct rh_err *err);
/* Reads the source's API into the workspace (engine/harvest.h); *counts gets what was read. */
RH_NODISCARD int rh_migration_harvest(struct rh_migration *migration, const struct rh_run *run,
				      struct rh_plan_counts *counts, struct rh_err *err);
/* Opens the source, and asks a living one whose it is, once. */
RH_NODISCARD int rh_migration_open_source_side(struct rh_migration *migration, unsigned need,
					       struct rh_err *err);
/* api.c: a run of this migration, as far as it is prepared. */
void rh_migration_start_run(struct rh_migration *migration, struct rh_run *run);
/* Opens both sides for mapping alone: neither is spoken to and no key is needed. */
RH_NODISCARD int rh_migration_open_mapping(struct rh_migration *migration, struct rh_err *err);
/* RH_EMISMATCH: the options that shape the outcome are not those of the plan in hand. */
RH_NODISCARD int rh_migration_check_options(struct rh_migration *migration, struct rh_err *err);
/* revision 0: read for a new plan; else for this one. */
void rh_migration_source_options(struct rh_migration *migration, int64_t revision,
				 struct rh_source_options *out);
/* The newest plan of the workspace becomes the plan in hand, unless there is one. */
RH_NODISCARD int rh_migration_load_newest(struct rh_migration *migration, struct rh_err *err);

/* Opens the source alone, and the archive as what is written (RH_CAP_ARCHIVE): its options hold, nobody is spoken to. */
RH_NODISCARD int rh_migration_prepare_export(struct rh_migration *migration, struct rh_err *err);
/* archives.c: rh_source_options.open_folder; context: the migration. */
RH_NODISCARD int rh_migration_open_archive(void *context, const char *path, struct rh_bytes **out,
					   struct rh_err *err);
/* The secret that the options of a side name, absent: none; the file's bytes live in `room`. */
struct rh_archive_secret;
RH_NODISCARD int rh_migration_archive_secret(const struct rh_side *side, struct rh_buf *room,
					     struct rh_archive_secret *out, struct rh_err *err);
void rh_migration_close_archives(struct rh_migration *migration);

/* Texts that a line borrows; `dropped` is initialised by its owner. */
struct rh_line_texts {
	char state[32];
	char note[RH_COLLECT_NOTE_MAX];
	struct rh_buf dropped;
};
/* What the ledger's row, or the plan's exception, says of an account.  False: of an update that the account's own
 * line tells already. */
bool rh_line_from_row(const struct rh_migration *migration, const struct rh_ledger_row *row,
		      struct rh_line_texts *texts, struct rh_account_line *out);
void rh_line_from_exception(const struct rh_migration *migration,
			    const struct rh_exception *exception, struct rh_account_line *out);
/* The source, from its start: revision 0 for a new plan, else as that one read it. */
RH_NODISCARD int rh_migration_open_source(struct rh_migration *migration, int64_t revision,
					  struct rh_source **out, struct rh_err *err);
/* A known password that does not fit says that hashes are read, or would be written, in a wrong way: RH_ESTATE. */
RH_NODISCARD int rh_migration_check_proofs(struct rh_migration *migration, struct rh_err *err);
/* Canaries, everybody, sign-ins. */
RH_NODISCARD int rh_migration_write(struct rh_migration *migration, struct rh_run *run,
				    struct rh_source *source, struct rh_run_counts *out,
				    struct rh_err *err);
/* tenant.c.  Plans what the source has beside people; both numbers grow with it. */
RH_NODISCARD int rh_migration_plan_tenant(struct rh_migration *migration, struct rh_run *run,
					  struct rh_plan_builder *builder, uint64_t *reads,
					  int64_t *predicted_us, struct rh_err *err);
/* Writes one half of it; *out are the run's counts, should it break off. */
RH_NODISCARD int rh_migration_write_tenant(struct rh_migration *migration, struct rh_run *run,
					   enum rh_tenant_half half, struct rh_tenant_run *tally,
					   struct rh_run_counts *out, struct rh_err *err);
/* The counts once more, after the second half. */
RH_NODISCARD int rh_migration_count_tenant(struct rh_migration *migration, struct rh_run *run,
					   const struct rh_tenant_run *tally,
					   struct rh_run_counts *out, struct rh_err *err);
/* Accounts and entities, and known passwords after them. */
RH_NODISCARD int rh_migration_verify_all(struct rh_migration *migration, struct rh_run *run,
					 struct rh_run_counts *out, struct rh_err *err);
/* Entities around the accounts, backwards (engine/tenant.h, T8). */
RH_NODISCARD int rh_migration_undo_all(struct rh_migration *migration, struct rh_run *run,
				       struct rh_run_counts *out, struct rh_err *err);
/* Exit code of entities alone. */
enum rh_exit rh_migration_tenant_exit(const struct rh_run_counts *counts);
/* Closes ledger and lock. */
void rh_migration_release(struct rh_migration *migration);
/* Options of this plan of the workspace (0: the newest) that are not given now. */
RH_NODISCARD int rh_migration_restore(struct rh_migration *migration, int64_t revision,
				      struct rh_err *err);
void rh_migration_policy(const struct rh_migration *migration, struct rh_mapping_policy *out);

#endif
