/* SPDX-License-Identifier: Apache-2.0 */
/* One writer per role: between processes, after a kill, and where the file system has no locks. */
#include "ledger/lock.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

#define NOW INT64_C(1800000000000000) /* 2027-01-15T08:00:00Z */

static int flock_error; /* what this machine's flock says instead of locking; 0: it locks */

/* Stands in for the C library's, so that a file system without locks can be played. */
int flock(int fd, int operation)
{
	if (flock_error != 0) {
		errno = flock_error;
		return -1;
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static int setup(void **state)
{
	flock_error = 0;
	*state = test_folder_new();
	return 0;
}

static int teardown(void **state)
{
	test_folder_free(*state);
	return 0;
}

static struct rh_lock *take(const char *folder, const char *role, rh_time now)
{
	struct rh_lock *lock = NULL;
	struct rh_err err = {0};

	assert_int_equal(rh_lock_take(&lock, folder, role, now, &err), RH_OK);
	assert_non_null(lock);
	return lock;
}

static struct rh_err refused(const char *folder, const char *role, rh_time now)
{
	struct rh_lock *lock = NULL;
	struct rh_err err = {0};

	assert_int_equal(rh_lock_take(&lock, folder, role, now, &err), RH_EMISMATCH);
	assert_null(lock);
	assert_true(err.hint[0] != '\0');
	return err;
}

static void assert_says(const char *message, const char *part)
{
	if (strstr(message, part) == NULL) {
		fail_msg("\"%s\" does not say \"%s\"", message, part);
	}
}

/* A child that holds the role until it is killed; returns when it holds it. */
static pid_t hold_in_child(const char *folder)
{
	int ready[2];
	char byte = 0;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rh_lock *lock = NULL;

		if (rh_lock_take(&lock, folder, "apply", NOW, NULL) != RH_OK ||
		    write(ready[1], "x", 1) != 1) {
			_exit(1);
		}
		for (;;) {
			(void)pause();
		}
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return child;
}

static void test_a_second_process_waits_for_the_first(void **state)
{
	const char *folder = *state;
	pid_t child = hold_in_child(folder);
	char process[32];
	char host[65] = "";
	struct rh_err err = refused(folder, "apply", NOW + 3600 * RH_SECOND); /* however old */

	(void)snprintf(process, sizeof(process), "process %d ", (int)child);
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	assert_says(err.message, process);
	assert_says(err.message, host);
	assert_says(err.message, "since 2027-01-15T08:00:00.000Z");
	assert_says(err.message, "apply.lock");

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	rh_lock_release(
		take(folder, "apply", NOW + 1)); /* at once, although its heartbeat is young */
}

static void test_roles_do_not_meet(void **state)
{
	const char *folder = *state;
	struct rh_lock *apply = take(folder, "apply", NOW);
	struct rh_lock *serve = take(folder, "serve", NOW);

	(void)refused(folder, "apply", NOW);
	rh_lock_release(apply);
	rh_lock_release(take(folder, "apply", NOW));
	(void)refused(folder, "serve", NOW);
	rh_lock_release(serve);
	rh_lock_release(NULL);
}

static void read_lock_file(const char *folder, struct rh_buf *text)
{
	char *path = test_folder_path(folder, "apply.lock");

	rh_buf_reset(text);
	assert_int_equal(rh_file_read(path, text, NULL), RH_OK);
	free(path);
}

static void test_the_heartbeat_is_written_every_five_seconds(void **state)
{
	const char *folder = *state;
	struct rh_lock *lock = take(folder, "apply", NOW);
	char *path = test_folder_path(folder, "apply.lock");
	struct stat info;
	rh_autobuf text = {0};

	rh_buf_init(&text, 4096);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	rh_lock_beat(lock, NOW + 5 * RH_SECOND);
	read_lock_file(folder, &text);
	assert_says(text.ptr, "beat=2027-01-15T08:00:00.000Z");
	rh_lock_beat(lock, NOW + 5 * RH_SECOND + 1000);
	read_lock_file(folder, &text);
	assert_says(text.ptr, "beat=2027-01-15T08:00:05.001Z");
	assert_says(text.ptr, "taken=2027-01-15T08:00:00.000Z");
	rh_lock_beat(lock, NOW + 6 * RH_SECOND);
	read_lock_file(folder, &text);
	assert_says(text.ptr, "beat=2027-01-15T08:00:05.001Z");
	rh_lock_release(lock);
	read_lock_file(folder, &text);
	assert_int_equal(text.len, 0);
	free(path);
}

static void test_a_holder_that_has_not_written_yet(void **state)
{
	const char *folder = *state;
	struct rh_lock *lock = take(folder, "apply", NOW);
	char *path = test_folder_path(folder, "apply.lock");
	struct rh_err err;

	assert_int_equal(truncate(path, 0), 0);
	err = refused(folder, "apply", NOW);
	assert_says(err.message, "has not said yet");
	rh_lock_release(lock);
	free(path);
}

static void test_without_locks_the_heartbeat_decides(void **state)
{
	const char *folder = *state;
	const int errors[] = {ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL};

	for (size_t i = 0; i < 4; i++) {
		struct rh_lock *first;
		struct rh_lock *second;
		struct rh_err err;

		flock_error = errors[i];
		first = take(folder, "apply", NOW);
		err = refused(folder, "apply", NOW + 30 * RH_SECOND - 1000);
		assert_says(err.message, "process ");
		assert_says(err.hint, "has no locks");
		rh_lock_beat(first, NOW + 20 * RH_SECOND);
		(void)refused(folder, "apply", NOW + 30 * RH_SECOND);
		(void)refused(folder, "apply", NOW - 3600 * RH_SECOND); /* a clock that is behind */
		second = take(folder, "apply", NOW + 50 * RH_SECOND);
		rh_lock_release(second); /* given back: nobody has to wait */
		rh_lock_release(take(folder, "apply", NOW + 50 * RH_SECOND));
		rh_lock_release(first);
	}
}

/* Who only asks is told who holds the role, and changes nothing: neither lock nor file. */
static void test_who_looks_disturbs_nobody(void **state)
{
	const char *folder = *state;
	pid_t child = hold_in_child(folder);
	rh_autobuf before = {0};
	rh_autobuf after = {0};
	rh_autobuf text = {0};
	char process[32];

	rh_buf_init(&before, 4096);
	rh_buf_init(&after, 4096);
	rh_buf_init(&text, 4096);
	read_lock_file(folder, &before);
	(void)snprintf(process, sizeof(process), "process %d on host \"", (int)child);
	assert_true(rh_lock_peek(folder, "apply", NOW + 29 * RH_SECOND, &text));
	assert_int_equal(strncmp(text.ptr, process, strlen(process)), 0);
	assert_says(text.ptr, "\" since 2027-01-15T08:00:00.000Z");
	assert_true(rh_lock_peek(folder, "apply", NOW - 3600 * RH_SECOND, &text));
	/* No sign of life for too long, another role, another folder. */
	rh_buf_reset(&text);
	assert_false(rh_lock_peek(folder, "apply", NOW + 30 * RH_SECOND, &text));
	assert_false(rh_lock_peek(folder, "serve", NOW, &text));
	assert_false(rh_lock_peek("/nowhere", "apply", NOW, &text));
	assert_int_equal(text.len, 0);
	read_lock_file(folder, &after);
	assert_true(rh_str_eq(rh_buf_str(&before), rh_buf_str(&after)));
	(void)refused(folder, "apply", NOW);

	/* It is gone, although its sign of life is young. */
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(rh_lock_peek(folder, "apply", NOW, &text));
	rh_lock_release(take(folder, "apply", NOW)); /* nor did the look keep it */
	assert_false(rh_lock_peek(folder, "apply", NOW, &text));
}

static void test_other_faults_are_told(void **state)
{
	const char *folder = *state;
	struct rh_lock *lock = NULL;
	struct rh_err err = {0};
	char *none = test_folder_path(folder, "none");

	flock_error = EIO;
	assert_int_equal(rh_lock_take(&lock, folder, "apply", NOW, &err), RH_EIO);
	assert_null(lock);
	flock_error = 0;
	assert_int_equal(rh_lock_take(&lock, none, "apply", NOW, &err), RH_EIO);
	assert_null(lock);
	free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_second_process_waits_for_the_first, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_roles_do_not_meet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_heartbeat_is_written_every_five_seconds,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_holder_that_has_not_written_yet, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_without_locks_the_heartbeat_decides, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_who_looks_disturbs_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_faults_are_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
