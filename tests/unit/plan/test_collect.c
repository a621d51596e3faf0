/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of one account, bounded, and of all, grouped by cause; and the table that they come from. */
#include "plan/collect.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"

static void add(struct rh_collector *collector, enum rh_finding_code code, const char *note)
{
	collector->sink.add(&collector->sink, &(struct rh_finding){.code = code,
								   .path = RH_STR("a.path"),
								   .note = rh_str_from(note)});
}

static void a_refusal_survives_any_number_of_losses(void **)
{
	static struct rh_collector collector;

	rh_collector_start(&collector);
	for (int i = 0; i < 2 * RH_COLLECT_ACCOUNT_MAX; i++) {
		add(&collector, RH_FINDING_EMAIL_INVALID, "");
	}
	assert_int_equal(collector.count, RH_COLLECT_ACCOUNT_MAX);
	assert_null(rh_collector_refusal(&collector));
	add(&collector, RH_FINDING_EMAIL_REQUIRED, "");
	add(&collector, RH_FINDING_PHONE_INVALID, "");
	assert_int_equal(collector.count, RH_COLLECT_ACCOUNT_MAX);
	assert_non_null(rh_collector_refusal(&collector));
	assert_int_equal(rh_collector_refusal(&collector)->code, RH_FINDING_EMAIL_REQUIRED);
	rh_collector_start(&collector);
	assert_int_equal(collector.count, 0);
	assert_null(rh_collector_refusal(&collector));
}

static void the_first_refusal_is_the_reason(void **)
{
	static struct rh_collector collector;

	rh_collector_start(&collector);
	add(&collector, RH_FINDING_PHONES_DROPPED, "");
	add(&collector, RH_FINDING_BLOCKED_SKIPPED, "");
	add(&collector, RH_FINDING_EMAIL_REQUIRED, "");
	assert_int_equal(rh_collector_refusal(&collector)->code, RH_FINDING_BLOCKED_SKIPPED);
	rh_collector_drop(&collector, RH_FINDING_BLOCKED_SKIPPED);
	assert_int_equal(collector.count, 2);
	assert_false(rh_collector_has(&collector, RH_FINDING_BLOCKED_SKIPPED));
	assert_true(rh_collector_has(&collector, RH_FINDING_PHONES_DROPPED));
	assert_int_equal(rh_collector_refusal(&collector)->code, RH_FINDING_EMAIL_REQUIRED);
}

static void of_two_records_one_is_heard(void **)
{
	static struct rh_collector collector;

	rh_collector_start(&collector);
	add(&collector, RH_FINDING_HASH_NOT_EXPORTED, "");
	add(&collector, RH_FINDING_PHONES_DROPPED, "");
	add(&collector, RH_FINDING_HASH_NOT_EXPORTED, "bcrypt");
	add(&collector, RH_FINDING_HASH_NOT_EXPORTED, "");
	add(&collector, RH_FINDING_EMAIL_INVALID, "");
	rh_collector_keep_one(&collector, RH_FINDING_HASH_NOT_EXPORTED);
	assert_int_equal(collector.count, 3);
	assert_int_equal(collector.items[0].code, RH_FINDING_HASH_NOT_EXPORTED);
	assert_string_equal(collector.items[0].note, "bcrypt");
	assert_int_equal(collector.items[1].code, RH_FINDING_PHONES_DROPPED);
	assert_int_equal(collector.items[2].code, RH_FINDING_EMAIL_INVALID);
	rh_collector_keep_one(&collector, RH_FINDING_DUPLICATE);
	assert_int_equal(collector.count, 3);
}

static void why_there_is_no_identifier_is_said(void **)
{
	static struct rh_collector collector;

	rh_collector_start(&collector);
	add(&collector, RH_FINDING_ONLY_IN_PARTIAL, "");
	add(&collector, RH_FINDING_IDENTIFIER_MISSING, "");
	assert_string_equal(collector.items[1].note,
			    "it stands only in the file that is joined: RH0107");
	rh_collector_start(&collector);
	add(&collector, RH_FINDING_EMAIL_INVALID, "");
	add(&collector, RH_FINDING_IDENTIFIER_MISSING, "");
	assert_string_equal(collector.items[1].note,
			    "an e-mail address is there, and is not valid: RH0201");
	rh_collector_start(&collector);
	add(&collector, RH_FINDING_IDENTIFIER_MISSING, "of its own");
	assert_string_equal(collector.items[0].note, "of its own");
}

