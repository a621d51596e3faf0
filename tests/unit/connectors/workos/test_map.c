/* SPDX-License-Identifier: Apache-2.0 */
/* Policies, limits, parts, and that a read back says what was sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "helper.h"

/* One account on its way, and what became of it. */
struct trip {
	struct workos workos;
	struct rh_mapping_policy policy;
	struct rh_identifier emails[3];
	struct rh_account account;
	struct rh_arena arena;
	struct found found;
	struct rh_buf body;
	struct rh_wire wire;
	unsigned parts;
};

static void setup(struct trip *trip)
{
	*trip = (struct trip){.workos = workos_instance(), .parts = ALL_PARTS};
	rh_arena_init(&trip->arena, RH_BATCH_MAX, RH_ARENA_WIPE);
	rh_buf_init(&trip->body, RH_REQUEST_MAX);
	trip->emails[0] = email_of("ada@example.com", true, true);
	trip->account.source_id = RH_STR("user_ada");
	trip->account.identifiers = trip->emails;
	trip->account.identifier_count = 1;
}

static void run(struct trip *trip)
{
	found_init(&trip->found);
	rh_buf_reset(&trip->body);
	trip->wire = (struct rh_wire){0};
	assert_int_equal(rh_connector_workos.to_wire(&trip->workos, &trip->account, &trip->policy,
						     trip->parts, &trip->arena, &trip->found.sink,
						     &trip->body, &trip->wire, NULL),
			 RH_OK);
}

static void teardown(struct trip *trip)
{
	rh_buf_done(&trip->body);
	rh_arena_done(&trip->arena);
}

/* The expected value; NULL: the field is not there. */
static void expect_field(const struct trip *trip, enum workos_field field, const char *value)
{
	assert_int_equal(trip->wire.present >> field & 1, value != NULL);
	if (value != NULL && !rh_str_is(trip->wire.value[field], value)) {
		fail_msg("%s is %.*s, not %s", workos_wire_fields[field],
			 RH_STR_ARG(trip->wire.value[field]), value);
	}
}

/* ---- addresses ------------------------------------------------------------------------------------------- */

static void test_unverified(void **state)
{
	static const struct {
		enum rh_unverified_policy policy;
		bool first_verified;
		bool second_verified;
		const char *email; /* NULL: refused */
		const char *verified;
		enum rh_finding_code code; /* 0: none of them */
	} cases[] = {
		{RH_UNVERIFIED_ATTACH, true, true, "ada@example.com", "true", 0},
		{RH_UNVERIFIED_ATTACH, false, true, "ada@example.com", "false",
		 RH_FINDING_EMAIL_UNVERIFIED},
		{RH_UNVERIFIED_RESERVE, false, true, "ada@example.com", "false",
		 RH_FINDING_EMAIL_UNVERIFIED},
		{RH_UNVERIFIED_DROP, true, false, "ada@example.com", "true", 0},
		{RH_UNVERIFIED_DROP, false, true, "second@example.com", "true", 0},
		{RH_UNVERIFIED_DROP, false, false, NULL, NULL, RH_FINDING_EMAIL_REQUIRED},
		{RH_UNVERIFIED_REJECT, true, false, "ada@example.com", "true", 0},
		{RH_UNVERIFIED_REJECT, false, true, NULL, NULL,
		 RH_FINDING_EMAIL_UNVERIFIED_REJECTED},
	};
	static const enum rh_finding_code codes[] = {
		RH_FINDING_EMAIL_UNVERIFIED,
		RH_FINDING_EMAIL_UNVERIFIED_REJECTED,
		RH_FINDING_EMAIL_REQUIRED,
	};
	struct trip trip;

	(void)state;
	setup(&trip);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		trip.policy.unverified = cases[i].policy;
		trip.emails[0] = email_of("ada@example.com", cases[i].first_verified, true);
		trip.emails[1] = email_of("second@example.com", cases[i].second_verified, false);
		trip.account.identifier_count = 2;
		run(&trip);
		expect_field(&trip, WORKOS_FIELD_EMAIL, cases[i].email);
		expect_field(&trip, WORKOS_FIELD_EMAIL_VERIFIED, cases[i].verified);
		assert_int_equal(trip.body.len > 0, cases[i].email != NULL);
		for (size_t j = 0; j < sizeof(codes) / sizeof(codes[0]); j++) {
			assert_int_equal(found_count(&trip.found, codes[j], NULL),
					 codes[j] == cases[i].code);
		}
		assert_int_equal(found_count(&trip.found, RH_FINDING_EMAILS_DROPPED, NULL),
				 cases[i].email != NULL);
	}
	teardown(&trip);
}

