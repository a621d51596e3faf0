/* SPDX-License-Identifier: Apache-2.0 */
/* The fuse: when too many have failed, and of what. */
#include "engine/fuse.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"

static void fail_times(struct rh_fuse *fuse, const char *code, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		rh_fuse_fail(fuse, code != NULL ? rh_str_from(code) : RH_STR_ABSENT, "rejected");
	}
}

static void pass_times(struct rh_fuse *fuse, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		rh_fuse_pass(fuse);
	}
}

static void check_causes(const struct rh_fuse *fuse, const char *expected)
{
	rh_autobuf text = {0};

	rh_buf_init(&text, 4096);
	rh_fuse_add_causes(fuse, &text);
	assert_string_equal(text.ptr != NULL ? text.ptr : "", expected);
}

static void a_number_is_what_may_fail(void **)
{
	struct rh_fuse fuse;

	rh_fuse_init(&fuse, &(struct rh_failures){.limit = 2});
	pass_times(&fuse, 1000);
	fail_times(&fuse, "taken", 2);
	assert_false(rh_fuse_is_blown(&fuse));
	fail_times(&fuse, "taken", 1);
	assert_true(rh_fuse_is_blown(&fuse));
	rh_fuse_init(&fuse, &(struct rh_failures){.limit = 0});
	assert_false(rh_fuse_is_blown(&fuse));
	fail_times(&fuse, NULL, 1);
	assert_true(rh_fuse_is_blown(&fuse));
}

/* F2. */
static void a_share_needs_a_sample(void **)
{
	struct rh_fuse fuse;

	rh_fuse_init(&fuse, &(struct rh_failures){.is_share = true, .limit = 5});
	fail_times(&fuse, "taken", RH_FUSE_SAMPLE - 1);
	assert_false(rh_fuse_is_blown(&fuse));
	pass_times(&fuse, 1);
	assert_true(rh_fuse_is_blown(&fuse));
	rh_fuse_init(&fuse, &(struct rh_failures){.is_share = true, .limit = 5});
	pass_times(&fuse, 95);
	fail_times(&fuse, "taken", 5);
	assert_false(rh_fuse_is_blown(&fuse)); /* just as many as are allowed */
	fail_times(&fuse, "taken", 1);
	assert_true(rh_fuse_is_blown(&fuse));
	rh_fuse_init(&fuse, &(struct rh_failures){.is_share = true, .limit = 100});
	fail_times(&fuse, "taken", 1000);
	assert_false(rh_fuse_is_blown(&fuse));
}

/* F3. */
static void causes_are_told_by_their_number(void **)
{
	struct rh_fuse fuse;

	rh_fuse_init(&fuse, &(struct rh_failures){.limit = 0});
	check_causes(&fuse, "");
	fail_times(&fuse, "rare", 1);
	fail_times(&fuse, "often", 40);
	fail_times(&fuse, NULL, 3);
	check_causes(&fuse, "40 often, 3 rejected, 1 rare");
	for (unsigned i = 0; i < RH_FUSE_CAUSES; i++) {
		char code[16];
		(void)snprintf(code, sizeof(code), "code_%u", i);
		fail_times(&fuse, code, 1);
	}
	check_causes(&fuse, "40 often, 3 rejected, 1 rare, 1 code_0, 1 code_1, 1 code_2, 1 code_3, "
			    "1 code_4, 3 others");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_what_may_fail),
		cmocka_unit_test(a_share_needs_a_sample),
		cmocka_unit_test(causes_are_told_by_their_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
