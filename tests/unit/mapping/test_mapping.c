/* SPDX-License-Identifier: Apache-2.0 */
/* Records through documents, one rule of mapping.h at a time. */
#include "helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ID "\"source_id\":\"id\",\"username\":\"id\","
#define BCRYPT "$2a$04$r5S7YFqh5ZFvUvuMAlDbDOzyLkyxfzBPYE8UjBLo4MWB2o9wgbMBG"

/* ---- M3, M4: paths and rules ------------------------------------------------------------------------------ */

static void paths_lead_into_objects_lists_and_text(void **)
{
	const struct asked asked = {
		.document = DOCUMENT("\"source_id\":\"_id.$oid\",\"username\":\"a\\\\.b\","
				     "\"first_name\":\"names.1\",\"last_name\":\"meta.family\","
				     "\"locale\":\"deep.er.still\""),
	};
	struct mapped mapped;

	map_json(&mapped, &asked,
		 "{\"_id\":{\"$oid\":\"5f\"},\"a.b\":\"ab\",\"names\":[\"x\",\"Ann\"],"
		 "\"meta\":\"{\\\"family\\\":\\\"Poe\\\"}\",\"deep\":{\"er\":{\"still\":\"de\"}}}");
	assert_text(mapped.account.source_id, "5f");
	assert_text(mapped.account.identifiers[0].value, "ab");
	assert_text(mapped.account.first_name, "Ann");
	assert_text(mapped.account.last_name, "Poe");
	assert_text(mapped.account.locale, "de");
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
}

static void columns_are_called_as_paths_or_hold_json(void **)
{
	static const char *const cells[] = {"_id.$oid=5f", "user=ann",
					    "meta={\"family\":\"Poe\",\"given\":\"no\"}",
					    "meta.given=Ann", NULL};
	const struct asked asked = {
		.document = DOCUMENT("\"source_id\":\"_id.$oid\",\"username\":\"user\","
				     "\"first_name\":\"meta.given\",\"last_name\":\"meta.family\""),
	};
	struct mapped mapped;

	map_cells(&mapped, &asked, cells);
	assert_text(mapped.account.source_id, "5f");
	assert_text(mapped.account.first_name, "Ann");
	assert_text(mapped.account.last_name, "Poe");
	drop(&mapped);
}

static void names_may_be_compared_loosely(void **)
{
	static const char *const cells[] = {"User ID=7", "First-Name=Ann", "MAIL=a@b.example",
					    NULL};
	const struct asked asked = {
		.document = "{\"mapping\":1,\"name\":\"a\",\"names\":\"loose\",\"fields\":{"
			    "\"source_id\":"
			    "\"user_id\",\"first_name\":\"firstName\",\"emails\":\"mail\"}}",
	};
	struct mapped mapped;

	map_cells(&mapped, &asked, cells);
	assert_text(mapped.account.source_id, "7");
	assert_text(mapped.account.first_name, "Ann");
	assert_int_equal(mapped.account.identifier_count, 1);
	drop(&mapped);
}

static void the_first_that_is_there_counts(void **)
{
	const struct asked asked = {
		.document = "{\"mapping\":1,\"name\":\"a\",\"nulls\":[\"N/A\"],\"fields\":{" ID
			    "\"first_name\":{\"from\":[\"a\",\"b\",\"c\"],\"default\":\"nobody\"},"
			    "\"last_name\":[\"a\",{\"from\":\"d\",\"map\":{\"P\":\"Poe\"},"
			    "\"otherwise\":\"Doe\"}],"
			    "\"locale\":{\"value\":\"de\"}}}",
	};
	struct mapped mapped;

	map_json(&mapped, &asked,
		 "{\"id\":12345678901234567890,\"a\":\"\",\"b\":\" N/A\",\"c\":\"C\",\"d\":\"P\"}");
	assert_text(mapped.account.source_id, "12345678901234567890");
	assert_text(mapped.account.first_name, "C");
	assert_text(mapped.account.last_name, "Poe");
	assert_text(mapped.account.locale, "de");
	drop(&mapped);
	map_json(&mapped, &asked, "{\"id\":\"1\",\"a\":null,\"d\":\"Q\"}");
	assert_text(mapped.account.first_name, "nobody");
	assert_text(mapped.account.last_name, "Doe");
	drop(&mapped);
}

static void wrong_types_are_findings_at_their_path(void **)
{
	const struct asked asked = {
		.document =
			DOCUMENT(ID "\"first_name\":\"n.f\",\"last_name\":\"l\",\"locale\":"
				    "{\"from\":\"m\",\"map\":{\"a\":\"b\"}},\"created_at\":\"t\""),
	};
	struct mapped mapped;

	map_json(&mapped, &asked,
		 "{\"id\":\"1\",\"n\":{\"f\":[1]},\"l\":true,\"m\":\"c\",\"t\":\"1/2/2024\"}");
	assert_int_equal(mapped.finding_count, 4);
	assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "n.f"));
	assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "l"));
	assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "m"));
	assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "t"));
	assert_null(mapped.account.first_name.ptr);
	drop(&mapped);
}

