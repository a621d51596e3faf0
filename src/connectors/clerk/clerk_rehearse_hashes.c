/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests as the rehearsed Clerk takes them: each hasher has one exact form.
 *
 *  1. Where the documentation gives the form, it is that and nothing else; nothing is repaired.
 *  2. Where it does not, the form is the usual one: phpass's string, {SSHA} with its letters in capitals, the bare
 *     Base64 of 32 bytes for the HMAC.
 *  3. Where it does not say whether a salt stands before or behind the password (md5_salted, sha256_salted), a
 *     password is right in either place.
 *  4. The HMAC's key is in no digest, and a Cognito reference is no hash: both are taken, neither is checked.
 */
#include "base/str.h"
#include "connectors/clerk/clerk_rehearse.h"
#include "rehearsal/form.h"

enum {
	BCRYPT_LEN = 60,
	BCRYPT_SALT_LEN = 22,
	BCRYPT_COST_MAX = 15,
	MD5_LEN = 16,
	SHA1_LEN = 20,
	SHA256_LEN = 32,
	SHA512_LEN = 64,
	PHPASS_LEN = 34,
	PBKDF2_KEY_LEN = 32, /* of SHA-1 unless the digest says it */
	WERKZEUG_KEY_LEN = 64,
	FIREBASE_ROUNDS_MAX = 120,
	FIREBASE_MEMORY_MAX = 14,
	ARGON2_VERSION = 19,
	ARGON2_SALT_MIN = 8,
	ARGON2_HASH_MIN = 4,
	PARTS_MAX = 8,
};

static const char phpass_digits[] =
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Cuts a digest at '$' into exactly `count` parts, none of them empty. */
static bool cut_parts(struct rh_str text, size_t count, struct rh_str parts[PARTS_MAX])
{
	struct rh_str rest = text;

	for (size_t i = 0; i < count; i++) {
		parts[i] = rh_str_cut(&rest, '$');
		if (!rh_str_is_set(parts[i])) {
			return false;
		}
	}
	return rest.ptr == NULL;
}

/* Decimal, without sign or leading zero, at least 1. */
static bool take_number(struct rh_str text, uint64_t max, uint64_t *out)
{
	return rh_str_is_set(text) && text.ptr[0] != '0' && rh_str_to_u64(text, out) && *out <= max;
}

static bool take_hex(struct rh_arena *arena, struct rh_str text, size_t bytes, struct rh_str *out)
{
	return text.len == 2 * bytes && rh_hex_decode(arena, text, out);
}

static bool is_phpass_text(struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\0' || strchr(phpass_digits, text.ptr[i]) == NULL) {
			return false;
		}
	}
	return true;
}

/* Costs below 4 are taken, as the real service does, though nobody can sign in with them. */
static bool parse_bcrypt(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	(void)arena;
	if (text.len != BCRYPT_LEN || text.ptr[6] != '$' ||
	    (!rh_str_starts(text, "$2a$") && !rh_str_starts(text, "$2b$") &&
	     !rh_str_starts(text, "$2y$")) ||
	    !rh_str_to_u64(rh_str_sub(text, 4, 2), &out->cost) || out->cost > BCRYPT_COST_MAX ||
	    !is_phpass_text(rh_str_sub(text, 7, text.len))) {
		return false;
	}
	out->scheme = RH_SCHEME_BCRYPT;
	out->bcrypt_minor = text.ptr[2];
	out->salt = rh_str_sub(text, 7, BCRYPT_SALT_LEN);
	out->digest = rh_str_sub(text, 7 + BCRYPT_SALT_LEN, text.len);
	return true;
}

static bool parse_bcrypt_peppered(struct rh_arena *arena, struct rh_str text,
				  struct rh_credential *out)
{
	if (text.len <= BCRYPT_LEN + 1 || text.ptr[BCRYPT_LEN] != '$' ||
	    !parse_bcrypt(arena, rh_str_sub(text, 0, BCRYPT_LEN), out)) {
		return false;
	}
	out->scheme = RH_SCHEME_BCRYPT_PEPPERED;
	out->key = rh_str_sub(text, BCRYPT_LEN + 1, text.len);
	return true;
}

