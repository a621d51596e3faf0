/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as a numbered revision: when it keeps its number, what is written, and that no person is in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "plan_support.h"

#define ADA PERSON("user_1", "ada@example.com", ",\"first_name\":\"Adaline\"")
#define BEN PERSON("user_2", "ben@example.com", ",\"last_name\":\"Sampleman\"")

static int64_t revision_of(struct plan_test *test)
{
	struct rh_plan plan;

	plan_make(test, NULL, 0, &plan);
	rh_plan_done(&plan);
	return plan.revision;
}

static void an_identical_plan_keeps_its_number(void **state)
{
	struct plan_test *test = *state;

	plan_input(test, "a.json", "[" ADA "," BEN "]");
	assert_int_equal(revision_of(test), 1);
	assert_int_equal(revision_of(test), 1);
	rh_clock_manual_advance(&test->clock, RH_SECOND);
	assert_int_equal(revision_of(test), 1);
	/* Where the input lies and how it is packed does not matter, nor how fast it is to go. */
	plan_clear(test);
	plan_input(test, "b.json", "[" ADA "," BEN "]");
	plan_set(test, "rate", "7");
	assert_int_equal(revision_of(test), 1);
}

static void another_input_option_or_decision_makes_another_plan(void **state)
{
	static const struct rh_observed observed = {
		.target_id = RH_STR("t_1"),
		.external_id = RH_STR("user_1"),
	};
	struct plan_test *test = *state;
	struct rh_plan plan;
	bool *unsafe;

	plan_input(test, "a.json", "[" ADA "," BEN "]");
	assert_int_equal(revision_of(test), 1);
	plan_input(test, "a.json", "[" ADA "," BEN " ]");
	plan_clear(test);
	plan_input(test, "a.json", "[" ADA "," BEN " ]");
	assert_int_equal(revision_of(test), 2);
	plan_set(test, "unverified", "drop");
	assert_int_equal(revision_of(test), 3);
	plan_set(test, "only", "user_1");
	assert_int_equal(revision_of(test), 4);
	plan_set(test, "only", "user_2"); /* nobody less is taken: as a list it is another one */
	assert_int_equal(revision_of(test), 5);
	plan_make(test, &observed, 1, &plan);
	assert_int_equal(plan.revision, 6);
	rh_plan_done(&plan);
	/* The target's own options shape what is sent. */
	unsafe = (bool *)((char *)test->target_instance +
			  rh_option_find(test->target->options, "unsafe-metadata")->offset);
	*unsafe = true;
	plan_make(test, &observed, 1, &plan);
	assert_int_equal(plan.revision, 7);
	rh_plan_done(&plan);
	/* Only the newest is compared: an older one does not come back. */
	*unsafe = false;
	plan_make(test, &observed, 1, &plan);
	assert_int_equal(plan.revision, 8);
	rh_plan_done(&plan);
}

/* P3: what has its default is as if it were not there, so an option that comes later makes no plan another one. */
static void options_that_have_their_defaults_are_not_counted(void **state)
{
	static const char nothing[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	struct plan_test *test = *state;
	struct rh_plan plan;

	plan_input(test, "a.json", "[" ADA "," BEN "]");
	plan_make(test, NULL, 0, &plan);
	assert_string_equal(plan.options_digest, nothing);
	rh_plan_done(&plan);
	plan_set(test, "on-changed", "skip");
	plan_make(test, NULL, 0, &plan);
	assert_string_not_equal(plan.options_digest, nothing);
	assert_int_equal(plan.revision, 2);
	rh_plan_done(&plan);
	plan_set(test, "on-changed", "update");
	plan_set(test, "require-password", "false");
	plan_make(test, NULL, 0, &plan);
	assert_string_equal(plan.options_digest, nothing);
	rh_plan_done(&plan);
}

static void ids_begin_behind_those_of_the_ledger(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan;

	plan_open_ledger(test);
	plan_input(test, "a.json", "[" ADA "," BEN "]");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan.base, 0);
	rh_plan_done(&plan);
	plan_ledger_row(test, 2, "user_2", RH_STATE_DONE, 1);
	/* P3 and P4 together: the same plan keeps number and base, the ledger's row is not counted twice. */
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan.revision, 1);
	assert_int_equal(plan.base, 0);
	assert_int_equal(plan.counts.done, 1);
	assert_int_equal(plan.counts.create, 1);
	rh_plan_done(&plan);
	plan_input(test, "b.json", "[" PERSON("user_3", "cleo@example.com", "") "]");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan.revision, 2);
	assert_int_equal(plan.base, 2);
	assert_int_equal(plan.counts.done, 1);
	assert_int_equal(plan.counts.create, 2);
	rh_plan_done(&plan);
}

