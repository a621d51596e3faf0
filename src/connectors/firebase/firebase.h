/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the Firebase connector share. */
#ifndef CONNECTORS_FIREBASE_FIREBASE_H
#define CONNECTORS_FIREBASE_FIREBASE_H

#include <rehome/connector.h>

#include "connectors/mapped.h"

/* Kinds of export, as `recognise` tells them. */
enum firebase_shape {
	FIREBASE_SHAPE_JSON = 1, /* the command line's JSON, or a page of batchGet */
	FIREBASE_SHAPE_CSV,      /* the command line's CSV, with or without a header */
};

/* The four of a project that its hashes were made with; NULL: not given. */
struct firebase_instance {
	struct mapped_instance mapped; /* first */
	const char *signer_key;
	const char *salt_separator; /* may be empty */
	const char *rounds;
	const char *mem_cost;
	const char *hash_config; /* all of them, as the console or the API shows them */
};

/* firebase.c */
extern const struct rh_connector rh_connector_firebase;
extern const char rh_document_firebase_users[]; /* firebase_users.json */

/* firebase_map.c; contracts: struct rh_connector, struct rh_mapping_hooks. */
int firebase_from_record(const void *instance, const struct rh_record *record,
			 const struct rh_mapping_policy *policy, struct rh_arena *arena,
			 struct rh_finding_sink *findings, struct rh_account *out,
			 struct rh_err *err);
int firebase_complete(const void *instance, const struct rh_record *record,
		      const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
		      struct rh_builder *builder);

/* What a record says about a password; absent where it says nothing. */
struct firebase_password {
	struct rh_str hash;
	struct rh_str salt;
	const struct rh_json_node *around; /* what stands beside the users; may be NULL */
	bool is_foreign; /* another algorithm made it, before the user came to the project */
};
/*
 * firebase_password.c: the hash with the parameters of the instance, or of the file; *why (a constant text) tells what is wrong where the
 * state is neither ABSENT nor PRESENT.  RH_OK, RH_ENOMEM; RH_EUSAGE: a parameter that the hash needs is missing, is
 * not what it should be, or is one thing in the instance and another in the file: err names it.
 */
RH_NODISCARD int firebase_read_password(const struct firebase_instance *instance,
					const struct firebase_password *password,
					struct rh_arena *arena, struct rh_credential *out,
					const char **why, struct rh_err *err);

/* firebase_sample.c, firebase_sample_trouble.c; contract: struct rh_connector. */
int firebase_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		    struct rh_err *err);
extern const struct rh_sample_trouble firebase_sample_troubles[];

#endif
