/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes that are a digest of salt and password: in hex, behind a directory's {SCHEME}, or canonical. */
#include "account/credential_internal.h"

#include "base/str.h"

static const struct kind {
	const char *name; /* canonical */
	enum rh_scheme scheme;
	size_t len; /* bytes */
} kinds[] = {
	{"md5", RH_SCHEME_MD5, 16},       {"sha1", RH_SCHEME_SHA1, 20},
	{"sha256", RH_SCHEME_SHA256, 32}, {"sha512", RH_SCHEME_SHA512, 64},
	{"sha384", RH_SCHEME_SHA384, 48}, {"md4", RH_SCHEME_MD4, 16},
};

static const struct kind keyed_kinds[] = {
	{"md5", RH_SCHEME_HMAC_MD5, 16},
	{"sha1", RH_SCHEME_HMAC_SHA1, 20},
	{"sha256", RH_SCHEME_HMAC_SHA256, 32},
	{"sha512", RH_SCHEME_HMAC_SHA512, 64},
};

static const struct kind *find_among(const struct kind *rows, size_t count, struct rh_str name)
{
	for (size_t i = 0; i < count; i++) {
		if (rh_str_is(name, rows[i].name)) {
			return &rows[i];
		}
	}
	return NULL;
}

static const struct kind *find_kind(struct rh_str name)
{
	return find_among(kinds, sizeof(kinds) / sizeof(kinds[0]), name);
}

static bool take_hex(struct rh_scan *scan, struct rh_str text, const struct kind *kind)
{
	scan->cred->scheme = kind->scheme;
	scan->cred->cost = 1;
	return text.len == 2 * kind->len && rh_scan_hex(scan, text, &scan->cred->digest);
}

bool rh_form_md5_hex(struct rh_scan *scan, struct rh_str text)
{
	return take_hex(scan, text, &kinds[0]);
}

bool rh_form_sha256_hex(struct rh_scan *scan, struct rh_str text)
{
	return take_hex(scan, text, &kinds[2]);
}

/* "salt$hex".  On which side of the password the salt goes, nobody has written down. */
static bool take_salted(struct rh_scan *scan, struct rh_str text, const struct kind *kind)
{
	size_t digits = 2 * kind->len;
	size_t salt_len;

	if (text.len < digits + 1 || text.ptr[text.len - digits - 1] != '$') {
		return false;
	}
	salt_len = text.len - digits - 1;
	scan->cred->salt_place = salt_len > 0 ? RH_SALT_UNKNOWN : RH_SALT_NONE;
	return rh_scan_copy(scan, rh_str_sub(text, 0, salt_len), &scan->cred->salt) &&
	       take_hex(scan, rh_str_sub(text, salt_len + 1, digits), kind);
}

bool rh_form_md5_salted(struct rh_scan *scan, struct rh_str text)
{
	return take_salted(scan, text, &kinds[0]);
}

bool rh_form_sha256_salted(struct rh_scan *scan, struct rh_str text)
{
	return take_salted(scan, text, &kinds[2]);
}

bool rh_form_salted_django(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[3];
	const struct kind *kind;

	if (!rh_scan_split(text, '$', parts, 3)) {
		return false;
	}
	kind = find_kind(parts[0]);
	if (kind == NULL || (kind->scheme != RH_SCHEME_MD5 && kind->scheme != RH_SCHEME_SHA1)) {
		return false;
	}
	scan->cred->salt_place = parts[1].len > 0 ? RH_SALT_PREFIX : RH_SALT_NONE;
	return rh_scan_copy(scan, parts[1], &scan->cred->salt) && take_hex(scan, parts[2], kind);
}

/* Base64 of digest and salt, the salt behind the password; unsalted: nothing may follow the digest. */
static bool take_blob(struct rh_scan *scan, struct rh_str text, const struct kind *kind,
		      bool is_salted)
{
	struct rh_str blob;

	if (!rh_scan_base64(scan, text, &blob) || blob.len < kind->len ||
	    is_salted != (blob.len > kind->len)) {
		return false;
	}
	scan->cred->scheme = kind->scheme;
	scan->cred->cost = 1;
	scan->cred->salt_place = is_salted ? RH_SALT_SUFFIX : RH_SALT_NONE;
	scan->cred->digest = rh_str_sub(blob, 0, kind->len);
	scan->cred->salt = rh_str_sub(blob, kind->len, blob.len);
	return true;
}

