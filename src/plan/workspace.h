/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of one migration: where it lies, what it contains, the key that seals it. */
#ifndef PLAN_WORKSPACE_H
#define PLAN_WORKSPACE_H

#include <rehome/types.h>

#include "crypto/digest.h"
#include "crypto/seal.h"
#include "ledger/ledger.h"

struct rh_workspace {
	char *path;
	struct rh_seal seal;
	uint8_t match_key[RH_SEAL_KEY_LEN];  /* keyed hashes of the plan's match index */
	uint8_t digest_key[RH_SEAL_KEY_LEN]; /* keyed digests in ledger and plans */
	/* made from it: one for each wire field, and one for fields that are not there */
	uint8_t wire_keys[RH_WIRE_FIELDS_MAX + 1][RH_SHORT_KEY_LEN];
	uint8_t request_key[RH_SEAL_KEY_LEN]; /* made from it: idempotency keys */
	uint8_t snapshot_key[RH_SEAL_KEY_LEN];
	uint8_t image_key[RH_SEAL_KEY_LEN]; /* seals what updates replace */
	uint8_t pseudonym_key[RH_SEAL_KEY_LEN];
};

/* Folder name of an identity below ".rehome": parts cut to [a-z0-9._-]; allocated, NULL: memory out. */
char *rh_workspace_default(const struct rh_ledger_identity *identity);
/* Makes the folder (and the .gitignore of ".rehome") and opens the seal key; seal_key NULL: the user's
 * state folder. */
RH_NODISCARD int rh_workspace_open(struct rh_workspace *workspace, const char *path,
				   const char *seal_key, struct rh_err *err);
/* And request_key, from digest_key; done by rh_workspace_open. */
void rh_workspace_make_wire_keys(struct rh_workspace *workspace);
/* Does the file lie in the folder `path`, or below it?  Folders above it that are not there yet are passed over;
 * the file itself may be a link to anywhere. */
RH_NODISCARD int rh_workspace_holds(const char *path, const char *file, bool *out,
				    struct rh_err *err);
void rh_workspace_done(struct rh_workspace *workspace); /* wipes keys; accepts a zeroed one */
/* Notes in the ledger which seal key it was made with, or compares: RH_EMISMATCH when it is another one, whose
 * digests would fit nothing. */
RH_NODISCARD int rh_workspace_claim(const struct rh_workspace *workspace, struct rh_ledger *ledger,
				    struct rh_err *err);
/* "<workspace>/<folder>/<name>", the folder made; allocated.  folder may be NULL. */
RH_NODISCARD int rh_workspace_file(const struct rh_workspace *workspace, const char *folder,
				   const char *name, char **out, struct rh_err *err);

#endif
