/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up exports of Firebase: the command line's JSON, and both its CSVs.
 *
 *  1. The parameters of the project stand beside the users in JSON.  JSON lines and CSV have no place for them; they are
 *     those of the documentation then (docs/providers/firebase.md).
 *  2. The older CSV has names as they are, without quotes.  Ordinary people's names are written without what would
 *     break a row there; who has such a trouble has it in both.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "connectors/firebase/firebase.h"
#include "connectors/firebase/firebase_sample.h"

#define UID_LETTERS 28
#define SIGNER_KEY "0000000000000000000000000000000000000000000000000000000000000000"
#define SALT_SEPARATOR "\007"
#define OPENING                                                                                   \
	"{\"hash_config\":{\"algorithm\":\"SCRYPT\",\"base64_signer_key\":\"MDAwMDAwMDAwMDAwMDAw" \
	"MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA==\","                 \
	"\"base64_salt_separator\":\"Bw==\",\"rounds\":8,\"mem_cost\":14},\n\"users\":[\n"

/* What one link to a provider takes in a row. */
enum { LINK_CELLS = 4, NEWER_LINKS = 6 };

static void identify(struct made_up_person *person)
{
	made_up_person_letters(person, "uid", person->id, UID_LETTERS);
}

static void give(struct made_up_person *person)
{
	if (person->trouble == MADE_UP_TROUBLE_ANONYMOUS) {
		person->email[0] = '\0';
	}
}

/* ---- what both forms have --------------------------------------------------------------------------------- */

/* Custom claims, as JSON; NULL: none. */
static const char *claims_of(const struct made_up_person *person)
{
	enum made_up_trouble trouble = person->trouble;

	if (trouble == MADE_UP_TROUBLE_PRIVATE_METADATA) {
		return "{\"plan\":\"team\"}";
	}
	if (trouble == MADE_UP_TROUBLE_BAD_METADATA) {
		return "[1]";
	}
	if (trouble == MADE_UP_TROUBLE_STRAY_QUOTE) {
		return "{\"motto\":\"say \\\"hi\\\"\"}";
	}
	return person->metadata == MADE_UP_FLAT        ? "{\"plan\":\"pro\",\"seats\":5}"
	       : person->metadata == MADE_UP_NESTED    ? "{\"plan\":\"team\",\"beta\":true}"
	       : person->metadata == MADE_UP_ALL_KINDS ? "{\"plan\":\"free\"}"
						       : NULL;
}

/* First and last name; the older CSV has no quotes (2). */
static void put_name(struct rh_buf *out, const struct made_up_person *person, bool is_bare)
{
	const char *const parts[] = {person->first_name, person->last_name};

	for (size_t i = 0; i < 2; i++) {
		rh_buf_add_cstr(out, i > 0 && parts[0] != NULL && parts[1] != NULL ? " " : "");
		for (const char *at = parts[i]; at != NULL && *at != '\0'; at++) {
			bool breaks = is_bare && strchr(",\"\n", *at) != NULL;
			rh_buf_add_char(out, breaks ? ' ' : *at);
		}
	}
}

/* Hash and salt in base64, or what the trouble says. */
struct password {
	struct rh_buf hash;
	struct rh_buf salt;
};

static int make_password(struct made_up_sample *sample, const struct made_up_person *person,
			 struct password *out, struct rh_err *err)
{
	static const struct rh_credential form = {
		.scheme = RH_SCHEME_SCRYPT_FIREBASE,
		.cost = 1U << 14,
		.memory = 8,
		.parallelism = 1,
		.key = {SIGNER_KEY, sizeof(SIGNER_KEY) - 1},
		.sep = {SALT_SEPARATOR, sizeof(SALT_SEPARATOR) - 1},
	};
	struct rh_sample_lock lock;
	int code;

