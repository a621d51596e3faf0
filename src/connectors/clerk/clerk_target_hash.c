/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Password hashes in the forms that Clerk imports: a hasher by name, and a digest whose shape is checked here.
 *
 *  1. The digest is written anew from what the hash is, in the form that Clerk documents for the hasher; so Better
 *     Auth's hash becomes Werkzeug's scrypt, URL-safe base64 becomes base64, and a salt that is no text becomes hex
 *     where a hasher takes it so.
 *  2. What the form cannot say is not sent: a digest that Clerk refuses costs a refusal, one that it misreads costs
 *     the person's password without a word.
 *  3. Where Clerk publishes no format, or not on which side of the password the salt goes, the digest goes in the form
 *     that its users have, and is unproven.
 */
#include "connectors/clerk/clerk_target.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

/* All bytes of one hash; what is longer is no password hash.  Hex doubles them. */
#define HASH_BYTES_MAX 4096U
#define HASH_TEXT_MAX (4 * HASH_BYTES_MAX)

/* What Clerk's bcrypt takes: more is refused, less never lets anybody in. */
#define BCRYPT_COST_MIN 4
#define BCRYPT_COST_MAX 15

#define NO_FINDING ((enum rh_finding_code)0)

/* ---- shapes ------------------------------------------------------------------------------------------------ */

/* Text that can stand between two '$': printable, without one of its own. */
static bool is_plain_text(struct rh_str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i] < ' ' || bytes.ptr[i] > '~' || bytes.ptr[i] == '$') {
			return false;
		}
	}
	return bytes.len > 0;
}

static enum rh_finding_code unless(bool is_fine, enum rh_finding_code finding)
{
	return is_fine ? NO_FINDING : finding;
}

