/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports: what is wrong about the person who has a trouble. */
#include "connectors/made_up.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* What is not plain about a person, as bits; what stands here not is a matter of bytes. */
enum feature {
	NO_ID = 1 << 0,
	NO_EMAIL = 1 << 1,
	BAD_EMAIL = 1 << 2,
	UNVERIFIED = 1 << 3,
	SECOND_EMAIL = 1 << 4,
	NO_PRIMARY = 1 << 5,
	PHONE = 1 << 6,
	SMS = 1 << 7,
	USERNAME = 1 << 8,
	BANNED = 1 << 9,
	PASSWORD = 1 << 10,
	TOTP = 1 << 11,
	BACKUP_CODES = 1 << 12,
	PASSKEY = 1 << 13,
	SOCIAL = 1 << 14,
	IMAGE = 1 << 15,
	LOCALE = 1 << 16,
	LONG_METADATA = 1 << 17,
	/* the second of a pair has it from the first */
	TWIN_ID = 1 << 18,
	TWIN_EMAIL = 1 << 19,
	TWIN_CASE = 1 << 20,
	TWIN_WIDE = 1 << 21,
	TWIN_PHONE = 1 << 22,
	TWIN_USERNAME = 1 << 23,
	TWINS = TWIN_ID | TWIN_EMAIL | TWIN_CASE | TWIN_WIDE | TWIN_PHONE | TWIN_USERNAME,
};

static const unsigned features[MADE_UP_TROUBLES] = {
	[MADE_UP_TROUBLE_NO_ID] = NO_ID,
	[MADE_UP_TROUBLE_NO_IDENTIFIER] = NO_EMAIL,
	[MADE_UP_TROUBLE_PHONE_ONLY] = NO_EMAIL | PHONE,
	[MADE_UP_TROUBLE_BAD_EMAIL] = BAD_EMAIL,
	[MADE_UP_TROUBLE_NO_PRIMARY] = SECOND_EMAIL | NO_PRIMARY,
	[MADE_UP_TROUBLE_DUPLICATE_ID] = TWIN_ID,
	[MADE_UP_TROUBLE_DUPLICATE_EMAIL] = TWIN_EMAIL,
	[MADE_UP_TROUBLE_DUPLICATE_CASE] = TWIN_CASE,
	[MADE_UP_TROUBLE_DUPLICATE_WIDE] = TWIN_WIDE,
	[MADE_UP_TROUBLE_DUPLICATE_PHONE] = TWIN_PHONE | PHONE,
	[MADE_UP_TROUBLE_DUPLICATE_USERNAME] = TWIN_USERNAME | USERNAME,
	[MADE_UP_TROUBLE_BANNED] = BANNED,
	[MADE_UP_TROUBLE_UNVERIFIED] = UNVERIFIED,
	[MADE_UP_TROUBLE_SECOND_EMAIL] = SECOND_EMAIL,
	[MADE_UP_TROUBLE_BAD_SECOND_EMAIL] = SECOND_EMAIL,
	[MADE_UP_TROUBLE_PHONE] = PHONE,
	[MADE_UP_TROUBLE_BAD_PHONE] = PHONE,
	[MADE_UP_TROUBLE_USERNAME] = USERNAME,
	[MADE_UP_TROUBLE_UNKNOWN_HASHER] = PASSWORD,
	[MADE_UP_TROUBLE_MISLABELLED_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_BROKEN_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_UNSUPPORTED_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_WEAK_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_MISSING_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_REDACTED_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_UNPROVEN_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_SALTED_HASH] = PASSWORD,
	[MADE_UP_TROUBLE_TOTP] = TOTP,
	[MADE_UP_TROUBLE_BAD_TOTP] = TOTP,
	[MADE_UP_TROUBLE_SMS] = PHONE | SMS,
	[MADE_UP_TROUBLE_BACKUP_CODES] = BACKUP_CODES,
	[MADE_UP_TROUBLE_PASSKEY] = PASSKEY,
	[MADE_UP_TROUBLE_SOCIAL] = SOCIAL,
	[MADE_UP_TROUBLE_SOCIAL_DIFFERS] = SOCIAL,
	[MADE_UP_TROUBLE_LONG_METADATA] = LONG_METADATA,
	[MADE_UP_TROUBLE_IMAGE] = IMAGE,
	[MADE_UP_TROUBLE_LOCALE] = LOCALE,
};

