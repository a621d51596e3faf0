/* SPDX-License-Identifier: Apache-2.0 */
/* The environment, and .env files as people write them. */
#include "config/options.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

static int read_text(struct rh_env **out, const char *text, struct rh_err *err)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, ".env");
	int code;

	assert_int_equal(rh_file_write(path, rh_str_from(text), err), RH_OK);
	code = rh_env_read(out, path, err);
	free(path);
	test_folder_free(folder);
	return code;
}

static void values_as_people_write_them(void **)
{
	static const struct {
		const char *text;
		const char *value; /* of KEY; NULL: not there */
	} cases[] = {
		{"KEY=value", "value"},
		{"KEY=value\n", "value"},
		{"\xef\xbb\xbfKEY=value\r\nOTHER=x\r\n", "value"},
		{"  export KEY = value  \n", "value"},
		{"export\tKEY=value", "value"},
		{"export=x\nKEY=y", "y"},
		{"KEY=a b c", "a b c"},
		{"KEY=value # why\n", "value"},
		{"KEY=value#1\n", "value#1"},
		{"KEY= # nothing\n", ""},
		{"KEY=\nOTHER=x", ""},
		{"KEY='a \\n # \"b\"' # why", "a \\n # \"b\""},
		{"KEY=\"a\\n\\\"b\\\"\\\\ # c\"", "a\n\"b\"\\ # c"},
		{"KEY=\"a\\x\"", "a\\x"},
		{"KEY=\"one\ntwo\"\nOTHER=x", "one\ntwo"},
		{"KEY=don't", "don't"},
		{"KEY=a=b==", "a=b=="},
		{"KEY=first\nKEY=second", "second"},
		{"# KEY=value", NULL},
		{"OTHER=KEY\nKEYS=x\nAKEY=y", NULL},
		{"KEY\n=KEY\nsome words\nKEY : x", NULL},
		{"", NULL},
		{"\n\n", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_env *env = NULL;
		struct rh_err err = {0};

		assert_int_equal(read_text(&env, cases[i].text, &err), RH_OK);
		if (cases[i].value == NULL) {
			assert_null(rh_env_get(env, "KEY"));
		} else {
			assert_non_null(rh_env_get(env, "KEY"));
			assert_string_equal(rh_env_get(env, "KEY"), cases[i].value);
		}
		rh_env_free(env);
	}
}

static void what_stands_behind_a_value_is_read(void **)
{
	struct rh_env *env = NULL;
	struct rh_err err = {0};

	assert_int_equal(read_text(&env, "A=\"1\n2\" junk\nB='x'\n\nC=3\n", &err), RH_OK);
	assert_string_equal(rh_env_get(env, "A"), "1\n2");
	assert_string_equal(rh_env_get(env, "B"), "x");
	assert_string_equal(rh_env_get(env, "C"), "3");
	rh_env_free(env);
}

static void an_open_quote_is_named_by_its_line(void **)
{
	struct rh_env *env = NULL;
	struct rh_err err = {0};

	assert_int_equal(read_text(&env, "A=1\nB=\"x\ny\"\nSECRET='hunter2\n", &err), RH_EUSAGE);
	assert_int_equal(err.line, 4);
	assert_non_null(strstr(err.message, "line 4: quote not closed"));
	assert_null(strstr(err.message, "hunter2"));
	assert_null(env);
}

static void absent_and_binary_files(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, ".env");
	struct rh_env *env = NULL;
	struct rh_err err = {0};

	assert_int_equal(rh_env_read(&env, path, &err), RH_OK);
	assert_null(rh_env_get(env, "KEY"));
	rh_env_free(env);
	env = NULL;
	assert_int_equal(rh_file_write(path, RH_STR("KEY=\0x"), &err), RH_OK);
	assert_int_equal(rh_env_read(&env, path, &err), RH_EUSAGE);
	assert_null(env);
	rh_env_free(NULL);
	free(path);
	test_folder_free(folder);
}

static void empty_variables_are_not_there(void **)
{
	assert_int_equal(setenv("REHOME_TEST_VARIABLE", "x", 1), 0);
	assert_string_equal(rh_environment("REHOME_TEST_VARIABLE"), "x");
	assert_int_equal(setenv("REHOME_TEST_VARIABLE", "", 1), 0);
	assert_null(rh_environment("REHOME_TEST_VARIABLE"));
	assert_int_equal(unsetenv("REHOME_TEST_VARIABLE"), 0);
	assert_null(rh_environment("REHOME_TEST_VARIABLE"));
}

static void memory_running_out_is_told(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, ".env");
	struct rh_env *env = NULL;
	struct rh_err err = {0};
	uint64_t n = 1;
	int code;

	assert_int_equal(rh_file_write(path, RH_STR("KEY=value"), &err), RH_OK);
	do {
		rh_alloc_fail_from(n);
		code = rh_env_read(&env, path, &err);
		rh_alloc_fail_from(0);
		assert_true(code == RH_OK || code == RH_ENOMEM);
		n++;
	} while (code != RH_OK);
	assert_true(n > 3);
	assert_string_equal(rh_env_get(env, "KEY"), "value");
	rh_env_free(env);
	free(path);
	test_folder_free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_as_people_write_them),
		cmocka_unit_test(what_stands_behind_a_value_is_read),
		cmocka_unit_test(an_open_quote_is_named_by_its_line),
		cmocka_unit_test(absent_and_binary_files),
		cmocka_unit_test(empty_variables_are_not_there),
		cmocka_unit_test(memory_running_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
