/* SPDX-License-Identifier: Apache-2.0 */
/* Plain digests of salt and password, and the two schemes that repeat one: symfony's and phpass. */
#include "crypto/password_internal.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* A hash state kept over many rounds. */
struct rounds {
	EVP_MD_CTX *ctx;
	const EVP_MD *md;
	bool is_failed;
};

static bool rounds_init(struct rounds *rounds, const EVP_MD *md)
{
	*rounds = (struct rounds){
		.ctx = EVP_MD_CTX_new(),
		.md = md,
	};
	return rounds->ctx != NULL;
}

static void rounds_done(struct rounds *rounds)
{
	EVP_MD_CTX_free(rounds->ctx);
}

/* out = digest(a, b); out may be what a or b points to. */
static void rounds_run(struct rounds *rounds, struct rh_str a, struct rh_str b,
		       uint8_t out[EVP_MAX_MD_SIZE])
{
	rounds->is_failed = rounds->is_failed ||
			    EVP_DigestInit_ex(rounds->ctx, rounds->md, NULL) != 1 ||
			    EVP_DigestUpdate(rounds->ctx, a.ptr, a.len) != 1 ||
			    EVP_DigestUpdate(rounds->ctx, b.ptr, b.len) != 1 ||
			    EVP_DigestFinal_ex(rounds->ctx, out, NULL) != 1;
}

static int no_digest(struct rh_err *err)
{
	return rh_err_set(err, RH_EINTERNAL, "a digest failed");
}

static const EVP_MD *digest_of(enum rh_scheme scheme)
{
	if (scheme == RH_SCHEME_MD5) {
		return EVP_md5();
	}
	if (scheme == RH_SCHEME_SHA1) {
		return EVP_sha1();
	}
	return scheme == RH_SCHEME_SHA256 ? EVP_sha256() : EVP_sha512();
}

/* digest(first, second), then digest of that, iterations times in all. */
static enum rh_password_result try_order(struct rounds *rounds, const struct rh_credential *cred,
					 struct rh_str first, struct rh_str second)
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	struct rh_str whole = {
		.ptr = (const char *)hash,
		.len = (size_t)EVP_MD_get_size(rounds->md),
	};
	enum rh_password_result result;

	rounds_run(rounds, first, second, hash);
	for (uint64_t i = 1; i < cred->cost; i++) {
		rounds_run(rounds, whole, RH_STR(""), hash);
	}
	result = rh_password_compare(cred->digest, hash, whole.len);
	explicit_bzero(hash, sizeof(hash));
	return result;
}

int rh_password_check_digest(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	bool is_prefix = cred->salt_place == RH_SALT_PREFIX || cred->salt_place == RH_SALT_UNKNOWN;
	bool is_suffix = cred->salt_place != RH_SALT_PREFIX;
	struct rh_str salt = cred->salt_place != RH_SALT_NONE ? cred->salt : RH_STR("");
	enum rh_password_result result = RH_PASSWORD_MISMATCH;
	struct rounds rounds;

	if (!rounds_init(&rounds, digest_of(cred->scheme))) {
		return rh_password_no_memory(err);
	}
	if (is_prefix) {
		result = try_order(&rounds, cred, salt, password);
	}
	if (is_suffix && result != RH_PASSWORD_MATCH) {
		result = try_order(&rounds, cred, password, salt);
	}
	rounds_done(&rounds);
	if (rounds.is_failed) {
		return no_digest(err);
	}
	*out = result;
	return RH_OK;
}

/* d = digest(merged), then d = digest(d, merged); merged is the password, and "{salt}" if there is one. */
int rh_password_check_symfony(const struct rh_credential *cred, struct rh_str password,
			      enum rh_password_result *out, struct rh_err *err)
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	struct rh_str whole = {
		.ptr = (const char *)hash,
		.len = 64,
	};
	struct rounds rounds;
	rh_autobuf merged = {0};
	int rc;

	rh_buf_init_secret(&merged, RH_PASSWORD_MAX + cred->salt.len + 2);
	rh_buf_add_str(&merged, password);
	if (cred->salt.len > 0) {
		rh_buf_add_char(&merged, '{');
		rh_buf_add_str(&merged, cred->salt);
		rh_buf_add_char(&merged, '}');
	}
	rc = rh_buf_check(&merged, "a password", err);
	if (rc != RH_OK) {
		return rc;
	}
	if (!rounds_init(&rounds, EVP_sha512())) {
		return rh_password_no_memory(err);
	}
	rounds_run(&rounds, rh_buf_str(&merged), RH_STR(""), hash);
	for (uint64_t i = 1; i < cred->cost; i++) {
		rounds_run(&rounds, whole, rh_buf_str(&merged), hash);
	}
	rounds_done(&rounds);
	if (rounds.is_failed) {
		return no_digest(err);
	}
	*out = rh_password_compare(cred->digest, hash, whole.len);
	explicit_bzero(hash, sizeof(hash));
	return RH_OK;
}

/* 16 bytes as 22 digits: groups of three bytes, lowest first, six bits a digit, lowest first. */
static void encode_phpass(const uint8_t hash[16], char out[22])
{
	size_t len = 0;

	for (size_t i = 0; i < 16; i += 3) {
		size_t bytes = 16 - i < 3 ? 16 - i : 3;
		uint32_t group = 0;

		for (size_t j = 0; j < bytes; j++) {
			group |= (uint32_t)hash[i + j] << (8 * j);
		}
		for (size_t j = 0; j <= bytes; j++) {
			out[len] = rh_password_digits[group >> (6 * j) & 63];
			len++;
		}
	}
}

int rh_password_check_phpass(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	char encoded[22];
	struct rh_str whole = {
		.ptr = (const char *)hash,
		.len = 16,
	};
	struct rounds rounds;

	if (cred->digest.len != 34) {
		return rh_err_set(err, RH_EINTERNAL, "a phpass hash of %zu characters",
				  cred->digest.len);
	}
	if (!rounds_init(&rounds, EVP_md5())) {
		return rh_password_no_memory(err);
	}
	rounds_run(&rounds, cred->salt, password, hash);
	for (uint64_t i = 0; i < (uint64_t)1 << cred->cost; i++) {
		rounds_run(&rounds, whole, password, hash);
	}
	rounds_done(&rounds);
	if (rounds.is_failed) {
		return no_digest(err);
	}
	encode_phpass(hash, encoded);
	*out = rh_password_compare(rh_str_sub(cred->digest, 12, 22), encoded, sizeof(encoded));
	explicit_bzero(hash, sizeof(hash));
	return RH_OK;
}

int rh_password_check_phpass_md5(const struct rh_credential *cred, struct rh_str password,
				 enum rh_password_result *out, struct rh_err *err)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	rh_autobuf hex = {0};
	int rc;

	rh_buf_init_secret(&hex, 32);
	if (EVP_Digest(password.ptr, password.len, hash, NULL, EVP_md5(), NULL) != 1) {
		return no_digest(err);
	}
	rh_hex_encode(&hex, (struct rh_str){.ptr = (const char *)hash, .len = 16});
	rc = rh_buf_check(&hex, "a password", err);
	return rc == RH_OK ? rh_password_check_phpass(cred, rh_buf_str(&hex), out, err) : rc;
}
