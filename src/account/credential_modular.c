/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes that keep their own text everywhere: bcrypt and its wrappers, argon2, phpass, crypt(3), references. */
#include "account/credential_internal.h"

#include "base/json.h"
#include "base/str.h"

#define BCRYPT_LEN 60
#define BCRYPT_SALT_LEN 22
#define BCRYPT_DIGEST_LEN 31

/* salt and digest, 22 and 31 characters of bcrypt's alphabet. */
static bool take_bcrypt_tail(struct rh_scan *scan, struct rh_str salt, struct rh_str digest)
{
	return salt.len == BCRYPT_SALT_LEN && digest.len == BCRYPT_DIGEST_LEN &&
	       rh_scan_is_radix64(salt) && rh_scan_is_radix64(digest) &&
	       rh_scan_copy(scan, salt, &scan->cred->salt) &&
	       rh_scan_copy(scan, digest, &scan->cred->digest);
}

/* "$2b$10$" and 53 characters.  "$2$", the form before 1997, is nobody's any more. */
static bool take_bcrypt(struct rh_scan *scan, struct rh_str text)
{
	uint64_t cost;

	if (text.len != BCRYPT_LEN || !rh_str_starts(text, "$2") || text.ptr[3] != '$' ||
	    text.ptr[6] != '$' || strchr("abxy", text.ptr[2]) == NULL || text.ptr[2] == '\0') {
		return false;
	}
	/* Two digits always: the first may be 0, which a number may not begin with. */
	if (text.ptr[4] == '0' ? !rh_scan_number(scan, rh_str_sub(text, 5, 1), 4, 9, &cost)
			       : !rh_scan_number(scan, rh_str_sub(text, 4, 2), 10, 31, &cost)) {
		return false;
	}
	scan->cred->bcrypt_minor = text.ptr[2];
	scan->cred->cost = cost;
	return take_bcrypt_tail(scan, rh_str_sub(text, 7, BCRYPT_SALT_LEN),
				rh_str_sub(text, 7 + BCRYPT_SALT_LEN, BCRYPT_DIGEST_LEN));
}

bool rh_form_bcrypt(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_BCRYPT;
	return take_bcrypt(scan, text);
}

bool rh_form_bcrypt_peppered(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_BCRYPT_PEPPERED;
	return text.len > BCRYPT_LEN + 1 && text.ptr[BCRYPT_LEN] == '$' &&
	       take_bcrypt(scan, rh_str_sub(text, 0, BCRYPT_LEN)) &&
	       rh_scan_copy(scan, rh_str_sub(text, BCRYPT_LEN + 1, text.len), &scan->cred->key);
}

bool rh_form_bcrypt_wrapped(struct rh_scan *scan, struct rh_str text)
{
	if (rh_scan_prefix(&text, "bcrypt_sha256$")) {
		scan->cred->scheme = RH_SCHEME_BCRYPT_SHA256_HEX;
		return take_bcrypt(scan, text);
	}
	return rh_scan_prefix(&text, "bcrypt$") && rh_form_bcrypt(scan, text);
}

/* "$wp" before a bcrypt string. */
bool rh_form_bcrypt_sha384(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_BCRYPT_SHA384;
	return rh_scan_prefix(&text, "$wp") && take_bcrypt(scan, text);
}

/* "v=2b,r=12[,k=…]$salt$digest" */
static bool take_bcrypt_canonical(struct rh_scan *scan, struct rh_str text, bool has_key)
{
	struct rh_scan_param params[] = {{.name = "v"}, {.name = "r"}, {.name = "k"}};
	struct rh_str parts[3];
	struct rh_str minor;

	if (!rh_scan_split(text, '$', parts, 3) ||
	    !rh_scan_params(parts[0], ',', params, has_key ? 3 : 2, has_key ? 3 : 2)) {
		return false;
	}
	minor = params[0].value;
	if (minor.len != 2 || minor.ptr[0] != '2' || minor.ptr[1] == '\0' ||
	    strchr("abxy", minor.ptr[1]) == NULL ||
	    !rh_scan_number(scan, params[1].value, 4, 31, &scan->cred->cost)) {
		return false;
	}
	scan->cred->bcrypt_minor = minor.ptr[1];
	if (has_key && (!rh_scan_base64(scan, params[2].value, &scan->cred->key) ||
			scan->cred->key.len == 0)) {
		return false;
	}
	return take_bcrypt_tail(scan, parts[1], parts[2]);
}

