/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as they leave, answers that succeed, and the instance behind them. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rehome/rehome.h>

#include "base/clock.h"
#include "base/str.h"
#include "connectors/workos/workos_steps.h"
#include "helper.h"

#define USER(external_id)                                                                      \
	"{\"object\":\"user\",\"id\":\"user_01\",\"email\":\"Ada@Example.com\","               \
	"\"first_name\":\"Ada\",\"last_name\":null,\"email_verified\":true,\"brand_new\":[1]," \
	"\"external_id\":" external_id ",\"metadata\":{\"b\":\"2\",\"a\":\"1\"},"              \
	"\"last_sign_in_at\":null,\"created_at\":\"2026-11-24T02:10:11.123Z\"}"

static void expect_request(const struct drill *drill, const char *method, const char *path)
{
	const struct rh_request *request = &drill->answer.request;
	bool is_read = strcmp(method, "GET") == 0;

	assert_int_equal(drill->answer.kind, RH_ANSWER_SEND);
	assert_string_equal(request->method, method);
	assert_true(rh_str_is(request->path, path));
	assert_int_equal(request->is_writing, !is_read);
	assert_int_equal(request->buckets, is_read ? 3 : 5);
	assert_int_equal(request->auth, RH_AUTH_INSTANCE);
	assert_null(request->origin.ptr);
}

static void expect_row(const struct drill *drill, enum rh_outcome outcome)
{
	assert_int_equal(drill->answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill->row.outcome, outcome);
}

static void test_create(void **state)
{
	struct rh_identifier email = email_of("ada@example.com", true, true);
	struct rh_account account = {
		.source_id = RH_STR("user_ada"),
		.external_id = RH_STR("crm-1"),
		.identifiers = &email,
		.identifier_count = 1,
	};
	const struct rh_mapping_policy policy = {.external_id = RH_STR("source-id")};
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_CREATE);
	drill.row.account = &account;
	drill.row.policy = &policy;
	drill_start(&drill);
	expect_request(&drill, "POST", "/user_management/users");
	assert_true(rh_str_is(drill.answer.request.body,
			      "{\"email\":\"ada@example.com\",\"email_verified\":true,"
			      "\"external_id\":\"user_ada\"}"));
	drill_feed(&drill, 201, USER("\"user_ada\""));
	expect_row(&drill, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "user_01"));
	assert_false(drill.row.has_observed); /* verify reads back what stands there */
	drill_done(&drill);
}

/* Without a policy in the row: the defaults, "keep" and "attach". */
static void test_create_by_default(void **state)
{
	struct rh_identifier email = email_of("ada@example.com", false, true);
	struct rh_account account = {
		.source_id = RH_STR("user_ada"),
		.external_id = RH_STR("crm-1"),
		.identifiers = &email,
		.identifier_count = 1,
	};
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_CREATE);
	drill.row.account = &account;
	drill_start(&drill);
	assert_true(rh_str_is(drill.answer.request.body,
			      "{\"email\":\"ada@example.com\",\"email_verified\":false,"
			      "\"external_id\":\"crm-1\","
			      "\"metadata\":{\"rehome_source_id\":\"user_ada\"}}"));
	drill_done(&drill);
}

static void test_create_without_address(void **state)
{
	struct rh_account account = {.source_id = RH_STR("user_ada")};
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_CREATE);
	drill.row.account = &account;
	assert_int_equal(workos_step_create(&drill.workos, &drill.operation, NULL, 1, 2,
					    &drill.answer),
			 RH_OK);
	expect_row(&drill, RH_OUTCOME_REJECTED);
	assert_int_equal(drill.row.parts_at_fault, RH_PART_IDENTITY);
	drill_done(&drill);
}

static void test_update(void **state)
{
	struct rh_identifier email = email_of("ada@example.com", true, true);
	struct rh_account account = {
		.source_id = RH_STR("user_ada"),
		.identifiers = &email,
		.identifier_count = 1,
	};
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_UPDATE);
	drill.row.account = &account;
	drill.row.target_id = RH_STR("user_01");
	account.first_name = RH_STR("Grace");
	drill_start(&drill);
	expect_request(&drill, "GET", "/user_management/users/user_01");
	drill_feed(&drill, 200, USER("\"user_ada\""));
	assert_int_equal(drill.answer.kind, RH_ANSWER_OBSERVED);
	drill_start(&drill);
	expect_request(&drill, "PUT", "/user_management/users/user_01");
	assert_true(rh_str_is(drill.answer.request.body, "{\"first_name\":\"Grace\"}"));
	drill_feed(&drill, 200, USER("\"user_ada\""));
	expect_row(&drill, RH_OUTCOME_DONE);
	drill_done(&drill);
}

