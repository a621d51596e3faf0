/* SPDX-License-Identifier: Apache-2.0 */
/* Counting failures by cause, and when they are too many. */
#include "engine/fuse.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

void rh_fuse_init(struct rh_fuse *fuse, const struct rh_failures *allowed)
{
	*fuse = (struct rh_fuse){.allowed = *allowed};
}

void rh_fuse_pass(struct rh_fuse *fuse)
{
	fuse->tried++;
}

static struct rh_fuse_cause *find_cause(struct rh_fuse *fuse, struct rh_str code)
{
	for (size_t i = 0; i < fuse->cause_count; i++) {
		if (rh_str_is(code, fuse->causes[i].code)) {
			return &fuse->causes[i];
		}
	}
	return NULL;
}

void rh_fuse_fail(struct rh_fuse *fuse, struct rh_str code, const char *otherwise)
{
	struct rh_fuse_cause *cause;

	fuse->tried++;
	fuse->failed++;
	code = rh_str_clip(code.len > 0 ? code : rh_str_from(otherwise), RH_FUSE_CODE_MAX - 1);
	cause = find_cause(fuse, code);
	if (cause == NULL && fuse->cause_count < RH_FUSE_CAUSES) {
		cause = &fuse->causes[fuse->cause_count++];
		memcpy(cause->code, code.ptr, code.len);
		cause->code[code.len] = '\0';
	}
	if (cause != NULL) {
		cause->count++;
	}
}

bool rh_fuse_is_blown(const struct rh_fuse *fuse)
{
	if (fuse->allowed.is_share) {
		return fuse->tried >= RH_FUSE_SAMPLE &&
		       (double)fuse->failed * 100 >
			       (double)fuse->tried * (double)fuse->allowed.limit;
	}
	return fuse->failed > fuse->allowed.limit;
}

void rh_fuse_add_causes(const struct rh_fuse *fuse, struct rh_buf *out)
{
	bool is_told[RH_FUSE_CAUSES] = {false};
	uint64_t rest = fuse->failed;

	for (size_t n = 0; n < fuse->cause_count; n++) {
		size_t most = RH_FUSE_CAUSES;
		for (size_t i = 0; i < fuse->cause_count; i++) {
			if (!is_told[i] && (most == RH_FUSE_CAUSES ||
					    fuse->causes[i].count > fuse->causes[most].count)) {
				most = i;
			}
		}
		is_told[most] = true;
		rest -= fuse->causes[most].count;
		rh_buf_printf(out, "%s%llu %s", n > 0 ? ", " : "",
			      (unsigned long long)fuse->causes[most].count,
			      fuse->causes[most].code);
	}
	if (rest > 0) {
		rh_buf_printf(out, ", %llu others", (unsigned long long)rest);
	}
}
