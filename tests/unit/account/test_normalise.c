/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers and TOTP secrets: what becomes of them, and what is refused and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "account/normalise.h"
#include "base/arena.h"
#include "base/str.h"

#define TEN "abcdefghij"
#define LOCAL64 TEN TEN TEN TEN TEN TEN "abcd"
#define LABEL63 TEN TEN TEN TEN TEN TEN "abc"

static struct rh_arena arena;

static int setup(void **state)
{
	(void)state;
	rh_arena_init(&arena, (size_t)4 << 20, RH_ARENA_PLAIN);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rh_arena_done(&arena);
	return 0;
}

typedef bool normalise_fn(struct rh_arena *arena, struct rh_str text, struct rh_str *out,
			  const char **why);

/* What goes in; what must come out, or, behind a '!', a word of the reason why not. */
struct example {
	const char *text;
	const char *result;
};

static void check(normalise_fn *normalise, const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct example *example = &examples[i];
		struct rh_str out = RH_STR("untouched");
		const char *why = NULL;
		bool is_taken = normalise(&arena, rh_str_from(example->text), &out, &why);

		if (example->result[0] == '!') {
			if (is_taken || why == NULL || strstr(why, example->result + 1) == NULL) {
				fail_msg("%s: %s", example->text, is_taken ? out.ptr : why);
			}
			assert_true(rh_str_is(out, "untouched"));
		} else if (!is_taken || !rh_str_is(out, example->result)) {
			fail_msg("%s: %s", example->text, is_taken ? out.ptr : why);
		}
	}
}

#define CHECK(normalise, examples) \
	check(normalise, examples, sizeof(examples) / sizeof((examples)[0]))

static void emails_have_one_form(void **state)
{
	static const struct example examples[] = {
		{"ada@example.com", "ada@example.com"},
		{"  Ada.Example+Tag@EXAMPLE.Com\t", "ada.example+tag@example.com"},
		{"a@b.c", "a@b.c"},
		{"a@0--9.x-y.z0.1", "a@0--9.x-y.z0.1"},
		{"ada@example." LABEL63, "ada@example." LABEL63},
		{"o'hara_1..@sub.example.co", "o'hara_1..@sub.example.co"},
		{"\xc3\x84"
		 "da@example.com",
		 "\xc3\xa4"
		 "da@example.com"},
		/* A and a combining diaeresis are the same letter */
		{"A\xcc\x88"
		 "da@example.com",
		 "\xc3\xa4"
		 "da@example.com"},
		{"ada@B\xc3\xbc"
		 "cher.example",
		 "ada@xn--bcher-kva.example"},
		{"ada@fa\xc3\x9f.example", "ada@xn--fa-hia.example"},
		/* an ideographic full stop */
		{"ada@example\xe3\x80\x82"
		 "com",
		 "ada@example.com"},
		{LOCAL64 "@example.com", LOCAL64 "@example.com"},
		{"ada@" LABEL63 ".com", "ada@" LABEL63 ".com"},
	};

	(void)state;
	CHECK(rh_normalise_email, examples);
}

static void what_is_no_email_is_refused(void **state)
{
	static const struct example examples[] = {
		{NULL, "!no at sign"},
		{"", "!no at sign"},
		{"ada", "!no at sign"},
		{"@example.com", "!nothing before"},
		{"ada@b@example.com", "!more than one"},
		{"ada@example.com,ben@example.com", "!more than one"},
		{"a da@example.com", "!blank"},
		{"ada@exam ple.com", "!blank"},
		{"ada\x01@example.com", "!blank"},
		{"ada\xc2\xa0@example.com", "!blank"},
		{"ada\xe2\x80\x8b@example.com", "!invisible"},
		{"ada@example", "!no dot"},
		{"ada@", "!host name"},
		{"ada@example.com.", "!host name"},
		{"ada@.example.com", "!host name"},
		{"ada@-example.com", "!host name"},
		{"ada@example-.com", "!host name"},
		{"ada@example.-com", "!host name"},
		{"ada@example.com-", "!host name"},
		{"ada@example..com", "!host name"},
		{"ada@.", "!host name"},
		{"ada@-", "!host name"},
		{"ada@example." LABEL63 "d", "!host name"},
		{"ada@example." LABEL63 "-", "!host name"},
		{"ada@exa_mple.com", "!host name"},
		{"ada@[127.0.0.1]", "!host name"},
		{"<ada@example.com>", "!host name"},
		{"ada@" LABEL63 "d.com", "!host name"},
		{"ada@\xe2\x99\xa5\xe2\x99\xa5..example", "!IDNA"},
		{"ada\xff@example.com", "!UTF-8"},
		{LOCAL64 "e@example.com", "!too long"},
		{LOCAL64 "@" LABEL63 "." LABEL63 "." LABEL63, "!too long"},
		{"ada@" LABEL63 "." LABEL63 "." LABEL63 "." LABEL63, "!too long"},
	};

	(void)state;
	CHECK(rh_normalise_email, examples);
}