static void test_get(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_GET);
	drill.row.target_id = RH_STR("user/../1");
	drill_start(&drill);
	expect_request(&drill, "GET", "/user_management/users/user%2F..%2F1");
	drill_feed(&drill, 200, USER("null"));
	expect_row(&drill, RH_OUTCOME_DONE);
	assert_null(drill.row.observed.external_id.ptr);
	drill_done(&drill);
}

static void test_find_by_external_id(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_FIND);
	drill.row.external_id = RH_STR("auth|1 %");
	drill.row.email = RH_STR("ada@example.com");
	drill_start(&drill);
	expect_request(&drill, "GET", "/user_management/users/external_id/auth%7C1%20%25");
	drill_feed(&drill, 200, USER("\"auth|1 %\""));
	expect_row(&drill, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "user_01"));
	drill_done(&drill);
}

static void test_find_by_email(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_FIND);
	drill.row.email = RH_STR("ada@example.com");
	drill_start(&drill);
	expect_request(&drill, "GET", "/user_management/users?limit=100&email=ada%40example.com");
	drill_feed(&drill, 200,
		   "{\"data\":[{\"id\":\"user_00\",\"email\":\"ada@example.com.example\"}," USER(
			   "null") "]}");
	expect_row(&drill, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.row.target_id, "user_01"));
	drill_done(&drill);
}

/* A filter that is ignored must not make a stranger of us. */
static void test_find_by_email_nobody(void **state)
{
	static const char *const pages[] = {
		"{\"data\":[]}",
		"{\"data\":[{\"id\":\"user_00\",\"email\":\"bob@example.com\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct drill drill;

		drill_init(&drill, RH_VERB_FIND);
		drill.row.email = RH_STR("ada@example.com");
		drill_start(&drill);
		drill_feed(&drill, 200, pages[i]);
		expect_row(&drill, RH_OUTCOME_ABSENT);
		assert_null(drill.row.target_id.ptr);
		assert_false(drill.row.has_observed);
		drill_done(&drill);
	}
}

static void test_find_by_email_unreadable(void **state)
{
	static const char *const pages[] = {
		"{}", "[]", "{\"data\":{}}", "{\"data\":[7]}", "{\"data\":[{\"id\":\"user_00\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct drill drill;

		drill_init(&drill, RH_VERB_FIND);
		drill.row.email = RH_STR("ada@example.com");
		drill_start(&drill);
		drill_feed(&drill, 200, pages[i]);
		assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
		assert_int_equal(drill.answer.outcome, RH_OUTCOME_AWAY);
		drill_done(&drill);
	}
}

static void test_list(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_LIST);
	drill.operation.row_count = 0;
	drill_start(&drill);
	expect_request(&drill, "GET", "/user_management/users?order=asc&limit=100");
	drill_feed(&drill, 200,
		   "{\"object\":\"list\",\"data\":[" USER(
			   "null") ",7],"
				   "\"list_metadata\":{\"before\":null,\"after\":\"user_09\"}}");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill.operation.record_count, 2);
	assert_int_equal(drill.operation.records[1].number, 2);
	assert_true(
		rh_str_is(rh_json_get_string(drill.operation.records[0].json, "id"), "user_01"));
	assert_true(rh_str_is(drill.operation.next_cursor, "user_09"));
	drill_done(&drill);
}

static void test_list_goes_on(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_LIST);
	drill.operation.row_count = 0;
	drill.operation.cursor = RH_STR("user&9");
	drill.operation.page_size = 7;
	drill_start(&drill);
	expect_request(&drill, "GET", "/user_management/users?order=asc&limit=7&after=user%269");
	drill_feed(&drill, 200, "{\"data\":[],\"list_metadata\":{\"after\":null}}");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill.operation.record_count, 0);
	assert_null(drill.operation.next_cursor.ptr);
	drill_done(&drill);
}

