/* SPDX-License-Identifier: Apache-2.0 */
/* Hash map: against a plain table over many random steps; keys of every length; memory running out. */
#include "base/map.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"

enum { KEYS = 700 };

static struct rh_str key_of(unsigned number, char room[32])
{
	/* Lengths from 1 to 20: whole and broken words of the hash. */
	int len = snprintf(room, 32, "%0*u", (int)(number % 18) + 3, number);

	return (struct rh_str){room, (size_t)len};
}

static void behaves_as_a_table(void **)
{
	struct rh_clock_manual clock;
	struct rh_map *map = rh_map_new(42);
	uint64_t values[KEYS] = {0}; /* 0: not in the map */
	size_t count = 0;
	char room[32];

	assert_non_null(map);
	rh_clock_manual_init(&clock, 0, 1);
	for (uint64_t step = 1; step <= 60000; step++) {
		uint64_t random = clock.clock.random(&clock.clock);
		unsigned number = (unsigned)(random >> 8) % KEYS;
		struct rh_str key = key_of(number, room);
		uint64_t found = 0;

		/* Waves: mostly filling, then mostly emptying. */
		if ((random & 7) < (step / 5000 % 2 == 0 ? 6 : 2)) {
			assert_int_equal(rh_map_put(map, key, step), RH_OK);
			count += values[number] == 0;
			values[number] = step;
		} else {
			assert_int_equal(rh_map_remove(map, key), values[number] != 0);
			count -= values[number] != 0;
			values[number] = 0;
		}
		assert_int_equal(rh_map_count(map), count);
		number = (unsigned)(random >> 32) % KEYS;
		assert_int_equal(rh_map_find(map, key_of(number, room), &found),
				 values[number] != 0);
		assert_int_equal(found, values[number]);
	}
	rh_map_free(map);
}

static void iteration_meets_every_key_once(void **)
{
	struct rh_map *map = rh_map_new(7);
	bool is_seen[100] = {0};
	size_t position = 0;
	struct rh_str key;
	uint64_t value;
	char room[32];

	assert_false(rh_map_next(map, &position, &key, &value));
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(rh_map_put(map, key_of(i, room), i), RH_OK);
	}
	position = 0;
	while (rh_map_next(map, &position, &key, &value)) {
		assert_true(rh_str_eq(key, key_of((unsigned)value, room)));
		assert_false(is_seen[value]);
		is_seen[value] = true;
	}
	for (size_t i = 0; i < 100; i++) {
		assert_true(is_seen[i]);
	}
	rh_map_free(map);
}

static void order_depends_on_the_seed(void **)
{
	uint64_t first[2] = {0};
	char room[32];

	for (size_t seed = 0; seed < 2; seed++) {
		struct rh_map *map = rh_map_new(seed);
		size_t position = 0;
		struct rh_str key;
		uint64_t value;

		for (unsigned i = 0; i < 1000; i++) {
			assert_int_equal(rh_map_put(map, key_of(i, room), i), RH_OK);
		}
		/* The first six keys met, in one number. */
		for (int i = 0; i < 6; i++) {
			assert_true(rh_map_next(map, &position, &key, &value));
			first[seed] = first[seed] * 1000 + value;
		}
		rh_map_free(map);
	}
	assert_true(first[0] != first[1]);
}

static void keys_are_bytes(void **)
{
	struct rh_map *map = rh_map_new(1);
	uint64_t value = 0;

	assert_false(rh_map_find(map, RH_STR("a"), &value));
	assert_false(rh_map_remove(map, RH_STR("a")));
	assert_int_equal(rh_map_put(map, RH_STR(""), 1), RH_OK);
	assert_int_equal(rh_map_put(map, RH_STR("\0"), 2), RH_OK);
	assert_int_equal(rh_map_put(map, RH_STR("\0\0"), 3), RH_OK);
	assert_int_equal(rh_map_put(map, RH_STR("12345678"), 4), RH_OK);
	assert_int_equal(rh_map_put(map, RH_STR("12345678\0"), 5), RH_OK);
	assert_int_equal(rh_map_count(map), 5);
	assert_true(rh_map_find(map, RH_STR(""), &value));
	assert_int_equal(value, 1);
	assert_true(rh_map_find(map, RH_STR("\0"), &value));
	assert_int_equal(value, 2);
	assert_true(rh_map_find(map, RH_STR("12345678"), &value));
	assert_int_equal(value, 4);
	assert_true(rh_map_remove(map, RH_STR("\0")));
	assert_false(rh_map_find(map, RH_STR("\0"), &value));
	assert_int_equal(value, 4);
	rh_map_free(map);
	rh_map_free(NULL);
}

static void memory_running_out_loses_nothing(void **)
{
	struct rh_map *map = rh_map_new(3);
	uint64_t value = 0;
	size_t failures = 0;
	char room[32];

	for (unsigned i = 0; i < 200; i++) {
		for (uint64_t n = 1;; n++) {
			int status;

			rh_alloc_fail_from(n);
			status = rh_map_put(map, key_of(i, room), i);
			rh_alloc_fail_from(0);
			if (status == RH_OK) {
				break;
			}
			assert_int_equal(status, RH_ENOMEM);
			assert_int_equal(rh_map_count(map), i);
			failures++;
		}
	}
	assert_true(failures >= 200);
	for (unsigned i = 0; i < 200; i++) {
		assert_true(rh_map_find(map, key_of(i, room), &value));
		assert_int_equal(value, i);
	}
	rh_map_free(map);
	rh_alloc_fail_from(1);
	assert_null(rh_map_new(1));
	rh_alloc_fail_from(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behaves_as_a_table),
		cmocka_unit_test(iteration_meets_every_key_once),
		cmocka_unit_test(order_depends_on_the_seed),
		cmocka_unit_test(keys_are_bytes),
		cmocka_unit_test(memory_running_out_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
