/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up exports of Auth0: the export job's JSON lines and CSV, the same as an array.
 *
 * No export has password hashes.  The made-up ones have them where a file for the import job has them, so that people
 * can be seen to sign in afterwards: in JSON only.
 */
#include "connectors/auth0/auth0.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "connectors/auth0/auth0_sample.h"

#define ID_LETTERS 24 /* of the number of a record in its database */

static const char *const buckets[RH_METADATA_KINDS] = {
	[RH_METADATA_PRIVATE] = "app_metadata",
	[RH_METADATA_UNSAFE] = "user_metadata",
};

/* Where a person signs in: a database has passwords, the others have none. */
static const char *provider_of(const struct made_up_person *person)
{
	if (person->hasher != MADE_UP_NO_PASSWORD) {
		return "auth0";
	}
	return person->has_google && person->trouble == MADE_UP_TROUBLE_NONE ? "google-oauth2"
									     : "email";
}

static const char *connection_of(const char *provider)
{
	return strcmp(provider, "auth0") == 0 ? "Username-Password-Authentication" : provider;
}

static bool is_social(const char *provider)
{
	return strcmp(provider, "google-oauth2") == 0;
}

/* Hex digits of a made-up record's number. */
static void put_hex(const struct made_up_person *person, char out[ID_LETTERS + 1])
{
	static const char digits[] = "0123456789abcdef";
	struct rh_clock_manual random;

	made_up_person_random(person, "user", &random);
	for (size_t i = 0; i < ID_LETTERS; i++) {
		out[i] = digits[random.clock.random(&random.clock) & 15];
	}
	out[ID_LETTERS] = '\0';
}

static void identify(struct made_up_person *person)
{
	const char *provider = provider_of(person);
	char digits[ID_LETTERS + 1];

	if (is_social(provider)) {
		made_up_person_digits(person, "google", digits);
	} else {
		put_hex(person, digits);
	}
	(void)snprintf(person->id, sizeof(person->id), "%s|%s", provider, digits);
}

/* A trouble changes where a person signs in. */
static void give(struct made_up_person *person)
{
	struct rh_str rest = rh_str_from(person->id);
	char digits[ID_LETTERS + 1];

	(void)rh_str_cut(&rest, '|');
	if (rest.ptr != NULL) {
		(void)snprintf(digits, sizeof(digits), "%s", rest.ptr);
		(void)snprintf(person->id, sizeof(person->id), "%s|%s", provider_of(person),
			       digits);
	}
}

static void put_time(struct rh_buf *out, int64_t milliseconds)
{
	char text[RH_TIME_TEXT_SIZE];

	rh_time_format(milliseconds * RH_MILLISECOND, text);
	rh_buf_add_cstr(out, text);
}

static void key_time(struct rh_json_writer *writer, const char *name, int64_t milliseconds)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, 64);
	put_time(&text, milliseconds);
	rh_json_key(writer, name);
	rh_json_put_string(writer, milliseconds != 0 ? rh_buf_str(&text) : RH_STR_ABSENT);
}

static void put_identity(struct rh_json_writer *writer, const char *provider,
			 const char *connection, const char *subject, bool is_social_one)
{
	rh_json_begin_object(writer);
	made_up_key_text(writer, "connection", connection);
	made_up_key_text(writer, "provider", provider);
	made_up_key_text(writer, "user_id", subject);
	made_up_key_bool(writer, "isSocial", is_social_one);
}

