/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports of Better Auth: the user table with the password hash in the same row. */
#include <stdio.h>

#include "base/str.h"
#include "connectors/betterauth/betterauth.h"
#include "connectors/made_up_row.h"

#define FOUND MADE_UP_FOUND

const struct rh_sample_trouble betterauth_sample_troubles[] = {
	MADE_UP_KIND("phone", "a phone number beside the address",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(PHONES_DROPPED))),
	MADE_UP_KIND("bad-phone", "a phone number that is not in international form",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(PHONE_INVALID))),
	MADE_UP_KIND("username", "a username beside the address",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(USERNAME_DROPPED),
				  FOUND(METADATA_UNSAFE_KEPT_BACK))),
	MADE_UP_KIND("banned", "somebody who is banned",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(BLOCKED_SKIPPED))),
	MADE_UP_KIND("totp", "an authenticator app",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(TOTP_NOT_EXPORTED))),
	MADE_UP_KIND("image", "a profile image", MADE_UP_SAYS(MADE_UP_ALL, FOUND(IMAGE_DROPPED))),
	MADE_UP_KIND("private-metadata", "a role",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(METADATA_PRIVATE_KEPT_BACK))),
	MADE_UP_KIND("wrong-type", "a word where a time should be",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(FIELD_TYPE))),
	MADE_UP_KIND("anonymous", "somebody without a name, who never signed up",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(KIND_LEFT_OUT))),
	MADE_UP_NAME_TROUBLES(FOUND(NAME_DROPPED), FOUND(NAME_DROPPED)),
	MADE_UP_ROW_TROUBLES,
	{.name = NULL},
};

static const struct made_up_spoiling spoilings[] = {
	MADE_UP_SPOIL(ANONYMOUS, MADE_UP_JSON, "\"is_anonymous\":false", "\"is_anonymous\":1"),
	MADE_UP_SPOIL(PRIVATE_METADATA, MADE_UP_JSON, "\"role\":null", "\"role\":\"admin\""),
	MADE_UP_SPOIL(WRONG_TYPE, MADE_UP_JSON, "\"created_at\":\"2", "\"created_at\":\"once 2"),
	MADE_UP_SPOIL(BROKEN_RECORD, MADE_UP_JSON, "\"email_verified\":true",
		      "\"email_verified\":"),
	MADE_UP_ROW_SPOILINGS,
};

static void identify(struct made_up_person *person)
{
	made_up_person_letters(person, "user", person->id, 32);
}

static void put_row(struct made_up_row *row, const struct made_up_person *person, const char *hash)
{
	made_up_row_text(row, "user_id", person->id);
	made_up_row_text(row, "email", person->email);
	made_up_row_flag(row, "email_verified", person->is_email_verified);
	made_up_row_name(row, "name", person);
	made_up_row_text(row, "password_hash", hash);
	made_up_row_text(row, "username", person->username);
	made_up_row_text(row, "display_username", person->username);
	made_up_row_text(row, "phone_number", person->phone);
	made_up_row_flag(row, "phone_number_verified",
			 person->phone[0] != '\0' && person->is_phone_verified);
	made_up_row_text(row, "image",
			 person->has_image ? "https://img.example.com/people/picture.png" : NULL);
	made_up_row_text(row, "role", person->trouble == MADE_UP_TROUBLE_NONE ? "user" : NULL);
	made_up_row_flag(row, "two_factor_enabled", person->has_totp);
	made_up_row_flag(row, "is_anonymous", false);
	made_up_row_time(row, "created_at", person->created_ms);
	made_up_row_time(row, "updated_at", person->updated_ms);
	made_up_row_flag(row, "banned", person->is_banned);
	made_up_row_text(row, "ban_reason",
			 person->is_banned && person->trouble == MADE_UP_TROUBLE_NONE ? "spam"
										      : NULL);
	made_up_row_text(row, "ban_expires", NULL);
}

static void write_header(struct rh_buf *out);

static const struct made_up_table table = {
	.provider = MADE_UP_TABLE(betterauth_sample_troubles, spoilings, "user_id", write_header,
				  identify),
	.put = put_row,
};

static void write_header(struct rh_buf *out)
{
	made_up_table_header(&table, out);
}

int betterauth_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		      struct rh_err *err)
{
	return made_up_export(&table.provider, options, out, err);
}
