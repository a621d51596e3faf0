/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: text to field and back, files behind '@', what is refused and with which words. */
#include "config/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

struct target {
	const char *text;
	const char *url;
	const char *secret;
	uint64_t number;
	bool flag;
	int choice;
	struct rh_text_list list;
	struct rh_text_list lines;
	uint64_t count;
	const char *document;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

#define ROW(kind, field, ...)                                           \
	{                                                               \
		.name = "the-" #field, .type = RH_OPTION_##kind,        \
		.offset = offsetof(struct target, field), ##__VA_ARGS__ \
	}

static const struct rh_option table[] = {
	ROW(TEXT, text, .fallback = "fallback"),
	ROW(URL, url),
	ROW(SECRET, secret),
	ROW(NUMBER, number, .fallback = "7"),
	ROW(BOOL, flag),
	ROW(CHOICE, choice, .choices = colours, .fallback = "blue"),
	ROW(LIST, list),
	ROW(LIST, lines, .flags = RH_OPTION_LINES),
	ROW(NUMBER, count, .flags = RH_OPTION_FROM_ONE),
	ROW(TEXT, document, .flags = RH_OPTION_CONTENT),
	{.name = NULL},
};

static struct target target;
static struct rh_arena arena;

static int start(void **)
{
	memset(&target, 0, sizeof(target));
	rh_arena_init(&arena, 1 << 20, RH_ARENA_WIPE);
	return 0;
}

static int stop(void **)
{
	rh_alloc_fail_from(0);
	rh_arena_done(&arena);
	return 0;
}

static int set(const char *name, const char *text, struct rh_err *err)
{
	const struct rh_option *row = rh_option_find(table, name);

	assert_non_null(row);
	return rh_option_set(row, &target, "acme", text, &arena, err);
}

static void assert_text(const char *name, const char *expected)
{
	rh_autobuf out = {0};

	rh_buf_init(&out, 1024);
	rh_option_text(rh_option_find(table, name), &target, &out);
	assert_string_equal(out.len > 0 ? out.ptr : "", expected);
}

static void values_come_back_as_text(void **)
{
	static const struct {
		const char *name;
		const char *given;
		const char *text;
	} cases[] = {
		{"the-text", "some text", "some text"},
		{"the-url", "https://api.example.com/v1", "https://api.example.com/v1"},
		{"the-secret", "hunter2", ""},
		{"the-number", "18446744073709551615", "18446744073709551615"},
		{"the-number", "0", "0"},
		{"the-count", "3", "3"},
		{"the-flag", "true", "true"},
		{"the-flag", "No", "false"},
		{"the-flag", "1", "true"},
		{"the-flag", "OFF", "false"},
		{"the-choice", "green", "green"},
		{"the-list", "one", "one"},
		{"the-list", "@two", "one,@two"},
		{"the-list", "three", "one,@two,three"},
		{"the-list", "four", "one,@two,three,four"},
		{"the-list", "five", "one,@two,three,four,five"},
	};
	struct rh_err err = {0};

	assert_text("the-text", "");
	assert_text("the-list", "");
	assert_text("the-count", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(set(cases[i].name, cases[i].given, &err), RH_OK);
		assert_text(cases[i].name, cases[i].text);
	}
	assert_string_equal(target.secret, "hunter2");
	assert_int_equal(target.list.count, 5);
	assert_int_equal(target.choice, 1);
}

static void defaults_fill_what_has_a_fallback(void **)
{
	struct rh_err err = {0};

	assert_int_equal(rh_option_defaults(table, &target, &arena, &err), RH_OK);
	assert_string_equal(target.text, "fallback");
	assert_int_equal(target.number, 7);
	assert_int_equal(target.choice, 2);
	assert_null(target.url);
	assert_int_equal(rh_option_count(table), 10);
}

static void what_is_refused_is_told_with_the_option(void **)
{
	static const struct {
		const char *name;
		const char *given;
		const char *message;
	} cases[] = {
		{"the-number", "12x", "option \"--acme-the-number\" takes a whole number"},
		{"the-number", "-1", "option \"--acme-the-number\" takes a whole number"},
		{"the-number", "", "option \"--acme-the-number\" takes a whole number"},
		{"the-number", "18446744073709551616",
		 "option \"--acme-the-number\" takes a whole number"},
		{"the-count", "0", "option \"--acme-the-count\" takes a whole number from 1 on"},
		{"the-lines", "@/dev/null",
		 "option \"--acme-the-lines\" takes a file that is not empty"},
		{"the-flag", "maybe", "option \"--acme-the-flag\" takes true or false"},
		{"the-choice", "pink",
		 "option \"--acme-the-choice\" takes red, green or blue, not \"pink\""},
		{"the-choice", "",
		 "option \"--acme-the-choice\" takes red, green or blue, not \"\""},
		{"the-text", "", "option \"--acme-the-text\" takes a value that is not empty"},
		{"the-list", "", "option \"--acme-the-list\" takes a value that is not empty"},
		{"the-text", "caf\xe9", "option \"--acme-the-text\" takes text in UTF-8"},
		{"the-list", "\xff", "option \"--acme-the-list\" takes text in UTF-8"},
		{"the-text", NULL, "option \"--acme-the-text\" takes a value"},
		{"the-lines", "@/no/such/file",
		 "option \"--acme-the-lines\": could not open \"/no/such/file\": No such file or "
		 "directory"},
		{"the-secret", "@/no/such/file",
		 "option \"--acme-the-secret\": could not open \"/no/such/file\": No such file or "
		 "directory"},
	};

	target.number = 5;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_err err = {0};

		assert_int_equal(set(cases[i].name, cases[i].given, &err), RH_EUSAGE);
		assert_string_equal(err.message, cases[i].message);
	}
	assert_int_equal(target.number, 5);
	assert_null(target.text);
	assert_null(target.secret);
}

