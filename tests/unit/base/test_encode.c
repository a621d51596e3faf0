/* SPDX-License-Identifier: Apache-2.0 */
/* Text encodings: the test vectors of RFC 4648, every alphabet, what is refused, round trips. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct rh_arena arena;

static int make_arena(void **)
{
	rh_arena_init(&arena, 1 << 20, RH_ARENA_PLAIN);
	return 0;
}

static int drop_arena(void **)
{
	rh_arena_done(&arena);
	return 0;
}

/* RFC 4648 §10. */
static void vectors_of_the_standard(void **)
{
	static const struct {
		const char *plain;
		const char *base64;
		const char *base32;
		const char *hex;
	} cases[] = {
		{"", "", "", ""},
		{"f", "Zg==", "MY", "66"},
		{"fo", "Zm8=", "MZXQ", "666f"},
		{"foo", "Zm9v", "MZXW6", "666f6f"},
		{"foob", "Zm9vYg==", "MZXW6YQ", "666f6f62"},
		{"fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261"},
		{"foobar", "Zm9vYmFy", "MZXW6YTBOI", "666f6f626172"},
	};
	rh_autobuf buf = {0};
	struct rh_str out;

	rh_buf_init(&buf, 1000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rh_str plain = rh_str_from(cases[i].plain);

		rh_buf_reset(&buf);
		rh_base64_encode(&buf, plain, RH_BASE64_STD);
		assert_true(rh_str_is(rh_buf_str(&buf), cases[i].base64));
		assert_true(rh_base64_decode(&arena, rh_buf_str(&buf), &out));
		assert_true(rh_str_eq(out, plain));
		rh_buf_reset(&buf);
		rh_base32_encode(&buf, plain);
		assert_true(rh_str_is(rh_buf_str(&buf), cases[i].base32));
		assert_true(rh_base32_decode(&arena, rh_buf_str(&buf), &out));
		assert_true(rh_str_eq(out, plain));
		rh_buf_reset(&buf);
		rh_hex_encode(&buf, plain);
		assert_true(rh_str_is(rh_buf_str(&buf), cases[i].hex));
		assert_true(rh_hex_decode(&arena, rh_buf_str(&buf), &out));
		assert_true(rh_str_eq(out, plain));
	}
}

static void alphabets_of_base64(void **)
{
	static const struct {
		enum rh_base64_form form;
		const char *text;
	} cases[] = {
		{RH_BASE64_STD, "+/+/+w=="},
		{RH_BASE64_STD_NOPAD, "+/+/+w"},
		{RH_BASE64_URL_NOPAD, "-_-_-w"},
		{RH_BASE64_AB64, "././.w"},
	};
	struct rh_str bytes = RH_STR("\xfb\xff\xbf\xfb");
	rh_autobuf buf = {0};
	struct rh_str out;

	rh_buf_init(&buf, 100);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		rh_buf_reset(&buf);
		rh_base64_encode(&buf, bytes, cases[i].form);
		assert_string_equal(buf.ptr, cases[i].text);
		assert_true(rh_base64_decode(&arena, rh_buf_str(&buf), &out));
		assert_true(rh_str_eq(out, bytes));
	}
}

