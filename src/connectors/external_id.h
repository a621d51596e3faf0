/* SPDX-License-Identifier: Apache-2.0 */
/* Which text becomes an account's external id at a target. */
#ifndef CONNECTORS_EXTERNAL_ID_H
#define CONNECTORS_EXTERNAL_ID_H

#include <rehome/connector.h>

struct rh_arena;

/*
 * The value that policy->external_id asks for; absent: the account has none.  *keeps_source_id: it is not the source
 * id, which then goes into metadata as RH_SOURCE_ID_KEY.  A named field that is missing is told to `findings` (may be
 * NULL).  RH_OK, RH_ENOMEM.
 */
RH_NODISCARD int rh_external_id_choose(const struct rh_account *account,
				       const struct rh_mapping_policy *policy,
				       struct rh_arena *arena, struct rh_finding_sink *findings,
				       struct rh_str *out, bool *keeps_source_id);
#define RH_SOURCE_ID_KEY "rehome_source_id"

/* "sha256-" and the digest of an id that the target does not take; absent: no memory. */
struct rh_str rh_external_id_digest(struct rh_arena *arena, struct rh_str id);

#endif
