/* SPDX-License-Identifier: Apache-2.0 */
/* Plain digests of salt and password, and the two schemes that repeat one: symfony's and phpass. */
#include "crypto/password_internal.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>

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

/* out = digest(a, b, c); out may be what one of them points to. */
static void rounds_run3(struct rounds *rounds, struct rh_str a, struct rh_str b, struct rh_str c,
			uint8_t out[EVP_MAX_MD_SIZE])
{
	rounds->is_failed = rounds->is_failed ||
			    EVP_DigestInit_ex(rounds->ctx, rounds->md, NULL) != 1 ||
			    EVP_DigestUpdate(rounds->ctx, a.ptr, a.len) != 1 ||
			    EVP_DigestUpdate(rounds->ctx, b.ptr, b.len) != 1 ||
			    EVP_DigestUpdate(rounds->ctx, c.ptr, c.len) != 1 ||
			    EVP_DigestFinal_ex(rounds->ctx, out, NULL) != 1;
}

static void rounds_run(struct rounds *rounds, struct rh_str a, struct rh_str b,
		       uint8_t out[EVP_MAX_MD_SIZE])
{
	rounds_run3(rounds, a, b, RH_STR(""), out);
}

static int no_digest(struct rh_err *err)
{
	return rh_err_set(err, RH_EINTERNAL, "a digest failed");
}

/* What a credential is a digest with; NULL: nothing here makes it. */
static const EVP_MD *digest_of(enum rh_scheme scheme)
{
	static const struct {
		enum rh_scheme scheme;
		const EVP_MD *(*md)(void);
	} digests[] = {
		{RH_SCHEME_MD5, EVP_md5},
		{RH_SCHEME_HMAC_MD5, EVP_md5},
		{RH_SCHEME_SHA1, EVP_sha1},
		{RH_SCHEME_HMAC_SHA1, EVP_sha1},
		{RH_SCHEME_SHA256, EVP_sha256},
		{RH_SCHEME_HMAC_SHA256, EVP_sha256},
		{RH_SCHEME_SHA384, EVP_sha384},
		{RH_SCHEME_SHA512, EVP_sha512},
		{RH_SCHEME_HMAC_SHA512, EVP_sha512},
	};

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		if (digests[i].scheme == scheme) {
			return digests[i].md();
		}
	}
	return NULL;
}

/* The first code point of valid UTF-8, and its bytes. */
static size_t take_point(struct rh_str text, uint32_t *out)
{
	const unsigned char *at = (const unsigned char *)text.ptr;
	size_t len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t point = len == 1 ? at[0] : at[0] & (0xffU >> (len + 1));

	for (size_t i = 1; i < len; i++) {
		point = point << 6 | (at[i] & 0x3f);
	}
	*out = point;
	return len;
}

static void add_unit(struct rh_buf *out, uint32_t unit)
{
	rh_buf_add_char(out, (char)(unit & 0xff));
	rh_buf_add_char(out, (char)(unit >> 8 & 0xff));
}

/* The password as the credential wants it: as it is, or as UTF-16, low byte first.  *is_text: it was UTF-8, where
 * that is asked for. */
static int encode_password(const struct rh_credential *cred, struct rh_str password,
			   struct rh_buf *out, bool *is_text, struct rh_err *err)
{
	*is_text = !cred->is_utf16 || rh_str_is_utf8(password);
	if (!cred->is_utf16) {
		rh_buf_add_str(out, password);
	}
	while (cred->is_utf16 && *is_text && password.len > 0) {
		uint32_t point = 0;

		password = rh_str_sub(password, take_point(password, &point), password.len);
		if (point >= 0x10000) {
			add_unit(out, 0xd800 + ((point - 0x10000) >> 10));
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
		}
		add_unit(out, point);
	}
	return rh_buf_check(out, "a password", err);
}

