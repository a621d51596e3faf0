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
	struct seen seen[PEOPLE + 100];
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

/* Makes an export and reads it back; `end`: how that ends. */
static struct export *take(const char *format, uint64_t count, const char *trouble, int end)
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
	more = rh_reader_open(&reader, bytes, &err);
	while (more >= 0 && (more = rh_reader_next(reader, &item, &err)) > 0) {
		assert_true(export->count < sizeof(export->seen) / sizeof(export->seen[0]));
		look(&export->seen[export->count++], &item);
	}
	if (more != end) {
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
	struct export *json = take("json", PEOPLE, NULL, RH_OK);
	struct export *lines = take("ndjson", PEOPLE, NULL, RH_OK);
	struct export *csv = take("csv", PEOPLE, NULL, RH_OK);
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
	struct export *json = take("json", PEOPLE, NULL, RH_OK);
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
	struct export *csv = take("csv", PEOPLE, NULL, RH_OK);
	struct export *json = take("json", PEOPLE, NULL, RH_OK);

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
	struct export *one = take("csv", 50, "all", RH_OK);
	struct export *two = take("csv", 50, "all", RH_OK);

	assert_true(rh_str_eq(rh_buf_str(&one->text), rh_buf_str(&two->text)));
	drop(one);
	drop(two);
}

/* How often `piece` stands in the text. */
static size_t occurrences(const struct export *export, const char *piece)
{
	struct rh_str rest = rh_buf_str(&export->text);
	const char *at = NULL;
	size_t count = 0;

	while ((at = memmem(rest.ptr, rest.len, piece, strlen(piece))) != NULL) {
		size_t skip = (size_t)(at - rest.ptr) + 1;
		rest = rh_str_sub(rest, skip, rest.len);
		count++;
	}
	return count;
}

static bool stops_plan(const struct rh_sample_trouble *trouble, unsigned form)
{
	for (const struct rh_sample_effect *effect = trouble->effects; effect->forms != 0;
	     effect++) {
		if ((effect->forms & form) != 0 && effect->stops_plan) {
			return true;
		}
	}
	return false;
}

static bool says(const struct rh_sample_trouble *trouble, unsigned form, enum rh_finding_code code)
{
	for (const struct rh_sample_effect *effect = trouble->effects; effect->forms != 0;
	     effect++) {
		if ((effect->forms & form) != 0 && effect->findings[0] == code) {
			return true;
		}
	}
	return false;
}

/* Each kind adds one record (or two) just before the last person, or behind, and the rest stays as it was. */
static void check_trouble(const struct rh_sample_trouble *trouble, const char *format,
			  unsigned form)
{
	struct export *plain = take(format, 5, NULL, RH_OK);
	bool is_something_else = strcmp(trouble->name, "wrong-kind") == 0;
	bool is_cut = stops_plan(trouble, form) && !is_something_else;
	struct export *with = take(format, 5, trouble->name, is_cut ? RH_EINPUT : RH_OK);
	bool is_bad = says(trouble, form, RH_FINDING_RECORD_BROKEN) ||
		      says(trouble, form, RH_FINDING_CELL_COUNT);

	assert_non_null(trouble->help);
	assert_int_not_equal(trouble->effects[0].forms, 0);
	if (!stops_plan(trouble, form)) {
		size_t more = with->count - 5;
		size_t bad = 0;
		assert_in_range(more, 1, 2);
		for (size_t i = 0; i < 5; i++) {
			assert_int_equal(occurrences(with, plain->seen[i].id), 1);
		}
		for (size_t i = 0; i < with->count; i++) {
			bad += with->seen[i].is_bad;
		}
		assert_int_equal(bad, is_bad ? 1 : 0);
		assert_false(with->seen[0].is_bad);
	}
	drop(plain);
	drop(with);
}

static void each_trouble_is_a_record_of_its_own(void **)
{
	for (size_t i = 0; clerk_sample_troubles[i].name != NULL; i++) {
		check_trouble(&clerk_sample_troubles[i], "json", RH_SAMPLE_JSON);
		check_trouble(&clerk_sample_troubles[i], "ndjson", RH_SAMPLE_NDJSON);
		check_trouble(&clerk_sample_troubles[i], "csv", RH_SAMPLE_CSV);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(clerk_sample_troubles[i].name,
						clerk_sample_troubles[k].name);
		}
	}
}

static void duplicates_come_in_pairs(void **)
{
	struct export *json = take("json", 5, "duplicate-id,duplicate-email,duplicate-case", RH_OK);

	assert_int_equal(json->count, 11);
	assert_string_equal(json->seen[4].id, json->seen[5].id);
	assert_string_not_equal(json->seen[4].email, json->seen[5].email);
	assert_string_equal(json->seen[6].email, json->seen[7].email);
	assert_string_not_equal(json->seen[6].id, json->seen[7].id);
	assert_string_equal(json->seen[8].email, json->seen[9].email);
	assert_int_equal(occurrences(json, "TRUDY.CASE"), 1);
	drop(json);
}

/* Rule 1: a shorter file is the beginning of a longer one. */
static void people_do_not_depend_on_the_count(void **)
{
	struct export *few = take("ndjson", 20, NULL, RH_OK);
	struct export *many = take("ndjson", 60, NULL, RH_OK);

	assert_true(few->text.len > 0 && few->text.len < many->text.len);
	assert_memory_equal(few->text.ptr, many->text.ptr, few->text.len);
	drop(few);
	drop(many);
}

static void small_counts_are_whole_files(void **)
{
	static const char *const formats[] = {"json", "ndjson", "csv"};

	for (size_t i = 0; i < 3; i++) {
		for (uint64_t count = 1; count <= 2; count++) {
			struct export *export = take(formats[i], count, "all", RH_OK);
			assert_true(export->count > count + 50);
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
		cmocka_unit_test(each_trouble_is_a_record_of_its_own),
		cmocka_unit_test(duplicates_come_in_pairs),
		cmocka_unit_test(people_do_not_depend_on_the_count),
		cmocka_unit_test(small_counts_are_whole_files),
		cmocka_unit_test(wrong_words_are_refused),
		cmocka_unit_test(failed_write_ends_it),
	};

	return cmocka_run_group_tests_name("clerk sample", tests, NULL, NULL);
}
