/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up person in Clerk's forms: user object of the Backend API, row of the Dashboard's CSV. */
#include "connectors/clerk/clerk_sample.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

static void key_i64(struct rh_json_writer *writer, const char *name, int64_t number)
{
	rh_json_key(writer, name);
	rh_json_put_i64(writer, number);
}

static void key_time(struct rh_json_writer *writer, const char *name, int64_t milliseconds)
{
	rh_json_key(writer, name);
	if (milliseconds != 0) {
		rh_json_put_i64(writer, milliseconds);
	} else {
		rh_json_put_null(writer);
	}
}

/* Prefix, '_' and letters that follow from the person and the use. */
static void key_id(struct rh_json_writer *writer, const char *name,
		   const struct made_up_person *person, const char *prefix, const char *use)
{
	char letters[CLERK_ID_LETTERS + 1];
	rh_autobuf id = {0};

	made_up_person_letters(person, use, letters, CLERK_ID_LETTERS);
	rh_buf_init(&id, 64);
	rh_buf_printf(&id, "%s_%s", prefix, letters);
	rh_json_key(writer, name);
	rh_json_put_string(writer, rh_buf_str(&id));
}

static void put_verification(struct rh_json_writer *writer, const char *name, bool is_verified,
			     const char *strategy)
{
	rh_json_key(writer, name);
	rh_json_begin_object(writer);
	made_up_key_text(writer, "status", is_verified ? "verified" : "unverified");
	made_up_key_text(writer, "strategy", strategy);
	made_up_key_null(writer, "attempts");
	made_up_key_null(writer, "expire_at");
	rh_json_end_object(writer);
}

static void put_times(struct rh_json_writer *writer, const struct made_up_person *person)
{
	key_i64(writer, "created_at", person->created_ms);
	key_i64(writer, "updated_at", person->updated_ms);
}

static void put_email(struct rh_json_writer *writer, const struct made_up_person *person,
		      const char *address, bool is_verified, const char *use)
{
	rh_json_begin_object(writer);
	key_id(writer, "id", person, "idn", use);
	made_up_key_text(writer, "object", "email_address");
	made_up_key_text(writer, "email_address", address);
	made_up_key_bool(writer, "reserved", false);
	put_verification(writer, "verification", is_verified, "email_code");
	rh_json_key(writer, "linked_to");
	rh_json_begin_array(writer);
	rh_json_end_array(writer);
	put_times(writer, person);
	rh_json_end_object(writer);
}

static void put_emails(struct rh_json_writer *writer, const struct made_up_person *person)
{
	rh_json_key(writer, "email_addresses");
	rh_json_begin_array(writer);
	/* The primary address is not always the first one. */
	bool is_second_first = person->number % 2 == 0;
	if (person->second_email[0] != '\0' && is_second_first) {
		put_email(writer, person, person->second_email, person->is_second_verified,
			  "email2");
	}
	if (person->email[0] != '\0') {
		put_email(writer, person, person->email, person->is_email_verified, "email");
	}
	if (person->second_email[0] != '\0' && !is_second_first) {
		put_email(writer, person, person->second_email, person->is_second_verified,
			  "email2");
	}
	rh_json_end_array(writer);
}

