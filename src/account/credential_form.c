/* SPDX-License-Identifier: Apache-2.0 */
/* Writing credentials in the forms of frameworks and directories; each is read again before it counts. */
#include "account/credential_form.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

/* The text of one credential. */
#define TEXT_MAX (64U * 1024)

static unsigned log2_of(uint64_t power)
{
	return power == 0 ? 0 : 63U - (unsigned)__builtin_clzll(power);
}

/* A salt that is text, and none of whose bytes would end its field. */
static bool is_text_salt(struct rh_str salt, const char *forbidden)
{
	for (size_t i = 0; i < salt.len; i++) {
		if (salt.ptr[i] <= ' ' || salt.ptr[i] > '~' ||
		    strchr(forbidden, salt.ptr[i]) != NULL) {
			return false;
		}
	}
	return salt.len > 0;
}

static bool is_argon2(enum rh_scheme scheme)
{
	return scheme == RH_SCHEME_ARGON2I || scheme == RH_SCHEME_ARGON2D ||
	       scheme == RH_SCHEME_ARGON2ID;
}

/* NULL: it is no PBKDF2. */
static const char *pbkdf2_digest(enum rh_scheme scheme)
{
	const char *name = rh_scheme_name(scheme);

	return strncmp(name, "pbkdf2-", strlen("pbkdf2-")) == 0 ? name + strlen("pbkdf2-") : NULL;
}

static bool write_canonical(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_credential_write(out, cred);
	return true;
}

/* ---- frameworks ---------------------------------------------------------------------------------------- */

static bool write_django_digest(struct rh_buf *out, const struct rh_credential *cred)
{
	if (cred->salt_place != RH_SALT_PREFIX || cred->cost != 1 || cred->is_utf16 ||
	    !is_text_salt(cred->salt, "$")) {
		return false;
	}
	rh_buf_printf(out, "%s$", rh_scheme_name(cred->scheme));
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_char(out, '$');
	rh_hex_encode(out, cred->digest);
	return true;
}

static void write_django_bcrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_buf_printf(out, "%s$$2%c$%02u$",
		      cred->scheme == RH_SCHEME_BCRYPT ? "bcrypt" : "bcrypt_sha256",
		      cred->bcrypt_minor, (unsigned)cred->cost);
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_str(out, cred->digest);
}

/* Its PBKDF2 and scrypt, which feed the salt as text. */
static bool write_django_derived(struct rh_buf *out, const struct rh_credential *cred)
{
	if (cred->scheme == RH_SCHEME_SCRYPT) {
		rh_buf_printf(out, "scrypt$%llu$", (unsigned long long)cred->cost);
		rh_buf_add_str(out, cred->salt);
		rh_buf_printf(out, "$%u$%u$", cred->memory, cred->parallelism);
	} else {
		rh_buf_printf(out, "pbkdf2_%s$%llu$", pbkdf2_digest(cred->scheme),
			      (unsigned long long)cred->cost);
		rh_buf_add_str(out, cred->salt);
		rh_buf_add_char(out, '$');
	}
	rh_base64_encode(out, cred->digest, RH_BASE64_STD);
	return is_text_salt(cred->salt, "$");
}

static bool write_django(struct rh_buf *out, const struct rh_credential *cred)
{
	if (cred->scheme == RH_SCHEME_BCRYPT || cred->scheme == RH_SCHEME_BCRYPT_SHA256_HEX) {
		write_django_bcrypt(out, cred);
		return true;
	}
	if (is_argon2(cred->scheme)) {
		rh_buf_add_cstr(out, "argon2");
		rh_credential_write(out, cred);
		return true;
	}
	if (cred->scheme == RH_SCHEME_SCRYPT || pbkdf2_digest(cred->scheme) != NULL) {
		return write_django_derived(out, cred);
	}
	return (cred->scheme == RH_SCHEME_MD5 || cred->scheme == RH_SCHEME_SHA1) &&
	       write_django_digest(out, cred);
}

static bool write_werkzeug(struct rh_buf *out, const struct rh_credential *cred)
{
	const char *digest = pbkdf2_digest(cred->scheme);

	if (cred->scheme == RH_SCHEME_SCRYPT) {
		rh_buf_printf(out, "scrypt:%llu:%u:%u$", (unsigned long long)cred->cost,
			      cred->memory, cred->parallelism);
	} else if (digest != NULL) {
		rh_buf_printf(out, "pbkdf2:%s:%llu$", digest, (unsigned long long)cred->cost);
	} else {
		return false;
	}
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_char(out, '$');
	rh_hex_encode(out, cred->digest);
	return is_text_salt(cred->salt, "$");
}

