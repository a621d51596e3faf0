/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports of Supabase: rows of auth.users. */
#include <stdio.h>

#include "base/str.h"
#include "connectors/made_up_row.h"
#include "connectors/supabase/supabase.h"

#define FOUND MADE_UP_FOUND
#define APP_KEPT FOUND(METADATA_PRIVATE_KEPT_BACK)

const struct rh_sample_trouble supabase_sample_troubles[] = {
	MADE_UP_KIND("phone-only", "a phone number and no e-mail address",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(EMAIL_REQUIRED))),
	MADE_UP_KIND("phone", "a phone number beside the address",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(PHONES_DROPPED))),
	MADE_UP_KIND("banned", "somebody who is banned",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(BLOCKED_SKIPPED)),
		     MADE_UP_SAYS_WITH(MADE_UP_ALL, "--blocked without-password",
				       FOUND(BLOCKED_WITHOUT_PASSWORD), FOUND(EMAIL_UNVERIFIED))),
	MADE_UP_KIND("social", "a social sign-in",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(IDENTITY_LINKS), APP_KEPT)),
	MADE_UP_KIND("enterprise", "an enterprise sign-in",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(IDENTITY_ENTERPRISE))),
	MADE_UP_KIND("private-metadata", "metadata that users must not see",
		     MADE_UP_SAYS(MADE_UP_JSON, APP_KEPT)),
	MADE_UP_KIND("unsafe-metadata", "metadata that users may change",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(METADATA_UNSAFE_KEPT_BACK))),
	MADE_UP_KIND("bad-metadata", "a list where metadata should be",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(METADATA_INVALID))),
	MADE_UP_KIND("wrong-type", "a word where a time should be",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(FIELD_TYPE))),
	MADE_UP_KIND("anonymous", "somebody without a name, who never signed up",
		     MADE_UP_SAYS(MADE_UP_JSON, FOUND(KIND_LEFT_OUT))),
	MADE_UP_KIND("shifted-row", "a moment in the place of the phone number",
		     MADE_UP_SAYS(MADE_UP_ALL, FOUND(RECORD_BROKEN))),
	MADE_UP_KIND("torn-row", "metadata with commas, without quotes around it",
		     MADE_UP_SAYS(MADE_UP_CSV, FOUND(ROW_MENDED),
				  FOUND(METADATA_UNSAFE_KEPT_BACK))),
	MADE_UP_NAME_TROUBLES(FOUND(NAME_DROPPED)),
	MADE_UP_ROW_TROUBLES,
	{.name = NULL},
};

static const struct made_up_spoiling spoilings[] = {
	MADE_UP_SPOIL(ENTERPRISE, MADE_UP_JSON, "\"is_sso_user\":false", "\"is_sso_user\":\"t\""),
	MADE_UP_SPOIL(ANONYMOUS, MADE_UP_JSON, "\"is_anonymous\":false", "\"is_anonymous\":1"),
	MADE_UP_SPOIL(PRIVATE_METADATA, MADE_UP_JSON, "\"raw_app_meta_data\":{}",
		      "\"raw_app_meta_data\":\"{\\\"plan\\\":\\\"team\\\"}\""),
	MADE_UP_SPOIL(UNSAFE_METADATA, MADE_UP_JSON, "\"raw_user_meta_data\":{}",
		      "\"raw_user_meta_data\":{\"theme\":\"dark\"}"),
	MADE_UP_SPOIL(BAD_METADATA, MADE_UP_JSON, "\"raw_user_meta_data\":{}",
		      "\"raw_user_meta_data\":[1]"),
	MADE_UP_SPOIL(TORN_ROW, MADE_UP_CSV, "{},{},",
		      "{},{\"theme\":\"dark\",\"tags\":[\"a\",\"b\"]},"),
	MADE_UP_SPOIL(WRONG_TYPE, MADE_UP_JSON, "\"created_at\":\"2", "\"created_at\":\"once 2"),
	MADE_UP_SPOIL(BROKEN_RECORD, MADE_UP_JSON, "\"aud\":\"authenticated\"", "\"aud\":"),
	MADE_UP_ROW_SPOILINGS,
};

