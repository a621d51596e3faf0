/* SPDX-License-Identifier: Apache-2.0 */
/* The route to one target, on a clock that is a number; rules of lane.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "engine/lane.h"

#define READS 1U
#define WRITES 2U
#define START (1000 * RH_SECOND)

static const struct rh_endpoint endpoint = {
	.buckets =
		{
			{.limit = 100, .window_us = 10 * RH_SECOND},
			{.limit = 10, .window_us = 10 * RH_SECOND},
		},
	.bucket_count = 2,
};

static struct rh_lane lane_new(int64_t max_wait_us)
{
	struct rh_lane lane;

	rh_lane_init(&lane, &endpoint, 0, 0, max_wait_us);
	return lane;
}

/* 1: every bucket must be ready, and all are drawn from. */
static void test_all_buckets(void **state)
{
	struct rh_lane lane = lane_new(0);

	(void)state;
	assert_int_equal(rh_lane_ready_at(&lane, READS | WRITES, START), START);
	rh_lane_take(&lane, READS | WRITES, START);
	assert_in_range(rh_lane_ready_at(&lane, READS, START), START + 100 * RH_MILLISECOND,
			START + 102 * RH_MILLISECOND);
	assert_in_range(rh_lane_ready_at(&lane, WRITES, START), START + RH_SECOND,
			START + 1020 * RH_MILLISECOND);
	assert_int_equal(rh_lane_ready_at(&lane, READS | WRITES, START),
			 rh_lane_ready_at(&lane, WRITES, START));
	assert_int_equal(rh_lane_ready_at(&lane, 0, START), START);
	assert_int_equal(rh_lane_ready_at(&lane, 1U << 7, START), START); /* none of ours */
}

static void test_options(void **state)
{
	const struct rh_load writing = {.writes = 99, .write_buckets = WRITES};
	const struct rh_load both = {.writes = 10, .write_buckets = READS | WRITES};
	const struct rh_load mixed = {
		.writes = 10,
		.write_buckets = READS | WRITES,
		.reads = 190,
		.read_buckets = READS,
	};
	const struct rh_load nothing = {.writes = 10};
	struct rh_lane lane;

	(void)state;
	rh_lane_init(&lane, &endpoint, 4, 0, 0);
	/* a rate that the operator names is a limit, too: a little less, so that what is late is made good */
	assert_int_equal(rh_lane_predict_us(&lane, &writing) / RH_SECOND, 25);
	assert_int_equal(lane.concurrency, 32);
	rh_lane_init(&lane, &endpoint, 0, 7, 0);
	assert_int_equal(lane.concurrency, 7);
	rh_lane_init(&lane, &endpoint, 0, 100000, 0);
	assert_int_equal(lane.concurrency, RH_CONCURRENCY_MAX);
	assert_true(rh_lane_predict_us(&lane, &both) > 10 * RH_SECOND);
	/* each bucket counts what draws from it, and the fullest one decides */
	assert_in_range(rh_lane_predict_us(&lane, &mixed), 20 * RH_SECOND, 21 * RH_SECOND);
	assert_int_equal(rh_lane_predict_us(&lane, &nothing), -1);
}

/* 2: a 429 stops its buckets, the rest goes on. */
static void test_throttled(void **state)
{
	struct rh_lane lane = lane_new(0);

	(void)state;
	rh_lane_take(&lane, WRITES, START);
	assert_true(rh_lane_throttled(&lane, WRITES, START, 5 * RH_SECOND, 0));
	assert_int_equal(rh_lane_ready_at(&lane, READS, START), START);
	assert_int_equal(rh_lane_ready_at(&lane, WRITES, START), START + 5 * RH_SECOND);
	assert_string_equal(rh_lane_notice(&lane, START), "the target asks for a pause");
	/* An answer to a reading ends neither the pause nor the word about it. */
	rh_lane_answered(&lane, READS, START + RH_SECOND);
	assert_int_equal(rh_lane_ready_at(&lane, WRITES, START), START + 5 * RH_SECOND);
	assert_non_null(rh_lane_notice(&lane, START + 4 * RH_SECOND));
	assert_null(rh_lane_notice(&lane, START + 5 * RH_SECOND));
}