static enum rh_finding_code check_bcrypt(const struct rh_credential *cred)
{
	/* 2x marks hashes of an old fault: as 2b they would fit other passwords. */
	if (cred->bcrypt_minor == 'x' || cred->salt.len != 22 || cred->digest.len != 31) {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	/* The pepper is what stands behind the last '$'. */
	if (cred->scheme == RH_SCHEME_BCRYPT_PEPPERED && !is_plain_text(cred->key)) {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	return unless(cred->cost >= BCRYPT_COST_MIN && cred->cost <= BCRYPT_COST_MAX,
		      RH_FINDING_HASH_OUT_OF_RANGE);
}

static enum rh_finding_code check_argon2(const struct rh_credential *cred)
{
	bool is_fine = cred->version == 19 && cred->cost > 0 && cred->memory > 0 &&
		       cred->parallelism > 0 && cred->digest.len > 0 && cred->salt.len > 0;

	return unless(is_fine, RH_FINDING_HASH_OUT_OF_RANGE);
}

static size_t pbkdf2_length(enum rh_scheme scheme)
{
	return scheme == RH_SCHEME_PBKDF2_SHA256 ? 32 : 64;
}

static enum rh_finding_code check_pbkdf2(const struct rh_credential *cred)
{
	/* Only the form of SHA-1 says how long the digest is. */
	bool is_long = cred->scheme == RH_SCHEME_PBKDF2_SHA1
			       ? cred->digest.len > 0
			       : cred->digest.len == pbkdf2_length(cred->scheme);

	return unless(cred->cost > 0 && is_long && cred->salt.len > 0,
		      RH_FINDING_HASH_OUT_OF_RANGE);
}

/* Salt as text, and a key of 64 bytes: what Werkzeug and Better Auth make. */
static enum rh_finding_code check_scrypt(const struct rh_credential *cred)
{
	if (!is_plain_text(cred->salt)) {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	return unless(cred->digest.len == 64 && cred->cost > 1 &&
			      (cred->cost & (cred->cost - 1)) == 0,
		      RH_FINDING_HASH_OUT_OF_RANGE);
}

static enum rh_finding_code check_firebase(const struct rh_credential *cred)
{
	bool is_power = cred->cost > 1 && (cred->cost & (cred->cost - 1)) == 0;

	return unless(is_power && cred->parallelism == 1 && cred->memory > 0 &&
			      cred->digest.len > 0 && cred->salt.len > 0 && cred->key.len > 0,
		      RH_FINDING_HASH_OUT_OF_RANGE);
}

static enum rh_finding_code check_digest(const struct rh_credential *cred)
{
	size_t len = cred->scheme == RH_SCHEME_MD5 ? 16 : cred->scheme == RH_SCHEME_SHA1 ? 20 : 32;
	bool is_salted = cred->salt_place != RH_SALT_NONE;

	if (cred->is_utf16 || cred->cost > 1 || cred->digest.len != len ||
	    cred->salt_place == RH_SALT_BOTH) {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	if (cred->scheme == RH_SCHEME_SHA1) { /* {SSHA} alone */
		return unless(cred->salt_place == RH_SALT_SUFFIX && cred->salt.len > 0,
			      RH_FINDING_HASH_UNSUPPORTED);
	}
	return unless(!is_salted || is_plain_text(cred->salt), RH_FINDING_HASH_UNSUPPORTED);
}

static enum rh_finding_code check_symfony(const struct rh_credential *cred)
{
	return unless(cred->cost > 0 && cred->digest.len == 64 && is_plain_text(cred->salt),
		      RH_FINDING_HASH_UNSUPPORTED);
}

static enum rh_finding_code check_phpass(const struct rh_credential *cred)
{
	return unless(cred->digest.len == 34 && (rh_str_starts(cred->digest, "$P$") ||
						 rh_str_starts(cred->digest, "$H$")),
		      RH_FINDING_HASH_UNSUPPORTED);
}

static enum rh_finding_code check_utf16(const struct rh_credential *cred)
{
	return unless(cred->digest.len == 32, RH_FINDING_HASH_UNSUPPORTED);
}

/* A user pool of Amazon Cognito is the one other vendor that Clerk asks. */
static enum rh_finding_code check_opaque(const struct rh_credential *cred)
{
	struct rh_str rest = cred->digest;
	bool is_whole = rh_str_is(rh_str_cut(&rest, '#'), "awscognito") &&
			rh_str_cut(&rest, '#').len > 0 && rh_str_cut(&rest, '#').len > 0 &&
			rest.len > 0;

	return unless(is_whole, RH_FINDING_HASH_UNSUPPORTED);
}

/* ---- digests ------------------------------------------------------------------------------------------------- */

static void put_bcrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "%s$2%c$%02u$",
		      cred->scheme == RH_SCHEME_BCRYPT_SHA256_HEX ? "bcrypt_sha256$" : "",
		      cred->bcrypt_minor, (unsigned)cred->cost);
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_str(out, cred->digest);
	if (cred->scheme == RH_SCHEME_BCRYPT_PEPPERED) {
		rh_buf_add_char(out, '$');
		rh_buf_add_str(out, cred->key);
	}
}

static void put_argon2(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "$%s$v=%u$m=%u,t=%u,p=%u$",
		      cred->scheme == RH_SCHEME_ARGON2I ? "argon2i" : "argon2id", cred->version,
		      cred->memory, (unsigned)cred->cost, cred->parallelism);
	rh_base64_encode(out, cred->salt, RH_BASE64_STD_NOPAD);
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->digest, RH_BASE64_STD_NOPAD);
}

static void put_pbkdf2_sha1(struct rh_buf *out, const struct rh_credential *cred)
{
	/* Hex, since a salt of text that looks like hex would be taken for it. */
	rh_buf_printf(out, "pbkdf2_sha1$%llu$", (unsigned long long)cred->cost);
	rh_hex_encode(out, cred->salt);
	rh_buf_add_char(out, '$');
	rh_hex_encode(out, cred->digest);
	rh_buf_printf(out, "$%zu", cred->digest.len);
}

/* Django's salt is text as it stands there. */
static bool is_django(const struct rh_credential *cred)
{
	return rh_str_is(cred->label, "pbkdf2_sha256_django") && is_plain_text(cred->salt);
}

static void put_pbkdf2_sha256(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "pbkdf2_sha256$%llu$", (unsigned long long)cred->cost);
	if (is_django(cred)) {
		rh_buf_add_str(out, cred->salt);
	} else {
		rh_base64_encode(out, cred->salt, RH_BASE64_STD);
	}
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->digest, RH_BASE64_STD);
}