static void a_record_without_id_or_that_is_no_object_is_refused(void **)
{
	const struct asked asked = {.document =
					    DOCUMENT("\"source_id\":\"a.id\",\"emails\":\"e\"")};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"e\":\"a@b.example\",\"a\":{\"id\":\" \"}}");
	assert_true(has_finding(&mapped, RH_FINDING_SOURCE_ID_MISSING, "a.id"));
	drop(&mapped);
	map_json(&mapped, &asked, "{\"a\":{\"id\":1}}");
	assert_true(has_finding(&mapped, RH_FINDING_IDENTIFIER_MISSING, "e"));
	drop(&mapped);
	map_json(&mapped, &asked, "[1]");
	assert_true(has_finding(&mapped, RH_FINDING_RECORD_BROKEN, ""));
	drop(&mapped);
}

/* ---- M5: kinds of reading ----------------------------------------------------------------------------------- */

static void booleans_have_many_spellings(void **)
{
	static const struct {
		const char *text;
		bool is_verified;
	} spellings[] = {
		{"true", true},
		{"\"TRUE\"", true},
		{"1", true},
		{"\"t\"", true},
		{"\"Yes\"", true},
		{"\" y \"", true},
		{"\"on\"", true},
		{"false", false},
		{"\"f\"", false},
		{"0", false},
		{"\"NO\"", false},
		{"\"\"", false},
		{"null", false},
		{"1714557600", true},
		{"1714557600123", true},
		{"\"2024-05-01 10:00:00.123+00\"", true},
		{"\"2024-05-01\"", true},
	};
	const struct asked asked = {
		.document = DOCUMENT(
			"\"source_id\":\"id\",\"emails\":{\"from\":\"e\",\"verified\":\"v\"}"),
	};

	for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
		struct mapped mapped;
		char record[128];
		(void)snprintf(record, sizeof(record), "{\"id\":1,\"e\":\"a@b.example\",\"v\":%s}",
			       spellings[i].text);
		map_json(&mapped, &asked, record);
		if (mapped.account.identifiers[0].is_verified != spellings[i].is_verified ||
		    mapped.finding_count != 0) {
			fail_msg("%s", spellings[i].text);
		}
		drop(&mapped);
	}
}

static void what_is_no_boolean_verifies_nothing(void **)
{
	static const char *const texts[] = {"\"perhaps\"", "2", "{}", "[true]", "-5"};
	const struct asked asked = {
		.document = DOCUMENT(
			"\"source_id\":\"id\",\"emails\":{\"from\":\"e\",\"verified\":\"v\"}"),
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct mapped mapped;
		char record[128];
		(void)snprintf(record, sizeof(record), "{\"id\":1,\"e\":\"a@b.example\",\"v\":%s}",
			       texts[i]);
		map_json(&mapped, &asked, record);
		assert_false(mapped.account.identifiers[0].is_verified);
		assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "v"));
		drop(&mapped);
	}
}

static void times_have_many_forms(void **)
{
	static const struct {
		const char *text;
		rh_time time;
	} forms[] = {
		{"1714557600", INT64_C(1714557600000000)},
		{"\"1714557600123\"", INT64_C(1714557600123000)},
		{"1714557600123456", INT64_C(1714557600123456)},
		{"\"1714557600.5\"", INT64_C(1714557600500000)},
		{"\"2024-05-01T10:00:00Z\"", INT64_C(1714557600000000)},
		{"\"2024-05-01 10:00:00.123+00\"", INT64_C(1714557600123000)},
		{"\"2024-05-01 12:00:00+02\"", INT64_C(1714557600000000)},
		{"\"2024-05-01 10:00:00\"", INT64_C(1714557600000000)},
		{"\"2024-05-01\"", INT64_C(1714521600000000)},
	};
	const struct asked asked = {.document = DOCUMENT(ID "\"created_at\":\"t\"")};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct mapped mapped;
		char record[128];
		(void)snprintf(record, sizeof(record), "{\"id\":1,\"t\":%s}", forms[i].text);
		map_json(&mapped, &asked, record);
		assert_int_equal(mapped.account.created_at, forms[i].time);
		drop(&mapped);
	}
}

static void times_that_are_none_are_findings(void **)
{
	static const char *const texts[] = {"\"soon\"",
					    "\"1714557600.x\"",
					    "9223372036854775807",
					    "-9223372036854775808",
					    "\"0000-00-00\"",
					    "true"};
	const struct asked asked = {.document = DOCUMENT(ID "\"created_at\":\"t\"")};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct mapped mapped;
		char record[128];
		(void)snprintf(record, sizeof(record), "{\"id\":1,\"t\":%s}", texts[i]);
		map_json(&mapped, &asked, record);
		assert_int_equal(mapped.account.created_at, 0);
		assert_true(has_finding(&mapped, RH_FINDING_FIELD_TYPE, "t"));
		drop(&mapped);
	}
}

