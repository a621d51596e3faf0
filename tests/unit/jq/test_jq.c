/* SPDX-License-Identifier: Apache-2.0 */
/* A jq program can answer, and nothing else (J1 to J5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "jq/jq_internal.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

struct answered {
	enum rh_jq_fate fate;
	char text[512];
	int code;
	struct rh_err err;
};

static void ask(struct rh_jq *jq, const char *record, struct answered *out)
{
	struct rh_buf text;

	memset(out, 0, sizeof(*out));
	rh_buf_init(&text, RH_RECORD_MAX);
	out->code = rh_jq_run(jq, rh_str_from(record), &text, &out->fate, &out->err);
	(void)snprintf(out->text, sizeof(out->text), "%.*s", (int)text.len,
		       text.ptr != NULL ? text.ptr : "");
	rh_buf_done(&text);
}

static struct rh_jq *started(const char *program)
{
	struct rh_jq *jq = NULL;
	struct rh_err err = {0};

	if (rh_jq_start(&jq, rh_str_from(program), &err) != RH_OK) {
		fail_msg("%s: %s", program, err.message);
	}
	return jq;
}

static void test_what_comes_of_a_record(void **state)
{
	static const struct {
		const char *program;
		enum rh_jq_fate fate;
		const char *text;
	} cases[] = {
		{".", RH_JQ_OBJECT, "{\"a\":\"ann@acme.example\",\"n\":[1,0.5]}"},
		{"{id: .a}", RH_JQ_OBJECT, "{\"id\":\"ann@acme.example\"}"},
		{"empty", RH_JQ_NOTHING, ""},
		/* An error whose message is null cannot be told from the end of the values. */
		{"error(null)", RH_JQ_NOTHING, ""},
		{"error(.missing)", RH_JQ_NOTHING, ""},
		{"{id: .a}, error(null)", RH_JQ_OBJECT, "{\"id\":\"ann@acme.example\"}"},
		{"., .", RH_JQ_SEVERAL, ""},
		{"repeat(.)", RH_JQ_SEVERAL, ""},
		{".a", RH_JQ_NO_OBJECT, ""},
		{"[.]", RH_JQ_NO_OBJECT, ""},
		{"., error", RH_JQ_FAILED, ""},
		{"halt", RH_JQ_FAILED, ""},
		{"halt_error", RH_JQ_FAILED, ""},
		{"input", RH_JQ_FAILED, ""},
		{"debug | stderr", RH_JQ_OBJECT, "{\"a\":\"ann@acme.example\",\"n\":[1,0.5]}"},
		/* J4: what jq quotes of the record goes nowhere. */
		{".a[]", RH_JQ_FAILED, "Cannot iterate over string"},
		{".a.b", RH_JQ_FAILED, "Cannot index string with string"},
		{"error(.a)", RH_JQ_FAILED, ""},
		{"error(\"Cannot \" + .a)", RH_JQ_FAILED, "Cannot"},
	};
	struct answered answered;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rh_jq *jq = started(cases[i].program);
		ask(jq, "{\"a\":\"ann@acme.example\",\"n\":[1,0.5]}", &answered);
		if (answered.code != RH_OK || answered.fate != cases[i].fate ||
		    strcmp(answered.text, cases[i].text) != 0) {
			fail_msg("%s: %d, %s", cases[i].program, (int)answered.fate, answered.text);
		}
		rh_jq_end(jq);
	}
}

static void test_a_program_that_jq_does_not_take(void **state)
{
	static const char *const programs[] = {
		".a |",
		"nothing_of_that_name",
		"import \"/etc/passwd\" as $x; .",
		"import \"x\" as $x {search: \"/tmp\"}; .",
		"include \"x\"; .",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		struct rh_jq *jq = NULL;
		struct rh_err err = {0};
		assert_int_equal(rh_jq_start(&jq, rh_str_from(programs[i]), &err), RH_EINPUT);
		assert_non_null(strstr(err.message, "jq does not take the program: "));
		assert_true(strlen(err.message) > strlen("jq does not take the program: "));
	}
}

static void test_there_is_nothing_to_see(void **state)
{
	struct answered answered;

	(void)state;
	assert_int_equal(setenv("JQ_TEST_SECRET", "sesame", 1), 0);
	struct rh_jq *jq = started("{env: env, ENV: $ENV, file: input_filename}");
	ask(jq, "{}", &answered);
	assert_string_equal(answered.text, "{\"env\":{},\"ENV\":{},\"file\":null}");
	rh_jq_end(jq);
}

