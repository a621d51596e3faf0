/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hash strings as the rehearsed WorkOS takes them: each type has one exact form, every number one range.
 * Nothing is repaired: what the real service might refuse is refused here.
 */
#include "base/str.h"
#include "connectors/workos/workos_rehearse.h"
#include "rehearsal/form.h"

enum {
	BCRYPT_LEN = 60,
	BCRYPT_SALT_LEN = 22,
	SHA1_LEN = 20,
	SHA256_LEN = 32,
	SHA512_LEN = 64,
	FIREBASE_ROUNDS_MAX = 8,
	FIREBASE_MEMORY_MAX = 14,
};

/* Documented ranges. */
enum {
	PBKDF2_SHA256_MIN = 600000,
	PBKDF2_SHA512_MIN = 210000,
	PBKDF2_MAX = 1000000,
	ARGON2_VERSION = 19,
	ARGON2_MEMORY_MIN = 4096,
	ARGON2_MEMORY_MAX = 262144,
	ARGON2_PASSES_MAX = 5,
	ARGON2I_PASSES_MIN = 3,
	ARGON2_LANES_MAX = 8,
	ARGON2_SALT_MIN = 8,
	ARGON2_HASH_MIN = 4,
};

/* Not documented: beyond these no machine of a sign-in service would follow. */
enum {
	SCRYPT_N_MAX = 1 << 24,
	SCRYPT_R_MAX = 64,
	SCRYPT_P_MAX = 64,
};

/* "name=text" at the front of a list of parameters divided by `divider`. */
static bool take_param(struct rh_str *params, char divider, const char *name, struct rh_str *out)
{
	struct rh_str param = rh_str_cut(params, divider);
	size_t name_len = strlen(name);

	if (!rh_str_starts(param, name) || param.len <= name_len || param.ptr[name_len] != '=') {
		return false;
	}
	*out = rh_str_sub(param, name_len + 1, param.len - name_len - 1);
	return true;
}

/* The same with a decimal number of min..max, without sign or leading zero. */
static bool take_number(struct rh_str *params, char divider, const char *name, uint64_t min,
			uint64_t max, uint64_t *out)
{
	struct rh_str text;

	return take_param(params, divider, name, &text) && text.len > 0 &&
	       (text.ptr[0] != '0' || text.len == 1) && rh_str_to_u64(text, out) && *out >= min &&
	       *out <= max;
}

/* Cuts "$name$" off the front. */
static bool take_id(struct rh_str *rest, const char *name)
{
	return rh_str_cut(rest, '$').len == 0 && rh_str_is(rh_str_cut(rest, '$'), name);
}

/* "salt$hash", both Base64 without padding, to the end. */
static bool take_salt_and_hash(struct rh_arena *arena, struct rh_str *rest,
			       struct rh_credential *out)
{
	struct rh_str salt = rh_str_cut(rest, '$');
	struct rh_str hash = rh_str_cut(rest, '$');

	return rest->ptr == NULL && rh_str_is_set(salt) && rh_str_is_set(hash) &&
	       rh_form_base64(arena, salt, false, &out->salt) &&
	       rh_form_base64(arena, hash, false, &out->digest);
}

static bool parse_bcrypt(struct rh_str text, struct rh_credential *out)
{
	static const char alphabet[] =
		"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t cost;

	if (text.len != BCRYPT_LEN || text.ptr[6] != '$' ||
	    (!rh_str_starts(text, "$2a$") && !rh_str_starts(text, "$2b$")) ||
	    !rh_str_to_u64(rh_str_sub(text, 4, 2), &cost) || cost < 4 || cost > 31) {
		return false;
	}
	for (size_t i = 7; i < text.len; i++) {
		if (text.ptr[i] == '\0' || strchr(alphabet, text.ptr[i]) == NULL) {
			return false;
		}
	}
	out->scheme = RH_SCHEME_BCRYPT;
	out->bcrypt_minor = text.ptr[2];
	out->cost = cost;
	out->salt = rh_str_sub(text, 7, BCRYPT_SALT_LEN);
	out->digest = rh_str_sub(text, 7 + BCRYPT_SALT_LEN, text.len);
	return true;
}

/* $scrypt$v=1$n=N,r=R,p=P,kl=LENGTH$salt$hash */
static bool parse_scrypt(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str rest = text;
	struct rh_str version;
	struct rh_str params;
	uint64_t n;
	uint64_t r;
	uint64_t p;
	uint64_t len;

	if (!take_id(&rest, "scrypt")) {
		return false;
	}
	version = rh_str_cut(&rest, '$');
	params = rh_str_cut(&rest, '$');
	if (!rh_str_is(version, "v=1") || !take_number(&params, ',', "n", 2, SCRYPT_N_MAX, &n) ||
	    !take_number(&params, ',', "r", 1, SCRYPT_R_MAX, &r) ||
	    !take_number(&params, ',', "p", 1, SCRYPT_P_MAX, &p) ||
	    !take_number(&params, ',', "kl", 1, UINT32_MAX, &len) || params.ptr != NULL ||
	    (n & (n - 1)) != 0 || !take_salt_and_hash(arena, &rest, out) ||
	    out->digest.len != len) {
		return false;
	}
	out->scheme = RH_SCHEME_SCRYPT;
	out->cost = n;
	out->memory = (uint32_t)r;
	out->parallelism = (uint32_t)p;
	return true;
}

