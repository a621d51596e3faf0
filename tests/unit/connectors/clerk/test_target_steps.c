/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as they leave, answers as they come, refusals by code (C-2 to C-5, C-11, C-16, C-17, C-20, C-25, C-31, C-37). */
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "target_helper.h"

#define USER(id, external_id, email)                                                     \
	"{\"id\":\"" id "\",\"object\":\"user\",\"first_name\":\"Ada\","                 \
	"\"primary_email_address_id\":\"idn_1\",\"email_addresses\":[{\"id\":\"idn_1\"," \
	"\"email_address\":\"" email "\",\"verification\":{\"status\":\"verified\"}}],"  \
	"\"phone_numbers\":[],\"external_id\":\"" external_id                            \
	"\",\"public_metadata\":{\"a\":{\"x\":1},\"b\":2},\"banned\":false,"             \
	"\"delete_self_enabled\":true,\"created_at\":1675960462611}"
#define ERROR(code, meta) \
	"{\"errors\":[{\"code\":\"" code "\",\"message\":\"m\",\"long_message\":\"l\"" meta "}]}"
#define NAMED(name) ",\"meta\":{\"param_name\":\"" name "\"}"

static void expect_row(const struct drill *drill, enum rh_outcome outcome)
{
	assert_int_equal(drill->answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill->rows[0].outcome, outcome);
}

static void expect_fail(const struct drill *drill, enum rh_outcome outcome, enum rh_scope scope)
{
	assert_int_equal(drill->answer.kind, RH_ANSWER_FAIL);
	assert_int_equal(drill->answer.outcome, outcome);
	assert_int_equal(drill->answer.scope, scope);
}

/* ---- the instance -------------------------------------------------------------------------------------------- */

static void test_instance(void **state)
{
	struct clerk clerk = clerk_instance();
	struct rh_endpoint endpoint;
	struct rh_err err = {0};

	(void)state;
	assert_string_equal(clerk.origin, "https://api.clerk.com");
	assert_int_equal(clerk_describe(&clerk, &endpoint, &err), RH_OK);
	assert_string_equal(endpoint.environment, "development");
	assert_int_equal(endpoint.buckets[0].limit, 100); /* C-21 */
	assert_null(endpoint.tenant);
	clerk.secret_key = "sk_live_example";
	clerk.instance_id = "ins_1";
	assert_int_equal(clerk_describe(&clerk, &endpoint, &err), RH_OK);
	assert_string_equal(endpoint.environment, "production");
	assert_string_equal(endpoint.tenant, "ins_1");
	assert_int_equal(endpoint.buckets[0].limit, 1000);
	clerk.secret_key = "pk_test_Y2xlcms";
	assert_int_equal(clerk_target_open(&clerk, &err), RH_EUSAGE);
	clerk.secret_key = "sk_test_a b";
	assert_int_equal(clerk_target_open(&clerk, &err), RH_EUSAGE);
	assert_null(strstr(err.message, "a b"));
}

/* C-17: a key of another instance than the one that is meant writes nothing. */
static void test_probe(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_PROBE);
	drill.operation.row_count = 0;
	drill_start(&drill);
	drill_expect(&drill, "GET", "/v1/instance", NULL);
	drill_feed(&drill, 200, "{\"object\":\"instance\",\"id\":\"ins_1\"}");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	drill.clerk.instance_id = "ins_2";
	drill_feed(&drill, 200, "{\"object\":\"instance\",\"id\":\"ins_1\"}");
	expect_fail(&drill, RH_OUTCOME_DENIED, RH_SCOPE_RUN);
	drill_feed(&drill, 404, ERROR("resource_not_found", ""));
	expect_fail(&drill, RH_OUTCOME_DENIED, RH_SCOPE_RUN);
	drill_feed(&drill, 200, "<html>");
	expect_fail(&drill, RH_OUTCOME_AWAY, RH_SCOPE_ROW);
	drill_done(&drill);
}

/* ---- lists ----------------------------------------------------------------------------------------------------- */

