/* SPDX-License-Identifier: Apache-2.0 */
/* Plans that several processes read for: the same, byte for byte, as those of one (apart.h, R1 to R6). */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
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

#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "plan_support.h"

/* More than two chunks, as a file must have to be read in stretches at all. */
#define TEXT_LEN ((size_t)800 * 1024)
#define TEXT_MAX ((size_t)4 << 20)

enum form { ARRAY, ONE_LINE, PRETTY, WRAPPED, LINES, ROWS, FORMS };

/* ---- made-up exports ----------------------------------------------------------------------------------- */

struct chance {
	uint64_t state;
};

static size_t below(struct chance *chance, size_t count)
{
	return (size_t)(rh_random_next(&chance->state) % count);
}

/* Text that looks like the border between two records, and is none. */
static const char *name_of(struct chance *chance)
{
	static const char *const names[] = {
		"Ada",
		"},{",
		"a\\\"},{\\\"id\\\":\\\"user_9",
		",\\n{\\\"id\\\":1},",
		"]}]",
		"\\\\",
		"\xc3\x84"
		"da",
	};

	return names[below(chance, sizeof(names) / sizeof(names[0]))];
}

static void put_addresses(struct rh_buf *out, struct chance *chance, unsigned long number,
			  const char *gap)
{
	size_t count = 1 + below(chance, 3);

	rh_buf_add_cstr(out, "\"email_addresses\":[");
	for (size_t i = 0; i < count; i++) {
		/* Some are those of another record. */
		unsigned long owner = below(chance, 40) == 0 ? 1 + below(chance, 50) : number;
		rh_buf_printf(
			out,
			"%s%s{\"id\":\"idn_%lu_%zu\",\"email_address\":\"p%lu.%zu@example.com\","
			"\"verification\":{\"status\":\"%s\"},\"linked_to\":[{\"id\":\"x\"},"
			"{\"id\":\"y\"}]}",
			i > 0 ? "," : "", gap, number, i, owner, i,
			below(chance, 4) > 0 ? "verified" : "unverified");
	}
	rh_buf_add_cstr(out, "]");
}

static void put_padding(struct rh_buf *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		rh_buf_add_cstr(out, i % 50 == 49 ? "{" : "x");
	}
}

/* A user object, now and then with something wrong; `gap`: what stands between its members. */
static void put_object(struct rh_buf *out, struct chance *chance, unsigned long number,
		       const char *gap, bool has_trouble)
{
	size_t trouble = has_trouble ? below(chance, 120) : 120;
	size_t padding = below(chance, 200) == 0 ? 20000 : below(chance, 900);

	if (trouble == 0) {
		rh_buf_add_cstr(out, "{\"id\":\"user_x\",\"broken\":nul}");
		return;
	}
	if (trouble == 1) {
		rh_buf_add_cstr(out, "17");
		return;
	}
	rh_buf_printf(out, "{%s\"id\":\"user_%lu\",%s", gap, trouble == 2 ? 1 + number / 2 : number,
		      gap);
	rh_buf_printf(out, "\"first_name\":\"%s\",%s\"primary_email_address_id\":\"idn_%lu_0\",%s",
		      name_of(chance), gap, number, gap);
	if (trouble != 3) {
		put_addresses(out, chance, number, gap);
		rh_buf_printf(out, ",%s", gap);
	}
	rh_buf_printf(out,
		      "\"banned\":%s,%s\"public_metadata\":{\"n\":%lu,\"list\":[{},{\"a\":1}]},%s",
		      below(chance, 30) == 0 ? "true" : "false", gap, number, gap);
	rh_buf_add_cstr(out, "\"private_metadata\":{\"pad\":\"");
	put_padding(out, padding);
	rh_buf_printf(out, "\"}%s%s", gap, trouble == 4 ? "" : "}");
}

