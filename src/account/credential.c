/* SPDX-License-Identifier: Apache-2.0 */
/* Which form a password hash has: placeholders first, then the dialect's own form, then the shapes in order. */
#include "account/credential.h"

#include "account/credential_internal.h"
#include "base/str.h"

/*
 * The shapes that need no label, in the order in which they are tried.  Not among them, because the text
 * alone does not say enough: bare hex digests, salts joined to a digest by '$' or ':', and the form that
 * keeps SHA-1 PBKDF2 in hex (its salt may be hex or text).
 */
static const struct shape {
	const char *prefix;
	rh_scan_fn *read;
} shapes[] = {
	{"$2", rh_form_bcrypt},
	{"$2", rh_form_bcrypt_peppered},
	{"bcrypt", rh_form_bcrypt_wrapped},
	{"$argon2", rh_form_argon2},
	{"$wp$2", rh_form_bcrypt_sha384},
	{"argon2$argon2", rh_form_argon2},
	{"$fbscrypt$", rh_form_fbscrypt},
	{"$firebase-scrypt$", rh_form_firebase_scrypt},
	{"scrypt:", rh_form_scrypt_werkzeug},
	{"$scrypt$", rh_form_scrypt_phc},
	{"$s0$", rh_form_scrypt_s0},
	{"SCRYPT:", rh_form_scrypt_colons},
	{"scrypt$", rh_form_scrypt_django},
	{"pbkdf2_", rh_form_pbkdf2_django},
	{"pbkdf2_sha512$", rh_form_pbkdf2_sha512_parts},
	{"pbkdf2_sha512_hex$", rh_form_pbkdf2_sha512_hex},
	{"pbkdf2:", rh_form_pbkdf2_werkzeug},
	{"$pbkdf2", rh_form_pbkdf2_phc},
	{"$pbkdf2", rh_form_pbkdf2_passlib},
	{"$P$", rh_form_phpass},
	{"$H$", rh_form_phpass},
	{"$S$", rh_form_phpass_sha512},
	{"{\"key_id\"", rh_form_envelope},
	{"{", rh_form_ldap},
	{"{", rh_form_pbkdf2_ldap},
	{"{PBKDF2_", rh_form_pbkdf2_blob},
	{"{", rh_form_json},
	{"A", rh_form_aspnet},
	{"sha512_symfony$", rh_form_symfony},
	{"sha1$", rh_form_salted_django},
	{"md5$", rh_form_salted_django},
	{"$", rh_form_crypt},
	{"$x-bcrypt-sha256hex$", rh_form_bcrypt_sha256_canonical},
	{"$x-bcrypt-pepper$", rh_form_bcrypt_pepper_canonical},
	{"$x-phpass-md5$", rh_form_phpass_md5_canonical},
	{"$x-symfony-sha512$", rh_form_symfony_canonical},
	{"$x-hmac-sha256$", rh_form_hmac_utf16_canonical},
	{"$x-hmac-", rh_form_hmac_canonical},
	{"$x-opaque$", rh_form_opaque_canonical},
	{"$x-", rh_form_digest_canonical},
};

/* How a dialect is read. */
static const struct dialect {
	rh_scan_fn *read;      /* the dialect's own form; NULL: whatever shape the text has */
	enum rh_scheme scheme; /* what the result must be; NONE: what `read` makes of it */
	bool is_last;          /* a form so wide that every known shape goes before it */
} dialects[] = {
	[RH_DIALECT_SHAPE] = {.read = NULL},
	[RH_DIALECT_BCRYPT] = {.scheme = RH_SCHEME_BCRYPT},
	[RH_DIALECT_BCRYPT_SHA256_DJANGO] = {.scheme = RH_SCHEME_BCRYPT_SHA256_HEX},
	[RH_DIALECT_BCRYPT_PEPPERED] = {.scheme = RH_SCHEME_BCRYPT_PEPPERED},
	[RH_DIALECT_ARGON2I] = {.scheme = RH_SCHEME_ARGON2I},
	[RH_DIALECT_ARGON2ID] = {.scheme = RH_SCHEME_ARGON2ID},
	[RH_DIALECT_PBKDF2_SHA1] = {.read = rh_form_pbkdf2_sha1_parts},
	[RH_DIALECT_PBKDF2_SHA256] = {.read = rh_form_pbkdf2_sha256_parts},
	[RH_DIALECT_PBKDF2_SHA256_DJANGO] = {.read = rh_form_pbkdf2_django,
					     .scheme = RH_SCHEME_PBKDF2_SHA256},
	[RH_DIALECT_PBKDF2_SHA512] = {.read = rh_form_pbkdf2_sha512_parts},
	[RH_DIALECT_PBKDF2_SHA512_HEX] = {.read = rh_form_pbkdf2_sha512_hex},
	[RH_DIALECT_SCRYPT_FIREBASE] = {.read = rh_form_scrypt_firebase},
	[RH_DIALECT_SCRYPT_WERKZEUG] = {.read = rh_form_scrypt_werkzeug},
	[RH_DIALECT_MD5] = {.read = rh_form_md5_hex},
	[RH_DIALECT_MD5_SALTED] = {.read = rh_form_md5_salted, .is_last = true},
	[RH_DIALECT_SHA256] = {.read = rh_form_sha256_hex},
	[RH_DIALECT_SHA256_SALTED] = {.read = rh_form_sha256_salted, .is_last = true},
	[RH_DIALECT_SHA512_SYMFONY] = {.scheme = RH_SCHEME_SYMFONY_SHA512},
	[RH_DIALECT_PHPASS] = {.scheme = RH_SCHEME_PHPASS},
	[RH_DIALECT_PHPASS_MD5] = {.read = rh_form_phpass_md5},
	[RH_DIALECT_LDAP_SSHA] = {.read = rh_form_ssha},
	[RH_DIALECT_HMAC_SHA256_UTF16] = {.read = rh_form_hmac_utf16},
	[RH_DIALECT_EXTERNAL_POOL] = {.read = rh_form_external_pool},
	[RH_DIALECT_BETTER_AUTH_SCRYPT] = {.read = rh_form_scrypt_better_auth},
};

