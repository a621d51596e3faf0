/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine keeps of one operation, and the lists that such jobs stand in. */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include <rehome/connector.h>

#include "base/arena.h"
#include "base/json.h"

struct rh_job {
	struct rh_job *next;
	struct rh_job *previous;
	rh_time at;     /* waiting: steady */
	uint64_t order; /* its place: when it was submitted; 0: before all others */
	struct rh_operation op;
	struct rh_row row;
	struct rh_arena arena;
	struct rh_json json;
	struct rh_answer answer; /* its request is the one to send */
	struct rh_str idempotency;
	unsigned attempts;     /* AWAY in a row that count (engine.c, E9) */
	uint64_t answers_seen; /* of the engine, at the last AWAY */
	uint64_t token_number; /* flying: of the token that it was sent with */
	bool is_auth;
	bool reauthed;    /* since the last answer but 401 */
	bool has_written; /* engine.c, E8 */
	bool was_held;    /* engine.c, E10 */
	void (*observed)(void *context, struct rh_job *job, struct rh_operation *operation);
	void (*done)(void *context, struct rh_operation *operation, const struct rh_answer *answer);
	void *context;
};

struct rh_job_list {
	struct rh_job *first;
	struct rh_job *last;
	unsigned count;
};

struct rh_job *rh_job_new(void); /* NULL: memory out */
/* As new, memory kept; wipes. */
void rh_job_clear(struct rh_job *job);
void rh_job_free(struct rh_job *job);

/* A job stands in one list at most. */
void rh_job_list_push(struct rh_job_list *list, struct rh_job *job);
void rh_job_list_push_front(struct rh_job_list *list, struct rh_job *job);
/* Keeps the list sorted by `at`; equals keep their order. */
void rh_job_list_insert_by_time(struct rh_job_list *list, struct rh_job *job);
/* Keeps the list sorted by `order`. */
void rh_job_list_insert_by_order(struct rh_job_list *list, struct rh_job *job);
void rh_job_list_remove(struct rh_job_list *list, struct rh_job *job);
/* Frees what stands in it. */
void rh_job_list_done(struct rh_job_list *list);

#endif