static void put_row(struct rh_buf *out, struct chance *chance, unsigned long number,
		    bool has_trouble)
{
	size_t trouble = has_trouble ? below(chance, 200) : 200;

	if (trouble == 0) {
		rh_buf_add_cstr(out, "user_x,too,few\n");
		return;
	}
	if (trouble == 1) {
		rh_buf_add_cstr(out, TEST_CSV);
		return;
	}
	rh_buf_printf(out, "user_%lu,%s,\"Exam%sple\",,p%lu@example.com,,p%lu@example.com,,,,,",
		      trouble == 2 ? 1 + number / 2 : number,
		      below(chance, 9) == 0 ? "\"A\"\"d\na,\"" : "Ada",
		      below(chance, 9) == 0 ? "\n\nuser_7,b" : "", number,
		      below(chance, 90) == 0 ? 1 + number / 3 : number);
	rh_buf_printf(out, "%s%s", below(chance, 3) == 0 ? TEST_HASH ",bcrypt" : ",",
		      below(chance, 20) == 0 ? "\r\n" : "\n");
	if (below(chance, 50) == 0) {
		rh_buf_add_cstr(out, "\n");
	}
}

static void put_text(struct rh_buf *out, struct chance *chance, enum form form, bool has_trouble)
{
	static const char *const before[FORMS] = {"[\n",   "[",
						  "[\n  ", "{\"total\":1,\"users\":[",
						  "",      TEST_CSV};
	static const char *const between[FORMS] = {",\n", ",", ",\n  ", "\n ,", "\n", ""};
	static const char *const behind[FORMS] = {"\n]\n", "]", "\n]", "],\"more\":[{},{}]}",
						  "\n",    ""};

	rh_buf_add_cstr(out, before[form]);
	for (unsigned long number = 1; out->len < TEXT_LEN; number++) {
		rh_buf_add_cstr(out, number > 1 ? between[form] : "");
		if (form == ROWS) {
			put_row(out, chance, number, has_trouble);
		} else {
			put_object(out, chance, number, form == PRETTY ? "\n    " : "",
				   has_trouble);
		}
	}
	rh_buf_add_cstr(out, behind[form]);
	assert_int_equal(out->failed, 0);
}

/* ---- two plans of one input ---------------------------------------------------------------------------- */

/* All that a plan leaves: its page and counts, its exceptions, its marks; or why it failed. */
struct outcome {
	int code;
	struct rh_buf page;
	struct rh_buf exceptions;
	struct rh_buf marks;
};

static void read_file(struct plan_test *test, const char *name, struct rh_buf *out)
{
	char *path = test_folder_path(test->workspace_path, name);

	rh_buf_init(out, 64U << 20);
	assert_int_equal(rh_file_read(path, out, &test->err), RH_OK);
	assert_int_equal(remove(path), 0);
	free(path);
}

static void outcome_of(struct plan_test *test, unsigned workers, size_t stretch_bytes,
		       struct outcome *out)
{
	struct rh_plan plan;

	*out = (struct outcome){0};
	test->workers = workers;
	test->stretch_bytes = stretch_bytes;
	test->err = (struct rh_err){0};
	out->code = plan_try(test, &plan);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	if (out->code != RH_OK) {
		rh_buf_init(&out->page, 4096);
		rh_buf_printf(&out->page, "%s", test->err.message);
		return;
	}
	assert_int_equal(plan.revision, 1);
	rh_plan_done(&plan);
	read_file(test, "plans/1.json", &out->page);
	read_file(test, "plans/1.db", &out->exceptions);
	read_file(test, "plans/1.marks", &out->marks);
}

static void outcome_done(struct outcome *outcome)
{
	rh_buf_done(&outcome->page);
	rh_buf_done(&outcome->exceptions);
	rh_buf_done(&outcome->marks);
}

static void compare_texts(const struct rh_buf *one, const struct rh_buf *other, const char *what,
			  size_t stretch_bytes)
{
	if (!rh_str_eq(rh_buf_str(one), rh_buf_str(other))) {
		fail_msg("%s differ with stretches of %zu bytes", what, stretch_bytes);
	}
}

