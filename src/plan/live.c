/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of the snapshot as inputs. */
#include "plan/live.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "plan/workspace.h"
#include "snapshot/stream.h"

static const char *const names[RH_KINDS] = {
	[RH_KIND_PERMISSION] = "api:permission",
	[RH_KIND_ROLE] = "api:role",
	[RH_KIND_ORGANIZATION] = "api:organization",
	[RH_KIND_DOMAIN] = "api:domain",
	[RH_KIND_USER] = "api:user",
	[RH_KIND_IDENTITY] = "api:identity",
	[RH_KIND_FACTOR] = "api:factor",
	[RH_KIND_MEMBERSHIP] = "api:membership",
	[RH_KIND_INVITATION] = "api:invitation",
};

const char *rh_live_name(enum rh_kind kind)
{
	return names[kind];
}

bool rh_live_is(const char *path, enum rh_kind *kind)
{
	for (int i = 0; i < RH_KINDS; i++) {
		if (names[i] != NULL && strcmp(path, names[i]) == 0) {
			if (kind != NULL) {
				*kind = (enum rh_kind)i;
			}
			return true;
		}
	}
	return false;
}

int rh_live_path(const struct rh_workspace *workspace, enum rh_kind kind, char **out,
		 struct rh_err *err)
{
	char name[48];

	(void)snprintf(name, sizeof(name), "live-%s.sealed", rh_kind_name(kind));
	return rh_workspace_file(workspace, "snapshot", name, out, err);
}

int rh_live_bytes(const struct rh_workspace *workspace, enum rh_kind kind, struct rh_bytes **out,
		  struct rh_err *err)
{
	rh_autofree char *path = NULL;
	int code = rh_live_path(workspace, kind, &path, err);

	return code == RH_OK ? rh_stream_bytes(out, path, workspace->snapshot_key, err) : code;
}
