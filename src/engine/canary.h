/* SPDX-License-Identifier: Apache-2.0 */
/* One account first, where the form of a hash at the target is uncertain. */
#ifndef ENGINE_CANARY_H
#define ENGINE_CANARY_H

#include "engine/run.h"
#include "plan/proofs.h"

#define RH_CANARIES_MAX 8

struct rh_canary {
	enum rh_scheme scheme;
	enum rh_canary_verdict verdict;
	int64_t row;            /* of the account that goes first; 0: none is chosen */
	struct rh_proof *proof; /* its known password; NULL: none */
	unsigned tries;
	bool is_exhausted;   /* nobody of the scheme is left to write */
	char source_id[128]; /* of the account, cut */
};

struct rh_canaries {
	struct rh_canary items[RH_CANARIES_MAX];
	size_t count;
	bool wants_proof; /* this pass takes accounts with a known password only */
	bool is_first;    /* a pass for canaries: nobody else is written */
	uint64_t held;    /* accounts held back by this run */
};

/* "none", "taken", "proven", "failed". */
const char *rh_canary_verdict_name(enum rh_canary_verdict verdict);
/* The uncertain schemes of the plan, and what earlier runs learnt of them with the same options. */
RH_NODISCARD int rh_canaries_begin(struct rh_run *run, const struct rh_plan *plan,
				   struct rh_canaries *out, struct rh_err *err);
/* NULL: the scheme is certain, or there are no canaries at all. */
struct rh_canary *rh_canaries_of(struct rh_canaries *canaries, enum rh_scheme scheme);
/* Is another pass worth it? */
bool rh_canaries_are_wanted(const struct rh_canaries *canaries);
/* Offers an account of the scheme.  1: it goes first, which is noted; 0: it does not; < 0: error. */
RH_NODISCARD int rh_canaries_take(struct rh_run *run, const struct rh_plan *plan,
				  enum rh_scheme scheme, struct rh_proof *proof, int64_t row,
				  struct rh_err *err);
/* After the passes: do the others of the scheme wait? */
bool rh_canaries_hold(const struct rh_canaries *canaries, enum rh_scheme scheme);
void rh_canaries_next_pass(struct rh_canaries *canaries, bool wants_proof);
/* Needs the pass nobody more? */
bool rh_canaries_are_chosen(const struct rh_canaries *canaries);
/* Before the first pass: those that were chosen by a run that was killed. */
RH_NODISCARD int rh_canaries_recall(struct rh_run *run, const struct rh_plan *plan,
				    struct rh_canaries *canaries, struct rh_err *err);
/* After a pass. */
RH_NODISCARD int rh_canaries_judge(struct rh_run *run, const struct rh_plan *plan,
				   struct rh_canaries *canaries, struct rh_err *err);

#endif
