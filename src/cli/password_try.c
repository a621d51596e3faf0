/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings of one hash.
 *
 *  1. What a text says of itself goes first; then every label that some source gives to such a text; then what
 *     was said beside it (--scheme, --salt, the four parameters of scrypt-firebase …).
 *  2. Only then come the mistakes that are seen most: a salt decoded or not, on the other side of the password,
 *     scrypt's r and p swapped.  A match with one of them says what to correct, not that the hash can move as it
 *     stands.
 *  3. Two readings are the same when their canonical texts are; each is computed once.
 */
#include "cli/password_try.h"

#include <string.h>

#include "account/credential_form.h"
#include "account/normalise.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "crypto/password.h"

#define TEXT_MAX (64U * 1024)

/* Labels that change how a text is read. */
static const struct {
	enum rh_dialect dialect;
	const char *name;
} labels[] = {
	{RH_DIALECT_SHAPE, "by its own shape"},
	{RH_DIALECT_PBKDF2_SHA256, "as PBKDF2 whose salt is base64"},
	{RH_DIALECT_PBKDF2_SHA1, "as PBKDF2 whose salt and key are hex"},
	{RH_DIALECT_BETTER_AUTH_SCRYPT,
	 "as scrypt, N 16384, r 16, p 1, whose salt is the hex text"},
	{RH_DIALECT_SCRYPT_FIREBASE, "as scrypt-firebase, its fields divided by $"},
	{RH_DIALECT_MD5, "as md5"},
	{RH_DIALECT_MD5_SALTED, "as md5 with a salt before the $"},
	{RH_DIALECT_SHA256, "as sha256"},
	{RH_DIALECT_SHA256_SALTED, "as sha256 with a salt before the $"},
	{RH_DIALECT_PHPASS_MD5, "as phpass over the MD5 of the password"},
	{RH_DIALECT_LDAP_SSHA, "as SHA-1 with its salt behind it, in base64"},
};

static bool is_digest(enum rh_scheme scheme)
{
	return scheme >= RH_SCHEME_MD4 && scheme <= RH_SCHEME_HMAC_SHA512;
}

static bool is_scrypt(enum rh_scheme scheme)
{
	return scheme == RH_SCHEME_SCRYPT || scheme == RH_SCHEME_SCRYPT_FIREBASE;
}

/* ---- adding ------------------------------------------------------------------------------------------------- */

static int canonical_of(const struct rh_credential *cred, struct rh_buf *out)
{
	rh_buf_init_secret(out, TEXT_MAX);
	rh_credential_write(out, cred);
	return out->failed;
}

static int is_known(const struct rh_readings *readings, const struct rh_credential *cred, bool *out)
{
	rh_autobuf text = {0};
	int code = canonical_of(cred, &text);

	*out = false;
	for (size_t i = 0; i < readings->count && code == RH_OK && !*out; i++) {
		rh_autobuf other = {0};

		code = canonical_of(&readings->items[i].credential, &other);
		*out = rh_str_eq(rh_buf_str(&text), rh_buf_str(&other));
	}
	return code;
}

/* Adds what is a credential and not there yet; beyond the last place nothing is added. */
static int add(struct rh_readings *readings, const struct rh_reading *reading)
{
	bool known;
	int code;

	if (reading->credential.state != RH_CREDENTIAL_PRESENT ||
	    readings->count == RH_READINGS_MAX) {
		return RH_OK;
	}
	code = is_known(readings, &reading->credential, &known);
	if (code == RH_OK && !known) {
		readings->items[readings->count] = *reading;
		readings->count++;
	}
	return code;
}

/* The same with another salt, or other parameters; its bounds are looked at again. */
static int add_draft(struct rh_readings *readings, const struct rh_reading *like,
		     const struct rh_credential *draft, const char *salt, struct rh_arena *arena)
{
	struct rh_reading reading = *like;
	int code = rh_credential_compose(arena, draft, &reading.credential);

	if (salt != NULL) {
		reading.salt = salt;
	}
	return code == RH_OK ? add(readings, &reading) : code;
}

/* ---- from what was said beside it --------------------------------------------------------------------------- */

static size_t digest_len(enum rh_scheme scheme)
{
	switch ((int)scheme) {
	case RH_SCHEME_MD4:
	case RH_SCHEME_MD5:
	case RH_SCHEME_HMAC_MD5:
		return 16;
	case RH_SCHEME_SHA1:
	case RH_SCHEME_HMAC_SHA1:
		return 20;
	case RH_SCHEME_SHA256:
	case RH_SCHEME_HMAC_SHA256:
		return 32;
	case RH_SCHEME_SHA384:
		return 48;
	case RH_SCHEME_SHA512:
	case RH_SCHEME_HMAC_SHA512:
		return 64;
	default:
		return 0; /* any */
	}
}

