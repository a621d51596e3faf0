/* SPDX-License-Identifier: Apache-2.0 */
/* The hashers by name, and reading a digest as its name says. */
#include "connectors/clerk/clerk_password.h"

#include "account/credential.h"
#include "base/str.h"

/* All values of password_hasher that Clerk documents or its own tools list, July 2026. */
static const struct {
	const char *name;
	enum rh_dialect dialect;
} hashers[] = {
	{"argon2i", RH_DIALECT_ARGON2I},
	{"argon2id", RH_DIALECT_ARGON2ID},
	{"awscognito", RH_DIALECT_EXTERNAL_POOL},
	{"bcrypt", RH_DIALECT_BCRYPT},
	{"bcrypt_peppered", RH_DIALECT_BCRYPT_PEPPERED},
	{"bcrypt_sha256_django", RH_DIALECT_BCRYPT_SHA256_DJANGO},
	{"hmac_sha256_utf16_b64", RH_DIALECT_HMAC_SHA256_UTF16},
	{"ldap_ssha", RH_DIALECT_LDAP_SSHA},
	{"md5", RH_DIALECT_MD5},
	{"md5_phpass", RH_DIALECT_PHPASS_MD5},
	{"md5_salted", RH_DIALECT_MD5_SALTED},
	{"pbkdf2_sha1", RH_DIALECT_PBKDF2_SHA1},
	{"pbkdf2_sha256", RH_DIALECT_PBKDF2_SHA256},
	{"pbkdf2_sha256_django", RH_DIALECT_PBKDF2_SHA256_DJANGO},
	{"pbkdf2_sha512", RH_DIALECT_PBKDF2_SHA512},
	{"pbkdf2_sha512_hex", RH_DIALECT_PBKDF2_SHA512_HEX},
	{"phpass", RH_DIALECT_PHPASS},
	{"scrypt_firebase", RH_DIALECT_SCRYPT_FIREBASE},
	{"scrypt_werkzeug", RH_DIALECT_SCRYPT_WERKZEUG},
	{"sha256", RH_DIALECT_SHA256},
	{"sha256_salted", RH_DIALECT_SHA256_SALTED},
	{"sha512_symfony", RH_DIALECT_SHA512_SYMFONY},
};

/* Index of a hasher by name; -1: none of them. */
static int find_hasher(struct rh_str name)
{
	for (size_t i = 0; i < sizeof(hashers) / sizeof(hashers[0]); i++) {
		if (rh_str_is_nocase(name, hashers[i].name)) {
			return (int)i;
		}
	}
	return -1;
}

static int read_digest(const struct clerk_password *password, int known, bool is_unknown,
		       struct rh_arena *arena, struct rh_credential *out)
{
	enum rh_dialect dialect = known >= 0 ? hashers[known].dialect : RH_DIALECT_SHAPE;
	struct rh_str label = known >= 0 ? rh_str_from(hashers[known].name) : RH_STR_ABSENT;
	int code = rh_credential_parse(arena, password->digest, label, dialect, out);

	if (code == RH_OK && is_unknown && out->state == RH_CREDENTIAL_PRESENT) {
		/* The shape says one thing, the name a thing that nobody knows: not ours to decide. */
		*out = (struct rh_credential){
			.state = RH_CREDENTIAL_MISLABELLED,
			.raw = password->digest,
		};
	}
	return code;
}

int clerk_password_read(const struct clerk_password *password, struct rh_arena *arena,
			struct rh_credential *out, struct rh_finding *finding)
{
	struct rh_credential credential = {.state = RH_CREDENTIAL_ABSENT};
	struct rh_str hasher = rh_str_trim(password->hasher);
	int known = rh_str_is_set(hasher) ? find_hasher(hasher) : -1;
	bool is_unknown = known < 0 && rh_str_is_set(hasher);

	if (rh_str_is_set(password->digest)) {
		int code = read_digest(password, known, is_unknown, arena, &credential);
		if (code != RH_OK) {
			return code;
		}
	} else if (password->is_enabled || rh_str_is_set(hasher)) {
		credential.state = RH_CREDENTIAL_NOT_EXPORTED;
	}
	enum rh_finding_code code = rh_credential_finding(credential.state);
	if (code != 0) {
		finding->code = code;
		finding->path = is_unknown ? RH_STR("password_hasher") : RH_STR("password_digest");
		finding->note = known >= 0 ? rh_str_from(hashers[known].name) : RH_STR_ABSENT;
	}
	*out = credential;
	return RH_OK;
}
