/* SPDX-License-Identifier: Apache-2.0 */
/* Repeats: the answers given to requests with an Idempotency-Key, for when the same request comes again. */
#ifndef REHEARSAL_REPEAT_H
#define REHEARSAL_REPEAT_H

#include "crypto/digest.h"
#include "rehearsal/call.h"

/* Answers remembered; the oldest is forgotten first. */
#define RH_REPEATS_MAX 16384

struct rh_repeats;

enum rh_repeat {
	RH_REPEAT_NEW,   /* not seen */
	RH_REPEAT_SAME,  /* seen: the call now holds the answer given then */
	RH_REPEAT_OTHER, /* the key came with another body */
};

struct rh_repeats *rh_repeats_new(void); /* NULL: memory out */
void rh_repeats_free(struct rh_repeats *repeats);
void rh_repeats_reset(struct rh_repeats *repeats);
enum rh_repeat rh_repeats_find(const struct rh_repeats *repeats, struct rh_str key,
			       const uint8_t body_digest[RH_DIGEST_LEN], struct rh_call *call);
/* Remembers the call's answer; without memory it is not remembered. */
void rh_repeats_keep(struct rh_repeats *repeats, struct rh_str key,
		     const uint8_t body_digest[RH_DIGEST_LEN], const struct rh_call *call);

#endif