bool rh_form_ssha(struct rh_scan *scan, struct rh_str text)
{
	if (rh_str_is_nocase(rh_str_sub(text, 0, 6), "{SSHA}")) {
		text = rh_str_sub(text, 6, text.len);
	}
	return take_blob(scan, text, &kinds[1], true);
}

bool rh_form_ldap(struct rh_scan *scan, struct rh_str text)
{
	static const struct {
		const char *name;
		const struct kind *kind;
		bool is_salted;
	} names[] = {
		{"SSHA", &kinds[1], true},    {"SHA", &kinds[1], false},
		{"SMD5", &kinds[0], true},    {"MD5", &kinds[0], false},
		{"SSHA256", &kinds[2], true}, {"SHA256", &kinds[2], false},
		{"SSHA512", &kinds[3], true}, {"SHA512", &kinds[3], false},
		{"SSHA384", &kinds[4], true}, {"SHA384", &kinds[4], false},
	};
	struct rh_str name = rh_str_cut(&text, '}');

	if (text.ptr == NULL) {
		return false;
	}
	name = rh_str_sub(name, 1, name.len); /* without the brace */
	if (rh_str_is_nocase(rh_str_sub(name, 0, 2), "x-")) {
		name = rh_str_sub(name, 2,
				  name.len); /* how some servers mark what no standard names */
	}
	if (rh_str_is_nocase(name, "CRYPT")) {
		return rh_form_bcrypt(scan, text) || rh_form_phpass(scan, text) ||
		       rh_form_crypt(scan, text);
	}
	if (rh_str_is_nocase(name, "BCRYPT")) {
		return rh_form_bcrypt(scan, text);
	}
	if (rh_str_is_nocase(name, "ARGON2")) {
		return rh_form_argon2(scan, text);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (rh_str_is_nocase(name, names[i].name)) {
			return take_blob(scan, text, names[i].kind, names[i].is_salted);
		}
	}
	return false;
}

/* A brace in the salt would close the one that the scheme itself puts around it. */
static bool take_symfony(struct rh_scan *scan, struct rh_str iterations, struct rh_str salt,
			 struct rh_str digest)
{
	scan->cred->scheme = RH_SCHEME_SYMFONY_SHA512;
	return rh_str_index(salt, '{') < 0 && rh_str_index(salt, '}') < 0 &&
	       rh_scan_number(scan, iterations, 1, UINT32_MAX, &scan->cred->cost) &&
	       rh_scan_copy(scan, salt, &scan->cred->salt) &&
	       rh_scan_base64(scan, digest, &scan->cred->digest) && scan->cred->digest.len == 64;
}

bool rh_form_symfony(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[3];

	return rh_scan_prefix(&text, "sha512_symfony$") && rh_scan_split(text, '$', parts, 3) &&
	       take_symfony(scan, parts[0], parts[1], parts[2]);
}

bool rh_form_symfony_canonical(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param params[] = {{.name = "it"}};
	struct rh_str parts[3];
	struct rh_str salt;

	return rh_scan_prefix(&text, "$x-symfony-sha512$") && rh_scan_split(text, '$', parts, 3) &&
	       rh_scan_params(parts[0], ',', params, 1, 1) &&
	       rh_scan_base64(scan, parts[1], &salt) &&
	       take_symfony(scan, params[0].value, salt, parts[2]);
}

