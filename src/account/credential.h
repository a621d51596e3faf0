/* SPDX-License-Identifier: Apache-2.0 */
/* Password hashes: recognised by shape, checked against the source's label, written in portable forms. */
#ifndef ACCOUNT_CREDENTIAL_H
#define ACCOUNT_CREDENTIAL_H

#include <rehome/account.h>
#include <rehome/findings.h>

struct rh_arena;
struct rh_buf;

/*
 * What the source calls its hash, as far as it decides between readings of one shape.  A connector
 * translates its provider's names into these; SHAPE means "the text alone decides".
 */
enum rh_dialect {
	RH_DIALECT_SHAPE,
	RH_DIALECT_BCRYPT,
	RH_DIALECT_BCRYPT_SHA256_DJANGO,
	RH_DIALECT_BCRYPT_PEPPERED,
	RH_DIALECT_ARGON2I,
	RH_DIALECT_ARGON2ID,
	RH_DIALECT_PBKDF2_SHA1,
	RH_DIALECT_PBKDF2_SHA256,        /* salt in base64 */
	RH_DIALECT_PBKDF2_SHA256_DJANGO, /* salt is text */
	RH_DIALECT_PBKDF2_SHA512,        /* salt is text, digest hex (128 digits) or base64 */
	RH_DIALECT_PBKDF2_SHA512_HEX,
	RH_DIALECT_SCRYPT_FIREBASE, /* hash$salt$signer$separator$rounds$memory */
	RH_DIALECT_SCRYPT_WERKZEUG,
	RH_DIALECT_MD5,
	RH_DIALECT_MD5_SALTED,
	RH_DIALECT_SHA256,
	RH_DIALECT_SHA256_SALTED,
	RH_DIALECT_SHA512_SYMFONY,
	RH_DIALECT_PHPASS,
	RH_DIALECT_PHPASS_MD5,
	RH_DIALECT_LDAP_SSHA,
	RH_DIALECT_HMAC_SHA256_UTF16,
	RH_DIALECT_EXTERNAL_POOL,      /* a reference into another vendor's user pool */
	RH_DIALECT_BETTER_AUTH_SCRYPT, /* 32 hex digits as text salt : 128 hex digits */
};

/*
 * Reads `raw` as `dialect` says; the result's bytes live in the arena (raw and label are kept as given).
 * Never fails but for memory: what cannot be read is told by out->state (ABSENT for empty text and the
 * placeholders of "no password", REDACTED, UNRECOGNISED, MISLABELLED, OUT_OF_RANGE).  RH_OK or RH_ENOMEM.
 */
RH_NODISCARD int rh_credential_parse(struct rh_arena *arena, struct rh_str raw, struct rh_str label,
				     enum rh_dialect dialect, struct rh_credential *out);

/* The canonical text of a PRESENT credential (PHC string, or the scheme's own modular form). */
void rh_credential_write(struct rh_buf *out, const struct rh_credential *credential);

/* Short stable name of a scheme: "bcrypt", "argon2id", "scrypt-firebase" … for counts and findings. */
const char *rh_scheme_name(enum rh_scheme scheme);
/* The scheme of that name; NONE: there is none. */
enum rh_scheme rh_scheme_find(struct rh_str name);
const char *rh_credential_state_name(enum rh_credential_state state);
/* What the state is told as; 0: nothing to tell (ABSENT, PRESENT). */
enum rh_finding_code rh_credential_finding(enum rh_credential_state state);

#endif
