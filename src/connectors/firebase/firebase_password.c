/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firebase's modified scrypt: hash and salt of the user, four parameters of the project.
 *
 *  1. Nothing stands for a parameter that is missing: a hash that is put together with a wrong one looks right, and
 *     nobody enters with it.
 *  2. They are asked for where a record has such a hash, and nowhere else.
 *  3. The digest is the encrypted signer key, so both have one length; a placeholder has another.
 */
#include "account/credential.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "connectors/firebase/firebase.h"

enum { ROUNDS_MAX = 128, MEM_COST_MAX = 20 };

/* One parameter: its option, and what the console and the API call it. */
struct parameter {
	const char *option;
	const char *console;
	const char *api;
};

enum { SIGNER_KEY, SALT_SEPARATOR, ROUNDS, MEM_COST, PARAMETERS };

static const struct parameter parameters[PARAMETERS] = {
	[SIGNER_KEY] = {"--firebase-signer-key", "base64_signer_key", "signerKey"},
	[SALT_SEPARATOR] = {"--firebase-salt-separator", "base64_salt_separator", "saltSeparator"},
	[ROUNDS] = {"--firebase-rounds", "rounds", "rounds"},
	[MEM_COST] = {"--firebase-mem-cost", "mem_cost", "memoryCost"},
};

static bool is_value_byte(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z') || memchr("+/=-_", byte, 5) != NULL;
}

/* "name: value" of the console's text, "\"name\": \"value\"" of the API's. */
static struct rh_str look_up(struct rh_str text, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + len < text.len; i++) {
		bool is_name = memcmp(text.ptr + i, name, len) == 0 &&
			       (i == 0 || !is_value_byte(text.ptr[i - 1])) &&
			       !is_value_byte(text.ptr[i + len]);
		if (!is_name) {
			continue;
		}
		size_t begin = i + len;
		while (begin < text.len && memchr("\": \t", text.ptr[begin], 4) != NULL) {
			begin++;
		}
		size_t end = begin;
		while (end < text.len && is_value_byte(text.ptr[end])) {
			end++;
		}
		return rh_str_sub(text, begin, end - begin);
	}
	return RH_STR_ABSENT;
}

static void collect(const struct firebase_instance *instance, struct rh_str out[PARAMETERS])
{
	struct rh_str config = rh_str_from(instance->hash_config);

	out[SIGNER_KEY] = rh_str_from(instance->signer_key);
	out[SALT_SEPARATOR] = rh_str_from(instance->salt_separator);
	out[ROUNDS] = rh_str_from(instance->rounds);
	out[MEM_COST] = rh_str_from(instance->mem_cost);
	for (size_t i = 0; i < PARAMETERS; i++) {
		if (out[i].ptr == NULL && config.ptr != NULL) {
			out[i] = look_up(config, parameters[i].console);
		}
		if (out[i].ptr == NULL && config.ptr != NULL) {
			out[i] = look_up(config, parameters[i].api);
		}
		out[i] = rh_str_trim(out[i]);
	}
	if (rh_str_is(out[SALT_SEPARATOR], "none")) {
		out[SALT_SEPARATOR] = RH_STR("");
	}
}

/* All that are missing, at once. */
static int refuse_missing(const struct rh_str given[PARAMETERS], struct rh_err *err)
{
	const char *names[PARAMETERS] = {"", "", "", ""};
	size_t count = 0;

	for (size_t i = 0; i < PARAMETERS; i++) {
		if (given[i].ptr == NULL || (given[i].len == 0 && i != SALT_SEPARATOR)) {
			names[count++] = parameters[i].option;
		}
	}
	if (count == 0) {
		return RH_OK;
	}
	(void)rh_err_set(err, RH_EUSAGE,
			 "the file has password hashes of Firebase; missing: %s%s%s%s%s%s%s",
			 names[0], count > 1 ? ", " : "", names[1], count > 2 ? ", " : "", names[2],
			 count > 3 ? ", " : "", names[3]);
	rh_err_hint(err, "The console shows them: Authentication, Users, \"Password hash "
			 "parameters\". --firebase-hash-config @FILE takes that text whole.");
	return RH_EUSAGE;
}

static int refuse(size_t parameter, const char *what, struct rh_err *err)
{
	(void)rh_err_set(err, RH_EUSAGE, "%s must be %s", parameters[parameter].option, what);
	rh_err_hint(err, "Copy it from the console: Authentication, Users, \"Password hash "
			 "parameters\".");
	return RH_EUSAGE;
}

