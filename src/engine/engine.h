/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that steps operations, paces and sends their requests, waits, and hands back outcomes. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <rehome/connector.h>

struct rh_load;
struct rh_clock;
struct rh_engine;
struct rh_job;
struct rh_transport;

struct rh_engine_options {
	const struct rh_connector *connector;
	const void *instance;
	struct rh_transport *transport; /* taken: freed with the engine */
	struct rh_clock *clock;
	bool is_source; /* messages speak of the source, not of the target */
	/* requests per second of every bucket that writes draw from; 0: as documented */
	uint64_t rate;
	unsigned concurrency; /* 0: the endpoint's or ours */
	int64_t max_wait_us;  /* pauses in a row before the lane gives up (RH_ENET); 0: 15 min */
	/* AWAY of one request while others are answered; 0: 5 */
	unsigned attempts_max;
	const volatile int *stop; /* 0 go, 1 drain, 2 abandon; may be NULL */
	int wake_fd;              /* readable when stop changed; -1: none */
};

/* What an operation needs to begin; texts are borrowed until it ended. */
struct rh_job_spec {
	enum rh_kind kind;
	enum rh_verb verb;
	struct rh_row row; /* user-like verbs; one row */
	bool has_row;
	/* several rows instead (as many as caps.rows_max says), borrowed and answered in place; NULL: `row` */
	struct rh_row *rows;
	size_t row_count;
	struct rh_str cursor;      /* list */
	struct rh_str idempotency; /* absent: none; put on the writing request */
	int64_t delay_us;          /* from now, before the first step */
	/* Update: what stands there was read (connector.h, C13), the job is HELD until it is let go or ended, in this
	 * call or later.  `operation` is valid until then. */
	void (*observed)(void *context, struct rh_job *job, struct rh_operation *operation);
	/* Called once, from within rh_engine_turn.  `operation` is valid during the call. */
	void (*done)(void *context, struct rh_operation *operation, const struct rh_answer *answer);
	void *context;
};

struct rh_engine_counts {
	uint64_t writes; /* writing requests started */
	uint64_t reads;
	uint64_t throttled; /* 429 */
	uint64_t away;      /* requests that certainly failed */
	unsigned in_flight;
	unsigned peak;
	unsigned queued;
};

RH_NODISCARD int rh_engine_new(struct rh_engine **out, const struct rh_engine_options *options,
			       struct rh_err *err);
void rh_engine_free(struct rh_engine *engine); /* abandons what flies; accepts NULL */
/* Queues an operation.  `done` always follows, unless the engine is freed before.  After an error that ended
 * the run that error. */
RH_NODISCARD int rh_engine_submit(struct rh_engine *engine, const struct rh_job_spec *spec,
				  struct rh_err *err);
/* Steps, sends, waits at most max_wait_ms, delivers.  An error ends the run: RH_EDENIED, RH_ENET (the
 * target is away or refuses for longer than max_wait), RH_EINTERNAL; everything still queued is then
 * delivered with the outcome it has (certainly not accepted, or UNKNOWN). */
RH_NODISCARD int rh_engine_turn(struct rh_engine *engine, int max_wait_ms, struct rh_err *err);
/* From now on as if stop were 1 at least (engine.c, E7). */
void rh_engine_drain(struct rh_engine *engine);
/* A HELD job may write now.  What was committed is committed: nothing leaves before this call. */
void rh_engine_let_go(struct rh_engine *engine, struct rh_job *job);
/* A HELD job ends without a write: `done` follows at once, with the answer OBSERVED and outcomes NONE. */
void rh_engine_end(struct rh_engine *engine, struct rh_job *job);
/*
 * For a `done` that has work to do with its answer: lets leave what may, and delivers nothing.  What was submitted
 * before is on its way meanwhile.
 */
void rh_engine_push(struct rh_engine *engine);
/* Operations not delivered yet. */
size_t rh_engine_open(const struct rh_engine *engine);
void rh_engine_count(const struct rh_engine *engine, struct rh_engine_counts *out);
/* Last Date header seen, carried forward by our steady clock: the target's now; 0: not known. */
rh_time rh_engine_target_now(const struct rh_engine *engine);
/* Constant text of what the lane waits for, when that is longer than a second; else NULL. */
const char *rh_engine_notice(const struct rh_engine *engine);
/* Time that it needs at the lane's pace; -1: not limited. */
int64_t rh_engine_predict_us(const struct rh_engine *engine, const struct rh_load *load);

/* Submits one operation and turns until nothing is open; for callers that have nothing else to do. */
RH_NODISCARD int rh_engine_run(struct rh_engine *engine, const struct rh_job_spec *spec,
			       struct rh_err *err);

#endif
