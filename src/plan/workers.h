/* SPDX-License-Identifier: Apache-2.0 */
/* Worker processes: numbered stretches, done by whoever is free, taken in their order (apart.h, R5 and R6). */
#ifndef PLAN_WORKERS_H
#define PLAN_WORKERS_H

#include <rehome/types.h>

#define RH_WORKERS_MAX 4

struct rh_workers;

struct rh_workers_spec {
	unsigned count;     /* of processes, at most RH_WORKERS_MAX */
	uint64_t stretches; /* numbered from 0 */
	size_t room;        /* bytes that a stretch's answer may have */
	/* In a worker: does stretch `number`, and leaves its answer in `room` bytes of shared memory. */
	void (*work)(void *context, uint64_t number, uint8_t *answer);
	void *context;
	const int *fds; /* that `work` needs */
	size_t fd_count;
};

/* Processors that this process may use. */
unsigned rh_workers_processors(void);
/* NULL: the system has no room for them. */
struct rh_workers *rh_workers_start(const struct rh_workers_spec *spec);
/* Waits for the stretch that is the next in order; its answer stays until it is released.  While it waits, `tick` is called
 * now and then: false ends it with RH_EINTERRUPTED.  RH_EIO: a worker has ended. */
RH_NODISCARD int rh_workers_wait(struct rh_workers *workers, bool (*tick)(void *context),
				 void *context, const uint8_t **answer, struct rh_err *err);
/* The next stretch in order: its number. */
uint64_t rh_workers_next(const struct rh_workers *workers);
/* That stretch, which was waited for, is not needed any more. */
void rh_workers_release(struct rh_workers *workers);
/* Ends the processes; their memory goes with them.  Accepts NULL. */
void rh_workers_end(struct rh_workers *workers);

#endif
