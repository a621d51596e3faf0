/* SPDX-License-Identifier: Apache-2.0 */
/* All inputs as one sequence: forms, several files, the join of partial ones, standard input, broken inputs. */
#include "plan/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "plan_support.h"

#define ADA PERSON("user_1", "ada@example.com", ",\"password_enabled\":true")
#define BEN PERSON("user_2", "ben@example.com", "")
#define BOTH                                                   \
	"1 0:1 user_1 ada@example.com*! [HASH_NOT_EXPORTED]\n" \
	"2 0:2 user_2 ben@example.com*!\n"                     \
	"end\n"

static void traces(struct plan_test *test, const char *expected)
{
	assert_string_equal(plan_trace(test, false), expected);
}

/* A text packed with gzip, as another file. */
static void input_packed(struct plan_test *test, const char *name, const char *content)
{
	char *path = test_folder_path(test->folder, name);
	gzFile packed = gzopen(path, "wb");

	assert_non_null(packed);
	assert_int_equal(gzwrite(packed, content, (unsigned)strlen(content)), strlen(content));
	assert_int_equal(gzclose(packed), Z_OK);
	plan_input_path(test, path);
	free(path);
}

static void every_form_gives_the_same_accounts(void **state)
{
	static const char *const forms[] = {
		"[" ADA "," BEN "]",
		"{\"users\":[" ADA "," BEN "],\"total\":2}",
		"{\"data\":[" ADA "," BEN "]}",
		ADA "\n" BEN "\n",
	};
	struct plan_test *test = *state;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		plan_input(test, "input", forms[i]);
		traces(test, BOTH);
		plan_clear(test);
		input_packed(test, "input.gz", forms[i]);
		traces(test, BOTH);
		plan_clear(test);
	}
}

static void files_follow_each_other(void **state)
{
	struct plan_test *test = *state;

	plan_input(test, "a.json", "[" ADA "]");
	input_packed(test, "b.gz", "{\"users\":[" BEN "]}");
	plan_input(test, "c.ndjson", PERSON("user_3", "cleo@example.com", "") "\n");
	traces(test, "1 0:1 user_1 ada@example.com*! [HASH_NOT_EXPORTED]\n"
		     "2 1:1 user_2 ben@example.com*!\n"
		     "3 2:1 user_3 cleo@example.com*!\n"
		     "end\n");
}

static void a_partial_file_alone_is_read_like_any_other(void **state)
{
	struct plan_test *test = *state;

	plan_input(test, "a.csv",
		   TEST_CSV "user_1,Ada,Example,,ada@example.com,,ada@example.com,,,,," TEST_HASH
			    ",bcrypt\n");
	traces(test, "1 0:1 user_1 ada@example.com*! hash\nend\n");
}

/* ---- joining ----------------------------------------------------------------------------------------- */

static void partial_files_are_joined_by_id(void **state)
{
	static const char expected[] =
		"1 0:1 user_1 ada@example.com*! hash [HASH_NOT_EXPORTED]\n"
		"2 0:2 user_2 ben@example.com*!\n"
		"3 0:3 bad 3:1\n"
		/* the broken row, then who stands only there: a second row of one id too */
		"4 1:2 bad 3:1\n"
		"5 1:3 user_9 nina@example.com*! hash [ONLY_IN_PARTIAL]\n"
		"6 1:4 user_1 ada@example.com*! hash [ONLY_IN_PARTIAL]\n"
		"7 1:5 - who@example.com*! [ONLY_IN_PARTIAL SOURCE_ID_MISSING]\n"
		"end\n";
	struct plan_test *test = *state;

	plan_input(test, "a.json", "[" ADA ",\n" BEN ",\n7]");
	plan_input(test, "b.csv",
		   TEST_CSV
		   "user_1,Ada,Example,,ada@example.com,,ada@example.com,,,,," TEST_HASH ",bcrypt\n"
		   "user_2,broken\n"
		   "user_9,Nina,Example,,nina@example.com,,nina@example.com,,,,," TEST_HASH
		   ",bcrypt\n"
		   "user_1,Ada,Example,,ada@example.com,,ada@example.com,,,,," TEST_HASH ",bcrypt\n"
		   ",Who,Example,,who@example.com,,who@example.com,,,,,,\n");
	traces(test, expected);
	traces(test, expected); /* S1: the same each time */
	/* S2: whichever comes first on the command line, the full one decides the order. */
	char *first = test->paths[0];
	test->paths[0] = test->paths[1];
	test->paths[1] = first;
	assert_non_null(strstr(plan_trace(test, false),
			       "1 1:1 user_1 ada@example.com*! hash [HASH_NOT_EXPORTED]\n"
			       "2 1:2 user_2"));
}