static void put_phones(struct rh_json_writer *writer, const struct made_up_person *person)
{
	rh_json_key(writer, "phone_numbers");
	rh_json_begin_array(writer);
	if (person->phone[0] != '\0') {
		rh_json_begin_object(writer);
		key_id(writer, "id", person, "idn", "phone");
		made_up_key_text(writer, "object", "phone_number");
		made_up_key_text(writer, "phone_number", person->phone);
		made_up_key_bool(writer, "reserved_for_second_factor", person->has_sms);
		made_up_key_bool(writer, "default_second_factor", person->has_sms);
		made_up_key_bool(writer, "reserved", false);
		put_verification(writer, "verification", person->is_phone_verified, "phone_code");
		rh_json_key(writer, "linked_to");
		rh_json_begin_array(writer);
		rh_json_end_array(writer);
		made_up_key_null(writer, "backup_codes");
		put_times(writer, person);
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_link(struct rh_json_writer *writer, const struct made_up_person *person,
		     const char *provider, const char *email)
{
	char subject[22];

	/* More than a double holds, so that readers that go by one are found out. */
	made_up_person_digits(person, provider, subject);
	rh_json_begin_object(writer);
	key_id(writer, "id", person, "eac", provider);
	made_up_key_text(writer, "object", "external_account");
	made_up_key_text(writer, "provider", provider);
	key_id(writer, "identification_id", person, "idn", provider);
	rh_json_key(writer, "provider_user_id");
	rh_json_put_cstr(writer, subject);
	rh_json_key(writer, "approved_scopes");
	rh_json_put_cstr(writer, "email profile");
	made_up_key_text(writer, "email_address", email);
	made_up_key_bool(writer, "email_address_verified", person->is_email_verified);
	rh_json_key(writer, "first_name");
	rh_json_put_cstr(writer, person->first_name != NULL ? person->first_name : "");
	rh_json_key(writer, "last_name");
	rh_json_put_cstr(writer, person->last_name != NULL ? person->last_name : "");
	made_up_key_null(writer, "username");
	rh_json_key(writer, "public_metadata");
	rh_json_begin_object(writer);
	rh_json_end_object(writer);
	put_times(writer, person);
	put_verification(writer, "verification", true, provider);
	rh_json_end_object(writer);
}

static void put_links(struct rh_json_writer *writer, const struct made_up_person *person)
{
	rh_json_key(writer, "external_accounts");
	rh_json_begin_array(writer);
	if (person->has_google) {
		put_link(writer, person, "oauth_google", person->email);
	}
	if (person->has_github) {
		/* Every third one signs in with an address of their own there. */
		put_link(writer, person, "oauth_github",
			 person->number % 3 == 0 && person->second_email[0] != '\0'
				 ? person->second_email
				 : person->email);
	}
	rh_json_end_array(writer);
}

static void put_passkeys(struct rh_json_writer *writer, const struct made_up_person *person)
{
	rh_json_key(writer, "passkeys");
	rh_json_begin_array(writer);
	for (unsigned i = 0; i < person->passkeys; i++) {
		rh_json_begin_object(writer);
		key_id(writer, "id", person, "idn", i == 0 ? "passkey" : "passkey2");
		made_up_key_text(writer, "object", "passkey");
		made_up_key_text(writer, "name", "Example key");
		key_time(writer, "last_used_at", person->last_sign_in_ms);
		put_verification(writer, "verification", true, "passkey");
		rh_json_end_object(writer);
	}
	rh_json_end_array(writer);
}

static void put_empty_array(struct rh_json_writer *writer, const char *name)
{
	rh_json_key(writer, name);
	rh_json_begin_array(writer);
	rh_json_end_array(writer);
}

static void put_head(struct rh_json_writer *writer, const struct made_up_person *person)
{
	if (person->id[0] != '\0') {
		made_up_key_text(writer, "id", person->id);
	}
	made_up_key_text(writer, "object", "user");
	rh_json_key(writer, "external_id");
	if (person->has_external_id) {
		rh_autobuf id = {0};
		rh_buf_init(&id, 32);
		rh_buf_printf(&id, "legacy-%llu", (unsigned long long)person->number);
		rh_json_put_string(writer, rh_buf_str(&id));
	} else {
		rh_json_put_null(writer);
	}
	if (person->email[0] != '\0' && person->has_named_primary) {
		key_id(writer, "primary_email_address_id", person, "idn", "email");
	} else {
		made_up_key_null(writer, "primary_email_address_id");
	}
	if (person->phone[0] != '\0') {
		key_id(writer, "primary_phone_number_id", person, "idn", "phone");
	} else {
		made_up_key_null(writer, "primary_phone_number_id");
	}
	made_up_key_null(writer, "primary_web3_wallet_id");
	made_up_key_text(writer, "username", person->username);
	made_up_key_text(writer, "first_name", person->first_name);
	made_up_key_text(writer, "last_name", person->last_name);
	made_up_key_text(writer, "locale", person->locale);
	made_up_key_text(writer, "image_url", "https://img.example.com/people/picture.png");
	made_up_key_bool(writer, "has_image", person->has_image);
}

static void put_security(struct rh_json_writer *writer, const struct made_up_person *person)
{
	made_up_key_bool(writer, "password_enabled", person->hasher != MADE_UP_NO_PASSWORD);
	made_up_key_bool(writer, "two_factor_enabled", person->has_totp || person->has_sms);
	made_up_key_bool(writer, "totp_enabled", person->has_totp);
	made_up_key_bool(writer, "backup_code_enabled", person->has_backup_codes);
	key_time(writer, "mfa_enabled_at",
		 person->has_totp || person->has_sms ? person->updated_ms : 0);
	made_up_key_null(writer, "mfa_disabled_at");
	made_up_key_bool(writer, "banned", person->is_banned);
	made_up_key_bool(writer, "locked", person->is_locked);
	made_up_key_null(writer, "lockout_expires_in_seconds");
	made_up_key_null(writer, "verification_attempts_remaining");
	made_up_key_bool(writer, "delete_self_enabled", true);
	made_up_key_bool(writer, "create_organization_enabled", true);
}

static const char *const buckets[RH_METADATA_KINDS] = {
	[RH_METADATA_PUBLIC] = "public_metadata",
	[RH_METADATA_PRIVATE] = "private_metadata",
	[RH_METADATA_UNSAFE] = "unsafe_metadata",
};

void clerk_sample_json(const struct made_up_person *person, struct rh_buf *out)
{
	struct rh_json_writer writer;

	rh_json_writer_init(&writer, out);
	rh_json_begin_object(&writer);
	put_head(&writer, person);
	put_emails(&writer, person);
	put_phones(&writer, person);
	put_empty_array(&writer, "web3_wallets");
	put_passkeys(&writer, person);
	put_links(&writer, person);
	put_empty_array(&writer, "saml_accounts");
	put_empty_array(&writer, "enterprise_accounts");
	made_up_key_metadata(&writer, person, buckets);
	put_security(&writer, person);
	key_time(&writer, "last_sign_in_at", person->last_sign_in_ms);
	key_time(&writer, "last_active_at", person->last_sign_in_ms);
	put_times(&writer, person);
	key_time(&writer, "legal_accepted_at", person->has_legal ? person->created_ms : 0);
	rh_json_end_object(&writer);
}

/* ---- CSV ---------------------------------------------------------------------------------------- */

/* One cell: guarded as the Dashboard guards what a spreadsheet would compute, quoted where needed. */
static void put_cell(struct rh_buf *out, struct rh_str cell, char end)
{
	static const char *const specials[] = {"=",
					       "+",
					       "-",
					       "@",
					       "\t",
					       "\r",
					       "\n",
					       "\xef\xbc\x9d",
					       "\xef\xbc\x8b",
					       "\xef\xbc\x8d",
					       "\xef\xbc\xa0"};
	bool is_quoted = false;
	bool is_guarded = false;

	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		is_guarded = is_guarded || rh_str_starts(cell, specials[i]);
	}
	for (size_t i = 0; i < cell.len; i++) {
		is_quoted = is_quoted || memchr(",\"\r\n", cell.ptr[i], 4) != NULL;
	}
	rh_buf_add_cstr(out, is_quoted ? "\"" : "");
	rh_buf_add_cstr(out, is_guarded ? "\t" : "");
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] == '"') {
			rh_buf_add_char(out, '"');
		}
		rh_buf_add_char(out, cell.ptr[i]);
	}
	rh_buf_add_cstr(out, is_quoted ? "\"" : "");
	rh_buf_add_char(out, end);
}

