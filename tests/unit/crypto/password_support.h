/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of password checks share: reading a hash, checking it, tables of published vectors. */
#ifndef UNIT_CRYPTO_PASSWORD_SUPPORT_H
#define UNIT_CRYPTO_PASSWORD_SUPPORT_H

#include "account/credential.h"
#include "base/arena.h"
#include "crypto/password.h"

/* A password and a hash that somebody published for it. */
struct vector {
	const char *password;
	const char *raw;
	enum rh_dialect dialect;
};

/* Backs what is read; made and freed by the group. */
extern struct rh_arena arena;
int setup(void **state);
int teardown(void **state);

/* A hash that must be read. */
struct rh_credential parse(const char *raw, enum rh_dialect dialect);
enum rh_password_result check(const struct rh_credential *cred, struct rh_str password);
/* The password fits; with one byte more, or one changed, it does not (of costly ones only the first is tried). */
void check_vectors(const struct vector *vectors, size_t count, bool with_wrong);
struct rh_str unhex(const char *hex);

#define CHECK(vectors) check_vectors(vectors, sizeof(vectors) / sizeof((vectors)[0]), true)
#define CHECK_COSTLY(vectors) check_vectors(vectors, sizeof(vectors) / sizeof((vectors)[0]), false)

#endif
