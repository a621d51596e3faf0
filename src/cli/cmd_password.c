/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehome password: what a hash is, whether a password fits it, and the same hash in another form; offline.
 *
 *  1. A hash comes from a word (wiped from the list of processes), --hash, or standard input; a password from
 *     --password, the terminal, or a line of standard input.  Neither is ever printed; `convert` prints the hash in
 *     its new form, because that is what was asked for.
 *  2. Exit code: identify 0 recognised, 1 not; check 0 it fits, 1 it does not; convert 0 written, 1 the form has
 *     no place for it; 2 usage, or nothing that can be computed here.
 */
#include <string.h>

#include "account/credential_form.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/password_subject.h"
#include "cli/print.h"
#include "cli/prompt.h"
#include "crypto/password.h"

static int no_memory(struct rh_cli *cli)
{
	return rh_cli_fail(cli, rh_err_set(&cli->err, RH_ENOMEM, "out of memory"), &cli->err);
}

/* ---- identify --------------------------------------------------------------------------------------------- */

static void add_parameters(struct rh_buf *out, const struct rh_credential *cred)
{
	rh_autobuf text = {0};
	const char *at;

	/* Those of the canonical text, without salt, key and digest. */
	if (cred->bcrypt_minor != '\0') {
		rh_buf_printf(out, "version 2%c, cost %u", cred->bcrypt_minor,
			      (unsigned)cred->cost);
		return;
	}
	switch ((int)cred->scheme) {
	case RH_SCHEME_ARGON2I:
	case RH_SCHEME_ARGON2D:
	case RH_SCHEME_ARGON2ID:
		rh_buf_printf(out, "version %u, %u KiB, %llu passes, %u lanes", cred->version,
			      cred->memory, (unsigned long long)cred->cost, cred->parallelism);
		break;
	case RH_SCHEME_SCRYPT:
	case RH_SCHEME_SCRYPT_FIREBASE:
		rh_buf_printf(out, "N %llu, r %u, p %u", (unsigned long long)cred->cost,
			      cred->memory, cred->parallelism);
		break;
	case RH_SCHEME_CRYPT:
		rh_buf_init_secret(&text, RH_PASSWORD_TEXT_MAX);
		rh_buf_add_str(&text, cred->digest);
		at = text.ptr != NULL ? strchr(text.ptr + 1, '$') : NULL;
		rh_buf_printf(out, "%.*s", at != NULL ? (int)(at - text.ptr + 1) : 0, text.ptr);
		break;
	case RH_SCHEME_OPAQUE:
		rh_buf_add_cstr(out, "only its vendor, or who has the key, can check it");
		break;
	default:
		rh_buf_printf(out, "%llu iterations%s", (unsigned long long)cred->cost,
			      cred->is_utf16 ? ", password as UTF-16" : "");
		break;
	}
	rh_buf_printf(out, "; salt of %zu bytes, digest of %zu", cred->salt.len, cred->digest.len);
}

static const char *way_of(const struct rh_password_taking *taking)
{
	return taking->is_as_is ? "as it is" : "written in its own form, saying the same";
}

static int print_targets(struct rh_cli *cli, const struct rh_reading *reading, struct rh_str raw)
{
	const struct rh_connector *connector;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		struct rh_password_taking taking;
		rh_autobuf body = {0};
		int code;

		rh_buf_init_secret(&body, RH_PASSWORD_TEXT_MAX);
		if (connector->write_credential == NULL) {
			continue;
		}
		code = rh_password_ask(cli, connector, &reading->credential, raw, &taking, &body);
		if (code != RH_OK) {
			return code;
		}
		if (!cli->values.json) {
			const struct rh_finding_info *info = rh_finding_info(taking.finding);

			rh_print(cli, "target %-10s %s%s%s%s%s\n", connector->name,
				 taking.takes ? "takes it " : "does not take it",
				 taking.takes ? way_of(&taking) : "", info != NULL ? "; " : "",
				 info != NULL ? info->id : "", info != NULL ? ": " : "");
			if (info != NULL) {
				rh_print(cli, "                  %s\n", info->what);
			}
			continue;
		}
		rh_json_begin_object(&cli->json);
		rh_json_member(&cli->json, "provider", rh_str_from(connector->name));
		rh_json_key(&cli->json, "takes");
		rh_json_put_bool(&cli->json, taking.takes);
		rh_json_key(&cli->json, "asItIs");
		rh_json_put_bool(&cli->json, taking.is_as_is);
		rh_json_key(&cli->json, "finding");
		rh_json_put_cstr(&cli->json,
				 taking.finding != 0 ? rh_finding_info(taking.finding)->id : NULL);
		rh_json_end_object(&cli->json);
	}
	return RH_OK;
}