static void test_list_asks_no_more_than_a_page(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_LIST);
	drill.operation.row_count = 0;
	drill.operation.page_size = 1000;
	drill_start(&drill);
	expect_request(&drill, "GET", "/user_management/users?order=asc&limit=100");
	drill_done(&drill);
}

/* What is no page is never the last page. */
static void test_list_unreadable(void **state)
{
	static const char *const pages[] = {
		"null",
		"[]",
		"{\"data\":[]}",
		"{\"data\":[],\"list_metadata\":null}",
		"{\"data\":[],\"list_metadata\":{\"after\":7}}",
		"{\"data\":[],\"list_metadata\":{\"after\":\"\"}}",
		"{\"data\":[],\"list_metadata\":{\"after\":\"user_09\"}}", /* round in circles */
		"{\"data\":{},\"list_metadata\":{\"after\":null}}",
		"{\"data\":[],\"list_metadata\":{\"after\":null}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct drill drill;

		drill_init(&drill, RH_VERB_LIST);
		drill.operation.row_count = 0;
		drill.operation.cursor = RH_STR("user_09");
		drill_start(&drill);
		drill_feed(&drill, 200, pages[i]);
		assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
		assert_int_equal(drill.answer.outcome, RH_OUTCOME_AWAY);
		assert_int_equal(drill.operation.record_count, 0);
		drill_done(&drill);
	}
}

static void start_remove(struct drill *drill, const char *external_id)
{
	drill_init(drill, RH_VERB_REMOVE);
	drill->row.target_id = RH_STR("user_01");
	drill->row.external_id = rh_str_from(external_id);
	drill_start(drill);
	expect_request(drill, "GET", "/user_management/users/user_01");
}

static void test_remove(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum rh_outcome outcome;
	} ends[] = {
		{200, NULL, RH_OUTCOME_DONE},
		{204, NULL, RH_OUTCOME_DONE},
		{200, "{}", RH_OUTCOME_DONE},
		{404, "{\"message\":\"Gone.\",\"code\":\"entity_not_found\"}", RH_OUTCOME_ABSENT},
		{409, "{\"message\":\"No.\",\"code\":\"user_deletion_not_allowed\"}",
		 RH_OUTCOME_REJECTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct drill drill;

		start_remove(&drill, "user_ada");
		drill_feed(&drill, 200, USER("\"user_ada\""));
		expect_request(&drill, "DELETE", "/user_management/users/user_01");
		drill_feed(&drill, ends[i].status, ends[i].body);
		expect_row(&drill, ends[i].outcome);
		drill_done(&drill);
	}
}

