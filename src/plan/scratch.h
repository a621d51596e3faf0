/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scratch: bytes that are needed until a plan ends.  What is small stays in memory; the rest lies in a file that has
 * no name any more once it is open, so that nothing of it is left however the process ends.
 */
#ifndef PLAN_SCRATCH_H
#define PLAN_SCRATCH_H

#include <rehome/types.h>

struct rh_scratch {
	char *path;
	uint8_t *tail; /* the last bytes, not in the file yet */
	size_t tail_len;
	size_t tail_room;
	size_t tail_max;
	uint64_t in_file; /* bytes before the tail */
	int fd;           /* -1: all of it is in memory */
};

/* `path` is taken, to be freed by rh_scratch_done also after a failure; what a killed process left there goes.  At
 * most tail_max bytes stay in memory. */
RH_NODISCARD int rh_scratch_init(struct rh_scratch *scratch, char *path, size_t tail_max,
				 struct rh_err *err);
void rh_scratch_done(struct rh_scratch *scratch); /* accepts a zeroed one */
uint64_t rh_scratch_size(const struct rh_scratch *scratch);
RH_NODISCARD int rh_scratch_add(struct rh_scratch *scratch, const void *bytes, size_t len,
				struct rh_err *err);
/* Bytes that were added before, all of them or an error. */
RH_NODISCARD int rh_scratch_read(const struct rh_scratch *scratch, uint64_t offset, void *out,
				 size_t len, struct rh_err *err);
RH_NODISCARD int rh_scratch_change(struct rh_scratch *scratch, uint64_t offset, const void *bytes,
				   size_t len, struct rh_err *err);

#endif
