/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up exports, as far as they are the same for every provider: the people, what may be wrong with a record, and
 * the stream of records.  How one person is written down says the provider.
 *
 *  1. Person n is the same in every file of a seed, whatever the count and the form.
 *  2. Records with a trouble are people of their own, one a kind, or two where one record alone is none; they
 *     are numbered behind the last, by kind, and written just before that one.  Kinds that end a file come
 *     behind it.
 *  3. A file whose form cannot have a trouble has that person whole, so that files of one seed, count and
 *     list of troubles are about the same people.
 *  4. What is in memory is one block of records and the largest one.
 */
#ifndef CONNECTORS_MADE_UP_H
#define CONNECTORS_MADE_UP_H

#include <rehome/connector.h>

#include "base/buf.h"
#include "base/clock.h"

/* ---- troubles ------------------------------------------------------------------------------------------ */

/* The order is that of the records in a file; kinds that end it come last. */
#define MADE_UP_TROUBLE_MAP(X)       \
	/* the record */             \
	X(NO_ID)                     \
	X(NO_IDENTIFIER)             \
	X(PHONE_ONLY)                \
	X(BAD_EMAIL)                 \
	X(NO_PRIMARY)                \
	X(DUPLICATE_ID)              \
	X(DUPLICATE_EMAIL)           \
	X(DUPLICATE_CASE)            \
	X(DUPLICATE_WIDE)            \
	X(DUPLICATE_PHONE)           \
	X(DUPLICATE_USERNAME)        \
	X(BANNED)                    \
	/* identifiers */            \
	X(UNVERIFIED)                \
	X(SECOND_EMAIL)              \
	X(BAD_SECOND_EMAIL)          \
	X(PHONE)                     \
	X(BAD_PHONE)                 \
	X(USERNAME)                  \
	X(BAD_USERNAME)              \
	/* credential */             \
	X(UNKNOWN_HASHER)            \
	X(MISLABELLED_HASH)          \
	X(BROKEN_HASH)               \
	X(UNSUPPORTED_HASH)          \
	X(WEAK_HASH)                 \
	X(MISSING_HASH)              \
	X(REDACTED_HASH)             \
	X(UNPROVEN_HASH)             \
	X(SALTED_HASH)               \
	X(NO_PASSWORD)               \
	/* factors and identities */ \
	X(TOTP)                      \
	X(BAD_TOTP)                  \
	X(SMS)                       \
	X(BACKUP_CODES)              \
	X(PASSKEY)                   \
	X(SOCIAL)                    \
	X(SOCIAL_DIFFERS)            \
	X(ENTERPRISE)                \
	X(WALLET)                    \
	/* metadata and fields */    \
	X(LONG_METADATA)             \
	X(NESTED_METADATA)           \
	X(BIG_NUMBERS)               \
	X(BAD_METADATA)              \
	X(PRIVATE_METADATA)          \
	X(UNSAFE_METADATA)           \
	X(MANY_PAIRS)                \
	X(LONG_EXTERNAL_ID)          \
	X(LONG_NAME)                 \
	X(HUGE_FIELD)                \
	X(IMAGE)                     \
	X(LOCALE)                    \
	X(WRONG_TYPE)                \
	X(MEMBER_TWICE)              \
	X(MANY_ENTRIES)              \
	/* bytes */                  \
	X(BAD_UTF8)                  \
	X(LONE_SURROGATE)            \
	X(NUL_BYTE)                  \
	X(DEEP_NESTING)              \
	X(TOO_LARGE)                 \
	X(BROKEN_RECORD)             \
	X(SHORT_ROW)                 \
	X(LONG_ROW)                  \
	X(STRAY_QUOTE)               \
	X(HEADER_TWICE)              \
	/* of some providers */      \
	X(ANONYMOUS)                 \
	X(SHIFTED_ROW)               \
	X(TORN_ROW)                  \
	X(CLEAR_PASSWORD)            \
	X(SPREADSHEET)               \
	/* the whole file */         \
	X(COLUMN_TWICE)              \
	X(WRONG_KIND)                \
	X(EMPTY)                     \
	/* behind the last person */ \
	X(OPEN_QUOTE)                \
	X(TRUNCATED)

