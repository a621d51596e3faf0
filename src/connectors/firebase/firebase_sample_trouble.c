/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports of Firebase: the kinds of trouble, what a plan says of each, and how bytes are spoiled. */
#include "connectors/firebase/firebase.h"
#include "connectors/firebase/firebase_sample.h"

#define JSON MADE_UP_JSON
#define CSV MADE_UP_CSV
#define ALL MADE_UP_ALL
#define SAYS MADE_UP_SAYS
#define SAYS_WITH MADE_UP_SAYS_WITH
#define STOPS MADE_UP_STOPS
#define KIND MADE_UP_KIND
#define SPOIL MADE_UP_SPOIL
#define FILL MADE_UP_FILL
#define FOUND(code) RH_FINDING_##code

const struct rh_sample_trouble firebase_sample_troubles[] = {
	KIND("no-id", "a record without localId", SAYS(ALL, FOUND(SOURCE_ID_MISSING))),
	KIND("phone-only", "a phone number and no e-mail address",
	     SAYS(ALL, FOUND(EMAIL_REQUIRED))),
	KIND("bad-email", "an address without @, and no other",
	     SAYS(ALL, FOUND(IDENTIFIER_MISSING))),
	KIND("duplicate-id", "two records with one localId", SAYS(ALL, FOUND(SOURCE_ID_TWICE))),
	KIND("duplicate-email", "two people with one address, as a project may allow",
	     SAYS(ALL, FOUND(DUPLICATE), FOUND(DUPLICATE)),
	     SAYS_WITH(ALL, "--on-duplicate first", FOUND(DUPLICATE_LEFT_OUT))),
	KIND("duplicate-phone", "two people with one phone number, as two tenants may have",
	     SAYS(ALL, FOUND(PHONES_DROPPED), FOUND(PHONES_DROPPED), FOUND(IDENTIFIER_SHARED),
		  FOUND(IDENTIFIER_SHARED))),
	KIND("banned", "somebody who is disabled", SAYS(ALL, FOUND(BLOCKED_SKIPPED)),
	     SAYS_WITH(ALL, "--blocked without-password", FOUND(BLOCKED_WITHOUT_PASSWORD),
		       FOUND(EMAIL_UNVERIFIED))),
	KIND("unverified", "the only address is not verified", SAYS(ALL, FOUND(EMAIL_UNVERIFIED)),
	     SAYS_WITH(ALL, "--unverified reject", FOUND(EMAIL_UNVERIFIED_REJECTED))),
	KIND("phone", "a phone number beside the address", SAYS(ALL, FOUND(PHONES_DROPPED))),
	KIND("bad-phone", "a phone number that is not in international form",
	     SAYS(ALL, FOUND(PHONE_INVALID))),
	KIND("unknown-hasher", "a hash that another algorithm made before the import",
	     SAYS(JSON, FOUND(HASH_UNRECOGNISED)), SAYS(CSV, FOUND(HASH_UNPROVEN))),
	KIND("broken-hash", "a hash that is not as long as the signer key",
	     SAYS(ALL, FOUND(HASH_UNRECOGNISED))),
	KIND("missing-hash", "a salt without its hash", SAYS(ALL, FOUND(HASH_NOT_EXPORTED))),
	KIND("redacted-hash", "the placeholder of an export that may not read hashes",
	     SAYS(ALL, FOUND(HASH_REDACTED))),
	KIND("unproven-hash", "a hash of which the target documents no exact form",
	     SAYS(ALL, FOUND(HASH_UNPROVEN))),
	KIND("salted-hash", "a hash without its salt", SAYS(ALL, FOUND(HASH_UNRECOGNISED))),
	KIND("no-password", "somebody without password",
	     SAYS_WITH(ALL, "--require-password", FOUND(PASSWORD_REQUIRED))),
	KIND("totp", "an authenticator app", SAYS(JSON, FOUND(TOTP_NOT_EXPORTED))),
	KIND("sms", "text messages as second factor",
	     SAYS(JSON, FOUND(SMS_FACTOR), FOUND(PHONES_DROPPED)),
	     SAYS(CSV, FOUND(PHONES_DROPPED))),
	KIND("social", "a social sign-in", SAYS(ALL, FOUND(IDENTITY_LINKS))),
	KIND("social-differs", "a social sign-in with another address",
	     SAYS(ALL, FOUND(IDENTITY_DIFFERS))),
	KIND("enterprise", "an enterprise sign-in", SAYS(JSON, FOUND(IDENTITY_ENTERPRISE))),
	KIND("bad-metadata", "a list where custom claims should be",
	     SAYS(ALL, FOUND(METADATA_INVALID))),
	KIND("private-metadata", "custom claims", SAYS(ALL, FOUND(METADATA_PRIVATE_KEPT_BACK))),
	/* the last name, and the whole one */
	KIND("long-name", "a name of 5,000 letters",
	     SAYS(ALL, FOUND(NAME_DROPPED), FOUND(NAME_DROPPED))),
	KIND("huge-field", "a name of 10 MB", SAYS(ALL, FOUND(NAME_DROPPED), FOUND(NAME_DROPPED))),
	KIND("image", "a picture", SAYS(ALL, FOUND(IMAGE_DROPPED))),
	KIND("wrong-type", "a word where a time should be", SAYS(JSON, FOUND(FIELD_TYPE))),
	KIND("many-entries", "1,001 sign-ins at other providers",
	     SAYS(JSON, FOUND(RECORD_TOO_LARGE))),
	KIND("bad-utf8", "a byte that no UTF-8 has", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND("lone-surrogate", "half of a surrogate pair", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND("nul-byte", "a NUL within a name", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND("deep-nesting", "10,000 lists, each within another", SAYS(JSON, FOUND(RECORD_BROKEN))),
	KIND("too-large", "a record of 17 MiB", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND("broken-record", "a value is missing", SAYS(JSON, FOUND(RECORD_BROKEN))),
	KIND("short-row", "a row with a field too few", SAYS(CSV, FOUND(CELL_COUNT))),
	KIND("long-row", "a comma in a name without quotes, as older tools write it",
	     SAYS(CSV, FOUND(CELL_COUNT))),
	KIND("stray-quote", "a backslash before a quote in custom claims, as the tools write it",
	     SAYS(CSV, FOUND(RECORD_BROKEN)), SAYS(JSON, FOUND(METADATA_PRIVATE_KEPT_BACK))),
	KIND("wrong-kind", "a list of something else than people", STOPS(ALL)),
	KIND("empty", "a file of no bytes", STOPS(ALL)),
	KIND("open-quote", "a quote that is never closed, in the last record",
	     SAYS(JSON, FOUND(RECORD_BROKEN)), STOPS(CSV)),
	KIND("truncated", "the file ends within the last record", STOPS(ALL)),
	KIND("anonymous", "a visitor without a name, who never signed up",
	     SAYS(ALL, FOUND(KIND_LEFT_OUT))),
	{.name = NULL},
};

#define LINK "{\"providerId\":\"apple.com\",\"rawId\":\"1\"}"

const struct made_up_spoiling firebase_sample_spoilings[] = {
	SPOIL(ENTERPRISE, JSON, "\"providerUserInfo\":[",
	      "\"providerUserInfo\":[{\"providerId\":\"oidc.example\",\"rawId\":\"1\"}"),
	FILL(LONG_NAME, ALL, "Trouble", "", 5000, "x", "", ""),
	FILL(HUGE_FIELD, ALL, "Trouble", "", 10U << 20, "x", "", ""),
	SPOIL(WRONG_TYPE, JSON, "\"createdAt\":\"", "\"createdAt\":\"once "),
	FILL(MANY_ENTRIES, JSON, "\"providerUserInfo\":[", "\"providerUserInfo\":[", 1000, LINK ",",
	     "", LINK),
	SPOIL(BAD_UTF8, ALL, "Trudy", "Trud\xff"),
	SPOIL(LONE_SURROGATE, JSON, "Trudy", "Trud\\ud83d"),
	SPOIL(LONE_SURROGATE, CSV, "Trudy", "Trud\xed\xa0\xbd"),
	SPOIL(NUL_BYTE, ALL, "Trudy", "Tru\0dy"),
	FILL(DEEP_NESTING, JSON, "\"providerUserInfo\":[", "\"providerUserInfo\":[", 10000, "[",
	     "]", ""),
	FILL(TOO_LARGE, ALL, "Trouble", "", 17U << 20, "x", "", ""),
	SPOIL(BROKEN_RECORD, JSON, "\"disabled\":false", "\"disabled\":"),
	SPOIL(SHORT_ROW, CSV, ",\n", "\n"),
	SPOIL(LONG_ROW, CSV, "Trudy Trouble", "Trouble, Trudy"),
	SPOIL(OPEN_QUOTE, JSON, "Trouble\"", "Trouble"),
	SPOIL(OPEN_QUOTE, CSV, "Trudy", "\"Trudy"),
};
const size_t firebase_sample_spoiling_count =
	sizeof(firebase_sample_spoilings) / sizeof(firebase_sample_spoilings[0]);
