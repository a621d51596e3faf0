/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up files of anybody: rows of a shop's own table of users, with names of columns that are known. */
#include <stdio.h>

#include "base/str.h"
#include "connectors/csv/csv.h"
#include "connectors/made_up_row.h"

#define FOUND MADE_UP_FOUND

const struct rh_sample_trouble csv_sample_troubles[] = {
	MADE_UP_KIND("phone-only", "a phone number and no e-mail address",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(EMAIL_REQUIRED))),
	MADE_UP_KIND("phone", "a phone number beside the address",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(PHONES_DROPPED))),
	MADE_UP_KIND("bad-phone", "a phone number that is not in international form",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(PHONE_INVALID))),
	MADE_UP_KIND("username", "a username beside the address",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(USERNAME_DROPPED))),
	MADE_UP_KIND("duplicate-phone", "two people with one phone number",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(PHONES_DROPPED), FOUND(PHONES_DROPPED),
				  FOUND(IDENTIFIER_SHARED), FOUND(IDENTIFIER_SHARED))),
	MADE_UP_KIND("banned", "somebody who is suspended",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(BLOCKED_SKIPPED))),
	MADE_UP_KIND("unknown-hasher", "a hash under a name that nobody knows",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(HASH_MISLABELLED))),
	MADE_UP_KIND("clear-password", "a password that can be read",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(PASSWORD_CLEAR))),
	MADE_UP_KIND("totp", "an authenticator app with its secret",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(TOTP_KEPT_BACK))),
	MADE_UP_KIND("bad-totp", "an authenticator secret that is none",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(TOTP_INVALID), FOUND(TOTP_NOT_EXPORTED))),
	MADE_UP_KIND("social", "a social sign-in, as an id alone",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(IDENTITY_DIFFERS))),
	MADE_UP_KIND("image", "a picture", MADE_UP_SAYS(MADE_UP_ALL, FOUND(IMAGE_DROPPED))),
	MADE_UP_KIND("locale", "a language", MADE_UP_SAYS(MADE_UP_ALL, FOUND(FIELD_DROPPED))),
	MADE_UP_KIND("private-metadata", "metadata that users must not see",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(METADATA_PRIVATE_KEPT_BACK))),
	MADE_UP_KIND("unsafe-metadata", "metadata of which nobody says who may change it",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(METADATA_UNSAFE_KEPT_BACK))),
	MADE_UP_KIND("bad-metadata", "a list where metadata should be",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(METADATA_INVALID))),
	MADE_UP_KIND("wrong-type", "a word where a time should be",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(FIELD_TYPE))),
	MADE_UP_KIND("anonymous", "somebody without a name, who never signed up",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(KIND_LEFT_OUT))),
	MADE_UP_KIND("spreadsheet", "a phone number that a spreadsheet guards with an apostrophe",
		     MADE_UP_SAYS(MADE_UP_CSV, FOUND(SPREADSHEET_DAMAGE)),
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(PHONE_INVALID))),
	MADE_UP_NAME_TROUBLES(FOUND(NAME_DROPPED)),
	MADE_UP_ROW_TROUBLES,
	{.name = NULL},
};

static const struct made_up_spoiling spoilings[] = {
	MADE_UP_SPOIL(BROKEN_RECORD, MADE_UP_JSON, "\"Email Verified\":true",
		      "\"Email Verified\":"),
	MADE_UP_ROW_SPOILINGS,
};

static void identify(struct made_up_person *person)
{
	made_up_person_letters(person, "customer", person->id, 16);
}

/* JSON in two columns; what is said in none is an empty cell. */
static void put_metadata(struct made_up_row *row, const struct made_up_person *person)
{
	enum made_up_trouble trouble = person->trouble;
	bool is_private =
		trouble == MADE_UP_TROUBLE_PRIVATE_METADATA ||
		(trouble == MADE_UP_TROUBLE_NONE && person->metadata == MADE_UP_ALL_KINDS);
	bool is_unsafe = trouble == MADE_UP_TROUBLE_UNSAFE_METADATA ||
			 (trouble == MADE_UP_TROUBLE_NONE && person->metadata == MADE_UP_NESTED);

	made_up_row_text(row, "Private Metadata",
			 trouble == MADE_UP_TROUBLE_BAD_METADATA ? "[1]"
			 : is_private                            ? "{\"crm_id\":\"crm-0001\"}"
								 : NULL);
	made_up_row_text(row, "Metadata", is_unsafe ? "{\"theme\":\"dark\"}" : NULL);
}

static void put_secrets(struct made_up_row *row, const struct made_up_person *person,
			const char *hash)
{
	enum made_up_trouble trouble = person->trouble;
	/* Of a shop that keeps them in the open. */
	bool has_totp = trouble == MADE_UP_TROUBLE_TOTP || trouble == MADE_UP_TROUBLE_BAD_TOTP;

	made_up_row_text(row, "Password Hash", hash);
	made_up_row_text(row, "Algo", trouble == MADE_UP_TROUBLE_UNKNOWN_HASHER ? "rot13" : NULL);
	made_up_row_text(row, "Password",
			 trouble == MADE_UP_TROUBLE_CLEAR_PASSWORD ? "letmein" : NULL);
	made_up_row_text(row, "TOTP Secret",
			 !has_totp                         ? NULL
			 : trouble == MADE_UP_TROUBLE_TOTP ? "JBSWY3DPEHPK3PXP"
							   : "not base32!");
}

static void put_row(struct made_up_row *row, const struct made_up_person *person, const char *hash)
{
	enum made_up_trouble trouble = person->trouble;
	char subject[22];

	made_up_person_digits(person, "google", subject);
	made_up_row_text(row, "User ID", person->id);
	made_up_row_text(row, "E-Mail", person->email);
	made_up_row_flag(row, "Email Verified", person->is_email_verified);
	made_up_row_text(row, "First Name", person->first_name);
	made_up_row_text(row, "Last Name", person->last_name);
	made_up_row_text(row, "Login", person->username);
	made_up_row_text(row, "Phone",
			 trouble == MADE_UP_TROUBLE_SPREADSHEET ? "'12125550100" : person->phone);
	made_up_row_flag(row, "Phone Verified",
			 person->phone[0] != '\0' && person->is_phone_verified);
	put_secrets(row, person, hash);
	made_up_row_text(row, "Google ID", person->has_google ? subject : NULL);
	made_up_row_text(row, "Language", person->locale);
	made_up_row_text(row, "Avatar",
			 person->has_image ? "https://img.example.com/people/picture.png" : NULL);
	put_metadata(row, person);
	made_up_row_flag(row, "Suspended", person->is_banned);
	made_up_row_flag(row, "Is Anonymous", trouble == MADE_UP_TROUBLE_ANONYMOUS);
	if (trouble == MADE_UP_TROUBLE_WRONG_TYPE) {
		made_up_row_text(row, "Created On", "once");
	} else {
		made_up_row_time(row, "Created On", person->created_ms);
	}
	made_up_row_time(row, "Last Login", person->last_sign_in_ms);
	made_up_row_text(row, "Deleted At", NULL);
}

static void write_header(struct rh_buf *out);

static const struct made_up_table table = {
	.provider =
		MADE_UP_TABLE(csv_sample_troubles, spoilings, "User ID", write_header, identify),
	.put = put_row,
};

static void write_header(struct rh_buf *out)
{
	made_up_table_header(&table, out);
}

int csv_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
	       struct rh_err *err)
{
	return made_up_export(&table.provider, options, out, err);
}
