/* SPDX-License-Identifier: Apache-2.0 */
/* What records share (P6): every kind of identifier, who is refused for it, who is only told, and the list. */
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "plan_support.h"

/* A row with a username, a primary address, a phone and further verified addresses. */
#define ROW(id, username, email, phone, more) \
	id ",,," username "," email "," phone "," more ",," phone ",,,,\n"

/* "1 e-mail address user_1 refuse user_3 refuse\n" a line for each group. */
static const char *list_shares(struct plan_test *test, int64_t revision)
{
	static const char *const decisions[] = {"create", "link", "skip", "refuse", "left-out"};
	struct rh_shares *shares = NULL;
	struct rh_shared shared;
	uint64_t group = 0;
	int code;

	rh_buf_reset(&test->text);
	assert_int_equal(rh_shares_open(&shares, &test->workspace, revision, &test->err), RH_OK);
	while ((code = rh_shares_next(shares, &shared, &test->err)) == 1) {
		if (shared.group != group) {
			assert_int_equal(shared.group, group + 1);
			group++;
			rh_buf_printf(&test->text, "%s%llu %s", group > 1 ? "\n" : "",
				      (unsigned long long)group, rh_sharing_name(shared.sharing));
		}
		rh_buf_printf(&test->text, " %.*s %s", RH_STR_ARG(shared.source_id),
			      decisions[shared.decision]);
	}
	assert_int_equal(code, 0);
	rh_shares_close(shares);
	return test->text.len > 0 ? test->text.ptr : "";
}

static void shares(struct plan_test *test, const char *expected, struct rh_plan *plan)
{
	plan_make(test, NULL, 0, plan);
	assert_string_equal(list_shares(test, plan->revision), expected);
}

static void each_group_is_listed_in_the_order_of_the_input(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan;

	plan_input(test, "a.csv",
		   TEST_CSV ROW("user_1", "", "ada@example.com", "", "ada@example.com")
			   ROW("user_2", "", "ben@example.com", "", "ben@example.com")
				   ROW("user_3", "", "BEN@example.com", "", "BEN@example.com")
					   ROW("user_4", "", "Ada@example.com", "",
					       "Ada@example.com")
						   ROW("user_4", "", "dan@example.com", "",
						       "dan@example.com"));
	shares(test,
	       "1 source id user_4 refuse user_4 refuse\n"
	       "2 e-mail address user_1 refuse user_4 refuse\n"
	       "3 e-mail address user_2 refuse user_3 refuse",
	       &plan);
	assert_int_equal(plan.counts.shared, 3);
	assert_int_equal(plan_found(&plan, RH_FINDING_DUPLICATE), 4);
	assert_int_equal(plan_found(&plan, RH_FINDING_SOURCE_ID_TWICE), 1);
	rh_plan_done(&plan);
	plan_set(test, "on-duplicate", "first");
	shares(test,
	       "1 source id user_4 refuse user_4 refuse\n"
	       "2 e-mail address user_1 create user_4 refuse\n"
	       "3 e-mail address user_2 create user_3 refuse",
	       &plan);
	rh_plan_done(&plan);
}

/* The target holds one address, no phone, no username: who shares such a one loses nothing by it. */
static void what_is_not_carried_refuses_nobody(void **state)
{
	static const char *const policies[] = {"fail", "first", "newest"};
	struct plan_test *test = *state;

	plan_input(test, "a.csv",
		   TEST_CSV ROW("user_1", "Neo", "ada@example.com", "+4915112345678",
				"ada@example.com|shared@example.com")
			   ROW("user_2", "neo", "ben@example.com", "+49 151 12345678",
			       "ben@example.com|Shared@Example.com")
				   ROW("user_3", "trinity", "cleo@example.com", "+4915100000000",
				       "cleo@example.com|ada@example.com"));
	for (size_t i = 0; i < 3; i++) {
		struct rh_plan plan;
		plan_set(test, "on-duplicate", policies[i]);
		shares(test,
		       "1 e-mail address user_1 create user_2 create\n"
		       "2 e-mail address user_1 create user_3 create\n"
		       "3 phone number user_1 create user_2 create\n"
		       "4 username user_1 create user_2 create",
		       &plan);
		assert_int_equal(plan.counts.create, 3);
		assert_int_equal(plan.counts.shared, 4);
		assert_int_equal(plan_found(&plan, RH_FINDING_IDENTIFIER_SHARED), 8);
		assert_int_equal(plan_found(&plan, RH_FINDING_DUPLICATE), 0);
		rh_plan_done(&plan);
	}
}

