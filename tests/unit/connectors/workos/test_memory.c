/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out anywhere: told as such, nothing half done, nothing leaked. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "helper.h"

#define TRIES_MAX 1000

static const char user[] =
	"{\"id\":\"user_01\",\"email\":\"Ada@M\xc3\xbcnchen.example\",\"external_id\":\"crm-1\","
	"\"metadata\":{\"b\":[1],\"a\":\"1\"},\"created_at\":\"2026-11-24T02:10:11.123Z\"}";

static struct rh_account make_account(struct rh_identifier *emails)
{
	emails[0] = email_of("ada@example.com", true, true);
	emails[1] = email_of("old@example.com", true, false);
	return (struct rh_account){
		.source_id = RH_STR("user_ada"),
		.full_name = RH_STR("Ada Example"),
		.identifiers = emails,
		.identifier_count = 2,
		.credential =
			{
				.state = RH_CREDENTIAL_PRESENT,
				.scheme = RH_SCHEME_SHA256,
				.cost = 1,
				.salt_place = RH_SALT_SUFFIX,
				.salt = RH_STR("salt"),
				.digest = RH_STR("01234567890123456789012345678901"),
			},
		.metadata =
			{
				[RH_METADATA_PUBLIC] =
					RH_STR("{\"crm\":\"\xc3\xa9\",\"list\":[1,2]}"),
				[RH_METADATA_UNSAFE] = RH_STR("{\"theme\":\"dark\"}"),
			},
	};
}

/* One create from the account to the answered row; RH_OK when nothing ran out. */
static int create_once(uint64_t fail_from)
{
	const struct rh_mapping_policy policy = {.external_id = RH_STR("crm")};
	struct rh_identifier emails[2];
	struct rh_account account = make_account(emails);
	char body[sizeof(user)];
	struct rh_response response = {
		.status = 201,
		.is_json = true,
		.body = body,
		.body_len = sizeof(user) - 1,
	};
	struct drill drill;
	int code;

	memcpy(body, user, sizeof(user));
	drill_init(&drill, RH_VERB_CREATE);
	drill.workos.sends_other_identifiers = true;
	drill.workos.sends_unsafe_metadata = true;
	drill.row.account = &account;
	drill.row.policy = &policy;
	rh_alloc_fail_from(fail_from);
	code = workos_step_create(&drill.workos, &drill.operation, NULL, 1, 2, &drill.answer);
	if (code == RH_OK) {
		code = workos_step_create(&drill.workos, &drill.operation, &response, 1, 2,
					  &drill.answer);
	}
	rh_alloc_fail_from(0);
	if (code == RH_OK) {
		assert_int_equal(drill.row.outcome, RH_OUTCOME_DONE);
		assert_true(rh_str_is(drill.row.target_id, "user_01"));
	} else {
		assert_int_equal(drill.row.outcome, RH_OUTCOME_NONE);
	}
	drill_done(&drill);
	return code;
}

static void test_create(void **state)
{
	uint64_t n = 1;

	(void)state;
	while (n < TRIES_MAX && create_once(n) != RH_OK) {
		assert_int_equal(create_once(n), RH_ENOMEM);
		n++;
	}
	assert_in_range(n, 10, TRIES_MAX - 1);
}

/* The same with an arena that is too small, byte by byte: what runs out there is memory too. */
static void test_small_arena(void **state)
{
	const struct rh_mapping_policy policy = {.external_id = RH_STR("crm")};
	struct rh_identifier emails[2];
	struct rh_account account = make_account(emails);
	struct workos workos = workos_instance();
	int code = RH_ENOMEM;
	size_t max = 0;

	(void)state;
	workos.sends_other_identifiers = true;
	while (code != RH_OK && max < 64 * TRIES_MAX) {
		struct rh_wire wire = {0};
		struct rh_arena arena;
		struct rh_buf body;

		rh_arena_init(&arena, max, RH_ARENA_PLAIN);
		rh_buf_init(&body, RH_REQUEST_MAX);
		code = workos_to_wire(&workos, &account, &policy, ALL_PARTS, &arena, NULL, &body,
				      &wire, NULL);
		assert_true(code == RH_OK || code == RH_ENOMEM);
		assert_int_equal(wire.present != 0, code == RH_OK);
		rh_buf_done(&body);
		rh_arena_done(&arena);
		max += 16;
	}
	assert_int_equal(code, RH_OK);
	assert_true(max > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_small_arena),
	};

	return cmocka_run_group_tests_name("workos memory", tests, NULL, NULL);
}
