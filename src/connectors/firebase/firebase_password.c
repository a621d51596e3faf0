/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firebase's modified scrypt: hash and salt of the user, four parameters of the project.
 *
 *  1. Nothing stands for a parameter that is missing: a hash that is put together with a wrong one looks right, and
 *     nobody enters with it.
 *  2. They are asked for where a record has such a hash, and nowhere else.
 *  3. They come by option, or from `hash_config` beside the users in the file, named as the console or the API names
 *     them.  What both say must be the same: nobody knows which of the two the hashes are of.
 *  4. The digest is the encrypted signer key, so both have one length; a placeholder has another.
 */
#include "account/credential.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
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

/* What is known of one. */
struct given {
	struct rh_str text;
	bool is_of_file; /* said by hash_config of the file, and by no option */
};

static void take_options(const struct firebase_instance *instance, struct rh_str out[PARAMETERS])
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

/* Beside the users; NULL: the file says nothing. */
static const struct rh_json_node *config_of(const struct rh_json_node *around)
{
	static const char *const names[] = {"hash_config", "hashConfig"};
	const struct rh_json_node *sign_in = rh_json_get(around, "signIn");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct rh_json_node *config = rh_json_get(around, names[i]);
		config = config != NULL ? config : rh_json_get(sign_in, names[i]);
		if (rh_json_type(config) == RH_JSON_OBJECT) {
			return config;
		}
	}
	return NULL;
}

/* Two ways to write one thing. */
static bool is_same(size_t parameter, struct rh_str one, struct rh_str other,
		    struct rh_arena *arena)
{
	struct rh_str bytes[2];
	uint64_t numbers[2];

	if (parameter == SIGNER_KEY || parameter == SALT_SEPARATOR) {
		return rh_base64_decode(arena, one, &bytes[0]) &&
		       rh_base64_decode(arena, other, &bytes[1]) && bytes[0].len == bytes[1].len &&
		       (bytes[0].len == 0 || memcmp(bytes[0].ptr, bytes[1].ptr, bytes[0].len) == 0);
	}
	return rh_str_to_u64(one, &numbers[0]) && rh_str_to_u64(other, &numbers[1]) &&
	       numbers[0] == numbers[1];
}

/* 3 */
static int collect(const struct firebase_instance *instance, const struct rh_json_node *around,
		   struct rh_arena *arena, struct given out[PARAMETERS], struct rh_err *err)
{
	const struct rh_json_node *config = config_of(around);
	struct rh_str algorithm = mapped_member(config, "algorithm");
	struct rh_str options[PARAMETERS];

	take_options(instance, options);
	if (rh_str_is_set(algorithm) && !rh_str_is_nocase(algorithm, "SCRYPT")) {
		(void)rh_err_set(err, RH_EUSAGE,
				 "hash_config in the file is of another algorithm than SCRYPT");
		rh_err_hint(err, "Hashes of imported users are of Firebase's own kind only once "
				 "they have signed in. Take the project's own parameters.");
		return RH_EUSAGE;
	}
	for (size_t i = 0; i < PARAMETERS; i++) {
		struct rh_str said = rh_str_trim(mapped_member(config, parameters[i].console));
		if (said.ptr == NULL) {
			said = rh_str_trim(mapped_member(config, parameters[i].api));
		}
		if (options[i].ptr != NULL && said.ptr != NULL &&
		    !is_same(i, options[i], said, arena)) {
			(void)rh_err_set(err, RH_EUSAGE,
					 "%s is not what hash_config in the file says",
					 parameters[i].option);
			rh_err_hint(err,
				    "One of the two is of another project. Leave out the wrong "
				    "one, and prove it with a known password: --prove.");
			return RH_EUSAGE;
		}
		out[i] = (struct given){
			.text = options[i].ptr != NULL ? options[i] : said,
			.is_of_file = options[i].ptr == NULL && said.ptr != NULL,
		};
	}
	return RH_OK;
}

/* All that are missing, at once. */
static int refuse_missing(const struct given given[PARAMETERS], struct rh_err *err)
{
	const char *names[PARAMETERS] = {"", "", "", ""};
	size_t count = 0;

	for (size_t i = 0; i < PARAMETERS; i++) {
		if (given[i].text.ptr == NULL || (given[i].text.len == 0 && i != SALT_SEPARATOR)) {
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
	rh_err_hint(err,
		    "The console shows them: Authentication, Users, \"Password hash "
		    "parameters\". --firebase-hash-config @FILE takes that text whole; in JSON "
		    "it may stand as hash_config before the users.");
	return RH_EUSAGE;
}

static int refuse(const struct given *given, size_t parameter, const char *what, struct rh_err *err)
{
	if (given[parameter].is_of_file) {
		(void)rh_err_set(err, RH_EUSAGE, "%s of hash_config in the file must be %s",
				 parameters[parameter].console, what);
	} else {
		(void)rh_err_set(err, RH_EUSAGE, "%s must be %s", parameters[parameter].option,
				 what);
	}
	rh_err_hint(err, "Copy it from the console: Authentication, Users, \"Password hash "
			 "parameters\".");
	return RH_EUSAGE;
}

static int read_parameters(const struct firebase_instance *instance,
			   const struct rh_json_node *around, struct rh_arena *arena,
			   struct rh_credential *out, struct rh_err *err)
{
	struct given given[PARAMETERS];
	uint64_t rounds = 0;
	uint64_t mem_cost = 0;
	int code = collect(instance, around, arena, given, err);

	if (code == RH_OK) {
		code = refuse_missing(given, err);
	}
	if (code != RH_OK) {
		return code;
	}
	if (!rh_base64_decode(arena, given[SIGNER_KEY].text, &out->key) || out->key.len == 0) {
		return refuse(given, SIGNER_KEY, "base64", err);
	}
	if (!rh_base64_decode(arena, given[SALT_SEPARATOR].text, &out->sep)) {
		return refuse(given, SALT_SEPARATOR, "base64", err);
	}
	if (!rh_str_to_u64(given[ROUNDS].text, &rounds) || rounds == 0 || rounds > ROUNDS_MAX) {
		return refuse(given, ROUNDS, "a number from 1 to 128", err);
	}
	if (!rh_str_to_u64(given[MEM_COST].text, &mem_cost) || mem_cost == 0 ||
	    mem_cost > MEM_COST_MAX) {
		return refuse(given, MEM_COST, "a number from 1 to 20", err);
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
	int code = read_parameters(instance, password->around, arena, out, err);
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
