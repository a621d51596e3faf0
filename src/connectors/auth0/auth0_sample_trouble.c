/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports of Auth0: the kinds of trouble, what a plan says of each, and how bytes are spoiled. */
#include "connectors/auth0/auth0.h"
#include "connectors/auth0/auth0_sample.h"

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

const struct rh_sample_trouble auth0_sample_troubles[] = {
	KIND("no-id", "a record without user_id", SAYS(ALL, FOUND(SOURCE_ID_MISSING))),
	KIND("no-identifier", "nobody could sign in with it", SAYS(ALL, FOUND(IDENTIFIER_MISSING))),
	KIND("phone-only", "a phone number and no e-mail address",
	     SAYS(ALL, FOUND(EMAIL_REQUIRED))),
	KIND("bad-email", "an address without @, and no other",
	     SAYS(ALL, FOUND(IDENTIFIER_MISSING))),
	KIND("duplicate-id", "two records with one user_id", SAYS(ALL, FOUND(SOURCE_ID_TWICE))),
	KIND("duplicate-email", "one address in two connections",
	     SAYS(ALL, FOUND(DUPLICATE), FOUND(DUPLICATE))),
	KIND("duplicate-case", "one address in two connections, once in capitals",
	     SAYS(ALL, FOUND(DUPLICATE), FOUND(DUPLICATE))),
	KIND("banned", "somebody who is blocked", SAYS(ALL, FOUND(BLOCKED_SKIPPED))),
	KIND("unverified", "the only address is not verified", SAYS(ALL, FOUND(EMAIL_UNVERIFIED)),
	     SAYS_WITH(ALL, "--unverified reject", FOUND(EMAIL_UNVERIFIED_REJECTED))),
	KIND("phone", "a phone number beside the address", SAYS(ALL, FOUND(PHONES_DROPPED))),
	KIND("bad-phone", "a phone number that is not in international form",
	     SAYS(ALL, FOUND(PHONE_INVALID))),
	KIND("username", "a username beside the address", SAYS(ALL, FOUND(USERNAME_DROPPED))),
	KIND("broken-hash", "a bcrypt hash that is cut off", SAYS(JSON, FOUND(HASH_UNRECOGNISED)),
	     SAYS(CSV, FOUND(HASH_NOT_EXPORTED))),
	KIND("missing-hash", "a user of a database without hash",
	     SAYS(ALL, FOUND(HASH_NOT_EXPORTED))),
	KIND("no-password", "somebody who signs in by e-mail alone",
	     SAYS_WITH(ALL, "--require-password", FOUND(PASSWORD_REQUIRED))),
	KIND("totp", "an authenticator app", SAYS(ALL, FOUND(TOTP_NOT_EXPORTED))),
	KIND("social", "a social sign-in that was linked", SAYS(JSON, FOUND(IDENTITY_LINKS))),
	KIND("social-differs", "a social sign-in whose address is not verified",
	     SAYS(JSON, FOUND(IDENTITY_DIFFERS))),
	KIND("enterprise", "an enterprise sign-in", SAYS(ALL, FOUND(IDENTITY_ENTERPRISE))),
	KIND("bad-metadata", "a list where app_metadata should be",
	     SAYS(JSON, FOUND(METADATA_INVALID))),
	KIND("private-metadata", "app_metadata", SAYS(JSON, FOUND(METADATA_PRIVATE_KEPT_BACK))),
	KIND("unsafe-metadata", "user_metadata, which users may change",
	     SAYS(JSON, FOUND(METADATA_UNSAFE_KEPT_BACK))),
	KIND("long-name", "a last name of 5,000 letters", SAYS(ALL, FOUND(NAME_DROPPED))),
	KIND("image", "a picture", SAYS(JSON, FOUND(IMAGE_DROPPED))),
	KIND("wrong-type", "a word where a time should be", SAYS(JSON, FOUND(FIELD_TYPE))),
	KIND("many-entries", "1,001 identities", SAYS(JSON, FOUND(RECORD_TOO_LARGE))),
	KIND("bad-utf8", "a byte that no UTF-8 has", SAYS(ALL, FOUND(RECORD_BROKEN))),
	KIND("broken-record", "a value is missing", SAYS(JSON, FOUND(RECORD_BROKEN))),
	KIND("short-row", "a row with a cell too few", SAYS(CSV, FOUND(CELL_COUNT))),
	KIND("long-row", "a row with a cell too many", SAYS(CSV, FOUND(CELL_COUNT))),
	KIND("header-twice", "the header again, between two rows", SAYS(CSV, FOUND(RECORD_BROKEN))),
	KIND("column-twice", "a column that stands twice in the header", STOPS(CSV)),
	KIND("wrong-kind", "a list of something else than people", STOPS(ALL)),
	KIND("empty", "a file of no bytes", STOPS(ALL)),
	KIND("open-quote", "a quote that is never closed, in the last record",
	     SAYS(JSON, FOUND(RECORD_BROKEN)), STOPS(CSV)),
	KIND("truncated", "the file ends within the last record", STOPS(ALL)),
	{.name = NULL},
};

#define ENTRY "{\"connection\":\"c\",\"provider\":\"oauth2\",\"user_id\":\"1\"}"

const struct made_up_spoiling auth0_sample_spoilings[] = {
	SPOIL(ENTERPRISE, JSON, "\"provider\":\"email\"", "\"provider\":\"samlp\""),
	SPOIL(ENTERPRISE, CSV, "\"'email\",\"'email\"", "\"'samlp\",\"'example-sso\""),
	SPOIL(BAD_METADATA, JSON, "\"app_metadata\":{}", "\"app_metadata\":[1]"),
	SPOIL(PRIVATE_METADATA, JSON, "\"app_metadata\":{}", "\"app_metadata\":{\"a\":\"b\"}"),
	SPOIL(UNSAFE_METADATA, JSON, "\"user_metadata\":{}", "\"user_metadata\":{\"a\":\"b\"}"),
	FILL(LONG_NAME, JSON, "\"family_name\":\"", "\"family_name\":\"", 5000, "x", "", ""),
	FILL(LONG_NAME, CSV, "'Trouble", "'", 5000, "x", "", ""),
	SPOIL(WRONG_TYPE, JSON, "\"created_at\":\"", "\"created_at\":\"once "),
	FILL(MANY_ENTRIES, JSON, "\"identities\":[", "\"identities\":[", 1000, ENTRY ",", "", ""),
	SPOIL(BAD_UTF8, ALL, "Trudy", "Trud\xff"),
	SPOIL(BROKEN_RECORD, JSON, "\"blocked\":false", "\"blocked\":"),
	SPOIL(SHORT_ROW, CSV, ",\n", "\n"),
	SPOIL(LONG_ROW, CSV, ",\n", ",,surplus\n"),
	SPOIL(OPEN_QUOTE, JSON, "Trudy\"", "Trudy"),
	SPOIL(OPEN_QUOTE, CSV, "\"'email\",\"'email\"", "\"'email"),
};
const size_t auth0_sample_spoiling_count =
	sizeof(auth0_sample_spoilings) / sizeof(auth0_sample_spoilings[0]);