static void broken_texts_are_refused(void **)
{
	static const char *const base64[] = {"A",    "AAAAA", "A===", "AA=",     "AAA==",
					     "====", "=",     "AA =", "AA\n=",   "A$AA",
					     "AA=A", "AAAA=", "Zg=",  "\xc3\xa4"};
	static const char *const base32[] = {"A",  "AAA", "AAAAAA", "0A",
					     "1A", "8A",  "A.",     "\xc3\xa4"};
	static const char *const hex[] = {"0", "000", "0g", " 0", "0x00"};
	static const char *const url[] = {"%", "%1", "a%", "%g1", "%1g", "%%41"};
	struct rh_str out = RH_STR("before");

	for (size_t i = 0; i < ARRAY_LEN(base64); i++) {
		assert_false(rh_base64_decode(&arena, rh_str_from(base64[i]), &out));
	}
	for (size_t i = 0; i < ARRAY_LEN(base32); i++) {
		assert_false(rh_base32_decode(&arena, rh_str_from(base32[i]), &out));
	}
	for (size_t i = 0; i < ARRAY_LEN(hex); i++) {
		assert_false(rh_hex_decode(&arena, rh_str_from(hex[i]), &out));
	}
	for (size_t i = 0; i < ARRAY_LEN(url); i++) {
		assert_false(rh_url_decode(&arena, rh_str_from(url[i]), &out));
	}
	assert_false(rh_base64_decode(&arena, RH_STR_ABSENT, &out));
	assert_false(rh_base64_decode(&arena, (struct rh_str){"AA\0A", 4}, &out));
	assert_false(rh_base32_decode(&arena, (struct rh_str){"AA\0", 3}, &out));
	assert_string_equal(out.ptr, "before");
}

static void base32_is_lenient_about_form(void **)
{
	struct rh_str out;

	assert_true(rh_base32_decode(&arena, RH_STR("mzxw 6ytb-OI======"), &out));
	assert_true(rh_str_is(out, "foobar"));
	assert_true(rh_hex_decode(&arena, RH_STR("0aFF"), &out));
	assert_memory_equal(out.ptr, "\x0a\xff", 3);
}

static void percent_encoding(void **)
{
	rh_autobuf buf = {0};
	struct rh_str out;

	rh_buf_init(&buf, 1000);
	rh_url_encode(&buf, RH_STR("aZ09-._~ +/?&=%@:\xc3\xa4"));
	assert_string_equal(buf.ptr, "aZ09-._~%20%2B%2F%3F%26%3D%25%40%3A%C3%A4");
	assert_true(rh_url_decode(&arena, rh_buf_str(&buf), &out));
	assert_true(rh_str_is(out, "aZ09-._~ +/?&=%@:\xc3\xa4"));
	assert_true(rh_url_decode(&arena, RH_STR("a+%c3%A4"), &out));
	assert_true(rh_str_is(out, "a+\xc3\xa4"));
}

static void any_bytes_come_back(void **)
{
	struct rh_clock_manual clock;
	char bytes[64];

	rh_clock_manual_init(&clock, 0, 7);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		struct rh_str plain = {bytes, len};
		struct rh_str out;
		rh_autobuf buf = {0};

		for (size_t i = 0; i < len; i++) {
			bytes[i] = (char)(unsigned char)clock.clock.random(&clock.clock);
		}
		rh_buf_init(&buf, 1000);
		rh_base64_encode(&buf, plain, RH_BASE64_URL_NOPAD);
		assert_true(rh_base64_decode(&arena, rh_buf_str(&buf), &out));
		assert_true(rh_str_eq(out, plain));
		rh_buf_reset(&buf);
		rh_base32_encode(&buf, plain);
		assert_true(rh_base32_decode(&arena, rh_buf_str(&buf), &out));
		assert_true(rh_str_eq(out, plain));
		rh_buf_reset(&buf);
		rh_url_encode(&buf, plain);
		assert_true(rh_url_decode(&arena, rh_buf_str(&buf), &out));
		assert_true(rh_str_eq(out, plain));
	}
}

static void memory_running_out_is_a_failure(void **)
{
	struct rh_arena small;
	struct rh_str out;

	rh_arena_init(&small, 3, RH_ARENA_PLAIN);
	assert_false(rh_base64_decode(&small, RH_STR("Zm9v"), &out));
	assert_false(rh_url_decode(&small, RH_STR("abc"), &out));
	rh_arena_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_the_standard),
		cmocka_unit_test(alphabets_of_base64),
		cmocka_unit_test(broken_texts_are_refused),
		cmocka_unit_test(base32_is_lenient_about_form),
		cmocka_unit_test(percent_encoding),
		cmocka_unit_test(any_bytes_come_back),
		cmocka_unit_test(memory_running_out_is_a_failure),
	};

	return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