/* Names of the forms that have a place for it, each but the first behind ", " or as an element. */
static void put_forms(struct rh_cli *cli, const struct rh_credential *cred, struct rh_buf *line)
{
	const struct rh_credential_form *form;

	for (size_t i = 0; (form = rh_credential_form_at(i)) != NULL; i++) {
		rh_autobuf text = {0};

		rh_buf_init_secret(&text, RH_PASSWORD_TEXT_MAX);
		if (rh_credential_convert(cred, form, &cli->arena, &text) != RH_OK) {
			continue;
		}
		if (line == NULL) {
			rh_json_put_cstr(&cli->json, form->name);
		} else {
			rh_buf_printf(line, "%s%s", line->len > 0 ? ", " : "", form->name);
		}
	}
}

static int print_reading(struct rh_cli *cli, const struct rh_password_subject *subject,
			 const struct rh_reading *reading)
{
	const struct rh_credential *cred = &reading->credential;
	const char *excess = rh_password_excess(cred);
	rh_autobuf parameters = {0};
	rh_autobuf forms = {0};
	int code;

	rh_buf_init(&parameters, 1024);
	rh_buf_init(&forms, 1024);
	add_parameters(&parameters, cred);
	put_forms(cli, cred, &forms);
	rh_print(cli, "scheme            %s\nread              %s\nparameters        %s\n",
		 rh_scheme_name(cred->scheme), reading->name,
		 parameters.ptr != NULL ? parameters.ptr : "");
	rh_print(cli, "checked here      %s%s\n", rh_password_is_checkable(cred) ? "yes" : "no",
		 excess != NULL ? ", beyond the bounds: " : "");
	if (excess != NULL) {
		rh_print(cli, "                  %s\n", excess);
	}
	code = print_targets(cli, reading, subject->text);
	if (code == RH_OK) {
		rh_print(cli, "forms             %s\n", forms.ptr != NULL ? forms.ptr : "");
	}
	return code;
}

static int put_reading(struct rh_cli *cli, const struct rh_password_subject *subject,
		       const struct rh_reading *reading)
{
	const struct rh_credential *cred = &reading->credential;
	rh_autobuf parameters = {0};
	int code;

	rh_buf_init(&parameters, 1024);
	add_parameters(&parameters, cred);
	rh_json_member(&cli->json, "scheme", rh_str_from(rh_scheme_name(cred->scheme)));
	rh_json_member(&cli->json, "read", rh_str_from(reading->name));
	rh_json_member(&cli->json, "parameters", rh_buf_str(&parameters));
	rh_json_key(&cli->json, "isCheckable");
	rh_json_put_bool(&cli->json, rh_password_is_checkable(cred));
	rh_json_key(&cli->json, "beyondBounds");
	rh_json_put_cstr(&cli->json, rh_password_excess(cred));
	rh_json_key(&cli->json, "targets");
	rh_json_begin_array(&cli->json);
	code = print_targets(cli, reading, subject->text);
	rh_json_end_array(&cli->json);
	rh_json_key(&cli->json, "forms");
	rh_json_begin_array(&cli->json);
	put_forms(cli, cred, NULL);
	rh_json_end_array(&cli->json);
	return code;
}

/* Not recognised by itself: what it could be. */
static void tell_candidates(struct rh_cli *cli, const struct rh_password_subject *subject)
{
	const char *wrong = rh_password_wrong(subject, &cli->arena);

	if (cli->values.json) {
		rh_json_member(&cli->json, "reason", rh_str_from(wrong));
		rh_json_key(&cli->json, "candidates");
		rh_json_begin_array(&cli->json);
		for (size_t i = 0; i < subject->readings.count; i++) {
			rh_json_put_cstr(&cli->json, subject->readings.items[i].name);
		}
		rh_json_end_array(&cli->json);
		return;
	}
	rh_print(cli, "%s\n", wrong);
	for (size_t i = 0; i < subject->readings.count; i++) {
		rh_print(cli, "  %s\n", subject->readings.items[i].name);
	}
}

static int identify(struct rh_cli *cli)
{
	struct rh_password_subject *subject = rh_arena_calloc(&cli->arena, 1, sizeof(*subject));
	const struct rh_reading *reading;
	int code;

	if (subject == NULL) {
		return no_memory(cli);
	}
	code = rh_password_subject(cli, subject, false);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &cli->err);
	}
	reading = rh_password_chosen(subject);
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "isRecognised");
		rh_json_put_bool(&cli->json, reading != NULL);
	}
	if (reading == NULL) {
		tell_candidates(cli, subject);
		return RH_EXIT_REFUSED;
	}
	code = cli->values.json ? put_reading(cli, subject, reading)
				: print_reading(cli, subject, reading);
	return code == RH_OK ? RH_EXIT_DONE : rh_cli_fail(cli, code, &cli->err);
}

