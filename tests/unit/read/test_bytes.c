/* SPDX-License-Identifier: Apache-2.0 */
/* Streams over files, standard input and memory. */
#include "read/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

static void check_content(struct rh_bytes *bytes, const char *expected)
{
	struct rh_err err = {0};
	char piece[4];
	char text[64] = "";
	size_t len = 0;
	ptrdiff_t got;

	while ((got = bytes->read(bytes, piece, sizeof(piece), &err)) > 0) {
		assert_true(len + (size_t)got < sizeof(text));
		memcpy(text + len, piece, (size_t)got);
		len += (size_t)got;
	}
	assert_int_equal(got, RH_OK);
	assert_int_equal(bytes->read(bytes, piece, sizeof(piece), &err), 0);
	text[len] = '\0';
	assert_string_equal(text, expected);
	bytes->close(bytes);
}

static void memory_is_read(void **)
{
	struct rh_bytes *bytes = NULL;

	assert_int_equal(rh_bytes_memory(&bytes, RH_STR("some content"), NULL), RH_OK);
	check_content(bytes, "some content");
	assert_int_equal(rh_bytes_memory(&bytes, RH_STR_ABSENT, NULL), RH_OK);
	check_content(bytes, "");
}

static void files_are_read(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "a file");
	struct rh_bytes *bytes = NULL;

	assert_int_equal(rh_file_write(path, RH_STR("0123456789"), NULL), RH_OK);
	assert_int_equal(rh_bytes_open(&bytes, path, NULL, NULL), RH_OK);
	check_content(bytes, "0123456789");
	free(path);
	test_folder_free(folder);
}

static void what_is_no_file_is_refused(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "absent");
	struct rh_bytes *bytes = NULL;
	struct rh_err err = {0};

	assert_int_equal(rh_bytes_open(&bytes, path, NULL, &err), RH_EIO);
	assert_non_null(strstr(err.message, "absent"));
	assert_int_equal(rh_bytes_open(&bytes, folder, NULL, &err), RH_EIO);
	assert_non_null(strstr(err.message, "it is a folder"));
	assert_null(bytes);
	free(path);
	test_folder_free(folder);
}

static void standard_input_is_read_and_stays_open(void **)
{
	struct rh_bytes *bytes = NULL;
	int saved = dup(STDIN_FILENO);
	int pipe_fds[2];

	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(write(pipe_fds[1], "typed text", 10), 10);
	(void)close(pipe_fds[1]);
	assert_int_equal(dup2(pipe_fds[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(pipe_fds[0]);
	assert_int_equal(rh_bytes_open(&bytes, "-", NULL, NULL), RH_OK);
	check_content(bytes, "typed text");
	/* Closing the stream left the descriptor alone. */
	assert_int_equal(read(STDIN_FILENO, &(char){0}, 1), 0);
	assert_true(saved < 0 || dup2(saved, STDIN_FILENO) == STDIN_FILENO);
	(void)close(saved);
}

static void waiting_can_be_stopped(void **)
{
	struct rh_bytes *bytes = NULL;
	struct rh_err err = {0};
	volatile int stop = 0;
	int saved = dup(STDIN_FILENO);
	int pipe_fds[2];
	char byte;

	/* Nobody writes, and nobody closes the other end. */
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(dup2(pipe_fds[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(pipe_fds[0]);
	assert_int_equal(rh_bytes_open(&bytes, "-", &stop, &err), RH_OK);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	assert_int_equal(bytes->read(bytes, &byte, 1, &err), 1);
	stop = 1;
	assert_int_equal(bytes->read(bytes, &byte, 1, &err), RH_EINTERRUPTED);
	/* The end of what is written is an end, and no waiting. */
	stop = 0;
	(void)close(pipe_fds[1]);
	assert_int_equal(bytes->read(bytes, &byte, 1, &err), 0);
	bytes->close(bytes);
	assert_true(saved < 0 || dup2(saved, STDIN_FILENO) == STDIN_FILENO);
	(void)close(saved);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_read),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(standard_input_is_read_and_stays_open),
		cmocka_unit_test(waiting_can_be_stopped),
	};

	return cmocka_run_group_tests_name("read/bytes", tests, NULL, NULL);
}