/* NONE: nothing.  A provider's table of troubles has some of them, under their names in small letters: "no-id". */
enum made_up_trouble {
	MADE_UP_TROUBLE_NONE,
#define MADE_UP_TROUBLE_ENUM(name) MADE_UP_TROUBLE_##name,
	MADE_UP_TROUBLE_MAP(MADE_UP_TROUBLE_ENUM)
#undef MADE_UP_TROUBLE_ENUM
		MADE_UP_TROUBLES,
};

/* The kind that a row of a provider's table is about; NONE: there is none of that name. */
enum made_up_trouble made_up_trouble_find(const char *name);

/* ---- people --------------------------------------------------------------------------------------------- */

enum made_up_hasher {
	MADE_UP_NO_PASSWORD,
	MADE_UP_BCRYPT, /* what the provider makes itself, that is */
	MADE_UP_SHA256,
	MADE_UP_COGNITO,
};

enum made_up_metadata {
	MADE_UP_NO_METADATA,
	MADE_UP_FLAT,
	MADE_UP_NESTED,
	MADE_UP_ALL_KINDS,
	MADE_UP_LONG,
};

/* Everything about a person follows from the seed and the number, so that two files agree about them. */
struct made_up_person {
	uint64_t number;
	uint64_t key; /* where further random texts of this person come from */
	enum made_up_trouble trouble;
	char id[64];    /* as the provider makes them; empty: none */
	char email[96]; /* empty: none */
	char second_email[96];
	char phone[20];
	char username[64];
	const char *first_name; /* NULL: none */
	const char *last_name;
	bool is_email_verified;
	bool is_second_verified;
	bool is_phone_verified;
	bool has_named_primary; /* the record says which address is primary */
	bool has_sms;
	bool has_totp;
	bool has_backup_codes;
	bool has_image;
	bool has_external_id;
	bool has_google;
	bool has_github;
	bool is_banned;
	bool is_locked;
	bool has_legal;
	unsigned passkeys;
	enum made_up_hasher hasher;
	unsigned bcrypt_form; /* 0 $2b$, 1 $2a$, 2 $2y$ */
	enum made_up_metadata metadata;
	const char *locale;
	const char *hasher_text; /* CSV: not what follows from the hasher; NULL: that */
	const char *digest_text;
	int64_t created_ms;
	int64_t updated_ms;
	int64_t last_sign_in_ms; /* 0: never */
};

/* Person `number` (from 1) of a seed, without id. */
void made_up_person_make(struct made_up_person *person, uint64_t seed, uint64_t number);
/* Number of a kind, so that no two people of one seed have the same. */
void made_up_person_phone(struct made_up_person *person);
/* Random numbers of a person for one use ("idn", "totp" …), independent of every other use. */
void made_up_person_random(const struct made_up_person *person, const char *use,
			   struct rh_clock_manual *out);
/* `len` letters and digits for one use, and NUL. */
void made_up_person_letters(const struct made_up_person *person, const char *use, char *out,
			    size_t len);
/* A number of 21 digits, which no double holds, and NUL: what Google calls a person. */
void made_up_person_digits(const struct made_up_person *person, const char *use, char out[22]);
/* Makes the person plain, and then wrong in the one way; of a pair the first is `twin`, else NULL. */
void made_up_trouble_give(struct made_up_person *person, enum made_up_trouble trouble,
			  const struct made_up_person *twin);
/* Is it a matter of two records, of which the second has to do with the first? */
bool made_up_trouble_is_pair(enum made_up_trouble trouble);

/* ---- a provider's exports --------------------------------------------------------------------------------- */

/* What stands in the place of a piece of the record: before, `times` times open, as often close, after. */
struct made_up_spoiling {
	enum made_up_trouble trouble;
	unsigned forms;
	struct rh_str piece; /* its first occurrence */
	struct rh_str before;
	size_t times;
	const char *open;
	const char *close;
	const char *after;
};

/* Literals of text with what may be a NUL in it. */
#define MADE_UP_TEXT(text)                             \
	{                                              \
		.ptr = (text), .len = sizeof(text) - 1 \
	}