/* C-25: both envelopes; a page that is not full is the last. */
static void test_list(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_LIST);
	drill.operation.row_count = 0;
	drill.operation.page_size = 2;
	drill_start(&drill);
	drill_expect(&drill, "GET", "/v1/users?order_by=%2Bcreated_at&limit=2", NULL);
	drill_feed(&drill, 200,
		   "[" USER("user_1", "a", "a@x.dev") "," USER("user_2", "b", "b@x.dev") "]");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill.operation.record_count, 2);
	assert_true(rh_str_is(drill.operation.next_cursor, "user_2"));
	drill.operation.cursor = RH_STR("user_2");
	drill_start(&drill);
	drill_expect(&drill, "GET",
		     "/v1/users?order_by=%2Bcreated_at&limit=2&starting_after=user_2", NULL);
	drill_feed(&drill, 200,
		   "{\"data\":[" USER("user_3", "c", "c@x.dev") "],\"total_count\":3}");
	assert_int_equal(drill.operation.record_count, 1);
	assert_null(drill.operation.next_cursor.ptr);
	drill_feed(&drill, 200, "[{}]");
	expect_fail(&drill, RH_OUTCOME_AWAY, RH_SCOPE_ROW);
	drill_feed(&drill, 200, "{\"users\":[]}");
	expect_fail(&drill, RH_OUTCOME_AWAY, RH_SCOPE_ROW);
	drill_done(&drill);
}

static void test_count(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_COUNT);
	drill.operation.row_count = 0;
	drill_start(&drill);
	drill_expect(&drill, "GET", "/v1/users/count", NULL);
	drill_feed(&drill, 200, "{\"object\":\"total_count\",\"total_count\":3500}");
	assert_int_equal(drill.operation.total, 3500);
	drill_feed(&drill, 200, "{\"total_count\":-1}");
	assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
	drill_done(&drill);
}

/* ---- find -------------------------------------------------------------------------------------------------------- */

/* C-3, C-25: many in one request, a sign before each id, matched by what each user says. */
static void test_find_ids(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_FIND);
	drill.operation.row_count = 3;
	drill.rows[0] = (struct rh_row){.external_id = RH_STR("-auth0|1")};
	drill.rows[1] = (struct rh_row){.external_id = RH_STR("b&c")};
	drill.rows[2] = (struct rh_row){.external_id = RH_STR("nobody")};
	drill_start(&drill);
	drill_expect(&drill, "GET",
		     "/v1/users?limit=500&external_id=%2B-auth0%7C1&external_id=%2Bb%26c"
		     "&external_id=%2Bnobody",
		     NULL);
	drill_feed(&drill, 200,
		   "[" USER("user_2", "b&c", "b@x.dev") "," USER("user_1", "-auth0|1",
								 "a@x.dev") "]");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill.rows[0].outcome, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.rows[0].target_id, "user_1"));
	assert_int_equal(drill.rows[1].outcome, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.rows[1].observed.target_id, "user_2"));
	assert_int_equal(drill.rows[2].outcome, RH_OUTCOME_ABSENT);
	drill_done(&drill);
}

/* By an address that is not their primary one they are found, too. */
static void test_find_emails(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_FIND);
	drill.operation.row_count = 2;
	drill.rows[0] = (struct rh_row){.email = RH_STR("ada+1@x.dev")};
	drill.rows[1] = (struct rh_row){.email = RH_STR("b@x.dev")};
	drill_start(&drill);
	drill_expect(&drill, "GET",
		     "/v1/users?limit=500&email_address=ada%2B1%40x.dev&email_address=b%40x.dev",
		     NULL);
	drill_feed(&drill, 200,
		   "[{\"id\":\"user_9\",\"primary_email_address_id\":\"idn_1\","
		   "\"email_addresses\":[{\"id\":\"idn_1\",\"email_address\":\"main@x.dev\"},"
		   "{\"id\":\"idn_2\",\"email_address\":\"Ada+1@x.dev\"}]}]");
	assert_int_equal(drill.rows[0].outcome, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.rows[0].observed.email, "ada+1@x.dev"));
	assert_int_equal(drill.rows[1].outcome, RH_OUTCOME_ABSENT);
	drill_done(&drill);
	/* Of a list that is none nobody is absent. */
	drill_init(&drill, RH_VERB_FIND);
	drill.rows[0] = (struct rh_row){.email = RH_STR("b@x.dev")};
	drill_start(&drill);
	drill_feed(&drill, 200, "[{}]");
	expect_fail(&drill, RH_OUTCOME_AWAY, RH_SCOPE_ROW);
	drill_done(&drill);
}