static void texts_are_cut_between_letters(void **)
{
	static struct rh_collector collector;
	char note[200];

	memset(note, 'x', sizeof(note));
	note[RH_COLLECT_NOTE_MAX - 2] = '\xc3'; /* the letter would not fit whole */
	note[RH_COLLECT_NOTE_MAX - 1] = '\xa4';
	note[sizeof(note) - 1] = '\0';
	rh_collector_start(&collector);
	add(&collector, RH_FINDING_HASH_UNSUPPORTED, note);
	assert_int_equal(strlen(collector.items[0].note), RH_COLLECT_NOTE_MAX - 2);
	assert_string_equal(collector.items[0].path, "a.path");
}

static void an_account_counts_once_a_cause(void **)
{
	static struct rh_collector collector;
	struct rh_groups *groups = rh_groups_new();
	struct rh_finding_group group;

	assert_non_null(groups);
	for (int account = 0; account < 5; account++) {
		char id[24];
		(void)snprintf(id, sizeof(id), "user_%d", account);
		rh_collector_start(&collector);
		add(&collector, RH_FINDING_PHONES_DROPPED, "");
		add(&collector, RH_FINDING_PHONES_DROPPED, "");
		add(&collector, RH_FINDING_HASH_UNSUPPORTED, account < 2 ? "md5" : "phpass");
		add(&collector, RH_FINDING_PRIMARY_CHOSEN, "");
		if (account == 4) {
			add(&collector, RH_FINDING_EMAIL_REQUIRED, "");
		}
		assert_int_equal(rh_groups_add(groups, &collector, rh_str_from(id), 1, NULL, NULL),
				 RH_OK);
	}
	assert_int_equal(rh_groups_add_one(groups, RH_FINDING_DUPLICATE, "", RH_STR_ABSENT), RH_OK);
	rh_groups_sort(groups);
	assert_int_equal(rh_groups_count(groups), 6);
	/* Refusals, then losses, then what is only worth knowing; the most frequent first. */
	rh_groups_get(groups, 0, &group);
	assert_int_equal(group.info->code, RH_FINDING_EMAIL_REQUIRED);
	assert_int_equal(group.count, 1);
	assert_string_equal(group.examples[0], "user_4");
	assert_null(group.examples[1]);
	rh_groups_get(groups, 1, &group);
	assert_int_equal(group.info->code, RH_FINDING_DUPLICATE);
	assert_int_equal(group.count, 1);
	assert_null(group.examples[0]);
	rh_groups_get(groups, 2, &group);
	assert_int_equal(group.info->code, RH_FINDING_PHONES_DROPPED);
	assert_int_equal(group.count, 4); /* who does not move loses nothing */
	assert_string_equal(group.examples[2], "user_2");
	rh_groups_get(groups, 3, &group);
	assert_int_equal(group.count, 2);
	rh_groups_get(groups, 4, &group);
	assert_int_equal(group.count, 2);
	rh_groups_get(groups, 5, &group);
	assert_int_equal(group.info->code, RH_FINDING_PRIMARY_CHOSEN);
	rh_groups_free(groups);
}

/* Whom a later look refuses loses nothing: not counted, and no example of anything. */
static void who_does_not_move_after_all_is_taken_back(void **)
{
	static struct rh_collector collector;
	uint16_t numbers[6][RH_COLLECT_ACCOUNT_MAX];
	size_t counts[6];
	struct rh_groups *groups = rh_groups_new();
	struct rh_finding_group group;
	char ids[6][24];

	assert_non_null(groups);
	for (int account = 0; account < 6; account++) {
		(void)snprintf(ids[account], sizeof(ids[account]), "user_%d", account);
		rh_collector_start(&collector);
		add(&collector, RH_FINDING_PHONES_DROPPED, "");
		if (account == 1) {
			add(&collector, RH_FINDING_HASH_UNSUPPORTED, "md5");
		}
		assert_int_equal(rh_groups_add(groups, &collector, rh_str_from(ids[account]), 1,
					       numbers[account], &counts[account]),
				 RH_OK);
		assert_int_equal(counts[account], account == 1 ? 2 : 1);
	}
	rh_groups_take_back(groups, numbers[1], counts[1], rh_str_from(ids[1]));
	rh_groups_take_back(groups, numbers[5], counts[5], rh_str_from(ids[5]));
	rh_groups_sort(groups);
	assert_int_equal(rh_groups_count(groups), 1); /* nobody else had that hash */
	rh_groups_get(groups, 0, &group);
	assert_int_equal(group.info->code, RH_FINDING_PHONES_DROPPED);
	assert_int_equal(group.count, 4);
	assert_string_equal(group.examples[0], "user_0");
	assert_string_equal(group.examples[1], "user_2");
	assert_string_equal(group.examples[2], "user_3");
	rh_groups_free(groups);
}