static void what_one_record_lacks_and_the_other_has_is_no_finding(void **state)
{
	static const char nobody[] =
		"[{\"id\":\"user_1\",\"email_addresses\":[],\"primary_email_address_id\":null},"
		"{\"id\":\"user_2\",\"email_addresses\":[],\"primary_email_address_id\":null}," ADA
		"]";
	struct plan_test *test = *state;

	plan_set(test, "primary", "api");
	plan_input(test, "a.json", "[" ADA "," BEN "]");
	plan_input(test, "b.csv",
		   TEST_CSV "user_1,,,,,,,,,,," TEST_HASH ",bcrypt\n"
			    "user_2,,,,,,b2@example.com|b3@example.com,ben@example.com,,,,,\n");
	/* Its address stays verified as the full record says, and primary. */
	traces(test, "1 0:1 user_1 ada@example.com*! hash [HASH_NOT_EXPORTED]\n"
		     "2 0:2 user_2 ben@example.com*!,b2@example.com*,b3@example.com*\nend\n");
	plan_clear(test);
	plan_input(test, "c.json", nobody);
	plan_input(test, "d.csv", TEST_CSV "user_1,,,,ada@example.com,,ada@example.com,,,,,,\n");
	traces(test, "1 0:1 user_1 ada@example.com*!\n"
		     "2 0:2 user_2 [IDENTIFIER_MISSING]\n"
		     "3 0:3 user_1 ada@example.com*! [HASH_NOT_EXPORTED]\nend\n");
}

static void json_can_be_joined_too(void **state)
{
	struct plan_test *test = *state;

	plan_input(test, "a.json", "[" ADA "," BEN "]");
	plan_input(test, "b.json",
		   "[{\"id\":\"user_2\",\"email_addresses\":\"ben@example.com|b2@example.com\","
		   "\"password_digest\":\"" TEST_HASH "\",\"password_hasher\":\"bcrypt\"},\n"
		   "{\"id\":\"user_3\",\"email_addresses\":\"cleo@example.com\"}]");
	traces(test, "1 0:1 user_1 ada@example.com*! [HASH_NOT_EXPORTED]\n"
		     "2 0:2 user_2 ben@example.com*!,b2@example.com hash\n"
		     "3 1:2 user_3 cleo@example.com! [ONLY_IN_PARTIAL]\nend\n");
}

static void the_join_lies_sealed_and_goes(void **state)
{
	struct plan_test *test = *state;
	struct rh_source *source = NULL;
	struct rh_collector collector;
	struct rh_source_item item;
	char *path = test_folder_path(test->workspace_path, "snapshot/join.db");

	plan_input(test, "a.json", "[" ADA "," BEN "]");
	plan_input(test, "b.csv",
		   TEST_CSV "user_1,Ada,Secretname,,ada@example.com,,ada@example.com,,,,," TEST_HASH
			    ",bcrypt\n");
	assert_int_equal(plan_open_source(test, false, &source), RH_OK);
	rh_collector_start(&collector);
	assert_int_equal(rh_source_next(source, &test->arena, &collector.sink, &item, &test->err),
			 1);
	assert_true(rh_file_exists(path));
	assert_false(plan_holds(test, "ada@example.com"));
	assert_false(plan_holds(test, "Secretname"));
	assert_false(plan_holds(test, "U4C0ZY8OG8y41F9L"));
	rh_source_close(source);
	assert_false(rh_file_exists(path));
	free(path);
}

