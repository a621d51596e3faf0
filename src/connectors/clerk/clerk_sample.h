/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up person, and the forms in which one is written. */
#ifndef CONNECTORS_CLERK_CLERK_SAMPLE_H
#define CONNECTORS_CLERK_CLERK_SAMPLE_H

#include <rehome/connector.h>

#include "base/clock.h"
#include "connectors/clerk/clerk_sample_trouble.h"

struct rh_buf;

#define CLERK_PERSON_ID_SIZE 33 /* "user_", 27 letters and digits, NUL */

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
	const char *hasher_text; /* CSV: not what follows from the hasher; NULL: that */
	const char *digest_text;
	int64_t created_ms;
	int64_t updated_ms;
	int64_t last_sign_in_ms; /* 0: never */
};

/* Person `number` (from 1) of a seed. */
void clerk_person_make(struct clerk_person *person, uint64_t seed, uint64_t number);
/* Number of a kind, so that no two people of one seed have the same. */
void clerk_person_phone(struct clerk_person *person);
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
