/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said over the one descriptor, both ways: a head, then `len` bytes.
 *
 *      parent                       child
 *        | <-- confined --------------- |
 *        | --- program ---------------> |
 *        | <-- compiled, or why not --- |
 *        | --- record ----------------> |
 *        | <-- fate, text ------------- |
 */
#ifndef JQ_JQ_INTERNAL_H
#define JQ_JQ_INTERNAL_H

#include "jq/jq.h"

struct jq_head {
	uint32_t fate; /* enum rh_jq_fate; RH_JQ_OBJECT also for confined, and for compiled */
	uint32_t len;
};

enum { JQ_MESSAGE_MAX = 200 };

/* ---- jq.c --------------------------------------------------------------------------------------------------- */

/* Whether children are this program started anew (rh_jq_main says so), or forks. */
void rh_jq_start_anew(bool anew);

/* ---- jq_child.c: all that calls libjq ---------------------------------------------------------------------- */

/* In the child: takes the program, compiles it, answers records over `fd` until it is closed. */
_Noreturn void rh_jq_be_child(int fd);

/* ---- jq_confine.c ------------------------------------------------------------------------------------------ */

/* In the child: whoever ends the tool ends it by its parent, which may still have an answer to wait for. */
void rh_jq_outlive_interrupts(void);
/* In the child: gives up all that J1 says, but memory up to the limit.  `fd` is 0 from then on.  False: it could not. */
bool rh_jq_confine(int fd);
/* In the child: ends it when it has burnt so much more. */
void rh_jq_allow(unsigned milliseconds);

#endif