/* What stands in an export where there is no password. */
static bool is_absent(struct rh_str raw)
{
	return raw.len == 0 || rh_str_is(raw, "NULL") || rh_str_is(raw, "!") || rh_str_is(raw, "*");
}

/* What an API writes where the caller's rights do not reach: base64 of "REDACTED" and of "REDACTED===". */
static bool is_redacted(struct rh_str raw)
{
	return rh_str_is(raw, "UkVEQUNURUQ=") || rh_str_is(raw, "UkVEQUNURUQ9PT0=");
}

static bool attempt(struct rh_scan *scan, rh_scan_fn *read)
{
	struct rh_str raw = scan->cred->raw;

	*scan->cred = (struct rh_credential){
		.raw = raw,
		.label = scan->cred->label,
	};
	scan->is_out_of_range = false;
	return read(scan, raw) && !scan->is_out_of_memory;
}

static bool attempt_shapes(struct rh_scan *scan)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (shapes[i].prefix[0] == scan->cred->raw.ptr[0] && /* most differ here already */
		    rh_str_starts(scan->cred->raw, shapes[i].prefix) &&
		    attempt(scan, shapes[i].read)) {
			return true;
		}
		if (scan->is_out_of_memory) {
			break;
		}
	}
	return false;
}

static enum rh_credential_state read_state(const struct rh_scan *scan, enum rh_scheme scheme)
{
	if (scheme != RH_SCHEME_NONE && scan->cred->scheme != scheme) {
		return RH_CREDENTIAL_MISLABELLED;
	}
	return scan->is_out_of_range ? RH_CREDENTIAL_OUT_OF_RANGE : RH_CREDENTIAL_PRESENT;
}

static enum rh_credential_state read_raw(struct rh_scan *scan, const struct dialect *dialect)
{
	if (dialect->is_last && attempt_shapes(scan)) {
		return RH_CREDENTIAL_MISLABELLED;
	}
	if (dialect->read != NULL && attempt(scan, dialect->read)) {
		return read_state(scan, dialect->scheme);
	}
	if (attempt_shapes(scan)) {
		return dialect->read != NULL ? RH_CREDENTIAL_MISLABELLED
					     : read_state(scan, dialect->scheme);
	}
	scan->cred->scheme = RH_SCHEME_NONE;
	/* Hex of a digest's length says nothing by itself, but it does contradict a label it does not fit. */
	return dialect != &dialects[RH_DIALECT_SHAPE] && rh_form_is_digest_hex(scan->cred->raw)
		       ? RH_CREDENTIAL_MISLABELLED
		       : RH_CREDENTIAL_UNRECOGNISED;
}

int rh_credential_parse(struct rh_arena *arena, struct rh_str raw, struct rh_str label,
			enum rh_dialect dialect, struct rh_credential *out)
{
	struct rh_credential cred = {
		.raw = raw,
		.label = label,
	};
	struct rh_scan scan = {
		.arena = arena,
		.cred = &cred,
	};
	enum rh_credential_state state;

	if (is_absent(raw)) {
		state = RH_CREDENTIAL_ABSENT;
	} else if (is_redacted(raw)) {
		state = RH_CREDENTIAL_REDACTED;
	} else {
		state = read_raw(&scan, &dialects[dialect]);
	}
	if (scan.is_out_of_memory) {
		return RH_ENOMEM;
	}
	if (state != RH_CREDENTIAL_PRESENT) {
		cred = (struct rh_credential){
			.scheme = cred.scheme,
			.raw = raw,
			.label = label,
		};
	}
	cred.state = state;
	*out = cred;
	return RH_OK;
}

