/* SPDX-License-Identifier: Apache-2.0 */
/* What the actions of `rehome password` work on: the hash that was given, its readings, and who takes it. */
#include "cli/password_subject.h"

#include <string.h>
#include <unistd.h>

#include "account/credential.h"
#include "base/err.h"
#include "base/str.h"
#include "config/options.h"

/* ---- what was given ------------------------------------------------------------------------------------ */

static bool reads_standard_input(const struct rh_cli *cli)
{
	for (size_t i = 0; i < cli->given_count; i++) {
		if (cli->given[i].option->type == RH_OPTION_SECRET &&
		    strcmp(cli->given[i].value, "-") == 0) {
			return true;
		}
	}
	return false;
}

/* The whole of standard input, without blanks around it. */
static int read_hash(struct rh_cli *cli, struct rh_str *out)
{
	rh_autobuf text = {0};
	ssize_t got = 1;

	rh_buf_init_secret(&text, RH_PASSWORD_TEXT_MAX);
	while (got > 0) {
		char *room = rh_buf_reserve(&text, 4096);

		if (room == NULL) {
			return rh_err_set(&cli->err, RH_EINPUT,
					  "standard input is longer than any password hash");
		}
		got = read(STDIN_FILENO, room, 4096);
		text.len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0) {
		return rh_err_set(&cli->err, RH_EIO, "could not read standard input");
	}
	return rh_arena_copy(&cli->arena, rh_str_trim(rh_buf_str(&text)), out)
		       ? RH_OK
		       : rh_err_set(&cli->err, RH_ENOMEM, "out of memory");
}

static int take_hash(struct rh_cli *cli, struct rh_str *out)
{
	const char *word = cli->word_count > 1 ? cli->words[1] : NULL;

	if (word != NULL && cli->values.hash != NULL) {
		return rh_err_set(&cli->err, RH_EUSAGE, "the hash is given twice");
	}
	if (word != NULL || cli->values.hash != NULL) {
		*out = rh_str_trim(rh_str_from(word != NULL ? word : cli->values.hash));
		return RH_OK;
	}
	if (reads_standard_input(cli) || isatty(STDIN_FILENO) == 1) {
		int code = rh_err_set(&cli->err, RH_EUSAGE, "no hash is given");

		rh_err_hint(&cli->err, "Use --hash @FILE, or write it to standard input.");
		return code;
	}
	return read_hash(cli, out);
}

static int take_facts(struct rh_cli *cli, struct rh_hash_facts *out)
{
	const struct rh_cli_values *values = &cli->values;
	const char *scheme = values->scheme;

	*out = (struct rh_hash_facts){
		.salt = rh_str_from(values->salt),
		.place = values->salt_place == 0 ? RH_SALT_UNKNOWN
						 : (enum rh_salt_place)values->salt_place,
		.has_place = values->salt_place != 0,
		.is_utf16 = values->encoding == 1,
		.signer_key = rh_str_from(values->signer_key),
		.separator = rh_str_from(values->salt_separator),
		.pepper = rh_str_from(values->pepper),
		.key = rh_str_from(values->hmac_key),
		.cost = values->cost,
		.mem_cost = values->mem_cost,
		.rounds = values->rounds,
		.parallelism = values->parallelism,
	};
	if (scheme == NULL && out->signer_key.len > 0) {
		out->scheme = RH_SCHEME_SCRYPT_FIREBASE; /* nothing else has such a key */
		return RH_OK;
	}
	if (scheme != NULL) {
		out->scheme = rh_scheme_find(rh_str_from(scheme));
		if (out->scheme == RH_SCHEME_NONE) {
			int code = rh_err_set(&cli->err, RH_EUSAGE, "there is no scheme \"%.40s\"",
					      scheme);

			rh_err_hint(&cli->err, "For instance: md5, sha256, hmac-sha256, scrypt, "
					       "pbkdf2-sha512; all are in docs/passwords.md.");
			return code;
		}
	}
	return out->rounds <= UINT32_MAX && out->parallelism <= UINT32_MAX
		       ? RH_OK
		       : rh_err_set(&cli->err, RH_EUSAGE, "a parameter is out of range");
}

int rh_password_subject(struct rh_cli *cli, struct rh_password_subject *out, bool variants)
{
	int code = take_facts(cli, &out->facts);

	if (code == RH_OK) {
		code = take_hash(cli, &out->text);
	}
	if (code == RH_OK) {
		code = rh_readings_make(&out->readings, out->text, &out->facts, variants,
					&cli->arena);
		if (code != RH_OK) {
			code = rh_err_set(&cli->err, RH_ENOMEM, "out of memory");
		}
	}
	return code;
}