/* The trouble shall be the only thing about the record. */
static void make_plain(struct made_up_person *person)
{
	person->first_name = "Trudy";
	person->last_name = "Trouble";
	person->is_email_verified = true;
	person->is_second_verified = true;
	person->is_phone_verified = true;
	person->second_email[0] = '\0';
	person->username[0] = '\0';
	person->phone[0] = '\0';
	person->has_google = false;
	person->has_github = false;
	person->has_external_id = false;
	person->has_legal = false;
	person->metadata = MADE_UP_NO_METADATA;
	person->is_locked = false;
	person->hasher = MADE_UP_NO_PASSWORD;
	person->bcrypt_form = 0;
	(void)snprintf(person->email, sizeof(person->email), "trudy.trouble%llu@example.com",
		       (unsigned long long)person->number);
}

static void give_identifiers(struct made_up_person *person, unsigned wanted)
{
	unsigned long long number = person->number;

	if ((wanted & NO_ID) != 0) {
		person->id[0] = '\0';
	}
	if ((wanted & NO_EMAIL) != 0) {
		person->email[0] = '\0';
	}
	if ((wanted & BAD_EMAIL) != 0) {
		(void)snprintf(person->email, sizeof(person->email), "trudy.at.example.com");
	}
	if ((wanted & SECOND_EMAIL) != 0) {
		(void)snprintf(person->second_email, sizeof(person->second_email),
			       "trudy%llu@work.example.org", number);
	}
	if (person->trouble == MADE_UP_TROUBLE_BAD_SECOND_EMAIL) {
		(void)snprintf(person->second_email, sizeof(person->second_email),
			       "trudy.at.example.org");
	}
	if ((wanted & PHONE) != 0) {
		made_up_person_phone(person);
	}
	if (person->trouble == MADE_UP_TROUBLE_BAD_PHONE) {
		(void)snprintf(person->phone, sizeof(person->phone), "555-0100");
	}
	if ((wanted & USERNAME) != 0) {
		(void)snprintf(person->username, sizeof(person->username), "trudy_%llu", number);
	}
	person->has_named_primary = (wanted & NO_PRIMARY) == 0;
	person->is_email_verified = (wanted & UNVERIFIED) == 0;
}

/* The same address, written in two ways. */
static void give_address(struct made_up_person *person, unsigned wanted,
			 const struct made_up_person *twin)
{
	static const char *const cases[] = {"trudy.case", "TRUDY.CASE"};
	static const char *const domains[] = {"b\xc3\xbc"
					      "cher.example.com",
					      "xn--bcher-kva.example.com"};
	bool is_case = (wanted & TWIN_CASE) != 0;
	size_t second = twin != NULL;

	if ((wanted & (TWIN_CASE | TWIN_WIDE)) != 0) {
		(void)snprintf(person->email, sizeof(person->email), "%s%llu@%s",
			       is_case ? cases[second] : "trudy.wide",
			       (unsigned long long)(twin != NULL ? twin->number : person->number),
			       is_case ? "example.com" : domains[second]);
	}
}

static void take_from_twin(struct made_up_person *person, unsigned wanted,
			   const struct made_up_person *twin)
{
	if ((wanted & TWIN_ID) != 0) {
		memcpy(person->id, twin->id, sizeof(person->id));
	}
	if ((wanted & TWIN_EMAIL) != 0) {
		memcpy(person->email, twin->email, sizeof(person->email));
	}
	if ((wanted & TWIN_PHONE) != 0) {
		memcpy(person->phone, twin->phone, sizeof(person->phone));
	}
	if ((wanted & TWIN_USERNAME) != 0) {
		memcpy(person->username, twin->username, sizeof(person->username));
	}
}

void made_up_trouble_give(struct made_up_person *person, enum made_up_trouble trouble,
			  const struct made_up_person *twin)
{
	unsigned wanted = features[trouble];

	person->trouble = trouble;
	make_plain(person);
	give_identifiers(person, wanted);
	give_address(person, wanted, twin);
	if (twin != NULL) {
		take_from_twin(person, wanted, twin);
	}
	if ((wanted & PASSWORD) != 0) {
		person->hasher = MADE_UP_BCRYPT;
	}
	person->is_banned = (wanted & BANNED) != 0;
	person->has_sms = (wanted & SMS) != 0;
	person->has_totp = (wanted & TOTP) != 0;
	person->has_backup_codes = (wanted & BACKUP_CODES) != 0;
	person->has_google = (wanted & SOCIAL) != 0;
	person->has_image = (wanted & IMAGE) != 0;
	person->passkeys = (wanted & PASSKEY) != 0;
	person->locale = (wanted & LOCALE) != 0 ? "de-DE" : NULL;
	if ((wanted & LONG_METADATA) != 0) {
		person->metadata = MADE_UP_LONG;
	}
}

bool made_up_trouble_is_pair(enum made_up_trouble trouble)
{
	return (features[trouble] & TWINS) != 0;
}
