/* SPDX-License-Identifier: Apache-2.0 */
/* M13: what a jq program makes of a record is the record, and what it makes of it else is said. */
#include "helper.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define PROGRAM(jq)                                                                        \
	"{\"mapping\":1,\"name\":\"acme\",\"jq\":" jq ",\"fields\":{\"source_id\":\"id\"," \
	"\"emails\":{\"from\":\"mail\",\"verified\":true}},\"rest\":\"private_metadata\"}"

static void test_the_table_reads_what_the_program_made(void **state)
{
	const struct asked asked = {
		.document = PROGRAM("[\"{id: .person.id,\",\" mail: (.mails | map(select(.main)) | "
				    ".[0].at)}\"]")};
	struct mapped mapped;

	(void)state;
	map_json(&mapped, &asked,
		 "{\"person\":{\"id\":12345678901234567890},\"mails\":[{\"at\":\"a@acme.example\"},"
		 "{\"at\":\"b@acme.example\",\"main\":true}]}");
	assert_int_equal(mapped.finding_count, 0);
	assert_text(mapped.account.source_id, "12345678901234567890"); /* every digit */
	(void)identifier(&mapped, RH_IDENTIFIER_EMAIL, "b@acme.example");
	drop(&mapped);
}

static void test_cells_are_texts_or_null(void **state)
{
	static const char *const cells[] = {"nr=7", "mail=a@acme.example", "gone=", NULL};
	const struct asked asked = {.document = PROGRAM("\"if .gone == null and (.nr | type) == "
							"\\\"string\\\" then {id: (\\\"u\\\" "
							"+ .nr), mail} else empty end\"")};
	struct mapped mapped;

	(void)state;
	map_cells(&mapped, &asked, cells);
	assert_text(mapped.account.source_id, "u7");
	drop(&mapped);
}

static void test_numbers_that_a_double_cannot_hold_stay_as_written(void **state)
{
	const struct asked asked = {.document = PROGRAM("\".\"")};
	struct mapped mapped;

	(void)state;
	map_json(&mapped, &asked,
		 "{\"id\":1,\"mail\":\"a@acme.example\",\"a\":0.1,\"b\":1e400,\"c\":"
		 "9007199254740993,\"d\":[true,null,-3.25]}");
	assert_text(mapped.account.metadata[RH_METADATA_PRIVATE],
		    "{\"a\":0.1,\"b\":\"1e400\",\"c\":\"9007199254740993\",\"d\":[true,null,"
		    "-3.25]}");
	drop(&mapped);
}

static void test_what_makes_no_record(void **state)
{
	static const struct {
		const char *document;
		enum rh_finding_code code;
		const char *note;
	} cases[] = {
		{PROGRAM("\"empty\""), RH_FINDING_KIND_LEFT_OUT, "jq-empty"},
		{PROGRAM("\"., .\""), RH_FINDING_PROGRAM_REFUSED, "several values"},
		{PROGRAM("\".mail\""), RH_FINDING_PROGRAM_REFUSED, "no object"},
		{PROGRAM("\"error(.mail)\""), RH_FINDING_PROGRAM_REFUSED, "an error"},
		{PROGRAM("\".mail.x\""), RH_FINDING_PROGRAM_REFUSED,
		 "an error: Cannot index string with string"},
		{PROGRAM("\"def f: f; f\""), RH_FINDING_PROGRAM_REFUSED, "ended: too long"},
		{PROGRAM("\"reduce range(1e9) as $i (\\\"x\\\"; . + .)\""),
		 RH_FINDING_PROGRAM_REFUSED, "ended: too much memory, or a fault"},
	};
	struct mapped mapped;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct asked asked = {.document = cases[i].document};
		map_json(&mapped, &asked, "{\"id\":\"u1\",\"mail\":\"ann@acme.example\"}");
		assert_int_equal(mapped.finding_count, 1);
		assert_int_equal(mapped.codes[0], cases[i].code);
		assert_string_equal(mapped.notes[0], cases[i].note);
		assert_null(mapped.account.source_id.ptr);
		drop(&mapped);
	}
}

static void test_any_file_is_its_own_unless_recognise_says_other(void **state)
{
	struct rh_str names[] = {RH_STR("nr")};
	const struct rh_columns columns = {.names = names, .count = 1};
	const struct rh_sniff sniff = {.columns = &columns};
	struct rh_mapping *mapping = compiled(PROGRAM("\"{id: .nr}\""));

	(void)state;
	assert_true(rh_mapping_recognises(mapping, &sniff));
	rh_mapping_free(mapping);
	mapping = compiled("{\"mapping\":1,\"name\":\"a\",\"jq\":\".\",\"recognise\":{\"all\":["
			   "\"who\"]},\"fields\":{\"source_id\":\"id\"}}");
	assert_false(rh_mapping_recognises(mapping, &sniff));
	rh_mapping_free(mapping);
}

static void test_a_program_with_a_mistake_is_a_document_with_one(void **state)
{
	static const struct {
		const char *document;
		const char *says;
	} cases[] = {
		{PROGRAM("\".a |\""), "jq: jq does not take the program: syntax error"},
		{PROGRAM("\"\""), "not empty"},
		{PROGRAM("[]"), "not empty"},
		{PROGRAM("[\".\",7]"), "a line of the program is a text"},
		{PROGRAM("{\"file\":\"x.jq\"}"), "not empty"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rh_mapping *mapping = NULL;
		struct rh_err err = {0};
		assert_int_equal(rh_mapping_compile(&mapping, rh_str_from(cases[i].document), &err),
				 RH_EINPUT);
		if (strstr(err.message, cases[i].says) == NULL) {
			fail_msg("%s", err.message);
		}
		assert_int_equal(err.line, 1);
		assert_true(err.column > 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_reads_what_the_program_made),
		cmocka_unit_test(test_cells_are_texts_or_null),
		cmocka_unit_test(test_numbers_that_a_double_cannot_hold_stay_as_written),
		cmocka_unit_test(test_what_makes_no_record),
		cmocka_unit_test(test_any_file_is_its_own_unless_recognise_says_other),
		cmocka_unit_test(test_a_program_with_a_mistake_is_a_document_with_one),
	};

	return cmocka_run_group_tests_name("mapping/program", tests, NULL, NULL);
}