static void a_name_is_split_only_when_asked_and_never_lost(void **)
{
	static const struct {
		const char *split;
		const char *name;
		const char *first;
		const char *last;
	} names[] = {
		{"none", "Ann Poe", NULL, NULL},
		{"last-blank", "Ann Mary Poe", "Ann Mary", "Poe"},
		{"first-blank", "Ann Mary Poe", "Ann", "Mary Poe"},
		{"last-blank", "Prince", "Prince", NULL},
		{"first-blank", "  Prince  ", "Prince", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char document[256];
		char record[128];
		struct mapped mapped;
		(void)snprintf(document, sizeof(document),
			       DOCUMENT(ID "\"last_name\":\"l\",\"full_name\":{\"from\":\"n\","
					   "\"split\":\"%s\"}"),
			       names[i].split);
		(void)snprintf(record, sizeof(record), "{\"id\":1,\"n\":\"%s\"}", names[i].name);
		const struct asked asked = {.document = document};
		map_json(&mapped, &asked, record);
		assert_text(mapped.account.full_name, names[i].name);
		assert_text(mapped.account.first_name, names[i].first);
		assert_text(mapped.account.last_name, names[i].last);
		drop(&mapped);
		map_json(&mapped, &asked, "{\"id\":1,\"n\":\"Ann Poe\",\"l\":\"Doe\"}");
		assert_null(mapped.account.first_name.ptr);
		drop(&mapped);
	}
}

static void the_caller_may_split_names_otherwise(void **)
{
	static const struct {
		enum rh_mapping_split split;
		const char *first;
	} names[] = {
		{RH_MAPPING_SPLIT_AS_SAID, "Ann Mary"},
		{RH_MAPPING_SPLIT_LAST_BLANK, "Ann Mary"},
		{RH_MAPPING_SPLIT_FIRST_BLANK, "Ann"},
		{RH_MAPPING_SPLIT_NONE, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct asked asked = {
			.document = DOCUMENT(ID "\"full_name\":{\"from\":\"n\","
						"\"split\":\"last-blank\"}"),
			.split = names[i].split,
		};
		struct mapped mapped;
		map_json(&mapped, &asked, "{\"id\":1,\"n\":\"Ann Mary Poe\"}");
		assert_text(mapped.account.first_name, names[i].first);
		assert_text(mapped.account.full_name, "Ann Mary Poe");
		drop(&mapped);
	}
}

static void codes_and_passkeys_are_counted(void **)
{
	static const struct {
		const char *codes;
		int count; /* -1: no factor */
	} records[] = {
		{"[\"a\",\"b\"]", 2}, {"\"[1,2,3]\"", 3}, {"4", 4},  {"true", 0},
		{"false", -1},        {"[]", -1},         {"0", -1}, {"null", -1},
		{"\"c2VjcmV0\"", 0},
	};
	const struct asked asked = {.document = DOCUMENT(ID "\"backup_codes\":\"c\"")};

	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		char record[64];
		struct mapped mapped;
		(void)snprintf(record, sizeof(record), "{\"id\":1,\"c\":%s}", records[i].codes);
		map_json(&mapped, &asked, record);
		assert_int_equal(mapped.account.factor_count, records[i].count >= 0);
		if (records[i].count >= 0) {
			assert_int_equal(mapped.account.factors[0].count, records[i].count);
		}
		drop(&mapped);
	}
}

/* ---- M5, M11: metadata ---------------------------------------------------------------------------------------- */

static void metadata_is_an_object_with_members_and_the_rest(void **)
{
	const struct asked asked = {
		.document =
			"{\"mapping\":1,\"name\":\"a\",\"rest\":\"unsafe_metadata\",\"fields\":{" ID
			"\"public_metadata\":{\"from\":\"data\",\"members\":{\"plan\":\"billing."
			"plan\","
			"\"source\":{\"value\":\"acme\"},\"n\":{\"value\":7},\"big\":\"big\","
			"\"no\":\"no\"}},"
			"\"private_metadata\":\"text\"}}",
	};
	struct mapped mapped;

	map_json(&mapped, &asked,
		 "{\"id\":1,\"data\":{\"plan\":\"old\",\"x\":[1]},\"billing\":{\"plan\":\"gold\"},"
		 "\"big\":123456789012345678901,\"text\":\"{\\\"a\\\":1}\",\"color\":\"red\","
		 "\"gone\":null,"
		 "\"list\":[{\"b\":2}]}");
	assert_text(mapped.account.metadata[RH_METADATA_PUBLIC],
		    "{\"plan\":\"gold\",\"x\":[1],\"source\":\"acme\",\"n\":7,\"big\":"
		    "123456789012345678901}");
	assert_text(mapped.account.metadata[RH_METADATA_PRIVATE], "{\"a\":1}");
	assert_text(mapped.account.metadata[RH_METADATA_UNSAFE],
		    "{\"color\":\"red\",\"list\":[{\"b\":2}]}");
	drop(&mapped);
	map_json(&mapped, &asked, "{\"id\":1,\"data\":[1],\"text\":\"{\"}");
	assert_true(has_finding(&mapped, RH_FINDING_METADATA_INVALID, "data"));
	assert_true(has_finding(&mapped, RH_FINDING_METADATA_INVALID, "text"));
	assert_null(mapped.account.metadata[RH_METADATA_UNSAFE].ptr);
	drop(&mapped);
}

static void the_rest_of_the_columns_is_kept_as_text(void **)
{
	static const char *const cells[] = {"id=1", "Color=red", "empty=", "size=7", NULL};
	const struct asked asked = {
		.document = "{\"mapping\":1,\"name\":\"a\",\"rest\":\"private_metadata\","
			    "\"fields\":{" ID "\"locale\":\"lang\"}}",
	};
	struct mapped mapped;

	map_cells(&mapped, &asked, cells);
	assert_text(mapped.account.metadata[RH_METADATA_PRIVATE],
		    "{\"Color\":\"red\",\"size\":\"7\"}");
	drop(&mapped);
}

/* ---- M6: addresses and numbers ---------------------------------------------------------------------------------- */

static void addresses_come_one_by_one_joined_or_in_lists(void **)
{
	static const char *const forms[] = {
		"\"a@b.example|c@d.example\"",
		"\"a@b.example, c@d.example;\"",
		"[\"a@b.example\",\"c@d.example\",null,\"\"]",
		"\"[\\\"a@b.example\\\",\\\"c@d.example\\\"]\"",
	};
	const struct asked asked = {
		.document = DOCUMENT(
			"\"source_id\":\"id\",\"emails\":[{\"from\":\"first\",\"primary\":true,"
			"\"verified\":true},\"more\"]"),
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		char record[256];
		struct mapped mapped;
		(void)snprintf(record, sizeof(record),
			       "{\"id\":1,\"first\":\"C@D.example\",\"more\":%s}", forms[i]);
		map_json(&mapped, &asked, record);
		assert_int_equal(mapped.account.identifier_count, 2);
		assert_true(identifier(&mapped, RH_IDENTIFIER_EMAIL, "c@d.example")->is_primary);
		assert_true(identifier(&mapped, RH_IDENTIFIER_EMAIL, "c@d.example")->is_verified);
		assert_false(identifier(&mapped, RH_IDENTIFIER_EMAIL, "a@b.example")->is_verified);
		assert_int_equal(mapped.finding_count, 0);
		drop(&mapped);
	}
}

static void a_list_of_objects_says_more_of_each_address(void **)
{
	const struct asked asked = {
		.document = DOCUMENT(
			"\"source_id\":\"id\",\"emails\":{\"each\":\"mails\",\"from\":\"address\","
			"\"verified\":{\"from\":\"state\",\"is\":\"ok\"},\"primary\":\"main\","
			"\"id\":\"ref\","
			"\"unless\":{\"from\":\"state\",\"is\":\"dead\"}}"),
	};
	struct mapped mapped;

	map_json(&mapped, &asked,
		 "{\"id\":1,\"mails\":[{\"address\":\"a@b.example\",\"state\":\"ok\",\"ref\":7},"
		 "{\"address\":\"c@d.example\",\"main\":true},null,{\"address\":\"no\"},"
		 "{\"address\":\"e@f.example\",\"state\":\"dead\"}]}");
	assert_int_equal(mapped.account.identifier_count, 2);
	assert_true(identifier(&mapped, RH_IDENTIFIER_EMAIL, "a@b.example")->is_verified);
	assert_text(identifier(&mapped, RH_IDENTIFIER_EMAIL, "a@b.example")->source_ref, "7");
	assert_true(identifier(&mapped, RH_IDENTIFIER_EMAIL, "c@d.example")->is_primary);
	assert_true(has_finding(&mapped, RH_FINDING_EMAIL_INVALID, "mails[3].address"));
	drop(&mapped);
}

static void the_primary_address_is_chosen_as_the_policy_says(void **)
{
	struct asked asked = {
		.document = DOCUMENT("\"source_id\":\"id\",\"emails\":[\"a\",{\"from\":\"b\","
				     "\"verified\":true}]"),
		.primary = RH_PRIMARY_FIRST_VERIFIED,
	};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":1,\"a\":\"a@b.example\",\"b\":\"c@d.example\"}");
	assert_true(identifier(&mapped, RH_IDENTIFIER_EMAIL, "c@d.example")->is_primary);
	assert_true(has_finding(&mapped, RH_FINDING_PRIMARY_CHOSEN, "a"));
	assert_true((mapped.account.flags & RH_ACCOUNT_PRIMARY_CHOSEN) != 0);
	drop(&mapped);
	asked.primary = RH_PRIMARY_SKIP;
	map_json(&mapped, &asked, "{\"id\":1,\"a\":\"a@b.example\",\"b\":\"c@d.example\"}");
	assert_true(has_finding(&mapped, RH_FINDING_PRIMARY_UNDECIDED, "a"));
	drop(&mapped);
}