/* Held for somebody, and not proved: not verified, whatever the record says. */
static void test_reserved(void **state)
{
	struct trip trip;

	(void)state;
	setup(&trip);
	trip.emails[0].is_reserved = true;
	run(&trip);
	expect_field(&trip, WORKOS_FIELD_EMAIL_VERIFIED, "false");
	teardown(&trip);
}

static void test_no_primary(void **state)
{
	struct trip trip;

	(void)state;
	setup(&trip);
	trip.emails[0] = (struct rh_identifier){
		.kind = RH_IDENTIFIER_PHONE,
		.value = RH_STR("+15555550100"),
		.is_primary = true,
	};
	trip.emails[1] = email_of("first@example.com", false, false);
	trip.emails[2] = email_of("second@example.com", true, false);
	trip.account.identifier_count = 3;
	run(&trip);
	expect_field(&trip, WORKOS_FIELD_EMAIL, "first@example.com");
	trip.account.identifier_count = 1;
	run(&trip);
	expect_field(&trip, WORKOS_FIELD_EMAIL, NULL);
	assert_int_equal(found_count(&trip.found, RH_FINDING_EMAIL_REQUIRED, NULL), 1);
	teardown(&trip);
}

static void test_blocked(void **state)
{
	static const unsigned flags[] = {RH_ACCOUNT_BANNED, RH_ACCOUNT_LOCKED,
					 RH_ACCOUNT_DEPROVISIONED};
	struct trip trip;

	(void)state;
	setup(&trip);
	trip.account.credential = (struct rh_credential){
		.state = RH_CREDENTIAL_PRESENT,
		.scheme = RH_SCHEME_BCRYPT,
		.bcrypt_minor = 'b',
		.cost = 10,
		.salt = RH_STR("abcdefghijklmnopqrstuu"),
		.digest = RH_STR("fV5R6AIRuiwehOrEgoAS3hGfIJuM.qW"),
	};
	assert_true(rh_connector_workos.parts(&trip.workos, &trip.account) & RH_PART_CREDENTIAL);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		trip.account.flags = flags[i];
		run(&trip);
		expect_field(&trip, WORKOS_FIELD_EMAIL_VERIFIED, "false");
		assert_null(strstr(trip.body.ptr, "password"));
		assert_false(rh_connector_workos.parts(&trip.workos, &trip.account) &
			     RH_PART_CREDENTIAL);
	}
	trip.account.flags = 0;
	run(&trip);
	assert_non_null(strstr(trip.body.ptr, "password_hash"));
	teardown(&trip);
}

/* ---- names ----------------------------------------------------------------------------------------------- */

static void test_names(void **state)
{
	static const struct {
		const char *first;
		const char *last;
		const char *full;
		const char *sent[3]; /* first, last, full */
	} cases[] = {
		{NULL, NULL, NULL, {NULL, NULL, NULL}},
		{"", "", "", {NULL, NULL, NULL}},
		{"Ada", NULL, NULL, {"Ada", NULL, NULL}},
		{NULL, "Example", "Dr Example", {NULL, "Example", "Dr Example"}},
		{NULL, NULL, "Ada", {"Ada", NULL, "Ada"}},
		{NULL, NULL, "Ada B. Example", {"Ada B.", "Example", "Ada B. Example"}},
		{NULL, NULL, " Ada  Example ", {"Ada", "Example", " Ada  Example "}},
		{NULL, NULL, "  ", {NULL, NULL, "  "}},
	};
	struct trip trip;

	(void)state;
	setup(&trip);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		trip.account.first_name = rh_str_from(cases[i].first);
		trip.account.last_name = rh_str_from(cases[i].last);
		trip.account.full_name = rh_str_from(cases[i].full);
		run(&trip);
		expect_field(&trip, WORKOS_FIELD_FIRST_NAME, cases[i].sent[0]);
		expect_field(&trip, WORKOS_FIELD_LAST_NAME, cases[i].sent[1]);
		expect_field(&trip, WORKOS_FIELD_NAME, cases[i].sent[2]);
	}
	teardown(&trip);
}

