/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions of a plan: who is refused, left out, a duplicate, there already; and that all of them add up. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "plan_support.h"

#define AT(ms) ",\"updated_at\":" #ms
#define HASHED(id, email) id ",,,," email ",," email ",,,,," TEST_HASH ",bcrypt\n"
#define BARE(id, email) id ",,,," email ",," email ",,,,,,\n"

/* Makes the plan and compares its exceptions. */
static void decides(struct plan_test *test, const struct rh_observed *observed, size_t count,
		    const char *expected, struct rh_plan_counts *counts)
{
	struct rh_plan plan;

	plan_make(test, observed, count, &plan);
	assert_string_equal(plan_list(test, plan.revision), expected);
	*counts = plan.counts;
	rh_plan_done(&plan);
}

/* ---- the record itself ------------------------------------------------------------------------------- */

static void an_account_without_exception_is_created(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_input(test, "a.csv",
		   TEST_CSV HASHED("user_1", "ada@example.com") BARE("user_2", "ben@example.com"));
	decides(test, NULL, 0, "", &counts);
	assert_int_equal(counts.total, 2);
	assert_int_equal(counts.create, 2);
	assert_int_equal(counts.writes, 2);
	assert_int_equal(counts.with_password, 1);
	assert_int_equal(counts.reads, 7);
	assert_int_equal(counts.predicted_us, -1);
}

static void refused_records_are_named(void **state)
{
	struct plan_test *test = *state;
	struct rh_exceptions *exceptions = NULL;
	struct rh_exception exception;
	struct rh_plan plan;

	plan_input(test, "a.json",
		   "[\n" PERSON("user_1", "ada@example.com",
				"") ",\n"
				    "{\"id\":\"user_2\",\"x\":},\n"
				    "{\"id\":\"user_3\",\"username\":\"cleo\"},\n"
				    "{\"id\":\"user_4\"},\n" PERSON("", "who@example.com", "") "]");
	plan_make(test, NULL, 0, &plan);
	assert_string_equal(plan_list(test, 1), "2 refuse RECORD_BROKEN - -\n"
						"3 refuse EMAIL_REQUIRED user_3 -\n"
						"4 refuse IDENTIFIER_MISSING user_4 -\n"
						"5 refuse SOURCE_ID_MISSING - -\n");
	assert_int_equal(plan.counts.refuse, 4);
	assert_int_equal(plan.counts.create, 1);
	assert_int_equal(plan_found(&plan, RH_FINDING_RECORD_BROKEN), 1);
	assert_int_equal(rh_exceptions_open(&exceptions, &test->workspace, 1, &test->err), RH_OK);
	assert_int_equal(rh_exceptions_next(exceptions, &exception, &test->err), 1);
	assert_int_equal(exception.record, 2);
	assert_true(rh_str_is(exception.path, "line 3, column 20"));
	assert_int_equal(rh_exceptions_next(exceptions, &exception, &test->err), 1);
	assert_int_equal(exception.record, 3);
	rh_exceptions_close(exceptions);
	rh_plan_done(&plan);
}

static void a_hash_found_by_the_join_is_no_loss(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan;

	plan_input(test, "a.json",
		   "[" PERSON("user_1", "ada@example.com", ",\"password_enabled\":true") "," PERSON(
			   "user_2", "ben@example.com", ",\"password_enabled\":true") "]");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan_found(&plan, RH_FINDING_HASH_NOT_EXPORTED), 2);
	assert_int_equal(plan.counts.with_password, 0);
	rh_plan_done(&plan);

	plan_input(test, "b.csv", TEST_CSV HASHED("user_1", "ada@example.com"));
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan_found(&plan, RH_FINDING_HASH_NOT_EXPORTED), 1);
	assert_int_equal(plan.counts.with_password, 1);
	rh_plan_done(&plan);
}

