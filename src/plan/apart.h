/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading apart: a plan's records are read, mapped and assessed by other processes, and joined here in their order.
 *
 *  R1. The plan's own reading, one record after another, decides what a plan is.  Workers are ahead of it, each over a
 *      stretch of a long plain file that it is handed, and leave streaks of assessed records (source_stretch.h).  Where
 *      the reading stands at the border where a streak begins, it takes the records of the streak as its own and goes on
 *      behind it.  So a plan is the same, byte for byte, with and without them, however the file is cut.
 *  R2. A worker guesses where the first record of its stretch begins.  A wrong guess yields streaks that begin where the
 *      reading never stands: they are dropped, and cost time alone.
 *  R3. A streak has nothing but good records.  Where a worker meets anything else (a broken record, an error, no memory,
 *      no room) the streak ends before it, in silence: the reading comes there by itself, and what it says is said once.
 *  R4. What depends on order stays here: ordinals, --only and --limit, counts, groups, roster, index, exceptions.  Where
 *      more is needed of an account than a streak has, this process reads alone: with rows in the ledger, with passwords
 *      to prove, with mended records and as long as they may be some (plan_earlier.c), with joined, packed or piped inputs.
 *      So it does where all is small.
 *  R5. Streaks lie in memory that the processes share, that no file stands for and that is in no core; it goes with them.
 *      A worker is a fork: it has the rights, the limits and the secrets of this process, and no descriptor but those that
 *      it needs.
 *  R6. Who is at work is told by pipes: numbers of stretches go to whoever is free, and come back when one is done.  A
 *      worker that ends by itself ends the plan (RH_EIO); when this process ends, however it does, so do they.
 */
#ifndef PLAN_APART_H
#define PLAN_APART_H

#include "plan/plan_internal.h"

struct rh_apart;

/* NULL: there are none, for a reason of R4, or because the system has no room for them. */
struct rh_apart *rh_apart_start(struct rh_plan_builder *builder, struct rh_source *source);
/* Before the next record is read: takes the streaks that begin there. */
RH_NODISCARD int rh_apart_take(struct rh_apart *apart, struct rh_err *err); /* accepts NULL */
void rh_apart_end(struct rh_apart *apart);                                  /* accepts NULL */

#endif
