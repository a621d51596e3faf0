/* SPDX-License-Identifier: Apache-2.0 */
/* The one seal: authenticated encryption (XChaCha20-Poly1305) of chunks with a key kept outside the workspace. */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include <rehome/types.h>

struct rh_buf;

#define RH_SEAL_OVERHEAD 40 /* bytes a sealed chunk is longer than its content: nonce 24, tag 16 */

/* Keys are derived from the seal key by purpose, so that no digest or chunk of one use serves another. */
enum rh_seal_purpose {
	RH_SEAL_SNAPSHOT,
	RH_SEAL_BEFORE_IMAGE,
	RH_SEAL_LEDGER_DIGEST, /* keyed digests in the ledger */
	RH_SEAL_LOG_PSEUDONYM, /* keyed digests in events */
	RH_SEAL_OPTION_DIGEST, /* keyed digests of secret options in plans */
	RH_SEAL_MATCH,         /* keyed hashes in the plan's match index */
};

#define RH_SEAL_KEY_LEN 32

struct rh_seal {
	uint8_t key[RH_SEAL_KEY_LEN];
};

/*
 * Reads the key file (32 bytes, mode 0600), or, when it is not there and `create`, makes it (folders too).
 * RH_EIO, RH_EMISMATCH (wrong size), RH_EDENIED (readable by others).
 */
RH_NODISCARD int rh_seal_open(struct rh_seal *seal, const char *key_path, bool create,
			      struct rh_err *err);

#define RH_SEAL_SALT_LEN 16
/* What it costs to make a key of a secret that people chose (Argon2id, libsodium's "moderate"): passes, bytes. */
#define RH_SEAL_PASSES 3U
#define RH_SEAL_MEMORY (UINT64_C(256) * 1024 * 1024)
/* The most that a file may ask for. */
#define RH_SEAL_PASSES_MAX 16U
#define RH_SEAL_MEMORY_MAX (UINT64_C(1024) * 1024 * 1024)
/* Key of a secret.  RH_ENOMEM; RH_EINVAL: more passes or memory than the most. */
RH_NODISCARD int rh_seal_from_secret(struct rh_str secret, const uint8_t salt[RH_SEAL_SALT_LEN],
				     uint64_t passes, uint64_t memory,
				     uint8_t out[RH_SEAL_KEY_LEN]);
void rh_seal_derive(const struct rh_seal *seal, enum rh_seal_purpose purpose, uint8_t out[32]);

/* Appends nonce and ciphertext of `content` to out; `position` is bound to it (a chunk cannot be moved). */
void rh_seal_chunk(const uint8_t key[32], uint64_t position, struct rh_str content,
		   struct rh_buf *out);
/* Appends the content to out; false: tampered, another key, another position. */
bool rh_unseal_chunk(const uint8_t key[32], uint64_t position, struct rh_str sealed,
		     struct rh_buf *out);

#endif
