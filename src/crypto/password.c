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

static const char *scrypt_excess(const struct rh_credential *cred)
{
	/* 128 * N * r bytes, without overflow: N first, then what is left for r. */
	uint64_t blocks = MEMORY_KIB_MAX * 1024ULL / 128;

	if (cred->cost < 2 || cred->memory == 0 || cred->parallelism == 0) {
		return "a parameter is zero";
	}
	if (cred->cost > blocks || cred->memory > blocks / cred->cost) {
		return "it takes more than 256 MiB of memory";
	}
	return cred->parallelism <= LANES_MAX ? NULL : "there are more than 16 lanes";
}

static const char *argon2_excess(const struct rh_credential *cred)
{
	if (cred->memory > MEMORY_KIB_MAX) {
		return "it takes more than 256 MiB of memory";
	}
	if (cred->parallelism > LANES_MAX) {
		return "there are more than 16 lanes";
	}
	return cred->cost <= RH_PASSWORD_ITERATIONS_MAX &&
			       cred->cost * cred->memory <= ARGON2_WORK_MAX
		       ? NULL
		       : "passes times memory is above 16 GiB";
}

const char *rh_password_excess(const struct rh_credential *cred)
{
	switch (cred->scheme) {
	case RH_SCHEME_BCRYPT:
	case RH_SCHEME_BCRYPT_SHA256_HEX:
	case RH_SCHEME_BCRYPT_PEPPERED:
	case RH_SCHEME_BCRYPT_SHA384:
		return cred->cost <= BCRYPT_COST_MAX ? NULL : "bcrypt's cost is above 16";
	case RH_SCHEME_ARGON2I:
	case RH_SCHEME_ARGON2D:
	case RH_SCHEME_ARGON2ID:
		return argon2_excess(cred);
	case RH_SCHEME_SCRYPT:
	case RH_SCHEME_SCRYPT_FIREBASE:
		return scrypt_excess(cred);
	case RH_SCHEME_PBKDF2_SHA1:
	case RH_SCHEME_PBKDF2_SHA256:
	case RH_SCHEME_PBKDF2_SHA512:
	case RH_SCHEME_MD4:
	case RH_SCHEME_MD5:
	case RH_SCHEME_SHA1:
	case RH_SCHEME_SHA256:
	case RH_SCHEME_SHA384:
	case RH_SCHEME_SHA512:
	case RH_SCHEME_SYMFONY_SHA512:
		return cred->cost <= RH_PASSWORD_ITERATIONS_MAX
			       ? NULL
			       : "there are more than 10,000,000 iterations";
	case RH_SCHEME_PHPASS:
	case RH_SCHEME_PHPASS_MD5:
	case RH_SCHEME_PHPASS_SHA512:
		return cred->cost <= PHPASS_COST_MAX ? NULL : "there are more than 2^22 iterations";
	case RH_SCHEME_CRYPT:
		return rh_password_setting_excess(cred->digest);
	case RH_SCHEME_NONE:
	case RH_SCHEME_HMAC_MD5:
	case RH_SCHEME_HMAC_SHA1:
	case RH_SCHEME_HMAC_SHA256:
	case RH_SCHEME_HMAC_SHA512:
	case RH_SCHEME_HMAC_SHA256_UTF16:
	case RH_SCHEME_OPAQUE:
		break;
	}
	return NULL;
}

static rh_password_fn *const checkers[] = {
	[RH_SCHEME_NONE] = NULL,
	[RH_SCHEME_BCRYPT] = rh_password_check_bcrypt,
	[RH_SCHEME_BCRYPT_SHA256_HEX] = rh_password_check_bcrypt_sha256,
	[RH_SCHEME_BCRYPT_PEPPERED] = rh_password_check_bcrypt_peppered,
	[RH_SCHEME_BCRYPT_SHA384] = rh_password_check_bcrypt_sha384,
	[RH_SCHEME_ARGON2I] = rh_password_check_argon2,
	[RH_SCHEME_ARGON2D] = rh_password_check_argon2,
	[RH_SCHEME_ARGON2ID] = rh_password_check_argon2,
	[RH_SCHEME_SCRYPT] = rh_password_check_scrypt,
	[RH_SCHEME_SCRYPT_FIREBASE] = rh_password_check_firebase,
	[RH_SCHEME_PBKDF2_SHA1] = rh_password_check_pbkdf2,
	[RH_SCHEME_PBKDF2_SHA256] = rh_password_check_pbkdf2,
	[RH_SCHEME_PBKDF2_SHA512] = rh_password_check_pbkdf2,
	[RH_SCHEME_MD4] = rh_password_check_md4,
	[RH_SCHEME_MD5] = rh_password_check_digest,
	[RH_SCHEME_SHA1] = rh_password_check_digest,
	[RH_SCHEME_SHA256] = rh_password_check_digest,
	[RH_SCHEME_SHA384] = rh_password_check_digest,
	[RH_SCHEME_SHA512] = rh_password_check_digest,
	[RH_SCHEME_HMAC_MD5] = rh_password_check_hmac,
	[RH_SCHEME_HMAC_SHA1] = rh_password_check_hmac,
	[RH_SCHEME_HMAC_SHA256] = rh_password_check_hmac,
	[RH_SCHEME_HMAC_SHA512] = rh_password_check_hmac,
	[RH_SCHEME_SYMFONY_SHA512] = rh_password_check_symfony,
	[RH_SCHEME_HMAC_SHA256_UTF16] = NULL,
	[RH_SCHEME_PHPASS] = rh_password_check_phpass,
	[RH_SCHEME_PHPASS_MD5] = rh_password_check_phpass_md5,
	[RH_SCHEME_PHPASS_SHA512] = rh_password_check_phpass_sha512,
	[RH_SCHEME_CRYPT] = rh_password_check_crypt,
	[RH_SCHEME_OPAQUE] = NULL,
};

bool rh_password_is_checkable(const struct rh_credential *cred)
{
	return cred->state == RH_CREDENTIAL_PRESENT && checkers[cred->scheme] != NULL &&
	       rh_password_excess(cred) == NULL;
}

int rh_password_check(const struct rh_credential *cred, struct rh_str password,
		      enum rh_password_result *out, struct rh_err *err)
{
	rh_password_fn *check;

	if (cred->state != RH_CREDENTIAL_PRESENT) {
		return rh_err_set(err, RH_EINTERNAL, "no password hash to check against");
	}
	if (!rh_password_is_checkable(cred)) {
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
	check = checkers[cred->scheme];
	return check != NULL ? check(cred, password, out, err)
			     : rh_err_set(err, RH_EINTERNAL, "no check for this kind of hash");
}
