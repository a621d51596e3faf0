/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical text of a credential, which says everything about it that a check needs. */
#include "account/credential.h"

#include "base/buf.h"
#include "base/str.h"

/* "$salt$digest" */
static void add_tail(struct rh_buf *out, const struct rh_credential *cred, enum rh_base64_form form)
{
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->salt, form);
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->digest, form);
}

static unsigned log2_of(uint64_t power)
{
	return power == 0 ? 0 : 63U - (unsigned)__builtin_clzll(power);
}

static void write_bcrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	unsigned cost = (unsigned)cred->cost;

	if (cred->scheme == RH_SCHEME_BCRYPT || cred->scheme == RH_SCHEME_BCRYPT_SHA384) {
		/* Most people's hashes, so by hand: a format costs more than all the rest. */
		char head[] = {'$', '2', cred->bcrypt_minor, '$'};
		if (cred->scheme == RH_SCHEME_BCRYPT_SHA384) {
			rh_buf_add(out, "$wp", 3);
		}
		rh_buf_add(out, head, sizeof(head));
		if (cost < 10) {
			rh_buf_add_char(out, '0');
		}
		rh_buf_add_u64(out, cost);
		rh_buf_add_char(out, '$');
		rh_buf_add_str(out, cred->salt);
	} else {
		rh_buf_printf(out, "$x-%s$v=2%c,r=%u",
			      cred->scheme == RH_SCHEME_BCRYPT_PEPPERED ? "bcrypt-pepper"
									: "bcrypt-sha256hex",
			      cred->bcrypt_minor, cost);
		if (cred->scheme == RH_SCHEME_BCRYPT_PEPPERED) {
			rh_buf_add_cstr(out, ",k=");
			rh_base64_encode(out, cred->key, RH_BASE64_STD_NOPAD);
		}
		rh_buf_add_char(out, '$');
		rh_buf_add_str(out, cred->salt);
		rh_buf_add_char(out, '$');
	}
	rh_buf_add_str(out, cred->digest);
}

static void write_argon2(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "$%s$v=%u$m=%u,t=%u,p=%u", rh_scheme_name(cred->scheme), cred->version,
		      cred->memory, (unsigned)cred->cost, cred->parallelism);
	add_tail(out, cred, RH_BASE64_STD_NOPAD);
}

static void write_scrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "$scrypt$ln=%u,r=%u,p=%u", log2_of(cred->cost), cred->memory,
		      cred->parallelism);
	add_tail(out, cred, RH_BASE64_STD_NOPAD);
}

/* Padded, alone among the forms: this very string is stored by those who use it. */
static void write_firebase(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "$fbscrypt$v=1,n=%u,r=%u,p=%u,ss=", log2_of(cred->cost), cred->memory,
		      cred->parallelism);
	rh_base64_encode(out, cred->sep, RH_BASE64_STD);
	rh_buf_add_cstr(out, ",sk=");
	rh_base64_encode(out, cred->key, RH_BASE64_STD);
	add_tail(out, cred, RH_BASE64_STD);
}

static const char *place_name(enum rh_salt_place place)
{
	switch (place) {
	case RH_SALT_NONE:
		return "none";
	case RH_SALT_PREFIX:
		return "prefix";
	case RH_SALT_SUFFIX:
		return "suffix";
	case RH_SALT_BOTH:
		return "both";
	case RH_SALT_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

/* What plain digests and HMACs have in common at the end of their parameters. */
static void write_rest(struct rh_buf *out, const struct rh_credential *cred)
{
	if (cred->is_utf16) {
		rh_buf_add_cstr(out, ",enc=utf16le");
	}
	if (cred->salt_place == RH_SALT_BOTH) {
		rh_buf_add_cstr(out, ",s2=");
		rh_base64_encode(out, cred->salt2, RH_BASE64_STD_NOPAD);
	}
}

static void write_digest(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "$x-%s$pos=%s,it=%llu", rh_scheme_name(cred->scheme),
		      place_name(cred->salt_place), (unsigned long long)cred->cost);
	write_rest(out, cred);
	add_tail(out, cred, RH_BASE64_STD_NOPAD);
}

static void write_hmac(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "$x-%s$k=", rh_scheme_name(cred->scheme));
	rh_base64_encode(out, cred->key, RH_BASE64_STD_NOPAD);
	rh_buf_printf(out, ",pos=%s", place_name(cred->salt_place));
	write_rest(out, cred);
	add_tail(out, cred, RH_BASE64_STD_NOPAD);
}

static void write_opaque(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_add_cstr(out, "$x-opaque$");
	rh_base64_encode(out, cred->digest, RH_BASE64_STD_NOPAD);
}

void rh_credential_write(struct rh_buf *out, const struct rh_credential *cred)
{
	switch (cred->scheme) {
	case RH_SCHEME_NONE:
		return;
	case RH_SCHEME_BCRYPT:
	case RH_SCHEME_BCRYPT_SHA256_HEX:
	case RH_SCHEME_BCRYPT_PEPPERED:
	case RH_SCHEME_BCRYPT_SHA384:
		write_bcrypt(out, cred);
		return;
	case RH_SCHEME_ARGON2I:
	case RH_SCHEME_ARGON2D:
	case RH_SCHEME_ARGON2ID:
		write_argon2(out, cred);
		return;
	case RH_SCHEME_SCRYPT:
		write_scrypt(out, cred);
		return;
	case RH_SCHEME_SCRYPT_FIREBASE:
		write_firebase(out, cred);
		return;
	case RH_SCHEME_PBKDF2_SHA1:
	case RH_SCHEME_PBKDF2_SHA256:
	case RH_SCHEME_PBKDF2_SHA512:
		rh_buf_printf(out, "$%s$i=%llu,l=%zu", rh_scheme_name(cred->scheme),
			      (unsigned long long)cred->cost, cred->digest.len);
		break;
	case RH_SCHEME_MD4:
	case RH_SCHEME_MD5:
	case RH_SCHEME_SHA1:
	case RH_SCHEME_SHA256:
	case RH_SCHEME_SHA384:
	case RH_SCHEME_SHA512:
		write_digest(out, cred);
		return;
	case RH_SCHEME_HMAC_MD5:
	case RH_SCHEME_HMAC_SHA1:
	case RH_SCHEME_HMAC_SHA256:
	case RH_SCHEME_HMAC_SHA512:
		write_hmac(out, cred);
		return;
	case RH_SCHEME_SYMFONY_SHA512:
		rh_buf_printf(out, "$x-symfony-sha512$it=%llu", (unsigned long long)cred->cost);
		break;
	case RH_SCHEME_HMAC_SHA256_UTF16:
		rh_buf_add_cstr(out, "$x-hmac-sha256$enc=utf16le,pos=none");
		break;
	case RH_SCHEME_PHPASS_MD5:
		rh_buf_add_cstr(out, "$x-phpass-md5");
		rh_buf_add_str(out, cred->digest);
		return;
	case RH_SCHEME_PHPASS:
	case RH_SCHEME_PHPASS_SHA512:
	case RH_SCHEME_CRYPT:
		rh_buf_add_str(out, cred->digest);
		return;
	case RH_SCHEME_OPAQUE:
		write_opaque(out, cred);
		return;
	}
	add_tail(out, cred, RH_BASE64_STD_NOPAD);
}
