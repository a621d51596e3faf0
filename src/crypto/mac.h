/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fast keyed digest of long texts, for whoever has to tell whether bytes are still the same.
 *
 *  1. It is BLAKE2b, keyed, of a number, the length and the Poly1305 of the text.  Poly1305 (RFC 8439), under a
 *     key that is derived from ours and never changes, is only what makes a short text of a long one: two texts
 *     of 256 KiB that differ have the same with a probability below 2^-88, whatever they are.  Its value itself,
 *     which must not be seen when its key is used again, is seen by nobody: it goes into BLAKE2b.
 *  2. Where a SHA-256 would do as well this is four times as fast with the processor's instructions for SHA, and
 *     fifteen times without them; whoever has no key can neither make one nor compare it with a text.
 */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "crypto/digest.h"

#define RH_MAC_LEN 16

struct rh_mac;

RH_NODISCARD int rh_mac_new(struct rh_mac **out, const uint8_t key[RH_KEY_LEN], struct rh_err *err);
void rh_mac_free(struct rh_mac *mac); /* accepts NULL */
RH_NODISCARD int rh_mac_add(struct rh_mac *mac, const void *bytes, size_t len, struct rh_err *err);
/* The digest of what was added since the last, which has this number; then the next text begins. */
RH_NODISCARD int rh_mac_finish(struct rh_mac *mac, uint64_t number, uint8_t out[RH_MAC_LEN],
			       struct rh_err *err);

#endif
