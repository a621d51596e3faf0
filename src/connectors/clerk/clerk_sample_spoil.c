/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports: what of Clerk's records is spoiled how. */
#include "connectors/clerk/clerk_sample.h"

#define API MADE_UP_JSON
#define ANY_FORM MADE_UP_ALL
#define SPOIL MADE_UP_SPOIL
#define FILL MADE_UP_FILL
#define LINK                                                                                       \
	"{\"id\":\"acc_0\",\"provider\":\"saml_example\",\"email_address\":\"trudy@example.com\"," \
	"\"verification\":{\"status\":\"verified\"}}"
#define WALLET "{\"id\":\"idn_0\",\"object\":\"web3_wallet\",\"web3_wallet\":\"0x00\"}"
#define PAIRS                                                                                  \
	"\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\",\"e\":\"1\",\"f\":\"1\",\"g\":\"1\"," \
	"\"h\":\"1\",\"i\":\"1\",\"j\":\"1\",\"k\":\"1\",\"l\":\"1\""

const struct made_up_spoiling clerk_sample_spoilings[] = {
	SPOIL(BAD_USERNAME, API, "\"username\":null", "\"username\":\"tru\\u0007dy\""),
	SPOIL(SOCIAL_DIFFERS, API, "\"email_address_verified\":true",
	      "\"email_address_verified\":false"),
	SPOIL(ENTERPRISE, API, "\"saml_accounts\":[]", "\"saml_accounts\":[" LINK "]"),
	SPOIL(WALLET, API, "\"web3_wallets\":[]", "\"web3_wallets\":[" WALLET "]"),
	SPOIL(NESTED_METADATA, API, "\"public_metadata\":{}",
	      "\"public_metadata\":{\"address\":{\"city\":\"\xc5\x81\xc3\xb3\x64\xc5\xba\"}}"),
	/* 2^53 + 1, and one of 21 digits */
	SPOIL(BIG_NUMBERS, API, "\"public_metadata\":{}",
	      "\"public_metadata\":{\"a\":9007199254740993,\"b\":123456789012345678901}"),
	SPOIL(BAD_METADATA, API, "\"public_metadata\":{}", "\"public_metadata\":[1]"),
	SPOIL(PRIVATE_METADATA, API, "\"private_metadata\":{}",
	      "\"private_metadata\":{\"a\":\"b\"}"),
	SPOIL(UNSAFE_METADATA, API, "\"unsafe_metadata\":{}", "\"unsafe_metadata\":{\"a\":\"b\"}"),
	SPOIL(MANY_PAIRS, API, "\"public_metadata\":{}", "\"public_metadata\":{" PAIRS "}"),
	FILL(LONG_EXTERNAL_ID, API, "\"external_id\":null", "\"external_id\":\"", 200, "9", "",
	     "\""),
	FILL(LONG_NAME, ANY_FORM, "Trouble", "", 5000, "x", "", ""),
	FILL(HUGE_FIELD, ANY_FORM, "Trouble", "", 10U << 20, "x", "", ""),
	SPOIL(WRONG_TYPE, API, "\"legal_accepted_at\":null", "\"legal_accepted_at\":\"once\""),
	SPOIL(MEMBER_TWICE, API, "\"legal_accepted_at\":null",
	      "\"legal_accepted_at\":null,\"first_name\":\"Twice\""),
	FILL(MANY_ENTRIES, API, "\"web3_wallets\":[]", "\"web3_wallets\":[", 1000, WALLET ",", "",
	     WALLET "]"),
	SPOIL(BAD_UTF8, ANY_FORM, "Trudy", "Trud\xff"),
	SPOIL(LONE_SURROGATE, API, "Trudy", "Trud\\ud83d"),
	SPOIL(LONE_SURROGATE, RH_SAMPLE_CSV, "Trudy", "Trud\xed\xa0\xbd"),
	SPOIL(NUL_BYTE, ANY_FORM, "Trudy", "Tru\0dy"),
	FILL(DEEP_NESTING, API, "\"public_metadata\":{}", "\"public_metadata\":{\"a\":", 10000, "[",
	     "]", "}"),
	FILL(TOO_LARGE, ANY_FORM, "Trouble", "", 17U << 20, "x", "", ""),
	SPOIL(BROKEN_RECORD, API, "\"object\":\"user\"", "\"object\":"),
	SPOIL(STRAY_QUOTE, RH_SAMPLE_CSV, "Trudy", "Tru\"dy"),
	SPOIL(SHORT_ROW, RH_SAMPLE_CSV, ",\n", "\n"),
	SPOIL(LONG_ROW, RH_SAMPLE_CSV, ",\n", ",,surplus\n"),
	SPOIL(OPEN_QUOTE, API, "Trudy\"", "Trudy"),
	SPOIL(OPEN_QUOTE, RH_SAMPLE_CSV, "Trudy", "\"Trudy"),
};

const size_t clerk_sample_spoiling_count =
	sizeof(clerk_sample_spoilings) / sizeof(clerk_sample_spoilings[0]);

/* Cells that say something else than the Dashboard would; NULL: as it would. */
static const struct {
	enum made_up_trouble trouble;
	const char *hasher;
	const char *digest;
} passwords[] = {
	{MADE_UP_TROUBLE_UNKNOWN_HASHER, "rot13", NULL},
	{MADE_UP_TROUBLE_MISLABELLED_HASH, "md5", NULL},
	{MADE_UP_TROUBLE_BROKEN_HASH, "bcrypt", "$2b$04$a.bcrypt.hash.that.is.cut"},
	{MADE_UP_TROUBLE_UNSUPPORTED_HASH, "phpass", "$P$9MadeUpMadeUpMadeUpMadeUpMade0/"},
	{MADE_UP_TROUBLE_WEAK_HASH, "pbkdf2_sha256",
	 "pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$"
	 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8="},
	{MADE_UP_TROUBLE_MISSING_HASH, NULL, ""},
	{MADE_UP_TROUBLE_REDACTED_HASH, NULL, "UkVEQUNURUQ="},
	{MADE_UP_TROUBLE_UNPROVEN_HASH, "scrypt_firebase",
	 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw=="
	 "$c2FsdHNhbHQ=$"
	 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw=="
	 "$Bw==$8$14"},
	{MADE_UP_TROUBLE_SALTED_HASH, "sha256_salted",
	 "salt$00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
};

void clerk_sample_give(struct made_up_person *person)
{
	for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
		if (passwords[i].trouble == person->trouble) {
			person->hasher_text = passwords[i].hasher;
			person->digest_text = passwords[i].digest;
		}
	}
}