static void test_name_without_end(void **state)
{
	static char name[WORKOS_NAME_MAX + 1];
	struct trip trip;

	(void)state;
	setup(&trip);
	memset(name, 'a', sizeof(name));
	trip.account.first_name = (struct rh_str){.ptr = name, .len = sizeof(name)};
	trip.account.last_name = (struct rh_str){.ptr = name, .len = sizeof(name) - 1};
	run(&trip);
	expect_field(&trip, WORKOS_FIELD_FIRST_NAME, NULL);
	assert_int_equal(trip.wire.value[WORKOS_FIELD_LAST_NAME].len, WORKOS_NAME_MAX);
	assert_int_equal(found_count(&trip.found, RH_FINDING_NAME_DROPPED, "first"), 1);
	assert_int_equal(trip.found.count, 1);
	teardown(&trip);
}

/* ---- external id ------------------------------------------------------------------------------------------ */

#define TEN "0123456789"
#define LONG_60 TEN TEN TEN TEN TEN TEN
#define LONG_128 LONG_60 LONG_60 "01234567"

static void test_external_id(void **state)
{
	static const struct {
		const char *policy;
		const char *own;
		const char *public;
		const char *sent;
		const char *metadata_id; /* rehome_source_id; NULL: none */
		enum rh_finding_code code;
		const char *note;
	} cases[] = {
		{NULL, NULL, NULL, "user_ada", NULL, 0, NULL},
		{"keep", NULL, NULL, "user_ada", NULL, 0, NULL},
		{"keep", "", NULL, "user_ada", NULL, 0, NULL},
		{"keep", "crm-1", NULL, "crm-1", "user_ada", 0, NULL},
		{"keep", "user_ada", NULL, "user_ada", NULL, 0, NULL},
		{"source-id", "crm-1", NULL, "user_ada", NULL, 0, NULL},
		{"crm", "own", "{\"crm\":\"A-7\"}", "A-7", NULL, 0, NULL},
		{"crm", NULL, "{\"crm\":12345678901234567890}", "12345678901234567890", NULL, 0,
		 NULL},
		{"crm", NULL, "{\"other\":1}", "user_ada", NULL, RH_FINDING_EXTERNAL_ID_FALLBACK,
		 ""},
		{"crm", NULL, "{\"crm\":\"\"}", "user_ada", NULL, RH_FINDING_EXTERNAL_ID_FALLBACK,
		 ""},
		{"crm", NULL, "{\"crm\":[1]}", "user_ada", NULL, RH_FINDING_EXTERNAL_ID_FALLBACK,
		 ""},
		{"crm", NULL, "not json", "user_ada", NULL, RH_FINDING_EXTERNAL_ID_FALLBACK, ""},
		{"crm", NULL, NULL, "user_ada", NULL, RH_FINDING_EXTERNAL_ID_FALLBACK, ""},
		{"keep", LONG_128, NULL, LONG_128, "user_ada", RH_FINDING_METADATA_BEYOND_PROSE,
		 "external-id"},
		{"keep", LONG_128 "8", NULL,
		 "sha256-5fd5d92c21a0c695de143dcca8e43b297c7afe9610c7b78f28fbc5e3587fc6a9",
		 "user_ada", RH_FINDING_EXTERNAL_ID_REPLACED, ""},
		{"keep", "\xc3\xa9", NULL,
		 "sha256-4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c",
		 "user_ada", RH_FINDING_EXTERNAL_ID_REPLACED, ""},
	};
	struct trip trip;

	(void)state;
	setup(&trip);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[64] = "";

		trip.policy.external_id = rh_str_from(cases[i].policy);
		trip.account.external_id = rh_str_from(cases[i].own);
		trip.account.metadata[RH_METADATA_PUBLIC] = rh_str_from(cases[i].public);
		run(&trip);
		expect_field(&trip, WORKOS_FIELD_EXTERNAL_ID, cases[i].sent);
		(void)snprintf(expected, sizeof(expected), "{\"rehome_source_id\":\"%s\"}",
			       cases[i].metadata_id != NULL ? cases[i].metadata_id : "");
		if (cases[i].public == NULL) {
			expect_field(&trip, WORKOS_FIELD_METADATA,
				     cases[i].metadata_id != NULL ? expected : NULL);
		}
		if (cases[i].code != 0) {
			assert_int_equal(found_count(&trip.found, cases[i].code, cases[i].note), 1);
		} else {
			assert_int_equal(found_count(&trip.found, RH_FINDING_EXTERNAL_ID_FALLBACK,
						     NULL),
					 0);
			assert_int_equal(found_count(&trip.found, RH_FINDING_EXTERNAL_ID_REPLACED,
						     NULL),
					 0);
		}
	}
	teardown(&trip);
}

