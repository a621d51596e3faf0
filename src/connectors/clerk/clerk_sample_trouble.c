/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up exports: the kinds of trouble, and what a plan says of each.
 *
 * The effects are those of a plan for the one target there is.  A form that does not stand there either cannot have
 * the trouble, and then has the person whole, or says something else as well.
 */
#include "connectors/clerk/clerk_sample_trouble.h"

#define API (RH_SAMPLE_JSON | RH_SAMPLE_NDJSON)
#define CSV RH_SAMPLE_CSV
#define ALL (API | CSV)

#define SAYS(where, ...)                                      \
	{                                                     \
		.forms = (where), .findings = { __VA_ARGS__ } \
	}
#define SAYS_WITH(where, how, ...)                                              \
	{                                                                       \
		.forms = (where), .options = (how), .findings = { __VA_ARGS__ } \
	}
#define STOPS(where)                                 \
	{                                            \
		.forms = (where), .stops_plan = true \
	}
#define KIND(kind, called, what, ...)                                                        \
	[CLERK_TROUBLE_##kind - 1] = {                                                       \
		.name = (called),                                                            \
		.help = (what),                                                              \
		.effects = (const struct rh_sample_effect[]){__VA_ARGS__ __VA_OPT__(, ){0}}, \
	}
#define FOUND(code) RH_FINDING_##code

