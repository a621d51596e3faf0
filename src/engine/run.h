/* SPDX-License-Identifier: Apache-2.0 */
/* What apply, verify, undo and the survey share: the target's lane, the ledger, the events, the clock. */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include <rehome/rehome.h>

#include "engine/engine.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "plan/plan.h"

struct rh_buf;
struct rh_canaries;
struct rh_events;
struct rh_proofs;

/* Milliseconds that one turn may wait: how soon a signal, a progress line and a commit come at the latest. */
#define RH_TURN_MS 50

struct rh_run {
	const struct rh_connector *source;
	const void *source_instance;
	const struct rh_connector *target;
	const void *target_instance;
	bool is_source; /* a harvest's: the lane leads to the source, which is `target` then */
	const struct rh_settings *settings;
	struct rh_mapping_policy policy;
	const struct rh_workspace *workspace;
	struct rh_ledger *ledger;
	struct rh_lock *lock;     /* NULL: reading only */
	struct rh_events *events; /* NULL: none */
	struct rh_clock *clock;
	const volatile int *stop; /* 0 go, 1 drain, 2 abandon */
	int wake_fd;
	bool removes_users;       /* undo: also who has signed in since */
	rh_progress_fn *progress; /* may be NULL */
	void *progress_context;
	struct rh_canaries *canaries; /* apply: NULL: no hash is uncertain */
	struct rh_proofs *proofs;     /* known accounts; NULL: none */
	/* kept by the run */
	struct rh_engine *engine;
	bool is_draining; /* rh_run_drain */
	struct rh_buf
		*settled;   /* apply: the last id before which nothing is open; NULL: not wanted */
	uint64_t undo_runs; /* of this ledger, so far */
	rh_time started_at; /* steady */
	rh_time committed_at;    /* steady: since when what is queued waits at most */
	rh_time commit_after_us; /* how long it may */
	size_t pending;          /* that were queued when it was looked at last */
	rh_time shown_at;        /* steady: last progress */
	uint64_t rate_done[16];  /* ring of counts, one a second, for the rate shown */
	rh_time rate_at[16];
	unsigned rate_next;
};

/* Opens the lane to the target; `read_only`: no writing request passes. */
RH_NODISCARD int rh_run_open(struct rh_run *run, bool read_only, struct rh_err *err);
void rh_run_close(struct rh_run *run);
/* One turn of the engine; then commits settlements that wait long enough and lets the lock beat. */
RH_NODISCARD int rh_run_turn(struct rh_run *run, struct rh_err *err);
/* Turns until nothing is open. */
RH_NODISCARD int rh_run_finish(struct rh_run *run, struct rh_err *err);
/* Shows progress if it is time; `force` shows it anyway. */
void rh_run_show(struct rh_run *run, enum rh_phase phase, uint64_t done, uint64_t total,
		 bool force);
int rh_run_stop_level(const struct rh_run *run);
/* The first signal's stop, by the run itself: nothing more leaves, what flies is settled. */
void rh_run_drain(struct rh_run *run);
rh_time rh_run_now(const struct rh_run *run);
/* May we?  A reading request with the key: RH_EDENIED, RH_ENET … */
RH_NODISCARD int rh_run_probe(struct rh_run *run, struct rh_err *err);
/* Is this the target that the ledger's accounts are at?  RH_EMISMATCH when it names another tenant than the ledger has
 * noted, or when none of a few accounts that are read back is there.  `notes`: the tenant is noted. */
RH_NODISCARD int rh_run_check_target(struct rh_run *run, bool notes, struct rh_err *err);
/* The same, and whose key it is: *out, in the arena, absent where the target does not say. */
RH_NODISCARD int rh_run_ask_tenant(struct rh_run *run, struct rh_arena *arena, struct rh_str *out,
				   struct rh_err *err);
/* Walks all accounts of the target; `each` returns RH_OK or an error that ends the walk. */
RH_NODISCARD int rh_run_walk(struct rh_run *run, enum rh_phase phase, uint64_t total,
			     int (*each)(void *context, const struct rh_observed *observed,
					 struct rh_err *err),
			     void *context, struct rh_err *err);

/* L2: 22 letters, digits, "-" and "_" (128 bits), in the arena; for the row's content with these parts.  Short, as
 * libcurl takes longer for each byte of a head than we for the whole key.  What was undone has other keys: the target
 * may answer a key that it knows with the account that is gone. */
RH_NODISCARD int rh_run_idempotency(const struct rh_run *run, const struct rh_ledger_row *row,
				    unsigned parts, struct rh_arena *arena, struct rh_str *out,
				    struct rh_err *err);
/* L10: is an account that was found under the row's external id ours?  The target's clock counts whole seconds
 * only, so its content must be what the row intended, too.  Of the row: target_at, intended_at, attempts, wire, and as
 * settled_at when its last request was given up, 0: nobody knows (a kill). */
enum rh_origin rh_run_origin(const struct rh_run *run, const struct rh_ledger_row *row,
			     const struct rh_observed *observed, bool was_absent);

/* The ways. */
RH_NODISCARD int rh_survey(struct rh_run *run, struct rh_plan_builder *builder, uint64_t *reads,
			   int64_t *predicted_us, struct rh_err *err);
/* What the target's settings say (connector.h, C14), asked once and with little patience: *out is not read where the
 * target does not tell, whatever the reason.  RH_OK, RH_EINTERRUPTED, RH_ENOMEM. */
RH_NODISCARD int rh_survey_settings(const struct rh_run *run, struct rh_settings_there *out,
				    struct rh_err *err);
/* How long what is to be written by now will take, as the provider documents its limits. */
RH_NODISCARD int rh_survey_predict(struct rh_run *run, struct rh_plan_builder *builder,
				   int64_t *predicted_us, struct rh_err *err);
/* Without a request: how long the writes will take as the provider documents its limits. */
RH_NODISCARD int rh_survey_offline(struct rh_run *run, struct rh_plan_builder *builder,
				   int64_t *predicted_us, struct rh_err *err);
RH_NODISCARD int rh_apply(struct rh_run *run, const struct rh_plan *plan, struct rh_source *source,
			  struct rh_run_counts *out, struct rh_err *err);
RH_NODISCARD int rh_verify(struct rh_run *run, const struct rh_plan *plan,
			   struct rh_run_counts *out, struct rh_err *err);
RH_NODISCARD int rh_undo(struct rh_run *run, struct rh_run_counts *out, struct rh_err *err);
/* Adds one to undo_runs, durably. */
RH_NODISCARD int rh_run_note_undo(struct rh_run *run, struct rh_err *err);
/* The end of a way: commits what is settled, writes out the events, and counts. */
RH_NODISCARD int rh_run_conclude(struct rh_run *run, const struct rh_plan *plan,
				 struct rh_run_counts *out, struct rh_err *err);
/* What a way returns: how it went, else how its conclusion went; *err (may be NULL) is that of the two.  What
 * the network refused while a stop was asked for is an interruption. */
int rh_run_result(const struct rh_run *run, int code, const struct rh_err *own, int concluded,
		  const struct rh_err *later, struct rh_err *err);
/* Ledger fact: the tenant whose key wrote last, where the target tells. */
#define RH_FACT_TENANT "tenant"
/* Ledger fact: number of the revision that an apply has walked to its end. */
#define RH_FACT_WALKED "walked"
/* Counts of the ledger and the plan (may be NULL) together. */
RH_NODISCARD int rh_run_counts(struct rh_ledger *ledger, const struct rh_plan *plan,
			       struct rh_run_counts *out, struct rh_err *err);

#endif
