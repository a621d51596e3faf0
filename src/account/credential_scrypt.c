/* SPDX-License-Identifier: Apache-2.0 */
/* The many ways in which scrypt hashes, standard and modified, are written down. */
#include "account/credential_internal.h"

#include "base/str.h"

/* scrypt's own rules (RFC 7914 §2): N a power of two above 1 and below 2^(16 r), r * p < 2^30. */
static void set_scrypt(struct rh_scan *scan, uint64_t n, uint64_t r, uint64_t p)
{
	rh_scan_bound(scan, n, 2, (uint64_t)1 << 62);
	rh_scan_bound(scan, n & (n - 1), 0, 0);
	rh_scan_bound(scan, r, 1, (1U << 30) - 1);
	rh_scan_bound(scan, p, 1, (1U << 30) - 1);
	if (!scan->is_out_of_range) {
		rh_scan_bound(scan, r * p, 1, (1U << 30) - 1);
		rh_scan_require(scan, r >= 4 || n < (uint64_t)1 << (16 * r));
	}
	scan->cred->scheme = RH_SCHEME_SCRYPT;
	scan->cred->cost = n;
	scan->cred->memory = (uint32_t)r;
	scan->cred->parallelism = (uint32_t)p;
}

static bool take_scrypt_numbers(struct rh_scan *scan, struct rh_str n_text, struct rh_str r_text,
				struct rh_str p_text)
{
	uint64_t n;
	uint64_t r;
	uint64_t p;

	if (!rh_scan_number(scan, n_text, 2, (uint64_t)1 << 62, &n) ||
	    !rh_scan_number(scan, r_text, 1, UINT32_MAX, &r) ||
	    !rh_scan_number(scan, p_text, 1, UINT32_MAX, &p)) {
		return false;
	}
	set_scrypt(scan, n, r, p);
	return true;
}

/* As above with log2 N. */
static bool take_scrypt_log(struct rh_scan *scan, struct rh_str log_text, struct rh_str r_text,
			    struct rh_str p_text)
{
	uint64_t log_n;
	uint64_t r;
	uint64_t p;

	if (!rh_scan_number(scan, log_text, 1, 62, &log_n) ||
	    !rh_scan_number(scan, r_text, 1, UINT32_MAX, &r) ||
	    !rh_scan_number(scan, p_text, 1, UINT32_MAX, &p)) {
		return false;
	}
	set_scrypt(scan, (uint64_t)1 << log_n, r, p);
	return true;
}

bool rh_form_scrypt_phc(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param logs[] = {{.name = "ln"}, {.name = "r"}, {.name = "p"}};
	struct rh_scan_param plain[] = {{.name = "n"},
					{.name = "r"},
					{.name = "p"},
					{.name = "kl"}};
	bool has_version;
	struct rh_str parts[3];

	if (!rh_scan_prefix(&text, "$scrypt$")) {
		return false;
	}
	has_version = rh_scan_prefix(&text, "v=1$");
	if (!rh_scan_split(text, '$', parts, 3)) {
		return false;
	}
	if (!has_version && rh_scan_params(parts[0], ',', logs, 3, 3)) {
		if (!take_scrypt_log(scan, logs[0].value, logs[1].value, logs[2].value)) {
			return false;
		}
	} else if (!rh_scan_params(parts[0], ',', plain, 4, 4) ||
		   !take_scrypt_numbers(scan, plain[0].value, plain[1].value, plain[2].value)) {
		return false;
	}
	return rh_scan_base64(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], false) &&
	       rh_scan_is_derived_len(scan, plain[3].value);
}

/* Lower-case hex digits, at most 16, as a number. */
static bool take_hex_number(struct rh_str text, uint64_t *out)
{
	uint64_t number = 0;

	for (size_t i = 0; i < text.len; i++) {
		char digit = text.ptr[i];

		if (digit >= '0' && digit <= '9') {
			number = number << 4 | (uint64_t)(digit - '0');
		} else if (digit >= 'a' && digit <= 'f') {
			number = number << 4 | (uint64_t)(digit - 'a' + 10);
		} else {
			return false;
		}
	}
	*out = number;
	return text.len > 0 && text.len <= 16;
}

/* "$s0$" and, in hex, log2 N (16 bits), r (8 bits), p (8 bits); then salt and key in base64. */
bool rh_form_scrypt_s0(struct rh_scan *scan, struct rh_str text)
{
	uint64_t packed;
	struct rh_str parts[3];

	if (!rh_scan_prefix(&text, "$s0$") || !rh_scan_split(text, '$', parts, 3) ||
	    !take_hex_number(parts[0], &packed)) {
		return false;
	}
	rh_scan_bound(scan, packed >> 16, 1, 62);
	set_scrypt(scan, (uint64_t)1 << (packed >> 16 & 63), packed >> 8 & 0xff, packed & 0xff);
	return rh_scan_base64(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], false);
}

/* "SCRYPT:N:r:p:salt:key", both in base64. */
bool rh_form_scrypt_colons(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[5];

	return rh_scan_prefix(&text, "SCRYPT:") && rh_scan_split(text, ':', parts, 5) &&
	       take_scrypt_numbers(scan, parts[0], parts[1], parts[2]) &&
	       rh_scan_base64(scan, parts[3], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[4], false);
}

/* "scrypt:N:r:p$salt$key": the salt is text; the key, always 64 bytes, is hex (or base64 where a provider's
 * description says so: the length tells which). */
