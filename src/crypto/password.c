/* SPDX-License-Identifier: Apache-2.0 */
/* Which check a credential needs, and whether its parameters are within what one check may cost. */
#include "crypto/password_internal.h"

#include "base/err.h"
#include "crypto/digest.h"

#define MEMORY_KIB_MAX (256U * 1024)
#define LANES_MAX 16U
/* log2 rounds of bcrypt: 16 is three seconds, and each one more doubles that. */
#define BCRYPT_COST_MAX 16U
/* log2 rounds of MD5: 22 is a second. */
#define PHPASS_COST_MAX 22U
/* Passes times KiB of argon2: 16 GiB gone over is about ten seconds. */
#define ARGON2_WORK_MAX (16ULL * 1024 * 1024)

const char rh_password_digits[65] =
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

int rh_password_no_memory(struct rh_err *err)
{
	return rh_err_set(err, RH_ENOMEM, "out of memory for a password check");
}

enum rh_password_result rh_password_compare(struct rh_str expected, const void *bytes, size_t len)
{
	return expected.len == len && rh_equal_secret(expected.ptr, bytes, len)
		       ? RH_PASSWORD_MATCH
		       : RH_PASSWORD_MISMATCH;
}

static bool is_scrypt_affordable(const struct rh_credential *cred)
{
	/* 128 * N * r bytes, without overflow: N first, then what is left for r. */
	uint64_t blocks = MEMORY_KIB_MAX * 1024ULL / 128;

	return cred->cost >= 2 && cred->cost <= blocks && cred->memory > 0 &&
	       cred->memory <= blocks / cred->cost && cred->parallelism > 0 &&
	       cred->parallelism <= LANES_MAX;
}

static bool is_argon2_affordable(const struct rh_credential *cred)
{
	return cred->memory <= MEMORY_KIB_MAX && cred->parallelism <= LANES_MAX &&
	       cred->cost <= RH_PASSWORD_ITERATIONS_MAX &&
	       cred->cost * cred->memory <= ARGON2_WORK_MAX;
}

static bool is_affordable(const struct rh_credential *cred)
{
	switch (cred->scheme) {
	case RH_SCHEME_NONE:
	case RH_SCHEME_HMAC_SHA256_UTF16:
	case RH_SCHEME_OPAQUE:
		return false;
	case RH_SCHEME_BCRYPT:
	case RH_SCHEME_BCRYPT_SHA256_HEX:
	case RH_SCHEME_BCRYPT_PEPPERED:
		return cred->cost <= BCRYPT_COST_MAX;
	case RH_SCHEME_ARGON2I:
	case RH_SCHEME_ARGON2D:
	case RH_SCHEME_ARGON2ID:
		return is_argon2_affordable(cred);
	case RH_SCHEME_SCRYPT:
	case RH_SCHEME_SCRYPT_FIREBASE:
		return is_scrypt_affordable(cred);
	case RH_SCHEME_PBKDF2_SHA1:
	case RH_SCHEME_PBKDF2_SHA256:
	case RH_SCHEME_PBKDF2_SHA512:
	case RH_SCHEME_MD5:
	case RH_SCHEME_SHA1:
	case RH_SCHEME_SHA256:
	case RH_SCHEME_SHA512:
	case RH_SCHEME_SYMFONY_SHA512:
		return cred->cost >= 1 && cred->cost <= RH_PASSWORD_ITERATIONS_MAX;
	case RH_SCHEME_PHPASS:
	case RH_SCHEME_PHPASS_MD5:
		return cred->cost <= PHPASS_COST_MAX;
	case RH_SCHEME_CRYPT:
		return true; /* the settings are inside the text: password_crypt.c reads them */
	}
	return false;
}

static rh_password_fn *checker_of(enum rh_scheme scheme)
{
	switch (scheme) {
	case RH_SCHEME_NONE:
	case RH_SCHEME_HMAC_SHA256_UTF16:
	case RH_SCHEME_OPAQUE:
		return NULL;
	case RH_SCHEME_BCRYPT:
		return rh_password_check_bcrypt;
	case RH_SCHEME_BCRYPT_SHA256_HEX:
		return rh_password_check_bcrypt_sha256;
	case RH_SCHEME_BCRYPT_PEPPERED:
		return rh_password_check_bcrypt_peppered;
	case RH_SCHEME_ARGON2I:
	case RH_SCHEME_ARGON2D:
	case RH_SCHEME_ARGON2ID:
		return rh_password_check_argon2;
	case RH_SCHEME_SCRYPT:
		return rh_password_check_scrypt;
	case RH_SCHEME_SCRYPT_FIREBASE:
		return rh_password_check_firebase;
	case RH_SCHEME_PBKDF2_SHA1:
	case RH_SCHEME_PBKDF2_SHA256:
	case RH_SCHEME_PBKDF2_SHA512:
		return rh_password_check_pbkdf2;
	case RH_SCHEME_MD5:
	case RH_SCHEME_SHA1:
	case RH_SCHEME_SHA256:
	case RH_SCHEME_SHA512:
		return rh_password_check_digest;
	case RH_SCHEME_SYMFONY_SHA512:
		return rh_password_check_symfony;
	case RH_SCHEME_PHPASS:
		return rh_password_check_phpass;
	case RH_SCHEME_PHPASS_MD5:
		return rh_password_check_phpass_md5;
	case RH_SCHEME_CRYPT:
		return rh_password_check_crypt;
	}
	return NULL;
}

int rh_password_check(const struct rh_credential *cred, struct rh_str password,
		      enum rh_password_result *out, struct rh_err *err)
{
	rh_password_fn *check = checker_of(cred->scheme);

	if (cred->state != RH_CREDENTIAL_PRESENT) {
		return rh_err_set(err, RH_EINTERNAL, "no password hash to check against");
	}
	if (check == NULL || !is_affordable(cred)) {
		*out = RH_PASSWORD_UNCHECKABLE;
		return RH_OK;
	}
	if (password.len > RH_PASSWORD_MAX) {
		*out = RH_PASSWORD_MISMATCH;
		return RH_OK;
	}
	if (password.ptr == NULL) {
		password.ptr = ""; /* libraries below want bytes, be they none */
	}
	return check(cred, password, out, err);
}
