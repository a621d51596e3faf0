/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a file, with the torn one that a crash leaves. */
#include "cli/lines.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"
#include "folder.h"

static void write_file(const char *path, struct rh_str content)
{
	struct rh_err err = {0};

	assert_int_equal(rh_file_write(path, content, &err), RH_OK);
}

static void each_line_once_but_the_torn_one(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "log");
	struct rh_lines lines;
	struct rh_err err = {0};
	char *line = NULL;
	size_t len = 0;

	write_file(path, RH_STR("one\n\nthree\ntorn"));
	assert_int_equal(rh_lines_open(&lines, path, &err), RH_OK);
	assert_int_equal(rh_lines_next(&lines, &line, &len, &err), 1);
	assert_string_equal(line, "one");
	assert_int_equal(rh_lines_next(&lines, &line, &len, &err), 1);
	assert_int_equal(len, 0);
	assert_int_equal(rh_lines_next(&lines, &line, &len, &err), 1);
	assert_string_equal(line, "three");
	assert_false(rh_lines_rest(&lines, &line, &len)); /* not before the end is known */
	assert_int_equal(rh_lines_next(&lines, &line, &len, &err), 0);
	assert_int_equal(rh_lines_next(&lines, &line, &len, &err), 0);
	assert_true(rh_lines_rest(&lines, &line, &len));
	assert_int_equal(len, 4);
	assert_memory_equal(line, "torn", 4);
	assert_false(rh_lines_rest(&lines, &line, &len));
	rh_lines_close(&lines);
	assert_int_equal(rh_lines_open(&lines, "/no/such/file", &err), RH_EIO);
	rh_lines_close(&lines);
	free(path);
	test_folder_free(folder);
}

static void lines_longer_than_a_read(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "log");
	struct rh_lines lines;
	struct rh_err err = {0};
	rh_autobuf content = {0};
	char *line = NULL;
	size_t len = 0;

	rh_buf_init(&content, 16U * 1024 * 1024);
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < i * 50000; j++) {
			rh_buf_add_char(&content, (char)('a' + i));
		}
		rh_buf_add_char(&content, '\n');
	}
	write_file(path, rh_buf_str(&content));
	assert_int_equal(rh_lines_open(&lines, path, &err), RH_OK);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(rh_lines_next(&lines, &line, &len, &err), 1);
		assert_int_equal(len, i * 50000);
		assert_true(len == 0 || (line[0] == (char)('a' + i) && line[len - 1] == line[0]));
	}
	assert_int_equal(rh_lines_next(&lines, &line, &len, &err), 0);
	rh_lines_close(&lines);

	/* One that has no end is a limit, not a memory without end. */
	rh_buf_reset(&content);
	for (size_t i = 0; i < 5U * 1024 * 1024; i++) {
		rh_buf_add_char(&content, 'x');
	}
	write_file(path, rh_buf_str(&content));
	assert_int_equal(rh_lines_open(&lines, path, &err), RH_OK);
	assert_int_equal(rh_lines_next(&lines, &line, &len, &err), RH_ELIMIT);
	rh_lines_close(&lines);
	free(path);
	test_folder_free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_once_but_the_torn_one),
		cmocka_unit_test(lines_longer_than_a_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
