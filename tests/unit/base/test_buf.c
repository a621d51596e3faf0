/* SPDX-License-Identifier: Apache-2.0 */
/* Buffer: growth, maximum, the mark of failure, consuming, the NUL behind. */
#include "base/buf.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"

static void appends_come_together(void **)
{
	rh_autobuf buf = {0};

	rh_buf_init(&buf, 1000);
	assert_null(buf.ptr);
	assert_true(rh_str_eq(rh_buf_str(&buf), RH_STR("")));
	rh_buf_add_cstr(&buf, "ab");
	rh_buf_add_char(&buf, '-');
	rh_buf_add_u64(&buf, 0);
	rh_buf_add_u64(&buf, UINT64_MAX);
	rh_buf_add_str(&buf, RH_STR_ABSENT);
	rh_buf_add_str(&buf, RH_STR("/"));
	rh_buf_printf(&buf, "%03d", 7);
	rh_buf_add(&buf, "", 1);
	assert_int_equal(buf.len, 2 + 1 + 1 + 20 + 1 + 3 + 1);
	assert_memory_equal(buf.ptr, "ab-018446744073709551615/007\0", buf.len + 1);
	assert_int_equal(rh_buf_check(&buf, "text", NULL), RH_OK);
}

static void grows_byte_by_byte_to_its_maximum(void **)
{
	struct rh_err err = {0};
	rh_autobuf buf = {0};

	rh_buf_init(&buf, 1000);
	for (size_t i = 0; i < 1000; i++) {
		rh_buf_add_char(&buf, (char)('a' + i % 26));
		assert_int_equal(strlen(buf.ptr), i + 1);
	}
	assert_int_equal(buf.failed, RH_OK);
	rh_buf_add_char(&buf, 'x');
	assert_int_equal(buf.failed, RH_ELIMIT);
	assert_int_equal(buf.len, 1000);
	assert_int_equal(rh_buf_check(&buf, "request body", &err), RH_ELIMIT);
	assert_string_equal(err.message, "request body is larger than the limit of 1000 bytes");
	assert_true(buf.ptr[27] == 'b');
}

static void failure_stays_until_reset(void **)
{
	rh_autobuf buf = {0};

	rh_buf_init(&buf, 4);
	rh_buf_add_cstr(&buf, "12345");
	rh_buf_add_cstr(&buf, "1");
	rh_buf_printf(&buf, "%d", 2);
	assert_null(rh_buf_reserve(&buf, 1));
	assert_int_equal(buf.len, 0);
	rh_buf_reset(&buf);
	rh_buf_printf(&buf, "%d", 1234);
	assert_true(rh_str_is(rh_buf_str(&buf), "1234"));
	rh_buf_printf(&buf, "%d", 5);
	assert_int_equal(buf.failed, RH_ELIMIT);
	assert_true(rh_str_is(rh_buf_str(&buf), "1234"));
}

static void reserve_gives_room_for_a_reader(void **)
{
	rh_autobuf buf = {0};
	char *room;

	rh_buf_init(&buf, SIZE_MAX);
	rh_buf_add_cstr(&buf, "head");
	room = rh_buf_reserve(&buf, 5000);
	assert_ptr_equal(room, buf.ptr + 4);
	memset(room, 'x', 5000);
	buf.len += 5000;
	rh_buf_add_char(&buf, '!');
	assert_int_equal(strlen(buf.ptr), 5005);
	assert_null(rh_buf_reserve(&buf, SIZE_MAX - 2));
	assert_int_equal(buf.failed, RH_ELIMIT);
}

static void consume_drops_the_front(void **)
{
	rh_autobuf buf = {0};

	rh_buf_init_secret(&buf, 100);
	rh_buf_consume(&buf, 3);
	rh_buf_add_cstr(&buf, "abcdef");
	rh_buf_consume(&buf, 2);
	assert_string_equal(buf.ptr, "cdef");
	/* What moved away is cleared where it stood. */
	assert_memory_equal(buf.ptr, "cdef\0\0", 7);
	rh_buf_consume(&buf, 50);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf.ptr, "");
}

static void secret_is_wiped_on_reset(void **)
{
	static const char zeros[6];
	rh_autobuf buf = {0};

	rh_buf_init_secret(&buf, 100000);
	rh_buf_add_cstr(&buf, "secret");
	rh_buf_reset(&buf);
	assert_memory_equal(buf.ptr, zeros, sizeof(zeros));
	for (int i = 0; i < 10000; i++) {
		rh_buf_add_cstr(&buf, "0123456789");
	}
	assert_int_equal(strlen(buf.ptr), 100000);
}

/* Else a huge record has its memory wiped again for each small one that comes after it. */
static void memory_that_a_secret_hardly_used_is_given_back(void **)
{
	rh_autobuf buf = {0};

	rh_buf_init_secret(&buf, 200000);
	for (int i = 0; i < 20000; i++) {
		rh_buf_add_cstr(&buf, "0123456789");
	}
	rh_buf_reset(&buf); /* was full: the next may be as large */
	assert_true(buf.cap > 200000);
	rh_buf_add_cstr(&buf, "small");
	rh_buf_reset(&buf);
	assert_int_equal(buf.cap, 0);
	rh_buf_add_cstr(&buf, "small");
	assert_string_equal(buf.ptr, "small");
	assert_true(buf.wipe);
	assert_true(buf.cap < 1000);
	assert_int_equal(buf.max, 200000);
}

static void memory_running_out_is_marked(void **)
{
	struct rh_err err = {0};
	rh_autobuf buf = {0};

	rh_buf_init(&buf, 100000);
	rh_buf_add_cstr(&buf, "kept");
	rh_alloc_fail_from(1);
	rh_buf_printf(&buf, "%05000d", 1);
	rh_alloc_fail_from(0);
	assert_int_equal(rh_buf_check(&buf, "report", &err), RH_ENOMEM);
	assert_string_equal(err.message, "no memory for report");
	assert_string_equal(buf.ptr, "kept");
	rh_buf_done(&buf);
	rh_buf_done(&(struct rh_buf){0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_come_together),
		cmocka_unit_test(grows_byte_by_byte_to_its_maximum),
		cmocka_unit_test(failure_stays_until_reset),
		cmocka_unit_test(reserve_gives_room_for_a_reader),
		cmocka_unit_test(consume_drops_the_front),
		cmocka_unit_test(secret_is_wiped_on_reset),
		cmocka_unit_test(memory_that_a_secret_hardly_used_is_given_back),
		cmocka_unit_test(memory_running_out_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