static void the_share_of_joined_inputs_grows_from_none_to_all(void **state)
{
	static const char full[] = "[" ADA ",\n" BEN "]";
	struct plan_test *test = *state;
	struct rh_source *source = NULL;
	struct rh_collector collector;
	struct rh_source_item item;
	uint64_t done = 0;
	uint64_t total = 0;
	uint64_t before = 0;
	int code = 1;

	plan_input(test, "a.json", full);
	plan_input(test, "b.csv",
		   TEST_CSV "user_1,Ada,Example,,ada@example.com,,ada@example.com,,,,," TEST_HASH
			    ",bcrypt\n"
			    "user_9,Nina,Example,,nina@example.com,,nina@example.com,,,,," TEST_HASH
			    ",bcrypt\n");
	assert_int_equal(plan_open_source(test, false, &source), RH_OK);
	while (code == 1) {
		rh_collector_start(&collector);
		code = rh_source_next(source, &test->arena, &collector.sink, &item, &test->err);
		rh_source_position(source, &done, &total);
		/* The partial one, read before the first account, is no part of it. */
		assert_int_equal(total, sizeof(full) - 1);
		assert_true(done >= before && done <= total);
		before = done;
	}
	assert_int_equal(code, 0);
	assert_int_equal(done, total);
	rh_source_close(source);
}

static void a_person_too_large_for_one_account_is_refused_alone(void **state)
{
	struct plan_test *test = *state;
	rh_autobuf csv = {0};

	rh_buf_init(&csv, 1U << 20);
	rh_buf_add_cstr(&csv, TEST_CSV "user_1,,,,,,\"");
	for (int i = 0; i < 1000; i++) {
		rh_buf_printf(&csv, "%sa%d@example.com", i > 0 ? "," : "", i);
	}
	rh_buf_add_cstr(&csv, "\",,,,,,\n");
	plan_input(test, "a.json", "[" ADA "," BEN "]");
	plan_input_bytes(test, "b.csv", rh_buf_str(&csv));
	traces(test, "1 0:1 user_1 ada@example.com*! [HASH_NOT_EXPORTED RECORD_TOO_LARGE]\n"
		     "2 0:2 user_2 ben@example.com*!\nend\n");
}

/* ---- standard input ---------------------------------------------------------------------------------- */

