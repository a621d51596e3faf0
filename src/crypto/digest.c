/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyed BLAKE2b, SipHash and random bytes from libsodium; SHA-256 and one-time codes from OpenSSL, whose SHA-256 uses
 * the processor's own instructions (2 GB/s where libsodium reaches 0.4: every byte of an input passes here).
 */
/* The functions without EVP are deprecated, but only their state can be copied and needs no memory. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>

static_assert(sizeof(SHA256_CTX) <= sizeof(((struct rh_sha256 *)NULL)->state));
static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct rh_sha256));
static_assert(SHA256_DIGEST_LENGTH == RH_DIGEST_LEN);
static_assert(crypto_shorthash_siphash24_KEYBYTES == RH_SHORT_KEY_LEN);
static_assert(crypto_shorthash_siphash24_BYTES == RH_SHORT_DIGEST_LEN);

#define TOTP_STEP (30 * INT64_C(1000000))

static void store_le64(uint8_t out[8], uint64_t number)
{
	for (size_t i = 0; i < 8; i++) {
		out[i] = (uint8_t)(number >> (8 * i));
	}
}

void rh_digest_keyed(const uint8_t key[RH_KEY_LEN], const struct rh_str *parts, size_t count,
		     uint8_t *out, size_t out_len)
{
	crypto_generichash_state state;
	uint8_t full[RH_DIGEST_LEN];

	assert(out_len >= 8 && out_len <= sizeof(full));
	(void)crypto_generichash_init(&state, key, RH_KEY_LEN, sizeof(full));
	for (size_t i = 0; i < count; i++) {
		uint8_t len[8];

		/* An absent part is not an empty one: its length is one that no text has. */
		store_le64(len, parts[i].ptr != NULL ? parts[i].len : UINT64_MAX);
		(void)crypto_generichash_update(&state, len, sizeof(len));
		(void)crypto_generichash_update(&state, (const unsigned char *)parts[i].ptr,
						parts[i].len);
	}
	(void)crypto_generichash_final(&state, full, sizeof(full));
	memcpy(out, full, out_len);
	sodium_memzero(&state, sizeof(state));
}

uint64_t rh_digest_key64(const uint8_t key[RH_KEY_LEN], struct rh_str text)
{
	uint8_t digest[8];
	uint64_t number = 0;

	rh_digest_keyed(key, &text, 1, digest, sizeof(digest));
	for (size_t i = 0; i < sizeof(digest); i++) {
		number |= (uint64_t)digest[i] << (8 * i);
	}
	return number != 0 ? number : 1;
}

void rh_digest_short(const uint8_t key[RH_SHORT_KEY_LEN], struct rh_str text,
		     uint8_t out[RH_SHORT_DIGEST_LEN])
{
	(void)crypto_shorthash_siphash24(out, (const unsigned char *)text.ptr, text.len, key);
}

void rh_digest_key128(const uint8_t key[RH_KEY_LEN], struct rh_str text, uint64_t out[2])
{
	static_assert(crypto_shorthash_siphashx24_KEYBYTES <= RH_KEY_LEN);
	static_assert(crypto_shorthash_siphashx24_BYTES == 2 * sizeof(uint64_t));

	(void)crypto_shorthash_siphashx24((uint8_t *)out, (const uint8_t *)text.ptr, text.len, key);
}

/* OpenSSL's state lies in our bytes, so that it can be copied; its functions fail for no SHA-256. */
static SHA256_CTX *state_of(struct rh_sha256 *sha)
{
	return (SHA256_CTX *)(void *)sha->state;
}

void rh_sha256_init(struct rh_sha256 *sha)
{
	(void)SHA256_Init(state_of(sha));
}

void rh_sha256_add(struct rh_sha256 *sha, const void *bytes, size_t len)
{
	(void)SHA256_Update(state_of(sha), bytes, len);
}

void rh_sha256_finish(struct rh_sha256 *sha, uint8_t out[RH_DIGEST_LEN])
{
	(void)SHA256_Final(out, state_of(sha));
}

void rh_random_bytes(void *out, size_t len)
{
	randombytes_buf(out, len);
}

bool rh_equal_secret(const void *a, const void *b, size_t len)
{
	return len == 0 || sodium_memcmp(a, b, len) == 0;
}

void rh_totp(struct rh_str secret, rh_time time, char out[7])
{
	uint64_t counter = (uint64_t)(time / TOTP_STEP);
	uint8_t message[8];
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;
	unsigned at;
	uint32_t code;

	for (size_t i = 0; i < sizeof(message); i++) {
		message[i] = (uint8_t)(counter >> (56 - 8 * i));
	}
	out[0] = '\0'; /* what no typed code equals, should the HMAC fail */
	if (HMAC(EVP_sha1(), secret.ptr != NULL ? secret.ptr : "", (int)secret.len, message,
		 sizeof(message), mac, &mac_len) == NULL) {
		return;
	}
	/* RFC 4226 §5.3: the last four bits say where the code's 31 bits stand. */
	at = mac[mac_len - 1] & 0xf;
	code = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 |
	       (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	(void)snprintf(out, 7, "%06u", code % 1000000);
}
