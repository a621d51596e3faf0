/* SPDX-License-Identifier: Apache-2.0 */
/* What libxcrypt computes: bcrypt, plain and wrapped, and the crypt(3) schemes. */
#include "crypto/password_internal.h"

#include <crypt.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"

#define BCRYPT_PASSWORD_LEN \
	72 /* bytes that count; longer ones libxcrypt cuts off itself up to 511 */

/* crypt_r with its 32 KiB of working memory, which is cleared.  *text is absent when crypt(3) refuses. */
static int run_crypt(const char *password, const char *setting, struct rh_buf *text,
		     struct rh_err *err)
{
	struct crypt_data *data = rh_calloc(1, sizeof(*data));
	const char *result;

	if (data == NULL) {
		return rh_password_no_memory(err);
	}
	result = crypt_r(password, setting, data);
	if (result != NULL && result[0] != '*') {
		rh_buf_add_cstr(text, result);
	}
	explicit_bzero(data, sizeof(*data));
	rh_free(data);
	return rh_buf_check(text, "a password hash", err);
}

/* Compares with what crypt(3) makes of the password; one with a NUL inside can be no C library's. */
static int check_setting(struct rh_str password, struct rh_str setting, struct rh_str expected,
			 enum rh_password_result *out, struct rh_err *err)
{
	rh_autobuf text = {0};
	rh_autobuf terminated = {0};
	rh_autobuf setting_text = {0};
	int rc;

	rh_buf_init_secret(&text, CRYPT_OUTPUT_SIZE);
	rh_buf_init_secret(&terminated, RH_PASSWORD_MAX);
	rh_buf_init(&setting_text, CRYPT_OUTPUT_SIZE);
	if (memchr(password.ptr, '\0', password.len) != NULL) {
		*out = RH_PASSWORD_MISMATCH;
		return RH_OK;
	}
	if (password.len >= CRYPT_MAX_PASSPHRASE_SIZE || setting.len >= CRYPT_OUTPUT_SIZE ||
	    memchr(setting.ptr, '\0', setting.len) != NULL) {
		*out = RH_PASSWORD_UNCHECKABLE;
		return RH_OK;
	}
	rh_buf_add_str(&terminated, password);
	rh_buf_add_str(&setting_text, setting);
	rc = rh_buf_check(&terminated, "a password", err);
	if (rc == RH_OK) {
		rc = rh_buf_check(&setting_text, "a password hash", err);
	}
	if (rc == RH_OK) {
		rc = run_crypt(password.len > 0 ? terminated.ptr : "", setting_text.ptr, &text,
			       err);
	}
	if (rc != RH_OK) {
		return rc;
	}
	*out = text.len == 0 ? RH_PASSWORD_UNCHECKABLE
			     : rh_password_compare(expected, text.ptr, text.len);
	return RH_OK;
}

/*
 * "2a" is checked as "2b": libxcrypt guards that letter against collisions in a way that changes the result
 * for bytes no UTF-8 has, and hashes that come from elsewhere were made without the guard.
 */
int rh_password_check_bcrypt(const struct rh_credential *cred, struct rh_str password,
			     enum rh_password_result *out, struct rh_err *err)
{
	char hash[64];
	int len = snprintf(hash, sizeof(hash), "$2%c$%02u$%.*s%.*s",
			   cred->bcrypt_minor == 'a' ? 'b' : cred->bcrypt_minor,
			   (unsigned)cred->cost, RH_STR_ARG(cred->salt), RH_STR_ARG(cred->digest));

	if (len != 60) {
		return rh_err_set(err, RH_EINTERNAL, "a bcrypt hash of %d characters", len);
	}
	return check_setting(rh_str_sub(password, 0, BCRYPT_PASSWORD_LEN), rh_str_from(hash),
			     rh_str_from(hash), out, err);
}

/* PHP's trim: blank, tab, line ends, NUL, vertical tab. */
static struct rh_str trim(struct rh_str text)
{
	static const char blanks[] = {' ', '\t', '\n', '\r', '\0', '\v'};