static void an_email_of_254_bytes_is_the_longest(void **state)
{
	static const struct example examples[] = {
		{LOCAL64 "@" LABEL63 "." LABEL63 "." TEN TEN TEN TEN TEN TEN "a",
		 LOCAL64 "@" LABEL63 "." LABEL63 "." TEN TEN TEN TEN TEN TEN "a"},
		{LOCAL64 "@" LABEL63 "." LABEL63 "." TEN TEN TEN TEN TEN TEN "ab", "!too long"},
	};

	(void)state;
	assert_int_equal(strlen(examples[0].text), 254);
	CHECK(rh_normalise_email, examples);
}

/* The fast way for ASCII refuses what the long one refuses: each byte in each part, each part at its limit. */
static void every_ascii_byte_and_every_length_of_an_email(void **state)
{
	char text[400];
	struct rh_str out;
	const char *why;

	(void)state;
	for (int byte = 1; byte < 0x80; byte++) {
		bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
		bool is_host = is_letter || (byte >= '0' && byte <= '9') || byte == '-';
		int lower = byte >= 'A' && byte <= 'Z' ? byte + 0x20 : byte;
		char expected[40];

		(void)snprintf(text, sizeof(text), "a%cb@example.com", byte);
		(void)snprintf(expected, sizeof(expected), "a%cb@example.com", lower);
		why = NULL;
		assert_int_equal(rh_normalise_email(&arena, rh_str_from(text), &out, &why),
				 byte > ' ' && byte < 0x7f && byte != '@');
		assert_true(why != NULL || rh_str_is(out, expected));
		(void)snprintf(text, sizeof(text), "ab@ex%cample.com", byte);
		(void)snprintf(expected, sizeof(expected), "ab@ex%cample.com", lower);
		why = NULL;
		assert_int_equal(rh_normalise_email(&arena, rh_str_from(text), &out, &why),
				 is_host || byte == '.');
		assert_true(why != NULL || rh_str_is(out, expected));
	}
	for (int local = 0; local < 70; local++) {
		for (int label = 0; label < 70; label++) {
			(void)snprintf(text, sizeof(text), "%.*s@%.*s.%.*s.%.*s.com", local,
				       LOCAL64 "xyzxyzxyz", label, LABEL63 "xyzxyzxyz", 62, LABEL63,
				       60, LABEL63);
			assert_int_equal(rh_normalise_email(&arena, rh_str_from(text), &out, &why),
					 local >= 1 && local <= 64 && label >= 1 && label <= 63 &&
						 strlen(text) <= 254);
		}
		rh_arena_reset(&arena);
	}
}

static void phones_are_e164(void **state)
{
	static const struct example examples[] = {
		{"+15555550100", "+15555550100"},
		{" +1 (555) 555-01.00 ", "+15555550100"},
		{"+[44] 7700 900000", "+447700900000"},
		{"+1234567", "+1234567"},
		{"+123456789012345", "+123456789012345"},
		{"+1234567890123456", "!more than 15"},
		{"+123456", "!fewer than 7"},
		{"+", "!fewer than 7"},
		{"+0123456789", "!begins with 0"},
		{"+44 (0)20 7946 0000", "!zero in brackets"},
		{"15555550100", "!plus sign"},
		{"0015555550100", "!plus sign"},
		{NULL, "!plus sign"},
		{"+1555555010O", "!no digit"},
		{"+1555+5550100", "!no digit"},
		{"+15555550100 ext 7", "!no digit"},
	};

	(void)state;
	CHECK(rh_normalise_phone, examples);
}

static void keys_join_what_is_the_same(void **state)
{
	static const char *const same[][2] = {
		{"Ada", "ada"},
		{"stra\xc3\x9f"
		 "e",
		 "STRASSE"},
		/* full-width letters, a ligature, the angstrom sign */
		{"\xef\xbc\xa1"
		 "da",
		 "ada"},
		{"\xef\xac\x81n", "FIN"},
		{"\xe2\x84\xab", "A\xcc\x8a"},
		{"\xce\xa3\xce\xb1\xcf\x82", "\xcf\x83\xce\xb1\xcf\x83"},
	};
	struct rh_str a;
	struct rh_str b;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_true(rh_normalise_key(&arena, rh_str_from(same[i][0]), &a));
		assert_true(rh_normalise_key(&arena, rh_str_from(same[i][1]), &b));
		if (!rh_str_eq(a, b)) {
			fail_msg("%s and %s", a.ptr, b.ptr);
		}
	}
	assert_true(rh_normalise_key(&arena,
				     RH_STR("\xc3\xa4"
					    "da"),
				     &b));
	assert_true(rh_normalise_key(&arena, RH_STR("ada"), &a));
	assert_false(rh_str_eq(a, b));
	assert_false(rh_normalise_key(&arena, RH_STR("ada\xff"), &a));
	assert_true(rh_str_is(a, "ada"));
}