static void put_pbkdf2_sha512(struct rh_buf *out, const struct rh_credential *cred)
{
	bool is_text = is_plain_text(cred->salt);

	rh_buf_printf(out, "pbkdf2_sha512%s$%llu$", is_text ? "" : "_hex",
		      (unsigned long long)cred->cost);
	if (is_text) {
		rh_buf_add_str(out, cred->salt);
	} else {
		rh_hex_encode(out, cred->salt);
	}
	rh_buf_add_char(out, '$');
	rh_hex_encode(out, cred->digest);
}

static void put_scrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "scrypt:%llu:%u:%u$", (unsigned long long)cred->cost, cred->memory,
		      cred->parallelism);
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_char(out, '$');
	rh_hex_encode(out, cred->digest);
}

static void put_firebase(struct rh_buf *out, const struct rh_credential *cred)
{
	const struct rh_str parts[] = {cred->digest, cred->salt, cred->key, cred->sep};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		rh_base64_encode(out, parts[i], RH_BASE64_STD);
		rh_buf_add_char(out, '$');
	}
	rh_buf_printf(out, "%u$%u", cred->memory, (unsigned)__builtin_ctzll(cred->cost));
}

static void put_digest(struct rh_buf *out, const struct rh_credential *cred)
{
	if (cred->salt_place != RH_SALT_NONE) {
		rh_buf_add_str(out, cred->salt);
		rh_buf_add_char(out, '$');
	}
	rh_hex_encode(out, cred->digest);
}

static void put_ssha(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_autobuf blob = {0};

	rh_buf_init_secret(&blob, HASH_TEXT_MAX);
	rh_buf_add_str(&blob, cred->digest);
	rh_buf_add_str(&blob, cred->salt);
	rh_buf_add_cstr(out, "{SSHA}");
	rh_base64_encode(out, rh_buf_str(&blob), RH_BASE64_STD);
	if (blob.failed != RH_OK && out->failed == RH_OK) {
		out->failed = blob.failed;
	}
}

static void put_symfony(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "sha512_symfony$%llu$", (unsigned long long)cred->cost);
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->digest, RH_BASE64_STD);
}

/* phpBB writes $H$ for the very same. */
static void put_phpass(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_add_cstr(out, "$P$");
	rh_buf_add_str(out, rh_str_sub(cred->digest, 3, cred->digest.len));
}

static void put_base64(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_base64_encode(out, cred->digest, RH_BASE64_STD);
}

static void put_opaque(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_add_str(out, cred->digest);
}

/* ---- the hashers ----------------------------------------------------------------------------------------------- */