	while (text.len > 0 && memchr(blanks, text.ptr[0], sizeof(blanks)) != NULL) {
		text = rh_str_sub(text, 1, text.len);
	}
	while (text.len > 0 && memchr(blanks, text.ptr[text.len - 1], sizeof(blanks)) != NULL) {
		text.len--;
	}
	return text;
}

int rh_password_check_bcrypt_sha256(const struct rh_credential *cred, struct rh_str password,
				    enum rh_password_result *out, struct rh_err *err)
{
	struct rh_sha256 sha;
	uint8_t digest[RH_DIGEST_LEN];
	rh_autobuf hex = {0};
	int rc;

	rh_buf_init_secret(&hex, sizeof(digest) * 2);
	rh_sha256_init(&sha);
	rh_sha256_add(&sha, password.ptr, password.len);
	rh_sha256_finish(&sha, digest);
	rh_hex_encode(&hex, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	rc = rh_buf_check(&hex, "a password", err);
	return rc == RH_OK ? rh_password_check_bcrypt(cred, rh_buf_str(&hex), out, err) : rc;
}

/* HMAC-SHA-384 of the password without blanks at its ends, under a key that is public, in base64. */
int rh_password_check_bcrypt_sha384(const struct rh_credential *cred, struct rh_str password,
				    enum rh_password_result *out, struct rh_err *err)
{
	static const char key[] = "wp-sha384";
	struct rh_str trimmed = trim(password);
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;
	rh_autobuf text = {0};
	int rc;

	rh_buf_init_secret(&text, BCRYPT_PASSWORD_LEN);
	if (HMAC(EVP_sha384(), key, (int)sizeof(key) - 1, (const unsigned char *)trimmed.ptr,
		 trimmed.len, mac, &mac_len) == NULL) {
		return rh_err_set(err, RH_EINTERNAL, "an hmac failed");
	}
	rh_base64_encode(&text, (struct rh_str){.ptr = (const char *)mac, .len = mac_len},
			 RH_BASE64_STD);
	explicit_bzero(mac, sizeof(mac));
	rc = rh_buf_check(&text, "a password", err);
	return rc == RH_OK ? rh_password_check_bcrypt(cred, rh_buf_str(&text), out, err) : rc;
}

int rh_password_check_bcrypt_peppered(const struct rh_credential *cred, struct rh_str password,
				      enum rh_password_result *out, struct rh_err *err)
{
	rh_autobuf joined = {0};
	int rc;