/* One record with one address twice, and a username that is somebody's address. */
static void a_record_shares_nothing_with_itself(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan;

	plan_input(test, "a.csv",
		   TEST_CSV ROW("ada@example.com", "ada@example.com", "ada@example.com", "",
				"ada@example.com|ADA@example.com")
			   ROW("user_2", "", "ben@example.com", "", "ben@example.com"));
	shares(test, "", &plan);
	assert_int_equal(plan.counts.create, 2);
	assert_int_equal(plan.counts.shared, 0);
	rh_plan_done(&plan);
}

static void a_large_group_is_one_group(void **state)
{
	enum { MEMBERS = 3000 };
	struct plan_test *test = *state;
	struct rh_plan plan;
	rh_autobuf csv = {0};

	rh_buf_init(&csv, 1U << 20);
	rh_buf_add_cstr(&csv, TEST_CSV);
	for (int i = 0; i < MEMBERS; i++) {
		rh_buf_printf(&csv, "user_%d,,,,a@example.com,,a@example.com,,,,,,\n", i);
	}
	plan_input_bytes(test, "a.csv", rh_buf_str(&csv));
	plan_set(test, "on-duplicate", "first");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan.counts.shared, 1);
	assert_int_equal(plan.counts.create, 1);
	assert_int_equal(plan.counts.refuse, MEMBERS - 1);
	rh_plan_done(&plan);
	plan_set(test, "on-duplicate", "fail");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan.counts.refuse, MEMBERS);
	rh_plan_done(&plan);
}

/* P5: an index that lies in many runs on disk says the same as one in memory. */
static void the_memory_of_the_index_changes_nothing(void **state)
{
	enum { PEOPLE = 600, THERE = 250 };
	static const size_t bounds[] = {48, 480, 24000};
	static char ids[THERE][2][32];
	struct plan_test *test = *state;
	struct rh_observed observed[THERE] = {0};
	struct rh_plan plan;
	rh_autobuf csv = {0};
	rh_autobuf expected = {0};

	rh_buf_init(&csv, 1U << 20);
	rh_buf_init(&expected, 1U << 20);
	rh_buf_add_cstr(&csv, TEST_CSV);
	for (int i = 0; i < PEOPLE; i++) {
		/* Every seventh shares the address of the one before it. */
		int of = i % 7 == 6 ? i - 1 : i;
		rh_buf_printf(&csv, "user_%d,,,,a%d@example.com,,a%d@example.com,,,,,,\n", i, of,
			      of);
	}
	for (int i = 0; i < THERE; i++) {
		(void)snprintf(ids[i][0], sizeof(ids[i][0]), "t_%d", i);
		(void)snprintf(ids[i][1], sizeof(ids[i][1]),
			       i % 2 == 0 ? "user_%d" : "A%d@Example.com", i * 3);
		observed[i].target_id = rh_str_from(ids[i][0]);
		*(i % 2 == 0 ? &observed[i].external_id : &observed[i].email) =
			rh_str_from(ids[i][1]);
	}
	plan_input_bytes(test, "a.csv", rh_buf_str(&csv));
	plan_set(test, "on-duplicate", "first");
	plan_make(test, observed, THERE, &plan);
	rh_buf_add_cstr(&expected, plan_list(test, plan.revision));
	rh_buf_add_cstr(&expected, list_shares(test, plan.revision));
	assert_int_equal(plan.counts.shared, PEOPLE / 7);
	assert_true(plan.counts.skip > 100);
	rh_plan_done(&plan);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		rh_autobuf said = {0};
		test->index_bytes = bounds[i];
		plan_make(test, observed, THERE, &plan);
		assert_int_equal(plan.revision, 1); /* the same plan */
		rh_buf_init(&said, 1U << 20);
		rh_buf_add_cstr(&said, plan_list(test, 1));
		rh_buf_add_cstr(&said, list_shares(test, 1));
		assert_string_equal(said.ptr, expected.ptr);
		rh_plan_done(&plan);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, plan_setup, plan_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_group_is_listed_in_the_order_of_the_input),
		CASE(what_is_not_carried_refuses_nobody),
		CASE(a_record_shares_nothing_with_itself),
		CASE(a_large_group_is_one_group),
		CASE(the_memory_of_the_index_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
