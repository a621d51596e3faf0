/* SPDX-License-Identifier: Apache-2.0 */
/* Known test accounts with their passwords, from the file of --prove. */
#ifndef PLAN_PROOFS_H
#define PLAN_PROOFS_H

#include "plan/plan.h"

/* A handful of people who agreed: a sign-in of each is real. */
#define RH_PROOFS_MAX 1000

struct rh_proof {
	struct rh_str source_id; /* one of the two is there */
	struct rh_str email;     /* in compared form */
	struct rh_str password;
	uint64_t number; /* of the record in the file */
	bool is_met;     /* the account is one that moves */
	unsigned
		signed_in; /* engine/prove.c: 1 and what a sign-in of this run said; 0: none was made */
};

struct rh_proofs;

/*
 * Reads CSV (columns id or email, and password) or JSON records with these members, once; all of it is wiped at
 * the end.  RH_EINPUT names what is wrong by line, never the content; RH_EUSAGE: "-" and nothing in it.
 */
RH_NODISCARD int rh_proofs_open(struct rh_proofs **out, const char *path, struct rh_err *err);
void rh_proofs_close(struct rh_proofs *proofs); /* accepts NULL */
size_t rh_proofs_count(const struct rh_proofs *proofs);
struct rh_proof *rh_proofs_at(struct rh_proofs *proofs, size_t index);
/* Called ten times a second while a password is tried, and ends that with false. */
void rh_proofs_on_tick(struct rh_proofs *proofs, bool (*tick)(void *context), void *context);
/* The proof of this account; NULL: none, also where `proofs` is. */
struct rh_proof *rh_proofs_of(struct rh_proofs *proofs, struct rh_str source_id,
			      struct rh_str email);

/*
 * Tries the known password against the hash as the target would get it, in a process apart, and adds what came
 * out as a finding: PROVEN, PROOF_FAILED (which refuses), PROOF_IMPOSSIBLE.  RH_OK; RH_EINTERRUPTED when the tick
 * said so; RH_EIO, RH_ENOMEM.
 */
RH_NODISCARD int rh_proofs_try(struct rh_proofs *proofs, const struct rh_plan_inputs *inputs,
			       const struct rh_assessed *assessed, struct rh_collector *collector,
			       struct rh_err *err);
/* Adds those that were not met to the groups (PROOF_ABSENT). */
RH_NODISCARD int rh_proofs_conclude(struct rh_proofs *proofs, struct rh_groups *groups);

#endif