/* Lets standard input be this file; the old one is put back by the same call with NULL. */
static void feed(const char *path)
{
	static int kept = -1;
	int fd;

	if (path == NULL) {
		assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
		(void)close(kept);
		kept = -1;
		return;
	}
	if (kept < 0) {
		kept = dup(STDIN_FILENO);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(kept >= 0 && fd >= 0);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	(void)close(fd);
}

static void standard_input_is_kept_sealed_and_replayed(void **state)
{
	static const char *const names[] = {"plain", "packed"};
	struct plan_test *test = *state;

	plan_input(test, names[0], "[" ADA "," BEN "]\n");
	input_packed(test, names[1], "[" ADA "," BEN "]\n");
	for (size_t i = 0; i < 2; i++) {
		char *path = test_folder_path(test->folder, names[i]);
		plan_clear(test);
		plan_input_path(test, "-");
		feed(path);
		traces(test, BOTH);
		assert_string_equal(plan_trace(test, true), BOTH);
		assert_string_equal(plan_trace(test, true), BOTH);
		assert_false(plan_holds(test, "ada@example.com"));
		assert_false(plan_holds(test, "user_1"));
		feed(NULL);
		free(path);
	}
}

static void standard_input_cannot_be_read_twice(void **state)
{
	struct plan_test *test = *state;

	plan_input_path(test, "-");
	plan_input_path(test, "-");
	traces(test, "error -14 standard input can be read only once\n");
	plan_clear(test);
	traces(test, "error -14 there is no file to read\n");
}

/* ---- inputs that are none ---------------------------------------------------------------------------- */

static void answers(struct plan_test *test, const char *content, const char *reason)
{
	char text[512];

	plan_input(test, "input", content);
	(void)snprintf(text, sizeof(text), "error -3 reading \"%s\": %s\n", test->paths[0], reason);
	assert_string_equal(plan_trace(test, false), text);
	plan_clear(test);
}

static void an_input_not_read_to_its_end_is_an_error(void **state)
{
	struct plan_test *test = *state;

	plan_input(test, "cut.json", "[" ADA "," BEN);
	assert_non_null(
		strstr(plan_trace(test, false), "2 0:2 user_2 ben@example.com*!\nerror -3 "));
	plan_clear(test);
	plan_input(test, "a.json", "[" ADA "]");
	plan_input(test, "cut.csv", TEST_CSV "user_1,\"open");
	assert_non_null(strstr(plan_trace(test, false), "error -3 "));
	assert_null(strstr(plan_trace(test, false), "user_1 ada"));
}

static void what_is_no_export_is_said(void **state)
{
	struct plan_test *test = *state;
	static const char unknown[] = "not an export that provider \"clerk\" is known to make";

	answers(test, "[]", "there is no well-formed record");
	answers(test, "[{\"name\":\"x\"}]", unknown);
	answers(test, "a,b\n1,2\n", unknown);
	plan_input_path(test, "/nonexistent/export.json");
	assert_non_null(strstr(plan_trace(test, false), "error -3 reading \"/nonexistent/"));
}

/* A page of an answer is no export, whatever stands in it. */
static void a_page_of_more_is_refused(void **state)
{
	static const char *const pages[] = {
		"{\"data\":[" ADA "],\"has_more\":true}",
		"{\"has_more\" : true , \"data\":[" ADA "]}",
		"{\"users\":[" ADA "],\"hasMore\":true}",
		"{\"users\":[" ADA "],\"nextPageToken\":\"abc\"}",
		"{\"next_page\":2,\"users\":[" ADA "]}",
	};
	static const char *const whole[] = {
		"{\"data\":[" ADA "],\"has_more\":false}",
		"{\"data\":[" ADA "],\"total_count\":1}",
		"{\"data\":[" ADA "],\"total\":0,\"next_page\":null,\"next_cursor\":\"\"}",
		"{\"data\":[" ADA "],\"total\":\"many\",\"has_more\":\"true\"}",
		"{\"data\":[" ADA "],\"meta\":{\"has_more\":true}}",
		"[" ADA "]",
		"{\"id\":\"user_1\",\"has_more\":true,\"total\":7,\"email_addresses\":[]}\n" ADA
		"\n",
	};
	struct plan_test *test = *state;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		plan_input(test, "page.json", pages[i]);
		assert_non_null(
			strstr(plan_trace(test, false),
			       "page.json\": one page of more: it says that another follows\n"));
		assert_non_null(strstr(test->err.hint, "other pages"));
		plan_clear(test);
	}
	plan_input(test, "page.json", "{\"data\":[" ADA ",7],\"total_count\":12}");
	assert_non_null(strstr(plan_trace(test, false), "error -3 reading \"" /* folder */));
	assert_non_null(
		strstr(test->err.message,
		       "page.json\": one page of more: it names a total of 12 records, and 2 are"));
	plan_clear(test);
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		plan_input(test, "whole.json", whole[i]);
		assert_non_null(strstr(plan_trace(test, false), "\nend\n"));
		plan_clear(test);
	}
}

static void pages_together_are_whole(void **state)
{
	static const char first[] = "{\"data\":[" ADA "],\"has_more\":true,\"total\":2}";
	static const char second[] = "{\"data\":[" BEN "],\"has_more\":false,\"total\":2}";
	struct plan_test *test = *state;
	char both[2048];

	plan_input(test, "1.json", first);
	plan_input(test, "2.json", second);
	assert_non_null(strstr(plan_trace(test, false), "ben@example.com*!\nend\n"));
	plan_clear(test);
	(void)snprintf(both, sizeof(both), "%s\n%s\n", first, second);
	plan_input(test, "both.json", both);
	assert_non_null(strstr(plan_trace(test, false), "ben@example.com*!\nend\n"));
	plan_clear(test);
	/* The last one alone lacks the first. */
	plan_input(test, "2.json", second);
	assert_non_null(
		strstr(plan_trace(test, false), "names a total of 2 records, and 1 are there"));
}

