/* SPDX-License-Identifier: Apache-2.0 */
/* The many ways in which PBKDF2 hashes are written down. */
#include "account/credential_internal.h"

#include "base/str.h"

/* The digests of PBKDF2 by the names that the forms use. */
static const struct variant {
	const char *name;
	enum rh_scheme scheme;
	size_t digest_len; /* bytes of the primitive's own output */
} variants[] = {
	{"sha1", RH_SCHEME_PBKDF2_SHA1, 20},
	{"sha256", RH_SCHEME_PBKDF2_SHA256, 32},
	{"sha512", RH_SCHEME_PBKDF2_SHA512, 64},
};

static const struct variant *find_variant(struct rh_str name)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		if (rh_str_is(name, variants[i].name)) {
			return &variants[i];
		}
	}
	return NULL;
}

static bool take_iterations(struct rh_scan *scan, struct rh_str text)
{
	return rh_scan_number(scan, text, 1, UINT32_MAX, &scan->cred->cost);
}

/* "iterations$salt$digest" after its prefix; the salt, if text, is taken as it stands. */
static bool take_parts(struct rh_scan *scan, struct rh_str text, const char *prefix,
		       struct rh_str parts[3])
{
	return rh_scan_prefix(&text, prefix) && rh_scan_split(text, '$', parts, 3) &&
	       take_iterations(scan, parts[0]) && parts[1].len > 0;
}

bool rh_form_pbkdf2_sha1_parts(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[4] = {RH_STR_ABSENT};

	scan->cred->scheme = RH_SCHEME_PBKDF2_SHA1;
	if (!rh_scan_prefix(&text, "pbkdf2_sha1$") ||
	    (!rh_scan_split(text, '$', parts, 4) && !rh_scan_split(text, '$', parts, 3)) ||
	    parts[1].len == 0) {
		return false;
	}
	/* A salt that can be read as hex is hex, by this form's definition; else it is text. */
	if ((parts[1].len % 2 != 0 || !rh_scan_hex(scan, parts[1], &scan->cred->salt)) &&
	    !rh_scan_copy(scan, parts[1], &scan->cred->salt)) {
		return false;
	}
	return take_iterations(scan, parts[0]) && rh_scan_derived(scan, parts[2], true) &&
	       rh_scan_is_derived_len(scan, parts[3]);
}

bool rh_form_pbkdf2_sha256_parts(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[3];

	scan->cred->scheme = RH_SCHEME_PBKDF2_SHA256;
	return take_parts(scan, text, "pbkdf2_sha256$", parts) &&
	       rh_scan_base64(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], false);
}

/* 128 digits are hex, 86 to 88 are base64 of the same 64 bytes. */
bool rh_form_pbkdf2_sha512_parts(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[3];

	scan->cred->scheme = RH_SCHEME_PBKDF2_SHA512;
	return take_parts(scan, text, "pbkdf2_sha512$", parts) &&
	       rh_scan_copy(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], parts[2].len == 128) && scan->cred->digest.len == 64;
}

bool rh_form_pbkdf2_sha512_hex(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[3];

	scan->cred->scheme = RH_SCHEME_PBKDF2_SHA512;
	return take_parts(scan, text, "pbkdf2_sha512_hex$", parts) &&
	       rh_scan_hex(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], true);
}

bool rh_form_pbkdf2_django(struct rh_scan *scan, struct rh_str text)
{
	const struct variant *variant;
	struct rh_str parts[4];

	if (!rh_scan_prefix(&text, "pbkdf2_") || !rh_scan_split(text, '$', parts, 4)) {
		return false;
	}
	variant = find_variant(parts[0]);
	if (variant == NULL || variant->scheme == RH_SCHEME_PBKDF2_SHA512 || parts[2].len == 0) {
		return false;
	}
	scan->cred->scheme = variant->scheme;
	return take_iterations(scan, parts[1]) && rh_scan_copy(scan, parts[2], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[3], false) &&
	       scan->cred->digest.len == variant->digest_len;
}

