/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which one text may be meant as a password hash, tried one after another against a password. */
#ifndef CLI_PASSWORD_TRY_H
#define CLI_PASSWORD_TRY_H

#include <rehome/account.h>

struct rh_arena;

/* What is known beside the text; texts are absent, numbers 0, where nothing was said. */
struct rh_hash_facts {
	enum rh_scheme scheme; /* for a text that does not say it: a bare digest, a bare key */
	struct rh_str salt;    /* as it stands in its column */
	enum rh_salt_place place;
	bool has_place;
	bool is_utf16;
	struct rh_str signer_key; /* base64 */
	struct rh_str separator;  /* base64 */
	struct rh_str pepper;
	struct rh_str key; /* of an HMAC; text */
	uint64_t cost;     /* N, iterations or passes */
	uint64_t mem_cost; /* log2 N */
	uint64_t rounds;   /* r */
	uint64_t parallelism;
};

#define RH_READINGS_MAX 64

/* One way to read it. */
struct rh_reading {
	struct rh_credential credential;
	const char *name; /* constant: "by its own shape", "as the label md5 says" … */
	const char *
		salt; /* constant: how the salt is meant, where there is a choice; NULL: as it stands */
	bool is_swapped; /* scrypt: r and p in each other's place */
};

struct rh_readings {
	struct rh_reading items[RH_READINGS_MAX];
	size_t count;
};

/*
 * Every reading of the text that gives a credential, the likeliest first, none twice; without `variants` only
 * those that some source really means.  RH_OK or RH_ENOMEM.
 */
RH_NODISCARD int rh_readings_make(struct rh_readings *out, struct rh_str text,
				  const struct rh_hash_facts *facts, bool variants,
				  struct rh_arena *arena);

/* What a password was fed as. */
struct rh_reading_match {
	const struct rh_reading *reading; /* NULL: none fits */
	bool is_normalised;               /* in NFKC */
	bool has_pepper;                  /* with the pepper behind it */
	size_t checked;                   /* readings that were computed */
	size_t skipped;                   /* that cannot be, or cost too much */
};
RH_NODISCARD int rh_readings_check(const struct rh_readings *readings, struct rh_str password,
				   struct rh_str pepper, struct rh_arena *arena,
				   struct rh_reading_match *out, struct rh_err *err);

#endif