bool rh_form_bcrypt_sha256_canonical(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_BCRYPT_SHA256_HEX;
	return rh_scan_prefix(&text, "$x-bcrypt-sha256hex$") &&
	       take_bcrypt_canonical(scan, text, false);
}

bool rh_form_bcrypt_pepper_canonical(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_BCRYPT_PEPPERED;
	return rh_scan_prefix(&text, "$x-bcrypt-pepper$") &&
	       take_bcrypt_canonical(scan, text, true);
}

static bool take_argon2_params(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param params[] = {{.name = "m"}, {.name = "t"}, {.name = "p"}};
	uint64_t memory;
	uint64_t lanes;

	if (!rh_scan_params(text, ',', params, 3, 3) ||
	    !rh_scan_number(scan, params[0].value, 1, UINT32_MAX, &memory) ||
	    !rh_scan_number(scan, params[1].value, 1, UINT32_MAX, &scan->cred->cost) ||
	    !rh_scan_number(scan, params[2].value, 1, 0xffffff, &lanes)) {
		return false;
	}
	rh_scan_bound(scan, memory, 8 * lanes, UINT32_MAX);
	scan->cred->memory = (uint32_t)memory;
	scan->cred->parallelism = (uint32_t)lanes;
	return true;
}

/* "keyid=" and "data=" have no place in the canonical form, and no target takes them: not recognised. */
bool rh_form_argon2(struct rh_scan *scan, struct rh_str text)
{
	uint64_t version = 16; /* the format's own rule for a missing "v=" */
	struct rh_str parts[3];

	(void)rh_scan_prefix(&text, "argon2$"); /* one framework's wrapper leaves "argon2id$…" */
	(void)rh_scan_prefix(&text, "$");
	if (rh_scan_prefix(&text, "argon2id$")) {
		scan->cred->scheme = RH_SCHEME_ARGON2ID;
	} else if (rh_scan_prefix(&text, "argon2i$")) {
		scan->cred->scheme = RH_SCHEME_ARGON2I;
	} else if (rh_scan_prefix(&text, "argon2d$")) {
		scan->cred->scheme = RH_SCHEME_ARGON2D;
	} else {
		return false;
	}
	if (rh_scan_prefix(&text, "v=")) {
		if (!rh_scan_number(scan, rh_str_cut(&text, '$'), 16, 19, &version)) {
			return false;
		}
		rh_scan_require(scan, version == 16 || version == 19);
	}
	if (!rh_scan_split(text, '$', parts, 3) || !take_argon2_params(scan, parts[0]) ||
	    !rh_scan_base64(scan, parts[1], &scan->cred->salt) ||
	    !rh_scan_base64(scan, parts[2], &scan->cred->digest)) {
		return false;
	}
	rh_scan_bound(scan, scan->cred->salt.len, 8, 1024);
	rh_scan_bound(scan, scan->cred->digest.len, 4, 1024);
	scan->cred->version = (uint32_t)version;
	return true;
}

/* log2 of the rounds as one digit, 8 of salt, the digest, behind three characters that name the scheme. */
static bool take_phpass(struct rh_scan *scan, struct rh_str text)
{
	static const char digits[] =
		"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	if (!rh_scan_is_radix64(rh_str_sub(text, 3, text.len))) {
		return false;
	}
	scan->cred->cost = (uint64_t)(strchr(digits, text.ptr[3]) - digits);
	rh_scan_bound(scan, scan->cred->cost, 7, 30); /* what phpass itself takes */
	return rh_scan_copy(scan, rh_str_sub(text, 4, 8), &scan->cred->salt) &&
	       rh_scan_copy(scan, text, &scan->cred->digest);
}