static void an_authenticator_found_by_the_join_is_not_missing(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan;

	plan_input(test, "a.json",
		   "[" PERSON("user_1", "ada@example.com", ",\"totp_enabled\":true") "]");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan_found(&plan, RH_FINDING_TOTP_NOT_EXPORTED), 1);
	rh_plan_done(&plan);
	plan_input(test, "b.csv",
		   TEST_CSV "user_1,,,,ada@example.com,,ada@example.com,,,,JBSWY3DPEHPK3PXP,,\n");
	plan_make(test, NULL, 0, &plan);
	assert_int_equal(plan_found(&plan, RH_FINDING_TOTP_NOT_EXPORTED), 0);
	assert_int_equal(plan_found(&plan, RH_FINDING_TOTP_KEPT_BACK), 1);
	rh_plan_done(&plan);
}

static void a_password_can_be_required(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_set(test, "require-password", "true");
	plan_input(test, "a.csv",
		   TEST_CSV HASHED("user_1", "ada@example.com") BARE("user_2", "ben@example.com"));
	decides(test, NULL, 0, "2 refuse PASSWORD_REQUIRED user_2 -\n", &counts);
	assert_int_equal(counts.create, 1);
}

static void primary_and_unverified_policies_decide(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_input(test, "a.csv",
		   TEST_CSV "user_1,,,,,,a@example.com|b@example.com,,,,,,\n"
			    "user_2,,,,c@example.com,,,c@example.com,,,,,\n");
	decides(test, NULL, 0, "", &counts);
	plan_set(test, "primary", "skip");
	decides(test, NULL, 0, "1 refuse PRIMARY_UNDECIDED user_1 -\n", &counts);
	plan_set(test, "primary", "first");
	plan_set(test, "unverified", "reject");
	decides(test, NULL, 0, "2 refuse EMAIL_UNVERIFIED_REJECTED user_2 -\n", &counts);
}

/* ---- blocked accounts -------------------------------------------------------------------------------- */

/* What would be sent of the only account. */
static void assess(struct plan_test *test, struct rh_assessed *out, struct rh_collector *collector)
{
	struct rh_plan_inputs inputs = {
		.workspace = &test->workspace,
		.settings = &test->settings,
		.target = test->target,
		.target_instance = test->target_instance,
		.policy = {.external_id = RH_STR("keep")},
		.clock = &test->clock.clock,
	};
	struct rh_source *source = NULL;
	struct rh_source_item item;

	assert_int_equal(plan_open_source(test, false, &source), RH_OK);
	rh_collector_start(collector);
	assert_int_equal(rh_source_next(source, &test->arena, &collector->sink, &item, &test->err),
			 1);
	assert_int_equal(rh_plan_assess(&inputs, &item, &test->arena, collector, out, &test->err),
			 RH_OK);
	rh_source_close(source);
}

static struct rh_str wire_field(const struct plan_test *test, const struct rh_wire *wire,
				const char *name)
{
	for (size_t i = 0; test->target->wire_fields[i] != NULL; i++) {
		if (strcmp(test->target->wire_fields[i], name) == 0) {
			return (wire->present & 1U << i) != 0 ? wire->value[i] : RH_STR_ABSENT;
		}
	}
	fail_msg("there is no field %s", name);
	return RH_STR_ABSENT;
}

static void blocked_accounts_never_become_usable(void **state)
{
	static const char *const marks[] = {
		",\"banned\":true",
		",\"locked\":true",
		",\"deprovisioned\":true",
		",\"banned\":\"yes, for ever\"",
		"",
	};
	struct plan_test *test = *state;
	struct rh_collector collector;
	struct rh_assessed assessed;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		bool is_blocked = marks[i][0] != '\0';
		struct rh_str json = rh_arena_printf(
			&test->arena,
			"[{\"id\":\"user_1\",\"primary_email_address_id\":\"i\","
			"\"email_addresses\":[{\"id\":\"i\",\"email_address\":"
			"\"ada@example.com\",\"verification\":{\"status\":\"verified\"}}]%s}]",
			marks[i]);
		plan_clear(test);
		plan_input_bytes(test, "a.json", json);
		plan_input(test, "b.csv", TEST_CSV HASHED("user_1", "ada@example.com"));

		plan_set(test, "blocked", "skip");
		assess(test, &assessed, &collector);
		assert_int_equal(assessed.is_blocked, is_blocked);
		assert_int_equal(rh_collector_refusal(&collector) != NULL, is_blocked);
		assert_int_equal(rh_collector_has(&collector, RH_FINDING_BLOCKED_SKIPPED),
				 is_blocked);

		plan_set(test, "blocked", "without-password");
		assess(test, &assessed, &collector);
		assert_null(rh_collector_refusal(&collector));
		assert_int_equal(rh_collector_has(&collector, RH_FINDING_BLOCKED_WITHOUT_PASSWORD),
				 is_blocked);
		assert_int_equal((assessed.parts & RH_PART_CREDENTIAL) == 0, is_blocked);
		assert_int_equal(assessed.account.credential.state == RH_CREDENTIAL_ABSENT,
				 is_blocked);
		assert_true(rh_str_is(wire_field(test, &assessed.wire, "email_verified"),
				      is_blocked ? "false" : "true"));
	}
}

