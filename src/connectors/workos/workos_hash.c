/* SPDX-License-Identifier: Apache-2.0 */
/* Password hashes in the forms that WorkOS imports, and which of them it would refuse. */
#include "connectors/workos/workos.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

/* All bytes of one hash; what is longer is no password hash.  Their text is less than twice as long. */
#define HASH_BYTES_MAX 4096U
#define HASH_TEXT_MAX (4 * HASH_BYTES_MAX)

struct range {
	uint64_t min;
	uint64_t max;
};

#define ANY                       \
	{                         \
		.max = UINT64_MAX \
	}

/*
 * Kinds that can be sent, with the bounds of WorkOS Docs, "Migrate from other services", 2026, and of the API
 * description (OpenAPI package 0.61.0).  Where neither gives a bound, it is the primitive's own.  The target
 * checks them when it takes the account, and a hash beyond them would cost a refusal.
 */
static const struct kind {
	enum rh_scheme scheme;
	const char *type; /* password_hash_type */
	struct range cost;
	struct range memory;
	struct range parallelism;
	struct range digest_len;
	uint32_t version;
	bool is_unproven;
} kinds[] = {
	{
		.scheme = RH_SCHEME_BCRYPT,
		.type = "bcrypt",
		.cost = {4, 31},
		.memory = ANY,
		.parallelism = ANY,
		.digest_len = ANY,
	},
	{
		.scheme = RH_SCHEME_ARGON2I,
		.type = "argon2",
		.cost = {3, 5},
		.memory = {4096, 262144},
		.parallelism = {1, 8},
		.digest_len = ANY,
		.version = 19,
	},
	{
		.scheme = RH_SCHEME_ARGON2D,
		.type = "argon2",
		.cost = {1, 5},
		.memory = {4096, 262144},
		.parallelism = {1, 8},
		.digest_len = ANY,
		.version = 19,
	},
	{
		.scheme = RH_SCHEME_ARGON2ID,
		.type = "argon2",
		.cost = {1, 5},
		.memory = {4096, 262144},
		.parallelism = {1, 8},
		.digest_len = ANY,
		.version = 19,
	},
	{
		.scheme = RH_SCHEME_SCRYPT,
		.type = "scrypt",
		.cost = {2, UINT64_MAX},
		.memory = {1, UINT64_MAX},
		.parallelism = {1, UINT64_MAX},
		.digest_len = ANY,
	},
	{
		.scheme = RH_SCHEME_SCRYPT_FIREBASE,
		.type = "firebase-scrypt",
		.cost = {2, UINT64_MAX},
		.memory = {1, UINT64_MAX},
		/* The form has no place for another. */
		.parallelism = {1, 1},
		.digest_len = ANY,
		.is_unproven = true,
	},
	{
		.scheme = RH_SCHEME_PBKDF2_SHA256,
		.type = "pbkdf2",
		.cost = {600000, 1000000},
		.memory = ANY,
		.parallelism = ANY,
		/* Another length than the digest's own is not documented. */
		.digest_len = {32, 32},
	},
	{
		.scheme = RH_SCHEME_PBKDF2_SHA512,
		.type = "pbkdf2",
		.cost = {210000, 1000000},
		.memory = ANY,
		.parallelism = ANY,
		.digest_len = {64, 64},
	},
	{
		.scheme = RH_SCHEME_SHA1,
		.type = "ssha",
		.cost = {1, 1},
		.memory = ANY,
		.parallelism = ANY,
		.digest_len = {20, 20},
	},
	{
		.scheme = RH_SCHEME_SHA256,
		.type = "ssha256",
		.cost = {1, 1},
		.memory = ANY,
		.parallelism = ANY,
		.digest_len = {32, 32},
		.is_unproven = true,
	},
};

static const struct kind *find_kind(enum rh_scheme scheme)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].scheme == scheme) {
			return &kinds[i];
		}
	}
	return NULL;
}

