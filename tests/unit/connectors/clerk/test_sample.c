/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports: the same people in every form, joined by id; troubles where they are asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "connectors/clerk/clerk.h"
#include "read/reader.h"

#define PEOPLE 400

/* An account's few features that the tests look at. */
struct seen {
	char id[64];
	char email[128];
	bool is_bad;
	bool is_verified;
	bool is_blocked;
	enum rh_credential_state state;
	enum rh_scheme scheme;
	char codes[256]; /* findings, each followed by a blank */
};

struct export
{
	struct rh_buf text;
	struct seen seen[PEOPLE + 64];
	size_t count;
};

struct findings {
	struct rh_finding_sink sink;
	struct seen *seen;
};

static int write_text(void *context, struct rh_str bytes, struct rh_err *err)
{
	struct export *export = context;

	rh_buf_add_str(&export->text, bytes);
	return rh_buf_check(&export->text, "the sample", err);
}

/* Of the right shape, and told apart by the person's number; nobody checks a password here. */
static int fake_bcrypt(void *context, struct rh_str password, uint64_t n, unsigned cost,
		       char out[64], struct rh_err *err)
{
	(void)context;
	(void)err;
	assert_true(rh_str_is(password, "correct horse"));
	(void)snprintf(out, 64, "$2b$%02u$%053llu", cost, (unsigned long long)n);
	return RH_OK;
}

static int make(struct export *export, const char *format, uint64_t count, const char *trouble,
		struct rh_err *err)
{
	const struct rh_sample_options options = {
		.count = count,
		.seed = 7,
		.format = format,
		.trouble = trouble,
		.password = "correct horse",
	};
	const struct rh_sample_out out = {
		.write = write_text,
		.bcrypt = fake_bcrypt,
		.context = export,
	};

	return rh_connector_clerk.sample(&options, &out, err);
}

static void add_finding(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct seen *seen = ((struct findings *)sink)->seen;
	size_t len = strlen(seen->codes);

	(void)snprintf(seen->codes + len, sizeof(seen->codes) - len, "%d ", (int)finding->code);
}

static void look(struct seen *seen, const struct rh_item *item)
{
	const struct rh_mapping_policy policy = {.primary = RH_PRIMARY_FIRST_VERIFIED};
	struct findings findings = {.sink = {.add = add_finding}, .seen = seen};
	struct rh_account account;
	struct rh_arena arena;
	struct rh_err err;

	seen->is_bad = item->is_bad;
	if (item->is_bad) {
		return;
	}
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	assert_int_equal(clerk_from_record(NULL, &item->record, &policy, &arena, &findings.sink,
					   &account, &err),
			 RH_OK);
	const struct rh_identifier *email = rh_account_primary(&account, RH_IDENTIFIER_EMAIL);
	(void)snprintf(seen->id, sizeof(seen->id), "%.*s", RH_STR_ARG(account.source_id));
	if (email != NULL) {
		(void)snprintf(seen->email, sizeof(seen->email), "%.*s", RH_STR_ARG(email->value));
		seen->is_verified = email->is_verified;
	}
	seen->is_blocked = rh_account_is_blocked(&account);
	seen->state = account.credential.state;
	seen->scheme = account.credential.scheme;
	rh_arena_done(&arena);
}

/* Makes an export and reads it back. */
static struct export *take(const char *format, uint64_t count, const char *trouble)
{
	struct export *export = calloc(1, sizeof(*export));
	struct rh_bytes *bytes = NULL;
	struct rh_reader *reader = NULL;
	struct rh_item item;
	struct rh_err err = {0};
	int more = 0;

	assert_non_null(export);
	rh_buf_init(&export->text, 64U << 20);
	if (make(export, format, count, trouble, &err) != RH_OK) {
		fail_msg("%s: %s", format, err.message);
	}
	assert_int_equal(rh_bytes_memory(&bytes, rh_buf_str(&export->text), &err), RH_OK);
	assert_int_equal(rh_reader_open(&reader, bytes, &err), RH_OK);
	while ((more = rh_reader_next(reader, &item, &err)) > 0) {
		assert_true(export->count < sizeof(export->seen) / sizeof(export->seen[0]));
		look(&export->seen[export->count++], &item);
	}
	if (more != 0) {
		fail_msg("%s: line %llu: %s", format, (unsigned long long)err.line, err.message);
	}
	rh_reader_close(reader);
	return export;
}