/* The only child of this process; 0 where the kernel does not list children. */
static pid_t only_child(void)
{
	char path[64];
	int child = 0;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%d", &child) != 1) {
		child = 0;
	}
	if (file != NULL) {
		(void)fclose(file);
	}
	return child;
}

static long status_of(pid_t child, const char *name)
{
	char path[64];
	char line[256];
	long value = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)child);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0) {
			value = strtol(line + strlen(name), NULL, 10);
		}
	}
	(void)fclose(file);
	return value;
}

static void test_the_child_is_confined(void **state)
{
	struct answered answered;
	struct rh_jq *jq = started(".");

	(void)state;
	ask(jq, "{}", &answered);
	pid_t child = only_child();
	if (child == 0) {
		rh_jq_end(jq);
		skip(); /* a kernel that does not list children */
	}
	assert_int_equal(status_of(child, "Seccomp:"), 2); /* a filter */
	assert_int_equal(status_of(child, "NoNewPrivs:"), 1);
	rh_jq_end(jq);
	assert_int_equal(kill(child, 0), -1);
}

/* ---- what the filter gives, call by call -------------------------------------------------------------------- */

enum { PAGE = 4096, CALLS_MAX = 32, NOTHING = 0 };

struct tried {
	const char *name;
	long number;
	long arguments[6];
	int gives; /* errno, NOTHING: it is let through */
};