const struct rh_sample_trouble clerk_sample_troubles[] = {
	KIND(NO_ID, "no-id", "a record without id", SAYS(ALL, FOUND(SOURCE_ID_MISSING))),
	KIND(NO_IDENTIFIER, "no-identifier", "nobody could sign in with it",
	     SAYS(ALL, FOUND(IDENTIFIER_MISSING))),
	KIND(PHONE_ONLY, "phone-only", "a phone number and no e-mail address",
	     SAYS(ALL, FOUND(EMAIL_REQUIRED))),
	KIND(BAD_EMAIL, "bad-email", "an address without @, and no other",
	     SAYS(ALL, FOUND(IDENTIFIER_MISSING))),
	KIND(NO_PRIMARY, "no-primary", "two addresses, and none is said to be the primary one",
	     SAYS(ALL, FOUND(PRIMARY_CHOSEN), FOUND(EMAILS_DROPPED)),
	     SAYS_WITH(ALL, "--primary skip", FOUND(PRIMARY_UNDECIDED))),
	KIND(DUPLICATE_ID, "duplicate-id", "two records with one id",
	     SAYS(ALL, FOUND(SOURCE_ID_TWICE))),
	KIND(DUPLICATE_EMAIL, "duplicate-email", "two people with one address",
	     SAYS(ALL, FOUND(DUPLICATE), FOUND(DUPLICATE)),
	     SAYS_WITH(ALL, "--on-duplicate first", FOUND(DUPLICATE_LEFT_OUT))),
	KIND(DUPLICATE_CASE, "duplicate-case", "two people with one address, once in capitals",
	     SAYS(ALL, FOUND(DUPLICATE), FOUND(DUPLICATE))),
	KIND(DUPLICATE_WIDE, "duplicate-wide",
	     "two people with one address, its domain once in letters and once in ASCII",
	     SAYS(ALL, FOUND(DUPLICATE), FOUND(DUPLICATE))),
	KIND(DUPLICATE_PHONE, "duplicate-phone", "two people with one phone number",
	     SAYS(ALL, FOUND(PHONES_DROPPED), FOUND(PHONES_DROPPED), FOUND(IDENTIFIER_SHARED),
		  FOUND(IDENTIFIER_SHARED))),
	KIND(DUPLICATE_USERNAME, "duplicate-username", "two people with one username",
	     SAYS(ALL, FOUND(USERNAME_DROPPED), FOUND(USERNAME_DROPPED), FOUND(IDENTIFIER_SHARED),
		  FOUND(IDENTIFIER_SHARED))),
	KIND(BANNED, "banned", "somebody who is banned", SAYS(API, FOUND(BLOCKED_SKIPPED)),
	     SAYS_WITH(API, "--blocked without-password", FOUND(BLOCKED_WITHOUT_PASSWORD),
		       FOUND(EMAIL_UNVERIFIED))),
	KIND(UNVERIFIED, "unverified", "the only address is not verified",
	     SAYS(ALL, FOUND(EMAIL_UNVERIFIED)),
	     SAYS_WITH(ALL, "--unverified reject", FOUND(EMAIL_UNVERIFIED_REJECTED))),
	KIND(SECOND_EMAIL, "second-email", "two addresses", SAYS(ALL, FOUND(EMAILS_DROPPED))),
	KIND(BAD_SECOND_EMAIL, "bad-second-email", "a second address without @",
	     SAYS(ALL, FOUND(EMAIL_INVALID))),
	KIND(PHONE, "phone", "a phone number beside the address", SAYS(ALL, FOUND(PHONES_DROPPED))),
	KIND(BAD_PHONE, "bad-phone", "a phone number that is not in international form",
	     SAYS(ALL, FOUND(PHONE_INVALID))),
	KIND(USERNAME, "username", "a username beside the address",
	     SAYS(ALL, FOUND(USERNAME_DROPPED))),
	KIND(BAD_USERNAME, "bad-username", "a username with a control character",
	     SAYS(API, FOUND(USERNAME_INVALID))),
	KIND(UNKNOWN_HASHER, "unknown-hasher", "a hash under a name that nobody knows",
	     SAYS(CSV, FOUND(HASH_MISLABELLED))),
	KIND(MISLABELLED_HASH, "mislabelled-hash", "a bcrypt hash that is said to be another",
	     SAYS(CSV, FOUND(HASH_MISLABELLED))),
	KIND(BROKEN_HASH, "broken-hash", "a bcrypt hash that is cut off",
	     SAYS(CSV, FOUND(HASH_UNRECOGNISED))),
	KIND(UNSUPPORTED_HASH, "unsupported-hash", "a hash that the target cannot check",
	     SAYS(CSV, FOUND(HASH_UNSUPPORTED))),
	KIND(WEAK_HASH, "weak-hash", "a hash with fewer rounds than the target takes",
	     SAYS(CSV, FOUND(HASH_OUT_OF_RANGE))),
	KIND(MISSING_HASH, "missing-hash", "a password without its hash",
	     SAYS(ALL, FOUND(HASH_NOT_EXPORTED))),
	KIND(REDACTED_HASH, "redacted-hash", "a placeholder in the place of the hash",
	     SAYS(CSV, FOUND(HASH_REDACTED))),
	KIND(UNPROVEN_HASH, "unproven-hash", "a hash of which the target documents no exact form",
	     SAYS(CSV, FOUND(HASH_UNPROVEN))),
	KIND(SALTED_HASH, "salted-hash", "a salted hash that does not say where the salt goes",
	     SAYS(CSV, FOUND(HASH_SALT_PLACE))),
	KIND(NO_PASSWORD, "no-password", "somebody without password",
	     SAYS_WITH(ALL, "--require-password", FOUND(PASSWORD_REQUIRED))),
	KIND(TOTP, "totp", "an authenticator app", SAYS(CSV, FOUND(TOTP_KEPT_BACK)),
	     SAYS(API, FOUND(TOTP_NOT_EXPORTED))),
	KIND(BAD_TOTP, "bad-totp", "an authenticator secret that is none",
	     SAYS(CSV, FOUND(TOTP_INVALID), FOUND(TOTP_NOT_EXPORTED))),
	KIND(SMS, "sms", "text messages as second factor",
	     SAYS(API, FOUND(SMS_FACTOR), FOUND(PHONES_DROPPED))),
	KIND(BACKUP_CODES, "backup-codes", "backup codes", SAYS(API, FOUND(BACKUP_CODES))),
	KIND(PASSKEY, "passkey", "a passkey", SAYS(API, FOUND(PASSKEYS))),
	KIND(SOCIAL, "social", "a social sign-in", SAYS(API, FOUND(IDENTITY_LINKS))),
	KIND(SOCIAL_DIFFERS, "social-differs", "a social sign-in whose address is not verified",
	     SAYS(API, FOUND(IDENTITY_DIFFERS))),
	KIND(ENTERPRISE, "enterprise", "an enterprise sign-in",
	     SAYS(API, FOUND(IDENTITY_ENTERPRISE))),
	KIND(WALLET, "wallet", "a wallet", SAYS(API, FOUND(WALLET_DROPPED))),
	KIND(LONG_METADATA, "long-metadata", "metadata with too many, too long keys and values",
	     SAYS(API, FOUND(METADATA_KEY_DROPPED), FOUND(METADATA_VALUE_DROPPED),
		  FOUND(METADATA_TOO_MANY), FOUND(METADATA_FLATTENED))),
	KIND(NESTED_METADATA, "nested-metadata", "metadata within metadata",
	     SAYS(API, FOUND(METADATA_FLATTENED))),
	KIND(BIG_NUMBERS, "big-numbers", "metadata with 2^53 + 1 and a number of 21 digits",
	     SAYS(API, FOUND(METADATA_FLATTENED))),
	KIND(BAD_METADATA, "bad-metadata", "a list where metadata should be",
	     SAYS(API, FOUND(METADATA_INVALID)),
	     SAYS_WITH(API, "--external-id legacy_id", FOUND(METADATA_INVALID),
		       FOUND(EXTERNAL_ID_FALLBACK))),
	KIND(PRIVATE_METADATA, "private-metadata", "metadata that users must not see",
	     SAYS(API, FOUND(METADATA_PRIVATE_KEPT_BACK))),
	KIND(UNSAFE_METADATA, "unsafe-metadata", "metadata that users may change",
	     SAYS(API, FOUND(METADATA_UNSAFE_KEPT_BACK))),
	KIND(MANY_PAIRS, "many-pairs", "twelve pairs of metadata",
	     SAYS(API, FOUND(METADATA_BEYOND_PROSE))),
	KIND(LONG_EXTERNAL_ID, "long-external-id", "an external id of 200 digits",
	     SAYS(API, FOUND(EXTERNAL_ID_REPLACED), FOUND(METADATA_BEYOND_PROSE))),
	KIND(LONG_NAME, "long-name", "a last name of 5,000 letters",
	     SAYS(ALL, FOUND(NAME_DROPPED))),
	KIND(HUGE_FIELD, "huge-field", "a last name of 10 MB", SAYS(ALL, FOUND(NAME_DROPPED))),
	KIND(IMAGE, "image", "a profile image", SAYS(API, FOUND(IMAGE_DROPPED))),
	KIND(LOCALE, "locale", "a language", SAYS(API, FOUND(FIELD_DROPPED))),
	KIND(WRONG_TYPE, "wrong-type", "a word where a time should be",
	     SAYS(API, FOUND(FIELD_TYPE))),
	KIND(MANY_ENTRIES, "many-entries", "1,001 entries in one list",
	     SAYS(API, FOUND(RECORD_TOO_LARGE))),
	KIND(BAD_UTF8, "bad-utf8", "a byte that no UTF-8 has", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND(LONE_SURROGATE, "lone-surrogate", "half of a surrogate pair",
	     SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND(NUL_BYTE, "nul-byte", "a NUL within a name", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND(DEEP_NESTING, "deep-nesting", "10,000 lists, each within another",
	     SAYS(API, FOUND(RECORD_BROKEN))),
	KIND(TOO_LARGE, "too-large", "a record of 17 MiB", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND(BROKEN_RECORD, "broken-record", "a value is missing", SAYS(API, FOUND(RECORD_BROKEN))),
	KIND(SHORT_ROW, "short-row", "a row with a cell too few", SAYS(CSV, FOUND(CELL_COUNT))),
	KIND(LONG_ROW, "long-row", "a row with a cell too many", SAYS(CSV, FOUND(CELL_COUNT))),
	KIND(STRAY_QUOTE, "stray-quote", "a quote in the middle of a cell",
	     SAYS(CSV, FOUND(RECORD_BROKEN))),
	KIND(HEADER_TWICE, "header-twice", "the header again, between two rows",
	     SAYS(CSV, FOUND(RECORD_BROKEN))),
	KIND(COLUMN_TWICE, "column-twice", "a column that stands twice in the header", STOPS(CSV)),
	KIND(WRONG_KIND, "wrong-kind", "a list of something else than people", STOPS(ALL)),
	KIND(EMPTY, "empty", "a file of no bytes", STOPS(ALL)),
	KIND(OPEN_QUOTE, "open-quote", "a quote that is never closed, in the last record",
	     SAYS(API, FOUND(RECORD_BROKEN)), STOPS(CSV)),
	KIND(TRUNCATED, "truncated", "the file ends within the last record", STOPS(ALL)),
	[CLERK_TROUBLES - 1] = {.name = NULL},
};

bool clerk_trouble_stops_plan(enum clerk_trouble trouble, enum rh_sample_form form)
{
	const struct rh_sample_effect *effect = clerk_sample_troubles[trouble - 1].effects;

	for (; effect->forms != 0; effect++) {
		if ((effect->forms & (unsigned)form) != 0 && effect->stops_plan) {
			return true;
		}
	}
	return false;
}