/* ---- metadata ---------------------------------------------------------------------------------------------- */

static void run_metadata(struct trip *trip, const char *public)
{
	trip->account.metadata[RH_METADATA_PUBLIC] = rh_str_from(public);
	run(trip);
}

static void fill_text(char *out, size_t len)
{
	memset(out, 'x', len);
	out[len] = '\0';
}

static void test_metadata_limits(void **state)
{
	char long_text[700];
	char text[2000];
	char expected[2000];
	struct trip trip;

	(void)state;
	setup(&trip);
	fill_text(long_text, 40);
	(void)snprintf(text, sizeof(text), "{\"%s\":\"1\",\"%sy\":\"2\",\"\":\"3\"}", long_text,
		       long_text);
	(void)snprintf(expected, sizeof(expected), "{\"%s\":\"1\"}", long_text);
	run_metadata(&trip, text);
	expect_field(&trip, WORKOS_FIELD_METADATA, expected);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_KEY_DROPPED, "length"), 2);

	fill_text(long_text, 600);
	(void)snprintf(text, sizeof(text), "{\"a\":\"%s\",\"b\":\"%sy\"}", long_text, long_text);
	(void)snprintf(expected, sizeof(expected), "{\"a\":\"%s\"}", long_text);
	run_metadata(&trip, text);
	expect_field(&trip, WORKOS_FIELD_METADATA, expected);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_VALUE_DROPPED, NULL), 1);
	assert_string_equal(trip.found.at[0].path, "metadata.public.b");

	/* 14 characters are 42 bytes. */
	run_metadata(&trip, "{\"\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac"
			    "\u20ac\u20ac\u20ac\":\"1\"}");
	expect_field(&trip, WORKOS_FIELD_METADATA, NULL);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_KEY_DROPPED, "length"), 1);
	teardown(&trip);
}

static void put_many(char *out, size_t size, unsigned count)
{
	size_t len = 0;

	for (unsigned i = 0; i < count; i++) {
		len += (size_t)snprintf(out + len, size - len, "%c\"k%02u\":\"v\"",
					i == 0 ? '{' : ',', i);
	}
	(void)snprintf(out + len, size - len, "}");
}

static void test_metadata_count(void **state)
{
	char text[4000];
	struct trip trip;

	(void)state;
	setup(&trip);
	put_many(text, sizeof(text), 10);
	run_metadata(&trip, text);
	expect_field(&trip, WORKOS_FIELD_METADATA, text);
	assert_int_equal(trip.found.count, 0);
	put_many(text, sizeof(text), 50);
	run_metadata(&trip, text);
	expect_field(&trip, WORKOS_FIELD_METADATA, text);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_BEYOND_PROSE, "pairs"), 1);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_TOO_MANY, NULL), 0);
	put_many(text, sizeof(text), 52);
	run_metadata(&trip, text);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_TOO_MANY, NULL), 2);
	assert_string_equal(trip.found.at[0].path, "metadata.public.k50");
	/* The source id has the first place. */
	put_many(text, sizeof(text), 50);
	trip.account.external_id = RH_STR("crm-1");
	run_metadata(&trip, text);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_TOO_MANY, NULL), 1);
	assert_non_null(strstr(trip.body.ptr, "\"rehome_source_id\":\"user_ada\""));
	teardown(&trip);
}