/* Every byte at every place of a text of every length, as eight are looked at together: capitals become small ones,
 * what is no ASCII is folded by the library (here refused, as it is no UTF-8), all else is its own key. */
static void every_byte_of_a_key(void **state)
{
	char text[20];

	(void)state;
	for (size_t len = 1; len <= sizeof(text); len++) {
		for (size_t i = 0; i < len * 256; i++) {
			unsigned char byte = (unsigned char)(i % 256);
			struct rh_str key = RH_STR_ABSENT;
			bool is_capital = byte >= 'A' && byte <= 'Z';

			memset(text, i % 3 == 0 ? 'z' : i % 3 == 1 ? '@' : '[', len);
			text[i / 256] = (char)byte;
			if (rh_normalise_key(&arena, (struct rh_str){text, len}, &key) !=
			    (byte < 0x80)) {
				fail_msg("byte %d at %zu of %zu", byte, i / 256, len);
			}
			if (byte < 0x80) {
				assert_int_equal(key.ptr != text, is_capital);
				assert_int_equal(key.len, len);
				assert_int_equal((unsigned char)key.ptr[i / 256],
						 is_capital ? byte | 0x20 : byte);
			}
		}
		rh_arena_reset(&arena);
	}
}

static void totp_secrets_are_bare_base32(void **state)
{
	static const struct example examples[] = {
		{"JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP"},
		{" jbsw y3dp-ehpk 3pxp ", "JBSWY3DPEHPK3PXP"},
		{"GEZDGNBVGY3TQOI=", "GEZDGNBVGY3TQOI"},
		{"otpauth://totp/Example:ada@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Example",
		 "JBSWY3DPEHPK3PXP"},
		{"otpauth://totp/x?issuer=E&SECRET=jbswy3dpehpk3pxp%3D%3D&algorithm=sha1&digits=6&"
		 "period=30",
		 "JBSWY3DPEHPK3PXP"},
		{"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256", "!SHA-1"},
		{"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=8", "!six digits"},
		{"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=60", "!30 seconds"},
		{"otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1", "!follow the time"},
		{"otpauth://totp/x?secret=%4", "!decoded"},
		{"otpauth://totp/x?issuer=E", "!Base32"},
		{"otpauth://totp/x", "!Base32"},
		{"JBSWY3DPEHPK3PX1", "!Base32"},
		{"", "!Base32"},
		{"--", "!Base32"},
		{NULL, "!Base32"},
	};

	(void)state;
	CHECK(rh_normalise_totp, examples);
}

static void no_memory_is_no_result(void **state)
{
	static const struct {
		normalise_fn *normalise;
		const char *text;
	} calls[] = {
		{rh_normalise_email, "ada@example.com"},
		{rh_normalise_email, "\xc3\xa4"
				     "da@b\xc3\xbc"
				     "cher.example"},
		{rh_normalise_phone, "+15555550100"},
		{rh_normalise_totp, "JBSWY3DPEHPK3PXP"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		bool is_taken = false;

		for (size_t max = 0; !is_taken; max++) {
			struct rh_str out = RH_STR("untouched");
			const char *why = NULL;
			struct rh_arena small;

			assert_true(max < 1000);
			rh_arena_init(&small, max, RH_ARENA_PLAIN);
			is_taken =
				calls[i].normalise(&small, rh_str_from(calls[i].text), &out, &why);
			assert_int_equal(is_taken, !rh_str_is(out, "untouched"));
			assert_int_equal(is_taken, why == NULL);
			rh_arena_done(&small);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emails_have_one_form),
		cmocka_unit_test(what_is_no_email_is_refused),
		cmocka_unit_test(an_email_of_254_bytes_is_the_longest),
		cmocka_unit_test(every_ascii_byte_and_every_length_of_an_email),
		cmocka_unit_test(phones_are_e164),
		cmocka_unit_test(keys_join_what_is_the_same),
		cmocka_unit_test(every_byte_of_a_key),
		cmocka_unit_test(totp_secrets_are_bare_base32),
		cmocka_unit_test(no_memory_is_no_result),
	};

	return cmocka_run_group_tests_name("account/normalise", tests, setup, teardown);
}