/* What says so may be cut anywhere by the chunks it comes in. */
static void pages_are_seen_with_every_cut(void **state)
{
	struct plan_test *test = *state;

	for (size_t pad = 0; pad < 40; pad++) {
		rh_autobuf text = {0};
		size_t to = 2 * 256 * 1024 - 30 + pad; /* across the end of the second chunk */
		rh_buf_init(&text, 1U << 20);
		rh_buf_add_cstr(&text, "{\"data\":[" ADA "],");
		while (text.len < to) {
			rh_buf_add_char(&text, ' ');
		}
		rh_buf_add_cstr(&text, "\"has_more\":true,\"total\":2}");
		plan_input_bytes(test, "page.json", rh_buf_str(&text));
		assert_non_null(strstr(plan_trace(test, false), "names a total of 2 records"));
		plan_clear(test);
		text.len -= strlen(",\"total\":2}");
		rh_buf_add_char(&text, '}');
		plan_input_bytes(test, "page.json", rh_buf_str(&text));
		assert_non_null(strstr(plan_trace(test, false), "says that another follows"));
		plan_clear(test);
	}
}

static void a_reading_that_may_go_well_later_is_no_bad_input(void **state)
{
	struct plan_test *test = *state;
	struct rlimit before;
	struct rlimit none;
	int code;
	struct rh_source *source = NULL;

	plan_input(test, "a.json", "[" ADA "]");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	code = plan_open_source(test, false, &source);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(code, RH_EIO);
	/* While these stay as they are. */
	plan_clear(test);
	plan_input_path(test, "/nonexistent/a.json");
	assert_int_equal(plan_open_source(test, false, &source), RH_EINPUT);
	plan_clear(test);
	plan_input_path(test, "/");
	assert_int_equal(plan_open_source(test, false, &source), RH_EINPUT);
}

static void broken_records_stop_nobody(void **state)
{
	struct plan_test *test = *state;

	plan_input(test, "a.json", "[7,\n{\"id\":},\n" ADA ",\n[],\n" BEN "]");
	traces(test, "1 0:1 bad 1:2\n"
		     "2 0:2 bad 2:7\n"
		     "3 0:3 user_1 ada@example.com*! [HASH_NOT_EXPORTED]\n"
		     "4 0:4 bad 4:1\n"
		     "5 0:5 user_2 ben@example.com*!\n"
		     "end\n");
}

/* The record's own text, for who wants to give it back: one line a record, "-" where it is not known. */
static void gives(struct plan_test *test, const char *expected)
{
	struct rh_source *source = NULL;
	struct rh_source_item item;
	struct rh_collector collector;
	rh_autobuf text = {0};

	rh_buf_init(&text, 1U << 16);
	assert_int_equal(plan_open_source(test, false, &source), RH_OK);
	for (;;) {
		rh_collector_start(&collector);
		int code = rh_source_next(source, &test->arena, &collector.sink, &item, &test->err);
		assert_true(code >= 0);
		if (code == 0) {
			break;
		}
		rh_buf_printf(&text, "%s%.*s\n", item.raw.ptr == NULL ? "-" : "",
			      RH_STR_ARG(item.raw));
	}
	rh_buf_add_char(&text, '\0');
	assert_string_equal(text.ptr, expected);
	rh_source_close(source);
}

