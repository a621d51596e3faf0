/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a document is told with line, column and a way out (M1 to M4). */
#include "helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The document, what its fault begins with (where it stands last), and what is said of it. */
static const struct {
	const char *document;
	const char *at;
	const char *says;
} wrong[] = {
	{"", "", ""},
	{"[]", "[]", "an object"},
	{"{\"mapping\":1,\n \"name\":\"a\",\n \"feilds\":{}}", "\"feilds",
	 "there is no \"feilds\""},
	{"{\"mapping\":1,\"name\":\"a\",\"name\":\"b\"}", "\"name\":\"b",
	 "\"name\" is there twice"},
	{"{\"name\":\"a\"}", "{", "\"mapping\" is missing"},
	{"{\"mapping\":2,\"name\":\"a\",\"fields\":{\"source_id\":\"id\"}}", "\"mapping",
	 "version"},
	{"{\"mapping\":1,\"fields\":{\"source_id\":\"id\"}}", "{\"mapping", "\"name\" is missing"},
	{"{\"mapping\":1,\"name\":\"A b\",\"fields\":{}}", "\"name\":\"A", "a name is made of"},
	{"{\"mapping\":1,\"name\":\"a\"}", "{", "\"fields\" is missing"},
	{"{\"mapping\":1,\"name\":\"a\",\"names\":\"vague\",\"fields\":{\"source_id\":\"id\"}}",
	 "\"names", "\"vague\" is not known"},
	{DOCUMENT("\"emails\":\"mail\""), "\"fields", "\"source_id\" is missing"},
	{DOCUMENT("\"source_id\":\"id\",\"email\":\"mail\""), "\"email\"",
	 "perhaps \"emails\" is meant"},
	{DOCUMENT("\"source_id\":7"), "\"source_id", "a rule is a path"},
	{DOCUMENT("\"source_id\":\"\""), "\"source_id", "not empty"},
	{DOCUMENT("\"source_id\":\"a..b\""), "\"source_id", "an empty name"},
	{DOCUMENT("\"source_id\":\"a\\\\x\""), "\"source_id", "backslash"},
	{DOCUMENT("\"source_id\":{\"from\":\"a\",\"value\":\"b\"}"), "\"source_id",
	 "either \"from\" or"},
	{DOCUMENT("\"source_id\":{\"from\":[\"a\",7]}"), "7]", "not empty"},
	{DOCUMENT("\"source_id\":{\"from\":\"a\",\"form\":1}"), "\"form", "there is no \"form\""},
	{DOCUMENT("\"source_id\":{\"from\":\"a\",\"inverted\":true}"), "\"inverted",
	 "\"inverted\""},
	{DOCUMENT("\"source_id\":\"id\",\"banned\":{\"from\":\"b\",\"map\":{\"x\":\"perhaps\"}}"),
	 "\"x\":", "true or false"},
	{DOCUMENT("\"source_id\":\"id\",\"banned\":{\"from\":\"b\",\"as\":\"then\"}"), "\"as",
	 "\"then\" is not known"},
	{DOCUMENT("\"source_id\":\"id\",\"full_name\":{\"from\":\"n\",\"split\":\"never\"}"),
	 "\"split", "\"never\" is not known"},
	{DOCUMENT("\"source_id\":\"id\",\"password\":{\"hash\":\"h\",\"label\":{\"value\":"
		  "\"rot13\"}}"),
	 "\"value", "no kind of password hash"},
	{DOCUMENT("\"source_id\":\"id\",\"password\":{\"form\":\"x{a\"}"), "\"form",
	 "a brace is not closed"},
	{DOCUMENT("\"source_id\":\"id\",\"password\":{\"form\":\"x}a\"}"), "\"form", "not open"},
	{DOCUMENT("\"source_id\":\"id\",\"password\":{\"hash\":\"h\",\"form\":\"{a}\"}"), "\"form",
	 "either \"hash\" or"},
	{DOCUMENT("\"source_id\":\"id\",\"identities\":{\"provider\":\"p\"}"), "\"identities",
	 "no \"subject\""},
	{DOCUMENT("\"source_id\":\"id\",\"phones\":{\"from\":\"p\",\"country\":\"Germany\"}"),
	 "\"country", "calling code"},
	{DOCUMENT("\"source_id\":{\"use\":\"it\"}"), "\"use", "no shared rule \"it\""},
	{"{\"mapping\":1,\"name\":\"a\",\"fields\":{\"source_id\":\"id\"},\"rest\":\"somewhere\"}",
	 "\"rest", "\"somewhere\" is not known"},
	{"{\"mapping\":1,\"name\":\"a\",\"fields\":{\"source_id\":\"id\"},"
	 "\"leave_out\":{\"when\":\"guest\",\"reason\":\"Max\"}}",
	 "\"reason", "a reason is a word"},
	{"{\"mapping\":1,\"name\":\"a\",\"recognise\":{\"all\":\"id\"},\"fields\":{\"source_id\":"
	 "\"id\"}}",
	 "\"all", "a list of paths"},
};

