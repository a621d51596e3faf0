/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports: how each trouble is done, by what is wrong about the person or by the bytes of the record. */
#include "connectors/clerk/clerk_sample_trouble.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "connectors/clerk/clerk_sample.h"

/* ---- the person ----------------------------------------------------------------------------------------- */

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

static const unsigned features[CLERK_TROUBLES] = {
	[CLERK_TROUBLE_NO_ID] = NO_ID,
	[CLERK_TROUBLE_NO_IDENTIFIER] = NO_EMAIL,
	[CLERK_TROUBLE_PHONE_ONLY] = NO_EMAIL | PHONE,
	[CLERK_TROUBLE_BAD_EMAIL] = BAD_EMAIL,
	[CLERK_TROUBLE_NO_PRIMARY] = SECOND_EMAIL | NO_PRIMARY,
	[CLERK_TROUBLE_DUPLICATE_ID] = TWIN_ID,
	[CLERK_TROUBLE_DUPLICATE_EMAIL] = TWIN_EMAIL,
	[CLERK_TROUBLE_DUPLICATE_CASE] = TWIN_CASE,
	[CLERK_TROUBLE_DUPLICATE_WIDE] = TWIN_WIDE,
	[CLERK_TROUBLE_DUPLICATE_PHONE] = TWIN_PHONE | PHONE,
	[CLERK_TROUBLE_DUPLICATE_USERNAME] = TWIN_USERNAME | USERNAME,
	[CLERK_TROUBLE_BANNED] = BANNED,
	[CLERK_TROUBLE_UNVERIFIED] = UNVERIFIED,
	[CLERK_TROUBLE_SECOND_EMAIL] = SECOND_EMAIL,
	[CLERK_TROUBLE_BAD_SECOND_EMAIL] = SECOND_EMAIL,
	[CLERK_TROUBLE_PHONE] = PHONE,
	[CLERK_TROUBLE_BAD_PHONE] = PHONE,
	[CLERK_TROUBLE_USERNAME] = USERNAME,
	[CLERK_TROUBLE_UNKNOWN_HASHER] = PASSWORD,
	[CLERK_TROUBLE_MISLABELLED_HASH] = PASSWORD,
	[CLERK_TROUBLE_BROKEN_HASH] = PASSWORD,
	[CLERK_TROUBLE_UNSUPPORTED_HASH] = PASSWORD,
	[CLERK_TROUBLE_WEAK_HASH] = PASSWORD,
	[CLERK_TROUBLE_MISSING_HASH] = PASSWORD,
	[CLERK_TROUBLE_REDACTED_HASH] = PASSWORD,
	[CLERK_TROUBLE_UNPROVEN_HASH] = PASSWORD,
	[CLERK_TROUBLE_SALTED_HASH] = PASSWORD,
	[CLERK_TROUBLE_TOTP] = TOTP,
	[CLERK_TROUBLE_BAD_TOTP] = TOTP,
	[CLERK_TROUBLE_SMS] = PHONE | SMS,
	[CLERK_TROUBLE_BACKUP_CODES] = BACKUP_CODES,
	[CLERK_TROUBLE_PASSKEY] = PASSKEY,
	[CLERK_TROUBLE_SOCIAL] = SOCIAL,
	[CLERK_TROUBLE_SOCIAL_DIFFERS] = SOCIAL,
	[CLERK_TROUBLE_LONG_METADATA] = LONG_METADATA,
	[CLERK_TROUBLE_IMAGE] = IMAGE,
	[CLERK_TROUBLE_LOCALE] = LOCALE,
};