	/* What does not count is not joined: so the length has a bound. */
	rh_buf_init_secret(&joined, (size_t)2 * BCRYPT_PASSWORD_LEN);
	rh_buf_add_str(&joined, rh_str_sub(password, 0, BCRYPT_PASSWORD_LEN));
	rh_buf_add_str(&joined, rh_str_sub(cred->key, 0, BCRYPT_PASSWORD_LEN));
	rc = rh_buf_check(&joined, "a password", err);
	return rc == RH_OK ? rh_password_check_bcrypt(cred, rh_buf_str(&joined), out, err) : rc;
}

static int radix64_value(char digit)
{
	const char *at = digit != '\0' ? strchr(rh_password_digits, digit) : NULL;

	return at != NULL ? (int)(at - rh_password_digits) : -1;
}

/* Five digits of six bits, lowest first; false: other bytes. */
static bool take_radix64(struct rh_str text, uint64_t *out)
{
	uint64_t number = 0;

	if (text.len != 5) {
		return false;
	}
	for (size_t i = 0; i < 5; i++) {
		int value = radix64_value(text.ptr[i]);

		if (value < 0) {
			return false;
		}
		number |= (uint64_t)value << (6 * i);
	}
	*out = number;
	return true;
}

/* "$7$": log2 N, r and p in radix 64.  256 MiB and 16 lanes, as for scrypt elsewhere. */
static bool is_scrypt_setting_affordable(struct rh_str setting)
{
	int log_n = setting.len > 14 ? radix64_value(setting.ptr[3]) : -1;
	uint64_t r;
	uint64_t p;

	return log_n >= 1 && log_n <= 21 && take_radix64(rh_str_sub(setting, 4, 5), &r) &&
	       take_radix64(rh_str_sub(setting, 9, 5), &p) && r >= 1 &&
	       r <= (256ULL * 1024 * 1024 / 128) >> log_n && p >= 1 && p <= 16;
}

/* "$y$jFT$": what its own settings maker writes, up to "jDT", which takes 256 MiB. */
static bool is_yescrypt_setting_affordable(struct rh_str setting)
{
	return setting.len > 7 && setting.ptr[3] == 'j' && setting.ptr[6] == '$' &&
	       strchr("789ABCD", setting.ptr[4]) != NULL && strchr("5T", setting.ptr[5]) != NULL;
}

/* "$5$rounds=N$": missing means 5000. */
static bool is_sha_setting_affordable(struct rh_str setting)
{
	struct rh_str rest = rh_str_sub(setting, 3, setting.len);
	uint64_t rounds;

	if (!rh_str_starts(rest, "rounds=")) {
		return true;
	}
	rest = rh_str_sub(rest, strlen("rounds="), rest.len);
	return rh_str_to_u64(rh_str_cut(&rest, '$'), &rounds) &&
	       rounds <= RH_PASSWORD_ITERATIONS_MAX;
}

const char *rh_password_setting_excess(struct rh_str setting)
{
	bool is_affordable;

	if (rh_str_starts(setting, "$apr1$")) {
		return "the C library here does not know this scheme";
	}
	if (rh_str_starts(setting, "$7$")) {
		is_affordable = is_scrypt_setting_affordable(setting);
	} else if (rh_str_starts(setting, "$y$")) {
		is_affordable = is_yescrypt_setting_affordable(setting);
	} else if (rh_str_starts(setting, "$5$") || rh_str_starts(setting, "$6$")) {
		is_affordable = is_sha_setting_affordable(setting);
	} else {
		is_affordable = rh_str_starts(setting, "$1$");
	}
	return is_affordable ? NULL : "it takes more memory or rounds than a check may";
}

int rh_password_check_crypt(const struct rh_credential *cred, struct rh_str password,
			    enum rh_password_result *out, struct rh_err *err)
{
	return check_setting(password, cred->digest, cred->digest, out, err);
}

int rh_password_bcrypt(struct rh_str password, const uint8_t salt[16], unsigned cost, char out[64],
		       struct rh_err *err)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct rh_str counted = rh_str_sub(password, 0, BCRYPT_PASSWORD_LEN);
	rh_autobuf terminated = {0};
	rh_autobuf text = {0};
	int rc;

	rh_buf_init_secret(&terminated, BCRYPT_PASSWORD_LEN);
	rh_buf_init(&text, CRYPT_OUTPUT_SIZE);
	if (cost < 4 || cost > 15 || counted.ptr == NULL ||
	    memchr(counted.ptr, '\0', counted.len) != NULL) {
		return rh_err_set(err, RH_EINVAL, "password or cost that bcrypt cannot take");
	}
	if (crypt_gensalt_rn("$2b$", cost, (const char *)salt, 16, setting, (int)sizeof(setting)) ==
	    NULL) {
		return rh_err_set(err, RH_EINTERNAL, "no bcrypt setting for cost %u", cost);
	}
	rh_buf_add_str(&terminated, counted);
	rc = rh_buf_check(&terminated, "a password", err);
	if (rc == RH_OK) {
		rc = run_crypt(counted.len > 0 ? terminated.ptr : "", setting, &text, err);
	}
	if (rc != RH_OK) {
		return rc;
	}
	if (text.len != 60) {
		return rh_err_set(err, RH_EINTERNAL, "bcrypt gave no hash");
	}
	memcpy(out, text.ptr, 61);
	return RH_OK;
}