static void blocked_in_the_partial_file_is_blocked(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_input(test, "a.json", "[" PERSON("user_1", "ada@example.com", "") "]");
	plan_input(test, "b.json",
		   "[{\"id\":\"user_1\",\"email_addresses\":\"ada@example.com\",\"banned\":true}]");
	decides(test, NULL, 0, "1 refuse BLOCKED_SKIPPED user_1 -\n", &counts);
}

static void a_blocked_account_without_password_counts_as_one_without(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_set(test, "blocked", "without-password");
	plan_input(test, "a.json", "[" PERSON("user_1", "ada@example.com", ",\"banned\":true") "]");
	plan_input(test, "b.csv", TEST_CSV HASHED("user_1", "ada@example.com"));
	decides(test, NULL, 0, "", &counts);
	assert_int_equal(counts.create, 1);
	assert_int_equal(counts.with_password, 0);
	plan_set(test, "require-password", "true");
	decides(test, NULL, 0, "1 refuse PASSWORD_REQUIRED user_1 -\n", &counts);
}

/* ---- which accounts ---------------------------------------------------------------------------------- */

static void four_people(struct plan_test *test)
{
	plan_input(test, "a.csv",
		   TEST_CSV BARE("user_1", "a1@example.com") BARE("user_2", "a2@example.com")
			   BARE("user_3", "a3@example.com") BARE("user_4", "a4@example.com"));
}

static void the_options_leave_out(void **state)
{
	static const struct {
		const char *options[4];
		const char *expected;
	} cases[] = {
		{{"limit", "3"}, "4 left-out LEFT_OUT user_4 -\n"},
		{{"limit", "9"}, ""},
		{{"only", "user_3"},
		 "1 left-out LEFT_OUT user_1 -\n2 left-out LEFT_OUT user_2 -\n"
		 "4 left-out LEFT_OUT user_4 -\n"},
		{{"except", "user_1", "except", "user_4"},
		 "1 left-out LEFT_OUT user_1 -\n4 left-out LEFT_OUT user_4 -\n"},
		{{"resume-after", "user_2"},
		 "1 left-out LEFT_OUT user_1 -\n2 left-out LEFT_OUT user_2 -\n"},
		{{"resume-after", "user_4"},
		 "1 left-out LEFT_OUT user_1 -\n2 left-out LEFT_OUT user_2 -\n"
		 "3 left-out LEFT_OUT user_3 -\n4 left-out LEFT_OUT user_4 -\n"},
		{{"except", "user_1", "limit", "1"},
		 "1 left-out LEFT_OUT user_1 -\n3 left-out LEFT_OUT user_3 -\n"
		 "4 left-out LEFT_OUT user_4 -\n"},
		{{"resume-after", "user_1", "limit", "2"},
		 "1 left-out LEFT_OUT user_1 -\n4 left-out LEFT_OUT user_4 -\n"},
	};
	struct plan_test *test = *state;

	four_people(test);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rh_settings before = test->settings;
		struct rh_plan_counts counts;
		for (size_t o = 0; o < 4 && cases[i].options[o] != NULL; o += 2) {
			plan_set(test, cases[i].options[o], cases[i].options[o + 1]);
		}
		decides(test, NULL, 0, cases[i].expected, &counts);
		assert_int_equal(counts.refuse, 0);
		test->settings = before;
	}
}