/* A UUID of version 4. */
static void identify(struct made_up_person *person)
{
	struct rh_clock_manual random;

	made_up_person_random(person, "uuid", &random);
	unsigned long long high = random.clock.random(&random.clock);
	unsigned long long low = random.clock.random(&random.clock);
	(void)snprintf(person->id, sizeof(person->id), "%08llx-%04llx-4%03llx-8%03llx-%012llx",
		       high >> 32, high >> 16 & 0xffff, high & 0xfff, low >> 48 & 0xfff,
		       low & 0xffffffffffff);
}

static const char *app_metadata(const struct made_up_person *person)
{
	if (person->trouble != MADE_UP_TROUBLE_NONE && !person->has_google) {
		return "{}";
	}
	if (person->has_google) {
		return person->hasher == MADE_UP_NO_PASSWORD
			       ? "{\"provider\":\"google\",\"providers\":[\"google\"]}"
			       : "{\"provider\":\"email\",\"providers\":[\"email\",\"google\"]}";
	}
	return person->has_github ? "{\"provider\":\"github\",\"providers\":[\"github\"]}"
				  : "{\"provider\":\"email\",\"providers\":[\"email\"]}";
}

/* What the person says of themselves. */
static const char *user_metadata(const struct made_up_person *person)
{
	return person->metadata == MADE_UP_NO_METADATA ? "{}"
	       : person->metadata == MADE_UP_FLAT
		       ? "{\"theme\":\"dark\"}"
		       : "{\"newsletter\":false,\"motto\":\"say \\\"hi\\\"\"}";
}

static void put_row(struct made_up_row *row, const struct made_up_person *person, const char *hash)
{
	bool is_shifted = person->trouble == MADE_UP_TROUBLE_SHIFTED_ROW;
	/* Numbers are kept without '+'. */
	const char *phone = person->phone[0] == '+' ? person->phone + 1 : person->phone;
	int64_t confirmed =
		person->email[0] != '\0' && person->is_email_verified ? person->created_ms : 0;

	made_up_row_text(row, "instance_id", "00000000-0000-0000-0000-000000000000");
	made_up_row_text(row, "id", person->id);
	made_up_row_text(row, "aud", "authenticated");
	made_up_row_text(row, "role", "authenticated");
	made_up_row_text(row, "email", person->email);
	made_up_row_text(row, "encrypted_password", hash);
	made_up_row_time(row, "email_confirmed_at", confirmed);
	made_up_row_time(row, "last_sign_in_at", person->last_sign_in_ms);
	made_up_row_json(row, "raw_app_meta_data", app_metadata(person));
	made_up_row_json(row, "raw_user_meta_data", user_metadata(person));
	made_up_row_time(row, "created_at", person->created_ms);
	made_up_row_time(row, "updated_at", person->updated_ms);
	made_up_row_text(row, "phone", is_shifted ? "2024-05-01 10:00:00+00" : phone);
	made_up_row_time(row, "phone_confirmed_at",
			 phone[0] != '\0' && person->is_phone_verified ? person->created_ms : 0);
	made_up_row_text(row, "banned_until", person->is_banned ? "2999-12-31 00:00:00+00" : NULL);
	made_up_row_flag(row, "is_sso_user", false);
	made_up_row_flag(row, "is_anonymous", false);
	made_up_row_text(row, "first_name", person->first_name);
	made_up_row_text(row, "last_name", person->last_name);
	made_up_row_text(row, "deleted_at", NULL);
}

static void write_header(struct rh_buf *out);

static const struct made_up_table table = {
	.provider =
		MADE_UP_TABLE(supabase_sample_troubles, spoilings, "id", write_header, identify),
	.put = put_row,
};

static void write_header(struct rh_buf *out)
{
	made_up_table_header(&table, out);
}

int supabase_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		    struct rh_err *err)
{
	return made_up_export(&table.provider, options, out, err);
}