/* The reading that the program takes by itself, or that the options ask for; NULL: none. */
const struct rh_reading *rh_password_chosen(const struct rh_password_subject *subject)
{
	for (size_t i = 0; i < subject->readings.count; i++) {
		const struct rh_reading *reading = &subject->readings.items[i];

		if (subject->facts.scheme == RH_SCHEME_NONE
			    ? strcmp(reading->name, "by its own shape") == 0
			    : reading->credential.scheme == subject->facts.scheme) {
			return reading;
		}
	}
	return NULL;
}

/* ---- targets --------------------------------------------------------------------------------------------- */

/* The connector's options as given, over its defaults; no key is needed for this. */
static void *instance_of(struct rh_cli *cli, const struct rh_connector *connector)
{
	void *instance = rh_arena_calloc(&cli->arena, 1, connector->instance_size);

	if (instance == NULL ||
	    rh_option_defaults(connector->options, instance, &cli->arena, &cli->err) != RH_OK) {
		return NULL;
	}
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct rh_given *given = &cli->given[i];

		if (given->owner == RH_GIVEN_PROVIDER &&
		    strcmp(given->prefix, connector->name) == 0 &&
		    rh_option_set(given->option, instance, connector->name, given->value,
				  &cli->arena, &cli->err) != RH_OK) {
			return NULL;
		}
	}
	return instance;
}

int rh_password_ask(struct rh_cli *cli, const struct rh_connector *connector,
		    const struct rh_credential *cred, struct rh_str raw,
		    struct rh_password_taking *out, struct rh_buf *body)
{
	const void *instance = instance_of(cli, connector);
	rh_autobuf shown = {0};
	int code;

	*out = (struct rh_password_taking){.finding = RH_FINDING_HASH_UNSUPPORTED};
	if (instance == NULL) {
		return cli->err.code != RH_OK ? cli->err.code : RH_ENOMEM;
	}
	code = connector->write_credential(instance, cred, body, NULL, &out->finding);
	if (code != RH_OK) {
		return rh_err_set(&cli->err, code, "the form of %s could not be written",
				  connector->title);
	}
	out->takes = out->finding == 0 || out->finding == RH_FINDING_HASH_UNPROVEN;
	rh_buf_init_secret(&shown, RH_PASSWORD_TEXT_MAX);
	rh_json_escape(&shown, raw);
	out->is_as_is = out->takes && body->len > 0 && shown.len > 0 &&
			memmem(body->ptr, body->len, shown.ptr, shown.len) != NULL;
	return RH_OK;
}

static bool is_reference(struct rh_str text, struct rh_arena *arena)
{
	struct rh_credential cred;

	return rh_credential_parse(arena, text, RH_STR_ABSENT, RH_DIALECT_EXTERNAL_POOL, &cred) ==
		       RH_OK &&
	       cred.state == RH_CREDENTIAL_PRESENT;
}

const char *rh_password_wrong(const struct rh_password_subject *subject, struct rh_arena *arena)
{
	struct rh_credential cred;

	if (rh_str_starts(subject->text, "fakeHash:salt=")) {
		return "an emulator's pseudo hash: it holds the password itself, and moves nowhere";
	}
	if (rh_credential_parse(arena, subject->text, RH_STR_ABSENT, RH_DIALECT_SHAPE, &cred) !=
	    RH_OK) {
		return "out of memory";
	}
	if (is_reference(subject->text, arena)) {
		return "a reference into another vendor's user pool: it holds no hash, and that "
		       "vendor alone can "
		       "check the password";
	}
	switch (cred.state) {
	case RH_CREDENTIAL_ABSENT:
		return "no password: an empty text or a placeholder";
	case RH_CREDENTIAL_REDACTED:
		return "a placeholder: the export lacked the permission to read hashes";
	case RH_CREDENTIAL_OUT_OF_RANGE:
		return "a known form with parameters that its scheme does not allow";
	case RH_CREDENTIAL_PRESENT:
	case RH_CREDENTIAL_NOT_EXPORTED:
	case RH_CREDENTIAL_NOT_TOLD:
	case RH_CREDENTIAL_UNRECOGNISED:
	case RH_CREDENTIAL_MISLABELLED:
		break;
	}
	return subject->readings.count > 0 ? "not recognised by itself: say which of these it is "
					     "with --scheme, and its salt"
					   : "not recognised";
}