/* The plan of test's inputs is the same with stretches of any size, of which workers read so many records at least. */
static void same_in_stretches(struct plan_test *test, struct chance *chance, unsigned times,
			      uint64_t least)
{
	struct outcome alone;

	outcome_of(test, 1, 0, &alone);
	assert_int_equal(test->read_apart, 0);
	for (unsigned i = 0; i < times; i++) {
		size_t stretch_bytes = 5000 + below(chance, i % 2 == 0 ? 10000 : 150000);
		struct outcome apart;

		outcome_of(test, 2 + i % 3, stretch_bytes, &apart);
		assert_in_range(test->read_apart, least, UINT32_MAX);
		assert_int_equal(apart.code, alone.code);
		compare_texts(&alone.page, &apart.page, "page and counts", stretch_bytes);
		compare_texts(&alone.exceptions, &apart.exceptions, "exceptions", stretch_bytes);
		compare_texts(&alone.marks, &apart.marks, "marks", stretch_bytes);
		outcome_done(&apart);
	}
	outcome_done(&alone);
}

static void input_of(struct plan_test *test, struct chance *chance, enum form form,
		     bool has_trouble)
{
	struct rh_buf text;

	rh_buf_init(&text, TEXT_MAX);
	put_text(&text, chance, form, has_trouble);
	plan_input_bytes(test, "in", rh_buf_str(&text));
	rh_buf_done(&text);
}

/* R1, R2 */
static void every_form_is_the_same_in_stretches(void **state)
{
	struct chance chance = {.state = 7};

	for (unsigned form = 0; form < FORMS; form++) {
		input_of(*state, &chance, (enum form)form, false);
		same_in_stretches(*state, &chance, 3, 200);
		plan_clear(*state);
	}
}

/* In a text whose lines do not begin with a record, a missing bracket costs all that is behind it. */
static uint64_t least_of(unsigned form)
{
	return form == ONE_LINE || form == WRAPPED ? 0 : 200;
}

/* R3 */
static void trouble_is_the_same_in_stretches(void **state)
{
	struct chance chance = {.state = 11};

	for (unsigned form = 0; form < FORMS; form++) {
		input_of(*state, &chance, (enum form)form, true);
		same_in_stretches(*state, &chance, 3, least_of(form));
		plan_clear(*state);
	}
}

/* R3: what ends the reading says the same. */
static void a_cut_text_fails_the_same_in_stretches(void **state)
{
	struct chance chance = {.state = 13};

	for (unsigned form = 0; form < FORMS; form++) {
		struct rh_buf text;

		rh_buf_init(&text, TEXT_MAX);
		put_text(&text, &chance, (enum form)form, true);
		plan_input_bytes(*state, "in", rh_str_sub(rh_buf_str(&text), 0, TEXT_LEN - 300));
		rh_buf_done(&text);
		same_in_stretches(*state, &chance, 2, least_of(form));
		plan_clear(*state);
	}
}

/* R4: ids that are named, and where to begin and to end. */
static void options_of_order_are_the_same_in_stretches(void **state)
{
	struct chance chance = {.state = 17};

	input_of(*state, &chance, ARRAY, false);
	plan_set(*state, "resume-after", "user_30");
	plan_set(*state, "except", "user_400");
	plan_set(*state, "limit", "500");
	same_in_stretches(*state, &chance, 2, 200);
}

static void several_files_are_the_same_in_stretches(void **state)
{
	struct chance chance = {.state = 19};
	struct rh_buf text;

	input_of(*state, &chance, LINES, true);
	plan_input(*state, "small", "[" PERSON("user_small", "small@example.com", "") "]");
	rh_buf_init(&text, TEXT_MAX);
	put_text(&text, &chance, PRETTY, true);
	plan_input_bytes(*state, "other", rh_buf_str(&text));
	rh_buf_done(&text);
	same_in_stretches(*state, &chance, 2, 200);
}