static bool write_passlib(struct rh_buf *out, const struct rh_credential *cred)
{
	const char *digest = pbkdf2_digest(cred->scheme);

	if (digest == NULL) {
		return false;
	}
	rh_buf_printf(out, "$pbkdf2%s%s$%llu$", cred->scheme == RH_SCHEME_PBKDF2_SHA1 ? "" : "-",
		      cred->scheme == RH_SCHEME_PBKDF2_SHA1 ? "" : digest,
		      (unsigned long long)cred->cost);
	rh_base64_encode(out, cred->salt, RH_BASE64_AB64);
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->digest, RH_BASE64_AB64);
	return true;
}

/* Text salt, a colon, 64 bytes of key in hex; everything else of it is fixed. */
static bool write_colon_scrypt(struct rh_buf *out, const struct rh_credential *cred)
{
	if (cred->scheme != RH_SCHEME_SCRYPT || !is_text_salt(cred->salt, ":")) {
		return false;
	}
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_char(out, ':');
	rh_hex_encode(out, cred->digest);
	return true;
}

static bool write_symfony(struct rh_buf *out, const struct rh_credential *cred)
{
	if (cred->scheme != RH_SCHEME_SYMFONY_SHA512 ||
	    (cred->salt.len > 0 && !is_text_salt(cred->salt, "$"))) {
		return false;
	}
	rh_buf_printf(out, "sha512_symfony$%llu$", (unsigned long long)cred->cost);
	rh_buf_add_str(out, cred->salt);
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->digest, RH_BASE64_STD);
	return true;
}

/* ---- directories ---------------------------------------------------------------------------------------- */

/* Digest with the salt behind it, as the salt stood behind the password. */
static bool write_ldap_digest(struct rh_buf *out, const struct rh_credential *cred)
{
	static const struct {
		enum rh_scheme scheme;
		const char *name;
	} names[] = {
		{RH_SCHEME_MD5, "MD5"},       {RH_SCHEME_SHA1, "SHA"},
		{RH_SCHEME_SHA256, "SHA256"}, {RH_SCHEME_SHA384, "SHA384"},
		{RH_SCHEME_SHA512, "SHA512"},
	};
	bool is_salted = cred->salt_place == RH_SALT_SUFFIX;
	rh_autobuf blob = {0};

	rh_buf_init_secret(&blob, TEXT_MAX);
	if ((!is_salted && cred->salt_place != RH_SALT_NONE) || cred->cost != 1 || cred->is_utf16) {
		return false;
	}
	rh_buf_add_str(&blob, cred->digest);
	rh_buf_add_str(&blob, cred->salt);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].scheme == cred->scheme && blob.failed == 0) {
			rh_buf_printf(out, "{%s%s}", is_salted ? "S" : "", names[i].name);
			rh_base64_encode(out, rh_buf_str(&blob), RH_BASE64_STD);
			return true;
		}
	}
	return false;
}

static bool write_ldap(struct rh_buf *out, const struct rh_credential *cred)
{
	const char *digest = pbkdf2_digest(cred->scheme);
	bool is_modular = cred->scheme == RH_SCHEME_BCRYPT || cred->scheme == RH_SCHEME_PHPASS ||
			  cred->scheme == RH_SCHEME_CRYPT;

	if (is_modular || is_argon2(cred->scheme)) {
		rh_buf_add_cstr(out, is_modular ? "{CRYPT}" : "{ARGON2}");
		rh_credential_write(out, cred);
		return true;
	}
	if (digest == NULL) {
		return write_ldap_digest(out, cred);
	}
	rh_buf_printf(out, "{PBKDF2-SHA%s}%llu$", digest + strlen("sha"),
		      (unsigned long long)cred->cost);
	rh_base64_encode(out, cred->salt, RH_BASE64_AB64);
	rh_buf_add_char(out, '$');
	rh_base64_encode(out, cred->digest, RH_BASE64_AB64);
	return true;
}

/* ---- JSON ------------------------------------------------------------------------------------------------ */

static void put_base64(struct rh_json_writer *json, const char *name, struct rh_str bytes)
{
	rh_autobuf text = {0};

	rh_buf_init_secret(&text, TEXT_MAX);
	rh_base64_encode(&text, bytes, RH_BASE64_STD);
	rh_json_member(json, name, text.len > 0 ? rh_buf_str(&text) : RH_STR(""));
}

/* Values of these parameters are lists of one text, numbers too. */
static void put_listed(struct rh_json_writer *json, const char *name, const char *word,
		       uint64_t number)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, 32);
	if (number > 0) {
		rh_buf_add_u64(&text, number);
	} else {
		rh_buf_add_cstr(&text, word);
	}
	rh_json_key(json, name);
	rh_json_begin_array(json);
	rh_json_put_string(json, rh_buf_str(&text));
	rh_json_end_array(json);
}