#define MADE_UP_SPOIL(kind, where, old, new)                                                     \
	{                                                                                        \
		.trouble = MADE_UP_TROUBLE_##kind, .forms = (where), .piece = MADE_UP_TEXT(old), \
		.before = MADE_UP_TEXT(new)                                                      \
	}
#define MADE_UP_FILL(kind, where, old, new, count, text, end_text, behind)                       \
	{                                                                                        \
		.trouble = MADE_UP_TROUBLE_##kind, .forms = (where), .piece = MADE_UP_TEXT(old), \
		.before = MADE_UP_TEXT(new), .times = (count), .open = (text),                   \
		.close = (end_text), .after = (behind)                                           \
	}

/* Rows of a provider's table of troubles. */
#define MADE_UP_JSON (RH_SAMPLE_JSON | RH_SAMPLE_NDJSON)
#define MADE_UP_CSV RH_SAMPLE_CSV
#define MADE_UP_ALL (MADE_UP_JSON | MADE_UP_CSV)
#define MADE_UP_SAYS(where, ...)                              \
	{                                                     \
		.forms = (where), .findings = { __VA_ARGS__ } \
	}
#define MADE_UP_SAYS_WITH(where, how, ...)                                      \
	{                                                                       \
		.forms = (where), .options = (how), .findings = { __VA_ARGS__ } \
	}
#define MADE_UP_STOPS(where)                         \
	{                                            \
		.forms = (where), .stops_plan = true \
	}
#define MADE_UP_KIND(called, what, ...)                                                      \
	{                                                                                    \
		.name = (called), .help = (what),                                            \
		.effects = (const struct rh_sample_effect[]){__VA_ARGS__ __VA_OPT__(, ){0}}, \
	}

struct made_up_sample;

struct made_up_provider {
	const struct rh_sample_trouble *troubles; /* ended by a NULL name */
	const struct made_up_spoiling *spoilings;
	size_t spoiling_count;
	const char *opening; /* JSON: before the records and behind them */
	const char *closing;
	const char
		*column_twice; /* CSV: a column more, which is there already, and its separator */
	bool has_old_csv;      /* its tools wrote another CSV before */
	void (*header)(struct rh_buf *out);              /* CSV; NULL: its files have none */
	void (*identify)(struct made_up_person *person); /* gives the id */
	/* What else the provider has in its own way, behind the trouble; may be NULL. */
	void (*give)(struct made_up_person *person);
	/* One record, without what separates it from others; a row has its line end. */
	int (*write)(struct made_up_sample *sample, const struct made_up_person *person,
		     struct rh_buf *out, struct rh_err *err);
};

/* What the writing of a record may look at. */
struct made_up_sample {
	const struct made_up_provider *provider;
	const struct rh_sample_options *options;
	const struct rh_sample_out *out;
	enum rh_sample_form form;
	bool is_old_csv; /* RH_SAMPLE_CSV_OLD; the form is RH_SAMPLE_CSV then */
	struct rh_buf buf;
	uint64_t written; /* records */
	bool wants[MADE_UP_TROUBLES];
};

/* Contract: struct rh_connector. */
int made_up_export(const struct made_up_provider *provider, const struct rh_sample_options *options,
		   const struct rh_sample_out *out, struct rh_err *err);
/* A person's bcrypt hash, in the letters that their form says. */
int made_up_bcrypt(const struct made_up_sample *sample, const struct made_up_person *person,
		   char out[64], struct rh_err *err);

/* ---- members of an object ---------------------------------------------------------------------------------- */

struct rh_json_writer;

/* NULL and empty text give null. */
void made_up_key_text(struct rh_json_writer *writer, const char *name, const char *text);
void made_up_key_bool(struct rh_json_writer *writer, const char *name, bool value);
void made_up_key_null(struct rh_json_writer *writer, const char *name);
void made_up_key_raw(struct rh_json_writer *writer, const char *name, const char *json);
/* What stands in the public, private and unsafe bucket of a person's metadata, as JSON. */
void made_up_key_metadata(struct rh_json_writer *writer, const struct made_up_person *person,
			  const char *const names[RH_METADATA_KINDS]);

#endif