static void addresses_that_a_key_may_go_to(void **)
{
	static const char *const safe[] = {
		"https://api.example.com",
		"HTTPS://api.example.com/a?b=c#d",
		"https://api.example.com:8443/",
		"http://127.0.0.1:8702",
		"http://localhost:8702/x",
		"http://LOCALHOST",
		"http://[::1]:8702",
		"http://127.1.2.3/",
		"https://[2001:db8::1]/",
	};
	static const char *const unsafe[] = {
		"",
		"api.example.com",
		"ftp://api.example.com",
		"http://api.example.com",
		"http://127.0.0.1.example.com",
		"http://127.0.0.1@example.com",
		"http://localhost@example.com/",
		"http://localhost.example.com",
		"http://localhost\\@example.com",
		"http://127.0.0",
		"http://127.0.0.1.1",
		"http://127.0.0.256",
		"http://127.0.0.",
		"http://10.0.0.1",
		"http://0.0.0.0",
		"http://[::2]",
		"http://[::1].example.com",
		"http://",
		"http:///path",
		"https://",
		"https://user:secret@api.example.com",
		"https://api.example.com:x",
		"https://api.example.com:0",
		"https://api.example.com:65536",
		"https://:443",
		"https://api.example.com/a b",
		"https://api.example.com/\n",
		"https://api.ex\xc3\xa4mple.com",
		" https://api.example.com",
	};

	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++) {
		assert_true(rh_url_is_safe(safe[i]));
	}
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		struct rh_err err = {0};

		assert_false(rh_url_is_safe(unsafe[i]));
		assert_int_equal(set("the-url", unsafe[i], &err), RH_EUSAGE);
		assert_null(strstr(err.message, "secret"));
	}
	assert_false(rh_url_is_safe(NULL));
}

static void secrets_stand_in_files(void **)
{
	static const struct {
		const char *content;
		const char *secret; /* NULL: refused */
	} cases[] = {
		{"key", "key"},       {"key\n", "key"},
		{"key\r\n", "key"},   {"two\nlines\n", "two\nlines"},
		{"key\n\n", "key\n"}, {"", NULL},
		{"\n", NULL},
	};
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "key");
	char *named = test_folder_path("@", path);

	/* "@/" and an absolute path: one slash more than needed. */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_err err = {0};

		target.secret = NULL;
		assert_int_equal(rh_file_write(path, rh_str_from(cases[i].content), &err), RH_OK);
		assert_int_equal(set("the-secret", named, &err),
				 cases[i].secret != NULL ? RH_OK : RH_EUSAGE);
		if (cases[i].secret != NULL) {
			assert_string_equal(target.secret, cases[i].secret);
		} else {
			assert_null(target.secret);
		}
	}
	free(named);
	free(path);
	test_folder_free(folder);
}