/* The essay's word on remove: what is not the account that is meant stays. */
static void test_remove_spares_others(void **state)
{
	static const struct {
		const char *asked; /* external id */
		const char *answer;
	} cases[] = {
		{"user_ada", USER("\"user_bob\"")},
		{"user_ada", USER("null")},
		{NULL, USER("\"user_bob\"")},
		{"user_ada", "{\"id\":\"user_02\",\"email\":\"ada@example.com\","
			     "\"external_id\":\"user_ada\"}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct drill drill;

		start_remove(&drill, cases[i].asked);
		drill_feed(&drill, 200, cases[i].answer);
		expect_row(&drill, RH_OUTCOME_CONFLICT);
		assert_true(rh_str_is(drill.row.target_id, "user_01"));
		drill_done(&drill);
	}
}

/* connector.h, C15. */
static void test_remove_keeps_users(void **state)
{
	static const char signed_in[] =
		"{\"object\":\"user\",\"id\":\"user_01\",\"email\":\"ada@example.com\","
		"\"external_id\":\"user_ada\",\"last_sign_in_at\":\"2026-11-24T02:10:11.123Z\"}";
	static const struct {
		bool keeps_users;
		rh_time keeps_after;
		bool is_kept;
	} cases[] = {
		{true, 0, true},
		{true, INT64_C(1795486211122999), true},
		{true, INT64_C(1795486211123000), false}, /* our own proof's */
		{false, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct drill drill;

		start_remove(&drill, "user_ada");
		drill.row.keeps_users = cases[i].keeps_users;
		drill.row.keeps_after = cases[i].keeps_after;
		drill_feed(&drill, 200, signed_in);
		if (cases[i].is_kept) {
			expect_row(&drill, RH_OUTCOME_CONFLICT);
			assert_true(rh_str_is(drill.row.code, "in_use"));
		} else {
			expect_request(&drill, "DELETE", "/user_management/users/user_01");
		}
		drill_done(&drill);
	}
}

static void test_remove_other_ends(void **state)
{
	struct drill drill;

	(void)state;
	start_remove(&drill, "user_ada");
	drill_feed(&drill, 404, "{\"message\":\"User not found.\"}");
	expect_row(&drill, RH_OUTCOME_ABSENT);
	drill_done(&drill);

	start_remove(&drill, "");
	drill_feed(&drill, 200, USER("null"));
	expect_request(&drill, "DELETE", "/user_management/users/user_01");
	drill_feed(&drill, 404, NULL);
	assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
	assert_int_equal(drill.answer.outcome, RH_OUTCOME_UNKNOWN);
	drill_done(&drill);

	start_remove(&drill, "user_ada");
	drill_feed(&drill, 200, "[]");
	assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
	assert_int_equal(drill.answer.outcome, RH_OUTCOME_AWAY);
	drill_done(&drill);
}

static void test_probe(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_PROBE);
	drill.operation.row_count = 0;
	drill_start(&drill);
	assert_string_equal(drill.answer.request.method, "GET");
	assert_true(rh_str_is(drill.answer.request.path, "/organizations?limit=1"));
	assert_int_equal(drill.answer.request.buckets, 1);
	assert_false(drill.answer.request.is_writing);
	drill_feed(&drill, 200, "{\"object\":\"list\",\"data\":[]}");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	drill_done(&drill);
}

static void test_prove(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_PROVE);
	drill.row.email = RH_STR("ada@example.com");
	drill.row.password = RH_STR("Passw0rd!");
	drill_start(&drill);
	assert_string_equal(drill.answer.request.method, "POST");
	assert_true(rh_str_is(drill.answer.request.path, "/user_management/authenticate"));
	assert_int_equal(drill.answer.request.auth, RH_AUTH_NONE);
	assert_true(drill.answer.request.is_writing);
	assert_int_equal(drill.answer.request.buckets, 5);
	assert_true(rh_str_is(drill.answer.request.body,
			      "{\"client_id\":\"client_example\","
			      "\"client_secret\":\"sk_test_example\",\"grant_type\":\"password\","
			      "\"email\":\"ada@example.com\",\"password\":\"Passw0rd!\"}"));
	drill_feed(&drill, 200, "{\"user\":" USER("null") ",\"access_token\":\"secret\"}");
	expect_row(&drill, RH_OUTCOME_DONE);
	assert_null(drill.row.code.ptr);
	drill_done(&drill);
}

static void test_prove_needs_the_client(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_PROVE);
	drill.workos.client_id = NULL;
	drill.row.email = RH_STR("ada@example.com");
	drill.row.password = RH_STR("Passw0rd!");
	assert_int_equal(workos_step_prove(&drill.workos, &drill.operation, NULL, 1, 2,
					   &drill.answer),
			 RH_OK);
	assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
	assert_int_equal(drill.answer.outcome, RH_OUTCOME_DENIED);
	assert_int_equal(drill.answer.scope, RH_SCOPE_KIND);
	drill_done(&drill);
}

/* A 401 to a sign-in is about the person; every other is the engine's. */
static void test_classify(void **state)
{
	struct rh_response response = {.status = 401};
	struct rh_operation operation = {.kind = RH_KIND_USER, .verb = RH_VERB_PROVE};
	struct rh_request request = {.is_writing = true};

	(void)state;
	assert_int_equal(workos_classify(NULL, &operation, &request, &response),
			 RH_OUTCOME_REJECTED);
	response.status = 429;
	assert_int_equal(workos_classify(NULL, &operation, &request, &response), RH_OUTCOME_NONE);
	response.status = 401;
	operation.verb = RH_VERB_CREATE;
	assert_int_equal(workos_classify(NULL, &operation, &request, &response), RH_OUTCOME_NONE);
}

/* Rows that lack what the verb needs are our own fault, and said so. */
static void test_missing_row(void **state)
{
	static const enum rh_verb verbs[] = {
		RH_VERB_GET,    RH_VERB_FIND,   RH_VERB_CREATE,
		RH_VERB_UPDATE, RH_VERB_REMOVE, RH_VERB_PROVE,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		rh_step_fn *fn = rh_connector_workos.ops[RH_KIND_USER][verbs[i]];
		struct drill drill;

		drill_init(&drill, verbs[i]);
		assert_int_equal(fn(&drill.workos, &drill.operation, NULL, 1, 2, &drill.answer),
				 RH_EINVAL);
		drill_done(&drill);
	}
}