/* Cells that say something else than the Dashboard would; NULL: as it would. */
static const struct {
	enum clerk_trouble trouble;
	const char *hasher;
	const char *digest;
} passwords[] = {
	{CLERK_TROUBLE_UNKNOWN_HASHER, "rot13", NULL},
	{CLERK_TROUBLE_MISLABELLED_HASH, "md5", NULL},
	{CLERK_TROUBLE_BROKEN_HASH, "bcrypt", "$2b$04$a.bcrypt.hash.that.is.cut"},
	{CLERK_TROUBLE_UNSUPPORTED_HASH, "phpass", "$P$9MadeUpMadeUpMadeUpMadeUpMade0/"},
	{CLERK_TROUBLE_WEAK_HASH, "pbkdf2_sha256",
	 "pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$"
	 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8="},
	{CLERK_TROUBLE_MISSING_HASH, NULL, ""},
	{CLERK_TROUBLE_REDACTED_HASH, NULL, "UkVEQUNURUQ="},
	{CLERK_TROUBLE_UNPROVEN_HASH, "scrypt_firebase",
	 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw=="
	 "$c2FsdHNhbHQ=$"
	 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw=="
	 "$Bw==$8$14"},
	{CLERK_TROUBLE_SALTED_HASH, "sha256_salted",
	 "salt$00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
};

/* The trouble shall be the only thing about the record. */
static void make_plain(struct clerk_person *person)
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
	person->metadata = CLERK_SAMPLE_NO_METADATA;
	person->is_locked = false;
	person->hasher = CLERK_SAMPLE_NO_PASSWORD;
	person->bcrypt_form = 0;
	(void)snprintf(person->email, sizeof(person->email), "trudy.trouble%llu@example.com",
		       (unsigned long long)person->number);
}

static void give_password(struct clerk_person *person)
{
	person->hasher = CLERK_SAMPLE_BCRYPT;
	for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
		if (passwords[i].trouble == person->trouble) {
			person->hasher_text = passwords[i].hasher;
			person->digest_text = passwords[i].digest;
		}
	}
}

static void give_identifiers(struct clerk_person *person, unsigned wanted)
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
	if (person->trouble == CLERK_TROUBLE_BAD_SECOND_EMAIL) {
		(void)snprintf(person->second_email, sizeof(person->second_email),
			       "trudy.at.example.org");
	}
	if ((wanted & PHONE) != 0) {
		clerk_person_phone(person);
	}
	if (person->trouble == CLERK_TROUBLE_BAD_PHONE) {
		(void)snprintf(person->phone, sizeof(person->phone), "555-0100");
	}
	if ((wanted & USERNAME) != 0) {
		(void)snprintf(person->username, sizeof(person->username), "trudy_%llu", number);
	}
	person->has_named_primary = (wanted & NO_PRIMARY) == 0;
	person->is_email_verified = (wanted & UNVERIFIED) == 0;
}

/* The same address, written in two ways. */
static void give_address(struct clerk_person *person, unsigned wanted,
			 const struct clerk_person *twin)
{
	static const char *const cases[] = {"trudy.case", "TRUDY.CASE"};
	static const char *const domains[] = {"b\xc3\xbc"
					      "cher.example",
					      "xn--bcher-kva.example"};
	bool is_case = (wanted & TWIN_CASE) != 0;
	size_t second = twin != NULL;

	if ((wanted & (TWIN_CASE | TWIN_WIDE)) != 0) {
		(void)snprintf(person->email, sizeof(person->email), "%s%llu@%s",
			       is_case ? cases[second] : "trudy.wide",
			       (unsigned long long)(twin != NULL ? twin->number : person->number),
			       is_case ? "example.com" : domains[second]);
	}
}

static void take_from_twin(struct clerk_person *person, unsigned wanted,
			   const struct clerk_person *twin)
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

void clerk_trouble_give(struct clerk_person *person, enum clerk_trouble trouble,
			const struct clerk_person *twin)
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
		give_password(person);
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
		person->metadata = CLERK_SAMPLE_LONG;
	}
}

bool clerk_trouble_is_pair(enum clerk_trouble trouble)
{
	return (features[trouble] & TWINS) != 0;
}

bool clerk_trouble_is_last(enum clerk_trouble trouble)
{
	return trouble == CLERK_TROUBLE_OPEN_QUOTE || trouble == CLERK_TROUBLE_TRUNCATED;
}

/* ---- the bytes ------------------------------------------------------------------------------------------ */

