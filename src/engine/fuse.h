/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuse: ends a run in which too many accounts fail, before a common cause has spoiled them all.
 *
 *  F1. Only what the target said counts: an account that it refused, one in conflict, and one of which it refused a
 *      part.  A target that is away or asks for pauses says nothing about the data.
 *  F2. A share is judged from RH_FUSE_SAMPLE accounts on: the first few prove nothing.
 *  F3. Causes are counted by the provider's code, which never holds data of a person (connector.h, C6).
 */
#ifndef ENGINE_FUSE_H
#define ENGINE_FUSE_H

#include "config/settings.h"

struct rh_buf;

#define RH_FUSE_SAMPLE 50
#define RH_FUSE_CAUSES 8
#define RH_FUSE_CODE_MAX 64

struct rh_fuse_cause {
	char code[RH_FUSE_CODE_MAX];
	uint64_t count;
};

struct rh_fuse {
	struct rh_failures allowed;
	uint64_t tried;
	uint64_t failed;
	/* by code; what finds no place any more is counted without one */
	struct rh_fuse_cause causes[RH_FUSE_CAUSES];
	size_t cause_count;
};

void rh_fuse_init(struct rh_fuse *fuse, const struct rh_failures *allowed);
/* An account that is settled without fault. */
void rh_fuse_pass(struct rh_fuse *fuse);
/* One that failed; `code` may be absent, `otherwise` stands for it then. */
void rh_fuse_fail(struct rh_fuse *fuse, struct rh_str code, const char *otherwise);
bool rh_fuse_is_blown(const struct rh_fuse *fuse);
/* "40 email_not_available, 20 invalid_email, 3 others", the most frequent first. */
void rh_fuse_add_causes(const struct rh_fuse *fuse, struct rh_buf *out);

#endif
