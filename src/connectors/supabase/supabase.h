/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the Supabase connector share. */
#ifndef CONNECTORS_SUPABASE_SUPABASE_H
#define CONNECTORS_SUPABASE_SUPABASE_H

#include <rehome/connector.h>

struct rh_builder;

enum supabase_shape {
	SUPABASE_SHAPE_USERS = 1,  /* rows of auth.users, from any tool */
	SUPABASE_SHAPE_ADMIN,      /* user objects of the Admin API: no hashes */
	SUPABASE_SHAPE_IDENTITIES, /* rows of auth.identities */
	SUPABASE_SHAPE_FACTORS,    /* rows of auth.mfa_factors */
};

/* supabase.c */
extern const struct rh_connector rh_connector_supabase;

/* supabase_sample.c; contract: struct rh_connector. */
int supabase_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		    struct rh_err *err);
extern const struct rh_sample_trouble supabase_sample_troubles[];

/* supabase_map.c; contract: struct rh_connector, and `complete` of struct rh_mapping_hooks. */
int supabase_from_record(const void *instance, const struct rh_record *record,
			 const struct rh_mapping_policy *policy, struct rh_arena *arena,
			 struct rh_finding_sink *findings, struct rh_account *out,
			 struct rh_err *err);
int supabase_mend_row(const struct rh_torn_row *torn, struct rh_arena *arena,
		      struct rh_str *cells); /* supabase_mend.c */
int supabase_complete_user(const void *instance, const struct rh_record *record,
			   const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
			   struct rh_builder *builder);
int supabase_complete_factor(const void *instance, const struct rh_record *record,
			     const struct rh_mapping_policy *policy,
			     struct rh_finding_sink *findings, struct rh_builder *builder);

#endif
