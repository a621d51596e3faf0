/* SPDX-License-Identifier: Apache-2.0 */
/* Every shape and code of a refusal, through the operations that meet it: C4 to C7 of connector.h. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "helper.h"

struct refusal {
	const char *name;
	enum rh_verb verb;
	int status;
	const char *body;
	/* FAIL with this scope, or DONE with the fate in the row */
	bool is_fail;
	enum rh_scope scope;
	enum rh_outcome outcome;
	unsigned parts;
	const char *code;
};

#define CREATION(errors)                   \
	"{\"message\":\"Could not create " \
	"user.\",\"code\":\"user_creation_error\",\"errors\":" errors "}"
#define CODE(code) "{\"message\":\"Ada Example <ada@example.com>\",\"code\":\"" code "\"}"
#define INVALID(errors)                                                                \
	"{\"message\":\"Validation failed.\",\"code\":\"invalid_request_parameters\"," \
	"\"errors\":" errors "}"

static const struct refusal refusals[] = {
	/* codes of a create */
	{"the address is taken", RH_VERB_CREATE, 400,
	 CREATION("[{\"code\":\"email_not_available\",\"message\":\"ada@example.com\"}]"), false, 0,
	 RH_OUTCOME_CONFLICT, RH_PART_IDENTITY, "email_not_available"},
	{"the external id is taken", RH_VERB_CREATE, 400,
	 CREATION("[{\"code\":\"external_id_already_used\"}]"), false, 0, RH_OUTCOME_ALREADY,
	 RH_PART_EXTERNAL_ID, "external_id_already_used"},
	{"both are taken: ours, before", RH_VERB_CREATE, 400,
	 CREATION("[{\"code\":\"email_not_available\"},{\"code\":\"external_id_already_used\"}]"),
	 false, 0, RH_OUTCOME_ALREADY, RH_PART_EXTERNAL_ID, "external_id_already_used"},
	{"an older server says 409", RH_VERB_CREATE, 409, CODE("user_already_exists"), false, 0,
	 RH_OUTCOME_CONFLICT, RH_PART_IDENTITY, "user_already_exists"},
	{"409 with words only", RH_VERB_CREATE, 409, "{\"message\":\"Taken.\"}", false, 0,
	 RH_OUTCOME_CONFLICT, 0, "http_409"},
	{"the hash", RH_VERB_CREATE, 400, CODE("invalid_password_hash"), false, 0,
	 RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL, "invalid_password_hash"},
	{"the hash, as one of the errors", RH_VERB_CREATE, 400,
	 CREATION("[{\"code\":\"invalid_password_hash\"}]"), false, 0, RH_OUTCOME_REJECTED,
	 RH_PART_CREDENTIAL, "invalid_password_hash"},
	{"the strength", RH_VERB_CREATE, 400,
	 "{\"code\":\"password_strength_error\",\"message\":\"\",\"errors\":"
	 "[{\"code\":\"password_too_weak\",\"message\":\"\"}]}",
	 false, 0, RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL, "password_strength_error"},
	{"password and hash", RH_VERB_CREATE, 400, CODE("password_and_password_hash_provided"),
	 false, 0, RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL, "password_and_password_hash_provided"},
	{"password and type", RH_VERB_CREATE, 400, CODE("password_and_password_hash_type_provided"),
	 false, 0, RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL,
	 "password_and_password_hash_type_provided"},
	{"salt position alone", RH_VERB_CREATE, 400,
	 CODE("password_salt_position_requires_password_hash"), false, 0, RH_OUTCOME_REJECTED,
	 RH_PART_CREDENTIAL, "password_salt_position_requires_password_hash"},
	{"the metadata", RH_VERB_CREATE, 400, CODE("invalid_metadata"), false, 0,
	 RH_OUTCOME_REJECTED, RH_PART_METADATA, "invalid_metadata"},
	{"the address", RH_VERB_CREATE, 400, CODE("invalid_email"), false, 0, RH_OUTCOME_REJECTED,
	 RH_PART_IDENTITY, "invalid_email"},
	/* fields of a validation */
	{"a field as member", RH_VERB_CREATE, 422,
	 INVALID("[{\"code\":\"too_long\",\"field\":\"metadata.plan\"}]"), false, 0,
	 RH_OUTCOME_REJECTED, RH_PART_METADATA, "invalid_request_parameters"},
	{"a field as first word", RH_VERB_CREATE, 422,
	 INVALID("[\"password_hash_type must be one of the following\"]"), false, 0,
	 RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL, "invalid_request_parameters"},
	{"two fields", RH_VERB_CREATE, 422,
	 INVALID("[\"external_id must match\",{\"field\":\"email\"}]"), false, 0,
	 RH_OUTCOME_REJECTED, RH_PART_EXTERNAL_ID | RH_PART_IDENTITY, "invalid_request_parameters"},
	{"a field that nobody knows", RH_VERB_CREATE, 422, INVALID("[\"emails must be a list\",7]"),
	 false, 0, RH_OUTCOME_REJECTED, 0, "invalid_request_parameters"},
	{"errors that are no list", RH_VERB_CREATE, 422, INVALID("{\"field\":\"email\"}"), false, 0,
	 RH_OUTCOME_REJECTED, 0, "invalid_request_parameters"},
	/* codes that nobody knows */
	{"another code", RH_VERB_CREATE, 400, CODE("brand-new.code_2"), false, 0,
	 RH_OUTCOME_REJECTED, 0, "brand-new.code_2"},
	{"a code that is no code", RH_VERB_CREATE, 400, CODE("ada@example.com"), false, 0,
	 RH_OUTCOME_REJECTED, 0, "http_400"},
	{"a code without end", RH_VERB_CREATE, 400,
	 CODE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), false, 0,
	 RH_OUTCOME_REJECTED, 0, "http_400"},
	{"a code of the first error only", RH_VERB_CREATE, 400,
	 "{\"message\":\"\",\"errors\":[{\"code\":\"odd_one\"}]}", false, 0, RH_OUTCOME_REJECTED, 0,
	 "odd_one"},
	{"words only", RH_VERB_CREATE, 400, "{\"message\":\"No.\"}", false, 0, RH_OUTCOME_REJECTED,
	 0, "http_400"},
	{"OAuth", RH_VERB_CREATE, 400, "{\"error\":\"odd_one\",\"error_description\":\"No.\"}",
	 false, 0, RH_OUTCOME_REJECTED, 0, "odd_one"},
	/* not about the row */
	{"no permission", RH_VERB_CREATE, 403, "{\"message\":\"Forbidden\",\"code\":\"forbidden\"}",
	 true, RH_SCOPE_RUN, RH_OUTCOME_DENIED, 0, "forbidden"},
	{"no permission, without words", RH_VERB_CREATE, 403, NULL, true, RH_SCOPE_RUN,
	 RH_OUTCOME_DENIED, 0, ""},
	{"no plan", RH_VERB_UPDATE, 402, CODE("payment_required"), true, RH_SCOPE_RUN,
	 RH_OUTCOME_DENIED, 0, "payment_required"},
	{"no such place to create", RH_VERB_CREATE, 404, CODE("not_found"), true, RH_SCOPE_RUN,
	 RH_OUTCOME_DENIED, 0, "http_404"},
	{"no such place to list", RH_VERB_LIST, 404, CODE("not_found"), true, RH_SCOPE_RUN,
	 RH_OUTCOME_DENIED, 0, "http_404"},
	/* bodies that cannot be read: a write is UNKNOWN, a reading AWAY, never REJECTED (C5) */
	{"400 without body", RH_VERB_CREATE, 400, NULL, true, RH_SCOPE_ROW, RH_OUTCOME_UNKNOWN, 0,
	 ""},
	{"400 with a list", RH_VERB_CREATE, 400, "[{\"code\":\"invalid_metadata\"}]", true,
	 RH_SCOPE_ROW, RH_OUTCOME_UNKNOWN, 0, ""},
	{"400 with a text", RH_VERB_CREATE, 400, "\"invalid_metadata\"", true, RH_SCOPE_ROW,
	 RH_OUTCOME_UNKNOWN, 0, ""},
	{"400 cut", RH_VERB_CREATE, 400, "{\"code\":\"invalid_meta", true, RH_SCOPE_ROW,
	 RH_OUTCOME_UNKNOWN, 0, ""},
	{"400 with members of other types", RH_VERB_CREATE, 400,
	 "{\"code\":7,\"message\":[],\"error\":{}}", true, RH_SCOPE_ROW, RH_OUTCOME_UNKNOWN, 0, ""},
	{"202 of a create", RH_VERB_CREATE, 202, "{\"message\":\"Later.\"}", true, RH_SCOPE_ROW,
	 RH_OUTCOME_UNKNOWN, 0, ""},
	{"201 without user", RH_VERB_CREATE, 201, "{}", true, RH_SCOPE_ROW, RH_OUTCOME_UNKNOWN, 0,
	 ""},
	{"201 with null", RH_VERB_CREATE, 201, "null", true, RH_SCOPE_ROW, RH_OUTCOME_UNKNOWN, 0,
	 ""},
	{"201 cut", RH_VERB_CREATE, 201, "{\"id\":\"user_01\",\"email\":", true, RH_SCOPE_ROW,
	 RH_OUTCOME_UNKNOWN, 0, ""},
	{"200 without user, read", RH_VERB_GET, 200, "[]", true, RH_SCOPE_ROW, RH_OUTCOME_AWAY, 0,
	 ""},
	{"404 without body is nobody's word", RH_VERB_GET, 404, NULL, true, RH_SCOPE_ROW,
	 RH_OUTCOME_AWAY, 0, ""},
	{"400 without body, read", RH_VERB_FIND, 400, NULL, true, RH_SCOPE_ROW, RH_OUTCOME_AWAY, 0,
	 ""},
	/* absence, and changes */
	{"get: not there", RH_VERB_GET, 404, CODE("entity_not_found"), false, 0, RH_OUTCOME_ABSENT,
	 0, ""},
	{"find: not there", RH_VERB_FIND, 404, "{\"message\":\"User not found.\"}", false, 0,
	 RH_OUTCOME_ABSENT, 0, ""},
	{"update: not there", RH_VERB_UPDATE, 404, CODE("entity_not_found"), false, 0,
	 RH_OUTCOME_ABSENT, 0, ""},
	{"update: the external id is another's", RH_VERB_UPDATE, 400,
	 CODE("external_id_already_used"), false, 0, RH_OUTCOME_CONFLICT, RH_PART_EXTERNAL_ID,
	 "external_id_already_used"},
	{"update: verified already", RH_VERB_UPDATE, 400, CODE("email_already_verified"), false, 0,
	 RH_OUTCOME_REJECTED, RH_PART_IDENTITY, "email_already_verified"},
	{"update: the address may not change", RH_VERB_UPDATE, 400,
	 CODE("email_change_not_allowed"), false, 0, RH_OUTCOME_REJECTED, RH_PART_IDENTITY,
	 "email_change_not_allowed"},
	{"list: refused", RH_VERB_LIST, 422, INVALID("[\"limit must not be greater than 100\"]"),
	 true, RH_SCOPE_KIND, RH_OUTCOME_REJECTED, 0, "invalid_request_parameters"},
	{"prove: the password is wrong", RH_VERB_PROVE, 400, CODE("invalid_credentials"), false, 0,
	 RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL, "invalid_credentials"},
	{"prove: wrong, as older servers say it", RH_VERB_PROVE, 401, CODE("invalid_credentials"),
	 false, 0, RH_OUTCOME_REJECTED, RH_PART_CREDENTIAL, "invalid_credentials"},
	{"prove: the address is not verified", RH_VERB_PROVE, 403,
	 CODE("email_verification_required"), false, 0, RH_OUTCOME_DONE, 0,
	 "email_verification_required"},
	{"prove: a second factor is asked for", RH_VERB_PROVE, 403, CODE("mfa_challenge"), false, 0,
	 RH_OUTCOME_DONE, 0, "mfa_challenge"},
	{"prove: a second factor is to be set up", RH_VERB_PROVE, 403, CODE("mfa_enrollment"),
	 false, 0, RH_OUTCOME_DONE, 0, "mfa_enrollment"},
	{"prove: several organizations", RH_VERB_PROVE, 403,
	 CODE("organization_selection_required"), false, 0, RH_OUTCOME_DONE, 0,
	 "organization_selection_required"},
	{"prove: an organization demands its own", RH_VERB_PROVE, 400,
	 "{\"error\":\"sso_required\",\"connection_ids\":[\"conn_1\"],\"email\":\"a@example.com\"}",
	 true, RH_SCOPE_ROW, RH_OUTCOME_DENIED, 0, "sso_required"},
	{"prove: no passwords here", RH_VERB_PROVE, 403, CODE("email_password_auth_disabled"), true,
	 RH_SCOPE_KIND, RH_OUTCOME_DENIED, 0, "email_password_auth_disabled"},
	{"prove: fraud rules", RH_VERB_PROVE, 403, CODE("radar_challenge"), true, RH_SCOPE_KIND,
	 RH_OUTCOME_DENIED, 0, "radar_challenge"},
	{"prove: the client is another's", RH_VERB_PROVE, 400,
	 "{\"error\":\"invalid_client\",\"error_description\":\"Invalid client ID.\"}", true,
	 RH_SCOPE_KIND, RH_OUTCOME_DENIED, 0, "invalid_client"},
	{"prove: the key is wrong", RH_VERB_PROVE, 401, "{\"message\":\"Unauthorized\"}", true,
	 RH_SCOPE_KIND, RH_OUTCOME_DENIED, 0, ""},
	{"prove: nobody there", RH_VERB_PROVE, 404, CODE("entity_not_found"), false, 0,
	 RH_OUTCOME_ABSENT, 0, ""},
	{"prove: cut", RH_VERB_PROVE, 200, "{\"user\":", true, RH_SCOPE_ROW, RH_OUTCOME_UNKNOWN, 0,
	 ""},
	{"probe: the key may not see organizations", RH_VERB_PROBE, 403,
	 "{\"message\":\"Forbidden\"}", false, 0, RH_OUTCOME_DONE, 0, ""},
	{"probe: not the API", RH_VERB_PROBE, 404, "{\"message\":\"Not Found\"}", true,
	 RH_SCOPE_RUN, RH_OUTCOME_DENIED, 0, "http_404"},
	{"probe: no list", RH_VERB_PROBE, 200, "{\"data\":7}", true, RH_SCOPE_ROW, RH_OUTCOME_AWAY,
	 0, ""},
};

