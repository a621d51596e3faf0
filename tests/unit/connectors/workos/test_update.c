/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a user of WorkOS; numbers are rules of workos_update.c. */
#include "helper.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "account/credential.h"
#include "base/str.h"

#define BIT(field) (UINT32_C(1) << (field))

/* One change: what stands there, what is asked, what is sent. */
struct change {
	const char *title;
	const char *there; /* members after id and email */
	const char *email; /* of the account; NULL: the one that stands there */
	const char *first_name;
	const char *metadata;
	bool is_verified;
	bool is_foreign;
	uint32_t clears;
	unsigned parts; /* 0: all that the account has */
	const char *body;
};

static const struct change changes[] = {
	{"1: only what differs is sent", "\"first_name\":\"Ada\",\"email_verified\":true", NULL,
	 "Grace", NULL, true, false, 0, 0,
	 "{\"first_name\":\"Grace\",\"external_id\":\"user_ada\"}"},
	{"1: what the account does not have stays",
	 "\"last_name\":\"Lovelace\",\"external_id\":\"user_ada\",\"email_verified\":true", NULL,
	 "Grace", NULL, true, false, 0, 0, "{\"first_name\":\"Grace\"}"},
	{"1: a name that is to go is sent empty",
	 "\"last_name\":\"Lovelace\",\"external_id\":\"user_ada\",\"email_verified\":true", NULL,
	 "Grace", NULL, true, false, BIT(WORKOS_FIELD_LAST_NAME), 0,
	 "{\"first_name\":\"Grace\",\"last_name\":\"\"}"},
	{"2: metadata are put beside those that are there",
	 "\"metadata\":{\"app\":\"1\",\"team\":\"red\"},\"external_id\":\"user_ada\","
	 "\"email_verified\":true",
	 NULL, NULL, "{\"team\":\"blue\"}", true, false, 0, 0,
	 "{\"metadata\":{\"team\":\"blue\"}}"},
	{"2: those of ours that are gone are taken away",
	 "\"metadata\":{\"app\":\"1\",\"team\":\"red\"},\"external_id\":\"user_ada\","
	 "\"email_verified\":true",
	 NULL, NULL, "{\"team\":\"blue\"}", true, false, BIT(WORKOS_FIELD_METADATA), 0,
	 "{\"metadata\":{\"app\":null,\"team\":\"blue\"}}"},
	{"3: another address takes its proof along",
	 "\"external_id\":\"user_ada\",\"email_verified\":true", "new@example.com", NULL, NULL,
	 true, false, 0, 0, "{\"email\":\"new@example.com\",\"email_verified\":true}"},
	{"3: or that there is none", "\"external_id\":\"user_ada\",\"email_verified\":true",
	 "new@example.com", NULL, NULL, false, false, 0, 0,
	 "{\"email\":\"new@example.com\",\"email_verified\":false}"},
	{"4: ours may become proved", "\"external_id\":\"user_ada\",\"email_verified\":false", NULL,
	 NULL, NULL, true, false, 0, 0, "{\"email_verified\":true}"},
	{"4: another's may not", "\"external_id\":\"user_ada\",\"email_verified\":false", NULL,
	 "Grace", NULL, true, true, 0, 0, "{\"first_name\":\"Grace\"}"},
	{"5: what is proved stays proved", "\"external_id\":\"user_ada\",\"email_verified\":true",
	 NULL, "Grace", NULL, false, false, 0, 0, "{\"first_name\":\"Grace\"}"},
	{"the external id goes by null", "\"external_id\":\"old\",\"email_verified\":true", NULL,
	 "Grace", NULL, true, false, BIT(WORKOS_FIELD_EXTERNAL_ID), RH_PART_IDENTITY,
	 "{\"first_name\":\"Grace\",\"external_id\":null}"},
};

static const char hash[] = "$2b$04$abcdefghijklmnopqrstuuJ0PPlJx1kZ0d0uYsFbiIWTp9nyBpPau";

static void look(struct drill *drill, const char *there)
{
	char *body = NULL;

	drill_start(drill);
	assert_string_equal(drill->answer.request.method, "GET");
	assert_false(drill->answer.request.is_writing);
	assert_true(asprintf(&body, "{\"id\":\"user_01\",\"email\":\"ada@example.com\"%s%s}",
			     there[0] != '\0' ? "," : "", there) > 0);
	drill_feed(drill, 200, body);
	free(body);
	assert_int_equal(drill->answer.kind, RH_ANSWER_OBSERVED);
	assert_true(drill->row.has_observed);
}

