/* SPDX-License-Identifier: Apache-2.0 */
/* What is certain after an answer, or its absence: one table for writes and readings (connector.h, C3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/classify.h"

enum body { NOTHING, JSON, HTML };

static const struct row {
	int status;
	enum body body;
	int64_t retry_after_us;
	enum rh_outcome write;
	enum rh_outcome read;
} rows[] = {
	{200, JSON, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{201, JSON, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{204, NOTHING, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{200, HTML, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{301, NOTHING, -1, RH_OUTCOME_AWAY, RH_OUTCOME_AWAY},
	{302, HTML, -1, RH_OUTCOME_AWAY, RH_OUTCOME_AWAY},
	{303, NOTHING, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{307, NOTHING, -1, RH_OUTCOME_AWAY, RH_OUTCOME_AWAY},
	{400, JSON, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{401, JSON, -1, RH_OUTCOME_DENIED, RH_OUTCOME_DENIED},
	{401, HTML, -1, RH_OUTCOME_DENIED, RH_OUTCOME_DENIED},
	{403, JSON, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{403, HTML, -1, RH_OUTCOME_AWAY, RH_OUTCOME_AWAY},
	{404, NOTHING, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{408, JSON, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{409, JSON, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{413, HTML, -1, RH_OUTCOME_AWAY, RH_OUTCOME_AWAY},
	{422, JSON, -1, RH_OUTCOME_NONE, RH_OUTCOME_NONE},
	{429, JSON, -1, RH_OUTCOME_THROTTLED, RH_OUTCOME_THROTTLED},
	{429, HTML, RH_SECOND, RH_OUTCOME_THROTTLED, RH_OUTCOME_THROTTLED},
	{500, JSON, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{502, HTML, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{503, JSON, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{503, JSON, 0, RH_OUTCOME_AWAY, RH_OUTCOME_AWAY},
	{503, HTML, RH_SECOND, RH_OUTCOME_AWAY, RH_OUTCOME_AWAY},
	{504, HTML, RH_SECOND, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{599, NOTHING, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{101, NOTHING, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
	{0, NOTHING, -1, RH_OUTCOME_UNKNOWN, RH_OUTCOME_AWAY},
};

static enum rh_outcome classify(const struct row *row, bool is_writing, const char **cause)
{
	char text[] = "text";
	const struct rh_request request = {.is_writing = is_writing};
	const struct rh_response response = {
		.delivery = RH_DELIVERY_ANSWERED,
		.status = row->status,
		.body = row->body != NOTHING ? text : NULL,
		.body_len = row->body != NOTHING ? 4 : 0,
		.is_json = row->body == JSON,
		.retry_after_us = row->retry_after_us,
	};

	return rh_classify(&request, &response, NULL, cause);
}

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *cause = "before";
		print_message("# status %d, body %d\n", rows[i].status, (int)rows[i].body);
		assert_int_equal(classify(&rows[i], true, &cause), rows[i].write);
		/* A cause is said wherever the connector does not get to say one. */
		assert_int_equal(cause == NULL, rows[i].write == RH_OUTCOME_NONE);
		assert_int_equal(classify(&rows[i], false, &cause), rows[i].read);
		assert_int_equal(cause == NULL, rows[i].read == RH_OUTCOME_NONE);
	}
}

static void test_no_answer(void **state)
{
	const struct rh_request write = {.is_writing = true};
	const struct rh_request read = {.is_writing = false};
	struct rh_response response = {.delivery = RH_DELIVERY_NOT_SENT};
	const char *cause;

	(void)state;
	assert_int_equal(rh_classify(&write, &response, "no connection", &cause), RH_OUTCOME_AWAY);
	assert_string_equal(cause, "no connection");
	assert_int_equal(rh_classify(&write, &response, NULL, &cause), RH_OUTCOME_AWAY);
	assert_non_null(cause);
	response.delivery = RH_DELIVERY_CUT;
	assert_int_equal(rh_classify(&write, &response, "time-out", &cause), RH_OUTCOME_UNKNOWN);
	assert_int_equal(rh_classify(&read, &response, NULL, &cause), RH_OUTCOME_AWAY);
	assert_non_null(cause);
}

/* The body of a download is not looked at; a statement's answer is the connector's alone. */
static void test_other_forms(void **state)
{
	const struct rh_request download = {.sink = RH_SINK_SNAPSHOT};
	const struct rh_request sql = {.form = RH_REQUEST_SQL, .is_writing = true};
	char text[] = "text";
	const struct rh_response response = {
		.delivery = RH_DELIVERY_ANSWERED,
		.status = 200,
		.body = text,
		.body_len = 4,
	};
	const struct rh_response refused = {.delivery = RH_DELIVERY_ANSWERED, .status = 409};
	const char *cause;

	(void)state;
	assert_int_equal(rh_classify(&download, &response, NULL, &cause), RH_OUTCOME_NONE);
	assert_int_equal(rh_classify(&sql, &refused, NULL, &cause), RH_OUTCOME_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_other_forms),
	};

	return cmocka_run_group_tests_name("engine/classify", tests, NULL, NULL);
}