bool rh_form_scrypt_werkzeug(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[3];
	struct rh_str numbers[3];

	return rh_scan_prefix(&text, "scrypt:") && rh_scan_split(text, '$', parts, 3) &&
	       rh_scan_split(parts[0], ':', numbers, 3) &&
	       take_scrypt_numbers(scan, numbers[0], numbers[1], numbers[2]) && parts[1].len > 0 &&
	       rh_scan_copy(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[2], parts[2].len == 128) && scan->cred->digest.len == 64;
}

/* "scrypt$N$salt$r$p$key": the salt is text, the key 64 bytes in base64. */
bool rh_form_scrypt_django(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[5];

	return rh_scan_prefix(&text, "scrypt$") && rh_scan_split(text, '$', parts, 5) &&
	       take_scrypt_numbers(scan, parts[0], parts[2], parts[3]) && parts[1].len > 0 &&
	       rh_scan_copy(scan, parts[1], &scan->cred->salt) &&
	       rh_scan_derived(scan, parts[4], false) && scan->cred->digest.len == 64;
}

/* 32 hex digits, which are the salt as they stand, a colon, 128 hex digits of key. */
bool rh_form_scrypt_better_auth(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[2];

	if (!rh_scan_split(text, ':', parts, 2) || parts[0].len != 32 || parts[1].len != 128 ||
	    !rh_scan_hex(scan, parts[0], &scan->cred->salt) ||
	    !rh_scan_copy(scan, parts[0], &scan->cred->salt) ||
	    !rh_scan_derived(scan, parts[1], true)) {
		return false;
	}
	set_scrypt(scan, 16384, 16, 1);
	return true;
}

/* What a modified scrypt hash is made of, as text. */
struct firebase_fields {
	struct rh_str log_n;
	struct rh_str rounds;
	struct rh_str lanes; /* absent: 1 */
	struct rh_str salt;
	struct rh_str digest;
	struct rh_str key;
	struct rh_str sep; /* absent: none */
};

/* The digest is the encrypted signer key, so both have one length. */
static bool take_firebase(struct rh_scan *scan, const struct firebase_fields *fields)
{
	struct rh_str lanes = fields->lanes.ptr != NULL ? fields->lanes : RH_STR("1");
	struct rh_str sep = fields->sep.ptr != NULL ? fields->sep : RH_STR("");

	if (!take_scrypt_log(scan, fields->log_n, fields->rounds, lanes) ||
	    !rh_scan_base64(scan, fields->salt, &scan->cred->salt) ||
	    !rh_scan_base64(scan, fields->key, &scan->cred->key) ||
	    !rh_scan_base64(scan, sep, &scan->cred->sep) ||
	    !rh_scan_derived(scan, fields->digest, false)) {
		return false;
	}
	scan->cred->scheme = RH_SCHEME_SCRYPT_FIREBASE;
	return scan->cred->salt.len > 0 && scan->cred->key.len == scan->cred->digest.len;
}

bool rh_form_fbscrypt(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param params[] = {{.name = "v"}, {.name = "n"},  {.name = "r"},
					 {.name = "p"}, {.name = "sk"}, {.name = "ss"}};
	struct rh_str parts[3];

	return rh_scan_prefix(&text, "$fbscrypt$") && rh_scan_split(text, '$', parts, 3) &&
	       rh_scan_params(parts[0], ',', params, 6, 5) && rh_str_is(params[0].value, "1") &&
	       take_firebase(scan, &(struct firebase_fields){
					   .log_n = params[1].value,
					   .rounds = params[2].value,
					   .lanes = params[3].value,
					   .key = params[4].value,
					   .sep = params[5].value,
					   .salt = parts[1],
					   .digest = parts[2],
				   });
}

/* "$firebase-scrypt$[v=1$]r=8,m=14,ss=…,sk=…$salt$digest", or every field as name=value between '$'. */
bool rh_form_firebase_scrypt(struct rh_scan *scan, struct rh_str text)
{
	struct rh_scan_param params[] = {{.name = "r"},    {.name = "m"},    {.name = "sk"},
					 {.name = "salt"}, {.name = "hash"}, {.name = "ss"}};
	struct rh_str parts[3];

	if (!rh_scan_prefix(&text, "$firebase-scrypt$")) {
		return false;
	}
	(void)rh_scan_prefix(&text, "v=1$");
	if (rh_str_starts(text, "hash=")) {
		if (!rh_scan_params(text, '$', params, 6, 5)) {
			return false;
		}
	} else {
		if (!rh_scan_split(text, '$', parts, 3) ||
		    !rh_scan_params(parts[0], ',', params, 6, 3) || params[3].value.ptr != NULL ||
		    params[4].value.ptr != NULL) {
			return false;
		}
		params[3].value = parts[1];
		params[4].value = parts[2];
	}
	return take_firebase(scan, &(struct firebase_fields){
					   .rounds = params[0].value,
					   .log_n = params[1].value,
					   .key = params[2].value,
					   .salt = params[3].value,
					   .digest = params[4].value,
					   .sep = params[5].value,
				   });
}

bool rh_form_scrypt_firebase(struct rh_scan *scan, struct rh_str text)
{
	struct rh_str parts[6];

	if (rh_str_starts(text, "$")) {
		return rh_form_fbscrypt(scan, text) || rh_form_firebase_scrypt(scan, text);
	}
	return rh_scan_split(text, '$', parts, 6) && take_firebase(scan, &(struct firebase_fields){
										 .digest = parts[0],
										 .salt = parts[1],
										 .key = parts[2],
										 .sep = parts[3],
										 .rounds = parts[4],
										 .log_n = parts[5],
									 });
}