static void drop(struct export *export)
{
	rh_buf_done(&export->text);
	free(export);
}

static void files_are_about_the_same_people(void **)
{
	struct export *json = take("json", PEOPLE, NULL);
	struct export *lines = take("ndjson", PEOPLE, NULL);
	struct export *csv = take("csv", PEOPLE, NULL);
	size_t with_password = 0;

	assert_int_equal(json->count, PEOPLE);
	assert_int_equal(lines->count, PEOPLE);
	assert_int_equal(csv->count, PEOPLE);
	for (size_t i = 0; i < PEOPLE; i++) {
		assert_false(json->seen[i].is_bad || csv->seen[i].is_bad);
		assert_string_equal(json->seen[i].id, lines->seen[i].id);
		assert_string_equal(json->seen[i].id, csv->seen[i].id);
		assert_int_equal(strlen(json->seen[i].id), 32);
		assert_string_equal(json->seen[i].email, csv->seen[i].email);
		assert_true(json->seen[i].email[0] != '\0');
		assert_int_equal(json->seen[i].is_verified, csv->seen[i].is_verified);
		/* The API never has a digest, the Dashboard's CSV has every one. */
		assert_int_equal(json->seen[i].state == RH_CREDENTIAL_NOT_EXPORTED,
				 csv->seen[i].state == RH_CREDENTIAL_PRESENT);
		with_password += csv->seen[i].state == RH_CREDENTIAL_PRESENT;
		assert_string_equal(csv->seen[i].codes, "");
	}
	assert_in_range(with_password, PEOPLE * 60 / 100, PEOPLE * 80 / 100);
	drop(json);
	drop(lines);
	drop(csv);
}

static void people_are_all_different(void **)
{
	struct export *json = take("json", PEOPLE, NULL);
	struct rh_map *seen = rh_map_new(1);
	uint64_t value = 0;

	assert_non_null(seen);
	for (size_t i = 0; i < json->count; i++) {
		struct rh_str id = rh_str_from(json->seen[i].id);
		struct rh_str email = rh_str_from(json->seen[i].email);
		assert_false(rh_map_find(seen, id, &value));
		assert_false(rh_map_find(seen, email, &value));
		assert_int_equal(rh_map_put(seen, id, i), RH_OK);
		assert_int_equal(rh_map_put(seen, email, i), RH_OK);
	}
	rh_map_free(seen);
	drop(json);
}

