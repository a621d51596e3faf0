/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes that were imported into Auth0 from elsewhere, in the words of its import job. */
#include "connectors/auth0/auth0.h"

#include "account/credential.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/mapped.h"

/* Of digests and their keyed forms. */
static const struct digest {
	const char *name;
	enum rh_scheme plain;
	enum rh_scheme keyed; /* NONE: nobody can hold it */
	size_t len;
} digests[] = {
	{"md4", RH_SCHEME_MD4, RH_SCHEME_NONE, 16},
	{"md5", RH_SCHEME_MD5, RH_SCHEME_HMAC_MD5, 16},
	{"sha1", RH_SCHEME_SHA1, RH_SCHEME_HMAC_SHA1, 20},
	{"sha256", RH_SCHEME_SHA256, RH_SCHEME_HMAC_SHA256, 32},
	{"sha384", RH_SCHEME_SHA384, RH_SCHEME_NONE, 48},
	{"sha512", RH_SCHEME_SHA512, RH_SCHEME_HMAC_SHA512, 64},
};

static const struct digest *find_digest(struct rh_str name)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		if (rh_str_is(name, digests[i].name)) {
			return &digests[i];
		}
	}
	return NULL;
}

/* Bytes of {"value":…,"encoding":…}; false: it is in no encoding that is known, or not in that one. */
static bool take_bytes(const struct rh_json_node *node, const char *fallback,
		       struct rh_arena *arena, struct rh_str *out)
{
	struct rh_str value = rh_json_get_string(node, "value");
	struct rh_str encoding = rh_json_get_string(node, "encoding");

	if (encoding.ptr == NULL) {
		encoding = rh_str_from(fallback);
	}
	if (value.ptr == NULL) {
		return false;
	}
	if (rh_str_is(encoding, "hex")) {
		return rh_hex_decode(arena, value, out);
	}
	if (rh_str_is(encoding, "base64")) {
		return rh_base64_decode(arena, value, out);
	}
	return (rh_str_is(encoding, "utf8") || rh_str_is(encoding, "ascii")) &&
	       rh_arena_copy(arena, value, out);
}

/* Where there is one. */
static bool take_salt(const struct rh_json_node *hash, struct rh_arena *arena,
		      struct rh_credential *out)
{
	const struct rh_json_node *salt = rh_json_get(hash, "salt");
	struct rh_str position = rh_json_get_string(salt, "position");

	if (rh_json_is_null(salt)) {
		return true;
	}
	out->salt_place = rh_str_is(position, "suffix") ? RH_SALT_SUFFIX : RH_SALT_PREFIX;
	return take_bytes(salt, "utf8", arena, &out->salt);
}

static bool take_password_encoding(const struct rh_json_node *hash, struct rh_credential *out)
{
	struct rh_str encoding = rh_json_get_string(rh_json_get(hash, "password"), "encoding");

	out->is_utf16 = rh_str_is(encoding, "utf16le") || rh_str_is(encoding, "ucs2");
	return encoding.ptr == NULL || out->is_utf16 || rh_str_is(encoding, "utf8");
}

/* md5, sha1 … hmac: NULL, or what is wrong. */
static const char *read_digest(const struct rh_json_node *hash, struct rh_str algorithm,
			       struct rh_arena *arena, struct rh_credential *out)
{
	const struct rh_json_node *value = rh_json_get(hash, "hash");
	bool is_keyed = rh_str_is(algorithm, "hmac");
	const struct digest *digest =
		find_digest(is_keyed ? rh_json_get_string(value, "digest") : algorithm);

	if (digest == NULL) {
		return "an algorithm that is not known";
	}
	out->scheme = is_keyed ? digest->keyed : digest->plain;
	out->cost = 1;
	if (out->scheme == RH_SCHEME_NONE) {
		return "an algorithm that is not known";
	}
	if (!take_password_encoding(hash, out)) {
		return "an encoding of the password that is not known";
	}
	if (!take_bytes(value, "hex", arena, &out->digest) || out->digest.len != digest->len) {
		return "the value is not a digest of that algorithm";
	}
	if (!take_salt(hash, arena, out)) {
		return "the salt cannot be read";
	}
	if (is_keyed && !take_bytes(rh_json_get(value, "key"), "utf8", arena, &out->key)) {
		return "the key cannot be read";
	}
	return NULL;
}

static uint64_t number_of(const struct rh_json_node *hash, const char *name, int64_t fallback)
{
	int64_t number = fallback;

	if (!rh_json_get_i64(hash, name, &number) && !rh_json_is_null(rh_json_get(hash, name))) {
		return 0;
	}
	return number > 0 ? (uint64_t)number : 0;
}

static const char *read_scrypt(const struct rh_json_node *hash, struct rh_arena *arena,
			       struct rh_credential *out)
{
	const struct rh_json_node *value = rh_json_get(hash, "hash");
	uint64_t length = number_of(hash, "keylen", 0);
	uint64_t block = number_of(hash, "blockSize", 8);
	uint64_t lanes = number_of(hash, "parallelization", 1);