/* $pbkdf2$i=ITERATIONS,d=sha256|sha512$salt$hash */
static bool parse_pbkdf2(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str rest = text;
	struct rh_str params;
	struct rh_str digest;
	bool is_long;

	if (!take_id(&rest, "pbkdf2")) {
		return false;
	}
	params = rh_str_cut(&rest, '$');
	if (!take_number(&params, ',', "i", 1, PBKDF2_MAX, &out->cost) ||
	    !take_param(&params, ',', "d", &digest) || params.ptr != NULL) {
		return false;
	}
	is_long = rh_str_is(digest, "sha512");
	if ((!is_long && !rh_str_is(digest, "sha256")) ||
	    out->cost < (is_long ? PBKDF2_SHA512_MIN : PBKDF2_SHA256_MIN) ||
	    !take_salt_and_hash(arena, &rest, out)) {
		return false;
	}
	out->scheme = is_long ? RH_SCHEME_PBKDF2_SHA512 : RH_SCHEME_PBKDF2_SHA256;
	return out->digest.len == (is_long ? SHA512_LEN : SHA256_LEN);
}

/* $argon2id$v=19$m=KIB,t=PASSES,p=LANES$salt$hash */
static bool parse_argon2(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	static const struct {
		const char *name;
		enum rh_scheme scheme;
	} variants[] = {
		{"argon2i", RH_SCHEME_ARGON2I},
		{"argon2d", RH_SCHEME_ARGON2D},
		{"argon2id", RH_SCHEME_ARGON2ID},
	};
	uint64_t memory;
	uint64_t lanes;

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct rh_str rest = text;
		struct rh_str version;
		struct rh_str params;
		uint64_t passes_min =
			variants[i].scheme == RH_SCHEME_ARGON2I ? ARGON2I_PASSES_MIN : 1;

		if (!take_id(&rest, variants[i].name)) {
			continue;
		}
		version = rh_str_cut(&rest, '$');
		params = rh_str_cut(&rest, '$');
		if (!rh_str_is(version, "v=19") ||
		    !take_number(&params, ',', "m", ARGON2_MEMORY_MIN, ARGON2_MEMORY_MAX,
				 &memory) ||
		    !take_number(&params, ',', "t", passes_min, ARGON2_PASSES_MAX, &out->cost) ||
		    !take_number(&params, ',', "p", 1, ARGON2_LANES_MAX, &lanes) ||
		    params.ptr != NULL || !take_salt_and_hash(arena, &rest, out)) {
			return false;
		}
		out->scheme = variants[i].scheme;
		out->version = ARGON2_VERSION;
		out->memory = (uint32_t)memory;
		out->parallelism = (uint32_t)lanes;
		return out->salt.len >= ARGON2_SALT_MIN && out->digest.len >= ARGON2_HASH_MIN;
	}
	return false;
}

/* {SSHA}base64(digest salt) */
static bool parse_salted(struct rh_arena *arena, struct rh_str text, const char *prefix,
			 size_t digest_len, struct rh_credential *out)
{
	size_t prefix_len = strlen(prefix);
	struct rh_str bytes;

	if (!rh_str_starts(text, prefix) ||
	    !rh_form_base64(arena, rh_str_sub(text, prefix_len, text.len), true, &bytes) ||
	    bytes.len <= digest_len) {
		return false;
	}
	out->cost = 1;
	out->digest = rh_str_sub(bytes, 0, digest_len);
	out->salt = rh_str_sub(bytes, digest_len, bytes.len);
	out->salt_place = RH_SALT_SUFFIX;
	return true;
}

static void set_firebase(struct rh_credential *out, uint64_t rounds, uint64_t memory)
{
	out->scheme = RH_SCHEME_SCRYPT_FIREBASE;
	out->cost = UINT64_C(1) << memory;
	out->memory = (uint32_t)rounds;
	out->parallelism = 1;
}

/* Form a: $firebase-scrypt$v=1$r=R,m=M,ss=SEPARATOR,sk=SIGNER$salt$hash; form c: without the version. */
static bool parse_firebase_phc(struct rh_arena *arena, struct rh_str text, bool has_version,
			       struct rh_credential *out)
{
	struct rh_str rest = text;
	struct rh_str params;
	struct rh_str separator;
	struct rh_str signer;
	uint64_t rounds;
	uint64_t memory;

