/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, comparisons, one-time codes, against published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "crypto/digest.h"

static const uint8_t key[RH_KEY_LEN] = {1, 2, 3};
static const uint8_t other_key[RH_KEY_LEN] = {1, 2, 4};

static void check_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, 1024);
	rh_hex_encode(&text, (struct rh_str){.ptr = (const char *)bytes, .len = len});
	assert_string_equal(text.ptr, hex);
}

static void sha256_is_the_same_in_any_pieces(void **state)
{
	static const char text[] = "password";
	uint8_t digest[RH_DIGEST_LEN];
	struct rh_sha256 sha;

	(void)state;
	for (size_t cut = 0; cut <= sizeof(text) - 1; cut++) {
		rh_sha256_init(&sha);
		rh_sha256_add(&sha, text, cut);
		rh_sha256_add(&sha, text + cut, sizeof(text) - 1 - cut);
		rh_sha256_finish(&sha, digest);
		check_hex(digest, sizeof(digest),
			  "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8");
	}
}

static void digest_of(const uint8_t *with, const struct rh_str *parts, size_t count,
		      uint8_t out[32])
{
	rh_digest_keyed(with, parts, count, out, RH_DIGEST_LEN);
}

static void keyed_digest_is_blake2b_of_length_and_text(void **state)
{
	uint8_t digest[RH_DIGEST_LEN];
	uint8_t cut[8];

	(void)state;
	/* computed by another implementation (Python's hashlib) of the same bytes */
	digest_of(key, &RH_STR("ada"), 1, digest);
	check_hex(digest, sizeof(digest),
		  "06bb74edf0140c75068380cce9319a5948410a53bdf593bc4e2ee11dcf5b3893");
	rh_digest_keyed(key, &RH_STR("ada"), 1, cut, sizeof(cut));
	assert_memory_equal(cut, digest, sizeof(cut));
}

/* The vector of the paper (Aumasson, Bernstein 2012, appendix A). */
static void short_digest_is_siphash(void **state)
{
	uint8_t short_key[RH_SHORT_KEY_LEN];
	char text[15];
	uint8_t digest[RH_SHORT_DIGEST_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(short_key); i++) {
		short_key[i] = (uint8_t)i;
	}
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = (char)i;
	}
	rh_digest_short(short_key, (struct rh_str){.ptr = text, .len = sizeof(text)}, digest);
	check_hex(digest, sizeof(digest), "e545be4961ca29a1");
}

static void different_lists_have_different_digests(void **state)
{
	const struct rh_str lists[][2] = {
		{RH_STR("ab"), RH_STR("c")}, {RH_STR("a"), RH_STR("bc")},
		{RH_STR("abc"), RH_STR("")}, {RH_STR("abc"), RH_STR_ABSENT},
		{RH_STR(""), RH_STR("abc")},
	};
	const size_t count = sizeof(lists) / sizeof(lists[0]);
	uint8_t digests[5][RH_DIGEST_LEN];
	uint8_t digest[RH_DIGEST_LEN];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		digest_of(key, lists[i], 2, digests[i]);
		for (size_t j = 0; j < i; j++) {
			assert_memory_not_equal(digests[i], digests[j], RH_DIGEST_LEN);
		}
		digest_of(other_key, lists[i], 2, digest);
		assert_memory_not_equal(digest, digests[i], RH_DIGEST_LEN);
		digest_of(key, lists[i], 1, digest);
		assert_memory_not_equal(digest, digests[i], RH_DIGEST_LEN);
		digest_of(key, lists[i], 2, digest);
		assert_memory_equal(digest, digests[i], RH_DIGEST_LEN);
	}
}

static void a_number_stands_for_a_text(void **state)
{
	uint8_t digest[8];
	uint64_t number = rh_digest_key64(key, RH_STR("ada"));

	(void)state;
	rh_digest_keyed(key, &RH_STR("ada"), 1, digest, sizeof(digest));
	for (size_t i = 0; i < sizeof(digest); i++) {
		assert_int_equal(digest[i], number >> (8 * i) & 0xff);
	}
	assert_true(number != rh_digest_key64(key, RH_STR("adb")));
	assert_true(number != rh_digest_key64(other_key, RH_STR("ada")));
}

static void random_bytes_fill_their_place_and_no_more(void **state)
{
	uint8_t bytes[2][40] = {{0}};

	(void)state;
	rh_random_bytes(bytes[0], 32);
	rh_random_bytes(bytes[1], 32);
	assert_memory_not_equal(bytes[0], bytes[1], 32);
	for (size_t i = 32; i < 40; i++) {
		assert_int_equal(bytes[0][i], 0);
	}
}

static void secrets_are_compared_to_their_end(void **state)
{
	(void)state;
	assert_true(rh_equal_secret("abcd", "abcd", 4));
	assert_false(rh_equal_secret("abcd", "abce", 4));
	assert_false(rh_equal_secret("bbcd", "abcd", 4));
	assert_true(rh_equal_secret("abcd", "abce", 3));
	assert_true(rh_equal_secret(NULL, NULL, 0));
}

static void one_time_codes_are_the_published_ones(void **state)
{
	static const struct {
		const char *base32;
		int64_t seconds;
		const char *code;
	} codes[] = {
		/* RFC 4226 appendix D: counters 0, 1, 2 */
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0, "755224"},
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 29, "755224"},
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 30, "287082"},
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 60, "359152"},
		/* RFC 6238 appendix B, the last six of its eight digits */
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59, "287082"},
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1111111109, "081804"},
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 20000000000, "353130"},
		{"JBSWY3DPEHPK3PXP", 0, "282760"},
	};
	struct rh_arena arena;
	char code[7];

	(void)state;
	rh_arena_init(&arena, 4096, RH_ARENA_PLAIN);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct rh_str secret;

		assert_true(rh_base32_decode(&arena, rh_str_from(codes[i].base32), &secret));
		rh_totp(secret, codes[i].seconds * 1000000, code);
		assert_string_equal(code, codes[i].code);
	}
	/* the classic error: the Base32 text as the key */
	rh_totp(RH_STR("JBSWY3DPEHPK3PXP"), 0, code);
	assert_string_equal(code, "007510");
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_the_same_in_any_pieces),
		cmocka_unit_test(keyed_digest_is_blake2b_of_length_and_text),
		cmocka_unit_test(short_digest_is_siphash),
		cmocka_unit_test(different_lists_have_different_digests),
		cmocka_unit_test(a_number_stands_for_a_text),
		cmocka_unit_test(random_bytes_fill_their_place_and_no_more),
		cmocka_unit_test(secrets_are_compared_to_their_end),
		cmocka_unit_test(one_time_codes_are_the_published_ones),
	};

	return cmocka_run_group_tests_name("crypto/digest", tests, NULL, NULL);
}