static int read_parameters(const struct firebase_instance *instance, struct rh_arena *arena,
			   struct rh_credential *out, struct rh_err *err)
{
	struct rh_str given[PARAMETERS];
	uint64_t rounds = 0;
	uint64_t mem_cost = 0;

	collect(instance, given);
	int code = refuse_missing(given, err);
	if (code != RH_OK) {
		return code;
	}
	if (!rh_base64_decode(arena, given[SIGNER_KEY], &out->key) || out->key.len == 0) {
		return refuse(SIGNER_KEY, "base64", err);
	}
	if (!rh_base64_decode(arena, given[SALT_SEPARATOR], &out->sep)) {
		return refuse(SALT_SEPARATOR, "base64", err);
	}
	if (!rh_str_to_u64(given[ROUNDS], &rounds) || rounds == 0 || rounds > ROUNDS_MAX) {
		return refuse(ROUNDS, "a number from 1 to 128", err);
	}
	if (!rh_str_to_u64(given[MEM_COST], &mem_cost) || mem_cost == 0 ||
	    mem_cost > MEM_COST_MAX) {
		return refuse(MEM_COST, "a number from 1 to 20", err);
	}
	out->memory = (uint32_t)rounds;
	out->cost = UINT64_C(1) << mem_cost;
	out->parallelism = 1;
	return RH_OK;
}

static int fail(struct rh_credential *out, enum rh_credential_state state, struct rh_str raw,
		const char *what, const char **why)
{
	*out = (struct rh_credential){.state = state, .raw = raw};
	*why = what;
	return RH_OK;
}

/* What needs no parameters; true: it is decided. */
static bool is_decided(const struct firebase_password *password, struct rh_str hash,
		       struct rh_arena *arena, struct rh_credential *out, const char **why)
{
	struct rh_str salt = RH_STR_ABSENT;

	if (rh_str_is(hash, "UkVEQUNURUQ=")) {
		(void)fail(out, RH_CREDENTIAL_REDACTED, hash, "the export may not read hashes",
			   why);
	} else if (rh_str_starts(hash, "fakeHash:") || password->is_foreign) {
		(void)fail(out, RH_CREDENTIAL_UNRECOGNISED, hash, "made by another algorithm", why);
	} else if (!rh_str_is_set(password->salt)) {
		(void)fail(out, RH_CREDENTIAL_UNRECOGNISED, hash, "no salt", why);
	} else if (!rh_base64_decode(arena, password->salt, &salt) || salt.len == 0) {
		(void)fail(out, RH_CREDENTIAL_UNRECOGNISED, hash, "the salt is not base64", why);
	} else if (!rh_base64_decode(arena, hash, &out->digest) || out->digest.len == 0) {
		(void)fail(out, RH_CREDENTIAL_UNRECOGNISED, hash, "the hash is not base64", why);
	} else {
		out->salt = salt;
		return false;
	}
	return true;
}

/* The parameters are what there is. */
/* NOLINTNEXTLINE(readability-function-size) */
int firebase_read_password(const struct firebase_instance *instance,
			   const struct firebase_password *password, struct rh_arena *arena,
			   struct rh_credential *out, const char **why, struct rh_err *err)
{
	struct rh_str hash;

	*out = (struct rh_credential){.state = RH_CREDENTIAL_ABSENT};
	if (!rh_str_is_set(password->hash)) {
		if (rh_str_is_set(password->salt)) {
			out->state = RH_CREDENTIAL_NOT_EXPORTED;
			*why = "a salt without its hash";
		}
		return RH_OK;
	}
	if (!rh_arena_copy(arena, password->hash, &hash)) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a record");
	}
	if (is_decided(password, hash, arena, out, why)) {
		return RH_OK;
	}
	int code = read_parameters(instance, arena, out, err);
	if (code != RH_OK) {
		return code;
	}
	if (out->digest.len != out->key.len) {
		return fail(out, RH_CREDENTIAL_UNRECOGNISED, hash, "not as long as the signer key",
			    why);
	}
	out->state = RH_CREDENTIAL_PRESENT;
	out->scheme = RH_SCHEME_SCRYPT_FIREBASE;
	out->raw = hash;
	out->label = RH_STR("scrypt_firebase");
	return RH_OK;
}