/* What each call would give without the filter is never EPERM.  Limits alone give EMFILE and EAGAIN. */
static size_t list_calls(struct tried *out, char *page)
{
	const long self = (long)getpid();
	const long root = (long)(intptr_t) "/";
	const long at = (long)(intptr_t)page;
	const struct tried calls[] = {
		{"openat", SYS_openat, {AT_FDCWD, root, O_RDONLY}, EPERM},
		{"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}, EPERM},
		{"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, at}, EPERM},
		{"connect", SYS_connect, {0, at, 16}, EPERM},
		{"sendmsg", SYS_sendmsg, {0, 0, 0}, EPERM},
		{"kill", SYS_kill, {self, 0}, EPERM},
		{"tgkill", SYS_tgkill, {self, self, 0}, EPERM},
		{"clone", SYS_clone, {SIGCHLD}, EPERM},
		{"clone3", SYS_clone3, {0, 0}, EPERM},
		{"execve", SYS_execve, {root, 0, 0}, EPERM},
		{"execveat", SYS_execveat, {AT_FDCWD, root, 0, 0, 0}, EPERM},
		{"ptrace", SYS_ptrace, {-1, 0, 0, 0}, EPERM},
		{"process_vm_readv", SYS_process_vm_readv, {self, 0, 0, 0, 0, 0}, EPERM},
		{"unlinkat", SYS_unlinkat, {AT_FDCWD, root, 0}, EPERM},
		{"dup", SYS_dup, {0}, EPERM},
		{"prctl", SYS_prctl, {3 /* PR_GET_DUMPABLE */}, EPERM},
		{"mmap of code",
		 SYS_mmap,
		 {0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0},
		 EPERM},
		{"mmap of a file", SYS_mmap, {0, PAGE, PROT_READ, MAP_PRIVATE, 0, 0}, EPERM},
		{"mprotect to code", SYS_mprotect, {at, PAGE, PROT_READ | PROT_EXEC}, EPERM},
		{"mmap",
		 SYS_mmap,
		 {0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0},
		 NOTHING},
		{"mprotect", SYS_mprotect, {at, PAGE, PROT_READ | PROT_WRITE}, NOTHING},
	};

	memcpy(out, calls, sizeof(calls));
	return ARRAY_LEN(calls);
}

/* In a child: raw calls alone, since the filter also holds for what a sanitizer would ask.  Does not return. */
static void try_calls(const struct tried *calls, size_t count, int fd)
{
	int given[CALLS_MAX] = {0};

	if (!rh_jq_confine(fd)) {
		(void)syscall(SYS_exit_group, 1);
	}
	for (size_t i = 0; i < count; i++) {
		const long *with = calls[i].arguments;
		long got = syscall(calls[i].number, with[0], with[1], with[2], with[3], with[4],
				   with[5]);
		given[i] = got == -1 ? errno : NOTHING;
		if (calls[i].number == SYS_clone && got == 0) {
			(void)syscall(SYS_exit_group, 2); /* a process that must not be */
		}
	}
	(void)syscall(SYS_write, STDIN_FILENO, given, sizeof(given));
	(void)syscall(SYS_exit_group, 0);
}

static void test_the_filter_refuses_each_call_by_itself(void **state)
{
	struct tried calls[CALLS_MAX];
	int given[CALLS_MAX];
	int status = 0;
	int ends[2];
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_int_equal(pipe(ends), 0);
	size_t count = list_calls(calls, page);
	pid_t child = fork();
	if (child == 0) {
		try_calls(calls, count, ends[1]);
	}
	assert_int_equal(close(ends[1]), 0);
	memset(given, 0xff, sizeof(given));
	ssize_t got = read(ends[0], given, sizeof(given));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(got, sizeof(given));
	for (size_t i = 0; i < count; i++) {
		if (given[i] != calls[i].gives) {
			fail_msg("%s gives %d (%s)", calls[i].name, given[i], strerror(given[i]));
		}
	}
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(munmap(page, PAGE), 0);
}

/* ---- ends --------------------------------------------------------------------------------------------------- */

static void test_what_is_left_of_an_answer_is_no_answer_to_the_next(void **state)
{
	enum rh_jq_fate fate = RH_JQ_FAILED;
	struct answered answered;
	struct rh_buf small;
	struct rh_jq *jq = started(".");

	(void)state;
	rh_buf_init(&small, 4);
	assert_int_not_equal(rh_jq_run(jq, RH_STR("{\"id\":\"somebody else\"}"), &small, &fate,
				       NULL),
			     RH_OK);
	rh_buf_done(&small);
	assert_int_equal(waitpid(-1, NULL, WNOHANG),
			 -1); /* the child has gone, with what it had to say */
	assert_int_equal(errno, ECHILD);
	ask(jq, "{\"id\":1}", &answered);
	assert_int_equal(answered.code, RH_OK);
	assert_int_equal(answered.fate, RH_JQ_OBJECT);
	assert_string_equal(answered.text, "{\"id\":1}");
	rh_jq_end(jq);
}

static void test_a_loop_and_a_glutton_are_ended(void **state)
{
	struct answered answered;
	struct rh_jq *jq = started(
		"if .loop then (def f: f; f) elif .eat then reduce range(1e9) as $i (\"x\"; . + .) "
		"elif .deep then (reduce range(3e5) as $i (0; [.]) | {a: .}) else . end");

	(void)state;
	ask(jq, "{\"loop\":true}", &answered);
	assert_int_equal(answered.fate, RH_JQ_TOO_LONG);
	ask(jq, "{\"id\":1}", &answered);
	assert_string_equal(answered.text, "{\"id\":1}");
	ask(jq, "{\"eat\":true}", &answered);
	assert_int_equal(answered.fate, RH_JQ_ENDED);
	ask(jq, "{\"deep\":true}", &answered);
	assert_int_equal(answered.fate, RH_JQ_ENDED);
	ask(jq, "{\"id\":2}", &answered);
	assert_string_equal(answered.text, "{\"id\":2}");
	/* J3: the row that began with the last good one */
	for (int i = 1; i < RH_JQ_ENDED_MAX; i++) {
		ask(jq, "{\"deep\":true}", &answered);
		assert_int_equal(answered.code, RH_OK);
	}
	ask(jq, "{\"deep\":true}", &answered);
	assert_int_equal(answered.code, RH_EINPUT);
	assert_non_null(strstr(answered.err.message, "5 records in a row"));
	rh_jq_end(jq);
}

static void test_a_child_that_somebody_kills_is_no_fault_of_the_record(void **state)
{
	struct answered answered;
	struct rh_jq *jq = started(".");

	(void)state;
	pid_t child = only_child();
	if (child == 0) {
		rh_jq_end(jq);
		skip();
	}
	assert_int_equal(kill(child, SIGKILL), 0);
	ask(jq, "{\"id\":1}", &answered);
	assert_int_equal(answered.fate, RH_JQ_OBJECT);
	assert_string_equal(answered.text, "{\"id\":1}");
	assert_int_not_equal(only_child(), child);
	/* Who interrupts the tool does not end what it still waits for. */
	assert_int_equal(kill(only_child(), SIGINT), 0);
	ask(jq, "{\"id\":2}", &answered);
	assert_string_equal(answered.text, "{\"id\":2}");
	rh_jq_end(jq);
}

static void test_a_fork_starts_a_child_of_its_own(void **state)
{
	struct answered answered;
	struct rh_jq *jq = started(".");
	int status = 0;

	(void)state;
	pid_t fork_of_us = fork();
	if (fork_of_us == 0) {
		ask(jq, "{\"id\":1}", &answered);
		rh_jq_end(jq);
		_exit(strcmp(answered.text, "{\"id\":1}") == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(fork_of_us, &status, 0), fork_of_us);
	assert_int_equal(status, 0);
	ask(jq, "{\"id\":2}", &answered);
	assert_string_equal(answered.text, "{\"id\":2}");
	rh_jq_end(jq);
}

static void test_a_large_record_passes(void **state)
{
	const size_t size = 3U * 1024 * 1024;
	enum rh_jq_fate fate = RH_JQ_FAILED;
	struct rh_buf record;
	struct rh_buf out;
	struct rh_jq *jq = started(".");

	(void)state;
	rh_buf_init(&record, RH_RECORD_MAX);
	rh_buf_init(&out, RH_RECORD_MAX);
	rh_buf_add_cstr(&record, "{\"a\":\"");
	for (size_t i = 0; i < size; i++) {
		rh_buf_add_char(&record, 'x');
	}
	rh_buf_add_cstr(&record, "\"}");
	assert_int_equal(rh_jq_run(jq, rh_buf_str(&record), &out, &fate, NULL), RH_OK);
	assert_int_equal(fate, RH_JQ_OBJECT);
	assert_true(rh_str_eq(rh_buf_str(&record), rh_buf_str(&out)));
	rh_buf_done(&record);
	rh_buf_done(&out);
	rh_jq_end(jq);
}

/* J1: a fork has what its parent has; who is started anew has not.  What only root may see others skip. */
static bool is_in_memory_of_child(const char *needle)
{
	char path[64];
	char line[256];
	unsigned long from;
	unsigned long to;
	bool is_there = false;
	char *bytes = malloc(PAGE + strlen(needle));

	assert_non_null(bytes);
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)only_child());
	FILE *maps = fopen(path, "r");
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)only_child());
	int memory = open(path, O_RDONLY | O_CLOEXEC);
	if (maps == NULL || memory < 0) {
		skip();
	}
	while (!is_there && fgets(line, sizeof(line), maps) != NULL) {
		bool is_heap = sscanf(line, "%lx-%lx rw", &from, &to) == 2 && to - from < 1UL << 30;
		for (; is_heap && !is_there && from < to; from += PAGE) {
			size_t want = PAGE + strlen(needle);
			ssize_t got = pread(memory, bytes, want, (off_t)from);
			is_there = got > 0 &&
				   memmem(bytes, (size_t)got, needle, strlen(needle)) != NULL;
		}
	}
	(void)fclose(maps);
	assert_int_equal(close(memory), 0);
	free(bytes);
	return is_there;
}