static void the_text_of_each_record_can_be_had(void **state)
{
	static const char csv[] = "id;email_addresses\r\n\"user_1\";\"a\"\"da@example.com\"\r\n"
				  "user_2\nuser_3;ben@example.com";
	struct plan_test *test = *state;
	struct rh_source *source = NULL;

	/* Bad ones before the first good one, with so much between that the reader has moved on. */
	rh_autobuf json = {0};
	rh_buf_init(&json, 8U << 20);
	rh_buf_add_cstr(&json, "[7,\n{\"id\":},");
	memset(rh_buf_reserve(&json, 3U << 20), ' ', 3U << 20);
	json.len += 3U << 20;
	rh_buf_add_cstr(&json, ADA ",[],\n" BEN "]");
	plan_input_bytes(test, "a.json", rh_buf_str(&json));
	gives(test, "7\n{\"id\":}\n" ADA "\n[]\n" BEN "\n");
	plan_clear(test);

	plan_input(test, "b.csv", csv);
	gives(test, "\"user_1\";\"a\"\"da@example.com\"\nuser_2\nuser_3;ben@example.com\n");
	assert_int_equal(plan_open_source(test, false, &source), RH_OK);
	assert_true(rh_str_is(rh_source_input(source, 0)->header, "id;email_addresses"));
	assert_int_equal(rh_source_input(source, 0)->separator, ';');
	rh_source_close(source);

	/* Joined: the fuller one's, then what stands only in the partial file. */
	plan_input(test, "c.json", "[" ADA "]");
	gives(test, ADA "\nuser_2\nuser_3;ben@example.com\n");
}

/* ---- a file that changes ------------------------------------------------------------------------------- */

/* Records so many that the text has several chunks. */
static void many(struct rh_buf *out, const char *domain)
{
	rh_buf_init(out, 8U << 20);
	for (int i = 0; out->len < 1000000; i++) {
		rh_buf_printf(
			out,
			"%s{\"id\":\"user_%05d\",\"primary_email_address_id\":\"i\","
			"\"email_addresses\":[{\"id\":\"i\",\"email_address\":\"p%05d@%s\"}]}",
			i == 0 ? "[" : ",\n", i, i, domain);
	}
	rh_buf_add_char(out, ']');
}

/* Writes in place, and where it must be seen at once, not in the same tick of the file system's clock. */
static void rewrite(const char *path, struct rh_str text, bool is_later)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 1700000000}};
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
	if (is_later) {
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
}

/* Reads until an account's address is not of example.com, the end, or an error. */
static int read_on(struct plan_test *test, struct rh_source *source, size_t count, bool *is_wrong)
{
	int code = 1;

	*is_wrong = false;
	for (size_t i = 0; i < count && code == 1 && !*is_wrong; i++) {
		struct rh_source_item item;
		struct rh_collector collector;
		rh_collector_start(&collector);
		code = rh_source_next(source, &test->arena, &collector.sink, &item, &test->err);
		if (code == 1) {
			*is_wrong = item.is_bad ||
				    memmem(item.raw.ptr, item.raw.len, "example.com", 11) == NULL;
		}
	}
	return code;
}

static void a_file_that_changes_while_it_is_planned_is_not_read(void **state)
{
	struct plan_test *test = *state;
	rh_autobuf text = {0};
	struct rh_str whole;

	many(&text, "example.com");
	whole = rh_buf_str(&text);
	plan_input_bytes(test, "a.json", whole);
	for (int round = 0; round < 3; round++) {
		struct rh_source *source = NULL;
		bool is_wrong;
		assert_int_equal(plan_open_source(test, false, &source), RH_OK);
		assert_int_equal(read_on(test, source, 10, &is_wrong), 1);
		if (round == 0) { /* cut: what it says of itself would be that it is broken */
			rewrite(test->paths[0], rh_str_sub(whole, 0, whole.len / 2), false);
		} else if (round == 1) { /* the same once more, and yet somebody wrote */
			rewrite(test->paths[0], whole, true);
		} else { /* another one in its place */
			char *other = test_folder_path(test->folder, "other");
			rewrite(other, whole, false);
			assert_int_equal(rename(other, test->paths[0]), 0);
			free(other);
		}
		assert_int_equal(read_on(test, source, SIZE_MAX, &is_wrong), RH_EIO);
		assert_non_null(
			strstr(test->err.message, "a.json\": the file changed while it was"));
		assert_non_null(strstr(test->err.hint, "plan again"));
		rh_source_close(source);
		rewrite(test->paths[0], whole, false);
	}
}

