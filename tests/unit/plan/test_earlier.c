/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of mended records carry on whom the plan before them refused and they leave out (plan.h, P7). */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "plan_support.h"

#define ADA PERSON("user_1", "ada@example.com", "")
#define BEN PERSON("user_2", "ben@example.com", "")
#define MENDED(id, email) PERSON(id, email, ",\"rehome_code\":\"RH0202\"")
/* Refused: nobody could sign in with it. */
#define BROKEN(id) "{\"id\":\"" id "\",\"email_addresses\":[]}"
#define NAMELESS "{\"email_addresses\":[{\"id\":\"i\",\"email_address\":\"cid@example.com\"}]}"

/* Plans what stands in the one file that there is now. */
static struct rh_plan_counts counts_of(struct plan_test *test, const char *content)
{
	struct rh_plan plan;

	plan_clear(test);
	plan_input(test, "people.json", content);
	plan_make(test, NULL, 0, &plan);
	rh_plan_done(&plan);
	return plan.counts;
}

/* "ID REVISION " for each that the revision carries on. */
static const char *carried_by(struct plan_test *test, int64_t revision)
{
	struct rh_exceptions *exceptions;
	struct rh_exception exception;
	int code;

	rh_buf_reset(&test->text);
	assert_int_equal(rh_exceptions_open_earlier(&exceptions, &test->workspace, revision,
						    &test->err),
			 RH_OK);
	while ((code = rh_exceptions_next(exceptions, &exception, &test->err)) == 1) {
		rh_buf_add_str(&test->text,
			       exception.source_id.ptr != NULL ? exception.source_id : RH_STR("-"));
		rh_buf_printf(&test->text, " %d ", (int)exception.revision);
	}
	assert_int_equal(code, 0);
	rh_exceptions_close(exceptions);
	return test->text.len > 0 ? test->text.ptr : "";
}

static void who_is_left_out_is_carried_on(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts = counts_of(test, "[" ADA "," BROKEN("user_2") "," BROKEN(
							       "user_3") "," BROKEN("user_4") "]");

	assert_int_equal(counts.refuse, 3);
	assert_int_equal(counts.earlier_refuse, 0);
	counts = counts_of(test, "[" MENDED("user_3", "cid@example.com") "]");
	assert_int_equal(counts.create, 1);
	assert_int_equal(counts.earlier_refuse, 2);
	assert_string_equal(carried_by(test, 2), "user_2 1 user_4 1 ");
	/* And by the next one, from the plan that refused them. */
	counts = counts_of(test, "[" MENDED("user_4", "dan@example.com") "]");
	assert_int_equal(counts.earlier_refuse, 1);
	assert_string_equal(carried_by(test, 3), "user_2 1 ");
}

static void who_waited_and_is_left_out_still_waits(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	(void)counts_of(test, "[" ADA "," BEN "," BROKEN("user_3") "]");
	counts = counts_of(test, "[" MENDED("user_3", "cid@example.com") "]");
	assert_int_equal(counts.earlier_open, 2);
	/* Nobody is told twice when the same file is planned again, or its next part. */
	counts = counts_of(test, "[" MENDED("user_3", "dan@example.com") "]");
	assert_int_equal(counts.earlier_open, 2);
	counts = counts_of(test, "[" MENDED("user_4", "eve@example.com") "]");
	assert_int_equal(counts.earlier_open, 3);
}

static void a_newer_export_carries_nobody_on(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	(void)counts_of(test, "[" ADA "," BROKEN("user_2") "]");
	counts = counts_of(test, "[" ADA "]");
	assert_int_equal(counts.earlier_refuse, 0);
	assert_string_equal(carried_by(test, 2), "");
	/* Unless the option says that it is one of mended records. */
	(void)counts_of(test, "[" ADA "," BROKEN("user_2") "]");
	plan_set(test, "mended", "true");
	counts = counts_of(test, "[" ADA "," BEN "," BROKEN("user_3") "]");
	assert_string_equal(carried_by(test, 4), "");
	counts = counts_of(test, "[" ADA "]");
	assert_string_equal(carried_by(test, 5), "user_3 4 ");
	assert_int_equal(counts.earlier_refuse, 1);
}

/* A mended record with an id that nobody had stands for one of those that had none. */
static void a_new_id_covers_one_without(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	counts = counts_of(test, "[" ADA "," NAMELESS "," NAMELESS "," BROKEN("user_4") "]");
	assert_int_equal(counts.refuse, 3);
	counts = counts_of(test, "[" MENDED("user_9", "cid@example.com") "]");
	assert_int_equal(counts.earlier_refuse, 2);
	assert_string_equal(carried_by(test, 2), "- 1 user_4 1 ");
}

static void whom_the_ledger_has_it_tells(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	(void)counts_of(test, "[" ADA "," BROKEN("user_2") "," BROKEN("user_3") "]");
	plan_open_ledger(test);
	plan_ledger_row(test, 1, "user_1", RH_STATE_DONE, 1);
	plan_ledger_row(test, 2, "user_2", RH_STATE_DONE, 1);
	counts = counts_of(test, "[" MENDED("user_9", "e@example.com") "]");
	assert_int_equal(counts.earlier_refuse, 1);
	assert_string_equal(carried_by(test, 2), "user_3 1 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plan_setup, plan_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_left_out_is_carried_on),
		TEST(who_waited_and_is_left_out_still_waits),
		TEST(a_newer_export_carries_nobody_on),
		TEST(a_new_id_covers_one_without),
		TEST(whom_the_ledger_has_it_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