	rh_buf_init(&out->hash, 128);
	rh_buf_init(&out->salt, 64);
	if (person->hasher == MADE_UP_NO_PASSWORD) {
		return RH_OK;
	}
	code = sample->out->lock(sample->out->context, rh_str_from(sample->options->password),
				 person->number, &form, &lock, err);
	if (code != RH_OK) {
		return code;
	}
	if (person->trouble != MADE_UP_TROUBLE_SALTED_HASH) {
		rh_base64_encode(&out->salt,
				 (struct rh_str){(const char *)lock.salt, sizeof(lock.salt)},
				 RH_BASE64_STD);
	}
	if (person->trouble == MADE_UP_TROUBLE_REDACTED_HASH) {
		rh_buf_add_cstr(&out->hash, "UkVEQUNURUQ=");
	} else if (person->trouble == MADE_UP_TROUBLE_BROKEN_HASH) {
		rh_buf_add_cstr(&out->hash, "Y3V0IG9mZg==");
	} else if (person->trouble != MADE_UP_TROUBLE_MISSING_HASH) {
		rh_base64_encode(&out->hash,
				 (struct rh_str){(const char *)lock.digest, form.key.len},
				 RH_BASE64_STD);
	}
	code = rh_buf_check(&out->hash, "a made-up hash", err);
	return code == RH_OK ? rh_buf_check(&out->salt, "a made-up salt", err) : code;
}

static void free_password(struct password *password)
{
	rh_buf_done(&password->hash);
	rh_buf_done(&password->salt);
}

/* Of the account itself, or of another one. */
static const char *link_email(const struct made_up_person *person)
{
	return person->trouble == MADE_UP_TROUBLE_SOCIAL_DIFFERS ? "somebody.else@example.org"
								 : person->email;
}

static bool has_link(const struct made_up_person *person, size_t provider)
{
	return (provider == 0 && person->has_google) || (provider == 3 && person->has_github);
}

/* ---- JSON ------------------------------------------------------------------------------------------------- */

/* What is not set is left out. */
static void key_text(struct rh_json_writer *writer, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0') {
		made_up_key_text(writer, name, text);
	}
}

static void key_milliseconds(struct rh_json_writer *writer, const char *name, int64_t milliseconds)
{
	char text[24];

	if (milliseconds != 0) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)milliseconds);
		made_up_key_text(writer, name, text);
	}
}

static void put_links(struct rh_json_writer *writer, const struct made_up_person *person)
{
	static const char *const providers[] = {"google.com", NULL, NULL, "github.com"};
	char subject[22];

	rh_json_key(writer, "providerUserInfo");
	rh_json_begin_array(writer);
	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
		if (has_link(person, i)) {
			made_up_person_digits(person, providers[i], subject);
			rh_json_begin_object(writer);
			made_up_key_text(writer, "providerId", providers[i]);
			made_up_key_text(writer, "rawId", subject);
			key_text(writer, "email", link_email(person));
			rh_json_end_object(writer);
		}
	}
	rh_json_end_array(writer);
}

