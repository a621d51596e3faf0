/* SPDX-License-Identifier: Apache-2.0 */
/* Retry: doubling with full jitter, so that many who failed together do not come back together. */
#include "net/retry.h"

void rh_retry_init(struct rh_retry *retry, unsigned attempts_max, int64_t base_us, int64_t cap_us)
{
	*retry = (struct rh_retry){
		.attempts_max = attempts_max,
		.base_us = base_us > 0 ? base_us : 0,
		.cap_us = cap_us > 0 ? cap_us : 0,
	};
}

bool rh_retry_next(struct rh_retry *retry, uint64_t random, int64_t *delay_us)
{
	int64_t longest = retry->base_us < retry->cap_us ? retry->base_us : retry->cap_us;

	if (retry->attempts < UINT32_MAX) {
		retry->attempts++;
	}
	if (retry->attempts_max != 0 && retry->attempts >= retry->attempts_max) {
		return false;
	}
	for (unsigned i = 1; i < retry->attempts && longest > 0 && longest < retry->cap_us; i++) {
		longest = longest > retry->cap_us / 2 ? retry->cap_us : longest * 2;
	}
	*delay_us = (int64_t)(random % ((uint64_t)longest + 1));
	return true;
}
