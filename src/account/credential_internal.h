/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of hash forms share: cutting a text into fields, and the readers themselves. */
#ifndef ACCOUNT_CREDENTIAL_INTERNAL_H
#define ACCOUNT_CREDENTIAL_INTERNAL_H

#include <rehome/account.h>

struct rh_arena;

/* One attempt to read a text as one form. */
struct rh_scan {
	struct rh_arena *arena;
	struct rh_credential *cred; /* being filled */
	bool is_out_of_range;       /* the form fits, a parameter does not */
	bool is_out_of_memory;
};

/*
 * A reader of one form: true when the whole text has it (parameters may still be out of range), false when
 * it has not or memory ran out.  What a reader wrote before saying false counts for nothing.
 */
typedef bool rh_scan_fn(struct rh_scan *scan, struct rh_str text);

/* Cuts `text` at every `sep`; true when that gives exactly `count` parts. */
bool rh_scan_split(struct rh_str text, char sep, struct rh_str *parts, size_t count);
/* Takes `prefix` off the front of *text. */
bool rh_scan_prefix(struct rh_str *text, const char *prefix);
/* Only bytes of ./0-9A-Za-z. */
bool rh_scan_is_radix64(struct rh_str text);
/* Decimal digits without leading zeros.  Outside min..max: out of range, *out is min. */
bool rh_scan_number(struct rh_scan *scan, struct rh_str text, uint64_t min, uint64_t max,
		    uint64_t *out);
/* Marks the attempt out of range unless the condition is met, or min <= value <= max. */
void rh_scan_require(struct rh_scan *scan, bool is_met);
void rh_scan_bound(struct rh_scan *scan, uint64_t value, uint64_t min, uint64_t max);
/* The bytes of a field, decoded into, or copied to, the arena. */
bool rh_scan_base64(struct rh_scan *scan, struct rh_str text, struct rh_str *out);
bool rh_scan_hex(struct rh_scan *scan, struct rh_str text, struct rh_str *out);
bool rh_scan_copy(struct rh_scan *scan, struct rh_str text, struct rh_str *out);
/* A copy that a parser may write into, NUL behind it; NULL: no memory. */
char *rh_scan_writable(struct rh_scan *scan, struct rh_str text);

/* Bytes of a derived key: anything shorter is no password hash, nothing longer than 256 has been seen. */
#define RH_SCAN_DERIVED_MIN 8U
#define RH_SCAN_DERIVED_MAX 1024U
/* A derived key into cred->digest, its length checked against the bounds above. */
bool rh_scan_derived(struct rh_scan *scan, struct rh_str text, bool is_hex);
/* True when `text` is absent, or the decimal length of cred->digest. */
bool rh_scan_is_derived_len(struct rh_scan *scan, struct rh_str text);

/* One `name=value` of a parameter block; value stays absent when the block has no such name. */
struct rh_scan_param {
	const char *name;
	struct rh_str value;
};
/* Reads a block of parameters in any order; false: a name unknown or given twice, or one of the first
 * `required` missing. */
bool rh_scan_params(struct rh_str text, char sep, struct rh_scan_param *params, size_t count,
		    size_t required);

/* credential_modular.c: forms that keep their own text. */
rh_scan_fn rh_form_bcrypt;          /* $2b$10$… */
rh_scan_fn rh_form_bcrypt_peppered; /* $2a$12$…$pepper */
rh_scan_fn rh_form_bcrypt_wrapped;  /* bcrypt$$2b$…, bcrypt_sha256$$2b$… */
rh_scan_fn rh_form_bcrypt_sha256_canonical;
rh_scan_fn rh_form_bcrypt_pepper_canonical;
rh_scan_fn rh_form_bcrypt_sha384; /* $wp$2y$10$… */
rh_scan_fn rh_form_argon2;        /* $argon2id$…, argon2$argon2id$… */
rh_scan_fn rh_form_phpass;
rh_scan_fn rh_form_phpass_md5; /* the same text, over the MD5 of the password */
rh_scan_fn rh_form_phpass_md5_canonical;
rh_scan_fn rh_form_phpass_sha512; /* $S$… */
rh_scan_fn rh_form_crypt;
rh_scan_fn rh_form_external_pool; /* vendor#pool#client#name */
rh_scan_fn rh_form_envelope;      /* {"key_id":…}: a hash that is encrypted where it is stored */
rh_scan_fn rh_form_opaque_canonical;

/* credential_scrypt.c: scrypt, standard and modified. */
rh_scan_fn rh_form_scrypt_phc;    /* $scrypt$ln=… and $scrypt$v=1$n=… */
rh_scan_fn rh_form_scrypt_s0;     /* $s0$e0801$… */
rh_scan_fn rh_form_scrypt_colons; /* SCRYPT:1024:1:1:… */
rh_scan_fn rh_form_scrypt_werkzeug;
rh_scan_fn rh_form_scrypt_django;
rh_scan_fn rh_form_scrypt_better_auth;
rh_scan_fn rh_form_fbscrypt;        /* $fbscrypt$v=1,n=… */
rh_scan_fn rh_form_firebase_scrypt; /* $firebase-scrypt$… */
rh_scan_fn rh_form_scrypt_firebase; /* hash$salt$signer$separator$rounds$memory, or one of these */

/* credential_pbkdf2.c */
rh_scan_fn rh_form_pbkdf2_sha1_parts;   /* salt hex or text, digest hex, length optional */
rh_scan_fn rh_form_pbkdf2_sha256_parts; /* both base64 */
rh_scan_fn rh_form_pbkdf2_sha512_parts; /* salt text, digest hex or base64 */
rh_scan_fn rh_form_pbkdf2_sha512_hex;
rh_scan_fn rh_form_pbkdf2_django; /* salt text, digest base64 */
rh_scan_fn rh_form_pbkdf2_werkzeug;
rh_scan_fn rh_form_pbkdf2_phc;     /* $pbkdf2-sha256$i=…, also with d= */
rh_scan_fn rh_form_pbkdf2_passlib; /* $pbkdf2-sha256$29000$… */
rh_scan_fn rh_form_pbkdf2_ldap;    /* {PBKDF2-SHA256}… */
rh_scan_fn rh_form_pbkdf2_blob;    /* {PBKDF2_SHA256}…: a binary record */
rh_scan_fn rh_form_aspnet;

/* credential_digest.c: digests of salt and password, and what is made of them. */
rh_scan_fn rh_form_ldap;          /* {SCHEME}… */
rh_scan_fn rh_form_ssha;          /* {SSHA}…, braces optional */
rh_scan_fn rh_form_salted_django; /* sha1$salt$hex, md5$salt$hex */
rh_scan_fn rh_form_symfony;
rh_scan_fn rh_form_symfony_canonical;
rh_scan_fn rh_form_digest_canonical; /* $x-sha256$pos=… */
rh_scan_fn rh_form_md5_hex;
rh_scan_fn rh_form_sha256_hex;
rh_scan_fn rh_form_md5_salted; /* salt$hex */
rh_scan_fn rh_form_sha256_salted;
rh_scan_fn rh_form_hmac_canonical; /* $x-hmac-sha256$k=… */
rh_scan_fn rh_form_hmac_utf16;
rh_scan_fn rh_form_hmac_utf16_canonical;
/* credential_json.c: a credential as a JSON object. */
rh_scan_fn rh_form_json;

/* Has the length and alphabet of an unsalted digest in hex, or of two joined by a colon. */
bool rh_form_is_digest_hex(struct rh_str text);

#endif