static void too_many_notes_end_no_plan(void **)
{
	struct rh_groups *groups = rh_groups_new();
	uint64_t counted = 0;

	for (int i = 0; i < 5000; i++) {
		char note[16];
		(void)snprintf(note, sizeof(note), "n%d", i);
		assert_int_equal(rh_groups_add_one(groups, RH_FINDING_HASH_UNSUPPORTED, note,
						   RH_STR("user_1")),
				 RH_OK);
	}
	assert_in_range(rh_groups_count(groups), 1000, 4500);
	for (size_t i = 0; i < rh_groups_count(groups); i++) {
		struct rh_finding_group group;
		rh_groups_get(groups, i, &group);
		counted += group.count;
	}
	assert_int_equal(counted, 5000);
	rh_groups_free(groups);
}

/* What was found last is found without the index: it is forgotten when groups change places. */
static void groups_are_found_again_behind_a_sort(void **)
{
	static const char *const notes[] = {"", "one", "other", "once more"};
	struct rh_groups *groups = rh_groups_new();
	struct rh_finding_group group;

	assert_non_null(groups);
	for (size_t round = 1; round <= 3; round++) {
		for (size_t i = 0; i < 4; i++) {
			for (size_t times = 0; times <= i; times++) {
				assert_int_equal(rh_groups_add_one(groups, RH_FINDING_FIELD_DROPPED,
								   notes[i], RH_STR_ABSENT),
						 RH_OK);
			}
		}
		rh_groups_sort(groups); /* the most frequent first: the other way about */
		assert_int_equal(rh_groups_count(groups), 4);
		for (size_t i = 0; i < 4; i++) {
			rh_groups_get(groups, i, &group);
			assert_string_equal(group.note, notes[3 - i]);
			assert_int_equal(group.count, (4 - i) * round);
		}
	}
	rh_groups_free(groups);
}

static void memory_that_runs_out_is_said(void **)
{
	for (uint64_t n = 1; n <= 3; n++) {
		struct rh_groups *groups;
		int code = RH_OK;
		rh_alloc_fail_from(n);
		groups = rh_groups_new();
		if (groups != NULL) {
			code = rh_groups_add_one(groups, RH_FINDING_DUPLICATE, "", RH_STR("a"));
		}
		rh_alloc_fail_from(0);
		assert_true(groups == NULL || n == 3 ? code == RH_OK : code == RH_ENOMEM);
		rh_groups_free(groups);
	}
}

static void the_table_is_whole(void **)
{
	const struct rh_finding_info *info;
	size_t count = 0;

	while ((info = rh_finding_at(count)) != NULL) {
		char id[8];
		(void)snprintf(id, sizeof(id), "RH%04d", (int)info->code);
		assert_string_equal(info->id, id);
		assert_ptr_equal(rh_finding_info(info->code), info); /* no number twice */
		assert_true(strlen(info->what) > 10 && strlen(info->then) > 10);
		assert_int_equal(info->todo[strlen(info->todo) - 1], '.');
		count++;
	}
	assert_true(count > 50);
	assert_null(rh_finding_info((enum rh_finding_code)9999));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_survives_any_number_of_losses),
		cmocka_unit_test(the_first_refusal_is_the_reason),
		cmocka_unit_test(of_two_records_one_is_heard),
		cmocka_unit_test(why_there_is_no_identifier_is_said),
		cmocka_unit_test(texts_are_cut_between_letters),
		cmocka_unit_test(an_account_counts_once_a_cause),
		cmocka_unit_test(who_does_not_move_after_all_is_taken_back),
		cmocka_unit_test(too_many_notes_end_no_plan),
		cmocka_unit_test(groups_are_found_again_behind_a_sort),
		cmocka_unit_test(memory_that_runs_out_is_said),
		cmocka_unit_test(the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