static void a_secret_is_one_line_of_standard_input(void **)
{
	struct rh_err err = {0};
	int saved = dup(STDIN_FILENO);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "hunter2\r\nsecond\n", 16), 16);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(set("the-secret", "-", &err), RH_OK);
	assert_string_equal(target.secret, "hunter2");
	/* Not a byte more was taken. */
	assert_int_equal(set("the-secret", "-", &err), RH_OK);
	assert_string_equal(target.secret, "second");
	assert_int_equal(set("the-secret", "-", &err), RH_EUSAGE);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(close(saved), 0);
	assert_int_equal(close(ends[0]), 0);
}

static void lists_stand_in_files(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "ids");
	char *named = test_folder_path("@", path);
	struct rh_err err = {0};

	assert_int_equal(rh_file_write(path, RH_STR("one\r\n\n  two  \nthree"), &err), RH_OK);
	assert_int_equal(set("the-lines", "zero", &err), RH_OK);
	assert_int_equal(set("the-lines", named, &err), RH_OK);
	assert_text("the-lines", "zero,one,two,three");
	assert_int_equal(rh_file_write(path, RH_STR("\n \n"), &err), RH_OK);
	assert_int_equal(set("the-lines", named, &err), RH_EUSAGE);
	assert_int_equal(target.lines.count, 4);
	free(named);
	free(path);
	test_folder_free(folder);
}

static void a_document_is_given_itself_or_by_its_file(void **)
{
	char *folder = test_folder_new();
	char *path = test_folder_path(folder, "document");
	struct rh_err err = {0};

	assert_int_equal(set("the-document", " {\"a\":1}", &err), RH_OK);
	assert_text("the-document", " {\"a\":1}");
	assert_int_equal(rh_file_write(path, RH_STR("\n{\"b\":2}\n"), &err), RH_OK);
	assert_int_equal(set("the-document", path, &err), RH_OK);
	assert_text("the-document", "\n{\"b\":2}\n");
	assert_int_equal(rh_file_write(path, RH_STR("[1]"), &err), RH_OK);
	assert_int_equal(set("the-document", path, &err), RH_EUSAGE);
	assert_int_equal(rh_file_write(path, RH_STR("{\xff}"), &err), RH_OK);
	assert_int_equal(set("the-document", path, &err), RH_EUSAGE);
	assert_int_equal(rh_file_remove(path, &err), RH_OK);
	assert_int_equal(set("the-document", path, &err), RH_EUSAGE);
	assert_text("the-document", "\n{\"b\":2}\n");
	free(path);
	test_folder_free(folder);
}

static void names_in_the_environment(void **)
{
	assert_string_equal(rh_option_env_name(&arena, "acme", "secret-key"), "ACME_SECRET_KEY");
	assert_string_equal(rh_option_env_name(&arena, NULL, "on-existing"), "ON_EXISTING");
}

static void memory_running_out_is_told(void **)
{
	static const char *const names[] = {"the-text", "the-secret", "the-list"};
	struct rh_arena full;

	rh_arena_init(&full, 1, RH_ARENA_PLAIN);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct rh_err err = {0};

		assert_int_equal(rh_option_set(rh_option_find(table, names[i]), &target, NULL,
					       "some text", &full, &err),
				 RH_ENOMEM);
	}
	assert_null(rh_option_env_name(&full, "acme", "key"));
	rh_alloc_fail_from(1);
	assert_int_equal(set("the-secret", "key", NULL), RH_ENOMEM);
	rh_alloc_fail_from(0);
	assert_null(target.text);
	assert_int_equal(target.list.count, 0);
	rh_arena_done(&full);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(values_come_back_as_text),
		CASE(defaults_fill_what_has_a_fallback),
		CASE(what_is_refused_is_told_with_the_option),
		CASE(addresses_that_a_key_may_go_to),
		CASE(secrets_stand_in_files),
		CASE(a_secret_is_one_line_of_standard_input),
		CASE(lists_stand_in_files),
		CASE(a_document_is_given_itself_or_by_its_file),
		CASE(names_in_the_environment),
		CASE(memory_running_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
