/* SPDX-License-Identifier: Apache-2.0 */
/* The known names: each is read, and becomes what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "connectors/csv/csv.h"
#include "config/options.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define BCRYPT "$2a$04$r5S7YFqh5ZFvUvuMAlDbDOzyLkyxfzBPYE8UjBLo4MWB2o9wgbMBG"

struct opened {
	struct rh_arena arena;
	void *instance;
};

static void open_csv(struct opened *opened, const char *mapping)
{
	const struct rh_connector *csv = &rh_connector_csv;
	struct rh_err err = {0};

	rh_arena_init(&opened->arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	opened->instance = rh_arena_calloc(&opened->arena, 1, csv->instance_size);
	assert_int_equal(rh_option_defaults(csv->options, opened->instance, &opened->arena, &err),
			 RH_OK);
	if (mapping != NULL) {
		assert_int_equal(rh_option_set(rh_option_find(csv->options, "mapping"),
					       opened->instance, "csv", mapping, &opened->arena,
					       &err),
				 RH_OK);
	}
	if (csv->open(opened->instance, false, &err) != RH_OK) {
		fail_msg("%s", err.message);
	}
}

static void close_csv(struct opened *opened)
{
	rh_connector_csv.close(opened->instance);
	rh_arena_done(&opened->arena);
}

/* An account of two columns: the id, and one more. */
static struct rh_account map_column(struct opened *opened, const char *name, const char *cell)
{
	const struct rh_str names[] = {RH_STR("id"), rh_str_from(name)};
	const struct rh_str cells[] = {RH_STR("1"), rh_str_from(cell)};
	const struct rh_columns columns = {.names = names, .count = 2};
	const struct rh_record record = {.columns = &columns, .cells = cells, .number = 1};
	const struct rh_mapping_policy policy = {0};
	struct rh_account account;

	assert_int_equal(rh_connector_csv.from_record(opened->instance, &record, &policy,
						      &opened->arena, NULL, &account, NULL),
			 RH_OK);
	return account;
}

static void every_known_name_becomes_what_it_says(void **)
{
	static const char *const emails[] = {"email", "E-Mail", "Email Address", "mail",
					     "primary_email_address"};
	static const char *const hashes[] = {
		"password_hash",   "passwordDigest", "encrypted_password",
		"hashed_password", "passwd",         "pwd-hash",
		"password"};
	static const char *const blocked[] = {"disabled", "banned", "Blocked", "suspended"};
	static const char *const open[] = {"is_active", "active", "ENABLED"};
	struct opened opened;

	open_csv(&opened, NULL);
	for (size_t i = 0; i < ARRAY_LEN(emails); i++) {
		struct rh_account account = map_column(&opened, emails[i], "a@b.example");
		assert_int_equal(account.identifier_count, 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
		struct rh_account account = map_column(&opened, hashes[i], BCRYPT);
		assert_int_equal(account.credential.scheme, RH_SCHEME_BCRYPT);
	}
	for (size_t i = 0; i < ARRAY_LEN(blocked); i++) {
		assert_int_equal(map_column(&opened, blocked[i], "t").flags, RH_ACCOUNT_BANNED);
	}
	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		assert_int_equal(map_column(&opened, open[i], "0").flags, RH_ACCOUNT_BANNED);
		assert_int_equal(map_column(&opened, open[i], "1").flags, 0);
	}
	assert_int_equal(map_column(&opened, "github_id", "7").identity_count, 1);
	assert_int_equal(map_column(&opened, "lastLoginAt", "1714557600").last_sign_in_at,
			 INT64_C(1714557600000000));
	/* What nobody vouches for is not put where a server trusts it. */
	assert_non_null(
		map_column(&opened, "metadata", "{\"a\":1}").metadata[RH_METADATA_UNSAFE].ptr);
	close_csv(&opened);
}

static void a_document_of_the_user_decides_which_files_are_its(void **)
{
	const struct rh_str names[] = {RH_STR("who"), RH_STR("mail")};
	const struct rh_columns columns = {.names = names, .count = 2};
	const struct rh_sniff sniff = {.columns = &columns};
	struct opened opened;

	assert_int_equal(rh_connector_csv.recognise(&sniff), 0);
	open_csv(&opened, NULL);
	assert_int_equal(rh_connector_csv.recognise_as(opened.instance, &sniff), 0);
	close_csv(&opened);
	open_csv(&opened, "{\"mapping\":1,\"name\":\"a\",\"fields\":{\"source_id\":\"who\"}}");
	assert_int_equal(rh_connector_csv.recognise_as(opened.instance, &sniff), CSV_SHAPE_MAPPED);
	close_csv(&opened);
}

static void a_wrong_document_is_a_fault_of_usage(void **)
{
	struct rh_err err = {0};
	struct rh_arena arena;

	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	void *instance = rh_arena_calloc(&arena, 1, rh_connector_csv.instance_size);
	assert_int_equal(rh_option_set(rh_option_find(rh_connector_csv.options, "mapping"),
				       instance, "csv", "{\"mapping\":1,\n\"nom\":1}", &arena,
				       &err),
			 RH_OK);
	assert_int_equal(rh_connector_csv.open(instance, false, &err), RH_EUSAGE);
	assert_non_null(strstr(err.message, "line 2, column 1"));
	assert_int_equal(rh_connector_csv.open(instance, true, &err), RH_EUSAGE);
	rh_connector_csv.close(instance);
	rh_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_known_name_becomes_what_it_says),
		cmocka_unit_test(a_document_of_the_user_decides_which_files_are_its),
		cmocka_unit_test(a_wrong_document_is_a_fault_of_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