static void first_person_signs_in_and_blocked_ones_are_few(void **)
{
	struct export *csv = take("csv", PEOPLE, NULL);
	struct export *json = take("json", PEOPLE, NULL);

	assert_true(csv->seen[0].is_verified);
	assert_string_equal(csv->seen[0].email, "ada.example1@example.com");
	assert_int_equal(csv->seen[0].state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(csv->seen[0].scheme, RH_SCHEME_BCRYPT);
	for (size_t i = 0; i < PEOPLE; i++) {
		/* People 150, 333 and 350. */
		assert_int_equal(json->seen[i].is_blocked, i == 149 || i == 332 || i == 349);
	}
	drop(csv);
	drop(json);
}

static void same_seed_same_bytes(void **)
{
	struct export *one = take("csv", 50, "all");
	struct export *two = take("csv", 50, "all");

	assert_true(rh_str_eq(rh_buf_str(&one->text), rh_buf_str(&two->text)));
	drop(one);
	drop(two);
}

/* Each kind adds one record just before the last person, and that record has just that fault. */
static void each_trouble_is_one_record(void **)
{
	static const struct {
		const char *name;
		const char *json; /* findings; "bad": no record at all */
		const char *csv;
	} cases[] = {
		{"no-id", "102 305 ", "102 "},        {"no-identifier", "103 305 ", "103 "},
		{"phone-only", "305 ", ""},           {"bad-email", "201 103 305 ", "201 201 103 "},
		{"no-primary", "203 305 ", "203 "},   {"duplicate-id", "305 ", ""},
		{"duplicate-email", "305 ", ""},      {"unknown-hasher", "305 ", "302 "},
		{"mislabelled-hash", "305 ", "302 "}, {"broken-hash", "305 ", "301 "},
		{"bad-totp", "305 502 ", "510 "},     {"long-metadata", "305 ", ""},
		{"bad-utf8", "bad", "bad"},           {"broken-record", "bad", ""},
		{"short-row", "305 ", "bad"},         {"long-row", "305 ", "bad"},
	};
	size_t kinds = 0;

	while (clerk_sample_troubles[kinds] != NULL) {
		kinds++;
	}
	assert_int_equal(kinds, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < kinds; i++) {
		struct export *json = take("json", 5, cases[i].name);
		struct export *lines = take("ndjson", 5, cases[i].name);
		struct export *csv = take("csv", 5, cases[i].name);

		assert_string_equal(clerk_sample_troubles[i], cases[i].name);
		assert_int_equal(json->count, 6);
		assert_int_equal(lines->count, 6);
		assert_int_equal(csv->count, 6);
		for (size_t k = 0; k < 6; k++) {
			assert_int_equal(json->seen[k].is_bad,
					 k == 4 && strcmp(cases[i].json, "bad") == 0);
			assert_int_equal(lines->seen[k].is_bad, json->seen[k].is_bad);
			assert_int_equal(csv->seen[k].is_bad,
					 k == 4 && strcmp(cases[i].csv, "bad") == 0);
		}
		if (!json->seen[4].is_bad) {
			assert_string_equal(json->seen[4].codes, cases[i].json);
		}
		if (!csv->seen[4].is_bad) {
			assert_string_equal(csv->seen[4].codes, cases[i].csv);
		}
		drop(json);
		drop(lines);
		drop(csv);
	}
}

static void duplicates_take_from_the_second_and_third(void **)
{
	struct export *json = take("json", 5, "duplicate-id,duplicate-email");

	assert_int_equal(json->count, 7);
	assert_string_equal(json->seen[4].id, json->seen[1].id);
	assert_string_not_equal(json->seen[4].email, json->seen[1].email);
	assert_string_equal(json->seen[5].email, json->seen[2].email);
	assert_string_not_equal(json->seen[5].id, json->seen[2].id);
	drop(json);
}

static void small_counts_are_whole_files(void **)
{
	static const char *const formats[] = {"json", "ndjson", "csv"};

	for (size_t i = 0; i < 3; i++) {
		for (uint64_t count = 1; count <= 2; count++) {
			struct export *export = take(formats[i], count, "all");
			assert_int_equal(export->count, count + 16);
			assert_false(export->seen[0].is_bad);
			drop(export);
		}
	}
}

static void wrong_words_are_refused(void **)
{
	struct export export = {0};
	struct rh_err err = {0};

	rh_buf_init(&export.text, 1U << 20);
	assert_int_equal(make(&export, "xml", 1, NULL, &err), RH_EUSAGE);
	assert_int_equal(make(&export, "csv", 1, "no-id,no-such", &err), RH_EUSAGE);
	assert_non_null(strstr(err.message, "no-such"));
	assert_int_equal(export.text.len, 0);
	rh_buf_done(&export.text);
}

static int refuse_to_write(void *context, struct rh_str bytes, struct rh_err *err)
{
	(void)context;
	(void)bytes;
	return rh_err_set(err, RH_EIO, "the disk is full");
}

static void failed_write_ends_it(void **)
{
	const struct rh_sample_options options = {
		.count = 100000000,
		.format = "json",
		.password = "correct horse",
	};
	const struct rh_sample_out out = {.write = refuse_to_write, .bcrypt = fake_bcrypt};
	struct rh_err err = {0};

	assert_int_equal(rh_connector_clerk.sample(&options, &out, &err), RH_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_about_the_same_people),
		cmocka_unit_test(people_are_all_different),
		cmocka_unit_test(first_person_signs_in_and_blocked_ones_are_few),
		cmocka_unit_test(same_seed_same_bytes),
		cmocka_unit_test(each_trouble_is_one_record),
		cmocka_unit_test(duplicates_take_from_the_second_and_third),
		cmocka_unit_test(small_counts_are_whole_files),
		cmocka_unit_test(wrong_words_are_refused),
		cmocka_unit_test(failed_write_ends_it),
	};

	return cmocka_run_group_tests_name("clerk sample", tests, NULL, NULL);
}