/* "pbkdf2:sha256:260000$salt$hex".  Without the number it is not known how often: not recognised. */
bool rh_form_pbkdf2_werkzeug(struct rh_scan *scan, struct rh_str text)
{
	const struct variant *variant;
	struct rh_str parts[3];
	struct rh_str method[2];

	if (!rh_scan_prefix(&text, "pbkdf2:") || !rh_scan_split(text, '$', parts, 3) ||
	    !rh_scan_split(parts[0], ':', method, 2)) {
		return false;
	}
	variant = find_variant(method[0]);
	if (variant == NULL || parts[1].len == 0) {
		return false;
	}
	scan->cred->scheme = variant->scheme;
	return take_iterations(scan, method[1]) &&
	       rh_scan_copy(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], true) &&
	       scan->cred->digest.len == variant->digest_len;
}

/* "$pbkdf2$" or "$pbkdf2-NAME$" off the front; the bare name has always meant SHA-1. */
static const struct variant *take_name(struct rh_str *text)
{
	struct rh_str name;

	if (rh_scan_prefix(text, "$pbkdf2$")) {
		return &variants[0];
	}
	if (!rh_scan_prefix(text, "$pbkdf2-")) {
		return NULL;
	}
	name = rh_str_cut(text, '$');
	return find_variant(name);
}

bool rh_form_pbkdf2_phc(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param params[] = {{.name = "i"}, {.name = "l"}, {.name = "d"}};
	bool is_bare = rh_str_starts(text, "$pbkdf2$");
	const struct variant *variant = take_name(&text);
	struct rh_str parts[3];

	if (variant == NULL || text.ptr == NULL || !rh_scan_split(text, '$', parts, 3) ||
	    !rh_scan_params(parts[0], ',', params, 3, 1)) {
		return false;
	}
	if (params[2].value.ptr != NULL) {
		variant = is_bare ? find_variant(params[2].value) : NULL;
		if (variant == NULL) {
			return false;
		}
	}
	scan->cred->scheme = variant->scheme;
	return take_iterations(scan, params[0].value) &&
	       rh_scan_base64(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], false) &&
	       rh_scan_is_derived_len(scan, params[1].value);
}

bool rh_form_pbkdf2_passlib(struct rh_scan *scan, struct rh_str text)
{
	const struct variant *variant = take_name(&text);
	struct rh_str parts[3];

	if (variant == NULL || text.ptr == NULL || !rh_scan_split(text, '$', parts, 3)) {
		return false;
	}
	scan->cred->scheme = variant->scheme;
	return take_iterations(scan, parts[0]) &&
	       rh_scan_base64(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], false) &&
	       scan->cred->digest.len == variant->digest_len;
}

/*
 * Directory servers write two forms: "{PBKDF2-SHA256}i$salt$digest" in passlib's base64, and
 * "{PBKDF2-HMAC-SHA256}i:blob", a blob being the digest and then the salt.
 */