static void only_what_the_plan_was_made_from_is_handed_out(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan = {0};
	struct rh_source *source = NULL;
	rh_autobuf text = {0};
	rh_autobuf other = {0};
	bool is_wrong;

	many(&text, "example.com");
	many(&other, "example.net");
	plan_input_bytes(test, "a.json", rh_buf_str(&text));
	plan_make(test, NULL, 0, &plan);
	test->revision = plan.revision;

	/* Untouched, it is read; when it was only written again, too. */
	for (int round = 0; round < 2; round++) {
		assert_int_equal(plan_open_source(test, true, &source), RH_OK);
		assert_int_equal(read_on(test, source, SIZE_MAX, &is_wrong), 0);
		assert_false(is_wrong);
		rh_source_close(source);
		assert_int_equal(plan_check_source(test), RH_OK);
		rewrite(test->paths[0], rh_buf_str(&text), true);
	}

	/* Written over while it is read: people of one length, so that the text stays well-formed. */
	assert_int_equal(plan_open_source(test, true, &source), RH_OK);
	assert_int_equal(read_on(test, source, 10, &is_wrong), 1);
	rewrite(test->paths[0], rh_buf_str(&other), false);
	assert_int_equal(read_on(test, source, SIZE_MAX, &is_wrong), RH_EMISMATCH);
	assert_false(is_wrong);
	assert_non_null(strstr(test->err.message, "a.json\": the input changed since the plan"));
	rh_source_close(source);
	assert_int_equal(plan_check_source(test), RH_EMISMATCH);
	assert_int_equal(plan_open_source(test, true, &source), RH_EMISMATCH);
	rh_plan_done(&plan);
}

