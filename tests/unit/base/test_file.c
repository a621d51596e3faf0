/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders, in a folder of the test's own. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"

static char folder[] = "/tmp/rehome-file-XXXXXX";

/* Every test works in a fresh folder, by relative paths. */
static int enter_folder(void **)
{
	memcpy(strrchr(folder, '-'), "-XXXXXX", 7);
	return mkdtemp(folder) == NULL || chdir(folder) != 0 ? -1 : 0;
}

static int leave_folder(void **)
{
	char *const command[] = {(char[]){"rm"}, (char[]){"-rf"}, folder, NULL};
	int status = -1;
	pid_t child;

	if (chdir("/") != 0) {
		return -1;
	}
	child = fork();
	if (child == 0) {
		execvp(command[0], command);
		_exit(1);
	}
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

static mode_t mode_of(const char *path)
{
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	return info.st_mode & 07777;
}

static void folders_are_private_with_parents(void **)
{
	struct rh_err err = {0};

	assert_int_equal(rh_dir_make("a/b//c/", &err), RH_OK);
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b/c"), 0700);
	assert_int_equal(rh_dir_make("a/b/c", &err), RH_OK);
	assert_int_equal(rh_dir_make(folder, &err), RH_OK);
	assert_int_equal(rh_dir_make("/", &err), RH_OK);
	assert_int_equal(rh_file_write("a/file", RH_STR("x"), &err), RH_OK);
	assert_int_equal(rh_dir_make("a/file", &err), RH_EIO);
	assert_int_equal(err.system, ENOTDIR);
	assert_int_equal(rh_dir_make("a/file/deeper", &err), RH_EIO);
	assert_int_equal(rh_dir_make("", &err), RH_EIO);
}

static void written_files_are_read_back(void **)
{
	struct rh_err err = {0};
	rh_autobuf content = {0};
	rh_autobuf buf = {0};

	rh_buf_init(&content, 1 << 20);
	for (int i = 0; i < 30000; i++) {
		rh_buf_printf(&content, "%d\n", i);
	}
	assert_int_equal(rh_file_write("file", rh_buf_str(&content), &err), RH_OK);
	assert_int_equal(mode_of("file"), 0600);
	assert_false(rh_file_exists("file.tmp"));
	assert_true(rh_file_exists("file"));

	rh_buf_init(&buf, content.len + 5);
	rh_buf_add_cstr(&buf, "head ");
	assert_int_equal(rh_file_read("file", &buf, &err), RH_OK);
	assert_int_equal(buf.len, content.len + 5);
	assert_memory_equal(buf.ptr + 5, content.ptr, content.len + 1);
}

static void too_large_a_file_is_refused(void **)
{
	struct rh_err err = {0};
	rh_autobuf buf = {0};

	assert_int_equal(rh_file_write("file", RH_STR("12345"), &err), RH_OK);
	rh_buf_init(&buf, 8);
	rh_buf_add_cstr(&buf, "head");
	assert_int_equal(rh_file_read("file", &buf, &err), RH_ELIMIT);
	assert_string_equal(err.message, "\"file\" is larger than the limit of 8 bytes");
	assert_string_equal(buf.ptr, "head");
	rh_buf_consume(&buf, 1);
	assert_int_equal(rh_file_read("file", &buf, &err), RH_OK);
	assert_string_equal(buf.ptr, "ead12345");
}

static void empty_and_missing_files(void **)
{
	struct rh_err err = {0};
	rh_autobuf buf = {0};

	rh_buf_init(&buf, 100);
	assert_int_equal(rh_file_write("empty", RH_STR(""), &err), RH_OK);
	assert_int_equal(rh_file_read("empty", &buf, &err), RH_OK);
	assert_string_equal(buf.ptr, "");
	assert_int_equal(rh_file_read("missing", &buf, &err), RH_EIO);
	assert_int_equal(err.system, ENOENT);
	assert_string_equal(err.message, "could not open \"missing\": No such file or directory");
	assert_int_equal(rh_file_read(".", &buf, &err), RH_EIO);
	assert_int_equal(err.system, EISDIR);
}

static void writing_replaces_whole_or_not_at_all(void **)
{
	struct rh_err err = {0};
	rh_autobuf buf = {0};
	int fd;

	assert_int_equal(rh_file_write("file", RH_STR("old"), &err), RH_OK);
	/* What a crash left behind, open to everybody. */
	fd = open("file.tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "left over and longer", 20), 20);
	rh_close_fd(&fd);
	assert_int_equal(fd, -1);
	rh_close_fd(&fd);
	assert_int_equal(rh_file_write("file", RH_STR("new"), &err), RH_OK);
	assert_int_equal(mode_of("file"), 0600);
	rh_buf_init(&buf, 100);
	assert_int_equal(rh_file_read("file", &buf, &err), RH_OK);
	assert_string_equal(buf.ptr, "new");

	assert_int_equal(rh_file_write("no/such/folder", RH_STR("x"), &err), RH_EIO);
	assert_int_equal(rh_dir_make("folder/inside", &err), RH_OK);
	assert_int_equal(rh_file_write("folder", RH_STR("x"), &err), RH_EIO);
	assert_false(rh_file_exists("folder.tmp"));
	assert_true(rh_file_exists("folder/inside"));
}

static void absolute_paths_and_paths_in_folders(void **)
{
	struct rh_err err = {0};
	rh_autofree char *inner = rh_path_join("sub", "file");
	rh_autofree char *whole = rh_path_join(folder, inner);
	rh_autofree char *slashed = rh_path_join("sub/", "file");
	rh_autofree char *bare = rh_path_join("", "file");

	assert_string_equal(inner, "sub/file");
	assert_string_equal(slashed, "sub/file");
	assert_string_equal(bare, "file");
	assert_int_equal(rh_dir_make("sub", &err), RH_OK);
	assert_int_equal(rh_file_write(whole, RH_STR("x"), &err), RH_OK);
	assert_true(rh_file_exists(inner));
	assert_true(rh_file_is_same(inner, whole));
	assert_int_equal(rh_file_write("copy", RH_STR("x"), &err), RH_OK);
	assert_false(rh_file_is_same(inner, "copy"));
	assert_false(rh_file_is_same(inner, "nowhere"));
	assert_false(rh_file_is_same("sub", "sub")); /* no plain file */
}

/* A pipe holds less than what is written, so write(2) must be called more than once. */
static void fd_write_goes_on_until_all_is_out(void **)
{
	static char bytes[1 << 20];
	struct rh_err err = {0};
	int ends[2];
	int status = -1;
	pid_t child;

	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		size_t total = 0;
		ssize_t got;

		(void)close(ends[1]);
		while ((got = read(ends[0], bytes, sizeof(bytes))) > 0) {
			total += (size_t)got;
		}
		_exit(total == sizeof(bytes) ? 0 : 1);
	}
	rh_close_fd(&ends[0]);
	assert_int_equal(rh_fd_write(ends[1], bytes, sizeof(bytes), &err), RH_OK);
	rh_close_fd(&ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void fd_write_tells_why_it_failed(void **)
{
	struct rh_err err = {0};
	int ends[2];

	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	rh_close_fd(&ends[0]);
	assert_int_equal(rh_fd_write(ends[1], "x", 1, &err), RH_EIO);
	assert_int_equal(err.system, EPIPE);
	assert_int_equal(rh_fd_write(ends[1], "", 0, &err), RH_OK);
	rh_close_fd(&ends[1]);
}

static void a_name_that_is_taken_is_not_given(void **)
{
	struct rh_err err = {0};
	rh_autobuf buf = {0};

	rh_buf_init(&buf, 100);
	assert_int_equal(rh_file_write("from", RH_STR("new"), &err), RH_OK);
	assert_int_equal(rh_file_write("to", RH_STR("old"), &err), RH_OK);
	assert_int_equal(rh_file_rename_new("from", "to", &err), RH_ESTATE);
	assert_true(rh_file_exists("from"));
	assert_int_equal(rh_file_rename_new("from", "free", &err), RH_OK);
	assert_false(rh_file_exists("from"));
	assert_int_equal(rh_file_read("free", &buf, &err), RH_OK);
	assert_string_equal(buf.ptr, "new");
	assert_int_equal(rh_file_rename_new("none", "other", &err), RH_EIO);
	assert_int_equal(rh_file_rename_new("free", "no/folder", &err), RH_EIO);
}

static void who_may_read_it(void **)
{
	assert_false(rh_file_is_public("absent"));
	assert_int_equal(rh_file_write("people.json", RH_STR("[]"), NULL), RH_OK);
	assert_int_equal(chmod("people.json", 0644), 0);
	assert_false(rh_file_is_public("people.json")); /* the folder is its owner's alone */
	assert_int_equal(chmod(".", 0711), 0);
	assert_true(rh_file_is_public("people.json"));
	assert_true(rh_file_is_public("./people.json"));
	assert_int_equal(chmod("people.json", 0640), 0);
	assert_false(rh_file_is_public("people.json"));
	assert_false(rh_file_is_public("."));
}

static void memory_running_out_is_told(void **)
{
	struct rh_err err = {0};
	rh_autobuf buf = {0};

	assert_int_equal(rh_file_write("file", RH_STR("old"), &err), RH_OK);
	rh_buf_init(&buf, 100);
	rh_alloc_fail_from(1);
	assert_int_equal(rh_file_read("file", &buf, &err), RH_ENOMEM);
	assert_int_equal(rh_file_write("file", RH_STR("new"), &err), RH_ENOMEM);
	assert_int_equal(rh_dir_make("new", &err), RH_ENOMEM);
	assert_null(rh_path_join("a", "b"));
	rh_alloc_fail_from(0);
	assert_false(rh_file_exists("new"));
	rh_buf_reset(&buf);
	assert_int_equal(rh_file_read("file", &buf, &err), RH_OK);
	assert_string_equal(buf.ptr, "old");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(folders_are_private_with_parents),
		IN_FOLDER(written_files_are_read_back),
		IN_FOLDER(too_large_a_file_is_refused),
		IN_FOLDER(empty_and_missing_files),
		IN_FOLDER(writing_replaces_whole_or_not_at_all),
		IN_FOLDER(absolute_paths_and_paths_in_folders),
		IN_FOLDER(fd_write_goes_on_until_all_is_out),
		IN_FOLDER(fd_write_tells_why_it_failed),
		IN_FOLDER(a_name_that_is_taken_is_not_given),
		IN_FOLDER(who_may_read_it),
		IN_FOLDER(memory_running_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
