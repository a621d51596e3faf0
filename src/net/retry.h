/* SPDX-License-Identifier: Apache-2.0 */
/* When to try again after "away": exponential with full jitter, pure. */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <rehome/types.h>

struct rh_retry {
	unsigned attempts;     /* failed ones so far */
	unsigned attempts_max; /* the first one counted; 0: no count limit */
	int64_t base_us;
	int64_t cap_us;
};

void rh_retry_init(struct rh_retry *retry, unsigned attempts_max, int64_t base_us, int64_t cap_us);
/* Counts a failure; false: no further attempt.  Else *delay_us in [0, min(cap, base * 2^n)],
 * n = failures before this one. */
bool rh_retry_next(struct rh_retry *retry, uint64_t random, int64_t *delay_us);

#endif