/* bcrypt_sha256$$2b$12$… */
static bool parse_bcrypt_django(struct rh_arena *arena, struct rh_str text,
				struct rh_credential *out)
{
	if (!rh_str_starts(text, "bcrypt_sha256$") ||
	    !parse_bcrypt(arena, rh_str_sub(text, 14, text.len), out)) {
		return false;
	}
	out->scheme = RH_SCHEME_BCRYPT_SHA256_HEX;
	return true;
}

/* "name=number" at the front of a list divided by commas. */
static bool take_param(struct rh_str *params, const char *name, uint64_t max, uint64_t *out)
{
	struct rh_str param = rh_str_cut(params, ',');

	return rh_str_starts(param, name) &&
	       take_number(rh_str_sub(param, strlen(name), param.len), max, out);
}

/* argon2id$v=19$m=…,t=…,p=…$salt$hash behind the first '$' */
static bool parse_argon2(struct rh_arena *arena, struct rh_str text, const char *name,
			 struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];
	uint64_t memory;
	uint64_t lanes;

	if (!rh_str_starts(text, "$") || !cut_parts(rh_str_sub(text, 1, text.len), 5, parts) ||
	    !rh_str_is(parts[0], name) || !rh_str_is(parts[1], "v=19") ||
	    !take_param(&parts[2], "m=", UINT32_MAX, &memory) ||
	    !take_param(&parts[2], "t=", UINT32_MAX, &out->cost) ||
	    !take_param(&parts[2], "p=", 0xffffff, &lanes) || parts[2].ptr != NULL ||
	    memory < 8 * lanes || !rh_form_base64(arena, parts[3], false, &out->salt) ||
	    !rh_form_base64(arena, parts[4], false, &out->digest)) {
		return false;
	}
	out->version = ARGON2_VERSION;
	out->memory = (uint32_t)memory;
	out->parallelism = (uint32_t)lanes;
	return out->salt.len >= ARGON2_SALT_MIN && out->digest.len >= ARGON2_HASH_MIN;
}

static bool parse_argon2i(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	out->scheme = RH_SCHEME_ARGON2I;
	return parse_argon2(arena, text, "argon2i", out);
}

static bool parse_argon2id(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	out->scheme = RH_SCHEME_ARGON2ID;
	return parse_argon2(arena, text, "argon2id", out);
}

/* prefix$iterations$salt$hash */
static bool cut_pbkdf2(struct rh_str text, const char *prefix, struct rh_str parts[PARTS_MAX],
		       struct rh_credential *out)
{
	return cut_parts(text, 4, parts) && rh_str_is(parts[0], prefix) &&
	       take_number(parts[1], UINT32_MAX, &out->cost);
}

/* The salt is hex when it can be; a fifth part says how long the key is. */
static bool parse_pbkdf2_sha1(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];
	uint64_t len = PBKDF2_KEY_LEN;
	bool has_len = cut_parts(text, 5, parts);

	if ((!has_len && !cut_parts(text, 4, parts)) || !rh_str_is(parts[0], "pbkdf2_sha1") ||
	    !take_number(parts[1], UINT32_MAX, &out->cost) ||
	    (has_len && !take_number(parts[4], 512, &len)) ||
	    !take_hex(arena, parts[3], len, &out->digest)) {
		return false;
	}
	out->scheme = RH_SCHEME_PBKDF2_SHA1;
	out->salt = parts[2];
	(void)rh_hex_decode(arena, parts[2], &out->salt); /* else the text itself */
	return true;
}

static bool parse_pbkdf2_sha256(struct rh_arena *arena, struct rh_str text,
				struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];

	out->scheme = RH_SCHEME_PBKDF2_SHA256;
	return cut_pbkdf2(text, "pbkdf2_sha256", parts, out) &&
	       rh_form_base64(arena, parts[2], true, &out->salt) &&
	       rh_form_base64(arena, parts[3], true, &out->digest) && out->digest.len == SHA256_LEN;
}

static bool parse_pbkdf2_django(struct rh_arena *arena, struct rh_str text,
				struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];

	out->scheme = RH_SCHEME_PBKDF2_SHA256;
	if (!cut_pbkdf2(text, "pbkdf2_sha256", parts, out) ||
	    !rh_form_base64(arena, parts[3], true, &out->digest)) {
		return false;
	}
	out->salt = parts[2];
	return out->digest.len == SHA256_LEN;
}