/* The one that is named cannot be read: another one in its place is worth a word. */
static void a_broken_primary_address_is_told(void **)
{
	const struct asked asked = {
		.document = DOCUMENT("\"source_id\":\"id\",\"emails\":[{\"from\":\"a\",\"primary\":"
				     "true},\"b\"]"),
	};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":1,\"a\":\"broken\",\"b\":\"c@d.example\"}");
	assert_true(has_finding(&mapped, RH_FINDING_EMAIL_INVALID, "a"));
	assert_true(has_finding(&mapped, RH_FINDING_PRIMARY_CHOSEN, "a"));
	drop(&mapped);
	map_json(&mapped, &asked, "{\"id\":1,\"b\":\"c@d.example\"}");
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
}

static void numbers_get_what_their_beginning_lacks(void **)
{
	static const struct {
		const char *settings;
		const char *number;
		const char *result; /* NULL: refused */
	} numbers[] = {
		{"", "+49 (30) 123-4567", "+49301234567"},
		{"", "49301234567", NULL},
		{"", "030 1234567", NULL},
		{",\"plus\":\"added\"", "49301234567", "+49301234567"},
		{",\"plus\":\"added\"", "0049301234567", "+49301234567"},
		{",\"plus\":\"added\"", "+49301234567", "+49301234567"},
		{",\"country\":\"+49\"", "030 1234567", "+49301234567"},
		{",\"country\":49", "0049 30 1234567", "+49301234567"},
		{",\"country\":\"49\"", "301234567", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		char document[256];
		char record[128];
		struct mapped mapped;
		(void)snprintf(document, sizeof(document),
			       DOCUMENT(ID "\"phones\":{\"from\":\"p\",\"second_factor\":true%s}"),
			       numbers[i].settings);
		(void)snprintf(record, sizeof(record), "{\"id\":1,\"p\":\"%s\"}",
			       numbers[i].number);
		const struct asked asked = {.document = document};
		map_json(&mapped, &asked, record);
		if (numbers[i].result != NULL) {
			assert_true(identifier(&mapped, RH_IDENTIFIER_PHONE, numbers[i].result)
					    ->is_second_factor);
			assert_int_equal(mapped.account.factors[0].kind, RH_FACTOR_SMS);
		} else {
			assert_true(has_finding(&mapped, RH_FINDING_PHONE_INVALID, "p"));
		}
		drop(&mapped);
	}
}

static void what_a_spreadsheet_did_to_a_cell_is_refused(void **)
{
	static const char *const damaged[][3] = {
		{"id=1.5E+10", "phone=", "id"}, {"id=1", "phone=4.91512E+12", "phone"},
		{"id='0042", "phone=", "id"},   {"id=1", "phone='+4930123456", "phone"},
		{"id=1,5E+10", "phone=", "id"},
	};
	const struct asked asked = {.document = DOCUMENT(ID "\"phones\":\"phone\"")};

	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		const char *const cells[] = {damaged[i][0], damaged[i][1], NULL};
		struct mapped mapped;
		map_cells(&mapped, &asked, cells);
		assert_true(has_finding(&mapped, RH_FINDING_SPREADSHEET_DAMAGE, damaged[i][2]));
		drop(&mapped);
	}
	static const char *const fine[] = {"id=5e1234567890abcdef", "phone=+4930123456", NULL};
	struct mapped mapped;
	map_cells(&mapped, &asked, fine);
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
	static const char *const uuid[] = {"id=1976338e-1f01-4fde-8b22-7896a2c53f9a",
					   "phone=", NULL};
	map_cells(&mapped, &asked, uuid);
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
	static const char *const digest[] = {"id=12e+", "phone=", NULL};
	map_cells(&mapped, &asked, digest);
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
}