/* C-25: an address stays below six thousand bytes. */
static void test_find_long(void **state)
{
	struct drill drill;
	char ids[4][2600];

	(void)state;
	drill_init(&drill, RH_VERB_FIND);
	drill.operation.row_count = 4;
	for (unsigned i = 0; i < 4; i++) {
		memset(ids[i], 'a' + (int)i, sizeof(ids[i]) - 1);
		ids[i][sizeof(ids[i]) - 1] = '\0';
		drill.rows[i] = (struct rh_row){.external_id = rh_str_from(ids[i])};
	}
	drill_start(&drill);
	assert_true(drill.answer.request.path.len <= 6000);
	drill_feed(&drill, 200, "[]");
	assert_int_equal(drill.answer.kind, RH_ANSWER_SEND);
	assert_true(drill.answer.request.path.len <= 6000);
	assert_non_null(memchr(drill.answer.request.path.ptr, 'd', drill.answer.request.path.len));
	drill_feed(&drill, 200, "[]");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(drill.rows[i].outcome, RH_OUTCOME_ABSENT);
	}
	drill_done(&drill);
}

/* ---- create, and refusals ---------------------------------------------------------------------------------------- */

static struct rh_identifier address = {
	.kind = RH_IDENTIFIER_EMAIL,
	.value = {"ada@x.dev", 9},
	.is_verified = true,
	.is_primary = true,
};
static const struct rh_account ada = {
	.source_id = {"ada", 3},
	.first_name = {"Ada", 3},
	.identifiers = &address,
	.identifier_count = 1,
};

static void start_create(struct drill *drill, unsigned parts)
{
	drill_init(drill, RH_VERB_CREATE);
	drill->rows[0].account = &ada;
	drill->rows[0].parts = parts;
	drill_start(drill);
}

static void test_create(void **state)
{
	struct drill drill;

	(void)state;
	start_create(&drill, RH_PART_IDENTITY | RH_PART_EXTERNAL_ID);
	drill_expect(&drill, "POST", "/v1/users",
		     "{\"email_address\":[\"ada@x.dev\"],\"external_id\":\"ada\","
		     "\"skip_password_requirement\":true,\"skip_legal_checks\":true,"
		     "\"skip_user_requirement\":true}");
	drill_feed(&drill, 200, USER("user_1", "ada", "ada@x.dev"));
	expect_row(&drill, RH_OUTCOME_DONE);
	assert_true(rh_str_is(drill.rows[0].target_id, "user_1"));
	drill_done(&drill);
	/* C-4: of an answer that cannot be read nothing is concluded. */
	start_create(&drill, RH_PART_IDENTITY);
	drill_feed(&drill, 200, "{\"id\":");
	expect_fail(&drill, RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW);
	drill_done(&drill);
	start_create(&drill, RH_PART_IDENTITY);
	drill_feed(&drill, 400, NULL);
	expect_fail(&drill, RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW);
	drill_done(&drill);
}

