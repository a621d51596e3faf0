/* SPDX-License-Identifier: Apache-2.0 */
/* What an input is: what is read, and what is refused with a word of help. */
#include "read/sniff.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "chunks.h"
#include "read/reader.h"

/* Opens the text whole and byte by byte; what it is refused with, or RH_OK. */
static struct rh_err open_text(struct rh_str text)
{
	struct rh_err errs[2] = {{0}};

	for (size_t i = 0; i < 2; i++) {
		struct chunks chunks = {.first = i, .each = i};
		struct rh_reader *reader = NULL;
		int status = rh_reader_open(&reader, chunks_open(text, &chunks), &errs[i]);

		assert_int_equal(status, errs[i].code);
		assert_int_equal(reader != NULL, status == RH_OK);
		rh_reader_close(reader);
	}
	assert_string_equal(errs[0].message, errs[1].message);
	return errs[0];
}

static void nothing_is_empty(void **)
{
	assert_string_equal(open_text(RH_STR("")).message, "the input is empty");
	assert_string_equal(open_text(RH_STR(" \n\r\n\t")).message, "the input is empty");
	assert_string_equal(open_text(RH_STR("\xef\xbb\xbf\n")).message, "the input is empty");
	assert_int_equal(open_text(RH_STR("")).code, RH_EINPUT);
}

static void other_things_are_named(void **)
{
	static const struct {
		struct rh_str text;
		const char *what;
	} cases[] = {
		{RH_STR("\xff\xfe{\0}\0"), "UTF-16 text"},
		{RH_STR("\xfe\xff\0{\0}"), "UTF-16 text"},
		{RH_STR("[\0{\0"), "UTF-16 text"},
		{RH_STR("\0i\0d"), "UTF-16 text"},
		{RH_STR("PK\x03\x04....,"), "a zip archive or an XLSX sheet"},
		{RH_STR("%PDF-1.7,"), "a PDF"},
		{RH_STR("\x1f\x8b\x08,,"), "packed twice with gzip"},
		{RH_STR("<!DOCTYPE html>, "), "a web page"},
		{RH_STR("\n <html>;"), "a web page"},
		{RH_STR("<?xml version=\"1.0\"?>,"), "XML"},
		{RH_STR("-----BEGIN PGP MESSAGE-----,"), "encrypted or signed text"},
		{RH_STR("abc,d\0e\n"), "binary data"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_err err = open_text(cases[i].text);

		assert_int_equal(err.code, RH_EINPUT);
		assert_non_null(strstr(err.message, cases[i].what));
		assert_true(err.hint[0] != '\0');
	}
}

static void a_first_line_without_separator_is_no_csv(void **)
{
	struct rh_err err = open_text(RH_STR("email\nada@example.com\n"));

	assert_int_equal(err.code, RH_EINPUT);
	assert_string_equal(err.message, "the input is neither JSON nor CSV");
	assert_true(err.hint[0] != '\0');
	assert_int_equal(open_text(RH_STR("# a,b\n")).code, RH_EINPUT);
	assert_int_equal(open_text(RH_STR("\"a,b\"\n")).code, RH_EINPUT);
}

static void json_and_csv_are_told_apart(void **)
{
	assert_int_equal(open_text(RH_STR("\xef\xbb\xbf \n[")).code, RH_OK);
	assert_int_equal(open_text(RH_STR("{")).code, RH_OK);
	assert_int_equal(open_text(RH_STR("\n\na,b")).code, RH_OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_empty),
		cmocka_unit_test(other_things_are_named),
		cmocka_unit_test(a_first_line_without_separator_is_no_csv),
		cmocka_unit_test(json_and_csv_are_told_apart),
	};

	return cmocka_run_group_tests_name("read/sniff", tests, NULL, NULL);
}
