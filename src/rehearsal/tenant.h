/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tenant: one provider as one customer sees it.  Everything between the parsed request and the ready answer
 * happens here, without a socket; server.c only moves bytes.
 *
 * The order for each request:
 *   1. Host must name this machine (a page of the web that gets a name pointed here is refused).
 *   2. /_rehearsal/ goes to control.c; it is in no figure and meets no fault.
 *   3. A fault that replaces the answer, unless it is to come after the work.
 *   4. Key, then route, then the rate windows, then a repeated Idempotency-Key, then the handler.
 *   5. A fault that spoils the answer.
 */
#ifndef REHEARSAL_TENANT_H
#define REHEARSAL_TENANT_H

#include "rehearsal/fault.h"
#include "rehearsal/imitation.h"

#define RH_TOKEN_SIZE 33 /* 16 random bytes in hex, and NUL */

struct rh_clock;

struct rh_figures {
	uint64_t requests;
	uint64_t reads;
	uint64_t writes;      /* received, whatever became of them */
	uint64_t writes_done; /* answered 2xx (or would have been, but for a fault) */
	uint64_t first_write; /* when, in ms since 1970 on this server's clock; 0: never */
	uint64_t last_write;
	uint64_t repeats;  /* answered from memory for their Idempotency-Key */
	uint64_t too_many; /* answers 429 */
	uint64_t unauthorized;
	uint64_t mails; /* that the provider would have sent */
	uint64_t sign_ins;
	uint64_t sign_ins_refused;
	uint64_t faults;
	uint64_t in_flight;
	uint64_t peak_in_flight;
};

/* Answers of one route by the class of their status. */
struct rh_route_figures {
	uint64_t requests;
	uint64_t by_class[6]; /* [2]: 2xx …, [0]: none sent */
};

/* What all tenants of one rehearsal share. */
struct rh_stage {
	struct rh_clock *clock;
	rh_time start_now;
	rh_time start_steady;
	double speed;
	int64_t advance_us;
	struct rh_limits_mode limits;
	char token[RH_TOKEN_SIZE];
	const char *state_path; /* NULL: none */
	bool is_changed;        /* since the state was saved */
	struct rh_tenant *tenants;
	size_t tenant_count;
};

struct rh_tenant {
	struct rh_stage *stage;
	const struct rh_imitation *imitation;
	unsigned number; /* among the tenants of the same provider */
	struct rh_environment environments[RH_ENVIRONMENTS_MAX];
	struct rh_faults faults;
	struct rh_figures figures;
	struct rh_route_figures routes[RH_ROUTES_MAX + 1]; /* the last: no such route */
	unsigned char switches[RH_SWITCHES_MAX];
	uint64_t last_id_ms; /* of the newest id, and its random part */
	uint64_t last_id_high;
	uint64_t last_id_low;
	uint64_t random_state;
};

/* Clock NULL: the machine's.  Draws the token. */
void rh_stage_init(struct rh_stage *stage, struct rh_clock *clock, double speed);
rh_time rh_stage_now(const struct rh_stage *stage);

RH_NODISCARD int rh_tenant_init(struct rh_tenant *tenant, struct rh_stage *stage,
				const struct rh_imitation *imitation, unsigned number);
void rh_tenant_done(struct rh_tenant *tenant); /* accepts a zeroed one */

/* A request has begun to come in, its answer has gone: for the peak in flight. */
void rh_tenant_enter(struct rh_tenant *tenant);
void rh_tenant_leave(struct rh_tenant *tenant);
/* Is the path one of control.c's? */
bool rh_tenant_is_control(struct rh_str path);
/* Answers the call, whose request is complete. */
void rh_tenant_answer(struct rh_tenant *tenant, struct rh_call *call);

#endif