static void test_refusals(void **state)
{
	static const struct {
		int status;
		const char *body;
		unsigned parts; /* that were sent */
		enum rh_outcome outcome;
		unsigned at_fault;
	} cases[] = {
		/* C-2: a secondary address does not cost the person; the only one does */
		{422, ERROR("form_identifier_exists", NAMED("email_address")), RH_PART_EMAILS,
		 RH_OUTCOME_REJECTED, RH_PART_EMAILS},
		{422, ERROR("form_identifier_exists", NAMED("email_address")), 0,
		 RH_OUTCOME_CONFLICT, RH_PART_IDENTITY},
		{422, ERROR("form_identifier_exists", NAMED("phone_number")), RH_PART_PHONES,
		 RH_OUTCOME_REJECTED, RH_PART_PHONES},
		{422, ERROR("form_identifier_exists", NAMED("username")), RH_PART_USERNAME,
		 RH_OUTCOME_REJECTED, RH_PART_USERNAME},
		{422, ERROR("form_identifier_exists", NAMED("external_id")), RH_PART_EXTERNAL_ID,
		 RH_OUTCOME_ALREADY, RH_PART_EXTERNAL_ID},
		{422, ERROR("form_identifier_exists", ""), RH_PART_EMAILS | RH_PART_CREDENTIAL,
		 RH_OUTCOME_REJECTED, RH_PART_EMAILS},
		{422, ERROR("form_identifier_exists", ""), 0, RH_OUTCOME_CONFLICT,
		 RH_PART_IDENTITY},
		/* C-10 */
		{422, ERROR("form_password_digest_invalid_code", ""), RH_PART_CREDENTIAL,
		 RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL},
		{422, ERROR("form_param_value_invalid", NAMED("password_hasher")),
		 RH_PART_CREDENTIAL, RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL},
		/* C-9 */
		{403, ERROR("unsupported_country_code", ",\"meta\":{\"alpha2\":\"DE\"}"),
		 RH_PART_PHONES, RH_OUTCOME_REJECTED, RH_PART_PHONES},
		/* C-20 */
		{422, ERROR("form_param_unknown", NAMED("phone_number")), RH_PART_PHONES,
		 RH_OUTCOME_REJECTED, RH_PART_PHONES},
		{422, ERROR("form_param_unknown", NAMED("first_name")), RH_PART_PROFILE,
		 RH_OUTCOME_REJECTED, RH_PART_PROFILE},
		{422, ERROR("form_param_unknown", ""), RH_PART_PROFILE | RH_PART_PHONES,
		 RH_OUTCOME_REJECTED, RH_PART_PROFILE},
		{422, ERROR("form_param_unknown", ""), RH_PART_PHONES, RH_OUTCOME_REJECTED,
		 RH_PART_PHONES},
		{422, ERROR("form_param_unknown", ""), 0, RH_OUTCOME_REJECTED, RH_PART_IDENTITY},
		/* C-5, C-12: neither a ban nor a second factor is left out */
		{402, ERROR("requires_paid_plan", NAMED("banned")), RH_PART_PROFILE,
		 RH_OUTCOME_REJECTED, RH_PART_IDENTITY},
		{422, ERROR("form_param_unknown", NAMED("totp_secret")), RH_PART_TOTP,
		 RH_OUTCOME_REJECTED, RH_PART_IDENTITY},
		/* C-14 */
		{422, ERROR("form_param_exceeds_allowed_size", NAMED("public_metadata")),
		 RH_PART_METADATA, RH_OUTCOME_REJECTED, RH_PART_METADATA},
		{422, ERROR("form_disallow_future_date", NAMED("created_at")), RH_PART_PROFILE,
		 RH_OUTCOME_REJECTED, RH_PART_PROFILE},
		{422, ERROR("form_data_missing", ""), RH_PART_PROFILE, RH_OUTCOME_REJECTED,
		 RH_PART_IDENTITY},
		{422, ERROR("", ""), RH_PART_PROFILE, RH_OUTCOME_REJECTED, 0},
		{409, ERROR("conflict", ""), 0, RH_OUTCOME_CONFLICT, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct drill drill;

		start_create(&drill, RH_PART_IDENTITY | cases[i].parts);
		drill_feed(&drill, cases[i].status, cases[i].body);
		if (drill.answer.kind != RH_ANSWER_DONE ||
		    drill.rows[0].outcome != cases[i].outcome ||
		    drill.rows[0].parts_at_fault != cases[i].at_fault) {
			fail_msg("case %zu: outcome %d, parts %x", i, (int)drill.rows[0].outcome,
				 drill.rows[0].parts_at_fault);
		}
		assert_non_null(drill.rows[0].cause);
		drill_done(&drill);
	}
}

/* What ends the run: no rights, and an instance that is full, which is a quota and no denial. */
static void test_ends(void **state)
{
	struct drill drill;

	(void)state;
	start_create(&drill, RH_PART_IDENTITY);
	drill_feed(&drill, 403, ERROR("user_quota_exceeded", ""));
	expect_fail(&drill, RH_OUTCOME_AWAY, RH_SCOPE_RUN);
	assert_true(rh_str_is(drill.answer.code, "user_quota_exceeded"));
	drill_done(&drill);
	start_create(&drill, RH_PART_IDENTITY);
	drill_feed(&drill, 403, ERROR("authorization_invalid", ""));
	expect_fail(&drill, RH_OUTCOME_DENIED, RH_SCOPE_RUN);
	drill_done(&drill);
	start_create(&drill, RH_PART_IDENTITY);
	drill_feed(&drill, 404, ERROR("resource_not_found", ""));
	expect_fail(&drill, RH_OUTCOME_DENIED, RH_SCOPE_RUN);
	drill_done(&drill);
	/* C-12: what the operator says. */
	start_create(&drill, RH_PART_IDENTITY | RH_PART_TOTP);
	drill.clerk.drops_second_factors = true;
	drill_feed(&drill, 422, ERROR("form_param_unknown", NAMED("totp_secret")));
	assert_int_equal(drill.rows[0].parts_at_fault, RH_PART_TOTP);
	drill_done(&drill);
}

/* ---- update -------------------------------------------------------------------------------------------------------- */

/* C-16: metadata by its own call, whole; a block by its own; each only where it differs. */
static void test_update(void **state)
{
	struct rh_account account = ada;
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_UPDATE);
	account.first_name = RH_STR("Grace");
	account.flags = RH_ACCOUNT_BANNED;
	account.metadata[RH_METADATA_PUBLIC] = RH_STR("{\"a\":{\"y\":2}}");
	drill.rows[0].account = &account;
	drill.rows[0].target_id = RH_STR("user_1");
	drill_start(&drill);
	drill_expect(&drill, "GET", "/v1/users/user_1", NULL);
	drill_feed(&drill, 200, USER("user_1", "ada", "ada@x.dev"));
	assert_int_equal(drill.answer.kind, RH_ANSWER_OBSERVED);
	assert_true(rh_str_is(drill.rows[0].expected.value[CLERK_WIRE_PUBLIC],
			      "{\"a\":{\"y\":2},\"b\":2}"));
	drill_start(&drill);
	drill_expect(&drill, "PATCH", "/v1/users/user_1", "{\"first_name\":\"Grace\"}");
	drill_feed(&drill, 200, USER("user_1", "ada", "ada@x.dev"));
	drill_expect(&drill, "PUT", "/v1/users/user_1/metadata",
		     "{\"public_metadata\":{\"a\":{\"y\":2},\"b\":2}}");
	drill_feed(&drill, 200, USER("user_1", "ada", "ada@x.dev"));
	drill_expect(&drill, "POST", "/v1/users/user_1/ban", NULL);
	drill_feed(&drill, 200, USER("user_1", "ada", "ada@x.dev"));
	expect_row(&drill, RH_OUTCOME_DONE);
	drill_done(&drill);
}