static bool is_within(uint64_t value, struct range range)
{
	return value >= range.min && value <= range.max;
}

static bool is_in_range(const struct kind *kind, const struct rh_credential *cred)
{
	size_t len = cred->salt.len + cred->digest.len + cred->key.len + cred->sep.len;

	return len <= HASH_BYTES_MAX && is_within(cred->cost, kind->cost) &&
	       is_within(cred->memory, kind->memory) &&
	       is_within(cred->parallelism, kind->parallelism) &&
	       is_within(cred->digest.len, kind->digest_len) &&
	       (kind->version == 0 || kind->version == cred->version);
}

/* The place of the salt, with the operator's word where the source has none. */
static enum rh_salt_place salt_place(const struct workos *workos, const struct rh_credential *cred)
{
	if (cred->salt_place != RH_SALT_UNKNOWN) {
		return cred->salt_place;
	}
	switch ((enum workos_salt_place)workos->salt_place) {
	case WORKOS_SALT_UNKNOWN:
		return RH_SALT_UNKNOWN;
	case WORKOS_SALT_PREFIX:
		return RH_SALT_PREFIX;
	case WORKOS_SALT_SUFFIX:
		return RH_SALT_SUFFIX;
	}
	return RH_SALT_UNKNOWN;
}

/* Plain digests: SHA-1 with the salt behind, SHA-256 with the salt on either side. */
static enum rh_finding_code salt_obstacle(const struct workos *workos,
					  const struct rh_credential *cred)
{
	enum rh_salt_place place = salt_place(workos, cred);

	if (place == RH_SALT_NONE || place == RH_SALT_BOTH || cred->salt.len == 0 ||
	    cred->is_utf16 || (place == RH_SALT_PREFIX && cred->scheme == RH_SCHEME_SHA1)) {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	return place == RH_SALT_UNKNOWN ? RH_FINDING_HASH_SALT_PLACE : (enum rh_finding_code)0;
}

enum rh_finding_code workos_hash_obstacle(const struct workos *workos,
					  const struct rh_credential *cred)
{
	const struct kind *kind = find_kind(cred->scheme);
	enum rh_finding_code obstacle = (enum rh_finding_code)0;
	bool is_power = (cred->cost & (cred->cost - 1)) == 0;

	if (kind == NULL) {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	/* 2x marks hashes of an old fault: as 2b they would fit other passwords. */
	if (cred->scheme == RH_SCHEME_BCRYPT && cred->bcrypt_minor == 'x') {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	if (cred->scheme == RH_SCHEME_SHA1 || cred->scheme == RH_SCHEME_SHA256) {
		obstacle = salt_obstacle(workos, cred);
	}
	if (obstacle == 0 && (!is_in_range(kind, cred) ||
			      (cred->scheme == RH_SCHEME_SCRYPT_FIREBASE && !is_power))) {
		obstacle = RH_FINDING_HASH_OUT_OF_RANGE;
	}
	return obstacle;
}

bool workos_hash_is_unproven(const struct rh_credential *cred)
{
	const struct kind *kind = find_kind(cred->scheme);

	return kind != NULL && kind->is_unproven;
}

static void add_base64(struct rh_buf *out, const char *before, struct rh_str bytes)
{
	rh_buf_add_cstr(out, before);
	rh_base64_encode(out, bytes, RH_BASE64_STD_NOPAD);
}

static void write_bcrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	/* 2y is 2b by another name; only the latter is documented. */
	rh_buf_printf(out, "$2%c$%02u$", cred->bcrypt_minor == 'y' ? 'b' : cred->bcrypt_minor,
		      (unsigned)cred->cost);
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_str(out, cred->digest);
}

static void write_argon2(struct rh_buf *out, const struct rh_credential *cred, const char *id)
{
	rh_buf_printf(out, "$%s$v=%u$m=%u,t=%u,p=%u", id, cred->version, cred->memory,
		      (unsigned)cred->cost, cred->parallelism);
	add_base64(out, "$", cred->salt);
	add_base64(out, "$", cred->digest);
}

static void write_scrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	/* n is N itself; kl the length of the digest. */
	rh_buf_printf(out, "$scrypt$v=1$n=%llu,r=%u,p=%u,kl=%zu", (unsigned long long)cred->cost,
		      cred->memory, cred->parallelism, cred->digest.len);
	add_base64(out, "$", cred->salt);
	add_base64(out, "$", cred->digest);
}

static void write_pbkdf2(struct rh_buf *out, const struct rh_credential *cred, const char *digest)
{
	rh_buf_printf(out, "$pbkdf2$i=%llu,d=%s", (unsigned long long)cred->cost, digest);
	add_base64(out, "$", cred->salt);
	add_base64(out, "$", cred->digest);
}

/* B is no PHC string: padded, and everything is a parameter. */
static void write_firebase_b(struct rh_buf *out, const struct rh_credential *cred, unsigned log2)
{
	const struct {
		const char *name;
		struct rh_str bytes;
	} fields[] = {
		{"$firebase-scrypt$hash=", cred->digest},
		{"$salt=", cred->salt},
		{"$sk=", cred->key},
		{"$ss=", cred->sep},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		rh_buf_add_cstr(out, fields[i].name);
		rh_base64_encode(out, fields[i].bytes, RH_BASE64_STD);
	}
	rh_buf_printf(out, "$r=%u$m=%u", cred->memory, log2);
}

static void write_firebase(struct rh_buf *out, const struct rh_credential *cred,
			   enum workos_firebase_form form)
{
	unsigned log2 = (unsigned)__builtin_ctzll(cred->cost);

	if (form == WORKOS_FIREBASE_B) {
		write_firebase_b(out, cred, log2);
		return;
	}
	rh_buf_printf(out, "$firebase-scrypt%s$r=%u,m=%u", form == WORKOS_FIREBASE_A ? "$v=1" : "",
		      cred->memory, log2);
	add_base64(out, ",ss=", cred->sep);
	add_base64(out, ",sk=", cred->key);
	add_base64(out, "$", cred->salt);
	add_base64(out, "$", cred->digest);
}

/* {NAME} and base64 of the digest with the salt behind it, on whichever side of the password it was. */
static void write_salted(struct rh_buf *out, const struct rh_credential *cred, const char *name)
{
	rh_autobuf blob = {0};

	rh_buf_init_secret(&blob, HASH_TEXT_MAX);
	rh_buf_add_str(&blob, cred->digest);
	rh_buf_add_str(&blob, cred->salt);
	rh_buf_add_cstr(out, name);
	rh_base64_encode(out, rh_buf_str(&blob), RH_BASE64_STD);
	if (blob.failed != RH_OK && out->failed == RH_OK) {
		out->failed = blob.failed;
	}
}

/* The schemes without a row in `kinds` never come here. */
static void write_hash(struct rh_buf *out, const struct workos *workos,
		       const struct rh_credential *cred)
{
	switch (cred->scheme) {
	case RH_SCHEME_BCRYPT:
		write_bcrypt(out, cred);
		return;
	case RH_SCHEME_ARGON2I:
		write_argon2(out, cred, "argon2i");
		return;
	case RH_SCHEME_ARGON2D:
		write_argon2(out, cred, "argon2d");
		return;
	case RH_SCHEME_ARGON2ID:
		write_argon2(out, cred, "argon2id");
		return;
	case RH_SCHEME_SCRYPT:
		write_scrypt(out, cred);
		return;
	case RH_SCHEME_SCRYPT_FIREBASE:
		write_firebase(out, cred, (enum workos_firebase_form)workos->firebase_form);
		return;
	case RH_SCHEME_PBKDF2_SHA256:
		write_pbkdf2(out, cred, "sha256");
		return;
	case RH_SCHEME_PBKDF2_SHA512:
		write_pbkdf2(out, cred, "sha512");
		return;
	case RH_SCHEME_SHA1:
		write_salted(out, cred, "{SSHA}");
		return;
	case RH_SCHEME_SHA256:
		write_salted(out, cred, "{SSHA256}");
		return;
	case RH_SCHEME_NONE:
	case RH_SCHEME_BCRYPT_SHA256_HEX:
	case RH_SCHEME_BCRYPT_PEPPERED:
	case RH_SCHEME_BCRYPT_SHA384:
	case RH_SCHEME_PBKDF2_SHA1:
	case RH_SCHEME_MD4:
	case RH_SCHEME_MD5:
	case RH_SCHEME_SHA384:
	case RH_SCHEME_SHA512:
	case RH_SCHEME_HMAC_MD5:
	case RH_SCHEME_HMAC_SHA1:
	case RH_SCHEME_HMAC_SHA256:
	case RH_SCHEME_HMAC_SHA512:
	case RH_SCHEME_SYMFONY_SHA512:
	case RH_SCHEME_HMAC_SHA256_UTF16:
	case RH_SCHEME_PHPASS:
	case RH_SCHEME_PHPASS_MD5:
	case RH_SCHEME_PHPASS_SHA512:
	case RH_SCHEME_CRYPT:
	case RH_SCHEME_OPAQUE:
		return;
	}
}

int workos_hash_put(const struct workos *workos, const struct rh_credential *cred,
		    struct rh_json_writer *writer)
{
	const struct kind *kind = find_kind(cred->scheme);
	rh_autobuf text = {0};

	rh_buf_init_secret(&text, HASH_TEXT_MAX);
	if (kind == NULL) {
		return RH_EINVAL;
	}
	write_hash(&text, workos, cred);
	if (text.failed != RH_OK) {
		return text.failed;
	}
	rh_json_member(writer, "password_hash", rh_buf_str(&text));
	rh_json_key(writer, "password_hash_type");
	rh_json_put_cstr(writer, kind->type);
	if (cred->scheme == RH_SCHEME_SHA256) {
		rh_json_key(writer, "password_salt_position");
		rh_json_put_cstr(writer,
				 salt_place(workos, cred) == RH_SALT_PREFIX ? "prefix" : "suffix");
	}
	return RH_OK;
}

int workos_write_credential(const void *instance, const struct rh_credential *cred,
			    struct rh_buf *out, struct rh_credential *sent,
			    enum rh_finding_code *finding)
{
	struct rh_json_writer writer;
	int code;

	*finding = workos_hash_obstacle(instance, cred);
	if (*finding != 0) {
		return RH_OK;
	}
	if (workos_hash_is_unproven(cred)) {
		*finding = RH_FINDING_HASH_UNPROVEN;
	}
	if (sent != NULL) {
		*sent = *cred;
		sent->salt_place = salt_place(instance, cred);
	}
	rh_json_writer_init(&writer, out);
	rh_json_begin_object(&writer);
	code = workos_hash_put(instance, cred, &writer);
	rh_json_end_object(&writer);
	return code != RH_OK ? code : out->failed;
}

const char *workos_other_form(const void *instance, enum rh_scheme scheme)
{
	const struct workos *workos = instance;

	if (scheme == RH_SCHEME_SCRYPT_FIREBASE) {
		switch ((enum workos_firebase_form)workos->firebase_form) {
		case WORKOS_FIREBASE_A:
			return "firebase-form B";
		case WORKOS_FIREBASE_B:
			return "firebase-form C";
		case WORKOS_FIREBASE_C:
			break;
		}
	}
	if (scheme == RH_SCHEME_SHA256) {
		switch ((enum workos_salt_place)workos->salt_place) {
		case WORKOS_SALT_PREFIX:
			return "salt-place suffix";
		case WORKOS_SALT_SUFFIX:
			return "salt-place prefix";
		case WORKOS_SALT_UNKNOWN:
			break;
		}
	}
	return NULL;
}
