/* SPDX-License-Identifier: Apache-2.0 */
/* A credential as a JSON object: two members that hold JSON of their own, or (before 2019) four flat ones. */
#include "account/credential_internal.h"

#include "base/json.h"
#include "base/str.h"

/* What the members say, as text or number. */
struct members {
	struct rh_str algorithm;
	struct rh_str salt;
	struct rh_str digest;
	int64_t iterations;
	/* argon2: additionalParameters, each an array of one text; absent: its default */
	struct rh_str type;
	struct rh_str version;
	struct rh_str memory;
	struct rh_str lanes;
};

/* The parser writes into the text, so it gets a copy; nodes live until `json` is done. */
static bool parse(struct rh_scan *scan, struct rh_json *json, struct rh_str text)
{
	char *copy = text.ptr != NULL ? rh_scan_writable(scan, text) : NULL;
	int code;

	if (copy == NULL) {
		return false;
	}
	code = rh_json_parse(json, copy, text.len, NULL);
	if (code == RH_ENOMEM) {
		scan->is_out_of_memory = true;
	}
	return code == RH_OK && rh_json_type(rh_json_root(json)) == RH_JSON_OBJECT;
}

static struct rh_str first_of(const struct rh_json_node *parameters, const char *name)
{
	return rh_json_text(rh_json_next(rh_json_get(parameters, name), NULL, NULL));
}

static void take_parameters(const struct rh_json_node *parameters, struct members *out)
{
	if (rh_json_type(parameters) != RH_JSON_OBJECT) {
		return;
	}
	out->type = first_of(parameters, "type");
	out->version = first_of(parameters, "version");
	out->memory = first_of(parameters, "memory");
	out->lanes = first_of(parameters, "parallelism");
}

/* Texts of the members stay in the arena after the documents are done. */
static bool take_members(struct rh_scan *scan, struct rh_json docs[3], struct rh_str text,
			 struct members *out)
{
	const struct rh_json_node *outer;
	const struct rh_json_node *data;
	const struct rh_json_node *secret;

	if (!parse(scan, &docs[0], text)) {
		return false;
	}
	outer = rh_json_root(&docs[0]);
	if (rh_json_get_string(outer, "hashedSaltedValue").ptr != NULL) {
		out->digest = rh_json_get_string(outer, "hashedSaltedValue");
		data = outer;
		secret = outer;
	} else {
		if (!parse(scan, &docs[1], rh_json_get_string(outer, "credentialData")) ||
		    !parse(scan, &docs[2], rh_json_get_string(outer, "secretData"))) {
			return false;
		}
		data = rh_json_root(&docs[1]);
		secret = rh_json_root(&docs[2]);
		out->digest = rh_json_get_string(secret, "value");
	}
	out->salt = rh_json_get_string(secret, "salt");
	out->algorithm = rh_json_get_string(data, "algorithm");
	take_parameters(rh_json_get(data, "additionalParameters"), out);
	return rh_json_get_i64(data, "hashIterations", &out->iterations) && out->iterations > 0;
}

static bool take_argon2(struct rh_scan *scan, const struct members *members)
{
	struct rh_credential *cred = scan->cred;
	uint64_t memory = 7168;
	uint64_t lanes = 1;

	if (members->type.ptr == NULL || rh_str_is(members->type, "id")) {
		cred->scheme = RH_SCHEME_ARGON2ID;
	} else if (rh_str_is(members->type, "i")) {
		cred->scheme = RH_SCHEME_ARGON2I;
	} else if (rh_str_is(members->type, "d")) {
		cred->scheme = RH_SCHEME_ARGON2D;
	} else {
		return false;
	}
	if (members->version.ptr == NULL || rh_str_is(members->version, "1.3")) {
		cred->version = 19;
	} else if (rh_str_is(members->version, "1.0")) {
		cred->version = 16;
	} else {
		return false;
	}
	if ((members->memory.ptr != NULL &&
	     !rh_scan_number(scan, members->memory, 1, UINT32_MAX, &memory)) ||
	    (members->lanes.ptr != NULL &&
	     !rh_scan_number(scan, members->lanes, 1, 0xffffff, &lanes))) {
		return false;
	}
	rh_scan_bound(scan, memory, 8 * lanes, UINT32_MAX);
	rh_scan_bound(scan, cred->cost, 1, UINT32_MAX);
	rh_scan_bound(scan, cred->salt.len, 8, 1024);
	cred->memory = (uint32_t)memory;
	cred->parallelism = (uint32_t)lanes;
	return true;
}

static bool take_scheme(struct rh_scan *scan, const struct members *members)
{
	static const struct {
		const char *name;
		enum rh_scheme scheme;
	} names[] = {
		{"pbkdf2", RH_SCHEME_PBKDF2_SHA1},
		{"pbkdf2-sha256", RH_SCHEME_PBKDF2_SHA256},
		{"pbkdf2-sha512", RH_SCHEME_PBKDF2_SHA512},
	};

	if (rh_str_is(members->algorithm, "argon2")) {
		return take_argon2(scan, members);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (rh_str_is(members->algorithm, names[i].name)) {
			scan->cred->scheme = names[i].scheme;
			rh_scan_bound(scan, scan->cred->cost, 1, UINT32_MAX);
			return true;
		}
	}
	return false;
}

bool rh_form_json(struct rh_scan *scan, struct rh_str text)
{
	struct members members = {.algorithm = RH_STR_ABSENT};
	struct rh_json docs[3] = {{0}, {0}, {0}};
	bool is_read = rh_str_starts(text, "{") && take_members(scan, docs, text, &members) &&
		       rh_scan_base64(scan, members.salt, &scan->cred->salt) &&
		       rh_scan_derived(scan, members.digest, false);

	scan->cred->cost = (uint64_t)members.iterations;
	is_read = is_read && take_scheme(scan, &members);
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		rh_json_done(&docs[i]);
	}
	return is_read;
}