	if (!take_id(&rest, "firebase-scrypt") ||
	    (has_version && !rh_str_is(rh_str_cut(&rest, '$'), "v=1"))) {
		return false;
	}
	params = rh_str_cut(&rest, '$');
	if (!take_number(&params, ',', "r", 1, FIREBASE_ROUNDS_MAX, &rounds) ||
	    !take_number(&params, ',', "m", 1, FIREBASE_MEMORY_MAX, &memory) ||
	    !take_param(&params, ',', "ss", &separator) ||
	    !take_param(&params, ',', "sk", &signer) || params.ptr != NULL || signer.len == 0 ||
	    !rh_form_base64(arena, separator, false, &out->sep) ||
	    !rh_form_base64(arena, signer, false, &out->key) ||
	    !take_salt_and_hash(arena, &rest, out)) {
		return false;
	}
	set_firebase(out, rounds, memory);
	return true;
}

/* Form b: $firebase-scrypt$hash=H$salt=S$sk=SIGNER$ss=SEPARATOR$r=R$m=M, padded. */
static bool parse_firebase_b(struct rh_arena *arena, struct rh_str text, struct rh_credential *out)
{
	struct rh_str rest = text;
	struct rh_str hash;
	struct rh_str salt;
	struct rh_str separator;
	struct rh_str signer;
	uint64_t rounds;
	uint64_t memory;

	if (!take_id(&rest, "firebase-scrypt") || !take_param(&rest, '$', "hash", &hash) ||
	    !take_param(&rest, '$', "salt", &salt) || !take_param(&rest, '$', "sk", &signer) ||
	    !take_param(&rest, '$', "ss", &separator) ||
	    !take_number(&rest, '$', "r", 1, FIREBASE_ROUNDS_MAX, &rounds) ||
	    !take_number(&rest, '$', "m", 1, FIREBASE_MEMORY_MAX, &memory) || rest.ptr != NULL ||
	    hash.len == 0 || signer.len == 0 || !rh_form_base64(arena, hash, true, &out->digest) ||
	    !rh_form_base64(arena, salt, true, &out->salt) ||
	    !rh_form_base64(arena, signer, true, &out->key) ||
	    !rh_form_base64(arena, separator, true, &out->sep)) {
		return false;
	}
	set_firebase(out, rounds, memory);
	return true;
}

static bool parse_firebase(struct rh_arena *arena, struct rh_str text,
			   enum workos_firebase_form form, struct rh_credential *out)
{
	switch (form) {
	case WORKOS_FIREBASE_A:
		return parse_firebase_phc(arena, text, true, out);
	case WORKOS_FIREBASE_B:
		return parse_firebase_b(arena, text, out);
	case WORKOS_FIREBASE_C:
		return parse_firebase_phc(arena, text, false, out);
	case WORKOS_FIREBASE_ANY:
		return parse_firebase_phc(arena, text, true, out) ||
		       parse_firebase_phc(arena, text, false, out) ||
		       parse_firebase_b(arena, text, out);
	}
	return false;
}

static bool parse_ssha256(struct rh_arena *arena, struct rh_str text, struct rh_str salt_position,
			  struct rh_credential *out)
{
	if (!parse_salted(arena, text, "{SSHA256}", SHA256_LEN, out)) {
		return false;
	}
	out->scheme = RH_SCHEME_SHA256;
	if (rh_str_is(salt_position, "prefix")) {
		out->salt_place = RH_SALT_PREFIX;
	}
	return true;
}

bool workos_is_hash_type(struct rh_str type)
{
	static const char *const types[] = {
		"bcrypt", "firebase-scrypt", "ssha", "ssha256", "scrypt", "pbkdf2", "argon2",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (rh_str_is(type, types[i])) {
			return true;
		}
	}
	return false;
}

bool workos_parse_hash(struct rh_arena *arena, struct rh_str type, struct rh_str text,
		       struct rh_str salt_position, enum workos_firebase_form firebase_form,
		       struct rh_credential *out)
{
	*out = (struct rh_credential){
		.state = RH_CREDENTIAL_PRESENT,
		.raw = text,
	};
	if (rh_str_is(type, "bcrypt")) {
		return parse_bcrypt(text, out);
	}
	if (rh_str_is(type, "scrypt")) {
		return parse_scrypt(arena, text, out);
	}
	if (rh_str_is(type, "pbkdf2")) {
		return parse_pbkdf2(arena, text, out);
	}
	if (rh_str_is(type, "argon2")) {
		return parse_argon2(arena, text, out);
	}
	if (rh_str_is(type, "ssha")) {
		out->scheme = RH_SCHEME_SHA1;
		return parse_salted(arena, text, "{SSHA}", SHA1_LEN, out);
	}
	if (rh_str_is(type, "ssha256")) {
		return parse_ssha256(arena, text, salt_position, out);
	}
	return rh_str_is(type, "firebase-scrypt") &&
	       parse_firebase(arena, text, firebase_form, out);
}