#define THERE                                                                             \
	"{\"id\":\"user_1\",\"primary_email_address_id\":\"idn_1\",\"email_addresses\":[" \
	"{\"id\":\"idn_1\",\"email_address\":\"ada@x.dev\","                              \
	"\"verification\":{\"status\":\"verified\"}}],\"phone_numbers\":["                \
	"{\"id\":\"idn_2\",\"phone_number\":\"+14155550132\","                            \
	"\"verification\":{\"status\":\"verified\"}}],\"external_id\":\"ada\","           \
	"\"first_name\":\"Ada\"}"
#define IDN "{\"id\":\"idn_3\",\"object\":\"email_address\"}"

/* An update of the account with these parts, as far as its first request. */
static void start_apart(struct drill *drill, const struct rh_account *account, unsigned parts)
{
	drill_init(drill, RH_VERB_UPDATE);
	drill->rows[0].account = account;
	drill->rows[0].parts = parts;
	drill->rows[0].target_id = RH_STR("user_1");
	drill_start(drill);
	drill_feed(drill, 200, THERE);
	assert_int_equal(drill->answer.kind, RH_ANSWER_OBSERVED);
}

/* C-2, C-1: a request for each of what no create holds; what is refused does not keep the next from going. */
static void test_apart(void **state)
{
	static struct rh_identifier identifiers[] = {
		{.kind = RH_IDENTIFIER_EMAIL,
		 .value = {"ada@x.dev", 9},
		 .is_verified = true,
		 .is_primary = true},
		{.kind = RH_IDENTIFIER_EMAIL, .value = {"old@x.dev", 9}, .is_verified = true},
		{.kind = RH_IDENTIFIER_EMAIL, .value = {"late@x.dev", 10}},
		{.kind = RH_IDENTIFIER_PHONE,
		 .value = {"+14155550132", 12},
		 .is_verified = true,
		 .is_primary = true,
		 .is_second_factor = true},
	};
	const struct rh_account account = {
		.source_id = RH_STR("ada"),
		.identifiers = identifiers,
		.identifier_count = 4,
	};
	const unsigned parts = RH_PART_EMAILS | RH_PART_PHONES | RH_PART_EXTRAS;
	struct drill drill;

	(void)state;
	start_apart(&drill, &account, parts);
	assert_true(rh_str_is(drill.rows[0].expected.value[CLERK_WIRE_EMAILS],
			      "{\"ada@x.dev\":\"verified\",\"late@x.dev\":\"unverified\","
			      "\"old@x.dev\":\"verified\"}"));
	assert_true(rh_str_is(drill.rows[0].expected.value[CLERK_WIRE_PHONES],
			      "{\"+14155550132\":\"second-factor\"}"));
	drill_start(&drill);
	drill_expect(
		&drill, "POST", "/v1/email_addresses",
		"{\"user_id\":\"user_1\",\"email_address\":\"late@x.dev\",\"verified\":false}");
	drill_feed(&drill, 200, IDN);
	drill_expect(&drill, "POST", "/v1/email_addresses",
		     "{\"user_id\":\"user_1\",\"email_address\":\"old@x.dev\",\"verified\":true}");
	drill_feed(&drill, 422, ERROR("form_identifier_exists", NAMED("email_address")));
	drill_expect(&drill, "PATCH", "/v1/phone_numbers/idn_2",
		     "{\"reserved_for_second_factor\":true}");
	drill_feed(&drill, 200, IDN);
	expect_row(&drill, RH_OUTCOME_REJECTED);
	assert_int_equal(drill.rows[0].parts_at_fault, RH_PART_EMAILS);
	assert_true(rh_str_is(drill.rows[0].code, "form_identifier_exists"));
	drill_done(&drill);
	/* Without the refused part there is nothing to do for it. */
	start_apart(&drill, &account, RH_PART_PHONES);
	assert_true(rh_str_is(drill.rows[0].expected.value[CLERK_WIRE_EMAILS],
			      "{\"ada@x.dev\":\"verified\"}"));
	assert_false(clerk_apart_is_left(&drill.state));
	drill_done(&drill);
	/* An account of somebody else is left alone; a user who is gone is absent. */
	drill_init(&drill, RH_VERB_UPDATE);
	drill.rows[0] = (struct rh_row){.account = &account,
					.parts = parts,
					.is_foreign = true,
					.target_id = RH_STR("user_1")};
	drill_start(&drill);
	drill_feed(&drill, 200, THERE);
	assert_int_equal(drill.rows[0].concerned & (1U << CLERK_WIRE_EMAILS), 0);
	drill_done(&drill);
	start_apart(&drill, &account, parts);
	drill_start(&drill);
	drill_feed(&drill, 404, ERROR("resource_not_found", ""));
	expect_row(&drill, RH_OUTCOME_ABSENT);
	drill_done(&drill);
}