/* ---- check -------------------------------------------------------------------------------------------------- */

static int take_password(struct rh_cli *cli, struct rh_str *out)
{
	rh_autobuf text = {0};
	int code = RH_OK;

	if (cli->values.password != NULL) {
		*out = rh_str_from(cli->values.password);
		return RH_OK;
	}
	if (!rh_prompt_is_possible()) {
		code = rh_err_set(&cli->err, RH_EUSAGE, "no password is given");
		rh_err_hint(&cli->err,
			    "Use --password @FILE, or --password - for a line of standard "
			    "input.");
		return code;
	}
	rh_buf_init_secret(&text, 4096);
	code = rh_prompt_ask("Password", true, &text, &cli->err);
	if (code == RH_OK && !rh_arena_copy(&cli->arena, rh_buf_str(&text), out)) {
		code = rh_err_set(&cli->err, RH_ENOMEM, "out of memory");
	}
	return code;
}

static bool is_usual(const struct rh_password_subject *subject,
		     const struct rh_reading_match *match)
{
	return match->reading != NULL && match->reading == rh_password_chosen(subject) &&
	       !match->has_pepper;
}

static int tell_match(struct rh_cli *cli, const struct rh_password_subject *subject,
		      const struct rh_reading_match *match)
{
	const struct rh_reading *reading = match->reading;
	bool fits = reading != NULL;

	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_key(&cli->json, "fits");
		rh_json_put_bool(&cli->json, fits);
		if (fits) {
			rh_json_member(&cli->json, "scheme",
				       rh_str_from(rh_scheme_name(reading->credential.scheme)));
			rh_json_member(&cli->json, "read", rh_str_from(reading->name));
			rh_json_member(&cli->json, "salt", rh_str_from(reading->salt));
			rh_json_key(&cli->json, "isSwapped");
			rh_json_put_bool(&cli->json, reading->is_swapped);
			rh_json_key(&cli->json, "isNormalised");
			rh_json_put_bool(&cli->json, match->is_normalised);
			rh_json_key(&cli->json, "hasPepper");
			rh_json_put_bool(&cli->json, match->has_pepper);
			rh_json_key(&cli->json, "isUsual");
			rh_json_put_bool(&cli->json, is_usual(subject, match));
		}
		rh_json_key(&cli->json, "tried");
		rh_json_put_u64(&cli->json, match->checked);
		return fits ? RH_EXIT_DONE : RH_EXIT_REFUSED;
	}
	if (!fits) {
		rh_print(cli, "the password does not fit, in any of %zu readings\n",
			 match->checked);
		return RH_EXIT_REFUSED;
	}
	rh_print(cli, "the password fits: %s, %s%s%s%s%s%s\n",
		 rh_scheme_name(reading->credential.scheme), reading->name,
		 reading->salt != NULL ? "; salt: " : "",
		 reading->salt != NULL ? reading->salt : "",
		 reading->is_swapped ? "; r and p in each other's place" : "",
		 match->is_normalised ? "; password in NFKC" : "",
		 match->has_pepper ? "; with the pepper behind the password" : "");
	if (!is_usual(subject, match)) {
		rh_print(cli, "this is not how it is read by itself: map the source accordingly\n");
	}
	return RH_EXIT_DONE;
}

static int nothing_to_check(struct rh_cli *cli, const struct rh_password_subject *subject)
{
	const struct rh_reading *reading =
		subject->readings.count > 0 ? &subject->readings.items[0] : NULL;
	const char *excess = reading != NULL ? rh_password_excess(&reading->credential) : NULL;
	bool is_opaque = reading != NULL && reading->credential.scheme == RH_SCHEME_OPAQUE;
	const char *why = excess != NULL    ? excess
			  : is_opaque       ? "only its vendor, or who has the key, can check it"
			  : reading != NULL ? "nothing here computes this scheme"
					    : rh_password_wrong(subject, &cli->arena);
	/* What identify has no more to say of either is sent nowhere. */
	const char *hint =
		is_opaque ? "Let that vendor check it, or have these people reset their passwords."
		: reading != NULL
			? "See which targets take it with: rehome password identify"
			: "If it is a hash, say of which scheme with --scheme, and its salt "
			  "with --salt: rehome help password";

	return rh_cli_usage(cli, hint, "the hash cannot be checked here: %s", why);
}

static int check(struct rh_cli *cli)
{
	struct rh_password_subject *subject = rh_arena_calloc(&cli->arena, 1, sizeof(*subject));
	struct rh_reading_match match = {0};
	struct rh_str password = RH_STR_ABSENT;
	int code;

	if (subject == NULL) {
		return no_memory(cli);
	}
	code = rh_password_subject(cli, subject, true);
	if (code == RH_OK) {
		code = take_password(cli, &password);
	}
	if (code == RH_OK) {
		code = rh_readings_check(&subject->readings, password, subject->facts.pepper,
					 &cli->arena, &match, &cli->err);
	}
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &cli->err);
	}
	return match.checked == 0 ? nothing_to_check(cli, subject)
				  : tell_match(cli, subject, &match);
}