/* Line * 1000 + column of the last such text. */
static uint64_t place_of(const char *document, const char *text)
{
	const char *at = document;
	uint64_t line = 1;
	uint64_t column = 1;

	for (const char *next = at; (next = strstr(next, text)) != NULL && *next != '\0'; next++) {
		at = next;
	}
	for (; document < at; document++) {
		column = *document == '\n' ? 1 : column + 1;
		line += *document == '\n';
	}
	return line * 1000 + column;
}

static void a_wrong_document_is_told_where_and_why(void **)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct rh_mapping *mapping = NULL;
		struct rh_err err = {0};
		assert_int_equal(rh_mapping_compile(&mapping, rh_str_from(wrong[i].document), &err),
				 RH_EINPUT);
		assert_null(mapping);
		if (place_of(wrong[i].document, wrong[i].at) != err.line * 1000 + err.column ||
		    strstr(err.message, wrong[i].says) == NULL) {
			fail_msg("%s\n%llu:%llu: %s (not at %s: %s)", wrong[i].document,
				 (unsigned long long)err.line, (unsigned long long)err.column,
				 err.message, wrong[i].at, wrong[i].says);
		}
	}
}

/* Escapes before it do not move the place of what is wrong. */
static void places_are_those_of_the_text_as_it_was_given(void **)
{
	struct rh_mapping *mapping = NULL;
	struct rh_err err = {0};

	assert_int_equal(
		rh_mapping_compile(
			&mapping,
			RH_STR("{\"mapping\":1,\"title\":\"\\u00e9\\n\\n\\n\\n\",\n\"x\":1}"),
			&err),
		RH_EINPUT);
	assert_int_equal(err.line, 2);
	assert_int_equal(err.column, 1);
}

static void rules_that_use_each_other_in_a_circle_are_refused(void **)
{
	static const char *const shared[] = {
		"\"a\":{\"use\":\"a\"}",
		"\"a\":{\"use\":\"b\"},\"b\":{\"use\":\"c\"},\"c\":{\"use\":\"b\"}",
		"\"a\":{\"from\":\"x\",\"until\":{\"use\":\"a\"}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		char document[256];
		struct rh_mapping *mapping = NULL;
		struct rh_err err = {0};
		(void)snprintf(document, sizeof(document),
			       "{\"mapping\":1,\"name\":\"a\",\"shared\":{%s},"
			       "\"fields\":{\"source_id\":\"id\",\"banned\":{\"use\":\"a\"}}}",
			       shared[i]);
		assert_int_equal(rh_mapping_compile(&mapping, rh_str_from(document), &err),
				 RH_EINPUT);
		assert_non_null(strstr(err.message, "cycle"));
		assert_true(err.column > 30);
	}
}

static void a_rule_may_use_another_and_say_some_of_it_itself(void **)
{
	const struct asked asked = {
		.document = "{\"mapping\":1,\"name\":\"a\",\"shared\":{"
			    "\"state\":{\"from\":\"state\",\"is\":[\"off\"]},"
			    "\"other\":{\"use\":\"state\",\"is\":\"gone\"}},"
			    "\"fields\":{\"source_id\":\"id\",\"username\":\"id\",\"banned\":{"
			    "\"use\":\"state\"},"
			    "\"locked\":{\"use\":\"other\"},"
			    "\"deprovisioned\":{\"use\":\"other\",\"from\":\"status\"}}}",
	};
	struct mapped mapped;

	map_json(&mapped, &asked, "{\"id\":\"1\",\"state\":\"off\",\"status\":\"gone\"}");
	assert_int_equal(mapped.account.flags, RH_ACCOUNT_BANNED | RH_ACCOUNT_DEPROVISIONED);
	assert_int_equal(mapped.finding_count, 0);
	drop(&mapped);
}