static void put_factors(struct rh_json_writer *writer, const struct made_up_person *person)
{
	if (!person->has_sms && !person->has_totp) {
		return;
	}
	rh_json_key(writer, "mfaInfo");
	rh_json_begin_array(writer);
	if (person->has_sms) {
		rh_json_begin_object(writer);
		made_up_key_text(writer, "mfaEnrollmentId", "enrolment-1");
		made_up_key_text(writer, "phoneInfo", person->phone);
		rh_json_end_object(writer);
	}
	if (person->has_totp) {
		rh_json_begin_object(writer);
		made_up_key_text(writer, "mfaEnrollmentId", "enrolment-2");
		made_up_key_raw(writer, "totpInfo", "{}");
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_object(const struct made_up_person *person, const struct password *password,
		       struct rh_buf *out)
{
	struct rh_json_writer writer;
	rh_autobuf name = {0};

	rh_buf_init(&name, 256);
	put_name(&name, person, false);
	rh_json_writer_init(&writer, out);
	rh_json_begin_object(&writer);
	key_text(&writer, "localId", person->id);
	key_text(&writer, "email", person->email);
	made_up_key_bool(&writer, "emailVerified", person->is_email_verified);
	key_text(&writer, "passwordHash", password->hash.ptr);
	key_text(&writer, "salt", password->salt.ptr);
	if (person->trouble == MADE_UP_TROUBLE_UNKNOWN_HASHER) {
		made_up_key_raw(&writer, "version", "1");
	}
	if (name.len > 0) {
		rh_json_member(&writer, "displayName", rh_buf_str(&name));
	}
	key_text(&writer, "photoUrl",
		 person->has_image ? "https://img.example.com/people/picture.png" : NULL);
	key_text(&writer, "phoneNumber", person->phone);
	key_milliseconds(&writer, "createdAt", person->created_ms);
	key_milliseconds(&writer, "lastSignedInAt", person->last_sign_in_ms);
	made_up_key_bool(&writer, "disabled", person->is_banned);
	key_text(&writer, "customAttributes", claims_of(person));
	put_factors(&writer, person);
	put_links(&writer, person);
	rh_json_end_object(&writer);
}

/* ---- CSV -------------------------------------------------------------------------------------------------- */

static void put_cell(struct rh_buf *out, const char *text)
{
	rh_buf_add_cstr(out, text != NULL ? text : "");
	rh_buf_add_char(out, ',');
}

static void put_quoted_name(struct rh_buf *out, const struct made_up_person *person)
{
	rh_autobuf name = {0};
	bool is_quoted;

	rh_buf_init(&name, 256);
	put_name(&name, person, false);
	if (name.ptr == NULL) {
		return;
	}
	is_quoted = strpbrk(name.ptr, ",\"\n") != NULL;
	rh_buf_add_cstr(out, is_quoted ? "\"" : "");
	for (size_t i = 0; i < name.len; i++) {
		rh_buf_add_cstr(out, name.ptr[i] == '"' ? "\"" : "");
		rh_buf_add_char(out, name.ptr[i]);
	}
	rh_buf_add_cstr(out, is_quoted ? "\"" : "");
}

static void put_link_cells(struct rh_buf *out, const struct made_up_person *person, size_t provider)
{
	char subject[22];

	if (!has_link(person, provider)) {
		for (size_t i = 0; i < LINK_CELLS; i++) {
			rh_buf_add_char(out, ',');
		}
		return;
	}
	made_up_person_digits(person, provider == 0 ? "google.com" : "github.com", subject);
	put_cell(out, subject);
	put_cell(out, link_email(person));
	put_cell(out, NULL);
	put_cell(out, NULL);
}

static void put_milliseconds(struct rh_buf *out, int64_t milliseconds)
{
	if (milliseconds != 0) {
		rh_buf_printf(out, "%lld", (long long)milliseconds);
	}
	rh_buf_add_char(out, ',');
}

/* In quotes; a quote within is doubled unless a backslash stands before it, as the tools do. */
static void put_claims(struct rh_buf *out, const char *claims)
{
	if (claims != NULL) {
		rh_buf_add_char(out, '"');
		for (size_t i = 0; claims[i] != '\0'; i++) {
			bool is_doubled = claims[i] == '"' && (i == 0 || claims[i - 1] != '\\');
			rh_buf_add_cstr(out, is_doubled ? "\"" : "");
			rh_buf_add_char(out, claims[i]);
		}
		rh_buf_add_char(out, '"');
	}
	rh_buf_add_char(out, ',');
}

static void put_row(const struct made_up_sample *sample, const struct made_up_person *person,
		    const struct password *password, struct rh_buf *out)
{
	put_cell(out, person->id);
	put_cell(out, person->email);
	put_cell(out, person->is_email_verified ? "true" : "false");
	put_cell(out, password->hash.ptr);
	put_cell(out, password->salt.ptr);
	if (sample->is_old_csv) {
		put_name(out, person, true);
	} else {
		put_quoted_name(out, person);
	}
	rh_buf_add_char(out, ',');
	put_cell(out, person->has_image ? "https://img.example.com/people/picture.png" : NULL);
	for (size_t i = 0; i < 4; i++) {
		put_link_cells(out, person, i);
	}
	put_milliseconds(out, person->created_ms);
	put_milliseconds(out, person->last_sign_in_ms);
	put_cell(out, person->phone);
	put_cell(out, person->is_banned ? "true" : "false");
	put_claims(out, claims_of(person));
	for (size_t i = 0; !sample->is_old_csv && i < NEWER_LINKS; i++) {
		put_link_cells(out, person, 4 + i);
	}
	rh_buf_add_char(out, '\n');
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static int write_record(struct made_up_sample *sample, const struct made_up_person *person,
			struct rh_buf *out, struct rh_err *err)
{
	struct password password = {0};
	int code = make_password(sample, person, &password, err);

	if (code == RH_OK && sample->form == RH_SAMPLE_CSV) {
		put_row(sample, person, &password, out);
	} else if (code == RH_OK) {
		put_object(person, &password, out);
	}
	free_password(&password);
	return code;
}

int firebase_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		    struct rh_err *err)
{
	const struct made_up_provider provider = {
		.troubles = firebase_sample_troubles,
		.spoilings = firebase_sample_spoilings,
		.spoiling_count = firebase_sample_spoiling_count,
		.opening = OPENING,
		.closing = "\n]}\n",
		.has_old_csv = true,
		.identify = identify,
		.give = give,
		.write = write_record,
	};

	return made_up_export(&provider, options, out, err);
}