static void a_list_without_end_refuses_the_record(void **)
{
	const struct asked asked = {
		.document = DOCUMENT(ID "\"emails\":{\"each\":\"m\",\"from\":\"a\"}"),
	};
	size_t size = 32 + 8 * 1200;
	char *record = rh_malloc(size);
	size_t len = (size_t)snprintf(record, size, "{\"id\":1,\"m\":[");
	struct mapped mapped;

	for (int i = 0; i < 1100; i++) {
		len += (size_t)snprintf(record + len, size - len, "%s{}", i > 0 ? "," : "");
	}
	(void)snprintf(record + len, size - len, "]}");
	map_json(&mapped, &asked, record);
	assert_true(has_finding(&mapped, RH_FINDING_RECORD_TOO_LARGE, ""));
	drop(&mapped);
	rh_free(record);
}

/* ---- M7: passwords ------------------------------------------------------------------------------------------------ */

static void hashes_are_read_by_label_or_shape(void **)
{
	static const struct {
		const char *fields;
		const char *record;
		enum rh_credential_state state;
		enum rh_scheme scheme;
		enum rh_finding_code finding;
	} cases[] = {
		{"\"hash\":\"h\"", "\"h\":\"" BCRYPT "\"", RH_CREDENTIAL_PRESENT, RH_SCHEME_BCRYPT,
		 0},
		{"\"hash\":\"h\",\"label\":{\"value\":\"bcrypt\"}", "\"h\":\"" BCRYPT "\"",
		 RH_CREDENTIAL_PRESENT, RH_SCHEME_BCRYPT, 0},
		{"\"hash\":\"h\",\"label\":{\"from\":\"l\",\"map\":{\"bc\":\"bcrypt\"},"
		 "\"otherwise\":\"shape\"}",
		 "\"h\":\"" BCRYPT "\",\"l\":\"bc\"", RH_CREDENTIAL_PRESENT, RH_SCHEME_BCRYPT, 0},
		{"\"hash\":\"h\",\"label\":{\"value\":\"argon2id\"}", "\"h\":\"" BCRYPT "\"",
		 RH_CREDENTIAL_MISLABELLED, RH_SCHEME_BCRYPT, RH_FINDING_HASH_MISLABELLED},
		{"\"hash\":\"h\",\"label\":\"l\"", "\"h\":\"" BCRYPT "\",\"l\":\"rot13\"",
		 RH_CREDENTIAL_MISLABELLED, RH_SCHEME_NONE, RH_FINDING_HASH_MISLABELLED},
		{"\"hash\":\"h\"", "\"h\":\"who knows\"", RH_CREDENTIAL_UNRECOGNISED,
		 RH_SCHEME_NONE, RH_FINDING_HASH_UNRECOGNISED},
		{"\"hash\":\"h\",\"set\":\"s\"", "\"s\":true", RH_CREDENTIAL_NOT_EXPORTED,
		 RH_SCHEME_NONE, RH_FINDING_HASH_NOT_EXPORTED},
		{"\"hash\":\"h\"", "\"s\":true", RH_CREDENTIAL_ABSENT, RH_SCHEME_NONE, 0},
		{"\"hash\":\"h\",\"salt\":\"s\",\"label\":{\"value\":\"md5_salted\"}",
		 "\"h\":\"5f4dcc3b5aa765d61d8327deb882cf99\",\"s\":\"pepper\"",
		 RH_CREDENTIAL_PRESENT, RH_SCHEME_MD5, 0},
		{"\"form\":\"pbkdf2_sha256${n}${s}${h}\"",
		 "\"n\":1000,\"s\":\"salt\",\"h\":\"YyxZbJ7H0Sbc4LKIHTeZ8WbTXmmcZa2hjyVmoYGQeGA=\"",
		 RH_CREDENTIAL_PRESENT, RH_SCHEME_PBKDF2_SHA256, 0},
		{"\"form\":\"pbkdf2_sha256${n}${s}${h}\"", "\"n\":1000,\"s\":\"salt\"",
		 RH_CREDENTIAL_ABSENT, RH_SCHEME_NONE, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char document[512];
		char record[512];
		struct mapped mapped;
		(void)snprintf(document, sizeof(document), DOCUMENT(ID "\"password\":{%s}"),
			       cases[i].fields);
		(void)snprintf(record, sizeof(record), "{\"id\":1,%s}", cases[i].record);
		const struct asked asked = {.document = document};
		map_json(&mapped, &asked, record);
		if (mapped.account.credential.state != cases[i].state ||
		    mapped.account.credential.scheme != cases[i].scheme) {
			fail_msg("%s: state %d, scheme %d", cases[i].fields,
				 mapped.account.credential.state, mapped.account.credential.scheme);
		}
		assert_int_equal(mapped.finding_count, cases[i].finding != 0);
		assert_true(cases[i].finding == 0 || mapped.codes[0] == cases[i].finding);
		drop(&mapped);
	}
}

static void braces_of_a_form_may_be_the_hash_s_own(void **)
{
	const struct asked asked = {
		.document = DOCUMENT(ID "\"password\":{\"form\":\"{{SSHA}}{h}\"}"),
	};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":1,\"h\":\"mpMSl3oOX4IxtTFkbbNYVnKEbkBTUWx0MTIz\"}");
	assert_int_equal(mapped.account.credential.state, RH_CREDENTIAL_PRESENT);
	assert_text(mapped.account.credential.raw, "{SSHA}mpMSl3oOX4IxtTFkbbNYVnKEbkBTUWx0MTIz");
	drop(&mapped);
}