/* "$P$" or "$H$", log2 of the rounds as one digit, 8 of salt, 22 of digest. */
bool rh_form_phpass(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_PHPASS;
	return text.len == 34 && (rh_str_starts(text, "$P$") || rh_str_starts(text, "$H$")) &&
	       take_phpass(scan, text);
}

/* The same with SHA-512, of whose 86 digits the first 43 are kept. */
bool rh_form_phpass_sha512(struct rh_scan *scan, struct rh_str text)
{
	scan->cred->scheme = RH_SCHEME_PHPASS_SHA512;
	return text.len == 55 && rh_str_starts(text, "$S$") && take_phpass(scan, text);
}

bool rh_form_phpass_md5(struct rh_scan *scan, struct rh_str text)
{
	bool is_read = rh_form_phpass(scan, text);

	scan->cred->scheme = RH_SCHEME_PHPASS_MD5;
	return is_read;
}

bool rh_form_phpass_md5_canonical(struct rh_scan *scan, struct rh_str text)
{
	return rh_scan_prefix(&text, "$x-phpass-md5") && rh_form_phpass_md5(scan, text);
}

bool rh_form_crypt(struct rh_scan *scan, struct rh_str text)
{
	static const struct {
		const char *prefix;
		size_t digest_len;
	} forms[] = {
		{"$1$", 22}, {"$5$", 43}, {"$6$", 86}, {"$y$", 43}, {"$7$", 43}, {"$apr1$", 22},
	};

	scan->cred->scheme = RH_SCHEME_CRYPT;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct rh_str rest = text;
		struct rh_str last = RH_STR_ABSENT;

		if (!rh_scan_prefix(&rest, forms[i].prefix)) {
			continue;
		}
		/* The salt may be any bytes; the digest is what stands after the last '$'. */
		while (rest.ptr != NULL) {
			last = rh_str_cut(&rest, '$');
		}
		return last.len == forms[i].digest_len && rh_scan_is_radix64(last) &&
		       text.len > strlen(forms[i].prefix) + last.len &&
		       rh_scan_copy(scan, text, &scan->cred->digest);
	}
	return false;
}

bool rh_form_external_pool(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[4];

	if (!rh_scan_split(text, '#', parts, 4)) {
		return false;
	}
	for (size_t i = 0; i < 4; i++) {
		if (parts[i].len == 0) {
			return false;
		}
	}
	scan->cred->scheme = RH_SCHEME_OPAQUE;
	return rh_scan_copy(scan, text, &scan->cred->digest);
}

/* JSON with the id of a key, its algorithm, and what was encrypted: nothing can be read without that key. */
bool rh_form_envelope(struct rh_scan *scan, struct rh_str text)
{
	static const char *const members[] = {"key_id", "alg", "data", "nonce"};
	struct rh_json json = {0};
	char *copy = rh_str_starts(text, "{") ? rh_scan_writable(scan, text) : NULL;
	bool is_read;
	int code;

	if (copy == NULL) {
		return false;
	}
	code = rh_json_parse(&json, copy, text.len, NULL);
	scan->is_out_of_memory = scan->is_out_of_memory || code == RH_ENOMEM;
	is_read = code == RH_OK;
	for (size_t i = 0; is_read && i < sizeof(members) / sizeof(members[0]); i++) {
		is_read = rh_str_is_set(rh_json_get_string(rh_json_root(&json), members[i]));
	}
	rh_json_done(&json);
	scan->cred->scheme = RH_SCHEME_OPAQUE;
	return is_read && rh_scan_copy(scan, text, &scan->cred->digest);
}

bool rh_form_opaque_canonical(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str inner;

	return rh_scan_prefix(&text, "$x-opaque$") && rh_scan_base64(scan, text, &inner) &&
	       (rh_form_envelope(scan, inner) || rh_form_external_pool(scan, inner));
}