static void who_is_left_out_is_no_duplicate_of_anybody(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_set(test, "limit", "1");
	plan_input(test, "a.csv",
		   TEST_CSV BARE("user_1", "a@example.com") BARE("user_2", "a@example.com"));
	decides(test, NULL, 0, "2 left-out LEFT_OUT user_2 -\n", &counts);
	assert_int_equal(counts.create, 1);
}

static void resume_after_nobody_is_a_mistake(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan;

	four_people(test);
	plan_set(test, "resume-after", "user_7");
	assert_int_equal(plan_try(test, &plan), RH_EUSAGE);
	assert_null(strstr(test->err.message, "user_7"));
}

/* ---- duplicates -------------------------------------------------------------------------------------- */

/* user_1 and user_3 share an address but for case and form; user_3 is the newest. */
static void two_of_three(struct plan_test *test)
{
	plan_input(
		test, "a.json",
		"[" PERSON(
			"user_1",
			"Stra\xc3\x9f"
			"e@B\xc3\xbc"
			"cher.example",
			AT(1000)) "," PERSON("user_2", "ben@example.com",
					     AT(2000)) "," PERSON("user_3",
								  "STRASSE@xn--bcher-kva.example",
								  AT(3000)) "]");
}

static void duplicates_fail_as_a_group(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan plan;

	two_of_three(test);
	plan_make(test, NULL, 0, &plan);
	assert_string_equal(plan_list(test, 1),
			    "1 refuse DUPLICATE user_1 -\n3 refuse DUPLICATE user_3 -\n");
	assert_int_equal(plan.counts.create, 1);
	assert_int_equal(plan_found(&plan, RH_FINDING_DUPLICATE), 2);
	rh_plan_done(&plan);
}

static void the_first_or_the_newest_of_duplicates_stays(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	two_of_three(test);
	plan_set(test, "on-duplicate", "first");
	decides(test, NULL, 0, "3 refuse DUPLICATE_LEFT_OUT user_3 -\n", &counts);
	plan_set(test, "on-duplicate", "newest");
	decides(test, NULL, 0, "1 refuse DUPLICATE_LEFT_OUT user_1 -\n", &counts);
	assert_int_equal(counts.create, 2);
}

static void a_source_id_counts_once_and_costs_nobody(void **state)
{
	static const char *const policies[] = {"fail", "first", "newest"};
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	/* The same person twice, the second time newer: same id, so same address, same external id. */
	plan_input(test, "a.json",
		   "[" PERSON("user_1", "ada@example.com",
			      AT(1000)) "," PERSON("user_1", "ada@example.com",
						   AT(2000)) "," PERSON("user_2", "ben@example.com",
									AT(1)) "]");
	for (size_t i = 0; i < 3; i++) {
		plan_set(test, "on-duplicate", policies[i]);
		decides(test, NULL, 0, "2 refuse SOURCE_ID_TWICE user_1 -\n", &counts);
		assert_int_equal(counts.create, 2);
	}
}

/* Chains: 1 and 2 share an address, 2 and 3 an external id. */
static void chains_of_duplicates_lose_no_more_than_they_must(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_input(
		test, "a.json",
		"[" PERSON("user_1", "ada@example.com", AT(3) ",\"external_id\":\"x1\"") "," PERSON(
			"user_2", "ada@example.com",
			AT(2) ",\"external_id\":\"x2\"") "," PERSON("user_3", "cleo@example.com",
								    AT(1) ",\"external_id\":"
									  "\"x2\"") "]");
	decides(test, NULL, 0,
		"1 refuse DUPLICATE user_1 -\n2 refuse DUPLICATE user_2 -\n"
		"3 refuse DUPLICATE user_3 -\n",
		&counts);
	plan_set(test, "on-duplicate", "first");
	decides(test, NULL, 0, "2 refuse DUPLICATE_LEFT_OUT user_2 -\n", &counts);
	plan_set(test, "on-duplicate", "newest");
	decides(test, NULL, 0, "2 refuse DUPLICATE_LEFT_OUT user_2 -\n", &counts);
	assert_int_equal(counts.create, 2);
}