static void a_password_that_can_be_read_refuses_the_record(void **)
{
	struct asked asked = {.document = DOCUMENT(ID "\"password\":{\"clear\":\"password\"}")};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":1,\"password\":\"hunter2\"}");
	assert_true(has_finding(&mapped, RH_FINDING_PASSWORD_CLEAR, "password"));
	assert_null(mapped.account.credential.raw.ptr);
	drop(&mapped);
	map_json(&mapped, &asked, "{\"id\":1,\"password\":\"" BCRYPT "\"}");
	assert_int_equal(mapped.finding_count, 0);
	assert_int_equal(mapped.account.credential.scheme, RH_SCHEME_BCRYPT);
	drop(&mapped);
	asked.passes_clear_passwords = true;
	map_json(&mapped, &asked, "{\"id\":1,\"password\":\"hunter2\"}");
	assert_int_equal(mapped.finding_count, 1);
	assert_true(has_finding(&mapped, RH_FINDING_HASH_NOT_EXPORTED, "password"));
	assert_null(mapped.account.credential.raw.ptr);
	drop(&mapped);
}

/* ---- M8: links ------------------------------------------------------------------------------------------------------ */

static void links_come_from_lists_objects_and_columns(void **)
{
	const struct asked asked = {
		.document = DOCUMENT(
			ID
			"\"identities\":[{\"each\":\"list\",\"provider\":\"p\",\"subject\":\"s\","
			"\"email\":\"data.email\",\"verified\":\"data.ok\",\"enterprise\":{"
			"\"from\":\"p\","
			"\"is\":[\"saml\"]},\"unless\":{\"from\":\"p\",\"is\":\"own\"}},"
			"{\"each\":\"by_name\",\"provider\":\"@key\",\"subject\":\"userId\"},"
			"{\"provider\":{\"value\":\"google\"},\"subject\":\"google_id\"}]"),
	};
	struct mapped mapped;

	map_json(&mapped, &asked,
		 "{\"id\":1,\"list\":[{\"p\":\"github\",\"s\":12345678901234567890,\"data\":{"
		 "\"email\":"
		 "\"A@b.example\",\"ok\":true}},{\"p\":\"own\",\"s\":\"1\"},{\"p\":\"saml\",\"s\":"
		 "\"x\"},{\"p\":\"a\"}],"
		 "\"by_name\":\"{\\\"line\\\":{\\\"userId\\\":\\\"u7\\\"}}\",\"google_id\":"
		 "\"117\"}");
	assert_int_equal(mapped.account.identity_count, 4);
	assert_text(mapped.account.identities[0].subject, "12345678901234567890");
	assert_text(mapped.account.identities[0].email, "a@b.example");
	assert_true(mapped.account.identities[0].email_verified);
	assert_true(mapped.account.identities[1].is_enterprise);
	assert_text(mapped.account.identities[2].provider, "line");
	assert_text(mapped.account.identities[2].subject, "u7");
	assert_text(mapped.account.identities[3].provider, "google");
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
}

