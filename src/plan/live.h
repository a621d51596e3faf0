/* SPDX-License-Identifier: Apache-2.0 */
/* What was read from a source's API, as an input: its name among the inputs, and where it lies in the workspace. */
#ifndef PLAN_LIVE_H
#define PLAN_LIVE_H

#include <rehome/connector.h>

struct rh_bytes;
struct rh_workspace;

/* "api:user": stands in the list of inputs where a file's path would; constant text. */
const char *rh_live_name(enum rh_kind kind);
/* Is it such a name?  *kind may be NULL. */
bool rh_live_is(const char *path, enum rh_kind *kind);
/* Path of its stream (snapshot/stream.h); allocated. */
RH_NODISCARD int rh_live_path(const struct rh_workspace *workspace, enum rh_kind kind, char **out,
			      struct rh_err *err);
/* Its records, one JSON value a line. */
RH_NODISCARD int rh_live_bytes(const struct rh_workspace *workspace, enum rh_kind kind,
			       struct rh_bytes **out, struct rh_err *err);

#endif