static const char *const scheme_names[] = {
	[RH_SCHEME_NONE] = "none",
	[RH_SCHEME_BCRYPT] = "bcrypt",
	[RH_SCHEME_BCRYPT_SHA256_HEX] = "bcrypt-sha256-hex",
	[RH_SCHEME_BCRYPT_PEPPERED] = "bcrypt-peppered",
	[RH_SCHEME_BCRYPT_SHA384] = "bcrypt-sha384",
	[RH_SCHEME_ARGON2I] = "argon2i",
	[RH_SCHEME_ARGON2D] = "argon2d",
	[RH_SCHEME_ARGON2ID] = "argon2id",
	[RH_SCHEME_SCRYPT] = "scrypt",
	[RH_SCHEME_SCRYPT_FIREBASE] = "scrypt-firebase",
	[RH_SCHEME_PBKDF2_SHA1] = "pbkdf2-sha1",
	[RH_SCHEME_PBKDF2_SHA256] = "pbkdf2-sha256",
	[RH_SCHEME_PBKDF2_SHA512] = "pbkdf2-sha512",
	[RH_SCHEME_MD4] = "md4",
	[RH_SCHEME_MD5] = "md5",
	[RH_SCHEME_SHA1] = "sha1",
	[RH_SCHEME_SHA256] = "sha256",
	[RH_SCHEME_SHA384] = "sha384",
	[RH_SCHEME_SHA512] = "sha512",
	[RH_SCHEME_HMAC_MD5] = "hmac-md5",
	[RH_SCHEME_HMAC_SHA1] = "hmac-sha1",
	[RH_SCHEME_HMAC_SHA256] = "hmac-sha256",
	[RH_SCHEME_HMAC_SHA512] = "hmac-sha512",
	[RH_SCHEME_SYMFONY_SHA512] = "symfony-sha512",
	[RH_SCHEME_HMAC_SHA256_UTF16] = "hmac-sha256-utf16",
	[RH_SCHEME_PHPASS] = "phpass",
	[RH_SCHEME_PHPASS_MD5] = "phpass-md5",
	[RH_SCHEME_PHPASS_SHA512] = "phpass-sha512",
	[RH_SCHEME_CRYPT] = "crypt",
	[RH_SCHEME_OPAQUE] = "opaque",
};

const char *rh_scheme_name(enum rh_scheme scheme)
{
	return scheme_names[scheme];
}

enum rh_scheme rh_scheme_find(struct rh_str name)
{
	for (size_t i = 0; i < sizeof(scheme_names) / sizeof(scheme_names[0]); i++) {
		if (rh_str_is(name, scheme_names[i])) {
			return (enum rh_scheme)i;
		}
	}
	return RH_SCHEME_NONE;
}

const char *rh_credential_state_name(enum rh_credential_state state)
{
	switch (state) {
	case RH_CREDENTIAL_ABSENT:
		return "absent";
	case RH_CREDENTIAL_PRESENT:
		return "present";
	case RH_CREDENTIAL_NOT_EXPORTED:
		return "not-exported";
	case RH_CREDENTIAL_REDACTED:
		return "redacted";
	case RH_CREDENTIAL_UNRECOGNISED:
		return "unrecognised";
	case RH_CREDENTIAL_MISLABELLED:
		return "mislabelled";
	case RH_CREDENTIAL_OUT_OF_RANGE:
		return "out-of-range";
	case RH_CREDENTIAL_NOT_TOLD:
		return "not-told";
	}
	return "unrecognised";
}

enum rh_finding_code rh_credential_finding(enum rh_credential_state state)
{
	switch (state) {
	case RH_CREDENTIAL_ABSENT:
	case RH_CREDENTIAL_PRESENT:
		break;
	case RH_CREDENTIAL_NOT_EXPORTED:
		return RH_FINDING_HASH_NOT_EXPORTED;
	case RH_CREDENTIAL_REDACTED:
		return RH_FINDING_HASH_REDACTED;
	case RH_CREDENTIAL_UNRECOGNISED:
		return RH_FINDING_HASH_UNRECOGNISED;
	case RH_CREDENTIAL_MISLABELLED:
		return RH_FINDING_HASH_MISLABELLED;
	case RH_CREDENTIAL_OUT_OF_RANGE:
		return RH_FINDING_HASH_OUT_OF_RANGE;
	case RH_CREDENTIAL_NOT_TOLD:
		return RH_FINDING_HASH_NOT_TOLD;
	}
	return (enum rh_finding_code)0;
}
