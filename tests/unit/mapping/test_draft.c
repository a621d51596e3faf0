/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts: what a name and its values make of a column, and that every draft compiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "mapping/draft.h"

static const char known_document[] =
	"{\"mapping\":1,\"name\":\"known\",\"names\":\"loose\",\"fields\":{\"source_id\":[\"id\","
	"\"uid\"],"
	"\"emails\":[{\"from\":\"email\",\"verified\":[\"email_verified\",\"email_verified_at\"]}],"
	"\"phones\":\"phone\",\"password\":{\"hash\":\"password_hash\",\"label\":\"algo\"},"
	"\"banned\":[\"banned\",{\"from\":\"active\",\"inverted\":true}],\"created_at\":"
	"\"created\","
	"\"public_metadata\":\"meta\",\"identities\":{\"provider\":{\"value\":\"google\"},"
	"\"subject\":\"google_id\",\"email\":\"google_email\"}}}";

struct drafted {
	struct rh_mapping *known;
	struct rh_draft *draft;
};

static void start(struct drafted *drafted, const char *const *records)
{
	struct rh_err err = {0};

	assert_int_equal(rh_mapping_compile(&drafted->known, rh_str_from(known_document), &err),
			 RH_OK);
	assert_int_equal(rh_draft_new(&drafted->draft, drafted->known, &err), RH_OK);
	for (size_t i = 0; records[i] != NULL; i++) {
		struct rh_json json = {0};
		char *copy = rh_strdup(records[i]);
		assert_int_equal(rh_json_parse(&json, copy, strlen(copy), NULL), RH_OK);
		const struct rh_record record = {.json = rh_json_root(&json), .number = i + 1};
		assert_int_equal(rh_draft_look(drafted->draft, &record), RH_OK);
		rh_json_done(&json);
		rh_free(copy);
	}
	rh_draft_decide(drafted->draft);
}

static void drop(struct drafted *drafted)
{
	rh_draft_free(drafted->draft);
	rh_mapping_free(drafted->known);
}

static void assert_entry(const struct drafted *drafted, const char *path, const char *becomes,
			 enum rh_draft_confidence confidence)
{
	struct rh_draft_entry entry;

	for (size_t i = 0; rh_draft_at(drafted->draft, i, &entry); i++) {
		if (!rh_str_is(entry.path, path)) {
			continue;
		}
		if (entry.confidence != confidence ||
		    (becomes == NULL) != (entry.becomes == NULL) ||
		    (becomes != NULL && strcmp(becomes, entry.becomes) != 0)) {
			fail_msg("%s becomes %s, %d", path,
				 entry.becomes != NULL ? entry.becomes : "nothing",
				 entry.confidence);
		}
		return;
	}
	fail_msg("there is no %s", path);
}

static void names_and_values_decide_together(void **)
{
	static const char *const records[] = {
		"{\"UID\":7,\"E-Mail\":\"a@b.example\",\"emailVerifiedAt\":\"2024-05-01\",\"tel\":"
		"\"+4930123456\","
		"\"created\":1714557600,\"active\":true,\"x\":{\"y.z\":\"q\"},\"meta\":{\"a\":1},"
		"\"n\":5,\"list\":[1]}",
		"{\"UID\":8,\"E-Mail\":\"c@d.example\",\"tel\":\"+4930123457\",\"created\":"
		"\"soon\",\"n\":6}",
		NULL,
	};
	struct drafted drafted;

	start(&drafted, records);
	assert_entry(&drafted, "UID", "source_id", RH_DRAFT_MEDIUM);
	assert_entry(&drafted, "E-Mail", "emails", RH_DRAFT_HIGH);
	assert_entry(&drafted, "emailVerifiedAt", "emails.verified", RH_DRAFT_HIGH);
	assert_entry(&drafted, "tel", "phones", RH_DRAFT_LOW);
	assert_entry(&drafted, "created", "created_at", RH_DRAFT_LOW);
	assert_entry(&drafted, "active", "banned", RH_DRAFT_HIGH);
	assert_entry(&drafted, "meta", "public_metadata", RH_DRAFT_HIGH);
	assert_entry(&drafted, "meta.a", "public_metadata", RH_DRAFT_HIGH);
	assert_entry(&drafted, "x.y\\.z", NULL, RH_DRAFT_NONE);
	assert_entry(&drafted, "n", NULL, RH_DRAFT_NONE);
	assert_entry(&drafted, "list", NULL, RH_DRAFT_NONE);
	drop(&drafted);
}

/* Whatever was understood, the document is one. */
static void every_draft_compiles(void **)
{
	static const char *const samples[][3] = {
		{"{\"id\":1}", NULL},
		{"{\"id\":1,\"uid\":2,\"email\":\"\"}", NULL},
		{"{\"id\":1,\"google_id\":\"7\",\"google_email\":\"a@b.example\",\"banned\":0,"
		 "\"active\":1}",
		 NULL},
		{"{\"id\":\"1\",\"any\":\"$2a$04$"
		 "r5S7YFqh5ZFvUvuMAlDbDOzyLkyxfzBPYE8UjBLo4MWB2o9wgbMBG\"}",
		 "{\"id\":\"2\",\"algo\":\"x\",\"o.d\\\\d\\\"\":\"a@b.example\"}", NULL},
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct rh_mapping *mapping = NULL;
		struct drafted drafted;
		rh_autobuf document = {0};
		struct rh_err err = {0};
		rh_buf_init(&document, 100000);
		start(&drafted, samples[i]);
		assert_int_equal(rh_draft_write(drafted.draft, "draft", &document, &err), RH_OK);
		if (rh_mapping_compile(&mapping, rh_buf_str(&document), &err) != RH_OK) {
			fail_msg("%s: %s", document.ptr, err.message);
		}
		rh_mapping_free(mapping);
		drop(&drafted);
	}
}

static void without_an_id_there_is_no_document(void **)
{
	static const char *const records[] = {"{\"email\":\"a@b.example\"}", NULL};
	struct drafted drafted;
	rh_autobuf document = {0};
	struct rh_err err = {0};

	rh_buf_init(&document, 100000);
	start(&drafted, records);
	assert_int_equal(rh_draft_write(drafted.draft, "draft", &document, &err), RH_EINPUT);
	assert_true(err.hint[0] != '\0');
	drop(&drafted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_values_decide_together),
		cmocka_unit_test(every_draft_compiles),
		cmocka_unit_test(without_an_id_there_is_no_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