static bool take_place(struct rh_scan *scan, struct rh_str name)
{
	static const struct {
		const char *name;
		enum rh_salt_place place;
	} places[] = {
		{"none", RH_SALT_NONE}, {"prefix", RH_SALT_PREFIX},   {"suffix", RH_SALT_SUFFIX},
		{"both", RH_SALT_BOTH}, {"unknown", RH_SALT_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (rh_str_is(name, places[i].name)) {
			scan->cred->salt_place = places[i].place;
			return (places[i].place == RH_SALT_NONE) == (scan->cred->salt.len == 0) &&
			       (places[i].place == RH_SALT_BOTH) == (scan->cred->salt2.len > 0);
		}
	}
	return false;
}

/* "enc=utf16le" and "s2=…", which may stand behind the place. */
static bool take_rest(struct rh_scan *scan, struct rh_str encoding, struct rh_str salt2)
{
	scan->cred->is_utf16 = encoding.ptr != NULL;
	return (encoding.ptr == NULL || rh_str_is(encoding, "utf16le")) &&
	       (salt2.ptr == NULL || rh_scan_base64(scan, salt2, &scan->cred->salt2));
}

bool rh_form_digest_canonical(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param params[] = {{.name = "pos"},
					 {.name = "it"},
					 {.name = "enc"},
					 {.name = "s2"}};
	const struct kind *kind;
	struct rh_str parts[4];

	if (!rh_scan_prefix(&text, "$x-") || !rh_scan_split(text, '$', parts, 4)) {
		return false;
	}
	kind = find_kind(parts[0]);
	if (kind == NULL || !rh_scan_params(parts[1], ',', params, 4, 2) ||
	    !rh_scan_base64(scan, parts[2], &scan->cred->salt) ||
	    !rh_scan_base64(scan, parts[3], &scan->cred->digest) ||
	    !take_rest(scan, params[2].value, params[3].value)) {
		return false;
	}
	scan->cred->scheme = kind->scheme;
	return scan->cred->digest.len == kind->len && take_place(scan, params[0].value) &&
	       rh_scan_number(scan, params[1].value, 1, UINT32_MAX, &scan->cred->cost);
}

bool rh_form_hmac_canonical(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param params[] = {{.name = "k"},
					 {.name = "pos"},
					 {.name = "enc"},
					 {.name = "s2"}};
	const struct kind *kind;
	struct rh_str parts[4];

	if (!rh_scan_prefix(&text, "$x-hmac-") || !rh_scan_split(text, '$', parts, 4)) {
		return false;
	}
	kind = find_among(keyed_kinds, sizeof(keyed_kinds) / sizeof(keyed_kinds[0]), parts[0]);
	if (kind == NULL || !rh_scan_params(parts[1], ',', params, 4, 2) ||
	    !rh_scan_base64(scan, params[0].value, &scan->cred->key) ||
	    !rh_scan_base64(scan, parts[2], &scan->cred->salt) ||
	    !rh_scan_base64(scan, parts[3], &scan->cred->digest) ||
	    !take_rest(scan, params[2].value, params[3].value)) {
		return false;
	}
	scan->cred->scheme = kind->scheme;
	scan->cred->cost = 1;
	return scan->cred->digest.len == kind->len && scan->cred->key.len > 0 &&
	       take_place(scan, params[1].value);
}

/* Key and exact transcription are the provider's secret; the digest is 32 bytes in base64. */
bool rh_form_hmac_utf16(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_HMAC_SHA256_UTF16;
	return rh_scan_base64(scan, text, &scan->cred->digest) && scan->cred->digest.len == 32;
}

bool rh_form_hmac_utf16_canonical(struct rh_scan *scan, struct rh_str text)
{
	return rh_scan_prefix(&text, "$x-hmac-sha256$enc=utf16le,pos=none$$") &&
	       rh_form_hmac_utf16(scan, text);
}

static bool is_hex(struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];

		if (!((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
		      (byte >= 'A' && byte <= 'F'))) {
			return false;
		}
	}
	return true;
}

bool rh_form_is_digest_hex(struct rh_str text)
{
	static const size_t lengths[] = {32, 40, 64, 96, 128};
	struct rh_str parts[2];

	if (rh_scan_split(text, ':', parts, 2)) {
		return parts[0].len == 32 && parts[1].len == 128 && is_hex(parts[0]) &&
		       is_hex(parts[1]);
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		if (text.len == lengths[i]) {
			return is_hex(text);
		}
	}
	return false;
}