	out->scheme = RH_SCHEME_SCRYPT;
	out->cost = number_of(hash, "cost", 16384);
	if (out->cost < 2 || (out->cost & (out->cost - 1)) != 0 || block == 0 ||
	    block > UINT32_MAX || lanes == 0 || lanes > UINT32_MAX ||
	    block * lanes >= UINT64_C(1) << 30) {
		out->state = RH_CREDENTIAL_OUT_OF_RANGE;
		return "the parameters of scrypt";
	}
	out->memory = (uint32_t)block;
	out->parallelism = (uint32_t)lanes;
	if (!take_bytes(value, "hex", arena, &out->digest) || out->digest.len != length) {
		return "the value is not of that length";
	}
	if (!take_salt(hash, arena, out)) {
		return "the salt cannot be read";
	}
	out->salt_place = RH_SALT_NONE;
	return NULL;
}

/* bcrypt, argon2, pbkdf2, ldap: the value says it all; the name must not contradict it. */
static int read_text(struct rh_str algorithm, struct rh_str value, struct rh_arena *arena,
		     struct rh_credential *out, const char **why)
{
	bool is_bcrypt = rh_str_is(algorithm, "bcrypt");
	struct rh_str prefix = is_bcrypt                        ? RH_STR("$2")
			       : rh_str_is(algorithm, "argon2") ? RH_STR("$argon2")
			       : rh_str_is(algorithm, "pbkdf2") ? RH_STR("$pbkdf2")
								: RH_STR("{");
	int code = rh_credential_parse(arena, value, RH_STR_ABSENT, RH_DIALECT_SHAPE, out);

	if (code == RH_OK && out->state == RH_CREDENTIAL_PRESENT &&
	    !(value.len > prefix.len && memcmp(value.ptr, prefix.ptr, prefix.len) == 0)) {
		out->state = RH_CREDENTIAL_MISLABELLED;
	}
	*why = out->state == RH_CREDENTIAL_PRESENT ? NULL : "the value is not of that algorithm";
	return code;
}

static bool is_text_algorithm(struct rh_str algorithm)
{
	return rh_str_is(algorithm, "bcrypt") || rh_str_is(algorithm, "argon2") ||
	       rh_str_is(algorithm, "pbkdf2") || rh_str_is(algorithm, "ldap");
}

/* A salt behind a bcrypt hash goes behind the password: a pepper. */
static int read_peppered(const struct rh_json_node *hash, struct rh_str value,
			 struct rh_arena *arena, struct rh_credential *out, const char **why)
{
	struct rh_credential salt = {0};
	struct rh_str joined;

	if (!take_salt(hash, arena, &salt) || salt.salt_place != RH_SALT_SUFFIX) {
		out->state = RH_CREDENTIAL_UNRECOGNISED;
		*why = "a salt before the password of bcrypt";
		return RH_OK;
	}
	joined = rh_arena_printf(arena, "%.*s$%.*s", RH_STR_ARG(value), RH_STR_ARG(salt.salt));
	if (joined.ptr == NULL) {
		return RH_ENOMEM;
	}
	*why = "the value is not of that algorithm";
	return rh_credential_parse(arena, joined, RH_STR("bcrypt_peppered"),
				   RH_DIALECT_BCRYPT_PEPPERED, out);
}

int auth0_read_custom_hash(const struct rh_json_node *hash, struct rh_arena *arena,
			   struct rh_credential *out, const char **why)
{
	struct rh_str algorithm = rh_json_get_string(hash, "algorithm");
	struct rh_str text = rh_json_get_string(rh_json_get(hash, "hash"), "value");
	struct rh_str value = RH_STR_ABSENT;

	*out = (struct rh_credential){.state = RH_CREDENTIAL_PRESENT};
	if (text.ptr != NULL && !rh_arena_copy(arena, text, &value)) {
		return RH_ENOMEM;
	}
	if (!rh_str_is_set(value)) {
		*why = "there is no value";
		out->state = RH_CREDENTIAL_UNRECOGNISED;
		return RH_OK;
	}
	if (rh_str_is(algorithm, "bcrypt") && !rh_json_is_null(rh_json_get(hash, "salt"))) {
		return read_peppered(hash, value, arena, out, why);
	}
	if (is_text_algorithm(algorithm)) {
		return read_text(algorithm, value, arena, out, why);
	}
	*why = rh_str_is(algorithm, "scrypt") ? read_scrypt(hash, arena, out)
					      : read_digest(hash, algorithm, arena, out);
	out->raw = value;
	if (*why != NULL && out->state == RH_CREDENTIAL_PRESENT) {
		*out = (struct rh_credential){
			.state = RH_CREDENTIAL_UNRECOGNISED,
			.raw = value,
		};
	}
	return RH_OK;
}
