/* SPDX-License-Identifier: Apache-2.0 */
/* The key derivations: argon2, scrypt, its variant that encrypts a signer key, PBKDF2. */
#include "crypto/password_internal.h"

#include <string.h>

#include <argon2.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"

#define DERIVED_MAX 1024U
#define SALT_MAX 4096U

static argon2_type argon2_type_of(enum rh_scheme scheme)
{
	if (scheme == RH_SCHEME_ARGON2D) {
		return Argon2_d;
	}
	return scheme == RH_SCHEME_ARGON2I ? Argon2_i : Argon2_id;
}

int rh_password_check_argon2(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	uint8_t derived[DERIVED_MAX];
	int rc;

	if (cred->digest.len > sizeof(derived)) {
		*out = RH_PASSWORD_UNCHECKABLE;
		return RH_OK;
	}
	rc = argon2_hash((uint32_t)cred->cost, cred->memory, cred->parallelism, password.ptr,
			 password.len, cred->salt.ptr, cred->salt.len, derived, cred->digest.len,
			 NULL, 0, argon2_type_of(cred->scheme), cred->version);
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR) {
		return rh_password_no_memory(err);
	}
	if (rc != ARGON2_OK) {
		return rh_err_set(err, RH_EINTERNAL, "argon2 failed: %s", argon2_error_message(rc));
	}
	*out = rh_password_compare(cred->digest, derived, cred->digest.len);
	explicit_bzero(derived, sizeof(derived));
	return RH_OK;
}

/* The memory bound is a little above the one that rh_password_check keeps. */
static int run_scrypt(const struct rh_credential *cred, struct rh_str password, struct rh_str salt,
		      uint8_t *derived, size_t len, struct rh_err *err)
{
	if (EVP_PBE_scrypt(password.ptr, password.len, (const unsigned char *)salt.ptr, salt.len,
			   cred->cost, cred->memory, cred->parallelism, 300ULL * 1024 * 1024,
			   derived, len) != 1) {
		return rh_err_set(err, RH_EINTERNAL, "scrypt failed");
	}
	return RH_OK;
}

int rh_password_check_scrypt(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	uint8_t derived[DERIVED_MAX];
	int rc;

	if (cred->digest.len > sizeof(derived)) {
		*out = RH_PASSWORD_UNCHECKABLE;
		return RH_OK;
	}
	rc = run_scrypt(cred, password, cred->salt, derived, cred->digest.len, err);
	if (rc != RH_OK) {
		return rc;
	}
	*out = rh_password_compare(cred->digest, derived, cred->digest.len);
	explicit_bzero(derived, sizeof(derived));
	return RH_OK;
}

/* AES-256-CTR from counter 0; out has room for text.len bytes. */
static int encrypt_ctr(const uint8_t key[32], struct rh_str text, uint8_t *out, struct rh_err *err)
{
	static const uint8_t counter[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;
	bool is_done;

	if (ctx == NULL) {
		return rh_password_no_memory(err);
	}
	is_done = EVP_EncryptInit_ex(ctx, EVP_aes_256_ctr(), NULL, key, counter) == 1 &&
		  EVP_EncryptUpdate(ctx, out, &len, (const unsigned char *)text.ptr,
				    (int)text.len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return is_done ? RH_OK : rh_err_set(err, RH_EINTERNAL, "aes failed");
}

/* The signer key, encrypted with what scrypt makes of password, salt and separator. */
int rh_password_lock(const struct rh_credential *cred, struct rh_str password, uint8_t *out,
		     struct rh_err *err)
{
	uint8_t key[32];
	rh_autobuf salt = {0};
	int rc;

	rh_buf_init(&salt, SALT_MAX);
	rh_buf_add_str(&salt, cred->salt);
	rh_buf_add_str(&salt, cred->sep);
	rc = rh_buf_check(&salt, "a salt", err);
	if (rc == RH_OK) {
		rc = run_scrypt(cred, password, rh_buf_str(&salt), key, sizeof(key), err);
	}
	if (rc == RH_OK) {
		rc = encrypt_ctr(key, cred->key, out, err);
	}
	explicit_bzero(key, sizeof(key));
	return rc;
}

/* The digest is that. */
int rh_password_check_firebase(const struct rh_credential *cred, struct rh_str password,
			       enum rh_password_result *out, struct rh_err *err)
{
	uint8_t encrypted[DERIVED_MAX];
	int rc;

	if (cred->key.len > sizeof(encrypted) || cred->salt.len + cred->sep.len > SALT_MAX) {
		*out = RH_PASSWORD_UNCHECKABLE;
		return RH_OK;
	}
	rc = rh_password_lock(cred, password, encrypted, err);
	if (rc == RH_OK) {
		*out = rh_password_compare(cred->digest, encrypted, cred->key.len);
	}
	explicit_bzero(encrypted, sizeof(encrypted));
	return rc;
}

static const EVP_MD *pbkdf2_digest_of(enum rh_scheme scheme)
{
	if (scheme == RH_SCHEME_PBKDF2_SHA1) {
		return EVP_sha1();
	}
	return scheme == RH_SCHEME_PBKDF2_SHA256 ? EVP_sha256() : EVP_sha512();
}

int rh_password_check_pbkdf2(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	uint8_t derived[DERIVED_MAX];

	if (cred->digest.len > sizeof(derived) || cred->salt.len > SALT_MAX) {
		*out = RH_PASSWORD_UNCHECKABLE;
		return RH_OK;
	}
	if (PKCS5_PBKDF2_HMAC(password.ptr, (int)password.len,
			      (const unsigned char *)cred->salt.ptr, (int)cred->salt.len,
			      (int)cred->cost, pbkdf2_digest_of(cred->scheme),
			      (int)cred->digest.len, derived) != 1) {
		return rh_err_set(err, RH_EINTERNAL, "pbkdf2 failed");
	}
	*out = rh_password_compare(cred->digest, derived, cred->digest.len);
	explicit_bzero(derived, sizeof(derived));
	return RH_OK;
}
