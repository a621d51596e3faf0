/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the engine share: its state, its jobs' birth and end, the access token. */
#ifndef ENGINE_ENGINE_INTERNAL_H
#define ENGINE_ENGINE_INTERNAL_H

#include "base/arena.h"
#include "engine/engine.h"
#include "engine/job.h"
#include "engine/lane.h"

struct rh_engine {
	struct rh_engine_options options;
	struct rh_endpoint endpoint;
	struct rh_lane lane;
	/* one list for each state of the picture above */
	struct rh_job_list fresh;
	struct rh_job_list ready;   /* by `order` */
	struct rh_job_list waiting; /* by `at` */
	struct rh_job_list flying;
	struct rh_job_list held; /* E10 */
	struct rh_job *idle;     /* free list */
	uint64_t order;          /* the last one given */
	uint64_t answers;        /* that were neither a refusal nor "away" */
	bool is_draining;        /* rh_engine_drain */
	uint64_t chance;         /* the kernel is asked once */
	bool is_given_up;        /* stop level 2 was seen */
	struct rh_engine_counts counts;
	/* auth */
	bool has_auth_operation;
	bool auth_running;
	bool token_set;
	struct rh_arena token_arena;
	struct rh_str token;
	uint64_t token_number;
	rh_time token_renew_at; /* wall; 0: when a 401 says so */
	/* the target's clock */
	rh_time date;
	rh_time date_steady;
	struct rh_err fatal;
	bool is_fatal;
};

struct rh_job *rh_engine_take_job(struct rh_engine *engine); /* NULL: memory out */
void rh_engine_give_job(struct rh_engine *engine, struct rh_job *job);
/* The connector's own memory for an operation. */
bool rh_engine_make_state(struct rh_engine *engine, struct rh_job *job);
/* The first error that ends the run stays (E6). */
void rh_engine_fail(struct rh_engine *engine, int code, const char *message, const char *detail);

/* engine_auth.c (E5) */
void rh_engine_start_auth(struct rh_engine *engine);
void rh_engine_auth_ended(struct rh_engine *engine, struct rh_job *job);
/* Has the job the token that it needs?  Sets out to get one otherwise. */
bool rh_engine_has_token(struct rh_engine *engine, const struct rh_job *job);

#endif
