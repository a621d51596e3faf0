/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, words for a shell, text that a terminal would obey, lines that fit. */
#include "cli/print.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"

static struct rh_buf out;

static int start(void **)
{
	rh_buf_init(&out, 4096);
	return 0;
}

static int stop(void **)
{
	rh_buf_done(&out);
	return 0;
}

static const char *text(void)
{
	return out.len > 0 ? out.ptr : "";
}

static void counts_have_commas(void **)
{
	static const struct {
		uint64_t count;
		const char *text;
	} cases[] = {
		{0, "0"},
		{999, "999"},
		{1000, "1,000"},
		{123456, "123,456"},
		{1234567, "1,234,567"},
		{UINT64_MAX, "18,446,744,073,709,551,615"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rh_buf_reset(&out);
		rh_print_add_count(&out, cases[i].count);
		assert_string_equal(text(), cases[i].text);
	}
}

static void words_come_back_out_of_a_shell(void **)
{
	static const struct {
		const char *word;
		const char *quoted;
	} cases[] = {
		{".rehome/a-b_c", ".rehome/a-b_c"},
		{"http://127.0.0.1:8702", "http://127.0.0.1:8702"},
		{"", "''"},
		{"two words", "'two words'"},
		{"it's", "'it'\\''s'"},
		{"$HOME;`x`", "'$HOME;`x`'"},
		{"~", "'~'"},
		{"a\nb", "'a\nb'"},
		{"\xc3\xa4", "'\xc3\xa4'"},
		{"red \x1b[31m 'q' \\", "$'red \\033[31m \\'q\\' \\\\'"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rh_buf_reset(&out);
		rh_print_add_shell(&out, cases[i].word);
		assert_string_equal(text(), cases[i].quoted);
	}
}

static void nothing_that_a_terminal_obeys_passes(void **)
{
	static const struct {
		const char *text;
		const char *plain;
	} cases[] = {
		{"user_1", "user_1"},
		{"\033[2J", "?[2J"},
		{"a\nb\tc\x7f", "a?b?c?"},
		{"\xc2\x9b"
		 "2J",
		 "?2J"}, /* U+009B, the eight-bit CSI */
		{"\xc2\xa0\xc3\xa4", "\xc2\xa0\xc3\xa4"},
		{"\xff\xc3", "??"},
		{"\xe2\x82\xac", "\xe2\x82\xac"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rh_buf_reset(&out);
		rh_print_add_plain(&out, rh_str_from(cases[i].text));
		assert_string_equal(text(), cases[i].plain);
	}
}

static void lines_fit_and_hang(void **)
{
	rh_print_add_wrapped(&out, "one two three four  five six seven eight", 4, 24);
	assert_string_equal(text(), "one two three four\n    five six seven eight\n");
	rh_buf_reset(&out);
	rh_print_add_wrapped(&out, "", 4, 24);
	assert_string_equal(text(), "\n");
	rh_buf_reset(&out);
	rh_print_add_wrapped(&out, "user_withAnIdThatIsLongerThanALine next", 0, 10);
	assert_string_equal(text(), "user_withAnIdThatIsLongerThanALine\nnext\n");
	rh_buf_reset(&out);
	/* Columns are letters, not bytes. */
	rh_print_add_wrapped(&out,
			     "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 "
			     "bbbbbbbbb",
			     0, 20);
	assert_non_null(strchr(text(), ' '));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_have_commas, start, stop),
		cmocka_unit_test_setup_teardown(words_come_back_out_of_a_shell, start, stop),
		cmocka_unit_test_setup_teardown(nothing_that_a_terminal_obeys_passes, start, stop),
		cmocka_unit_test_setup_teardown(lines_fit_and_hang, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
