/* SPDX-License-Identifier: Apache-2.0 */
/* What may write first says: both sides, and whose they are. */
#include "lib/migration.h"

/* Where a living source is asked; "": it is not, or was read before. */
static const char *origin_of_source(const struct rh_migration *migration)
{
	struct rh_endpoint endpoint;

	return migration->has_met_source &&
			       migration->source.connector->describe(migration->source.instance,
								     &endpoint, NULL) == RH_OK
		       ? endpoint.origin
		       : "";
}

int rh_migration_meet_source(struct rh_migration *migration, struct rh_err *err)
{
	struct rh_err own;
	int code;

	err = rh_migration_err(err, &own);
	code = rh_migration_find_sides(migration, err);
	if (code != RH_OK || migration->source.connector == NULL ||
	    !rh_migration_is_live(migration)) {
		return code;
	}
	return rh_migration_open_sides(migration,
				       RH_NEED_TARGET | RH_NEED_SOURCE | RH_NEED_MAY_BE_OFFLINE |
					       RH_NEED_LIVE,
				       err);
}

int rh_migration_sides(struct rh_migration *migration, struct rh_sides *out, struct rh_err *err)
{
	struct rh_ledger_identity identity;
	struct rh_err own;
	int code = RH_OK;

	err = rh_migration_err(err, &own);
	if (migration->settings.from == NULL || migration->settings.to == NULL) {
		code = rh_migration_restore(migration, 0, err);
	}
	if (code == RH_OK) {
		code = rh_migration_open_sides(migration, RH_NEED_TARGET | RH_NEED_MAY_BE_OFFLINE,
					       err);
	}
	if (code != RH_OK) {
		return code;
	}
	identity = rh_migration_identity(migration);
	code = rh_migration_name_workspace(migration, &identity, err);
	if (code != RH_OK) {
		return code;
	}
	*out = (struct rh_sides){
		.source = identity.source,
		.source_title = migration->source.connector->title,
		.target = identity.target,
		.target_title = migration->target.connector->title,
		.origin = migration->endpoint.origin,
		.environment = identity.environment,
		.tenant = identity.target_tenant,
		.key_from =
			migration->target.key_from != NULL ? migration->target.key_from : "nowhere",
		.source_tenant =
			migration->source_tenant.ptr != NULL ? migration->source_tenant.ptr : "",
		.source_origin = origin_of_source(migration),
		.source_key_from =
			migration->source.key_from != NULL ? migration->source.key_from : "nowhere",
		.workspace = migration->settings.workspace,
	};
	return RH_OK;
}