static void put_text_cell(struct rh_buf *out, const char *text)
{
	put_cell(out, rh_str_from(text != NULL ? text : ""), ',');
}

/* The addresses that are, or are not, verified, joined as the Dashboard joins them. */
static void put_email_list(struct rh_buf *out, const struct made_up_person *person, bool verified)
{
	rh_autobuf list = {0};

	rh_buf_init(&list, 256);
	if (person->email[0] != '\0' && person->is_email_verified == verified) {
		rh_buf_add_cstr(&list, person->email);
	}
	if (person->second_email[0] != '\0' && person->is_second_verified == verified) {
		rh_buf_add_cstr(&list, list.len > 0 ? "|" : "");
		rh_buf_add_cstr(&list, person->second_email);
	}
	put_cell(out, rh_buf_str(&list), ',');
}

static void put_totp_cell(struct rh_buf *out, const struct made_up_person *person)
{
	struct rh_clock_manual random;
	rh_autobuf text = {0};
	char secret[20];

	rh_buf_init_secret(&text, 64);
	if (person->trouble == MADE_UP_TROUBLE_BAD_TOTP) {
		rh_buf_add_cstr(&text, "0189!");
	} else if (person->has_totp) {
		made_up_person_random(person, "totp", &random);
		for (size_t i = 0; i < sizeof(secret); i++) {
			secret[i] = (char)(random.clock.random(&random.clock) & 0xff);
		}
		rh_base32_encode(&text, (struct rh_str){.ptr = secret, .len = sizeof(secret)});
	}
	put_cell(out, rh_buf_str(&text), ',');
}

void clerk_sample_csv_header(struct rh_buf *out)
{
	rh_buf_add_cstr(out, "id,first_name,last_name,username,primary_email_address,"
			     "primary_phone_number,verified_email_addresses,"
			     "unverified_email_addresses,verified_phone_numbers,"
			     "unverified_phone_numbers,totp_secret,password_digest,"
			     "password_hasher\n");
}

void clerk_sample_csv(const struct made_up_person *person, struct rh_str digest, const char *hasher,
		      struct rh_buf *out)
{
	put_text_cell(out, person->id);
	put_text_cell(out, person->first_name);
	put_text_cell(out, person->last_name);
	put_text_cell(out, person->username);
	put_text_cell(out, person->has_named_primary ? person->email : "");
	put_text_cell(out, person->phone);
	put_email_list(out, person, true);
	put_email_list(out, person, false);
	put_text_cell(out, person->is_phone_verified ? person->phone : "");
	put_text_cell(out, person->is_phone_verified ? "" : person->phone);
	put_totp_cell(out, person);
	put_cell(out, digest, ',');
	put_cell(out, rh_str_from(hasher), '\n');
}
