/* SPDX-License-Identifier: Apache-2.0 */
/* Faults on demand: what a test told the rehearsal to do wrong, to which requests and how often. */
#ifndef REHEARSAL_FAULT_H
#define REHEARSAL_FAULT_H

#include <rehome/types.h>

struct rh_json_node;
struct rh_json_writer;

enum rh_fault_kind {
	RH_FAULT_STATUS,           /* the status, a JSON message; with a 429 also Retry-After */
	RH_FAULT_RETRY_AFTER_NONE, /* 429 without Retry-After */
	RH_FAULT_RETRY_AFTER_DATE, /* 429, Retry-After as an HTTP-date */
	RH_FAULT_RESET_BEFORE,     /* connection reset, nothing was done */
	RH_FAULT_RESET_AFTER,      /* connection reset after the work was done */
	RH_FAULT_SLOW,             /* answered as usual, later */
	RH_FAULT_CUT,              /* done, but the body ends before its Content-Length */
	RH_FAULT_HTML,             /* a proxy's page in place of the answer */
	RH_FAULT_EMPTY,            /* the status and no body */
	RH_FAULT_KINDS,
};

enum {
	RH_FAULTS_MAX = 32,
	RH_FAULT_PATH_SIZE = 256,
	RH_FAULT_METHOD_SIZE = 16,
	RH_FAULT_BODY_SIZE = 1024,
};

struct rh_fault {
	enum rh_fault_kind kind;
	char method[RH_FAULT_METHOD_SIZE]; /* empty: every one */
	char path
		[RH_FAULT_PATH_SIZE]; /* with '*': a pattern of the whole path, else how it begins */
	char body
		[RH_FAULT_BODY_SIZE]; /* STATUS: JSON to answer; empty: the provider's usual words */
	unsigned status;
	uint64_t skip;  /* matching requests that still pass unharmed */
	uint64_t count; /* requests still to harm */
	bool is_endless;
	bool is_done; /* STATUS, HTML, EMPTY: only after the work was done */
	int64_t delay_us;
	uint64_t retry_after_s;
	uint64_t fired;
};

struct rh_faults {
	struct rh_fault faults[RH_FAULTS_MAX];
	size_t count;
};

/* Adds the fault that a JSON object describes; RH_EINPUT or RH_ELIMIT with the reason. */
RH_NODISCARD int rh_faults_add(struct rh_faults *faults, const struct rh_json_node *input,
			       struct rh_err *err);
/* The fault that this request meets (counted as fired), a copy; false: none.  Of several the oldest. */
bool rh_faults_take(struct rh_faults *faults, struct rh_str method, struct rh_str path,
		    struct rh_fault *out);
void rh_faults_reset(struct rh_faults *faults);
/* Array of what is set. */
void rh_faults_write(const struct rh_faults *faults, struct rh_json_writer *writer);

#endif
