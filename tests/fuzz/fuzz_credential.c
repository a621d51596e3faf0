/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target for account/credential*.c: any bytes as any dialect (the first byte says which); what is
 * PRESENT is written in canonical form, which must be read again, without a label, as the same credential.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "account/credential.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

/* The same bytes; a field left out and an empty one are both no bytes. */
static void require_same(struct rh_str a, struct rh_str b)
{
	require(a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0));
}

static void require_same_credential(const struct rh_credential *a, const struct rh_credential *b)
{
	require(a->state == b->state);
	require(a->scheme == b->scheme);
	require(a->salt_place == b->salt_place);
	require(a->bcrypt_minor == b->bcrypt_minor);
	require(a->version == b->version);
	require(a->cost == b->cost);
	require(a->memory == b->memory);
	require(a->parallelism == b->parallelism);
	require_same(a->salt, b->salt);
	require_same(a->digest, b->digest);
	require_same(a->key, b->key);
	require_same(a->sep, b->sep);
	require_same(a->salt2, b->salt2);
	require(a->is_utf16 == b->is_utf16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rh_credential cred;
	struct rh_credential again;
	struct rh_arena arena;
	struct rh_str raw;
	rh_autobuf text = {0};

	rh_buf_init(&text, (size_t)1 << 20);
	if (size == 0 || size > FUZZ_INPUT_MAX) {
		return 0;
	}
	raw = (struct rh_str){
		.ptr = (const char *)data + 1,
		.len = size - 1,
	};
	rh_arena_init(&arena, (size_t)64 << 20, RH_ARENA_PLAIN);
	require(rh_credential_parse(&arena, raw, RH_STR_ABSENT,
				    (enum rh_dialect)(data[0] %
						      (RH_DIALECT_BETTER_AUTH_SCRYPT + 1)),
				    &cred) == RH_OK);
	if (cred.state == RH_CREDENTIAL_PRESENT) {
		require(cred.scheme != RH_SCHEME_NONE);
		rh_credential_write(&text, &cred);
		require(text.failed == 0);
		require(rh_credential_parse(&arena, rh_buf_str(&text), RH_STR_ABSENT,
					    RH_DIALECT_SHAPE, &again) == RH_OK);
		require_same_credential(&cred, &again);
	} else {
		require(cred.digest.ptr == NULL && cred.salt.ptr == NULL && cred.key.ptr == NULL);
	}
	rh_arena_done(&arena);
	return 0;
}
