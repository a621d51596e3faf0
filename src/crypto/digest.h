/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed and plain digests, random bytes. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <rehome/types.h>

#define RH_KEY_LEN 32    /* bytes of every secret key here */
#define RH_DIGEST_LEN 32 /* bytes of a full digest */

/* Keyed BLAKE2b of the parts, each preceded by its length, so that no two lists of parts give one input. */
void rh_digest_keyed(const uint8_t key[RH_KEY_LEN], const struct rh_str *parts, size_t count,
		     uint8_t *out, size_t out_len /* 8..32 */);
/* First 8 bytes of the keyed digest of one text, as a number; never 0. */
uint64_t rh_digest_key64(const uint8_t key[RH_KEY_LEN], struct rh_str text);
/* Keyed hash of 128 bits (SipHash-2-4), to compare many short texts: four times as fast as a digest. */
void rh_digest_key128(const uint8_t key[RH_KEY_LEN], struct rh_str text, uint64_t out[2]);

/*
 * Eight bytes of a keyed digest at a tenth of the cost: SipHash-2-4, a keyed function made for short texts.  One
 * input for each key and place, so callers have a key for each kind of text.
 */
#define RH_SHORT_KEY_LEN 16
#define RH_SHORT_DIGEST_LEN 8
void rh_digest_short(const uint8_t key[RH_SHORT_KEY_LEN], struct rh_str text,
		     uint8_t out[RH_SHORT_DIGEST_LEN]);

/* SHA-256 of a stream of bytes. */
struct rh_sha256 {
	_Alignas(16) uint8_t state[128];
};
void rh_sha256_init(struct rh_sha256 *sha);
void rh_sha256_add(struct rh_sha256 *sha, const void *bytes, size_t len);
void rh_sha256_finish(struct rh_sha256 *sha, uint8_t out[RH_DIGEST_LEN]);

void rh_random_bytes(void *out, size_t len);
/* Compares in constant time. */
bool rh_equal_secret(const void *a, const void *b, size_t len);
/* TOTP (RFC 6238, SHA-1, 6 digits, 30 s) at `time`; secret is raw bytes; out has 6 digits and NUL. */
void rh_totp(struct rh_str secret, rh_time time, char out[7]);

#endif