/* An account whose block is gone at the source stays blocked here: only an undo lifts it. */
static void test_update_never_lifts(void **state)
{
	const struct rh_wire before = {.present = UINT32_C(1) << CLERK_WIRE_FIRST_NAME,
				       .value = {[CLERK_WIRE_FIRST_NAME] = {"Ada", 3}}};
	static const char banned[] =
		"{\"id\":\"user_1\",\"email_addresses\":[],\"external_id\":\"ada\","
		"\"first_name\":\"Ada\",\"banned\":true}";
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_UPDATE);
	drill.rows[0].account = &ada;
	drill.rows[0].target_id = RH_STR("user_1");
	drill.rows[0].clears = UINT32_MAX;
	drill_start(&drill);
	drill_feed(&drill, 200, banned);
	assert_false((drill.rows[0].concerned & UINT32_C(1) << CLERK_WIRE_BANNED) != 0);
	drill_done(&drill);
	drill_init(&drill, RH_VERB_UPDATE);
	drill.rows[0].wire = &before;
	drill.rows[0].clears = UINT32_C(1) << CLERK_WIRE_BANNED;
	drill.rows[0].target_id = RH_STR("user_1");
	drill_start(&drill);
	drill_feed(&drill, 200, banned);
	drill_start(&drill);
	drill_expect(&drill, "POST", "/v1/users/user_1/unban", NULL);
	drill_done(&drill);
}