static bool parse_pbkdf2_sha512(struct rh_arena *arena, struct rh_str text,
				struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];

	out->scheme = RH_SCHEME_PBKDF2_SHA512;
	if (!cut_pbkdf2(text, "pbkdf2_sha512", parts, out)) {
		return false;
	}
	out->salt = parts[2];
	return take_hex(arena, parts[3], SHA512_LEN, &out->digest);
}

static bool parse_pbkdf2_sha512_hex(struct rh_arena *arena, struct rh_str text,
				    struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];

	out->scheme = RH_SCHEME_PBKDF2_SHA512;
	return cut_pbkdf2(text, "pbkdf2_sha512_hex", parts, out) &&
	       rh_hex_decode(arena, parts[2], &out->salt) &&
	       take_hex(arena, parts[3], SHA512_LEN, &out->digest);
}

/* hash$salt$signer key$separator$rounds$memory cost; the hash is the key, encrypted */
static bool parse_firebase(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];
	uint64_t rounds;
	uint64_t memory;

	if (!cut_parts(text, 6, parts) || !rh_form_base64(arena, parts[0], true, &out->digest) ||
	    !rh_form_base64(arena, parts[1], true, &out->salt) ||
	    !rh_form_base64(arena, parts[2], true, &out->key) ||
	    !rh_form_base64(arena, parts[3], true, &out->sep) ||
	    !take_number(parts[4], FIREBASE_ROUNDS_MAX, &rounds) ||
	    !take_number(parts[5], FIREBASE_MEMORY_MAX, &memory) ||
	    out->digest.len != out->key.len) {
		return false;
	}
	out->scheme = RH_SCHEME_SCRYPT_FIREBASE;
	out->cost = UINT64_C(1) << memory;
	out->memory = (uint32_t)rounds;
	out->parallelism = 1;
	return true;
}

/* scrypt:N:r:p$salt$hash; the salt's text is the salt. */
static bool parse_werkzeug(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];
	struct rh_str method;
	uint64_t r;
	uint64_t p;

	if (!cut_parts(text, 3, parts)) {
		return false;
	}
	method = parts[0];
	if (!rh_str_is(rh_str_cut(&method, ':'), "scrypt") ||
	    !take_number(rh_str_cut(&method, ':'), UINT32_MAX, &out->cost) ||
	    !take_number(rh_str_cut(&method, ':'), UINT16_MAX, &r) ||
	    !take_number(rh_str_cut(&method, ':'), UINT16_MAX, &p) || method.ptr != NULL ||
	    out->cost < 2 || (out->cost & (out->cost - 1)) != 0 ||
	    !take_hex(arena, parts[2], WERKZEUG_KEY_LEN, &out->digest)) {
		return false;
	}
	out->scheme = RH_SCHEME_SCRYPT;
	out->memory = (uint32_t)r;
	out->parallelism = (uint32_t)p;
	out->salt = parts[1];
	return true;
}

static bool parse_plain(struct rh_arena *arena, struct rh_str text, enum rh_scheme scheme,
			size_t bytes, struct rh_credential *out)
{
	out->scheme = scheme;
	out->cost = 1;
	return take_hex(arena, text, bytes, &out->digest);
}

static bool parse_salted(struct rh_arena *arena, struct rh_str text, enum rh_scheme scheme,
			 size_t bytes, struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];

	if (!cut_parts(text, 2, parts) || !parse_plain(arena, parts[1], scheme, bytes, out)) {
		return false;
	}
	out->salt = parts[0];
	out->salt_place = RH_SALT_UNKNOWN;
	return true;
}

static bool parse_md5(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	return parse_plain(arena, text, RH_SCHEME_MD5, MD5_LEN, out);
}

static bool parse_md5_salted(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	return parse_salted(arena, text, RH_SCHEME_MD5, MD5_LEN, out);
}

static bool parse_sha256(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	return parse_plain(arena, text, RH_SCHEME_SHA256, SHA256_LEN, out);
}

static bool parse_sha256_salted(struct rh_arena *arena, struct rh_str text,
				struct rh_credential *out)
{
	return parse_salted(arena, text, RH_SCHEME_SHA256, SHA256_LEN, out);
}

static bool parse_symfony(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str parts[PARTS_MAX];

	out->scheme = RH_SCHEME_SYMFONY_SHA512;
	if (!cut_pbkdf2(text, "sha512_symfony", parts, out) ||
	    !rh_form_base64(arena, parts[3], true, &out->digest)) {
		return false;
	}
	out->salt = parts[2];
	return out->digest.len == SHA512_LEN;
}

