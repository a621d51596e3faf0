/* SPDX-License-Identifier: Apache-2.0 */
/* Faults: what is accepted, which requests are met, how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/str.h"
#include "rehearsal/fault.h"

static int add(struct rh_faults *faults, const char *text)
{
	char copy[2048];
	struct rh_json json = {0};
	struct rh_err err = {0};
	int status;

	assert_true(strlen(text) < sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	assert_int_equal(rh_json_parse(&json, copy, strlen(copy), &err), RH_OK);
	status = rh_faults_add(faults, rh_json_root(&json), &err);
	assert_int_equal(status, err.code);
	rh_json_done(&json);
	return status;
}

static bool take(struct rh_faults *faults, const char *method, const char *path)
{
	struct rh_fault fault;

	return rh_faults_take(faults, rh_str_from(method), rh_str_from(path), &fault);
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"{}",
		"[]",
		"{\"kind\":\"unheard-of\"}",
		"{\"kind\":\"status\",\"status\":1000}",
		"{\"kind\":\"status\",\"status\":100}",
		"{\"kind\":\"status\",\"count\":-1}",
		"{\"kind\":\"slow\",\"delay_ms\":\"x\"}",
		"{\"kind\":\"slow\",\"method\":\"A-METHOD-WITH-A-LONG-NAME\"}",
	};
	struct rh_faults faults = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(add(&faults, wrong[i]), RH_EINPUT);
	}
	assert_int_equal(faults.count, 0);
}

static void test_which_requests(void **state)
{
	struct rh_faults faults = {0};

	(void)state;
	assert_int_equal(add(&faults, "{\"kind\":\"cut\",\"method\":\"PUT\",\"path\":\"/users/\","
				      "\"count\":0}"),
			 RH_OK);
	assert_true(take(&faults, "PUT", "/users/1"));
	assert_false(take(&faults, "GET", "/users/1"));
	assert_false(take(&faults, "PUT", "/user"));
	rh_faults_reset(&faults);
	assert_int_equal(add(&faults, "{\"kind\":\"cut\",\"path\":\"/users/*/send\",\"count\":0}"),
			 RH_OK);
	assert_true(take(&faults, "POST", "/users/1/send"));
	assert_false(take(&faults, "POST", "/users/1/send/more"));
	rh_faults_reset(&faults);
	assert_int_equal(add(&faults, "{\"kind\":\"cut\",\"count\":0}"), RH_OK);
	assert_true(take(&faults, "POST", "/"));
}

static void test_how_often(void **state)
{
	struct rh_faults faults = {0};
	struct rh_fault fault;

	(void)state;
	assert_int_equal(add(&faults, "{\"kind\":\"status\",\"status\":503,\"after\":2,\"count\":2,"
				      "\"delay_ms\":5,\"done\":true}"),
			 RH_OK);
	assert_false(take(&faults, "GET", "/"));
	assert_false(take(&faults, "GET", "/"));
	assert_true(rh_faults_take(&faults, RH_STR("GET"), RH_STR("/"), &fault));
	assert_int_equal(fault.status, 503);
	assert_int_equal(fault.delay_us, 5000);
	assert_true(fault.is_done);
	assert_true(take(&faults, "GET", "/"));
	assert_false(take(&faults, "GET", "/"));
}

static void test_usual_values(void **state)
{
	struct rh_faults faults = {0};
	struct rh_fault fault;

	(void)state;
	assert_int_equal(add(&faults, "{\"kind\":\"retry-after-none\"}"), RH_OK);
	assert_int_equal(add(&faults, "{\"kind\":\"html\"}"), RH_OK);
	assert_int_equal(add(&faults, "{\"kind\":\"status\"}"), RH_OK);
	for (int i = 0; i < 3; i++) {
		static const unsigned expected[] = {429, 502, 500};

		assert_true(rh_faults_take(&faults, RH_STR("GET"), RH_STR("/"), &fault));
		assert_int_equal(fault.status, expected[i]);
	}
	assert_false(take(&faults, "GET", "/"));
}

/* A body comes along as it was given, compact. */
static void test_body(void **state)
{
	struct rh_faults faults = {0};
	struct rh_fault fault;

	(void)state;
	assert_int_equal(add(&faults,
			     "{\"kind\":\"status\",\"body\":{\"errors\": [ \"\\u00e4\" ]}}"),
			 RH_OK);
	assert_true(rh_faults_take(&faults, RH_STR("GET"), RH_STR("/"), &fault));
	assert_string_equal(fault.body, "{\"errors\":[\"\xc3\xa4\"]}");
	assert_int_equal(add(&faults, "{\"kind\":\"empty\"}"), RH_OK);
	assert_true(rh_faults_take(&faults, RH_STR("GET"), RH_STR("/"), &fault));
	assert_int_equal(fault.kind, RH_FAULT_EMPTY);
	assert_string_equal(fault.body, "");
}

/* Faults that have had their turn give way to new ones. */
static void test_list_is_bounded(void **state)
{
	struct rh_faults faults = {0};

	(void)state;
	for (int i = 0; i < RH_FAULTS_MAX; i++) {
		assert_int_equal(add(&faults, "{\"kind\":\"cut\"}"), RH_OK);
	}
	assert_int_equal(add(&faults, "{\"kind\":\"cut\"}"), RH_ELIMIT);
	assert_true(take(&faults, "GET", "/"));
	assert_int_equal(add(&faults, "{\"kind\":\"cut\"}"), RH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),   cmocka_unit_test(test_which_requests),
		cmocka_unit_test(test_how_often), cmocka_unit_test(test_usual_values),
		cmocka_unit_test(test_body),      cmocka_unit_test(test_list_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