static void test_change(void **state)
{
	const struct change *change = *state;
	struct rh_identifier email =
		email_of(change->email != NULL ? change->email : "ada@example.com",
			 change->is_verified, true);
	struct rh_account account = {
		.source_id = RH_STR("user_ada"),
		.identifiers = &email,
		.identifier_count = 1,
		.first_name = rh_str_from(change->first_name),
	};
	struct drill drill;

	account.metadata[RH_METADATA_PUBLIC] = rh_str_from(change->metadata);
	drill_init(&drill, RH_VERB_UPDATE);
	drill.row.account = &account;
	drill.row.target_id = RH_STR("user_01");
	drill.row.clears = change->clears;
	drill.row.is_foreign = change->is_foreign;
	if (change->parts != 0) {
		drill.row.parts = change->parts;
	}
	look(&drill, change->there);
	drill_start(&drill);
	assert_string_equal(drill.answer.request.method, "PUT");
	if (!rh_str_is(drill.answer.request.body, change->body)) {
		fail_msg("%.*s", RH_STR_ARG(drill.answer.request.body));
	}
	drill_done(&drill);
}

/* The credential alone, and nothing of it in what is told. */
static void test_credential_alone(void **state)
{
	struct rh_identifier email = email_of("other@example.com", true, true);
	struct rh_account account = {
		.source_id = RH_STR("user_ada"),
		.identifiers = &email,
		.identifier_count = 1,
		.first_name = RH_STR("Grace"),
	};
	struct drill drill;

	(void)state;
	drill_init(&drill, RH_VERB_UPDATE);
	assert_int_equal(rh_credential_parse(&drill.arena, rh_str_from(hash), RH_STR("bcrypt"),
					     RH_DIALECT_BCRYPT, &account.credential),
			 RH_OK);
	drill.row.account = &account;
	drill.row.target_id = RH_STR("user_01");
	drill.row.parts = RH_PART_CREDENTIAL;
	look(&drill, "\"first_name\":\"Ada\"");
	assert_int_equal(drill.row.concerned, 0);
	drill_start(&drill);
	assert_non_null(memmem(drill.answer.request.body.ptr, drill.answer.request.body.len, hash,
			       strlen(hash)));
	assert_null(
		memmem(drill.answer.request.body.ptr, drill.answer.request.body.len, "Grace", 5));
	drill_done(&drill);
}

/* Values instead of an account: what an update replaced, and nothing else. */
static void test_put_back(void **state)
{
	struct rh_wire before = {.present =
					 BIT(WORKOS_FIELD_FIRST_NAME) | BIT(WORKOS_FIELD_METADATA)};
	struct drill drill;

	(void)state;
	before.value[WORKOS_FIELD_FIRST_NAME] = RH_STR("Ada");
	before.value[WORKOS_FIELD_METADATA] = RH_STR("{\"a\":\"1\"}");
	drill_init(&drill, RH_VERB_UPDATE);
	drill.row.wire = &before;
	drill.row.clears = before.present | BIT(WORKOS_FIELD_EXTERNAL_ID);
	drill.row.is_foreign = true;
	drill.row.target_id = RH_STR("user_01");
	look(&drill, "\"first_name\":\"Grace\",\"last_name\":\"H\",\"external_id\":\"user_ada\","
		     "\"metadata\":{\"a\":\"2\",\"b\":\"3\"}");
	drill_start(&drill);
	if (!rh_str_is(drill.answer.request.body,
		       "{\"first_name\":\"Ada\",\"external_id\":null,\"metadata\":{\"b\":null,"
		       "\"a\":\"1\"}}")) {
		fail_msg("%.*s", RH_STR_ARG(drill.answer.request.body));
	}
	drill_done(&drill);
}

/* Another user in the answer is nobody that we change. */
static void test_another_user(void **state)
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
	drill.row.target_id = RH_STR("user_02");
	drill_start(&drill);
	drill_feed(&drill, 200, "{\"id\":\"user_01\",\"email\":\"ada@example.com\"}");
	assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	assert_int_equal(drill.row.outcome, RH_OUTCOME_CONFLICT);
	drill_done(&drill);
}

#define CHANGES (sizeof(changes) / sizeof(changes[0]))

int main(void)
{
	struct CMUnitTest tests[CHANGES + 3];

	for (size_t i = 0; i < CHANGES; i++) {
		tests[i] = (struct CMUnitTest){
			.name = changes[i].title,
			.test_func = test_change,
			.initial_state = (void *)(uintptr_t)&changes[i],
		};
	}
	tests[CHANGES] = (struct CMUnitTest)cmocka_unit_test(test_credential_alone);
	tests[CHANGES + 1] = (struct CMUnitTest)cmocka_unit_test(test_put_back);
	tests[CHANGES + 2] = (struct CMUnitTest)cmocka_unit_test(test_another_user);
	return cmocka_run_group_tests_name("workos update", tests, NULL, NULL);
}