static void put_identities(struct rh_json_writer *writer, const struct made_up_person *person)
{
	const char *provider = provider_of(person);
	struct rh_str subject = rh_str_from(person->id);
	char digits[22];

	made_up_person_digits(person, "google", digits);
	(void)rh_str_cut(&subject, '|');
	rh_json_key(writer, "identities");
	rh_json_begin_array(writer);
	put_identity(writer, provider, connection_of(provider),
		     subject.ptr != NULL ? subject.ptr : "0", is_social(provider));
	rh_json_end_object(writer);
	if (person->has_google && !is_social(provider)) {
		put_identity(writer, "google-oauth2", "google-oauth2", digits, true);
		rh_json_key(writer, "profileData");
		rh_json_begin_object(writer);
		made_up_key_text(writer, "email", person->email);
		made_up_key_bool(writer, "email_verified",
				 person->is_email_verified &&
					 person->trouble != MADE_UP_TROUBLE_SOCIAL_DIFFERS);
		rh_json_end_object(writer);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_names(struct rh_json_writer *writer, const struct made_up_person *person)
{
	rh_autobuf name = {0};
	struct rh_str local = rh_str_from(person->email);
	struct rh_str nickname = rh_str_cut(&local, '@');

	rh_buf_init(&name, 256);
	if (person->first_name != NULL && person->last_name != NULL) {
		rh_buf_printf(&name, "%s %s", person->first_name, person->last_name);
	} else {
		rh_buf_add_cstr(&name, person->email); /* as Auth0 fills it in */
	}
	rh_json_key(writer, "name");
	rh_json_put_string(writer, rh_buf_str(&name));
	made_up_key_text(writer, "given_name", person->first_name);
	made_up_key_text(writer, "family_name", person->last_name);
	rh_json_key(writer, "nickname");
	rh_json_put_string(writer, nickname);
	made_up_key_text(writer, "picture",
			 person->has_image ? "https://img.example.com/people/picture.png"
					   : "https://s.gravatar.com/avatar/00000000?s=480");
}

static int put_password(struct made_up_sample *sample, const struct made_up_person *person,
			struct rh_json_writer *writer, struct rh_err *err)
{
	char text[64];
	int code;

	if (person->hasher == MADE_UP_NO_PASSWORD ||
	    person->trouble == MADE_UP_TROUBLE_MISSING_HASH) {
		return RH_OK;
	}
	code = made_up_bcrypt(sample, person, text, err);
	if (code == RH_OK) {
		made_up_key_text(writer, "password_hash",
				 person->trouble == MADE_UP_TROUBLE_BROKEN_HASH
					 ? "$2b$04$a.bcrypt.hash.that.is.cut"
					 : text);
	}
	return code;
}

static int put_json(struct made_up_sample *sample, const struct made_up_person *person,
		    struct rh_buf *out, struct rh_err *err)
{
	struct rh_json_writer writer;

	rh_json_writer_init(&writer, out);
	rh_json_begin_object(&writer);
	if (person->id[0] != '\0') {
		made_up_key_text(&writer, "user_id", person->id);
	}
	made_up_key_text(&writer, "email", person->email);
	made_up_key_bool(&writer, "email_verified", person->is_email_verified);
	made_up_key_text(&writer, "username", person->username);
	made_up_key_text(&writer, "phone_number", person->phone);
	made_up_key_bool(&writer, "phone_verified", person->is_phone_verified);
	put_names(&writer, person);
	put_identities(&writer, person);
	made_up_key_metadata(&writer, person, buckets);
	key_time(&writer, "created_at", person->created_ms);
	key_time(&writer, "updated_at", person->updated_ms);
	key_time(&writer, "last_login", person->last_sign_in_ms);
	made_up_key_bool(&writer, "blocked", person->is_banned);
	made_up_key_raw(&writer, "multifactor", person->has_totp ? "[\"guardian\"]" : "[]");
	int code = put_password(sample, person, &writer, err);
	rh_json_end_object(&writer);
	return code;
}

/* ---- CSV -------------------------------------------------------------------------------------------------- */

static void put_header(struct rh_buf *out)
{
	rh_buf_add_cstr(out, "user_id,email,email_verified,username,phone_number,phone_verified,"
			     "given_name,family_name,identities[0].provider,"
			     "identities[0].connection,blocked,created_at,last_login,"
			     "user_metadata.theme,multifactor[0]\n");
}

/* A text: quoted, and guarded by an apostrophe. */
static void put_cell(struct rh_buf *out, const char *text, char end)
{
	if (text != NULL && text[0] != '\0') {
		rh_buf_add_cstr(out, "\"'");
		for (const char *at = text; *at != '\0'; at++) {
			rh_buf_add_cstr(out, *at == '"' ? "\"" : "");
			rh_buf_add_char(out, *at);
		}
		rh_buf_add_char(out, '"');
	}
	rh_buf_add_char(out, end);
}

static void put_bool(struct rh_buf *out, bool value)
{
	rh_buf_add_cstr(out, value ? "true," : "false,");
}

static void put_row(const struct made_up_person *person, struct rh_buf *out)
{
	const char *provider = provider_of(person);

	put_cell(out, person->id, ',');
	put_cell(out, person->email, ',');
	put_bool(out, person->is_email_verified);
	put_cell(out, person->username, ',');
	put_cell(out, person->phone, ',');
	put_bool(out, person->is_phone_verified);
	put_cell(out, person->first_name, ',');
	put_cell(out, person->last_name, ',');
	put_cell(out, provider, ',');
	put_cell(out, connection_of(provider), ',');
	put_bool(out, person->is_banned);
	put_time(out, person->created_ms);
	rh_buf_add_char(out, ',');
	if (person->last_sign_in_ms != 0) {
		put_time(out, person->last_sign_in_ms);
	}
	rh_buf_add_char(out, ',');
	put_cell(out, person->metadata == MADE_UP_NESTED ? "dark" : NULL, ',');
	put_cell(out, person->has_totp ? "guardian" : NULL, '\n');
}

static int write_record(struct made_up_sample *sample, const struct made_up_person *person,
			struct rh_buf *out, struct rh_err *err)
{
	if (sample->form != RH_SAMPLE_CSV) {
		return put_json(sample, person, out, err);
	}
	put_row(person, out);
	return RH_OK;
}

int auth0_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		 struct rh_err *err)
{
	const struct made_up_provider provider = {
		.troubles = auth0_sample_troubles,
		.spoilings = auth0_sample_spoilings,
		.spoiling_count = auth0_sample_spoiling_count,
		.opening = "[\n",
		.closing = "\n]\n",
		.column_twice = "user_id,",
		.header = put_header,
		.identify = identify,
		.give = give,
		.write = write_record,
	};

	return made_up_export(&provider, options, out, err);
}