#define API (RH_SAMPLE_JSON | RH_SAMPLE_NDJSON)
#define ANY_FORM (API | RH_SAMPLE_CSV)
#define LINK                                                                                       \
	"{\"id\":\"acc_0\",\"provider\":\"saml_example\",\"email_address\":\"trudy@example.com\"," \
	"\"verification\":{\"status\":\"verified\"}}"
#define WALLET "{\"id\":\"idn_0\",\"object\":\"web3_wallet\",\"web3_wallet\":\"0x00\"}"
#define PAIRS                                                                                  \
	"\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\",\"e\":\"1\",\"f\":\"1\",\"g\":\"1\"," \
	"\"h\":\"1\",\"i\":\"1\",\"j\":\"1\",\"k\":\"1\",\"l\":\"1\""

/* What stands in the place of a piece of the record: before, `times` times open, as often close, after. */
struct spoiling {
	enum clerk_trouble trouble;
	unsigned forms;
	struct rh_str piece; /* its first occurrence */
	struct rh_str before;
	size_t times;
	const char *open;
	const char *close;
	const char *after;
};

/* Literals of text with what may be a NUL in it. */
#define TEXT(text)                                     \
	{                                              \
		.ptr = (text), .len = sizeof(text) - 1 \
	}
#define SPOIL(kind, where, old, new)                                                   \
	{                                                                              \
		.trouble = CLERK_TROUBLE_##kind, .forms = (where), .piece = TEXT(old), \
		.before = TEXT(new)                                                    \
	}
#define FILL(kind, where, old, new, count, text, end_text, behind)                          \
	{                                                                                   \
		.trouble = CLERK_TROUBLE_##kind, .forms = (where), .piece = TEXT(old),      \
		.before = TEXT(new), .times = (count), .open = (text), .close = (end_text), \
		.after = (behind)                                                           \
	}

static const struct spoiling spoilings[] = {
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

static void add_times(struct rh_buf *buf, const char *text, size_t times)
{
	size_t len = strlen(text);
	char *room = rh_buf_reserve(buf, len * times);

	for (size_t i = 0; room != NULL && i < times; i++) {
		memcpy(room + i * len, text, len);
	}
	buf->len += room != NULL ? len * times : 0;
}

static void spoil(const struct spoiling *spoiling, struct rh_buf *buf, size_t from)
{
	rh_autobuf rest = {0};
	const char *at =
		memmem(buf->ptr + from, buf->len - from, spoiling->piece.ptr, spoiling->piece.len);

	if (at == NULL) {
		return;
	}
	size_t begin = (size_t)(at - buf->ptr);
	size_t end = begin + spoiling->piece.len;
	rh_buf_init(&rest, buf->len);
	rh_buf_add(&rest, buf->ptr + end, buf->len - end);
	buf->len = begin;
	rh_buf_add_str(buf, spoiling->before);
	if (spoiling->times > 0) {
		add_times(buf, spoiling->open, spoiling->times);
		add_times(buf, spoiling->close, spoiling->times);
	}
	rh_buf_add_cstr(buf, spoiling->after != NULL ? spoiling->after : "");
	rh_buf_add_str(buf, rh_buf_str(&rest));
	if (rest.failed != RH_OK && buf->failed == RH_OK) {
		buf->failed = rest.failed;
	}
}

void clerk_trouble_spoil(const struct clerk_person *person, enum rh_sample_form form,
			 struct rh_buf *buf, size_t from)
{
	if (buf->failed != RH_OK) {
		return;
	}
	for (size_t i = 0; i < sizeof(spoilings) / sizeof(spoilings[0]); i++) {
		if (spoilings[i].trouble == person->trouble && (spoilings[i].forms & form) != 0) {
			spoil(&spoilings[i], buf, from);
		}
	}
	if (person->trouble == CLERK_TROUBLE_TRUNCATED && buf->failed == RH_OK) {
		buf->len = from + (buf->len - from) / 2;
	} else if (person->trouble == CLERK_TROUBLE_HEADER_TWICE && form == RH_SAMPLE_CSV) {
		buf->len = from;
		clerk_sample_csv_header(buf);
	}
}