/* ---- the instance ---------------------------------------------------------------------------------------- */

static void test_describe(void **state)
{
	static const struct {
		const char *key;
		const char *environment;
	} keys[] = {
		{"sk_test_x", "test"},
		{"sk_live_x", "production"},
		{"sk_x", "default"},
		{"other", "default"},
	};
	struct workos workos = workos_instance();
	struct rh_endpoint endpoint;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		workos.api_key = keys[i].key;
		assert_int_equal(rh_connector_workos.describe(&workos, &endpoint, NULL), RH_OK);
		assert_string_equal(endpoint.environment, keys[i].environment);
		assert_true(rh_str_is(endpoint.key, keys[i].key));
	}
	assert_string_equal(endpoint.origin, "https://api.workos.com");
	assert_string_equal(endpoint.tenant, "client_example");
	assert_int_equal(endpoint.bucket_count, 3);
	assert_int_equal(endpoint.buckets[0].limit, 6000);
	assert_int_equal(endpoint.buckets[0].window_us, 60 * RH_SECOND);
	assert_int_equal(endpoint.buckets[1].limit, 1000);
	assert_int_equal(endpoint.buckets[1].window_us, 10 * RH_SECOND);
	assert_int_equal(endpoint.buckets[2].limit, 500);
	assert_int_equal(endpoint.buckets[2].window_us, 10 * RH_SECOND);
	workos.client_id = NULL;
	assert_int_equal(rh_connector_workos.describe(&workos, &endpoint, NULL), RH_OK);
	assert_null(endpoint.tenant);
}

static void test_open_refuses(void **state)
{
	static const struct {
		const char *key;
		const char *url;
	} cases[] = {
		{"sk_test_x\n", "https://api.workos.com"},
		{"sk test", "https://api.workos.com"},
		{"sk_test_x", "https://api.workos.com/?a=1"},
		{"sk_test_x", "https://api.workos.com/#a"},
		{"sk_test_x", ""},
		{"sk_test_x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct workos workos = {.api_key = cases[i].key, .api_url = cases[i].url};
		struct rh_endpoint endpoint;
		struct rh_err err = {0};

		/* files need neither: as a source it is refused when it is to be asked */
		assert_int_equal(rh_connector_workos.open(&workos, false, &err), RH_OK);
		assert_int_equal(rh_connector_workos.describe(&workos, &endpoint, &err), RH_EUSAGE);
		assert_null(strstr(err.message, "sk"));
		assert_int_equal(rh_connector_workos.open(&workos, true, &err), RH_EUSAGE);
		assert_null(strstr(err.message, "sk"));
	}
}

static void test_registry(void **state)
{
	(void)state;
	assert_ptr_equal(rh_connector_find("workos"), &rh_connector_workos);
	assert_null(rh_connector_find("acme"));
	assert_null(rh_connector_find(NULL));
	for (size_t i = 0; rh_connector_at(i) != NULL; i++) {
		assert_int_equal(rh_connector_at(i)->abi, RH_CONNECTOR_ABI);
		assert_ptr_equal(rh_connector_find(rh_connector_at(i)->name), rh_connector_at(i));
	}
	assert_null(rh_connector_at(1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_create_by_default),
		cmocka_unit_test(test_create_without_address),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_find_by_external_id),
		cmocka_unit_test(test_find_by_email),
		cmocka_unit_test(test_find_by_email_nobody),
		cmocka_unit_test(test_find_by_email_unreadable),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_goes_on),
		cmocka_unit_test(test_list_asks_no_more_than_a_page),
		cmocka_unit_test(test_list_unreadable),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_remove_spares_others),
		cmocka_unit_test(test_remove_keeps_users),
		cmocka_unit_test(test_remove_other_ends),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_prove),
		cmocka_unit_test(test_prove_needs_the_client),
		cmocka_unit_test(test_classify),
		cmocka_unit_test(test_missing_row),
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_open_refuses),
		cmocka_unit_test(test_registry),
	};

	return cmocka_run_group_tests_name("workos steps", tests, NULL, NULL);
}