/* Hex where it is hex of a length that fits, else base64. */
static bool take_digest(struct rh_arena *arena, struct rh_str text, enum rh_scheme scheme,
			struct rh_str *out)
{
	size_t len = digest_len(scheme);

	if (text.len % 2 == 0 && (len == 0 || text.len == 2 * len) &&
	    rh_hex_decode(arena, text, out)) {
		return true;
	}
	return rh_base64_decode(arena, text, out) && (len == 0 || out->len == len);
}

static uint64_t cost_of(const struct rh_hash_facts *facts)
{
	if (facts->mem_cost > 0 && facts->mem_cost < 63) {
		return (uint64_t)1 << facts->mem_cost;
	}
	if (facts->cost > 0) {
		return facts->cost;
	}
	return is_scrypt(facts->scheme) ? 16384 : 1;
}

/* false: what was said does not make a credential of the scheme. */
static bool draft_of(const struct rh_hash_facts *facts, struct rh_str text, struct rh_arena *arena,
		     struct rh_credential *out)
{
	bool has_salt = facts->salt.len > 0;

	*out = (struct rh_credential){
		.state = RH_CREDENTIAL_PRESENT,
		.scheme = facts->scheme,
		.cost = cost_of(facts),
		.salt = facts->salt,
		.key = facts->key,
		.is_utf16 = facts->is_utf16,
	};
	if (is_digest(facts->scheme)) {
		out->salt_place = !has_salt          ? RH_SALT_NONE
				  : facts->has_place ? facts->place
						     : RH_SALT_PREFIX;
	}
	if (is_scrypt(facts->scheme)) {
		out->memory = facts->rounds > 0 ? (uint32_t)facts->rounds : 8;
		out->parallelism = facts->parallelism > 0 ? (uint32_t)facts->parallelism : 1;
	}
	if (facts->scheme == RH_SCHEME_SCRYPT_FIREBASE &&
	    (!rh_base64_decode(arena, facts->signer_key, &out->key) ||
	     !rh_base64_decode(arena, facts->separator.ptr != NULL ? facts->separator : RH_STR(""),
			       &out->sep) ||
	     !rh_base64_decode(arena, facts->salt, &out->salt))) {
		return false;
	}
	return take_digest(arena, text, facts->scheme, &out->digest);
}

static int add_facts(struct rh_readings *readings, struct rh_str text,
		     const struct rh_hash_facts *facts, struct rh_arena *arena)
{
	struct rh_reading like = {.name = "as the options say"};
	struct rh_credential draft;

	if (facts->scheme == RH_SCHEME_NONE || !draft_of(facts, text, arena, &draft)) {
		return RH_OK;
	}
	return add_draft(readings, &like, &draft,
			 facts->salt.len > 0 && facts->scheme != RH_SCHEME_SCRYPT_FIREBASE
				 ? "the text of the salt"
				 : NULL,
			 arena);
}

/* ---- the usual mistakes ---------------------------------------------------------------------------------------- */

static int add_salts(struct rh_readings *readings, const struct rh_reading *like,
		     struct rh_arena *arena)
{
	struct rh_credential draft = like->credential;
	struct rh_str salt = draft.salt;
	rh_autobuf text = {0};
	int code = RH_OK;

	if (draft.bcrypt_minor != '\0' || salt.len == 0 || draft.scheme >= RH_SCHEME_PHPASS) {
		return RH_OK; /* such a salt stands inside the text */
	}
	if (rh_hex_decode(arena, salt, &draft.salt)) {
		code = add_draft(readings, like, &draft, "decoded from hex", arena);
	}
	if (code == RH_OK && rh_base64_decode(arena, salt, &draft.salt)) {
		code = add_draft(readings, like, &draft, "decoded from base64", arena);
	}
	rh_buf_init_secret(&text, TEXT_MAX);
	rh_hex_encode(&text, salt);
	draft.salt = rh_buf_str(&text);
	if (code == RH_OK && text.failed == 0) {
		code = add_draft(readings, like, &draft, "the text of its hex", arena);
	}
	rh_buf_reset(&text);
	rh_base64_encode(&text, salt, RH_BASE64_STD);
	draft.salt = rh_buf_str(&text);
	if (code == RH_OK && text.failed == 0) {
		code = add_draft(readings, like, &draft, "the text of its base64", arena);
	}
	return code;
}