static void put_argon2(struct rh_json_writer *json, const struct rh_credential *cred)
{
	put_listed(json, "type", rh_scheme_name(cred->scheme) + strlen("argon2"), 0);
	put_listed(json, "version", cred->version == 16 ? "1.0" : "1.3", 0);
	put_listed(json, "hashLength", NULL, cred->digest.len);
	put_listed(json, "memory", NULL, cred->memory);
	put_listed(json, "parallelism", NULL, cred->parallelism);
}

/* credentialData and secretData, each JSON inside a text. */
static bool write_json(struct rh_buf *out, const struct rh_credential *cred)
{
	struct rh_json_writer json;
	rh_autobuf data = {0};
	rh_autobuf secret = {0};
	const char *algorithm = cred->scheme == RH_SCHEME_PBKDF2_SHA1 ? "pbkdf2"
				: is_argon2(cred->scheme)             ? "argon2"
				: pbkdf2_digest(cred->scheme) != NULL ? rh_scheme_name(cred->scheme)
								      : NULL;

	if (algorithm == NULL) {
		return false;
	}
	rh_buf_init(&data, TEXT_MAX);
	rh_json_writer_init(&json, &data);
	rh_json_begin_object(&json);
	rh_json_key(&json, "hashIterations");
	rh_json_put_u64(&json, cred->cost);
	rh_json_key(&json, "algorithm");
	rh_json_put_cstr(&json, algorithm);
	rh_json_key(&json, "additionalParameters");
	rh_json_begin_object(&json);
	if (is_argon2(cred->scheme)) {
		put_argon2(&json, cred);
	}
	rh_json_end_object(&json);
	rh_json_end_object(&json);

	rh_buf_init_secret(&secret, TEXT_MAX);
	rh_json_writer_init(&json, &secret);
	rh_json_begin_object(&json);
	put_base64(&json, "value", cred->digest);
	put_base64(&json, "salt", cred->salt);
	rh_json_key(&json, "additionalParameters");
	rh_json_begin_object(&json);
	rh_json_end_object(&json);
	rh_json_end_object(&json);

	rh_json_writer_init(&json, out);
	rh_json_begin_object(&json);
	rh_json_member(&json, "type", RH_STR("password"));
	rh_json_member(&json, "secretData", rh_buf_str(&secret));
	rh_json_member(&json, "credentialData", rh_buf_str(&data));
	rh_json_end_object(&json);
	return data.failed == 0 && secret.failed == 0;
}

/* Everything singly, for a target that wants its members one by one. */
static bool write_members(struct rh_buf *out, const struct rh_credential *cred)
{
	static const char *const places[] = {
		[RH_SALT_NONE] = NULL,   [RH_SALT_PREFIX] = "prefix",   [RH_SALT_SUFFIX] = "suffix",
		[RH_SALT_BOTH] = "both", [RH_SALT_UNKNOWN] = "unknown",
	};
	struct rh_json_writer json;
	bool is_bcrypt = cred->bcrypt_minor != '\0';
	rh_autobuf hex = {0};

	rh_buf_init_secret(&hex, TEXT_MAX);
	rh_json_writer_init(&json, out);
	rh_json_begin_object(&json);
	rh_json_member(&json, "scheme", rh_str_from(rh_scheme_name(cred->scheme)));
	rh_json_key(&json, "cost");
	rh_json_put_u64(&json, cred->cost);
	if (cred->memory > 0) {
		rh_json_key(&json, is_argon2(cred->scheme) ? "memoryKib" : "blockSize");
		rh_json_put_u64(&json, cred->memory);
		rh_json_key(&json, "parallelism");
		rh_json_put_u64(&json, cred->parallelism);
	}
	rh_json_member(&json, "saltPlace", rh_str_from(places[cred->salt_place]));
	if (is_bcrypt || is_text_salt(cred->salt, "")) {
		rh_json_member(&json, "saltText", cred->salt);
	}
	if (is_bcrypt) { /* its own alphabet: no bytes to be had */
		rh_json_member(&json, "digestText", cred->digest);
	} else {
		put_base64(&json, "saltBase64", cred->salt);
		put_base64(&json, "digestBase64", cred->digest);
		rh_hex_encode(&hex, cred->digest);
		rh_json_member(&json, "digestHex", rh_buf_str(&hex));
	}
	if (cred->key.len > 0) {
		put_base64(&json, "keyBase64", cred->key);
	}
	if (cred->scheme == RH_SCHEME_SCRYPT_FIREBASE) {
		rh_json_key(&json, "log2Cost");
		rh_json_put_u64(&json, log2_of(cred->cost));
		put_base64(&json, "separatorBase64", cred->sep);
	}
	hex.len = 0;
	rh_credential_write(&hex, cred);
	put_base64(&json, "canonicalBase64", rh_buf_str(&hex));
	rh_json_end_object(&json);
	return hex.failed == 0;
}