static void test_metadata_forms(void **state)
{
	static const struct {
		const char *public;
		const char *sent;
		enum rh_finding_code code;
		const char *note;
	} cases[] = {
		{"{}", NULL, 0, NULL},
		{"{\"a\":null}", NULL, 0, NULL},
		{"{\"b\":\"\",\"a\":\"x\"}", "{\"a\":\"x\",\"b\":\"\"}", 0, NULL},
		{"{\"a\":\"1\",\"a\":\"2\"}", "{\"a\":\"2\"}", 0, NULL},
		{"{\"a\":1.50e3}", "{\"a\":\"1.50e3\"}", RH_FINDING_METADATA_FLATTENED, "number"},
		{"{\"a\":false}", "{\"a\":\"false\"}", RH_FINDING_METADATA_FLATTENED, "boolean"},
		{"{\"a\":{\"b\":null}}", "{\"a\":\"{\\\"b\\\":null}\"}",
		 RH_FINDING_METADATA_FLATTENED, "object"},
		{"{\"a\":[]}", "{\"a\":\"[]\"}", RH_FINDING_METADATA_FLATTENED, "list"},
		{"[1]", NULL, RH_FINDING_METADATA_INVALID, ""},
		{"{\"a\":", NULL, RH_FINDING_METADATA_INVALID, ""},
	};
	struct trip trip;

	(void)state;
	setup(&trip);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run_metadata(&trip, cases[i].public);
		expect_field(&trip, WORKOS_FIELD_METADATA, cases[i].sent);
		assert_int_equal(trip.found.count, cases[i].code != 0);
		if (cases[i].code != 0) {
			assert_int_equal(found_count(&trip.found, cases[i].code, cases[i].note), 1);
		}
	}
	/* A key that may be somebody is not named. */
	run_metadata(&trip, "{\"ada@example.com\":1}");
	assert_string_equal(trip.found.at[0].path, "metadata.public");
	teardown(&trip);
}

static void test_metadata_kinds(void **state)
{
	struct trip trip;

	(void)state;
	setup(&trip);
	trip.account.external_id = RH_STR("crm-1");
	trip.account.metadata[RH_METADATA_PRIVATE] = RH_STR("{\"secret\":\"1\"}");
	trip.account.metadata[RH_METADATA_UNSAFE] = RH_STR("{\"a\":\"mine\",\"b\":\"mine\"}");
	run_metadata(&trip, "{\"unsafe_a\":\"ours\",\"rehome_source_id\":\"forged\"}");
	expect_field(&trip, WORKOS_FIELD_METADATA,
		     "{\"rehome_source_id\":\"user_ada\",\"unsafe_a\":\"ours\"}");
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_KEY_DROPPED, "taken"), 1);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_PRIVATE_KEPT_BACK, NULL), 1);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_UNSAFE_KEPT_BACK, NULL), 1);
	trip.workos.sends_unsafe_metadata = true;
	run(&trip);
	expect_field(&trip, WORKOS_FIELD_METADATA,
		     "{\"rehome_source_id\":\"user_ada\",\"unsafe_a\":\"ours\","
		     "\"unsafe_b\":\"mine\"}");
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_KEY_DROPPED, "taken"), 2);
	assert_int_equal(found_count(&trip.found, RH_FINDING_METADATA_UNSAFE_KEPT_BACK, NULL), 0);
	assert_null(strstr(trip.body.ptr, "secret"));
	teardown(&trip);
}

/* ---- parts --------------------------------------------------------------------------------------------------- */

static void test_parts_left_out(void **state)
{
	struct trip trip;

	(void)state;
	setup(&trip);
	trip.account.external_id = RH_STR("crm-1");
	trip.account.credential = (struct rh_credential){
		.state = RH_CREDENTIAL_PRESENT,
		.scheme = RH_SCHEME_BCRYPT,
		.bcrypt_minor = 'b',
		.cost = 10,
		.salt = RH_STR("abcdefghijklmnopqrstuu"),
		.digest = RH_STR("fV5R6AIRuiwehOrEgoAS3hGfIJuM.qW"),
	};
	run_metadata(&trip, "{\"a\":\"1\"}");
	assert_non_null(strstr(trip.body.ptr, "password_hash"));
	trip.parts = ALL_PARTS & ~(unsigned)RH_PART_CREDENTIAL;
	run(&trip);
	assert_null(strstr(trip.body.ptr, "password"));
	assert_non_null(strstr(trip.body.ptr, "metadata"));
	trip.parts = ALL_PARTS & ~(unsigned)RH_PART_METADATA;
	run(&trip);
	expect_field(&trip, WORKOS_FIELD_METADATA, NULL);
	expect_field(&trip, WORKOS_FIELD_EXTERNAL_ID, "crm-1");
	assert_null(strstr(trip.body.ptr, "metadata"));
	trip.parts = RH_PART_IDENTITY;
	run(&trip);
	assert_string_equal(trip.body.ptr,
			    "{\"email\":\"ada@example.com\",\"email_verified\":true}");
	teardown(&trip);
}