static int add_places(struct rh_readings *readings, const struct rh_reading *like,
		      struct rh_arena *arena)
{
	static const struct {
		enum rh_salt_place place;
		const char *name;
	} places[] = {
		{RH_SALT_PREFIX, "before the password"},
		{RH_SALT_SUFFIX, "behind the password"},
	};
	int code = RH_OK;

	if (!is_digest(like->credential.scheme) || like->credential.salt.len == 0) {
		return RH_OK;
	}
	for (size_t i = 0; i < 2 && code == RH_OK; i++) {
		struct rh_credential draft = like->credential;

		draft.salt_place = places[i].place;
		code = add_draft(readings, like, &draft, places[i].name, arena);
	}
	return code;
}

static int add_swapped(struct rh_readings *readings, const struct rh_reading *like,
		       struct rh_arena *arena)
{
	struct rh_credential draft = like->credential;
	struct rh_reading swapped = *like;

	if (draft.scheme != RH_SCHEME_SCRYPT || draft.memory == draft.parallelism) {
		return RH_OK;
	}
	draft.memory = like->credential.parallelism;
	draft.parallelism = like->credential.memory;
	swapped.is_swapped = true;
	return add_draft(readings, &swapped, &draft, NULL, arena);
}

int rh_readings_make(struct rh_readings *out, struct rh_str text, const struct rh_hash_facts *facts,
		     bool variants, struct rh_arena *arena)
{
	size_t plain;
	int code = RH_OK;

	out->count = 0;
	/* What the options say is meant; a text that says it itself needs none. */
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]) && code == RH_OK; i++) {
		struct rh_reading reading = {.name = labels[i].name};

		code = rh_credential_parse(arena, text, RH_STR_ABSENT, labels[i].dialect,
					   &reading.credential);
		if (code == RH_OK) {
			code = add(out, &reading);
		}
		if (code == RH_OK && i == 0) {
			code = add_facts(out, text, facts, arena);
		}
	}
	plain = out->count;
	for (size_t i = 0; variants && i < plain && code == RH_OK; i++) {
		code = add_places(out, &out->items[i], arena);
	}
	plain = out->count;
	for (size_t i = 0; variants && i < plain && code == RH_OK; i++) {
		const struct rh_reading like = out->items[i];

		code = add_salts(out, &like, arena);
		if (code == RH_OK) {
			code = add_swapped(out, &like, arena);
		}
	}
	return code;
}

/* ---- checking --------------------------------------------------------------------------------------------------- */

/* `password` against all of them; the first that fits. */
static int check_all(const struct rh_readings *readings, struct rh_str password,
		     struct rh_reading_match *out, struct rh_err *err)
{
	for (size_t i = 0; i < readings->count && out->reading == NULL; i++) {
		enum rh_password_result result;
		int code =
			rh_password_check(&readings->items[i].credential, password, &result, err);

		if (code != RH_OK) {
			return code;
		}
		if (result == RH_PASSWORD_MATCH) {
			out->reading = &readings->items[i];
		}
		*(result == RH_PASSWORD_UNCHECKABLE ? &out->skipped : &out->checked) += 1;
	}
	return RH_OK;
}

int rh_readings_check(const struct rh_readings *readings, struct rh_str password,
		      struct rh_str pepper, struct rh_arena *arena, struct rh_reading_match *out,
		      struct rh_err *err)
{
	rh_autobuf joined = {0};
	struct rh_str normal;
	struct rh_reading_match again = {0};
	int code;

	*out = (struct rh_reading_match){0};
	code = check_all(readings, password, out, err);
	if (code != RH_OK || out->reading != NULL) {
		return code;
	}
	if (!rh_normalise_password(arena, password, &normal)) {
		return RH_ENOMEM;
	}
	if (!rh_str_eq(normal, password)) {
		code = check_all(readings, normal, &again, err);
		out->reading = again.reading;
		out->is_normalised = again.reading != NULL;
	}
	if (code == RH_OK && out->reading == NULL && pepper.len > 0) {
		rh_buf_init_secret(&joined, TEXT_MAX);
		rh_buf_add_str(&joined, password);
		rh_buf_add_str(&joined, pepper);
		code = joined.failed != 0 ? joined.failed
					  : check_all(readings, rh_buf_str(&joined), &again, err);
		out->reading = again.reading;
		out->has_pepper = again.reading != NULL;
	}
	return code;
}
