/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical account: the one form that every provider's record becomes, and from which every target's
 * request is made.
 *
 * An account and everything it points to live in one arena (a batch's); nothing in it is owned.  All text
 * is valid UTF-8 without NUL.  An absent field is an absent rh_str (ptr NULL); an empty one is empty text;
 * readers of exports decide once which of the two a cell is.  Numbers of "unknown" are given by flags.
 */
#ifndef REHOME_ACCOUNT_H
#define REHOME_ACCOUNT_H

#include <rehome/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rh_identifier_kind {
	RH_IDENTIFIER_EMAIL,
	RH_IDENTIFIER_PHONE,
	RH_IDENTIFIER_USERNAME,
};

/* One way to name a person at sign-in. */
struct rh_identifier {
	enum rh_identifier_kind kind;
	bool is_verified;      /* only what the source says; not said is false */
	bool is_primary;       /* at most one of each kind */
	bool is_reserved;      /* held for the account, not usable until verified */
	bool is_second_factor; /* phones: used for codes at sign-in */
	/* e-mail: trimmed, lower case, A-label domain; phone: E.164; username: as is */
	struct rh_str value;
	struct rh_str source_ref; /* the source's own id of this identifier; may be absent */
};

/* Schemes of password hashes; the scheme says what the primitive is, not who wrote it. */
enum rh_scheme {
	RH_SCHEME_NONE,
	RH_SCHEME_BCRYPT,
	/* bcrypt over the hex SHA-256 of the password (Django's wrapper) */
	RH_SCHEME_BCRYPT_SHA256_HEX,
	RH_SCHEME_BCRYPT_PEPPERED, /* password followed by a pepper (`key`) */
	/* bcrypt over base64 of the HMAC-SHA-384 of the trimmed password ("$wp$2y$") */
	RH_SCHEME_BCRYPT_SHA384,
	RH_SCHEME_ARGON2I,
	RH_SCHEME_ARGON2D,
	RH_SCHEME_ARGON2ID,
	RH_SCHEME_SCRYPT,
	/* scrypt, AES-256-CTR over the signer key (`key`), separator `sep` */
	RH_SCHEME_SCRYPT_FIREBASE,
	RH_SCHEME_PBKDF2_SHA1,
	RH_SCHEME_PBKDF2_SHA256,
	RH_SCHEME_PBKDF2_SHA512,
	RH_SCHEME_MD4, /* plain digests: salt_place says where the salt goes */
	RH_SCHEME_MD5,
	RH_SCHEME_SHA1,
	RH_SCHEME_SHA256,
	RH_SCHEME_SHA384,
	RH_SCHEME_SHA512,
	RH_SCHEME_HMAC_MD5, /* `key`, and a salt as above */
	RH_SCHEME_HMAC_SHA1,
	RH_SCHEME_HMAC_SHA256,
	RH_SCHEME_HMAC_SHA512,
	RH_SCHEME_SYMFONY_SHA512,
	RH_SCHEME_HMAC_SHA256_UTF16,
	RH_SCHEME_PHPASS,     /* digest holds the whole string */
	RH_SCHEME_PHPASS_MD5, /* phpass over the hex MD5 of the password */
	RH_SCHEME_PHPASS_SHA512, /* "$S$": phpass's rounds with SHA-512; digest holds the whole string */
	RH_SCHEME_CRYPT,  /* crypt(3) $1$ $5$ $6$ $y$ $7$ $apr1$: digest holds the whole string */
	RH_SCHEME_OPAQUE, /* a reference that only its vendor can check */
};

enum rh_salt_place {
	RH_SALT_NONE,
	RH_SALT_PREFIX,  /* digest(salt, password) */
	RH_SALT_SUFFIX,  /* digest(password, salt) */
	RH_SALT_BOTH,    /* digest(salt, password, salt2) */
	RH_SALT_UNKNOWN, /* the source does not say which */
};

/* Why an account has no usable credential; NONE_IN_SOURCE is no loss, the others are. */
enum rh_credential_state {
	RH_CREDENTIAL_ABSENT,       /* the source has no password for this account */
	RH_CREDENTIAL_PRESENT,      /* scheme and fields below are valid */
	RH_CREDENTIAL_NOT_EXPORTED, /* the source says there is one, the input lacks it */
	RH_CREDENTIAL_REDACTED,     /* the input has a placeholder in its place */
	RH_CREDENTIAL_UNRECOGNISED, /* raw has a shape that nobody knows */
	RH_CREDENTIAL_MISLABELLED,  /* the shape contradicts the source's label */
	RH_CREDENTIAL_OUT_OF_RANGE, /* parameters beyond what the scheme allows */
	RH_CREDENTIAL_NOT_TOLD, /* the source gives out no hash, and does not say who has a password */
};

/*
 * A password hash in canonical form.  `salt` holds exactly the bytes fed to the primitive, never the text
 * encoding of them (unless the source fed the text itself); `digest` the raw output.
 */