/* ---- M9, M10 ---------------------------------------------------------------------------------------------------------- */

static void whoever_is_blocked_stays_blocked(void **)
{
	static const struct {
		const char *record;
		unsigned flags;
	} cases[] = {
		{"\"banned\":true", RH_ACCOUNT_BANNED},
		{"\"banned\":\"f\",\"active\":\"1\"", 0},
		{"\"banned\":false,\"active\":0", RH_ACCOUNT_BANNED},
		{"\"banned\":\"who knows\"", RH_ACCOUNT_BANNED},
		{"\"state\":\"suspended\"", RH_ACCOUNT_BANNED},
		{"\"until\":\"2024-05-01 10:00:01+00\"", RH_ACCOUNT_LOCKED},
		{"\"until\":\"2024-05-01 09:59:59+00\"", 0},
		{"\"until\":\"infinity\"", RH_ACCOUNT_LOCKED},
		{"\"timed\":true", RH_ACCOUNT_DEPROVISIONED},
		{"\"timed\":true,\"expires\":\"2024-05-01T10:00:01Z\"", RH_ACCOUNT_DEPROVISIONED},
		{"\"timed\":true,\"expires\":\"2024-05-01T09:59:59Z\"", 0},
		{"\"deleted_at\":\"2024-01-01\"", RH_ACCOUNT_DEPROVISIONED},
	};
	const struct asked asked = {
		.document = DOCUMENT(
			ID "\"banned\":[\"banned\",{\"from\":\"active\",\"inverted\":true},"
			   "{\"from\":\"state\",\"is\":[\"suspended\"]}],"
			   "\"locked\":{\"from\":\"until\",\"as\":\"until\"},"
			   "\"deprovisioned\":[{\"from\":\"timed\",\"until\":\"expires\"},"
			   "{\"from\":\"deleted_at\",\"there\":true}]"),
		.now = INT64_C(1714557600000000),
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char record[128];
		struct mapped mapped;
		(void)snprintf(record, sizeof(record), "{\"id\":1,%s}", cases[i].record);
		map_json(&mapped, &asked, record);
		if (mapped.account.flags != cases[i].flags) {
			fail_msg("%s: %u", cases[i].record, mapped.account.flags);
		}
		drop(&mapped);
	}
}

/* Nobody knows what time it is: the safe side. */
static void without_a_clock_every_end_is_ahead(void **)
{
	const struct asked asked = {
		.document = DOCUMENT(ID "\"locked\":{\"from\":\"until\",\"as\":\"until\"}"),
	};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":1,\"until\":\"2000-01-01\"}");
	assert_int_equal(mapped.account.flags, RH_ACCOUNT_LOCKED);
	drop(&mapped);
}

static void what_is_no_person_is_left_out_with_a_reason(void **)
{
	const struct asked asked = {
		.document = "{\"mapping\":1,\"name\":\"a\",\"fields\":{" ID
			    "\"locale\":\"l\"},\"leave_out\":["
			    "{\"when\":\"bot\",\"reason\":\"service\"},{\"when\":{\"from\":"
			    "\"kind\",\"is\":\"guest\"},"
			    "\"reason\":\"anonymous\"}]}",
	};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":1,\"kind\":\"guest\"}");
	assert_true(has_finding(&mapped, RH_FINDING_KIND_LEFT_OUT, "kind"));
	assert_string_equal(mapped.notes[0], "anonymous");
	drop(&mapped);
	map_json(&mapped, &asked, "{\"id\":1,\"kind\":\"person\",\"bot\":false}");
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
}

/* ---- hooks, memory ------------------------------------------------------------------------------------------------------ */

