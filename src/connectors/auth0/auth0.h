/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the Auth0 connector share. */
#ifndef CONNECTORS_AUTH0_AUTH0_H
#define CONNECTORS_AUTH0_AUTH0_H

#include <rehome/connector.h>

#include "connectors/mapped.h"

struct rh_builder;
struct rh_json_node;

/* Kinds of export, as `recognise` tells them. */
enum auth0_shape {
	AUTH0_SHAPE_EXPORT_JSON = 1, /* the export job's JSON lines, or users of the API */
	AUTH0_SHAPE_EXPORT_CSV,      /* the export job's CSV */
	AUTH0_SHAPE_HASHES,          /* what the support sends */
};

enum auth0_stale {
	AUTH0_STALE_DROP,
	AUTH0_STALE_CARRY,
};

struct auth0_instance {
	struct mapped_instance mapped; /* first */
	int stale;                     /* enum auth0_stale */
};

/* auth0.c */
extern const struct rh_connector rh_connector_auth0;

/* The documents of the mappings: auth0_users.json, auth0_hashes.json. */
extern const char rh_document_auth0_users[];
extern const char rh_document_auth0_hashes[];

/* auth0_map.c; contracts: struct rh_connector, struct rh_mapping_hooks. */
int auth0_from_record(const void *instance, const struct rh_record *record,
		      const struct rh_mapping_policy *policy, struct rh_arena *arena,
		      struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err);
int auth0_complete_user(const void *instance, const struct rh_record *record,
			const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
			struct rh_builder *builder);
int auth0_complete_hash(const void *instance, const struct rh_record *record,
			const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
			struct rh_builder *builder);

enum { AUTH0_CELLS_MAX = 10 }; /* of a list; a job exports as many of its entries as it was told */
/* Of a column "identities[3].provider" the number, and ".provider"; AUTH0_CELLS_MAX: it is not of this list. */
size_t auth0_entry_of(struct rh_str column, struct rh_str list, struct rh_str *member);

/* auth0_join.c; contracts: struct rh_connector. */
int auth0_join_ids(const struct rh_record *record, const struct rh_account *account,
		   struct rh_arena *arena, struct rh_str *ids, size_t max);
bool auth0_join_fits(const struct rh_record *full, const struct rh_record *partial);
/* How many sign-ins by password the user has. */
size_t auth0_count_databases(const struct rh_record *record);
/* Was the password of this user reset after the hash of the support's record was set? */
bool auth0_is_stale(const struct rh_record *full, const struct rh_record *partial);

/*
 * auth0_password.c: `custom_password_hash`, as files for the import job have it.  What it says of a hash is taken
 * exactly as the job would; *why (a constant text) tells what is wrong where the state is not PRESENT.  RH_OK or
 * RH_ENOMEM.
 */
RH_NODISCARD int auth0_read_custom_hash(const struct rh_json_node *hash, struct rh_arena *arena,
					struct rh_credential *out, const char **why);

/* auth0_sample.c, auth0_sample_trouble.c; contract: struct rh_connector. */
int auth0_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		 struct rh_err *err);
extern const struct rh_sample_trouble auth0_sample_troubles[];

#endif