static void a_loaded_plan_is_the_one_that_was_made(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan made;
	struct rh_plan loaded;

	plan_input(test, "a.json", "[" ADA "," BEN ",7," PERSON("user_2", "b@example.com", "") "]");
	plan_set(test, "except", "user_1");
	plan_make(test, NULL, 0, &made);
	assert_int_equal(rh_plan_load(&test->workspace, 0, &loaded, &test->err), RH_OK);
	assert_int_equal(loaded.revision, made.revision);
	assert_int_equal(loaded.base, made.base);
	assert_int_equal(loaded.created_at, TEST_NOW);
	assert_memory_equal(&loaded.counts, &made.counts, sizeof(made.counts));
	assert_int_equal(loaded.counts.refuse, 2);
	assert_int_equal(loaded.counts.left_out, 1);
	assert_string_equal(loaded.fingerprint, made.fingerprint);
	assert_string_equal(loaded.options_digest, made.options_digest);
	assert_string_equal(loaded.inputs_digest, made.inputs_digest);
	assert_int_equal(strlen(loaded.fingerprint), 64);
	assert_int_equal(rh_groups_count(loaded.groups), rh_groups_count(made.groups));
	assert_true(rh_groups_count(made.groups) >= 3);
	for (size_t i = 0; i < rh_groups_count(made.groups); i++) {
		struct rh_finding_group a;
		struct rh_finding_group b;
		rh_groups_get(made.groups, i, &a);
		rh_groups_get(loaded.groups, i, &b);
		assert_ptr_equal(a.info, b.info);
		assert_string_equal(a.note, b.note);
		assert_int_equal(a.count, b.count);
		for (size_t e = 0; e < 3; e++) {
			assert_string_equal(a.examples[e] != NULL ? a.examples[e] : "",
					    b.examples[e] != NULL ? b.examples[e] : "");
		}
	}
	rh_plan_done(&made);
	rh_plan_done(&loaded);
	assert_int_equal(rh_plan_load(&test->workspace, 2, &loaded, &test->err), RH_ESTATE);
}

static void a_damaged_plan_is_refused(void **state)
{
	static const char *const texts[] = {"", "{", "[]",
					    "{\"rehome_plan\":3,\"revision\":1,\"base\":0}"};
	struct plan_test *test = *state;
	struct rh_plan plan;
	char *path;

	plan_input(test, "a.json", "[" ADA "]");
	assert_int_equal(revision_of(test), 1);
	path = test_folder_path(test->workspace_path, "plans/1.json");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(rh_file_write(path, rh_str_from(texts[i]), &test->err), RH_OK);
		assert_true(rh_plan_load(&test->workspace, 1, &plan, &test->err) < 0);
	}
	free(path);
}

static void the_document_says_inputs_options_and_counts(void **state)
{
	struct plan_test *test = *state;
	char *path = test_folder_path(test->workspace_path, "plans/1.json");
	json_t *plan;
	json_t *input;

	plan_set(test, "from", "clerk");
	plan_set(test, "only", "user_1");
	plan_set(test, "only", "user_2");
	plan_set(test, "offline", "true");
	plan_set(test, "proxy", "http://someone:pr0xypass@proxy.example:3128");
	plan_input(test, "a.json", "[" ADA "," BEN "]");
	assert_int_equal(revision_of(test), 1);
	plan = json_load_file(path, 0, NULL);
	assert_non_null(plan);
	input = json_array_get(json_object_get(plan, "inputs"), 0);
	assert_string_equal(json_string_value(json_object_get(input, "path")), test->paths[0]);
	assert_int_equal(json_integer_value(json_object_get(input, "records")), 2);
	assert_int_equal(strlen(json_string_value(json_object_get(input, "digest"))), 64);
	json_t *options = json_object_get(plan, "options");
	assert_string_equal(json_string_value(json_object_get(options, "from")), "clerk");
	assert_int_equal(json_array_size(json_object_get(options, "only")), 2);
	/* What counts for one command alone, or leads to the target, is not handed on. */
	assert_null(json_object_get(options, "offline"));
	assert_null(json_object_get(options, "proxy"));
	assert_null(json_object_get(json_object_get(plan, "target_options"), "api-key"));
	json_decref(plan);
	free(path);
}