static void who_has_moved_is_no_duplicate(void **state)
{
	static const char *const policies[] = {"fail", "first", "newest"};
	static const char *const expected[] = {
		"1 refuse DUPLICATE user_1 -\n",
		"1 refuse DUPLICATE_LEFT_OUT user_1 -\n",
		"1 refuse DUPLICATE_LEFT_OUT user_1 -\n",
	};
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	plan_open_ledger(test);
	plan_ledger_row(test, 1, "user_2", RH_STATE_DONE, 1);
	plan_input(test, "a.json",
		   "[" PERSON("user_1", "ada@example.com",
			      AT(9)) "," PERSON("user_2", "ada@example.com", AT(1)) "]");
	for (size_t i = 0; i < 3; i++) {
		plan_set(test, "on-duplicate", policies[i]);
		decides(test, NULL, 0, expected[i], &counts);
		assert_int_equal(counts.done, 1);
	}
}

/* ---- presence ---------------------------------------------------------------------------------------- */

#define THERE(id, external, mail)                                                    \
	{                                                                            \
		.target_id = RH_STR(id), .external_id = (external), .email = (mail), \
	}

static void what_stands_at_the_target_is_told_apart(void **state)
{
	static const struct rh_observed observed[] = {
		/* ours by external id, whatever the address */
		THERE("t_1", RH_STR("user_1"), RH_STR("other@example.com")),
		/* the same person, with no external id to tell */
		THERE("t_2", RH_STR_ABSENT, RH_STR("A2@Example.com")),
		/* another account that holds the address */
		THERE("t_3", RH_STR("legacy-3"), RH_STR("a3@example.com")),
		/* strangers */
		THERE("t_4", RH_STR("legacy-4"), RH_STR("stranger@example.com")),
		THERE("t_5", RH_STR_ABSENT, RH_STR_ABSENT),
	};
	static const struct {
		const char *policy;
		const char *expected;
	} cases[] = {
		{"skip", "1 skip EXISTS user_1 t_1\n2 skip EXISTS user_2 t_2\n"
			 "3 refuse EXISTS_OTHER user_3 t_3\n"},
		{"link", "1 link LINKED user_1 t_1\n2 link LINKED user_2 t_2\n"
			 "3 refuse EXISTS_OTHER user_3 t_3\n"},
		{"update",
		 "1 update EXISTS_UPDATED user_1 t_1\n2 update EXISTS_UPDATED user_2 t_2\n"
		 "3 refuse EXISTS_OTHER user_3 t_3\n"},
		{"fail", "1 refuse EXISTS_REFUSED user_1 t_1\n2 refuse EXISTS_REFUSED user_2 t_2\n"
			 "3 refuse EXISTS_OTHER user_3 t_3\n"},
	};
	struct plan_test *test = *state;

	four_people(test);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_plan_counts counts;
		plan_set(test, "on-existing", cases[i].policy);
		decides(test, observed, 5, cases[i].expected, &counts);
		assert_int_equal(counts.create, 1);
	}
}

static void the_one_who_stays_is_looked_for(void **state)
{
	static const struct rh_observed observed[] = {
		THERE("t_1", RH_STR_ABSENT, RH_STR("strasse@xn--bcher-kva.example")),
	};
	struct plan_test *test = *state;
	struct rh_plan_counts counts;

	two_of_three(test);
	plan_set(test, "on-duplicate", "newest");
	decides(test, observed, 1,
		"1 refuse DUPLICATE_LEFT_OUT user_1 -\n3 skip EXISTS user_3 t_1\n", &counts);
	assert_int_equal(counts.create, 1);
}

