/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: texts of codes, filling, context, cutting. */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static void every_code_has_its_text(void **)
{
	assert_string_equal(rh_error_text(RH_OK), "ok");
#define CHECK_TEXT(name, value, text) assert_string_equal(rh_error_text(RH_##name), text);
	RH_ERROR_MAP(CHECK_TEXT)
#undef CHECK_TEXT
	assert_non_null(rh_error_text(12345));
}

static void set_clears_what_was_there(void **)
{
	struct rh_err err = {.line = 3, .column = 4, .record = 5, .system = 6, .hint = "Old."};

	assert_int_equal(rh_err_set(&err, RH_EINPUT, "row %d is short", 7), RH_EINPUT);
	assert_int_equal(err.code, RH_EINPUT);
	assert_string_equal(err.message, "row 7 is short");
	assert_string_equal(err.hint, "");
	assert_int_equal(err.line + err.column + err.record, 0);
	assert_int_equal(err.system, 0);
}

static void errno_is_kept_and_told(void **)
{
	struct rh_err err = {0};

	assert_int_equal(rh_err_errno(&err, RH_EIO, ENOENT, "could not open \"%s\"", "a"), RH_EIO);
	assert_int_equal(err.system, ENOENT);
	assert_string_equal(err.message, "could not open \"a\": No such file or directory");
}

static void errno_brings_a_hint_where_one_helps_always(void **)
{
	struct rh_err err = {0};

	rh_err_errno(&err, RH_EIO, ENOSPC, "could not write");
	assert_string_equal(err.hint, "Free some space, then run the same command again.");
	rh_err_errno(&err, RH_EIO, EROFS, "could not write");
	assert_true(rh_str_starts(rh_str_from(err.hint), "The disk is mounted for reading only"));
	rh_err_errno(&err, RH_EIO, ENOENT, "could not open");
	assert_string_equal(err.hint, "");
}

static void context_goes_in_front(void **)
{
	struct rh_err err = {0};

	rh_err_set(&err, RH_EINPUT, "quote not closed");
	err.line = 812;
	rh_err_hint(&err, "Close it on line %d.", 812);
	assert_int_equal(rh_err_context(&err, RH_EIO, "reading \"%s\"", "a.csv"), RH_EINPUT);
	assert_string_equal(err.message, "reading \"a.csv\": quote not closed");
	assert_string_equal(err.hint, "Close it on line 812.");
	assert_int_equal(err.line, 812);

	err = (struct rh_err){0};
	assert_int_equal(rh_err_context(&err, RH_ENOMEM, "reading"), RH_ENOMEM);
	assert_string_equal(err.message, "reading: out of memory");
}

static void own_message_may_be_an_argument(void **)
{
	struct rh_err err = {0};

	rh_err_set(&err, RH_EIO, "inner");
	rh_err_set(&err, RH_ENET, "outer (%s)", err.message);
	assert_string_equal(err.message, "outer (inner)");
}

static void long_texts_are_cut_between_code_points(void **)
{
	struct rh_err err = {0};
	char text[1000];

	/* Two-byte letters with one byte in front: the limit falls inside a letter. */
	for (size_t i = 1; i + 2 < sizeof(text); i += 2) {
		memcpy(text + i, "\xc3\xa4", 2);
	}
	text[0] = 'x';
	text[sizeof(text) - 1] = '\0';
	text[sizeof(text) - 2] = '\0';
	rh_err_set(&err, RH_EINPUT, "%s", text);
	assert_in_range(strlen(err.message), sizeof(err.message) - 4, sizeof(err.message) - 1);
	assert_true(rh_str_is_utf8(rh_str_from(err.message)));
	rh_err_context(&err, RH_EINPUT, "in front");
	assert_true(rh_str_is_utf8(rh_str_from(err.message)));
	assert_true(rh_str_starts(rh_str_from(err.message), "in front: x\xc3\xa4"));
	rh_err_hint(&err, "%s", text);
	assert_in_range(strlen(err.hint), sizeof(err.hint) - 4, sizeof(err.hint) - 1);
	assert_true(rh_str_is_utf8(rh_str_from(err.hint)));
}

static void null_is_accepted(void **)
{
	assert_int_equal(rh_err_set(NULL, RH_EIO, "x"), RH_EIO);
	assert_int_equal(rh_err_errno(NULL, RH_EIO, EPERM, "x"), RH_EIO);
	assert_int_equal(rh_err_context(NULL, RH_ENET, "x"), RH_ENET);
	rh_err_hint(NULL, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_its_text),
		cmocka_unit_test(set_clears_what_was_there),
		cmocka_unit_test(errno_is_kept_and_told),
		cmocka_unit_test(errno_brings_a_hint_where_one_helps_always),
		cmocka_unit_test(context_goes_in_front),
		cmocka_unit_test(own_message_may_be_an_argument),
		cmocka_unit_test(long_texts_are_cut_between_code_points),
		cmocka_unit_test(null_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