/* C6: letters, digits, '_', '-', '.' and nothing of the person. */
static void check_words(struct rh_str code, const char *cause)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	for (size_t i = 0; i < code.len; i++) {
		assert_non_null(memchr(allowed, code.ptr[i], sizeof(allowed) - 1));
	}
	if (cause != NULL) {
		assert_null(strstr(cause, "Ada"));
		assert_null(strchr(cause, '@'));
	}
}

static void fill(struct drill *drill, struct rh_account *account, struct rh_identifier *email)
{
	*email = email_of("ada@example.com", true, true);
	*account = (struct rh_account){
		.source_id = RH_STR("user_ada"),
		.identifiers = email,
		.identifier_count = 1,
	};
	drill->row.account = account;
	drill->row.target_id = RH_STR("user_01");
	drill->row.external_id = RH_STR("user_ada");
	drill->row.email = RH_STR("ada@example.com");
	drill->row.password = RH_STR("Passw0rd!");
}

static void test_refusal(void **state)
{
	const struct refusal *refusal = *state;
	bool has_row = refusal->verb != RH_VERB_LIST && refusal->verb != RH_VERB_PROBE;
	struct rh_identifier email;
	struct rh_account account;
	struct drill drill;

	drill_init(&drill, refusal->verb);
	fill(&drill, &account, &email);
	drill.operation.row_count = has_row ? 1 : 0;
	drill_start(&drill);
	if (refusal->verb == RH_VERB_UPDATE) { /* what it reads is fine; the write is refused */
		drill_feed(&drill, 200, "{\"id\":\"user_01\",\"email\":\"x@example.com\"}");
		drill_start(&drill);
		drill.row.has_observed = false;
	}
	drill_feed(&drill, refusal->status, refusal->body);
	if (refusal->is_fail) {
		assert_int_equal(drill.answer.kind, RH_ANSWER_FAIL);
		assert_int_equal(drill.answer.outcome, refusal->outcome);
		assert_int_equal(drill.answer.scope, refusal->scope);
		assert_true(
			rh_str_is(rh_str_is_set(drill.answer.code) ? drill.answer.code : RH_STR(""),
				  refusal->code));
		assert_non_null(drill.answer.cause);
		check_words(drill.answer.code, drill.answer.cause);
	} else {
		assert_int_equal(drill.answer.kind, RH_ANSWER_DONE);
	}
	if (!refusal->is_fail && has_row) {
		assert_int_equal(drill.row.outcome, refusal->outcome);
		assert_int_equal(drill.row.parts_at_fault, refusal->parts);
		assert_true(rh_str_is(rh_str_is_set(drill.row.code) ? drill.row.code : RH_STR(""),
				      refusal->code));
		assert_false(drill.row.has_observed);
		check_words(drill.row.code, drill.row.cause);
	}
	drill_done(&drill);
}

#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

int main(void)
{
	struct CMUnitTest tests[REFUSALS];

	for (size_t i = 0; i < REFUSALS; i++) {
		tests[i] = (struct CMUnitTest){
			.name = refusals[i].name,
			.test_func = test_refusal,
			.initial_state = (void *)(uintptr_t)&refusals[i],
		};
	}
	return cmocka_run_group_tests_name("workos error", tests, NULL, NULL);
}