static void look_for_a_key(bool expected)
{
	struct answered answered;
	char *key = malloc(64);

	assert_non_null(key);
	(void)snprintf(key, 64, "sk_live_of_process_%d", (int)getpid());
	struct rh_jq *jq = started(".");
	ask(jq, "{\"id\":\"of the record\"}", &answered);
	assert_int_equal(answered.fate, RH_JQ_OBJECT);
	assert_int_equal(is_in_memory_of_child(key), expected);
	assert_true(is_in_memory_of_child("of the record"));
	rh_jq_end(jq);
	free(key);
}

static void test_a_fork_holds_what_its_parent_holds(void **state)
{
	(void)state;
	look_for_a_key(true);
}

static void test_a_child_started_anew_holds_no_key(void **state)
{
	(void)state;
	look_for_a_key(false);
}

static int as_fork(void **state)
{
	(void)state;
	rh_jq_start_anew(false);
	return 0;
}

static int anew(void **state)
{
	(void)state;
	rh_jq_start_anew(true);
	return 0;
}

/* J1: the same from both kinds of child. */
#define BOTH(test)                                            \
	cmocka_unit_test_setup_teardown(test, as_fork, NULL), \
		cmocka_unit_test_setup_teardown(test, anew, NULL)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_what_comes_of_a_record),
		BOTH(test_a_program_that_jq_does_not_take),
		BOTH(test_there_is_nothing_to_see),
		BOTH(test_the_child_is_confined),
		cmocka_unit_test(test_the_filter_refuses_each_call_by_itself),
		BOTH(test_what_is_left_of_an_answer_is_no_answer_to_the_next),
		BOTH(test_a_loop_and_a_glutton_are_ended),
		BOTH(test_a_child_that_somebody_kills_is_no_fault_of_the_record),
		BOTH(test_a_fork_starts_a_child_of_its_own),
		BOTH(test_a_large_record_passes),
		cmocka_unit_test_setup_teardown(test_a_fork_holds_what_its_parent_holds, as_fork,
						NULL),
		cmocka_unit_test_setup_teardown(test_a_child_started_anew_holds_no_key, anew, NULL),
	};

	rh_jq_main(argc, argv);
	return cmocka_run_group_tests_name("jq/jq", tests, NULL, NULL);
}
