/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a password against a hash, offline. */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include <rehome/account.h>

enum rh_password_result {
	RH_PASSWORD_MATCH,
	RH_PASSWORD_MISMATCH,
	RH_PASSWORD_UNCHECKABLE, /* a scheme that cannot be computed here */
};

/*
 * Does `password` (bytes) fit the PRESENT credential?  Blocks for as long as the hash costs (bcrypt 10:
 * about 50 ms).  Parameters beyond the bounds of password-hash inputs (memory above 256 MiB, p above 16,
 * 10,000,000 iterations) are UNCHECKABLE.  RH_SALT_UNKNOWN tries both places.  RH_OK with *out, or
 * RH_ENOMEM / RH_EINTERNAL.
 */
RH_NODISCARD int rh_password_check(const struct rh_credential *credential, struct rh_str password,
				   enum rh_password_result *out, struct rh_err *err);

/* bcrypt ($2b$) of a password with 16 bytes of salt; cost 4..15; out receives 60 bytes and NUL. */
RH_NODISCARD int rh_password_bcrypt(struct rh_str password, const uint8_t salt[16], unsigned cost,
				    char out[64], struct rh_err *err);

#endif