/* digest(before, password, behind), then digest of that, iterations times in all. */
static enum rh_password_result try_order(struct rounds *rounds, const struct rh_credential *cred,
					 struct rh_str before, struct rh_str password,
					 struct rh_str behind)
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	struct rh_str whole = {
		.ptr = (const char *)hash,
		.len = (size_t)EVP_MD_get_size(rounds->md),
	};
	enum rh_password_result result;

	rounds_run3(rounds, before, password, behind, hash);
	for (uint64_t i = 1; i < cred->cost; i++) {
		rounds_run(rounds, whole, RH_STR(""), hash);
	}
	result = rh_password_compare(cred->digest, hash, whole.len);
	explicit_bzero(hash, sizeof(hash));
	return result;
}

/* The salt in its place; where that is unknown, in both. */
static enum rh_password_result try_places(struct rounds *rounds, const struct rh_credential *cred,
					  struct rh_str password)
{
	const struct rh_str none = RH_STR("");
	enum rh_password_result result;

	switch (cred->salt_place) {
	case RH_SALT_NONE:
		return try_order(rounds, cred, none, password, none);
	case RH_SALT_PREFIX:
		return try_order(rounds, cred, cred->salt, password, none);
	case RH_SALT_SUFFIX:
		return try_order(rounds, cred, none, password, cred->salt);
	case RH_SALT_BOTH:
		return try_order(rounds, cred, cred->salt, password, cred->salt2);
	case RH_SALT_UNKNOWN:
		break;
	}
	result = try_order(rounds, cred, cred->salt, password, none);
	return result == RH_PASSWORD_MATCH ? result
					   : try_order(rounds, cred, none, password, cred->salt);
}

static int check_rounds(const EVP_MD *md, const struct rh_credential *cred, struct rh_str password,
			enum rh_password_result *out, struct rh_err *err)
{
	enum rh_password_result result = RH_PASSWORD_MISMATCH;
	struct rounds rounds;
	rh_autobuf encoded = {0};
	bool is_text;
	int code;

	rh_buf_init_secret(&encoded, (size_t)2 * RH_PASSWORD_MAX);
	code = encode_password(cred, password, &encoded, &is_text, err);
	if (code != RH_OK) {
		return code;
	}
	if (!rounds_init(&rounds, md)) {
		return rh_password_no_memory(err);
	}
	if (is_text) {
		result = try_places(&rounds, cred, rh_buf_str(&encoded));
	}
	rounds_done(&rounds);
	if (rounds.is_failed) {
		return no_digest(err);
	}
	*out = result;
	return RH_OK;
}

int rh_password_check_digest(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	return check_rounds(digest_of(cred->scheme), cred, password, out, err);
}

/* OpenSSL keeps MD4 in a provider of its own, which not every machine has; a context of our own leaves the
 * process's alone. */
int rh_password_check_md4(const struct rh_credential *cred, struct rh_str password,
			  enum rh_password_result *out, struct rh_err *err)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *legacy = context != NULL ? OSSL_PROVIDER_load(context, "legacy") : NULL;
	EVP_MD *md = legacy != NULL ? EVP_MD_fetch(context, "MD4", NULL) : NULL;
	int code = RH_OK;

	*out = RH_PASSWORD_UNCHECKABLE;
	if (md != NULL) {
		code = check_rounds(md, cred, password, out, err);
	}
	EVP_MD_free(md);
	if (legacy != NULL) {
		(void)OSSL_PROVIDER_unload(legacy); /* the context goes, too */
	}
	OSSL_LIB_CTX_free(context);
	return code;
}