/* Gives the file back the time of its content that it had, as a copy with all its times does. */
static void set_modified(const char *path, const struct stat *then)
{
	const struct timespec times[2] = {then->st_atim, then->st_mtim};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* S6 */
static void a_file_that_looks_as_it_did_is_not_read_to_be_known(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan = {0};
	rh_autobuf text = {0};
	rh_autobuf other = {0};
	struct stat before;

	many(&text, "example.com");
	many(&other, "example.net");
	plan_input_bytes(test, "a.json", rh_buf_str(&text));
	assert_int_equal(stat(test->paths[0], &before), 0);

	/* Planned within two seconds of its writing: its looks say nothing. */
	for (int64_t seconds = -10; seconds <= 2; seconds += 4) {
		test->clock.now_at = ((int64_t)before.st_ctim.tv_sec + seconds) * RH_SECOND;
		plan_make(test, NULL, 0, &plan);
		test->revision = plan.revision;
		assert_int_equal(plan_check_source(test), RH_OK);
		assert_true(test->ticks > 0);
		rh_plan_done(&plan);
	}

	/* Later: it is known again. */
	test->clock.now_at = ((int64_t)before.st_ctim.tv_sec + 3) * RH_SECOND;
	plan_set(test, "limit", "100000"); /* another plan, with marks of its own */
	plan_make(test, NULL, 0, &plan);
	assert_true(plan.revision > test->revision);
	test->revision = plan.revision;
	assert_int_equal(plan_check_source(test), RH_OK);
	assert_int_equal(test->ticks, 0);

	/* Another text of one length, with the time of the first: the time of its status tells. */
	rewrite(test->paths[0], rh_buf_str(&other), false);
	set_modified(test->paths[0], &before);
	assert_int_equal(plan_check_source(test), RH_EMISMATCH);
	/* The first text again: it is read, and found to be the same. */
	rewrite(test->paths[0], rh_buf_str(&text), false);
	set_modified(test->paths[0], &before);
	assert_int_equal(plan_check_source(test), RH_OK);
	assert_true(test->ticks > 0);
	rh_plan_done(&plan);
}

/* ---- cells ------------------------------------------------------------------------------------------- */

static void null_is_a_name_but_no_username(void **state)
{
	struct plan_test *test = *state;
	struct rh_source *source = NULL;
	struct rh_collector collector;
	struct rh_source_item item;

	plan_input(test, "a.csv",
		   TEST_CSV
		   "user_1,Null,NULL,NULL,ada@example.com,NULL,\\N,nil,,,undefined,null,\n");
	assert_int_equal(plan_open_source(test, false, &source), RH_OK);
	rh_collector_start(&collector);
	assert_int_equal(rh_source_next(source, &test->arena, &collector.sink, &item, &test->err),
			 1);
	assert_true(rh_str_is(item.account.first_name, "Null"));
	assert_true(rh_str_is(item.account.last_name, "NULL"));
	assert_int_equal(item.account.identifier_count, 1);
	assert_int_equal(item.account.factor_count, 0);
	assert_int_equal(item.account.credential.state, RH_CREDENTIAL_ABSENT);
	rh_source_close(source);
}

static void inputs_are_known_by_their_content(void **state)
{
	struct plan_test *test = *state;
	struct rh_source *source = NULL;
	struct rh_collector collector;
	struct rh_source_item item;
	uint8_t plain[32];
	uint64_t done;
	uint64_t total;

	for (int round = 0; round < 2; round++) {
		if (round == 0) {
			plan_input(test, "a.json", "[" ADA "," BEN "]");
		} else {
			plan_clear(test);
			input_packed(test, "a.gz", "[" ADA "," BEN "]");
		}
		assert_int_equal(plan_open_source(test, false, &source), RH_OK);
		do {
			rh_collector_start(&collector);
		} while (rh_source_next(source, &test->arena, &collector.sink, &item, &test->err) ==
			 1);
		const struct rh_input *input = rh_source_input(source, 0);
		assert_int_equal(rh_source_inputs(source), 1);
		assert_int_equal(input->records, 2);
		assert_int_equal(input->length, strlen("[" ADA "," BEN "]"));
		assert_string_equal(input->shape, "user objects of the Backend API");
		rh_source_position(source, &done, &total);
		assert_int_equal(done, input->length);
		if (round == 0) {
			memcpy(plain, input->digest, sizeof(plain));
			assert_int_equal(total, input->length);
		} else {
			/* The same text in another packing is the same input; its size is not known. */
			assert_memory_equal(plain, input->digest, sizeof(plain));
			assert_int_equal(total, 0);
		}
		rh_source_close(source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_form_gives_the_same_accounts, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(files_follow_each_other, plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(a_partial_file_alone_is_read_like_any_other,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(partial_files_are_joined_by_id, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(
			what_one_record_lacks_and_the_other_has_is_no_finding, plan_setup,
			plan_teardown),
		cmocka_unit_test_setup_teardown(json_can_be_joined_too, plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(the_join_lies_sealed_and_goes, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(the_share_of_joined_inputs_grows_from_none_to_all,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(a_person_too_large_for_one_account_is_refused_alone,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(standard_input_is_kept_sealed_and_replayed,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(standard_input_cannot_be_read_twice, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(an_input_not_read_to_its_end_is_an_error,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(what_is_no_export_is_said, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(a_page_of_more_is_refused, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(pages_together_are_whole, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(pages_are_seen_with_every_cut, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(a_reading_that_may_go_well_later_is_no_bad_input,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(broken_records_stop_nobody, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(the_text_of_each_record_can_be_had, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(a_file_that_changes_while_it_is_planned_is_not_read,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(a_file_that_looks_as_it_did_is_not_read_to_be_known,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(only_what_the_plan_was_made_from_is_handed_out,
						plan_setup, plan_teardown),
		cmocka_unit_test_setup_teardown(null_is_a_name_but_no_username, plan_setup,
						plan_teardown),
		cmocka_unit_test_setup_teardown(inputs_are_known_by_their_content, plan_setup,
						plan_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
