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
 * about 50 ms).  Parameters beyond the bounds of password-hash inputs are UNCHECKABLE: memory above 256 MiB,
 * p above 16, 10,000,000 iterations, bcrypt above 16, phpass above 2^22, argon2 above 16 GiB gone over in
 * all.  So are "$apr1$" and what only a vendor can check.  RH_SALT_UNKNOWN tries both places.  A bcrypt "2a"
 * is computed as "2b".  The password is taken as it is: where a source normalised it (NFKC), the caller does.
 * RH_OK with *out, or RH_ENOMEM / RH_EINTERNAL (also for a credential that is not PRESENT).
 */
RH_NODISCARD int rh_password_check(const struct rh_credential *credential, struct rh_str password,
				   enum rh_password_result *out, struct rh_err *err);

/*
 * The same in a process of its own, with limits; `tick` (may be NULL) is called ten times a second and ends the
 * waiting with false.  A check that ends in any other way than with an answer is UNCHECKABLE.  RH_OK,
 * RH_EINTERRUPTED, RH_EIO.
 */
RH_NODISCARD int rh_password_check_apart(const struct rh_credential *credential,
					 struct rh_str password, bool (*tick)(void *context),
					 void *context, enum rh_password_result *out,
					 struct rh_err *err);

/* What of a credential's parameters is beyond the bounds above, as a constant text; NULL: nothing. */
const char *rh_password_excess(const struct rh_credential *credential);
/* Can rh_password_check say anything of it?  (MD4 needs a part of OpenSSL that a machine may lack.) */
bool rh_password_is_checkable(const struct rh_credential *credential);

/* The digest of a password in the form of `credential` (scrypt-firebase: parameters, salt, separator, key), which has
 * no digest yet; `out` has room for as many bytes as its key, 64 at most. */
RH_NODISCARD int rh_password_lock(const struct rh_credential *credential, struct rh_str password,
				  uint8_t *out, struct rh_err *err);

/* bcrypt ($2b$) of a password with 16 bytes of salt; cost 4..15; out receives 60 bytes and NUL. */
RH_NODISCARD int rh_password_bcrypt(struct rh_str password, const uint8_t salt[16], unsigned cost,
				    char out[64], struct rh_err *err);

#endif