/* The same places of the salt, under a key. */
static bool try_keyed(const struct rh_credential *cred, struct rh_str before,
		      struct rh_str password, struct rh_str behind, enum rh_password_result *result)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;
	rh_autobuf text = {0};
	bool is_made;

	rh_buf_init_secret(&text, (size_t)3 * RH_PASSWORD_MAX + before.len + behind.len);
	rh_buf_add_str(&text, before);
	rh_buf_add_str(&text, password);
	rh_buf_add_str(&text, behind);
	is_made = text.failed == 0 &&
		  HMAC(digest_of(cred->scheme), cred->key.ptr, (int)cred->key.len,
		       text.len > 0 ? (const unsigned char *)text.ptr : (const unsigned char *)"",
		       text.len, mac, &mac_len) != NULL;
	if (is_made && *result != RH_PASSWORD_MATCH) {
		*result = rh_password_compare(cred->digest, mac, mac_len);
	}
	explicit_bzero(mac, sizeof(mac));
	return is_made;
}

int rh_password_check_hmac(const struct rh_credential *cred, struct rh_str password,
			   enum rh_password_result *out, struct rh_err *err)
{
	bool is_unknown = cred->salt_place == RH_SALT_UNKNOWN;
	bool is_before = is_unknown || cred->salt_place == RH_SALT_PREFIX ||
			 cred->salt_place == RH_SALT_BOTH;
	struct rh_str behind = cred->salt_place == RH_SALT_BOTH     ? cred->salt2
			       : cred->salt_place == RH_SALT_SUFFIX ? cred->salt
								    : RH_STR("");
	enum rh_password_result result = RH_PASSWORD_MISMATCH;
	rh_autobuf encoded = {0};
	bool is_made = true;
	bool is_text;
	int code;

	rh_buf_init_secret(&encoded, (size_t)2 * RH_PASSWORD_MAX);
	code = encode_password(cred, password, &encoded, &is_text, err);
	if (code != RH_OK) {
		return code;
	}
	if (is_text) {
		is_made = try_keyed(cred, is_before ? cred->salt : RH_STR(""), rh_buf_str(&encoded),
				    behind, &result);
	}
	if (is_text && is_unknown && is_made) {
		is_made = try_keyed(cred, RH_STR(""), rh_buf_str(&encoded), cred->salt, &result);
	}
	if (!is_made) {
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

/* Groups of three bytes, lowest first, six bits a digit, lowest first; as many digits as there is room for. */
static void encode_phpass(const uint8_t *hash, size_t hash_len, char *out, size_t out_len)
{
	size_t len = 0;

	for (size_t i = 0; i < hash_len && len < out_len; i += 3) {
		size_t bytes = hash_len - i < 3 ? hash_len - i : 3;
		uint32_t group = 0;

		for (size_t j = 0; j < bytes; j++) {
			group |= (uint32_t)hash[i + j] << (8 * j);
		}
		for (size_t j = 0; j <= bytes && len < out_len; j++) {
			out[len] = rh_password_digits[group >> (6 * j) & 63];
			len++;
		}
	}
}

/* `digits` of the hash stand behind three characters of name, one of cost and eight of salt. */
static int check_phpass(const struct rh_credential *cred, struct rh_str password, const EVP_MD *md,
			size_t digits, enum rh_password_result *out, struct rh_err *err)
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	char encoded[43] = {0};
	struct rh_str whole = {
		.ptr = (const char *)hash,
		.len = (size_t)EVP_MD_get_size(md),
	};
	struct rounds rounds;

	if (cred->digest.len != 12 + digits || digits > sizeof(encoded)) {
		return rh_err_set(err, RH_EINTERNAL, "a phpass hash of %zu characters",
				  cred->digest.len);
	}
	if (!rounds_init(&rounds, md)) {
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
	encode_phpass(hash, whole.len, encoded, digits);
	*out = rh_password_compare(rh_str_sub(cred->digest, 12, digits), encoded, digits);
	explicit_bzero(hash, sizeof(hash));
	return RH_OK;
}

int rh_password_check_phpass(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	return check_phpass(cred, password, EVP_md5(), 22, out, err);
}

int rh_password_check_phpass_sha512(const struct rh_credential *cred, struct rh_str password,
				    enum rh_password_result *out, struct rh_err *err)
{
	return check_phpass(cred, password, EVP_sha512(), 43, out, err);
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
