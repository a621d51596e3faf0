/* SPDX-License-Identifier: Apache-2.0 */
/* Parcels: what goes in comes out, and a full one takes no more. */
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "plan/parcel.h"
#include "plan/plan_internal.h"

#define ROOM ((size_t)64 << 10)

struct parcel_test {
	uint8_t *bytes;
	struct rh_parcel parcel;
	struct rh_collector collector;
	struct rh_judged judged;
};

static int set_up(void **state)
{
	struct parcel_test *test = calloc(1, sizeof(*test));

	assert_non_null(test);
	test->bytes = calloc(1, ROOM);
	assert_non_null(test->bytes);
	rh_parcel_init(&test->parcel, test->bytes, ROOM);
	rh_collector_start(&test->collector);
	test->judged = (struct rh_judged){
		.source_id = RH_STR("user_1"),
		.candidate = {.by[RH_LOOKUP_EXTERNAL_ID] = RH_STR("user_1")},
		.at = 7,
		.flags = 1,
		.extras = 3,
	};
	*state = test;
	return 0;
}

static int tear_down(void **state)
{
	struct parcel_test *test = *state;

	free(test->bytes);
	free(test);
	return 0;
}

static void a_record_comes_out_as_it_went_in(void **state)
{
	struct parcel_test *test = *state;
	const uint8_t marks[1][RH_MARK_LEN] = {{1}};
	struct rh_parcel_streak streak;
	struct rh_judged out = {0};
	struct rh_arena arena;

	rh_arena_init(&arena, 1 << 16, 0);
	rh_parcel_begin_streak(&test->parcel, 10);
	assert_true(rh_parcel_add(&test->parcel, &test->judged, &test->collector));
	rh_parcel_keep(&test->parcel, &(struct rh_parcel_end){.offset = 20, .lines = 1});
	assert_int_equal(rh_parcel_end_streak(&test->parcel), 20);
	rh_parcel_finish(&test->parcel, 0, marks, 1);
	assert_true(rh_parcel_streak_at(test->bytes, 0, &streak));
	assert_int_equal(streak.start, 10);
	assert_int_equal(streak.records, 1);
	assert_non_null(rh_parcel_read(streak.records_at, &out, &test->collector, &arena));
	assert_true(rh_str_eq(out.source_id, RH_STR("user_1")));
	assert_null(out.candidate.by[RH_LOOKUP_EMAIL].ptr);
	assert_int_equal(out.at, 7);
	assert_int_equal(out.extras, 3);
	assert_false(rh_parcel_streak_at(test->bytes, 1, &streak));
	rh_arena_done(&arena);
}

/* Else a worker would try each of the records that do not fit any more, and read a chunk for it. */
static void a_full_parcel_has_no_room_for_another_streak(void **state)
{
	struct parcel_test *test = *state;
	size_t count = 0;

	rh_parcel_begin_streak(&test->parcel, 0);
	assert_true(rh_parcel_has_room(&test->parcel));
	while (rh_parcel_add(&test->parcel, &test->judged, &test->collector)) {
		count++;
		rh_parcel_keep(&test->parcel, &(struct rh_parcel_end){.offset = count * 10});
		assert_in_range(count, 1, ROOM);
	}
	assert_in_range(count, 100, ROOM);
	assert_int_equal(rh_parcel_end_streak(&test->parcel), count * 10);
	assert_false(rh_parcel_has_room(&test->parcel));
}

static void streaks_are_limited(void **state)
{
	struct parcel_test *test = *state;
	size_t count = 0;

	while (rh_parcel_has_room(&test->parcel)) {
		rh_parcel_begin_streak(&test->parcel, count * 10);
		assert_true(rh_parcel_add(&test->parcel, &test->judged, &test->collector));
		rh_parcel_keep(&test->parcel, &(struct rh_parcel_end){.offset = count * 10 + 9});
		assert_int_equal(rh_parcel_end_streak(&test->parcel), count * 10 + 9);
		assert_in_range(++count, 1, 1000);
	}
	/* One without a record does not count. */
	rh_parcel_init(&test->parcel, test->bytes, ROOM);
	for (size_t i = 0; i <= count; i++) {
		assert_true(rh_parcel_has_room(&test->parcel));
		rh_parcel_begin_streak(&test->parcel, i);
		assert_int_equal(rh_parcel_end_streak(&test->parcel), i);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_record_comes_out_as_it_went_in),
		TEST(a_full_parcel_has_no_room_for_another_streak),
		TEST(streaks_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
