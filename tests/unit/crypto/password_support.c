/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and checking hashes for the tests of password checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "password_support.h"

struct rh_arena arena;

int setup(void **state)
{
	(void)state;
	rh_arena_init(&arena, (size_t)16 << 20, RH_ARENA_WIPE);
	return 0;
}

int teardown(void **state)
{
	(void)state;
	rh_arena_done(&arena);
	return 0;
}

struct rh_credential parse(const char *raw, enum rh_dialect dialect)
{
	struct rh_credential cred;

	assert_int_equal(rh_credential_parse(&arena, rh_str_from(raw), RH_STR_ABSENT, dialect,
					     &cred),
			 RH_OK);
	if (cred.state != RH_CREDENTIAL_PRESENT) {
		fail_msg("%s: %s", raw, rh_credential_state_name(cred.state));
	}
	return cred;
}

enum rh_password_result check(const struct rh_credential *cred, struct rh_str password)
{
	enum rh_password_result result = (enum rh_password_result)77;
	struct rh_err err = {.code = RH_OK};

	if (rh_password_check(cred, password, &result, &err) != RH_OK) {
		fail_msg("%s", err.message);
	}
	return result;
}

void check_vectors(const struct vector *vectors, size_t count, bool with_wrong)
{
	for (size_t i = 0; i < count; i++) {
		const struct vector *vector = &vectors[i];
		struct rh_credential cred = parse(vector->raw, vector->dialect);
		struct rh_str password = rh_str_from(vector->password);
		char wrong[128];

		if (check(&cred, password) != RH_PASSWORD_MATCH) {
			fail_msg("no match: %s", vector->raw);
		}
		if (!with_wrong && i > 0) {
			continue;
		}
		assert_true(password.len + 2 < sizeof(wrong));
		memcpy(wrong, password.ptr, password.len);
		memcpy(wrong + password.len, "!", 2);
		wrong[0] ^= 2;
		if (check(&cred, (struct rh_str){.ptr = wrong, .len = password.len + 1}) !=
		    RH_PASSWORD_MISMATCH) {
			fail_msg("a wrong password fits: %s", vector->raw);
		}
	}
}

struct rh_str unhex(const char *hex)
{
	struct rh_str bytes;

	assert_true(rh_hex_decode(&arena, rh_str_from(hex), &bytes));
	return bytes;
}
