/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up person, and the forms in which one is written. */
#ifndef CONNECTORS_CLERK_CLERK_SAMPLE_H
#define CONNECTORS_CLERK_CLERK_SAMPLE_H

#include <rehome/connector.h>

#include "base/clock.h"

struct rh_buf;

#define CLERK_PERSON_ID_SIZE 33 /* "user_", 27 letters and digits, NUL */

/* What may be wrong with one record of a file; NONE: nothing. */
#define CLERK_TROUBLE_MAP(X)                    \
	X(NO_ID, "no-id")                       \
	X(NO_IDENTIFIER, "no-identifier")       \
	X(PHONE_ONLY, "phone-only")             \
	X(BAD_EMAIL, "bad-email")               \
	X(NO_PRIMARY, "no-primary")             \
	X(DUPLICATE_ID, "duplicate-id")         \
	X(DUPLICATE_EMAIL, "duplicate-email")   \
	X(UNKNOWN_HASHER, "unknown-hasher")     \
	X(MISLABELLED_HASH, "mislabelled-hash") \
	X(BROKEN_HASH, "broken-hash")           \
	X(BAD_TOTP, "bad-totp")                 \
	X(LONG_METADATA, "long-metadata")       \
	X(BAD_UTF8, "bad-utf8")                 \
	X(BROKEN_RECORD, "broken-record")       \
	X(SHORT_ROW, "short-row")               \
	X(LONG_ROW, "long-row")

enum clerk_trouble {
	CLERK_TROUBLE_NONE,
#define CLERK_TROUBLE_ENUM(name, text) CLERK_TROUBLE_##name,
	CLERK_TROUBLE_MAP(CLERK_TROUBLE_ENUM)
#undef CLERK_TROUBLE_ENUM
		CLERK_TROUBLES,
};

enum clerk_sample_hasher {
	CLERK_SAMPLE_NO_PASSWORD,
	CLERK_SAMPLE_BCRYPT,
	CLERK_SAMPLE_SHA256,
	CLERK_SAMPLE_COGNITO,
};

enum clerk_sample_metadata {
	CLERK_SAMPLE_NO_METADATA,
	CLERK_SAMPLE_FLAT,
	CLERK_SAMPLE_NESTED,
	CLERK_SAMPLE_ALL_KINDS,
	CLERK_SAMPLE_LONG,
};

/* Everything about a person follows from the seed and the number, so that two files agree about them. */
struct clerk_person {
	uint64_t number;
	uint64_t key; /* where further random texts of this person come from */
	enum clerk_trouble trouble;
	char id[CLERK_PERSON_ID_SIZE]; /* empty: none */
	char email[96];                /* empty: none */
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
	enum clerk_sample_hasher hasher;
	unsigned bcrypt_form; /* 0 $2b$, 1 $2a$, 2 $2y$ */
	enum clerk_sample_metadata metadata;
	const char *locale;
	int64_t created_ms;
	int64_t updated_ms;
	int64_t last_sign_in_ms; /* 0: never */
};

/* Person `number` (from 1) of a seed. */
void clerk_person_make(struct clerk_person *person, uint64_t seed, uint64_t number);
/* Makes them plain, and then wrong in the one way; `other`: whose id or address a duplicate takes. */
void clerk_person_trouble(struct clerk_person *person, enum clerk_trouble trouble,
			  const struct clerk_person *other);
/* Random numbers of a person for one use ("idn", "totp" …), independent of every other use. */
void clerk_person_random(const struct clerk_person *person, const char *use,
			 struct rh_clock_manual *out);
/* Appends prefix, '_' and 27 letters and digits. */
void clerk_person_id(const struct clerk_person *person, const char *prefix, const char *use,
		     struct rh_buf *out);

/* One person as a user object of the Backend API, without separators around it. */
void clerk_sample_json(const struct clerk_person *person, struct rh_buf *out);
/* The Dashboard's header, and one person as its row, both with a line end; `digest` and `hasher` are the
 * texts of these cells. */
void clerk_sample_csv_header(struct rh_buf *out);
void clerk_sample_csv(const struct clerk_person *person, struct rh_str digest, const char *hasher,
		      struct rh_buf *out);

#endif
