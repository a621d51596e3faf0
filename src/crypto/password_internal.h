/* SPDX-License-Identifier: Apache-2.0 */
/* The families of password hashes behind rh_password_check, one function each; bounds already checked. */
#ifndef CRYPTO_PASSWORD_INTERNAL_H
#define CRYPTO_PASSWORD_INTERNAL_H

#include "crypto/password.h"

/* Longest password looked at, in bytes; far above what any provider takes. */
#define RH_PASSWORD_MAX 4096
/* Rounds of any scheme that repeats a digest. */
#define RH_PASSWORD_ITERATIONS_MAX 10000000U

/* The digits of crypt(3) and phpass, from 0 to 63. */
extern const char rh_password_digits[65];

/* What every checker here answers, and what it answers with. */
typedef int rh_password_fn(const struct rh_credential *cred, struct rh_str password,
			   enum rh_password_result *out, struct rh_err *err);

/* password_crypt.c */
rh_password_fn rh_password_check_bcrypt;
rh_password_fn rh_password_check_bcrypt_sha256; /* over the hex SHA-256 of the password */
rh_password_fn rh_password_check_bcrypt_peppered;
rh_password_fn rh_password_check_bcrypt_sha384; /* over base64 of an HMAC of it */
rh_password_fn rh_password_check_crypt;
/* password_kdf.c */
rh_password_fn rh_password_check_argon2;
rh_password_fn rh_password_check_scrypt;
rh_password_fn rh_password_check_firebase;
rh_password_fn rh_password_check_pbkdf2;
/* password_digest.c */
rh_password_fn rh_password_check_digest;
rh_password_fn rh_password_check_md4;
rh_password_fn rh_password_check_hmac;
rh_password_fn rh_password_check_symfony;
rh_password_fn rh_password_check_phpass;
rh_password_fn rh_password_check_phpass_sha512;
rh_password_fn rh_password_check_phpass_md5; /* over the hex MD5 of the password */

/* What of a crypt(3) setting is beyond the bounds, or not known here; NULL: nothing. */
const char *rh_password_setting_excess(struct rh_str setting);

/* Sets RH_ENOMEM and returns it. */
int rh_password_no_memory(struct rh_err *err);

/* MATCH when both texts have one length and the same bytes; looks at all of them. */
enum rh_password_result rh_password_compare(struct rh_str expected, const void *bytes, size_t len);

#endif