/* 2: a quota that nobody told us of stops the whole lane, and never for no time at all. */
static void test_throttled_without_bucket(void **state)
{
	struct rh_lane lane = lane_new(0);

	(void)state;
	assert_true(rh_lane_throttled(&lane, 0, START, -1, 0));
	assert_int_equal(rh_lane_ready_at(&lane, READS, START), START + 10 * RH_SECOND);
	lane = lane_new(0);
	assert_true(rh_lane_throttled(&lane, 0, START, 0, 0));
	assert_int_equal(rh_lane_ready_at(&lane, 0, START), START + RH_SECOND);
	lane = lane_new(0);
	assert_true(rh_lane_throttled(&lane, 0, START, 3 * RH_SECOND, 0));
	assert_int_equal(rh_lane_ready_at(&lane, 0, START), START + 3 * RH_SECOND);
}

/* 3: away suspends everything, in pauses that grow and, after an answer, start small again. */
static void test_away(void **state)
{
	struct rh_lane lane = lane_new(0);
	rh_time now = START;
	rh_time longest = 0;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		rh_time until;
		assert_true(rh_lane_away(&lane, now, -1, UINT64_MAX / 2 + 12345));
		until = rh_lane_ready_at(&lane, READS, now);
		assert_int_equal(until, rh_lane_ready_at(&lane, 0, now));
		longest = until - now > longest ? until - now : longest;
		assert_true(until - now <= 60 * RH_SECOND);
		now = until;
	}
	assert_true(longest > 5 * RH_SECOND);
	rh_lane_answered(&lane, READS, now);
	assert_true(rh_lane_away(&lane, now, -1, UINT64_MAX));
	assert_true(rh_lane_ready_at(&lane, 0, now) - now <= 500 * RH_MILLISECOND);
	/* A time that is told counts. */
	assert_true(rh_lane_away(&lane, now, 90 * RH_SECOND, 0));
	assert_int_equal(rh_lane_ready_at(&lane, 0, now), now + 90 * RH_SECOND);
	assert_string_equal(rh_lane_notice(&lane, now), "the target is not reachable");
}

/* 4: pauses in a row, of either kind, longer than max_wait. */
static void test_max_wait(void **state)
{
	struct rh_lane lane = lane_new(60 * RH_SECOND);

	(void)state;
	assert_true(rh_lane_throttled(&lane, WRITES, START, 30 * RH_SECOND, 0));
	assert_true(rh_lane_away(&lane, START + 30 * RH_SECOND, 20 * RH_SECOND, 0));
	assert_false(rh_lane_throttled(&lane, WRITES, START + 50 * RH_SECOND, 20 * RH_SECOND, 0));
	/* An answer between them begins the count anew. */
	lane = lane_new(60 * RH_SECOND);
	assert_true(rh_lane_throttled(&lane, WRITES, START, 40 * RH_SECOND, 0));
	rh_lane_answered(&lane, WRITES, START + 40 * RH_SECOND);
	assert_true(rh_lane_throttled(&lane, WRITES, START + 41 * RH_SECOND, 40 * RH_SECOND, 0));
	/* One pause that alone is too long ends it at once. */
	lane = lane_new(60 * RH_SECOND);
	assert_false(rh_lane_throttled(&lane, WRITES, START, 3600 * RH_SECOND, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_buckets), cmocka_unit_test(test_options),
		cmocka_unit_test(test_throttled),   cmocka_unit_test(test_throttled_without_bucket),
		cmocka_unit_test(test_away),        cmocka_unit_test(test_max_wait),
	};

	return cmocka_run_group_tests_name("engine/lane", tests, NULL, NULL);
}