static void what_the_ledger_has_is_ours(void **state)
{
	static const struct rh_observed observed[] = {
		THERE("t_1", RH_STR("user_1"), RH_STR("a1@example.com")),
		THERE("t_2", RH_STR("user_2"), RH_STR("a2@example.com")),
		THERE("t_3", RH_STR("user_3"), RH_STR("a3@example.com")),
	};
	static const struct {
		enum rh_state state; /* of user_3 */
		const char *expected;
	} cases[] = {
		/* may have been accepted: apply looks it up */
		{RH_STATE_UNKNOWN, ""},
		/* certainly not accepted: somebody else's */
		{RH_STATE_CONFLICT, "3 skip EXISTS user_3 t_3\n"},
	};
	struct plan_test *test = *state;

	four_people(test);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rh_plan_counts counts;
		plan_open_ledger(test);
		if (i == 0) {
			plan_ledger_row(test, 1, "user_1", RH_STATE_DONE, 1);
			plan_ledger_row(test, 2, "user_2", RH_STATE_DONE, 1);
			assert_int_equal(rh_ledger_verify(test->ledger, 2, RH_DRIFT_NONE, TEST_NOW,
							  &test->err),
					 RH_OK);
			assert_int_equal(rh_ledger_commit(test->ledger, &test->err), RH_OK);
		}
		plan_ledger_row(test, 3, "user_3", cases[i].state, 1);
		decides(test, observed, 3, cases[i].expected, &counts);
		assert_int_equal(counts.done, 2);
		assert_int_equal(counts.create, i == 0 ? 2 : 1);
	}
}

/* ---- reading that ends early ------------------------------------------------------------------------- */

static bool stop_at_once(void *context, uint64_t records)
{
	*(uint64_t *)context = records;
	return false;
}

static void reading_can_be_interrupted(void **state)
{
	struct plan_test *test = *state;
	struct rh_plan_builder *builder = NULL;
	struct rh_source *source = NULL;
	const struct rh_plan_inputs inputs = {
		.workspace = &test->workspace,
		.settings = &test->settings,
		.target = test->target,
		.target_instance = test->target_instance,
		.clock = &test->clock.clock,
		.policy = {.external_id = RH_STR("keep")},
	};
	struct rh_plan plan;
	uint64_t records = 0;
	rh_autobuf csv = {0};

	rh_buf_init(&csv, 1U << 20);
	rh_buf_add_cstr(&csv, TEST_CSV);
	for (int i = 0; i < 2500; i++) {
		rh_buf_printf(&csv, "user_%d,,,,a%d@example.com,,a%d@example.com,,,,,,\n", i, i, i);
	}
	plan_input_bytes(test, "a.csv", rh_buf_str(&csv));
	assert_int_equal(plan_open_source(test, false, &source), RH_OK);
	assert_int_equal(rh_plan_begin(&builder, &inputs, &test->err), RH_OK);
	assert_int_equal(rh_plan_read(builder, source, stop_at_once, &records, &test->err),
			 RH_EINTERRUPTED);
	assert_int_equal(records, 1000);
	rh_plan_abandon(builder);
	rh_source_close(source);
	assert_int_equal(rh_plan_load(&test->workspace, 0, &plan, &test->err), RH_ESTATE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, plan_setup, plan_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_account_without_exception_is_created),
		CASE(refused_records_are_named),
		CASE(a_hash_found_by_the_join_is_no_loss),
		CASE(an_authenticator_found_by_the_join_is_not_missing),
		CASE(a_password_can_be_required),
		CASE(primary_and_unverified_policies_decide),
		CASE(blocked_accounts_never_become_usable),
		CASE(blocked_in_the_partial_file_is_blocked),
		CASE(a_blocked_account_without_password_counts_as_one_without),
		CASE(the_options_leave_out),
		CASE(who_is_left_out_is_no_duplicate_of_anybody),
		CASE(resume_after_nobody_is_a_mistake),
		CASE(duplicates_fail_as_a_group),
		CASE(the_first_or_the_newest_of_duplicates_stays),
		CASE(a_source_id_counts_once_and_costs_nobody),
		CASE(chains_of_duplicates_lose_no_more_than_they_must),
		CASE(who_has_moved_is_no_duplicate),
		CASE(what_stands_at_the_target_is_told_apart),
		CASE(the_one_who_stays_is_looked_for),
		CASE(what_the_ledger_has_is_ours),
		CASE(reading_can_be_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