static int hooked_password(const void *, const struct rh_mapping_password *password,
			   struct rh_arena *, struct rh_credential *out, struct rh_finding *)
{
	assert_text(password->hash, "h");
	assert_text(password->salt, "s");
	assert_text(password->hash_path, "hash");
	out->state = RH_CREDENTIAL_REDACTED;
	return RH_OK;
}

static int hooked_complete(const void *, const struct rh_record *record,
			   const struct rh_mapping_policy *, struct rh_finding_sink *,
			   struct rh_builder *builder)
{
	assert_int_equal(record->number, 1);
	builder->account->locale = RH_STR("de");
	return RH_OK;
}

static void a_connector_may_do_what_a_table_cannot(void **)
{
	static const struct rh_mapping_hooks hooks = {
		.password = hooked_password,
		.complete = hooked_complete,
	};
	const struct asked asked = {
		.document = DOCUMENT(ID "\"password\":{\"hash\":\"hash\",\"salt\":\"salt\"}"),
		.hooks = &hooks,
	};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":1,\"hash\":\"h\",\"salt\":\"s\"}");
	assert_int_equal(mapped.account.credential.state, RH_CREDENTIAL_REDACTED);
	assert_text(mapped.account.locale, "de");
	drop(&mapped);
}

/* A record that does not fit in the memory that is allowed is an error, never half an account. */
static void want_of_memory_is_an_error(void **)
{
	static const char text[] = "{\"id\":\"1\",\"e\":[\"a@b.example\"],\"h\":\"" BCRYPT
				   "\",\"m\":\"{\\\"a\\\":{\\\"b\\\":1}}\"}";
	const struct rh_mapping_policy policy = {0};
	struct rh_mapping *mapping = compiled(DOCUMENT(
		"\"source_id\":\"id\",\"emails\":\"e\",\"password\":\"h\",\"public_metadata\":"
		"{\"from\":\"m\",\"members\":{\"x\":\"m.a.b\"}}"));
	bool is_done = false;

	for (size_t max = 0; !is_done; max += 16) {
		struct rh_json json = {0};
		struct rh_arena arena;
		struct rh_account account;
		char *copy = rh_strdup(text);
		struct rh_err err = {0};
		assert_int_equal(rh_json_parse(&json, copy, strlen(copy), NULL), RH_OK);
		rh_arena_init(&arena, max, RH_ARENA_PLAIN);
		const struct rh_record record = {.json = rh_json_root(&json), .number = 1};
		const struct rh_mapping_call call = {.policy = &policy, .arena = &arena};
		int code = rh_mapping_account(mapping, &record, &call, &account, &err);
		is_done = code == RH_OK;
		assert_true(is_done || code == RH_ENOMEM);
		assert_true(is_done ? account.identifier_count == 1
				    : account.source_id.ptr == NULL);
		assert_true(max < 100000);
		rh_arena_done(&arena);
		rh_json_done(&json);
		rh_free(copy);
	}
	rh_mapping_free(mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lead_into_objects_lists_and_text),
		cmocka_unit_test(columns_are_called_as_paths_or_hold_json),
		cmocka_unit_test(names_may_be_compared_loosely),
		cmocka_unit_test(the_first_that_is_there_counts),
		cmocka_unit_test(wrong_types_are_findings_at_their_path),
		cmocka_unit_test(a_record_without_id_or_that_is_no_object_is_refused),
		cmocka_unit_test(booleans_have_many_spellings),
		cmocka_unit_test(what_is_no_boolean_verifies_nothing),
		cmocka_unit_test(times_have_many_forms),
		cmocka_unit_test(times_that_are_none_are_findings),
		cmocka_unit_test(a_name_is_split_only_when_asked_and_never_lost),
		cmocka_unit_test(the_caller_may_split_names_otherwise),
		cmocka_unit_test(codes_and_passkeys_are_counted),
		cmocka_unit_test(metadata_is_an_object_with_members_and_the_rest),
		cmocka_unit_test(the_rest_of_the_columns_is_kept_as_text),
		cmocka_unit_test(addresses_come_one_by_one_joined_or_in_lists),
		cmocka_unit_test(a_list_of_objects_says_more_of_each_address),
		cmocka_unit_test(the_primary_address_is_chosen_as_the_policy_says),
		cmocka_unit_test(a_broken_primary_address_is_told),
		cmocka_unit_test(numbers_get_what_their_beginning_lacks),
		cmocka_unit_test(what_a_spreadsheet_did_to_a_cell_is_refused),
		cmocka_unit_test(a_list_without_end_refuses_the_record),
		cmocka_unit_test(hashes_are_read_by_label_or_shape),
		cmocka_unit_test(braces_of_a_form_may_be_the_hash_s_own),
		cmocka_unit_test(a_password_that_can_be_read_refuses_the_record),
		cmocka_unit_test(links_come_from_lists_objects_and_columns),
		cmocka_unit_test(whoever_is_blocked_stays_blocked),
		cmocka_unit_test(without_a_clock_every_end_is_ahead),
		cmocka_unit_test(what_is_no_person_is_left_out_with_a_reason),
		cmocka_unit_test(a_connector_may_do_what_a_table_cannot),
		cmocka_unit_test(want_of_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
