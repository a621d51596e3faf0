/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-ins of known test accounts at the target. */
#ifndef ENGINE_PROVE_H
#define ENGINE_PROVE_H

#include "engine/run.h"
#include "plan/proofs.h"

/* What one sign-in said. */
enum rh_proved {
	RH_PROVED,   /* the password is right */
	RH_UNPROVED, /* it is not */
	RH_UNTRIED,  /* nothing was learnt */
};

/*
 * Signs one account in, that the row says is at the target: reads it first, for its address; notes the sign-in
 * in the ledger before it is sent (rh_prove_noted); tells the event log.  The lane must let writes pass.  RH_OK
 * with *out, or the error that ends the run.
 */
RH_NODISCARD int rh_prove_row(struct rh_run *run, const struct rh_ledger_row *row,
			      struct rh_str password, struct rh_arena *arena, enum rh_proved *out,
			      struct rh_err *err);
/* From the noting of a proof's sign-in to the moment that the target puts down for it. */
#define RH_PROOF_TAKES_US (60 * RH_SECOND)
/* When we last signed this row's account in, on the target's clock; 0: never. */
RH_NODISCARD int rh_prove_noted(struct rh_ledger *ledger, int64_t row, struct rh_arena *arena,
				rh_time *out, struct rh_err *err);
/* Every account of the file that this migration wrote with its password; counts go into `out`. */
RH_NODISCARD int rh_prove(struct rh_run *run, struct rh_proofs *proofs, struct rh_run_counts *out,
			  struct rh_err *err);

#endif