/* ---- remove and prove ---------------------------------------------------------------------------------------------- */

/* C-31: only who is certainly meant; who is gone is gone. */
static void test_remove(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_REMOVE);
	drill.rows[0] =
		(struct rh_row){.target_id = RH_STR("user_1"), .external_id = RH_STR("ada")};
	drill_start(&drill);
	drill_expect(&drill, "GET", "/v1/users/user_1", NULL);
	drill_feed(&drill, 200, USER("user_1", "somebody", "ada@x.dev"));
	expect_row(&drill, RH_OUTCOME_CONFLICT);
	drill_start(&drill);
	drill_feed(&drill, 200, USER("user_1", "ada", "ada@x.dev"));
	drill_expect(&drill, "DELETE", "/v1/users/user_1", NULL);
	drill_feed(&drill, 200, "{\"object\":\"user\",\"id\":\"user_1\",\"deleted\":true}");
	expect_row(&drill, RH_OUTCOME_DONE);
	drill_start(&drill);
	drill_feed(&drill, 404, ERROR("resource_not_found", ""));
	expect_row(&drill, RH_OUTCOME_ABSENT);
	drill_done(&drill);
}

/* C-11. */
static void test_prove(void **state)
{
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_PROVE);
	drill.rows[0] = (struct rh_row){.email = RH_STR("ada@x.dev"), .password = RH_STR("U*U")};
	drill_start(&drill);
	drill_expect(&drill, "GET", "/v1/users?limit=10&email_address=ada%40x.dev", NULL);
	drill_feed(&drill, 200, "[" USER("user_1", "ada", "Ada@x.dev") "]");
	drill_expect(&drill, "POST", "/v1/users/user_1/verify_password", "{\"password\":\"U*U\"}");
	drill_feed(&drill, 200, "{\"verified\":true}");
	expect_row(&drill, RH_OUTCOME_DONE);
	drill.rows[0].target_id = RH_STR("user_1");
	drill_start(&drill);
	drill_expect(&drill, "POST", "/v1/users/user_1/verify_password", NULL);
	drill_feed(&drill, 422, ERROR("incorrect_password", ""));
	expect_row(&drill, RH_OUTCOME_REJECTED);
	drill_start(&drill);
	drill_feed(&drill, 400, ERROR("no_password_set", ""));
	expect_row(&drill, RH_OUTCOME_REJECTED);
	drill_start(&drill);
	drill_feed(&drill, 200, "{}");
	expect_fail(&drill, RH_OUTCOME_UNKNOWN, RH_SCOPE_ROW);
	drill_done(&drill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instance),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_find_ids),
		cmocka_unit_test(test_find_emails),
		cmocka_unit_test(test_find_long),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_update_never_lifts),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_prove),
	};

	return cmocka_run_group_tests_name("connectors/clerk/target_steps", tests, NULL, NULL);
}