bool rh_form_pbkdf2_ldap(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str name = rh_str_cut(&text, '}');
	const struct variant *variant = &variants[0];
	bool is_blob = false;
	struct rh_str parts[3];
	struct rh_str blob;

	if (text.ptr == NULL || !rh_str_is_nocase(rh_str_sub(name, 0, 7), "{PBKDF2")) {
		return false;
	}
	name = rh_str_sub(name, 7, name.len);
	if (rh_str_is_nocase(rh_str_sub(name, 0, 6), "-HMAC-")) {
		is_blob = true;
		name = rh_str_sub(name, 5, name.len);
	}
	if (name.len > 0) {
		static const char *const names[] = {"-SHA1", "-SHA256", "-SHA512"};

		variant = NULL;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (rh_str_is_nocase(name, names[i])) {
				variant = &variants[i];
			}
		}
	}
	if (variant == NULL) {
		return false;
	}
	scan->cred->scheme = variant->scheme;
	if (!is_blob) {
		return rh_scan_split(text, '$', parts, 3) && take_iterations(scan, parts[0]) &&
		       rh_scan_base64(scan, parts[1], &scan->cred->salt) &&
		       rh_scan_derived(scan, parts[2], false) &&
		       scan->cred->digest.len == variant->digest_len;
	}
	if (!rh_scan_split(text, ':', parts, 2) || !take_iterations(scan, parts[0]) ||
	    !rh_scan_base64(scan, parts[1], &blob) || blob.len <= variant->digest_len) {
		return false;
	}
	scan->cred->digest = rh_str_sub(blob, 0, variant->digest_len);
	scan->cred->salt = rh_str_sub(blob, variant->digest_len, blob.len);
	return true;
}

static uint32_t take_be32(struct rh_str bytes, size_t at)
{
	const unsigned char *four = (const unsigned char *)bytes.ptr + at;

	return (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 | (uint32_t)four[2] << 8 | four[3];
}

/* A record of fixed lengths: iterations in four bytes, highest first, 64 bytes of salt, 256 of key. */
bool rh_form_pbkdf2_blob(struct rh_scan *scan, struct rh_str text)
{
	static const struct {
		const char *prefix;
		enum rh_scheme scheme;
	} names[] = {
		{"{PBKDF2_SHA256}", RH_SCHEME_PBKDF2_SHA256},
		{"{PBKDF2_SHA512}", RH_SCHEME_PBKDF2_SHA512},
	};
	struct rh_str blob;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!rh_scan_prefix(&text, names[i].prefix)) {
			continue;
		}
		if (!rh_scan_base64(scan, text, &blob) || blob.len != 4 + 64 + 256) {
			return false;
		}
		scan->cred->scheme = names[i].scheme;
		scan->cred->cost = take_be32(blob, 0);
		scan->cred->salt = rh_str_sub(blob, 4, 64);
		scan->cred->digest = rh_str_sub(blob, 4 + 64, 256);
		return scan->cred->cost > 0;
	}
	return false;
}

/* Version 3: 01, PRF, iterations, salt length (four bytes each, highest first), salt, key. */
static bool take_aspnet_v3(struct rh_scan *scan, struct rh_str bytes)
{
	uint32_t prf = take_be32(bytes, 1);
	uint32_t salt_len = take_be32(bytes, 9);

	if (prf >= sizeof(variants) / sizeof(variants[0]) || salt_len < 16 ||
	    salt_len > bytes.len - 13 - 16) {
		return false;
	}
	scan->cred->scheme = variants[prf].scheme;
	scan->cred->cost = take_be32(bytes, 5);
	scan->cred->salt = rh_str_sub(bytes, 13, salt_len);
	scan->cred->digest = rh_str_sub(bytes, 13 + (size_t)salt_len, bytes.len);
	return scan->cred->cost > 0 && scan->cred->digest.len <= 64;
}

/* Base64 of a binary record; version 2 is 00, 16 bytes of salt, 32 of key, always 1000 times SHA-1. */
bool rh_form_aspnet(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str bytes;

	if (text.len < 68 || text.len > 256 || text.len % 4 != 0 || text.ptr[0] != 'A' ||
	    !rh_scan_base64(scan, text, &bytes)) {
		return false;
	}
	if (bytes.len >= 61 && bytes.ptr[0] == 1) {
		return take_aspnet_v3(scan, bytes);
	}
	scan->cred->scheme = RH_SCHEME_PBKDF2_SHA1;
	scan->cred->cost = 1000;
	scan->cred->salt = rh_str_sub(bytes, 1, 16);
	scan->cred->digest = rh_str_sub(bytes, 17, 32);
	return bytes.len == 49 && bytes.ptr[0] == 0;
}
