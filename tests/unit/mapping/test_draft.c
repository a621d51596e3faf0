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

static const char more_document[] =
	"{\"mapping\":1,\"name\":\"more\",\"names\":\"loose\",\"fields\":{\"source_id\":\"staff "
	"no\","
	"\"first_name\":\"prenom\",\"full_name\":\"name\",\"last_sign_in_at\":\"phone\","
	"\"username\":\"tag\","
	"\"banned\":{\"from\":[\"status\",\"aktiv\"],\"inverted\":true}}}";

struct drafted {
	struct rh_mapping *known;
	struct rh_mapping *more;
	struct rh_draft *draft;
};

static void start(struct drafted *drafted, const char *const *records)
{
	struct rh_err err = {0};

	assert_int_equal(rh_mapping_compile(&drafted->known, rh_str_from(known_document), &err),
			 RH_OK);
	assert_int_equal(rh_mapping_compile(&drafted->more, rh_str_from(more_document), &err),
			 RH_OK);
	assert_int_equal(rh_draft_new(&drafted->draft, drafted->known, drafted->more, &err), RH_OK);
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
	rh_mapping_free(drafted->more);
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
	assert_entry(&drafted, "UID", "source_id", RH_DRAFT_HIGH);
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

static void more_names_are_known_however_people_write_them(void **)
{
	static const char *const records[] = {
		"{\"Staff No.\":70,\"Pr\u00e9nom (usuel)\":\"Z\",\"Name\":\"Q\",\"Work e-mail\":"
		"\"a@b.example\",\"Status\":\"Active\",\"Aktiv?\":\"ja\",\"tag\":\"2024-05-01\"}",
		"{\"Staff No.\":71,\"Pr\u00e9nom (usuel)\":\"Y\",\"Name\":\"R\",\"Work e-mail\":"
		"\"c@d.example\",\"Status\":\"LEFT\",\"Aktiv?\":\"No\",\"tag\":\"2024-05-02\"}",
		NULL,
	};
	struct drafted drafted;
	rh_autobuf document = {0};
	struct rh_err err = {0};

	start(&drafted, records);
	assert_entry(&drafted, "Staff No\\.", "source_id", RH_DRAFT_HIGH);
	assert_entry(&drafted, "Pr\xc3\xa9nom (usuel)", "first_name", RH_DRAFT_MEDIUM);
	assert_entry(&drafted, "Name", "last_name", RH_DRAFT_LOW); /* beside a first name */
	assert_entry(&drafted, "Work e-mail", "emails", RH_DRAFT_HIGH);
	assert_entry(&drafted, "Status", "banned", RH_DRAFT_HIGH);
	assert_entry(&drafted, "tag", "username", RH_DRAFT_LOW); /* its values are moments */
	rh_buf_init(&document, 100000);
	assert_int_equal(rh_draft_write(drafted.draft, "draft", &document, &err), RH_OK);
	assert_non_null(strstr(document.ptr, "\"map\": { \"Active\": true, \"LEFT\": false }, "
					     "\"inverted\": true }"));
	assert_non_null(strstr(document.ptr, "\"map\": { \"ja\": true, \"No\": false }"));
	drop(&drafted);
}

/* Of two meanings of a name that one counts which the values bear out. */
static void values_choose_between_the_meanings_of_a_name(void **)
{
	static const char *const dialled[] = {"{\"id\":1,\"phone\":\"+4930123456\"}", NULL};
	static const char *const local[] = {"{\"id\":1,\"phone\":\"030 / 12 34 56\",\"mail\":"
					    "\"a@b.example\",\"ip\":\"203.0.113.70\"}",
					    "{\"id\":2,\"phone\":\"+4930123456\",\"mail\":"
					    "\"a@b.example\",\"ip\":\"203.0.113.71\",\"boss\":"
					    "\"c@d.example\"}",
					    NULL};
	struct rh_draft_entry entry;
	struct drafted drafted;

	start(&drafted, dialled);
	assert_entry(&drafted, "phone", "phones", RH_DRAFT_HIGH);
	drop(&drafted);
	start(&drafted, local);
	assert_entry(&drafted, "phone", "phones", RH_DRAFT_LOW);
	assert_entry(&drafted, "ip", NULL, RH_DRAFT_NONE);
	assert_true(rh_draft_at(drafted.draft, 1, &entry));
	assert_string_equal(entry.looks, "phone numbers without country");
	assert_int_equal(entry.different, 2);
	assert_true(rh_draft_at(drafted.draft, 3, &entry));
	assert_string_equal(entry.looks, "texts");
	drop(&drafted);
}

/* M4: a person decides, and until then nothing is planned. */
static void without_an_id_the_document_asks_for_one(void **)
{
	static const char *const records[] = {
		"{\"email\":\"a@b.example\",\"nr\":71,\"team\":\"x\",\"banned\":false}",
		"{\"email\":\"c@d.example\",\"nr\":72,\"team\":\"x\",\"banned\":true}", NULL};
	struct rh_mapping *mapping = NULL;
	struct drafted drafted;
	rh_autobuf document = {0};
	struct rh_err err = {0};

	rh_buf_init(&document, 100000);
	start(&drafted, records);
	assert_false(rh_draft_has_id(drafted.draft));
	assert_int_equal(rh_draft_write(drafted.draft, "draft", &document, &err), RH_OK);
	assert_non_null(strstr(document.ptr, "\"source_id\": { \"decide\": [\"nr\", \"email\"] }"));
	assert_int_equal(rh_mapping_compile(&mapping, rh_buf_str(&document), &err), RH_EINPUT);
	assert_non_null(strstr(err.message, "yet to be decided"));
	assert_non_null(strstr(err.message, "as \"nr\" or \"email\""));
	assert_int_equal(err.line, 5);
	drop(&drafted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_values_decide_together),
		cmocka_unit_test(every_draft_compiles),
		cmocka_unit_test(more_names_are_known_however_people_write_them),
		cmocka_unit_test(values_choose_between_the_meanings_of_a_name),
		cmocka_unit_test(without_an_id_the_document_asks_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