static void nobody_and_no_secret_lies_in_the_open(void **state)
{
	static const char *const texts[] = {
		"ada@example.com",  "ada@",        "Adaline", "Sampleman", "U4C0ZY8OG8y41F9L",
		"JBSWY3DPEHPK3PXP", "secretvalue", "+1212",
	};
	static const struct rh_observed observed[] = {
		{.target_id = RH_STR("t_1"), .email = RH_STR("ada@example.com")},
		{.target_id = RH_STR("t_2"),
		 .external_id = RH_STR("x"),
		 .email = RH_STR("ben@example.com")},
	};
	struct plan_test *test = *state;
	struct rh_plan plan;

	plan_open_ledger(test);
	plan_input(test, "a.json",
		   "[" ADA "," BEN
		   ",{\"id\":\"user_3\",\"email_addresses\":[{\"email_address\":\"ada@@\"}],"
		   "\"phone_numbers\":[{\"phone_number\":\"+1212\"}],\"public_metadata\":"
		   "{\"k\":\"secretvalue\"},\"first_name\":\"Adaline\"},{\"id\":Adaline},"
		   "{\"id\":\"user_4\",\"username\":\"Sampleman\"}]");
	plan_input(test, "b.csv",
		   TEST_CSV "user_1,Adaline,Sampleman,,ada@example.com,,ada@example.com,,,,"
			    "JBSWY3DPEHPK3PXP," TEST_HASH ",bcrypt\n"
			    "ada@example.com,\"" TEST_HASH "\"\n");
	plan_make(test, observed, 2, &plan);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (plan_holds(test, texts[i])) {
			fail_msg("%s is in the workspace", texts[i]);
		}
	}
	/* The same search finds what is there. */
	assert_true(plan_holds(test, "user_4"));
	assert_true(plan_holds(test, "SQLite format 3"));
	assert_true(plan.counts.refuse > 0);
	rh_plan_done(&plan);
}

static void what_was_in_the_way_is_gone_afterwards(void **state)
{
	static const char *const names[] = {"plans/index.tmp",   "plans/next.db",
					    "plans/next.db-wal", "plans/next.db-shm",
					    "plans/1.db-wal",    "plans/1.db-shm"};
	struct plan_test *test = *state;
	char *path;

	plan_input(test, "a.json", "[" ADA ",7]");
	assert_int_equal(revision_of(test), 1);
	/* Of a process that was killed. */
	path = test_folder_path(test->workspace_path, "plans/next.db-wal");
	assert_int_equal(rh_file_write(path, RH_STR("rubbish"), &test->err), RH_OK);
	free(path);
	path = test_folder_path(test->workspace_path, "plans/index.tmp");
	assert_int_equal(rh_file_write(path, RH_STR("rubbish"), &test->err), RH_OK);
	free(path);
	assert_int_equal(revision_of(test), 1);
	assert_string_equal(plan_list(test, 1), "2 refuse RECORD_BROKEN - -\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path = test_folder_path(test->workspace_path, names[i]);
		if (rh_file_exists(path)) {
			fail_msg("%s is left", names[i]);
		}
		free(path);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, plan_setup, plan_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_identical_plan_keeps_its_number),
		CASE(another_input_option_or_decision_makes_another_plan),
		CASE(options_that_have_their_defaults_are_not_counted),
		CASE(ids_begin_behind_those_of_the_ledger),
		CASE(a_loaded_plan_is_the_one_that_was_made),
		CASE(a_damaged_plan_is_refused),
		CASE(the_document_says_inputs_options_and_counts),
		CASE(nobody_and_no_secret_lies_in_the_open),
		CASE(what_was_in_the_way_is_gone_afterwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