static void test_parts(void **state)
{
	const unsigned least = RH_PART_IDENTITY | RH_PART_EXTERNAL_ID;
	struct trip trip;

	(void)state;
	setup(&trip);
	assert_int_equal(workos_parts(&trip.workos, &trip.account), least);
	trip.account.metadata[RH_METADATA_PRIVATE] = RH_STR("{\"a\":1}");
	trip.account.metadata[RH_METADATA_UNSAFE] = RH_STR("{\"a\":1}");
	assert_int_equal(workos_parts(&trip.workos, &trip.account), least);
	trip.workos.sends_unsafe_metadata = true;
	assert_int_equal(workos_parts(&trip.workos, &trip.account), least | RH_PART_METADATA);
	trip.account.metadata[RH_METADATA_UNSAFE] = RH_STR_ABSENT;
	trip.account.metadata[RH_METADATA_PUBLIC] = RH_STR("{}");
	assert_int_equal(workos_parts(&trip.workos, &trip.account), least);
	trip.account.metadata[RH_METADATA_PUBLIC] = RH_STR("{\"a\":1}");
	assert_int_equal(workos_parts(&trip.workos, &trip.account), least | RH_PART_METADATA);
	trip.account.credential = (struct rh_credential){
		.state = RH_CREDENTIAL_PRESENT,
		.scheme = RH_SCHEME_MD5,
	};
	assert_int_equal(workos_parts(&trip.workos, &trip.account), least | RH_PART_METADATA);
	run(&trip);
	assert_int_equal(found_count(&trip.found, RH_FINDING_HASH_UNSUPPORTED, "md5"), 1);
	assert_null(strstr(trip.body.ptr, "password"));
	trip.account.credential.state = RH_CREDENTIAL_OUT_OF_RANGE; /* the plan tells it */
	run(&trip);
	assert_int_equal(found_count(&trip.found, RH_FINDING_HASH_UNSUPPORTED, NULL), 0);
	teardown(&trip);
}

/* Only the fields are wanted, and nobody listens. */
static void test_without_body_and_sink(void **state)
{
	struct rh_wire wire = {0};
	struct trip trip;

	(void)state;
	setup(&trip);
	trip.account.metadata[RH_METADATA_PUBLIC] = RH_STR("{\"a\":[1]}");
	trip.account.image_url = RH_STR("https://img.example.com/a.png");
	assert_int_equal(workos_to_wire(&trip.workos, &trip.account, &trip.policy, ALL_PARTS,
					&trip.arena, NULL, NULL, &wire, NULL),
			 RH_OK);
	assert_true(rh_str_is(wire.value[WORKOS_FIELD_METADATA], "{\"a\":\"[1]\"}"));
	teardown(&trip);
}

/* ---- reading back ---------------------------------------------------------------------------------------------- */

static int observe(struct trip *trip, const char *text, struct rh_observed *out)
{
	struct rh_json json = {0};
	struct rh_record record = {0};
	char *copy = strdup(text);
	int code;

	assert_int_equal(rh_json_parse(&json, copy, strlen(copy), NULL), RH_OK);
	record.json = rh_json_root(&json);
	code = rh_connector_workos.observe(&trip->workos, &record, &trip->arena, out, NULL);
	rh_json_done(&json);
	memset(copy, '#', strlen(text)); /* nothing may point there any more */
	free(copy);
	return code;
}

static void test_observe(void **state)
{
	struct rh_observed observed;
	struct trip trip;

	(void)state;
	setup(&trip);
	assert_int_equal(
		observe(&trip,
			"{\"id\":\"user_01\",\"email\":\"ADA@Example.COM\","
			"\"first_name\":\"\",\"name\":\"Ada Example\",\"email_verified\":false,"
			"\"external_id\":\"crm-1\",\"metadata\":{\"z\":\"1\",\"a\":true,"
			"\"n\":null,\"z\":\"2\"},\"created_at\":\"1970-01-01T00:00:01.5Z\","
			"\"last_sign_in_at\":\"1970-01-01T00:00:02Z\"}",
			&observed),
		RH_OK);
	trip.wire = observed.wire;
	assert_true(rh_str_is(observed.target_id, "user_01"));
	assert_true(rh_str_is(observed.external_id, "crm-1"));
	assert_true(rh_str_is(observed.email, "ada@example.com"));
	assert_int_equal(observed.created_at, 1500 * RH_MILLISECOND);
	assert_int_equal(observed.last_sign_in_at, 2 * RH_SECOND);
	expect_field(&trip, WORKOS_FIELD_EMAIL, "ada@example.com");
	expect_field(&trip, WORKOS_FIELD_FIRST_NAME, NULL);
	expect_field(&trip, WORKOS_FIELD_LAST_NAME, NULL);
	expect_field(&trip, WORKOS_FIELD_NAME, "Ada Example");
	expect_field(&trip, WORKOS_FIELD_EMAIL_VERIFIED, "false");
	expect_field(&trip, WORKOS_FIELD_EXTERNAL_ID, "crm-1");
	expect_field(&trip, WORKOS_FIELD_METADATA, "{\"a\":\"true\",\"z\":\"2\"}");
	teardown(&trip);
}