/* Clerk's documents, "Migrate from another provider" and Backend API 2025-11-10, read in July 2026. */
static const struct kind {
	enum rh_scheme scheme;
	const char *hasher;
	enum rh_finding_code (*check)(const struct rh_credential *cred);
	void (*put)(struct rh_buf *out, const struct rh_credential *cred);
	bool is_unproven;
} kinds[] = {
	{RH_SCHEME_BCRYPT, "bcrypt", check_bcrypt, put_bcrypt, false},
	{RH_SCHEME_BCRYPT_SHA256_HEX, "bcrypt_sha256_django", check_bcrypt, put_bcrypt, false},
	{RH_SCHEME_BCRYPT_PEPPERED, "bcrypt_peppered", check_bcrypt, put_bcrypt, false},
	{RH_SCHEME_ARGON2I, "argon2i", check_argon2, put_argon2, false},
	{RH_SCHEME_ARGON2ID, "argon2id", check_argon2, put_argon2, false},
	{RH_SCHEME_PBKDF2_SHA1, "pbkdf2_sha1", check_pbkdf2, put_pbkdf2_sha1, false},
	{RH_SCHEME_PBKDF2_SHA256, "pbkdf2_sha256", check_pbkdf2, put_pbkdf2_sha256, false},
	{RH_SCHEME_PBKDF2_SHA512, "pbkdf2_sha512", check_pbkdf2, put_pbkdf2_sha512, false},
	{RH_SCHEME_SCRYPT, "scrypt_werkzeug", check_scrypt, put_scrypt, false},
	{RH_SCHEME_SCRYPT_FIREBASE, "scrypt_firebase", check_firebase, put_firebase, false},
	{RH_SCHEME_MD5, "md5", check_digest, put_digest, false},
	{RH_SCHEME_SHA256, "sha256", check_digest, put_digest, false},
	{RH_SCHEME_SHA1, "ldap_ssha", check_digest, put_ssha, true},
	{RH_SCHEME_SYMFONY_SHA512, "sha512_symfony", check_symfony, put_symfony, false},
	{RH_SCHEME_PHPASS, "phpass", check_phpass, put_phpass, false},
	{RH_SCHEME_PHPASS_MD5, "md5_phpass", check_phpass, put_phpass, true},
	{RH_SCHEME_HMAC_SHA256_UTF16, "hmac_sha256_utf16_b64", check_utf16, put_base64, true},
	{RH_SCHEME_OPAQUE, "awscognito", check_opaque, put_opaque, false},
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

static bool is_salted_digest(const struct rh_credential *cred)
{
	return (cred->scheme == RH_SCHEME_MD5 || cred->scheme == RH_SCHEME_SHA256) &&
	       cred->salt_place != RH_SALT_NONE;
}

static const char *hasher_name(const struct kind *kind, const struct rh_credential *cred)
{
	if (is_salted_digest(cred)) {
		return cred->scheme == RH_SCHEME_MD5 ? "md5_salted" : "sha256_salted";
	}
	if (cred->scheme == RH_SCHEME_PBKDF2_SHA256 && is_django(cred)) {
		return "pbkdf2_sha256_django";
	}
	if (cred->scheme == RH_SCHEME_PBKDF2_SHA512 && !is_plain_text(cred->salt)) {
		return "pbkdf2_sha512_hex";
	}
	return kind->hasher;
}

enum rh_finding_code clerk_hash_obstacle(const struct rh_credential *cred)
{
	const struct kind *kind = find_kind(cred->scheme);
	size_t len = cred->salt.len + cred->digest.len + cred->key.len + cred->sep.len;

	if (kind == NULL) {
		return RH_FINDING_HASH_UNSUPPORTED;
	}
	return len > HASH_BYTES_MAX ? RH_FINDING_HASH_OUT_OF_RANGE : kind->check(cred);
}

bool clerk_hash_is_unproven(const struct rh_credential *cred)
{
	const struct kind *kind = find_kind(cred->scheme);

	return kind != NULL && (kind->is_unproven || is_salted_digest(cred));
}

int clerk_hash_put(const struct rh_credential *cred, struct rh_json_writer *writer)
{
	const struct kind *kind = find_kind(cred->scheme);
	rh_autobuf text = {0};

	rh_buf_init_secret(&text, HASH_TEXT_MAX);
	if (kind == NULL) {
		return RH_EINVAL;
	}
	kind->put(&text, cred);
	if (text.failed != RH_OK) {
		return text.failed;
	}
	rh_json_member(writer, "password_digest", rh_buf_str(&text));
	rh_json_key(writer, "password_hasher");
	rh_json_put_cstr(writer, hasher_name(kind, cred));
	return RH_OK;
}

int clerk_write_credential(const void *instance, const struct rh_credential *cred,
			   struct rh_buf *out, struct rh_credential *sent,
			   enum rh_finding_code *finding)
{
	struct rh_json_writer writer;
	int code;

	(void)instance;
	*finding = clerk_hash_obstacle(cred);
	if (*finding != 0) {
		return RH_OK;
	}
	if (clerk_hash_is_unproven(cred)) {
		*finding = RH_FINDING_HASH_UNPROVEN;
	}
	if (sent != NULL) {
		*sent = *cred;
	}
	rh_json_writer_init(&writer, out);
	rh_json_begin_object(&writer);
	code = clerk_hash_put(cred, &writer);
	rh_json_end_object(&writer);
	return code != RH_OK ? code : out->failed;
}
