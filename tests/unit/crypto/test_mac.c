/* SPDX-License-Identifier: Apache-2.0 */
/* The fast digest of texts: as libsodium's Poly1305 has it, in any pieces; another text, number or key, another one. */
#include "crypto/mac.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/str.h"

static const uint8_t key[RH_KEY_LEN] = {1, 2, 3};

/* In pieces of `each` bytes. */
static void digest(struct rh_mac *mac, const char *text, size_t len, size_t each, uint64_t number,
		   uint8_t out[RH_MAC_LEN])
{
	for (size_t at = 0; at < len; at += each) {
		size_t part = len - at < each ? len - at : each;

		assert_int_equal(rh_mac_add(mac, text + at, part, NULL), RH_OK);
	}
	assert_int_equal(rh_mac_finish(mac, number, out, NULL), RH_OK);
}

/* Rule 1, with another implementation of Poly1305. */
static void expect(const char *text, uint64_t len, uint64_t number, uint8_t out[RH_MAC_LEN])
{
	const struct rh_str what = RH_STR("key of the Poly1305 of texts");
	uint8_t poly_key[32];
	uint8_t poly[16];
	const struct rh_str parts[] = {
		{(const char *)&number, sizeof(number)},
		{(const char *)&len, sizeof(len)},
		{(const char *)poly, sizeof(poly)},
	};

	rh_digest_keyed(key, &what, 1, poly_key, sizeof(poly_key));
	assert_int_equal(crypto_onetimeauth(poly, (const unsigned char *)text, (size_t)len,
					    poly_key),
			 0);
	rh_digest_keyed(key, parts, 3, out, RH_MAC_LEN);
}

static void any_pieces_give_what_libsodium_gives(void **state)
{
	static const size_t pieces[] = {1, 7, 16, 64, 1000, 5000};
	char text[3000];
	struct rh_mac *mac = NULL;
	uint8_t expected[RH_MAC_LEN];
	uint8_t seen[RH_MAC_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = (char)(i * 37 + i / 251);
	}
	assert_int_equal(rh_mac_new(&mac, key, NULL), RH_OK);
	for (size_t len = 0; len <= sizeof(text); len += len < 300 ? 1 : 271) {
		expect(text, len, len * 3, expected);
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			digest(mac, text, len, pieces[i], len * 3, seen);
			assert_memory_equal(seen, expected, sizeof(expected));
		}
	}
	rh_mac_free(mac);
}

static void any_change_gives_another(void **state)
{
	static const uint8_t other_key[RH_KEY_LEN] = {1, 2, 4};
	char text[600];
	struct rh_mac *mac = NULL;
	struct rh_mac *other = NULL;
	uint8_t first[RH_MAC_LEN];
	uint8_t second[RH_MAC_LEN];

	(void)state;
	memset(text, 0, sizeof(text));
	assert_int_equal(rh_mac_new(&mac, key, NULL), RH_OK);
	assert_int_equal(rh_mac_new(&other, other_key, NULL), RH_OK);
	digest(mac, text, sizeof(text), 600, 5, first);
	for (size_t bit = 0; bit < 8 * sizeof(text); bit++) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		digest(mac, text, sizeof(text), 600, 5, second);
		assert_memory_not_equal(first, second, sizeof(first));
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	digest(mac, text, sizeof(text), 600, 6, second);
	assert_memory_not_equal(first, second, sizeof(first));
	digest(mac, text, sizeof(text) - 1, 600, 5, second);
	assert_memory_not_equal(first, second, sizeof(first));
	digest(other, text, sizeof(text), 600, 5, second);
	assert_memory_not_equal(first, second, sizeof(first));
	digest(mac, text, sizeof(text), 600, 5, second);
	assert_memory_equal(first, second, sizeof(first));
	rh_mac_free(mac);
	rh_mac_free(other);
	rh_mac_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_pieces_give_what_libsodium_gives),
		cmocka_unit_test(any_change_gives_another),
	};

	return cmocka_run_group_tests_name("crypto/mac", tests, NULL, NULL);
}