struct rh_credential {
	enum rh_credential_state state;
	/* MISLABELLED, OUT_OF_RANGE: what the shape says, if it says anything */
	enum rh_scheme scheme;
	enum rh_salt_place salt_place; /* plain digests and HMAC only */
	bool is_utf16;                 /* the same: the password is fed as UTF-16, low byte first */
	char bcrypt_minor;             /* 'a', 'b', 'x', 'y' */
	uint32_t version;              /* argon2: 19 or 16 */
	uint64_t cost;   /* bcrypt and phpass: log2 rounds; pbkdf2, symfony and plain: iterations;
			       * scrypt and firebase: N itself; argon2: t (passes) */
	uint32_t memory; /* argon2: KiB; scrypt and firebase: r */
	uint32_t parallelism; /* argon2, scrypt, firebase: p */
	struct rh_str salt;   /* bytes; bcrypt: the 22 characters */
	struct rh_str digest; /* bytes; bcrypt: the 31 characters; phpass, crypt, opaque: the whole
			       * string without the source's wrapper */
	struct rh_str salt2;  /* bytes: SALT_BOTH, what stands behind the password */
	struct rh_str key;    /* bytes: signer key, pepper, key of an HMAC */
	struct rh_str sep;    /* bytes: firebase salt separator */
	struct rh_str raw;    /* the source's text, byte for byte */
	struct rh_str label;  /* the source's name for it, e.g. "bcrypt"; may be absent */
};

enum rh_factor_kind {
	RH_FACTOR_TOTP,
	RH_FACTOR_SMS,
	RH_FACTOR_BACKUP_CODES,
	RH_FACTOR_PASSKEY,
};

struct rh_factor {
	enum rh_factor_kind kind;
	bool has_secret;      /* false: the source says it exists, the input lacks it */
	struct rh_str secret; /* TOTP: Base32, upper case, no padding */
	struct rh_str phone;  /* SMS: E.164 */
	uint32_t count;       /* backup codes, passkeys: how many; 0 = not known */
	/* backup codes themselves, as text or bcrypt; secret, shown nowhere */
	const struct rh_str *codes;
	size_t code_count;
};

/* A link to a social or enterprise provider. */
struct rh_identity {
	struct rh_str provider; /* "google", "github", "saml" …: the source's name without prefix */
	struct rh_str subject; /* the person's id there */
	struct rh_str email;   /* may be absent */
	bool email_verified;
	bool is_enterprise;
};

/* Who may read a metadata bucket. */
enum rh_metadata_kind {
	RH_METADATA_PUBLIC,  /* readable by the person's browser, written by the server */
	RH_METADATA_PRIVATE, /* server only */
	RH_METADATA_UNSAFE,  /* readable and writable by the person */
	RH_METADATA_KINDS,
};

enum rh_account_flags {
	RH_ACCOUNT_BANNED = 1 << 0,
	RH_ACCOUNT_LOCKED = 1 << 1,
	RH_ACCOUNT_DEPROVISIONED = 1 << 2,
	RH_ACCOUNT_DELETE_SELF_DISABLED = 1 << 3,
	RH_ACCOUNT_CREATE_ORGANIZATION_DISABLED = 1 << 4,
	/* The primary address was not named by the source: chosen by policy. */
	RH_ACCOUNT_PRIMARY_CHOSEN = 1 << 5,
	RH_ACCOUNT_ORGANIZATIONS_LIMITED = 1 << 6, /* organizations_limit is said */
};

struct rh_account {
	struct rh_str source_id;   /* required; unique within the source */
	struct rh_str external_id; /* the source's own external id; may be absent */
	struct rh_str first_name;
	struct rh_str last_name;
	struct rh_str full_name;
	struct rh_str locale;
	struct rh_str image_url;
	struct rh_identifier *identifiers;
	size_t identifier_count;
	struct rh_credential credential;
	struct rh_factor *factors;
	size_t factor_count;
	struct rh_identity *identities;
	size_t identity_count;
	struct rh_str metadata[RH_METADATA_KINDS]; /* compact JSON object text; absent = none */
	unsigned flags;                            /* enum rh_account_flags */
	uint32_t organizations_limit; /* that the person may create; 0: as many as they like */
	rh_time created_at;
	rh_time updated_at;
	rh_time last_sign_in_at;
	rh_time legal_accepted_at;
};

/* The primary identifier of a kind, or NULL. */
RH_API const struct rh_identifier *rh_account_primary(const struct rh_account *account,
						      enum rh_identifier_kind kind);
/* How many identifiers of a kind. */
RH_API size_t rh_account_count(const struct rh_account *account, enum rh_identifier_kind kind);
/* A blocked account (banned, locked, deprovisioned) must never become usable by moving. */
RH_API bool rh_account_is_blocked(const struct rh_account *account);

#ifdef __cplusplus
}
#endif

#endif