/* ---- the table -------------------------------------------------------------------------------------------- */

static const struct rh_credential_form forms[] = {
	{"canonical", "this program's own: PHC strings, or the scheme's modular text",
	 write_canonical, RH_DIALECT_SHAPE, true},
	{"django", "bcrypt, argon2, PBKDF2, scrypt, salted MD5 and SHA-1 as Django stores them",
	 write_django, RH_DIALECT_SHAPE, true},
	{"werkzeug", "scrypt and PBKDF2 with a text salt", write_werkzeug, RH_DIALECT_SHAPE, true},
	{"passlib", "PBKDF2 in passlib's base64", write_passlib, RH_DIALECT_SHAPE, true},
	{"ldap", "RFC 2307: {SSHA} and its family, {CRYPT}, {ARGON2}, {PBKDF2-…}", write_ldap,
	 RH_DIALECT_SHAPE, true},
	{"colon-scrypt", "32 hex digits of text salt, a colon, 128 hex digits: N 16384, r 16, p 1",
	 write_colon_scrypt, RH_DIALECT_BETTER_AUTH_SCRYPT, true},
	{"symfony", "SHA-512 with Symfony's rounds", write_symfony, RH_DIALECT_SHAPE, true},
	{"json", "PBKDF2 and argon2 as credentialData and secretData", write_json, RH_DIALECT_SHAPE,
	 true},
	{"members", "every part singly, in text, hex and base64", write_members, RH_DIALECT_SHAPE,
	 false},
};

#define FORM_COUNT (sizeof(forms) / sizeof(forms[0]))

const struct rh_credential_form *rh_credential_form_at(size_t index)
{
	return index < FORM_COUNT ? &forms[index] : NULL;
}

const struct rh_credential_form *rh_credential_form_find(const char *name)
{
	for (size_t i = 0; i < FORM_COUNT; i++) {
		if (strcmp(forms[i].name, name) == 0) {
			return &forms[i];
		}
	}
	return NULL;
}

/* Two credentials say the same when their canonical texts do. */
static int is_same(const struct rh_credential *a, const struct rh_credential *b, bool *out)
{
	rh_autobuf left = {0};
	rh_autobuf right = {0};

	rh_buf_init_secret(&left, TEXT_MAX);
	rh_buf_init_secret(&right, TEXT_MAX);
	rh_credential_write(&left, a);
	rh_credential_write(&right, b);
	*out = rh_str_eq(rh_buf_str(&left), rh_buf_str(&right));
	return left.failed != 0 ? left.failed : right.failed;
}

int rh_credential_convert(const struct rh_credential *cred, const struct rh_credential_form *form,
			  struct rh_arena *arena, struct rh_buf *out)
{
	struct rh_credential again;
	rh_autobuf text = {0};
	bool same = true;
	int code = RH_OK;

	rh_buf_init_secret(&text, TEXT_MAX);
	if (!form->write(&text, cred)) {
		return text.failed != 0 ? text.failed : RH_EINVAL;
	}
	if (form->is_read_again && text.failed == 0) {
		code = rh_credential_parse(arena, rh_buf_str(&text), RH_STR_ABSENT, form->dialect,
					   &again);
		if (code == RH_OK && again.state != RH_CREDENTIAL_PRESENT) {
			return RH_EINVAL;
		}
		if (code == RH_OK) {
			code = is_same(cred, &again, &same);
		}
	}
	if (code != RH_OK || text.failed != 0) {
		return code != RH_OK ? code : text.failed;
	}
	if (!same) {
		return RH_EINVAL;
	}
	rh_buf_add_str(out, rh_buf_str(&text));
	return out->failed;
}

int rh_credential_compose(struct rh_arena *arena, const struct rh_credential *draft,
			  struct rh_credential *out)
{
	rh_autobuf text = {0};
	struct rh_str copy;

	rh_buf_init_secret(&text, TEXT_MAX);
	rh_credential_write(&text, draft);
	if (text.failed != 0 || !rh_arena_copy(arena, rh_buf_str(&text), &copy)) {
		return RH_ENOMEM;
	}
	return rh_credential_parse(arena, copy, RH_STR_ABSENT, RH_DIALECT_SHAPE, out);
}