static void a_large_document_is_refused(void **)
{
	size_t size = RH_MAPPING_DOCUMENT_MAX + 1;
	char *text = rh_malloc(size);
	struct rh_mapping *mapping = NULL;
	struct rh_err err = {0};

	assert_non_null(text);
	memset(text, ' ', size);
	assert_int_equal(rh_mapping_compile(&mapping, (struct rh_str){.ptr = text, .len = size},
					    &err),
			 RH_EINPUT);
	rh_free(text);
}

static void a_document_knows_its_files(void **)
{
	struct rh_mapping *mapping = compiled(
		"{\"mapping\":1,\"name\":\"acme\",\"title\":\"Acme's "
		"users\",\"names\":\"loose\",\"recognise\":"
		"{\"all\":[\"user_id\",\"mail\"],\"any\":[\"a\",\"b.c\"],\"none\":[\"primary\"]},"
		"\"fields\":{\"source_id\":\"user_id\"}}");
	static const struct {
		const char *record;
		bool is_ours;
	} records[] = {
		{"{\"User-Id\":1,\"MAIL\":null,\"a\":2}", true},
		{"{\"user_id\":1,\"mail\":2}", false},
		{"{\"user_id\":1,\"mail\":2,\"b\":{\"c\":null}}", true},
		{"{\"user_id\":1,\"mail\":2,\"a\":1,\"primary\":1}", false},
		{"[1]", false},
	};

	assert_string_equal(rh_mapping_name(mapping), "acme");
	assert_string_equal(rh_mapping_title(mapping), "Acme's users");
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		struct rh_json json = {0};
		char *copy = rh_strdup(records[i].record);
		assert_int_equal(rh_json_parse(&json, copy, strlen(copy), NULL), RH_OK);
		const struct rh_sniff sniff = {.json = rh_json_root(&json)};
		assert_int_equal(rh_mapping_recognises(mapping, &sniff), records[i].is_ours);
		rh_json_done(&json);
		rh_free(copy);
	}
	const struct rh_str names[] = {RH_STR("USER ID"), RH_STR("mail"), RH_STR("b.c")};
	const struct rh_columns columns = {.names = names, .count = 3};
	const struct rh_sniff sniff = {.columns = &columns};
	assert_true(rh_mapping_recognises(mapping, &sniff));
	rh_mapping_free(mapping);
}

/* No allocation that fails leaves anything behind or makes half a document. */
static void want_of_memory_is_told(void **)
{
	static const char document[] = "{\"mapping\":1,\"name\":\"a\",\"fields\":{\"source_id\":"
				       "\"id\",\"emails\":[{\"each\":\"e\","
				       "\"from\":\"a\",\"verified\":{\"from\":\"v\",\"map\":{\"x\":"
				       "true}}}],\"password\":{\"form\":\"{a}$\"},"
				       "\"public_metadata\":{\"members\":{\"x\":\"y\"}}},\"leave_"
				       "out\":{\"when\":\"g\",\"reason\":\"guest\"}}";

	for (uint64_t n = 1;; n++) {
		struct rh_mapping *mapping = NULL;
		struct rh_err err = {0};
		rh_alloc_fail_from(n);
		int code = rh_mapping_compile(&mapping, rh_str_from(document), &err);
		rh_alloc_fail_from(0);
		if (code == RH_OK) {
			assert_true(n > 5);
			rh_mapping_free(mapping);
			return;
		}
		if (code != RH_ENOMEM) {
			fail_msg("allocation %llu: %s", (unsigned long long)n, err.message);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_document_is_told_where_and_why),
		cmocka_unit_test(places_are_those_of_the_text_as_it_was_given),
		cmocka_unit_test(rules_that_use_each_other_in_a_circle_are_refused),
		cmocka_unit_test(a_rule_may_use_another_and_say_some_of_it_itself),
		cmocka_unit_test(a_large_document_is_refused),
		cmocka_unit_test(a_document_knows_its_files),
		cmocka_unit_test(want_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