static bool parse_phpass(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	const char *cost;

	(void)arena;
	if (text.len != PHPASS_LEN || !rh_str_starts(text, "$P$") ||
	    !is_phpass_text(rh_str_sub(text, 3, text.len))) {
		return false;
	}
	cost = strchr(phpass_digits, text.ptr[3]);
	out->scheme = RH_SCHEME_PHPASS;
	out->cost = (uint64_t)(cost - phpass_digits);
	out->salt = rh_str_sub(text, 4, 8);
	out->digest = text;
	return out->cost >= 7 && out->cost <= 30;
}

static bool parse_md5_phpass(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	bool is_fine = parse_phpass(arena, text, out);

	out->scheme = RH_SCHEME_PHPASS_MD5;
	return is_fine;
}

static bool parse_ssha(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str bytes;

	if (!rh_str_starts(text, "{SSHA}") ||
	    !rh_form_base64(arena, rh_str_sub(text, 6, text.len), true, &bytes) ||
	    bytes.len <= SHA1_LEN) {
		return false;
	}
	out->scheme = RH_SCHEME_SHA1;
	out->cost = 1;
	out->salt_place = RH_SALT_SUFFIX;
	out->digest = rh_str_sub(bytes, 0, SHA1_LEN);
	out->salt = rh_str_sub(bytes, SHA1_LEN, bytes.len);
	return true;
}

static bool parse_hmac(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	out->scheme = RH_SCHEME_OPAQUE; /* its key is not in it */
	return rh_form_base64(arena, text, true, &out->digest) && out->digest.len == SHA256_LEN;
}

/* awscognito#pool#client#identifier; a pool is "region_name". */
static bool parse_cognito(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str rest = text;
	struct rh_str pool;
	struct rh_str client;

	(void)arena;
	if (!rh_str_is(rh_str_cut(&rest, '#'), "awscognito")) {
		return false;
	}
	pool = rh_str_cut(&rest, '#');
	client = rh_str_cut(&rest, '#');
	out->scheme = RH_SCHEME_OPAQUE;
	out->digest = text;
	return rh_str_index(pool, '_') > 0 && rh_str_is_set(client) && rh_str_is_set(rest);
}

static const struct {
	const char *hasher;
	bool (*parse)(struct rh_arena *arena, struct rh_str text, struct rh_credential *out);
} forms[] = {
	{"bcrypt", parse_bcrypt},
	{"bcrypt_peppered", parse_bcrypt_peppered},
	{"bcrypt_sha256_django", parse_bcrypt_django},
	{"argon2i", parse_argon2i},
	{"argon2id", parse_argon2id},
	{"pbkdf2_sha1", parse_pbkdf2_sha1},
	{"pbkdf2_sha256", parse_pbkdf2_sha256},
	{"pbkdf2_sha256_django", parse_pbkdf2_django},
	{"pbkdf2_sha512", parse_pbkdf2_sha512},
	{"pbkdf2_sha512_hex", parse_pbkdf2_sha512_hex},
	{"scrypt_firebase", parse_firebase},
	{"scrypt_werkzeug", parse_werkzeug},
	{"md5", parse_md5},
	{"md5_salted", parse_md5_salted},
	{"sha256", parse_sha256},
	{"sha256_salted", parse_sha256_salted},
	{"sha512_symfony", parse_symfony},
	{"phpass", parse_phpass},
	{"md5_phpass", parse_md5_phpass},
	{"ldap_ssha", parse_ssha},
	{"hmac_sha256_utf16_b64", parse_hmac},
	{"awscognito", parse_cognito},
};

bool clerk_is_hasher(struct rh_str hasher)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (rh_str_is(hasher, forms[i].hasher)) {
			return true;
		}
	}
	return false;
}

bool clerk_parse_digest(struct rh_arena *arena, struct rh_str hasher, struct rh_str text,
			struct rh_credential *out)
{
	*out = (struct rh_credential){
		.state = RH_CREDENTIAL_PRESENT,
		.raw = text,
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (rh_str_is(hasher, forms[i].hasher)) {
			return forms[i].parse(arena, text, out);
		}
	}
	return false;
}