/* ---- convert -------------------------------------------------------------------------------------------------- */

static int no_such_form(struct rh_cli *cli)
{
	const struct rh_credential_form *form;
	const struct rh_connector *connector;
	rh_autobuf names = {0};

	rh_buf_init(&names, 1024);
	for (size_t i = 0; (form = rh_credential_form_at(i)) != NULL; i++) {
		rh_buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", form->name);
	}
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if (connector->write_credential != NULL) {
			rh_buf_printf(&names, ", %s", connector->name);
		}
	}
	return rh_cli_usage(cli, names.ptr, "%s",
			    cli->values.to_form != NULL ? "there is no such form; those there are:"
							: "--to FORM is missing; forms:");
}

static int tell_converted(struct rh_cli *cli, const struct rh_buf *text,
			  enum rh_finding_code finding)
{
	const struct rh_finding_info *info = rh_finding_info(finding);

	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "form", rh_str_from(cli->values.to_form));
		rh_json_member(&cli->json, "text",
			       text->len > 0 ? rh_buf_str(text) : RH_STR_ABSENT);
		rh_json_key(&cli->json, "finding");
		rh_json_put_cstr(&cli->json, info != NULL ? info->id : NULL);
	} else if (text->len > 0) {
		rh_print_bytes(cli, rh_buf_str(text));
		rh_print(cli, "\n");
	}
	if (text->len > 0) {
		if (info != NULL) {
			rh_print_note(cli, "%s: %s; %s\n", info->id, info->what, info->todo);
		}
		return RH_EXIT_DONE;
	}
	rh_print_note(cli, "nothing is written: %s%s%s\n", info != NULL ? info->id : "",
		      info != NULL ? ": " : "",
		      info != NULL ? info->what : "the form has no place for this hash");
	return RH_EXIT_REFUSED;
}

static int convert_chosen(struct rh_cli *cli, const struct rh_password_subject *subject,
			  const struct rh_reading *reading)
{
	const struct rh_credential_form *form = rh_credential_form_find(cli->values.to_form);
	const struct rh_connector *connector = rh_connector_find(cli->values.to_form);
	struct rh_password_taking taking = {0};
	rh_autobuf text = {0};
	int code;

	rh_buf_init_secret(&text, RH_PASSWORD_TEXT_MAX);
	if (form != NULL) {
		code = rh_credential_convert(&reading->credential, form, &cli->arena, &text);
		if (code == RH_EINVAL) {
			code = RH_OK; /* no place for it: nothing is in `text` */
		}
	} else if (connector != NULL && connector->write_credential != NULL) {
		code = rh_password_ask(cli, connector, &reading->credential, subject->text, &taking,
				       &text);
	} else {
		return no_such_form(cli);
	}
	return code == RH_OK ? tell_converted(cli, &text, taking.finding)
			     : rh_cli_fail(cli, code, &cli->err);
}

static int convert(struct rh_cli *cli)
{
	struct rh_password_subject *subject = rh_arena_calloc(&cli->arena, 1, sizeof(*subject));
	const struct rh_reading *reading;
	int code;

	if (cli->values.to_form == NULL) {
		return no_such_form(cli);
	}
	if (subject == NULL) {
		return no_memory(cli);
	}
	code = rh_password_subject(cli, subject, false);
	if (code != RH_OK) {
		return rh_cli_fail(cli, code, &cli->err);
	}
	reading = rh_password_chosen(subject);
	if (reading == NULL) {
		return rh_cli_usage(cli,
				    subject->readings.count > 0
					    ? "See what it may be with: rehome password identify"
					    : "If it is a hash, say of which scheme with --scheme: "
					      "rehome help password",
				    "the hash cannot be converted: %s",
				    rh_password_wrong(subject, &cli->arena));
	}
	return convert_chosen(cli, subject, reading);
}

int rh_cmd_password(struct rh_cli *cli)
{
	static const struct {
		const char *name;
		int (*run)(struct rh_cli *cli);
	} actions[] = {
		{"identify", identify},
		{"check", check},
		{"convert", convert},
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]) && cli->word_count > 0; i++) {
		if (strcmp(cli->words[0], actions[i].name) == 0) {
			return actions[i].run(cli);
		}
	}
	return rh_cli_usage(cli,
			    "rehome password identify|check|convert; more: rehome help password",
			    "%s",
			    cli->word_count > 0 ? "there is no such action" : "no action is given");
}