static void test_observe_odd(void **state)
{
	struct rh_observed observed;
	struct trip trip;

	(void)state;
	setup(&trip);
	assert_int_equal(observe(&trip,
				 "{\"id\":\"user_01\",\"email\":\"No Address\",\"external_id\":7,"
				 "\"email_verified\":\"yes\",\"metadata\":[1],\"created_at\":7}",
				 &observed),
			 RH_OK);
	trip.wire = observed.wire;
	expect_field(&trip, WORKOS_FIELD_EMAIL, "no address");
	expect_field(&trip, WORKOS_FIELD_EXTERNAL_ID, NULL);
	expect_field(&trip, WORKOS_FIELD_EMAIL_VERIFIED, NULL);
	expect_field(&trip, WORKOS_FIELD_METADATA, NULL);
	assert_int_equal(observed.created_at, 0);
	teardown(&trip);
}

static void test_observe_refuses(void **state)
{
	static const char *const texts[] = {
		"null",
		"7",
		"\"user\"",
		"[]",
		"[{\"id\":\"user_01\",\"email\":\"ada@example.com\"}]",
		"{}",
		"{\"id\":\"user_01\"}",
		"{\"id\":\"\",\"email\":\"ada@example.com\"}",
		"{\"id\":7,\"email\":\"ada@example.com\"}",
		"{\"id\":\"org_01\",\"name\":\"Example\"}",
	};
	struct rh_observed observed;
	struct rh_record record = {0};
	struct rh_err err = {0};
	struct trip trip;

	(void)state;
	setup(&trip);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(observe(&trip, texts[i], &observed), RH_EINPUT);
	}
	assert_int_equal(workos_observe(&trip.workos, &record, &trip.arena, &observed, &err),
			 RH_EINPUT);
	assert_non_null(strstr(err.message, "without what identifies them"));
	assert_true(err.hint[0] != '\0');
	teardown(&trip);
}

/* C8: what is sent comes back as what to_wire said, field by field. */
static void test_round_trip(void **state)
{
	struct rh_observed observed;
	struct trip trip;
	char *text = NULL;

	(void)state;
	setup(&trip);
	trip.account.first_name = RH_STR("\xc3\x84"
					 "da \"A\"");
	trip.account.last_name = RH_STR("Exa\tmple\\");
	trip.account.full_name = RH_STR("\xf0\x9f\x98\x80");
	trip.account.external_id = RH_STR("a/b|c\x01");
	run_metadata(&trip, "{\"z\":[1,\"\\u0001\"],\"\xc3\xa9\":\"\\n\",\"a\":0.10}");
	assert_int_equal(trip.wire.present, (1U << WORKOS_FIELDS) - 1);
	/* A target that gives back the body that it took, with an id. */
	assert_true(asprintf(&text, "{\"id\":\"user_01\",%s", trip.body.ptr + 1) > 0);
	assert_int_equal(observe(&trip, text, &observed), RH_OK);
	free(text);
	assert_int_equal(observed.wire.present, trip.wire.present);
	for (int i = 0; i < WORKOS_FIELDS; i++) {
		assert_true(rh_str_eq(observed.wire.value[i], trip.wire.value[i]));
	}
	teardown(&trip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unverified),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_no_primary),
		cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_without_end),
		cmocka_unit_test(test_external_id),
		cmocka_unit_test(test_metadata_limits),
		cmocka_unit_test(test_metadata_count),
		cmocka_unit_test(test_metadata_forms),
		cmocka_unit_test(test_metadata_kinds),
		cmocka_unit_test(test_parts_left_out),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_without_body_and_sink),
		cmocka_unit_test(test_observe),
		cmocka_unit_test(test_observe_odd),
		cmocka_unit_test(test_observe_refuses),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests_name("workos map", tests, NULL, NULL);
}