/* R4: a plan behind another may be one of mended records; from some record on it is known not to be. */
static void a_plan_behind_another_is_read_apart(void **state)
{
	struct plan_test *test = *state;
	struct chance chance = {.state = 37};
	struct rh_plan plan;

	plan_input(test, "first", "[" PERSON("user_first", "first@example.com", "") "]");
	plan_make(test, NULL, 0, &plan);
	rh_plan_done(&plan);
	plan_clear(test);
	input_of(test, &chance, ROWS, false);
	test->workers = 2;
	test->stretch_bytes = 20000;
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan.revision, 2);
	assert_in_range(test->read_apart, 1000, plan.counts.total - 1000);
	rh_plan_done(&plan);
	plan_set(test, "mended", "true");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(test->read_apart, 0);
	rh_plan_done(&plan);
}

/* ---- processes that end -------------------------------------------------------------------------------- */

/* The first child of this process, as the kernel lists it. */
static pid_t first_child(void)
{
	char path[64];
	char text[64] = "";
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY);
	if (fd < 0) {
		return -1;
	}
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	return got > 0 ? (pid_t)strtol(text, NULL, 10) : -1;
}

static bool kill_one(void *context, uint64_t records)
{
	int *killed = context;
	pid_t child = first_child();

	(void)records;
	if (child > 0 && *killed == 0) {
		*killed = kill(child, SIGKILL) == 0;
	}
	return true;
}

/* R6 */
static void a_worker_that_is_killed_ends_the_plan(void **state)
{
	struct plan_test *test = *state;
	struct chance chance = {.state = 23};
	struct rh_plan plan;
	int killed = 0;
	char *path;

	input_of(test, &chance, ROWS, false);
	test->workers = 2;
	test->stretch_bytes = 3000;
	test->tick = kill_one;
	test->tick_context = &killed;
	assert_int_equal(plan_try(test, &plan), RH_EIO);
	assert_int_equal(killed, 1);
	assert_non_null(strstr(test->err.message, "was ended by signal 9"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	path = test_folder_path(test->workspace_path, "plans/1.json");
	assert_false(rh_file_exists(path));
	free(path);
	/* Nothing is left that would keep the next one from being made. */
	test->tick = NULL;
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan.revision, 1);
	rh_plan_done(&plan);
}

static bool stop(void *context, uint64_t records)
{
	(void)context;
	(void)records;
	return false;
}

static void who_stops_it_leaves_nobody_behind(void **state)
{
	struct plan_test *test = *state;
	struct chance chance = {.state = 29};
	struct rh_plan plan;

	input_of(test, &chance, ROWS, false);
	test->workers = 2;
	test->stretch_bytes = 3000;
	test->tick = stop;
	assert_int_equal(plan_try(test, &plan), RH_EINTERRUPTED);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* ---- a file that changes ------------------------------------------------------------------------------- */

/* Changes one byte far behind, in place, and lets the file look as before. */
static bool change_file(void *context, uint64_t records)
{
	const struct plan_test *test = context;
	struct stat status;
	int fd = open(test->paths[0], O_RDWR);

	(void)records;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(pwrite(fd, "!", 1, (off_t)(TEXT_LEN - 1000)), 1);
	close(fd);
	return true;
}

/* source_stretch.h, 3 */
static void a_file_that_changes_ends_the_plan(void **state)
{
	struct plan_test *test = *state;
	struct chance chance = {.state = 31};
	struct rh_plan plan;

	input_of(test, &chance, ROWS, false);
	test->workers = 2;
	test->stretch_bytes = 20000;
	test->tick = change_file;
	test->tick_context = test;
	assert_int_equal(plan_try(test, &plan), RH_EIO);
	assert_non_null(strstr(test->err.message, "the file changed while it was read"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plan_setup, plan_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_form_is_the_same_in_stretches),
		TEST(trouble_is_the_same_in_stretches),
		TEST(a_cut_text_fails_the_same_in_stretches),
		TEST(options_of_order_are_the_same_in_stretches),
		TEST(several_files_are_the_same_in_stretches),
		TEST(a_plan_behind_another_is_read_apart),
		TEST(a_worker_that_is_killed_ends_the_plan),
		TEST(who_stops_it_leaves_nobody_behind),
		TEST(a_file_that_changes_ends_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
